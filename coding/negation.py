"""The words that negate what follows them, and those that end the reach of a negation."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from coding.conditions import Phrase, as_phrases
from coding.patterns import RuleError, parse_pattern
from coding.scanning import Scanner

CUES = (
    *("aint", "cannot", "cant", "didnt", "doesnt", "dont", "hardly", "isnt", "neither", "never", "no", "nobody"),
    *("none", "nor", "not", "nothing", "wasnt", "without", "wont"),
    "(ain|aren|can|couldn|didn|doesn|don|hadn|hasn|haven|isn|mustn|needn|shouldn|wasn|weren|won|wouldn) t",
)
BREAKS = ("although", "but", "except", "however", "though", "yet")


@dataclass(frozen=True)
class Negation:
    """Cues that negate what follows in the same clause, and words that begin another clause; all are words only."""

    cues: tuple[str, ...] = CUES
    breaks: tuple[str, ...] = BREAKS

    @cached_property
    def cue_scanner(self) -> Scanner:
        """Finds the cues."""
        return _scanner(self.cues)

    @cached_property
    def break_scanner(self) -> Scanner:
        """Finds the words that begin another clause."""
        return _scanner(self.breaks)


def phrases_of(pattern: str) -> tuple[Phrase, ...]:
    """Return the phrases that a pattern of words only stands for.

    Raises:
        RuleError: it is none.
    """
    phrases = as_phrases(parse_pattern(pattern))
    if phrases is None:
        raise RuleError(pattern, 0, "more than words", hint="leave operators, scopes, emoji and expressions out")
    return phrases


def _scanner(patterns: Sequence[str]) -> Scanner:
    return Scanner(enumerate(phrase for pattern in patterns for phrase in phrases_of(pattern)))
