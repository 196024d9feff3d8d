"""Codebooks on their way out and in: what goes out comes back, and what cannot come in is listed."""

import csv
import io
import json
from pathlib import Path

import pytest
from fakes.codebooks import codebooks
from hypothesis import given

from coding.codebook import Code, Codebook, code_entry, load_codebook, read_entry
from coding.codebook_exchange import (
    MAX_BYTES,
    Item,
    Note,
    Reading,
    as_csv,
    as_patterns,
    as_yaml,
    described,
    entries_of,
    fitting,
    read_csv,
    read_description,
    read_table,
    read_yaml,
    unique_names,
)
from coding.dictionaries import read_patterns
from coding.negation import Negation
from coding.rules import Rule
from db.errors import FileError

EMPTY = Codebook({})
BREAD = Code(
    "bread", "Bread", definition="Names bread.", include="rolls", exclude="cake", examples=("A loaf!", "Two\nlines"),
    colour="1f77b4", key="b", status="retired", since="2026-02-01", stance=True, statement="bread is dear",
    rules=(Rule("bread*"), Rule("dear loaf", "support")), must_match=("The bread",), must_not_match=("The cake",),
)  # fmt: skip
PLACE = (
    Code("place", "Place", choose_one=True),
    Code("place.home", "Home", parent="place"),
    Code("place.shop", "Shop", parent="place"),
)


def book(*codes: Code) -> Codebook:
    return Codebook({code.id: code for code in codes})


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def added_to_nothing(reading: Reading) -> Codebook:
    """The codebook that a reading makes of an empty one."""
    fit = fitting(EMPTY, reading)
    assert fit.notes == []
    return Codebook({code: read_entry(code, entry) for code, entry in fit.entries.items()})


# Out and in again


@given(codebook=codebooks())
def test_what_is_written_as_yaml_reads_back_as_the_same(
    tmp_path_factory: pytest.TempPathFactory, codebook: Codebook
) -> None:
    path = written(tmp_path_factory.mktemp("out"), "codebook.yaml", as_yaml(codebook))

    assert load_codebook(path) == codebook
    assert added_to_nothing(read_yaml(path)) == codebook


@given(codebook=codebooks())
def test_what_is_written_as_csv_reads_back_as_the_same(
    tmp_path_factory: pytest.TempPathFactory, codebook: Codebook
) -> None:
    path = written(tmp_path_factory.mktemp("out"), "codebook.csv", as_csv(codebook, {}))

    assert added_to_nothing(read_csv(path)) == codebook


@given(codebook=codebooks())
def test_rules_written_as_a_table_read_back_as_the_same(
    tmp_path_factory: pytest.TempPathFactory, codebook: Codebook
) -> None:
    path = written(tmp_path_factory.mktemp("out"), "rules.csv", as_patterns(codebook))

    read = {code: read_entry(code, entry).rules for code, entry in read_patterns(path).entries.items()}

    assert read == {code.id: tuple(dict.fromkeys(code.rules)) for code in codebook.codes.values() if code.rules}


@given(codebook=codebooks())
def test_no_two_codes_are_written_under_one_name(codebook: Codebook) -> None:
    names = [name.casefold() for name in unique_names(codebook).values()]

    assert len(set(names)) == len(names)
    assert not any("\n" in name for name in names)


def test_codes_of_one_name_are_written_with_the_code_above_them() -> None:
    codebook = book(
        Code("a", "A"), Code("b", "B"), Code("a.other", "Other", parent="a"), Code("b.other", "other", parent="b"),
        Code("c", "A / other"),
    )  # fmt: skip

    assert unique_names(codebook) == {
        "a": "A", "b": "B", "a.other": "A / Other (a.other)", "b.other": "B / other", "c": "A / other (c)",
    }  # fmt: skip


