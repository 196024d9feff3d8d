from __future__ import annotations

import os
import plistlib
import re
import shlex
import shutil
import subprocess
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from db.errors import ConfigurationError, GroundswellError
from groundswell.schedule_formats import (
    HOURS,
    Job,
    Kind,
    Timing,
    block,
    cron_block,
    job_name,
    launchd_plist,
    printed,
    systemd_units,
    timing,
    windows_commands,
    with_block,
    without_block,
)

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the paths are written as POSIX writes them")

MONDAY, SUNDAY = 0, 6
DAILY = Timing(timedelta(hours=24), time(5, 30), SUNDAY)
SIX_HOURLY = Timing(timedelta(hours=6), time(5, 30), SUNDAY)
HOURLY = Timing(timedelta(hours=1), time(5, 30), SUNDAY)
WEEKLY = Timing(timedelta(days=7), time(5, 30), SUNDAY)
NASTY = "/home/zoë/100% \"of\" 'it' \\%$HOME ${HOME} `id`\\\\ <a&b>;\u00a0天"
TIMINGS = st.builds(
    Timing,
    st.sampled_from([*(timedelta(hours=hours) for hours in HOURS), timedelta(days=7)]),
    st.times().map(lambda moment: time(moment.hour, moment.minute)),
    st.integers(0, 6),
)
WORDS = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")) | st.sampled_from("%\\'\"$` "), min_size=1)
ROOTS = WORDS.filter(lambda word: word not in (".", "..")).map(lambda word: Path("/srv") / word.replace("/", "-"))
LINES = st.sampled_from(
    [
        b"",
        b"# a comment",
        b"MAILTO=a@b",
        b"0 5 * * * job",
        b"\xff\xfe",
        b"# begin other",
        b"# end groundswell-",
        b"\r",
        b"x\ry",
    ]
)
CRONTABS = st.binary() | st.lists(LINES | st.binary(max_size=5)).map(b"\n".join)


def _job(root: str | Path = "/home/ana/bread", at: Timing = DAILY, program: str = "/opt/venv/bin/groundswell") -> Job:
    return Job(Path(root), (program,), at)


def _words_of(job: Job) -> list[str]:
    return [*job.program, "-C", str(job.root), "--quiet", "update"]


def _cron_command(job: Job) -> str:
    return cron_block(job).splitlines()[1].split(" ", 5)[5]


def _as_vixie_cron_reads_it(command: str) -> str:
    read = re.sub(r"\\([%\\])|(%.*)", lambda found: found[1] or "", command)
    assert "\n" not in read
    return read


def _as_cronie_reads_it(command: str) -> str:
    return re.sub(r"(\\.)|(%.*)", lambda found: (found[1] or "").replace("\\%", "%"), command)


def _as_busybox_reads_it(command: str) -> str:
    return command


CRONS = (_as_vixie_cron_reads_it, _as_cronie_reads_it, _as_busybox_reads_it)


def _as_systemd_reads_it(command: str) -> list[str]:
    quoted = re.findall(r'"((?:[^"\\]|\\.)*)"', command)
    return _without_shell([re.sub(r"\\(.)", r"\1", word).replace("%%", "%") for word in quoted])


def _without_shell(words: list[str]) -> list[str]:
    """What is started in the end: the first word stays as it is, in the others a dollar is doubled."""
    words = [words[0], *(word.replace("$$", "$") for word in words[1:])]
    if words[:2] == ["/bin/sh", "-c"]:
        got = subprocess.run(
            ["/bin/sh", "-c", words[2].replace("exec", "printf '%s\\0'"), *words[3:]], capture_output=True, check=True
        )
        return got.stdout.decode().split("\0")[:-1]
    assert re.search(r"[\"'\\]", words[0]) is None, "systemd starts no such program"
    return words


# Timing


@pytest.mark.parametrize("every", ["1h", "2h", "3h", "4h", "6h", "8h", "12h", "24h", "7d"])
def test_an_interval_that_every_scheduler_keeps_is_taken(every: str) -> None:
    assert timing("seed", every, "05:30").interval == every


def test_a_day_and_a_week_may_be_written_otherwise() -> None:
    assert (timing("seed", "1d", None).interval, timing("seed", "1w", None).interval) == ("24h", "7d")


@pytest.mark.parametrize("every", ["30m", "5h", "48h", "2d", "2w", "often", ""])
def test_another_interval_is_refused_and_the_possible_ones_are_named(every: str) -> None:
    with pytest.raises(GroundswellError, match="--every: ") as raised:
        timing("seed", every, None)

    assert "24h and 7d" in (raised.value.hint or "")


