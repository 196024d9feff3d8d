from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import count
from typing import Any

import pytest
from fakes.collecting import PEOPLE, hacker_news_session
from fakes.hacker_news import HackerNews, number_of
from fakes.messages import Request
from fakes.server import FakeServer
from fakes.world import World
from hypothesis import given
from hypothesis import strategies as st

from collector.pace import Pace
from collector.reading import Reading
from collector.session import SiteError
from collector.source import Listing, Page
from collector.sources import hacker_news
from collector.times import from_epoch
from db.queries.runs import Task
from db.records import Observation
from db.spans import Kind, spans

SEEN = "2026-02-01T00:00:00Z"
READING = Reading(PEOPLE, SEEN)
MADE = 1_767_600_000

STORY: dict[str, Any] = {
    "id": 100, "created_at": "2026-01-05T08:00:00.000Z", "created_at_i": MADE, "type": "story", "author": "mira_k",
    "title": "Ask HN: How do you queue?", "url": "", "text": "<p>I stand.</p><p>You?</p>", "points": 7, "parent_id": None,
    "story_id": None, "children": [], "options": [],
}  # fmt: skip
COMMENT: dict[str, Any] = {
    "id": 101, "created_at": "2026-01-05T08:01:40.000Z", "created_at_i": MADE + 100, "type": "comment",
    "author": "otto_9", "title": None, "url": None, "text": "<p>I sit.</p>", "points": None, "parent_id": 100,
    "story_id": 100, "children": [], "options": [],
}  # fmt: skip
HIT: dict[str, Any] = {
    "objectID": "100", "created_at_i": MADE, "author": "mira_k", "title": "Ask HN: How do you queue?", "url": None,
    "story_text": "I stand.<p>You?", "comment_text": None, "points": 7, "num_comments": 3, "parent_id": None,
    "_tags": ["story", "author_mira_k", "story_100", "ask_hn"],
}  # fmt: skip


class Answers:
    """A session that gives prepared values, one a request, and remembers what was asked."""

    def __init__(self, *values: Any) -> None:
        self._values = list(values)
        self.asked: list[tuple[str, dict[str, str]]] = []

    def get_json(self, path: str, parameters: dict[str, str]) -> Any:
        self.asked.append((path, parameters))
        value = self._values.pop(0)
        if isinstance(value, SiteError):
            raise value
        return value


class Direct:
    """A session with the stand-in without a server between."""

    def __init__(self, service: HackerNews) -> None:
        self._service = service
        self.asked: list[tuple[str, dict[str, str]]] = []

    def get_json(self, path: str, parameters: dict[str, str]) -> Any:
        self.asked.append((path, parameters))
        answer = self._service.answer(Request(len(self.asked), 0.0, "GET", path, parameters, {}, {}))
        assert answer is not None
        if answer.status == 404:
            raise SiteError("gone", "status 404", status=404)
        return json.loads(answer.body)


def pages(tasks: Iterable[Task], session: Any) -> Iterator[Page]:
    """All pages that these tasks and those that follow from them bring; they must come to an end."""
    waiting = list(tasks)
    for number in count():
        if not waiting:
            return
        assert number < 200
        page = hacker_news.fetch(waiting.pop(0), session, READING)
        waiting += page.tasks
        yield page


def item(*answers: Any, thread: str = "100") -> Page:
    """What the walk of a thread brings when the site answers so, as one page."""
    whole = Page()
    for page in pages(hacker_news.first_tasks(thread), Answers(*answers)):
        whole.observations += page.observations
        whole.unreadable += page.unreadable
        whole.problems += page.problems
    return whole


def story(**changes: Any) -> Observation:
    (found,) = item(STORY | changes).observations
    return found


def comment(**changes: Any) -> Observation:
    page = item(STORY | {"children": [COMMENT | changes]})
    assert page.unreadable == []
    return page.observations[1]


def hit(**changes: Any) -> Page:
    (page,) = pages(hacker_news.listing_tasks(Listing("community", "story")), Answers(hits(HIT | changes)))
    return page


def hits(*found: Any, told: int | None = None) -> dict[str, Any]:
    return {"hits": list(found), "nbHits": len(found) if told is None else told}


