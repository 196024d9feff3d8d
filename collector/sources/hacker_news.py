"""Hacker News threads without a key, from Algolia's API: a whole tree by one request, stories by search.

A search shows at most a thousand hits whatever the page, so it goes back in time: the next window ends at the oldest
second that was seen, which is asked for again, since the hits of that second may have been cut.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

import msgspec

from collector.json_values import whole_number
from collector.markup import html_text
from collector.reading import Reading
from collector.session import Session, SiteError
from collector.source import Listing, Page
from collector.text import canonical
from collector.times import from_epoch, to_epoch
from db.queries.runs import Task
from db.records import Observation, Unreadable

NAME = "hacker_news"
PLATFORM = "hn"
COMMUNITY = "Hacker News"
HITS = 1000
CHUNK = 100
LISTS = frozenset({"story", "ask_hn", "show_hn", "front_page", "poll", "job"})
"""What a listing of kind `community` may be called: the tags by which the site tells its stories apart."""

_GONE_TEXTS = {"[deleted]": "deleted_by_author", "[flagged]": "removed", "[dead]": "removed"}
_DELAYED = "[delayed]"
_OUR_HOST = "news.ycombinator.com"
_USER_PAGE = re.compile(r"(news\.ycombinator\.com/(?:user|threads|submitted|favorites)\?id=)([\w-]{2,15})")
_ITEM_LIMIT = 65_536
_KEPT = (
    "id", "objectID", "type", "created_at", "created_at_i", "title", "url", "text", "story_text", "points", "parent_id",
    "story_id", "num_comments",
)  # fmt: skip
"""What is kept of an item that could not be read: the fields that are read, but for those that name people."""


def first_tasks(thread: str) -> list[Task]:
    """The whole tree; a comment's id leads to its story."""
    return [Task(NAME, thread, "item", {})]


def listing_tasks(listing: Listing) -> list[Task]:
    """The newest stories of a list, or those that hold some words.

    Raises:
        ValueError: the site has no such list.
    """
    is_search = listing.kind == "search"
    tags = (listing.community or "story") if is_search else listing.name
    if tags not in LISTS:
        raise ValueError(f"Hacker News has no list {tags!r}; it has {', '.join(sorted(LISTS))}")
    payload = {
        "query": listing.name if is_search else "",
        "tags": tags,
        "after": to_epoch(listing.after),
        "before": to_epoch(listing.before),
    }
    return [Task(NAME, listing.target, "search", payload)]


def recheck_tasks(native_ids: Sequence[str]) -> list[Task]:
    """Look at stored posts again, a hundred a chain of requests.

    Parents are older than their replies and bear smaller ids, so that an answer holds what else is to be looked at
    below it: where a story is among the posts, one request serves its whole thread.
    """
    ids = sorted(dict.fromkeys(native_ids), key=int)
    return [Task(NAME, "recheck", "recheck", {"ids": ids[at : at + CHUNK]}) for at in range(0, len(ids), CHUNK)]


def fetch(task: Task, session: Session, reading: Reading) -> Page:
    """Fetch a tree, a window of a search, or the next post that is to be looked at again."""
    if task.kind == "search":
        return _search(task, session, reading)
    if task.kind == "recheck":
        return _recheck(task, session, reading)
    return _thread(task, session, reading)


def _thread(task: Task, session: Session, reading: Reading) -> Page:
    asked = str(task.payload.get("story", task.target))
    page, story = _item(asked, session, reading)
    if story not in (None, asked):
        if "story" in task.payload:
            page.problems.append(f"{asked} was told to be a story, and belongs to {story}")
        else:
            page.tasks.append(Task(NAME, task.target, "item", {"story": story}))
    return page


def _recheck(task: Task, session: Session, reading: Reading) -> Page:
    asked, *others = task.payload["ids"]
    try:
        page, _ = _item(asked, session, reading)
    except SiteError as error:
        if error.name != "gone":
            raise
        page = Page(missing=[asked])
    seen = {found.native_id for found in page.observations}
    if left := [other for other in others if other not in seen]:
        page.tasks.append(Task(NAME, task.target, "recheck", {"ids": left}))
    return page


def _item(asked: str, session: Session, reading: Reading) -> tuple[Page, str | None]:
    """An item with all that stands below it, and the story to which it belongs."""
    answer = session.get_json(f"/api/v1/items/{asked}", {})
    if not isinstance(answer, dict) or "id" not in answer:
        raise SiteError("broken-answer", "the answer is no item")
    page, story = Page(), _story(answer)
    if story is not None:
        page.take(_tree(answer, story, reading))
    elif answer.get("type") is None:
        raise SiteError("gone", f"the site shows nothing of {asked} but its id")
    else:
        page.unreadable.append(Unreadable("", "it does not tell to which story it belongs", _kept(answer, reading)))
    return page, story


