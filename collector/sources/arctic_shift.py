"""Reddit without a key, from the Arctic Shift archive: whole threads, the posts of communities, what share links hide.

A thread is its post by the id, then its whole tree. Where the tree leaves something out (it holds `more` stubs, or fewer
comments than the post announces), all comments are fetched flat by time too, a hundred at a time, until a page is not
full. A listing is a window of time, from its beginning on.
The archive looks at a post twice, the second time about 36 hours later; scores and deletions are as of that look.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import httpx

from collector.links import LinkError, parse_link
from collector.reading import Reading
from collector.reddit_items import PLATFORM, observations
from collector.reddit_listings import community_of
from collector.session import Session, SiteError
from collector.source import Listing, Page
from collector.times import to_epoch
from db.queries.runs import Task
from db.records import Unreadable

__all__ = ["NAME", "PLATFORM", "fetch", "first_tasks", "listing_tasks", "resolve_shares"]

NAME = "arctic_shift"
TREE_LIMIT = 25_000
PAGE = 100
SHARES = 200
"""The service takes a thousand paths at once; so many would make an address longer than some servers between allow."""
NARROWEST_SECONDS = 3600
STALLS = 2
"""How often a listing goes on by a second when a page shows nothing new: its second may bear more posts than a page holds."""
_FIRST_POST = 1_119_484_800
"""Reddit began on 2005-06-23."""
_SHARE_PATH = re.compile(r"/(?:r|u|user)/[\w-]+/s/\w+", re.ASCII)


def first_tasks(thread: str) -> list[Task]:
    """The post that opens the thread; its tree follows, whether the archive holds the post or not."""
    return [Task(NAME, thread, "post", {})]


def listing_tasks(listing: Listing) -> list[Task]:
    """The posts of a community, or those among them that a search finds, from the beginning of its window on.

    Raises:
        LinkError: the community's name is none, or a search names no community.
    """
    place = community_of(listing)
    if place is None:
        raise LinkError("the archive searches one community at a time: name it, or search with Reddit's own API")
    asked = {"community": place, "query": None if listing.kind == "community" else listing.name}
    window = {"after": to_epoch(listing.after) or _FIRST_POST, "before": to_epoch(listing.before)}
    return [Task(NAME, listing.target, "listing", asked | window | {"held": "", "stalled": 0})]


def resolve_shares(session: Session, paths: Sequence[str]) -> dict[str, str]:
    """The threads that share links (`/r/NAME/s/CODE`) lead to, by their paths; those that the archive never saw are left out.

    Raises:
        SiteError: the archive does not answer.
    """
    found: dict[str, str] = {}
    wanted = list(dict.fromkeys(path for path in paths if _SHARE_PATH.fullmatch(path)))
    for at in range(0, len(wanted), SHARES):
        some = wanted[at : at + SHARES]
        for row in _data(_ask_unnamed(session, "/api/short_links", {"paths": ",".join(some)})):
            path, thread = _share(row, some)
            if path is not None and thread is not None:
                found[path] = thread
    return found


def fetch(task: Task, session: Session, reading: Reading) -> Page:
    """Fetch the post, the tree, a page of the flat list, or a page of a listing."""
    return _KINDS[task.kind](task, session, reading)


def _post(task: Task, session: Session, reading: Reading) -> Page:
    rows = _data(session.get_json("/api/posts/ids", {"ids": task.target}))
    page = _page(rows, reading)
    if not rows:
        page.unreadable.append(Unreadable("", f"gone: the archive does not hold {task.target}"))
    announced = max((found.declared_count or 0 for found in page.observations), default=0)
    page.tasks.append(Task(NAME, task.target, "tree", {"announced": announced}))
    return page


def _tree(task: Task, session: Session, reading: Reading) -> Page:
    asked = {"link_id": task.target, "limit": str(TREE_LIMIT)}
    rows = _data(session.get_json("/api/comments/tree", asked))
    page = _page(rows, reading)
    is_short = len(page.observations) < int(task.payload["announced"])
    if is_short or any(True for _ in _stubs(rows)):
        page.tasks.append(Task(NAME, task.target, "flat", {"after": 0}))
    return page


def _flat(task: Task, session: Session, reading: Reading) -> Page:
    after = int(task.payload["after"])
    asked = {"link_id": task.target, "limit": str(PAGE), "sort": "asc", "after": str(after)}
    rows = _data(session.get_json("/api/comments/search", asked))
    page = _page(rows, reading)
    times = [time for row in rows if (time := _second(row)) is not None]
    if len(rows) >= PAGE and times:
        # One second of overlap, since many comments may bear the second at which the page was cut.
        further = max(max(times) - 1, after + 1)
        page.tasks.append(Task(NAME, task.target, "flat", {"after": further}))
    return page


def _listing(task: Task, session: Session, reading: Reading) -> Page:
    told = task.payload
    begin, end = int(told["after"]), told["before"]
    # Whether the archive leaves out posts of the very second that is named differs; what is too much is dropped here.
    asked = {"subreddit": told["community"], "sort": "asc", "limit": "auto", "after": str(begin - 1)}
    asked |= {"query": told["query"]} if told["query"] is not None else {}
    asked |= {"before": str(end)} if end is not None else {}
    try:
        rows = _data(session.get_json("/api/posts/search", asked))
    except SiteError as error:
        halves = _halves(begin, to_epoch(session.utc_now()) if end is None else end)
        if error.status != httpx.codes.UNPROCESSABLE_ENTITY or error.name != "slow-down" or not halves:
            raise
        return Page(tasks=[replace(task, payload=told | {"after": first, "before": last}) for first, last in halves])
    held = str(told["held"]).split()
    inside = [row for row in rows if _is_inside(row, begin, end)]
    page = _page([row for row in inside if _native_id(row) not in held], reading)
    page.threads = [seen.native_id for seen in page.observations]
    if len(rows) < PAGE:
        return page
    if page.threads or page.unreadable:
        last = max((second for row in inside if (second := _second(row)) is not None), default=begin)
        here = [each for row in inside if _second(row) == last and (each := _native_id(row)) is not None]
        further = {"after": last, "held": " ".join(held + here if last == begin else here), "stalled": 0}
    elif told["stalled"] < STALLS:
        further = {"after": begin + 1, "held": "", "stalled": told["stalled"] + 1}
    else:
        page.problems.append("the archive shows the same posts again and again; what comes after them is missing")
        return page
    page.tasks.append(replace(task, payload=told | further))
    return page


def _is_inside(row: Any, begin: int, end: int | None) -> bool:
    second = _second(row)
    return second is None or (begin <= second and (end is None or second < end))


def _halves(begin: int, end: int | None) -> list[tuple[int, int]]:
    """The two halves of a window in which the archive ran out of time; none where it is narrow already."""
    if end is None or end - begin < 2 * NARROWEST_SECONDS:
        return []
    middle = begin + (end - begin) // 2
    return [(begin, middle), (middle, end)]


def _ask_unnamed(session: Session, path: str, asked: dict[str, str]) -> Any:
    """Ask, and record the request without what was asked for, since a path may name a person."""
    earlier = len(session.requests)
    try:
        return session.get_json(path, asked)
    finally:
        session.requests[earlier:] = [
            replace(request, url=request.url.partition("?")[0]) for request in session.requests[earlier:]
        ]


def _share(row: Any, paths: Sequence[str]) -> tuple[str | None, str | None]:
    """The path that a row is about, and the thread that it leads to."""
    if not isinstance(row, dict) or not isinstance(row.get("resolved_path"), str):
        return None, None
    values = [value for value in row.values() if isinstance(value, str)]
    path = paths[0] if len(paths) == 1 else next((each for each in paths if each in values), None)
    try:
        return path, parse_link(f"https://www.reddit.com{row['resolved_path']}").thread
    except LinkError:
        return path, None


def _page(rows: list[Any], reading: Reading) -> Page:
    page = Page()
    page.take(observations(rows, reading, "data"))
    return page


def _second(row: Any) -> int | None:
    try:
        return int(float(row["created_utc"]))
    except (TypeError, KeyError, ValueError, OverflowError):
        return None


def _native_id(row: Any) -> str | None:
    found = row.get("id") if isinstance(row, dict) else None
    return found if isinstance(found, str) else None


def _data(answer: Any) -> list[Any]:
    if not isinstance(answer, dict) or "data" not in answer:
        raise SiteError("broken-answer", "the answer holds no data")
    if answer.get("error"):
        raise SiteError("refused-request", str(answer["error"])[:200])
    return answer["data"] if isinstance(answer["data"], list) else []


def _stubs(node: Any) -> Iterator[dict[str, Any]]:
    stack = [node]
    while stack:
        value = stack.pop()
        if isinstance(value, list):
            stack += value
        elif isinstance(value, dict):
            if value.get("kind") == "more":
                yield value
            else:
                stack += [child for name, child in value.items() if name in ("data", "children", "replies")]


_KINDS = {"post": _post, "tree": _tree, "flat": _flat, "listing": _listing}
