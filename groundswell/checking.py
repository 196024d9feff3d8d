"""How a study stands: what it holds, what is missing, and whether its surroundings are in order."""

import os
import platform
import sqlite3  # noqa: TID251 - only asked for its version
import stat
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from collector.people import fingerprint
from db.errors import GroundswellError
from db.queries import codings
from db.queries import study as queries
from db.queries.leads import lead_counts
from db.queries.reporting import last_run
from db.queries.runs import source_visits
from db.queries.threads import gaps
from groundswell.compliance import standing
from groundswell.folders import folder_warnings
from groundswell.reporting import claims_of, compute_report, verdict_rows, way_lines
from groundswell.scheduling import schedule_state
from groundswell.study import Study, find_study, now
from reports.words import counted

_LEAST_PYTHON = (3, 11)
_LEAST_SQLITE = (3, 37)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; `state` is fine, warning or wrong."""

    name: str
    state: str
    detail: str

    def row(self) -> dict[str, str]:
        """The check as a row of a table."""
        return {"check": self.name, "state": self.state, "detail": self.detail}


def study_status(study: Study) -> dict[str, Any]:
    """What the study holds and how its claims stand."""
    with study.store() as store:
        report = compute_report(study, store)
        return {
            "title": study.file.title,
            "totals": queries.totals(store.connection),
            "coders": codings.coder_counts(store.connection),
            "last_run": last_run(store.connection),
            "incomplete_threads": len(gaps(store.connection)),
            "leads": asdict(lead_counts(store.connection)),
            "sources": [
                {"name": name, "last_at": at, "state": state, "problem": problem}
                for name, (at, state, problem) in source_visits(store.connection).items()
            ],
            "schedule": schedule_state(study, store.connection, now()).lines,
            "compliance": standing(study, store),
            "claims": [
                {"id": c["id"], "verdict": c["verdict"], "basis": c["basis"], "read": c["read"], "need": c["need"]}
                for c in claims_of(report)
            ],
            "rows": verdict_rows(report),
            "next_steps": report["next_steps"],
            "way": way_lines(report),
        }


def status_lines(found: dict[str, Any]) -> Iterator[str]:
    """The status as lines for a person."""
    totals = found["totals"]
    yield found["title"]
    states = ", ".join(f"{count:,} {state.replace('_', ' ')}" for state, count in totals["states"].items())
    yield (
        f"{counted(totals['posts'], 'post')} by {counted(totals['authors'], 'author')} in "
        f"{counted(totals['threads'], 'thread')} of {counted(totals['communities'], 'community', 'communities')}"
    )
    if states:
        yield f"  {states}"
    apart = {
        "duplicates": ("post that repeats another", "posts that repeat others"),
        "bots": ("bot account", "bot accounts"),
        "notes": ("private note", "private notes"),
        "unreadable": ("item that could not be read", "items that could not be read"),
    }
    yield from (f"  {counted(totals[name], *words)}" for name, words in apart.items() if totals[name])
    if found["incomplete_threads"]:
        yield f"  {counted(found['incomplete_threads'], 'thread')} not known to be complete (groundswell collect status)"
    if found["last_run"] and found["last_run"]["state"] not in ("done", "running"):
        yield f"  the last run ({found['last_run']['command']}) ended {found['last_run']['state']}"
    yield from _care(found)
    for coder in found["coders"]:
        work = f"{counted(coder['codings'], 'coding')} on {counted(coder['posts'], 'post')}"
        yield f"  {coder['name']} ({coder['kind']}): {work}"
    yield ""
    width = max((len(row["claim"]) for row in found["rows"]), default=0)
    for row in found["rows"]:
        yield f"  {row['claim']:<{width}}  {row['verdict']:<15} {row['read']}{'; needs ' + row['need'] if row['need'] else ''}"
    yield from found["way"]


def _care(found: dict[str, Any]) -> Iterator[str]:
    """What came of leads, sources, the schedule, and of looking again at what is stored."""
    leads = found["leads"]
    if leads["listed"]:
        yield (
            f"  {counted(leads['listed'], 'lead')}: {leads['collected']} collected, {leads['without_address']} without "
            f"an address, {leads['not_collectable']} that cannot be collected"
        )
    for source in found["sources"]:
        if source["state"] != "done":
            yield f"  {source['name']} ended {source['state']} at {source['last_at']}: {source['problem'] or 'no reason is known'}"
    yield from (f"  {line}" for line in found["schedule"])
    care = found["compliance"]
    if care["due"]:
        due, unreachable = sum(care["due"].values()), sum(care["unreachable"].values())
        yield f"  {counted(due, 'post')} not looked at for {care['goal_hours']} hours (groundswell collect refresh)"
        if unreachable:
            kept = care["retention_days"]
            then = (
                f"are purged {kept} days after they were last seen"
                if kept
                else "stay, since study.yaml says no retention_days"
            )
            yield f"  {unreachable:,} of them cannot be looked at again here; they {then}"
    for stale in care["stale"]:
        yield f"  {stale['kind']} of {stale['made_at']} is older than the loss of {counted(stale['lost'], 'text')}: make it anew"


def examine(named: Path | None, start: Path) -> list[Check]:
    """Look at Python, SQLite and, where there is a study, at its files, key and database."""
    checks = list(_machine())
    try:
        study = find_study(named, start)
    except GroundswellError as error:
        return [*checks, Check("study", "warning" if named is None else "wrong", error.message)]
    return [*checks, *_study(study)]


def _machine() -> Iterator[Check]:
    version = platform.python_version()
    yield Check("python", "fine" if sys.version_info[:2] >= _LEAST_PYTHON else "wrong", version)
    new_enough = sqlite3.sqlite_version_info >= _LEAST_SQLITE
    yield Check("sqlite", "fine" if new_enough else "wrong", f"{sqlite3.sqlite_version}; 3.37 or newer is needed")


def _study(study: Study) -> Iterator[Check]:
    yield Check("study", "fine", str(study.root))
    yield from (Check("folder", "warning", warning) for warning in folder_warnings(study.root))
    for name, look in (("codebook", _codes), ("findings", _claims)):
        try:
            yield Check(name, "fine", look(study))
        except GroundswellError as error:
            yield Check(name, "wrong", error.message)
    yield _key(study)
    yield _secret_file(study.root / ".env")
    has_key = study.settings.has_reddit_key
    yield Check("reddit key", "fine", "present" if has_key else "none; threads come from the Arctic Shift archive")
    try:
        with study.store() as store:
            problems = queries.problems(store.connection)
    except GroundswellError as error:
        problems = [error.message]
    yield Check("database", "wrong" if problems else "fine", "; ".join(problems) or "whole")


def _codes(study: Study) -> str:
    return f"{len(study.codebook().codes)} codes"


def _claims(study: Study) -> str:
    definition = study.definition(study.codebook())
    return f"{sum(len(section.claims) for section in definition.sections)} claims"


def _key(study: Study) -> Check:
    try:
        with study.store() as store:
            key = study.key(store)
    except GroundswellError as error:
        return Check("key", "wrong", error.message)
    return Check("key", "fine", f"fingerprint {fingerprint(key)}")


def _secret_file(path: Path) -> Check:
    if not path.exists():
        return Check(".env", "warning", "there is none; its values must come from the environment")
    others = path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
    if os.name == "posix" and others:
        return Check(".env", "warning", f"others on this machine can read it: chmod 600 {path}")
    return Check(".env", "fine", "only you can read it")
