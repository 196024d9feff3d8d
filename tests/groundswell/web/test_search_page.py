from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from fakes.review import sit
from fakes.study import ALL_BREAD
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    import httpx

    from groundswell.study import Study


@pytest.fixture(scope="module")
def searcher(furnished_once: Study) -> httpx.Client:
    return sit(furnished_once, "ana")


def test_words_find_posts_with_the_words_marked(searcher: httpx.Client) -> None:
    html = searcher.get("/search?q=dear").text
    assert '<mark class="hit">' in html
    assert "1 post" in html
    assert f"/post/{ALL_BREAD[0].replace(':', '%3A')}" in html


def test_nothing_asked_finds_nothing_and_nothing_found_is_said(searcher: httpx.Client) -> None:
    assert "<h2>" not in searcher.get("/search").text
    assert "<h2>" not in searcher.get("/search?q=%20%00").text
    assert "No post" in searcher.get("/search?q=marzipan").text


def test_what_a_code_finds_can_be_asked_for(searcher: httpx.Client) -> None:
    assert "I stood in a" in searcher.get("/search", params={"q": "#queue"}).text


@pytest.mark.parametrize(
    "query",
    [
        "it's",
        "c++",
        "AND",
        "-x",
        '"',
        "(",
        "a NEAR",
        "#",
        "#none",
        "a NEAR/0 b",
        "^",
        "NOT a",
        "*",
        "(" * 5000,
        "/(a+)+$/",
        "/[/",
    ],
)
def test_a_pattern_that_is_none_is_one_clear_message(searcher: httpx.Client, query: str) -> None:
    answer = searcher.get("/search", params={"q": query})
    assert answer.status_code == 200
    assert "Traceback" not in answer.text


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.text(), st.text('ab"()*#/-+:^ \x00NEARDOTORdear')))
def test_no_query_breaks_the_page(searcher: httpx.Client, query: str) -> None:
    assert searcher.get("/search", params={"q": query.encode("utf-8", "replace").decode()}).status_code == 200


def test_what_was_typed_stands_in_the_field_again(searcher: httpx.Client) -> None:
    assert 'value="&#34;&gt;&lt;script&gt;"' in searcher.get("/search", params={"q": '"><script>'}).text


def test_a_match_far_into_a_long_text_is_shown_with_the_words_around_it(furnished: Study) -> None:
    text = "flour " * 2000 + "the marzipan is here " + "sugar " * 2000
    with furnished.store() as store, store.write() as connection:
        connection.execute("UPDATE posts SET text = ?, text_sha = 'x' WHERE address = ?", (text, ALL_BREAD[2]))
        connection.execute("DELETE FROM words WHERE rowid = (SELECT id FROM posts WHERE address = ?)", (ALL_BREAD[2],))
        connection.execute(
            "INSERT INTO words (rowid, title, own, quoted) SELECT id, '', text, '' FROM posts WHERE address = ?",
            (ALL_BREAD[2],),
        )
    html = sit(furnished, "ana").get("/search?q=marzipan").text
    assert ">marzipan</span></mark>" in html
    assert "the beginning is not shown" in html
    assert html.count("flour") < 60


def test_hidden_posts_neither_show_nor_count(furnished: Study) -> None:
    html = sit(furnished, "ben").get("/search?q=dear").text
    assert "No post" in html
    assert "at most" not in html


def test_one_post_of_at_most_so_many_is_said_as_one_says_it(furnished: Study) -> None:
    with furnished.store() as store, store.write() as connection:
        connection.execute("UPDATE posts SET text = 'zabaione', text_sha = 'x' WHERE address = ?", (ALL_BREAD[2],))
    html = sit(furnished, "ana").get("/search", params={"q": "/zabaione/"}).text
    assert re.search(r"<h2>1 of at most \d+ posts, the newest first</h2>", html)
