"""Serving the review app: a socket on this computer, a link for each coder, and a tidy end."""

import gc
import logging
import os
import signal
import socket
import threading
import webbrowser
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from errno import EACCES, EADDRINUSE
from ipaddress import ip_address

import uvicorn

from db.errors import ConfigurationError, GroundswellError
from db.queries import pages
from db.queries.codings import last_event
from db.queries.programs import refuse_machines
from db.yaml_files import suggest
from groundswell.backups import back_up
from groundswell.sampling import find_sample
from groundswell.sharing import packet_of
from groundswell.study import Study
from groundswell.web.app import make_app
from groundswell.web.desk import Desk, Seat

LOOPBACK = "127.0.0.1"
AFTER = "after-review"
_EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - to refuse them
_MOST_CONNECTIONS = 100
_SECONDS_IDLE = 75
_SECONDS_TO_END = 3


@dataclass(frozen=True, slots=True)
class Place:
    """Where the app is served.

    Attributes:
        host: the address to listen on.
        port: the port; 0 = a free one.
        names: further names under which browsers reach it, as a reverse proxy or tunnel keeps them (`host` or
            `host:port`, with `http://` or `https://` before it where that matters for the printed link).
        knowingly: whether to listen beyond this computer was meant.
    """

    host: str = LOOPBACK
    port: int = 0
    names: tuple[str, ...] = ()
    knowingly: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """What a session of reviewing came to.

    Attributes:
        codings: how many codings people wrote meanwhile.
        posts: on how many posts.
        coders: who wrote them.
    """

    codings: int
    posts: int
    coders: tuple[str, ...]


def seats_for(
    study: Study,
    coders: Sequence[str] = (),
    *,
    blind: bool = False,
    claim: str | None = None,
    sample: str | None = None,
) -> list[Seat]:
    """Who sits down, checked before anything is served; without names all coders of study.yaml.

    A packet is read by the coder whom it was made for, as it says.

    Raises:
        ConfigurationError: nobody is named.
        GroundswellError: there is no such claim or sample, a name is empty, or a packet is another coder's.
    """
    packet = packet_of(study)
    if packet is not None:
        if set(coders) - {packet.coder}:
            raise GroundswellError(f"{study.root}: this packet was made for {packet.coder}", hint="leave out --coder")
        return [Seat(packet.coder, packet.blind, None, packet.sample)]
    names = list(dict.fromkeys(name.strip() for name in coders or study.file.coders))
    if not names:
        raise ConfigurationError(
            f"{study.root / 'study.yaml'}: it names no coders, so nobody knows whose codings these will be",
            hint="groundswell review --coder NAME, or `coders: [NAME]` in study.yaml",
        )
    if "" in names:
        raise GroundswellError("--coder: a coder needs a name", hint="groundswell review --coder NAME")
    with study.store() as store:
        refuse_machines(store.connection, names)
    if claim is not None:
        claims = [one.id for one in study.definition(study.codebook()).claims]
        if claim not in claims:
            raise GroundswellError(
                f"there is no claim {claim!r}", hint=suggest(claim, claims) or f"claims: {', '.join(claims)}"
            )
    if sample is not None:
        with study.store() as store:
            find_sample(store.connection, sample)
    return [Seat(name, blind, claim, sample) for name in names]


def new_coders(study: Study, seats: Sequence[Seat]) -> list[str]:
    """A line on each coder who may be a slip of the pen: like one who is known, or not among those of study.yaml."""
    with study.store() as store:
        known = {*study.file.coders, *pages.people(store.connection)}
    lines = []
    for name in (seat.coder for seat in seats if seat.coder not in known):
        likeness = get_close_matches(name, sorted(known), n=1)
        if likeness or study.file.coders:
            meant = f' (did you mean "{likeness[0]}"?)' if likeness else ""
            lines.append(f"{name} is new here: not in study.yaml, nothing coded yet{meant}")
    return lines


