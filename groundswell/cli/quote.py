"""Commands that record who may be quoted."""

from enum import StrEnum
from typing import Annotated

import typer

from groundswell.cli.console import form, next_step, open_study, show, show_rows, tell

app = typer.Typer(no_args_is_help=True, help="Record who may be quoted, and why.")
_COLUMNS = ("id", "post", "words", "name", "reason", "by", "shown", "why_not")


class Reason(StrEnum):
    """Why somebody may be quoted."""

    AGREED = "agreed"
    ADDRESSED = "addressed"
    PUBLIC_FIGURE = "public_figure"


@app.command()
def add(
    context: typer.Context,
    post: Annotated[
        str, typer.Argument(metavar="POST", help="A post's address, a link to it, or an evidence id (E-…).")
    ],
    reason: Annotated[
        Reason,
        typer.Option(
            "--reason",
            help="agreed: asked and agreed; addressed: said in public to you; public_figure: said by one in that role.",
        ),
    ],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who records it, and answers for it.")],
    words: Annotated[str | None, typer.Option("--words", help="The words to quote, as they stand in the post.")] = None,
    start: Annotated[int | None, typer.Option("--start", min=0, help="The first character to quote, from 0.")] = None,
    end: Annotated[int | None, typer.Option("--end", min=1, help="The character before which to end.")] = None,
    name: Annotated[
        str | None, typer.Option("--name", help="As whom to quote; else only the community is named.")
    ] = None,
    note: Annotated[
        str | None, typer.Option("--note", help="Where and when they were asked, or what role it is.")
    ] = None,
) -> None:
    """Record that a post, or a part of it, may be quoted with name and link."""
    from groundswell.quoting import Asked, add_quote

    asked = Asked(post, reason.value, by, start, end, words, name, note)
    quote = add_quote(open_study(context), asked)
    show(f"{quote['id']}  {quote['words']}")
    tell(context, "a report built now shows it" if quote["shown"] else f"not shown yet: {quote['why_not']}")
    next_step(
        context, "groundswell collect refresh    (look whether posts are still there)", "groundswell report build"
    )


@app.command("list")
def list_(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Show the result as JSON.")] = False,
    as_lines: Annotated[bool, typer.Option("--nl", help="Show one JSON object a line.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Show the result as CSV.")] = False,
) -> None:
    """List who may be quoted, and whether a report built now would show it."""
    from groundswell.quoting import list_quotes

    rows = list_quotes(open_study(context))
    show_rows(rows, _COLUMNS, form(as_json=as_json, as_lines=as_lines, as_csv=as_csv))


@app.command()
def drop(
    context: typer.Context,
    quote: Annotated[str, typer.Argument(metavar="ID", help="The quotation's id, as `quote list` shows it.")],
) -> None:
    """Quote somebody no more; the name is forgotten."""
    from groundswell.quoting import drop_quote

    drop_quote(open_study(context), quote)
    show(f"dropped: {quote}")
    next_step(context, "groundswell report build")
