"""Filling marked places in somebody's own Markdown with what the built report says: all files, or none."""

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from db.errors import CheckFailed, FileError, GroundswellError
from groundswell.reporting import built_report
from groundswell.study import Study
from reports.fill import Filled, Mistake, Place, fill_text
from reports.forms import writer

_NAMED = 20


@dataclass(frozen=True, slots=True)
class FilledFile:
    """A file with marked places.

    Attributes:
        places: how many it has.
        stale: those of them that said something else than the report.
    """

    path: Path
    places: int
    stale: tuple[Place, ...]


def fill(study: Study, files: Iterable[Path], *, check: bool = False) -> list[FilledFile]:
    """Fill the marked places of files from the report that was built last.

    What stands outside the marks stays byte for byte. With `check` nothing is written.

    Raises:
        FileError: a mark is wrong, or asks for what the report does not have; nothing is written then.
        CheckFailed: with `check`, a place says something else than the report.
        GroundswellError: nothing was built yet, or a file cannot be read or written.
    """
    write = writer(built_report(study))
    contents: dict[Path, bytes] = {}
    filled: dict[Path, Filled] = {}
    wrong: list[tuple[Path, Mistake]] = []
    for path in dict.fromkeys(files):
        contents[path] = _content(path)
        # What is no UTF-8 comes back as it was: marks are plain ASCII.
        found = fill_text(contents[path].decode(errors="surrogateescape"), write)
        if isinstance(found, Filled):
            filled[path] = found
        else:
            wrong += [(path, mistake) for mistake in found]
    if wrong:
        _refuse(wrong)
    done = [FilledFile(path, len(found.places), found.stale) for path, found in filled.items()]
    if check:
        _check(done)
    else:
        new = {path: found.text.encode(errors="surrogateescape") for path, found in filled.items() if found.stale}
        _write_all(new, contents)
    return done


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise GroundswellError(f"{path}: cannot be read: {error.strerror}", hint="name Markdown files") from error


def _refuse(wrong: Sequence[tuple[Path, Mistake]]) -> None:
    path, first = wrong[0]
    others = [f"{place}:{mistake.line}: {mistake.message}; {mistake.hint}" for place, mistake in wrong[1:_NAMED]]
    more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
    raise FileError(path, f"{first.message}{more}", line=first.line, hint="\n".join([first.hint, *others]))


def _check(done: Sequence[FilledFile]) -> None:
    stale = [f"{file.path}:{place.line}: {place.claim} {place.form}" for file in done for place in file.stale]
    if stale:
        raise CheckFailed(
            f"{len(stale)} {'place says' if len(stale) == 1 else 'places say'} something else than the report",
            hint="\n".join([*stale[:_NAMED], "groundswell report fill FILE… renews them"]),
        )


def _write_all(new: dict[Path, bytes], old: dict[Path, bytes]) -> None:
    """Write all files beside their places first, then put each into it; what fails puts back what stood there."""
    beside = {path: path.resolve().with_name(f".{path.name}.new") for path in new}
    try:
        for path, content in new.items():
            beside[path].write_bytes(content)
            shutil.copymode(path, beside[path])
        _put(beside, old)
    except OSError as error:
        raise GroundswellError(f"nothing was changed: {error}", hint="see who may write there") from error
    finally:
        for left in beside.values():
            left.unlink(missing_ok=True)


def _put(beside: dict[Path, Path], old: dict[Path, bytes]) -> None:
    put: list[Path] = []
    try:
        for path, ready in beside.items():
            ready.replace(path.resolve())
            put.append(path)
    except OSError:
        for path in put:
            path.write_bytes(old[path])
        raise
