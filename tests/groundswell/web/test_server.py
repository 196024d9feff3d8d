from __future__ import annotations

import signal
import socket
import threading
import webbrowser
import zipfile
from typing import TYPE_CHECKING

import httpx
import pytest
import uvicorn
from fakes.review import serving
from fakes.study import coding_line, groundswell, save_lines

from db.errors import ConfigurationError, GroundswellError
from groundswell.study import find_study
from groundswell.web import server
from groundswell.web.desk import Desk, Seat
from groundswell.web.server import Place, links_of, listening, new_coders, open_browser, seats_for, serve

EVERYWHERE = "0.0.0.0"  # noqa: S104 - to be refused

if TYPE_CHECKING:
    from pathlib import Path

    from groundswell.study import Study


def test_each_named_coder_has_a_seat_once(study: Study) -> None:
    assert seats_for(study, ["ada", " ada", "ben"], blind=True) == [Seat("ada", blind=True), Seat("ben", blind=True)]


def test_without_names_all_coders_of_the_study_have_one(furnished: Study) -> None:
    assert [seat.coder for seat in seats_for(furnished)] == ["ana", "ben"]


def test_nobody_named_is_asked_for_by_name(study: Study) -> None:
    with pytest.raises(ConfigurationError, match="names no coders") as error:
        seats_for(study)
    assert "--coder NAME" in (error.value.hint or "")


def test_a_coder_needs_a_name(study: Study) -> None:
    with pytest.raises(GroundswellError, match="needs a name"):
        seats_for(study, ["  "])


def test_a_claim_and_a_sample_must_be_there(furnished: Study) -> None:
    assert seats_for(furnished, ["ada"], claim="queues", sample="twice") == [
        Seat("ada", claim="queues", sample="twice")
    ]
    with pytest.raises(GroundswellError, match="no claim 'queue'") as error:
        seats_for(furnished, ["ada"], claim="queue")
    assert "queues" in (error.value.hint or "")
    with pytest.raises(GroundswellError, match="no sample 'twic'"):
        seats_for(furnished, ["ada"], sample="twic")


def test_a_packet_is_read_by_the_coder_whom_it_was_made_for(furnished: Study, tmp_path: Path) -> None:
    made = groundswell("-C", furnished.root, "share", "zoe", "--sample", "twice", "--out", tmp_path / "zoe.zip")
    assert made.code == 0, made.err
    with zipfile.ZipFile(tmp_path / "zoe.zip") as packed:
        packed.extractall(tmp_path / "packet")
    root = next((tmp_path / "packet").rglob("packet.json")).parent
    packet = find_study(root, root)
    assert seats_for(packet) == seats_for(packet, ["zoe"]) == [Seat("zoe", blind=True, sample="twice")]
    with pytest.raises(GroundswellError, match="made for zoe"):
        seats_for(packet, ["ada"])


def test_a_name_that_may_be_a_slip_is_pointed_out(furnished: Study, used: Study, study: Study) -> None:
    assert new_coders(furnished, [Seat("ana"), Seat("zoe")]) == []
    assert 'did you mean "ana"?' in new_coders(furnished, [Seat("anna")])[0]
    assert new_coders(furnished, [Seat("quincy")]) == ["quincy is new here: not in study.yaml, nothing coded yet"]
    assert new_coders(used, [Seat("quincy")]) == []
    assert new_coders(study, [Seat("ada")]) == []


def test_a_port_that_is_taken_is_one_clear_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(GroundswellError, match=f"127.0.0.1, port {port}: another program") as error,
            listening(Place(port=port)),
        ):
            pass
    assert "--port" in (error.value.hint or "")


def test_an_address_of_another_computer_is_one_clear_error() -> None:
    with pytest.raises(GroundswellError, match="cannot listen there"), listening(Place("192.0.2.1", knowingly=True)):
        pass


def test_a_port_of_the_system_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class Refusing(socket.socket):
        def bind(self, _address: object) -> None:
            raise PermissionError(13, "no")

    monkeypatch.setattr(socket, "socket", Refusing)
    with pytest.raises(GroundswellError, match="only the system"), listening(Place(port=80)):
        pass


def test_small_answers_are_sent_at_once() -> None:
    """Else a kept connection waits 40 ms for each answer of two pieces."""
    with listening(Place()) as opened, socket.create_connection(opened.getsockname()):
        accepted, _ = opened.accept()
        with accepted:
            # asyncio sets TCP_NODELAY on what is known to be TCP.
            assert accepted.proto == socket.IPPROTO_TCP


