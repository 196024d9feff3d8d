"""Marked places in somebody's own Markdown: found, checked, and filled; every byte outside them stays.

A place begins with ``<!-- groundswell CLAIM [FORM] -->`` and ends with ``<!-- /groundswell -->``. Both are comments that
no page shows. A place may stand within a line (in a sentence, in the cell of a table) or on lines of its own. Marks in
code, fenced, indented or between backticks, are text like any other.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from markdown_it import MarkdownIt

FORMS = ("sentence", "counts", "share", "row", "list", "sources", "methods")
CLOSING = "<!-- /groundswell -->"
_BOM = "\ufeff"
_LINE_END = re.compile(r"\r\n|\r|\n")
_PIECE = re.compile(
    r"\\[\\`<]|(?P<ticks>`+)"
    r"|(?P<comment><!--[ \t]*(?P<slash>/?)groundswell(?![\w-])(?P<words>(?:(?!-->)[^\r\n])*+)(?P<end>-->)?)"
)
_PREFIX = re.compile(r"[ \t>]*")
_LEAD = re.compile(r"(?:[ \t]*+(?:\r\n|\r|\n)[ \t>]*+)++|[ \t]*+")


@dataclass(frozen=True, slots=True)
class Place:
    """A place to fill.

    Attributes:
        claim, form: what belongs there.
        line: the line of its opening mark, from 1.
        start, end: where its content stands in the text.
        has_lines: whether it stands on lines of its own, so that it may hold several.
        prefix: what each of its lines begins with: blanks, and signs of quotation.
    """

    claim: str
    form: str
    line: int
    start: int
    end: int
    has_lines: bool
    prefix: str


class Mistake(NamedTuple):
    """What is wrong with a mark, and what to do about it."""

    line: int
    message: str
    hint: str


class Filled(NamedTuple):
    """A text with all its places filled, and those of them that said something else before."""

    text: str
    places: tuple[Place, ...]
    stale: tuple[Place, ...]


Write = Callable[[Place], str]
"""Gives the words for a place, in lines parted by a line feed; raises `UnfitError` where there are none."""


class UnfitError(Exception):
    """Raised where a place asks for something that its claim or its position cannot have."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


def fill_text(text: str, write: Write) -> Filled | list[Mistake]:
    """Fill every place of a text, or return all that is wrong with its marks."""
    places, mistakes = find_places(text)
    contents: list[str] = []
    for place in places:
        try:
            contents.append(_laid_out(write(place), place, text))
        except UnfitError as unfit:
            mistakes.append(Mistake(place.line, unfit.message, unfit.hint))
    if mistakes:
        return sorted(mistakes)
    parts, position = [], 0
    for place, content in zip(places, contents, strict=True):
        parts += [text[position : place.start], content]
        position = place.end
    stale = tuple(p for p, content in zip(places, contents, strict=True) if text[p.start : p.end] != content)
    return Filled("".join([*parts, text[position:]]), tuple(places), stale)


def find_places(text: str) -> tuple[list[Place], list[Mistake]]:
    """Find the places of a text, and what is wrong with its marks."""
    places: list[Place] = []
    mistakes: list[Mistake] = []
    opened: re.Match[str] | None = None
    starts = _line_starts(text)
    for mark in _marks(text, starts):
        line = _line_of(mark.start(), starts)
        if mark["end"] is None:
            mistakes.append(Mistake(line, "the mark does not end on its line", "end it with -->"))
        elif mark["slash"] and mark["words"].strip():
            mistakes.append(Mistake(line, "the closing mark has words in it", f"write {CLOSING}"))
        elif mark["slash"] and opened is None:
            mistakes.append(Mistake(line, "a closing mark without an opening one", "take it out"))
        elif mark["slash"] and opened is not None:
            places.append(_place(text, opened, mark, starts))
            opened = None
        elif opened is not None:
            at = _line_of(opened.start(), starts)
            mistakes.append(
                Mistake(line, f"a mark within the one opened in line {at}", f"close that one first: {CLOSING}")
            )
        elif not _is_mark(mark["words"]):
            mistakes.append(Mistake(line, "the mark names no claim", "write <!-- groundswell CLAIM [FORM] -->"))
            opened = mark
        else:
            opened = mark
    if opened is not None:
        mistakes.append(Mistake(_line_of(opened.start(), starts), "the mark is not closed", f"add {CLOSING}"))
    return [place for place in places if place.claim], mistakes


