from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from fakes.collecting import PEOPLE, Clock, client
from fakes.observed import rows
from fakes.server import FakeServer
from fakes.world import DEFAULT_CREATED_AT, World
from fakes.x_api import TOKEN, XApi, native_id

from collector.budget import Budget, Cost
from collector.links import LinkError
from collector.reading import Reading
from collector.run import Outcome, Run, walk_thread
from collector.session import SiteError
from collector.source import Listing, Page, site_source
from collector.sources import x_api
from collector.sources.x_api import Options, XSession
from collector.times import from_epoch
from collector.x_items import written
from db.queries.runs import Task
from db.store import Store

THREAD = native_id("1abc")
RECENT, ARCHIVE = Options(), Options(archive=True)


@dataclass
class Desk:
    """The stand-in, and sessions with it that look at its clock."""

    server: FakeServer
    api: XApi
    world: World
    clock: Clock = field(default_factory=Clock)
    budget: Budget = field(default_factory=lambda: Budget(100.0))
    costs: list[Cost] = field(default_factory=list)
    opened: list[XSession] = field(default_factory=list)

    def now(self) -> str:
        return str(from_epoch(self.world.now))

    def session(self, options: Options = RECENT, token: str = TOKEN) -> XSession:
        session = x_api.open_session(
            self.server.url, token, self.clock.pace(), self.now, self.budget, options=options, client=client()
        )
        self.opened.append(session)
        return session

    def pages(self, tasks: list[Task], options: Options = RECENT) -> list[tuple[Task, Page]]:
        """Do all tasks, and those that follow from them."""
        done = []
        session = self.session(options)
        reading = Reading(PEOPLE, self.now())
        while tasks:
            task, *tasks = tasks
            page = x_api.fetch(task, session, reading)
            done.append((task, page))
            tasks += page.tasks
        self.costs += session.take_costs()
        return done

    def walk(self, thread: str = THREAD, options: Options = RECENT) -> list[tuple[Task, Page]]:
        return self.pages(x_api.first_tasks(thread), options)

    def refused(self, options: Options = RECENT, token: str = TOKEN) -> SiteError:
        """The failure of the first request of a walk."""
        session = self.session(options, token)
        with pytest.raises(SiteError) as raised:
            x_api.fetch(x_api.first_tasks(THREAD)[0], session, Reading(PEOPLE, self.now()))
        self.costs += session.take_costs()
        return raised.value

    def usd(self) -> float:
        return round(sum(cost.usd for cost in self.costs), 6)


@pytest.fixture
def desk() -> Iterator[Desk]:
    world = World(now=DEFAULT_CREATED_AT + 86_400)
    api = XApi(world)
    with FakeServer(api) as server:
        desk = Desk(server, api, world)
        yield desk
        for session in desk.opened:
            session.close()


def kinds(done: list[tuple[Task, Page]]) -> list[str]:
    return [task.kind for task, _ in done]


def texts(done: list[tuple[Task, Page]]) -> list[str | None]:
    return [seen.text for _, page in done for seen in page.observations]


def told(done: list[tuple[Task, Page]]) -> list[str]:
    return [problem for _, page in done for problem in page.problems]


def query(desk: Desk, path: str) -> list[dict[str, str]]:
    return [request.query for request in desk.server.requests if request.path.startswith(path)]


def test_a_conversation_is_its_root_the_counts_and_pages_of_replies(desk: Desk) -> None:
    desk.world.make_thread("1abc", 130, troubled=False)

    done = desk.walk()

    assert kinds(done) == ["root", "counts", "replies", "replies"]
    assert len(texts(done)) == 131
    assert told(done) == []
    assert [each["max_results"] for each in query(desk, "/2/tweets/search/recent")] == ["100", "30"]


def test_the_ledger_says_what_the_bill_says(desk: Desk) -> None:
    desk.world.make_thread("1abc", 130, troubled=False)
    desk.api.quotes["1abc"] = [("q1", "amber_loom_1", "See this.")]

    desk.walk()

    assert desk.usd() == desk.budget.spent == desk.api.usd > 0
    assert {cost.what for cost in desk.costs} == {"posts", "users", "counts recent"}
    assert sum(cost.resources for cost in desk.costs if cost.what == "posts") == 132
    assert {cost.day for cost in desk.costs} == {desk.now()[:10]}
    assert desk.budget.requests == desk.server.count() == 5


