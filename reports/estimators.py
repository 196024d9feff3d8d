"""Estimators: shares of authors with intervals that know authors of one thread are alike.

Threads are the unit that was sampled, so the variance of a share is how much it moves when whole threads are left out
(S2), turned into an effective number of voters for a Wilson interval (S3). Pure: the same tally gives the same figures,
and nothing here is random.
"""

import math
from dataclasses import dataclass

from coding.intervals import t_quantile, t_two_sided_p, wilson
from reports.votes import Ints, Tally

# Few threads on the minority side cannot show how alike their authors are; below this many the correlation between
# authors of one thread is taken to be at least the second figure.
THREADS_THAT_SHOW_CLUSTERING = 15
ASSUMED_CORRELATION = 0.05
LEAST_CLUSTERS = 2
LEAST_DF = 1.0


@dataclass(frozen=True, slots=True)
class Share:
    """A share of voters with its 95 % interval (S3 of docs/explanation/statistics.md); all shares are 0 to 1.

    Attributes:
        estimate: yes / n, or None without voters.
        lower: lower limit; 0 where too few threads allow no interval.
        upper: upper limit; 1 where too few threads allow no interval.
        yes: voters counted as yes.
        n: voters, N.
        n_eff: N / D, the number of independent voters that would tell as much.
        design_effect: D, at least 1.
        effective_threads: G*, the number of equally large threads that would tell as much; 0 without voters.
        df: G* - 1, not rounded; 0 without voters.
        t: the quantile the interval was made with, or None where there is none.
        threads: threads with at least one deciding post.
        largest_thread_share: the share of voters in the thread with most of them.
        leave_one_thread_out: smallest and largest estimate with one thread left out, or None if that leaves nobody.
    """

    estimate: float | None
    lower: float
    upper: float
    yes: int
    n: int
    n_eff: float
    design_effect: float
    effective_threads: float
    df: float
    t: float | None
    threads: int
    largest_thread_share: float
    leave_one_thread_out: tuple[float, float] | None


def share(tally: Tally, yes: frozenset[str]) -> Share:
    """Estimate the share of voters whose value is in `yes`, with its interval.

    With fewer than two threads, or fewer than one degree of freedom, the interval is [0, 1].
    """
    if tally.n == 0:
        return _no_voters()
    n, supporters = tally.n, _among(tally, yes)
    p = supporters / n
    threads_worth = effective_threads(tally)
    df = threads_worth - 1
    design_effect = _design_effect(tally, yes)
    has_interval = tally.clusters >= LEAST_CLUSTERS and df >= LEAST_DF
    t = t_quantile(df) if has_interval else None
    lower, upper = (0.0, 1.0) if t is None else wilson(p, n / design_effect, t)
    left_out = _estimates_without_each_thread(tally, yes)
    return Share(
        estimate=p,
        lower=lower,
        upper=upper,
        yes=supporters,
        n=n,
        n_eff=n / design_effect,
        design_effect=design_effect,
        effective_threads=threads_worth,
        df=df,
        t=t,
        threads=tally.threads,
        largest_thread_share=tally.thread_sizes[0] / n,
        leave_one_thread_out=(min(left_out), max(left_out)) if left_out else None,
    )


def jackknife_variance(tally: Tally, yes: frozenset[str]) -> float:
    """Give V, the variance of the share between samples of threads: (G - 1)/G times the sum of (p(g) - p) squared (S2).

    p(g) is the share recounted without thread g. Where that leaves nobody, g is passed over.

    Raises:
        ValueError: if there are no voters.
    """
    if tally.n == 0:
        raise ValueError("no voters, no variance")
    p = _among(tally, yes) / tally.n
    squares = math.fsum((estimate - p) ** 2 for estimate in _estimates_without_each_thread(tally, yes))
    return (tally.clusters - 1) / tally.clusters * squares


def difference_p_value(tally_a: Tally, tally_b: Tally, yes: frozenset[str]) -> float | None:
    """Test whether two groups of different threads have the same share: Welch's t on jackknife variances (S13).

    Each variance is at least that of a binomial share smoothed by one yes and one no, so that a unanimous group is not
    taken as certain.

    Returns:
        The two-sided p-value, or None if a group has no voters, fewer than two threads or fewer than one degree of
        freedom.
    """
    groups = (tally_a, tally_b)
    if any(group.n == 0 or group.clusters < LEAST_CLUSTERS for group in groups):
        return None
    df_a, df_b = (effective_threads(group) - 1 for group in groups)
    if min(df_a, df_b) < LEAST_DF:
        return None
    v_a, v_b = (floored_variance(group, yes) for group in groups)
    p_a, p_b = (_among(group, yes) / group.n for group in groups)
    df = (v_a + v_b) ** 2 / (v_a * v_a / df_a + v_b * v_b / df_b)
    return t_two_sided_p((p_a - p_b) / math.sqrt(v_a + v_b), df)


