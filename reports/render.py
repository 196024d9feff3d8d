"""Renderers."""

import json
from typing import Any


def render_markdown(report: dict[str, Any]) -> str:
    return json.dumps(report, sort_keys=True)


def render_html(report: dict[str, Any]) -> str:
    return json.dumps(report, sort_keys=True)