def test_the_archive_is_searched_from_the_beginning_of_the_conversation(desk: Desk) -> None:
    desk.world.make_thread("1abc", 30, troubled=False)
    desk.world.advance(hours=24 * 60)

    done = desk.walk(options=ARCHIVE)

    assert len(texts(done)) == 31
    assert told(done) == []
    (counted,) = query(desk, "/2/tweets/counts/all")
    (searched,) = query(desk, "/2/tweets/search/all")
    assert counted["start_time"] == searched["start_time"] <= "2026-01-05T08:00:00Z"
    assert counted["end_time"] == "2026-02-04" + counted["start_time"][10:]
    assert desk.usd() == desk.api.usd
    assert desk.clock.slept == [1.0, 1.0]


def test_an_archive_of_a_young_conversation_is_counted_until_now(desk: Desk) -> None:
    desk.world.make_thread("1abc", 3)

    desk.walk(options=ARCHIVE)

    assert "end_time" not in query(desk, "/2/tweets/counts/all")[0]


def test_without_archive_it_is_told_that_older_replies_cannot_be_searched(desk: Desk) -> None:
    thread = desk.world.make_thread("1abc", 30, troubled=False)
    desk.world.advance(hours=24 * 8)
    desk.world.add_comment("1abc", "I am late.", at=desk.world.now - 60)

    done = desk.walk()

    assert told(done) == [
        f"only the last 7 days can be searched without archive, and the conversation began at {written(THREAD)}"
    ]
    assert len(texts(done)) == 2
    assert thread.root.created_at < desk.world.now - 7 * 86_400


def test_a_conversation_may_be_named_by_any_of_its_posts(desk: Desk) -> None:
    desk.world.make_thread("1abc", 20, troubled=False)
    reply = desk.world.add_comment("1abc", "Deep inside.", at=desk.world.now - 60)

    done = desk.walk(native_id(reply))

    assert kinds(done) == ["root", "root", "counts", "replies"]
    assert {seen.thread for _, page in done for seen in page.observations} == {THREAD}
    assert len({seen.native_id for _, page in done for seen in page.observations}) == 22


def test_an_old_reply_that_leads_to_its_conversation_is_not_lost(desk: Desk) -> None:
    desk.world.make_thread("1abc", 0)
    reply = desk.world.add_comment("1abc", "Long ago.", at=DEFAULT_CREATED_AT + 50)
    desk.world.edit("1abc", "Edited before it came.", at=DEFAULT_CREATED_AT + 20)
    desk.world.advance(hours=24 * 8)

    done = desk.walk(native_id(reply))

    found = {seen.text: (seen.thread, seen.parent) for _, page in done for seen in page.observations}
    assert found["Long ago."] == (THREAD, THREAD)
    assert "Edited before it came." in found


def test_an_edited_root_is_read_in_all_its_versions_and_so_are_replies_to_each(desk: Desk) -> None:
    desk.world.make_thread("1abc", 0)
    desk.world.add_comment("1abc", "To the first.", at=DEFAULT_CREATED_AT + 50)
    desk.world.edit("1abc", "The second version.", at=DEFAULT_CREATED_AT + 100)
    desk.world.add_comment("1abc", "To the second.", at=DEFAULT_CREATED_AT + 150)

    done = desk.walk()

    found = [seen for _, page in done for seen in page.observations]
    assert kinds(done) == ["root", "root", "counts", "replies"]
    assert {seen.thread for seen in found} == {THREAD}
    assert [seen.observed_at == desk.now() for seen in found] == [False, True, True, True]
    assert [(seen.parent, seen.text) for seen in found[1:]] == [
        (None, "The second version."), (THREAD, "To the second."), (THREAD, "To the first."),
    ]  # fmt: skip
    later = str(int(THREAD) + 1)
    assert query(desk, "/2/tweets/search")[0]["query"] == f"conversation_id:{THREAD} OR conversation_id:{later}"


