"""Sayings: sentences of a study's own for what a claim comes to, and what may not stand in them.

A saying may reword around the slots. It may hold no number, since numbers come from the data, and no words that belong to
another verdict, since the verdict comes from the rule.
"""

import re
from collections.abc import Iterator
from string import Formatter

from reports.findings_file import ANY_VERDICT
from reports.frequency import frequency_words
from reports.verdicts import Verdict

SLOTS = ("statement", "k", "n", "d", "t", "c")
_WORDS = {
    Verdict.CONSENSUS: ("broadly agree", "broad agreement", "consensus", "widely held", "nearly all"),
    Verdict.MAJORITY: ("majority", "most"),
    Verdict.DIVIDED: ("divided",),
    Verdict.CONTESTED: ("split", "contested"),
    Verdict.MINORITY: ("minority", "mostly rejected", "few of"),
    Verdict.AGAINST: ("broadly reject", "broad disagreement", "reject", "widely disputed"),
    Verdict.INCONCLUSIVE: ("open whether", "is open", "undecided"),
    Verdict.THIN: ("some people report", "reported", "too few to say"),
    Verdict.UNCHECKED: ("not read", "has been read", "have been read"),
    Verdict.NONE: ("nothing was found", "nothing found"),
    Verdict.MEASURED: (),
    Verdict.DEBATED: ("debated",),
    Verdict.NOT_ESTABLISHED: ("not established",),
}
# Words that several verdicts may use of themselves.
_SHARED = {
    Verdict.MINORITY: (Verdict.MAJORITY,),
    Verdict.INCONCLUSIVE: (Verdict.MAJORITY,),
    Verdict.DEBATED: (Verdict.CONTESTED,),
}
_NUMBERS = (
    "two three four five six seven eight nine ten eleven twelve dozen dozens twenty thirty forty fifty sixty seventy eighty "
    "ninety hundred hundreds thousand thousands half third thirds quarter quarters percent per\\s+cent double twice"
)
_NUMBER = re.compile(rf"\d[\d.,]*|%|\b(?:{'|'.join(_NUMBERS.split(' '))})\b", re.IGNORECASE)


def saying_problems(key: str, text: str) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a saying, and the remedy.

    Args:
        key: the verdict that it is for, or `any`.
        text: the saying.
    """
    slots_hint = "the slots are " + ", ".join(f"{{{slot}}}" for slot in SLOTS)
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        yield "has a brace that belongs to no slot", slots_hint
        return
    names = [name for _, name, _, _ in parts if name is not None]
    unknown = [name for name in names if name not in SLOTS]
    if unknown or any(form or conversion for _, _, form, conversion in parts):
        yield (f'has no slot "{{{unknown[0]}}}"' if unknown else "formats a slot"), slots_hint
        return
    if "statement" not in names:
        yield "does not say what it is about", "put {statement} where the statement belongs"
    plain = "".join(literal for literal, _, _, _ in parts)
    if number := _NUMBER.search(plain):
        yield f'holds a number, "{number.group()}"', f"numbers come from the data: {slots_hint}"
    for verdict, word in _words_of_others(key, plain):
        where = f"write it under `{verdict}:`" if key != ANY_VERDICT else f"write `say: {{{verdict}: …}}`"
        yield f'says "{word}", which are words of the verdict {verdict}', where


def _words_of_others(key: str, text: str) -> Iterator[tuple[str, str]]:
    own = {key, *(verdict.value for verdict in _SHARED.get(_verdict(key), ()))}
    for verdict, words in _WORDS.items():
        found = next((word for word in words if re.search(rf"\b{word}\b", text, re.IGNORECASE)), None)
        if found is not None and verdict.value not in own:
            yield verdict.value, found
            return
    if Verdict.MAJORITY.value not in own and (frequent := frequency_words(text)):
        yield Verdict.MAJORITY.value, frequent[0].word


def _verdict(key: str) -> Verdict:
    return Verdict(key) if key != ANY_VERDICT else Verdict.MEASURED
