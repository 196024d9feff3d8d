import json
from typing import Any

import pytest

from collector.people import Pseudonyms
from collector.reading import Reading
from collector.reddit_items import observations
from db.records import Observation, Unreadable

READING = Reading(Pseudonyms(b"a key"))
COMMENT: dict[str, Any] = {
    "id": "c1", "name": "t1_c1", "link_id": "t3_abc", "parent_id": "t3_abc", "author": "mira_k", "body": "Well said.",
    "created_utc": 1767225600, "edited": False, "score": 3, "subreddit": "invented", "replies": "",
}  # fmt: skip
POST: dict[str, Any] = {
    "id": "abc", "author": "otto", "title": "A title", "selftext": "A text", "created_utc": 1767225600.0, "edited": False,
    "score": 7, "subreddit": "invented", "num_comments": 1, "is_self": True,
}  # fmt: skip


def one(document: Any) -> Observation:
    found = list(observations(document, READING))
    assert len(found) == 1
    assert isinstance(found[0], Observation)
    return found[0]


def listing(*things: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "Listing", "data": {"children": list(things)}}


def thing(kind: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"kind": kind, "data": data}


NESTED = COMMENT | {"replies": listing(thing("t1", COMMENT | {"id": "c2", "name": "t1_c2", "parent_id": "t1_c1"}))}


@pytest.mark.parametrize(
    "document",
    [
        [listing(thing("t3", POST)), listing(thing("t1", NESTED), thing("more", {"id": "_", "children": []}))],
        {"post": POST, "comments": [COMMENT, COMMENT | {"id": "c2", "name": "t1_c2"}]},
        {"data": [POST, COMMENT, COMMENT | {"id": "c2", "name": "t1_c2"}]},
        {"json": {"data": {"things": [thing("t3", POST), thing("t1", NESTED)]}}},
    ],
)
def test_posts_are_found_in_every_shape_that_reddit_and_its_archives_use(document: Any) -> None:
    found = [seen.native_id for seen in observations(document, READING) if isinstance(seen, Observation)]

    assert found == ["t3_abc", "t1_c1", "t1_c2"]


@pytest.mark.parametrize("created", [1767225600, 1767225600.0, "1767225600"])
def test_a_time_may_be_written_in_three_ways(created: Any) -> None:
    assert one(COMMENT | {"created_utc": created}).created_at == "2026-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"body": "[deleted]", "author": "[deleted]"}, "deleted_by_author"),
        ({"body": "[removed]"}, "removed"),
        ({"body": "[ Removed by Reddit ]"}, "removed"),
        ({"_meta": {"was_deleted_later": True, "removal_type": "deleted"}}, "deleted_by_author"),
        ({"_meta": {"was_deleted_later": True, "removal_type": "removed"}}, "removed"),
        ({"removed_by_category": "moderator"}, "removed"),
        ({"removed_by_category": "deleted"}, "deleted_by_author"),
    ],
)
def test_a_deleted_post_comes_without_text_whatever_the_source_kept(changes: dict[str, Any], state: str) -> None:
    seen = one(COMMENT | changes)

    assert (seen.state, seen.title, seen.text) == (state, None, None)


@pytest.mark.parametrize(
    ("body", "markup", "text"),
    [
        ("a &gt; b &amp;amp; c", None, "a > b &amp; c"),
        ("a > b &amp; c", None, "a > b &amp; c"),
        ("typed &amp;", '<div class="md">', "typed &amp;"),
        ("typed &amp;", "&lt;div&gt;", "typed &"),
    ],
)
def test_a_text_is_decoded_once_where_it_was_escaped(body: str, markup: str | None, text: str) -> None:
    assert one(COMMENT | {"body": body, "body_html": markup}).text == text


def test_what_a_source_does_not_tell_is_missing_and_not_zero() -> None:
    seen = one(COMMENT | {"score": 1, "score_hidden": True, "edited": False, "author": None})

    assert (seen.score, seen.edited_at, seen.observed_at, seen.declared_count) == (None, None, None, None)
    assert seen.author is not None
    assert seen.author.is_gone


def test_links_are_rebuilt_from_ids_and_a_cross_post_names_its_original() -> None:
    seen = one(POST | {"crosspost_parent": "t3_zzz", "edited": 1767225700, "permalink": "/r/x/somebody's_words/"})

    assert seen.url == seen.thread_url == "https://www.reddit.com/comments/abc/"
    assert (seen.crosspost_of, seen.declared_count, seen.edited_at) == ("t3_zzz", 1, "2026-01-01T00:01:40Z")
    assert one(COMMENT).url == "https://www.reddit.com/comments/abc/_/c1/"


def test_a_profile_does_not_give_its_owners_name_away() -> None:
    assert "mira" not in str(one(POST | {"subreddit": "u_mira_k", "author": "mira_k"}))


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"created_utc": None}, "created_utc is missing"),
        ({"created_utc": "yesterday"}, "yesterday"),
        ({"id": "_", "name": "t1__"}, "no id"),
        ({"parent_id": "c0"}, "does not say whether"),
        ({"body": 7}, "not text"),
    ],
)
def test_an_item_that_cannot_be_read_is_told_and_kept_without_names(changes: dict[str, Any], problem: str) -> None:
    document = {"data": [COMMENT | changes | {"author_flair_text": "mira_k", "note": "by u/mira_k"}, COMMENT]}

    broken, good = observations(document, READING)

    assert isinstance(broken, Unreadable)
    assert broken.position == "data[0]"
    assert problem in broken.problem
    assert "mira_k" not in json.dumps([broken.item, broken.problem])
    assert isinstance(good, Observation)


def test_a_moment_of_observation_is_that_of_the_option_then_of_the_data_then_of_the_file_name() -> None:
    item = COMMENT | {"retrieved_on": 1767225700, "_meta": {"retrieved_2nd_on": 1767225800}}
    people = READING.people
    named = Reading(people, "2026-05-01T00:00:00Z", "2026-04-01T00:00:00Z")
    in_name = Reading(people, None, "2026-04-01T00:00:00Z")

    seen = [next(observations(one_, reading)) for one_, reading in ((item, named), (item, in_name), (COMMENT, in_name))]

    assert [one_.observed_at for one_ in seen if isinstance(one_, Observation)] == [
        "2026-05-01T00:00:00Z",
        "2026-01-01T00:03:20Z",
        "2026-04-01T00:00:00Z",
    ]


@pytest.mark.parametrize("kind", [[], {"a": 1}])
def test_a_kind_that_is_no_word_does_not_hide_what_stands_under_it(kind: object) -> None:
    assert one({"kind": kind, "data": COMMENT}).native_id == "t1_c1"
