"""The digest of a study: what changed since the last one was told, written to reports/digest.md."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from db.errors import GroundswellError
from db.queries import builds
from db.queries.builds import Build
from db.queries.threads import gaps
from db.store import Store
from groundswell.comparing import compare_builds
from groundswell.reporting import way_lines
from groundswell.study import Study
from reports.digest import NewThread, Surroundings, digest, first_digest, has_news

FILE = "digest.md"


@dataclass(frozen=True, slots=True)
class Digest:
    """A digest as it was written.

    Attributes:
        text: the page.
        build: the build that it tells of.
        failing: the names of what it says is failing.
        has_news: whether anything stands in it that its readers do not know; never so the first time.
    """

    text: str
    build: int
    failing: frozenset[str]
    has_news: bool


def write_digest(study: Study, report: Mapping[str, Any], failing: Mapping[str, str]) -> Digest:
    """Write what changed between the build that was told last and the newest one.

    Args:
        study: whose digest it is.
        report: the newest build.
        failing: what failed in collecting, by name.

    Raises:
        GroundswellError: it could not be written.
    """
    with study.store() as store:
        [newest] = builds.newest_builds(store.connection, 1)
        told, known = _told(store)
        lines = {name: f"{name}: {problem}" for name, problem in sorted(failing.items())}
        around = Surroundings(
            title=study.file.title,
            threads=[] if told is None else _new_threads(study, store, told, newest),
            problems=[line for name, line in lines.items() if name not in known],
            still=[line for name, line in lines.items() if name in known],
            incomplete=[
                (row["url"] or row["address"], row["stored_count"], row["declared_count"])
                for row in gaps(store.connection)
            ],
            way=way_lines(dict(report)),
            sensitive=study.file.sensitivity == "high",
        )
    if told is None:
        made = Digest(first_digest(report, around), newest.number, frozenset(failing), has_news=False)
    else:
        diff = compare_builds(study, told, newest)
        made = Digest(digest(diff, report, around), newest.number, frozenset(failing), has_news(diff, around))
    _write(study.reports / FILE, made.text)
    return made


def _write(path: Path, text: str) -> None:
    """Write beside and rename, so that nobody ever sees half a page.

    Raises:
        GroundswellError: it could not be written.
    """
    beside = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(exist_ok=True)
        beside.write_bytes(text.encode())
        beside.replace(path)
    except OSError as error:
        raise GroundswellError(
            f"{path}: {(error.strerror or str(error)).lower()}; the digest could not be written",
            hint="free some space, or mend the folder's rights, then run groundswell update again",
        ) from error


def note_told(study: Study, made: Digest) -> None:
    """Note that a digest was told, so that the next one begins where it ends."""
    with study.store() as store, store.write() as connection:
        builds.note_told(connection, made.build, made.failing)


def _told(store: Store) -> tuple[Build | None, frozenset[str]]:
    """The build that was told last, as far as it can still be compared with, and what was known to fail then."""
    last = builds.last_told(store.connection)
    if last is None:
        return None, frozenset()
    found = builds.find_build(store.connection, last[0])
    return (found if found is not None and found.content is not None else None), last[1]


def _new_threads(study: Study, store: Store, told: Build, newest: Build) -> list[NewThread]:
    codebook = study.codebook()
    names = {code.id: code.name for code in codebook.codes.values() if not codebook.is_value(code.id)}
    mentions = builds.mentions_in_threads(store.connection, told.built_at)
    return [
        NewThread(
            address=row["address"],
            link=row["url"],
            community=row["community"],
            posts=row["posts"],
            codes={names[code]: number for code, number in mentions.get(row["address"], {}).items() if code in names},
        )
        for row in builds.threads_stored_after(store.connection, told.built_at, newest.built_at)
    ]
