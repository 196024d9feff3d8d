"""Compare a word of a text with a word of a pattern: wildcards, exact spelling, stems."""

import re
import unicodedata
from functools import cache
from typing import Any

ANY_NUMBER, EXACTLY_ONE = "*", "?"
_INVISIBLE = str.maketrans("", "", "\u00ad\u200b\u200c\u200d\u2060\ufeff")


def has_wildcard(word: str) -> bool:
    """Tell whether a word of a pattern has a wildcard in it."""
    return ANY_NUMBER in word or EXACTLY_ONE in word


def is_beginning(word: str) -> bool:
    """Tell whether a word of a pattern is the beginning of words: letters, then one ``*``."""
    return word.endswith(ANY_NUMBER) and not has_wildcard(word[:-1])


def wildcard_expression(word: str) -> re.Pattern[str]:
    """Return the expression that a word of a text matches as a whole.

    Each piece between two ``*`` is taken where it first fits and never tried again, which is enough for wildcards and
    keeps the time proportional to the length of the word.
    """
    first, *rest = (_piece(piece) for piece in word.split(ANY_NUMBER))
    if not rest:
        return re.compile(first + r"\Z", re.DOTALL)
    middle = "".join(f"(?>.*?{piece})" for piece in rest[:-1] if piece)
    return re.compile(rf"{first}{middle}.*{rest[-1]}\Z", re.DOTALL)


def literal_start(word: str) -> str:
    """Return what stands before the first wildcard of a word."""
    return re.split(r"[*?]", word, maxsplit=1)[0]


def as_written(word: str) -> str:
    """Return the form in which the exact spelling of a word is compared: composed, without invisible characters."""
    return word if word.isascii() else unicodedata.normalize("NFC", word.translate(_INVISIBLE))


def stem(folded: str) -> str:
    """Return the English stem of a folded word (Snowball): tuning, tuned and tunes all give tune."""
    return str(_stemmer().stemWord(folded))


@cache
def _stemmer() -> Any:
    import snowballstemmer  # type: ignore[import-untyped]  # noqa: PLC0415  only rules with stems need it

    return snowballstemmer.stemmer("english")


def _piece(piece: str) -> str:
    return ".".join(re.escape(part) for part in piece.split(EXACTLY_ONE))
