"""What sources must do that show only a part of a thread: store it once, go on, and name every failure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from fakes.collecting import PEOPLE, SEEN, Clock, client, wall_clock
from fakes.observed import facts, rows
from fakes.reddit_rss import RedditFeeds
from fakes.server import FakeServer
from fakes.web_pages import SITE, WebPages, article, paragraphs, web_session
from fakes.world import DEFAULT_CREATED_AT, World
from fakes.x_public import XPublic, version

from collector.reading import Reading
from collector.run import Outcome, Run, walk_thread
from collector.session import Session
from collector.source import site_source
from collector.sources import reddit_rss
from collector.sources.x_public import PublicSession

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fakes.faults import Mode

    from db.store import Store

TYPED = "Naïve 👩‍👩‍👧, 5 < 6 && 7."


def feeds(server: FakeServer, clock: Clock) -> Any:
    opened = reddit_rss.open_session(server.url, None, clock.pace(), wall_clock)
    opened.session.client.close()
    opened.session.client = client()
    return opened


OPEN: dict[str, Callable[[FakeServer, Clock], Any]] = {
    "reddit_rss": feeds,
    "x_public": lambda server, clock: PublicSession(
        Session("x_public", server.url, client(), clock.pace(), wall_clock), server.url
    ),
    "web_page": lambda server, clock: web_session(server, clock.pace()),
}


@dataclass
class Place:
    """A source before its stand-in, what it is asked for, and under which path the stand-in is asked first."""

    name: str
    server: FakeServer
    store: Store
    clock: Clock
    target: str
    path: str
    posts: int

    def walk(self, *, stop_after: int | None = None) -> Outcome:
        asked = iter(range(10**6))
        run = Run(
            self.store, "collect url", {}, "0", wall_clock,
            stop=lambda: stop_after is not None and next(asked) >= stop_after,
        )  # fmt: skip
        session = OPEN[self.name](self.server, self.clock)
        try:
            walk_thread(run, site_source(self.name), session, self.target, lambda: Reading(PEOPLE, SEEN))
        finally:
            session.close()
        return run.finish()

    @property
    def texts(self) -> list[str]:
        return [row["text"] for row in rows(self.store, "SELECT text FROM posts ORDER BY id")]


@pytest.fixture(params=list(OPEN))
def place(request: pytest.FixtureRequest, store: Store) -> Iterator[Place]:
    world, pages = World(), WebPages()
    thread = world.make_thread("1abc", 0)
    thread.root.versions[0] = thread.root.versions[-1].__class__(DEFAULT_CREATED_AT, TYPED)
    first = world.add_comment("1abc", "A reply.", author="amber_loom_1", at=DEFAULT_CREATED_AT + 60)
    pages.put(f"{SITE}/a", article(f"<p>{TYPED.replace('&', '&amp;').replace('<', '&lt;')}</p>{paragraphs(4)}"))
    pages.put(f"{SITE}/robots.txt", "", "text/plain")
    asked = {
        "reddit_rss": ("t3_1abc", "/comments/1abc", 1),
        "x_public": (version(first), "/tweet-result", 2),
        "web_page": (f"https://{SITE}/a", "/a", 1),
    }
    with FakeServer(pages, RedditFeeds(world), XPublic(world)) as server:
        yield Place(request.param, server, store, Clock(), *asked[request.param])


def test_what_the_site_shows_is_stored_as_its_author_typed_it(place: Place) -> None:
    outcome = place.walk()

    assert (outcome.state, len(place.texts)) == ("done", place.posts)
    assert any(TYPED in text for text in place.texts)


def test_a_second_walk_changes_no_post(place: Place) -> None:
    place.walk()
    before = facts(place.store)

    outcome = place.walk()

    assert (outcome.counts.new, outcome.counts.changed) == (0, 0)
    assert facts(place.store) == before


def test_a_walk_that_is_stopped_before_each_piece_ends_with_the_same_rows(place: Place) -> None:
    for _ in range(10):
        if place.walk(stop_after=1).state == "done":
            break

    assert len(place.texts) == place.posts


@pytest.mark.parametrize("mode", ["429", "503", "reset"])
def test_a_failure_that_passes_is_waited_for(place: Place, mode: Mode) -> None:
    place.server.fail(mode, path=place.path)

    outcome = place.walk()

    assert (outcome.state, len(place.texts)) == ("done", place.posts)
    assert place.clock.slept != []


def test_a_pause_longer_than_a_run_should_wait_leaves_the_work(place: Place) -> None:
    place.server.fail("429-retry-after", path=place.path, times=None, retry_after=600)
    refused = place.walk()
    place.server.heal()
    place.clock.seconds += 1000

    outcome = place.walk()

    assert refused.state == "refused"
    assert (outcome.state, len(place.texts)) == ("done", place.posts)


@pytest.mark.parametrize("mode", ["403", "404"])
def test_what_cannot_be_had_is_told_and_is_no_empty_thread(place: Place, mode: Mode) -> None:
    place.server.fail(mode, times=None)

    outcome = place.walk()

    assert outcome.state in ("refused", "failed")
    assert len(outcome.problems) >= 1
    assert place.texts == []
