"""What a condition nearly finds: the condition with one thing in it made less strict."""

from collections.abc import Iterator
from dataclasses import replace

from coding.conditions import (
    AllOf,
    AnyOf,
    Condition,
    Expression,
    Near,
    Phrase,
    Spelling,
    Unless,
    Unnegated,
    Within,
    Without,
    Word,
)
from coding.words import has_wildcard, stem
from db.tokens import fold

SHORTEST_WORD = 4
"""Letters of a word that is worth looking for in other forms."""

APART = 4
"""Words that may stand between the words of a phrase that is nearly found."""

FEWEST_LEFT = 2
"""Of so many words or conditions none is left out."""

WIDER, SOME_SENTENCES = 3, 25
"""How much further the two sides of NEAR may be apart, and how many words instead of one sentence."""


def loosened(condition: Condition) -> Condition | None:
    """Return a condition that finds what this one nearly finds, and perhaps some of what it finds; None if nothing does."""
    ways = tuple(dict.fromkeys(_ways(condition)))
    return AnyOf(ways) if ways else None


def _ways(condition: Condition) -> Iterator[Condition]:
    match condition:
        case Phrase(words):
            yield from _other_forms(words) if len(words) == 1 else _scattered(words)
        case Expression(source, flags) if "i" not in flags:
            yield Expression(source, "".join(sorted(f"i{flags}")))
        case AnyOf(parts):
            for part in parts:
                yield from _ways(part)
        case AllOf(parts):
            yield from _nearly_all(parts)
        case Near():
            yield from _nearly_near(condition)
        case Without(kept) | Unless(kept):
            yield kept
            yield from (replace(condition, kept=way) for way in _ways(kept))
        case Within(_, inner):
            yield inner
            yield from (replace(condition, inner=way) for way in _ways(inner))
        case Unnegated(inner):
            yield from (replace(condition, inner=way) for way in _ways(inner))


def _nearly_all(parts: tuple[Condition, ...]) -> Iterator[Condition]:
    """All but one of three or more, and all with one made less strict; one of two alone would be no near miss."""
    for number, part in enumerate(parts):
        before, after = parts[:number], parts[number + 1 :]
        if len(parts) > FEWEST_LEFT:
            yield AllOf((*before, *after))
        yield from (AllOf((*before, way, *after)) for way in _ways(part))


def _nearly_near(condition: Near) -> Iterator[Condition]:
    wider = SOME_SENTENCES if condition.within is None else WIDER * (condition.within + 1)
    yield replace(condition, within=wider, ordered=False)
    yield from (replace(condition, left=way) for way in _ways(condition.left))
    yield from (replace(condition, right=way) for way in _ways(condition.right))


def _other_forms(words: tuple[Word, ...]) -> Iterator[Condition]:
    """A word in other forms, or with something before or after it."""
    (word,) = words
    letters = word.text.replace("*", "").replace("?", "").lower()
    if word.spelling is Spelling.EXACT:
        yield Phrase((Word(fold(word.text)),))
    elif len(letters) >= SHORTEST_WORD and not has_wildcard(word.text):
        yield Phrase((Word(f"{stem(word.text)}*"),))
        yield Phrase((Word(word.text, Spelling.STEM),))
    elif len(letters) >= SHORTEST_WORD:
        yield Phrase((Word(f"*{word.text.strip('*')}*"),))


def _scattered(words: tuple[Word, ...]) -> Iterator[Condition]:
    """The words of a phrase apart or in another order, and a phrase of three or more without its first or last word.

    A part is looked for only if it holds the longest word: the others are likely to be everywhere.
    """
    scattered: Condition = Phrase(words[:1])
    for word in words[1:]:
        scattered = Near(scattered, Phrase((word,)), APART)
    yield scattered
    longest = max(words, key=lambda word: len(word.text.strip("*?")))
    parts = (words[1:], words[:-1]) if len(words) > FEWEST_LEFT else ()
    yield from (Phrase(part) for part in parts if longest in part)
