"""Building a study from a backup: the codebook and what people decided come back, posts are collected again."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coding.batches import new_batch
from coding.codebook import ALL_CODES, Code, Codebook
from coding.codings import CodingError, parse_coding, store_codings
from collector.importing import ImportOptions
from db.errors import ConfigurationError, GroundswellError, Partial
from db.queries.backups import NotThereError, put_row
from db.queries.batches import chunks
from db.queries.codings import exported_codings
from db.store import Store
from groundswell.backups import (
    FILES,
    FOLDER,
    KINDS,
    ROWS,
    Stem,
    backups_among,
    json_lines,
    read_name,
    write_privately,
)
from groundswell.collecting import import_into
from groundswell.settings import KEY, load_settings
from groundswell.sites import Conduct
from groundswell.starting import start_study
from groundswell.stopping import Stop
from groundswell.study import STUDY_FILE, Study, find_study, now, record_codebook
from reports.words import counted

if TYPE_CHECKING:
    from db.records import Coding

_KINDS_OF_ROWS = frozenset(name for names in ROWS.values() for name in names)


@dataclass(slots=True)
class Restored:
    """What came back from a backup.

    Attributes:
        study: the one that was made or filled.
        codings: codings of the backup that stand in the study now.
        new: those of them that were not there before.
        waiting: codings whose post is not in the study, or shows no text.
        waiting_in: the file in which they are kept.
        notes: private notes that were read.
        others: memos, samples, rounds, leads with what people found of them, quotations and revisions of the codebook
            that were not there before.
        pointing: judgements of leads and quotations whose post is not in the study, or shows no text.
        remarks: what the user should know.
        problems: lines that could not be read, and why.
    """

    study: Study
    waiting_in: Path
    codings: int = 0
    new: int = 0
    waiting: int = 0
    notes: int = 0
    others: int = 0
    pointing: int = 0
    remarks: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Backup:
    """The lines of a backup, by kind."""

    place: Path
    stem: Stem
    rows: dict[str, list[dict[str, Any]]]
    problems: list[str]


def restore_into(folder: Path, source: Path) -> Restored:
    """Make a study in a new folder from a backup; `source` is one of its files, or a folder of which the last one is taken.

    Raises:
        GroundswellError: there is no backup, or the folder is not empty.
    """
    backup = _read(source)
    start_study(folder, "blank")
    for name, text in _files(backup).items():
        (folder / name).write_bytes(text.encode())
    remark = _take_over_key(backup.place.parent, folder)
    done = _restore(find_study(folder, folder), backup)
    done.remarks.insert(0, remark)
    return done


def restore(study: Study, source: Path) -> Restored:
    """Bring a backup into a study in which nobody has coded anything else; a second time only adds what waited.

    Raises:
        GroundswellError: there is no backup, or the study holds codings by people that it does not hold.
    """
    backup = _read(source)
    held = set(map(_said, backup.rows["codings"]))
    with study.store() as store:
        if any(_said(row) not in held for row in exported_codings(store.connection, private=True) if _is_person(row)):
            raise GroundswellError(
                f"{study.root}: people coded here what is not in the backup; it was left as it is",
                hint="restore into a new folder with --into, or add single codings with groundswell import codings",
            )
    remark = _codebook_back(study, backup)
    done = _restore(study, backup)
    done.remarks[:0] = remark
    return done


def check_restored(done: Restored) -> None:
    """Turn lines that could not be read into the exit code that says so.

    Raises:
        Partial: there were any.
    """
    if done.problems:
        raise Partial(f"{len(done.problems)} lines of the backup could not be read", hint="all others were restored")


def _read(source: Path) -> _Backup:
    """Read a backup.

    Raises:
        GroundswellError: there is none, or a file of it cannot be read.
    """
    if source.is_dir():
        place = source / FOLDER if (source / FOLDER).is_dir() else source
        stem = max(backups_among(path.name for path in place.iterdir()), default=None)
    else:
        place = source.parent
        found = read_name(source.name) if source.is_file() else None
        stem = None if found is None else found[0]
    if stem is None:
        raise GroundswellError(
            f"{source}: no backup of a study", hint="name the folder backups/ of a study, or one of the files in it"
        )
    kinds = backups_among(path.name for path in place.iterdir())[stem]
    backup = _Backup(place, stem, {kind: [] for kind in KINDS}, [])
    for kind in kinds:
        path = place / stem.file_name(kind)
        for number, line in enumerate(_lines(path), start=1):
            try:
                backup.rows[kind].append(_object(line))
            except ValueError as error:
                backup.problems.append(f"{path}: line {number}: {error}")
    return backup


def _object(line: bytes) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except RecursionError as error:
        raise ValueError("too deep") from error
    if not isinstance(row, dict):
        raise ValueError("no JSON object")  # noqa: TRY004 - of a value that was read, as json.loads says it
    return row


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as lines:
            yield from lines
    except OSError as error:
        raise GroundswellError(f"{path}: {(error.strerror or str(error)).lower()}") from error


def _files(backup: _Backup) -> dict[str, str]:
    """The study's own files, by name."""
    rows = backup.rows["codebook"]
    return {row["file"]: row["text"] for row in rows if row.get("file") in FILES and isinstance(row.get("text"), str)}


