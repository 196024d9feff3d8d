"""Programs as coders: what they are sent, what they said, and every run of theirs."""

from collections.abc import Iterator
from dataclasses import dataclass
from sqlite3 import Connection  # noqa: TID251 - this is the one home of SQL
from typing import Any

_SENT = """
    SELECT p.id, p.address, t.address AS thread, p.parent, p.kind, p.title, p.text, p.text_sha
      FROM public_posts p JOIN threads t ON t.id = p.thread {joined}
     WHERE p.text_sha IS NOT NULL AND (p.text IS NOT NULL OR p.title IS NOT NULL)
     ORDER BY {order}p.created_at, p.address
"""
_DRAWN = {
    "post": "JOIN sample_units u ON u.unit = p.address AND u.sample = ?",
    "author": "JOIN authors a ON a.id = p.author JOIN sample_units u ON u.unit = a.address AND u.sample = ?",
}


@dataclass(frozen=True, slots=True)
class ProgramRun:
    """One run of a program, as it is kept.

    Attributes:
        id: also the batch of its codings.
        command: as JSON, a list of words.
        version: as the program reported it.
        sent_sha256: the hash of all that it was sent.
        answers: its whole output.
        refused: lines that could not be used.
    """

    id: str
    coder: int
    command: str
    version: str | None
    sample: str | None
    sent_sha256: str
    answers: str
    posts: int
    codings: int
    refused: int
    started_at: str
    finished_at: str


def posts_to_send(connection: Connection, sample: str | None = None) -> Iterator[dict[str, Any]]:
    """Every public post that shows a text; with a sample only those that were drawn, or whose author was.

    Raises:
        KeyError: there is no such sample.
    """
    if sample is None:
        rows = connection.execute(_SENT.format(joined="", order=""))
    else:
        found = connection.execute("SELECT unit FROM samples WHERE id = ?", (sample,)).fetchone()
        if found is None:
            raise KeyError(sample)
        rows = connection.execute(_SENT.format(joined=_DRAWN[found["unit"]], order="u.place, "), (sample,))
    for row in rows:
        yield dict(row)


def kinds_of(connection: Connection, coder: str) -> frozenset[str]:
    """The kinds of coders that bear a name, however it is spelled with capitals."""
    rows = connection.execute("SELECT name, kind FROM coders")
    return frozenset(row["kind"] for row in rows if row["name"].casefold() == coder.casefold())


def standing_codings(connection: Connection, coder: int) -> Iterator[dict[str, Any]]:
    """The standing codings of a program."""
    rows = connection.execute(
        """
        SELECT id, post, code, value, stance, number, start, "end", text_sha, version FROM coding_events
         WHERE coder = ? AND undone_by IS NULL AND undo_of IS NULL
        """,
        (coder,),
    )
    for row in rows:
        yield dict(row)


def save_run(connection: Connection, run: ProgramRun) -> None:
    """Keep a run on record."""
    connection.execute(
        """
        INSERT INTO program_runs (id, coder, command, version, sample, sent_sha256, answers, posts, codings, refused,
                                  started_at, finished_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        (run.id, run.coder, run.command, run.version, run.sample, run.sent_sha256, run.answers, run.posts, run.codings,
         run.refused, run.started_at, run.finished_at),
    )  # fmt: skip


def machine_coders_used(connection: Connection) -> list[str]:
    """Every machine that ever coded in this study, whatever was undone since, trained models and runs without codings too."""
    rows = connection.execute(
        """
        SELECT r.name || ' (' || r.kind || ')' AS coder FROM coders r
         WHERE r.kind <> 'person' AND (EXISTS (SELECT 1 FROM coding_events e WHERE e.coder = r.id)
                                       OR EXISTS (SELECT 1 FROM program_runs p WHERE p.coder = r.id))
         UNION SELECT code || ' (trained model)' FROM models ORDER BY coder
        """
    )
    return [row["coder"] for row in rows]
