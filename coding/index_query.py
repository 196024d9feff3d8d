"""What the full-text index can say of a rule: exactly the posts that it finds, or posts among which all of them are.

Words, phrases, words whose end is left open, NEAR, AND, OR and NOT are defined on the tokens that the index holds, so
it counts them exactly, over a million posts in a fraction of a second. Of other conditions (order, overlap, negation,
exact spelling, wildcards within a word) it knows candidates, which the rule engine then looks at. Of some (regular
expressions, stems, emoji, what stands in the parent) it knows nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

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
from coding.words import literal_start
from db.tokens import fold
from db.word_index import OWN_COLUMNS, in_columns, near, phrase

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


def index_query(condition: Condition, rules: Mapping[str, Sequence[Condition]] | None = None) -> IndexQuery | None:
    """The question whose answers hold all posts in which a condition finds a place; None where there is none.

    Args:
        condition: what a pattern says.
        rules: the conditions of other codes, which it may refer to.
    """
    return _Translator(rules or {}).ask(condition, None)


class _Translator:
    def __init__(self, rules: Mapping[str, Sequence[Condition]]) -> None:
        self._rules = rules

    def ask(self, condition: Condition, scope: Scope | None) -> IndexQuery | None:
        if scope not in _COLUMNS:
            return None
        found: IndexQuery | None = None
        match condition:
            case Phrase(words):
                said = _phrase(words)
                found = None if said is None else replace(said, text=in_columns(said.text, _COLUMNS[scope]))
            case AnyOf(parts):
                found = _any([self.ask(part, scope) for part in parts])
            case Reference(code):
                found = _any([self.ask(part, scope) for part in self._rules.get(code, ())])
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
    if not known or len(known) < len(parts):
        return None
    return _joined(known, " OR ", all)


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
