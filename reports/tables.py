"""Tables: the figures of a claim in rows of plain text, for both renderers, from its entry in report.json alone."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from reports import phrases
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
from reports.words import first_upper

HIDDEN = "fewer than 3"
ORDER_NOT_TESTED = "In order of share; the order is not tested."
CORRECTED = "Shares are corrected by an audit; of people only those are counted who were read for it."


PAIRS_COUNTED = "Counted are people once in each thread."
NO_FIGURE = "no outside figure"
_PAIR = 2
_STEPS = 5
_MINUS = "\N{MINUS SIGN}"
_UNITS = {"people": "People", "pairs": "People in threads"}


class Table(NamedTuple):
    """A table: the first column names the row."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def is_stance(claim: Entry) -> bool:
    """Whether a claim counts who is for and who is against."""
    return bool(claim["is_stance"])


def shown_figures(claim: Entry) -> list[Entry]:
    """The figures that a claim shows in its table and chart: of examples those that are enough, else all."""
    if claim["examples"] is None:
        return list(claim["figures"])
    by_code = {figure["code"]: figure for figure in claim["figures"]}
    return [by_code[code] for code in claim["examples"]["shown"]]


def single_accounts(claim: Entry) -> list[Entry]:
    """The figures of examples that too few people give to be called a pattern."""
    if claim["examples"] is None:
        return []
    by_code = {figure["code"]: figure for figure in claim["figures"]}
    return [by_code[code] for code in claim["examples"]["single"]]


def single_title(claim: Entry) -> str:
    """What those figures stand under."""
    least = claim["examples"]["min_authors"]
    who = "Single accounts" if least <= _PAIR else f"In the accounts of fewer than {least:,} people"
    return f"{who}, not counted as a pattern"


def figures_table(claim: Entry) -> Table:
    """What a claim about presence found: name, people, share with interval, published figure."""
    figures = shown_figures(claim)
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
        ORDER_NOT_TESTED if claim["kind"] == "ranking" and not (claim["order"] and claim["order"]["tested"]) else "",
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
    return is_stance(claim) and claim["figures"][0]["share"] is not None and claim["verdict"] != Verdict.THIN


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
    """What is folded away: the order, counts, weights of threads, communities, periods and outside figures."""
    found = [] if is_stance(claim) else [order_table(claim), _counts_table(claim), _weights_table(claim)]
    trends = [trend_table(figure) for figure in claim["figures"] if figure["trend"]]
    every = (*found, communities_table(claim), *trends, references_table(claim["references"]))
    return [table for table in every if table.rows]


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
    """Who says so in each community; where there are fewer than three, nothing but that."""
    if is_stance(claim):
        figure = claim["figures"][0]
        rows = tuple((c["name"], *_community_cells(c)) for c in figure["communities"])
        return Table("", ("Community", "For", "Against", "People"), rows)
    figures = [figure for figure in claim["figures"] if figure["communities"]]
    names = sorted({community["name"] for figure in figures for community in figure["communities"]})
    header = ("Community", *(figure["name"] for figure in figures))
    caption = PAIRS_COUNTED if any(figure["communities_unit"] == "pairs" for figure in figures) else ""
    return Table(caption, header, tuple((name, *_cells_in(name, figures)) for name in names))


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


def pairs_table(claim: Entry) -> Table:
    """What was assumed or expected, and what people report, with those who name only one of the two."""
    rows = tuple(
        (first_upper(f"{pair['belief']}: {pair['before']}"), pair["got"], *_pair_cells(pair)) for pair in claim["pairs"]
    )
    return Table("", ("Before", "Reported", "Only this", "Only the opposite", "Both", "How it stands"), rows)


def _pair_cells(pair: Entry) -> tuple[str, str, str, str]:
    counts = pair["counts"]
    if counts is None:
        return "", "", "", pair["label"]
    against = "" if pair["against"] is None else f"{counts['only_against']:,}"
    both = "" if pair["against"] is None else f"{counts['both']:,}"
    return f"{counts['only_got']:,} of {counts['people']:,}", against, both, pair["label"]


