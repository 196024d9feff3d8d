"""What a claim that cannot be called yet would take."""

from dataclasses import replace

import pytest
from fakes.ballots import stance_tally

from coding.intervals import wilson
from reports.estimators import share
from reports.needs import Need, need_for_inconclusive, need_for_thin, need_for_unchecked
from reports.verdicts import Thresholds, Verdict, judge_stance
from reports.votes import Rule, tally

SUPPORT = frozenset({"support"})


@pytest.mark.parametrize(
    ("sizes", "people", "threads"),
    [
        ([3] * 5, 5, 3),
        ([2] * 8, 4, None),
        ([3] * 8, None, None),
        ([3] * 7, None, 1),
        # 30 of 44: with 15 further threads of 2 it is 30 of 74 (.405), with 16 it is 30 of 76 (.395).
        ([30, *[2] * 7], None, 16),
        ([7], 13, 7),
        ([], 20, 8),
    ],
)
def test_a_thin_claim_needs_what_its_reasons_lack(sizes: list[int], people: int | None, threads: int | None) -> None:
    assert need_for_thin(sum(sizes), sizes) == Need(people=people, threads=threads)


def test_few_effective_threads_need_further_ones_of_the_median_size() -> None:
    # 40 and 40 beside six of 1: G* is 2.3. With j more of 1 it is (86 + j)^2 / (3206 + j), 3.95 at 27 and 4.02 at 28.
    assert need_for_thin(86, [40, 40, 1, 1, 1, 1, 1, 1]) == Need(threads=28)


def test_the_lower_middle_size_is_the_median_of_an_even_number() -> None:
    assert need_for_thin(42, [20, 10, 10, 2]) == need_for_thin(42, [20, 10, 10, 10])


def test_declared_thresholds_change_the_need() -> None:
    assert need_for_thin(12, [3] * 4, Thresholds(people=30, threads=10)) == Need(people=18, threads=6)


def test_an_inconclusive_claim_needs_the_fewest_voters_that_narrow_its_interval() -> None:
    judged = judge_stance(stance_tally(*[(2, 3), (1, 3)] * 5), "read", True)
    need = need_for_inconclusive(judged.share)

    assert judged.verdict == Verdict.INCONCLUSIVE
    assert need.people is not None
    assert _width(judged.share.n + need.people) <= 0.30 < _width(judged.share.n + need.people - 1)
    assert (need.threads, need.decisions, need.minutes) == (None, None, None)


def _width(people: int) -> float:
    found = share(stance_tally(*[(2, 3), (1, 3)] * 5), SUPPORT)
    lower, upper = wilson(0.5, people / found.design_effect, found.t or 0)
    return upper - lower


def test_an_interval_that_is_narrow_enough_needs_nobody() -> None:
    assert need_for_inconclusive(share(stance_tally(*[(2, 4)] * 60), SUPPORT)) == Need()


def test_without_an_interval_no_number_of_voters_can_be_told() -> None:
    assert need_for_inconclusive(share(stance_tally((3, 9)), SUPPORT)) == Need()
    assert need_for_inconclusive(share(tally([], Rule.STANCE), SUPPORT)) == Need()


def test_a_wider_design_effect_needs_more_voters() -> None:
    found = share(stance_tally(*[(2, 3), (1, 3)] * 5), SUPPORT)
    people = [need_for_inconclusive(replace(found, design_effect=effect)).people or 0 for effect in (1, 2, 4)]

    assert people == sorted(people)
    assert people[0] < people[2]


@pytest.mark.parametrize(
    ("decisions", "seconds", "minutes"), [(0, 18.0, 0), (1, 18.0, 1), (10, 18.0, 3), (11, 18.0, 4), (100, 7.5, 13)]
)
def test_an_unchecked_claim_needs_its_decisions_at_the_coders_pace(
    decisions: int, seconds: float, minutes: int
) -> None:
    assert need_for_unchecked(decisions, seconds) == Need(decisions=decisions, minutes=minutes)


def test_a_decision_takes_eighteen_seconds_before_a_pace_is_known() -> None:
    assert need_for_unchecked(200).minutes == 60
