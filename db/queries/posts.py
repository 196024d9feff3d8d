"""Storing observations and reading posts."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from sqlite3 import Connection, Row  # noqa: TID251 - this is the one home of SQL
from typing import Any

from db.merge import Earlier, Key, Merged, merge, text_hash
from db.queries.batches import chunks, marks
from db.queries.study import note_lost_text
from db.queries.threads import save_threads, thread_ids
from db.records import Author, Counts, Lost, Observation

_HASH_BITS = 21
_SHOWN_FIELDS = 15
"""All fields of a post but the last, which is when it was seen."""

_LOAD = """
SELECT p.id, p.address, p.platform, p.native_id, t.native_id AS thread, p.parent, p.kind, p.created_at, p.edited_at,
       p.title, p.text, p.text_sha, p.url, p.score, p.state, p.observed_at, p.private, p.quoted, p.cut,
       a.address AS author, a.is_bot, a.is_gone,
       o.place_at, o.place_sha, o.score_at, o.score_sha, o.author_at, o.author_sha, o.author_gone,
       o.text_at, o.text_sha AS text_key, o.text_gone, o.gone_state, o.gone_at, o.gone_sha
  FROM posts p
  JOIN threads t ON t.id = p.thread
  JOIN observations o ON o.post = p.id
  LEFT JOIN authors a ON a.id = p.author
 WHERE p.address IN ({marks})
"""

_POST_COLUMNS = (
    "id, address, platform, native_id, thread, parent, kind, author, created_at, edited_at, title, text, text_sha, url, "
    "score, state, observed_at, private, quoted, cut"
)
_OBSERVATION_COLUMNS = (
    "post, place_at, place_sha, score_at, score_sha, author_at, author_sha, author_gone, text_at, text_sha, text_gone, "
    "gone_state, gone_at, gone_sha"
)


def save_observations(connection: Connection, observations: Sequence[Observation]) -> Counts:
    """Merge observations into the stored posts, inside the caller's transaction."""
    counts = Counts(seen=len(observations))
    addresses = list(dict.fromkeys(observation.address for observation in observations))
    stored = _load(connection, addresses)
    before = {address: _comparable(merged) for address, merged in stored.items()}
    texts_before = {address: _texts(merged) for address, merged in stored.items()}
    for seen in observations:
        known = stored.get(seen.address)
        if known is None:
            known = stored[seen.address] = Merged(seen.address, seen.platform, seen.native_id)
        merge(known, seen)
    threads = save_threads(connection, observations)
    touched = [merged for address, merged in stored.items() if _comparable(merged) != before.get(address)]
    named = (seen.author for seen in observations if seen.author is not None)
    kept = (merged.author for merged in touched if merged.author is not None)
    authors = _save_authors(connection, (*kept, *named))
    # A post may stay in the thread in which an earlier observation saw it, whatever these say.
    threads |= thread_ids(connection, {f"{merged.platform}:{merged.thread}" for merged in touched} - threads.keys())
    counts.new = sum(merged.row_id is None for merged in touched)
    # A post that is as it was, and was only seen once more, has not changed.
    counts.changed = sum(
        merged.row_id is not None and _shown(_comparable(merged)) != _shown(before[merged.address])
        for merged in touched
    )
    _write(connection, touched, threads, authors)
    counts.lost = _lost(connection, stored, texts_before, observations)
    _keep_scores(connection, observations, stored)
    _found_again(connection, stored.values())
    return counts


def _texts(merged: Merged) -> dict[str, tuple[str | None, str | None]]:
    """The texts that are known of a post, by hash."""
    found = {sha: (old.title, old.text) for sha, old in merged.earlier.items()}
    return found if merged.text_hash is None else found | {merged.text_hash: (merged.title, merged.text)}