def test_posts_that_quote_the_root_open_conversations_that_are_not_walked(desk: Desk) -> None:
    desk.world.make_thread("1abc", 0)
    desk.api.quotes["1abc"] = [(f"q{number}", "amber_loom_1", f"See this, {number}.") for number in range(15)]

    done = desk.walk()

    quotes = [seen for task, page in done for seen in page.observations if task.kind == "quotes"]
    assert len(quotes) == 15
    assert {(seen.kind, seen.quoted, seen.declared_count) for seen in quotes} == {("quote", THREAD, None)}
    assert quotes[0].text == f"See this, 0. https://x.com/i/status/{THREAD}"
    assert quotes[0].thread == quotes[0].native_id != THREAD
    assert [each["max_results"] for each in query(desk, f"/2/tweets/{THREAD}/quote_tweets")] == ["15"]


def test_more_quotes_than_were_announced_are_asked_for_page_by_page(desk: Desk) -> None:
    desk.api.quotes["1abc"] = [(f"q{number}", "amber_loom_1", "See this.") for number in range(25)]
    desk.world.make_thread("1abc", 0)

    done = desk.pages([Task("x_api", THREAD, "quotes", {"post": THREAD, "left": 4, "seen": []})])

    assert len(texts(done)) == 25
    assert [each.get("pagination_token") for each in query(desk, "/2/tweets/")] == [None, "t10", "t20"]


def test_quotes_are_left_out_if_they_are_not_wanted(desk: Desk) -> None:
    desk.world.make_thread("1abc", 0)
    desk.api.quotes["1abc"] = [("q1", "amber_loom_1", "See this.")]

    assert kinds(desk.walk(options=Options(quotes=False))) == ["root", "counts", "replies"]


def test_without_authors_none_is_paid_for_and_each_is_known_by_number(desk: Desk) -> None:
    desk.world.make_thread("1abc", 20, troubled=False)

    done = desk.walk(options=Options(authors=False))

    authors = {seen.author for _, page in done for seen in page.observations}
    assert None not in authors
    assert len(authors) > 5
    assert desk.api.bill["users"] == 0
    assert {cost.what for cost in desk.costs} == {"posts", "counts recent"}


def test_an_answer_without_the_authors_that_were_asked_for_is_read(desk: Desk) -> None:
    desk.world.make_thread("1abc", 5, troubled=False)
    desk.api.without_includes = True

    assert len(texts(desk.walk())) == 6


def test_new_names_of_the_fields_are_tried_once_and_kept(desk: Desk) -> None:
    thread = desk.world.make_thread("1abc", 20, troubled=False)
    long = "word " * 100 + "end."
    desk.world.add_comment("1abc", long, at=thread.root.created_at + 50)
    desk.api.new_names = True

    done = desk.walk()

    assert len(texts(done)) == 22
    assert long in texts(done)
    assert [next(name for name in request.query if name.endswith(".fields")) for request in desk.server.requests if "counts" not in request.path] == [
        "tweet.fields", "post.fields", "post.fields",
    ]  # fmt: skip
    assert desk.usd() == desk.api.usd


def test_where_both_spellings_are_refused_the_request_is(desk: Desk) -> None:
    session = desk.session()

    with pytest.raises(SiteError, match=r"^refused-request: status 400: Invalid Request$"):
        session.ask("/2/tweets/search/recent", {"query": "x", "max_results": "7"}, {"posts": 7})

    assert [max(each) for each in query(desk, "/2/tweets/search")] == ["tweet.fields", "query"]
    assert session.take_costs() == []
    desk.world.make_thread("1abc", 0)
    session.ask("/2/tweets", {"ids": THREAD}, {"posts": 1})
    assert "tweet.fields" in desk.server.requests[-1].query


def test_a_request_without_fields_is_not_made_in_another_spelling(desk: Desk) -> None:
    session = desk.session()

    with pytest.raises(SiteError, match="status 400"):
        session.ask("/2/tweets/search/recent", {"query": "x", "max_results": "7"}, {"counts recent": 1})

    assert desk.server.count() == 1


