"""The run loop: work comes from the frontier, and each answer is committed with the work that follows from it."""

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum
from sqlite3 import Connection  # noqa: TID251 - passed on to the queries, which hold all SQL
from typing import Any

from collector.duplicates import find_duplicates
from collector.pace import Pace, PaceState, WaitCutError
from collector.people import suppression
from collector.reading import Reading
from collector.session import SiteError
from collector.source import Listing, Page, SiteSource
from collector.times import iso
from db.errors import ConfigurationError
from db.queries import leads, ledger, losing, models, posts, programs, runs, search, threads
from db.queries.runs import Task
from db.records import Author, Counts, Lost, Observation, Unreadable
from db.store import Store

UNREADABLE_KEPT_DAYS = 30
SECOND_LOOK_MINUTES = 60
"""A post that did not come when it was asked for is called vanished if it does not come an hour later either."""
LOOKS_FAILED = 3
"""So many requests for stored posts may fail in one run before the others are left for the next one."""
RETRY_SECONDS = 60.0
"""How long a site is left alone that asked for fewer requests and did not say for how long."""
PLAN = "plan"
_CLOSED = frozenset({"forbidden", "login-page", "bad-credentials", "quota", "over-budget"})
"""Failures that are the visitor's, not the thread's: the work stays to be done, and no other thread is asked for."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What a run tells while it goes on: what it is at, posts seen, and pieces of work left, if that is known."""

    at: str
    posts: int
    left: int | None = None


Tell = Callable[[Progress], None]
Note = Callable[..., None]
"""Takes the name of an event and its fields."""


def silent(_progress: Progress) -> None:
    """Tell nobody."""


def unnoted(_event: str, **_fields: Any) -> None:
    """Note nothing."""


@dataclass(slots=True)
class Outcome:
    """What a run did.

    Attributes:
        problems: each failure with its place, in the order met.
        notes: what is missing although nothing failed, such as the end of a listing.
        refused, retry_after: why a site refused for now, and the seconds after which it may be asked again.
        is_left: whether some work is left for the next run.
        has_lost: whether texts that were stored before are known to be gone now.
    """

    run: int
    counts: Counts = field(default_factory=Counts)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    refused: str | None = None
    retry_after: float | None = None
    interrupted: bool = False
    is_left: bool = False
    has_lost: bool = False

    @property
    def state(self) -> str:
        """The run's state as it is recorded."""
        if self.interrupted:
            return "interrupted"
        if self.refused is not None:
            return "refused"
        if self.problems:
            return "partial" if self.counts.seen else "failed"
        return "done"


class End(Enum):
    """How the walk of a target ended."""

    WHOLE = "all its work is done"
    STOPPED = "the run was asked to end"
    FAILED = "a piece of work is left for the next run"
    REFUSED = "the site gives nothing more for now"


@dataclass(slots=True)
class Site:
    """A source before its site.

    Attributes:
        session: what the source's `fetch` takes.
        reading: makes what holds for the items of the next answer.
        pace: that of the session, if it is to be kept for the next process.
    """

    source: SiteSource
    session: Any
    reading: Callable[[], Reading]
    pace: Pace | None = None


