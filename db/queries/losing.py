"""What is taken out of a study: tombstones, words that others quote, what nobody has confirmed for long."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from sqlite3 import Connection  # noqa: TID251 - this is the one home of SQL
from typing import Any

from db.lost import LostWords, blank
from db.queries.batches import chunks, marks
from db.queries.search import leave_index
from db.queries.study import note_lost_text
from db.records import Author, Lost, Observation
from db.spans import own_text
from db.tokens import tokens

_HOLDS_TEXT = "(p.text IS NOT NULL OR p.title IS NOT NULL)"
_NOTES = (
    ("memos", "id", "text"),
    ("leads", "id", "claim"),
    ("unreadable", "id", "item"),
    ("unreadable", "id", "problem"),
    ("codebook_revisions", "revision", "content"),
    ("coding_events", "id", "reason"),
    ("code_changes", "id", "reason"),
    ("program_runs", "id", "answers"),
    ("quotes", "id", "note"),
    ("reports", "id", "definition"),
    ("reports", "id", "content"),
)
"""Where else words of posts may stand: table, key and column."""


def lost_words(connection: Connection, key: bytes) -> LostWords:
    """What is known of all words that were lost."""
    return LostWords(key, frozenset(row["hash"] for row in connection.execute("SELECT hash FROM lost_words")))


def learn_lost_words(connection: Connection, key: bytes, lost: Iterable[Lost]) -> int:
    """Remember lost texts by the hashes of their parts; return how many parts are new."""
    words = LostWords(key)
    parts = {part for text in lost for part in words.parts(text)}
    before = connection.total_changes
    connection.executemany("INSERT OR IGNORE INTO lost_words (hash) VALUES (?)", [(part,) for part in sorted(parts)])
    return connection.total_changes - before


def restored(connection: Connection) -> Iterator[Lost]:
    """The texts of posts that show one although they were once seen deleted.

    Their words count as lost too: whether they were seen before the deletion depends on the order of arrival otherwise.
    """
    rows = connection.execute(
        """
        SELECT t.native_id AS thread, told.title, told.text
          FROM observations o JOIN posts p ON p.id = o.post JOIN threads t ON t.id = p.thread
          JOIN (SELECT id AS post, title, text FROM posts UNION ALL SELECT post, title, text FROM revisions) told
            ON told.post = p.id
         WHERE o.text_gone IS NOT NULL AND (told.title IS NOT NULL OR told.text IS NOT NULL)
        """
    )
    yield from (Lost(row["thread"], row["title"], row["text"]) for row in rows)


def blank_lost_words(connection: Connection, words: LostWords) -> int:
    """Blank lost words wherever they are repeated; return how many rows changed."""
    return blank_quotations(connection, words) + blank_notes(connection, words)


def blank_quotations(connection: Connection, words: LostWords) -> int:
    """Blank lost words that posts and their revisions quote; return how many rows changed.

    A text keeps its length and its hash, so that codings of it stay where they are.
    """
    changed = 0
    for table, query in _QUOTING.items():
        found = [
            (after, row["id"])
            for row in connection.execute(query)
            if (after := words.blank_quotes(row["text"], row["thread"])) != row["text"]
        ]
        connection.executemany(f"UPDATE {table} SET text = ? WHERE id = ?", found)  # noqa: S608 - our own names
        if table == "posts":
            leave_index(connection, [post for _, post in found])
        changed += len(found)
    if changed:
        note_lost_text(connection)
    return changed


def blank_notes(connection: Connection, words: LostWords) -> int:
    """Blank lost words in memos, leads, unreadable items, codebooks and reasons, unless a live post says them.

    Returns how many changed. A table that an older copy of the database lacks holds none.
    """
    found = [
        (table, key, column, row["key"], row["text"], stretches)
        for table, key, column in _NOTES
        if connection.execute("SELECT 1 FROM pragma_table_info(?) WHERE name = ?", (table, column)).fetchone()
        for row in connection.execute(f"SELECT {key} AS key, {column} AS text FROM {table} WHERE {column} IS NOT NULL")  # noqa: S608
        if (stretches := words.stretches(row["text"]))
    ]
    spared = still_said(connection, {stretch.words for *_, stretches in found for stretch in stretches})
    changed = 0
    for table, key, column, row_key, before, stretches in found:
        after = blank(before, stretches, spared)
        if after != before:
            connection.execute(f"UPDATE OR REPLACE {table} SET {column} = ? WHERE {key} = ?", (after, row_key))  # noqa: S608
            changed += 1
    if changed:
        note_lost_text(connection)
    return changed


def still_said(connection: Connection, wanted: Collection[tuple[str, ...]]) -> frozenset[tuple[str, ...]]:
    """Those of these stretches of folded words that some live post holds as its own words."""
    by_first: dict[str, set[tuple[str, ...]]] = {}
    for stretch in wanted:
        by_first.setdefault(stretch[0], set()).add(stretch)
    found: set[tuple[str, ...]] = set()
    for row in connection.execute(_TEXTS) if wanted else ():
        for text in filter(None, (row["title"], own_text(row["text"] or ""))):
            said = tuple(token.folded for token in tokens(text))
            for at, word in enumerate(said):
                found.update(stretch for stretch in by_first.get(word, ()) if said[at : at + len(stretch)] == stretch)
    return frozenset(found)


_TEXTS = f"SELECT p.title, p.text FROM posts p WHERE {_HOLDS_TEXT}"  # noqa: S608 - only a constant is put in
_QUOTING = {
    "posts": "SELECT p.id, p.text, t.native_id AS thread FROM posts p JOIN threads t ON t.id = p.thread"
    " WHERE instr(p.text, '>')",
    "revisions": "SELECT r.id, r.text, t.native_id AS thread FROM revisions r JOIN posts p ON p.id = r.post"
    " JOIN threads t ON t.id = p.thread WHERE instr(r.text, '>')",
}


def tombstones(
    connection: Connection, addresses: Sequence[str], state: str, at: str | None, *, author_too: bool
) -> list[Observation]:
    """Observations that take the texts of stored posts away, and what names their author if that is wanted.

    `at` is when they were found gone; None beats whatever is seen of them at any time.
    """
    found = []
    for chunk in chunks(addresses):
        query = f"""
            SELECT p.platform, p.native_id, t.native_id AS thread, p.parent, p.kind, p.created_at, p.url, p.private
              FROM posts p JOIN threads t ON t.id = p.thread WHERE p.address IN ({marks(chunk)})
        """  # noqa: S608 - only question marks are put in
        for row in connection.execute(query, chunk):
            gone = Author(f"{row['platform']}:[deleted]/{row['thread']}", is_gone=True) if author_too else None
            found.append(
                Observation(
                    platform=row["platform"], native_id=row["native_id"], thread=row["thread"],
                    parent=row["parent"] and row["parent"].partition(":")[2], kind=row["kind"], author=gone,
                    community=None, created_at=row["created_at"], edited_at=None, title=None, text=None, url=row["url"],
                    thread_url=None, score=None, state=state, observed_at=at, private=bool(row["private"]),
                )
            )  # fmt: skip
    return found


def posts_of_author(connection: Connection, author: str) -> list[str]:
    """The addresses of all posts of an author."""
    rows = connection.execute(
        "SELECT p.address FROM posts p JOIN authors a ON a.id = p.author WHERE a.address = ? ORDER BY p.address",
        (author,),
    )
    return [row["address"] for row in rows]


def forget_traces(connection: Connection, addresses: Sequence[str], author: str | None) -> None:
    """Delete what else is kept of forgotten posts and of an author who has no post left: scores, memos, the author."""
    note_lost_text(connection)
    for chunk in chunks(addresses):
        held = marks(chunk)
        connection.execute(f"DELETE FROM memos WHERE about IN ({held})", chunk)  # noqa: S608
        connection.execute(
            f"DELETE FROM scores WHERE post IN (SELECT id FROM posts WHERE address IN ({held}))",  # noqa: S608
            chunk,
        )
    if author is not None:
        connection.execute(
            "DELETE FROM authors WHERE address = ? AND id NOT IN (SELECT author FROM posts WHERE author IS NOT NULL)",
            (author,),
        )


def is_to_be_scrubbed(connection: Connection) -> bool:
    """Whether a text was taken away since the file was last rewritten, by a run that was killed too."""
    return connection.execute("SELECT 1 FROM meta WHERE key = 'lost_texts'").fetchone() is not None


def suppress(connection: Connection, hashes: Iterable[tuple[str, str]], since: str) -> None:
    """Note that posts or authors (keyed hash, kind) are never to come back."""
    connection.executemany(
        "INSERT OR IGNORE INTO suppressions (hash, kind, since) VALUES (?, ?, ?)", [(*found, since) for found in hashes]
    )


def suppressed(connection: Connection) -> frozenset[str]:
    """The keyed hashes of all that is never to come back."""
    return frozenset(row["hash"] for row in connection.execute("SELECT hash FROM suppressions"))


def unconfirmed(connection: Connection, platform: str, before: str) -> list[str]:
    """Native ids of posts that show a text and were last seen before this moment, those seen longest ago first."""
    rows = connection.execute(
        f"""
        SELECT p.native_id FROM public_posts p
         WHERE p.platform = ? AND {_HOLDS_TEXT} AND coalesce(p.observed_at, p.stored_at) < ?
         ORDER BY coalesce(p.observed_at, p.stored_at), p.native_id
        """,  # noqa: S608 - only a constant is put in
        (platform, before),
    )
    return [row["native_id"] for row in rows]


def unconfirmed_counts(connection: Connection, before: str) -> dict[str, int]:
    """How many posts of each platform show a text and were last seen before this moment."""
    rows = connection.execute(
        f"""
        SELECT p.platform, count(*) AS posts FROM public_posts p
         WHERE p.platform <> 'example' AND {_HOLDS_TEXT} AND coalesce(p.observed_at, p.stored_at) < ?
         GROUP BY p.platform ORDER BY p.platform
        """,  # noqa: S608 - only a constant is put in
        (before,),
    )
    return {row["platform"]: row["posts"] for row in rows}


def note_missing(connection: Connection, addresses: Sequence[str], now: str, long_ago: str) -> list[str]:
    """Note posts that were asked for and did not come; return those missed at an earlier look too, before `long_ago`."""
    twice: list[str] = []
    for chunk in chunks(addresses):
        query = f"""
            SELECT p.address FROM posts p JOIN observations o ON o.post = p.id
             WHERE p.address IN ({marks(chunk)}) AND o.missed_at <= ? AND {_HOLDS_TEXT} ORDER BY p.address
        """  # noqa: S608
        twice += [row["address"] for row in connection.execute(query, (*chunk, long_ago))]
        held = f"SELECT id FROM posts WHERE address IN ({marks(chunk)})"  # noqa: S608
        connection.execute(
            f"UPDATE observations SET missed_at = ? WHERE missed_at IS NULL AND post IN ({held})",  # noqa: S608
            (now, *chunk),
        )
    return twice


def record_export(connection: Connection, kind: str, now: str, posts: int) -> None:
    """Note that texts left the study."""
    connection.execute("INSERT INTO exports (kind, made_at, posts) VALUES (?, ?, ?)", (kind, now, posts))


def stale_exports(connection: Connection) -> list[dict[str, Any]]:
    """Exports and reports made before a post lost its text, with how many such posts they may hold."""
    rows = connection.execute(
        """
        WITH made (kind, made_at) AS (
            SELECT kind, made_at FROM exports UNION ALL
            SELECT 'report', max(built_at) FROM reports HAVING max(built_at) IS NOT NULL)
        SELECT kind, made_at, (SELECT count(*) FROM losses WHERE lost_at >= made_at) AS lost FROM made
         WHERE lost > 0 ORDER BY made_at, kind
        """
    )
    return [dict(row) for row in rows]


def once_deleted(connection: Connection) -> Iterator[tuple[str, str | None]]:
    """The address of each post that was ever seen deleted, and the hash of the text that it shows again, if it does."""
    rows = connection.execute(
        "SELECT p.address, p.text_sha FROM posts p JOIN observations o ON o.post = p.id"
        " WHERE o.text_gone IS NOT NULL ORDER BY p.address"
    )
    yield from ((row["address"], row["text_sha"]) for row in rows)


def blank_texts(connection: Connection, gone: Iterable[tuple[str, str | None]]) -> None:
    """Take deleted posts out of an older copy of the database: texts but for those shown again, revisions and authors."""
    connection.executemany(
        """
        UPDATE posts SET title = NULL, text = NULL, author = NULL
         WHERE address = ? AND text_sha IS NOT ? AND (title IS NOT NULL OR text IS NOT NULL OR author IS NOT NULL)
        """,
        (known := list(gone)),
    )
    connection.executemany(
        "DELETE FROM revisions WHERE post = (SELECT id FROM posts WHERE address = ?)",
        [(address,) for address, _ in known],
    )
    connection.execute("DELETE FROM authors WHERE id NOT IN (SELECT author FROM posts WHERE author IS NOT NULL)")
