"""Pages of strangers, asked for only at public addresses, whatever a link, a redirect or a name server says.

A link may lead anywhere: to this computer, into the network it stands in, or to a name whose owner lets it point there
a moment later. So the name is resolved once for each connection, every address it has is checked, and the one that was
checked is the one that is connected to, while the certificate is still that of the name. Redirects are followed here,
one by one, each through the same checks.

Behind a proxy it is the proxy that resolves names. Then only names are asked for, never numbers, and none that is
local by its form; where the proxy itself can reach private places, it has to refuse them.
"""

import contextlib
import ipaddress
import re
import socket
import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx
import truststore

from collector.markup import decoded
from collector.pace import Pace
from collector.robots import CLOSED, MOST_CHARACTERS, OPEN, Robots, read_robots
from collector.session import DEADLINE_SECONDS, Judge, Session, SiteError, retried

PROGRAM = "groundswell"
"""The name under which a robots.txt may speak to us."""
PAGE_BYTES = 8 * 2**20
MOST_REDIRECTS = 5
CONNECT_SECONDS = 10.0

_PAGES = ("text/html", "application/xhtml+xml", "text/plain")
_ANYTHING = "*/*"
_KINDS = {"application/pdf": "a PDF", "image": "an image", "video": "a video", "audio": "a recording"}
_ENCODINGS = ("", "identity", "gzip", "deflate")
_UNICAST = ipaddress.ip_network("2000::/3")
_NOT_PUBLIC = tuple(
    map(
        ipaddress.ip_network,
        (
            "192.0.0.0/24",  # protocol assignments
            "192.88.99.0/24", "2002::/16",  # 6to4, which carries an address of the other kind
            "2001::/23",  # Teredo and other assignments
            "2001:db8::/32", "3fff::/20",  # documentation
        ),
    )
)  # fmt: skip
_LOCAL = (
    "localhost", "local", "localdomain", "internal", "intranet", "private", "lan", "home", "corp", "home.arpa", "onion",
)  # fmt: skip
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*")

Endpoint = tuple[str, int]
Resolve = Callable[[str, int], list[str]]


@dataclass(frozen=True, slots=True)
class WebPage:
    """A page as it came.

    Attributes:
        url: where it was found, after all redirects.
        text: its HTML, or its text if it is plain.
    """

    url: str
    text: str
    is_html: bool


def is_public(address: str) -> bool:
    """Tell whether an IP address, written as usual, is one of the public internet."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if not found.is_global or found.is_multicast or found.is_reserved or any(found in net for net in _NOT_PUBLIC):
        return False
    # Whatever else holds an IPv4 address inside (mapped, translated) is outside the part that is given out to sites.
    return found.version == 4 or found in _UNICAST  # noqa: PLR2004


def url_problem(url: httpx.URL, *, by_proxy: bool = False) -> str | None:
    """What an address has that no page of the public web has; None where there is no such thing.

    Args:
        url: what is to be asked for.
        by_proxy: somebody else resolves the name, so that its addresses cannot be checked.
    """
    if url.scheme != "https":
        return f"only https is asked for, not {url.scheme or 'a place within a page'}"
    if url.userinfo:
        return "it bears a user name or a password"
    if url.port not in (None, 443):
        return f"only port 443 is asked, not {url.port}"
    return _host_problem(url.raw_host.decode("ascii", "replace").lower().rstrip("."), by_proxy=by_proxy)


def _host_problem(host: str, *, by_proxy: bool) -> str | None:
    if _is_address(host):
        if by_proxy:
            return "its host is a number"
        return None if is_public(host) else "its host is no public address"
    if "." not in host or host.endswith(tuple(f".{name}" for name in _LOCAL)):
        return "its host is a local name"
    return "its host is a number in disguise" if _NUMBER.fullmatch(host.rpartition(".")[2]) else None


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def resolved(host: str, port: int) -> list[str]:
    """The addresses of a name, as the system tells them.

    Raises:
        OSError: it has none.
    """
    return [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


@dataclass(slots=True)
class _Deadline:
    """The end of the request at work, however slowly a site answers."""

    now: Callable[[], float]
    until: float = 0.0

    def begin(self) -> None:
        """Begin a request."""
        self.until = self.now() + DEADLINE_SECONDS

    def left(self) -> float:
        """The seconds that are left, always some; none left is a failure."""
        seconds = self.until - self.now()
        if seconds <= 0:
            raise SiteError("too-slow", f"the answer took longer than {DEADLINE_SECONDS:.0f} seconds")
        return seconds


class _TimedStream(httpcore.NetworkStream):
    """A connection on which no single step waits beyond the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: _Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - the deadline decides
        return self._stream.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._stream.write(buffer, self._deadline.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, self._deadline.left())
        return _TimedStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _GuardedBackend(httpcore.NetworkBackend):
    """Makes connections: to the addresses it has checked itself, and to endpoints that the user named."""

    def __init__(
        self, deadline: _Deadline, resolve: Resolve, backend: httpcore.NetworkBackend, named: frozenset[Endpoint]
    ) -> None:
        self._deadline = deadline
        self._resolve = resolve
        self._backend = backend
        self._named = named

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        failure: httpcore.NetworkError | httpcore.TimeoutException = httpcore.ConnectError(f"{host} has no address")
        for address in [host] if (host, port) in self._named else self._checked(host, port):
            seconds = min(CONNECT_SECONDS, self._deadline.left())
            try:
                stream = self._backend.connect_tcp(address, port, seconds, local_address, socket_options)
            except (httpcore.NetworkError, httpcore.TimeoutException) as error:
                failure = error
            else:
                return _TimedStream(stream, self._deadline)
        raise httpcore.ConnectError(str(failure) or type(failure).__name__) from failure

    def _checked(self, host: str, port: int) -> list[str]:
        try:
            addresses = self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(str(error)) from error
        if not all(map(is_public, addresses)):
            raise SiteError("refused-address", f"{host} leads to an address that is not public")
        return addresses


