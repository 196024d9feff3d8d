"""Quotations on record: which part of which post may be quoted, for what reason; no words of it."""

from collections.abc import Iterator
from sqlite3 import Connection  # noqa: TID251 - this is the one home of SQL
from typing import Any

_QUOTES = """
    SELECT q.uid AS id, p.address AS post, q.start, q."end", q.text_sha, q.name, q.reason, q.note, q.made_by AS by,
           q.made_at AS at, p.state, p.private AS is_private, p.observed_at, p.text_sha AS current_sha, p.title, p.text,
           p.url, coalesce(c.name, p.platform) AS community, p.created_at
      FROM quotes q
      JOIN posts p ON p.id = q.post
      JOIN threads t ON t.id = p.thread
      LEFT JOIN communities c ON c.id = t.community
     WHERE q.dropped_at IS NULL
     ORDER BY p.address, q.start, q.uid
"""
_POST = """
    SELECT p.id, p.address, p.state, p.private, p.title, p.text, p.text_sha, p.observed_at FROM posts p WHERE p.address = ?
"""


def quotes(connection: Connection) -> Iterator[dict[str, Any]]:
    """Every quotation that was not dropped, with its post as it is stored now."""
    yield from (dict(row) for row in connection.execute(_QUOTES))


def post_to_quote(connection: Connection, address: str) -> dict[str, Any] | None:
    """A post by its address."""
    row = connection.execute(_POST, (address,)).fetchone()
    return None if row is None else dict(row)


def save_quote(connection: Connection, quote: dict[str, Any]) -> None:
    """Record a quotation; `post` is the post's row."""
    connection.execute(
        'INSERT INTO quotes (uid, post, start, "end", text_sha, name, reason, note, made_by, made_at)'
        " VALUES (:uid, :post, :start, :end, :text_sha, :name, :reason, :note, :made_by, :made_at)",
        quote,
    )


def drop_quote(connection: Connection, uid: str, now: str) -> bool:
    """Note that a quotation may no longer be shown, and take the name out; whether there was one."""
    dropped = connection.execute(
        "UPDATE quotes SET dropped_at = ?, name = NULL, note = NULL WHERE uid = ? AND dropped_at IS NULL", (now, uid)
    )
    return dropped.rowcount > 0


def drop_quotes_of_the_gone(connection: Connection, now: str) -> int:
    """Drop the quotations of posts that were deleted, removed or forgotten, names and notes with them."""
    dropped = connection.execute(
        """
        UPDATE quotes SET dropped_at = ?, name = NULL, note = NULL
         WHERE dropped_at IS NULL
           AND post IN (SELECT id FROM posts WHERE state NOT IN ('live', 'orphan') OR (text IS NULL AND title IS NULL))
        """,
        (now,),
    )
    return dropped.rowcount
