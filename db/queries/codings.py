"""Codings: an append-only log of events, with coders and the codebook's revisions."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from sqlite3 import Connection  # noqa: TID251 - this is the one home of SQL
from typing import Any

WHOLE_CODEBOOK = "*"


@dataclass(frozen=True, slots=True)
class Event:
    """One coding as it is stored.

    Attributes:
        uid: the hash of what it says, so that none is stored twice.
        batch: names the command, import or action that wrote it, so that all of it can be undone together.
        took_ms: how long its coder looked at the post before deciding; None where nobody measured it.
    """

    uid: str
    post: int
    code: str
    value: str
    stance: str | None
    number: float | None
    start: int | None
    end: int | None
    text_sha: str | None
    coder: int
    version: str | None
    codebook_revision: str | None
    round: str | None
    created_at: str
    batch: str | None = None
    blind: bool = False
    suggestion_shown: bool = False
    adjudicated: bool = False
    reason: str | None = None
    took_ms: int | None = None


@dataclass(frozen=True, slots=True)
class PersonCoding:
    """What one person last said of one code on one post.

    Attributes:
        current_text: whether the text is still the one that was coded.
        codebook_revision: the codebook as it was then; None if the coding came without one.
    """

    post: int
    code: str
    coder: str
    value: str
    stance: str | None
    created_at: str
    codebook_revision: str | None
    current_text: bool
    adjudicated: bool = False


def save_revision(connection: Connection, revision: str, content: str, now: str) -> None:
    """Keep a revision of the codebook, once."""
    connection.execute(
        "INSERT INTO codebook_revisions (revision, content, created_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (revision, content, now),
    )


def revisions(connection: Connection) -> dict[str, str]:
    """The content of every revision of the codebook, by revision."""
    return {row["revision"]: row["content"] for row in connection.execute("SELECT * FROM codebook_revisions")}


def coder_id(connection: Connection, name: str, kind: str) -> int:
    """The id of a coder, made at first sight."""
    connection.execute("INSERT INTO coders (name, kind) VALUES (?, ?) ON CONFLICT DO NOTHING", (name, kind))
    row = connection.execute("SELECT id FROM coders WHERE name = ? AND kind = ?", (name, kind)).fetchone()
    return int(row["id"])


def add_events(connection: Connection, events: Iterable[Event]) -> int:
    """Append events and return how many were new."""
    before = connection.total_changes
    connection.executemany(
        """
        INSERT INTO coding_events (uid, post, code, value, stance, number, start, "end", text_sha, coder,
                                   version, codebook_revision, round, created_at, batch, blind,
                                   suggestion_shown, adjudicated, reason, took_ms)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (uid) DO NOTHING
        """,
        [
            (e.uid, e.post, e.code, e.value, e.stance, e.number, e.start, e.end, e.text_sha, e.coder, e.version,
             e.codebook_revision, e.round, e.created_at, e.batch, int(e.blind), int(e.suggestion_shown),
             int(e.adjudicated), e.reason, e.took_ms)
            for e in events
        ],
    )  # fmt: skip
    return connection.total_changes - before


def last_event(connection: Connection) -> int:
    """The id of the newest coding event, 0 before the first: a mark of how far the log has come."""
    return int(connection.execute("SELECT coalesce(max(id), 0) FROM coding_events").fetchone()[0])


def machine_codings(connection: Connection, coder: int) -> Iterator[dict[str, Any]]:
    """The standing codings of a machine coder."""
    rows = connection.execute(
        """
        SELECT id, post, code, stance, start, "end", text_sha, version FROM coding_events
         WHERE coder = ? AND undone_by IS NULL AND undo_of IS NULL
        """,
        (coder,),
    )
    for row in rows:
        yield dict(row)


def people_codings(connection: Connection) -> Iterator[PersonCoding]:
    """What each person last said of each code on each post, and what was last decided where people differed."""
    rows = connection.execute(
        """
        SELECT e.post, e.code, r.name AS coder, e.value, e.stance, e.created_at, e.codebook_revision,
               e.text_sha IS p.text_sha AS current_text, e.adjudicated
          FROM coding_events e
          JOIN coders r ON r.id = e.coder
          JOIN posts p ON p.id = e.post
         WHERE r.kind = 'person' AND e.undone_by IS NULL AND e.undo_of IS NULL
         ORDER BY e.created_at, e.uid
        """
    )
    latest = {(row["post"], row["coder"] if not row["adjudicated"] else None, row["code"]): row for row in rows}
    for row in latest.values():
        yield PersonCoding(
            row["post"], row["code"], row["coder"], row["value"], row["stance"], row["created_at"],
            row["codebook_revision"], bool(row["current_text"]), bool(row["adjudicated"]),
        )  # fmt: skip


def machine_mentions(connection: Connection) -> Iterator[tuple[int, str]]:
    """The (post, code) pairs that any machine coder holds to be present in the text as it stands now."""
    yield from connection.execute(
        """
        SELECT DISTINCT e.post, e.code
          FROM coding_events e
          JOIN coders r ON r.id = e.coder
          JOIN posts p ON p.id = e.post
         WHERE r.kind <> 'person' AND e.undone_by IS NULL AND e.undo_of IS NULL
           AND e.value = 'present' AND e.text_sha IS p.text_sha
        """
    )


def exported_codings(connection: Connection, *, private: bool = False) -> Iterator[dict[str, Any]]:
    """Every standing coding as `export codings` shows it; those on private notes only when asked for."""
    rows = connection.execute(
        """
        SELECT p.address AS post, e.code, e.value, e.stance, e.number, e.start, e."end", r.name AS coder,
               r.kind AS coder_kind, coalesce(e.version, e.codebook_revision) AS version, e.round, e.created_at, e.text_sha,
               e.blind, e.suggestion_shown, e.adjudicated, e.reason
          FROM coding_events e
          JOIN posts p ON p.id = e.post
          JOIN coders r ON r.id = e.coder
         WHERE e.undone_by IS NULL AND e.undo_of IS NULL AND p.private <= ?
         ORDER BY p.created_at, p.address, r.kind, r.name, e.code, e.start, e."end", e.created_at, e.uid
        """,
        (int(private),),
    )
    for row in rows:
        yield dict(row) | {name: bool(row[name]) for name in ("blind", "suggestion_shown", "adjudicated")}


def coder_counts(connection: Connection) -> list[dict[str, Any]]:
    """How many posts and codings each coder has."""
    rows = connection.execute(
        """
        SELECT r.name, r.kind, count(DISTINCT e.post) AS posts, count(*) AS codings
          FROM coding_events e JOIN coders r ON r.id = e.coder
         WHERE e.undone_by IS NULL AND e.undo_of IS NULL
         GROUP BY r.id ORDER BY r.kind, r.name
        """
    )
    return [dict(row) for row in rows]
