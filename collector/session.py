"""Requests to a site: one host, a deadline, a byte cap, each one recorded, each failure given its name."""

import re
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
import truststore

from collector.json_values import UNREADABLE, decode
from collector.pace import Pace
from db.queries.runs import Request

DEADLINE_SECONDS = 60.0
BYTE_CAP = 64 * 2**20
ATTEMPTS = 4
LONGEST_WAIT_SECONDS = 120.0
OUT_OF_TIME_SECONDS = 30.0
_RATE_HEADERS = (
    "x-ratelimit-used", "x-ratelimit-remaining", "x-ratelimit-reset", "x-rate-limit-remaining", "x-rate-limit-reset",
    "retry-after",
)  # fmt: skip
_NAMES: dict[int, str] = {
    httpx.codes.TOO_MANY_REQUESTS: "slow-down",
    httpx.codes.NOT_FOUND: "gone",
    httpx.codes.GONE: "gone",
    httpx.codes.UNAVAILABLE_FOR_LEGAL_REASONS: "gone",
    httpx.codes.UNAUTHORIZED: "forbidden",
    httpx.codes.FORBIDDEN: "forbidden",
}
_OUT_OF_TIME = re.compile(rb"(?i)slow down|timeout")

T = TypeVar("T")
Judge = Callable[[httpx.Response, bytes], Any]


