"""Methods: what a report says of how it was made, and of what would settle most, from report.json alone."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from reports.phrases import Entry, Line, claims_of, counted_plainly, day, need_words
from reports.verdicts import DECLARED, Thresholds

HOLDS = (
    "All intervals hold among authors in the threads collected, found by the queries and files listed below; they say "
    "nothing about people who do not write there."
)
A_HIT = "A keyword hit says that a post mentions a theme, never that its author agrees."
A_DRAW = (
    "The reading includes every post that a machine found and the posts of drawn authors in whom it found nothing; "
    "a claim is settled for certain only when all its posts are read."
)
NOTHING_WAITS = "Nothing is waiting to be read."
_LEFT_OUT = {
    "bots": ("post by a bot", "posts by bots"),
    "deleted_or_removed": ("post deleted or removed", "posts deleted or removed"),
    "without_words": ("post without words", "posts without words"),
    "repeated_by_another_account": ("post repeated by another account", "posts repeated by another account"),
}


class Way(NamedTuple):
    """A stretch of reading and the claims that it would settle."""

    text: str
    claims: tuple[str, ...]


def ways(report: Entry) -> list[Way]:
    """The stretch of reading that settles most for a post read, and the whole of it if that is longer."""
    steps = report["next_steps"]
    found = [steps["best"]]
    if steps["all"] != steps["best"]:
        found.append(steps["all"])
    return [_way(step) for step in found if step is not None]


def _way(step: Entry) -> Way:
    decisions, minutes = counted_plainly(step["decisions"], "decision"), counted_plainly(step["minutes"], "minute")
    claims = counted_plainly(len(step["claims"]), "claim")
    return Way(f"{decisions}, about {minutes}, would settle {claims}", tuple(step["claims"]))


def short_of_voices(report: Entry) -> list[Entry]:
    """The claims that reading cannot settle: they need more people or threads."""
    return [claim for claim in claims_of(report) if need_words(claim["need"]) and claim["need"]["decisions"] is None]


def short_words(report: Entry) -> str:
    """How many claims need more people or threads; empty where none does."""
    number = len(short_of_voices(report))
    if not number:
        return ""
    need = "needs" if number == 1 else "need"
    return f"{counted_plainly(number, 'claim')} {need} more people or threads, which reading does not bring."


def collected(report: Entry) -> list[Line]:
    """What was collected, left out, and read."""
    return [*_collection_lines(report), *_coding_lines(report["coding"])]


def _collection_lines(report: Entry) -> Iterable[Line]:
    found = report["collection"]
    communities = counted_plainly(len(found["communities"]), "community", "communities")
    yield Line(
        "Collected",
        f"{counted_plainly(found['posts'], 'post')} by {counted_plainly(found['authors'], 'author')} in "
        f"{counted_plainly(found['threads'], 'thread')} ({found['effective_threads']:.1f} effective) of {communities}",
    )
    if found["platforms"]:
        yield Line("Platforms", ", ".join(found["platforms"]))
    if found["period"]:
        yield Line("Period", f"{day(found['period'][0])} to {day(found['period'][1])}")
    if report["report"]["as_of"]:
        yield Line("As of", f"{day(report['report']['as_of'])}, the newest post or look at a post")
    if found["incomplete_threads"]:
        yield Line("Not known to be whole", counted_plainly(found["incomplete_threads"], "thread"))
    yield Line("Left out", _left_out(found["excluded"]))
    yield Line(
        "Private accounts", f"{found['private_accounts']:,}, counted apart and never part of a share, a need or a draw"
    )


def _left_out(excluded: Entry) -> str:
    return ", ".join(counted_plainly(number, *_LEFT_OUT[reason]) for reason, number in excluded.items())


def _coding_lines(coding: Entry) -> Iterable[Line]:
    people = counted_plainly(coding["people"], "person", "people")
    machines = f"; machines: {', '.join(coding['machines'])}" if coding["machines"] else ""
    yield Line("Coders", f"{people}{machines}; {counted_plainly(coding['codes'], 'code')} in the codebook")
    yield Line(
        "Read",
        f"{counted_plainly(coding['posts_read'], 'post')} by a person, "
        f"{coding['posts_read_twice']:,} of them by more than one",
    )


def verdict_rule(limits: Thresholds = DECLARED) -> tuple[str, str, str]:
    """The verdict rule in three sentences."""
    return (
        (
            "A claim stays “not read yet” until people have decided every post in question, and “reported” while fewer than "
            f"{limits.people} people or {limits.threads} threads can be counted, the people are bunched in fewer than "
            f"{limits.effective_threads:g} effective threads, or one thread holds more than {limits.thread_share * 100:.0f} % "
            "of them."
        ),
        (
            f"Broad agreement takes a share for of {limits.consensus_share * 100:.0f} % or more whose interval begins at "
            f"{limits.consensus_lower * 100:.0f} % or more, at least {limits.rest_people} people outside the largest "
            f"community with {limits.rest_share * 100:.0f} % or more of them for it, and no community of "
            f"{limits.community_people} or more people with fewer than half for it; broad disagreement is the mirror image."
        ),
        (
            "Otherwise it is “divided by community” where the largest community and the rest stand surely on opposite sides "
            f"(p below {limits.divided_p:g} or an interval beyond half), “most say so” or “mostly rejected” where the "
            "interval for or against lies above half, “split” where it is at most "
            f"{limits.contested_width * 100:.0f} points wide, and “open” where it is wider."
        ),
    )


HOW_COUNTED = (
    "Each author counts once in a claim, with the latest post that takes a side, or with any post that mentions what is "
    "counted. Intervals are at 95 % and take whole threads as what was sampled, since people in one thread answer each "
    "other; numbers of people below three in a community are hidden."
)


def inputs(report: Entry) -> list[Line]:
    """What the report was computed from, by hash."""
    found = report["inputs"]
    return [
        Line("Data, SHA-256", found["data_sha256"]),
        Line("Definition, SHA-256", found["definition_sha256"]),
        Line("Codebook, revision", found["codebook_revision"]),
        Line("Tool", f"groundswell {report['report']['tool']}"),
    ]


def names_threads(report: Entry) -> bool:
    """Whether a report may name its threads, and so the queries that lead to them."""
    return bool(report["collection"]["thread_list"]) or not report["collection"]["threads"]


def queries_words(report: Entry) -> str:
    """How many queries were asked, and that they are not shown where threads are not named."""
    number = len(report["inputs"]["queries"])
    hidden = "" if names_threads(report) or not number else ", not listed since this report names no threads"
    return f"{counted_plainly(number, 'query', 'queries')}{hidden}"


def thread_words(thread: dict[str, Any]) -> str:
    """Where a thread stands and how much of it was collected."""
    posts = counted_plainly(thread["posts"], "post")
    if thread["announced"] is not None:
        posts = f"{posts}, {thread['announced']:,} announced"
    return f"{thread['community']}, {posts}, {_coverage(thread['coverage'])}"


def _coverage(coverage: float | None) -> str:
    if coverage is None:
        return "coverage not known"
    return "whole" if coverage >= 1 else f"{int(coverage * 100)} % of it collected"
