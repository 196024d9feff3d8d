"""Disagreements: what people said of the same post, side by side, and deciding what holds."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from coding.codebook import Code
from coding.final import Decision
from coding.rounds import REASONS, CodeAgreement
from db.errors import GroundswellError
from db.queries import samples
from db.queries.reviewing import ShownPost, memos_of, parents, posts
from db.queries.samples import Round
from db.store import Store
from groundswell.agreeing import agreement
from groundswell.differing import Case, Outdated, Voice, decide, find_cases
from groundswell.reviewing import memo_origin
from groundswell.web.hidden import hidden_posts
from groundswell.web.page import MenuItem, desk_of, form_of, is_part, page, redirect, seat_of
from groundswell.web.texts import Mark, show

MENU = MenuItem("Disagreements", "/disagreements", 30)
ON_A_PAGE = 10
OPEN, SETTLED = "open", "settled"
CHOICES = (
    ("present:support", "It is there, and supports"),
    ("present:dispute", "It is there, and disputes"),
    ("present:mixed", "It is there, and does both"),
    ("present:", "It is there"),
    ("absent:", "It is not there"),
    ("unsure:", "It cannot be told"),
)
REASON_WORDS = {
    "ambiguous": "Ambiguous: the post allows both",
    "guideline gap": "Guideline gap: the codebook does not say",
    "slip": "Slip: one of them made a mistake",
}
_LONGEST_PARENT = 400
_PARENTS = 1


@dataclass(frozen=True, slots=True)
class Side:
    """One person's coding, as the page shows it.

    Attributes:
        excerpts: the words that the person marked.
    """

    voice: Voice
    said: str
    excerpts: tuple[str, ...]
    memos: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownCase:
    """A code on which people differ, as the page shows it."""

    case: Case
    code: Code
    sides: tuple[Side, ...]
    settled: str | None
    reason: tuple[str, str]
    choices: tuple[tuple[str, str], ...]
    chosen: str
    example: str


@dataclass(frozen=True, slots=True)
class ShownPosts:
    """A post with the codes on which people differ."""

    post: ShownPost
    text: Any
    parent: ShownPost | None
    parent_text: Any
    cases: tuple[ShownCase, ...]


def list_cases(request: Request) -> Response:
    """The posts on which people differ."""
    return _page(request)


def settle(request: Request) -> Response:
    """Take a decision."""
    form = {name: values[-1].strip() for name, values in form_of(request).items()}
    address, code = form.get("post", ""), form.get("code", "")
    value, _, stance = form.get("decision", "").partition(":")
    asked = {name: form.get(f"show_{name}", "") for name in ("state", "code", "round", "from")}
    desk = desk_of(request)
    with desk.store() as store:
        hidden = hidden_posts(request, store)
    try:
        decide(
            desk.study,
            address,
            code,
            value,
            stance=stance or None,
            reason=form.get("reason", ""),
            note=form.get("note") or None,
            by=seat_of(request).coder,
            seen=form.get("seen", ""),
            hidden=hidden,
        )
    except Outdated as error:
        return _page(
            request, asked, problem=(address, code, error.message, "What stands now is shown below."), status=409
        )
    except GroundswellError as error:
        return _page(request, asked, problem=(address, code, error.message, error.hint), status=422)
    kept = {name: text for name, text in asked.items() if text}
    return redirect("/disagreements?" + urlencode({**kept, "decided": f"{code} of {address}"}))


def beside(request: Request) -> Response:
    """The agreement on each code in a closed round."""
    name = request.query_params.get("round", "")
    known = {one.id: one for one in _closed_rounds(request)}
    found = agreement(desk_of(request).study, name) if name in known else None
    values = {
        "report": found,
        "codes": [one for one in found.codes if one.agreement.units] if found else [],
        "names": _names(request, found.codes if found else ()),
    }
    return page(request, f"disagreements/{'agreement_part' if is_part(request) else 'agreement'}.html", values)


def _names(request: Request, codes: Sequence[CodeAgreement]) -> dict[str, str]:
    codebook = desk_of(request).codebook()
    return {one.code: codebook.codes[one.code].name if one.code in codebook.codes else one.code for one in codes}


def _page(
    request: Request,
    asked: Mapping[str, str] | None = None,
    *,
    problem: tuple[str, str, str, str | None] | None = None,
    status: int = 200,
) -> Response:
    query = asked if asked is not None else request.query_params
    state = SETTLED if query.get("state") == SETTLED else OPEN
    code, round_ = query.get("code") or "", query.get("round") or ""
    start = int(query.get("from") or 0) if (query.get("from") or "0").isdecimal() else 0
    desk = desk_of(request)
    codebook = desk.codebook()
    with desk.store() as store:
        hidden = hidden_posts(request, store)
        found = find_cases(store, codebook, hidden=hidden)
        counts = Counter(SETTLED if case.settled else OPEN for case in found)
        chosen = [
            case
            for case in found
            if (SETTLED if case.settled else OPEN) == state
            and code in {"", case.code}
            and round_ in {"", case.round or "none"}
        ]
        listed = list(dict.fromkeys(case.post for case in chosen))
        shown = _shown(store, codebook.codes, chosen, listed[start : start + ON_A_PAGE], hidden)
    rounds = _closed_rounds(request)
    return page(
        request,
        "disagreements/list.html",
        {
            "posts": shown,
            "total": len(chosen),
            "counts": {OPEN: counts[OPEN], SETTLED: counts[SETTLED]},
            "state": state,
            "codes": {one.code: codebook.codes[one.code].name for one in found},
            "code": code,
            "rounds": sorted({case.round or "none" for case in found}),
            "round": round_,
            "start": start,
            "earlier": max(0, start - ON_A_PAGE) if start else None,
            "later": start + ON_A_PAGE if start + ON_A_PAGE < len(listed) else None,
            "closed": rounds,
            "beside": round_ if round_ in {one.id for one in rounds} else rounds[-1].id if rounds else None,
            "reasons": REASON_WORDS,
            "decided": request.query_params.get("decided"),
            "problem": problem,
        },
        status=status,
    )


def _closed_rounds(request: Request) -> list[Round]:
    """The rounds whose agreement may be known: those that are closed and had more than one coder."""
    with desk_of(request).store() as store:
        return [one for one in samples.rounds(store.connection) if one.closed_at is not None and len(one.coders) > 1]


def _shown(
    store: Store, codes: Mapping[str, Code], cases: Sequence[Case], wanted: Sequence[int], hidden: Collection[int]
) -> list[ShownPosts]:
    found = posts(store.connection, wanted)
    shown = []
    for number in wanted:
        post = found[number]
        here = [case for case in cases if case.post == number]
        marks = [Mark(*segment, "excerpt") for case in here for voice in case.voices for segment in voice.segments]
        above = next(iter(parents(store.connection, post.parent, _PARENTS)), None)
        parent = above if above is not None and above.id not in hidden else None
        shown.append(
            ShownPosts(
                post=post,
                text=show(post.text, marks),
                parent=parent,
                parent_text=show(parent.text, most=_LONGEST_PARENT) if parent else None,
                cases=tuple(_shown_case(store, codes[case.code], post, case) for case in here),
            )
        )
    return shown


def _shown_case(store: Store, code: Code, post: ShownPost, case: Case) -> ShownCase:
    sides = tuple(_side(store, post, voice) for voice in case.voices)
    reason, _, note = (case.settled.reason or "" if case.settled else "").partition(": ")
    excerpts = [text for side in sides for text in side.excerpts]
    return ShownCase(
        case=case,
        code=code,
        sides=sides,
        settled=_in_words(case.settled.decision) if case.settled else None,
        reason=(reason if reason in REASONS else "", note),
        choices=tuple(one for one in CHOICES if code.stance or one[0].endswith(":")),
        chosen=f"{case.settled.decision.value}:{case.settled.decision.stance or ''}" if case.settled else "",
        example=" ".join((excerpts[0] if excerpts else post.text or post.title or "").split())[:300],
    )


def _side(store: Store, post: ShownPost, voice: Voice) -> Side:
    return Side(
        voice=voice,
        said=_in_words(voice.decision),
        excerpts=tuple((post.text or "")[start:end] for start, end in voice.segments),
        memos=tuple(memos_of(store.connection, post.address, memo_origin(voice.coder))),
    )


def _in_words(decision: Decision) -> str:
    """A decision as people read it: "there, supports"."""
    said = {"present": "there", "absent": "not there", "unsure": "cannot be told", "missing": "not to be coded"}
    stance = {"support": "supports", "dispute": "disputes", "mixed": "does both"}.get(decision.stance or "")
    return f"{said[decision.value or 'missing']}, {stance}" if stance else said[decision.value or "missing"]


ROUTES = [
    Route("/disagreements", list_cases),
    Route("/disagreements", settle, methods=["POST"]),
    Route("/disagreements/agreement", beside),
]
