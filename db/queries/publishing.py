"""What publishing asks of the store: texts to compare with, names of accounts, and what was built."""

from collections.abc import Collection, Iterable, Iterator
from sqlite3 import Connection  # noqa: TID251 - this is the one home of SQL

_CHUNK = 500
_STORED = """
    SELECT p.text, p.url, p.address = t.address, p.private FROM posts p JOIN threads t ON t.id = p.thread
     WHERE p.title IS NOT NULL OR p.text IS NOT NULL
    UNION ALL SELECT title, NULL, 1, private FROM posts WHERE title IS NOT NULL
    UNION ALL SELECT r.text, NULL, 1, p.private FROM revisions r JOIN posts p ON p.id = r.post WHERE r.text IS NOT NULL
    UNION ALL SELECT r.title, NULL, 1, p.private FROM revisions r JOIN posts p ON p.id = r.post WHERE r.title IS NOT NULL
"""


def stored_texts(connection: Connection) -> Iterator[tuple[str, str | None, bool, bool]]:
    """Every stored text and title, earlier versions too: the words, link, whether it begins a thread, whether it is private."""
    cursor = connection.cursor()
    cursor.row_factory = None
    for text, url, is_root, is_private in cursor.execute(_STORED):
        yield text or "", url, bool(is_root), bool(is_private)


def platforms_of_authors(connection: Connection) -> list[str]:
    """The platforms on which somebody has written."""
    return [
        str(row["platform"]) for row in connection.execute("SELECT DISTINCT platform FROM authors ORDER BY platform")
    ]


def known_authors(connection: Connection, addresses: Iterable[str]) -> set[str]:
    """Those of the addresses that belong to an account which is stored."""
    return _known(connection, "SELECT address FROM authors WHERE address IN ({})", addresses)


def known_replies(connection: Connection, addresses: Iterable[str]) -> set[str]:
    """Those of the addresses that belong to a stored post which begins no thread, or which is private."""
    query = (
        "SELECT p.address FROM posts p JOIN threads t ON t.id = p.thread"
        " WHERE p.address IN ({}) AND (p.address <> t.address OR p.private)"
    )
    return _known(connection, query, addresses)


def _known(connection: Connection, query: str, addresses: Iterable[str]) -> set[str]:
    wanted = sorted(set(addresses))
    found: set[str] = set()
    for start in range(0, len(wanted), _CHUNK):
        chunk = wanted[start : start + _CHUNK]
        rows = connection.execute(query.format(",".join("?" * len(chunk))), chunk)
        found.update(str(row["address"]) for row in rows)
    return found


def links_and_words(connection: Connection, posts: Collection[int]) -> Iterator[tuple[int, str | None, str]]:
    """The link and the text of posts, or their title where they have no text, by row."""
    wanted = sorted(posts)
    for start in range(0, len(wanted), _CHUNK):
        chunk = wanted[start : start + _CHUNK]
        query = (
            f"SELECT id, url, coalesce(text, title, '') AS words FROM posts WHERE id IN ({','.join('?' * len(chunk))})"  # noqa: S608
        )
        yield from ((row["id"], row["url"], row["words"]) for row in connection.execute(query, chunk))


def program_runs(connection: Connection) -> dict[str, int]:
    """How often programs coded, and how often of these an audit had been drawn before."""
    row = connection.execute(
        """
        SELECT count(*) AS runs, coalesce(sum(started_at > (SELECT min(created_at) FROM samples WHERE purpose = 'audit')), 0)
               AS after_audit FROM program_runs
        """
    ).fetchone()
    return {"runs": row["runs"], "after_audit": row["after_audit"]}


def quotes_of_report(connection: Connection, sha256: str | None = None) -> str | None:
    """The quotations that a report was built with, as JSON: that of these bytes, else the last one; None without any."""
    row = connection.execute(
        "SELECT quotes FROM reports ORDER BY report_sha256 = ? DESC, id DESC LIMIT 1", (sha256 or "",)
    ).fetchone()
    return None if row is None else row["quotes"]


def note_quotes(connection: Connection, quotes: str) -> None:
    """Keep with the newest build which quotations it was built with, as JSON."""
    connection.execute("UPDATE reports SET quotes = ? WHERE id = (SELECT max(id) FROM reports)", (quotes,))
