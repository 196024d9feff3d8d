"""One post as the conditions of rules see it: its parts, their words, sentences, clauses and emoji."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from enum import IntEnum
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from coding.emoji import emoji_bounds, plain, without_skin_tone
from coding.expressions import search
from coding.negation import Negation
from coding.scanning import Found, Scanner
from coding.sentences import clause_ends, sentence_ends
from db.tokens import word_bounds

if TYPE_CHECKING:
    import regex  # type: ignore[import-untyped]


class Part(IntEnum):
    """What a place lies in. Words of different parts are never near each other."""

    TITLE = 0
    TEXT = 1
    QUOTE = 2
    PARENT_TITLE = 3
    PARENT_TEXT = 4


class Place(NamedTuple):
    """A stretch of a part, in code points."""

    part: Part
    start: int
    end: int


class View:
    """One post as conditions see it.

    Args:
        texts: each part that the post has, what is not to be looked at masked.
        found: the places of phrases in each part.
        by_opener: whether the author opened the thread.
        negation: the words of negation.

    Attributes:
        minds_negation: whether a negated place is none.
        known: what conditions that several rules share have found.
    """

    def __init__(
        self, texts: Mapping[Part, str], found: Mapping[Part, Iterable[Found]], by_opener: bool, negation: Negation
    ) -> None:
        self.by_opener = by_opener
        self._found: dict[int, list[Place]] = defaultdict(list)
        for part, places in found.items():
            for number, start, end in places:
                self._found[number].append(Place(part, start, end))
        self.minds_negation = True
        self.known: dict[object, list[Place]] = {}
        self._texts, self._negation = texts, negation
        self._parts: dict[Part, _Words] = {}

    def phrase(self, number: int, parts: frozenset[Part]) -> Iterator[Place]:
        """Yield the places of a phrase."""
        yield from (place for place in self._found.get(number, ()) if place.part in parts)

    def expression(self, expression: "regex.Pattern[str]", parts: frozenset[Part]) -> Iterator[Place]:
        """Yield the places where an expression matches."""
        for part in parts & self._texts.keys():
            yield from (Place(part, *bounds) for bounds in search(expression, self._texts[part]))

    def emoji(self, text: str, parts: frozenset[Part]) -> Iterator[Place]:
        """Yield the places of an emoji."""
        for part in parts & self._texts.keys():
            for same, bounds in self._words(part).emoji:
                if text in same:
                    yield Place(part, *bounds)

    def words_between(self, before: Place, after: Place) -> int:
        """Count the whole words between two places of one part."""
        return self._words(before.part).between(before.end, after.start)

    def sentence(self, place: Place) -> int | None:
        """Return the number of the sentence in which a place lies, None if it lies in more than one."""
        ends = self._words(place.part).sentence_ends
        number = bisect_right(ends, place.start)
        return number if number == bisect_left(ends, place.end) else None

    def is_negated(self, place: Place, window: int) -> bool:
        """Whether a negation stands in the same clause, among so many words before a place."""
        words = self._words(place.part)
        cues, ends = words.cues(self._negation.cue_scanner), words.clause_ends(self._negation.break_scanner)
        last = bisect_right(cues, place.start) - 1
        if last < 0 or bisect_left(ends, cues[last]) != bisect_left(ends, place.start):
            return False
        return words.between(cues[last], place.start) < window

    def _words(self, part: Part) -> "_Words":
        if part not in self._parts:
            self._parts[part] = _Words(self._texts[part])
        return self._parts[part]


class _Words:
    """What is known of the words of a part; found out when it is first asked for."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._cues: list[int] | None = None
        self._clause_ends: list[int] | None = None

    def between(self, end: int, start: int) -> int:
        """Count the whole words between two places."""
        starts, ends = self._bounds
        return max(0, bisect_right(ends, start) - bisect_left(starts, end))

    def cues(self, scanner: Scanner) -> list[int]:
        """Return where negations end."""
        if self._cues is None:
            self._cues = sorted(end for _, _, end in scanner.find(self._text))
        return self._cues

    def clause_ends(self, scanner: Scanner) -> list[int]:
        """Return where clauses end: at punctuation, and where words that end one begin."""
        if self._clause_ends is None:
            words = (start for _, start, _ in scanner.find(self._text))
            self._clause_ends = sorted([*clause_ends(self._text), *words])
        return self._clause_ends

    @cached_property
    def sentence_ends(self) -> list[int]:
        """Where sentences end."""
        return sentence_ends(self._text)

    @cached_property
    def emoji(self) -> list[tuple[frozenset[str], tuple[int, int]]]:
        """The emoji in order, each with all the forms that stand for it."""
        found = [(plain(self._text[start:end]), (start, end)) for start, end in emoji_bounds(self._text)]
        return [(frozenset({form, without_skin_tone(form)}), bounds) for form, bounds in found]

    @cached_property
    def _bounds(self) -> tuple[list[int], list[int]]:
        bounds = word_bounds(self._text)
        return [start for start, _ in bounds], [end for _, end in bounds]