@pytest.mark.parametrize("loop", ["token", "page"])
@pytest.mark.parametrize("kind", ["replies", "quotes", "search"])
def test_a_walk_in_a_circle_ends_and_is_told(desk: Desk, loop: str, kind: str) -> None:
    desk.world.make_thread("1abc", 12, troubled=False)
    desk.api.quotes["1abc"] = [(f"q{number}", "amber_loom_1", "See this.") for number in range(12)]
    payload: dict[str, Any] = {
        "replies": {"posts": [THREAD], "archive": False, "left": 10, "seen": []},
        "quotes": {"post": THREAD, "left": 10, "seen": []},
        "search": {"words": "e"},
    }[kind]
    desk.api.loop = loop

    done = desk.pages([Task("x_api", THREAD, kind, payload)])

    assert len(done) == 2
    assert told(done) == ["cursor loop: X gives the same page again after 1 pages; the rest is missing"]


def test_a_circle_is_a_note_of_the_run_and_no_failure(desk: Desk, tmp_path: Path) -> None:
    desk.world.make_thread("1abc", 12, troubled=False)
    desk.api.loop = "token"

    outcome, store = walk(desk, tmp_path)

    assert outcome.state == "done"
    assert len(outcome.notes) == 1
    assert "cursor loop" in outcome.notes[0]
    assert rows(store, "SELECT count(*) AS posts FROM posts") == [{"posts": 13}]
    store.close()


def walk(desk: Desk, tmp_path: Path, thread: str = THREAD) -> tuple[Outcome, Store]:
    store = Store(tmp_path / "study.db", create=True)
    run = Run(store, "collect url", {}, "0", desk.now)
    session = desk.session()
    walk_thread(run, site_source("x_api"), session, thread, lambda: Reading(PEOPLE, desk.now()))
    return run.finish(), store


def test_a_budget_that_the_conversation_would_pass_stops_it_after_the_counts(desk: Desk) -> None:
    desk.world.make_thread("1abc", 300, troubled=False)
    desk.budget = Budget(4.0)

    with pytest.raises(SiteError) as refused:
        desk.walk()

    assert str(refused.value) == (
        "over-budget: a conversation of 300 posts may cost up to $4.500, and $0.020 of $4.000 are spent"
    )
    assert desk.server.count("/2/tweets/search") == 0
    assert desk.api.usd == desk.budget.spent == 0.02


def test_a_request_that_might_pass_the_limit_is_never_made(desk: Desk) -> None:
    desk.budget = Budget(0.0149)

    assert desk.refused().name == "over-budget"
    assert desk.server.count() == 0
    assert desk.costs == []


def test_a_small_budget_is_enough_for_a_small_conversation(desk: Desk) -> None:
    desk.world.make_thread("1abc", 12, troubled=False)
    desk.budget = Budget(0.25)

    assert len(texts(desk.walk())) == 13
    assert desk.budget.spent <= 0.2


def test_no_more_requests_are_made_than_are_allowed(desk: Desk) -> None:
    desk.world.make_thread("1abc", 12)
    desk.budget = Budget(10.0, max_requests=2)

    with pytest.raises(SiteError, match="the 2 requests that are allowed have been made"):
        desk.walk()

    assert desk.server.count() == 2


def test_each_try_counts_as_a_request(desk: Desk) -> None:
    desk.budget = Budget(10.0, max_requests=2)
    desk.server.fail("503", times=None)

    assert desk.refused().name == "over-budget"
    assert desk.server.count() == 2
    assert desk.budget.requests == 2


@pytest.mark.parametrize("mode", ["truncated", "empty", "reset", "html-for-json"])
def test_an_answer_that_may_have_been_billed_is_counted_at_its_worst(desk: Desk, mode: Any) -> None:
    desk.world.make_thread("1abc", 0)
    desk.server.fail(mode, path="/2/tweets", times=4)

    desk.refused()

    assert desk.usd() == desk.budget.spent >= 0.015
    assert desk.usd() >= desk.api.usd


