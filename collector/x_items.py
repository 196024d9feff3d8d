"""X's own JSON, as its API v2 and the programs that call it hold it, turned into observations.

An edit gives a post a new id there; the post keeps the first id of its chain here, and each version is one observation
of it: the last one as of the time at which it was seen, an earlier one as of the time at which it was written.
A pure repost adds no words and is passed over; the post that it repeats is read where the answer includes it.
An author is known by name. Where only the number of the account is told, `id:NUMBER` stands in its place, which is
another pseudonym than that of the name.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from collector.json_values import whole_number
from collector.people import Pseudonyms
from collector.reading import Reading
from collector.text import canonical
from collector.times import from_epoch, from_text
from db.records import Observation, Unreadable

PLATFORM = "x"
COMMUNITY = "X"
_TIMED_IDS = range(29_700_859_247, 2**63)
"""From the first of these on, of November 2010, an id tells when it was given."""
_ID_EPOCH_MS = 1_288_834_974_657
_ID = re.compile(r"(?a)\w{1,64}")
_SHORT_LINK = re.compile(r"(?a)https?://t\.co/\w+")
_CUT_END = re.compile(r"(?a)…\s*(https?://t\.co/\w+)\s*$")
# What is no ASCII letter or digit ends a name, since texts in some scripts have no blank before or after it.
_MENTION = re.compile(r"(?a)(?<![\w@/])[@\uff20](\w{1,15})(?!\w)")
_HOST = r"(?ai)(?<![\w.@/-])(?:https?://)?(?:(?:www|mobile|m)\.)?(?:twitter|x)\.com/(?:#!/)?"
_STATUS_LINK = re.compile(rf"{_HOST}(?:i/web|\w+)/status(?:es)?/(\d+)(?:/(?:photo|video)/\d+)?/?(?:[?#][^\s)]*)?")
_OTHER_LINK = re.compile(rf"{_HOST}(\w+)((?:/[\w.~%-]+)*/?)(?:[?#][^\s)]*)?")
_NO_NAMES = frozenset(
    {"about", "compose", "explore", "hashtag", "home", "i", "intent", "login", "search", "share", "tos"}
)
_GONE = {"resource-not-found": "vanished", "not-authorized-for-resource": "protected"}
_REPOSTS = frozenset({"retweeted", "reposted"})
_KEPT = frozenset(
    {
        "id", "conversation_id", "created_at", "edit_history_tweet_ids", "edit_history_post_ids", "start", "end",
        "tweet_count", "post_count", "lang",
    }
)  # fmt: skip
"""What is kept of an item that could not be read: fields that name nobody and hold none of its words."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class XPost:
    """One version of a post, whatever the shape it came in.

    Attributes:
        id: of this version.
        chain: the ids of all versions that were known when it was seen, the first one first; empty = only this one.
        conversation: the id of the post that opens the conversation, or of a version of it.
        replied_to, quoted: the ids of a version of the post that it replies to and that it quotes.
        name, account: of its author; either may be missing.
        created_at: when this version was written, ISO 8601.
        text: as the site sent it; None where it sent none.
        links: each short link and what it leads to.
        escaped: whether entities in the text stand for characters; None tells it from the text.
        cut: whether the text is known to be the beginning only.
        seen_at: when it was seen, if the data tell; ISO 8601.
    """

    id: str
    conversation: str
    chain: tuple[str, ...] = ()
    replied_to: str | None = None
    quoted: str | None = None
    name: str | None = None
    account: str | None = None
    created_at: str | None = None
    text: str | None = None
    links: Mapping[str, str] = field(default_factory=dict)
    escaped: bool | None = True
    cut: bool = False
    likes: int | None = None
    replies: int | None = None
    seen_at: str | None = None


