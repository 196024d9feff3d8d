"""The app: every screen of `groundswell/web/screens/` behind one gate."""

from collections.abc import Iterable
from http import HTTPStatus
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from db.errors import Busy, GroundswellError
from groundswell.web import screens
from groundswell.web.access import Gate
from groundswell.web.desk import Desk
from groundswell.web.page import MenuItem, problem

_USUAL = {
    404: ("Not found", "There is no page at this address."),
    405: ("Not possible here", "This address takes no such request; nothing was changed."),
}
"""What is said of an error where its screen says no more: title and message."""


def make_app(desk: Desk, allow_hosts: Iterable[str] = ()) -> Starlette:
    """Put the app together.

    Args:
        desk: the study, and who may come in (`desk.invite`).
        allow_hosts: names under which a reverse proxy reaches the app, beside those of this computer.
    """
    routes: list[Route | Mount] = [Mount("/static", StaticFiles(directory=Path(__file__).parent / "static"))]
    menu: list[MenuItem] = []
    for module in iter_modules(screens.__path__):
        screen = import_module(f"{screens.__name__}.{module.name}")
        routes += screen.ROUTES
        if item := getattr(screen, "MENU", None):
            menu.append(item)
    app = Starlette(routes=routes, exception_handlers={GroundswellError: _ours, HTTPException: _plain})
    app.router.redirect_slashes = False
    app.state.desk = desk
    app.state.menu = sorted(menu, key=lambda item: item.place)
    app.add_middleware(Gate, desk=desk, allow_hosts=tuple(allow_hosts))
    return app


def _ours(request: Request, error: Any) -> Response:
    """An error that a person can read and remedy."""
    return problem(request, 503 if isinstance(error, Busy) else 400, "Not done", error.message, error.hint)


def _plain(request: Request, error: Any) -> Response:
    """An address that is none, a method that it does not know; a screen that raises one says why in its detail."""
    title, usual = _USUAL.get(error.status_code, ("Not done", error.detail))
    return problem(request, error.status_code, title, usual if error.detail == _phrase(error) else error.detail)


def _phrase(error: Any) -> str:
    """What Starlette says where nobody said more."""
    return HTTPStatus(error.status_code).phrase
