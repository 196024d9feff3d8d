"""Walks through the review app as a curious person would: every link of every page, some pages of each kind."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit

from bs4 import BeautifulSoup
from starlette.routing import Match, Route

from groundswell.web.app import make_app
from groundswell.web.desk import Desk

if TYPE_CHECKING:
    import httpx

    from groundswell.study import Study

_ATTRIBUTES = ("href", "src", "hx-get", "action")


@dataclass(slots=True)
class Walk:
    """What was found.

    Attributes:
        pages: the path of each page that was opened, with its status and what it showed.
        by_screen: the paths opened of each route of the app; none for one that no link leads to.
    """

    pages: dict[str, tuple[int, str]] = field(default_factory=dict)
    by_screen: dict[str, list[str]] = field(default_factory=dict)


def screens_of(study: Study) -> list[Route]:
    """All routes of the app that show something."""
    routes = make_app(Desk(study, {})).routes
    return [route for route in routes if isinstance(route, Route) and "GET" in (route.methods or ())]


def crawl(client: httpx.Client, study: Study, *, each: int = 5) -> Walk:
    """Open each screen that needs no name, then what they link to, at most `each` pages of a kind."""
    routes = screens_of(study)
    walk = Walk(by_screen={route.path: [] for route in routes})
    seen: Counter[str] = Counter()
    waiting = deque(route.path for route in routes if "{" not in route.path)
    known = set(waiting)
    while waiting:
        path = waiting.popleft()
        screen = _screen(routes, path)
        if screen is None or seen[screen] >= each:
            continue
        seen[screen] += 1
        answer = client.get(path)
        walk.pages[path] = (answer.status_code, answer.text)
        walk.by_screen[screen].append(path)
        html = answer.headers.get("content-type", "").startswith("text/html")
        for link in _links(path, answer.text) if html else ():
            if link not in known:
                known.add(link)
                waiting.append(link)
    return walk


def _screen(routes: list[Route], path: str) -> str | None:
    scope = {"type": "http", "method": "GET", "path": unquote(urlsplit(path).path), "headers": [], "root_path": ""}
    return next((route.path for route in routes if route.matches(scope)[0] is Match.FULL), None)


def _links(path: str, html: str) -> list[str]:
    found = []
    for tag in BeautifulSoup(html, "lxml").find_all(True):
        for name in _ATTRIBUTES:
            value = tag.get(name)
            if isinstance(value, str) and value.startswith(("/", "?")):
                found.append(urljoin(path, value).partition("#")[0])
    return found
