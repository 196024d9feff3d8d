"""The stand-in for Reddit keeps its limits and satisfies PRAW."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from fakes.reading import Json, data_of, flatten, ids_of
from fakes.reddit import RedditApi
from fakes.things import escape_entities
from praw.models import Comment
from prawcore.exceptions import NotFound

if TYPE_CHECKING:
    import httpx
    import praw
    from fakes.server import FakeServer
    from fakes.world import Shape, World


@pytest.mark.parametrize(("shape", "n_comments"), [("deep", 700), ("wide", 900)])
def test_praw_finds_every_visible_comment(world: World, reddit: praw.Reddit, shape: Shape, n_comments: int) -> None:
    world.make_thread("1abc", n_comments, 1, shape)
    submission = reddit.submission("1abc")
    submission.comments.replace_more(limit=None)
    found = [item.fullname for item in submission.comments.list() if isinstance(item, Comment)]
    assert len(found) == len(set(found))
    assert set(found) == {f"t1_{each}" for each in world.visible_ids("1abc")}


def test_praw_reads_a_submission_and_its_lost_authors(world: World, reddit: praw.Reddit) -> None:
    thread = world.make_thread("1abc", 0, over_18=True)
    gone = world.add_comment("1abc", "R&D said x < y", author="slow_loom_4")
    world.close_account("slow_loom_4")
    submission = reddit.submission("1abc")
    assert (submission.title, submission.over_18, submission.num_comments) == (thread.title, True, 1)
    comment = submission.comments[0]
    assert isinstance(comment, Comment)
    assert (comment.id, comment.author, comment.body) == (gone, None, "R&D said x < y")


def test_praw_refreshes_a_deep_comment_within_its_ancestors(world: World, reddit: praw.Reddit) -> None:
    world.make_thread("1abc", 0)
    top = world.add_comment("1abc", "top")
    reply = world.add_comment("1abc", "reply", parent=top)
    answer = world.add_comment("1abc", "answer", parent=reply)
    refreshed = reddit.comment(reply).refresh()
    assert (refreshed.parent_id, list(map(str, refreshed.replies.list()))) == (f"t1_{top}", [answer])


def test_praw_is_told_of_an_unknown_thread(reddit: praw.Reddit) -> None:
    with pytest.raises(NotFound):
        reddit.request(method="GET", path="/comments/nosuch/")


def test_a_page_has_500_comments_to_depth_10_and_stubs(world: World, client: httpx.Client, token: Json) -> None:
    world.make_thread("1abc", 1500, 1, "deep")
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


def test_published_morechildren_counts_levels_from_the_top_of_the_thread(
    world: World, reddit_api: RedditApi, client: httpx.Client, token: Json
) -> None:
    world.make_thread("1abc", 0)
    chain = [world.add_comment("1abc", "0")]
    for level in range(1, 13):
        chain.append(world.add_comment("1abc", str(level), parent=chain[-1]))
    reddit_api.published_morechildren = True

    def ask(*ids: str) -> tuple[list[str], list[str]]:
        form = {"link_id": "t3_1abc", "children": ",".join(ids)}
        things = client.post("/api/morechildren/", data=form, headers=token).json()["json"]["data"]["things"]
        texts = [thing["data"]["body"] for thing in things if thing["kind"] == "t1"]
        return texts, [thing["data"]["parent_id"][3:] for thing in things if thing["kind"] == "more"]

    assert ask(chain[7]) == (["7", "8", "9"], [chain[9]])
    assert ask(chain[10], chain[11]) == ([], [])
    assert ask(chain[9], chain[8], chain[12]) == (["8", "9"], [chain[9]])


def test_published_morechildren_says_nothing_of_deeper_ids_without_room(
    world: World, reddit_api: RedditApi, client: httpx.Client, token: Json
) -> None:
    world.make_thread("1abc", 0)
    parent = world.add_comment("1abc", "parent")
    ids = [world.add_comment("1abc", f"reply {number}", parent=parent) for number in range(102)]
    reddit_api.published_morechildren = True
    form = {"link_id": "t3_1abc", "children": ",".join(ids)}
    things = client.post("/api/morechildren/", data=form, headers=token).json()["json"]["data"]["things"]
    assert [thing["kind"] for thing in things] == ["t1"] * 100


def test_a_stub_may_name_deleted_comments_that_are_never_shown(
    world: World, reddit_api: RedditApi, client: httpx.Client, token: Json
) -> None:
    world.make_thread("1abc", 300, troubled=False)
    gone = world.add_comment("1abc", "gone")
    world.delete(gone)
    reddit_api.names_deleted = True
    answer = client.get("/comments/1abc", params={"limit": 20}, headers=token).json()
    stub = answer[1]["data"]["children"][-1]["data"]
    form = {"link_id": "t3_1abc", "children": gone}
    reply = client.post("/api/morechildren/", data=form, headers=token).json()
    assert gone in stub["children"]
    assert reply["json"]["data"]["things"] == []


def test_a_listing_has_100_posts_a_page_and_ends(
    world: World, reddit_api: RedditApi, client: httpx.Client, token: Json
) -> None:
    for number in range(250):
        world.make_thread(f"p{number}", 0, number, created_at=world.now - number, troubled=False)
    world.make_thread("other", 0, subreddit="elsewhere")
    reddit_api.listing_end = 210
    found: list[str] = []
    after = ""
    for _ in range(3):
        query = {"limit": "500", "after": after}
        page = data_of(client.get("/r/Invented_Engineers/new", params=query, headers=token))
        found += [thing["data"]["id"] for thing in page["children"]]
        after = page["after"]
    assert found == [f"p{number}" for number in range(210)]
    assert after is None


def test_a_removed_post_is_not_listed_and_an_unknown_community_not_found(
    world: World, client: httpx.Client, token: Json
) -> None:
    world.make_thread("p1", 0, troubled=False)
    world.make_thread("p2", 0, troubled=False)
    world.remove("t3_p2")
    page = data_of(client.get("/r/invented_engineers/new", headers=token))
    assert [thing["data"]["id"] for thing in page["children"]] == ["p1"]
    assert client.get("/r/nosuch/new", headers=token).status_code == 404


def test_a_search_finds_all_words_everywhere_or_in_a_community(world: World, client: httpx.Client, token: Json) -> None:
    world.make_thread("p1", 0, subreddit="bakers", troubled=False).title = "Dear bread"
    world.make_thread("p2", 0, subreddit="millers", troubled=False).title = "Cheap bread"

    def search(path: str, words: str) -> list[str]:
        page = data_of(client.get(path, params={"q": words}, headers=token))
        return sorted(thing["data"]["id"] for thing in page["children"])

    assert search("/search", "BREAD") == ["p1", "p2"]
    assert search("/search", "bread dear") == ["p1"]
    assert search("/r/millers/search", "bread") == ["p2"]


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
