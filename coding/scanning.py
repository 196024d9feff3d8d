"""Find many phrases in a text in one pass over its words.

Each distinct word of the texts is looked up once and then remembered with the phrases that hang on it; for most words
there are none. A phrase hangs on its longest word, which is likely to be rare, and its neighbours are looked at only
where that word stands.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import compress, count
from typing import NamedTuple

from coding.conditions import Phrase, Spelling, Word
from coding.words import as_written, has_wildcard, is_beginning, literal_start, stem, wildcard_expression
from db.tokens import FILLER, fold, words

_REMEMBERED_WORDS = 1 << 18
_NONE: frozenset[int] = frozenset()

Found = tuple[int, int, int]
"""The number of a phrase, and start and end of a place where it stands, in code points."""


class Scanner:
    """Phrases under numbers, ready to be found.

    Args:
        phrases: each phrase with its number.
    """

    def __init__(self, phrases: Iterable[tuple[int, Phrase]]) -> None:
        vocabulary = _Vocabulary()
        hanging: dict[int, list[_Hanging]] = defaultdict(list)
        for number, phrase in phrases:
            wanted = tuple(map(vocabulary.number, phrase.words))
            at = max(range(len(wanted)), key=lambda place: len(phrase.words[place].text.strip("*?")))
            hanging[wanted[at]].append(_Hanging(number, at, wanted))
        self._satisfied = _Satisfied(vocabulary)
        self._anchors = _Anchors(self._satisfied, hanging)

    def find(self, text: str) -> list[Found]:
        """Return the places of all phrases in a text, in no particular order.

        A gap (`FILLER`) is a word that no phrase has.
        """
        written = words(text)
        # A gap after the last word is, as number -1, before the first one too.
        written.append(FILLER)
        satisfied = self._satisfied
        found: list[Found] = []
        anchors = list(map(self._anchors.__getitem__, written))
        for at, (alone, beside) in zip(compress(count(), anchors), filter(None, anchors), strict=True):
            for number in alone:
                found.append((number, at, at))  # noqa: PERF401 - most anchors have none, and a list costs more
            for step, neighbours, hanging in beside:
                if not neighbours.isdisjoint(satisfied[written[at + step]]):
                    found += self._whole(written, at, hanging)
        return _in_code_points(text, written, found) if found else found

    def _whole(self, written: Sequence[str], at: int, hanging: Iterable["_Hanging"]) -> Iterable[Found]:
        """Yield the phrases that stand there with all their words."""
        satisfied = self._satisfied
        for number, offset, wanted in hanging:
            first, end = at - offset, at - offset + len(wanted)
            if first >= 0 and end <= len(written):
                stand = all(each in satisfied[word] for each, word in zip(wanted, written[first:end], strict=True))
                if stand:
                    yield number, first, end - 1


class _Hanging(NamedTuple):
    """A phrase that hangs on one of its words: its number, which of its words that is, and the words' numbers."""

    phrase: int
    offset: int
    wanted: tuple[int, ...]


class _Anchor(NamedTuple):
    """What hangs on a word of a text.

    Attributes:
        alone: phrases of this word alone.
        beside: longer phrases that need one of some words one step after or before this one.
    """

    alone: tuple[int, ...]
    beside: tuple[tuple[int, frozenset[int], tuple[_Hanging, ...]], ...]


def _anchor(hanging: Iterable[_Hanging]) -> _Anchor | None:
    alone: list[int] = []
    beside: dict[int, list[_Hanging]] = {1: [], -1: []}
    for phrase in hanging:
        if len(phrase.wanted) == 1:
            alone.append(phrase.phrase)
        else:
            beside[1 if phrase.offset + 1 < len(phrase.wanted) else -1].append(phrase)
    if not alone and not any(beside.values()):
        return None
    return _Anchor(
        tuple(alone),
        tuple(
            (step, frozenset(each.wanted[each.offset + step] for each in phrases), tuple(phrases))
            for step, phrases in beside.items()
            if phrases
        ),
    )


