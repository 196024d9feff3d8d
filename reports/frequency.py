"""Frequency words: which of them may stand in a statement, and by which rule they follow from the figures.

"often" and its like need most people, "rarely" few of them, "increasingly" a trend. Where a statement has such a word,
findings.yaml names its rule; where the figures do not meet the rule the word is left out of what is printed.
"""

import re
from dataclasses import dataclass

OFTEN, RARELY, INCREASINGLY, DECREASINGLY = "often", "rarely", "increasingly", "decreasingly"
_WORDS = {
    OFTEN: (
        "often", "usually", "mostly", "most", "mainly", "typically", "generally", "commonly", "frequently", "normally",
        "largely", "predominantly", "regularly",
    ),
    RARELY: ("rarely", "seldom", "hardly ever", "hardly", "scarcely", "infrequently"),
    INCREASINGLY: ("increasingly", "more and more", "ever more"),
    DECREASINGLY: ("decreasingly", "less and less", "ever less"),
}  # fmt: skip
_WITHOUT_RULE = ("always", "never", "sometimes", "occasionally", "everyone", "everybody", "nobody")
_RULE_OF = {word: rule for rule, words in _WORDS.items() for word in words}
_KNOWN = "|".join(
    re.escape(word).replace(r"\ ", r"\s+") for word in sorted((*_RULE_OF, *_WITHOUT_RULE), key=len, reverse=True)
)
# "the most useful skill" compares and "at most five" counts; neither says how often.
_FOUND = re.compile(rf"\b(?<!the )(?<!at )({_KNOWN})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FrequencyWord:
    """A word of frequency in a text.

    Attributes:
        word: as it stands there.
        rule: often, rarely, increasingly or decreasingly; None where no rule can carry the word.
    """

    word: str
    rule: str | None


def frequency_words(text: str) -> tuple[FrequencyWord, ...]:
    """Find the words of frequency in a text, in their order."""
    found = (match.group(1) for match in _FOUND.finditer(text))
    return tuple(FrequencyWord(word, _RULE_OF.get(" ".join(word.lower().split()))) for word in found)


def without(text: str, word: FrequencyWord) -> str:
    """The text without the word: what is left when its rule does not hold."""
    return " ".join(re.sub(rf"\b{re.escape(word.word)}\b", "", text, count=1).split())
