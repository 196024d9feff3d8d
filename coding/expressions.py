"""Search texts with regular expressions that people write: in a form without typographic variety, for a limited time.

An expression sees straight quotes for curly ones, composed letters, and no invisible characters; what it finds is given
in code points of the text as stored. It never looks across a gap, that is, across what is not the author's own.
"""

import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

import regex  # type: ignore[import-untyped]

from db.tokens import FILLER

MOST_REPEATS = 100_000
"""How large all fixed numbers of repeats of an expression, multiplied, may be: each repeat takes memory."""

SECONDS = 0.5
"""Processor time that one expression may take on one text."""

_STRAIGHT = str.maketrans("\u2018\u2019\u201b\u201c\u201d\u201e", "'''\"\"\"", "\u00ad\u200b\u200c\u200d\u2060\ufeff")
_STRETCH = re.compile(f"[^{FILLER}]+")
_CLUSTER = regex.compile(r".\p{M}*", regex.DOTALL)
_REPEATS = re.compile(r"\{(\d+)(?:,\d*)?\}")
_NUMBERS = {"i": regex.IGNORECASE, "m": regex.MULTILINE, "s": regex.DOTALL}


class ExpressionStopped(Exception):
    """Raised when an expression takes too long on a text."""


@lru_cache(maxsize=1 << 12)
def compile_expression(source: str, flags: str) -> "regex.Pattern[str]":
    """Return an expression ready to search with.

    Raises:
        regex.error: it is none, or would take too much memory.
    """
    repeats = [int(found[:9]) or 1 for found in _REPEATS.findall(source)]
    if math.prod(repeats) > MOST_REPEATS:
        raise regex.error("too many repeats", source, source.index("{"))
    number = sum(_NUMBERS[flag] for flag in flags)
    return regex.compile(_straightened(source), number | regex.VERSION0)


def search(expression: "regex.Pattern[str]", text: str, seconds: float = SECONDS) -> Iterator[tuple[int, int]]:
    """Yield start and end of each place where an expression matches at least one character.

    Raises:
        ExpressionStopped: it took longer than allowed.
    """
    searched, starts, ends = _searched(text)
    try:
        for stretch in _STRETCH.finditer(searched):
            for found in expression.finditer(searched, *stretch.span(), timeout=seconds):
                start, end = found.span()
                if start < end:
                    yield starts[start], ends[end - 1]
    except TimeoutError:
        raise ExpressionStopped from None


@lru_cache(maxsize=8)
def _searched(text: str) -> tuple[str, Sequence[int], Sequence[int]]:
    """Return the form of a text that is searched, and where each of its characters begins and ends in the text."""
    straight = _straightened(text)
    if len(straight) == len(text):
        return straight, range(len(text)), range(1, len(text) + 1)
    forms, starts, ends = [], [], []
    for cluster in _CLUSTER.finditer(text):
        form = _straightened(cluster[0])
        forms.append(form)
        starts += [cluster.start()] * len(form)
        ends += [cluster.end()] * len(form)
    return "".join(forms), starts, ends


def _straightened(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFC", text.translate(_STRAIGHT))
