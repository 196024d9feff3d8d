"""Methods: what a report says of how it was made, and of what would settle most, from report.json alone."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from reports.phrases import Entry, Line, claims_of, counted_plainly, day, first_upper, is_corrected, need_words
from reports.verdicts import DECLARED, Thresholds
from reports.words import counted

HOLDS = (
    "All intervals hold among authors in the threads collected, found by the queries and files named below; they say "
    "nothing about people who do not write there."
)
A_HIT = "A keyword hit says that a post mentions a theme, never that its author agrees."
A_DRAW = (
    "Such a reading takes every post that a machine found or that people differ on, and all posts of authors drawn by an "
    "audit; a claim is settled for certain only when all its posts are read."
)
AN_AUDIT = (
    "Claims that are screened or estimated rest on an audit: authors are drawn from those in whom a machine found something "
    "and from the others, each with a known probability, and people read all their posts. The share of all authors is put "
    "together from those strata by their sizes; its interval counts the chance of the draw and that of the threads. The "
    "interval “in what was collected” counts the draw alone. What people decided is taken as true: the slips of a coder are in "
    "no interval. The raw machine count is no share of anybody."
)
NOTHING_WAITS = "Nothing is waiting to be read."
_LEFT_OUT = {
    "bots": ("post by a bot", "posts by bots"),
    "deleted_or_removed": ("post deleted or removed", "posts deleted or removed"),
    "without_words": ("post without words", "posts without words"),
    "repeated_by_another_account": ("post repeated by another account", "posts repeated by another account"),
}


class Way(NamedTuple):
    """A stretch of reading, the claims that it would settle, and whether every post of them is read then."""

    text: str
    claims: tuple[str, ...]
    is_whole: bool


def ways(report: Entry) -> list[Way]:
    """The stretch of reading that settles most for a post read, and the whole of it if that is longer."""
    steps = report["next_steps"]
    if steps["best"] is None:
        return []
    found = [_way(steps["best"], counted(len(steps["best"]["claims"]), "claim"))]
    if steps["all"] != steps["best"]:
        found.append(_way(steps["all"], f"all {len(steps['all']['claims']):,} claims that wait to be read"))
    return found


def _way(step: Entry, claims: str) -> Way:
    decisions, minutes = first_upper(counted(step["decisions"], "decision")), counted(step["minutes"], "minute")
    drawn = "" if step["is_whole"] else ", on posts of drawn authors among others"
    text = f"{decisions}{drawn}, about {minutes}, would settle {claims}"
    return Way(text, tuple(step["claims"]), step["is_whole"])


def needs_a_draw(report: Entry) -> bool:
    """Whether any of the ways stops short of all posts."""
    return not all(way.is_whole for way in ways(report))


def rests_on_an_audit(report: Entry) -> bool:
    """Whether any claim is corrected by an audit."""
    return any(is_corrected(figure) for claim in claims_of(report) for figure in claim["figures"])


def short_of_voices(report: Entry) -> list[Entry]:
    """The claims that reading cannot settle: they need more people or threads."""
    return [claim for claim in claims_of(report) if need_words(claim["need"]) and claim["need"]["decisions"] is None]


def short_words(report: Entry) -> str:
    """How many claims need more people or threads; empty where none does."""
    number = len(short_of_voices(report))
    if not number:
        return ""
    need = "needs" if number == 1 else "need"
    return f"{first_upper(counted(number, 'claim'))} {need} more people or threads, which reading does not bring."


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
    parts = [counted_plainly(number, *_LEFT_OUT[reason]) for reason, number in excluded.items() if number]
    return ", ".join(parts) or "nothing"


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
    reported = (
        "A claim stays “not read yet” until people have decided every post in question or finished an audit of it, and "
        "“reported” while fewer than "
        f"{limits.people} people or {limits.threads} threads can be counted, the people are bunched in fewer than "
        f"{limits.effective_threads:g} effective threads, or one thread holds more than {limits.thread_share * 100:.0f} % "
        "of them; shares and rankings that are neither are “measured”."
    )
    agreement = (
        f"Broad agreement takes {limits.consensus_share * 100:.0f} % or more in favour with an interval that begins at "
        f"{limits.consensus_lower * 100:.0f} % or more, {limits.rest_people} or more people outside the largest community, "
        f"{limits.rest_share * 100:.0f} % or more of them in favour, and no community of {limits.community_people} or more "
        "people with fewer than half in favour (communities are taken with one voice added on either side); broad "
        "disagreement is the mirror image."
    )
    rest = (
        "Otherwise a claim is “divided by community” where the largest community and the rest surely stand on opposite "
        f"sides (an interval beyond half, or a difference with p below {limits.divided_p:g}), “most say so” where the "
        "interval in favour lies above half, “mostly rejected” where that against does, “split” where the interval is at "
        f"most {limits.contested_width * 100:.0f} points wide, and “open” where it is wider."
    )
    return reported, agreement, rest


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


def files(report: Entry) -> list[str]:
    """The files read, by hash."""
    return [f"{file['name']}: SHA-256 {file['sha256']}" for file in report["inputs"]["files"]]


def queries(report: Entry) -> list[str]:
    """The queries asked, as far as they may be shown."""
    return list(report["inputs"]["queries"]) if names_threads(report) else []


def queries_words(report: Entry) -> str:
    """How many queries were asked, and that they are not shown where threads are not named."""
    number = len(report["inputs"]["queries"])
    hidden = "" if names_threads(report) or not number else ", not shown since this report names no threads"
    return f"{number or 'none'}{hidden}"


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
