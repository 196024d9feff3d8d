"""Disagreements in a browser: deciding by keyboard alone, with and without script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from fakes.bench import bench
from fakes.review import serving
from fakes.study import coding_line, groundswell, save_lines

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from groundswell.study import Study

pytestmark = pytest.mark.browser


@pytest.fixture
def study(tmp_path: Path) -> Study:
    study = bench(tmp_path, 10)
    lines = save_lines(
        tmp_path / "c.jsonl", coding_line("example:p0000"), coding_line("example:p0000", coder="ben", stance="dispute")
    )
    ran = groundswell("-C", study.root, "import", "codings", lines)
    assert ran.code == 0, ran.err
    return study


@pytest.mark.parametrize("script", [True, False])
def test_a_difference_is_decided_by_keyboard_and_becomes_an_example(
    study: Study, visit: Callable[..., Any], *, script: bool
) -> None:
    with serving(study) as app:
        page = visit(app.url, java_script_enabled=script).page()
        page.goto(app.links[0])
        page.goto(f"{app.url}/disagreements")
        page.get_by_label("It is there, and supports").focus()
        page.keyboard.press("Space")
        page.keyboard.press("Tab")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Tab")
        page.keyboard.type("The codebook says nothing of loaves.")
        page.keyboard.press("Enter")
        page.locator("#status", has_text="Decided: dear-bread of example:p0000").wait_for()
        assert "0 to decide, 1 decided" in page.locator("main").inner_text()

        page.get_by_role("link", name="Decided").click()
        assert "guideline gap: The codebook says nothing of loaves." in page.locator("main").inner_text()
        page.get_by_text("Add as example to the codebook").click()
        page.get_by_label("The example").fill("Loaves cost a fortune.")
        page.get_by_role("button", name="Add to codebook.yaml").click()
        page.locator("#status", has_text="Saved to codebook.yaml").wait_for()

    assert "- Loaves cost a fortune." in study.codebook_path.read_text(encoding="utf-8")
