"""Editing one code of a codebook: what the file says of it, what a change would ask for, and writing it back.

Only the lines of what differs are written; comments stay. A change is made to what the file says at that moment, and
refused where somebody changed the same code since it was looked at.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from coding.codebook import (
    Code,
    Codebook,
    check_rules,
    code_entry,
    codebook_content,
    codebook_revision,
    read_codebook,
)
from coding.codebook_changes import Stale, stale_codings
from db.errors import GroundswellError
from db.queries import codebooks as queries
from db.queries import codings
from db.queries.codebooks import CodeChange, Revision
from db.queries.said import sayings_of_codes
from db.store import Store
from db.yaml_edits import with_field
from db.yaml_files import Document, load, save
from db.yaml_items import with_list
from groundswell.codebooks import Changed, claims_on, find_code
from groundswell.study import Study, now

TEXTS = ("name", "definition", "include", "exclude", "statement", "parent", "colour", "key", "since")
"""The fields of a code that are one text each."""
LISTS = ("examples", "rules", "must_match", "must_not_match")
"""Those that are lists."""
_SEEN_DIGITS = 16
_NEGATIVE_EXAMPLE = "Not this: "


class ChangedMeanwhile(GroundswellError):
    """Raised when codebook.yaml says something else of a code than whoever changed it had seen.

    Attributes:
        entry: what the file says of it now.
        seen: stands for that.
    """

    def __init__(self, code: str, entry: Mapping[str, Any], seen: str) -> None:
        self.entry, self.seen = entry, seen
        super().__init__(
            f'the code "{code}" was changed in codebook.yaml since this page was opened; nothing was written',
            hint="compare both, and say which holds",
        )


@dataclass(frozen=True, slots=True)
class Opened:
    """A code as codebook.yaml has it.

    Attributes:
        entry: what the file says of it, fields that say nothing left out.
        seen: stands for that: whoever changes the code says what they had seen.
    """

    code: Code
    entry: Mapping[str, Any]
    seen: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What a change asks for.

    Attributes:
        changed: the fields that it changes.
        codings: people's codings that were made of something else than the code would be, and were not before.
        addresses: those of their posts, by id.
    """

    changed: tuple[str, ...]
    codings: tuple[Stale, ...]
    addresses: Mapping[int, str]


def open_code(study: Study, code: str) -> Opened:
    """Read what codebook.yaml says of a code.

    Raises:
        GroundswellError: there is no such code, or the file is wrong.
    """
    return _opened(find_code(study.codebook(), code))


def ask(study: Study, code: str, fields: Mapping[str, Any], seen: str) -> Asked:
    """Tell what a change of a code would ask for; nothing is written.

    Args:
        study: the study.
        code: its id.
        fields: what each field that may change is to say; None or an empty list takes it out.
        seen: what the code was when the change was begun (`Opened.seen`).

    Raises:
        ChangedMeanwhile: it is something else by now.
        FileError: the codebook cannot be so; `field` names what is wrong.
    """
    document = load(study.codebook_to_change)
    before, changed = _change(document, code, fields, seen)
    names = _differing(before.codes[code], changed[1].codes[code])
    with study.store() as store:
        stale = _newly_stale(store, code, before, changed[1])
        addresses = queries.addresses(store.connection, sorted({one.post for one in stale}))
    return Asked(names, tuple(stale), addresses)


def change_code(
    study: Study, code: str, fields: Mapping[str, Any], seen: str, *, by: str | None = None
) -> tuple[str, ...]:
    """Change a code in codebook.yaml and return the fields that differ; a change that is made already does nothing.

    Arguments and errors are those of `ask`; `by` is noted where the code gets another name.
    """
    moment = now()
    with study.store() as store, store.write() as connection:
        document = load(study.codebook_to_change)
        before, (changed, after) = _change(document, code, fields, seen)
        names = _differing(before.codes[code], after.codes[code])
        if names:
            for codebook in (before, after):
                codings.save_revision(connection, codebook_revision(codebook), codebook_content(codebook), moment)
            if "name" in names:
                told = f'"{before.codes[code].name}" is now "{after.codes[code].name}"'
                queries.add_change(connection, CodeChange("rename", code, moment, reason=told, made_by=by))
            save(changed)
    return names


def with_rule(entry: Mapping[str, Any], pattern: str, stance: str | None = None) -> dict[str, Any]:
    """Return the field to change so that a code gets one more rule; the same rule is not added twice."""
    rule = {"match": pattern, "stance": stance} if stance else pattern
    rules = list(entry.get("rules", ()))
    return {"rules": rules if rule in rules else [*rules, rule]}


def with_example(entry: Mapping[str, Any], text: str, *, is_one: bool) -> dict[str, Any]:
    """Return the field to change so that a code gets one more example: of what it is, or of what it is not.

    Examples of what a code is not have no list of their own in the codebook; they are lines of `exclude`.
    """
    text = " ".join(text.split())
    if is_one:
        examples = list(entry.get("examples", ()))
        return {"examples": examples if text in examples else [*examples, text]}
    line, before = f"{_NEGATIVE_EXAMPLE}{text}", entry.get("exclude", "")
    return {"exclude": before if line in before.split("\n") else f"{before}\n{line}".strip()}


