"""The archive: communities and searches by windows of time, share links, and threads whatever the tree leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from fakes.arctic import ArcticShift
from fakes.collecting import Clock, arctic_session
from fakes.constant import Constant
from fakes.server import FakeServer
from fakes.tasks import Worked, work
from fakes.world import World

from collector.links import LinkError
from collector.session import SiteError
from collector.source import Listing
from collector.sources import arctic_shift

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.session import Session
    from db.queries.runs import Task

COMMUNITY = Listing("community", "invented_engineers")
HOUR = 3600


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def archive(world: World) -> ArcticShift:
    return ArcticShift(world)


@pytest.fixture
def server(archive: ArcticShift) -> Iterator[FakeServer]:
    with FakeServer(archive) as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def session(server: FakeServer, clock: Clock) -> Iterator[Session]:
    opened = arctic_session(server.url, clock.pace())
    yield opened
    opened.close()


def do(session: Session, tasks: list[Task]) -> Worked:
    return work(arctic_shift, session, tasks)


def make_posts(world: World, count: int, *, every: int = HOUR) -> list[str]:
    """Threads at a distance of so many seconds, the oldest first; their fullnames."""
    start = world.now - 200_000 - count * every
    for number in range(count):
        world.make_thread(f"p{number}", 0, number, created_at=start + number * every, troubled=False)
    return [f"t3_p{number}" for number in range(count)]


@pytest.mark.parametrize("inclusive", [True, False])
@pytest.mark.parametrize("every", [HOUR, 1, 0])
def test_a_community_is_listed_from_its_beginning(
    world: World, archive: ArcticShift, session: Session, inclusive: bool, every: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fakes.arctic.AUTO_LIMIT", 130)
    archive.inclusive = inclusive
    names = make_posts(world, 300 if every else 120, every=every)

    worked = do(session, arctic_shift.listing_tasks(COMMUNITY))

    assert sorted(worked.all_of("threads")) == sorted(names)
    assert len(worked.observations) == len(names)
    assert worked.all_of("problems") == []


@pytest.mark.parametrize("inclusive", [True, False])
def test_a_window_holds_its_first_second_and_not_its_last(
    world: World, archive: ArcticShift, session: Session, inclusive: bool
) -> None:
    archive.inclusive = inclusive
    names = make_posts(world, 30)
    moments = [seen.created_at for seen in do(session, arctic_shift.listing_tasks(COMMUNITY)).observations]

    window = Listing("community", "invented_engineers", after=moments[10], before=moments[20])
    worked = do(session, arctic_shift.listing_tasks(window))

    assert worked.all_of("threads") == names[10:20]


def test_a_search_in_a_community_finds_its_words(world: World, session: Session) -> None:
    make_posts(world, 30)
    word = world.threads["p7"].title.split()[0]

    worked = do(session, arctic_shift.listing_tasks(Listing("search", word, "invented_engineers")))

    assert "t3_p7" in worked.all_of("threads")
    assert all(
        word.lower() in f"{seen.title} {seen.text}".lower() for seen in worked.observations if seen.state == "live"
    )


def test_a_search_everywhere_is_refused_with_what_to_do() -> None:
    with pytest.raises(LinkError, match="one community at a time"):
        arctic_shift.listing_tasks(Listing("search", "bread"))


def test_a_name_that_no_community_has_is_refused_before_anything_is_asked() -> None:
    with pytest.raises(LinkError, match="is no name of a community"):
        arctic_shift.listing_tasks(Listing("community", "a,b"))


def test_a_window_in_which_the_archive_runs_out_of_time_is_halved(
    world: World, archive: ArcticShift, session: Session, clock: Clock
) -> None:
    names = make_posts(world, 48)
    archive.quick_seconds = 30 * HOUR
    window = Listing("community", "invented_engineers", after="2026-01-20T00:00:00Z")

    worked = do(session, arctic_shift.listing_tasks(window))

    assert sorted(worked.all_of("threads")) == sorted(names)
    assert set(clock.slept) == {30.0}


def test_a_window_of_an_hour_is_not_halved(world: World, archive: ArcticShift, session: Session) -> None:
    make_posts(world, 2)
    archive.quick_seconds = 0
    window = Listing("community", "invented_engineers", after="2026-01-20T00:00:00Z", before="2026-01-20T01:00:00Z")

    with pytest.raises(SiteError, match="slow-down"):
        do(session, arctic_shift.listing_tasks(window))


def test_another_failure_halves_nothing(world: World, server: FakeServer, session: Session) -> None:
    make_posts(world, 2)
    server.fail("429", times=None)

    with pytest.raises(SiteError, match="slow-down: status 429"):
        do(session, arctic_shift.listing_tasks(COMMUNITY))


def test_an_archive_that_repeats_itself_ends_the_listing(world: World, server: FakeServer, session: Session) -> None:
    make_posts(world, 150)
    server.fail("repeat", at=2, times=None)
    full = Listing("community", "invented_engineers")
    server.services = (ArcticShift(world),)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("fakes.arctic.AUTO_LIMIT", 110)
        worked = do(session, arctic_shift.listing_tasks(full))

    assert len(worked.all_of("threads")) == 110
    assert worked.all_of("problems") == [
        "the archive shows the same posts again and again; what comes after them is missing"
    ]


def test_rows_that_cannot_be_read_are_told_and_do_not_end_a_listing(server: FakeServer, session: Session) -> None:
    server.services = (Constant("/api/posts/search", b'{"data": [{"id": 7, "selftext": "x"}, 3, null]}'),)

    worked = do(session, arctic_shift.listing_tasks(COMMUNITY))

    assert len(worked.all_of("unreadable")) == 2
    assert worked.all_of("threads") == []


# Share links


def test_share_links_are_resolved_without_asking_reddit(
    archive: ArcticShift, server: FakeServer, session: Session
) -> None:
    archive.shares = {
        "/r/a/s/AbC": "/r/a/comments/1abc/a_title/",
        "/u/someone_7/s/Xyz": "/r/a/comments/1abd/a_title/c1/",
        "/r/a/s/aBc": "/r/a/wiki/index",
    }
    asked = ["/r/a/s/AbC", "/u/someone_7/s/Xyz", "/r/a/s/aBc", "/r/a/s/unknown", "/r/a/s/AbC", "no,path"]

    found = arctic_shift.resolve_shares(session, asked)

    assert found == {"/r/a/s/AbC": "t3_1abc", "/u/someone_7/s/Xyz": "t3_1abd"}
    assert server.count() == 1


def test_a_request_for_share_links_is_recorded_without_the_names_in_them(
    archive: ArcticShift, server: FakeServer, session: Session
) -> None:
    archive.shares = {"/u/someone_7/s/Xyz": "/r/a/comments/1abd/"}
    server.fail("503")

    arctic_shift.resolve_shares(session, ["/u/someone_7/s/Xyz"])

    assert [request.url for request in session.take_requests()] == [f"{server.url}/api/short_links"] * 2


def test_many_share_links_are_asked_for_in_several_requests(
    archive: ArcticShift, server: FakeServer, session: Session
) -> None:
    archive.shares = {f"/r/a/s/c{number}": f"/r/a/comments/p{number}/" for number in range(450)}

    found = arctic_shift.resolve_shares(session, list(archive.shares))

    assert len(found) == 450
    assert server.count() == 3


def test_no_share_links_ask_for_nothing(server: FakeServer, session: Session) -> None:
    assert arctic_shift.resolve_shares(session, []) == {}
    assert server.count() == 0


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (b'[{"resolved_path": "/r/a/comments/1abc/"}]', {"/r/a/s/x": "t3_1abc"}),
        (b'[{"resolved_path": null}, 7, {}]', {}),
        (b'[{"resolved_path": "@other.example/comments/1abc/"}]', {}),
    ],
)
def test_only_paths_to_threads_of_reddit_are_taken(
    server: FakeServer, session: Session, rows: bytes, found: dict[str, str]
) -> None:
    server.services = (Constant("/api/short_links", b'{"data": ' + rows + b"}"),)

    assert arctic_shift.resolve_shares(session, ["/r/a/s/x"]) == found


# Threads


def test_a_thread_that_the_archive_does_not_hold_is_told_and_its_tree_is_asked_for(
    server: FakeServer, session: Session
) -> None:
    worked = do(session, arctic_shift.first_tasks("t3_none"))

    assert [told.problem for told in worked.all_of("unreadable")] == ["gone: the archive does not hold t3_none"]
    assert [request.path for request in server.requests] == ["/api/posts/ids", "/api/comments/tree"]


@pytest.mark.parametrize("hours_ago", [10, 100])
def test_comments_that_the_tree_leaves_out_are_found_page_by_page(
    world: World, session: Session, archive: ArcticShift, monkeypatch: pytest.MonkeyPatch, hours_ago: int
) -> None:
    # A post that the archive saw only once announces no comments; its stubs tell that there are more.
    monkeypatch.setattr(arctic_shift, "TREE_LIMIT", 40)
    world.make_thread("1abc", 350, created_at=world.now - hours_ago * HOUR)

    worked = do(session, arctic_shift.first_tasks("t3_1abc"))

    assert worked.comments == archive.archived_ids("1abc")


@pytest.mark.parametrize(
    ("inside", "paths"),
    [
        (b"", ["/api/comments/tree"]),
        (b'{"kind": "more", "data": {"children": ["c2"]}}', ["/api/comments/tree", "/api/comments/search"]),
    ],
)
def test_a_stub_below_a_comment_tells_that_there_is_more(
    server: FakeServer, session: Session, archive: ArcticShift, inside: bytes, paths: list[str]
) -> None:
    data = b'{"id": "c1", "body": "x", "link_id": "t3_1abc", "parent_id": "t3_1abc", "created_utc": 1767600000, "replies": '
    tree = b'{"data": [{"kind": "t1", "data": ' + data + b'{"data": {"children": [' + inside + b"]}}}}]}"
    server.services = (Constant("/api/comments/tree", tree), archive)
    task = arctic_shift.first_tasks("t3_1abc")[0]

    do(session, [type(task)(task.source, task.target, "tree", {"announced": 0})])

    assert [request.path for request in server.requests] == paths


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"[]", "broken-answer: the answer holds no data"),
        (b'{"data": null, "error": "no such field"}', "refused-request: no such field"),
    ],
)
def test_an_answer_without_data_is_named(server: FakeServer, session: Session, body: bytes, problem: str) -> None:
    server.services = (Constant("/api/posts/ids", body),)

    with pytest.raises(SiteError, match=problem):
        do(session, arctic_shift.first_tasks("t3_1abc"))


def test_rows_without_a_time_end_the_pages(
    server: FakeServer, session: Session, archive: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arctic_shift, "PAGE", 1)
    rows = b'{"data": [{"id": "c1", "body": "x", "link_id": "t3_1abc", "created_utc": "soon"}]}'
    task = arctic_shift.first_tasks("t3_1abc")[0]
    server.services = (Constant("/api/comments/search", rows), archive)

    worked = do(session, [type(task)(task.source, task.target, "flat", {"after": 0})])

    assert len(worked.all_of("unreadable")) == 1
    assert server.count() == 1
