"""Trends: a figure counted again in each period of time, and whether it moved (S12 and S13).

A thread belongs to the period of its first post. Under a trend an author votes once in each period, from the posts in
that period's threads; who shows a code is counted by author and thread, since that does not grow with what was collected.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reports.differences import Change, change
from reports.estimators import Share, share
from reports.votes import OUT, Roll, Rule, count

PEOPLE, PAIRS = "people", "pairs"
FEW_THREADS, ONE_PERIOD = "few-threads", "one-period"
_TWO = 2


@dataclass(frozen=True, slots=True)
class Column:
    """What was found of one figure, post by post.

    Attributes:
        roll: the posts, for one voice an author, or one an author and thread.
        threads: the cluster of each post, in the order given.
        found, values, rule: as `reports.votes.count` takes them.
        yes: the values that are counted.
        unit: whose voices these are: people, or pairs of author and thread.
    """

    roll: Roll
    threads: Sequence[str]
    found: Sequence[int]
    values: Sequence[str]
    rule: Rule
    yes: frozenset[str]
    unit: str


@dataclass(frozen=True, slots=True)
class Point:
    """A figure in one period: its name, its first day, and the share."""

    period: str
    since: str
    share: Share


@dataclass(frozen=True, slots=True)
class Trend:
    """A figure over time.

    Attributes:
        period: the length of the periods.
        unit: people, or pairs of author and thread.
        points: the periods with a voter, the earliest first.
        compared: the two periods whose difference is tested: the first and the last with threads enough.
        change: that difference; None without two such periods, or where it cannot be told.
        reason: why nothing is compared, or None.
    """

    period: str
    unit: str
    points: tuple[Point, ...]
    compared: tuple[str, str] | None
    change: Change | None
    reason: str | None


def trend_of(column: Column, periods: Mapping[str, tuple[str, str]], period: str, fewest_threads: int) -> Trend:
    """Count a figure in each period.

    Args:
        column: what was found.
        periods: the period of each cluster, with its first day.
        period: the length of the periods.
        fewest_threads: threads below which a period is compared with no other.
    """
    places = [periods.get(thread) for thread in column.threads]
    points, tallies = [], {}
    for place in sorted({place for place in places if place is not None}, key=lambda named: named[1]):
        here = [found if at == place else OUT for found, at in zip(column.found, places, strict=True)]
        counted = count(column.roll, here, column.values, column.rule)
        if counted.n:
            tallies[place[0]] = counted
            points.append(Point(*place, share(counted, column.yes)))
    firm = [point for point in points if point.share.threads >= fewest_threads]
    if len(points) < _TWO:
        return Trend(period, column.unit, tuple(points), None, None, ONE_PERIOD)
    if len(firm) < _TWO:
        return Trend(period, column.unit, tuple(points), None, None, FEW_THREADS)
    first, last = firm[0], firm[-1]
    moved = change((tallies[first.period], first.share), (tallies[last.period], last.share), column.yes)
    return Trend(period, column.unit, tuple(points), (first.period, last.period), moved, None)
