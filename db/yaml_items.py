"""Changing the items of a list in a YAML file that people write: only the lines of the items that differ are touched.

So that comments between the items of a list outlive a change of one of them. Where a list is written so that this
cannot be done, it is written anew as a whole (`db.yaml_edits`).
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from typing import Any

from db.errors import FileError
from db.yaml_edits import dump, with_field, with_items
from db.yaml_files import Document
from db.yaml_syntax import Node, YamlProblemError, parse


def with_list(document: Document, section: str, name: str, field: str, items: Sequence[Any]) -> Document:
    """Return the document with a list of an entry as it should be; a list without items is taken out.

    Raises:
        FileError: the entry is not there, or is written so that the list cannot be changed by itself.
    """
    entries = document.data.get(section) or {}
    if name not in entries:
        raise FileError(document.path, f'there is no "{name}"', line=document.line(section), field=section)
    old = list((entries[name] or {}).get(field) or [])
    new = list(items)
    if new == old:
        return document
    if not new or not old:
        return with_field(document, section, name, field, new or None)
    steps = SequenceMatcher(None, [*map(_key, old)], [*map(_key, new)], autojunk=False).get_opcodes()
    added = [
        item
        for kind, start, _, first, last in steps
        if kind == "insert" and start == len(old)
        for item in new[first:last]
    ]
    kept = new[: len(new) - len(added)]
    changed = document if kept == old else _in_place(document, (section, name, field), old, kept)
    if changed is None:
        return with_field(document, section, name, field, new)
    return with_items(changed, section, name, field, added)


def _in_place(document: Document, place: tuple[str, str, str], old: list[Any], new: list[Any]) -> Document | None:
    """The document with items replaced by one text each, and others taken out; None where more has to be done."""
    node = _node(document, place)
    text = document.text
    for kind, start, stop, first, last in reversed(
        SequenceMatcher(None, [*map(_key, old)], [*map(_key, new)], autojunk=False).get_opcodes()
    ):
        if kind == "equal":
            continue
        if kind == "insert" or (kind == "replace" and stop - start != last - first):
            return None
        for number in reversed(range(start, stop)):
            item = node.content[number]
            if kind == "delete":
                text = _without_line(text, item)
            elif isinstance(new[first + number - start], str) and isinstance(old[number], str):
                text = text[: item.start] + _scalar(new[first + number - start]) + text[item.end :]
            else:
                return None
    return _read_back(document, text, place, new)


def _read_back(document: Document, text: str, place: tuple[str, str, str], wanted: list[Any]) -> Document | None:
    """The changed document if it says what is wanted and nothing else that is new."""
    try:
        root = parse(text)
    except YamlProblemError:
        return None
    section, name, field = place
    entries = document.data[section]
    expected = {**document.data, section: {**entries, name: {**entries[name], field: wanted}}}
    data = root.plain()
    return replace(document, text=text, root=root, data=data) if data == expected else None


def _node(document: Document, place: tuple[str, str, str]) -> Node:
    node = document.root
    for key in place:
        node = node.content[key]
    return node


def _without_line(text: str, item: Node) -> str:
    """The text without an item that has a line to itself; what stands before the dash shows whether it has."""
    start = text.rfind("\n", 0, item.start) + 1
    end = text.find("\n", max(item.start, item.end - 1))
    end = len(text) if end < 0 else end + 1
    return text[:start] + text[end:]


def _scalar(text: str) -> str:
    """A text as it stands behind a dash: without quotes where it can be."""
    plain = dump({"": text}).partition(": ")[2].rstrip("\n")
    return json.dumps(text, ensure_ascii=False) if "\n" in plain or not plain else plain


def _key(item: Any) -> str:
    return json.dumps(item, sort_keys=True, ensure_ascii=False)
