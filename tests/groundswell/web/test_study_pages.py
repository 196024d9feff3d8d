from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes.review import sit
from fakes.study import ALL_BREAD, coding_line, groundswell, save_lines

from groundswell import health
from groundswell.reporting import build
from groundswell.web.desk import Desk

if TYPE_CHECKING:
    from pathlib import Path

    from groundswell.study import Study

PANELS = ("collection", "work", "agreement", "rules")


def test_the_first_page_shows_claims_with_verdict_basis_and_need(furnished: Study) -> None:
    html = sit(furnished, "ana").get("/").text
    assert "Bread is too dear" in html
    assert '<a href="/report/bread-is-dear">' in html
    assert "2 of 3" in html
    assert "3 posts by 3 people in 1 thread" in html


def test_the_best_next_reading_leads_to_the_posts_that_can_change_a_claim(used: Study) -> None:
    with used.store() as store, store.write() as connection:
        connection.execute("DELETE FROM coding_events WHERE coder IN (SELECT id FROM coders WHERE kind = 'person')")
    build(used)
    html = sit(used).get("/").text
    assert 'href="/read/claim/' in html


def test_where_people_differ_on_all_that_is_left_the_best_next_reading_leads_to_the_disagreements(
    used: Study, tmp_path: Path
) -> None:
    other = save_lines(tmp_path / "other.jsonl", coding_line(ALL_BREAD[0], value="absent", stance=None, coder="ben"))
    assert groundswell("-C", used.root, "import", "codings", other).code == 0
    build(used)
    html = sit(used).get("/").text
    assert "on 1 of its posts people differ" in html
    assert '<a class="button small primary" href="/disagreements?code=dear-bread">' in html
    assert 'href="/read/claim/bread-is-dear"' not in html


def test_where_people_differ_on_some_posts_and_others_are_unread_the_best_next_reading_is_that_of_the_others(
    used: Study, tmp_path: Path
) -> None:
    with used.store() as store, store.write() as connection:
        connection.execute(
            "DELETE FROM coding_events WHERE post = (SELECT id FROM posts WHERE address = ?)", (ALL_BREAD[1],)
        )
    other = save_lines(tmp_path / "other.jsonl", coding_line(ALL_BREAD[0], value="absent", stance=None, coder="ben"))
    assert groundswell("-C", used.root, "import", "codings", other).code == 0
    build(used)
    html = sit(used).get("/").text
    assert 'href="/read/claim/' in html
    assert "/disagreements?code=" not in html


def test_a_claim_of_the_last_report_that_is_none_any_more_is_no_error_on_the_first_page(
    used: Study, tmp_path: Path
) -> None:
    other = save_lines(tmp_path / "other.jsonl", coding_line(ALL_BREAD[0], value="absent", stance=None, coder="ben"))
    assert groundswell("-C", used.root, "import", "codings", other).code == 0
    build(used)
    used.findings_path.write_text("version: 1\nsections: []\n", encoding="utf-8")
    assert sit(used).get("/").status_code == 200


def test_without_a_report_the_first_page_offers_to_build_one(study: Study) -> None:
    client = sit(study)
    assert "No report was built yet" in client.get("/").text
    assert "No report was built yet" in client.get("/report").text
    answer = client.post("/report/build")
    assert (answer.status_code, answer.headers["location"]) == (303, "/report")
    assert (study.reports / "report.json").exists()


def test_a_study_without_codes_has_a_report_without_claims(study: Study) -> None:
    study.codebook_path.write_text("version: 1\ncodes: {}\n", encoding="utf-8")
    study.findings_path.unlink()
    build(study)
    assert "The report has no claims yet" in sit(study).get("/").text


@pytest.mark.parametrize("name", PANELS)
def test_a_panel_comes_alone_for_htmx_and_as_a_page_without_script(furnished: Study, name: str) -> None:
    client = sit(furnished, "ana")
    assert f'hx-get="/study/{name}"' in client.get("/").text
    part = client.get(f"/study/{name}", headers={"HX-Request": "true"}).text
    whole = client.get(f"/study/{name}").text
    assert part.startswith("<section")
    assert part.strip() in whole
    assert "<main" in whole


@pytest.mark.parametrize("name", PANELS)
def test_a_panel_of_an_empty_study_says_what_would_fill_it(study: Study, name: str) -> None:
    answer = sit(study).get(f"/study/{name}")
    assert answer.status_code == 200
    assert 'class="muted"' in answer.text


