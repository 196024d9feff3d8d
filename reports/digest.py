"""The digest: one page that says what changed since the last one, what to look at, and what could not have been seen.

Pure: the same changes give the same bytes; nothing of the clock stands in it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports.change_words import changed_verdicts, due_to, looks, more_than_chance, points, went, withdrawn_words
from reports.diff import WITHDRAWN
from reports.markdown import escape_markdown, web_link
from reports.pairing import LEAST_CHANGED
from reports.phrases import claims_of, counted_plainly, day
from reports.words import counted, first_lower, first_upper

Entry = Mapping[str, Any]

INTERNAL = "For the people of this study only, not for publication"
MOST_THREADS = 8
"""How many threads are named as worth opening: those with most posts that mention a code."""
MOST_INCOMPLETE = 5


@dataclass(frozen=True, slots=True)
class NewThread:
    """A thread of which nothing was stored before.

    Attributes:
        address: names it.
        link: where a browser finds it.
        posts: how many of its posts are stored.
        codes: how many of them mention each code, by the code's name.
    """

    address: str
    link: str | None
    community: str
    posts: int
    codes: Mapping[str, int]

    @property
    def mentions(self) -> int:
        """How many mentions of codes it holds."""
        return sum(self.codes.values())


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a digest says beside the changes of claims.

    Attributes:
        title: that of the study.
        threads: those that came since.
        problems: what failed now and had not failed before, a line each.
        still: what fails as it did before.
        incomplete: threads not known to be complete, by address, with how many of their posts are stored and announced.
        way: what to read next, with decisions and minutes.
        sensitive: whether threads are named by community only.
    """

    title: str
    threads: Sequence[NewThread] = ()
    problems: Sequence[str] = ()
    still: Sequence[str] = ()
    incomplete: Sequence[tuple[str, int | None, int | None]] = ()
    way: Sequence[str] = ()
    sensitive: bool = False

    @property
    def worth(self) -> list[NewThread]:
        """The new threads that mention a code, those with most mentions first."""
        return sorted((one for one in self.threads if one.mentions), key=lambda one: (-one.mentions, one.address))


def has_news(diff: Entry, around: Surroundings) -> bool:
    """Whether anything stands in a digest that its readers do not know yet."""
    return bool(
        changed_verdicts(diff)
        or more_than_chance(diff)
        or any(claim.get("new_disputing") for claim in diff["claims"])
        or diff["new_claims"]
        or diff["removed_claims"]
        or _lost_evidence(diff)
        or around.worth
        or around.problems
    )


def first_digest(report: Entry, around: Surroundings) -> str:
    """The page of the first time: how the claims stand, since there is nothing to compare with."""
    blocks = [
        *_head(around),
        "This is the first digest: the next one says what changed since.",
        "## Where the claims stand",
        "\n".join(f"- {_claim(claim)}: {claim['label']}" for claim in claims_of(report)) or "No claim is computed yet.",
        *_gaps(around),
        *_way(around),
    ]
    return "\n\n".join(blocks) + "\n"


def digest(diff: Entry, report: Entry, around: Surroundings) -> str:
    """The page of what changed.

    Args:
        diff: what changed since the last digest.
        report: the report as it is now.
        around: what else there is to say.
    """
    blocks = [
        *_head(around),
        _compared(diff),
        *_verdicts(diff),
        *_shares(diff),
        *_unseen(diff, report),
        *_disputing(diff),
        *_threads(around),
        *_withdrawn(diff),
        *_gaps(around),
        *_way(around),
    ]
    return "\n\n".join(blocks) + "\n"


def _head(around: Surroundings) -> list[str]:
    why = "." if around.sensitive else ": it links to single threads."
    return [f"# {escape_markdown(around.title)}: what changed", f"{INTERNAL}{why}"]


def _claim(claim: Entry) -> str:
    return f"“{escape_markdown(claim['statement'])}” (`{claim['id']}`)"


