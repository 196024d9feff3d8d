"""Dictionaries become codes with rules, and every entry that means something else is listed."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding.codebook import Codebook, read_entry, rule_set
from coding.codebook_exchange import Note, Reading, fitting
from coding.dictionaries import as_pattern, read_liwc, read_patterns, read_quanteda
from coding.patterns import parse_pattern
from coding.rules import Post
from db.errors import FileError

ENTRIES = st.text(st.sampled_from("aB7 *?-'.:()[]/#~|\"\\&😀éAND\n"), min_size=1, max_size=14)


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def found_in(reading: Reading, text: str) -> set[str]:
    """The codes of a dictionary that are found in a text, once it is in a codebook."""
    fit = fitting(Codebook({}), reading)
    codebook = Codebook({code: read_entry(code, entry) for code, entry in fit.entries.items()})
    return {hit.code for hit in rule_set(codebook).match(Post(text=text)).hits}


def details(reading: Reading) -> list[tuple[str, str, str]]:
    return [(note.code, note.what, note.detail) for note in reading.notes]


@pytest.mark.parametrize(
    "entry", ["bread", "bread*", "b?ead", "daily bread", "don't", "don’t", "007", "🍞", "🍞 with 👩‍👩‍👧"]
)
def test_words_and_wildcards_at_the_end_mean_the_same_here(entry: str) -> None:
    expected = (
        ["a wildcard inside a word ends with the word, so at a hyphen or an apostrophe too"] if "?" in entry else []
    )

    assert as_pattern(entry) == (entry, expected)


@pytest.mark.parametrize(
    ("entry", "pattern", "note"),
    [
        ("an*yst", "an*yst", "a wildcard inside a word ends with the word"),
        ("*bread", "*bread", "a wildcard inside a word ends with the word"),
        ("GDP", "GDP", "found in any case"),
        ("self-esteem", "self-esteem", "signs only part words: found with or without -"),
        ("c++", "c++", "signs only part words: found with or without +"),
        ("e_mail", "e_mail", "signs only part words: found with or without _"),
        ("kind (of)", '"kind (of)"', "signs only part words: found with or without ( )"),
        ('a "b" c', '"a  b  c"', 'signs only part words: found with or without "'),
        ("this AND that", '"this AND that"', "found in any case"),
        ("free * trade", "free THEN/1 trade", "with one word or none where it says *"),
        ("a (b) * c", '"a (b)" THEN/1 c', "with one word or none where it says *"),
    ],
)
def test_an_entry_that_means_something_else_here_says_so(entry: str, pattern: str, note: str) -> None:
    made, notes = as_pattern(entry)

    assert made == pattern
    assert notes[0].startswith(note)


@pytest.mark.parametrize("entry", ["*", "* bread", "bread *", "a * b * c", "a ? b", "a ** b"])
def test_an_entry_that_leaves_a_whole_word_open_cannot_be_said(entry: str) -> None:
    assert as_pattern(entry) == (None, ["it leaves a whole word open, which no pattern says"])


@pytest.mark.parametrize("entry", [":-)", "&", "ex-*"])
def test_an_entry_of_which_no_word_is_left_cannot_be_said(entry: str) -> None:
    pattern, notes = as_pattern(entry)

    assert pattern is None
    assert notes[0].startswith("position ")


@given(ENTRIES)
def test_any_entry_becomes_a_pattern_that_can_be_read_or_says_why_not(entry: str) -> None:
    pattern, notes = as_pattern(entry)

    if pattern is None:
        assert len(notes) == 1
    else:
        parse_pattern(pattern)


# quanteda

ECONOMY = """\
# a comment
economy:
  "__": [money, GDP]
  trade:
    - free * trade
    - 007
    - no
    - 1.50
  jobs: [job*]
  empty:
Mood: happy
list:
  - one
  - nested: [two]
"""


def test_keys_become_codes_below_each_other(tmp_path: Path) -> None:
    assert read_quanteda(written(tmp_path, "d.yml", ECONOMY)).entries == {
        "economy": {"name": "economy", "rules": ["money", "GDP", "#economy.trade", "#economy.jobs", "#economy.empty"]},
        "economy.trade": {"name": "trade", "parent": "economy", "rules": ["free THEN/1 trade", "007", "no", "1.50"]},
        "economy.jobs": {"name": "jobs", "parent": "economy", "rules": ["job*"]},
        "economy.empty": {"name": "empty", "parent": "economy"},
        "mood": {"name": "Mood", "rules": ["happy"]},
        "list": {"name": "list", "rules": ["one", "#list.nested"]},
        "list.nested": {"name": "nested", "parent": "list", "rules": ["two"]},
    }


def test_a_key_finds_what_the_keys_below_it_find(tmp_path: Path) -> None:
    reading = read_quanteda(written(tmp_path, "d.yml", ECONOMY.replace("  empty:\n", "")))

    assert found_in(reading, "Many jobs.") == {"economy", "economy.jobs"}
    assert (
        "economy",
        "changed",
        "finds what those below it find by rules of its own: economy.trade, economy.jobs",
    ) in details(reading)


def test_each_entry_that_means_something_else_is_noted_with_its_code(tmp_path: Path) -> None:
    reading = read_quanteda(written(tmp_path, "d.yml", "a: ['x*y', '* z', fine]\n"))

    assert reading.entries == {"a": {"name": "a", "rules": ["x*y", "fine"]}}
    assert details(reading) == [
        ("a", "changed", '"x*y": a wildcard inside a word ends with the word, so at a hyphen or an apostrophe too'),
        ("a", "left out", '"* z": it leaves a whole word open, which no pattern says'),
    ]  # fmt: skip


def test_keys_of_other_scripts_and_of_one_id_are_told_apart(tmp_path: Path) -> None:
    reading = read_quanteda(
        written(tmp_path, "d.yml", "面包: [x]\n糕: [y]\nA b: [z]\na-b: [z]\nc:\n  a!: q\n  a?: r\n")
    )

    assert list(reading.entries) == ["category", "category-2", "a-b", "a-b-2", "c", "c.a", "c.a-2"]
    assert reading.entries["category"]["name"] == "面包"


def test_an_entry_that_is_there_twice_is_one_rule(tmp_path: Path) -> None:
    assert read_quanteda(written(tmp_path, "d.yml", "a: [x, x]\n")).entries["a"]["rules"] == ["x"]


# LIWC

DIC = """\
%
1\tfunct
\t2\tpronoun
\t\t3\tI
22   Sad Words
not a category

