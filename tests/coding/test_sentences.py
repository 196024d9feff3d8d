import time
from itertools import pairwise

import pytest

from coding.sentences import clause_ends, sentence_ends
from db.tokens import FILLER


def cut(text: str, ends: list[int]) -> list[str]:
    bounds = [0, *ends, len(text)]
    return [text[start:end].strip(" .!?\n,;:") for start, end in pairwise(bounds) if end > start]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three? Four\u2026 five", ["One", "Two", "Three", "Four", "\u2026 five"]),
        ("He said \u201cno.\u201d Then left.", ["He said \u201cno", "\u201d Then left"]),
        ("(Done.) *Next.* end", ["(Done", ") *Next", "* end"]),
        ("v3.5 is a.b out", ["v3.5 is a.b out"]),
        ("Tools, e.g. this, i.e. that vs. those", ["Tools, e.g. this, i.e. that vs. those"]),
        ("Ask Dr. No. Then J. Doe", ["Ask Dr. No", "Then J. Doe"]),
        ("So do I. They x. and", ["So do I", "They x", "and"]),
        ("What?! Really... yes", ["What", "Really", "yes"]),
        ("one\ntwo", ["one\ntwo"]),
        ("one\n \ntwo", ["one", "two"]),
        ("one\n- two\n* three\n12. four\n-five", ["one", "- two", "* three", "12. four\n-five"]),
        ("\u65e5\u672c\u3002\u8a9e\uff01", ["\u65e5\u672c", "\u3002\u8a9e", "\uff01"]),
        (f"one\n{FILLER * 3}\ntwo {FILLER} three", ["one", f"{FILLER * 3}\ntwo {FILLER} three"]),
        ("end.", ["end"]),
    ],
)
def test_a_sentence_ends_where_people_read_its_end(text: str, expected: list[str]) -> None:
    assert [part for part in cut(text, sentence_ends(text)) if part] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no, yes; maybe: so. end! or? \u2026x", ["no", "yes", "maybe", "so", "end", "or", "", "\u2026x"]),
        ("3,5 and 10:30 and 2.5", ["3,5 and 10:30 and 2.5"]),
        ("not - yes -- or \u2014 and \u2013 x", ["not", "- yes", "-- or", "\u2014 and", "\u2013 x"]),
        ("well-known (not) \u201cso\u201d don't", ["well-known (not) \u201cso\u201d don't"]),
        ("one\n\ntwo\nthree", ["one", "two\nthree"]),
        (f"one {FILLER} two", ["one", f"{FILLER} two"]),
    ],
)
def test_a_clause_ends_at_punctuation_and_gaps(text: str, expected: list[str]) -> None:
    assert cut(text, clause_ends(text)) == expected


@pytest.mark.parametrize("text", ["." * 200_000 + "x", "\n " * 100_000, "!**" * 70_000, "- " * 100_000, "e.g" * 70_000])
def test_a_strange_text_takes_no_longer_than_it_is_long(text: str) -> None:
    started = time.process_time()
    sentence_ends(text)
    clause_ends(text)
    assert time.process_time() - started < 2