def test_the_table_has_the_columns_of_taguette_with_all_else_in_the_description() -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(book(BREAD, *PLACE), {"bread": 3}))))

    assert list(rows[0]) == ["tag", "parent", "description", "number of highlights"]
    assert [(row["tag"], row["parent"], row["number of highlights"]) for row in rows] == [
        ("Bread", "", "3"), ("Place", "", "0"), ("Home", "Place", "0"), ("Shop", "Place", "0"),
    ]  # fmt: skip
    assert rows[0]["description"].split("\n\n") == [
        "Names bread.", "Include: rolls", "Exclude: cake", "Example: A loaf!", "Example: Two\nlines",
        "Statement: bread is dear", "Stance: yes", "Since: 2026-02-01", "Colour: 1f77b4", "Key: b", "Status: retired",
        "Rule: bread*", 'Rule: {"match": "dear loaf", "stance": "support"}', "Must match: The bread",
        "Must not match: The cake", "Id: bread",
    ]  # fmt: skip
    assert rows[1]["description"] == "Choose: one\n\nId: place"


def test_an_empty_codebook_is_written_as_one() -> None:
    assert as_yaml(EMPTY) == "version: 1\ncodes:\n"
    assert as_csv(EMPTY, {}) == "tag,parent,description,number of highlights\n"


def test_words_of_negation_are_written_with_the_codebook(tmp_path: Path) -> None:
    codebook = Codebook({"bread": BREAD}, Negation(cues=("kein",)))
    path = written(tmp_path, "codebook.yaml", as_yaml(codebook))

    assert load_codebook(path) == codebook
    assert read_yaml(path).notes == [
        Note("negation", "left out", "its words of negation; those of the codebook hold for all of its codes")
    ]


# Descriptions


def test_a_description_of_another_program_is_a_definition_as_it_stands() -> None:
    assert read_description(" Names bread.\nInclude: rolls\n") == {"definition": "Names bread.\nInclude: rolls"}
    assert read_description(" \n") == {}


def test_a_line_that_looks_like_a_heading_is_told_apart() -> None:
    code = Code("bread", "Bread", definition="Rule: none\n\\Id: none\nRule of thumb")

    assert described(code, "Bread") == "\\Rule: none\n\\\\Id: none\nRule of thumb\n\nId: bread"
    assert read_description(described(code, "Bread")) == {"definition": code.definition, "id": "bread"}


def test_fields_with_a_place_of_their_own_are_not_in_the_description() -> None:
    assert described(BREAD, "Bread", without=["colour"]).count("Colour") == 0


def test_a_description_that_somebody_edited_is_read_as_far_as_it_goes() -> None:
    said = 'Since: spring\n\nColour: red\n\nRule: (\n\nRule: {"match": 1}\n\nRule: {oops\n\nInclude:\n\nId: bread'

    reading = entries_of([Item("Bread", said)])

    assert reading.entries == {"bread": {"name": "Bread"}}
    assert {note.detail.partition(":")[0] for note in reading.notes} == {
        "its since cannot be read", "its colour cannot be read", "its rules cannot be read", "its rule cannot be read",
    }  # fmt: skip
    assert {note.what for note in reading.notes} == {"left out"}


# Tables


@pytest.mark.parametrize("column", ["tag", "name", "path", "Tag"])
@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_a_table_of_codes_is_read_whatever_parts_its_columns(tmp_path: Path, column: str, sign: str) -> None:
    path = written(
        tmp_path, "tags.csv", f"\ufeff{column}{sign}description\r\nBread{sign}Names bread\r\n\r\nCake{sign}\r\n"
    )

    assert read_csv(path).entries == {
        "bread": {"name": "Bread", "definition": "Names bread"}, "cake": {"name": "Cake"},
    }  # fmt: skip


def test_a_code_above_is_found_by_its_column_or_by_dots(tmp_path: Path) -> None:
    path = written(
        tmp_path, "tags.csv", "tag,parent\nfood.bread.white,\nfood,\nfood.bread,\nCake,food\nother.thing,\nPie,pastry\n"
    )

    reading = read_csv(path)

    assert {code: entry.get("parent") for code, entry in reading.entries.items()} == {
        "food.bread.white": "food.bread", "food": None, "food.bread": "food", "cake": "food", "other.thing": None, "pie": None,
    }  # fmt: skip
    assert reading.notes == [Note("Pie", "changed", 'line 7: the code above it, "pastry", is not in the file')]