@pytest.mark.parametrize("host", [EVERYWHERE, "::", "192.0.2.1", "bakery.example"])
def test_listening_beyond_this_computer_must_be_meant(host: str) -> None:
    with pytest.raises(ConfigurationError, match="whoever reaches this computer") as error, listening(Place(host)):
        pass
    assert "--i-know" in (error.value.hint or "")


def test_listening_everywhere_needs_a_name() -> None:
    with pytest.raises(ConfigurationError, match="no name is said"), listening(Place(EVERYWHERE, knowingly=True)):
        pass


@pytest.mark.parametrize(
    ("place", "beginning", "allowed"),
    [
        (Place("127.0.0.1"), "http://127.0.0.1:{port}/?token=", []),
        (Place("::1"), "http://[::1]:{port}/?token=", []),
        (Place(names=("review.example",)), "https://review.example/?token=", ["review.example"]),
        (Place(names=("http://review.example/",)), "http://review.example/?token=", ["review.example"]),
        (Place(names=("localhost:9000",)), "http://localhost:9000/?token=", ["localhost:9000"]),
        (Place(EVERYWHERE, names=("bakery:8765",), knowingly=True), "http://bakery:8765/?token=", ["bakery:8765"]),
    ],
)
def test_links_begin_with_the_name_under_which_browsers_come(
    study: Study, place: Place, beginning: str, allowed: list[str]
) -> None:
    desk = Desk(study, {})
    with listening(place) as opened:
        port = opened.getsockname()[1]
        [(coder, link)] = links_of(place, opened, desk, [Seat("ada")])
        assert coder == "ada"
        assert link.startswith(beginning.format(port=port))
        assert link.partition("token=")[2] in desk.seats
        assert server._allowed(place, port) == allowed


def test_an_address_that_was_meant_is_allowed_too() -> None:
    assert server._allowed(Place("192.0.2.1"), 80) == ["192.0.2.1:80"]
    assert server._allowed(Place("2001:db8::1"), 80) == ["[2001:db8::1]:80"]


def test_the_app_answers_on_its_port_to_whoever_has_the_link(used: Study) -> None:
    with serving(used, Seat("ana")) as app, httpx.Client() as client:
        assert client.get(app.url).status_code == 403
        assert client.get(app.links[0]).headers["location"] == "/"
        assert "server" not in client.get(app.url).headers
        assert client.get(f"{app.url}/report").status_code == 200


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_and_people_s_work_is_backed_up(
    used: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    place, desk = Place(), Desk(used, {})

    def run(_server: uvicorn.Server, sockets: list[socket.socket]) -> None:
        assert len(sockets) == 1
        line = coding_line("reddit:t1_bbb2", code="queue", stance=None, created_at="2026-03-01T09:00:00Z")
        groundswell("-C", used.root, "import", "codings", save_lines(tmp_path / "more.jsonl", line))
        # As uvicorn does when it has ended.
        signal.raise_signal(number)
        signal.raise_signal(number)

    monkeypatch.setattr(uvicorn.Server, "run", run)
    before = signal.getsignal(number)
    with listening(place) as opened:
        done = serve(desk, place, opened)
    assert (done.codings, done.posts, done.coders) == (1, 1, ("ana",))
    assert signal.getsignal(number) is before
    assert list((used.root / "backups").glob("*-after-review-codings.jsonl"))


def test_work_is_backed_up_even_if_the_server_fails(used: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(uvicorn.Server, "run", fail)
    with listening(Place()) as opened, pytest.raises(ZeroDivisionError):
        serve(Desk(used, {}), Place(), opened)
    assert list((used.root / "backups").glob("*-after-review-*"))


def test_the_browser_is_opened_without_waiting_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    opened, done = [], threading.Event()

    def note(link: str) -> bool:
        opened.append(link)
        done.set()
        return True

    monkeypatch.setattr(webbrowser, "open", note)
    open_browser("http://127.0.0.1:1/")
    assert done.wait(10)
    assert opened == ["http://127.0.0.1:1/"]


def test_a_head_without_end_is_cut_off(used: Study) -> None:
    with serving(used) as app:
        port = int(app.url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"a" * 100_000)
            assert connection.recv(100).startswith(b"HTTP/1.1 400")


def test_what_is_no_request_is_refused_and_told_to_nobody(used: Study, capfd: pytest.CaptureFixture[str]) -> None:
    with serving(used) as app:
        port = int(app.url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(b"\x16\x03\x01 hello\r\n\r\n")
            assert connection.recv(100).startswith(b"HTTP/1.1 400")
    assert capfd.readouterr().err == ""
