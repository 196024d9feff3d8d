"""Paired changes: whether a share of two successive reports moved by more than chance.

Two reports of one study share most of their people, so their intervals must not be compared as if they were strangers.
The change itself is recounted without each thread, in both reports at once (S2), over all threads of either. Its
variance is at least that of people who answer independently, smoothed as in S13; the threads of those who came, left or
changed sides give the degrees of freedom. Shares of people who mention a code depend on how much each of
them wrote, so for them pairs of an author and a thread are compared (S12).

Pure: the same votes give the same figures, and nothing here is random.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from coding.intervals import t_two_sided_p
from reports.estimators import smoothed
from reports.votes import Tally

LEAST_CHANGED = 10
"""How many people must have come, left or changed sides before a change is tested (S13)."""
LEAST_DF = 1.0
LEVEL = 0.05
FEW_CHANGED, FEW_THREADS, NOT_COMPARABLE = "few-changed", "few-threads", "not-comparable"
UNITS = ("people", "author-and-thread pairs")


@dataclass(frozen=True, slots=True)
class Recounted:
    """A share with what it takes to recount it.

    Attributes:
        estimate: the share.
        without: the share without each thread that it touches, None where that leaves nobody.
        voters: for each voter the thread of the vote, and whether it is a yes.
    """

    estimate: float
    without: Mapping[str, float | None]
    voters: Mapping[str, tuple[str, bool]]


@dataclass(frozen=True, slots=True)
class PairedChange:
    """A change of a share, tested.

    Attributes:
        change: the new share less the old one, of what `unit` names.
        unit: what votes: people, or author-and-thread pairs.
        changed: voters who came, left or changed sides.
        p: the two-sided p-value; None where nothing could be tested.
        spread: the standard error of the change.
        df: the degrees of freedom.
        why_not: why nothing could be tested.
    """

    change: float
    unit: str
    changed: int
    p: float | None = None
    spread: float = 0.0
    df: float = 0.0
    why_not: str | None = None

    def visible_size(self, family: int) -> float | None:
        """The size at which the change would be told from chance, were it the only one of so many that are tested."""
        from scipy.special import stdtrit  # noqa: PLC0415  half a second that only a report should cost

        return None if self.p is None else float(stdtrit(self.df, 1 - LEVEL / 2 / family)) * self.spread


def recounted(tally: Tally, yes: frozenset[str]) -> Recounted | None:
    """A share with its recounts, None without voters."""
    if tally.n == 0:
        return None
    return Recounted(
        estimate=_share(tally.counts, yes) or 0.0,
        without={thread: _share(counts, yes) for thread, counts in tally.without.items()},
        voters={vote.author: (vote.thread, vote.value in yes) for vote in tally.votes},
    )


def paired_test(old: Recounted, new: Recounted, unit: str = UNITS[0]) -> PairedChange:
    """Test the change between two reports by the jackknife over all threads of either (S2, S12, S13)."""
    change = new.estimate - old.estimate
    changed = _changed(old, new)
    if len(changed) < LEAST_CHANGED:
        return PairedChange(change, unit, len(changed), why_not=FEW_CHANGED)
    sizes = Counter(changed.values())
    df = len(changed) ** 2 / sum(size * size for size in sizes.values()) - 1
    if df < LEAST_DF:
        return PairedChange(change, unit, len(changed), why_not=FEW_THREADS)
    spread = math.sqrt(max(_jackknife(old, new, change), _floor(old, new)))
    return PairedChange(change, unit, len(changed), t_two_sided_p(change / spread, df), spread, df)


def adjusted(values: Sequence[float]) -> list[float]:
    """The q-values of Benjamini and Hochberg for a family of p-values, in their order (S14)."""
    order = sorted(range(len(values)), key=lambda place: -values[place])
    found = [0.0] * len(values)
    least = 1.0
    for rank, place in enumerate(order):
        least = min(least, values[place] * (len(values) / (len(values) - rank)))
        found[place] = least
    return found


def _changed(old: Recounted, new: Recounted) -> dict[str, str]:
    """Voters who came, left, or changed sides, with the thread in which they now vote, or did."""
    voters = sorted(old.voters.keys() | new.voters.keys())
    return {
        voter: (new.voters.get(voter) or old.voters[voter])[0]
        for voter in voters
        if _side(old, voter) != _side(new, voter)
    }


def _side(share: Recounted, voter: str) -> bool | None:
    vote = share.voters.get(voter)
    return None if vote is None else vote[1]


def _jackknife(old: Recounted, new: Recounted, change: float) -> float:
    threads = sorted(old.without.keys() | new.without.keys())
    left = [(_without(old, thread), _without(new, thread)) for thread in threads]
    squares = ((after - before - change) ** 2 for before, after in left if before is not None and after is not None)
    return (len(threads) - 1) / len(threads) * math.fsum(squares)


def _without(share: Recounted, thread: str) -> float | None:
    """The share without a thread, None where that leaves nobody."""
    return share.without.get(thread, share.estimate)


def _floor(old: Recounted, new: Recounted) -> float:
    """The variance of a change among independent voters, smoothed; each who changed sides adds a whole vote."""
    stayed = old.voters.keys() & new.voters.keys()
    switched = sum(old.voters[voter][1] != new.voters[voter][1] for voter in stayed)
    n_old, n_new = len(old.voters), len(new.voters)
    p = smoothed(sum(is_yes for _, is_yes in new.voters.values()), n_new)
    came, left = (n_new - len(stayed)) / n_new**2, (n_old - len(stayed)) / n_old**2
    moved = len(stayed) * (1 / n_new - 1 / n_old) ** 2
    return p * (1 - p) * (came + left + moved) + switched / n_new**2


def _share(counts: Mapping[str, int], yes: Iterable[str]) -> float | None:
    everybody = sum(counts.values())
    wanted = frozenset(yes)
    return sum(count for value, count in counts.items() if value in wanted) / everybody if everybody else None
