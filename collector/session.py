"""Requests to a site: one host, a deadline, a byte cap, each one recorded, each failure given its name."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec

from collector.pace import Pace
from db.queries.runs import Request

DEADLINE_SECONDS = 60.0
BYTE_CAP = 64 * 2**20
ATTEMPTS = 4
LONGEST_WAIT_SECONDS = 120.0
OVERLOADED_SECONDS = 30.0
_NAMES = {429: "slow-down", 404: "gone", 410: "gone", 451: "gone", 401: "forbidden", 403: "forbidden"}
_UNDECODABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_RATE_HEADERS = ("x-ratelimit-used", "x-ratelimit-remaining", "x-ratelimit-reset", "retry-after")


class SiteError(Exception):
    """A site did not give what was asked for.

    Attributes:
        name: gone, forbidden, bad-credentials, slow-down, login-page, unavailable, broken-answer, too-large, too-slow, not-reached,
            refused-request.
        retry_after: seconds after which the site may be asked again, if it said so.
    """

    def __init__(self, name: str, detail: str, *, retry_after: float | None = None) -> None:
        super().__init__(f"{name}: {detail}")
        self.name = name
        self.retry_after = retry_after

    @property
    def passes(self) -> bool:
        """Whether the same request may succeed when it is made again."""
        return self.name in {"slow-down", "unavailable", "broken-answer", "too-slow", "not-reached"}


@dataclass(slots=True)
class Session:
    """A client of one site.

    Attributes:
        source: the name under which requests are recorded.
        base_url: scheme and host; nothing is ever sent elsewhere, redirects are not followed.
        utc_now: the wall clock as ISO 8601 UTC.
        requests: what was asked since the list was last taken.
    """

    source: str
    base_url: str
    client: httpx.Client
    pace: Pace
    utc_now: Callable[[], str]
    requests: list[Request] = field(default_factory=list)

    def close(self) -> None:
        """Close the connections."""
        self.client.close()

    def take_requests(self) -> list[Request]:
        """The requests since the last call."""
        taken, self.requests = self.requests, []
        return taken

    def get_json(self, path: str, parameters: dict[str, str]) -> Any:
        """Ask for a JSON value, again after a passing failure.

        Raises:
            SiteError: the site refused, is gone, or went on failing.
        """
        attempt = 1
        while True:
            try:
                return self._ask(path, parameters)
            except SiteError as error:
                too_long = (error.retry_after or 0) > LONGEST_WAIT_SECONDS
                if not error.passes or attempt == ATTEMPTS or too_long:
                    raise
                self.pace.before_retry(attempt, error.retry_after)
            attempt += 1

    def _ask(self, path: str, parameters: dict[str, str]) -> Any:
        self.pace.before_request()
        waited, self.pace.waited = self.pace.waited, 0.0
        asked_at, started = self.utc_now(), time.monotonic()
        url = httpx.URL(self.base_url.rstrip("/") + path, params=parameters)
        answer, body, error = None, b"", None
        try:
            with self.client.stream("GET", url, follow_redirects=False) as answer:
                body = _read(answer, started)
            return _judge(answer, body)
        except httpx.HTTPError as failure:
            error = SiteError("not-reached", f"{urlsplit(self.base_url).netloc}: {failure or type(failure).__name__}")
            raise error from failure
        except SiteError as failure:
            error = failure
            raise
        finally:
            self.requests.append(
                Request(
                    self.source,
                    "GET",
                    str(url),
                    asked_at,
                    status=None if answer is None else answer.status_code,
                    bytes=len(body),
                    waited_ms=round(waited * 1000),
                    elapsed_ms=round((time.monotonic() - started) * 1000),
                    rate_limit=None if answer is None else rate_limit(answer.headers),
                    error=None if error is None else str(error),
                )
            )


def open_session(source: str, base_url: str, pace: Pace, utc_now: Callable[[], str]) -> Session:
    """A session with a client of its own; proxies and certificates are those of the system."""
    client = httpx.Client(timeout=DEADLINE_SECONDS, headers={"user-agent": f"groundswell ({source})"})
    return Session(source, base_url, client, pace, utc_now)


def rate_limit(headers: Any) -> str | None:
    """The rate headers of an answer as one line, or None."""
    found = [f"{name}={headers[name]}" for name in _RATE_HEADERS if name in headers]
    return " ".join(found) or None


def _read(answer: httpx.Response, started: float) -> bytes:
    pieces, size = [], 0
    for piece in answer.iter_bytes():
        size += len(piece)
        if size > BYTE_CAP:
            raise SiteError("too-large", f"the answer is larger than {BYTE_CAP // 2**20} MiB")
        if time.monotonic() - started > DEADLINE_SECONDS:
            raise SiteError("too-slow", f"the answer took longer than {DEADLINE_SECONDS:.0f} seconds")
        pieces.append(piece)
    return b"".join(pieces)


def _judge(answer: httpx.Response, body: bytes) -> Any:
    """The JSON of a good answer; for any other the error that names it. The status is looked at before the body."""
    if not answer.is_success:
        raise _refusal(answer, body)
    if body.lstrip()[:1] == b"<":
        raise SiteError("login-page", "an HTML page came in place of JSON")
    try:
        return msgspec.json.decode(body)
    except _UNDECODABLE as error:
        raise SiteError("broken-answer", "the answer is no whole JSON value") from error


def _refusal(answer: httpx.Response, body: bytes) -> SiteError:
    status, retry_after = answer.status_code, _seconds(answer.headers.get("retry-after"))
    if answer.is_redirect:
        place = urlsplit(answer.headers.get("location", "")).path
        return SiteError("login-page", f"sent on to {place or 'elsewhere'}")
    if status == httpx.codes.UNPROCESSABLE_ENTITY and any(sign in body.lower() for sign in (b"slow down", b"timeout")):
        return SiteError("slow-down", "the site ran out of time and asks for a pause", retry_after=OVERLOADED_SECONDS)
    name = _NAMES.get(status) or ("unavailable" if answer.is_server_error else "refused-request")
    said = body[:200].decode(errors="replace") if name == "refused-request" else ""
    return SiteError(name, f"status {status} {said}".rstrip(), retry_after=retry_after)


def _seconds(value: str | None) -> float | None:
    try:
        return None if value is None else max(0.0, float(value))
    except ValueError:
        return None
