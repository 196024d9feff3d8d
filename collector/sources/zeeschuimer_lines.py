"""What a browser captured of X: lines of the Zeeschuimer extension and of 4CAT, and the answers of X's pages.

Zeeschuimer notes the moment of each capture, which is the time at which the post was seen.
"""

from collections.abc import Iterator
from typing import Any

from collector import x_graphql
from collector.reading import Reading
from collector.x_fields import UNLIKE, dig, first, from_milliseconds, kept
from collector.x_items import PLATFORM
from db.records import Observation, Unreadable

NAME = "zeeschuimer_lines"
_SITES = ("x.com", "twitter.com")
_SIGNS = ("timestamp_collected", "source_platform", "nav_index")


def recognises(document: Any) -> bool:
    """Tell whether a JSON document is a captured item of any site, or an answer with posts of X."""
    if not isinstance(document, dict) or "kind" in document:
        return False
    return any(sign in document for sign in _SIGNS) or next(x_graphql.posts(document), None) is not None


def observations(document: Any, reading: Reading, position: str = "") -> Iterator[Observation | Unreadable]:
    """The posts that a line or an answer holds."""
    site = dig(document, "source_platform")
    if isinstance(site, str) and site not in _SITES:
        yield Unreadable(position, f"captured from {site[:80]}, of which no posts are read")
        return
    try:
        seen_at = from_milliseconds(
            first(dig(document, "timestamp_collected"), dig(document, "__import_meta", "timestamp_collected"))
        )
    except UNLIKE as error:
        yield Unreadable(position, reading.problem(error, PLATFORM), kept(document))
        return
    yield from x_graphql.observations(document, reading, position, seen_at)
