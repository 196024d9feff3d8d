"""Words: each verdict has a label for tables and a sentence for prose, and nothing else may be said of a claim."""

from collections.abc import Mapping
from dataclasses import dataclass

from reports.findings_file import ANY_VERDICT
from reports.verdicts import Verdict

LABELS = {
    Verdict.NONE: "nothing found",
    Verdict.UNCHECKED: "not read yet",
    Verdict.THIN: "reported",
    Verdict.MEASURED: "measured",
    Verdict.CONSENSUS: "broad agreement",
    Verdict.DIVIDED: "divided by community",
    Verdict.MAJORITY: "most say so",
    Verdict.AGAINST: "broad disagreement",
    Verdict.MINORITY: "mostly rejected",
    Verdict.CONTESTED: "split",
    Verdict.INCONCLUSIVE: "open",
    Verdict.DEBATED: "debated",
    Verdict.NOT_ESTABLISHED: "not established",
}
# Without numbers: a study may declare other limits, which the methods name.
REASONS = {
    "few-people": "too few people",
    "few-threads": "too few threads",
    "few-effective-threads": "the people are bunched in too few threads",
    "one-thread-dominates": "one thread holds too many of the people",
    "few-positives": "fewer than 5 people were found",
}


@dataclass(frozen=True, slots=True)
class Slots:
    """What a sentence may be filled with.

    Attributes:
        statement: a that-clause, or the name of what is counted.
        support, dispute, people: voters for, against, and all who took a side (or are counted).
        threads, communities: where they stand.
        mentioning, mentioning_threads: people and threads that mention the theme at all.
        posts, posts_read: posts in scope, or that may be, and those of them that a person has read.
        hits, hits_read: posts that were found to mention it, and those of them that a person has read.
        largest: the largest community, with its voters for and all of them.
        rest: voters for, and all, outside it.
        is_within: whether too few people outside the largest community took a side to speak of more than it.
        differing: posts that people read and differ on.
        largest_thread: the people in the thread with most of them.
        one_thread: whether that thread holds more of them than it may.
        is_few: whether a thin claim lacks people or threads; else its people are bunched.
        is_single: whether a claim of presence counts one code, so that `support` of `people` is its figure.
        corrected: the shares for and against in words, where an audit corrects them; `people` were read then.
        audited: of how many authors the audit speaks, or how many of them take a side.
    """

    statement: str
    support: int
    dispute: int
    people: int
    threads: int
    communities: int
    mentioning: int
    mentioning_threads: int
    posts: int
    posts_read: int
    hits: int
    hits_read: int
    largest: tuple[str, int, int] | None = None
    rest: tuple[int, int] = (0, 0)
    is_within: bool = False
    differing: int = 0
    largest_thread: int = 0
    one_thread: bool = False
    is_few: bool = True
    is_single: bool = False
    corrected: tuple[str, str] | None = None
    audited: int = 0


def counted(number: int, singular: str, plural: str | None = None) -> str:
    """A number with its noun: "one person", "3 threads"."""
    noun = singular if number == 1 else plural or f"{singular}s"
    return f"{'one' if number == 1 else f'{number:,}'} {noun}"


def first_upper(text: str) -> str:
    """A text that begins a sentence."""
    return text[:1].upper() + text[1:]


def first_lower(text: str) -> str:
    """A text that goes on with a sentence."""
    return text[:1].lower() + text[1:]


def own_sentence(verdict: Verdict, say: Mapping[str, str], slots: Slots) -> str | None:
    """The sentence that the study gives for a verdict, with its slots filled; None where it gives none.

    What is not read yet is said in one way only.
    """
    text = say.get(verdict.value, say.get(ANY_VERDICT))
    if text is None or verdict is Verdict.UNCHECKED:
        return None
    filled = text.format(
        statement=slots.statement,
        k=slots.corrected[0] if slots.corrected else f"{slots.support:,}",
        n=f"{slots.audited or slots.people:,}",
        d=slots.corrected[1] if slots.corrected else f"{slots.dispute:,}",
        t=f"{slots.threads:,}",
        c=f"{slots.communities:,}",
    )
    return _placed(filled if filled.endswith((".", "!", "?")) else f"{filled}.", slots)


