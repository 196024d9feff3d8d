import re
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.verdicts import Verdict
from reports.words import LABELS, REASONS, Slots, counted, presence_sentence, stance_sentence

TAKEAWAY = [Verdict.DEBATED, Verdict.NOT_ESTABLISHED]
STANCE = [verdict for verdict in Verdict if verdict not in (Verdict.MEASURED, *TAKEAWAY)]
PRESENCE = [Verdict.NONE, Verdict.UNCHECKED, Verdict.THIN, Verdict.MEASURED]
NUMBERS = st.integers(0, 5000)
SLOTS = st.builds(
    lambda numbers, **flags: Slots("bread is dear", *numbers, **flags),
    st.tuples(*[NUMBERS] * 11),
    largest=st.none() | st.tuples(st.just("r/bakers"), NUMBERS, NUMBERS),
    rest=st.tuples(NUMBERS, NUMBERS),
    is_within=st.booleans(),
    differing=NUMBERS,
    largest_thread=NUMBERS,
    one_thread=st.booleans(),
    is_few=st.booleans(),
    is_single=st.booleans(),
)
# What a sentence of each verdict says and no other may.
OWN_WORDS = {
    Verdict.NONE: ("Nothing was found",),
    Verdict.UNCHECKED: ("mention this", "mentions this"),
    Verdict.THIN: ("to say how", "to say more", "nobody took a side"),
    Verdict.CONSENSUS: ("broadly agree",),
    Verdict.DIVIDED: ("are divided",),
    Verdict.MAJORITY: ("ost of those",),
    Verdict.AGAINST: ("broadly reject",),
    Verdict.MINORITY: ("minority",),
    Verdict.CONTESTED: ("are split",),
    Verdict.INCONCLUSIVE: ("t is open", "too few to settle"),
}


def _slots(**changes: Any) -> Slots:
    usual = {field.name: 0 for field in fields(Slots)} | {
        "statement": "bread is dear", "largest": None, "rest": (0, 0), "is_within": False, "one_thread": False,
        "is_few": True, "is_single": False, "corrected": None,
        "support": 1_200, "dispute": 34, "people": 1_250, "threads": 90, "communities": 3, "posts": 50,
        "posts_read": 50,
    }  # fmt: skip
    return Slots(**usual | changes)


def _numbers(sentence: str) -> set[int]:
    return {int(number.replace(",", "")) for number in re.findall(r"[\d,]*\d", sentence)}


def _figures(slots: Slots) -> set[int]:
    values = [getattr(slots, field.name) for field in fields(Slots)]
    torn = slots.people - slots.support - slots.dispute
    return {torn, *(value for value in values if type(value) is int), *slots.rest, *(slots.largest or ("", 0, 0))[1:]}


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 posts"), (1, "one post"), (2, "2 posts"), (1_234_567, "1,234,567 posts")]
)
def test_a_number_agrees_with_its_noun(number: int, words: str) -> None:
    assert counted(number, "post") == words


def test_a_noun_may_have_a_plural_of_its_own() -> None:
    assert [counted(number, "person", "people") for number in (1, 2)] == ["one person", "2 people"]


def test_every_verdict_has_a_label_of_its_own() -> None:
    assert set(LABELS) == set(Verdict)
    assert len(set(LABELS.values())) == len(LABELS)


