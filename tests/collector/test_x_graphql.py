import json
from typing import Any

import pytest
from fakes.collecting import PEOPLE
from fakes.file_samples import X_QUOTED, X_REPLY, X_ROOT, graph_answer, graph_post, graph_reply
from hypothesis import given
from hypothesis import strategies as st

from collector.reading import Reading
from collector.x_graphql import observations
from db.records import Observation, Unreadable

READING = Reading(PEOPLE)
MORE_THAN_FITS = "Such dear bread. " * 30


def read(document: Any, seen_at: str | None = None) -> list[Observation]:
    found = list(observations(document, READING, "", seen_at))
    assert [item for item in found if isinstance(item, Unreadable)] == []
    return [item for item in found if isinstance(item, Observation)]


def unreadable(document: Any) -> list[Unreadable]:
    return [item for item in observations(document, READING) if isinstance(item, Unreadable)]


def note(text: str | None, **changes: Any) -> dict[str, Any]:
    return {
        "note_tweet": {"is_expandable": True, "note_tweet_results": {"result": {"id": "n", "text": text} | changes}}
    }


def test_a_post_is_read_whole() -> None:
    (post,) = read(graph_answer(graph_post()), "2026-01-06T11:46:40Z")

    assert post == Observation(
        platform="x", native_id=X_ROOT, thread=X_ROOT, parent=None, kind="post",
        author=PEOPLE.author("x", "otto_9", X_ROOT), community="X", created_at="2026-01-05T08:00:00Z", edited_at=None,
        title=None, text=f"Such dear bread & butter, @{PEOPLE.of('x', 'mira_k')}!", url=f"https://x.com/i/status/{X_ROOT}",
        thread_url=f"https://x.com/i/status/{X_ROOT}", score=7, state="live", observed_at="2026-01-06T11:46:40Z",
        declared_count=1,
    )  # fmt: skip


def test_a_post_without_the_old_part_is_read_whole() -> None:
    _, reply = read(graph_answer(graph_post(), graph_reply()))

    assert reply == Observation(
        platform="x", native_id=X_REPLY, thread=X_ROOT, parent=X_ROOT, kind="reply",
        author=PEOPLE.author("x", "mira_k", X_ROOT), community="X", created_at="2026-01-05T08:01:40Z", edited_at=None,
        title=None, text="I stood in a queue.", url=f"https://x.com/i/status/{X_REPLY}",
        thread_url=f"https://x.com/i/status/{X_ROOT}", score=3, state="live", observed_at=None,
    )  # fmt: skip


@pytest.mark.parametrize(
    "document",
    [
        graph_answer(graph_post()),
        {"data": {"tweetResult": {"result": graph_post()}}},
        {"data": {"tweet_result": {"result": {"__typename": "TweetWithVisibilityResults", "tweet": graph_post()}}}},
        {"data": {"tweet": {k: v for k, v in graph_post().items() if k != "__typename"}}},
        [graph_post()],
        graph_post(core={}, user={"screen_name": "otto_9", "id_str": "44"}, type="adaptive"),
        {"type": "adaptive", "user": {"screen_name": "otto_9"}, "legacy": graph_post()["legacy"]},
    ],
)
def test_a_post_is_found_wherever_it_stands(document: Any) -> None:
    (post,) = read(document)

    assert (post.native_id, post.author) == (X_ROOT, PEOPLE.author("x", "otto_9", X_ROOT))


@pytest.mark.parametrize(
    ("account", "name"),
    [
        ({"legacy": {"screen_name": "otto_9"}}, "otto_9"),
        ({"core": {"screen_name": "otto_9"}, "legacy": {"followers_count": 1}}, "otto_9"),
        ({"rest_id": "44"}, "id:44"),
        ({}, "id:44"),
    ],
)
def test_an_author_is_known_by_the_name_wherever_it_stands_or_by_the_number(account: dict[str, Any], name: str) -> None:
    (post,) = read(graph_post(core={"user_results": {"result": account}}))

    assert post.author == PEOPLE.author("x", name, X_ROOT)


def test_a_long_text_stands_in_the_note() -> None:
    (post,) = read(graph_post(legacy={"full_text": "Such dear…"}, **note(MORE_THAN_FITS + "&lt;3")))

    assert post.text == MORE_THAN_FITS + "<3"
    assert not post.cut


def test_a_note_without_its_text_means_that_the_text_is_cut() -> None:
    (post,) = read(graph_post(legacy={"full_text": "Such dear… https://t.co/abc"}, **note(None)))

    assert (post.text, post.cut) == ("Such dear…", True)


