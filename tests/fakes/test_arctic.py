"""The stand-in for the archive keeps its limits and remembers what it saw."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest
from fakes.arctic import ArcticShift
from fakes.reading import Json, data_of, flatten, ids_of
from fakes.server import FakeServer

if TYPE_CHECKING:
    from fakes.world import World


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
    parent = world.add_comment("1abc", "first", at=world.now - 3600)
    reply = world.add_comment("1abc", "second", parent=parent, at=world.now - 3600)
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
    world.add_comment("1abc", "first", at=world.now - 3600)
    query = {"link_id": "1abc", "after": str(world.now - 3600)}
    with FakeServer(ArcticShift(world)) as exclusive, FakeServer(ArcticShift(world, inclusive=True)) as inclusive:
        assert data_of(httpx.get(f"{exclusive.url}/api/comments/search", params=query)) == []
        assert len(data_of(httpx.get(f"{inclusive.url}/api/comments/search", params=query))) == 1


def test_search_filters_by_parent_and_words(world: World, client: httpx.Client) -> None:
    world.make_thread("1abc", 0, subreddit="invented_tools")
    top = world.add_comment("1abc", "apples and pears", at=world.now - 3600)
    reply = world.add_comment("1abc", "pears only", parent=top, at=world.now - 3600)
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


def test_known_share_links_are_resolved(world: World) -> None:
    archive = ArcticShift(world, shares={"/r/a/s/AbC": "/r/a/comments/1abc/a_title/"})
    with FakeServer(archive) as server:
        found = data_of(httpx.get(f"{server.url}/api/short_links", params={"paths": "/r/a/s/AbC,/r/a/s/abc"}))
        refused = httpx.get(f"{server.url}/api/short_links", params={"paths": ""})
    assert found == [{"path": "/r/a/s/AbC", "resolved_path": "/r/a/comments/1abc/a_title/"}]
    assert refused.status_code == 400


def test_a_wide_search_of_posts_may_run_out_of_time(world: World) -> None:
    world.make_thread("1abc", 0)
    with FakeServer(ArcticShift(world, quick_seconds=3600)) as server:
        url = f"{server.url}/api/posts/search"
        wide = httpx.get(url, params={"subreddit": "invented_engineers"})
        narrow = httpx.get(url, params={"subreddit": "invented_engineers", "after": str(world.now - 60)})
    assert (wide.status_code, wide.json()["data"]) == (422, None)
    assert narrow.json() == {"data": []}
