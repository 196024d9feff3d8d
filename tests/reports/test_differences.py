"""Which of two codes more authors show, how a share moves, and what is tested together."""

import math
from itertools import combinations

import pytest
from fakes.ballots import post, presence_tally, stance_tally
from hypothesis import given
from hypothesis import strategies as st

from coding.intervals import t_quantile, t_two_sided_p
from reports.differences import Change, Side, adjusted, change, claim_p_value, paired_difference
from reports.estimators import difference_p_value, share
from reports.votes import SUPPORT, YES, Ballot, Rule, Tally, tally

FOR = frozenset({SUPPORT})
SHOWS = st.lists(
    st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("1234"), st.booleans(), st.booleans()), max_size=30
)


def sides(rows: list[tuple[str, str, bool, bool]]) -> tuple[Side, Side]:
    """Two codes over the same posts: author, thread, whether the post shows the one, and the other."""

    def counted(at: int) -> Tally:
        return tally(
            [
                post(row[0], row[1], YES if row[at] else None, native_id=f"{number:03}")
                for number, row in enumerate(rows)
            ],
            Rule.PRESENCE,
        )

    return Side("rye", counted(2)), Side("wheat", counted(3))


def spread(
    one: int, other: int, both: int = 0, threads: int = 12, others: int = 24
) -> list[tuple[str, str, bool, bool]]:
    """So many authors who show only the one, only the other, both, and neither, dealt over threads."""
    shows = [(True, False)] * one + [(False, True)] * other + [(True, True)] * both + [(False, False)] * others
    return [(f"a{n:03}", f"t{n % threads:02}", *shown) for n, shown in enumerate(shows)]


def test_authors_who_show_only_one_of_two_make_the_difference() -> None:
    found = paired_difference(*sides(spread(16, 4, both=3)), fewest=10)

    assert (found.first, found.second) == ("rye", "wheat")
    assert (found.only_first, found.only_second, found.both, found.people) == (16, 4, 3, 47)
    assert found.estimate == pytest.approx(12 / 47)
    assert found.p is not None
    assert found.lower < found.estimate < found.upper


def test_the_variance_is_the_jackknife_of_the_difference_over_threads_that_differ() -> None:
    # One thread of four who show only the one, three threads of four who show neither.
    rows = [(f"{thread}{n}", f"t{thread}", thread == 0, False) for thread in range(4) for n in range(4)]
    found = paired_difference(*sides(rows), fewest=1)

    left_out = [0, *[4 / 12] * 3]
    variance = 3 / 4 * sum((one - 0.25) ** 2 for one in left_out)
    assert variance > (4 + 2) / 16**2
    assert found.p == pytest.approx(t_two_sided_p(0.25 / math.sqrt(variance), 3))
    assert found.upper == pytest.approx(min(1, 0.25 + t_quantile(3) * math.sqrt(variance)))


def test_the_variance_is_never_below_that_of_the_authors_who_differ() -> None:
    found = paired_difference(*sides(spread(12, 0, others=0)), fewest=10)

    # Every author shows the one alone, so that no thread moves the difference: (12 + 0 + 2) / 12 squared is left.
    assert found.p == pytest.approx(t_two_sided_p(1 / math.sqrt(14 / 144), 11))


def test_fewer_authors_who_differ_than_asked_for_give_no_test() -> None:
    found = paired_difference(*sides(spread(9, 0)), fewest=10)

    assert found.p is None
    assert found.leader(None, 0.05) is None


def test_too_few_threads_give_no_test_and_no_limits() -> None:
    found = paired_difference(*sides(spread(16, 4, threads=1)), fewest=10)

    assert (found.p, found.lower, found.upper) == (None, -1, 1)


def test_nobody_gives_no_difference() -> None:
    found = paired_difference(*sides([]), fewest=10)

    assert (found.estimate, found.p, found.people) == (None, None, 0)


@pytest.mark.parametrize(("q", "leader"), [(0.05, "rye"), (0.051, None), (None, None)])
def test_a_code_leads_only_with_a_small_q_value(q: float | None, leader: str | None) -> None:
    assert paired_difference(*sides(spread(16, 4)), fewest=10).leader(q, 0.05) == leader


