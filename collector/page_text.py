"""The text of an article among all else that a page shows: navigation, notices, what others say below it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PageElement, PreformattedString, Tag

from collector.markup import html_text
from collector.page_data import names_the_quoted

LEAST = 200
"""Fewer characters are no article but what is left of a page that shows none."""

_MOST_NAMED = 200
_SILENT = frozenset(
    {"script", "style", "template", "noscript", "head", "svg", "iframe", "button", "select", "textarea"}
)
_AROUND = frozenset({"nav", "footer", "aside", "dialog", "form", "header", "menu"})
_AROUND_ROLES = frozenset(
    {
        "alert",
        "alertdialog",
        "banner",
        "complementary",
        "contentinfo",
        "dialog",
        "menu",
        "navigation",
        "search",
        "toolbar",
    }
)
_AROUND_NAMES = re.compile(
    r"(?i)(?:^|[-_\s])(?:ad|ads|advert|advertisement|author|banner|breadcrumbs?|byline|consent|cookies?|footer|gdpr|menu|meta|"
    r"modal|nav|navbar|navigation|newsletter|overlay|pager|pagination|paywall|popup|promo|recommended|related|share|sharing|"
    r"sidebar|signature|signup|skip|social|sponsor|sponsored|subscribe|subscription|tags|toolbar)(?:$|[-_\s])"
)
_TALK_NAMES = re.compile(
    r"(?i)(?:^|[-_\s])(?:comments?|commentlist|comment-?list|disqus|discussion|respond|replies)(?:$|[-_\s])"
)
_INVISIBLE = re.compile(r"(?i)display\s*:\s*none|visibility\s*:\s*hidden")
_PARAGRAPHS = frozenset({"p", "pre", "blockquote", "ul", "ol", "dl", "table", "h2", "h3", "h4", "h5", "h6", "figure"})
_INLINE = frozenset(
    {"a", "abbr", "b", "br", "cite", "code", "em", "i", "kbd", "mark", "q", "s", "small", "span", "strong", "u"}
)


@dataclass(slots=True)
class _Size:
    """How many characters an element shows: all, those within links, and those in its own paragraphs."""

    text: int = 0
    linked: int = 0
    own: int = 0


Leave = Callable[[Tag], bool]


def article_text(page: BeautifulSoup) -> str | None:
    """The text of the article on a page, without its title; None where it shows nothing.

    What people say below it is left out, unless it is all that the page has.
    """
    whole = _measured(page, _is_silent)
    most = whole[id(page)].text / 2
    heading = page.find("h1")

    def is_around(tag: Tag) -> bool:
        return tag is heading or _is_hidden(tag) or (_is_around(tag) and whole[id(tag)].text <= most)

    def is_around_or_talk(tag: Tag) -> bool:
        return is_around(tag) or (tag.name not in ("html", "body", "main", "article") and _bears(tag, _TALK_NAMES))

    text = _text(page, is_around_or_talk)
    return text if len(text or "") >= LEAST else _text(page, is_around) or text


def _text(page: BeautifulSoup, leave: Leave) -> str | None:
    sizes = _measured(page, leave)
    return html_text(_container(page, sizes), left_out=leave)


def _container(page: BeautifulSoup, sizes: dict[int, _Size]) -> Tag:
    """The element that holds the article: the one that the page calls so, else the one with the most in its paragraphs."""
    for said in (_is_body_of_article, _is_article, _is_main):
        named = [tag for tag in page.find_all(said, limit=_MOST_NAMED) if id(tag) in sizes]
        largest = max(named, key=lambda tag: sizes[id(tag)].text, default=None)
        # Of many articles, none is the page's own.
        known = {id(tag) for tag in named}
        among = sum(sizes[id(tag)].text for tag in named if not any(id(above) in known for above in tag.parents))
        if largest is not None and sizes[id(largest)].text >= max(LEAST, among / 2):
            return largest
    return _densest(page, sizes)


def _is_body_of_article(tag: Tag) -> bool:
    return "articleBody" in str(tag.get("itemprop", "")).split()


def _is_article(tag: Tag) -> bool:
    return tag.name == "article" or tag.get("role") == "article"


def _is_main(tag: Tag) -> bool:
    return tag.name == "main" or tag.get("role") == "main"


def _densest(page: BeautifulSoup, sizes: dict[int, _Size]) -> Tag:
    best: Tag = page
    for tag in page.find_all(lambda tag: id(tag) in sizes):
        if sizes[id(tag)].own > sizes[id(best)].own:
            best = tag
    for above in best.parents:
        more, inner = sizes[id(above)], sizes[id(best)]
        text, linked = more.text - inner.text, more.linked - inner.linked
        # Parts of an article stand beside each other; lists of links do not belong to it.
        if text > inner.text * 3 / 10 and linked < text * 3 / 10:
            best = above
    return best


def _measured(page: BeautifulSoup, leave: Leave) -> dict[int, _Size]:
    """The sizes of all elements by their `id()`, except those that are left out with all that is in them."""
    sizes = {id(page): _Size()}
    waiting: list[tuple[Tag, Iterator[PageElement]]] = [(page, iter(page.contents))]
    while waiting:
        tag, nodes = waiting[-1]
        size = sizes[id(tag)]
        node = next(nodes, None)
        if node is None:
            waiting.pop()
            if tag.name == "a":
                size.linked = size.text
            if waiting:
                _add(sizes[id(waiting[-1][0])], size, tag.name)
        elif isinstance(node, Tag):
            if node.name not in _SILENT and not leave(node):
                sizes[id(node)] = _Size()
                waiting.append((node, iter(node.contents)))
        elif isinstance(node, NavigableString) and not isinstance(node, PreformattedString):
            length = len(node.strip())
            size.text += length
            size.own += length
    return sizes


def _add(outer: _Size, inner: _Size, name: str) -> None:
    outer.text += inner.text
    outer.linked += inner.linked
    if name in _PARAGRAPHS or name in _INLINE:
        outer.own += inner.text - inner.linked


def _is_silent(tag: Tag) -> bool:
    return tag.name in _SILENT


def _is_hidden(tag: Tag) -> bool:
    return (
        "hidden" in tag.attrs or tag.get("aria-hidden") == "true" or bool(_INVISIBLE.search(str(tag.get("style", ""))))
    )


def _is_around(tag: Tag) -> bool:
    if tag.name in ("html", "body", "main", "article"):
        return False
    if names_the_quoted(tag):
        return True
    if tag.name in _AROUND:
        return tag.name != "aside" or "quote" not in tag.get_attribute_list("class")
    is_author = "author" in tag.get_attribute_list("rel") or "author" in str(tag.get("itemprop", "")).split()
    return is_author or tag.get("role") in _AROUND_ROLES or _bears(tag, _AROUND_NAMES)


def _bears(tag: Tag, names: re.Pattern[str]) -> bool:
    """Tell whether an element's classes or its id hold one of these words."""
    said = [str(tag.get("id") or ""), *(tag.get_attribute_list("class") if "class" in tag.attrs else [])]
    return any(names.search(each) is not None for each in said if each)
