"""A real browser, and pages that note whatever a page must never do."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from fakes.study import full_study
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Page, Route

    from groundswell.study import Study

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "chrome")
_IN_CONTAINER = ["--disable-dev-shm-usage", "--disable-gpu"]


@dataclass
class Watched:
    """A browser's context in which everything that must not happen is noted."""

    context: BrowserContext
    url: str
    faults: list[str] = field(default_factory=list)

    def page(self) -> Page:
        page = self.context.new_page()
        page.on("dialog", self._refuse)
        page.on("console", lambda said: self._note("console", said.text, said.type == "error"))
        page.on("pageerror", lambda error: self._note("script", str(error), True))
        return page

    def check(self, page: Page) -> None:
        """Nothing ran that was planted, and nothing was noted."""
        assert page.evaluate("typeof window.PWNED") == "undefined"
        assert self.faults == []

    def _refuse(self, dialog: Any) -> None:
        self.faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _note(self, kind: str, text: str, is_fault: bool) -> None:
        if is_fault:
            self.faults.append(f"{kind}: {text}")

    def _keep_in(self, route: Route) -> None:
        """Let through only what goes to the app."""
        asked = urlsplit(route.request.url)
        if asked.netloc == urlsplit(self.url).netloc:
            route.continue_()
        else:
            self.faults.append(f"request: {route.request.url}")
            route.abort()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Chromium, started once; without one the test is skipped, but fails where all must run (CI)."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None and not os.environ.get("CI"):
        pytest.skip("no Chromium here: apt-get install chromium")
    assert program is not None, "Chromium is missing: apt-get install chromium fonts-dejavu-core"
    # Its sandbox does not work for root.
    alone = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*_IN_CONTAINER, *alone])
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Callable[..., Watched]]:
    """Open a context of its own for the app at an address; what is named is as Playwright's `new_context` takes it."""
    opened: list[BrowserContext] = []

    def begin(url: str, **options: Any) -> Watched:
        context = chromium.new_context(**options)
        opened.append(context)
        watched = Watched(context, url)
        context.route("**/*", watched._keep_in)
        return watched

    yield begin
    for context in opened:
        context.close()


@pytest.fixture
def bread(tmp_path: Path) -> Study:
    """The study of bread: a thread that is collected, coded and reported."""
    return full_study(tmp_path / "bread")
