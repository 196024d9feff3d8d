"""Phrases: what both renderers say of a claim, from its entry in report.json alone.

Every function is pure and gives plain text; the renderers escape it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from reports.screening import second_reading_words
from reports.verdicts import Verdict
from reports.words import LABELS, REASONS, counted, first_lower, first_upper

Entry = Mapping[str, Any]

NAMED = 5
"""How many posts a line names before it only counts."""
TEN_THOUSANDTHS = 10_000
_HALF_A_PERCENT = 50
_TO = "\N{EN DASH}"
_ORDER = (
    Verdict.CONSENSUS,
    Verdict.MAJORITY,
    Verdict.DIVIDED,
    Verdict.CONTESTED,
    Verdict.INCONCLUSIVE,
    Verdict.MINORITY,
    Verdict.AGAINST,
    Verdict.DEBATED,
    Verdict.NOT_ESTABLISHED,
    Verdict.MEASURED,
    Verdict.THIN,
    Verdict.UNCHECKED,
    Verdict.NONE,
)
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_SIDES = {"for": "For", "against": "Against", "mixed": "Of two minds", "mentions": "Mention it, no side counted"}
NOT_ASSESSED = "not assessed by a person"
DIFFERENT_POPULATIONS = (
    "Outside figures and discussions are of different populations: they stand side by side and are no test."
)
_PRIVATE = {"support": "support it", "dispute": "dispute it", "mixed": "are of two minds", "mentions": "mention it"}


_BASES = {
    "read": "people decided every post",
    "screened": "people decided every post that a machine found, and the authors drawn from the rest",
    "estimated": "people decided drawn authors, by whom the machine's findings are corrected",
    "unchecked": "people have not decided every post",
}


class Line(NamedTuple):
    """Something to say under a term."""

    term: str
    text: str


class Posts(NamedTuple):
    """Evidence ids under a heading, and how many more there are."""

    term: str
    ids: tuple[str, ...]
    more: int


def percent(share: float) -> str:
    """A share as whole percents; one that is hardly anybody or nearly everybody is not rounded to nobody or all."""
    exact = round(share * TEN_THOUSANDTHS)
    if 0 < exact < _HALF_A_PERCENT:
        return "under 1 %"
    if TEN_THOUSANDTHS - _HALF_A_PERCENT <= exact < TEN_THOUSANDTHS:
        return "over 99 %"
    return f"{whole(share)} %"


def whole(share: float) -> int:
    """A share in whole percents, halves upwards."""
    return (round(share * TEN_THOUSANDTHS) + _HALF_A_PERCENT) // 100


def _from_to(low: float, high: float) -> str:
    return f"{whole(low)}{_TO}{whole(high)} %"


def interval(share: Entry) -> str:
    """The interval of a share in whole percents, or that there is none."""
    if not share["has_interval"]:
        return "no interval"
    return _from_to(share["lower"], share["upper"])


def share_words(share: Entry) -> str:
    """A share with its interval: "84 % (69 to 92 %)", with a dash."""
    return f"{percent(share['estimate'])} ({interval(share)})"


def is_corrected(figure: Entry) -> bool:
    """Whether an audit speaks for authors whom nobody read."""
    return figure["audit"] is not None and figure["audit"]["people"] is not None


def people_in(figure: Entry) -> int:
    """How many people a figure speaks of: those counted, or all for whom an audit speaks."""
    return round(figure["audit"]["people"]) if is_corrected(figure) else int(figure["counts"]["people"])


def people_of(claim: Entry) -> int:
    """How many people a claim speaks of."""
    return max(people_in(figure) for figure in claim["figures"])


def counted_words(figure: Entry) -> str:
    """How many of the people counted say yes; of an audited figure these are the people who were read."""
    counts = figure["counts"]
    return f"{counts['yes']:,} of {counts['people']:,}{' read' if is_corrected(figure) else ''}"


def threads_of(claim: Entry) -> int:
    """How many threads those people are counted in."""
    return max(int(figure["counts"]["threads"]) for figure in claim["figures"])


def sentence(claim: Entry) -> str:
    """The sentence of a claim; where nothing can be said yet, what it would be about comes first."""
    if claim["verdict"] != Verdict.UNCHECKED:
        return str(claim["sentence"])
    about = f"Whether {claim['statement']}" if claim["is_stance"] else first_upper(claim["statement"])
    return f"{about}: {first_lower(claim['sentence'])}"


def evidence_line(claim: Entry, *, counts_first: bool = False) -> str:
    """What a claim rests on, in one line: "47 of 49 people, 23 threads, basis read", with the share."""
    basis = f"basis {claim['basis']}"
    if not claim["figures"]:
        return rests_words(claim)
    if claim["verdict"] in (Verdict.UNCHECKED, Verdict.NONE):
        return f"{read_words(claim['read'])}, {basis}"
    people = counted_plainly(people_of(claim), "person", "people")
    chosen = filter_words(claim["filter"], claim["scope_code"])
    only = f", only where {chosen}" if chosen else ""
    rest = f"{counted_plainly(threads_of(claim), 'thread')}{only}, {basis}"
    if any(is_corrected(figure) for figure in claim["figures"]):
        return _audited_line(claim, rest)
    figure = claim["figures"][0]
    share = figure["share"] if claim["is_stance"] or _is_one_share(claim) else None
    if share is None:
        return f"{people}, {rest}"
    yes = f"{figure['counts']['yes']:,} of "
    if claim["verdict"] == Verdict.THIN:
        return f"{yes}{people}, {rest}"
    return (
        f"{yes}{people}, {share_words(share)}, {rest}" if counts_first else f"{share_words(share)} of {people}, {rest}"
    )


def _is_one_share(claim: Entry) -> bool:
    """Whether a claim about presence gives one share, that of one code."""
    return len(claim["figures"]) == 1 and claim["verdict"] == Verdict.MEASURED


def rests_words(claim: Entry) -> str:
    """What a takeaway rests on: the claims below it, each with its label."""
    below = [f"{one['claim']} ({one['label']})" for one in claim["rests_on"]]
    return f"rests on {', '.join(below)}"


def _audited_line(claim: Entry, rest: str) -> str:
    """What a claim rests on where an audit corrects it: of one figure the share, of several only the people."""
    figure, people = claim["figures"][0], f"about {counted_plainly(people_of(claim), 'person', 'people')}"
    if len(claim["figures"]) > 1:
        return f"{people}, {rest}"
    if figure["share"] is None or claim["verdict"] == Verdict.THIN:
        return f"{counted_words(figure)}, of {people}, {rest}"
    return f"{share_words(figure['share'])} of {people}, {rest}"


def read_words(read: Entry) -> str:
    """How many of its posts a claim has had read: "read 447 of 449 posts"."""
    return f"read {read['read']:,} of {counted_plainly(read['posts'], 'post')}"


def objection(claim: Entry) -> Posts | None:
    """Who disputes a claim about stance, with the first of their posts."""
    if not claim["is_stance"] or claim["verdict"] == Verdict.NONE:
        return None
    disputing = claim["figures"][0]["counts"]["dispute"]
    against = claim["evidence"]["against"]
    ids = tuple(against["posts"])
    if disputing == 0 and not ids:
        return None if claim["verdict"] == Verdict.UNCHECKED else Posts("Nobody disputes it", (), 0)
    if is_corrected(claim["figures"][0]):
        words = f"{disputing:,} of those read {'disputes' if disputing == 1 else 'dispute'} it"
    else:
        words = "One person disputes it" if disputing == 1 else f"{disputing:,} dispute it"
    so_far = " so far" if claim["verdict"] == Verdict.UNCHECKED else ""
    return Posts(f"{words}{so_far}", ids[:NAMED], len(ids[NAMED:]) + against["more"])


def need_words(need: Entry | None) -> str:
    """What a claim needs before it can be called, as a few words; empty when nothing is known to help."""
    if need is None:
        return ""
    if need["decisions"] is not None:
        decisions = counted_plainly(need["decisions"], "decision")
        return f"at most {decisions}, about {counted_plainly(need['minutes'] or 0, 'minute')}"
    parts = [
        counted_plainly(need[name], singular, plural)
        for name, singular, plural in (
            ("people", "more person", "more people"),
            ("threads", "more thread", "more threads"),
        )
        if need[name]
    ]
    return ", ".join(parts)


def summary(report: Entry) -> str:
    """The report in one paragraph of counts."""
    claims = claims_of(report)
    by_verdict = Counter(claim["verdict"] for claim in claims)
    parts = [f"{by_verdict[verdict]:,} {LABELS[verdict]}" for verdict in _ORDER if by_verdict[verdict]]
    first = f"{counted_plainly(len(claims), 'claim')}{': ' if parts else ''}{', '.join(parts)}."
    return f"{first} {_data(report['collection'])}"


def _data(collection: Entry) -> str:
    if not collection["posts"]:
        return "No posts have been collected."
    start, end = collection["period"]
    return (
        f"The data are {counted_plainly(collection['posts'], 'post')} by "
        f"{counted_plainly(collection['authors'], 'person', 'people')} in "
        f"{counted_plainly(collection['threads'], 'thread')} of "
        f"{counted_plainly(len(collection['communities']), 'community', 'communities')}, {between(start, end)}."
    )


def claims_of(report: Entry) -> list[Entry]:
    """The claims of a report, in their order."""
    return [claim for section in report["sections"] for claim in section["claims"]]


def headlines(report: Entry) -> list[Entry]:
    """The claims that the study put first."""
    return [claim for claim in claims_of(report) if claim["headline"]]


def how_sure(claim: Entry) -> list[Line]:
    """All that tells how far a claim can be trusted, line by line."""
    return [
        *_heading_lines(claim),
        *_frequency_lines(claim),
        *(_stance_lines(claim["figures"][0]) if claim["is_stance"] else ()),
        *_figure_lines(claim),
        *_within(claim["figures"]),
        *_closing_lines(claim),
    ]


def _heading_lines(claim: Entry) -> Iterable[Line]:
    """What the verdict is, what it rests on, and what it still needs."""
    yield Line("Verdict", _verdict(claim))
    yield Line("Basis", _basis(claim))
    if claim["rests_on"]:
        yield Line("Rests on", rests_words(claim).removeprefix("rests on "))
    if chosen := filter_words(claim["filter"], claim["scope_code"]):
        yield Line("Counted only where", chosen)
    if need := need_words(claim["need"]):
        yield Line("Needs", need)
    if claim["test"] is not None:
        yield Line("Against one half", _test(claim["test"]))


def _figure_lines(claim: Entry) -> Iterable[Line]:
    """What each figure has beside its share; of several figures it is said of each."""
    several = len(claim["figures"]) > 1
    for figure in claim["figures"]:
        if figure["audit"] is not None:
            yield from _audit_lines(figure, f"{figure['name']}: " if several else "")
    facts = (
        ("Take a side at all", _salience_words),
        ("By author and thread", _by_thread_words),
        ("Share without any one community", _without_any_community),
        ("Over time", _over_time),
    )
    for term, say in facts:
        said = [(figure["name"], say(figure)) for figure in claim["figures"]]
        words = [f"{name}: {text}" if several else text for name, text in said if text]
        if words:
            yield Line(term, "; ".join(words))


def _closing_lines(claim: Entry) -> Iterable[Line]:
    """What stands beside the figures: their order, figures from outside, what people hold of the claim."""
    if claim["order"] is not None:
        yield Line("Order", order_words(claim))
    yield from (Line("Outside figure", reference_words(reference)) for reference in claim["references"])
    yield from _concern_lines(claim)
    if claim["private"]:
        yield Line("Private accounts, counted apart", _private(claim))


def _test(test: Entry) -> str:
    """The test of a headline claim, and the verdict that it took back."""
    q = f"{p_words(test['p'])}, {p_words(test['q']).replace('p ', 'q ', 1)} after adjusting for all headline claims"
    was = f"; without that it would be “{LABELS[Verdict(test['was'])]}”" if test["was"] is not None else ""
    return f"{q}{was}"


def _frequency_lines(claim: Entry) -> Iterable[Line]:
    words = [claim["frequency"], *(pair["frequency"] for pair in claim["pairs"])]
    for word in (word for word in words if word is not None):
        kept = "holds" if word["holds"] else "does not hold, so the word is left out"
        yield Line(f"The word “{word['word']}”", f"{kept}: {word['rule']}")


def _salience_words(figure: Entry) -> str:
    """How many take a side at all, of everybody, and how much all these wrote."""
    found = figure["salience"]
    if found is None or found["share"] is None or figure["share"] is None:
        return ""
    people = counted_plainly(found["people"], "person", "people")
    return (
        f"{found['yes']:,} of {people}, {share_words(found['share'])}, {found['posts_per_person']:.1f} posts a person"
    )


def _by_thread_words(figure: Entry) -> str:
    """A figure of presence in the unit that does not grow with what was collected, and how much people wrote."""
    found = figure["by_thread"]
    if found is None or found["share"] is None:
        return ""
    pairs = counted_plainly(found["pairs"], "author and thread", "authors and threads")
    return (
        f"{found['yes']:,} of {pairs}, {share_words(found['share'])}, {figure['posts_per_person']:.1f} posts a person"
    )


def _without_any_community(figure: Entry) -> str:
    """Between which shares a figure moves when any one community is left out."""
    if figure["leave_one_community_out"] is None:
        return ""
    return _from_to(*figure["leave_one_community_out"])


def _over_time(figure: Entry) -> str:
    return "" if figure["trend"] is None else trend_words(figure)


def _concern_lines(claim: Entry) -> Iterable[Line]:
    for concern in claim["concerns"]:
        level = NOT_ASSESSED if concern["level"] is None else f"{concern['level']} concern: {concern['reason']}"
        yield Line(first_upper(concern["component"]), f"{level} ({concern['facts']})")
    if claim["confidence"] is not None:
        found = claim["confidence"]
        yield Line("Confidence, set by a person", f"{found['level']}: {found['reason']}")


def reference_words(reference: Entry) -> str:
    """An outside figure: counts, percentage, base and date."""
    share = reference["share"]
    return (
        f"{reference['label']}: {tenths(share['estimate'])} % ({tenths(share['lower'])}{_TO}{tenths(share['upper'])} %), "
        f"{reference['numerator']:,} of {reference['denominator']:,} {reference['base']}, {reference['as_of']}"
    )


def tenths(share: float) -> str:
    """A share in percent with one decimal, halves upwards."""
    thousandths = (round(share * TEN_THOUSANDTHS) + 5) // 10
    return f"{thousandths // 10}.{thousandths % 10}"


def order_words(claim: Entry) -> str:
    """Which codes are clearly ahead of which; the order of all others cannot be told."""
    order = claim["order"]
    names = {figure["code"]: figure["name"] for figure in claim["figures"]}
    if not order["tested"]:
        return (
            f"not tested, since fewer than {order['fewest']} people show only one of any two, not everything is read, "
            "or too few people or threads can be counted"
        )
    behind: dict[str, list[str]] = {}
    for pair in order["pairs"]:
        if pair["ahead"] is not None:
            other = pair["second"] if pair["ahead"] == pair["first"] else pair["first"]
            behind.setdefault(pair["ahead"], []).append(names[other])
    ahead = [f"{names[code]} is clearly ahead of {listed(behind[code])}" for code in names if code in behind]
    rest = "the order of the others cannot be told" if ahead else "no order can be told"
    all_told = all(pair["ahead"] is not None for pair in order["pairs"])
    return "; ".join(ahead if all_told else (*ahead, rest))


def listed(names: Sequence[str]) -> str:
    """Names in a row: "a, b and c"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def trend_words(figure: Entry) -> str:
    """What can be said of a figure over time."""
    trend = figure["trend"]
    if trend["sentence"] is not None:
        return str(trend["sentence"])
    reasons = {
        "few-threads": "no two periods have threads enough to be compared",
        "one-period": "all of it lies in one period",
    }
    return reasons.get(trend["reason"], "nothing can be told of a change")


