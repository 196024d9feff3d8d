"""The stand-in for the API of X behaves as its documentation says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from fakes.messages import Request
from fakes.world import DEFAULT_CREATED_AT, World
from fakes.x_api import TOKEN, XApi, native_id

if TYPE_CHECKING:
    from fakes.messages import Answer

ROOT = native_id("1abc")


@pytest.fixture
def api() -> XApi:
    world = World(now=DEFAULT_CREATED_AT + 86_400)
    world.make_thread("1abc", 30, troubled=False)
    return XApi(world)


def ask(api: XApi, path: str, token: str = TOKEN, **query: str) -> Answer:
    headers = {"authorization": f"Bearer {token}"}
    answer = api.answer(Request(1, 0.0, "GET", path, query, {}, headers))
    assert answer is not None
    return answer


def value(answer: Answer) -> dict[str, Any]:
    return json.loads(answer.body)


def test_ids_are_digits_and_exceed_what_a_float_holds() -> None:
    assert ROOT.isdecimal()
    assert int(ROOT) > 2**53
    assert native_id("t3_1abc") == ROOT


def test_a_post_that_is_asked_for_without_fields_has_three(api: XApi) -> None:
    (post,) = value(ask(api, "/2/tweets", ids=ROOT))["data"]

    assert post.keys() == {"id", "text", "edit_history_tweet_ids"}


def test_what_is_gone_and_what_is_protected_are_errors_beside_the_data(api: XApi) -> None:
    gone, hidden, *_ = api.world.threads["1abc"].comments
    api.world.delete(gone)
    api.world.vanish(hidden)

    found = value(ask(api, "/2/tweets", ids=",".join([ROOT, native_id(gone), native_id(hidden), "7"])))

    assert [post["id"] for post in found["data"]] == [ROOT]
    assert [(error["resource_id"], error["type"].rpartition("/")[2]) for error in found["errors"]] == [
        (native_id(gone), "resource-not-found"),
        (native_id(hidden), "not-authorized-for-resource"),
        ("7", "resource-not-found"),
    ]


@pytest.mark.parametrize("size", ["9", "101"])
def test_a_page_of_the_last_week_holds_from_ten_to_a_hundred(api: XApi, size: str) -> None:
    assert ask(api, "/2/tweets/search/recent", query="x", max_results=size).status == 400


def test_more_than_a_hundred_ids_are_refused(api: XApi) -> None:
    assert ask(api, "/2/tweets", ids=",".join(map(str, range(101)))).status == 400


def test_pages_of_a_search_hold_each_reply_once_the_newest_first(api: XApi) -> None:
    found: list[dict[str, Any]] = []
    query = {"query": f"conversation_id:{ROOT}", "max_results": "10", "tweet.fields": "created_at"}
    while True:
        page = value(ask(api, "/2/tweets/search/recent", **query))
        found += page["data"]
        if "next_token" not in page["meta"]:
            break
        query["next_token"] = page["meta"]["next_token"]

    assert {post["id"] for post in found} == {native_id(each) for each in api.visible_ids("1abc")}
    assert len(found) == 30
    assert [post["created_at"] for post in found] == sorted((post["created_at"] for post in found), reverse=True)


def test_the_last_week_is_all_that_the_recent_search_knows(api: XApi) -> None:
    api.world.advance(hours=24 * 8)

    assert "data" not in value(ask(api, "/2/tweets/search/recent", query=f"conversation_id:{ROOT}", max_results="10"))
    assert value(ask(api, "/2/tweets/counts/recent", query=f"conversation_id:{ROOT}"))["meta"] == {
        "total_tweet_count": 0
    }


def test_what_is_given_is_on_the_bill_and_what_is_refused_is_not(api: XApi) -> None:
    ask(api, "/2/tweets", ids=f"{ROOT},7", expansions="author_id", **{"tweet.fields": "author_id"})
    ask(api, "/2/tweets/counts/all", query=f"conversation_id:{ROOT}")
    ask(api, "/2/tweets", ids=ROOT, token="wrong")

    assert api.bill == {"posts": 1, "users": 1, "counts all": 1}
    assert api.usd == 0.025


def test_a_name_of_the_other_spelling_is_refused(api: XApi) -> None:
    assert ask(api, "/2/tweets", ids=ROOT, **{"post.fields": "author_id"}).status == 400
    api.new_names = True
    assert ask(api, "/2/tweets", ids=ROOT, **{"tweet.fields": "author_id"}).status == 400
    (post,) = value(ask(api, "/2/tweets", ids=ROOT, **{"post.fields": "author_id"}))["data"]
    assert post.keys() == {"id", "text", "edit_history_post_ids", "author_id"}


def test_an_edit_is_a_new_id_and_both_ids_show_the_chain(api: XApi) -> None:
    api.world.edit("1abc", "Otherwise.", at=DEFAULT_CREATED_AT + 60)
    later = str(int(ROOT) + 1)

    first, second = value(ask(api, "/2/tweets", ids=f"{ROOT},{later}"))["data"]

    assert first["edit_history_tweet_ids"] == second["edit_history_tweet_ids"] == [ROOT, later]
    assert second["text"] == "Otherwise."
    assert first["text"] != second["text"]


def test_other_paths_are_left_to_other_services(api: XApi) -> None:
    assert api.answer(Request(1, 0.0, "GET", "/api/info", {}, {}, {})) is None
