"""Reddit with a key: whole threads, the posts of communities and searches, and a second look at what is stored.

The walk of a thread is ours, on raw JSON: every comment that Reddit shows, one request a piece of work, nothing cut off
in silence. What is left of it travels in one task, so that an answer can be merged with all that is still to be asked
for; `collector.reddit_walk` plans it. A thread whose comments are known is visited again more cheaply: one page of the
newest, then a look at each known comment that the page does not show, a hundred at a time.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from collector.reading import Reading
from collector.reddit_items import PLATFORM, observations
from collector.reddit_listings import start, take_newest_first
from collector.reddit_session import NAME, RedditSession
from collector.reddit_walk import INFO_LIMIT, PAGE_LIMIT, Plan, Step, announced, read_answer
from collector.session import SiteError
from collector.source import Listing, Page
from db.queries.runs import Task
from db.records import Unreadable

__all__ = ["NAME", "PLATFORM", "fetch", "first_tasks", "listing_tasks", "recheck_tasks", "revisit_tasks"]

LISTING_PAGE = 100
CAPPED_FROM = 600
"""A listing ends at a thousand posts, in practice often sooner; one that ends below this has no more."""
RECHECK = "recheck"
_ITEM_FAILURES = frozenset({"gone", "refused-request", "too-large"})


def first_tasks(thread: str) -> list[Task]:
    """The thread's page, best comments first."""
    return [Task(NAME, thread, "page", {})]


def revisit_tasks(thread: str, known_ids: Sequence[str], declared: int | None = None) -> list[Task]:
    """The thread's page, newest comments first; then a look at the known comments that it does not show.

    A reply below an old comment of a large thread may stand on no such page. Where the post announces more new comments
    than the page shows, all its stubs are asked for, as on the first visit.

    Args:
        thread: its native id.
        known_ids: the native ids of its stored comments; others are passed over.
        declared: how many comments the post announced when the thread was last visited, if that is known. Without it,
            the number of known comments serves, and deleted ones that were never seen lead to more requests than needed.
    """
    known = [each[3:] for each in known_ids if each.startswith("t1_")]
    return [Task(NAME, thread, "newest", {"known": " ".join(known), "declared": declared})]


def recheck_tasks(native_ids: Sequence[str]) -> list[Task]:
    """A look at each post and comment by its native id, a hundred a request."""
    return list(_info_tasks(RECHECK, native_ids))


def listing_tasks(listing: Listing) -> list[Task]:
    """The newest posts of a community or a search, a hundred a request, back to where the listing begins.

    Raises:
        LinkError: the community's name is none.
    """
    return [Task(NAME, listing.target, "listing", start(listing))]


def fetch(task: Task, session: RedditSession, reading: Reading) -> Page:
    """Do one piece of work, which is one request."""
    return _KINDS[task.kind](task, session, reading)


def _page(task: Task, session: RedditSession, reading: Reading) -> Page:
    document = _thread_page(session, task.target, None, "top")
    page = _read(document, reading)
    plan = Plan()
    plan.take_page(read_answer(document))
    page.tasks = _rest(task.target, plan)
    return page


def _newest(task: Task, session: RedditSession, reading: Reading) -> Page:
    document = _thread_page(session, task.target, None, "new")
    page = _read(document, reading)
    answer = read_answer(document)
    known = dict.fromkeys(str(task.payload["known"]).split())
    new = {each: level for each, level in answer.named.items() if each not in known}
    declared = task.payload["declared"]
    expected = (len(known) if declared is None else declared) + len(new) + len(answer.parents.keys() - known.keys())
    plan = Plan(waiting=new)
    if announced(document) > expected:
        plan = Plan()
        plan.take_page(answer)
    page.tasks = _rest(task.target, plan)
    page.tasks += _info_tasks(task.target, [f"t1_{each}" for each in known if each not in answer.parents])
    return page


