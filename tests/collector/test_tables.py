import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.tables import Row, read_rows


def read(content: bytes, number: int = 1, offset: int = 0) -> list[tuple[int, dict[str, str] | str]]:
    header, *lines = content.splitlines(keepends=True)
    found = read_rows(header, iter(lines), number, offset, "said.csv")
    return [(line, row if isinstance(row, str) else row.cells) for line, row in found]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_the_header_uses_most(delimiter: str, end: str) -> None:
    content = end.join(delimiter.join(cells) for cells in (["who", "said"], ["ana", "yes"], ["bo", "no"]))

    assert read(content.encode()) == [(2, {"who": "ana", "said": "yes"}), (3, {"who": "bo", "said": "no"})]


def test_a_row_bears_the_number_of_the_line_in_which_it_begins() -> None:
    content = b'said\n"two\nlines"\n\nlast\n'

    assert read(content) == [(2, {"said": "two\nlines"}), (5, {"said": "last"})]


def test_a_column_without_a_name_is_left_out_and_blanks_around_names_are_too() -> None:
    assert read(b'"", said ,\n1,yes,2\n') == [(2, {"said": "yes"})]


def test_rows_know_their_table() -> None:
    header, row = b"who,said\n", b"ana,yes\n"

    ((_, found),) = read_rows(header, iter([row]), 1, 0, "said.csv")

    assert isinstance(found, Row)
    assert (found.table.name, found.table.columns) == ("said.csv", ("who", "said"))


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        (b"ana", "1 cells under 2 columns"),
        (b"ana,yes,no", "3 cells under 2 columns"),
        (b'ana,"yes"no', "no whole row: ',' expected after '\"'"),
        (b"ana,y\xffs", "byte 23: not UTF-8"),
        (b'ana,"y\xffs', "no whole row: "),
        (b'"a\xff",b\xff', "byte 20: not UTF-8"),
        (b'ana,"' + b"y" * 200_000, "no whole row: field larger than field limit (131072)"),
    ],
)
def test_a_broken_row_is_told_with_its_line_and_those_around_it_are_kept(bad: bytes, problem: str) -> None:
    good = [(2, {"who": "bo", "said": "no"}), (4, {"who": "cy", "said": "so"}), (5, {"who": "di", "said": "ja"})]

    found = read(b"who,said\nbo,no\n" + bad + b"\ncy,so\ndi,ja\n", offset=3)

    assert [each for each in found if each[0] != 3] == good
    (told,) = [row for line, row in found if line == 3]
    assert str(told).startswith(problem)


def test_of_a_row_of_many_lines_the_first_byte_that_is_not_utf8_is_told() -> None:
    assert read(b'said\n"two\xff\nlines\xff"\nlast\n', offset=3) == [(2, "byte 12: not UTF-8"), (4, {"said": "last"})]


def test_a_quote_that_is_never_closed_costs_no_row_but_its_own() -> None:
    found = read(b'who,said\nana,"yes\n' + b"bo,no\n" * 50)

    assert found[0] == (2, "no whole row: unexpected end of data")
    assert found[1:] == [(line, {"who": "bo", "said": "no"}) for line in range(3, 53)]


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        (b'"who\n', "line 4: no whole header: unexpected end of data"),
        (b"who,said,who\n", "line 4: two columns are named 'who'"),
        (b"who,s\xff\n", "byte 15: not UTF-8"),
    ],
)
def test_a_header_that_cannot_be_read_is_told_with_its_place(header: bytes, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        read(header, number=4, offset=10)


CELLS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(st.lists(st.tuples(CELLS, CELLS), max_size=8))
def test_whatever_a_program_writes_into_cells_comes_back_as_it_was(cells: list[tuple[str, str]]) -> None:
    written = io.StringIO(newline="")
    csv.writer(written, quoting=csv.QUOTE_ALL).writerows([("who", "said"), *cells])
    header, *lines = io.BytesIO(written.getvalue().encode())

    found = [row for _, row in read_rows(header, iter(lines), 1, 0, "said.csv")]

    assert [tuple(row.cells.values()) for row in found if isinstance(row, Row)] == cells