class _Body(httpx.SyncByteStream):
    """The bytes of an answer as they come, up to a number."""

    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        with _failures_named():
            for piece in self._answer.iter_stream():
                size += len(piece)
                if size > PAGE_BYTES:
                    raise _too_large()
                yield piece

    def close(self) -> None:
        self._answer.close()


class PublicTransport(httpx.BaseTransport):
    """Carries requests to public addresses only, each within its deadline.

    Attributes:
        sent_on_to: where the last answer leads; None where it is no redirect.
    """

    def __init__(
        self,
        now: Callable[[], float],
        *,
        certificates: ssl.SSLContext | None = None,
        proxy: str | None = None,
        stand_ins: Mapping[str, Endpoint] | None = None,
        resolve: Resolve = resolved,
        backend: httpcore.NetworkBackend | None = None,
    ) -> None:
        """Prepare connections.

        Args:
            now: a monotonic clock in seconds.
            certificates: those to trust; None = those of the system.
            proxy: through which all but what the system excepts is asked for.
            stand_ins: for tests only: loopback endpoints that are asked in plain http in place of hosts.
            resolve: finds the addresses of a name.
            backend: makes connections to addresses.

        Raises:
            ValueError: a stand-in is not on this computer, or the proxy is none for HTTP.
        """
        self.sent_on_to: str | None = None
        self._stand_ins = dict(stand_ins or {})
        if not all(ipaddress.ip_address(host).is_loopback for host, _ in self._stand_ins.values()):
            raise ValueError("a stand-in must be on this computer")
        self._deadline = _Deadline(now)
        trusted = certificates or truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        backend = backend or httpcore.SyncBackend()
        named = frozenset(self._stand_ins.values())
        guarded = _GuardedBackend(self._deadline, resolve, backend, named)
        self._direct = httpcore.ConnectionPool(trusted, network_backend=guarded)
        self._proxied = None
        if proxy is not None:
            known = httpx.Proxy(proxy)
            if known.url.scheme not in ("http", "https"):
                raise ValueError("only a proxy for HTTP can be used")
            endpoint = (known.url.host, known.url.port or (443 if known.url.scheme == "https" else 80))
            guarded = _GuardedBackend(self._deadline, resolve, backend, frozenset({endpoint}))
            self._proxied = httpcore.HTTPProxy(
                str(known.url), proxy_auth=known.raw_auth, ssl_context=trusted, network_backend=guarded
            )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Ask, and read the head of the answer."""
        self.sent_on_to = None
        self._deadline.begin()
        pool, url = self._route(request.url)
        with _failures_named():
            answer = pool.handle_request(httpcore.Request(request.method, url, headers=request.headers.raw))
        response = httpx.Response(
            answer.status, headers=answer.headers, stream=_Body(answer), extensions=answer.extensions
        )
        if response.has_redirect_location:
            # It is taken away, since a client that does not follow reads it all the same, and some break it.
            self.sent_on_to = response.headers.pop("location")
        problem = _not_asked_for(request, response)
        if problem is not None:
            response.close()
            raise SiteError("no-page", problem, status=response.status_code)
        return response

    def close(self) -> None:
        """Close the connections."""
        self._direct.close()
        if self._proxied is not None:
            self._proxied.close()

    def check(self, url: httpx.URL) -> None:
        """Refuse an address before anything is asked.

        Raises:
            SiteError: `refused-address`, with the reason.
        """
        problem = url_problem(url, by_proxy=self._is_by_proxy(url))
        if problem is not None:
            raise SiteError("refused-address", problem)

    def _is_by_proxy(self, url: httpx.URL) -> bool:
        return self._proxied is not None and not proxy_bypass(url.host)

    def _route(self, url: httpx.URL) -> tuple[httpcore.ConnectionPool, httpcore.URL]:
        self.check(url)
        if url.host in self._stand_ins:
            host, port = self._stand_ins[url.host]
            return self._direct, httpcore.URL(scheme="http", host=host, port=port, target=url.raw_path)
        pool = self._proxied if self._proxied is not None and self._is_by_proxy(url) else self._direct
        return pool, httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)


@contextlib.contextmanager
def _failures_named() -> Iterator[None]:
    """Tell failures of connections in the words that sessions know."""
    try:
        yield
    except httpcore.TimeoutException as error:
        raise SiteError("too-slow", f"the answer took longer than {DEADLINE_SECONDS:.0f} seconds") from error
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.ProxyError) as error:
        raise httpx.TransportError(str(error)) from error


def _not_asked_for(request: httpx.Request, response: httpx.Response) -> str | None:
    """What is wrong with an answer before its body is read."""
    if response.headers.get("content-encoding", "").strip().lower() not in _ENCODINGS:
        return "it is packed in a way that was not asked for"
    media = _media(response)
    asked = request.headers.get("accept", _ANYTHING)
    if not response.is_success or not media or asked == _ANYTHING or media in _PAGES:
        return None
    return f"it is {_KINDS.get(media) or _KINDS.get(media.partition('/')[0]) or media[:80]}, not a page"


def _media(response: httpx.Response) -> str:
    return str(response.headers.get("content-type", "")).partition(";")[0].strip().lower()


def _too_large() -> SiteError:
    return SiteError("too-large", f"the page is larger than {PAGE_BYTES // 2**20} MiB")


def _page(answer: httpx.Response, body: bytes) -> WebPage:
    if len(body) > PAGE_BYTES:
        raise _too_large()
    text = decoded(body, answer.charset_encoding)
    if "\x00" in text[:1024]:
        raise SiteError("no-page", "it is no text", status=answer.status_code)
    return WebPage(str(answer.url), text, is_html=_media(answer) != "text/plain")


def _robots_text(_answer: httpx.Response, body: bytes) -> str:
    return body[:MOST_CHARACTERS].decode(errors="replace")


@dataclass(slots=True)
class PublicSession(Session):
    """Asks for pages wherever they are, host by host at a pace, and only for those that the hosts let programs read.

    Attributes:
        pace: that of the host that was asked last.
        transport: that of the client.
        paces: by host; each begins as the pace that the session was made with.
        robots: what each host allows, once it was asked.
    """

    transport: PublicTransport = field(kw_only=True)
    paces: dict[str, Pace] = field(default_factory=dict)
    robots: dict[str, Robots] = field(default_factory=dict)

    def get_page(self, url: str) -> WebPage:
        """Ask for a page, following where it is sent on to.

        Raises:
            SiteError: `refused-address` for what is not on the public web, `disallowed` by the site's robots.txt,
                `no-page` for what is no text or is not shown to visitors, and those of a session.
        """
        self.client.cookies.clear()
        try:
            page: WebPage = self._followed(url, ", ".join(_PAGES), _page, self._check_allowed)
        except SiteError as error:
            if error.name in ("forbidden", "login-page"):
                # It is this page that is closed, which tells nothing about those of other hosts.
                raise SiteError("no-page", f"visitors are not shown it: {error}", status=error.status) from error
            raise
        return page

    def _followed(self, url: str, accept: str, judge: Judge, check: Callable[[httpx.URL], None]) -> Any:
        at = _joined(None, url)
        for _ in range(MOST_REDIRECTS + 1):
            check(at)
            try:
                return self._asked(at, accept, judge)
            except SiteError as error:
                on = self.transport.sent_on_to
                if on is None or error.status is None:
                    raise
                self.requests[-1] = replace(self.requests[-1], error=None)  # to be sent on is no failure
            at = _joined(at, on)
        raise SiteError("no-page", f"it sends on more than {MOST_REDIRECTS} times")

    def _asked(self, url: httpx.URL, accept: str, judge: Judge) -> Any:
        self.pace = self._pace_of(url.host)
        headers = {"accept": accept}
        return retried(self.pace, lambda: self.exchange("GET", str(url), judge=judge, headers=headers)[0])

    def _pace_of(self, host: str) -> Pace:
        if host not in self.paces:
            like = self.pace
            self.paces[host] = Pace(like.seconds_between, now=like.now, sleep=like.sleep, stopped=like.stopped)
        return self.paces[host]

    def _check_allowed(self, url: httpx.URL) -> None:
        self.transport.check(url)
        if url.host not in self.robots:
            self.robots[url.host] = self._fetched_robots(url)
        if not self.robots[url.host].allows(url.raw_path.decode("ascii")):
            raise SiteError("disallowed", f"the robots.txt of {url.host} asks programs to leave it alone")

    def _fetched_robots(self, url: httpx.URL) -> Robots:
        try:
            text = self._followed(str(url.join("/robots.txt")), _ANYTHING, _robots_text, self.transport.check)
        except SiteError as error:
            if error.name == "forbidden":
                return CLOSED
            is_missing = error.status is not None and httpx.codes.is_client_error(error.status)
            if error.name == "no-page" or (is_missing and error.name != "slow-down"):
                return OPEN
            if error.name == "refused-address":
                raise
            detail = f"what {url.host} allows cannot be had: {error}"
            raise SiteError(error.name, detail, retry_after=error.retry_after, status=error.status) from error
        robots = read_robots(text, PROGRAM)
        pace = self._pace_of(url.host)
        pace.seconds_between = max(pace.seconds_between, robots.seconds_between or 0.0)
        return robots


def open_session(  # noqa: D417 - the others are those of every session
    source: str,
    pace: Pace,
    utc_now: Callable[[], str],
    *,
    stand_ins: Mapping[str, Endpoint] | None = None,
    certificates: ssl.SSLContext | None = None,
) -> PublicSession:
    """A session for pages of strangers, through the proxy of the system if there is one.

    Args:
        stand_ins: for tests only: loopback endpoints that are asked in plain http in place of hosts.
        certificates: those to trust; None = those of the system.
    """
    transport = PublicTransport(pace.now, stand_ins=stand_ins, certificates=certificates, proxy=system_proxy())
    headers = {"user-agent": f"{PROGRAM} ({source})", "accept-encoding": "gzip, deflate"}
    client = httpx.Client(transport=transport, timeout=DEADLINE_SECONDS, headers=headers, trust_env=False)
    return PublicSession(source, "", client, pace, utc_now, transport=transport)


def system_proxy() -> str | None:
    """The proxy that the system names for https; None where there is none."""
    named = getproxies()
    proxy = named.get("https") or named.get("all")
    return f"http://{proxy}" if proxy and "://" not in proxy else proxy


def _joined(base: httpx.URL | None, url: str) -> httpx.URL:
    try:
        return (httpx.URL(url) if base is None else base.join(url)).copy_with(fragment=None)
    except (httpx.InvalidURL, ValueError) as error:
        raise SiteError("no-page", f"its address cannot be read: {error}") from error
