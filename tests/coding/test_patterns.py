import time

import pytest

from coding.patterns import RuleError, parse_pattern, wildcard_expression


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("Job Title*", ("job", "title*")),
        ('"job title"', ("job", "title")),
        (" \u201cjob title\u201d ", ("job", "title")),
        ("ml-engineer", ("ml", "engineer")),
        ("don't", ("don", "t")),
        ("don\u2019t", ("don", "t")),
        ("c++", ("c",)),
        ("fine?tun*", ("fine?tun*",)),
        ("R\u00c9SUM*", ("resum*",)),
        ("a\u00a0b", ("a", "b")),
        ("and or not near", ("and", "or", "not", "near")),
        ("ANDROID NOTE NOT*", ("android", "note", "not*")),
        ("one : two", ("one", "two")),
        ("great \U0001f600", ("great",)),
    ],
)
def test_a_pattern_is_cut_into_folded_words(pattern: str, expected: tuple[str, ...]) -> None:
    assert parse_pattern(pattern) == expected


@pytest.mark.parametrize(
    ("pattern", "position"),
    [
        ("(a b)", 0),
        ("a (b", 2),
        ("a) b", 1),
        ("a [b]", 2),
        ("a ]b", 2),
        ("a {b", 2),
        ("a }b", 2),
        ("a|b", 1),
        ("ml/ai", 2),
        ("#tag", 0),
        ("a ~b", 2),
        ("a\\b", 1),
        ("title:word", 5),
        ("wor*:", 4),
        ("\U0001f600 a AND b", 4),
        ("a OR b", 2),
        ("NOT a", 0),
        ("a NEAR/5 b", 2),
        ("a THEN b", 2),
        ("a UNLESS b", 2),
        ('"a NOT b"', 3),
        ("*", 0),
        ("a * b", 2),
        ("a-* b", 2),
        ("what ?", 5),
        ("a ?* b", 2),
        ('"a b', 0),
        ('a b"', 3),
        ('a "b" c', 2),
        ('"a" "b"', 2),
        ('"', 0),
        ('""', 0),
        ("", 0),
        ("  ", 0),
        ("+++", 0),
        ("\U0001f600", 0),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_position(pattern: str, position: int) -> None:
    with pytest.raises(RuleError) as caught:
        parse_pattern(pattern)

    assert (caught.value.pattern, caught.value.position) == (pattern, position)
    assert f"position {position}" in str(caught.value)
    assert caught.value.hint


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
