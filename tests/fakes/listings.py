"""Which posts Reddit lists, newest first: those of a community, or those that a search finds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fakes.world import Thread, World

LISTING_END = 1000

_COMMUNITY_PATH = re.compile(r"/r/(?P<community>\w+)/new")
_SEARCH_PATH = re.compile(r"(?:/r/(?P<community>\w+))?/search")


@dataclass(frozen=True, slots=True)
class Slice:
    """Some of the posts that a listing holds, and whether it goes on after them."""

    threads: list[Thread]
    goes_on: bool


def listed(world: World, path: str, query: dict[str, str], *, most: int, end: int = LISTING_END) -> Slice | None:
    """The part of a listing that is asked for; None when there is no such community or the path is none of a listing.

    Removed and deleted posts are not listed. Nothing comes after the `end`-th post, whatever there is.
    """
    community, search = _COMMUNITY_PATH.fullmatch(path), _SEARCH_PATH.fullmatch(path)
    found = community or search
    if found is None:
        return None
    name = (found["community"] or "").lower()
    threads = [thread for thread in world.threads.values() if not name or thread.subreddit.lower() == name]
    if name and not threads:
        return None
    words = query.get("q", "").lower().split() if search else []
    matching = [thread for thread in threads if _is_live(world, thread) and _holds(world, thread, words)]
    matching.sort(key=lambda thread: (-thread.root.created_at, thread.id))
    names = [thread.root.fullname for thread in matching[:end]]
    start = names.index(query["after"]) + 1 if query.get("after") in names else 0
    limit = min(int(query.get("limit") or 25), most)
    return Slice(matching[:end][start : start + limit], start + limit < len(names))


def _is_live(world: World, thread: Thread) -> bool:
    return thread.root.created_at <= world.now and thread.root.version_at(world.now).state == "live"


def _holds(world: World, thread: Thread, words: list[str]) -> bool:
    text = f"{thread.title} {thread.root.version_at(world.now).text}".lower()
    return all(word in text for word in words)
