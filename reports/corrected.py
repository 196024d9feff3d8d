"""Corrected shares: shares of all authors of a claim, of whom people read some whole (S9 of docs/explanation/statistics.md).

Authors stand in strata by what machines found in their posts. People's decisions on the drawn authors of a stratum, each
weighted by one over the probability of being drawn, tell how often an author of it votes, and how often with yes. The
strata are put together by their sizes. A share is always yes votes over all votes, so that the same function serves
presence, where everybody votes, and stance, where those whom machines call silent may take a side too.

Two intervals are made. That for conversations found like these knows the threads as the unit that was sampled: the whole
corrected share is recounted without each thread, with a floor for the audit's own chance. That for what was collected
knows the audit's chance alone. Pure: the same members give the same figures, and nothing here is random.
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from coding.intervals import NORMAL, Limits, clopper_pearson, jeffreys, t_quantile, wilson
from reports.estimators import ASSUMED_CORRELATION, LEAST_CLUSTERS, LEAST_DF

NO_VOTE = ""
"""The vote of an author of whom everything that counts was read, and who takes no part in the share."""
RARE = 0.10


@dataclass(frozen=True, slots=True)
class Seen:
    """An author as machines and people see them in some posts.

    Attributes:
        stratum: what machines found in these posts.
        vote: what people decided; `NO_VOTE` for none, None while it is not decided.
    """

    stratum: str
    vote: str | None


@dataclass(frozen=True, slots=True)
class Member:
    """An author of the claim, drawn or not.

    Attributes:
        probability: with which the author was drawn, above 0 and at most 1; None for one who was not.
        seen: in all posts of the claim.
        without: for each thread with a post of the author, what the others show; None where there are no others.
    """

    probability: float | None
    seen: Seen
    without: Mapping[str, Seen | None]


@dataclass(slots=True)
class Sums:
    """One stratum, summed.

    Attributes:
        authors: all of it, M.
        judged: those whose decision is used.
        squares: the sum of the squares of 1/pi over those.
        votes: sums of 1/pi over those by vote.
        heads: how many of those by vote.
    """

    authors: int = 0
    judged: int = 0
    squares: float = 0.0
    votes: dict[str, float] = field(default_factory=dict)
    heads: dict[str, int] = field(default_factory=dict)

    def add(self, vote: str | None, weight: float, sign: int = 1) -> None:
        """Put an author in, or take one out again; without a weight the author only counts in the size."""
        self.authors += sign
        if vote is None or not weight:
            return
        self.judged += sign
        self.squares += sign * weight * weight
        self.votes[vote] = self.votes.get(vote, 0.0) + sign * weight
        self.heads[vote] = self.heads.get(vote, 0) + sign

    def copy(self) -> "Sums":
        """The same sums, to be changed."""
        return Sums(self.authors, self.judged, self.squares, dict(self.votes), dict(self.heads))


@dataclass(frozen=True, slots=True)
class Frame:
    """All authors of a claim, summed by stratum.

    Attributes:
        strata: by name.
        without: the same without each thread (S2), by thread.
        whole: the strata of which every author is decided: there nothing hangs on the draw.
    """

    strata: dict[str, Sums]
    without: dict[str, dict[str, Sums]]
    whole: frozenset[str]

    @property
    def authors(self) -> int:
        """N."""
        return sum(sums.authors for sums in self.strata.values())

    @property
    def is_judged(self) -> bool:
        """Whether there is anybody, and a decided author in every stratum."""
        return bool(self.strata) and all(sums.judged for sums in self.strata.values())

    @property
    def voters(self) -> int:
        """How many of the authors whose decision is used cast any vote."""
        return sum(sums.judged - sums.heads.get(NO_VOTE, 0) for sums in self.strata.values())

    def heads(self, votes: Collection[str]) -> int:
        """How many of the authors whose decision is used cast one of these votes."""
        return sum(heads for sums in self.strata.values() for vote, heads in sums.heads.items() if vote in votes)


@dataclass(frozen=True, slots=True)
class Corrected:
    """A corrected share with its 95 % intervals; all shares are 0 to 1.

    Attributes:
        estimate: yes votes over votes, or None where nobody votes.
        lower, upper: limits among authors of conversations found like these; 0 and 1 where too few threads allow none.
        people: the number of authors in what was collected who would be counted, N_e.
        n_eff: the number of independent voters that would tell as much.
        effective_threads: G*, of the voters known.
        df: G* - 1.
        t: the quantile of the interval, or None where there is none.
        leave_one_thread_out: smallest and largest estimate with one thread left out, or None if that leaves nobody.
        collected: limits among the authors that were collected.
        most: the upper limit among these that is given where the positives are too few for anything else.
    """

    estimate: float | None
    lower: float
    upper: float
    people: float
    n_eff: float
    effective_threads: float
    df: float
    t: float | None
    leave_one_thread_out: tuple[float, float] | None
    collected: tuple[float, float]
    most: float

    @property
    def design_effect(self) -> float:
        """N_e over the effective number of voters."""
        return self.people / self.n_eff if self.n_eff else 1.0


def count(members: Iterable[Member]) -> Frame:
    """Sum the authors of a claim by stratum, and again without each thread.

    In a stratum of which every author is decided all count alike, drawn or not; in any other only those drawn do, since
    whoever was decided without being drawn was not picked by chance.
    """
    everybody = tuple(members)
    open_ = {member.seen.stratum for member in everybody if member.seen.vote is None}
    whole = frozenset(member.seen.stratum for member in everybody) - open_

    def weight(member: Member, seen: Seen) -> float:
        if seen.stratum in whole:
            return 1.0
        return 0.0 if member.probability is None else 1 / member.probability

    strata: dict[str, Sums] = {}
    by_thread: dict[str, list[tuple[Member, Seen | None]]] = {}
    for member in everybody:
        strata.setdefault(member.seen.stratum, Sums()).add(member.seen.vote, weight(member, member.seen))
        for thread, others in member.without.items():
            by_thread.setdefault(thread, []).append((member, others))
    without = {}
    for thread, touched in sorted(by_thread.items()):
        left = {name: sums.copy() for name, sums in strata.items()}
        for member, others in touched:
            left[member.seen.stratum].add(member.seen.vote, weight(member, member.seen), -1)
            if others is not None:
                left.setdefault(others.stratum, Sums()).add(others.vote, weight(member, others))
        without[thread] = left
    return Frame(dict(sorted(strata.items())), without, whole)


@dataclass(frozen=True, slots=True)
class _Part:
    """A stratum as a part of the whole.

    Attributes:
        weight: its part of all authors, W.
        size: its authors, M.
        judged: the effective number of decided ones, m.
        yes, other: which shares of its authors vote yes, and otherwise.
    """

    weight: float
    size: float
    judged: float
    yes: float
    other: float

    @property
    def unjudged(self) -> float:
        return max(0.0, 1 - self.judged / self.size)


def correct(frame: Frame, yes: frozenset[str], thread_sizes: Sequence[int]) -> Corrected:
    """Give the share of votes that are in `yes`, corrected by the audit.

    Args:
        frame: all authors of the claim, with a decided one in every stratum.
        yes: the votes that count as yes.
        thread_sizes: known voters by thread of their deciding post.

    Raises:
        ValueError: if a stratum holds no decided author.
    """
    if not frame.is_judged:
        raise ValueError("a stratum without a decided author has no share")
    parts = _parts(frame.strata, yes, {})
    voting = math.fsum(part.weight * (part.yes + part.other) for part in parts.values())
    effective_threads = sum(thread_sizes) ** 2 / sum(n * n for n in thread_sizes) if thread_sizes else 0.0
    df = max(0.0, effective_threads - 1)
    if not voting > 0:
        return Corrected(None, 0.0, 1.0, 0.0, 0.0, effective_threads, df, None, None, (0.0, 1.0), 1.0)
    theta = _share(parts.values())
    people = frame.authors * voting
    held = {name: (part.yes, part.other) for name, part in parts.items()}
    left_out = [
        _share(left.values())
        for sums in frame.without.values()
        if (left := _parts(sums, yes, held)) and any(part.yes + part.other > 0 for part in left.values())
    ]
    squares = math.fsum((estimate - theta) ** 2 for estimate in left_out)
    clusters = len(frame.without)
    jackknife = (clusters - 1) / clusters * squares if clusters else 0.0
    collected = _collected(parts.values(), theta, voting, jeffreys)
    cautious = min(max(theta, 1 / (people + 2)), 1 - 1 / (people + 2))
    mean_size = sum(thread_sizes) / effective_threads if effective_threads else 1.0
    alike = 1 + (mean_size - 1) * ASSUMED_CORRELATION if theta < RARE or theta > 1 - RARE else 1.0
    spread = cautious * (1 - cautious)
    variance = max(jackknife, alike * spread / people + _audit_variance(parts.values(), theta, voting))
    if frame.heads({NO_VOTE}):
        # A few silent authors who take no side show neither how many others do nor how much that would move the share.
        variance = max(variance, ((collected[1] - collected[0]) / 2 / NORMAL) ** 2)
    has_interval = clusters >= LEAST_CLUSTERS and df >= LEAST_DF
    t = t_quantile(df) if has_interval else None
    lower, upper = (0.0, 1.0) if t is None else wilson(theta, spread / variance, t)
    _, most = _collected(parts.values(), theta, voting, clopper_pearson)
    return Corrected(
        estimate=theta,
        lower=lower,
        upper=upper,
        people=people,
        n_eff=spread / variance,
        effective_threads=effective_threads,
        df=df,
        t=t,
        leave_one_thread_out=(min(left_out), max(left_out)) if left_out else None,
        collected=collected,
        most=most,
    )


def _parts(
    strata: Mapping[str, Sums], yes: frozenset[str], held: Mapping[str, tuple[float, float]]
) -> dict[str, _Part]:
    """The strata as parts of the whole; one that lost its decided authors with a thread keeps the shares it had."""
    everybody = sum(sums.authors for sums in strata.values())
    parts = {}
    for name, sums in strata.items():
        if not sums.authors:
            continue
        if sums.judged:
            said_yes = math.fsum(weight for vote, weight in sums.votes.items() if vote in yes)
            voted = math.fsum(weight for vote, weight in sums.votes.items() if vote != NO_VOTE)
            # Summed as the votes are, so that where all say yes the share is exactly 1.
            weight = math.fsum(sums.votes.values())
            share_yes = min(1.0, max(0.0, said_yes / weight))
            share_other = min(1.0 - share_yes, max(0.0, (voted - said_yes) / weight))
            judged = weight * weight / sums.squares
        else:
            (share_yes, share_other), judged = held.get(name, (0.0, 0.0)), 0.0
        parts[name] = _Part(sums.authors / everybody, sums.authors, judged, share_yes, share_other)
    return parts


def _share(parts: Iterable[_Part]) -> float:
    known = tuple(parts)
    yes = math.fsum(part.weight * part.yes for part in known)
    other = math.fsum(part.weight * part.other for part in known)
    return yes / (yes + other)


def _audit_variance(parts: Iterable[_Part], theta: float, voting: float) -> float:
    """What the draw adds to the variance; one yes and one other vote are added, as far as authors of a stratum vote.

    An author moves the share by (1 - theta) with yes, by -theta with another vote, by nothing without one, all over the
    share of authors who vote. Where everybody votes the variance of that is v(1 - v).
    """
    added = []
    for part in parts:
        votes = part.yes + part.other
        yes, other = ((share * part.judged + votes) / (part.judged + 2) for share in (part.yes, part.other))
        mean = yes * (1 - theta) - other * theta
        spread = yes * (1 - theta) ** 2 + other * theta**2 - mean**2
        added.append((part.weight / voting) ** 2 * spread / part.judged * part.unjudged)
    return math.fsum(added)


def _collected(parts: Iterable[_Part], theta: float, voting: float, limits: Limits) -> tuple[float, float]:
    """Limits for the authors that were collected: the distances to the limits of each stratum, added as squares.

    More yes and fewer other votes both raise the share. In one stratum the two go together the more, the fewer authors of
    it have no vote; where everybody votes they are one and the same, and the limits are those of the yes votes alone.
    """
    below = above = 0.0
    for part in parts:
        yes_low, yes_high = limits(part.yes * part.judged, part.judged)
        other_low, other_high = limits(part.other * part.judged, part.judged)
        yes, other = part.weight / voting * (1 - theta), part.weight / voting * theta
        together = _together(part.yes, part.other)
        below += _added(yes * (part.yes - yes_low), other * (other_high - part.other), together) * part.unjudged
        above += _added(yes * (yes_high - part.yes), other * (part.other - other_low), together) * part.unjudged
    return max(0.0, theta - math.sqrt(below)), min(1.0, theta + math.sqrt(above))


def _together(yes: float, other: float) -> float:
    """How far more yes votes mean fewer others: the correlation of the two counts, without its sign."""
    silent = (1 - yes) * (1 - other)
    return min(1.0, math.sqrt(yes * other / silent)) if silent > 0 else 1.0


def _added(first: float, second: float, together: float) -> float:
    return first * first + second * second + 2 * together * first * second
