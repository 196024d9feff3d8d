"""Packets: which went out to whom, what a coder needs to see of a study, and the small database that holds it."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from sqlite3 import Connection  # noqa: TID251 - this is the one home of SQL
from typing import Any

from db.queries.batches import chunks, marks

_NO_MOMENT = "1970-01-01T00:00:00Z"
_SHOWN = (
    "id", "address", "platform", "native_id", "parent", "kind", "created_at", "edited_at", "title", "text", "text_sha",
    "score", "state", "quoted", "cut",
)  # fmt: skip
"""What a packet holds of a post: nothing of its author, no link, no time of observation."""


@dataclass(frozen=True, slots=True)
class PacketRow:
    """A packet as it was recorded when it went out.

    Attributes:
        posts: how many there are to read in it.
        returned_at: when something of it came back first; None before.
    """

    id: str
    coder: str
    sample: str
    round: str | None
    codebook_revision: str
    posts: int
    made_at: str
    returned_at: str | None = None


def record_packet(connection: Connection, packet: PacketRow) -> None:
    """Note that a packet went out; one that went out before in the same form is noted with the later time."""
    connection.execute(
        """
        INSERT INTO packets (id, coder, sample, round, codebook_revision, posts, made_at) VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET made_at = excluded.made_at
        """,
        (packet.id, packet.coder, packet.sample, packet.round, packet.codebook_revision, packet.posts, packet.made_at),
    )


def mark_returned(connection: Connection, name: str, now: str) -> None:
    """Note that a packet came back; one that did so before keeps its time."""
    connection.execute("UPDATE packets SET returned_at = ? WHERE id = ? AND returned_at IS NULL", (now, name))


def packets(connection: Connection) -> list[PacketRow]:
    """All packets, in the order in which they went out."""
    rows = connection.execute(
        "SELECT id, coder, sample, round, codebook_revision, posts, made_at, returned_at FROM packets"
        " ORDER BY made_at, id"
    )
    return [PacketRow(*tuple(row)) for row in rows]


def in_context(connection: Connection, posts: Sequence[int], replies: int) -> list[int]:
    """These public posts, all that they answer up to the first of their thread, and so many first replies to each."""
    found: set[int] = set()
    for chunk in chunks(posts):
        rows = connection.execute(
            f"""
            WITH RECURSIVE above (id, parent, thread) AS (
                SELECT id, parent, thread FROM public_posts WHERE id IN ({marks(chunk)})
                UNION
                SELECT p.id, p.parent, p.thread FROM above a JOIN public_posts p ON p.address = a.parent)
            SELECT id FROM above
            UNION
            SELECT p.id FROM above a JOIN threads t ON t.id = a.thread JOIN public_posts p ON p.address = t.address
            UNION
            SELECT id FROM (
                SELECT p.id, row_number() OVER (PARTITION BY p.parent ORDER BY p.id) AS place
                  FROM public_posts o JOIN public_posts p ON p.parent = o.address
                 WHERE o.id IN ({marks(chunk)}))
             WHERE place <= ?
            """,  # noqa: S608 - only question marks are put in
            (*chunk, *chunk, replies),
        )
        found.update(row["id"] for row in rows)
    return sorted(found)


def shown_posts(connection: Connection, posts: Sequence[int]) -> Iterator[dict[str, Any]]:
    """What a packet holds of these public posts, with the address, platform and native id of the thread of each."""
    columns = ", ".join(f"p.{name}" for name in _SHOWN)
    for chunk in chunks(posts):
        rows = connection.execute(
            f"""
            SELECT {columns}, t.address AS thread, t.native_id AS thread_id
              FROM public_posts p JOIN threads t ON t.id = p.thread WHERE p.id IN ({marks(chunk)}) ORDER BY p.id
            """,  # noqa: S608 - only our own names and question marks are put in
            chunk,
        )
        yield from map(dict, rows)


def fill(connection: Connection, posts: Iterable[dict[str, Any]]) -> None:
    """Put posts as `shown_posts` gives them into an empty database, numbered anew in their order."""
    threads: dict[str, int] = {}
    for number, post in enumerate(posts, start=1):
        if post["thread"] not in threads:
            threads[post["thread"]] = len(threads) + 1
            connection.execute(
                "INSERT INTO threads (id, address, platform, native_id) VALUES (?, ?, ?, ?)",
                (threads[post["thread"]], post["thread"], post["platform"], post["thread_id"]),
            )
        row = {name: post[name] for name in _SHOWN}
        row |= {"id": number, "thread": threads[post["thread"]], "stored_at": _NO_MOMENT}
        connection.execute(
            f"INSERT INTO posts ({', '.join(row)}) VALUES ({marks(tuple(row))})",  # noqa: S608 - our own names
            tuple(row.values()),
        )
        connection.execute("INSERT INTO observations (post) VALUES (?)", (number,))


def as_file(connection: Connection) -> bytes:
    """A database as the bytes of its file, without the time at which it was made."""
    connection.execute("UPDATE _sqlite_migrations SET applied_at = ?", (_NO_MOMENT,))
    connection.execute("VACUUM")
    return connection.serialize()


def own_codings(connection: Connection, coder: str) -> dict[str, bool]:
    """All that a person ever coded, by its hash: whether it stands."""
    rows = connection.execute(
        """
        SELECT e.uid, e.undone_by IS NULL AS stands FROM coding_events e JOIN coders r ON r.id = e.coder
         WHERE r.name = ? AND r.kind = 'person' AND e.undo_of IS NULL ORDER BY e.id
        """,
        (coder,),
    )
    return {row["uid"]: bool(row["stands"]) for row in rows}


def memos(connection: Connection) -> list[dict[str, Any]]:
    """All memos, in the order in which they were written."""
    rows = connection.execute("SELECT about, text, created_at FROM memos ORDER BY created_at, about, text")
    return [dict(row) for row in rows]


def standing_ids(connection: Connection, coder: str, uids: Collection[str], posts: Collection[str]) -> list[int]:
    """The ids of a person's standing codings of these posts that bear these hashes."""
    wanted = frozenset(posts)
    found: list[int] = []
    for chunk in chunks(sorted(uids)):
        rows = connection.execute(
            f"""
            SELECT e.id, p.address FROM coding_events e
              JOIN coders r ON r.id = e.coder
              JOIN posts p ON p.id = e.post
             WHERE r.name = ? AND r.kind = 'person' AND e.undone_by IS NULL AND e.undo_of IS NULL
               AND e.uid IN ({marks(chunk)})
            """,  # noqa: S608 - only question marks are put in
            (coder, *chunk),
        )
        found += [row["id"] for row in rows if row["address"] in wanted]
    return found


def no_longer_standing(connection: Connection, uids: Sequence[str]) -> list[str]:
    """Those of these hashes whose codings are here, but were taken back and not brought back."""
    found: list[str] = []
    for chunk in chunks(uids):
        rows = connection.execute(
            f"""
            SELECT o.uid FROM coding_events o
             WHERE o.uid IN ({marks(chunk)}) AND o.undone_by IS NOT NULL AND NOT EXISTS (
                   SELECT 1 FROM coding_events s
                    WHERE s.post = o.post AND s.code = o.code AND +s.coder = o.coder AND s.value = o.value
                      AND s.stance IS o.stance AND s.number IS o.number AND s.start IS o.start AND s."end" IS o."end"
                      AND s.round IS o.round AND s.created_at = o.created_at
                      AND s.undone_by IS NULL AND s.undo_of IS NULL)
             ORDER BY o.id
            """,  # noqa: S608 - only question marks are put in
            chunk,
        )
        found += [row["uid"] for row in rows]
    return found
