"""From the text of a YAML file to plain values that know their lines.

The dialect is YAML 1.2 without what people do not write by hand: aliases, anchors, tags, directives and merge keys are
refused. Dates stay the text they are. Nothing here opens a file.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

MAX_DEPTH = 20
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NULL = re.compile(r"|~|null|Null|NULL")
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]{1,18}|0o[0-7]{1,18}|0x[0-9a-fA-F]{1,15}")
_FLOAT = re.compile(
    r"[-+]?(\.[0-9]{1,30}|[0-9]{1,30}\.[0-9]{0,30})([eE][-+]?[0-9]{1,3})?|[-+]?[0-9]{1,30}[eE][-+]?[0-9]{1,3}"
)
_QUOTES = "a text with special characters needs quotes"
# What the parser says, what we say instead, and what to do.
_SAID = (
    ("found character '\\t'", "a tab where YAML wants spaces", "indent with spaces"),
    (
        "mapping values are not allowed",
        "a second colon, or an indentation that does not fit",
        'a text with ": " in it needs quotes; a field needs a space after its colon',
    ),
    ("sequence entries are not allowed", "a list begins on the line of its field", "begin the list on the next line"),
    ("scanning an alias", "a text begins with *", "put it in quotes"),
    ("scanning an anchor", "a text begins with &", "put it in quotes"),
    (
        "could not find expected ':'",
        "a line that is neither a field nor a list item",
        "write `field: value` or `- item`",
    ),
    (
        "expected <block end>",
        "this line does not fit the lines above it",
        "align it with the lines it belongs to; nothing may follow a closing quote",
    ),
    ("quoted scalar, found unexpected end", "a quote is opened here and not closed", "close it"),
    (
        "double-quoted scalar",
        "an escape that begins with \\ is not complete",
        r"write \\ for a backslash, or use single quotes",
    ),
    ("flow sequence", "a list in [ ] is not well formed", "close it with ] and put commas between its items"),
    ("flow mapping", "a block in { } is not well formed", "close it with } and put commas between its fields"),
    (
        "that cannot start any token",
        "a text begins with a character that YAML keeps for itself",
        "put the text in quotes",
    ),
)


class YamlProblemError(Exception):
    """Raised when a text cannot be read as the YAML that is taken here; the line counts from 1."""

    def __init__(self, problem: str, line: int | None, hint: str) -> None:
        super().__init__(problem)
        self.problem, self.line, self.hint = problem, line, hint


@dataclass(frozen=True, slots=True)
class Node:
    """A value and its place in the text.

    Attributes:
        content: a plain scalar, a list of nodes or a dict of nodes.
        line: the line of its key or list item, from 1.
        key_start, key_column: where its key begins (for the top, where the text begins).
        start, end: where the value begins and ends.
    """

    content: Any
    line: int
    key_start: int
    key_column: int
    start: int
    end: int

    def plain(self) -> Any:
        """Return the value as str, int, float, bool, None, list or dict."""
        if isinstance(self.content, dict):
            return {key: child.plain() for key, child in self.content.items()}
        if isinstance(self.content, list):
            return [child.plain() for child in self.content]
        return self.content


def parse(text: str) -> Node:
    """Return the tree of a text; a text that holds nothing but comments is an empty mapping.

    Raises:
        YamlProblemError: the text is no YAML, none that is read here, or no lines of `field: value`.
    """
    wrong = _FORBIDDEN.search(text)
    if wrong:
        line = text.count("\n", 0, wrong.start()) + 1
        raise YamlProblemError(f"the character U+{ord(wrong.group()):04X} cannot be shown", line, "take it out")
    try:
        root = _read_document(_events(text))
    except YAMLError as error:
        raise _readable(error) from error
    except (ValueError, OverflowError) as error:  # an escape such as "\UFFFFFFFF" that names no character
        raise YamlProblemError(
            f"a value cannot be read: {error}", None, r"check the escapes that begin with \ "
        ) from error
    if root is None or root.content is None:
        return Node({}, 1, 0, 0, 0, len(text))
    if not isinstance(root.content, dict):
        raise YamlProblemError("the file must be lines of `field: value`", root.line, "begin with `version: 1`")
    return root


def _events(text: str) -> Iterator[Event]:
    events: Iterator[Event] = YAML(typ="safe", pure=True).parse(text)
    return events


def _read_document(events: Iterator[Event]) -> Node | None:
    root: Node | None = None
    seen_document = False
    for event in events:
        if isinstance(event, DocumentStartEvent):
            if event.version or event.tags:
                raise YamlProblemError(
                    "a % directive", _line(event), "take the line out; YAML 1.2 is what is read here"
                )
            if seen_document:
                raise YamlProblemError("a second document begins here", _line(event), "take out the `---` line")
            seen_document = True
        elif isinstance(event, NodeEvent):
            root = _read_node(event, events, event, depth=0)
    return root


def _read_node(event: Event, events: Iterator[Event], key: Event, depth: int) -> Node:
    _refuse_cleverness(event)
    if depth > MAX_DEPTH:
        raise YamlProblemError("lists and blocks are nested too deeply", _line(event), f"{MAX_DEPTH} levels are enough")
    if isinstance(event, ScalarEvent):
        content, end = _scalar(event), event.end_mark
    elif isinstance(event, SequenceStartEvent):
        content, end = _sequence(events, depth + 1)
    else:
        content, end = _mapping(events, depth + 1)
    mark = key.start_mark
    return Node(content, mark.line + 1, mark.index, mark.column, event.start_mark.index, end.index)


def _sequence(events: Iterator[Event], depth: int) -> tuple[list[Node], Any]:
    items: list[Node] = []
    while not isinstance(event := next(events), SequenceEndEvent):
        items.append(_read_node(event, events, event, depth))
    return items, event.end_mark


def _mapping(events: Iterator[Event], depth: int) -> tuple[dict[str, Node], Any]:
    fields: dict[str, Node] = {}
    while not isinstance(event := next(events), MappingEndEvent):
        key = _key(event)
        if key in fields:
            problem = f'"{key}" is here twice, first in line {fields[key].line}'
            raise YamlProblemError(problem, _line(event), "keep one of the two, or rename one")
        fields[key] = _read_node(next(events), events, event, depth)
    return fields, event.end_mark


def _key(event: Event) -> str:
    """A key is the text as written: `2026:` and `true:` are names as good as any."""
    _refuse_cleverness(event)
    if not isinstance(event, ScalarEvent):
        raise YamlProblemError("a field has a list or a block for a name", _line(event), "put the name in quotes")
    key: str = event.value
    if not key:
        raise YamlProblemError("a field has no name", _line(event), "write the name before the colon")
    if key == "<<" and event.style is None:
        raise YamlProblemError("merge keys (<<) are not read", _line(event), "write the fields out")
    _refuse_unprintable(key, event)
    return key


def _scalar(event: ScalarEvent) -> Any:
    text: str = event.value
    _refuse_unprintable(text, event)
    if event.style is not None:
        return text
    if _NULL.fullmatch(text):
        return None
    if _BOOL.fullmatch(text):
        return text.lower() == "true"
    if _INT.fullmatch(text):
        return int(text, 0) if text[1:2] in {"o", "x"} else int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text


def _refuse_unprintable(text: str, event: Event) -> None:
    wrong = _FORBIDDEN.search(text)
    if wrong:
        problem = f"an escape stands for U+{ord(wrong.group()):04X}, which cannot be shown"
        raise YamlProblemError(problem, _line(event), "take the escape out")


def _refuse_cleverness(event: Event) -> None:
    if isinstance(event, AliasEvent):
        raise _not_read(f"*{event.anchor}", "alias", "aliases", event)
    if isinstance(event, ScalarEvent | CollectionStartEvent):
        if event.anchor is not None:
            raise _not_read(f"&{event.anchor}", "anchor", "anchors", event)
        if event.ctag is not None:
            raise _not_read(str(event.tag), "tag", "tags", event)


def _not_read(name: str, kind: str, kinds: str, event: Event) -> YamlProblemError:
    return YamlProblemError(
        f"{name} is a YAML {kind}; {kinds} are not read", _line(event), "a text that begins so needs quotes"
    )


def _line(event: Event) -> int:
    line: int = event.start_mark.line
    return line + 1


def _readable(error: YAMLError) -> YamlProblemError:
    """Return the parser's error with the line where a person looks first, and what to do there."""
    if not isinstance(error, MarkedYAMLError):
        return YamlProblemError(str(error), None, "see that the file is YAML 1.2")
    said = ", ".join(str(part) for part in (error.context, error.problem) if part)
    opened_there = any(sign in said for sign in ("end of stream", "stream end", "simple key"))
    place = (error.context_mark if opened_there else None) or error.problem_mark or error.context_mark
    known = next(((problem, hint) for sign, problem, hint in _SAID if sign in said), (said, _QUOTES))
    return YamlProblemError(known[0], place.line + 1 if place else None, known[1])
