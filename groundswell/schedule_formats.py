"""What cron, systemd, launchd and the Windows task scheduler have to be told so that they start a study's updates.

All of it is text made from a job; nothing here asks or changes the machine.
"""

import hashlib
import plistlib
import re
import subprocess
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from pathlib import Path

from collector.due import parse_cadence
from db.errors import ConfigurationError, GroundswellError

DAILY = "24h"
HOURS = (1, 2, 3, 4, 6, 8, 12, 24)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SYSTEMD_FOLDER = "~/.config/systemd/user"
LAUNCHD_FOLDER = "~/Library/LaunchAgents"

_HOUR, _WEEK = timedelta(hours=1), timedelta(days=7)
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
# Between 01:00 and 03:59 a local time may come twice or not at all when the clocks change.
_EARLIEST, _LATEST = 4 * 60, 24 * 60
_LINE_BREAKERS = frozenset({"Cc", "Cs", "Zl", "Zp"})


class Kind(StrEnum):
    """The program that starts the updates."""

    CRON = "cron"
    SYSTEMD = "systemd"
    LAUNCHD = "launchd"
    WINDOWS = "windows"


@dataclass(frozen=True, slots=True)
class Timing:
    """When updates start, by the local clock.

    Attributes:
        every: one of 1, 2, 3, 4, 6, 8, 12 or 24 hours, or a week.
        at: the time of day of one of them.
        weekday: 0 for Monday; it counts where `every` is a week.
    """

    every: timedelta
    at: time
    weekday: int

    @property
    def weekly(self) -> bool:
        """Whether the updates are a week apart."""
        return self.every == _WEEK

    @property
    def interval(self) -> str:
        """The interval as the command line takes it."""
        return "7d" if self.weekly else f"{self.every // _HOUR}h"

    @property
    def hours(self) -> list[int]:
        """The hours of a day in which an update starts."""
        if self.weekly:
            return [self.at.hour]
        step = self.every // _HOUR
        return list(range(self.at.hour % step, 24, step))

    @property
    def clock_times(self) -> list[str]:
        """The times of a day at which an update starts, as HH:MM."""
        return [f"{hour:02}:{self.at.minute:02}" for hour in self.hours]

    @property
    def words(self) -> str:
        """The timing for a person."""
        if self.weekly:
            return f"every {DAYS[self.weekday]} at {self.clock_times[0]}"
        if self.every == _HOUR:
            return f"every hour at minute {self.at.minute}"
        return f"every day at {', '.join(self.clock_times)}"

    def next_after(self, moment: datetime) -> datetime:
        """The first start after a moment; both are naive and local."""
        return next(
            start
            for day in range(8)
            for hour in self.hours
            if (start := datetime.combine(moment.date() + timedelta(days=day), time(hour, self.at.minute))) > moment
            and (not self.weekly or start.weekday() == self.weekday)
        )


