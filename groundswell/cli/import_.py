"""Commands that bring in work done elsewhere."""

from pathlib import Path
from typing import Annotated

import typer

from groundswell.cli.console import complain_about, next_step, open_study, show, tell

app = typer.Typer(no_args_is_help=True, help="Bring in codings made elsewhere.")


@app.callback()
def _group() -> None:
    """Keep `codings` a command of its own while it is the only one."""


@app.command()
def codings(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(help="JSON lines as `export codings`, `code round export` or `share return` write them.")
    ],
) -> None:
    """Import people's codings, also those that a coder elsewhere sent back; a second time changes nothing."""
    from groundswell.coding_work import bring_in_codings, check_imported
    from groundswell.sharing import BroughtBack
    from reports.words import counted

    done = bring_in_codings(open_study(context), file)
    complain_about(done.problems)
    show(f"{counted(done.read, 'coding')} read: {done.new:,} new")
    for name, many in done.unknown_rounds.items():
        tell(
            context,
            f"{counted(many, 'coding')} of a round {name!r}, which is not in this study: no agreement counts them",
        )
    if isinstance(done, BroughtBack) and (done.memos or done.taken_back):
        tell(context, f"{counted(done.memos, 'new memo')}; {counted(done.taken_back, 'coding')} taken back since")
    check_imported(done)
    next_step(context, "groundswell report build")