@pytest.mark.parametrize("at", ["5:30", "24:00", "05:60", "0530", "05:30:00", "noon", ""])
def test_what_is_no_time_of_day_is_refused(at: str) -> None:
    with pytest.raises(GroundswellError, match=r"--at: .* is no time of day"):
        timing("seed", "24h", at)


def test_the_time_of_day_is_the_one_that_was_asked_for() -> None:
    assert timing("seed", "24h", "05:30").at == time(5, 30)


@given(st.text(), st.sampled_from(["6h", "24h", "7d"]))
def test_a_time_that_nobody_chose_is_the_same_each_time_and_not_in_the_hours_of_the_clock_change(
    seed: str, every: str
) -> None:
    chosen = timing(seed, every, None)

    assert chosen == timing(seed, every, None)
    assert time(4, 0) <= chosen.at


def test_times_that_nobody_chose_are_spread_over_days_and_hours() -> None:
    chosen = [timing(f"study {number}", "7d", None) for number in range(300)]

    assert {at.weekday for at in chosen} == set(range(7))
    assert len({at.at for at in chosen}) > 200
    assert {at.at.hour for at in chosen} == set(range(4, 24))


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (DAILY, "every day at 05:30"),
        (SIX_HOURLY, "every day at 05:30, 11:30, 17:30, 23:30"),
        (HOURLY, "every hour at minute 30"),
        (WEEKLY, "every Sunday at 05:30"),
    ],
)
def test_a_timing_is_told_in_words(at: Timing, words: str) -> None:
    assert at.words == words


@pytest.mark.parametrize(
    ("at", "moment", "start"),
    [
        (DAILY, "2026-03-01T05:29:59", "2026-03-01T05:30:00"),
        (DAILY, "2026-03-01T05:30:00", "2026-03-02T05:30:00"),
        (SIX_HOURLY, "2026-03-01T23:30:00", "2026-03-02T05:30:00"),
        (HOURLY, "2026-03-01T12:31:00", "2026-03-01T13:30:00"),
        (WEEKLY, "2026-03-01T05:00:00", "2026-03-01T05:30:00"),
        (WEEKLY, "2026-03-01T06:00:00", "2026-03-08T05:30:00"),
    ],
)
def test_the_next_start_is_the_first_after_a_moment(at: Timing, moment: str, start: str) -> None:
    assert at.next_after(datetime.fromisoformat(moment)).isoformat() == start


@given(TIMINGS, st.datetimes(datetime(1990, 1, 1), datetime(2190, 1, 1)))  # noqa: DTZ001 - local time is naive here
def test_one_start_follows_the_other_after_the_interval(at: Timing, moment: datetime) -> None:
    first = at.next_after(moment)

    assert moment < first <= moment + at.every
    assert at.next_after(first) == first + at.every


# Names


def test_a_job_is_called_after_its_folder_and_place() -> None:
    one, other = job_name(Path("/home/ana/Bread in our town")), job_name(Path("/home/bob/Bread in our town"))

    assert one.startswith("groundswell-bread-in-our-town-")
    assert one != other
    assert one == job_name(Path("/home/ana/Bread in our town"))


@given(ROOTS)
def test_a_name_is_safe_for_files_shells_and_patterns(root: Path) -> None:
    assert re.fullmatch(r"groundswell-[a-z0-9-]{1,40}-[0-9a-f]{8}", job_name(root))


@pytest.mark.parametrize(
    "root", ["/home/a\nb", "/home/a\rb", "/home/a\tb", "/home/a\x00b", "/home/\udce9", "/home/a\u2028b"]
)
def test_a_folder_that_no_scheduler_takes_is_refused(root: str) -> None:
    with pytest.raises(ConfigurationError, match="line breaks or broken signs"):
        _job(root)


# cron


@pytest.mark.parametrize(
    ("at", "starts"),
    [(DAILY, "30 5 * * *"), (SIX_HOURLY, "30 5,11,17,23 * * *"), (HOURLY, "30 * * * *"), (WEEKLY, "30 5 * * 0")],
)
def test_a_crontab_line_starts_at_the_times(at: Timing, starts: str) -> None:
    job = _job(at=at)

    assert cron_block(job) == (
        f"# begin {job.name}: /home/ana/bread\n"
        f"{starts} /opt/venv/bin/groundswell -C /home/ana/bread --quiet update\n"
        f"# end {job.name}\n"
    )


def test_cron_counts_its_days_from_sunday() -> None:
    monday = Timing(timedelta(days=7), time(5, 30), MONDAY)

    assert "\n30 5 * * 1 " in cron_block(_job(at=monday))


