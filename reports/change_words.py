"""Changes in words: a difference between two reports as lines for people, and as one paragraph for a changelog.

No word here says more than its rule: a claim *moved* when its verdict or label is another one, a share *went* from one
figure to another, and it did so *by more than chance* where the paired test says so after the adjustment for all tests.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from reports.diff import DEFINITION, METHOD, NEW_DATA, RECODED, WITHDRAWN
from reports.pairing import FEW_CHANGED, FEW_THREADS, LEAST_CHANGED, NOT_COMPARABLE
from reports.phrases import counted_plainly, day, percent

Entry = Mapping[str, Any]

CAUSES = {
    NEW_DATA: "new posts",
    WITHDRAWN: "withdrawn posts",
    RECODED: "reading and coding",
    DEFINITION: "the definition",
    METHOD: "another version of the program",
}
UNTESTED = {
    FEW_CHANGED: f"fewer than {LEAST_CHANGED} came, left or changed sides",
    FEW_THREADS: "those who came, left or changed sides stand in too few threads",
    NOT_COMPARABLE: "the share cannot be recounted from single votes in both reports",
}
WITHDRAWN_BY = {
    "deleted_by_author": ("post withdrawn by its author", "posts withdrawn by their authors"),
    "removed": ("post removed by moderators", "posts removed by moderators"),
    "purged": ("post taken out of the study", "posts taken out of the study"),
}
_GONE = ("post that cannot be seen any more", "posts that cannot be seen any more")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
NOTHING = "nothing changed"
LEAST_SHOWN = 0.005
"""Changes of a share that are smaller, and may be chance, are counted and not listed."""


def due_to(causes: Sequence[str]) -> str:
    """What something is due to, such as "new posts and reading and coding"; empty where that is not known."""
    return " and ".join(CAUSES[cause] for cause in causes)


def points(change: float) -> str:
    """The size of a change of a share in points, without a sign: "6.1 points"."""
    return f"{_tenths(abs(change))} point{'' if _tenths(abs(change)) == '1' else 's'}"


def _tenths(share: float) -> str:
    return f"{round(share * 100, 1):.1f}".removesuffix(".0")


def _signed(change: float) -> str:
    return f"{'-' if change < 0 else '+'}{_tenths(abs(change))}"


def withdrawn_words(counts: Mapping[str, int]) -> list[str]:
    """How many posts are gone, by what became of them."""
    merged: dict[tuple[str, str], int] = {}
    for state, number in counts.items():
        words = WITHDRAWN_BY.get(state, _GONE)
        merged[words] = merged.get(words, 0) + number
    return [counted_plainly(number, *words) for words, number in merged.items()]


def moved(claim: Entry) -> str:
    """How a verdict changed: "“…” moved from reported to most say so (new posts)"."""
    verdict = claim["verdict"]
    why = due_to(verdict["due_to"])
    return f"“{claim['statement']}” moved from {verdict['old_label']} to {verdict['new_label']}{f' ({why})' if why else ''}"


def changed_verdicts(diff: Entry) -> list[Entry]:
    """The claims whose verdict changed."""
    return [claim for claim in diff["claims"] if claim["verdict"]["changed"]]


def more_than_chance(diff: Entry) -> list[tuple[Entry, Entry]]:
    """The claims and figures whose share changed by more than chance."""
    return [
        (claim, figure)
        for claim in diff["claims"]
        for figure in claim["figures"]
        if figure.get("test") and figure["test"]["is_more_than_chance"]
    ]


def went(claim: Entry, figure: Entry) -> str:
    """How a share changed: "the share of “…” went from 61 % to 72 %"."""
    name = f"“{claim['statement']}”" if len(claim["figures"]) == 1 else f"{figure['name']} in “{claim['statement']}”"
    return f"the share of {name} went from {percent(figure['old'])} to {percent(figure['new'])}"


def paragraph(diff: Entry) -> str:
    """One paragraph for a changelog."""
    verdicts = [moved(claim) for claim in changed_verdicts(diff)]
    already = {claim["id"] for claim in changed_verdicts(diff)}
    shares = [
        f"{went(claim, figure)}, more than chance"
        for claim, figure in more_than_chance(diff)
        if claim["id"] not in already
    ]
    claims = [
        counted_plainly(len(diff[name]), *words)
        for name, words in (
            ("new_claims", ("new claim",)),
            ("removed_claims", ("claim no longer computed", "claims no longer computed")),
        )
        if diff[name]
    ]
    parts = [*verdicts, *shares, ", ".join([*claims, *_counts(diff["causes"] or {})])]
    return f"{since(diff)}: {'; '.join(part for part in parts if part) or NOTHING}."


def _counts(causes: Entry) -> Iterator[str]:
    """What came, went and was done, each with its number."""
    for name, words in (
        ("new_people", ("new person", "new people")),
        ("new_threads", ("new thread",)),
        ("new_posts", ("new post",)),
        ("edited_posts", ("text edited since", "texts edited since")),
    ):
        if causes.get(name):
            yield counted_plainly(causes[name], *words)
    yield from withdrawn_words(causes.get("withdrawn", {}))
    if causes.get("recoded"):
        yield counted_plainly(causes["recoded"], "coding of an earlier post", "codings of earlier posts")
    for name, other in (("codebook", "another codebook"), ("definition", "another findings.yaml")):
        if causes.get(name):
            yield other
    if causes.get("method"):
        yield f"version {causes['method'][1]} of the program in the place of {causes['method'][0]}"


def since(diff: Entry) -> str:
    """Since when: the month of the old report, its day in the same month, with the year if that is another one."""
    old, new = ((side["built_at"] or side["as_of"] or "")[:10] for side in (diff["old"], diff["new"]))
    if not old:
        return f"Since {diff['old']['name']}"
    month = _MONTHS[int(old[5:7]) - 1]
    if old[:4] != new[:4]:
        return f"Since {month} {old[:4]}"
    return f"Since {month}" if old[5:7] != new[5:7] else f"Since {int(old[8:10])} {month}"


def diff_lines(diff: Entry) -> Iterator[str]:
    """The whole difference for people: verdicts, shares, claims, evidence, and what could not be recomputed."""
    yield f"from {_side(diff['old'])}"
    yield f"to   {_side(diff['new'])}"
    if diff["same"]:
        yield "The two are the same, byte for byte."
        return
    if diff["causes"] is not None:
        yield f"between them: {', '.join(_counts(diff['causes'])) or 'nothing'}"
    yield from _block("Verdicts", (_verdict_line(claim, diff) for claim in changed_verdicts(diff)), "none changed")
    yield from _block("Shares", _share_lines(diff), "none changed")
    yield from _block("New claims", (f"{claim['id']}: {claim['label']}" for claim in diff["new_claims"]))
    yield from _block(
        "Claims no longer computed", (f"{claim['id']} was {claim['label']}" for claim in diff["removed_claims"])
    )
    yield from _block("Evidence", _evidence_lines(diff))
    yield from _block("To know", diff["notes"])


def _block(title: str, lines: Iterable[str], nothing: str = "") -> Iterator[str]:
    found = list(lines) or ([nothing] if nothing else [])
    if found:
        yield ""
        yield title
        yield from (f"  {line}" for line in found)


def _side(side: Entry) -> str:
    when = f", built on {day(side['built_at'])}" if side["built_at"] else ""
    data = f", data up to {day(side['as_of'])}" if side["as_of"] else ""
    size = (
        f": {counted_plainly(side['posts'], 'post')} by {counted_plainly(side['people'], 'person', 'people')} in "
        f"{counted_plainly(side['threads'], 'thread')}"
        if side["posts"] is not None
        else ""
    )
    return f"{side['name']}{when}{data}{size}"


def _verdict_line(claim: Entry, diff: Entry) -> str:
    verdict = claim["verdict"]
    why = due_to(verdict["due_to"])
    return f"{claim['id']}: {verdict['old_label']} -> {verdict['new_label']}{f' ({why})' if why else ''}{looks(claim, diff)}"


def looks(claim: Entry, diff: Entry) -> str:
    """When the verdict of a claim was first reached, of how many builds; empty where that is not known."""
    first, last = claim["first_reached"], diff["new"]["build"]
    if first is None:
        return ""
    return (
        f"; reached first in build {first} of {last}" if first != last else f"; reached first in this build, of {last}"
    )


def _share_lines(diff: Entry) -> Iterator[str]:
    small = 0
    for claim in diff["claims"]:
        for figure in claim["figures"]:
            name = claim["id"] if len(claim["figures"]) == 1 else f"{claim['id']}, {figure['name']}"
            if (figure["old"] is None) != (figure["new"] is None):
                yield f"{name}: {_came_or_went(figure)}"
            elif figure["change"]:
                if abs(figure["change"]) < LEAST_SHOWN and not (figure.get("test") or {}).get("is_more_than_chance"):
                    small += 1
                else:
                    yield f"{name}: {_change(figure)}{_tested(figure)}"
    if small:
        yield f"{counted_plainly(small, 'other share')} changed by less than {points(LEAST_SHOWN)}"


def _came_or_went(figure: Entry) -> str:
    return "no share any more" if figure["new"] is None else f"{percent(figure['new'])}, no share before"


def _change(figure: Entry) -> str:
    return f"{percent(figure['old'])} -> {percent(figure['new'])}, {_signed(figure['change'])} points{_steps(figure)}"


def _steps(figure: Entry) -> str:
    told = [f"{due_to(step['due_to'])} {_signed(step['change'])}" for step in figure["steps"] if step["due_to"]]
    return f" ({', '.join(told)})" if told else ""


def _tested(figure: Entry) -> str:
    test = figure.get("test")
    if test is None:
        return ""
    if test["why_not"] is not None:
        return f"; not tested: {UNTESTED[test['why_not']]}"
    on = "" if test["unit"] == "people" else f" by {test['unit']}"
    if test["is_more_than_chance"]:
        return f"; more than chance{on} (adjusted p {test['q']:.3f})"
    return f"; no more than chance{on}: only {points(test['visible_from'])} or more would show"


def _evidence_lines(diff: Entry) -> Iterator[str]:
    for claim in diff["claims"]:
        told = []
        for side, found in claim["evidence"].items():
            moves = [
                f"{len(found[way])} {word} ({_reasons(found[way])})"
                for way, word in (("new", "new"), ("gone", "gone"))
                if found[way]
            ]
            whole = [] if found["is_whole"] else ["not all posts are listed, so more may have changed"]
            told.append(f"{side}: {', '.join([*moves, *whole])}")
        if claim.get("new_disputing"):
            told.append(
                f"{counted_plainly(claim['new_disputing'], 'person newly disputes', 'people newly dispute')} it"
            )
        if told:
            yield f"{claim['id']}: {'; '.join(told)}"


def _reasons(found: Mapping[str, Sequence[str]]) -> str:
    return ", ".join(dict.fromkeys(due_to(causes) or "not known why" for causes in found.values()))
