"""What every site source must do when its site fails: name it, wait as asked, lose nothing, and go on later."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from fakes.collecting import Site, comment_ids, malformed_items
from fakes.observed import facts, rows

if TYPE_CHECKING:
    from fakes.faults import Mode

    from db.store import Store

TOO_MUCH = 70_000_000


@pytest.mark.parametrize(
    ("mode", "slept"),
    [
        ("429", [2.0]),
        ("429-retry-after", [7.0]),
        ("422-timeout", [30.0]),
        ("500", [2.0]),
        ("502", [2.0]),
        ("503", [2.0]),
        ("reset", [2.0]),
        ("empty", [2.0]),
        ("wrong-charset", [2.0]),
        ("truncated", [2.0]),
        ("truncated-with-length", [2.0]),
    ],
)
def test_a_failure_that_passes_is_waited_for(site: Site, mode: Mode, slept: list[float]) -> None:
    site.world.make_thread("1abc", 40)
    site.server.fail(mode, path=site.page, retry_after=7)

    outcome = site.walk()

    assert outcome.state == "done"
    assert comment_ids(site.store) == site.ids_shown()
    assert site.clock.slept == slept


def test_each_further_failure_is_waited_for_longer(site: Site) -> None:
    site.world.make_thread("1abc", 40)
    site.server.fail("503", path=site.page, times=3)

    outcome = site.walk()

    assert outcome.state == "done"
    assert site.clock.slept == [2.0, 4.0, 8.0]


def test_a_dripping_answer_is_given_up_at_its_deadline_and_asked_for_again(site: Site) -> None:
    site.world.make_thread("1abc", 5)
    site.clock.tick = 10.0
    site.server.fail("drip", path=site.page, pause_seconds=0.001)

    outcome = site.walk()

    assert outcome.state == "done"
    assert comment_ids(site.store) == site.ids_shown()
    assert [row["error"] for row in rows(site.store, "SELECT error FROM requests WHERE error IS NOT NULL")] == [
        "too-slow: the answer took longer than 60 seconds"
    ]


@pytest.mark.parametrize("mode", ["429", "503", "truncated"])
def test_a_failure_that_does_not_pass_leaves_the_work_for_the_next_run(
    site: Site, other_store: Store, mode: Mode
) -> None:
    site.world.make_thread("1abc", 40)
    site.server.fail(mode, path=site.page, times=None)
    failed = site.walk()
    site.server.heal()

    outcome = site.walk()
    site.walk(store=other_store)

    assert len(failed.problems) == 1
    assert outcome.state == "done"
    assert facts(site.store) == facts(other_store)


def test_a_site_that_asks_for_fewer_requests_again_and_again_ends_the_run(site: Site) -> None:
    site.world.make_thread("1abc", 40)
    site.server.fail("429-retry-after", path=site.page, times=None, retry_after=9)

    outcome = site.walk()

    assert (outcome.state, outcome.retry_after) == ("refused", 9.0)
    assert outcome.refused == "slow-down: status 429"
    assert site.clock.slept == [9.0, 9.0, 9.0]
    assert site.server.count(site.page) == 4


def test_a_pause_longer_than_a_run_should_wait_ends_the_run_at_once(site: Site) -> None:
    site.world.make_thread("1abc", 40)
    site.server.fail("429-retry-after", path=site.page, retry_after=600)

    outcome = site.walk()

    assert (outcome.state, outcome.retry_after) == ("refused", 600.0)
    assert site.clock.slept == []


@pytest.mark.parametrize(
    ("mode", "name"),
    [
        ("403", "forbidden: status 403"),
        ("403-html", "forbidden: status 403"),
        ("200-login", "login-page: an HTML page came in place of JSON"),
        ("html-for-json", "login-page: an HTML page came in place of JSON"),
        ("302-login", "login-page: sent on to /login/"),
    ],
)
def test_a_closed_door_ends_the_run_and_a_later_one_goes_on(site: Site, mode: Mode, name: str) -> None:
    site.world.make_thread("1abc", 40)
    site.server.fail(mode, path=site.page)
    refused = site.walk()

    outcome = site.walk()

    assert (refused.state, refused.refused) == ("refused", name)
    assert site.server.count("/login/") == 0
    assert outcome.state == "done"
    assert comment_ids(site.store) == site.ids_shown()


@pytest.mark.parametrize(
    ("mode", "problem"),
    [
        ("404", "gone: status 404"),
        ("451", "gone: status 451"),
        ("huge", "too-large: the answer is larger than 64 MiB"),
        ("gzip-bomb", "too-large: the answer is larger than 64 MiB"),
    ],
)
def test_a_piece_that_cannot_be_had_is_told_and_given_up(site: Site, mode: Mode, problem: str) -> None:
    site.world.make_thread("1abc", 5)
    site.server.fail(mode, path=site.page, size=TOO_MUCH)

    outcome = site.walk()

    assert outcome.problems == [f"{site.thread}: {problem}"]
    assert outcome.refused is None
    assert rows(site.store, "SELECT problem FROM frontier WHERE state = 'gave_up'") == [{"problem": problem}]
    assert site.clock.slept == []


def test_a_piece_that_was_given_up_is_asked_for_in_the_next_run(site: Site) -> None:
    site.world.make_thread("1abc", 5)
    site.server.fail("404", path=site.page)
    site.walk()

    outcome = site.walk()

    assert outcome.state == "done"
    assert comment_ids(site.store) == site.ids_shown()


def test_a_thread_that_the_site_does_not_have_is_told(site: Site) -> None:
    outcome = site.walk("nowhere")

    assert outcome.state == "failed"
    assert len(outcome.problems) == 1
    assert outcome.problems[0].startswith(f"{site.profile.thread_id('nowhere')}: gone: ")


@pytest.mark.parametrize(("site", "changes", "problem"), malformed_items(), indirect=["site"])
def test_a_malformed_item_is_told_and_all_others_are_stored(site: Site, changes: dict[str, Any], problem: str) -> None:
    site.world.make_thread("1abc", 40, troubled=False)
    bad = site.world.add_comment(
        "1abc", f"Ask {site.profile.mention}plain_name_9.", author="brisk_otter_8", at=site.world.now - 200_000
    )
    site.mangle(bad, changes)

    outcome = site.walk()

    assert outcome.state == "partial"
    assert [told.endswith(f": {problem}") for told in outcome.problems] == [True]
    assert comment_ids(site.store) == site.ids_shown() - {site.profile.comment_id(bad)}
    (kept,) = rows(site.store, "SELECT problem, item FROM unreadable")
    assert kept["problem"] == problem
    assert json.loads(kept["item"])["id"] == site.profile.item_id(bad)
    assert "plain_name_9" not in kept["item"]
    assert "brisk_otter_8" not in kept["item"]


def test_a_malformed_item_is_kept_once_however_often_it_comes(site: Site) -> None:
    site.world.make_thread("1abc", 10, troubled=False)
    bad = site.world.add_comment("1abc", "Bad.", at=site.world.now - 200_000)
    site.mangle(bad, site.profile.malformed[0][0])
    site.walk()

    outcome = site.walk()

    assert len(outcome.problems) == 1
    assert len(rows(site.store, "SELECT * FROM unreadable")) == 1


def test_a_failed_request_is_recorded_with_its_name_and_its_wait(site: Site) -> None:
    site.world.make_thread("1abc", 5)
    site.server.fail("429-retry-after", path=site.page, retry_after=7)

    site.walk()

    assert rows(site.store, "SELECT status, error FROM requests WHERE error IS NOT NULL") == [
        {"status": 429, "error": "slow-down: status 429"}
    ]
    assert [row["waited_ms"] for row in rows(site.store, "SELECT waited_ms FROM requests WHERE waited_ms > 0")] == [
        7000
    ]
