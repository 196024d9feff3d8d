"""What a report reads: posts with a voice, where they stand, and what was collected."""

from collections.abc import Iterator
from dataclasses import dataclass
from sqlite3 import Connection  # noqa: TID251 - this is the one home of SQL
from typing import Any

EXAMPLE_PLATFORM = "example"


@dataclass(frozen=True, slots=True)
class Post:
    """A post as a report sees it: no text, only what votes and evidence need.

    Attributes:
        author: the voter's key; an account that is gone, or that nobody named, is one voice a thread.
        thread, crosspost_of: addresses; the second is None for a thread of its own.
        community: its name, or the platform where there is none.
    """

    id: int
    address: str
    platform: str
    native_id: str
    text_sha: str
    author: str
    thread: str
    crosspost_of: str | None
    community: str
    created_at: str
    observed_at: str | None


_SHOWN = "p.state IN ('live', 'orphan', 'account_gone') AND (p.text IS NOT NULL OR p.title IS NOT NULL)"

_POSTS = f"""
SELECT p.id, p.address, p.platform, p.native_id, p.text_sha, coalesce(a.address, p.platform || ':[unnamed]/' || t.native_id)
       AS author, t.address AS thread, t.crosspost_of, coalesce(c.name, p.platform) AS community,
       coalesce(p.created_at, '') AS created_at, p.observed_at
  FROM posts p
  JOIN threads t ON t.id = p.thread
  LEFT JOIN communities c ON c.id = t.community
  LEFT JOIN authors a ON a.id = p.author
 WHERE p.private = ? AND {_SHOWN} AND coalesce(a.is_bot, 0) = 0
   AND (? OR p.platform <> '{EXAMPLE_PLATFORM}')
   AND NOT EXISTS (
       SELECT 1 FROM edges d JOIN posts first ON first.id = d.target
        WHERE d.source = p.id AND d.kind = 'duplicate_of' AND first.author IS NOT p.author)
 ORDER BY p.created_at, p.address
"""  # noqa: S608 - only constants are put in


def holds_real_posts(connection: Connection) -> bool:
    """Whether anything in the study was not invented."""
    row = connection.execute("SELECT 1 FROM public_posts WHERE platform <> ? LIMIT 1", (EXAMPLE_PLATFORM,)).fetchone()
    return row is not None


def posts_with_a_voice(connection: Connection, *, private: bool, invented: bool) -> Iterator[Post]:
    """Posts whose text is shown, not a bot's and not another author's text repeated, by time and address."""
    for row in connection.execute(_POSTS, (int(private), int(invented))):
        yield Post(*tuple(row))


def excluded(connection: Connection) -> dict[str, int]:
    """How many public posts have no voice, by reason."""

    def count(condition: str) -> int:
        query = f"""
            SELECT count(*) FROM public_posts p LEFT JOIN authors a ON a.id = p.author
             WHERE p.platform <> '{EXAMPLE_PLATFORM}' IS ? AND {condition}
        """  # noqa: S608 - only the conditions below are put in
        return int(connection.execute(query, (int(holds_real_posts(connection)),)).fetchone()[0])

    repeated = """
        EXISTS (SELECT 1 FROM edges d JOIN posts first ON first.id = d.target
                 WHERE d.source = p.id AND d.kind = 'duplicate_of' AND first.author IS NOT p.author)
    """
    return {
        "bots": count(f"{_SHOWN} AND a.is_bot = 1"),
        "deleted_or_removed": count("p.state NOT IN ('live', 'orphan', 'account_gone')"),
        "without_words": count("p.state IN ('live', 'orphan', 'account_gone') AND p.text IS NULL AND p.title IS NULL"),
        "repeated_by_another_account": count(f"{_SHOWN} AND coalesce(a.is_bot, 0) = 0 AND {repeated}"),
    }


def threads(connection: Connection, *, invented: bool) -> list[dict[str, Any]]:
    """Every thread with a public post: title, link, community, and how much of it is stored."""
    rows = connection.execute(
        """
        SELECT t.address, root.title, t.url, coalesce(c.name, t.platform) AS community, t.declared_count,
               t.stored_count, t.coverage, count(p.id) AS posts
          FROM threads t
          JOIN public_posts p ON p.thread = t.id
          LEFT JOIN communities c ON c.id = t.community
          LEFT JOIN public_posts root ON root.address = t.address
         WHERE ? OR t.platform <> ?
         GROUP BY t.id ORDER BY t.address
        """,
        (int(invented), EXAMPLE_PLATFORM),
    )
    return [dict(row) for row in rows]


def files_read(connection: Connection) -> list[dict[str, Any]]:
    """Each different file that was read, by hash, whether or not it added anything."""
    rows = connection.execute(
        "SELECT sha256, min(url) AS name FROM requests WHERE method = 'READ' AND sha256 IS NOT NULL"
        " GROUP BY sha256 ORDER BY sha256"
    )
    return [dict(row) for row in rows]


def queries_asked(connection: Connection) -> list[str]:
    """Each different thing that a site was asked for."""
    rows = connection.execute(
        "SELECT DISTINCT url FROM requests WHERE method <> 'READ' AND url NOT LIKE '%/access_token' ORDER BY url"
    )
    return [str(row["url"]) for row in rows]


def post_by_address(connection: Connection, address: str) -> dict[str, Any] | None:
    """A post with its text, for the eyes of the study's owner."""
    row = connection.execute(
        """
        SELECT p.address, p.kind, coalesce(c.name, p.platform) AS community, a.address AS author, p.created_at, p.state,
               p.title, p.text, p.url, p.parent, p.private
          FROM posts p
          JOIN threads t ON t.id = p.thread
          LEFT JOIN communities c ON c.id = t.community
          LEFT JOIN authors a ON a.id = p.author
         WHERE p.address = ?
        """,
        (address,),
    ).fetchone()
    return None if row is None else dict(row)


def addresses(connection: Connection) -> Iterator[str]:
    """The address of every post."""
    for row in connection.execute("SELECT address FROM posts ORDER BY address"):
        yield str(row["address"])


def record_report(
    connection: Connection, built_at: str, hashes: dict[str, str], findings: dict[str, tuple[str, str]]
) -> None:
    """Keep that a report was built, from what, and what it found; the report itself never says how often."""
    cursor = connection.execute(
        "INSERT INTO reports (built_at, report_sha256, data_sha256, codebook_revision, definition_sha256)"
        " VALUES (?, ?, ?, ?, ?)",
        (built_at, hashes["report"], hashes["data"], hashes["codebook"], hashes["definition"]),
    )
    connection.executemany(
        "INSERT INTO findings (report, claim, verdict, basis) VALUES (?, ?, ?, ?)",
        [(cursor.lastrowid, claim, verdict, basis) for claim, (verdict, basis) in sorted(findings.items())],
    )


def holds_invented_posts(connection: Connection) -> bool:
    """Whether any post of the study is an invented example."""
    row = connection.execute("SELECT 1 FROM public_posts WHERE platform = ? LIMIT 1", (EXAMPLE_PLATFORM,)).fetchone()
    return row is not None


def last_run(connection: Connection) -> dict[str, Any] | None:
    """The newest run with its outcome."""
    row = connection.execute(
        "SELECT command, state, started_at, finished_at FROM runs ORDER BY id DESC LIMIT 1"
    ).fetchone()
    return None if row is None else dict(row)
