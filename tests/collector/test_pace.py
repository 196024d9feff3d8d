"""Every wait of the project."""

import pytest
from fakes.collecting import Clock
from hypothesis import given
from hypothesis import strategies as st

from collector.pace import LONGEST_CLOSED_SECONDS, Pace, PaceState, WaitCutError


def test_the_first_request_is_not_waited_for() -> None:
    clock = Clock()
    pace = clock.pace(2.0)

    pace.before_request()

    assert clock.slept == []


def test_a_distance_is_kept_between_requests() -> None:
    clock = Clock()
    pace = clock.pace(2.0)
    pace.before_request()
    clock.seconds += 0.5

    pace.before_request()
    pace.before_request()

    assert clock.slept == [1.5, 2.0]


def test_a_request_after_a_long_time_is_not_waited_for() -> None:
    clock = Clock()
    pace = clock.pace(2.0)
    pace.before_request()
    clock.seconds += 60

    pace.before_request()

    assert clock.slept == []
    assert pace.due_in() == 2.0


@pytest.mark.parametrize(("allowed", "seconds", "between"), [(10, 100, 10.0), (0, 300, 300.0), (0.4, 50, 50.0)])
def test_the_requests_that_a_site_still_allows_are_spread(allowed: float, seconds: float, between: float) -> None:
    clock = Clock()
    pace = clock.pace(2.0)
    pace.spread(allowed, seconds)
    pace.before_request()

    pace.before_request()

    assert clock.slept == [between]


def test_our_own_distance_is_kept_where_a_site_allows_more() -> None:
    clock = Clock()
    pace = clock.pace(2.0)
    pace.spread(1000, 60)
    pace.before_request()

    pace.before_request()

    assert clock.slept == [2.0]


def test_each_failed_attempt_is_waited_for_longer() -> None:
    clock = Clock()
    pace = clock.pace()

    for attempt in (1, 2, 3):
        pace.before_retry(attempt, None)

    assert clock.slept == [2.0, 4.0, 8.0]


def test_a_site_is_waited_for_as_long_as_it_asks() -> None:
    clock = Clock()
    pace = clock.pace()

    pace.before_retry(3, 11.0)
    pace.before_retry(1, 0.0)

    assert clock.slept == [11.0]


def test_all_seconds_waited_are_counted() -> None:
    clock = Clock()
    pace = clock.pace(1.0)
    pace.before_request()
    pace.before_request()

    pace.before_retry(1, 7.0)
    pace.wait(-3)

    assert pace.waited == 8.0


def after(state: PaceState | None, wall: float, seconds_between: float = 0.0) -> Pace:
    """The pace of a process that begins at this time of the wall clock."""
    assert state is not None
    pace = Clock().pace(seconds_between)
    pace.resume(state, wall)
    return pace


def test_before_its_first_request_a_pace_has_nothing_to_keep() -> None:
    assert Clock().pace().state(5_000.0) is None


def test_the_next_process_keeps_the_distance_to_the_last_request() -> None:
    clock = Clock()
    pace = clock.pace(2.0)
    pace.before_request()

    state = pace.state(5_000.0)

    assert after(state, 5_000.5, 2.0).due_in() == 1.5
    assert after(state, 5_900.0, 2.0).due_in() <= 0


def test_the_next_process_spreads_requests_as_the_site_asked() -> None:
    pace = Clock().pace(2.0)
    pace.before_request()
    pace.spread(10, 300)

    assert after(pace.state(5_000.0), 5_010.0, 2.0).due_in() == 20.0


def test_the_next_process_leaves_a_site_alone_that_is_closed() -> None:
    pace = Clock().pace()
    pace.before_request()
    pace.close(500)

    state = pace.state(5_000.0)

    assert after(state, 5_100.0).due_in() == 400.0
    assert after(state, 5_501.0).due_in() <= 0


@given(
    last=st.floats(-1e10, 1e10),
    between=st.floats(0, 1e10),
    closed=st.floats(0, 1e10),
    wall=st.floats(0, 1e10),
)
def test_whatever_clock_was_wrong_nobody_waits_longer_than_a_day(
    last: float, between: float, closed: float, wall: float
) -> None:
    pace = after(PaceState(last, between, closed), wall, 0.5)

    assert pace.due_in() <= LONGEST_CLOSED_SECONDS + 1
    assert pace.state(wall) is not None


def test_a_clock_that_was_put_back_makes_no_difference_to_the_distance() -> None:
    assert after(PaceState(9_000.0, 0.0, 0.0), 100.0, 2.0).due_in() == 2.0


def test_a_clock_that_was_put_forward_opens_a_site_too_early_and_does_no_more() -> None:
    assert after(PaceState(100.0, 0.0, 500.0), 9_000.0, 2.0).due_in() <= 0


@pytest.mark.parametrize(("allowed", "seconds"), [(float("nan"), 10), (1, float("inf")), (float("inf"), 3)])
def test_what_is_no_number_is_not_heard(allowed: float, seconds: float) -> None:
    pace = Clock().pace(2.0)
    pace.spread(2, 20)

    pace.spread(allowed, seconds)
    pace.before_request()

    assert pace.due_in() == 10.0


@pytest.mark.parametrize("seconds", [float("inf"), 1e12])
def test_no_site_is_closed_for_longer_than_a_day(seconds: float) -> None:
    pace = Clock().pace()

    pace.close(seconds)

    assert pace.due_in() == LONGEST_CLOSED_SECONDS


def test_a_request_whose_wait_was_cut_short_is_not_made() -> None:
    clock = Clock()
    stop = [False]
    pace = Pace(2.0, now=clock.now, sleep=lambda _: stop.__setitem__(0, True), stopped=lambda: stop[0])
    pace.before_request()

    with pytest.raises(WaitCutError):
        pace.before_request()

    assert pace.due_in() == 2.0


def test_a_request_that_need_not_wait_is_made_although_the_end_was_asked_for() -> None:
    pace = Pace(0.0, now=Clock().now, stopped=lambda: True)

    pace.before_request()

    assert pace.waited == 0
