"""One world behind both stand-ins, and three ways to ask them."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import httpx
import praw
import pytest
import requests
from fakes.arctic import ArcticShift
from fakes.reddit import RedditApi
from fakes.server import FakeServer
from fakes.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def reddit_api(world: World) -> RedditApi:
    return RedditApi(world)


@pytest.fixture
def server(world: World, reddit_api: RedditApi) -> Iterator[FakeServer]:
    with FakeServer(reddit_api, ArcticShift(world)) as running:
        yield running


@pytest.fixture
def client(server: FakeServer) -> Iterator[httpx.Client]:
    # Loading the certificates of the world would take longer than most tests.
    no_certificates = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with httpx.Client(base_url=server.url, timeout=5, verify=no_certificates) as open_client:
        yield open_client


@pytest.fixture
def token(client: httpx.Client) -> dict[str, str]:
    answer = client.post("/api/v1/access_token", data={"grant_type": "client_credentials"}, auth=("id", "secret"))
    return {"Authorization": f"bearer {answer.json()['access_token']}"}


@pytest.fixture
def reddit(server: FakeServer) -> Iterator[praw.Reddit]:
    with requests.Session() as session:
        yield praw.Reddit(
            client_id="id",
            client_secret="secret",
            user_agent="test:groundswell:0 (by /u/x)",
            oauth_url=server.url,
            reddit_url=server.url,
            check_for_updates=False,
            requestor_kwargs={"session": session},
        )