def test_every_reason_has_words() -> None:
    assert set(REASONS) == {
        "few-people", "few-threads", "few-effective-threads", "one-thread-dominates", "few-positives",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("verdict", "sentence"),
    [
        (Verdict.NONE, "Nothing was found on whether bread is dear."),
        (
            Verdict.CONSENSUS,
            (
                "People broadly agree that bread is dear: 1,200 of the 1,250 who took a side, in 90 threads and "
                "3 communities."
            ),
        ),
        (Verdict.MAJORITY, "Most of those who took a side say that bread is dear (1,200 of 1,250); 34 dispute it."),
        (
            Verdict.AGAINST,
            (
                "People broadly reject that bread is dear: 34 of the 1,250 who took a side dispute it, in 90 threads and "
                "3 communities."
            ),
        ),
        (
            Verdict.MINORITY,
            "A minority of those who took a side say that bread is dear (1,200 of 1,250); 34 dispute it.",
        ),
        (
            Verdict.CONTESTED,
            "People are split on whether bread is dear: 1,200 say so, 34 disagree, 16 are of two minds.",
        ),
        (
            Verdict.INCONCLUSIVE,
            (
                "It is open whether most would say that bread is dear: 1,200 say so, 34 disagree, 16 are of two minds, "
                "too few to settle it."
            ),
        ),
        (
            Verdict.THIN,
            (
                "Some people report that bread is dear (1,200 people, 34 against, in 90 threads): too few to say how "
                "common it is."
            ),
        ),
    ],
)
def test_a_stance_verdict_has_one_sentence(verdict: Verdict, sentence: str) -> None:
    assert stance_sentence(verdict, _slots()) == sentence


@pytest.mark.parametrize(
    ("verdict", "sentence"),
    [
        (
            Verdict.CONSENSUS,
            "People broadly agree that bread is dear: 1 of the 2 who took a side, in one thread and one community.",
        ),
        (Verdict.MAJORITY, "Most of those who took a side say that bread is dear (1 of 2); 1 disputes it."),
        (Verdict.MINORITY, "A minority of those who took a side say that bread is dear (1 of 2); 1 disputes it."),
        (Verdict.CONTESTED, "People are split on whether bread is dear: 1 says so, 1 disagrees."),
        (
            Verdict.INCONCLUSIVE,
            "It is open whether most would say that bread is dear: 1 says so, 1 disagrees, too few to settle it.",
        ),
        (
            Verdict.THIN,
            (
                "One person reports that bread is dear (one person, 1 against, in one thread): too few to say how common "
                "it is."
            ),
        ),
    ],
)
def test_ones_take_the_singular(verdict: Verdict, sentence: str) -> None:
    slots = _slots(support=1, dispute=1, people=2, threads=1, communities=1)

    assert stance_sentence(verdict, slots) == sentence


def test_divided_communities_are_told_with_both_figures() -> None:
    slots = _slots(largest=("r/bakers", 18, 20), rest=(3, 1_100))

    sentence = stance_sentence(Verdict.DIVIDED, slots)

    assert sentence == (
        "Communities are divided on whether bread is dear: 18 of 20 say so in r/bakers, 3 of 1,100 elsewhere."
    )


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"mentioning": 1, "mentioning_threads": 1, "hits": 1, "hits_read": 1},
            "One person in one thread mentions this; the one post found for it has been read.",
        ),
        (
            {"mentioning": 1, "mentioning_threads": 1, "hits": 1, "hits_read": 0},
            "One person in one thread mentions this; the one post found for it has not been read.",
        ),
        (
            {"mentioning": 7, "mentioning_threads": 4, "hits": 1_009, "hits_read": 0},
            "7 people in 4 threads mention this; none of the 1,009 posts found for it has been read.",
        ),
        (
            {"mentioning": 7, "mentioning_threads": 4, "hits": 9, "hits_read": 1},
            "7 people in 4 threads mention this; 1 of the 9 posts found for it has been read.",
        ),
        (
            {"mentioning": 7, "mentioning_threads": 4, "hits": 9, "hits_read": 8},
            "7 people in 4 threads mention this; 8 of the 9 posts found for it have been read.",
        ),
        (
            {"mentioning": 7, "mentioning_threads": 4, "hits": 9, "hits_read": 9, "posts": 1_200, "posts_read": 12},
            "7 people in 4 threads mention this; all 9 posts found for it have been read, but only 12 of all 1,200.",
        ),
        (
            {"mentioning": 2, "mentioning_threads": 2, "hits": 2, "differing": 1},
            (
                "2 people in 2 threads mention this; none of the 2 posts found for it has been read; on one post the people "
                "who read it differ."
            ),
        ),
        (
            {"mentioning": 2, "mentioning_threads": 2, "hits": 2, "differing": 2},
            (
                "2 people in 2 threads mention this; none of the 2 posts found for it has been read; on 2 posts the people "
                "who read them differ."
            ),
        ),
    ],
)
def test_an_unread_claim_says_who_mentions_it_and_what_was_read(changes: dict[str, int], sentence: str) -> None:
    slots = _slots(**changes)

    assert stance_sentence(Verdict.UNCHECKED, slots) == sentence
    assert presence_sentence(Verdict.UNCHECKED, slots) == sentence