def _go_on(task: Task, session: RedditSession, reading: Reading) -> Page:
    """Ask for the next of what is left of a thread."""
    plan = Plan.from_payload(task.payload)
    step = plan.next_step()
    if step is None:
        return Page()
    try:
        document = _ask(step, task.target, session)
    except SiteError as error:
        if error.name not in _ITEM_FAILURES:
            raise
        page = Page(unreadable=[Unreadable(f"{step.kind} {' '.join(step.ids)}", str(error))])
        plan.drop_step(step)
    else:
        page = _read(document, reading)
        if step.kind == "more":
            plan.take_more(step.ids, read_answer(document))
        elif step.kind == "info":
            plan.take_info(step.ids, page.observations)
            page.missing = _missing([f"t1_{each}" for each in step.ids], page)
        else:
            plan.take_branch(step.ids[0], read_answer(document, plan.level_of(step.ids[0])))
    page.tasks = _rest(task.target, plan)
    return page


def _ask(step: Step, thread: str, session: RedditSession) -> Any:
    if step.kind == "more":
        form = {"api_type": "json", "children": ",".join(step.ids), "link_id": thread, "sort": "top"}
        return session.post_json("/api/morechildren/", form)
    if step.kind == "info":
        return session.get_json("/api/info/", {"id": ",".join(f"t1_{each}" for each in step.ids)})
    return _thread_page(session, thread, step.ids[0], "top")


def _rest(thread: str, plan: Plan) -> list[Task]:
    return [Task(NAME, thread, "rest", part.payload()) for part in plan.parts()]


def _info(task: Task, session: RedditSession, reading: Reading) -> Page:
    ids = str(task.payload["ids"]).split()
    page = _read(session.get_json("/api/info/", {"id": ",".join(ids)}), reading)
    page.missing = _missing(ids, page)
    return page


def _info_tasks(target: str, native_ids: Sequence[str]) -> Iterable[Task]:
    for at in range(0, len(native_ids), INFO_LIMIT):
        yield Task(NAME, target, "info", {"ids": " ".join(native_ids[at : at + INFO_LIMIT])})


def _missing(asked: Sequence[str], page: Page) -> list[str]:
    came = {seen.native_id for seen in page.observations}
    # What came and could not be read is not missing; which of the ids it is, nobody can tell.
    return [] if page.unreadable else [each for each in asked if each not in came]


def _listing(task: Task, session: RedditSession, reading: Reading) -> Page:
    told = task.payload
    path, asked = _listing_request(told)
    document = session.get_json(path, asked)
    data = document.get("data") if isinstance(document, dict) else None
    children = data.get("children") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(children, list):
        raise SiteError("broken-answer", "the answer is no listing")
    page = _read(children, reading)
    seen, is_new, is_reached = take_newest_first(page, told)
    if is_reached:
        return page
    if children and not is_new:
        page.problems.append("the listing shows the same posts again; older ones need the archive")
    elif isinstance(data.get("after"), str):
        further = told | {"cursor": data["after"], "seen": " ".join(seen)}
        page.tasks.append(Task(NAME, task.target, task.kind, further))
    elif len(seen) >= CAPPED_FROM:
        page.problems.append(f"the listing ends after {len(seen)} posts; older ones need the archive")
    return page


def _listing_request(told: dict[str, Any]) -> tuple[str, dict[str, str]]:
    asked = {"limit": str(LISTING_PAGE)} | ({"after": str(told["cursor"])} if "cursor" in told else {})
    if told["kind"] == "community":
        return f"/r/{told['name']}/new", asked
    asked |= {"q": told["name"], "sort": "new", "type": "link"}
    if told["community"] is None:
        return "/search", asked
    return f"/r/{told['community']}/search", asked | {"restrict_sr": "1"}


def _thread_page(session: RedditSession, thread: str, comment: str | None, sort: str) -> list[Any]:
    path = f"/comments/{thread[3:]}/" + ("" if comment is None else f"_/{comment}")
    document = session.get_json(path, {"limit": str(PAGE_LIMIT), "sort": sort})
    if not isinstance(document, list):
        raise SiteError("broken-answer", "the answer is no thread")
    return document


def _read(document: Any, reading: Reading) -> Page:
    page = Page()
    page.take(observations(document, reading))
    return page


_KINDS = {"page": _page, "newest": _newest, "rest": _go_on, "info": _info, "listing": _listing}