def _lost(
    connection: Connection,
    stored: dict[str, Merged],
    before: dict[str, dict[str, tuple[str | None, str | None]]],
    observations: Iterable[Observation],
) -> list[Lost]:
    """The texts of deleted posts: those that were stored until now, and those that came and were not stored."""
    gone = {address: _texts(merged) for address, merged in stored.items() if merged.text_gone is not None}
    taken = [
        (address, found, told)
        for address, kept in gone.items()
        for found, told in before.get(address, {}).items()
        if found not in kept
    ]
    if taken:
        note_lost_text(connection)
        connection.executemany(
            "INSERT OR REPLACE INTO losses (post) VALUES (?)", [(stored[address].row_id,) for address, _, _ in taken]
        )
    refused = [
        (seen.address, text_hash(seen.title, seen.text), (seen.title, seen.text))
        for seen in observations
        if seen.address in gone and (seen.title or seen.text)
    ]
    told = {(address, found): texts for address, found, texts in (*taken, *refused) if found not in gone[address]}
    return [Lost(stored[address].thread, *texts) for (address, _), texts in told.items()]


def _keep_scores(connection: Connection, observations: Iterable[Observation], stored: dict[str, Merged]) -> None:
    """Keep one score a day and post, the last one seen on it, whatever the order in which they arrive."""
    connection.executemany(
        """
        INSERT INTO scores (post, day, observed_at, score) VALUES (?, ?, ?, ?)
        ON CONFLICT (post, day) DO UPDATE SET observed_at = excluded.observed_at, score = excluded.score
         WHERE (excluded.observed_at, excluded.score) > (scores.observed_at, scores.score)
        """,
        [
            (stored[seen.address].row_id, seen.observed_at[:10], seen.observed_at, seen.score)
            for seen in observations
            if seen.score is not None and seen.observed_at is not None
        ],
    )


def _found_again(connection: Connection, posts: Iterable[Merged]) -> None:
    missed = {row["post"] for row in connection.execute("SELECT post FROM observations WHERE missed_at IS NOT NULL")}
    again = [(merged.row_id,) for merged in posts if merged.row_id in missed]
    connection.executemany("UPDATE observations SET missed_at = NULL WHERE post = ?", again)


def _comparable(merged: Merged) -> tuple[Any, ...]:
    """All of it that is stored, copied, so that a later comparison tells whether anything changed."""
    cells = (merged.place, merged.scored, merged.named, merged.texted, merged.gone)
    return (
        *_fields(merged),
        *((key.at, key.sha) for key in cells),
        merged.author_gone,
        merged.text_gone,
        merged.gone_state,
        tuple((found, old.observed_at) for found, old in sorted(merged.earlier.items())),
    )


def _shown(comparable: tuple[Any, ...]) -> tuple[Any, ...]:
    """What of it people are shown: the fields, and how many earlier texts there are."""
    return (*comparable[:_SHOWN_FIELDS], len(comparable[-1]))


def _fields(merged: Merged) -> tuple[Any, ...]:
    return (
        merged.thread, merged.parent, merged.kind, merged.author, merged.created_at, merged.edited_at, merged.title,
        merged.text, merged.text_hash, merged.url, merged.score, merged.state, merged.private, merged.quoted, merged.cut,
        merged.observed_at,
    )  # fmt: skip


def _load(connection: Connection, addresses: Sequence[str]) -> dict[str, Merged]:
    found: dict[str, Merged] = {}
    by_row: dict[int, Merged] = {}
    for chunk in chunks(addresses):
        for row in connection.execute(_LOAD.format(marks=marks(chunk)), chunk):
            merged = found[row["address"]] = _from_row(row)
            by_row[row["id"]] = merged
    for ids in chunks(list(by_row)):
        query = f"SELECT post, text_sha, title, text, observed_at FROM revisions WHERE post IN ({marks(ids)})"  # noqa: S608
        for row in connection.execute(query, ids):
            by_row[row["post"]].earlier[row["text_sha"]] = Earlier(row["title"], row["text"], row["observed_at"])
    return found


