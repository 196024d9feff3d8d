"""A web server on a free loopback port that stands in for the sites we collect from."""

from __future__ import annotations

import contextlib
import socket
import struct
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qsl, urlsplit

from fakes.faults import LOGIN_PATH, Fault, FaultPlan, count_under, login_page, spoil
from fakes.messages import Answer, Request, Service, json_answer

if TYPE_CHECKING:
    from types import TracebackType

    from fakes.faults import Mode

_NOT_FOUND = json_answer({"message": "Not Found", "error": 404}, status=404)


class FakeServer:
    """Serves one or more services, records every request in `requests`, and fails when told to.

    A context manager. An error inside a service is raised again when the block ends.
    """

    def __init__(self, *services: Service) -> None:
        self.services = services
        self.requests: list[Request] = []
        self._plan = FaultPlan()
        self._last_answers: dict[str, Answer] = {}
        self._lock = threading.Lock()
        self._http = _HttpServer(self)
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def url(self) -> str:
        """The base URL, without a slash at its end."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.stop()
        self._thread.join()
        if error is None and self._http.errors:
            raise self._http.errors[0]

    def fail(
        self,
        mode: Mode,
        *,
        at: int | None = None,
        path: str = "/",
        times: int | None = 1,
        retry_after: int = 1,
        size: int = 5_000_000,
        pause_seconds: float = 0.02,
    ) -> None:
        """Fail at the `at`-th request under `path` (counted from 1 since the start), or at the next one.

        `times` is the number of requests in a row that fail, None for ever. `retry_after`, `size` (bytes of a big body)
        and `pause_seconds` (between two bytes of a drip) matter to some modes only.
        """
        with self._lock:
            first = at or count_under(self.requests, path) + 1
            self._plan.add(Fault(mode, first, path, times, retry_after, size, pause_seconds))

    def heal(self) -> None:
        """Forget all planned faults."""
        with self._lock:
            self._plan = FaultPlan()

    def count(self, path: str = "/") -> int:
        """How many requests came in under this path."""
        return count_under(self.requests, path)

    def receive(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        """Record a request and answer it."""
        parts = urlsplit(target)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        with self._lock:
            number = len(self.requests) + 1
            request = Request(number, time.monotonic(), method, parts.path, query, form, headers)
            self.requests.append(request)
            fault = self._plan.find(self.requests)
        intact = self._ask_services(request)
        if fault is None:
            self._last_answers[request.path] = intact
            return intact
        return spoil(fault, intact, self._last_answers.get(request.path))

    def _ask_services(self, request: Request) -> Answer:
        if request.path.startswith(LOGIN_PATH):
            return login_page()
        answers = (service.answer(request) for service in self.services)
        return next((answer for answer in answers if answer is not None), _NOT_FOUND)


class _HttpServer(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 64

    def __init__(self, fake: FakeServer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.fake = fake
        self.errors: list[BaseException] = []
        self.stopping = threading.Event()
        self.to_reset: set[socket.socket] = set()
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._open_lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._open_lock:
            self._open.discard(request)
        if request in self.to_reset:
            self.close_request(request)  # without an orderly end, which would come before the reset
        else:
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - the base class's signature
        error = sys.exception()
        if error is not None and not isinstance(error, OSError):
            self.errors.append(error)

    def stop(self) -> None:
        """Cut connections that clients keep alive, then wait for their threads."""
        self.stopping.set()
        self.shutdown()
        with self._open_lock:
            for connection in self._open:
                with contextlib.suppress(OSError):  # the client was faster
                    connection.shutdown(socket.SHUT_RDWR)
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "fake"
    disable_nagle_algorithm = True
    server: _HttpServer

    def do_GET(self) -> None:
        self._respond()

    def do_POST(self) -> None:
        self._respond()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's signature
        """Say nothing: the requests are recorded."""

    def _respond(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.server.fake.receive(self.command, self.path, headers, body)
        match answer.delivery:
            case "whole":
                self._send_head(answer, length=len(answer.body))
                self.wfile.write(answer.body)
            case "drip":
                self._drip(answer)
            case "truncated":
                self._send_head(answer, length=None)
                self.wfile.write(answer.body[: len(answer.body) // 2])
            case "truncated-with-length":
                self._send_head(answer, length=len(answer.body))
                self.wfile.write(answer.body[: len(answer.body) // 2])
                self.close_connection = True
            case "reset":
                self._reset()
            case "hang":
                self.server.stopping.wait()
                self.close_connection = True

    def _send_head(self, answer: Answer, *, length: int | None) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if length is None:
            self.send_header("Connection", "close")
        else:
            self.send_header("Content-Length", str(length))
        self.end_headers()

    def _drip(self, answer: Answer) -> None:
        self._send_head(answer, length=len(answer.body))
        for place in range(len(answer.body)):
            if self.server.stopping.wait(answer.pause_seconds):
                self.close_connection = True
                return
            self.wfile.write(answer.body[place : place + 1])

    def _reset(self) -> None:
        linger_without_time = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_without_time)
        self.server.to_reset.add(self.connection)
        self.close_connection = True
