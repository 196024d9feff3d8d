"""Importing files: every good post of every file is stored, every bad item is told with its place."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from collector.csv_mapping import Mapping, MappingError, unknown_columns
from collector.files import Document, FileReader, HtmlPage, UnreadableFileError, find_files
from collector.people import Pseudonyms
from collector.reading import Reading
from collector.run import Progress, Run
from collector.source import FileSource, file_sources
from collector.sources.csv_files import MappedTable
from collector.tables import Row
from collector.times import in_file_name
from db.queries import runs
from db.records import Counts, Observation, Unreadable

BATCH = 2000
KEPT_PROBLEMS = 1000
SEARCHED = 20
"""So many documents of a file are looked at before it is given up as of no known kind."""
_WIDEST = "reddit_files"
"""Its signs are names that many programs use, so that it is asked last."""


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How to read.

    Attributes:
        format: as what: `auto`, or a source's name.
        observed_at: when it was seen, if that is known better than the data tell.
        mapping: which columns of tables hold what, in place of what is known of them.
    """

    format: str = "auto"
    observed_at: str | None = None
    mapping: Mapping | None = None


def import_files(run: Run, paths: Iterable[Path], people: Pseudonyms, options: ImportOptions) -> None:
    """Import files and all readable files below folders, one transaction a batch."""
    for path in find_files(paths):
        if run.asked_to_stop():
            return
        _import_file(run, path, people, options)


def _import_file(run: Run, path: Path, people: Pseudonyms, options: ImportOptions) -> None:
    reader = FileReader(path)
    reading = Reading(people, options.observed_at or None, in_file_name(path.name))
    unreadable = _Unreadable()
    problem: str | None = None
    before = run.outcome.counts.seen

    def items() -> Iterator[Observation | Unreadable]:
        # What stands before the place where a file breaks off is kept, so that the error must not lose the batch.
        nonlocal problem
        try:
            yield from _items(reader.documents(), reading, options)
        except UnreadableFileError as error:
            problem = str(error)

    good = items()
    while batch := list(islice(good, BATCH)):
        unreadable.add(item for item in batch if isinstance(item, Unreadable))
        _store(run, path, [item for item in batch if isinstance(item, Observation)])
        if run.asked_to_stop():
            break
    if problem is None and not unreadable.count and run.outcome.counts.seen == before and not run.outcome.interrupted:
        problem = "there is no post in it"
    _close(run, path, reader, unreadable, problem)


def _store(run: Run, path: Path, observations: list[Observation]) -> None:
    with run.store.write() as connection:
        counts = run.save(connection, observations)
    run.outcome.counts.add(counts)
    run.tell(Progress(path.name, run.outcome.counts.seen))


@dataclass(slots=True)
class _Unreadable:
    """The items of a file that could not be read: the first ones, and how many there are."""

    kept: list[Unreadable] = field(default_factory=list)
    count: int = 0

    def add(self, items: Iterable[Unreadable]) -> None:
        for item in items:
            self.count += 1
            if len(self.kept) < KEPT_PROBLEMS:
                self.kept.append(item)

    def told(self, path: Path) -> list[str]:
        """A line an item, and one for all that are not kept."""
        lines = [": ".join(filter(None, (str(path), item.position, item.problem))) for item in self.kept]
        further = self.count - len(self.kept)
        return [*lines, f"{path}: {further} more items could not be read"] if further else lines


def _close(run: Run, path: Path, reader: FileReader, unreadable: _Unreadable, problem: str | None) -> None:
    told = [f"{path}: {problem}"] if problem is not None else []
    told += unreadable.told(path)
    with run.store.write() as connection:
        request = runs.Request(
            "file", "READ", path.name, run.utc_now(), bytes=reader.size, sha256=reader.sha256, error=problem
        )
        runs.record_requests(connection, run.outcome.run, [request])
        kept = [(f"{reader.sha256} {item.position} {item.problem}", item) for item in unreadable.kept]
        runs.record_unreadable(connection, kept, run.utc_now())
        if told:
            runs.add_counts(connection, run.outcome.run, Counts(), unreadable.count + (problem is not None))
    run.outcome.problems += told


def _items(
    documents: Iterable[Document], reading: Reading, options: ImportOptions
) -> Iterator[Observation | Unreadable]:
    """What the documents of one file hold. All of them are of the kind of the first one that is of a known kind."""
    source: FileSource | None = None
    kind: type = object
    unknown: list[Document] = []
    for document in documents:
        if document.problem is not None:
            yield Unreadable(document.position, document.problem)
            continue
        if source is None:
            source, kind = _recognised(document.value, options), type(document.value)
        if source is None:
            unknown.append(document)
            if len(unknown) == SEARCHED:
                break
            continue
        yield from (Unreadable(earlier.position, "of no kind that is known") for earlier in unknown)
        unknown.clear()
        if isinstance(document.value, kind):
            yield from source.observations(document.value, reading, document.position)
        else:
            yield Unreadable(document.position, "of another kind than what the file holds")
    if unknown:
        raise UnreadableFileError(_of_no_kind(unknown[0].value, options))


def _recognised(value: Any, options: ImportOptions) -> FileSource | None:
    if options.mapping is not None and isinstance(value, Row):
        try:
            options.mapping.check(value.table.columns)
        except MappingError as error:
            raise UnreadableFileError(str(error)) from None
        return MappedTable(options.mapping)
    sources = file_sources()
    if options.format != "auto":
        return sources[options.format] if sources[options.format].recognises(value) else None
    in_turn = sorted(sources.values(), key=lambda source: source.NAME == _WIDEST)
    return next((source for source in in_turn if source.recognises(value)), None)


def _of_no_kind(value: Any, options: ImportOptions) -> str:
    if options.format != "auto":
        return f"not of the kind {options.format}"
    if isinstance(value, HtmlPage):
        return (
            "line 1: an HTML page, not JSON: a login or error page was saved in its place "
            "(of pages, threads of old.reddit.com are read, and those that tell their address)"
        )
    if isinstance(value, Row):
        return unknown_columns(value.table.columns)
    return "JSON of no kind that is known"
