"""report.html: one page that needs no other file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reports.render import render_html


def export(report: Mapping[str, Any], templates: Path | None) -> dict[str, bytes]:
    """The report as one HTML page."""
    return {"report.html": render_html(report, templates).encode()}
