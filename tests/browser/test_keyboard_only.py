"""The whole task by keys alone: codes, stances, excerpts, memos, new codes, threads, and taking back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from browser.helpers_coding import EVERYTHING, here, open_queue, stored
from fakes.review import Served, serving
from fakes.study import CODEBOOK, groundswell, make_study, post_line, save_lines

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from browser.conftest import Watched
    from playwright.sync_api import Page

    from groundswell.study import Study

pytestmark = pytest.mark.browser

TEXTS = (
    "Such 🥖 dear bread, 👩‍🍳 said.\n\n> a quoted 🥐 line\n\nMine again: daylight robbery.",
    "A queue, again. See https://shop.example/a and `code`.",
    "Nice weather.",
    "Rain\u202e at noon.",
)
FRAME = 5
"""How far the frame round what has the focus reaches, in pixels."""


@pytest.fixture
def shop(tmp_path: Path) -> Study:
    """A thread of four posts with emoji, a quote, a link, code, and a sign that turns a line around."""
    study = make_study(tmp_path / "study", codebook=CODEBOOK)
    lines = [
        post_line(
            f"p{number}", thread="example:p0", parent=None if number == 0 else f"example:p{number - 1}", text=text,
            title="Bread" if number == 0 else None, created_at=f"2026-01-03T10:0{number}:00Z",
        )
        for number, text in enumerate(TEXTS)
    ]  # fmt: skip
    for command in (["collect", "import", save_lines(tmp_path / "posts.jsonl", *lines)], ["code", "apply"]):
        assert groundswell("-C", study.root, *command).code == 0
    return study


@pytest.fixture
def desk(visit: Callable[..., Watched], shop: Study) -> Any:
    """The queue of everything on the screen, without a mouse."""
    with serving(shop) as served:
        watched = visit(served.url)
        page = watched.page()
        open_queue(page, served, served.links[0])
        yield page, served
        watched.check(page)


def go(page: Page, served: Served, post: str) -> None:
    page.goto(f"{served.url}{EVERYTHING}?post={post}")
    page.wait_for_selector("#coding[data-ready]")


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def commit(page: Page, key: str = "Enter") -> None:
    before = here(page)
    page.wait_for_timeout(320)
    page.evaluate("() => { document.getElementById('saved').textContent = ''; }")
    page.keyboard.press(key)
    page.wait_for_function("(before) => document.getElementById('bench').dataset.post !== before", arg=before)
    page.wait_for_function("() => document.getElementById('saved').textContent.startsWith('Saved')")


def select(page: Page, words: str | list[str]) -> None:
    """Select words of the post as Shift and the arrows would."""
    page.evaluate(
        """
        (words) => {
          const text = document.querySelector(".post.here > .post-text");
          const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
          const [first, last] = [words[0], words[words.length - 1]];
          const range = document.createRange();
          for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            if (node.data.includes(first)) range.setStart(node, node.data.indexOf(first));
            if (node.data.includes(last)) range.setEnd(node, node.data.indexOf(last) + last.length);
          }
          getSelection().removeAllRanges();
          getSelection().addRange(range);
        }
        """,
        [words] if isinstance(words, str) else words,
    )


def places(study: Study) -> list[tuple[str, str]]:
    with study.store() as store:
        rows = store.connection.execute(
            'SELECT e.code, e.start, e."end", p.text FROM coding_events e JOIN posts p ON p.id = e.post'
            " JOIN coders r ON r.id = e.coder WHERE r.name = 'ada' AND e.start IS NOT NULL ORDER BY e.id"
        ).fetchall()
    return [(row["code"], row["text"][row["start"] : row["end"]]) for row in rows]


def test_a_code_with_its_stance_is_two_keys_and_a_commit(desk: tuple[Page, Served], shop: Study) -> None:
    page, served = desk
    go(page, served, "example:p0")
    press(page, "1", "-")
    commit(page)
    assert set(stored(shop)["example:p0"]) == {("dear-bread", "present", "dispute"), ("*", "absent", None)}
    assert page.evaluate("document.activeElement.id") == "post-heading"


@pytest.mark.parametrize(
    ("selected", "expected"),
    [
        (["👩‍🍳 said"], "👩‍🍳 said"),
        (["dear bread"], "dear bread"),
        (["again: daylight"], "again: daylight"),
        (["🥖 dear", "quoted 🥐"], "🥖 dear bread, 👩‍🍳 said.\n\n> a quoted 🥐"),
        ([" said.\n"], "said."),
    ],
)
def test_selected_words_and_the_key_of_a_code_are_an_excerpt_in_code_points(
    desk: tuple[Page, Served], shop: Study, selected: list[str], expected: str
) -> None:
    page, served = desk
    go(page, served, "example:p0")
    page.evaluate("document.activeElement.blur()")
    select(page, selected)
    press(page, "1")
    commit(page)
    assert places(shop) == [("dear-bread", expected)]


def test_an_excerpt_across_a_link_code_and_a_named_sign_is_counted_as_it_is_stored(
    desk: tuple[Page, Served], shop: Study
) -> None:
    page, served = desk
    go(page, served, "example:p1")
    page.evaluate(
        "() => { const text = document.querySelector('.post.here > .post-text');"
        " getSelection().selectAllChildren(text); }"
    )
    press(page, "2")
    commit(page)
    go(page, served, "example:p3")
    page.evaluate("() => getSelection().selectAllChildren(document.querySelector('.post.here > .post-text'))")
    press(page, "2")
    commit(page)
    assert places(shop) == [("queue", TEXTS[1]), ("queue", TEXTS[3])]


def test_an_excerpt_far_down_a_very_long_text_stands_where_it_was_selected(
    visit: Callable[..., Watched], tmp_path: Path
) -> None:
    # Chromium cuts a text into nodes of 65,536 units.
    text = "Such dear 🥖 again. " * 8_000 + "Daylight robbery."
    study = make_study(tmp_path / "study", codebook=CODEBOOK)
    posts = save_lines(tmp_path / "posts.jsonl", post_line("p0", thread="example:p0", parent=None, text=text))
    assert groundswell("-C", study.root, "collect", "import", posts).code == 0
    with serving(study) as served:
        watched = visit(served.url)
        page = watched.page()
        open_queue(page, served, served.links[0], f"{EVERYTHING}?post=example:p0&whole")
        select(page, "Daylight robbery")
        press(page, "1")
        commit(page)
        watched.check(page)
    assert places(study) == [("dear-bread", "Daylight robbery")]


def test_e_keeps_an_excerpt_for_the_code_chosen_last_or_for_the_next_one(
    desk: tuple[Page, Served], shop: Study
) -> None:
    page, served = desk
    go(page, served, "example:p0")
    press(page, "1")
    select(page, "daylight robbery")
    press(page, "e")
    select(page, "Mine")
    press(page, "e", "2")
    page.keyboard.press("e")
    assert page.evaluate("document.querySelector('.by-sentence').open")
    press(page, "Escape")
    commit(page)
    assert sorted(places(shop)) == [("dear-bread", "Mine"), ("dear-bread", "daylight robbery")]


def test_keys_are_dead_in_fields_and_when_held_down_or_with_a_modifier(desk: tuple[Page, Served], shop: Study) -> None:
    page, served = desk
    go(page, served, "example:p2")
    press(page, "m")
    page.keyboard.type("12 0u s?")
    assert page.input_value("#memo") == "12 0u s?"
    press(page, "Escape")
    for keys in ("Control+1", "Alt+2", "Meta+0"):
        press(page, keys)
    page.evaluate(
        "() => ['keydown'].forEach((name) => { for (const more of [{repeat: true}, {isComposing: true}, {keyCode: 229}])"
        " document.dispatchEvent(new KeyboardEvent(name, {key: '1', bubbles: true, ...more})); })"
    )
    assert page.locator(".coding-form [name=code]:checked, .coding-form [name=none]:checked").count() == 0
    press(page, "0")
    commit(page, "Space")
    assert stored(shop) == {"example:p2": [("*", "absent", None)]}
    with shop.store() as store:
        memos = store.connection.execute("SELECT about, text, origin FROM memos").fetchall()
    assert [tuple(row) for row in memos] == [("example:p2", "12 0u s?", "coder ada")]


def test_a_new_code_is_named_and_coded_without_leaving_the_post(desk: tuple[Page, Served], shop: Study) -> None:
    page, served = desk
    go(page, served, "example:p0")
    press(page, "1")
    select(page, "daylight robbery")
    press(page, "n")
    assert page.input_value("#draft-name") == "daylight robbery"
    page.keyboard.type("Crime")
    page.wait_for_timeout(320)
    press(page, "Enter")
    page.wait_for_selector(".code-row[data-code=crime] input:checked")
    assert page.locator("[value=dear-bread][name=code]:checked").count() == 1
    assert places(shop) == [("crime", "daylight robbery")]
    commit(page)
    assert {line[0] for line in stored(shop)["example:p0"]} == {"dear-bread", "crime", "*"}
    page.wait_for_timeout(320)
    press(page, "3")
    commit(page)
    assert sum(("crime", "present", None) in lines for lines in stored(shop).values()) == 2


def test_u_takes_back_step_by_step_and_shows_the_post_again(desk: tuple[Page, Served], shop: Study) -> None:
    page, _served = desk
    seen = []
    for _ in range(3):
        seen.append(here(page))
        press(page, "0")
        commit(page)
    for post in reversed(seen):
        press(page, "u")
        page.wait_for_function("(post) => document.getElementById('bench').dataset.post === post", arg=post)
        assert "Taken back" in page.inner_text("#status")
        assert post not in stored(shop)


def test_with_nothing_to_take_back_the_post_stays(visit: Callable[..., Watched], shop: Study) -> None:
    with serving(shop) as served:
        page = visit(served.url).page()
        open_queue(page, served, served.links[0])
        post = here(page)
        press(page, "1", "u")
        page.wait_for_function("() => document.getElementById('status').classList.contains('bad')")
        assert "no decision of yours" in page.inner_text("#status")
        assert here(page) == post
        assert page.locator("[value=dear-bread][name=code]:checked").count() == 1


def test_one_moves_skips_jumps_and_reads_the_thread_by_keys(desk: tuple[Page, Served]) -> None:
    page, _served = desk
    first = here(page)
    press(page, "s")
    page.wait_for_function(
        "(before) => ![undefined, before].includes(document.getElementById('bench').dataset.post)", arg=first
    )
    second = here(page)
    press(page, "k")
    page.wait_for_function("(post) => document.getElementById('bench').dataset.post === post", arg=first)
    press(page, "ArrowRight")
    page.wait_for_function("(post) => document.getElementById('bench').dataset.post === post", arg=second)
    press(page, "g")
    page.keyboard.type("1")
    press(page, "Enter")
    page.wait_for_function("(post) => document.getElementById('bench').dataset.post === post", arg=first)
    press(page, "t")
    page.wait_for_selector("#thread .branches")
    assert page.locator("#thread .post").count() == len(TEXTS)
    press(page, "Escape")
    assert page.locator("#thread").is_hidden()
    press(page, "?")
    assert page.evaluate("document.getElementById('help').open")
    press(page, "?")
    press(page, "c")
    page.keyboard.type("que")
    assert page.locator(".code-row:visible[data-code]").count() == 1
    press(page, "Enter")
    assert page.locator("[value=queue][name=code]:checked").count() == 1
    press(page, "/")
    page.wait_for_url("**/search")


def test_the_frame_round_what_opened_the_help_does_not_touch_its_headings(desk: tuple[Page, Served]) -> None:
    page, _served = desk
    press(page, "?")
    focused, heading = page.locator("#help summary:focus").bounding_box(), page.locator("#keys-title").bounding_box()
    assert focused is not None
    assert heading is not None
    assert heading["y"] - (focused["y"] + focused["height"]) > FRAME
    assert "Right arrow" in page.inner_text("#help dl.keys")


def test_q_leads_the_selected_words_to_where_quotes_are_recorded(desk: tuple[Page, Served]) -> None:
    page, served = desk
    go(page, served, "example:p0")
    select(page, ["dear bread"])
    press(page, "q")
    page.wait_for_url("**/quotes?**")
    start = TEXTS[0].index("dear bread")
    assert page.url.endswith(f"post=example%3Ap0&start={start}&end={start + len('dear bread')}")


def test_unsure_none_and_missing_are_keys_too(desk: tuple[Page, Served], shop: Study) -> None:
    page, served = desk
    go(page, served, "example:p0")
    press(page, "f")
    assert "Choose the code first" in page.inner_text("#status")
    press(page, "+")
    assert "Choose a code that asks for a stance" in page.inner_text("#status")
    press(page, "1", "+", "f")
    commit(page)
    go(page, served, "example:p1")
    press(page, "2", "!")
    commit(page)
    assert set(stored(shop)["example:p0"]) == {("dear-bread", "unsure", None), ("*", "absent", None)}
    assert stored(shop)["example:p1"] == [("*", "missing", None)]


def test_what_a_coder_wants_otherwise_is_so(visit: Callable[..., Watched], shop: Study) -> None:
    (shop.root / "keys.yaml").write_text(
        "coders:\n  ada:\n    shortest_ms: 0\n    keys: { commit: x, none: 9 }\n", encoding="utf-8"
    )
    with serving(shop) as served:
        watched = visit(served.url)
        page = watched.page()
        open_queue(page, served, served.links[0])
        post = here(page)
        press(page, "0", "Enter")
        assert here(page) == post
        press(page, "9", "x")
        page.wait_for_function("() => document.getElementById('saved').textContent.startsWith('Saved')")
        watched.check(page)
    assert stored(shop) == {post: [("*", "absent", None)]}


def test_without_single_keys_the_controls_are_reached_by_tab(visit: Callable[..., Watched], shop: Study) -> None:
    (shop.root / "keys.yaml").write_text("coders:\n  ada:\n    single_keys: no\n", encoding="utf-8")
    with serving(shop) as served:
        watched = visit(served.url)
        page = watched.page()
        open_queue(page, served, served.links[0])
        post = here(page)
        press(page, "0", "1", "u")
        assert page.locator(".coding-form input:checked:not([type=radio])").count() == 0
        for _ in range(30):
            if page.evaluate("document.activeElement.name") == "none":
                break
            press(page, "Tab")
        press(page, "Space")
        page.wait_for_timeout(320)
        press(page, "Enter")
        page.wait_for_function("() => document.getElementById('saved').textContent.startsWith('Saved')")
        watched.check(page)
    assert stored(shop) == {post: [("*", "absent", None)]}
