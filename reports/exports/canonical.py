"""report.json: what all other files are made from."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reports.build import canonical


def export(report: Mapping[str, Any], _: Path | None) -> dict[str, bytes]:
    """The report as canonical JSON: keys sorted, UTF-8, no clock."""
    return {"report.json": canonical(dict(report))}
