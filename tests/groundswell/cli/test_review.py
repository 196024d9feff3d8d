from __future__ import annotations

import io
import re
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import httpx
import pytest
import uvicorn
from fakes.study import coding_line, groundswell, save_lines

from groundswell.web import server

if TYPE_CHECKING:
    from pathlib import Path

    from groundswell.study import Study

EVERYWHERE = "0.0.0.0"  # noqa: S104 - to be refused
LINK = re.compile(r"^(?P<coder>[a-z]+): (?P<link>http://127\.0\.0\.1:\d+/\?token=[\w-]{43})$", re.MULTILINE)


@pytest.fixture
def ended_at_once(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The server ends as soon as it would have begun; the links that a browser was told to open."""
    opened: list[str] = []
    monkeypatch.setattr(uvicorn.Server, "run", lambda *_: None)
    monkeypatch.setattr(server, "open_browser", opened.append)
    return opened


def test_one_link_is_printed_and_opened(used: Study, ended_at_once: list[str]) -> None:
    ran = groundswell("-C", used.root, "review", "--coder", "ada")
    assert ran.code == 0, ran.err
    found = LINK.fullmatch(ran.out.strip())
    assert found is not None
    assert found["coder"] == "ada"
    assert ended_at_once == [found["link"]]
    assert "nothing was coded" in ran.err
    assert "token" not in ran.err


def test_no_browser_is_opened_where_none_is_wanted_or_several_coders_have_links(
    used: Study, ended_at_once: list[str]
) -> None:
    assert groundswell("-C", used.root, "review", "--coder", "ada", "--no-browser").code == 0
    several = groundswell("-C", used.root, "review", "--coder", "ada", "--coder", "ben")
    assert [found["coder"] for found in LINK.finditer(several.out)] == ["ada", "ben"]
    assert ended_at_once == []


@pytest.mark.usefixtures("ended_at_once")
def test_what_may_be_a_slip_is_said_before_anything_is_served(used: Study) -> None:
    ran = groundswell("-C", used.root, "review", "--coder", "anna")
    assert 'did you mean "ana"?' in ran.err


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        ([], 3, "names no coders"),
        (["--coder", "ada", "--claim", "none"], 1, "no claim 'none'"),
        (["--coder", "ada", "--sample", "none"], 1, "no sample 'none'"),
        (["--coder", "ada", "--host", EVERYWHERE], 3, "whoever reaches this computer"),
        (["--coder", "ada", "--port", "70000"], 2, "65535"),
    ],
)
def test_what_cannot_be_served_is_one_clear_error(used: Study, options: list[str], code: int, message: str) -> None:
    ran = groundswell("-C", used.root, "review", "--no-browser", *options)
    assert ran.code == code
    assert message in ran.err
    assert "Traceback" not in ran.err
    assert ran.out == ""


def test_a_folder_that_may_do_harm_is_named(used: Study, ended_at_once: list[str]) -> None:
    with patch("groundswell.folders.folder_warnings", return_value=["this folder is synchronised"]):
        assert "warning: this folder is synchronised" in groundswell("-C", used.root, "review", "--coder", "ada").err
    assert len(ended_at_once) == 1


def test_enter_prints_new_links(used: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    def run(*_: object) -> None:
        for thread in threading.enumerate():
            if thread.name == "links":
                thread.join()

    monkeypatch.setattr(uvicorn.Server, "run", run)
    with patch("fakes.study.io.StringIO", Terminal):
        ran = groundswell("-C", used.root, "review", "--coder", "ada", "--no-browser", typed="\n")
    links = [found["link"] for found in LINK.finditer(ran.out)]
    assert len(set(links)) == 2
    assert "Enter prints new ones" in ran.err


def test_what_was_done_is_told_at_the_end(used: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_: Any) -> None:
        line = coding_line("reddit:t1_bbb2", code="queue", stance=None, created_at="2026-03-01T09:00:00Z")
        groundswell("-C", used.root, "import", "codings", save_lines(tmp_path / "more.jsonl", line))

    monkeypatch.setattr(uvicorn.Server, "run", run)
    ran = groundswell("-C", used.root, "review", "--coder", "ana", "--no-browser")
    assert "one coding on one post by ana; backed up" in ran.err


@pytest.mark.skipif(sys.platform == "win32", reason="a console's Ctrl-C cannot be sent to one program there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_program_serves_until_a_signal_and_ends_tidily(used: Study, number: int) -> None:
    command = [sys.executable, "-m", "groundswell", "-C", str(used.root), "review", "--coder", "quincy", "--no-browser"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True
    ) as program:
        assert program.stdout is not None
        found = LINK.fullmatch(program.stdout.readline().strip())
        assert found is not None
        with httpx.Client(follow_redirects=True) as client:
            assert used.file.title in client.get(found["link"]).text
            # A connection that is kept open must not keep the program.
            program.send_signal(number)
            out, err = program.communicate(timeout=30)
    assert program.returncode == 0
    assert out == ""
    assert err == "nothing was coded\n"


def test_keys_that_collide_are_told_before_anything_is_served(used: Study, ended_at_once: list[str]) -> None:
    (used.root / "keys.yaml").write_text("version: 1\ncoders: { ana: { keys: { commit: s } } }\n", encoding="utf-8")

    ran = groundswell("-C", used.root, "review", "--coder", "ana", "--no-browser")

    assert (ran.code, ended_at_once) == (3, [])
    assert "keys.yaml" in ran.err
