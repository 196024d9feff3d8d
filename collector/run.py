"""The run loop: work comes from the frontier, and each answer is committed with the work that follows from it."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from collector.duplicates import find_duplicates
from collector.reading import Reading
from collector.session import SiteError
from collector.source import SiteSource
from collector.times import iso
from db.queries import posts, runs, threads
from db.queries.runs import Task
from db.records import Counts
from db.store import Store

UNREADABLE_KEPT_DAYS = 30
_CLOSED = frozenset({"forbidden", "login-page", "bad-credentials"})
"""Failures that are the visitor's, not the thread's: the work stays to be done, and no other thread is asked for."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What a run tells while it goes on: what it is at, posts seen, and pieces of work left, if that is known."""

    at: str
    posts: int
    left: int | None = None


Tell = Callable[[Progress], None]


def silent(_progress: Progress) -> None:
    """Tell nobody."""


@dataclass(slots=True)
class Outcome:
    """What a run did, and each problem with its place, in the order met."""

    run: int
    counts: Counts = field(default_factory=Counts)
    problems: list[str] = field(default_factory=list)
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


@dataclass(slots=True)
class Run:
    """One recorded execution, begun when it is made and closed by `finish`.

    Attributes:
        utc_now: the wall clock as ISO 8601 UTC.
        stop: tells, after each commit, whether the run was asked to end.
    """

    store: Store
    command: str
    parameters: dict[str, Any]
    version: str
    utc_now: Callable[[], str]
    tell: Tell = silent
    stop: Callable[[], bool] = lambda: False
    outcome: Outcome = field(init=False)

    def __post_init__(self) -> None:
        with self.store.write() as connection:
            number = runs.start_run(connection, self.command, self.parameters, self.version, self.utc_now())
        self.outcome = Outcome(number)

    def asked_to_stop(self) -> bool:
        """Tell whether the run is to end now; remembered in its outcome."""
        if self.stop():
            self.outcome.interrupted = True
        return self.outcome.interrupted

    def finish(self) -> Outcome:
        """Bring what follows from all posts up to date and close the run."""
        with self.store.write() as connection:
            threads.settle_threads(connection)
            runs.drop_old_unreadable(connection, _days_before(self.utc_now(), UNREADABLE_KEPT_DAYS))
            killed = runs.close_killed(connection, self.outcome.run)
            if self.outcome.counts.new or self.outcome.counts.changed or killed:
                posts.replace_duplicates(connection, find_duplicates(posts.texts_for_duplicates(connection)))
            runs.finish_run(connection, self.outcome.run, self.outcome.state, self.utc_now())
        return self.outcome


def walk_thread(run: Run, source: SiteSource, session: Any, thread: str, reading: Callable[[], Reading]) -> None:
    """Fetch a thread whole; what an earlier run left undone is gone on with instead of begun anew."""
    if runs.next_task(run.store.connection, source.NAME, thread) is None:
        with run.store.write() as connection:
            runs.clear_frontier(connection, source.NAME, thread)
            runs.add_tasks(connection, source.first_tasks(thread))
    while True:
        waiting = runs.next_task(run.store.connection, source.NAME, thread)
        if waiting is None or run.asked_to_stop():
            return
        number, task = waiting
        run.tell(
            Progress(f"{thread} {task.kind}", run.outcome.counts.seen, runs.open_tasks(run.store.connection, thread))
        )
        try:
            page = source.fetch(task, session, reading())
        except SiteError as error:
            if not _failed(run, session, number, thread, error):
                return
            continue
        with run.store.write() as connection:
            counts = posts.save_observations(connection, page.observations)
            runs.add_tasks(connection, page.tasks)
            runs.finish_task(connection, number)
            runs.record_requests(connection, run.outcome.run, session.take_requests())
            runs.record_unreadable(connection, _place(task), page.unreadable, run.utc_now())
            runs.add_counts(connection, run.outcome.run, counts, len(page.unreadable))
        run.outcome.counts.add(counts)
        run.outcome.problems += [f"{thread} {item.position}".rstrip() + f": {item.problem}" for item in page.unreadable]


def _days_before(moment: str, days: int) -> str:
    return iso(datetime.fromisoformat(moment) - timedelta(days=days))


def _place(task: Task) -> str:
    """What tells the pages of a thread apart, in every walk alike."""
    return f"{task.source} {task.target} {task.kind} {json.dumps(task.payload, sort_keys=True)}"


def _failed(run: Run, session: Any, number: int, thread: str, error: SiteError) -> bool:
    """Record a failure; return whether the walk of this thread goes on with its other pieces."""
    final = not error.passes and error.name not in _CLOSED
    with run.store.write() as connection:
        runs.record_requests(connection, run.outcome.run, session.take_requests())
        if final:
            runs.finish_task(connection, number, "gave_up", str(error))
        runs.add_counts(connection, run.outcome.run, Counts(), 1)
    run.outcome.problems.append(f"{thread}: {error}")
    if error.name == "slow-down" or error.name in _CLOSED:
        run.outcome.refused = str(error)
        run.outcome.retry_after = error.retry_after
    return final
