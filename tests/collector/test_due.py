from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.due import RHYTHMS, early, next_run, next_visit, parse_cadence, source_due
from collector.times import iso

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2199, 12, 31), timezones=st.just(UTC)).map(  # noqa: DTZ001 - hypothesis takes naive bounds
    lambda moment: moment.replace(microsecond=0)
)
CADENCES = st.timedeltas(timedelta(minutes=1), timedelta(weeks=52))


def _visited(age: timedelta) -> timedelta | None:
    """How long after a walk, made at this age of the thread, it is due again."""
    due = next_visit(iso(NOON - age), iso(NOON), iso(NOON))
    return None if due is None else datetime.fromisoformat(due) - NOON


@pytest.mark.parametrize(
    ("text", "length"),
    [("30m", timedelta(minutes=30)), ("24h", DAY), ("7d", 7 * DAY), ("2w", 14 * DAY), ("9999w", 69993 * DAY)],
)
def test_a_cadence_is_a_number_and_a_unit(text: str, length: timedelta) -> None:
    assert parse_cadence(text) == length


@pytest.mark.parametrize(
    "text", ["", "h", "24", "0h", "-1d", "1.5h", "24H", "24 h", "1d12h", "1y", "٣h", "10000w", "24h\n", "daily"]
)
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no cadence .*such as 24h or 7d") as refused:
        parse_cadence(text)

    assert repr(text) in str(refused.value)


@pytest.mark.parametrize(
    ("age", "after"),
    [
        (0 * HOUR, timedelta(minutes=45)),
        (6 * HOUR - timedelta(seconds=1), timedelta(minutes=45)),
        (6 * HOUR, timedelta(hours=4, minutes=30)),
        (2 * DAY, 18 * HOUR),
        (7 * DAY, 7 * DAY - 6 * HOUR),
        (30 * DAY, 30 * DAY - 6 * HOUR),
        (365 * DAY - HOUR, 30 * DAY - 6 * HOUR),
    ],
)
def test_a_young_thread_is_visited_often_and_an_old_one_seldom(age: timedelta, after: timedelta) -> None:
    assert _visited(age) == after


def test_a_thread_of_a_year_is_never_visited_unasked() -> None:
    assert _visited(365 * DAY) is None


def test_a_thread_whose_age_nobody_knows_is_visited_as_seldom_as_the_oldest() -> None:
    assert next_visit(None, "2026-03-01T12:00:00Z", "2026-03-01T12:00:00Z") == "2026-03-31T06:00:00Z"


def test_a_thread_that_was_never_walked_is_due_now_however_old_it_is() -> None:
    assert next_visit("2006-01-01T00:00:00Z", None, iso(NOON)) == iso(NOON)


def test_a_thread_from_the_future_is_as_young_as_can_be() -> None:
    assert _visited(-DAY) == timedelta(minutes=45)


def test_what_a_wrong_clock_walked_in_the_future_is_due_now() -> None:
    assert next_visit("2026-02-28T12:00:00Z", "2038-01-19T03:14:08Z", iso(NOON)) == iso(NOON)


def test_a_thread_that_was_walked_minutes_after_the_start_of_a_daily_run_is_due_in_the_next_one() -> None:
    walked, next_start = "2026-03-01T05:41:00Z", "2026-03-02T05:30:00Z"

    assert next_visit("2026-02-26T00:00:00Z", walked, next_start) == "2026-03-01T23:41:00Z"


def test_after_a_run_that_came_hours_late_the_source_is_due_at_the_usual_time_again() -> None:
    assert source_due(DAY, "2026-03-01T09:00:00Z", "2026-03-02T05:30:00Z")


def test_a_source_is_due_once_its_cadence_is_all_but_over() -> None:
    last = "2026-03-01T05:30:00Z"

    assert next_run(DAY, last, last) == "2026-03-01T23:30:00Z"
    assert not source_due(DAY, last, "2026-03-01T23:29:59Z")
    assert source_due(DAY, last, "2026-03-01T23:30:00Z")


def test_a_week_of_sleep_is_made_up_for_by_one_run_and_no_second_one() -> None:
    woken = NOON + 9 * DAY + 3 * HOUR
    starts = (
        [NOON + day * DAY for day in (1, 2, 3)] + [woken, woken + HOUR] + [NOON + day * DAY for day in (10, 11, 12)]
    )
    last, asked = NOON, []
    for start in starts:
        if source_due(DAY, iso(last), iso(start)):
            last = start
            asked.append(start)

    assert asked == [start for start in starts if start != woken + HOUR]


def test_a_source_that_never_ran_is_due() -> None:
    assert source_due(7 * DAY, None, iso(NOON))


def test_moments_may_bear_any_zone() -> None:
    assert not source_due(DAY, "2026-03-01T14:00:00+02:00", "2026-03-01T23:00:00+01:00")


@given(MOMENTS, MOMENTS, MOMENTS)
def test_a_visit_is_due_after_the_last_walk_unless_that_lies_in_the_future(
    created: datetime, walked: datetime, now: datetime
) -> None:
    due = next_visit(iso(created), iso(walked), iso(now))

    assert due is None or (due > iso(walked) if walked <= now else due == iso(now))


@given(MOMENTS, MOMENTS, MOMENTS)
def test_the_older_of_two_threads_is_never_due_sooner(one: datetime, other: datetime, walked: datetime) -> None:
    older, younger = (next_visit(iso(made), iso(walked), iso(walked)) for made in sorted((one, other)))

    assert older is None or (younger is not None and younger <= older)


@given(MOMENTS, MOMENTS, MOMENTS, MOMENTS)
def test_the_moment_of_a_visit_does_not_wander_while_time_goes_on(
    created: datetime, walked: datetime, one: datetime, other: datetime
) -> None:
    now, later = max(one, walked), max(other, walked)

    assert next_visit(iso(created), iso(walked), iso(now)) == next_visit(iso(created), iso(walked), iso(later))


@given(CADENCES, MOMENTS, MOMENTS)
def test_a_source_waits_for_no_longer_than_its_cadence_and_is_never_due_at_once(
    cadence: timedelta, last: datetime, now: datetime
) -> None:
    due = datetime.fromisoformat(next_run(cadence, iso(last), iso(now)))

    assert last < due <= last + cadence if last <= now else due == now


@given(CADENCES, MOMENTS)
def test_a_clock_that_jumps_back_makes_a_source_due_once(cadence: timedelta, now: datetime) -> None:
    wrong = iso(now + HOUR)

    assert source_due(cadence, wrong, iso(now))
    assert not source_due(cadence, iso(now), iso(now))


def test_the_rhythms_grow_with_age() -> None:
    ages, intervals = [r.younger_than for r in RHYTHMS], [r.every for r in RHYTHMS]

    assert ages == sorted(set(ages))
    assert intervals == sorted(set(intervals))
    assert all(early(every) < every for every in intervals)
