"""What people write of codes and in memos, as HTML: Markdown without HTML, then only what a list allows."""

from collections.abc import Iterable, Iterator
from functools import cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from groundswell.web.texts import link_of, plain

TAGS = frozenset(
    {"a", "blockquote", "br", "code", "em", "hr", "li", "ol", "p", "pre", "s", "strong", "table", "tbody", "td", "th",
     "thead", "tr", "ul"}
)  # fmt: skip
RELATION = "noopener noreferrer nofollow ugc"
_ATTRIBUTES = {"a": {"href"}, "ol": {"start"}}


def render_markdown(text: str) -> Markup:
    """Markdown as HTML that is safe to show: no image, no heading, no HTML of the writer's, a link's host beside it."""
    parser = _parser()
    tokens = parser.parse(plain(text))
    for token in tokens:
        token.children = None if token.children is None else list(_with_hosts(token.children))
    # The list has the last word, whatever the parser let through.
    clean = nh3.clean(
        parser.renderer.render(tokens, parser.options, {}),
        tags=set(TAGS),
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https"},
        link_rel=RELATION,
        attribute_filter=_kept,
    )
    return Markup(clean)  # noqa: S704 - it was cleaned just now


def _with_hosts(tokens: Iterable[Token]) -> Iterator[Token]:
    """The tokens of a line, with the host after each link."""
    host = ""
    for token in tokens:
        if token.type == "link_open":
            host = link_of(str(token.attrGet("href") or ""))[1]
        yield token
        if token.type == "link_close" and host:
            yield Token("text", "", 0, content=f" ({host})")


def _kept(_tag: str, attribute: str, value: str) -> str | None:
    return value if attribute != "href" else link_of(value)[0] or None


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False})
    return parser.enable(["table", "strikethrough"]).disable(["image", "heading", "lheading"])
