"""Pages of the web: an article, or a discussion whose posts the page tells apart as data.

What the page tells of itself is taken before what it looks like: JSON-LD and microdata, then its head, then its
elements. A page that tells no date bears that of the moment when it was looked at.
"""

import re
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from urllib.parse import unquote, urljoin, urlsplit

from bs4 import BeautifulSoup

from collector import public_web
from collector.known_names import KnownNames
from collector.markup import soup
from collector.pace import Pace
from collector.page_data import MOST_POSTS, Told, short_text, told_posts
from collector.page_head import Head
from collector.page_text import LEAST, article_text
from collector.people import GONE_NAMES
from collector.public_web import Endpoint, PublicSession, WebPage
from collector.reading import Reading
from collector.session import SiteError
from collector.source import Page
from collector.text import canonical
from collector.web_links import page_address
from db.queries.runs import Task
from db.records import Author, Observation, Unreadable

NAME = "web_page"
PLATFORM = "web"

_LONGEST_WALL = 3_000
_SAVED_FROM = re.compile(r"<!--\s*saved from url=\(\d+\)(\S+?)\s*-->", re.IGNORECASE)
_SAVED_WITHIN = 4_096
_SURE_WALL = re.compile(
    r"(?i)\W*(?:log ?in|sign ?in|sign ?up|create (?:an|your) account|just a moment|attention required|access denied|"
    r"verify(?:ing)? (?:that )?you|are you (?:a )?(?:robot|human)|security check|before you continue|we value your privacy|"
    r"subscribe to (?:read|continue)|enable javascript|anmelden|einloggen|connexion|iniciar sesión|accedi)\b"
)
_WALL = re.compile(
    r"(?i)\W*(?:register|captcha|your privacy|cookies?|consent|please wait|unusual traffic|blocked|forbidden)\b"
)
"""Words with which an article may begin as well, if it is one."""
_CONSENT_HOST = re.compile(r"^(?:consent|guce|cmp|privacy-?gate)\.")
_ITEM_OF_TALK = re.compile(r"(?i)^(?:p|post|comment|answer|reply|msg|message|li-comment|div-comment)[-_]?\d+$")
_FORUMS = re.compile(
    r"(?i)phpbb|vbulletin|discourse|xenforo|mybb|simple machines|smf|invision|flarum|nodebb|vanilla|fluxbb"
)
_PROFILE = re.compile(
    r"/(?:u|user|users|member|members|profile|people|author|authors)/(?:\d+/)?([^/]+)/?$|/@([^/]+)/?$"
)
_ONE_WORD = re.compile(r"(?!\d+$)\w+")
_NO_NAMES = frozenset(
    {"login", "log-in", "signin", "sign-in", "signup", "sign-up", "register", "me", "edit", "settings", "new"}
)


def first_tasks(url: str) -> list[Task]:
    """The page itself."""
    return [Task(NAME, url, "page", {})]


def recheck_tasks(native_ids: Sequence[str]) -> list[Task]:
    """A look at each page that posts are on, once, however many of them."""
    asked: dict[str, list[str]] = {}
    for native_id in native_ids:
        asked.setdefault(native_id.partition("#")[0], []).append(native_id)
    return [Task(NAME, url, "look", {"ids": ids}) for url, ids in asked.items()]


def fetch(task: Task, session: PublicSession, reading: Reading) -> Page:
    """Ask for the page; at a second look what is gone is told as missing, and is no failure."""
    asked = [str(each) for each in task.payload.get("ids", ())]
    try:
        found = session.get_page(task.target)
    except SiteError as error:
        if error.name != "gone" or task.kind != "look":
            raise
        return Page(missing=asked)
    page = read_page(found.text, found.url, reading) if found.is_html else _plain(found, reading)
    if not page.unreadable:
        came = {seen.native_id for seen in page.observations}
        page.missing = [each for each in asked if each not in came]
    return page


def open_session(
    pace: Pace,
    utc_now: Callable[[], str],
    *,
    stand_ins: Mapping[str, Endpoint] | None = None,
    certificates: ssl.SSLContext | None = None,
) -> PublicSession:
    """A session for pages; see `collector.public_web.open_session`."""
    return public_web.open_session(NAME, pace, utc_now, stand_ins=stand_ins, certificates=certificates)


