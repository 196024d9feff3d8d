"""A service some of whose items are spoiled, beside good ones."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fakes.messages import Answer, Request, Service


class Mangled:
    """Gives what another service gives, with changes to the item that bears one id."""

    def __init__(self, service: Service, item_id: Any, changes: dict[str, Any]) -> None:
        self._service, self._item_id, self._changes = service, item_id, changes

    def answer(self, request: Request) -> Answer | None:
        intact = self._service.answer(request)
        if intact is None:
            return None
        value = json.loads(intact.body)
        self._mangle(value)
        return replace(intact, body=json.dumps(value).encode())

    def _mangle(self, value: Any) -> None:
        if isinstance(value, dict):
            if value.get("id") == self._item_id:
                value.update(self._changes)
            value = list(value.values())
        if isinstance(value, list):
            for child in value:
                self._mangle(child)
