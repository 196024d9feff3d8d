"""Files in Reddit's shapes: saved threads, Arctic Shift downloads and answers, and dump lines."""

from typing import Any

from collector.reddit_items import observations

__all__ = ["NAME", "observations", "recognises"]

NAME = "reddit_files"
_SIGNS = frozenset(
    {"kind", "data", "post", "comments", "children", "things", "json", "body", "selftext", "subreddit", "link_id"}
)


def recognises(document: Any) -> bool:
    """Tell whether a JSON document may be Reddit's."""
    if isinstance(document, list):
        return not document or (isinstance(document[0], dict) and recognises(document[0]))
    return isinstance(document, dict) and not _SIGNS.isdisjoint(document)
