"""The YAML files that people write: reading, checking against a model, and adding to them.

Every error is a FileError with file, line, field and remedy. What is added is put between the lines that are there, so
that comments and layout stay byte for byte.
"""

import difflib
import io
import os
import shutil
import tempfile
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError, model_validator
from ruamel.yaml import YAML

from db.errors import FileError
from db.yaml_syntax import Node, YamlProblemError, parse

MAX_BYTES = 1_000_000
_LISTED_PROBLEMS = 20
_WANTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "yes or no",
    "bool_parsing": "yes or no",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a block of `field: value` lines",
    "model_type": "a block of `field: value` lines",
    "model_attributes_type": "a block of `field: value` lines",
}
_REMEDIES = {
    "string_type": "put it in quotes",
    "list_type": "begin each item with `- ` on a line of its own",
    "tuple_type": "begin each item with `- ` on a line of its own",
}

Key = str | int
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class FileModel(BaseModel):
    """The base of all models of these files: frozen, unknown fields refused, an empty field is as good as none."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _leave_out_empty_fields(cls, fields: Any) -> Any:
        if fields is None:
            return {}
        if not isinstance(fields, dict):
            return fields
        known = set(_field_names(cls))
        return {name: value for name, value in fields.items() if value is not None or name not in known}


ModelT = TypeVar("ModelT", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Document:
    """A file as it was read.

    Attributes:
        path: where it lies.
        text: its text without byte order mark, line ends as they are.
        root: its tree with the place of every value.
        data: the same as plain values; dates are ISO text.
    """

    path: Path
    text: str
    root: Node
    data: dict[str, Any]

    def line(self, *keys: Key) -> int | None:
        """Return the line of a field or list item, or None if it is not there."""
        node = _find(self.root, keys)
        return node.line if node and keys else None


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at one place of a document."""

    keys: tuple[Key, ...]
    message: str
    hint: str | None = None


def load(path: Path | str) -> Document:
    """Read a YAML file, or raise a FileError that names the line."""
    path = Path(path)
    return _document(path, _decode(path, _read_bytes(path)))


def save(document: Document) -> None:
    """Write the document's text to its file in one step: a crash leaves the old file or the new one.

    Raises:
        FileError: the file cannot be written.
    """
    try:
        _replace(document.path.resolve(), document.text.encode())
    except OSError as error:
        raise FileError(
            document.path, f"cannot be written: {error.strerror}", hint="see who may write there"
        ) from error


def with_entry(document: Document, section: str, name: str, fields: Mapping[str, Any]) -> Document:
    """Return the document with one more entry at the end of a section; all other lines stay as they are.

    A section that is missing or empty is begun.
    """
    return with_entries(document, section, {name: fields})


def with_entries(document: Document, section: str, entries: Mapping[str, Mapping[str, Any]]) -> Document:
    """Return the document with more entries at the end of a section; all other lines stay as they are.

    Raises:
        FileError: other lines would have to change, or the section is no block.
    """
    present = document.data.get(section) or {}
    if isinstance(present, dict):
        added = {name: dict(fields) for name, fields in entries.items()}
        changed = _inserted(document, section, _dump(added))
        if changed and changed.data == {**document.data, section: {**present, **added}}:
            return changed
    raise FileError(
        document.path,
        f'"{next(iter(entries))}" cannot be added without touching other lines',
        line=document.line(section),
        field=section,
        hint=f"write `{section}:` as an indented block, or add the entry by hand",
    )


def refuse(document: Document, problems: Iterable[Problem]) -> None:
    """Raise one FileError for all problems, the first in the file as its message; do nothing if there are none."""
    found = sorted(problems, key=lambda problem: _nearest_line(document, problem.keys) or 0)
    if not found:
        return
    first, others = found[0], found[1:]
    message = first.message
    hints = [first.hint] if first.hint else []
    if others:
        message += f" (and {len(others)} more {'problem' if len(others) == 1 else 'problems'})"
        hints += [_listed(document, problem) for problem in others[:_LISTED_PROBLEMS]]
    if len(others) > _LISTED_PROBLEMS:
        hints.append(f"and {len(others) - _LISTED_PROBLEMS} more")
    raise FileError(
        document.path,
        message,
        line=_nearest_line(document, first.keys),
        field=field_name(first.keys) or None,
        hint="\n".join(hints) or None,
    )


def validate(document: Document, model: type[ModelT]) -> ModelT:
    """Return the document's data as an instance of the model, or raise one FileError for all that does not fit."""
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        details = error.errors(include_url=False)
    refuse(document, [_problem(document, model, detail) for detail in details])
    raise AssertionError(details)  # a ValidationError without an error


def json_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON Schema of a file, for editors that check while one types."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **model.model_json_schema(by_alias=True)}


def suggest(word: str, known: Iterable[str]) -> str | None:
    """Return a hint that names the nearest known word, or all of them if there are few and none is near."""
    names = sorted(known)
    near = difflib.get_close_matches(word, names, n=1)
    if near:
        return f'did you mean "{near[0]}"?'
    few = 12
    return f"there is: {', '.join(names)}" if 0 < len(names) <= few else None


def field_name(keys: Sequence[Key]) -> str:
    """Return a place as people read it: codes.evals.rules[2], counted from 0 as in JSON paths."""
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys).removeprefix(".")


def _read_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise FileError(
            path, "there is no such file", hint="`groundswell init` makes a study with all its files"
        ) from None
    except IsADirectoryError:
        raise FileError(path, "this is a folder, not a file", hint="name the YAML file in it") from None
    except OSError as error:
        raise FileError(path, f"cannot be read: {error.strerror}", hint="see who may read it") from error
    if len(content) > MAX_BYTES:
        raise FileError(
            path, "larger than 1 MB", hint="data do not belong here; `groundswell collect import` takes them"
        )
    return content


