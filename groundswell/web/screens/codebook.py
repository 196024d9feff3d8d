"""The codebook: all codes at a glance, changing one of them, and what a change asks for before it is made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from coding.codebook import Code, Codebook, ExampleFields
from coding.codebook_changes import Stale
from db.errors import FileError, GroundswellError
from db.queries import codebooks as queries
from db.queries.said import ids_at
from groundswell import codebooks, editing
from groundswell.codebooks import Changed, Why
from groundswell.editing import Asked, ChangedMeanwhile, Opened
from groundswell.web.hidden import hidden_posts
from groundswell.web.once import Once, new_action
from groundswell.web.page import MenuItem, desk_of, form_of, page, redirect, seat_of

MENU = MenuItem("Codebook", "/codebook", 40)

STANCES = ("support", "dispute", "mixed")
KINDS = ("merge", "split", "retire", "restore")
LABELS = {
    "name": "Name",
    "definition": "Definition",
    "include": "Include",
    "exclude": "Exclude",
    "examples": "Examples",
    "parent": "Below",
    "colour": "Colour",
    "key": "Key",
    "status": "Status",
    "since": "Looked for since",
    "stance": "Asks for a stance",
    "statement": "Statement",
    "rules": "Rules",
    "must_match": "Rules must find",
    "must_not_match": "Rules must not find",
}
_LISTED = 50
_ONCE = Once()


@dataclass(frozen=True, slots=True)
class Row:
    """A code in the list.

    Attributes:
        depth: how far below the top it stands.
        posts: on how many posts people's codings of it stand; None for whoever may not know.
    """

    code: Code
    status: str
    depth: int
    posts: int | None
    is_value: bool


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a code before and after, in words."""

    field: str
    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Worklist:
    """Codings that would have to be looked at again, as a coder may see them.

    Attributes:
        total: how many the reader may know of.
        is_part: whether there are more, on posts that the reader codes blind or by others.
        by_coder: how many each person has made.
        rows: some of them, with the address of each.
    """

    total: int
    is_part: bool
    by_coder: Mapping[str, int]
    rows: Sequence[tuple[str, Stale]]


@dataclass(slots=True)
class Form:
    """What stands in the fields of a code's form.

    Attributes:
        texts: the fields of one text each, and whether it asks for a stance.
        rules: pattern and stance of each rule.
        lists: the examples that are texts, by field.
        kept: the examples with a title or a parent, which only the file can change: number, words, whether it stays.
        errors: what is wrong, by field; under '' what belongs to none.
    """

    texts: dict[str, str]
    rules: list[tuple[str, str]]
    lists: dict[str, list[str]]
    kept: dict[str, list[tuple[int, str, bool]]]
    errors: dict[str, tuple[str, str | None]] = field(default_factory=dict)


def show(request: Request) -> Response:
    """All codes, drafts first."""
    codebook = desk_of(request).codebook()
    posts = _coded_posts(request)
    rows = [_row(codebook, code, posts) for code in _in_order(codebook)]
    return page(
        request,
        "codebook/list.html",
        {
            "drafts": [row for row in rows if row.status == "draft"],
            "active": [row for row in rows if row.status == "active"],
            "retired": [row for row in rows if row.status == "retired"],
            "codes": codebook.codes,
            "saved": request.query_params.get("saved"),
            "told": request.query_params.get("told"),
            "action": new_action(),
            "typed": {},
            "error": None,
        },
    )


def add(request: Request) -> Response:
    """Add a code and go to its form."""
    desk, form = desk_of(request), form_of(request)
    given = {name: _text(form, name) for name in ("name", "definition", "parent")}
    if not given["name"]:
        return _add_again(request, given, "a code needs a name", None)

    def work() -> str:
        code = codebooks.add(
            desk.study, given["name"], definition=given["definition"] or None, parent=given["parent"] or None
        )
        return f"/codebook/{quote(code)}/edit?added=1"

    try:
        return redirect(_ONCE.do(_text(form, "action"), work))
    except GroundswellError as error:
        return _add_again(request, given, _problem_of(error), error.hint)


