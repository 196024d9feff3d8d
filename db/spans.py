"""Tell the author's own words from quoted words, code and addresses.

`spans` cuts a canonical text (entities decoded, LF) into stretches of one kind that cover it completely and in order.
It follows what Reddit shows, which is CommonMark with few changes:

* QUOTE: lines that begin with ``>``, and the lines of text that follow without a blank line between, because Reddit
  shows those inside the quote as well. A spoiler (``>!like this!<``) is the author's own. After a list marker ``>`` is
  read as "more than", which is what people mean there.
* CODE: blocks fenced by ``` or ~~~ (without a closing fence, to the end), blocks indented by four columns after a
  blank line outside lists, and what stands between backticks.
* URL: bare addresses (``http://``, ``https://``, ``www.``) and the target of a link; its anchor and title stay own words.

Markup that only delimits (backticks around code, the parentheses around a target) counts as own: it holds no words.
Each rule reads the text once, whatever is in it.
"""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from db.tokens import FILLER


class Kind(StrEnum):
    """Whose words a stretch of text holds, or that it holds none."""

    OWN = "own"
    QUOTE = "quote"
    CODE = "code"
    URL = "url"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text of one kind, in code points."""

    kind: Kind
    start: int
    end: int


_MARKUP = ("`", ">", "~~~", "\t", "    ", "](", "://", "www.", "WWW.", "Www.")
_CODE_INDENT = 4
_FENCE = re.compile(rf"(?P<fence>`{{3,}})[^`{FILLER}]*$|(?P<tildes>~{{3,}})")
_HEADING = re.compile(r"#{1,6}(?:[ \t]|$)")
_RULE = re.compile(r"([-*_])(?:[ \t]*\1){2,}[ \t]*$")
_LIST_MARKERS = re.compile(r"(?:(?:[-*+]|\d{1,9}[.)])(?:[ \t]+|$))+")
_FILLED_LINE = re.compile(f"^{FILLER}+$", re.MULTILINE)
_FILLED = re.compile(f"[{FILLER}\\n]+")
_RUN_OF_TICKS = re.compile(r"`+")
_INLINE = re.compile(
    r"\\[!-/:-@\[-`{-~]"
    r"|(?P<ticks>`+)"
    r"|(?P<target>\]\()"
    r"|[\[\]]"
    r"|(?P<scheme>[hH][tT][tT][pP][sS]?://|www\.|WWW\.|Www\.)(?P<rest>[^\s<>\[\]|`\"\u2018\u2019“”«»]+)"
)
_TARGET = re.compile(
    r"\s*+(?P<target><[^<>`\n]*+>|(?:[^\s()\\`]|\\.|\((?:[^\s()\\`]|\\.)*+\))*+)"
    r"(?:\s++(?:\"[^\"]*+\"|'[^']*+'))?\s*+\)"
)
_NEVER_LAST = "?!.,:;*_~'\\"


def spans(text: str) -> tuple[Span, ...]:
    """Cut a text into stretches of one kind each; joined, they are the text."""
    if not text:
        return ()
    if not any(sign in text for sign in _MARKUP):
        return (Span(Kind.OWN, 0, len(text)),)
    return tuple(_partition(_foreign(text), len(text)))


def own_text(text: str) -> str:
    """Return the text with `FILLER` for each character that is not the author's own; length and lines stay.

    The filler counts as a word, so that a phrase never reaches across a gap.
    """
    parts = (text[span.start : span.end] if span.kind is Kind.OWN else _fill(text, span) for span in spans(text))
    return "".join(parts)


def _fill(text: str, span: Span) -> str:
    return "\n".join(FILLER * len(line) for line in text[span.start : span.end].split("\n"))


def _partition(foreign: Iterator[Span], length: int) -> Iterator[Span]:
    """Join neighbours of one kind, and put own words into the gaps."""
    last = Span(Kind.OWN, 0, 0)
    for span in foreign:
        if span.kind is last.kind and span.start == last.end:
            last = Span(last.kind, last.start, span.end)
            continue
        yield from _with_gap(last, span.start)
        last = span
    yield from _with_gap(last, length)


def _with_gap(span: Span, following: int) -> Iterator[Span]:
    """Yield a stretch, if it is not empty, and what is own between it and the next one."""
    if span.start < span.end:
        yield span
    if span.end < following:
        yield Span(Kind.OWN, span.end, following)


def _foreign(text: str) -> Iterator[Span]:
    """Yield what is not own, in order: whole lines first told apart, then addresses and code inside paragraphs."""
    lines = _LineReader()
    paragraph_start = start = 0
    for line in text.split("\n"):
        end = min(start + len(line) + 1, len(text))
        kind = lines.kind_of(line)
        if kind is not Kind.OWN or lines.starts_paragraph:
            yield from _inside_paragraph(text, paragraph_start, start)
            paragraph_start = start
        if kind is not Kind.OWN:
            yield Span(kind, start, end)
            paragraph_start = end
        start = end
    yield from _inside_paragraph(text, paragraph_start, len(text))


@dataclass(slots=True)
class _LineReader:
    """Tells the kind of each line from the line and what the lines before it left open."""

    fence: str = ""
    in_paragraph: bool = False
    in_quoted_paragraph: bool = False
    list_column: int = 0
    starts_paragraph: bool = field(default=True, init=False)

    def kind_of(self, line: str) -> Kind:
        """Return the kind of the next line, and note whether a new paragraph begins with it."""
        self.starts_paragraph = False
        body = line.strip(" \t\r")
        if self.fence:
            return self._inside_fence(body)
        if not body:
            return self._blank()
        column = _column(line)
        if self._begins_quote(body, column):
            return self._quote(body, column)
        starts_block = _starts_block(body)
        if self.in_quoted_paragraph and not starts_block:
            return Kind.QUOTE
        self.in_quoted_paragraph = False
        if column < self.list_column and (starts_block or not self.in_paragraph) and not _FILLED.fullmatch(body):
            self.list_column = 0
        if column >= _CODE_INDENT and not self.in_paragraph and not self.list_column:
            return Kind.CODE
        return self._own_or_fence(body, column, starts_block=starts_block)

    def _inside_fence(self, body: str) -> Kind:
        if len(body) >= len(self.fence) and body == self.fence[0] * len(body):
            self.fence = ""
        return Kind.CODE

    def _blank(self) -> Kind:
        self.in_paragraph = self.in_quoted_paragraph = False
        self.starts_paragraph = True
        return Kind.OWN

    def _begins_quote(self, body: str, column: int) -> bool:
        return body[0] == ">" and body[:2] != ">!" and (column < _CODE_INDENT or self.list_column > 0)

    def _quote(self, body: str, column: int) -> Kind:
        quoted = body.lstrip("> \t")
        self.in_paragraph = False
        self.in_quoted_paragraph = bool(quoted) and not (
            _HEADING.match(quoted) or _RULE.match(quoted) or _FENCE.match(quoted)
        )
        if column < self.list_column:
            self.list_column = 0
        return Kind.QUOTE

    def _own_or_fence(self, body: str, column: int, *, starts_block: bool) -> Kind:
        self.starts_paragraph = not self.in_paragraph
        self.in_paragraph = True
        if not starts_block or (column >= _CODE_INDENT and not self.list_column):
            return Kind.OWN
        self.starts_paragraph = True
        marker = None if _RULE.match(body) else _LIST_MARKERS.match(body)
        if marker and not self.list_column:
            self.list_column = column + _content_offset(marker[0])
        opening = _FENCE.match(body, marker.end() if marker else 0)
        if opening:
            self.fence = opening["fence"] or opening["tildes"]
            self.in_paragraph = False
            return Kind.CODE
        self.in_paragraph = not (_HEADING.match(body) or _RULE.match(body))
        return Kind.OWN


def _column(line: str) -> int:
    """Return the column at which a line begins; a tab goes to the next multiple of four."""
    return len(line[: len(line) - len(line.lstrip(" \t"))].expandtabs(_CODE_INDENT))


def _starts_block(body: str) -> bool:
    return bool(_HEADING.match(body) or _RULE.match(body) or _LIST_MARKERS.match(body) or _FENCE.match(body))


def _content_offset(markers: str) -> int:
    """Return how far the text of a list item stands from its first marker."""
    first = re.match(r"\S+", markers)
    return first.end() + 1 if first else 0


def _inside_paragraph(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield code between backticks, link targets and bare addresses of one paragraph."""
    ticks = _Ticks(text, start, end)
    open_brackets = 0
    position = start
    while found := _INLINE.search(text, position, end):
        position = found.end()
        if found["ticks"]:
            closing = ticks.closing(found.end("ticks"), len(found["ticks"]))
            if closing is not None:
                yield Span(Kind.CODE, found.end(), closing)
                position = closing + len(found["ticks"])
        elif found["scheme"]:
            position = _address_end(text, found)
            if position > found.end("scheme"):
                yield Span(Kind.URL, found.start(), position)
        elif found[0] == "[":
            open_brackets += 1
        elif open_brackets and found[0][0] == "]":
            open_brackets -= 1
            target = _TARGET.match(text, position, end) if found["target"] else None
            if target:
                position = target.end()
                if target["target"]:
                    yield Span(Kind.URL, *target.span("target"))


