"""What the full-text index can say of a rule: exactly the posts that it finds, or posts among which all of them are.

Words, phrases, words whose end is left open, NEAR, AND, OR and NOT are defined on the tokens that the index holds, so
it counts them exactly, over a million posts in a fraction of a second. Of other conditions (order, overlap, negation,
exact spelling, wildcards within a word) it knows candidates, which the rule engine then looks at. Words with wildcards
and stems it counts exactly where its vocabulary is given, by all words that fit. Of some (regular expressions, emoji,
what stands in the parent) it knows nothing.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate

from coding.conditions import (
    AllOf,
    AnyOf,
    Condition,
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
from coding.words import has_wildcard, literal_start, stem, wildcard_expression
from db.tokens import FILLER, fold
from db.word_index import LONGEST_WORD, OWN_COLUMNS, in_columns, near, phrase

MOST_WORDS = 400
"""Of a word that more words of the vocabulary fit, the index is asked less exactly."""
DEEPEST = 25
"""Groups inside each other that SQLite surely reads: its parser of questions has a stack of 100, and takes up to three
places for each."""
_COLUMNS = {None: OWN_COLUMNS, Scope.TITLE: "title", Scope.BODY: "own", Scope.QUOTE: "quoted"}


@dataclass(frozen=True, slots=True)
class IndexQuery:
    """A question to the index.

    Attributes:
        text: in FTS5's language.
        exact: whether the posts that answer it are those of the condition, and not only some more.
    """

    text: str
    exact: bool


class Vocabulary:
    """The words of the index, among which those that fit a word of a pattern are looked up.

    Args:
        read: gives all words, folded; it is called once, when a word has to be looked up.
    """

    def __init__(self, read: Callable[[], Sequence[str]]) -> None:
        self._read = read

    @cached_property
    def _words(self) -> Sequence[str]:
        return [word for word in self._read() if not word.startswith(FILLER)]

    @cached_property
    def _cut(self) -> Sequence[str]:
        return [word for word in self._words if len(word) >= LONGEST_WORD]

    def fitting(self, word: Word) -> list[str] | None:
        """The words that fit one with wildcards or one that stands for its stem.

        None for others, if they are many, or if a word might fit of which the index holds only the beginning.
        """
        if word.spelling is Spelling.EXACT:
            return None
        if word.spelling is Spelling.STEM:
            wanted = stem(word.text)
            # A stem begins as its word does.
            found = [each for each in self._words if each.startswith(wanted[:1]) and stem(each) == wanted]
        else:
            if any(each.startswith(literal_start(word.text)) for each in self._cut):
                return None
            piece = max(re.split(r"[*?]", word.text), key=len)
            matches = wildcard_expression(word.text).match
            found = [each for each in self._words if piece in each and matches(each)]
        return found if len(found) <= MOST_WORDS else None


def index_query(
    condition: Condition,
    rules: Mapping[str, Sequence[Condition]] | None = None,
    vocabulary: Vocabulary | None = None,
) -> IndexQuery | None:
    """The question whose answers hold all posts in which a condition finds a place; None where there is none.

    Args:
        condition: what a pattern says.
        rules: the conditions of other codes, which it may refer to.
        vocabulary: the words of the index, for words with wildcards and stems.
    """
    found = _Translator(rules or {}, vocabulary).ask(condition, None)
    return found if found is None or _depth(found.text) <= DEEPEST else None


def _depth(question: str) -> int:
    """How many groups lie inside each other; no word has parentheses in it."""
    return max(accumulate((sign == "(") - (sign == ")") for sign in question))


class _Translator:
    def __init__(self, rules: Mapping[str, Sequence[Condition]], vocabulary: Vocabulary | None) -> None:
        self._rules = rules
        self._vocabulary = vocabulary

    def ask(self, condition: Condition, scope: Scope | None) -> IndexQuery | None:
        if scope not in _COLUMNS:
            return None
        found: IndexQuery | None = None
        match condition:
            case Phrase(words):
                said = self._phrase(words)
                found = None if said is None else replace(said, text=in_columns(said.text, _COLUMNS[scope]))
            case AnyOf(parts):
                found = _any([self.ask(part, scope) for part in parts])
            case Reference(code):
                theirs = self._rules.get(code)
                found = None if theirs is None else _any([self.ask(part, scope) for part in theirs])
            case AllOf(parts):
                found = _all([self.ask(part, scope) for part in parts])
            case Without(kept, missing):
                found = _without(self.ask(kept, scope), self.ask(missing, scope))
            case Unless(kept, _) | Unnegated(kept, _):
                found = _rough(self.ask(kept, scope))
            case Near():
                found = self._near(condition, scope)
            case Within(inner_scope, inner):
                # Of a scope within a scope the index knows the inner one only.
                found = self.ask(inner, inner_scope)
                found = found if scope is None else _rough(found)
        return found

    def _phrase(self, words: Sequence[Word]) -> IndexQuery | None:
        """A phrase, by the vocabulary where some word of it is no plain one; of several such words each for itself."""
        said = _phrase(words)
        if self._vocabulary is None or (said is not None and said.exact):
            return said
        fitting = [self._vocabulary.fitting(word) for word in words if _is_open(word)]
        looked_up = [_one_of(found) for found in fitting if found is not None]
        if len(words) == 1:
            return looked_up[0] if looked_up else said
        return _rough(_all([said, *looked_up]))

    def _near(self, condition: Near, scope: Scope | None) -> IndexQuery | None:
        left, right = condition.left, condition.right
        sides = [_phrase(side.words) if isinstance(side, Phrase) else None for side in (left, right)]
        one, other = sides
        if condition.within is None or one is None or other is None or left == right:
            return _rough(_all([self.ask(left, scope), self.ask(right, scope)]))
        text = in_columns(near(one.text, other.text, condition.within), _COLUMNS[scope])
        # The index takes a place for both sides where they may be the same words; the rules do not.
        apart = not _may_share(left, right)
        return IndexQuery(text, one.exact and other.exact and apart and not condition.ordered)


_NOTHING = IndexQuery('"nothing" NOT "nothing"', True)
"""A question that no post answers."""


def _is_open(word: Word) -> bool:
    """Whether several words may fit it."""
    return word.spelling is Spelling.STEM or has_wildcard(word.text)


def _one_of(words: Sequence[str]) -> IndexQuery:
    return IndexQuery(" OR ".join(phrase([word]) for word in words), True) if words else _NOTHING


def _may_share(left: Condition, right: Condition) -> bool:
    """Whether some word could be a word of both phrases."""
    if not isinstance(left, Phrase) or not isinstance(right, Phrase):
        return True
    ones, others = ([fold(literal_start(word.text)) for word in side.words] for side in (left, right))
    return any(one.startswith(other) or other.startswith(one) for one in ones for other in others)


def _phrase(words: Sequence[Word]) -> IndexQuery | None:
    """Words that follow each other, as far as they can be said."""
    exact = all(word.spelling is Spelling.FOLDED for word in words)
    said: list[str] = []
    for place, word in enumerate(words):
        literal = fold(literal_start(word.text))
        if word.spelling is Spelling.STEM or literal == "":
            return IndexQuery(phrase(said), exact=False) if said else None
        if literal != word.text:
            is_open_end = word.text == f"{literal}*" and place == len(words) - 1
            return IndexQuery(phrase([*said, literal], prefix=True), exact and is_open_end)
        said.append(literal)
    return IndexQuery(phrase(said), exact)


def _any(parts: Sequence[IndexQuery | None]) -> IndexQuery | None:
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    return _joined(known, " OR ", all) if known else _NOTHING


def _all(parts: Sequence[IndexQuery | None]) -> IndexQuery | None:
    known = [part for part in parts if part is not None]
    if not known:
        return None
    return _joined(known, " AND ", lambda each: all(each) and len(known) == len(parts))


def _without(kept: IndexQuery | None, missing: IndexQuery | None) -> IndexQuery | None:
    if kept is None or missing is None or not missing.exact:
        return _rough(kept)
    return IndexQuery(f"({kept.text}) NOT ({missing.text})", kept.exact)


def _rough(found: IndexQuery | None) -> IndexQuery | None:
    return None if found is None else IndexQuery(found.text, False)


def _joined(parts: Sequence[IndexQuery], word: str, exact: Callable[[list[bool]], bool]) -> IndexQuery:
    return IndexQuery(word.join(f"({part.text})" for part in parts), exact([part.exact for part in parts]))
