"""What holds for every test: no network but loopback, an empty home, no settings of whoever runs it."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

LOOPBACK = ("localhost", "127.", "::1")
FOREIGN_SETTINGS = ("GROUNDSWELL_", "REDDIT_", "XDG_", "praw_")

# The machine that runs the tests may be busy: a slow example is no finding.
settings.register_profile("house", parent=settings(), deadline=None)
settings.load_profile("house")


class NetworkRefusedError(RuntimeError):
    """Raised when a test reaches for another computer. No OSError: code under test must not take it for a bad line."""


def refuse_other_computers(event: str, arguments: tuple[object, ...]) -> None:
    """Refuse to connect, send or look up a name beyond this computer.

    An audit hook sees every socket, whichever library opened it, and cannot be patched away by a test.
    """
    find_host = _HOSTS_BY_EVENT.get(event)
    if find_host is None:
        return
    host = find_host(arguments)
    if host and not host.startswith(LOOPBACK):
        raise NetworkRefusedError(f"tests reach no network: {event} {host}")


def _host_of_address(arguments: tuple[object, ...]) -> str:
    # An address of another form (a path, say) belongs to a socket within this computer.
    address = arguments[1]
    return _text(address[0]) if isinstance(address, tuple) else ""


def _host_by_name(arguments: tuple[object, ...]) -> str:
    return _text(arguments[0])


def _text(host: object) -> str:
    if host is None:
        return ""
    return host.decode() if isinstance(host, bytes) else str(host)


_HOSTS_BY_EVENT: dict[str, Callable[[tuple[object, ...]], str]] = {
    "socket.connect": _host_of_address,
    "socket.sendto": _host_of_address,
    "socket.sendmsg": _host_of_address,
    "socket.getaddrinfo": _host_by_name,
    "socket.gethostbyname": _host_by_name,
}

sys.addaudithook(refuse_other_computers)


@pytest.fixture(autouse=True)
def empty_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test a home folder with nothing in it, and none of the settings of whoever runs it."""
    home = tmp_path_factory.mktemp("home")
    environment = os.environ
    for name in [name for name in environment if name.startswith(FOREIGN_SETTINGS)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    return home
