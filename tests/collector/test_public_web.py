# ruff: noqa: ARG002 - the signatures of connections are the library's
"""Pages of strangers are asked for at public addresses only, at a pace, and as far as their sites allow it."""

from __future__ import annotations

import gzip
import ipaddress
import socket
import ssl
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import Any

import httpcore
import httpx
import pytest
from fakes.collecting import Clock, wall_clock
from fakes.messages import Answer
from fakes.server import FakeServer
from fakes.web_pages import OTHER_SITE, SITE, TRUST_NOBODY, WebPages, article, paragraphs, web_session
from hypothesis import given
from hypothesis import strategies as st

from collector import public_web
from collector.public_web import (
    PAGE_BYTES,
    PublicSession,
    PublicTransport,
    is_public,
    resolved,
    system_proxy,
    url_problem,
)
from collector.robots import OPEN
from collector.session import SiteError

PUBLIC = "93.184.215.14"
PAGE = f"https://{SITE}/a"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"
TUNNEL = b"HTTP/1.1 200 Connection established\r\n\r\n"
ALLOWED = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


class Wire(httpcore.NetworkStream):
    """A connection that says what its network lets it say."""

    def __init__(self, network: Network, said: list[bytes]) -> None:
        self.network = network
        self.said = said

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self.network.timeouts.append(timeout)
        return self.network.read(self.said)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.network.written += buffer

    def close(self) -> None:
        self.network.open -= 1

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        self.network.certificates_of.append(server_hostname)
        return self

    def get_extra_info(self, info: str) -> Any:
        return None


class Network(httpcore.NetworkBackend):
    """Notes where connections go; those to `down` fail, each other one says what is next among `conversations`."""

    def __init__(self, *conversations: list[bytes], down: Iterable[str] = ()) -> None:
        self.conversations = list(conversations)
        self.down = set(down)
        self.connected: list[tuple[str, int]] = []
        self.certificates_of: list[str | None] = []
        self.timeouts: list[float | None] = []
        self.written = b""
        self.open = 0

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        self.connected.append((host, port))
        if host in self.down:
            raise httpcore.ConnectTimeout("no answer")
        self.open += 1
        return Wire(self, self.conversations.pop(0) if self.conversations else [])

    def read(self, said: list[bytes]) -> bytes:
        return said.pop(0) if said else b""


