"""The review app in a test: a client that sits at a study's desk, as a browser on this computer would."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx

from groundswell.web.app import make_app
from groundswell.web.desk import Desk, Seat

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from groundswell.study import Study

ORIGIN = "http://127.0.0.1"


class InProcess(httpx.BaseTransport):
    """Hands requests to an app without a socket between."""

    def __init__(self, app: Starlette) -> None:
        self.inner = httpx.ASGITransport(app)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        async def answer() -> httpx.Response:
            given = await self.inner.handle_async_request(request)
            return httpx.Response(given.status_code, headers=given.headers, content=await given.aread())

        return asyncio.run(answer())


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
