from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fakes.review import sit
from fakes.study import ALL_BREAD

from groundswell.study import find_study

if TYPE_CHECKING:
    from groundswell.study import Study


def test_every_number_of_a_claim_leads_to_its_posts(used: Study) -> None:
    client = sit(used)
    html = client.get("/report").text
    links = re.findall(r'<a href="(/report/[a-z-]+\?of=[a-z-]+)#posts">', html)
    assert "/report/bread-is-dear?of=for" in links
    assert "/report/queues?of=queue" in links
    assert "Such dear bread." in client.get("/report/bread-is-dear?of=for").text
    shown = client.get("/report/queues?of=queue").text
    assert "I stood in a queue" in shown
    assert f"/post/{ALL_BREAD[1].replace(':', '%3A')}" in shown


def test_a_claims_page_tells_how_it_stands_and_how_sure_that_is(used: Study) -> None:
    html = sit(used).get("/report/bread-is-dear").text
    assert "How sure is this?" in html
    assert "read 3 of 3 posts" in html
    assert "Read what can change it" not in html


def test_an_unread_claim_leads_to_reading(used: Study) -> None:
    with used.store() as store, store.write() as connection:
        connection.execute("DELETE FROM coding_events WHERE coder IN (SELECT id FROM coders WHERE kind = 'person')")
    client = sit(used)
    client.post("/report/build")
    assert 'href="/read/claim/bread-is-dear"' in client.get("/report/bread-is-dear").text
    assert 'href="/read/claim/bread-is-dear"' in client.get("/report").text


@pytest.mark.parametrize("of", ["nothing", "", "'; DROP TABLE posts"])
def test_an_unknown_side_shows_the_first_one_with_posts(used: Study, of: str) -> None:
    html = sit(used).get("/report/bread-is-dear", params={"of": of}).text
    assert "Such dear bread." in html


@pytest.mark.parametrize("start", ["-1", "x", "99999999999999999999", "\u0663", "500"])
def test_a_page_that_is_none_does_no_harm(used: Study, start: str) -> None:
    assert sit(used).get("/report/bread-is-dear", params={"from": start}).status_code == 200


def test_many_posts_come_page_by_page(demo: Path) -> None:
    study = find_study(demo, demo)
    client = sit(study)
    first = (
        client.get("/report/work-types?of=work.build").text
        if "work.build" in client.get("/report/work-types").text
        else ""
    )
    every = re.findall(r'href="(/report/[a-z0-9-]+\?of=[^"#]+)#posts"', client.get("/report").text)
    counts = {link: client.get(link).text for link in dict.fromkeys(every)}
    large = next((link for link, html in counts.items() if "from=50" in html), None)
    assert all(html.count('<article class="post') <= 50 for html in (*counts.values(), first))
    if large is not None:
        more = client.get(f"{large}&from=50").text
        assert "From the first" in more


def test_a_claim_that_the_report_lacks_is_not_found(used: Study, study: Study) -> None:
    assert sit(used).get("/report/nothing").status_code == 404
    assert sit(study).get("/report/nothing").status_code == 404


def test_posts_that_went_away_since_the_report_are_said_to_be_gone(used: Study) -> None:
    with used.store() as store, store.write() as connection:
        connection.execute("UPDATE posts SET private = 1 WHERE address = ?", (ALL_BREAD[1],))
    html = sit(used).get("/report/queues?of=queue").text
    assert "1 post is no longer stored" in html
    assert "I stood in a queue" not in html


def test_every_claim_of_the_example_study_has_a_page(demo: Path) -> None:
    study = find_study(demo, demo)
    client = sit(study)
    html = client.get("/report").text
    claims = set(re.findall(r'<h3 id="claim_([a-z0-9-]+)"', html))
    assert len(claims) > 20
    for claim in claims:
        assert client.get(f"/report/{claim}").status_code == 200
