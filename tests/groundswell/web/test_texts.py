from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from groundswell.web.page import environment
from groundswell.web.texts import LONGEST, Mark, as_typed, link_of, plain, show, shown_value

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
SIGNS = st.sampled_from("ab >\n`\t\u202e\u2066\x00\x1b\x9b\u200f<&\"'/:.wh")
TEXTS = st.one_of(
    st.text(),
    st.text(SIGNS),
    st.lists(st.sampled_from(["> q\n", "https://x.example/a ", "`c` ", "\u202e"])).map("".join),
)


def render(text: str, **more: object) -> str:
    template = environment().from_string('{% from "text.html" import text_of %}{{ text_of(shown) }}')
    return template.render(shown=show(text, **more))  # type: ignore[arg-type]


@given(TEXTS, st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60))))
def test_the_parts_cover_a_text_without_gap_or_overlap_whatever_is_in_it(
    text: str, places: list[tuple[int, int]]
) -> None:
    marks = [Mark(min(place), max(place)) for place in places]
    parts = show(text, marks).parts
    at = 0
    for part in parts:
        assert part.start == at
        at += part.length
        if part.kind != "sign":
            assert part.text == text[part.start : at]
            assert not CONTROL.search(part.text) or part.link
    assert at == len(text)


@given(TEXTS)
def test_no_control_sign_reaches_a_page(text: str) -> None:
    assert not CONTROL.search(render(text))
    assert not CONTROL.search(plain(text))


@given(st.text("ab"), st.integers(0, 10), st.integers(0, 10))
def test_a_mark_covers_exactly_its_place(text: str, start: int, length: int) -> None:
    marked = "".join(
        part.text for part in show(text, [Mark(start, start + length, "excerpt")]).parts if part.mark == "excerpt"
    )
    assert marked == text[start : start + length]


def test_own_words_quotes_code_and_links_are_told_apart() -> None:
    parts = show("mine\n\n> theirs\n\nsee `code` at https://bread.example/x").parts
    assert {part.kind for part in parts} == {"own", "quote", "code", "url"}
    html = render("mine\n\n> theirs\n\nsee `code` at https://bread.example/x")
    assert '<span class="quoted"' in html
    assert '<span class="codetext"' in html
    assert 'rel="noopener noreferrer nofollow ugc"' in html
    assert "(bread.example)" in html


def test_later_marks_lie_over_earlier_ones() -> None:
    parts = show("one two", [Mark(0, 7, "hit"), Mark(4, 7, "excerpt")]).parts
    assert [(part.text, part.mark) for part in parts] == [("one ", "hit"), ("two", "excerpt")]


def test_a_link_with_a_mark_in_it_stays_one_link() -> None:
    html = render("https://bread.example/dear", marks=[Mark(22, 26)])
    assert html.count("<a ") == 1
    assert '<mark class="hit"><a ' in html


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "JAVASCRIPT:alert(1)", "data:text/html,x", "//evil.example", "ftp://x.example", "https://",
     "https:///x", "http://[::1", "https://evil\u202e.example", "java\nscript:alert(1)", "", None, "mailto:a@b.example"],
)  # fmt: skip
def test_only_web_addresses_can_be_followed(address: str | None) -> None:
    assert link_of(address) == ("", "")


def test_a_links_host_is_the_one_it_leads_to() -> None:
    assert link_of("https://bread.example@evil.example:8443/x") == (
        "https://bread.example@evil.example:8443/x",
        "evil.example",
    )


def test_what_is_no_link_is_shown_as_text() -> None:
    html = render("[click](javascript:alert(1)) www.bread.example")
    assert "<a " not in html
    assert "javascript:alert(1)" in html


def test_a_long_text_is_cut_at_a_blank_and_says_how_much_there_is() -> None:
    shown = show("word " * 10_000)
    assert shown.length == 50_000
    assert shown.rest == 50_000 - sum(part.length for part in shown.parts)
    assert LONGEST - 5 <= sum(part.length for part in shown.parts) <= LONGEST


def test_a_line_without_blanks_is_cut_too() -> None:
    shown = show("x" * 1_000_000, most=100)
    assert (shown.parts[0].length, shown.rest) == (100, 999_900)


def test_a_whole_text_can_be_asked_for() -> None:
    assert show("x" * 100_000, most=None).rest == 0


def test_no_text_has_no_parts() -> None:
    assert show(None).parts == ()


def test_a_row_of_the_same_sign_is_one_box() -> None:
    parts = show("a\u202e\u202e\u202eb\x00").parts
    assert [(part.kind, part.text, part.length) for part in parts] == [
        ("own", "a", 1), ("sign", "U+202E (3 times)", 3), ("own", "b", 1), ("sign", "U+0000", 1),
    ]  # fmt: skip


def test_marks_that_right_to_left_scripts_need_are_left_alone() -> None:
    assert plain("שלום\u200f!") == "שלום\u200f!"


def test_every_value_of_a_template_loses_its_control_signs() -> None:
    template = environment().from_string("{{ name }} {{ number }} {{ html }}")
    assert template.render(name="a\u202e<b>", number=3, html=Markup("<i>x</i>")) == "a⟨U+202E⟩&lt;b&gt; 3 <i>x</i>"
    assert shown_value(None) is None


def test_what_a_person_typed_comes_back_as_it_was() -> None:
    assert environment().from_string("{{ text|as_typed }}").render(text="a\u202e<b>") == "a\u202e&lt;b&gt;"
    assert as_typed("<") == "&lt;"


def test_a_name_in_an_address_cannot_change_the_address() -> None:
    filled = environment().from_string("/post/{{ name|urlencode }}").render(name="x:/../?a=b#c&d%2e")
    assert filled == "/post/x%3A%2F..%2F%3Fa%3Db%23c%26d%252e"
    assert environment().from_string("{{ query|urlencode }}").render(query={"a": "b c"}) == "a=b+c"
