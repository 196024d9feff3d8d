"""`groundswell update` and `collect run`: what they print, their exit codes, and how a signal ends them."""

from __future__ import annotations

import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fakes.programs import program
from fakes.study import bread_thread, groundswell, make_study, save

if TYPE_CHECKING:
    from fakes.server import FakeServer
    from fakes.world import World

    from groundswell.study import Study

SOON = 10.0
"""Seconds within which even a busy machine ends what would wait for a minute or more; on an idle one it takes less than one."""
LINK = "https://www.reddit.com/r/invented_engineers/comments/aaa111/some_words/"
STUDY = f"""\
version: 1
title: Bread
sources:
  - import: thread.json
    cadence: 24h
  - url: {LINK}
    name: engineers
    cadence: 24h
  - links: list.md
"""


@pytest.fixture
def scheduled(tmp_path: Path, world: World) -> Study:
    study = make_study(tmp_path / "scheduled", study=STUDY)
    save(study.root / "thread.json", bread_thread())
    world.make_thread("aaa111", 3, troubled=False)
    return study


def test_an_update_prints_a_line_for_each_source_and_the_second_one_has_nothing_to_do(
    scheduled: Study, site: FakeServer
) -> None:
    first = groundswell("-C", scheduled.root, "update")
    asked = site.count()
    second = groundswell("-C", scheduled.root, "update")

    assert (first.code, second.code) == (0, 0)
    assert first.out.splitlines()[:2] == [
        "thread.json: 3 posts seen: 3 new, 0 changed", "engineers: 4 posts seen: 4 new, 0 changed"
    ]  # fmt: skip
    assert "posts seen" not in second.out
    assert site.count() == asked
    assert (scheduled.root / "reports" / "report.json").exists()


def test_a_source_that_fails_is_named_in_the_output_in_status_and_in_the_exit_code(
    scheduled: Study, site: FakeServer
) -> None:
    (scheduled.root / "thread.json").unlink()

    ran = groundswell("-C", scheduled.root, "update")
    status = groundswell("-C", scheduled.root, "status")

    assert ran.code == 4
    assert "thread.json: there is no such file or folder" in ran.out
    assert "engineers: 4 posts seen: 4 new, 0 changed" in ran.out
    assert ran.err.splitlines()[-2].startswith("error: something failed; everything else was done")
    assert "thread.json ended failed at" in status.out
    assert site.count() > 0


def test_a_site_that_refuses_is_the_exit_code_where_nothing_else_was_to_be_done(
    scheduled: Study, site: FakeServer
) -> None:
    site.fail("429-retry-after", times=None, retry_after=500)

    ran = groundswell("-C", scheduled.root, "collect", "run", "engineers")

    assert ran.code == 7
    assert ran.err.splitlines()[-1] == "hint: run the same command again in 500 seconds"


def test_what_is_due_can_be_shown_without_collecting(scheduled: Study, site: FakeServer) -> None:
    ran = groundswell("-C", scheduled.root, "collect", "run", "--dry-run")

    assert (ran.code, ran.out.splitlines(), site.count()) == (0, ["thread.json", "engineers"], 0)


def test_a_source_that_is_not_in_the_study_is_refused(scheduled: Study) -> None:
    ran = groundswell("-C", scheduled.root, "collect", "run", "nothing")

    assert (ran.code, ran.out) == (1, "")
    assert "study.yaml has no source of that name" in ran.err


@pytest.mark.parametrize(("number", "exit_code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("fault", ["503", "429-retry-after"])
def test_a_signal_during_a_wait_before_a_retry_ends_the_command_long_before_the_wait(
    scheduled: Study, site: FakeServer, number: signal.Signals, exit_code: int, fault: str
) -> None:
    site.fail(fault, times=None, retry_after=100)  # type: ignore[arg-type]
    with program(scheduled, site, "update") as running:
        time.sleep(0.3)
        sent = time.monotonic()
        running.send_signal(number)
        running.wait(30)
        seconds = time.monotonic() - sent
        _, said = running.communicate()

    assert running.returncode == exit_code, said
    assert seconds < SOON
    assert site.count() == 1
    assert said.splitlines()[-1] == "hint: the same command goes on from here"


def test_a_signal_during_the_wait_between_two_requests_sends_no_further_one(scheduled: Study, site: FakeServer) -> None:
    with program(scheduled, site, "collect", "url", LINK, seconds_between=60) as running:
        time.sleep(0.3)
        sent = time.monotonic()
        running.send_signal(signal.SIGINT)
        running.wait(30)
        seconds = time.monotonic() - sent
        _, said = running.communicate()

    assert running.returncode == 130, said
    assert seconds < SOON
    assert site.count() == 1
    assert "Traceback" not in said