@dataclass(slots=True)
class Run:
    """One recorded execution, begun when it is made and closed by `finish`.

    Attributes:
        utc_now: the wall clock as ISO 8601 UTC.
        stop: tells, after each commit, whether the run was asked to end.
        key: the study's, by which lost words and suppressed posts are recognised.
        note: takes what is to be logged.
        within: the run that this one is a part of.
        anew: whether a plan that came to its end before, with work left, begins anew; else it only makes up for that.
    """

    store: Store
    command: str
    parameters: dict[str, Any]
    version: str
    utc_now: Callable[[], str]
    tell: Tell = silent
    stop: Callable[[], bool] = lambda: False
    key: bytes = field(default=b"", repr=False)
    note: Note = unnoted
    within: int | None = None
    anew: bool = False
    outcome: Outcome = field(init=False)
    _lost_words: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        with self.store.write() as connection:
            number = runs.start_run(connection, self.command, self.parameters, self.version, self.utc_now())
        self.outcome = Outcome(number)
        self.note("run_started", run=number, command=self.command, version=self.version)

    def asked_to_stop(self) -> bool:
        """Tell whether the run is to end now; remembered in its outcome."""
        if self.stop():
            self.outcome.interrupted = True
        return self.outcome.interrupted

    def save(self, connection: Connection, observations: Sequence[Observation], unreadable: int = 0) -> Counts:
        """Store observations inside the caller's transaction, but for what is never to come back, and count them."""
        suppressed = losing.suppressed(connection)
        kept = [self._allowed(seen, suppressed) for seen in observations]
        counts = posts.save_observations(connection, kept)
        lost = counts.lost + [
            Lost(seen.thread, seen.title, seen.text)
            for seen, left in zip(observations, kept, strict=True)
            if seen is not left and (seen.title or seen.text)
        ]
        if lost and losing.learn_lost_words(connection, self.key, lost):
            self._lost_words = True
        runs.add_counts(connection, self.outcome.run, counts, unreadable)
        return counts

    def _allowed(self, seen: Observation, suppressed: Collection[str]) -> Observation:
        """The observation, or nothing but its place where the post or its author was forgotten."""
        if not suppressed:
            return seen
        named = [seen.address] if seen.author is None else [seen.address, seen.author.address]
        if any(suppression(self.key, name) in suppressed for name in named):
            return blank(seen, "purged", None)
        return seen

    def finish(self) -> Outcome:
        """Bring what follows from all posts up to date and close the run."""
        with self.store.write() as connection:
            threads.settle_threads(connection)
            runs.drop_old_unreadable(connection, _earlier(self.utc_now(), timedelta(days=UNREADABLE_KEPT_DAYS)))
            killed = runs.close_killed(connection, self.within or self.outcome.run)
            has_changed = bool(self.outcome.counts.new or self.outcome.counts.changed or killed)
            has_lost = losing.learn_lost_words(connection, self.key, losing.restored(connection)) or self._lost_words
            self.outcome.has_lost = bool(has_lost)
            words = losing.lost_words(connection, self.key)
            if has_changed or has_lost:
                losing.blank_quotations(connection, words)
            if has_lost or killed or self.outcome.problems:
                losing.blank_notes(connection, words)
            search.update_index(connection)
            if losing.is_to_be_scrubbed(connection):
                search.forget_segments(connection)
                programs.blank_answers(connection)
                untaught = models.drop_models_trained_on_lost(connection)
                self.outcome.notes += [f"the classifier of {code} learnt from a text that is gone" for code in untaught]
            if has_changed:
                posts.replace_duplicates(connection, find_duplicates(posts.texts_for_duplicates(connection)))
            runs.finish_run(connection, self.outcome.run, self.outcome.state, self.utc_now())
        counts = self.outcome.counts
        self.note(
            "run_ended", run=self.outcome.run, state=self.outcome.state, seen=counts.seen, new=counts.new,
            changed=counts.changed, problems=len(self.outcome.problems), retry_after=self.outcome.retry_after,
        )  # fmt: skip
        return self.outcome


def blank(seen: Observation, state: str, at: str | None) -> Observation:
    """What is left of an observation when its text and its author are not to be kept."""
    return Observation(
        platform=seen.platform, native_id=seen.native_id, thread=seen.thread, parent=seen.parent, kind=seen.kind,
        author=Author(f"{seen.platform}:[deleted]/{seen.thread}", is_gone=True), community=seen.community,
        created_at=seen.created_at, edited_at=None, title=None, text=None, url=seen.url, thread_url=seen.thread_url,
        score=None, state=state, observed_at=at, declared_count=seen.declared_count, crosspost_of=seen.crosspost_of,
        private=seen.private,
    )  # fmt: skip


