"""Lines of twarc, which hold answers of the API of X or flattened posts, and such answers as any program saved them."""

from typing import Any

from collector.x_items import observations

__all__ = ["NAME", "observations", "recognises"]

NAME = "twarc_lines"
_REFERENCES = ("referenced_tweets", "referenced_posts", "edit_history_tweet_ids", "edit_history_post_ids")


def recognises(document: Any) -> bool:
    """Tell whether a JSON document is an answer of the API v2 of X or a post as it holds them."""
    if isinstance(document, list):
        return bool(document) and recognises(document[0])
    if not isinstance(document, dict):
        return False
    if "__twarc" in document or _is_post(document):
        return True
    data, meta = document.get("data"), document.get("meta")
    if isinstance(data, list) and data:
        return _is_post(data[0])
    if data is None or data == []:
        return isinstance(meta, dict) and "result_count" in meta
    return _is_post(data)


def _is_post(item: Any) -> bool:
    if not isinstance(item, dict) or "id" not in item or "text" not in item:
        return False
    return any(name in item for name in ("author_id", "conversation_id", "public_metrics", *_REFERENCES))
