"""Renew what the docs show of the program: its commands, the form of its report, and what it answers in the pages.

A page marks what is run. `<!-- file: NAME -->` before a fenced block writes the block into a file; `<!-- run -->` before a
fenced block runs its lines that begin with `$ ` and puts what a terminal shows below each; `<!-- run 5 -->` shows five
lines of it at most. All blocks of a page share one folder, empty at first, a fixed key and no network.

    python docs/make_reference.py [--check] [PAGE...]

Without pages all are renewed. With --check nothing is written; the exit code is 1 when a page is stale.
"""

# ruff: noqa: INP001 - a script beside the pages, not a package
import os
import pty
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from report_fields import report_page

ROOT = Path(__file__).resolve().parent.parent
COMMANDS = "docs/reference/commands.md"
REPORT = "docs/reference/report-json.md"
HOME = "/home/you"
KEY = "0123456789abcdef" * 4
WIDTH = "100"
LIMIT_SECONDS = 120

_BLOCK = re.compile(
    r"^<!-- (?P<mark>run(?: (?P<most>\d+))?|file: (?P<name>\S+)) -->\n```(?P<language>\w*)\n(?P<body>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_LINE_RENEWED = re.compile(r"[^\n]*\r\x1b\[K")
_STAMP = re.compile(r"\d{8}T\d{6}Z")
_OPENING = """\
# Commands

For whoever knows what to do and looks for how it is written. `groundswell COMMAND --help` shows the same. This page is
made from the program by `make docs`.

Options of the whole program stand before the command: `groundswell -C my-study status`. A command prints its result on
stdout and everything else on stderr. On a terminal a result is a table; in a pipe it is one row a line, cells parted by
tabs. What the exit codes mean stands in [exit codes](exit-codes.md).
"""


def main(arguments: list[str]) -> int:
    """Renew or check the pages that are named, or all."""
    if arguments == ["--print-commands"]:
        sys.stdout.write(commands_page())
        return 0
    check = "--check" in arguments
    named = [argument for argument in arguments if argument != "--check"]
    stale = [page for page in named or pages() if not renew(page, check=check)]
    for page in stale:
        sys.stderr.write(f"{page}: {'stale; make docs renews it' if check else 'renewed'}\n")
    return 1 if check and stale else 0


def pages() -> list[str]:
    """The pages that are made whole, and every page with a block that is run."""
    found = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    marked = [path.relative_to(ROOT).as_posix() for path in found if "\n<!-- run" in path.read_text(encoding="utf-8")]
    return [COMMANDS, REPORT, *marked]


def renew(page: str, *, check: bool) -> bool:
    """Compute a page anew and write it unless it is only checked; tell whether it was right."""
    path = ROOT / page
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    made = {COMMANDS: _commands_page_from_outside, REPORT: report_page}
    after = made[page]() if page in made else run_blocks(before)
    if not check and after != before:
        path.write_text(after, encoding="utf-8", newline="\n")
    return after == before


def commands_page() -> str:
    """The help of every command, under a heading each; the environment must hold the fixed width."""
    from typer.main import get_command  # noqa: PLC0415 - reads the width when it is imported
    from typer.testing import CliRunner  # noqa: PLC0415

    from groundswell.cli.main import app  # noqa: PLC0415

    parts = [_OPENING]
    for words in _command_lines(get_command(app), ()):
        shown = CliRunner().invoke(app, [*words, "--help"], prog_name="groundswell").stdout
        lines = [line.removeprefix(" ").rstrip() for line in shown.strip().splitlines()]
        parts.append(f"## {' '.join(('groundswell', *words))}\n\n```\n{chr(10).join(lines)}\n```\n")
    return "\n".join(parts)


def _command_lines(command: object, words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    yield words
    for name, inner in getattr(command, "commands", {}).items():
        yield from _command_lines(inner, (*words, name))


def _commands_page_from_outside() -> str:
    command = [sys.executable, __file__, "--print-commands"]
    return subprocess.run(command, capture_output=True, env=_environment(ROOT), check=True).stdout.decode()  # noqa: S603 - this file itself


def run_blocks(page: str) -> str:
    """A page with its files written, its commands run in order, and what they show put below each."""
    with tempfile.TemporaryDirectory(prefix="groundswell-docs-") as name:
        terminal = Terminal(Path(name).resolve())

        def renewed(block: re.Match[str]) -> str:
            if block["name"]:
                terminal.write(block["name"], block["body"])
                return block[0]
            typed = [line[2:] for line in block["body"].splitlines() if line.startswith("$ ")]
            shown = "".join(f"$ {line}\n{_at_most(block['most'], terminal.type(line))}" for line in typed)
            return f"<!-- {block['mark']} -->\n```{block['language']}\n{shown}```"

        return _BLOCK.sub(renewed, page)


def _at_most(most: str | None, shown: str) -> str:
    """The first so many lines of what a command shows, and a sign that there are more."""
    lines = shown.splitlines(keepends=True)
    return shown if most is None or len(lines) <= int(most) else "".join([*lines[: int(most)], "…\n"])


class Terminal:
    """Types commands into a terminal that begins in an empty folder."""

    def __init__(self, folder: Path) -> None:
        self._home = self._here = folder

    def write(self, name: str, content: str) -> None:
        """Write a file where the terminal is."""
        (self._here / name).write_text(content, encoding="utf-8", newline="\n")

    def type(self, line: str) -> str:
        """What the terminal shows below a line."""
        words = shlex.split(line)
        if words[0] == "cd":
            self._here = (self._here / words[1]).resolve()
            return ""
        if words[-2:-1] == [">"]:
            with (self._here / words[-1]).open("wb") as file:
                return self._run(words[:-2], file.fileno())
        return self._run(words, None)

    def _run(self, words: list[str], stdout: int | None) -> str:
        programs = {"groundswell": [sys.executable, "-m", "groundswell"], "python": [sys.executable]}
        ours, theirs = pty.openpty()
        with (
            subprocess.Popen(  # noqa: S603 - commands of our own pages
                [*programs[words[0]], *words[1:]],
                cwd=self._here,
                env=_environment(self._home),
                stdin=subprocess.DEVNULL,
                stdout=theirs if stdout is None else stdout,
                stderr=theirs,
            ) as process
        ):
            os.close(theirs)
            shown = _read_all(ours)
            os.close(ours)
            process.wait(LIMIT_SECONDS)
        return self._as_shown(shown)

    def _as_shown(self, raw: bytes) -> str:
        """What stays on the screen, at a place and a time that are the same for everybody."""
        text = _LINE_RENEWED.sub("", raw.decode().replace("\r\n", "\n"))
        text = _STAMP.sub("20260301T090000Z", text.replace(str(self._home), HOME))
        return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


def _read_all(terminal: int) -> bytes:
    pieces: list[bytes] = []
    while True:
        try:
            piece = os.read(terminal, 65_536)
        except OSError:  # how Linux says that nobody holds the other end any more
            piece = b""
        if not piece:
            return b"".join(pieces)
        pieces.append(piece)


def _environment(home: Path) -> dict[str, str]:
    return {
        "PATH": os.defpath,
        "HOME": str(home),
        "COLUMNS": WIDTH,
        "LINES": "100",
        "NO_COLOR": "1",
        "TERM": "dumb",
        "PYTHONUTF8": "1",
        "GROUNDSWELL_KEY": KEY,
        "GROUNDSWELL_ARCTIC_SHIFT_URL": "http://127.0.0.1:9",
        "GROUNDSWELL_REDDIT_URL": "http://127.0.0.1:9",
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
