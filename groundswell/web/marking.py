"""Excerpts of posts: the words around what a coding or a rule points at, with it marked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from coding.rules import Hit
from groundswell.web.texts import Mark, Part, show

AROUND = 140
"""Characters before the first mark and after it."""
_NEAR = 30
"""How far a blank may be from where an excerpt would begin or end."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Some words of a post.

    Attributes:
        title, text: what is shown of each, cut into parts.
        cut_before, cut_after: whether there is more of the text.
    """

    title: tuple[Part, ...]
    text: tuple[Part, ...]
    cut_before: bool
    cut_after: bool


def excerpt(
    title: str | None,
    text: str | None,
    marks: Iterable[tuple[int, int]] = (),
    *,
    title_marks: Iterable[tuple[int, int]] = (),
    kind: str = "hit",
    around: int = AROUND,
) -> Excerpt:
    """Cut out the words around the first mark of a text; without a mark its beginning."""
    places = sorted(marks)
    whole = text or ""
    first, last = places[0] if places else (0, 0)
    start, end = _begin(whole, first, around), _end(whole, last, around if places else 2 * around)
    shown = show(whole, [Mark(*place, kind) for place in places], most=None).parts
    return Excerpt(
        title=show(title, [Mark(*place, kind) for place in title_marks], most=None).parts if title else (),
        text=tuple(_within(shown, start, end)),
        cut_before=start > 0,
        cut_after=end < len(whole),
    )


def excerpt_of_hits(title: str | None, text: str | None, hits: Sequence[Hit]) -> Excerpt:
    """Cut out the words around what rules found in a post."""
    return excerpt(
        title,
        text,
        [(hit.start, hit.end) for hit in hits if hit.field == "text"],
        title_marks=[(hit.start, hit.end) for hit in hits if hit.field == "title"],
    )


def _within(parts: Iterable[Part], start: int, end: int) -> Iterable[Part]:
    """The parts that lie between two places; links and control signs are not cut."""
    for part in parts:
        stop = part.start + part.length
        if stop <= start or part.start >= end:
            continue
        begin, until = max(part.start, start), min(stop, end)
        if part.link or len(part.text) != part.length or (begin, until) == (part.start, stop):
            yield part
        else:
            words = part.text[begin - part.start : until - part.start]
            yield Part(part.kind, words, begin, until - begin, part.mark)


def _begin(text: str, first: int, around: int) -> int:
    """Where an excerpt begins: so many characters before its first mark, at a blank if there is one near."""
    place = first - around
    if place <= 0:
        return 0
    blank = text.find(" ", place, min(place + _NEAR, first))
    return blank + 1 if blank >= 0 else place


def _end(text: str, last: int, around: int) -> int:
    """Where an excerpt ends: so many characters behind its first mark, at a blank if there is one near."""
    place = last + around
    if place >= len(text):
        return len(text)
    blank = text.rfind(" ", max(place - _NEAR, last), place)
    return blank if blank >= 0 else place
