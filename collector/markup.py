"""HTML as sites send it, turned into the one canonical text a post: paragraphs, `> ` before quoted lines, code, links.

The result is plain Markdown of the kind that `db.spans` reads, so that quoted words, code and addresses are told apart
in it as in a text that was typed. A tree is walked without recursion, since strangers nest elements as deep as they like.
"""

import codecs
import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

from bs4 import BeautifulSoup, MarkupResemblesLocatorWarning, XMLParsedAsHTMLWarning
from bs4.element import NavigableString, PageElement, PreformattedString, Tag

from collector.text import canonical

DEEPEST_QUOTE = 8
"""Quotes inside quotes get one more `> ` each, down to here; what is deeper stays quoted all the same."""

_BLOCKS = frozenset(
    {
        "address", "article", "aside", "body", "center", "dd", "details", "dialog", "div", "dl", "dt", "fieldset",
        "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "html", "main",
        "menu", "nav", "ol", "p", "section", "summary", "table", "tbody", "tfoot", "thead", "ul",
    }
)  # fmt: skip
_SILENT = frozenset(
    {
        "audio", "button", "canvas", "datalist", "embed", "head", "iframe", "input", "noscript", "object", "script", "select",
        "style", "svg", "template", "textarea", "title", "video",
    }
)  # fmt: skip
_ROWS = frozenset({"li", "tr"})
_SPACE = re.compile(r"[ \t\n\r\f]+")
_TICKS = re.compile(r"`+")
_BREAKS_A_TARGET = re.compile(r"[\s()<>\\`\"]")
_DECLARED = re.compile(
    rb"<(?:meta|\?xml)\b[^>]*?\b(?:charset|encoding)\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]+)", re.IGNORECASE
)
_DECLARED_WITHIN = 4096
_BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_CHARSETS = frozenset(
    {
        "ascii", "big5", "big5hkscs", "cp866", "euc_jp", "euc_kr", "gb18030", "gb2312", "gbk", "iso2022_jp", "koi8-r",
        "koi8-u", "mac-cyrillic", "mac-roman", "shift_jis", "tis-620", "utf-8", "utf-16-be", "utf-16-le",
        *(f"cp{number}" for number in (874, 932, 949, *range(1250, 1259))), *(f"iso8859-{part}" for part in range(1, 17)),
    }
)  # fmt: skip
"""By Python's names. It knows others too, some of which take a time that grows with the square of the text."""


def soup(markup: str) -> BeautifulSoup:
    """Parse HTML, however broken, with the one parser that we use."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MarkupResemblesLocatorWarning)
        warnings.simplefilter("ignore", XMLParsedAsHTMLWarning)
        return BeautifulSoup(markup, "lxml")


def html_text(markup: str | Tag | None, *, left_out: Callable[[Tag], bool] | None = None) -> str | None:
    """The canonical text of a piece of HTML; None where it holds none.

    Args:
        markup: the piece, as it came or parsed.
        left_out: tells which elements are to be passed over with all that is in them.
    """
    if markup is None:
        return None
    writer = _Writer()
    waiting: list[tuple[Iterator[PageElement], Callable[[], None]]]
    waiting = [(iter((soup(markup) if isinstance(markup, str) else markup).contents), writer.end_line)]
    while waiting:
        nodes, close = waiting[-1]
        node = next(nodes, None)
        if node is None:
            waiting.pop()
            close()
        elif isinstance(node, Tag):
            if node.name not in _SILENT and (left_out is None or not left_out(node)):
                waiting.append((iter(node.contents), writer.open(node)))
        elif isinstance(node, NavigableString) and not isinstance(node, PreformattedString):
            writer.say(node)
    return canonical("\n".join(writer.lines), escaped=False)


def decoded(body: bytes, charset: str | None = None) -> str:
    """The text of a page's bytes.

    Args:
        body: the page.
        charset: as the answer's header names it; what the page says of itself is heard where it does not.
    """
    mark = next((name for sign, name in _BYTE_ORDER_MARKS if body.startswith(sign)), None)
    declared = _DECLARED.search(body, 0, _DECLARED_WITHIN)
    for name in (mark, charset, declared[1].decode() if declared else None):
        known = _python_name(name) if name else None
        if known is not None:
            return body.decode(known, "replace").removeprefix("\ufeff")
    try:
        return body.decode()
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")


def _python_name(charset: str) -> str | None:
    try:
        name = codecs.lookup(charset).name
    except (LookupError, ValueError):
        return None
    if name in ("ascii", "iso8859-1"):
        return "cp1252"  # what browsers take these two for
    return name if name in _CHARSETS else None


def _nothing() -> None:
    """Where an element's end means nothing."""


