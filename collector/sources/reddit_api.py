"""Reddit threads with a key: the page, then all its stubs merged a hundred ids at a time, then the deep branches.

The walk is ours, on raw JSON: every comment that Reddit shows, one request a piece of work, nothing cut off in silence.
"""

from collections.abc import Iterator
from typing import Any

from collector.reddit_items import Reading, observations
from collector.reddit_session import NAME, RedditSession
from collector.session import SiteError
from collector.source import Page
from db.queries.runs import Task
from db.records import Observation

PAGE = "500"
CHUNK = 100


def first_tasks(thread: str) -> list[Task]:
    """The thread's page."""
    return [Task(NAME, thread, "page", {})]


def fetch(task: Task, session: RedditSession, reading: Reading) -> Page:
    """Fetch the page, a hundred named comments, or a branch that goes on elsewhere."""
    if task.kind == "more":
        return _more(task, session, reading)
    path = f"/comments/{task.thread[3:]}/"
    if task.kind == "branch":
        path += f"_/{task.payload['comment']}"
    answer = session.get_json(path, {"limit": PAGE, "sort": "top"})
    if not isinstance(answer, list):
        raise SiteError("broken-answer", "the answer is no thread")
    return _page(answer, task.thread, reading)


def _more(task: Task, session: RedditSession, reading: Reading) -> Page:
    ids = task.payload["ids"]
    form = {"api_type": "json", "children": ",".join(ids), "link_id": task.thread, "sort": "top"}
    page = _page(session.post_json("/api/morechildren/", form), task.thread, reading)
    if not page.observations and not page.tasks and len(ids) > 1:
        # The site answers with nothing for a list that holds a bad id; smaller lists find the good ones.
        half = len(ids) // 2
        page.tasks = [Task(NAME, task.thread, "more", {"ids": part}) for part in (ids[:half], ids[half:])]
    return page


def _page(answer: Any, thread: str, reading: Reading) -> Page:
    page = Page()
    for found in observations(answer, reading):
        if isinstance(found, Observation):
            page.observations.append(found)
        else:
            page.unreadable.append(found)
    waiting: list[str] = []
    branches: list[tuple[int, str]] = []
    for stub in _stubs(answer):
        children = [child for child in stub.get("children") or () if child != "_"]
        if children:
            waiting += children
        elif stub.get("parent_id", "").startswith("t1_"):
            branches.append((int(stub.get("depth") or 0), stub["parent_id"][3:]))
    held = {found.native_id[3:] for found in page.observations}
    waiting = [child for child in dict.fromkeys(waiting) if child not in held]
    page.tasks = [Task(NAME, thread, "more", {"ids": waiting[at : at + CHUNK]}) for at in range(0, len(waiting), CHUNK)]
    page.tasks += [Task(NAME, thread, "branch", {"comment": comment}) for _, comment in sorted(branches, reverse=True)]
    return page


def _stubs(node: Any) -> Iterator[dict[str, Any]]:
    stack = [node]
    while stack:
        value = stack.pop()
        if isinstance(value, list):
            stack += value
        elif isinstance(value, dict):
            if value.get("kind") == "more":
                yield value["data"]
            else:
                stack += [child for name, child in value.items() if name in _HOLDERS]


_HOLDERS = frozenset({"json", "data", "things", "children", "replies"})
