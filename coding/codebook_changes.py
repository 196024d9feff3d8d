"""What follows for codings when a codebook changes: what a merge or a split carries over, and what has to be read again.

Codings are never changed. A merge or a split adds some, under one name, so that they can be undone together.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from coding.codebook import ALL_CODES, Codebook, code_entry, codebook_content, looked_for
from coding.codings import coding_uid
from coding.final import ABSENT, PRESENT, UNSURE, FinalLayer
from db.queries.codebooks import CodeChange, PersonEvent, Revision
from db.queries.codings import Event, PersonCoding
from db.records import Coding

MEANING = ("definition", "include", "exclude")
"""The fields of a code that say what it means: where they differ, a coding was made of something else."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing in which two codebooks differ: a code that was added or removed, or a field of one that changed.

    What holds for all codes, the words of negation, stands under the code `*`.
    """

    code: str
    change: str
    field: str | None = None
    before: Any = None
    after: Any = None


@dataclass(frozen=True, slots=True)
class Stale:
    """A person's coding of a code that means something else by now.

    Attributes:
        value: what was said; of a coding of all codes at once, "absent (*)".
        revision: the codebook under which it was made.
        since: the first codebook kept since then in which the code means what it means now.
        changed: the fields that differ, or the codes that the code was split into.
    """

    post: int
    code: str
    coder: str
    value: str
    coded_at: str
    revision: str | None
    since: str | None
    changed: tuple[str, ...]


def differences(before: Codebook, after: Codebook) -> list[Difference]:
    """Return in what a codebook differs from an earlier one, in the order of its codes; those removed come last."""
    old, new = json.loads(codebook_content(before)), json.loads(codebook_content(after))
    found = [
        difference
        for code, entry in new.items()
        for difference in (
            [Difference(code, "added", after=entry)] if code not in old else _changes(code, old[code], entry)
        )
    ]
    return found + [Difference(code, "removed", before=entry) for code, entry in old.items() if code not in new]


def _changes(code: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    for field in [*new, *(field for field in old if field not in new)]:
        if old.get(field) != new.get(field):
            yield Difference(code, "changed", field, old.get(field), new.get(field))


def carried_over(
    events: Iterable[PersonEvent], code: str, into: str, *, stances: bool, values: Sequence[str] = ()
) -> list[PersonEvent]:
    """Return the codings that give `into` what people said of `code` when the one is merged into the other.

    A person found the merged code where they found either. So present and unsure are carried over, unless the person
    said as much of `into` already; absent of one code says nothing about both. Where a difference between people was
    settled, what was settled counts.

    Args:
        events: people's standing codings of both codes, and of `values`, in the order in which they were made.
        code: the code that is merged.
        into: the code that is kept.
        stances: whether the stance goes along.
        values: where both are values of an attribute, all of its values: the last one that was given is the choice.
    """
    latest = {(event.post, _who(event), event.code): event for event in events}
    settled = {post: event.value for (post, who, of), event in latest.items() if of == code and who is None}
    carried = []
    for (post, who, of), event in latest.items():
        if of != code or settled.get(post, PRESENT) != PRESENT:
            continue
        if any(_chosen_after(latest.get((post, who, value)), event) for value in values):
            continue
        own = latest.get((post, who, into))
        said = _of_either(event, own, stances=stances)
        if said is not None:
            before = [event.created_at] * bool(values) + ([own.created_at] if own else [])
            moment = max([event.created_at, *map(_a_second_after, before)])
            carried.append(replace(event, code=into, value=said[0], stance=said[1], created_at=moment))
    return carried


def absent_in_parts(
    codings: Iterable[PersonCoding],
    events: Iterable[PersonEvent],
    codebook: Codebook,
    revisions: Mapping[str, str],
    change: CodeChange,
) -> list[PersonEvent]:
    """Return the codings that say of the parts of a code that they are absent where the whole is held to be absent.

    They are the people's who said so of the whole. Where people differ and nothing was settled, nothing follows.

    Args:
        codings: what each person last said of each code on each post.
        events: people's standing codings of the code that is split, and of all codes at once (`*`).
        codebook: the codebook before the split.
        revisions: the content of earlier revisions.
        change: the split; its parts are codes of which nobody has said anything yet.
    """
    latest = {(event.post, event.coder_name, event.adjudicated, event.code): event for event in events}
    current = sorted((coding for coding in codings if coding.current_text), key=_coder)
    everybody = FinalLayer(current, codebook, revisions)
    absent = []
    for (coder, adjudicated), said in groupby(current, key=_coder):
        own = FinalLayer(list(said), codebook, revisions)
        for post in sorted(own.posts):
            of = (latest.get((post, coder, adjudicated, name)) for name in (change.code, ALL_CODES))
            event = next((found for found in of if found is not None), None)
            if event is not None and _is_absent(everybody, post, change.code) and _is_absent(own, post, change.code):
                absent += [replace(event, code=part, stance=None, number=None) for part in change.into_codes]
    return absent


def uid_of(event: PersonEvent) -> str:
    """Return the uid under which a coding that was carried over is stored."""
    return coding_uid(
        Coding(
            post=event.address, code=event.code, value=event.value, stance=event.stance, number=event.number,
            start=event.start, end=event.end, coder=event.coder_name, coder_kind="person", version=None,
            round=event.round, created_at=event.created_at, adjudicated=event.adjudicated,
        )
    )  # fmt: skip


def as_events(
    carried: Iterable[PersonEvent], revision: str, batch: str, taken: Collection[str] = ()
) -> Iterator[Event]:
    """Yield what is to be stored of codings that were carried over.

    Args:
        carried: the codings.
        revision: the codebook that the change made, since it is of its codes that they speak.
        batch: the name of the change.
        taken: uids that are in use: what was carried over once and undone gets a name of its own the next time.
    """
    for event in carried:
        uid = uid_of(event)
        yield Event(
            uid=f"{uid}:{batch}" if uid in taken else uid, post=event.post, code=event.code, value=event.value,
            stance=event.stance, number=event.number, start=event.start, end=event.end, text_sha=event.text_sha,
            coder=event.coder, version=None, codebook_revision=revision, round=event.round,
            created_at=event.created_at, batch=batch, blind=event.blind, suggestion_shown=event.suggestion_shown,
            adjudicated=event.adjudicated, reason=event.reason,
        )  # fmt: skip


def stale_codings(
    codings: Iterable[PersonCoding],
    codebook: Codebook,
    revisions: Sequence[Revision],
    changes: Sequence[CodeChange] = (),
    *,
    everything: bool = False,
) -> list[Stale]:
    """Return people's codings that were made of something else than the code is now, in the order of codes and posts.

    Args:
        codings: what each person last said of each code on each post.
        codebook: the codebook as it stands.
        revisions: the codebooks that were in use, in the order of their first use.
        changes: of codes; the codings of a split code are stale until the person has coded one of its parts.
        everything: also list the codes of which a person only said that none of all others (`*`) was found.
    """
    said = [coding for coding in codings if coding.current_text]
    meanings = _Meanings(codebook, revisions)
    found = [
        stale
        for coding in said
        for code in _codes_of(coding, codebook, meanings, everything=everything)
        if (stale := meanings.stale(coding, code)) is not None
    ]
    found += _split_ones(said, codebook, changes, meanings)
    places = {code: place for place, code in enumerate(codebook.codes)}
    return sorted(found, key=lambda one: (places[one.code], one.post, one.coder, one.coded_at))


class _Meanings:
    """What each code meant under each revision."""

    def __init__(self, codebook: Codebook, revisions: Sequence[Revision]) -> None:
        self._now = {code.id: code_entry(code) for code in codebook.codes.values()}
        self._revisions = revisions
        self._then = {kept.revision: json.loads(kept.content) for kept in revisions}
        self._asked = {kept.revision: looked_for(kept.content) for kept in revisions}
        self._places = {kept.revision: place for place, kept in enumerate(revisions)}

    def asked(self, revision: str | None) -> frozenset[str]:
        return self._asked.get(revision or "", frozenset())

    def stale(self, coding: PersonCoding, code: str) -> Stale | None:
        """The coding if it is stale for a code; one without a known codebook cannot be judged."""
        if coding.codebook_revision not in self._then:
            return None
        fields = (*MEANING, "statement") if coding.stance else MEANING
        changed = self._changed(coding.codebook_revision, code, fields)
        if not changed:
            return None
        later = self._revisions[self._places[coding.codebook_revision] + 1 :]
        since = next((kept.revision for kept in later if not self._changed(kept.revision, code, fields)), None)
        return _stale(coding, code, changed, since)

    def _changed(self, revision: str, code: str, fields: Sequence[str]) -> tuple[str, ...]:
        then, now = self._then[revision].get(code, {}), self._now[code]
        return tuple(field for field in fields if _words(then.get(field)) != _words(now.get(field)))


def _codes_of(coding: PersonCoding, codebook: Codebook, meanings: _Meanings, *, everything: bool) -> Iterable[str]:
    """The codes, still in use, of which a coding says something."""
    if coding.code != ALL_CODES:
        return [coding.code] if coding.code in codebook.asked else []
    return [code for code in codebook.asked if code in meanings.asked(coding.codebook_revision)] if everything else []


def _split_ones(
    codings: Sequence[PersonCoding], codebook: Codebook, changes: Sequence[CodeChange], meanings: _Meanings
) -> Iterator[Stale]:
    """Codings of codes that were split, of which no part was coded since by the same person."""
    last = {change.code: change for change in changes if change.kind in {"split", "merge", "retire"}}
    for change in last.values():
        if change.kind != "split" or change.code not in codebook.codes or not codebook.is_retired(change.code):
            continue
        parts = tuple(part for part in change.into_codes if part in codebook.codes)
        done = {
            (coding.post, coding.coder)
            for coding in codings
            if coding.created_at >= change.made_at
            and (
                coding.code in parts
                or (coding.code == ALL_CODES and meanings.asked(coding.codebook_revision).issuperset(parts))
            )
        }
        for coding in codings:
            waits = coding.code == change.code and coding.value in {PRESENT, UNSURE}
            if waits and (coding.post, coding.coder) not in done:
                yield _stale(coding, change.code, (f"split into {', '.join(parts)}",), None)


def _stale(coding: PersonCoding, code: str, changed: tuple[str, ...], since: str | None) -> Stale:
    value = f"{coding.value} (*)" if coding.code == ALL_CODES else coding.value
    return Stale(coding.post, code, coding.coder, value, coding.created_at, coding.codebook_revision, since, changed)


def _who(event: PersonEvent) -> str | None:
    """Whose coding it is; what was settled is nobody's own, whoever noted it."""
    return None if event.adjudicated else event.coder_name


