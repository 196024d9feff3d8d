"""People's and programs' codings as JSON lines: the way in before there is a screen, and the way out always."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from coding.codebook import ALL_CODES, Codebook
from db.errors import GroundswellError
from db.queries import codings as queries
from db.queries import samples
from db.queries.batches import chunks
from db.queries.codebooks import known_uids
from db.queries.posts import ids_by_address
from db.queries.programs import is_machine
from db.records import Coding
from db.store import Store

VALUES = ("present", "absent", "unsure", "missing")
STANCES = ("support", "dispute", "mixed")
KINDS = ("person", "model", "program", "rules")
_KNOWN = frozenset(Coding.__dataclass_fields__)


class CodingError(ValueError):
    """A line that is no coding; its text says what is wrong."""


@dataclass(slots=True)
class Imported:
    """What an import of codings did.

    Attributes:
        read: lines read.
        new: codings that were new.
        problems: each with its line, which was not stored.
        unknown_rounds: how many codings name each round that the study does not have, and so enter no agreement.
    """

    read: int = 0
    new: int = 0
    problems: list[str] = field(default_factory=list)
    unknown_rounds: dict[str, int] = field(default_factory=dict)


def parse_coding(line: Any, codebook: Codebook) -> Coding:
    """Turn a decoded JSON line into a coding.

    Raises:
        CodingError: a field is missing, unknown or wrong, or the codebook does not know the code.
    """
    if not isinstance(line, dict):
        raise CodingError("a coding is a JSON object")
    unknown = sorted(set(line) - _KNOWN)
    if unknown:
        raise CodingError(f"unknown field {unknown[0]!r}")
    for name in ("post", "code", "value", "coder", "created_at"):
        if not isinstance(line.get(name), str) or not line[name]:
            raise CodingError(f"{name} is missing or no text")
    coding = Coding(
        post=line["post"],
        code=line["code"],
        value=_one_of(line, "value", VALUES),
        stance=_one_of(line, "stance", STANCES) if line.get("stance") is not None else None,
        number=_of_type(line, "number", (int, float), "a number"),
        start=_of_type(line, "start", int, "a whole number"),
        end=_of_type(line, "end", int, "a whole number"),
        coder=line["coder"],
        coder_kind=_one_of({"coder_kind": "person", **line}, "coder_kind", KINDS),
        version=_of_type(line, "version", str, "text"),
        round=_of_type(line, "round", str, "text"),
        created_at=_moment(line["created_at"]),
        text_sha=_of_type(line, "text_sha", str, "text"),
        blind=_yes(line, "blind"),
        suggestion_shown=_yes(line, "suggestion_shown"),
        adjudicated=_yes(line, "adjudicated"),
        reason=_of_type(line, "reason", str, "text"),
    )
    _check(coding, codebook)
    return coding


def _one_of(line: dict[str, Any], name: str, allowed: tuple[str, ...]) -> str:
    value = line.get(name)
    if value not in allowed:
        raise CodingError(f"{name} {value!r} is none of {', '.join(allowed)}")
    return str(value)


def _of_type(line: dict[str, Any], name: str, wanted: type | tuple[type, ...], called: str) -> Any:
    value = line.get(name)
    if value is not None and (not isinstance(value, wanted) or isinstance(value, bool)):
        raise CodingError(f"{name} {value!r} is not {called}")
    return value


def _yes(line: dict[str, Any], name: str) -> bool:
    value = line.get(name, False)
    if not isinstance(value, bool):
        raise CodingError(f"{name} {value!r} is neither true nor false")
    return value


def _moment(text: str) -> str:
    """A moment in the one form in which moments can be compared as text."""
    try:
        moment = datetime.fromisoformat(text)
        in_utc = moment.astimezone(UTC) if moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        in_utc = None
    if in_utc is None:
        raise CodingError(f"created_at {text!r} is no moment with a time zone, such as 2026-01-31T12:00:00Z")
    return in_utc.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def _check(coding: Coding, codebook: Codebook) -> None:
    if coding.stance is not None and coding.value != "present":
        raise CodingError("a stance goes with present only")
    if (coding.start is None) != (coding.end is None):
        raise CodingError("start and end go together")
    if coding.start is not None and coding.end is not None and not 0 <= coding.start < coding.end:
        raise CodingError("start must be at least 0 and less than end")
    if coding.adjudicated and coding.coder_kind != "person":
        raise CodingError("only a person adjudicates")
    if coding.code == ALL_CODES:
        if coding.value not in ("absent", "missing"):
            raise CodingError('code "*" takes only absent (looked for all, none found) or missing (cannot be coded)')
        return
    code = codebook.codes.get(coding.code)
    if code is None:
        raise CodingError(f"the codebook has no code {coding.code!r}")
    if code.choose_one:
        raise CodingError(f"{coding.code!r} is an attribute; code one of its values")
    if coding.stance is not None and not code.stance:
        raise CodingError(f"the code {coding.code!r} asks for no stance")


def read_codings(lines: Iterable[bytes], codebook: Codebook) -> Iterator[tuple[int, Coding | str]]:
    """Every line's number with its coding, or with what is wrong with it; empty lines are passed over."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield number, parse_coding(msgspec.json.decode(line), codebook)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            yield number, f"no whole JSON value: {error}"
        except CodingError as error:
            yield number, str(error)


