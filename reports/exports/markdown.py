"""report.md with its charts as files beside it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reports import pictures
from reports.render import render_markdown


def export(report: Mapping[str, Any], templates: Path | None) -> dict[str, bytes]:
    """The report as Markdown, and every chart as SVG."""
    return {"report.md": render_markdown(report, templates).encode(), **pictures.files(report)}
