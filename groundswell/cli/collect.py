"""Commands that collect: files, links, communities, searches, private notes; and those that keep collections clean."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from groundswell.cli.console import (
    complain,
    complain_about,
    form,
    next_step,
    open_log_of,
    open_study,
    progress,
    show,
    show_json,
    show_rows,
    tell,
)

if TYPE_CHECKING:
    from collector.run import Outcome
    from groundswell.link_lists import LinkList
    from groundswell.sites import Conduct

app = typer.Typer(no_args_is_help=True, help="Collect discussions into the study, and keep what was collected clean.")


class Format(StrEnum):
    """What a file may be read as."""

    AUTO = "auto"
    REDDIT = "reddit_files"
    OLD_REDDIT = "old_reddit_files"
    GROUNDSWELL = "groundswell_lines"
    ZEESCHUIMER = "zeeschuimer_lines"
    TWARC = "twarc_lines"
    SNSCRAPE = "snscrape_lines"
    X_ARCHIVE = "x_archive_files"
    WEB_PAGE = "web_page_files"
    CSV = "csv_files"


class SourceName(StrEnum):
    """By which way something may be fetched."""

    AUTO = "auto"
    ARCTIC_SHIFT = "arctic_shift"
    REDDIT_API = "reddit_api"
    REDDIT_RSS = "reddit_rss"
    HACKER_NEWS = "hacker_news"
    X_API = "x_api"
    X_PUBLIC = "x_public"
    WEB_PAGE = "web_page"


class Platform(StrEnum):
    """Where to collect."""

    REDDIT = "reddit"
    HN = "hn"
    X = "x"
    WEB = "web"


AsJson = Annotated[bool, typer.Option("--json", help="Show the result as JSON.")]
Source = Annotated[
    SourceName,
    typer.Option(help="auto: Reddit's own API where there is a key, else the Arctic Shift archive; and so on."),
]
MaxUsd = Annotated[float | None, typer.Option(metavar="USD", min=0, help="What X's API may cost in this run.")]
MaxRequests = Annotated[
    int | None, typer.Option(metavar="N", min=1, help="How often X's API may be asked in this run.")
]
MaxThreads = Annotated[int | None, typer.Option("--threads", metavar="N", min=1, help="Walk at most so many threads.")]
After = Annotated[
    str | None, typer.Option(metavar="DAY", help="Only threads begun on this day or later, as 2026-01-31.")
]
Before = Annotated[str | None, typer.Option(metavar="DAY", help="Only threads begun before this day.")]


@app.command("import")
def import_(
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH", help="Files, or folders with files.")],
    read_as: Annotated[Format, typer.Option("--format", help="What the files are; auto finds out.")] = Format.AUTO,
    observed_at: Annotated[
        str | None, typer.Option(metavar="TIME", help="When they were seen, such as 2026-01-31T12:00:00Z.")
    ] = None,
    columns: Annotated[
        str | None,
        typer.Option(
            "--map", metavar="FIELD=COLUMN,…", help="Which columns of a table hold what, such as text=body,author=user."
        ),
    ] = None,
) -> None:
    """Import saved threads and pages, archives, captures, tables and dump lines; a second time changes nothing."""
    from collector.csv_mapping import MappingError, parse_mapping
    from collector.importing import ImportOptions
    from db.errors import GroundswellError
    from groundswell.collecting import import_into, moment

    try:
        mapping = None if columns is None else parse_mapping(columns)
    except MappingError as error:
        raise GroundswellError(f"--map: {error}") from error
    chosen = ImportOptions(read_as.value, moment(observed_at), mapping)
    with conduct_of(context) as conduct:
        outcome = import_into(open_study(context), paths, chosen, conduct)
    _end(outcome, conduct)
    next_step(context, "groundswell code apply", "groundswell status")


@app.command()
def url(
    context: typer.Context,
    links: Annotated[
        list[str] | None, typer.Argument(metavar="URL", help="Links to threads, pages or communities.")
    ] = None,
    lists: Annotated[
        list[Path] | None,
        typer.Option("--from", metavar="FILE|DIR|-", help="Files full of links: Markdown, text, JSON, bookmarks."),
    ] = None,
    leads: Annotated[
        bool, typer.Option("--leads", help="The files are somebody else's answer: keep their claims as leads.")
    ] = False,
    source: Source = SourceName.AUTO,
    only: Annotated[list[Platform] | None, typer.Option(help="Collect only what lies there; may be repeated.")] = None,
    threads: MaxThreads = None,
    max_usd: MaxUsd = None,
    max_requests: MaxRequests = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be collected and what that takes.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Collect whole threads and pages by their links; stopped or refused, the same command goes on where it was."""
    from groundswell.collecting import collect_links
    from groundswell.link_lists import collect_list, read_links

    if not links and not lists:
        raise typer.BadParameter("give links, or --from a file with links")
    study = open_study(context)
    with conduct_of(context, threads, max_usd, max_requests) as conduct:
        left_out: list[str] = []
        if lists is None and not dry_run:
            outcome = collect_links(study, links or [], conduct, source=source.value)
        else:
            found = read_links(lists or [], sys.stdin.buffer, leads=leads, links=links or [])
            complain_about(found.problems)
            if dry_run:
                _forecast(context, found, as_json=as_json)
                return
            wanted = [platform.value for platform in only or []]
            outcome, left_out = collect_list(study, found, conduct, source=source.value, only=wanted, leads=leads)
    for line in left_out:
        tell(context, line)
    _end(outcome, conduct)
    next_step(context, "groundswell code apply", "groundswell collect status")


