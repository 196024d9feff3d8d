from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
import typer
from fakes.study import ALL_BREAD, coding_line, groundswell, save_lines

from db.errors import GroundswellError, Partial
from groundswell.cli.console import Options
from groundswell.cli.history import log, undo
from groundswell.cli.program import run

if TYPE_CHECKING:
    from groundswell.study import Study

POST, QUEUE, OTHER = ALL_BREAD


def command(study: Study, *arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    """What one of these commands writes to stdout and stderr."""
    app = typer.Typer()
    for made in (log, undo, run):
        app.command()(made)
    capsys.readouterr()
    app([*arguments], obj=Options(study.root), standalone_mode=False)
    shown = capsys.readouterr()
    return shown.out, shown.err


@pytest.fixture
def two(used: Study) -> Study:
    """A study in which the queue was coded twice more."""
    for number, post in enumerate((POST, OTHER)):
        line = coding_line(post, code="queue", stance=None, created_at=f"2026-03-0{number + 1}T09:00:00Z")
        path = save_lines(used.root.parent / f"{number}.jsonl", line)
        assert groundswell("-C", used.root, "import", "codings", path).code == 0
    return used


def test_the_log_is_a_row_an_action(two: Study, capsys: pytest.CaptureFixture[str]) -> None:
    out, err = command(two, "log", capsys=capsys)

    first, *_ = [line.split("\t") for line in out.splitlines()]
    assert (first[3:], err) == (["ana", "1", "0", "1", "stands", ""], "")


def test_the_log_can_be_lines_or_a_document(two: Study, capsys: pytest.CaptureFixture[str]) -> None:
    lines, _ = command(two, "log", "--nl", capsys=capsys)
    document, _ = command(two, "log", "--json", capsys=capsys)

    assert [json.loads(line) for line in lines.splitlines()] == json.loads(document)
    assert json.loads(document)[0]["coders"] == "ana"


def test_a_long_log_is_cut_and_says_so(two: Study, capsys: pytest.CaptureFixture[str]) -> None:
    out, err = command(two, "log", "--limit", "1", capsys=capsys)

    assert (len(out.splitlines()), err) == (1, "… the last 1; --limit shows more\n")


def test_the_log_of_a_coder_since_a_day(two: Study, capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = command(two, "log", "--coder", "nobody", "--since", "2026-03-01", capsys=capsys)

    assert out == ""


def test_a_day_that_is_none_is_a_wrong_command_line(two: Study, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Exception, match="'tomorrow' does not match"):
        command(two, "log", "--since", "tomorrow", capsys=capsys)


def test_the_log_of_an_action_shows_its_codings(two: Study, capsys: pytest.CaptureFixture[str]) -> None:
    shown, _ = command(two, "log", "--json", capsys=capsys)

    out, _ = command(two, "log", json.loads(shown)[0]["id"], capsys=capsys)

    assert out == f"{OTHER}\tqueue\tpresent\t\tana\t2026-03-02T09:00:00Z\tFalse\tFalse\n"


def test_the_last_action_is_undone_and_said(two: Study, capsys: pytest.CaptureFixture[str]) -> None:
    would, _ = command(two, "undo", "--dry-run", capsys=capsys)
    done, _ = command(two, "undo", "--coder", "ana", capsys=capsys)

    assert would.endswith("(ana): one coding would be undone\n")
    assert done.endswith("(ana): one coding undone\n")


def test_on_a_terminal_the_way_back_is_named(
    two: Study, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("groundswell.cli.console.sys.stderr", terminal := io.StringIO())
    monkeypatch.setattr(terminal, "isatty", lambda: True)

    command(two, "undo", capsys=capsys)

    assert terminal.getvalue().startswith("next: groundswell code undo undo-")


def test_an_id_and_a_coder_do_not_go_together(two: Study, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Exception, match="named by its id alone"):
        command(two, "undo", "some", "--coder", "ana", capsys=capsys)


def test_a_program_is_run_and_each_line_that_cannot_be_used_is_named(
    two: Study, capsys: pytest.CaptureFixture[str]
) -> None:
    line = json.dumps({"post": POST, "code": "queue", "value": "absent"})

    with pytest.raises(Partial, match="one line could not be used; one coding kept"):
        command(
            two, "run", "--coder", "robot", "--", sys.executable, "-c", f"print({line!r}); print('Bye.')", capsys=capsys
        )

    out, err = capsys.readouterr()
    assert out.partition(": ")[2] == "3 posts sent, one coding read, one line refused; 1 new, 0 undone\n"
    assert err.startswith("line 2: no whole JSON value")


def test_of_very_many_refused_lines_it_is_said_how_many_more_there_were(
    two: Study, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Partial, match="none of 1,200 lines could be used"):
        command(two, "run", "--coder", "robot", "--", sys.executable, "-c", "print('y\\n' * 1200)", capsys=capsys)

    out, err = capsys.readouterr()
    assert "0 codings read, 1,200 lines refused" in out
    assert err.splitlines()[49:] == [
        "line 50: no whole JSON value: JSON is malformed: invalid character (byte 0)",
        "… and 1,150 more",
    ]


def test_a_program_that_fails_ends_with_4(two: Study, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Partial, match="exit code 7"):
        command(two, "run", "--coder", "robot", "--", sys.executable, "-c", "raise SystemExit(7)", capsys=capsys)


def test_a_dry_run_shows_the_first_lines(two: Study, capsys: pytest.CaptureFixture[str]) -> None:
    with patch("subprocess.Popen", side_effect=AssertionError("nothing is to be started")):
        out, err = command(two, "run", "--coder", "robot", "--dry-run", "--", "robot", capsys=capsys)

    assert [next(iter(json.loads(line))) for line in out.splitlines()] == ["codebook", "post"]
    assert err == "3 posts would be sent; nothing was started\n"


def test_a_program_that_is_not_there_is_an_error(two: Study, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(GroundswellError, match="cannot be started"):
        command(two, "run", "--coder", "robot", "--", "no-such-robot", capsys=capsys)
