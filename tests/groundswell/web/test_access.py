from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import pytest
from fakes.review import ORIGIN, client_of, finish, sit
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from db.errors import Busy, ConfigurationError, GroundswellError
from groundswell.web import access
from groundswell.web.access import LARGEST_BODY
from groundswell.web.app import make_app
from groundswell.web.desk import Desk, Seat
from groundswell.web.page import form_of, seat_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

    from groundswell.study import Study

FROM_US = {"Sec-Fetch-Site": "same-origin"}


def echo(request: Request) -> Response:
    return PlainTextResponse(f"{seat_of(request).coder} {form_of(request)}")


def bring_app(study: Study, answer: Callable[[Request], Response] = echo, **options: Any) -> tuple[Starlette, Desk]:
    """The app with one more screen, which answers as it is told."""
    desk = Desk(study, {})
    app = make_app(desk, **options)
    app.router.routes.insert(0, Route("/echo", answer, methods=["GET", "POST"]))
    return app, desk


def enter(app: Starlette, desk: Desk, base: str = ORIGIN) -> httpx.Client:
    client = client_of(app, base)
    client.get("/", params={"token": desk.invite(Seat("ada"))})
    return client


def test_a_link_leads_to_the_first_page_and_leaves_a_cookie_that_scripts_and_other_sites_never_see(
    study: Study,
) -> None:
    app, desk = bring_app(study)
    token = desk.invite(Seat("ada"))
    answer = client_of(app).get("/", params={"token": token})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert token not in cookie


def test_a_link_works_once(study: Study) -> None:
    app, desk = bring_app(study)
    token = desk.invite(Seat("ada"))
    first, second = client_of(app), client_of(app)
    first.get("/", params={"token": token})
    assert second.get("/", params={"token": token}).status_code == 403
    assert (first.get("/echo").status_code, second.get("/echo").status_code) == (200, 403)


def test_asking_only_for_the_headers_of_a_link_does_not_use_it_up(study: Study) -> None:
    app, desk = bring_app(study)
    token = desk.invite(Seat("ada"))
    client = client_of(app)
    assert client.head("/", params={"token": token}).status_code == 403
    assert client.get("/", params={"token": token}).status_code == 303


def test_whoever_sits_already_may_open_a_used_link_again(study: Study) -> None:
    app, desk = bring_app(study)
    token = desk.invite(Seat("ada"))
    client = client_of(app)
    for _ in range(2):
        answer = client.get("/", params={"token": token})
        assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_every_link_gives_its_own_coder_the_seat(study: Study) -> None:
    app, desk = bring_app(study)
    clients = {name: client_of(app) for name in ("ada", "ben")}
    tokens = {name: desk.invite(Seat(name)) for name in clients}
    for name, client in clients.items():
        client.get("/", params={"token": tokens[name]})
    assert {name: client.get("/echo").text.split()[0] for name, client in clients.items()} == {
        "ada": "ada",
        "ben": "ben",
    }


@pytest.mark.parametrize("cookie", ["", "groundswell-80=", "groundswell-80=guess", "groundswell-80=\xfc", "a[]=;;=,"])
def test_without_a_cookie_of_this_start_nothing_is_shown(study: Study, cookie: str) -> None:
    app, _ = bring_app(study)
    answer = client_of(app).get("/echo", headers={"Cookie": cookie.encode("latin-1")})
    assert answer.status_code == 403
    assert "groundswell review" in answer.text
    assert study.file.title not in answer.text


@pytest.mark.parametrize("token", ["", "guess", "\u2603"])
def test_a_made_up_link_gives_no_seat(study: Study, token: str) -> None:
    app, desk = bring_app(study)
    desk.invite(Seat("ada"))
    assert client_of(app).get("/", params={"token": token}).status_code == 403


@pytest.mark.parametrize(
    "base", ["http://127.0.0.1:8765", "http://localhost:8765", "http://[::1]:8765", "http://localhost"]
)
def test_the_names_of_this_computer_are_served(study: Study, base: str) -> None:
    app, desk = bring_app(study)
    assert enter(app, desk, base).get("/echo").status_code == 200


@pytest.mark.parametrize(
    "host",
    ["", "evil.example", "evil.example:8765", "127.0.0.1", "127.0.0.1:80", "localhost:8766", "localhost.evil.example:8765",
     "127.0.0.1:8765.evil.example", "[::1]", "localhost:", "127.0.0.1:8765@evil.example"],
)  # fmt: skip
def test_any_other_name_is_refused_whoever_asks(study: Study, host: str) -> None:
    app, desk = bring_app(study)
    client = enter(app, desk, "http://127.0.0.1:8765")
    assert client.get("/echo").status_code == 200
    assert client.get("/echo", headers={"Host": host}).status_code == 400
    assert client.get("/static/app.css", headers={"Host": host}).status_code == 400


