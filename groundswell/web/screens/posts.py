"""A post among what it answers and what answers it, and a whole thread: to be read, not coded."""

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from db.queries import pages
from db.store import Store
from groundswell.reviewing import hidden_from
from groundswell.web.desk import Seat
from groundswell.web.page import desk_of, page, seat_of
from groundswell.web.texts import LONGEST, Mark, link_of, show
from groundswell.web.tree import Place, Tree, grow

FIRST_REPLIES = 5
NEAREST_PARENTS = 3
EXCERPT = 1_500
"""How much of a post is shown where another one is what the page is about."""
_FARTHEST = 200
_PERSON = "person"


def show_post(request: Request) -> Response:
    """One post: what it answers, its text, what was coded of it, its first replies."""
    seat = seat_of(request)
    whole = "all" in request.query_params
    with desk_of(request).store() as store:
        hidden = hidden_from(store, seat.coder)
        found = pages.post(store.connection, request.path_params["address"])
        if found is None or found["id"] in hidden:
            raise HTTPException(404, "There is no such post, or it is still to be read in a blind round of yours.")
        places, _ = _places(store, found["thread"], hidden)
        parents = _parents(store, found, places)
        said = pages.codings_of_post(store.connection, found["address"])
        below = grow(places, under=found["address"], most=FIRST_REPLIES + 1, deepest=2)
        shown = texts_of(store, below, seat)
        memos = pages.memos_about(store.connection, found["address"])
    codings = visible(said, seat)
    near = parents if whole else parents[-NEAREST_PARENTS:]
    values = {
        "post": _with_text(found, seat, _excerpts(codings), None if whole else LONGEST),
        "parents": [_with_text(one, seat, most=EXCERPT) for one in near],
        "farther": len(parents) - len(near),
        "codings": codings,
        "waits": not seat.blind and any(one["coder_kind"] != _PERSON for one in said if one not in codings),
        "names": desk_of(request).code_names(),
        "memos": memos,
        "replies": below.tops[0].replies if below.tops else [],
        "more": below.tops[0].below if below.tops else 0,
        "posts": shown,
        "link": link_of(found["url"]),
    }
    return page(request, "posts/post.html", values)


def show_thread(request: Request) -> Response:
    """A thread as a tree; `?under=ADDRESS` shows one branch of it."""
    seat = seat_of(request)
    under = request.query_params.get("under")
    with desk_of(request).store() as store:
        hidden = hidden_from(store, seat.coder)
        found = pages.thread(store.connection, request.path_params["address"])
        if found is None:
            raise HTTPException(404, "There is no such thread.")
        places, withheld = _places(store, found["address"], hidden)
        tree = grow(places, under=under)
        if not tree.tops:
            raise HTTPException(
                404, "There is nothing to show of it, or it is still to be read in a blind round of yours."
            )
        shown = texts_of(store, tree, seat)
    title = None if found["root"] in hidden else found["title"]
    values = {
        "thread": {**found, "title": title}, "tree": tree, "posts": shown, "under": under, "withheld": withheld,
        "count": len(places), "link": link_of(found["url"]),
    }  # fmt: skip
    return page(request, "posts/thread.html", values)


def visible(said: Sequence[Mapping[str, Any]], seat: Seat) -> list[Mapping[str, Any]]:
    """Of what was said of a post, what whoever sits there may see.

    A blind seat sees the coder's own. Nobody sees what machines found before having coded the post: whoever did would
    code it beside a suggestion, and nothing would say so.
    """
    own = [one for one in said if (one["coder_kind"], one["coder"]) == (_PERSON, seat.coder)]
    if seat.blind:
        return own
    return [one for one in said if own or one["coder_kind"] == _PERSON]


def _parents(store: Store, post: Mapping[str, Any], places: Sequence[Place]) -> list[dict[str, Any]]:
    """What a post answers, and what that answers, the farthest first; it ends at a post that is not shown or not stored."""
    by_address = {place.address: place for place in places}
    ids: list[int] = []
    at = by_address.get(post["parent"])
    while at is not None and at.id not in ids and len(ids) < _FARTHEST:
        ids.append(at.id)
        at = by_address.get(at.parent or "")
    found = pages.posts_by_id(store.connection, ids)
    return [found[one] for one in reversed(ids) if one in found]


def _places(store: Store, thread: str, hidden: frozenset[int]) -> tuple[list[Place], int]:
    """Where the posts of a thread stand, and how many of them are not shown."""
    rows = pages.posts_of_thread(store.connection, thread)
    places = [Place(*row) for row in rows if row[0] not in hidden]
    return places, len(rows) - len(places)


def texts_of(store: Store, tree: Tree, seat: Seat) -> dict[int, SimpleNamespace]:
    """The posts of a tree as they are shown, by id."""
    found = pages.posts_by_id(store.connection, tree.shown)
    return {post: _with_text(row, seat, most=EXCERPT) for post, row in found.items()}


def _with_text(
    row: Mapping[str, Any], seat: Seat, marks: Sequence[Mark] = (), most: int | None = LONGEST
) -> SimpleNamespace:
    """A post as a template shows it: without author and score for a blind seat."""
    unseen = {"author": None, "score": None} if seat.blind else {}
    # Templates ask for attributes; of a dict they would find each one only at the second try.
    return SimpleNamespace(**{**row, **unseen, "shown": show(row["text"], marks, most)})


def _excerpts(codings: Sequence[Mapping[str, Any]]) -> list[Mark]:
    """What people pointed at."""
    return [
        Mark(one["start"], one["end"], "excerpt")
        for one in codings
        if one["start"] is not None and one["text_unchanged"] and one["coder_kind"] == _PERSON
    ]


ROUTES = [
    Route("/post/{address:path}", show_post),
    Route("/thread/{address:path}", show_thread),
]
