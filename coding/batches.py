"""Names of actions: what is written together bears one name, so that it can be seen and undone together."""

import re
import uuid
from typing import NamedTuple

_NAME = re.compile(r"(?P<action>[a-z]+(?:-[a-z]+)*)-(?P<day>\d{8})T(?P<time>\d{6})Z-[0-9a-f]{6}")
_RANDOM_DIGITS = 6


class Batch(NamedTuple):
    """What the name of a batch says: which action wrote it, and when (ISO 8601 UTC)."""

    action: str
    at: str


def new_batch(action: str, now: str) -> str:
    """Return a name for all that one action is about to write, such as `import-20260301T090000Z-3f9a1c`.

    Args:
        action: lowercase letters and hyphens, such as `apply`, `import` or `review`.
        now: ISO 8601 UTC ending in Z, in whole seconds.
    """
    stamp = now.replace("-", "").replace(":", "")
    return f"{action}-{stamp}-{uuid.uuid4().hex[:_RANDOM_DIGITS]}"


def read_batch(name: str) -> Batch | None:
    """Return what the name of a batch says; None if it is not one of ours."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    day, time = found["day"], found["time"]
    return Batch(found["action"], f"{day[:4]}-{day[4:6]}-{day[6:]}T{time[:2]}:{time[2:4]}:{time[4:]}Z")
