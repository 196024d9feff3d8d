from typing import Any

import pytest
from fakes.collecting import PEOPLE
from fakes.file_samples import MORE, old_comment, old_link, old_page
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.files import HtmlPage
from collector.reading import Reading
from collector.sources.old_reddit_files import observations, recognises
from db.records import Observation, Unreadable

READING = Reading(PEOPLE)


def read(page: bytes, reading: Reading = READING) -> dict[str, Observation]:
    found = list(observations(HtmlPage(page.decode()), reading))
    assert [item for item in found if isinstance(item, Unreadable)] == []
    return {item.native_id: item for item in found if isinstance(item, Observation)}


def problems(page: bytes) -> list[tuple[str, str]]:
    found = observations(HtmlPage(page.decode()), READING)
    return [(item.position, item.problem) for item in found if isinstance(item, Unreadable)]


def test_the_post_that_opens_the_thread_is_read_whole() -> None:
    opening = read(old_page())["t3_aaa1"]

    assert opening == Observation(
        platform="reddit", native_id="t3_aaa1", thread="t3_aaa1", parent=None, kind="post",
        author=PEOPLE.author("reddit", "otto_9", "t3_aaa1"), community="r/bakers", created_at="2026-01-05T08:00:00Z",
        edited_at="2026-01-05T09:00:00Z", title="Bread & butter", text="Such dear bread.",
        url="https://www.reddit.com/comments/aaa1/", thread_url="https://www.reddit.com/comments/aaa1/", score=7,
        state="live", observed_at="2026-01-06T11:46:40Z", declared_count=3,
    )  # fmt: skip


def test_a_comment_is_read_whole() -> None:
    comment = read(old_page(old_comment("bbb1")))["t1_bbb1"]

    assert comment == Observation(
        platform="reddit", native_id="t1_bbb1", thread="t3_aaa1", parent="t3_aaa1", kind="comment",
        author=PEOPLE.author("reddit", "mira_k", "t3_aaa1"), community="r/bakers", created_at="2026-01-05T08:01:40Z",
        edited_at=None, title=None, text="I stood in a queue.", url="https://www.reddit.com/comments/aaa1/_/bbb1/",
        thread_url="https://www.reddit.com/comments/aaa1/", score=3, state="live", observed_at="2026-01-06T11:46:40Z",
    )  # fmt: skip


def test_a_reply_stands_below_the_comment_within_which_it_stands() -> None:
    deepest = old_comment("bbb3", "<p>three</p>", score='<span class="score unvoted" title="9">9 points</span>')
    found = read(
        old_page(old_comment("bbb1", "<p>one</p>", old_comment("bbb2", "<p>two</p>", deepest)), old_comment("bbb4"))
    )

    assert {name: item.parent for name, item in found.items()} == {
        "t3_aaa1": None, "t1_bbb1": "t3_aaa1", "t1_bbb2": "t1_bbb1", "t1_bbb3": "t1_bbb2", "t1_bbb4": "t3_aaa1",
    }  # fmt: skip
    assert [found[f"t1_bbb{number}"].text for number in (1, 2, 3)] == ["one", "two", "three"]
    assert [found[f"t1_bbb{number}"].score for number in (1, 2, 3)] == [3, 3, 9]


@pytest.mark.parametrize(
    "href",
    [
        "#bbb0",
        "https://old.reddit.com/r/bakers/comments/aaa1/bread/#bbb0",
        "https://old.reddit.com/r/bakers/comments/aaa1/bread/bbb7/#bbb0",
        "/r/bakers/comments/aaa1/bread/bbb0/?context=3",
    ],
)  # fmt: skip
def test_the_parent_that_a_page_links_to_is_the_parent(href: str) -> None:
    link = f'<li><a href="{href}" data-event-action="parent" class="bylink">parent</a></li>'

    assert read(old_page(old_comment("bbb1", parent=link)))["t1_bbb1"].parent == "t1_bbb0"


@pytest.mark.parametrize("href", ["/r/bakers/comments/aaa1/bread/", "#"])
def test_a_link_to_the_thread_as_parent_leaves_the_comment_below_the_thread(href: str) -> None:
    link = f'<a href="{href}" data-event-action="parent">parent</a>'

    assert read(old_page(old_comment("bbb1", parent=link)))["t1_bbb1"].parent == "t3_aaa1"


def test_what_a_page_does_not_show_is_known_by_the_number_that_it_announces() -> None:
    found = read(old_page(old_comment("bbb1"), MORE))

    assert found.keys() == {"t3_aaa1", "t1_bbb1"}
    assert found["t3_aaa1"].declared_count == 3


def test_an_older_page_announces_its_comments_in_words_and_its_score_beside_the_arrows() -> None:
    opening = read(old_page(link=old_link(attributes='data-rank=""')))["t3_aaa1"]

    assert (opening.declared_count, opening.score) == (1003, 8)


@pytest.mark.parametrize(
    ("changes", "state", "gone"),
    [
        ({"author": "", "classes": "deleted comment", "md": ""}, "deleted_by_author", True),
        ({"author": "", "body": "<p>[deleted]</p>", "classes": "deleted comment"}, "deleted_by_author", True),
        ({"author": "", "body": "<p>[removed]</p>"}, "removed", True),
        ({"author": "", "body": "<p>It stays.</p>"}, "live", True),
        ({}, "live", False),
    ],
)
def test_a_deleted_or_removed_comment_has_no_text(changes: dict[str, str], state: str, *, gone: bool) -> None:
    comment = read(old_page(old_comment("bbb1", **changes)))["t1_bbb1"]

    assert (comment.state, comment.author and comment.author.is_gone) == (state, gone)
    assert (comment.text is None) == (state != "live")


