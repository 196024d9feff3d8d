"""What the terminal shows: results on stdout, all else on stderr, text of posts never taken for markup."""

import csv
import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from collector.run import Tell
    from groundswell.logs import Log
    from groundswell.study import Study

SHOWN_PROBLEMS = 50
_FORMULA_SIGNS = frozenset("=+-@\uff1d\uff0b\uff0d\uff20")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class Form(StrEnum):
    """In which form a result is shown."""

    TABLE = "table"
    JSON = "json"
    LINES = "nl"
    CSV = "csv"


@dataclass(slots=True)
class Options:
    """What was said before the command's name."""

    study: Path | None = None
    quiet: bool = False
    verbose: bool = False
    log_json: str | None = None


def options(context: typer.Context) -> Options:
    """The options of the whole command line."""
    found = context.find_object(Options)
    return found if found is not None else Options()


def open_study(context: typer.Context) -> "Study":
    """The study that was named with -C, or that the working folder lies in."""
    from groundswell.study import find_study

    return find_study(options(context).study, Path.cwd())


def form(*, as_json: bool = False, as_lines: bool = False, as_csv: bool = False) -> Form:
    """The form that the flags ask for."""
    return Form.JSON if as_json else Form.LINES if as_lines else Form.CSV if as_csv else Form.TABLE


def show_rows(rows: Iterable[dict[str, Any]], columns: Sequence[str], shape: Form) -> None:
    """Show a result that is a list of rows, on stdout."""
    if shape is Form.LINES:
        for row in rows:
            sys.stdout.write(_json(row) + "\n")
    elif shape is Form.JSON:
        show_json(list(rows))
    elif shape is Form.CSV:
        writer = csv.DictWriter(sys.stdout, columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: _harmless(value) for name, value in row.items()} for row in rows)
    else:
        _table([[_cell(row.get(name)) for name in columns] for row in rows], columns)


def show_json(value: Any) -> None:
    """Show a result as one JSON document, on stdout."""
    sys.stdout.write(_json(value, indent=2) + "\n")


def _json(value: Any, indent: int | None = None) -> str:
    """A JSON document in which whatever a terminal might obey is escaped; it says the same as before."""
    return _CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False, indent=indent))


def show(text: str) -> None:
    """Show a line of the result, on stdout, without control characters."""
    sys.stdout.write(_CONTROLS.sub("", text) + "\n")


def tell(context: typer.Context, text: str) -> None:
    """Say something beside the result, on stderr, unless the user wants quiet."""
    if not options(context).quiet:
        complain(text)


def complain(text: str) -> None:
    """Say what went wrong, on stderr."""
    sys.stderr.write(_CONTROLS.sub("", text) + "\n")


def complain_about(problems: Sequence[str], count: int | None = None) -> None:
    """Name the problems that a run met, each on a line, the first fifty of them; `count` where there were more than given."""
    for problem in problems[:SHOWN_PROBLEMS]:
        complain(problem)
    more = (len(problems) if count is None else count) - SHOWN_PROBLEMS
    if more > 0:
        complain(f"… and {more:,} more")


def next_step(context: typer.Context, *steps: str) -> None:
    """On a terminal, say what is likely to be done next."""
    if sys.stderr.isatty() and not options(context).quiet:
        complain("next: " + "\n      ".join(steps))


@contextmanager
def open_log_of(context: typer.Context) -> Iterator["Log"]:
    """The log that was asked for with --log-json."""
    from groundswell.logs import open_log

    with open_log(options(context).log_json) as log:
        yield log


@contextmanager
def progress(context: typer.Context) -> Iterator["Tell"]:
    """Tell how a run goes: one line that renews itself on a terminal, nothing elsewhere unless asked (-v)."""
    from collector.run import Progress

    chosen = options(context)
    live = sys.stderr.isatty() and not chosen.quiet

    def say(now: Progress) -> None:
        left = "" if now.left is None else f", {now.left} to fetch"
        text = f"{_CONTROLS.sub('', now.at)}: {now.posts:,} posts{left}"
        if live:
            sys.stderr.write(f"\r\x1b[K{text[:100]}")
            sys.stderr.flush()
        elif chosen.verbose:
            complain(text)

    try:
        yield say
    finally:
        if live:
            sys.stderr.write("\r\x1b[K")


def _table(rows: list[list[str]], columns: Sequence[str]) -> None:
    if not sys.stdout.isatty():
        for row in rows:
            sys.stdout.write("\t".join(cell.replace("\t", " ").replace("\n", " ") for cell in row) + "\n")
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns:
        table.add_column(name.replace("_", " "))
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    Console().print(table)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return _CONTROLS.sub("", str(value) if not isinstance(value, float) else f"{value:g}")


def _harmless(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula, and no terminal for a command."""
    if not isinstance(value, str):
        return value
    shown = _CONTROLS.sub("", value)
    return f"'{shown}" if shown.lstrip()[:1] in _FORMULA_SIGNS else shown
