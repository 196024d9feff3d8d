"""People's work as JSON lines in backups/: written before and after what could harm it, kept by number and by week."""

import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from db.errors import GroundswellError
from db.queries.backups import dropped_quotes, rows_of
from db.queries.codings import exported_codings
from db.queries.posts import exported_posts
from db.store import Store
from groundswell.study import STUDY_FILE, Study, now

FOLDER = "backups"
FILES = ("codebook.yaml", STUDY_FILE, "findings.yaml")
"""The study's own files that go into a backup, as text."""
KEPT = 20
"""How many of the newest backups stay; of those before them, the last one of each week."""
ROWS = {
    "memos": ("memo",),
    "samples": ("sample", "unit", "round"),
    "forgotten": ("suppression",),
    "leads": ("lead", "judgement"),
    "quotes": ("quote",),
    "codebook": ("revision", "change"),
}
"""Kinds of work whose lines say what they are: `{"memo": {…}}`."""
KINDS = ("codings", "notes", *ROWS)
_NAME = re.compile(
    r"(?P<day>\d{8})T(?P<time>\d{6})Z(?:\.(?P<number>[2-9]|[1-9]\d+))?(?:-(?P<why>[a-z]+(?:-[a-z]+)*?))?"
    rf"-(?P<kind>{'|'.join(KINDS)})\.jsonl"
)


class Stem(NamedTuple):
    """What the names of a backup's files share; that of a later backup is greater.

    Attributes:
        number: tells backups of the same second apart.
        why: such as `before-import`; '' where somebody asked for it.
    """

    day: str
    time: str
    number: int
    why: str

    def file_name(self, kind: str) -> str:
        """The name of the file that holds one kind of work."""
        number = f".{self.number}" if self.number > 1 else ""
        why = f"-{self.why}" if self.why else ""
        return f"{self.day}T{self.time}Z{number}{why}-{kind}.jsonl"


def back_up_before(study: Study, what: str) -> list[Path]:
    """Write people's work before something that could harm it; `what` is a word such as `import`, `undo` or `merge`.

    Raises:
        GroundswellError: it could not be written, so what comes next must not be done.
    """
    return back_up(study, f"before-{what}")


def back_up(study: Study, why: str = "") -> list[Path]:
    """Write people's codings, notes, memos, samples, judged leads, quotations and the codebook, unless the last backup says the same.

    Returns:
        The files of the backup, or those of the last one where nothing has changed since.

    Raises:
        GroundswellError: it could not be written; nothing of it is left then.
    """
    with study.store() as store:
        return write_backup(study.root, store, why)


def write_backup(root: Path, store: Store, why: str = "") -> list[Path]:
    """Write a backup of what an open database and a study's files hold, as `back_up` does.

    Raises:
        GroundswellError: it could not be written, or an earlier backup could not be read or rewritten.
        ValueError: the word in `why` cannot stand in a file's name.
    """
    place = root / FOLDER
    contents = {kind: content for kind in KINDS if (content := json_lines(_rows(root, store, kind)))}
    try:
        place.mkdir(exist_ok=True)
        names = [path.name for path in place.iterdir()]
        newest = max(backups_among(names).items(), default=None)
        if newest is not None and _is_same(place, newest[0], newest[1], contents):
            return [place / newest[0].file_name(kind) for kind in contents]
        stem = _next_stem(names, why)
        written = write_privately({place / stem.file_name(kind): content for kind, content in contents.items()})
        drop_names(root, store)
    except OSError as error:
        raise GroundswellError(
            f"{error.filename or place}: {(error.strerror or str(error)).lower()}; people's work could not be backed up",
            hint="free some space, or mend the folder's rights, then run the same command again",
        ) from error
    for name in outdated([*names, *(path.name for path in written)]):
        with suppress(OSError):
            (place / name).unlink()
    return written


def drop_names(root: Path, store: Store) -> list[Path]:
    """Take names and notes of dropped quotations out of earlier backups; return the files changed.

    Raises:
        OSError: a backup could not be read or written.
    """
    dropped = dropped_quotes(store.connection)
    changed = {}
    for path in sorted((root / FOLDER).glob("*-quotes.jsonl")) if dropped else ():
        if read_name(path.name) is not None:
            before = path.read_bytes()
            after = b"".join(_nameless(line, dropped) for line in before.splitlines(keepends=True))
            if after != before:
                changed[path] = after
    return write_privately(changed)


