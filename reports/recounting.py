"""Recounting: the shares of a claim in a form in which two reports of one study can be compared (see `pairing`)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from coding.final import MISSING, PRESENT, UNSURE, Decision
from db.queries.reporting import Post
from reports.claims import scope_of
from reports.corpus import Corpus
from reports.corrected import Frame, correct
from reports.definition import Claim
from reports.pairing import NOT_COMPARABLE, UNITS, PairedChange, Recounted, paired_test, recounted
from reports.screening import UNCHECKED, screen
from reports.votes import SUPPORT, YES, Ballot, Rule, tally

Decided = Sequence[tuple[Post, Decision]]
SAME = 0.00005
"""Shares are written with four places: what is recounted here must be what the report says."""


def compare_figure(
    claims: tuple[Claim, Claim], figures: tuple[Mapping[str, Any], Mapping[str, Any]], corpora: tuple[Corpus, Corpus]
) -> PairedChange | None:
    """Test the change of one figure between two reports.

    Args:
        claims: the claim as the old definition has it, and the new one.
        figures: its figure of the same code in both reports, as they were recomputed from these corpora.
        corpora: the data of both.

    Returns:
        None if one of the reports gives no share.
    """
    shares = [figure["share"] for figure in figures]
    if shares[0] is None or shares[1] is None:
        return None
    change = shares[1]["estimate"] - shares[0]["estimate"]
    code, stance = figures[1]["code"], "support" in figures[1]["counts"]
    unit = UNITS[not stance and claims[1].attribute is None]
    before, after = (
        _compared(claim, code, corpus, share["estimate"], stance=stance)
        for claim, share, corpus in zip(claims, shares, corpora, strict=True)
    )
    if before is None or after is None:
        return PairedChange(change, unit, 0, why_not=NOT_COMPARABLE)
    return paired_test(before, after, unit)


def _compared(claim: Claim, code: str, corpus: Corpus, printed: float, *, stance: bool) -> Recounted | None:
    """A share as it is compared; None unless the recount gives what the report prints."""
    found = _recount(claim, code, corpus, stance=stance)
    return found[1] if found is not None and abs(found[0].estimate - printed) <= SAME else None


def _recount(claim: Claim, code: str, corpus: Corpus, *, stance: bool) -> tuple[Recounted, Recounted] | None:
    """A share as the report gives it, and as it is compared; None where it cannot be recounted from single votes."""
    scope = scope_of(claim, corpus.posts, corpus)
    if scope.undecided:
        return None
    if claim.attribute is not None:
        decided = [(post, corpus.layer.value_of(post.id, claim.attribute)) for post in scope.posts]
        found = None if _is_unread(decided) else _of_attribute(decided, code, corpus)
    else:
        decided = [(post, corpus.layer.decision(post.id, code)) for post in scope.posts]
        if stance:
            found = _corrected(code, decided, corpus) if _is_unread(decided) else _of_stance(decided, corpus)
        elif _is_unread(decided):
            return None
        else:
            return _both(_of_presence(decided, corpus), _of_presence(decided, corpus, by_thread=True))
    return _both(found, found)


def _both(printed: Recounted | None, compared: Recounted | None) -> tuple[Recounted, Recounted] | None:
    return None if printed is None or compared is None else (printed, compared)


def _is_unread(decided: Decided) -> bool:
    return any(made.value is None for _, made in decided)


def _of_stance(decided: Decided, corpus: Corpus) -> Recounted | None:
    ballots = (_ballot(post, corpus, made.stance) for post, made in decided if made.value != MISSING)
    return recounted(tally(ballots, Rule.STANCE), frozenset({SUPPORT}))


def _of_attribute(decided: Decided, value: str, corpus: Corpus) -> Recounted | None:
    ballots = (_ballot(post, corpus, made.stance) for post, made in decided if made.value != MISSING)
    return recounted(tally(ballots, Rule.ATTRIBUTE), frozenset({value}))


def _of_presence(decided: Decided, corpus: Corpus, *, by_thread: bool = False) -> Recounted | None:
    """The share of authors who show a code; or that of author-and-thread pairs, each a voter of its own (S12)."""
    ballots: Iterable[Ballot] = (
        _ballot(post, corpus, YES if made.value == PRESENT else None)
        for post, made in decided
        if made.value not in (UNSURE, MISSING)
    )
    if by_thread:
        ballots = (replace(ballot, author=f"{ballot.author} in {ballot.thread}") for ballot in ballots)
    return recounted(tally(ballots, Rule.PRESENCE), frozenset({YES}))


def _corrected(code: str, decided: Decided, corpus: Corpus) -> Recounted | None:
    """A share of support that an audit corrects, recounted without each thread as the whole frame is (S9)."""
    screening = screen(code, [post for post, _ in decided], corpus.layer.decision, corpus, stance=True)
    if screening is None or screening.basis == UNCHECKED:
        return None
    known = (
        _ballot(post, corpus, made.stance)
        for post, made in decided
        if made.value != MISSING and post.author in screening.counted
    )
    votes = recounted(tally(known, Rule.STANCE), frozenset({SUPPORT}))
    estimate = _estimate(screening.frame)
    if votes is None or estimate is None:
        return None
    without = {
        thread: _estimate(Frame(strata, {}, screening.frame.whole))
        for thread, strata in screening.frame.without.items()
    }
    return replace(votes, estimate=estimate, without=without)


def _estimate(frame: Frame) -> float | None:
    """The corrected share; None where a thread took the last decided author of a stratum with it."""
    left = Frame({name: sums for name, sums in frame.strata.items() if sums.authors}, {}, frame.whole)
    return correct(left, frozenset({SUPPORT}), ()).estimate if left.is_judged else None


def _ballot(post: Post, corpus: Corpus, value: str | None) -> Ballot:
    return Ballot(
        post.author, corpus.clusters[post.thread], post.community, post.created_at, post.platform, post.native_id, value
    )
