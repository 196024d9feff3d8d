"""Methods: what a report says of how it was made, and of what would settle most, from report.json alone."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from reports.output import output_of
from reports.phrases import Entry, Line, between, claims_of, counted_plainly, day, is_corrected, need_words
from reports.verdicts import DECLARED, Thresholds
from reports.words import counted, first_upper

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
MACHINES = (
    "What machines coded are suggestions: they tell which posts to read, and count in a share only as far as people's audit "
    "corrects them."
)
NO_MACHINES = "No machine coding was used."
LIMITS = (
    "The threads come from searches and links and are no random sample of anything; people who say nothing are not "
    "neutral, and votes are not counted. Where few people take a side the rule says “reported”, also of views that few "
    "hold for good reasons. Intervals assume that threads are independent of each other; in a simulation of 60 threads "
    "they held the truth in 92 to 99 of 100 cases, and in about 90 of 100 where people in a thread are very alike and a "
    "share is near none or all."
)
LOOKS = (
    "A report that is built again and again as threads come in may reach a verdict by chance: in a simulation with a look "
    "every 5 threads up to 120, a true share of 70 % in favour was called broad agreement at some look in 38.5 % of cases and "
    "at the last look in 6.4 %, a true half was called a majority at some look in 10.5 % and at the last in 3.0 %."
)
NOBODY = "none"
_SEARCH_FIELDS = ("q", "query", "title", "selftext", "body")
_NAMED_SEARCHES, _NAMED_FILES = 5, 3
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


def paragraphs(report: Entry) -> list[str]:
    """How the report was made, in sentences that a paper can quote; the first says for whom its intervals hold."""
    return [
        holds(report),
        " ".join(_data_sentences(report)),
        " ".join(_coding_sentences(report)),
        HOW_COUNTED,
        A_HIT,
        *([AN_AUDIT] if rests_on_an_audit(report) else []),
        *_lead_sentences(report),
        *_saturation_sentences(report),
        *_test_sentences(report),
        LIMITS,
        LOOKS,
    ]


def holds(report: Entry) -> str:
    """For whom intervals hold, and how their threads were found."""
    return (
        f"Shares and intervals hold among authors in the threads collected, found by {_found_by(report)}; they say nothing "
        "about people who do not write there."
    )


def _found_by(report: Entry) -> str:
    """Which searches, links and files led to the threads, as far as they may be named."""
    words = searches(report)
    others = len(report["inputs"]["queries"]) - sum(bool(_search_words(query)) for query in queries(report))
    named = ", ".join(f"“{word}”" for word in words[:_NAMED_SEARCHES])
    more = f" and {len(words) - _NAMED_SEARCHES:,} more" if len(words) > _NAMED_SEARCHES else ""
    parts = [
        f"the {'search' if len(words) == 1 else 'searches'} {named}{more}" if words else "",
        counted_plainly(others, "other request" if words else "request") if others else "",
        _file_words(report),
    ]
    return " and ".join(part for part in parts if part) or "nothing yet"


def _file_words(report: Entry) -> str:
    """How many files were read, and what they are called where threads may be named and they are few."""
    names = [file["name"].replace("\\", "/").rsplit("/", 1)[-1] for file in report["inputs"]["files"]]
    if not names:
        return ""
    named = f" ({', '.join(names)})" if names_threads(report) and len(names) <= _NAMED_FILES else ""
    return f"{counted_plainly(len(names), 'file')}{named}"


def searches(report: Entry) -> list[str]:
    """The words that sites were searched for; none where queries may not be shown."""
    return sorted({word for query in queries(report) if (word := _search_words(query))})


def _search_words(query: str) -> str:
    try:
        fields = parse_qs(urlsplit(query).query)
    except ValueError:
        return ""
    return next((" ".join(fields[name][0].split()) for name in _SEARCH_FIELDS if name in fields), "")


def _data_sentences(report: Entry) -> Iterator[str]:
    found, who = report["collection"], output_of(report)["voice"]
    communities = counted_plainly(len(found["communities"]), "community", "communities")
    what = (
        f"{counted_plainly(found['posts'], 'post')} by {counted_plainly(found['authors'], 'author')} in "
        f"{counted_plainly(found['threads'], 'thread')} of {communities}"
    )
    period = f", {between(*found['period'])}" if found["period"] else ""
    were = "was" if found["posts"] == 1 else "were"
    if who == NOBODY:
        yield f"{what}{period and f'{period},'} {were} collected."
    else:
        yield f"{first_upper(who)} collected {what}{period}."
    yield f"Left out: {_left_out(found['excluded'])}."
    if found["private_accounts"]:
        accounts = counted_plainly(found["private_accounts"], "private account")
        yield f"{accounts} {'is' if found['private_accounts'] == 1 else 'are'} counted apart and never part of a share."


def _coding_sentences(report: Entry) -> Iterator[str]:
    coding, who = report["coding"], output_of(report)["voice"]
    posts = counted_plainly(coding["posts_read"], "post")
    people = counted_plainly(coding["people"], "person", "people")
    if who == NOBODY:
        read = f"{posts} {'was' if coding['posts_read'] == 1 else 'were'} read by {people}"
    elif coding["people"] == 1 and who == "I":
        read = f"I read {posts}"
    else:
        read = f"{first_upper(who)} had {posts} read by {people}"
    twice = f", {coding['posts_read_twice']:,} of them by more than one" if coding["people"] > 1 else ""
    yield f"{read}{twice}."
    yield (
        f"The codebook has {counted_plainly(coding['codes'], 'code')} (revision {report['inputs']['codebook_revision']})."
    )
    runs = coding.get("program_runs", 0)
    if not coding["machines"] and not runs:
        yield NO_MACHINES
        return
    yield MACHINES
    if runs:
        after = coding["program_runs_after_audit"]
        drawn = f", {after:,} of them after an audit was drawn" if after else ""
        yield f"Outside programs coded in {counted_plainly(runs, 'run')}, all of them on record{drawn}."


def _lead_sentences(report: Entry) -> Iterator[str]:
    leads = report["leads"]
    if leads is None:
        return
    yield (
        f"Claims and links that others gave are leads and never evidence. Of {counted_plainly(leads['listed'], 'lead')}, "
        f"{leads['without_address']:,} came without an address and the source of {leads['collected']:,} was collected. In what was "
        f"collected people found {leads['supported']:,} supported, {leads['contradicted']:,} contradicted and "
        f"{leads['not_found']:,} not in it, on {leads['unresolved']:,} they differ, {leads['cannot_tell']:,} cannot be judged "
        f"and {leads['not_judged']:,} are not judged yet; {leads['single_source']:,} of those supported rest on one account "
        "alone."
    )


def _saturation_sentences(report: Entry) -> Iterator[str]:
    found = report["saturation"]
    if found is None:
        return
    rate = (
        ""
        if found["new_rate"] is None
        else f", and four more threads bring {found['new_rate'] * 100:.1f} % of what the first four did"
    )
    unseen = "" if found["chao2"] is None else f" About {found['chao2']:.1f} codes may be unseen (Chao2)."
    yield (
        f"People found {counted_plainly(found['codes'], 'code')} in the {counted_plainly(found['threads'], 'thread')} that they "
        f"read{rate}.{unseen}"
    )


def _test_sentences(report: Entry) -> Iterator[str]:
    tests = report["tests"]
    if tests is None or not any(tests.values()):
        return
    parts = [
        counted_plainly(tests[name], singular)
        for name, singular in (("headlines", "headline claim"), ("trends", "trend"), ("orders", "comparison"))
        if tests[name]
    ]
    yield (
        f"Tests are adjusted by Benjamini and Hochberg's rule within each family ({', '.join(parts)}); a headline whose "
        "adjusted p-value is above 0.05 is called open."
    )


def limits_of(report: Entry) -> Thresholds:
    """The limits of the verdict rule, as the report's definition declares them."""
    return Thresholds(**{**asdict(DECLARED), **report["thresholds"]})


def changed_limits(report: Entry) -> str:
    """Which limits a definition sets otherwise than usual; empty where none."""
    names = report["declared_thresholds"]
    limits, usual = asdict(limits_of(report)), asdict(DECLARED)
    told = (f"{name.replace('_', ' ')} {limits[name]:g} (usually {usual[name]:g})" for name in names)
    return f"findings.yaml sets these limits itself: {', '.join(told)}." if names else ""


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


def thread_words(thread: Entry) -> str:
    """Where a thread stands and how much of it was collected."""
    posts = counted_plainly(thread["posts"], "post")
    if thread["announced"] is not None:
        posts = f"{posts}, {thread['announced']:,} announced"
    return f"{thread['community']}, {posts}, {_coverage(thread['coverage'])}"


def _coverage(coverage: float | None) -> str:
    if coverage is None:
        return "coverage not known"
    return "whole" if coverage >= 1 else f"{int(coverage * 100)} % of it collected"
