"""Two codes of the recordings, audited by a person: the correction finds what the rules miss and drops what they invent."""

from typing import Any

import pytest
from acceptance import audited, recount

pytestmark = pytest.mark.acceptance


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    report = audited.report_on(recount.default_data_dir(), tmp_path_factory.mktemp("audited") / "study")
    return audited.claims(report)


def audit_of(claim: dict[str, Any]) -> dict[str, Any]:
    audit: dict[str, Any] = claim["figures"][0]["audit"]
    return audit


def votes(claim: dict[str, Any]) -> dict[str, dict[str, int]]:
    return {stratum["name"]: stratum["votes"] for stratum in audit_of(claim)["strata"]}


def test_the_drawn_authors_are_those_whose_posts_were_read(found: dict[str, dict[str, Any]]) -> None:
    caching, judges = audit_of(found["caching"]), audit_of(found["judges"])

    assert (caching["drawn"], caching["lost"], judges["drawn"], judges["lost"]) == (143, 0, 108, 0)
    assert caching["undecided"] <= 0.05 * caching["drawn"]
    assert judges["undecided"] <= 0.05 * judges["drawn"]


def test_one_author_missed_by_the_rules_stands_for_hundreds(found: dict[str, dict[str, Any]]) -> None:
    audit, share = audit_of(found["caching"]), found["caching"]["figures"][0]["share"]

    assert votes(found["caching"])["none"]["yes"] == audit["unflagged"] == 1
    assert audit["stands_for"] > 200
    assert share["estimate"] > 3 * audit["machine_count"] / audit["authors"]


def test_a_code_whose_every_hit_was_read_is_screened_and_loses_the_false_ones(found: dict[str, dict[str, Any]]) -> None:
    audit, share = audit_of(found["judges"]), found["judges"]["figures"][0]["share"]

    assert found["judges"]["basis"] == "screened"
    assert votes(found["judges"])["hit, confirmed"]["yes"] == 32
    assert share["estimate"] == pytest.approx(32 / audit["authors"], abs=5e-5)
    assert audit["collected"]["lower"] <= share["estimate"] <= audit["collected"]["upper"]


def test_claims_that_nobody_read_say_so_and_what_they_need(found: dict[str, dict[str, Any]]) -> None:
    unread = [claim for name, claim in found.items() if claim["verdict"] == "unchecked"]

    assert len(unread) > 20
    assert all(claim["need"]["decisions"] > 0 for claim in unread)
