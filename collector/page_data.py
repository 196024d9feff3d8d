"""What a page tells of its posts as data: JSON-LD in scripts, microdata in attributes, both in the words of schema.org."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import islice
from typing import Any
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PageElement, Tag

from collector.markup import html_text
from collector.text import canonical
from collector.times import from_epoch, from_text

MOST_POSTS = 5_000
LONGEST_SHORT = 1_000
_MOST_NODES = 200

_KINDS = {
    "Question": "post", "DiscussionForumPosting": "post", "SocialMediaPosting": "post", "Answer": "answer",
    "Comment": "comment", "BlogPosting": "page", "LiveBlogPosting": "page", "Report": "page",
}  # fmt: skip
_REPLIES = ("acceptedAnswer", "suggestedAnswer", "comment")
_HOLDERS = ("@graph", "mainEntity", "mainEntityOfPage")
_LISTS_OF_MANY = frozenset({"FAQPage", "ItemList", "CollectionPage", "SearchResultsPage"})
_HAS_TAGS = re.compile(
    r"</?(?:a|b|blockquote|br|code|div|em|h[1-6]|i|li|ol|p|pre|span|strong|ul)\b[^<>]*>", re.IGNORECASE
)
_ZONE_WORD = re.compile(r"\s*(?:UTC|GMT|Z)$", re.IGNORECASE)
_MILLISECONDS_FROM = 10**11
_LONGEST_MARK = 80
_NO_MARK = re.compile(r"[^A-Za-z0-9_.:-]+")
_HAS_NUMBER = re.compile(r"\d")
_WHOLE = re.compile(r"-?\d{1,15}", re.ASCII)
_QUOTE_HEAD = re.compile(
    r"(?i)(?:^|\s)(?:quote-?_?(?:title|header|author|controls)|bbcodeblock-(?:title|sourcejump)|attribution|citation)(?:\s|$)"
)
_LINKING = {"a": "href", "area": "href", "link": "href", "img": "src", "iframe": "src", "audio": "src", "video": "src"}


@dataclass(frozen=True, slots=True)
class Told:
    """One post as the data of a page tell of it.

    Attributes:
        kind: page, post, answer or comment.
        above: the place in the list of the post that this one answers to; None for the one that opens.
        mark: what the page calls the post: an element's id or the fragment of its address; None where it has none.
        url: the post's own address, made whole.
        author: its first author, who may be an organisation.
        names: of all its authors who are people.
        is_open: whether everybody may read the whole text; None where nothing is said.
        in_script: the text came in a script, and not from the page that people see.
    """

    kind: str
    above: int | None = None
    mark: str | None = None
    url: str | None = None
    author: str | None = None
    names: tuple[str, ...] = ()
    created_at: str | None = None
    edited_at: str | None = None
    title: str | None = None
    text: str | None = None
    score: int | None = None
    declared_count: int | None = None
    is_open: bool | None = None
    in_script: bool = False


def told_posts(page: BeautifulSoup, address: str) -> list[Told]:
    """The posts of one discussion or article, the one that opens it first; none where the page tells of none.

    Args:
        page: the page.
        address: where it is, by which its posts are told from those of other pages.
    """
    in_scripts = _ordered(_read(list(_scripts(page)), address), address)
    in_elements = _ordered(_read(list(_microdata(page)), address), address)
    # Where both tell the same, the elements that people see keep quotes, code and links apart.
    return in_scripts if len(in_scripts) > len(in_elements) else in_elements or in_scripts


def moment(value: Any) -> str | None:
    """A moment as pages write it, in our form; None where it cannot be understood.

    Without a zone it is taken for UTC, without a time for midnight.
    """
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return from_epoch(value / 1000 if value >= _MILLISECONDS_FROM else value)
        return _moment(value.strip()) if isinstance(value, str) else None
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def short_text(value: Any) -> str | None:
    """The text of a value or an element that is meant to be short, cut off where it is not; None where there is none."""
    value = _first(value)
    if isinstance(value, Tag):
        nodes = islice(value.descendants, _MOST_NODES)
        value = " ".join(str(node) for node in nodes if type(node) is NavigableString)
    text = " ".join(str(value)[:LONGEST_SHORT].split()) if isinstance(value, str | int | float) else ""
    return text or None


def _moment(text: str) -> str | None:
    try:
        found = datetime.fromisoformat(_ZONE_WORD.sub("+00:00", text) if len(text) > len("2026-01-31Z") else text)
    except ValueError:
        if text.isdecimal():
            return moment(int(text))
        found = parsedate_to_datetime(text)
    return from_text((found if found.tzinfo else found.replace(tzinfo=UTC)).isoformat())


def _scripts(page: BeautifulSoup) -> Iterator[Any]:
    for script in page.find_all("script"):
        if str(script.get("type", "")).partition(";")[0].strip().lower() == "application/ld+json":
            try:
                yield json.loads("".join(map(str, script.contents)), strict=False)
            except (ValueError, RecursionError):
                continue


def _microdata(page: BeautifulSoup) -> Iterator[dict[str, Any]]:
    """Microdata items in the shape of JSON-LD; what an element says stays the element until somebody asks for it."""
    waiting: list[tuple[Iterator[PageElement], dict[str, Any] | None]] = [(iter(page.contents), None)]
    while waiting:
        nodes, item = waiting[-1]
        node = next(nodes, None)
        if node is None:
            waiting.pop()
        elif isinstance(node, Tag):
            inner = _item(node) if "itemscope" in node.attrs else None
            names = str(node.get("itemprop", "")).split()
            if item is not None:
                for name in names:
                    item.setdefault(name, []).append(_value(node, name) if inner is None else inner)
            if inner is not None and (item is None or not names):
                yield inner
            waiting.append((iter(node.contents), item if inner is None else inner))


def _item(node: Tag) -> dict[str, Any]:
    item: dict[str, Any] = {"@type": str(node.get("itemtype", "")).split()}
    own, outer = node.get("id"), node.parent.get("id") if node.parent is not None else None
    # Many lists give the number to the element around.
    named = own or (outer if outer and _HAS_NUMBER.search(str(outer)) else None)
    if named:
        item["@id"] = f"#{named}"
    return item


def _value(node: Tag, name: str) -> Any:
    """What an element says of a property: an attribute where it bears one for that, else what it shows."""
    linking = "" if name in ("author", "creator", "name") else _LINKING.get(node.name, "")
    for attribute in ("content", linking, "datetime", "value"):
        if node.get(attribute) is not None:
            return str(node[attribute])
    return node


def _people(values: list[Any]) -> dict[str, str]:
    """Names of whoever is described in one place and meant in another, by their ids."""
    found: dict[str, str] = {}
    waiting = list(values)
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += value
        elif isinstance(value, dict):
            own, name = value.get("@id"), short_text(value.get("name"))
            if isinstance(own, str) and name:
                found[own] = name
            waiting += value.values()
    return found


def _read(values: list[Any], address: str) -> list[Told]:
    """All posts in the data, each after the one that it answers to."""
    people = _people(values)
    found: list[Told] = []
    waiting: list[tuple[Any, int | None]] = [(value, None) for value in reversed(values)]
    while waiting and len(found) < MOST_POSTS:
        value, above = waiting.pop()
        if isinstance(value, list):
            waiting += [(each, above) for each in reversed(value)]
        elif isinstance(value, dict):
            types = _types(value)
            kind = next(filter(None, map(_kind, types)), None)
            if kind is not None:
                found.append(_told(value, kind, above, people, address))
                above = len(found) - 1
            if not _LISTS_OF_MANY.intersection(types):
                names = _HOLDERS if kind is None else _REPLIES
                waiting += [(value[name], above) for name in reversed(names) if name in value]
    return found


def _types(value: dict[str, Any]) -> list[str]:
    named = value.get("@type")
    return [str(each).rpartition("/")[2].rpartition(":")[2] for each in (named if isinstance(named, list) else [named])]


def _kind(name: str) -> str | None:
    return "page" if name.endswith("Article") else _KINDS.get(name)


def _told(value: dict[str, Any], kind: str, above: int | None, people: dict[str, str], address: str) -> Told:
    url = _url(value, address)
    authors = list(_authors(value.get("author") or value.get("creator"), people))
    created = _moment_of(value, "datePublished", "dateCreated", "uploadDate")
    edited = _moment_of(value, "dateModified")
    is_open = short_text(value.get("isAccessibleForFree"))
    raw = _first(value.get("text")) or _first(value.get("articleBody"))
    return Told(
        kind,
        above,
        mark=_mark(value.get("@id"), url, address),
        url=url,
        author=authors[0][0] if authors else None,
        names=tuple(name for name, is_person in authors if is_person),
        created_at=created,
        edited_at=edited if created and edited and edited > created else None,
        title=canonical(short_text(value.get("headline")) or short_text(value.get("name"))),
        text=_text(raw),
        score=_count(value, "upvoteCount", "LikeAction"),
        declared_count=_announced(value),
        is_open=None if is_open is None else is_open.lower() != "false",
        in_script=isinstance(raw, str),
    )


def _first(value: Any) -> Any:
    while isinstance(value, list) and value:
        value = value[0]
    return value.get("@value") if isinstance(value, dict) else value


def _text(value: Any) -> str | None:
    """The text of a post, which some pages write as HTML into their data and others plainly."""
    if isinstance(value, Tag):
        return html_text(value, left_out=_is_no_text)
    if not isinstance(value, str):
        return None
    return html_text(value, left_out=_is_no_text) if _HAS_TAGS.search(value) else canonical(value)


def _is_no_text(tag: Tag) -> bool:
    return "itemscope" in tag.attrs or names_the_quoted(tag)


def names_the_quoted(tag: Tag) -> bool:
    """Tell whether an element only says whom a quote is from."""
    if tag.name == "cite":
        return any(parent.name == "blockquote" for parent in _two_above(tag))
    classes = " ".join(tag.get_attribute_list("class")) if "class" in tag.attrs else ""
    return bool(classes) and (
        _QUOTE_HEAD.search(classes) is not None
        or ("title" in classes.split() and any(parent.name == "aside" for parent in _two_above(tag)))
    )


def _two_above(tag: Tag) -> list[Tag]:
    above = tag.parent
    return [each for each in (above, above.parent if above is not None else None) if each is not None]


def _authors(value: Any, people: dict[str, str]) -> Iterator[tuple[str, bool]]:
    """The names of authors, and whether they are people."""
    for each in value if isinstance(value, list) else [value]:
        own = each.get("@id") if isinstance(each, dict) else None
        name = short_text(each.get("name")) if isinstance(each, dict) else short_text(each)
        name = name or (people.get(own) if isinstance(own, str) else None)
        if name and not name.startswith(("http://", "https://")):
            yield name, not (isinstance(each, dict) and any(kind.endswith("Organization") for kind in _types(each)))


def _url(value: dict[str, Any], address: str) -> str | None:
    holder = value.get("mainEntityOfPage")
    candidates = (short_text(value.get("url")), short_text(holder.get("@id") if isinstance(holder, dict) else holder))
    told = next(filter(None, candidates), None)
    try:
        url = urljoin(address, told) if told else None
        return url if url is None or urlsplit(url).scheme else None
    except ValueError:
        return None


def _mark(own: Any, url: str | None, address: str) -> str | None:
    """What the page calls a post, in signs that an address may bear."""
    named = [each.partition("#")[2] for each in (own, url) if isinstance(each, str)]
    if url and urlsplit(url).path.rstrip("/") != urlsplit(address).path.rstrip("/"):
        named.append(urlsplit(url).path.rstrip("/").rpartition("/")[2])
    return next(filter(None, (_NO_MARK.sub("-", name)[:_LONGEST_MARK].strip("-") for name in named)), None)


def _moment_of(value: dict[str, Any], *names: str) -> str | None:
    return next(filter(None, (moment(short_text(value.get(name))) for name in names)), None)


def _count(value: dict[str, Any], name: str, action: str) -> int | None:
    statistics = value.get("interactionStatistic")
    acted = [
        each.get("userInteractionCount")
        for each in (statistics if isinstance(statistics, list) else [statistics])
        if isinstance(each, dict) and action in _action(each.get("interactionType"))
    ]
    return next((number for number in map(_number, (value.get(name), *acted)) if number is not None), None)


def _action(value: Any) -> str:
    value = value[0] if isinstance(value, list) and value else value
    return " ".join(_types(value)) if isinstance(value, dict) else str(value)


def _announced(value: dict[str, Any]) -> int | None:
    counts = [_count(value, "commentCount", "CommentAction"), _number(value.get("answerCount"))]
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def _number(value: Any) -> int | None:
    text = (short_text(value) or "").removesuffix(".0")
    return int(text) if _WHOLE.fullmatch(text) else None


def _ordered(found: list[Told], address: str) -> list[Told]:
    """Those of one discussion: what opens it, then its replies, each once."""
    if not found:
        return []
    opening = _opening(found, address)
    kept = [Told("page") if opening is None else replace(found[opening], above=None)]
    places: dict[int | None, int] = {} if opening is None else {opening: 0}
    seen: dict[object, int] = {}
    for place, told in enumerate(found):
        above = places.get(told.above)
        if told.above is None and _may_answer(told, address):
            above = 0
        if place == opening or above is None:
            continue
        same = (above, told.mark, told.url, told.author, told.created_at, told.text)
        if same not in seen:
            seen[same] = len(kept)
            kept.append(replace(told, above=above, kind="comment" if told.kind in ("post", "page") else told.kind))
        places[place] = seen[same]
    return kept


def _opening(found: list[Told], address: str) -> int | None:
    """The place of what opens the page; None where that is told by no data."""
    tops = [place for place, told in enumerate(found) if told.above is None and told.kind in ("post", "page")]
    here = [place for place in tops if _is_here(found[place], address)]
    # One that stands alone is the page's, though its address may be written in another way; of many others none is.
    return max(
        here or (tops if len(tops) == 1 else []),
        key=lambda place: (found[place].kind == "post", _has_words(found[place]), -place),
        default=None,
    )


def _is_here(told: Told, address: str) -> bool:
    if told.url is None:
        return True
    own, page = urlsplit(told.url), urlsplit(address)
    hosts = [(parts.hostname or "").removeprefix("www.") for parts in (own, page)]
    return hosts[0] == hosts[1] and own.path.rstrip("/") == page.path.rstrip("/")


def _has_words(told: Told) -> bool:
    return told.text is not None or told.title is not None


def _may_answer(told: Told, address: str) -> bool:
    """Tell whether a post that stands alone in the data is a reply on this page, and not one of another page."""
    return told.kind in ("answer", "comment") or (
        told.kind == "post" and told.text is not None and _is_here(told, address)
    )
