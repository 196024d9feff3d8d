"""Private accounts: counted apart, never quoted, never exported."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from coding.codings import CodingError, parse_coding, store_codings
from collector.text import canonical
from collector.times import from_text
from db.errors import GroundswellError
from db.queries.posts import save_observations
from db.queries.threads import settle_threads
from db.records import Author, Observation
from db.store import Store
from groundswell.study import Study, now, record_codebook

NOTE_PLATFORM = "note"


@dataclass(frozen=True, slots=True)
class Note:
    """A private account, as it was told.

    Attributes:
        month: when it was told, as YYYY-MM.
        role: what its teller does, in a few words; it becomes the note's title.
        codes: (code, stance or None), coded at once by `coder`.
    """

    text: str
    month: str | None = None
    role: str | None = None
    codes: tuple[tuple[str, str | None], ...] = ()
    coder: str | None = None


def add_note(study: Study, note: Note) -> str:
    """Store a private account and its codings; it is counted apart, never quoted and never exported.

    Returns:
        The note's address.

    Raises:
        GroundswellError: it is empty, or a code or stance is wrong; nothing is stored then.
    """
    text = canonical(note.text, escaped=False)
    if text is None:
        raise GroundswellError("the note is empty; nothing was stored")
    if note.codes and not note.coder:
        raise GroundswellError("codes need a coder", hint="--coder NAME says whose reading it is")
    native_id = uuid.uuid4().hex
    told = _first_of(note.month) if note.month else now()
    with study.store() as store:
        study.key(store)
        codebook = study.codebook()
        try:
            codings = [
                parse_coding(
                    {
                        "post": f"{NOTE_PLATFORM}:{native_id}", "code": code, "value": "present", "stance": stance,
                        "coder": note.coder, "created_at": now(),
                    },
                    codebook,
                )
                for code, stance in note.codes
            ]  # fmt: skip
        except CodingError as error:
            raise GroundswellError(f"the note was not stored: {error}") from error
        _store_note(store, native_id, told, text, note.role)
        if codings:
            store_codings(store, codings, record_codebook(store, codebook))
    return f"{NOTE_PLATFORM}:{native_id}"


def _first_of(month: str) -> str:
    try:
        return from_text(f"{month}-01T00:00:00Z")
    except ValueError as error:
        raise GroundswellError(f"--month: {month!r} is no month such as 2026-01") from error


def parse_codes(written: Sequence[str]) -> tuple[tuple[str, str | None], ...]:
    """Codes as they are given on the command line: `code` or `code=stance`."""
    return tuple((code, stance or None) for code, _, stance in (text.partition("=") for text in written))


def read_note(file: Path | None, standard_input: TextIO) -> str:
    """The text of a note from a file, or from standard input.

    Raises:
        GroundswellError: it cannot be read, or is not UTF-8.
    """
    try:
        return standard_input.read() if file is None else file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise GroundswellError(f"{file or 'standard input'}: byte {error.start}: not UTF-8") from error
    except OSError as error:
        raise GroundswellError(f"{file}: {(error.strerror or str(error)).lower()}") from error


def _store_note(store: Store, native_id: str, told: str, text: str, role: str | None) -> None:
    seen = Observation(
        platform=NOTE_PLATFORM, native_id=native_id, thread=native_id, parent=None, kind="note",
        author=Author(f"{NOTE_PLATFORM}:[deleted]/{native_id}", is_gone=True), community=None, created_at=told,
        edited_at=None, title=role, text=text, url=None, thread_url=None, score=None, state="live", observed_at=now(),
        private=True,
    )  # fmt: skip
    with store.write() as connection:
        save_observations(connection, [seen])
        settle_threads(connection)