def _address_end(text: str, found: re.Match[str]) -> int:
    """Return where an address ends without the punctuation of its sentence; the end of its scheme if it is none."""
    start, end, scheme_end = found.start(), found.end(), found.end("scheme")
    if start and text[start - 1].isascii() and text[start - 1].isalnum():
        return scheme_end
    unopened = text.count(")", scheme_end, end) - text.count("(", scheme_end, end)
    while end > scheme_end:
        last = text[end - 1]
        if last == ")" and unopened > 0:
            unopened -= 1
        elif last not in _NEVER_LAST:
            break
        end -= 1
    return end


class _Ticks:
    """The runs of backticks in one paragraph by their length, listed when the first is met."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self._text, self._start, self._end = text, start, end
        self._starts: dict[int, list[int]] = {}
        self._filled_lines: list[int] = []

    def closing(self, after: int, length: int) -> int | None:
        """Return where the run begins that closes the one that ends at `after`, if one does.

        In a text that was masked before, a line of filler stands for a block. No code reaches across it, so that
        masking a second time changes nothing.
        """
        if not self._starts:
            self._list()
        starts = self._starts.get(length, [])
        following = bisect_left(starts, after)
        if following == len(starts):
            return None
        closing = starts[following]
        gap = bisect_left(self._filled_lines, after)
        across = gap < len(self._filled_lines) and self._filled_lines[gap] < closing
        return None if across and not _FILLED.fullmatch(self._text, after, closing) else closing

    def _list(self) -> None:
        starts = defaultdict(list)
        for run in _RUN_OF_TICKS.finditer(self._text, self._start, self._end):
            starts[len(run[0])].append(run.start())
        self._starts = dict(starts)
        if FILLER in self._text:
            lines = _FILLED_LINE.finditer(self._text, self._start, self._end)
            self._filled_lines = [line.start() for line in lines]
