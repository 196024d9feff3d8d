"""The stand-in for Reddit's feeds shows what a feed shows, and no more."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import httpx
import pytest
from fakes.reddit_rss import RedditFeeds
from fakes.server import FakeServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fakes.world import World

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def feeds(world: World) -> RedditFeeds:
    return RedditFeeds(world, budget=3)


@pytest.fixture
def url(feeds: RedditFeeds) -> Iterator[str]:
    with FakeServer(feeds) as server:
        yield server.url


def ids(answer: httpx.Response) -> list[str | None]:
    return [entry.findtext(f"{ATOM}id") for entry in ET.fromstring(answer.content).iter(f"{ATOM}entry")]  # noqa: S314


def test_a_community_has_its_newest_25_posts(world: World, url: str) -> None:
    for number in range(40):
        world.make_thread(f"p{number}", 0, number, created_at=world.now - number, troubled=False)
    first = ids(httpx.get(f"{url}/r/invented_engineers/new/.rss"))
    rest = ids(httpx.get(f"{url}/r/invented_engineers/new/.rss", params={"limit": "100", "after": "t3_p24"}))
    assert first == [f"t3_p{number}" for number in range(25)]
    assert rest == [f"t3_p{number}" for number in range(25, 40)]


def test_a_thread_has_its_post_and_its_newest_comments(world: World, url: str) -> None:
    thread = world.make_thread("1abc", 40, troubled=False)
    found = ids(httpx.get(f"{url}/comments/1abc/.rss"))
    assert found == ["t3_1abc", *(f"t1_{each}" for each in list(thread.comments)[:-25:-1])]


def test_an_entry_tells_neither_score_nor_place(world: World, url: str) -> None:
    world.make_thread("1abc", 0, troubled=False)
    world.add_comment("1abc", "a < b & c", author="slow_loom_4")
    entry = list(ET.fromstring(httpx.get(f"{url}/comments/1abc/.rss").content).iter(f"{ATOM}entry"))[1]  # noqa: S314
    content = entry.findtext(f"{ATOM}content") or ""
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "/u/slow_loom_4"
    assert "<p>a &lt; b &amp; c</p>" in content
    assert "score" not in ET.tostring(entry, "unicode")
    assert "parent" not in ET.tostring(entry, "unicode")


@pytest.mark.parametrize("path", ["/r/nosuch/new/.rss", "/comments/nosuch/.rss", "/elsewhere"])
def test_what_does_not_exist_is_not_found(url: str, path: str) -> None:
    assert httpx.get(url + path).status_code == 404


def test_who_asks_too_often_is_told_when_to_come_back(world: World, url: str) -> None:
    world.make_thread("1abc", 0)
    answers = [httpx.get(f"{url}/search.rss", params={"q": ""}) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[3].headers["retry-after"] == "60"
