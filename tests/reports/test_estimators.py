"""Shares with intervals that know authors of one thread are alike."""

import math

import pytest
from fakes.ballots import post, presence_tally, stance_tally
from hypothesis import given
from hypothesis import strategies as st

from coding.intervals import t_quantile, t_two_sided_p
from reports.estimators import (
    CommunityShare,
    community_shares,
    difference_p_value,
    jackknife_variance,
    largest_community,
    pooled_rest,
    share,
    smoothed,
)
from reports.votes import Rule, tally

SUPPORT = frozenset({"support"})
DISPUTE = frozenset({"dispute"})
YES = frozenset({"yes"})

# 674 voters in 18 threads of nearly the same size, and in 60 that count as 14.
EVEN_SIZES = [38] * 8 + [37] * 10
UNEVEN_SIZES = [108, 86, 65, 52, 44, 36, 30, 26, 22, 19, 17, 15, *[12] * 4, *[8] * 5, *[4] * 9, *[1] * 30]

threads = st.lists(
    st.integers(1, 12).flatmap(lambda voters: st.tuples(st.integers(0, voters), st.just(voters))),
    min_size=1,
    max_size=20,
)


def upper_limits(sizes: list[int], *, spread_out: bool) -> list[float]:
    """Give the upper limit with 0 to 5 authors who have the code, each in another thread or all in the first."""
    return [
        share(
            presence_tally(
                *(
                    (int(index < coded) if spread_out else coded * (index == 0), size)
                    for index, size in enumerate(sizes)
                )
            ),
            YES,
        ).upper
        for coded in range(6)
    ]


def test_a_small_share_comes_out_as_by_hand() -> None:
    result = share(stance_tally((2, 4), (1, 2), (0, 2)), SUPPORT)

    # Left out in turn: 1/4, 2/6, 3/6. Their spread is below that of 8 independent voters; m = 24/8 lifts D to 1.1.
    assert (result.estimate, result.yes, result.n, result.threads) == (0.375, 3, 8, 3)
    assert result.effective_threads == pytest.approx(8 / 3)
    assert result.df == pytest.approx(5 / 3)
    assert result.design_effect == pytest.approx(1.1)
    assert result.n_eff == pytest.approx(8 / 1.1)
    assert result.t == t_quantile(result.df)
    assert result.largest_thread_share == 0.5
    assert result.leave_one_thread_out == (0.25, 0.5)


def test_the_jackknife_variance_comes_out_as_by_hand() -> None:
    counted = stance_tally((2, 4), (1, 2), (0, 2))

    assert jackknife_variance(counted, SUPPORT) == pytest.approx(2 / 3 * (0.125**2 + (1 / 24) ** 2 + 0.125**2))


def test_threads_that_disagree_as_wholes_count_as_few_voters() -> None:
    result = share(stance_tally((4, 4), (0, 4)), SUPPORT)

    assert result.design_effect == pytest.approx(8)
    assert result.n_eff == pytest.approx(1)
    assert (result.lower, result.upper) == pytest.approx((0.00154, 0.99846), abs=1e-5)


def test_an_author_in_two_threads_is_left_out_only_where_nothing_remains() -> None:
    posts = [
        post("mira", "t1", "support", at=1),
        post("mira", "t2", "dispute", at=2),
        post("jon", "t1", "support"),
        post("eva", "t2", "dispute"),
    ]

    # Without t1: mira and eva dispute. Without t2: mira and jon support. With both: jon alone supports.
    assert share(tally(posts, Rule.STANCE), SUPPORT).leave_one_thread_out == (0, 1)
    assert jackknife_variance(tally(posts, Rule.STANCE), SUPPORT) == pytest.approx((1 / 9 + 4 / 9) / 2)


def test_fifteen_threads_on_each_side_show_how_alike_their_authors_are() -> None:
    assert share(stance_tally(*[(2, 4)] * 15), SUPPORT).design_effect == 1


def test_fourteen_threads_on_the_minority_side_do_not() -> None:
    assert share(stance_tally(*[(2, 4)] * 14), SUPPORT).design_effect == pytest.approx(1 + 3 * 0.05)


def test_unanimous_voters_have_one_exact_limit() -> None:
    everybody, nobody = stance_tally(*[(3, 3)] * 10), stance_tally(*[(0, 3)] * 10)

    assert (share(everybody, SUPPORT).estimate, share(everybody, SUPPORT).upper) == (1, 1)
    assert 0.8 < share(everybody, SUPPORT).lower < 1
    assert (share(nobody, SUPPORT).estimate, share(nobody, SUPPORT).lower) == (0, 0)
    assert share(nobody, SUPPORT).design_effect == pytest.approx(1.1)


def test_without_voters_there_is_no_estimate() -> None:
    result = share(tally([], Rule.PRESENCE), YES)

    assert result.estimate is None
    assert (result.lower, result.upper, result.n, result.n_eff, result.threads) == (0, 1, 0, 0, 0)
    assert (result.df, result.t, result.leave_one_thread_out) == (0, None, None)


