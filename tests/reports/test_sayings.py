"""What may stand in a sentence of the study's own."""

import pytest

from reports.sayings import saying_problems
from reports.verdicts import Verdict


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("consensus", "There is broad agreement that {statement}: {k} of {n}, in {t} threads and {c} communities."),
        ("majority", "Most of those who spoke up say that {statement} ({k} of {n}, {d} against)."),
        ("minority", "{statement}? Most would not say so."),
        ("any", "On {statement}: {k} say so, {d} do not."),
        ("thin", "Some people report that {statement}."),
        ("debated", "It is contested and debated whether {statement}."),
    ],
)
def test_a_saying_may_reword_around_the_slots(key: str, text: str) -> None:
    assert list(saying_problems(key, text)) == []


@pytest.mark.parametrize(
    ("key", "text", "message", "hint"),
    [
        ("any", "{statement}: 3 of 4.", 'holds a number, "3"', "numbers come from the data"),
        ("any", "Half of them hold that {statement}.", 'holds a number, "Half"', "numbers come from the data"),
        ("any", "{statement}, per cent by per cent.", 'holds a number, "per cent"', "numbers come from the data"),
        ("any", "Plainly so.", "does not say what it is about", "put {statement}"),
        ("any", "{statement} by {name}.", 'has no slot "{name}"', "the slots are {statement}, {k}"),
        ("any", "{statement} by {}.", 'has no slot "{}"', "the slots are {statement}, {k}"),
        ("any", "{statement:>9}.", "formats a slot", "the slots are {statement}, {k}"),
        ("any", "{statement!r}.", "formats a slot", "the slots are {statement}, {k}"),
        ("any", "{statement", "has a brace that belongs to no slot", "the slots are {statement}, {k}"),
        ("thin", "People broadly agree that {statement}.", "of the verdict consensus", "write it under `consensus:`"),
        ("contested", "Most say that {statement}.", "of the verdict majority", "write it under `majority:`"),
        ("any", "People are split on whether {statement}.", "of the verdict contested", "{contested: …}"),
        ("any", "It is usually said that {statement}.", "of the verdict majority", "{majority: …}"),
    ],
)
def test_a_number_an_unknown_slot_or_the_words_of_another_verdict_are_refused(
    key: str, text: str, message: str, hint: str
) -> None:
    [(found, remedy)] = saying_problems(key, text)

    assert message in found
    assert hint in remedy


@pytest.mark.parametrize("verdict", [verdict for verdict in Verdict if verdict is not Verdict.MEASURED])
def test_every_verdict_has_words_that_no_other_may_use(verdict: Verdict) -> None:
    from reports.sayings import _WORDS  # noqa: PLC0415 - the list itself is what is looked at

    word = _WORDS[verdict][0]

    assert any("words of the verdict" in message for message, _ in saying_problems("any", f"{word} {{statement}}"))
