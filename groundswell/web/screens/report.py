"""The latest report inside the app: every claim with its numbers, and every number with its posts."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from db.queries import pages
from groundswell import health
from groundswell.reporting import build, claims_of
from groundswell.web.hidden import hidden_posts
from groundswell.web.page import MenuItem, desk_of, page, redirect, seat_of
from groundswell.web.texts import show
from reports import charts, methods, phrases, tables

MENU = MenuItem("Report", "/report", 20)

EXCERPT = 400
A_PAGE = 50
SIDES = {"For": "for", "Of two minds": "mixed", "Against": "against"}


def show_report(request: Request) -> Response:
    """All sections of the report as it was built last."""
    report = health.latest_report(desk_of(request).study)
    return page(request, "report/report.html", {"report": report, **_tools()})


def show_claim(request: Request) -> Response:
    """One claim, and the posts behind it: those of one side or code with `?of=NAME`."""
    claim, report = _claim(request)
    keys = _keys(claim)
    chosen = request.query_params.get("of", "")
    if chosen not in keys:
        chosen = next((key for key in keys if claim["evidence"][key]["posts"]), next(iter(keys), ""))
    listed = claim["evidence"][chosen]["posts"] if chosen else []
    start = _number(request.query_params.get("from", ""))
    desk = desk_of(request)
    with desk.store() as store:
        hidden = hidden_posts(request, store)
        known = desk.evidence(store)
        shown = [known[one] for one in listed if known.get(one, -1) not in hidden and one in known]
        found = pages.posts_by_id(store.connection, shown[start : start + A_PAGE])
    posts = [_short(found[one], blind=seat_of(request).blind) for one in shown[start : start + A_PAGE] if one in found]
    values = {
        "claim": claim, "report": report, "keys": keys, "chosen": chosen, "posts": posts, "start": start,
        "following": start + A_PAGE if start + A_PAGE < len(shown) else None,
        "elsewhere": claim["evidence"][chosen]["more"] if chosen else 0,
        "gone": sum(one not in known for one in listed),
        "withheld": sum(known.get(one, -1) in hidden for one in listed),
        **_tools(),
    }  # fmt: skip
    return page(request, "report/claim.html", values)


def build_report(request: Request) -> Response:
    """Build the report anew, as `groundswell report build` does."""
    build(desk_of(request).study)
    return redirect("/report")


def _claim(request: Request) -> tuple[Mapping[str, Any], dict[str, Any]]:
    report = health.latest_report(desk_of(request).study)
    for claim in [] if report is None else claims_of(report):
        if claim["id"] == request.path_params["claim"]:
            return claim, report or {}
    raise HTTPException(404, "The report has no such claim; it may have to be built anew.")


def _keys(claim: Mapping[str, Any]) -> dict[str, str]:
    """What the evidence of a claim is kept under, with the words for it, in the order of the claim's table."""
    if claim["is_stance"]:
        names = {key: side for side, key in SIDES.items()} | {"mentions": "Without a side"}
    else:
        names = {figure["code"]: figure["name"] for figure in claim["figures"]}
    known = [key for key in names if key in claim["evidence"]]
    return {key: names.get(key, key) for key in [*known, *(key for key in claim["evidence"] if key not in names)]}


def _short(row: Mapping[str, Any], *, blind: bool) -> dict[str, Any]:
    unseen = {"author": None, "score": None} if blind else {}
    return {**row, **unseen, "shown": show(row["text"], most=EXCERPT)}


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 9 else 0  # noqa: PLR2004 - no page is as far


def _link(claim: Mapping[str, Any], key: str) -> str:
    return f"/report/{quote(claim['id'], safe='')}?of={quote(key, safe='')}#posts"


def _picture(claim: Mapping[str, Any]) -> Markup:
    """The claim's chart: an SVG of ours, in which all words are escaped."""
    figures = dict(claim)
    drawn = charts.sides_chart(figures) if claim["is_stance"] else charts.interval_chart(figures)
    return Markup(drawn)  # noqa: S704 - drawn by our own code


def _rows(claim: Mapping[str, Any]) -> tuple[tables.Table, list[str]]:
    """The claim's figures as a table, and for each row where its posts are."""
    whole = dict(claim)
    if claim["is_stance"]:
        table = tables.sides_table(claim["figures"][0])
        return table, [_link(claim, SIDES[row[0]]) if row[0] in SIDES else "" for row in table.rows]
    table = tables.figures_table(whole)
    by_name = {figure["name"]: figure["code"] for figure in claim["figures"]}
    return table, [
        _link(claim, by_name[row[0]]) if by_name.get(row[0]) in claim["evidence"] else "" for row in table.rows
    ]


def _tools() -> dict[str, Any]:
    return {"phrases": phrases, "methods": methods, "tables": tables, "picture": _picture, "rows": _rows}


ROUTES = [
    Route("/report", show_report),
    Route("/report/build", build_report, methods=["POST"]),
    Route("/report/{claim}", show_claim),
]
