"""Leads in a browser: four keys, which mean the lead on the screen and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from browser.helpers_coding import serving_slowly
from fakes.bench import bench
from fakes.review import serving

from db.queries.leads import Lead, save_leads
from groundswell.web.desk import Seat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from groundswell.study import Study

pytestmark = pytest.mark.browser

LONG_ENOUGH_MS = 350


@pytest.fixture
def study(tmp_path: Path) -> Study:
    study = bench(tmp_path, 30)
    some = [
        Lead(
            f"l{number}",
            "chat.md",
            f"item {number}",
            f"Claim {number}.",
            f"https://bread.example/{number}",
            f"example:p00{number}0",
        )
        for number in range(3)
    ]
    with study.store() as store, store.write() as connection:
        save_leads(connection, some, "2026-02-01T00:00:00Z")
    return study


def judged(study: Study) -> list[tuple[str, str, str | None]]:
    with study.store() as store:
        rows = store.connection.execute(
            "SELECT lead, judgement, p.address FROM lead_judgements j LEFT JOIN posts p ON p.id = j.post ORDER BY lead"
        )
        return [tuple(row) for row in rows]


@pytest.fixture
def page(study: Study, visit: Callable[..., Any]) -> Iterator[Page]:
    with serving(study) as app:
        watched = visit(app.url)
        page = watched.page()
        page.goto(app.links[0])
        page.goto(f"{app.url}/leads")
        yield page
        watched.check(page)


def press(page: Page, key: str) -> None:
    page.wait_for_timeout(LONG_ENOUGH_MS)
    page.keyboard.press(key)


def wait_for_claim(page: Page, words: str) -> None:
    page.locator("#claim", has_text=words).wait_for()


def test_all_leads_are_judged_by_keys_alone(page: Page, study: Study) -> None:
    press(page, "s")
    wait_for_claim(page, "Claim 1.")
    assert page.locator("#status").inner_text() == "Kept: supports. Next: Claim 1."
    assert page.locator("#claim").evaluate("one => one === document.activeElement")
    page.keyboard.press("j")
    press(page, "c")
    wait_for_claim(page, "Claim 2.")
    press(page, "t")
    page.get_by_text("All judged.").wait_for()

    assert judged(study) == [
        ("l0", "supports", None), ("l1", "contradicts", "example:p0010"), ("l2", "cannot_tell", None),
    ]  # fmt: skip


def test_a_key_before_the_lead_could_be_read_is_refused_aloud(study: Study, visit: Callable[..., Any]) -> None:
    (study.root / "keys.yaml").write_text("version: 1\ncoders:\n  ada:\n    shortest_ms: 10000\n", encoding="utf-8")
    with serving(study) as app:
        page = visit(app.url).page()
        page.goto(app.links[0])
        page.goto(f"{app.url}/leads")
        page.get_by_role("button", name="Supports").click()
        wait_for_claim(page, "Claim 1.")
        page.keyboard.press("n")

        assert "Refused" in page.locator("#status").inner_text()
        assert page.locator("#claim").inner_text() == "Claim 1."
    assert judged(study) == [("l0", "supports", None)]


def test_keys_while_the_next_lead_is_on_its_way_do_nothing(study: Study, visit: Callable[..., Any]) -> None:
    with serving_slowly(study, 0.4, Seat("ada")) as app:
        page = visit(app.url).page()
        page.goto(app.links[0])
        page.goto(f"{app.url}/leads")
        press(page, "s")
        for key in "nnn":
            page.keyboard.press(key)
            page.wait_for_timeout(50)
        assert "Refused" in page.locator("#status").inner_text()
        wait_for_claim(page, "Claim 1.")

    assert judged(study) == [("l0", "supports", None)]


def test_keys_do_nothing_with_others_held_down(page: Page, study: Study) -> None:
    page.wait_for_timeout(LONG_ENOUGH_MS)
    for chord in ("Control+Shift+s", "Alt+n", "Meta+t"):
        page.keyboard.press(chord)
    page.wait_for_timeout(200)

    assert judged(study) == []


def test_a_refusal_of_the_server_is_told_and_the_lead_stays(study: Study, visit: Callable[..., Any]) -> None:
    with serving(study) as app:
        page = visit(app.url).page()
        page.goto(app.links[0])
        page.goto(f"{app.url}/leads")
        page.locator("input[name=action]").evaluate("one => { one.value = '' }")
        press(page, "s")
        page.locator("#status", has_text="sent no id").wait_for()

        assert page.locator("#claim").inner_text() == "Claim 0."
    assert judged(study) == []


def test_without_script_the_buttons_do_the_same(study: Study, visit: Callable[..., Any]) -> None:
    with serving(study) as app:
        page = visit(app.url, java_script_enabled=False).page()
        page.goto(app.links[0])
        page.goto(f"{app.url}/leads")
        page.get_by_label("This one says it").first.check()
        page.get_by_role("button", name="Supports").click()

        assert page.locator("#claim").inner_text() == "Claim 1."
    assert judged(study) == [("l0", "supports", "example:p0000")]
