"""What is said of claims that are more than one figure, and of what stands beside a claim."""

from typing import Any

import pytest
from fakes.report_kinds import difference, gap_claim, ranked_claim, reference, takeaway_claim, trend, trending_claim
from fakes.report_sample import audit, audited_claim, figure, shares_claim, stance_claim, stance_figure, unchecked_claim

from reports import phrases


def lines(claim: dict[str, Any]) -> dict[str, str]:
    return {line.term: line.text for line in phrases.how_sure(claim)}


def test_a_takeaway_rests_on_claims_and_not_on_people() -> None:
    said = lines(takeaway_claim())

    assert phrases.evidence_line(takeaway_claim()) == "rests on titles-misaligned (broad agreement)"
    assert said["Rests on"] == "titles-misaligned (broad agreement)"
    assert said["Basis"] == "read, the weakest of the claims below"
    assert phrases.objection(takeaway_claim()) is None
    assert phrases.evidence(takeaway_claim()) == []


def test_a_single_measured_share_stands_in_the_evidence_line() -> None:
    one = shares_claim(figures=[figure("titles", "Titles")])

    assert phrases.evidence_line(one) == "45 % (28–64 %) of 44 people, 23 threads, basis read"
    assert phrases.evidence_line(one, counts_first=True) == "20 of 44 people, 45 % (28–64 %), 23 threads, basis read"


def test_an_outside_figure_names_counts_base_and_date() -> None:
    assert phrases.reference_words(reference()) == (
        "Made-up adverts that name it: 35.9 % (32.8–39.1 %), 321 of 895 all adverts, 2026-01"
    )
    assert lines(gap_claim())["Outside figure"] == phrases.reference_words(reference())


@pytest.mark.parametrize(
    ("share", "words"), [(0.3587, "35.9"), (0.0005, "0.1"), (0.00049, "0.1"), (0, "0.0"), (1, "100.0")]
)
def test_an_outside_figure_has_one_decimal(share: float, words: str) -> None:
    assert phrases.tenths(share) == words


def test_a_tested_order_names_who_is_ahead_of_whom() -> None:
    claim = ranked_claim()
    first, second = (one["code"] for one in claim["figures"][:2])
    claim["order"] = {**claim["order"], "pairs": [difference(first=first, second=second, ahead=first)]}
    names = [one["name"] for one in claim["figures"]]

    assert phrases.order_words(claim) == f"{names[0]} is clearly ahead of {names[1]}"
    claim["order"]["pairs"][0]["ahead"] = second
    assert phrases.order_words(claim).startswith(f"{names[1]} is clearly ahead of {names[0]}")


def test_an_order_that_cannot_be_told_says_so() -> None:
    claim = ranked_claim(figures=[figure("a", "A"), figure("b", "B"), figure("c", "C")], private={})
    claim["order"] = {**claim["order"], "pairs": [difference(first="a", second="b", ahead=None)]}

    assert phrases.order_words(claim) == "no order can be told"
    assert lines(claim)["Order"] == "no order can be told"


def test_a_code_ahead_of_two_names_both() -> None:
    claim = ranked_claim(figures=[figure("a", "A"), figure("b", "B"), figure("c", "C"), figure("d", "D")])
    ahead = [difference(first="a", second=other, ahead="a") for other in ("b", "c")]
    claim["order"] = {**claim["order"], "pairs": [*ahead, difference(first="b", second="c", ahead=None)]}

    assert phrases.order_words(claim) == "A is clearly ahead of B and C; the order of the others cannot be told"


def test_an_order_that_is_known_throughout_leaves_nothing_open() -> None:
    claim = ranked_claim(figures=[figure("a", "A"), figure("b", "B")])
    claim["order"] = {**claim["order"], "pairs": [difference(first="a", second="b", ahead="a")]}

    assert phrases.order_words(claim) == "A is clearly ahead of B"


def test_an_untested_order_says_why() -> None:
    claim = ranked_claim(order={"unit": "people", "pairs": [], "tested": False, "fewest": 10})

    assert phrases.order_words(claim).startswith("not tested, since fewer than 10 people show only one of any two")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"sentence": "The share rose."}, "The share rose."),
        ({"reason": "few-threads"}, "no two periods have threads enough to be compared"),
        ({"reason": "one-period"}, "all of it lies in one period"),
        ({}, "nothing can be told of a change"),
    ],
)
def test_a_trend_is_said_or_why_it_is_not(changes: dict[str, Any], words: str) -> None:
    assert phrases.trend_words(stance_figure(trend=trend(**changes))) == words


