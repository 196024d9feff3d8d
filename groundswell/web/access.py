"""The gate: who may come in, what a page may do, and how large a form may be."""

from http.cookies import SimpleCookie
from secrets import token_urlsafe
from urllib.parse import parse_qs

from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from groundswell.web.desk import Desk, Seat
from groundswell.web.page import BODY_KEY

COOKIE = "groundswell"
LARGEST_BODY = 1_000_000
_SAFE = ("GET", "HEAD")


class Gate:
    """Middleware that lets in whoever holds a link of this start, and nobody else."""

    def __init__(self, app: ASGIApp, desk: Desk) -> None:
        self.app = app
        self.desk = desk
        self.sessions: dict[str, Seat] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        token = parse_qs(scope["query_string"].decode()).get("token", [""])[0]
        if token and (seat := self.desk.seats.pop(token, None)):
            session = token_urlsafe(32)
            self.sessions[session] = seat
            response = RedirectResponse("/", 303)
            response.set_cookie(COOKIE, session, httponly=True, samesite="strict")
            await response(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
        known = self.sessions.get(cookie.value) if cookie else None
        if known is None:
            await PlainTextResponse("open the link that groundswell review printed", 403)(scope, receive, send)
            return
        scope.setdefault("state", {})["seat"] = known
        if scope["method"] not in _SAFE:
            scope[BODY_KEY] = await _body(receive)
        await self.app(scope, receive, send)


async def _body(receive: Receive) -> bytes:
    body = b""
    while len(body) <= LARGEST_BODY:
        message: Message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    return body
