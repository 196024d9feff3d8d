"""The study at a glance: its claims and what to read next; what comes in, what is left, how far to trust it."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from db.errors import GroundswellError
from db.queries import pages, runs, threads
from db.queries import study as study_queries
from db.queries.said import posts_read_by_several
from groundswell import health
from groundswell.claim_reading import ClaimState
from groundswell.reading_queues import CLAIM, Place
from groundswell.reporting import claims_of
from groundswell.reviewing import hidden_from
from groundswell.web import charts
from groundswell.web.page import MenuItem, desk_of, is_part, page, seat_of
from groundswell.web.screens.coding import reading_of
from reports import methods, phrases

MENU = MenuItem("Study", "/", 0)

_INCOMPLETE = 20
_SOURCES = 12


def show_study(request: Request) -> Response:
    """The first page."""
    desk = desk_of(request)
    report = health.latest_report(desk.study)
    values = {
        "question": desk.study.file.question,
        "report": report,
        "claims": [] if report is None else claims_of(report),
        "ways": [] if report is None else methods.ways(report),
        "to_decide": {} if report is None else _to_decide(request, report),
        "phrases": phrases,
        "panels": PANELS,
    }
    return page(request, "study/study.html", values)


def _to_decide(request: Request, report: Mapping[str, Any]) -> dict[str, ClaimState]:
    """The claims of the best next reading for which this coder can read nothing more: people differ on what is left."""
    desk, seat = desk_of(request), seat_of(request)
    found = {}
    with desk.store() as store:
        several = len(posts_read_by_several(store.connection))
        # Where more posts wait than several people have read, they cannot differ on all: that needs no counting.
        steps = [step for step in (report["next_steps"]["best"], report["next_steps"]["all"]) if step is not None]
        for claim in dict.fromkeys(step["claims"][-1] for step in steps if step["decisions"] <= several):
            try:
                queue = reading_of(request).queues.queue(store, seat.coder, Place(CLAIM, claim), blind=seat.blind)
            except GroundswellError:  # the claim is in the last report and not in findings.yaml any more
                continue
            state = queue.claim if queue.shows_state else None
            if state is not None and state.differing and not (queue.left or state.hidden or state.wants_audit):
                found[claim] = state
    return found


def show_panel(request: Request) -> Response:
    """A part of the first page that takes longer to work out: by itself where htmx asks, else on a page."""
    name = request.url.path.rpartition("/")[2]
    title, gather = PANELS[name]
    values = {
        "panel": name,
        "title": title,
        "charts": charts,
        "names": desk_of(request).code_names(),
        **gather(request),
    }
    return page(request, "study/panel_part.html" if is_part(request) else "study/panel.html", values)


def _collection(request: Request) -> Mapping[str, Any]:
    desk = desk_of(request)
    with desk.store() as store:
        totals = study_queries.totals(store.connection)
        visits = runs.source_visits(store.connection)
        gaps = threads.gaps(store.connection)
        per_day = pages.posts_per_day(store.connection)
    days: dict[str, dict[str, int]] = defaultdict(dict)
    for source, day, posts in per_day:
        days[source][day] = posts
    largest = sorted(days, key=lambda source: (-sum(days[source].values()), source))
    every = [day for _, day, _ in per_day]
    named = [source.title for source in desk.study.file.sources]
    return {
        "totals": totals,
        "visits": [(name, visits.get(name)) for name in [*named, *(name for name in visits if name not in named)]],
        "gaps": gaps[:_INCOMPLETE],
        "more_gaps": max(len(gaps) - _INCOMPLETE, 0),
        "days": [(source, charts.bars(days[source], min(every), max(every))) for source in largest[:_SOURCES]],
        "more_sources": max(len(largest) - _SOURCES, 0),
        "period": (min(every), max(every)) if every else None,
    }


def _work(request: Request) -> Mapping[str, Any]:
    found = health.open_work(desk_of(request).study)
    return {"work": [(one, charts.steps(one.posts, one.days)) for one in found]}


def _agreement(request: Request) -> Mapping[str, Any]:
    return {"rounds": health.closed_agreements(desk_of(request).study)}


def _rules(request: Request) -> Mapping[str, Any]:
    desk, seat = desk_of(request), seat_of(request)
    if seat.blind:
        return {"blind": True, "precisions": []}
    with desk.store() as store:
        found = health.precisions(store, desk.codebook(), hidden_from(store, seat.coder))
    return {"blind": False, "precisions": found}


PANELS: dict[str, tuple[str, Callable[[Request], Mapping[str, Any]]]] = {
    "collection": ("Collection", _collection),
    "work": ("What is left to read", _work),
    "agreement": ("Agreement of coders", _agreement),
    "rules": ("What people confirm of rule hits", _rules),
}
ROUTES = [Route("/", show_study), *(Route(f"/study/{name}", show_panel) for name in PANELS)]
