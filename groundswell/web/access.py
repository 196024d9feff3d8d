"""The gate: who may come in, from where, what a page may do, and how large a form may be.

Whoever can post can write into the pages, any page open in the same browser can send requests here, and a name server
can lead a foreign name to this computer. So: text never runs (a policy without inline script or style), a request names
this very server (`Host`), whatever changes something comes from one of our own pages (`Sec-Fetch-Site`, else `Origin`),
and everybody holds a cookie that a one-time link gave them.
"""

import asyncio
import logging
from collections.abc import Iterable
from hmac import compare_digest
from secrets import token_urlsafe
from typing import NamedTuple

from starlette.datastructures import Headers, MutableHeaders, QueryParams
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from groundswell.web.desk import Desk, Seat
from groundswell.web.page import BODY_KEY, problem

LARGEST_BODY = 1_000_000
SECONDS_FOR_A_BODY = 30
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), browsing-topics=()",
}
_SAFE = frozenset({"GET", "HEAD"})
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
_HTTP_PORT = 80
_FILES = "/static/"
_STUDY, _READING = "/", "/read"
_log = logging.getLogger(__name__)


class _Refusal(NamedTuple):
    """Why a request is not answered."""

    status: int
    title: str
    message: str
    hint: str


_WRONG_HOST = "this name is not served here; a name that a reverse proxy keeps is allowed with --allow-host\n"
_NO_SEAT = _Refusal(
    403,
    "No seat",
    "This page is open only to whoever holds a link from `groundswell review`; each link works once.",
    "Open the link that the command printed; Enter in its window prints new ones.",
)
_FOREIGN = _Refusal(
    403,
    "Not from here",
    "This did not come from a page of this app, so nothing was changed.",
    "Use the app's own page.",
)
_TOO_LARGE = _Refusal(
    413, "Too large", f"A form may have {LARGEST_BODY:,} bytes at most; nothing was changed.", "Send less at once."
)
_TOO_SLOW = _Refusal(
    408, "Too slow", f"The form did not arrive within {SECONDS_FOR_A_BODY} seconds; nothing was changed.", "Try again."
)


