"""Reddit's own API: whole threads with few requests, second visits, listings, and a look at what is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from fakes.collecting import PEOPLE, SEEN, Clock, reddit_session
from fakes.constant import Constant
from fakes.reddit import RedditApi
from fakes.server import FakeServer
from fakes.tasks import Worked, work
from fakes.world import World
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.links import LinkError
from collector.reading import Reading
from collector.session import SiteError
from collector.source import Listing
from collector.sources import reddit_api

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fakes.world import Shape

    from collector.reddit_session import RedditSession
    from db.queries.runs import Task

THREAD = "t3_1abc"
COMMUNITY = Listing("community", "invented_engineers")


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def reddit(world: World) -> RedditApi:
    return RedditApi(world, budget=100_000)


@pytest.fixture
def server(reddit: RedditApi) -> Iterator[FakeServer]:
    with FakeServer(reddit) as running:
        yield running


@pytest.fixture
def session(server: FakeServer) -> Iterator[RedditSession]:
    opened = reddit_session(server.url, Clock().pace())
    yield opened
    opened.close()


def do(session: RedditSession, tasks: list[Task]) -> Worked:
    return work(reddit_api, session, tasks)


def known(worked: Worked) -> list[str]:
    return [THREAD, *(f"t1_{each}" for each in sorted(worked.comments))]


# Whole threads


@pytest.mark.parametrize(
    ("shape", "published", "most"),
    [
        ("deep", False, 50),
        ("wide", False, 17),
        ("wide", True, 17),
        # The tree itself asks for 57 here: 33 of its branches go beyond level 10, and 22 beyond level 19.
        ("deep", True, 75),
    ],
)
def test_a_thread_of_1500_comments_takes_few_requests(
    world: World,
    reddit: RedditApi,
    server: FakeServer,
    session: RedditSession,
    shape: Shape,
    published: bool,
    most: int,
) -> None:
    world.make_thread("1abc", 1500, shape=shape)
    reddit.published_morechildren = published

    worked = do(session, reddit_api.first_tasks(THREAD))

    assert worked.comments == world.visible_ids("1abc")
    assert len(server.requests) <= most


def test_a_known_thread_of_1500_comments_takes_17_requests_at_most(
    world: World, server: FakeServer, session: RedditSession
) -> None:
    world.make_thread("1abc", 1500, shape="deep")
    first = do(session, reddit_api.first_tasks(THREAD))
    server.requests.clear()
    again = reddit_session(server.url, Clock().pace())

    second = do(again, reddit_api.revisit_tasks(THREAD, known(first)))

    again.close()
    assert second.comments >= world.visible_ids("1abc")
    assert second.all_of("missing") == []
    assert len(server.requests) <= 17


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    count=st.integers(0, 700),
    seed=st.integers(0, 1000),
    shape=st.sampled_from(["deep", "wide"]),
    published=st.booleans(),
    names_deleted=st.booleans(),
    passed_over=st.integers(0, 60),
)
def test_every_comment_that_is_shown_is_found_however_morechildren_answers(
    count: int, seed: int, shape: Shape, published: bool, names_deleted: bool, passed_over: int
) -> None:
    world = World()
    thread = world.make_thread("1abc", count, seed, shape)
    live = [each.id for each in thread.comments.values() if each.version_at(world.now).state != "deleted"]
    reddit = RedditApi(
        world, budget=100_000, published_morechildren=published, names_deleted=names_deleted,
        morechildren_omits=set(live[seed % 7 :: 7][:passed_over]),
    )  # fmt: skip
    with FakeServer(reddit) as server:
        session = reddit_session(server.url, Clock().pace())
        worked = do(session, reddit_api.first_tasks(THREAD))
        session.close()

    assert world.visible_ids("1abc") <= worked.comments
    assert worked.all_of("problems") == []
    assert worked.all_of("unreadable") == []


def test_a_deleted_comment_that_only_a_stub_names_is_looked_at_and_not_searched_for(
    world: World, reddit: RedditApi, server: FakeServer, session: RedditSession
) -> None:
    thread = world.make_thread("1abc", 700, troubled=False)
    lonely = [each for each in list(thread.comments)[400:] if f"t1_{each}" not in thread.children()][:20]
    for each in lonely:
        world.delete(each)
    reddit.names_deleted = True

    worked = do(session, reddit_api.first_tasks(THREAD))

    assert worked.comments >= world.visible_ids("1abc")
    assert {seen.state for seen in worked.observations if seen.native_id[3:] in lonely} <= {"deleted_by_author"}
    assert server.count("/comments/1abc/_/") == 0
    assert server.count("/api/info") == 1


def test_a_comment_that_a_stub_names_and_nobody_can_see_is_told_as_missing(
    world: World, session: RedditSession
) -> None:
    world.make_thread("1abc", 600, troubled=False)
    page = reddit_api.fetch(reddit_api.first_tasks(THREAD)[0], session, Reading(PEOPLE, SEEN))
    (task,) = page.tasks
    lost = next(iter(task.payload["waiting"].values())).split()[0]
    world.vanish(lost)

    worked = do(session, page.tasks)

    assert worked.all_of("missing") == [f"t1_{lost}"]
    assert worked.all_of("unreadable") == []


def test_a_huge_thread_is_walked_in_parts_so_that_no_task_grows_with_it(
    world: World, session: RedditSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("collector.reddit_walk.LONGEST", 100)
    world.make_thread("1abc", 1200)

    worked = do(session, reddit_api.first_tasks(THREAD))

    assert worked.comments == world.visible_ids("1abc")
    assert worked.longest_payload < 3000


@pytest.mark.parametrize(
    ("path", "mode", "shape"),
    [("/api/morechildren", "404", "wide"), ("/api/info", "451", "wide"), ("/comments/1abc/_/", "404", "deep")],
)
def test_what_the_site_does_not_give_is_told_and_everything_else_is_found(
    world: World, reddit: RedditApi, server: FakeServer, session: RedditSession, path: str, mode: Any, shape: Shape
) -> None:
    thread = world.make_thread("1abc", 900, 3, shape, troubled=False)
    reddit.published_morechildren = True
    reddit.morechildren_omits = set(list(thread.comments)[300:900:20])
    server.fail(mode, path=path)

    worked = do(session, reddit_api.first_tasks(THREAD))

    (told,) = worked.all_of("unreadable")
    assert told.problem == f"gone: status {mode}"
    assert told.position.split()[0] in {"more", "info", "branch"}
    assert len(world.visible_ids("1abc") - worked.comments) < 50


def test_a_closed_door_within_a_walk_is_raised(world: World, server: FakeServer, session: RedditSession) -> None:
    world.make_thread("1abc", 700)
    server.fail("403", path="/api/morechildren")

    with pytest.raises(SiteError, match="forbidden"):
        do(session, reddit_api.first_tasks(THREAD))


def test_a_thread_that_is_no_thread_is_a_broken_answer(
    world: World, server: FakeServer, session: RedditSession
) -> None:
    server.services = (Constant("/comments/1abc/", b'{"kind": "Listing"}'), RedditApi(world))

    with pytest.raises(SiteError, match="broken-answer: the answer is no thread"):
        do(session, reddit_api.first_tasks(THREAD))


def test_a_plan_without_anything_left_asks_for_nothing(session: RedditSession, server: FakeServer) -> None:
    empty: dict[str, Any] = {
        "waiting": {}, "lost": {}, "branches": [], "alone": [], "reaches_below": None, "one_level": False,
    }  # fmt: skip
    task = reddit_api.first_tasks(THREAD)[0]

    page = reddit_api.fetch(type(task)(task.source, task.target, "rest", empty), session, Reading(PEOPLE, SEEN))

    assert page == type(page)()
    assert server.requests == []


# Second visits


def test_a_second_visit_finds_new_comments_edits_and_deletions(world: World, session: RedditSession) -> None:
    thread = world.make_thread("1abc", 800, troubled=False)
    first = do(session, reddit_api.first_tasks(THREAD))
    edited, deleted, gone = list(thread.comments)[:3]
    world.advance(hours=1)
    world.edit(edited, "I changed my mind.")
    world.delete(deleted)
    world.vanish(gone)
    new = world.add_comment("1abc", "One more.")

    second = do(session, reddit_api.revisit_tasks(THREAD, known(first)))

    seen = {each.native_id[3:]: each for each in second.observations}
    assert seen[new].text == "One more."
    assert seen[edited].text == "I changed my mind."
    assert deleted not in seen or seen[deleted].state == "deleted_by_author"
    assert f"t1_{gone}" in second.all_of("missing")
    assert gone not in seen


@pytest.mark.parametrize("declared", [None, 900])
def test_a_reply_that_hides_below_an_old_comment_is_found_by_its_count(
    world: World, session: RedditSession, declared: int | None
) -> None:
    thread = world.make_thread("1abc", 900, troubled=False)
    first = do(session, reddit_api.first_tasks(THREAD))
    world.advance(hours=1)
    for number in range(3):
        world.add_comment("1abc", f"Late reply {number}.", parent=list(thread.comments)[number])

    second = do(session, reddit_api.revisit_tasks(THREAD, known(first), declared))

    assert world.visible_ids("1abc") <= second.comments


def test_a_second_visit_to_a_small_thread_is_one_request(
    world: World, server: FakeServer, session: RedditSession
) -> None:
    world.make_thread("1abc", 200)
    first = do(session, reddit_api.first_tasks(THREAD))
    before = len(server.requests)

    second = do(session, reddit_api.revisit_tasks(THREAD, known(first)))

    assert second.comments == first.comments
    assert len(server.requests) == before + 1


def test_comments_that_only_a_stub_names_are_asked_for_when_they_are_new(world: World, session: RedditSession) -> None:
    world.make_thread("1abc", 500, troubled=False)
    first = do(session, reddit_api.first_tasks(THREAD))
    world.advance(hours=1)
    for number in range(600):
        world.add_comment("1abc", f"New {number}.")
        world.advance(seconds=1)

    second = do(session, reddit_api.revisit_tasks(THREAD, known(first)))

    assert world.visible_ids("1abc") <= second.comments


def test_a_look_at_stored_posts_tells_what_did_not_come(
    world: World, server: FakeServer, session: RedditSession
) -> None:
    thread = world.make_thread("1abc", 150, troubled=False)
    ids = ["t3_1abc", *(f"t1_{each}" for each in thread.comments)]
    gone = ids[7]
    world.vanish(gone)

    worked = do(session, reddit_api.recheck_tasks(ids))

    assert worked.all_of("missing") == [gone]
    assert {seen.native_id for seen in worked.observations} == set(ids) - {gone}
    assert server.count("/api/info") == 2


def test_nothing_is_called_missing_in_an_answer_that_could_not_be_read(
    world: World, server: FakeServer, session: RedditSession
) -> None:
    body = b'{"data": {"children": [{"kind": "t1", "data": {"id": "c1", "body": "x", "link_id": "t3_1abc"}}]}}'
    server.services = (Constant("/api/info/", body), RedditApi(world))

    worked = do(session, reddit_api.recheck_tasks(["t1_c1", "t1_c2"]))

    assert worked.all_of("missing") == []
    assert len(worked.all_of("unreadable")) == 1


# Listings


def make_posts(world: World, count: int, *, community: str = "invented_engineers") -> list[str]:
    """Threads an hour apart, the oldest first; their fullnames."""
    start = world.now - count * 3600
    for number in range(count):
        world.make_thread(
            f"p{number}", 0, number, subreddit=community, created_at=start + number * 3600, troubled=False
        )
    return [f"t3_p{number}" for number in range(count)]


def test_a_community_is_listed_from_the_newest_post_back(
    world: World, server: FakeServer, session: RedditSession
) -> None:
    names = make_posts(world, 250)

    worked = do(session, reddit_api.listing_tasks(COMMUNITY))

    assert worked.all_of("threads") == names[::-1]
    assert [seen.native_id for seen in worked.observations] == names[::-1]
    assert worked.all_of("problems") == []
    assert server.count("/r/invented_engineers/new") == 3


def test_a_window_leaves_out_what_is_newer_and_ends_where_it_begins(
    world: World, server: FakeServer, session: RedditSession
) -> None:
    names = make_posts(world, 250)
    moments = {
        seen.native_id: seen.created_at for seen in do(session, reddit_api.listing_tasks(COMMUNITY)).observations
    }
    before = len(server.requests)
    window = Listing("community", "invented_engineers", after=moments[names[170]], before=moments[names[240]])

    worked = do(session, reddit_api.listing_tasks(window))

    assert worked.all_of("threads") == names[170:240][::-1]
    assert len(server.requests) == before + 1


def test_the_end_of_a_listing_is_told(world: World, reddit: RedditApi, session: RedditSession) -> None:
    make_posts(world, 800)
    reddit.listing_end = 700

    worked = do(session, reddit_api.listing_tasks(COMMUNITY))

    assert len(worked.all_of("threads")) == 700
    assert worked.all_of("problems") == ["the listing ends after 700 posts; older ones need the archive"]


def test_a_listing_that_repeats_itself_ends(world: World, server: FakeServer, session: RedditSession) -> None:
    make_posts(world, 300)
    server.fail("repeat", path="/r/", at=2, times=None)

    worked = do(session, reddit_api.listing_tasks(COMMUNITY))

    assert len(worked.all_of("threads")) == 100
    assert worked.all_of("problems") == ["the listing shows the same posts again; older ones need the archive"]


@pytest.mark.parametrize("community", [None, "invented_engineers"])
def test_a_search_finds_posts_everywhere_or_in_a_community(
    world: World, server: FakeServer, session: RedditSession, community: str | None
) -> None:
    make_posts(world, 3)
    world.make_thread("q1", 0, subreddit="invented_engineers", troubled=False)
    world.make_thread("q2", 0, subreddit="invented_bakers", troubled=False)
    word = world.threads["q1"].title.split()[0]
    everywhere = {
        f"t3_{thread.id}": thread.subreddit
        for thread in world.threads.values()
        if word.lower() in f"{thread.title} {thread.root.versions[-1].text}".lower()
    }

    worked = do(session, reddit_api.listing_tasks(Listing("search", word, community)))

    assert worked.all_of("threads")
    assert set(worked.all_of("threads")) == {name for name, where in everywhere.items() if community in {None, where}}
    assert [dict(request.query)["sort"] for request in server.requests if "search" in request.path] == ["new"]


def test_a_community_that_does_not_exist_is_gone(session: RedditSession) -> None:
    with pytest.raises(SiteError, match="gone"):
        do(session, reddit_api.listing_tasks(Listing("community", "nosuch")))


@pytest.mark.parametrize(
    "listing", [Listing("community", "a/b"), Listing("search", "word", "x y"), Listing("community", "")]
)
def test_a_name_that_no_community_has_is_refused_before_anything_is_asked(listing: Listing) -> None:
    with pytest.raises(LinkError, match="is no name of a community"):
        reddit_api.listing_tasks(listing)


def test_an_answer_that_is_no_listing_is_broken(world: World, server: FakeServer, session: RedditSession) -> None:
    server.services = (Constant("/r/invented_engineers/new", b"[]"), RedditApi(world))

    with pytest.raises(SiteError, match="the answer is no listing"):
        do(session, reddit_api.listing_tasks(COMMUNITY))
