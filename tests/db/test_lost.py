"""Recognising the words of deleted posts, and blanking them in quotations, memos and files."""

import html
import json
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.lost import BLOCK, LostWords, blank
from db.records import Lost
from db.spans import Kind, own_text, spans
from db.tokens import words

KEY = b"a key that only tests know"
LONG = "My manager at the bakery counts every single crumb that we drop"
"""Twelve words: a run of eight and more."""
SHORT = "I stole the yeast"
TINY = "So dear!"
HERE, ELSEWHERE = "t3_here", "t3_elsewhere"


def lost(*texts: str, title: str | None = None, key: bytes = KEY) -> LostWords:
    """What is known of deleted posts with these texts."""
    parts = LostWords(key).parts
    return LostWords(key, frozenset(part for text in texts for part in parts(Lost(HERE, title, text))))


def blanked(text: str) -> str:
    """The words of a text as blocks."""
    return "".join(BLOCK if letter.isalnum() else letter for letter in text)


def in_file(text: str, *texts: str) -> str:
    return blank(text, lost(*texts).stretches(text))


@pytest.mark.parametrize("said", [LONG, SHORT, TINY])
def test_a_quoted_sentence_is_blanked_and_the_answer_stays(said: str) -> None:
    reply = f"> {said}\n\n{said} is what you said?"

    after = lost(f"Hello. {said}\nBye.").blank_quotes(reply, HERE)

    assert after == f"> {blanked(said)}\n\n{said} is what you said?"


def test_five_words_of_a_longer_sentence_are_enough_in_a_quotation() -> None:
    assert (
        lost(LONG).blank_quotes("> … the bakery counts every single …", HERE) == "> … ███ ██████ ██████ █████ ██████ …"
    )


def test_a_quoted_sentence_goes_whole_and_the_next_one_stays() -> None:
    quoted = "> Well: the bakery counts every single thing! It does not count us."

    assert (
        lost(LONG).blank_quotes(quoted, HERE) == "> ████: ███ ██████ ██████ █████ ██████ █████! It does not count us."
    )


@given(order=st.permutations([LONG, "every single crumb that counts", "crumb that we drop", SHORT, TINY]))
def test_it_does_not_matter_in_which_order_words_get_lost(order: list[str]) -> None:
    text = f"> {LONG}. {SHORT}! {TINY} Every single crumb that counts is ours.\n\nCrumb that we drop.\n\n> Crumb that we drop"

    step_by_step = text
    for count in range(1, len(order) + 1):
        step_by_step = lost(*order[:count]).blank_quotes(step_by_step, HERE)

    assert step_by_step == lost(*order).blank_quotes(text, HERE)


def test_four_words_of_a_longer_sentence_stay() -> None:
    assert lost(LONG).blank_quotes("> at the bakery counts", HERE) == "> at the bakery counts"


def test_a_quoted_title_is_blanked() -> None:
    words_ = LostWords(KEY, frozenset(LostWords(KEY).parts(Lost(HERE, "Who stole the yeast?", None))))

    assert words_.blank_quotes("> who stole the yeast", ELSEWHERE) == "> ███ █████ ███ █████"


def test_a_sentence_of_three_words_is_blanked_in_its_own_thread_only() -> None:
    words_ = lost("I agree fully. And the rest of it is long enough to be told apart from others.")

    assert words_.blank_quotes("> I agree fully", HERE) == "> █ █████ █████"
    assert words_.blank_quotes("> I agree fully", ELSEWHERE) == "> I agree fully"


def test_a_sentence_of_four_words_is_blanked_in_every_thread() -> None:
    assert lost(SHORT).blank_quotes(f"> {SHORT}.", ELSEWHERE) == f"> {blanked(SHORT)}."


def test_part_of_a_short_sentence_stays() -> None:
    assert lost(SHORT).blank_quotes("> I stole the yeast again", HERE) == "> I stole the yeast again"


@pytest.mark.parametrize(
    "quoted",
    [
        f"> **{LONG.upper()}**",
        f"> {LONG.replace(' ', '  ')}",
        f"> {LONG.replace('manager', 'mána­ger')}",
        "> " + LONG.replace(" counts", ",\n> counts"),
        f">> {LONG}",
        f"- a list\n\n> {LONG}",
    ],
)
def test_a_quotation_is_recognised_whatever_its_case_marks_and_lines(quoted: str) -> None:
    after = lost(LONG).blank_quotes(quoted, HERE)

    assert [word for word in words(after) if word.casefold() in LONG.casefold().split()] == []
    assert len(after) == len(quoted)


def test_vowel_signs_and_marks_of_a_word_go_with_it() -> None:
    said = "मेरी नौकरी के कई नाम हैं"

    after = lost(said).blank_quotes(f"> {said}", HERE)

    assert set(after) == {">", " ", BLOCK}
    assert len(after) == len(f"> {said}")


def test_a_text_without_a_quotation_is_the_same_text() -> None:
    text = f"{LONG} > {SHORT}"

    assert lost(LONG, SHORT).blank_quotes(text, HERE) is text
    assert LostWords(KEY).blank_quotes(f"> {LONG}", HERE) == f"> {LONG}"


