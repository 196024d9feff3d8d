"""The run loop: work comes from the frontier, and each answer is committed with the work that follows from it."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from sqlite3 import Connection  # noqa: TID251 - passed on to the queries, which hold all SQL
from typing import Any

from collector.duplicates import find_duplicates
from collector.pace import Pace, PaceState
from collector.people import suppression
from collector.reading import Reading
from collector.session import SiteError
from collector.source import Listing, Page, SiteSource
from collector.times import iso
from db.queries import leads, ledger, losing, posts, runs, threads
from db.queries.runs import Task
from db.records import Author, Counts, Observation
from db.store import Store

UNREADABLE_KEPT_DAYS = 30
SECOND_LOOK_MINUTES = 60
"""A post that did not come when it was asked for is called vanished if it does not come an hour later either."""
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
    """

    run: int
    counts: Counts = field(default_factory=Counts)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    refused: str | None = None
    retry_after: float | None = None
    interrupted: bool = False

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
    outcome: Outcome = field(init=False)
    _suppressed: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        with self.store.write() as connection:
            number = runs.start_run(connection, self.command, self.parameters, self.version, self.utc_now())
        self.outcome = Outcome(number)
        self._suppressed = losing.suppressed(self.store.connection)
        self.note("run_started", run=number, command=self.command, version=self.version)

    def asked_to_stop(self) -> bool:
        """Tell whether the run is to end now; remembered in its outcome."""
        if self.stop():
            self.outcome.interrupted = True
        return self.outcome.interrupted

    def save(self, connection: Connection, observations: Sequence[Observation], unreadable: int = 0) -> Counts:
        """Store observations inside the caller's transaction, but for what is never to come back, and count them."""
        counts = posts.save_observations(connection, [self._allowed(seen) for seen in observations])
        if counts.lost:
            losing.learn_lost_words(connection, self.key, counts.lost)
        runs.add_counts(connection, self.outcome.run, counts, unreadable)
        return counts

    def _allowed(self, seen: Observation) -> Observation:
        """The observation, or nothing but its place where the post or its author was forgotten."""
        if not self._suppressed:
            return seen
        named = [seen.address] if seen.author is None else [seen.address, seen.author.address]
        if self._suppressed.isdisjoint(suppression(self.key, name) for name in named):
            return seen
        return blank(seen, "purged", None)

    def finish(self) -> Outcome:
        """Bring what follows from all posts up to date and close the run."""
        with self.store.write() as connection:
            threads.settle_threads(connection)
            runs.drop_old_unreadable(connection, _earlier(self.utc_now(), timedelta(days=UNREADABLE_KEPT_DAYS)))
            killed = runs.close_killed(connection, self.outcome.run)
            if self.outcome.counts.new or self.outcome.counts.changed or killed:
                losing.blank_lost_words(connection, losing.lost_words(connection, self.key))
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
        threads.note_walk(connection, address, source.NAME, run.utc_now())
        closing(connection)

    def first() -> list[Task]:
        revisit = getattr(source, "revisit_tasks", None)
        known = threads.known_ids(run.store.connection, address, source.NAME) if revisit is not None else []
        return list(revisit(thread, known)) if revisit is not None and known else source.first_tasks(thread)

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
        except SiteError as error:
            final = _failed(run, site, number, task, error)
            if not final:
                return End.REFUSED if error.name == "slow-down" or error.name in _CLOSED else End.FAILED
            if runs.next_task(connection, name, target) is None:
                with run.store.write():
                    closing(connection)
            continue
        with run.store.write():
            counts = run.save(connection, page.observations, len(page.unreadable))
            runs.add_tasks(connection, page.tasks)
            runs.finish_task(connection, number, "done", "; ".join(page.problems) or None)
            runs.record_unreadable(connection, _place(task), page.unreadable, run.utc_now())
            _keep_requests(run, site)
            _vanished(run, site, page.missing)
            found(connection, page)
            if runs.next_task(connection, name, target) is None:
                closing(connection)
        _told(run, target, task, page, counts)
    return End.WHOLE


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


def _vanished(run: Run, site: Site, missing: Iterable[str]) -> None:
    """Posts that did not come: noted at the first look, taken for gone at a second one an hour later."""
    addresses = [f"{site.source.PLATFORM}:{native}" for native in missing]
    if addresses:
        connection, now = run.store.connection, run.utc_now()
        long_ago = _earlier(now, timedelta(minutes=SECOND_LOOK_MINUTES))
        twice = losing.note_missing(connection, addresses, now, long_ago)
        run.outcome.counts.add(
            run.save(connection, losing.tombstones(connection, twice, "vanished", now, author_too=True))
        )


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
    """Do all parts of a plan in order; a plan that an earlier run left undone is gone on with where it was.

    `sites` gives a source before its site, the same one whenever it is asked for. `most_threads` is how many of the
    threads that listings show are walked; None = all.
    """
    connection = run.store.connection
    plan = hashlib.sha256(json.dumps([run.command, run.parameters], sort_keys=True).encode()).hexdigest()[:16]
    if runs.next_task(connection, PLAN, plan) is None:
        with run.store.write():
            runs.clear_frontier(connection, PLAN, plan)
            runs.add_tasks(connection, [_planned(plan, item) for item in items])
    refused: set[str] = set()
    number = 0
    while (waiting := runs.next_task(connection, PLAN, plan, after=number, without=refused)) is not None:
        number, task = waiting
        site = sites(task.payload["source"])

        def close(writing: Connection, number: int = number) -> None:
            runs.finish_task(writing, number)

        def add_threads(writing: Connection, page: Page, task: Task = task) -> None:
            _add_threads(writing, plan, task, page, most_threads)

        if task.payload.get("thread"):
            thread = task.payload["thread"]
            end = walk_thread(run, site.source, site.session, thread, site.reading, pace=site.pace, closing=close)
        else:
            target, first = _opening(site.source, task.payload)
            end = walk(run, site, target, first, closing=close, found=add_threads)
        if end is End.STOPPED:
            return
        if end is End.REFUSED:
            refused.add(task.kind)


def _opening(source: Any, payload: Mapping[str, Any]) -> tuple[str, Callable[[], list[Task]]]:
    """The target of a walk that finds threads, and what makes its first tasks."""
    if payload.get("shares"):
        return "shares", lambda: list(source.share_tasks(payload["shares"]))
    listing = Listing(**payload["listing"])
    return listing.target, lambda: list(source.listing_tasks(listing))


def _planned(plan: str, item: Item) -> Task:
    payload: Mapping[str, Any] = asdict(item)
    return Task(PLAN, plan, item.source, {name: value for name, value in payload.items() if value})


def _add_threads(connection: Connection, plan: str, task: Task, page: Page, most: int | None) -> None:
    if page.resolved:
        found = {f"reddit:{path}": f"reddit:{thread}" for path, thread in page.resolved.items()}
        leads.readdress(connection, found)
    by = task.payload.get("threads_by")
    if by is None:
        return
    room = len(page.threads) if most is None else most - runs.count_tasks(connection, PLAN, plan) + 1
    runs.add_tasks(connection, [_planned(plan, Item(by, thread)) for thread in page.threads[: max(room, 0)]])


def _earlier(moment: str, by: timedelta) -> str:
    return iso(datetime.fromisoformat(moment) - by)


def _epoch(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


def _place(task: Task) -> str:
    """What tells the pages of a thread apart, in every walk alike."""
    return f"{task.source} {task.target} {task.kind} {json.dumps(task.payload, sort_keys=True)}"
