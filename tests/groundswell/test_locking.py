"""One collector a study at a time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from fakes.programs import program, start
from fakes.server import FakeServer
from fakes.study import groundswell, make_study
from fakes.world import World

from db.errors import Busy
from db.queries import runs
from groundswell.locking import HOLDER_FILE, LOCK_FILE, collecting
from groundswell.study import Study, find_study

LINK = "https://www.reddit.com/r/invented_engineers/comments/aaa111/some_words/"
WITH_SOURCE = f"""\
version: 1
title: Bread
sources:
  - url: {LINK}
    name: bread
    cadence: 24h
"""


@pytest.fixture
def scheduled(tmp_path: Path) -> Study:
    return make_study(tmp_path / "scheduled", study=WITH_SOURCE)


def test_a_second_collector_is_told_who_holds_the_study_and_the_lock_ends_with_its_holder(
    study: Study, world: World, site: FakeServer
) -> None:
    world.make_thread("aaa111", 3, troubled=False)
    site.fail("hang", at=1)
    with program(study, site, "collect", "url", LINK) as holder:
        second = groundswell("-C", study.root, "collect", "url", LINK)
        forgetting = groundswell("-C", study.root, "collect", "forget", "--author", "u/mira_k", "--yes")
        refreshing = groundswell("-C", study.root, "collect", "refresh")
        updating = groundswell("-C", study.root, "update")
        assert holder.poll() is None

    after = groundswell("-C", study.root, "collect", "url", LINK)

    for refused in (second, forgetting, refreshing, updating):
        assert (refused.code, refused.out) == (5, "")
        assert refused.err.startswith("error: another command is collecting into this study: collect url, since 20")
        assert "hint: wait for it to end" in refused.err
    assert (after.code, after.out) == (0, "4 posts seen: 4 new, 0 changed\n")


def test_of_two_collectors_in_two_processes_one_is_told_to_wait(study: Study, world: World, site: FakeServer) -> None:
    world.make_thread("aaa111", 3, troubled=False)
    site.fail("hang", at=1)
    with program(study, site, "collect", "url", LINK):
        second = start(study, site, "collect", "url", LINK)
        _, said = second.communicate()

    assert second.returncode == 5
    assert "collect url, since" in said
    assert "Traceback" not in said


def test_an_update_is_one_lock_from_its_beginning_to_its_end(scheduled: Study, world: World, site: FakeServer) -> None:
    world.make_thread("aaa111", 3, troubled=False)
    site.fail("hang", at=1)
    with program(scheduled, site, "update"):
        second = groundswell("-C", scheduled.root, "update")
        collected = groundswell("-C", scheduled.root, "collect", "url", LINK)

    for refused in (second, collected):
        assert refused.code == 5
        assert refused.err.startswith("error: another command is collecting into this study: update, since 20")


def test_what_a_killed_holder_left_behind_is_not_believed(scheduled: Study, world: World, site: FakeServer) -> None:
    world.make_thread("aaa111", 3, troubled=False)
    site.fail("hang", at=1, times=2)
    with program(scheduled, site, "update"):
        pass
    assert (scheduled.root / HOLDER_FILE).exists()

    with program(scheduled, site, "collect", "url", LINK):
        refused = groundswell("-C", scheduled.root, "update")

    assert "collect url, since" in refused.err


def test_a_block_inside_another_holds_the_same_lock(study: Study) -> None:
    with collecting(study, "update"):
        with collecting(study, "collect refresh"):
            pass
        assert (study.root / HOLDER_FILE).read_text(encoding="utf-8").startswith("update, since 20")

    assert not (study.root / HOLDER_FILE).exists()


def test_another_study_may_be_collected_into(study: Study, tmp_path: Path) -> None:
    other = make_study(tmp_path / "other")

    with collecting(study), collecting(other):
        assert (other.root / LOCK_FILE).exists()


def held_elsewhere(study: Study) -> subprocess.Popen[str]:
    """A process that does nothing but hold the lock."""
    told = "from filelock import FileLock; import sys; lock = FileLock(sys.argv[1]); lock.acquire(); print('held', flush=True); input()"
    holder = subprocess.Popen(
        [sys.executable, "-c", told, str(study.root / LOCK_FILE)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    return holder


def test_a_holder_that_has_not_said_who_it_is_holds_it_all_the_same(study: Study) -> None:
    with held_elsewhere(study) as holder:
        with pytest.raises(Busy, match=r"another command is collecting into this study$"), collecting(study):
            pass
        holder.kill()

    with collecting(study):
        pass


def test_a_holder_that_has_not_said_who_it_is_is_known_by_the_run_that_goes_on(study: Study) -> None:
    with study.store() as store, store.write() as connection:
        runs.start_run(connection, "collect search", {}, "0", "2026-02-01T00:00:00Z")
    with held_elsewhere(study) as holder:
        with pytest.raises(Busy, match=r"study: collect search, since 2026-02-01T00:00:00Z$"), collecting(study):
            pass
        holder.kill()


def test_an_error_inside_the_block_frees_the_lock(study: Study) -> None:
    with pytest.raises(ValueError, match="within"), collecting(study, "update"):
        raise ValueError("within")

    with held_elsewhere(find_study(study.root, study.root)) as holder:
        holder.kill()
