"""The guards of the test suite itself."""

import os
import socket
from pathlib import Path

import pytest

DOCUMENTATION_ADDRESS = ("192.0.2.1", 443)


def test_a_test_cannot_connect_to_another_computer() -> None:
    with pytest.raises(RuntimeError, match="tests reach no network"), socket.socket() as connection:
        connection.connect(DOCUMENTATION_ADDRESS)


def test_a_test_cannot_send_a_datagram_to_another_computer() -> None:
    with (
        pytest.raises(RuntimeError, match="tests reach no network"),
        socket.socket(type=socket.SOCK_DGRAM) as connection,
    ):
        connection.sendto(b"", DOCUMENTATION_ADDRESS)


def test_a_test_cannot_look_up_a_name() -> None:
    with pytest.raises(RuntimeError, match="tests reach no network"):
        socket.getaddrinfo("groundswell.invalid", 443)


def test_a_test_can_serve_and_connect_on_loopback() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(("localhost", server.getsockname()[1])) as connection,
    ):
        assert connection.getpeername() == server.getsockname()


def test_a_test_has_an_empty_home(empty_home: Path) -> None:
    assert Path.home() == empty_home
    assert list(empty_home.iterdir()) == []


def test_a_test_sees_no_settings_of_whoever_runs_it() -> None:
    environment = os.environ

    assert [name for name in environment if name.startswith(("GROUNDSWELL_", "REDDIT_"))] == []
