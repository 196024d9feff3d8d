"""Needs: what a claim that cannot be called yet would take to be called (S19 of docs/explanation/statistics.md)."""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from statistics import median_low

from coding.intervals import wilson
from reports.estimators import Share
from reports.verdicts import DECLARED, Thresholds, thin_reasons

USUAL_SECONDS_PER_DECISION = 18.0
SECONDS_PER_MINUTE = 60


@dataclass(frozen=True, slots=True)
class Need:
    """What is still missing; None where nothing of that kind is, or where it cannot be told.

    Attributes:
        people: further voters.
        threads: further threads.
        decisions: posts that a person has still to decide, at most.
        minutes: the time these decisions take, rounded up.
    """

    people: int | None = None
    threads: int | None = None
    decisions: int | None = None
    minutes: int | None = None


def need_for_thin(n: int, thread_sizes: Sequence[int], thresholds: Thresholds = DECLARED) -> Need:
    """Tell how many further voters and threads a thin claim needs.

    Further threads are taken to have the median number of voters of those there are (the lower middle one of an even
    number), or one voter where there are none.

    Args:
        n: voters.
        thread_sizes: voters in each thread with a deciding post.
        thresholds: the limits declared for the report.
    """
    usual = median_low(thread_sizes) if thread_sizes else 1
    threads = next(further for further in count() if _threads_suffice(thread_sizes, usual, further, thresholds))
    return Need(people=max(thresholds.people - n, 0) or None, threads=threads or None)


def need_for_inconclusive(support: Share, thresholds: Thresholds = DECLARED) -> Need:
    """Tell how many further voters would narrow the interval enough, with share, design effect and quantile held.

    They are None for a share without an interval, where no number of voters in the same threads would do.
    """
    p, t = support.estimate, support.t
    if p is None or t is None:
        return Need()

    def narrow_enough(people: int) -> bool:
        lower, upper = wilson(p, people / support.design_effect, t)
        return upper - lower <= thresholds.contested_width

    # An interval is widest at one half, where its width is t over the root of n_eff + t squared.
    enough = math.ceil(support.design_effect * (t / thresholds.contested_width) ** 2)
    candidates = range(support.n, max(enough, support.n) + 1)
    people = bisect_left(candidates, True, key=narrow_enough)
    return Need(people=people or None)


def need_for_unchecked(decisions: int, seconds_per_decision: float = USUAL_SECONDS_PER_DECISION) -> Need:
    """Tell how long the decisions that an unchecked claim waits for will take.

    Args:
        decisions: posts to decide, at most.
        seconds_per_decision: the coder's own median pace once there is one.
    """
    return Need(decisions=decisions, minutes=math.ceil(decisions * seconds_per_decision / SECONDS_PER_MINUTE))


def _threads_suffice(sizes: Sequence[int], usual: int, further: int, thresholds: Thresholds) -> bool:
    people = sum(sizes) + further * usual
    if people == 0:
        return False
    squares = sum(size * size for size in sizes) + further * usual * usual
    largest = max(sizes, default=usual)
    reasons = thin_reasons(people, len(sizes) + further, people * people / squares, largest / people, thresholds)
    return not set(reasons) - {"few-people"}