def _compared(diff: Entry) -> str:
    """The two states of the data, by what they hold."""
    old, new = diff["old"], diff["new"]
    size = (
        f"{counted_plainly(new['posts'], 'post')} by {counted_plainly(new['people'], 'person', 'people')} in "
        f"{counted_plainly(new['threads'], 'thread')}"
    )
    until = f", up to {day(new['as_of'])}" if new["as_of"] else ""
    return f"Data: {size}{until} ({_before(old, new)}). {_came(diff['causes'] or {})}"


def _before(old: Entry, new: Entry) -> str:
    if old["as_of"] == new["as_of"]:
        return "as last time"
    return f"last time up to {day(old['as_of'])}" if old["as_of"] else "nothing last time"


def _came(counts: Entry) -> str:
    told = [
        counted_plainly(counts[name], *words)
        for name, words in (
            ("new_posts", ("new post",)),
            ("new_people", ("new person", "new people")),
            ("new_threads", ("new thread",)),
            ("edited_posts", ("text edited since", "texts edited since")),
            ("recoded", ("coding of an earlier post", "codings of earlier posts")),
        )
        if counts.get(name)
    ]
    return f"{first_upper(', '.join(told))}." if told else "No new post and no new coding."


def _verdicts(diff: Entry) -> Iterator[str]:
    lines = [_verdict(claim, diff) for claim in changed_verdicts(diff)]
    lines += [f"- {_claim(claim)} is new: {claim['label']}" for claim in diff["new_claims"]]
    lines += [f"- {_claim(claim)} is no longer computed; it was: {claim['label']}" for claim in diff["removed_claims"]]
    if lines:
        yield "## Changed verdicts"
        yield "\n".join(lines)


def _verdict(claim: Entry, diff: Entry) -> str:
    verdict = claim["verdict"]
    why = due_to(verdict["due_to"])
    because = f", by {why}" if why else ""
    return f"- {_claim(claim)}: {verdict['old_label']} → **{verdict['new_label']}**{because}{looks(claim, diff)}"


def _shares(diff: Entry) -> Iterator[str]:
    found = more_than_chance(diff)
    if found:
        yield "## Shares that changed by more than chance"
        yield "\n".join(
            f"- {escape_markdown(first_upper(went(claim, figure)))}: {points(figure['change'])} (`{claim['id']}`)"
            for claim, figure in found
        )


def _unseen(diff: Entry, report: Entry) -> Iterator[str]:
    """What size of change would have shown, where no verdict and no share changed."""
    if changed_verdicts(diff) or more_than_chance(diff):
        return
    yield "## No verdict changed, and no share by more than chance"
    yield visible(diff, report)


def visible(diff: Entry, report: Entry) -> str:
    """What size of change would have shown, in headline claims if there are any.

    Where changes of shares were tested: the sizes from which on a change, alone among all that were tested, would be told
    from chance. Else, since so few came, left or changed sides that nothing was tested: how far the intervals reach.
    """
    headlines = frozenset(claim["id"] for claim in claims_of(report) if claim["headline"])
    tested = [
        (figure["test"]["visible_from"], claim)
        for claim in diff["claims"]
        for figure in claim["figures"]
        if figure.get("test") and figure["test"]["visible_from"] is not None
    ]
    if tested:
        return _range(tested, headlines)
    why = f"In no share did {LEAST_CHANGED} come, leave or change sides, so none was tested"
    reaches = [
        (max(share["estimate"] - share["lower"], share["upper"] - share["estimate"]), claim)
        for claim in claims_of(report)
        for figure in claim.get("figures", ())
        if (share := figure.get("share")) and share["has_interval"]
    ]
    if not reaches:
        return f"{why}; no share has an interval yet."
    return f"{why}. By the intervals of the shares: {first_lower(_range(reaches, headlines))}"


def _range(sizes: Sequence[tuple[float, Entry]], headlines: frozenset[str]) -> str:
    """The smallest of these sizes with its claim, and what the others take."""
    chosen = [one for one in sizes if one[1]["id"] in headlines]
    which = "a headline claim" if chosen else "a claim"
    chosen = chosen or list(sizes)
    size, claim = min(chosen, key=lambda one: (one[0], one[1]["id"]))
    largest = points(max(one[0] for one in chosen))
    more = f"; others take up to {largest}" if largest != points(size) else ""
    return f"Only a change of {points(size)} or more would have shown in {which} ({_claim(claim)}){more}."


