"""The rule language once more, as slowly and plainly as the page of rules says it: what the engine is held against."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import regex
import snowballstemmer

from coding.conditions import (
    AllOf,
    AnyOf,
    Condition,
    Emoji,
    Expression,
    Near,
    Phrase,
    Reference,
    Scope,
    Spelling,
    Unless,
    Unnegated,
    Within,
    Without,
    Word,
)
from coding.emoji import emoji_bounds, plain, without_skin_tone
from coding.negation import BREAKS, CUES
from coding.patterns import parse_pattern
from coding.rules import Post, Rule
from coding.sentences import clause_ends, sentence_ends
from coding.words import as_written
from db.spans import Kind, own_text, spans
from db.tokens import FILLER, Token, tokens

Place = tuple[str, int, int]
Segment = tuple[str, str | None, str, int, int]
"""Code, stance, field, start and end."""

_PARTS = {
    None: ("title", "text"),
    Scope.OP: ("title", "text"),
    Scope.TITLE: ("title",),
    Scope.BODY: ("text",),
    Scope.QUOTE: ("quote",),
    Scope.PARENT: ("parent title", "parent text"),
}
_STRAIGHT = {"\u2018": "'", "\u2019": "'", "\u201b": "'", "\u201c": '"', "\u201d": '"', "\u201e": '"'}
_STEMMER = snowballstemmer.stemmer("english")


class NaiveRules:
    """All rules of all codes, each tried alone on each post."""

    def __init__(self, rules: Mapping[str, Sequence[Rule]]) -> None:
        self._rules = rules

    def hits(self, post: Post) -> set[Segment]:
        """Every segment of every code and stance."""
        return set().union(*(self._segments(code, stance, post, minded=True) for code, stance in self._voices()))

    def negated(self, post: Post) -> set[Segment]:
        """Every segment that is none because of a negation."""
        found: set[Segment] = set()
        for code, stance in self._voices():
            own = self._segments(code, stance, post, minded=True)
            found |= {
                segment
                for segment in self._negated(code, stance, post)
                if not any(_overlap(segment, other) for other in own)
            }
        return found

    def _voices(self) -> set[tuple[str, str | None]]:
        return {(code, rule.stance) for code, rules in self._rules.items() for rule in rules}

    def _conditions(self, code: str, stance: str | None) -> list[Condition]:
        return [parse_pattern(rule.pattern) for rule in self._rules[code] if rule.stance == stance]

    def _segments(self, code: str, stance: str | None, post: Post, *, minded: bool) -> set[Segment]:
        reader = _Reader(self._rules, post, minded=minded)
        found = [place for each in self._conditions(code, stance) for place in _shown(reader.places(each, None))]
        return {(code, stance, *place) for place in _union(found)}

    def _negated(self, code: str, stance: str | None, post: Post) -> set[Segment]:
        strict, loose = (_Reader(self._rules, post, minded=minded) for minded in (True, False))
        found = [
            place
            for each in self._conditions(code, stance)
            for place in _shown(loose.places(each, None) - strict.places(each, None))
        ]
        return {(code, stance, *place) for place in _union(found)}


class _Reader:
    """A post in its parts, and the places of conditions in them."""

    def __init__(self, rules: Mapping[str, Sequence[Rule]], post: Post, *, minded: bool) -> None:
        self._rules, self._post, self._minded = rules, post, minded
        self._texts = {
            "title": post.title or "",
            "text": own_text(post.text or ""),
            "quote": _only_quotes(post.text or ""),
            "parent title": post.parent_title or "",
            "parent text": own_text(post.parent_text or ""),
        }

    def places(self, condition: Condition, scope: Scope | None) -> set[Place]:  # noqa: C901, PLR0911 - one case each
        """The places of a condition; the innermost scope holds."""
        match condition:
            case Phrase(words):
                return {place for part in _PARTS[scope] for place in self._phrase(words, part)}
            case Emoji(text):
                return {place for part in _PARTS[scope] for place in self._emoji(text, part)}
            case Expression(source, flags):
                return {place for part in _PARTS[scope] for place in self._expression(source, flags, part)}
            case Reference(code):
                return set().union(*(self.places(parse_pattern(rule.pattern), scope) for rule in self._rules[code]))
            case AnyOf(parts):
                return set().union(*(self.places(part, scope) for part in parts))
            case AllOf(parts):
                found = [self.places(part, scope) for part in parts]
                return set().union(*found) if all(found) else set()
            case Without(kept, missing):
                return set() if self.places(missing, scope) else self.places(kept, scope)
            case Unless(kept, longer):
                longer_places = self.places(longer, scope)
                return {a for a in self.places(kept, scope) if not any(_covers(a, b) for b in longer_places)}
            case Near(left, right, within, ordered):
                lefts, rights = self.places(left, scope), self.places(right, scope)
                found_places = self._joined(lefts, rights, within)
                return found_places if ordered else found_places | self._joined(rights, lefts, within)
            case Unnegated(inner, window):
                found_places = self.places(inner, scope)
                return {a for a in found_places if not (self._minded and self._is_negated(a, window))}
            case Within(Scope.OP, inner):
                return self.places(inner, Scope.OP) if self._post.by_opener else set()
            case Within(own_scope, inner):
                return self.places(inner, own_scope)

    def _phrase(self, words: Sequence[Word], part: str) -> Iterable[Place]:
        text = self._texts[part]
        found = _tokens(text)
        for first in range(len(found) - len(words) + 1):
            window = found[first : first + len(words)]
            if all(_same(word, token, text) for word, token in zip(words, window, strict=True)):
                yield part, window[0].start, window[-1].end

    def _emoji(self, wanted: str, part: str) -> Iterable[Place]:
        text = self._texts[part]
        for start, end in emoji_bounds(text):
            found = plain(text[start:end])
            if wanted in (found, without_skin_tone(found)):
                yield part, start, end

    def _expression(self, source: str, flags: str, part: str) -> Iterable[Place]:
        shown = _straight(self._texts[part])
        searched = "".join(character for character, _, _ in shown)
        for stretch in re.finditer(f"[^{FILLER}]+", searched):
            numbers = sum(getattr(regex, flag.upper()) for flag in flags)
            for found in regex.compile(source, numbers).finditer(searched, *stretch.span()):
                if found[0]:
                    yield part, shown[found.start()][1], shown[found.end() - 1][2]

    def _joined(self, ones: set[Place], others: set[Place], within: int | None) -> set[Place]:
        if within is None:
            return set().union(
                *(
                    self._nearest(
                        {one for one in ones if self._sentence(one) == sentence},
                        {other for other in others if self._sentence(other) == sentence},
                        10**9,
                    )
                    for sentence in {self._sentence(one) for one in ones} - {None}
                )
            )
        return self._nearest(ones, others, within)

    def _nearest(self, ones: set[Place], others: set[Place], within: int) -> set[Place]:
        """One side, then the other: each with the nearest after it, each with the nearest before it."""
        pairs = set()
        for one in ones:
            after = [other for other in others if other[0] == one[0] and other[1] >= one[2]]
            pairs |= {(one, min(after))} if after else set()
        for other in others:
            before = [one for one in ones if other[0] == one[0] and other[1] >= one[2]]
            pairs |= {(max(before, key=lambda one: (one[2], one[1])), other)} if before else set()
        return {(a[0], a[1], b[2]) for a, b in pairs if self._words_between(a[0], a[2], b[1]) <= within}

    def _words_between(self, part: str, end: int, start: int) -> int:
        return sum(1 for token in _tokens(self._texts[part]) if token.start >= end and token.end <= start)

    def _sentence(self, place: Place) -> tuple[str, int] | None:
        part, start, end = place
        ends = sentence_ends(self._texts[part])
        inside = [each for each in ends if start < each < end]
        return None if inside else (part, sum(1 for each in ends if each <= start))

    def _is_negated(self, place: Place, window: int) -> bool:
        part, start, _ = place
        text = self._texts[part]
        cues = [
            end for cue in CUES for found, _, end in self.places(parse_pattern(cue), _scope_of(part)) if found == part
        ]
        breaks = [begin for word in BREAKS for _, begin, _ in self._phrase((Word(word),), part)]
        ends = [*clause_ends(text), *breaks]
        return any(
            cue <= start
            and not any(cue <= end < start for end in ends)
            and self._words_between(part, cue, start) < window
            for cue in cues
        )


def _straight(text: str) -> list[tuple[str, int, int]]:
    """The characters that an expression sees, each with the stretch of the text that it stands for."""
    shown: list[tuple[str, int, int]] = []
    for place, character in enumerate(text):
        if character in "\u200b\u200c\u200d\u2060\ufeff\u00ad":
            continue
        composed = unicodedata.normalize("NFC", shown[-1][0] + character) if shown else ""
        if len(composed) == 1 and unicodedata.combining(character):
            shown[-1] = (composed, shown[-1][1], place + 1)
        else:
            shown.append((_STRAIGHT.get(character, character), place, place + 1))
    return shown


@lru_cache(maxsize=64)
def _tokens(text: str) -> list[Token]:
    return tokens(text)


def _scope_of(part: str) -> Scope:
    return {"title": Scope.TITLE, "text": Scope.BODY, "quote": Scope.QUOTE}.get(part, Scope.PARENT)


def _same(word: Word, token: Token, text: str) -> bool:
    if text[token.start] == FILLER:
        return False
    if word.spelling is Spelling.STEM:
        return bool(_STEMMER.stemWord(word.text) == _STEMMER.stemWord(token.folded))
    written = as_written(text[token.start : token.end]) if word.spelling is Spelling.EXACT else token.folded
    signs = {"*": ".*", "?": "."}
    return bool(re.fullmatch("".join(signs.get(sign, re.escape(sign)) for sign in word.text), written, re.DOTALL))


def _covers(one: Place, other: Place) -> bool:
    return one[0] == other[0] and one[1] < other[2] and other[1] < one[2]


def _overlap(one: Segment, other: Segment) -> bool:
    return one[2] == other[2] and (one[2] == "post" or (one[3] < other[4] and other[3] < one[4]))


def _shown(places: set[Place]) -> list[Place]:
    """Places in the parent mark the whole post, and only where there is nothing else."""
    inside = [place for place in places if not place[0].startswith("parent")]
    return inside or [("post", 0, 0) for _ in list(places)[:1]]


def _union(places: Iterable[Place]) -> set[Place]:
    fields: dict[str, set[int]] = {}
    starts: dict[str, set[int]] = {}
    whole: set[Place] = set()
    for part, start, end in places:
        field = "text" if part == "quote" else part
        if field == "post":
            whole.add(("post", 0, 0))
        fields.setdefault(field, set()).update(range(start + 1, end))
        starts.setdefault(field, set()).add(start)
    for field, inner in fields.items():
        for start in starts[field] - inner - ({0} if field == "post" else set()):
            end = start + 1
            while end in inner:
                end += 1
            whole.add((field, start, end))
    return whole


def _only_quotes(text: str) -> str:
    return "".join(
        text[span.start : span.end]
        if span.kind is Kind.QUOTE
        else "".join("\n" if sign == "\n" else FILLER for sign in text[span.start : span.end])
        for span in spans(text)
    )