class Gate:
    """Middleware that lets in whoever holds a link of this start, and nobody else.

    Args:
        app: what is behind the gate.
        desk: whose `seats` say which links are still unused.
        allow_hosts: further values of `Host` that are ours, as a reverse proxy keeps them: `name` or `name:port`.
    """

    def __init__(self, app: ASGIApp, desk: Desk, allow_hosts: Iterable[str] = ()) -> None:
        self.app = app
        self.desk = desk
        self.allow_hosts = frozenset(host.lower() for host in allow_hosts)
        self.sessions: dict[str, Seat] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                # A file of ours may be asked for again with its ETag; what shows posts is kept nowhere.
                headers["Cache-Control"] = "no-cache" if scope["path"].startswith(_FILES) else "no-store"
            await send(message)

        try:
            answer = await self._answer(scope, receive)
            await (self.app if answer is None else answer)(scope, receive, guarded)
        except ClientDisconnect:
            return
        except Exception:
            _log.exception("%s %s failed", scope["method"], scope["path"])
            if started:
                raise
            request = Request(scope)
            answer = problem(
                request, 500, "This went wrong", "The app met an error that it does not know; nothing was changed.",
                "The window in which groundswell review runs tells more.",
            )  # fmt: skip
            await answer(scope, receive, guarded)

    async def _answer(self, scope: Scope, receive: Receive) -> Response | None:
        """What the gate itself answers; None = let it pass."""
        request = Request(scope)
        if not self._is_ours(request.headers.get("host", ""), scope):
            return PlainTextResponse(_WRONG_HOST, 400)
        if scope["path"].startswith(_FILES):
            return None
        seat = self._seat(request)
        token = QueryParams(scope["query_string"]).get("token")
        if token is not None and scope["method"] == "GET" and (welcome := self._welcome(request, token, seat)):
            return welcome
        if seat is None:
            return _refuse(request, _NO_SEAT)
        scope.setdefault("state", {})["seat"] = seat
        return None if scope["method"] in _SAFE else await self._take_form(request, receive)

    def _welcome(self, request: Request, token: str, seat: Seat | None) -> Response | None:
        """Give a seat for a link that nobody has used yet; whoever has one already only loses the link's secret part."""
        invited = self._spend(token)
        given = invited or seat
        if given is None:
            return None
        # Whoever was given something to read begins there, all others at the study.
        welcome = RedirectResponse(_READING if given.claim or given.sample else _STUDY, 303)
        if invited is not None:
            session = token_urlsafe(32)
            self.sessions[session] = invited
            welcome.set_cookie(
                _cookie_name(request.scope), session, httponly=True, samesite="strict", secure=self._is_https(request.headers)
            )  # fmt: skip
        return welcome

    async def _take_form(self, request: Request, receive: Receive) -> Response | None:
        """Leave the form where screens find it; what did not come from our pages, or is no form of ours, is refused."""
        if not _from_our_page(request.headers, secure=self._is_https(request.headers)):
            return _refuse(request, _FOREIGN)
        body = await _body(request.headers, receive)
        if isinstance(body, _Refusal):
            return _refuse(request, body)
        request.scope[BODY_KEY] = body
        return None

    def _is_ours(self, host: str, scope: Scope) -> bool:
        """Whether a `Host` names this server: a name of this computer with our port, or one that was allowed."""
        host = host.lower()
        if host in self.allow_hosts:
            return True
        name, colon, port = host.rpartition(":")
        if not colon or host.endswith("]"):
            name, port = host, str(_HTTP_PORT)
        return name in _LOOPBACK and port == str(_port(scope))

    def _is_https(self, headers: Headers) -> bool:
        """Whether the browser reaches us by https, which only an allowed proxy can say."""
        return headers.get("host", "").lower() in self.allow_hosts and headers.get("x-forwarded-proto") == "https"

    def _seat(self, request: Request) -> Seat | None:
        sent = request.cookies.get(_cookie_name(request.scope))
        found = None if sent is None else _held(sent, self.sessions)
        return None if found is None else self.sessions[found]

    def _spend(self, token: str) -> Seat | None:
        found = _held(token, self.desk.seats)
        return None if found is None else self.desk.seats.pop(found, None)


def _held(secret: str, known: Iterable[str]) -> str | None:
    """The one of the known secrets that equals this one, compared in a time that tells nothing."""
    # A list: another request may add to it meanwhile.
    return next((one for one in list(known) if compare_digest(one.encode(), secret.encode())), None)


def _cookie_name(scope: Scope) -> str:
    """Cookies of one computer are shared by all its ports, so two studies open at once need two names."""
    return f"groundswell-{_port(scope)}"


def _port(scope: Scope) -> int:
    """The port of the socket that the request came through."""
    server: tuple[str, int | None] = scope["server"]
    return server[1] or _HTTP_PORT


def _from_our_page(headers: Headers, *, secure: bool) -> bool:
    """Whether a page of ours sent the request; a browser too old to say so still gives the origin."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    return headers.get("origin") == f"{'https' if secure else 'http'}://{headers.get('host', '')}"


async def _body(headers: Headers, receive: Receive) -> bytes | _Refusal:
    declared = headers.get("content-length", "0")
    if not declared.isdecimal() or int(declared) > LARGEST_BODY:
        return _TOO_LARGE
    body = bytearray()
    try:
        async with asyncio.timeout(SECONDS_FOR_A_BODY):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientDisconnect
                body += message.get("body", b"")
                if len(body) > LARGEST_BODY:
                    return _TOO_LARGE
                if not message.get("more_body"):
                    return bytes(body)
    except TimeoutError:
        return _TOO_SLOW


def _refuse(request: Request, why: _Refusal) -> Response:
    return problem(request, why.status, why.title, why.message, why.hint)
