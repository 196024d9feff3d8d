"""Posts in the answers that X's own pages get, as browsers and their extensions capture them.

X changes these answers often. Posts are recognised wherever they stand in one, in every shape that is known: with
their text under `legacy` or under `details`, with names under the account's `legacy` or `core`, wrapped or bare.
"""

from collections.abc import Iterator
from typing import Any

from collector.reading import Reading
from collector.x_fields import (
    UNLIKE,
    Json,
    chain,
    count,
    dig,
    fields,
    first,
    from_milliseconds,
    kept,
    links,
    moment,
    native_id,
    needed_id,
    text,
)
from collector.x_items import PLATFORM, XPost, observation
from db.records import Observation, Unreadable

_NOT_SHOWN = ("TweetUnavailable", "TweetTombstone")
"""A tuple, since what an answer holds in their place may be a list, which no set can be asked for."""
_QUOTED = ("quoted_status_result", "quoted_tweet_results", "quotedPostResults")
_REPOSTED = ("retweeted_status_result", "retweeted_status_results", "repostedStatusResults", "retweeted_status_id_str")


def observations(
    document: Any, reading: Reading, position: str = "", seen_at: str | None = None
) -> Iterator[Observation | Unreadable]:
    """Every post in an answer or in a part of one, each once.

    Reposts are passed over; what they repeat is read. A post that the site does not show is told as unreadable, unless
    it is one that another post quotes.

    Args:
        document: the JSON value.
        reading: what holds for all its items.
        position: where the document stood.
        seen_at: when it was captured, ISO 8601, if the data tell.
    """
    items = list(posts(document, position))
    if not items:
        yield Unreadable(position, "there is no post in it, in any shape that is known", kept(document))
    answered = _answered(item for _, item in items)
    found: dict[str, XPost] = {}
    for place, item in items:
        try:
            if item.get("__typename") in _NOT_SHOWN:
                raise ValueError("the site does not show this post")
            if not _is_repost(item):
                post = _post(item, answered, seen_at)
                found.setdefault(post.id, post)
        except UNLIKE as error:
            yield Unreadable(place, reading.problem(error, PLATFORM), kept(item))
    versions = {version: post.chain[0] for post in found.values() for version in post.chain}
    for post in found.values():
        try:
            yield observation(post, reading, versions)
        except UNLIKE as error:
            yield Unreadable(f"{position} {post.id}".strip(), reading.problem(error, PLATFORM))


def posts(document: Any, position: str = "") -> Iterator[tuple[str, Json]]:
    """All posts in a document, and those that are not shown, each with its place, the outer ones first."""
    stack = [(position, document, False)]
    while stack:
        place, node, within = stack.pop()
        if isinstance(node, list):
            stack += [(f"{place}[{index}]", node[index], within) for index in reversed(range(len(node)))]
        elif isinstance(node, dict):
            is_post = _is_post(node)
            if is_post or (node.get("__typename") in _NOT_SHOWN and not within):
                yield place, node
            inner = within or is_post
            base = f"{place}." if place else ""
            stack += [(f"{base}{name}", node[name], inner) for name in reversed(node)]


def _is_post(node: Json) -> bool:
    if node.get("__typename") in ("Tweet", None) and "rest_id" in node:
        return node.get("__typename") == "Tweet" or bool(_content(node))
    return node.get("type") == "adaptive" and "legacy" in node


def _content(node: Json) -> Json:
    """The part of a post that holds its text."""
    return next((part for name in ("legacy", "details") if "full_text" in (part := fields(node, name))), {})


def _is_repost(node: Json) -> bool:
    return any(part.get(name) for part in (node, fields(node, "legacy")) for name in _REPOSTED)


def _own_id(node: Json) -> str:
    return needed_id(node.get("rest_id"), dig(node, "legacy", "id_str"))


def _replied_to(node: Json) -> str | None:
    return native_id(
        dig(node, "legacy", "in_reply_to_status_id_str"),
        dig(node, "reply_to_results", "rest_id"),
        dig(node, "reply_to_results", "result", "rest_id"),
    )


def _answered(items: Iterator[Json]) -> dict[str, str]:
    """Which post each reply answers, where the items tell it."""
    found = {}
    for item in items:
        try:
            above = _replied_to(item)
            if above is not None:
                found[_own_id(item)] = above
        except UNLIKE:
            continue
    return found


def highest(native: str, answered: dict[str, str]) -> str:
    """The post that opens a conversation, as far as replies lead up to it; for data that do not name it."""
    passed = {native}
    while (above := answered.get(native)) is not None and above not in passed:
        passed.add(above)
        native = above
    return native


def _post(node: Json, answered: dict[str, str], seen_at: str | None) -> XPost:
    own, legacy, content = _own_id(node), fields(node, "legacy"), _content(node)
    account = {**fields(node, "core", "user_results", "result"), **fields(node, "user")}
    note = fields(node, "note_tweet", "note_tweet_results", "result")
    whole, shown = text(note.get("text")), text(content.get("full_text"))
    if whole is None and shown is None:
        raise ValueError("its text is in no place that is known")
    entities, more = fields(legacy, "entities"), fields(note, "entity_set")
    edits, permalink = fields(node, "edit_control"), fields(legacy, "quoted_status_permalink")
    return XPost(
        id=own,
        conversation=native_id(content.get("conversation_id_str")) or highest(own, answered),
        chain=chain(first(dig(edits, "edit_control_initial", "edit_tweet_ids"), edits.get("edit_tweet_ids")), own),
        replied_to=_replied_to(node),
        quoted=native_id(legacy.get("quoted_status_id_str"), *(_result_id(node.get(name)) for name in _QUOTED)),
        name=text(dig(account, "core", "screen_name"), dig(account, "legacy", "screen_name"), account.get("screen_name")),
        account=native_id(account.get("rest_id"), legacy.get("user_id_str")),
        created_at=moment(legacy.get("created_at")) or from_milliseconds(content.get("created_at_ms")),
        text=shown if whole is None else whole,
        links=links(
            entities.get("urls"), entities.get("media"), more.get("urls"), node.get("url_entities"),
            [{"url": permalink.get("url"), "expanded_url": permalink.get("expanded")}],
        ),
        # What the notes of long posts do with entities is not written anywhere.
        escaped=True if whole is None else None,
        cut=whole is None and bool(fields(node, "note_tweet")),
        likes=count(legacy.get("favorite_count"), dig(node, "counts", "favorite_count")),
        replies=count(legacy.get("reply_count"), dig(node, "counts", "reply_count")),
        seen_at=seen_at,
    )  # fmt: skip


def _result_id(result: Any) -> Any:
    return first(dig(result, "rest_id"), dig(result, "result", "rest_id"), dig(result, "result", "tweet", "rest_id"))
