"""JSON as sites and people's programs write it, with half of an emoji here and there."""

import json
import re
from typing import Any

import msgspec

UNREADABLE = (msgspec.DecodeError, ValueError, RecursionError)
"""What `decode` raises for bytes that are no JSON value."""

GREATEST = 2**53
"""Above this a whole number in JSON is not exact in every program, and no count or score."""

_SURROGATE = re.compile(r"[\ud800-\udfff]")


def decode(content: bytes) -> Any:
    """The JSON value in UTF-8 bytes; half a surrogate pair in a text becomes a replacement character.

    Raises:
        msgspec.DecodeError, ValueError, RecursionError: they hold none; see `UNREADABLE`.
    """
    try:
        return msgspec.json.decode(content)
    except msgspec.DecodeError:
        if b"\\ud" not in content.lower():
            raise
    whole = json.dumps(json.loads(content.decode()), ensure_ascii=False)
    return msgspec.json.decode(_SURROGATE.sub("\ufffd", whole).encode())


def whole_number(value: Any) -> int | None:
    """A count or score, as a number or as text; None for nothing, and for true and false.

    Raises:
        ValueError, TypeError, OverflowError: it is none, or beyond `GREATEST` either way.
    """
    if value is None or isinstance(value, bool):
        return None
    number = int(value)
    if abs(number) > GREATEST:
        raise ValueError(f"{number} is no count or score")
    return number
