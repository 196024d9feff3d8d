"""Leads: a claim that somebody else made beside the collected posts of its link, and what a person finds of it."""

from typing import Any
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from db.errors import GroundswellError
from db.queries.reviewing import posts
from db.store import Store
from groundswell.judging import Bench, Case, bench_of, judge, open_lead
from groundswell.reviewing import hidden_from
from groundswell.web.keymap import CoderKeys, load_keymaps
from groundswell.web.once import new_action
from groundswell.web.page import MenuItem, desk_of, form_of, is_part, page, problem, redirect, seat_of
from groundswell.web.texts import LONGEST, link_of, show

MENU = MenuItem("Leads", "/leads", 60)
JUDGEMENTS = {
    "supports": ("s", "Supports", "it is in a post"),
    "contradicts": ("c", "Contradicts", "a post says the opposite"),
    "not_in_it": ("n", "Not in it", "no post speaks of it"),
    "cannot_tell": ("t", "Cannot tell", "the posts do not let one say"),
}
POSTS_SHOWN = 20
EXCERPT = 1200
LISTED = 20


def bench(request: Request) -> Response:
    """The lead that waits longest, or the one that was asked for, and how far the others are."""
    asked = request.query_params.get("lead")
    coder = seat_of(request).coder
    with desk_of(request).store() as store:
        hidden = hidden_from(store, coder)
        found = bench_of(store, coder)
        wanted = [asked] if asked else _in_turn(found, request.query_params.get("after"))
        case = next((one for uid in wanted if (one := open_lead(store, uid, coder, hidden=hidden))), None)
        if asked and case is None:
            raise HTTPException(404, "There is no such lead that can be judged.")
        values = _values(request, store, found, case)
    return page(request, "leads/lead.html" if is_part(request) else "leads/leads.html", values)


def take(request: Request) -> Response:
    """Take a judgement and go on to the next lead."""
    form = {name: values[-1] for name, values in form_of(request).items()}
    lead, found = form.get("lead", ""), form.get("judgement", "")
    coder = seat_of(request).coder
    with desk_of(request).store() as store:
        hidden = hidden_from(store, coder)
    try:
        judge(
            desk_of(request).study, lead, found,
            coder=coder, action=form.get("action", ""), post=form.get("post") or None, hidden=hidden,
        )  # fmt: skip
    except GroundswellError as error:
        return problem(request, 422, "Not kept", error.message, error.hint)
    return redirect("/leads?" + urlencode({"judged": lead, "as": found}))


def _in_turn(found: Bench, after: str | None) -> list[str]:
    """The leads that wait, beginning behind one that is left for later."""
    waiting = [lead.uid for lead in found.waiting]
    if after not in waiting:
        return waiting
    place = waiting.index(after) + 1
    return waiting[place:] + waiting[:place]


def _values(request: Request, store: Store, found: Bench, case: Case | None) -> dict[str, Any]:
    is_whole = "all" in request.query_params
    numbers = [] if case is None else case.posts if is_whole else case.posts[:POSTS_SHOWN]
    rows = posts(store.connection, numbers)
    keys = load_keymaps(desk_of(request).study.root, desk_of(request).codebook())
    wanted = keys.get(seat_of(request).coder, CoderKeys())
    judged = request.query_params.get("as", "")
    return {
        "case": case,
        "posts": [(rows[one], show(rows[one].text, most=LONGEST if is_whole else EXCERPT)) for one in numbers],
        "more": 0 if case is None else len(case.posts) - len(numbers),
        "link": link_of(case.lead.link) if case is not None else ("", ""),
        "named": case.judgement.post if case is not None and case.judgement is not None else None,
        "judgements": JUDGEMENTS,
        "bench": found,
        "is_later": bool(request.query_params.get("after")),
        "listed": LISTED,
        "action": new_action(),
        "single_keys": wanted.single_keys,
        "shortest_ms": wanted.shortest_ms,
        "judged": request.query_params.get("judged") if judged in JUDGEMENTS else None,
        "told": f"Kept: {JUDGEMENTS[judged][1].lower()}." if judged in JUDGEMENTS else "",
        "is_part": is_part(request),
    }


ROUTES = [Route("/leads", bench), Route("/leads", take, methods=["POST"])]
