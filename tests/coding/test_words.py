import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding.words import as_written, has_wildcard, is_beginning, literal_start, stem, wildcard_expression


@pytest.mark.parametrize(
    ("word", "matching"),
    [
        ("title*", ["title", "titles", "titled"]),
        ("*title", ["title", "subtitle"]),
        ("*itl*", ["title", "titles", "subtitle", "titled"]),
        ("t*e", ["title"]),
        ("t?tle", ["title"]),
        ("title?", ["titles", "titled"]),
        ("t**e", ["title"]),
        ("t*t*s", ["titles"]),
        ("*t?e*", ["title", "titles", "subtitle", "titled"]),
        ("*t??e*", ["tale."]),
    ],
)
def test_wildcards_stand_for_characters_of_one_word(word: str, matching: list[str]) -> None:
    candidates = ["title", "titles", "subtitle", "titled", "tale."]

    assert [candidate for candidate in candidates if wildcard_expression(word).match(candidate)] == matching


def test_many_wildcards_take_no_longer_than_the_word_is_long() -> None:
    expression = wildcard_expression("*a" * 40 + "*b")

    started = time.process_time()
    assert expression.match("a" * 100_000) is None
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("word", "wildcard", "beginning", "start"),
    [
        ("title", False, False, "title"),
        ("title*", True, True, "title"),
        ("t*e", True, False, "t"),
        ("t?t*", True, False, "t"),
        ("*t*", True, False, ""),
        ("t**", True, False, "t"),
    ],
)
def test_a_word_tells_its_wildcards(word: str, *, wildcard: bool, beginning: bool, start: str) -> None:
    assert (has_wildcard(word), is_beginning(word), literal_start(word)) == (wildcard, beginning, start)


def test_exact_spelling_is_composed_and_without_invisible_characters() -> None:
    assert as_written("Caf\u0065\u0301\u200b") == "Caf\u00e9"


def test_forms_of_a_word_have_one_stem() -> None:
    assert {stem(word) for word in ("tune", "tunes", "tuned", "tuning")} == {"tune"}


@given(word=st.text("abcdefghijklmnopqrstuvwxyz\u00e9'", min_size=1, max_size=12).filter(lambda word: word[0] != "'"))
def test_a_stem_begins_as_its_word(word: str) -> None:
    assert stem(word)[:1] == word[:1]


@pytest.mark.parametrize(
    "word", ["skies", "dying", "lying", "tying", "idly", "gently", "ugly", "early", "only", "singly"]
)
def test_the_stem_of_an_irregular_word_begins_as_the_word(word: str) -> None:
    assert stem(word)[:1] == word[:1]