@pytest.mark.parametrize("counted", [stance_tally((7, 9)), stance_tally((1, 1)), stance_tally((9, 9), (1, 1))])
def test_one_thread_or_hardly_more_allows_no_interval(counted: object) -> None:
    result = share(counted, SUPPORT)  # type: ignore[arg-type]

    assert (result.lower, result.upper, result.t) == (0, 1, None)


def test_one_thread_cannot_be_left_out() -> None:
    assert share(stance_tally((7, 9)), SUPPORT).leave_one_thread_out is None


def test_no_voters_have_no_variance() -> None:
    with pytest.raises(ValueError, match="no voters"):
        jackknife_variance(tally([], Rule.STANCE), SUPPORT)


@pytest.mark.parametrize("sizes", [EVEN_SIZES, UNEVEN_SIZES], ids=["even", "uneven"])
@pytest.mark.parametrize("spread_out", [True, False], ids=["spread out", "in one thread"])
def test_one_more_author_with_the_code_never_lowers_the_upper_limit(sizes: list[int], spread_out: bool) -> None:
    limits = upper_limits(sizes, spread_out=spread_out)

    assert sum(sizes) == 674
    assert limits == sorted(limits)
    assert 0.01 < limits[0] < 0.025


@given(threads=threads)
def test_the_interval_holds_the_estimate_and_mirrors(threads: list[tuple[int, int]]) -> None:
    counted = stance_tally(*threads)
    support, dispute = share(counted, SUPPORT), share(counted, DISPUTE)

    assert support.estimate is not None
    assert 0 <= support.lower <= support.estimate + 1e-12
    assert support.estimate - 1e-12 <= support.upper <= 1
    assert support.design_effect >= 1
    assert (dispute.lower, dispute.upper) == pytest.approx((1 - support.upper, 1 - support.lower))


def test_the_test_of_a_difference_comes_out_as_by_hand() -> None:
    p_value = difference_p_value(stance_tally((3, 4), (1, 4)), stance_tally((4, 4), (4, 4)), SUPPORT)

    # The jackknife gives .0625 and 0; the second is lifted to that of 9 in 10 among 8. Both have one degree of freedom.
    first, second = 0.0625, 0.9 * 0.1 / 8
    df = (first + second) ** 2 / (first**2 + second**2)
    assert p_value == pytest.approx(t_two_sided_p(-0.5 / math.sqrt(first + second), df))


def test_two_unanimous_groups_do_not_differ() -> None:
    assert difference_p_value(stance_tally((4, 4), (4, 4)), stance_tally((9, 9), (9, 9)), SUPPORT) == 1


def test_opposed_groups_differ() -> None:
    p_value = difference_p_value(stance_tally(*[(9, 10)] * 10), stance_tally(*[(1, 10)] * 10), SUPPORT)

    assert p_value is not None
    assert p_value < 1e-6


@pytest.mark.parametrize("other", [tally([], Rule.STANCE), stance_tally((3, 9)), stance_tally((9, 9), (1, 1))])
def test_a_group_that_allows_no_interval_allows_no_test(other: object) -> None:
    assert difference_p_value(stance_tally(*[(3, 4)] * 8), other, SUPPORT) is None  # type: ignore[arg-type]
    assert difference_p_value(other, stance_tally(*[(3, 4)] * 8), SUPPORT) is None  # type: ignore[arg-type]


def test_a_smoothed_share_is_never_certain() -> None:
    assert (smoothed(0, 0), smoothed(0, 8), smoothed(8, 8)) == (0.5, 0.1, 0.9)


def test_communities_are_counted_by_side_and_those_on_neither_stay_in_the_number() -> None:
    posts = [
        post("mira", "t1", "support", community="r/b"),
        post("jon", "t1", "mixed", community="r/b"),
        post("eva", "t2", "dispute", community="r/a"),
    ]

    assert community_shares(tally(posts, Rule.STANCE), SUPPORT, DISPUTE) == (
        CommunityShare("r/a", yes=0, no=1, n=1),
        CommunityShare("r/b", yes=1, no=0, n=2),
    )


def test_a_community_has_a_smoothed_share_and_can_be_mirrored() -> None:
    community = CommunityShare("r/a", yes=5, no=2, n=8)

    assert community.yes_share == 0.6
    assert community.mirrored() == CommunityShare("r/a", yes=2, no=5, n=8)


def test_of_equally_large_communities_the_first_by_id_is_the_largest() -> None:
    communities = (CommunityShare("r/a", 1, 1, 2), CommunityShare("r/b", 3, 1, 4), CommunityShare("r/c", 1, 3, 4))

    assert largest_community(communities) == communities[1]
    assert pooled_rest(communities, communities[1]) == CommunityShare("", yes=2, no=4, n=6)


def test_without_voters_there_is_no_largest_community() -> None:
    assert largest_community(()) is None
    assert pooled_rest((), None) == CommunityShare("", yes=0, no=0, n=0)
