"""The posts of an account archive of X (`tweets.js`, once `tweet.js`): what the owner of the account wrote.

The file does not name its owner: `account.js` beside it does. Without that, all posts are by an author of the name
`archive-owner`. When the archive was made stands in `manifest.js`. Neither names the conversations: a reply stands in
the thread of the highest post that the archive's own replies lead up to. Reposts are passed over.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from collector.files import FileReader, Script, UnreadableFileError
from collector.reading import Reading
from collector.x_fields import (
    UNLIKE,
    Json,
    chain,
    count,
    dig,
    fields,
    first,
    kept,
    links,
    moment,
    native_id,
    needed_id,
    text,
)
from collector.x_graphql import highest
from collector.x_items import PLATFORM, XPost, observation
from db.records import Observation, Unreadable

NAME = "x_archive_files"
OWNER = "archive-owner"
_POSTS = re.compile(r"YTD\.tweets?\.part\d+")
_REPOST = re.compile(r"RT @\w{1,15}:")


def recognises(document: Any) -> bool:
    """Tell whether a document is the part of an archive that holds posts."""
    return isinstance(document, Script) and _POSTS.fullmatch(document.name) is not None


def observations(document: Script, reading: Reading, position: str = "") -> Iterator[Observation | Unreadable]:
    """The posts of an archive, in its order."""
    if not isinstance(document.value, list):
        yield Unreadable(position, "it holds no list of posts")
        return
    items = [item.get("tweet", item) if isinstance(item, dict) else item for item in document.value]
    owner, seen_at = _account(document.path), _made_at(document.path)
    answered = _answered(items)
    for index, item in enumerate(items):
        try:
            if not isinstance(item, dict):
                raise TypeError("it is no post")
            words = text(item.get("full_text"), item.get("text"))
            if words is None or not _REPOST.match(words):
                yield observation(_post(item, words, owner, answered, seen_at), reading)
        except UNLIKE as error:
            yield Unreadable(f"{position}[{index}]", reading.problem(error, PLATFORM), kept(item))


def _post(item: Json, words: str | None, owner: str, answered: dict[str, str], seen_at: str | None) -> XPost:
    own, entities, edits = _own_id(item), fields(item, "entities"), fields(item, "edit_info")
    if words is None:
        raise ValueError("its text is missing")
    versions = first(dig(edits, "edit", "editControlInitial", "editTweetIds"), dig(edits, "initial", "editTweetIds"))
    return XPost(
        id=own,
        conversation=highest(own, answered),
        chain=chain(versions, own),
        replied_to=answered.get(own),
        name=owner,
        created_at=moment(item.get("created_at")),
        text=words,
        links=links(entities.get("urls"), entities.get("media")),
        likes=count(item.get("favorite_count")),
        seen_at=seen_at,
    )


def _own_id(item: Json) -> str:
    return needed_id(item.get("id_str"), item.get("id"))


def _answered(items: list[Any]) -> dict[str, str]:
    """Which post each reply answers."""
    found = {}
    for item in items:
        try:
            above = native_id(dig(item, "in_reply_to_status_id_str"), dig(item, "in_reply_to_status_id"))
            if above is not None:
                found[_own_id(item)] = above
        except UNLIKE:
            continue
    return found


def _account(posts: Path) -> str:
    """The name of the account, which another file of the archive tells."""
    value = _beside(posts, "account.js")
    name = dig(value[0], "account", "username") if isinstance(value, list) and value else None
    return name if isinstance(name, str) and name else OWNER


def _made_at(posts: Path) -> str | None:
    made = dig(_beside(posts, "manifest.js"), "archiveInfo", "generationDate")
    return made if isinstance(made, str) else None


def _beside(posts: Path, name: str) -> Any:
    """The value in another file of the archive; None where there is none that can be read."""
    try:
        found = next(FileReader(posts.with_name(name)).documents(), None)
    except UnreadableFileError:
        return None
    return found.value.value if found is not None and isinstance(found.value, Script) else None
