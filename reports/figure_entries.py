"""Entries of figures: one share with its counts, communities, audit and trend, as it stands in report.json."""

from collections.abc import Mapping
from typing import Any

from reports.claims import Figures, distinct_authors, distinct_threads
from reports.corpus import Corpus
from reports.corrected import NO_VOTE, Sums
from reports.differences import Difference
from reports.estimators import CommunityShare, Share
from reports.kind_words import trend_sentence
from reports.phrases import percent, whole
from reports.screening import UNCHECKED
from reports.trends import PAIRS, PEOPLE, Trend
from reports.verdicts import FEW_POSITIVES, Thresholds, Verdict
from reports.words import LABELS

HIDDEN_BELOW = 3
SETTLED = frozenset(Verdict) - {Verdict.NONE, Verdict.UNCHECKED, Verdict.THIN, Verdict.NOT_ESTABLISHED}


def figure_entry(
    figure: Figures,
    corpus: Corpus,
    published: float | None,
    trend_q: float | None,
    thresholds: Thresholds,
) -> dict[str, Any]:
    """One figure: counts always, shares only where the basis carries them.

    Args:
        figure: as computed.
        corpus: names its code.
        published: a figure from elsewhere to show beside.
        trend_q: the q-value of its trend.
        thresholds: the limits declared for the report.
    """
    judged = figure.judgement
    carries = judged.verdict in SETTLED or judged.verdict is Verdict.THIN
    is_presence = judged.dispute is None
    shown = figure.pair_communities or judged.communities
    left_out, per_person = figure.leave_one_community_out, figure.posts_per_person
    entry: dict[str, Any] = {
        "code": figure.code,
        "name": corpus.codebook.codes[figure.code].name,
        "verdict": judged.verdict.value,
        "label": LABELS[judged.verdict],
        "counts": {
            "yes": judged.share.yes,
            "people": judged.share.n,
            "threads": judged.share.threads,
            "communities": len(judged.communities),
            "mentioning": distinct_authors(figure.mentioning),
            "mentioning_threads": distinct_threads(figure.mentioning),
            "mentioning_posts": len(figure.mentioning),
            "cannot_be_coded": figure.missing,
        },
        "share": share_entry(judged.share) if carries else None,
        "audit": audit_entry(figure),
        "published": published,
        "communities": [community_entry(c) for c in shown] if carries and _is_counted_whole(figure) else [],
        "communities_unit": PAIRS if figure.pair_communities else PEOPLE,
        "within": judged.largest.community if judged.within_one_community and judged.largest else None,
        "leave_one_community_out": _rounded(left_out) if carries and left_out is not None else None,
        "posts_per_person": round(per_person, 2) if carries and per_person is not None else None,
        "by_thread": _by_thread(figure) if carries and is_presence else None,
        "salience": _salience(figure) if carries else None,
        "trend": trend_entry(figure.trend, trend_q, thresholds, judged.verdict) if figure.trend else None,
    }
    if judged.dispute is not None:
        counts = entry["counts"]
        counts["support"], counts["dispute"] = judged.share.yes, judged.dispute.yes
        counts["mixed"] = judged.share.n - judged.share.yes - judged.dispute.yes
        counts["without_stance"] = counts["mentioning"] - distinct_authors(
            post for posts in figure.by_stance.values() for post in posts
        )
        entry["dispute_share"] = share_entry(judged.dispute) if carries else None
        entry["fragility"] = (
            None if judged.fragility is None else {"people": judged.fragility.people, "limit": judged.fragility.limit}
        )
        entry["p_largest_against_rest"] = None if judged.p_lr is None else round(judged.p_lr, 4)
    return entry


def _is_counted_whole(figure: Figures) -> bool:
    """Whether communities can be counted: of an audit of presence they cannot, since it reads more of those found."""
    return figure.judgement.corrected is None or figure.judgement.dispute is not None


def _by_thread(figure: Figures) -> dict[str, Any] | None:
    """The share of author-and-thread pairs, the unit in which figures of different volume may be compared."""
    if figure.by_thread is None:
        return None
    return {"yes": figure.by_thread.yes, "pairs": figure.by_thread.n, "share": share_entry(figure.by_thread)}


def _salience(figure: Figures) -> dict[str, Any] | None:
    """How many of all authors in scope take a side, so that most of a few cannot pass for a popular view."""
    if figure.salience is None or figure.basis == UNCHECKED:
        return None
    found = figure.salience.share
    return {
        "yes": found.yes,
        "people": found.n,
        "share": share_entry(found),
        "posts_per_person": round(figure.salience.posts / found.n, 2) if found.n else None,
    }


