"""Recorded traffic in Betamax's JSON, read without the tool that wrote it."""

from __future__ import annotations

import base64
import gzip
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from fakes.messages import Answer

if TYPE_CHECKING:
    from pathlib import Path

    from fakes.messages import Request

_OF_THE_WIRE = frozenset({"content-encoding", "content-length", "transfer-encoding", "connection"})


@dataclass(frozen=True, slots=True)
class Exchange:
    """One recorded request and its answer, the body as it was before it was compressed."""

    method: str
    path: str
    query: dict[str, str]
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        """The answer's JSON; a ValueError where it is none."""
        return json.loads(self.body)


def read_cassette(path: Path) -> list[Exchange]:
    """All exchanges of a recording, in order; none where the file is no recording."""
    recorded = json.loads(path.read_bytes())
    if not isinstance(recorded, dict):
        return []
    return [_exchange(each) for each in recorded.get("interactions") or recorded.get("http_interactions") or []]


class Replay:
    """A service that gives the recorded answers: those to one method and path one after the other, then the last again."""

    def __init__(self, exchanges: list[Exchange]) -> None:
        self._left: dict[tuple[str, str], list[Exchange]] = {}
        for each in exchanges:
            self._left.setdefault((each.method, each.path.rstrip("/")), []).append(each)

    def answer(self, request: Request) -> Answer | None:
        left = self._left.get((request.method, request.path.rstrip("/")))
        if left is None:
            return None
        found = left.pop(0) if len(left) > 1 else left[0]
        return Answer(found.status, found.body, found.headers)


def _exchange(recorded: dict[str, Any]) -> Exchange:
    request, response = recorded["request"], recorded["response"]
    parts = urlsplit(request["uri"])
    headers = {
        name: value if isinstance(value, str) else ", ".join(value)
        for name, value in response["headers"].items()
        if name.lower() not in _OF_THE_WIRE
    }
    body = _body(response["body"])
    status = int(response["status"]["code"])
    return Exchange(request["method"], parts.path or "/", dict(parse_qsl(parts.query)), status, headers, body)


def _body(recorded: dict[str, Any] | str) -> bytes:
    if isinstance(recorded, str):
        return recorded.encode()
    if recorded.get("base64_string"):
        raw = base64.b64decode(recorded["base64_string"])
        return gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
    return str(recorded.get("string") or "").encode()
