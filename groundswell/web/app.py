"""The app: every screen of `groundswell/web/screens/` behind one gate."""

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from starlette.applications import Starlette
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from groundswell.web import screens
from groundswell.web.access import Gate
from groundswell.web.desk import Desk
from groundswell.web.page import MenuItem


def make_app(desk: Desk) -> Starlette:
    """Put the app together; `desk.seats` says who may come in."""
    routes: list[Route | Mount] = [Mount("/static", StaticFiles(directory=Path(__file__).parent / "static"))]
    menu: list[MenuItem] = []
    for module in iter_modules(screens.__path__):
        screen = import_module(f"{screens.__name__}.{module.name}")
        routes += screen.ROUTES
        if item := getattr(screen, "MENU", None):
            menu.append(item)
    app = Starlette(routes=routes)
    app.state.desk = desk
    app.state.menu = sorted(menu, key=lambda item: item.place)
    app.add_middleware(Gate, desk=desk)
    return app