def test_codes_above_each_other_are_let_go(tmp_path: Path) -> None:
    reading = read_csv(written(tmp_path, "tags.csv", "tag,parent\na,b\nb,c\nc,a\nd,a\n"))

    assert {code: entry.get("parent") for code, entry in reading.entries.items()} == {
        "a": None, "b": "c", "c": "a", "d": "a",
    }  # fmt: skip
    assert reading.notes == [Note("a", "changed", "it was above itself; here no code is above it")]


@pytest.mark.parametrize(
    ("content", "line", "problem"),
    [
        (b"", 1, "no column is called tag or name or path"),
        (b"code;text\na;b\n", 1, "no column is called tag or name or path"),
        (b"tag\n\xff\n", None, "not UTF-8 text"),
        (b"tag\n" + b'"' + b"x" * 200_000, 2, "no table can be read from it: field larger than field limit"),
        (b"x" * (MAX_BYTES + 1), None, "larger than 20 MB"),
    ],
    ids=["empty", "other columns", "no UTF-8", "a huge cell", "a huge file"],
)
def test_what_is_no_table_of_codes_is_named_with_its_place(
    tmp_path: Path, content: bytes, line: int | None, problem: str
) -> None:
    path = written(tmp_path, "tags.csv", content)

    with pytest.raises(FileError) as raised:
        read_csv(path)

    place = f"{path}:{line}" if line else f"{path}"
    assert str(raised.value).startswith(f"{place}: {problem}")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"tags\.csv: cannot be read: no such file or directory"):
        read_csv(tmp_path / "tags.csv")


def test_rows_know_their_lines(tmp_path: Path) -> None:
    path = written(tmp_path, "t.csv", 'Pattern,code\n"a\nb",x\n\ny\n')

    assert list(read_table(path, ["pattern"])) == [(3, {"pattern": "a\nb", "code": "x"}), (5, {"pattern": "y"})]


# Ids


def test_codes_of_another_program_get_ids_of_their_own() -> None:
    items = [
        Item("Bread"), Item("bread!"), Item("Food"), Item("Bread", above=2), Item("面包"), Item("面包", above=2),
        Item("Bread", above=2), Item("Bread", "Id: bread-3"),
    ]  # fmt: skip

    reading = entries_of(items)

    assert [(code, entry["name"]) for code, entry in reading.entries.items()] == [
        ("bread", "Bread"), ("bread-2", "bread!"), ("food", "Food"), ("food.bread", "Bread"), ("code", "面包"),
        ("food.code", "面包"), ("bread-4", "Bread"), ("bread-3", "Bread"),
    ]  # fmt: skip


def test_an_id_that_cannot_be_one_is_made_anew() -> None:
    assert list(entries_of([Item("Bread", "Id: No id!")]).entries) == ["bread"]


def test_a_code_that_is_there_twice_or_has_no_name_is_left_out() -> None:
    reading = entries_of([Item("Bread", "Id: bread"), Item("Loaf", "Id: bread"), Item("")])

    assert list(reading.entries) == ["bread"]
    assert reading.notes == [Note("bread", "left out", "it is there twice"), Note("code", "left out", "it has no name")]


def test_a_category_that_held_codes_together_becomes_a_code() -> None:
    reading = entries_of([Item("Food", is_codable=False), Item("Place", "Choose: one\n\nId: place", is_codable=False)])

    assert reading.notes == [
        Note("food", "changed", "it only held other codes together; here it can be given like any code")
    ]


# What goes into a codebook


def test_a_code_that_exists_is_left_as_it_is() -> None:
    reading = Reading(
        {"bread": {"name": "Bread", "definition": "Another."}, "place": {"name": "Place", "choose": "one"}}
    )

    fit = fitting(book(BREAD, *PLACE), reading)

    assert fit.entries == {}
    assert [(note.code, note.what) for note in fit.notes] == [("bread", "exists"), ("place", "same")]
    assert fit.notes[0].detail.startswith(
        "it is in the codebook already, which differs in definition, include, exclude"
    )


def test_what_was_noted_of_a_code_that_is_there_just_so_is_not_told_again() -> None:
    reading = Reading(
        {"place": {"name": "Place", "choose": "one"}}, [Note("place", "changed", "x"), Note("y", "changed", "z")]
    )

    assert [note.code for note in fitting(book(*PLACE), reading).notes] == ["y", "place"]


