"""The coding screen: a person reads a post in its thread and says what is in it, at speed, without losing a label.

Everything works by plain forms. The script (static/keys.js) sends the same forms in order behind what it draws, and asks
for JSON in place of pages. What a coder must not see before committing is in no answer, whatever is asked for.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from threading import Lock
from time import localtime, strftime, time
from typing import Any
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from coding.codebook import Codebook
from db.queries import reviewing as queries
from db.queries import samples
from db.store import Store
from groundswell import reviewing
from groundswell.claim_reading import draw_for_claim
from groundswell.reading_queues import ALL, CLAIM, EVERYTHING, ROUND, SAMPLE, Place, Queue, Queues
from groundswell.reviewing import Answer, Choice, Decision, Excerpt, Refused, Shown, Stale
from groundswell.web.coding_form import Form, one, read_answer, shown_ms, whole_number
from groundswell.web.coding_view import (
    key_values,
    named_findings,
    post_values,
    queue_path,
    queue_values,
    thread_values,
)
from groundswell.web.desk import Desk, Seat
from groundswell.web.keymap import FILE, CoderKeys, Keymap, keymap, load_keymaps
from groundswell.web.page import MenuItem, desk_of, environment, form_of, is_part, page, redirect, seat_of
from groundswell.web.texts import plain
from groundswell.web.texts import show as show_text
from reports.screening import UNCHECKED

_AHEAD = 30
"""How many of the next posts an answer to a commit names, so that a page drops those that wait no longer."""
_TITLE = 70
_REFUSED, _STALE = 422, 409


@dataclass(slots=True)
class Reading:
    """What the screen keeps between answers, for all who sit before the app.

    Attributes:
        queues: their queues.
        hints: who wants to see in which queue what machines found.
        revealed: which coder was shown what machines found in which post.
    """

    queues: Queues
    hints: set[tuple[str, Place]] = field(default_factory=set)
    revealed: set[tuple[str, int]] = field(default_factory=set)
    keys: tuple[tuple[int, int] | None, Codebook, dict[str, CoderKeys]] | None = None


_making = Lock()


def reading_of(request: Request) -> Reading:
    """What the screen of this app keeps."""
    with _making:
        kept: Reading | None = getattr(request.app.state, "reading", None)
        if kept is None:
            desk = desk_of(request)
            kept = request.app.state.reading = Reading(Queues(desk.study, desk.codebook))
        return kept


@dataclass(frozen=True, slots=True)
class _Visit:
    """One request at a queue."""

    request: Request
    store: Store
    queue: Queue
    keymap: Keymap

    @property
    def desk(self) -> Desk:
        return desk_of(self.request)

    @property
    def seat(self) -> Seat:
        return seat_of(self.request)

    @property
    def reading(self) -> Reading:
        return reading_of(self.request)

    @property
    def wants_hints(self) -> bool:
        """Whether the coder has asked to see what machines found, and may."""
        return self.queue.hints and (self.seat.coder, self.queue.place) in self.reading.hints

    def shown(self, number: int) -> Shown | None:
        return reviewing.show(self.store, self.queue.task_for(number), self.seat.coder, number)

    def values(self, shown: Shown, answer: Answer | None = None) -> dict[str, Any]:
        """What the screen shows of a post; that machines' findings are among it is remembered."""
        findings = None
        if self.wants_hints:
            findings = queries.findings_on(self.store.connection, shown.post.id)
            self.reading.revealed.add((self.seat.coder, shown.post.id))
        whole = "whole" in self.request.query_params
        return post_values(self.queue, shown, self.keymap, answer=answer, findings=findings, whole=whole)

    def again(self) -> "_Visit":
        """The same after something was written."""
        queue = self.reading.queues.queue(self.store, self.seat.coder, self.queue.place, blind=self.seat.blind)
        return replace(self, queue=queue, keymap=_keymap(self.request, queue))


