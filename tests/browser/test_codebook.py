"""The codebook in a browser: editing by keyboard, with and without script, and what was changed meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from fakes.review import serving

if TYPE_CHECKING:
    from collections.abc import Callable

    from groundswell.study import Study

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("script", [True, False])
def test_a_definition_is_changed_once_its_worklist_was_seen(
    bread: Study, visit: Callable[..., Any], *, script: bool
) -> None:
    with serving(bread) as app:
        page = visit(app.url, java_script_enabled=script).page()
        page.goto(app.links[0])
        page.goto(f"{app.url}/codebook")
        page.get_by_role("link", name="Edit Dear bread").click()
        page.get_by_label("Definition", exact=True).fill("The post complains about the price of bread.")
        page.get_by_role("button", name="Save").click()
        page.get_by_text("Nothing is written yet.").wait_for()
        assert "complains" not in bread.codebook_path.read_text(encoding="utf-8")
        page.get_by_role("button", name="Write it to codebook.yaml").click()
        page.locator("#status", has_text="Saved to codebook.yaml: dear-bread").wait_for()

    assert "definition: The post complains about the price of bread." in bread.codebook_path.read_text(encoding="utf-8")


def test_both_are_shown_where_the_file_was_changed_in_an_editor(bread: Study, visit: Callable[..., Any]) -> None:
    with serving(bread) as app:
        page = visit(app.url).page()
        page.goto(app.links[0])
        page.goto(f"{app.url}/codebook/queue/edit")
        path = bread.codebook_path
        path.write_text(path.read_text(encoding="utf-8").replace("name: Queue", "name: Line"), encoding="utf-8")
        page.get_by_label("Name", exact=True).fill("Waiting")
        page.get_by_role("button", name="Save").click()
        page.get_by_text("codebook.yaml says now").wait_for()
        page.get_by_role("button", name="Take mine").click()
        page.locator("#status", has_text="Saved").wait_for()

    assert "name: Waiting" in path.read_text(encoding="utf-8")


def test_an_error_is_at_its_field_and_told_to_screen_readers(bread: Study, visit: Callable[..., Any]) -> None:
    with serving(bread) as app:
        page = visit(app.url).page()
        page.goto(app.links[0])
        page.goto(f"{app.url}/codebook/queue/edit")
        page.get_by_label("Key", exact=True).fill("j")
        page.keyboard.press("Enter")
        field = page.get_by_label("Key", exact=True)
        page.locator("#key-error").wait_for()

        assert field.get_attribute("aria-describedby") == "key-error"
        assert '"j" is reserved' in page.locator("#key-error").inner_text()
