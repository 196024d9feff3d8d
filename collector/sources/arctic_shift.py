"""Reddit threads without a key, from the Arctic Shift archive: the post by its id, then its whole tree.

Where the tree leaves something out (it holds `more` stubs, or fewer comments than the post announces), all comments are
fetched flat by time too, a hundred at a time, until a page is not full.
The archive looks at a post twice, the second time about 36 hours later; scores and deletions are as of that look.
"""

from collections.abc import Iterator
from typing import Any

from collector.reading import Reading
from collector.reddit_items import observations
from collector.session import Session, SiteError
from collector.source import Page
from db.queries.runs import Task
from db.records import Unreadable

NAME = "arctic_shift"
TREE_LIMIT = 25_000
PAGE = 100


def first_tasks(thread: str) -> list[Task]:
    """The post that opens the thread; its tree follows, whether the archive holds the post or not."""
    return [Task(NAME, thread, "post", {})]


def fetch(task: Task, session: Session, reading: Reading) -> Page:
    """Fetch the post, the tree, or a page of the flat list."""
    if task.kind == "post":
        return _post(task, session, reading)
    if task.kind == "tree":
        return _tree(task, session, reading)
    return _flat(task, session, reading)


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


def _page(rows: list[Any], reading: Reading) -> Page:
    page = Page()
    page.take(observations(rows, reading, "data"))
    return page


def _second(row: Any) -> int | None:
    try:
        return int(float(row["created_utc"]))
    except (TypeError, KeyError, ValueError, OverflowError):
        return None


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