def codings_of_a_split(study: Study, code: str, parts: Sequence[str]) -> Asked:
    """Tell which codings would have to be made anew if a code were split into parts that nobody has coded yet."""
    moment = now()
    with study.store() as store:
        connection = store.connection
        before = study.codebook()
        after = Codebook({**before.codes, code: replace(before.codes[code], status="retired")}, before.negation)
        made = [*queries.all_changes(connection), CodeChange("split", code, moment, tuple(parts))]
        found = _stale(store, code, after, before, made)
        addresses = queries.addresses(connection, sorted({one.post for one in found}))
    return Asked(("status",), tuple(found), addresses)


def would_retire(study: Study, code: str) -> Changed:
    """Tell what retiring a code would do; nothing is written.

    Raises:
        GroundswellError: there is no such code, or it is retired.
    """
    codebook = study.codebook()
    found = find_code(codebook, code)
    if codebook.is_retired(found.id):
        raise GroundswellError(f'the code "{found.id}" is retired already')
    return Changed(claims=claims_on(study, found.id))


def would_restore(study: Study, code: str) -> Changed:
    """Tell what bringing a code back would do; nothing is written.

    Raises:
        GroundswellError: there is no such code, or it is not retired.
    """
    found = find_code(study.codebook(), code)
    if not found.is_retired:
        raise GroundswellError(f'the code "{found.id}" is not retired', hint="there is nothing to bring back")
    with study.store() as store:
        made = [one for one in queries.all_changes(store.connection) if one.code == found.id and one.batch]
        undone = sum(len(queries.standing_in_batch(store.connection, one.batch or "")) for one in made)
    return Changed(codings=undone, claims=claims_on(study, found.id))


def _opened(code: Code) -> Opened:
    entry = code_entry(code)
    canonical = json.dumps(entry, sort_keys=True, ensure_ascii=False).encode()
    return Opened(code, entry, hashlib.sha256(canonical).hexdigest()[:_SEEN_DIGITS])


def _change(
    document: Document, code: str, fields: Mapping[str, Any], seen: str
) -> tuple[Codebook, tuple[Document, Codebook]]:
    """The codebook as it is, and the document and codebook as they would be."""
    before = read_codebook(document)
    check_rules(document, before)
    opened = _opened(find_code(before, code))
    wanted = _wanted(opened.entry, fields)
    if opened.seen != seen and any(opened.entry.get(name) != value for name, value in wanted.items()):
        raise ChangedMeanwhile(code, opened.entry, opened.seen)
    changed = document
    for name, value in wanted.items():
        if value == opened.entry.get(name):
            continue
        if name in LISTS:
            items = _as_written(document, code, name, opened.entry, value or ())
            changed = with_list(changed, "codes", code, name, items)
        else:
            changed = with_field(changed, "codes", code, name, value)
    after = read_codebook(changed)
    check_rules(changed, after)
    return before, (changed, after)


def _wanted(entry: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    """What each field is to say; an id made readable is no name that has to be written."""
    wanted = {name: value if value not in ("", [], (), False) else None for name, value in fields.items()}
    return {name: value for name, value in wanted.items() if value is not None or name in entry}


def _as_written(document: Document, code: str, name: str, entry: Mapping[str, Any], items: Sequence[Any]) -> list[Any]:
    """Items as the file writes those that it has already, such as `op: yes`."""
    written = (document.data["codes"][code] or {}).get(name) or []
    read = list(entry.get(name, ()))
    return [written[read.index(item)] if item in read else item for item in items]


def _differing(before: Code, after: Code) -> tuple[str, ...]:
    old, new = code_entry(before), code_entry(after)
    return tuple(name for name in dict.fromkeys((*old, *new)) if old.get(name) != new.get(name))


def _newly_stale(store: Store, code: str, before: Codebook, after: Codebook) -> list[Stale]:
    changes = queries.all_changes(store.connection)
    waiting = {(one.post, one.coder) for one in _stale(store, code, before, before, changes)}
    return [one for one in _stale(store, code, after, before, changes) if (one.post, one.coder) not in waiting]


def _stale(store: Store, code: str, codebook: Codebook, before: Codebook, changes: Sequence[CodeChange]) -> list[Stale]:
    """The stale codings of one code under a codebook; the one that the file holds now may not have been kept yet."""
    kept = queries.all_revisions(store.connection)
    revision = codebook_revision(before)
    if revision not in {one.revision for one in kept}:
        kept.append(Revision(revision, codebook_content(before), now()))
    found = stale_codings((one.coding for one in sayings_of_codes(store.connection, [code])), codebook, kept, changes)
    return [one for one in found if one.code == code]