def test_short_links_become_what_they_lead_to() -> None:
    urls = [{"url": "https://t.co/aaa", "expanded_url": "https://example.org/bread"}, "odd", {"url": 7}]
    media = [{"url": "https://t.co/bbb", "expanded_url": f"https://x.com/otto_9/status/{X_ROOT}/photo/1"}]
    words = "See https://t.co/aaa or https://t.co/ddd https://t.co/bbb"
    legacy = {"full_text": words, "entities": {"urls": urls, "media": media}}
    more = note(
        f"{words} https://t.co/ccc",
        entity_set={"urls": [{"url": "https://t.co/ccc", "expanded_url": "https://example.org/c"}]},
    )

    (plain,) = read(
        graph_post(legacy=legacy, url_entities=[{"url": "https://t.co/ddd", "expanded_url": "https://example.org/d"}])
    )
    (long,) = read(graph_post(legacy=legacy, **more))

    assert plain.text == "See https://example.org/bread or https://example.org/d"
    assert str(long.text).endswith("https://example.org/c")


@pytest.mark.parametrize("name", ["quoted_status_result", "quoted_tweet_results", "quotedPostResults"])
@pytest.mark.parametrize("wrapped", [False, True])
def test_a_quoted_post_is_read_beside_the_one_that_quotes_it(name: str, *, wrapped: bool) -> None:
    inner = graph_post(X_QUOTED, legacy={"conversation_id_str": X_QUOTED})
    result = {"__typename": "TweetWithVisibilityResults", "tweet": inner} if wrapped else inner

    quoting, quoted = read(graph_post(**{name: {"result": result}}))

    assert (quoting.quoted, quoting.kind) == (X_QUOTED, "quote")
    assert (quoted.native_id, quoted.thread) == (X_QUOTED, X_QUOTED)


def test_a_quoted_post_that_is_not_shown_is_known_by_its_id_and_is_no_problem() -> None:
    hidden = {"result": {"__typename": "TweetTombstone", "tombstone": {"text": {"text": "gone"}}}}

    (post,) = read(graph_post(quoted_status_result=hidden, legacy={"quoted_status_id_str": X_QUOTED}))

    assert post.quoted == X_QUOTED


@pytest.mark.parametrize("place", ["legacy", "post"])
def test_a_repost_is_passed_over_and_what_it_repeats_is_read(place: str) -> None:
    repeated = {"retweeted_status_result": {"result": graph_post()}}
    repost = graph_post("1900000000000000009", **({"legacy": repeated} if place == "legacy" else repeated))

    assert [post.native_id for post in read(repost)] == [X_ROOT]


def test_a_post_that_stands_in_an_answer_twice_is_read_once() -> None:
    assert len(read(graph_answer(graph_post(), graph_post(), graph_reply()))) == 2


@pytest.mark.parametrize("where", ["edit_tweet_ids", "edit_control_initial"])
def test_a_version_of_an_edited_post_is_the_post_of_its_first_version(where: str) -> None:
    chain = {"edit_tweet_ids": [X_ROOT, X_QUOTED]}
    edits = chain if where == "edit_tweet_ids" else {"initial_tweet_id": X_ROOT, where: chain}

    edited, reply = read(
        [graph_post(X_QUOTED, edit_control=edits), graph_reply(reply_to_results={"rest_id": X_QUOTED})]
    )

    assert (edited.native_id, edited.url) == (X_ROOT, f"https://x.com/i/status/{X_ROOT}")
    assert (reply.parent, reply.thread) == (X_ROOT, X_ROOT)


def test_a_chain_that_does_not_name_the_post_is_none_of_its() -> None:
    (post,) = read(graph_post(edit_control={"edit_tweet_ids": [X_QUOTED]}))

    assert post.native_id == X_ROOT


def test_a_reply_without_its_conversation_stands_below_the_highest_post_that_is_known() -> None:
    second = graph_reply("1900000000000000010", reply_to_results={"result": {"rest_id": X_REPLY}})
    around = [graph_reply("1", reply_to_results={"rest_id": "2"}), graph_reply("2", reply_to_results={"rest_id": "1"})]

    found = {post.native_id: post for post in read([second, graph_reply(), *around])}

    assert found["1900000000000000010"].thread == X_ROOT
    assert found["1900000000000000010"].parent == X_REPLY
    assert {found["1"].thread, found["2"].thread} <= {"1", "2"}


