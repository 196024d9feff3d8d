"""The sentences of pairs, examples, comparisons, takeaways and trends."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.kind_words import (
    PairSlots,
    comparison_sentence,
    examples_sentence,
    pair_sentence,
    takeaway_sentence,
    trend_sentence,
)
from reports.verdicts import Verdict

PAIR = PairSlots("assumed", "kneading all day", "a machine that kneads", True, 12, 3, 2, 60, 20)


def pair(verdict: Verdict, **changes: object) -> str:
    return pair_sentence(verdict, replace(PAIR, **changes))  # type: ignore[arg-type]  # the test gives the right types


def test_a_pair_says_how_many_report_either() -> None:
    assert pair(Verdict.MEASURED) == (
        "Where “kneading all day” was assumed, 14 people report “a machine that kneads”, of 60 people; 5 people report "
        "what was assumed, 2 of them both: accounts differ, and which is the more common cannot be told."
    )


@pytest.mark.parametrize(
    ("ahead", "end"),
    [("got", "the first is clearly the more common."), ("before", "the second is clearly the more common.")],
)
def test_a_pair_says_which_is_the_more_common_where_that_is_known(ahead: str, end: str) -> None:
    assert pair(Verdict.MEASURED, ahead=ahead).endswith(end)


def test_a_pair_without_the_code_of_the_assumption_counts_only_the_report() -> None:
    assert pair(Verdict.MEASURED, has_against=False, both=0, only_got=1, belief="expected") == (
        "Where “kneading all day” was expected, one person reports “a machine that kneads”, of 60 people."
    )


def test_a_thin_pair_is_too_few_to_say_how_common_it_is() -> None:
    assert pair(Verdict.THIN, both=0, only_before=1) == (
        "Where “kneading all day” was assumed, 12 people report “a machine that kneads”; one person reports what was "
        "assumed: too few to say how common it is."
    )


def test_a_pair_that_is_unread_or_of_which_nothing_was_found_says_so() -> None:
    assert pair(Verdict.UNCHECKED, mentioning=1) == (
        "Whether people report “a machine that kneads” where “kneading all day” was assumed has not been read yet; one "
        "person mentions either."
    )
    assert pair(Verdict.NONE) == "Nothing was found on “a machine that kneads” where “kneading all day” was assumed."


def examples(verdict: Verdict, *shown: tuple[str, int], single: int = 0, more: int = 0, people: int = 40) -> str:
    return examples_sentence(verdict, "what people bake", shown, more=more, single=single, least=2, people=people)


def test_examples_that_are_left_out_for_brevity_are_counted() -> None:
    assert examples(Verdict.MEASURED, ("rye bread", 7), more=2) == (
        "What people bake, seen in the accounts of 2 people or more: rye bread (7) and 2 others."
    )


def test_examples_are_named_with_how_many_people_show_them() -> None:
    assert examples(Verdict.MEASURED, ("rye bread", 7), ("buns", 2), single=1) == (
        "What people bake, seen in the accounts of 2 people or more: rye bread (7), buns (2); one other was met in fewer "
        "and is not counted as a pattern."
    )
    assert examples(Verdict.MEASURED, single=2) == (
        "What people bake, seen in the accounts of 2 people or more: none; 2 others were met in fewer and are not counted "
        "as a pattern."
    )


def test_examples_of_few_people_say_that_they_are_few() -> None:
    assert examples(Verdict.THIN, ("buns", 2), people=1) == (
        "What people bake, seen in the accounts of 2 people or more, of one person, too few to say how common they are: "
        "buns (2)."
    )
    assert examples(Verdict.NONE) == "Nothing was found on what people bake."


def test_a_comparison_names_the_code_that_is_ahead_or_that_none_is() -> None:
    ahead, level = (
        comparison_sentence("rye and wheat", ("rye", 20), ("wheat", 1), 60, leader) for leader in ("rye", None)
    )

    assert ahead == "Rye and wheat: of 60 people, 20 bring up “rye”, 1 “wheat”; “rye” is clearly ahead."
    assert level.endswith("; which is ahead cannot be told.")


@pytest.mark.parametrize(
    ("verdict", "below", "sentence"),
    [
        (Verdict.CONSENSUS, 2, "People broadly agree with each of the 2 claims behind this: bread is dear."),
        (Verdict.MAJORITY, 1, "Most of those who took a side agree with the claim behind this: bread is dear."),
    ],
)
def test_a_takeaway_that_stands_is_said_plainly(verdict: Verdict, below: int, sentence: str) -> None:
    assert takeaway_sentence(verdict, "bread is dear", [verdict] * below) == sentence


def test_a_takeaway_that_does_not_stand_says_what_the_claims_behind_it_are() -> None:
    debated = takeaway_sentence(
        Verdict.DEBATED, "bread is dear", [Verdict.CONSENSUS, Verdict.DIVIDED, Verdict.CONSENSUS]
    )
    open_ = takeaway_sentence(Verdict.NOT_ESTABLISHED, "bread is dear", [Verdict.THIN])

    assert debated == (
        "It is debated whether bread is dear (of 3 claims behind it: 2 broad agreement, 1 divided by community)."
    )
    assert open_ == "It is not established that bread is dear (of one claim behind it: 1 reported)."


def test_a_trend_says_how_far_the_share_moved() -> None:
    words = trend_sentence(("2025-Q3", "2025-Q4"), ("12 %", "30 %"), (18, 5, 31), is_certain=True)

    assert words == "The share rose from 12 % in 2025-Q3 to 30 % in 2025-Q4; 95 % interval 5 to 31 points."
    fell = trend_sentence(("2025-Q3", "2025-Q4"), ("30 %", "12 %"), (-18, -31, -5), is_certain=True)
    assert fell == "The share fell from 30 % in 2025-Q3 to 12 % in 2025-Q4; 95 % interval −31 to −5 points."


def test_a_trend_that_may_be_chance_is_no_change() -> None:
    words = trend_sentence(("2025-Q3", "2025-Q4"), ("12 %", "30 %"), (18, -5, 41), is_certain=False)

    assert words == "No change can be told between 2025-Q3 (12 %) and 2025-Q4 (30 %); 95 % interval −5 to 41 points."


@given(
    st.sampled_from([Verdict.NONE, Verdict.UNCHECKED, Verdict.THIN, Verdict.MEASURED]),
    st.tuples(*[st.integers(0, 99)] * 4),
    st.booleans(),
)
def test_a_pair_is_one_sentence_whatever_the_numbers(verdict: Verdict, numbers: tuple[int, ...], against: bool) -> None:
    only_got, only_before, both, people = numbers
    words = pair(verdict, only_got=only_got, only_before=only_before, both=both, people=people, has_against=against)

    assert words.endswith(".")
    assert words.count(". ") == 0
    assert " 1 people" not in words
    assert " 0 people report" not in words
