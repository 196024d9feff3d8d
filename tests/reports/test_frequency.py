"""Words of frequency and the rules that carry them."""

import pytest

from reports.frequency import DECREASINGLY, INCREASINGLY, OFTEN, RARELY, FrequencyWord, frequency_words, without


@pytest.mark.parametrize(
    ("text", "word", "rule"),
    [
        ("bread is often dear", "often", OFTEN),
        ("Most bakers sleep late", "Most", OFTEN),
        ("bread is rarely dear", "rarely", RARELY),
        ("bread is hardly ever dear", "hardly ever", RARELY),
        ("bread gets more  and more dear", "more  and more", INCREASINGLY),
        ("rye is decreasingly eaten", "decreasingly", DECREASINGLY),
        ("bread is never dear", "never", None),
        ("everybody eats bread", "everybody", None),
    ],
)
def test_a_word_of_frequency_is_found_with_the_rule_that_it_needs(text: str, word: str, rule: str | None) -> None:
    assert frequency_words(text) == (FrequencyWord(word, rule),)


@pytest.mark.parametrize(
    "text", ["rye is the most useful flour", "a loaf costs at most five coins", "the mosting of almost all"]
)
def test_a_superlative_and_a_limit_say_nothing_of_frequency(text: str) -> None:
    assert frequency_words(text) == ()


def test_the_text_without_the_word_is_a_plain_one() -> None:
    assert without("bread is often dear", FrequencyWord("often", OFTEN)) == "bread is dear"
    assert without("Most bakers sleep", FrequencyWord("Most", OFTEN)) == "bakers sleep"
