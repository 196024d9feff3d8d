"""Reddit threads with a key: the page, then all its stubs merged a hundred ids at a time, then the deep branches.

The walk is ours, on raw JSON: every comment that Reddit shows, one request a piece of work, nothing cut off in silence.
"""

from collections.abc import Iterator
from typing import Any

from collector.reading import Reading
from collector.reddit_items import observations
from collector.reddit_session import NAME, RedditSession
from collector.session import SiteError
from collector.source import Page
from db.queries.runs import Task

PAGE = "500"
CHUNK = 100


def first_tasks(thread: str) -> list[Task]:
    """The thread's page."""
    return [Task(NAME, thread, "page", {})]


def fetch(task: Task, session: RedditSession, reading: Reading) -> Page:
    """Fetch the page, up to a hundred named comments, or a branch that goes on elsewhere."""
    if task.kind == "more":
        return _more(task, session, reading)
    if task.kind == "info":
        return _info(task, session, reading)
    path = f"/comments/{task.target[3:]}/"
    if task.kind == "branch":
        path += f"_/{task.payload['comment']}"
    answer = session.get_json(path, {"limit": PAGE, "sort": "top"})
    if not isinstance(answer, list):
        raise SiteError("broken-answer", "the answer is no thread")
    return _page(answer, task.target, reading)


def _more(task: Task, session: RedditSession, reading: Reading) -> Page:
    """Comments by their ids. The site passes over some; those are looked up, then asked for once more, then one by one."""
    ids = task.payload["ids"]
    form = {"api_type": "json", "children": ",".join(ids), "link_id": task.target, "sort": "top"}
    answer = session.post_json("/api/morechildren/", form)
    page = _page(answer, task.target, reading)
    named = {child for stub in _things(answer, "more") for child in _children(stub)}
    named.update(str(comment.get("id")) for comment in _things(answer, "t1"))
    missing = [child for child in ids if child not in named]
    if missing and task.payload.get("again"):
        page.tasks += [Task(NAME, task.target, "branch", {"comment": child}) for child in missing]
    elif missing:
        page.tasks.append(Task(NAME, task.target, "info", {"ids": missing}))
    return page


def _info(task: Task, session: RedditSession, reading: Reading) -> Page:
    """Which of some comments there are at all."""
    answer = session.get_json("/api/info/", {"id": ",".join(f"t1_{child}" for child in task.payload["ids"])})
    page = _page(answer, task.target, reading)
    there = [found.native_id[3:] for found in page.observations]
    if there:
        page.tasks.append(Task(NAME, task.target, "more", {"ids": there, "again": True}))
    return page


def _page(answer: Any, thread: str, reading: Reading) -> Page:
    page = Page()
    page.take(observations(answer, reading))
    waiting: list[str] = []
    branches: list[tuple[int, str]] = []
    for stub in _things(answer, "more"):
        children = _children(stub)
        parent = str(stub.get("parent_id"))
        if children:
            waiting += children
        elif parent.startswith("t1_"):
            depth = stub.get("depth")
            branches.append((depth if isinstance(depth, int) else 0, parent[3:]))
    held = {found.native_id[3:] for found in page.observations}
    waiting = [child for child in dict.fromkeys(waiting) if child not in held]
    page.tasks = [Task(NAME, thread, "more", {"ids": waiting[at : at + CHUNK]}) for at in range(0, len(waiting), CHUNK)]
    page.tasks += [Task(NAME, thread, "branch", {"comment": comment}) for _, comment in sorted(branches, reverse=True)]
    return page


def _children(stub: dict[str, Any]) -> list[str]:
    children = stub.get("children")
    return (
        [child for child in children if isinstance(child, str) and child != "_"] if isinstance(children, list) else []
    )


def _things(node: Any, kind: str) -> Iterator[dict[str, Any]]:
    """The data of all things of a kind in an answer."""
    stack = [node]
    while stack:
        value = stack.pop()
        if isinstance(value, list):
            stack += value
        elif isinstance(value, dict):
            if value.get("kind") == kind and isinstance(value.get("data"), dict):
                yield value["data"]
            stack += [child for name, child in value.items() if name in _HOLDERS]


_HOLDERS = frozenset({"json", "data", "things", "children", "replies"})
