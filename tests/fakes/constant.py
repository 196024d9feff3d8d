"""A service that gives the same answer whatever it is asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fakes.messages import Answer

if TYPE_CHECKING:
    from fakes.messages import Request


@dataclass(frozen=True, slots=True)
class Constant:
    """Answers every request whose path begins in a certain way, and no other."""

    path: str
    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json; charset=UTF-8"})

    def answer(self, request: Request) -> Answer | None:
        return Answer(self.status, self.body, self.headers) if request.path.startswith(self.path) else None
