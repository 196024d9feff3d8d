"""Reddit's feeds: Atom, the newest entries of a community, a search or a thread, for whoever asks slowly enough."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from fakes.budget import Budget
from fakes.listings import listed
from fakes.messages import Answer
from fakes.things import as_html, shown_text

if TYPE_CHECKING:
    from fakes.messages import Request
    from fakes.world import Post, Thread, World

DEFAULT_ENTRIES = 25
MOST_ENTRIES = 100

_THREAD_PATH = re.compile(r"(?:/r/\w+)?/comments/(?P<thread>\w+)(?:/\w+)?/\.rss")
_HEADERS = {"Content-Type": "application/atom+xml; charset=UTF-8"}


class RedditFeeds:
    """Shows a world as it is now. `budget` feeds may be asked for until `refill`; then everything is a 429."""

    def __init__(
        self, world: World, *, budget: int = 1000, reset_seconds: int = 60, most_entries: int = MOST_ENTRIES
    ) -> None:
        self.world = world
        self.budget = Budget(budget, reset_seconds)
        self.most_entries = most_entries

    def answer(self, request: Request) -> Answer | None:
        path = request.path
        thread_path = _THREAD_PATH.fullmatch(path)
        if thread_path is None and not path.endswith(("/.rss", "/search.rss")):
            return None
        if not self.budget.spend():
            return Answer(429, b"", {"retry-after": str(self.budget.reset_seconds)})
        if thread_path is not None:
            thread = self.world.threads.get(thread_path["thread"])
            return _not_found() if thread is None else self._thread(thread, request)
        found = listed(self.world, path.removesuffix(".rss").rstrip("/"), request.query, most=self.most_entries)
        if found is None:
            return _not_found()
        return _feed(request.path, [self._entry(thread, thread.root) for thread in found.threads])

    def _thread(self, thread: Thread, request: Request) -> Answer:
        shown = [comment for siblings in self.world.visible_children(thread.id).values() for comment in siblings]
        shown.sort(key=lambda comment: -comment.created_at)
        limit = min(int(request.query.get("limit") or DEFAULT_ENTRIES), self.most_entries)
        return _feed(request.path, [self._entry(thread, post) for post in [thread.root, *shown][:limit]])

    def _entry(self, thread: Thread, post: Post) -> str:
        version = post.version_at(self.world.now)
        author = "[deleted]" if version.author_gone else post.author
        link = f"https://www.reddit.com/r/{thread.subreddit}/comments/{thread.id}/"
        text = as_html(shown_text(version)) if shown_text(version) else ""
        body = f"<!-- SC_OFF -->{text}<!-- SC_ON -->" if text else ""
        title = thread.title
        if post.parent is None:
            body += f' &#32; submitted by &#32; <a href="https://www.reddit.com/user/{author}"> /u/{author} </a>'
        else:
            link += f"slug/{post.id}/"
            title = f"/u/{author} on {title}"
        moment = datetime.fromtimestamp(post.created_at, UTC).isoformat()
        return (
            f"<entry><author><name>/u/{author}</name><uri>https://www.reddit.com/user/{author}</uri></author>"
            f"<category term={quoteattr(thread.subreddit)} label={quoteattr('r/' + thread.subreddit)}/>"
            f'<content type="html">{escape(body)}</content><id>{post.fullname}</id><link href={quoteattr(link)} />'
            f"<updated>{moment}</updated><published>{moment}</published><title>{escape(title)}</title></entry>"
        )


def _feed(path: str, entries: list[str]) -> Answer:
    head = f"<id>{html.escape(path)}</id><title>a feed</title><updated>2026-02-01T00:00:00+00:00</updated>"
    feed = f'<feed xmlns="http://www.w3.org/2005/Atom">{head}{"".join(entries)}</feed>'
    return Answer(200, f'<?xml version="1.0" encoding="UTF-8"?>{feed}'.encode(), _HEADERS)


def _not_found() -> Answer:
    return Answer(404, b"", _HEADERS)