def test_the_collection_shows_sources_days_and_incomplete_threads(furnished: Study) -> None:
    html = sit(furnished, "ana").get("/study/collection").text
    assert "not visited yet" in html
    assert '<span class="mark warn">failed</span>' in html
    assert "invented_bakers" in html
    assert "2026-01-05" in html
    assert "2 of 9 replies" in html
    assert "<svg" in html


def test_stretches_without_a_post_are_marked_in_the_picture_and_in_words(used: Study) -> None:
    with used.store() as store, store.write() as connection:
        connection.execute("UPDATE posts SET created_at = '2026-01-09T00:00:00Z' WHERE address = ?", (ALL_BREAD[2],))
    html = sit(used).get("/study/collection").text
    assert '<rect class="gap"' in html
    assert "1 gap" in html
    assert "2026-01-06 to 2026-01-08" in html


def test_what_is_left_to_read_is_told_for_each_coder_of_each_open_round(furnished: Study) -> None:
    work = health.open_work(furnished)
    assert [(one.round, one.coder, one.posts, one.left) for one in work] == [
        ("second", "ben", 3, 3),
        ("second", "zoe", 3, 3),
    ]
    html = sit(furnished, "ana").get("/study/work").text
    assert "3 of 3" in html
    assert "not begun" in html


def test_what_is_left_goes_down_as_posts_are_read(furnished: Study) -> None:
    with furnished.store() as store, store.write() as connection:
        connection.execute("UPDATE rounds SET closed_at = NULL WHERE id = 'first'")
    work = {(one.round, one.coder): one for one in health.open_work(furnished)}
    assert work["first", "ana"].days == {"2026-02-02": 3}
    html = sit(furnished, "zoe").get("/study/work").text
    assert '<path class="line"' in html
    assert "2026-02-02" in html


def test_agreement_is_shown_of_closed_rounds_alone(furnished: Study) -> None:
    assert [report.round.id for report in health.closed_agreements(furnished)] == ["first"]
    html = sit(furnished, "ana").get("/study/agreement").text
    assert "first: ana, ben" in html
    assert "second" not in html


def test_what_people_confirm_of_rule_hits_has_its_interval(used: Study) -> None:
    with used.store() as store:
        found = {one.code: one for one in health.precisions(store, used.codebook())}
        hidden = {row["id"] for row in store.connection.execute("SELECT id FROM posts")}
        assert health.precisions(store, used.codebook(), hidden) == []
    assert {code: (one.found, one.read, one.present, one.share) for code, one in found.items()} == {
        "dear-bread": (1, 1, 1, 1.0), "queue": (1, 1, 1, 1.0),
    }  # fmt: skip
    assert found["queue"].lower == pytest.approx(0.2065, abs=1e-4)
    assert "21 to 100 %" in sit(used).get("/study/rules").text


def test_a_damaged_report_is_one_clear_message(furnished: Study) -> None:
    (furnished.reports / "report.json").write_text("{", encoding="utf-8")
    answer = sit(furnished).get("/")
    assert answer.status_code == 400
    assert "this is no report of ours" in answer.text


def test_evidence_ids_are_those_of_the_report(furnished: Study) -> None:
    report = health.latest_report(furnished)
    assert report is not None
    listed = {
        one for section in report["sections"] for claim in section["claims"] for side in claim["evidence"].values() for one in side["posts"]
    }  # fmt: skip
    desk = Desk(furnished, {})
    with furnished.store() as store:
        known = desk.evidence(store)
        assert listed
        assert listed <= known.keys()
        assert desk.evidence(store) is known
        with store.write() as connection:
            connection.execute("DELETE FROM coding_events")
            connection.execute("DELETE FROM quotes")
            connection.execute("DELETE FROM posts WHERE address = ?", (ALL_BREAD[2],))
        assert len(desk.evidence(store)) == len(known) - 1


def test_a_codebook_is_read_again_only_when_its_file_has_changed(study: Study) -> None:
    desk = Desk(study, {})
    first = desk.codebook()
    assert desk.codebook() is first
    text = study.codebook_path.read_text(encoding="utf-8")
    study.codebook_path.write_text(text.replace("Dear bread", "Too dear bread"), encoding="utf-8")
    assert desk.codebook().codes["dear-bread"].name == "Too dear bread"
