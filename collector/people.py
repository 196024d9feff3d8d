"""Names become keyed pseudonyms before anything is written."""

import hashlib
import hmac
import re

from db.records import Author

GONE_NAMES = frozenset({"[deleted]", "[removed]"})
_BOTS = frozenset(
    {
        "automoderator", "autotldr", "remindmebot", "sneakpeekbot", "wikisummarizerbot", "gifreversingbot", "savevideo",
        "stabbot", "repostsleuthbot", "imguralbumbot", "haikusbot", "alternate-prize-8-bot", "qualityvote", "redditsave",
        "totesmessenger", "commonmisspellingbot", "ai_moderator_bot", "llm_bot_notice",
    }
)  # fmt: skip
_BOT_NAME = re.compile(r"(?i:[-_]bot\d*$|^bot[-_])|(?<=[a-z0-9])Bot\d*$")
# Reddit's Markdown writes an underscore as \_ too; a name is never cut at one. What is no ASCII letter or digit ends a
# name, since texts in some scripts have no blank before or after it; an underscore before it is emphasis.
_NAME = r"((?:[a-z0-9_-]|\\_){3,24})(?![a-z0-9_-])"
_USER_LINK = re.compile(rf"(?ai)(\breddit\.com/+u(?:ser)?/|\]\(/user/|\br/u_){_NAME}")
_USER_NAME = re.compile(rf"(?ai)(?<![a-z0-9/])(/?u/){_NAME}")
_HN_LINK = re.compile(r"(?ai)(\bnews\.ycombinator\.com/(?:user|submitted|threads|favorites)\?id=)([a-z0-9_-]{2,24})")
_MAY_NAME = re.compile(r"(?ai)u/|user/|r/u_")
_X_NAME = re.compile(r"(?<![\w@/])(@)(\w{1,15})(?!\w)")


def is_bot_name(name: str) -> bool:
    """Tell from its name alone whether an account is a program that posts by itself."""
    return name.casefold() in _BOTS or _BOT_NAME.search(name) is not None


def fingerprint(key: bytes) -> str:
    """Sixteen hex digits that recognise a key and tell nothing about it."""
    return hmac.new(key, b"groundswell key fingerprint", hashlib.sha256).hexdigest()[:16]


def suppression(key: bytes, address: str) -> str:
    """The keyed hash under which an author or a post is noted as one that never comes back."""
    return hmac.new(key, f"suppressed:{address}".encode(), hashlib.sha256).hexdigest()[:32]


class Pseudonyms:
    """Makes the same pseudonym of the same name for one key, and of no use to anybody without the key."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._known: dict[tuple[str, str], str] = {}

    def of(self, platform: str, name: str) -> str:
        """The pseudonym of a name: a tilde and twelve hex digits; a pseudonym stays what it is."""
        if re.fullmatch(r"~[0-9a-f]{12}", name):
            return name
        known = self._known.get((platform, name))
        if known is None:
            message = f"author:{platform}:{name.casefold()}".encode()
            known = self._known[platform, name] = "~" + hmac.new(self._key, message, hashlib.sha256).hexdigest()[:12]
        return known

    def author(self, platform: str, name: str | None, thread: str) -> Author:
        """The author of a post; an account that is gone is one voice a thread."""
        if name is None or name in GONE_NAMES:
            return Author(f"{platform}:[deleted]/{thread}", is_gone=True)
        return Author(f"{platform}:{self.of(platform, name)}", is_bot=is_bot_name(name))

    def hide_names(self, platform: str, text: str) -> str:
        """Replace the user names that a text mentions in the platform's own way of naming people."""
        if platform == "x":
            return _X_NAME.sub(lambda found: found[1] + self.of(platform, found[2]), text)
        if "ycombinator.com/" in text:
            text = _HN_LINK.sub(lambda found: found[1] + self.of("hn", found[2]), text)
        if _MAY_NAME.search(text):
            for names in (_USER_LINK, _USER_NAME):
                text = names.sub(lambda found: found[1] + self.of(platform, found[2].replace("\\", "")), text)
        return text
