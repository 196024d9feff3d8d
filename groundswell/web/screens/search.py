"""Search: posts by their words, in the language of the rules."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from db.errors import GroundswellError
from db.queries import pages
from db.queries.posts import ids_by_address
from groundswell.finding import Found, find
from groundswell.reviewing import hidden_from
from groundswell.web.page import MenuItem, desk_of, page, seat_of
from groundswell.web.texts import Mark, show

MENU = MenuItem("Search", "/search", 70)

SHOWN = 50
_BEFORE, _AROUND = 200, 600
_NAMES_CODES = "#"


def show_search(request: Request) -> Response:
    """The field, and what a pattern in it finds."""
    query = request.query_params.get("q", "").replace("\x00", "").strip()
    values: dict[str, Any] = {"query": query, "posts": [], "total": None, "problem": None, "hint": None}
    if query:
        try:
            values |= _search(request, query)
        except GroundswellError as error:
            values |= {"problem": error.message, "hint": error.hint}
    return page(request, "search/search.html", values)


def _search(request: Request, query: str) -> dict[str, Any]:
    desk, seat = desk_of(request), seat_of(request)
    if seat.blind and _NAMES_CODES in query:
        raise GroundswellError(
            "what the rules of a code find is not shown while you read blind", hint="search for words"
        )
    with desk.store() as store:
        hidden = hidden_from(store, seat.coder)
    # So many that enough are left when all that is hidden was among them.
    result = find(desk.study, query, SHOWN + len(hidden))
    with desk.store() as store:
        ids = ids_by_address(store.connection, [one.address for one in result.found])
        seen = [one for one in result.found if one.address in ids and ids[one.address][0] not in hidden][:SHOWN]
        rows = pages.posts_by_id(store.connection, [ids[one.address][0] for one in seen])
    posts = [_shown(rows[ids[one.address][0]], one, blind=seat.blind) for one in seen if ids[one.address][0] in rows]
    # How many there are in all would tell of what is hidden.
    total = None if hidden else result.total
    return {
        "posts": posts,
        "total": total,
        "is_exact": result.is_exact,
        "is_cut": len(result.found) > SHOWN or len(posts) == SHOWN,
    }


def _shown(row: Mapping[str, Any], found: Found, *, blind: bool) -> dict[str, Any]:
    """A post with the words around the first match, all matches marked."""
    text = row["text"] or ""
    begin = max(found.places[0][0] - _BEFORE, 0) if found.places else 0
    if begin:
        begin = text.rfind(" ", 0, begin) + 1
    marks = [Mark(start - begin, end - begin) for start, end in found.places if start >= begin]
    unseen = {"author": None, "score": None} if blind else {}
    return {**row, **unseen, "shown": show(text[begin:], marks, _AROUND), "begin": begin}


ROUTES = [Route("/search", show_search)]