def stance_sentence(verdict: Verdict, slots: Slots) -> str:
    """The sentence of a claim about stance."""
    s = slots
    sentences = {
        Verdict.NONE: f"Nothing was found on whether {s.statement}{_unread_rest(s)}.",
        Verdict.UNCHECKED: _unread(s),
        Verdict.THIN: _thin(s),
        Verdict.CONSENSUS: f"People broadly agree that {s.statement}: {_sides(s)}, in {_where(s)}.",
        Verdict.DIVIDED: _divided(s),
        Verdict.MAJORITY: f"Most of those who took a side say that {s.statement} ({_part(s)}); {_disputers(s)}.",
        Verdict.AGAINST: f"People broadly reject that {s.statement}: {_against(s)} dispute it, in {_where(s)}.",
        Verdict.MINORITY: f"A minority of those who took a side say that {s.statement} ({_part(s)}); {_disputers(s)}.",
        Verdict.CONTESTED: f"People are split on whether {s.statement}: {_both_sides(s)}.",
        Verdict.INCONCLUSIVE: (
            f"It is open whether most would say that {s.statement}: {_both_sides(s)}, too few to settle it."
        ),
    }
    return sentences[verdict] if verdict in _WITHOUT_PLACE else _placed(sentences[verdict], s)


def _sides(s: Slots) -> str:
    if s.corrected is None:
        return f"{s.support:,} of the {s.people:,} who took a side"
    return f"an estimated {s.corrected[0]} of those who took a side"


def _against(s: Slots) -> str:
    if s.corrected is None:
        return f"{s.dispute:,} of the {s.people:,} who took a side"
    return f"an estimated {s.corrected[1]} of those who took a side"


def _part(s: Slots) -> str:
    return f"{s.support:,} of {s.people:,}" if s.corrected is None else f"an estimated {s.corrected[0]}"


def _both_sides(s: Slots) -> str:
    if s.corrected is None:
        mixed = s.people - s.support - s.dispute
        torn = f", {mixed:,} {'is' if mixed == 1 else 'are'} of two minds" if mixed > 0 else ""
        return (
            f"{s.support:,} {_say(s.support)} so, {s.dispute:,} {'disagrees' if s.dispute == 1 else 'disagree'}{torn}"
        )
    return f"an estimated {s.corrected[0]} of those who took a side say so, {s.corrected[1]} disagree"


_WITHOUT_PLACE = (Verdict.NONE, Verdict.UNCHECKED, Verdict.DIVIDED)


def presence_sentence(verdict: Verdict, slots: Slots) -> str:
    """The sentence of a claim about how many people mention something."""
    s = slots
    if verdict is Verdict.NONE:
        return f"Nothing was found on {s.statement}{_unread_rest(s)}."
    if verdict is Verdict.UNCHECKED:
        return _unread(s)
    read = " who were read" if s.audited else ""
    yes = f"{counted(s.support, 'person', 'people')} of {s.people:,}{read}"
    if verdict is Verdict.THIN and s.is_single:
        return f"{first_upper(s.statement)}: {yes}, in {counted(s.threads, 'thread')}, {_too_few(s)} to say how common it is."
    if verdict is Verdict.THIN:
        return (
            f"{first_upper(counted(s.people, 'person', 'people'))}{read} in {counted(s.threads, 'thread')} can be counted for "
            f"{s.statement}: {_too_few(s)} to say how common it is."
        )
    who = yes if s.is_single else f"counted for {counted(s.people, 'person', 'people')}{read}"
    if s.corrected is not None and s.is_single:
        who = f"an estimated {s.corrected[0]} of {counted(s.audited, 'person', 'people')}"
    return f"{first_upper(s.statement)}: {who} in {_where(s)}."