@app.command()
def subreddit(
    context: typer.Context,
    names: Annotated[list[str], typer.Argument(metavar="NAME", help="Communities on Reddit, with or without r/.")],
    after: After = None,
    before: Before = None,
    source: Source = SourceName.AUTO,
    threads: MaxThreads = None,
) -> None:
    """Collect the threads of communities, each whole."""
    from collector.source import Listing
    from groundswell.collecting import collect_listing

    study = open_study(context)
    with conduct_of(context, threads) as conduct:
        days = _day(after, "--after"), _day(before, "--before")
        listings = [Listing("community", name.strip("/").removeprefix("r/"), None, *days) for name in names]
        outcomes = [collect_listing(study, listing, conduct, source=source.value) for listing in listings]
    _end_all(outcomes, conduct)
    next_step(context, "groundswell code apply", "groundswell collect status")


@app.command()
def search(
    context: typer.Context,
    query: Annotated[str, typer.Argument(help="The words to search for.")],
    on: Annotated[Platform, typer.Option(help="Where to search.")] = Platform.REDDIT,
    within: Annotated[str | None, typer.Option("--in", metavar="NAME", help="The community to search in.")] = None,
    after: After = None,
    before: Before = None,
    source: Source = SourceName.AUTO,
    threads: MaxThreads = None,
    max_usd: MaxUsd = None,
    max_requests: MaxRequests = None,
) -> None:
    """Collect the threads that a search finds, each whole."""
    from collector.source import Listing
    from groundswell.collecting import collect_listing

    if on is Platform.WEB:
        raise typer.BadParameter("web pages are collected by their links: groundswell collect url", param_hint="--on")
    listing = Listing(
        "search", query, within and within.removeprefix("r/"), _day(after, "--after"), _day(before, "--before")
    )
    with conduct_of(context, threads, max_usd, max_requests) as conduct:
        study = open_study(context)
        outcome = collect_listing(study, listing, conduct, source=source.value, platform=on.value)
    _end(outcome, conduct)
    next_step(context, "groundswell code apply", "groundswell collect status")