def test_a_story_is_the_post_that_opens_its_thread() -> None:
    assert story() == Observation(
        platform="hn", native_id="100", thread="100", parent=None, kind="post",
        author=PEOPLE.author("hn", "mira_k", "100"), community="Hacker News", created_at="2026-01-05T08:00:00Z",
        edited_at=None, title="Ask HN: How do you queue?", text="I stand.\n\nYou?",
        url="https://news.ycombinator.com/item?id=100", thread_url="https://news.ycombinator.com/item?id=100", score=7,
        state="live", observed_at=SEEN, declared_count=0,
    )  # fmt: skip


def test_a_comment_hangs_on_what_it_answers_and_has_neither_title_nor_score() -> None:
    assert comment(title="Unheard of") == Observation(
        platform="hn", native_id="101", thread="100", parent="100", kind="comment",
        author=PEOPLE.author("hn", "otto_9", "100"), community="Hacker News", created_at="2026-01-05T08:01:40Z",
        edited_at=None, title=None, text="I sit.", url="https://news.ycombinator.com/item?id=101",
        thread_url="https://news.ycombinator.com/item?id=100", score=None, state="live", observed_at=SEEN,
    )  # fmt: skip


def test_a_reply_without_a_parents_id_hangs_on_the_item_above_it() -> None:
    assert comment(parent_id=None).parent == "100"


@pytest.mark.parametrize("kind", ["story", "poll", "job"])
def test_whatever_opens_a_thread_is_a_post(kind: str) -> None:
    assert story(type=kind).kind == "post"


def test_the_address_that_a_story_links_to_ends_its_text() -> None:
    assert (
        story(url="https://example.org/queue?a=1&b=2").text == "I stand.\n\nYou?\n\nhttps://example.org/queue?a=1&b=2"
    )
    assert story(url="https://example.org/", text=None).text == "https://example.org/"


@pytest.mark.parametrize("url", [None, "", "https://news.ycombinator.com/item?id=99"])
def test_an_address_on_the_site_itself_is_no_link(url: str | None) -> None:
    assert story(url=url).text == "I stand.\n\nYou?"


def test_an_address_that_is_none_is_kept_as_it_is() -> None:
    assert story(url="http://[broken", text=None).text == "http://[broken"


def test_a_polls_options_are_part_of_its_text_and_no_posts() -> None:
    option = {"id": 102, "type": "pollopt", "author": "mira_k", "text": "A <i>long</i> queue", "points": 4}
    asked = story(type="poll", options=[option, option | {"id": 103, "text": "None"}, "odd", option | {"text": None}])

    assert asked.text == "I stand.\n\nYou?\n\n- A long queue\n- None"
    assert not asked.cut
    assert len(item(STORY | {"children": [option, COMMENT]}).observations) == 2


def test_options_that_are_no_list_are_none() -> None:
    assert story(type="poll", options=None).text == "I stand.\n\nYou?"


def test_words_quoted_in_the_sites_own_way_are_told_from_the_authors() -> None:
    text = comment(text="<p>&gt; You should queue,\nalways.</p><p>I disagree.</p>").text

    assert text == "> You should queue, always.\n\nI disagree."
    assert [text[span.start : span.end].strip() for span in spans(text) if span.kind is Kind.QUOTE] == [
        "> You should queue, always."
    ]


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"text": "<p>[deleted]</p>"}, "deleted_by_author"),
        ({"text": "<p>[flagged]</p>"}, "removed"),
        ({"text": "[dead]"}, "removed"),
        ({"deleted": True}, "deleted_by_author"),
        ({"dead": True}, "removed"),
        ({"author": None, "text": None}, "deleted_by_author"),
        ({"author": None, "text": "", "created_at_i": None}, "deleted_by_author"),
    ],
)
def test_a_comment_that_lost_its_text_keeps_its_place(changes: dict[str, Any], state: str) -> None:
    found = comment(**changes)

    assert (found.state, found.text, found.parent) == (state, None, "100")


def test_an_item_with_nothing_but_its_id_keeps_its_place_between_others() -> None:
    reply = COMMENT | {"id": 103, "parent_id": 102}
    page = item(STORY | {"children": [{"id": 102, "children": [reply]}]})

    assert page.unreadable == []
    assert [(found.native_id, found.parent, found.state) for found in page.observations] == [
        ("100", None, "live"), ("102", "100", "deleted_by_author"), ("103", "102", "live"),
    ]  # fmt: skip
    assert page.observations[1].created_at is None


