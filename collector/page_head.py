"""What a page says of itself as a whole: in its head, in its heading, and by the links and times that it shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bs4 import BeautifulSoup

from collector.page_data import moment, short_text
from collector.text import canonical

_BEFORE_SITE = " |-\u2013\u2014\u00b7:"
_TITLES = ("og:title", "twitter:title", "citation_title", "dc.title")
_AUTHORS = ("author", "article:author", "parsely-author", "dc.creator", "citation_author", "sailthru.author", "byl")
_CREATED = (
    "article:published_time", "og:article:published_time", "datepublished", "parsely-pub-date", "sailthru.date", "pubdate",
    "publish-date", "citation_publication_date", "dc.date.issued", "dcterms.created", "dc.date", "date",
)  # fmt: skip
_EDITED = ("article:modified_time", "og:updated_time", "datemodified", "dcterms.modified", "last-modified")


@dataclass(frozen=True, slots=True)
class Head:
    """What a page says of itself in its head, and where people read it.

    Attributes:
        titles: of the window and of the page.
        author: the first who is named, who may be the site itself.
        names: of authors who are people.
    """

    title: str | None
    titles: tuple[str, ...]
    author: str | None
    names: tuple[str, ...]
    created_at: str | None
    edited_at: str | None

    @classmethod
    def of(cls, tree: BeautifulSoup) -> "Head":
        """Read the head of a page."""
        said: dict[str, str] = {}
        for meta in tree.find_all("meta", content=True):
            name = meta.get("property") or meta.get("name") or meta.get("itemprop")
            if name and str(meta["content"]).strip():
                said.setdefault(str(name).lower(), str(meta["content"]))
        window, heading = short_text(tree.find("title")) or "", short_text(tree.find("h1")) or ""
        site = said.get("og:site_name", "").strip()
        named = window.removesuffix(site).rstrip(_BEFORE_SITE) if site and window != site else window
        title = _first(said, _TITLES) or heading or named
        authors = [said[name] for name in _AUTHORS if name in said]
        authors += [short_text(tag) or "" for tag in tree.find_all(["a", "span"], rel="author", limit=3)]
        names = [" ".join(name.split()).removeprefix("By ").removeprefix("by ") for name in authors]
        names = [name for name in names if name and not name.startswith(("http://", "https://"))]
        created = next(filter(None, (moment(said[name]) for name in _CREATED if name in said)), None) or _time(tree)
        edited = next(filter(None, (moment(said[name]) for name in _EDITED if name in said)), None)
        return cls(
            title=canonical(" ".join(title.split())),
            titles=(window, heading),
            author=names[0] if names else None,
            names=tuple(name for name in names if name.casefold() != site.casefold()),
            created_at=created,
            edited_at=edited if edited and created and edited > created else None,
        )


def _first(said: Mapping[str, str], names: Sequence[str]) -> str | None:
    return next((said[name] for name in names if name in said), None)


def _time(tree: BeautifulSoup) -> str | None:
    """The first moment that an article shows, which is by custom that of its appearance."""
    times = (tree.find("article") or tree).find_all("time", datetime=True, limit=5)
    return next(filter(None, (moment(str(each["datetime"])) for each in times)), None)
