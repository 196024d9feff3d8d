from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fakes.schedulers import Schedulers
from fakes.study import make_study
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.times import iso
from db.errors import Busy, ConfigurationError, GroundswellError
from db.queries.runs import finish_run, start_run
from db.queries.schedules import InstalledSchedule, installed_schedule, record_schedule
from groundswell import scheduling
from groundswell.schedule_formats import Kind, cron_block, systemd_units
from groundswell.scheduling import (
    Called,
    call_program,
    default_kind,
    install,
    installed,
    job_of,
    preview,
    remove,
    schedule_report,
    schedule_state,
    this_program,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groundswell.schedule_formats import Job
    from groundswell.scheduling import Report, State
    from groundswell.study import Study

NOW = "2026-03-01T08:00:00Z"
DAILY = InstalledSchedule("cron", "24h", "05:30", NOW)
MINE = b"MAILTO=mira\n0 5 * * * backup\n"

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows has neither cron nor systemd")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Schedulers:
    """A machine with cron and systemd on which nothing is scheduled."""
    schedulers = Schedulers(tmp_path / "a machine")
    monkeypatch.setenv("PATH", schedulers.path)
    return schedulers


@pytest.fixture
def job(study: Study) -> Job:
    return job_of(study, "24h", "05:30")


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A computer whose clock shows the time of Berlin."""
    with monkeypatch.context() as environment:
        environment.setenv("TZ", "Europe/Berlin")
        time.tzset()
        yield
    time.tzset()


def _record(study: Study, schedule: InstalledSchedule = DAILY) -> None:
    with study.store() as store, store.write() as connection:
        record_schedule(connection, schedule)


def _recorded(study: Study) -> InstalledSchedule | None:
    with study.store() as store:
        return installed_schedule(store.connection)


def _update(study: Study, began: str, state: str = "done") -> None:
    with study.store() as store, store.write() as connection:
        run = start_run(connection, "update", {}, "0.1.0", began)
        if state != "running":
            finish_run(connection, run, state, began)


def _state(study: Study, now: str) -> State:
    with study.store() as store:
        return schedule_state(study, store.connection, now)


def _days_later(days: float) -> str:
    return iso(datetime.fromisoformat(NOW) + timedelta(days=days))


def _unit_files() -> dict[str, str]:
    folder = Path.home() / ".config" / "systemd" / "user"
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*"))}


# The job


def test_a_job_starts_this_program_from_anywhere_for_the_folder_itself(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(study.root.parent)

    assert job_of(study).command == [*this_program(), "-C", str(study.root.resolve()), "--quiet", "update"]


def test_the_program_that_is_named_is_there_and_is_this_one() -> None:
    ran = subprocess.run([*this_program(), "version"], capture_output=True, text=True, check=True, cwd="/")

    assert Path(this_program()[0]).is_absolute()
    assert re.fullmatch(r"[0-9.a-z]+\n", ran.stdout)


def test_without_the_script_the_module_is_started_and_no_folder_of_the_users_is_taken_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))

    assert this_program() == (str(tmp_path / "python"), "-P", "-m", "groundswell")


def test_on_windows_the_script_is_an_exe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "groundswell.exe").touch(mode=0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python.exe"))
    found = []
    with monkeypatch.context() as windows:
        windows.setattr(scheduling, "os", _Windows)
        found.append(this_program())

    assert found == [(str(tmp_path / "groundswell.exe"),)]


class _Windows:
    """The part of the module os that is looked at, as Windows has it."""

    name = "nt"
    access = staticmethod(os.access)
    X_OK = os.X_OK


def test_two_studies_are_updated_at_two_times(tmp_path: Path) -> None:
    times = {job_of(make_study(tmp_path / f"study{number}")).timing.at for number in range(4)}

    assert len(times) > 1


def test_the_time_follows_the_key_and_needs_none(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    with_key = job_of(study).timing
    (study.root / ".env").unlink()
    monkeypatch.delenv("GROUNDSWELL_KEY", raising=False)
    without_key = job_of(scheduling.Study(study.root, study.file, type(study.settings)())).timing

    assert with_key != without_key


# Which scheduler there is


def test_a_machine_with_a_session_of_systemd_has_systemd(machine: Schedulers) -> None:
    assert default_kind() is Kind.SYSTEMD
    assert machine.calls == ["show-environment"]


def test_without_such_a_session_it_has_cron(machine: Schedulers) -> None:
    machine.refuse("systemctl", "show-environment", "Failed to connect to bus")

    assert default_kind() is Kind.CRON


@pytest.mark.parametrize(("platform", "kind"), [("darwin", Kind.LAUNCHD), ("linux", Kind.CRON)])
def test_a_mac_has_launchd(platform: str, kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", platform)

    assert default_kind(lambda _arguments, _given: Called(127)) is kind


def test_windows_has_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    with monkeypatch.context() as windows:
        windows.setattr(scheduling, "os", _Windows)
        found.append(default_kind())

    assert found == [Kind.WINDOWS]


# Programs outside


def test_a_program_gets_its_input_and_answers_with_code_and_streams() -> None:
    called = call_program(["sh", "-c", "cat; echo wrong >&2; exit 3"], b"given")

    assert (called.code, called.out, called.err, called.reason) == (3, b"given", b"wrong\n", "wrong")


def test_a_program_that_is_missing_answers_as_in_a_shell(machine: Schedulers) -> None:
    machine.without("crontab")

    called = call_program(["crontab", "-l"])

    assert (called.code, called.reason) == (127, "crontab: there is no such program")


def test_a_program_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduling, "CALL_SECONDS", 0.2)

    called = call_program(["sleep", "10"])

    assert (called.code, called.reason) == (124, "sleep: no answer in 0.2 seconds")


@pytest.mark.parametrize(
    ("called", "reason"),
    [(Called(1, b"out", b"\n  err \nmore"), "err"), (Called(1, b"out"), "out"), (Called(9), "exit code 9")],
)
def test_the_reason_of_a_failure_is_the_first_line_that_says_something(called: Called, reason: str) -> None:
    assert called.reason == reason


# cron


def test_a_cron_job_stands_above_a_crontab_that_stays_as_it_is(machine: Schedulers, study: Study, job: Job) -> None:
    machine.table = MINE

    install(study, job, Kind.CRON, NOW)

    assert machine.table == cron_block(job).encode() + MINE
    assert _recorded(study) == DAILY
    assert installed(study) == {Kind.CRON: cron_block(job).splitlines()}


def test_a_user_without_a_crontab_gets_one(machine: Schedulers, study: Study, job: Job) -> None:
    install(study, job, Kind.CRON, NOW)

    assert machine.table == cron_block(job).encode()


def test_installed_twice_it_is_there_once_and_written_once(machine: Schedulers, study: Study, job: Job) -> None:
    machine.table = MINE
    for _ in range(2):
        install(study, job, Kind.CRON, NOW)

    assert machine.table == cron_block(job).encode() + MINE
    assert machine.writes == 1


def test_another_timing_takes_the_place_of_the_first(machine: Schedulers, study: Study, job: Job) -> None:
    weekly = job_of(study, "7d", "21:07")
    install(study, job, Kind.CRON, NOW)
    install(study, weekly, Kind.CRON, NOW)

    assert machine.table == cron_block(weekly).encode()
    assert _recorded(study) == InstalledSchedule("cron", "7d", "21:07", NOW)


def test_two_studies_have_a_job_each_and_one_leaves_the_other(
    machine: Schedulers, study: Study, job: Job, tmp_path: Path
) -> None:
    other = make_study(tmp_path / "other 50% 'study'")
    machine.table = MINE
    install(other, job_of(other), Kind.CRON, NOW)
    alone = machine.table
    install(study, job, Kind.CRON, NOW)

    assert remove(study) == [Kind.CRON]
    assert machine.table == alone
    assert list(installed(other)) == [Kind.CRON]


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    crontab=st.binary(max_size=60) | st.sampled_from([b"", b"\n", b"no end", b"# begin groundswell-x-00000000: /x\n"])
)
def test_installed_and_removed_through_crontab_the_table_is_what_it_was(
    machine: Schedulers, study: Study, job: Job, crontab: bytes
) -> None:
    machine.table = crontab

    install(study, job, Kind.CRON, NOW)
    remove(study)

    assert machine.table == crontab
    assert _recorded(study) is None


def test_a_crontab_that_cannot_be_read_is_never_taken_for_an_empty_one(
    machine: Schedulers, study: Study, job: Job
) -> None:
    machine.table = MINE
    machine.refuse("crontab", "-l", "cannot read: I/O error")

    with pytest.raises(GroundswellError, match="the crontab cannot be read: cannot read: I/O error"):
        install(study, job, Kind.CRON, NOW)

    assert (machine.table, machine.writes, _recorded(study)) == (MINE, 0, None)


def test_the_cron_of_busybox_says_otherwise_that_there_is_no_crontab(
    machine: Schedulers, study: Study, job: Job
) -> None:
    machine.refuse("crontab", "-l", "crontab: can't open 'mira': No such file or directory")

    install(study, job, Kind.CRON, NOW)

    assert machine.table == cron_block(job).encode()


def test_a_cron_that_refuses_leaves_nothing_scheduled(machine: Schedulers, study: Study, job: Job) -> None:
    machine.table = MINE
    machine.refuse("crontab", "-", '"-":0: bad minute')

    with pytest.raises(GroundswellError, match='cron did not take the crontab: "-":0: bad minute') as raised:
        install(study, job, Kind.CRON, NOW)

    assert raised.value.exit_code == 1
    assert (machine.table, _recorded(study)) == (MINE, None)


def test_a_machine_without_cron_says_so(machine: Schedulers, study: Study, job: Job) -> None:
    machine.without("crontab")

    with pytest.raises(ConfigurationError, match="there is no cron here"):
        install(study, job, Kind.CRON, NOW)


def test_a_cron_that_refuses_keeps_the_schedule_that_was_to_be_removed(
    machine: Schedulers, study: Study, job: Job
) -> None:
    install(study, job, Kind.CRON, NOW)
    machine.refuse("crontab", "-", "disk full")

    with pytest.raises(GroundswellError, match="disk full"):
        remove(study)

    assert (_recorded(study), list(installed(study))) == (DAILY, [Kind.CRON])


def test_a_job_of_cron_is_not_forgotten_while_its_crontab_cannot_be_read(
    machine: Schedulers, study: Study, job: Job
) -> None:
    install(study, job, Kind.CRON, NOW)
    machine.refuse("crontab", "-l", "cannot read")

    with pytest.raises(GroundswellError, match="cannot read"):
        remove(study)

    assert _recorded(study) == DAILY


def test_while_another_process_writes_to_the_study_nothing_is_scheduled(
    machine: Schedulers, study: Study, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.store.BUSY_TIMEOUT_MS", 10)
    with study.store() as store, store.write(), pytest.raises(Busy):
        install(study, job, Kind.CRON, NOW)

    assert machine.table is None


# systemd


def test_a_timer_is_written_and_started(machine: Schedulers, study: Study, job: Job) -> None:
    install(study, job, Kind.SYSTEMD, NOW)

    assert _unit_files() == systemd_units(job)
    assert machine.calls == ["daemon-reload", f"enable --now {job.name}.timer"]
    assert machine.active
    timer = Path.home() / ".config" / "systemd" / "user" / f"{job.name}.timer"
    assert installed(study) == {Kind.SYSTEMD: [str(timer), "OnCalendar=*-*-* 05:30:00"]}


def test_a_timer_is_stopped_and_taken_away(machine: Schedulers, study: Study, job: Job) -> None:
    install(study, job, Kind.SYSTEMD, NOW)

    assert remove(study) == [Kind.SYSTEMD]
    assert (_unit_files(), machine.active, _recorded(study)) == ({}, False, None)
    assert machine.calls[-2:] == [f"disable --now {job.name}.timer", "daemon-reload"]


@pytest.mark.parametrize("verb", ["daemon-reload", "enable"])
def test_a_systemd_that_refuses_leaves_nothing_behind(machine: Schedulers, study: Study, job: Job, verb: str) -> None:
    machine.refuse("systemctl", verb, "Failed to connect to bus")

    with pytest.raises(GroundswellError, match=f"systemctl --user {verb} failed: Failed to connect to bus"):
        install(study, job, Kind.SYSTEMD, NOW)

    assert (_unit_files(), machine.active, _recorded(study)) == ({}, False, None)


def test_a_systemd_that_refuses_a_new_timing_keeps_the_old_one(machine: Schedulers, study: Study, job: Job) -> None:
    install(study, job, Kind.SYSTEMD, NOW)
    machine.refuse("systemctl", "enable", "no")

    with pytest.raises(GroundswellError, match="no"):
        install(study, job_of(study, "7d", "21:07"), Kind.SYSTEMD, NOW)

    assert _unit_files() == systemd_units(job)
    assert machine.active
    assert _recorded(study) == InstalledSchedule("systemd", "24h", "05:30", NOW)


def test_a_systemd_that_refuses_keeps_the_timer_that_was_to_be_removed(
    machine: Schedulers, study: Study, job: Job
) -> None:
    install(study, job, Kind.SYSTEMD, NOW)
    machine.refuse("systemctl", "disable", "no")

    with pytest.raises(GroundswellError, match="no"):
        remove(study)

    assert len(_unit_files()) == 2
    assert _recorded(study) is not None


def test_a_machine_without_cron_may_have_systemd(machine: Schedulers, study: Study, job: Job) -> None:
    machine.without("crontab")

    install(study, job, Kind.SYSTEMD, NOW)

    assert remove(study) == [Kind.SYSTEMD]


# One schedule a study


@pytest.mark.parametrize(("first", "second"), [(Kind.CRON, Kind.SYSTEMD), (Kind.SYSTEMD, Kind.CRON)])
def test_a_study_is_not_scheduled_by_two_programs(
    machine: Schedulers, study: Study, job: Job, first: Kind, second: Kind
) -> None:
    install(study, job, first, NOW)
    before = (machine.table, _unit_files(), _recorded(study))

    with pytest.raises(GroundswellError, match=f"scheduled already, by {first.value}") as raised:
        install(study, job, second, NOW)

    assert raised.value.hint == "groundswell schedule remove takes that one away"
    assert (machine.table, _unit_files(), _recorded(study)) == before


@pytest.mark.parametrize("kind", [Kind.LAUNCHD, Kind.WINDOWS])
def test_what_is_only_printed_is_not_installed(machine: Schedulers, study: Study, job: Job, kind: Kind) -> None:
    with pytest.raises(GroundswellError, match="only printed") as raised:
        install(study, job, kind, NOW)

    assert f"schedule print --kind {kind.value}" in (raised.value.hint or "")
    assert (machine.table, _recorded(study)) == (None, None)


def test_a_preview_shows_all_that_is_written(job: Job) -> None:
    cron, systemd = "\n".join(preview(job, Kind.CRON)), "\n".join(preview(job, Kind.SYSTEMD))

    assert cron_block(job).rstrip("\n") in cron
    assert all(name in systemd and content.rstrip("\n") in systemd for name, content in systemd_units(job).items())


def test_nothing_is_removed_where_nothing_is(machine: Schedulers, study: Study) -> None:
    machine.table = MINE

    assert remove(study) == []
    assert (machine.table, machine.writes, machine.calls) == (MINE, 0, [])


def test_a_schedule_whose_lines_are_gone_is_forgotten(machine: Schedulers, study: Study, job: Job) -> None:
    install(study, job, Kind.CRON, NOW)
    machine.table = MINE

    assert remove(study) == []
    assert (_recorded(study), machine.table) == (None, MINE)


# How updates go


def test_a_study_that_nobody_schedules_misses_nothing(study: Study) -> None:
    state = _state(study, NOW)

    assert (state.schedule, state.missed, state.failed, state.lines) == (None, False, False, [])


def test_updates_by_hand_that_went_well_need_no_word(study: Study) -> None:
    _update(study, NOW)

    assert _state(study, _days_later(99)).lines == []


@pytest.mark.parametrize(("every", "allowed"), [("1h", 1.25 / 24), ("6h", 7.5 / 24), ("24h", 1.25), ("7d", 7.25)])
def test_an_update_is_missed_when_the_interval_is_over_by_a_quarter_and_six_hours_at_most(
    study: Study, every: str, allowed: float
) -> None:
    _record(study, InstalledSchedule("cron", every, "05:30", NOW))

    assert not _state(study, _days_later(allowed)).missed
    assert _state(study, iso(datetime.fromisoformat(_days_later(allowed)) + timedelta(seconds=1))).missed


def test_any_update_since_makes_up_for_it(study: Study) -> None:
    _record(study)
    _update(study, _days_later(3))

    assert not _state(study, _days_later(4)).missed
    assert _state(study, _days_later(5)).missed


def test_before_its_first_update_a_new_schedule_is_not_late_because_of_an_old_update(study: Study) -> None:
    _update(study, _days_later(-30))
    _record(study)

    assert not _state(study, _days_later(1)).missed


def test_an_update_of_the_future_hides_no_missed_one(study: Study) -> None:
    _record(study)
    _update(study, "2038-01-19T03:14:08Z")

    assert _state(study, _days_later(2)).missed


def test_a_clock_that_jumped_back_before_the_installation_makes_nothing_late(study: Study) -> None:
    _record(study)

    assert not _state(study, _days_later(-400)).missed


@pytest.mark.parametrize(
    ("state", "failed"),
    [
        ("done", False),
        ("partial", False),
        ("running", False),
        ("failed", True),
        ("refused", True),
        ("interrupted", True),
    ],
)
def test_an_update_failed_when_it_kept_nothing_or_was_cut_off(study: Study, state: str, failed: bool) -> None:
    _record(study)
    _update(study, NOW, state)

    assert _state(study, NOW).failed is failed


def test_the_state_is_told_in_lines(study: Study) -> None:
    _record(study)
    _update(study, _days_later(1))
    _update(study, _days_later(2), "refused")

    assert _state(study, _days_later(9)).lines == [
        "updated every day at 05:30 by cron",
        "the last update began 2026-03-03T08:00:00Z and ended refused",
        "the last that ended well began 2026-03-02T08:00:00Z",
        "an update was missed: groundswell schedule status tells more, groundswell update makes up for it",
    ]


def test_a_failed_update_is_told_without_a_schedule_too(study: Study) -> None:
    _update(study, NOW, "failed")

    assert _state(study, NOW).lines == [
        "the last update began 2026-03-01T08:00:00Z and ended failed",
        "no update ever ended well",
    ]


def test_an_update_without_an_end_may_still_go_on(study: Study) -> None:
    _record(study)
    _update(study, NOW, "running")

    assert _state(study, NOW).lines[-1] == "the last update began 2026-03-01T08:00:00Z and goes on, or was killed"


def _reported(study: Study, now: str = NOW) -> Report:
    return schedule_report(study, now)


def test_the_report_of_a_study_without_a_schedule(machine: Schedulers, study: Study) -> None:
    report = _reported(study)

    assert machine.writes == 0
    assert report.in_order
    assert report.lines() == ["no schedule is installed for this study"]
    assert report.as_dict()["installed"] is None


@pytest.mark.usefixtures("machine", "berlin")
def test_the_report_tells_when_the_next_update_starts_by_the_local_clock(study: Study, job: Job) -> None:
    install(study, job, Kind.CRON, NOW)
    _update(study, _days_later(1))

    winter, summer = _reported(study, "2026-03-28T12:00:00Z"), _reported(study, "2026-03-29T12:00:00Z")

    assert (winter.next_at, summer.next_at) == ("2026-03-29T03:30:00Z", "2026-03-30T03:30:00Z")
    assert _reported(study, NOW).next_at == "2026-03-02T04:30:00Z"


@pytest.mark.usefixtures("machine")
def test_the_report_of_a_schedule_in_order(study: Study, job: Job) -> None:
    install(study, job, Kind.SYSTEMD, NOW)
    _update(study, _days_later(1))

    report = _reported(study, _days_later(1.1))

    assert report.in_order
    assert report.next_at is not None
    assert report.lines() == [
        "updated every day at 05:30 by systemd",
        "the last update began 2026-03-02T08:00:00Z and ended done",
        "systemd:",
        *(f"  {line}" for line in installed(study)[Kind.SYSTEMD]),
        f"the next update starts {report.next_at}",
    ]
    assert report.as_dict() == {
        "installed": {"kind": "systemd", "every": "24h", "at": "05:30"},
        "installed_at": NOW,
        "held_by": {"systemd": installed(study)[Kind.SYSTEMD]},
        "last_started_at": "2026-03-02T08:00:00Z",
        "last_finished_at": "2026-03-02T08:00:00Z",
        "last_state": "done",
        "last_good_at": "2026-03-02T08:00:00Z",
        "next_at": report.next_at,
        "missed": False,
        "failed": False,
        "problems": [],
    }


@pytest.mark.parametrize(("state", "days"), [("failed", 0.5), ("done", 2)], ids=["failed", "missed"])
@pytest.mark.usefixtures("machine")
def test_a_failed_and_a_missed_update_are_not_in_order(study: Study, job: Job, state: str, days: float) -> None:
    install(study, job, Kind.CRON, NOW)
    _update(study, NOW, state)

    assert not _reported(study, _days_later(days)).in_order


@pytest.mark.parametrize("kind", [Kind.CRON, Kind.SYSTEMD])
def test_a_schedule_that_somebody_took_out_by_hand_shows(
    machine: Schedulers, study: Study, job: Job, kind: Kind
) -> None:
    install(study, job, kind, NOW)
    machine.table = MINE
    for name in _unit_files():
        (Path.home() / ".config" / "systemd" / "user" / name).unlink()

    report = _reported(study)

    assert not report.in_order
    assert report.next_at is None
    assert report.lines()[-1].startswith(f"{kind.value} holds no schedule of this study any more")


def test_a_timer_that_does_not_run_shows(machine: Schedulers, study: Study, job: Job) -> None:
    install(study, job, Kind.SYSTEMD, NOW)
    machine.stop_timer()

    report = _reported(study)

    assert report.next_at is None
    assert report.problems == [f"the timer is not active (inactive): systemctl --user enable --now {job.name}.timer"]


def test_lines_that_were_pasted_by_hand_are_shown_and_removed(machine: Schedulers, study: Study, job: Job) -> None:
    machine.table = cron_block(job).encode() + MINE

    report = _reported(study)

    assert report.in_order
    assert report.lines() == ["cron:", *(f"  {line}" for line in cron_block(job).splitlines())]
    assert remove(study) == [Kind.CRON]
    assert machine.table == MINE


def test_now_is_a_moment_of_the_same_form_as_those_that_are_stored(study: Study) -> None:
    _record(study)
    _update(study, iso(datetime.now(UTC)))

    assert not _state(study, iso(datetime.now(UTC))).missed
