"""Two browsers before one queue at the same time: nothing is lost, doubled or crossed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from browser.helpers_coding import EVERYTHING, drive, driven, open_queue, serving_slowly, stored
from fakes.bench import bench, mount

from groundswell.agreeing import start_round
from groundswell.sampling import draw_sample
from groundswell.web.desk import Seat

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from browser.conftest import Watched

    from groundswell.study import Study

pytestmark = pytest.mark.browser

POSTS = 60


def batches(study: Study) -> dict[str, set[tuple[str, str]]]:
    """Of each action the posts and coders that it wrote for."""
    with study.store() as store:
        rows = store.connection.execute(
            "SELECT e.batch, p.address, r.name FROM coding_events e JOIN posts p ON p.id = e.post"
            " JOIN coders r ON r.id = e.coder WHERE r.kind = 'person'"
        ).fetchall()
    found: dict[str, set[tuple[str, str]]] = {}
    for row in rows:
        found.setdefault(row["batch"], set()).add((row["address"], row["name"]))
    return found


@pytest.mark.parametrize("slow_ms", [0, 150])
def test_two_coders_on_one_round_lose_and_cross_nothing(
    visit: Callable[..., Watched], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, slow_ms: int
) -> None:
    mount(monkeypatch)
    study = bench(tmp_path, many=POSTS)
    draw_sample(study, "reliability", size=1000, name="s")
    start_round(study, "s", coders=["ada", "ben"], name="r")
    with serving_slowly(study, slow_ms / 1000, Seat("ada"), Seat("ben")) as served:
        watched = [visit(served.url) for _ in served.links]
        pages = [one.page() for one in watched]
        for page, link in zip(pages, served.links, strict=True):
            open_queue(page, served, link, "/read/round/r")
        for seed, page in enumerate(pages, start=11):
            drive(page, seed)
        meant = [driven(page) for page in pages]
        for one, page in zip(watched, pages, strict=True):
            one.check(page)
    for coder, (intended, conflicts) in zip(("ada", "ben"), meant, strict=True):
        said = stored(study, coder)
        assert conflicts == 0
        assert len(intended) == POSTS
        assert {post: set(lines) for post, lines in said.items()} == intended
        assert all(len(lines) == len(set(lines)) for lines in said.values())
    assert all(len(places) == 1 for places in batches(study).values())


def test_one_coder_in_two_windows_has_of_each_post_what_one_of_them_meant(
    visit: Callable[..., Watched], tmp_path: Path
) -> None:
    study = bench(tmp_path, many=POSTS)
    with serving_slowly(study, 0.05, Seat("ada")) as served:
        watched = visit(served.url)
        pages = [watched.page(), watched.page()]
        open_queue(pages[0], served, served.links[0])
        pages[1].goto(served.url + EVERYTHING)
        pages[1].wait_for_selector("#coding[data-ready]")
        for seed, page in enumerate(pages, start=21):
            drive(page, seed)
        meant = [driven(page)[0] for page in pages]
    said = stored(study)
    assert len(said) == POSTS
    for post, lines in said.items():
        assert len(lines) == len(set(lines))
        assert set(lines) in [one[post] for one in meant if post in one]
    assert all(len(places) == 1 for places in batches(study).values())