def observations(
    document: Any, reading: Reading, position: str = "", known: Mapping[str, str] | None = None
) -> Iterator[Observation | Unreadable]:
    """Every post in a document of the API v2, each version once, those asked for before those that came with them.

    Known are answers (`data`, an object or a list, and `includes`), lists of answers, and the flat lines of twarc, in
    both spellings of the field names.

    Args:
        document: the JSON value.
        reading: what holds for all its items.
        position: where the document stood.
        known: ids of versions and the ids of their posts, as `identities` gives them, known from elsewhere.
    """
    if isinstance(document, list):
        for index, child in enumerate(document):
            yield from observations(child, reading, f"{position}[{index}]", known)
        return
    if not isinstance(document, dict):
        yield Unreadable(position, "it is no answer of the API of X")
        return
    if _counts(document):
        yield Unreadable(position, "it counts posts and holds none")
        return
    firsts = {**(known or {}), **identities(document)}
    names, seen_at, done = _names(document), _retrieved(document), set()
    for place, item in _items(document, position):
        try:
            if _is_repost(item) or (found := _version(item, names, seen_at)).id in done:
                continue
            done.add(found.id)
            yield observation(found, reading, firsts)
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
            yield Unreadable(place, reading.problem(error, PLATFORM), _kept(item))


def observation(post: XPost, reading: Reading, known: Mapping[str, str] | None = None) -> Observation:
    """One version of a post as an observation of it.

    A reply that does not say what it replies to stands below the post that opens its conversation.

    Raises:
        ValueError: a time or a count cannot be right.
    """
    firsts = {**(known or {}), **dict.fromkeys(post.chain, post.chain[0] if post.chain else post.id)}
    native_id, thread = firsts.get(post.id, post.id), firsts.get(post.conversation, post.conversation)
    replied_to = post.replied_to and firsts.get(post.replied_to, post.replied_to)
    parent = None if native_id == thread else replied_to or thread
    quoted = post.quoted and firsts.get(post.quoted, post.quoted)
    written_at = from_text(post.created_at) if post.created_at else written(post.id)
    text, is_cut = words(post, reading.people)
    seen = reading.observed_at or (from_text(post.seen_at) if post.seen_at else None) or reading.otherwise_at
    # A version that was edited since shows what the post was when it was written, not what it was when it was seen.
    is_past = bool(post.chain) and post.id != post.chain[-1]
    return Observation(
        platform=PLATFORM,
        native_id=native_id,
        thread=thread,
        parent=parent,
        kind="reply" if parent else "quote" if quoted else "post",
        author=reading.people.author(PLATFORM, name, thread) if (name := _name(post)) else None,
        community=COMMUNITY,
        created_at=written_at if native_id == post.id else written(native_id) or written_at,
        edited_at=None if native_id == post.id else written_at,
        title=None,
        text=text,
        url=link(native_id),
        thread_url=link(thread),
        score=None if is_past else post.likes,
        state="live",
        observed_at=written_at if is_past else seen,
        declared_count=None if parent or is_past else post.replies,
        quoted=quoted,
        cut=is_cut,
    )


def link(native_id: str) -> str:
    """The address of a post, which names nobody."""
    return f"https://x.com/i/status/{native_id}"