def _visit(request: Request, store: Store, place: Place | None = None) -> _Visit:
    where = place or Place(request.path_params["kind"], request.path_params["name"])
    seat = seat_of(request)
    queue = reading_of(request).queues.queue(store, seat.coder, where, blind=seat.blind)
    return _Visit(request, store, queue, _keymap(request, queue))


def _keymap(request: Request, queue: Queue) -> Keymap:
    desk, reading = desk_of(request), reading_of(request)
    path, codebook = desk.study.root / FILE, desk.codebook()
    stamp = (path.stat().st_mtime_ns, path.stat().st_size) if path.exists() else None
    known = reading.keys
    if known is None or known[0] != stamp or known[1] is not codebook:
        known = reading.keys = (stamp, codebook, load_keymaps(desk.study.root, codebook))
    task = queue.task
    others = tuple(code for code in task.codebook.asked if code not in task.codes) if task.others else ()
    also = tuple(code for codes in (queue.claim.also.values() if queue.claim else ()) for code in codes)
    return keymap(
        known[2].get(seat_of(request).coder, CoderKeys()),
        task.codebook,
        tuple(dict.fromkeys((*task.codes, *also, *others))),
    )


def enter(request: Request) -> Response:
    """Where a coder begins: at the queue that the link was made for, or before all there are."""
    desk, seat = desk_of(request), seat_of(request)
    with desk.store() as store:
        if seat.claim is not None:
            return redirect(queue_path(Place(CLAIM, seat.claim)))
        if seat.sample is not None:
            return redirect(queue_path(place_of_sample(store, seat.coder, seat.sample)))
        queues = reading_of(request).queues
        open_ = [one for one in samples.rounds(store.connection) if one.closed_at is None and seat.coder in one.coders]
        rounds = [queues.queue(store, seat.coder, Place(ROUND, one.id), blind=seat.blind) for one in open_]
        everything = queues.queue(store, seat.coder, Place(ALL, EVERYTHING), blind=seat.blind)
        in_rounds = {one.sample for one in open_}
        values = {
            "rounds": [(one, queue_path(one.place)) for one in rounds],
            "samples": [
                (one, queue_path(Place(SAMPLE, one.id)))
                for one in samples.samples(store.connection)
                if one.id not in in_rounds
            ],
            "everything": (everything, queue_path(everything.place)),
            "claims": _claims(desk, queues, store),
        }
    return page(request, "coding/queues.html", values)


def _claims(desk: Desk, queues: Queues, store: Store) -> list[tuple[str, str, str]]:
    """The claims that wait for reading as far as the last report knows: path, label and basis."""
    known = queries.last_findings(store.connection)
    claims = (claim for claim in queues.definition(desk.codebook()).claims if not claim.rests_on)
    wait = ((claim, known.get(claim.id, ("", UNCHECKED))[1]) for claim in claims)
    return [(queue_path(Place(CLAIM, claim.id)), claim.label, basis) for claim, basis in wait if basis == UNCHECKED]


def place_of_sample(store: Store, coder: str, sample: str) -> Place:
    """Where a coder reads a sample: in the open round of it that has this coder, else outside any round."""
    mine = (one for one in samples.rounds(store.connection, sample) if one.closed_at is None and coder in one.coders)
    found = next(mine, None)
    return Place(SAMPLE, sample) if found is None else Place(ROUND, found.id)


def show(request: Request) -> Response:
    """A post of a queue: the one that is asked for, else the next that waits."""
    with desk_of(request).store() as store:
        visit = _visit(request, store)
        asked = request.query_params
        last = _in_queue(visit, asked["after"]) if "after" in asked else None
        shown = _asked_for(visit) if "post" in asked or "go" in asked else _next_shown(visit, last)
        if shown is None:
            return _nothing_left(visit, last)
        return _page(visit, visit.values(shown), last=last)


