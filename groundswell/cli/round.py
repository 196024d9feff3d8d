"""Commands for rounds: who codes a sample, the sheets they fill in, and how far they are."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from groundswell.cli.console import (
    Form,
    complain_about,
    form,
    next_step,
    open_study,
    show,
    show_json,
    show_rows,
    tell,
)

app = typer.Typer(no_args_is_help=True, help="Have people code a sample, each by themselves, with a frozen codebook.")

Name = Annotated[str, typer.Argument(metavar="ROUND", help="The round.")]
AsJson = Annotated[bool, typer.Option("--json", help="Show the result as JSON.")]


@app.command()
def start(
    context: typer.Context,
    sample: Annotated[str, typer.Argument(help="The sample whose posts are coded.")],
    coder: Annotated[
        list[str] | None, typer.Option(help="Who codes, once for each person; without it the coders of study.yaml.")
    ] = None,
    code: Annotated[
        list[str] | None, typer.Option(help="What is coded; without it the sample's codes, or all but drafts.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="What the round is called.")] = None,
    blind: Annotated[
        bool,
        typer.Option(
            "--blind", help="Nobody sees other codings, hits or scores; so it always is for audits and reliability."
        ),
    ] = False,
    double: Annotated[
        float,
        typer.Option(
            min=0, max=1, help="The share that two coders read; the rest goes to one each. With 1 everybody reads all."
        ),
    ] = 1.0,
    as_json: AsJson = False,
) -> None:
    """Start a round; it keeps the codebook as it is now."""
    from groundswell.agreeing import start_round

    round_ = start_round(
        open_study(context), sample, coders=coder or (), codes=code or (), name=name, blind=blind, double_share=double
    )
    if form(as_json=as_json) is Form.JSON:
        show_json(asdict(round_))
    else:
        how = "blind" if round_.blind else "not blind"
        if round_.double_share < 1:
            how += f"; {round_.double_share * 100:g} % by two coders, the rest by one each"
        show(f"{round_.id}: {', '.join(round_.coders)} code {', '.join(round_.codes)}, {how}")
    next_step(context, f"groundswell code round export {round_.id} --coder {round_.coders[0]} > sheet.jsonl")


@app.command()
def close(context: typer.Context, name: Name) -> None:
    """Close a round: codings that come later do not count, and differences may be looked at."""
    from groundswell.agreeing import close_round

    round_ = close_round(open_study(context), name)
    show(f"{round_.id} is closed")
    next_step(context, f"groundswell code agreement {round_.id}")


@app.command(name="list")
def list_(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="[ROUND]", help="One round; without it all.")] = None,
    as_json: AsJson = False,
) -> None:
    """List rounds with the progress of each coder."""
    from groundswell.agreeing import list_rounds

    rows = [
        {"round": one.round.id, "sample": one.round.sample, "coder": one.coder, "posts": one.posts, "left": one.left,
         "blind": one.round.blind, "state": "open" if one.round.closed_at is None else "closed"}
        for one in list_rounds(open_study(context), name)
    ]  # fmt: skip
    show_rows(rows, ("round", "sample", "coder", "posts", "left", "state"), form(as_json=as_json))


@app.command()
def export(
    context: typer.Context,
    name: Name,
    coder: Annotated[str, typer.Option(help="For whom.")],
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many posts.")] = None,
) -> None:
    """Write the posts that a coder has still to read, as JSON lines with empty codes to fill in."""
    from groundswell.agreeing import sheet

    lines = sheet(open_study(context), name, coder, limit=limit)
    show_rows(lines, (), Form.LINES)
    tell(context, f"{len(lines):,} posts for {coder}")
    next_step(context, "groundswell code round import SHEET")


@app.command(name="import")
def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A sheet from `code round export`, filled in.")],
) -> None:
    """Import a sheet that a coder filled in; a second time changes nothing."""
    from groundswell.agreeing import bring_in_sheet
    from groundswell.coding_work import check_imported
    from reports.words import counted

    done = bring_in_sheet(open_study(context), file)
    complain_about(done.problems)
    show(f"{counted(done.read, 'post')} read: {done.new:,} codings new")
    check_imported(done)
    next_step(context, "groundswell code round list")
