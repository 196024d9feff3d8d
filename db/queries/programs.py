"""Programs as coders: what they are sent, what they said, and every run of theirs."""

import json
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from sqlite3 import Connection  # noqa: TID251 - this is the one home of SQL
from typing import Any

from db.errors import GroundswellError
from db.lost import BLOCK
from db.queries.study import note_lost_text

OWN_CODERS = {"rules": "rules", "tfidf": "model"}
"""What the rules and the classifier are called as coders, and their kinds: taken before they have coded, too."""
_SPARED = frozenset({"post", "code", "value", "stance"})
"""What a program says of a post without repeating words of it."""
_LINE = re.compile(r"[^\n]+")
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
        ended: how it ended: done, interrupted, or failed and why.
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
    ended: str


@dataclass(frozen=True, slots=True)
class RunEnd:
    """Whose run it was, when it ended and how; None for one of which that was not kept."""

    id: str
    coder: str
    at: str
    ended: str | None


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
    kinds = {row["kind"] for row in rows if row["name"].casefold() == coder.casefold()}
    return frozenset(kinds | {kind for name, kind in OWN_CODERS.items() if name == coder.casefold()})


def is_machine(connection: Connection, coder: str) -> bool:
    """Whether a machine bears this name and no person does: whoever coded under it would pass for the other."""
    kinds = kinds_of(connection, coder)
    return bool(kinds) and "person" not in kinds


def refuse_machines(connection: Connection, coders: Iterable[str]) -> None:
    """Let nobody code as a person under a machine's name.

    Raises:
        GroundswellError: one of the names is a machine's.
    """
    taken = next((coder for coder in coders if is_machine(connection, coder)), None)
    if taken is not None:
        raise GroundswellError(f"{taken} is a machine's name here", hint="a person needs another name")


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
                                  started_at, finished_at, ended)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        (run.id, run.coder, run.command, run.version, run.sample, run.sent_sha256, run.answers, run.posts, run.codings,
         run.refused, run.started_at, run.finished_at, run.ended),
    )  # fmt: skip


def run_ends(connection: Connection) -> list[RunEnd]:
    """How every run ended, the last one first."""
    rows = connection.execute(
        """
        SELECT p.id, r.name AS coder, p.finished_at AS at, p.ended FROM program_runs p JOIN coders r ON r.id = p.coder
         ORDER BY p.finished_at DESC, p.id DESC
        """
    )
    return [RunEnd(**row) for row in rows]


def blank_answers(connection: Connection) -> int:
    """Blank what programs repeated of posts whose text is gone; return in how many runs there was any.

    To be called in the transaction that takes texts away.
    """
    gone = frozenset(row["address"] for row in connection.execute("SELECT address FROM posts WHERE text_sha IS NULL"))
    changed = [
        (after, row["id"])
        for row in connection.execute("SELECT id, answers FROM program_runs WHERE answers IS NOT NULL")
        if (after := without_excerpts(row["answers"], gone)) != row["answers"]
    ]
    connection.executemany("UPDATE program_runs SET answers = ? WHERE id = ?", changed)
    if changed:
        note_lost_text(connection)
    return len(changed)


def without_excerpts(answers: str, gone: Collection[str]) -> str:
    """The answers of a program with blocks in the place of all words that it repeats of these posts."""
    if not gone:
        return answers
    parts: list[str] = []
    done = 0
    for line in _LINE.finditer(answers):  # no list of all lines: millions of short ones take many times their room
        blanked = _without_excerpts(line[0], gone)
        if blanked != line[0]:
            parts += answers[done : line.start()], blanked
            done = line.end()
    return "".join((*parts, answers[done:]))


def _without_excerpts(line: str, gone: Collection[str]) -> str:
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return line
    if not isinstance(said, dict) or not isinstance(said.get("post"), str) or said["post"] not in gone:
        return line
    blanked = {
        name: BLOCK * len(told) if isinstance(told, str) and name not in _SPARED else told
        for name, told in said.items()
    }
    return line if blanked == said else json.dumps(blanked, ensure_ascii=False)


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
