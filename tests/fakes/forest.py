"""Which comments a page of Reddit shows, and which stubs stand for the rest."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fakes.things import comment_object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from fakes.world import Post, Thread

Json = dict[str, Any]
Children = dict[str, list["Post"]]


@dataclass(frozen=True, slots=True)
class View:
    """One look at a thread: its tree, the moment, and the order of siblings.

    `ghosts` are ids by their parent that stubs name although they are never shown.
    """

    thread: Thread
    children: Children
    now: int
    sort: str
    ghosts: dict[str, list[str]] = field(default_factory=dict)

    def rank(self, comment: Post) -> tuple[int, int, str]:
        """Smaller comes first."""
        score = comment.version_at(self.now).score
        key = {"new": -comment.created_at, "old": comment.created_at}.get(self.sort, -score)
        return (0 if comment.stickied else 1, key, comment.id)

    def size(self, comment: Post) -> int:
        """The comment and everything below it."""
        return 1 + sum(self.size(child) for child in self.children.get(comment.fullname, []))


@dataclass(frozen=True, slots=True)
class Page:
    """What was chosen from a view; `hidden` holds by parent what needs a stub, `cut` who goes on elsewhere."""

    view: View
    shown: set[str]
    hidden: Children
    cut: set[str]


def choose(
    view: View, tops: Iterable[Post], *, limit: int, max_depth: int, level: Callable[[Post], int] = lambda _: 0
) -> Page:
    """Take the best of all comments whose parent is already taken, until the page is full.

    `level` is that from which the depth below a top is counted.
    """
    page = Page(view, set(), {}, set())
    waiting = [(view.rank(top), level(top), top) for top in tops if level(top) < max_depth]
    heapq.heapify(waiting)
    while waiting and len(page.shown) < limit:
        _, depth, comment = heapq.heappop(waiting)
        if comment.id in page.shown:
            continue
        page.shown.add(comment.id)
        below = view.children.get(comment.fullname, [])
        if below and depth + 1 >= max_depth:
            page.cut.add(comment.id)
        else:
            for child in below:
                heapq.heappush(waiting, (view.rank(child), depth + 1, child))
    for _, _, comment in sorted(waiting, key=lambda item: item[0]):
        siblings = page.hidden.setdefault(str(comment.parent), [])
        if comment.id not in page.shown and comment not in siblings:
            siblings.append(comment)
    return page


def render_nested(page: Page, parent: str, depth: int = 0) -> list[Json]:
    """The shown children of a parent with their replies inside, then their stub."""
    found = []
    for comment in _shown_below(page, parent):
        thing = _thing(page, comment, depth)
        inside = render_nested(page, comment.fullname, depth + 1)
        if inside:
            thing["data"]["replies"] = listing(inside)
        found.append(thing)
    return found + _stubs(page, parent, depth)


def render_flat(page: Page, tops: Iterable[Post], *, named_to: int | None = None) -> list[Json]:
    """Each shown top with all below it in one list, parents first, then stubs for tops that found no room.

    Of tops deeper than `named_to` that found no room, nothing is said.
    """
    found: list[Json] = []

    def add(comment: Post, depth: int) -> None:
        found.append(_thing(page, comment, depth))
        for child in _shown_below(page, comment.fullname):
            add(child, depth + 1)
        found.extend(_stubs(page, comment.fullname, depth + 1))

    depth_of = page.view.thread.depth_of
    shown_tops = [top for top in tops if top.id in page.shown]
    for top in sorted(shown_tops, key=page.view.rank):
        if str(top.parent)[3:] not in page.shown:
            add(top, depth_of(top))
    for parent, left_out in sorted(page.hidden.items()):
        if left_out and parent[3:] not in page.shown and (named_to is None or depth_of(left_out[0]) <= named_to):
            found.extend(_stubs(page, parent, depth_of(left_out[0])))
    return found


def listing(children: list[Json]) -> Json:
    return {
        "kind": "Listing",
        "data": {"after": None, "before": None, "children": children, "dist": None, "modhash": ""},
    }


def _shown_below(page: Page, parent: str) -> list[Post]:
    below = page.view.children.get(parent, [])
    return sorted((child for child in below if child.id in page.shown), key=page.view.rank)


def _thing(page: Page, comment: Post, depth: int) -> Json:
    version = comment.version_at(page.view.now)
    return {"kind": "t1", "data": comment_object(page.view.thread, comment, version, depth=depth)}


def _stubs(page: Page, parent: str, depth: int) -> list[Json]:
    if parent[3:] in page.cut:
        return [_more(parent, depth, children=[], count=0, stub_id="_")]
    left_out = page.hidden.get(parent, [])
    if not left_out:
        return []
    children = [comment.id for comment in left_out] + page.view.ghosts.get(parent, [])
    count = sum(map(page.view.size, left_out))
    return [_more(parent, depth, children=children, count=count, stub_id=children[0])]


def _more(parent: str, depth: int, *, children: list[str], count: int, stub_id: str) -> Json:
    data = {
        "children": children,
        "count": count,
        "depth": depth,
        "id": stub_id,
        "name": f"t1_{stub_id}",
        "parent_id": parent,
    }
    return {"kind": "more", "data": data}


def index(children: Children, matches: Callable[[Post], bool]) -> list[Post]:
    """All comments of a tree that match."""
    return [comment for siblings in children.values() for comment in siblings if matches(comment)]