def test_the_second_code_may_lead() -> None:
    assert paired_difference(*sides(spread(4, 16)), fewest=10).leader(0.01, 0.05) == "wheat"


def test_a_tie_has_no_leader() -> None:
    assert paired_difference(*sides(spread(10, 10)), fewest=10).leader(0.01, 0.05) is None


@given(SHOWS)
def test_exchanging_the_codes_turns_the_difference_round(rows: list[tuple[str, str, bool, bool]]) -> None:
    first, second = sides(rows)
    one, other = paired_difference(first, second, 1), paired_difference(second, first, 1)

    assert (one.only_first, one.only_second, one.p) == (other.only_second, other.only_first, other.p)
    if one.estimate is not None:
        assert one.estimate == -(other.estimate or 0)
        assert (one.lower, one.upper) == pytest.approx((-other.upper, -other.lower))


@given(SHOWS)
def test_the_two_sides_and_both_add_up_to_the_authors_who_show_a_code(rows: list[tuple[str, str, bool, bool]]) -> None:
    first, second = sides(rows)
    found = paired_difference(first, second, 1)

    assert found.only_first + found.both == first.tally.counts.get(YES, 0)
    assert found.only_second + found.both == second.tally.counts.get(YES, 0)


def judged(counted: Tally) -> tuple[Tally, object]:
    return counted, share(counted, FOR)


def test_a_change_is_the_second_share_minus_the_first_with_the_test_of_two_groups() -> None:
    before, after = stance_tally(*[(2, 6)] * 16), stance_tally(*[(4, 6)] * 16)
    found = change((before, share(before, FOR)), (after, share(after, FOR)), FOR)

    assert isinstance(found, Change)
    assert found.estimate == pytest.approx(1 / 3)
    assert found.p == difference_p_value(before, after, FOR)
    assert found.lower < found.estimate < found.upper <= 1


@pytest.mark.parametrize("other", [stance_tally((3, 9)), tally([], Rule.STANCE)], ids=["one thread", "nobody"])
def test_a_change_needs_threads_on_both_sides(other: Tally) -> None:
    one = stance_tally(*[(2, 6)] * 16)

    assert change((one, share(one, FOR)), (other, share(other, FOR)), FOR) is None


def test_the_test_of_a_claim_is_the_one_that_its_interval_turns_over() -> None:
    for support in range(11):
        counted = stance_tally(*[(support, 10)] * 12)
        found = share(counted, FOR)
        p = claim_p_value(found)

        assert p is not None
        assert (p < 0.05) == (found.lower > 0.5 or found.upper < 0.5)


def test_a_claim_without_interval_has_no_test() -> None:
    assert claim_p_value(share(stance_tally((3, 9)), FOR)) is None
    assert claim_p_value(share(tally([], Rule.STANCE), FOR)) is None


def test_tests_of_a_family_are_adjusted_as_by_hand() -> None:
    assert adjusted([0.01, 0.04, 0.03, 0.5]) == pytest.approx([0.04, 0.04 * 4 / 3, 0.04 * 4 / 3, 0.5])
    assert adjusted([]) == []


@given(st.lists(st.floats(0, 1), max_size=12))
def test_adjusting_keeps_the_order_and_never_makes_a_test_smaller(p_values: list[float]) -> None:
    q_values = adjusted(p_values)

    assert all(p <= q <= 1 or math.isclose(p, q) for p, q in zip(p_values, q_values, strict=True))
    for (p, q), (other_p, other_q) in combinations(zip(p_values, q_values, strict=True), 2):
        assert p == other_p or (p < other_p) == (q < other_q) or q == other_q


def test_presence_is_compared_over_all_authors_in_scope() -> None:
    ballots: list[Ballot] = [post("a", "t1", YES), post("b", "t2")]
    counted = tally(ballots, Rule.PRESENCE)

    found = paired_difference(Side("rye", counted), Side("wheat", presence_tally((0, 1), (0, 1))), 1)

    assert (found.people, found.only_first) == (2, 1)
