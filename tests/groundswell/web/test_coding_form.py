from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundswell.reviewing import Choice, Excerpt, Refused
from groundswell.web.coding_form import read_answer, sentences, shown_ms, written_excerpt

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\r"), min_size=1, max_size=200)


def test_a_form_says_codes_values_stances_and_numbers() -> None:
    answer = read_answer(
        {
            "code": ["a", "b", ""], "of:mood": ["glad"], "of:place": [""], "unsure": ["b", "c"], "stance:a": ["support"],
            "stance:b": ["dispute"], "number:a": ["2,5"], "memo": ["one\r\ntwo"], "none": [""],
        },
        "text",
    )  # fmt: skip
    assert answer.choices == {
        "a": Choice("present", "support", 2.5),
        "b": Choice("unsure"),
        "glad": Choice("present"),
        "c": Choice("unsure"),
    }
    assert (answer.memo, answer.none, answer.missing) == ("one\ntwo", False, False)


@given(TEXTS, st.data())
def test_an_excerpt_travels_through_the_form_and_back(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    written = written_excerpt(Excerpt("a|b"[:1], start, end), text)
    (found,) = read_answer({"excerpt": [written.replace("\n", "\r\n")]}, text).excerpts
    assert (found.code, found.start, found.end, found.words) == ("a", start, end, text[start:end])


@given(TEXTS)
def test_sentences_stand_where_they_say_and_do_not_overlap(text: str) -> None:
    found = sentences(text)
    assert all(text[one.start : one.end] == one.words == one.words.strip() != "" for one in found)
    assert all(before.end <= after.start for before, after in pairwise(found))
    assert [one.number for one in found] == list(range(1, len(found) + 1))


def test_a_sentence_keeps_what_closes_it_and_a_quoted_line_its_sign() -> None:
    text = 'Really?! Wait... "No." So.\n\n> a title\n> is fine\n\nMine.\n- one'
    assert [one.words for one in sentences(text)] == [
        "Really?!", "Wait...", '"No."', "So.", "> a title", "> is fine", "Mine.", "- one",
    ]  # fmt: skip


def test_nothing_has_no_sentences_and_a_long_text_not_too_many() -> None:
    assert sentences(None) == []
    assert len(sentences("A b. " * 500)) == 120


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"in:0": ["a"], "from:0": ["2"], "to:0": [""]}, [("a", "Two.")]),
        (
            {"in:0": ["a"], "from:0": ["1"], "to:0": ["2"], "in:2": ["b"], "from:2": ["3"]},
            [("a", "One. Two."), ("b", "Three.")],
        ),
        ({"in:0": [""], "from:0": ["1"]}, []),
    ],
)
def test_sentences_are_named_by_number(fields: dict[str, list[str]], expected: list[tuple[str, str]]) -> None:
    text = "One. Two. Three."
    answer = read_answer(fields, text)
    assert [(one.code, text[one.start : one.end]) for one in answer.excerpts] == expected


@pytest.mark.parametrize("row", [("0", ""), ("x", "1"), ("3", "1"), ("1", "9")])
def test_sentences_that_are_not_there_are_refused(row: tuple[str, str]) -> None:
    with pytest.raises(Refused, match="has no sentences"):
        read_answer({"in:0": ["a"], "from:0": [row[0]], "to:0": [row[1]]}, "One. Two. Three.")


@pytest.mark.parametrize(
    ("fields", "now", "expected"),
    [
        ({"served": ["1000"]}, 1400, 400),
        ({"served": ["1000"], "shown_ms": ["350"]}, 9000, 350),
        ({"served": ["1000"], "shown_ms": ["430"]}, 1400, 430),
        ({"served": ["1000"], "shown_ms": ["9000"]}, 1400, 450),
        ({"served": ["1000"], "shown_ms": [""]}, 1400, 400),
    ],
)
def test_the_time_on_the_screen_is_the_browsers_within_ours(
    fields: dict[str, list[str]], now: int, expected: int
) -> None:
    assert shown_ms(fields, now, 300) == expected


@pytest.mark.parametrize(
    "fields",
    [{}, {"served": ["x"]}, {"served": ["1000"], "shown_ms": ["299"]}, {"served": ["9000"], "shown_ms": ["500"]}],
)
def test_too_short_a_time_is_refused(fields: dict[str, list[str]]) -> None:
    with pytest.raises(Refused, match="on the screen for"):
        shown_ms(fields, 5000, 300)
