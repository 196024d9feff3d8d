"""The stretches of time by which a trend counts."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.periods import is_period, period_of


@pytest.mark.parametrize(
    ("period", "name", "since"),
    [
        ("year", "2025", "2025-01-01"),
        ("quarter", "2025-Q4", "2025-10-01"),
        ("month", "2025-11", "2025-11-01"),
        ("7d", "2025-11-24 to 2025-11-30", "2025-11-24"),
    ],
)
def test_a_moment_lies_in_a_named_period_with_its_first_day(period: str, name: str, since: str) -> None:
    assert period_of("2025-11-26T09:00:00Z", period) == (name, since)


@pytest.mark.parametrize("written", ["quarter", "month", "year", "1d", "180d"])
def test_these_are_periods(written: str) -> None:
    assert is_period(written)


@pytest.mark.parametrize("written", ["", "weekly", "0d", "d", "-3d", "12345d", "180", "Quarter"])
def test_these_are_none(written: str) -> None:
    assert not is_period(written)


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(1, 400))
def test_days_of_one_window_share_its_first_day_and_the_next_day_after_it_begins_another(
    day: date, length: int
) -> None:
    name, since = period_of(day.isoformat(), f"{length}d")
    first = date.fromisoformat(since)

    assert first <= day < first + timedelta(days=length)
    assert period_of((first + timedelta(days=length)).isoformat(), f"{length}d")[0] != name