def test_with_another_key_nothing_is_recognised() -> None:
    known = lost(LONG)

    assert LostWords(b"another key", known.hashes).blank_quotes(f"> {LONG}", HERE) == f"> {LONG}"
    assert not known.hashes & lost(LONG, key=b"another key").hashes


QUOTABLE = [LONG, SHORT, TINY, "I agree fully", "one two three", "Nothing of the kind was lost, you know that well"]
PIECES = st.one_of(
    st.sampled_from(
        [
            "> ",
            ">",
            ">!",
            "\n",
            "\n\n",
            "    ",
            "- ",
            "1. ",
            "# ",
            "```\n",
            "`",
            "~~~\n",
            "](http://a.example/b)",
            "* * *\n",
        ]
    ),
    st.sampled_from(QUOTABLE),
    st.sampled_from([f"\n> {said}\n" for said in QUOTABLE]),
    st.text(max_size=8),
)


@given(pieces=st.lists(PIECES, max_size=12), thread=st.sampled_from([HERE, ELSEWHERE]))
def test_only_quoted_stretches_change_and_every_place_stays(pieces: list[str], thread: str) -> None:
    text = "".join(pieces)
    known = lost(*QUOTABLE[:-1], "1 2 3 4 5 6")

    after = known.blank_quotes(text, thread)

    assert len(after) == len(text)
    assert own_text(after) == own_text(text)
    assert spans(after) == spans(text)
    for span in spans(text):
        if span.kind is not Kind.QUOTE:
            assert after[span.start : span.end] == text[span.start : span.end]
    assert {new for old, new in zip(text, after, strict=True) if old != new} <= {BLOCK}
    assert known.blank_quotes(after, thread) == after


@pytest.mark.parametrize("said", [LONG, SHORT])
@pytest.mark.parametrize(
    "write",
    [
        str,
        json.dumps,
        lambda text: json.dumps(f"First.\n{text}\n\nLast."),
        lambda text: json.dumps({"text": f"naïve\t{text}", "more": 'so "quoted"'}),
        lambda text: f"<p>First.<br>{html.escape(text)}</p>",
        lambda text: f'<q class="a > b">{text.replace(" ", " <mark>", 1)}</mark></q>',
        lambda text: text.replace(" ", "\n    "),
        lambda text: "> " + text.replace(" ", "\n> "),
        lambda text: text.replace(" ", "&nbsp;"),
    ],
)
def test_lost_words_are_found_in_a_file_however_they_are_written(said: str, write: object) -> None:
    assert callable(write)
    written = write(said)

    after = in_file(written, said)

    assert [word for word in words(after) if word in said.split()] == []
    assert in_file(after, said) == after
    if written[0] in '"{':
        before, now = (json.dumps(json.loads(text), ensure_ascii=False) for text in (written, after))
        assert len(before) == len(now)


@pytest.mark.parametrize(
    "said", ["Don't you dare say so", 'We called it "fast & cheap" there', "Das können wir nicht später"]
)
@pytest.mark.parametrize(
    "write", [html.escape, json.dumps, lambda text: text.replace("ö", "&ouml;").replace("ä", "&#228;")]
)
def test_escapes_inside_the_words_do_not_hide_them(said: str, write: object) -> None:
    assert callable(write)

    after = in_file(f"[ {write(said)} ]", said)

    assert [word for word in words(html.unescape(after)) if word in words(said)] == []


def test_in_a_file_seven_words_of_a_longer_sentence_stay_and_eight_go() -> None:
    seven, eight = (" ".join(LONG.split()[:count]) for count in (7, 8))

    assert in_file(seven, LONG) == seven
    assert in_file(f"He said: {eight}, he did.", LONG) == f"He said: {blanked(eight)}, he did."


def test_in_a_file_a_sentence_of_three_words_stays() -> None:
    assert in_file("I agree fully.", "I agree fully.") == "I agree fully."


def test_numbers_alone_stay_so_that_no_data_are_spoiled() -> None:
    assert in_file("[1, 2, 3, 4, 5, 6, 7, 8, 9]", "1 2 3 4", "1 2 3 4 5 6 7 8 9 10") == "[1, 2, 3, 4, 5, 6, 7, 8, 9]"


def test_stretches_that_are_spared_stay() -> None:
    found = lost(SHORT, LONG).stretches(f"{SHORT}. {LONG}.")

    after = blank(f"{SHORT}. {LONG}.", found, spared={tuple(word.casefold() for word in SHORT.split())})

    assert after == f"{SHORT}. {blanked(LONG)}."


def test_nothing_is_found_while_nothing_was_lost() -> None:
    assert LostWords(KEY).stretches(LONG) == []


@given(seed=st.integers(0, 10**6), noise=st.text(alphabet="\\un09af&#x;<>b/ \n\"'", max_size=40))
def test_any_escapes_beside_lost_words_are_read_without_harm(seed: int, noise: str) -> None:
    at = Random(seed).randrange(len(noise) + 1)
    text = f"{noise[:at]} . {LONG} . {noise[at:]}"

    after = in_file(text, LONG)

    assert not set(words(after)) & {"manager", "bakery", "crumb"}
