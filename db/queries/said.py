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
