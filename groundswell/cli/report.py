"""Commands that build and verify the report."""

from typing import Annotated

import typer

from groundswell.cli.console import form, next_step, open_study, show, show_rows, tell

app = typer.Typer(no_args_is_help=True, help="Build and verify the findings report.")


@app.command()
def build(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Show the result as JSON.")] = False,
) -> None:
    """Recompute every claim and write report.json, report.md and report.html."""
    from groundswell.reporting import build as build_of
    from groundswell.reporting import verdict_rows, way_lines

    built = build_of(open_study(context))
    show_rows(verdict_rows(built.report), ("claim", "verdict", "basis", "read", "need"), form(as_json=as_json))
    for line in way_lines(built.report):
        tell(context, line)
    if built.drafts:
        tell(
            context,
            f"no claim for drafts: {', '.join(built.drafts)} (say in codebook.yaml what they mean: `definition: …`)",
        )
    for path in built.paths:
        tell(context, f"{'written' if built.changed else 'unchanged'}: {path}")
    next_step(
        context,
        "groundswell evidence show CLAIM",
        "groundswell import codings FILE    (what people decided; docs/how-to/code.md)",
    )


@app.command()
def verify(context: typer.Context) -> None:
    """Recompute the report and compare it with the built one, byte by byte; exit 6 when they differ."""
    from groundswell.reporting import verify as verify_of
    from reports.words import counted

    claims = verify_of(open_study(context))
    show(f"the report is what the data give: {counted(len(claims), 'claim')} recomputed")
