"""Tables as programs export them (CSV, and with tabs or semicolons), row by row, with a line number for every error."""

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain

_DELIMITERS = ",;\t|"


@dataclass(frozen=True, slots=True)
class Table:
    """What the rows of a table have in common.

    Attributes:
        name: the name of its file.
        columns: their names, in order; columns without a name are left out.
    """

    name: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its cells by the names of their columns."""

    table: Table
    cells: dict[str, str]


@dataclass(slots=True)
class _Lines:
    """The lines of a table as text; those of the row at hand are kept, so that they can be read again."""

    source: Iterator[bytes]
    number: int
    offset: int
    not_utf8: int | None = None
    _taken: list[bytes] = field(default_factory=list)
    _again: deque[bytes] = field(default_factory=deque)

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self.source)
        self._taken.append(line)
        try:
            return line.decode()
        except UnicodeDecodeError as error:
            if self.not_utf8 is None:
                self.not_utf8 = self.offset + sum(map(len, self._taken[:-1])) + error.start
            return line.decode(errors="replace")

    def go_on(self, lines: int | None = None) -> None:
        """Be done with the first lines of the row at hand, by default with all; the others are read again."""
        done = self._taken[:lines]
        self._again.extendleft(reversed(self._taken[len(done) :]))
        self._taken.clear()
        self.number += len(done)
        self.offset += sum(map(len, done))
        self.not_utf8 = None


def read_rows(
    header: bytes, lines: Iterator[bytes], number: int, offset: int, name: str
) -> Iterator[tuple[int, Row | str]]:
    """Every row below the header: the number of the line in which it begins, and the row or what is wrong with it.

    A row whose quotes are broken ends with its first line; the reading goes on with the next.

    Args:
        header: the line in which the header begins.
        lines: the lines after it. All are UTF-8.
        number: the line number of the header.
        offset: the byte at which the header begins.
        name: the table's name.

    Raises:
        ValueError: the header cannot be read.
    """
    taken = _Lines(chain([header], lines), number, offset)
    delimiter = max(_DELIMITERS, key=header.decode(errors="replace").count)
    reader = csv.reader(taken, delimiter=delimiter, strict=True)
    columns = _columns(reader, taken)
    table = Table(name, tuple(filter(None, columns)))
    while True:
        at = taken.number
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            taken.go_on(1)
            yield at, f"no whole row: {error}"
            continue
        broken = taken.not_utf8
        taken.go_on()
        if broken is not None:
            yield at, f"byte {broken}: not UTF-8"
        elif len(cells) == len(columns):
            yield at, Row(table, {column: cell for column, cell in zip(columns, cells, strict=True) if column})
        elif cells:
            yield at, f"{len(cells)} cells under {len(columns)} columns"


def _columns(reader: Iterator[list[str]], taken: _Lines) -> list[str]:
    number = taken.number
    try:
        columns = [column.strip() for column in next(reader)]
    except csv.Error as error:
        raise ValueError(f"line {number}: no whole header: {error}") from None
    if taken.not_utf8 is not None:
        raise ValueError(f"byte {taken.not_utf8}: not UTF-8")
    twice = next((column for column in columns if column and columns.count(column) > 1), None)
    if twice is not None:
        raise ValueError(f"line {number}: two columns are named {twice!r}")
    taken.go_on()
    return columns