@contextmanager
def listening(place: Place) -> Iterator[socket.socket]:
    """A socket that takes requests, so that a link can be opened before the app is up.

    Raises:
        GroundswellError: the port is taken, or the address is not this computer's.
        ConfigurationError: it would be reached from elsewhere, and nobody said that this is meant.
    """
    if not _is_loopback(place.host):
        if not place.knowingly:
            raise ConfigurationError(
                f"--host {place.host}: whoever reaches this computer could try to read the study, and plain http can be "
                "listened to",
                hint="docs/how-to/review-elsewhere.md shows an SSH tunnel; --i-know if this is meant",
            )
        if place.host in _EVERYWHERE and not place.names:
            raise ConfigurationError(
                f"--host {place.host}: no name is said under which browsers reach it", hint="--allow-host NAME:PORT"
            )
    family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
    # The protocol is named, since only then are small answers sent at once (TCP_NODELAY) and not 40 ms later.
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as opened:
        try:
            if os.name == "posix":
                opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            opened.bind((place.host, place.port))
            opened.listen()
        except OSError as error:
            raise _no_socket(place, error) from error
        yield opened


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _no_socket(place: Place, error: OSError) -> GroundswellError:
    where = f"{place.host}, port {place.port}"
    if error.errno == EADDRINUSE:
        return GroundswellError(
            f"{where}: another program listens there", hint="another --port, or none: a free one is found"
        )
    if error.errno == EACCES:
        return GroundswellError(f"{where}: only the system may listen there", hint="a --port above 1023")
    return GroundswellError(f"{where}: cannot listen there", hint="--host takes an address of this computer")


def links_of(place: Place, opened: socket.socket, desk: Desk, seats: Sequence[Seat]) -> list[tuple[str, str]]:
    """New links, one for each seat: the coder's name and where to go."""
    base = _base(place, opened.getsockname()[1])
    return [(seat.coder, f"{base}/?token={desk.invite(seat)}") for seat in seats]


def _base(place: Place, port: int) -> str:
    if not place.names:
        host = f"[{place.host}]" if ":" in place.host else place.host
        return f"http://{host}:{port}"
    name = place.names[0]
    if "://" in name:
        return name.rstrip("/")
    plain = _is_loopback(name.rpartition(":")[0] or name) or not _is_loopback(place.host)
    return f"{'http' if plain else 'https'}://{name}"


def _allowed(place: Place, port: int) -> list[str]:
    """The values of `Host` that are ours beside those of this computer."""
    names = [name.partition("://")[2].rstrip("/") if "://" in name else name for name in place.names]
    if not _is_loopback(place.host) and place.host not in _EVERYWHERE:
        names.append(f"[{place.host}]:{port}" if ":" in place.host else f"{place.host}:{port}")
    return names


def serve(desk: Desk, place: Place, opened: socket.socket) -> Done:
    """Answer requests until Ctrl-C or SIGTERM; then write people's work to `backups/`.

    Args:
        desk: the study; who may come in is asked of it at each link.
        place: where.
        opened: the socket of that place.

    Raises:
        GroundswellError: the backup could not be written; the codings themselves are in the study.
    """
    settle_memory()
    # While one connection stays open, those of the single answers need not tidy up the file behind them.
    with desk.study.store() as store:
        before = last_event(store.connection)
        try:
            with _outliving_signals():
                server_of(desk, place, opened).run([opened])
        finally:
            back_up(desk.study, AFTER)
        return Done(*pages.coded_since(store.connection, before))


def settle_memory() -> None:
    """Leave what the program is made of out of later garbage collections: each would stop all answers for 100 ms."""
    gc.collect()
    gc.freeze()


def server_of(desk: Desk, place: Place, opened: socket.socket) -> uvicorn.Server:
    """The server, not yet running; it writes no log of requests, since their addresses tell what was read."""
    logging.getLogger("uvicorn").setLevel(logging.ERROR)
    config = uvicorn.Config(
        make_app(desk, _allowed(place, opened.getsockname()[1])),
        http="h11", ws="none", lifespan="off", log_config=None, access_log=False, proxy_headers=False,
        server_header=False, limit_concurrency=_MOST_CONNECTIONS, timeout_keep_alive=_SECONDS_IDLE,
        timeout_graceful_shutdown=_SECONDS_TO_END,
    )  # fmt: skip
    return uvicorn.Server(config)


@contextmanager
def _outliving_signals() -> Iterator[None]:
    """Uvicorn ends at a signal and then raises it once more; what comes after the end must still be done."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, lambda *_: None) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def open_browser(link: str) -> None:
    """Show a link in the browser, without waiting for it."""
    threading.Thread(target=webbrowser.open, args=(link,), daemon=True).start()