def written(native_id: str) -> str | None:
    """When an id was given, ISO 8601 UTC; None for ids that do not tell."""
    if not (native_id.isascii() and native_id.isdecimal()) or int(native_id) not in _TIMED_IDS:
        return None
    return from_epoch(((int(native_id) >> 22) + _ID_EPOCH_MS) // 1000)


def words(post: XPost, people: Pseudonyms) -> tuple[str | None, bool]:
    """The canonical text, with whole links and without names, and whether it is only the beginning of one.

    Links to the post itself, which X adds for pictures and for what it cut off, are left out.
    """
    text = canonical(post.text, escaped=post.escaped)
    if text is None:
        return None, post.cut
    own = {post.id, *post.chain}
    dropped = {short for short, target in post.links.items() if _status(target) in own}
    end = _CUT_END.search(text)
    is_cut = post.cut or (end is not None and (end[1] in dropped or end[1] not in post.links))
    if is_cut and end is not None:
        text = text[: end.start() + 1]
    text = _SHORT_LINK.sub(lambda found: "" if found[0] in dropped else post.links.get(found[0], found[0]), text)
    if dropped:
        text = text.strip()
    return canonical(hide_names(text, people), escaped=False), is_cut


def hide_names(text: str, people: Pseudonyms) -> str:
    """Replace the user names in a text and in its links to X, whose queries are left out, and those of Reddit too."""
    text = _STATUS_LINK.sub(lambda found: link(found[1]), text)
    text = _OTHER_LINK.sub(lambda found: f"https://x.com/{_shown(found[1], people)}{found[2]}", text)
    text = _MENTION.sub(lambda found: "@" + people.of(PLATFORM, found[1]), text)
    return people.hide_names("reddit", text)


def identities(document: Any) -> dict[str, str]:
    """The id of each version of which a document gives the chain, and the id of its post."""
    found: dict[str, str] = {}
    for _, item in _items(document, ""):
        chain = _chain(item)
        found |= dict.fromkeys(chain, chain[0] if chain else "")
    return found


def missing(document: Any) -> dict[str, str]:
    """The ids of posts that an answer says are not there, and the state that this means: vanished or protected."""
    found = {}
    for error in _errors(document):
        state = _GONE.get(str(error.get("type", "")).rpartition("/")[2])
        native_id = error.get("resource_id") or error.get("value")
        if state and error.get("resource_type") in ("tweet", "post") and isinstance(native_id, str):
            found[native_id] = state
    return found


def problems(document: Any) -> list[str]:
    """What else an answer says is wrong, each once: the titles of errors that are not about a post or an account."""
    titles = [str(error.get("title") or error.get("type"))[:200] for error in _errors(document) if not _is_gone(error)]
    return list(dict.fromkeys(titles))


def _counts(document: Json) -> bool:
    meta = document.get("meta")
    return isinstance(meta, dict) and ("total_tweet_count" in meta or "total_post_count" in meta)


def _is_gone(error: Json) -> bool:
    return str(error.get("type", "")).rpartition("/")[2] in _GONE


def _errors(document: Any) -> list[Json]:
    errors = document.get("errors") if isinstance(document, dict) else None
    return [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []


def _items(document: Json, position: str) -> Iterator[tuple[str, Any]]:
    """The posts of an answer, then those that it includes; or a flat line and the posts inside it."""
    base = f"{position}." if position else ""
    if "data" not in document and "includes" not in document:
        if "errors" not in document and "meta" not in document:
            yield from _flat(document, position)
        return
    data, includes = document.get("data"), document.get("includes")
    if isinstance(data, list):
        yield from ((f"{base}data[{index}]", item) for index, item in enumerate(data))
    elif data is not None:
        yield f"{base}data", data
    if isinstance(includes, dict):
        for name in ("tweets", "posts"):
            posts = includes.get(name)
            if isinstance(posts, list):
                yield from ((f"{base}includes.{name}[{index}]", item) for index, item in enumerate(posts))


def _flat(item: Json, position: str) -> Iterator[tuple[str, Any]]:
    yield position, item
    for name in ("referenced_tweets", "referenced_posts"):
        inner = item.get(name)
        for index, child in enumerate(inner if isinstance(inner, list) else []):
            if isinstance(child, dict) and "text" in child:
                yield f"{position}.{name}[{index}]".lstrip("."), child


def _version(item: Any, names: Mapping[str, str], seen_at: str | None) -> XPost:
    if not isinstance(item, dict) or "text" not in item:
        raise ValueError("it is no post")
    account = _optional(item, "author_id")
    note = _either(item, "note_tweet", "note_post", dict)
    whole = note.get("text") if note else None
    raw = item["text"] if whole is None else whole
    if not isinstance(raw, str):
        raise TypeError(f"its text is {type(raw).__name__}, not text")
    metrics = item.get("public_metrics") or {}
    author = item.get("author")
    return XPost(
        id=_native(item, "id"),
        conversation=_native(item, "conversation_id"),
        chain=_chain(item),
        replied_to=_reference(item, "replied_to"),
        quoted=_reference(item, "quoted"),
        name=(author or {}).get("username") or (names.get(account) if account else None),
        account=account,
        created_at=_optional(item, "created_at"),
        text=raw,
        links=_links(item) | _links(note or {}),
        # What the notes of long posts do with entities is not written anywhere.
        escaped=True if whole is None else None,
        cut=note is not None and whole is None,
        likes=whole_number(metrics.get("like_count")),
        replies=whole_number(metrics.get("reply_count")),
        seen_at=seen_at,
    )


def _either(item: Json, old: str, new: str, kind: type) -> Any:
    """A field under its old or its new name; None where it is missing or of another kind."""
    value = item[old] if old in item else item.get(new)
    return value if isinstance(value, kind) else None


def _chain(item: Any) -> tuple[str, ...]:
    ids = _either(item, "edit_history_tweet_ids", "edit_history_post_ids", list) if isinstance(item, dict) else None
    return tuple(str(found) for found in ids or () if isinstance(found, str | int) and _ID.fullmatch(str(found)))


def _references(item: Any) -> list[Json]:
    found = _either(item, "referenced_tweets", "referenced_posts", list) if isinstance(item, dict) else None
    return [reference for reference in found or () if isinstance(reference, dict)]


def _reference(item: Json, kind: str) -> str | None:
    return next((_native(found, "id") for found in _references(item) if found.get("type") == kind), None)


def _is_repost(item: Any) -> bool:
    return any(reference.get("type") in _REPOSTS for reference in _references(item))


def _native(item: Json, name: str) -> str:
    value = item[name]
    if isinstance(value, bool) or not isinstance(value, str | int) or not _ID.fullmatch(str(value)):
        raise ValueError(f"{name} {str(value)[:80]!r} is no id")
    return str(value)


def _optional(item: Json, name: str) -> str | None:
    value = item.get(name)
    return str(value) if isinstance(value, str | int) and value != "" else None


def _links(item: Json) -> dict[str, str]:
    entities = item.get("entities")
    urls = entities.get("urls") if isinstance(entities, dict) else None
    found = {}
    for url in urls if isinstance(urls, list) else []:
        if isinstance(url, dict) and isinstance(url.get("url"), str) and isinstance(url.get("expanded_url"), str):
            found[url["url"]] = url["expanded_url"]
    return found


def _status(target: str) -> str | None:
    found = _STATUS_LINK.match(target)
    return found[1] if found else None


def _shown(name: str, people: Pseudonyms) -> str:
    return name if name.casefold() in _NO_NAMES else people.of(PLATFORM, name)


def _name(post: XPost) -> str | None:
    return post.name or (f"id:{post.account}" if post.account else None)


def _names(document: Json) -> dict[str, str]:
    includes = document.get("includes")
    users = includes.get("users") if isinstance(includes, dict) else None
    return {
        str(user["id"]): user["username"]
        for user in (users if isinstance(users, list) else [])
        if isinstance(user, dict) and "id" in user and isinstance(user.get("username"), str) and user["username"]
    }


def _retrieved(document: Json) -> str | None:
    mark = document.get("__twarc")
    moment = mark.get("retrieved_at") if isinstance(mark, dict) else None
    return moment if isinstance(moment, str) else None


def _kept(item: Any) -> str | None:
    if not isinstance(item, dict):
        return None
    told = {
        name: value
        for name, value in item.items()
        if name in _KEPT and len(str(value)) <= 1000  # noqa: PLR2004
    }
    return msgspec.json.encode(told).decode()
