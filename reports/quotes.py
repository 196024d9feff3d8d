"""Quotations: who may be quoted, for what reason, and whether a quotation may be shown now."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from reports.evidence import without_pseudonyms

REASONS = ("agreed", "addressed", "public_figure")
ALIVE_HOURS = 48
LIVE = frozenset({"live", "orphan"})
"""The states of a post that is shown; of an orphan only what it answers is not stored."""


@dataclass(frozen=True, slots=True)
class Quote:
    """A quotation on record, beside what is stored of its post now.

    Attributes:
        id: its own.
        post: the post's address.
        start, end: the part of the text that is quoted, in code points; None for the whole.
        text_sha: the hash of the text when it was recorded.
        name: as whom to quote; None to name only the community.
        reason: one of `REASONS`.
        by, at: who recorded it, and when.
        title, text, current_sha, state, observed_at: the post as it is stored now.
    """

    id: str
    post: str
    start: int | None
    end: int | None
    text_sha: str
    name: str | None
    reason: str
    note: str | None
    by: str
    at: str
    state: str
    is_private: bool
    observed_at: str | None
    current_sha: str | None
    title: str | None
    text: str | None
    url: str | None
    community: str
    created_at: str | None

    @property
    def words(self) -> str:
        """The quoted words as they are stored."""
        whole = self.text or self.title or ""
        return " ".join(whole[self.start or 0 : self.end].split())


def why_hidden(quote: Quote, alive_since: str | None) -> str:
    """Why a quotation may not be shown; empty where it may.

    `alive_since` is the moment since which the post must have been seen alive; None where that was decided before.
    """
    if quote.is_private:
        return "it is a private note"
    if quote.state not in LIVE:
        return f"the post is {quote.state.replace('_', ' ')}"
    if quote.current_sha != quote.text_sha:
        return "the text has changed since"
    if alive_since is not None and (quote.observed_at is None or quote.observed_at < alive_since):
        seen = f"was last seen alive at {quote.observed_at}" if quote.observed_at else "was never looked at"
        return f"the post {seen}, more than {ALIVE_HOURS} hours ago" if quote.observed_at else f"the post {seen}"
    return ""


def may_be_shown(quotes: Iterable[Quote], alive_since: str) -> list[str]:
    """The ids of the quotations that may be shown now."""
    return sorted(quote.id for quote in quotes if not why_hidden(quote, alive_since))


def quote_entries(
    quotes: Iterable[Quote], chosen: Collection[str], claims: Mapping[str, Collection[str]]
) -> list[dict[str, Any]]:
    """The chosen quotations as they stand in report.json, as far as their posts still say so; `claims` by address."""
    shown = (quote for quote in quotes if quote.id in chosen and not why_hidden(quote, None))
    return [
        {
            "id": quote.id,
            "claims": sorted(claims.get(quote.post, ())),
            "text": without_pseudonyms(quote.words),
            "name": quote.name or f"somebody in {quote.community}",
            "url": quote.url,
            "community": quote.community,
            "month": quote.created_at[:7] if quote.created_at else None,
            "reason": quote.reason,
            "by": quote.by,
            "at": quote.at,
            "note": quote.note,
        }
        for quote in sorted(shown, key=lambda quote: (quote.post, quote.start or 0, quote.id))
    ]
