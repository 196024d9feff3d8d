"""Scheduled work: what is due is collected, looked at again, coded and reported, by one command under one lock."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from collector.due import next_visit, parse_cadence, source_due
from collector.importing import ImportOptions
from collector.run import Item, Outcome, Run
from collector.source import Listing
from db.errors import GroundswellError, Partial, RefusedBySite
from db.queries import runs, threads
from db.records import Counts
from db.store import Store
from groundswell import VERSION
from groundswell.coding_work import apply
from groundswell.collecting import collect, collect_links, import_into, listing_item
from groundswell.compliance import Refreshed, refresh, refreshed_lines
from groundswell.digesting import Digest, note_told, write_digest
from groundswell.locking import collecting
from groundswell.notifying import NOTIFY, notify
from groundswell.predicting import list_models, predict
from groundswell.reporting import build, claims_of
from groundswell.sites import Conduct, source_for
from groundswell.stopping import Interrupted, Stop
from groundswell.study import Study, now
from groundswell.study_file import SourceEntry

DUE_THREADS = "threads that are due"
DIGEST = "reports/digest.md"
UNFINISHED = "unfinished"
"""How a visit ended that stored something and left work for the next one."""
_UNDONE = frozenset({"failed", "refused", UNFINISHED})


@dataclass(slots=True)
class Updated:
    """What an update did.

    Attributes:
        outcomes: that of each source by its title, and of the threads that were due.
        failures: what could not be done at all.
        refreshed: the look at stored posts, if it came to that.
        verdicts: that of each claim, by id, once the report was built.
        digest: what changed, once it was written.
        told: whether the program of study.yaml was told of it.
    """

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    failures: dict[str, GroundswellError] = field(default_factory=dict)
    refreshed: Refreshed | None = None
    verdicts: dict[str, str] = field(default_factory=dict)
    digest: Digest | None = None
    told: bool = False

    @property
    def state(self) -> str:
        """How it went as a whole, as it is recorded."""
        states = {outcome.state for outcome in self.all_outcomes.values()}
        if self.failures or states & {"failed", "partial", "refused"}:
            return "partial" if states & {"done", "partial"} or self.verdicts else "failed"
        return "done"

    @property
    def all_outcomes(self) -> dict[str, Outcome]:
        """The outcomes of collecting and of looking again."""
        again = {} if self.refreshed is None else self.refreshed.outcomes
        return self.outcomes | {f"looking again at {name}": outcome for name, outcome in again.items()}


def due_sources(study: Study, store: Store) -> list[SourceEntry]:
    """The sources of study.yaml with a cadence whose time has come, or whose last visit left work undone."""
    visits = runs.source_visits(store.connection)
    moment = now()
    return [
        source
        for source in study.file.sources
        if source.cadence is not None and _is_due(source.cadence, visits.get(source.title), moment)
    ]


def _is_due(cadence: str, last: tuple[str, str, str | None] | None, moment: str) -> bool:
    return last is None or last[1] in _UNDONE or source_due(parse_cadence(cadence), last[0], moment)


def due_threads(store: Store) -> list[tuple[str, str]]:
    """Threads whose next visit has come: platform and native id, those waiting longest first."""
    moment = now()
    waiting = []
    for row in threads.walked(store.connection):
        due = next_visit(row["created_at"], row["walked_at"], moment)
        if due is not None and due <= moment:
            waiting.append((due, row["platform"], row["native_id"]))
    return [(platform, native) for _, platform, native in sorted(waiting)]


def collect_due(study: Study, conduct: Conduct, names: Sequence[str] = ()) -> Updated:
    """Visit the named sources, or all that are due, and the threads that are due.

    Raises:
        GroundswellError: there is no source of that name.
        Busy: another process collects.
    """
    known = {source.title: source for source in study.file.sources}
    for name in names:
        if name not in known:
            raise GroundswellError(
                f"{name}: study.yaml has no source of that name", hint=f"it has {', '.join(known) or 'no sources yet'}"
            )
    done = Updated()
    with collecting(study, "collect run"):
        with study.store() as store:
            chosen = [known[name] for name in names] or due_sources(study, store)
            waiting = [] if names else due_threads(store)
        for source in chosen:
            if conduct.stop():
                return done
            _visit(study, source, done, conduct)
        if waiting and not conduct.stop():
            items = list(_thread_items(study, waiting))
            if items:
                done.outcomes[DUE_THREADS] = collect(
                    study, "collect run", {"due": True}, items, replace(conduct, anew=True)
                )
    return done


def due_lines(study: Study) -> list[str]:
    """What is due, for people."""
    with study.store() as store:
        sources, waiting = due_sources(study, store), due_threads(store)
    return [*(source.title for source in sources), *(f"{platform}:{native}" for platform, native in waiting)]


def updated_lines(done: Updated) -> list[str]:
    """What an update did, for people: a line a source."""
    lines = [f"{name}: {error.message}" for name, error in done.failures.items()]
    for name, outcome in done.all_outcomes.items():
        counts = outcome.counts
        lines.append(f"{name}: {counts.seen:,} posts seen: {counts.new:,} new, {counts.changed:,} changed")
        lines += [f"{name}: {problem}" for problem in (*outcome.problems, *outcome.notes)]
    if done.refreshed is not None:
        lines += refreshed_lines(done.refreshed)
    if done.digest is not None:
        lines.append(f"{DIGEST}: {'something is new' if done.digest.has_news else 'nothing new'}{_told_words(done)}")
    return lines


def _told_words(done: Updated) -> str:
    return "; the notify command was told" if done.told else ""


def check_updated(done: Updated, stop: Stop) -> None:
    """Turn what an update met into the exit code that says so.

    Raises:
        Interrupted: a signal ended it.
        RefusedBySite: every site that was asked refused for now.
        Partial: something was done and something failed.
        GroundswellError: nothing could be done.
    """
    stop.raise_if_asked()
    if done.state == "done":
        return
    outcomes = list(done.all_outcomes.values())
    waits = [outcome.retry_after or 0.0 for outcome in outcomes if outcome.refused is not None]
    if outcomes and len(waits) == len(outcomes) and not done.failures:
        raise RefusedBySite(
            f"refused: {outcomes[0].refused}", hint=f"run the same command again in {max(waits):.0f} seconds"
        )
    hint = "the lines above say what; the same command goes on from here"
    if done.state == "partial":
        raise Partial("something failed; everything else was done", hint=hint)
    raise GroundswellError("nothing could be done", hint=hint)


def _visit(study: Study, source: SourceEntry, done: Updated, conduct: Conduct) -> None:
    """Visit a source; whatever stands in its way is noted and does not keep the others waiting."""
    problem: str | None = None
    try:
        outcome = _collected(study, source, _within(source, conduct))
        done.outcomes[source.title] = outcome
        state = UNFINISHED if outcome.is_left and outcome.state == "partial" else outcome.state
        problem = outcome.problems[0] if outcome.problems else None
    except Interrupted:
        raise
    except GroundswellError as error:
        done.failures[source.title], state, problem = error, "failed", error.message
    if state != "interrupted":
        with study.store() as store, store.write() as connection:
            runs.note_source(connection, source.title, now(), state, problem)


def _within(source: SourceEntry, conduct: Conduct) -> Conduct:
    """The command's own limits, else those of the source."""
    return replace(
        conduct, threads=conduct.threads or source.threads, max_usd=conduct.max_usd or source.max_usd, anew=True
    )


