"""Excerpts: the words around what is pointed at, and nothing lost of the mark."""

from hypothesis import given
from hypothesis import strategies as st

from coding.rules import Hit
from groundswell.web.marking import Excerpt, excerpt, excerpt_of_hits

LONG = "one two three four five six seven eight nine ten " * 20


def words(found: Excerpt) -> str:
    return "".join(part.text for part in found.text)


def marked(found: Excerpt) -> str:
    return "".join(part.text for part in found.text if part.mark)


def test_a_short_text_is_shown_whole() -> None:
    found = excerpt(None, "Such dear bread.", [(5, 15)])

    assert (words(found), marked(found), found.cut_before, found.cut_after) == (
        "Such dear bread.",
        "dear bread",
        False,
        False,
    )


def test_a_long_text_is_cut_at_blanks_around_its_first_mark() -> None:
    place = LONG.index("five", 400)
    found = excerpt("Title", LONG, [(place, place + 4), (len(LONG) - 4, len(LONG) - 1)], around=20)

    assert found.cut_before
    assert found.cut_after
    assert marked(found) == "five"
    assert words(found).startswith("one two three four five")
    assert len(words(found)) <= 50


def test_without_a_mark_the_beginning_is_shown() -> None:
    found = excerpt(None, LONG, around=20)

    assert words(found).startswith("one two")
    assert (found.cut_before, found.cut_after) == (False, True)


def test_a_text_without_blanks_is_cut_anywhere() -> None:
    found = excerpt(None, "x" * 100, [(50, 52)], around=10)

    assert words(found) == "x" * 22


def test_a_link_is_never_cut() -> None:
    text = "See:https://bread.example/a/very/long/way/to/go now"
    found = excerpt(None, text, [(0, 3)], around=4)

    assert "https://bread.example/a/very/long/way/to/go" in words(found)


def test_no_text_is_no_excerpt() -> None:
    found = excerpt(None, None)

    assert (found.title, found.text, found.cut_before, found.cut_after) == ((), (), False, False)


def test_hits_in_the_title_are_marked_there() -> None:
    hits = [
        Hit("a", "title", 0, 5, None, "bread"),
        Hit("a", "text", 5, 9, None, "dear"),
        Hit("a", "post", 0, 0, None, "x"),
    ]
    found = excerpt_of_hits("Bread", "Such dear bread.", hits)

    assert "".join(part.text for part in found.title if part.mark) == "Bread"
    assert marked(found) == "dear"


@given(
    st.text(st.sampled_from("ab \n>`*é🍞\u202e\x07"), max_size=400),
    st.integers(0, 400),
    st.integers(1, 60),
    st.integers(5, 80),
)
def test_the_marked_words_are_always_among_those_shown(text: str, start: int, length: int, around: int) -> None:
    start = min(start, len(text))
    end = min(start + length, len(text))
    found = excerpt(None, text, [(start, end)] if end > start else [], around=around)

    shown = {place for part in found.text for place in range(part.start, part.start + part.length)}
    assert set(range(start, end)) <= shown
    places = [part.start for part in found.text]
    assert places == sorted(places)