def test_an_author_without_a_name_is_gone_and_the_text_stays() -> None:
    found = comment(author=None)

    assert found.author is not None
    assert (found.author.is_gone, found.text, found.state) == (True, "I sit.", "live")


def test_a_title_without_an_author_is_live() -> None:
    found = story(author=None, text=None)

    assert (found.state, found.title, found.text) == ("live", "Ask HN: How do you queue?", None)


def test_a_comment_that_is_not_shown_yet_is_live_without_a_text() -> None:
    found = comment(text="<p>[delayed]</p>")

    assert (found.state, found.text) == ("live", None)


def test_pages_of_people_are_named_by_pseudonyms() -> None:
    link = '<a href="https:&#x2F;&#x2F;news.ycombinator.com&#x2F;user?id=otto_9">him</a>'
    found = comment(text=f"Ask {link}, or news.ycombinator.com/threads?id=mira_k.")

    otto, mira = PEOPLE.of("hn", "otto_9"), PEOPLE.of("hn", "mira_k")
    assert found.text == (
        f"Ask [him](https://news.ycombinator.com/user?id={otto}), or news.ycombinator.com/threads?id={mira}."
    )


def test_a_tree_announces_all_its_comments_those_too_that_cannot_be_read() -> None:
    bad = COMMENT | {"id": 102, "created_at_i": "later"}
    page = item(STORY | {"children": [COMMENT | {"children": [bad, "no item"]}, {"id": 104, "children": []}]})

    assert page.observations[0].declared_count == 4
    assert [(told.position, told.problem) for told in page.unreadable] == [
        ("children[0].children[0]", "could not convert string to float: 'later'"),
        ("children[0].children[1]", "an item is str, not an object"),
    ]


def test_replies_that_are_no_list_are_told() -> None:
    page = item(STORY | {"children": [COMMENT | {"children": "many"}, COMMENT | {"id": 105, "children": None}]})

    assert [found.native_id for found in page.observations] == ["100", "101", "105"]
    assert [(told.position, told.problem) for told in page.unreadable] == [
        ("children[0].children", "an item is str, not an object")
    ]


def test_a_living_post_without_a_time_is_unreadable() -> None:
    page = item(STORY | {"children": [COMMENT | {"created_at_i": None}]})

    assert [told.problem for told in page.unreadable] == ["created_at_i is missing"]


@pytest.mark.parametrize("native_id", [None, True, -3, 1.5, "", "x7", "٣"])
def test_what_bears_no_number_is_unreadable(native_id: Any) -> None:
    page = item(STORY | {"children": [COMMENT | {"id": native_id}]})

    assert [told.problem for told in page.unreadable] == [f"{native_id!r} is no id"]


def test_of_an_unreadable_item_only_what_names_nobody_is_kept() -> None:
    text = "<p>Ask https:&#x2F;&#x2F;news.ycombinator.com&#x2F;user?id=mira_k</p>"
    page = item(STORY | {"children": [COMMENT | {"points": 10**30, "text": text, "_highlightResult": "otto_9"}]})

    (told,) = page.unreadable
    assert told.item is not None
    assert json.loads(told.item)["id"] == 101
    assert "mira_k" not in told.item
    assert "otto_9" not in told.item


def test_an_unreadable_item_that_is_large_is_not_kept() -> None:
    page = item(STORY | {"children": [COMMENT | {"points": "x", "text": "long " * 20_000}]})

    assert [told.item for told in page.unreadable] == [None]


@pytest.mark.parametrize("answer", [[], "text", {}, {"error": "Not Found"}])
def test_an_answer_that_is_no_item_is_a_broken_one(answer: Any) -> None:
    with pytest.raises(SiteError, match="broken-answer: the answer is no item"):
        item(answer)


def test_a_link_to_a_comment_brings_the_whole_story() -> None:
    session = Answers(COMMENT, STORY | {"children": [COMMENT, COMMENT | {"id": 102}]})

    found = [seen for page in pages(hacker_news.first_tasks("101"), session) for seen in page.observations]

    assert [path for path, _ in session.asked] == ["/api/v1/items/101", "/api/v1/items/100"]
    assert {(seen.native_id, seen.thread) for seen in found} == {("100", "100"), ("101", "100"), ("102", "100")}


def test_a_story_that_is_said_to_belong_to_another_is_followed_no_further() -> None:
    page = item(COMMENT, COMMENT | {"id": 100, "story_id": 99}, thread="101")

    assert page.problems == ["100 was told to be a story, and belongs to 99"]


