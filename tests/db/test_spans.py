import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.spans import Kind, Span, own_text, spans
from db.tokens import FILLER

BLOCKS = [
    "\n",
    "\n\n",
    "> ",
    ">",
    ">!",
    "!<",
    "    ",
    "\t",
    "- ",
    "1. ",
    "# ",
    "---",
    "```",
    "~~~",
    "text",
    "two words",
]
INLINE = ["`", "``", "[", "]", "[anchor](target)", "http://", "www.", "a.b/c", "\\", " ", ".", "\u2019", "\U0001f600"]
MARKDOWN = st.lists(st.sampled_from(BLOCKS + INLINE), max_size=20).map("".join)
ANYTHING = MARKDOWN | st.text(max_size=60) | st.text(alphabet="`>[]()~-. \n\tah:/w\\" + FILLER, max_size=60)


def _kinds(text: str) -> list[tuple[Kind, str]]:
    return [(span.kind, text[span.start : span.end]) for span in spans(text)]


def _masked(text: str) -> str:
    return own_text(text).replace(FILLER, "\u00b7")


@given(text=ANYTHING)
def test_the_spans_are_a_partition_of_the_text(text: str) -> None:
    found = spans(text)

    assert "".join(text[span.start : span.end] for span in found) == text
    assert all(span.start < span.end for span in found)
    assert all(one.end == two.start and one.kind is not two.kind for one, two in pairwise(found))


@given(text=ANYTHING)
def test_own_text_keeps_the_length_and_the_lines_of_the_text(text: str) -> None:
    assert [len(line) for line in own_text(text).split("\n")] == [len(line) for line in text.split("\n")]


@given(text=ANYTHING)
def test_own_text_changes_nothing_but_what_it_masks(text: str) -> None:
    assert all(after in (before, FILLER) for before, after in zip(text, own_text(text), strict=True))


@given(text=MARKDOWN)
def test_masking_a_second_time_changes_nothing(text: str) -> None:
    assert own_text(own_text(text)) == own_text(text)


def test_plain_words_are_one_span() -> None:
    assert spans("just words") == (Span(Kind.OWN, 0, 10),)


def test_an_empty_text_has_no_spans() -> None:
    assert spans("") == ()


def test_places_are_counted_in_code_points() -> None:
    assert spans("\U0001f600 `x`") == (Span(Kind.OWN, 0, 3), Span(Kind.CODE, 3, 4), Span(Kind.OWN, 4, 5))


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("> theirs\n\nmine", "········\n\nmine"),
        (">theirs", "·······"),
        ("mine\n> theirs\n>> older\n\nmine", "mine\n········\n········\n\nmine"),
        ("   > theirs", "···········"),
        ("> theirs\ngoes on\n\nmine", "········\n·······\n\nmine"),
        ("> # their heading\nmine", "·················\nmine"),
        ("> theirs\n- mine", "········\n- mine"),
        ("> theirs\n>\nmine", "········\n·\nmine"),
        ("> >!theirs!<", "············"),
        ("- item\n  > theirs\n\n  mine", "- item\n··········\n\n  mine"),
    ],
)
def test_quoted_lines_are_not_own(text: str, masked: str) -> None:
    assert _masked(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        ">!my spoiler!<",
        "\\> not a quote",
        "5 > 3",
        "- >50% of us",
        "mine\n    > goes on",
        "its 3 o`clock",
        "an \\`escaped` tick",
        "``uneven`",
        "[anchor](some words)",
        "[anchor]()",
        "not] (a link)",
        "f](x)",
        "http:// and www. alone",
        "awww.cute",
        "para\n    goes on",
        "- item\n\n    in the item",
        "1. item\n\n    in the item",
        "~~struck~~",
        "a < b and `one\n\ntwo`",
    ],
)
def test_what_only_looks_like_markup_is_own(text: str) -> None:
    assert own_text(text) == text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("use `pip install` here", "use `···········` here"),
        ("`` a`b ``s", "``·····``s"),
        ("`over\nlines`", "`····\n·····`"),
        ("`ends \\` here", "`······` here"),
        ("```\nx = 1\n```\nmine", "···\n·····\n···\nmine"),
        ("```py\nx\n\n> y", "·····\n·\n\n···"),
        ("~~~\n```\n~~~~\nmine", "···\n···\n····\nmine"),
        ("````\n```\n````\nmine", "····\n···\n····\nmine"),
        ("- ```\n  x\n  ```\n  mine", "·····\n···\n·····\n  mine"),
        ("mine\n\n    code\n\tcode\n\nmine", "mine\n\n········\n·····\n\nmine"),
        ("# heading\n    code", "# heading\n········"),
        ("- item\n\nmine\n\n    code", "- item\n\nmine\n\n········"),
        ("- item\n\n> theirs\n\n    code", "- item\n\n········\n\n········"),
    ],
)
def test_code_is_not_own(text: str, masked: str) -> None:
    assert _masked(text) == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("see https://a.example/b_c?d=e#f.", "see ···························."),
        ("(www.a.example)", "(·············)"),
        ("https://a.example/x_(y)", "·······················"),
        ("(HTTP://a.example/x)),", "(··················)),"),
        ("**https://a.example**", "**·················**"),
        ("<https://a.example>", "<·················>"),
        ("\u201chttps://a.example\u201d", "\u201c·················\u201d"),
        ("[my words](https://a.example/x_(y))", "[my words](·······················)"),
        ('[my words](/wiki/page "my title")', '[my words](·········· "my title")'),
        ("[my words](<a b>)", "[my words](·····)"),
        ("[a [b] c](d)", "[a [b] c](·)"),
        ("[https://a.example](https://a.example)", "[·················](·················)"),
        ("\u898b\u3066https://a.example", "\u898b\u3066·················"),
    ],
)
def test_addresses_are_not_own_and_anchors_are(text: str, masked: str) -> None:
    assert _masked(text) == masked


def test_each_span_tells_its_kind() -> None:
    assert _kinds("> theirs\n\nmine `code` www.a.example") == [
        (Kind.QUOTE, "> theirs\n"),
        (Kind.OWN, "\nmine `"),
        (Kind.CODE, "code"),
        (Kind.OWN, "` "),
        (Kind.URL, "www.a.example"),
    ]


def test_windows_line_ends_are_line_ends() -> None:
    assert own_text("```\r\nx\r\n```\r\nmine").endswith("\nmine")


@pytest.mark.parametrize(
    "piece",
    [
        "`",
        "` ",
        "[",
        "](",
        "[](",
        "[a](x ",
        '[a](x "',
        "[a](<",
        ">",
        ">\n",
        "- ",
        "http://",
        "www.a) ",
        ").",
        "~~~\n",
        "\\",
    ],
)
def test_a_hostile_text_takes_no_longer_than_its_length(piece: str) -> None:
    text = "[a](x" + piece * (1_000_000 // len(piece))

    started = time.process_time()
    assert len(own_text(text)) == len(text)
    assert time.process_time() - started < 20
