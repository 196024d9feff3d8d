"""Verdicts: the declared rule that turns the figures of a claim into one word (S5 of docs/explanation/statistics.md).

`decide` is pure: with the design effects, the quantile and the reasons held, one supporter who turns into a disputer
never raises the verdict. `judge_stance` and `judge_presence` lead from a tally to the verdict; the figures they pass on
are kept, so that a reader can decide again by hand.
"""

from bisect import bisect_left
from dataclasses import dataclass, replace
from enum import StrEnum

from coding.intervals import wilson
from coding.shares import FEWEST_POSITIVES
from reports.corrected import Corrected, Frame, correct
from reports.estimators import (
    LEAST_CLUSTERS,
    CommunityShare,
    Share,
    community_shares,
    difference_p_value,
    largest_community,
    pooled_rest,
    share,
)
from reports.votes import DISPUTE, SUPPORT, YES, Tally

UNCHECKED_BASIS = "unchecked"
FEW_POSITIVES = "few-positives"
MOST_EXTRA_DISPUTERS = 10_000_000


class Verdict(StrEnum):
    """What a claim comes to; `MEASURED` belongs to presence, those from `CONSENSUS` to `INCONCLUSIVE` to stance.

    The last two belong to takeaways, which rest on other claims.
    """

    NONE = "none"
    UNCHECKED = "unchecked"
    THIN = "thin"
    MEASURED = "measured"
    CONSENSUS = "consensus"
    DIVIDED = "divided"
    MAJORITY = "majority"
    AGAINST = "against"
    MINORITY = "minority"
    CONTESTED = "contested"
    INCONCLUSIVE = "inconclusive"
    DEBATED = "debated"
    NOT_ESTABLISHED = "not-established"


