"""What the pages of the review app show: posts in their threads, the state of the collection, recent work."""

from sqlite3 import Connection  # noqa: TID251 - this is the one home of SQL


def people(connection: Connection) -> list[str]:
    """The people who have coded anything, by name."""
    return [row["name"] for row in connection.execute("SELECT name FROM coders WHERE kind = 'person' ORDER BY name")]


def last_event(connection: Connection) -> int:
    """The number of the newest coding event; 0 where there is none."""
    return int(connection.execute("SELECT coalesce(max(id), 0) FROM coding_events").fetchone()[0])


def coded_since(connection: Connection, event: int) -> tuple[int, int, tuple[str, ...]]:
    """What people coded after an event: codings that stand, their posts, and who made them."""
    rows = connection.execute(
        """
        SELECT r.name, e.post FROM coding_events e JOIN coders r ON r.id = e.coder
         WHERE e.id > ? AND r.kind = 'person' AND e.undone_by IS NULL AND e.undo_of IS NULL
        """,
        (event,),
    ).fetchall()
    return len(rows), len({row["post"] for row in rows}), tuple(sorted({row["name"] for row in rows}))
