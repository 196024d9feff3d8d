"""The server records what it is asked, and fails as told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx
import pytest
from fakes.arctic import ArcticShift
from fakes.reading import data_of
from fakes.server import FakeServer
from prawcore.exceptions import TooManyRequests

if TYPE_CHECKING:
    import praw
    from fakes.faults import Mode
    from fakes.world import World

ARCTIC = "/api/posts/ids?ids=1abc"


@pytest.mark.parametrize("mode", ["401", "403", "404", "429", "451", "500", "502", "503"])
def test_a_planned_status_comes_once(server: FakeServer, client: httpx.Client, mode: Mode) -> None:
    server.fail(mode)
    answers = [client.get(ARCTIC) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [int(mode), 200]
    assert "retry-after" not in answers[0].headers


@pytest.mark.parametrize(
    ("mode", "status", "words"),
    [
        ("403-html", 403, "blocked"),
        ("200-login", 200, "Log in"),
        ("422-timeout", 422, "slow down"),
        ("html-for-json", 200, "<html>"),
        ("empty", 200, ""),
        ("429-retry-after", 429, "blocked"),
    ],
)
def test_a_refusal_looks_like_the_real_one(
    server: FakeServer, client: httpx.Client, mode: Mode, status: int, words: str
) -> None:
    server.fail(mode)
    answer = client.get(ARCTIC)
    assert answer.status_code == status
    assert words in answer.text
    assert bool(words) == bool(answer.text)


def test_a_429_can_name_its_wait(server: FakeServer, client: httpx.Client) -> None:
    server.fail("429-retry-after", retry_after=17)
    assert client.get(ARCTIC).headers["retry-after"] == "17"


def test_a_redirect_leads_to_a_login_page(server: FakeServer, client: httpx.Client) -> None:
    server.fail("302-login")
    answer = client.get(ARCTIC, follow_redirects=True)
    assert (answer.url.path, answer.url.params["reason"], answer.status_code) == ("/login/", "lor2", 200)


@pytest.mark.parametrize(
    ("mode", "error"),
    [
        ("reset", httpx.ReadError),
        ("truncated-with-length", httpx.RemoteProtocolError),
        ("hang", httpx.ReadTimeout),
    ],
)
def test_a_broken_connection_is_broken(
    server: FakeServer, client: httpx.Client, mode: Mode, error: type[Exception]
) -> None:
    server.fail(mode)
    with pytest.raises(error):
        client.get(ARCTIC, timeout=0.3)
    assert client.get(ARCTIC).status_code == 200


def test_a_truncated_answer_without_length_looks_complete(
    world: World, server: FakeServer, client: httpx.Client
) -> None:
    world.make_thread("1abc", 0)
    server.fail("truncated")
    answer = client.get(ARCTIC)
    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_a_wrong_charset_is_not_utf_8(server: FakeServer, client: httpx.Client) -> None:
    server.fail("wrong-charset")
    with pytest.raises(UnicodeDecodeError):
        client.get(ARCTIC).content.decode()


@pytest.mark.parametrize("mode", ["huge", "gzip-bomb"])
def test_a_body_can_be_too_big(server: FakeServer, client: httpx.Client, mode: Mode) -> None:
    server.fail(mode, size=2_000_000)
    assert len(client.get(ARCTIC).content) > 2_000_000


def test_a_drip_comes_byte_by_byte(server: FakeServer, client: httpx.Client) -> None:
    server.fail("drip", pause_seconds=0.001)
    answer = client.get("/api/posts/ids?ids=nosuch")
    assert data_of(answer) == []
    assert answer.elapsed.total_seconds() > 0.005


def test_a_drip_does_not_hold_up_the_end(world: World) -> None:
    with FakeServer(ArcticShift(world)) as server:
        server.fail("drip", pause_seconds=60)
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(f"{server.url}{ARCTIC}", timeout=0.2)


def test_a_repeated_answer_ignores_what_was_asked(world: World, server: FakeServer, client: httpx.Client) -> None:
    world.make_thread("1abc", 0)
    server.fail("repeat", at=2)
    first, second = client.get(ARCTIC), client.get("/api/posts/ids?ids=nosuch")
    assert first.content == second.content


def test_a_fault_strikes_at_its_place_under_its_path(server: FakeServer, client: httpx.Client) -> None:
    server.fail("500", at=2, path="/api/posts", times=2)
    paths = ["/api/posts/ids?ids=a", "/api/comments/ids?ids=a", *["/api/posts/ids?ids=a"] * 3]
    assert [client.get(path).status_code for path in paths] == [200, 200, 500, 500, 200]


def test_a_lasting_fault_ends_when_it_is_healed(server: FakeServer, client: httpx.Client) -> None:
    server.fail("503", times=None)
    assert [client.get(ARCTIC).status_code for _ in range(3)] == [503, 503, 503]
    server.heal()
    assert client.get(ARCTIC).status_code == 200


def test_an_unknown_mode_is_refused(server: FakeServer) -> None:
    with pytest.raises(ValueError, match="no fault mode"):
        server.fail("418")  # type: ignore[arg-type]


def test_faults_reach_praw(world: World, server: FakeServer, reddit: praw.Reddit) -> None:
    world.make_thread("1abc", 3)
    server.fail("429-retry-after", path="/comments", retry_after=9)
    with pytest.raises(TooManyRequests) as caught:
        reddit.request(method="GET", path="/comments/1abc/")
    assert caught.value.retry_after == "9"


def test_every_request_is_recorded(server: FakeServer, client: httpx.Client) -> None:
    client.get("/api/posts/ids?ids=a&fields=", headers={"X-Mark": "here"})
    client.post("/api/morechildren", data={"children": "x,y"})
    client.get("/nowhere")
    first, second, third = server.requests
    assert (first.method, first.path, first.query) == ("GET", "/api/posts/ids", {"ids": "a", "fields": ""})
    assert (first.number, first.headers["x-mark"], second.form) == (1, "here", {"children": "x,y"})
    assert first.at <= second.at <= third.at
    assert (server.count(), server.count("/api")) == (3, 2)


def test_an_error_in_a_service_is_raised_at_the_end() -> None:
    class Broken:
        def answer(self, request: object) -> None:
            raise ArithmeticError(request)

    with pytest.raises(ArithmeticError), FakeServer(Broken()) as server, pytest.raises(httpx.RemoteProtocolError):
        httpx.get(server.url)
