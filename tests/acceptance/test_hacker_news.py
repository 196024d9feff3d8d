"""Hacker News as it was recorded, against counts made by walking the plain JSON."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from acceptance import recount
from fakes.collecting import PEOPLE, SEEN, hacker_news_session, wall_clock
from fakes.messages import Answer, Request
from fakes.observed import rows
from fakes.server import FakeServer

from collector.pace import Pace
from collector.reading import Reading
from collector.run import Outcome, Run, walk_thread
from collector.source import Listing, Page
from collector.sources import hacker_news
from db.spans import spans
from db.store import Store

pytestmark = pytest.mark.acceptance

DATA = recount.default_data_dir() / "acceptance" / "hacker_news"
THREAD = "2396027"


class Recorded:
    """Gives recorded answers, whatever was asked below their paths."""

    def __init__(self, answers: dict[str, bytes]) -> None:
        self._answers = answers

    def answer(self, request: Request) -> Answer | None:
        body = self._answers.get(request.path)
        return None if body is None else Answer(200, body, {"Content-Type": "application/json"})


@pytest.fixture(scope="module")
def tree() -> dict[str, Any]:
    return json.loads((DATA / f"item_{THREAD}.json").read_bytes())


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Outcome]]:
    """The recorded tree, collected as a thread."""
    path = tmp_path_factory.mktemp("hacker_news") / "study.db"
    body = (DATA / f"item_{THREAD}.json").read_bytes()
    with FakeServer(Recorded({f"/api/v1/items/{THREAD}": body})) as server, Store(path, create=True) as store:
        run = Run(store, "collect url", {}, "0", wall_clock)
        session = hacker_news_session(server.url, Pace(0.0))
        walk_thread(run, hacker_news, session, THREAD, lambda: Reading(PEOPLE, SEEN))
        session.close()
        yield store, run.finish()


def items(tree: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """All items of a tree, counted without the code that is tested."""
    yield tree
    for child in tree["children"]:
        yield from items(child)


def read_search(name: str) -> tuple[Page, list[dict[str, Any]]]:
    body = (DATA / name).read_bytes()
    with FakeServer(Recorded({"/api/v1/search_by_date": body})) as server:
        session = hacker_news_session(server.url, Pace(0.0))
        (task,) = hacker_news.listing_tasks(Listing("search", "hiring"))
        page = hacker_news.fetch(task, session, Reading(PEOPLE, SEEN))
        session.close()
    return page, json.loads(body)["hits"]


def test_every_item_of_the_recorded_tree_is_stored_under_its_parent(
    tree: dict[str, Any], walked: tuple[Store, Outcome]
) -> None:
    store, outcome = walked

    assert (outcome.state, outcome.problems) == ("done", [])
    stored = rows(store, "SELECT native_id, parent, kind, score, created_at FROM posts")
    assert len(stored) == 297
    assert {row["native_id"]: row["parent"] for row in stored} == {
        str(item["id"]): None if item["parent_id"] is None else f"hn:{item['parent_id']}" for item in items(tree)
    }
    assert Counter(row["kind"] for row in stored) == {"post": 1, "comment": 296}
    assert {row["native_id"]: row["created_at"] for row in stored} == {
        str(item["id"]): item["created_at"].replace(".000Z", "Z") for item in items(tree)
    }
    assert {row["native_id"]: row["score"] for row in stored} == {
        str(item["id"]): item["points"] for item in items(tree)
    }


def test_the_recorded_thread_is_whole_and_each_of_its_posts_has_the_state_that_its_item_tells(
    tree: dict[str, Any], walked: tuple[Store, Outcome]
) -> None:
    store, _ = walked
    expected = Counter("live" if item["author"] and item["text"] else "not live" for item in items(tree))

    assert expected == {"live": 297}
    assert Counter(row["state"] for row in rows(store, "SELECT state FROM posts")) == {"live": 297}
    assert rows(store, "SELECT native_id, declared_count, stored_count, coverage FROM threads") == [
        {"native_id": THREAD, "declared_count": 296, "stored_count": 296, "coverage": 1.0}
    ]


def test_the_recorded_authors_are_counted_and_none_is_named(
    tree: dict[str, Any], walked: tuple[Store, Outcome], tmp_path: Path
) -> None:
    store, _ = walked
    names = {item["author"] for item in items(tree)}
    export = tmp_path / "dump.sql"
    export.write_text("\n".join(store.connection.iterdump()))

    assert rows(store, "SELECT count(*) AS n FROM authors") == [{"n": len(names)}]
    posts_by_author = Counter(row["author"] for row in rows(store, "SELECT author FROM posts"))
    assert sorted(posts_by_author.values()) == sorted(Counter(item["author"] for item in items(tree)).values())
    assert [name for name in names if name in export.read_text()] == []


def test_the_recorded_texts_hold_no_markup_and_every_word(tree: dict[str, Any], walked: tuple[Store, Outcome]) -> None:
    store, _ = walked
    texts = {row["native_id"]: row["text"] for row in rows(store, "SELECT native_id, text FROM posts")}

    assert [native_id for native_id, text in texts.items() if "<p>" in text or "</" in text or "&#x" in text] == []
    assert all("".join(text[span.start : span.end] for span in spans(text)) == text for text in texts.values())
    for item in items(tree):
        plain = item["text"].partition("<")[2].partition(">")[2].partition("<")[0]
        first = plain.split("&")[0].split()
        assert " ".join(first) in " ".join(texts[str(item["id"])].split())


@pytest.mark.parametrize(("name", "count"), [("search_page_0.json", 20), ("search_page_8.json", 0)])
def test_the_recorded_search_pages_are_read_without_a_problem(name: str, count: int) -> None:
    page, hits = read_search(name)

    assert len(page.observations) == len(hits) == count
    assert page.unreadable == []
    assert page.threads == [hit["objectID"] for hit in hits]
    assert [(seen.native_id, seen.declared_count, seen.score) for seen in page.observations] == [
        (hit["objectID"], hit["num_comments"], hit["points"]) for hit in hits
    ]
    assert all(seen.state == "live" and seen.title and seen.text for seen in page.observations)


def test_the_recorded_search_that_shows_part_of_its_hits_is_gone_on_with() -> None:
    page, hits = read_search("search_page_0.json")

    assert [task.payload["before"] for task in page.tasks] == [min(hit["created_at_i"] for hit in hits) + 1]
