"""What is known of one code: the posts that people hold to show it, how often its rules are right, how it came about."""

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from coding.codebook import ALL_CODES, Codebook, codebook_revision, read_content
from coding.codebook_changes import differences
from coding.final import ABSENT, MISSING, PRESENT, UNSURE, FinalLayer
from coding.previews import Precision
from db.queries import codebooks as queries
from db.queries import models
from db.queries.codings import revisions
from db.queries.models import StoredModel
from db.queries.reviewing import hits_of
from db.queries.said import Saying, sayings_of_codes
from db.store import Store

MENTION = "mention"
_NOT_YET = "9"
"""Comes after every moment."""
DISPUTED = "disputed"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A post that people hold to show a code.

    Attributes:
        stance: support, dispute or mixed; `mention` where there is none.
        coders: who said so.
        segments: what they marked for it: start and end, in code points of the text.
    """

    post: int
    stance: str
    coders: tuple[str, ...]
    segments: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class CodeEvidence:
    """What people and rules say of one code.

    Attributes:
        shown: the posts that show it, the newest first.
        counts: posts by decision: present, absent, unsure, missing, disputed.
        hits: posts in which its rules find something.
        unread: those of them that nobody has decided, the newest first.
        precision: how often people agree with the rules, of the hits that they decided.
    """

    shown: tuple[Evidence, ...]
    counts: Mapping[str, int]
    hits: int
    unread: tuple[int, ...]
    precision: Precision


def evidence_of(store: Store, codebook: Codebook, code: str, *, hidden: Collection[int] = frozenset()) -> CodeEvidence:
    """Gather what people hold of a code.

    Args:
        store: the study's database.
        codebook: the codebook as it is.
        code: its id.
        hidden: posts that are left out altogether.
    """
    connection = store.connection
    values = codebook.values_of(codebook.codes[code].parent or "") if codebook.is_value(code) else (code,)
    said = [one for one in sayings_of_codes(connection, [*values, ALL_CODES]) if one.coding.post not in hidden]
    layer = FinalLayer((one.coding for one in said), codebook, revisions(connection))
    decisions = {post: layer.decision(post, code) for post in sorted(layer.posts, reverse=True)}
    by_post: dict[int, list[Saying]] = {}
    for one in said:
        if one.coding.code == code and one.coding.value == PRESENT and one.coding.current_text:
            by_post.setdefault(one.coding.post, []).append(one)
    counts = Counter(DISPUTED if made.disputed else made.value for made in decisions.values())
    hits = hits_of(connection, code) - frozenset(hidden)
    decided = {post: made.value == PRESENT for post, made in decisions.items() if made.value in (PRESENT, ABSENT)}
    found = [decided[post] for post in hits if post in decided]
    return CodeEvidence(
        shown=tuple(
            _evidence(post, made.stance or MENTION, by_post.get(post, ()))
            for post, made in decisions.items()
            if made.value == PRESENT
        ),
        counts={name: counts[name] for name in (PRESENT, ABSENT, UNSURE, MISSING, DISPUTED)},
        hits=len(hits),
        unread=tuple(sorted((post for post in hits if post not in decided), reverse=True)),
        precision=Precision(
            present=sum(found),
            read=len(found),
            missed=sum(is_there and post not in hits for post, is_there in decided.items()),
        ),
    )


def _evidence(post: int, stance: str, said: Sequence[Saying]) -> Evidence:
    return Evidence(
        post=post,
        stance=stance,
        coders=tuple(sorted({one.coding.coder for one in said})),
        segments=tuple(sorted({segment for one in said for segment in one.segments})),
    )


@dataclass(frozen=True, slots=True)
class Step:
    """Something that became of a code.

    Attributes:
        at: ISO 8601 UTC; empty for what the file says and no revision kept yet.
        what: merge, split, retire, restore, rename, begun, changed or gone.
        told: in words: the codes that have it now, who did it and why; of a change, the fields that differ.
    """

    at: str
    what: str
    told: str


def story_of(store: Store, codebook: Codebook, code: str) -> list[Step]:
    """Tell what became of a code, oldest first: its fields under the revisions that were in use, and its changes."""
    kept = queries.all_revisions(store.connection)
    books = [(one.created_at, read_content(one.content)) for one in kept]
    if codebook_revision(codebook) not in {one.revision for one in kept}:
        books.append(("", codebook))
    steps, before = [], Codebook({})
    for at, book in books:
        found = [one for one in differences(before, book) if one.code == code]
        fields = [one.field for one in found if one.field is not None]
        if fields:
            steps.append(Step(at, "changed", ", ".join(fields)))
        elif found:
            steps.append(Step(at, "begun" if found[0].change == "added" else "gone", ""))
        before = book
    steps += [
        Step(one.made_at, one.kind, _told(", ".join(one.into_codes), one.made_by, one.reason))
        for one in queries.all_changes(store.connection)
        if one.code == code or code in one.into_codes
    ]
    return sorted(steps, key=lambda step: step.at or _NOT_YET)


def _told(into: str, by: str | None, reason: str | None) -> str:
    return "; ".join(part for part in (f"with {into}" if into else "", f"by {by}" if by else "", reason or "") if part)


def model_of(store: Store, code: str) -> tuple[StoredModel, dict[str, Any]] | None:
    """The newest model of a code, with its card; None if none was ever trained."""
    found = [one for one in models.models(store.connection) if one.code == code]
    return (found[-1], json.loads(found[-1].card)) if found else None
