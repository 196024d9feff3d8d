"""Differences: which of two codes more authors show, and how a share moves from one period to another (S13, S14).

Pure: made of tallies, without chance. What is tested together is adjusted together by `adjusted`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from coding.intervals import t_quantile, t_two_sided_p
from reports.estimators import LEAST_CLUSTERS, LEAST_DF, Share, effective_threads, floored_variance
from reports.votes import YES, Tally


@dataclass(frozen=True, slots=True)
class Difference:
    """Two codes among the same authors.

    Attributes:
        first, second: the codes.
        both: authors who show both.
        only_first, only_second: authors who show one without the other.
        people: all authors, N.
        estimate: the share of the first minus that of the second, or None without authors.
        lower, upper: its 95 % limits; -1 and 1 where too few threads allow none.
        p: two-sided, or None where there are too few threads or too few authors who show only one of the two.
    """

    first: str
    second: str
    both: int
    only_first: int
    only_second: int
    people: int
    estimate: float | None
    lower: float
    upper: float
    p: float | None

    def leader(self, q: float | None, limit: float) -> str | None:
        """The code that is clearly ahead, if its q-value is small enough."""
        if q is None or q > limit or not self.estimate:
            return None
        return self.first if self.estimate > 0 else self.second


class Side(NamedTuple):
    """A code with the votes of everybody, and the value of those who show it."""

    code: str
    tally: Tally
    value: str = YES


def paired_difference(first: Side, second: Side, fewest: int) -> Difference:
    """Compare how many authors show two codes, each author once, by the jackknife of the difference (S13).

    The variance is at least (a + b + 2) / N squared, with a and b the authors who show only one of the two. Degrees of
    freedom are those of the code whose authors are bunched in fewer threads.

    Args:
        first: one code.
        second: the other, counted over the same posts, so that the voters are the same.
        fewest: authors who show only one of the two below which there is no order.
    """
    (name, one, _), (other_name, other, _) = first, second
    people = one.n
    yes, also = one.holds(first.value), other.holds(second.value)
    only_first, only_second = int((yes & ~also).sum()), int((also & ~yes).sum())
    both = int((yes & also).sum())
    if not people:
        return Difference(name, other_name, 0, 0, 0, 0, None, -1.0, 1.0, None)
    estimate = (only_first - only_second) / people
    df = min(effective_threads(one), effective_threads(other)) - 1
    if one.clusters < LEAST_CLUSTERS or df < LEAST_DF:
        return Difference(name, other_name, both, only_first, only_second, people, estimate, -1.0, 1.0, None)
    spread = math.sqrt(max(_jackknife(first, second, estimate), (only_first + only_second + 2) / people**2))
    reach = t_quantile(df) * spread
    is_enough = only_first + only_second >= fewest
    return Difference(
        first=name,
        second=other_name,
        both=both,
        only_first=only_first,
        only_second=only_second,
        people=people,
        estimate=estimate,
        lower=max(-1.0, estimate - reach),
        upper=min(1.0, estimate + reach),
        p=t_two_sided_p(estimate / spread, df) if is_enough else None,
    )


def _jackknife(first: Side, second: Side, estimate: float) -> float:
    """The variance of the difference between samples of threads (S2)."""
    one, other = first.tally, second.tally
    of_one = one.left_out_matrix[:, one.columns((first.value,))].sum(axis=1)
    of_other = other.left_out_matrix[:, other.columns((second.value,))].sum(axis=1)
    people = one.left_out_matrix.sum(axis=1)
    left = (of_one - of_other)[people > 0] / people[people > 0]
    squares = math.fsum(((left - estimate) ** 2).tolist())
    return (one.clusters - 1) / one.clusters * squares


@dataclass(frozen=True, slots=True)
class Change:
    """How a share differs between two groups of threads.

    Attributes:
        estimate: the second minus the first.
        lower, upper: 95 % limits.
        p: two-sided.
    """

    estimate: float
    lower: float
    upper: float
    p: float


def change(before: tuple[Tally, Share], after: tuple[Tally, Share], yes: frozenset[str]) -> Change | None:
    """Compare the shares of two groups of different threads by Welch's t on jackknife variances (S13).

    Returns:
        None where a group has no voters, or too few threads for degrees of freedom.
    """
    shares = [before[1], after[1]]
    if any(one.estimate is None or one.t is None for one in shares):
        return None
    p_1, p_2 = ((one.estimate or 0.0) for one in shares)
    v_1, v_2 = (floored_variance(tally, yes) for tally, _ in (before, after))
    df = (v_1 + v_2) ** 2 / (v_1 * v_1 / shares[0].df + v_2 * v_2 / shares[1].df)
    spread = math.sqrt(v_1 + v_2)
    reach = t_quantile(df) * spread
    estimate = p_2 - p_1
    return Change(
        estimate, max(-1.0, estimate - reach), min(1.0, estimate + reach), t_two_sided_p(estimate / spread, df)
    )


def claim_p_value(share: Share) -> float | None:
    """Test a share of support against one half, the test that its interval turns over (S14); None without an interval."""
    if share.estimate is None or share.t is None:
        return None
    return t_two_sided_p((share.estimate - 0.5) / math.sqrt(0.25 / share.n_eff), share.df)


def adjusted(p_values: Sequence[float]) -> list[float]:
    """Adjust the tests of one family by Benjamini and Hochberg: the q-value of each."""
    ranked = sorted((p, at) for at, p in enumerate(p_values))
    found = [1.0] * len(p_values)
    least = 1.0
    for rank in range(len(ranked), 0, -1):
        p, at = ranked[rank - 1]
        least = min(least, p * len(ranked) / rank)
        found[at] = least
    return found