# Verdicts outside this order (none, unchecked, thin, measured) say nothing about how much support there is.
RANK = {
    Verdict.AGAINST: 0,
    Verdict.MINORITY: 1,
    Verdict.CONTESTED: 2,
    Verdict.DIVIDED: 2,
    Verdict.INCONCLUSIVE: 2,
    Verdict.MAJORITY: 3,
    Verdict.CONSENSUS: 4,
}


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The limits of the rule; shares and widths are 0 to 1. A findings file may declare others before it sees data.

    Attributes:
        people: voters below which a claim is thin.
        threads: threads with a deciding post below which a claim is thin.
        effective_threads: G* below which a claim is thin.
        thread_share: share of the voters in one thread above which a claim is thin.
        consensus_share: least share of support for consensus.
        consensus_lower: least lower limit of that share for consensus.
        rest_people: least voters outside the largest community for consensus; also on each side for divided.
        rest_share: least smoothed share outside the largest community for consensus.
        community_people: voters from which on a single community can block consensus.
        community_share: smoothed share that such a community needs.
        divided_p: p-value of the difference below which opposite sides are divided.
        contested_width: widest interval that still tells contested from inconclusive.
        trend_threads: threads in a period below which nothing is said of a trend.
        order_people: people who show only one of two codes below which nothing is said of their order.
        q: largest q-value, after adjusting for all tests of a family, at which a test counts.
        often_lower: the lower limit that "often" needs.
        rarely_upper: the upper limit that "rarely" needs.
    """

    people: int = 20
    threads: int = 8
    effective_threads: float = 4.0
    thread_share: float = 0.40
    consensus_share: float = 0.75
    consensus_lower: float = 0.60
    rest_people: int = 10
    rest_share: float = 0.60
    community_people: int = 20
    community_share: float = 0.50
    divided_p: float = 0.01
    contested_width: float = 0.30
    trend_threads: int = 15
    order_people: int = 10
    q: float = 0.05
    often_lower: float = 0.50
    rarely_upper: float = 0.25


DECLARED = Thresholds()
HALF = 0.5


@dataclass(frozen=True, slots=True)
class StanceFigures:
    """All that the verdict on a stance claim rests on.

    Attributes:
        has_present: whether anybody coded any in-scope post as present.
        basis: read, screened, estimated or unchecked.
        reasons: what makes the claim thin, as `thin_reasons` names it; empty if nothing does.
        support: voters who support, s; a corrected claim gives its corrected number.
        dispute: voters who dispute, d; those who do neither are in `n` only.
        n: voters, N.
        support_effect: the design effect D of the share of support.
        dispute_effect: the design effect D of the share of dispute.
        t: the quantile of both intervals, or None where too few threads allow none.
        communities: the voters of each community; yes is support, no is dispute.
        largest: that of them with most voters, or None without voters.
        rest: all others pooled.
        p_lr: p-value of the difference in support between largest and rest, or None.
    """

    has_present: bool
    basis: str
    reasons: tuple[str, ...]
    support: float
    dispute: float
    n: float
    support_effect: float
    dispute_effect: float
    t: float | None
    communities: tuple[CommunityShare, ...]
    largest: CommunityShare | None
    rest: CommunityShare
    p_lr: float | None

    def mirrored(self) -> "StanceFigures":
        """Give the figures of the opposite claim."""
        return replace(
            self,
            support=self.dispute,
            dispute=self.support,
            support_effect=self.dispute_effect,
            dispute_effect=self.support_effect,
            communities=tuple(community.mirrored() for community in self.communities),
            largest=None if self.largest is None else self.largest.mirrored(),
            rest=self.rest.mirrored(),
        )


@dataclass(frozen=True, slots=True)
class Fragility:
    """How little would lower a verdict (S7).

    Attributes:
        people: the fewest further disputing voters that do.
        limit: "share" if they lower the share of all, "rest" if they do it by standing outside the largest community.
    """

    people: int
    limit: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict with the figures behind it.

    Attributes:
        verdict: the verdict.
        reasons: what makes the claim thin; given for an unchecked claim too.
        share: the share of support, or of authors with the code.
        dispute: the share of dispute; None for presence.
        communities: the voters of each community, by id.
        largest: the community with most voters, or None without voters.
        rest: all others pooled.
        p_lr: p-value of the difference between largest and rest, or None.
        fragility: what would lower the verdict, or None where it cannot be lowered or says nothing about support.
        within_one_community: whether too few voters stand outside the largest community to speak of more than it.
        corrected: what an audit makes of the share of support, or of authors with the code; None without one.
    """

    verdict: Verdict
    reasons: tuple[str, ...]
    share: Share
    dispute: Share | None
    communities: tuple[CommunityShare, ...]
    largest: CommunityShare | None
    rest: CommunityShare
    p_lr: float | None = None
    fragility: Fragility | None = None
    within_one_community: bool = False
    corrected: Corrected | None = None


def thin_reasons(
    n: float,
    threads: int,
    effective_threads: float,
    largest_thread_share: float,
    thresholds: Thresholds = DECLARED,
) -> tuple[str, ...]:
    """Name what makes a claim too thin to call, in a fixed order.

    No threshold can allow a claim without voters, or with so few effective threads that there is no interval.
    """
    failing = {
        "few-people": n < max(thresholds.people, 1),
        "few-threads": threads < max(thresholds.threads, LEAST_CLUSTERS),
        "few-effective-threads": effective_threads < max(thresholds.effective_threads, LEAST_CLUSTERS),
        "one-thread-dominates": largest_thread_share > thresholds.thread_share,
    }
    return tuple(reason for reason, fails in failing.items() if fails)


def decide(figures: StanceFigures, thresholds: Thresholds = DECLARED) -> Verdict:
    """Give the verdict on a stance claim: the first rule of S5 that holds."""
    unsettled = _unsettled(figures.has_present, figures.basis, figures.reasons)
    if unsettled is not None:
        return unsettled
    opposite = figures.mirrored()
    support_lower, support_upper = _limits(figures)
    dispute_lower, _ = _limits(opposite)
    in_order = (
        (Verdict.CONSENSUS, _is_consensus(figures, thresholds)),
        (Verdict.DIVIDED, _is_divided(figures, max(support_lower, dispute_lower), thresholds)),
        (Verdict.MAJORITY, support_lower > HALF),
        (Verdict.AGAINST, _is_consensus(opposite, thresholds)),
        (Verdict.MINORITY, dispute_lower > HALF),
        (Verdict.CONTESTED, support_upper - support_lower <= thresholds.contested_width),
    )
    return next((verdict for verdict, holds in in_order if holds), Verdict.INCONCLUSIVE)


