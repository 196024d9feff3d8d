"""Intervals: the limits of a share, from the share, an effective number of voters and a quantile.

The quantile is Student's t instead of the normal one, because the variance comes from few threads (S3 of
docs/explanation/statistics.md).
"""

import math
from functools import lru_cache

TAIL = 0.025  # a two-sided 95 % interval leaves this on each side


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


def upper_limit_for_none_of(n: int) -> float:
    """Give the upper limit of a share when none of `n` showed it: Clopper-Pearson, two-sided 95 %.

    0 of 300 gives .0122. Units are taken as independent: use it for posts or authors drawn singly.

    Raises:
        ValueError: if `n` is below 1.
    """
    if n < 1:
        raise ValueError(f"none of {n} bounds nothing")
    return -math.expm1(math.log(TAIL) / n)
