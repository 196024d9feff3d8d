"""Entries: a computed claim as it stands in report.json, with its sentence, figures, evidence and need."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from coding.final import PRESENT
from db.queries.reporting import Post
from reports.claims import Figures, Result, distinct_authors, distinct_threads, scope_of
from reports.corpus import Corpus
from reports.corrected import NO_VOTE, Sums
from reports.estimators import CommunityShare, Share
from reports.needs import Need, need_for_inconclusive, need_for_thin, need_for_unchecked
from reports.phrases import percent
from reports.reading import ToRead
from reports.verdicts import FEW_POSITIVES, Verdict
from reports.words import LABELS, Slots, presence_sentence, stance_sentence

LISTED = 200
HIDDEN_BELOW = 3
TOO_FEW = frozenset({"few-people", "few-threads", FEW_POSITIVES})
SETTLED = frozenset(Verdict) - {Verdict.NONE, Verdict.UNCHECKED, Verdict.THIN}


def claim_entry(result: Result, corpus: Corpus, waiting: ToRead | None) -> dict[str, Any]:
    """The entry of one claim."""
    claim, verdict = result.claim, result.verdict
    is_stance = claim.kind == "consensus"
    slots = _slots(result)
    sentence = stance_sentence(verdict, slots) if is_stance else presence_sentence(verdict, slots)
    entry: dict[str, Any] = {
        "id": claim.id,
        "kind": claim.kind,
        "statement": claim.label,
        "headline": claim.headline,
        "filter": dict(sorted(claim.filter.items())),
        "basis": result.basis,
        "verdict": verdict.value,
        "label": _label(verdict, slots),
        "sentence": sentence,
        "reasons": list(_reasons(result)),
        "read": _read(result),
        "need": _need(result, waiting),
        "figures": [figure_entry(figure, corpus, claim.published.get(figure.code)) for figure in result.figures],
        "private": _private(result, corpus),
    }
    if is_stance:
        entry["evidence"] = _evidence(result.figures[0], corpus)
    else:
        entry["evidence"] = {f.code: _listed(f.mentioning, corpus) for f in result.figures}
    return entry


def figure_entry(figure: Figures, corpus: Corpus, published: float | None) -> dict[str, Any]:
    """One figure: counts always, shares only where the basis carries them."""
    judged = figure.judgement
    carries = judged.verdict in SETTLED or judged.verdict is Verdict.THIN
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
        "communities": [community_entry(c) for c in judged.communities]
        if carries and _is_counted_whole(figure)
        else [],
        "within": judged.largest.community if judged.within_one_community and judged.largest else None,
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
        "leave_one_thread_out": None if left_out is None else [round(left_out[0], 4), round(left_out[1], 4)],
    }


def community_entry(community: CommunityShare) -> dict[str, Any]:
    """A community's voters; where there are fewer than three, nothing but that."""
    if community.n < HIDDEN_BELOW:
        return {"name": community.community, "people": None, "yes": None, "no": None}
    return {"name": community.community, "people": community.n, "yes": community.yes, "no": community.no}


def _deciding(result: Result) -> Figures:
    """The figure that gives the claim its verdict: the first of those that have it."""
    return next(figure for figure in result.figures if figure.judgement.verdict is result.verdict)


def _slots(result: Result) -> Slots:
    deciding = _deciding(result)
    judged = deciding.judgement
    mentioning = {post.id: post for figure in result.figures for post in figure.mentioning}
    corrected = [figure.judgement.corrected for figure in result.figures if figure.judgement.corrected is not None]
    carrying, read = result.hits | frozenset(mentioning), _read(result)
    return Slots(
        statement=result.claim.label,
        support=judged.share.yes,
        dispute=judged.dispute.yes if judged.dispute is not None else 0,
        people=max(figure.judgement.share.n for figure in result.figures),
        threads=max(figure.judgement.share.threads for figure in result.figures),
        communities=len(judged.communities),
        mentioning=distinct_authors(mentioning.values()),
        mentioning_threads=distinct_threads(mentioning.values()),
        posts=read["posts"],
        posts_read=read["read"],
        hits=len(carrying),
        hits_read=len(carrying - result.to_read),
        largest=_largest(judged.largest),
        rest=(judged.rest.yes, judged.rest.n),
        differing=len(result.differing),
        is_within=judged.within_one_community,
        largest_thread=max(deciding.thread_sizes, default=0),
        one_thread="one-thread-dominates" in judged.reasons,
        is_few=bool(TOO_FEW.intersection(judged.reasons)),
        is_single=len(result.figures) == 1 and result.claim.attribute is None,
        corrected=_corrected_words(deciding),
        audited=max(round(found.people) for found in corrected) if corrected else 0,
    )