@app.command("x-conversation")
def x_conversation(
    context: typer.Context,
    post: Annotated[str, typer.Argument(metavar="ID|URL", help="The post that began the conversation.")],
    max_usd: MaxUsd = None,
    max_requests: MaxRequests = None,
    archive: Annotated[
        bool, typer.Option("--archive", help="Search all of X back to its beginning, not only the last seven days.")
    ] = False,
    authors: Annotated[
        bool,
        typer.Option("--authors/--no-authors", help="Ask for the names of accounts: two thirds of the price."),
    ] = True,
) -> None:
    """Collect a conversation on X: its first post, the replies and the quotes, for no more than --max-usd."""
    from groundswell.collecting import collect_links

    link = f"x:{post}" if post.isdigit() else post
    with conduct_of(context, None, max_usd, max_requests) as conduct:
        asked = replace(conduct, x_archive=archive, x_authors=authors)
        outcome = collect_links(open_study(context), [link], asked, source="x_api")
    _end(outcome, conduct)
    next_step(context, "groundswell code apply", "groundswell collect status")


@app.command()
def note(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Option(help="A file with the account; else it is read from standard input.")
    ] = None,
    text: Annotated[str | None, typer.Option(help="The account itself.")] = None,
    month: Annotated[str | None, typer.Option(metavar="YYYY-MM", help="When it was told.")] = None,
    role: Annotated[str | None, typer.Option(help="What its teller does, in a few words.")] = None,
    code: Annotated[
        list[str] | None,
        typer.Option("--code", metavar="CODE[=STANCE]", help="A code, coded at once; may be repeated."),
    ] = None,
    coder: Annotated[str | None, typer.Option(help="Whose reading the codes are.")] = None,
) -> None:
    """Store a private account: counted apart, never quoted, never exported."""
    from groundswell.notes import Note, add_note, parse_codes, read_note

    told = text if text is not None else read_note(file, sys.stdin)
    show(add_note(open_study(context), Note(told, month, role, parse_codes(code or []), coder)))


@app.command("run")
def run_(
    context: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="SOURCE", help="Sources of study.yaml; else all that are due.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what is due and collect nothing.")] = False,
) -> None:
    """Visit the sources of study.yaml that are due, and the threads whose next visit has come."""
    from groundswell.updating import check_updated, collect_due, due_lines, updated_lines

    study = open_study(context)
    if dry_run:
        for line in due_lines(study):
            show(line)
        return
    with conduct_of(context) as conduct:
        done = collect_due(study, conduct, names or [])
    for line in updated_lines(done):
        show(line)
    check_updated(done, conduct.stop)
    next_step(context, "groundswell code apply", "groundswell status")


@app.command()
def status(context: typer.Context, as_json: AsJson = False) -> None:
    """List threads of which fewer replies are stored than were announced, the emptiest first, and why."""
    from groundswell.collecting import gaps as gaps_of

    rows = gaps_of(open_study(context))
    show_rows(rows, ("address", "stored_count", "declared_count", "coverage", "to_fetch", "why"), form(as_json=as_json))
    tell(context, f"{len(rows)} {'thread' if len(rows) == 1 else 'threads'} not known to be complete")


@app.command()
def gaps(
    context: typer.Context,
    fill: Annotated[bool, typer.Option("--fill", help="Walk these threads again.")] = False,
    max_usd: MaxUsd = None,
    as_json: AsJson = False,
) -> None:
    """Say what is missing, as `collect status` does, and fill the gaps where that is wanted."""
    if not fill:
        status(context, as_json)
        return
    from groundswell.collecting import fill_gaps

    with conduct_of(context, None, max_usd) as conduct:
        outcome = fill_gaps(open_study(context), conduct)
    _end(outcome, conduct)
    next_step(context, "groundswell collect status")


