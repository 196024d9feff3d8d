from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from groundswell.web.charts import HEIGHT, WIDTH, bars, place, steps

DAYS = st.dates(date(2020, 1, 1), date(2025, 12, 31))


def test_a_bar_stands_for_each_day_with_posts_the_highest_for_most() -> None:
    found = bars({"2026-01-01": 2, "2026-01-03": 4}, "2026-01-01", "2026-01-04")
    assert found.unit == "day"
    assert found.counts == (("2026-01-01", 2), ("2026-01-03", 4))
    assert [bar.x for bar in found.bars] == [0, 120]
    assert found.bars[1].height == 2 * found.bars[0].height == HEIGHT - 1
    assert found.total == 6


def test_days_without_any_between_others_are_a_gap_and_those_at_the_ends_are_none() -> None:
    found = bars({"2026-01-02": 1, "2026-01-05": 1}, "2026-01-01", "2026-01-09")
    assert [(gap.start, gap.end) for gap in found.empty] == [("2026-01-03", "2026-01-04")]
    assert len(found.gaps) == 1


def test_a_long_time_is_told_in_weeks_and_a_very_long_one_in_months() -> None:
    days = {"2025-01-01": 1, "2025-01-02": 1}
    assert bars(days, "2025-01-01", "2025-12-31").counts == (("2024-12-30", 2),)
    assert bars(days, "2020-01-01", "2025-12-31").counts == (("2025-01-01", 2),)


@given(st.dictionaries(DAYS, st.integers(1, 99), min_size=1, max_size=20))
def test_all_posts_are_in_the_picture(numbers: dict[date, int]) -> None:
    found = bars(
        {day.isoformat(): number for day, number in numbers.items()}, min(numbers).isoformat(), max(numbers).isoformat()
    )
    assert found.total == sum(numbers.values())
    assert len(found.bars) == len(found.counts) <= 130
    for box in (*found.bars, *found.gaps):
        assert 0 <= box.x <= box.x + box.width <= WIDTH + 0.5
        assert 0 <= box.y <= box.y + box.height <= HEIGHT + 0.01


def test_what_is_left_goes_down_day_by_day() -> None:
    found = steps(10, {"2026-01-01": 4, "2026-01-03": 6})
    assert found.left == (("2026-01-01", 6), ("2026-01-03", 0))
    assert found.path == "M0 2H80.0V13.2H240.0V30.0"


def test_nothing_read_and_nothing_to_read_draw_nothing() -> None:
    assert steps(10, {}).path == ""
    assert steps(0, {"2026-01-01": 1}).path == ""


def test_more_read_than_given_is_nothing_left() -> None:
    assert steps(1, {"2026-01-01": 2}).left == (("2026-01-01", 0),)


def test_a_share_beyond_the_scale_lies_at_its_edge() -> None:
    assert [place(-0.2), place(0.5), place(1.7)] == [0, WIDTH / 2, WIDTH]


@given(DAYS, st.integers(0, 800))
def test_a_line_of_time_begins_with_its_first_day_and_reaches_its_last(start: date, length: int) -> None:
    end = start + timedelta(days=length)
    found = bars({start.isoformat(): 1, end.isoformat(): 1}, start.isoformat(), end.isoformat())
    assert found.bars[0].x == 0
    assert found.bars[-1].x + found.bars[-1].width <= WIDTH + 0.5
    assert found.total == (2 if length else 1)
