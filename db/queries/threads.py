"""Threads and the communities they stand in, merged from observations like the posts themselves."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from sqlite3 import Connection  # noqa: TID251 - this is the one home of SQL
from typing import Any

from db.merge import Key
from db.queries.batches import chunks, marks
from db.records import Observation


@dataclass(slots=True)
class _Thread:
    address: str
    platform: str
    native_id: str
    url: str | None = None
    row_id: int | None = None
    community: str | None = None
    placed: Key = field(default_factory=Key)
    crosspost_of: str | None = None
    declared_count: int | None = None
    declared: Key = field(default_factory=Key)


def save_threads(connection: Connection, observations: Iterable[Observation]) -> dict[str, int]:
    """Make the threads of these observations and merge what they say about them; return ids by address."""
    wanted: dict[str, list[Observation]] = {}
    for seen in observations:
        wanted.setdefault(f"{seen.platform}:{seen.thread}", []).append(seen)
    known = _load_threads(connection, list(wanted))
    changed: list[_Thread] = []
    for address, seen_posts in wanted.items():
        thread = known.get(address)
        first = seen_posts[0]
        if thread is None:
            thread = known[address] = _Thread(address, first.platform, first.thread)
        before = replace(thread)
        for seen in seen_posts:
            _merge_thread(thread, seen)
        if thread.row_id is None or thread != before:
            changed.append(thread)
    named = _named_communities(wanted.values()) | {(t.platform, t.community) for t in changed if t.community}
    communities = _save_communities(connection, named)
    for thread in changed:
        thread.row_id = _write_thread(connection, thread, communities)
    return {address: thread.row_id for address, thread in known.items() if thread.row_id is not None}


def thread_ids(connection: Connection, addresses: Collection[str]) -> dict[str, int]:
    """The internal id of each of these threads that is stored."""
    return {address: thread.row_id or 0 for address, thread in _load_threads(connection, sorted(addresses)).items()}


def _named_communities(groups: Iterable[Iterable[Observation]]) -> set[tuple[str, str]]:
    return {(seen.platform, seen.community) for group in groups for seen in group if seen.community}


def _merge_thread(thread: _Thread, seen: Observation) -> None:
    thread.url = _greater(thread.url, seen.thread_url)
    thread.crosspost_of = _greater(thread.crosspost_of, seen.crosspost_of)
    at = seen.observed_at or ""
    if seen.community and thread.placed.beaten_by(at, seen.community):
        thread.placed, thread.community = Key(at, seen.community), seen.community
    if seen.declared_count is not None and thread.declared.beaten_by(at, f"{seen.declared_count:012d}"):
        thread.declared, thread.declared_count = Key(at, f"{seen.declared_count:012d}"), seen.declared_count


def _greater(known: str | None, seen: str | None) -> str | None:
    """Of two texts that should never differ, whatever the order; one that is missing never replaces one that is not."""
    return max(known or "", seen or "") or None


def _load_threads(connection: Connection, addresses: Sequence[str]) -> dict[str, _Thread]:
    found = {}
    for chunk in chunks(addresses):
        query = f"""
            SELECT t.*, c.name AS community_name FROM threads t LEFT JOIN communities c ON c.id = t.community
             WHERE t.address IN ({marks(chunk)})
        """  # noqa: S608 - only question marks are put in
        for row in connection.execute(query, chunk):
            found[row["address"]] = _Thread(
                row["address"], row["platform"], row["native_id"], row["url"], row["id"], row["community_name"],
                Key(row["community_at"] or "", row["community_sha"]), row["crosspost_of"], row["declared_count"],
                Key(row["declared_at"] or "", row["declared_sha"]),
            )  # fmt: skip
    return found


def _write_thread(connection: Connection, thread: _Thread, communities: dict[tuple[str, str], int]) -> int:
    values = (
        thread.platform, thread.native_id, communities.get((thread.platform, thread.community or "")),
        thread.placed.at or None, thread.placed.sha, thread.url, thread.crosspost_of, thread.declared_count,
        thread.declared.at or None, thread.declared.sha, thread.address,
    )  # fmt: skip
    if thread.row_id is None:
        cursor = connection.execute(
            """
            INSERT INTO threads (platform, native_id, community, community_at, community_sha, url, crosspost_of,
                                 declared_count, declared_at, declared_sha, address)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            values,
        )
        return int(cursor.lastrowid or 0)
    connection.execute(
        """
        UPDATE threads SET platform = ?, native_id = ?, community = ?, community_at = ?, community_sha = ?, url = ?,
                           crosspost_of = ?, declared_count = ?, declared_at = ?, declared_sha = ?
         WHERE address = ?
        """,
        values,
    )
    return thread.row_id