def test_a_name_that_a_reverse_proxy_keeps_can_be_allowed(study: Study) -> None:
    app, desk = bring_app(study, allow_hosts=["Review.example:8443"])
    client = enter(app, desk)
    assert client.get("/echo", headers={"Host": "review.example:8443"}).status_code == 200
    assert client.get("/echo", headers={"Host": "review.example"}).status_code == 400


def test_behind_https_the_cookie_stays_with_https_and_the_origin_is_the_secure_one(study: Study) -> None:
    app, desk = bring_app(study, allow_hosts=["review.example"])
    client = client_of(app, Host="review.example", X_Forwarded_Proto="https")
    answer = client.get("/", params={"token": desk.invite(Seat("ada"))})
    assert "Secure" in answer.headers["set-cookie"]
    cookie = {"Cookie": answer.headers["set-cookie"].partition(";")[0]}
    assert client.post("/echo", headers={**cookie, "Origin": "https://review.example"}).status_code == 200
    assert client.post("/echo", headers={**cookie, "Origin": "http://review.example"}).status_code == 403


def test_what_a_stranger_says_of_https_changes_nothing(study: Study) -> None:
    app, desk = bring_app(study)
    client = client_of(app, X_Forwarded_Proto="https")
    answer = client.get("/", params={"token": desk.invite(Seat("ada"))})
    assert "Secure" not in answer.headers["set-cookie"]


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none", "", "same-origin, cross-site"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_a_write_from_anywhere_but_our_own_pages_is_refused(study: Study, method: str, site: str) -> None:
    app, desk = bring_app(study)
    client = enter(app, desk)
    answer = client.request(method, "/echo", headers={"Sec-Fetch-Site": site, "Origin": ORIGIN})
    assert answer.status_code == 403
    assert "nothing was changed" in answer.text


@pytest.mark.parametrize(
    ("origin", "status"),
    [(ORIGIN, 200), (None, 403), ("null", 403), ("http://127.0.0.1:81", 403), ("https://127.0.0.1", 403),
     ("http://evil.example", 403), ("http://127.0.0.1.evil.example", 403)],
)  # fmt: skip
def test_a_browser_that_does_not_say_where_a_write_comes_from_is_judged_by_its_origin(
    study: Study, origin: str | None, status: int
) -> None:
    app, desk = bring_app(study)
    client = enter(app, desk)
    assert client.post("/echo", headers={"Origin": origin} if origin else {}).status_code == status


def test_a_form_reaches_the_screen_with_all_its_values(study: Study) -> None:
    app, desk = bring_app(study)
    answer = enter(app, desk).post("/echo", data={"code": ["a", "b"], "memo": ""}, headers=FROM_US)
    assert answer.text == "ada {'code': ['a', 'b'], 'memo': ['']}"


def test_a_form_of_a_megabyte_is_taken_and_a_larger_one_refused(study: Study) -> None:
    app, desk = bring_app(study)
    client = enter(app, desk)
    assert client.post("/echo", content=b"a" * LARGEST_BODY, headers=FROM_US).status_code == 200
    assert client.post("/echo", content=b"a" * (LARGEST_BODY + 1), headers=FROM_US).status_code == 413


@pytest.mark.parametrize("length", ["-1", "many", "1e9"])
def test_a_size_that_is_no_number_is_refused(study: Study, length: str) -> None:
    app, desk = bring_app(study)
    client = enter(app, desk)
    assert client.post("/echo", content=b"", headers={**FROM_US, "Content-Length": length}).status_code == 413


def _raw(app: Starlette, client: httpx.Client, receive: Callable[[], Any]) -> list[Any]:
    """What the app sends when a write's body arrives in its own way."""
    cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    scope = {
        "type": "http", "method": "POST", "path": "/echo", "query_string": b"", "server": ("127.0.0.1", 80),
        "headers": [(b"host", b"127.0.0.1"), (b"cookie", cookie.encode()), (b"sec-fetch-site", b"same-origin")],
    }  # fmt: skip
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    finish(app(scope, receive, send))
    return sent


def test_a_form_that_never_arrives_is_given_up(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "SECONDS_FOR_A_BODY", 0.01)
    app, desk = bring_app(study)

    async def receive() -> Any:
        await asyncio.Event().wait()

    assert _raw(app, enter(app, desk), receive)[0]["status"] == 408


def test_a_form_that_hides_its_size_is_cut_off_too(study: Study) -> None:
    app, desk = bring_app(study)

    async def receive() -> Any:
        return {"type": "http.request", "body": b"a" * 600_000, "more_body": True}

    assert _raw(app, enter(app, desk), receive)[0]["status"] == 413


