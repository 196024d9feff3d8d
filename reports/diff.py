"""What changed between two reports, and why: verdicts first, then shares, claims and evidence.

The difference is walked in steps, from the old report over states of the study that differ in one thing each to the new
report: posts that came, codings of posts that were there before, the definition, and what is left over at both ends, where
posts were withdrawn or the program is another one. The steps of a share add up to its change. Where a share is unknown
in between, as while new posts are unread, the steps around it are told as one.

Pure: works on reports as they are written to report.json, and on nothing else.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports.phrases import claims_of

SCHEMA = "groundswell/diff/1"
NEW_DATA, WITHDRAWN, RECODED, DEFINITION, METHOD = "new_data", "withdrawn", "recoded", "definition", "method"
CAUSES = (WITHDRAWN, NEW_DATA, RECODED, DEFINITION, METHOD)
"""What a change can be due to, in the order of the steps."""
PLACES = 4
"""Shares are told as precisely as they stand in a report."""

Entry = Mapping[str, Any]
Steps = list[dict[str, Any]]

_KEPT_OF_CLAIM = (
    "id", "kind", "statement", "headline", "basis", "verdict", "label", "sentence", "reasons", "read", "need",
)  # fmt: skip
_KEPT_OF_FIGURE = ("code", "name", "verdict", "label", "counts", "share", "dispute_share")


@dataclass(frozen=True, slots=True)
class State:
    """A report on the way from the old one to the new one.

    Attributes:
        causes: what sets it apart from the one before; several where they cannot be told apart.
    """

    causes: tuple[str, ...]
    report: Entry


def kept_content(report: Entry) -> dict[str, Any]:
    """What is kept of a report for later comparison: figures and names of evidence, and no word that a post said."""
    return {
        "schema": report["schema"],
        "report": {name: report["report"].get(name) for name in ("as_of", "profile", "tool", "method")},
        "inputs": {
            name: report["inputs"].get(name) for name in ("data_sha256", "definition_sha256", "codebook_revision")
        },
        "collection": {name: report["collection"].get(name) for name in ("posts", "authors", "threads")},
        "sections": [
            {"id": section["id"], "claims": [_kept_claim(claim) for claim in section["claims"]]}
            for section in report["sections"]
        ],
    }


def _kept_claim(claim: Entry) -> dict[str, Any]:
    kept = {name: claim.get(name) for name in _KEPT_OF_CLAIM}
    kept["figures"] = [{name: figure.get(name) for name in _KEPT_OF_FIGURE} for figure in claim.get("figures", ())]
    kept["evidence"] = {
        side: {"posts": listed["posts"], "more": listed.get("more", 0)} for side, listed in _sides(claim).items()
    }
    return kept


def _sides(claim: Entry) -> dict[str, Entry]:
    """The lists of evidence of a claim; whatever else stands beside them is none."""
    found = claim.get("evidence") or {}
    return {side: listed for side, listed in found.items() if isinstance(listed, Mapping) and "posts" in listed}


def only_share(claim: Entry) -> Entry | None:
    """The share of a claim that gives exactly one."""
    figures = claim.get("figures", ())
    return figures[0].get("share") if len(figures) == 1 else None


def compare_claims(old: Entry, states: Sequence[State], withdrawn: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Compare the old report with the last state, which is the new report, by way of those between.

    Args:
        old: the old report.
        states: the reports on the way and, as the last, the new one.
        withdrawn: evidence of which the text is gone.

    Returns:
        `claims`, an entry for each claim of both, changed verdicts first, then by the size of the change of a share;
        `new_claims` and `removed_claims`, those that only one of the two has, in their order.
    """
    before, after = _by_id(old), _by_id(states[-1].report)
    way = [_by_id(state.report) for state in states]
    causes = [state.causes for state in states]
    entries = [
        _claim((before[claim], after[claim]), [state.get(claim) for state in way], causes, withdrawn)
        for claim in after
        if claim in before
    ]
    return {
        "claims": sorted(entries, key=_importance),
        "new_claims": [_named(after[claim]) for claim in after if claim not in before],
        "removed_claims": [_named(before[claim]) for claim in before if claim not in after],
    }


def _by_id(report: Entry) -> dict[str, Entry]:
    return {claim["id"]: claim for claim in claims_of(report)}


def _named(claim: Entry) -> dict[str, Any]:
    return {name: claim[name] for name in ("id", "statement", "verdict", "label")}


def _importance(entry: Entry) -> tuple[bool, bool, float]:
    sizes = [abs(figure["change"] or 0.0) for figure in entry["figures"]]
    return not entry["verdict"]["changed"], not entry["headline"], -max(sizes, default=0.0)


