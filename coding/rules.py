"""Find where the rules of a codebook match a post: on its author's own words, in code points of the text as stored.

All rules of all codes are tried in one pass. Each distinct word of the texts is looked up once and then remembered
with the pattern words it satisfies; for most words there are none, and a post without any is done with at once.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import contains
from typing import Literal

from coding.conditions import Phrase
from coding.patterns import RuleError, parse_pattern
from coding.words import has_wildcard, literal_start, wildcard_expression
from db.spans import own_text
from db.tokens import FILLER, fold, word_bounds, words

__all__ = ["ENGINE_VERSION", "Field", "Hit", "Rule", "RuleError", "RuleSet"]

ENGINE_VERSION = 1
"""Goes up when the same rules may give other hits; a part of each version, so that old codings are told apart."""

Field = Literal["title", "text"]

_REMEMBERED_WORDS = 1 << 18
_VERSION_DIGITS = 12
_NONE: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern, and the stance that its words state, if they state one."""

    pattern: str
    stance: str | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A segment of a title or a text that a code's rule matches; `pattern` is that of its longest match."""

    code: str
    field: Field
    start: int
    end: int
    stance: str | None
    pattern: str


@dataclass(frozen=True, slots=True)
class _Phrase:
    """A rule of a code with its words as numbers of a `_Vocabulary`."""

    code: str
    rule: Rule
    words: tuple[int, ...]


class RuleSet:
    """The rules of all codes, ready to be matched.

    Raises:
        RuleError: a pattern cannot be read.
    """

    def __init__(self, rules: Mapping[str, Sequence[Rule]]) -> None:
        vocabulary = _Vocabulary()
        single: dict[int, list[_Phrase]] = defaultdict(list)
        phrases: dict[tuple[int, int], list[_Phrase]] = defaultdict(list)
        for code, own_rules in rules.items():
            for rule in own_rules:
                condition = parse_pattern(rule.pattern)
                if not isinstance(condition, Phrase):
                    raise RuleError(rule.pattern, 0, "not matched yet", hint="write one phrase")
                numbers = tuple(vocabulary.number(word.text) for word in condition.words)
                place = single[numbers[0]] if len(numbers) == 1 else phrases[numbers[0], numbers[1]]
                place.append(_Phrase(code, rule, numbers))
        self._single, self._phrases = dict(single), dict(phrases)
        self._seconds = _seconds_by_first(phrases)
        self._satisfied = _Satisfied(vocabulary)
        self._versions = {code: _version(own_rules) for code, own_rules in rules.items()}

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes that have a place in the set, in the order they were given."""
        return tuple(self._versions)

    def version(self, code: str) -> str:
        """Return what tells the rules of a code from all others that it had or will have; a KeyError if unknown."""
        return self._versions[code]

    def match(self, title: str | None, text: str | None) -> list[Hit]:
        """Return the hits of all codes in a title, which is own words all through, and in a text.

        Hits of one code and stance that overlap are one hit, their union. The order is title before text, then by
        place, then by code.
        """
        hits = self._hits("title", title) if title else []
        if text:
            hits += self._hits("text", own_text(text))
        return hits

    def _hits(self, field: Field, own: str) -> list[Hit]:
        satisfied = list(map(self._satisfied.__getitem__, words(own)))
        if not any(satisfied):
            return []
        found = list(self._places(satisfied))
        if not found:
            return []
        bounds = word_bounds(own)
        return _united(
            Hit(phrase.code, field, bounds[first][0], bounds[last][1], phrase.rule.stance, phrase.rule.pattern)
            for phrase, first, last in found
        )

    def _places(self, satisfied: list[frozenset[int]]) -> Iterator[tuple[_Phrase, int, int]]:
        """Yield each phrase that matches, with its first and last word."""
        # A gap at the end stands for the word that a phrase would need beyond it.
        following = [*satisfied[1:], _NONE]
        for first, numbers in enumerate(satisfied):
            for number in numbers:
                for phrase in self._single.get(number, ()):
                    yield phrase, first, first
                for second in following[first] & self._seconds.get(number, _NONE):
                    for phrase in self._phrases[number, second]:
                        end = first + len(phrase.words)
                        if _follow(phrase.words[2:], satisfied[first + 2 : end]):
                            yield phrase, first, end - 1


def _seconds_by_first(pairs: Iterable[tuple[int, int]]) -> dict[int, frozenset[int]]:
    seconds: dict[int, set[int]] = defaultdict(set)
    for first, second in pairs:
        seconds[first].add(second)
    return {first: frozenset(following) for first, following in seconds.items()}


def _follow(wanted: tuple[int, ...], satisfied: list[frozenset[int]]) -> bool:
    return len(wanted) == len(satisfied) and all(map(contains, satisfied, wanted))


class _Vocabulary:
    """The distinct words of all patterns, numbered; words with wildcards by the character they begin with."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._wildcards: dict[str, list[tuple[int, Callable[[str], object]]]] = defaultdict(list)

    def number(self, word: str) -> int:
        """Return the number of a pattern word, a new one if it is new."""
        if word not in self._numbers:
            self._numbers[word] = len(self._numbers)
            if has_wildcard(word):
                matches = wildcard_expression(word).match
                self._wildcards[literal_start(word)[:1]].append((self._numbers[word], matches))
        return self._numbers[word]

    def satisfied_by(self, folded: str) -> Iterator[int]:
        """Yield the numbers of the pattern words that a folded word of a text satisfies."""
        if folded in self._numbers:
            yield self._numbers[folded]
        for beginning in (folded[:1], ""):
            for number, matches in self._wildcards.get(beginning, ()):
                if matches(folded):
                    yield number


class _Satisfied(dict[str, frozenset[int]]):
    """Remembers, for each word as written, the numbers of the pattern words that it satisfies."""

    def __init__(self, vocabulary: _Vocabulary) -> None:
        super().__init__()
        self._vocabulary = vocabulary

    def __missing__(self, word: str) -> frozenset[int]:
        if len(self) >= _REMEMBERED_WORDS:
            self.clear()
        # One shared empty set: most words satisfy nothing. The filler is a gap, whatever a wildcard says.
        numbers = _NONE if word[0] == FILLER else frozenset(self._vocabulary.satisfied_by(fold(word))) or _NONE
        self[word] = numbers
        return numbers


def _version(rules: Iterable[Rule]) -> str:
    content = [ENGINE_VERSION, sorted({(rule.pattern, rule.stance or "") for rule in rules})]
    digest = hashlib.sha256(json.dumps(content, ensure_ascii=True).encode())
    return digest.hexdigest()[:_VERSION_DIGITS]


def _united(hits: Iterable[Hit]) -> list[Hit]:
    """Join hits of one code and stance that overlap; the pattern of the longest stays."""
    groups: dict[tuple[str, str | None], list[Hit]] = defaultdict(list)
    for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end, hit.pattern)):
        groups[hit.code, hit.stance].append(hit)
    joined = [hit for group in groups.values() for hit in _join(group)]
    return sorted(joined, key=lambda hit: (hit.start, hit.end, hit.code, hit.stance or ""))


def _join(ordered: list[Hit]) -> Iterator[Hit]:
    longest, end = ordered[0], ordered[0].end
    start = longest.start
    for hit in ordered[1:]:
        if hit.start >= end:
            yield Hit(longest.code, longest.field, start, end, longest.stance, longest.pattern)
            longest, start, end = hit, hit.start, hit.end
            continue
        if hit.end - hit.start > longest.end - longest.start:
            longest = hit
        end = max(end, hit.end)
    yield Hit(longest.code, longest.field, start, end, longest.stance, longest.pattern)
