"""The program `groundswell`."""

import os
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from db.errors import GroundswellError
from groundswell.cli import (
    agreement,
    code,
    codebook,
    collect,
    database,
    diff,
    evidence,
    history,
    program,
    quote,
    report,
    review,
    sample,
    schedule,
    share,
    start,
    train,
)
from groundswell.cli import export as exports
from groundswell.cli import import_ as imports
from groundswell.cli import round as rounds
from groundswell.cli.console import Options, complain

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Collect discussions, code them by hand and by rule, and recompute a findings report in which every number leads to posts.",
)
start.add_to(app)
app.add_typer(collect.app, name="collect")
app.add_typer(schedule.app, name="schedule")
app.add_typer(codebook.app, name="codebook")
app.add_typer(code.app, name="code")
code.app.add_typer(sample.app, name="sample")
code.app.add_typer(rounds.app, name="round")
for command in (
    agreement.agreement, agreement.adjudicate, train.train, train.predict, train.models, train.why, program.run, history.log,
    history.undo,
):  # fmt: skip
    code.app.command()(command)
app.command()(review.review)
app.add_typer(share.app, name="share")
app.add_typer(report.app, name="report")
report.app.command()(diff.diff)
app.add_typer(evidence.app, name="evidence")
app.add_typer(quote.app, name="quote")
app.add_typer(imports.app, name="import")
app.add_typer(exports.app, name="export")
app.add_typer(database.app, name="db")


@app.callback()
def _root(
    context: typer.Context,
    study: Annotated[
        Path | None,
        typer.Option("-C", "--study", help="The study's folder; else the one that the working folder lies in."),
    ] = None,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Say nothing but the result and errors.")] = False,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Say more about what happens.")] = False,
    log_json: Annotated[
        str | None,
        typer.Option("--log-json", metavar="FILE|-", help="Log runs as JSON lines, without texts, names or secrets."),
    ] = None,
) -> None:
    context.obj = Options(study, quiet, verbose, log_json)


def run() -> None:
    """Run the program; an error of ours is one line and a hint, and its exit code says what kind it is."""
    _speak_utf8()
    try:
        app()
    except GroundswellError as error:
        complain(f"error: {error.message}")
        if error.hint:
            complain(f"hint: {error.hint}")
        sys.exit(error.exit_code)
    except OSError as error:
        place = "" if error.filename is None else f"{error.filename}: "
        complain(f"error: {place}{(error.strerror or str(error)).lower()}")
        sys.exit(GroundswellError.exit_code)
    finally:
        _flush()


def _speak_utf8() -> None:
    """Write UTF-8 whatever the locale says: texts of posts fit into nothing less."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _flush() -> None:
    """Write out what is left; a reader that went away early (`| head`) is no error."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