def trend_lines(claim: Entry) -> list[tuple[Entry, str]]:
    """What is said over time, with the figure that it belongs to; of several figures each is named, or all at once."""
    found = [(figure, trend_words(figure)) for figure in claim["figures"] if figure["trend"]]
    if len({words for _, words in found}) > 1:
        return [(figure, f"{figure['name']}: {first_lower(words)}") for figure, words in found]
    return [(figure, "" if at else words) for at, (figure, words) in enumerate(found)]


def _verdict(claim: Entry) -> str:
    reasons = "; ".join(REASONS[reason] for reason in claim["reasons"])
    return f"{claim['label']}{f' ({reasons})' if reasons else ''}"


def _basis(claim: Entry) -> str:
    read, meaning = claim["read"], _BASES[claim["basis"]]
    if not claim["figures"]:
        return f"{claim['basis']}, the weakest of the claims below"
    hits = f"{read['hits_read']:,} of {counted_plainly(read['hits'], 'post')} found by a machine"
    return f"{claim['basis']} ({meaning}); {read_words(read)}, {hits}"


def _audit_lines(figure: Entry, name: str) -> Iterable[Line]:
    """How far an audit has come, what machines counted, and what the audit gives beside the share."""
    audit = figure["audit"]
    machine = f"{audit['machine_count']:,} of {counted_plainly(audit['authors'], 'author')}"
    yield Line(first_upper(f"{name}audit"), f"{audit['sample']}: {_drawn(audit)}")
    yield Line(first_upper(f"{name}raw machine count, uncorrected"), machine)
    if is_corrected(figure):
        yield Line(first_upper(f"{name}in what was collected"), collected_words(figure))
        yield Line(first_upper(f"{name}who read"), gold_standard(audit))
    if (second := audit["second_reading"]) is not None:
        words = second_reading_words(second["positives"], second["others"], second["missing"])
        yield Line(first_upper(f"{name}second reading"), words)


