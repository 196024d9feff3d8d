"""The history of codings: what was written together, and taking it back by appending, never by deleting."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from sqlite3 import Connection  # noqa: TID251 - this is the one home of SQL
from typing import Any

from db.queries.batches import chunks, marks

_ACTION = "coalesce(e.batch, CASE r.kind WHEN 'person' THEN e.uid ELSE r.name || '@' || e.created_at END)"
_COPIED = (
    'post, code, value, stance, number, start, "end", text_sha, coder, version, codebook_revision, round, blind, '
    "suggestion_shown, adjudicated, reason, created_at"
)
_STANDS_AGAIN = """
    SELECT min(s.id) FROM coding_events s
     WHERE s.post = o.post AND s.code = o.code AND +s.coder = o.coder AND s.value = o.value AND s.stance IS o.stance
       AND s.number IS o.number AND s.start IS o.start AND s."end" IS o."end" AND s.text_sha IS o.text_sha
       AND s.version IS o.version AND s.round IS o.round AND s.adjudicated = o.adjudicated
       AND s.undone_by IS NULL AND s.undo_of IS NULL
       AND (s.created_at = o.created_at OR (SELECT kind FROM coders WHERE id = o.coder) <> 'person')
"""
"""The standing coding that says the same as `o`, if there is one; when a machine said it makes no difference.

The plus keeps SQLite from going through all that the coder said of the code; what was said of the post is little.
"""


@dataclass(frozen=True, slots=True)
class Action:
    """What was written together.

    Attributes:
        id: the batch's name; without one the uid of a person's coding, or `coder@moment` of a machine's.
        at: the latest moment that its events bear.
        coders: (name, kind) of all whose codings it wrote or took back.
        codings: how many it wrote.
        undoings: how many it took back.
        posts: on how many posts.
        standing: how many of both have not been taken back since.
    """

    id: str
    at: str
    coders: tuple[tuple[str, str], ...]
    codings: int
    undoings: int
    posts: int
    standing: int


def actions(connection: Connection) -> Iterator[Action]:
    """Every action that wrote or took back codings, the last one first."""
    coders = {row["id"]: (row["name"], row["kind"]) for row in connection.execute("SELECT * FROM coders")}
    rows = connection.execute(
        f"""
        SELECT {_ACTION} AS action, max(e.id) AS last, max(e.created_at) AS at,
               group_concat(DISTINCT e.coder) AS coders, sum(e.undo_of IS NULL) AS codings,
               sum(e.undo_of IS NOT NULL) AS undoings, count(DISTINCT e.post) AS posts,
               sum(e.undone_by IS NULL) AS standing
          FROM coding_events e JOIN coders r ON r.id = e.coder
         GROUP BY action ORDER BY last DESC
        """  # noqa: S608 - only a constant is put in
    )
    for row in rows:
        yield Action(
            row["action"], row["at"], tuple(sorted(coders[int(coder)] for coder in row["coders"].split(","))),
            row["codings"], row["undoings"], row["posts"], row["standing"],
        )  # fmt: skip


def events_of(connection: Connection, action: str) -> Iterator[dict[str, Any]]:
    """The events of an action in the order in which they were written.

    `undoes` says of an event that it takes a coding back, `undone` that it was taken back itself.
    """
    rows = connection.execute(
        f"""
        SELECT e.uid, p.address AS post, e.code, e.value, e.stance, e.start, e."end", r.name AS coder,
               r.kind AS coder_kind, e.created_at, e.undo_of IS NOT NULL AS undoes, e.undone_by IS NOT NULL AS undone
          FROM coding_events e JOIN coders r ON r.id = e.coder JOIN posts p ON p.id = e.post
         WHERE {_ACTION} = ? ORDER BY e.id
        """,  # noqa: S608 - only a constant is put in
        (action,),
    )
    for row in rows:
        yield dict(row) | {name: bool(row[name]) for name in ("undoes", "undone")}


def take_back_action(connection: Connection, action: str, batch: str, now: str) -> tuple[int, int]:
    """Take back all of an action that still stands: what it wrote is undone, what it had undone is written again.

    Args:
        connection: inside the caller's transaction.
        action: as `actions` names it.
        batch: the name of this taking back, so that it can be taken back as well.
        now: ISO 8601 UTC.

    Returns:
        How many codings were undone, and how many stand again.
    """
    rows = connection.execute(
        f"""
        SELECT e.id, e.undo_of FROM coding_events e JOIN coders r ON r.id = e.coder
         WHERE {_ACTION} = ? AND e.undone_by IS NULL ORDER BY e.id
        """,  # noqa: S608 - only a constant is put in
        (action,),
    ).fetchall()
    codings = [row["id"] for row in rows if row["undo_of"] is None]
    undoings = [row["id"] for row in rows if row["undo_of"] is not None]
    undo_codings(connection, codings, batch, now)
    return len(codings), _bring_back(connection, undoings, batch)


def undo_codings(connection: Connection, ids: Sequence[int], batch: str, now: str) -> None:
    """Undo codings by appending events that say so and bear the batch's name."""
    for chunk in chunks(ids):
        connection.execute(
            f"""
            INSERT INTO coding_events (uid, post, code, value, stance, start, "end", coder, version, batch, created_at, undo_of)
            SELECT 'undo:' || ? || ':' || id, post, code, value, stance, start, "end", coder, version, ?, ?, id
              FROM coding_events WHERE id IN ({marks(chunk)})
            """,  # noqa: S608 - only question marks are put in
            (batch, batch, now, *chunk),
        )
        connection.execute(
            f"""
            UPDATE coding_events
               SET undone_by = (SELECT u.id FROM coding_events u WHERE u.uid = 'undo:' || ? || ':' || coding_events.id)
             WHERE id IN ({marks(chunk)})
            """,  # noqa: S608 - only question marks are put in
            (batch, *chunk),
        )


def _bring_back(connection: Connection, undoings: Sequence[int], batch: str) -> int:
    """Write again what these events had undone, but for what has been said anew since; return how many were written."""
    before = connection.total_changes
    for chunk in chunks(undoings):
        connection.execute(
            f"""
            INSERT INTO coding_events (uid, batch, {_COPIED})
            SELECT 'redo:' || ? || ':' || u.id, ?, {", ".join(f"o.{name}" for name in _COPIED.split(", "))}
              FROM coding_events u JOIN coding_events o ON o.id = u.undo_of
             WHERE u.id IN ({marks(chunk)}) AND ({_STANDS_AGAIN}) IS NULL
            """,  # noqa: S608 - only constants and question marks are put in
            (batch, batch, *chunk),
        )
    written = connection.total_changes - before
    for chunk in chunks(undoings):
        connection.execute(
            f"""
            UPDATE coding_events
               SET undone_by = (SELECT ({_STANDS_AGAIN}) FROM coding_events o WHERE o.id = coding_events.undo_of)
             WHERE id IN ({marks(chunk)})
            """,  # noqa: S608 - only constants and question marks are put in
            chunk,
        )
    return written
