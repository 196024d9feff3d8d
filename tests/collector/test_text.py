"""One canonical text a post."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.text import canonical


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("5 &lt; 6 &amp;&amp; 7 &gt; 6", "5 < 6 && 7 > 6"),
        ("caf\u00e9 &amp; bread", "caf\u00e9 & bread"),
        ("&quot;dear&quot; it&#39;s &#x27;so&#x27;", "\"dear\" it's 'so'"),
        ("&gt; a quote\n\nand an answer", "> a quote\n\nand an answer"),
        ("no sign of either", "no sign of either"),
    ],
)
def test_entities_of_an_escaped_text_become_characters(raw: str, expected: str) -> None:
    assert canonical(raw) == expected


@pytest.mark.parametrize(
    "raw",
    ["write &amp;lt; and > here", "a < b &amp;&amp; c", "AT&T says &lt;", "x & y &amp; z"],
)
def test_a_text_with_a_bare_sign_is_left_as_it_was_typed(raw: str) -> None:
    assert canonical(raw) == raw


def test_a_text_is_decoded_once_only() -> None:
    assert canonical("&amp;lt;b&amp;gt; &amp;amp;") == "&lt;b&gt; &amp;"


def test_what_is_known_about_the_source_counts_more_than_the_text() -> None:
    assert canonical("I typed &lt; myself", escaped=False) == "I typed &lt; myself"
    assert canonical("a > b &amp; c", escaped=True) == "a > b & c"


@pytest.mark.parametrize("raw", ["one\r\ntwo\rthree\nfour", "one\ntwo\nthree\nfour"])
def test_every_line_ends_with_a_line_feed_alone(raw: str) -> None:
    assert canonical(raw) == "one\ntwo\nthree\nfour"


@pytest.mark.parametrize("raw", [None, "", "  ", "\n\r\n", "\x00", "&#32;"])
def test_nothing_left_is_no_text(raw: str | None) -> None:
    assert canonical(raw, escaped=True) is None


def test_what_no_database_can_hold_is_replaced() -> None:
    assert canonical("half \ud83d an emoji, a \x00zero") == "half \ufffd an emoji, a zero"


def test_blanks_around_a_text_stay() -> None:
    assert canonical("  indented\n") == "  indented\n"


@given(st.text())
def test_a_canonical_text_can_be_stored_and_stays_what_it_is(raw: str) -> None:
    found = canonical(raw, escaped=False)

    assert found is None or (found.encode() and "\r" not in found and "\x00" not in found)
    assert canonical(found, escaped=False) == found
