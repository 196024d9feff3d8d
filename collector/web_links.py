"""Web pages: one address for all the ways to write it, and which pages are forums or cannot be collected."""

import re
from urllib.parse import SplitResult, quote, unquote, urlsplit

_TRACKING = frozenset(
    {
        "fbclid", "gclid", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "twclid", "ttclid", "li_fat_id", "igsh", "igshid",
        "mc_cid", "mc_eid", "mkt_tok", "oly_anon_id", "oly_enc_id", "vero_id", "_ga", "_gl", "_hsenc", "_hsmi", "ref", "ref_src",
        "ref_url", "ref_source", "share_id", "sharedid", "rcm", "trk", "trackingid", "lipi", "spm", "cmpid", "__s", "s_cid",
    }
)  # fmt: skip
"""Parameters that tell who passed a link on, and never what it leads to; `utm_…` are such too."""

_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_IN_PATH = re.compile(r"%[0-9A-Fa-f]{2}|[^A-Za-z0-9._~!$&'()*+,;=:@/-]")
_IN_QUERY = re.compile(r"%[0-9A-Fa-f]{2}|[^A-Za-z0-9._~!$&'()*+,;=:@/?-]")
_HOST = re.compile(r"(?=.{4,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])")
_PRIVATE = (
    ".localhost",
    ".local",
    ".localdomain",
    ".internal",
    ".intranet",
    ".lan",
    ".home",
    ".corp",
    ".home.arpa",
    ".onion",
)
_STANDARD_PORTS = (None, 80, 443)

_STACK = (
    "stackoverflow.com",
    "stackexchange.com",
    "serverfault.com",
    "superuser.com",
    "askubuntu.com",
    "mathoverflow.net",
)
_MEDIUM_ID = re.compile(r"(?:^|[-/])([0-9a-f]{8,12})$")
_QUESTION = re.compile(r"/(?:questions|q)/(\d+)(?:/|$)")
_UPDATE = re.compile(r"(?:[-_]|urn:li:)(activity|ugcPost|share)[-:](\d{10,25})")
_DISCOURSE = re.compile(r"(/t/[^/]*[^/\d][^/]*/\d+)(?:/\d+)?/?$")

_FORUM_HOSTS = (
    *_STACK,
    "teamblind.com",
    "quora.com",
    "medium.com",
    "substack.com",
    "dev.to",
    "lobste.rs",
    "groups.google.com",
)
"""Sites all of whose pages are talk, or are written by their members and talked about below."""

_FORUM_PAGES = (
    ("linkedin.com", re.compile(r"/(?:posts|feed/update|pulse)/")),
    ("github.com", re.compile(r"/[^/]+/[^/]+/(?:issues|discussions|pull)/\d+")),
    ("kaggle.com", re.compile(r"/general/|/discussions?/")),
    ("huggingface.co", re.compile(r"/discussions/")),
    ("leetcode.com", re.compile(r"/discuss/")),
    ("glassdoor.com", re.compile(r"/Community/")),
)
"""Sites with pages of talk among others."""

_FORUM_NAMES = ("discuss.", "discourse.", "forum.", "forums.", "community.", "boards.", "talk.")
_FORUM_PATHS = re.compile(
    r"/t/[^/]+/\d+|/(?:viewtopic|showthread|viewthread)\.php|/threads?/[^/]*\d|/topics?/[^/]*\d|/questions/\d+"
)
"""How the programs that run most forums write the address of a thread: Discourse, phpBB, vBulletin, XenForo, Invision."""

_SHORTENERS = ("t.co", "bit.ly", "tinyurl.com", "goo.gl", "lnkd.in", "ow.ly", "buff.ly", "is.gd", "reddit.app.link")
_HIDDEN = "/grounding-api-redirect/"
_VIDEOS = ("youtube.com", "youtu.be", "youtube-nocookie.com", "vimeo.com", "tiktok.com", "twitch.tv", "video.twimg.com")
_IMAGES = ("i.imgur.com", "pbs.twimg.com")
_FILES = re.compile(
    r"\.(?:pdf|docx?|xlsx?|pptx?|odt|ods|epub|csv|tsv|zip|gz|xz|zst|bz2|tar|7z|rar|mp3|wav|ogg|mp4|webm|mov|avi|mkv|"
    r"jpe?g|png|gif|webp|svg|bmp|tiff?|ico|exe|dmg|iso|apk)$",
    re.IGNORECASE,
)
_PERSON = re.compile(r"/@[^/]+/?$")
_PROFILE = re.compile(r"/in/")