def _corrected_words(figure: Figures) -> tuple[str, str] | None:
    """The shares for and against as an audit corrects them, where it gives any."""
    judged = figure.judgement
    if judged.corrected is None or judged.share.estimate is None:
        return None
    dispute = judged.dispute.estimate if judged.dispute is not None else None
    return percent(judged.share.estimate), percent(dispute or 0.0)


def _largest(community: CommunityShare | None) -> tuple[str, int, int] | None:
    return None if community is None else (community.community, community.yes, community.n)


def _label(verdict: Verdict, slots: Slots) -> str:
    if verdict is Verdict.MAJORITY and slots.is_within and slots.largest is not None:
        return f"most say so within {slots.largest[0]}"
    if verdict is Verdict.THIN and slots.one_thread:
        return "reported, much of it in one thread"
    return LABELS[verdict]


def _reasons(result: Result) -> Sequence[str]:
    found = [reason for figure in result.figures for reason in figure.judgement.reasons]
    return list(dict.fromkeys(found)) if result.verdict in (Verdict.THIN, Verdict.UNCHECKED) else []


def _read(result: Result) -> dict[str, int]:
    considered = max(figure.considered for figure in result.figures)
    return {
        "posts": considered,
        "read": considered - len(result.to_read),
        "hits": len(result.hits),
        "hits_read": len(result.hits - result.to_read),
    }


def _need(result: Result, waiting: ToRead | None) -> dict[str, Any] | None:
    need = Need()
    if result.verdict is Verdict.UNCHECKED and waiting is not None:
        need = need_for_unchecked(len(waiting.posts))
    elif result.verdict is Verdict.THIN:
        need = _need_of_thin(result)
    elif result.verdict is Verdict.INCONCLUSIVE:
        need = need_for_inconclusive(_in_all(_deciding(result)))
    else:
        return None
    return {"people": need.people, "threads": need.threads, "decisions": need.decisions, "minutes": need.minutes}


def _need_of_thin(result: Result) -> Need:
    """What brings every thin figure of the claim over the limits."""
    thin = [figure for figure in result.figures if figure.judgement.verdict is Verdict.THIN]
    needs = [need_for_thin(_in_all(figure).n, figure.thread_sizes) for figure in thin]
    return Need(
        people=max(need.people or 0 for need in needs) or None,
        threads=max(need.threads or 0 for need in needs) or None,
    )


def _in_all(figure: Figures) -> Share:
    """The share of a figure, its number of people that of all whom an audit speaks of and not of those read for it."""
    judged = figure.judgement
    return judged.share if judged.corrected is None else replace(judged.share, n=int(judged.corrected.people))


def _evidence(figure: Figures, corpus: Corpus) -> dict[str, Any]:
    sided = {post.id for posts in figure.by_stance.values() for post in posts}
    return {
        "for": _listed(figure.by_stance.get("support", ()), corpus),
        "against": _listed(figure.by_stance.get("dispute", ()), corpus),
        "mixed": _listed(figure.by_stance.get("mixed", ()), corpus),
        "mentions": _listed((post for post in figure.mentioning if post.id not in sided), corpus),
    }


def _listed(posts: Iterable[Post], corpus: Corpus) -> dict[str, Any]:
    ids = sorted(corpus.evidence_id(post.address) for post in posts)
    return {"posts": ids[:LISTED], "more": max(0, len(ids) - LISTED)}


def _private(result: Result, corpus: Corpus) -> dict[str, Any]:
    """What private accounts say: counted apart, never part of a share, small numbers hidden."""
    counts: dict[str, int] = {}
    notes = scope_of(result.claim, corpus.notes, corpus).posts
    for figure in result.figures:
        for note in notes:
            made = corpus.layer.decision(note.id, figure.code)
            if made.value == PRESENT:
                name = made.stance or "mentions" if result.claim.kind == "consensus" else figure.code
                counts[name] = counts.get(name, 0) + 1
    return {name: count if count >= HIDDEN_BELOW else "fewer than 3" for name, count in sorted(counts.items())}