def collected_words(figure: Entry) -> str:
    """The share in what was collected, where only the chance of the draw counts; an upper limit where few were found."""
    limits = figure["audit"]["collected"]
    if limits["lower"] is None:
        return f"at most {percent(limits['upper'])}"
    return _from_to(limits["lower"], limits["upper"])


def _drawn(audit: Entry) -> str:
    """What became of the drawn authors."""
    parts = [
        f"{audit['drawn']:,} of {counted_plainly(audit['authors'], 'author')} drawn",
        f"{audit['drawn'] - audit['undecided']:,} decided",
    ]
    if audit["not_drawn_yet"]:
        parts.append(f"{audit['not_drawn_yet']:,} of them to be drawn yet, since they came later")
    if audit["lost"]:
        parts.append(f"{audit['lost']:,} lost, nothing of theirs is left")
    return ", ".join(parts)


def gold_standard(audit: Entry) -> str:
    """Whose word an audit takes for true, and how much hangs on one of them."""
    who = "one coder" if audit["coders"] == 1 else f"{audit['coders']:,} coders"
    if audit["stands_for"] is None:
        return who
    found = {0: "no positive from the unflagged, who each stand", 1: "one positive from the unflagged stands"}
    several = f"{audit['unflagged']:,} positives from the unflagged each stand"
    return f"{who}; {found.get(audit['unflagged'], several)} for {audit['stands_for']:.1f} authors"


