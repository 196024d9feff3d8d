"""Rendering: report.json as Markdown and as one HTML page; the same report gives the same bytes.

Templates of a study's own folder replace ours: `report.md.j2`, `report.html.j2` and `style.css`. Each may begin with
``{% extends "groundswell/report.html.j2" %}`` and fill single blocks. They run in a sandbox.
"""

import re
import traceback
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, FileSystemLoader, PackageLoader, PrefixLoader, StrictUndefined, select_autoescape
from jinja2.exceptions import TemplateError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from db.errors import FileError
from reports import charts, citations, methods, phrases, pictures, tables
from reports.markdown import document_link, escape_markdown, link_to, web_link
from reports.output import output_of
from reports.words import first_upper

OURS = "groundswell"
_BLANK_LINES = re.compile(r"\n{3,}")
_SPOKEN = {"citations": citations, "methods": methods, "phrases": phrases, "pictures": pictures, "tables": tables}
# What a template gets wrong: a field that is not there, a sum of words and numbers, a file that it includes.
_MISTAKES = (TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


def render_markdown(report: Mapping[str, Any], templates: Path | None = None) -> str:
    """The report as Markdown without HTML; its charts are files beside it."""
    text = _BLANK_LINES.sub("\n\n", _rendered("report.md.j2", report, templates))
    return text.replace("\n\n## ", "\n\n\n## ").strip() + "\n"


def render_html(report: Mapping[str, Any], templates: Path | None = None) -> str:
    """The report as one page that asks for nothing else and runs no script."""
    return _rendered("report.html.j2", report, templates)


def _rendered(name: str, report: Mapping[str, Any], templates: Path | None) -> str:
    try:
        return _environment(templates).get_template(name).render(report=report, output=output_of(report))
    except _MISTAKES as error:
        place = None if templates is None else _place(error, templates)
        if place is None:
            raise
        path, line = place
        hint = f"report.json lists the fields; take {path.name} away to use ours"
        raise FileError(path, f"the template cannot be filled: {error}", line=line, hint=hint) from error


def as_sentence(text: str) -> str:
    """Words as a sentence that stands alone; empty where there are none."""
    return first_upper(text) + ("" if not text or text.endswith((".", "!", "?")) else ".")


def _place(error: Exception, templates: Path) -> tuple[Path, int | None] | None:
    """The file and line of a study's template at which an error arose; None if it arose in none of them."""
    if isinstance(error, TemplateSyntaxError) and error.filename is not None:
        frames: list[tuple[str, int | None]] = [(error.filename, error.lineno)]
    else:
        frames = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    inside = [(Path(name), line) for name, line in frames if templates in Path(name).parents]
    return inside[-1] if inside else None


@cache
def _environment(templates: Path | None) -> ImmutableSandboxedEnvironment:
    """Templates, of which those for HTML escape by themselves; those for Markdown escape stored text by the filter md."""
    ours = PackageLoader("reports")
    theirs = [] if templates is None else [FileSystemLoader(templates)]
    environment = ImmutableSandboxedEnvironment(
        loader=ChoiceLoader([*theirs, PrefixLoader({OURS: ours}), ours]),
        undefined=StrictUndefined,
        autoescape=select_autoescape(enabled_extensions=("html.j2",)),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    for name in ("lipsum", "cycler"):
        del environment.globals[name]
    del environment.filters["random"]  # the same report gives the same bytes
    environment.globals |= {**_SPOKEN, "charts": charts}
    environment.filters |= {
        "link": web_link, "document": document_link, "thread": link_to, "md": escape_markdown, "drawn": Markup, "sentence": as_sentence,
    }  # fmt: skip
    return environment
