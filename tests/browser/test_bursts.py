"""Quick fingers before a slow server: what was committed in time is stored exactly so, and nothing else is."""

from __future__ import annotations

import asyncio
from random import Random
from typing import TYPE_CHECKING

import pytest
from browser.helpers_coding import (
    WATCH,
    Person,
    check_stored,
    here,
    is_done,
    open_queue,
    serving_behind,
    serving_slowly,
    stored,
)
from fakes.bench import bench
from starlette.responses import PlainTextResponse

from groundswell.web.desk import Seat

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from browser.conftest import Watched
    from starlette.types import ASGIApp, Receive, Scope, Send

pytestmark = pytest.mark.browser

POSTS = 200


@pytest.mark.parametrize("slow_ms", [0, 100, 400])
def test_every_decision_of_a_burst_is_stored_as_it_was_meant(
    visit: Callable[..., Watched], tmp_path: Path, slow_ms: int
) -> None:
    study = bench(tmp_path, many=POSTS)
    with serving_slowly(study, slow_ms / 1000, Seat("ada")) as served:
        watched = visit(served.url)
        page = watched.page()
        open_queue(page, served, served.links[0])
        page.evaluate(WATCH)
        person = Person(page, Random(slow_ms))
        while not is_done(page):
            person.code()
        page.wait_for_function("() => document.getElementById('progress-words').textContent.startsWith('200 of 200')")
        assert "Saved" in page.inner_text("#status")
        watched.check(page)
    assert len(person.intended) == POSTS
    assert person.refused > 5
    check_stored(study, person)


class Shaky:
    """A server that refuses every decision as long as it is out of order."""

    def __init__(self, app: ASGIApp) -> None:
        self.app, self.is_broken = app, False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.is_broken and scope["type"] == "http" and scope["method"] == "POST":
            await asyncio.sleep(2)
            await PlainTextResponse("out of order", 503)(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def test_what_a_server_refuses_comes_back_with_its_choices_and_is_nowhere_called_saved(
    visit: Callable[..., Watched], tmp_path: Path
) -> None:
    study = bench(tmp_path, many=20)
    broken: list[Shaky] = []

    def shaky(app: ASGIApp) -> ASGIApp:
        broken.append(Shaky(app))
        return broken[0]

    with serving_behind(study, shaky, Seat("ada")) as served:
        page = visit(served.url).page()
        open_queue(page, served, served.links[0])
        broken[0].is_broken = True
        posts = []
        for keys in (("1", "-"), ("2",), ("0",)):
            posts.append(here(page))
            for key in keys:
                page.keyboard.press(key)
            page.wait_for_timeout(310)
            page.keyboard.press("Enter")
            if len(posts) == 1:
                page.wait_for_function(
                    "(post) => ![undefined, post].includes(document.getElementById('bench').dataset.post)", arg=posts[0]
                )
        page.wait_for_function("() => document.getElementById('status').classList.contains('bad')")
        page.wait_for_function("(post) => document.getElementById('bench').dataset.post === post", arg=posts[0])
        for said in (page.inner_text("#status"), page.inner_text("#bench .not-saved")):
            assert "out of order" in said
            assert "2 later decisions were not saved either" in said
        assert page.inner_text("#saved") == ""
        assert stored(study) == {}
        broken[0].is_broken = False
        for post in posts:
            page.wait_for_function("(post) => document.getElementById('bench').dataset.post === post", arg=post)
            page.wait_for_timeout(310)
            if not page.locator(".coding-form [name=code]:checked, .coding-form [name=none]:checked").count():
                page.keyboard.press("0")
            page.keyboard.press("Enter")
        page.wait_for_function("() => document.getElementById('progress-words').textContent.startsWith('3 of 20')")
    assert {post: set(lines) for post, lines in stored(study).items()} == {
        posts[0]: {("dear-bread", "present", "dispute"), ("*", "absent", None)},
        posts[1]: {("queue", "present", None), ("*", "absent", None)},
        posts[2]: {("*", "absent", None)},
    }
