"""A signed-in session: tokens only for Reddit, pace by its headers, failures by our names, nothing secret kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from fakes.collecting import Clock, reddit_session
from fakes.constant import Constant
from fakes.reddit import RedditApi
from fakes.server import FakeServer
from fakes.world import World

from collector.reddit_session import Credentials, RedditSession
from collector.session import SiteError

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = "/comments/1abc/"


@pytest.fixture
def reddit() -> RedditApi:
    world = World()
    world.make_thread("1abc", 3)
    return RedditApi(world)


@pytest.fixture
def server(reddit: RedditApi) -> Iterator[FakeServer]:
    with FakeServer(reddit) as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def session(server: FakeServer, clock: Clock) -> Iterator[RedditSession]:
    opened = reddit_session(server.url, clock.pace())
    yield opened
    opened.close()


def test_one_token_serves_many_requests(server: FakeServer, session: RedditSession) -> None:
    for _ in range(3):
        session.get_json(PAGE, {"limit": "500"})

    assert server.count("/api/v1/access_token") == 1
    assert [request.query["limit"] for request in server.requests if request.path == PAGE] == ["500"] * 3
    assert {request.query["raw_json"] for request in server.requests if request.path == PAGE} == {"1"}


def test_a_form_is_posted(server: FakeServer, session: RedditSession) -> None:
    answer = session.post_json("/api/morechildren/", {"link_id": "t3_1abc", "children": "x", "api_type": "json"})

    assert answer == {"json": {"errors": [], "data": {"things": []}}}
    assert server.requests[-1].form["children"] == "x"


def test_a_token_that_is_no_longer_accepted_is_renewed_once(
    reddit: RedditApi, server: FakeServer, session: RedditSession
) -> None:
    session.get_json(PAGE, {})
    reddit.revoke_tokens()

    session.get_json(PAGE, {})

    assert server.count("/api/v1/access_token") == 2


def test_a_token_that_is_refused_again_is_forbidden(server: FakeServer, session: RedditSession) -> None:
    server.fail("401", path=PAGE, times=None)

    with pytest.raises(SiteError) as raised:
        session.get_json(PAGE, {})

    assert (raised.value.name, raised.value.status) == ("forbidden", 401)
    assert server.count(PAGE) == 2


def test_wrong_credentials_are_told_as_such(server: FakeServer, clock: Clock) -> None:
    session = reddit_session(server.url, clock.pace(), secret="wrong")

    with pytest.raises(SiteError, match="bad-credentials: Reddit does not accept the credentials"):
        session.get_json(PAGE, {})

    session.close()
    assert clock.slept == []


def test_a_sign_in_that_is_refused_in_a_good_answer_is_told_as_wrong_credentials(
    server: FakeServer, session: RedditSession
) -> None:
    server.services = (Constant("/api/v1/access_token", b'{"error": "invalid_grant"}'),)

    with pytest.raises(SiteError, match="bad-credentials"):
        session.get_json(PAGE, {})


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"access_token": "a"}'])
def test_a_sign_in_without_a_token_is_a_broken_answer(
    server: FakeServer, session: RedditSession, clock: Clock, body: bytes
) -> None:
    server.services = (Constant("/api/v1/access_token", body),)

    with pytest.raises(SiteError, match="broken-answer: the answer to the sign-in holds no token"):
        session.get_json(PAGE, {})

    assert clock.slept == [2.0, 4.0, 8.0]


@pytest.mark.parametrize(
    ("mode", "name"),
    [
        ("403", "forbidden"),
        ("403-html", "forbidden"),
        ("404", "gone"),
        ("451", "gone"),
        ("302-login", "login-page"),
        ("200-login", "login-page"),
    ],
)
def test_a_failure_bears_our_name_and_is_not_tried_again(
    server: FakeServer, session: RedditSession, clock: Clock, mode: Any, name: str
) -> None:
    server.fail(mode, path=PAGE, times=None)

    with pytest.raises(SiteError) as raised:
        session.get_json(PAGE, {})

    assert raised.value.name == name
    assert server.count(PAGE) == 1
    assert clock.slept == []


@pytest.mark.parametrize(
    ("mode", "slept"), [("503", [2.0]), ("429", [2.0]), ("429-retry-after", [11.0]), ("reset", [2.0])]
)
def test_a_failure_that_passes_is_waited_for_and_only_by_us(
    server: FakeServer, session: RedditSession, clock: Clock, mode: Any, slept: list[float]
) -> None:
    server.fail(mode, path=PAGE, retry_after=11)

    session.get_json(PAGE, {})

    assert clock.slept == slept
    assert server.count(PAGE) == 2


def test_requests_are_spread_over_what_the_site_still_allows(
    reddit: RedditApi, server: FakeServer, clock: Clock
) -> None:
    reddit.budget.size, reddit.budget.reset_seconds = 101, 300
    session = reddit_session(server.url, clock.pace())

    for _ in range(3):
        session.get_json(PAGE, {})

    session.close()
    assert clock.slept == [3.0, 3.03]


def test_headers_that_tell_nothing_leave_the_pace_as_it_is(server: FakeServer, clock: Clock) -> None:
    token = b'{"access_token": "a", "expires_in": 3600, "scope": "*", "token_type": "bearer"}'
    headers = {"Content-Type": "application/json", "x-ratelimit-remaining": "many", "x-ratelimit-reset": "5"}
    server.services = (Constant("/api/v1/access_token", token), Constant("/", b"{}", headers=headers))
    session = reddit_session(server.url, clock.pace(1.0))

    assert session.get_json(PAGE, {}) == {}
    session.get_json(PAGE, {})

    session.close()
    assert clock.slept == [1.0, 1.0]


@pytest.mark.parametrize("path", ["https://other.example/x", "//other.example/x", "http://127.0.0.1:1/x"])
def test_no_token_is_sent_to_another_host(server: FakeServer, session: RedditSession, path: str) -> None:
    session.get_json(PAGE, {})

    with pytest.raises(SiteError, match="is not Reddit; no token is sent there"):
        session.get_json(path, {})

    assert {request.path for request in server.requests} == {"/api/v1/access_token", PAGE}


def test_every_request_is_recorded_and_none_with_a_secret(server: FakeServer, session: RedditSession) -> None:
    session.get_json(PAGE, {"limit": "500"})

    taken = session.take_requests()

    assert [(request.method, request.status) for request in taken] == [("POST", 200), ("GET", 200)]
    assert taken[1].url == f"{server.url}{PAGE}?limit=500&raw_json=1"
    assert "secret" not in repr(taken) + repr(Credentials("id", "a secret"))
    assert "token-1" not in repr(taken)
    assert session.take_requests() == []


def test_nobodys_own_account_is_used_whatever_a_praw_ini_says(
    server: FakeServer, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("username", "password", "refresh_token"):
        monkeypatch.setenv(f"praw_{name}", "somebodys")
    session = reddit_session(server.url, clock.pace())

    session.get_json(PAGE, {})

    session.close()
    assert server.requests[0].form["grant_type"] == "client_credentials"
