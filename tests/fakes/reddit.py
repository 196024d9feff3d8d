"""Reddit's OAuth API as PRAW 8 speaks it: token, thread, morechildren, info, and the limits of each."""

from __future__ import annotations

import base64
import re
import threading
from typing import TYPE_CHECKING, Any

from fakes.budget import Budget
from fakes.forest import View, choose, index, listing, render_flat, render_nested
from fakes.listings import LISTING_END, listed
from fakes.messages import Answer, json_answer
from fakes.things import comment_object, escape_entities, submission_object
from fakes.world import bare

if TYPE_CHECKING:
    from fakes.messages import Request
    from fakes.world import Post, Thread, World

PAGE_LIMIT = 500
DEFAULT_PAGE = 200
PAGE_DEPTH = 10
MORE_LIMIT = 100
INFO_LIMIT = 100
LISTING_LIMIT = 100
MOST_CONTEXT = 8

_THREAD_PATH = re.compile(r"(?:/r/[^/]+)?/comments/(?P<thread>\w+)(?:/[^/]+(?:/(?P<comment>\w+))?)?")
_LISTING_PATH = re.compile(r"/r/\w+/(?:new|search)|/search")
_TOKEN_PATH = "/api/v1/access_token"
_GRANTS = {"client_credentials", "password", "refresh_token", "https://oauth.reddit.com/grants/installed_client"}

Json = dict[str, Any]