def decide_presence(has_present: bool, basis: str, reasons: tuple[str, ...]) -> Verdict:
    """Give the verdict on a claim about presence: none, unchecked, thin or measured (S18)."""
    return _unsettled(has_present, basis, reasons) or Verdict.MEASURED


def fragility(figures: StanceFigures, thresholds: Thresholds = DECLARED) -> Fragility | None:
    """Give the fewest further disputing voters at which the verdict falls, with design effects and quantile held (S7).

    Either they count among all voters and no community changes, or they only stand in the rest; the smaller number is
    given. None where neither lowers the verdict, and for none, unchecked, thin and against.
    """
    verdict = decide(figures, thresholds)
    if RANK.get(verdict, 0) == 0:
        return None

    def falls_among_all(people: int) -> bool:
        more = replace(figures, dispute=figures.dispute + people, n=figures.n + people)
        return RANK[decide(more, thresholds)] < RANK[verdict]

    def falls_by_the_rest(people: int) -> bool:
        rest = replace(figures.rest, no=figures.rest.no + people, n=figures.rest.n + people)
        return RANK[decide(replace(figures, rest=rest), thresholds)] < RANK[verdict]

    # Each is false up to some number and true from it on: the lower limit, and the share in the rest, only fall.
    numbers = range(1, MOST_EXTRA_DISPUTERS)
    routes = (("share", falls_among_all), ("rest", falls_by_the_rest))
    found = [(bisect_left(numbers, True, key=falls), limit) for limit, falls in routes]
    reached = [(numbers[index], limit) for index, limit in found if index < len(numbers)]
    people, limit = min(reached, key=lambda route: route[0], default=(0, ""))
    return Fragility(people=people, limit=limit) if reached else None


def judge_stance(tally: Tally, basis: str, has_present: bool, thresholds: Thresholds = DECLARED) -> Judgement:
    """Judge a claim about stance.

    Args:
        tally: the votes under `Rule.STANCE`.
        basis: read, screened, estimated or unchecked.
        has_present: whether anybody coded any in-scope post as present.
        thresholds: the limits declared for the report.
    """
    support, dispute = share(tally, frozenset({SUPPORT})), share(tally, frozenset({DISPUTE}))
    figures = _stance_figures(tally, support, dispute, basis=basis, has_present=has_present, thresholds=thresholds)
    return Judgement(
        verdict=decide(figures, thresholds),
        reasons=figures.reasons,
        share=support,
        dispute=dispute,
        communities=figures.communities,
        largest=figures.largest,
        rest=figures.rest,
        p_lr=figures.p_lr,
        fragility=fragility(figures, thresholds),
        within_one_community=_is_within_one(figures.largest, figures.rest, thresholds),
    )


def judge_presence(
    tally: Tally, yes_values: frozenset[str], basis: str, has_present: bool, thresholds: Thresholds = DECLARED
) -> Judgement:
    """Judge a claim about how many authors show something.

    Args:
        tally: the votes under `Rule.PRESENCE` or `Rule.ATTRIBUTE`.
        yes_values: the values that are counted, such as {"yes"} or one value of an attribute.
        basis: read, screened, estimated or unchecked.
        has_present: whether anybody coded any in-scope post as present.
        thresholds: the limits declared for the report.
    """
    counted = share(tally, yes_values)
    reasons = _reasons(counted, thresholds)
    communities = community_shares(tally, yes_values, frozenset(tally.counts) - yes_values)
    largest = largest_community(communities)
    rest = pooled_rest(communities, largest)
    return Judgement(
        verdict=decide_presence(has_present, basis, reasons),
        reasons=reasons,
        share=counted,
        dispute=None,
        communities=communities,
        largest=largest,
        rest=rest,
        within_one_community=_is_within_one(largest, rest, thresholds),
    )