@pytest.mark.parametrize("mode", ["503", "404", "429-retry-after"])
def test_a_refusal_costs_nothing(desk: Desk, mode: Any) -> None:
    desk.server.fail(mode, times=4)

    desk.refused()

    assert desk.costs == []


def test_a_server_that_is_not_there_costs_nothing(desk: Desk) -> None:
    session = x_api.open_session("http://127.0.0.1:1", TOKEN, desk.clock.pace(), desk.now, desk.budget, client=client())

    with pytest.raises(SiteError, match="not-reached"):
        session.ask("/2/tweets", {"ids": "1"}, {"posts": 1})

    assert session.take_costs() == []
    assert [request.status for request in session.take_requests()] == [None] * 4


def test_an_answer_that_is_no_object_is_broken(desk: Desk) -> None:
    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=["no", "object"])

    with httpx.Client(transport=httpx.MockTransport(answer)) as other:
        session = x_api.open_session("https://x.example", TOKEN, desk.clock.pace(), desk.now, desk.budget, client=other)
        with pytest.raises(SiteError, match="the answer is no JSON object"):
            session.ask("/2/tweets", {"ids": "1"}, {"posts": 1})

    assert len(session.take_costs()) == 4


def test_a_full_window_is_waited_for_until_the_time_that_x_names(desk: Desk) -> None:
    desk.world.make_thread("1abc", 0)
    desk.api.window = 0

    def refill(seconds: float) -> None:
        desk.clock.slept.append(seconds)
        desk.clock.seconds += seconds
        desk.api.window = None

    session = desk.session()
    session._session.pace.sleep = refill
    page = x_api.fetch(x_api.first_tasks(THREAD)[0], session, Reading(PEOPLE, desk.now()))

    assert len(page.observations) == 1
    assert desk.clock.slept == [90.0]


def test_a_window_that_opens_late_ends_the_run(desk: Desk) -> None:
    desk.api.window = 0
    desk.api.reset_seconds = 900

    error = desk.refused()

    assert (error.name, error.retry_after, error.passes) == ("slow-down", 900.0, True)
    assert desk.clock.slept == []


def test_the_last_request_of_a_window_is_followed_by_a_wait(desk: Desk) -> None:
    desk.world.make_thread("1abc", 0)
    desk.api.window = 1
    session = desk.session()
    reading = Reading(PEOPLE, desk.now())
    (counts,) = x_api.fetch(x_api.first_tasks(THREAD)[0], session, reading).tasks
    desk.api.window = None

    (replies,) = x_api.fetch(counts, session, reading).tasks
    x_api.fetch(replies, session, reading)

    assert desk.clock.slept == [90.0]


def test_a_request_for_which_there_is_no_time_is_not_made_and_not_counted(desk: Desk) -> None:
    desk.world.make_thread("1abc", 0)
    desk.api.window, desk.api.reset_seconds = 1, 900
    session = desk.session()
    session.ask("/2/tweets", {"ids": THREAD}, {"posts": 1})
    session.take_costs()

    with pytest.raises(SiteError, match=r"^slow-down: no more requests are allowed for now") as refused:
        session.ask("/2/tweets", {"ids": THREAD}, {"posts": 1})

    assert refused.value.retry_after == 900.0
    assert desk.server.count() == desk.budget.requests == 1
    assert session.take_costs() == []


@pytest.mark.parametrize("reset", [None, "soon", "12"])
def test_a_full_window_that_names_no_time_to_come_is_tried_again_as_others_are(desk: Desk, reset: str | None) -> None:
    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(429, content=b"no JSON", headers={} if reset is None else {"x-rate-limit-reset": reset})

    with httpx.Client(transport=httpx.MockTransport(answer)) as other:
        session = x_api.open_session("https://x.example", TOKEN, desk.clock.pace(), desk.now, desk.budget, client=other)
        with pytest.raises(SiteError, match=r"^slow-down: status 429$"):
            session.ask("/2/tweets", {"ids": "1"}, {"posts": 1})

    assert desk.clock.slept == [2.0, 4.0, 8.0]


