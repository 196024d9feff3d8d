"""Small charts beside a table's figures: places and lengths to draw, worked out from numbers alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

WIDTH, HEIGHT = 240, 32
_MOST_BINS = 120
_DAY, _WEEK, _MONTH = "day", "week", "month"
_DAYS_A_WEEK = 7


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle, in units of the picture."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days, weeks or months in a row, each named by its first day."""

    start: str
    end: str


@dataclass(frozen=True, slots=True)
class Bars:
    """How many there were in each day, week or month.

    Attributes:
        unit: day, week or month, so that there are not too many bars.
        counts: (first day, number) of each that has any.
        bars: one for each of these.
        gaps: where there is nothing between the first and the last, as boxes and as days.
    """

    unit: str
    counts: tuple[tuple[str, int], ...]
    bars: tuple[Box, ...]
    gaps: tuple[Box, ...]
    empty: tuple[Stretch, ...]

    @property
    def total(self) -> int:
        """All of them."""
        return sum(number for _, number in self.counts)


@dataclass(frozen=True, slots=True)
class Steps:
    """What was left after each day: an SVG path, and the days with their numbers."""

    path: str
    left: tuple[tuple[str, int], ...]


def bars(days: Mapping[str, int], start: str, end: str) -> Bars:
    """Bars for numbers by day, on a line of time that others share.

    Args:
        days: number by day, as YYYY-MM-DD.
        start: the first day of the line.
        end: its last day.
    """
    unit = _unit(date.fromisoformat(start), date.fromisoformat(end))
    line = _line(date.fromisoformat(start), date.fromisoformat(end), unit)
    counts = dict.fromkeys(line, 0)
    for day, number in days.items():
        counts[_begin(date.fromisoformat(day), unit)] += number
    most, step = max(counts.values(), default=0) or 1, WIDTH / len(line)
    filled = [place for place, day in enumerate(line) if counts[day]]
    drawn = tuple(_bar(place, counts[line[place]] / most, step) for place in filled)
    inside = range(filled[0], filled[-1]) if filled else range(0)
    gaps = [list(run) for is_empty, run in groupby(inside, lambda place: not counts[line[place]]) if is_empty]
    return Bars(
        unit,
        tuple((line[place].isoformat(), counts[line[place]]) for place in filled),
        drawn,
        tuple(Box(_round(run[0] * step), 0, _round(len(run) * step), HEIGHT) for run in gaps),
        tuple(Stretch(line[run[0]].isoformat(), line[run[-1]].isoformat()) for run in gaps),
    )


def steps(posts: int, read: Mapping[str, int]) -> Steps:
    """What is left of so many posts, day after day.

    Args:
        posts: how many there were to read.
        read: how many were read on each day.
    """
    left, rest = [], posts
    for day in sorted(read):
        rest -= read[day]
        left.append((day, max(rest, 0)))
    if not left or not posts:
        return Steps("", tuple(left))
    first, last = date.fromisoformat(left[0][0]), date.fromisoformat(left[-1][0])
    span = (last - first).days + 1
    path = f"M0 {_height(1)}"
    for day, number in left:
        x = _round(((date.fromisoformat(day) - first).days + 1) / span * WIDTH)
        path += f"H{x}V{_height(number / posts)}"
    return Steps(path, tuple(left))


def place(share: float) -> float:
    """Where a share from 0 to 1 lies on the width of a picture; what is beyond lies at its edge."""
    return _round(min(max(share, 0.0), 1.0) * WIDTH)


def _unit(start: date, end: date) -> str:
    days = (end - start).days + 1
    return _DAY if days <= _MOST_BINS else _WEEK if days <= _MOST_BINS * _DAYS_A_WEEK else _MONTH


def _line(start: date, end: date, unit: str) -> Sequence[date]:
    found = [_begin(start, unit)]
    while (following := _next(found[-1], unit)) <= end:
        found.append(following)
    return found


def _begin(day: date, unit: str) -> date:
    if unit == _WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if unit == _MONTH else day


def _next(day: date, unit: str) -> date:
    if unit == _MONTH:
        return (day + timedelta(days=31)).replace(day=1)
    return day + timedelta(days=_DAYS_A_WEEK if unit == _WEEK else 1)


def _bar(at: int, part: float, step: float) -> Box:
    height = max(part * (HEIGHT - 1), 1.5)
    return Box(_round(at * step), _round(HEIGHT - height), _round(max(step * 0.85, 0.75)), _round(height))


def _height(part: float) -> float:
    return _round(2 + (1 - part) * (HEIGHT - 4))


def _round(number: float) -> float:
    return round(number, 2)
