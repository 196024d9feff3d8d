"""Samples and rounds: what was drawn for which purpose, who codes it, and what may teach a classifier."""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from sqlite3 import Connection  # noqa: TID251 - this is the one home of SQL
from typing import Any

from db.queries.batches import chunks, marks
from db.queries.codings import WHOLE_CODEBOOK, PersonCoding
from db.queries.reporting import EXAMPLE_PLATFORM, holds_real_posts

POST, AUTHOR = "post", "author"

_VOICE = "coalesce(a.address, p.platform || ':[unnamed]/' || t.native_id)"
"""The voter's key, as reports have it: an account that is gone, or that nobody named, is one voice a thread."""

_DRAWN = """
    SELECT u.unit FROM samples s JOIN sample_units u ON u.sample = s.id WHERE s.purpose = 'audit' AND s.unit =
"""
_IN_AUDIT = f"(p.address IN ({_DRAWN} 'post') OR {_VOICE} IN ({_DRAWN} 'author'))"


@dataclass(frozen=True, slots=True)
class Sample:
    """Units drawn by a recorded design.

    Attributes:
        unit: post or author.
        design: as JSON.
        codebook_revision: the codebook by whose codes the strata were made.
    """

    id: str
    purpose: str
    unit: str
    design: str
    codebook_revision: str | None
    created_at: str


@dataclass(frozen=True, slots=True)
class Unit:
    """One drawn post or author.

    Attributes:
        unit: its address.
        place: its place in the order of reading.
        probability: with which it was drawn.
        stratum: as JSON, the stratum by code.
    """

    unit: str
    place: int
    probability: float
    stratum: str | None
    drawn_at: str


@dataclass(frozen=True, slots=True)
class Round:
    """The coding of a sample by named people with one revision of the codebook.

    Attributes:
        coders, codes: who codes what.
        blind: whether nobody sees another's codings, rule hits or scores.
        closed_at: None while it is open.
        double_share: the share of the sample's units that two coders read; with 1 all coders read everything.
    """

    id: str
    sample: str
    coders: tuple[str, ...]
    codes: tuple[str, ...]
    codebook_revision: str
    blind: bool
    started_at: str
    closed_at: str | None = None
    double_share: float = 1.0


@dataclass(frozen=True, slots=True)
class RoundCoding:
    """One standing coding that names a round, or that a program made of its posts.

    Attributes:
        coding: as the final layer takes it.
        start, end: the segment.
        kind: the coder's: person, rules, model or program.
        note: why it was decided so, of an adjudicated one.
    """

    coding: PersonCoding
    start: int | None
    end: int | None
    kind: str
    blind: bool
    suggestion_shown: bool
    note: str | None


def save_sample(connection: Connection, sample: Sample) -> None:
    """Store a sample, or the design of one that is there."""
    connection.execute(
        """
        INSERT INTO samples (id, purpose, unit, design, codebook_revision, created_at) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET design = excluded.design
        """,
        (sample.id, sample.purpose, sample.unit, sample.design, sample.codebook_revision, sample.created_at),
    )


def add_units(connection: Connection, sample: str, units: Iterable[Unit]) -> None:
    """Add drawn units to a sample."""
    connection.executemany(
        "INSERT INTO sample_units (sample, unit, place, probability, stratum, drawn_at) VALUES (?, ?, ?, ?, ?, ?)",
        [(sample, one.unit, one.place, one.probability, one.stratum, one.drawn_at) for one in units],
    )


def samples(connection: Connection) -> list[Sample]:
    """All samples, in the order in which they were drawn."""
    return [Sample(*tuple(row)) for row in connection.execute(f"{_SAMPLES} ORDER BY created_at, id")]


def sample(connection: Connection, name: str) -> Sample | None:
    """A sample by its id."""
    row = connection.execute(f"{_SAMPLES} WHERE id = ?", (name,)).fetchone()
    return None if row is None else Sample(*tuple(row))


_SAMPLES = "SELECT id, purpose, unit, design, codebook_revision, created_at FROM samples"


def units(connection: Connection, sample: str) -> list[Unit]:
    """The drawn units of a sample, in the order of reading."""
    rows = connection.execute(
        "SELECT unit, place, probability, stratum, drawn_at FROM sample_units WHERE sample = ? ORDER BY place",
        (sample,),
    )
    return [Unit(*tuple(row)) for row in rows]


def add_round(connection: Connection, round_: Round) -> None:
    """Store a new round."""
    connection.execute(
        """
        INSERT INTO rounds (id, sample, coders, codes, codebook_revision, blind, double_share, started_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """,
        (round_.id, round_.sample, json.dumps(round_.coders), json.dumps(round_.codes), round_.codebook_revision,
         int(round_.blind), round_.double_share, round_.started_at),
    )  # fmt: skip


