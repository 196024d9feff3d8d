"""What travels between the server and the services it stands in for."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

Delivery = Literal["whole", "reset", "hang", "drip", "truncated", "truncated-with-length"]


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came in; `number` counts from 1, `at` is monotonic, header names are lower case."""

    number: int
    at: float
    method: str
    path: str
    query: dict[str, str]
    form: dict[str, str]
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, a body and how to put them on the wire."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    delivery: Delivery = "whole"
    pause_seconds: float = 0.0


class Service(Protocol):
    """A site that a server can stand in for."""

    def answer(self, request: Request) -> Answer | None:
        """The answer, or None when this site has no such path."""
        ...


def json_answer(value: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    """An answer in JSON, with the content type of both services."""
    body = json.dumps(value, ensure_ascii=False).encode()
    return Answer(status, body, {"Content-Type": "application/json; charset=UTF-8"} | (headers or {}))
