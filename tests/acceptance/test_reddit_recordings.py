"""What Reddit really answered, replayed before our walk, our reading and our names for failures."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from acceptance import recount
from acceptance.cassettes import Replay, read_cassette
from fakes.collecting import PEOPLE, SEEN, Clock, client, reddit_session, wall_clock
from fakes.constant import Constant
from fakes.server import FakeServer
from fakes.tasks import work

from collector.reading import Reading
from collector.reddit_items import observations
from collector.reddit_walk import Branch, Plan, read_answer
from collector.session import SiteError
from collector.source import Listing
from collector.sources import reddit_api, reddit_rss
from db.queries.runs import Task
from db.records import Observation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.reddit_session import RedditSession

pytestmark = pytest.mark.acceptance

DATA = recount.default_data_dir() / "acceptance"
CASSETTES = sorted([*(DATA / "praw_cassettes").glob("*.json"), *(DATA / "prawcore_cassettes").glob("*.json")])


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def replayed(request: pytest.FixtureRequest, clock: Clock) -> Iterator[tuple[FakeServer, RedditSession]]:
    """A recording behind a server, and a session before it."""
    with FakeServer(Replay(read_cassette(recording(request.param)))) as server:
        session = reddit_session(server.url, clock.pace())
        yield server, session
        session.close()


def recording(name: str) -> Path:
    (found,) = (path for path in CASSETTES if path.stem == name)
    return found


def rest(thread: str, **plan: Any) -> list[Task]:
    return [Task(reddit_api.NAME, thread, "rest", Plan(**plan).payload())]


def test_each_recording_is_replayed_here() -> None:
    here = Path(__file__).read_text(encoding="utf-8")

    assert len(CASSETTES) >= 11
    assert [path.stem for path in CASSETTES if f'"{path.stem}"' not in here] == []


@pytest.mark.parametrize("replayed", ["TestComment.test_refresh__deleted_comment"], indirect=True)
def test_a_deleted_comment_is_seen_by_its_id_and_not_on_its_own_page(
    replayed: tuple[FakeServer, RedditSession],
) -> None:
    _, session = replayed

    looked_at = work(reddit_api, session, reddit_api.recheck_tasks(["t1_d7ltvl0"]))
    page = work(reddit_api, session, rest("t3_52o2fl", alone=[Branch(0, ("d7ltvl0",))]))

    (seen,) = looked_at.observations
    assert (seen.native_id, seen.state, seen.text) == ("t1_d7ltvl0", "deleted_by_author", None)
    assert seen.author is not None
    assert seen.author.is_gone
    assert looked_at.all_of("missing") == []
    assert page.comments == set()
    assert [each.native_id for each in page.observations] == ["t3_52o2fl"]
    assert page.all_of("unreadable") == []


@pytest.mark.parametrize("replayed", ["TestCommentForest.test_replace__on_direct_comment"], indirect=True)
def test_a_branch_is_followed_to_where_it_goes_on(replayed: tuple[FakeServer, RedditSession]) -> None:
    server, session = replayed

    worked = work(reddit_api, session, rest("t3_57dw9a", alone=[Branch(0, ("d8r4im1",))]))

    pages = [request.path for request in server.requests if request.path.startswith("/comments/")]
    assert pages[:2] == ["/comments/57dw9a/_/d8r4im1", "/comments/57dw9a/_/d8rzxi2"]
    assert {"d8r4im1", "d8rzxi2"} <= worked.comments
    assert len(worked.comments) > 20
    assert {told.problem.split(":")[0] for told in worked.all_of("unreadable")} <= {"gone"}


@pytest.mark.parametrize("replayed", ["TestReddit.test_bad_request_without_json_text_plain_response"], indirect=True)
def test_ids_that_reddit_calls_a_bad_request_are_told_and_looked_for_in_another_way(
    replayed: tuple[FakeServer, RedditSession],
) -> None:
    server, session = replayed
    recorded = server.services[0]
    server.services = (_AnyMethod(recorded),)

    worked = work(reddit_api, session, rest("t3_n7r3uz", waiting={"abc": 0}))

    assert next(told.problem for told in worked.all_of("unreadable")) == "refused-request: status 400"
    assert [request.path for request in server.requests][1:] == ["/api/morechildren/", "/api/info/"]


class _AnyMethod:
    """The recording asked by GET what we ask by POST."""

    def __init__(self, service: Any) -> None:
        self._service = service

    def answer(self, request: Any) -> Any:
        return self._service.answer(request) or self._service.answer(replace(request, method="GET"))


@pytest.mark.parametrize("replayed", ["TestSubmission.test_duplicates"], indirect=True)
def test_a_pair_of_listings_of_posts_is_read_whole(replayed: tuple[FakeServer, RedditSession]) -> None:
    _, session = replayed

    found = list(observations(session.get_json("/duplicates/avj2v/", {}), Reading(PEOPLE, SEEN)))

    assert len(found) > 1
    assert all(isinstance(each, Observation) and each.kind == "post" for each in found)


@pytest.mark.parametrize(
    ("replayed", "path", "name", "status", "retry_after", "slept"),
    [
        ("TestSession.test_request__bad_json", "/", "broken-answer", 200, None, [2.0, 4.0, 8.0]),
        ("TestSession.test_request__forbidden", "/user/user_fb5d482460/gilded/given", "forbidden", 403, None, []),
        ("TestSession.test_request__not_found", "/r/reddit_api_test/wiki/invalid", "gone", 404, None, []),
        ("TestSession.test_request__service_unavailable", "/", "unavailable", 503, None, [2.0, 4.0, 8.0]),
        (
            "TestSession.test_request__too__many_requests__with_retry_headers", "/api/v1/me", "slow-down", 429, 4.0,
            [4.0, 4.0, 4.0],
        ),
        (
            "TestSession.test_request__too__many_requests__without_retry_headers", "/", "slow-down", 429, None,
            [2.0, 4.0, 8.0],
        ),
        ("TestSession.test_request__unavailable_for_legal_reasons", "/", "gone", 451, None, []),
    ],
    indirect=["replayed"],
)  # fmt: skip
def test_a_recorded_failure_bears_our_name(
    replayed: tuple[FakeServer, RedditSession],
    clock: Clock,
    path: str,
    name: str,
    status: int,
    retry_after: float | None,
    slept: list[float],
) -> None:
    _, session = replayed

    with pytest.raises(SiteError) as raised:
        session.get_json(path, {})

    assert (raised.value.name, raised.value.status, raised.value.retry_after) == (name, status, retry_after)
    assert [seconds for seconds in clock.slept if seconds >= 2.0] == slept


def test_a_recorded_morechildren_answer_is_read_whole() -> None:
    document = json.loads((DATA / "graw_more.json").read_bytes())
    asked = [thing["data"]["id"] for thing in document["json"]["data"]["things"] if thing["data"].get("depth") == 0]
    plan = Plan(waiting=dict.fromkeys(asked, 0))

    found = list(observations(document, Reading(PEOPLE, SEEN)))
    plan.take_more(asked, read_answer(document))

    stubs = [thing["data"] for thing in document["json"]["data"]["things"] if thing["kind"] == "more"]
    named = {child for stub in stubs for child in stub["children"]}
    assert len(found) == 50
    assert all(isinstance(each, Observation) and each.kind == "comment" for each in found)
    assert set(plan.waiting) == named
    assert len(named) > 100
    assert plan.lost == {}
    step = plan.next_step()
    assert step is not None
    assert (step.kind, len(step.ids)) == ("more", 100)


def test_a_recorded_feed_is_read_whole() -> None:
    body = (DATA / "reddit_rss" / "subreddit.xml").read_bytes()
    headers = {"Content-Type": "application/atom+xml; charset=UTF-8"}
    with FakeServer(Constant("/r/macapps/new/.rss", body, headers=headers)) as server:
        session = reddit_rss.open_session(server.url, None, Clock().pace(), wall_clock)
        session.session.client = client()
        worked = work(reddit_rss, session, reddit_rss.listing_tasks(Listing("community", "macapps")))
        session.close()

    assert len(worked.observations) == 25
    assert worked.all_of("unreadable") == []
    assert {seen.community for seen in worked.observations} == {"r/macapps"}
    assert sum(seen.text is not None for seen in worked.observations) > 15
    assert not any("submitted by" in (seen.text or "") for seen in worked.observations)
    assert body.count(b"user_") > 25
    assert not any("/u/user_" in f"{seen.title} {seen.text}" for seen in worked.observations)
