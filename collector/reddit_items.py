"""Reddit's own JSON, as the site, its archives and people's files hold it, turned into observations."""

from collections.abc import Iterator
from typing import Any

import msgspec

from collector.json_values import whole_number
from collector.reading import Reading
from collector.text import canonical
from collector.times import from_epoch
from db.records import Observation, Unreadable

PLATFORM = "reddit"
_DELETED_BODIES = {
    "[deleted]": "deleted_by_author",
    "[deleted by user]": "deleted_by_author",
    "[removed]": "removed",
    "[ removed by reddit ]": "removed",
    "[removed by reddit]": "removed",
}
_BY_AUTHOR = frozenset({"deleted", "author"})
_HOLDERS = ("data", "children", "things", "json")
_OTHER_THINGS = ("t2", "t4", "t5", "t6", "wikipage", "LabeledMulti", "UserList")
"""A tuple, since a file may hold a list in their place, which no set can be asked for."""
_ITEM_LIMIT = 65_536
_KEPT = frozenset(
    {
        "id", "name", "kind", "link_id", "parent_id", "crosspost_parent", "created_utc", "edited", "retrieved_on", "score",
        "num_comments", "title", "selftext", "body", "removed_by_category", "not a post",
    }
)  # fmt: skip
"""What is kept of an item that could not be read: the fields that are read, but for those that name people."""


def observations(document: Any, reading: Reading, position: str = "") -> Iterator[Observation | Unreadable]:
    """Every post in a JSON document of Reddit's shapes, in the order in which it stands there.

    Known are listings, things (`kind` and `data`), pairs of listings, `{post, comments}`, API answers under `data` or
    `json`, and bare rows. Stubs (`more`) are passed over: the walk that collects looks at them itself.
    """
    for place, item in _items(document, position):
        try:
            yield _observation(item, reading)
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
            yield Unreadable(place, reading.problem(error, PLATFORM), _kept(item, reading))


def _items(node: Any, place: str) -> Iterator[tuple[str, dict[str, Any]]]:
    stack = [(place, node)]
    while stack:
        here, value = stack.pop()
        if isinstance(value, list):
            stack += [(f"{here}[{index}]", child) for index, child in reversed(list(enumerate(value)))]
        elif isinstance(value, dict):
            inner = _containers(value)
            if value.get("kind") in _OTHER_THINGS:
                yield here, {"not a post": value["kind"]}
            elif inner is None:
                yield here, value
                stack += _replies(here, value)
            else:
                stack += [(f"{here}.{name}" if here else name, child) for name, child in reversed(inner)]
        elif value is not None and value != "":
            yield here, {"not a post": value}


def _containers(value: dict[str, Any]) -> list[tuple[str, Any]] | None:
    """The parts of a dict that hold posts; None when it is a post itself, an empty list when there is nothing in it."""
    if value.get("kind") == "more":
        return []
    if _is_row(value):
        return None
    if "post" in value and "comments" in value:
        return [("post", value["post"]), ("comments", value["comments"])]
    holder = next((name for name in _HOLDERS if isinstance(value.get(name), list | dict)), None)
    return None if holder is None else [(holder, value[holder])]


def _is_row(value: dict[str, Any]) -> bool:
    return "body" in value or "selftext" in value or ("author" in value and "created_utc" in value)


def _replies(here: str, value: dict[str, Any]) -> list[tuple[str, Any]]:
    replies = value.get("replies")
    return [(f"{here}.replies", replies)] if isinstance(replies, dict) else []


def _observation(item: dict[str, Any], reading: Reading) -> Observation:
    is_comment = "body" in item or ("link_id" in item and "title" not in item)
    native_id = _fullname(item, "t1" if is_comment else "t3")
    thread = _prefixed(item["link_id"], "t3") if is_comment else native_id
    parent = _prefixed(item["parent_id"], "") if is_comment else None
    created_at = from_epoch(item.get("created_utc"))
    if created_at is None:
        raise ValueError("created_utc is missing")
    state, title, text = _content(item, is_comment, reading)
    base = f"https://www.reddit.com/comments/{thread[3:]}/"
    return Observation(
        platform=PLATFORM,
        native_id=native_id,
        thread=thread,
        parent=parent,
        kind="comment" if is_comment else "post",
        author=reading.people.author(PLATFORM, _name(item), thread) if "author" in item else None,
        community=_community(item, reading),
        created_at=created_at,
        edited_at=from_epoch(item.get("edited")) if state == "live" else None,
        title=title,
        text=text,
        url=f"{base}_/{native_id[3:]}/" if is_comment else base,
        thread_url=base,
        score=None if item.get("score_hidden") else whole_number(item.get("score")),
        state=state,
        observed_at=reading.observed_at or _seen_at(item) or reading.otherwise_at,
        declared_count=None if is_comment else whole_number(item.get("num_comments")),
        crosspost_of=None
        if is_comment or not item.get("crosspost_parent")
        else _prefixed(item["crosspost_parent"], "t3"),
    )