def _is_mark(words: str) -> bool:
    return len(words.split()) in (1, 2)


def _place(text: str, opening: re.Match[str], closing: re.Match[str], starts: Sequence[int]) -> Place:
    start, end = opening.end(), closing.start()
    claim, form, *_ = [*opening["words"].split(), "sentence", ""] if _is_mark(opening["words"]) else ["", ""]
    line = _line_of(opening.start(), starts)
    begins = starts[line - 1] + (1 if text.startswith(_BOM) and line == 1 else 0)
    before = text[begins : opening.start()]
    # Words before the mark, as in a list item, are no prefix; lines that follow begin like the line of the closing mark.
    prefix = before if _PREFIX.fullmatch(before) else _before(text, closing.start(), starts)
    return Place(claim, form, line, start, end, _has_lines(text[start:end]), prefix)


def _before(text: str, position: int, starts: Sequence[int]) -> str:
    found = _PREFIX.match(text, starts[_line_of(position, starts) - 1], position)
    return found[0] if found else ""


def _has_lines(content: str) -> bool:
    lead = _LEAD.match(content)
    return lead is not None and _LINE_END.search(lead[0]) is not None


def _laid_out(words: str, place: Place, text: str) -> str:
    """The words between the blanks and line ends that stood there, each line with the prefix of the place."""
    old = text[place.start : place.end]
    line_end = found[0] if (found := _LINE_END.search(text)) else "\n"
    lines = words.strip().split("\n")
    if not place.has_lines and len(lines) > 1:
        raise UnfitError(
            f"`{place.form}` gives several lines here", "put the opening and the closing mark on lines of their own"
        )
    body = line_end.join((place.prefix + line).rstrip() if number else line for number, line in enumerate(lines))
    lead, trail = _margins(old)
    if not place.has_lines:
        return f"{lead}{body}{trail}"
    own = line_end + place.prefix
    return f"{lead or own}{body}{trail if _LINE_END.search(trail) else own}"


def _margins(old: str) -> tuple[str, str]:
    """The blanks and line ends at both sides of what stood there; of nothing but those, none."""
    lead = _LEAD.match(old)
    inner = old[lead.end() :] if lead else old
    if not inner:
        return "", ""
    kept = inner.rstrip(" \t\r\n>")
    line_end = _LINE_END.search(inner, len(kept))
    words_end = len((inner[: line_end.start()] if line_end else inner).rstrip(" \t"))
    return lead[0] if lead else "", inner[words_end:]


def _marks(text: str, starts: Sequence[int]) -> Iterator[re.Match[str]]:
    """The comments of ours that are not in code, from the first to the last."""
    in_code = set(_code_lines(text))
    for number, (start, end) in enumerate(pairwise([*starts, len(text)])):
        position = start if number not in in_code else end
        while found := _PIECE.search(text, position, end):
            position = found.end()
            if found["comment"]:
                yield found
            elif found["ticks"]:
                position = _after_code(text, found, end)


def _after_code(text: str, ticks: re.Match[str], end: int) -> int:
    """Where code between backticks ends: after the next run of as many on the line; without one they are text."""
    closing = re.compile(rf"(?<!`)`{{{len(ticks[0])}}}(?!`)").search(text, ticks.end(), end)
    return closing.end() if closing else ticks.end()


def _code_lines(text: str) -> Iterator[int]:
    """The lines, from 0, of fenced and indented code, as code hosts read Markdown."""
    for token in MarkdownIt("commonmark").parse(text.removeprefix(_BOM)):
        if token.type in ("fence", "code_block") and token.map:
            yield from range(*token.map)


def _line_starts(text: str) -> list[int]:
    return [0, *(found.end() for found in _LINE_END.finditer(text) if found.end() < len(text))]


def _line_of(position: int, starts: Sequence[int]) -> int:
    return bisect_right(starts, position)
