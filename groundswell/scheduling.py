"""Schedules: what starts a study's updates, installed and taken away, and whether it does.

A schedule is one job a study, held by cron or by the user's systemd. That it was installed is noted in the database, so
that `groundswell status` can tell a missed update from a study that nobody scheduled.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from sqlite3 import Connection  # noqa: TID251 - only handed on to db.queries
from typing import Any

from collector.due import early, parse_cadence
from collector.people import fingerprint
from collector.times import iso
from db.errors import ConfigurationError, GroundswellError
from db.queries import schedules
from db.queries.schedules import InstalledSchedule, Update
from groundswell.schedule_formats import (
    DAILY,
    SYSTEMD_FOLDER,
    Job,
    Kind,
    Timing,
    block,
    cron_block,
    job_name,
    systemd_units,
    timing,
    with_block,
    without_block,
)
from groundswell.study import Study

CALL_SECONDS = 60
NOT_FOUND = 127
"""What a shell answers where there is no such program."""

_NO_CRONTAB = re.compile(rb"(?i)no crontab for|can't open .*no such file")
_ILL = frozenset({"failed", "refused", "interrupted"})


@dataclass(frozen=True, slots=True)
class Called:
    """What an outside program answered."""

    code: int
    out: bytes = b""
    err: bytes = b""

    @property
    def reason(self) -> str:
        """Why it failed, on one line."""
        said = (self.err or self.out).decode("utf-8", "replace").split("\n")
        return next((line.strip() for line in said if line.strip()), f"exit code {self.code}")


Call = Callable[[Sequence[str], bytes], Called]


def call_program(arguments: Sequence[str], given: bytes = b"") -> Called:
    """Run a program of the system; one that is missing or hangs answers as it would in a shell."""
    program = shutil.which(arguments[0])
    if program is None:
        return Called(NOT_FOUND, err=f"{arguments[0]}: there is no such program".encode())
    try:
        ran = subprocess.run(  # noqa: S603 - crontab and systemctl, with words of ours
            [program, *arguments[1:]], input=given, capture_output=True, check=False, timeout=CALL_SECONDS
        )
    except subprocess.TimeoutExpired:
        return Called(124, err=f"{arguments[0]}: no answer in {CALL_SECONDS} seconds".encode())
    return Called(ran.returncode, ran.stdout, ran.stderr)


def this_program() -> tuple[str, ...]:
    """How this groundswell is started from anywhere, with its full path."""
    python = Path(sys.executable)
    script = python.with_name("groundswell.exe" if os.name == "nt" else "groundswell")
    # -P: a folder of the user's, named like one of our packages, is not to be taken for it.
    return (str(script),) if os.access(script, os.X_OK) else (str(python), "-P", "-m", "groundswell")


def job_of(study: Study, every: str = DAILY, at: str | None = None) -> Job:
    """The job that updates a study.

    Args:
        study: whose updates.
        every: the interval, such as 6h, 24h or 7d.
        at: a time of day as HH:MM; None = one that differs from study to study.

    Raises:
        GroundswellError: interval or time cannot be scheduled.
        ConfigurationError: a path cannot be.
    """
    return Job(study.root.resolve(), this_program(), _timing(study, every, at))


def default_kind(call: Call = call_program) -> Kind:
    """The kind of scheduler that this machine has: systemd where the user has one, else cron."""
    if os.name == "nt":
        return Kind.WINDOWS
    if sys.platform == "darwin":
        return Kind.LAUNCHD
    return Kind.SYSTEMD if call(["systemctl", "--user", "show-environment"], b"").code == 0 else Kind.CRON


def preview(job: Job, kind: Kind) -> list[str]:
    """What an installation would write, and where, as lines for a person.

    Raises:
        GroundswellError: this kind is only printed.
    """
    if kind is Kind.CRON:
        return ["into your crontab, above what is there:", "", *cron_block(job).splitlines()]
    if kind is Kind.SYSTEMD:
        return [
            line
            for name, content in systemd_units(job).items()
            for line in (f"{SYSTEMD_FOLDER}/{name}:", "", *content.splitlines(), "")
        ]
    raise GroundswellError(
        f"a schedule of {kind.value} is not installed, only printed",
        hint=f"groundswell schedule print --kind {kind.value} says what to type",
    )


def install(study: Study, job: Job, kind: Kind, now: str, call: Call = call_program) -> None:
    """Install a job; installed a second time, it takes the place of the first.

    Raises:
        GroundswellError: another kind holds a job of this study already, or the scheduler refused; nothing is changed
            then.
        Busy: another process is writing to the study; nothing is changed.
    """
    preview(job, kind)
    other = next((held for held in installed(study, call) if held is not kind), None)
    if other is not None:
        raise GroundswellError(
            f"this study is scheduled already, by {other.value}; two schedules would start everything twice",
            hint="groundswell schedule remove takes that one away",
        )
    asked = InstalledSchedule(kind.value, job.timing.interval, f"{job.timing.at:%H:%M}", now)
    with study.store() as store, store.write() as connection:
        schedules.record_schedule(connection, asked)
        if kind is Kind.CRON:
            _change_crontab(lambda crontab: with_block(crontab, job), call)
        else:
            _install_units(job, call)


def remove(study: Study, call: Call = call_program) -> list[Kind]:
    """Take the jobs of a study away from whoever holds them, and forget the schedule.

    Returns:
        Who held one.

    Raises:
        GroundswellError: a scheduler refused; the schedule is not forgotten then.
    """
    name, held = _name(study), list(installed(study, call))
    with study.store() as store, store.write() as connection:
        schedules.forget_schedule(connection)
        for kind in held:
            if kind is Kind.CRON:
                _change_crontab(lambda crontab: without_block(crontab, name), call)
            else:
                _remove_units(name, call)
    return held


def installed(study: Study, call: Call = call_program) -> dict[Kind, list[str]]:
    """Who holds a job of a study, and its lines there.

    Raises:
        GroundswellError: the study is scheduled by cron, and the crontab cannot be read. Where it is not, a crontab that
            cannot be read is none of ours.
    """
    with study.store() as store:
        schedule = schedules.installed_schedule(store.connection)
    name = _name(study)
    found: dict[Kind, list[str]] = {}
    try:
        lines = block(_read_crontab(call), name)
    except GroundswellError:
        if schedule is not None and schedule.kind == Kind.CRON:
            raise
        lines = None
    if lines is not None:
        found[Kind.CRON] = lines.splitlines()
    timer = _folder() / f"{name}.timer"
    if timer.is_file():
        found[Kind.SYSTEMD] = [str(timer), *_starts(timer)]
    return found


def _starts(timer: Path) -> list[str]:
    return [line for line in timer.read_text(encoding="utf-8").splitlines() if line.startswith("OnCalendar=")]


@dataclass(frozen=True, slots=True)
class State:
    """How a study's updates go.

    Attributes:
        schedule: what was installed; None = nothing that we know of.
        last: the update that was begun last.
        good: the newest one that kept what it found.
        missed: none was begun for longer than the schedule allows.
        failed: the last one kept nothing, or was cut off.
        lines: all that, for a person.
    """

    schedule: InstalledSchedule | None
    last: Update | None
    good: Update | None
    missed: bool
    failed: bool
    lines: list[str] = field(default_factory=list)


def schedule_state(study: Study, connection: Connection, now: str) -> State:
    """How a study's updates go, as far as the database knows; asks no other program.

    An update is missed when the last one, scheduled or by hand, or else the installation lies more than the interval and a
    quarter of it, six hours at most, back. One that began in what is the future by today's clock counts for nothing.
    """
    schedule = schedules.installed_schedule(connection)
    last, good = schedules.last_update(connection), schedules.last_good_update(connection)
    failed = last is not None and last.state in _ILL
    missed = schedule is not None and _is_late(schedule, last, now)
    lines = []
    if schedule is not None:
        lines.append(f"updated {_timing(study, schedule.every, schedule.at).words} by {schedule.kind}")
    if last is not None and (schedule is not None or failed):
        lines.append(f"the last update began {last.started_at} and {_how_it_ended(last)}")
    if failed:
        lines.append(
            "no update ever ended well" if good is None else f"the last that ended well began {good.started_at}"
        )
    if missed:
        lines.append("an update was missed: groundswell schedule status tells more, groundswell update makes up for it")
    return State(schedule, last, good, missed, failed, lines)


@dataclass(frozen=True, slots=True)
class Report:
    """A study's schedule as its database and the schedulers tell it.

    Attributes:
        state: what the database knows.
        held: who holds a job, and its lines there.
        next_at: when the next update starts, as ISO 8601 UTC; None where nothing would start it.
        problems: what stands in the way of the next updates.
    """

    state: State
    held: dict[Kind, list[str]]
    next_at: str | None
    problems: list[str]

    @property
    def in_order(self) -> bool:
        """Whether updates come when they should, and go well."""
        return not (self.state.missed or self.state.failed or self.problems)

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON shows it."""
        schedule, last, good = self.state.schedule, self.state.last, self.state.good
        return {
            "installed": None
            if schedule is None
            else {"kind": schedule.kind, "every": schedule.every, "at": schedule.at},
            "installed_at": None if schedule is None else schedule.installed_at,
            "held_by": {kind.value: lines for kind, lines in self.held.items()},
            "last_started_at": None if last is None else last.started_at,
            "last_finished_at": None if last is None else last.finished_at,
            "last_state": None if last is None else last.state,
            "last_good_at": None if good is None else good.started_at,
            "next_at": self.next_at,
            "missed": self.state.missed,
            "failed": self.state.failed,
            "problems": self.problems,
        }

    def lines(self) -> list[str]:
        """The report for a person."""
        lines = list(self.state.lines)
        if not self.held and self.state.schedule is None:
            lines.append("no schedule is installed for this study")
        for kind, written in self.held.items():
            lines += [f"{kind.value}:", *(f"  {line}" for line in written)]
        if self.next_at is not None:
            lines.append(f"the next update starts {self.next_at}")
        return lines + self.problems


