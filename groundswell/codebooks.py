"""Keeping a codebook: changing codes without losing a coding, and seeing what a change asks for.

A change is written to codebook.yaml and to the database together, and the file last: if that fails nothing is kept.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from coding.batches import new_batch
from coding.codebook import (
    ALL_CODES,
    Code,
    Codebook,
    add_code,
    check_rules,
    code_id_of,
    codebook_content,
    codebook_revision,
    read_codebook,
    read_content,
)
from coding.codebook_changes import (
    Difference,
    absent_in_parts,
    as_events,
    carried_over,
    differences,
    stale_codings,
    uid_of,
)
from db.errors import CheckFailed, FileError, GroundswellError
from db.queries import codebooks as queries
from db.queries import codings
from db.queries.codebooks import CodeChange, PersonEvent
from db.queries.history import undo_codings
from db.store import Store
from db.yaml_edits import with_field, with_items
from db.yaml_files import Document, load, save, suggest, with_entries
from groundswell.backups import back_up_before
from groundswell.study import Study, now, record_codebook
from reports.definition import load_definition

FILE = "file"
"""Stands for the codebook as codebook.yaml says it now, where a revision can be named."""

_MOVED = ("rules", "must_match", "examples")


@dataclass(frozen=True, slots=True)
class Why:
    """Who changed a code and why, for the log."""

    by: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """What a change of a code did.

    Attributes:
        codings: how many were written, or taken back by a restoration.
        without_stance: how many of those bear no stance although the codings they come from do.
        moved: rules, texts to match and examples that another code has got, or keeps from a merge that is taken back.
        begun: codes that were added as drafts.
        claims: ids of the claims in findings.yaml that name the code.
    """

    codings: int = 0
    without_stance: int = 0
    moved: int = 0
    begun: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """A codebook in order: how many codes it has, how many of them are drafts or retired, and how many claims rest on it."""

    codes: int
    drafts: int
    retired: int
    claims: int


@dataclass(slots=True)
class _Change:
    """A change in the making: what the file will say, and what else is to be written."""

    study: Study
    store: Store
    document: Document
    codebook: Codebook
    moment: str = field(default_factory=now)

    def code(self, name: str) -> Code:
        return find_code(self.codebook, name)

    def set(self, code: str, field_name: str, value: Any) -> None:
        self.document = with_field(self.document, "codes", code, field_name, value)

    def new_codebook(self) -> Codebook:
        """The codebook as the changed file says it, or a FileError that says why it cannot be so."""
        changed = read_codebook(self.document)
        check_rules(self.document, changed)
        return changed


def find_code(codebook: Codebook, name: str) -> Code:
    """Return the code of this id, or of this name if only one bears it.

    Raises:
        GroundswellError: there is none.
    """
    named = [code for code in codebook.codes.values() if code.name.casefold() == name.casefold()]
    found = codebook.codes.get(name) or (named[0] if len(named) == 1 else None)
    if found is None:
        raise GroundswellError(f'the codebook has no code "{name}"', hint=suggest(name, codebook.codes))
    return found


def add(
    study: Study,
    name: str,
    *,
    definition: str | None = None,
    parent: str | None = None,
    terms: Sequence[str] = (),
    more: Mapping[str, str | None] = MappingProxyType({}),
) -> str:
    """Add a code to codebook.yaml and return its id; without a definition it is a draft.

    Args:
        study: the study.
        name: the name, or an id.
        definition: what it means.
        parent: the code above it.
        terms: patterns that find it.
        more: other fields of text.
    """
    before = study.codebook()
    above = find_code(before, parent).id if parent else None
    code = add_code(study.codebook_to_change, name, definition=definition, terms=terms, more={**more, "parent": above})
    with study.store() as store:
        record_codebook(store, before)
        record_codebook(store, study.codebook())
    return code


def rename(study: Study, code: str, name: str, why: Why = Why()) -> Changed:
    """Give a code another name; its id, its codings and all that is written of it stay."""
    with _changing(study) as change:
        old = change.code(code)
        change.set(old.id, "name", name)
        reason = f'"{old.name}" is now "{name}"' + (f": {why.reason}" if why.reason else "")
        _write(change, CodeChange("rename", old.id, change.moment, reason=reason, made_by=why.by))
    return Changed()


def retire(study: Study, code: str, why: Why = Why()) -> Changed:
    """Take a code out of what coders are asked for and of reports; its codings stay."""
    with _changing(study) as change:
        old = _in_use(change, code)
        done = Changed(claims=claims_on(study, old.id))
        change.set(old.id, "status", "retired")
        _write(change, CodeChange("retire", old.id, change.moment, reason=why.reason, made_by=why.by))
        return done


def merge(
    study: Study,
    code: str,
    into: str,
    why: Why = Why(),
    *,
    keep_stance: bool = False,
    leave_rules: bool = False,
    dry_run: bool = False,
) -> Changed:
    """Merge a code into another, which from now on means both; the merged one is retired.

    People's codings stay where they are, and those that say more of the kept code than it has are written for it too,
    by the same people, with their times. Rules, texts to match and examples are added to the kept code.

    Args:
        study: the study.
        code: the code that goes.
        into: the code that stays.
        why: for the log.
        keep_stance: take stances along although the statements differ; else such codings become mentions.
        leave_rules: leave rules, texts and examples with the merged code.
        dry_run: only say what would be done.
    """
    with _changing(study, None if dry_run else "merge") as change:
        old, kept = change.code(code), _in_use(change, into)
        _refuse_merge(change, old, kept)
        stances = kept.stance and (keep_stance or old.statement == kept.statement)
        values = change.codebook.values_of(old.parent) if old.parent and change.codebook.is_value(old.id) else ()
        events = list(queries.person_events(change.store.connection, [*dict.fromkeys([old.id, kept.id, *values])]))
        carried = carried_over(events, old.id, kept.id, stances=stances, values=values)
        change.set(old.id, "status", "retired")
        moved = 0 if leave_rules else _move_rules(change, old, kept, stances=stances)
        made = CodeChange(
            "merge", old.id, change.moment, (kept.id,), new_batch("merge", change.moment), why.reason, why.by
        )
        done = Changed(
            codings=len(carried),
            without_stance=_lost_stances(events, carried, old.id),
            moved=moved,
            claims=claims_on(study, old.id),
        )
        _write(change, made, carried, dry_run=dry_run)
        return done


def split(
    study: Study,
    code: str,
    parts: Sequence[str],
    why: Why = Why(),
    *,
    keep_absent: bool = False,
    dry_run: bool = False,
) -> Changed:
    """Split a code into others, which people then code anew from the worklist; the old one is retired with its codings.

    Args:
        study: the study.
        code: the code that is split.
        parts: names or ids; those that are no codes yet are added as drafts beside the old one.
        why: for the log.
        keep_absent: write that the added parts are absent where the whole is held to be absent.
        dry_run: only say what would be done.
    """
    with _changing(study, None if dry_run else "split") as change:
        old = _in_use(change, code)
        ids = [_part_id(change.codebook, old, part) for part in parts]
        begun = _refuse_split(change, old, ids)
        entries = {
            part: {"name": name} | ({"parent": old.parent} if old.parent else {})
            for part, name in zip(ids, parts, strict=True)
            if part in begun
        }
        change.set(old.id, "status", "retired")
        if entries:
            change.document = with_entries(change.document, "codes", entries)
        made = CodeChange(
            "split", old.id, change.moment, tuple(ids), new_batch("split", change.moment), why.reason, why.by
        )
        carried = _absent_ones(change, replace(made, into_codes=begun)) if keep_absent and begun else []
        done = Changed(codings=len(carried), begun=begun, claims=claims_on(study, old.id))
        _write(change, made, carried, dry_run=dry_run)
        return done


def restore(study: Study, code: str, why: Why = Why()) -> Changed:
    """Bring a retired code back, and take back the codings that its merge or split wrote.

    Raises:
        GroundswellError: the code is not retired, or was merged into one that has itself been retired since.
    """
    with _changing(study, "restore") as change:
        old = change.code(code)
        if not old.is_retired:
            raise GroundswellError(f'the code "{old.id}" is not retired', hint="there is nothing to bring back")
        connection = change.store.connection
        made = [one for one in queries.all_changes(connection) if one.code == old.id and one.batch]
        written = {one: queries.standing_in_batch(connection, one.batch or "") for one in made}
        merged_into = {into: written[one] for one in made if one.kind == "merge" for into in one.into_codes}
        for into, codings_there in merged_into.items():
            if codings_there and into in change.codebook.codes and change.codebook.is_retired(into):
                hint = f"groundswell codebook restore {into}"
                raise GroundswellError(f'"{old.id}" was merged into "{into}", which is retired itself', hint=hint)
        change.set(old.id, "status", None)
        undone = [event for events in written.values() for event in events]
        batch = new_batch("restore", change.moment) if undone else None
        if batch is not None:
            undo_codings(connection, undone, batch, change.moment)
        _write(change, CodeChange("restore", old.id, change.moment, batch=batch, reason=why.reason, made_by=why.by))
        return Changed(codings=len(undone), moved=_shared_rules(change, old.id, [*merged_into]))


def worklist(study: Study, code: str | None = None, *, everything: bool = False) -> list[dict[str, Any]]:
    """Return people's codings that were made of something else than the code is now, as rows.

    Args:
        study: the study.
        code: only this code.
        everything: also those of whom a person only said that no other code (`*`) was found.
    """
    codebook = study.codebook()
    wanted = None if code is None else find_code(codebook, code).id
    with study.store() as store:
        record_codebook(store, codebook)
        connection = store.connection
        found = [
            one
            for one in stale_codings(
                codings.people_codings(connection),
                codebook,
                queries.all_revisions(connection),
                queries.all_changes(connection),
                everything=everything,
            )
            if wanted in {None, one.code}
        ]
        addresses = queries.addresses(connection, sorted({one.post for one in found}))
    return [
        {
            "post": addresses[one.post], "code": one.code, "coder": one.coder, "value": one.value,
            "coded_at": one.coded_at, "revision": one.revision, "since": one.since, "changed": list(one.changed),
        }
        for one in found
    ]  # fmt: skip


def compare(study: Study, before: str | None = None, after: str | None = None) -> tuple[str, str, list[Difference]]:
    """Return the names of two codebooks and in what the later one differs.

    Args:
        study: the study.
        before: a revision or the beginning of its name; without it, the last one that was kept and differs from `after`.
        after: the same, or "file"; without it, codebook.yaml as it is.
    """
    with study.store() as store:
        kept = {one.revision: one.content for one in queries.all_revisions(store.connection)}
    present = study.codebook()
    kept_now = kept | {codebook_revision(present): codebook_content(present)}
    later = codebook_revision(present) if after in {None, FILE} else _named(kept, str(after))
    if before is None:
        earlier = next((name for name in reversed(kept) if name != later), later)
    else:
        earlier = codebook_revision(present) if before == FILE else _named(kept, before)
    return earlier, later, differences(read_content(kept_now[earlier]), read_content(kept_now[later]))


def codebook_at(study: Study, revision: str | None = None) -> Codebook:
    """Return the codebook as it is, or as it was under a revision, which may be named by its beginning."""
    if revision is None:
        return study.codebook()
    with study.store() as store:
        kept = {one.revision: one.content for one in queries.all_revisions(store.connection)}
    return read_content(kept[_named(kept, revision)])


def history(study: Study) -> list[dict[str, Any]]:
    """Return what became of the codebook, oldest first: the revisions that were in use and the changes of codes."""
    with study.store() as store:
        revisions, changes = queries.all_revisions(store.connection), queries.all_changes(store.connection)
    rows = [
        {
            "at": one.created_at,
            "what": "in use",
            "revision": one.revision,
            "codes": len(read_content(one.content).codes),
        }
        for one in revisions
    ]
    rows += [
        {
            "at": one.made_at, "what": one.kind, "code": one.code, "into": list(one.into_codes), "by": one.made_by,
            "reason": one.reason,
        }
        for one in changes
    ]  # fmt: skip
    return sorted(rows, key=lambda row: str(row["at"]))


def check(study: Study) -> Checked:
    """Check the codebook, the findings that rest on it, and that every coding has its code.

    Raises:
        FileError: a file is wrong.
        CheckFailed: people's codings stand of a code that the codebook no longer has.
    """
    codebook = study.codebook()
    definition = study.definition(codebook)
    with study.store() as store:
        posts = queries.coded_posts(store.connection)
    gone = [code for code in posts if code != ALL_CODES and code not in codebook.codes]
    if gone:
        listed = ", ".join(f"{code} ({posts[code]:,})" for code in gone)
        raise CheckFailed(
            f"{study.codebook_path}: these codes are gone, but posts are coded with them: {listed}",
            hint=f"put `{gone[0]}:` back with `status: retired`; then `groundswell codebook merge {gone[0]} CODE` "
            "moves its codings",
        )
    states = [codebook.status(code) for code in codebook.codes]
    return Checked(
        codes=len(states),
        drafts=states.count("draft"),
        retired=states.count("retired"),
        claims=sum(len(section.claims) for section in definition.sections),
    )


@contextmanager
def _changing(study: Study, backup_before: str | None = None) -> Iterator[_Change]:
    """Begin a change: the codebook as it is, kept as a revision, and the write lock on the database.

    `backup_before` names a change of codings, before which people's work is backed up.
    """
    if backup_before is not None:
        back_up_before(study, backup_before)
    with study.store() as store, store.write() as connection:
        document = load(study.codebook_to_change)
        codebook = read_codebook(document)
        check_rules(document, codebook)
        change = _Change(study, store, document, codebook)
        codings.save_revision(connection, codebook_revision(codebook), codebook_content(codebook), change.moment)
        yield change


def _write(change: _Change, made: CodeChange, carried: Sequence[PersonEvent] = (), *, dry_run: bool = False) -> None:
    """Write a change: codings, log and revision to the database, and then the file."""
    codebook, connection = change.new_codebook(), change.store.connection
    if dry_run:
        return
    revision = codebook_revision(codebook)
    codings.save_revision(connection, revision, codebook_content(codebook), change.moment)
    queries.add_change(connection, made)
    taken = queries.known_uids(connection, [uid_of(event) for event in carried])
    codings.add_events(connection, as_events(carried, revision, made.batch or "", taken))
    save(change.document)


def _in_use(change: _Change, name: str) -> Code:
    found = change.code(name)
    if change.codebook.is_retired(found.id):
        raise GroundswellError(
            f'the code "{found.id}" is retired', hint=f"groundswell codebook restore {found.id} brings it back"
        )
    return found


def _refuse_merge(change: _Change, old: Code, kept: Code) -> None:
    codebook = change.codebook
    if old.id == kept.id:
        raise GroundswellError(f'"{old.id}" cannot be merged into itself', hint="name the code that stays second")
    if old.choose_one or kept.choose_one:
        attribute = old.id if old.choose_one else kept.id
        raise GroundswellError(f'"{attribute}" is an attribute', hint="merge its values one by one, then retire it")
    one_of = [code.parent for code in (old, kept) if codebook.is_value(code.id)]
    if one_of and (len(one_of) == 1 or one_of[0] != one_of[1]):
        raise GroundswellError(
            f'"{old.id}" and "{kept.id}" are not values of one attribute',
            hint="a value can be merged into another value of its attribute only",
        )


def _refuse_split(change: _Change, old: Code, ids: Sequence[str]) -> tuple[str, ...]:
    """Refuse parts that cannot be; return those that are no codes yet."""
    codebook = change.codebook
    if old.choose_one:
        raise GroundswellError(f'"{old.id}" is an attribute', hint="add values to it, or split one of them")
    if len(set(ids)) < 2 or len(set(ids)) < len(ids) or old.id in ids:  # noqa: PLR2004 - one part is no split
        raise GroundswellError(
            "a split needs at least two different codes to split into",
            hint="to give a code another name: groundswell codebook rename",
        )
    for part in ids:
        if part in codebook.codes:
            found = _in_use(change, part)
            same_kind = found.parent == old.parent if codebook.is_value(old.id) else not codebook.is_value(part)
            if found.choose_one or not same_kind:
                hint = "a value is split into values of its attribute, any other code into codes that are no values"
                raise GroundswellError(f'"{old.id}" cannot be split into "{part}"', hint=hint)
    return tuple(part for part in ids if part not in codebook.codes)


def _part_id(codebook: Codebook, old: Code, part: str) -> str:
    """The id of a part: that of a code if it names one, else one made from the name, below the attribute of a value."""
    if part in codebook.codes:
        return part
    made = code_id_of(part)
    if not made:
        raise GroundswellError(f'no id can be made from "{part}"', hint="name the part with letters from a to z")
    prefix = f"{old.parent}."
    return prefix + made if old.id.startswith(prefix) and not made.startswith(prefix) else made


def _move_rules(change: _Change, old: Code, kept: Code, *, stances: bool) -> int:
    """Add to the kept code what the merged one has of rules, texts and examples, and return how much that was."""
    entries, moved = change.document.data["codes"], 0
    for name in _MOVED:
        present = (entries[kept.id] or {}).get(name) or []
        wanted = [item if stances else _without_stance(item) for item in (entries[old.id] or {}).get(name) or []]
        added = [item for item in wanted if item not in present]
        change.document = with_items(change.document, "codes", kept.id, name, added)
        moved += len(added)
    return moved


def _shared_rules(change: _Change, code: str, others: Sequence[str]) -> int:
    """How many rules, texts and examples of a code some of the others have too."""
    entries = change.document.data["codes"]
    own = entries[code] or {}
    shared = 0
    for name in _MOVED:
        elsewhere = [item for other in others for item in (entries.get(other) or {}).get(name) or []]
        shared += sum(item in elsewhere or _without_stance(item) in elsewhere for item in own.get(name) or [])
    return shared


def _without_stance(item: Any) -> Any:
    """A rule as it stands in the file, without its stance; a pattern alone where nothing else is said."""
    if not isinstance(item, dict):
        return item
    left = {name: value for name, value in item.items() if name != "stance"}
    return left["match"] if list(left) == ["match"] else left


def _lost_stances(events: Sequence[PersonEvent], carried: Sequence[PersonEvent], code: str) -> int:
    had = {(event.post, event.coder, event.adjudicated) for event in events if event.code == code and event.stance}
    return sum((event.post, event.coder, event.adjudicated) in had for event in carried if event.stance is None)


def _absent_ones(change: _Change, made: CodeChange) -> list[PersonEvent]:
    connection = change.store.connection
    return absent_in_parts(
        codings.people_codings(connection),
        queries.person_events(connection, [made.code, ALL_CODES]),
        change.codebook,
        codings.revisions(connection),
        made,
    )


def claims_on(study: Study, code: str) -> tuple[str, ...]:
    """The claims of findings.yaml that name a code; none if the file is wrong, which `check` tells with its line."""
    if not study.findings_path.exists():
        return ()
    try:
        definition = load_definition(study.findings_path, study.codebook())
    except FileError:
        return ()
    return tuple(claim.id for section in definition.sections for claim in section.claims if code in claim.named_codes)


def _named(kept: dict[str, str], name: str) -> str:
    """The one revision whose name begins so."""
    found = [revision for revision in kept if revision.startswith(name)]
    if len(found) == 1:
        return found[0]
    problem = "there is no codebook" if not found else f"{len(found)} codebooks have a name that begins with"
    raise GroundswellError(f'{problem} "{name}"', hint="groundswell codebook log lists them")
