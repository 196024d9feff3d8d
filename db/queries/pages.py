"""What the pages of the review app show: posts in their threads, the state of the collection, recent work."""

from collections.abc import Sequence
from sqlite3 import Connection  # noqa: TID251 - this is the one home of SQL
from typing import Any

from db.queries.batches import chunks, marks


def people(connection: Connection) -> list[str]:
    """The people who have coded anything, by name."""
    return [row["name"] for row in connection.execute("SELECT name FROM coders WHERE kind = 'person' ORDER BY name")]


def last_event(connection: Connection) -> int:
    """The number of the newest coding event; 0 where there is none."""
    return int(connection.execute("SELECT coalesce(max(id), 0) FROM coding_events").fetchone()[0])


def coded_since(connection: Connection, event: int) -> tuple[int, int, tuple[str, ...]]:
    """What people coded after an event: codings that stand, their posts, and who made them."""
    rows = connection.execute(
        """
        SELECT r.name, e.post FROM coding_events e JOIN coders r ON r.id = e.coder
         WHERE e.id > ? AND r.kind = 'person' AND e.undone_by IS NULL AND e.undo_of IS NULL
        """,
        (event,),
    ).fetchall()
    return len(rows), len({row["post"] for row in rows}), tuple(sorted({row["name"] for row in rows}))


def post(connection: Connection, address: str) -> dict[str, Any] | None:
    """A public post with its place; None if there is none.

    It has `id, address, platform, kind, community, thread, thread_title, parent, author, is_bot, created_at, edited_at,
    title, text, url, score, state, cut, revisions`.
    """
    row = connection.execute(
        """
        SELECT p.id, p.address, p.platform, p.kind, coalesce(c.name, p.platform) AS community, t.address AS thread,
               root.title AS thread_title, p.parent, a.address AS author, coalesce(a.is_bot, 0) AS is_bot, p.created_at,
               p.edited_at, p.title, p.text, p.url, p.score, p.state, p.cut,
               (SELECT count(*) FROM revisions r WHERE r.post = p.id) AS revisions
          FROM public_posts p
          JOIN threads t ON t.id = p.thread
          LEFT JOIN communities c ON c.id = t.community
          LEFT JOIN authors a ON a.id = p.author
          LEFT JOIN public_posts root ON root.address = t.address
         WHERE p.address = ?
        """,
        (address,),
    ).fetchone()
    return None if row is None else dict(row)


def thread(connection: Connection, address: str) -> dict[str, Any] | None:
    """A thread: `address, title, community, url, stored_count, declared_count, coverage, walked_at`; None if there is none."""
    row = connection.execute(
        """
        SELECT t.address, root.title, root.id AS root, coalesce(c.name, t.platform) AS community, t.url, t.stored_count,
               t.declared_count, t.coverage, t.walked_at
          FROM threads t
          LEFT JOIN communities c ON c.id = t.community
          LEFT JOIN public_posts root ON root.address = t.address
         WHERE t.address = ?
        """,
        (address,),
    ).fetchone()
    return None if row is None else dict(row)


def posts_of_thread(connection: Connection, thread_: str) -> list[dict[str, Any]]:
    """The public posts of a thread in order of time, without their texts: `id, address, parent`."""
    rows = connection.execute(
        """
        SELECT p.id, p.address, p.parent FROM public_posts p
         WHERE p.thread = (SELECT id FROM threads WHERE address = ?)
         ORDER BY p.id
        """,
        (thread_,),
    )
    return [dict(row) for row in rows]


def posts_by_id(connection: Connection, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Public posts with what a list of them shows, by id.

    Each has `id, address, kind, thread, thread_title, parent, author, is_bot, created_at, title, text, score, state`.
    """
    found: dict[int, dict[str, Any]] = {}
    for chunk in chunks(ids):
        rows = connection.execute(
            f"""
            SELECT p.id, p.address, p.kind, t.address AS thread, root.title AS thread_title, p.parent,
                   a.address AS author, coalesce(a.is_bot, 0) AS is_bot, p.created_at, p.title, p.text, p.score, p.state
              FROM public_posts p
              JOIN threads t ON t.id = p.thread
              LEFT JOIN authors a ON a.id = p.author
              LEFT JOIN public_posts root ON root.address = t.address
             WHERE p.id IN ({marks(chunk)})
            """,  # noqa: S608 - only question marks are put in
            chunk,
        )
        found |= {row["id"]: dict(row) for row in rows}
    return found


def codings_of_post(connection: Connection, address: str) -> list[dict[str, Any]]:
    """The codings of a post that stand, people's first, by code and coder."""
    rows = connection.execute(
        """
        SELECT id, code, value, stance, number, start, "end", coder, coder_kind, version, round, created_at, adjudicated,
               text_unchanged
          FROM codings_current WHERE post = ? AND private = 0
         ORDER BY coder_kind <> 'person', code, coder
        """,
        (address,),
    )
    return [dict(row) for row in rows]


def memos_about(connection: Connection, address: str) -> list[dict[str, Any]]:
    """The memos on a post or a thread, the oldest first: `text, created_at`."""
    rows = connection.execute("SELECT text, created_at FROM memos WHERE about = ? ORDER BY created_at, id", (address,))
    return [dict(row) for row in rows]