def page_observations(markup: str, url: str | None, reading: Reading) -> Iterator[Observation | Unreadable]:
    """The posts on a page, and what is wrong with it.

    Args:
        markup: the page, from the web or from a file.
        url: where it is; None where only the page itself may know.
        reading: what holds for all of it.
    """
    page = read_page(markup, url, reading)
    yield from page.observations
    yield from page.unreadable
    yield from (Unreadable("", problem) for problem in page.problems)


def read_page(markup: str, url: str | None, reading: Reading) -> Page:
    """The posts on a page; in `problems` what it does not show although it was read."""
    tree = soup(markup)
    address = _address(tree, markup, url)
    if address is None:
        return Page(
            unreadable=[Unreadable("", "it does not tell its address, or its address is not of the public web")]
        )
    head = Head.of(tree)
    told = told_posts(tree, address) or [Told("page")]
    opening = _completed(told[0], tree, head, is_alone=len(told) == 1)
    if len(told) == 1:
        problem = _problem(opening, tree, head, urlsplit(url or address).hostname or "")
        if problem is not None:
            return Page(unreadable=[Unreadable("", problem)])
    page = Page()
    page.take(_posts([opening, *told[1:]], tree, address, reading))
    page.problems += _missing(opening, told, tree)
    return page


def _plain(found: WebPage, reading: Reading) -> Page:
    """A page of plain text, which is all its author's."""
    address, text = _public(found.url), canonical(found.text, escaped=False)
    if address is None or text is None:
        return Page(unreadable=[Unreadable("", "no text found")])
    page = Page()
    page.take(_posts([Told("page", text=text)], None, address, reading))
    return page


def _posts(
    told: list[Told], tree: BeautifulSoup | None, address: str, reading: Reading
) -> Iterator[Observation | Unreadable]:
    site = (urlsplit(address).hostname or "").removeprefix("www.")
    named = [name for each in told for name in each.names] + _mentioned(tree)
    names = KnownNames(reading.people, PLATFORM, named, f"{site}/")

    def hidden(text: str | None) -> str | None:
        return reading.people.hide_names(PLATFORM, names.hide(text)) if text else None

    seen_at = reading.observed_at or reading.otherwise_at
    ids: list[str] = []
    taken: set[str] = set()
    for place, each in enumerate(told):
        ids.append(_native_id(address, place, each, names, taken))
        taken.add(ids[-1])
        if each.text is None and (place or each.title is None):
            yield Unreadable(f"reply {place}" if place else "", "it has no text")
            continue
        yield Observation(
            platform=PLATFORM,
            native_id=ids[-1],
            thread=address,
            parent=None if each.above is None else ids[each.above],
            kind=each.kind,
            author=_author(each.author, site, address, reading) if each.author else None,
            community=site,
            created_at=each.created_at or seen_at,
            edited_at=each.edited_at,
            title=hidden(each.title) if place == 0 else None,
            text=hidden(each.text),
            url=_url(each, ids[-1], address, names) if place else address,
            thread_url=address,
            score=each.score,
            state="live",
            observed_at=seen_at,
            declared_count=each.declared_count if place == 0 else None,
            cut=place == 0 and each.is_open is False,
        )


def _author(name: str, site: str, address: str, reading: Reading) -> Author:
    """Who wrote; the same name on two sites is two people."""
    qualified = name if name in GONE_NAMES else f"{site}/{name}"
    return reading.people.author(PLATFORM, qualified, address)


def _native_id(address: str, place: int, told: Told, names: KnownNames, taken: set[str]) -> str:
    """The page's address, for a reply with what the page calls it, or else its place."""
    if place == 0:
        return address
    mark = told.mark if told.mark and not names.is_in(told.mark) else f"reply-{place}"
    return f"{address}#{mark}" if f"{address}#{mark}" not in taken else f"{address}#{mark}-{place}"


def _url(told: Told, native_id: str, address: str, names: KnownNames) -> str:
    """Where a reply is found: its own address, unless that bears a name or leads away."""
    own = _public(told.url) if told.url else None
    if own is None or not _is_same_host(own, address) or names.is_in(told.url or ""):
        return native_id if told.mark else address
    fragment = urlsplit(told.url or "").fragment
    return f"{own}#{fragment}" if fragment else own