class Dripping(Network):
    """Says the head of an answer letter by letter, one in five seconds, and never ends."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock

    def read(self, said: list[bytes]) -> bytes:
        self.clock.sleep(5.0)
        return b"x"


class Silent(Network):
    """Accepts connections and says nothing."""

    def read(self, said: list[bytes]) -> bytes:
        raise httpcore.ReadTimeout


def session_on(
    network: Network, clock: Clock | None = None, *, proxy: str | None = None, resolve: Any
) -> PublicSession:
    clock = clock or Clock()
    transport = PublicTransport(clock.now, certificates=TRUST_NOBODY, proxy=proxy, resolve=resolve, backend=network)
    client = httpx.Client(transport=transport, trust_env=False)
    return PublicSession("web_page", "", client, clock.pace(), wall_clock, transport=transport)


def refusal(session: PublicSession, url: str = PAGE) -> SiteError:
    with pytest.raises(SiteError) as raised:
        session.get_page(url)
    return raised.value


@pytest.fixture
def web() -> WebPages:
    pages = WebPages()
    pages.put(f"{SITE}/a", article(paragraphs()))
    pages.put(f"{OTHER_SITE}/b", article(paragraphs()))
    return pages


@pytest.fixture
def server(web: WebPages) -> Iterator[FakeServer]:
    with FakeServer(web) as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def session(server: FakeServer, clock: Clock) -> Iterator[PublicSession]:
    opened = web_session(server, clock.pace())
    yield opened
    opened.close()


# Addresses.

ADDRESSES = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6))


@given(ADDRESSES)
def test_no_address_passes_that_is_not_global(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    assert not is_public(str(address)) or (address.is_global and not address.is_multicast)


@given(st.ip_addresses(v=4))
def test_no_address_hides_another_one_in_itself(address: ipaddress.IPv4Address) -> None:
    hidden = address.packed.hex()
    groups = f"{hidden[:4]}:{hidden[4:]}"

    wrapped = (
        f"::ffff:{address}",
        f"::{groups}",
        f"64:ff9b::{groups}",
        f"64:ff9b:1::{groups}",
        f"2002:{groups}::1",
        f"2001::{groups}",
    )
    assert [each for each in wrapped if is_public(each)] == []


@pytest.mark.parametrize(
    "address", [PUBLIC, "1.1.1.1", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "2a00:1450:4001:82a::200e"]
)
def test_addresses_of_sites_pass(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.0.8",  # noqa: S104
        "192.0.2.1", "198.18.0.1", "203.0.113.9", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "192.88.99.1",
        "::", "::1", "fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1", "3fff::1", "100::1",
        "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1", "2001::1", "5f00::1", "", "localhost", "127.1", "0177.0.0.1",
    ],
)  # fmt: skip
def test_addresses_of_anything_else_do_not(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("https://blog.example/", None),
        ("https://blog.example:443/", None),
        (f"https://{PUBLIC}/", None),
        ("https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/", None),
        ("http://blog.example/", "only https is asked for, not http"),
        ("ftp://blog.example/", "only https is asked for, not ftp"),
        ("/a", "only https is asked for, not a place within a page"),
        ("https://blog.example:8443/", "only port 443 is asked, not 8443"),
        ("https://ana@blog.example/", "it bears a user name or a password"),
        ("https://127.0.0.1/", "its host is no public address"),
        ("https://[::1]/", "its host is no public address"),
        ("https://[::ffff:93.184.215.14]/", "its host is no public address"),
        ("https://169.254.169.254/latest/meta-data", "its host is no public address"),
        ("https://2130706433/", "its host is a local name"),
        ("https://127.1/", "its host is a number in disguise"),
        ("https://0x7f.0.0.0x1/", "its host is a number in disguise"),
        ("https://127.0.0.1./", "its host is no public address"),
        ("https://localhost/", "its host is a local name"),
        ("https://LOCALHOST./", "its host is a local name"),
        ("https://api.localhost/", "its host is a local name"),
        ("https://printer.local/", "its host is a local name"),
        ("https://metadata.google.internal/", "its host is a local name"),
        ("https://router.home.arpa/", "its host is a local name"),
        ("https://intranet/", "its host is a local name"),
        ("https:///", "its host is a local name"),
    ],
)
def test_an_address_is_looked_at_before_anything_is_asked(url: str, problem: str | None) -> None:
    assert url_problem(httpx.URL(url)) == problem


@pytest.mark.parametrize("host", [PUBLIC, "[2606:2800:21f:cb07:6820:80da:af6b:8b2c]", "127.0.0.1"])
def test_behind_a_proxy_no_number_is_asked_for(host: str) -> None:
    assert url_problem(httpx.URL(f"https://{host}/"), by_proxy=True) == "its host is a number"


def test_behind_a_proxy_a_local_name_is_refused_too() -> None:
    assert url_problem(httpx.URL("https://localhost/"), by_proxy=True) == "its host is a local name"


# Connections.


def test_the_address_that_was_checked_is_connected_to_and_the_certificate_is_that_of_the_name() -> None:
    network = Network([ALLOWED, OK])

    page = session_on(network, resolve=lambda *_: [PUBLIC]).get_page(PAGE)

    assert (page.url, page.text, page.is_html) == (PAGE, "hello", False)
    assert network.connected == [(PUBLIC, 443)]
    assert network.certificates_of == [SITE]
    assert b"GET /a HTTP/1.1\r\nHost: blog.example\r\n" in network.written


def test_a_name_that_leads_home_the_second_time_is_not_followed_there() -> None:
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    network = Network([ALLOWED])  # says no more than that, so that the page needs a new connection

    error = refusal(session_on(network, resolve=lambda *_: next(answers)))

    assert str(error) == "refused-address: blog.example leads to an address that is not public"
    assert network.connected == [(PUBLIC, 443)]


@pytest.mark.parametrize("addresses", [["10.0.0.1"], [PUBLIC, "10.0.0.1"], ["::1", PUBLIC]])
def test_a_name_with_any_private_address_is_refused(addresses: list[str]) -> None:
    network = Network([OK])

    error = refusal(session_on(network, resolve=lambda *_: addresses))

    assert (error.name, error.passes, network.connected) == ("refused-address", False, [])


def test_a_name_is_resolved_once_a_connection() -> None:
    asked: list[tuple[str, int]] = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append((host, port))
        return [PUBLIC]

    session_on(Network([ALLOWED], [OK]), resolve=resolve).get_page(PAGE)

    assert asked == [(SITE, 443)] * 2


def test_an_address_that_does_not_answer_is_passed_over() -> None:
    network = Network([ALLOWED, OK], down=["2606:4700::1"])

    page = session_on(network, resolve=lambda *_: ["2606:4700::1", PUBLIC]).get_page(PAGE)

    assert page.text == "hello"
    assert network.connected[:2] == [("2606:4700::1", 443), (PUBLIC, 443)]


@pytest.mark.parametrize(
    ("found", "message"),
    [
        ([], "blog.example: blog.example has no address"),
        ([PUBLIC], "blog.example: no answer"),
        (OSError("no such name"), "blog.example: no such name"),
        (UnicodeError("label too long"), "blog.example: label too long"),
    ],
)
def test_a_host_that_is_not_reached_is_tried_again(found: list[str] | Exception, message: str) -> None:
    def resolve(*_: Any) -> list[str]:
        if isinstance(found, Exception):
            raise found
        return found

    clock = Clock()
    error = refusal(session_on(Network(down=[PUBLIC]), clock, resolve=resolve))

    assert (error.name, clock.slept) == ("not-reached", [2.0, 4.0, 8.0])
    assert message in str(error)


def test_the_system_resolves_names() -> None:
    assert resolved("localhost", 443)[0] in ("127.0.0.1", "::1")


def test_a_name_that_the_system_takes_home_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(0, 0, 0, "", ("192.168.0.7", 443))])
    network = Network([OK])

    error = refusal(session_on(network, resolve=resolved), "https://rebound.example/")

    assert (error.name, network.connected) == ("refused-address", [])


# Proxies.


def proxied(network: Network, proxy: str = "http://user:word@proxy.corp:3128") -> PublicSession:
    return session_on(network, proxy=proxy, resolve=lambda *_: ["10.0.0.1"])


def test_a_proxy_is_asked_for_the_name_wherever_it_stands() -> None:
    network = Network([TUNNEL, ALLOWED, OK])

    page = proxied(network).get_page(PAGE)

    assert page.text == "hello"
    assert network.connected == [("proxy.corp", 3128)]
    assert b"CONNECT blog.example:443 HTTP/1.1" in network.written
    assert b"Proxy-Authorization: Basic" in network.written
    assert network.certificates_of == [SITE]


@pytest.mark.parametrize("host", ["127.0.0.1", PUBLIC, "localhost", "router.lan"])
def test_a_proxy_is_never_asked_for_a_number_or_a_local_name(host: str) -> None:
    network = Network()

    assert refusal(proxied(network), f"https://{host}/").name == "refused-address"
    assert network.connected == []


def test_what_the_system_excepts_from_its_proxy_is_checked_as_without_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "blog.example")
    network = Network()

    error = refusal(proxied(network))

    assert str(error) == "refused-address: blog.example leads to an address that is not public"
    assert network.connected == []


@pytest.mark.parametrize(
    ("variables", "proxy"),
    [
        ({}, None),
        ({"https_proxy": "http://proxy.example:1"}, "http://proxy.example:1"),
        ({"https_proxy": "proxy.example:1", "all_proxy": "http://other.example:2"}, "http://proxy.example:1"),
        ({"all_proxy": "http://other.example:2"}, "http://other.example:2"),
    ],
)
def test_the_proxy_is_that_of_the_system(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], proxy: str | None
) -> None:
    monkeypatch.setattr(
        public_web, "getproxies", lambda: {name.removesuffix("_proxy"): value for name, value in variables.items()}
    )

    assert system_proxy() == proxy


def test_a_proxy_of_another_kind_is_refused_rather_than_passed_by() -> None:
    with pytest.raises(ValueError, match="only a proxy for HTTP"):
        PublicTransport(Clock().now, certificates=TRUST_NOBODY, proxy="socks5://proxy.example:1080")


def test_a_secure_proxy_is_asked_at_its_own_port() -> None:
    network = Network(*([b"HTTP/1.1 407 Sign in\r\nContent-Length: 0\r\n\r\n"] for _ in range(4)))

    error = refusal(proxied(network, "https://proxy.corp"))

    assert error.name == "not-reached"
    assert network.connected == [("proxy.corp", 443)] * 4


def test_connections_to_a_proxy_are_closed_with_the_session() -> None:
    network = Network([TUNNEL, ALLOWED, OK, OK])
    session = proxied(network)
    session.get_page(PAGE)
    before = network.open

    session.close()

    assert before == 1

    assert network.open == 0


def test_a_stand_in_is_on_this_computer() -> None:
    with pytest.raises(ValueError, match="on this computer"):
        PublicTransport(Clock().now, certificates=TRUST_NOBODY, stand_ins={SITE: (PUBLIC, 80)})


def test_certificates_are_those_of_the_system_unless_told_otherwise() -> None:
    PublicTransport(Clock().now).close()


# Redirects.


def test_a_page_is_followed_to_where_it_is_now(web: WebPages, session: PublicSession) -> None:
    web.send_on(f"{SITE}/old", "/older", 301)
    web.send_on(f"{SITE}/older", f"https://{OTHER_SITE}/b#part", 307)

    page = session.get_page(f"https://{SITE}/old")

    assert page.url == f"https://{OTHER_SITE}/b"
    assert [(request.status, request.error) for request in session.take_requests()] == [
        (404, "gone: status 404"), (301, None), (307, None), (404, "gone: status 404"), (200, None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("location", "name"),
    [
        ("https://127.0.0.1/", "refused-address"),
        ("https://169.254.169.254/latest/meta-data/", "refused-address"),
        ("https://[::1]/", "refused-address"),
        ("https://localhost/", "refused-address"),
        ("http://blog.example/a", "refused-address"),
        ("http://www.forum.example/b", "refused-address"),
        ("https://blog.example:8080/", "refused-address"),
        ("//2130706433/", "refused-address"),
        ("file:///etc/passwd", "refused-address"),
        ("javascript:go()", "refused-address"),
        ("https://[::1", "no-page"),
        ("https://x:y/", "no-page"),
        ("/turning", "no-page"),
    ],
)
def test_a_page_is_not_followed_anywhere_else(web: WebPages, session: PublicSession, location: str, name: str) -> None:
    web.send_on(f"{SITE}/turning", location)

    assert refusal(session, f"https://{SITE}/turning").name == name
    assert set(web.asked) == {f"{SITE}/robots.txt", f"{SITE}/turning"}


def test_a_page_is_followed_five_times_and_no_further(web: WebPages, session: PublicSession) -> None:
    for number in range(1, 7):
        web.send_on(f"{SITE}/{number}", f"/{number + 1}")
    web.put(f"{SITE}/7", "there", "text/plain")

    assert session.get_page(f"https://{SITE}/2").text == "there"
    assert str(refusal(session, f"https://{SITE}/1")) == "no-page: it sends on more than 5 times"


def test_an_answer_that_sends_on_to_nowhere_is_no_page(web: WebPages, session: PublicSession) -> None:
    web.put(f"{SITE}/nowhere", "", status=302)

    assert refusal(session, f"https://{SITE}/nowhere").name == "moved"


@pytest.mark.parametrize(
    "url", ["https://x:y/", "https://0177.0.0.1/", "https://\uff11\uff12\uff17.0.0.1/", "https://a\x00/"]
)
def test_an_address_that_cannot_be_read_is_no_page(session: PublicSession, url: str) -> None:
    assert refusal(session, url).name == "no-page"


def test_cookies_hold_for_one_page_only(web: WebPages, server: FakeServer, session: PublicSession) -> None:
    web.pages[f"{SITE}/set"] = Answer(302, b"", {"Location": "/a", "Set-Cookie": "met=you"})

    session.get_page(f"https://{SITE}/set")
    session.get_page(PAGE)

    assert [request.headers.get("cookie") for request in server.requests if request.path == "/a"] == ["met=you", None]


# Robots.


def test_robots_are_asked_once_a_host(web: WebPages, session: PublicSession) -> None:
    session.get_page(PAGE)
    session.get_page(PAGE)
    session.get_page(f"https://{OTHER_SITE}/b")

    assert [asked for asked in web.asked if asked.endswith("robots.txt")] == [
        f"{SITE}/robots.txt",
        f"{OTHER_SITE}/robots.txt",
    ]


@pytest.mark.parametrize(
    ("status", "rules"), [(200, "user-agent: groundswell\ndisallow: /a"), (401, ""), (403, "go away")]
)
def test_a_page_that_robots_forbid_is_not_asked_for(
    web: WebPages, session: PublicSession, status: int, rules: str
) -> None:
    web.put(f"{SITE}/robots.txt", rules, "text/plain", status=status)

    error = refusal(session)

    assert str(error) == "disallowed: the robots.txt of blog.example asks programs to leave it alone"
    assert not error.passes
    assert web.asked == [f"{SITE}/robots.txt"]


@pytest.mark.parametrize(
    ("status", "body", "media"),
    [
        (404, "", "text/html"),
        (410, "", "text/html"),
        (400, "", "text/html"),
        (200, "<html>Not found</html>", "text/html"),
        (200, "user-agent: *\ndisallow: /b", "application/octet-stream"),
        (200, b"\xff\x00", None),
    ],
)
def test_without_rules_all_pages_may_be_asked_for(
    web: WebPages, session: PublicSession, status: int, body: str | bytes, media: str | None
) -> None:
    web.put(f"{SITE}/robots.txt", body, media, status=status)

    assert session.get_page(PAGE).url == PAGE


@pytest.mark.parametrize(("status", "name"), [(500, "unavailable"), (503, "unavailable"), (429, "slow-down")])
def test_while_robots_cannot_be_had_nothing_is_asked_for(
    web: WebPages, session: PublicSession, status: int, name: str
) -> None:
    web.put(f"{SITE}/robots.txt", "", status=status)

    error = refusal(session)
    web.put(f"{SITE}/robots.txt", "")

    assert (error.name, error.passes) == (name, True)
    assert set(web.asked) == {f"{SITE}/robots.txt"}
    assert session.get_page(PAGE).url == PAGE


def test_robots_are_followed_to_where_they_are_but_no_further_than_pages(web: WebPages, session: PublicSession) -> None:
    web.send_on(f"{SITE}/robots.txt", f"https://{OTHER_SITE}/robots.txt")
    web.put(f"{OTHER_SITE}/robots.txt", "user-agent: *\ndisallow: /a", "text/plain")

    assert refusal(session).name == "disallowed"


def test_robots_that_go_round_in_circles_forbid_nothing(web: WebPages, session: PublicSession) -> None:
    web.send_on(f"{SITE}/robots.txt", "/robots.txt")

    assert session.get_page(PAGE).url == PAGE


def test_robots_that_lead_home_are_not_followed_there(web: WebPages, session: PublicSession) -> None:
    web.send_on(f"{SITE}/robots.txt", "https://127.0.0.1/robots.txt")

    assert refusal(session).name == "refused-address"


def test_the_page_that_another_one_leads_to_must_be_allowed_too(web: WebPages, session: PublicSession) -> None:
    web.send_on(f"{SITE}/on", f"https://{OTHER_SITE}/b")
    web.put(f"{OTHER_SITE}/robots.txt", "user-agent: *\ndisallow: /b", "text/plain")

    assert refusal(session, f"https://{SITE}/on").name == "disallowed"


def test_each_host_is_asked_at_its_own_pace(web: WebPages, server: FakeServer, clock: Clock) -> None:
    web.put(f"{OTHER_SITE}/robots.txt", "user-agent: *\ncrawl-delay: 7", "text/plain")

    with closing(web_session(server, clock.pace(0.5))) as session:
        for url in (PAGE, f"https://{OTHER_SITE}/b") * 2:
            session.get_page(url)

    assert clock.slept == [0.5, 7.0, 7.0]


# Bodies.


@pytest.mark.parametrize(
    ("media", "told"),
    [
        ("application/pdf", "it is a PDF, not a page"),
        ("image/png", "it is an image, not a page"),
        ("Video/MP4; codecs=x", "it is a video, not a page"),
        ("audio/ogg", "it is a recording, not a page"),
        ("application/json", "it is application/json, not a page"),
    ],
)
def test_what_is_no_page_is_not_read(web: WebPages, session: PublicSession, media: str, told: str) -> None:
    web.put(f"{SITE}/file", b"x" * (PAGE_BYTES + 1), media)

    assert str(refusal(session, f"https://{SITE}/file")) == f"no-page: {told}"


@pytest.mark.parametrize("media", ["text/html", "TEXT/HTML;charset=utf-8", "application/xhtml+xml", "text/plain", None])
def test_what_may_be_a_page_is_read(web: WebPages, session: PublicSession, media: str | None) -> None:
    web.put(f"{SITE}/page", "<p>caf\u00e9", media)

    page = session.get_page(f"https://{SITE}/page")

    assert (page.text, page.is_html) == ("<p>caf\u00e9", media != "text/plain")


def test_bytes_that_are_no_text_are_no_page(web: WebPages, session: PublicSession) -> None:
    web.put(f"{SITE}/page", b"\x7fELF\x00\x00", None)

    assert str(refusal(session, f"https://{SITE}/page")) == "no-page: it is no text"


def test_a_page_is_unpacked(web: WebPages, session: PublicSession) -> None:
    web.put(f"{SITE}/page", gzip.compress(b"<p>hello"), headers={"Content-Encoding": "gzip"})

    assert session.get_page(f"https://{SITE}/page").text == "<p>hello"


@pytest.mark.parametrize("encoding", ["zstd", "br", "gzip, gzip", "compress"])
def test_what_is_packed_otherwise_is_refused(web: WebPages, session: PublicSession, encoding: str) -> None:
    web.put(f"{SITE}/page", gzip.compress(b"<p>hello"), headers={"Content-Encoding": encoding})

    assert str(refusal(session, f"https://{SITE}/page")) == "no-page: it is packed in a way that was not asked for"


def test_a_huge_page_is_refused(web: WebPages, session: PublicSession) -> None:
    web.put(f"{SITE}/page", b"x" * (PAGE_BYTES + 1))

    assert str(refusal(session, f"https://{SITE}/page")) == "too-large: the page is larger than 8 MiB"


@pytest.mark.parametrize("size", [PAGE_BYTES + 1, 70 * 2**20])
def test_a_page_that_is_huge_once_unpacked_is_refused(web: WebPages, session: PublicSession, size: int) -> None:
    web.put(f"{SITE}/page", gzip.compress(bytes(size), compresslevel=1), headers={"Content-Encoding": "gzip"})

    assert refusal(session, f"https://{SITE}/page").name == "too-large"


def test_a_page_that_drips_is_given_up_at_its_deadline(web: WebPages, server: FakeServer, clock: Clock) -> None:
    web.pages[f"{SITE}/a"] = Answer(
        200, b"x" * 1000, {"Content-Type": "text/html"}, delivery="drip", pause_seconds=0.001
    )
    with closing(web_session(server, clock.pace())) as session:
        session.robots[SITE] = OPEN
        clock.tick = 10.0
        error = refusal(session)

    assert str(error) == "too-slow: the answer took longer than 60 seconds"


def test_a_head_that_drips_is_given_up_too() -> None:
    clock = Clock()
    session = session_on(Dripping(clock), clock, resolve=lambda *_: [PUBLIC])
    session.robots[SITE] = OPEN

    error = refusal(session)

    assert str(error) == "too-slow: the answer took longer than 60 seconds"
    assert 4 * 60 <= sum(clock.slept) <= 4 * 65 + 14


def test_no_wait_is_longer_than_the_deadline() -> None:
    network = Silent()

    error = refusal(session_on(network, resolve=lambda *_: [PUBLIC]))

    assert error.name == "too-slow"
    assert set(network.timeouts) == {60.0}


@pytest.mark.parametrize(
    ("status", "name"),
    [
        (404, "gone"),
        (410, "gone"),
        (451, "gone"),
        (401, "no-page"),
        (403, "no-page"),
        (500, "unavailable"),
        (429, "slow-down"),
    ],
)
def test_a_page_that_is_refused_is_told(web: WebPages, session: PublicSession, status: int, name: str) -> None:
    web.put(f"{SITE}/a", "no", status=status)

    assert (refusal(session).name, refusal(session).status) == (name, status)


@pytest.mark.parametrize("delivery", ["reset", "truncated-with-length"])
def test_a_connection_that_breaks_is_tried_again(
    web: WebPages, session: PublicSession, clock: Clock, delivery: Any
) -> None:
    web.pages[f"{SITE}/a"] = Answer(200, b"<p>x" * 100, {"Content-Type": "text/html"}, delivery=delivery)

    assert refusal(session).name == "not-reached"
    assert clock.slept == [2.0, 4.0, 8.0]
