"""Texts that hold links, taken apart as people and language models write them: headings, items, rows, paragraphs.

Markdown is read loosely, and plain text is Markdown without marks; no text is refused.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_SITES = r"(?:(?:www|old|new|np|m|mobile)\.)?(?:reddit\.com|redd\.it|news\.ycombinator\.com|x\.com|twitter\.com)/"
_IN_URL = r"(?:[^\s<>\"`|\\^{}\[\]\uff0c。、\uff1b\uff09】」』》”\u2019]|\\[_*~&#()\[\]-])"
_ANCHOR = r"(?:[^\[\]]|\[[^\[\]]{0,200}\]){0,500}"
_LINK = re.compile(
    rf"""
    \[(?P<anchor>{_ANCHOR})\]\(\s*<?(?P<inline>(?:[a-z][a-z0-9+.-]{{1,20}}:|{_SITES})
        (?:[^\s<>()\\]|\\.|\([^\s<>()]*\))+)>?(?:\s+["'(][^\n]*?["')])?\s*\)
  | \[(?P<words>{_ANCHOR})\]\[(?P<full>[^\[\]\n]{{0,60}})\]
  | \[(?P<short>\^?[^\[\]\n]{{1,60}})\]
  | (?P<bare>https?://{_IN_URL}+|(?<![\w/@.:=-]){_SITES}{_IN_URL}+)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_DEFINITION = re.compile(r"\s{0,3}\[(?P<id>\^?[^\[\]\n]{1,60})\](?P<colon>:?)\s+(?P<rest>.*https?://.*)$")
_CITATION = re.compile(r"[\[\]^†\s]*(?:\d{1,3}|\^\w{1,20}|source|link)?[\[\]†\s]*", re.IGNORECASE)
_ESCAPE = re.compile(r"\\([_*~&#()\[\]-])")

_HEADING = re.compile(r" {0,3}(#{1,6})\s+(\S.*?)\s*#*\s*$")
_BOLD_LINE = re.compile(r"(\*\*|__)(?=\S)([^*_]{1,118}\S?)\1:?\s*$")
_UNDERLINE = re.compile(r"(=+|-{2,})\s*$")
_ITEM = re.compile(r"([ \t]*)(?:[-*+•‣\u2013]|\d{1,4}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?(?=\S)")
_ROW = re.compile(r"\s*\|.*\|\s*$")
_RULE_OF_ROWS = re.compile(r"\s*\|?[\s:|-]*-[\s:|-]*\|?\s*$")
_QUOTED = re.compile(r"(?:\s*> ?)+")
_FENCE = re.compile(r"\s*(```|~~~)")
_COUNT = re.compile(r"\s*\(\d[^()]*\)$")
_LABEL_LENGTH = 80
_BOLD_LEVEL, _LABEL_LEVEL = 7, 8


@dataclass(frozen=True, slots=True)
class Found:
    """A link in a text.

    Attributes:
        link: the address, without the escapes of Markdown.
        anchor: the words that bear the link; None where it stands by itself.
        start, end: where it stands, its marks included.
        is_citation: whether its words only point to a source, such as `[3]`, and say nothing.
    """

    link: str
    anchor: str | None
    start: int
    end: int
    is_citation: bool


@dataclass(slots=True)
class Block:
    """A piece of a text.

    Attributes:
        kind: `heading`, `item`, `row` (of a table), `head` (its first row), `paragraph` or `code`.
        path: the headings above it, the widest first.
        indent: how far in its first line stands.
        lines: its lines, without the marks of an item or a quotation.
        numbers: the number of each of its lines, from 1.
    """

    kind: str
    path: tuple[str, ...]
    indent: int = 0
    lines: list[str] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Its lines as one text."""
        return "\n".join(self.lines)

    def number(self, at: int) -> int:
        """The number of the line in which a place of its text is."""
        return self.numbers[self.text.count("\n", 0, at)]

    def take(self, index: int, line: str) -> None:
        """Add a line; `index` counts from 0."""
        self.lines.append(line.strip())
        self.numbers.append(index + 1)


@dataclass(slots=True)
class LinkText:
    """A text, taken apart.

    Attributes:
        blocks: its pieces, in order; definitions of references that are used somewhere are none.
        references: what `[name]` leads to, by name.
        title: its only heading of the first level, which names the whole; None where there are none or several.
    """

    blocks: list[Block]
    references: dict[str, str]
    title: str | None = None

    def links(self, text: str) -> list[Found]:
        """The links in a piece of it, from left to right."""
        links = []
        match = _LINK.search(text)
        while match is not None:
            found = _found(match, self.references)
            if found is not None:
                links.append(found)
            # Brackets that are no link may hold one.
            match = _LINK.search(text, found.end if found is not None else match.start() + 1)
        return links


def read_text(text: str) -> LinkText:
    """Take a text apart."""
    lines = _without_comments(text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    references, defined = _references(lines)
    reader = _Blocks(lines, defined)
    blocks = list(reader.read())
    return LinkText(blocks, references, reader.titles[0] if len(reader.titles) == 1 else None)


def without_links(text: str, links: list[Found], but: Found | None = None) -> str:
    """A text with each link replaced by its words; of `but`, and of one that only points to a source, nothing stays."""
    pieces, at = [], 0
    for link in links:
        pieces.append(text[at : link.start])
        if link is not but and not link.is_citation and link.anchor:
            pieces.append(link.anchor)
        at = link.end
    return "".join([*pieces, text[at:]])


def heading_text(text: str) -> str:
    """A heading as a name: without marks, links, a colon at its end or a count in brackets, which changes."""
    text = re.sub(r"!?\[([^\[\]]*)\]\([^()]*\)", r"\1", text)
    text = re.sub(r"\*\*|__|`", "", text).strip().rstrip(":").strip()
    return _COUNT.sub("", text)


def _without_comments(text: str) -> str:
    """A text without what HTML hides; its lines keep their numbers."""
    pieces, at = [], 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start + 4)) >= 0:
        pieces += [text[at:start], "\n" * text.count("\n", start, end)]
        at = end + 3
    return "".join([*pieces, text[at:]])


def _found(match: re.Match[str], references: dict[str, str]) -> Found | None:
    if match["bare"]:
        link = _trimmed(match["bare"])
        if link.endswith("//"):
            return None
        return Found(_plain(link), None, match.start(), match.start() + len(link), is_citation=True)
    if match["inline"]:
        link, anchor = match["inline"], match["anchor"]
    else:
        name = match["full"] or match["words"] or match["short"] or ""
        link, anchor = references.get(name.lower(), ""), match["words"] or match["short"] or ""
        if not link:
            return None
    return Found(_plain(link), anchor.strip() or None, match.start(), match.end(), bool(_CITATION.fullmatch(anchor)))


def _plain(link: str) -> str:
    return _ESCAPE.sub(r"\1", link).replace("&amp;", "&")


def _trimmed(link: str) -> str:
    """A bare link without the marks that end its sentence, and without a bracket that was opened before it."""
    unopened = link.count(")") - link.count("(")
    end = len(link)
    while end and (link[end - 1] in ".,;:!?*~'_" or (link[end - 1] == ")" and unopened > 0)):
        unopened -= link[end - 1] == ")"
        end -= 1
    return link[:end]


def _references(lines: list[str]) -> tuple[dict[str, str], set[int]]:
    """What the references lead to, and the numbers of the lines that define those which are used."""
    definitions: dict[str, tuple[int, str]] = {}
    for number, line in enumerate(lines):
        match = _DEFINITION.match(line)
        if match and (match["colon"] or match["id"].isdecimal()):
            links = LinkText([], {}).links(match["rest"])
            if links:
                definitions.setdefault(match["id"].lower(), (number, links[0].link))
    defining = {number for number, _ in definitions.values()}
    used = {
        (found["full"] or found["words"] or found["short"] or "").lower()
        for number, line in enumerate(lines)
        if number not in defining
        for found in _LINK.finditer(line)
    }
    known = {name: definition for name, definition in definitions.items() if name in used}
    return {name: link for name, (_, link) in known.items()}, {number for number, _ in known.values()}


class _Blocks:
    """Reads lines into blocks."""

    def __init__(self, lines: list[str], defined: set[int]) -> None:
        self.titles: list[str] = []
        self._lines = lines
        self._defined = defined
        self._path: list[tuple[int, str]] = []
        self._block: Block | None = None
        self._is_fenced = False
        self._after_blank = False

    def read(self) -> Iterator[Block]:
        for index, line in enumerate(self._lines):
            if index not in self._defined:
                yield from self._line(index, line)
        yield from self._ended()

    def _line(self, index: int, line: str) -> Iterator[Block]:
        if _FENCE.match(line):
            self._is_fenced = not self._is_fenced
            yield from self._ended()
        elif self._is_fenced:
            yield from self._longer("code", index, line)
        elif not line.strip():
            if self._block is None or self._block.kind != "item":
                yield from self._ended()
            self._after_blank = True
        else:
            yield from self._written(index, _QUOTED.sub("", line, count=1) if line.lstrip().startswith(">") else line)
            self._after_blank = False

    def _written(self, index: int, line: str) -> Iterator[Block]:
        bold = None if "://" in line else _BOLD_LINE.match(line.strip())
        if heading := _HEADING.match(line):
            yield from self._headed(index, len(heading[1]), heading[2])
        elif bold:
            yield from self._headed(index, _BOLD_LEVEL, bold[2])
        elif self._is_underline(line) and self._block is not None:
            self._block.kind = "heading"
            title, level = self._block.text, 1 if line.startswith("=") else 2
            self._block.path = tuple(name for above, name in self._path if above < level)
            yield from self._ended()
            self._open(level, title)
        elif item := _ITEM.match(line):
            yield from self._ended()
            indent = len(item[1].expandtabs(4))
            self._block = Block("item", self._names(), indent)
            self._block.take(index, line[item.end() :])
        elif _ROW.match(line):
            yield from self._row(index, line)
        elif self._is_label(index, line):
            yield from self._headed(index, _LABEL_LEVEL, line)
        elif self._goes_on(line) and self._block is not None:
            self._block.take(index, line)
        else:
            yield from self._longer("paragraph", index, line)

    def _row(self, index: int, line: str) -> Iterator[Block]:
        yield from self._ended()
        if _RULE_OF_ROWS.match(line):
            return
        following = self._lines[index + 1] if index + 1 < len(self._lines) else ""
        kind = "head" if "-" in following and _RULE_OF_ROWS.match(following) else "row"
        yield Block(kind, self._names(), 0, [line.strip().strip("|").strip()], [index + 1])

    def _headed(self, index: int, level: int, title: str) -> Iterator[Block]:
        yield from self._ended()
        self._close(level)
        yield Block("heading", self._names(), 0, [title], [index + 1])
        self._open(level, title)

    def _longer(self, kind: str, index: int, line: str) -> Iterator[Block]:
        """Add a line to the block of its kind, or begin one."""
        if self._block is None or self._block.kind != kind:
            yield from self._ended()
            if self._after_blank:
                self._close(_LABEL_LEVEL)
            self._block = Block(kind, self._names())
        self._block.take(index, line)

    def _ended(self) -> Iterator[Block]:
        if self._block is not None:
            yield self._block
        self._block = None

    def _is_underline(self, line: str) -> bool:
        block = self._block
        is_title = block is not None and block.kind == "paragraph" and len(block.lines) == 1
        return is_title and not self._after_blank and "://" not in self._last() and _UNDERLINE.match(line) is not None

    def _last(self) -> str:
        return self._block.lines[-1] if self._block is not None else ""

    def _goes_on(self, line: str) -> bool:
        """Whether a line goes on with the item before it: at once, or farther in than it after an empty line."""
        if self._block is None or self._block.kind != "item":
            return False
        is_farther_in = len(line) - len(line.lstrip()) > self._block.indent
        return is_farther_in or (not self._after_blank and "://" not in line)

    def _is_label(self, index: int, line: str) -> bool:
        """A short line that ends in a colon names the items or the links right below it."""
        text = line.rstrip()
        if line[:1].isspace() or not text.endswith(":") or len(text) > _LABEL_LENGTH or "://" in text:
            return False
        below = next((later for later in self._lines[index + 1 :] if later.strip()), "")
        return _ITEM.match(below) is not None or _LINK.match(below.strip()) is not None

    def _names(self) -> tuple[str, ...]:
        return tuple(name for _, name in self._path)

    def _close(self, level: int) -> None:
        while self._path and self._path[-1][0] >= level:
            self._path.pop()

    def _open(self, level: int, title: str) -> None:
        self._close(level)
        name = heading_text(title)
        if name:
            self._path.append((level, name))
        if name and level == 1:
            self.titles.append(name)
