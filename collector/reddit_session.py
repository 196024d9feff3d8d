"""Reddit's own API through PRAW: its sign-in and pacing, our record of each request, plain JSON in return."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import praw
import prawcore
import requests

from collector.pace import Pace
from collector.session import ATTEMPTS, LONGEST_WAIT_SECONDS, SiteError, rate_limit
from db.queries.runs import Request

NAME = "reddit_api"


class _RecordedSession(requests.Session):
    """A requests session that tells about each request, the token's too, and follows no redirect.

    PRAW's own timeout is per read; a total deadline needs a reader of its own and is not kept here.
    """

    def __init__(self, hosts: frozenset[str], tell: Callable[[Request], None], utc_now: Callable[[], str]) -> None:
        super().__init__()
        self._hosts, self._tell, self._utc_now = hosts, tell, utc_now

    def send(self, request: requests.PreparedRequest, **arguments: Any) -> requests.Response:
        url = request.url or ""
        if urlsplit(url).netloc not in self._hosts:
            raise SiteError("forbidden", f"{urlsplit(url).netloc} is not Reddit; no token is sent there")
        asked_at, started = self._utc_now(), time.monotonic()
        answer: requests.Response | None = None
        try:
            answer = super().send(request, **{**arguments, "allow_redirects": False})
            return answer
        finally:
            self._tell(
                Request(
                    NAME,
                    request.method or "GET",
                    url,
                    asked_at,
                    status=None if answer is None else answer.status_code,
                    bytes=None if answer is None else len(answer.content),
                    elapsed_ms=round((time.monotonic() - started) * 1000),
                    rate_limit=None if answer is None else rate_limit(answer.headers),
                    error="not-reached" if answer is None else None,
                )
            )


@dataclass(frozen=True, slots=True)
class Credentials:
    """What Reddit's API asks for; never shown, never stored."""

    client_id: str
    client_secret: str = field(repr=False)
    user_agent: str = ""


class RedditSession:
    """A signed-in client of Reddit.

    Args:
        oauth_url, reddit_url: where the API and the sign-in live; settings may point them at a local server.
    """

    def __init__(
        self, credentials: Credentials, pace: Pace, utc_now: Callable[[], str], *, oauth_url: str, reddit_url: str
    ) -> None:
        self._requests: list[Request] = []
        self._pace = pace
        hosts = frozenset(urlsplit(url).netloc for url in (oauth_url, reddit_url))
        self._http = _RecordedSession(hosts, self._requests.append, utc_now)
        self._reddit = praw.Reddit(
            client_id=credentials.client_id,
            client_secret=credentials.client_secret,
            user_agent=credentials.user_agent,
            oauth_url=oauth_url,
            reddit_url=reddit_url,
            check_for_updates=False,
            requestor_kwargs={"session": self._http},
        )

    def take_requests(self) -> list[Request]:
        """The requests since the last call."""
        taken = list(self._requests)
        self._requests.clear()
        return taken

    def get_json(self, path: str, parameters: dict[str, str]) -> Any:
        """Ask for a JSON value; see `Session.get_json`."""
        return self._retried(lambda: self._reddit.request(method="GET", path=path, params=dict(parameters)))

    def post_json(self, path: str, form: dict[str, str]) -> Any:
        """Send a form and return the JSON answer."""
        return self._retried(lambda: self._reddit.request(method="POST", path=path, data=form))

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _retried(self, ask: Callable[[], Any]) -> Any:
        attempt = 1
        while True:
            try:
                return _named(ask)
            except SiteError as error:
                if not error.passes or attempt == ATTEMPTS or (error.retry_after or 0) > LONGEST_WAIT_SECONDS:
                    raise
                self._pace.before_retry(attempt, error.retry_after)
            attempt += 1


def _named(ask: Callable[[], Any]) -> Any:
    """Call PRAW and give each of its failures our name for it."""
    try:
        return ask()
    except prawcore.TooManyRequests as error:
        wait = error.retry_after
        raise SiteError(
            "slow-down", "Reddit asks for fewer requests", retry_after=float(wait) if wait else None
        ) from error
    except (prawcore.NotFound, prawcore.UnavailableForLegalReasons) as error:
        raise SiteError("gone", str(error)) from error
    except prawcore.Redirect as error:
        raise SiteError("login-page", str(error)) from error
    except (prawcore.BadJSON, ValueError) as error:
        raise SiteError("broken-answer", str(error)) from error
    except prawcore.ServerError as error:
        raise SiteError("unavailable", str(error)) from error
    except (prawcore.OAuthException, prawcore.InvalidToken) as error:
        raise SiteError("bad-credentials", "Reddit does not accept the credentials") from error
    except prawcore.RequestException as error:
        raise SiteError("not-reached", str(error.original_exception)) from error
    except prawcore.ResponseException as error:
        if error.response.status_code == requests.codes.unauthorized:
            raise SiteError("bad-credentials", "Reddit does not accept the credentials") from error
        name = "forbidden" if isinstance(error, prawcore.Forbidden) else "refused-request"
        raise SiteError(name, str(error)) from error
