"""Every wait of the project."""

import pytest
from fakes.collecting import Clock


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
