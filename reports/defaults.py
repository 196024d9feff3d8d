"""Fields that reports of an earlier tool lack, with what they would say."""

from typing import Any

_CLAIM: dict[str, Any] = {
    "scope_code": None, "frequency": None, "test": None, "references": [], "construct": "same", "dimension": None,
    "no_reference": False, "concerns": [], "confidence": None, "rests_on": [], "pairs": [], "order": None, "examples": None,
    "sources": {"threads": [], "more": 0},
}  # fmt: skip
_FIGURE: dict[str, Any] = {
    "leave_one_community_out": None, "posts_per_person": None, "salience": None, "by_thread": None,
    "communities_unit": "people", "trend": None,
}  # fmt: skip
_REPORT: dict[str, Any] = {
    "thresholds": {}, "declared_thresholds": [], "references": [], "saturation": None, "tests": None, "quotes": [],
    "evidence": {}, "leads": None,
}  # fmt: skip


def completed(report: dict[str, Any]) -> dict[str, Any]:
    """A report with every field that this version reads."""
    return {**_REPORT, **report, "sections": [_section(section) for section in report["sections"]]}


def _section(section: dict[str, Any]) -> dict[str, Any]:
    return {"link": None, **section, "claims": [_claim(claim) for claim in section["claims"]]}


def _claim(claim: dict[str, Any]) -> dict[str, Any]:
    figures = [{**_FIGURE, **figure} for figure in claim["figures"]]
    return {"is_stance": claim["kind"] == "consensus", **_CLAIM, **claim, "figures": figures}
