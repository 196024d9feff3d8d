"""A field is changed where it stands, and every other line stays as somebody wrote it."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import FileError
from db.yaml_edits import with_field, with_items
from db.yaml_files import MAX_BYTES, load, with_entries

BOX = """\
# What the box holds
tools:
  hammer:          # the big one
    name: Hammer   # not the mallet
    uses:
      - nails      # long ones
      - doors

      # not windows
    # end of the hammer
  saw: {name: Saw, uses: [wood, "bone"]}
  axe:

  drill: {}
  # plane:
  #   name: Plane
  file:
    note: |
      Two lines
      of text.

    name: >-
      A folded
      name
label: Box
"""
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufeff"), max_size=20)
VALUES = TEXTS | st.lists(TEXTS, min_size=1, max_size=3) | st.booleans() | st.integers(-(10**9), 10**9)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "box.yaml"


def written(path: Path, text: str = BOX) -> Path:
    path.write_text(text, encoding="utf-8", newline="")
    return path


def changed_lines(before: str, after: str) -> tuple[list[str], list[str]]:
    """The lines that went and those that came, in order."""
    old, new = before.splitlines(), after.splitlines()
    return [line for line in old if line not in new], [line for line in new if line not in old]


@pytest.mark.parametrize(
    ("name", "field", "value", "went", "came"),
    [
        (
            "hammer", "name", "Mallet",
            ["    name: Hammer   # not the mallet"], ["    name: Mallet   # not the mallet"],
        ),
        ("hammer", "weight", 3, [], ["    weight: 3"]),
        ("hammer", "uses", ["pegs"], ["      - nails      # long ones", "      - doors"], ["      - pegs"]),
        ("hammer", "name", None, ["    name: Hammer   # not the mallet"], []),
        (
            "saw", "name", "Hand saw",
            ['  saw: {name: Saw, uses: [wood, "bone"]}'], ['  saw: {name: "Hand saw", uses: [wood, "bone"]}'],
        ),
        (
            "saw", "old", True,
            ['  saw: {name: Saw, uses: [wood, "bone"]}'], ['  saw: {name: Saw, uses: [wood, "bone"], old: true}'],
        ),
        ("saw", "uses", None, ['  saw: {name: Saw, uses: [wood, "bone"]}'], ["  saw: {name: Saw, }"]),
        ("saw", "name", None, ['  saw: {name: Saw, uses: [wood, "bone"]}'], ['  saw: {uses: [wood, "bone"]}']),
        ("axe", "name", "Axe", [], ["    name: Axe"]),
        ("axe", "name", None, [], []),
        ("drill", "name", "Drill", ["  drill: {}"], ["  drill: ", "    name: Drill"]),
        ("file", "note", "One line.", ["    note: |", "      Two lines", "      of text."], ["    note: One line."]),
        ("file", "name", "File", ["    name: >-", "      A folded", "      name"], ["    name: File"]),
        ("file", "note", None, ["    note: |", "      Two lines", "      of text."], []),
        ("file", "about", "One.\nTwo.", [], ["    about: |-", "      One.", "      Two."]),
    ],
)  # fmt: skip
def test_only_the_lines_of_the_field_change(
    path: Path, name: str, field: str, value: Any, went: list[str], came: list[str]
) -> None:
    changed = with_field(load(written(path)), "tools", name, field, value)

    assert changed_lines(BOX, changed.text) == (went, came)
    assert (changed.data["tools"][name] or {}).get(field) == value
    assert changed.data == {**load(path).data, "tools": {**load(path).data["tools"], name: changed.data["tools"][name]}}


@pytest.mark.parametrize(
    ("name", "went", "came"),
    [
        ("hammer", [], ["      - pegs", "      - a: b"]),
        (
            "saw",
            ['  saw: {name: Saw, uses: [wood, "bone"]}'],
            ['  saw: {name: Saw, uses: [wood, "bone", "pegs", {"a": "b"}]}'],
        ),
        ("axe", [], ["      - pegs", "      - a: b"]),
    ],
)
def test_items_are_added_at_the_end_of_a_list(path: Path, name: str, went: list[str], came: list[str]) -> None:
    changed = with_items(load(written(path)), "tools", name, "uses", ["pegs", {"a": "b"}])

    assert changed_lines(BOX, changed.text) == (went, came)
    assert changed.data["tools"][name]["uses"][-2:] == ["pegs", {"a": "b"}]


def test_an_item_is_added_behind_the_last_one_and_before_the_comments_below(path: Path) -> None:
    changed = with_items(load(written(path)), "tools", "hammer", "uses", ["pegs"])

    assert "      - doors\n      - pegs\n\n      # not windows\n" in changed.text


def test_no_items_change_nothing(path: Path) -> None:
    assert with_items(load(written(path)), "tools", "hammer", "uses", []).text == BOX


@pytest.mark.parametrize("uses", ["[]", "", "[wood,]", "[\n      wood\n    ]", "\n    - wood", "\n      -   wood"])
def test_a_list_is_added_to_however_it_is_written(path: Path, uses: str) -> None:
    text = f"tools:\n  saw:\n    uses: {uses}\n    name: Saw\n"

    changed = with_items(load(written(path, text)), "tools", "saw", "uses", ["pegs"])

    assert changed.data["tools"]["saw"]["uses"] == ["wood"] * ("wood" in uses) + ["pegs"]
    assert changed.data["tools"]["saw"]["name"] == "Saw"


def test_the_last_field_of_an_entry_can_be_taken_out(path: Path) -> None:
    changed = with_field(load(written(path, "tools:\n  saw:\n    name: Saw\n")), "tools", "saw", "name", None)

    assert changed.text == "tools:\n  saw:\n"


@pytest.mark.parametrize("end", ["", "\n", "\n\n", " # the end"])
def test_a_field_is_added_to_the_last_entry_whatever_ends_the_file(path: Path, end: str) -> None:
    changed = with_field(load(written(path, f"tools:\n  saw:\n    name: Saw{end}")), "tools", "saw", "old", True)

    assert changed.text.startswith(f"tools:\n  saw:\n    name: Saw{end.strip(chr(10))}\n    old: true\n")


def test_line_ends_of_another_system_are_kept(path: Path) -> None:
    text = BOX.replace("\n", "\r\n")

    for field, value in (("uses", ["pegs", "rope"]), ("name", None), ("weight", 3)):
        changed = with_field(load(written(path, text)), "tools", "hammer", field, value)
        assert changed.text.count("\n") == changed.text.count("\r\n")
    assert with_items(load(path), "tools", "hammer", "uses", ["pegs"]).text.count("\r\n") == text.count("\r\n") + 1


def test_an_entry_that_is_not_there_is_not_changed(path: Path) -> None:
    with pytest.raises(FileError, match=r'box\.yaml:2: tools: there is no "plane"'):
        with_field(load(written(path)), "tools", "plane", "name", "Plane")


def test_a_section_that_is_not_there_has_no_entry(path: Path) -> None:
    with pytest.raises(FileError, match='there is no "saw"'):
        with_field(load(written(path, "label: Box\n")), "tools", "saw", "name", "Saw")


@pytest.mark.parametrize(
    "uses", ["[wood # hard\n    ]", "[\n      wood\n      # soft\n    ]", "[wood, pegs,\n# old\n]"]
)
def test_a_list_that_cannot_be_added_to_is_left_with_an_error_that_names_its_line(path: Path, uses: str) -> None:
    document = load(written(path, f"tools:\n  saw:\n    uses: {uses}\n"))

    with pytest.raises(FileError) as raised:
        with_items(document, "tools", "saw", "uses", ["pegs"])

    assert str(raised.value).endswith(':3: tools.saw: "uses" cannot be changed without touching other lines')
    assert raised.value.hint == "change it by hand"


def test_a_text_whose_empty_lines_count_is_not_cut_off(path: Path) -> None:
    document = load(written(path, "tools:\n  saw:\n    note: |+\n      a\n\n"))

    with pytest.raises(FileError, match=r":2: tools\.saw: "):
        with_field(document, "tools", "saw", "name", "Saw")


def test_a_change_that_would_break_the_file_is_not_made(path: Path) -> None:
    document = load(written(path, 'tools:\n  saw:\n    "sort:":\n'))

    with pytest.raises(FileError, match='"sort:" cannot be changed'):
        with_field(document, "tools", "saw", "sort:", "fine")


def test_a_file_does_not_grow_beyond_what_can_be_read(path: Path) -> None:
    with pytest.raises(FileError, match="cannot be changed"):
        with_field(load(written(path)), "tools", "axe", "name", "x" * MAX_BYTES)


@given(
    name=st.sampled_from(["hammer", "saw", "axe", "drill", "file"]), field=st.sampled_from(["name", "uses", "old"]),
    value=VALUES,
)  # fmt: skip
def test_any_value_reads_back_as_it_was_meant(
    tmp_path_factory: pytest.TempPathFactory, name: str, field: str, value: Any
) -> None:
    document = load(written(tmp_path_factory.mktemp("box") / "box.yaml"))

    changed = with_field(document, "tools", name, field, value)

    assert changed.data["tools"][name][field] == value
    assert [line for line in changed.text.splitlines() if line.lstrip().startswith("#")] == [
        line for line in BOX.splitlines() if line.lstrip().startswith("#")
    ]


def test_several_entries_are_added_at_once(path: Path) -> None:
    document = load(written(path))

    changed = with_entries(document, "tools", {"plane": {"name": "Plane"}, "rasp": {"uses": ["wood"]}})

    assert list(changed.data["tools"])[-2:] == ["plane", "rasp"]
    assert changed_lines(BOX, changed.text)[0] == []
