"""Single posts of X without a key: a post, those that it replies to up to the one that opens the conversation, and quotes.

Two public addresses serve pages that embed posts: the syndication address tells what a post replies to, but not which
conversation it belongs to, so the walk goes up to the opening post first and stores on its way down. Where it shows
nothing, the oEmbed address is asked: it gives a text, and tells a protected post from one that is gone. Replies to a post
cannot be had this way, and neither address is promised for bulk.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from collector.markup import html_text, soup
from collector.pace import Pace
from collector.reading import Reading
from collector.session import Session, SiteError, open_client, retried
from collector.source import Page
from collector.x_items import XPost, link, observation
from db.queries.runs import Request, Task
from db.records import Observation, Unreadable

NAME = "x_public"
PLATFORM = "x"
NO_REPLIES = "without a key X shows no replies: only the post and those above it can be had"
_LONGEST_CHAIN = 200
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_PICTURES = ("pic.twitter.com/", "pic.x.com/")
_MARKS = ("@", "#", "$")
_TWEET = "Tweet"

Json = dict[str, Any]


@dataclass(slots=True)
class PublicSession:
    """A client of both addresses; made by `open_session`.

    Attributes:
        seen: posts that were fetched on the way up, and when, to be stored on the way down without asking again.
    """

    syndication: Session
    oembed_url: str
    seen: dict[str, tuple[Json, str]] = field(default_factory=dict)

    def close(self) -> None:
        """Close the connections."""
        self.syndication.close()

    def take_requests(self) -> list[Request]:
        """The requests since the last call, to both addresses."""
        return self.syndication.take_requests()

    def post(self, native_id: str) -> tuple[Json, str] | None:
        """A post as it is embedded, and when it was seen; None where nothing is shown under its id."""
        if native_id not in self.seen:
            asked = {"id": native_id, "lang": "en", "token": token(native_id)}
            try:
                answer = self.syndication.get_json("/tweet-result", asked)
            except SiteError as error:
                if error.name == "gone":
                    return None
                raise
            if not isinstance(answer, dict):
                raise SiteError("broken-answer", "the answer is no JSON object")
            if answer.get("__typename", _TWEET if answer else None) != _TWEET:
                return None
            self.seen[native_id] = answer, self.syndication.utc_now()
        return self.seen[native_id]

    def embedded(self, native_id: str) -> Json | str:
        """What the oEmbed address gives of a post, or the state that its refusal means."""
        url = f"{self.oembed_url.rstrip('/')}/oembed?url={quote(link(native_id), safe='')}"
        hidden = "&omit_script=true&hide_thread=true&dnt=true"
        try:
            answer, _ = retried(self.syndication.pace, lambda: self.syndication.exchange("GET", url + hidden))
        except SiteError as error:
            if error.name == "gone":
                return "vanished"
            if error.status == httpx.codes.FORBIDDEN:
                return "protected"
            raise
        if not isinstance(answer, dict):
            raise SiteError("broken-answer", "the answer is no JSON object")
        return answer


def open_session(syndication_url: str, oembed_url: str, pace: Pace, utc_now: Callable[[], str]) -> PublicSession:
    """A session with both addresses; nobody signs in."""
    client = open_client(f"groundswell ({NAME})")
    return PublicSession(Session(NAME, syndication_url, client, pace, utc_now), oembed_url)


def first_tasks(thread: str) -> list[Task]:
    """A post, from which the walk goes up."""
    return [Task(NAME, thread, "up", {"post": thread, "below": [], "known": {}})]


def fetch(task: Task, session: PublicSession, reading: Reading) -> Page:
    """Fetch a post on the way up, one that only the oEmbed address may show, or store one on the way down."""
    if task.kind == "up":
        return _up(task, session, reading)
    if task.kind == "embedded":
        return _embedded(task, session, reading)
    return _down(task, session, reading)


def token(native_id: str) -> str:
    """What the syndication address wants beside an id: a number made of it, as JavaScript prints it in base 36."""
    return _base36(int(native_id) / 1e15 * math.pi).replace("0", "").replace(".", "")


def _base36(value: float) -> str:
    """A positive number as JavaScript prints it: the fewest digits that tell it from its neighbours."""
    whole = math.floor(value)
    rest, delta = value - whole, 0.5 * (math.nextafter(value, math.inf) - value)
    digits: list[int] = []
    while rest >= delta:
        rest, delta = rest * 36, delta * 36
        digit = int(rest)
        digits.append(digit)
        rest -= digit
        if (rest > 0.5 or (rest == 0.5 and digit % 2)) and rest + delta > 1:  # noqa: PLR2004 - the middle
            # It is never the last digit of the base: the digit before it would have been rounded up already.
            digits[-1] += 1
            break
    written = ""
    while whole:
        whole, digit = divmod(whole, 36)
        written = _DIGITS[digit] + written
    return f"{written or '0'}.{''.join(_DIGITS[digit] for digit in digits)}"


def _up(task: Task, session: PublicSession, reading: Reading) -> Page:
    """The next post above; the one that replies to nothing opens the conversation."""
    post, below, known = task.payload["post"], task.payload["below"], task.payload["known"]
    if _id(post) is None:
        raise SiteError("gone", f"{post} is no id of X")
    found = session.post(post)
    if found is None:
        return Page(tasks=[Task(NAME, task.target, "embedded", {"post": post, "below": below, "known": known})])
    item = found[0]
    chain, above = _chain(item), _id(item.get("in_reply_to_status_id_str"))
    known = known | (dict.fromkeys(chain, chain[0]) if len(chain) > 1 else {})
    if chain and chain[-1] != post and chain[-1] not in below:
        further = {"post": chain[-1], "below": below, "known": known}
    elif above is not None and len(below) < _LONGEST_CHAIN:
        further = {"post": above, "below": [*below, post], "known": known}
    else:
        page = _down(replace(task, payload={"post": post, "root": post, "known": known}), session, reading)
        if above is not None:
            page.problems.append(f"{post} stands more than {_LONGEST_CHAIN} posts above; what is above it is missing")
        return _ended(page, task, post, known)
    return Page(tasks=[Task(NAME, task.target, "up", further)])


def _embedded(task: Task, session: PublicSession, reading: Reading) -> Page:
    """A post of which the syndication address shows nothing; what it replies to is not told, so it opens what is below."""
    post, known = task.payload["post"], task.payload["known"]
    answer = session.embedded(post)
    page = Page()
    if isinstance(answer, str):
        page.missing.append(post)
        page.unreadable.append(Unreadable("", f"gone: X does not show {post} ({answer})"))
    else:
        page.take([_read(lambda: _from_html(answer, post), reading, known)])
    return _ended(page, task, post, known)


def _down(task: Task, session: PublicSession, reading: Reading) -> Page:
    """A post whose conversation is known by now, and the post that it quotes."""
    post, root, known = task.payload["post"], task.payload["root"], task.payload["known"]
    found = session.post(post)
    page = Page()
    if found is None:
        page.missing.append(post)
        page.unreadable.append(Unreadable("", f"gone: X does not show {post}"))
        return page
    item, seen_at = found
    del session.seen[post]
    when = replace(reading, observed_at=seen_at)
    page.take([_read(lambda: _from_item(item, root), when, known)])
    quoted = item.get("quoted_tweet")
    if isinstance(quoted, dict) and _id(quoted.get("in_reply_to_status_id_str")) is None:
        seen = _read(lambda: _from_item(quoted, str(quoted.get("id_str"))), when, known)
        page.take([replace(seen, declared_count=None) if isinstance(seen, Observation) else seen])
    return page


def _ended(page: Page, task: Task, root: str, known: dict[str, str]) -> Page:
    """Say what cannot be had, and store what was passed on the way up, from the top."""
    page.problems.append(NO_REPLIES)
    page.tasks = [
        Task(NAME, task.target, "down", {"post": post, "root": root, "known": known})
        for post in reversed(task.payload["below"])
    ]
    return page


def _read(make: Callable[[], XPost], reading: Reading, known: dict[str, str]) -> Observation | Unreadable:
    try:
        return observation(make(), reading, known)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        return Unreadable("", reading.problem(error, PLATFORM))


def _from_item(item: Json, root: str) -> XPost:
    """A post as the syndication address gives it."""
    native_id, text = _id(item["id_str"]), item["text"]
    if native_id is None or not isinstance(text, str):
        raise ValueError("it bears no id or no text")
    quoted = item.get("quoted_tweet")
    user = item.get("user") or {}
    return XPost(
        id=native_id,
        conversation=root,
        chain=tuple(_chain(item)),
        replied_to=_id(item.get("in_reply_to_status_id_str")),
        quoted=_id(quoted.get("id_str")) if isinstance(quoted, dict) else None,
        name=user.get("screen_name"),
        account=user.get("id_str"),
        created_at=item.get("created_at"),
        text=text,
        links=_links(item),
        cut=bool(item.get("note_tweet")),
        likes=_count(item.get("favorite_count")),
        replies=_count(item.get("conversation_count")),
    )


def _from_html(answer: Json, post: str) -> XPost:
    """A post as the oEmbed address gives it: a block of HTML whose first paragraph is the text."""
    paragraph = soup(str(answer["html"])).find("p")
    if paragraph is None:
        raise ValueError("the HTML holds no paragraph")
    for anchor in paragraph.find_all("a"):
        words = anchor.get_text()
        is_picture = words.startswith(_PICTURES)
        anchor.replace_with("" if is_picture else words if words.startswith(_MARKS) else str(anchor.get("href")))
    name = urlsplit(str(answer.get("author_url") or "")).path.strip("/")
    text = html_text(paragraph)
    # Its links are short ones. Such a text is less than one with whole links, as a beginning is.
    cut = text is not None and "https://t.co/" in text
    return XPost(id=post, conversation=post, name=name or None, text=text, escaped=False, cut=cut)


def _chain(item: Json) -> list[str]:
    control = item.get("edit_control")
    ids = control.get("edit_tweet_ids") if isinstance(control, dict) else None
    return [found for found in ids if _id(found)] if isinstance(ids, list) else []


def _links(item: Json) -> dict[str, str]:
    entities = item.get("entities")
    lists = [entities.get("urls"), entities.get("media")] if isinstance(entities, dict) else []
    lists.append(item.get("mediaDetails"))
    entries = [entry for found in lists if isinstance(found, list) for entry in found if isinstance(entry, dict)]
    return {
        entry["url"]: entry["expanded_url"]
        for entry in entries
        if isinstance(entry.get("url"), str) and isinstance(entry.get("expanded_url"), str)
    }


def _id(value: Any) -> str | None:
    return value if isinstance(value, str) and value.isascii() and value.isdecimal() else None


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= 2**53 else None
