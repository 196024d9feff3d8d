"""Commands that build, verify and publish the report."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from groundswell.cli.console import form, next_step, open_study, show, show_rows, tell

app = typer.Typer(no_args_is_help=True, help="Build and verify the findings report, and put it into your own pages.")


class ProfileName(StrEnum):
    """For whom a report is."""

    PUBLIC = "public"
    INTERNAL = "internal"


class FigureFormat(StrEnum):
    """In which form figures are drawn for a paper."""

    PNG = "png"
    PDF = "pdf"
    SVG = "svg"


@app.command()
def build(
    context: typer.Context,
    profile: Annotated[
        ProfileName,
        typer.Option(
            "--profile", help="internal: with links and a few words of posts, into reports/internal, not to publish."
        ),
    ] = ProfileName.PUBLIC,
    as_json: Annotated[bool, typer.Option("--json", help="Show the result as JSON.")] = False,
) -> None:
    """Recompute every claim, check for leaks, and write report.json, report.md, report.html and evidence.csv."""
    from groundswell.reporting import build as build_of
    from groundswell.reporting import verdict_rows, way_lines
    from reports.words import counted

    built = build_of(open_study(context), profile.value)
    show_rows(verdict_rows(built.report), ("claim", "verdict", "basis", "read", "need"), form(as_json=as_json))
    for line in way_lines(built.report):
        tell(context, line)
    if built.drafts:
        tell(
            context,
            f"no claim for drafts: {', '.join(built.drafts)} (say in codebook.yaml what they mean: `definition: …`)",
        )
    word = "written" if built.changed else "unchanged"
    for path in built.paths:
        tell(context, f"{word}: {path}")
    if built.pictures:
        tell(context, f"{word}: {counted(built.pictures, 'picture')} beside them")
    if profile is ProfileName.INTERNAL:
        tell(context, "this report holds words of people: do not publish it")
    best = built.report["next_steps"]["best"]
    reading = [f"groundswell review --claim {best['claims'][0]}"] if best else []
    next_step(context, *reading, "groundswell evidence show CLAIM")


@app.command()
def verify(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="A report.json; else that of the study, with all its files.")
    ] = None,
) -> None:
    """Recompute the report and compare it with the built one, byte by byte; exit 6 when they differ."""
    from groundswell.reporting import verify as verify_of
    from reports.words import counted

    claims = verify_of(open_study(context), file)
    show(f"the report is what the data give: {counted(len(claims), 'claim')} recomputed")


@app.command()
def fill(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Your own Markdown, with marked places.")],
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 6 when a place is stale.")] = False,
) -> None:
    """Put what the built report says into the marked places of your own Markdown, and touch nothing else.

    A place stands between `<!-- groundswell CLAIM [FORM] -->` and `<!-- /groundswell -->`. FORM is sentence, counts,
    share, row, list, sources or methods. CLAIM/CODE names one figure of a claim, `report` the whole report.
    """
    from groundswell.filling import fill as fill_files
    from reports.words import counted

    for done in fill_files(open_study(context), files, check=check):
        places = counted(done.places, "place")
        show(
            f"{done.path}: {places}, {len(done.stale)} changed"
            if not check
            else f"{done.path}: {places}, all up to date"
        )
        if not done.places:
            tell(
                context,
                f"{done.path}: no marks (write <!-- groundswell CLAIM --> and <!-- /groundswell --> around a place)",
            )
    next_step(context, "groundswell report fill --check FILE…    (where pages are built by a machine)")


@app.command()
def figures(
    context: typer.Context,
    kind: Annotated[FigureFormat, typer.Option("--format", help="What a paper takes.")] = FigureFormat.PDF,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="DIR", help="Where they go; else reports/paper of the study.")
    ] = None,
) -> None:
    """Draw the figures of the built report for a paper (extra `figures`: matplotlib)."""
    from groundswell.printing import print_figures
    from reports.words import counted

    paths = print_figures(open_study(context), kind.value, to)
    for path in paths:
        show(str(path))
    tell(context, f"{counted(len(paths), 'figure')} drawn")


@app.command()
def pdf(
    context: typer.Context,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FILE", help="Where it goes; else reports/report.pdf.")
    ] = None,
) -> None:
    """Print the built report as one PDF (extra `pdf`: weasyprint)."""
    from groundswell.printing import print_pdf

    show(str(print_pdf(open_study(context), to)))
