"""Reddit's feeds: what they show is stored, what they do not tell is not made up, and the token stays a secret."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from fakes.collecting import PEOPLE, SEEN, Clock, client, wall_clock
from fakes.constant import Constant
from fakes.reddit_rss import RedditFeeds
from fakes.server import FakeServer
from fakes.tasks import Worked, work
from fakes.world import World

from collector.links import LinkError
from collector.reading import Reading
from collector.session import SiteError
from collector.source import Listing
from collector.sources import reddit_rss

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.sources.reddit_rss import FeedSession
    from db.queries.runs import Task

THREAD = "t3_1abc"
COMMUNITY = Listing("community", "invented_engineers")
TOKEN = "feed=0123456789abcdef&user=a_reader"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def feeds(world: World) -> RedditFeeds:
    return RedditFeeds(world)


@pytest.fixture
def server(feeds: RedditFeeds) -> Iterator[FakeServer]:
    with FakeServer(feeds) as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def session(server: FakeServer, clock: Clock) -> Iterator[FeedSession]:
    opened = open_feeds(server, clock)
    yield opened
    opened.close()


def open_feeds(server: FakeServer, clock: Clock, feed: str | None = None) -> FeedSession:
    opened = reddit_rss.open_session(server.url, feed, clock.pace(), wall_clock)
    opened.session.client.close()
    opened.session.client = client()
    return opened


def do(session: FeedSession, tasks: list[Task]) -> Worked:
    return work(reddit_rss, session, tasks)


def make_posts(world: World, count: int) -> list[str]:
    """Threads an hour apart, the oldest first; their fullnames."""
    start = world.now - count * 3600
    for number in range(count):
        world.make_thread(f"p{number}", 0, number, created_at=start + number * 3600, troubled=False)
    return [f"t3_p{number}" for number in range(count)]


def test_a_communitys_newest_posts_are_read_with_their_texts(world: World, session: FeedSession) -> None:
    names = make_posts(world, 20)

    worked = do(session, reddit_rss.listing_tasks(COMMUNITY))

    first = worked.observations[0]
    post = world.threads["p19"]
    assert worked.all_of("threads") == names[::-1]
    assert (first.native_id, first.thread, first.parent, first.kind) == ("t3_p19", "t3_p19", None, "post")
    assert (first.title, first.text) == (post.title, post.root.versions[-1].text)
    assert first.author == PEOPLE.author("reddit", post.root.author, "t3_p19")
    assert (first.community, first.score, first.declared_count) == ("r/invented_engineers", None, None)
    assert first.created_at == "2026-01-31T23:00:00Z"
    assert first.url == "https://www.reddit.com/comments/p19/"
    assert worked.all_of("problems") == []


def test_a_window_is_followed_back_as_far_as_it_goes(
    world: World, feeds: RedditFeeds, server: FakeServer, session: FeedSession
) -> None:
    names = make_posts(world, 120)
    feeds.most_entries = 30
    window = Listing("community", "invented_engineers", after="2026-01-29T00:00:00Z", before="2026-01-31T00:00:00Z")

    worked = do(session, reddit_rss.listing_tasks(window))

    assert worked.all_of("threads") == names[48:96][::-1]
    assert server.count() == 3
    assert worked.all_of("problems") == []


def test_a_feed_that_goes_back_less_far_says_so(world: World, session: FeedSession) -> None:
    make_posts(world, 120)

    worked = do(session, reddit_rss.listing_tasks(COMMUNITY))

    assert len(worked.observations) == 100
    assert worked.all_of("problems") == ["the feed goes back 100 posts; older ones need the archive"]


def test_a_feed_that_does_not_go_on_ends_with_a_word(world: World, server: FakeServer, session: FeedSession) -> None:
    make_posts(world, 120)
    server.fail("repeat", path="/r/", at=2, times=None)

    worked = do(session, reddit_rss.listing_tasks(replace(COMMUNITY, after="2020-01-01T00:00:00Z")))

    assert server.count() == 2
    assert worked.all_of("problems") == ["the feed goes back 100 posts; older ones need the archive"]


@pytest.mark.parametrize(
    ("community", "path"), [(None, "/search.rss"), ("invented_engineers", "/r/invented_engineers/search.rss")]
)
def test_a_search_has_a_feed_too(
    world: World, server: FakeServer, session: FeedSession, community: str | None, path: str
) -> None:
    make_posts(world, 3)
    word = world.threads["p1"].title.split()[0]

    worked = do(session, reddit_rss.listing_tasks(Listing("search", word, community)))

    assert "t3_p1" in worked.all_of("threads")
    assert [request.path for request in server.requests] == [path]


def test_a_threads_feed_gives_its_post_and_counts_its_comments(world: World, session: FeedSession) -> None:
    world.make_thread("1abc", 12, troubled=False)

    worked = do(session, reddit_rss.first_tasks(THREAD))

    assert [seen.native_id for seen in worked.observations] == [THREAD]
    assert worked.all_of("threads") == [THREAD]
    assert worked.all_of("problems") == [
        "12 new comments, of which a feed does not tell what they reply to; another source collects them"
    ]


def test_a_thread_without_new_comments_is_not_due(world: World, session: FeedSession) -> None:
    thread = world.make_thread("1abc", 12, troubled=False)

    worked = do(session, reddit_rss.revisit_tasks(THREAD, [f"t1_{each}" for each in thread.comments]))

    assert worked.all_of("threads") == []
    assert worked.all_of("problems") == []


def test_names_are_hidden_and_lost_accounts_are_told(world: World, session: FeedSession) -> None:
    world.make_thread("1abc", 0, troubled=False)
    world.find(THREAD).change(world.now, text="Thanks, u/quiet_lantern_5 & others <3", author_gone=True)

    (seen,) = do(session, reddit_rss.first_tasks(THREAD)).observations

    assert seen.text == f"Thanks, u/{PEOPLE.of('reddit', 'quiet_lantern_5')} & others <3"
    assert seen.author is not None
    assert seen.author.is_gone


@pytest.mark.parametrize(("state", "told"), [("deleted", "deleted_by_author"), ("removed", "removed")])
def test_a_deleted_or_removed_post_has_no_text(world: World, session: FeedSession, state: Any, told: str) -> None:
    world.make_thread("1abc", 0, troubled=False)
    world.find(THREAD).change(world.now, state=state)

    (seen,) = do(session, reddit_rss.first_tasks(THREAD)).observations

    assert (seen.state, seen.title, seen.text) == (told, None, None)


def test_a_post_that_is_a_link_has_no_text(world: World, session: FeedSession) -> None:
    world.make_thread("1abc", 0, link="https://example.org/a", troubled=False)

    (seen,) = do(session, reddit_rss.first_tasks(THREAD)).observations

    assert (seen.state, seen.text) == ("live", None)
    assert seen.title is not None


ENTRY = (
    "<entry><author><name>/u/someone_7</name></author><category term='a'/><content type='html'>&lt;div class='md'&gt;x"
    "&lt;/div&gt;</content><id>{id}</id><updated>{at}</updated><title>t</title></entry>"
)


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        (ENTRY.format(id="/r/a.rss", at="2026-01-01T00:00:00+00:00"), "it bears no id of a post"),
        (ENTRY.format(id="t3_../x", at="2026-01-01T00:00:00+00:00"), "it bears no id of a post"),
        (ENTRY.format(id="t3_a", at="yesterday"), "Invalid isoformat string: 'yesterday'"),
        (ENTRY.format(id="t3_a", at="1970-01-01T00:00:12+00:00"), "12.0 is no time between 1990 and 2200 in seconds"),
    ],
)
def test_an_entry_that_cannot_be_read_is_told_and_all_others_are_kept(
    server: FakeServer, session: FeedSession, entry: str, problem: str
) -> None:
    good = ENTRY.format(id="t3_b", at="2026-01-01T00:00:00+00:00")
    server.services = (Constant("/", _feed(entry + good)),)

    worked = do(session, reddit_rss.listing_tasks(COMMUNITY))

    assert [told.problem for told in worked.all_of("unreadable")] == [problem]
    assert [seen.native_id for seen in worked.observations] == ["t3_b"]
    assert worked.observations[0].text == "x"


def test_what_an_entry_leaves_out_is_unknown(server: FakeServer, session: FeedSession) -> None:
    at = "2026-01-01T00:00:00+00:00"
    bare = f"<entry><id>t3_b</id><updated>{at}</updated></entry><entry><id>t5_c</id><updated>{at}</updated></entry>"
    server.services = (Constant("/", _feed(bare)),)

    (seen,) = do(session, reddit_rss.listing_tasks(COMMUNITY)).observations

    assert (seen.author, seen.community, seen.title, seen.text) == (None, None, None, None)


def _feed(entries: str) -> bytes:
    return f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom">{entries}</feed>'.encode()


@pytest.mark.parametrize(
    ("mode", "name"),
    [
        ("403", "forbidden"),
        ("403-html", "forbidden"),
        ("302-login", "login-page"),
        ("200-login", "login-page"),
        ("404", "gone"),
    ],
)
def test_a_closed_door_is_never_an_empty_feed(
    world: World, server: FakeServer, session: FeedSession, mode: Any, name: str
) -> None:
    world.make_thread("1abc", 3)
    server.fail(mode)

    with pytest.raises(SiteError, match=name):
        do(session, reddit_rss.first_tasks(THREAD))


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"<html xmlns='http://www.w3.org/1999/xhtml'/>", "login-page: an HTML page came in place of a feed"),
        (b"<rss version='2.0'/>", "broken-answer: the answer is XML, but no feed"),
        (b"<feed xmlns='http://www.w3.org/2005/Atom'><entry>", "broken-answer: the answer is no whole feed"),
        (b"", "broken-answer: the answer is no whole feed"),
        (b"<!DOCTYPE f [<!ENTITY a 'aa'>]><f>&a;</f>", "broken-answer: the answer is no whole feed"),
        (b'<?xml version="1.0" encoding="no-such-charset"?><feed/>', "broken-answer: the answer is no whole feed"),
    ],
)
def test_what_is_no_feed_is_never_an_empty_one(
    server: FakeServer, session: FeedSession, body: bytes, problem: str
) -> None:
    server.services = (Constant("/", body),)

    with pytest.raises(SiteError, match=problem):
        do(session, reddit_rss.first_tasks(THREAD))


def test_feeds_are_asked_for_once_a_minute(
    world: World, server: FakeServer, clock: Clock, session: FeedSession
) -> None:
    world.make_thread("1abc", 0)

    for _ in range(3):
        do(session, reddit_rss.first_tasks(THREAD))

    assert clock.slept == [60.0, 60.0]
    assert server.count() == 3


def test_a_pause_that_the_site_asks_for_is_kept(
    world: World, server: FakeServer, clock: Clock, session: FeedSession
) -> None:
    world.make_thread("1abc", 0)
    server.fail("429-retry-after", retry_after=90)

    do(session, reddit_rss.first_tasks(THREAD))

    assert clock.slept == [90.0]


@pytest.mark.parametrize("feed", [TOKEN, f"https://www.reddit.com/.rss?{TOKEN}&other=1"])
def test_a_readers_token_is_sent_allows_ten_a_minute_and_is_kept_nowhere(
    world: World, server: FakeServer, clock: Clock, feed: str
) -> None:
    make_posts(world, 1)
    session = open_feeds(server, clock, feed)

    do(session, reddit_rss.listing_tasks(COMMUNITY))
    do(session, reddit_rss.listing_tasks(COMMUNITY))

    taken = session.take_requests()
    session.close()
    assert [request.query["feed"] for request in server.requests] == ["0123456789abcdef"] * 2
    assert [request.query["user"] for request in server.requests] == ["a_reader"] * 2
    assert [request.url for request in taken] == [f"{server.url}/r/invented_engineers/new/.rss?limit=100"] * 2
    assert clock.slept == [6.0]
    assert "a_reader" not in repr(session) + repr(taken)
    assert "0123456789abcdef" not in repr(session) + repr(taken)


def test_an_address_of_nothing_but_the_token_is_kept_without_it() -> None:
    assert reddit_rss._without_token("https://a.example/x?feed=1&user=2") == "https://a.example/x"


def test_a_name_that_no_community_has_is_refused_before_anything_is_asked() -> None:
    with pytest.raises(LinkError, match="is no name of a community"):
        reddit_rss.listing_tasks(Listing("community", "a/b"))


def test_one_task_is_one_request(world: World, server: FakeServer, session: FeedSession) -> None:
    world.make_thread("1abc", 3)

    page = reddit_rss.fetch(reddit_rss.first_tasks(THREAD)[0], session, Reading(PEOPLE, SEEN))

    assert page.observations[0].observed_at == SEEN
    assert server.count() == 1
