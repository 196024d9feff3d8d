"""Commands that lead from a number to the posts behind it."""

from typing import Annotated

import typer

from groundswell.cli.console import Form, form, open_study, show, show_json

app = typer.Typer(no_args_is_help=True, help="Show the posts behind a number.")


@app.callback()
def _group() -> None:
    """Keep `show` a command of its own while it is the only one."""


@app.command()
def show_(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="ID", help="An evidence id (E-…), a post's address, or a claim.")],
    as_json: Annotated[bool, typer.Option("--json", help="Show the result as JSON.")] = False,
) -> None:
    """Show the posts of an evidence id or a claim, with their texts: for your eyes, not for publication."""
    from groundswell.reporting import show_evidence

    found = show_evidence(open_study(context), name)
    if form(as_json=as_json) is Form.JSON:
        show_json(found)
        return
    for post in found:
        side = f" ({post['side']})" if post["side"] else ""
        show(f"{post['evidence']}{side}  {post['address']}  {post['community']}  {post['created_at']}  {post['state']}")
        for part in (post["title"], post["text"], post["url"]):
            if part:
                show("  " + part.replace("\n", "\n  "))
        show("")


app.registered_commands[0].name = "show"
