"""Reddit's feeds, for which no key is needed: which threads a community or a search began, and whether one has new comments.

A feed shows the newest 25 entries or so, posts with their whole texts, without scores or counts, and of comments it does
not tell what they reply to. A comment without its place would stand where nobody wrote it, so posts are stored and comments
are not: those that are not known yet are counted and make their thread due, and another source collects them.

Feeds are asked for slowly, about one a minute. A reader's own feed token (`feed=…&user=…`, from the account's page of
feeds) allows ten; it is sent to Reddit and stored nowhere.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl
from xml.etree.ElementTree import Element, ParseError

import defusedxml.ElementTree
import httpx
from defusedxml import DefusedXmlException

from collector.markup import html_text, soup
from collector.pace import Pace
from collector.reading import Reading
from collector.reddit_items import PLATFORM, observations
from collector.reddit_listings import start, take_newest_first
from collector.session import Session, SiteError, retried
from collector.session import open_session as open_plain
from collector.source import Listing, Page
from db.queries.runs import Request, Task
from db.records import Unreadable

__all__ = [
    "NAME", "PLATFORM", "FeedSession", "fetch", "first_tasks", "listing_tasks", "open_session", "revisit_tasks",
]  # fmt: skip

NAME = "reddit_rss"
SECONDS_BETWEEN = 60.0
SECONDS_BETWEEN_WITH_TOKEN = 6.0
FULL_FROM = 25
"""A feed with fewer entries has no more."""
_LIMIT = "100"
_ATOM = "{http://www.w3.org/2005/Atom}"
_ID = re.compile(r"t[13]_[0-9a-z]{1,13}")
_HTML = re.compile(r"\s*<(?:!doctype\s+)?html\b", re.IGNORECASE)
_TOKEN_PARTS = frozenset({"feed", "user"})


@dataclass(slots=True)
class FeedSession:
    """A client of Reddit's feeds.

    Attributes:
        session: sends the requests.
        token: what a reader's own feed address bears; sent, never shown and never recorded.
    """

    session: Session
    token: dict[str, str] = field(repr=False)

    def get_feed(self, path: str, parameters: dict[str, str]) -> Element:
        """Ask for a feed, again after a passing failure; return its root.

        Raises:
            SiteError: the site refused, is gone, showed a page in place of the feed, or went on failing.
        """
        url, asked = self.session.base_url.rstrip("/") + path, parameters | self.token
        feed: Element = retried(
            self.session.pace, lambda: self.session.exchange("GET", url, judge=_feed, params=asked)[0]
        )
        return feed

    def take_requests(self) -> list[Request]:
        """The requests since the last call, their addresses without the token."""
        return [replace(request, url=_without_token(request.url)) for request in self.session.take_requests()]

    def close(self) -> None:
        """Close the connections."""
        self.session.close()


def open_session(base_url: str, feed: str | None, pace: Pace, utc_now: Callable[[], str]) -> FeedSession:
    """A session with the feeds; the pace is slowed down to what they allow.

    Args:
        base_url: Reddit, or a server that stands in for it.
        feed: the query of a reader's own feed address (`feed=…&user=…`), or the whole address.
        pace: keeps the distance between requests.
        utc_now: the wall clock as ISO 8601 UTC.
    """
    token = {name: value for name, value in parse_qsl((feed or "").rpartition("?")[2]) if name in _TOKEN_PARTS}
    pace.seconds_between = max(pace.seconds_between, SECONDS_BETWEEN_WITH_TOKEN if token else SECONDS_BETWEEN)
    return FeedSession(open_plain(NAME, base_url, pace, utc_now), token)


def first_tasks(thread: str) -> list[Task]:
    """The thread's feed: its post, and how many comments there are to be collected by another source."""
    return revisit_tasks(thread, [])


def revisit_tasks(thread: str, known_ids: Sequence[str], _declared: int | None = None) -> list[Task]:
    """The thread's feed; the thread is due (`Page.threads`) when it shows a comment whose native id is not known."""
    return [Task(NAME, thread, "thread", {"known": " ".join(known_ids)})]


def listing_tasks(listing: Listing) -> list[Task]:
    """The newest posts of a community or a search, back to where the listing begins, if the feed goes back so far.

    Raises:
        LinkError: the community's name is none.
    """
    return [Task(NAME, listing.target, "listing", start(listing))]


def fetch(task: Task, session: FeedSession, reading: Reading) -> Page:
    """Fetch one feed."""
    return _thread(task, session, reading) if task.kind == "thread" else _listing(task, session, reading)