@pytest.mark.parametrize("name", ["TweetUnavailable", "TweetTombstone"])
def test_a_post_that_is_not_shown_is_told_and_the_others_are_read(name: str) -> None:
    found = list(
        observations(graph_answer({"__typename": name, "reason": "Protected"}, graph_post()), READING, "line 3")
    )

    told = [item for item in found if isinstance(item, Unreadable)]
    assert len(found) - len(told) == 1
    assert told[0].problem == "the site does not show this post"
    assert told[0].position.startswith("line 3.data.")
    assert json.loads(str(told[0].item)) == {
        "__typename": name, "reason": "Protected", "fields": ["__typename", "reason"]
    }  # fmt: skip


@pytest.mark.parametrize(
    ("item", "problem"),
    [
        (graph_post(legacy={"full_text": ...}), "its text is in no place that is known"),
        (graph_post(legacy={"full_text": 7}), "its text is int, not text"),
        (graph_post(legacy={"created_at": "yesterday"}), "a moment is of another form than"),
        (graph_post(legacy={"created_at": 7}), "a moment is of another form than"),
        (graph_post(legacy={"favorite_count": "many"}), "invalid literal for int()"),
        (graph_post(legacy={"favorite_count": 10**30}), f"{10**30} is no count"),
        (graph_post(legacy={"conversation_id_str": 1.9e18}), "an id is written with a point, which loses digits"),
        (graph_post(legacy={"conversation_id_str": True}), "an id is no whole number"),
        (graph_post("mira_k"), "an id is no whole number"),
        (graph_post(rest_id=None, legacy={"id_str": ...}), "it bears no id"),
        (graph_reply(details={"full_text": "a", "created_at_ms": 12}), "0.012 is no time between 1990 and 2200"),
        (graph_reply(reply_to_results={"rest_id": "above"}), "an id is no whole number"),
    ],
)
def test_a_post_of_another_shape_is_told_without_names_or_words_and_the_others_are_read(
    item: dict[str, Any], problem: str
) -> None:
    document = [graph_post("1900000000000000005"), item, graph_post("1900000000000000006")]

    (told,) = unreadable(document)

    assert len(list(observations(document, READING))) == 3
    assert told.problem.startswith(problem)
    assert told.position == "[1]"
    assert "mira_k" not in repr(told)
    assert "otto_9" not in repr(told)
    assert "bread" not in repr(told)


@pytest.mark.parametrize("document", [{}, {"data": {}}, [], 7, None, "text", {"data": {"user": {"rest_id": "44"}}}])
def test_a_document_without_posts_is_told(document: Any) -> None:
    (told,) = observations(document, READING, "line 2")

    assert isinstance(told, Unreadable)
    assert (told.position, told.problem) == ("line 2", "there is no post in it, in any shape that is known")


def test_a_time_outside_the_years_of_posts_is_told_though_all_else_is_right() -> None:
    (told,) = unreadable(graph_post(legacy={"created_at": "Mon Jan 05 08:00:00 +0000 1926"}))

    assert (told.position, told.problem) == (X_ROOT, "'1926-01-05T08:00:00Z' is no time between 1990 and 2200")


def test_a_deep_document_needs_no_deep_stack() -> None:
    document: Any = graph_post()
    for _ in range(5000):
        document = {"inside": [document]}

    assert [post.native_id for post in read(document)] == [X_ROOT]


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["result", "rest_id", "url"]), inner, max_size=2)
    ),
    max_leaves=5,
)


@given(st.data())
def test_an_answer_with_anything_in_place_of_anything_gives_posts_or_problems(data: st.DataObject) -> None:
    document = graph_answer(graph_post(**note("long")), graph_reply(quotedPostResults={"result": graph_post(X_QUOTED)}))
    for _ in range(data.draw(st.integers(1, 4))):
        node: Any = document
        while isinstance(node, dict | list) and node:
            key = (
                data.draw(st.sampled_from(list(node)))
                if isinstance(node, dict)
                else data.draw(st.integers(0, len(node) - 1))
            )
            if data.draw(st.booleans()) or not isinstance(node[key], dict | list):
                node[key] = data.draw(ODD)
                break
            node = node[key]

    found = list(observations(document, READING))

    assert found
    assert all(isinstance(item, Observation | Unreadable) for item in found)


@pytest.mark.parametrize("kind", [[], {"a": 1}])
def test_a_type_that_is_no_word_does_not_hide_the_posts_beside_it(kind: object) -> None:
    (post,) = read(graph_answer(graph_post(), graph_reply(__typename=kind)))

    assert post.native_id == X_ROOT
