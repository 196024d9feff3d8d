from __future__ import annotations

import io
import json
import os
import plistlib
import sys
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from fakes.schedulers import Schedulers
from fakes.study import groundswell

from db.queries.runs import finish_run, start_run
from groundswell.schedule_formats import cron_block, systemd_units
from groundswell.scheduling import job_of

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from groundswell.schedule_formats import Job
    from groundswell.study import Study

MINE = b"0 5 * * * backup\n"
DAILY = ("--every", "24h", "--at", "05:30")

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows has neither cron nor systemd")


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Schedulers:
    """A machine with cron, a table in it, and systemd."""
    schedulers = Schedulers(tmp_path / "machine")
    schedulers.table = MINE
    monkeypatch.setenv("PATH", schedulers.path)
    monkeypatch.setattr(sys, "platform", "linux")
    return schedulers


@pytest.fixture
def job(study: Study) -> Job:
    return job_of(study, "24h", "05:30")


class Terminal(io.StringIO):
    """Standard input at which somebody sits."""

    def isatty(self) -> bool:
        return True


def _answering(answer: str) -> AbstractContextManager[object]:
    """Have the question of the next command answered at a terminal."""
    return patch("io.StringIO", lambda _typed: Terminal(f"{answer}\n"))


def test_lines_for_cron_are_printed_and_nothing_is_changed(machine: Schedulers, study: Study, job: Job) -> None:
    ran = groundswell("-C", study.root, "schedule", "print", "--kind", "cron", *DAILY)

    assert (ran.code, ran.out) == (0, cron_block(job))
    assert "groundswell schedule install --kind cron" in ran.err
    assert (machine.table, machine.writes) == (MINE, 0)


def test_by_default_what_this_machine_has_is_printed_once_a_day(study: Study) -> None:
    ran = groundswell("-C", study.root, "schedule", "print")

    units = systemd_units(job_of(study))
    assert ran.code == 0
    assert all(content.rstrip("\n") in ran.out for content in units.values())


def test_a_printed_property_list_can_be_put_into_a_file(study: Study, job: Job) -> None:
    ran = groundswell("-C", study.root, "schedule", "print", "--kind", "launchd", *DAILY)

    assert plistlib.loads(ran.out.encode())["ProgramArguments"] == job.command
    assert f"launchctl bootstrap gui/$(id -u) ~/Library/LaunchAgents/{job.name}.plist" in ran.err


def test_quiet_leaves_only_what_is_to_be_told_to_the_scheduler(study: Study) -> None:
    ran = groundswell("-C", study.root, "-q", "schedule", "print", "--kind", "windows")

    assert "Register-ScheduledTask" in ran.out
    assert ran.err == ""


@pytest.mark.parametrize("options", [("--every", "5h"), ("--at", "noon")])
def test_what_cannot_be_scheduled_is_an_error(study: Study, options: tuple[str, str]) -> None:
    ran = groundswell("-C", study.root, "schedule", "print", *options)

    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith(f"error: {options[0]}: ")


def test_an_installation_shows_what_it_writes_and_says_when(machine: Schedulers, study: Study, job: Job) -> None:
    ran = groundswell("-C", study.root, "schedule", "install", "--kind", "cron", *DAILY, "--yes")

    assert (ran.code, ran.out) == (0, f"{job.name}: every day at 05:30, by cron\n")
    assert cron_block(job) in ran.err
    assert machine.table == cron_block(job).encode() + MINE


def test_a_timer_is_installed_where_there_is_systemd_and_what_it_needs_is_said(
    machine: Schedulers, study: Study, job: Job
) -> None:
    ran = groundswell("-C", study.root, "schedule", "install", *DAILY, "--yes")

    assert (ran.code, ran.out) == (0, f"{job.name}: every day at 05:30, by systemd\n")
    assert "loginctl enable-linger" in ran.err
    assert machine.active