def trend_entry(trend: Trend, q: float | None, thresholds: Thresholds, verdict: Verdict) -> dict[str, Any]:
    """A figure by period. Nothing is said of a change of a figure that is not called itself.

    Args:
        trend: as computed.
        q: the q-value of the difference, after adjusting for all trends of the report.
        thresholds: the limits declared for the report.
        verdict: that of the figure.
    """
    carries = verdict in SETTLED
    moved = trend.change
    is_certain = q is not None and q <= thresholds.q
    direction = None
    if carries and moved is not None and is_certain:
        direction = "up" if moved.estimate > 0 else "down"
    return {
        "period": trend.period,
        "unit": trend.unit,
        "points": [
            {
                "period": point.period,
                "from": point.since,
                "threads": point.share.threads,
                "people": point.share.n,
                "yes": point.share.yes,
                "share": share_entry(point.share) if carries or verdict is Verdict.THIN else None,
            }
            for point in trend.points
        ],
        "compared": None if trend.compared is None else list(trend.compared),
        "difference": None if moved is None or not carries else round(moved.estimate, 4),
        "lower": None if moved is None or not carries else round(moved.lower, 4),
        "upper": None if moved is None or not carries else round(moved.upper, 4),
        "p": None if moved is None or not carries else round(moved.p, 4),
        "q": None if q is None or not carries else round(q, 4),
        "direction": direction,
        "sentence": _trend_sentence(trend, is_certain=is_certain) if carries else None,
        "reason": trend.reason,
    }


def _trend_sentence(trend: Trend, *, is_certain: bool) -> str | None:
    if trend.compared is None or trend.change is None:
        return None
    shares = {point.period: point.share.estimate or 0.0 for point in trend.points}
    first, last = trend.compared
    moved = trend.change
    return trend_sentence(
        (first, last),
        (percent(shares[first]), percent(shares[last])),
        (points(moved.estimate), points(moved.lower), points(moved.upper)),
        is_certain=is_certain,
    )


def points(difference: float) -> int:
    """A difference in whole percentage points, halves away from nought."""
    return whole(difference) if difference >= 0 else -whole(-difference)


def difference_entry(
    found: Difference, q_values: Mapping[tuple[str, str], float], thresholds: Thresholds
) -> dict[str, Any]:
    """How two codes differ among the same authors, and which of them is clearly ahead.

    Args:
        found: as computed.
        q_values: by the two codes, after adjusting for all pairs of the claim.
        thresholds: the limits declared for the report.
    """
    q = q_values.get((found.first, found.second))
    return {
        "first": found.first,
        "second": found.second,
        "both": found.both,
        "only_first": found.only_first,
        "only_second": found.only_second,
        "people": found.people,
        "difference": None if found.estimate is None else round(found.estimate, 4),
        "lower": round(found.lower, 4),
        "upper": round(found.upper, 4),
        "p": None if found.p is None else round(found.p, 4),
        "q": None if q is None else round(q, 4),
        "ahead": found.leader(q, thresholds.q),
    }


def audit_entry(figure: Figures) -> dict[str, Any] | None:
    """How far the audit of a figure has come, and what else it gives than the corrected share."""
    found, corrected = figure.screening, figure.judgement.corrected
    if found is None:
        return None
    few = FEW_POSITIVES in figure.judgement.reasons
    return {
        "sample": found.sample,
        "authors": found.authors,
        "drawn": found.drawn,
        "undecided": found.undecided,
        "not_drawn_yet": found.due,
        "lost": found.lost,
        "coders": found.coders,
        "machine_count": found.machine,
        "unflagged": found.unflagged,
        "stands_for": None if found.stands_for is None else round(found.stands_for, 1),
        "second_reading": None
        if found.second is None
        else {
            "positives": len(found.second.positives),
            "others": len(found.second.others),
            "missing": len(found.second.missing),
        },
        "people": None if corrected is None else round(corrected.people, 1),
        "collected": None
        if corrected is None
        else {
            "lower": None if few else round(corrected.collected[0], 4),
            "upper": round(corrected.most if few else corrected.collected[1], 4),
        },
        "strata": [_stratum(name, sums) for name, sums in found.frame.strata.items()],
    }


def _stratum(name: str, sums: Sums) -> dict[str, Any]:
    votes = {vote: heads for vote, heads in sums.heads.items() if vote != NO_VOTE}
    return {"name": name, "authors": sums.authors, "decided": sums.judged, "votes": dict(sorted(votes.items()))}


def share_entry(share: Share) -> dict[str, Any] | None:
    """A share as it is printed: rounded before writing."""
    if share.estimate is None:
        return None
    left_out = share.leave_one_thread_out
    return {
        "estimate": round(share.estimate, 4),
        "lower": round(share.lower, 4),
        "upper": round(share.upper, 4),
        "has_interval": share.t is not None,
        "effective_people": round(share.n_eff, 1),
        "effective_threads": round(share.effective_threads, 1),
        "design_effect": round(share.design_effect, 2),
        "largest_thread_share": round(share.largest_thread_share, 4),
        "leave_one_thread_out": None if left_out is None else _rounded(left_out),
    }


def community_entry(community: CommunityShare) -> dict[str, Any]:
    """A community's voters; where there are fewer than three, nothing but that."""
    if community.n < HIDDEN_BELOW:
        return {"name": community.community, "people": None, "yes": None, "no": None}
    return {"name": community.community, "people": community.n, "yes": community.yes, "no": community.no}


def _rounded(limits: tuple[float, float]) -> list[float]:
    return [round(limits[0], 4), round(limits[1], 4)]
