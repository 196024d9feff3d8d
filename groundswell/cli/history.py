"""Commands on the history of codings; they are mounted under `code`."""

from datetime import datetime
from typing import Annotated

import typer

from groundswell.cli.console import form, next_step, open_study, show, show_rows, tell

ACTION_COLUMNS = ("id", "at", "what", "coders", "codings", "undone_codings", "posts", "state", "ended")
EVENT_COLUMNS = ("post", "code", "value", "stance", "coder", "created_at", "undoes", "undone")


def log(
    context: typer.Context,
    action: Annotated[str | None, typer.Argument(metavar="[ID]", help="Show the codings of this action.")] = None,
    coder: Annotated[str | None, typer.Option(metavar="NAME", help="Only what concerns this coder's codings.")] = None,
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="Only what was done on this day or later (UTC)."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Show so many at most.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Show the result as JSON.")] = False,
    as_lines: Annotated[bool, typer.Option("--nl", help="One JSON object a line.")] = False,
) -> None:
    """Show what was coded when and by whom, the last action first; with an id, its codings."""
    from itertools import islice

    from groundswell.history import events, history

    study, shape = open_study(context), form(as_json=as_json, as_lines=as_lines)
    if action is not None:
        show_rows(events(study, action), EVENT_COLUMNS, shape)
        return
    found = islice(history(study, coder=coder, since=since.date().isoformat() if since else None), limit + 1)
    rows = [entry.row() for entry in found]
    show_rows(rows[:limit], ACTION_COLUMNS, shape)
    if len(rows) > limit:
        tell(context, f"… the last {limit}; --limit shows more")


def undo(
    context: typer.Context,
    action: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="As `code log` shows it, or its beginning; else the last that stands."),
    ] = None,
    coder: Annotated[
        str | None, typer.Option(metavar="NAME", help="Without an id: the last that concerns this coder's codings.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be undone, change nothing.")] = False,
) -> None:
    """Take back an action as a whole, after a backup; nothing is deleted, and an undoing can be undone."""
    from groundswell.history import undo as take_back
    from groundswell.history import undone_line

    if action is not None and coder is not None:
        raise typer.BadParameter("an action is named by its id alone", param_hint="--coder")
    done = take_back(open_study(context), action, coder=coder, dry_run=dry_run)
    show(undone_line(done))
    if done.id is not None:
        next_step(context, f"groundswell code undo {done.id}   # takes that back")