def gap_claims(section: Entry) -> list[Entry]:
    """The claims of a section that belong into one table beside outside figures."""
    return [claim for claim in section["claims"] if claim["dimension"] is not None]


def gap_table(section: Entry) -> Table:
    """Outside figures beside what people say, a claim a row."""
    rows = tuple(gap_row(claim) for claim in gap_claims(section))
    return Table(phrases.DIFFERENT_POPULATIONS if rows else "", ("Dimension", "Published", "In the discussions"), rows)


def gap_row(claim: Entry) -> tuple[str, str, str]:
    """What a claim is called in a table of gaps, the outside figures, and the sentence."""
    published = "; ".join(phrases.reference_words(one) for one in claim["references"])
    return str(claim["dimension"]), published or NO_FIGURE, phrases.sentence(claim)


def references_table(references: Sequence[Entry]) -> Table:
    """Outside figures: what was counted, of what, when and by whom."""
    rows = tuple(
        (
            one["label"],
            f"{one['numerator']:,} of {one['denominator']:,}",
            percent(one["share"]["estimate"]),
            one["base"],
            one["definition"] or "",
            one["as_of"] or "",
            one["source"] or "",
        )
        for one in references
    )
    return Table("", ("Published figure", "Count", "Share", "Base", "Definition", "As of", "Source"), rows)


def order_table(claim: Entry) -> Table:
    """Two and two: who names only one of them, the difference of their shares, and which is ahead."""
    names = {figure["code"]: figure["name"] for figure in claim["figures"]}
    rows = tuple(
        (
            f"{names[pair['first']]} and {names[pair['second']]}",
            f"{pair['only_first']:,}",
            f"{pair['only_second']:,}",
            difference_words(pair),
            "" if pair["q"] is None else f"{pair['q']:.4f}",
            names[pair["ahead"]] if pair["ahead"] else "cannot be told",
        )
        for pair in (claim["order"]["pairs"] if claim["order"] else ())
    )
    header = ("Order", "only the first", "only the second", "difference (95 % interval)", "q", "clearly ahead")
    return Table("", header, rows)


def difference_words(found: Entry) -> str:
    """A difference of two shares in points: "+12 points (3 to 21)"; empty where there is none."""
    if found["difference"] is None:
        return ""
    value = f"{_points(found['difference'])} points"
    return value if found["lower"] is None else f"{value} ({_points(found['lower'])} to {_points(found['upper'])})"


def _points(difference: float) -> str:
    whole = round(difference * 100)
    sign = "+" if whole > 0 else _MINUS if whole < 0 else ""
    return f"{sign}{abs(whole)}"


def trend_table(figure: Entry) -> Table:
    """A figure period by period."""
    trend = figure["trend"]
    rows = tuple(
        (
            point["period"],
            f"{point['yes']:,} of {point['people']:,}",
            f"{point['threads']:,}",
            _share_or_nothing(point["share"]),
        )
        for point in trend["points"]
    )
    return Table(figure["name"], ("Period", _UNITS[trend["unit"]], "Threads", "Share (95 % interval)"), rows)


def saturation_table(report: Entry) -> Table:
    """How many codes so many threads would have shown, at no more than six numbers of threads."""
    found = report["saturation"]
    curve = found["curve"] if found else []
    chosen = sorted({round(place * (len(curve) - 1) / _STEPS) for place in range(_STEPS + 1)}) if curve else []
    rows = tuple((f"{curve[number][0]:,}", f"{curve[number][1]:.1f}") for number in chosen)
    return Table("", ("Threads read", "Codes expected"), rows)


def collected_table(report: Entry) -> Table:
    """What was collected in each community."""
    rows = tuple(
        (found["name"], f"{found['posts']:,}", f"{found['threads']:,}", f"{found['authors']:,}")
        for found in report["collection"]["communities"]
    )
    return Table("", ("Community", "Posts", "Threads", "Authors"), rows)
