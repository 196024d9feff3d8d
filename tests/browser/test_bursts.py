"""Quick fingers before a slow server: what was committed in time is stored exactly so, and nothing else is."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest
from browser.helpers_coding import WATCH, Person, check_stored, is_done, open_queue, serving_slowly
from fakes.bench import bench

from groundswell.web.desk import Seat

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from browser.conftest import Watched

pytestmark = pytest.mark.browser

POSTS = 200


@pytest.mark.parametrize("slow_ms", [0, 100, 400])
def test_every_decision_of_a_burst_is_stored_as_it_was_meant(
    visit: Callable[..., Watched], tmp_path: Path, slow_ms: int
) -> None:
    study = bench(tmp_path, many=POSTS)
    with serving_slowly(study, slow_ms / 1000, Seat("ada")) as served:
        watched = visit(served.url)
        page = watched.page()
        open_queue(page, served, served.links[0])
        page.evaluate(WATCH)
        person = Person(page, Random(slow_ms))
        while not is_done(page):
            person.code()
        page.wait_for_function("() => document.getElementById('progress-words').textContent.startsWith('200 of 200')")
        assert "Saved" in page.inner_text("#status")
        watched.check(page)
    assert len(person.intended) == POSTS
    assert person.refused > 5
    check_stored(study, person)
