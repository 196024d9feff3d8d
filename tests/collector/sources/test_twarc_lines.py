from typing import Any

import pytest
from fakes.collecting import PEOPLE
from fakes.file_samples import TWARC_FLAT, TWARC_PAGE, X_REPLY, X_ROOT, api_post

from collector.reading import Reading
from collector.sources.twarc_lines import observations, recognises
from db.records import Observation

READING = Reading(PEOPLE)


@pytest.mark.parametrize("line", [TWARC_PAGE, TWARC_FLAT])
def test_a_page_and_a_flattened_line_give_the_same_posts_seen_when_twarc_asked(line: Any) -> None:
    found = {seen.native_id: seen for seen in observations(line, READING) if isinstance(seen, Observation)}

    assert found.keys() == {X_ROOT, X_REPLY}
    assert {seen.observed_at for seen in found.values()} == {"2026-01-06T11:46:40Z"}
    assert found[X_REPLY].author == PEOPLE.author("x", "mira_k", X_ROOT)


@pytest.mark.parametrize(
    "document",
    [
        {"data": [api_post()]},
        {"data": api_post()},
        {"data": [], "meta": {"result_count": 0}},
        {"meta": {"result_count": 0}},
        api_post(),
        [api_post()],
        {"errors": [], "__twarc": {}},
    ],
)
def test_answers_of_the_api_are_recognised(document: Any) -> None:
    assert recognises(document)


@pytest.mark.parametrize(
    "document",
    [
        {"data": [{"id": "c1", "body": "Well said."}]},
        {"data": {"children": []}},
        {"id": "p1", "text": "a"},
        {},
        [],
        None,
    ],
)
def test_other_documents_are_not(document: Any) -> None:
    assert not recognises(document)
