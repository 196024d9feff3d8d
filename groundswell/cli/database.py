"""Commands on the database."""

from typing import Annotated

import typer

from groundswell.cli.console import open_study, show

app = typer.Typer(no_args_is_help=True, help="Migrate, back up and check the database.")


@app.command()
def migrate(
    context: typer.Context,
    only_list: Annotated[bool, typer.Option("--list", help="Name what is pending, change nothing.")] = False,
) -> None:
    """Bring the database to this version's schema; a copy is kept first."""
    from groundswell.database import migrate_study

    for name in migrate_study(open_study(context), only_list=only_list) or ["nothing to do"]:
        show(name)


@app.command()
def backup(context: typer.Context) -> None:
    """Write people's work (codings and private notes) as JSON lines into backups/."""
    from groundswell.database import back_up

    for path in back_up(open_study(context)):
        show(str(path))


@app.command()
def check(context: typer.Context) -> None:
    """Check the database against SQLite's rules and ours; exit 6 when something is wrong."""
    from db.errors import CheckFailed
    from groundswell.database import check_database

    problems = check_database(open_study(context))
    for problem in problems:
        show(problem)
    if problems:
        raise CheckFailed(f"{len(problems)} problems in the database", hint="backups/ holds people's work")
    show("the database is in order")