def test_a_comment_that_tells_no_story_is_told() -> None:
    page = item(COMMENT | {"story_id": None}, thread="101")

    assert page.observations == []
    assert [told.problem for told in page.unreadable] == ["it does not tell to which story it belongs"]


def test_a_killed_story_is_known_by_its_replies() -> None:
    page = item({"id": 100, "children": ["odd", COMMENT]})

    assert [(found.native_id, found.kind, found.state) for found in page.observations] == [
        ("100", "post", "deleted_by_author"), ("101", "comment", "live"),
    ]  # fmt: skip


@pytest.mark.parametrize("children", [[], None])
def test_an_item_of_which_only_the_id_is_shown_is_gone(children: Any) -> None:
    with pytest.raises(SiteError, match="gone: the site shows nothing of 100 but its id"):
        item({"id": 100, "children": children})


def test_a_hit_is_the_story_with_the_comments_that_it_announces() -> None:
    page = hit()

    assert page.threads == ["100"]
    (found,) = page.observations
    assert (found.native_id, found.declared_count, found.kind, found.text) == ("100", 3, "post", "I stand.\n\nYou?")


def test_a_hit_without_a_count_announces_nothing() -> None:
    assert hit(num_comments=None).observations[0].declared_count is None


@pytest.mark.parametrize(("tag", "cut"), [("poll", True), ("job", False), ("story", False)])
def test_a_poll_in_a_search_is_cut_since_its_options_are_not_shown(tag: str, *, cut: bool) -> None:
    assert hit(_tags=[tag]).observations[0].cut is cut


def test_a_hit_without_tags_is_a_story() -> None:
    assert hit(_tags=None).observations[0].kind == "post"


@pytest.mark.parametrize("odd", ["no hit", HIT | {"objectID": "101", "parent_id": 100}])
def test_a_hit_that_is_no_story_is_told_beside_the_good_ones(odd: Any) -> None:
    (page,) = pages(hacker_news.listing_tasks(Listing("community", "story")), Answers(hits(HIT, odd, HIT)))

    assert page.threads == ["100"]
    assert [(told.position, told.problem) for told in page.unreadable] == [("hits[1]", "it is no story")]


def test_the_thread_of_a_hit_that_cannot_be_read_is_walked_all_the_same() -> None:
    page = hit(title=["a", "list"])

    assert page.threads == ["100"]
    assert [told.problem for told in page.unreadable] == ["its title is list, not text"]


def test_a_hit_without_an_id_is_told() -> None:
    page = hit(objectID=None)

    assert page.threads == []
    assert [told.problem for told in page.unreadable] == ["None is no id"]


@pytest.mark.parametrize("answer", [[], {"hits": None}, {"message": "no"}])
def test_a_search_without_hits_is_a_broken_answer(answer: Any) -> None:
    with pytest.raises(SiteError, match="broken-answer: the answer holds no hits"):
        list(pages(hacker_news.listing_tasks(Listing("search", "queue")), Answers(answer)))


@pytest.mark.parametrize(
    ("listing", "parameters"),
    [
        (Listing("search", "bread queue"), {"query": "bread queue", "tags": "story"}),
        (Listing("search", "queue", community="ask_hn"), {"query": "queue", "tags": "ask_hn"}),
        (Listing("community", "show_hn"), {"tags": "show_hn"}),
        (
            Listing("search", "queue", after="2026-01-05T08:00:00Z", before="2026-01-06T08:00:00Z"),
            {
                "query": "queue", "tags": "story",
                "numericFilters": "created_at_i>=1767600000,created_at_i<1767686400",
            },
        ),
        (
            Listing("search", "queue", before="2026-01-05T08:00:00Z"),
            {"query": "queue", "tags": "story", "numericFilters": "created_at_i<1767600000"},
        ),
    ],
)  # fmt: skip
def test_a_listing_is_asked_for_newest_first(listing: Listing, parameters: dict[str, str]) -> None:
    session = Answers(hits())

    list(pages(hacker_news.listing_tasks(listing), session))

    assert session.asked == [("/api/v1/search_by_date", parameters | {"hitsPerPage": "1000"})]


