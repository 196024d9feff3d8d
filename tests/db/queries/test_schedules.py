import pytest

from db.queries.runs import finish_run, start_run
from db.queries.schedules import (
    InstalledSchedule,
    Update,
    forget_schedule,
    installed_schedule,
    last_good_update,
    last_update,
    record_schedule,
)
from db.store import Store

DAILY = InstalledSchedule("cron", "24h", "05:30", "2026-03-01T08:00:00Z")
WEEKLY = InstalledSchedule("systemd", "7d", "21:07", "2026-03-02T08:00:00Z")


def _update(store: Store, day: int, state: str, command: str = "update") -> None:
    began, ended = f"2026-03-{day:02}T05:30:00Z", f"2026-03-{day:02}T05:45:00Z"
    run = start_run(store.connection, command, {}, "0.1.0", began)
    if state != "running":
        finish_run(store.connection, run, state, ended)


def test_a_study_has_no_schedule_at_first(store: Store) -> None:
    assert installed_schedule(store.connection) is None


def test_a_schedule_is_remembered_in_the_place_of_the_one_before(store: Store) -> None:
    record_schedule(store.connection, DAILY)
    record_schedule(store.connection, WEEKLY)

    assert installed_schedule(store.connection) == WEEKLY


def test_a_schedule_is_forgotten_and_nothing_else_is(store: Store) -> None:
    store.connection.execute("INSERT INTO meta (key, value) VALUES ('other', '1')")
    record_schedule(store.connection, DAILY)

    forget_schedule(store.connection)
    forget_schedule(store.connection)

    assert installed_schedule(store.connection) is None
    assert store.connection.execute("SELECT value FROM meta WHERE key = 'other'").fetchone()["value"] == "1"


def test_without_updates_there_is_no_last_one(store: Store) -> None:
    _update(store, 1, "done", command="collect run")

    assert (last_update(store.connection), last_good_update(store.connection)) == (None, None)


def test_the_last_update_is_the_one_begun_last_even_by_a_clock_that_went_back(store: Store) -> None:
    _update(store, 9, "done")
    _update(store, 3, "running")

    assert last_update(store.connection) == Update("running", "2026-03-03T05:30:00Z", None)


@pytest.mark.parametrize(
    ("state", "day"), [("done", 2), ("partial", 2), ("failed", 1), ("refused", 1), ("interrupted", 1), ("running", 1)]
)
def test_an_update_is_good_when_it_ended_and_kept_what_it_found(store: Store, state: str, day: int) -> None:
    _update(store, 1, "done")
    _update(store, 2, state)

    good = last_good_update(store.connection)
    assert good is not None
    assert good.started_at == f"2026-03-{day:02}T05:30:00Z"
