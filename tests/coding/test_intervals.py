"""The limits of a share."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding.intervals import t_quantile, t_two_sided_p, upper_limit_for_none_of, wilson

NORMAL = 1.959964

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


@pytest.mark.parametrize(("n", "expected"), [(1, 0.975), (10, 0.3085), (300, 0.0122)])
def test_none_of_many_bounds_the_share_as_clopper_and_pearson_have_it(n: int, expected: float) -> None:
    assert upper_limit_for_none_of(n) == pytest.approx(expected, abs=5e-5)


def test_none_of_nobody_bounds_nothing() -> None:
    with pytest.raises(ValueError, match="none of 0"):
        upper_limit_for_none_of(0)


def test_importing_the_module_does_not_load_scipy() -> None:
    program = "import sys, coding.intervals, reports.needs; print('scipy' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert result.stdout.strip() == "False"