@pytest.mark.parametrize(
    ("read", "posts", "rest"),
    [
        (0, 1, "; the one post has not been read"),
        (0, 9, "; none of the 9 posts has been read"),
        (1, 9, "; 1 of the 9 posts has been read"),
        (2, 1_009, "; 2 of the 1,009 posts have been read"),
        (9, 9, ""),
    ],
)
def test_nothing_found_says_how_much_was_read_unless_all_was(read: int, posts: int, rest: str) -> None:
    slots = _slots(posts_read=read, posts=posts)

    assert stance_sentence(Verdict.NONE, slots) == f"Nothing was found on whether bread is dear{rest}."
    assert presence_sentence(Verdict.NONE, slots) == f"Nothing was found on bread is dear{rest}."


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"support": 0, "dispute": 0, "people": 0, "mentioning": 1},
            "One person brings up whether bread is dear, and nobody took a side.",
        ),
        (
            {"support": 0, "dispute": 0, "people": 0, "mentioning": 3},
            "3 people bring up whether bread is dear, and nobody took a side.",
        ),
        (
            {"support": 0, "dispute": 0, "people": 1},
            "One person is of two minds whether bread is dear: too few to say more.",
        ),
        (
            {"support": 0, "dispute": 0, "people": 3},
            "3 people are of two minds whether bread is dear: too few to say more.",
        ),
        (
            {"support": 0, "dispute": 30, "people": 30, "is_few": False},
            "Nobody reports that bread is dear; 30 people dispute it: too bunched in a few threads to say more.",
        ),
        (
            {
                "support": 90,
                "dispute": 0,
                "people": 100,
                "threads": 12,
                "largest_thread": 60,
                "one_thread": True,
                "is_few": False,
            },
            (
                "Some people report that bread is dear (90 people, in 12 threads, 60 of the 100 in one of them): too "
                "bunched in a few threads to say how common it is."
            ),
        ),
        (
            {"support": 0, "dispute": 1, "people": 1},
            "Nobody reports that bread is dear; one person disputes it: too few to say more.",
        ),
        (
            {"support": 0, "dispute": 4, "people": 4},
            "Nobody reports that bread is dear; 4 people dispute it: too few to say more.",
        ),
        (
            {"support": 9, "dispute": 0, "people": 10, "threads": 3, "largest_thread": 7, "one_thread": True},
            (
                "Some people report that bread is dear (9 people, in 3 threads, 7 of the 10 in one of them): too few to "
                "say how common it is."
            ),
        ),
        (
            {"support": 9, "dispute": 0, "people": 9, "threads": 1, "largest_thread": 9, "one_thread": True},
            "Some people report that bread is dear (9 people, in one thread): too few to say how common it is.",
        ),
    ],
)
def test_a_thin_claim_says_who_reports_it_and_that_it_is_too_few(changes: dict[str, Any], sentence: str) -> None:
    assert stance_sentence(Verdict.THIN, _slots(**changes)) == sentence


def test_nobody_who_disputes_is_said_in_words() -> None:
    sentence = stance_sentence(Verdict.MAJORITY, _slots(support=30, dispute=0, people=33))

    assert sentence == "Most of those who took a side say that bread is dear (30 of 33); nobody disputes it."