def _asked_for(visit: _Visit) -> Shown:
    """The post that is named, by address or by its number in the queue, or the one before or after it."""
    asked = visit.request.query_params
    wanted = asked.get("go", "").strip() or asked.get("post", "")
    place = whole_number(wanted)
    number = _in_queue(visit, wanted) if place is None else _by_place(visit.queue, place)
    step = {"previous": -1, "next": 1}.get(asked.get("step", ""))
    if step is not None:
        beside = visit.queue.beside(number, step)
        while beside is not None and (found := visit.shown(beside)) is None:
            beside = visit.queue.beside(beside, step)
        if beside is not None and found is not None:
            return found
    shown = visit.shown(number)
    if shown is None:
        raise HTTPException(404, "The text of this post is gone.")
    return shown


def _by_place(queue: Queue, place: int) -> int:
    if not 1 <= place <= len(queue.order):
        raise HTTPException(404, f"The queue has no post {place}.")
    return queue.order[place - 1]


def _in_queue(visit: _Visit, address: str) -> int:
    """The id of a post of the queue; any other post, a hidden one too, is as good as not there."""
    number = queries.post_id(visit.store.connection, address)
    if number is None or not visit.queue.holds(number):
        raise HTTPException(404, "This post is not in the queue.")
    return number


def _next_shown(visit: _Visit, after: int | None) -> Shown | None:
    """The next post that waits and still has a text."""
    seen: set[int] = set()
    at = after
    while waiting := visit.queue.waiting(at):
        (at,) = waiting
        shown = visit.shown(at)
        if shown is not None:
            return shown
        if at in seen:
            break
        seen.add(at)
    if after in visit.queue.left:  # only the post that was skipped is left
        return visit.shown(after)
    return None


def _page(visit: _Visit, values: Mapping[str, Any], *, last: int | None = None, status: int = 200) -> Response:
    everything = {**_shared(visit, last), **values}
    if is_part(visit.request):
        return _part(visit, everything, status)
    return page(visit.request, "coding/page.html", everything, status)


def _part(visit: _Visit, values: Mapping[str, Any], status: int = 200) -> Response:
    return Response(_bench(visit, values), status, media_type="text/html")


def _bench(visit: _Visit, values: Mapping[str, Any]) -> str:
    return environment().get_template("coding/bench.html").render({"seat": visit.seat, **values})


def _shared(visit: _Visit, last: int | None = None) -> dict[str, Any]:
    return {
        **queue_values(visit.queue, key_values(visit.keymap)),
        "hints_on": visit.wants_hints,
        "last": None if last is None else _last(visit, last),
        "conflict": None,
        "refused": None,
        "message": None,
        "in_rounds": [],
        "undo_action": reviewing.new_action(reviewing.UNDO),
    }


def _last(visit: _Visit, number: int) -> dict[str, Any] | None:
    """The post before, and what the coder said of it."""
    shown = visit.shown(number)
    if shown is None:
        return None
    return {
        "address": shown.post.address,
        "title": title_of(shown),
        "said": said_of(visit, shown.answer) if shown.decided else None,
        "may_reveal": shown.decided and visit.queue.hints,
    }


def title_of(shown: Shown) -> str:
    """The post in a few words."""
    words = " ".join((shown.post.title or shown.post.text or "").split())
    return plain(words if len(words) <= _TITLE else words[:_TITLE].rpartition(" ")[0] + " …")


def said_of(visit: _Visit, answer: Answer) -> str:
    """An answer in words."""
    if answer.missing:
        return "cannot be coded without the image"
    if not answer.choices:
        return "none of these"
    codes = visit.queue.task.codebook.codes
    return ", ".join(
        codes[code].name
        + (" (unsure)" if choice.value != "present" else f" ({choice.stance})" if choice.stance else "")
        for code, choice in answer.choices.items()
    )


def _nothing_left(visit: _Visit, last: int | None) -> Response:
    values = {**_shared(visit, last), "is_empty": not visit.queue.order, "in_rounds": _in_rounds(visit)}
    if is_part(visit.request):
        return Response(
            environment().get_template("coding/done_part.html").render({"seat": visit.seat, **values}),
            media_type="text/html",
        )
    return page(visit.request, "coding/done.html", values)


