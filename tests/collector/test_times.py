"""Moments in the forms in which sites and file names write them."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.times import from_epoch, from_text, in_file_name, iso, to_epoch


@pytest.mark.parametrize("value", [1_767_600_000, 1_767_600_000.0, 1_767_600_000.9, "1767600000", "1767600000.0"])
def test_seconds_may_be_a_whole_number_a_fraction_or_a_text(value: Any) -> None:
    assert from_epoch(value) == "2026-01-05T08:00:00Z"


@pytest.mark.parametrize("value", [None, False, True, ""])
def test_nothing_and_truth_values_are_no_time(value: Any) -> None:
    assert from_epoch(value) is None


@pytest.mark.parametrize("value", [0, -5, 1_767_600_000_000, "yesterday", float("nan"), float("inf"), 7_258_118_400])
def test_a_number_that_can_be_no_time_in_seconds_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match=r"no time between|could not convert"):
        from_epoch(value)


@pytest.mark.parametrize("value", [[], {}])
def test_what_is_no_number_at_all_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        from_epoch(value)


@given(st.integers(631_152_000, 7_258_118_399))
def test_every_second_between_1990_and_2200_reads_as_itself(second: int) -> None:
    found = from_epoch(second)

    assert found is not None
    assert datetime.fromisoformat(found).timestamp() == second


def test_a_moment_is_written_in_universal_time() -> None:
    assert iso(datetime(2026, 1, 5, 14, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=6)))) == "2026-01-05T08:00:00Z"
    assert iso(datetime(2026, 1, 5, 8, tzinfo=UTC)) == "2026-01-05T08:00:00Z"


@pytest.mark.parametrize(
    "value",
    ["2026-01-05T08:00:00Z", "2026-01-05T14:00:00+06:00", "2026-01-05T08:00:00.7Z", "2026-01-05 08:00:00+00:00"],
)
def test_a_written_moment_with_a_zone_is_brought_to_universal_time(value: str) -> None:
    assert from_text(value) == "2026-01-05T08:00:00Z"


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("2026-01-05T08:00:00", "bears no time zone"),
        ("2026-01-05", "bears no time zone"),
        ("1889-01-05T08:00:00Z", "no time between 1990 and 2200"),
        ("2200-01-01T00:00:00Z", "no time between 1990 and 2200"),
        ("0001-01-01T00:00:00+23:59", "."),
        ("9999-12-31T23:59:59-23:59", "."),
        ("soon", "Invalid isoformat"),
        ("", "Invalid isoformat"),
    ],
)
def test_a_written_moment_that_is_none_is_refused(value: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        from_text(value)


@pytest.mark.parametrize(
    "name",
    [
        "thread_20260105T140000+0600.json",
        "20260105T080000Z.json",
        "2026-01-05T08-00-00Z_saved.jsonl.zst",
        "bread 2026-01-05T08:00:00.123Z.json",
        "2026-01-05_08.00.00+00:00.ndjson",
    ],
)
def test_a_file_name_that_bears_a_moment_and_its_zone_tells_it(name: str) -> None:
    assert in_file_name(name) == "2026-01-05T08:00:00Z"


@pytest.mark.parametrize(
    "name",
    [
        "thread.json",
        "20260105T140000.json",
        "2026-01-05.json",
        "20261305T140000Z.json",
        "20260105T250000Z.json",
        "18890105T140000Z.json",
        "t3_1920260105T140000Z.json",
        "20260105T140000+06001.json",
        "",
    ],
)
def test_a_file_name_without_a_whole_moment_tells_none(name: str) -> None:
    assert in_file_name(name) is None


def test_a_moment_has_its_seconds_since_1970() -> None:
    assert to_epoch("2026-01-05T08:00:00Z") == 1_767_600_000
    assert to_epoch(None) is None
