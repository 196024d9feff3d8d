"""Numbered sources: the threads that a claim's evidence lies in, as far as a report names threads at all."""

from typing import NamedTuple

from reports.phrases import Entry, claims_of

NAMED = 10
"""How many threads a claim cites before it only counts."""
_REASONS = {
    "agreed": "asked and agreed",
    "addressed": "a public statement addressed to us",
    "public_figure": "a public figure, speaking as one",
}


class Source(NamedTuple):
    """A thread under its number."""

    number: int
    thread: Entry


def sources(report: Entry) -> list[Source]:
    """All threads that a report names, numbered in their order."""
    return [Source(number, thread) for number, thread in enumerate(report["collection"]["thread_list"], start=1)]


def cited(claim: Entry, report: Entry) -> list[Source]:
    """The threads that a claim's evidence lies in, as far as they are named: those with most of it, by number."""
    by_id = {source.thread["id"]: source for source in sources(report)}
    found = (by_id[thread] for thread in claim["sources"]["threads"][:NAMED] if thread in by_id)
    return sorted(found, key=lambda source: source.number)


def more_words(claim: Entry) -> str:
    """How many threads there are beside those that are named; empty where there are none."""
    more = len(claim["sources"]["threads"][NAMED:]) + claim["sources"]["more"]
    return f"and {more:,} more" if more else ""


def all_cited(report: Entry) -> list[Source]:
    """The threads that any claim cites, by number."""
    found = {source.number: source for claim in claims_of(report) for source in cited(claim, report)}
    return [found[number] for number in sorted(found)]


def quotes_of(claim: Entry, report: Entry) -> list[Entry]:
    """The quotations that may stand beside a claim."""
    return [quote for quote in report["quotes"] if claim["id"] in quote["claims"]]


def reason_words(quote: Entry) -> str:
    """Why somebody may be quoted, and who says so."""
    note = f" ({quote['note']})" if quote["note"] else ""
    return f"{_REASONS[quote['reason']]}{note}; recorded by {quote['by']} on {quote['at'][:10]}"
