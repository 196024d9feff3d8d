"""The rules lab: what a rule finds while it is typed, and giving it to a code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from coding.codebook import Codebook
from coding.patterns import RuleError
from coding.previews import Shown
from db.errors import FileError, GroundswellError
from db.queries.codings import last_event
from db.queries.reviewing import hits_of
from db.store import Store
from groundswell import editing
from groundswell.laboratory import Trial, examples_of, people_decided, try_rule
from groundswell.web.hidden import hidden_posts
from groundswell.web.marking import Excerpt, excerpt_of_hits
from groundswell.web.page import MenuItem, desk_of, form_of, page, redirect, seat_of

MENU = MenuItem("Rules", "/rules", 50)
STANCES = ("support", "dispute", "mixed")
_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a pattern cannot be tried.

    Attributes:
        before, here, after: the pattern cut at the character that is to blame; all empty where none is.
    """

    message: str
    hint: str | None
    before: str = ""
    here: str = ""
    after: str = ""
    position: int = 0


@dataclass(slots=True)
class Memory:
    """What people decided of each code, kept between answers: reading it takes longer than typing a letter.

    Attributes:
        decided: by code, with the last coding event and the codebook by which it was read.
    """

    decided: dict[str, tuple[int, Codebook, Mapping[int, bool]]] = field(default_factory=dict)

    def of(self, store: Store, codebook: Codebook, code: str) -> Mapping[int, bool]:
        """What people decided of a code, read again only when something was coded since, or the codebook has changed."""
        last = last_event(store.connection)
        known = self.decided.get(code)
        if known is None or known[0] != last or known[1] is not codebook:
            known = self.decided[code] = (last, codebook, people_decided(store, codebook, code))
        return known[2]


def _memory(request: Request) -> Memory:
    kept: Memory | None = getattr(request.app.state, "rules_lab", None)
    if kept is None:
        kept = request.app.state.rules_lab = Memory()
    return kept


def lab(request: Request) -> Response:
    """The page, with what the pattern in its address finds."""
    return _page(request, _asked(request))


def hits(request: Request) -> Response:
    """What a pattern finds, alone: the part of the page that follows the typing."""
    return page(request, "rules/hits.html", {**_asked(request), "is_part": True})


def save(request: Request) -> Response:
    """Give a rule to a code."""
    form = {name: values[-1].strip() for name, values in form_of(request).items()}
    pattern, code, stance = (form.get(name, "") for name in ("pattern", "code", "stance"))
    study, problem = desk_of(request).study, None
    if not pattern:
        problem = Problem("a rule needs a pattern", None)
    elif code not in desk_of(request).codebook().codes:
        problem = Problem("say which code the rule is for", None)
    else:
        try:
            opened = editing.open_code(study, code)
            fields = editing.with_rule(opened.entry, pattern, stance or None)
            editing.change_code(study, code, fields, opened.seen, by=seat_of(request).coder)
        except GroundswellError as error:
            problem = _problem(pattern, error)
    if problem is None:
        return redirect("/rules?" + urlencode({"code": code, "saved": pattern}))
    asked = _result(request, pattern, code if code in desk_of(request).codebook().codes else "", "1")
    return _page(request, {**asked, "problem": asked["problem"] or problem}, status=422)


def _page(request: Request, asked: dict[str, Any], status: int = 200) -> Response:
    codebook = desk_of(request).codebook()
    values = {
        **asked,
        "is_part": False,
        "codes": [code for code in codebook.codes.values() if not code.choose_one and not codebook.is_retired(code.id)],
        "stances": STANCES,
        "saved": request.query_params.get("saved"),
    }
    return page(request, "rules/lab.html", values, status)


def _asked(request: Request) -> dict[str, Any]:
    query = request.query_params
    return _result(request, query.get("pattern", "").strip(), query.get("code", ""), query.get("seed", "1"))


def _result(request: Request, pattern: str, code: str, seed: str) -> dict[str, Any]:
    """What the part of the page shows that follows the typing."""
    desk = desk_of(request)
    codebook = desk.codebook()
    found = codebook.codes.get(code)
    number = int(seed) if seed.isdecimal() and len(seed) < 10 else 1  # noqa: PLR2004 - more digits are nobody's seed
    trial, problem = None, None
    if len(pattern) > _LONGEST:
        problem = Problem(f"a pattern may have {_LONGEST:,} characters at most", None)
    elif pattern:
        try:
            with desk.store() as store:
                known = hits_of(store.connection, code) if found else frozenset()
                hidden = hidden_posts(request, store)
                read = _memory(request).of(store, codebook, code) if found else None
                trial = try_rule(
                    store, codebook, pattern, code if found else None,
                    hidden=hidden, known=known - hidden, read=read, seed=number,
                )  # fmt: skip
        except GroundswellError as error:
            problem = _problem(pattern, error)
    preview = trial.preview if trial else None
    return {
        "pattern": pattern,
        "code": found,
        "seed": number,
        "trial": trial,
        "problem": problem,
        "examples": trial.examples if trial else examples_of(codebook, code) if found and not pattern else (),
        "found": _shown(preview.shown) if preview else [],
        "negated": _shown(preview.shown_negated) if preview else [],
        "near": _shown(preview.shown_nearly) if preview else [],
        "told": _in_words(trial, problem),
    }


def _shown(posts: Sequence[Shown]) -> list[tuple[str, Excerpt]]:
    return [(post.address, excerpt_of_hits(post.title, post.text, post.hits)) for post in posts]


def _in_words(trial: Trial | None, problem: Problem | None) -> str:
    """The line at the foot of the page, which screen readers speak."""
    if problem is not None:
        return f"No rule yet: {problem.message}"
    if trial is None:
        return ""
    if trial.found is not None:
        return f"{trial.found:,} of {trial.posts:,} posts"
    return f"{trial.preview.found:,} of {trial.looked_at:,} posts that were looked at"


def _problem(pattern: str, error: GroundswellError) -> Problem:
    if isinstance(error, RuleError) and error.pattern == pattern:
        place = min(error.position, len(pattern))
        message = error.message.removeprefix(f'pattern "{pattern}", position {error.position}: ')
        return Problem(
            message, error.hint, pattern[:place], pattern[place : place + 1], pattern[place + 1 :], place + 1
        )
    if isinstance(error, FileError) and error.field:
        return Problem(error.message.partition(f"{error.field}: ")[2], error.hint)
    return Problem(error.message, error.hint)


ROUTES = [
    Route("/rules", lab),
    Route("/rules", save, methods=["POST"]),
    Route("/rules/hits", hits),
]
