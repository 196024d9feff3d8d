import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reports.fill import Filled, Mistake, Place, UnfitError, fill_text, find_places

OPEN, CLOSE = "<!-- groundswell titles -->", "<!-- /groundswell -->"


def named(place: Place) -> str:
    return f"{place.claim}/{place.form}"


def three_lines(place: Place) -> str:
    return f"{place.form}\n\n- of {place.claim}"


def filled(text: str, *, several: bool = False) -> str:
    found = fill_text(text, three_lines if several else named)
    assert isinstance(found, Filled), found
    return found.text


def mistakes(text: str) -> list[Mistake]:
    found = fill_text(text, named)
    assert isinstance(found, list), found.text
    return found


def test_a_place_in_a_sentence_is_filled_and_the_rest_stays() -> None:
    assert filled(f"He says: {OPEN}old{CLOSE} (so).\n") == f"He says: {OPEN}titles/sentence{CLOSE} (so).\n"


def test_a_place_names_its_form() -> None:
    text = "<!-- groundswell titles share -->" + CLOSE

    assert filled(text) == f"<!-- groundswell titles share -->titles/share{CLOSE}"


def test_blanks_beside_the_words_stay() -> None:
    text = f"| a <!--groundswell titles row--> old | older\t{CLOSE}|"

    assert filled(text) == f"| a <!--groundswell titles row--> titles/row\t{CLOSE}|"


def test_a_place_on_lines_of_its_own_takes_several() -> None:
    text = f"# One\n\n{OPEN}\n{CLOSE}\n\nend\n"

    assert filled(text, several=True) == f"# One\n\n{OPEN}\nsentence\n\n- of titles\n{CLOSE}\n\nend\n"


def test_blank_lines_around_the_words_stay() -> None:
    text = f"{OPEN}\n\nold\n\nolder\n\n{CLOSE}"

    assert filled(text, several=True) == f"{OPEN}\n\nsentence\n\n- of titles\n\n{CLOSE}"


def test_a_closing_mark_at_the_end_of_a_line_comes_on_its_own() -> None:
    assert filled(f"{OPEN}\nold{CLOSE}") == f"{OPEN}\ntitles/sentence\n{CLOSE}"


def test_lines_in_a_list_item_are_indented_as_it_is() -> None:
    text = f"- one\n  {OPEN}\n  old\n  {CLOSE}\n- two\n"

    assert filled(text, several=True) == f"- one\n  {OPEN}\n  sentence\n\n  - of titles\n  {CLOSE}\n- two\n"


def test_lines_after_the_words_of_a_list_item_are_indented_as_the_closing_mark() -> None:
    text = f"- one {OPEN}\n  {CLOSE}\n"

    assert filled(text, several=True) == f"- one {OPEN}\n  sentence\n\n  - of titles\n  {CLOSE}\n"


def test_lines_in_a_quotation_stay_in_it() -> None:
    text = f"> {OPEN}\n> old\n> {CLOSE}\n"

    assert filled(text, several=True) == f"> {OPEN}\n> sentence\n>\n> - of titles\n> {CLOSE}\n"


@pytest.mark.parametrize("line_end", ["\r\n", "\r", "\n"])
def test_line_ends_are_those_of_the_file(line_end: str) -> None:
    text = line_end.join(["one", OPEN, CLOSE, "two"])

    assert filled(text, several=True) == line_end.join(["one", OPEN, "sentence", "", "- of titles", CLOSE, "two"])


def test_a_byte_order_mark_stays_where_it_is() -> None:
    text = f"\ufeff{OPEN}\n{CLOSE}"

    assert filled(text, several=True) == f"\ufeff{OPEN}\nsentence\n\n- of titles\n{CLOSE}"


@pytest.mark.parametrize(
    "code",
    [
        "```\n{}\n```",
        "~~~ html\n{}\n",
        "- item\n\n  ```\n  {}\n  ```",
        "> ```\n> {}\n> ```",
        "text\n\n    {}",
        "so: `{}`",
        "so: ``a ` {}``",
        "\ufeff```\n{}\n```",
    ],
)
def test_marks_in_code_are_text(code: str) -> None:
    text = code.format("<!-- groundswell titles nonsense of any kind")

    assert filled(text) == text


@pytest.mark.parametrize("text", [f"a ` {OPEN}x{CLOSE}", f"\\`{OPEN}x{CLOSE}`", f"`a` {OPEN}x{CLOSE} ``"])
def test_a_backtick_that_closes_nothing_makes_no_code(text: str) -> None:
    assert "titles/sentence" in filled(text)


