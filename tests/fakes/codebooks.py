"""Codebooks of any content that a file can hold, for properties that must hold of all of them."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from coding.codebook import RESERVED_KEYS, Codebook, read_entry

LETTERS = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"], exclude_characters="\ufeff")
HEADINGS = st.sampled_from(["Include: x", "\\Rule: y", "Id: z", "Must match:", "Example", "{", '"', "# not", "=1+1"])
LINES = st.one_of(st.text(LETTERS, max_size=12), HEADINGS)
TEXTS = st.lists(LINES, min_size=1, max_size=4).map("\n".join).map(str.strip).filter(bool)
PATTERNS = st.sampled_from(
    ["bread*", "daily bread", '"dear (bread)"', "a NEAR/5 b", "title:bread", "/b+/i", "case:Bread", "🍞"]
)
RULES = PATTERNS | PATTERNS.map(lambda pattern: {"match": pattern, "stance": "support"})
POSTS = TEXTS.filter(lambda text: not text.startswith("{")) | TEXTS.map(lambda text: {"title": text, "op": True})
KEYS = sorted(set("123456789abcdefghijklmnopqrstuvwxyz") - RESERVED_KEYS)


@st.composite
def codebooks(draw: st.DrawFn, *, smallest: int = 0) -> Codebook:
    """A codebook that codebook.yaml could say."""
    entries: dict[str, dict[str, Any]] = {}
    for number in range(draw(st.integers(smallest, 5))):
        code = draw(st.sampled_from(["bread", "cake", "a.b", "x-1"])) + f"-{number}"
        entries[code] = _entry(draw, code, [*entries])
    for place, code in enumerate(entries):
        if draw(st.booleans()) and place < len(KEYS):
            entries[code]["key"] = KEYS[place]
    parents = {entry["parent"] for entry in entries.values() if "parent" in entry}
    for code in parents:
        own = [entries[code], *(entry for entry in entries.values() if entry.get("parent") == code)]
        if draw(st.booleans()) and not any("stance" in entry for entry in own) and "parent" not in entries[code]:
            entries[code]["choose"] = "one"
    return Codebook({code: read_entry(code, json.loads(json.dumps(entry))) for code, entry in entries.items()})


def _entry(draw: st.DrawFn, code: str, earlier: list[str]) -> dict[str, Any]:
    """What is said of a code; its name is unlike all others beside it, since a codebook wants that."""
    said: dict[str, Any] = {"name": draw(st.sampled_from(["Same", "sAme"])) + f" {len(earlier)}"}
    if earlier and draw(st.booleans()):
        said["parent"] = draw(st.sampled_from(earlier))
        said["name"] = draw(st.sampled_from(["Same 0", f"Other {code}", f"Two\nlines {code}"]))
        said["name"] += f" {len(earlier)}" if draw(st.booleans()) else f"\t{len(earlier)}"
    for name in ("definition", "include", "exclude"):
        if draw(st.booleans()):
            said[name] = draw(TEXTS)
    for name, items in (("examples", TEXTS), ("rules", RULES), ("must_not_match", POSTS)):
        if chosen := draw(st.lists(items, max_size=2)):
            said[name] = chosen
    if "rules" in said and draw(st.booleans()):
        said["must_match"] = [draw(POSTS)]
    if any(isinstance(rule, dict) for rule in said.get("rules", [])) or draw(st.booleans()):
        said |= {"stance": True, "statement": "bread is dear"}
    return said | draw(
        st.fixed_dictionaries(
            {}, optional={"colour": st.sampled_from(["1f77b4", "000000"]), "since": st.just("2026-02-01")}
        )
    ) | draw(st.sampled_from([{}, {"status": "draft"}, {"status": "retired"}]))  # fmt: skip