def _in_rounds(visit: _Visit) -> list[tuple[str, str, int]]:
    """The open blind rounds of this coder that hold posts of a sample: name, path, and how many of these wait in it."""
    place, coder, connection = visit.queue.place, visit.seat.coder, visit.store.connection
    if place.kind != SAMPLE:
        return []
    mine = queries.posts_of_sample(connection, place.name)
    found = []
    for round_ in samples.rounds(connection):
        if not round_.blind or round_.closed_at is not None or coder not in round_.coders:
            continue
        if mine.isdisjoint(queries.posts_of_sample(connection, round_.sample)):
            continue
        there = Place(ROUND, round_.id)
        queue = visit.reading.queues.queue(visit.store, coder, there, blind=visit.seat.blind)
        found.append((round_.id, queue_path(there), len(queue.left & mine)))
    return found


def act(request: Request) -> Response:
    """Take what a page sent: a decision, its taking back, a memo, a new code, or whether to show suggestions."""
    acts: dict[str, Callable[[_Visit, Form], Response]] = {
        "commit": _commit, "undo": _undo, "memo": _memo, "draft": _draft, "hints": _hints, "audit": _audit,
    }  # fmt: skip
    form = form_of(request)
    what = one(form, "do") or "commit"
    if what not in acts:
        raise HTTPException(400, f"There is nothing here called {what!r}.")
    with desk_of(request).store() as store:
        visit = _visit(request, store)
        try:
            return acts[what](visit, form)
        except Stale as error:
            return _conflict(visit, form, error)
        except Refused as error:
            return _refusal(visit, form, error)


def _wants_json(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "")


def _post_of(visit: _Visit, form: Form) -> Shown:
    """The post that a form is about."""
    shown = visit.shown(_in_queue(visit, one(form, "post")))
    if shown is None:
        raise Stale("the text of this post is gone; there is nothing to code")
    return shown


def _decision(visit: _Visit, form: Form, shown: Shown, answer: Answer) -> Decision:
    number = shown.post.id
    return Decision(
        action=one(form, "action"),
        coder=visit.seat.coder,
        post=number,
        seen=one(form, "seen"),
        answer=answer,
        took_ms=shown_ms(form, int(time() * 1000), visit.keymap.shortest_ms),
        suggestion_shown=(visit.seat.coder, number) in visit.reading.revealed or one(form, "suggested") == "1",
    )


def _commit(visit: _Visit, form: Form) -> Response:
    shown = _post_of(visit, form)
    number = shown.post.id
    decision = _decision(visit, form, shown, read_answer(form, shown.post.text))
    reviewing.commit(visit.store, visit.queue.task_for(number), decision)
    if not _wants_json(visit.request):
        return redirect(f"{queue_path(visit.queue.place)}?after={_quoted(shown)}")
    after = visit.again()
    return JSONResponse(_state(after, number) | {"message": f"Saved {_clock()}: {title_of(shown)}"})


def _clock() -> str:
    return strftime("%H:%M:%S", localtime())


def _quoted(shown: Shown) -> str:
    return quote(shown.post.address, safe="")


def _state(visit: _Visit, number: int) -> dict[str, Any]:
    """What a page needs to know after something was written."""
    ahead = queries.posts(visit.store.connection, visit.queue.waiting(number, _AHEAD))
    values = {**_shared(visit, number)}
    return {
        "ahead": [one.address for one in ahead.values()],
        "head": environment().get_template("coding/head.html").render(values),
        "last": environment().get_template("coding/last.html").render(values),
    }


def _undo(visit: _Visit, form: Form) -> Response:
    done = reviewing.take_back(visit.store, visit.seat.coder, one(form, "action"))
    after = visit.again()
    if done is None:
        raise Refused("there is no decision of yours that could be taken back")
    _, written = done
    shown = after.shown(written.post) if after.queue.holds(written.post) else None
    what = "Taken back" if shown is None else f"Taken back: {title_of(shown)}"
    if not _wants_json(visit.request):
        return redirect(f"{queue_path(visit.queue.place)}" + ("" if shown is None else f"?post={_quoted(shown)}"))
    address = None if shown is None else shown.post.address
    return JSONResponse({**_state(after, written.post), "post": address, "message": what})


