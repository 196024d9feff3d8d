import io
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

import pytest
import typer
from fakes.study import groundswell

from collector.run import Progress
from groundswell.cli.console import Form, Options, form, next_step, options, progress, show_rows
from groundswell.study import Study


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def context(**said: bool) -> typer.Context:
    return typer.Context(typer.main.get_command(typer.Typer(callback=lambda: None)), obj=Options(None, **said))


def heard(action: Callable[[], None], stream: io.StringIO) -> str:
    with redirect_stderr(stream):
        action()
    return stream.getvalue()


def run_with_progress(chosen: typer.Context) -> None:
    with progress(chosen) as say:
        say(Progress("t3_\x1b[31maaa1 page", 1200, 3))
        say(Progress("posts.jsonl", 5))


@pytest.mark.parametrize(
    ("flags", "shape"),
    [
        ({}, Form.TABLE),
        ({"as_json": True}, Form.JSON),
        ({"as_lines": True}, Form.LINES),
        ({"as_csv": True}, Form.CSV),
    ],
)
def test_the_form_is_the_one_that_was_asked_for(flags: dict[str, bool], shape: Form) -> None:
    assert form(**flags) is shape


def test_a_program_gets_tabs_and_a_person_a_table() -> None:
    rows: list[dict[str, Any]] = [
        {"code": "queue", "share": 0.25, "definition": "two\nlines\t[bold]as is[/bold]"},
        {"code": "x"},
    ]
    columns = ("code", "share", "definition")
    plain, pretty = io.StringIO(), Terminal()

    with redirect_stdout(plain):
        show_rows(rows, columns, Form.TABLE)
    with redirect_stdout(pretty):
        show_rows(rows, columns, Form.TABLE)

    assert plain.getvalue() == "queue\t0.25\ttwo lines [bold]as is[/bold]\nx\t\t\n"
    assert "[bold]as is[/bold]" in " ".join(pretty.getvalue().split())
    assert all(name in pretty.getvalue().splitlines()[0] for name in columns)


def test_the_next_step_is_for_people_at_a_terminal() -> None:
    assert heard(lambda: next_step(context(), "a", "b"), Terminal()) == "next: a\n      b\n"
    assert heard(lambda: next_step(context(), "a"), io.StringIO()) == ""
    assert heard(lambda: next_step(context(quiet=True), "a"), Terminal()) == ""


def test_progress_is_one_line_that_renews_itself_at_a_terminal() -> None:
    said = heard(lambda: run_with_progress(context()), Terminal())

    assert said == "\r\x1b[Kt3_[31maaa1 page: 1,200 posts, 3 to fetch\r\x1b[Kposts.jsonl: 5 posts\r\x1b[K"


def test_progress_is_plain_lines_elsewhere_and_only_when_asked_for() -> None:
    assert heard(lambda: run_with_progress(context()), io.StringIO()) == ""
    assert heard(lambda: run_with_progress(context(quiet=True)), Terminal()) == ""
    assert heard(lambda: run_with_progress(context(verbose=True)), io.StringIO()) == (
        "t3_[31maaa1 page: 1,200 posts, 3 to fetch\nposts.jsonl: 5 posts\n"
    )


def test_without_options_there_are_those_of_everybody() -> None:
    assert options(typer.Context(typer.main.get_command(typer.Typer(callback=lambda: None)))) == Options()


def test_the_result_is_on_stdout_and_all_else_on_stderr(used: Study) -> None:
    ran = groundswell("-C", used.root, "report", "build")

    assert [line.count("\t") for line in ran.out.splitlines()] == [4, 4]
    assert "report.json" in ran.err
