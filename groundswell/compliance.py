"""What was deleted elsewhere is deleted here: looking again, forgetting, retention, and the study's own files."""

import os
import sqlite3  # noqa: TID251 - older copies of the database in backups/ are opened as what they are
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from collector.links import LinkError, parse_link
from collector.people import suppression
from collector.run import Outcome, Run, look_again
from collector.times import iso
from db.errors import GroundswellError
from db.lost import LostWords, blank
from db.queries import losing
from db.queries.models import drop_models_trained_on_lost
from db.queries.search import empty_index
from db.store import Store
from groundswell import VERSION
from groundswell.locking import collecting
from groundswell.sites import Conduct, Sites, begin, source_to_recheck
from groundswell.study import Study, now

GOAL_HOURS = 48
"""Within which Reddit strongly recommends that deleted content is deleted everywhere."""
PLATFORMS = ("reddit", "hn", "x", "web")
_STORED = frozenset({*PLATFORMS, "note", "csv", "example"})
"""What addresses begin with."""
_TEXT_FILES = frozenset(
    {
        ".csv", ".htm", ".html", ".json", ".jsonl", ".log", ".md", ".ndjson", ".rst", ".svg", ".tsv", ".txt", ".xml",
        ".yaml", ".yml",
    }
)  # fmt: skip
_LARGEST_FILE = 64 * 2**20


@dataclass(slots=True)
class Refreshed:
    """What a look at stored posts did.

    Attributes:
        outcomes: those of the runs, one a platform that could be asked.
        unreachable: posts of each platform that are due for a look and that nothing here can look at.
        retired: posts whose text was purged since nobody could confirm them for longer than the study keeps texts.
        files: files of the study in which lost words were blanked.
    """

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    unreachable: dict[str, int] = field(default_factory=dict)
    retired: int = 0
    files: list[Path] = field(default_factory=list)


def refresh(study: Study, conduct: Conduct, *, older_than_hours: float = GOAL_HOURS) -> Refreshed:
    """Look again at all posts that nobody has looked at for so many hours, and take out what is gone.

    X is asked only where `conduct.max_usd` says how much that may cost.
    """
    result = Refreshed()
    with collecting(study, "collect refresh"), study.store() as store:
        before = _ago(timedelta(hours=older_than_hours))
        for platform in PLATFORMS:
            # A table may have numbered replies by their place; no site can be asked for such an id.
            ids = [
                id_
                for id_ in losing.unconfirmed(store.connection, platform, before)
                if platform == "web" or "/" not in id_
            ]
            name = source_to_recheck(study, platform)
            if ids and (name is None or (name == "x_api" and conduct.max_usd is None)):
                result.unreachable[platform] = len(ids)
            elif ids and name is not None and not conduct.stop():
                result.outcomes[platform] = _look_again(study, store, name, ids, conduct)
        if study.file.retention_days is not None and not conduct.stop():
            result.retired = _retire(store, study.key(store), study.file.retention_days)
        result.files = scrub_files(study, store, study.key(store))
    return result


def refreshed_lines(done: Refreshed) -> list[str]:
    """What a look at stored posts did, for people."""
    lines = [
        f"{platform}: {posts:,} posts due for a look cannot be looked at"
        for platform, posts in done.unreachable.items()
    ]
    if done.retired:
        lines.append(
            f"{done.retired:,} posts lost their text, since nobody could confirm them for as long as texts are kept"
        )
    lines += [f"words blanked in {path}" for path in done.files]
    return lines if lines or done.outcomes else ["no post is due for a look"]


def _look_again(study: Study, store: Store, name: str, ids: Sequence[str], conduct: Conduct) -> Outcome:
    run = begin(study, store, "collect refresh", {"source": name}, conduct)
    with Sites(study, run, study.pseudonyms(store), conduct) as sites:
        site = sites(name)
        look_again(run, site, list(site.source.recheck_tasks(ids)))  # type: ignore[attr-defined]
    return run.finish()


def _retire(store: Store, key: bytes, days: int) -> int:
    """Purge the texts that no look has confirmed for so many days."""
    before = _ago(timedelta(days=days))
    addresses = [
        f"{platform}:{native}"
        for platform in losing.unconfirmed_counts(store.connection, before)
        for native in losing.unconfirmed(store.connection, platform, before)
    ]
    if addresses:
        _take_out(store, key, ("collect refresh", {"retention_days": days}), addresses, at=now())
    return len(addresses)


def forget(study: Study, *, author: str | None = None, post: str | None = None) -> tuple[int, list[Path]]:
    """Take an author's posts, or one post, out of the study for good; no later import brings them back.

    An author is `u/name`, `@name`, `hn:name` or a pseudonym as exports show it; a post is an address, or a link to it.
    Returns how many stored posts were taken out, and the study's files in which words of theirs were blanked.

    Raises:
        GroundswellError: it is not clear who or what is meant.
    """
    with collecting(study, "collect forget"), study.store() as store:
        key = study.key(store)
        if author is not None:
            named = author_address(study, store, author)
            addresses = losing.posts_of_author(store.connection, named)
            hashes = [(suppression(key, named), "author")]
        else:
            named, addresses = None, [post_address(post or "")]
            hashes = []
        hashes += [(suppression(key, address), "post") for address in addresses]
        with store.write() as connection:
            losing.suppress(connection, hashes, now())
        what = {"what": "post" if author is None else "author"}
        taken = _take_out(store, key, ("collect forget", what), addresses, at=None)
        with store.write() as connection:
            losing.forget_traces(connection, addresses, named)
        return taken, scrub_files(study, store, key)