def walk_thread(
    run: Run,
    source: SiteSource,
    session: Any,
    thread: str,
    reading: Callable[[], Reading],
    *,
    pace: Pace | None = None,
    closing: Callable[[Connection], None] = lambda _: None,
) -> End:
    """Fetch a thread whole; what an earlier run left undone is gone on with instead of begun anew.

    `closing` is called in the transaction that ends the walk.
    """
    address = f"{source.PLATFORM}:{thread}"

    def end(connection: Connection) -> None:
        # A link may name a reply: what a list said of it is said of its thread.
        found = threads.thread_of_post(connection, address) or address
        if found != address:
            leads.readdress(connection, {address: found})
        threads.note_walk(connection, found, source.NAME, run.utc_now())
        closing(connection)

    def first() -> list[Task]:
        revisit, connection = getattr(source, "revisit_tasks", None), run.store.connection
        known = threads.known_ids(connection, address) if revisit is not None else []
        if revisit is None or len(known) <= 1:
            return source.first_tasks(thread)
        return list(revisit(thread, known, threads.declared_at_walk(connection, address)))

    return walk(run, Site(source, session, reading, pace), thread, first, closing=end)


def walk(
    run: Run,
    site: Site,
    target: str,
    first: Callable[[], list[Task]],
    *,
    closing: Callable[[Connection], None] = lambda _: None,
    found: Callable[[Connection, Page], None] = lambda _connection, _page: None,
) -> End:
    """Do all work on a target, one request a commit.

    `first` makes the work to begin with, unless an earlier run left some undone. `closing` is called in the transaction
    that ends the walk, `found` in that of each page.
    """
    connection, name = run.store.connection, site.source.NAME
    if runs.next_task(connection, name, target) is None:
        with run.store.write():
            runs.clear_frontier(connection, name, target)
            runs.add_tasks(connection, first())
            if runs.next_task(connection, name, target) is None:
                closing(connection)
    while (waiting := runs.next_task(connection, name, target)) is not None:
        if run.asked_to_stop():
            return End.STOPPED
        number, task = waiting
        run.tell(Progress(f"{target} {task.kind}", run.outcome.counts.seen, runs.open_tasks(connection, target)))
        try:
            page = site.source.fetch(task, site.session, site.reading())
        except WaitCutError:
            with run.store.write():
                _keep_requests(run, site)
            run.asked_to_stop()
            return End.STOPPED
        except SiteError as error:
            if not _failed(run, site, number, task, error):
                return _end_after(run, error)
            if runs.next_task(connection, name, target) is None:
                with run.store.write():
                    closing(connection)
            continue
        with run.store.write():
            counts = run.save(connection, page.observations, len(page.unreadable))
            runs.add_tasks(connection, page.tasks)
            runs.finish_task(connection, number, "done", "; ".join(page.problems) or None)
            runs.record_unreadable(connection, [(_place(task, item), item) for item in page.unreadable], run.utc_now())
            _keep_requests(run, site)
            _gone(run, site, page)
            found(connection, page)
            if runs.next_task(connection, name, target) is None:
                closing(connection)
        _told(run, target, task, page, counts)
    return End.WHOLE


def look_again(run: Run, site: Site, tasks: Sequence[Task]) -> None:
    """Do the tasks of a second look at stored posts; some that fail do not keep the others waiting.

    What an earlier look left undone is not gone on with: which posts are due is told by the posts.
    """
    connection, name = run.store.connection, site.source.NAME
    by_target: dict[str, list[Task]] = {}
    for task in tasks:
        by_target.setdefault(task.target, []).append(task)
    for target, wanted in by_target.items():
        with run.store.write():
            _drop(connection, name, target)
            runs.add_tasks(connection, wanted)
        for _ in range(LOOKS_FAILED):
            end = walk(run, site, target, list)
            if end is End.STOPPED:
                return
            waiting = runs.next_task(connection, name, target)
            if end is not End.FAILED or waiting is None:
                break
            with run.store.write():
                runs.finish_task(connection, waiting[0], "gave_up")


