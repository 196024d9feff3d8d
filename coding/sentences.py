"""Where sentences and clauses end, in a text in which what is not the author's own is masked (`db.spans.own_text`)."""

import re

from db.tokens import FILLER

_ABBREVIATIONS = ("e.g", "i.e", "vs", "cf", "approx", "dr", "mr", "mrs", "ms", "prof")
_BLANK_LINE = r"\n[^\S\n]*(?=\n)"
_MASKED_LINE = rf"^{FILLER}+$"
_SENTENCE_END = re.compile(
    r"(?<![.!?\u2026])(?P<stop>[.!?\u2026]++)(?=[\"'\u2019\u201d)\]*_~]*+(?:\s|\Z))"
    r"|[\u3002\uff01\uff1f]"
    rf"|{_BLANK_LINE}"
    r"|\n(?=[^\S\n]*(?:[-*+\u2022]|\d{1,9}[.)])[^\S\n])"
    rf"|{_MASKED_LINE}",
    re.MULTILINE,
)
_NO_STOP = re.compile(
    rf"(?<![^\W_])(?:(?i:{'|'.join(map(re.escape, _ABBREVIATIONS))})|[A-HJ-Z])\Z|^[^\S\n]*\d{{1,9}}\Z", re.MULTILINE
)
_LONGEST_ABBREVIATION = 12
_CLAUSE_END = re.compile(
    rf"[;!?\u2026\u2014\u2013\u3002\uff01\uff1f\uff0c\uff1b{FILLER}]|[,.:](?!\d)|(?<=\s)-+(?=\s)|{_BLANK_LINE}"
)


def sentence_ends(text: str) -> list[int]:
    """Return the places at which a sentence ends and the next one begins, in order."""
    return [found.start() for found in _SENTENCE_END.finditer(text) if not _is_abbreviated(text, found)]


def clause_ends(text: str) -> list[int]:
    """Return the places of what ends a clause, in order; words that end one are not among them."""
    return [found.start() for found in _CLAUSE_END.finditer(text)]


def _is_abbreviated(text: str, found: re.Match[str]) -> bool:
    """Whether the full stop belongs to a word such as "e.g.", to an initial, or to the number of a list's item."""
    if found["stop"] != ".":
        return False
    return bool(_NO_STOP.search(text, max(0, found.start() - _LONGEST_ABBREVIATION), found.start()))