def filter_words(chosen: Mapping[str, str], scope_code: str | None) -> str:
    """What a claim counts only, in words; empty where it counts everything."""
    values = [f"{name} is {value.removeprefix(f'{name}.')}" for name, value in sorted(chosen.items())]
    scope = [f"the author shows {scope_code} in the thread"] if scope_code is not None else []
    return "; ".join((*values, *scope))


def _stance_lines(figure: Entry) -> Iterable[Line]:
    counts, share = figure["counts"], figure["share"]
    yield Line(
        "Sides of those read" if is_corrected(figure) else "Sides",
        f"{counts['support']:,} for, {counts['dispute']:,} against, {counts['mixed']:,} of two minds; "
        f"{counted_plainly(counts['people'], 'person', 'people')} in {counted_plainly(counts['threads'], 'thread')} and "
        f"{counted_plainly(counts['communities'], 'community', 'communities')}",
    )
    yield Line(
        "Mentions",
        f"{counted_plainly(counts['mentioning'], 'person', 'people')} in "
        f"{counted_plainly(counts['mentioning_threads'], 'thread')}, {counted_plainly(counts['mentioning_posts'], 'post')}; "
        f"{counts['without_stance']:,} without a side; {cannot_be_coded(counts['cannot_be_coded'])}",
    )
    if share is None:
        return
    yield Line("Weight of the threads", _weight(share, counts["people"]))
    if left_out := without_any_thread(share):
        yield Line("Share for, leaving out any one thread", left_out)
    if figure["fragility"] is not None:
        yield Line("Fragility", fragility_words(figure["fragility"]))
    if figure["p_largest_against_rest"] is not None:
        yield Line("Largest community against the rest", p_words(figure["p_largest_against_rest"]))