def _fullname(item: dict[str, Any], kind: str) -> str:
    name = item.get("name")
    if isinstance(name, str) and name.startswith(f"{kind}_") and name.removeprefix(kind).strip("_"):
        return name
    native = item.get("id")
    if not isinstance(native, str) or not native.strip("_"):
        raise ValueError("it bears no id")
    return _prefixed(native, kind)


def _prefixed(native: Any, kind: str) -> str:
    if not isinstance(native, str) or not native:
        raise ValueError(f"{native!r} is no id")
    if native[:3] in ("t1_", "t3_"):
        return native
    if not kind:
        raise ValueError(f"parent_id {native!r} does not say whether it is a post or a comment")
    return f"{kind}_{native}"


def _name(item: dict[str, Any]) -> str | None:
    name = item["author"]
    return name if isinstance(name, str) and name else None


def _content(item: dict[str, Any], is_comment: bool, reading: Reading) -> tuple[str, str | None, str | None]:
    """The state, title and text; a deleted or removed post has neither title nor text, whatever the source kept."""
    raw = item.get("body" if is_comment else "selftext")
    if raw is not None and not isinstance(raw, str):
        raise ValueError(f"its text is {type(raw).__name__}, not text")
    state = _gone(item, raw)
    if state is not None:
        return state, None, None
    escaped = _is_escaped(item.get("body_html" if is_comment else "selftext_html"))
    title = None if is_comment else canonical(item.get("title"), escaped=escaped)
    text = canonical(raw, escaped=escaped)
    hide = reading.people.hide_names
    return "live", title and hide(PLATFORM, title), text and hide(PLATFORM, text)


def _is_escaped(markup: Any) -> bool | None:
    """Tell from the HTML beside a text whether the answer was escaped; None where there is no HTML."""
    start = markup.lstrip()[:4] if isinstance(markup, str) else ""
    return True if start == "&lt;" else False if start[:1] == "<" else None


def _gone(item: dict[str, Any], raw: str | None) -> str | None:
    meta = item.get("_meta")
    if isinstance(meta, dict) and meta.get("was_deleted_later"):
        return "deleted_by_author" if meta.get("removal_type") in _BY_AUTHOR else "removed"
    by_body = _DELETED_BODIES.get(raw.strip().casefold()) if raw else None
    if by_body is not None:
        return by_body
    category = item.get("removed_by_category")
    if category:
        return "deleted_by_author" if category in _BY_AUTHOR else "removed"
    return None


def _community(item: dict[str, Any], reading: Reading) -> str | None:
    name = item.get("subreddit")
    if not isinstance(name, str) or not name:
        return None
    if name.startswith("u_"):
        return f"u/{reading.people.of(PLATFORM, name[2:])}"
    return f"r/{name}"


def _seen_at(item: dict[str, Any]) -> str | None:
    meta = item.get("_meta")
    second = meta.get("retrieved_2nd_on") if isinstance(meta, dict) else None
    return from_epoch(second) or from_epoch(item.get("retrieved_on")) or from_epoch(item.get("retrieved_utc"))


def _kept(item: dict[str, Any], reading: Reading) -> str | None:
    """The item as it may be kept: only fields that name nobody, no name in its texts, nothing that is too large."""
    told = {name: _told(value, reading) for name, value in item.items() if name in _KEPT}
    packed = msgspec.json.encode(told)
    return packed.decode() if len(packed) <= _ITEM_LIMIT else None


def _told(value: Any, reading: Reading) -> Any:
    if isinstance(value, str):
        return reading.people.hide_names(PLATFORM, value)
    return value if isinstance(value, int | float | None) else type(value).__name__