def _save_communities(connection: Connection, names: set[tuple[str, str]]) -> dict[tuple[str, str], int]:
    ids = {}
    for platform, name in sorted(names):
        address = f"{platform}:{name.casefold()}"
        connection.execute(
            "INSERT INTO communities (address, platform, name) VALUES (?, ?, ?) ON CONFLICT (address) DO UPDATE"
            " SET name = excluded.name WHERE excluded.name > name",
            (address, platform, name),
        )
        row = connection.execute("SELECT id FROM communities WHERE address = ?", (address,)).fetchone()
        ids[platform, name] = int(row["id"])
    return ids


def note_walk(connection: Connection, address: str, source: str, now: str) -> None:
    """Note that a thread was walked to its end."""
    connection.execute("UPDATE threads SET walked_at = ?, walked_by = ? WHERE address = ?", (now, source, address))


def known_ids(connection: Connection, address: str) -> list[str]:
    """Native ids of the stored posts of a thread, in order of time."""
    rows = connection.execute(
        "SELECT p.native_id FROM posts p JOIN threads t ON t.id = p.thread WHERE t.address = ? ORDER BY p.id",
        (address,),
    )
    return [row["native_id"] for row in rows]


def declared_at_walk(connection: Connection, address: str) -> int | None:
    """How many replies a thread announced when it was last walked; None if it never was, or announced nothing."""
    row = connection.execute(
        "SELECT declared_count FROM threads WHERE address = ? AND walked_at IS NOT NULL", (address,)
    ).fetchone()
    return None if row is None else row["declared_count"]


def thread_of_post(connection: Connection, address: str) -> str | None:
    """The address of the thread in which a post stands; None if it is not stored."""
    row = connection.execute(
        "SELECT t.address FROM posts p JOIN threads t ON t.id = p.thread WHERE p.address = ?", (address,)
    ).fetchone()
    return None if row is None else str(row["address"])


def gaps(connection: Connection) -> list[dict[str, Any]]:
    """Threads of which something is known to be missing, the emptiest first.

    Each row has `address, platform, url, stored_count, declared_count, coverage, to_fetch, why`: pieces of work that are
    still to be done, and what stood in the way of those that were given up.
    """
    rows = connection.execute(
        """
        SELECT t.address, t.platform, t.url, t.stored_count, t.declared_count, t.coverage,
               nullif((SELECT count(*) FROM frontier f WHERE f.target = t.native_id AND f.state = 'todo'), 0) AS to_fetch,
               (SELECT group_concat(DISTINCT f.problem) FROM frontier f
                 WHERE f.target = t.native_id AND f.problem IS NOT NULL) AS why
          FROM threads t
         WHERE t.platform NOT IN ('note', 'example')
           AND (t.coverage < 1 OR to_fetch IS NOT NULL OR why IS NOT NULL
                OR (t.declared_count IS NULL AND EXISTS (SELECT 1 FROM posts p WHERE p.thread = t.id)))
         ORDER BY t.coverage, t.address
        """
    )
    return [dict(row) for row in rows]


def walked(connection: Connection) -> list[dict[str, Any]]:
    """Threads that a source walked: `platform, native_id, created_at, walked_at`, the last two in UTC."""
    rows = connection.execute(
        """
        SELECT t.platform, t.native_id, p.created_at, t.walked_at FROM threads t
          LEFT JOIN posts p ON p.thread = t.id AND p.parent IS NULL AND p.native_id = t.native_id
         WHERE t.walked_at IS NOT NULL ORDER BY t.address
        """
    )
    return [dict(row) for row in rows]


def settle_threads(connection: Connection) -> None:
    """Bring what follows from neighbours up to date: orphans, and each thread's stored count and coverage."""
    connection.execute(
        """
        UPDATE posts SET state = 'orphan'
         WHERE state = 'live' AND parent IS NOT NULL AND parent NOT IN (SELECT address FROM posts)
        """
    )
    connection.execute(
        "UPDATE posts SET state = 'live' WHERE state = 'orphan'"
        " AND (parent IS NULL OR parent IN (SELECT address FROM posts))"
    )
    connection.execute(
        """
        WITH counted AS (
          SELECT t.id AS thread, count(p.parent) AS replies FROM threads t LEFT JOIN posts p ON p.thread = t.id GROUP BY t.id
        )
        UPDATE threads
           SET stored_count = counted.replies,
               coverage = CASE WHEN declared_count > 0 THEN min(1.0, 1.0 * counted.replies / declared_count)
                               WHEN declared_count = 0 THEN 1.0 END
          FROM counted
         WHERE counted.thread = threads.id
        """
    )


def declared_counts(connection: Connection) -> dict[str, int]:
    """How many replies each thread announces, by its address, where that is known."""
    rows = connection.execute("SELECT address, declared_count FROM threads WHERE declared_count IS NOT NULL")
    return {row["address"]: row["declared_count"] for row in rows}