def _replace(target: Path, content: bytes) -> None:
    descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, temporary)
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _decode(path: Path, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise FileError(path, "not UTF-8 text", line=line, hint="save the file as UTF-8 in your editor") from None


def _document(path: Path, text: str) -> Document:
    try:
        root = parse(text)
    except YamlProblemError as error:
        raise FileError(path, error.problem, line=error.line, hint=error.hint) from None
    return Document(path, text, root, root.plain())


def _find(node: Node, keys: Sequence[Key]) -> Node | None:
    for key in keys:
        content = node.content
        if isinstance(content, list):
            content = dict(enumerate(content))
        if not isinstance(content, dict) or key not in content:
            return None
        node = content[key]
    return node


def _nearest_line(document: Document, keys: Sequence[Key]) -> int | None:
    lines = (document.line(*keys[:length]) for length in range(len(keys), 0, -1))
    return next((line for line in lines if line is not None), None)


def _listed(document: Document, problem: Problem) -> str:
    line, field = _nearest_line(document, problem.keys), field_name(problem.keys)
    place = f"line {line}: " if line else ""
    return f"also {place}{field + ': ' if field else ''}{problem.message}" + (
        f" ({problem.hint})" if problem.hint else ""
    )


def _inserted(document: Document, section: str, entry: str) -> Document | None:
    """Return the document with the entry's lines put into the section, or None if that is no YAML."""
    newline = "\r\n" if "\r\n" in document.text else "\n"
    before, after, column = _gap(document, section)
    if before and not before.endswith("\n"):
        before += newline
    if section not in document.data:
        before += f"{section}:{newline}"
    lines = textwrap.indent(entry, " " * column).replace("\n", newline)
    try:
        return _document(document.path, before + lines + after)
    except FileError:
        return None


def _gap(document: Document, section: str) -> tuple[str, str, int]:
    """Return the text before and after the place of a new entry, and the column where the entry begins."""
    text, node = document.text, document.root.content.get(section)
    if node is None:
        return text, "", 2
    following = [other.key_start for other in document.root.content.values() if other.key_start > node.key_start]
    end = min(following, default=len(text))
    column = 2
    if node.content:
        column = next(iter(node.content.values())).key_column
    else:  # an empty value written as {} or null makes room
        text = text[: node.start].rstrip(" ") + text[node.end :] if node.end > node.start else text
        end -= len(document.text) - len(text)
    lines = text[:end].splitlines(keepends=True)
    first = text[: node.key_start].count("\n") + 1
    while len(lines) > first and (not lines[-1].strip() or lines[-1].startswith("#")):
        lines.pop()
    before = "".join(lines)
    return before, text[len(before) :], column


def _dump(value: Mapping[str, Any]) -> str:
    writer = YAML()
    writer.width = 1000
    writer.indent(mapping=2, sequence=4, offset=2)
    stream = io.StringIO()
    writer.dump(dict(value), stream)
    return stream.getvalue()


def _problem(document: Document, model: type[BaseModel], detail: Any) -> Problem:
    keys, kind = _keys_of(document, detail["loc"]), detail["type"]
    if kind == "missing":
        *above, name = detail["loc"]
        return Problem((*_keys_of(document, above), name), "is missing", f"add `{name}: …`")
    if kind == "extra_forbidden":
        return Problem(keys, "unknown field", suggest(str(keys[-1]), _field_names(_model_at(model, keys[:-1]))))
    return Problem(keys, *_misfit(detail))


def _misfit(detail: Any) -> tuple[str, str | None]:
    """Return what is wrong with a value, and what to do if that is plain."""
    kind, value = detail["type"], detail["input"]
    if kind in _WANTED:
        remedy = _REMEDIES.get(kind)
        if kind == "string_type" and not isinstance(value, bool | int | float):
            remedy = None
        return f"must be {_WANTED[kind]}, but is {_shown(value)}", remedy
    if kind == "literal_error":
        return f"must be {detail['ctx']['expected']}, but is {_shown(value)}", None
    if kind == "string_too_short":
        return "must not be empty", None
    if kind == "value_error":
        return str(detail["ctx"]["error"]), None
    return f"{detail['msg'].removeprefix('Input ')}, but is {_shown(value)}", None


def _keys_of(document: Document, loc: Iterable[Key]) -> tuple[Key, ...]:
    """Return the part of a pydantic location that is a place in the file; it also names unions and key checks."""
    keys: tuple[Key, ...] = ()
    for part in loc:
        if _find(document.root, (*keys, part)) is not None:
            keys = (*keys, part)
    return keys


def _field_names(model: type[BaseModel] | None) -> list[str]:
    fields = model.model_fields.items() if model else ()
    return [info.alias or name for name, info in fields]


def _model_at(annotation: Any, keys: Sequence[Key]) -> type[BaseModel] | None:
    """Return the model that describes the block at a place."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if not keys:
            return annotation
        fields = {info.alias or name: info.annotation for name, info in annotation.model_fields.items()}
        return _model_at(fields.get(str(keys[0])), keys[1:])
    inner, origin = get_args(annotation), get_origin(annotation)
    if origin in {Union, UnionType, Annotated}:
        return next((found for part in inner if (found := _model_at(part, keys))), None)
    if origin in {dict, list, tuple} and keys:
        return _model_at(inner[1] if origin is dict else inner[0], keys[1:])
    return None


def _shown(value: Any) -> str:
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"the number {value}"
    if isinstance(value, str):
        return f'"{textwrap.shorten(value, 60, placeholder="…")}"'
    return "a list" if isinstance(value, list) else "a block of fields"