def _memo(visit: _Visit, form: Form) -> Response:
    shown = _post_of(visit, form)
    reviewing.keep_memo(visit.store, visit.seat.coder, shown.post.id, one(form, "memo").replace("\r\n", "\n"))
    if _wants_json(visit.request):
        return JSONResponse({"message": f"Memo saved {_clock()}"})
    return redirect(f"{queue_path(visit.queue.place)}?post={_quoted(shown)}")


def _draft(visit: _Visit, form: Form) -> Response:
    """Begin a code and code the post with it; what else stands in the form stays there."""
    shown = _post_of(visit, form)
    answer = read_answer({**form, "excerpt": [one for one in form.get("excerpt", ()) if one]}, shown.post.text)
    where = read_answer({"excerpt": [f"*|{at}" for at in form.get("draft_at", ()) if at]}, None).excerpts
    action = one(form, "draft_action")
    decision = replace(_decision(visit, form, shown, Answer(excerpts=where[:1])), action=action)
    name = one(form, "draft_name")
    task = visit.queue.task_for(shown.post.id)
    code = reviewing.begin_code(visit.desk.study, visit.store, task, decision, name)
    after = visit.again()
    now_shown = _post_of(after, form)
    chosen = replace(
        answer,
        choices={**answer.choices, code: answer.choices.get(code, Choice())},
        excerpts=(*answer.excerpts, *(Excerpt(code, at.start, at.end) for at in where[:1])),
        none=False,
        missing=False,
    )
    message = f"“{after.queue.task.codebook.codes[code].name}” is a draft code now, and this post is coded with it."
    values = {**_shared(after), **after.values(now_shown, chosen), "message": message}
    if _wants_json(visit.request):
        return JSONResponse({"message": message, "html": _bench(after, values)})
    return page(visit.request, "coding/page.html", values)


def _hints(visit: _Visit, form: Form) -> Response:
    """Show or hide what machines found before a commit."""
    if not visit.queue.hints:
        raise Refused("this queue is read blind; what machines found is not shown in it")
    here = (visit.seat.coder, visit.queue.place)
    visit.reading.hints.discard(here)
    if one(form, "on"):
        visit.reading.hints.add(here)
    shown = _post_of(visit, form)
    if _wants_json(visit.request):
        return JSONResponse(
            {"message": "Suggestions are on" if one(form, "on") else "Suggestions are off", "reload": True}
        )
    return redirect(f"{queue_path(visit.queue.place)}?post={_quoted(shown)}")


def _audit(visit: _Visit, _form: Form) -> Response:
    """Draw the audit of authors that a claim's reading needs."""
    if visit.queue.claim is None or not visit.queue.claim.wants_audit:
        raise Refused("no audit is needed here")
    draw_for_claim(visit.desk.study, visit.queue.claim.claim)
    visit.reading.queues.forget(visit.queue.place)
    return redirect(queue_path(visit.queue.place))


def _refusal(visit: _Visit, form: Form, error: Refused) -> Response:
    """Say aloud that nothing was saved, with what stood in the form still there."""
    said = {"message": _sentence(error.message), "hint": error.hint}
    if _wants_json(visit.request):
        return JSONResponse(said, _REFUSED)
    shown = _post_of(visit, form) if one(form, "post") else None
    if shown is None:
        return page(
            visit.request,
            "coding/done.html",
            {**_shared(visit), "is_empty": False, "message": said["message"]},
            _REFUSED,
        )
    try:
        answer = read_answer(form, shown.post.text)
    except Refused:
        answer = Answer()
    return _page(visit, {**visit.values(shown, answer), "refused": said}, status=_REFUSED)


def _sentence(text: str) -> str:
    return f"Not saved: {text}."


