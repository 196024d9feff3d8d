"""Commands that collect: files, links, private notes, and how complete the threads are."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from groundswell.cli.console import complain_about, form, next_step, open_study, progress, show, show_rows, tell

if TYPE_CHECKING:
    from collector.run import Outcome

app = typer.Typer(no_args_is_help=True, help="Collect discussions into the study.")


class Format(StrEnum):
    """What a file may be read as."""

    AUTO = "auto"
    REDDIT = "reddit_files"
    GROUNDSWELL = "groundswell_lines"


class SourceName(StrEnum):
    """By which way a thread may be fetched."""

    AUTO = "auto"
    ARCTIC_SHIFT = "arctic_shift"
    REDDIT_API = "reddit_api"


@app.command("import")
def import_(
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH", help="Files, or folders with files.")],
    read_as: Annotated[Format, typer.Option("--format", help="What the files are; auto finds out.")] = Format.AUTO,
    observed_at: Annotated[
        str | None, typer.Option(metavar="TIME", help="When they were seen, such as 2026-01-31T12:00:00Z.")
    ] = None,
) -> None:
    """Import saved threads, archive downloads and dump lines (plain or .zst); a second time changes nothing."""
    from collector.importing import ImportOptions
    from groundswell.collecting import check_outcome, import_into, moment
    from groundswell.stopping import stoppable

    chosen = ImportOptions(read_as.value, moment(observed_at))
    with stoppable() as stop, progress(context) as say:
        outcome = import_into(open_study(context), paths, chosen, tell=say, stop=stop)
    _report(outcome)
    check_outcome(outcome, stop)
    next_step(context, "groundswell code apply", "groundswell status")


@app.command()
def url(
    context: typer.Context,
    links: Annotated[list[str], typer.Argument(metavar="URL", help="Links to Reddit threads.")],
    source: Annotated[
        SourceName, typer.Option(help="auto: Reddit's own API where there is a key, else the Arctic Shift archive.")
    ] = SourceName.AUTO,
) -> None:
    """Collect whole threads by their links; stopped or refused, the same command goes on where it was."""
    from groundswell.collecting import check_outcome, collect_links
    from groundswell.stopping import stoppable

    with stoppable() as stop, progress(context) as say:
        outcome = collect_links(open_study(context), links, source=source.value, tell=say, stop=stop)
    _report(outcome)
    check_outcome(outcome, stop)
    next_step(context, "groundswell code apply", "groundswell collect status")


@app.command()
def note(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Option(help="A file with the account; else it is read from standard input.")
    ] = None,
    text: Annotated[str | None, typer.Option(help="The account itself.")] = None,
    month: Annotated[str | None, typer.Option(metavar="YYYY-MM", help="When it was told.")] = None,
    role: Annotated[str | None, typer.Option(help="What its teller does, in a few words.")] = None,
    code: Annotated[
        list[str] | None,
        typer.Option("--code", metavar="CODE[=STANCE]", help="A code, coded at once; may be repeated."),
    ] = None,
    coder: Annotated[str | None, typer.Option(help="Whose reading the codes are.")] = None,
) -> None:
    """Store a private account: counted apart, never quoted, never exported."""
    from groundswell.collecting import Note, add_note, parse_codes, read_note

    told = text if text is not None else read_note(file, sys.stdin)
    address = add_note(open_study(context), Note(told, month, role, parse_codes(code or []), coder))
    show(address)


@app.command()
def status(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Show the result as JSON.")] = False,
) -> None:
    """List threads of which fewer replies are stored than were announced, the emptiest first."""
    from groundswell.checking import incomplete

    rows = incomplete(open_study(context))
    show_rows(rows, ("address", "stored_count", "declared_count", "coverage", "to_fetch"), form(as_json=as_json))
    tell(context, f"{len(rows)} {'thread' if len(rows) == 1 else 'threads'} not known to be complete")


def _report(outcome: "Outcome") -> None:
    complain_about(outcome.problems)
    counts = outcome.counts
    show(f"{counts.seen:,} posts seen: {counts.new:,} new, {counts.changed:,} changed")
