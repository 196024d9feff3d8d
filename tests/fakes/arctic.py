"""The Arctic Shift API: an archive that looks twice, soon after a post was made and a day and a half later."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from fakes.budget import Budget
from fakes.messages import Answer, json_answer
from fakes.things import comment_object, shown_text, submission_object
from fakes.world import bare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from fakes.messages import Request
    from fakes.world import Post, Thread, Version, World

FIRST_LOOK_SECONDS = 20
SECOND_LOOK_SECONDS = 36 * 3600
IDS_LIMIT = 500
TREE_LIMIT = 25_000
SEARCH_LIMIT = 100
AUTO_LIMIT = 1000
SHARES_LIMIT = 1000

_MILLISECONDS_FROM = 10**11
_OFFSET_SECONDS = {"s": 1, "min": 60, "h": 3600, "hour": 3600, "d": 86400, "m": 30 * 86400, "y": 365 * 86400}
_OFFSET_SECONDS |= {"day": 86400, "year": 365 * 86400}

Json = dict[str, Any]


class BadParameterError(Exception):
    """A request the service refuses; its text is the `error` of the answer."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What differs between the paths of posts and those of comments."""

    name: str
    words: tuple[str, ...]  # parameters that search in texts
    anchors: tuple[str, ...]  # of which one must be given with them


POSTS = Kind("posts", ("query", "title", "selftext"), ("author", "subreddit"))
COMMENTS = Kind("comments", ("body",), ("author", "subreddit", "link_id", "parent_id"))


