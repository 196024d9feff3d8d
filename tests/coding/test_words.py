import time

import pytest

from coding.words import wildcard_expression


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
