"""Words for the kinds of claims that are more than one figure: pairs, examples, comparisons, takeaways, and for trends."""

from collections.abc import Sequence
from dataclasses import dataclass

from reports.verdicts import Verdict
from reports.words import LABELS, counted, first_upper

_MINUS = "\N{MINUS SIGN}"
NOT_READ = "has not been read yet"


@dataclass(frozen=True, slots=True)
class PairSlots:
    """What the sentence of a pair may be filled with.

    Attributes:
        belief: assumed or expected.
        before, got: what is assumed or expected, and what is reported.
        has_against: whether those are counted who report what was assumed.
        only_got, only_before, both: people who report the one, the other, both.
        people: all who are counted.
        mentioning: people who mention either at all.
        ahead: got or before where one is clearly ahead; None where that cannot be told.
    """

    belief: str
    before: str
    got: str
    has_against: bool
    only_got: int
    only_before: int
    both: int
    people: int
    mentioning: int
    ahead: str | None = None


def pair_sentence(verdict: Verdict, slots: PairSlots) -> str:
    """What became of an assumption."""
    s = slots
    was = f"“{s.before}” was {s.belief}"
    if verdict is Verdict.NONE:
        return f"Nothing was found on “{s.got}” where {was}."
    if verdict is Verdict.UNCHECKED:
        mention = counted(s.mentioning, "person mentions", "people mention")
        return f"Whether people report “{s.got}” where {was} {NOT_READ}; {mention} either."
    got = s.only_got + s.both
    report = _report(got)
    against = f"; {_against(s)}" if s.has_against else ""
    if verdict is Verdict.THIN:
        return f"Where {was}, {report} “{s.got}”{against}: too few to say how common it is."
    head = f"Where {was}, {report} “{s.got}”, of {counted(s.people, 'person', 'people')}{against}"
    return f"{head}{_order_of_pair(s)}."


def _against(s: PairSlots) -> str:
    as_assumed = s.only_before + s.both
    both = f", {s.both:,} of them both" if s.both else ""
    return f"{_report(as_assumed)} what was {s.belief}{both}"


def _report(number: int) -> str:
    return counted(number, "person reports", "people report") if number else "nobody reports"


def _order_of_pair(s: PairSlots) -> str:
    if not s.has_against:
        return ""
    if s.ahead is None:
        return ": accounts differ, and which is the more common cannot be told"
    return ": the first is clearly the more common" if s.ahead == "got" else ": the second is clearly the more common"


def examples_sentence(
    verdict: Verdict, label: str, shown: Sequence[tuple[str, int]], *, more: int, single: int, least: int, people: int
) -> str:
    """What examples people give.

    Args:
        verdict: of the claim.
        label: what they are examples of.
        shown: names with how many people show them.
        more: how many others as many people show, which are left out for brevity.
        single: how many examples stand in fewer accounts than an example needs.
        least: how many accounts that is.
        people: all who are counted.
    """
    if verdict is Verdict.NONE:
        return f"Nothing was found on {label}."
    apart = f"; {counted(single, 'other was', 'others were')} met in fewer and {_are(single)} not counted as a pattern"
    accounts = f"the accounts of {counted(least, 'person', 'people')} or more"
    names = ", ".join(f"{name} ({number:,})" for name, number in shown) or "none"
    names = f"{names} and {counted(more, 'other', 'others')}" if more else names
    so_far = " so far" if verdict is Verdict.UNCHECKED else ""
    thin = (
        f", of {counted(people, 'person', 'people')}, too few to say how common they are"
        if verdict is Verdict.THIN
        else ""
    )
    return f"{first_upper(label)}, seen{so_far} in {accounts}{thin}: {names}{apart if single else ''}."


def comparison_sentence(
    label: str, first: tuple[str, int], second: tuple[str, int], people: int, ahead: str | None
) -> str:
    """Which of two codes more people show.

    Args:
        label: what the comparison is about.
        first: the name of one code, with how many people show it.
        second: that of the other.
        people: all who are counted.
        ahead: the name of the code that is clearly ahead, or None.
    """
    (one, of_one), (other, of_other) = first, second
    which = f"“{ahead}” is clearly ahead" if ahead is not None else "which is ahead cannot be told"
    return (
        f"{first_upper(label)}: of {counted(people, 'person', 'people')}, {of_one:,} {_bring(of_one)} up “{one}”, "
        f"{of_other:,} “{other}”; {which}."
    )


def takeaway_sentence(verdict: Verdict, statement: str, rests_on: Sequence[Verdict]) -> str:
    """What several claims come to."""
    number = len(rests_on)
    them = "the claim behind this" if number == 1 else f"each of the {number:,} claims behind this"
    if verdict is Verdict.CONSENSUS:
        return f"People broadly agree with {them}: {statement}."
    if verdict is Verdict.MAJORITY:
        return f"Most of those who took a side agree with {them}: {statement}."
    order = [found for found in Verdict if found in rests_on]
    labels = ", ".join(f"{rests_on.count(found):,} {LABELS[found]}" for found in order)
    below = f"of {counted(number, 'claim', 'claims')} behind it: {labels}"
    if verdict is Verdict.DEBATED:
        return f"It is debated whether {statement} ({below})."
    return f"It is not established that {statement} ({below})."


def trend_sentence(
    periods: tuple[str, str], shares: tuple[str, str], points: tuple[int, int, int], *, is_certain: bool
) -> str:
    """How a share moved.

    Args:
        periods: the first and the last that were compared.
        shares: in words.
        points: the difference and its limits, in percentage points.
        is_certain: whether it is more than chance, after adjusting for all trends.
    """
    (first, last), (before, after), (moved, lower, upper) = periods, shares, points
    limits = f"95 % interval {_signed(lower)} to {_signed(upper)} points"
    if not is_certain:
        return f"No change can be told between {first} ({before}) and {last} ({after}); {limits}."
    verb = "rose" if moved > 0 else "fell"
    return f"The share {verb} from {before} in {first} to {after} in {last}; {limits}."


def _signed(points: int) -> str:
    return f"{_MINUS}{-points}" if points < 0 else f"{points}"


def _bring(number: int) -> str:
    return "brings" if number == 1 else "bring"


def _are(number: int) -> str:
    return "is" if number == 1 else "are"