class ArcticShift:
    """Shows what the archive saw of a world.

    Comments in `gaps` were never seen. `after` and `before` leave out posts of exactly that second unless `inclusive`.
    `shares` are the links that are known, as the path of each with that to which it leads. A search of posts over more
    than `quick_seconds` runs out of time.
    """

    def __init__(
        self,
        world: World,
        *,
        gaps: set[str] | None = None,
        inclusive: bool = False,
        shares: dict[str, str] | None = None,
        quick_seconds: float = math.inf,
        budget: int = 2000,
        reset_seconds: int = 60,
    ) -> None:
        self.world = world
        self.gaps = gaps or set()
        self.inclusive = inclusive
        self.shares = shares or {}
        self.quick_seconds = quick_seconds
        self.budget = Budget(budget, reset_seconds)

    def answer(self, request: Request) -> Answer | None:
        routes: dict[str, Callable[[dict[str, str]], list[Json]]] = {
            "/api/posts/ids": lambda query: self._by_ids(POSTS, query),
            "/api/comments/ids": lambda query: self._by_ids(COMMENTS, query),
            "/api/posts/search": lambda query: self._search(POSTS, query),
            "/api/comments/search": lambda query: self._search(COMMENTS, query),
            "/api/comments/tree": self._tree,
            "/api/short_links": self._short_links,
        }
        route = routes.get(request.path.rstrip("/"))
        if route is None:
            return None
        if not self.budget.spend():
            return self._error(429, "Too many requests. Slow down a bit")
        try:
            return json_answer({"data": route(request.query)}, headers=self._rate_headers())
        except BadParameterError as error:
            return self._error(400, str(error))
        except TimeoutError:
            return self._error(422, "Timeout. Maybe slow down a bit")

    def _rate_headers(self) -> dict[str, str]:
        return {
            "X-RateLimit-Remaining": str(self.budget.remaining),
            "X-RateLimit-Reset": str(self.budget.reset_seconds),
        }

    def _error(self, status: int, message: str) -> Answer:
        return json_answer({"data": None, "error": message}, status=status, headers=self._rate_headers())

    def archived_ids(self, thread_id: str) -> set[str]:
        """The ids of all comments of a thread that the archive has."""
        return {comment.id for comment in self.world.threads[bare(thread_id)].comments.values() if self._saw(comment)}

    def _saw(self, post: Post) -> bool:
        return post.created_at + FIRST_LOOK_SECONDS <= self.world.now and post.id not in self.gaps

    def _all(self, kind: Kind) -> list[tuple[Thread, Post]]:
        threads = self.world.threads.values()
        if kind is POSTS:
            return [(thread, thread.root) for thread in threads if self._saw(thread.root)]
        return [(thread, post) for thread in threads for post in thread.comments.values() if self._saw(post)]

    def _by_ids(self, kind: Kind, query: dict[str, str]) -> list[Json]:
        ids = [bare(each) for each in query.get("ids", "").split(",") if each]
        if not ids:
            raise BadParameterError("'ids' is required")
        if len(ids) > IDS_LIMIT:
            raise BadParameterError(f"'ids' must have at most {IDS_LIMIT} items")
        wanted = set(ids)
        return [self._object(thread, post, query) for thread, post in self._all(kind) if post.id in wanted]

    def _search(self, kind: Kind, query: dict[str, str]) -> list[Json]:
        asks_words = any(name in query for name in kind.words)
        if asks_words and not any(name in query for name in kind.anchors):
            raise BadParameterError(f"text search needs one of {', '.join(kind.anchors)}")
        sort = query.get("sort", "desc")
        if sort not in {"asc", "desc"}:
            raise BadParameterError("'sort' must be 'asc' or 'desc'")
        limit = AUTO_LIMIT if query.get("limit") == "auto" else _whole(query, "limit", 25, 1, SEARCH_LIMIT)
        slack = 0 if self.inclusive else 1
        first = self._moment(query, "after", -slack) + slack
        last = self._moment(query, "before", math.inf) - slack
        if kind is POSTS and min(last, self.world.now) - first > self.quick_seconds:
            raise TimeoutError
        matching = [
            (thread, post)
            for thread, post in self._all(kind)
            if first <= post.created_at <= last and _matches(kind, thread, post, query)
        ]
        matching.sort(key=lambda pair: (pair[1].created_at, pair[1].id), reverse=sort == "desc")
        return [self._object(thread, post, query) for thread, post in matching[:limit]]

    def _short_links(self, query: dict[str, str]) -> list[Json]:
        paths = [path for path in query.get("paths", "").split(",") if path]
        if not paths or len(paths) > SHARES_LIMIT:
            raise BadParameterError(f"'paths' must have 1 to {SHARES_LIMIT} items")
        return [{"path": path, "resolved_path": self.shares[path]} for path in paths if path in self.shares]

    def _moment(self, query: dict[str, str], name: str, default: float) -> float:
        text = query.get(name, "")
        if not text:
            return default
        if text.isdigit():
            return int(text) / 1000 if int(text) >= _MILLISECONDS_FROM else int(text)
        offset = re.fullmatch(r"(\d+)(s|min|hour|h|day|d|m|year|y)", text)
        if offset:
            return self.world.now - int(offset[1]) * _OFFSET_SECONDS[offset[2]]
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise BadParameterError(f"'{name}' is not a date") from None
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()

    def _tree(self, query: dict[str, str]) -> list[Json]:
        if not query.get("link_id"):
            raise BadParameterError("'link_id' is required")
        limit = _whole(query, "limit", 50, 1, TREE_LIMIT)
        breadth = _whole(query, "start_breadth", 4, 0, None)
        depth = _whole(query, "start_depth", 4, 0, None)
        thread = self.world.threads.get(bare(query["link_id"]))
        if thread is None:
            return []
        children = {
            parent: sorted(filter(self._saw, siblings), key=lambda post: (-self._look(post)[0].score, post.id))
            for parent, siblings in thread.children().items()
        }
        parent_id = query.get("parent_id")
        top = f"t1_{bare(parent_id)}" if parent_id else thread.root.fullname
        everything = _below(children, top)
        kept = {post.id for post in everything}
        if len(everything) > limit:
            kept = _kept_when_collapsed(children, top, limit=limit, breadth=breadth, depth=depth)
        return self._branches(thread, children, top, kept, query)

    def _branches(
        self, thread: Thread, children: dict[str, list[Post]], parent: str, kept: set[str], query: dict[str, str]
    ) -> list[Json]:
        found: list[Json] = []
        for post in (post for post in children.get(parent, []) if post.id in kept):
            data = self._object(thread, post, query)
            replies = self._branches(thread, children, post.fullname, kept, query)
            data["replies"] = {"kind": "Listing", "data": {"children": replies}} if replies else ""
            found.append({"kind": "t1", "data": data})
        collapsed = [post for post in children.get(parent, []) if post.id not in kept]
        if collapsed:
            count = sum(1 + len(_below(children, post.fullname)) for post in collapsed)
            more = {"children": [post.id for post in collapsed], "count": count, "parent_id": parent}
            more |= {"id": collapsed[0].id, "name": collapsed[0].fullname}
            found.append({"kind": "more", "data": more})
        return found

    def _look(self, post: Post) -> tuple[Version, Json]:
        """The text of the first look with the score of the second, and what the second look found out."""
        first = replace(post.version_at(post.created_at + FIRST_LOOK_SECONDS), score=1)
        if self.world.now < post.created_at + SECOND_LOOK_SECONDS:
            return first, {}
        second = post.version_at(post.created_at + SECOND_LOOK_SECONDS)
        meta: Json = {"retrieved_2nd_on": post.created_at + SECOND_LOOK_SECONDS}
        if first.state == "live" and second.state != "live":
            meta |= {"was_deleted_later": True, "removal_type": second.state}
        elif first.state != "live" and second.state == "live":
            meta |= {"was_initially_deleted": True, "removal_type": first.state}
            first = replace(first, text=second.text, state="live")
        elif first.text != second.text:
            meta["is_edited"] = True
        return replace(first, score=second.score), meta

    def _object(self, thread: Thread, post: Post, query: dict[str, str]) -> Json:
        version, meta = self._look(post)
        if post.parent is None:
            found = submission_object(thread, version, num_comments=self._count_at_look(thread))
        else:
            found = comment_object(thread, post, version)
        if query.get("md2html") != "true":
            found.pop("body_html" if post.parent else "selftext_html")
        created = {"created": post.created_at, "created_utc": post.created_at}
        found |= created | {"retrieved_on": post.created_at + FIRST_LOOK_SECONDS}
        if meta:
            found["_meta"] = meta
        fields = [name for name in query.get("fields", "").split(",") if name]
        return {name: found[name] for name in sorted(found) if not fields or name in fields}

    def _count_at_look(self, thread: Thread) -> int:
        second_look = thread.root.created_at + SECOND_LOOK_SECONDS
        if self.world.now < second_look:
            return 0
        return sum(comment.created_at <= second_look for comment in thread.comments.values())


