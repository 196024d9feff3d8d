"""Pages of the web become posts: articles, discussions, and nothing where there is neither."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes.collecting import PEOPLE, SEEN, Clock, wall_clock
from fakes.server import FakeServer
from fakes.web_pages import OTHER_SITE, SITE, WebPages, article, discourse, linked_data, paragraphs, web_session
from hypothesis import given
from hypothesis import strategies as st

from collector import page_data
from collector.page_data import moment
from collector.public_web import PublicSession
from collector.reading import Reading
from collector.run import Run, walk_thread
from collector.session import SiteError
from collector.source import Page, site_source
from collector.sources import web_page
from collector.sources.web_page import fetch, first_tasks, page_observations, read_page, recheck_tasks
from db.queries.runs import Task
from db.records import Observation, Unreadable
from db.spans import own_text
from db.store import Store

URL = f"https://{SITE}/a"
THREAD = f"https://{OTHER_SITE}/t/does-anybody-cache/12"
READING = Reading(PEOPLE, observed_at=SEEN)
POSTS = (
    ("ana_v", "2026-01-01T10:00:00Z", "<p>How do I cache this?</p>"),
    ("bo", "2026-01-01T11:00:00+01:00", "<blockquote>How do I cache this?</blockquote><p>Not at all.</p>"),
    ("Carl", "2026-01-02", "<p>As bo said, @ana_v.</p>"),
)
WALL = "it shows no more than a request to sign in, to consent, or to prove that one is no robot"


def only(markup: str, url: str | None = URL, reading: Reading = READING) -> Observation:
    page = read_page(markup, url, reading)
    assert page.unreadable == []
    assert len(page.observations) == 1
    return page.observations[0]


def problem(markup: str, url: str | None = URL) -> str:
    page = read_page(markup, url, READING)
    assert page.observations == []
    return page.unreadable[0].problem


def pseudonym(name: str, site: str = SITE) -> str:
    return PEOPLE.of("web", f"{site.removeprefix('www.')}/{name}")


def author(name: str, site: str = SITE) -> str:
    return f"web:{pseudonym(name, site)}"


def blog_posting(**more: Any) -> str:
    return linked_data({"@context": "https://schema.org", "@type": "BlogPosting", **more})


# Articles.


def test_an_article_is_one_post_without_what_stands_around_it() -> None:
    after = "<aside>Read also: ten more stories about caching</aside><div class='cookie-notice'>We use cookies</div>"
    seen = only(article(paragraphs(3), after=after))

    assert seen.text is not None
    assert [line[:11] for line in seen.text.split("\n\n")] == ["Paragraph 1", "Paragraph 2", "Paragraph 3"]
    assert (seen.title, seen.kind, seen.parent, seen.state) == ("A quiet week", "page", None, "live")


def test_an_article_is_known_by_its_address_and_its_place_by_its_host() -> None:
    seen = only(article(paragraphs()), f"http://www.{SITE}/a?utm_source=x&b=c#part")

    address = f"https://www.{SITE}/a?b=c"
    assert (seen.address, seen.thread, seen.url, seen.thread_url) == (f"web:{address}", address, address, address)
    assert seen.community == SITE


def test_what_an_article_tells_as_data_comes_first() -> None:
    head = blog_posting(
        headline="Told as data",
        author={"@type": "Person", "name": "Ana Vogel"},
        datePublished="2025-05-01T10:00:00+02:00",
        dateModified="2025-05-02T10:00:00Z",
        commentCount=7,
        interactionStatistic={"interactionType": {"@type": "LikeAction"}, "userInteractionCount": 3},
    )
    other = "<meta name='author' content='Bo Lund'><meta property='article:published_time' content='2024-01-01'>"
    seen = only(article(paragraphs(), head=head + other))

    assert seen.title == "Told as data"
    assert seen.author is not None
    assert seen.author.address == author("Ana Vogel")
    assert (seen.created_at, seen.edited_at) == ("2025-05-01T08:00:00Z", "2025-05-02T10:00:00Z")
    assert (seen.declared_count, seen.score) == (7, 3)


@pytest.mark.parametrize(
    "head",
    [
        "<meta name='author' content='By Ana  Vogel'><meta property='article:published_time' content='2025-05-01'>",
        "<meta name='DC.creator' content='Ana Vogel'><meta name='dc.date' content='2025-05-01T00:00'>",
        "<meta name='byl' content='Ana Vogel'><meta itemprop='datePublished' content='Thu, 01 May 2025 00:00:00 GMT'>",
        "<meta property='article:author' content='https://blog.example/ana'><meta name='byl' content='Ana Vogel'><meta name='date' content='2025-05-01'>",
        linked_data(
            {
                "@graph": [
                    {"@type": "Article", "@id": "#article", "author": {"@id": "#ana"}, "datePublished": "2025-05-01"},
                    {"@type": "Person", "@id": "#ana", "name": "Ana Vogel"},
                ]
            }
        ),
        linked_data([{"@type": "WebPage", "mainEntity": {"@type": ["Thing", "schema:NewsArticle"], "author": ["Ana Vogel", "Bo"],
                      "dateCreated": "2025-05-01 00:00:00 UTC"}}]),
        "<script type='application/ld+json'>{broken</script><script>no data</script>"
        + blog_posting(author="Ana Vogel", datePublished={"@value": "20250501"}),
    ],
)  # fmt: skip
def test_author_and_date_are_found_where_pages_write_them(head: str) -> None:
    seen = only(article(paragraphs(), head=head))

    assert seen.author is not None
    assert seen.author.address == author("Ana Vogel")
    assert seen.created_at == "2025-05-01T00:00:00Z"


def test_author_and_date_may_be_in_the_article_itself() -> None:
    told = "<p>By <a rel='author' href='/ana'>Ana Vogel</a>, <time datetime='x'>?</time> <time datetime='2025-05-01'>May</time></p>"
    seen = only(article(told + paragraphs()))

    assert seen.author is not None
    assert seen.author.address == author("Ana Vogel")
    assert seen.created_at == "2025-05-01T00:00:00Z"
    assert "Ana" not in (seen.text or "")


def test_an_article_in_microdata_is_read() -> None:
    body = (
        "<div itemscope itemtype='https://schema.org/NewsArticle'><h2 itemprop='headline'>In elements</h2>"
        "<span itemprop='author'>Ana Vogel</span><meta itemprop='datePublished' content='2025-05-01'>"
        f"<p>Something before the text.</p><div itemprop='articleBody'>{paragraphs()}</div></div>"
    )
    seen = only(f"<html><head><title>Site</title></head><body>{body}</body></html>")

    assert (seen.title, seen.created_at) == ("In elements", "2025-05-01T00:00:00Z")
    assert (seen.text or "").startswith("Paragraph 1")


def test_a_page_that_tells_no_date_bears_that_of_the_look() -> None:
    seen = only(article(paragraphs()))
    later = only(article(paragraphs()), reading=Reading(PEOPLE, otherwise_at="2026-03-01T00:00:00Z"))

    assert (seen.created_at, seen.observed_at, seen.author) == (SEEN, SEEN, None)
    assert (later.created_at, later.observed_at) == ("2026-03-01T00:00:00Z", "2026-03-01T00:00:00Z")


def test_names_of_those_who_write_are_nowhere_in_what_is_stored() -> None:
    text = (
        paragraphs()
        + "<p>Ana Vogel asked <a href='/u/brisk_otter'>him</a> (<a href='/people/what-to-read'>more</a>), see /u/brisk_otter and u/plain_name.</p>"
    )
    head = "<meta charset='utf-8'><meta content='x'><meta name='author' content='Ana Vogel'>"
    seen = only(article(text, head=head, title="What Ana Vogel found"))

    stored = f"{seen.title} {seen.text}"
    assert [name for name in ("Ana Vogel", "brisk_otter", "plain_name") if name in stored] == []
    assert seen.title == f"What {pseudonym('Ana Vogel')} found"


def test_a_site_that_is_its_own_author_may_be_mentioned() -> None:
    text = paragraphs() + "<p>The Quiet Times knows.</p>"
    by_data = only(
        article(text, head=blog_posting(author={"@type": "NewsMediaOrganization", "name": "The Quiet Times"}))
    )
    site = "<meta name='author' content='The Quiet Times'><meta property='og:site_name' content='The Quiet Times'>"
    by_head = only(article(text, head=site))

    for seen in (by_data, by_head):
        assert seen.author is not None
        assert seen.author.address == author("The Quiet Times")
        assert "The Quiet Times knows." in (seen.text or "")


def test_the_title_is_what_the_page_calls_itself_without_its_site() -> None:
    site = "<meta property='og:site_name' content='Blog'>"
    page = f"<html><head><title>A quiet week | Blog</title>{site}</head><body>{paragraphs()}</body></html>"

    assert only(page).title == "A quiet week"
    assert only(page.replace("A quiet week | ", "")).title == "Blog"
    assert (
        only(article(paragraphs(), head="<meta property='og:title' content='Shown &amp; shared'>")).title
        == "Shown & shared"
    )


def test_the_text_in_the_data_serves_where_the_page_shows_less() -> None:
    whole = "\n\n".join(f"Sentence {number} of the whole text of this article." for number in range(40))
    seen = only(article("<p>Sentence 0 …</p>", head=blog_posting(articleBody=whole)))

    assert seen.text == whole


def test_of_an_article_for_subscribers_only_the_beginning_is_stored_and_that_is_told() -> None:
    page = read_page(article(paragraphs(), head=blog_posting(headline="x", isAccessibleForFree=False)), URL, READING)

    assert [seen.cut for seen in page.observations] == [True]
    assert page.problems == ["the whole text is for subscribers; what everybody is shown is stored"]


@pytest.mark.parametrize(
    "body",
    [
        f"<main>{paragraphs()}</main><div>{'<a href=/x>Another story about this</a> ' * 30}</div>",
        f"<div><div>{'<a href=/x>Another story about this</a> ' * 30}</div><div id='c'>{paragraphs()}</div></div>",
        f"<div role='main'>{paragraphs()}</div><section class='related-posts'>{'<p>Another story, told at length.</p>' * 4}</section>",
        f"<div id='c'>{paragraphs()}<div class='share-buttons'>Tell the world</div></div><div aria-hidden='true'>no</div>",
        f"<div>{paragraphs()}<p hidden>no</p><p style='display: none'>no</p></div>",
        f"<form action='/'><div>{paragraphs()}</div></form><div role='contentinfo'>All rights reserved by nobody at all</div>",
        f"<article>{paragraphs()}</article><article><p>A teaser of something else.</p></article>",
        f"<article>{paragraphs()}</article><div id='comments'>{'<p>I do not agree with this at all.</p>' * 50}</div>",
        f"<!-- no --><div><p>{paragraphs()}</p></div>",
    ],
)  # fmt: skip
def test_the_text_is_told_from_what_stands_around_it(body: str) -> None:
    seen = only(f"<html><body><h1>Title</h1>{body}</body></html>")

    assert [line[:11] for line in (seen.text or "").split("\n\n")] == [f"Paragraph {number}" for number in range(1, 5)]


def test_parts_of_an_article_that_stand_beside_each_other_belong_together() -> None:
    body = f"<div><section>{paragraphs(4)}</section><section>{paragraphs(3)}</section></div>"

    assert (only(f"<body>{body}</body>").text or "").count("Paragraph") == 7


def test_an_old_page_without_paragraphs_is_read() -> None:
    lines = "<br><br>".join(f"Line {number} of a page whose author knew no paragraphs." for number in range(9))

    assert (only(f"<body bgcolor=white><table><tr><td>{lines}</table></body>").text or "").count("Line") == 9


def test_quotes_and_code_in_an_article_are_told_from_its_own_words() -> None:
    quotes = (
        "<blockquote>never said<cite>Bo Lund</cite></blockquote>"
        "<aside class='quote'><blockquote>not so</blockquote></aside>"
    )
    text = (
        only(article(paragraphs() + quotes + "<aside class='pullquote'>told twice</aside><pre>x = 1</pre>")).text or ""
    )
    own = own_text(text)

    assert [words for words in ("never said", "not so", "x = 1") if words in own or words not in text] == []
    assert [words for words in ("Bo Lund", "told twice") if words in text] == []


# Identity.


@pytest.mark.parametrize(
    ("canonical", "address"),
    [
        ("https://blog.example/true", "https://blog.example/true"),
        ("https://www.blog.example/true?utm_source=x", "https://www.blog.example/true"),
        ("/true", "https://blog.example/true"),
        ("http://blog.example/?p=7", "https://blog.example/?p=7"),
        ("https://other.example/a", URL),
        ("https://blog.example/", URL),
        ("javascript:x", URL),
        ("https://[::1", URL),
        ("https://blog.example:x/", URL),
    ],
)
def test_the_address_that_a_page_calls_its_own_names_it_if_it_is_on_its_host(canonical: str, address: str) -> None:
    assert only(article(paragraphs(), head=f"<link rel='canonical' href='{canonical}'>")).native_id == address


@pytest.mark.parametrize(
    "told",
    [
        "<link rel='canonical' href='https://blog.example/a'>",
        "<meta property='og:url' content='http://blog.example/a#x'>",
        "<link rel='canonical' href='/a'><meta property='og:url' content='https://blog.example/a'>",
    ],
)
def test_a_saved_page_tells_its_address_itself(told: str) -> None:
    assert only(article(paragraphs(), head=told), None).native_id == URL


def test_a_saved_page_may_bear_the_address_in_the_browser_s_note() -> None:
    assert only("<!-- saved from url=(0022)https://blog.example/a -->" + article(paragraphs()), None).native_id == URL


@pytest.mark.parametrize(
    ("note", "url"),
    [
        ("", None),
        ("<!-- saved from url=(0014)about:internet -->", None),
        ("<link rel='canonical' href='https://127.0.0.1/'>", None),
        ("", "https://printer.local/"),
        ("", "file:///saved.html"),
    ],
)
def test_a_page_without_a_public_address_is_told(note: str, url: str | None) -> None:
    assert problem(note + article(paragraphs()), url).startswith("it does not tell its address")


# Discussions.


def test_a_discussion_in_microdata_is_told_apart() -> None:
    page = read_page(discourse(*POSTS), THREAD, READING)

    assert (page.unreadable, page.problems) == ([], [])
    assert [(seen.native_id, seen.parent, seen.kind) for seen in page.observations] == [
        (THREAD, None, "post"), (f"{THREAD}#post_2", THREAD, "comment"), (f"{THREAD}#post_3", THREAD, "comment"),
    ]  # fmt: skip
    assert [seen.author and seen.author.address for seen in page.observations] == [
        author(name, OTHER_SITE) for name, *_ in POSTS
    ]
    assert [seen.created_at for seen in page.observations] == [
        "2026-01-01T10:00:00Z", "2026-01-01T10:00:00Z", "2026-01-02T00:00:00Z",
    ]  # fmt: skip
    assert [seen.text for seen in page.observations] == [
        "How do I cache this?",
        "> How do I cache this?\n\nNot at all.",
        f"As {pseudonym('bo', OTHER_SITE)} said, @{pseudonym('ana_v', OTHER_SITE)}.",
    ]
    assert [seen.title for seen in page.observations] == ["Does anybody cache this?", None, None]
    assert [seen.score for seen in page.observations] == [3, 4, 5]
    assert {seen.thread for seen in page.observations} == {THREAD}
    assert {seen.community for seen in page.observations} == {"forum.example"}


@pytest.mark.parametrize(
    "quote",
    [
        "<aside class='quote'><div class='title'>bo:</div><blockquote>so</blockquote></aside>",
        "<blockquote><div><cite>bo wrote:</cite>so</div></blockquote>",
        "<div class='bbCodeBlock-title'>bo said:</div><blockquote>so</blockquote>",
    ],
)
def test_whom_a_quote_is_from_is_left_out(quote: str) -> None:
    page = read_page(discourse(POSTS[0], ("dana", "2026-01-03", f"{quote}<p>yes</p>")), THREAD, READING)

    assert page.observations[1].text == "> so\n\nyes"


def question(**more: Any) -> str:
    asked = {"@type": "Question", "name": "How to cache?", "text": "<p>I <b>wonder</b>.</p>", "upvoteCount": "7"}
    return linked_data({"@type": "QAPage", "mainEntity": asked | more})


def test_a_question_and_its_answers_and_their_comments_are_told_apart() -> None:
    answers = {
        "answerCount": 2,
        "acceptedAnswer": {
            "@type": "Answer",
            "@id": "#answer-1",
            "text": "So.",
            "author": {"name": "bo"},
            "upvoteCount": 5.0,
        },
        "suggestedAnswer": [
            {"@type": "Answer", "url": f"{URL}/2", "text": "Or so.", "comment": {"@type": "Comment", "text": "No."}},
            {"@type": "Answer", "@id": "#answer-1", "text": "So.", "author": {"name": "bo"}, "upvoteCount": 5.0},
        ],
    }
    page = read_page(article("", head=question(**answers)), URL, READING)

    assert [(seen.native_id, seen.parent, seen.kind, seen.text, seen.score) for seen in page.observations] == [
        (URL, None, "post", "I wonder.", 7),
        (f"{URL}#answer-1", URL, "answer", "So.", 5),
        (f"{URL}#2", URL, "answer", "Or so.", None),
        (f"{URL}#reply-3", f"{URL}#2", "comment", "No.", None),
    ]
    assert [seen.url for seen in page.observations] == [URL, f"{URL}#answer-1", f"{URL}/2", URL]
    assert [seen.declared_count for seen in page.observations] == [2, None, None, None]


def test_comments_below_an_article_are_replies_to_it() -> None:
    said = [{"@type": "Comment", "text": f"Comment {number}", "dateCreated": "2025-05-01"} for number in (1, 2)]
    page = read_page(article(paragraphs(), head=blog_posting(comment=said)), URL, READING)

    assert [(seen.kind, seen.parent) for seen in page.observations] == [
        ("page", None),
        ("comment", URL),
        ("comment", URL),
    ]


def test_comments_that_stand_alone_in_the_data_are_replies_too() -> None:
    said = "".join(
        f"<li id='c{number}'><div itemscope itemtype='https://schema.org/Comment'><p itemprop='text'>Comment {number}</p></div></li>"
        for number in (1, 2)
    )
    page = read_page(article(paragraphs(), after=f"<ol id='comments'>{said}</ol>"), URL, READING)

    assert [(seen.native_id, seen.text) for seen in page.observations[1:]] == [
        (f"{URL}#c1", "Comment 1"), (f"{URL}#c2", "Comment 2"),
    ]  # fmt: skip


def test_posts_that_are_each_told_alone_make_one_discussion() -> None:
    posts = [
        {"@type": "DiscussionForumPosting", "text": f"Post {number}", "url": f"{URL}#p{number}"} for number in (1, 2)
    ]
    elsewhere = {"@type": "DiscussionForumPosting", "text": "Another thread", "url": f"https://{SITE}/b"}
    page = read_page(article("", head=linked_data(elsewhere, *posts)), URL, READING)

    assert [(seen.native_id, seen.text, seen.kind) for seen in page.observations] == [
        (URL, "Post 1", "post"), (f"{URL}#p2", "Post 2", "comment"),
    ]  # fmt: skip


def test_a_thread_without_replies_is_one_post_however_short() -> None:
    page = read_page(discourse(POSTS[0]), THREAD, READING)

    assert [seen.text for seen in page.observations] == ["How do I cache this?"]


def test_a_thread_whose_data_hold_no_text_has_that_of_the_page() -> None:
    head = linked_data({"@type": "DiscussionForumPosting", "headline": "Title only"})

    assert (only(article(paragraphs(), head=head)).text or "").startswith("Paragraph 1")


def test_of_two_tellings_the_one_with_more_posts_is_taken_and_of_equal_ones_what_people_see() -> None:
    comment = {"@type": "Comment", "text": "As data"}
    longer = linked_data(
        {"@type": "DiscussionForumPosting", "text": "As data", "comment": [comment] * 2 + [{**comment, "text": "x"}]}
    )
    equal = linked_data({"@type": "DiscussionForumPosting", "text": "As data", "comment": comment})
    shown = discourse(*POSTS[:2])

    first, second = (read_page(shown.replace("<head>", f"<head>{head}"), THREAD, READING) for head in (longer, equal))
    assert [seen.text for seen in first.observations] == ["As data", "As data", "x"]
    assert second.observations[0].text == "How do I cache this?"


def test_a_reply_is_never_known_by_a_name() -> None:
    comments = [
        {"@type": "Comment", "text": "One", "author": "brisk_otter", "url": f"{URL}#brisk_otter-1"},
        {"@type": "Comment", "text": "Two", "author": "brisk_otter", "url": f"https://{SITE}/u/brisk_otter/2"},
        {"@type": "Comment", "text": "Three", "url": "https://other.example/3#x"},
        {"@type": "Comment", "text": "Four", "url": "https://[::1"},
        {"@type": "Comment", "text": "Five", "@id": "#x"},
    ]
    page = read_page(article(paragraphs(), head=blog_posting(comment=comments)), URL, READING)

    assert [(seen.native_id, seen.url) for seen in page.observations[1:]] == [
        (f"{URL}#reply-1", f"{URL}#reply-1"), (f"{URL}#2", f"{URL}#2"), (f"{URL}#x", f"{URL}#x"),
        (f"{URL}#reply-4", URL), (f"{URL}#x-5", f"{URL}#x-5"),
    ]  # fmt: skip


def test_a_reply_without_text_is_told_and_those_below_it_are_kept() -> None:
    inner = {"@type": "Comment", "text": "Below", "@id": "#b"}
    page = read_page(
        article(paragraphs(), head=blog_posting(comment={"@type": "Comment", "@id": "#a", "comment": inner})),
        URL,
        READING,
    )

    assert page.unreadable == [Unreadable("reply 1", "it has no text")]
    assert [seen.parent for seen in page.observations] == [None, f"{URL}#a"]


@pytest.mark.parametrize("numbers", ["post-{}", "p{}", "comment_{}", "li-comment-{}"])
def test_replies_that_cannot_be_told_apart_are_told(numbers: str) -> None:
    posts = "".join(f"<div id='{numbers.format(number)}' class='box'>{paragraphs(2)}</div>" for number in range(3))
    page = read_page(f"<html><body>{posts}</body></html>", URL, READING)

    assert [seen.kind for seen in page.observations] == ["page"]
    assert (page.observations[0].text or "").count("Paragraph") == 6
    assert page.problems == ["its replies are not told apart"]


def test_a_page_of_a_known_forum_program_is_told_too() -> None:
    by_program = article(paragraphs(), head="<meta name='Generator' content='vBulletin 4'>")
    by_body = article(paragraphs()).replace("<body>", "<body id='phpbb'>")

    for markup in (by_program, by_body):
        assert read_page(markup, URL, READING).problems == ["its replies are not told apart"]


def test_a_thread_that_goes_on_is_told() -> None:
    markup = discourse(*POSTS).replace("</body>", "<a rel='next' href='?page=2'>Next</a></body>")

    assert read_page(markup, THREAD, READING).problems == ["it goes on at a further page, which is not fetched"]


def test_no_more_posts_are_read_than_anybody_could_want(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_data, "MOST_POSTS", 2)
    monkeypatch.setattr(web_page, "MOST_POSTS", 2)
    page = read_page(discourse(*POSTS), THREAD, READING)

    assert len(page.observations) == 2
    assert page.problems == ["only its first 2 posts are stored"]


@pytest.mark.parametrize("kind", ["FAQPage", "ItemList", "CollectionPage"])
def test_lists_of_many_things_are_no_discussion(kind: str) -> None:
    asked = [{"@type": "Question", "name": f"Question {number}", "text": "x"} for number in (1, 2)]
    seen = only(article(paragraphs(), head=linked_data({"@type": kind, "mainEntity": asked})))

    assert (seen.kind, seen.title) == ("page", "A quiet week")


def test_articles_of_other_pages_are_not_this_one() -> None:
    others = [{"@type": "NewsArticle", "headline": f"Other {number}", "url": f"/o/{number}"} for number in (1, 2)]

    assert only(article(paragraphs(), head=linked_data(others))).title == "A quiet week"


def test_the_only_article_is_the_page_s_though_its_address_is_written_otherwise() -> None:
    head = blog_posting(headline="Also at /amp", url=f"https://{SITE}/amp/a")

    assert only(article(paragraphs(), head=head)).title == "Also at /amp"


# Nothing.


@pytest.mark.parametrize("markup", ["", "<p>Hello.</p>", article("<p>Too short to be one.</p>"), "<script>x</script>"])
def test_a_page_without_an_article_is_told_and_not_stored(markup: str) -> None:
    assert problem(markup) == "no article text found"


@pytest.mark.parametrize(
    ("markup", "url"),
    [
        ("<title>Log in to Forum</title><form><input type='password'></form>", URL),
        ("<title>Forum</title><p>Please enter</p><input type='password'>", URL),
        ("<title>Just a moment...</title><p>Checking your browser</p>", URL),
        ("<h1>Are you a robot?</h1>", URL),
        ("<title>Your privacy</title><p>We value it</p>", URL),
        (f"<title>Before you continue</title>{paragraphs(9)}<form></form>", URL),
        (f"<title>Sign in</title>{paragraphs(9)}<input type='password'>", URL),
        (f"<title>Forum</title>{paragraphs(90)}", "https://consent.forum.example/x"),
    ],
)
def test_a_wall_is_told_and_never_stored(markup: str, url: str) -> None:
    assert problem(markup, url) == WALL


@pytest.mark.parametrize(
    "markup",
    [
        article(paragraphs(), title="Cookies: how we bake them", after="<form></form>"),
        article(paragraphs(), title="Sign in with keys explained"),
        article(paragraphs(40), title="Sign in with keys explained", after="<form></form>"),
        article(paragraphs(), after="<form><input type='password'></form>"),
    ],
)
def test_an_article_about_walls_is_none(markup: str) -> None:
    assert (only(markup).text or "").startswith("Paragraph 1")


def test_a_file_tells_the_same_as_the_web() -> None:
    seen = list(page_observations(discourse(*POSTS), THREAD, READING))
    wall = list(page_observations("<title>Log in</title>", URL, READING))
    flat = list(page_observations(article(paragraphs()).replace("<body>", "<body id='phpbb'>"), URL, READING))

    assert seen == read_page(discourse(*POSTS), THREAD, READING).observations
    assert wall == [Unreadable("", WALL)]
    assert flat[1:] == [Unreadable("", "its replies are not told apart")]


# Whatever comes.

JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from(["2025-05-01", "Article", "Comment", "#a", "https://blog.example/a", "https://[", "<p>x"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["@type", "@id", "@graph", "@value", "mainEntity", "mainEntityOfPage", "comment", "text", "articleBody", "author",
             "name", "url", "datePublished", "dateModified", "headline", "interactionStatistic", "interactionType",
             "userInteractionCount", "upvoteCount", "isAccessibleForFree", "acceptedAnswer"]
        ),
        inner,
        max_size=5,
    ),
    max_leaves=20,
)  # fmt: skip
KINDS = st.sampled_from(
    ["Article", "Comment", "Question", "Answer", "DiscussionForumPosting", "Person", "FAQPage", "QAPage"]
)


@given(KINDS, JSONS)
def test_no_data_is_too_strange(kind: str, value: Any) -> None:
    told = {"@type": kind, **value} if isinstance(value, dict) else [{"@type": kind}, value]

    assert isinstance(read_page(article(paragraphs(), head=linked_data(told)), URL, READING), Page)


MARKS = st.sampled_from(
    [
        "<div itemscope itemtype='https://schema.org/Comment'>", "<div itemprop='text comment'>", "<a itemprop=url href='https://['>",
        "<p itemprop=author itemscope>", "<article>", "<main>", "<h1>", "<nav>", "<form>", "<blockquote>", "<cite>", "</div>", "</p>",
        "<link rel=canonical href='//['>", "<meta property=og:url content='https://blog.example/x'>", "<meta name=author content=x>",
        "<time datetime='0000'>", "<a href='/u/x_y'>x_y", "<aside class=title>", "<div class id>", "<!-- x -->", "<p>some words",
        "<script type='application/ld+json'>", "</script>", "<title>", "<body hidden>", "<section itemscope itemtype>", "<a rel=next>",
    ]
)  # fmt: skip


@given(st.lists(MARKS | st.text(max_size=5), max_size=30).map("".join), st.sampled_from([URL, None, "https://[", ""]))
def test_no_page_is_too_broken(markup: str, url: str | None) -> None:
    page = read_page(markup, url, READING)

    assert page.observations or page.unreadable


@pytest.mark.parametrize(
    "piece",
    [
        "<div itemscope itemtype='https://schema.org/Comment' itemprop='comment'><div itemprop='text'>x", "<article>x",
        "<div class='quote title'>x", "<a href='/u/x_y'><b>x",
    ],
)  # fmt: skip
def test_pages_may_be_nested_as_deep_as_strangers_like(piece: str) -> None:
    page = read_page(article(paragraphs(), after=piece * 3_000), URL, READING)

    assert page.observations


def test_data_may_be_nested_as_deep_as_strangers_like() -> None:
    deep = "<script type='application/ld+json'>" + '{"@type":"Comment","comment":' * 50_000 + "</script>"
    inner: Any = {"@type": "Comment", "text": "x"}
    for _ in range(300):
        inner = [{"@type": "Comment", "text": "x", "comment": inner}]

    assert only(article(paragraphs(), head=deep)).kind == "page"
    assert len(read_page(article(paragraphs(), head=linked_data(inner)), URL, READING).observations) == 302


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("2025-05-01T10:00:00Z", "2025-05-01T10:00:00Z"), ("2025-05-01T10:00:00.123+02:00", "2025-05-01T08:00:00Z"),
        ("2025-05-01 10:00:00", "2025-05-01T10:00:00Z"), (" 2025-05-01 ", "2025-05-01T00:00:00Z"),
        ("2025-05-01 10:00 GMT", "2025-05-01T10:00:00Z"), ("Thu, 01 May 2025 10:00:00 +0200", "2025-05-01T08:00:00Z"),
        (1746093600, "2025-05-01T10:00:00Z"), (1746093600000, "2025-05-01T10:00:00Z"), ("1746093600", "2025-05-01T10:00:00Z"),
        ("yesterday", None), ("", None), (None, None), (True, None), ("0001-01-01T00:00:00+14:00", None), ("2025-13-01", None),
        ("May 1", None), (float("nan"), None), (float("inf"), None), ([], None), ("9" * 400, None),
    ],
)  # fmt: skip
def test_a_moment_is_read_as_pages_write_it(value: Any, shown: str | None) -> None:
    assert moment(value) == shown


@given(st.text(max_size=40) | st.floats() | st.integers())
def test_no_moment_is_too_strange(value: Any) -> None:
    shown = moment(value)

    assert shown is None or "1990" <= shown <= "2200"


# The web.


@pytest.fixture
def web() -> WebPages:
    pages = WebPages()
    pages.put(f"{SITE}/a", article(paragraphs()))
    pages.put(f"{OTHER_SITE}/t/does-anybody-cache/12", discourse(*POSTS))
    return pages


@pytest.fixture
def session(web: WebPages) -> Iterator[PublicSession]:
    with FakeServer(web) as server:
        opened = web_session(server, Clock().pace())
        yield opened
        opened.close()


def test_a_page_is_fetched_by_its_address(session: PublicSession) -> None:
    page = fetch(first_tasks(URL)[0], session, READING)

    assert [(seen.native_id, seen.created_at) for seen in page.observations] == [(URL, SEEN)]
    assert (page.missing, page.tasks) == ([], [])


def test_a_page_that_has_moved_is_known_by_where_it_is_now(web: WebPages, session: PublicSession) -> None:
    web.send_on(f"{SITE}/old", "/a", 301)

    page = fetch(first_tasks(f"https://{SITE}/old")[0], session, READING)

    assert [seen.native_id for seen in page.observations] == [URL]


def test_a_page_of_plain_text_is_all_its_author_s(web: WebPages, session: PublicSession) -> None:
    web.put(f"{SITE}/notes.txt", "One.\r\n\r\n> quoted\n<b>\n", "text/plain")

    page = fetch(first_tasks(f"https://{SITE}/notes.txt")[0], session, READING)

    assert [(seen.text, seen.kind, seen.title) for seen in page.observations] == [
        ("One.\n\n> quoted\n<b>\n", "page", None)
    ]


def test_an_empty_page_of_plain_text_is_told(web: WebPages, session: PublicSession) -> None:
    web.put(f"{SITE}/notes.txt", " \n", "text/plain")

    page = fetch(first_tasks(f"https://{SITE}/notes.txt")[0], session, READING)

    assert page.unreadable == [Unreadable("", "no text found")]


def test_a_page_that_is_gone_is_a_failure_at_the_first_look(session: PublicSession) -> None:
    with pytest.raises(SiteError, match="gone: status 404"):
        fetch(first_tasks(f"https://{SITE}/nowhere")[0], session, READING)


def test_posts_are_looked_at_again_page_by_page(session: PublicSession) -> None:
    ids = [THREAD, URL, f"{THREAD}#post_2", f"{THREAD}#post_9"]

    tasks = recheck_tasks(ids)
    pages = [fetch(task, session, READING) for task in tasks]

    assert [task.target for task in tasks] == [THREAD, URL]
    assert [len(page.observations) for page in pages] == [3, 1]
    assert [page.missing for page in pages] == [[f"{THREAD}#post_9"], []]
    assert json.loads(json.dumps(tasks[0].payload)) == tasks[0].payload


def test_at_a_second_look_what_is_gone_is_missing(web: WebPages, session: PublicSession) -> None:
    web.put(f"{SITE}/a", "gone", status=410)

    assert fetch(recheck_tasks([URL])[0], session, READING).missing == [URL]


def test_at_a_second_look_a_wall_takes_nothing_for_gone(web: WebPages, session: PublicSession) -> None:
    web.put(f"{SITE}/a", "<title>Log in</title>")

    page = fetch(recheck_tasks([URL])[0], session, READING)

    assert (page.missing, [item.problem for item in page.unreadable]) == ([], [WALL])


def test_a_site_that_fails_at_a_second_look_takes_nothing_for_gone(web: WebPages, session: PublicSession) -> None:
    web.put(f"{SITE}/a", "no", status=403)

    with pytest.raises(SiteError, match="no-page: visitors are not shown it"):
        fetch(Task("web_page", URL, "look", {"ids": [URL]}), session, READING)


@pytest.mark.parametrize("allowed", [True, False])
def test_pages_are_walked_one_by_one_whatever_becomes_of_each(
    web: WebPages, session: PublicSession, tmp_path: Path, allowed: bool
) -> None:
    web.put(f"{SITE}/closed", "no", status=403)
    web.put(f"{SITE}/paper", b"%PDF-1.7", "application/pdf")
    web.put(f"{OTHER_SITE}/robots.txt", "user-agent: *\ndisallow: " + ("" if allowed else "/t/"), "text/plain")

    with Store(tmp_path / "study.db", create=True) as store:
        run = Run(store, "collect url", {}, "0", wall_clock)
        for url in (f"https://{SITE}/closed", f"https://{SITE}/paper", "https://127.0.0.1/", THREAD, URL):
            walk_thread(run, site_source("web_page"), session, url, lambda: READING)
        outcome = run.finish()
        stored = {row["address"] for row in store.connection.execute("SELECT address FROM posts")}

    thread = {f"web:{THREAD}", f"web:{THREAD}#post_2", f"web:{THREAD}#post_3"} if allowed else set()
    assert stored == {f"web:{URL}"} | thread
    assert outcome.refused is None
    assert [problem.split(": ")[1] for problem in outcome.problems] == [
        "no-page", "no-page", "refused-address", *([] if allowed else ["disallowed"]),
    ]  # fmt: skip


def test_pages_are_a_source_by_the_name_of_its_file() -> None:
    assert site_source("web_page").NAME == "web_page"


def test_a_session_for_pages_records_under_the_name_of_the_source() -> None:
    session = web_page.open_session(Clock().pace(), lambda: SEEN)

    assert session.source == "web_page"
    session.close()
