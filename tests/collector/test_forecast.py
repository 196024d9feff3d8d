"""What a plan would take."""

import json
from typing import Any

import pytest

from collector.budget import estimate
from collector.forecast import ROW_HEADINGS, Need, plan_json, plan_rows, requests_needed
from collector.link_lists import Plan, find_entries, link_file, make_plan


def plan(*links: str) -> Plan:
    return make_plan(find_entries(link_file("bread.txt", "\n".join(links).encode())))


def need(found: Plan, *, keys: bool = False, **more: Any) -> Need:
    (only,) = requests_needed(found, has_reddit_key=keys, has_x_token=keys, **more)
    return only


RYE, OAT = "https://redd.it/1abc9", "https://redd.it/1abd0"


def test_a_thread_takes_two_requests_of_the_archive_at_least() -> None:
    found = need(plan(RYE, OAT, RYE))

    assert (found.platform, found.links, found.targets, found.requests) == ("reddit", 3, 2, 4)
    assert (found.dollars, found.at_least) == (0.0, True)
    assert "Arctic Shift" in found.note


@pytest.mark.parametrize(
    ("replies", "requests", "at_least"),
    [
        ({}, 1, True),
        ({"reddit:t3_1abc9": 500}, 1, False),
        ({"reddit:t3_1abc9": 501}, 2, False),
        ({"reddit:t3_1abc9": 700}, 3, False),
    ],
)
def test_with_a_key_long_threads_take_more(replies: dict[str, int], requests: int, at_least: bool) -> None:
    found = need(plan(RYE), keys=True, known_replies=replies)

    assert (found.requests, found.at_least) == (requests, at_least)


def test_share_links_are_resolved_first_and_communities_are_only_begun() -> None:
    shares = [f"https://www.reddit.com/r/bakers/s/Ab{number}" for number in range(2)]
    found = need(plan(*shares, "https://www.reddit.com/r/bakers/"))

    assert (found.targets, found.requests) == (3, 1 + 2 * 2 + 1)
    assert "2 share links to be resolved first" in found.note
    assert "1 community, of which only the first page is counted" in found.note
    assert need(plan("reddit.com/r/bakers"), keys=True).at_least


def test_a_hacker_news_thread_is_one_request() -> None:
    found = need(plan("https://news.ycombinator.com/item?id=1", "https://news.ycombinator.com/item?id=2"))

    assert (found.requests, found.at_least, found.dollars) == (2, False, 0.0)


def test_pages_take_one_request_more_a_host() -> None:
    found = need(plan("https://bread.example/1", "https://bread.example/2", "https://oven.example/"))

    assert (found.requests, found.at_least) == (5, False)
    assert "2 hosts" in found.note
    assert "1 host)" in need(plan("https://bread.example/1")).note


def test_conversations_on_x_cost_what_their_replies_cost() -> None:
    parts = [estimate(replies, authors=True, archive=False) for replies in (120, 0)]

    found = need(plan("x:1", "x:2"), keys=True, known_replies={"x:1": 120})

    assert (found.requests, found.at_least) == (sum(part.requests for part in parts), True)
    assert found.dollars == pytest.approx(sum(part.usd for part in parts))
    assert not need(plan("x:1"), keys=True, known_replies={"x:1": 3}).at_least


def test_without_a_token_posts_on_x_come_alone_and_cost_nothing() -> None:
    found = need(plan("x:1", "x:2"))

    assert (found.requests, found.dollars, found.at_least) == (2, 0.0, False)
    assert "no replies" in found.note


MIXED = plan(
    "https://bread.example/1", "x:12", RYE, f"{RYE} again", "hn:1", "https://forum.bread.example/2", "https://x.com/mira_k"
)  # fmt: skip


def test_rows_stand_in_one_order_and_end_with_what_cannot_be_collected() -> None:
    rows = plan_rows(MIXED, requests_needed(MIXED, has_reddit_key=False, has_x_token=True))

    assert [row[:5] for row in rows] == [
        ("reddit", "2", "1", "2+", "0.00"),
        ("hn", "1", "1", "1", "0.00"),
        ("x", "1", "1", "3+", "0.02+"),
        ("web", "2", "2", "4", "0.00"),
        ("none", "1", "0", "0", "0.00"),
    ]
    assert {len(row) for row in rows} == {len(ROW_HEADINGS)}


def test_nothing_takes_nothing() -> None:
    empty = plan()

    assert requests_needed(empty, has_reddit_key=True, has_x_token=True) == []
    assert plan_rows(empty, []) == []


def test_the_plan_as_json_names_places_and_addresses_and_nobody() -> None:
    needs = requests_needed(MIXED, has_reddit_key=False, has_x_token=False)

    text = json.dumps(plan_json(MIXED, needs))
    found = json.loads(text)

    assert (found["links"], found["forum_pages"]) == (7, 1)
    assert [platform["platform"] for platform in found["platforms"]] == ["reddit", "hn", "x", "web"]
    assert [target["address"] for target in found["duplicates"]] == ["reddit:t3_1abc9"]
    assert found["duplicates"][0]["places"] == ["bread.txt line 3", "bread.txt line 4"]
    assert found["refused"] == [
        {"place": "bread.txt line 7", "problem": "it leads to a person's page, not to a post", "link": "https://x.com/"}
    ]
    assert "mira" not in text