def test_a_code_of_a_name_that_exists_is_left_out_and_its_codes_go_below_the_namesake() -> None:
    reading = Reading({"loaf": {"name": "BREAD"}, "roll": {"name": "Roll", "parent": "loaf"}})

    fit = fitting(book(BREAD), reading)

    assert fit.entries == {"roll": {"name": "Roll", "parent": "bread"}}
    assert fit.notes == [Note("loaf", "exists", '"BREAD" is the name of bread already')]


def test_a_code_without_the_one_above_it_stands_by_itself() -> None:
    fit = fitting(EMPTY, Reading({"roll": {"name": "Roll", "parent": "loaf"}}))

    assert fit.entries == {"roll": {"name": "Roll"}}
    assert fit.notes == [Note("roll", "changed", "the code above it, loaf, is not in the codebook")]


def test_a_code_may_go_below_one_that_exists() -> None:
    entries = {"place.work": {"name": "Work", "parent": "place"}}

    assert fitting(book(*PLACE), Reading(dict(entries))).entries == entries


@pytest.mark.parametrize("key", ["b", "j"])
def test_a_key_that_is_taken_is_left_out(key: str) -> None:
    reading = Reading(
        {"cake": {"name": "Cake", "key": key}, "pie": {"name": "Pie", "key": "x"}, "tart": {"name": "T", "key": "x"}}
    )

    fit = fitting(book(Code("roll", "Roll", key="b")), reading)

    assert {code: entry.get("key") for code, entry in fit.entries.items()} == {"cake": None, "pie": "x", "tart": None}
    assert {note.code for note in fit.notes} == {"cake", "tart"}


def test_the_key_of_a_retired_code_may_be_taken() -> None:
    fit = fitting(book(BREAD), Reading({"cake": {"name": "Cake", "key": "b"}}))

    assert fit.entries["cake"]["key"] == "b"


def test_an_attribute_none_of_whose_values_comes_in_is_none() -> None:
    entries = {"mood": {"name": "Mood", "choose": "one"}, "place.home": {"name": "Home", "parent": "mood"}}

    fit = fitting(book(*PLACE), Reading(entries))

    assert fit.entries == {"mood": {"name": "Mood"}}
    assert fit.notes[-1] == Note("mood", "changed", "no attribute any more, since none of its values is added")


def test_rules_that_name_codes_which_are_nowhere_are_left_out() -> None:
    entry = {
        "name": "Cake",
        "rules": ["#bread", {"match": "#pie AND tart", "stance": "support"}],
        "must_match": ["pie"],
    }

    some, none = fitting(book(BREAD), Reading({"cake": entry})), fitting(EMPTY, Reading({"cake": entry}))

    assert some.entries["cake"]["rules"] == ["#bread"]
    assert [note.detail for note in some.notes] == [
        'its rule {"match": "#pie AND tart", "stance": "support"}, since there is no code pie'
    ]
    assert none.entries == {"cake": {"name": "Cake"}}
    assert none.notes[-1].detail == "without its texts to match, since none of its rules is left"


def test_a_reading_is_not_changed_by_being_held_against_a_codebook() -> None:
    reading = Reading({"cake": {"name": "Cake", "key": "j", "rules": ["#pie", "x"], "parent": "y"}})
    before = json.dumps(reading.entries)

    fitting(EMPTY, reading)

    assert json.dumps(reading.entries) == before


def test_rules_of_another_codebook_that_cannot_be_read_are_left_out(tmp_path: Path) -> None:
    path = written(tmp_path, "other.yaml", "codes:\n  bread:\n    rules: ['(', bread]\n  cake:\n    rules: ['(']\n")

    reading = read_yaml(path)

    assert reading.entries == {"bread": {"name": "Bread", "rules": ["bread"]}, "cake": {"name": "Cake"}}
    assert [note.what for note in reading.notes] == ["left out", "left out"]


def test_an_entry_is_what_the_file_says() -> None:
    assert read_entry("bread", code_entry(BREAD)) == BREAD
