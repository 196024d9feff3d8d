"""A stand-in for the API of X, version 2: lookups, counts, searches by conversation, quotes, and a bill.

A conversation is a thread of the world; an edit of a post is a version with an id of its own.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from fakes.messages import Answer, Request, json_answer
from fakes.world import DEFAULT_CREATED_AT, World, bare

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fakes.world import Post, Thread, Version

Json = dict[str, Any]

TOKEN = "a bearer token"
WINDOW = 450
PRICES = {"posts": 0.005, "users": 0.010, "counts recent": 0.005, "counts all": 0.010}
SHORT_TEXT = 280
_WEEK = 7 * 86_400
_EPOCH_MS = 1_288_834_974_657
_URL = re.compile(r"https?://[^\s)]+")
_NEW_NAMES = {
    "edit_history_tweet_ids": "edit_history_post_ids",
    "note_tweet": "note_post",
    "referenced_tweets": "referenced_posts",
    "retweet_count": "repost_count",
    "total_tweet_count": "total_post_count",
    "tweet_count": "post_count",
    "tweets": "posts",
}


def native_id(post_id: str) -> str:
    """The id on X of the first version of a post of the world: digits, more than 2^53, given an hour before at most."""
    number = int.from_bytes(hashlib.sha256(bare(post_id).encode()).digest()[:8])
    moment = DEFAULT_CREATED_AT * 1000 - _EPOCH_MS - number % 3_600_000
    return str((moment << 22) + (number >> 40) % 2**21)


def account_id(name: str) -> str:
    return str(10**17 + int.from_bytes(hashlib.sha256(name.encode()).digest()[:7]))


@dataclass(slots=True)
class XApi:
    """Serves a world to whoever bears the token.

    Attributes:
        new_names: whether the new spelling of the fields is spoken, and the old one refused.
        capped: `429` or `402` once the account may read no more.
        window: how many requests are left for the next `reset_seconds`; None counts none.
        without_includes: whether the authors asked for are left out.
        loop: `token` gives the same mark for the next page again and again, `page` the same page with new marks.
        quotes: posts that quote the post that opens a thread: (world id, author, text).
        bill: what was read, by what has a price.
    """

    world: World
    new_names: bool = False
    capped: str | None = None
    window: int | None = None
    reset_seconds: int = 90
    without_includes: bool = False
    loop: str | None = None
    quotes: dict[str, list[tuple[str, str, str]]] = field(default_factory=dict)
    bill: Counter[str] = field(default_factory=Counter)

    @property
    def usd(self) -> float:
        """What was read so far costs this much."""
        return round(sum(PRICES[what] * number for what, number in self.bill.items()), 6)

    def visible_ids(self, thread_id: str) -> set[str]:
        """The ids, in the world, of all replies that the API shows."""
        thread = self.world.threads[thread_id]
        return {post.id for post in thread.comments.values() if self._is_shown(post)}

    def shown(self, version_id: str) -> Json | None:
        """All that there is to tell of a version of a post, its author under `_author`; None if it is not shown."""
        query = {
            "tweet.fields": "author_id,conversation_id,created_at,entities,note_tweet,public_metrics,referenced_tweets"
        }
        found = [each for *each, own in self._all_versions() if own == version_id and self._is_shown(each[1])]
        return XApi(self.world)._item(*found[0], query) if found else None

    def answer(self, request: Request) -> Answer | None:
        if not request.path.startswith("/2/tweets"):
            return None
        refused = self._refusal(request)
        if refused is not None:
            return refused
        path, query = request.path, request.query
        if path == "/2/tweets":
            return self._lookup(query)
        if path.startswith("/2/tweets/counts/"):
            return self._counts(path.rpartition("/")[2], query)
        if path.startswith("/2/tweets/search/"):
            return self._search(path.rpartition("/")[2], query)
        return self._quotes(path.split("/")[3], query)

    def _refusal(self, request: Request) -> Answer | None:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return self._problem(401, "Unauthorized", "about:blank")
        if self.capped == "402":
            return self._problem(402, "CreditsDepleted", "https://api.twitter.com/2/problems/credits")
        if self.capped == "429":
            return self._problem(429, "UsageCapExceeded", "https://api.twitter.com/2/problems/usage-capped")
        if self.window is not None:
            self.window -= 1
            if self.window < 0:
                return self._problem(429, "Too Many Requests", "about:blank")
        wrong = "tweet.fields" if self.new_names else "post.fields"
        if wrong in request.query:
            return self._invalid()
        return None

    def _invalid(self) -> Answer:
        return self._problem(400, "Invalid Request", "https://api.twitter.com/2/problems/invalid-request")

    def _problem(self, status: int, title: str, kind: str) -> Answer:
        return json_answer(
            {"title": title, "type": kind, "status": status, "detail": title}, status=status, headers=self._headers()
        )

    def _headers(self) -> dict[str, str]:
        left = WINDOW if self.window is None else max(self.window, 0)
        return {
            "x-rate-limit-limit": str(WINDOW),
            "x-rate-limit-remaining": str(left),
            "x-rate-limit-reset": str(self.world.now + self.reset_seconds),
        }

    def _give(self, value: Json) -> Answer:
        includes = value.get("includes", {})
        data = value.get("data", [])
        if not any("tweet_count" in item for item in data):
            self.bill["posts"] += len(data) + len(includes.get("tweets", []))
            self.bill["users"] += len(includes.get("users", []))
        return json_answer(_renamed(value) if self.new_names else value, headers=self._headers())

    def _lookup(self, query: dict[str, str]) -> Answer:
        ids = query["ids"].split(",")
        if len(ids) > 100:
            return self._invalid()
        known = {version_id: (thread, post, place) for thread, post, place, version_id in self._all_versions()}
        data, errors = [], []
        for wanted in ids:
            if wanted in known and self._is_shown(known[wanted][1]):
                data.append(self._item(*known[wanted], query))
            else:
                is_protected = wanted in known and known[wanted][1].version_at(self.world.now).state == "vanished"
                errors.append(_error(wanted, is_protected=is_protected))
        found: Json = {"data": data} if data else {}
        found |= {"errors": errors} if errors else {}
        return self._give(found | self._includes(data, query))

    def _counts(self, where: str, query: dict[str, str]) -> Answer:
        found = self._found(where, query)
        self.bill[f"counts {where}"] += 1
        bucket = {"start": _iso(self.world.now - _WEEK), "end": _iso(self.world.now), "tweet_count": len(found)}
        return self._give({"data": [bucket], "meta": {"total_tweet_count": len(found)}})

    def _search(self, where: str, query: dict[str, str]) -> Answer:
        most = 100 if where == "recent" else 500
        if not 10 <= int(query.get("max_results", "10")) <= most:
            return self._invalid()
        return self._page(self._found(where, query), query, "next_token")

    def _quotes(self, version: str, query: dict[str, str]) -> Answer:
        thread = next((each for each in self.world.threads.values() if native_id(each.id) == version), None)
        if not 10 <= int(query.get("max_results", "10")) <= 100:
            return self._invalid()
        items = [self._quote(thread, *each) for each in self.quotes.get(thread.id, [])] if thread else []
        return self._page([_only(item, query, self.new_names) for item in items], query, "pagination_token")

    def _quote(self, thread: Thread, post_id: str, author: str, text: str) -> Json:
        moment = thread.root.created_at + 500
        own = native_id(post_id)
        link = f"https://t.co/q{post_id}"
        return {
            "id": own, "text": f"{text} {link}", "edit_history_tweet_ids": [own], "author_id": account_id(author),
            "conversation_id": own, "created_at": _iso(moment), "public_metrics": _metrics(3, 2, 0),
            "referenced_tweets": [{"type": "quoted", "id": native_id(thread.id)}], "_author": author,
            "entities": {
                "urls": [{"url": link, "expanded_url": f"https://twitter.com/{thread.root.author}/status/{native_id(thread.id)}"}]
            },
        }  # fmt: skip

    def _page(self, found: list[Json], query: dict[str, str], name: str) -> Answer:
        size = int(query.get("max_results", "10"))
        start = int(query.get(name, "t0").rpartition("t")[2])
        data = found[start : start + size]
        meta: Json = {"result_count": len(data)}
        if self.loop == "token":
            meta["next_token"] = "t0"
        elif self.loop == "page":
            meta["next_token"] = f"{query.get(name, '')}t0"
        elif start + size < len(found):
            meta["next_token"] = f"t{start + size}"
        given = self._includes(data, query)
        return self._give(({"data": data} if data else {}) | given | {"meta": meta})

    def _includes(self, data: list[Json], query: dict[str, str]) -> Json:
        authors = {item["author_id"]: item.pop("_author") for item in data if "author_id" in item}
        for item in data:
            item.pop("_author", None)
        if "author_id" not in query.get("expansions", "").split(",") or self.without_includes or not authors:
            return {}
        users = [{"id": number, "username": name, "name": name.title()} for number, name in authors.items()]
        return {"includes": {"users": users}}

    def _found(self, where: str, query: dict[str, str]) -> list[Json]:
        """What a query finds, newest first: replies of conversations, or all posts with some words."""
        since = self.world.now - _WEEK if where == "recent" else self.world.now - 30 * 86_400
        if "start_time" in query:
            since = max(since, _epoch(query["start_time"])) if where == "recent" else _epoch(query["start_time"])
        until = _epoch(query["end_time"]) if "end_time" in query else self.world.now
        conversations = {part.removeprefix("conversation_id:") for part in query["query"].split(" OR ")}
        words = query["query"].removesuffix(" -is:retweet").casefold()
        found = []
        for thread, post, place, _ in self._all_versions():
            if not self._is_shown(post) or not since <= post.created_at <= until or place != self._last(post):
                continue
            item = self._item(thread, post, place, query)
            is_reply = post.parent is not None and self._conversation(thread, post, place) in conversations
            if is_reply or words in self._texts(post)[place].text.casefold():
                found.append((post.created_at, item["id"], item))
        return [item for *_, item in sorted(found, key=lambda each: each[:2], reverse=True)]

    def _all_versions(self) -> Iterator[tuple[Thread, Post, int, str]]:
        for thread in self.world.threads.values():
            for post in (thread.root, *thread.comments.values()):
                if post.created_at <= self.world.now:
                    for place in range(len(self._texts(post))):
                        yield thread, post, place, _version_id(post, place)

    def _is_shown(self, post: Post) -> bool:
        version = post.version_at(self.world.now)
        return post.created_at <= self.world.now and version.state == "live" and not version.author_gone

    def _texts(self, post: Post, moment: int | None = None) -> list[Version]:
        """The versions of a post that an edit made, the first one first."""
        until = self.world.now if moment is None else moment
        first, *later = [version for version in post.versions if version.at <= max(until, post.created_at)]
        found = [first]
        for version in later:
            if version.text != found[-1].text:
                found.append(version)
        return found

    def _last(self, post: Post, moment: int | None = None) -> int:
        return len(self._texts(post, moment)) - 1

    def _conversation(self, thread: Thread, post: Post, place: int) -> str:
        if post.parent is None:
            return _version_id(post, place)
        return _version_id(thread.root, self._last(thread.root, post.created_at))

    def _item(self, thread: Thread, post: Post, place: int, query: dict[str, str]) -> Json:
        version = self._texts(post)[place]
        own = _version_id(post, place)
        text, urls = _with_short_links(version.text)
        item: Json = {
            "id": own, "edit_history_tweet_ids": [_version_id(post, each) for each in range(len(self._texts(post)))],
            "author_id": account_id(post.author), "_author": post.author,
            "conversation_id": self._conversation(thread, post, place),
            "created_at": _iso(post.created_at if place == 0 else version.at),
            "public_metrics": _metrics(
                post.version_at(self.world.now).score,
                sum(self._is_shown(each) for each in thread.comments.values()) if post.parent is None else 0,
                len(self.quotes.get(thread.id, [])) if post.parent is None else 0,
            ),
            "lang": "en",
        }  # fmt: skip
        if len(text) > SHORT_TEXT:
            item["note_tweet"] = {"text": html.escape(text, quote=False), "entities": {"urls": urls}}
            link = f"https://t.co/c{post.id}"
            text = f"{text[:200]}… {link}"
            urls = [{"url": link, "expanded_url": f"https://twitter.com/i/web/status/{own}"}]
        item |= {"text": html.escape(text, quote=False), "entities": {"urls": urls}}
        if post.parent is not None:
            parent = self.world.find(post.parent)
            item["referenced_tweets"] = [
                {"type": "replied_to", "id": _version_id(parent, self._last(parent, post.created_at))}
            ]
        return _only(item, query, self.new_names)


def _version_id(post: Post, place: int) -> str:
    return str(int(native_id(post.id)) + place)


def _with_short_links(text: str) -> tuple[str, list[Json]]:
    urls = []

    def shorten(found: re.Match[str]) -> str:
        short = f"https://t.co/{hashlib.sha256(found[0].encode()).hexdigest()[:10]}"
        urls.append({"url": short, "expanded_url": found[0]})
        return short

    return _URL.sub(shorten, text), urls


def _only(item: Json, query: dict[str, str], new_names: bool) -> Json:
    """The fields that were asked for, and those that always come."""
    asked = query.get("post.fields" if new_names else "tweet.fields", "").split(",")
    kept = {"id", "text", "edit_history_tweet_ids", "_author", *asked}
    old = {new: old for old, new in _NEW_NAMES.items()}
    kept |= {old[name] for name in asked if name in old}
    return {name: value for name, value in item.items() if name in kept}


def _metrics(likes: int, replies: int, quotes: int) -> Json:
    return {"like_count": likes, "reply_count": replies, "quote_count": quotes, "retweet_count": 0}


def _error(wanted: str, *, is_protected: bool) -> Json:
    kind = "not-authorized-for-resource" if is_protected else "resource-not-found"
    return {
        "resource_id": wanted, "resource_type": "tweet", "parameter": "ids", "value": wanted,
        "title": "Authorization Error" if is_protected else "Not Found Error",
        "type": f"https://api.twitter.com/2/problems/{kind}",
    }  # fmt: skip


def _renamed(value: Any) -> Any:
    if isinstance(value, dict):
        return {_NEW_NAMES.get(name, name): _renamed(inner) for name, inner in value.items()}
    return [_renamed(inner) for inner in value] if isinstance(value, list) else value


def _iso(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _epoch(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())