def test_where_everybody_stands_in_one_community_the_sentence_is_limited_to_it() -> None:
    slots = _slots(support=30, people=33, largest=("r/bakers", 30, 33), is_within=True)

    sentence = stance_sentence(Verdict.MAJORITY, slots)

    assert sentence == (
        "Within r/bakers, most of those who took a side say that bread is dear (30 of 33); 34 dispute it."
    )


def test_where_hardly_anybody_stands_outside_a_community_the_sentence_says_so() -> None:
    slots = _slots(support=30, dispute=2, people=33, largest=("r/bakers", 28, 31), rest=(2, 2), is_within=True)

    sentence = stance_sentence(Verdict.CONTESTED, slots)

    assert sentence == (
        "People are split on whether bread is dear: 30 say so, 2 disagree, 1 is of two minds; 31 of the 33 who took a "
        "side wrote within r/bakers."
    )


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({}, "90 threads and 3 communities"),
        ({"communities": 1, "threads": 1}, "one thread and one community"),
        ({"communities": 0}, "90 threads"),
    ],
)
def test_a_measured_claim_says_whom_and_where_it_was_counted(changes: dict[str, int], place: str) -> None:
    sentence = presence_sentence(Verdict.MEASURED, _slots(**{"statement": "kinds of bread"} | changes))

    assert sentence == f"Kinds of bread: counted for 1,250 people in {place}."


@pytest.mark.parametrize(
    ("people", "threads", "sentence"),
    [
        (1, 1, "One person in one thread can be counted for queues: too few to say how common it is."),
        (5, 2, "5 people in 2 threads can be counted for queues: too few to say how common it is."),
    ],
)
def test_a_thin_claim_of_presence_says_how_many_can_be_counted(people: int, threads: int, sentence: str) -> None:
    slots = _slots(statement="queues", people=people, threads=threads)

    assert presence_sentence(Verdict.THIN, slots) == sentence


@pytest.mark.parametrize(
    ("verdict", "changes", "sentence"),
    [
        (Verdict.MEASURED, {"support": 12, "people": 44}, "Queues: 12 people of 44 in 90 threads and 3 communities."),
        (Verdict.MEASURED, {"support": 1, "people": 44}, "Queues: one person of 44 in 90 threads and 3 communities."),
        (
            Verdict.THIN,
            {"support": 1, "people": 5, "threads": 1},
            "Queues: one person of 5, in one thread, too few to say how common it is.",
        ),
        (
            Verdict.THIN,
            {"support": 40, "people": 60, "threads": 9, "is_few": False},
            "Queues: 40 people of 60, in 9 threads, too bunched in a few threads to say how common it is.",
        ),
    ],
)
def test_a_claim_about_one_code_says_how_many_of_those_counted_show_it(
    verdict: Verdict, changes: dict[str, Any], sentence: str
) -> None:
    slots = _slots(**{"statement": "queues", "is_single": True} | changes)

    assert presence_sentence(verdict, slots) == sentence


@given(slots=SLOTS, verdict=st.sampled_from(STANCE))
def test_a_stance_sentence_is_one_sentence_whatever_the_numbers(slots: Slots, verdict: Verdict) -> None:
    sentence = stance_sentence(verdict, slots)

    assert sentence[0] == sentence[0].upper()
    assert sentence.endswith(".")
    assert ". " not in sentence
    assert "None" not in sentence


@given(slots=SLOTS, verdict=st.sampled_from(PRESENCE))
def test_a_presence_sentence_is_one_sentence_whatever_the_numbers(slots: Slots, verdict: Verdict) -> None:
    sentence = presence_sentence(verdict, slots)

    assert sentence[0] == sentence[0].upper()
    assert sentence.endswith(".")
    assert "None" not in sentence


@given(slots=SLOTS, verdict=st.sampled_from([Verdict.NONE, Verdict.UNCHECKED]))
def test_an_unread_claim_never_speaks_of_support(slots: Slots, verdict: Verdict) -> None:
    sentence = stance_sentence(verdict, slots)

    assert not any(word in sentence for word in ("agree", "Most", "say", "report", "reject", "side"))