class SiteError(Exception):
    """A site did not give what was asked for.

    Attributes:
        name: gone, moved, forbidden, slow-down, login-page, unavailable, broken-answer, too-large, too-slow, not-reached,
            refused-request, bad-credentials; where reading is paid for, quota and over-budget; of pages, what their source
            finds wrong with them (no-page, disallowed, refused-address).
        retry_after: seconds after which the site may be asked again, if it said so.
        status, headers, body: of the answer that says so, if there was one; the body is empty for a good status.
    """

    def __init__(
        self,
        name: str,
        detail: str,
        *,
        retry_after: float | None = None,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> None:
        super().__init__(f"{name}: {detail}")
        self.headers: Mapping[str, str] = headers or {}
        self.body = body
        self.name = name
        self.retry_after = retry_after
        self.status = status

    @property
    def passes(self) -> bool:
        """Whether the same request may succeed when it is made again."""
        return self.name in {"slow-down", "unavailable", "broken-answer", "too-slow", "not-reached"}


@dataclass(slots=True)
class Session:
    """A client of one site.

    Attributes:
        source: the name under which requests are recorded.
        base_url: scheme and host of what `get_json` asks; redirects are not followed.
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
        url = self.base_url.rstrip("/") + path
        return retried(self.pace, lambda: self.exchange("GET", url, params=parameters)[0])

    def exchange(
        self,
        method: str,
        url: str,
        *,
        auth: tuple[str, str] | None = None,
        judge: Judge | None = None,
        **arguments: Any,
    ) -> tuple[Any, Mapping[str, str]]:
        """Make one request at its time; return the value that came and the headers.

        Args:
            method: GET or POST.
            url: where to; a host that tokens may not be sent to is for the caller to refuse.
            auth: name and password, where the request signs in.
            judge: what makes the value of a good answer, by default its JSON; it raises a `SiteError` for a bad one.
            arguments: what else httpx takes for a request.
        """
        if self.pace.due_in() > LONGEST_WAIT_SECONDS:
            raise SiteError("slow-down", "no more requests are allowed for now", retry_after=self.pace.due_in())
        self.pace.before_request()
        waited, self.pace.waited = self.pace.waited, 0.0
        asked_at, started = self.utc_now(), self.pace.now()
        request = self.client.build_request(method, url, **arguments)
        answer, body, error = None, b"", None
        try:
            answer = self.client.send(request, stream=True, follow_redirects=False, auth=auth)
            body = _read(answer, self.pace.now, started)
            if not answer.is_success:
                raise _refusal(answer, body, _seconds(answer.headers.get("retry-after")))
            return (judge or _json)(answer, body), answer.headers
        except (httpx.HTTPError, httpx.InvalidURL) as failure:
            error = SiteError("not-reached", f"{urlsplit(url).netloc}: {failure or type(failure).__name__}")
            raise error from failure
        except SiteError as failure:
            error = failure
            raise
        finally:
            if answer is not None:
                answer.close()
            self.requests.append(
                Request(
                    self.source,
                    method,
                    str(request.url),
                    asked_at,
                    status=None if answer is None else answer.status_code,
                    bytes=len(body),
                    waited_ms=round(waited * 1000),
                    elapsed_ms=round((self.pace.now() - started) * 1000),
                    rate_limit=None if answer is None else _rate_limit(answer.headers),
                    error=None if error is None else str(error),
                )
            )


def open_client(user_agent: str, **headers: str) -> httpx.Client:
    """A client that uses the proxies of the environment and trusts the certificates that the system trusts."""
    trusted = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return httpx.Client(timeout=DEADLINE_SECONDS, verify=trusted, headers={"user-agent": user_agent, **headers})


def open_session(source: str, base_url: str, pace: Pace, utc_now: Callable[[], str]) -> Session:
    """A session with a client of its own."""
    return Session(source, base_url, open_client(f"groundswell ({source})"), pace, utc_now)


def retried(pace: Pace, ask: Callable[[], T]) -> T:
    """Call until it gives an answer, the failure does not pass, or the patience is at its end.

    Raises:
        SiteError: the failure of the last call.
    """
    attempt = 1
    while True:
        try:
            return ask()
        except SiteError as error:
            too_long = (error.retry_after or 0) > LONGEST_WAIT_SECONDS
            if not error.passes or attempt == ATTEMPTS or too_long:
                raise
            pace.before_retry(attempt, error.retry_after)
            if pace.stopped():
                raise
        attempt += 1


def _rate_limit(headers: Mapping[str, str]) -> str | None:
    """The rate headers of an answer as one line, or None."""
    found = [f"{name}={headers[name]}" for name in _RATE_HEADERS if name in headers]
    return " ".join(found) or None


def _read(answer: httpx.Response, now: Callable[[], float], started: float) -> bytes:
    pieces, size = [], 0
    for piece in answer.iter_bytes():
        size += len(piece)
        if size > BYTE_CAP:
            raise SiteError("too-large", f"the answer is larger than {BYTE_CAP // 2**20} MiB")
        if now() - started > DEADLINE_SECONDS:
            raise SiteError("too-slow", f"the answer took longer than {DEADLINE_SECONDS:.0f} seconds")
        pieces.append(piece)
    return b"".join(pieces)


def _json(answer: httpx.Response, body: bytes) -> Any:
    """The JSON value of a good answer."""
    status = answer.status_code
    if body.lstrip()[:1] == b"<":
        raise SiteError("login-page", "an HTML page came in place of JSON", status=status)
    try:
        return decode(body)
    except UNREADABLE as error:
        raise SiteError("broken-answer", "the answer is no whole JSON value", status=status) from error


def _refusal(answer: httpx.Response, body: bytes, retry_after: float | None) -> SiteError:
    status = answer.status_code
    name, detail = _NAMES.get(status, "refused-request"), f"status {status}"
    if status == httpx.codes.UNPROCESSABLE_ENTITY:
        detail = body[:200].decode(errors="replace")
        if _OUT_OF_TIME.search(body):
            name, retry_after = "slow-down", OUT_OF_TIME_SECONDS
    elif answer.is_redirect:
        name, detail = _sent_on(answer.headers.get("location", ""))
    elif answer.is_server_error:
        name = "unavailable"
    return SiteError(name, detail, retry_after=retry_after, status=status, headers=answer.headers, body=body)


def _sent_on(location: str) -> tuple[str, str]:
    """The name of a redirect, and where it leads: to a login that nobody asked for, or to somewhere else."""
    is_login = re.search(r"(?i)login|log-in|signin|reason=lor", location) is not None
    return "login-page" if is_login else "moved", f"sent on to {urlsplit(location).path or 'elsewhere'}"


def _seconds(value: str | None) -> float | None:
    try:
        return None if value is None else max(0.0, float(value))
    except ValueError:
        return None