def _add_again(request: Request, typed: Mapping[str, str], problem: str, hint: str | None) -> Response:
    values = {"codes": desk_of(request).codebook().codes, "action": new_action(), "typed": typed}
    return page(request, "codebook/add.html", {**values, "error": (problem, hint)}, status=422)


def edit(request: Request) -> Response:
    """The form of a code."""
    opened = _open(request)
    told = "The code was added. Say what it means." if "added" in request.query_params else None
    return _form_page(request, opened, _form_of_code(opened.code), told=told)


def save(request: Request) -> Response:
    """Take a code's form: show what the change asks for, and write it once that was seen."""
    opened, form = _open(request), form_of(request)
    fields, seen = _fields(opened.code, form), _text(form, "seen")
    return _change(request, opened, fields, seen, form)


def example(request: Request) -> Response:
    """Take an example, of what a code is or is not, that came up in a decision."""
    opened, form = _open(request), form_of(request)
    text, is_one = _text(form, "text"), _text(form, "kind") != "exclude"
    if not text:
        return _form_page(request, opened, _form_of_code(opened.code), told="An example needs words.", status=422)
    fields = editing.with_example(opened.entry, text, is_one=is_one)
    return _change(request, opened, fields, opened.seen, {name: sent for name, sent in form.items() if name == "back"})


def _change(
    request: Request, opened: Opened, fields: Mapping[str, Any], seen: str, form: Mapping[str, list[str]]
) -> Response:
    """Show what a change asks for if it asks for something, else write it."""
    study, code = desk_of(request).study, opened.code.id
    try:
        if _text(form, "step") == "back":
            return _form_page(request, opened, _filled(opened.code, form), seen=seen)
        if _text(form, "step") != "write":
            asked = editing.ask(study, code, fields, seen)
            if asked.codings:
                return _confirm_page(request, opened, fields, seen, asked)
        written = editing.change_code(study, code, fields, seen, by=seat_of(request).coder)
    except ChangedMeanwhile as error:
        return _conflict_page(request, opened, fields, error)
    except FileError as error:
        filled = _form_of_fields(opened.code, fields)
        filled.errors = _errors(opened.code.id, error)
        return _form_page(request, opened, filled, seen=seen, status=422)
    what = "saved" if written else "same"
    return redirect(f"/codebook?{what}={quote(code)}#code-{quote(code)}")


def change(request: Request) -> Response:
    """Merge, split, retire or restore a code: first what it would do, then doing it."""
    kind = request.path_params["kind"]
    if kind not in KINDS:
        raise HTTPException(404, "codes are merged, split, retired or restored")
    opened, form = _open(request), form_of(request)
    study, code = desk_of(request).study, opened.code.id
    why = Why(by=seat_of(request).coder, reason=_text(form, "reason") or None)
    into, parts = _text(form, "into"), [part.strip() for part in _text(form, "parts").split("\n") if part.strip()]
    flags = {name: name in form for name in ("keep_stance", "leave_rules", "keep_absent")}

    def work() -> str:
        done = _do(study, kind, code, into, parts, why, flags, dry_run=False)
        return f"/codebook?saved={quote(code)}&told={quote(_in_words(kind, done))}#code-{quote(into or code)}"

    try:
        if "action" in form:
            return redirect(_ONCE.do(_text(form, "action"), work))
        would = _do(study, kind, code, into, parts, why, flags, dry_run=True)
        asked = editing.codings_of_a_split(study, code, parts) if kind == "split" else None
    except GroundswellError as error:
        values = {"code": opened.code, "kind": kind, "problem": _problem_of(error), "hint": error.hint}
        return page(request, "codebook/refused.html", values, status=422)
    codebook = desk_of(request).codebook()
    return page(
        request,
        "codebook/change.html",
        {
            "code": opened.code,
            "kind": kind,
            "into": codebooks.find_code(codebook, into) if kind == "merge" else None,
            "parts": parts,
            "reason": why.reason or "",
            "flags": [name for name, is_on in flags.items() if is_on],
            "would": would,
            "posts": _of(_coded_posts(request), code),
            "worklist": None if asked is None else _as_seen(request, asked),
            "action": new_action(),
        },
    )


