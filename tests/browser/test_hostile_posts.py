from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from fakes.crawl import crawl
from fakes.hostile import LINE, WRITTEN_BY_OTHERS, hostile_study
from fakes.review import serving, sit

from groundswell.web.desk import Seat

if TYPE_CHECKING:
    from collections.abc import Callable

    from groundswell.study import Study

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return hostile_study(tmp_path_factory.mktemp("hostile") / "study")


def test_whatever_others_wrote_is_shown_as_text_on_every_page(hostile: Study, visit: Callable[..., Any]) -> None:
    walk = crawl(sit(hostile, "ana"), hostile)
    broken = {path: status for path, (status, _) in walk.pages.items() if status >= 500}
    assert broken == {}
    with serving(hostile, Seat("ana")) as app:
        watched = visit(app.url)
        page = watched.page()
        page.add_init_script(
            "document.addEventListener('securitypolicyviolation', e => console.error('policy', e.blockedURI))"
        )
        page.goto(app.links[0])
        for path, (status, _) in walk.pages.items():
            page.goto(f"{app.url}{path}", wait_until="load")
            page.wait_for_load_state("networkidle")
            if status >= 400:
                # The browser itself tells of these in the console.
                watched.faults = [fault for fault in watched.faults if f"{status}" not in fault]
            assert page.url.startswith(app.url), path
            watched.check(page)
            planted = page.evaluate(
                "() => [...document.querySelectorAll('img, iframe, base, object, embed, svg style, [onclick], [onload], [onerror],"
                ' [onmouseover], [onfocus], [srcdoc], meta[http-equiv], a[href^="javascript:" i], a[href^="data:" i]\')].length'
            )
            assert planted == 0, path
            assert page.evaluate(
                "() => [...document.forms].every(form => new URL(form.getAttribute('action') ?? '', location).origin === location.origin)"
            ), path


def test_a_click_on_anything_planted_leads_nowhere(hostile: Study, visit: Callable[..., Any]) -> None:
    with serving(hostile, Seat("ana")) as app:
        watched = visit(app.url)
        page = watched.page()
        page.goto(app.links[0])
        page.goto(f"{app.url}/post/reddit%3At3_aaa1")
        links = page.locator(".post-text a").all()
        assert links
        for link in links:
            assert link.get_attribute("rel") == "noopener noreferrer nofollow ugc"
            assert (link.get_attribute("href") or "").startswith("https://")
        assert "evil.example" in page.locator(".host").first.inner_text()
        watched.check(page)


def test_a_line_of_a_megabyte_is_cut_and_can_be_asked_for_whole(hostile: Study, visit: Callable[..., Any]) -> None:
    with serving(hostile, Seat("ana")) as app:
        watched = visit(app.url)
        page = watched.page()
        page.goto(app.links[0])
        page.goto(f"{app.url}/post/reddit%3At1_bbb1")
        here = page.locator(".post.here .post-text")
        assert len(here.inner_text()) < 30_000
        page.get_by_role("link", name="Show all").first.click()
        page.wait_for_load_state()
        assert len(page.locator(".post.here .post-text").inner_text()) > 1_000_000
        watched.check(page)


def test_marks_that_turn_a_line_around_are_shown_by_name(hostile: Study, visit: Callable[..., Any]) -> None:
    with serving(hostile, Seat("ana")) as app:
        page = visit(app.url).page()
        page.goto(app.links[0])
        page.goto(f"{app.url}/thread/reddit%3At3_aaa1")
        text = page.locator("main").inner_text()
        assert "U+202E" in text
        for sign in "\u202e\u2066\x1b\x9b":
            assert sign not in page.content()
            assert sign in LINE


def test_every_text_of_the_database_is_either_tried_or_ours(hostile: Study) -> None:
    """A new column with text must be put into one of the two lists."""
    ours = {
        "address", "platform", "native_id", "parent", "kind", "state", "uid", "batch", "round", "sample", "code", "value",
        "stance", "text_sha", "codebook_revision", "purpose", "unit", "design", "stratum", "coders", "codes", "content",
        "revision", "into_codes", "id", "card", "sent_sha256", "answers", "judgement", "lead", "thread", "about", "key",
        "walked_by", "crosspost_of", "hash", "since", "day", "what", "method", "sha256", "rate_limit", "target", "payload",
        "coder", "claim", "verdict", "basis", "definition", "quotes", "model", "version", "source", "name", "made_by", "reason",
    }  # fmt: skip
    with hostile.store() as store:
        tables = [row[0] for row in store.connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        texts = {
            (table, row["name"])
            for table in tables
            if not table.startswith(("words", "sqlite_", "_sqlite"))
            for row in store.connection.execute(f"PRAGMA table_info({table})")
            if row["type"] == "TEXT"
        }
    tried = {(table, column) for table, columns in WRITTEN_BY_OTHERS.items() for column in columns}
    left = {
        f"{table}.{column}"
        for table, column in texts - tried
        if column not in ours and not column.endswith(("_at", "_sha", "_sha256", "_gone", "_state"))
    }
    assert left == set()
