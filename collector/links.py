"""Addresses that people paste, brought to the thread they mean."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

_REDDIT = re.compile(r"(?:^|\.)reddit\.com$")
_THREAD_PATH = re.compile(r"^/(?:(?:r|u|user)/[^/]+/)?(?:comments|gallery)/([0-9a-z]{1,13})(?:/|$)", re.IGNORECASE)
_SHORT_PATH = re.compile(r"^/([0-9a-z]{1,13})/?$", re.IGNORECASE)
_SHARE_PATH = re.compile(r"^/(?:r|u|user)/[^/]+/s/\w+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Target:
    """A thread on a platform, by its native id."""

    platform: str
    thread: str


class LinkError(ValueError):
    """The link names nothing that can be collected; its text says why."""


def parse_link(link: str) -> Target:
    """The thread that a link or an address (`reddit:t3_…`) names.

    Raises:
        LinkError: it names none, or one on a site that is not known.
    """
    text = link.strip()
    if text.startswith("reddit:t3_"):
        return Target("reddit", text.removeprefix("reddit:"))
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
    except ValueError as error:
        raise LinkError(f"it is no link: {error}") from error
    host, path = (parts.hostname or "").lower(), parts.path
    if parts.scheme not in ("http", "https"):
        raise LinkError("only http and https links can be collected")
    if host == "redd.it":
        found = _SHORT_PATH.match(path)
    elif _REDDIT.search(host):
        if _SHARE_PATH.match(path):
            raise LinkError("a share link hides its thread; open it and copy the address that it leads to")
        found = _THREAD_PATH.match(path)
    else:
        raise LinkError(f"{host or text} is not a site that can be collected yet (Reddit is)")
    if found is None:
        raise LinkError("it is no link to a Reddit thread (…/comments/ID/…)")
    return Target("reddit", f"t3_{found[1].lower()}")
