"""Commands that bring in work done elsewhere."""

from pathlib import Path
from typing import Annotated

import typer

from groundswell.cli.console import complain_about, next_step, open_study, show

app = typer.Typer(no_args_is_help=True, help="Bring in codings made elsewhere.")


@app.callback()
def _group() -> None:
    """Keep `codings` a command of its own while it is the only one."""


@app.command()
def codings(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="JSON lines as `export codings` writes them.")],
) -> None:
    """Import people's codings; a second time changes nothing."""
    from groundswell.coding_work import bring_in_codings, check_imported
    from reports.words import counted

    done = bring_in_codings(open_study(context), file)
    complain_about(done.problems)
    show(f"{counted(done.read, 'coding')} read: {done.new:,} new")
    check_imported(done)
    next_step(context, "groundswell report build")