def import_codings(
    store: Store, path: Path, codebook: Codebook, revision: str, *, name: str | None = None, people_only: bool = False
) -> Imported:
    """Import codings from JSON lines: all good ones are kept, those already there are not doubled.

    `name` is that of the batch under which all of them can be undone together. `people_only` refuses those of machines.

    Raises:
        GroundswellError: the file cannot be read.
    """
    done = Imported()
    try:
        with path.open("rb") as lines:
            found = list(read_codings(lines, codebook))
    except OSError as error:
        raise GroundswellError(f"{path}: {(error.strerror or str(error)).lower()}") from error
    done.read = len(found)
    good = [(number, coding) for number, coding in found if isinstance(coding, Coding)]
    done.problems = [f"{path}: line {number}: {problem}" for number, problem in found if isinstance(problem, str)]
    if people_only:
        by_machines = [number for number, coding in good if coding.coder_kind != "person"]
        done.problems += [f"{path}: line {number}: this study takes no machine's codings" for number in by_machines]
        good = [(number, coding) for number, coding in good if coding.coder_kind == "person"]
    rounds = {one.id: one.closed_at for one in samples.rounds(store.connection)}
    named = Counter(coding.round for _, coding in good if coding.round is not None)
    done.unknown_rounds = {name: many for name, many in sorted(named.items()) if name not in rounds}
    unfit = {**_by_machines(store, good), **_too_late(store, good, rounds)}
    done.problems += [f"{path}: line {number}: {why}" for number, why in unfit.items()]
    for batch in chunks([(number, coding) for number, coding in good if number not in unfit]):
        new, refused = store_codings(store, [coding for _, coding in batch], revision, name)
        done.new += new
        done.problems += [f"{path}: line {batch[place][0]}: {why}" for place, why in refused.items()]
    return done


def _by_machines(store: Store, found: Sequence[tuple[int, Coding]]) -> dict[int, str]:
    """The lines in which a person bears a machine's name, and what is wrong with them."""
    machines = {coder for coder in {coding.coder for _, coding in found} if is_machine(store.connection, coder)}
    return {
        number: f"{coding.coder} is a machine's name here; a person needs another"
        for number, coding in found
        if coding.coder_kind == "person" and coding.coder in machines
    }


def _too_late(store: Store, found: Sequence[tuple[int, Coding]], rounds: Mapping[str, str | None]) -> dict[int, str]:
    """The new lines that name a closed round: what they say may have been said with the round's differences in sight.

    The time that a line gives is its own word, so that it cannot vouch for it. What settles a difference comes later.
    """
    late = {
        number: (coding_uid(coding), coding.round)
        for number, coding in found
        if coding.round is not None and rounds.get(coding.round) is not None and not coding.adjudicated
    }
    known = known_uids(store.connection, sorted({uid for uid, _ in late.values()}))
    return {
        number: f"the round {name} was closed at {rounds[name or '']}; leave `round` out to keep the coding beside it"
        for number, (uid, name) in late.items()
        if uid not in known
    }


def store_codings(
    store: Store, codings: Sequence[Coding], revision: str, batch: str | None = None
) -> tuple[int, dict[int, str]]:
    """Append codings in one transaction.

    Args:
        store: the study's database.
        codings: what was coded.
        revision: the codebook's, for codings that name none that is known here.
        batch: a name under which all of them can be undone together.

    Returns:
        How many were new, and for the place of each that could not be stored why.
    """
    refused: dict[int, str] = {}
    with store.write() as connection:
        posts = ids_by_address(connection, sorted({coding.post for coding in codings}))
        known_revisions = queries.revisions(connection)
        events = []
        for place, coding in enumerate(codings):
            post, text_sha = posts.get(coding.post, (None, None))
            if post is None:
                refused[place] = f"post {coding.post!r} is not in this study"
            elif text_sha is None:
                refused[place] = f"the text of {coding.post} is gone; there is nothing to code"
            else:
                coder = queries.coder_id(connection, coding.coder, coding.coder_kind)
                named = coding.version if coding.version in known_revisions else revision
                events.append(_event(coding, post, text_sha, coder, named or revision, batch))
        return queries.add_events(connection, events), refused


def coding_uid(coding: Coding) -> str:
    """Return the hash of what a coding says, under which it is stored once."""
    said = msgspec.json.encode(
        [coding.post, coding.code, coding.value, coding.stance, coding.number, coding.start, coding.end, coding.coder,
         coding.coder_kind, coding.round, coding.created_at, *([True] if coding.adjudicated else [])]
    )  # fmt: skip
    return hashlib.sha256(said).hexdigest()


def _event(  # noqa: PLR0917 - what makes an event
    coding: Coding, post: int, text_sha: str, coder: int, revision: str, batch: str | None
) -> queries.Event:
    person = coding.coder_kind == "person"
    return queries.Event(
        uid=coding_uid(coding),
        post=post,
        code=coding.code,
        value=coding.value,
        stance=coding.stance,
        number=coding.number,
        start=coding.start,
        end=coding.end,
        text_sha=coding.text_sha or text_sha,
        coder=coder,
        version=None if person else coding.version,
        codebook_revision=revision if person else None,
        round=coding.round,
        created_at=coding.created_at,
        batch=batch,
        blind=coding.blind,
        suggestion_shown=coding.suggestion_shown,
        adjudicated=coding.adjudicated,
        reason=coding.reason,
    )
