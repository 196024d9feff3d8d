"""History: what one coded and when, with a way to take it back; and all that was ever said of a post."""

from collections import defaultdict
from typing import Any
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from coding.batches import read_batch
from db.queries import pages
from groundswell.history import undo, undone_line
from groundswell.reviewing import hidden_from
from groundswell.web.page import MenuItem, desk_of, form_of, page, redirect, seat_of
from groundswell.web.screens.posts import visible

MENU = MenuItem("History", "/history", 80)

A_PAGE = 30
_LISTED = 30
"""How many codings of an action are named; of more only the number is told."""
_WORDS = {
    "review": "coded", "review-draft": "coded with a new code", "undo": "taken back", "import": "imported",
    "adjudicate": "decided where coders differed",
}  # fmt: skip


def show_history(request: Request) -> Response:
    """One's own actions, the last one first; with `?post=ADDRESS` all that was said of a post."""
    if "post" in request.query_params:
        return _of_post(request, request.query_params["post"])
    seat = seat_of(request)
    before = request.query_params.get("before", "")
    with desk_of(request).store() as store:
        found = pages.actions_of(store.connection, seat.coder, A_PAGE + 1, int(before) if before.isdecimal() else None)
        shown = found[:A_PAGE]
        few = [action["id"] for action in shown if action["events"] <= _LISTED]
        hidden = hidden_from(store, seat.coder)
        events = _by_action(pages.events_of_actions(store.connection, few), hidden)
    actions = [_action(action, events[action["id"]], seat.coder) for action in shown]
    values = {
        "actions": actions, "names": desk_of(request).code_names(), "older": shown[-1]["last"] if len(found) > A_PAGE else None,
        "done": request.query_params.get("done", ""),
    }  # fmt: skip
    return page(request, "history/history.html", values)


def take_back(request: Request) -> Response:
    """Take back one of one's own actions; nothing is deleted, and this can be taken back as well."""
    desk, seat = desk_of(request), seat_of(request)
    action = form_of(request).get("action", [""])[0]
    with desk.store() as store:
        events = pages.events_of_actions(store.connection, [action])
    if not events:
        raise HTTPException(404, "There is no such action.")
    if {event["coder"] for event in events} != {seat.coder}:
        raise HTTPException(403, "Only what you coded yourself can be taken back here; nothing was changed.")
    done = undo(desk.study, action)
    return redirect(f"/history?done={quote(undone_line(done), safe='')}")


def _of_post(request: Request, address: str) -> Response:
    seat = seat_of(request)
    with desk_of(request).store() as store:
        post = pages.post(store.connection, address)
        if post is None or post["id"] in hidden_from(store, seat.coder):
            raise HTTPException(404, "There is no such post, or it is still to be read in a blind round of yours.")
        events = pages.events_of_post(store.connection, address)
    values = {"post": post, "events": visible(events, seat), "names": desk_of(request).code_names()}
    return page(request, "history/post.html", values)


def _by_action(events: list[dict[str, Any]], hidden: frozenset[int]) -> dict[str, list[dict[str, Any]]]:
    """The events of each action; of posts that are hidden only what was said."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for event in events:
        unseen = {"address": None, "title": None} if event["post"] in hidden else {}
        found[event["action"]].append({**event, **unseen})
    return found


def _action(action: dict[str, Any], events: list[dict[str, Any]], coder: str) -> dict[str, Any]:
    batch = read_batch(action["id"])
    posts: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for event in events:
        posts[event["post"]].append(event)
    return {
        **action,
        "what": "coded" if batch is None else _WORDS.get(batch.action, batch.action),
        "posts": list(posts.values()),
        "alone": all(event["coder"] == coder for event in events) and bool(events),
    }


ROUTES = [Route("/history", show_history), Route("/history/undo", take_back, methods=["POST"])]
