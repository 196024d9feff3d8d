"""The words of a post as the full-text index holds them, and questions that it can answer.

The index holds our own tokens (`db.tokens`), folded and parted by blanks, in three columns: the title, the author's own
words, and quoted words. A character that is not ASCII is written as a sign and six hexadecimal digits, so that SQLite's
tokenizer, whose Unicode tables are old, leaves every token whole, and the beginning of a token is the beginning of what it
is written as. What the index counts is therefore what a scan of the same tokens counts.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from db.spans import Kind, own_text, spans
from db.tokens import FILLER, tokens

_SIGN = "\ue001"
_ENCODED = re.compile(f"{_SIGN}([0-9a-f]{{6}})")
OWN_COLUMNS = "title own"
LONGEST_WORD = 3_000
"""Of a longer word the index holds the beginning: SQLite cuts a token after 32,768 bytes, be it within a character, and
each character takes up to 9 of them."""


@dataclass(frozen=True, slots=True)
class IndexRow:
    """What the index holds of a post."""

    title: str
    own: str
    quoted: str


def index_row(title: str | None, text: str | None) -> IndexRow:
    """The words of a post; a gap in the own words is a token, so that no phrase reaches across it."""
    quoted = "" if not text or ">" not in text else _quoted(text)
    return IndexRow(_encoded(title or ""), _encoded(own_text(text)) if text else "", _encoded(quoted))


def _quoted(text: str) -> str:
    pieces = (
        text[span.start : span.end] if span.kind is Kind.QUOTE else FILLER * (span.end - span.start)
        for span in spans(text)
    )
    return "".join(pieces)


def _encoded(text: str) -> str:
    return " ".join(encoded(token.folded[:LONGEST_WORD]) for token in tokens(text))


def encoded(word: str) -> str:
    """A folded token as the index writes it."""
    if word.isascii():
        return word
    return "".join(each if each.isascii() else f"{_SIGN}{ord(each):06x}" for each in word)


def decoded(word: str) -> str:
    """A word of the index as a folded token."""
    return word if word.isascii() else _ENCODED.sub(lambda found: chr(int(found[1], 16)), word)


def phrase(words: Sequence[str], *, prefix: bool = False) -> str:
    """A question for folded words that follow each other; with `prefix`, the last is only the beginning of one."""
    said = " ".join(encoded(word) for word in words)
    return f'"{said}"*' if prefix else f'"{said}"'


def near(left: str, right: str, within: int) -> str:
    """A question for two phrases with at most so many words between them, in either order."""
    return f"NEAR({left} {right}, {within})"


def in_columns(question: str, columns: str = OWN_COLUMNS) -> str:
    """A question to some of the columns only."""
    return f"{{{columns}}} : ({question})"
