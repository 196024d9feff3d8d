from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from fakes.review import serving

from groundswell.web.desk import Seat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser

    from groundswell.study import Study

pytestmark = pytest.mark.browser

WRITES = ("/history/undo", "/report/build", "/rules", "/codebook/add")


@contextmanager
def other_site(target: str) -> Iterator[tuple[int, list[str]]]:
    """A foreign page on this computer, on another port, that sends a form to the app; what cookies it was sent."""
    cookies: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            cookies.append(self.headers.get("Cookie", ""))
            forms = "".join(
                f'<form id="f{number}" method="post" action="{target}{path}"><input name="action" value="x"></form>'
                for number, path in enumerate(WRITES)
            )
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(f"<!doctype html><title>other</title>{forms}".encode())

        def log_message(self, *_: Any) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port, cookies
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def state_of(study: Study) -> list[Any]:
    """All that is stored, and the files that pages can write."""
    with study.store() as store:
        rows = list(store.connection.iterdump())
    return [rows, *(path.read_bytes() for path in sorted(study.root.rglob("*.yaml")))]


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
@pytest.mark.parametrize("number", range(len(WRITES)))
def test_a_form_that_another_page_sends_is_refused_and_changes_nothing(
    bread: Study, chromium: Browser, name: str, number: int
) -> None:
    with serving(bread, Seat("ana")) as app, other_site(app.url) as (port, cookies):
        before = state_of(bread)
        context = chromium.new_context()
        page = context.new_page()
        page.goto(app.links[0])
        page.goto(f"http://{name}:{port}/")
        with page.expect_navigation() as sent:
            page.evaluate(f"document.getElementById('f{number}').submit()")
        assert sent.value is not None
        assert sent.value.status == 403
        assert "nothing was changed" in page.content() or "link" in page.content()
        context.close()
        assert state_of(bread) == before
        if name == "127.0.0.1":
            # The cookie is sent to every port of the computer: it alone may open nothing for a foreign page.
            assert "groundswell" in cookies[0]


def test_a_foreign_page_can_neither_frame_nor_read_the_app(bread: Study, chromium: Browser) -> None:
    with serving(bread) as app, other_site(app.url) as (port, _):
        context = chromium.new_context()
        page = context.new_page()
        page.goto(app.links[0])
        page.goto(f"http://127.0.0.1:{port}/")
        read = page.evaluate(
            "url => fetch(url, {credentials: 'include'}).then(answer => answer.text()).catch(() => 'refused')", app.url
        )
        assert read == "refused"
        page.evaluate(
            "url => { const frame = document.createElement('iframe'); frame.src = url; document.body.append(frame); }",
            app.url,
        )
        page.wait_for_load_state("networkidle")
        assert all(
            "Claims" not in (frame.content() if frame.url.startswith("http") else "") for frame in page.frames[1:]
        )
        context.close()


def test_without_the_link_there_is_only_a_page_that_says_so(bread: Study, visit: Callable[..., Any]) -> None:
    with serving(bread) as app:
        watched = visit(app.url)
        page = watched.page()
        answer = page.goto(f"{app.url}/report")
        assert answer.status == 403
        assert bread.file.title not in page.content()
        assert page.get_by_role("heading", name="No seat").is_visible()


def test_the_links_secret_part_is_gone_from_the_address_and_works_once(bread: Study, visit: Callable[..., Any]) -> None:
    with serving(bread) as app:
        watched = visit(app.url)
        page = watched.page()
        page.goto(app.links[0])
        assert page.url == f"{app.url}/"
        page.reload()
        assert page.get_by_role("heading", name=bread.file.title).is_visible()
        other = visit(app.url).page()
        assert other.goto(app.links[0]).status == 403
        watched.check(page)


def test_two_coders_on_one_app_are_two_people(bread: Study, visit: Callable[..., Any]) -> None:
    with serving(bread, Seat("ana"), Seat("ben", blind=True)) as app:
        shown = []
        for link in app.links:
            page = visit(app.url).page()
            page.goto(link)
            shown.append(page.locator(".seat").inner_text())
        assert [" ".join(text.split()) for text in shown] == ["Coder: ana", "Coder: ben blind"]