@pytest.mark.parametrize("text", [r"\<!-- groundswell titles --\>", "<!-- groundswells -->", "<!-- groundswell-x -->"])
def test_what_is_no_comment_of_ours_is_text(text: str) -> None:
    assert filled(text) == text


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (f"one\n{OPEN}\n", 2, "the mark is not closed"),
        (f"one\ntwo {CLOSE}", 2, "a closing mark without an opening one"),
        (f"{OPEN}\n{OPEN}\n{CLOSE}", 2, "a mark within the one opened in line 1"),
        (f"<!-- groundswell -->{CLOSE}", 1, "the mark names no claim"),
        (f"<!-- groundswell a b c -->{CLOSE}", 1, "the mark names no claim"),
        (f"{OPEN}x<!-- /groundswell titles -->{CLOSE}", 1, "the closing mark has words in it"),
        (f"one\r\n<!-- groundswell titles\r\n-->{CLOSE}", 2, "the mark does not end on its line"),
    ],
)
def test_a_wrong_mark_is_named_with_its_line(text: str, line: int, message: str) -> None:
    first = mistakes(text)[0]

    assert (first.line, first.message) == (line, message)
    assert first.hint


def test_all_wrong_marks_are_named() -> None:
    assert [found.line for found in mistakes(f"{CLOSE}\n\n{CLOSE}\n{OPEN}")] == [1, 3, 4]


def test_several_lines_do_not_fit_within_one() -> None:
    found = fill_text(f"x\n| {OPEN}old{CLOSE} |", three_lines)

    assert found == [
        Mistake(2, "`sentence` gives several lines here", "put the opening and the closing mark on lines of their own")
    ]


def test_what_cannot_be_given_is_named_with_the_line_of_the_mark() -> None:
    def refuse(place: Place) -> str:
        raise UnfitError(f"there is no {place.claim}", "look again")

    assert fill_text(f"\n{OPEN}{CLOSE}", refuse) == [Mistake(2, "there is no titles", "look again")]


def test_places_that_say_something_else_are_stale() -> None:
    text = f"{OPEN}titles/sentence{CLOSE}\n<!-- groundswell titles share -->old{CLOSE}"
    found = fill_text(text, named)

    assert isinstance(found, Filled)
    assert [place.form for place in found.places] == ["sentence", "share"]
    assert [(place.form, place.line) for place in found.stale] == [("share", 2)]


PIECES = (
    OPEN, CLOSE, "<!-- groundswell work/code list -->", "<!-- groundswell", "-->", "\n", "\r\n", "\r", "\n\n", "```\n", "`", "``",
    "    ", "> ", "- ", "| a |", "words", "*", "\\", "\ufeff", "<div>", "\t", "é", "\u2028",
)  # fmt: skip


def outside(text: str, places: list[Place]) -> list[str]:
    bounds = [0, *(bound for place in places for bound in (place.start, place.end)), len(text)]
    return [text[start:end] for start, end in zip(bounds[::2], bounds[1::2], strict=True)]


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=6), max_size=40).map("".join))
@example(f"{OPEN}\n \n \n \n \n \n \n \n \n \n \n \n \n \n x{CLOSE}")
def test_filling_twice_changes_nothing_more_and_nothing_outside(text: str) -> None:
    once = fill_text(text, three_lines)
    if isinstance(once, list):
        return
    twice = fill_text(once.text, three_lines)

    assert isinstance(twice, Filled)
    assert twice.text == once.text
    assert twice.stale == ()
    places, wrong = find_places(once.text)
    assert not wrong
    assert outside(once.text, places) == outside(text, list(once.places))


@given(
    st.text(), st.lists(st.tuples(st.sampled_from(["\n", "", " ", "\r\n"]), st.text(alphabet="ab \n>-", max_size=9)))
)
@example("", [(" ", "\n   ")])
def test_marks_that_are_well_set_are_always_filled(start: str, contents: list[tuple[str, str]]) -> None:
    safe = re.sub(r"[`~<\\ \t\r\n]", "", start)
    text = f"a{safe}\n\n" + "".join(f"{OPEN}{gap}{old}{gap}{CLOSE}\n\n" for gap, old in contents)

    found = fill_text(re.sub(" {4,}", "   ", text), named)  # a mark behind four blanks is code, and so a text

    assert isinstance(found, Filled)
    assert len(found.places) == len(contents)
    assert found.text.count("titles/sentence") == len(contents)
