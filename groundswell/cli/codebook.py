"""Commands on the codebook."""

from typing import Annotated

import typer

from groundswell.cli.console import form, next_step, open_study, show, show_rows

app = typer.Typer(no_args_is_help=True, help="Show, check and extend the codebook.")


@app.command()
def show_(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Show the result as JSON.")] = False,
) -> None:
    """List the codes."""
    codebook = open_study(context).codebook()
    rows = [
        {
            "code": code.id, "name": code.name, "stance": "yes" if code.stance else "",
            "rules": len(code.rules), "draft": "yes" if code.is_draft and not code.choose_one else "",
            "definition": code.definition,
        }
        for code in codebook.codes.values()
    ]  # fmt: skip
    show_rows(rows, ("code", "name", "stance", "rules", "draft", "definition"), form(as_json=as_json))


@app.command()
def check(context: typer.Context) -> None:
    """Check the codebook, its rules and the findings that rest on it."""
    study = open_study(context)
    codebook = study.codebook()
    definition = study.definition(codebook)
    claims = sum(len(section.claims) for section in definition.sections)
    show(f"{len(codebook.codes)} codes and {claims} claims are in order")


@app.command()
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help='The name, such as "Title confusion", or an id.')],
    term: Annotated[list[str] | None, typer.Option(help="A pattern that finds it; may be repeated.")] = None,
    definition: Annotated[str | None, typer.Option(help="What the code means; without it the code is a draft.")] = None,
) -> None:
    """Add a code to codebook.yaml, all else left as it is."""
    from coding.codebook import add_code
    from coding.patterns import parse_pattern

    study = open_study(context)
    for pattern in term or ():
        parse_pattern(pattern)
    code_id = add_code(study.codebook_path, name, definition=definition, terms=term or ())
    show(code_id)
    next_step(context, "groundswell code apply")


show_.__name__ = "show"
app.registered_commands[0].name = "show"
