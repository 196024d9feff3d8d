from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlite_utils import Database

from db.tokens import FILLER, Token, fold, tokens, word_bounds, words

# Letters that SQLite's tables know, of scripts that people post in, and what stands between words.
LETTERS = "".join(
    chr(point)
    for first, last in (
        (0x41, 0x5A), (0x61, 0x7A), (0xC0, 0x17F), (0x391, 0x3A1), (0x3A3, 0x3C9), (0x400, 0x481),
        (0x5D0, 0x5EA), (0x621, 0x63A), (0x1E00, 0x1E9A), (0x3041, 0x3096), (0x4E00, 0x4E80), (0xAC00, 0xAC80),
    )
    for point in range(first, last + 1)
    if point not in {0xD7, 0xF7}
)  # fmt: skip
BETWEEN = " \n\t.,;:!?'\"_-/*()[]{}<>@#$%^&+=|~`\\\u2019\u201c\u201d\u2026\u2014\u00a0\u2028\u3000\u3001\u20ac\u2192"
TEXTS = st.text(alphabet=LETTERS + "0123456789\u00b2\u00bd\u0660" + BETWEEN + "\ue001\uf8ff", max_size=60)


@pytest.fixture(scope="module")
def index() -> Iterator[Database]:
    database = Database(memory=True)
    database.execute("CREATE VIRTUAL TABLE texts USING fts5(body, tokenize = 'unicode61 remove_diacritics 2')")
    database.execute("CREATE VIRTUAL TABLE terms USING fts5vocab(texts, 'instance')")
    yield database
    database.close()


def _indexed(index: Database, text: str) -> list[str]:
    index.execute("DELETE FROM texts")
    index.execute("INSERT INTO texts (body) VALUES (?)", [text])
    return [term for (term,) in index.execute("SELECT term FROM terms ORDER BY offset")]


def _folded(text: str) -> list[str]:
    return [token.folded for token in tokens(text)]


@given(text=TEXTS)
def test_words_are_those_of_the_full_text_index(index: Database, text: str) -> None:
    assert _folded(text) == _indexed(index, text)


@given(marked=st.lists(st.text(alphabet="aeinouyAEIOU\u0300\u0301\u0302\u0303\u0308\u030a\u0327", max_size=8)))
def test_separate_diacritics_are_dropped_as_in_the_full_text_index(index: Database, marked: list[str]) -> None:
    text = " ".join(f"x{word}" for word in marked)

    assert _folded(text) == _indexed(index, text)


@given(text=st.text(max_size=60))
def test_tokens_stand_in_order_where_their_words_are(text: str) -> None:
    found = tokens(text)

    assert [text[token.start : token.end] for token in found] == words(text)
    assert [(token.start, token.end) for token in found] == word_bounds(text)
    assert [token.folded for token in found] == [fold(word) for word in words(text)]
    assert all(before.end <= after.start for before, after in pairwise(found))


def test_a_token_knows_its_place_in_code_points() -> None:
    assert tokens("😀 Söme_job") == [Token("some", 2, 6), Token("job", 7, 10)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("don't", ["don", "t"]),
        ("don\u2019t", ["don", "t"]),
        ("ML-Engineer", ["ml", "engineer"]),
        ("C++ and C#", ["c", "and", "c"]),
        ("GPT4 3.5", ["gpt4", "3", "5"]),
        ("R\u00c9SUM\u00c9", ["resume"]),
        ("re\u0301sume\u0301", ["resume"]),
        ("STRASSE stra\u00dfe", ["strasse", "stra\u00dfe"]),
        ("\u0130stanbul", ["istanbul"]),
        ("\u039f\u0394\u039f\u03a3 \u03bf\u03b4\u03cc\u03c2", ["\u03bf\u03b4\u03bf\u03c3", "\u03bf\u03b4\u03cc\u03c3"]),
        ("\u0439 \u0438\u0306", ["\u0439", "\u0439"]),
        ("\u0939\u093f\u0902\u0926\u0940", ["\u0939\u093f\u0902\u0926\u0940"]),
        ("great\U0001f917stuff", ["great", "stuff"]),
        ("1\ufe0f\u20e3", ["1"]),
        ("a\u00a0b", ["a", "b"]),
        ("", []),
        ("\u0301 \u200b", []),
    ],
)
def test_a_text_is_cut_into_folded_words(text: str, expected: list[str]) -> None:
    assert _folded(text) == expected


@pytest.mark.parametrize("invisible", ["\u00ad", "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u200b\u00ad"])
def test_an_invisible_character_inside_a_word_is_ignored(invisible: str) -> None:
    assert tokens(f"engi{invisible}neer") == [Token("engineer", 0, 8 + len(invisible))]


def test_an_invisible_character_after_a_word_is_no_part_of_it() -> None:
    assert tokens("word\u200b \u200bnext") == [Token("word", 0, 4), Token("next", 7, 11)]


def test_filler_is_a_token_of_its_own_also_beside_a_word() -> None:
    assert words(f"a{FILLER}{FILLER}b") == ["a", FILLER * 2, "b"]
