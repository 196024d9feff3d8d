"""Shares of posts: by hand, by simulation, and what is not claimed."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding.intervals import NORMAL, clopper_pearson, jeffreys, wilson
from coding.shares import RAW_LABEL, Judged, PostShare, codings_needed, post_share, precision

HIT, NONE = "hit", "none"


def _judged(stratum: str, probability: float, positives: int, negatives: int, undecided: int = 0) -> list[Judged]:
    decided = [True] * positives + [False] * negatives
    return [Judged(stratum, probability, value) for value in (*decided, *[None] * undecided)]


def _share(*judged: Judged, hits: int = 100, others: int = 900) -> PostShare:
    return post_share(judged, {HIT: hits, NONE: others}, HIT)


def test_a_share_is_put_together_from_both_strata() -> None:
    found = _share(*_judged(HIT, 0.5, 40, 10), *_judged(NONE, 1 / 9, 2, 98))

    # 100 of 1,000 posts are hits, of which 80 % hold; of the 900 others 2 % hold: .08 + .018.
    assert (found.posts, found.machine, found.drawn, found.undecided) == (1000, 100, 150, 0)
    assert found.estimate.estimate == pytest.approx(0.098)
    assert (found.estimate.n, found.estimate.positives) == (150, 42)
    assert found.estimate.lower is not None
    assert found.estimate.upper is not None
    assert 0.075 < found.estimate.lower < 0.09
    assert 0.11 < found.estimate.upper < 0.15


def test_the_raw_count_is_called_what_it_is() -> None:
    assert RAW_LABEL == "raw machine hits, not an estimate"


def test_the_sample_alone_is_weighted_by_its_probabilities() -> None:
    found = _share(*_judged(HIT, 0.5, 40, 10), *_judged(NONE, 1 / 9, 2, 98)).human

    assert found.estimate == pytest.approx((40 * 2 + 2 * 9) / (50 * 2 + 100 * 9))
    # Kish: (100 + 900)² / (50 · 4 + 100 · 81).
    assert (found.lower, found.upper) == pytest.approx(wilson(0.098, 1000**2 / 8300, NORMAL))


def test_precision_and_recall_come_from_the_strata() -> None:
    found = _share(*_judged(HIT, 0.5, 40, 10), *_judged(NONE, 1 / 9, 2, 98))

    assert found.precision.estimate == pytest.approx(0.8)
    lower, upper = jeffreys(40, 50)
    assert found.precision.lower == pytest.approx(0.8 - (0.8 - lower) * 0.5**0.5)
    assert found.precision.upper == pytest.approx(0.8 + (upper - 0.8) * 0.5**0.5)
    assert found.recall.estimate == pytest.approx(80 / (80 + 18))
    assert found.recall.lower is not None
    assert found.recall.upper is not None
    assert found.recall.lower < 80 / 98 < found.recall.upper


def test_below_five_positives_there_is_an_upper_limit_only() -> None:
    found = _share(*_judged(NONE, 0.3, 0, 300), hits=0, others=1_000_000)

    assert (found.estimate.estimate, found.estimate.lower) == (None, None)
    assert found.estimate.upper == pytest.approx(clopper_pearson(0, 300)[1], abs=1e-5)
    assert found.estimate.problem == "fewer than 5 positives: an upper limit only"
    assert (found.human.estimate, found.human.upper) == (None, pytest.approx(0.0122, abs=1e-4))
    assert found.recall.problem == "fewer than 5 positives"


def test_five_positives_are_enough() -> None:
    four = _share(*_judged(HIT, 1, 4, 96), *_judged(NONE, 0.1, 0, 90))
    five = _share(*_judged(HIT, 1, 5, 95), *_judged(NONE, 0.1, 0, 90))

    assert four.estimate.estimate is None
    assert five.estimate.estimate == pytest.approx(0.005)


def test_nothing_is_estimated_before_anybody_decided() -> None:
    found = _share(*_judged(HIT, 0.5, 0, 0, 50))

    for share in (found.estimate, found.human):
        assert (share.estimate, share.upper) == (None, None)
        assert share.problem == "nobody has decided any of the drawn posts yet"
    assert found.precision.problem == "no post that a machine found is decided"


def test_one_in_twenty_drawn_posts_may_be_undecided_and_no_more() -> None:
    enough = _share(*_judged(HIT, 0.5, 20, 20), *_judged(NONE, 0.1, 5, 50, 5))
    too_few = _share(*_judged(HIT, 0.5, 20, 20), *_judged(NONE, 0.1, 5, 49, 6))

    assert enough.estimate.estimate is not None
    assert too_few.estimate.problem == "6 of 100 drawn posts are undecided; at most 5 % may be"
    assert too_few.estimate.upper is None
    assert too_few.recall.problem == too_few.human.problem == too_few.estimate.problem
    assert too_few.human.upper is None


def test_a_stratum_that_nobody_read_may_be_all_positive_and_leaves_an_upper_limit_only() -> None:
    found = _share(*_judged(NONE, 0.1, 6, 94), hits=3, others=997)

    assert (found.estimate.estimate, found.estimate.lower) == (None, None)
    assert found.estimate.upper == pytest.approx(0.003 + 0.997 * clopper_pearson(6, 100)[1])
    assert found.estimate.problem == "no decided post in the stratum 'hit': an upper limit only"
    assert found.recall.problem == "no decided post in the stratum 'hit'"


def test_where_only_hits_were_read_their_precision_is_known_and_hardly_a_share() -> None:
    found = _share(*_judged(HIT, 0.5, 40, 10))

    assert found.estimate.problem == "no decided post in the stratum 'none': an upper limit only"
    assert found.estimate.upper is not None
    assert found.estimate.upper > 0.9
    assert found.precision.estimate == pytest.approx(0.8)


def test_where_machines_found_nothing_there_is_a_share_but_no_precision() -> None:
    found = _share(*_judged(NONE, 0.1, 10, 90), hits=0, others=1000)

    assert found.estimate.estimate == pytest.approx(0.1)
    assert found.precision.problem == "no post that a machine found is decided"
    assert found.recall.problem == "no machine found any post"


def test_where_machines_found_everything_nothing_is_missed() -> None:
    found = _share(*_judged(HIT, 0.5, 30, 20), hits=100, others=0)

    assert (found.recall.estimate, found.recall.lower, found.recall.upper) == (1.0, 1.0, 1.0)


def test_hits_of_which_none_holds_recall_nothing() -> None:
    found = _share(*_judged(HIT, 1, 0, 100), *_judged(NONE, 1, 900, 0))

    assert found.recall.estimate == 0


def test_posts_that_were_all_read_leave_nothing_uncertain() -> None:
    found = _share(*_judged(HIT, 1, 60, 40), *_judged(NONE, 1, 9, 891))

    assert (found.estimate.lower, found.estimate.upper) == (pytest.approx(0.069), pytest.approx(0.069))


def test_the_precision_of_one_kind_of_machine_is_of_its_hits_alone() -> None:
    found = precision(_judged(HIT, 0.25, 30, 10, undecided=2), 160)

    assert (found.n, found.positives, found.estimate) == (40, 30, 0.75)


def test_no_precision_is_told_while_people_leave_more_than_one_in_twenty_hits_open() -> None:
    found = precision(_judged(HIT, 0.25, 30, 10, undecided=3), 160)

    assert (found.n, found.positives, found.estimate, found.upper) == (40, 30, None, None)
    assert found.problem == "3 of 43 drawn posts are undecided; at most 5 % may be"


@given(
    hits=st.integers(5, 60),
    confirmed=st.integers(5, 60),
    others=st.integers(1, 60),
    missed=st.integers(0, 60),
    probabilities=st.tuples(st.floats(0.01, 1), st.floats(0.01, 1)),
)
def test_every_share_lies_within_its_limits(
    hits: int, confirmed: int, others: int, missed: int, probabilities: tuple[float, float]
) -> None:
    inside, outside = probabilities
    found = _share(
        *_judged(HIT, inside, confirmed, hits),
        *_judged(NONE, outside, missed, others),
        hits=round((hits + confirmed) / inside),
        others=round((others + missed) / outside),
    )

    for share in (found.estimate, found.human, found.precision, found.recall):
        assert share.estimate is not None
        assert share.lower is not None
        assert share.upper is not None
        assert -1e-9 <= share.lower <= share.estimate + 1e-9
        assert share.estimate - 1e-9 <= share.upper <= 1 + 1e-9


@pytest.mark.parametrize(
    ("share", "lower", "upper"),
    [(0.05, 0.031, 0.081), (0.10, 0.071, 0.139), (0.20, 0.159, 0.249), (0.40, 0.346, 0.456)],
)
def test_three_hundred_posts_are_enough_for_the_widths_of_the_planning_table(
    share: float, lower: float, upper: float
) -> None:
    assert wilson(share, 300, NORMAL) == pytest.approx((lower, upper), abs=6e-4)

    assert codings_needed(share, upper - lower + 0.0008) <= 300
    assert codings_needed(share, upper - lower - 0.0012) > 300


@given(share=st.floats(0, 1), width=st.floats(0.01, 0.9))
def test_the_plan_is_the_fewest_posts_that_do(share: float, width: float) -> None:
    n = codings_needed(share, width)

    def reached(posts: int) -> float:
        lower, upper = wilson(share, posts, NORMAL)
        return upper - lower

    assert reached(n) <= width
    assert n == 1 or reached(n - 1) > width


@pytest.mark.parametrize(("share", "width"), [(-0.1, 0.1), (1.1, 0.1), (0.1, 0), (0.1, 1)])
def test_there_is_no_plan_for_what_cannot_be(share: float, width: float) -> None:
    with pytest.raises(ValueError, match="must be between 0 and 1"):
        codings_needed(share, width)


def test_a_plan_beyond_all_bounds_is_refused() -> None:
    with pytest.raises(ValueError, match="more than ten million"):
        codings_needed(0.5, 1e-5)


def _simulated(runs: int, share: float, false_alarms: float, misses: float, per_stratum: int) -> dict[str, float]:
    """How often intervals hold the truth of a world of 6,000 posts, and how often the raw count's own interval does."""
    world = random.Random(20260301)
    covered = naive = 0
    for _ in range(runs):
        truths = [world.random() < share for _ in range(6000)]
        hits = [world.random() >= misses if truth else world.random() < false_alarms for truth in truths]
        sizes = {HIT: sum(hits), NONE: 6000 - sum(hits)}
        chances = {stratum: min(1.0, per_stratum / size) for stratum, size in sizes.items()}
        strata = [HIT if hit else NONE for hit in hits]
        drawn = [
            Judged(stratum, chances[stratum], truth)
            for truth, stratum in zip(truths, strata, strict=True)
            if world.random() < chances[stratum]
        ]
        truth = sum(truths) / 6000
        found = post_share(drawn, sizes, HIT).estimate
        covered += (found.lower or 0) <= truth <= (found.upper or 0)
        lower, upper = wilson(sizes[HIT] / 6000, 6000, NORMAL)
        naive += lower <= truth <= upper
    return {"corrected": covered / runs, "naive": naive / runs}


def test_corrected_intervals_hold_the_truth_where_raw_counts_never_do() -> None:
    found = _simulated(60, 0.052, 0.14, 0.2, 200)

    assert found["corrected"] >= 0.85
    assert found["naive"] == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("share", "false_alarms", "misses", "per_stratum"),
    [(0.052, 0.14, 0.2, 200), (0.019, 0.12, 0.2, 100), (0.119, 0.12, 0.2, 150)],
)
def test_corrected_intervals_cover_as_they_promise(
    share: float, false_alarms: float, misses: float, per_stratum: int
) -> None:
    found = _simulated(1000, share, false_alarms, misses, per_stratum)

    assert 0.93 <= found["corrected"] <= 0.98
    assert found["naive"] < 0.05