@dataclass(slots=True)
class _Writer:
    """Writes lines as elements open and close.

    Attributes:
        lines: what is written.
        line: the pieces of the line at work.
        is_bullet: that line is only the mark of a list's item as yet.
        depth: how many quotes are open.
        outermost: the least of them since the last line, which the empty line before the next one belongs to.
        is_gap_due: an empty line goes before the next one.
        code: the pieces of the code at work; None outside code.
        in_link: the outermost link is open.
    """

    lines: list[str] = field(default_factory=list)
    line: list[str] = field(default_factory=list)
    is_bullet: bool = False
    depth: int = 0
    outermost: int = 0
    is_gap_due: bool = False
    code: list[str] | None = None
    in_link: bool = False

    def open(self, node: Tag) -> Callable[[], None]:
        """Begin an element; return what ends it."""
        if self.code is not None:
            return self._inside_code(node.name)
        if node.name in _BLOCKS:
            self._block()
            return self._block
        return _OPENED[node.name](self, node) if node.name in _OPENED else _nothing

    def say(self, text: str) -> None:
        """Add a text, its white space drawn together as browsers do; inside code as it is."""
        if self.code is not None:
            self.code.append(text)
            return
        text = _SPACE.sub(" ", text)
        if not self.line or self.line[-1].endswith(" "):
            text = text.removeprefix(" ")
        if text:
            self.line.append(text)
            self.is_bullet = False

    def end_line(self) -> None:
        """Write the line at work, if there is anything in it."""
        shown = "".join(self.line).rstrip()
        self.line = []
        if shown and not self.is_bullet:
            self._write([shown])
        self.is_bullet = False

    def _write(self, shown: list[str]) -> None:
        prefix = "> " * min(self.depth, DEEPEST_QUOTE)
        # A typed `>` quotes its own line only, while in our text the quote would go on to the next empty line.
        ends_quote = bool(self.lines) and self.lines[-1].startswith(">") and not (prefix or shown[0].startswith(">"))
        if self.lines and (self.is_gap_due or ends_quote):
            self.lines.append(("> " * min(self.outermost, DEEPEST_QUOTE)).rstrip())
        self.lines += [(prefix + line).rstrip() for line in shown]
        self.is_gap_due, self.outermost = False, self.depth

    def _block(self) -> None:
        if not self.is_bullet:
            self.end_line()
            self.is_gap_due = True

    def begin_row(self, _node: Tag) -> Callable[[], None]:
        """Give a row a line of its own."""
        self.end_line()
        return self.end_line

    def begin_cell(self, _node: Tag) -> Callable[[], None]:
        """Keep a cell apart from the next one."""
        return lambda: self.say(" ")

    def begin_words(self, _node: Tag) -> Callable[[], None]:
        """Put quotation marks around words of somebody else."""
        self.say("“")
        return lambda: self.say("”")

    def begin_break(self, _node: Tag) -> Callable[[], None]:
        """End a line; a second time in a row leaves an empty one."""
        if not self.line:
            self.is_gap_due = True
        elif not self.is_bullet:
            self.end_line()
        return _nothing

    def begin_rule(self, _node: Tag) -> Callable[[], None]:
        """Write a line between two parts."""
        self._block()
        self.say("---")
        self._block()
        return _nothing

    def begin_item(self, _node: Tag) -> Callable[[], None]:
        """Begin a line with the mark of an item."""
        self.end_line()
        self.line, self.is_bullet = ["- "], True
        return self.end_line

    def begin_quote(self, _node: Tag) -> Callable[[], None]:
        """Open a quote inside those that are open; an item's mark before it would undo it."""
        self.end_line()
        self.is_gap_due = True
        self.depth += 1
        return self._end_quote

    def _end_quote(self) -> None:
        self.end_line()
        self.is_gap_due = True
        self.depth -= 1
        self.outermost = min(self.outermost, self.depth)

    def _inside_code(self, name: str) -> Callable[[], None]:
        if name == "br":
            self.say("\n")
        return self._end_line_of_code if name in _BLOCKS or name in _ROWS else _nothing

    def begin_block_of_code(self, _node: Tag) -> Callable[[], None]:
        """Take what follows as it is, line by line."""
        self.code = []
        return self._end_block_of_code

    def begin_code(self, _node: Tag) -> Callable[[], None]:
        """Take what follows as it is."""
        self.code = []
        return self._end_code

    def _end_line_of_code(self) -> None:
        if self.code and not self.code[-1].endswith("\n"):
            self.code.append("\n")

    def _take_code(self) -> str:
        code, self.code = "".join(self.code or []), None
        return code.replace("\r\n", "\n")

    def _end_block_of_code(self) -> None:
        code = self._take_code().strip("\n")
        if code.strip():
            fence = _longer_ticks(code, 3)
            self._block()
            first = "".join(self.line) + fence
            self.line, self.is_bullet = [], False
            self._write([first, *code.split("\n"), fence])
            self.is_gap_due = True

    def _end_code(self) -> None:
        code = _SPACE.sub(" ", self._take_code()).strip()
        if code:
            ticks = _longer_ticks(code, 1)
            room = " " if code[0] == "`" or code[-1] == "`" else ""
            self.say(f"{ticks}{room}{code}{room}{ticks}")

    def begin_link(self, node: Tag) -> Callable[[], None]:
        """Remember where a link's words begin."""
        target = "" if self.in_link else _target(node)
        if not target:
            return _nothing
        self.in_link = True
        before, at = len(self.lines), len(self.line)
        return lambda: self._end_link(target, before, at)

    def _end_link(self, target: str, before: int, at: int) -> None:
        """A link's words and its address; the address alone where the words are only its beginning."""
        self.in_link = False
        if len(self.lines) > before:
            # A link around whole blocks: its address follows them.
            self.say(f" {target} ")
            return
        said = "".join(self.line[at:])
        words = said.strip()
        del self.line[at:]
        if said[:1] == " ":
            self.say(" ")
        self.say(target if _is_only_address(words, target) else f"[{words}]({target})")
        if said[1:] and said[-1] == " ":
            self.say(" ")


_OPENED = {
    "a": _Writer.begin_link,
    "blockquote": _Writer.begin_quote,
    "br": _Writer.begin_break,
    "code": _Writer.begin_code,
    "hr": _Writer.begin_rule,
    "li": _Writer.begin_item,
    "pre": _Writer.begin_block_of_code,
    "q": _Writer.begin_words,
    "td": _Writer.begin_cell,
    "th": _Writer.begin_cell,
    "tr": _Writer.begin_row,
}


def _target(node: Tag) -> str:
    """Where a link leads, so written that nothing in it ends it; nothing for a place that only the page knows."""
    target = str(node.get("href") or "").strip()
    if not target.lower().startswith(("http://", "https://")):
        return ""
    return _BREAKS_A_TARGET.sub(lambda found: quote(found[0], errors="replace"), target)


def _is_only_address(words: str, target: str) -> bool:
    shown = words.removesuffix("...").removesuffix("…")
    return not shown or ("." in shown and target.partition("://")[2].startswith(shown.partition("://")[2] or shown))


def _longer_ticks(code: str, least: int) -> str:
    """More backticks than stand together anywhere in the code."""
    return "`" * max(least, 1 + max((len(run[0]) for run in _TICKS.finditer(code)), default=0))
