"""Reading for a claim of the example study until it is settled, in no more decisions than it said."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from browser.helpers_coding import here, is_done, open_queue
from fakes.bench import bench, mount
from fakes.review import serving
from fakes.study import coding_line, groundswell, save_lines

from groundswell.agreeing import start_round
from groundswell.reporting import compute_report
from groundswell.sampling import draw_sample
from groundswell.starting import run_demo
from groundswell.study import Study, find_study
from groundswell.web.desk import Seat

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from browser.conftest import Watched
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


@pytest.fixture(params=["2a" * 20, "31" * 20, "c7" * 20], ids=["key 1", "key 2", "key 3"])
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Study:
    """The example study with one of several keys: each draws other authors, and none may ask for more than was said."""
    monkeypatch.setenv("GROUNDSWELL_KEY", request.param)
    run_demo(tmp_path / "demo")
    # What is tried here is how many decisions it takes, not how fast they may come.
    (tmp_path / "demo" / "keys.yaml").write_text("coders:\n  ada: { shortest_ms: 0 }\n", encoding="utf-8")
    return find_study(tmp_path / "demo", tmp_path)


@pytest.fixture
def crowded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Study:
    """A claim of which there is much to say: authors are to be drawn, people differ, and posts wait in a blind round."""
    mount(monkeypatch)
    study = bench(tmp_path, many=200, authors=200)
    lines = [
        coding_line(f"example:p{number:04}", code="queue", value=value, stance=None, coder=coder)
        for number in range(3)
        for coder, value in (("ben", "present"), ("cid", "absent"))
    ]
    assert groundswell("-C", study.root, "import", "codings", save_lines(tmp_path / "said.jsonl", *lines)).code == 0
    draw_sample(study, "reliability", size=20, name="s")
    start_round(study, "s", coders=["ada"], name="r")
    return study


def claim_of(study: Study, name: str) -> dict[str, object]:
    with study.store() as store:
        report = compute_report(study, store)
    return next(one for section in report["sections"] for one in section["claims"] if one["id"] == name)


def read_until_settled(page: Page) -> int:
    """Say of each post that the code is not there, until no more are asked for; how many that took."""
    decisions = 0
    while not is_done(page):
        before = here(page)
        page.keyboard.press("0")
        page.keyboard.press("Enter")
        decisions += 1
        page.wait_for_function(
            "(before) => { const bench = document.getElementById('bench');"
            " return bench.hasAttribute('data-done') || ![undefined, before].includes(bench.dataset.post); }",
            arg=before,
        )
    return decisions


def test_an_unchecked_claim_is_settled_in_as_many_decisions_as_it_needs(
    visit: Callable[..., Watched], example: Study
) -> None:
    name = "gap-tools-tested"
    before = claim_of(example, name)
    assert before["basis"] == "unchecked"
    need = before["need"]
    assert isinstance(need, dict)
    with serving(example, Seat("ada", claim=name)) as served:
        watched = visit(served.url)
        page = watched.page()
        open_queue(page, served, served.links[0], "/read")
        draw = page.get_by_role("button", name="Draw the authors")
        if draw.count():
            draw.click()
            page.wait_for_selector("#coding[data-ready]")
        said = re.search(r"Needs\s+([\d,]+) decisions", page.inner_text("#queue-head"))
        assert said is not None
        assert int(said[1]) <= need["decisions"]
        decisions = read_until_settled(page)
        assert "The claim rests on" in page.inner_text("#bench")
        watched.check(page)
    assert decisions <= need["decisions"]
    assert claim_of(example, name)["basis"] != "unchecked"


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_on_a_phone_the_post_to_be_read_is_seen_at_first_under_all_that_is_said_of_the_claim(
    visit: Callable[..., Watched], crowded: Study, script: bool
) -> None:
    with serving(crowded, Seat("ada", claim="queues")) as served:
        watched = visit(served.url, viewport={"width": 390, "height": 844}, java_script_enabled=script)
        page = watched.page()
        page.goto(served.links[0])
        page.goto(served.url + "/read/claim/queues")
        if script:
            page.wait_for_selector("#coding[data-ready]")
        assert page.locator("#queue-head .notice").count() == 3
        post, form = page.locator(".post.here").bounding_box(), page.locator(".coding-form").bounding_box()
        assert post is not None
        assert form is not None
        assert post["y"] >= 0
        assert post["y"] + min(post["height"], 80) <= form["y"]
        watched.check(page)


def test_a_claim_on_whose_posts_people_differ_sends_its_reader_to_decide_between_them(
    visit: Callable[..., Watched], example: Study
) -> None:
    with serving(example, Seat("ada", claim="gap-end-to-end")) as served:
        watched = visit(served.url)
        page = watched.page()
        open_queue(page, served, served.links[0], "/read")
        assert "people differ on 2 of its posts" in page.inner_text("#bench")
        assert page.locator("#bench a[href='/disagreements']").count() == 1
        watched.check(page)
