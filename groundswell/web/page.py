"""Answers: a template with what all pages show, a part of a page, a redirect; and the form that a page sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.filters import do_urlencode
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from groundswell.web.desk import Desk, Seat
from groundswell.web.markdown import render_markdown
from groundswell.web.texts import as_typed, shown_value

BODY_KEY = "groundswell.body"
"""Where the gate (access.py) leaves the body of a form in the request's scope, so that screens need not be async."""


@dataclass(frozen=True, slots=True)
class MenuItem:
    """A screen's place in the menu: the smaller `place` comes first."""

    title: str
    path: str
    place: int


def desk_of(request: Request) -> Desk:
    """The desk that the app serves."""
    desk: Desk = request.app.state.desk
    return desk


def seat_of(request: Request) -> Seat:
    """Who asks."""
    seat: Seat = request.state.seat
    return seat


def form_of(request: Request) -> dict[str, list[str]]:
    """What a page sent: all values of each field, empty ones too."""
    sent: dict[str, list[str]] = {}
    for name, value in parse_qsl(request.scope.get(BODY_KEY, b"").decode("utf-8", "replace"), keep_blank_values=True):
        sent.setdefault(name, []).append(value)
    return sent


def is_part(request: Request) -> bool:
    """Whether htmx asks for a part of a page."""
    return request.headers.get("HX-Request") == "true"


def page(request: Request, template: str, values: Mapping[str, Any] | None = None, status: int = 200) -> Response:
    """Render a template, with `study` (title), `seat`, `menu` and `here` (the path) beside its own values."""
    desk = desk_of(request)
    shared = {
        "study": desk.study.file.title,
        "seat": seat_of(request),
        "menu": request.app.state.menu,
        "here": request.url.path,
    }
    html = environment().get_template(template).render({**shared, **(values or {})})
    return HTMLResponse(html, status)


def problem(request: Request, status: int, title: str, message: str, hint: str | None = None) -> Response:
    """Say what went wrong, or was refused, and what to do: a page, or for htmx a line in the status at its foot."""
    values = {"title": title, "message": message, "hint": hint}
    if is_part(request):
        html = environment().get_template("problem_part.html").render(values)
        return HTMLResponse(html, status, {"HX-Retarget": "#status", "HX-Reswap": "innerHTML"})
    return HTMLResponse(environment().get_template("problem.html").render(values), status)


def redirect(path: str) -> Response:
    """Send the browser to a page of ours after a form was taken."""
    return RedirectResponse(path, 303)


def _in_an_address(value: Any) -> str:
    # Of a name also a slash: a browser would make `a/../b` shorter.
    return quote(value, safe="") if isinstance(value, str) else do_urlencode(value)


@cache
def environment() -> Environment:
    """The templates: everything is escaped, no control sign is shown, and a name that is not given is an error.

    Filters of ours: `as_typed` for what stands in a field, `markdown` for what people wrote of codes and in memos,
    `urlencode` for a name in an address, whatever it is made of.
    """
    folder = Path(__file__).parent / "templates"
    made = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=shown_value,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"as_typed": as_typed, "markdown": render_markdown, "urlencode": _in_an_address}
    return made