def _do(  # noqa: PLR0917 - the fields of the form
    study: Any,
    kind: str,
    code: str,
    into: str,
    parts: Sequence[str],
    why: Why,
    flags: Mapping[str, bool],
    *,
    dry_run: bool,
) -> Changed:
    if kind == "merge":
        return codebooks.merge(
            study, code, into, why, keep_stance=flags["keep_stance"], leave_rules=flags["leave_rules"], dry_run=dry_run
        )
    if kind == "split":
        return codebooks.split(study, code, parts, why, keep_absent=flags["keep_absent"], dry_run=dry_run)
    if dry_run:
        return editing.would_retire(study, code) if kind == "retire" else editing.would_restore(study, code)
    return codebooks.retire(study, code, why) if kind == "retire" else codebooks.restore(study, code, why)


def _in_words(kind: str, done: Changed) -> str:
    """What was done, for the foot of the next page."""
    said = {"merge": "merged", "split": "split", "retire": "retired", "restore": "restored"}[kind]
    codings = f"; {done.codings:,} codings {'taken back' if kind == 'restore' else 'written'}" if done.codings else ""
    begun = f"; drafts begun: {', '.join(done.begun)}" if done.begun else ""
    return f"{said}{codings}{begun}"


def worklist(request: Request) -> Response:
    """People's codings that were made of something else than their codes are now."""
    desk, seat = desk_of(request), seat_of(request)
    code = request.query_params.get("code") or None
    rows = codebooks.worklist(desk.study, code)
    with desk.store() as store:
        hidden = hidden_posts(request, store)
        ids = ids_at(store.connection, sorted({row["post"] for row in rows}))
    shown = [row for row in rows if ids.get(row["post"]) is not None and ids[row["post"]] not in hidden]
    if seat.blind:
        shown = [row for row in shown if row["coder"] == seat.coder]
    return page(
        request,
        "codebook/worklist.html",
        {"rows": shown[:_LISTED], "more": max(0, len(shown) - _LISTED), "code": code, "codes": desk.codebook().codes},
    )


def _open(request: Request) -> Opened:
    code = request.path_params["code"]
    if code not in desk_of(request).codebook().codes:
        raise HTTPException(404, f"the codebook has no code “{code}”")
    return editing.open_code(desk_of(request).study, code)


def _coded_posts(request: Request) -> dict[str, int] | None:
    """On how many posts each code was given; None for whoever codes blind, who may not count what others gave."""
    with desk_of(request).store() as store:
        return None if hidden_posts(request, store) else queries.coded_posts(store.connection)


def _of(posts: Mapping[str, int] | None, code: str) -> int | None:
    return None if posts is None else posts.get(code, 0)


def _row(codebook: Codebook, code: Code, posts: Mapping[str, int] | None) -> Row:
    return Row(code, codebook.status(code.id), _depth(codebook, code), _of(posts, code.id), codebook.is_value(code.id))


def _in_order(codebook: Codebook) -> list[Code]:
    """The codes as the file has them, each followed by those below it."""
    below: dict[str | None, list[Code]] = {}
    for code in codebook.codes.values():
        below.setdefault(code.parent, []).append(code)
    ordered: list[Code] = []

    def follow(parent: str | None) -> None:
        for code in below.get(parent, []):
            ordered.append(code)
            follow(code.id)

    follow(None)
    return ordered


def _depth(codebook: Codebook, code: Code) -> int:
    depth, parent = 0, code.parent
    while parent is not None:
        depth, parent = depth + 1, codebook.codes[parent].parent
    return depth


def _text(form: Mapping[str, list[str]], name: str) -> str:
    """The last value of a field, line ends as we keep them, blanks around it gone."""
    return form.get(name, [""])[-1].replace("\r\n", "\n").strip()


def _all(form: Mapping[str, list[str]], name: str) -> list[str]:
    return [value.replace("\r\n", "\n").strip() for value in form.get(name, [])]