%
abandon*\t22 3
kind of\t1\t2
self-esteem   1
like\t(02 134)125/464
kind\t<of>131/125
x\t99
route 66\t1 22 1
no numbers

"""


def test_categories_become_codes_and_words_their_rules(tmp_path: Path) -> None:
    reading = read_liwc(written(tmp_path, "a.dic", DIC.replace("\n", "\r\n")))

    assert reading.entries == {
        "funct": {"name": "funct", "rules": ["kind of", "self-esteem", "route 66"]},
        "funct.pronoun": {"name": "pronoun", "parent": "funct", "rules": ["kind of"]},
        "funct.pronoun.i": {"name": "I", "parent": "funct.pronoun", "rules": ["abandon*"]},
        "sad-words": {"name": "Sad Words", "rules": ["abandon*", "route 66"]},
    }
    assert found_in(reading, "Abandoned by all.") == {"sad-words", "funct.pronoun.i"}


def test_what_a_liwc_dictionary_says_otherwise_is_noted_with_its_line(tmp_path: Path) -> None:
    assert details(read_liwc(written(tmp_path, "a.dic", DIC))) == [
        ("funct.pronoun", "changed", "below funct, which finds only the words that name it themselves"),
        ("funct.pronoun.i", "changed", "below funct.pronoun, which finds only the words that name it themselves"),
        ("not a category", "left out", "line 6: no category with a number"),
        ("funct", "changed", '"self-esteem": signs only part words: found with or without -'),
        ("like\t(02 134)125/464", "left out", "line 12: it depends on the words around it"),
        ("kind\t<of>131/125", "left out", "line 13: it depends on the words around it"),
        ("x", "left out", "line 14: there is no category 99"),
        ("no numbers", "left out", "line 16: no word with the numbers of its categories"),
    ]  # fmt: skip


def test_a_category_less_indented_ends_the_one_before(tmp_path: Path) -> None:
    reading = read_liwc(written(tmp_path, "a.dic", "%\n1\ta\n\t2\tb\n3\tc\n\t4\td\n%\nx\t4\n"))

    assert [entry.get("parent") for entry in reading.entries.values()] == [None, "a", None, "c"]


def test_a_dictionary_of_another_encoding_is_read_with_a_note(tmp_path: Path) -> None:
    reading = read_liwc(written(tmp_path, "a.dic", "%\n1\tprix\n%\nélevé*\t1\n".encode("cp1252")))

    assert reading.entries["prix"]["rules"] == ["élevé*"]
    assert reading.notes == [Note("a.dic", "changed", "not UTF-8, read as Windows-1252: look at accented letters")]


@pytest.mark.parametrize("content", ["", "a\t1\n", "%\n1\ta\n"])
def test_a_file_without_categories_is_no_dictionary(tmp_path: Path, content: str) -> None:
    with pytest.raises(FileError, match="the categories do not stand between two lines of %"):
        read_liwc(written(tmp_path, "a.dic", content))


# Tables of patterns


def test_a_table_of_patterns_is_taken_as_it_stands(tmp_path: Path) -> None:
    path = written(
        tmp_path, "p.csv",
        "code,pattern,stance\nTitle fog,job title*,\nTitle fog,(a|b) NEAR/5 c,support\nrag,rag,\nrag,rag,\n",
    )  # fmt: skip

    reading = read_patterns(path)

    assert reading.entries == {
        "title-fog": {
            "name": "Title fog", "stance": True, "rules": ["job title*", {"match": "(a|b) NEAR/5 c", "stance": "support"}],
        },
        "rag": {"name": "Rag", "rules": ["rag"]},
    }  # fmt: skip
    assert reading.notes == []


def test_rows_that_cannot_be_rules_are_noted_with_their_line(tmp_path: Path) -> None:
    path = written(tmp_path, "p.csv", 'code;pattern;stance\nrag;"(a";\nrag;x;maybe\n;x;\nrag;;\n!!;x;\n')

    reading = read_patterns(path)

    assert reading.entries == {"rag": {"name": "Rag"}}
    assert details(reading) == [
        ("rag", "left out", 'line 2: pattern "(a", position 0: "(" is not closed'),
        ("rag", "left out", 'line 3: "maybe" is no stance'),
        ("", "left out", "line 4: it needs a code and a pattern"),
        ("rag", "left out", "line 5: it needs a code and a pattern"),
        ("!!", "left out", "line 6: it needs a code and a pattern"),
    ]  # fmt: skip