def cannot_be_coded(posts: int) -> str:
    """How many posts nobody can code."""
    return f"{counted_plainly(posts, 'post')} that cannot be coded"


def _weight(share: Entry, people: int) -> str:
    return (
        f"{share['effective_threads']:.1f} effective threads, {share['effective_people']:.1f} effective people, "
        f"design effect {share['design_effect']:.2f}; the largest thread holds {percent(share['largest_thread_share'])} "
        f"of {counted_plainly(people, 'person', 'people')}"
    )


def without_any_thread(share: Entry) -> str:
    """Between which shares a figure moves when any one thread is left out; empty where it cannot be."""
    if share["leave_one_thread_out"] is None:
        return ""
    return _from_to(*share["leave_one_thread_out"])


def fragility_words(fragility: Entry) -> str:
    """How few further voices would change a verdict, and by which limit."""
    people, limit = fragility["people"], fragility["limit"]
    where = "" if limit == "share" else " outside the largest community"
    more = counted_plainly(people, "more person", "more people")
    return f"{more}{where} against it would change the verdict"


def p_words(p: float) -> str:
    """A p-value."""
    return "p < 0.0001" if p == 0 else f"p = {p:.4f}"


def _within(figures: Sequence[Entry]) -> Iterable[Line]:
    found = list(dict.fromkeys(figure["within"] for figure in figures if figure["share"] and figure["within"]))
    if found:
        yield Line("One community", f"too few of those counted wrote outside {' or '.join(found)}")


