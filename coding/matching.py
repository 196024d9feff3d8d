"""Find the places of conditions in a post.

A `Compiler` turns the conditions of all codes into nodes; those of phrases share the numbers under which scanners find
them, so that a node is asked only where the words that it needs were found.
"""

from abc import ABC, abstractmethod
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from operator import itemgetter

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
    Unless,
    Unnegated,
    Within,
    Without,
    children,
)
from coding.expressions import compile_expression
from coding.view import Part, Place, View

Needs = tuple[frozenset[int], ...]
"""Sets of phrases; a node finds nothing unless at least one of each set was found."""

_PARTS = {
    None: frozenset({Part.TITLE, Part.TEXT}),
    Scope.OP: frozenset({Part.TITLE, Part.TEXT}),
    Scope.TITLE: frozenset({Part.TITLE}),
    Scope.BODY: frozenset({Part.TEXT}),
    Scope.QUOTE: frozenset({Part.QUOTE}),
    Scope.PARENT: frozenset({Part.PARENT_TITLE, Part.PARENT_TEXT}),
}
_SCANNED = _PARTS | {Scope.TITLE: _PARTS[None], Scope.BODY: _PARTS[None]}
"""Where phrases are looked for: in title and text alike, so that each has one number there."""


class Node(ABC):
    """A condition that can be asked for its places.

    Attributes:
        needs: what has to be found for it to find anything.
        negates: whether it makes a difference if the view minds negation.
    """

    needs: Needs
    negates: bool

    def __init__(self, needs: Needs = (), inner: Sequence["Node"] = ()) -> None:
        self.needs = needs
        self.negates = any(node.negates for node in inner)

    @abstractmethod
    def places(self, view: View) -> list[Place]:
        """Return the places in a post, each once."""


class _Found(Node):
    """What the view is asked for directly: a phrase that was scanned, or an expression or emoji to look for now."""

    def __init__(self, look: Callable[[View], Iterable[Place]], needs: Needs = ()) -> None:
        super().__init__(needs)
        self._look = look

    def places(self, view: View) -> list[Place]:
        return list(self._look(view))


class _AnyOf(Node):
    def __init__(self, parts: Sequence[Node]) -> None:
        super().__init__(_needs_of_any(parts), parts)
        self._parts = parts

    def places(self, view: View) -> list[Place]:
        return list(dict.fromkeys(place for part in self._parts for place in part.places(view)))


class _AllOf(Node):
    def __init__(self, parts: Sequence[Node]) -> None:
        super().__init__(tuple(need for part in parts for need in part.needs), parts)
        self._parts = parts

    def places(self, view: View) -> list[Place]:
        found: dict[Place, None] = {}
        for part in self._parts:
            places = part.places(view)
            if not places:
                return []
            found |= dict.fromkeys(places)
        return list(found)


class _Without(Node):
    def __init__(self, kept: Node, missing: Node) -> None:
        super().__init__(kept.needs, (kept, missing))
        self._kept, self._missing = kept, missing

    def places(self, view: View) -> list[Place]:
        places = self._kept.places(view)
        return places if places and not self._missing.places(view) else []


class _Unless(Node):
    def __init__(self, kept: Node, longer: Node) -> None:
        super().__init__(kept.needs, (kept, longer))
        self._kept, self._longer = kept, longer

    def places(self, view: View) -> list[Place]:
        places = self._kept.places(view)
        if not places:
            return []
        covered: dict[Part, list[tuple[int, int]]] = defaultdict(list)
        for place in united(self._longer.places(view)):
            covered[place.part].append((place.start, place.end))
        return [place for place in places if not is_overlapped(place.start, place.end, covered[place.part])]


class _Near(Node):
    def __init__(self, left: Node, right: Node, within: int | None, *, ordered: bool) -> None:
        super().__init__((*left.needs, *right.needs), (left, right))
        self._left, self._right, self._within, self._ordered = left, right, within, ordered

    def places(self, view: View) -> list[Place]:
        lefts = self._left.places(view)
        rights = self._right.places(view) if lefts else []
        joined: dict[Place, None] = {}
        for ones, others in _by_room(view, lefts, rights, sentences=self._within is None):
            for before, after in chain(_followed(ones, others), () if self._ordered else _followed(others, ones)):
                if self._within is None or view.words_between(before, after) <= self._within:
                    joined[Place(before.part, before.start, after.end)] = None
        return list(joined)


class _Unnegated(Node):
    def __init__(self, inner: Node, window: int) -> None:
        super().__init__(inner.needs)
        self.negates = True
        self._inner, self._window = inner, window

    def places(self, view: View) -> list[Place]:
        places = self._inner.places(view)
        if not view.minds_negation:
            return places
        return [place for place in places if not view.is_negated(place, self._window)]


class _ByOpener(Node):
    def __init__(self, inner: Node) -> None:
        super().__init__(inner.needs, (inner,))
        self._inner = inner

    def places(self, view: View) -> list[Place]:
        return self._inner.places(view) if view.by_opener else []


