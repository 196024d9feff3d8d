"""What became of a codebook: its revisions, the changes of its codes, and people's codings that a change carries over."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from sqlite3 import Connection  # noqa: TID251 - this is the one home of SQL

from db.queries.batches import chunks, marks


@dataclass(frozen=True, slots=True)
class Revision:
    """A codebook as it was when it was first used; `content` is JSON, what the file said of each code."""

    revision: str
    content: str
    created_at: str


@dataclass(frozen=True, slots=True)
class CodeChange:
    """A change of a code.

    Attributes:
        kind: merge, split, retire, rename or restore.
        into_codes: the codes that have it after a merge or a split.
        batch: that of the codings that the change wrote or took back.
    """

    kind: str
    code: str
    made_at: str
    into_codes: tuple[str, ...] = ()
    batch: str | None = None
    reason: str | None = None
    made_by: str | None = None


@dataclass(frozen=True, slots=True)
class PersonEvent:
    """A standing coding event of a person, as it is stored."""

    id: int
    post: int
    address: str
    code: str
    value: str
    stance: str | None
    number: float | None
    start: int | None
    end: int | None
    text_sha: str | None
    coder: int
    coder_name: str
    codebook_revision: str | None
    round: str | None
    created_at: str
    blind: bool
    suggestion_shown: bool
    adjudicated: bool
    reason: str | None


def all_revisions(connection: Connection) -> list[Revision]:
    """Every revision of the codebook, in the order of their first use."""
    rows = connection.execute(
        "SELECT revision, content, created_at FROM codebook_revisions ORDER BY created_at, revision"
    )
    return [Revision(**row) for row in rows]


def add_change(connection: Connection, change: CodeChange) -> None:
    """Note a change of a code."""
    connection.execute(
        """
        INSERT INTO code_changes (kind, code, into_codes, batch, reason, made_by, made_at)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """,
        (
            change.kind, change.code, json.dumps(change.into_codes) if change.into_codes else None, change.batch,
            change.reason, change.made_by, change.made_at,
        ),
    )  # fmt: skip


def all_changes(connection: Connection) -> list[CodeChange]:
    """Every change of a code, in the order in which they were made."""
    rows = connection.execute(
        "SELECT kind, code, made_at, into_codes, batch, reason, made_by FROM code_changes ORDER BY id"
    )
    return [CodeChange(**{**row, "into_codes": tuple(json.loads(row["into_codes"] or "[]"))}) for row in rows]


def person_events(connection: Connection, codes: Sequence[str]) -> Iterator[PersonEvent]:
    """People's standing codings of some codes, each person's last one of a post and a code last."""
    rows = connection.execute(
        f"""
        SELECT e.id, e.post, p.address, e.code, e.value, e.stance, e.number, e.start, e."end", e.text_sha, e.coder,
               r.name AS coder_name, e.codebook_revision, e.round, e.created_at, e.blind, e.suggestion_shown,
               e.adjudicated, e.reason
          FROM coding_events e
          JOIN coders r ON r.id = e.coder
          JOIN posts p ON p.id = e.post
         WHERE r.kind = 'person' AND e.undone_by IS NULL AND e.undo_of IS NULL AND e.code IN ({marks(codes)})
         ORDER BY e.created_at, e.uid
        """,  # noqa: S608 - only question marks are put in
        list(codes),
    )
    for row in rows:
        flags = {name: bool(row[name]) for name in ("blind", "suggestion_shown", "adjudicated")}
        yield PersonEvent(**{**row, **flags})


def known_uids(connection: Connection, uids: Sequence[str]) -> set[str]:
    """Which of these uids are taken."""
    return {
        row["uid"]
        for chunk in chunks(uids)
        for row in connection.execute(
            f"SELECT uid FROM coding_events WHERE uid IN ({marks(chunk)})",  # noqa: S608 - only question marks are put in
            chunk,
        )
    }


def standing_in_batch(connection: Connection, batch: str) -> list[int]:
    """The codings of a batch that nothing has undone."""
    rows = connection.execute(
        "SELECT id FROM coding_events WHERE batch = ? AND undone_by IS NULL AND undo_of IS NULL ORDER BY id", (batch,)
    )
    return [int(row["id"]) for row in rows]


def addresses(connection: Connection, posts: Sequence[int]) -> dict[int, str]:
    """The addresses of posts, by their ids."""
    return {
        int(row["id"]): str(row["address"])
        for chunk in chunks(posts)
        for row in connection.execute(
            f"SELECT id, address FROM posts WHERE id IN ({marks(chunk)})",  # noqa: S608 - only question marks are put in
            chunk,
        )
    }


def coded_posts(connection: Connection) -> dict[str, int]:
    """On how many posts people's codings of each code stand."""
    rows = connection.execute(
        """
        SELECT e.code, count(DISTINCT e.post) AS posts
          FROM coding_events e JOIN coders r ON r.id = e.coder
         WHERE r.kind = 'person' AND e.undone_by IS NULL AND e.undo_of IS NULL
         GROUP BY e.code ORDER BY e.code
        """
    )
    return {str(row["code"]): int(row["posts"]) for row in rows}