def judge_corrected_stance(
    tally: Tally, frame: Frame, basis: str, has_present: bool, thresholds: Thresholds = DECLARED
) -> Judgement:
    """Judge a claim about stance by the shares that an audit corrects; communities stay as they were read.

    Args:
        tally: the votes under `Rule.STANCE` of the authors whom the frame counts.
        frame: all authors of the claim, with a decided one in every stratum.
        basis: screened or estimated.
        has_present: whether anybody coded any in-scope post as present.
        thresholds: the limits declared for the report.
    """
    support = correct(frame, frozenset({SUPPORT}), tally.thread_sizes)
    dispute = correct(frame, frozenset({DISPUTE}), tally.thread_sizes)
    reasons = _corrected_reasons(support, tally, tally.n, thresholds)
    raw = _stance_figures(
        tally,
        share(tally, frozenset({SUPPORT})),
        share(tally, frozenset({DISPUTE})),
        basis=basis,
        has_present=has_present,
        thresholds=thresholds,
    )
    figures = replace(
        raw,
        reasons=reasons,
        support=(support.estimate or 0.0) * support.people,
        dispute=(dispute.estimate or 0.0) * support.people,
        n=support.people,
        support_effect=support.design_effect,
        dispute_effect=dispute.design_effect,
        t=support.t,
    )
    return Judgement(
        verdict=decide(figures, thresholds),
        reasons=reasons,
        share=_corrected_share(support, tally, tally.counts.get(SUPPORT, 0), tally.n, reasons),
        dispute=_corrected_share(dispute, tally, tally.counts.get(DISPUTE, 0), tally.n, reasons),
        communities=figures.communities,
        largest=figures.largest,
        rest=figures.rest,
        p_lr=figures.p_lr,
        fragility=fragility(figures, thresholds),
        within_one_community=_is_within_one(figures.largest, figures.rest, thresholds),
        corrected=support,
    )


def judge_corrected_presence(
    tally: Tally, frame: Frame, basis: str, has_present: bool, thresholds: Thresholds = DECLARED
) -> Judgement:
    """Judge a claim about how many authors show a code by the share that an audit corrects.

    Args:
        tally: one vote under `Rule.PRESENCE` of every author, for the threads and communities that they stand in.
        frame: all authors of the claim, with a decided one in every stratum.
        basis: screened or estimated.
        has_present: whether anybody coded any in-scope post as present.
        thresholds: the limits declared for the report.
    """
    found = correct(frame, frozenset({YES}), tally.thread_sizes)
    positives = frame.heads({YES})
    reasons = _corrected_reasons(found, tally, positives, thresholds)
    communities = community_shares(tally, frozenset(), frozenset())
    largest = largest_community(communities)
    rest = pooled_rest(communities, largest)
    return Judgement(
        verdict=decide_presence(has_present, basis, reasons),
        reasons=reasons,
        share=_corrected_share(found, tally, positives, frame.voters, reasons),
        dispute=None,
        communities=communities,
        largest=largest,
        rest=rest,
        within_one_community=_is_within_one(largest, rest, thresholds),
        corrected=found,
    )


def _corrected_reasons(found: Corrected, tally: Tally, positives: int, thresholds: Thresholds) -> tuple[str, ...]:
    reasons = thin_reasons(
        found.people, tally.threads, found.effective_threads, _largest_thread_share(tally), thresholds
    )
    return (*reasons, FEW_POSITIVES) if positives < FEWEST_POSITIVES else reasons


