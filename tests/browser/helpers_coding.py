"""What the tests of the coding screen share: a slow server, a person with a plan and quick fingers, and what was stored."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import uvicorn
from fakes.review import Served

from groundswell.web.app import make_app
from groundswell.web.desk import Desk, Seat
from groundswell.web.server import Place, links_of, listening

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from random import Random

    from playwright.sync_api import Page
    from starlette.types import ASGIApp, Receive, Scope, Send

    from groundswell.study import Study

EVERYTHING = "/read/all/everything"
SHORTEST_MS = 300


class Slow:
    """An app whose every answer, files apart, takes so many seconds longer."""

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        self.app, self.seconds = app, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].startswith("/static/"):
            await asyncio.sleep(self.seconds)
        await self.app(scope, receive, send)


@contextmanager
def serving_slowly(study: Study, seconds: float, *seats: Seat) -> Iterator[Served]:
    """The app behind a slow line."""
    with serving_behind(study, lambda app: Slow(app, seconds), *seats) as served:
        yield served


@contextmanager
def serving_behind(study: Study, wrap: Callable[[ASGIApp], ASGIApp], *seats: Seat) -> Iterator[Served]:
    """The app behind another one, on a free port of this computer."""
    desk, place = Desk(study, {}), Place()
    with listening(place) as opened, study.store():
        links = [link for _, link in links_of(place, opened, desk, seats)]
        config = uvicorn.Config(wrap(make_app(desk)), http="h11", ws="none", lifespan="off", log_config=None)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([opened],))
        thread.start()
        try:
            yield Served(links[0].partition("/?")[0], desk, tuple(links))
        finally:
            server.should_exit = True
            thread.join()


def open_queue(page: Page, served: Served, link: str, path: str = EVERYTHING) -> None:
    """Sit down and open a queue, its keys ready."""
    page.goto(link)
    page.goto(served.url + path)
    page.wait_for_selector("#coding[data-ready]")


def here(page: Page) -> str:
    """The address of the post on the screen; empty where there is none."""
    return str(page.evaluate("document.getElementById('bench')?.dataset.post ?? ''"))


def is_done(page: Page) -> bool:
    """Whether the queue says that nothing is left."""
    return bool(page.evaluate("document.getElementById('bench')?.hasAttribute('data-done') ?? false"))


WATCH = """
() => {
  const note = () => {
    const post = document.getElementById("bench")?.dataset.post;
    if (post !== window.shownPost) { window.shownPost = post; window.shownAt = performance.now(); }
  };
  new MutationObserver(note).observe(document.getElementById("coding"), { childList: true, subtree: true });
  window.shownPost = document.getElementById("bench").dataset.post;
  window.shownAt = performance.now();
}
"""
"""Notes in the page when a post came onto the screen."""

NEXT_IS_SHOWN = """
(before) => {
  const bench = document.getElementById("bench");
  return bench.hasAttribute("data-done") || (bench.dataset.post !== undefined && bench.dataset.post !== before);
}
"""


@dataclass
class Person:
    """Somebody who codes each post that comes by a plan, with fingers that press keys 30 to 200 ms apart.

    Attributes:
        intended: for each post that was committed in time what is to be stored of it: (code, value, stance).
        refused: how many commits came too early.
    """

    page: Page
    dice: Random
    intended: dict[str, set[tuple[str, str, str | None]]] = field(default_factory=dict)
    refused: int = 0

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.page.wait_for_timeout(self.dice.randint(30, 200))

    def shown_ms(self) -> float:
        return float(self.page.evaluate("performance.now() - window.shownAt"))

    def code(self) -> None:
        """Code the post on the screen, sometimes too hastily at first."""
        page, address = self.page, here(self.page)
        keys, stored = self.dice.choice(PLANS)
        for key in keys:
            self.press(key)
        if self.dice.random() < 0.2 and self.shown_ms() < SHORTEST_MS - 100:
            page.keyboard.press("Enter")
            self.refused += 1
            assert here(page) == address
            assert "Not saved" in page.inner_text("#status")
        left = SHORTEST_MS - self.shown_ms()
        if left > -5:
            page.wait_for_timeout(left + 10)
        page.keyboard.press(self.dice.choice(("Enter", "Space")))
        self.intended[address] = stored
        page.wait_for_function(NEXT_IS_SHOWN, arg=address, timeout=60_000)


PLANS: tuple[tuple[str, set[tuple[str, str, str | None]]], ...] = (
    ("0", {("*", "absent", None)}),
    ("1+", {("dear-bread", "present", "support"), ("*", "absent", None)}),
    ("1-", {("dear-bread", "present", "dispute"), ("*", "absent", None)}),
    ("12", {("dear-bread", "present", None), ("queue", "present", None), ("*", "absent", None)}),
    ("2", {("queue", "present", None), ("*", "absent", None)}),
    ("2f", {("queue", "unsure", None), ("*", "absent", None)}),
    ("121", {("queue", "present", None), ("*", "absent", None)}),
    ("!", {("*", "missing", None)}),
)
"""Keys in the study of bread, and what they say."""


def stored(study: Study, coder: str = "ada") -> dict[str, list[tuple[str, str, str | None]]]:
    """What stands of a coder, by post: every event, so that a doubled one shows."""
    with study.store() as store:
        rows: list[Any] = store.connection.execute(
            """
            SELECT p.address, e.code, e.value, e.stance FROM coding_events e
              JOIN posts p ON p.id = e.post JOIN coders r ON r.id = e.coder
             WHERE r.name = ? AND r.kind = 'person' AND e.undone_by IS NULL AND e.undo_of IS NULL ORDER BY e.id
            """,
            (coder,),
        ).fetchall()
    found: dict[str, list[tuple[str, str, str | None]]] = {}
    for row in rows:
        found.setdefault(row["address"], []).append((row["code"], row["value"], row["stance"]))
    return found


def check_stored(study: Study, person: Person, coder: str = "ada") -> None:
    """Exactly what was intended stands, each of it once."""
    said = stored(study, coder)
    assert {post: set(lines) for post, lines in said.items()} == person.intended
    assert all(len(lines) == len(set(lines)) for lines in said.values())


DRIVE = """
async ([plans, seed, shortest]) => {
  // A person with quick fingers, within the page: so that several can be at work at once.
  let state = seed;
  const random = () => ((state = (state * 48271) % 2147483647), state / 2147483647);
  const rest = (ms) => new Promise((done) => setTimeout(done, ms));
  const press = (key) => document.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  const bench = () => document.getElementById("bench");
  const intended = {};
  let conflicts = 0;
  let shown;
  const until = performance.now() + 120000;
  while (performance.now() < until) {
    if (bench().hasAttribute("data-done")) break;
    const address = bench().dataset.post;
    if (address === undefined) { await rest(20); continue; }
    if (bench().querySelector(".notice.warn")) {
      conflicts += 1;
      delete intended[address];
      press("s");
      await rest(20);
      continue;
    }
    shown = performance.now();
    const [keys, stored] = plans[Math.floor(random() * plans.length)];
    for (const key of keys) { press(key); await rest(30 + random() * 90); }
    await rest(Math.max(0, shortest + 15 - (performance.now() - shown)));
    if (bench().dataset.post !== address || bench().querySelector(".notice.warn")) continue;
    press("Enter");
    intended[address] = stored;
  }
  return { intended, conflicts };
}
"""


def drive(page: Page, seed: int) -> None:
    """Let somebody code in a page by themselves; `driven` waits for the end."""
    plans = [[keys, sorted(map(list, lines), key=str)] for keys, lines in PLANS]
    page.evaluate(
        f"(given) => {{ window.driven = null; ({DRIVE})(given).then((made) => {{ window.driven = made; }}); }}",
        [plans, seed, SHORTEST_MS],
    )


def driven(page: Page) -> tuple[dict[str, set[tuple[str, str, str | None]]], int]:
    """What was intended in a page in which somebody coded alone, and how many conflicts they met."""
    page.wait_for_function("() => window.driven !== null", timeout=150_000)
    # Whatever was committed last may still be on its way.
    page.wait_for_timeout(1500)
    made = page.evaluate("window.driven")
    meant = {post: {(line[0], line[1], line[2]) for line in lines} for post, lines in made["intended"].items()}
    return meant, int(made["conflicts"])


def here_without_script(page: Page) -> str:
    """The address of the post on the screen, in a browser that runs no script."""
    return page.locator("#bench").get_attribute("data-post") or ""
