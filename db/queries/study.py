"""What the study as a whole holds: its key's fingerprint and its totals."""

from sqlite3 import Connection  # noqa: TID251 - this is the one home of SQL
from typing import Any


def fingerprint(connection: Connection) -> str | None:
    """The fingerprint of the key that made the pseudonyms, or None before the first one."""
    row = connection.execute("SELECT value FROM meta WHERE key = 'key_fingerprint'").fetchone()
    return None if row is None else str(row["value"])


def set_fingerprint(connection: Connection, value: str) -> None:
    """Store the fingerprint of the key that makes this study's pseudonyms."""
    connection.execute("INSERT OR REPLACE INTO meta (key, value) VALUES ('key_fingerprint', ?)", (value,))


def is_empty(connection: Connection) -> bool:
    """Whether no post was ever stored."""
    return connection.execute("SELECT 1 FROM posts LIMIT 1").fetchone() is None


def note_lost_text(connection: Connection) -> None:
    """Note, in the transaction that takes a text away, that the file is still to be scrubbed of it."""
    connection.execute(
        "INSERT INTO meta (key, value) VALUES ('lost_texts', '1')"
        " ON CONFLICT (key) DO UPDATE SET value = CAST(value + 1 AS TEXT)"
    )


def totals(connection: Connection) -> dict[str, Any]:
    """Posts by state, threads, authors, communities, private notes, bots and duplicates."""
    states = connection.execute("SELECT state, count(*) AS posts FROM public_posts GROUP BY state ORDER BY state")

    def one(query: str) -> int:
        return int(connection.execute(query).fetchone()[0])

    return {
        "posts": one("SELECT count(*) FROM public_posts"),
        "states": {row["state"]: row["posts"] for row in states},
        "threads": one("SELECT count(DISTINCT thread) FROM public_posts"),
        "communities": one("SELECT count(DISTINCT t.community) FROM public_posts p JOIN threads t ON t.id = p.thread"),
        "authors": one(
            "SELECT count(DISTINCT a.id) FROM public_posts p JOIN authors a ON a.id = p.author WHERE a.is_gone = 0"
        ),
        "bots": one("SELECT count(*) FROM authors WHERE is_bot = 1"),
        "notes": one("SELECT count(*) FROM posts WHERE private = 1"),
        "duplicates": one("SELECT count(*) FROM edges WHERE kind = 'duplicate_of'"),
        "unreadable": one("SELECT count(*) FROM unreadable"),
    }


def problems(connection: Connection) -> list[str]:
    """What SQLite's own checks and ours find wrong with the file; empty when all is well."""
    found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
    found += [
        f"{row[0]}: row {row[1]} points to nothing in {row[2]}"
        for row in connection.execute("PRAGMA foreign_key_check")
    ]
    checks = {
        "deleted posts still hold text": (
            "SELECT count(*) FROM posts WHERE state IN ('deleted_by_author', 'removed', 'purged', 'vanished', 'protected')"
            " AND (text IS NOT NULL OR title IS NOT NULL)"
        ),
        "posts are without their observation record": (
            "SELECT count(*) FROM posts WHERE id NOT IN (SELECT post FROM observations)"
        ),
        "posts bear an author outside the pseudonyms": "SELECT count(*) FROM authors WHERE address NOT LIKE '%:~%'"
        " AND is_gone = 0",
    }
    for text, query in checks.items():
        count = int(connection.execute(query).fetchone()[0])
        if count:
            found.append(f"{count} {text}")
    return found
