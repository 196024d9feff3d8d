"""Commands that have a study updated by itself."""

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from groundswell.cli.console import complain, next_step, open_study, show, show_json, tell

if TYPE_CHECKING:
    from groundswell.schedule_formats import Kind

app = typer.Typer(no_args_is_help=True, help="Have the study updated by itself: by cron, systemd, launchd or Windows.")


class KindName(StrEnum):
    """What may start the updates."""

    AUTO = "auto"
    CRON = "cron"
    SYSTEMD = "systemd"
    LAUNCHD = "launchd"
    WINDOWS = "windows"


KindOption = Annotated[KindName, typer.Option(help="What starts the updates; auto takes what this machine has.")]
Every = Annotated[str, typer.Option(metavar="INTERVAL", help="How often: 1h, 2h, 3h, 4h, 6h, 8h, 12h, 24h or 7d.")]
At = Annotated[
    str | None,
    typer.Option(
        metavar="HH:MM", help="The time of day, by the local clock; else one that differs from study to study."
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do it without asking.")]


@app.command("print")
def print_(context: typer.Context, kind: KindOption = KindName.AUTO, every: Every = "24h", at: At = None) -> None:
    """Print what cron, systemd, launchd or Windows has to be told, and what to type; changes nothing."""
    from groundswell.schedule_formats import printed
    from groundswell.scheduling import job_of

    found = printed(job_of(open_study(context), every, at), _kind(kind))
    show(found.text.rstrip("\n"))
    for heading, lines in (("to put it in place:", found.steps), ("to take it away:", found.undo)):
        tell(context, heading)
        for line in lines:
            tell(context, f"  {line}")


@app.command()
def install(
    context: typer.Context, kind: KindOption = KindName.AUTO, every: Every = "24h", at: At = None, yes: Yes = False
) -> None:
    """Install a cron line or a systemd timer that updates this study; it is shown first, and nothing else is changed."""
    from groundswell.schedule_formats import Kind
    from groundswell.scheduling import install as put
    from groundswell.scheduling import job_of, preview
    from groundswell.study import now

    study, chosen = open_study(context), _kind(kind)
    job = job_of(study, every, at)
    _show_plan(context, preview(job, chosen), yes=yes)
    if not _confirmed("Install this?", yes=yes):
        tell(context, "nothing was changed")
        return
    put(study, job, chosen, now())
    show(f"{job.name}: {job.timing.words}, by {chosen.value}")
    if chosen is Kind.SYSTEMD:
        tell(context, "it runs while you are logged in; loginctl enable-linger lets it run at other times too")
    next_step(context, "groundswell schedule status")


@app.command()
def remove(context: typer.Context, yes: Yes = False) -> None:
    """Take this study's cron line or systemd timer away; nothing else is changed."""
    from groundswell.scheduling import installed
    from groundswell.scheduling import remove as take_away

    study = open_study(context)
    held = installed(study)
    if not held:
        take_away(study)
        show("nothing was installed for this study")
        return
    _show_plan(context, [line for kind, lines in held.items() for line in (f"{kind.value}:", *lines)], yes=yes)
    if not _confirmed("Take this away?", yes=yes):
        tell(context, "nothing was changed")
        return
    show(f"taken from {' and '.join(kind.value for kind in take_away(study))}")


@app.command()
def status(
    context: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="Show the result as JSON.")] = False
) -> None:
    """Say what is installed, how the last update went and when the next one comes; exit 6 when one failed or is missing."""
    from db.errors import CheckFailed
    from groundswell.scheduling import schedule_report
    from groundswell.study import now

    report = schedule_report(open_study(context), now())
    if as_json:
        show_json(report.as_dict())
    else:
        for line in report.lines():
            show(line)
    if not report.in_order:
        raise CheckFailed(
            "the updates do not come as they should", hint="groundswell update shows what stands in the way"
        )


def _kind(name: KindName) -> "Kind":
    from groundswell.schedule_formats import Kind
    from groundswell.scheduling import default_kind

    return default_kind() if name is KindName.AUTO else Kind(name.value)


def _show_plan(context: typer.Context, lines: list[str], *, yes: bool) -> None:
    """Show what is about to be changed; whoever is asked has to see it, quiet or not."""
    for line in lines:
        if yes:
            tell(context, line)
        else:
            complain(line)


def _confirmed(question: str, *, yes: bool) -> bool:
    """Whether the user wants it; where nobody can be asked, `--yes` has to say so."""
    from db.errors import GroundswellError

    if yes:
        return True
    if not sys.stdin.isatty():
        raise GroundswellError("nothing was changed: nobody can be asked here", hint="--yes does it without asking")
    # typer.confirm writes a part of its question to stdout, which is for results.
    complain(f"{question} [y/N]")
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
