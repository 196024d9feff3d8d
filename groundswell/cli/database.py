"""Commands on the database."""

from pathlib import Path
from typing import Annotated

import typer

from groundswell.cli.console import complain_about, next_step, open_study, show, tell

app = typer.Typer(no_args_is_help=True, help="Migrate, back up, restore and check the database.")


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
    """Write people's codings, notes, memos, samples, judged leads and quotations and the codebook as JSON lines into backups/."""
    from groundswell.backups import back_up

    for path in back_up(open_study(context)):
        show(str(path))


@app.command()
def restore(
    context: typer.Context,
    source: Annotated[
        Path,
        typer.Argument(metavar="FOLDER|FILE", help="The folder backups/, whose last backup is taken, or a file in it."),
    ],
    into: Annotated[
        Path | None,
        typer.Option("--into", metavar="NEWDIR", help="Make a new study there; else it goes into this study."),
    ] = None,
) -> None:
    """Build a study from a backup; codings whose posts are not there yet are kept aside."""
    from groundswell.restoring import check_restored, restore_into
    from groundswell.restoring import restore as bring_back
    from reports.words import counted

    done = bring_back(open_study(context), source) if into is None else restore_into(into, source)
    complain_about(done.problems)
    show(
        f"{done.study.root}: {counted(done.codings, 'coding')} restored ({done.new:,} new), "
        f"{counted(done.notes, 'private note')}, {counted(done.others, 'other row')}"
    )
    for remark in done.remarks:
        tell(context, remark)
    if done.waiting:
        show(f"{counted(done.waiting, 'coding')} of posts without a text here: kept in {done.waiting_in}")
        next_step(
            context,
            f"groundswell -C {done.study.root} collect import POSTS",
            f"groundswell -C {done.study.root} db restore {source}",
        )
    check_restored(done)


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
