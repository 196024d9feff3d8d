"""Reddit's own API: PRAW signs in and builds the requests, our session sends them, plain JSON comes back."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec
import praw
import prawcore
import requests

from collector.pace import Pace
from collector.session import DEADLINE_SECONDS, Session, SiteError, retried
from db.queries.runs import Request

NAME = "reddit_api"
_NOT_ACCEPTED = "Reddit does not accept the credentials"
_TOKEN_PARTS = frozenset({"access_token", "expires_in", "scope"})


@dataclass(frozen=True, slots=True)
class Credentials:
    """What Reddit's API asks for; never shown, never stored."""

    client_id: str
    client_secret: str = field(repr=False)
    user_agent: str = ""


class _Requestor(prawcore.Requestor):
    """Sends what PRAW asks for through our session, so that pace, deadline, byte cap and record hold for it too.

    Only good answers go back to PRAW: a failure is raised by our name for it, which PRAW lets pass without retrying.
    Nor does it see the rate headers, since it would wait by them itself.
    """

    def __init__(self, *, our_session: Session, user_agent: str, oauth_url: str, reddit_url: str) -> None:
        super().__init__(user_agent=user_agent, oauth_url=oauth_url, reddit_url=reddit_url)
        self._our_session = our_session
        self._user_agent = user_agent
        self._hosts = frozenset(_host(url) for url in (oauth_url, reddit_url))

    def request(self, *args: Any, timeout: float | None = None, **given: Any) -> requests.Response:  # noqa: ARG002 - PRAW's
        """Send one request; `timeout` is PRAW's, our session keeps its own deadline."""
        method, url = args
        if _host(url) not in self._hosts:
            raise SiteError("forbidden", f"{urlsplit(url).netloc} is not Reddit; no token is sent there")
        sent = {name: given[name] for name in ("params", "auth") if given.get(name)}
        sent["headers"] = {**given["headers"], "User-Agent": self._user_agent}
        if given.get("data"):
            sent["data"] = dict(given["data"])
        try:
            value, headers = self._our_session.exchange(method.upper(), url, **sent)
        except SiteError as error:
            if "auth" in sent and error.status == httpx.codes.UNAUTHORIZED:
                raise SiteError("bad-credentials", _NOT_ACCEPTED) from error
            raise
        _follow(self._our_session.pace, headers)
        if "auth" in sent and not (isinstance(value, dict) and ("error" in value or value.keys() >= _TOKEN_PARTS)):
            raise SiteError("broken-answer", "the answer to the sign-in holds no token")
        return _for_praw(value)


class RedditSession:
    """A signed-in client of Reddit.

    Args:
        oauth_url, reddit_url: where the API and the sign-in live; settings may point them at a local server.
        client: sends the requests; by default one with the proxies and certificates of the system.
    """

    def __init__(
        self,
        credentials: Credentials,
        pace: Pace,
        utc_now: Callable[[], str],
        *,
        oauth_url: str,
        reddit_url: str,
        client: httpx.Client | None = None,
    ) -> None:
        self._credentials, self._oauth_url, self._reddit_url = credentials, oauth_url, reddit_url
        self._session = Session(NAME, oauth_url, client or httpx.Client(timeout=DEADLINE_SECONDS), pace, utc_now)
        self._reddit = self._signed_in()

    def take_requests(self) -> list[Request]:
        """The requests since the last call, those for a token too."""
        return self._session.take_requests()

    def get_json(self, path: str, parameters: dict[str, str]) -> Any:
        """Ask for a JSON value; see `Session.get_json`."""
        return self._ask(lambda reddit: reddit.request(method="GET", path=path, params=dict(parameters)))

    def post_json(self, path: str, form: dict[str, str]) -> Any:
        """Send a form and return the JSON answer."""
        return self._ask(lambda reddit: reddit.request(method="POST", path=path, data=form))

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _ask(self, ask: Callable[[praw.Reddit], Any]) -> Any:
        return retried(self._session.pace, lambda: self._with_token(ask))

    def _with_token(self, ask: Callable[[praw.Reddit], Any]) -> Any:
        """Ask; where the token is no longer accepted, sign in anew, once."""
        try:
            return _named(ask, self._reddit)
        except SiteError as error:
            if error.status != httpx.codes.UNAUTHORIZED:
                raise
        self._reddit = self._signed_in()
        return _named(ask, self._reddit)

    def _signed_in(self) -> praw.Reddit:
        return praw.Reddit(
            client_id=self._credentials.client_id,
            client_secret=self._credentials.client_secret,
            user_agent=self._credentials.user_agent,
            oauth_url=self._oauth_url,
            reddit_url=self._reddit_url,
            check_for_updates=False,
            # Whatever a praw.ini in this folder or the environment says, nobody's own account is used.
            username=None,
            password=None,
            refresh_token=None,
            requestor_class=_Requestor,
            requestor_kwargs={"our_session": self._session},
        )


def _named(ask: Callable[[praw.Reddit], Any], reddit: praw.Reddit) -> Any:
    """Call PRAW and give its own failure our name."""
    try:
        return ask(reddit)
    except prawcore.OAuthException as error:
        raise SiteError("bad-credentials", _NOT_ACCEPTED) from error


def _host(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _follow(pace: Pace, headers: Mapping[str, str]) -> None:
    """Keep to what Reddit still allows, as its headers tell."""
    try:
        pace.spread(float(headers["x-ratelimit-remaining"]), float(headers["x-ratelimit-reset"]))
    except (KeyError, ValueError):
        return


def _for_praw(value: Any) -> requests.Response:
    response = requests.Response()
    response.status_code = httpx.codes.OK
    response.encoding = "utf-8"
    response.raw = io.BytesIO(msgspec.json.encode(value))
    return response
