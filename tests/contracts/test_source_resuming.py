"""What every site source must do when a run ends early: the next one goes on from there, and the rows are the same."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import Counter
from itertools import count
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest
from fakes.collecting import Site, comment_ids
from fakes.observed import facts, rows

if TYPE_CHECKING:
    from db.store import Store

ROOT = Path(__file__).parents[2]
KILLS = 5


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

    assert runs >= 2
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
    site.walk(store=other_store)
    site.store.close()
    moments = Random(f"{site.name}")

    for _ in range(KILLS):
        start_and_kill(site, tmp_path / "study.db", after=moments.randrange(1, 3), later=moments.random() / 30)
    program(site, tmp_path / "study.db").wait()

    with type(other_store)(tmp_path / "study.db") as store:
        assert facts(store) == facts(other_store)
        assert comment_ids(store) == site.ids_shown()
        assert rows(store, "PRAGMA integrity_check") == [{"integrity_check": "ok"}]
        assert Counter(row["state"] for row in rows(store, "SELECT state FROM runs"))["interrupted"] == KILLS


def start_and_kill(site: Site, path: Path, *, after: int, later: float) -> None:
    """Kill the program so many requests after its start and a moment later."""
    seen = site.server.count()
    running = program(site, path)
    while site.server.count() < seen + after and running.poll() is None:
        threading.Event().wait(0.002)
    threading.Event().wait(later)
    running.kill()
    running.wait()


def program(site: Site, path: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "fakes.thread_walker", str(path), site.name, site.server.url]
    return subprocess.Popen(command, cwd=ROOT / "tests", env={"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"})
