"""Lines of snscrape and twscrape, which write posts of X under the same names, old and new."""

from collections.abc import Iterator
from typing import Any

from collector.reading import Reading
from collector.x_fields import UNLIKE, Json, count, dig, first, kept, links, native_id, needed_id, text
from collector.x_items import PLATFORM, XPost, observation
from db.records import Observation, Unreadable

NAME = "snscrape_lines"
_TYPE = "snscrape.modules.twitter.Tweet"


def recognises(document: Any) -> bool:
    """Tell whether a JSON document is a line of one of the two."""
    if not isinstance(document, dict):
        return False
    return document.get("_type") == _TYPE or ("rawContent" in document and "conversationId" in document)


def observations(document: Any, reading: Reading, position: str = "") -> Iterator[Observation | Unreadable]:
    """The post of a line, and those that it quotes or repeats."""
    stack = [(position, document)]
    while stack:
        place, item = stack.pop()
        base = f"{place}." if place else ""
        try:
            if not isinstance(item, dict):
                raise TypeError("it is no post")
            quoted, repeated = item.get("quotedTweet"), item.get("retweetedTweet")
            stack += [(f"{base}{name}", item[name]) for name in ("quotedTweet", "retweetedTweet") if item.get(name)]
            if not repeated:
                yield observation(_post(item, quoted), reading)
        except UNLIKE as error:
            yield Unreadable(place, reading.problem(error, PLATFORM), kept(item))


def _post(item: Json, quoted: Any) -> XPost:
    own = needed_id(item.get("id_str"), item.get("id"))
    words = text(item.get("rawContent"), item.get("content"))
    if words is None:
        raise ValueError("its text is missing")
    answered = native_id(item.get("inReplyToTweetIdStr"), item.get("inReplyToTweetId"))
    return XPost(
        id=own,
        conversation=native_id(item.get("conversationIdStr"), item.get("conversationId")) or answered or own,
        replied_to=answered,
        quoted=native_id(dig(quoted, "id_str"), dig(quoted, "id")),
        name=text(dig(item, "user", "username")),
        account=native_id(dig(item, "user", "id_str"), dig(item, "user", "id")),
        created_at=text(item.get("date")),
        text=words,
        links=_links(item),
        # Neither says whether it decoded the entities that X sends.
        escaped=None,
        likes=count(item.get("likeCount")),
        replies=count(item.get("replyCount")),
    )


def _links(item: Json) -> dict[str, str]:
    """Short links and what they lead to: a list of both, or in old lines two lists in the same order."""
    listed = item.get("links")
    both = [
        {"url": link.get("tcourl"), "expanded_url": link.get("url")}
        for link in (listed if isinstance(listed, list) else [])
        if isinstance(link, dict)
    ]
    short, targets = first(item.get("tcooutlinks"), []), first(item.get("outlinks"), [])
    if isinstance(short, list) and isinstance(targets, list) and len(short) == len(targets):
        both += [{"url": link, "expanded_url": target} for link, target in zip(short, targets, strict=True)]
    return links(both)
