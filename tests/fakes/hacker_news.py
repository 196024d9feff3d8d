"""Algolia's API of Hacker News: whole trees, and searches that show at most a thousand hits whatever the page."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from fakes.messages import Answer, json_answer
from fakes.world import bare

if TYPE_CHECKING:
    from fakes.messages import Request
    from fakes.world import Post, Thread, Version, World

MOST_HITS = 1000
DEFAULT_HITS = 20
SHOWN_OF_AN_ADDRESS = 60

_ITEM_PATH = re.compile(r"/api/v1/items/(\d+)")
_SEARCHES = frozenset({"/api/v1/search", "/api/v1/search_by_date"})
_FILTER = re.compile(r"created_at_i(<|<=|>|>=)(\d+)")
_ADDRESS = re.compile(r"https?://[^\s<>\"]+")
_TITLES = {"ask_hn": "Ask HN:", "show_hn": "Show HN:"}

Json = dict[str, Any]


def number_of(post_id: str) -> int:
    """The number under which the site shows a post of the world."""
    return int(bare(post_id), 36)


class HackerNews:
    """Shows a world as it is now, but of deleted and of killed items nothing but their places."""

    def __init__(self, world: World) -> None:
        self.world = world

    def answer(self, request: Request) -> Answer | None:
        path = request.path.rstrip("/")
        item = _ITEM_PATH.fullmatch(path)
        if item is not None:
            return self._item(int(item[1]))
        return self._search(request.query) if path in _SEARCHES else None

    def shown_ids(self, thread_id: str) -> set[str]:
        """The ids of all comments of a thread that its tree shows, those that lost their text too."""
        thread = self.world.threads[bare(thread_id)]
        return {post.id for siblings in self._children(thread).values() for post in siblings}

    def _children(self, thread: Thread) -> dict[str, list[Post]]:
        """All comments that hang on the story, by the fullname of their parent."""
        shown, found = thread.children(), {}
        waiting = [thread.root.fullname]
        while waiting:
            parent = waiting.pop()
            standing = [post for post in shown.get(parent, []) if self._is_there(post)]
            found[parent] = standing
            waiting += [post.fullname for post in standing]
        return found

    def _is_there(self, post: Post) -> bool:
        now = self.world.now
        return post.created_at <= now and post.version_at(now).state != "vanished"

    def _item(self, number: int) -> Answer:
        for thread in self.world.threads.values():
            for post in (thread.root, *thread.comments.values()):
                # A deleted item is not found by its own address, though it keeps its place in a tree.
                if number_of(post.id) == number and self._is_there(post) and self._state(post) != "deleted":
                    return json_answer(self._tree(thread, self._children(thread), post))
        return json_answer({"status": 404, "error": "Not Found"}, status=404)

    def _state(self, post: Post) -> str:
        return post.version_at(self.world.now).state

    def _tree(self, thread: Thread, children: dict[str, list[Post]], post: Post) -> Json:
        version = post.version_at(self.world.now)
        replies = [self._tree(thread, children, reply) for reply in children.get(post.fullname, [])]
        told = _fields(thread, post, version)
        match version.state:
            case "deleted":
                told = {"id": told["id"]}
            case "removed":
                told = dict.fromkeys(told) | {"id": told["id"]}
        return told | {"children": replies, **({"options": []} if len(told) > 1 else {})}

    def _search(self, query: dict[str, str]) -> Answer:
        tag = query.get("tags", "story")
        words = query.get("query", "").lower().split()
        limits = _FILTER.findall(query.get("numericFilters", ""))
        found = [
            thread
            for thread in self.world.threads.values()
            if self._is_there(thread.root)
            and self._state(thread.root) == "live"
            and (tag == "story" or (tag in _TITLES and thread.title.startswith(_TITLES[tag])))
            and all(word in f"{thread.title} {self._text(thread)}".lower() for word in words)
            and all(_keeps(thread.root.created_at, sign, int(moment)) for sign, moment in limits)
        ]
        found.sort(key=lambda thread: (thread.root.created_at, thread.id), reverse=True)
        size = min(int(query.get("hitsPerPage") or DEFAULT_HITS), MOST_HITS)
        start = int(query.get("page") or 0) * size
        hits = [self._hit(thread) for thread in found[:MOST_HITS][start : start + size]]
        pages = -(-min(len(found), MOST_HITS) // size)
        told = {"nbHits": len(found), "nbPages": pages, "page": start // size, "hitsPerPage": size}
        return json_answer({"hits": hits, "exhaustiveNbHits": False, "query": query.get("query", "")} | told)

    def _text(self, thread: Thread) -> str:
        return thread.root.version_at(self.world.now).text

    def _hit(self, thread: Thread) -> Json:
        told = _fields(thread, thread.root, thread.root.version_at(self.world.now))
        living = [post for post in thread.comments.values() if self._is_there(post) and self._state(post) == "live"]
        names = ("created_at", "created_at_i", "author", "title", "url", "points", "parent_id", "story_id")
        return {name: told[name] for name in names} | {
            "_highlightResult": {"author": {"value": told["author"], "matchLevel": "none", "matchedWords": []}},
            "_tags": ["story", f"author_{told['author']}", f"story_{told['id']}"],
            "comment_text": None,
            "num_comments": len(living),
            "objectID": str(told["id"]),
            "story_text": as_html(self._text(thread)) or None,
            "story_title": None,
            "story_url": None,
        }


def _fields(thread: Thread, post: Post, version: Version) -> Json:
    is_story = post.parent is None
    created = datetime.fromtimestamp(post.created_at, UTC)
    text = as_html(version.text)
    return {
        "id": number_of(post.id),
        "created_at": created.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "created_at_i": post.created_at,
        "type": "story" if is_story else "comment",
        "author": None if version.author_gone else post.author,
        "title": thread.title if is_story else None,
        "url": (thread.link or "") if is_story else None,
        "text": "<p>" + text.replace("<p>", "</p><p>") + "</p>" if text else None,
        "points": version.score if is_story else None,
        "parent_id": None if is_story else number_of(str(post.parent)),
        "story_id": None if is_story else number_of(thread.id),
    }


def as_html(text: str) -> str:
    """A text as the site writes it: paragraphs that begin and never end, slashes and quotes as entities."""
    return "<p>".join(_paragraph(part) for part in text.split("\n\n"))


def _paragraph(text: str) -> str:
    made, end = "", 0
    for found in _ADDRESS.finditer(text):
        address = _escaped(found[0])
        shown = address if len(found[0]) <= SHOWN_OF_AN_ADDRESS else _escaped(found[0][:SHOWN_OF_AN_ADDRESS]) + "..."
        made += f'{_escaped(text[end : found.start()])}<a href="{address}" rel="nofollow noreferrer">{shown}</a>'
        end = found.end()
    return made + _escaped(text[end:])


def _escaped(text: str) -> str:
    return html.escape(text).replace("/", "&#x2F;")


def _keeps(moment: int, sign: str, limit: int) -> bool:
    return {"<": moment < limit, "<=": moment <= limit, ">": moment > limit, ">=": moment >= limit}[sign]
