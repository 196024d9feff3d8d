"""Changing items of a list in a file that people write: nothing but the lines of what differs is touched."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import FileError
from db.yaml_files import Document, load
from db.yaml_items import with_list

FILE = """\
# ours
codes:
  bread:
    rules:  # by hand
      # the plain word
      - dear bread
      # figures of speech
      - match: daylight robbery  # heard often
        stance: support
      - "an arm: a leg"
      # the rest
      - pricey
    note: kept
  cake:
    rules: [ a, b, c ]
  crumbs:
  rolls:
    rules:
"""
RULES = ["dear bread", {"match": "daylight robbery", "stance": "support"}, "an arm: a leg", "pricey"]
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=8)
ITEMS = st.lists(st.sampled_from(RULES) | TEXTS, max_size=6)


def document(folder: Path, text: str = FILE) -> Document:
    path = folder / "codebook.yaml"
    path.write_text(text, encoding="utf-8", newline="")
    return load(path)


def changed(folder: Path, items: list[object], name: str = "bread", text: str = FILE) -> str:
    return with_list(document(folder, text), "codes", name, "rules", items).text


def test_a_list_that_is_as_it_should_be_is_left_alone(tmp_path: Path) -> None:
    before = document(tmp_path)

    assert with_list(before, "codes", "bread", "rules", RULES) is before


def test_one_item_is_replaced_on_its_line(tmp_path: Path) -> None:
    wanted = FILE.replace("- dear bread\n", "- dear loaf*\n")

    assert changed(tmp_path, ["dear loaf*", *RULES[1:]]) == wanted


def test_an_item_that_needs_quotes_gets_them(tmp_path: Path) -> None:
    assert changed(tmp_path, ["title: bread", *RULES[1:]]) == FILE.replace("- dear bread", "- 'title: bread'")


def test_an_item_of_several_lines_is_written_on_one(tmp_path: Path) -> None:
    assert changed(tmp_path, ["dear\nbread", *RULES[1:]]) == FILE.replace("- dear bread", '- "dear\\nbread"')


def test_an_item_is_taken_out_with_its_line(tmp_path: Path) -> None:
    assert changed(tmp_path, RULES[:3]) == FILE.replace("      - pricey\n", "")


def test_items_are_added_at_the_end(tmp_path: Path) -> None:
    assert changed(tmp_path, [*RULES, "costly"]) == FILE.replace("- pricey\n", "- pricey\n      - costly\n")


def test_replacing_removing_and_adding_go_together(tmp_path: Path) -> None:
    wanted = FILE.replace("- dear bread\n", "- dear loaf\n").replace("      - pricey\n", "")

    text = changed(tmp_path, ["dear loaf", *RULES[1:3]])

    assert text == wanted


def test_a_list_in_brackets_is_changed_in_place(tmp_path: Path) -> None:
    assert changed(tmp_path, ["a", "x", "c"], "cake") == FILE.replace("[ a, b, c ]", "[ a, x, c ]")


def test_where_one_item_in_brackets_goes_the_list_is_written_anew(tmp_path: Path) -> None:
    text = changed(tmp_path, ["a", "c"], "cake")

    assert with_list(document(tmp_path, text), "codes", "cake", "rules", ["a", "c"]).text == text
    assert text.startswith(FILE.partition("  cake:")[0])


@pytest.mark.parametrize("name", ["crumbs", "rolls"])
def test_a_list_is_begun_where_there_is_none(tmp_path: Path, name: str) -> None:
    text = changed(tmp_path, ["new"], name)

    assert load(tmp_path / "codebook.yaml").data["codes"][name] in (None, {"rules": None})
    assert document(tmp_path, text).data["codes"][name] == {"rules": ["new"]}
    assert text.startswith(FILE.partition("  crumbs:")[0])


def test_an_empty_list_is_taken_out(tmp_path: Path) -> None:
    assert "rules" not in (document(tmp_path, changed(tmp_path, [], "cake")).data["codes"]["cake"] or {})


def test_an_entry_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileError, match='there is no "tart"'):
        with_list(document(tmp_path), "codes", "tart", "rules", ["x"])


def test_windows_line_ends_stay(tmp_path: Path) -> None:
    text = changed(tmp_path, ["dear loaf", *RULES[1:]], text=FILE.replace("\n", "\r\n"))

    assert text == FILE.replace("- dear bread\n", "- dear loaf\n").replace("\n", "\r\n")


@given(ITEMS)
def test_whatever_a_list_becomes_it_says_so_and_all_else_stays(items: list[object]) -> None:
    from tempfile import TemporaryDirectory  # noqa: PLC0415 - hypothesis and pytest's folder do not go together

    with TemporaryDirectory() as folder:
        before = document(Path(folder))
        after = with_list(before, "codes", "bread", "rules", items)

        expected = {name: value for name, value in before.data["codes"]["bread"].items() if name != "rules"}
        assert document(Path(folder), after.text).data["codes"] == {
            **before.data["codes"],
            "bread": {**expected, **({"rules": items} if items else {})},
        }
        assert after.text.startswith("# ours\ncodes:\n  bread:\n")
        assert after.text.endswith(FILE[FILE.index("    note: kept") :])


def test_an_item_that_would_end_its_brackets_is_put_in_quotes(tmp_path: Path) -> None:
    text = changed(tmp_path, ["a", "x]", "c"], "cake")

    assert document(tmp_path, text).data["codes"]["cake"] == {"rules": ["a", "x]", "c"]}
