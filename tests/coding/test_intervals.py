"""The limits of a share."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import hypergeom

from coding.intervals import (
    NORMAL,
    Stratum,
    at_most,
    clopper_pearson,
    jeffreys,
    stratified,
    t_quantile,
    t_two_sided_p,
    wilson,
)

shares = st.floats(0, 1)
numbers = st.floats(0.5, 1e5)
quantiles = st.floats(1.9, 12.8)


@pytest.mark.parametrize(("df", "expected"), [(1, 12.7062), (4.5, 2.6589), (10, 2.2281), (1e9, NORMAL)])
def test_the_quantile_is_that_of_the_printed_tables(df: float, expected: float) -> None:
    assert t_quantile(df) == pytest.approx(expected, abs=3e-4)


@pytest.mark.parametrize("df", [0, -0.5])
def test_there_is_no_quantile_without_degrees_of_freedom(df: float) -> None:
    with pytest.raises(ValueError, match="more than 0 degrees of freedom"):
        t_quantile(df)


def test_the_p_value_is_dual_to_the_quantile() -> None:
    assert t_two_sided_p(t_quantile(7.5), 7.5) == pytest.approx(0.05)
    assert t_two_sided_p(-t_quantile(7.5), 7.5) == pytest.approx(0.05)
    assert t_two_sided_p(0, 7.5) == 1


@pytest.mark.parametrize(
    ("yes", "n", "expected"),
    [(8, 10, (0.4902, 0.9433)), (15, 20, (0.5313, 0.8881)), (321, 895, (0.3279, 0.3906)), (16, 895, (0.0110, 0.0289))],
)
def test_the_limits_are_the_published_ones_when_voters_are_independent(
    yes: int, n: int, expected: tuple[float, float]
) -> None:
    assert wilson(yes / n, n, NORMAL) == pytest.approx(expected, abs=1e-4)


def test_nobody_and_everybody_are_exact_limits() -> None:
    assert wilson(0, 20, 2.0) == (0.0, pytest.approx(4 / 24))
    assert wilson(1, 20, 2.0) == (pytest.approx(20 / 24), 1.0)


@given(n_eff=numbers, t=quantiles)
def test_the_limits_of_nobody_never_leave_the_unit_interval_by_rounding(n_eff: float, t: float) -> None:
    assert wilson(0, n_eff, t)[0] == 0
    assert wilson(1, n_eff, t)[1] == 1


@given(p=shares, n_eff=numbers, t=quantiles)
def test_the_share_lies_within_its_limits(p: float, n_eff: float, t: float) -> None:
    lower, upper = wilson(p, n_eff, t)

    assert 0 <= lower <= p + 1e-12
    assert p - 1e-12 <= upper <= 1


@given(pair=st.tuples(shares, shares).map(sorted), n_eff=numbers, t=quantiles)
def test_both_limits_rise_with_the_share(pair: list[float], n_eff: float, t: float) -> None:
    below, above = wilson(pair[0], n_eff, t), wilson(pair[1], n_eff, t)

    assert below[0] <= above[0] + 1e-12
    assert below[1] <= above[1] + 1e-12


@pytest.mark.parametrize(("p", "n_eff"), [(-0.1, 20), (1.1, 20), (0.5, 0), (0.5, -1), (float("nan"), 20)])
def test_there_are_no_limits_of_a_share_that_cannot_be(p: float, n_eff: float) -> None:
    with pytest.raises(ValueError, match="no interval for a share"):
        wilson(p, n_eff, 2.0)


def test_importing_the_module_does_not_load_scipy() -> None:
    program = "import sys, coding.intervals, reports.needs; print('scipy' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert result.stdout.strip() == "False"


# Brown, Cai and DasGupta (2001), tables 5 and 6, for n = 10 and n = 20 at 95 %.
@pytest.mark.parametrize(
    ("positives", "n", "expected"),
    [(0, 10, (0.0, 0.217)), (1, 10, (0.011, 0.381)), (2, 20, (0.021, 0.284)), (10, 20, (0.294, 0.706))],
)
def test_the_limits_of_jeffreys_are_the_published_ones(positives: int, n: int, expected: tuple[float, float]) -> None:
    assert jeffreys(positives, n) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize(
    ("positives", "n", "expected"),
    [(0, 10, (0.0, 0.3085)), (0, 300, (0.0, 0.0122)), (1, 10, (0.0025, 0.4450)), (10, 10, (0.6915, 1.0))],
)
def test_the_limits_of_clopper_and_pearson_are_those_of_the_printed_tables(
    positives: int, n: int, expected: tuple[float, float]
) -> None:
    assert clopper_pearson(positives, n) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(("positives", "n"), [(-1, 10), (11, 10), (0, 0), (float("nan"), 3)])
def test_there_are_no_limits_of_a_count_that_cannot_be(positives: float, n: float) -> None:
    for limits in (jeffreys, clopper_pearson):
        with pytest.raises(ValueError, match="no interval for"):
            limits(positives, n)


@given(n=st.integers(1, 500), data=st.data())
def test_clopper_and_pearson_reach_further_than_jeffreys_and_both_hold_the_share(n: int, data: st.DataObject) -> None:
    positives = data.draw(st.integers(0, n))
    narrow, wide = jeffreys(positives, n), clopper_pearson(positives, n)

    assert 0 <= wide[0] <= narrow[0] + 1e-12
    assert narrow[0] <= positives / n <= narrow[1]
    assert narrow[1] - 1e-12 <= wide[1] <= 1


def test_one_stratum_alone_has_its_own_limits() -> None:
    share, lower, upper = stratified([Stratum(1e9, 100, 0.2)])

    assert (share, lower, upper) == pytest.approx((0.2, *jeffreys(20, 100)), abs=1e-6)


def test_strata_are_weighted_by_their_size() -> None:
    # 100 of 1,000 posts are hits of which 80 % hold, and of the 900 others 2 %: (80 + 18) / 1,000.
    share, lower, upper = stratified([Stratum(100, 50, 0.8), Stratum(900, 100, 0.02)])

    assert share == pytest.approx(0.098)
    # By hand: sqrt((.1(.8 - .6742))^2/2 + (.9(.02 - .0043))^2 * 8/9) and the same for the upper limits .8927, .0631.
    assert (lower, upper) == pytest.approx((0.098 - 0.0161, 0.098 + 0.0372), abs=5e-4)


def test_what_was_judged_whole_leaves_nothing_uncertain() -> None:
    assert stratified([Stratum(40, 40, 0.25), Stratum(60, 60, 0.5)]) == pytest.approx((0.4, 0.4, 0.4))


def test_there_is_no_share_of_no_stratum() -> None:
    with pytest.raises(ValueError, match="no share of nothing"):
        stratified([])


STRATA = st.lists(
    st.tuples(st.integers(1, 200), st.integers(0, 5000), st.floats(0, 1)).map(
        lambda one: Stratum(one[0] + one[1], one[0], one[2])
    ),
    min_size=1,
    max_size=4,
)


@given(strata=STRATA)
def test_a_stratified_share_lies_within_its_limits(strata: list[Stratum]) -> None:
    share, lower, upper = stratified(strata)

    assert 0 <= lower <= share + 1e-12
    assert share - 1e-12 <= upper <= 1


def test_an_upper_limit_adds_those_of_the_strata() -> None:
    # 60 of 1,000 units are all judged, 3 of them positive; of the 940 others 90 are judged and none is.
    limit = at_most([Stratum(60, 60, 0.05), Stratum(940, 90, 0.0)])

    assert limit == pytest.approx(0.06 * 0.05 + 0.94 * clopper_pearson(0, 90)[1])


def test_what_nobody_judged_may_all_be_positive() -> None:
    assert at_most([Stratum(5, 0, 0.0), Stratum(995, 995, 2 / 995)]) == pytest.approx(7 / 1000)


def test_a_stratum_has_no_more_positives_than_those_found_and_all_that_are_left() -> None:
    assert at_most([Stratum(100, 98, 0.0)]) == pytest.approx(2 / 100)


def test_there_is_no_upper_limit_of_no_stratum() -> None:
    with pytest.raises(ValueError, match="no share of nothing"):
        at_most([])


@given(strata=STRATA)
def test_an_upper_limit_lies_between_the_share_and_all_that_is_possible(strata: list[Stratum]) -> None:
    share, _, _ = stratified(strata)
    unjudged = sum(stratum.size - stratum.judged for stratum in strata) / sum(stratum.size for stratum in strata)

    assert share - 1e-12 <= at_most(strata) <= min(1.0, share + unjudged) + 1e-12


# Posts, of which `hits` that a machine found, `confirmed` of these, and those it missed; the last two are rarely so few.
@pytest.mark.parametrize(
    ("posts", "hits", "confirmed", "missed"),
    [(5426, 5, 4, 30), (5426, 20, 10, 30), (5426, 20, 2, 30), (100_000, 368, 184, 552), (5426, 20, 18, 30)],
)
def test_an_upper_limit_holds_where_it_is_given_only_because_few_were_found(
    posts: int, hits: int, confirmed: int, missed: int
) -> None:
    few, wrong, too_low_as_squares = _after_few_positives(posts, hits, confirmed, missed)

    assert few > 0.03
    assert wrong < 0.05 * few
    assert too_low_as_squares > 2 * wrong


@pytest.mark.parametrize(("posts", "drawn"), [(3000, 200), (100_000, 100)])
def test_an_upper_limit_of_one_stratum_is_too_low_in_at_most_one_draw_of_forty(posts: int, drawn: int) -> None:
    limits = [at_most([Stratum(posts, drawn, found / drawn)]) for found in range(40)]

    for positives in range(0, posts // 10, posts // 200):
        low = [
            hypergeom.pmf(found, posts, positives, drawn) for found in range(40) if limits[found] < positives / posts
        ]
        assert sum(low) <= 0.025


def test_an_upper_limit_is_too_low_more_often_among_draws_that_find_few_where_these_are_rare() -> None:
    # The figures of docs/how-to/sample.md: 7 % of the posts, and no machine finds any of them.
    chances = hypergeom.pmf(range(5), 100_000, 7050, 100)
    low = [at_most([Stratum(100_000, 100, found / 100)]) < 0.0705 for found in range(5)]

    assert sum(chances) == pytest.approx(1 / 6, abs=0.01)
    assert sum(chances[low]) / sum(chances) == pytest.approx(1 / 6, abs=0.02)


def _after_few_positives(posts: int, hits: int, confirmed: int, missed: int) -> tuple[float, float, float]:
    """Chances that 1,000 posts drawn at random hold fewer than five positives; that then the limit lies below the truth;
    and that the upper end of the interval does. Counted out, not simulated.
    """
    few = wrong = low = 0.0
    for drawn_hits in range(1, min(hits, 150) + 1):
        chance = hypergeom.pmf(drawn_hits, posts, hits, 1000)
        if chance < 1e-12:
            continue
        for right in range(5):
            for found in range(5 - right):
                weight = (
                    chance
                    * hypergeom.pmf(right, hits, confirmed, drawn_hits)
                    * hypergeom.pmf(found, posts - hits, missed, 1000 - drawn_hits)
                )
                if weight < 1e-12:
                    continue
                strata = [
                    Stratum(hits, drawn_hits, right / drawn_hits),
                    Stratum(posts - hits, 1000 - drawn_hits, found / (1000 - drawn_hits)),
                ]
                truth = (confirmed + missed) / posts
                few += weight
                wrong += weight * (at_most(strata) < truth)
                low += weight * (stratified(strata)[2] < truth)
    return float(few), float(wrong), float(low)
