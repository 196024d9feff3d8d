"""Rendering: report.json as Markdown and as one HTML page; the same report gives the same bytes."""

import re
from functools import cache
from typing import Any
from urllib.parse import quote, urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from reports import charts, methods, phrases, tables
from reports.defaults import completed

_MARKDOWN_SIGNS = re.compile(r"([\\`*_\[\]<>|~])")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_LINE_START = re.compile(r"^(?:([#+=-])|(\d{1,9})([.)])(?= |$))")
_WEB = re.compile(r"https?://\S+", re.IGNORECASE)
_BLANK_LINES = re.compile(r"\n{3,}")
_KEPT_IN_LINKS = "/:?#@!$&*+,;=%~"


def render_markdown(report: dict[str, Any]) -> str:
    """The report as Markdown, without HTML and without charts."""
    text = _BLANK_LINES.sub("\n\n", _environment().get_template("report.md.j2").render(report=completed(report)))
    return text.replace("\n\n## ", "\n\n\n## ").strip() + "\n"


def render_html(report: dict[str, Any]) -> str:
    """The report as one page that asks for nothing else and runs no script."""
    return _environment().get_template("report.html.j2").render(report=completed(report))


@cache
def _environment() -> Environment:
    """Templates, of which those for HTML escape by themselves; those for Markdown escape stored text by the filter md."""
    environment = Environment(
        loader=PackageLoader("reports"),
        undefined=StrictUndefined,
        autoescape=select_autoescape(enabled_extensions=("html.j2",)),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals |= {"charts": charts, "methods": methods, "phrases": phrases, "tables": tables}
    environment.filters |= {"link": web_link, "md": escape_markdown, "drawn": Markup}
    return environment


def escape_markdown(text: str) -> str:
    """Stored text as Markdown that shows it as it is: one line, no markup, no link, no HTML."""
    line = " ".join(text.split())
    escaped = _MARKDOWN_SIGNS.sub(r"\\\1", line)
    escaped = _ENTITY.sub(r"\\&", escaped).replace("://", "\\://")
    return _LINE_START.sub(_escape_line_start, escaped)


def _escape_line_start(found: re.Match[str]) -> str:
    sign, digits, point = found.groups()
    return f"\\{sign}" if sign else f"{digits}\\{point}"


def web_link(url: str | None) -> str | None:
    """A thread's address if it leads to the web, safe to stand in a page and in Markdown; None for any other."""
    if not url or not _WEB.fullmatch(url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return quote(url, safe=_KEPT_IN_LINKS) if parts.hostname and "@" not in parts.netloc else None
