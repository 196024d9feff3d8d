"""The connection to a study's database: opened once, closed always, every write begun with BEGIN IMMEDIATE."""

import sqlite3  # noqa: TID251 - this is the one home of SQL
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import sqlite_utils

from db.errors import Busy, ConfigurationError, GroundswellError
from db.schema import SCHEMA_VERSION, migrations

BUSY_TIMEOUT_MS = 10_000
_FULL = ("disk is full", "disk I/O error")


class Store:
    """An open study database.

    Use as a context manager. `connection` is for the functions of `db.queries`; nobody else writes SQL.

    Raises:
        ConfigurationError: the file is missing, is no database, or was written by a newer version.
        Busy: another process keeps it locked.
    """

    def __init__(self, path: Path, *, create: bool = False) -> None:
        self.path = path
        if not create:
            _refuse_missing(path)
        try:
            self.connection = sqlite3.connect(path, isolation_level=None, timeout=BUSY_TIMEOUT_MS / 1000)
        except sqlite3.OperationalError as error:
            raise ConfigurationError(f"{path}: cannot be opened: {error}", hint="check the folder's rights") from error
        try:
            self._prepare(create)
        except BaseException:
            self.connection.close()
            raise

    def _prepare(self, create: bool) -> None:
        self.connection.row_factory = sqlite3.Row
        with self._translated():
            found = int(self.connection.execute("PRAGMA user_version").fetchone()[0])
            if found > SCHEMA_VERSION:
                raise ConfigurationError(
                    f"{self.path}: written by a newer groundswell (schema {found}, this one knows {SCHEMA_VERSION})",
                    hint="upgrade groundswell; the file was left as it is",
                )
            self.connection.execute("PRAGMA foreign_keys = ON")
            self.connection.execute("PRAGMA secure_delete = ON")
            self.connection.execute("PRAGMA journal_mode = WAL")
            self.connection.execute("PRAGMA synchronous = NORMAL")
            self.connection.execute("PRAGMA cache_size = -65536")
            if create:
                self.migrate()
            elif found < SCHEMA_VERSION:
                raise ConfigurationError(
                    f"{self.path}: schema {found} is older than this groundswell ({SCHEMA_VERSION})",
                    hint="groundswell db migrate",
                )

    def migrate(self) -> list[str]:
        """Apply all pending migrations; return their names."""
        database = sqlite_utils.Database(self.connection)
        pending = [migration.name for migration in migrations.pending(database)]
        if pending:
            migrations.apply(database)
        return pending

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction that holds the write lock from its start: all of it is stored, or nothing."""
        with self._translated():
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise _as_ours(self.path, error) from error

    def close(self) -> None:
        """Scrub the file of deleted texts and close the connection; a second call does nothing."""
        try:
            self._scrub()
        finally:
            self.connection.close()

    def _scrub(self) -> None:
        """Rewrite the file if a text was taken away since it was last rewritten.

        `secure_delete` blanks a row where it stands, but not the copies that SQLite leaves behind when it moves rows
        between pages. Where the file cannot be rewritten now, the next one to close it does it.
        """
        with suppress(sqlite3.Error):
            lost = self.connection.execute("SELECT value FROM meta WHERE key = 'lost_texts'").fetchone()
            if lost is not None:
                self.connection.execute("PRAGMA busy_timeout = 0")
                self.connection.execute("VACUUM")
                self.connection.execute("DELETE FROM meta WHERE key = 'lost_texts' AND value = ?", (lost["value"],))
                self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def pending_migrations(path: Path) -> list[str]:
    """The names of the migrations that a database still lacks; changes nothing.

    Raises:
        ConfigurationError: the file is missing or is no database.
    """
    _refuse_missing(path)
    connection = sqlite3.connect(path)
    try:
        return [migration.name for migration in migrations.pending(sqlite_utils.Database(connection))]
    except sqlite3.DatabaseError as error:
        raise _as_ours(path, error) from error
    finally:
        connection.close()


def copy_database(path: Path, target: Path) -> None:
    """Copy a database whole, whoever else has it open."""
    source, copy = sqlite3.connect(path), sqlite3.connect(target)
    try:
        source.backup(copy)
    finally:
        copy.close()
        source.close()


def _refuse_missing(path: Path) -> None:
    if not path.is_file():
        raise ConfigurationError(f"{path}: there is no database here", hint="groundswell init DIR makes a study")


def _as_ours(path: Path, error: sqlite3.DatabaseError) -> Exception:
    text = str(error)
    if "locked" in text or "busy" in text:
        return Busy(f"{path}: another process is writing", hint="wait for it to end, then run the same command again")
    if "not a database" in text or "malformed" in text:
        return ConfigurationError(
            f"{path}: {text}", hint="groundswell db check tells more; backups/ holds people's work"
        )
    if any(sign in text for sign in _FULL):
        return GroundswellError(
            f"{path}: {text}; nothing of this step was kept", hint="free some space and run it again"
        )
    if "readonly" in text:
        return ConfigurationError(f"{path}: {text}", hint="check the rights of the study's folder")
    return error