def _disputing(diff: Entry) -> Iterator[str]:
    lines = [
        f"- {_claim(claim)}: {counted_plainly(claim['new_disputing'], 'person newly disputes it', 'people newly dispute it')}"
        f" (`groundswell evidence show {claim['id']}`)"
        for claim in diff["claims"]
        if claim.get("new_disputing")
    ]
    if lines:
        yield "## New disputing voices"
        yield "\n".join(lines)


def _threads(around: Surroundings) -> Iterator[str]:
    """New threads that mention a code: by link, or in a sensitive study by community."""
    worth = around.worth
    if not worth:
        return
    yield "## Threads worth opening"
    if around.sensitive:
        yield "\n".join(_by_community(worth))
        return
    yield "\n".join(_thread(thread) for thread in worth[:MOST_THREADS])
    hidden, silent = max(0, len(worth) - MOST_THREADS), len(around.threads) - len(worth)
    rest = [
        counted_plainly(hidden, "more new thread mentions a code", "more new threads mention a code") if hidden else "",
        counted_plainly(silent, "new thread mentions none", "new threads mention none") if silent else "",
    ]
    if any(rest):
        yield f"{'; '.join(part for part in rest if part)}."


def _thread(thread: NewThread) -> str:
    codes = ", ".join(f"{escape_markdown(name)} {number}" for name, number in _by_number(thread.codes))
    where = web_link(thread.link) or escape_markdown(thread.address)
    return f"- {where} ({escape_markdown(thread.community)}, {counted_plainly(thread.posts, 'post')}): {codes}"


def _by_number(codes: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(codes.items(), key=lambda one: (-one[1], one[0]))


def _by_community(threads: Sequence[NewThread]) -> list[str]:
    names = sorted({thread.community for thread in threads})
    counts = {name: sum(thread.community == name for thread in threads) for name in names}
    return [f"- {escape_markdown(name)}: {counted_plainly(number, 'new thread')}" for name, number in counts.items()]


def _withdrawn(diff: Entry) -> Iterator[str]:
    counts = (diff["causes"] or {}).get("withdrawn", {})
    if counts:
        yield "## Withdrawn"
        lines = [f"- {words}" for words in withdrawn_words(counts)]
        lines += [
            f"- {counted_plainly(number, 'post')} of the evidence of `{claim}`"
            for claim, number in _lost_evidence(diff).items()
        ]
        yield "\n".join(lines)


def _lost_evidence(diff: Entry) -> dict[str, int]:
    """How many posts of the evidence of each claim were withdrawn."""
    lost = {
        claim["id"]: sum(WITHDRAWN in why for side in claim["evidence"].values() for why in side["gone"].values())
        for claim in diff["claims"]
    }
    return {claim: number for claim, number in lost.items() if number}


def _gaps(around: Surroundings) -> Iterator[str]:
    lines = [f"- {escape_markdown(problem)}" for problem in around.problems]
    lines += [f"- {escape_markdown(problem)} (as before)" for problem in around.still]
    if around.incomplete:
        number = len(around.incomplete)
        lines.append(
            f"- {counted(number, 'thread is', 'threads are')} not known to be complete (`groundswell collect gaps`)"
        )
        if not around.sensitive:
            lines += [f"  - {_incomplete(*one)}" for one in around.incomplete[:MOST_INCOMPLETE]]
    if lines:
        yield "## Gaps of collection"
        yield "\n".join(lines)


def _incomplete(address: str, stored: int | None, declared: int | None) -> str:
    known = "of an unknown number" if declared is None else f"of {declared:,}"
    return f"{web_link(address) or escape_markdown(address)}: {stored or 0:,} {known}"


def _way(around: Surroundings) -> Iterator[str]:
    if around.way:
        yield "## What to read next"
        yield "\n".join(f"- {line.strip()}" if not line.startswith(" ") else f"  {line.strip()}" for line in around.way)
