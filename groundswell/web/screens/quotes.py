"""Quotations: what may be quoted of whom and why; recording one, and taking it off the record."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from db.errors import GroundswellError
from db.queries.reviewing import ShownPost, post, post_id
from db.store import Store
from groundswell.quoting import Asked, add_quote, drop_quote, list_quotes
from groundswell.reviewing import hidden_from
from groundswell.web.once import Once, new_action
from groundswell.web.page import MenuItem, desk_of, form_of, page, redirect, seat_of
from groundswell.web.texts import Mark, show

MENU = MenuItem("Quotes", "/quotes", 70)
REASONS = {
    "agreed": "The author agreed",
    "addressed": "It was said in public to whoever reports it",
    "public_figure": "The author speaks in public as such, under this name",
}
_ONCE = Once()
_NOT_HERE = "There is no such post, or it is still to be read in a blind round of yours."


def record(request: Request) -> Response:
    """The quotations on record; `?post=ADDRESS` also asks for the reason to quote from that post."""
    asked = request.query_params
    given = {name: asked.get(name, "") for name in ("post", "start", "end")}
    return _page(request, given if given["post"] else None)


def add(request: Request) -> Response:
    """Record a quotation, or ask for its reason if none was given."""
    form = {name: values[-1].strip() for name, values in form_of(request).items()}
    given = {name: form.get(name, "") for name in ("post", "start", "end", "words", "reason", "name", "note")}
    if not given["reason"]:
        return _page(request, given)
    _refuse_hidden(request, given["post"])
    is_part = not given["words"]
    asked = Asked(
        post=given["post"],
        reason=given["reason"],
        by=seat_of(request).coder,
        start=_place(given["start"]) if is_part else None,
        end=_place(given["end"]) if is_part else None,
        words=given["words"] or None,
        name=given["name"] or None,
        note=given["note"] or None,
    )

    def work() -> str:
        return f"/quotes?added={add_quote(desk_of(request).study, asked)['id']}"

    try:
        return redirect(_ONCE.do(form.get("action", ""), work))
    except GroundswellError as error:
        return _page(request, given, problem=error, status=422)


def drop(request: Request) -> Response:
    """Take a quotation off the record; one that is off already stays so."""
    name = request.path_params["quote"]
    row = next((one for one in list_quotes(desk_of(request).study) if one["id"] == name), None)
    if row is not None:
        _refuse_hidden(request, row["post"])
        drop_quote(desk_of(request).study, name)
    return redirect("/quotes?dropped=1")


def _page(
    request: Request, given: dict[str, str] | None, *, problem: GroundswellError | None = None, status: int = 200
) -> Response:
    rows = list_quotes(desk_of(request).study)
    with desk_of(request).store() as store:
        hidden = hidden_from(store, seat_of(request).coder)
        numbers = {row["post"]: post_id(store.connection, row["post"]) for row in rows}
        found = _post(store, given["post"], hidden) if given is not None else None
    start, end = (_place(given.get(name, "")) if given else None for name in ("start", "end"))
    values: dict[str, Any] = {
        "rows": [row for row in rows if numbers[row["post"]] not in hidden],
        "given": {
            name: (given or {}).get(name, "") for name in ("post", "start", "end", "words", "reason", "name", "note")
        },
        "post": found,
        "text": _text(found, start, end),
        "part": _words(found, start, end),
        "reasons": REASONS,
        "problem": problem,
        "forbidden": desk_of(request).study.file.sensitivity == "high",
        "action": new_action(),
        "added": request.query_params.get("added"),
        "dropped": "dropped" in request.query_params,
    }
    return page(request, "quotes/quotes.html", values, status)


def _post(store: Store, address: str, hidden: frozenset[int]) -> ShownPost:
    number = post_id(store.connection, address)
    found = None if number is None or number in hidden else post(store.connection, number)
    if found is None or found.private:
        raise HTTPException(404, _NOT_HERE)
    return found


def _refuse_hidden(request: Request, address: str) -> None:
    with desk_of(request).store() as store:
        number = post_id(store.connection, address)
        if number is not None and number in hidden_from(store, seat_of(request).coder):
            raise HTTPException(404, _NOT_HERE)


def _place(given: str) -> int | None:
    return int(given) if given.isdecimal() and len(given) < 10 else None  # noqa: PLR2004 - no text is so long


def _text(found: ShownPost | None, start: int | None, end: int | None) -> Any:
    """The post's text with the part that is to be quoted marked."""
    if found is None:
        return None
    whole = found.text or ""
    marks = [Mark(start or 0, len(whole) if end is None else end, "excerpt")] if (start, end) != (None, None) else []
    return show(whole, marks, most=None)


def _words(found: ShownPost | None, start: int | None, end: int | None) -> str:
    """The part that is to be quoted, empty for the whole post."""
    return "" if found is None or (start, end) == (None, None) else (found.text or "")[start or 0 : end]


ROUTES = [
    Route("/quotes", record),
    Route("/quotes", add, methods=["POST"]),
    Route("/quotes/{quote}/drop", drop, methods=["POST"]),
]
