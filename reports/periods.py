"""Periods: the stretches of time by which a trend counts, with borders that no new post can move."""

import re
from datetime import date, timedelta

QUARTER, MONTH, YEAR = "quarter", "month", "year"
_NAMED = (QUARTER, MONTH, YEAR)
_DAYS = re.compile(r"([1-9]\d{0,3})d")
# Windows of so many days are counted from a Monday, so that those of seven days are weeks.
_FIRST = date(2000, 1, 3)


def is_period(written: str) -> bool:
    """Whether this names a period: quarter, month, year, or a number of days such as 180d."""
    return written in _NAMED or _DAYS.fullmatch(written) is not None


def period_of(moment: str, period: str) -> tuple[str, str]:
    """Name the period that a moment lies in, and give its first day.

    Args:
        moment: ISO 8601; the first ten characters count.
        period: quarter, month, year or so many days.
    """
    year, month = int(moment[:4]), int(moment[5:7])
    if period == YEAR:
        return f"{year}", f"{year}-01-01"
    if period == MONTH:
        return f"{year}-{month:02}", f"{year}-{month:02}-01"
    if period == QUARTER:
        quarter = (month - 1) // 3
        return f"{year}-Q{quarter + 1}", f"{year}-{quarter * 3 + 1:02}-01"
    days = int(period.removesuffix("d"))
    since = (date.fromisoformat(moment[:10]) - _FIRST).days
    first = _FIRST + timedelta(days=since // days * days)
    last = first + timedelta(days=days - 1)
    return f"{first.isoformat()} to {last.isoformat()}", first.isoformat()