def _fields(code: Code, form: Mapping[str, list[str]]) -> dict[str, Any]:
    """What the form says of each field of a code."""
    fields: dict[str, Any] = {name: _text(form, name) for name in editing.TEXTS}
    fields["name"] = fields["name"] or code.name
    fields["stance"] = "stance" in form
    if "status" in form and _text(form, "status") in ("", "draft", "active"):
        fields["status"] = _text(form, "status")
    pairs = zip_longest(_all(form, "rule"), _all(form, "rule_stance"), fillvalue="")
    fields["rules"] = [
        {"match": pattern, "stance": stance} if stance else pattern for pattern, stance in pairs if pattern
    ]
    fields["examples"] = [text for text in _all(form, "examples") if text]
    for name in ("must_match", "must_not_match"):
        kept = {int(number) for number in form.get(f"{name}_kept", []) if number.isdecimal()}
        fields[name] = _examples(getattr(code, name), _all(form, name), kept)
    return fields


def _examples(before: Sequence[str | ExampleFields], texts: Sequence[str], kept: set[int]) -> list[Any]:
    """The examples of a rule in their order: those that are texts as the form has them, others as they were."""
    left = iter(texts)
    found: list[Any] = []
    for number, one in enumerate(before):
        if isinstance(one, str):
            found.append(next(left, ""))
        elif number in kept:
            found.append(one.model_dump(exclude_defaults=True))
    return [one for one in [*found, *left] if one]


def _form_of_code(code: Code) -> Form:
    return _form_of_fields(code, {name: getattr(code, name) for name in (*editing.TEXTS, "stance", "status")} | {
        "rules": [{"match": one.pattern, "stance": one.stance} for one in code.rules],
        "examples": code.examples,
        "must_match": code.must_match,
        "must_not_match": code.must_not_match,
    })  # fmt: skip


def _filled(code: Code, form: Mapping[str, list[str]]) -> Form:
    return _form_of_fields(code, _fields(code, form))


def _form_of_fields(code: Code, fields: Mapping[str, Any]) -> Form:
    """The form of a code, filled with what fields say; those that are not given say what the code says."""
    values = {name: fields.get(name, getattr(code, name)) for name in (*editing.TEXTS, "stance", "status", "examples")}
    rules = fields.get("rules", [{"match": one.pattern, "stance": one.stance} for one in code.rules])
    examples = {name: fields.get(name, getattr(code, name)) for name in ("must_match", "must_not_match")}
    return Form(
        texts={
            name: "" if value in (None, False) else str(value) for name, value in values.items() if name != "examples"
        },
        rules=[(one, "") if isinstance(one, str) else (one["match"], one["stance"] or "") for one in rules],
        lists={
            "examples": list(values["examples"]),
            **{name: [one for one in found if isinstance(one, str)] for name, found in examples.items()},
        },
        kept={name: _with_surroundings(getattr(code, name), examples[name]) for name in examples},
    )


def _with_surroundings(before: Sequence[str | ExampleFields], now: Sequence[Any]) -> list[tuple[int, str, bool]]:
    still = [
        one if isinstance(one, dict) else one.model_dump(exclude_defaults=True)
        for one in now
        if not isinstance(one, str)
    ]
    return [
        (number, ", ".join(f"{name}: {value}" for name, value in said.items()), said in still)
        for number, one in enumerate(before)
        if isinstance(one, ExampleFields)
        for said in [one.model_dump(exclude_defaults=True)]
    ]


def _form_page(
    request: Request,
    opened: Opened,
    form: Form,
    *,
    seen: str | None = None,
    told: str | None = None,
    status: int = 200,
) -> Response:
    codebook = desk_of(request).codebook()
    code = opened.code
    return page(
        request,
        "codebook/edit.html",
        {
            "code": code,
            "state": codebook.status(code.id),
            "is_value": codebook.is_value(code.id),
            "form": form,
            "seen": seen if seen is not None else opened.seen,
            "codes": codebook.codes,
            "others": [one for one in codebook.codes.values() if one.id != code.id and not codebook.is_retired(one.id)],
            "stances": STANCES,
            "told": told,
            "posts": _of(_coded_posts(request), code.id),
        },
        status=status,
    )


