"""HTML as sites send it, turned into the one canonical text a post: paragraphs, `> ` before quoted lines, code, links.

The result is plain Markdown of the kind that `db.spans` reads, so that quoted words, code and addresses are told apart
in it as in a text that was typed.
"""

import re
import warnings
from collections.abc import Callable, Iterable

from bs4 import BeautifulSoup, MarkupResemblesLocatorWarning
from bs4.element import NavigableString, PreformattedString, Tag

from collector.text import canonical

_BLOCKS = frozenset(
    {
        "address", "article", "aside", "body", "center", "dd", "details", "div", "dl", "dt", "figcaption", "figure", "footer",
        "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "html", "main", "nav", "ol", "p", "section", "summary", "table",
        "tbody", "tfoot", "thead", "tr", "ul",
    }
)  # fmt: skip
_SILENT = frozenset({"script", "style", "template", "noscript", "head", "svg", "iframe", "button", "input", "select"})
_SPACE = re.compile(r"[ \t\n\r\f]+")
_EMPTY_LINES = re.compile(r"\n{3,}")


def soup(markup: str) -> BeautifulSoup:
    """Parse HTML, however broken, with the one parser that we use."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MarkupResemblesLocatorWarning)
        return BeautifulSoup(markup, "lxml")


def html_text(markup: str | Tag | None) -> str | None:
    """The canonical text of a piece of HTML; None where it holds none."""
    if markup is None:
        return None
    root = soup(markup) if isinstance(markup, str) else markup
    lines = [line.rstrip() for line in "".join(_pieces(root.children)).split("\n")]
    return canonical(_EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip("\n"), escaped=False)


def _pieces(nodes: Iterable[object]) -> list[str]:
    """Text piece by piece. A block begins and ends with an empty line, which are drawn together at the end."""
    pieces: list[str] = []
    for node in nodes:
        if isinstance(node, PreformattedString):
            continue
        if isinstance(node, NavigableString):
            text = _SPACE.sub(" ", str(node))
            at_start = not pieces or pieces[-1].endswith("\n")
            pieces.append(text.lstrip(" ") if at_start else text)
        elif isinstance(node, Tag) and node.name not in _SILENT:
            pieces += _element(node)
    return pieces


def _element(node: Tag) -> list[str]:
    if node.name in _MARKED:
        return _MARKED[node.name](node)
    inner = _pieces(node.children)
    if node.name in _BLOCKS:
        return ["\n\n", *inner, "\n\n"]
    return [*inner, " "] if node.name in ("td", "th") else inner


def _code_block(node: Tag) -> list[str]:
    code = node.get_text().strip("\n")
    return ["\n\n```\n", code, "\n```\n\n"] if code else []


def _quote(node: Tag) -> list[str]:
    inner = html_text(node)
    return ["\n\n", *(f"> {line}".rstrip() + "\n" for line in inner.split("\n")), "\n"] if inner else []


def _link(node: Tag) -> list[str]:
    """A link's words and its address; the address alone where the words are only its beginning."""
    words, target = "".join(_pieces(node.children)).strip(), str(node.get("href") or "")
    if not target.startswith(("http://", "https://")):
        return [words]
    shown = words.removesuffix("...").removesuffix("…")
    if not shown or target.removeprefix("https://").removeprefix("http://").startswith(
        shown.partition("://")[2] or shown
    ):
        return [target]
    return [f"[{words}]({target.replace(')', '%29')})"]


_MARKED: dict[str, Callable[[Tag], list[str]]] = {
    "br": lambda _: ["\n"],
    "hr": lambda _: ["\n\n---\n\n"],
    "pre": _code_block,
    "code": lambda node: [f"`{node.get_text()}`"],
    "blockquote": _quote,
    "li": lambda node: ["\n- ", "".join(_pieces(node.children)).strip()],
    "a": _link,
}
