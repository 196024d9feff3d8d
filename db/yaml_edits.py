"""Changing a field of an entry in a YAML file that people write: only the lines of that field are touched.

What was changed is read back and compared with what was meant; where a file is written so that the two differ, nothing
is changed and the error says which line to change by hand.
"""

import io
import json
import re
import textwrap
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString

from db.errors import FileError
from db.yaml_files import MAX_BYTES, Document
from db.yaml_syntax import Node, YamlProblemError, parse

_BLANKS = " \t\r\n"
_ITEM = re.compile(r"( *)- +$")


def with_field(document: Document, section: str, name: str, field: str, value: Any) -> Document:
    """Return the document with a field of an entry set, or taken out if the value is None.

    Raises:
        FileError: the entry is not there, or is written so that the field cannot be changed by itself.
    """
    entry = _entry(document, section, name)
    wanted = deepcopy(document.data)
    fields = dict(wanted[section][name] or {})
    fields.pop(field, None) if value is None else fields.update({field: value})
    wanted[section][name] = fields
    old = entry.content.get(field) if isinstance(entry.content, dict) else None
    text = document.text
    if value is None:
        changed = text if old is None else _without(text, entry, old)
    elif old is not None:
        changed = _replaced(text, entry, old, field, value)
    else:
        changed = _with_new_field(text, entry, field, value)
    return _checked(document, changed, wanted, (section, name, field))


def with_items(document: Document, section: str, name: str, field: str, items: Sequence[Any]) -> Document:
    """Return the document with more items at the end of a list of an entry; the list is begun where there is none.

    Raises:
        FileError: the entry is not there, or is written so that nothing can be added to the list.
    """
    entry = _entry(document, section, name)
    old = entry.content.get(field) if isinstance(entry.content, dict) else None
    if not items:
        return document
    if old is None or not old.content:
        return with_field(document, section, name, field, list(items))
    wanted = deepcopy(document.data)
    wanted[section][name][field] = [*wanted[section][name][field], *items]
    changed = _with_more_items(document.text, old, items)
    return _checked(document, changed, wanted, (section, name, field))


def dump(value: Mapping[str, Any]) -> str:
    """Return a mapping as a block of YAML; a text of several lines is written as such."""
    writer = YAML()
    writer.width = 1000
    writer.indent(mapping=2, sequence=4, offset=2)
    stream = io.StringIO()
    writer.dump(readable(value), stream)
    return stream.getvalue()


def readable(value: Any) -> Any:
    """Return a value so that each text of several lines in it is written as a block, line by line."""
    if isinstance(value, Mapping):
        return {key: readable(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [readable(inner) for inner in value]
    if (
        isinstance(value, str)
        and "\n" in value
        and all(line == line.strip() and line.isprintable() for line in value.split("\n"))
    ):
        return LiteralScalarString(value)
    return value


def _entry(document: Document, section: str, name: str) -> Node:
    node = document.root.content.get(section)
    entry = node.content.get(name) if node is not None and isinstance(node.content, dict) else None
    if not isinstance(entry, Node):
        raise FileError(document.path, f'there is no "{name}"', line=document.line(section), field=section)
    return entry


def _without(text: str, entry: Node, old: Node) -> str:
    """The text without a field: its lines are taken out whole."""
    if _is_flow(text, entry):
        return text[: old.key_start] + re.sub(r"^\s*,?\s*", "", text[_end(text, old) :])
    return text[: _line_start(text, old.key_start)] + text[_line_end(text, _end(text, old)) :].removeprefix("\n")


def _replaced(text: str, entry: Node, old: Node, field: str, value: Any) -> str:
    end = _end(text, old)
    if _is_flow(text, entry):
        return f"{text[: old.key_start]}{_flow({field: value})}{text[end:]}"
    lines = textwrap.indent(dump({field: value}), " " * old.key_column).strip(_BLANKS)
    return f"{text[: old.key_start]}{lines}{text[end:]}"


def _with_new_field(text: str, entry: Node, field: str, value: Any) -> str:
    if not entry.content:
        bare = text[: entry.start] + text[entry.end :]
        return _after_line(bare, entry.key_start, textwrap.indent(dump({field: value}), " " * (entry.key_column + 2)))
    if _is_flow(text, entry):
        return _before_bracket(text, entry, _flow({field: value}))
    column = next(iter(entry.content.values())).key_column
    return _after_line(text, _end(text, entry), textwrap.indent(dump({field: value}), " " * column))


def _with_more_items(text: str, old: Node, items: Sequence[Any]) -> str:
    if _is_flow(text, old):
        return _before_bracket(text, old, json.dumps(list(items), ensure_ascii=False)[1:-1])
    first = old.content[0]
    found = _ITEM.search(text[_line_start(text, first.start) : first.start])
    column = len(found[1]) if found else 0
    lines = textwrap.dedent(dump({"items": list(items)}).partition("\n")[2])
    return _after_line(text, _end(text, old), textwrap.indent(lines, " " * column))


def _flow(fields: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in fields.items())


def _before_bracket(text: str, node: Node, more: str) -> str:
    inside = text[: node.end - 1].rstrip(_BLANKS)
    return (
        f"{inside}{'' if inside.endswith(',') else ','} {more}{text[len(inside) : node.end - 1]}{text[node.end - 1 :]}"
    )


def _after_line(text: str, place: int, lines: str) -> str:
    """The text with lines put after the line of a place; what stands behind the place stays on its line."""
    end = _line_end(text, place)
    newline = "" if text[:end].endswith("\n") else "\n"
    return f"{text[:end]}{newline}{lines.rstrip(_BLANKS)}{text[end:] or newline}"


def _is_flow(text: str, node: Node) -> bool:
    return isinstance(node.content, dict | list) and text[node.start : node.start + 1] in {"{", "["}


def _end(text: str, node: Node) -> int:
    """Where the value of a node ends; the parser counts the comments behind a block to the block."""
    if isinstance(node.content, dict | list) and not _is_flow(text, node):
        children = node.content.values() if isinstance(node.content, dict) else node.content
        return max(_end(text, child) for child in children)
    if node.end == node.start:  # nothing is written behind the colon
        return text.index(":", node.key_start) + 1
    return len(text[: node.end].rstrip(_BLANKS))


def _line_start(text: str, place: int) -> int:
    return text.rfind("\n", 0, place) + 1


def _line_end(text: str, place: int) -> int:
    end = text.find("\n", place)
    return len(text) if end < 0 else end


def _checked(document: Document, text: str, wanted: dict[str, Any], place: tuple[str, str, str]) -> Document:
    section, name, field = place
    if "\r\n" in document.text:
        text = re.sub(r"\r?\n", "\r\n", text)
    try:
        changed = Document(document.path, text, parse(text), {})
    except YamlProblemError:
        changed = None
    if changed and len(text.encode()) <= MAX_BYTES and _said(changed.root.plain(), place) == _said(wanted, place):
        return replace(changed, data=changed.root.plain())
    raise FileError(
        document.path,
        f'"{field}" cannot be changed without touching other lines',
        line=document.line(section, name, field) or document.line(section, name),
        field=f"{section}.{name}",
        hint="change it by hand",
    )


def _said(data: dict[str, Any], place: tuple[str, str, str]) -> dict[str, Any]:
    """The data with an entry that says nothing in one form: `name:` is as good as `name: {}`."""
    section, name, _ = place
    entries = data.get(section)
    return {**data, section: {**entries, name: entries.get(name) or None}} if isinstance(entries, dict) else data