@pytest.mark.parametrize(("status", "title"), [("429", "UsageCapExceeded"), ("402", "CreditsDepleted")])
def test_credits_that_are_used_up_are_not_waited_for(desk: Desk, status: str, title: str) -> None:
    desk.api.capped = status

    error = desk.refused()

    assert (str(error), error.passes, error.status) == (f"quota: {title}", False, int(status))
    assert desk.server.count() == 1
    assert desk.clock.slept == []


def test_a_cap_is_known_by_its_type_too(desk: Desk) -> None:
    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(429, json={"type": "https://api.x.com/2/problems/usage-capped"})

    with httpx.Client(transport=httpx.MockTransport(answer)) as other:
        session = x_api.open_session("https://x.example", TOKEN, desk.clock.pace(), desk.now, desk.budget, client=other)
        with pytest.raises(SiteError, match=r"^quota: status 429$"):
            session.ask("/2/tweets", {"ids": "1"}, {"posts": 1})


@pytest.mark.parametrize("body", [b'["a list"]', b"no JSON"])
def test_a_refusal_that_says_nothing_is_named_by_its_status(desk: Desk, body: bytes) -> None:
    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(403, content=body)

    with httpx.Client(transport=httpx.MockTransport(answer)) as other:
        session = x_api.open_session("https://x.example", TOKEN, desk.clock.pace(), desk.now, desk.budget, client=other)
        with pytest.raises(SiteError, match=r"^forbidden: status 403$"):
            session.ask("/2/tweets", {"ids": "1"}, {"posts": 1})


def test_a_token_that_x_does_not_accept_is_told_and_never_shown(desk: Desk) -> None:
    error = desk.refused(token="another token")

    assert str(error) == "bad-credentials: X does not accept the bearer token"
    session = desk.session(token="another token")
    assert "another token" not in repr(session) + repr(vars(session)["_session"]) + repr(error)