def _nameless(line: bytes, dropped: Collection[str]) -> bytes:
    """A line of a backup without the name and the note of a dropped quotation; one that cannot be read is left alone."""
    try:
        quote = json.loads(line)["quote"]
        is_dropped = quote["uid"] in dropped
    except (ValueError, KeyError, TypeError):
        return line
    return json_lines([{"quote": {**quote, "name": None, "note": None}}]) if is_dropped else line


def _rows(root: Path, store: Store, kind: str) -> Iterator[dict[str, Any]]:
    """The lines of one kind. The codebook is the last to be read, so that no revision is missing that a coding names."""
    if kind == "codings":
        people = exported_codings(store.connection, private=True)
        yield from (row for row in people if row["coder_kind"] == "person")
    elif kind == "notes":
        yield from exported_posts(store.connection, private=True)
    else:
        if kind == "codebook":
            yield from ({"file": name, "text": text} for name in FILES if (text := _text(root / name)) is not None)
        for row_kind in ROWS[kind]:
            yield from ({row_kind: row} for row in rows_of(store.connection, row_kind))


def _text(path: Path) -> str | None:
    try:
        return path.read_bytes().decode(errors="replace")
    except FileNotFoundError:
        return None


def backups_among(names: Iterable[str]) -> dict[Stem, frozenset[str]]:
    """The backups among these file names, each with the kinds of work that it has files for."""
    found: dict[Stem, set[str]] = defaultdict(set)
    for name in names:
        read = read_name(name)
        if read is not None:
            found[read[0]].add(read[1])
    return {stem: frozenset(kinds) for stem, kinds in found.items()}


def read_name(name: str) -> tuple[Stem, str] | None:
    """The backup that a file belongs to, and the kind of work that it holds; None for any other file."""
    found = _NAME.fullmatch(name)
    if found is None or _week(found["day"]) is None:
        return None
    return Stem(found["day"], found["time"], int(found["number"] or 1), found["why"] or ""), found["kind"]


def outdated(names: Iterable[str]) -> list[str]:
    """The file names that need not stay: the last 20 backups do, and of those before them the last one of each week."""
    backups = backups_among(names)
    older = sorted(backups)[:-KEPT]
    weekly = {_week(stem.day): stem for stem in older}
    kept = set(weekly.values())
    return sorted(stem.file_name(kind) for stem in older if stem not in kept for kind in backups[stem])


def _week(day: str) -> tuple[int, int] | None:
    try:
        year, week, _ = date(int(day[:4]), int(day[4:6]), int(day[6:])).isocalendar()
    except ValueError:
        return None
    return year, week


def _next_stem(names: Iterable[str], why: str) -> Stem:
    """A stem that is greater than those of all backups that were made until now."""
    day, _, time = now().removesuffix("Z").replace("-", "").replace(":", "").partition("T")
    taken = [stem.number for stem in backups_among(names) if (stem.day, stem.time) == (day, time)]
    stem = Stem(day, time, max(taken, default=0) + 1, why)
    if read_name(stem.file_name(KINDS[0])) is None:
        raise ValueError(f"{why!r} is no word that can stand in the name of a backup")
    return stem


def _is_same(place: Path, stem: Stem, kinds: frozenset[str], contents: Mapping[str, bytes]) -> bool:
    return kinds == contents.keys() and all(
        (place / stem.file_name(kind)).read_bytes() == content for kind, content in contents.items()
    )


def json_lines(rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Rows as they stand in a file."""
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


def write_privately(contents: Mapping[Path, bytes]) -> list[Path]:
    """Write files that only their owner reads: all of them whole, or none.

    Raises:
        OSError: they could not be written.
    """
    beside = {path: path.with_name(f".{path.name}.new") for path in contents}
    try:
        for path, content in contents.items():
            beside[path].touch(mode=0o600)
            beside[path].write_bytes(content)
        return [beside[path].replace(path) for path in contents]
    finally:
        for path in beside.values():
            path.unlink(missing_ok=True)