def close_round(connection: Connection, name: str, now: str) -> None:
    """Close a round; one that is closed keeps its time."""
    connection.execute("UPDATE rounds SET closed_at = ? WHERE id = ? AND closed_at IS NULL", (now, name))


def rounds(connection: Connection, sample: str | None = None) -> list[Round]:
    """All rounds, or those of one sample, in the order in which they were started."""
    rows = connection.execute(
        """
        SELECT id, sample, coders, codes, codebook_revision, blind, double_share, started_at, closed_at FROM rounds
         WHERE ? IS NULL OR sample = ? ORDER BY started_at, id
        """,
        (sample, sample),
    )
    return [
        Round(row["id"], row["sample"], tuple(json.loads(row["coders"])), tuple(json.loads(row["codes"])),
              row["codebook_revision"], bool(row["blind"]), row["started_at"], row["closed_at"], row["double_share"])
        for row in rows
    ]  # fmt: skip


def round_codings(connection: Connection, names: Sequence[str]) -> Iterator[RoundCoding]:
    """Every standing coding of these rounds, in the order in which they were made."""
    return _standing(connection, f"e.round IN ({marks(names)})", *names)


def program_codings(connection: Connection) -> Iterator[RoundCoding]:
    """Every standing coding of programs, in the order in which they were made; they name no round."""
    return _standing(connection, "r.kind = 'program'")


def _standing(connection: Connection, which: str, *values: str) -> Iterator[RoundCoding]:
    for row in connection.execute(
        f"""
        SELECT e.post, e.code, r.name AS coder, e.value, e.stance, e.created_at, e.codebook_revision,
               e.text_sha IS p.text_sha AS current_text, e.adjudicated, e.start, e."end", r.kind, e.blind,
               e.suggestion_shown, e.reason
          FROM coding_events e
          JOIN coders r ON r.id = e.coder
          JOIN posts p ON p.id = e.post
         WHERE {which} AND e.undone_by IS NULL AND e.undo_of IS NULL
         ORDER BY e.created_at, e.uid
        """,  # noqa: S608 - only question marks and constants are put in
        values,
    ):
        yield RoundCoding(
            _person_coding(row), row["start"], row["end"], row["kind"], bool(row["blind"]),
            bool(row["suggestion_shown"]), row["reason"],
        )  # fmt: skip


def _person_coding(row: Any) -> PersonCoding:
    return PersonCoding(
        row["post"], row["code"], row["coder"], row["value"], row["stance"], row["created_at"],
        row["codebook_revision"], bool(row["current_text"]), bool(row["adjudicated"]),
    )  # fmt: skip


def training_codings(connection: Connection, *codes: str) -> Iterator[PersonCoding]:
    """What people said of these codes that a classifier may learn from, tune by, or choose a threshold by.

    Never among them: a coding of a post that any audit drew, by itself or with its author; a coding made in a round of
    an audit; one that was made with a machine's suggestion on the screen; one of a text that changed since, of a private
    note, or of an invented post in a study that holds real ones. Codings of the whole codebook (`*`) are included,
    because they say where the codes were looked for and not found.

    Args:
        connection: the study's database.
        codes: a code, or all values of an attribute, of which one present makes the others absent.

    Yields:
        The last coding of each person on each post and code, those that were adjudicated apart.
    """
    wanted = (*codes, WHOLE_CODEBOOK)
    rows = connection.execute(
        f"""
        SELECT e.post, e.code, r.name AS coder, e.value, e.stance, e.created_at, e.codebook_revision,
               e.text_sha IS p.text_sha AS current_text, e.adjudicated
          FROM coding_events e
          JOIN coders r ON r.id = e.coder
          JOIN public_posts p ON p.id = e.post
          JOIN threads t ON t.id = p.thread
          LEFT JOIN authors a ON a.id = p.author
         WHERE r.kind = 'person' AND e.undone_by IS NULL AND e.undo_of IS NULL
           AND e.code IN ({marks(wanted)}) AND e.suggestion_shown = 0 AND e.text_sha IS p.text_sha
           AND (? OR p.platform <> '{EXAMPLE_PLATFORM}')
           AND NOT {_IN_AUDIT}
           AND NOT EXISTS (SELECT 1 FROM rounds o JOIN samples s ON s.id = o.sample
                            WHERE o.id = e.round AND s.purpose = 'audit')
         ORDER BY e.created_at, e.uid
        """,  # noqa: S608 - only question marks and constants are put in
        (*wanted, not holds_real_posts(connection)),
    )
    yield from _latest(rows)