@app.command()
def refresh(
    context: typer.Context,
    older_than: Annotated[
        str, typer.Option(metavar="INTERVAL", help="Look again at posts that nobody looked at for so long.")
    ] = "48h",
    max_usd: MaxUsd = None,
    max_requests: MaxRequests = None,
) -> None:
    """Look again at what is stored; what was deleted or changed meanwhile is deleted or changed here too."""
    from collector.due import parse_cadence
    from db.errors import GroundswellError
    from groundswell.compliance import refresh as look_again
    from groundswell.compliance import refreshed_lines

    try:
        hours = parse_cadence(older_than).total_seconds() / 3600
    except ValueError as error:
        raise GroundswellError(f"--older-than: {error}") from error
    with conduct_of(context, None, max_usd, max_requests) as conduct:
        done = look_again(open_study(context), conduct, older_than_hours=hours)
    for line in refreshed_lines(done):
        show(line)
    _end_all(done.outcomes.values(), conduct)
    next_step(context, "groundswell code apply", "groundswell report build")


@app.command()
def forget(
    context: typer.Context,
    author: Annotated[
        str | None, typer.Option(metavar="u/NAME|@NAME|hn:NAME", help="Everything by this account; or its pseudonym.")
    ] = None,
    post: Annotated[str | None, typer.Option(metavar="ADDRESS|URL", help="One post.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Take an account's posts, or one post, out of the study for good: no later import brings them back."""
    from groundswell.compliance import forget as take_out

    if (author is None) == (post is None):
        raise typer.BadParameter("give one of --author and --post")
    study = open_study(context)
    if not yes:
        typer.confirm("This cannot be undone. Go on?", abort=True, err=True)
    taken, files = take_out(study, author=author, post=post)
    show(
        f"{taken} {'post' if taken == 1 else 'posts'} taken out; the study takes nothing of {'it' if post else 'theirs'} in again"
    )
    for path in files:
        show(f"words blanked in {path}")
    next_step(context, "groundswell report build", "groundswell status")


def _forecast(context: typer.Context, found: "LinkList", *, as_json: bool) -> None:
    from groundswell.link_lists import ROW_HEADINGS, forecast, remark_lines

    rows, told = forecast(open_study(context), found)
    if as_json:
        show_json(told)
        return
    show_rows([dict(zip(ROW_HEADINGS, row, strict=True)) for row in rows], ROW_HEADINGS, form())
    for line in remark_lines(found):
        show(line)


def _day(text: str | None, option: str) -> str | None:
    from db.errors import GroundswellError

    if text is None:
        return None
    try:
        return f"{date.fromisoformat(text)}T00:00:00Z"
    except ValueError as error:
        raise GroundswellError(f"{option}: {text!r} is no day such as 2026-01-31") from error


@contextmanager
def conduct_of(
    context: typer.Context, threads: int | None = None, max_usd: float | None = None, max_requests: int | None = None
) -> Iterator["Conduct"]:
    """How this command goes about collecting: it stops on a signal, shows its progress, and logs if that is wanted."""
    from groundswell.sites import Conduct
    from groundswell.stopping import stoppable

    with stoppable() as stop, progress(context) as say, open_log_of(context) as log:
        yield Conduct(stop, say, log.event, threads, max_usd, max_requests)
        if log.failure is not None:
            complain(f"the log could not be written: {log.failure}")


def _end(outcome: "Outcome", conduct: "Conduct") -> None:
    """Show what a run did; raise what its exit code says."""
    _end_all([outcome], conduct)


def _end_all(outcomes: Iterable["Outcome"], conduct: "Conduct") -> None:
    """Show what runs did, each of them; raise what the exit code of the first that failed says."""
    from groundswell.collecting import check_outcome

    shown = list(outcomes)
    for outcome in shown:
        _show(outcome)
    for outcome in shown:
        check_outcome(outcome, conduct.stop)


def _show(outcome: "Outcome") -> None:
    complain_about(outcome.problems)
    complain_about(outcome.notes)
    counts = outcome.counts
    show(f"{counts.seen:,} posts seen: {counts.new:,} new, {counts.changed:,} changed")
