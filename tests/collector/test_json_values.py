"""JSON values out of bytes."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.json_values import GREATEST, UNREADABLE, decode, whole_number

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(JSON)
def test_every_json_value_is_read_as_it_was_written(value: Any) -> None:
    assert decode(json.dumps(value).encode()) == value
    assert decode(json.dumps(value, ensure_ascii=False).encode()) == value


@pytest.mark.parametrize("half", [rb"\ud83d", rb"\uDE00", rb"\uD83D"])
def test_half_an_emoji_becomes_a_replacement_character(half: bytes) -> None:
    assert decode(b'{"text": "a ' + half + b' b", "n": [1, 2.5, null, true]}') == {
        "text": "a \ufffd b",
        "n": [1, 2.5, None, True],
    }


def test_a_whole_emoji_stays() -> None:
    assert decode(rb'"\ud83d\ude00"') == "\U0001f600"


def test_a_whole_emoji_beside_half_a_one_stays() -> None:
    assert decode(rb'["\ud83d\ude00", "\ud83d"]') == ["\U0001f600", "\ufffd"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b'{"a": 1',
        b"{'a': 1}",
        b"<html>",
        b"NaN",
        b'"\xff"',
        rb'{"a": "\ud83d"',
        rb'"\ud83d" 7',
        b'"\\ud83d\xff"',
        rb'["\ud83d", NaN]',
        b"[" * 100_000,
        rb'"\ud83d"' + b"[" * 100_000,
        b'["\\ud83d",' + b"[" * 100_000,
    ],
)
def test_what_is_no_json_is_refused_by_the_errors_that_are_named(content: bytes) -> None:
    with pytest.raises(UNREADABLE):
        decode(content)


@pytest.mark.parametrize(
    ("value", "number"), [(7, 7), ("-7", -7), (7.0, 7), (GREATEST, GREATEST), (None, None), (True, None)]
)
def test_a_count_is_a_number_or_its_text_and_never_a_truth_value(value: Any, number: int | None) -> None:
    assert whole_number(value) == number


@pytest.mark.parametrize("value", [GREATEST + 1, -GREATEST - 1, "many"])
def test_what_is_no_count_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match=r"no count or score|invalid literal"):
        whole_number(value)