def _completed(opening: Told, tree: BeautifulSoup, head: Head, *, is_alone: bool) -> Told:
    """What opens the page, with what its data leave out taken from what it shows."""
    title = opening.title or head.title
    if opening.kind != "page":
        return replace(opening, title=title, text=opening.text or (article_text(tree) if is_alone else None))
    shown = article_text(tree)
    has_more = opening.in_script and len(opening.text or "") > 2 * len(shown or "")
    return replace(
        opening,
        title=title,
        text=opening.text if has_more else shown,
        author=opening.author or head.author,
        names=opening.names + head.names,
        created_at=opening.created_at or head.created_at,
        edited_at=opening.edited_at or (head.edited_at if opening.created_at is None else None),
    )


def _problem(opening: Told, tree: BeautifulSoup, head: Head, host: str) -> str | None:
    """Why a page that tells of no replies is not stored."""
    length = len(opening.text or "")
    asks_password = tree.find("input", type="password") is not None
    is_sure = any(map(_SURE_WALL.match, head.titles))
    is_wall = length < LEAST and (is_sure or asks_password or any(map(_WALL.match, head.titles)))
    is_long_wall = length < _LONGEST_WALL and is_sure and (asks_password or tree.find(["form", "button"]) is not None)
    if _CONSENT_HOST.match(host) or is_wall or is_long_wall:
        return "it shows no more than a request to sign in, to consent, or to prove that one is no robot"
    is_short = length < LEAST and (opening.kind == "page" or not length)
    return "no article text found" if is_short else None


def _missing(opening: Told, told: list[Told], tree: BeautifulSoup) -> Iterator[str]:
    """What the page has beyond what was read."""
    if opening.is_open is False:
        yield "the whole text is for subscribers; what everybody is shown is stored"
    if len(told) == 1 and _shows_talk(tree):
        yield "its replies are not told apart"
    if len(told) >= MOST_POSTS:
        yield f"only its first {MOST_POSTS} posts are stored"
    if (len(told) > 1 or opening.kind == "post") and tree.find(["a", "link"], rel="next") is not None:
        yield "it goes on at a further page, which is not fetched"


def _shows_talk(tree: BeautifulSoup) -> bool:
    program = tree.find("meta", attrs={"name": re.compile("(?i)^generator$")})
    body = tree.find("body")
    said = " ".join(str(each) for each in (program and program.get("content"), body and body.get("id")) if each)
    items = tree.find_all(id=_ITEM_OF_TALK, limit=2)
    return _FORUMS.search(said) is not None or len(items) > 1


def _mentioned(tree: BeautifulSoup | None) -> list[str]:
    """Names that the page links to the accounts of: as it shows them, and as they stand in the address."""
    found = []
    for link in tree.find_all("a", href=True) if tree is not None else ():
        account = _PROFILE.search(unquote(str(link["href"]).partition("?")[0]))
        own = account[1] or account[2] if account else ""
        if not own or _slug(own) in _NO_NAMES:
            continue
        name = (short_text(link) or "").removeprefix("@")
        if _slug(name) == _slug(own):
            found.append(name)
        elif _ONE_WORD.fullmatch(own):
            found.append(own)
    return found


def _slug(name: str) -> str:
    return re.sub(r"[\W_]+", "-", name.casefold()).strip("-")


def _address(tree: BeautifulSoup, markup: str, url: str | None) -> str | None:
    """The page's identity: the address that it calls its own if that is on its host, else where it was found."""
    found = _public(url) if url else None
    canonical_link = tree.find("link", rel="canonical", href=True)
    og = tree.find("meta", property="og:url", content=True)
    said = [str(canonical_link["href"])] if canonical_link else []
    if url is None:
        said += [str(og["content"])] if og else []
        said += _SAVED_FROM.findall(markup, 0, _SAVED_WITHIN)
        return next(filter(None, map(_public, said)), None)
    own = _public(_joined(url, said[0])) if said else None
    if own is None or found is None or not _is_same_host(own, found):
        return found
    # Some sites call their front page the address of every page.
    return found if urlsplit(own).path == "/" and not urlsplit(own).query else own


def _joined(base: str, link: str) -> str:
    try:
        return urljoin(base, link.strip())
    except ValueError:
        return ""


def _public(link: str) -> str | None:
    try:
        parts = urlsplit(link.strip())
        return page_address(parts) if parts.scheme in ("http", "https") else None
    except ValueError:
        return None


def _is_same_host(one: str, other: str) -> bool:
    hosts = [(urlsplit(each).hostname or "").removeprefix("www.") for each in (one, other)]
    return hosts[0] == hosts[1]
