"""What people said of posts, with the words that they pointed at: for whoever compares it, and for whoever reads one code.

Beside `codings`, which gives all of a study at once, these give some posts or some codes.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from sqlite3 import Connection, Row  # noqa: TID251 - this is the one home of SQL

from db.queries.batches import chunks, marks
from db.queries.codings import PersonCoding

PRESENT = "present"


@dataclass(frozen=True, slots=True)
class Saying:
    """What one person last said of one code on one post, or what was last decided where people differed.

    Attributes:
        coding: as the final layer takes it.
        round: the round that it was said in.
        segments: start and end, in code points of the text, of all that the person marked for it.
        reason: why it was decided so, of an adjudicated one.
    """

    coding: PersonCoding
    round: str | None
    segments: tuple[tuple[int, int], ...]
    reason: str | None


@dataclass(frozen=True, slots=True)
class ShownPost:
    """A public post as pages show it, without who wrote it.

    Attributes:
        parent: the address of what it answers.
        thread: the address of its thread.
        thread_title: the title of the thread's first post.
    """

    id: int
    address: str
    title: str | None
    text: str | None
    text_sha: str | None
    state: str
    created_at: str | None
    community: str | None
    parent: str | None
    parent_title: str | None
    parent_text: str | None
    thread: str
    thread_title: str | None
    url: str | None


_SAYINGS = """
SELECT e.post, e.code, r.name AS coder, e.value, e.stance, e.created_at, e.codebook_revision,
       e.text_sha IS p.text_sha AS current_text, e.adjudicated, e.start, e."end", e.round, e.reason
  FROM coding_events e
  JOIN coders r ON r.id = e.coder
  JOIN public_posts p ON p.id = e.post
 WHERE r.kind = 'person' AND e.undone_by IS NULL AND e.undo_of IS NULL
"""


def sayings_on_posts(connection: Connection, posts: Sequence[int]) -> list[Saying]:
    """What people last said of all codes on some posts."""
    rows = (
        row
        for chunk in chunks(posts)
        for row in connection.execute(
            f"{_SAYINGS} AND e.post IN ({marks(chunk)}) ORDER BY e.created_at, e.uid",
            chunk,
        )
    )
    return list(_latest(rows))


def sayings_of_codes(connection: Connection, codes: Sequence[str]) -> list[Saying]:
    """What people last said of some codes on all posts."""
    rows = connection.execute(f"{_SAYINGS} AND e.code IN ({marks(codes)}) ORDER BY e.created_at, e.uid", tuple(codes))
    return list(_latest(rows))


def _latest(rows: Iterable[Row]) -> Iterator[Saying]:
    """The last event of each person, post and code, with the segments of all present ones since it was last denied."""
    last: dict[tuple[int, str | None, str], Row] = {}
    marked: dict[tuple[int, str | None, str], set[tuple[int, int]]] = defaultdict(set)
    for row in rows:
        place = (row["post"], None if row["adjudicated"] else row["coder"], row["code"])
        last[place] = row
        if row["value"] != PRESENT or not row["current_text"]:
            marked[place].clear()
        elif row["start"] is not None:
            marked[place].add((row["start"], row["end"]))
    for place, row in last.items():
        coding = PersonCoding(
            row["post"], row["code"], row["coder"], row["value"], row["stance"], row["created_at"],
            row["codebook_revision"], bool(row["current_text"]), bool(row["adjudicated"]),
        )  # fmt: skip
        yield Saying(coding, row["round"], tuple(sorted(marked[place])), row["reason"])


def posts_read_by_several(connection: Connection) -> list[int]:
    """The public posts of which more than one person said something, in time order."""
    rows = connection.execute(
        """
        SELECT e.post FROM coding_events e
          JOIN coders r ON r.id = e.coder
          JOIN public_posts p ON p.id = e.post
         WHERE r.kind = 'person' AND e.adjudicated = 0 AND e.undone_by IS NULL AND e.undo_of IS NULL
         GROUP BY e.post HAVING count(DISTINCT e.coder) > 1 ORDER BY e.post
        """
    )
    return [row["post"] for row in rows]


def shown_posts(connection: Connection, posts: Sequence[int]) -> dict[int, ShownPost]:
    """Public posts by id, with the words that they answer."""
    found: dict[int, ShownPost] = {}
    for chunk in chunks(posts):
        rows = connection.execute(
            f"""
            SELECT p.id, p.address, p.title, p.text, p.text_sha, p.state, p.created_at, c.name AS community, p.parent,
                   above.title AS parent_title, above.text AS parent_text, t.address AS thread,
                   first.title AS thread_title, p.url
              FROM public_posts p
              JOIN threads t ON t.id = p.thread
              LEFT JOIN communities c ON c.id = t.community
              LEFT JOIN public_posts above ON above.address = p.parent
              LEFT JOIN public_posts first ON first.address = t.address
             WHERE p.id IN ({marks(chunk)})
            """,  # noqa: S608 - only question marks are put in
            chunk,
        )
        found |= {row["id"]: ShownPost(*tuple(row)) for row in rows}
    return found


def memos_about(connection: Connection, addresses: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    """Where each memo about these addresses comes from, and what it says, oldest first."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for chunk in chunks(addresses):
        rows = connection.execute(
            f"SELECT about, origin, text FROM memos WHERE about IN ({marks(chunk)}) ORDER BY created_at, id",  # noqa: S608
            chunk,
        )
        for row in rows:
            found[row["about"]].append((row["origin"], row["text"]))
    return dict(found)


def rule_hits(connection: Connection, code: str) -> frozenset[int]:
    """The public posts in which the rules of a code found something in the text as it stands now."""
    rows = connection.execute(
        """
        SELECT DISTINCT e.post FROM coding_events e
          JOIN coders r ON r.id = e.coder
          JOIN public_posts p ON p.id = e.post
         WHERE r.kind = 'rules' AND e.code = ? AND e.value = 'present' AND e.undone_by IS NULL AND e.undo_of IS NULL
           AND e.text_sha IS p.text_sha
        """,
        (code,),
    )
    return frozenset(row["post"] for row in rows)


def ids_at(connection: Connection, addresses: Sequence[str]) -> dict[str, int]:
    """The ids of public posts, by their addresses."""
    return {
        row["address"]: row["id"]
        for chunk in chunks(addresses)
        for row in connection.execute(
            f"SELECT id, address FROM public_posts WHERE address IN ({marks(chunk)})",  # noqa: S608
            chunk,
        )
    }


def not_coded_by(connection: Connection, coder: str) -> frozenset[int]:
    """The public posts of which a person has said nothing that stands."""
    rows = connection.execute(
        """
        SELECT p.id FROM public_posts p
         WHERE p.id NOT IN (
               SELECT e.post FROM coding_events e JOIN coders r ON r.id = e.coder
                WHERE r.name = ? AND r.kind = 'person' AND e.undone_by IS NULL AND e.undo_of IS NULL)
        """,
        (coder,),
    )
    return frozenset(row["id"] for row in rows)