def test_a_removed_post_keeps_neither_title_nor_text() -> None:
    opening = read(old_page(link=old_link("<p>[removed]</p>")))["t3_aaa1"]

    assert (opening.state, opening.title, opening.text) == ("removed", None, None)


def test_a_score_that_is_hidden_is_missing() -> None:
    comment = read(old_page(old_comment("bbb1", score='<span class="score-hidden">[score hidden]</span>')))["t1_bbb1"]

    assert comment.score is None


def test_a_text_is_what_the_page_shows_of_it() -> None:
    body = "<blockquote><p>dear bread</p></blockquote><p>1 &lt; 2 &amp;amp; so\non</p><ul><li>rye</li></ul>"

    assert read(old_page(old_comment("bbb1", body)))["t1_bbb1"].text == "> dear bread\n\n1 < 2 &amp; so on\n\n- rye"


def test_names_in_texts_and_titles_are_hidden() -> None:
    link = '<p>ask <a href="https://old.reddit.com/user/mira_k">/u/mira_k</a> or u/otto_9</p>'
    found = read(old_page(old_comment("bbb1", link), link=old_link("<p>thanks u/mira_k</p>", "For u/mira_k")))

    assert "mira_k" not in repr(found)
    assert "otto_9" not in repr(found)
    assert PEOPLE.of("reddit", "mira_k") in str(found["t3_aaa1"].title)


def test_the_time_that_is_known_better_is_the_time_at_which_it_was_seen() -> None:
    page, bare = old_page(), old_page().replace(b"server_time", b"other_time")

    assert read(page, Reading(PEOPLE, "2026-02-01T00:00:00Z"))["t3_aaa1"].observed_at == "2026-02-01T00:00:00Z"
    assert read(bare, Reading(PEOPLE, None, "2026-02-02T00:00:00Z"))["t3_aaa1"].observed_at == "2026-02-02T00:00:00Z"


def test_an_advertisement_is_no_post() -> None:
    page = old_page(old_comment("bbb1")).replace(b'data-type="link"', b'data-type="link" data-promoted="true"')

    assert read(page).keys() == {"t1_bbb1"}


def test_a_page_of_one_comment_without_its_thread_tells_the_thread_by_the_link() -> None:
    found = read(old_page(old_comment("bbb1"), link=""))

    assert (found["t1_bbb1"].thread, found["t1_bbb1"].parent) == ("t3_aaa1", "t3_aaa1")


@pytest.mark.parametrize(
    ("comment", "link", "problem"),
    [
        (old_comment("bbb9", permalink=""), "", "the page does not say to which thread it belongs"),
        (old_comment("bbb9", md=""), None, "its text is missing"),
        (old_comment("bbb9", time=""), None, "created_utc is missing"),
        (
            old_comment("bbb9", time='<time datetime="yesterday">x</time>'),
            None,
            "Invalid isoformat string: 'yesterday'",
        ),
        (
            old_comment("bbb9", time='<time datetime="2026-01-05T08:00:00">x</time>'),
            None,
            "'2026-01-05T08:00:00' bears no",
        ),
    ],
)
def test_a_comment_that_cannot_be_read_is_told_and_those_around_it_are_kept(
    comment: str, link: str | None, problem: str
) -> None:
    page = old_page(old_comment("bbb1"), comment, old_comment("bbb2"), link=link)

    ((place, told),) = problems(page)
    read_ids = [
        item.native_id for item in observations(HtmlPage(page.decode()), READING) if isinstance(item, Observation)
    ]

    assert (place, told[: len(problem)]) == ("t1_bbb9", problem)
    assert read_ids[-2:] == ["t1_bbb1", "t1_bbb2"]


def test_a_comment_outside_its_thread_is_told_since_its_parent_is_not_known() -> None:
    page = f"<html><body><div class='sitetable linklisting'>{old_comment('bbb1')}</div></body></html>".encode()

    assert problems(page) == [("t1_bbb1", "a comment outside its thread, whose parent is not known")]


@pytest.mark.parametrize(
    "document",
    [HtmlPage("<p>Log in</p>"), HtmlPage('<shreddit-post id="t3_aaa1">'), {"data-fullname": "t3_aaa1"}, [], None],
)
def test_another_page_is_not_recognised(document: Any) -> None:
    assert not recognises(document)


PAGE = old_page(old_comment("bbb1", inside=old_comment("bbb2")), MORE, old_comment("bbb3", author="")).decode()


@settings(max_examples=60)
@given(st.data())
def test_a_mangled_page_gives_posts_or_problems_and_nothing_else(data: st.DataObject) -> None:
    page = PAGE
    for _ in range(data.draw(st.integers(1, 6))):
        start = data.draw(st.integers(0, len(page)))
        end = min(len(page), start + data.draw(st.integers(0, 40)))
        page = page[:start] + data.draw(st.text('<>/"= \x00div19:[]', max_size=8)) + page[end:]

    found = list(observations(HtmlPage(page), READING))

    assert all(isinstance(item, Observation | Unreadable) for item in found)
