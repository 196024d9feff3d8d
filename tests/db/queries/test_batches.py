import pytest

from db.queries.batches import chunks, marks


@pytest.mark.parametrize(
    ("count", "sizes"), [(0, []), (1, [1]), (500, [500]), (501, [500, 1]), (1200, [500, 500, 200])]
)
def test_long_lists_are_cut_to_what_sqlite_takes(count: int, sizes: list[int]) -> None:
    pieces = list(chunks(range(count)))

    assert [len(piece) for piece in pieces] == sizes
    assert [item for piece in pieces for item in piece] == list(range(count))


@pytest.mark.parametrize(("count", "expected"), [(0, ""), (1, "?"), (3, "?, ?, ?")])
def test_there_are_as_many_marks_as_items(count: int, expected: str) -> None:
    assert marks(range(count)) == expected
