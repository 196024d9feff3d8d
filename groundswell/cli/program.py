"""The command that lets any program code; it is mounted under `code`."""

from typing import Annotated

import typer

from groundswell.cli.console import complain_about, next_step, open_study, show, tell


def run(
    context: typer.Context,
    command: Annotated[list[str], typer.Argument(metavar="-- COMMAND", help="The program and its arguments.")],
    coder: Annotated[str, typer.Option(metavar="NAME", help="The name under which its codings are stored.")],
    sample: Annotated[str | None, typer.Option(metavar="ID", help="Send only the posts of this sample.")] = None,
    timeout: Annotated[float, typer.Option(min=1, metavar="SECONDS", help="Stop the program after so long.")] = 3600,
    env: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="A variable that it gets beside PATH, HOME and LANG.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be sent, start nothing.")] = False,
) -> None:
    """Let a program code: it reads the codebook and posts as JSON lines and writes codings back."""
    from groundswell.programs import Order, check_ran, preview, run_program
    from groundswell.stopping import stoppable
    from reports.words import counted

    order = Order(tuple(command), coder, sample, timeout, tuple(env or ()))
    study = open_study(context)
    if dry_run:
        shown = preview(study, order)
        for line in shown.lines:
            show(line)
        tell(context, f"{counted(shown.posts, 'post')} would be sent; nothing was started")
        return
    with stoppable() as stop:
        ran = run_program(study, order, stop)
        complain_about(ran.refused, ran.refused_count)
        show(
            f"{ran.id}: {counted(ran.posts, 'post')} sent, {counted(ran.codings, 'coding')} read, "
            f"{counted(ran.refused_count, 'line')} refused; {ran.new:,} new, {ran.undone:,} undone"
        )
        check_ran(ran, order, stop)
    next_step(context, "groundswell code round list", f"groundswell code undo {ran.id}   # takes it back")