@given(slots=SLOTS, verdict=st.sampled_from(STANCE))
def test_a_sentence_bears_the_words_of_its_verdict_and_of_no_other(slots: Slots, verdict: Verdict) -> None:
    sentence = stance_sentence(verdict, slots)

    spoken = {name for name, words in OWN_WORDS.items() if any(word in sentence for word in words)}

    assert spoken == {verdict}


@given(slots=SLOTS, verdict=st.sampled_from(STANCE))
def test_every_number_in_a_stance_sentence_is_one_of_the_figures(slots: Slots, verdict: Verdict) -> None:
    assert _numbers(stance_sentence(verdict, slots)) <= _figures(slots)


@given(slots=SLOTS, verdict=st.sampled_from(PRESENCE))
def test_every_number_in_a_presence_sentence_is_one_of_the_figures(slots: Slots, verdict: Verdict) -> None:
    assert _numbers(presence_sentence(verdict, slots)) <= _figures(slots)


CORRECTED = {"corrected": ("84 %", "14 %"), "audited": 96, "support": 41, "dispute": 7, "people": 49}


@pytest.mark.parametrize(
    ("verdict", "sentence"),
    [
        (
            Verdict.CONSENSUS,
            (
                "People broadly agree that bread is dear: an estimated 84 % of those who took a side, in 90 threads and 3 "
                "communities."
            ),
        ),
        (
            Verdict.MAJORITY,
            "Most of those who took a side say that bread is dear (an estimated 84 %); an estimated 14 % dispute it.",
        ),
        (
            Verdict.AGAINST,
            (
                "People broadly reject that bread is dear: an estimated 14 % of those who took a side dispute it, in 90 "
                "threads and 3 communities."
            ),
        ),
        (
            Verdict.MINORITY,
            "A minority of those who took a side say that bread is dear (an estimated 84 %); an estimated 14 % dispute it.",
        ),
        (
            Verdict.CONTESTED,
            "People are split on whether bread is dear: an estimated 84 % of those who took a side say so, 14 % disagree.",
        ),
        (
            Verdict.INCONCLUSIVE,
            (
                "It is open whether most would say that bread is dear: an estimated 84 % of those who took a side say so, 14 % "
                "disagree, too few to settle it."
            ),
        ),
    ],
)
def test_the_sentence_of_an_audited_claim_gives_estimated_shares(verdict: Verdict, sentence: str) -> None:
    assert stance_sentence(verdict, _slots(**CORRECTED)) == sentence


def test_communities_of_an_audited_claim_are_those_of_people_who_were_read() -> None:
    slots = _slots(**CORRECTED, largest=("r/bakers", 18, 20), rest=(3, 29))

    assert stance_sentence(Verdict.DIVIDED, slots) == (
        "Communities are divided on whether bread is dear: of those read, 18 of 20 say so in r/bakers, 3 of 29 elsewhere."
    )


@pytest.mark.parametrize(
    ("verdict", "changes", "sentence"),
    [
        (
            Verdict.MEASURED,
            {"is_single": True},
            "Bread is dear: an estimated 84 % of 96 people in 90 threads and 3 communities.",
        ),
        (
            Verdict.MEASURED,
            {},
            "Bread is dear: counted for 49 people who were read in 90 threads and 3 communities.",
        ),
        (
            Verdict.THIN,
            {"is_single": True, "corrected": None},
            "Bread is dear: 41 people of 49 who were read, in 90 threads, too few to say how common it is.",
        ),
        (
            Verdict.THIN,
            {"corrected": None},
            "49 people who were read in 90 threads can be counted for bread is dear: too few to say how common it is.",
        ),
    ],
)
def test_the_sentence_of_an_audited_share_says_who_was_read(
    verdict: Verdict, changes: dict[str, Any], sentence: str
) -> None:
    assert presence_sentence(verdict, _slots(**CORRECTED | changes)) == sentence
