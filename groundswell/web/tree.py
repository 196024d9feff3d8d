"""A thread as a tree: which of its posts are shown, and how many more there are below each."""

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

MOST_POSTS = 150
"""How many posts a page shows of a thread."""
DEEPEST = 8
"""How many levels it shows; what lies below has a page of its own."""


class Place(NamedTuple):
    """Where a post stands.

    Attributes:
        parent: the address of what it answers; None at the top.
    """

    id: int
    address: str
    parent: str | None


@dataclass(slots=True)
class Node:
    """A post in a tree.

    Attributes:
        replies: the direct ones that are shown.
        below: how many posts answer it, directly or not.
        not_shown: how many of its direct replies are not shown.
    """

    place: Place
    replies: list["Node"] = field(default_factory=list)
    below: int = 0
    not_shown: int = 0


@dataclass(frozen=True, slots=True)
class Tree:
    """The part of a thread that is shown.

    Attributes:
        tops: posts that answer nothing here, in order of time.
        shown: the ids of all posts in it.
        not_shown: posts at the top that are not shown.
    """

    tops: tuple[Node, ...]
    shown: tuple[int, ...]
    not_shown: int


def grow(places: Sequence[Place], *, under: str | None = None, most: int = MOST_POSTS, deepest: int = DEEPEST) -> Tree:
    """Put the posts of a thread below what they answer.

    Posts are taken level by level, so that the beginning of every branch is shown before the end of one. What answers a
    post that is not stored stands at the top, and so does what answers itself in a circle.

    Args:
        places: all posts of the thread, in order of time.
        under: the address of the post that stands at the top alone.
        most: how many posts to show.
        deepest: how many levels to show.
    """
    answers, order, tops = _ordered(places)
    below: dict[str, int] = {}
    for place in reversed(order):
        below[place.address] = sum(below[one.address] + 1 for one in answers.get(place.address, ()))
    if under is not None:
        tops = [place for place in order if place.address == under]
    waiting: deque[tuple[Place, int, Node | None]] = deque((place, 1, None) for place in tops)
    shown: list[int] = []
    first: list[Node] = []
    while waiting and len(shown) < most:
        place, depth, parent = waiting.popleft()
        replies = answers.get(place.address, [])
        node = Node(place, below=below[place.address], not_shown=len(replies))
        shown.append(place.id)
        if parent is None:
            first.append(node)
        else:
            parent.replies.append(node)
            parent.not_shown -= 1
        if depth < deepest:
            waiting.extend((reply, depth + 1, node) for reply in replies)
    return Tree(tuple(first), tuple(shown), len(tops) - len(first))


def _ordered(places: Sequence[Place]) -> tuple[Mapping[str, list[Place]], list[Place], list[Place]]:
    """What answers each post, all posts with each one after what it answers, and those at the top."""
    stored = {place.address for place in places}
    answers: dict[str, list[Place]] = {}
    for place in places:
        if place.parent in stored and place.parent is not None:
            answers.setdefault(place.parent, []).append(place)
    tops = [place for place in places if place.parent not in stored]
    order = _reached(tops, answers, set())
    seen = {place.address for place in order}
    for place in places:
        if place.address not in seen:
            # It answers itself in the end: it is taken out of the circle and stands at the top.
            answers[place.parent or ""].remove(place)
            tops.append(place)
            circle = _reached([place], answers, seen)
            seen |= {one.address for one in circle}
            order += circle
    return answers, order, tops


def _reached(tops: Sequence[Place], answers: Mapping[str, list[Place]], seen: Collection[str]) -> list[Place]:
    found: list[Place] = []
    waiting = deque(place for place in tops if place.address not in seen)
    while waiting:
        place = waiting.popleft()
        found.append(place)
        waiting.extend(answers.get(place.address, ()))
    return found
