"""The server is killed in the middle of a burst: whatever the page had called saved is there."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest
from browser.helpers_coding import WATCH, Person, here, open_queue, stored
from fakes.bench import bench
from fakes.review import Served

from groundswell.web.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Callable

    from browser.conftest import Watched

pytestmark = pytest.mark.browser

SERVE = """
import sys
from pathlib import Path
from groundswell.study import find_study
from groundswell.web.desk import Desk, Seat
from groundswell.web.server import Place, links_of, listening, serve
study, place = find_study(Path(sys.argv[1]), Path.cwd()), Place(port=int(sys.argv[2]))
desk = Desk(study, {})
with listening(place) as opened:
    print(links_of(place, opened, desk, [Seat("ada")])[0][1], flush=True)
    serve(desk, place, opened)
"""
NOTE_SAVED = """
() => {
  window.saved = [];
  new MutationObserver(() => {
    const said = document.getElementById("last").textContent;
    if (said.includes("you said") && window.saved[window.saved.length - 1] !== said) window.saved.push(said);
  }).observe(document.querySelector(".lastbar"), { childList: true, subtree: true, characterData: true });
}
"""


def start(study: Path, port: int = 0) -> tuple[subprocess.Popen[str], str]:
    """The app in a process of its own, and its link."""
    root = Path(__file__).parents[2]
    running = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(study), str(port)], stdout=subprocess.PIPE, text=True, cwd=root
    )
    assert running.stdout is not None
    return running, running.stdout.readline().strip()


def test_a_kill_in_a_burst_loses_nothing_that_was_called_saved(visit: Callable[..., Watched], tmp_path: Path) -> None:
    study = bench(tmp_path, many=60)
    running, link = start(study.root)
    try:
        url = link.partition("/?")[0]
        page = visit(url).page()
        open_queue(page, Served(url, Desk(study, {}), (link,)), link)
        page.evaluate(WATCH)
        page.evaluate(NOTE_SAVED)
        person = Person(page, Random(5))
        for _ in range(12):
            person.code()
        # Two more are committed, and the server is gone before it can have answered for both.
        page.keyboard.press("0")
        page.wait_for_timeout(320)
        last = here(page)
        page.keyboard.press("Enter")
        os.kill(running.pid, signal.SIGKILL)
        running.wait()
        page.wait_for_timeout(320)
        if here(page):
            page.keyboard.press("0")
            page.wait_for_timeout(320)
            page.keyboard.press("Enter")
        page.wait_for_function("() => document.getElementById('status').classList.contains('bad')")
        assert "Not saved" in page.inner_text("#status")
        shown = [str(one) for one in page.evaluate("window.saved")]
    finally:
        running.kill()
        running.wait()
        if running.stdout is not None:
            running.stdout.close()
    said = stored(study)
    numbers = [found[1] for one in shown if (found := re.search(r"Post (\d+)\.", one))]
    assert len(numbers) >= 10
    for number in numbers:
        address = f"example:p{int(number):04}"
        meant = person.intended.get(address, {("*", "absent", None)})
        assert set(said[address]) == meant
    for address, lines in said.items():
        # What had not been called saved is there whole or not at all.
        meant = person.intended.get(address, {("*", "absent", None)})
        assert set(lines) == meant
        assert len(lines) == len(meant)
    assert last in said or last not in {f"example:p{int(number):04}" for number in numbers}
