"""Outside figures: counts of a named base, read from CSV."""

import hashlib
from pathlib import Path

import pytest

from db.errors import FileError
from reports.references import Reference, bases, read_references

HEADER = "key,label,numerator,denominator,base,definition,as_of,source"
ROW = "rye,Rye,30,120,all loaves,loaves of rye,2026-01,a count at one bakery"


def reference(**changes: object) -> Reference:
    values = {"key": "rye", "label": "Rye", "numerator": 30, "denominator": 120, "base": "all loaves", "definition": "d",
              "as_of": "2026-01", "source": "s", "file": "bread.csv"}  # fmt: skip
    return Reference(**{**values, **changes})  # type: ignore[arg-type]  # the test gives the right types


def refused(folder: Path, content: str | bytes) -> FileError:
    path = folder / "bread.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(FileError) as raised:
        read_references(folder, "bread.csv")
    return raised.value


def test_a_file_is_read_with_its_hash_and_every_row(tmp_path: Path) -> None:
    content = f"{HEADER}\n{ROW}\nwheat,Wheat,90,120,all loaves,loaves of wheat,2026-01,the same\n".encode()
    (tmp_path / "bread.csv").write_bytes(content)

    found = read_references(tmp_path, "bread.csv")

    assert (found.name, found.sha256) == ("bread.csv", hashlib.sha256(content).hexdigest())
    assert [one.key for one in found.references] == ["rye", "wheat"]
    assert found.references[0].source == "a count at one bakery"


def test_the_percentage_is_computed_with_its_wilson_interval() -> None:
    one = reference(numerator=321, denominator=895)

    assert round(one.estimate, 3) == 0.359
    assert [round(limit, 3) for limit in one.limits] == [0.328, 0.391]


def test_bases_are_named_once_in_their_order() -> None:
    assert bases([reference(), reference(base="sold loaves"), reference()]) == ("all loaves", "sold loaves")


@pytest.mark.parametrize(
    ("content", "message", "hint"),
    [
        ("key,label\nrye,Rye\n", ":1: has no column numerator", "the columns are key"),
        ("", ":1: has no column key", "the columns are key"),
        (f"{HEADER}\n{ROW}\n{ROW}\n", ':3: "rye" is here twice', "a key of its own"),
        (f"{HEADER}\n{ROW},more\n", ":2: this row does not have 8 cells", "the columns are key"),
        (f"{HEADER}\nrye,Rye,30\n", ":2: this row does not have 8 cells", "the columns are key"),
        (f"{HEADER}\n{ROW.replace('all loaves', ' ')}\n", ":2: base: base is empty", "says nothing"),
        (f"{HEADER}\n{ROW.replace('30', '25 %')}\n", ':2: numerator: "25 %" is no count', "write counts"),
        (f"{HEADER}\n{ROW.replace('120', '1.2')}\n", ':2: denominator: "1.2" is no count', "write counts"),
        (f"{HEADER}\n{ROW.replace('30', '130')}\n", ":2: 130 of 120 is no share", "part of the denominator"),
        (f"{HEADER}\n{ROW.replace('30', '0').replace('120', '0')}\n", ":2: 0 of 0 is no share", "more than 0"),
        (b"\xff\xfe", ": is not UTF-8", "save it as UTF-8"),
    ],
)
def test_what_is_wrong_is_named_with_line_and_remedy(
    tmp_path: Path, content: str | bytes, message: str, hint: str
) -> None:
    error = refused(tmp_path, content)

    assert str(error).startswith(f"{tmp_path / 'bread.csv'}{message}")
    assert hint in str(error.hint)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot be read: No such file"):
        read_references(tmp_path, "cake.csv")
