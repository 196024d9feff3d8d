"""What people decided, as rows that go into a backup and come back from one."""

from collections.abc import Iterator
from sqlite3 import (  # noqa: TID251 - this is the one home of SQL
    Connection,
    IntegrityError,
    InterfaceError,
    ProgrammingError,
)
from typing import Any

from db.queries.batches import marks
from db.queries.codings import coder_id

TABLES = {
    "memo": ("memos", "created_at, about, text"),
    "revision": ("codebook_revisions", "created_at, revision"),
    "change": ("code_changes", "id"),
    "sample": ("samples", "created_at, id"),
    "unit": ("sample_units", "sample, place, unit"),
    "round": ("rounds", "started_at, id"),
    "suppression": ("suppressions", "since, hash"),
    "lead": ("leads", "created_at, uid"),
    "judgement": ("lead_judgements", "created_at, uid"),
    "quote": ("quotes", "made_at, uid"),
}
"""The tables that a backup holds: what a row is called, its table and its order. A row goes after those it points to."""

POINTING = frozenset({"judgement", "quote"})
"""The tables whose rows point to a post, and to a coder: a backup names the post by its address and the coder by name."""


class NotThereError(LookupError):
    """Raised when a row points to a post that the study does not hold, or of which it shows no text."""


def rows_of(connection: Connection, kind: str) -> Iterator[dict[str, Any]]:
    """The rows of a table, without a number that only this database gave them."""
    table, order = TABLES[kind]
    numbered = _is_numbered(connection, table)
    for row in connection.execute(f"SELECT * FROM {table} ORDER BY {order}"):  # noqa: S608 - our own names
        found = {name: row[name] for name in row.keys() if not (numbered and name == "id")}  # noqa: SIM118 - a Row iterates its values
        yield _named(connection, found) if kind in POINTING else found


def _named(connection: Connection, row: dict[str, Any]) -> dict[str, Any]:
    """A row that says by address and name what it points to."""
    post = connection.execute("SELECT address FROM posts WHERE id = ?", (row["post"],)).fetchone()
    named = {**row, "post": None if post is None else post["address"]}
    if "coder" in row:
        named["coder"] = connection.execute("SELECT name FROM coders WHERE id = ?", (row["coder"],)).fetchone()["name"]
    return named


def _numbered(connection: Connection, kind: str, row: dict[str, Any]) -> dict[str, Any]:
    """A row that points by the numbers of this database to what its address and name say.

    Raises:
        NotThereError: the post is not here, or shows no text.
        ValueError: it names no post or no coder in words.
    """
    found = dict(row)
    if row.get("post") is not None:
        if not isinstance(row["post"], str):
            raise ValueError(f"a {kind} that cannot be: its post is no address")
        post = connection.execute(
            "SELECT id FROM posts WHERE address = ? AND (text IS NOT NULL OR title IS NOT NULL)", (row["post"],)
        ).fetchone()
        if post is None:
            raise NotThereError(row["post"])
        found["post"] = post["id"]
    if "coder" in row:
        if not isinstance(row["coder"], str):
            raise ValueError(f"a {kind} that cannot be: its coder has no name")
        found["coder"] = coder_id(connection, row["coder"], "person")
    return found


def put_row(connection: Connection, kind: str, row: dict[str, Any]) -> int:
    """Store a row that `rows_of` gave; one that is there already stays as it is. Return how many were stored, 0 or 1.

    Raises:
        NotThereError: it points to a post that is not here, or shows no text.
        ValueError: it is no row of that table.
    """
    table = TABLES[kind][0]
    columns = _columns(connection, table)
    unknown = sorted(row.keys() - columns)
    if unknown:
        raise ValueError(f"a {kind} has no {unknown[0]!r}")
    if kind in POINTING:
        row = _numbered(connection, kind, row)
    names = ", ".join(f'"{name}"' for name in row)
    query = f"INSERT INTO {table} ({names}) VALUES ({marks(tuple(row))}) ON CONFLICT DO NOTHING"  # noqa: S608 - columns of the table
    try:
        if _is_numbered(connection, table) and _is_there(connection, table, row):
            return 0
        return connection.execute(query, tuple(row.values())).rowcount
    except (IntegrityError, InterfaceError, ProgrammingError) as error:
        raise ValueError(f"a {kind} that cannot be: {error}") from error


def _columns(connection: Connection, table: str) -> set[str]:
    return {row["name"] for row in connection.execute("SELECT name FROM pragma_table_info(?)", (table,))}


def _is_numbered(connection: Connection, table: str) -> bool:
    query = "SELECT 1 FROM pragma_table_info(?) WHERE name = 'id' AND type = 'INTEGER'"
    return connection.execute(query, (table,)).fetchone() is not None


def _is_there(connection: Connection, table: str, row: dict[str, Any]) -> bool:
    same = " AND ".join(f'"{name}" IS ?' for name in row)
    query = f"SELECT 1 FROM {table} WHERE {same} LIMIT 1"  # noqa: S608 - columns of the table
    return connection.execute(query, tuple(row.values())).fetchone() is not None


def dropped_quotes(connection: Connection) -> frozenset[str]:
    """The uids of quotations that may no longer be shown, whose names and notes therefore went."""
    return frozenset(row["uid"] for row in connection.execute("SELECT uid FROM quotes WHERE dropped_at IS NOT NULL"))