def _from_row(row: Row) -> Merged:
    author = Author(row["author"], bool(row["is_bot"]), bool(row["is_gone"])) if row["author"] else None
    return Merged(
        row["address"], row["platform"], row["native_id"], row["id"], bool(row["private"]),
        thread=row["thread"], parent=_native(row["parent"]), kind=row["kind"], created_at=row["created_at"],
        url=row["url"], score=row["score"], author=author, title=row["title"], text=row["text"],
        text_hash=row["text_sha"], cut=bool(row["cut"]), quoted=_native(row["quoted"]), edited_at=row["edited_at"], observed_at=row["observed_at"],
        place=Key(row["place_at"] or "", row["place_sha"]), scored=Key(row["score_at"] or "", row["score_sha"]),
        named=Key(row["author_at"] or "", row["author_sha"]), author_gone=row["author_gone"],
        texted=Key(row["text_at"] or "", row["text_key"]), text_gone=row["text_gone"],
        gone_state=row["gone_state"], gone=Key(row["gone_at"] or "", row["gone_sha"]),
    )  # fmt: skip


def _native(address: str | None) -> str | None:
    return None if address is None else address.partition(":")[2]


def _save_authors(connection: Connection, authors: Iterable[Author]) -> dict[str, int]:
    distinct: dict[str, Author] = {}
    for author in authors:
        if author.address not in distinct or author.is_bot:
            distinct[author.address] = author
    connection.executemany(
        "INSERT INTO authors (address, platform, is_bot, is_gone) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (address) DO UPDATE SET is_bot = 1 WHERE excluded.is_bot > is_bot",
        [(a.address, a.address.partition(":")[0], int(a.is_bot), int(a.is_gone)) for a in distinct.values()],
    )
    ids: dict[str, int] = {}
    for chunk in chunks(list(distinct)):
        query = f"SELECT address, id FROM authors WHERE address IN ({marks(chunk)})"  # noqa: S608
        ids.update((row["address"], row["id"]) for row in connection.execute(query, chunk))
    return ids


def _write(connection: Connection, posts: Sequence[Merged], threads: dict[str, int], authors: dict[str, int]) -> None:
    old = [merged.row_id for merged in posts if merged.row_id is not None]
    orphans = _orphans(connection, old)
    connection.executemany("DELETE FROM revisions WHERE post = ?", [(row_id,) for row_id in old])
    for merged in posts:
        if merged.row_id is None:
            merged.row_id = _free_id(connection, merged)
            _insert(connection, "posts", _POST_COLUMNS, _post_values(merged, merged.state, threads, authors))
            _insert(connection, "observations", _OBSERVATION_COLUMNS, _observation_values(merged))
        else:
            state = "orphan" if merged.state == "live" and merged.row_id in orphans else merged.state
            _update(connection, "posts", "id", _POST_COLUMNS, _post_values(merged, state, threads, authors))
            _update(connection, "observations", "post", _OBSERVATION_COLUMNS, _observation_values(merged))
        connection.executemany(
            "INSERT INTO revisions (post, text_sha, title, text, observed_at) VALUES (?, ?, ?, ?, ?)",
            [(merged.row_id, sha, e.title, e.text, e.observed_at) for sha, e in sorted(merged.earlier.items())],
        )


def _orphans(connection: Connection, ids: Sequence[int]) -> set[int]:
    found: set[int] = set()
    for chunk in chunks(ids):
        query = f"SELECT id FROM posts WHERE state = 'orphan' AND id IN ({marks(chunk)})"  # noqa: S608
        found.update(row["id"] for row in connection.execute(query, chunk))
    return found


def _free_id(connection: Connection, merged: Merged) -> int:
    """An id that sorts by time whatever the order of arrival: seconds, then bits of the address's hash."""
    seconds = int(datetime.fromisoformat(merged.created_at).timestamp()) if merged.created_at else 0
    bits = int.from_bytes(hashlib.sha256(merged.address.encode()).digest()[:4]) >> (32 - _HASH_BITS)
    candidate = (max(seconds, 0) << _HASH_BITS) | bits
    while connection.execute("SELECT 1 FROM posts WHERE id = ?", (candidate,)).fetchone():
        candidate += 1
    return candidate