def test_a_browser_that_goes_away_in_the_middle_of_a_form_changes_nothing(study: Study) -> None:
    called: list[str] = []

    def note(request: Request) -> Response:
        called.append(request.method)
        return PlainTextResponse("")

    app, desk = bring_app(study, note)
    messages = iter([{"type": "http.request", "body": b"code=a", "more_body": True}, {"type": "http.disconnect"}])

    async def receive() -> Any:
        return next(messages)

    assert _raw(app, enter(app, desk), receive) == []
    assert called == []


@pytest.mark.parametrize("path", ["/", "/echo", "/nowhere", "/static/app.css", "/?token=x"])
def test_every_answer_forbids_scripts_of_others_frames_and_guessing(study: Study, path: str) -> None:
    for client in (sit(study), client_of(bring_app(study)[0])):
        headers = client.get(path).headers
        assert headers["content-security-policy"] == access.POLICY
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cache-control"] == ("no-cache" if path.startswith("/static/") else "no-store")


@pytest.mark.parametrize("path", ["//evil.example", "/\\evil.example", "/%2f%2fevil.example/", "/echo/"])
def test_no_address_leads_elsewhere(study: Study, path: str) -> None:
    answer = sit(study).get(f"{ORIGIN}{path}")
    assert answer.status_code == 404
    assert "location" not in answer.headers


@pytest.mark.parametrize(
    "path", ["/static/../../access.py", "/static/%2e%2e/app.py", "/static/..%2fdesk.py", "/static/"]
)
def test_only_the_apps_own_files_are_given_out(study: Study, path: str) -> None:
    assert client_of(bring_app(study)[0]).get(path).status_code in {403, 404}


def test_a_web_socket_is_refused(study: Study) -> None:
    app, _ = bring_app(study)
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    finish(app({"type": "websocket", "path": "/echo", "headers": []}, receive, send))
    assert [message["type"] for message in sent] == ["websocket.close"]


@pytest.mark.parametrize(
    ("error", "status"),
    [(GroundswellError("the flour is out", hint="buy flour"), 400), (Busy("the oven is taken", hint="wait"), 503),
     (ConfigurationError("no <b>oven</b>"), 400)],
)  # fmt: skip
def test_an_error_of_ours_is_one_message_with_its_remedy(study: Study, error: GroundswellError, status: int) -> None:
    def fail(_: Request) -> Response:
        raise error

    app, desk = bring_app(study, fail)
    client = enter(app, desk)
    whole, part = client.get("/echo"), client.get("/echo", headers={"HX-Request": "true"})
    for answer in (whole, part):
        assert answer.status_code == status
        assert error.message.replace("<b>", "&lt;b&gt;").replace("</b>", "&lt;/b&gt;") in answer.text
        assert (error.hint or "") in answer.text
    assert "<html" in whole.text
    assert "<html" not in part.text
    assert part.headers["hx-retarget"] == "#status"


def test_an_unforeseen_error_shows_nothing_of_the_program_and_is_told_in_the_terminal(
    study: Study, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: Request) -> Response:
        raise ZeroDivisionError("secret detail")

    app, desk = bring_app(study, fail)
    client = enter(app, desk)
    with caplog.at_level(logging.ERROR):
        answer = client.get("/echo?q=asked")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert "Traceback" not in answer.text
    assert answer.headers["content-security-policy"] == access.POLICY
    assert "GET /echo failed" in caplog.text
    assert "asked" not in caplog.messages[0]


def test_an_answer_that_breaks_off_is_not_taken_for_a_whole_one(study: Study) -> None:
    class Breaking(PlainTextResponse):
        async def __call__(self, *messages: Any) -> None:
            send = messages[-1]
            await send({"type": "http.response.start", "status": 200, "headers": []})
            raise ZeroDivisionError

    app, desk = bring_app(study, lambda _: Breaking(""))
    with pytest.raises(ZeroDivisionError):
        enter(app, desk).get("/echo")


def test_an_address_that_is_none_and_a_method_that_does_not_fit_are_said_so(study: Study) -> None:
    client = sit(study)
    assert "There is no page at this address." in client.get("/nowhere").text
    assert "There is no such post" in client.get("/post/none").text
    answer = client.post("/static/app.css")
    assert (answer.status_code, "takes no such request" in answer.text) == (405, True)


def test_the_links_secret_part_is_in_no_log(study: Study, caplog: pytest.LogCaptureFixture) -> None:
    app, desk = bring_app(study)
    token = desk.invite(Seat("ada"))
    with caplog.at_level(logging.DEBUG):
        client = client_of(app)
        client.get("/", params={"token": token})
        client.get("/nowhere")
    own = [record for record in caplog.records if record.name.startswith(("groundswell", "starlette", "uvicorn"))]
    assert not [record for record in own if token in record.getMessage()]


def test_secrets_are_long_and_never_the_same(study: Study) -> None:
    desk = Desk(study, {})
    tokens = {desk.invite(Seat("ada")) for _ in range(50)}
    assert len(tokens) == 50
    assert min(map(len, tokens)) >= 43
