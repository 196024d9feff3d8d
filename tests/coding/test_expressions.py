import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding.expressions import ExpressionStopped, compile_expression, search
from db.tokens import FILLER


def found(source: str, text: str, flags: str = "") -> list[str]:
    return [text[start:end] for start, end in search(compile_expression(source, flags), text)]


@pytest.mark.parametrize(
    ("source", "flags", "text", "expected"),
    [
        (r"\bc\+\+", "i", "C++ and c++", ["C++", "c++"]),
        ("AI", "", "AI ai", ["AI"]),
        ("^b", "m", "a\nb", ["b"]),
        ("^b", "", "a\nb", []),
        ("a.b", "s", "a\nb", ["a\nb"]),
        ("a.b", "", "a\nb", []),
        ("don't", "", "don\u2019t don't", ["don\u2019t", "don't"]),
        ("don\u2019t", "", "don\u2019t don't", ["don\u2019t", "don't"]),
        ('"so"', "", "\u201cso\u201d", ["\u201cso\u201d"]),
        ("caf\u00e9!", "", "cafe\u0301! caf\u00e9!", ["cafe\u0301!", "caf\u00e9!"]),
        ("cafe\u0301!", "", "cafe\u0301! caf\u00e9!", ["cafe\u0301!", "caf\u00e9!"]),
        ("engineer", "", "en\u200bgi\u00adneer\u200b x", ["en\u200bgi\u00adneer"]),
        ("x*", "", "axxb", ["xx"]),
        ("a\u0308\u0323", "", "a\u0323\u0308", ["a\u0323\u0308"]),
    ],
)
def test_an_expression_sees_no_typographic_variety_and_gives_places_of_the_stored_text(
    source: str, flags: str, text: str, expected: list[str]
) -> None:
    assert found(source, text, flags) == expected


def test_an_expression_never_looks_across_a_gap() -> None:
    text = f"love {FILLER * 4} this. {FILLER * 2}love this"

    assert found("love.{0,9}this", text) == ["love this"]
    assert found(r"\w+$", text) == ["this"]


@given(text=st.text(st.characters() | st.sampled_from("a\u0301\u200b\u2019"), max_size=30))
def test_every_character_that_an_expression_sees_lies_in_the_text_in_order(text: str) -> None:
    places = list(search(compile_expression("(?s).", ""), text))

    assert all(0 <= start < end <= len(text) for start, end in places)
    assert places == sorted(places)
    assert all(search(compile_expression("(?s).+", ""), text)) or not places


def test_an_expression_that_takes_too_long_is_stopped() -> None:
    started = time.process_time()
    with pytest.raises(ExpressionStopped):
        list(search(compile_expression("(?:a|a)+b", ""), "a" * 40, seconds=0.1))
    assert time.process_time() - started < 5
