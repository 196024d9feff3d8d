"""How tests read the answers of a stand-in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

Json = dict[str, Any]


def data_of(answer: httpx.Response) -> Any:
    return answer.json()["data"]


def flatten(things: list[Json]) -> list[Json]:
    """A tree of things as a list, parents first."""
    found = []
    for thing in things:
        found.append(thing)
        replies = thing["data"].get("replies") or {"data": {"children": []}}
        found.extend(flatten(replies["data"]["children"]))
    return found


def ids_of(things: list[Json], kind: str = "t1") -> set[str]:
    return {thing["data"]["id"] for thing in things if thing["kind"] == kind}
