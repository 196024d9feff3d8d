"""What a pattern says, as a tree: each condition finds places in a post, and a rule hits where its condition finds some.

The tree knows nothing of how a pattern is written (`coding.patterns`) nor of how places are found (`coding.matching`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """Where in and around a post a condition looks; without one it looks at the title and the post's own words."""

    TITLE = "title"
    BODY = "body"
    PARENT = "parent"
    QUOTE = "quote"
    OP = "op"


class Spelling(StrEnum):
    """What makes a word of a text the same as a word of a pattern."""

    FOLDED = "folded"
    EXACT = "case"
    STEM = "stem"


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a pattern.

    Attributes:
        text: the word, `*` and `?` kept: folded, or as written where the spelling is exact. For a stem any word that
            has it.
        spelling: how it is compared.
    """

    text: str
    spelling: Spelling = Spelling.FOLDED


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that follow each other."""

    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Emoji:
    """An emoji, without variation selectors; one without a skin tone stands for all skin tones."""

    text: str


@dataclass(frozen=True, slots=True)
class Expression:
    """A regular expression with its flags (of `i`, `m` and `s`)."""

    source: str
    flags: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """All rules of another code; `position` is where the pattern names it."""

    code: str
    position: int = 0


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The places of all its parts."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    """The places of all its parts, if each part has one in the post."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Without:
    """The places of `kept`, if the post has none of `missing`."""

    kept: "Condition"
    missing: "Condition"


@dataclass(frozen=True, slots=True)
class Unless:
    """The places of `kept` that no place of `longer` overlaps."""

    kept: "Condition"
    longer: "Condition"


@dataclass(frozen=True, slots=True)
class Near:
    """Each place of one side with the nearest of the other before and after it, as one place that covers both.

    Attributes:
        within: how many words may stand between; None: both stand in the same sentence.
        ordered: whether the left side comes first.
    """

    left: "Condition"
    right: "Condition"
    within: int | None
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Unnegated:
    """The places of `inner` before which no negation stands, in the same clause and at most `window` words away."""

    inner: "Condition"
    window: int


@dataclass(frozen=True, slots=True)
class Within:
    """The places of `inner` within a scope."""

    scope: Scope
    inner: "Condition"


Condition = Phrase | Emoji | Expression | Reference | AnyOf | AllOf | Without | Unless | Near | Unnegated | Within


def children(condition: Condition) -> tuple[Condition, ...]:
    """Return the conditions that a condition is made of, in the order of the pattern."""
    match condition:
        case AnyOf(parts) | AllOf(parts):
            return parts
        case Without(kept, other) | Unless(kept, other) | Near(kept, other):
            return kept, other
        case Unnegated(inner) | Within(_, inner):
            return (inner,)
        case _:
            return ()


def walk(condition: Condition) -> Iterator[Condition]:
    """Yield a condition and all those below it, in the order of the pattern."""
    yield condition
    for child in children(condition):
        yield from walk(child)


def as_phrases(condition: Condition) -> tuple[Phrase, ...] | None:
    """Return the phrases that a condition stands for, if it is made of nothing else."""
    parts = condition.parts if isinstance(condition, AnyOf) else (condition,)
    phrases = tuple(part for part in parts if isinstance(part, Phrase))
    return phrases if len(phrases) == len(parts) else None
