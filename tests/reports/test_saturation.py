"""How far codes are exhausted."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.saturation import MOST_POINTS, expected_codes, saturation

THREADS = {"t1": {"rye", "wheat"}, "t2": {"rye"}, "t3": {"rye", "oats"}, "t4": {"rye", "wheat"}, "t5": {"barley"}}


def test_the_curve_ends_at_the_codes_found() -> None:
    found = saturation(THREADS, is_open=True)

    assert found is not None
    assert (found.threads, found.codes) == (5, 4)
    assert found.curve[-1] == (5, 4.0)
    assert found.curve[0] == (1, pytest.approx(8 / 5))


@given(st.lists(st.sets(st.sampled_from("abcdef")), min_size=1, max_size=7), st.data())
def test_the_expected_number_is_the_mean_over_all_ways_to_draw_threads(
    threads: list[set[str]], data: st.DataObject
) -> None:
    drawn = data.draw(st.integers(0, len(threads)))
    ways = [len(set().union(*chosen)) for chosen in combinations(threads, drawn)]
    incidence = [sum(code in thread for thread in threads) for code in set().union(*threads)]

    assert expected_codes(incidence, len(threads), drawn) == pytest.approx(sum(ways) / len(ways))


def test_the_rate_of_the_last_four_threads_is_over_what_the_first_four_bring() -> None:
    found = saturation(THREADS, is_open=True)

    assert found is not None
    one, four = found.curve[0][1], found.curve[3][1]
    assert found.new_rate == pytest.approx((4 - one) / four)


def test_unseen_codes_are_estimated_only_while_the_codebook_is_open() -> None:
    opened, closed = (saturation(THREADS, is_open=is_open) for is_open in (True, False))

    assert opened is not None
    assert closed is not None
    # oats and barley in one thread, wheat in two: 4/5 times 2 times 1 over 2 times 2.
    assert opened.chao2 == pytest.approx(4 / 5 * 2 / 4)
    assert closed.chao2 is None


def test_without_threads_nothing_can_be_told() -> None:
    assert saturation({}, is_open=True) is None


def test_fewer_than_four_threads_or_no_code_give_no_rate() -> None:
    few, empty = saturation({"t1": {"rye"}}, is_open=True), saturation({f"t{n}": set() for n in range(5)}, is_open=True)

    assert few is not None
    assert empty is not None
    assert (few.new_rate, empty.new_rate, empty.codes, empty.chao2) == (None, None, 0, 0)


def test_a_long_curve_is_thinned_and_keeps_its_ends() -> None:
    found = saturation({f"t{n:04}": {f"c{n % 7}"} for n in range(500)}, is_open=False)

    assert found is not None
    assert len(found.curve) <= MOST_POINTS
    assert (found.curve[0][0], found.curve[-1]) == (1, (500, 7.0))