def _collected(study: Study, source: SourceEntry, conduct: Conduct) -> Outcome:
    by = source.by or "auto"
    if source.path is not None:
        return import_into(study, [study.root / source.path], ImportOptions(), conduct)
    if source.links is not None:
        from groundswell.link_lists import collect_list, read_links

        found = read_links([study.root / source.links], sys.stdin.buffer)
        return collect_list(study, found, conduct, source=by)[0]
    if source.url is not None:
        return collect_links(study, [source.url], conduct, source=by)
    after = f"{source.since}T00:00:00Z" if source.since is not None else None
    if source.subreddit is not None:
        listing = Listing("community", source.subreddit.removeprefix("r/"), after=after)
    else:
        listing = Listing("search", source.search or "", source.within, after)
    platform = "reddit" if source.subreddit is not None else source.on
    item = listing_item(study, listing, source=by, platform=platform)
    return collect(study, "collect run", {"source": source.title}, [item], conduct)


def _thread_items(study: Study, waiting: Iterable[tuple[str, str]]) -> Iterator[Item]:
    for platform, native in waiting:
        # X is asked only where somebody says how much that may cost.
        if platform != "x":
            yield Item(source_for(study, platform), thread=native)


def update(study: Study, conduct: Conduct) -> Updated:
    """Do all that is due: sources, threads, looking again at stored posts, coding by rules, the report.

    What fails is noted and does not keep the rest waiting; only a signal ends it early.
    """
    with collecting(study, "update"):
        with study.store() as store:
            run = Run(store, "update", {}, VERSION, now, key=study.key(store))
        part = replace(conduct, within=run.outcome.run)
        state = "failed"
        try:
            done = collect_due(study, part)
            _look_again(study, part, done)
            report = _code_and_report(study, part, done)
            if report is not None:
                _tell(study, part, done, report)
            state = done.state
        finally:
            with study.store() as store, store.write() as connection:
                runs.finish_run(connection, run.outcome.run, "interrupted" if conduct.stop() else state, now())
    return done


