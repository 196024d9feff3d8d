"""evidence.csv: which post stands behind which claim, by evidence id, without a word of any of them."""

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from reports.phrases import claims_of

COLUMNS = ("claim", "side", "evidence", "community", "month")
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def export(report: Mapping[str, Any], _: Path | None) -> dict[str, bytes]:
    """A row for each post that a claim lists: its side or code, community and month."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([harmless(cell) for cell in row] for row in _rows(report))
    return {"evidence.csv": table.getvalue().encode()}


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA_SIGNS) else cell


def _rows(report: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    known = report["evidence"]
    for claim in claims_of(report):
        for side, listed in sorted(claim["evidence"].items()):
            for evidence in listed["posts"]:
                post = known.get(evidence, {})
                yield claim["id"], side, evidence, post.get("community") or "", post.get("month") or ""