class _Code(Node):
    """All rules of a code, which find their places in a post once however many rules name the code."""

    def __init__(self, rules: Sequence[Node]) -> None:
        self._rules = _AnyOf(rules)
        super().__init__(self._rules.needs, rules)

    def places(self, view: View) -> list[Place]:
        key = id(self), view.minds_negation
        if key not in view.known:
            view.known[key] = self._rules.places(view)
        return view.known[key]


class Compiler:
    """Turns conditions into nodes.

    Args:
        conditions: those of all codes, by code, for conditions that name a code; no code may lead back to itself.
    """

    def __init__(self, conditions: Mapping[str, Sequence[Condition]]) -> None:
        self._conditions = conditions
        self._numbers: dict[tuple[frozenset[Part], Phrase], int] = {}
        self._codes: dict[tuple[str, Scope | None], _Code] = {}

    @property
    def size(self) -> int:
        """How many phrases are to be looked for."""
        return len(self._numbers)

    def phrases(self, part: Part) -> list[tuple[int, Phrase]]:
        """Return the phrases that are to be looked for in a part, with their numbers."""
        return [(number, phrase) for (parts, phrase), number in self._numbers.items() if part in parts]

    def number(self, phrase: Phrase, scope: Scope | None = None) -> int:
        """Return the number under which a phrase is looked for."""
        return self._numbers.setdefault((_SCANNED[scope], phrase), len(self._numbers))

    def node(self, condition: Condition, scope: Scope | None = None) -> Node:
        """Return the node of a condition within a scope; the innermost scope holds."""
        parts = _PARTS[scope]
        match condition:
            case Phrase():
                number = self.number(condition, scope)
                node: Node = _Found(lambda view: view.phrase(number, parts), (frozenset({number}),))
            case Emoji(text):
                node = _Found(lambda view: view.emoji(text, parts))
            case Expression(source, flags):
                compiled = compile_expression(source, flags)
                node = _Found(lambda view: view.expression(compiled, parts))
            case Reference(code):
                node = self._code(code, scope)
            case Within(Scope.OP, inner):
                node = _ByOpener(self.node(inner, Scope.OP))
            case Within(own_scope, inner):
                node = self.node(inner, own_scope)
            case _:
                node = self._operation(condition, scope)
        return node

    def _operation(self, condition: AnyOf | AllOf | Without | Unless | Near | Unnegated, scope: Scope | None) -> Node:
        inner = [self.node(child, scope) for child in children(condition)]
        match condition:
            case AnyOf():
                node: Node = _AnyOf(inner)
            case AllOf():
                node = _AllOf(inner)
            case Without():
                node = _Without(inner[0], inner[1])
            case Unless():
                node = _Unless(inner[0], inner[1])
            case Near(_, _, within, ordered):
                node = _Near(inner[0], inner[1], within, ordered=ordered)
            case _:
                node = _Unnegated(inner[0], condition.window)
        return node

    def _code(self, code: str, scope: Scope | None) -> Node:
        if (code, scope) not in self._codes:
            self._codes[code, scope] = _Code([self.node(each, scope) for each in self._conditions[code]])
        return self._codes[code, scope]


def _needs_of_any(nodes: Sequence[Node]) -> Needs:
    """Return one of the things that each of them needs, taken together; nothing, if one of them needs nothing."""
    if not all(node.needs for node in nodes):
        return ()
    return (frozenset().union(*(min(node.needs, key=len) for node in nodes)),)


def is_overlapped(start: int, end: int, covered: Sequence[tuple[int, int]]) -> bool:
    """Whether one of some stretches, in order and apart from each other, overlaps another one."""
    first = bisect_right(covered, start, key=itemgetter(1))
    return first < len(covered) and covered[first][0] < end


def _by_room(
    view: View, lefts: Iterable[Place], rights: Iterable[Place], *, sentences: bool
) -> Iterator[tuple[list[Place], list[Place]]]:
    """Yield the places that may be near each other: those of one part or, if so wanted, of one sentence of it."""
    rooms: dict[tuple[Part, int], tuple[list[Place], list[Place]]] = defaultdict(lambda: ([], []))
    for side, places in enumerate((lefts, rights)):
        for place in places:
            sentence = view.sentence(place) if sentences else 0
            if sentence is not None:
                rooms[place.part, sentence][side].append(place)
    yield from rooms.values()


def _followed(ones: Sequence[Place], others: Sequence[Place]) -> Iterator[tuple[Place, Place]]:
    """Yield each of some places with the nearest other after it, and each other with the nearest of them before it."""
    following = sorted(others)
    for one in ones:
        nearest = bisect_left(following, one.end, key=itemgetter(1))
        if nearest < len(following):
            yield one, following[nearest]
    preceding = sorted(ones, key=itemgetter(2, 1))
    for other in others:
        nearest = bisect_right(preceding, other.start, key=itemgetter(2)) - 1
        if nearest >= 0:
            yield preceding[nearest], other


def united(places: Iterable[Place]) -> list[Place]:
    """Join places that overlap, and return them in order."""
    joined: list[Place] = []
    for place in sorted(places):
        last = joined[-1] if joined else None
        if last and last.part is place.part and place.start < last.end:
            joined[-1] = last._replace(end=max(last.end, place.end))
        else:
            joined.append(place)
    return joined
