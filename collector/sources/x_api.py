"""Conversations on X with a key that is paid for by what is read: the opening post, the counts, then replies and quotes.

The counts come first because they are cheap: where the conversation would cost more than the budget holds, nothing of it is
fetched. Each later request is checked at its worst before it is made.
Without the archive only the last seven days can be searched. Replies are searched by conversation, under the ids of all
versions of an opening post that was edited. A reply names the version that it answers; where that is no first version and
its post is on another page, the reply stays an orphan until both are seen together.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import httpx

from collector.budget import PAGE_POSTS, Bill, Budget, Cost, reads
from collector.json_values import UNREADABLE, decode
from collector.links import LinkError
from collector.pace import Pace
from collector.reading import Reading
from collector.session import Session, SiteError, open_client, retried
from collector.source import Listing, Page
from collector.times import iso
from collector.x_items import identities, missing, observations, problems, written
from db.queries.runs import Request, Task
from db.records import Unreadable

NAME = "x_api"
PLATFORM = "x"
RECHECK = "recheck"
"""The target of tasks that look again at stored posts."""
LOOKUP = 100
LEAST_PAGE = 10
RECENT = timedelta(days=7)
_COUNTED = timedelta(days=30)
_HOPS = 3
_KEPT_MARKS = 400
_TOO_OLD = "only the last 7 days can be searched without archive"
_ARCHIVE_SECONDS = 1.0
_OLD_NAMES = (
    "tweet.fields",
    "author_id,conversation_id,created_at,edit_history_tweet_ids,entities,note_tweet,public_metrics,referenced_tweets",
)
_NEW_NAMES = (
    "post.fields",
    "author_id,conversation_id,created_at,edit_history_post_ids,entities,note_post,public_metrics,referenced_posts",
)

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Options:
    """What a walk asks for.

    Attributes:
        archive: search all posts since 2006 instead of those of the last seven days.
        authors: ask for the names of accounts, which is two thirds of the price; without them `id:NUMBER` is a name.
        quotes: ask for the posts that quote the opening post.
    """

    archive: bool = False
    authors: bool = True
    quotes: bool = True


class XSession:
    """A client of the API that keeps to a budget; made by `open_session`."""

    def __init__(
        self, session: Session, token: str, budget: Budget, options: Options, utc_now: Callable[[], str]
    ) -> None:
        self.budget, self.options, self.utc_now = budget, options, utc_now
        self._session, self._headers = session, {"authorization": f"Bearer {token}"}
        self._names = [_OLD_NAMES, _NEW_NAMES]
        self._costs: list[Cost] = []

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def take_requests(self) -> list[Request]:
        """The requests since the last call."""
        return self._session.take_requests()

    def take_costs(self) -> list[Cost]:
        """What was paid since the last call."""
        taken, self._costs = self._costs, []
        return taken

    def ask(self, path: str, asked: Mapping[str, str], bill: Bill) -> Json:
        """Ask for an answer that costs at most what the bill says.

        Where the names of the fields are refused, the request is made once more with the other ones, which are then used
        from there on.

        Raises:
            SiteError: `over-budget` before a request that might pass a limit, `quota` where the account has no credits
                or cap left, or what a `Session` raises.
        """
        try:
            return self._retried(path, asked, bill)
        except SiteError as error:
            invalid = str(_told(error).get("type")).endswith("/invalid-request")
            if error.status != httpx.codes.BAD_REQUEST or "posts" not in bill or not invalid:
                raise
        self._names.reverse()
        try:
            return self._retried(path, asked, bill)
        except SiteError:
            self._names.reverse()
            raise

    def _retried(self, path: str, asked: Mapping[str, str], bill: Bill) -> Json:
        return retried(self._session.pace, lambda: self._once(path, asked, bill))

    def _once(self, path: str, asked: Mapping[str, str], bill: Bill) -> Json:
        self.budget.check(bill)
        url, made = self._session.base_url.rstrip("/") + path, len(self._session.requests)
        try:
            found, headers = self._session.exchange(
                "GET", url, params={**asked, **self._fields(bill)}, headers=self._headers, judge=_answer
            )
        except SiteError as error:
            if len(self._session.requests) > made:
                self.budget.requests += 1
                if _may_be_billed(error):
                    self._pay(bill)
            raise self._named(error) from error
        answer: Json = found
        self.budget.requests += 1
        self._pay(_bill(answer) if "posts" in bill else bill)
        self._follow(headers)
        return answer

    def _fields(self, bill: Bill) -> dict[str, str]:
        if "posts" not in bill:
            return {}
        name, fields = self._names[0]
        return {name: fields} | ({"expansions": "author_id"} if "users" in bill else {})

    def _pay(self, bill: Bill) -> None:
        self.budget.spend(bill)
        day = self.utc_now()[:10]
        self._costs += [Cost(day, what, resources) for what, resources in bill.items() if resources]

    def _named(self, error: SiteError) -> SiteError:
        """The failure with the name that the text of the refusal gives it."""
        told = _told(error)
        title = str(told.get("title") or "")[:200]
        is_capped = title == "UsageCapExceeded" or str(told.get("type")).endswith("/usage-capped")
        if error.status == httpx.codes.PAYMENT_REQUIRED or (
            error.status == httpx.codes.TOO_MANY_REQUESTS and is_capped
        ):
            return SiteError("quota", title or f"status {error.status}", status=error.status)
        if error.status == httpx.codes.UNAUTHORIZED:
            return SiteError("bad-credentials", "X does not accept the bearer token", status=error.status)
        if error.status == httpx.codes.TOO_MANY_REQUESTS and error.retry_after is None:
            return SiteError(
                error.name,
                "status 429",
                retry_after=self._until(error.headers.get("x-rate-limit-reset")),
                status=error.status,
            )
        if title:
            return SiteError(error.name, f"status {error.status}: {title}", status=error.status, body=error.body)
        return error

    def _follow(self, headers: Mapping[str, str]) -> None:
        """Wait for the next window once nothing is left of this one; until then requests may follow at once."""
        wait = self._until(headers.get("x-rate-limit-reset")) or 0.0
        is_used_up = headers.get("x-rate-limit-remaining", "").strip() == "0"
        self._session.pace.spread(1, wait if is_used_up else 0.0)

    def _until(self, reset: str | None) -> float | None:
        """The seconds until a moment that is given in seconds since 1970; None where it is none or past."""
        try:
            seconds = float(reset or 0) - _moment(self.utc_now()).timestamp()
        except ValueError:
            return None
        return seconds if seconds > 0 else None


def open_session(
    base_url: str,
    token: str,
    pace: Pace,
    utc_now: Callable[[], str],
    budget: Budget,
    *,
    options: Options = Options(),
    client: httpx.Client | None = None,
) -> XSession:
    """A session with the API; the token is sent to the host of `base_url` and nowhere else.

    Args:
        base_url: scheme and host.
        token: the bearer token of an app.
        pace: between requests; one request a second where the archive is searched.
        utc_now: the wall clock as ISO 8601 UTC.
        budget: what may be spent.
        options: what the walks ask for.
        client: sends the requests; by default one with the proxies and certificates of the system.
    """
    if options.archive:
        pace.seconds_between = max(pace.seconds_between, _ARCHIVE_SECONDS)
    session = Session(NAME, base_url, client or open_client(f"groundswell ({NAME})"), pace, utc_now)
    return XSession(session, token, budget, options, utc_now)


def first_tasks(thread: str) -> list[Task]:
    """The post that opens the conversation; any post of it leads there."""
    return [Task(NAME, thread, "root", {"post": thread, "hops": 0})]


def listing_tasks(listing: Listing) -> list[Task]:
    """The search that a listing is; its words may be any query of the API.

    Raises:
        LinkError: the listing is a community.
    """
    if listing.kind != "search":
        raise LinkError("X has no communities that can be listed; give the words of a search")
    asked = {"words": listing.name, "after": listing.after, "before": listing.before}
    return [Task(NAME, listing.target, "search", {name: value for name, value in asked.items() if value is not None})]


def recheck_tasks(native_ids: Sequence[str]) -> list[Task]:
    """Lookups of stored posts, a hundred at a time, all under the target `RECHECK`."""
    return [
        Task(NAME, RECHECK, "lookup", {"ids": list(native_ids[start : start + LOOKUP])})
        for start in range(0, len(native_ids), LOOKUP)
    ]


def fetch(task: Task, session: XSession, reading: Reading) -> Page:
    """Fetch one answer; `page.gone` names posts that X says are gone or protected."""
    return _KINDS[task.kind](task, session, reading)


def _root(task: Task, session: XSession, reading: Reading) -> Page:
    """The opening post in its last version, led to from any post of the conversation and from any version.

    A reply from which the walk began is asked for once more beside the opening post, whose versions it may name.
    """
    post, hops, beside = task.payload["post"], task.payload["hops"], task.payload.get("beside")
    ids = [post] if beside is None else [post, beside]
    answer = session.ask("/2/tweets", {"ids": ",".join(ids)}, reads(len(ids), authors=session.options.authors))
    page = _page(answer, reading)
    native_id = identities(answer).get(post, post)
    seen = next((found for found in page.observations if found.native_id == native_id), None)
    versions = _versions(answer, native_id)
    further = None
    if seen is not None and seen.parent is not None:
        page.observations.clear()
        further = {"post": seen.thread, "beside": post}
    elif seen is not None and versions[-1] != post:
        further = {"post": versions[-1]}
    elif seen is None and not page.unreadable:
        state = missing(answer).get(post, "it repeats another post")
        page.unreadable.append(Unreadable("", f"gone: X does not show {post} ({state})"))
    if further is not None and hops < _HOPS:
        page.tasks.append(Task(NAME, task.target, "root", further | {"hops": hops + 1}))
        return page
    archive, begun = session.options.archive, written(versions[0])
    if not archive and begun is not None and begun < _earlier(session.utc_now(), RECENT):
        page.problems.append(f"{_TOO_OLD}, and the conversation began at {begun}")
    quotes = _quote_count(answer, post) if session.options.quotes else 0
    page.tasks.append(Task(NAME, task.target, "counts", {"posts": versions, "archive": archive, "quotes": quotes}))
    return page


def _counts(task: Task, session: XSession, reading: Reading) -> Page:  # noqa: ARG001 - all kinds are fetched alike
    """How many replies there are, before they are paid for; in the archive, in the first thirty days."""
    versions, quotes, where = task.payload["posts"], task.payload["quotes"], _where(task)
    asked = {"query": _conversation(versions), "granularity": "day"} | _since(task)
    if "start_time" in asked:
        until = iso(_moment(asked["start_time"]) + _COUNTED)
        asked |= {"end_time": until} if until < _earlier(session.utc_now(), timedelta(minutes=1)) else {}
    answer = session.ask(f"/2/tweets/counts/{where}", asked, {f"counts {where}": 1})
    meta = _meta(answer)
    total = _whole(meta.get("total_tweet_count", meta.get("total_post_count")))
    session.budget.check(reads(total + quotes, authors=session.options.authors), f"a conversation of {total} posts")
    payload = {"posts": versions, "archive": task.payload["archive"]}
    tasks = [Task(NAME, task.target, "replies", payload | {"left": total, "seen": []})]
    if quotes:
        tasks += [Task(NAME, task.target, "quotes", {"post": post, "left": quotes, "seen": []}) for post in versions]
    return Page(tasks=tasks)


def _replies(task: Task, session: XSession, reading: Reading) -> Page:
    versions, where = task.payload["posts"], _where(task)
    size = _size(task)
    asked = {"query": _conversation(versions), "max_results": str(size)} | _since(task) | _token(task, "next_token")
    answer = session.ask(f"/2/tweets/search/{where}", asked, reads(size, authors=session.options.authors))
    page = _page(answer, reading, dict.fromkeys(versions, versions[0]))
    _go_on(page, task, answer)
    return page


def _quotes(task: Task, session: XSession, reading: Reading) -> Page:
    """Posts that quote the opening post. Each opens a conversation that is not walked, so what it announces is left out."""
    size = _size(task)
    asked = {"max_results": str(size)} | _token(task, "pagination_token")
    path = f"/2/tweets/{task.payload['post']}/quote_tweets"
    answer = session.ask(path, asked, reads(size, authors=session.options.authors))
    page = _page(answer, reading)
    page.observations = [replace(seen, declared_count=None) for seen in page.observations]
    _go_on(page, task, answer)
    return page


def _search(task: Task, session: XSession, reading: Reading) -> Page:
    """A page of what a search finds; the conversations of the posts are the threads."""
    archive = task.payload.get("archive", session.options.archive)
    where = "all" if archive else "recent"
    window, told = _window(task.payload, session.utc_now(), archive=archive)
    if window is None:
        return Page(problems=told)
    asked = {"query": f"{task.payload['words']} -is:retweet", "max_results": str(PAGE_POSTS)} | window
    answer = session.ask(
        f"/2/tweets/search/{where}",
        asked | _token(task, "next_token"),
        reads(PAGE_POSTS, authors=session.options.authors),
    )
    page = _page(answer, reading)
    page.observations = [replace(seen, declared_count=None) for seen in page.observations]
    begun_in = (task.payload.get("after") or "", task.payload.get("before") or "~")
    threads = dict.fromkeys(seen.thread for seen in page.observations)
    page.threads = [thread for thread in threads if begun_in[0] <= (written(thread) or begun_in[0]) < begun_in[1]]
    page.problems += told if "token" not in task.payload else []
    _go_on(page, replace(task, payload=task.payload | {"archive": archive}), answer)
    return page


def _lookup(task: Task, session: XSession, reading: Reading) -> Page:
    """Stored posts once more, without their authors; of an edited one the last version too."""
    ids, known = task.payload["ids"], task.payload.get("known", {})
    answer = session.ask("/2/tweets", {"ids": ",".join(ids)}, reads(len(ids), authors=False))
    page = _page(answer, reading, known)
    page.gone = {known.get(version, version): state for version, state in page.gone.items()}
    told = {seen.native_id for seen in page.observations} | set(page.gone) | set(identities(answer))
    page.missing = [post for post in ids if post not in told and known.get(post, post) not in told]
    # A number in place of a name that is known would be another person.
    page.observations = [replace(seen, author=None) for seen in page.observations]
    last = {first: version for version, first in identities(answer).items()}
    edited = {version: first for first, version in last.items() if version not in ids}
    if edited and not known:
        page.tasks.append(Task(NAME, task.target, "lookup", {"ids": list(edited), "known": edited}))
    return page


_KINDS: dict[str, Callable[[Task, XSession, Reading], Page]] = {
    "root": _root,
    "counts": _counts,
    "replies": _replies,
    "quotes": _quotes,
    "search": _search,
    "lookup": _lookup,
}


def _page(answer: Json, reading: Reading, known: Mapping[str, str] | None = None) -> Page:
    page = Page(gone=missing(answer), problems=problems(answer))
    page.take(observations(answer, reading, "", known))
    return page


def _go_on(page: Page, task: Task, answer: Json) -> None:
    """Ask for the next page, unless the site gives what it gave before."""
    token = _meta(answer).get("next_token")
    if not isinstance(token, str) or not token:
        return
    ids = [str(item.get("id")) for item in _data(answer) if isinstance(item, dict)]
    seen, marks = task.payload.get("seen", []), [_mark(token), _mark(" ".join(sorted(ids)))]
    if any(mark in seen for mark in marks):
        page.problems.append(
            f"cursor loop: X gives the same page again after {len(seen) // 2} pages; the rest is missing"
        )
        return
    further = {"token": token, "seen": (seen + marks)[-_KEPT_MARKS:]}
    if "left" in task.payload:
        further["left"] = max(0, task.payload["left"] - len(ids))
    page.tasks.append(Task(NAME, task.target, task.kind, task.payload | further))


def _mark(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _size(task: Task) -> int:
    """As many as are left, so that the worst that a page may cost is near to what it will cost."""
    return min(PAGE_POSTS, max(LEAST_PAGE, int(task.payload["left"])))


def _where(task: Task) -> str:
    return "all" if task.payload["archive"] else "recent"


def _token(task: Task, name: str) -> dict[str, str]:
    return {name: task.payload["token"]} if "token" in task.payload else {}


def _conversation(versions: Iterable[str]) -> str:
    return " OR ".join(f"conversation_id:{version}" for version in versions)


def _since(task: Task) -> dict[str, str]:
    """Where the archive is to be searched from; left to itself it looks back thirty days."""
    begun = written(task.payload["posts"][0]) if task.payload["archive"] else None
    return {"start_time": begun} if begun is not None else {}


def _window(payload: Json, now: str, *, archive: bool) -> tuple[dict[str, str] | None, list[str]]:
    """The time that a search is for, and what is left out of it; None where it lies before all that can be searched."""
    after, before = payload.get("after"), payload.get("before")
    told = []
    earliest = None if archive else _earlier(now, RECENT)
    if earliest is not None and before is not None and before <= earliest:
        return None, [_TOO_OLD]
    if earliest is not None and after is not None and after <= earliest:
        after, told = None, [_TOO_OLD]
    if archive and after is None:
        told = ["a search of the archive that names no beginning looks back 30 days"]
    window = {"start_time": after, "end_time": before if before is not None and before < now else None}
    return {name: moment for name, moment in window.items() if moment is not None}, told


def _versions(answer: Json, thread: str) -> list[str]:
    """The ids of all versions of the post that opens a thread, the first one first."""
    return [version for version, first in identities(answer).items() if first == thread] or [thread]


def _quote_count(answer: Json, post: str) -> int:
    item = next((item for item in _data(answer) if isinstance(item, dict) and item.get("id") == post), {})
    metrics = item.get("public_metrics")
    return _whole(metrics.get("quote_count")) if isinstance(metrics, dict) else 0


def _data(answer: Json) -> list[Any]:
    data = answer.get("data")
    return [data] if isinstance(data, dict) else _list(data)


def _meta(answer: Json) -> Json:
    meta = answer.get("meta")
    return meta if isinstance(meta, dict) else {}


def _whole(value: Any) -> int:
    return max(0, int(value)) if isinstance(value, int) else 0


def _bill(answer: Json) -> dict[str, int]:
    """What an answer holds that has a price, what it includes too."""
    includes = answer.get("includes")
    included = includes if isinstance(includes, dict) else {}
    posts = [*_data(answer), *_list(included.get("tweets")), *_list(included.get("posts"))]
    return {"posts": len(posts), "users": len(_list(included.get("users")))}


def _told(error: SiteError) -> Json:
    """What a refusal says in JSON: only that tells a window that is full from credits that are used up."""
    try:
        told = decode(error.body)
    except UNREADABLE:
        return {}
    return told if isinstance(told, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _may_be_billed(error: SiteError) -> bool:
    """Whether an answer that could not be used may have been paid for: it was begun, or nobody knows."""
    if isinstance(error.__cause__, httpx.ConnectError | httpx.ConnectTimeout):
        return False
    return error.status is None or httpx.codes.is_success(error.status)


def _answer(answer: httpx.Response, body: bytes) -> Json:
    if body.lstrip()[:1] == b"<":
        raise SiteError("login-page", "an HTML page came in place of JSON", status=answer.status_code)
    try:
        value = decode(body)
    except UNREADABLE as error:
        raise SiteError("broken-answer", "the answer is no whole JSON value", status=answer.status_code) from error
    if not isinstance(value, dict):
        raise SiteError("broken-answer", "the answer is no JSON object", status=answer.status_code)
    return value


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _earlier(moment: str, by: timedelta) -> str:
    return iso(_moment(moment) - by)