def schedule_report(study: Study, now: str) -> Report:
    """What is installed for a study, when it ran last and will run next, and what is wrong with it."""
    with study.store() as store:
        state = schedule_state(study, store.connection, now)
    held = installed(study)
    problems = list(_problems(study, state, held))
    next_at = None if state.schedule is None or problems else _next(study, state.schedule, now)
    return Report(state, held, next_at, problems)


def _problems(study: Study, state: State, held: dict[Kind, list[str]]) -> Iterator[str]:
    if state.schedule is None:
        return
    kind = Kind(state.schedule.kind)
    if kind not in held:
        yield (
            f"{kind.value} holds no schedule of this study any more (was it taken out, or the folder moved?):"
            " groundswell schedule install puts it back, groundswell schedule remove forgets it"
        )
    elif kind is Kind.SYSTEMD:
        timer = f"{_name(study)}.timer"
        answer = call_program(["systemctl", "--user", "is-active", timer])
        if answer.code != 0:
            yield f"the timer is not active ({answer.reason}): systemctl --user enable --now {timer}"


def _is_late(schedule: InstalledSchedule, last: Update | None, now: str) -> bool:
    since = schedule.installed_at
    if last is not None and last.started_at <= now:
        since = max(since, last.started_at)
    every = parse_cadence(schedule.every)
    return datetime.fromisoformat(now) - datetime.fromisoformat(since) > every + early(every)