def _post_values(merged: Merged, state: str, threads: dict[str, int], authors: dict[str, int]) -> tuple[Any, ...]:
    parent, quoted = (named and f"{merged.platform}:{named}" for named in (merged.parent, merged.quoted))
    return (
        merged.row_id, merged.address, merged.platform, merged.native_id,
        threads[f"{merged.platform}:{merged.thread}"], parent, merged.kind,
        None if merged.author is None else authors[merged.author.address], merged.created_at, merged.edited_at,
        merged.title, merged.text, merged.text_hash, merged.url, merged.score, state, merged.observed_at,
        int(merged.private), quoted, int(merged.cut),
    )  # fmt: skip


def _observation_values(merged: Merged) -> tuple[Any, ...]:
    return (
        merged.row_id, merged.place.at or None, merged.place.sha, merged.scored.at or None, merged.scored.sha,
        merged.named.at or None, merged.named.sha, merged.author_gone, merged.texted.at or None, merged.texted.sha,
        merged.text_gone, merged.gone_state, merged.gone.at or None, merged.gone.sha,
    )  # fmt: skip


def _insert(connection: Connection, table: str, columns: str, values: tuple[Any, ...]) -> None:
    connection.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks(values)})", values)  # noqa: S608


def _update(connection: Connection, table: str, key: str, columns: str, values: tuple[Any, ...]) -> None:
    names = [name for name in columns.split(", ") if name != key]
    assignments = ", ".join(f"{name} = ?" for name in names)
    connection.execute(f"UPDATE {table} SET {assignments} WHERE {key} = ?", (*values[1:], values[0]))  # noqa: S608


def texts_for_duplicates(connection: Connection) -> Iterator[tuple[int, str]]:
    """The id and text of every public post that still shows one and is not a bot's, in time order."""
    yield from connection.execute(
        """
        SELECT p.id, p.text FROM public_posts p LEFT JOIN authors a ON a.id = p.author
         WHERE p.text IS NOT NULL AND coalesce(a.is_bot, 0) = 0
         ORDER BY p.created_at, p.address
        """
    )


def replace_duplicates(connection: Connection, links: Iterable[tuple[int, int]]) -> None:
    """Store which post repeats which, in place of what was known."""
    connection.execute("DELETE FROM edges WHERE kind = 'duplicate_of'")
    connection.executemany("INSERT INTO edges (source, target, kind) VALUES (?, ?, 'duplicate_of')", links)


_EXPORT = """
SELECT p.address, p.platform, p.native_id, t.address AS thread, p.parent, a.address AS author, p.kind,
       c.name AS community, p.created_at, p.edited_at, p.title, p.text, p.url, p.score, p.state,
       (SELECT count(*) FROM revisions r WHERE r.post = p.id) AS revisions, p.observed_at
  FROM posts p
  JOIN threads t ON t.id = p.thread
  LEFT JOIN communities c ON c.id = t.community
  LEFT JOIN authors a ON a.id = p.author
 WHERE p.private = ?
 ORDER BY p.created_at, p.address
"""


def exported_posts(connection: Connection, *, private: bool = False) -> Iterator[dict[str, Any]]:
    """Every public post as `export posts` shows it, by time and address; or, for a backup, every private note."""
    for row in connection.execute(_EXPORT, (int(private),)):
        yield dict(row) | {"private": True} if private else dict(row)


def ids_by_address(connection: Connection, addresses: Sequence[str]) -> dict[str, tuple[int, str | None]]:
    """The internal id and the text hash of each of these posts that is stored."""
    found: dict[str, tuple[int, str | None]] = {}
    for chunk in chunks(addresses):
        query = f"SELECT address, id, text_sha FROM posts WHERE address IN ({marks(chunk)})"  # noqa: S608
        found.update((row["address"], (row["id"], row["text_sha"])) for row in connection.execute(query, chunk))
    return found
