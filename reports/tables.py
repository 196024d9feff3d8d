"""Tables: the figures of a claim in rows of plain text, for both renderers, from its entry in report.json alone."""

from collections.abc import Iterable
from typing import NamedTuple

from reports.phrases import (
    Entry,
    collected_words,
    counted_words,
    is_corrected,
    people_in,
    percent,
    share_words,
    without_any_thread,
)
from reports.verdicts import Verdict

HIDDEN = "fewer than 3"
ORDER_NOT_TESTED = "In order of share; the order is not tested."
CORRECTED = "Shares are corrected by an audit; of people only those are counted who were read for it."


class Table(NamedTuple):
    """A table: the first column names the row."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def figures_table(claim: Entry) -> Table:
    """What a claim of shares or a ranking found: name, people, share with interval, published figure."""
    figures = claim["figures"]
    has_published = any(figure["published"] is not None for figure in figures)
    header = ("Name", "People", "Share (95 % interval)", *(("Published",) if has_published else ()))
    rows = tuple(
        (
            figure["name"],
            _people_cell(figure),
            _share_cell(figure),
            *((published_words(figure["published"]),) if has_published else ()),
        )
        for figure in figures
    )
    captions = (
        ORDER_NOT_TESTED if claim["kind"] == "ranking" else "",
        CORRECTED if any(is_corrected(figure) for figure in figures) else "",
    )
    return Table(" ".join(caption for caption in captions if caption), header, rows)


def _people_cell(figure: Entry) -> str:
    """Who is counted; where nobody has read, only who mentions it."""
    counts = figure["counts"]
    if figure["verdict"] in (Verdict.UNCHECKED, Verdict.NONE):
        return f"{counts['mentioning']:,} {'mentions' if counts['mentioning'] == 1 else 'mention'} it"
    return counted_words(figure)


def is_measured(figure: Entry) -> bool:
    """Whether a figure's share may be shown."""
    return figure["verdict"] == Verdict.MEASURED and figure["share"] is not None


def is_settled(claim: Entry) -> bool:
    """Whether a claim about stance was called, so that its share may be drawn."""
    return claim["figures"][0]["share"] is not None and claim["verdict"] != Verdict.THIN


def published_words(share: float | None) -> str:
    """A figure from elsewhere, marked as such."""
    return "" if share is None else f"published {percent(share)}"


def _share_cell(figure: Entry) -> str:
    if is_measured(figure):
        return share_words(figure["share"])
    if is_corrected(figure) and figure["audit"]["collected"]["lower"] is None:
        return f"{figure['label']}, {collected_words(figure)} in what was collected"
    return str(figure["label"])


def sides_table(figure: Entry) -> Table:
    """The sides of a claim about stance."""
    counts, share, dispute = figure["counts"], figure["share"], figure["dispute_share"]
    rows = (
        ("For", f"{counts['support']:,}", _share_or_nothing(share)),
        ("Of two minds", f"{counts['mixed']:,}", ""),
        ("Against", f"{counts['dispute']:,}", _share_or_nothing(dispute)),
    )
    return Table(CORRECTED if is_corrected(figure) else "", ("Side", "People", "Share (95 % interval)"), rows)


def _share_or_nothing(share: Entry | None) -> str:
    return "" if share is None else share_words(share)


def detail_tables(claim: Entry) -> list[Table]:
    """What is folded away: communities, and for several figures their counts and the weight of their threads."""
    found = [] if claim["kind"] == "consensus" else [_counts_table(claim), _weights_table(claim)]
    return [table for table in (*found, communities_table(claim)) if table.rows]


def _counts_table(claim: Entry) -> Table:
    header = (
        "Counts",
        "people",
        "of",
        "in threads",
        "in communities",
        "mention it: people",
        "mention it: threads",
        "mention it: posts",
        "cannot be coded: posts",
    )
    names = ("yes", "people", "threads", "communities", "mentioning", "mentioning_threads", "mentioning_posts")
    rows = tuple(
        (figure["name"], *(f"{figure['counts'][name]:,}" for name in (*names, "cannot_be_coded")))
        for figure in claim["figures"]
    )
    return Table("", header, rows)


def _weights_table(claim: Entry) -> Table:
    header = (
        "Weight of the threads",
        "effective threads",
        "effective people",
        "design effect",
        "largest thread",
        "share without any one thread",
    )
    rows = tuple(_weights_row(figure) for figure in claim["figures"] if figure["share"] is not None)
    return Table("", header, rows)


def _weights_row(figure: Entry) -> tuple[str, ...]:
    share, people = figure["share"], people_in(figure)
    return (
        figure["name"],
        f"{share['effective_threads']:.1f}",
        f"{share['effective_people']:.1f}",
        f"{share['design_effect']:.2f}",
        f"{percent(share['largest_thread_share'])} of {people:,} people",
        without_any_thread(share) if is_measured(figure) else "",
    )


def communities_table(claim: Entry) -> Table:
    """Who says so in each community; where there are fewer than three people, nothing but that."""
    if claim["kind"] == "consensus":
        figure = claim["figures"][0]
        rows = tuple((c["name"], *_community_cells(c)) for c in figure["communities"])
        return Table("", ("Community", "For", "Against", "People"), rows)
    figures = [figure for figure in claim["figures"] if figure["communities"]]
    names = sorted({community["name"] for figure in figures for community in figure["communities"]})
    header = ("Community", *(figure["name"] for figure in figures))
    return Table("", header, tuple((name, *_cells_in(name, figures)) for name in names))


def _community_cells(community: Entry) -> tuple[str, str, str]:
    if community["people"] is None:
        return "", "", HIDDEN
    return f"{community['yes']:,}", f"{community['no']:,}", f"{community['people']:,}"


def _cells_in(name: str, figures: Iterable[Entry]) -> Iterable[str]:
    for figure in figures:
        found = next((community for community in figure["communities"] if community["name"] == name), None)
        if found is None:
            yield ""
        else:
            yield HIDDEN if found["people"] is None else f"{found['yes']:,} of {found['people']:,}"


def collected_table(report: Entry) -> Table:
    """What was collected in each community."""
    rows = tuple(
        (found["name"], f"{found['posts']:,}", f"{found['threads']:,}", f"{found['authors']:,}")
        for found in report["collection"]["communities"]
    )
    return Table("", ("Community", "Posts", "Threads", "Authors"), rows)
