"""The command that compares two reports."""

from typing import Annotated

import typer

from groundswell.cli.console import form as shape_of
from groundswell.cli.console import open_study, show, show_json, show_rows

_NAMES = "The number of a build, or a report.json."


def diff(
    context: typer.Context,
    old: Annotated[
        str | None, typer.Argument(metavar="OLD", help=f"{_NAMES} Else the build before the newest.")
    ] = None,
    new: Annotated[str | None, typer.Argument(metavar="NEW", help=f"{_NAMES} Else the newest build.")] = None,
    as_paragraph: Annotated[
        bool, typer.Option("--paragraph", help="Show one paragraph for a changelog and nothing else.")
    ] = False,
    builds: Annotated[bool, typer.Option("--list", help="List the builds instead, the newest first.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Show the result as JSON.")] = False,
) -> None:
    """Say what changed between two reports: verdicts, shares, claims, evidence, and what each change is due to.

    Without names the two newest builds are compared.
    """
    from groundswell.comparing import compare, list_builds
    from reports.change_words import diff_lines, paragraph

    study = open_study(context)
    if builds:
        show_rows(list_builds(study), ("build", "built_at", "as_of", "changed"), shape_of(as_json=as_json))
        return
    found = compare(study, old, new)
    if as_json:
        show_json(found)
    elif as_paragraph:
        show(paragraph(found))
    else:
        for line in diff_lines(found):
            show(line)