@dataclass(frozen=True, slots=True)
class CommunityShare:
    """The voters of one community, or of several pooled.

    Attributes:
        community: its id, or "" for several pooled.
        yes: voters on the one side.
        no: voters on the other side; those on neither are in `n` only.
        n: voters.
    """

    community: str
    yes: int
    no: int
    n: int

    @property
    def yes_share(self) -> float:
        """The smoothed share of yes."""
        return smoothed(self.yes, self.n)

    def mirrored(self) -> "CommunityShare":
        """Give the same voters with the sides exchanged."""
        return CommunityShare(community=self.community, yes=self.no, no=self.yes, n=self.n)


def smoothed(x: float, n: float) -> float:
    """Give (x + 1) / (n + 2), a share that one voter cannot push to 0 or 1."""
    return (x + 1) / (n + 2)


def community_shares(tally: Tally, yes: frozenset[str], no: frozenset[str]) -> tuple[CommunityShare, ...]:
    """Give the voters of each community, by id; values in neither set count in `n` only."""
    matrix = tally.community_matrix
    supporters, disputers = (matrix[:, tally.columns(side)].sum(axis=1).tolist() for side in (yes, no))
    voters = matrix.sum(axis=1).tolist()
    rows = zip(tally.communities, supporters, disputers, voters, strict=True)
    return tuple(CommunityShare(community=name, yes=for_, no=against, n=n) for name, for_, against, n in rows)


def largest_community(communities: tuple[CommunityShare, ...]) -> CommunityShare | None:
    """Give the community with most voters, of equal ones that with the smallest id; None if there is none."""
    return min(communities, key=lambda community: (-community.n, community.community), default=None)


def pooled_rest(communities: tuple[CommunityShare, ...], largest: CommunityShare | None) -> CommunityShare:
    """Pool all communities but the largest."""
    others = [community for community in communities if community != largest]
    return CommunityShare(
        community="",
        yes=sum(community.yes for community in others),
        no=sum(community.no for community in others),
        n=sum(community.n for community in others),
    )


def _design_effect(tally: Tally, yes: frozenset[str]) -> float:
    """Give D: the jackknife variance over the binomial one, floored where the minority side is in few threads (S3)."""
    p = _among(tally, yes) / tally.n
    effect = 1.0
    if 0 < p < 1:
        effect = max(effect, jackknife_variance(tally, yes) / (p * (1 - p) / tally.n))
    supporters = tally.thread_matrix[:, tally.columns(yes)].sum(axis=1)
    threads_with_yes = int((supporters > 0).sum())
    threads_with_no = int((supporters < tally.thread_matrix.sum(axis=1)).sum())
    if min(threads_with_yes, threads_with_no) < THREADS_THAT_SHOW_CLUSTERING:
        mean_size = tally.n / effective_threads(tally)
        effect = max(effect, 1 + (mean_size - 1) * ASSUMED_CORRELATION)
    return effect


def effective_threads(tally: Tally) -> float:
    """Give G*, the number of equally large threads that would tell as much; there must be voters."""
    return tally.n * tally.n / tally.sum_of_squares


def floored_variance(tally: Tally, yes: frozenset[str]) -> float:
    """Give the variance of the share, at least that of a binomial share smoothed by one yes and one no (S13)."""
    cautious = smoothed(_among(tally, yes), tally.n)
    return max(jackknife_variance(tally, yes), cautious * (1 - cautious) / tally.n)


def estimates_without_each_community(tally: Tally, yes: frozenset[str]) -> list[float]:
    """Give the share recounted without the posts of each community; where that leaves nobody, it is passed over."""
    return _shares(tally.left_out_by_community, tally.columns(yes))


def _estimates_without_each_thread(tally: Tally, yes: frozenset[str]) -> list[float]:
    return _shares(tally.left_out_matrix, tally.columns(yes))


def _shares(matrix: Ints, columns: list[int]) -> list[float]:
    supporters, n = matrix[:, columns].sum(axis=1), matrix.sum(axis=1)
    found: list[float] = (supporters[n > 0] / n[n > 0]).tolist()
    return found


def _among(tally: Tally, yes: frozenset[str]) -> int:
    return int(tally.totals[tally.columns(yes)].sum())


def _no_voters() -> Share:
    return Share(
        estimate=None,
        lower=0.0,
        upper=1.0,
        yes=0,
        n=0,
        n_eff=0.0,
        design_effect=1.0,
        effective_threads=0.0,
        df=0.0,
        t=None,
        threads=0,
        largest_thread_share=0.0,
        leave_one_thread_out=None,
    )