@pytest.mark.parametrize("command", ["install", "remove"])
def test_where_nobody_can_be_asked_nothing_is_changed_without_yes(
    machine: Schedulers, study: Study, job: Job, command: str
) -> None:
    if command == "remove":
        machine.table = cron_block(job).encode()
    before = machine.table
    ran = groundswell("-C", study.root, "schedule", command, *(["--kind", "cron"] if command == "install" else []))

    assert (ran.code, ran.out) == (1, "")
    assert "hint: --yes does it without asking\n" in ran.err
    assert (machine.table, machine.writes) == (before, 0)


def test_a_no_changes_nothing(machine: Schedulers, study: Study, job: Job) -> None:
    with _answering("n"):
        ran = groundswell("-C", study.root, "-q", "schedule", "install", "--kind", "cron", *DAILY)

    assert (ran.code, ran.out) == (0, "")
    assert cron_block(job) in ran.err
    assert (machine.table, machine.writes) == (MINE, 0)


def test_a_yes_installs_and_another_one_removes(machine: Schedulers, study: Study, job: Job) -> None:
    with _answering("y"):
        put = groundswell("-C", study.root, "schedule", "install", "--kind", "cron", *DAILY)
    installed = machine.table
    with _answering("y"):
        taken = groundswell("-C", study.root, "schedule", "remove")

    assert (put.code, installed) == (0, cron_block(job).encode() + MINE)
    assert (taken.code, taken.out) == (0, "taken from cron\n")
    assert cron_block(job) in taken.err
    assert machine.table == MINE


def test_a_no_removes_nothing(machine: Schedulers, study: Study) -> None:
    groundswell("-C", study.root, "schedule", "install", "--kind", "cron", "--yes")
    installed = machine.table

    with _answering("n"):
        ran = groundswell("-C", study.root, "schedule", "remove")

    assert (ran.code, machine.table) == (0, installed)
    assert ran.err.endswith("nothing was changed\n")


def test_with_yes_and_quiet_there_is_only_the_result(study: Study) -> None:
    ran = groundswell("-C", study.root, "-q", "schedule", "install", "--kind", "cron", "--yes")

    assert ran.out.endswith(", by cron\n")
    assert ran.err == ""


def test_what_is_not_installed_cannot_be_removed(machine: Schedulers, study: Study) -> None:
    ran = groundswell("-C", study.root, "schedule", "remove")

    assert (ran.code, ran.out) == (0, "nothing was installed for this study\n")
    assert machine.writes == 0


def test_a_kind_that_is_only_printed_is_not_installed(study: Study) -> None:
    ran = groundswell("-C", study.root, "schedule", "install", "--kind", "launchd", "--yes")

    assert (ran.code, ran.out) == (1, "")
    assert "schedule print --kind launchd" in ran.err


def test_the_status_of_a_schedule_in_order(study: Study) -> None:
    groundswell("-C", study.root, "schedule", "install", "--kind", "cron", *DAILY, "--yes")

    ran = groundswell("-C", study.root, "schedule", "status")

    assert ran.code == 0
    assert ran.out.startswith("updated every day at 05:30 by cron\n")
    assert "\nthe next update starts " in ran.out


def test_the_status_of_a_failed_update_ends_with_6(study: Study) -> None:
    groundswell("-C", study.root, "schedule", "install", "--kind", "cron", *DAILY, "--yes")
    with study.store() as store, store.write() as connection:
        run = start_run(connection, "update", {}, "0.1.0", "2026-03-01T05:30:00Z")
        finish_run(connection, run, "failed", "2026-03-01T05:31:00Z")

    ran = groundswell("-C", study.root, "schedule", "status", "--json")

    assert ran.code == 6
    assert json.loads(ran.out)["failed"] is True
    assert ran.err.startswith("error: the updates do not come as they should\n")


def test_the_status_of_a_study_without_a_schedule(study: Study) -> None:
    ran = groundswell("-C", study.root, "schedule", "status")

    assert (ran.code, ran.out, ran.err) == (0, "no schedule is installed for this study\n", "")
