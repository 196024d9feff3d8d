"""Runs, their requests, what is still to fetch, and items that could not be read."""

import hashlib
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from sqlite3 import Connection, Row  # noqa: TID251 - this is the one home of SQL
from typing import Any

from db.queries.batches import marks
from db.records import Counts, Unreadable


@dataclass(frozen=True, slots=True)
class Request:
    """One request or one file read. `url` holds no secret; for a file it is its name, `sha256` its content's hash."""

    source: str
    method: str
    url: str
    requested_at: str
    status: int | None = None
    bytes: int | None = None
    sha256: str | None = None
    waited_ms: int = 0
    elapsed_ms: int | None = None
    rate_limit: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """A piece of work that is still to be done for a target: a thread by its native id, or a listing (`r/NAME`, …)."""

    source: str
    target: str
    kind: str
    payload: dict[str, Any]


def start_run(connection: Connection, command: str, parameters: dict[str, Any], version: str, now: str) -> int:
    """Open a run and return its id."""
    cursor = connection.execute(
        "INSERT INTO runs (command, parameters, version, state, started_at) VALUES (?, ?, ?, 'running', ?)",
        (command, json.dumps(parameters, sort_keys=True), version, now),
    )
    return int(cursor.lastrowid or 0)


def finish_run(connection: Connection, run: int, state: str, now: str) -> None:
    """Close a run with its outcome."""
    connection.execute("UPDATE runs SET state = ?, finished_at = ? WHERE id = ?", (state, now, run))


def close_killed(connection: Connection, run: int) -> int:
    """Call earlier runs that never ended interrupted, and return how many there were.

    One that is still going on beside this one closes itself with its own outcome later.
    """
    cursor = connection.execute("UPDATE runs SET state = 'interrupted' WHERE state = 'running' AND id < ?", (run,))
    return cursor.rowcount


def running(connection: Connection) -> tuple[str, str] | None:
    """The command of the newest run that has not ended, and when it began."""
    row = connection.execute(
        "SELECT command, started_at FROM runs WHERE state = 'running' ORDER BY id DESC LIMIT 1"
    ).fetchone()
    return None if row is None else (row["command"], row["started_at"])


def note_source(connection: Connection, name: str, now: str, state: str, problem: str | None) -> None:
    """Note how the last visit to a source of study.yaml ended."""
    connection.execute(
        "INSERT OR REPLACE INTO sources (name, last_at, state, problem) VALUES (?, ?, ?, ?)",
        (name, now, state, problem),
    )


def source_visits(connection: Connection) -> dict[str, tuple[str, str, str | None]]:
    """When each source of study.yaml was last visited, how that ended, and what stood in the way."""
    rows = connection.execute("SELECT name, last_at, state, problem FROM sources ORDER BY name")
    return {row["name"]: (row["last_at"], row["state"], row["problem"]) for row in rows}


def add_counts(connection: Connection, run: int, counts: Counts, problems: int = 0) -> None:
    """Add what a page did to the run's counts."""
    connection.execute(
        """
        UPDATE runs SET posts_seen = posts_seen + ?, posts_new = posts_new + ?, posts_changed = posts_changed + ?,
                        problems = problems + ?
         WHERE id = ?
        """,
        (counts.seen, counts.new, counts.changed, problems, run),
    )


def record_requests(connection: Connection, run: int, requests: Iterable[Request]) -> None:
    """Store the requests that a page took, the failed ones too."""
    connection.executemany(
        """
        INSERT INTO requests (run, source, method, url, requested_at, status, bytes, sha256, waited_ms, elapsed_ms,
                              rate_limit, error)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        [
            (run, r.source, r.method, r.url, r.requested_at, r.status, r.bytes, r.sha256, r.waited_ms, r.elapsed_ms,
             r.rate_limit, r.error)
            for r in requests
        ],
    )  # fmt: skip


def record_unreadable(connection: Connection, items: Iterable[tuple[str, Unreadable]], now: str) -> None:
    """Keep items that could not be read, so that they can be looked at: of each place (a text of the caller's) one."""
    connection.executemany(
        "INSERT INTO unreadable (sha256, position, problem, item, seen_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [
            (hashlib.sha256(place.encode()).hexdigest(), item.position, item.problem, item.item, now)
            for place, item in items
        ],
    )


def drop_old_unreadable(connection: Connection, before: str) -> None:
    """Forget unreadable items that were first seen before this time."""
    connection.execute("DELETE FROM unreadable WHERE seen_at < ?", (before,))


def pace(connection: Connection, source: str) -> tuple[float, float, float] | None:
    """When a source was last asked, the seconds it wants between requests, and until when it is closed; None = never."""
    row = connection.execute(
        "SELECT last_at, between_seconds, closed_until FROM paces WHERE source = ?", (source,)
    ).fetchone()
    return None if row is None else tuple(row)


def save_pace(connection: Connection, source: str, state: tuple[float, float, float]) -> None:
    """Keep how a source wants to be asked, for the next process."""
    connection.execute(
        "INSERT OR REPLACE INTO paces (source, last_at, between_seconds, closed_until) VALUES (?, ?, ?, ?)",
        (source, *state),
    )


def add_tasks(connection: Connection, tasks: Iterable[Task]) -> None:
    """Put work on the frontier; what is on it already, done or not, stays as it is."""
    connection.executemany(
        "INSERT INTO frontier (source, target, kind, payload, state) VALUES (?, ?, ?, ?, 'todo') ON CONFLICT DO NOTHING",
        [(task.source, task.target, task.kind, json.dumps(task.payload, sort_keys=True)) for task in tasks],
    )


def next_task(
    connection: Connection, source: str, target: str, *, after: int = 0, without: Collection[str] = ()
) -> tuple[int, Task] | None:
    """The oldest piece of this target that is still to be done, with its row.

    Only rows after `after` are looked at, and none of the kinds in `without`.
    """
    query = f"""
        SELECT * FROM frontier
         WHERE source = ? AND target = ? AND state = 'todo' AND id > ? AND kind NOT IN ({marks(tuple(without))}) ORDER BY id LIMIT 1
    """  # noqa: S608 - only question marks are put in
    row = connection.execute(query, (source, target, after, *without)).fetchone()
    return None if row is None else (int(row["id"]), _task(row))


def open_tasks(connection: Connection, target: str) -> int:
    """How many pieces of this target are still to be done."""
    row = connection.execute("SELECT count(*) FROM frontier WHERE target = ? AND state = 'todo'", (target,)).fetchone()
    return int(row[0])


def count_tasks(connection: Connection, source: str, target: str) -> int:
    """How many pieces of this target there are, done or not."""
    row = connection.execute(
        "SELECT count(*) FROM frontier WHERE source = ? AND target = ?", (source, target)
    ).fetchone()
    return int(row[0])


def finish_task(connection: Connection, task_id: int, state: str = "done", problem: str | None = None) -> None:
    """Mark a piece as done, with what is missing in it, or as given up with the reason."""
    connection.execute(
        "UPDATE frontier SET state = ?, problem = ?, tries = tries + 1 WHERE id = ?", (state, problem, task_id)
    )


def clear_frontier(connection: Connection, source: str, target: str) -> None:
    """Forget the finished pieces of a target, so that it can be walked anew."""
    connection.execute("DELETE FROM frontier WHERE source = ? AND target = ? AND state <> 'todo'", (source, target))


def _task(row: Row) -> Task:
    return Task(row["source"], row["target"], row["kind"], json.loads(row["payload"]))