def _told(run: Run, target: str, task: Task, page: Page, counts: Counts) -> None:
    run.outcome.counts.add(counts)
    run.outcome.problems += [f"{target} {item.position}".rstrip() + f": {item.problem}" for item in page.unreadable]
    run.outcome.notes += [f"{target}: {problem}" for problem in page.problems]
    run.note(
        "page", run=run.outcome.run, source=task.source, target=target, kind=task.kind, seen=counts.seen,
        new=counts.new, changed=counts.changed, unreadable=len(page.unreadable),
        left=runs.open_tasks(run.store.connection, target),
    )  # fmt: skip


def _keep_requests(run: Run, site: Site) -> None:
    """Record the requests of a page, what they cost, and how the site wants to be asked next."""
    connection = run.store.connection
    runs.record_requests(connection, run.outcome.run, site.session.take_requests())
    if hasattr(site.session, "take_costs"):
        for cost in site.session.take_costs():
            ledger.record_cost(connection, site.source.NAME, cost.day, cost.what, cost.resources, cost.usd)
    state = site.pace.state(_epoch(run.utc_now())) if site.pace is not None else None
    if state is not None:
        runs.save_pace(connection, site.source.NAME, astuple(state))


def resume_pace(run: Run, source: str, pace: Pace) -> Pace:
    """Let a new pace go on where another process left the site."""
    kept = runs.pace(run.store.connection, source)
    if kept is not None:
        pace.resume(PaceState(*kept), _epoch(run.utc_now()))
    return pace


def _gone(run: Run, site: Site, page: Page) -> None:
    """Take out posts that the site calls gone; those that did not come only at a second look, an hour later."""
    connection, now, platform = run.store.connection, run.utc_now(), site.source.PLATFORM
    states = {f"{platform}:{native}": state for native, state in page.gone.items()}
    if page.missing:
        missing = [f"{platform}:{native}" for native in page.missing]
        long_ago = _earlier(now, timedelta(minutes=SECOND_LOOK_MINUTES))
        states |= dict.fromkeys(losing.note_missing(connection, missing, now, long_ago), "vanished")
    for state in sorted(set(states.values())):
        addresses = [address for address, found in states.items() if found == state]
        stones = losing.tombstones(connection, addresses, state, now, author_too=True)
        run.outcome.counts.add(run.save(connection, stones))


def _end_after(run: Run, error: SiteError) -> End:
    """How a walk ends with a failure that leaves its piece of work for the next run."""
    run.outcome.is_left = True
    if run.asked_to_stop():
        return End.STOPPED
    return End.REFUSED if error.name == "slow-down" or error.name in _CLOSED else End.FAILED


def _failed(run: Run, site: Site, number: int, task: Task, error: SiteError) -> bool:
    """Record a failure; return whether the walk of this target goes on with its other pieces."""
    final = not error.passes and error.name not in _CLOSED
    retry_after = error.retry_after
    if error.name == "slow-down":
        retry_after = RETRY_SECONDS if retry_after is None else retry_after
        if site.pace is not None:
            site.pace.close(retry_after)
    connection = run.store.connection
    with run.store.write():
        if final:
            runs.finish_task(connection, number, "gave_up", str(error))
        _keep_requests(run, site)
        runs.add_counts(connection, run.outcome.run, Counts(), 1)
    run.outcome.problems.append(f"{task.target}: {error}")
    run.note("problem", run=run.outcome.run, source=task.source, target=task.target, problem=str(error))
    if error.name == "slow-down" or error.name in _CLOSED:
        run.outcome.refused, run.outcome.retry_after = str(error), retry_after
    return final


@dataclass(frozen=True, slots=True)
class Item:
    """A part of a plan: a thread to walk, or a listing whose threads are to be walked next.

    Attributes:
        source: by which source.
        thread: the thread's native id, or None.
        listing: the listing, or None.
        shares: paths of share links, to be resolved; or none.
        threads_by: the source that walks the threads which the listing shows; None = they are not walked.
    """

    source: str
    thread: str | None = None
    listing: Listing | None = None
    shares: tuple[str, ...] = ()
    threads_by: str | None = None


