"""Links that people paste, brought to the one thread, community or page they mean."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qs, urlsplit

from collector.web_links import is_forum, page_address, refusal

LONGEST = 4_000

_SCHEME = re.compile(r"([a-z][a-z0-9+-]*):(?!\d)", re.IGNORECASE | re.ASCII)
_FLAGS = re.IGNORECASE | re.ASCII
_NAME = r"[a-z0-9_-]{2,50}"
_THREAD_PATH = re.compile(
    r"/(?:(?:r|u|user)/[^/]+/)?(?:comments|gallery|tb)/([0-9a-z]{1,13})(?:\.json|\.rss)?"
    r"(?:/[^/]*(?:/([0-9a-z]{1,13})(?=/|$))?(?:/.*)?)?$",
    _FLAGS,
)
_SHORT_PATH = re.compile(r"/([0-9a-z]{1,13})/?$", _FLAGS)
_SHARE_PATH = re.compile(rf"/(r|u|user)/({_NAME})/s/([0-9a-z]{{2,30}})/?$", _FLAGS)
_COMMUNITY_PATH = re.compile(rf"/r/({_NAME})(?:/(?:new|hot|top|best|rising|controversial))?/?$", _FLAGS)
_PERSON_PATH = re.compile(r"/(?:u|user)(?:/|$)|/r/u_", _FLAGS)
_POST_ON_X = re.compile(r"/(?:i/web|[^/]+)/status(?:es)?/([0-9]{1,20})(?![0-9])", _FLAGS)
_ITEM_PATH = re.compile(r"(?:^|/)(?:story|items?)/([0-9]{1,15})(?:\.json)?(?:/|$)", _FLAGS)
_WRAPPER = re.compile(r"(?:^|\.)google\.[a-z.]{2,6}$", re.ASCII)

_IMAGES = ("i.redd.it", "preview.redd.it", "external-preview.redd.it")
_X_HOSTS = ("x.com", "twitter.com")
_X_PREFIXES = ("www.", "mobile.", "m.")
_HN_HOSTS = ("news.ycombinator.com", "hn.algolia.com", "hacker-news.firebaseio.com")
_MIXED = frozenset({"all", "popular", "friends", "mod", "random"})


@dataclass(frozen=True, slots=True)
class Target:
    """What a link leads to, by its native id; two links into one thread are equal.

    Attributes:
        platform: `reddit`, `hn`, `x` or `web`.
        thread: the native id: `t3_…`, an item's or a post's number, `r/name` of a community, the path of a share link,
            the whole address of a page.
        kind: `thread`; `share` = a link that hides its thread and is still to be resolved; `community`; `page`.
        post: native id of the very comment that was linked to; None where the link names the thread only. On Hacker
            News and X a link does not tell whether its number is that of the thread or of a post within it.
        forum: whether the page is known to be one where many people talk.
    """

    platform: str
    thread: str
    kind: str = "thread"
    post: str | None = field(default=None, compare=False)
    forum: bool = field(default=False, compare=False)

    @property
    def address(self) -> str:
        """The address as threads are stored under; `parse_link` takes it back."""
        return f"{self.platform}:{self.thread}"

    @property
    def url(self) -> str:
        """Where a browser finds it; rebuilt from ids, so that it names nobody."""
        if self.platform == "hn":
            return f"https://news.ycombinator.com/item?id={self.thread}"
        if self.platform == "x":
            return f"https://x.com/i/status/{self.thread}"
        if self.platform == "web":
            return self.thread
        path = self.thread.lstrip("/") if self.kind != "thread" else f"comments/{self.thread[3:]}/"
        return f"https://www.reddit.com/{path}"


class LinkError(ValueError):
    """The link names nothing that can be collected; its text says why.

    Attributes:
        link: the link in a form that names nobody and may be kept; None where there is none.
    """

    def __init__(self, problem: str, link: str | None = None) -> None:
        super().__init__(problem)
        self.link = link


def parse_link(link: str) -> Target:
    """What a link or an address (`reddit:t3_…`, `hn:…`, `x:…`, `web:https://…`) leads to.

    Raises:
        LinkError: it leads to nothing that can be collected.
    """
    text = link.strip()
    if not text:
        raise LinkError("it is no link: it is empty")
    if len(text) > LONGEST or re.search(r"[\s\x00-\x1f\x7f]", text):
        raise LinkError("it is no link: it is too long or holds a blank")
    platform, _, native_id = text.partition(":")
    if platform.lower() in _ADDRESSES:
        return _ADDRESSES[platform.lower()](native_id)
    parts = _split(text)
    host = (parts.hostname or "").rstrip(".")
    if parts.username is not None or parts.password is not None:
        raise LinkError("it carries a user name or a password")
    for is_at, read in _SITES:
        if is_at(host):
            return read(parts)
    return _page(parts)


def _split(text: str) -> SplitResult:
    scheme = _SCHEME.match(text)
    if scheme and scheme[1].lower() not in ("http", "https"):
        raise LinkError("only http and https links can be collected")
    try:
        parts = urlsplit(text if scheme else f"https://{text}")
        _ = parts.port
    except ValueError as error:
        raise LinkError("it is no link: its host cannot be read") from error
    return parts


def _reddit_address(native_id: str) -> Target:
    if re.fullmatch(r"t3_[0-9a-z]{1,13}", native_id):
        return Target("reddit", native_id)
    if re.fullmatch(rf"r/{_NAME}", native_id, _FLAGS) or _SHARE_PATH.match(native_id):
        return _reddit(urlsplit(f"https://www.reddit.com/{native_id.lstrip('/')}"))
    raise LinkError("it is no address of a Reddit thread (reddit:t3_ID)")


def _number(platform: str, longest: int) -> Callable[[str], Target]:
    def read(native_id: str) -> Target:
        if not re.fullmatch(rf"[0-9]{{1,{longest}}}", native_id):
            raise LinkError(f"it is no address of a thread ({platform}:NUMBER)")
        return Target(platform, native_id)

    return read


def _web_address(native_id: str) -> Target:
    if not native_id.lower().startswith(("http://", "https://")):
        raise LinkError("it is no address of a page (web:https://…)")
    return parse_link(native_id)


_ADDRESSES: dict[str, Callable[[str], Target]] = {
    "reddit": _reddit_address,
    "hn": _number("hn", 15),
    "x": _number("x", 20),
    "web": _web_address,
}


def _reddit(parts: SplitResult) -> Target:
    path = parts.path
    if found := _THREAD_PATH.match(path):
        comment = found[2] if "/comments/" in path.lower() else None
        return Target("reddit", f"t3_{found[1].lower()}", post=f"t1_{comment.lower()}" if comment else None)
    if found := _SHARE_PATH.match(path):
        if found[1].lower() != "r" or found[2].lower().startswith("u_"):
            # Such a link names an account until it is resolved, and until then it would have to be stored.
            problem = (
                "a share link from a person's page names an account; open it and give the address that it leads to"
            )
            raise LinkError(problem, "https://www.reddit.com/user/")
        return Target("reddit", f"/r/{found[2]}/s/{found[3]}", "share")
    if _PERSON_PATH.match(path):
        raise LinkError("it leads to a person's page, not to a thread", "https://www.reddit.com/user/")
    if (found := _COMMUNITY_PATH.match(path)) and found[1].lower() not in _MIXED:
        return Target("reddit", f"r/{found[1].lower()}", "community")
    if "/wiki" in path.lower():
        raise LinkError("it leads to a wiki page, not to a thread", f"https://www.reddit.com{path}")
    raise LinkError("it is no link to a Reddit thread (…/comments/ID/…)", "https://www.reddit.com/")


def _short_reddit(parts: SplitResult) -> Target:
    host = (parts.hostname or "").rstrip(".")
    if host in _IMAGES:
        raise LinkError("it is an image; the thread that shows it has a link of its own", f"https://{host}{parts.path}")
    if host == "v.redd.it":
        raise LinkError("it is a video; the thread that shows it has a link of its own", f"https://{host}{parts.path}")
    found = _SHORT_PATH.match(parts.path)
    if host not in ("redd.it", "www.redd.it") or found is None:
        raise LinkError("it is no link to a Reddit thread (redd.it/ID)", "https://redd.it/")
    return Target("reddit", f"t3_{found[1].lower()}")


def _hacker_news(parts: SplitResult) -> Target:
    found = _ITEM_PATH.search(parts.path)
    item = found[1] if found else parse_qs(parts.query).get("id", [""])[-1]
    is_item = found is not None or parts.path in ("/item", "/context", "/reply")
    if not is_item or not re.fullmatch(r"[0-9]{1,15}", item):
        raise LinkError("it is no link to a Hacker News thread (…/item?id=NUMBER)", "https://news.ycombinator.com/")
    comment = parts.fragment if re.fullmatch(r"[0-9]{1,15}", parts.fragment) else None
    return Target("hn", item, post=comment)


def _x(parts: SplitResult) -> Target:
    found = _POST_ON_X.match(parts.path)
    if found:
        return Target("x", found[1])
    names = parts.path.strip("/").split("/")
    if (
        len(names) == 1
        and re.fullmatch(r"\w{1,15}", names[0])
        and names[0].lower() not in ("search", "home", "explore")
    ):
        raise LinkError("it leads to a person's page, not to a post", "https://x.com/")
    raise LinkError("it is no link to a post on X (…/status/NUMBER)", "https://x.com/")


def _wrapped(parts: SplitResult) -> Target:
    """Google's search results and its AMP pages bear the link they lead to in their own."""
    asked = parse_qs(parts.query)
    if parts.path == "/url" and (inner := asked.get("q") or asked.get("url")):
        return parse_link(inner[0])
    if parts.path.startswith("/amp/s/"):
        return parse_link(parts.path.removeprefix("/amp/s/"))
    return _page(parts)


def _page(parts: SplitResult) -> Target:
    address = page_address(parts)
    if address is None:
        raise LinkError("its host is private, or is no name of a public site")
    problem, link = refusal(address)
    if problem:
        raise LinkError(problem, link)
    return Target("web", address, "page", forum=is_forum(address))


def _without_prefix(host: str) -> str:
    prefix = next((prefix for prefix in _X_PREFIXES if host.startswith(prefix)), "")
    return host.removeprefix(prefix)


_SITES: tuple[tuple[Callable[[str], bool], Callable[[SplitResult], Target]], ...] = (
    (lambda host: host == "reddit.com" or host.endswith(".reddit.com"), _reddit),
    (lambda host: host == "redd.it" or host.endswith(".redd.it"), _short_reddit),
    (lambda host: host in _HN_HOSTS, _hacker_news),
    (lambda host: _without_prefix(host) in _X_HOSTS, _x),
    (lambda host: _WRAPPER.search(host) is not None, _wrapped),
)
