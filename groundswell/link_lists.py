"""A list of links as the start of a study: what it would take, and collecting what it leads to."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from collector.files import UnreadableFileError
from collector.forecast import ROW_HEADINGS, Need, plan_json, plan_rows, requests_needed
from collector.leads import find_leads, is_answer
from collector.link_lists import LinkFile, Plan, find_entries, link_file, make_plan, read_link_files, remember_plan
from collector.links import Target
from collector.run import Outcome
from db.errors import ConfigurationError, GroundswellError
from db.queries import losing
from db.queries.leads import save_leads
from db.queries.threads import declared_counts
from groundswell.collecting import collect, plan_items
from groundswell.locking import collecting
from groundswell.sites import Conduct, source_for
from groundswell.study import Study, now

STANDARD_INPUT = Path("-")


@dataclass(frozen=True, slots=True)
class LinkList:
    """Files with links, what they lead to, and what stood in the way of reading others."""

    files: tuple[LinkFile, ...]
    plan: Plan
    problems: tuple[str, ...]


def read_links(
    paths: Sequence[Path], standard_input: BinaryIO, *, leads: bool = False, links: Sequence[str] = ()
) -> LinkList:
    """Read files, folders, or standard input (`-`), and find their links.

    Args:
        paths: the files and folders.
        standard_input: what `-` stands for.
        leads: whether all of it was written by somebody else, as a model's answer is.
        links: links that were given by themselves.

    Raises:
        GroundswellError: a file is missing, or no link stands in any of them.
    """
    for path in paths:
        if path != STANDARD_INPUT and not path.exists():
            raise GroundswellError(f"{path}: there is no such file or folder")
    files, problems = read_link_files([path for path in paths if path != STANDARD_INPUT])
    if STANDARD_INPUT in paths:
        try:
            files.append(link_file("standard input", standard_input.read()))
        except UnreadableFileError as error:
            raise GroundswellError(str(error)) from error
    if links:
        files.append(link_file("the command line", "\n".join(links).encode()))
    plan = make_plan(entry for file in files for entry in find_entries(file, leads=leads or is_answer(file)))
    if not plan.planned and not plan.refused and not leads and not any(map(is_answer, files)):
        raise GroundswellError("; ".join(problems) or f"no link stands in {', '.join(file.name for file in files)}")
    return LinkList(tuple(files), plan, tuple(problems))


def forecast(study: Study, found: LinkList) -> tuple[list[tuple[str, ...]], dict[str, Any]]:
    """What collecting a list would take: the rows of a table under `ROW_HEADINGS`, and the same as JSON."""
    with study.store() as store:
        known = declared_counts(store.connection)
    needs: list[Need] = requests_needed(
        found.plan,
        has_reddit_key=study.settings.has_reddit_key,
        has_x_token=bool(study.settings.x_bearer_token),
        known_replies=known,
    )
    return plan_rows(found.plan, needs), plan_json(found.plan, needs)


def collect_list(
    study: Study,
    found: LinkList,
    conduct: Conduct,
    *,
    source: str = "auto",
    only: Sequence[str] = (),
    leads: bool = False,
) -> tuple[Outcome, list[str]]:
    """Keep what a list says about its threads, and collect them.

    Returns:
        The outcome, and what was left out and why.
    """
    targets, left_out = _wanted(study, found.plan, conduct, source, only)
    items = plan_items(study, targets, source)
    with collecting(study, "collect url"):
        with study.store() as store:
            people = study.pseudonyms(store)
            claims = [lead for file in found.files if leads or is_answer(file) for lead in find_leads(file, people)]
            with store.write() as connection:
                remember_plan(connection, found.plan, people, now())
                save_leads(connection, claims, now())
                losing.blank_notes(connection, losing.lost_words(connection, study.key(store)))
        platforms = sorted({target.platform for target in targets})
        named = {"files": [file.sha256 for file in found.files], "source": source, "only": platforms}
        return collect(study, "collect url", named, items, conduct), left_out


def remark_lines(found: LinkList) -> list[str]:
    """What people should know of a list: links that stand in it twice, forum pages, and what cannot be collected."""
    lines = []
    for planned in found.plan.duplicates:
        places = ", ".join(entry.where for entry in planned.entries)
        lines.append(f"listed {len(planned.entries)} times: {planned.target.url} ({places})")
    forums = sum(planned.target.forum for planned in found.plan.planned)
    if forums:
        lines.append(f"{forums} of the web pages are pages of forums")
    lines += [f"cannot be collected: {refused.entry.where}: {refused.problem}" for refused in found.plan.refused]
    return lines


def _wanted(
    study: Study, plan: Plan, conduct: Conduct, source: str, only: Sequence[str]
) -> tuple[list[Target], list[str]]:
    targets, left_out = [], []
    for platform in ("reddit", "hn", "x", "web"):
        planned = [item.target for item in plan.at(platform) if not only or platform in only]
        if not planned:
            continue
        try:
            by = source if platform == "x" and source.startswith("x_") else source_for(study, platform)
        except ConfigurationError as error:
            left_out.append(f"{platform}: {len(planned)} left out: {error.message}")
            continue
        if by == "x_api" and conduct.max_usd is None:
            left_out.append(f"x: {len(planned)} left out: reading them costs money; --max-usd says how much")
            continue
        targets += planned
    return targets, left_out


__all__ = ["ROW_HEADINGS", "LinkList", "collect_list", "forecast", "read_links", "remark_lines"]