def _chosen_after(other: PersonEvent | None, event: PersonEvent) -> bool:
    """Whether another value of the same attribute was chosen after this one."""
    if other is None or not other.value == event.value == PRESENT:
        return False
    return (other.created_at, other.code) > (event.created_at, event.code)


def _of_either(event: PersonEvent, own: PersonEvent | None, *, stances: bool) -> tuple[str, str | None] | None:
    """What a person said of a merged code, or None if what they said of the kept one stands."""
    stance = event.stance if stances else None
    if event.value not in {PRESENT, UNSURE}:
        return None
    if own is not None and own.text_sha != event.text_sha and own.created_at >= event.created_at:
        return None  # the text has changed since, and the kept code was coded on the new one
    if own is None or own.text_sha != event.text_sha or own.value not in {PRESENT, UNSURE}:
        return event.value, stance
    if event.value == UNSURE:
        return None
    both = stance if own.stance is None else own.stance if stance in {None, own.stance} else "mixed"
    return (PRESENT, both) if (PRESENT, both) != (own.value, own.stance) else None


def _is_absent(layer: FinalLayer, post: int, code: str) -> bool:
    return layer.decision(post, code).value == ABSENT


def _coder(coding: PersonCoding) -> tuple[str, bool]:
    return coding.coder, coding.adjudicated


def _a_second_after(moment: str) -> str:
    later = datetime.fromisoformat(moment) + timedelta(seconds=1)
    return later.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def _words(text: str | None) -> list[str]:
    """A text without its layout."""
    return (text or "").split()