class _Vocabulary:
    """The distinct words of all phrases, numbered, and which of them a word of a text satisfies."""

    def __init__(self) -> None:
        self._numbers: dict[Word, int] = {}
        self._plain: dict[str, int] = {}
        self._exact: dict[str, int] = {}
        self._stems: dict[str, int] = {}
        self._stem_starts: set[str] = set()
        self._beginnings: dict[int, dict[str, int]] = defaultdict(dict)
        self._wildcards: dict[str, list[tuple[int, Callable[[str], object]]]] = defaultdict(list)
        self._exact_wildcards: list[tuple[int, Callable[[str], object]]] = []

    def number(self, word: Word) -> int:
        """Return the number of a pattern's word, a new one if it is new."""
        same = word if word.spelling is not Spelling.STEM else Word(stem(word.text), Spelling.STEM)
        if same not in self._numbers:
            self._numbers[same] = len(self._numbers)
            self._add(same, self._numbers[same])
        return self._numbers[same]

    def _add(self, word: Word, number: int) -> None:
        text, exact = word.text, word.spelling is Spelling.EXACT
        if word.spelling is Spelling.STEM:
            self._stems[text] = number
            self._stem_starts.add(text[:1])
        elif not has_wildcard(text):
            (self._exact if exact else self._plain)[text] = number
        elif exact:
            self._exact_wildcards.append((number, wildcard_expression(text).match))
        elif is_beginning(text):
            self._beginnings[len(text) - 1][text[:-1]] = number
        else:
            self._wildcards[literal_start(text)[:1]].append((number, wildcard_expression(text).match))

    def satisfied_by(self, word: str) -> Iterator[int]:
        """Yield the numbers of the pattern words that a word of a text satisfies."""
        folded = fold(word)
        if folded in self._plain:
            yield self._plain[folded]
        for length, beginnings in self._beginnings.items():
            if folded[:length] in beginnings:
                yield beginnings[folded[:length]]
        for first in (folded[:1], ""):
            yield from (number for number, matches in self._wildcards.get(first, ()) if matches(folded))
        # A stem begins as its word does.
        if folded[:1] in self._stem_starts and (stemmed := stem(folded)) in self._stems:
            yield self._stems[stemmed]
        if self._exact or self._exact_wildcards:
            yield from self._exactly(as_written(word))

    def _exactly(self, written: str) -> Iterator[int]:
        if written in self._exact:
            yield self._exact[written]
        yield from (number for number, matches in self._exact_wildcards if matches(written))


class _Satisfied(dict[str, frozenset[int]]):
    """Remembers, for each word as written, the numbers of the pattern words that it satisfies."""

    def __init__(self, vocabulary: _Vocabulary) -> None:
        super().__init__()
        self._vocabulary = vocabulary

    def __missing__(self, word: str) -> frozenset[int]:
        if len(self) >= _REMEMBERED_WORDS:
            self.clear()
        # One shared empty set: most words satisfy nothing. The filler is a gap, whatever a wildcard says.
        numbers = _NONE if word[0] == FILLER else frozenset(self._vocabulary.satisfied_by(word)) or _NONE
        self[word] = numbers
        return numbers


class _Anchors(dict[str, _Anchor | None]):
    """Remembers, for each word as written, what hangs on it."""

    def __init__(self, satisfied: _Satisfied, hanging: Mapping[int, Sequence[_Hanging]]) -> None:
        super().__init__()
        self._satisfied = satisfied
        self._hanging = hanging

    def __missing__(self, word: str) -> _Anchor | None:
        if len(self) >= _REMEMBERED_WORDS:
            self.clear()
        numbers = self._satisfied[word]
        anchor = _anchor(each for number in numbers for each in self._hanging.get(number, ())) if numbers else None
        self[word] = anchor
        return anchor


def _in_code_points(text: str, written: Sequence[str], found: Iterable[Found]) -> list[Found]:
    """Turn the first and last word of each place into its start and end.

    What stands between words holds none of their characters, so that a word is found where it is next met.
    """
    starts: list[int] = []
    position = 0
    find = text.index
    for word in written[: max(last for _, _, last in found) + 1]:
        position = find(word, position)
        starts.append(position)
        position += len(word)
    return [(number, starts[first], starts[last] + len(written[last])) for number, first, last in found]
