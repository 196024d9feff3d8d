"""The review app in a test: a client that sits at a study's desk, and an app that a real browser can open."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import httpx

from groundswell.web.app import make_app
from groundswell.web.desk import Desk, Seat
from groundswell.web.server import Place, links_of, listening, server_of

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

    from starlette.applications import Starlette

    from groundswell.study import Study

ORIGIN = "http://127.0.0.1"
Answer = TypeVar("Answer")


class InProcess(httpx.BaseTransport):
    """Hands requests to an app without a socket between."""

    def __init__(self, app: Starlette) -> None:
        self.inner = httpx.ASGITransport(app)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        async def answer() -> httpx.Response:
            given = await self.inner.handle_async_request(request)
            return httpx.Response(given.status_code, headers=given.headers, content=await given.aread())

        return finish(answer())


def finish(work: Coroutine[Any, Any, Answer]) -> Answer:
    """Do asynchronous work in a loop of its own: a browser that tests drive keeps one in this thread."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def client_of(app: Starlette, base: str = ORIGIN, **headers: str) -> httpx.Client:
    """A client without a seat; an underscore in a header's name stands for a hyphen."""
    return httpx.Client(
        transport=InProcess(app), base_url=base, headers={name.replace("_", "-"): one for name, one in headers.items()}
    )


def sit(
    study: Study, coder: str = "ada", *, blind: bool = False, claim: str | None = None, sample: str | None = None
) -> httpx.Client:
    """A client that has used its link, and that sends what a page of the app would send."""
    desk = Desk(study, {})
    client = client_of(make_app(desk), Sec_Fetch_Site="same-origin")
    assert client.get("/", params={"token": desk.invite(Seat(coder, blind, claim, sample))}).status_code == 303
    return client


@dataclass(frozen=True, slots=True)
class Served:
    """An app that runs beside the test: its address, its desk, and a link for each seat."""

    url: str
    desk: Desk
    links: tuple[str, ...]

    def new_link(self, seat: Seat) -> str:
        """A further link."""
        return f"{self.url}/?token={self.desk.invite(seat)}"


@contextmanager
def serving(study: Study, *seats: Seat) -> Iterator[Served]:
    """The app on a free port of this computer, in a thread; without seats it has one for ada."""
    place, desk = Place(), Desk(study, {})
    with listening(place) as opened, study.store():
        links = [link for _, link in links_of(place, opened, desk, seats or (Seat("ada"),))]
        server = server_of(desk, place, opened)
        thread = threading.Thread(target=server.run, args=([opened],))
        thread.start()
        try:
            yield Served(links[0].partition("/?")[0], desk, tuple(links))
        finally:
            server.should_exit = True
            thread.join()