class RedditApi:
    """Shows a world as it is now to whoever has a token.

    `budget` requests may be made until `refill`; then everything is a 429. `morechildren_seconds` is how long one
    morechildren call takes: a second one meanwhile gets a 429 without Retry-After. Ids in `morechildren_omits` are
    left out of its replies, as Reddit does with some deep comments.

    How far a morechildren reply reaches is not known for today's Reddit. By default it shows ten levels below each id.
    With `published_morechildren` it does what Reddit's published code does, and what recordings of 2016 and 2017 show: it
    counts the ten levels from the top of the thread, so that nothing comes of deeper ids, and of ids of several levels it
    looks at the shallowest only. With `names_deleted`, stubs name deleted comments without replies too, which are then
    not shown when they are asked for. A listing ends after `listing_end` posts.
    """

    def __init__(
        self,
        world: World,
        *,
        client_id: str = "id",
        client_secret: str = "secret",  # noqa: S107 - opens nothing
        budget: int = 1000,
        reset_seconds: int = 10,
        morechildren_seconds: float = 0.0,
        morechildren_omits: set[str] | None = None,
        published_morechildren: bool = False,
        names_deleted: bool = False,
        listing_end: int = LISTING_END,
    ) -> None:
        self.world = world
        self.budget = Budget(budget, reset_seconds)
        self.morechildren_seconds = morechildren_seconds
        self.morechildren_omits = morechildren_omits or set()
        self.published_morechildren = published_morechildren
        self.names_deleted = names_deleted
        self.listing_end = listing_end
        self._basic = "Basic " + base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()
        self._tokens: set[str] = set()
        self._issued = 0
        self._more_lock = threading.Lock()

    def revoke_tokens(self) -> None:
        """All tokens given so far stop working."""
        self._tokens.clear()

    def refill(self) -> None:
        """Open the next window of requests."""
        self.budget.refill()

    def answer(self, request: Request) -> Answer | None:
        path = request.path.removesuffix(".json").rstrip("/")
        if path == _TOKEN_PATH:
            return self._issue_token(request)
        match_thread = _THREAD_PATH.fullmatch(path)
        is_listing = _LISTING_PATH.fullmatch(path) is not None
        if match_thread is None and not is_listing and path not in {"/api/morechildren", "/api/info"}:
            return None
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        if match_thread:
            return self._thread_page(request, match_thread["thread"], match_thread["comment"])
        if is_listing:
            return self._listing(request, path)
        return self._more_children(request) if path == "/api/morechildren" else self._info(request)

    def _issue_token(self, request: Request) -> Answer:
        if request.headers.get("authorization") != self._basic:
            return _error(401, "Unauthorized")
        if request.method != "POST" or request.form.get("grant_type") not in _GRANTS:
            return json_answer({"error": "unsupported_grant_type"}, status=400)
        self._issued += 1
        token = f"token-{self._issued}"
        self._tokens.add(token)
        return json_answer({"access_token": token, "expires_in": 86400, "scope": "*", "token_type": "bearer"})

    def _refusal(self, request: Request) -> Answer | None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or token not in self._tokens:
            return _error(401, "Unauthorized")
        if not self.budget.spend():
            return _error(429, "Too Many Requests", self._rate_headers())
        return None

    def _rate_headers(self) -> dict[str, str]:
        return {
            "x-ratelimit-remaining": f"{self.budget.remaining}.0",
            "x-ratelimit-used": str(min(self.budget.used, self.budget.size)),
            "x-ratelimit-reset": str(self.budget.reset_seconds),
        }

    def _reply(self, request: Request, value: Any) -> Answer:
        is_raw = (request.query | request.form).get("raw_json") == "1"
        return json_answer(value if is_raw else escape_entities(value), headers=self._rate_headers())

    def _view(self, thread: Thread, sort: str) -> View:
        shown = self.world.visible_children(thread.id)
        return View(thread, shown, self.world.now, sort, self._ghosts(thread) if self.names_deleted else {})

    def _ghosts(self, thread: Thread) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        parents = thread.children()
        for comment in thread.comments.values():
            if comment.version_at(self.world.now).state == "deleted" and comment.fullname not in parents:
                found.setdefault(str(comment.parent), []).append(comment.id)
        return found

    def _thread_page(self, request: Request, thread_id: str, comment_id: str | None) -> Answer:
        thread = self.world.threads.get(thread_id)
        if thread is None or thread.root.version_at(self.world.now).state == "vanished":
            return _error(404, "Not Found", self._rate_headers())
        view = self._view(thread, request.query.get("sort", "confidence"))
        limit = min(_whole(request.query.get("limit"), DEFAULT_PAGE), PAGE_LIMIT)
        depth = min(_whole(request.query.get("depth"), PAGE_DEPTH), PAGE_DEPTH)
        if comment_id is None:
            page = choose(view, view.children.get(thread.root.fullname, []), limit=limit, max_depth=depth)
            comments = render_nested(page, thread.root.fullname)
        else:
            context = min(_whole(request.query.get("context"), 0), MOST_CONTEXT)
            comments = _branch(view, comment_id, limit=limit, depth=depth, context=context)
        post = {"kind": "t3", "data": self._submission(thread)}
        return self._reply(request, [listing([post]), listing(comments)])

    def _submission(self, thread: Thread) -> Json:
        now = self.world.now
        standing = [c for c in thread.comments.values() if c.created_at <= now and c.version_at(now).state != "deleted"]
        found = submission_object(thread, thread.root.version_at(now), num_comments=len(standing))
        if thread.crosspost_of is not None:
            origin = self.world.threads[thread.crosspost_of]
            found["crosspost_parent_list"] = [self._submission(origin)]
        return found

    def _listing(self, request: Request, path: str) -> Answer:
        found = listed(self.world, path, request.query, most=LISTING_LIMIT, end=self.listing_end)
        if found is None:
            return _error(404, "Not Found", self._rate_headers())
        page = listing([{"kind": "t3", "data": self._submission(thread)} for thread in found.threads])
        if found.goes_on:
            page["data"]["after"] = found.threads[-1].root.fullname
        return self._reply(request, page)

    def _more_children(self, request: Request) -> Answer:
        if not self._more_lock.acquire(blocking=False):
            return _error(429, "Too Many Requests")
        try:
            threading.Event().wait(self.morechildren_seconds)
            return self._more_reply(request)
        finally:
            self._more_lock.release()

    def _more_reply(self, request: Request) -> Answer:
        asked_for = request.query | request.form
        thread = self.world.threads.get(bare(asked_for.get("link_id", "")))
        if thread is None:
            return _error(404, "Not Found", self._rate_headers())
        view = self._view(thread, asked_for.get("sort", "confidence"))
        asked = set(asked_for.get("children", "").split(",")) - self.morechildren_omits
        tops = index(view.children, lambda comment: comment.id in asked)
        depth = 1 if asked_for.get("limit_children") == "true" else PAGE_DEPTH
        if self.published_morechildren:
            shallowest = min(map(thread.depth_of, tops), default=0)
            tops = [top for top in tops if thread.depth_of(top) == shallowest]
            page = choose(view, tops, limit=MORE_LIMIT, max_depth=depth, level=thread.depth_of)
        else:
            page = choose(view, tops, limit=MORE_LIMIT, max_depth=depth)
        if depth == 1:
            page.cut.clear()
        things = render_flat(page, tops, named_to=0 if self.published_morechildren else None)
        return self._reply(request, {"json": {"errors": [], "data": {"things": things}}})

    def _info(self, request: Request) -> Answer:
        names = [name for name in request.query.get("id", "").split(",") if name]
        if len(names) > INFO_LIMIT:
            return _error(400, "Bad Request", self._rate_headers())
        found = [thing for name in names if (thing := self._thing(name)) is not None]
        return self._reply(request, listing(found))

    def _thing(self, name: str) -> Json | None:
        try:
            post, thread = self.world.find(name), self.world.thread_of(name)
        except KeyError:
            return None
        version = post.version_at(self.world.now)
        if name != post.fullname or version.state == "vanished" or post.created_at > self.world.now:
            return None
        if post.parent is None:
            return {"kind": "t3", "data": self._submission(thread)}
        return {"kind": "t1", "data": comment_object(thread, post, version)}


def _branch(view: View, comment_id: str, *, limit: int, depth: int, context: int) -> list[Json]:
    """One comment with its replies, inside up to `context` of its ancestors; nothing when it is not visible."""
    found = index(view.children, lambda comment: comment.id == comment_id)
    if not found:
        return []
    above: list[Post] = []
    top = found[0]
    while len(above) < context and str(top.parent).startswith("t1_"):
        above.append(top)
        top = view.thread.comments[str(top.parent)[3:]]
    lane = view.children | {str(comment.parent): [comment] for comment in above}
    narrowed = View(view.thread, lane, view.now, view.sort)
    page = choose(narrowed, [top], limit=limit, max_depth=depth + len(above))
    return render_nested(page, str(top.parent))


def _whole(text: str | None, default: int) -> int:
    return int(text) if text and text.isdigit() and int(text) > 0 else default


def _error(status: int, message: str, headers: dict[str, str] | None = None) -> Answer:
    return json_answer({"message": message, "error": status}, status=status, headers=headers)