def _thread(task: Task, session: FeedSession, reading: Reading) -> Page:
    feed = session.get_feed(f"/comments/{task.target[3:]}/.rss", {"limit": _LIMIT, "sort": "new"})
    page = _read(feed, reading)
    page.observations = [seen for seen in page.observations if seen.native_id == task.target]
    known = str(task.payload["known"]).split()
    comments = {each for entry in _entries(feed) if (each := _text(entry, "id")).startswith("t1_")}
    new = len(comments.difference(known))
    if new:
        page.threads = [task.target]
        page.problems.append(
            f"{new} new comments, of which a feed does not tell what they reply to; another source collects them"
        )
    return page


def _listing(task: Task, session: FeedSession, reading: Reading) -> Page:
    told = task.payload
    feed = session.get_feed(*_feed_of(told))
    page = _read(feed, reading)
    posts = [each for entry in _entries(feed) if (each := _text(entry, "id")).startswith("t3_")]
    seen, is_new, is_reached = take_newest_first(page, told)
    if is_reached or len(posts) < FULL_FROM:
        return page
    if is_new and told["after"] is not None:
        further = told | {"cursor": posts[-1], "seen": " ".join(seen)}
        page.tasks.append(Task(NAME, task.target, task.kind, further))
    else:
        page.problems.append(f"the feed goes back {len(seen)} posts; older ones need the archive")
    return page


def _feed_of(told: dict[str, Any]) -> tuple[str, dict[str, str]]:
    asked = {"limit": _LIMIT} | ({"after": str(told["cursor"])} if "cursor" in told else {})
    if told["kind"] == "community":
        return f"/r/{told['name']}/new/.rss", asked
    asked |= {"q": told["name"], "sort": "new", "type": "link"}
    if told["community"] is None:
        return "/search.rss", asked
    return f"/r/{told['community']}/search.rss", asked | {"restrict_sr": "1"}


def _read(feed: Element, reading: Reading) -> Page:
    """The posts of a feed; comments are passed over, and so are communities that a search found."""
    page = Page()
    for number, entry in enumerate(_entries(feed)):
        native_id = _text(entry, "id")
        if native_id.startswith(("t1_", "t5_")):
            continue
        try:
            row = _row(entry, native_id)
        except ValueError as error:
            page.unreadable.append(Unreadable(f"entry[{number}]", str(error)))
        else:
            page.take(observations(row, reading, f"entry[{number}]"))
    return page


def _row(entry: Element, native_id: str) -> dict[str, Any]:
    """A post in the shape of Reddit's JSON, so that the same rules hold for it."""
    if not _ID.fullmatch(native_id):
        raise ValueError("it bears no id of a post")
    written = entry.find(f"{_ATOM}content")
    content = soup(written.text or "" if written is not None else "")
    category = entry.find(f"{_ATOM}category")
    name = _text(entry, f"author/{_ATOM}name")
    row = {
        "name": native_id,
        "title": _text(entry, "title"),
        "selftext": html_text(content.find("div", class_="md")) or "",
        # Its entities are characters by now, and this says so.
        "selftext_html": "<div>",
        "created_utc": datetime.fromisoformat(_text(entry, "published") or _text(entry, "updated")).timestamp(),
        "subreddit": None if category is None else category.get("term"),
    }
    return row | {"author": name.strip().removeprefix("/u/")} if name else row


def _entries(feed: Element) -> list[Element]:
    return feed.findall(f"{_ATOM}entry")


def _text(entry: Element, name: str) -> str:
    return (entry.findtext(f"{_ATOM}{name}") or "").strip()


def _feed(answer: httpx.Response, body: bytes) -> Element:
    """The root of a good answer."""
    text = body.decode(answer.charset_encoding or "utf-8", "replace")
    if _HTML.match(text):
        raise SiteError("login-page", "an HTML page came in place of a feed", status=answer.status_code)
    try:
        feed: Element = defusedxml.ElementTree.fromstring(body)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise SiteError("broken-answer", "the answer is no whole feed", status=answer.status_code) from error
    if feed.tag != f"{_ATOM}feed":
        raise SiteError("broken-answer", "the answer is XML, but no feed", status=answer.status_code)
    return feed


def _without_token(url: str) -> str:
    address, _, query = url.partition("?")
    kept = "&".join(part for part in query.split("&") if part.partition("=")[0] not in _TOKEN_PARTS)
    return f"{address}?{kept}" if kept else address
