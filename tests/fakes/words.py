"""Invented names and sentences, the same for the same generator of numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

_FIRST = ("quiet", "amber", "north", "paper", "slow", "plain", "seventh", "tidy", "hollow", "brisk")
_SECOND = ("lantern", "harbour", "kettle", "meadow", "compass", "thimble", "orchard", "ferry", "gravel", "loom")

_OPENINGS = ("In my team", "At my last place", "Honestly", "For a year now", "On small projects", "After the rewrite")
_SUBJECTS = ("the retrieval layer", "our evaluation set", "the prompt library", "the nightly batch", "the cost report")
_VERDICTS = (
    "does most of the work",
    "breaks every other week",
    "is owned by nobody",
    "took longer than the model",
    "was the part we were hired for",
    "is simpler than people say",
)
_ENDINGS = ("and we live with it.", "so we wrote it twice.", "but it pays.", "and I would do it again.", "I think.")

# What makes a reader stumble: quotes, markup, entities, code, links, mentions, other scripts.
_ODDITIES = (
    "> does most of the work\n\nNot for us.",
    "R&D said x < y && y > z, so AT&T-style *billing* it is.",
    "A literal &amp; typed by hand stays as typed.",
    "```\nif cost > budget:\n    return None\n```",
    "See https://example.org/notes?a=1&b=2 for the table.",
    "As u/quiet_lantern_7 wrote above, and /u/paper_ferry_3 too.",
    "Family emoji: \U0001f469\u200d\U0001f4bb and a flag \U0001f1eb\U0001f1f4.",
    "\u05e9\u05dc\u05d5\u05dd, mixed with left-to-right text.",
    "na\u00efve cafe\u0301 in two normal forms: caf\u00e9.",
    "Non\u00a0breaking space and \u65e5\u672c\u8a9e.",
)


def invent_author(numbers: Random) -> str:
    """One of some nine hundred account names."""
    return f"{numbers.choice(_FIRST)}_{numbers.choice(_SECOND)}_{numbers.randrange(1, 10)}"


def invent_sentence(numbers: Random) -> str:
    """One sentence about work nobody did."""
    parts = (_OPENINGS, _SUBJECTS, _VERDICTS, _ENDINGS)
    return " ".join(numbers.choice(part) for part in parts)


def invent_text(numbers: Random) -> str:
    """A few sentences; one text in four holds something that is easily mangled."""
    sentences = [invent_sentence(numbers) for _ in range(numbers.randrange(1, 4))]
    if numbers.randrange(4) == 0:
        sentences.append(numbers.choice(_ODDITIES))
    return "\n\n".join(sentences)


def invent_title(numbers: Random) -> str:
    """A question for a thread to discuss."""
    return f"Is it just us, or {numbers.choice(_SUBJECTS)} {numbers.choice(_VERDICTS)}?"