@pytest.mark.skipif(shutil.which("sh") is None, reason="cron runs a POSIX shell")
@pytest.mark.parametrize("cron", CRONS)
@settings(max_examples=40)
@given(root=ROOTS)
@example(root=Path(NASTY))
def test_the_shell_that_cron_starts_gets_the_very_words(cron: Callable[[str], str], root: Path) -> None:
    job = _job(root, program='/opt/100%\\%/it\'s "here"/groundswell')
    echo = f"printf '%s\\0' {cron(_cron_command(job))}"

    got = subprocess.run(["/bin/sh", "-c", echo], capture_output=True, check=True).stdout

    assert got.decode().split("\0")[:-1] == _words_of(job)


@given(CRONTABS, ROOTS, TIMINGS)
def test_installed_and_removed_a_crontab_is_what_it_was_byte_for_byte(crontab: bytes, root: Path, at: Timing) -> None:
    job = _job(root, at)
    assume(job.name.encode() not in crontab)

    assert without_block(with_block(crontab, job), job.name) == crontab


@given(CRONTABS, ROOTS, TIMINGS, TIMINGS)
def test_installed_twice_is_installed_once_with_the_later_timing(
    crontab: bytes, root: Path, one: Timing, other: Timing
) -> None:
    once = with_block(crontab, _job(root, other))

    assert with_block(with_block(crontab, _job(root, one)), _job(root, other)) == once
    assert with_block(once, _job(root, other)) == once


@given(CRONTABS, ROOTS, ROOTS, st.booleans())
def test_other_studies_keep_their_lines(crontab: bytes, mine: Path, theirs: Path, first: bool) -> None:
    assume(mine != theirs)
    my_job, their_job = _job(mine), _job(theirs)
    only_theirs = with_block(crontab, their_job)
    both = with_block(only_theirs, my_job) if first else with_block(with_block(crontab, my_job), their_job)

    assert without_block(both, my_job.name) == only_theirs
    assert block(both, their_job.name) == cron_block(their_job)


@given(ROOTS, TIMINGS, CRONTABS)
def test_the_lines_of_a_job_are_found_again(root: Path, at: Timing, crontab: bytes) -> None:
    job = _job(root, at)
    assume(job.name.encode() not in crontab)

    assert block(crontab, job.name) is None
    assert block(with_block(crontab, job), job.name) == cron_block(job)


def test_lines_that_an_editor_gave_other_ends_are_found_and_removed() -> None:
    job = _job()
    crontab = b"MAILTO=x\r\n" + cron_block(job).replace("\n", "\r\n").encode().removesuffix(b"\r\n")

    assert without_block(crontab, job.name) == b"MAILTO=x\r\n"


def test_lines_that_stand_there_twice_are_removed_twice() -> None:
    job = _job()

    assert without_block(cron_block(job).encode() * 2 + b"x\n", job.name) == b"x\n"


@pytest.mark.parametrize("lost", [0, 2], ids=["the first line", "the last line"])
def test_a_job_that_lost_one_of_its_marks_is_left_to_its_owner(lost: int) -> None:
    job = _job()
    lines = cron_block(job).splitlines(keepends=True)
    del lines[lost]

    with pytest.raises(ConfigurationError, match=f"only one of the two lines that mark {job.name}") as raised:
        with_block(f"a\n{''.join(lines)}b\n".encode(), job)

    assert "crontab -e" in (raised.value.hint or "")


def test_a_job_whose_last_line_is_lost_does_not_take_the_next_one_along() -> None:
    mine, theirs = _job("/home/ana/bread"), _job("/home/ana/cheese")
    crontab = cron_block(mine).replace(f"# end {mine.name}\n", "") + cron_block(theirs) + f"# end {mine.name}\n"

    with pytest.raises(ConfigurationError):
        without_block(crontab.encode(), mine.name)


# systemd


@given(ROOTS)
@example(Path(NASTY))
def test_systemd_gets_the_very_words(root: Path) -> None:
    job = _job(root, program='/opt/100% "of"/it\'s $HOME\\here/groundswell')
    service = systemd_units(job)[f"{job.name}.service"]
    line = next(line for line in service.splitlines() if line.startswith("ExecStart="))

    assert _as_systemd_reads_it(line.removeprefix("ExecStart=")) == _words_of(job)


@given(ROOTS, TIMINGS)
def test_the_units_say_that_a_missed_run_is_caught_up_on_once(root: Path, at: Timing) -> None:
    job = _job(root, at)
    units = systemd_units(job)

    assert list(units) == [f"{job.name}.service", f"{job.name}.timer"]
    assert "\nType=oneshot\n" in units[f"{job.name}.service"]
    assert "\nPersistent=true\n" in units[f"{job.name}.timer"]
    assert not any(line.endswith("\\") for unit in units.values() for line in unit.splitlines())


