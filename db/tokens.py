"""Cut a text into whole words, as the full-text index of the store does, and fold them for comparison.

A token is a maximal run of letters, numbers and private-use characters (Unicode categories L*, N*, Co); combining
marks continue a token, everything else parts tokens: blanks, punctuation (straight and curly apostrophes alike),
the underscore, symbols, emoji. Folding lowers the case of each character and takes the diacritics off Latin letters.
For assigned letters and numbers of the common scripts this is SQLite's ``unicode61 remove_diacritics 2``; the tests
compare the two. They differ, on purpose, where SQLite is uneven or where words would be torn:

* SQLite takes each character that its old Unicode tables do not know for a letter, so that some emoji are words
  there and others are not. Here none is. Letters younger than those tables are folded here and not there.
* SQLite ends a token at combining marks other than the 25 most common; here all marks continue it, so that a word of
  Hindi or Thai stays whole. General diacritics are dropped by folding, the vowel signs of a script are kept.
* Invisible characters inside a word (zero-width space, joiner and non-joiner, word joiner, byte order mark, soft
  hyphen) part the word in SQLite. Here they are ignored: what looks like one word is one word.
* A letter and its mark are composed first, so that both ways to write й are one token; so are compatibility forms.
* A run of `FILLER` is always a token of its own, also when it touches a word.
"""

import re
import unicodedata
from functools import cache, lru_cache
from typing import NamedTuple

FILLER = "\ue000"
"""Stands in a masked text for each character that is not the author's own; see `db.spans`."""

_ASCII_WORD = re.compile(r"[A-Za-z0-9]+")
_PRIVATE_USE = "\ue001-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd"
_INVISIBLE = "\u00ad\u200b-\u200d\u2060\ufeff"
_GENERAL_DIACRITICS = "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f"
_FIRST_MARK, _LAST_MARK = 0x0300, 0x1FFFF
_VARIATION_SELECTORS = "\U000e0100-\U000e01ef"
_INVISIBLE_CHARACTER = re.compile(f"[{_INVISIBLE}]")
_DIACRITIC = re.compile(f"[{_GENERAL_DIACRITICS}{_VARIATION_SELECTORS}]")


class Token(NamedTuple):
    """One word: its folded form, and where it stands in the text in code points."""

    folded: str
    start: int
    end: int


def tokens(text: str) -> list[Token]:
    """Return the words of a text in order."""
    if text.isascii():
        return [Token(found[0], *found.span()) for found in _ASCII_WORD.finditer(text.lower())]
    return [Token(fold(found[0]), *found.span()) for found in _unicode_word().finditer(text)]


def words(text: str) -> list[str]:
    """Return the words of a text as they are written, not folded."""
    return _word_pattern(text).findall(text)


def word_bounds(text: str) -> list[tuple[int, int]]:
    """Return start and end of each word that `words` returns."""
    return [found.span() for found in _word_pattern(text).finditer(text)]


def fold(word: str) -> str:
    """Return the form in which a word is compared: lower case, without diacritics and invisible characters."""
    return word.lower() if word.isascii() else _fold_unicode(word)


def _word_pattern(text: str) -> re.Pattern[str]:
    return _ASCII_WORD if text.isascii() else _unicode_word()


@cache
def _unicode_word() -> re.Pattern[str]:
    """Build the pattern of a token; the marks are listed once, from the tables that Python comes with."""
    more = _PRIVATE_USE + _combining_marks() + _VARIATION_SELECTORS
    return re.compile(
        rf"{FILLER}+|(?:[^\W_]|[{_PRIVATE_USE}])(?:[^\W_]++|[{more}]++|[{_INVISIBLE}]++(?=[^\W_]|[{more}]))*+"
    )


def _combining_marks() -> str:
    """Return the combining marks as ranges of a character class."""
    ranges: list[list[int]] = []
    for point in range(_FIRST_MARK, _LAST_MARK + 1):
        if unicodedata.category(chr(point))[0] != "M":
            continue
        if ranges and ranges[-1][1] == point - 1:
            ranges[-1][1] = point
        else:
            ranges.append([point, point])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)


@lru_cache(maxsize=1 << 14)
def _fold_unicode(word: str) -> str:
    composed = unicodedata.normalize("NFC", _INVISIBLE_CHARACTER.sub("", word))
    return _DIACRITIC.sub("", "".join(map(_fold_character, composed)))


@lru_cache(maxsize=1 << 12)
def _fold_character(character: str) -> str:
    """Fold one character; ß stays itself, as in SQLite, because its folded form is two letters."""
    folded = character.casefold()
    if len(folded) > 1:
        folded = character.lower()
    parts = unicodedata.normalize("NFD", folded)
    return parts[0] if parts[0].isascii() and all(map(unicodedata.combining, parts[1:])) else folded
