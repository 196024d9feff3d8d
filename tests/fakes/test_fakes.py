"""The stand-ins keep the limits of the services they stand in for, and fail as told."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import httpx
import praw
import pytest
import requests
from fakes.arctic import ArcticShift
from fakes.faults import Mode
from fakes.reddit import RedditApi
from fakes.server import FakeServer
from fakes.things import escape_entities
from fakes.world import World
from prawcore.exceptions import NotFound, TooManyRequests

if TYPE_CHECKING:
    from collections.abc import Iterator

Json = dict[str, Any]
HOUR = 3600


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def reddit_api(world: World) -> RedditApi:
    return RedditApi(world)


@pytest.fixture
def server(world: World, reddit_api: RedditApi) -> Iterator[FakeServer]:
    with FakeServer(reddit_api, ArcticShift(world)) as running:
        yield running


@pytest.fixture
def client(server: FakeServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=5) as open_client:
        yield open_client


@pytest.fixture
def token(client: httpx.Client) -> dict[str, str]:
    answer = client.post("/api/v1/access_token", data={"grant_type": "client_credentials"}, auth=("id", "secret"))
    return {"Authorization": f"bearer {answer.json()['access_token']}"}


@pytest.fixture
def reddit(server: FakeServer) -> Iterator[praw.Reddit]:
    with requests.Session() as session:
        yield praw.Reddit(
            client_id="id",
            client_secret="secret",
            user_agent="test:groundswell:0 (by /u/x)",
            oauth_url=server.url,
            reddit_url=server.url,
            check_for_updates=False,
            requestor_kwargs={"session": session},
        )


def data_of(answer: httpx.Response) -> Any:
    return answer.json()["data"]


def flatten(things: list[Json]) -> list[Json]:
    """A tree of things as a list, parents first."""
    found = []
    for thing in things:
        found.append(thing)
        replies = thing["data"].get("replies") or {"data": {"children": []}}
        found.extend(flatten(replies["data"]["children"]))
    return found


def ids_of(things: list[Json], kind: str = "t1") -> set[str]:
    return {thing["data"]["id"] for thing in things if thing["kind"] == kind}


# The world


def test_the_same_arguments_build_the_same_thread() -> None:
    assert World().make_thread("1abc", 50, 3) == World().make_thread("1abc", 50, 3)


def test_another_seed_builds_other_posts() -> None:
    assert World().make_thread("1abc", 50, 3).comments != World().make_thread("1abc", 50, 4).comments


def test_deep_threads_are_deep_and_wide_ones_are_not(world: World) -> None:
    deep = world.make_thread("deep", 400, shape="deep")
    wide = world.make_thread("wide", 400, shape="wide")
    assert max(map(deep.depth_of, deep.comments.values())) > 15
    assert max(map(wide.depth_of, wide.comments.values())) <= 5


def test_a_troubled_thread_holds_every_kind_of_trouble(world: World) -> None:
    thread = world.make_thread("1abc", 400)
    last = [comment.versions[-1] for comment in thread.comments.values()]
    assert {version.state for version in last} == {"live", "deleted", "removed"}
    assert any(version.author_gone and version.state == "live" for version in last)
    assert any(version.edited_at for version in last)


def test_a_deleted_comment_is_visible_only_while_it_has_replies(world: World) -> None:
    world.make_thread("1abc", 0)
    parent = world.add_comment("1abc", "first")
    reply = world.add_comment("1abc", "second", parent=parent)
    world.delete(parent)
    assert world.visible_ids("1abc") == {parent, reply}
    world.delete(reply)
    assert world.visible_ids("1abc") == set()


def test_a_vanished_comment_takes_its_branch_along(world: World) -> None:
    world.make_thread("1abc", 0)
    parent = world.add_comment("1abc", "first")
    world.add_comment("1abc", "second", parent=parent)
    world.vanish(parent)
    assert world.visible_ids("1abc") == set()


# Reddit


@pytest.mark.parametrize(("shape", "n_comments"), [("deep", 700), ("wide", 900)])
def test_praw_finds_every_visible_comment(world: World, reddit: praw.Reddit, shape: Any, n_comments: int) -> None:
    world.make_thread("1abc", n_comments, 1, shape)
    submission = reddit.submission("1abc")
    submission.comments.replace_more(limit=None)
    found = [comment.id for comment in submission.comments.list()]
    assert len(found) == len(set(found))
    assert set(found) == world.visible_ids("1abc")


def test_praw_reads_a_submission_and_its_lost_authors(world: World, reddit: praw.Reddit) -> None:
    thread = world.make_thread("1abc", 0, over_18=True)
    gone = world.add_comment("1abc", "R&D said x < y", author="slow_loom_4")
    world.close_account("slow_loom_4")
    submission = reddit.submission("1abc")
    assert (submission.title, submission.over_18, submission.num_comments) == (thread.title, True, 1)
    assert (submission.comments[0].id, submission.comments[0].author) == (gone, None)
    assert submission.comments[0].body == "R&D said x < y"


def test_praw_refreshes_a_deep_comment_within_its_ancestors(world: World, reddit: praw.Reddit) -> None:
    world.make_thread("1abc", 0)
    top = world.add_comment("1abc", "top")
    reply = world.add_comment("1abc", "reply", parent=top)
    answer = world.add_comment("1abc", "answer", parent=reply)
    refreshed = reddit.comment(reply).refresh()
    assert (refreshed.parent_id, [comment.id for comment in refreshed.replies]) == (f"t1_{top}", [answer])


def test_praw_is_told_of_an_unknown_thread(reddit: praw.Reddit) -> None:
    with pytest.raises(NotFound):
        reddit.request(method="GET", path="/comments/nosuch/")


def test_a_page_has_500_comments_to_depth_10_and_stubs(world: World, client: httpx.Client, token: Json) -> None:
    world.make_thread("1abc", 900, 1, "deep")
    listings = client.get("/comments/1abc/", params={"limit": 2048}, headers=token).json()
    things = flatten(listings[1]["data"]["children"])
    stubs = [thing["data"] for thing in things if thing["kind"] == "more"]
    assert len(ids_of(things)) == 500
    assert max(thing["data"]["depth"] for thing in things if thing["kind"] == "t1") == 9
    assert {"children": [], "count": 0, "depth": 10, "id": "_", "name": "t1__"}.items() <= next(
        stub for stub in stubs if not stub["children"]
    ).items()
    assert all(stub["count"] >= len(stub["children"]) for stub in stubs)


def test_the_thread_page_can_be_asked_for_less(world: World, client: httpx.Client, token: Json) -> None:
    world.make_thread("1abc", 60)
    answer = client.get("/r/any/comments/1abc/slug.json", params={"limit": 7, "depth": 2}, headers=token)
    things = flatten(answer.json()[1]["data"]["children"])
    assert len(ids_of(things)) == 7
    assert max(thing["data"]["depth"] for thing in things if thing["kind"] == "t1") <= 1


def test_newest_first_is_newest_first(world: World, client: httpx.Client, token: Json) -> None:
    world.make_thread("1abc", 60, troubled=False)
    answer = client.get("/comments/1abc", params={"sort": "new"}, headers=token)
    times = [thing["data"]["created_utc"] for thing in answer.json()[1]["data"]["children"]]
    assert times == sorted(times, reverse=True)


def test_morechildren_gives_100_comments_and_a_stub_for_the_rest(
    world: World, client: httpx.Client, token: Json
) -> None:
    thread = world.make_thread("1abc", 300, troubled=False)
    form = {"link_id": "t3_1abc", "children": ",".join(thread.comments), "api_type": "json"}
    reply = client.post("/api/morechildren/", data=form, headers=token).json()["json"]
    things = reply["data"]["things"]
    left = [child for thing in things if thing["kind"] == "more" for child in thing["data"]["children"]]
    assert reply["errors"] == []
    assert len(ids_of(things)) == 100
    assert all(thing["data"].get("replies", "") == "" for thing in things)
    assert not ids_of(things) & set(left)
    assert len(left) == 200


def test_morechildren_can_be_kept_from_giving_replies(world: World, client: httpx.Client, token: Json) -> None:
    world.make_thread("1abc", 0)
    parent = world.add_comment("1abc", "first")
    world.add_comment("1abc", "second", parent=parent)
    form = {"link_id": "t3_1abc", "children": parent, "limit_children": "true"}
    things = client.post("/api/morechildren/", data=form, headers=token).json()["json"]["data"]["things"]
    assert [thing["data"]["id"] for thing in things] == [parent]


def test_morechildren_may_omit_what_was_asked_for(
    world: World, reddit_api: RedditApi, client: httpx.Client, token: Json
) -> None:
    world.make_thread("1abc", 0)
    lost = world.add_comment("1abc", "lost")
    reddit_api.morechildren_omits.add(lost)
    form = {"link_id": "t3_1abc", "children": lost}
    reply = client.post("/api/morechildren/", data=form, headers=token).json()
    assert reply == {"json": {"errors": [], "data": {"things": []}}}


def test_a_second_morechildren_call_at_once_is_refused(
    world: World, reddit_api: RedditApi, client: httpx.Client, token: Json
) -> None:
    thread = world.make_thread("1abc", 5)
    reddit_api.morechildren_seconds = 0.3
    form = {"link_id": "t3_1abc", "children": ",".join(thread.comments)}
    with ThreadPoolExecutor(2) as pool:
        calls = [pool.submit(client.post, "/api/morechildren/", data=form, headers=token) for _ in range(2)]
        answers = sorted((call.result() for call in calls), key=lambda answer: answer.status_code)
    assert [answer.status_code for answer in answers] == [200, 429]
    assert "retry-after" not in answers[1].headers


def test_info_knows_deleted_but_not_vanished_things(world: World, client: httpx.Client, token: Json) -> None:
    world.make_thread("1abc", 0)
    kept, deleted, removed, vanished = (world.add_comment("1abc", text) for text in ("a", "b", "c", "d"))
    world.delete(deleted)
    world.remove(removed)
    world.vanish(vanished)
    names = ",".join(["t3_1abc", "t1_none", *(f"t1_{each}" for each in (kept, deleted, removed, vanished))])
    children = data_of(client.get("/api/info/", params={"id": names}, headers=token))["children"]
    bodies = [(thing["data"].get("body"), thing["data"]["author"]) for thing in children]
    assert bodies[1:] == [("a", "tidy_thimble_2"), ("[deleted]", "[deleted]"), ("[removed]", "tidy_thimble_2")]
    assert children[0]["kind"] == "t3"


def test_info_refuses_more_than_100_ids(client: httpx.Client, token: Json) -> None:
    answer = client.get("/api/info/", params={"id": ",".join(f"t1_{n}" for n in range(101))}, headers=token)
    assert answer.status_code == 400


def test_an_edit_between_two_visits_is_seen(world: World, client: httpx.Client, token: Json) -> None:
    world.make_thread("1abc", 0)
    edited = world.add_comment("1abc", "before")
    world.advance(hours=1)
    world.edit(edited, "after")
    thing = data_of(client.get("/api/info", params={"id": f"t1_{edited}"}, headers=token))["children"][0]
    assert (thing["data"]["body"], thing["data"]["edited"]) == ("after", float(world.now))


def test_entities_are_escaped_unless_raw_json_is_asked_for(world: World, client: httpx.Client, token: Json) -> None:
    world.make_thread("1abc", 0)
    name = f"t1_{world.add_comment('1abc', 'a < b & c')}"
    escaped = data_of(client.get("/api/info", params={"id": name}, headers=token))["children"][0]["data"]
    raw = data_of(client.get("/api/info", params={"id": name, "raw_json": 1}, headers=token))["children"][0]["data"]
    assert (escaped["body"], raw["body"]) == ("a &lt; b &amp; c", "a < b & c")
    assert escaped == escape_entities(raw)


def test_a_crosspost_carries_its_origin(world: World, client: httpx.Client, token: Json) -> None:
    origin = world.make_thread("1abc", 0)
    world.make_thread("2abc", 0, crosspost_of="1abc")
    post = data_of(client.get("/api/info", params={"id": "t3_2abc"}, headers=token))["children"][0]["data"]
    assert (post["crosspost_parent"], post["is_self"], post["selftext"]) == ("t3_1abc", False, "")
    assert post["crosspost_parent_list"][0]["title"] == escape_entities(origin.title)


def test_wrong_credentials_and_wrong_tokens_are_refused(client: httpx.Client, reddit_api: RedditApi) -> None:
    form = {"grant_type": "client_credentials"}
    assert client.post("/api/v1/access_token", data=form, auth=("id", "wrong")).status_code == 401
    token = client.post("/api/v1/access_token", data=form, auth=("id", "secret")).json()["access_token"]
    reddit_api.revoke_tokens()
    assert client.get("/api/info", headers={"Authorization": f"bearer {token}"}).status_code == 401


def test_the_budget_is_announced_and_kept(world: World, server: FakeServer, client: httpx.Client, token: Json) -> None:
    server.services = (RedditApi(world, budget=1, reset_seconds=7),)
    answer = client.post("/api/v1/access_token", data={"grant_type": "password"}, auth=("id", "secret"))
    assert token["Authorization"] == f"bearer {answer.json()['access_token']}"
    first, second = (client.get("/api/info", headers=token) for _ in range(2))
    names = ("x-ratelimit-remaining", "x-ratelimit-used", "x-ratelimit-reset")
    assert [first.headers[name] for name in names] == ["0.0", "1", "7"]
    assert (first.status_code, second.status_code) == (200, 429)


# Arctic Shift


def test_the_tree_has_every_archived_comment(world: World, client: httpx.Client) -> None:
    thread = world.make_thread("1abc", 300, 2, "deep")
    tree = data_of(client.get("/api/comments/tree", params={"link_id": "t3_1abc", "limit": 25000}))
    assert ids_of(flatten(tree)) == set(thread.comments)


def test_a_tree_beyond_its_limit_is_collapsed(world: World, client: httpx.Client) -> None:
    thread = world.make_thread("1abc", 300, 2)
    things = flatten(data_of(client.get("/api/comments/tree", params={"link_id": "1abc"})))
    stubs = [thing["data"] for thing in things if thing["kind"] == "more"]
    assert 0 < len(ids_of(things)) <= 50
    assert len(ids_of(things)) + sum(stub["count"] for stub in stubs) == len(thread.comments)


def test_a_collapsed_branch_can_be_fetched_by_its_parent(world: World, client: httpx.Client) -> None:
    world.make_thread("1abc", 0)
    parent = world.add_comment("1abc", "first", at=world.now - HOUR)
    reply = world.add_comment("1abc", "second", parent=parent, at=world.now - HOUR)
    tree = data_of(client.get("/api/comments/tree", params={"link_id": "1abc", "parent_id": f"t1_{parent}"}))
    assert ids_of(tree) == {reply}


def test_ids_are_looked_up_with_or_without_prefix(world: World, client: httpx.Client) -> None:
    first, second, *_ = world.make_thread("1abc", 10).comments
    found = data_of(client.get("/api/comments/ids", params={"ids": f"{first},t1_{second},nosuch"}))
    assert {comment["id"] for comment in found} == {first, second}
    assert data_of(client.get("/api/posts/ids", params={"ids": "t3_1abc"}))[0]["name"] == "t3_1abc"
    assert data_of(client.get("/api/posts/ids", params={"ids": "nosuch"})) == []


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/api/comments/ids", {"ids": ",".join(map(str, range(501)))}),
        ("/api/comments/ids", {}),
        ("/api/comments/tree", {}),
        ("/api/comments/tree", {"link_id": "1abc", "limit": "25001"}),
        ("/api/comments/search", {"limit": "101"}),
        ("/api/comments/search", {"body": "word"}),
        ("/api/posts/search", {"after": "yesterday-ish"}),
        ("/api/posts/search", {"sort": "top"}),
    ],
)
def test_what_the_archive_refuses_is_an_error_without_data(client: httpx.Client, path: str, query: Json) -> None:
    answer = client.get(path, params=query)
    assert (answer.status_code, answer.json()["data"]) == (400, None)
    assert answer.json()["error"]


def test_search_pages_by_time(world: World, client: httpx.Client) -> None:
    thread = world.make_thread("1abc", 150)
    query = {"link_id": "1abc", "sort": "asc", "limit": "100"}
    page = data_of(client.get("/api/comments/search", params=query))
    rest = data_of(client.get("/api/comments/search", params=query | {"after": str(page[-1]["created_utc"])}))
    everything = data_of(client.get("/api/comments/search", params=query | {"limit": "auto"}))
    assert (len(page), len(rest)) == (100, 50)
    assert [comment["id"] for comment in page + rest] == list(thread.comments)
    assert everything == page + rest


def test_search_bounds_leave_out_their_second_unless_told(world: World) -> None:
    world.make_thread("1abc", 0)
    world.add_comment("1abc", "first", at=world.now - HOUR)
    query = {"link_id": "1abc", "after": str(world.now - HOUR)}
    with FakeServer(ArcticShift(world)) as exclusive, FakeServer(ArcticShift(world, inclusive=True)) as inclusive:
        assert data_of(httpx.get(f"{exclusive.url}/api/comments/search", params=query)) == []
        assert len(data_of(httpx.get(f"{inclusive.url}/api/comments/search", params=query))) == 1


def test_search_filters_by_parent_and_words(world: World, client: httpx.Client) -> None:
    world.make_thread("1abc", 0, subreddit="invented_tools")
    top = world.add_comment("1abc", "apples and pears", at=world.now - HOUR)
    reply = world.add_comment("1abc", "pears only", parent=top, at=world.now - HOUR)
    path = "/api/comments/search"
    tops = data_of(client.get(path, params={"link_id": "1abc", "parent_id": ""}))
    replies = data_of(client.get(path, params={"parent_id": f"t1_{top}"}))
    words = data_of(client.get(path, params={"subreddit": "invented_tools", "body": "pears only"}))
    assert [comment["id"] for comment in tops] == [top]
    assert [comment["id"] for comment in replies] == [reply]
    assert [comment["id"] for comment in words] == [reply]


def test_posts_are_found_by_community_and_only_the_fields_asked_for(world: World, client: httpx.Client) -> None:
    world.make_thread("1abc", 3, subreddit="invented_tools")
    world.make_thread("2abc", 3, subreddit="other_tools")
    found = data_of(client.get("/api/posts/search", params={"subreddit": "invented_tools", "fields": "id,title"}))
    assert [set(post) for post in found] == [{"id", "title"}]
    assert found[0]["id"] == "1abc"


def test_the_archive_tells_what_its_second_look_found(world: World, client: httpx.Client) -> None:
    world.make_thread("1abc", 0)
    deleted, removed, edited = (world.add_comment("1abc", "kept text", score=9) for _ in range(3))
    world.advance(hours=2)
    world.delete(deleted)
    world.remove(removed)
    world.edit(edited, "new text")
    query = {"ids": f"{deleted},{removed},{edited}"}
    early = data_of(client.get("/api/comments/ids", params=query))
    world.advance(hours=40)
    late = data_of(client.get("/api/comments/ids", params=query))
    assert [(comment["body"], comment["score"], "_meta" in comment) for comment in early] == [
        ("kept text", 1, False)
    ] * 3
    assert [(comment["body"], comment["score"], comment["edited"]) for comment in late] == [("kept text", 9, False)] * 3
    assert [comment["_meta"].get("removal_type") for comment in late] == ["deleted", "removed", None]
    assert [comment["_meta"].get("was_deleted_later") for comment in late] == [True, True, None]
    assert late[2]["_meta"]["is_edited"] is True


def test_what_was_deleted_before_the_first_look_never_had_a_text(world: World, client: httpx.Client) -> None:
    world.make_thread("1abc", 0)
    deleted = world.add_comment("1abc", "too late")
    world.delete(deleted, at=world.now + 5)
    world.advance(hours=1)
    comment = data_of(client.get("/api/comments/ids", params={"ids": deleted}))[0]
    assert (comment["body"], comment["author"], "author_fullname" in comment) == ("[deleted]", "[deleted]", False)


def test_a_gap_of_the_archive_is_in_no_answer(world: World) -> None:
    first, *others = world.make_thread("1abc", 10, 5).comments
    with FakeServer(ArcticShift(world, gaps={first})) as server:
        answer = httpx.get(f"{server.url}/api/comments/search", params={"link_id": "1abc", "limit": "auto"})
    assert {comment["id"] for comment in data_of(answer)} == set(others)
    assert int(answer.headers["x-ratelimit-remaining"]) == 1999


# Faults

ARCTIC = "/api/posts/ids?ids=1abc"


@pytest.mark.parametrize("mode", ["401", "403", "404", "429", "451", "500", "502", "503"])
def test_a_planned_status_comes_once(server: FakeServer, client: httpx.Client, mode: Mode) -> None:
    server.fail(mode)
    answers = [client.get(ARCTIC) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [int(mode), 200]
    assert "retry-after" not in answers[0].headers


@pytest.mark.parametrize(
    ("mode", "status", "words"),
    [
        ("403-html", 403, "blocked"),
        ("200-login", 200, "Log in"),
        ("422-timeout", 422, "slow down"),
        ("html-for-json", 200, "<html>"),
        ("empty", 200, ""),
        ("429-retry-after", 429, "blocked"),
    ],
)
def test_a_refusal_looks_like_the_real_one(
    server: FakeServer, client: httpx.Client, mode: Mode, status: int, words: str
) -> None:
    server.fail(mode)
    answer = client.get(ARCTIC)
    assert answer.status_code == status
    assert words in answer.text
    assert bool(words) == bool(answer.text)


def test_a_429_can_name_its_wait(server: FakeServer, client: httpx.Client) -> None:
    server.fail("429-retry-after", retry_after=17)
    assert client.get(ARCTIC).headers["retry-after"] == "17"


def test_a_redirect_leads_to_a_login_page(server: FakeServer, client: httpx.Client) -> None:
    server.fail("302-login")
    answer = client.get(ARCTIC, follow_redirects=True)
    assert (answer.url.path, answer.url.params["reason"], answer.status_code) == ("/login/", "lor2", 200)


@pytest.mark.parametrize(
    ("mode", "error"),
    [
        ("reset", httpx.ReadError),
        ("truncated-with-length", httpx.RemoteProtocolError),
        ("hang", httpx.ReadTimeout),
    ],
)
def test_a_broken_connection_is_broken(
    server: FakeServer, client: httpx.Client, mode: Mode, error: type[Exception]
) -> None:
    server.fail(mode)
    with pytest.raises(error):
        client.get(ARCTIC, timeout=0.3)
    assert client.get(ARCTIC).status_code == 200


def test_a_truncated_answer_without_length_looks_complete(
    world: World, server: FakeServer, client: httpx.Client
) -> None:
    world.make_thread("1abc", 0)
    server.fail("truncated")
    answer = client.get(ARCTIC)
    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_a_wrong_charset_is_not_utf_8(server: FakeServer, client: httpx.Client) -> None:
    server.fail("wrong-charset")
    with pytest.raises(UnicodeDecodeError):
        client.get(ARCTIC).content.decode()


@pytest.mark.parametrize("mode", ["huge", "gzip-bomb"])
def test_a_body_can_be_too_big(server: FakeServer, client: httpx.Client, mode: Mode) -> None:
    server.fail(mode, size=2_000_000)
    assert len(client.get(ARCTIC).content) > 2_000_000


def test_a_drip_comes_byte_by_byte(server: FakeServer, client: httpx.Client) -> None:
    server.fail("drip", pause_seconds=0.001)
    answer = client.get("/api/posts/ids?ids=nosuch")
    assert data_of(answer) == []
    assert answer.elapsed.total_seconds() > 0.005


def test_a_drip_does_not_hold_up_the_end(world: World) -> None:
    with FakeServer(ArcticShift(world)) as server:
        server.fail("drip", pause_seconds=60)
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(f"{server.url}{ARCTIC}", timeout=0.2)


def test_a_repeated_answer_ignores_what_was_asked(world: World, server: FakeServer, client: httpx.Client) -> None:
    world.make_thread("1abc", 0)
    server.fail("repeat", at=2)
    first, second = client.get(ARCTIC), client.get("/api/posts/ids?ids=nosuch")
    assert first.content == second.content


def test_a_fault_strikes_at_its_place_under_its_path(server: FakeServer, client: httpx.Client) -> None:
    server.fail("500", at=2, path="/api/posts", times=2)
    paths = ["/api/posts/ids?ids=a", "/api/comments/ids?ids=a", *["/api/posts/ids?ids=a"] * 3]
    assert [client.get(path).status_code for path in paths] == [200, 200, 500, 500, 200]


def test_a_lasting_fault_ends_when_it_is_healed(server: FakeServer, client: httpx.Client) -> None:
    server.fail("503", times=None)
    assert [client.get(ARCTIC).status_code for _ in range(3)] == [503, 503, 503]
    server.heal()
    assert client.get(ARCTIC).status_code == 200


def test_an_unknown_mode_is_refused(server: FakeServer) -> None:
    with pytest.raises(ValueError, match="no fault mode"):
        server.fail("418")  # type: ignore[arg-type]


def test_faults_reach_praw(world: World, server: FakeServer, reddit: praw.Reddit) -> None:
    world.make_thread("1abc", 3)
    server.fail("429-retry-after", path="/comments", retry_after=9)
    with pytest.raises(TooManyRequests) as caught:
        reddit.request(method="GET", path="/comments/1abc/")
    assert caught.value.retry_after == 9


def test_every_request_is_recorded(server: FakeServer, client: httpx.Client) -> None:
    client.get("/api/posts/ids?ids=a&fields=", headers={"X-Mark": "here"})
    client.post("/api/morechildren", data={"children": "x,y"})
    client.get("/nowhere")
    first, second, third = server.requests
    assert (first.method, first.path, first.query) == ("GET", "/api/posts/ids", {"ids": "a", "fields": ""})
    assert (first.number, first.headers["x-mark"], second.form) == (1, "here", {"children": "x,y"})
    assert first.at <= second.at <= third.at
    assert (server.count(), server.count("/api")) == (3, 2)


def test_an_error_in_a_service_is_raised_at_the_end() -> None:
    class Broken:
        def answer(self, request: object) -> None:
            raise ArithmeticError(request)

    with pytest.raises(ArithmeticError), FakeServer(Broken()) as server, pytest.raises(httpx.RemoteProtocolError):  # noqa: PT012
        httpx.get(server.url)
