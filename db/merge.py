"""How observations of one post become one row, whatever the order in which they arrive.

Each group of fields (place, score, author, text) keeps the key of the observation it came from: its time and the hash
of its canonical row. The greater key holds, an undated one being the smallest, so merging is a maximum: it commutes,
it can be repeated, and an older observation only adds what is missing. A deletion beats every live observation that is
not dated later; one without a date beats them all, since nothing can be shown to be later.
"""

import hashlib
from dataclasses import dataclass, field

import msgspec

from db.records import Author, Observation

CUT = "-"
"""Begins the hash of a text that was cut off: less than every hexadecimal one."""
UNDATED = "~"
"""Stands in a `*_gone` field for a deletion without a date: greater than every ISO time."""


@dataclass(slots=True)
class Key:
    """Which observation a group of fields came from; `at` is '' for an undated one, `sha` None while there is none."""

    at: str = ""
    sha: str | None = None

    def beaten_by(self, at: str, sha: str) -> bool:
        """Tell whether an observation with this time and hash takes the group over."""
        return self.sha is None or (at, sha) > (self.at, self.sha)


@dataclass(slots=True)
class Earlier:
    """A text that was seen and is not the current one."""

    title: str | None
    text: str | None
    observed_at: str | None


@dataclass(slots=True)
class Merged:
    """All that is known of one post. `row_id` is None until it is stored."""

    address: str
    platform: str
    native_id: str
    row_id: int | None = None
    private: bool = False
    thread: str = ""
    parent: str | None = None
    kind: str = ""
    created_at: str | None = None
    url: str | None = None
    score: int | None = None
    author: Author | None = None
    title: str | None = None
    text: str | None = None
    text_hash: str | None = None
    cut: bool = False
    quoted: str | None = None
    edited_at: str | None = None
    observed_at: str | None = None
    place: Key = field(default_factory=Key)
    scored: Key = field(default_factory=Key)
    named: Key = field(default_factory=Key)
    author_gone: str | None = None
    texted: Key = field(default_factory=Key)
    text_gone: str | None = None
    gone_state: str | None = None
    gone: Key = field(default_factory=Key)
    earlier: dict[str, Earlier] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """The state that these observations give; whether it is an orphan is told by its neighbours, not here."""
        if self.text_gone is not None and not self._text_is_later():
            return self.gone_state or "removed"
        if self.author_gone is not None and not self._author_is_later():
            return "account_gone"
        return "live"

    def _text_is_later(self) -> bool:
        return self.texted.sha is not None and self.text_gone is not None and self.texted.at > self.text_gone

    def _author_is_later(self) -> bool:
        return self.named.sha is not None and self.author_gone is not None and self.named.at > self.author_gone


def text_hash(title: str | None, text: str | None) -> str:
    """The hash by which a changed text is recognised: 32 hex digits over title and text."""
    return hashlib.sha256(f"{title or ''}\x00{text or ''}".encode("utf-8", "surrogatepass")).hexdigest()[:32]


def canonical_hash(observation: Observation) -> str:
    """The SHA-256 of the observation's canonical row, by which two of the same time are told apart."""
    return hashlib.sha256(msgspec.json.encode(observation)).hexdigest()


def merge(stored: Merged, seen: Observation) -> Merged:
    """Fold one observation into what is known of its post; changes and returns `stored`."""
    at, sha = seen.observed_at or "", canonical_hash(seen)
    stored.private = stored.private or seen.private
    if at and at > (stored.observed_at or ""):
        stored.observed_at = at
    if stored.place.beaten_by(at, sha):
        stored.place = Key(at, sha)
        stored.thread, stored.parent, stored.kind = seen.thread, seen.parent, seen.kind
        stored.quoted = seen.quoted
    # Links are rebuilt from ids, and a post is made once: whatever the order, the greater link and the earlier moment serve.
    stored.url = max(stored.url or "", seen.url or "") or None
    stored.created_at = min(filter(None, (stored.created_at, seen.created_at)), default=None)
    if seen.score is not None and stored.scored.beaten_by(at, sha):
        stored.scored, stored.score = Key(at, sha), seen.score
    if seen.author is not None:
        _merge_author(stored, seen.author, at, sha)
    if stored.author is not None and stored.author.is_gone:
        # Accounts that are gone are one voice a thread: the one in which the post stands, whichever thread this one named.
        stored.author = Author(f"{stored.platform}:[deleted]/{stored.thread}", is_gone=True)
    if seen.state in ("live", "account_gone", "orphan"):
        _merge_text(stored, seen, at, sha)
    else:
        _merge_deletion(stored, seen.state, at, sha)
    return stored


def _merge_author(stored: Merged, author: Author, at: str, sha: str) -> None:
    if author.is_gone:
        gone = at or UNDATED
        if stored.author_gone is None or gone > stored.author_gone:
            stored.author_gone = gone
        if stored.named.sha is None or stored.named.at <= stored.author_gone:
            stored.author, stored.named = author, Key()
        return
    if stored.author_gone is not None and at <= stored.author_gone:
        return
    if stored.named.beaten_by(at, sha):
        stored.author, stored.named = author, Key(at, sha)


def _merge_text(stored: Merged, seen: Observation, at: str, sha: str) -> None:
    if seen.cut:
        # The beginning of a text tells nothing about its versions: it is less than any whole text and never an earlier one.
        at, sha = "", f"{CUT}{sha}"
    if stored.text_gone is not None and (stored.text_gone == UNDATED or at <= stored.text_gone):
        return
    found = text_hash(seen.title, seen.text)
    if stored.texted.beaten_by(at, sha):
        if stored.texted.sha is not None and not stored.cut and stored.text_hash not in {None, found}:
            _remember(stored, stored.text_hash or "", stored.title, stored.text, stored.texted.at)
        stored.earlier.pop(found, None)
        stored.texted, stored.cut, stored.edited_at = Key(at, sha), seen.cut, seen.edited_at
        if stored.text_hash != found:
            # The same text is kept as it is stored: words that it quotes from a deleted post may be blanked there.
            stored.title, stored.text, stored.text_hash = seen.title, seen.text, found
    elif found != stored.text_hash and not seen.cut:
        _remember(stored, found, seen.title, seen.text, at)


def _remember(stored: Merged, found: str, title: str | None, text: str | None, at: str) -> None:
    known = stored.earlier.get(found)
    if known is None:
        stored.earlier[found] = Earlier(title, text, at or None)
    elif at > (known.observed_at or ""):
        known.observed_at = at


def _merge_deletion(stored: Merged, state: str, at: str, sha: str) -> None:
    gone = at or UNDATED
    if stored.gone.beaten_by(at, sha):
        stored.gone, stored.gone_state = Key(at, sha), state
    if stored.text_gone is None or gone > stored.text_gone:
        stored.text_gone = gone
    limit = stored.text_gone
    if stored.texted.sha is not None and (limit == UNDATED or stored.texted.at <= limit):
        stored.texted = Key()
        stored.title = stored.text = stored.text_hash = stored.edited_at = None
        stored.cut = False
    if limit == UNDATED:
        stored.earlier.clear()
    for found in [hash_ for hash_, old in stored.earlier.items() if (old.observed_at or "") <= limit]:
        del stored.earlier[found]