def _story(answer: dict[str, Any]) -> str | None:
    """The id of the story at the top, also where a deleted item at the top says nothing and its replies know."""
    if answer.get("type") not in (None, "comment"):
        return _id_or_none(answer["id"])
    children = answer.get("children")
    replies = children if isinstance(children, list) else []
    told = [answer, *(reply for reply in replies if isinstance(reply, dict))]
    return next((story for item in told if (story := _id_or_none(item.get("story_id"))) is not None), None)


def _tree(answer: dict[str, Any], story: str, reading: Reading) -> Iterator[Observation | Unreadable]:
    """All posts of an answer, parents first.

    The tree tells no number of comments. It counts itself, with the items that cannot be read, so that a thread of which
    some are missing is not called whole; a listing's `num_comments` leaves out the dead ones, which the tree shows.
    """
    nodes = list(_nodes(answer))
    for place, item, above in nodes:
        yield _read(item, place, reading, story=story, above=above, comments=len(nodes) - 1)


def _nodes(answer: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Each item with its place and the id of the one above it. Options of a poll are part of its text, not posts."""
    stack: list[tuple[str, Any, Any]] = [("", answer, None)]
    while stack:
        place, item, above = stack.pop()
        yield place, item, above
        if not isinstance(item, dict):
            continue
        here, inner = item.get("id"), f"{place}.children".removeprefix(".")
        children = item.get("children")
        if isinstance(children, list):
            stack += [
                (f"{inner}[{index}]", child, here)
                for index, child in reversed(list(enumerate(children)))
                if not (isinstance(child, dict) and child.get("type") == "pollopt")
            ]
        elif children is not None:
            stack.append((inner, children, here))


def _search(task: Task, session: Session, reading: Reading) -> Page:
    asked = task.payload
    limits = [("created_at_i>=", asked["after"]), ("created_at_i<", asked["before"])]
    filters = ",".join(f"{name}{moment}" for name, moment in limits if moment is not None)
    parameters = {"query": asked["query"], "tags": asked["tags"], "numericFilters": filters, "hitsPerPage": str(HITS)}
    answer = session.get_json(
        "/api/v1/search_by_date", {name: value for name, value in parameters.items() if value != ""}
    )
    hits = answer.get("hits") if isinstance(answer, dict) else None
    if not isinstance(hits, list):
        raise SiteError("broken-answer", "the answer holds no hits")
    page = Page()
    page.take(_read_hit(hit, f"hits[{place}]", reading) for place, hit in enumerate(hits))
    ids = (_id_or_none(hit.get("objectID")) for hit in hits if isinstance(hit, dict) and not _is_comment(hit))
    page.threads = list(dict.fromkeys(found for found in ids if found is not None))
    told = answer.get("nbHits")
    if len(hits) >= HITS or (isinstance(told, int) and told > len(hits)):
        _go_back(page, task, hits, told)
    return page


def _go_back(page: Page, task: Task, hits: list[Any], told: Any) -> None:
    """Ask for what is older than the hits of a window that is not whole; tell where that cannot be done."""
    after, before = task.payload["after"], task.payload["before"]
    times = [moment for hit in hits if (moment := _second(hit)) is not None]
    if not times:
        page.problems.append(f"the search tells of {told} stories and shows none with its time")
        return
    oldest = min(times)
    if before is not None and oldest >= before:
        page.problems.append(
            f"the search shows stories of {from_epoch(oldest)} when asked for older ones; it ends there"
        )
        return
    if times != sorted(times, reverse=True):
        page.problems.append(
            f"the search does not show the newest first; some since {from_epoch(oldest)} may be missing"
        )
    windows = [(after, oldest + 1)]
    if oldest + 1 == before:
        # All hits are of one second: it is asked for by itself, so that the site tells how many it has.
        windows = [(oldest, oldest + 1), (after, oldest)]
        if after == oldest:
            windows = []
            if told != len(hits):
                page.problems.append(f"the search shows {len(hits)} of {told} stories of {from_epoch(oldest)}")
    page.tasks += [
        Task(NAME, task.target, "search", task.payload | {"after": start, "before": end})
        for start, end in windows
        if start is None or start < end
    ]


def _read_hit(hit: Any, place: str, reading: Reading) -> Observation | Unreadable:
    """A hit of a search, brought to the form of an item."""
    if not isinstance(hit, dict) or _is_comment(hit):
        return Unreadable(place, "it is no story")
    tags = hit["_tags"] if isinstance(hit.get("_tags"), list) else []
    kind = next((tag for tag in ("poll", "job") if tag in tags), "story")
    item = hit | {"id": hit.get("objectID"), "type": kind, "text": hit.get("story_text")}
    return _read(item, place, reading, story=str(item["id"]), above=None, comments=hit.get("num_comments"))


def _is_comment(hit: dict[str, Any]) -> bool:
    return hit.get("parent_id") is not None


def _read(
    item: Any, place: str, reading: Reading, *, story: str, above: Any, comments: Any
) -> Observation | Unreadable:
    if not isinstance(item, dict):
        return Unreadable(place, f"an item is {type(item).__name__}, not an object")
    try:
        return _observation(item, reading, story=story, above=above, comments=comments)
    except (ValueError, TypeError, OverflowError) as error:
        return Unreadable(place, _hide(str(error), reading), _kept(item, reading))


def _observation(item: dict[str, Any], reading: Reading, *, story: str, above: Any, comments: Any) -> Observation:
    native_id = _id(item.get("id"))
    is_post = native_id == story
    state, title, text = _content(item, reading)
    created_at = from_epoch(item.get("created_at_i"))
    if created_at is None and state == "live":
        raise ValueError("created_at_i is missing")
    told_parent = item.get("parent_id")
    return Observation(
        platform=PLATFORM,
        native_id=native_id,
        thread=story,
        parent=None if is_post else _id(above if told_parent is None else told_parent),
        kind="post" if is_post else "comment",
        author=reading.people.author(PLATFORM, _string(item, "author") or None, story),
        community=COMMUNITY,
        created_at=created_at,
        edited_at=None,
        title=title if is_post else None,
        text=text,
        url=_page(native_id),
        thread_url=_page(story),
        score=whole_number(item.get("points")),
        state=state,
        observed_at=reading.observed_at or reading.otherwise_at,
        declared_count=whole_number(comments) if is_post else None,
        cut=item.get("type") == "poll" and "options" not in item,
    )


def _content(item: dict[str, Any], reading: Reading) -> tuple[str, str | None, str | None]:
    """The state, title and text. An outside address that a story links to, and a poll's options, end the text."""
    title, text = canonical(_string(item, "title")), html_text(_string(item, "text"))
    state = _gone(item, title, text)
    if state is not None:
        return state, None, None
    parts = ["" if text is None or text == _DELAYED else text, _options(item), _outside(item)]
    whole = "\n\n".join(part for part in parts if part)
    return "live", title and _hide(title, reading), _hide(whole, reading) if whole else None


def _gone(item: dict[str, Any], title: str | None, text: str | None) -> str | None:
    """What took the text away. The site shows a deleted item and a killed one alike: with nothing but its id."""
    if text is not None and text in _GONE_TEXTS:
        return _GONE_TEXTS[text]
    if item.get("dead"):
        return "removed"
    is_empty = text is None and title is None and not item.get("author")
    return "deleted_by_author" if item.get("deleted") or is_empty else None


def _options(item: dict[str, Any]) -> str:
    """A poll's options as a list. Without their points: those would make a new text of each look."""
    options = item.get("options")
    if not isinstance(options, list):
        return ""
    texts = (html_text(_string(option, "text")) for option in options if isinstance(option, dict))
    return "\n".join(f"- {text}" for text in texts if text)


def _outside(item: dict[str, Any]) -> str:
    url = canonical(_string(item, "url"), escaped=False) or ""
    try:
        return "" if urlsplit(url).hostname == _OUR_HOST else url.strip()
    except ValueError:
        return url.strip()


def _hide(text: str, reading: Reading) -> str:
    people = reading.people
    text = _USER_PAGE.sub(lambda found: found[1] + people.of(PLATFORM, found[2]), text)
    return people.hide_names(PLATFORM, text)


def _kept(item: dict[str, Any], reading: Reading) -> str | None:
    """The item as it may be kept: only fields that name nobody, no name in its texts, nothing that is too large."""
    packed = msgspec.json.encode({name: _told(item[name], reading) for name in _KEPT if name in item})
    return packed.decode() if len(packed) <= _ITEM_LIMIT else None


def _told(value: Any, reading: Reading) -> Any:
    if isinstance(value, str):
        return _hide(html_text(value) or "", reading)
    return value if isinstance(value, int | float | None) else type(value).__name__


def _page(native_id: str) -> str:
    return f"https://{_OUR_HOST}/item?id={native_id}"


def _id(value: Any) -> str:
    if (isinstance(value, int) and not isinstance(value, bool) and value >= 0) or (
        isinstance(value, str) and value.isascii() and value.isdigit()
    ):
        return str(value)
    raise ValueError(f"{value!r} is no id")


def _id_or_none(value: Any) -> str | None:
    try:
        return _id(value)
    except ValueError:
        return None


def _string(item: dict[str, Any], name: str) -> str | None:
    value = item.get(name)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"its {name} is {type(value).__name__}, not text")
    return value


def _second(hit: Any) -> int | None:
    """When a hit was made, in seconds since 1970."""
    try:
        return int(hit["created_at_i"])
    except (TypeError, KeyError, ValueError, OverflowError):
        return None