def timing(seed: str, every: str, at: str | None) -> Timing:
    """The timing that was asked for; what was left open follows from the seed, so that not everybody asks at once.

    Args:
        seed: what differs from study to study and stays the same for one.
        every: the interval, such as 6h, 24h or 7d.
        at: a time of day as HH:MM.

    Raises:
        GroundswellError: not every scheduler can keep such an interval, or the time is none.
    """
    number = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8])
    minute_of_day = _EARLIEST + number % (_LATEST - _EARLIEST)
    return Timing(_interval(every), _clock(at) if at is not None else _time_of_day(minute_of_day), number // 1440 % 7)


def _interval(text: str) -> timedelta:
    possible = [*(hours * _HOUR for hours in HOURS), _WEEK]
    hint = "possible are 1h, 2h, 3h, 4h, 6h, 8h, 12h, 24h and 7d; each source keeps its own cadence of study.yaml"
    try:
        every = parse_cadence(text)
    except ValueError as error:
        raise GroundswellError(f"--every: {error}", hint=hint) from error
    if every not in possible:
        raise GroundswellError(f"--every: {text} cannot be kept by every scheduler", hint=hint)
    return every


def _clock(text: str) -> time:
    found = _CLOCK.fullmatch(text)
    if found is None:
        raise GroundswellError(f"--at: {text!r} is no time of day", hint="write it as 05:30")
    return time(int(found[1]), int(found[2]))


def _time_of_day(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)


@dataclass(frozen=True, slots=True)
class Job:
    """The updates of one study.

    Attributes:
        root: the study's folder, absolute.
        program: how groundswell is started, with its full path.

    Raises:
        ConfigurationError: a path holds a line break or bytes that are no text; no scheduler takes it.
    """

    root: Path
    program: tuple[str, ...]
    timing: Timing

    def __post_init__(self) -> None:
        for word in self.command:
            if any(unicodedata.category(sign) in _LINE_BREAKERS for sign in word):
                raise ConfigurationError(
                    f"{word!r}: a path with line breaks or broken signs cannot be scheduled", hint="rename the folder"
                )

    @property
    def name(self) -> str:
        """What the job is called on this machine: readable, and another for every folder."""
        return job_name(self.root)

    @property
    def command(self) -> list[str]:
        """The program with its arguments."""
        return [*self.program, "-C", str(self.root), "--quiet", "update"]


def job_name(root: Path) -> str:
    """What the job of a study's folder is called."""
    readable = re.sub(r"[^a-z0-9]+", "-", root.name.lower()).strip("-")[:40].strip("-") or "study"
    place = hashlib.sha256(str(root).encode("utf-8", "surrogateescape")).hexdigest()
    return f"groundswell-{readable}-{place[:8]}"


@dataclass(frozen=True, slots=True)
class Printed:
    """What a scheduler has to be told.

    Attributes:
        text: the lines or files.
        steps: what the user types to put them in place.
        undo: what the user types to take them away.
    """

    text: str
    steps: tuple[str, ...]
    undo: tuple[str, ...]


def printed(job: Job, kind: Kind) -> Printed:
    """What a kind of scheduler has to be told, and what the user has to type."""
    if kind is Kind.CRON:
        install = "groundswell schedule install --kind cron"
        return Printed(
            cron_block(job), (f"{install}   (or crontab -e, and put the lines in)",), ("groundswell schedule remove",)
        )
    if kind is Kind.SYSTEMD:
        units = systemd_units(job)
        text = "\n".join(f"# {SYSTEMD_FOLDER}/{name}\n{content}" for name, content in units.items())
        return Printed(text, ("groundswell schedule install --kind systemd",), ("groundswell schedule remove",))
    if kind is Kind.LAUNCHD:
        file = f"{LAUNCHD_FOLDER}/{job.name}.plist"
        return Printed(
            launchd_plist(job),
            (
                f"mkdir -p {LAUNCHD_FOLDER}",
                f"groundswell schedule print --kind launchd --every {job.timing.interval} --at {job.timing.at:%H:%M} > {file}",
                f"launchctl bootstrap gui/$(id -u) {file}",
            ),
            (f"launchctl bootout gui/$(id -u)/{job.name}", f"rm {file}"),
        )
    return Printed(
        windows_commands(job),
        ("these lines, pasted into PowerShell",),
        (f"Unregister-ScheduledTask -TaskName {_powershell(job.name)} -Confirm:$false",),
    )


# cron

# Some crons end the command at a percent sign unless a backslash stands before it, and of two backslashes some take one
# away; others do neither. A command without either sign means the same to all of them.
_CRON_SIGNS = {"'": "'\"'\"'", "%": "'\"$(printf '\\045')\"'", "\\": "'\"$(printf '\\134')\"'"}
_PLAIN_WORD = re.compile(r"[\w@+=:,./-]+", re.ASCII)


def cron_block(job: Job) -> str:
    """The lines of a crontab, between two that name the study."""
    at = job.timing
    hours = "*" if len(at.hours) == len(range(24)) else ",".join(map(str, at.hours))
    day = (at.weekday + 1) % 7 if at.weekly else "*"
    command = " ".join(_cron_word(word) for word in job.command)
    return f"# begin {job.name}: {job.root}\n{at.at.minute} {hours} * * {day} {command}\n# end {job.name}\n"


def _cron_word(word: str) -> str:
    if _PLAIN_WORD.fullmatch(word):
        return word
    return f"'{''.join(_CRON_SIGNS.get(sign, sign) for sign in word)}'"


def with_block(crontab: bytes, job: Job) -> bytes:
    """A crontab with the lines of a job above all others, in the place of those that it had before.

    Above, because a crontab may set SHELL or a time zone for whatever comes below, and because what was there before
    stays as it is, whether or not its last line has an end.
    """
    return cron_block(job).encode() + without_block(crontab, job.name)


def without_block(crontab: bytes, name: str) -> bytes:
    """A crontab without the lines of a job; every other byte stays.

    Raises:
        ConfigurationError: one of the two lines that mark the job is missing, so nobody can tell what belongs to it.
    """
    rest = _block(name).sub(b"", crontab)
    if re.search(rb"^# (?:begin %b:|end %b\r?$)" % ((re.escape(name.encode()),) * 2), rest, re.MULTILINE):
        raise ConfigurationError(
            f"the crontab holds only one of the two lines that mark {name}", hint="crontab -e, and take its lines out"
        )
    return rest


def block(crontab: bytes, name: str) -> str | None:
    """The lines of a job in a crontab, if they are there."""
    found = _block(name).search(crontab)
    return None if found is None else found[0].decode("utf-8", "replace")


def _block(name: str) -> re.Pattern[bytes]:
    marked = re.escape(name.encode())
    within = rb"(?:(?!# (?:begin|end) groundswell-)[^\n]*\n)*"
    return re.compile(rb"^# begin %b:[^\n]*\n%b# end %b\r?(?:\n|\Z)" % (marked, within, marked), re.MULTILINE)


# systemd

# As an argument each of these signs can be written, in the path of the program that is started none.
_NO_PROGRAM_OF_SYSTEMD = re.compile(r"[\"'\\]")


def systemd_units(job: Job) -> dict[str, str]:
    """The files of a user's service and its timer, by name.

    A run that was missed while the machine slept or was off is caught up on once (Persistent), and a service that is
    still running is not started a second time. Exit code 5 says that somebody else is writing to the study: no failure.
    """
    command = job.command
    if _NO_PROGRAM_OF_SYSTEMD.search(command[0]):
        command = ["/bin/sh", "-c", 'exec "$0" "$@"', *command]
    program, *arguments = (_systemd_word(word) for word in command)
    line = " ".join([program, *(word.replace("$", "$$") for word in arguments)])
    # The folder stands first: a backslash at the end of a line would join it to the next.
    about = f"{str(job.root).replace('%', '%%')}: groundswell update"
    at = job.timing
    day = f"{DAYS[at.weekday][:3]} " if at.weekly else ""
    hours = ",".join(f"{hour:02}" for hour in at.hours)
    return {
        f"{job.name}.service": (
            f"[Unit]\nDescription={about}\n\n[Service]\nType=oneshot\nExecStart={line}\nSuccessExitStatus=5\n"
        ),
        f"{job.name}.timer": (
            f"[Unit]\nDescription={about}\n\n[Timer]\nOnCalendar={day}*-*-* {hours}:{at.at.minute:02}:00\n"
            "Persistent=true\n\n[Install]\nWantedBy=timers.target\n"
        ),
    }


def _systemd_word(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'


# launchd


def launchd_plist(job: Job) -> str:
    """The property list of a user's agent; launchd catches up on a run that it slept through."""
    weekday = {"Weekday": (job.timing.weekday + 1) % 7} if job.timing.weekly else {}
    starts = [{**weekday, "Hour": hour, "Minute": job.timing.at.minute} for hour in job.timing.hours]
    content = {
        "Label": job.name,
        "ProgramArguments": job.command,
        "StartCalendarInterval": starts,
        "ProcessType": "Background",
    }
    return plistlib.dumps(content, sort_keys=False).decode()


# Windows

_VARIABLE = re.compile("%[^%]+%")
# To PowerShell the typographic quotes are quotes as well.
_POWERSHELL_QUOTES = re.compile("['\u2018\u2019\u201a\u201b]")


def windows_commands(job: Job) -> str:
    """Commands for PowerShell that register a task: it is caught up on, never doubled, and runs on batteries too.

    Raises:
        ConfigurationError: Windows would read a part of a path as a variable.
    """
    for word in job.command:
        if _VARIABLE.search(word):
            raise ConfigurationError(
                f"{word}: Windows would read what stands between the percent signs as a variable",
                hint="rename the folder",
            )
    program, *arguments = job.command
    when = f"-Weekly -DaysOfWeek {DAYS[job.timing.weekday]}" if job.timing.weekly else "-Daily"
    times = ", ".join(_powershell(clock) for clock in job.timing.clock_times)
    settings = "-StartWhenAvailable -MultipleInstances IgnoreNew -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries"
    task = f"-TaskName {_powershell(job.name)} -Action $action -Trigger $triggers -Settings $settings"
    lines = (
        f"$action = New-ScheduledTaskAction -Execute {_windows([program])} -Argument {_windows(arguments)}",
        f"$triggers = {times} | ForEach-Object {{ New-ScheduledTaskTrigger {when} -At $_ }}",
        f"$settings = New-ScheduledTaskSettingsSet {settings}",
        f"Register-ScheduledTask {task} -Force",
    )
    return "".join(f"{line}\n" for line in lines)


def _windows(words: Sequence[str]) -> str:
    """Words of a command line as Windows programs take them apart, as a text of PowerShell."""
    return _powershell(subprocess.list2cmdline(words))


def _powershell(text: str) -> str:
    return f"'{_POWERSHELL_QUOTES.sub(lambda found: found[0] * 2, text)}'"