def test_the_token_goes_to_the_one_host_and_no_redirect_is_followed(desk: Desk) -> None:
    desk.server.fail("302-login")

    error = desk.refused()

    assert error.name == "login-page"
    assert [request.path for request in desk.server.requests] == ["/2/tweets"]
    assert desk.server.requests[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_no_record_of_a_request_holds_the_token(desk: Desk) -> None:
    session = desk.session()
    session.ask("/2/tweets", {"ids": THREAD}, {"posts": 1})

    assert TOKEN not in repr(session.take_requests())
    assert session.take_requests() == []


def test_a_root_that_is_gone_is_told_and_its_replies_are_still_found(desk: Desk) -> None:
    desk.world.make_thread("1abc", 3, troubled=False)
    desk.world.delete("1abc", at=desk.world.now - 60)

    done = desk.walk()

    assert done[0][1].gone == {THREAD: "vanished"}
    assert [item.problem for item in done[0][1].unreadable] == [f"gone: X does not show {THREAD} (vanished)"]
    assert len(texts(done)) == 3


def test_a_protected_root_is_told_as_such(desk: Desk) -> None:
    desk.world.make_thread("1abc", 0)
    desk.world.vanish("1abc", at=desk.world.now - 60)

    assert [item.problem for item in desk.walk()[0][1].unreadable] == [f"gone: X does not show {THREAD} (protected)"]


def test_a_repost_opens_no_conversation(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    repost = {
        "id": THREAD, "text": "RT @a: b", "conversation_id": THREAD, "referenced_tweets": [{"type": "retweeted", "id": "1"}],
    }  # fmt: skip
    monkeypatch.setattr(XSession, "ask", lambda *_: {"data": [repost]})

    page = x_api.fetch(x_api.first_tasks(THREAD)[0], desk.session(), Reading(PEOPLE))

    assert [item.problem for item in page.unreadable] == [f"gone: X does not show {THREAD} (it repeats another post)"]
    assert page.gone == {}


def test_a_chain_of_conversations_is_followed_three_times_at_most(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(_session: XSession, _path: str, asked: dict[str, str], _bill: object) -> dict[str, Any]:
        wanted = asked["ids"].split(",")[0]
        return {"data": [{"id": wanted, "text": "x", "conversation_id": wanted + "0", "public_metrics": None}]}

    monkeypatch.setattr(XSession, "ask", answer)
    session, tasks = desk.session(), x_api.first_tasks(THREAD)
    seen = []
    while tasks[0].kind == "root":
        seen.append(tasks[0].payload["post"])
        tasks = x_api.fetch(tasks[0], session, Reading(PEOPLE)).tasks

    assert seen == [THREAD, THREAD + "0", THREAD + "00", THREAD + "000"]


@pytest.mark.parametrize(
    ("answer", "left"),
    [
        ({"meta": {"total_tweet_count": 7}}, 7),
        ({"meta": {"total_post_count": 7}}, 7),
        ({"meta": {"total_tweet_count": "many"}}, 0),
        ({"meta": {"total_tweet_count": -1}}, 0),
        ({"meta": None}, 0),
        ({}, 0),
    ],
)
def test_counts_of_any_shape_lead_to_the_replies(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any], left: int
) -> None:
    monkeypatch.setattr(XSession, "ask", lambda *_: answer)
    payload = {"posts": [THREAD], "archive": False, "quotes": 0}

    page = x_api.fetch(Task("x_api", THREAD, "counts", payload), desk.session(), Reading(PEOPLE))

    assert [task.payload for task in page.tasks] == [{"posts": [THREAD], "archive": False, "left": left, "seen": []}]


def test_a_conversation_older_than_timed_ids_is_searched_as_the_archive_does_by_itself(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, str]] = []
    monkeypatch.setattr(XSession, "ask", lambda _self, _path, given, _bill: asked.append(given) or {})
    payload = {"posts": ["20"], "archive": True, "quotes": 0}

    x_api.fetch(Task("x_api", "20", "counts", payload), desk.session(), Reading(PEOPLE))

    assert asked == [{"query": "conversation_id:20", "granularity": "day"}]


def test_other_errors_of_an_answer_are_problems(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    told = {"data": [], "errors": [{"title": "Field Authorization Error", "type": "https://x/field-unauthorized"}]}
    monkeypatch.setattr(XSession, "ask", lambda *_: told)

    page = x_api.fetch(
        Task("x_api", THREAD, "replies", {"posts": [THREAD], "archive": False, "left": 1, "seen": []}),
        desk.session(),
        Reading(PEOPLE),
    )

    assert page.problems == ["Field Authorization Error"]


def test_stored_posts_are_looked_at_again_by_hundreds_without_their_authors(desk: Desk) -> None:
    thread = desk.world.make_thread("1abc", 150, troubled=False)
    gone, hidden, edited, *_ = thread.comments
    desk.world.delete(gone, at=desk.world.now - 60)
    desk.world.vanish(hidden, at=desk.world.now - 60)
    desk.world.edit(edited, "Said otherwise.", at=desk.world.now - 60)
    ids = [native_id(each) for each in ("1abc", *thread.comments)]

    done = desk.pages(x_api.recheck_tasks(ids))

    seen = [each for _, page in done for each in page.observations]
    assert [len(task.payload["ids"]) for task, _ in done] == [100, 51, 1]
    assert {task.target for task, _ in done} == {"recheck"}
    assert {each: state for _, page in done for each, state in page.gone.items()} == {
        native_id(gone): "vanished", native_id(hidden): "protected",
    }  # fmt: skip
    assert {each.author for each in seen} == {None}
    assert [(each.text, each.observed_at) for each in seen if each.native_id == native_id(edited)][1:] == [
        ("Said otherwise.", desk.now())
    ]
    assert desk.api.bill["users"] == 0
    assert desk.usd() == desk.api.usd == 0.75


def test_a_later_version_that_is_gone_is_its_post(desk: Desk) -> None:
    later = str(int(THREAD) + 1)

    ((_, page),) = desk.pages([Task("x_api", "recheck", "lookup", {"ids": [later], "known": {later: THREAD}})])

    assert page.gone == {THREAD: "vanished"}


def listing(**changes: Any) -> list[Task]:
    return x_api.listing_tasks(Listing("search", "nightly batch", **changes))


def test_a_search_shows_conversations_and_keeps_what_it_found(desk: Desk) -> None:
    for thread in ("1abc", "1abd"):
        desk.world.make_thread(thread, 3, troubled=False)
        desk.world.add_comment(thread, "A nightly batch of bread.", at=desk.world.now - 60)

    ((_, page),) = desk.pages(listing())

    (asked,) = query(desk, "/2/tweets/search/recent")
    assert asked["query"] == "nightly batch -is:retweet"
    assert set(page.threads) >= {native_id("1abc"), native_id("1abd")}
    assert len(page.threads) == len(set(page.threads))
    assert {seen.declared_count for seen in page.observations} == {None}
    assert page.problems == []


@pytest.mark.parametrize(
    ("options", "window", "asked", "problems"),
    [
        (Options(), {}, {}, []),
        (Options(), {"after": "2026-01-04T00:00:00Z"}, {"start_time": "2026-01-04T00:00:00Z"}, []),
        (Options(), {"after": "2025-12-01T00:00:00Z"}, {}, ["only the last 7 days can be searched without archive"]),
        (ARCHIVE, {"after": "2025-12-01T00:00:00Z"}, {"start_time": "2025-12-01T00:00:00Z"}, []),
        (ARCHIVE, {}, {}, ["a search of the archive that names no beginning looks back 30 days"]),
        (Options(), {"before": "2026-01-06T00:00:00Z"}, {"end_time": "2026-01-06T00:00:00Z"}, []),
        (Options(), {"before": "2026-09-01T00:00:00Z"}, {}, []),
    ],
)
def test_a_search_is_for_the_time_that_can_be_searched(
    desk: Desk, options: Options, window: dict[str, str], asked: dict[str, str], problems: list[str]
) -> None:
    ((_, page),) = desk.pages(listing(**window), options)

    (sent,) = query(desk, "/2/tweets/search/")
    assert {name: moment for name, moment in sent.items() if name.endswith("_time")} == asked
    assert page.problems == problems


def test_a_search_for_a_time_before_all_that_can_be_searched_asks_nothing(desk: Desk) -> None:
    ((_, page),) = desk.pages(listing(before="2025-12-01T00:00:00Z"))

    assert page.problems == ["only the last 7 days can be searched without archive"]
    assert desk.server.count() == 0


def test_only_conversations_begun_in_the_time_are_to_be_walked(desk: Desk) -> None:
    desk.world.make_thread("1abc", 0)
    desk.world.add_comment("1abc", "A nightly batch.", at=desk.world.now - 60)

    ((_, page),) = desk.pages(listing(after=desk.now()[:10] + "T00:00:00Z"))

    assert texts([(listing()[0], page)]) == ["A nightly batch."]
    assert page.threads == []


def test_what_a_long_search_leaves_out_is_told_once(desk: Desk) -> None:
    desk.world.make_thread("1abc", 0)
    for number in range(150):
        desk.world.add_comment("1abc", f"A nightly batch, {number}.", at=desk.world.now - 200 + number)

    done = desk.pages(listing(after="2025-12-01T00:00:00Z"))

    assert kinds(done) == ["search", "search"]
    assert told(done) == ["only the last 7 days can be searched without archive"]
    assert len(set(texts(done))) == 150


def test_a_community_cannot_be_listed(desk: Desk) -> None:
    with pytest.raises(LinkError, match="X has no communities"):
        x_api.listing_tasks(Listing("community", "bread"))
    assert desk.server.count() == 0


def test_a_session_of_its_own_opens_and_closes(desk: Desk) -> None:
    session = x_api.open_session(desk.server.url, TOKEN, desk.clock.pace(), desk.now, desk.budget)
    desk.opened.append(session)
    desk.world.make_thread("1abc", 0)

    assert session.ask("/2/tweets", {"ids": THREAD}, {"posts": 1})["data"]
    assert desk.server.requests[0].headers["user-agent"] == "groundswell (x_api)"


def test_the_source_is_found_by_its_name() -> None:
    fetch: Callable[..., Page] = site_source("x_api").fetch

    assert fetch is x_api.fetch
