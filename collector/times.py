"""Moments in the many forms in which sites and file names write them."""

import re
from datetime import UTC, datetime
from typing import Any

_STAMP = re.compile(
    r"(?<!\d)(\d{4})-?(\d{2})-?(\d{2})[T_](\d{2})[-:.]?(\d{2})[-:.]?(\d{2})(?:[.,]\d+)?(Z|[+-]\d{2}:?\d{2})(?!\d)"
)
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC).timestamp()
_LATEST = datetime(2200, 1, 1, tzinfo=UTC).timestamp()


def iso(moment: datetime) -> str:
    """An aware moment as ISO 8601 UTC ending in Z, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def from_epoch(value: Any) -> str | None:
    """Seconds since 1970 as int, float or text; None for nothing, False or what is no such number.

    Raises:
        ValueError: the number is outside 1990 to 2200, or the text is none.
    """
    if value is None or isinstance(value, bool) or value == "":
        return None
    seconds = float(value)
    if not _EARLIEST <= seconds < _LATEST:
        raise ValueError(f"{value!r} is no time between 1990 and 2200 in seconds")
    return iso(datetime.fromtimestamp(int(seconds), UTC))


def to_epoch(moment: str | None) -> int | None:
    """The seconds since 1970 of an ISO 8601 moment; None for none."""
    return None if moment is None else int(datetime.fromisoformat(moment).timestamp())


def from_text(value: str) -> str:
    """An ISO 8601 moment with a zone, in our form.

    Raises:
        ValueError: it is none, bears no zone, or is outside 1990 to 2200.
    """
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError(f"{value!r} bears no time zone (write 2026-01-31T12:00:00Z)")
    if not _EARLIEST <= moment.timestamp() < _LATEST:
        raise ValueError(f"{value!r} is no time between 1990 and 2200")
    return iso(moment)


def in_file_name(name: str) -> str | None:
    """The moment that a file's name bears with its zone, such as `20250629T185112+0600`; None where it bears none."""
    found = _STAMP.search(name)
    if found is None:
        return None
    year, month, day, hour, minute, second, zone = found.groups()
    try:
        return from_text(f"{year}-{month}-{day}T{hour}:{minute}:{second}{zone}")
    except ValueError:
        return None