def _take_over_key(old: Path, folder: Path) -> str:
    """Give a new study the key of the one that the backup lies in, if it lies in one."""
    key = None
    if (old / STUDY_FILE).is_file():
        try:
            key = load_settings(old, {}).key
        except ConfigurationError:
            key = None
    if key is None:
        return (
            f"a new key was made; put the old study's .env into {folder} before you bring posts in, "
            "or everybody gets another pseudonym"
        )
    (folder / ".env").write_text(f"{KEY}={key.hex()}\n", encoding="utf-8")
    return f"the key is that of {old}"


def _codebook_back(study: Study, backup: _Backup) -> list[str]:
    """Put the backup's codebook in the place of one without codes; else leave it and say so where it differs."""
    text = _files(backup).get(study.codebook_path.name)
    if text is None or study.codebook_path.read_bytes() == text.encode():
        return []
    if study.codebook().codes:
        return [f"{study.codebook_path} was left as it is; the backup's codebook is another"]
    study.codebook_path.write_bytes(text.encode())
    return [f"{study.codebook_path} is that of the backup"]


def _restore(study: Study, backup: _Backup) -> Restored:
    codings_file = backup.stem.file_name("codings")
    done = Restored(study, study.root / FOLDER / f"waiting-{codings_file}", problems=list(backup.problems))
    if backup.rows["notes"]:
        notes = backup.place / backup.stem.file_name("notes")
        outcome = import_into(study, [notes], ImportOptions(), Conduct(Stop()))
        done.notes = outcome.counts.seen
        done.problems += outcome.problems
    with study.store() as store:
        study.key(store)
        for rows in (backup.rows["codebook"], *(backup.rows[kind] for kind in ROWS if kind != "codebook")):
            _put(store, rows, done)
        if done.pointing:
            done.remarks.append(
                f"{counted(done.pointing, 'judgement or quotation', 'judgements and quotations')} of posts without a text "
                "here: restore the same backup again once the posts are there"
            )
        revision = record_codebook(store, study.codebook())
        waiting = _put_codings(store, backup.rows["codings"], revision, done)
    if waiting:
        done.waiting_in.parent.mkdir(exist_ok=True)
        write_privately({done.waiting_in: json_lines(waiting)})
    else:
        done.waiting_in.unlink(missing_ok=True)
    return done


def _put(store: Store, rows: list[dict[str, Any]], done: Restored) -> None:
    with store.write() as connection:
        for row in rows:
            for kind, values in row.items():
                if kind in _KINDS_OF_ROWS and isinstance(values, dict):
                    try:
                        done.others += put_row(connection, kind, values)
                    except NotThereError:
                        done.pointing += 1
                    except ValueError as error:
                        done.problems.append(str(error))


def _put_codings(store: Store, rows: list[dict[str, Any]], revision: str, done: Restored) -> list[dict[str, Any]]:
    """Store codings and return the rows of those that have to wait for their posts."""
    batch, codebook = new_batch("restore", now()), _any_codebook(rows)
    good: list[tuple[dict[str, Any], Coding]] = []
    for row in rows:
        try:
            good.append((row, parse_coding(row, codebook)))
        except CodingError as error:
            done.problems.append(f"a coding of {row.get('post')}: {error}")
    waiting = []
    for chunk in chunks(good):
        new, refused = store_codings(store, [coding for _, coding in chunk], revision, batch)
        done.new += new
        done.codings += len(chunk) - len(refused)
        waiting += [chunk[place][0] for place in refused]
    done.waiting = len(waiting)
    return waiting


def _any_codebook(rows: list[dict[str, Any]]) -> Codebook:
    """A codebook that knows every code that was ever coded: today's may have lost some."""
    codes = {row["code"] for row in rows if isinstance(row.get("code"), str)} - {ALL_CODES}
    return Codebook({code: Code(code, code, stance=True) for code in sorted(codes)})


def _is_person(row: dict[str, Any]) -> bool:
    return bool(row["coder_kind"] == "person")


def _said(row: dict[str, Any]) -> str:
    """A coding as it can be compared, whichever revision of the codebook is known here."""
    return json.dumps({name: value for name, value in row.items() if name != "version"}, sort_keys=True)