def _unread(s: Slots) -> str:
    verb = "mentions" if s.mentioning == 1 else "mention"
    others = (
        f", but only {s.posts_read:,} of all {s.posts:,}" if s.hits_read == s.hits and s.posts_read < s.posts else ""
    )
    return (
        f"{first_upper(counted(s.mentioning, 'person', 'people'))} in {counted(s.mentioning_threads, 'thread')} {verb} this; "
        f"{_how_many_read(s.hits_read, s.hits, ' found for it')}{others}{_differing(s)}."
    )


def _unread_rest(s: Slots) -> str:
    """What keeps "nothing was found" from meaning that there is nothing."""
    return "" if s.posts_read == s.posts else f"; {_how_many_read(s.posts_read, s.posts)}"


def _how_many_read(read: int, posts: int, which: str = "") -> str:
    if posts == 1:
        return f"the one post{which} has {'been' if read else 'not been'} read"
    if read == 0:
        return f"none of the {posts:,} posts{which} has been read"
    if read == posts:
        return f"all {posts:,} posts{which} have been read"
    return f"{read:,} of the {posts:,} posts{which} {'has' if read == 1 else 'have'} been read"


def _differing(s: Slots) -> str:
    if not s.differing:
        return ""
    return f"; on {counted(s.differing, 'post', 'posts')} the people who read {'it' if s.differing == 1 else 'them'} differ"


def _thin(s: Slots) -> str:
    if s.people == 0:
        return (
            f"{first_upper(counted(s.mentioning, 'person', 'people'))} {'brings' if s.mentioning == 1 else 'bring'} up whether "
            f"{s.statement}, and nobody took a side."
        )
    if s.support == s.dispute == 0:
        return (
            f"{first_upper(counted(s.people, 'person is', 'people are'))} of two minds whether {s.statement}: "
            f"{_too_few(s)} to say more."
        )
    if s.support == 0:
        return (
            f"Nobody reports that {s.statement}; {counted(s.dispute, 'person', 'people')} "
            f"{'disputes' if s.dispute == 1 else 'dispute'} it: {_too_few(s)} to say more."
        )
    who = "One person reports" if s.support == 1 else "Some people report"
    against = f", {s.dispute:,} against" if s.dispute else ""
    bunched = f", {s.largest_thread:,} of the {s.people:,} in one of them" if s.one_thread and s.threads > 1 else ""
    return (
        f"{who} that {s.statement} ({counted(s.support, 'person', 'people')}{against}, in "
        f"{counted(s.threads, 'thread')}{bunched}): {_too_few(s)} to say how common it is."
    )


def _too_few(s: Slots) -> str:
    return "too few" if s.is_few else "too bunched in a few threads"


def _divided(s: Slots) -> str:
    name, support, people = s.largest or ("the largest community", 0, 0)
    return (
        f"Communities are divided on whether {s.statement}: {'of those read, ' if s.audited else ''}{support:,} of "
        f"{people:,} say so in {name}, {s.rest[0]:,} of {s.rest[1]:,} elsewhere."
    )


def _disputers(s: Slots) -> str:
    if s.corrected is not None:
        return f"an estimated {s.corrected[1]} dispute it"
    if s.dispute == 0:
        return "nobody disputes it"
    return f"{s.dispute:,} {'disputes' if s.dispute == 1 else 'dispute'} it"


def _where(s: Slots) -> str:
    communities = counted(s.communities, "community", "communities")
    return f"{counted(s.threads, 'thread')} and {communities}" if s.communities else counted(s.threads, "thread")


def _say(number: int) -> str:
    return "says" if number == 1 else "say"


def _placed(sentence: str, s: Slots) -> str:
    """Limit a sentence to the largest community where hardly anybody outside it took a side."""
    if not s.is_within or s.largest is None:
        return sentence
    community, _, people = s.largest
    if people == s.people:
        return f"Within {community}, {first_lower(sentence)}"
    return f"{sentence[:-1]}; {people:,} of the {s.people:,} who took a side wrote within {community}."
