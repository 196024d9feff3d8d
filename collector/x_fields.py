"""Fields of X's posts that several kinds of files write alike: ids, moments, links and counts."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from collector.json_values import GREATEST
from collector.times import from_epoch, iso

Json = dict[str, Any]

UNLIKE = (ValueError, TypeError, KeyError, AttributeError, OverflowError)
"""What reading an item raises that is not of the shape it should be."""

_ID = re.compile(r"(?a)\d{1,25}")
_WORD = re.compile(r"(?a)[A-Za-z]{2,30}")
_ID_OR_MOMENT = re.compile(r"(?a)[\d :+.TZ-]{1,40}|[A-Z][a-z]{2} [A-Z][a-z]{2} [\d :+]{1,30}|None")
_FIELD = re.compile(r"(?a)[A-Za-z_]\w{0,40}")
_FIELDS_KEPT = 100
_KEPT = {
    **dict.fromkeys(("__typename", "type", "reason", "lang"), _WORD),
    **dict.fromkeys(
        (
            "rest_id", "id", "id_str", "created_at", "conversation_id_str", "in_reply_to_status_id_str",
            "quoted_status_id_str", "conversationId", "inReplyToTweetId", "date",
        ),
        _ID_OR_MOMENT,
    ),
}  # fmt: skip
"""What is kept of an item that could not be read: fields that name nobody, where they hold what they should."""


def dig(node: Any, *names: str) -> Any:
    """The value below a path of names; None where the path ends early."""
    for name in names:
        if not isinstance(node, dict):
            return None
        node = node.get(name)
    return node


def fields(node: Any, *names: str) -> Json:
    """The object below a path of names; an empty one where there is none."""
    found = dig(node, *names)
    return found if isinstance(found, dict) else {}


def first(*values: Any) -> Any:
    """The first value that is not missing."""
    return next((value for value in values if value is not None and value != ""), None)


def native_id(*values: Any) -> str | None:
    """The first of these that is given, as an id; None where all are missing.

    Raises:
        ValueError: it is no id.
    """
    value = first(*values)
    if value is None:
        return None
    if isinstance(value, float):
        raise ValueError("an id is written with a point, which loses digits")  # noqa: TRY004 - one error for all ids
    if not isinstance(value, str | int) or not _ID.fullmatch(str(value)):
        raise ValueError("an id is no whole number")
    return str(value)


def needed_id(*values: Any) -> str:
    """As `native_id`, where there has to be one.

    Raises:
        ValueError: all are missing, or it is no id.
    """
    found = native_id(*values)
    if found is None:
        raise ValueError("it bears no id")
    return found


def count(*values: Any) -> int | None:
    """The first of these that is given, as a count.

    Raises:
        ValueError: it is none.
    """
    value = first(*values)
    if value is None or isinstance(value, bool):
        return None
    number = int(value)
    if not 0 <= number <= GREATEST:
        raise ValueError(f"{number} is no count")
    return number


def text(*values: Any) -> str | None:
    """The first of these that is given, as text.

    Raises:
        TypeError: it is of another kind.
    """
    value = first(*values)
    if not isinstance(value, str | None):
        raise TypeError(f"its text is {type(value).__name__}, not text")
    return value


def moment(value: Any) -> str | None:
    """A moment as X wrote it for long (`Tue Mar 18 18:07:30 +0000 2025`), as ISO 8601.

    Raises:
        ValueError: it is none.
    """
    if value is None or value == "":
        return None
    try:
        return iso(datetime.strptime(value, "%a %b %d %H:%M:%S %z %Y"))
    except (ValueError, TypeError):
        raise ValueError("a moment is of another form than Tue Mar 18 18:07:30 +0000 2025") from None


def from_milliseconds(value: Any) -> str | None:
    """Milliseconds since 1970 as a number or text; None where there are none.

    Raises:
        ValueError: it is no such number.
    """
    return None if value is None or value == "" else from_epoch(int(value) / 1000)


def links(*entities: Any) -> dict[str, str]:
    """Each short link of these lists of entities and what it leads to."""
    found = {}
    for entity in _objects(entities):
        short, target = entity.get("url"), entity.get("expanded_url")
        if isinstance(short, str) and isinstance(target, str):
            found[short] = target
    return found


def chain(ids: Any, own: str) -> tuple[str, ...]:
    """The ids of all versions of a post; empty where they do not name this one."""
    known = tuple(dict.fromkeys(needed_id(found) for found in ids)) if isinstance(ids, list) else ()
    return known if own in known else ()


def kept(item: Any) -> str | None:
    """An item as it may be kept: what names nobody, and the names of all its fields, by which its shape is known."""
    if not isinstance(item, dict):
        return None
    told: Json = {
        name: value
        for source in (fields(item, "legacy"), item)
        for name, value in source.items()
        if name in _KEPT and isinstance(value, str | int | None) and _KEPT[name].fullmatch(str(value))
    }
    told["fields"] = [name for name in item if _FIELD.fullmatch(name)][:_FIELDS_KEPT]
    return msgspec.json.encode(told).decode()


def _objects(lists: Iterable[Any]) -> Iterable[Json]:
    for found in lists:
        yield from (entity for entity in found if isinstance(entity, dict)) if isinstance(found, list) else ()