def _how_it_ended(update: Update) -> str:
    return "goes on, or was killed" if update.state == "running" else f"ended {update.state}"


def _next(study: Study, schedule: InstalledSchedule, now: str) -> str:
    here = datetime.fromisoformat(now).astimezone().replace(tzinfo=None)
    return iso(_timing(study, schedule.every, schedule.at).next_after(here).astimezone())


def _timing(study: Study, every: str, at: str | None) -> Timing:
    key = study.settings.key
    return timing(f"{study.root.resolve()}\n{'' if key is None else fingerprint(key)}", every, at)


def _name(study: Study) -> str:
    return job_name(study.root.resolve())


def _folder() -> Path:
    return Path(SYSTEMD_FOLDER).expanduser()


def _read_crontab(call: Call) -> bytes:
    """The user's crontab; empty where there is none.

    What cannot be read must not be taken for nothing: it would be written over.
    """
    answer = call(["crontab", "-l"], b"")
    if answer.code == 0:
        return answer.out
    if _NO_CRONTAB.search(answer.err):
        return b""
    if answer.code == NOT_FOUND:
        raise ConfigurationError("there is no cron here", hint="groundswell schedule print --help names other kinds")
    raise GroundswellError(f"the crontab cannot be read: {answer.reason}", hint="crontab -l has to work first")


def _change_crontab(change: Callable[[bytes], bytes], call: Call) -> None:
    before = _read_crontab(call)
    after = change(before)
    if after == before:
        return
    answer = call(["crontab", "-"], after)
    if answer.code != 0:
        raise GroundswellError(f"cron did not take the crontab: {answer.reason}", hint="the crontab is as it was")


def _install_units(job: Job, call: Call) -> None:
    folder, timer = _folder(), f"{job.name}.timer"
    units = {folder / name: content for name, content in systemd_units(job).items()}
    before = {path: path.read_bytes() if path.is_file() else None for path in units}
    folder.mkdir(parents=True, exist_ok=True)
    try:
        for path, content in units.items():
            path.write_text(content, encoding="utf-8", newline="\n")
        _systemctl(["daemon-reload"], call)
        _systemctl(["enable", "--now", timer], call)
    except (GroundswellError, OSError):
        _restore(before, timer, call)
        raise


def _restore(before: dict[Path, bytes | None], timer: str, call: Call) -> None:
    """Leave the units as they were before an installation that failed."""
    if None in before.values():
        call(["systemctl", "--user", "disable", timer], b"")
    for path, content in before.items():
        if content is None:
            path.unlink(missing_ok=True)
        else:
            path.write_bytes(content)
    call(["systemctl", "--user", "daemon-reload"], b"")


def _remove_units(name: str, call: Call) -> None:
    _systemctl(["disable", "--now", f"{name}.timer"], call)
    for suffix in ("timer", "service"):
        (_folder() / f"{name}.{suffix}").unlink(missing_ok=True)
    _systemctl(["daemon-reload"], call)


def _systemctl(arguments: Sequence[str], call: Call) -> None:
    answer = call(["systemctl", "--user", *arguments], b"")
    if answer.code != 0:
        raise GroundswellError(
            f"systemctl --user {arguments[0]} failed: {answer.reason}",
            hint="it needs a session of the user's systemd; --kind cron does without",
        )