def follow_plan(run: Run, sites: Callable[[str], Site], items: Iterable[Item], most_threads: int | None = None) -> None:
    """Do all parts of a plan in order, then walk the threads that its listings showed.

    A plan that an earlier run left undone is gone on with where it was. One that came to its end with some parts failed
    is made up for, and begun anew with `run.anew`.

    Args:
        run: what is done is recorded as part of it; its command and parameters tell plans apart.
        sites: gives a source before its site, the same one whenever it is asked for.
        items: the parts.
        most_threads: how many of the threads that listings show are walked; None = all.
    """
    digest = hashlib.sha256(json.dumps([run.command, run.parameters], sort_keys=True).encode()).hexdigest()[:16]
    plan = _Plan(run, sites, digest, most_threads)
    plan.begin(list(items))
    for target in plan.targets:
        if not plan.follow(target):
            return
    plan.end()


@dataclass(slots=True)
class _Plan:
    """A plan on the frontier: its parts under its digest, the threads that were found under a target of their own.

    Attributes:
        refused: sources that give nothing more for now.
        closed: the first source that could not be opened at all, and why.
        doubted: sources whose last thread was forbidden: that may be the thread's fault once, hardly twice in a row.
    """

    run: Run
    sites: Callable[[str], Site]
    digest: str
    most_threads: int | None
    refused: set[str] = field(default_factory=set)
    closed: ConfigurationError | None = None
    doubted: set[str] = field(default_factory=set)

    @property
    def targets(self) -> tuple[str, str]:
        """Of the parts, and of the threads found by them."""
        return self.digest, f"{self.digest} found"

    @property
    def _ended(self) -> str:
        return f"{self.digest} ended"

    def begin(self, items: Sequence[Item]) -> None:
        """Put the parts on the frontier, unless there is something to be gone on with."""
        connection = self.run.store.connection
        is_list = all(item.thread is not None for item in items)
        is_left = any(runs.next_task(connection, PLAN, target) is not None for target in self.targets)
        has_ended = runs.next_task(connection, PLAN, self._ended) is not None
        if is_left and not (self.run.anew and (has_ended or is_list)):
            return
        with self.run.store.write():
            for target in (*self.targets, self._ended) if is_list else (self._ended,):
                _drop(connection, PLAN, target)
            for target in self.targets:
                runs.clear_frontier(connection, PLAN, target)
            for item in items:
                if item.listing is not None:
                    # What another plan left undone of the same listing would show none of the threads before it.
                    _drop(connection, item.source, item.listing.target)
            runs.add_tasks(connection, [_planned(self.digest, item) for item in items])

    def follow(self, target: str) -> bool:
        """Do what is planned under a target; return whether the run goes on."""
        number, connection = 0, self.run.store.connection
        while waiting := runs.next_task(connection, PLAN, target, after=number, without=self.refused):
            number, task = waiting
            try:
                site = self.sites(task.payload["source"])
            except ConfigurationError as error:
                self.closed = self.closed or error
                self.refused.add(task.kind)
                continue
            end = self._do(number, task, site)
            if end is End.STOPPED:
                return False
            self._note_end(task.kind, end)
        return True

    def end(self) -> None:
        """Note that the plan came to its end, if some of its parts failed.

        Raises:
            ConfigurationError: no source could be opened.
        """
        connection = self.run.store.connection
        if not self.refused and any(runs.next_task(connection, PLAN, target) for target in self.targets):
            with self.run.store.write():
                runs.add_tasks(connection, [Task(PLAN, self._ended, "ended", {})])
        if self.closed is not None and not self.run.outcome.counts.seen and not self.run.outcome.problems:
            raise self.closed
        if self.closed is not None:
            self.run.outcome.problems.append(self.closed.message)

    def _note_end(self, source: str, end: End) -> None:
        if end is End.REFUSED:
            may_be_thread = (self.run.outcome.refused or "").startswith("forbidden") and source not in self.doubted
            (self.doubted if may_be_thread else self.refused).add(source)
        else:
            self.doubted.discard(source)

    def _do(self, number: int, task: Task, site: Site) -> End:
        run, payload = self.run, task.payload

        def close(writing: Connection) -> None:
            runs.finish_task(writing, number)

        if "thread" in payload:
            thread = payload["thread"]
            return walk_thread(run, site.source, site.session, thread, site.reading, pace=site.pace, closing=close)
        opening = _opening(site, payload)
        if isinstance(opening, str):
            run.outcome.problems.append(opening)
            with run.store.write() as connection:
                runs.finish_task(connection, number, "gave_up", opening)
                runs.add_counts(connection, run.outcome.run, Counts(), 1)
            return End.WHOLE

        def found(writing: Connection, page: Page) -> None:
            self._found(writing, page, payload.get("threads_by"), opening)

        return walk(run, opening.site, opening.target, lambda: opening.tasks, closing=close, found=found)

    def _found(self, connection: Connection, page: Page, by: str | None, opening: "_Opening") -> None:
        """Plan the walks of the threads that a page shows; once there are enough, no further page is asked for."""
        if page.resolved:
            leads.readdress(
                connection, {f"reddit:{path}": f"reddit:{thread}" for path, thread in page.resolved.items()}
            )
        if by is None:
            return
        _, target = self.targets
        for thread in page.threads:
            if not self._has_enough():
                runs.add_tasks(connection, [_planned(target, Item(by, thread))])
        if self._has_enough():
            _drop(connection, opening.site.source.NAME, opening.target)

    def _has_enough(self) -> bool:
        found = runs.count_tasks(self.run.store.connection, PLAN, self.targets[1])
        return self.most_threads is not None and found >= self.most_threads


