"""Intervals: the limits of a share of authors or posts. All are two-sided 95 % intervals.

Shares of authors take Student's t in the place of the normal quantile, because their variance comes from few threads
(S3 of docs/explanation/statistics.md). Shares of posts that were drawn singly take the limits of Wilson, of Jeffreys or
of Clopper and Pearson; where they were drawn by strata, `stratified` puts the strata together.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

TAIL = 0.025  # a two-sided 95 % interval leaves this on each side
NORMAL = 1.959963984540054  # the .975 quantile, for units that were drawn singly

Limits = Callable[[float, float], tuple[float, float]]
"""Makes the lower and upper limit of a share from the positives and the units, whole numbers or not."""


@lru_cache(maxsize=1024)
def t_quantile(df: float) -> float:
    """Give the .975 quantile of Student's t.

    Args:
        df: degrees of freedom, above 0 and not necessarily whole.

    Raises:
        ValueError: if `df` is not above 0.
    """
    if not df > 0:
        raise ValueError(f"Student's t needs more than 0 degrees of freedom, not {df}")
    from scipy.special import stdtrit  # noqa: PLC0415  half a second that only a report should cost

    return float(stdtrit(df, 1 - TAIL))


def t_two_sided_p(statistic: float, df: float) -> float:
    """Give the two-sided p-value of a t statistic with `df` (above 0, not necessarily whole) degrees of freedom."""
    from scipy.special import stdtr  # noqa: PLC0415  half a second that only a report should cost

    return float(2 * stdtr(df, -abs(statistic)))


def wilson(p: float, n_eff: float, t: float) -> tuple[float, float]:
    """Give the lower and upper Wilson limits of a share, with `t` in the place of the normal quantile.

    Both limits rise with `p` when the other two are held. The lower limit is exactly 0 at p = 0 and the upper exactly 1
    at p = 1; no other correction is made.

    Args:
        p: the share, 0 to 1.
        n_eff: the effective number of voters, above 0 and not necessarily whole.
        t: the quantile, above 0.

    Raises:
        ValueError: if `p` lies outside 0 to 1 or `n_eff` is not above 0.
    """
    if not 0 <= p <= 1 or not n_eff > 0:
        raise ValueError(f"no interval for a share of {p} among {n_eff} voters")
    spread = t * t / n_eff
    centre = (p + spread / 2) / (1 + spread)
    half_width = math.sqrt(spread * (p * (1 - p) + spread / 4)) / (1 + spread)
    lower = 0.0 if p == 0 else max(0.0, centre - half_width)
    upper = 1.0 if p == 1 else min(1.0, centre + half_width)
    return lower, upper


def jeffreys(positives: float, n: float) -> tuple[float, float]:
    """Give the Jeffreys limits of a share; the lower is exactly 0 at no positives, the upper exactly 1 at all.

    Args:
        positives: how many of the units are positive, not necessarily whole.
        n: how many units there are, above 0 and not necessarily whole.

    Raises:
        ValueError: if `positives` lies outside 0 to `n` or `n` is not above 0.
    """
    return _beta_limits(positives, n, 0.5, 0.5)


def clopper_pearson(positives: float, n: float) -> tuple[float, float]:
    """Give the limits of Clopper and Pearson, which never cover too little; arguments and errors as for `jeffreys`."""
    return _beta_limits(positives, n, 0.0, 1.0)


def _beta_limits(positives: float, n: float, inner: float, outer: float) -> tuple[float, float]:
    """Quantiles of beta distributions: `inner` is added on the side of the limit, `outer` on the other."""
    from scipy.special import betaincinv  # noqa: PLC0415  half a second that only an estimate should cost

    if not n > 0 or not 0 <= positives <= n:
        raise ValueError(f"no interval for {positives} positives among {n} units")
    negatives = n - positives
    lower = 0.0 if positives == 0 else float(betaincinv(positives + inner, negatives + outer, TAIL))
    upper = 1.0 if negatives == 0 else float(betaincinv(positives + outer, negatives + inner, 1 - TAIL))
    return lower, upper


@dataclass(frozen=True, slots=True)
class Stratum:
    """What was found in one stratum of a sample.

    Attributes:
        size: units in the stratum, judged or not, M.
        judged: effective number of judged ones, m, at most `size`; 0 where nobody judged any.
        share: of the judged ones that are positive, v.
    """

    size: float
    judged: float
    share: float


def stratified(strata: Sequence[Stratum]) -> tuple[float, float, float]:
    """Give a share of all units, from shares by stratum, and its lower and upper limit.

    The distances from the share to Jeffreys' limits of each stratum are added as squares, each weighted by the stratum's part
    of the whole and lessened by the part of it that was judged (S9 of docs/explanation/statistics.md): where all units
    were judged nothing is uncertain.

    Raises:
        ValueError: if there is no stratum, or one has no judged unit.
    """
    whole = sum(stratum.size for stratum in strata)
    if not whole > 0:
        raise ValueError("no share of nothing")
    share = below = above = 0.0
    for stratum in strata:
        lower, upper = jeffreys(min(stratum.share, 1.0) * stratum.judged, stratum.judged)
        weight = stratum.size / whole
        unjudged = max(0.0, 1 - stratum.judged / stratum.size)
        share += weight * stratum.share
        below += (weight * (stratum.share - lower)) ** 2 * unjudged
        above += (weight * (upper - stratum.share)) ** 2 * unjudged
    return share, max(0.0, share - math.sqrt(below)), min(1.0, share + math.sqrt(above))


def at_most(strata: Sequence[Stratum]) -> float:
    """Give an upper limit of the share of all units, for draws that found too few positives for an interval.

    Such draws are those that found too few. `stratified` adds distances as squares, as if one stratum's bad luck made up
    for another's; here the limits of Clopper and Pearson are added as they are. A stratum has never more positives than
    those found and all that nobody judged: one without a judged unit counts whole.

    Of all draws at most one of 40 for each stratum gives a limit below the truth. Among those with few positives that may
    be a larger part, the larger the rarer they are; a limit that held there too would have to be 1 at the most positives
    that are still few.

    Raises:
        ValueError: if there is no stratum.
    """
    whole = sum(stratum.size for stratum in strata)
    if not whole > 0:
        raise ValueError("no share of nothing")
    most = 0.0
    for stratum in strata:
        found = min(stratum.share, 1.0) * stratum.judged
        possible = (found + stratum.size - stratum.judged) / stratum.size
        upper = clopper_pearson(found, stratum.judged)[1] if stratum.judged else 1.0
        most += stratum.size / whole * min(upper, possible)
    return min(1.0, most)