def _corrected_share(found: Corrected, tally: Tally, yes: int, n: int, reasons: tuple[str, ...]) -> Share:
    """A corrected share in the form of a counted one: `yes` and `n` are people whom somebody read.

    With too few positives there is no estimate and only the upper limit among the authors that were collected.
    """
    has_estimate = FEW_POSITIVES not in reasons
    return Share(
        estimate=found.estimate if has_estimate else None,
        lower=found.lower if has_estimate else 0.0,
        upper=found.upper if has_estimate else found.most,
        yes=yes,
        n=n,
        n_eff=found.n_eff,
        design_effect=found.design_effect,
        effective_threads=found.effective_threads,
        df=found.df,
        t=found.t if has_estimate else None,
        threads=tally.threads,
        largest_thread_share=_largest_thread_share(tally),
        leave_one_thread_out=found.leave_one_thread_out if has_estimate else None,
    )


def _largest_thread_share(tally: Tally) -> float:
    return tally.thread_sizes[0] / tally.n if tally.n else 0.0


def _unsettled(has_present: bool, basis: str, reasons: tuple[str, ...]) -> Verdict | None:
    if not has_present:
        return Verdict.NONE
    if basis == UNCHECKED_BASIS:
        return Verdict.UNCHECKED
    return Verdict.THIN if reasons else None


def _limits(figures: StanceFigures) -> tuple[float, float]:
    if figures.t is None:
        return 0.0, 1.0
    return wilson(figures.support / figures.n, figures.n / figures.support_effect, figures.t)


def _is_consensus(figures: StanceFigures, thresholds: Thresholds) -> bool:
    """Tell whether enough support it, surely enough, outside the largest community too, and no community objects."""
    lower, _ = _limits(figures)
    return (
        figures.support / figures.n >= thresholds.consensus_share
        and lower >= thresholds.consensus_lower
        and figures.rest.n >= thresholds.rest_people
        and figures.rest.yes_share >= thresholds.rest_share
        and all(
            community.yes_share >= thresholds.community_share
            for community in figures.communities
            if community.n >= thresholds.community_people
        )
    )


def _is_divided(figures: StanceFigures, surer_lower: float, thresholds: Thresholds) -> bool:
    """Tell whether the largest community and the rest stand on opposite sides, by more than chance."""
    largest, rest = figures.largest, figures.rest
    if largest is None or min(largest.n, rest.n) < thresholds.rest_people:
        return False
    opposite = min(largest.yes_share, rest.yes_share) < HALF < max(largest.yes_share, rest.yes_share)
    differ = figures.p_lr is not None and figures.p_lr < thresholds.divided_p
    return opposite and (surer_lower > HALF or differ)


def _stance_figures(
    tally: Tally, support: Share, dispute: Share, *, basis: str, has_present: bool, thresholds: Thresholds
) -> StanceFigures:
    communities = community_shares(tally, frozenset({SUPPORT}), frozenset({DISPUTE}))
    largest = largest_community(communities)
    rest = pooled_rest(communities, largest)
    return StanceFigures(
        has_present=has_present,
        basis=basis,
        reasons=_reasons(support, thresholds),
        support=support.yes,
        dispute=dispute.yes,
        n=tally.n,
        support_effect=support.design_effect,
        dispute_effect=dispute.design_effect,
        t=support.t,
        communities=communities,
        largest=largest,
        rest=rest,
        p_lr=_largest_against_rest(tally, largest, rest, thresholds),
    )


def _largest_against_rest(
    tally: Tally, largest: CommunityShare | None, rest: CommunityShare, thresholds: Thresholds
) -> float | None:
    if largest is None or min(largest.n, rest.n) < thresholds.rest_people:
        return None
    inside, outside = tally.within(largest.community), tally.outside(largest.community)
    return difference_p_value(inside, outside, frozenset({SUPPORT}))


def _reasons(counted: Share, thresholds: Thresholds) -> tuple[str, ...]:
    return thin_reasons(counted.n, counted.threads, counted.effective_threads, counted.largest_thread_share, thresholds)


def _is_within_one(largest: CommunityShare | None, rest: CommunityShare, thresholds: Thresholds) -> bool:
    return largest is not None and rest.n < thresholds.rest_people