@pytest.mark.parametrize("listing", [Listing("community", "author_mira_k"), Listing("search", "x", community="python")])
def test_a_list_that_the_site_does_not_have_is_refused(listing: Listing) -> None:
    with pytest.raises(ValueError, match=r"Hacker News has no list '\w+'; it has ask_hn, front_page, "):
        hacker_news.listing_tasks(listing)


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    make_pages_small(monkeypatch)


def make_pages_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A site that shows no more than five hits."""
    monkeypatch.setattr("collector.sources.hacker_news.HITS", 5)
    monkeypatch.setattr("fakes.hacker_news.MOST_HITS", 5)


def world_of(seconds: Iterable[int]) -> World:
    """A world of stories made at these seconds."""
    world = World()
    for number, second in enumerate(seconds):
        world.make_thread(f"1{number:04}", 0, created_at=MADE + second)
    return world


@given(
    seconds=st.lists(st.integers(0, 12), max_size=40),
    after=st.none() | st.integers(0, 12),
    before=st.none() | st.integers(0, 14),
)
def test_a_search_brings_all_stories_or_tells_of_which_second_some_are_missing(
    seconds: list[int], after: int | None, before: int | None
) -> None:
    world = world_of(seconds)
    limits = {
        name: None if moment is None else from_epoch(MADE + moment)
        for name, moment in (("after", after), ("before", before))
    }
    wanted = {
        str(number_of(thread.id)): thread.root.created_at - MADE
        for thread in world.threads.values()
        if (after is None or thread.root.created_at >= MADE + after)
        and (before is None or thread.root.created_at < MADE + before)
    }
    with pytest.MonkeyPatch.context() as patch:
        make_pages_small(patch)
        found = list(
            pages(hacker_news.listing_tasks(Listing("community", "story", **limits)), Direct(HackerNews(world)))
        )

    ids = {thread for page in found for thread in page.threads}
    crowded = {second for second, stories in Counter(wanted.values()).items() if stories > 5}
    assert ids <= wanted.keys()
    assert {wanted[thread] for thread in wanted.keys() - ids} <= crowded
    told = " ".join(problem for page in found for problem in page.problems)
    assert all(str(from_epoch(MADE + second)) in told for second in {wanted[each] for each in wanted.keys() - ids})
    if not crowded:
        assert told == ""


@pytest.mark.usefixtures("small_pages")
def test_the_first_second_of_a_window_is_the_last_that_is_asked_for() -> None:
    session = Direct(HackerNews(world_of([0, 1, 1, 1, 1, 1, 1, 1, 2])))
    listing = Listing("community", "story", after=from_epoch(MADE + 1))

    found = list(pages(hacker_news.listing_tasks(listing), session))

    assert [page.problems for page in found] == [[], [f"the search shows 5 of 7 stories of {from_epoch(MADE + 1)}"]]


def test_a_search_of_more_than_a_thousand_hits_is_whole() -> None:
    world = world_of(number // 3 for number in range(2400))
    session = Direct(HackerNews(world))

    found = list(pages(hacker_news.listing_tasks(Listing("community", "story")), session))

    assert {thread for page in found for thread in page.threads} == {str(number_of(each)) for each in world.threads}
    assert [page.problems for page in found] == [[], [], []]
    assert len(session.asked) == 3


@pytest.mark.usefixtures("small_pages")
def test_a_site_that_gives_the_same_window_for_ever_is_left_and_told_of() -> None:
    with FakeServer(HackerNews(world_of(range(20)))) as server:
        server.fail("repeat", at=2, times=None)
        session = hacker_news_session(server.url, Pace(0.0))
        found = list(pages(hacker_news.listing_tasks(Listing("community", "story")), session))
        session.close()

    assert server.count() == 4
    assert sorted(problem for page in found for problem in page.problems) == [
        f"the search shows 5 of 20 stories of {from_epoch(MADE + 15)}",
        f"the search shows stories of {from_epoch(MADE + 15)} when asked for older ones; it ends there",
    ]


@pytest.mark.usefixtures("small_pages")
def test_hits_without_a_time_end_a_search_that_is_not_whole() -> None:
    (page,) = pages(
        hacker_news.listing_tasks(Listing("community", "story")),
        Answers(hits(HIT | {"created_at_i": "x"}, "odd", told=9)),
    )

    assert page.problems == ["the search tells of 9 stories and shows none with its time"]


def test_a_site_that_shows_older_stories_than_asked_for_is_not_followed_into_the_past() -> None:
    older = HIT | {"objectID": "99", "created_at_i": MADE - 5}
    listing = Listing("community", "story", after=from_epoch(MADE))

    (page,) = pages(hacker_news.listing_tasks(listing), Answers(hits(HIT, older, told=9)))

    assert page.threads == ["100", "99"]


@pytest.mark.usefixtures("small_pages")
def test_hits_that_are_not_in_order_of_time_are_told_of() -> None:
    older = HIT | {"objectID": "99", "created_at_i": MADE - 5}
    found = list(
        pages(
            hacker_news.listing_tasks(Listing("community", "story")),
            Answers(hits(older, HIT, told=3), hits(older)),
        )
    )

    assert [page.problems for page in found] == [
        ["the search does not show the newest first; some since 2026-01-05T07:59:55Z may be missing"], [],
    ]  # fmt: skip


@pytest.mark.usefixtures("small_pages")
def test_a_search_goes_on_where_it_was_stopped() -> None:
    world = world_of(range(23))
    listing = hacker_news.listing_tasks(Listing("community", "story"))
    whole = [page.threads for page in pages(listing, Direct(HackerNews(world)))]

    first = next(pages(listing, Direct(HackerNews(world))))
    rest = [page.threads for page in pages(first.tasks, Direct(HackerNews(world)))]

    assert [first.threads, *rest] == whole


def test_a_listing_and_the_tree_show_one_text() -> None:
    world = World()
    for number in range(30):
        world.make_thread(f"1{number:04}", 0, seed=number, link="https://example.org/a_long_way/" + "x" * number * 4)
        world.make_thread(f"2{number:04}", 0, seed=number)
    session = Direct(HackerNews(world))
    (page,) = pages(hacker_news.listing_tasks(Listing("community", "story")), session)

    walked = [
        seen
        for thread in page.threads
        for each in pages(hacker_news.first_tasks(thread), session)
        for seen in each.observations
    ]

    assert len(walked) == 60
    assert page.observations == walked


@given(
    paragraphs=st.lists(
        st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1).map(lambda word: f"{word} & {word}"),
        min_size=1,
    )
)
def test_whatever_is_typed_comes_the_same_by_a_listing_and_by_the_tree(paragraphs: list[str]) -> None:
    typed = "\n\n".join(paragraphs)
    world = World()
    world.make_thread("1abc", 0)
    world.edit("1abc", typed)
    session = Direct(HackerNews(world))

    (listed,) = pages(hacker_news.listing_tasks(Listing("community", "story")), session)
    (walked,) = pages(hacker_news.first_tasks(str(number_of("1abc"))), session)

    assert listed.observations == walked.observations


def test_posts_are_looked_at_again_by_their_own_addresses_parents_first() -> None:
    reply = COMMENT | {"id": 102, "parent_id": 101}
    session = Answers(STORY | {"children": [COMMENT | {"children": [reply]}]}, COMMENT | {"id": 1000, "story_id": 900})

    found = list(pages(hacker_news.recheck_tasks(["1000", "102", "100", "101", "100"]), session))

    assert [path for path, _ in session.asked] == ["/api/v1/items/100", "/api/v1/items/1000"]
    assert [seen.native_id for page in found for seen in page.observations] == ["100", "101", "102", "1000"]
    assert found[1].observations[0].thread == "900"


def test_a_post_that_is_gone_when_looked_at_again_is_missing_and_the_others_are_seen() -> None:
    session = Answers(SiteError("gone", "status 404"), {"id": 101, "children": []}, COMMENT | {"id": 102})

    found = list(pages(hacker_news.recheck_tasks(["100", "101", "102"]), session))

    assert [page.missing for page in found] == [["100"], ["101"], []]
    assert [seen.native_id for page in found for seen in page.observations] == ["102"]


def test_another_failure_of_a_second_look_is_raised() -> None:
    with pytest.raises(SiteError, match="slow-down"):
        list(pages(hacker_news.recheck_tasks(["100"]), Answers(SiteError("slow-down", "status 429"))))


def test_second_looks_are_made_in_chains_of_a_hundred() -> None:
    tasks = hacker_news.recheck_tasks([str(number) for number in range(250)])

    assert [len(task.payload["ids"]) for task in tasks] == [100, 100, 50]
    assert tasks[0].payload["ids"][:3] == ["0", "1", "2"]


def test_nothing_to_look_at_is_no_work() -> None:
    assert hacker_news.recheck_tasks([]) == []
