"""Telling a program of the user's: real small programs, without a shell, with a limit of time and none of our secrets."""

import json
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from groundswell.notifying import notify
from groundswell.stopping import Stop

KEEPS = "import pathlib, sys; pathlib.Path('told').write_bytes(sys.stdin.buffer.read())"
SAYS_WHERE = "import json, os, pathlib; pathlib.Path('told').write_text(json.dumps(dict(os.environ)))"
SLEEPS = "import time; time.sleep(60)"


def program(text: str) -> list[str]:
    return [sys.executable, "-c", text]


def test_a_program_gets_the_text_on_its_input_and_starts_in_the_folder(tmp_path: Path) -> None:
    assert notify(program(KEEPS), "# Brød: → dear\n", tmp_path, Stop()) is None

    assert (tmp_path / "told").read_bytes() == "# Brød: → dear\n".encode()


def test_a_program_that_reads_nothing_of_a_long_text_is_told_all_the_same(tmp_path: Path) -> None:
    assert notify(program("pass"), "word " * 1_000_000, tmp_path, Stop()) is None


def test_a_word_of_the_command_is_no_shell(tmp_path: Path) -> None:
    assert (
        notify([*program("import sys; assert sys.argv[1] == '$HOME; x > y'"), "$HOME; x > y"], "", tmp_path, Stop())
        is None
    )


def test_what_a_program_prints_is_dropped(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert notify(program("print('sent')"), "", tmp_path, Stop()) is None

    assert capfd.readouterr().out == ""


def test_a_program_gets_the_environment_but_none_of_our_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEBHOOK", "https://hook.example/")
    for secret in ("GROUNDSWELL_KEY", "REDDIT_CLIENT_SECRET", "X_BEARER_TOKEN"):
        monkeypatch.setenv(secret, "secret")

    assert notify(program(SAYS_WHERE), "", tmp_path, Stop()) is None

    seen = json.loads((tmp_path / "told").read_text(encoding="utf-8"))
    assert seen["WEBHOOK"] == "https://hook.example/"
    assert "secret" not in seen.values()


def test_a_program_that_fails_is_named_with_its_exit_code(tmp_path: Path) -> None:
    assert (
        notify(program("raise SystemExit(3)"), "", tmp_path, Stop()) == f"{sys.executable}: it ended with exit code 3"
    )


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    problem = notify(["no-such-program"], "", tmp_path, Stop())

    assert problem is not None
    assert problem.startswith("no-such-program cannot be started: ")


def test_a_command_that_cannot_be_one_is_named(tmp_path: Path) -> None:
    problem = notify(["mail\0er"], "", tmp_path, Stop())

    assert problem is not None
    assert "cannot be started" in problem


def test_a_program_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    problem = notify(program(SLEEPS), "", tmp_path, Stop(), seconds=0.2)

    assert problem == f"{sys.executable}: it took longer than 0.2 seconds"


def test_a_signal_ends_the_program_too(tmp_path: Path) -> None:
    stop = Stop()
    stop.ask(signal.SIGTERM, None)

    assert notify(program(SLEEPS), "", tmp_path, stop) == f"{sys.executable}: it was stopped"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends the program alone")
def test_what_a_program_started_is_ended_with_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "held")
    reader = os.open(tmp_path / "held", os.O_RDONLY | os.O_NONBLOCK)
    source = (
        "import os, subprocess; held = os.open('held', os.O_WRONLY); subprocess.run(['sleep', '60'], pass_fds=[held])"
    )
    began = time.monotonic()

    notify(program(source), "x", tmp_path, Stop(), seconds=2)

    os.set_blocking(reader, True)
    assert os.read(reader, 1) == b""  # the end, which comes when nobody holds the other side
    os.close(reader)
    assert time.monotonic() - began < 30
