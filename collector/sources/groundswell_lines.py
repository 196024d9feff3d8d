"""Our own post lines, as `export posts --nl` writes them: the way from one study to another, and of examples."""

from collections.abc import Iterator
from typing import Any

from collector.json_values import GREATEST
from collector.reading import Reading
from collector.text import canonical
from collector.times import from_text
from db.records import Observation, Unreadable
from db.schema import STATES

NAME = "groundswell_lines"
_NEEDED = ("platform", "native_id", "thread", "created_at")
_TEXTS = (
    "parent", "author", "kind", "community", "edited_at", "title", "text", "url", "thread_url", "state", "observed_at",
)  # fmt: skip
_NUMBERS = ("score", "declared_count")
_WITHOUT_TEXT = frozenset(STATES) - {"live", "account_gone", "orphan"}


def recognises(document: Any) -> bool:
    """Tell whether a JSON document is one of our lines."""
    return isinstance(document, dict) and "address" in document and "native_id" in document


def observations(document: Any, reading: Reading, position: str = "") -> Iterator[Observation | Unreadable]:
    """The post that a line holds."""
    try:
        yield _observation(document, reading)
    except ValueError as error:
        yield Unreadable(position, str(error))


def _observation(line: dict[str, Any], reading: Reading) -> Observation:
    _check_types(line)
    platform, thread = line["platform"], _native(line["thread"])
    state = line.get("state") or "live"
    if state not in STATES:
        raise ValueError(f"state {state!r} is none of {', '.join(STATES)}")
    hidden = state in _WITHOUT_TEXT
    seen = reading.observed_at or line.get("observed_at") or reading.otherwise_at
    return Observation(
        platform=platform,
        native_id=line["native_id"],
        thread=thread,
        parent=_native(line["parent"]) if line.get("parent") else None,
        kind=line.get("kind") or ("comment" if line.get("parent") else "post"),
        author=reading.people.author(platform, _author_name(line.get("author")), thread),
        community=_named(line.get("community"), platform, reading),
        created_at=from_text(line["created_at"]),
        edited_at=from_text(line["edited_at"]) if line.get("edited_at") else None,
        title=None if hidden else _text(line.get("title"), platform, reading),
        text=None if hidden else _text(line.get("text"), platform, reading),
        url=_named(line.get("url"), platform, reading),
        thread_url=_named(line.get("thread_url"), platform, reading),
        score=line.get("score"),
        state=state if hidden else "live",
        observed_at=from_text(seen) if seen else None,
        declared_count=line.get("declared_count"),
        private=bool(line.get("private")),
    )


def _check_types(line: dict[str, Any]) -> None:
    for name in _NEEDED:
        if not isinstance(line.get(name), str):
            raise ValueError(f"{name} is missing or no text")  # noqa: TRY004 - one error for all that a line may lack
    for name in _TEXTS:
        if not isinstance(line.get(name), str | None):
            raise ValueError(f"{name} is no text")  # noqa: TRY004 - as above
    for name in _NUMBERS:
        if type(line.get(name)) not in (int, type(None)) or abs(line.get(name) or 0) > GREATEST:
            raise ValueError(f"{name} is no whole number that can be stored")


def _native(address: str) -> str:
    return address.partition(":")[2] or address


def _author_name(name: str | None) -> str | None:
    """The name in an author field, which our own exports write as an address."""
    if name is None or ":[deleted]" in name:
        return None
    _, mark, rest = name.partition(":~")
    return f"~{rest}" if mark else name


def _text(value: str | None, platform: str, reading: Reading) -> str | None:
    return _named(canonical(value, escaped=False), platform, reading)


def _named(value: str | None, platform: str, reading: Reading) -> str | None:
    return reading.people.hide_names(platform, value) if value else None
