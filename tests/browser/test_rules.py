"""The rules lab in a browser: hits follow the typing, and without script the same page answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from fakes.bench import bench
from fakes.review import serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from groundswell.study import Study

pytestmark = pytest.mark.browser


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return bench(tmp_path, 50)


@pytest.fixture(params=["light", "dark"])
def lab(study: Study, visit: Callable[..., Any], request: pytest.FixtureRequest) -> Iterator[Page]:
    with serving(study) as app:
        watched = visit(app.url, color_scheme=request.param)
        page = watched.page()
        page.goto(app.links[0])
        page.goto(f"{app.url}/rules?code=dear-bread")
        yield page
        watched.check(page)


def test_hits_follow_the_typing(lab: Page) -> None:
    lab.get_by_label("Pattern").press_sequentially("bread", delay=40)

    lab.get_by_text("10 of 50 posts").first.wait_for()
    assert lab.locator("#status").inner_text() == "10 of 50 posts"
    assert lab.locator("mark.hit").count() > 0
    assert lab.locator("mark.hit").first.inner_text() == "bread"


def test_while_a_pattern_is_unfinished_the_error_points_at_its_place(lab: Page) -> None:
    lab.get_by_label("Pattern").press_sequentially("bread NEAR/5 (", delay=20)

    lab.locator("mark.here").wait_for()
    assert "No rule yet" in lab.locator("#status").inner_text()

    lab.get_by_label("Pattern").press_sequentially("dear)", delay=20)

    lab.get_by_text("of 50 posts").first.wait_for()
    assert lab.locator("mark.here").count() == 0


def test_another_code_changes_the_examples_without_losing_what_was_typed(lab: Page) -> None:
    lab.get_by_label("Pattern").fill("queue")
    lab.get_by_text("Examples of Dear bread").wait_for()

    lab.get_by_label("For the code").select_option("queue")

    lab.get_by_text("To Queue, which has 1 rule").wait_for()
    assert lab.get_by_label("Pattern").input_value() == "queue"


def test_a_rule_is_saved_by_keyboard_alone(lab: Page, study: Study) -> None:
    lab.get_by_label("Pattern").focus()
    lab.keyboard.type("pricey")
    save = lab.get_by_role("button", name="Save to the code")
    save.wait_for()
    for _ in range(20):
        lab.keyboard.press("Tab")
        if save.evaluate("one => one === document.activeElement"):
            break
    lab.keyboard.press("Enter")

    lab.get_by_text("Saved.").wait_for()
    assert "- pricey" in study.codebook_path.read_text(encoding="utf-8")


def test_without_script_the_same_is_tried_with_a_button(study: Study, visit: Callable[..., Any]) -> None:
    with serving(study) as app:
        page = visit(app.url, java_script_enabled=False).page()
        page.goto(app.links[0])
        page.goto(f"{app.url}/rules")
        page.get_by_label("Pattern").fill("bread")
        page.get_by_role("button", name="Try it").click()

        assert "10 of 50 posts" in page.locator("main").inner_text()
