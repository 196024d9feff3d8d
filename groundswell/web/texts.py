"""A post's text as parts that are safe to show: own words, quotes, code and links told apart, control signs named.

Texts come from whoever can post. Nothing in them is taken for markup; templates escape each part. What could turn a
line around (bidi embeddings, overrides, isolates) or is no text (C0, C1) is shown by its name in a box. Marks that only
help right-to-left scripts along are left alone.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from db.spans import Kind, spans

LONGEST = 20_000
"""How many characters of a text are shown before it is asked for whole."""
SIGN = "sign"
_CONTROL = re.compile(r"([\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069])\1*")
"""A control sign, however often in a row."""
_BLANK = re.compile(r"\s")
_LOOK_BACK = 200
_SCHEMES = frozenset({"http", "https"})


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of a text, in code points, that something points at: `excerpt` (a coding) or `hit` (a rule, a search)."""

    start: int
    end: int
    kind: str = "hit"


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a text that is shown in one way.

    Attributes:
        kind: own, quote, code, url, or sign for a control sign (or a row of the same), whose name `text` is.
        start: where it stands in the whole text, in code points.
        length: how long it is there.
        mark: the kind of the mark on it; '' for none.
        link: where a link leads; '' unless it is one.
        host: the host of that link.
    """

    kind: str
    text: str
    start: int
    length: int
    mark: str = ""
    link: str = ""
    host: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A text, or its beginning.

    Attributes:
        length: how long the whole text is, in code points.
        rest: how much of it is not shown.
    """

    parts: tuple[Part, ...]
    length: int
    rest: int


def show(text: str | None, marks: Iterable[Mark] = (), most: int | None = LONGEST) -> Shown:
    """Cut a text into parts to show.

    Args:
        text: as it is stored.
        marks: what to point at; where several lie on one place, the last one is shown.
        most: how many characters to show at most; None = all.
    """
    whole = text or ""
    shown = _beginning(whole, most)
    parts = tuple(part for span in _cut(shown, list(marks)) for part in _without_controls(span, shown))
    return Shown(parts, len(whole), len(whole) - len(shown))


def plain(text: str) -> str:
    """A line of text whose control signs are named in it, for titles, names and messages."""
    return _CONTROL.sub(lambda found: f"⟨{_name(found[0])}⟩", text)


def shown_value(value: object) -> object:
    """What a template shows of any value: whatever it is, no control sign of it reaches a page."""
    return plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def as_typed(text: str) -> Markup:
    """Text for a field that a person edits and sends back: escaped, and otherwise as it is."""
    return escape(text)


def link_of(address: str | None) -> tuple[str, str]:
    """A web address that may be followed, and its host; two empty texts for anything else."""
    try:
        parts = urlsplit(address or "")
        host = parts.hostname or ""
    except ValueError:
        return "", ""
    if parts.scheme.lower() not in _SCHEMES or not host or _CONTROL.search(address or ""):
        return "", ""
    return address or "", host


def _beginning(text: str, most: int | None) -> str:
    """At most so much of a text, cut at a blank if there is one near."""
    if most is None or len(text) <= most:
        return text
    blanks = [found.start() for found in _BLANK.finditer(text, max(most - _LOOK_BACK, 0), most)]
    return text[: blanks[-1] if blanks else most]


def _cut(text: str, marks: list[Mark]) -> Iterator[Part]:
    """Stretches of one kind and one mark."""
    edges = sorted({place for mark in marks for place in (mark.start, mark.end)})
    for span in spans(text):
        kind = "quote" if span.kind is Kind.QUOTE else span.kind.value
        link, host = link_of(text[span.start : span.end]) if span.kind is Kind.URL else ("", "")
        # A link is one thing to follow, whatever points into it.
        inner = [] if link else edges[bisect_right(edges, span.start) : bisect_right(edges, span.end - 1)]
        for start, end in zip([span.start, *inner], [*inner, span.end], strict=True):
            marked = [mark.kind for mark in marks if mark.start < end and start < mark.end]
            yield Part(kind, text[start:end], start, end - start, marked[-1] if marked else "", link, host)


def _without_controls(part: Part, text: str) -> Iterator[Part]:
    """A part with its control signs set apart."""
    start, end = part.start, part.start + part.length
    for found in _CONTROL.finditer(text, start, end):
        if start < found.start():
            yield Part(part.kind, text[start : found.start()], start, found.start() - start, part.mark)
        yield Part(SIGN, _name(found[0]), found.start(), len(found[0]), part.mark)
        start = found.end()
    if start == part.start:
        yield part
    elif start < end:
        yield Part(part.kind, text[start:end], start, end - start, part.mark)


def _name(signs: str) -> str:
    times = f" ({len(signs):,} times)" if len(signs) > 1 else ""
    return f"U+{ord(signs[0]):04X}{times}"