def _whole(query: dict[str, str], name: str, default: int, least: int, most: int | None) -> int:
    text = query.get(name, "")
    if not text:
        return default
    if not text.isdigit() or int(text) < least or (most is not None and int(text) > most):
        raise BadParameterError(f"'{name}' must be a number from {least}" + (f" to {most}" if most else ""))
    return int(text)


def _matches(kind: Kind, thread: Thread, post: Post, query: dict[str, str]) -> bool:
    first = post.version_at(post.created_at + FIRST_LOOK_SECONDS)
    text = shown_text(first)
    author = "[deleted]" if first.author_gone else post.author
    fields = {"body": text, "selftext": text, "title": thread.title, "query": f"{thread.title} {text}"}
    words_found = all(
        word in fields[name].lower() for name in kind.words for word in query.get(name, "").lower().split()
    )
    exact = {"author": author, "subreddit": thread.subreddit, "url": thread.link or ""}
    exact_found = all(query[name].lower() == value.lower() for name, value in exact.items() if query.get(name))
    if kind is COMMENTS:
        parent = query.get("parent_id")
        exact_found &= not query.get("link_id") or bare(query["link_id"]) == thread.id
        exact_found &= parent is None or bare(str(post.parent)) == (bare(parent) or thread.id)
    elif "over_18" in query:
        exact_found &= (query["over_18"] == "true") == thread.over_18
    return words_found and exact_found


def _below(children: dict[str, list[Post]], top: str) -> list[Post]:
    found: list[Post] = []
    waiting = [top]
    while waiting:
        siblings = children.get(waiting.pop(), [])
        found.extend(siblings)
        waiting.extend(post.fullname for post in siblings)
    return found


def _kept_when_collapsed(
    children: dict[str, list[Post]], top: str, *, limit: int, breadth: int, depth: int
) -> set[str]:
    """Level by level: as many siblings as the breadth of that level, to the depth, until the limit is reached."""
    kept: set[str] = set()
    level: Iterable[str] = [top]
    for down in range(depth):
        taken = [post for parent in level for post in children.get(parent, [])[: max(breadth - down, 0)]]
        kept |= {post.id for post in taken[: limit - len(kept)]}
        level = [post.fullname for post in taken if post.id in kept]
    return kept