def author_address(study: Study, store: Store, author: str) -> str:
    """The address under which an author is stored.

    Raises:
        GroundswellError: it does not say where the author wrote.
        ConfigurationError: the key is missing or another one, or the study is a packet.
    """
    text = author.strip()
    for sign, platform in (("/u/", "reddit"), ("u/", "reddit"), ("@", "x")):
        if text.startswith(sign) and text.removeprefix(sign).strip():
            return f"{platform}:{study.pseudonyms(store).of(platform, text.removeprefix(sign))}"
    platform, mark, name = text.partition(":")
    if not mark or platform not in _STORED or not name.strip("@"):
        raise GroundswellError(
            f"{author}: it does not say where",
            hint="write u/name, @name, hn:name, or the pseudonym, such as reddit:~0123456789ab",
        )
    return f"{platform}:{study.pseudonyms(store).of(platform, name.removeprefix('u/').removeprefix('@'))}"


def post_address(post: str) -> str:
    """The address of a post, from its address or a link to it.

    Raises:
        GroundswellError: it is neither, or the link does not name one post.
    """
    platform, mark, native = post.partition(":")
    if mark and native and platform in _STORED and not native.startswith("//"):
        return post
    hint = "an address such as reddit:t1_abc, or a link to the post"
    try:
        target = parse_link(post)
    except LinkError as error:
        raise GroundswellError(f"{post}: {error}", hint=hint) from error
    if target.kind in ("share", "community"):
        raise GroundswellError(f"{post}: it does not name one post", hint=hint)
    return f"{target.platform}:{target.post or target.thread}"


def _take_out(
    store: Store, key: bytes, what: tuple[str, dict[str, Any]], addresses: Sequence[str], *, at: str | None
) -> int:
    """Leave a tombstone of each post; nothing that repeats its words stays. `what` is the run's command and parameters."""
    run = Run(store, *what, VERSION, now, key=key)
    with store.write() as connection:
        gone = losing.tombstones(connection, addresses, "purged", at, author_too=True)
        run.outcome.counts.add(run.save(connection, gone))
    run.finish()
    return len(gone)


def scrub_files(study: Study, store: Store, key: bytes) -> list[Path]:
    """Blank lost words in notes, in the study's own files and in older copies of its database; return the files changed.

    What a live post holds as its own words stays.
    """
    words = losing.lost_words(store.connection, key)
    if not words.hashes:
        return []
    with store.write() as connection:
        losing.blank_notes(connection, words)
    found = {
        path: (text, stretches)
        for path in _text_files(study.root)
        if (text := _text_of(path)) is not None and (stretches := words.stretches(text))
    }
    said = losing.still_said(
        store.connection, {stretch.words for _, stretches in found.values() for stretch in stretches}
    )
    changed = []
    for path, (before, stretches) in found.items():
        after = blank(before, stretches, said)
        if after != before:
            _replace(path, after)
            changed.append(path)
    gone = list(losing.once_deleted(store.connection))
    return changed + [path for path in sorted((study.root / "backups").glob("*.db")) if _scrub_copy(path, words, gone)]


def _text_files(root: Path) -> Iterator[Path]:
    for path in sorted(root.rglob("*")):
        is_hidden = any(part.startswith(".") for part in path.relative_to(root).parts)
        if path.suffix.lower() in _TEXT_FILES and not is_hidden and path.is_file() and not path.is_symlink():
            yield path


def _text_of(path: Path) -> str | None:
    """The text of a file; None where it is none, or too large to be one of ours."""
    if path.stat().st_size > _LARGEST_FILE:
        return None
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return None


def _replace(path: Path, text: str) -> None:
    """Put a text in a file's place in one step."""
    beside = path.with_name(f".{path.name}.new")
    beside.write_bytes(text.encode("utf-8"))
    beside.chmod(path.stat().st_mode)
    os.replace(beside, path)  # noqa: PTH105 - Path.replace does the same; this one says what happens to `path`


def _scrub_copy(path: Path, words: LostWords, gone: Sequence[tuple[str, str | None]]) -> bool:
    """Take deleted posts, and what quotes them, out of an older copy of the database.

    Raises:
        GroundswellError: it cannot be read or written.
    """
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA secure_delete = ON")
        before = connection.total_changes
        losing.blank_texts(connection, gone)
        losing.blank_lost_words(connection, words)
        changed = connection.total_changes > before
        if changed:
            drop_models_trained_on_lost(connection)
            empty_index(connection)
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.DatabaseError as error:
        raise GroundswellError(
            f"{path}: deleted words may still stand in this copy: {error}", hint="delete the copy if nobody needs it"
        ) from error
    finally:
        connection.close()
    return changed


def standing(study: Study, store: Store) -> dict[str, Any]:
    """How the study stands with what may have been deleted elsewhere.

    Returns:
        `goal_hours`; `due`: posts of each platform that nobody looked at within them; `unreachable`: those of them that
        nothing here can look at; `retention_days`; `stale`: exports and reports made before posts lost their texts.
    """
    due = losing.unconfirmed_counts(store.connection, _ago(timedelta(hours=GOAL_HOURS)))
    return {
        "goal_hours": GOAL_HOURS,
        "due": due,
        "unreachable": {name: posts for name, posts in due.items() if source_to_recheck(study, name) is None},
        "retention_days": study.file.retention_days,
        "stale": losing.stale_exports(store.connection),
    }


def _ago(by: timedelta) -> str:
    return iso(datetime.now(UTC) - by)
