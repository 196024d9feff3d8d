"""Differences between two reports as `report diff --json` gives them, for tests of what is said about them."""

from typing import Any


def side(build: int | None = 1, built_at: str | None = "2026-02-03T08:00:00Z", **changes: Any) -> dict[str, Any]:
    """One of two reports."""
    usual = {
        "name": f"build {build}", "build": build, "built_at": built_at, "as_of": "2026-02-01T00:00:00Z", "posts": 40,
        "people": 30, "threads": 10,
    }  # fmt: skip
    return usual | changes


def causes(**changes: Any) -> dict[str, Any]:
    """How much changed of each kind."""
    usual = {
        "new_posts": 0, "new_people": 0, "new_threads": 0, "edited_posts": 0, "withdrawn": {}, "recoded": 0,
        "codebook": False, "definition": False, "method": None,
    }  # fmt: skip
    return usual | changes


def trial(**changes: Any) -> dict[str, Any]:
    """A tested change of a share."""
    usual = {
        "change": 0.1, "unit": "people", "changed": 12, "p": 0.2, "q": 0.4, "visible_from": 0.14,
        "is_more_than_chance": False, "why_not": None,
    }  # fmt: skip
    return usual | changes


def figure(old: float | None = 0.61, new: float | None = 0.61, **changes: Any) -> dict[str, Any]:
    """A figure of a claim."""
    change = None if old is None or new is None else round(new - old, 4)
    usual = {"code": "titles", "name": "Titles", "old": old, "new": new, "change": change, "steps": [], "test": None}
    return usual | changes


def claim(name: str = "titles", *figures: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A claim of both reports."""
    usual = {
        "id": name, "kind": "consensus", "statement": f"{name} mislead", "headline": True, "verdict": verdict(),
        "figures": list(figures) or [figure()], "evidence": {}, "new_disputing": 0, "first_reached": 1,
    }  # fmt: skip
    return usual | changes


def verdict(old: str = "reported", new: str = "reported", *due_to: str) -> dict[str, Any]:
    """What became of a verdict."""
    return {
        "old": old, "new": new, "old_label": old, "new_label": new, "changed": old != new, "due_to": list(due_to),
    }  # fmt: skip


def diff(*claims: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A difference."""
    usual = {
        "schema": "groundswell/diff/1", "old": side(), "new": side(2, "2026-03-03T08:00:00Z"), "same": False,
        "causes": causes(), "claims": list(claims), "new_claims": [], "removed_claims": [], "notes": [],
    }  # fmt: skip
    return usual | changes
