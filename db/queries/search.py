"""Keeping the full-text index up to date, and asking it."""

from collections.abc import Iterator
from sqlite3 import Connection  # noqa: TID251 - this is the one home of SQL

from db.word_index import decoded, index_row

_BATCH = 5000


def update_index(connection: Connection) -> int:
    """Bring the index up to date with the posts, inside the caller's transaction; return how many rows changed.

    Posts that lost their text leave the index; private notes never enter it.
    """
    gone = [
        row["post"]
        for row in connection.execute(
            "SELECT i.post FROM indexed i LEFT JOIN public_posts p ON p.id = i.post WHERE p.text_sha IS NOT i.text_sha"
        )
    ]
    connection.executemany("DELETE FROM words WHERE rowid = ?", ((post,) for post in gone))
    connection.executemany("DELETE FROM indexed WHERE post = ?", ((post,) for post in gone))
    added = 0
    while fresh := connection.execute(_FRESH, (_BATCH,)).fetchall():
        rows = [(row["id"], index_row(row["title"], row["text"])) for row in fresh]
        connection.executemany(
            "INSERT INTO words (rowid, title, own, quoted) VALUES (?, ?, ?, ?)",
            ((post, row.title, row.own, row.quoted) for post, row in rows),
        )
        connection.executemany(
            "INSERT INTO indexed (post, text_sha) VALUES (?, ?)", ((row["id"], row["text_sha"]) for row in fresh)
        )
        added += len(fresh)
    return len(gone) + added


_FRESH = """
SELECT p.id, p.title, p.text, p.text_sha FROM public_posts p
 WHERE p.text_sha IS NOT NULL AND NOT EXISTS (SELECT 1 FROM indexed i WHERE i.post = p.id)
 ORDER BY p.id LIMIT ?
"""


def leave_index(connection: Connection, posts: list[int]) -> None:
    """Take posts out of the index whose words were blanked; the next update takes them in as they are now."""
    if not posts or not _has_index(connection):
        return
    connection.executemany("DELETE FROM words WHERE rowid = ?", ((post,) for post in posts))
    connection.executemany("DELETE FROM indexed WHERE post = ?", ((post,) for post in posts))


def forget_segments(connection: Connection) -> None:
    """Rewrite the index without what was deleted from it: FTS5 keeps that in its segments until they are merged."""
    connection.execute("INSERT INTO words (words) VALUES ('optimize')")


def empty_index(connection: Connection) -> None:
    """Take all words out of the index of a copy; an older one may have none."""
    if _has_index(connection):
        connection.execute("DELETE FROM words")
        connection.execute("DELETE FROM indexed")
        forget_segments(connection)


def _has_index(connection: Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'indexed'").fetchone() is not None


def matching(connection: Connection, question: str) -> Iterator[int]:
    """The posts that answer a question to the index (see `db.word_index`), the newest first."""
    rows = connection.execute("SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid DESC", (question,))
    yield from (row["rowid"] for row in rows)


def count(connection: Connection, question: str) -> int:
    """How many posts answer a question to the index."""
    return int(connection.execute("SELECT count(*) FROM words WHERE words MATCH ?", (question,)).fetchone()[0])


def not_indexed(connection: Connection) -> list[int]:
    """The posts that the index does not hold as they are now, until it is brought up to date."""
    rows = connection.execute(
        """
        SELECT p.id FROM public_posts p LEFT JOIN indexed i ON i.post = p.id
         WHERE p.text_sha IS NOT NULL AND i.text_sha IS NOT p.text_sha
        """
    )
    return [row["id"] for row in rows]


def all_posts(connection: Connection) -> Iterator[int]:
    """All posts of the index, the newest first."""
    yield from (row["post"] for row in connection.execute("SELECT post FROM indexed ORDER BY post DESC"))


def size(connection: Connection) -> int:
    """How many posts the index holds."""
    return int(connection.execute("SELECT count(*) FROM indexed").fetchone()[0])


def vocabulary(connection: Connection) -> list[str]:
    """Every word that stands in the index, folded."""
    connection.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary USING fts5vocab (main, words, row)")
    return [decoded(row["term"]) for row in connection.execute("SELECT term FROM temp.vocabulary")]
