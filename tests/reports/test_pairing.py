"""Paired changes: two reports share most of their people, and a change is told from chance only where it is more."""

import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.pairing import FEW_CHANGED, FEW_THREADS, UNITS, Recounted, adjusted, paired_test, recounted
from reports.votes import DISPUTE, SUPPORT, Ballot, Rule, tally

YES = frozenset({SUPPORT})


def ballot(author: str, thread: str, value: str, day: int = 1) -> Ballot:
    return Ballot(author, thread, "r/one", f"2026-01-{day:02}", "site", f"{author}{thread}{day}", value)


def crowd(prefix: str, threads: int, of: int, yes: int) -> list[Ballot]:
    """Threads of so many people, of whom so many say yes in each."""
    return [
        ballot(f"{prefix}{thread}-{number}", f"{prefix}{thread}", SUPPORT if number < yes else DISPUTE)
        for thread in range(threads)
        for number in range(of)
    ]


def share(ballots: Sequence[Ballot]) -> Recounted:
    found = recounted(tally(ballots, Rule.STANCE), YES)
    assert found is not None
    return found


def test_a_share_is_kept_with_its_recounts_and_its_voters() -> None:
    found = share([ballot("ana", "a", SUPPORT), ballot("ben", "a", DISPUTE), ballot("cas", "b", SUPPORT)])

    assert found.estimate == pytest.approx(2 / 3)
    assert found.without == {"a": 1.0, "b": 0.5}
    assert found.voters == {"ana": ("a", True), "ben": ("a", False), "cas": ("b", True)}


def test_a_share_of_nobody_is_none_and_a_thread_of_everybody_leaves_none() -> None:
    assert recounted(tally([], Rule.STANCE), YES) is None
    assert share([ballot("ana", "a", SUPPORT)]).without == {"a": None}


def test_the_same_votes_twice_are_no_change_and_too_few_changed_to_test() -> None:
    same = share(crowd("a", 8, 4, 2))
    found = paired_test(same, same)

    assert (found.change, found.changed, found.p, found.why_not) == (0.0, 0, None, FEW_CHANGED)
    assert found.visible_size(3) is None


def test_ten_newcomers_are_tested_and_nine_are_not() -> None:
    old = crowd("a", 10, 4, 2)
    nine, ten = (share([*old, *crowd("b", number, 1, 1)]) for number in (9, 10))

    assert paired_test(share(old), nine).why_not == FEW_CHANGED
    assert paired_test(share(old), ten).p is not None


def test_newcomers_in_one_thread_are_too_few_threads_to_test() -> None:
    old = crowd("a", 10, 4, 2)
    found = paired_test(share(old), share([*old, *crowd("b", 1, 30, 30)]))

    assert (found.changed, found.p, found.why_not) == (30, None, FEW_THREADS)


def test_people_who_leave_and_who_change_sides_count_as_changed() -> None:
    old = crowd("a", 10, 4, 2)
    left = old[4:]
    turned = [ballot(b.author, b.thread, DISPUTE, day=2) for b in old if b.value == SUPPORT]

    assert paired_test(share(old), share(left)).changed == 4
    found = paired_test(share(old), share([*old, *turned]))
    assert (found.changed, found.change) == (20, -0.5)
    assert found.p is not None
    assert found.p < 0.01


def test_a_change_in_many_threads_is_more_than_chance_and_the_same_in_few_is_not() -> None:
    old = crowd("a", 30, 4, 2)
    many = paired_test(share(old), share([*old, *crowd("b", 30, 4, 4)]), UNITS[1])
    few = paired_test(share(old), share([*old, *crowd("b", 3, 4, 4)]))

    assert many.p is not None
    assert few.p is not None
    assert many.p < 0.001
    assert few.p > 0.05
    assert many.unit == UNITS[1]


def test_a_change_shows_from_the_size_at_which_its_p_value_is_just_small_enough() -> None:
    old = crowd("a", 30, 4, 2)
    found = paired_test(share(old), share([*old, *crowd("b", 20, 4, 3)]))
    alone, among = found.visible_size(1), found.visible_size(20)

    assert found.p is not None
    assert alone is not None
    assert among is not None
    assert (found.change >= alone) == (found.p <= 0.05)
    assert among > alone


def test_a_report_of_one_thread_that_is_gone_has_no_recount_there() -> None:
    old, new = share(crowd("a", 1, 12, 6)), share(crowd("b", 12, 1, 1))

    found = paired_test(old, new)

    assert (found.change, found.changed) == (0.5, 24)
    assert found.p is not None


def test_q_values_are_those_of_benjamini_and_hochberg() -> None:
    # Worked by hand: .03·4/3 and .04·4/4 are equal, and .01·4/1.
    assert adjusted([0.04, 0.01, 0.03, 0.5]) == pytest.approx([0.04 * 4 / 3, 0.04, 0.04 * 4 / 3, 0.5])
    assert adjusted([]) == []
    assert adjusted([0.9]) == [0.9]


@given(st.lists(st.floats(0, 1), max_size=12))
def test_a_q_value_is_never_below_its_p_value_and_keeps_their_order(values: list[float]) -> None:
    found = adjusted(values)

    assert all(p <= q + 1e-12 and q <= 1 for p, q in zip(values, found, strict=True))
    ordered = [q for _, q in sorted(zip(values, found, strict=True))]
    assert ordered == sorted(ordered)


def world(rng: random.Random, name: str, threads: int, p: float, *, correlation: float = 0.1) -> list[Ballot]:
    """Threads of lognormal size whose people are alike; one in ten is somebody who writes everywhere."""
    found = []
    scale = (1 - correlation) / correlation
    for thread in range(threads):
        inclined = rng.betavariate(p * scale, (1 - p) * scale)
        for number in range(max(1, min(200, round(rng.lognormvariate(1.79, 1.2))))):
            author = f"{name}{thread}-{number}" if rng.random() > 0.1 else f"everywhere{rng.randrange(60)}"
            value = SUPPORT if rng.random() < inclined else DISPUTE
            found.append(Ballot(author, f"{name}{thread}", "r/one", name, "site", f"{name}{thread}-{number}", value))
    return found


def cries(rng: random.Random, p: float, threads: int, shift: float = 0.0, runs: int = 200) -> float:
    """How often a change is called more than chance, of those that were tested."""
    found = []
    for _ in range(runs):
        old, new = world(rng, "a", 60, p), world(rng, "b", threads, p + shift)
        test = paired_test(share(old), share([*old, *new]))
        if test.p is not None:
            found.append(test.p <= 0.05)
    return sum(found) / len(found)


@pytest.mark.slow
@pytest.mark.parametrize("p", [0.5, 0.8, 0.95])
@pytest.mark.parametrize("threads", [6, 15, 40])
def test_without_any_change_hardly_one_look_in_twenty_cries(p: float, threads: int) -> None:
    assert cries(random.Random(7), p, threads) <= 0.07


@pytest.mark.slow
def test_a_change_of_thirty_points_in_forty_new_threads_is_seen() -> None:
    assert cries(random.Random(7), 0.5, 40, shift=0.3) >= 0.85
