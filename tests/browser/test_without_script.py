"""The coding task in a browser that runs no script: real forms, from the first post to the last."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from browser.helpers_coding import EVERYTHING, here_without_script, stored
from fakes.bench import bench
from fakes.review import serving

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from browser.conftest import Watched

pytestmark = pytest.mark.browser


def test_a_queue_is_coded_to_its_end_without_script(visit: Callable[..., Watched], tmp_path: Path) -> None:
    study = bench(tmp_path, many=5)
    with serving(study) as served:
        watched = visit(served.url, java_script_enabled=False)
        page = watched.page()
        page.goto(served.links[0])
        page.goto(served.url + EVERYTHING)
        seen = [here_without_script(page)]
        page.get_by_role("button", name="Commit and next").click()
        assert "nothing is chosen yet" in page.inner_text("main") or "nothing was saved" in page.inner_text("main")
        page.wait_for_timeout(320)
        page.get_by_label("Dear bread").first.check()
        page.get_by_label("supports").first.check()
        page.get_by_text("Memo", exact=False).first.click()
        page.get_by_label("A note on this post").fill("By hand.")
        page.locator(".by-sentence summary").click()
        page.locator("[name='in:0']").select_option("dear-bread")
        page.locator("[name='from:0']").fill("1")
        page.get_by_role("button", name="Commit and next").click()
        for _ in range(4):
            seen.append(here_without_script(page))
            page.wait_for_timeout(320)
            page.get_by_label("None of these").first.check()
            page.get_by_role("button", name="Commit and next").click()
        assert "All read" in page.inner_text("main")
        page.get_by_role("button", name="Take back").first.click()
        assert here_without_script(page) == seen[-1]
        page.get_by_role("link", name="Whole thread").click()
        assert "5 posts" in page.inner_text("main")
        assert [fault for fault in watched.faults if "422" not in fault] == []
    assert len(set(seen)) == 5
    said = stored(study)
    assert set(said) == set(seen[:-1])
    assert set(said[seen[0]]) == {("dear-bread", "present", "support"), ("*", "absent", None)}