def _claim(
    ends: tuple[Entry, Entry],
    way: Sequence[Entry | None],
    causes: Sequence[tuple[str, ...]],
    withdrawn: frozenset[str],
) -> dict[str, Any]:
    old, new = ends
    return {
        "id": new["id"],
        "kind": new["kind"],
        "statement": new["statement"],
        "headline": bool(new.get("headline")),
        "verdict": _verdict(old, new, way, causes),
        "figures": [_figure(old, figure, way, causes) for figure in new.get("figures", ())],
        "evidence": _evidence(old, way, causes, withdrawn),
    }


def _verdict(old: Entry, new: Entry, way: Sequence[Entry | None], causes: Sequence[tuple[str, ...]]) -> dict[str, Any]:
    """How a verdict changed, and at which steps; nothing is due to anything where it ends as it began."""
    is_changed = (old["verdict"], old["label"]) != (new["verdict"], new["label"])
    labels = [None if state is None else state["label"] for state in way]
    steps = _turns(old["label"], labels, causes) if is_changed else []
    return {
        "old": old["verdict"],
        "new": new["verdict"],
        "old_label": old["label"],
        "new_label": new["label"],
        "changed": is_changed,
        "due_to": list(_distinct(cause for step in steps for cause in step)),
    }


def _turns(old: str, way: Sequence[str | None], causes: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The causes of the steps at which a value changed; those over which it is unknown are taken together."""
    turns: list[tuple[str, ...]] = []
    current, open_ = old, list[str]()
    for value, cause in zip(way, causes, strict=True):
        open_ += cause
        if value is not None:
            if value != current:
                turns.append(tuple(open_))
            current, open_ = value, []
    return turns


def _figure(old: Entry, new: Entry, way: Sequence[Entry | None], causes: Sequence[tuple[str, ...]]) -> dict[str, Any]:
    before = _estimate(old, new["code"])
    after = _estimate({"figures": [new]}, new["code"])
    steps: Steps = []
    if before is not None and after is not None:
        steps = _steps(before, [_estimate(state, new["code"]) for state in way], causes)
    return {
        "code": new["code"],
        "name": new["name"],
        "old": before,
        "new": after,
        "change": None if before is None or after is None else round(after - before, PLACES),
        "steps": steps,
    }


def _estimate(claim: Entry | None, code: str) -> float | None:
    figures = () if claim is None else claim.get("figures", ())
    share = next((figure.get("share") for figure in figures if figure["code"] == code), None)
    return None if share is None else share["estimate"]


def _steps(before: float, way: Sequence[float | None], causes: Sequence[tuple[str, ...]]) -> Steps:
    """What each cause did to a share; steps of the same causes are added, and all of them add up to the change."""
    by_causes: dict[tuple[str, ...], float] = {}
    current, open_ = before, dict[str, None]()
    for value, cause in zip(way, causes, strict=True):
        open_ |= dict.fromkeys(cause)
        if value is not None:
            found = _distinct(open_)
            by_causes[found] = by_causes.get(found, 0.0) + value - current
            current, open_ = value, {}
    rounded = {found: round(change, PLACES) for found, change in by_causes.items()}
    return [{"due_to": list(found), "change": change} for found, change in rounded.items() if change]


def _distinct(causes: Iterable[str]) -> tuple[str, ...]:
    """Causes, each once, in the order of the steps."""
    found = frozenset(causes)
    return tuple(cause for cause in CAUSES if cause in found)


def _evidence(
    old: Entry, way: Sequence[Entry | None], causes: Sequence[tuple[str, ...]], withdrawn: frozenset[str]
) -> dict[str, dict[str, Any]]:
    """Posts that came to a side and left it, each with the step at which it last did."""
    new = way[-1] or {}
    found = {}
    for side in dict.fromkeys((*_sides(old), *_sides(new))):
        before, after = _posts(old, side), _posts(new, side)
        moved = sorted(before ^ after)
        trail = [None if state is None else _posts(state, side) for state in way]
        why = {
            post: [WITHDRAWN] if post in withdrawn else list(_last_turn(post, before, trail, causes)) for post in moved
        }
        more = sum(_sides(claim).get(side, {}).get("more", 0) for claim in (old, new))
        if moved or more:
            found[side] = {
                "new": {post: why[post] for post in moved if post in after},
                "gone": {post: why[post] for post in moved if post in before},
                "is_whole": not more,
            }
    return found


def _posts(claim: Entry, side: str) -> frozenset[str]:
    return frozenset(_sides(claim).get(side, {"posts": ()})["posts"])


def _last_turn(
    post: str, before: frozenset[str], trail: Sequence[frozenset[str] | None], causes: Sequence[tuple[str, ...]]
) -> tuple[str, ...]:
    known = [None if posts is None else str(post in posts) for posts in trail]
    return _distinct(_turns(str(post in before), known, causes)[-1])