def _private(claim: Entry) -> str:
    names = {figure["code"]: figure["name"] for figure in claim["figures"]}
    if claim["is_stance"]:
        return "; ".join(f"{number} {_PRIVATE[side]}" for side, number in claim["private"].items())
    return "; ".join(f"{names[code]}: {number}" for code, number in claim["private"].items())


def evidence(claim: Entry) -> list[Posts]:
    """The posts behind a claim, side by side or code by code."""
    names = _SIDES if claim["is_stance"] else {f["code"]: f["name"] for f in claim["figures"]}
    return [
        Posts(term, tuple(claim["evidence"][key]["posts"]), claim["evidence"][key]["more"])
        for key, term in names.items()
        if claim["evidence"][key]["posts"]
    ]


def more_posts(number: int) -> str:
    """The end of a list of evidence ids."""
    return f"and {counted_plainly(number, 'more post', 'more posts')}" if number else ""


def counted_plainly(number: int, singular: str, plural: str | None = None) -> str:
    """A number in digits with its noun: "1 post", "3 threads"; a single person is "one person"."""
    return (
        counted(number, singular, plural) if "person" in singular else f"{number:,} {_noun(number, singular, plural)}"
    )


def _noun(number: int, singular: str, plural: str | None) -> str:
    return singular if number == 1 else plural or f"{singular}s"


def day(moment: str) -> str:
    """A moment as a day: "1 March 2026"."""
    year, month, date = moment[:10].split("-")
    return f"{int(date)} {_MONTHS[int(month) - 1]} {year}"


def between(start: str, end: str) -> str:
    """A stretch of days."""
    return f"written on {day(start)}" if day(start) == day(end) else f"written from {day(start)} to {day(end)}"