def _confirm_page(request: Request, opened: Opened, fields: Mapping[str, Any], seen: str, asked: Asked) -> Response:
    values = {
        "code": opened.code,
        "changes": _changes(opened.entry, fields),
        "worklist": _as_seen(request, asked),
        "sent": _as_sent(opened.code, fields),
        "seen": seen,
    }
    return page(request, "codebook/confirm.html", values)


def _conflict_page(request: Request, opened: Opened, fields: Mapping[str, Any], error: ChangedMeanwhile) -> Response:
    values = {
        "code": opened.code,
        "problem": error.message,
        "changes": _changes(error.entry, fields),
        "sent": _as_sent(opened.code, fields),
        "seen": error.seen,
    }
    return page(request, "codebook/conflict.html", values, status=409)


def _as_seen(request: Request, asked: Asked) -> Worklist:
    """The worklist without posts that the coder may not see, and in a blind seat without other people's codings."""
    seat = seat_of(request)
    with desk_of(request).store() as store:
        hidden = hidden_posts(request, store)
    shown = [one for one in asked.codings if one.post not in hidden and (not seat.blind or one.coder == seat.coder)]
    counted: dict[str, int] = {}
    for one in shown:
        counted[one.coder] = counted.get(one.coder, 0) + 1
    rows = [(asked.addresses[one.post], one) for one in shown[:_LISTED]]
    return Worklist(len(shown), len(shown) < len(asked.codings), counted, rows)


def _changes(entry: Mapping[str, Any], fields: Mapping[str, Any]) -> list[Change]:
    """The fields that would differ from what the file says, in words."""
    pairs = [(name, _said(entry.get(name)), _said(value)) for name, value in fields.items()]
    return [Change(name, LABELS[name], before, after) for name, before, after in pairs if before != after]


def _said(value: Any) -> str:
    """A field's value as text: lists one item a line."""
    if value in (None, False, "", [], ()):
        return ""
    if value is True:
        return "yes"
    return "\n".join(map(_item, value)) if isinstance(value, list | tuple) else str(value)


def _item(item: Any) -> str:
    if isinstance(item, dict) and "match" in item:
        return f"{item['match']} ({item['stance']})" if item.get("stance") else str(item["match"])
    return ", ".join(f"{name}: {value}" for name, value in item.items()) if isinstance(item, dict) else str(item)


def _as_sent(code: Code, fields: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Fields as the form sends them, so that a page between can pass them on."""
    form = _form_of_fields(code, fields)
    sent = [(name, value) for name, value in form.texts.items() if name != "stance" or value]
    for pattern, stance in form.rules:
        sent += [("rule", pattern), ("rule_stance", stance)]
    sent += [(name, text) for name, texts in form.lists.items() for text in texts]
    return sent + [
        (f"{name}_kept", str(number)) for name, kept in form.kept.items() for number, _, stays in kept if stays
    ]


def _errors(code: str, error: FileError) -> dict[str, tuple[str, str | None]]:
    """An error of the codebook at the field of the form that it is about, if it is about one of this code."""
    found, prefix = error.field or "", f"codes.{code}."
    name = found.removeprefix(prefix).partition("[")[0] if found.startswith(prefix) else ""
    place = name if name in LABELS else ""
    number = found.rpartition("[")[2].removesuffix("]") if "[" in found else ""
    which = f"{LABELS[place]} {int(number) + 1}: " if place and number.isdecimal() else ""
    whole = _problem_of(error) if place else error.message
    return {place: (which + whole, error.hint)}


def _problem_of(error: GroundswellError) -> str:
    """What is wrong, without the place in the file, where the page shows the place itself."""
    if not isinstance(error, FileError):
        return error.message
    place = f"{error.path}:{error.line}: " if error.line is not None else f"{error.path}: "
    return error.message.removeprefix(place).removeprefix(f"{error.field}: ")


ROUTES = [
    Route("/codebook", show),
    Route("/codebook/add", add, methods=["POST"]),
    Route("/codebook/worklist", worklist),
    Route("/codebook/{code}/edit", edit),
    Route("/codebook/{code}/edit", save, methods=["POST"]),
    Route("/codebook/{code}/example", example, methods=["POST"]),
    Route("/codebook/{code}/{kind}", change, methods=["POST"]),
]
