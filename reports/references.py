"""References: outside figures to show beside the study's own, as counts of a named base, never as typed percentages.

A file of references is CSV with the columns key, label, numerator, denominator, base, definition, as_of and source. The
percentage is computed, with a Wilson interval for the chance that such counts carry; base and date always stand beside.
"""

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from coding.intervals import NORMAL, wilson
from db.errors import FileError

COLUMNS = ("key", "label", "numerator", "denominator", "base", "definition", "as_of", "source")
_HINT = f"the columns are {', '.join(COLUMNS)}"


@dataclass(frozen=True, slots=True)
class Reference:
    """One outside figure.

    Attributes:
        key: how findings.yaml names it.
        numerator, denominator: counts of the base.
        base: what was counted: two figures of different bases cannot be set side by side as they are.
        definition: what was counted as yes.
        as_of: when, as the file says it.
        file: the file's name as findings.yaml gives it.
    """

    key: str
    label: str
    numerator: int
    denominator: int
    base: str
    definition: str
    as_of: str
    source: str
    file: str

    @property
    def estimate(self) -> float:
        """The share, 0 to 1."""
        return self.numerator / self.denominator

    @property
    def limits(self) -> tuple[float, float]:
        """The 95 % Wilson interval of the share, taking the counts as a plain sample."""
        return wilson(self.estimate, self.denominator, NORMAL)


@dataclass(frozen=True, slots=True)
class ReferenceFile:
    """A file of references as it was read.

    Attributes:
        name: as findings.yaml gives it.
        sha256: of its bytes.
    """

    name: str
    sha256: str
    references: tuple[Reference, ...]


def read_references(folder: Path, name: str) -> ReferenceFile:
    """Read a file of references.

    Args:
        folder: the study's.
        name: the file's path in it.

    Raises:
        FileError: the file cannot be read, or a row of it is wrong; names the line.
    """
    path = folder / name
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FileError(path, f"cannot be read: {error.strerror}", hint="see `references:` in findings.yaml") from error
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileError(path, "is not UTF-8", hint="save it as UTF-8") from error
    return ReferenceFile(name, hashlib.sha256(content).hexdigest(), tuple(_references(path, name, text)))


def _references(path: Path, name: str, text: str) -> Iterator[Reference]:
    rows = csv.DictReader(io.StringIO(text, newline=""))
    missing = [column for column in COLUMNS if column not in (rows.fieldnames or ())]
    if missing:
        raise FileError(path, f"has no column {', '.join(missing)}", line=1, hint=_HINT)
    seen: set[str] = set()
    for row in rows:
        found = _reference(path, name, rows.line_num, row)
        if found.key in seen:
            raise FileError(path, f'"{found.key}" is here twice', line=rows.line_num, hint="give each a key of its own")
        seen.add(found.key)
        yield found


def _reference(path: Path, name: str, line: int, row: Mapping[str | None, str | list[str] | None]) -> Reference:
    cells = {column: str(row[column] or "").strip() for column in COLUMNS}
    if None in row or any(row[column] is None for column in COLUMNS):
        raise FileError(path, f"this row does not have {len(COLUMNS)} cells", line=line, hint=_HINT)
    empty = [column for column in COLUMNS if not cells[column]]
    if empty:
        raise FileError(
            path, f"{empty[0]} is empty", line=line, field=empty[0], hint="a figure without it says nothing"
        )
    numerator = _count(path, line, "numerator", cells["numerator"])
    denominator = _count(path, line, "denominator", cells["denominator"])
    if not 0 < denominator >= numerator:
        hint = "the numerator is part of the denominator, which is more than 0"
        raise FileError(path, f"{numerator} of {denominator} is no share", line=line, hint=hint)
    return Reference(
        key=cells["key"],
        label=cells["label"],
        numerator=numerator,
        denominator=denominator,
        base=cells["base"],
        definition=cells["definition"],
        as_of=cells["as_of"],
        source=cells["source"],
        file=name,
    )


def _count(path: Path, line: int, column: str, text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        hint = "write counts; the percentage is computed from them"
        raise FileError(path, f'"{text}" is no count', line=line, field=column, hint=hint)
    return int(text)


def bases(references: Iterable[Reference]) -> tuple[str, ...]:
    """The different bases of these figures, in their order."""
    return tuple(dict.fromkeys(reference.base for reference in references))
