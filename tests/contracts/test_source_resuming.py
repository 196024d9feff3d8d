"""What every site source must do when a run ends early: the next one goes on from there, and the rows are the same."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections import Counter
from itertools import count
from pathlib import Path
from random import Random

import pytest
from fakes.collecting import Site, comment_ids
from fakes.observed import facts, rows

from db.store import Store

ROOT = Path(__file__).parents[2]
KILLS = 5
MANY_KILLS = 50


@pytest.fixture(autouse=True)
def narrow_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive's tree that leaves out most of a thread, so that there is more than one request to stop at."""
    monkeypatch.setattr("collector.sources.arctic_shift.TREE_LIMIT", 40)


def walk_in_steps(site: Site, commits: int) -> int:
    """Walk in runs that are each stopped after so many commits, until one is done; return how many it took."""
    return next(number for number in count(1) if site.walk(stop_after=commits).state == "done")


@pytest.mark.parametrize("commits", [1, 2, 3, 5])
def test_a_walk_that_is_stopped_again_and_again_makes_the_requests_of_one_that_is_not(
    site: Site, other_store: Store, commits: int
) -> None:
    site.world.make_thread("1abc", 700, seed=13, shape="deep")
    site.walk(store=other_store)
    undisturbed = Counter(site.asked())
    site.server.requests.clear()

    runs = walk_in_steps(site, commits)

    assert runs >= 2 or undisturbed.total() <= commits
    assert Counter(site.asked()) == undisturbed
    assert facts(site.store) == facts(other_store)


def test_a_stopped_run_says_so(site: Site) -> None:
    site.world.make_thread("1abc", 20)

    outcome = site.walk(stop_after=0)

    assert outcome.state == "interrupted"
    assert rows(site.store, "SELECT state FROM runs") == [{"state": "interrupted"}]
    assert site.asked() == []


@pytest.mark.parametrize("request_number", [1, 2, 3, 4, 5])
def test_only_the_request_in_flight_is_repeated_after_a_failure(
    site: Site, other_store: Store, request_number: int
) -> None:
    site.world.make_thread("1abc", 700, seed=14)
    site.walk(store=other_store)
    undisturbed = Counter(site.asked())
    site.server.requests.clear()
    site.server.fail("503", at=request_number, times=4)
    site.walk()

    site.walk()

    repeated = Counter(site.asked()) - undisturbed
    assert len(repeated) <= 1
    assert facts(site.store) == facts(other_store)


def test_a_walk_that_is_killed_at_any_moment_ends_with_the_same_rows(
    site: Site, other_store: Store, tmp_path: Path
) -> None:
    site.world.make_thread("1abc", 600, seed=15, shape="deep")

    killed = kill_again_and_again(site, other_store, tmp_path / "study.db", KILLS)

    assert killed > 0


@pytest.mark.slow
@pytest.mark.parametrize("site", ["arctic_shift", "reddit_api", "hacker_news"], indirect=True)
def test_a_long_walk_that_is_killed_at_fifty_moments_ends_with_the_same_rows(
    site: Site, other_store: Store, tmp_path: Path
) -> None:
    site.world.make_thread("1abc", 1500, seed=16, shape="deep")

    killed = kill_again_and_again(site, other_store, tmp_path / "study.db", MANY_KILLS)

    assert killed > MANY_KILLS // 2


def kill_again_and_again(site: Site, undisturbed: Store, path: Path, times: int) -> int:
    """Kill the program so many times, let it end, and compare; return how many walks were under way when it was killed.

    The moments are spread over the time that a whole walk takes. A program that is killed after it closed its run was
    alive, but no longer under way.
    """
    site.walk(store=undisturbed)
    site.store.close()
    seconds = time_of_a_walk(site, path.with_name("timed.db"))
    moments = Random(site.name)
    killed = 0
    while killed < times:
        if start_and_kill(site, path, later=moments.uniform(0, seconds)):
            killed += 1
        else:
            seconds *= 0.8
    assert program(site, path).wait() == 0

    with Store(path) as store:
        assert facts(store) == facts(undisturbed)
        assert comment_ids(store) == site.ids_shown()
        assert rows(store, "PRAGMA integrity_check") == [{"integrity_check": "ok"}]
        states = Counter(row["state"] for row in rows(store, "SELECT state FROM runs"))
    assert states.keys() <= {"done", "interrupted"}
    return states["interrupted"]


def time_of_a_walk(site: Site, path: Path) -> float:
    """The seconds from the first request to the end of the program."""
    Store(path, create=True).close()
    running = started(site, path)
    first = time.monotonic()
    assert running.wait() == 0
    return time.monotonic() - first


def start_and_kill(site: Site, path: Path, *, later: float) -> bool:
    """Kill the program so many seconds after its first request; return whether it was alive until then."""
    running = started(site, path)
    try:
        running.wait(later)
    except subprocess.TimeoutExpired:
        running.kill()
        running.wait()
        return True
    return False


def started(site: Site, path: Path) -> subprocess.Popen[bytes]:
    """The program, once it has made its first request."""
    seen = site.server.count()
    running = program(site, path)
    while site.server.count() == seen and running.poll() is None:
        threading.Event().wait(0.002)
    return running


def program(site: Site, path: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "fakes.thread_walker", str(path), site.name, site.server.url, site.thread]
    return subprocess.Popen(command, cwd=ROOT / "tests", env={"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"})
