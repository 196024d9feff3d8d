"""Ways in which a service fails, and the plan of when it does."""

from __future__ import annotations

import gzip
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

from fakes.messages import Answer, Request, json_answer

Mode = Literal[
    "401",
    "403",
    "404",
    "451",
    "500",
    "502",
    "503",
    "429",  # without Retry-After
    "429-retry-after",
    "403-html",
    "200-login",
    "302-login",
    "422-timeout",
    "html-for-json",
    "empty",
    "wrong-charset",
    "huge",
    "gzip-bomb",
    "repeat",  # the last answer of this path again, whatever was asked: a cursor that does not move
    "reset",
    "hang",
    "drip",
    "truncated",  # without Content-Length: looks complete until it is parsed
    "truncated-with-length",
]

LOGIN_PATH = "/login/"
_HTML = {"Content-Type": "text/html; charset=UTF-8"}
_LOGIN_PAGE = (
    b"<!doctype html><html><head><title>Log in</title></head><body><form action='/login/'></form></body></html>"
)
_BLOCKED_PAGE = b"<!doctype html><html><body><h1>whoa there</h1><p>Your request has been blocked.</p></body></html>"
_PLAIN_STATUS = {
    "401": "Unauthorized",
    "403": "Forbidden",
    "404": "Not Found",
    "429": "Too Many Requests",
    "451": "Unavailable For Legal Reasons",
    "500": "Internal Server Error",
    "502": "Bad Gateway",
    "503": "Service Unavailable",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to fail, for `times` requests whose path starts with `path` (None: all others from then on)."""

    mode: Mode
    first: int
    path: str = "/"
    times: int | None = 1
    retry_after: int = 1
    size: int = 5_000_000
    pause_seconds: float = 0.02

    def strikes(self, nth: int) -> bool:
        return self.first <= nth and (self.times is None or nth < self.first + self.times)


@dataclass(slots=True)
class FaultPlan:
    """Faults by the number of the request under their path, counted from 1 since the server's start."""

    faults: list[Fault] = field(default_factory=list)

    def add(self, fault: Fault) -> None:
        if fault.mode not in get_args(Mode):
            raise ValueError(f"no fault mode {fault.mode!r}; there are {', '.join(get_args(Mode))}")
        self.faults.append(fault)

    def find(self, requests: list[Request]) -> Fault | None:
        """The first fault that strikes the last of these requests."""
        path = requests[-1].path
        for fault in self.faults:
            if path.startswith(fault.path) and fault.strikes(count_under(requests, fault.path)):
                return fault
        return None


def count_under(requests: list[Request], path: str) -> int:
    return sum(request.path.startswith(path) for request in requests)


def login_page() -> Answer:
    return Answer(200, _LOGIN_PAGE, _HTML)


def spoil(fault: Fault, intact: Answer, previous: Answer | None) -> Answer:
    """The failing answer in place of the intact one."""
    match fault.mode:
        case "repeat":
            return previous or intact
        case "reset" | "hang" | "drip" | "truncated" | "truncated-with-length":
            return replace(intact, delivery=fault.mode, pause_seconds=fault.pause_seconds)
        case "html-for-json" | "empty" | "wrong-charset" | "huge" | "gzip-bomb":
            return _spoil_body(fault, intact)
        case _:
            return _refuse(fault)


def _spoil_body(fault: Fault, intact: Answer) -> Answer:
    match fault.mode:
        case "html-for-json":
            return replace(intact, body=_BLOCKED_PAGE)
        case "empty":
            return replace(intact, body=b"")
        case "wrong-charset":
            return replace(intact, body=b'{"data": "caf\xe9"}')
        case "huge":
            return replace(intact, body=b'{"data": "' + b"x" * fault.size + b'"}')
        case _:
            bomb = gzip.compress(b'{"data": "' + b"x" * fault.size + b'"}', compresslevel=1)
            return replace(intact, body=bomb, headers=intact.headers | {"Content-Encoding": "gzip"})


def _refuse(fault: Fault) -> Answer:
    match fault.mode:
        case "429-retry-after":
            return Answer(429, _BLOCKED_PAGE, _HTML | {"retry-after": str(fault.retry_after)})
        case "403-html":
            return Answer(403, _BLOCKED_PAGE, _HTML)
        case "200-login":
            return login_page()
        case "302-login":
            return Answer(302, b"", {"Location": f"{LOGIN_PATH}?reason=lor2"})
        case "422-timeout":
            return json_answer({"data": None, "error": "Timeout. Maybe slow down a bit"}, status=422)
        case _:
            status = int(fault.mode)
            return json_answer({"message": _PLAIN_STATUS[fault.mode], "error": status}, status=status)
