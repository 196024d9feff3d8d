"""The report as a browser shows it: whole, alone, for everybody, in light, dark and print, wide and narrow."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from fakes.report_kinds import full_report, quote

from groundswell.starting import run_demo
from reports.render import render_html

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[1] / "vendored" / "axe_core" / "axe.min.js"
LOOKS = [(width, scheme) for width in (390, 1280) for scheme in ("light", "dark")]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The report of the demo, and one with a claim of every kind."""
    folder = tmp_path_factory.mktemp("reports")
    run_demo(folder / "demo")
    every = folder / "every.html"
    internal = full_report(quotes=[quote()])
    internal["report"]["profile"] = "internal"
    internal["evidence"]["E-f1"] |= {"url": "https://example.org/c/7", "excerpt": "Words of somebody …"}
    every.write_text(render_html(internal), encoding="utf-8")
    return {"demo": folder / "demo" / "reports" / "report.html", "every": every}


@pytest.fixture
def look(chromium: Browser, pages: dict[str, Path], request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page at a width and in a scheme, everything unfolded; what it asks for elsewhere is a fault."""
    name, width, scheme = request.param
    context = chromium.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda sent: asked.append(sent.url))
    page.goto(pages[name].as_uri())
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    yield page
    assert asked == [pages[name].as_uri()]
    context.close()


every_look = pytest.mark.parametrize(
    "look", [(name, *seen) for name in ("demo", "every") for seen in LOOKS], indirect=True, ids=str
)


@every_look
def test_the_report_keeps_nobody_out(look: Page) -> None:
    look.evaluate(AXE.read_text(encoding="utf-8"))
    result: Any = look.evaluate("axe.run(document, {resultTypes: ['violations']})")

    assert [(found["id"], [node["html"] for node in found["nodes"]][:3]) for found in result["violations"]] == []


@every_look
def test_the_report_is_never_wider_than_its_window(look: Page) -> None:
    assert look.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_the_first_key_leads_past_the_contents(chromium: Browser, pages: dict[str, Path]) -> None:
    page = chromium.new_page()
    page.goto(pages["demo"].as_uri())

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.url.endswith("#_main")
    page.close()


def test_in_print_everything_is_unfolded_and_black(chromium: Browser, pages: dict[str, Path]) -> None:
    page = chromium.new_page(color_scheme="dark")
    page.goto(pages["demo"].as_uri())
    page.emulate_media(media="print", color_scheme="dark")

    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert page.locator("details dl").first.is_visible()
    assert not page.locator("nav").is_visible()
    page.close()
