"""Commands that stand on their own: demo, init, status, doctor, schema, version."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from groundswell.cli.console import Form, form, next_step, open_study, show, show_json, show_rows, tell


class Example(StrEnum):
    """What a new study may start from."""

    AI_ENGINEER = "ai-engineer"
    BLANK = "blank"


class SchemaName(StrEnum):
    """The files that have a schema."""

    STUDY = "study"
    CODEBOOK = "codebook"
    FINDINGS = "findings"


AsJson = Annotated[bool, typer.Option("--json", help="Show the result as JSON.")]


def add_to(app: typer.Typer) -> None:
    """Put these commands at the top of the program."""
    for command in (demo, init, status, find, update, doctor, schema, version):
        app.command()(command)


def demo(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to put the study.")] = Path("groundswell-demo"),
) -> None:
    """Show the whole loop on an invented study: offline, without keys, in seconds."""
    from groundswell.reporting import claims_of
    from groundswell.starting import run_demo
    from reports.phrases import headlines, sentence

    made = run_demo(folder)
    tell(
        context,
        f"{made.posts} invented posts collected, {made.hits} rule hits, {made.codings} codings by two invented coders.",
    )
    rows = [{"claim": c["id"], "verdict": c["verdict"], "basis": c["basis"]} for c in claims_of(made.built.report)]
    show_rows(rows, ("claim", "verdict", "basis"), Form.TABLE)
    show("")
    for claim in headlines(made.built.report):
        show(sentence(claim))
    show(f"\nThe report: {made.built.paths[-1]}")
    show("Now with threads of your own:")
    for line in (
        "groundswell init my-study --example blank && cd my-study",
        'groundswell codebook add "title confusion" --term "job title*" --definition "what it means"',
        "groundswell collect url https://www.reddit.com/r/SUBREDDIT/comments/ID/",
        "groundswell code apply",
        "groundswell review --coder YOU",
        "groundswell report build",
    ):
        show(f"  {line}")


def init(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")],
    example: Annotated[Example, typer.Option(help="What to start from.")] = Example.BLANK,
    title: Annotated[str | None, typer.Option(help="The study's title (blank example only).")] = None,
) -> None:
    """Make a study: a folder with its files, a pseudonym key and an empty database."""
    from groundswell.folders import folder_warnings
    from groundswell.starting import start_study

    study = start_study(folder, example.value, title)
    show(f"{study.root}: a new study")
    for warning in folder_warnings(study.root):
        tell(context, f"warning: {warning}")
    next_step(
        context,
        f"cd {study.root}",
        'groundswell codebook add "a theme" --term "a word*" --definition "what it means"',
        "groundswell collect url LINK",
    )


def status(context: typer.Context, as_json: AsJson = False) -> None:
    """Say what the study holds, how its claims stand, and what would settle most of them for least reading."""
    from groundswell.checking import status_lines, study_status

    found = study_status(open_study(context))
    if as_json:
        show_json(found)
    else:
        for line in status_lines(found):
            show(line)


def find(
    context: typer.Context,
    query: Annotated[str, typer.Argument(help='A pattern of the rule language, such as "job title*" or a NEAR/5 b.')],
    most: Annotated[int, typer.Option("--limit", metavar="N", min=1, help="Show so many posts, the newest.")] = 20,
    as_lines: Annotated[
        bool, typer.Option("--nl", help="One JSON object a line, with the places of the matches.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Find posts by their words, as a rule with the same pattern would."""
    from groundswell.finding import find as find_posts

    result = find_posts(open_study(context), query, most)
    shape = form(as_json=as_json, as_lines=as_lines)
    show_rows([found.row() for found in result.found], ("address", "excerpt"), shape)
    tell(context, f"{'' if result.is_exact else 'at most '}{result.total:,} posts; {len(result.found)} shown")


def update(context: typer.Context) -> None:
    """Do all that is due: sources, threads, looking again, coding by rules, the report, the digest. This is what a schedule starts."""
    from groundswell.cli.collect import conduct_of
    from groundswell.updating import check_updated, updated_lines
    from groundswell.updating import update as do_all

    with conduct_of(context) as conduct:
        done = do_all(open_study(context), conduct)
    for line in updated_lines(done):
        show(line)
    check_updated(done, conduct.stop)


def doctor(context: typer.Context, as_json: AsJson = False) -> None:
    """Check Python, SQLite, the study's files, its key and its database."""
    from db.errors import CheckFailed
    from groundswell.checking import examine
    from groundswell.cli.console import options

    checks = examine(options(context).study, Path.cwd())
    show_rows([check.row() for check in checks], ("check", "state", "detail"), form(as_json=as_json))
    failed = [check.name for check in checks if check.state == "wrong"]
    if failed:
        raise CheckFailed(f"not in order: {', '.join(failed)}")


def schema(name: Annotated[SchemaName, typer.Argument(help="Which file.")]) -> None:
    """Print the JSON Schema of a file that people write, for editors and assistants."""
    from pydantic import BaseModel

    from coding.codebook import CodebookFile
    from db.yaml_files import json_schema
    from groundswell.study_file import StudyFile
    from reports.definition import FindingsFile

    models: dict[SchemaName, type[BaseModel]] = {
        SchemaName.STUDY: StudyFile,
        SchemaName.CODEBOOK: CodebookFile,
        SchemaName.FINDINGS: FindingsFile,
    }
    show_json(json_schema(models[name]))


def version(as_json: AsJson = False) -> None:
    """Say which version this is."""
    from groundswell import VERSION

    if as_json:
        show_json({"groundswell": VERSION, "python": sys.version.split()[0]})
    else:
        show(VERSION)
