"""Pages that only a form leads to: confirmations, conflicts and refusals keep nobody out either."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from fakes.bench import bench
from fakes.review import serving
from fakes.study import coding_line, groundswell, save_lines

from db.queries.leads import Lead, save_leads

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from groundswell.study import Study

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[1] / "vendored" / "axe_core" / "axe.min.js"
EXAMINE = "axe.run(document, {resultTypes: ['violations']})"


@pytest.fixture
def study(tmp_path: Path) -> Study:
    study = bench(tmp_path, 20)
    lines = save_lines(
        tmp_path / "c.jsonl",
        coding_line("example:p0000", start=0, end=15),
        coding_line("example:p0000", coder="ben", stance="dispute"),
        coding_line("example:p0005"),
    )
    ran = groundswell("-C", study.root, "import", "codings", lines)
    assert ran.code == 0, ran.err
    with study.store() as store, store.write() as connection:
        lead = Lead("l1", "chat.md", "item 1", "Bread is dear.", "https://bread.example/1", "example:p0000")
        save_leads(connection, [lead], "2026-02-01T00:00:00Z")
    return study


class Walk:
    """Somebody who goes through the forms and has each page examined."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.found: list[str] = []

    def at(self, path: str) -> None:
        self.page.goto(f"{self.url}{path}")

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name).first.click()

    def examine(self, step: str) -> None:
        page = self.page
        page.wait_for_load_state("networkidle")
        page.add_script_tag(path=AXE)
        for fault in page.evaluate(EXAMINE)["violations"]:
            self.found += [
                f"{step}: {fault['id']}: {node['target']} {node['failureSummary']}" for node in fault["nodes"]
            ]
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if overflow > 0:
            self.found.append(f"{step}: {overflow} px too wide")


def through_the_codebook(walk: Walk, study: Study) -> None:
    page = walk.page
    walk.at("/codebook/dear-bread/edit")
    page.get_by_label("Definition", exact=True).fill("Prices of bread.")
    walk.press("Save")
    walk.examine("what a change asks for")
    walk.press("Back to the form")
    page.get_by_label("Key", exact=True).fill("j")
    page.get_by_label("Rule 1", exact=True).fill("dear bread (")
    walk.press("Save")
    walk.examine("an error at a field")
    walk.at("/codebook/dear-bread/edit")
    page.get_by_label("Name", exact=True).fill("Mine")
    path = study.codebook_path
    path.write_text(path.read_text(encoding="utf-8").replace("Dear bread", "Theirs"), encoding="utf-8")
    walk.press("Save")
    walk.examine("both where the file has changed")
    walk.at("/codebook/dear-bread/edit")
    page.get_by_text("Merge into another code").click()
    page.get_by_text("Split into several codes").click()
    page.get_by_text("Retire", exact=True).click()
    walk.examine("the form with all that is folded in it")
    for button, filling in (("merge", None), ("split", "One\nTwo"), ("split", "One"), ("retiring", None)):
        walk.at("/codebook/dear-bread/edit")
        for summary in page.locator("summary").all():
            summary.click()
        if filling:
            page.get_by_label("Names of the parts").fill(filling)
        page.locator("button", has_text=button).click()
        walk.examine(f"{button} {filling or ''}")
    walk.at("/codebook")
    page.get_by_label("Name", exact=True).fill("Queue")
    walk.press("Add the code")
    walk.examine("a code that cannot be added")


def through_the_others(walk: Walk, _: Study) -> None:
    page = walk.page
    walk.at("/rules?pattern=bread+(&code=dear-bread")
    walk.examine("a pattern that is none")
    walk.at("/rules?pattern=bread&code=dear-bread")
    walk.examine("what a pattern finds")
    walk.at("/disagreements")
    page.get_by_label("It is not there").check()
    page.get_by_label("Slip").check()
    page.locator("input[name=seen]").evaluate("one => { one.value = 'x' }")
    walk.press("Decide")
    walk.examine("what somebody said meanwhile")
    page.get_by_label("It is not there").check()
    page.get_by_label("Slip").check()
    walk.press("Decide")
    page.get_by_role("link", name="Decided").click()
    for summary in page.locator("article summary").all():
        summary.click()
    walk.examine("a decision with all that is folded below it")
    walk.at("/leads")
    walk.press("Supports")
    page.get_by_text("All judged.").wait_for()
    for summary in page.locator("main summary").all():
        summary.click()
    walk.examine("all leads judged")
    walk.at("/quotes?post=example:p0005&start=0&end=4")
    walk.examine("a quote to record")
    page.get_by_label("The author agreed").check()
    walk.press("Record it")
    walk.examine("a quote on record")


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
@pytest.mark.parametrize("way", [through_the_codebook, through_the_others], ids=["codebook", "others"])
def test_no_step_keeps_anybody_out(
    study: Study, visit: Callable[..., Any], way: Callable[[Walk, Study], None], width: int, scheme: str
) -> None:
    with serving(study) as app:
        # Only here the policy is set aside, so that the examiner can be brought in.
        watched = visit(
            app.url,
            color_scheme=scheme,
            viewport={"width": width, "height": 844},
            bypass_csp=True,
            reduced_motion="reduce",
        )
        page = watched.page()
        page.set_default_timeout(10_000)
        page.goto(app.links[0])
        walk = Walk(page, app.url)
        way(walk, study)

    assert walk.found == [], "\n".join(walk.found)