@pytest.mark.parametrize(
    ("at", "starts"),
    [
        (DAILY, "*-*-* 05:30:00"),
        (SIX_HOURLY, "*-*-* 05,11,17,23:30:00"),
        (WEEKLY, "Sun *-*-* 05:30:00"),
    ],
)
def test_a_timer_starts_at_the_times(at: Timing, starts: str) -> None:
    job = _job(at=at)

    assert f"\nOnCalendar={starts}\n" in systemd_units(job)[f"{job.name}.timer"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd reads its own files best")
@pytest.mark.parametrize(
    ("folder", "at"), [("bin", DAILY), ("100% of $HOME", HOURLY), ("it's", WEEKLY), ('"here"', DAILY), ("\\x", DAILY)]
)
def test_systemd_itself_reads_the_units_as_they_are_meant(tmp_path: Path, folder: str, at: Timing) -> None:
    program = tmp_path / folder / "groundswell"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)
    job = _job(NASTY, at, str(program))
    for name, content in systemd_units(job).items():
        (tmp_path / name).write_text(content, encoding="utf-8")

    read = subprocess.run(
        [shutil.which("systemd-analyze") or "", "--user", "verify", *(tmp_path / name for name in systemd_units(job))],
        capture_output=True, text=True, check=False,
        env={"SYSTEMD_LOG_LEVEL": "debug", "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path), "LANG": "C.UTF-8"},
    )  # fmt: skip

    assert read.returncode == 0, read.stderr
    shown = re.findall(r"Command Line: (.*--quiet.*)", read.stdout + read.stderr)
    words = shlex.split(re.sub(r"\\([$`])", r"\1", shown[0]))
    assert _without_shell(words) == _words_of(job)


# launchd


@given(ROOTS, TIMINGS)
@example(Path(NASTY), WEEKLY)
def test_launchd_gets_the_very_words_and_the_times(root: Path, at: Timing) -> None:
    assume(not re.search("[\ufffe\uffff]", str(root)))  # no sign of XML
    job = _job(root, at)

    read = plistlib.loads(launchd_plist(job).encode())

    assert (read["Label"], read["ProgramArguments"]) == (job.name, _words_of(job))
    assert [(start["Hour"], start["Minute"]) for start in read["StartCalendarInterval"]] == [
        (hour, at.at.minute) for hour in at.hours
    ]


def test_launchd_counts_its_days_from_sunday() -> None:
    read = plistlib.loads(launchd_plist(_job(at=WEEKLY)).encode())

    assert read["StartCalendarInterval"] == [{"Weekday": 0, "Hour": 5, "Minute": 30}]


# Windows


def test_a_windows_task_is_caught_up_on_never_doubled_and_runs_on_batteries() -> None:
    job = Job(Path("C:/Zoë's \u2018study\u2019"), ("C:\\Program Files\\groundswell.exe",), SIX_HOURLY)

    assert windows_commands(job) == (
        "$action = New-ScheduledTaskAction -Execute '\"C:\\Program Files\\groundswell.exe\"'"
        " -Argument '-C \"C:/Zoë''s \u2018\u2018study\u2019\u2019\" --quiet update'\n"
        "$triggers = '05:30', '11:30', '17:30', '23:30' | ForEach-Object { New-ScheduledTaskTrigger -Daily -At $_ }\n"
        "$settings = New-ScheduledTaskSettingsSet -StartWhenAvailable -MultipleInstances IgnoreNew"
        " -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries\n"
        f"Register-ScheduledTask -TaskName '{job.name}' -Action $action -Trigger $triggers -Settings $settings -Force\n"
    )


def test_a_weekly_windows_task_names_its_day() -> None:
    assert "New-ScheduledTaskTrigger -Weekly -DaysOfWeek Sunday -At" in windows_commands(_job(at=WEEKLY))


def test_a_path_in_which_windows_sees_a_variable_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="as a variable"):
        windows_commands(_job("/home/%USERNAME%/bread"))


def test_a_single_percent_sign_is_none() -> None:
    assert "100% bread" in windows_commands(_job("/home/100% bread"))


# What is printed


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_is_printed_with_the_way_in_and_out(kind: Kind) -> None:
    shown = printed(_job(at=WEEKLY), kind)

    assert "/home/ana/bread" in shown.text
    assert shown.steps
    assert shown.undo


def test_a_printed_agent_is_printed_again_with_the_same_timing() -> None:
    steps = printed(_job(at=SIX_HOURLY), Kind.LAUNCHD).steps

    assert any("schedule print --kind launchd --every 6h --at 05:30 > " in step for step in steps)


def test_both_units_are_printed_under_their_paths() -> None:
    job = _job()
    heads = [line for line in printed(job, Kind.SYSTEMD).text.splitlines() if line.startswith("# ")]

    assert heads == [f"# ~/.config/systemd/user/{job.name}.{kind}" for kind in ("service", "timer")]