def page_address(parts: SplitResult) -> str | None:
    """The address of a page: https, the host in small letters, no fragment, nothing that tells who passed it on.

    Where a site has a form of its addresses that needs no user name, it is that. None where the host is none of a
    public site: private networks, this computer, hosts by number.
    """
    host = _host(parts.hostname or "")
    if host is None:
        return None
    own = _own_form(host, unquote(parts.path))
    if own is not None:
        return own
    port = "" if parts.port in _STANDARD_PORTS else f":{parts.port}"
    path = _escaped(_IN_PATH, parts.path) or "/"
    if found := _DISCOURSE.fullmatch(path):
        return f"https://{host}{port}{found[1]}"
    kept = [piece for piece in _escaped(_IN_QUERY, parts.query).split("&") if piece and not _is_tracking(piece)]
    return f"https://{host}{port}{path}{'?' if kept else ''}{'&'.join(kept)}"


def is_forum(address: str) -> bool:
    """Tell from its host or path whether many people talk on a page; what is not declared here is taken for none."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    if any(_is_at(host, site) for site in _FORUM_HOSTS) or host.startswith(_FORUM_NAMES):
        return True
    if any(_is_at(host, site) and pages.search(parts.path) for site, pages in _FORUM_PAGES):
        return True
    return _FORUM_PATHS.search(parts.path) is not None


def refusal(address: str) -> tuple[str | None, str]:
    """Why a page cannot be collected (None = it can), and its address in a form that names nobody."""
    parts = urlsplit(address)
    host, path = parts.hostname or "", parts.path
    problem = None
    if any(_is_at(host, site) for site in _SHORTENERS) or _HIDDEN in path:
        problem = "a short link hides where it leads; open it and copy the address that it leads to"
    elif _PERSON.search(path) or (_is_at(host, "linkedin.com") and _PROFILE.match(path)):
        return "it leads to a person's page, not to a thread", f"https://{host}/"
    elif any(_is_at(host, site) for site in _VIDEOS):
        problem = "it is a video"
    elif host in _IMAGES:
        problem = "it is an image"
    elif found := _FILES.search(path):
        problem = f"it is a file ({found[0].lower()}), not a page"
    return problem, address


def _host(name: str) -> str | None:
    try:
        host = name.rstrip(".") if name.isascii() else name.rstrip(".").encode("idna").decode()
    except UnicodeError:
        return None
    host = host.lower()
    return host if _HOST.fullmatch(host) and not host.endswith(_PRIVATE) else None


def _own_form(host: str, path: str) -> str | None:
    """The site's own form of an address by number alone. Others may bear the name of a writer or of who shared it."""
    if _is_at(host, "medium.com") and (found := _MEDIUM_ID.search(path.rstrip("/"))):
        return f"https://medium.com/p/{found[1]}"
    if _is_at(host, "linkedin.com") and (found := _UPDATE.search(path)):
        return f"https://www.linkedin.com/feed/update/urn:li:{found[1]}:{found[2]}/"
    if any(_is_at(host, site) for site in _STACK) and (found := _QUESTION.match(path)):
        return f"https://{host}/questions/{found[1]}"
    return None


def _escaped(foreign: re.Pattern[str], text: str) -> str:
    """One way to write each character: escaped in capitals where it must be, bare where it may be."""
    return foreign.sub(lambda found: _one_escaped(found[0]), text)


def _one_escaped(piece: str) -> str:
    if len(piece) == 1:
        return quote(piece, safe="", errors="replace")
    character = chr(int(piece[1:], 16))
    return character if character in _UNRESERVED else piece.upper()


def _is_tracking(piece: str) -> bool:
    name = unquote(piece.partition("=")[0]).lower()
    return name in _TRACKING or name.startswith("utm_")


def _is_at(host: str, site: str) -> bool:
    return host == site or host.endswith(f".{site}")
