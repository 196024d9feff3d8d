"""Pages of the web as a browser saved them: articles and discussions, read as `web_page` reads them."""

import re
from collections.abc import Iterator
from typing import Any

from collector.files import HtmlPage
from collector.reading import Reading
from collector.sources import old_reddit_files
from collector.sources.web_page import page_observations
from db.records import Observation, Unreadable

NAME = "web_page_files"


_ADDRESS = re.compile(r"rel=[\"']?canonical|og:url|saved from url=", re.IGNORECASE)


def recognises(document: Any) -> bool:
    """Tell whether it is a page that says where it is, and of no kind that is read in another way."""
    if not isinstance(document, HtmlPage) or old_reddit_files.recognises(document):
        return False
    return _ADDRESS.search(document.markup) is not None


def observations(document: HtmlPage, reading: Reading, position: str = "") -> Iterator[Observation | Unreadable]:
    """The article, or the posts that the page tells apart; what tells its address must stand in it."""
    for found in page_observations(document.markup, None, reading):
        yield (
            Unreadable(position or found.position, found.problem, found.item)
            if isinstance(found, Unreadable)
            else found
        )
