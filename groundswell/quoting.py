"""Quotations: recorded with a reason before anything of theirs is shown."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from collector.times import iso
from db.errors import GroundswellError
from db.queries import quotes
from db.queries.reporting import addresses
from db.store import Store
from groundswell.compliance import post_address
from groundswell.reporting import stored_quotes
from groundswell.study import Study, now
from reports.corpus import load_corpus
from reports.quotes import ALIVE_HOURS, LIVE, REASONS, why_hidden

_ID_BYTES = 4


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to quote, and why they may.

    Attributes:
        post: an address, a link, or an evidence id.
        words: the words to quote, as they stand in the post; None for the whole or for the part from start to end.
        name: as whom; None to name only the community.
        by: who records it.
    """

    post: str
    reason: str
    by: str
    start: int | None = None
    end: int | None = None
    words: str | None = None
    name: str | None = None
    note: str | None = None


def add_quote(study: Study, asked: Asked) -> dict[str, Any]:
    """Record that a post, or a part of it, may be quoted; return the row that `list_quotes` shows of it.

    Raises:
        GroundswellError: there is no such post, it may not be quoted, or the part does not stand in it.
    """
    _check(study, asked)
    with study.store() as store:
        address = _address(study, store, asked.post)
        post = quotes.post_to_quote(store.connection, address)
        if post is None:
            raise GroundswellError(f"{asked.post}: there is no such post here", hint="groundswell find WORDS")
        if post["private"]:
            raise GroundswellError(f"{asked.post}: a private note is never quoted")
        if post["state"] not in LIVE:
            raise GroundswellError(f"{asked.post}: the post is {post['state'].replace('_', ' ')}; it cannot be quoted")
        start, end = _part(asked, post["text"] or post["title"] or "")
        uid = f"q-{secrets.token_hex(_ID_BYTES)}"
        with store.write() as connection:
            quotes.save_quote(connection, {
                "uid": uid, "post": post["id"], "start": start, "end": end, "text_sha": post["text_sha"],
                "name": asked.name, "reason": asked.reason, "note": asked.note, "made_by": asked.by, "made_at": now(),
            })  # fmt: skip
        return next(row for row in _rows(store) if row["id"] == uid)


def _check(study: Study, asked: Asked) -> None:
    if study.file.sensitivity == "high":
        raise GroundswellError(
            "nobody is quoted in a study of high sensitivity",
            hint="sensitivity: low in study.yaml, if nobody can be harmed",
        )
    if asked.reason not in REASONS:
        raise GroundswellError(f"{asked.reason}: no reason to quote anybody", hint=f"one of {', '.join(REASONS)}")
    if not asked.by.strip():
        raise GroundswellError("it is not said who records this", hint="--by NAME")
    if asked.words is not None and (asked.start is not None or asked.end is not None):
        raise GroundswellError("the part is given twice", hint="use --words, or --start and --end")


def _address(study: Study, store: Store, post: str) -> str:
    if not post.startswith("E-"):
        return post if quotes.post_to_quote(store.connection, post) else post_address(post)
    corpus = load_corpus(store, study.codebook(), study.key(store))
    found = (address for address in addresses(store.connection) if corpus.evidence_id(address) == post)
    return next(found, post)


def _part(asked: Asked, text: str) -> tuple[int | None, int | None]:
    """Where the quoted part stands in a text, in code points; None for where it begins or ends."""
    if asked.words is not None:
        start = text.find(asked.words)
        if not asked.words.strip() or start < 0:
            raise GroundswellError(
                f"{asked.post}: these words do not stand in the post",
                hint="copy them letter for letter; or --start and --end",
            )
        if text.find(asked.words, start + 1) >= 0:
            raise GroundswellError(
                f"{asked.post}: these words stand in the post more than once",
                hint="take more of them; or --start and --end",
            )
        return start, start + len(asked.words)
    start, end = asked.start or 0, len(text) if asked.end is None else asked.end
    if not 0 <= start < end <= len(text) or not text[start:end].strip():
        raise GroundswellError(
            f"{asked.post}: from {start} to {end} there is nothing to quote",
            hint=f"the text has {len(text):,} characters",
        )
    return asked.start, asked.end


def list_quotes(study: Study) -> list[dict[str, Any]]:
    """Every quotation on record, with whether a report built now would show it, or why not."""
    with study.store() as store:
        return _rows(store)


def _rows(store: Store) -> list[dict[str, Any]]:
    alive_since = iso(datetime.now(UTC) - timedelta(hours=ALIVE_HOURS))
    return [
        {
            "id": quote.id,
            "post": quote.post,
            "words": quote.words,
            "name": quote.name,
            "reason": quote.reason,
            "by": quote.by,
            "at": quote.at,
            "note": quote.note,
            "shown": not (why := why_hidden(quote, alive_since)),
            "why_not": why,
        }
        for quote in stored_quotes(store)
    ]


def drop_quote(study: Study, uid: str) -> None:
    """Let a quotation be shown no more.

    Raises:
        GroundswellError: there is none of that id.
    """
    with study.store() as store, store.write() as connection:
        if not quotes.drop_quote(connection, uid, now()):
            raise GroundswellError(f"{uid}: there is no such quotation", hint="groundswell quote list")
