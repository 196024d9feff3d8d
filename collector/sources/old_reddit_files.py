"""Threads of old.reddit.com as a browser saved them: the page's HTML, turned into the rows that Reddit's JSON holds.

A page shows the first comments of a thread; for the others it holds stubs ("load more comments"), which are passed
over. What is missing is told by the number of comments that the page announces.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from bs4.element import Tag

from collector import reddit_items
from collector.files import HtmlPage
from collector.markup import html_text, soup
from collector.reading import Reading
from collector.times import from_text
from db.records import Observation, Unreadable

NAME = "old_reddit_files"
_THREAD = re.compile(r"/comments/([0-9a-z]+)/")
_PARENT = re.compile(r"^[^#]*#([0-9a-z]+)$|^[^#]*/comments/[0-9a-z]+/[^/#]*/([0-9a-z]+)")
_SERVER_TIME = re.compile(r'"server_time":\s*(\d{9,11})(?:\.\d+)?\b')
_NUMBER = re.compile(r"\d[\d,.]*")


def recognises(document: Any) -> bool:
    """Tell whether a page holds posts in the way old.reddit.com writes them."""
    return isinstance(document, HtmlPage) and re.search(r'data-fullname=["\']?t[13]_', document.markup) is not None


def observations(document: HtmlPage, reading: Reading, position: str = "") -> Iterator[Observation | Unreadable]:
    """The post and the comments of a saved page, in the order in which they stand there."""
    page = soup(document.markup)
    seen_at = _SERVER_TIME.search(document.markup)
    opening = page.select_one("#siteTable .thing.link[data-fullname]")
    thread = str(opening["data-fullname"]) if opening else None
    for thing in page.select(".thing.link[data-fullname], .thing.comment[data-fullname]"):
        if thing.get("data-promoted") == "true":
            continue
        place = f"{position} {thing['data-fullname']}".strip()
        try:
            row = _link(thing) if "link" in thing["class"] else _comment(thing, thread)
        except (ValueError, OverflowError, RecursionError) as error:
            yield Unreadable(place, str(error))
            continue
        row["retrieved_on"] = seen_at and seen_at[1]
        yield from reddit_items.observations(row, reading, place)


def _link(thing: Tag) -> dict[str, Any]:
    title = _own(thing, "p.title > a.title")
    return _row(thing) | {
        "title": title.get_text() if title else None,
        "selftext": _text(thing) or "",
        "selftext_html": "<p>",
        "score": _whole(thing.get("data-score")) if "data-score" in thing.attrs else _score(thing),
        "num_comments": _announced(thing),
    }


def _comment(thing: Tag, opening: str | None) -> dict[str, Any]:
    named = _THREAD.search(str(thing.get("data-permalink", "")))
    thread = f"t3_{named[1]}" if named else opening
    if thread is None:
        raise ValueError("the page does not say to which thread it belongs")
    text = _text(thing)
    if text is None:
        raise ValueError("its text is missing")
    return _row(thing) | {
        "link_id": thread,
        "parent_id": _parent(thing, thread),
        "body": text,
        "body_html": "<p>",
        "score": _score(thing),
    }


def _row(thing: Tag) -> dict[str, Any]:
    written, edited = (
        _own(thing, f".tagline time{which}") for which in (":not(.edited-timestamp)", ".edited-timestamp")
    )
    return {
        "name": thing["data-fullname"],
        "author": thing.get("data-author") or "[deleted]",
        "subreddit": thing.get("data-subreddit"),
        "created_utc": _second(written) or _whole(thing.get("data-timestamp"), 1000),
        "edited": _second(edited),
    }


def _parent(thing: Tag, thread: str) -> str:
    """What a comment answers: what the page links to as its parent, or within which it stands, or the thread."""
    link = _own(thing, 'a[data-event-action="parent"]')
    named = _PARENT.search(str(link["href"])) if link and link.get("href") else None
    if named:
        return f"t1_{named[1] or named[2]}"
    above = thing.find_parent(class_="comment")
    if above is not None and above.get("data-fullname"):
        return str(above["data-fullname"])
    if thing.find_parent(class_="nestedlisting") is None:
        raise ValueError("a comment outside its thread, whose parent is not known")
    return thread


def _text(thing: Tag) -> str | None:
    shown = _own(thing, ".usertext-body .md")
    if shown is not None:
        return html_text(shown) or ""
    return "[deleted]" if "deleted" in thing["class"] else None


def _score(thing: Tag) -> int | None:
    shown = _own(thing, ".score.unvoted[title]") or _own(thing, ".score.unvoted[title]", "midcol")
    return _whole(shown["title"]) if shown else None


def _announced(thing: Tag) -> int | None:
    if "data-comments-count" in thing.attrs:
        return _whole(thing["data-comments-count"])
    link = _own(thing, "a.comments")
    number = _NUMBER.search(link.get_text()) if link else None
    return int(re.sub(r"\D", "", number[0])) if number else None


def _own(thing: Tag, selector: str, part: str = "entry") -> Tag | None:
    """What a part of a post holds; the comments below it stand in another part, which is not looked through."""
    holder = thing.find(class_=part, recursive=False)
    return holder.select_one(selector) if isinstance(holder, Tag) else None


def _second(moment: Tag | None) -> float | None:
    written = moment.get("datetime") if moment else None
    return datetime.fromisoformat(from_text(str(written))).timestamp() if written else None


def _whole(value: Any, divisor: int = 1) -> int | None:
    """A number in an attribute; None where it is none, as for a score that is still hidden."""
    return int(value) // divisor if re.fullmatch(r"-?\d{1,16}", str(value)) else None
