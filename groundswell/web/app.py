"""The app: every screen of `groundswell/web/screens/` behind one gate."""

from collections.abc import Iterable
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

_TITLES = {404: "Not found", 405: "Not possible here"}


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
    return problem(request, error.status_code, _TITLES.get(error.status_code, "Not done"), error.detail)