def unaided_codings(connection: Connection, blind_in: Collection[int] | None = None) -> Iterator[PersonCoding]:
    """What people said, as far as it may enter the correction of a share: with no machine's suggestion on the screen.

    Args:
        connection: the study's database.
        blind_in: posts of which only what was said blind counts, and what settled differences; None for all posts.

    Yields:
        The last such coding of each person on each post and code, those that were adjudicated apart.
    """
    rows = connection.execute(
        """
        SELECT e.post, e.code, r.name AS coder, e.value, e.stance, e.created_at, e.codebook_revision,
               e.text_sha IS p.text_sha AS current_text, e.adjudicated, e.blind
          FROM coding_events e
          JOIN coders r ON r.id = e.coder
          JOIN posts p ON p.id = e.post
         WHERE r.kind = 'person' AND e.undone_by IS NULL AND e.undo_of IS NULL AND e.suggestion_shown = 0
         ORDER BY e.created_at, e.uid
        """
    )
    yield from _latest(
        row
        for row in rows
        if row["blind"] or row["adjudicated"] or (blind_in is not None and row["post"] not in blind_in)
    )


def _latest(rows: Iterable[Any]) -> Iterator[PersonCoding]:
    """Of codings in the order in which they were made, the last of each person on each post and code."""
    latest = {(row["post"], row["coder"] if not row["adjudicated"] else None, row["code"]): row for row in rows}
    return map(_person_coding, latest.values())


def audit_posts(connection: Connection) -> frozenset[int]:
    """The posts that any audit drew, by themselves or with their author."""
    rows = connection.execute(
        f"""
        SELECT p.id FROM posts p JOIN threads t ON t.id = p.thread LEFT JOIN authors a ON a.id = p.author
         WHERE {_IN_AUDIT}
        """  # noqa: S608 - only constants are put in
    )
    return frozenset(row["id"] for row in rows)


def trained_on(connection: Connection, posts: Sequence[int]) -> list[str]:
    """The codes whose newest model learned from any of these posts."""
    found: set[str] = set()
    for chunk in chunks(posts):
        rows = connection.execute(
            f"""
            SELECT DISTINCT m.code FROM models m JOIN model_posts l ON l.model = m.id
             WHERE l.post IN ({marks(chunk)})
               AND NOT EXISTS (SELECT 1 FROM models later WHERE later.code = m.code AND
                               (later.trained_at, later.id) > (m.trained_at, m.id))
            """,  # noqa: S608 - only question marks are put in
            chunk,
        )
        found |= {row["code"] for row in rows}
    return sorted(found)


def machine_hits(connection: Connection) -> Iterator[tuple[int, str, str, str | None]]:
    """Post, code, kind of coder and stance of all that machines hold to be present in texts as they stand now."""
    yield from connection.execute(
        """
        SELECT DISTINCT e.post, e.code, r.kind, e.stance
          FROM coding_events e
          JOIN coders r ON r.id = e.coder
          JOIN posts p ON p.id = e.post
         WHERE r.kind <> 'person' AND e.undone_by IS NULL AND e.undo_of IS NULL
           AND e.value = 'present' AND e.text_sha IS p.text_sha
        """
    )


def newest_margins(connection: Connection, code: str) -> dict[int, float]:
    """How far above what it calls present the newest model of a code puts posts, below 0 for absent; empty without one."""
    rows = connection.execute(
        """
        SELECT s.post, s.score - json_extract(m.card, '$.threshold') AS margin
          FROM model_scores s
          JOIN models m ON m.id = s.model
         WHERE m.id = (SELECT id FROM models WHERE code = ? ORDER BY trained_at DESC, id DESC LIMIT 1)
        """,
        (code,),
    )
    return {row["post"]: row["margin"] for row in rows}


@dataclass(frozen=True, slots=True)
class Text:
    """A post as a coder sees it: its words and those that it answers, nothing of who wrote them.

    Attributes:
        parent: the address of the post that it answers.
    """

    address: str
    title: str | None
    text: str | None
    text_sha: str
    parent: str | None
    parent_title: str | None
    parent_text: str | None


def texts(connection: Connection, posts: Sequence[int]) -> dict[int, Text]:
    """The words of public posts, by id."""
    found: dict[int, Text] = {}
    for chunk in chunks(posts):
        rows = connection.execute(
            f"""
            SELECT p.id, p.address, p.title, p.text, p.text_sha, p.parent, above.title AS parent_title,
                   above.text AS parent_text
              FROM public_posts p LEFT JOIN public_posts above ON above.address = p.parent
             WHERE p.id IN ({marks(chunk)})
            """,  # noqa: S608 - only question marks are put in
            chunk,
        )
        found |= {row["id"]: Text(*tuple(row)[1:]) for row in rows}
    return found