@dataclass(frozen=True, slots=True)
class _Opening:
    """A walk that finds threads: where, under which target, and the tasks with which it begins."""

    site: Site
    target: str
    tasks: list[Task]


def _opening(site: Site, payload: Mapping[str, Any]) -> _Opening | str:
    """How a listing is begun, or share links are resolved; or why that cannot be."""
    source: Any = site.source
    if "shares" in payload:
        shares = _Shares(source)
        return _Opening(replace(site, source=shares), "shares", shares.first_tasks(" ".join(payload["shares"])))
    listing = Listing(**payload["listing"])
    if not hasattr(source, "listing_tasks"):
        return f"{listing.target}: {source.NAME} shows no listings"
    try:
        return _Opening(site, listing.target, list(source.listing_tasks(listing)))
    except ValueError as error:
        return f"{listing.target}: {error}"


class _Shares:
    """Share links as what a source reads in one request."""

    def __init__(self, source: Any) -> None:
        self._source = source
        self.NAME, self.PLATFORM = source.NAME, source.PLATFORM

    def first_tasks(self, thread: str) -> list[Task]:
        """The one piece of work; `thread` is the paths, parted by blanks."""
        return [Task(self.NAME, "shares", "shares", {"paths": thread.split()})]

    def fetch(self, task: Task, session: Any, _reading: Reading) -> Page:
        """Ask which threads the paths lead to."""
        paths: list[str] = task.payload["paths"]
        found: dict[str, str] = self._source.resolve_shares(session, paths)
        page = Page(threads=list(dict.fromkeys(found.values())), resolved=found)
        page.take(Unreadable(path, "nobody knows to which thread it leads") for path in paths if path not in found)
        return page


def _planned(target: str, item: Item) -> Task:
    payload: Mapping[str, Any] = asdict(item)
    return Task(PLAN, target, item.source, {name: value for name, value in payload.items() if value})


def _drop(connection: Connection, source: str, target: str) -> None:
    """Take what is still to be done of a target off the frontier."""
    while waiting := runs.next_task(connection, source, target):
        runs.finish_task(connection, waiting[0])
    runs.clear_frontier(connection, source, target)


def _earlier(moment: str, by: timedelta) -> str:
    return iso(datetime.fromisoformat(moment) - by)


def _epoch(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


def _place(task: Task, item: Unreadable) -> str:
    """What makes a bad item the same however often it comes: itself, or where it stood if it is not kept."""
    content = (
        f"{task.kind} {json.dumps(task.payload, sort_keys=True)} {item.position}" if item.item is None else item.item
    )
    return f"{task.source} {task.target} {content}"
