"""Programs that the user names: started, waited for, and ended."""

import sys
from contextlib import AbstractContextManager
from pathlib import Path
from subprocess import DEVNULL, Popen

import pytest

from groundswell.processes import NotStarted, started, why_it_ends
from groundswell.stopping import Stop


def program(*command: str) -> AbstractContextManager[Popen[bytes]]:
    return started(command, stdin=DEVNULL, stdout=DEVNULL, environment={})


def sleeping() -> AbstractContextManager[Popen[bytes]]:
    return program(sys.executable, "-c", "import time; time.sleep(60)")


def test_whatever_goes_wrong_a_program_does_not_stay_behind() -> None:
    with pytest.raises(KeyboardInterrupt), sleeping() as process:
        raise KeyboardInterrupt

    assert process.poll() is not None


def test_a_program_that_is_not_there_is_told_without_its_name(tmp_path: Path) -> None:
    with pytest.raises(NotStarted) as raised, program(str(tmp_path / "none")):
        pass

    assert "none" not in str(raised.value)


def test_a_program_ends_for_what_is_looked_at_while_it_runs() -> None:
    with sleeping() as process:
        assert why_it_ends(process, 60, Stop(), lambda: "it said too much") == "it said too much"
