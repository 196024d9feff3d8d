"""The page of report.json, made from its JSON Schema, so that the page and the schema say the same.

`docs/make_reference.py` writes the page; `make docs` runs it.
"""

# ruff: noqa: INP001 - a script beside the pages, not a package
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SCHEMA = Path(__file__).resolve().parent.parent / "reports" / "schema" / "report.schema.json"
OPENING = """\
# report.json

For whoever reads the report with a program. This page is made by `make docs` from `reports/schema/report.schema.json`, the
JSON Schema of the file.

`report.json` is UTF-8. Keys are sorted, shares are between 0 and 1 and rounded to four places, and missing is null. The same data give
the same bytes: there is no time of building in it, no number of runs, and nothing random. `report.md` and `report.html` are made from
this file alone.

Every field listed is always there, unless its meaning says otherwise. A change of the form changes `schema`.
"""
_WORDS = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false", "null": "null"}
Schema = dict[str, Any]


def report_page() -> str:
    """The page: one table for the file, and one for each kind of object in it."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return "\n".join([OPENING, *_tables("The file", schema), *_defined(schema["$defs"])])


def _defined(definitions: dict[str, Schema]) -> Iterator[str]:
    for name, schema in definitions.items():
        if "properties" in schema:
            yield from _tables(name, schema)
        else:
            yield f"## {name}\n\n{schema['description']} One of {_values(schema)}.\n"


def _tables(name: str, schema: Schema) -> Iterator[str]:
    rows = [
        f"| `{field}` | {_kind(field, inner)} | {inner['description']} |"
        for field, inner in schema["properties"].items()
    ]
    yield f"## {name}\n\n| field | value | meaning |\n|---|---|---|\n" + "\n".join(rows) + "\n"
    for field, inner in schema["properties"].items():
        below = inner.get("items", inner)
        if "properties" in below:
            yield from _tables(field, below)


def _kind(field: str, schema: Schema) -> str:
    if "$ref" in schema:
        return f"[{_name(schema)}](#{_name(schema)})"
    if "const" in schema or "enum" in schema:
        return _values(schema)
    if "anyOf" in schema:
        return " or ".join(_kind(field, one) for one in schema["anyOf"])
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return " or ".join(_one_kind(kind, field, schema) for kind in kinds)


def _one_kind(kind: str, field: str, schema: Schema) -> str:
    if kind == "array":
        return f"list of {_kind(field, schema['items'])}"
    if kind != "object":
        return _WORDS[kind]
    values = schema.get("additionalProperties")
    return f"object of {_kind(field, values)}" if values else f"[{field}](#{field})"


def _name(schema: Schema) -> str:
    return str(schema["$ref"]).rsplit("/", 1)[-1]


def _values(schema: Schema) -> str:
    values = schema.get("enum", [schema.get("const")])
    return ", ".join(f"`{value}`" for value in values)