def test_of_several_figures_over_time_each_is_named_and_what_holds_of_all_is_said_once() -> None:
    rose = figure("a", "Rye", trend=trend(sentence="The share rose."))
    few, also_few = (figure(code, code.upper(), trend=trend(reason="few-threads")) for code in "bc")

    assert [words for _, words in phrases.trend_lines(shares_claim(figures=[rose, few]))] == [
        "Rye: the share rose.",
        "B: no two periods have threads enough to be compared",
    ]
    assert [words for _, words in phrases.trend_lines(shares_claim(figures=[few, also_few]))] == [
        "no two periods have threads enough to be compared",
        "",
    ]


def test_the_evidence_line_says_of_whom_a_claim_speaks() -> None:
    narrow = stance_claim(filter={"evidence": "evidence.firsthand"})

    assert "threads, only where evidence is firsthand, basis read" in phrases.evidence_line(narrow)


def test_a_figure_over_time_is_among_the_details() -> None:
    assert lines(trending_claim())["Over time"] == "nothing can be told of a change"


def test_details_of_several_figures_say_which_they_are_about() -> None:
    several = shares_claim(
        private={},
        figures=[
            figure("a", "A", leave_one_community_out=[0.2, 0.314]),
            figure("b", "B", leave_one_community_out=None),
        ],
    )
    said = lines(several)

    assert said["By author and thread"] == (
        "A: 22 of 50 authors and threads, 44 % (27–62 %), 1.4 posts a person; "
        "B: 22 of 50 authors and threads, 44 % (27–62 %), 1.4 posts a person"
    )
    assert said["Share without any one community"] == "A: 20–31 %"


def test_a_claim_about_sides_says_how_many_take_one_at_all() -> None:
    assert lines(stance_claim())["Take a side at all"] == "54 of 329 people, 16 % (12–22 %), 1.8 posts a person"
    assert "Take a side at all" not in lines(unchecked_claim())


def test_a_headline_says_how_its_test_stands_after_adjusting() -> None:
    test = {"p": 0.0, "q": 0.0016, "family": "headlines", "was": None}
    kept, taken = stance_claim(test=test), stance_claim(test={**test, "was": "majority"})

    assert lines(kept)["Against one half"] == "p < 0.0001, q = 0.0016 after adjusting for all headline claims"
    assert lines(taken)["Against one half"].endswith("; without that it would be “most say so”")


@pytest.mark.parametrize(
    ("holds", "words"), [(True, "holds: most"), (False, "does not hold, so the word is left out: most")]
)
def test_a_word_of_frequency_says_whether_its_rule_holds(holds: bool, words: str) -> None:
    claim = stance_claim(frequency={"word": "often", "rule": "most", "holds": holds})

    assert lines(claim)["The word “often”"] == words


def test_what_nobody_assessed_says_so_and_what_somebody_did_gives_the_reason() -> None:
    claim = stance_claim(confidence={"level": "low", "reason": "one month"})
    claim["concerns"] = [
        {"component": "methods", "facts": "f", "level": None, "reason": None},
        {"component": "coherence", "facts": "g", "level": "minor", "reason": "two towns"},
    ]
    said = lines(claim)

    assert said["Methods"] == "not assessed by a person (f)"
    assert said["Coherence"] == "minor concern: two towns (g)"
    assert said["Confidence, set by a person"] == "low: one month"


def test_the_scope_of_a_claim_is_said_beside_its_filter() -> None:
    words = lines(stance_claim(filter={"evidence": "evidence.firsthand"}, scope_code="combo"))["Counted only where"]

    assert words == "evidence is firsthand; the author shows combo in the thread"


def test_an_audit_with_a_second_coder_says_how_far_that_reading_has_come() -> None:
    claim = audited_claim()
    second = {"positives": 3, "others": 3, "missing": 0}
    claim["figures"] = [{**claim["figures"][0], "audit": audit(second_reading=second)}]

    assert lines(claim)["Second reading"].startswith("read twice, blind, and settled where people differed")