def _look_again(study: Study, conduct: Conduct, done: Updated) -> None:
    if conduct.stop():
        return
    try:
        done.refreshed = refresh(study, conduct)
    except Interrupted:
        raise
    except GroundswellError as error:
        done.failures["looking again"] = error


def _code_and_report(study: Study, conduct: Conduct, done: Updated) -> dict[str, Any] | None:
    """Code and build the report, None where that could not be done."""
    if conduct.stop():
        return None
    try:
        if not study.codebook().codes:
            return None
        if study.file.machine == "all":
            apply(study)
            if list_models(study):
                predict(study)
        report = build(study).report
    except Interrupted:
        raise
    except GroundswellError as error:
        done.failures["report"] = error
        return None
    done.verdicts = {claim["id"]: claim["verdict"] for claim in claims_of(report)}
    return report


def _tell(study: Study, conduct: Conduct, done: Updated, report: dict[str, Any]) -> None:
    """Write the digest, and give it to the program of study.yaml if there is something in it.

    What was written and could not be told stands in the next digest again.
    """
    problems = {name: error.message for name, error in done.failures.items()}
    problems |= {
        name: next(iter(outcome.problems), outcome.refused or outcome.state)
        for name, outcome in done.all_outcomes.items()
        if outcome.state in ("failed", "refused")
    }
    try:
        done.digest = write_digest(study, report, problems)
    except GroundswellError as error:
        done.failures["digest"] = error
        return
    command = study.file.notify
    if command is not None and done.digest.has_news:
        problem = notify(command, done.digest.text, study.root, conduct.stop)
        _note_notified(study, conduct, problem)
        if problem is not None:
            done.failures[NOTIFY] = GroundswellError(problem)
            return
        done.told = True
    note_told(study, done.digest)


def _note_notified(study: Study, conduct: Conduct, problem: str | None) -> None:
    """Record how the program was told, in the run and among what a status names."""
    with study.store() as store, store.write() as connection:
        runs.note_source(connection, NOTIFY, now(), "done" if problem is None else "failed", problem)
        if problem is not None and conduct.within is not None:
            runs.add_counts(connection, conduct.within, Counts(), problems=1)
