import json
from typing import Any

import pytest
from fakes.collecting import PEOPLE
from fakes.file_samples import X_ROOT, captured, graph_answer, graph_post

from collector.reading import Reading
from collector.sources.zeeschuimer_lines import observations, recognises
from db.records import Observation, Unreadable

READING = Reading(PEOPLE)


def read_one(document: Any, reading: Reading = READING) -> Observation | Unreadable:
    (found,) = observations(document, reading, "line 7")
    return found


@pytest.mark.parametrize("moment", [1767700000000, "1767700000000", 1767700000000.0])
def test_a_captured_post_was_seen_when_it_was_captured(moment: Any) -> None:
    found = read_one(captured(graph_post(), timestamp_collected=moment))

    assert isinstance(found, Observation)
    assert (found.native_id, found.observed_at) == (X_ROOT, "2026-01-06T11:46:40Z")


def test_a_line_of_4cat_was_seen_when_it_was_captured() -> None:
    found = read_one(graph_post(__import_meta={"timestamp_collected": 1767700000000}))

    assert isinstance(found, Observation)
    assert found.observed_at == "2026-01-06T11:46:40Z"


def test_an_answer_that_tells_no_moment_was_seen_when_the_file_says() -> None:
    found = read_one(graph_answer(graph_post()), Reading(PEOPLE, None, "2026-02-02T00:00:00Z"))

    assert isinstance(found, Observation)
    assert found.observed_at == "2026-02-02T00:00:00Z"


@pytest.mark.parametrize("site", ["x.com", "twitter.com", None])
def test_posts_are_read_under_both_names_of_the_site(site: str | None) -> None:
    assert isinstance(read_one(captured(graph_post(), source_platform=site)), Observation)


def test_an_item_of_another_site_is_told() -> None:
    found = read_one(captured({"id": "7"}, source_platform="tiktok.com"))

    assert found == Unreadable("line 7", "captured from tiktok.com, of which no posts are read")


def test_a_post_that_the_site_did_not_show_is_told_and_kept() -> None:
    found = read_one(captured({"__typename": "TweetUnavailable", "reason": "Suspended"}))

    assert isinstance(found, Unreadable)
    assert (found.position, found.problem) == ("line 7.data", "the site does not show this post")
    assert json.loads(str(found.item))["reason"] == "Suspended"


def test_an_item_of_a_shape_that_is_not_known_is_told_and_its_fields_are_kept() -> None:
    found = read_one(captured({"rest_id": "77", "words": "Such dear bread, @mira_k"}))

    assert isinstance(found, Unreadable)
    assert found.problem == "there is no post in it, in any shape that is known"
    assert "mira_k" not in str(found.item)
    assert "otto_9" not in str(found.item)


@pytest.mark.parametrize("moment", ["yesterday", 12, 1e30, []])
def test_a_moment_that_cannot_be_right_is_told(moment: Any) -> None:
    found = read_one(captured(graph_post(), timestamp_collected=moment))

    assert isinstance(found, Unreadable)
    assert found.position == "line 7"


@pytest.mark.parametrize(
    "document", [{"kind": "Listing", "data": {}}, {"data": {"id": "7", "text": "a"}}, [], None, {"data": {"user": {}}}]
)
def test_another_document_is_not_recognised(document: Any) -> None:
    assert not recognises(document)