def _conflict(visit: _Visit, form: Form, error: Stale) -> Response:
    """Show what was sent and what stands now; the form holds the first, and may be sent again."""
    after = visit.again()
    number = _in_queue(after, one(form, "post"))
    shown = after.shown(number)
    message = _sentence(error.message)
    if shown is None:
        if _wants_json(visit.request):
            return JSONResponse({"message": message}, _STALE)
        raise HTTPException(_STALE, message)
    answer = read_answer(form, shown.post.text)
    known = {code: choice for code, choice in answer.choices.items() if after.queue.task_for(number).allows(code)}
    answer = replace(answer, choices=known, excerpts=_fitting(answer, shown))
    seen = one(form, "seen").partition(".")[0]
    earlier = None
    if seen and not (shown.post.text_sha or "").startswith(seen):
        earlier = queries.earlier_text(after.store.connection, number, seen)
    conflict = {
        "message": message,
        "yours": said_of(after, answer) if answer.choices or answer.none or answer.missing else "nothing",
        "stands": said_of(after, shown.answer) if shown.decided else "nothing of yours",
        "earlier": None if earlier is None else show_text(earlier[1] or earlier[0]),
    }
    values = {**_shared(after), **after.values(shown, answer), "conflict": conflict}
    if _wants_json(visit.request):
        return JSONResponse({"message": message, "html": _bench(after, values)}, _STALE)
    return page(visit.request, "coding/page.html", values, _STALE)


def _fitting(answer: Answer, shown: Shown) -> tuple[Excerpt, ...]:
    """The excerpts that still are what the text says there."""
    text = shown.post.text or ""
    return tuple(at for at in answer.excerpts if at.end <= len(text) and at.words in (None, text[at.start : at.end]))


def thread(request: Request) -> Response:
    """The thread of a post, to be read beside it."""
    with desk_of(request).store() as store:
        visit = _visit(request, store, _named_place(request))
        number = _in_queue(visit, request.query_params.get("post", ""))
        post = queries.posts(store.connection, [number])[number]
        part = whole_number(request.query_params.get("page", ""))
        task = visit.queue.task
        hidden = reviewing.hidden_around(store, task, visit.seat.coder)
        values = {
            **thread_values(store, post, blind=task.blind, page=part, hidden=hidden),
            "path": queue_path(visit.queue.place),
            "place": visit.queue.place,
            "here_address": post.address,
        }
    if is_part(request):
        return Response(environment().get_template("coding/thread_part.html").render(values), media_type="text/html")
    return page(request, "coding/thread.html", values)


def found(request: Request) -> Response:
    """What machines found in a post that the coder has committed; remembered, should the coder decide it again."""
    with desk_of(request).store() as store:
        visit = _visit(request, store, _named_place(request))
        number = _in_queue(visit, request.query_params.get("post", ""))
        shown = visit.shown(number)
        if not visit.queue.hints or shown is None or not shown.decided:
            raise HTTPException(
                403, "What machines found is shown after you have committed, and never in a blind queue."
            )
        visit.reading.revealed.add((visit.seat.coder, number))
        findings = named_findings(visit.queue.task_for(number), queries.findings_on(store.connection, number))
        values = {
            "title": title_of(shown), "findings": findings, "path": queue_path(visit.queue.place),
            "address": shown.post.address, "said": said_of(visit, shown.answer),
        }  # fmt: skip
    if is_part(request):
        return Response(environment().get_template("coding/found_part.html").render(values), media_type="text/html")
    return page(request, "coding/found.html", values)


def _named_place(request: Request) -> Place:
    return Place(request.query_params.get("kind", ""), request.query_params.get("name", ""))


MENU = MenuItem("Read", "/read", 1)
ROUTES = [
    Route("/read", enter),
    Route("/read/{kind}/{name:path}", show),
    Route("/read/{kind}/{name:path}", act, methods=["POST"]),
    Route("/coding/thread", thread),
    Route("/coding/found", found),
]
