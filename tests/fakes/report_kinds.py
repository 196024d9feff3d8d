"""Sample claims of the kinds that rest on more than one figure, with outside figures, periods and takeaways."""

from typing import Any

from fakes.report_sample import Row, report, share, shares_claim, stance_claim, stance_figure


def reference(**changes: Any) -> Row:
    """Give an outside figure."""
    return {
        "key": "made-up",
        "label": "Made-up adverts that name it",
        "numerator": 321,
        "denominator": 895,
        "base": "all adverts",
        "definition": "the advert names it",
        "as_of": "2026-01",
        "source": "an invented count",
        "share": {"estimate": 0.3587, "lower": 0.3279, "upper": 0.3907},
        "relation": "beside",
        "code": "titles",
    } | changes


def gap_claim(**changes: Any) -> Row:
    """Give a row of a table of gaps: what people say beside an outside figure."""
    return stance_claim(
        id="gap-ads", kind="gap", dimension="Adverts", references=[reference()], headline=False, statement="ads mislead"
    ) | changes  # fmt: skip


def gap_shares(**changes: Any) -> Row:
    """Give a row of a table of gaps that counts two codes."""
    beside = reference(code="work.build")
    return shares_claim(id="gap-tests", kind="gap", dimension="Tests", references=[beside]) | changes


def pair(**changes: Any) -> Row:
    """Give an assumption with what people report instead."""
    return {
        "belief": "assumed",
        "before": "writing prompts all day",
        "got": "code that makes prompts",
        "code": "work.build",
        "against": "work.other",
        "verdict": "measured",
        "label": "measured",
        "sentence": "Of 44 people 20 report code that makes prompts and 9 the writing of prompts all day.",
        "counts": {"both": 3, "only_got": 17, "only_against": 6, "people": 44},
        "difference": difference(),
        "frequency": None,
    } | changes


def difference(**changes: Any) -> Row:
    """Give a comparison of two codes."""
    return {
        "first": "work.build",
        "second": "work.other",
        "only_first": 17,
        "only_second": 6,
        "difference": 0.25,
        "lower": 0.0612,
        "upper": 0.4388,
        "p": 0.0121,
        "q": 0.0121,
        "ahead": "work.build",
    } | changes


def pairs_claim(**changes: Any) -> Row:
    """Give a claim of assumptions and reports, one of them not read yet."""
    unread = pair(code="work.other", against=None, counts=None, difference=None, label="not read yet", verdict="unchecked",
                  belief="expected", before="agents", got="pipelines", sentence="Nobody has read on it yet.")  # fmt: skip
    return shares_claim(id="day", kind="pairs", statement="days", pairs=[pair(), unread]) | changes


def ranked_claim(**changes: Any) -> Row:
    """Give a ranking whose order was tested."""
    order = {"unit": "people", "pairs": [difference()], "tested": True, "fewest": 10}
    return shares_claim(id="ranked", kind="ranking", order=order) | changes


def examples_claim(**changes: Any) -> Row:
    """Give examples, one of which stands in two accounts only."""
    chosen = {"shown": ["work.build"], "single": ["work.other"], "more": 0, "min_authors": 3}
    return shares_claim(id="seen", kind="examples", statement="projects", examples=chosen) | changes


def takeaway_claim(**changes: Any) -> Row:
    """Give a takeaway."""
    resting = {
        "claim": "titles-misaligned",
        "verdict": "consensus",
        "label": "broad agreement",
        "statement": "titles mislead",
    }
    return stance_claim(
        id="broken", kind="takeaway", is_stance=False, statement="titles are broken", verdict="debated", label="debated",
        sentence="Debated: titles are broken.", figures=[], evidence={}, rests_on=[resting], headline=False,
        sources={"threads": [], "more": 0},
    ) | changes  # fmt: skip


def trend(**changes: Any) -> Row:
    """Give shares by quarter, the second of which is not shown."""
    points = [
        point("2025-Q2", 0.3),
        point("2025-Q3", None),
        point("2025-Q4", 0.5),
        point("2026-Q1", 0.6),
    ]
    return {
        "period": "quarter",
        "unit": "people",
        "points": points,
        "compared": ["2025-Q4", "2026-Q1"],
        "difference": 0.1,
        "lower": -0.02,
        "upper": 0.22,
        "p": 0.09,
        "q": 0.2,
        "direction": None,
        "sentence": None,
        "reason": None,
    } | changes


def point(period: str, estimate: float | None) -> Row:
    """Give the share of one period."""
    interval = None if estimate is None else share(estimate, estimate - 0.1, estimate + 0.1)
    return {"period": period, "from": "2025-04-01", "threads": 16, "people": 40, "yes": 20, "share": interval}


def trending_claim(**changes: Any) -> Row:
    """Give a claim about stance with shares by quarter."""
    return stance_claim(id="titles-by-quarter", figures=[stance_figure(trend=trend())]) | changes


def communities_claim(**changes: Any) -> Row:
    """Give a claim with three communities to show and one to hide."""
    names = ("r/one", "r/two", "r/three")
    found = [{"name": name, "people": 20, "yes": 15, "no": 4} for name in names]
    hidden = {"name": "r/tiny", "people": None, "yes": None, "no": None}
    return stance_claim(id="titles-apart", figures=[stance_figure(communities=[*found, hidden])]) | changes


def saturation(**changes: Any) -> Row:
    """Give a curve of codes by threads."""
    curve = [[number, round(12 * (1 - 0.8**number), 4)] for number in range(1, 13)]
    return {"threads": 12, "codes": 11, "curve": curve, "new_rate": 0.0523, "chao2": 1.5, "is_open": True} | changes


def quote(**changes: Any) -> Row:
    """Give a quotation that may be shown."""
    return {
        "id": "q1",
        "claims": ["titles-misaligned"],
        "text": "An invented title means invented things.",
        "name": "Mira Invented",
        "url": "https://example.org/t/1/c/7",
        "community": "r/made-up",
        "month": "2025-11",
        "reason": "agreed",
        "by": "ana",
        "at": "2026-02-20T10:00:00Z",
        "note": None,
    } | changes


def full_report(**changes: Any) -> Row:
    """Give a report with a claim of every kind."""
    claims = (
        stance_claim(), gap_claim(), gap_shares(), pairs_claim(), ranked_claim(), examples_claim(), trending_claim(),
        communities_claim(), takeaway_claim(),
    )  # fmt: skip
    return report(*claims, saturation=saturation(), references=[reference()], quotes=[quote()]) | changes
