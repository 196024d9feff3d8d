"""One code: what it means, the posts that show it, how often it is there, and how far to trust that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from coding.codebook import Code
from coding.shares import RAW_LABEL
from db.queries import samples
from db.queries.reviewing import posts
from db.store import Store
from groundswell.agreeing import agreement
from groundswell.code_evidence import MENTION, CodeEvidence, Evidence, evidence_of, model_of, story_of
from groundswell.codebooks import claims_on
from groundswell.sampling import AUDIT, post_shares
from groundswell.web.hidden import hidden_posts
from groundswell.web.marking import Excerpt, excerpt
from groundswell.web.page import desk_of, page, seat_of

GROUPS = {"support": "Supports", "dispute": "Disputes", "mixed": "Does both", MENTION: "Only mentions"}
WITHOUT_STANCE = "Shows it"
UNREAD = "unread"
FIRST = 5
ON_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Group:
    """The posts of one stance, or some of them."""

    key: str
    name: str
    count: int
    posts: Sequence[tuple[str, Excerpt, tuple[str, ...]]]


def show(request: Request) -> Response:
    """The code's page; `?stance=support` or `?stance=unread` lists all posts of one kind."""
    desk, code = desk_of(request), _code(request)
    codebook = desk.codebook()
    chosen = request.query_params.get("stance", "")
    given = request.query_params.get("from", "0")
    start = int(given) if given.isdecimal() else 0
    with desk.store() as store:
        hidden = hidden_posts(request, store)
        found = evidence_of(store, codebook, code.id, hidden=hidden)
        groups = _groups(store, code, found, chosen, start, blind=seat_of(request).blind)
        story = story_of(store, codebook, code.id)
        model = model_of(store, code.id)
    return page(
        request,
        "code/code.html",
        {
            "code": code,
            "state": codebook.status(code.id),
            "parent": codebook.codes[code.parent] if code.parent else None,
            "values": [codebook.codes[one] for one in codebook.values_of(code.id)],
            "groups": groups,
            "chosen": chosen if chosen in (*GROUPS, UNREAD) else "",
            "start": start,
            "later": start + ON_A_PAGE if any(group.count > start + ON_A_PAGE for group in groups) else None,
            "evidence": found,
            "story": story,
            "model": model,
            "claims": claims_on(desk.study, code.id),
            "left_out": len(hidden),
        },
    )


def shares(request: Request) -> Response:
    """The code's share of posts, as each audit of posts has it."""
    desk, code = desk_of(request), _code(request)
    with desk.store() as store:
        names = [
            one.id for one in samples.samples(store.connection) if (one.purpose, one.unit) == (AUDIT, samples.POST)
        ]
    found = {name: post_shares(desk.study, name) for name in names}
    rows = [(sample, one) for sample, measured in found.items() for one in measured.codes if one.code == code.id]
    return _part(request, "shares", {"code": code, "rows": rows, "raw": RAW_LABEL})


def agreed(request: Request) -> Response:
    """The agreement on the code in each closed round that asked for it."""
    desk, code = desk_of(request), _code(request)
    with desk.store() as store:
        rounds = [
            one
            for one in samples.rounds(store.connection)
            if one.closed_at is not None and len(one.coders) > 1 and code.id in one.codes
        ]
    reports = [agreement(desk.study, one.id) for one in rounds]
    rows = [(report, one) for report in reports for one in report.codes if one.code == code.id]
    return _part(request, "agreement", {"code": code, "rows": rows})


def _part(request: Request, name: str, values: Mapping[str, Any]) -> Response:
    """A part of the page alone, for htmx, or on a page of its own."""
    is_alone = request.headers.get("HX-Request") != "true"
    template = "code/alone.html" if is_alone else f"code/{name}.html"
    return page(request, template, {**values, "part": f"code/{name}.html", "level": 2 if is_alone else 3})


def _code(request: Request) -> Code:
    code = desk_of(request).codebook().codes.get(request.path_params["code"])
    if code is None:
        raise HTTPException(404, "The codebook has no such code.")
    return code


def _groups(store: Store, code: Code, found: CodeEvidence, chosen: str, start: int, *, blind: bool) -> list[Group]:
    if chosen == UNREAD:
        unread = [Evidence(post, UNREAD, (), ()) for post in found.unread]
        return [_group(store, UNREAD, "Found by rules, read by nobody", unread, start, ON_A_PAGE, blind=blind)]
    groups = []
    for key, name in GROUPS.items():
        here = [one for one in found.shown if one.stance == key]
        if here and chosen in {"", key}:
            said = name if code.stance else WITHOUT_STANCE
            first = (start, ON_A_PAGE) if chosen else (0, FIRST)
            groups.append(_group(store, key, said, here, *first, blind=blind))
    return groups


def _group(  # noqa: PLR0917 - what makes a group
    store: Store, key: str, name: str, here: Sequence[Evidence], start: int, most: int, *, blind: bool
) -> Group:
    shown = here[start : start + most]
    found = posts(store.connection, [one.post for one in shown])
    rows = [
        (
            found[one.post].address,
            excerpt(found[one.post].title, found[one.post].text, one.segments, kind="excerpt"),
            () if blind else one.coders,
        )
        for one in shown
    ]
    return Group(key, name, len(here), rows)


ROUTES = [
    Route("/code/{code}", show),
    Route("/code/{code}/shares", shares),
    Route("/code/{code}/agreement", agreed),
]
