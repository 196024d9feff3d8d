"""What the pages of the review app show: posts in their threads, the state of the collection, recent work."""

from collections.abc import Sequence
from operator import itemgetter
from sqlite3 import Connection  # noqa: TID251 - this is the one home of SQL
from typing import Any

from db.queries.batches import chunks, marks

_AFTER_ALL = 2**62


def people(connection: Connection) -> list[str]:
    """The people who have coded anything, by name."""
    return [row["name"] for row in connection.execute("SELECT name FROM coders WHERE kind = 'person' ORDER BY name")]


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


def post(connection: Connection, address: str) -> dict[str, Any] | None:
    """A public post with its place; None if there is none.

    It has `id, address, platform, kind, community, thread, thread_title, parent, author, is_bot, created_at, edited_at,
    title, text, url, score, state, cut, revisions`.
    """
    row = connection.execute(
        """
        SELECT p.id, p.address, p.platform, p.kind, coalesce(c.name, p.platform) AS community, t.address AS thread,
               root.title AS thread_title, p.parent, a.address AS author, coalesce(a.is_bot, 0) AS is_bot, p.created_at,
               p.edited_at, p.title, p.text, p.url, p.score, p.state, p.cut,
               (SELECT count(*) FROM revisions r WHERE r.post = p.id) AS revisions
          FROM public_posts p
          JOIN threads t ON t.id = p.thread
          LEFT JOIN communities c ON c.id = t.community
          LEFT JOIN authors a ON a.id = p.author
          LEFT JOIN public_posts root ON root.address = t.address
         WHERE p.address = ?
        """,
        (address,),
    ).fetchone()
    return None if row is None else dict(row)


def thread(connection: Connection, address: str) -> dict[str, Any] | None:
    """A thread: `address, title, community, url, stored_count, declared_count, coverage, walked_at`; None if there is none."""
    row = connection.execute(
        """
        SELECT t.address, root.title, root.id AS root, coalesce(c.name, t.platform) AS community, t.url, t.stored_count,
               t.declared_count, t.coverage, t.walked_at
          FROM threads t
          LEFT JOIN communities c ON c.id = t.community
          LEFT JOIN public_posts root ON root.address = t.address
         WHERE t.address = ?
        """,
        (address,),
    ).fetchone()
    return None if row is None else dict(row)


def posts_of_thread(connection: Connection, thread_: str) -> list[tuple[int, str, str | None]]:
    """The public posts of a thread in order of time: id, address, and the address of what it answers."""
    rows = connection.execute(
        """
        SELECT p.id, p.address, p.parent FROM public_posts p
         WHERE p.thread = (SELECT id FROM threads WHERE address = ?)
         ORDER BY p.id
        """,
        (thread_,),
    )
    return [(row[0], row[1], row[2]) for row in rows]


def posts_by_id(connection: Connection, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Public posts with what a list of them shows, by id.

    Each has `id, address, kind, thread, thread_title, parent, author, is_bot, created_at, title, text, score, state`.
    """
    found: dict[int, dict[str, Any]] = {}
    for chunk in chunks(ids):
        rows = connection.execute(
            f"""
            SELECT p.id, p.address, p.kind, t.address AS thread, root.title AS thread_title, p.parent,
                   a.address AS author, coalesce(a.is_bot, 0) AS is_bot, p.created_at, p.title, p.text, p.score, p.state
              FROM public_posts p
              JOIN threads t ON t.id = p.thread
              LEFT JOIN authors a ON a.id = p.author
              LEFT JOIN public_posts root ON root.address = t.address
             WHERE p.id IN ({marks(chunk)})
            """,  # noqa: S608 - only question marks are put in
            chunk,
        )
        found |= {row["id"]: dict(row) for row in rows}
    return found


def codings_of_post(connection: Connection, address: str) -> list[dict[str, Any]]:
    """The codings of a post that stand, people's first, by code and coder."""
    rows = connection.execute(
        """
        SELECT id, code, value, stance, number, start, "end", coder, coder_kind, version, round, created_at, adjudicated,
               text_unchanged
          FROM codings_current WHERE post = ? AND private = 0
         ORDER BY coder_kind <> 'person', code, coder
        """,
        (address,),
    )
    return [dict(row) for row in rows]


def memos_about(connection: Connection, address: str) -> list[dict[str, Any]]:
    """The memos on a post or a thread, the oldest first: `text, created_at`."""
    rows = connection.execute("SELECT text, created_at FROM memos WHERE about = ? ORDER BY created_at, id", (address,))
    return [dict(row) for row in rows]


def addresses(connection: Connection) -> dict[str, int]:
    """The id of every public post, by address."""
    return {row["address"]: row["id"] for row in connection.execute("SELECT address, id FROM public_posts")}


def size(connection: Connection) -> tuple[int, int]:
    """How many posts there are, and the greatest id: another post changes one of them."""
    row = connection.execute("SELECT count(*), coalesce(max(id), 0) FROM posts").fetchone()
    return int(row[0]), int(row[1])


def posts_per_day(connection: Connection) -> list[tuple[str, str, int]]:
    """How many public posts were written on each day (UTC) in each community, or on a platform without any."""
    rows = connection.execute(
        """
        SELECT coalesce(c.name, t.platform) AS source, substr(p.created_at, 1, 10) AS day, count(*) AS posts
          FROM public_posts p
          JOIN threads t ON t.id = p.thread
          LEFT JOIN communities c ON c.id = t.community
         WHERE p.created_at IS NOT NULL
         GROUP BY source, day ORDER BY source, day
        """
    )
    return [(row["source"], row["day"], row["posts"]) for row in rows]


def read_per_day(connection: Connection) -> list[tuple[str, str, str, int]]:
    """How many posts each coder first decided on each day in each round: round, coder, day, posts."""
    rows = connection.execute(
        """
        SELECT round, coder, day, count(*) AS posts
          FROM (SELECT e.round, r.name AS coder, e.post, substr(min(e.created_at), 1, 10) AS day
                  FROM coding_events e JOIN coders r ON r.id = e.coder
                 WHERE e.round IS NOT NULL AND r.kind = 'person' AND e.undone_by IS NULL AND e.undo_of IS NULL
                   AND e.adjudicated = 0
                 GROUP BY e.round, e.coder, e.post)
         GROUP BY round, coder, day ORDER BY round, coder, day
        """
    )
    return [(row["round"], row["coder"], row["day"], row["posts"]) for row in rows]


def actions_of(connection: Connection, coder: str, limit: int, before: int | None = None) -> list[dict[str, Any]]:
    """The newest actions that wrote or took back a person's codings.

    An action is a batch, or a coding that bears none. Each has `id` (the batch, else the uid), `last` (the newest of its
    events that was met), `at`, `events` and `standing` (how many of these have not been taken back), the last one first.

    Args:
        connection: the study's database.
        coder: the person's name.
        limit: how many actions.
        before: only events before this one, to go on from there.
    """
    # Read from the end, so that the newest come at once however long the history is.
    rows = connection.execute(
        """
        SELECT id, coalesce(batch, uid) AS action FROM coding_events
         WHERE +coder = (SELECT id FROM coders WHERE name = ? AND kind = 'person') AND id < ?
         ORDER BY id DESC
        """,
        (coder, before or _AFTER_ALL),
    )
    last: dict[str, int] = {}
    for row in rows:
        if row["action"] not in last and len(last) == limit:
            break
        last.setdefault(row["action"], row["id"])
    found: dict[str, dict[str, Any]] = {}
    for chunk in chunks([*last]):
        counted = connection.execute(
            f"""
            SELECT coalesce(batch, uid) AS id, max(created_at) AS at, count(*) AS events,
                   sum(undone_by IS NULL) AS standing
              FROM coding_events WHERE batch IN ({marks(chunk)}) OR uid IN ({marks(chunk)})
             GROUP BY coalesce(batch, uid)
            """,  # noqa: S608 - only question marks are put in
            (*chunk, *chunk),
        )
        found |= {row["id"]: dict(row) for row in counted}
    return [{**found[action], "last": event} for action, event in last.items() if action in found]


def events_of_actions(connection: Connection, actions: Sequence[str]) -> list[dict[str, Any]]:
    """The events of actions: `id, action, post, address, title, code, value, stance, undoing, undone, coder, created_at`."""
    found = []
    for chunk in chunks(actions):
        for condition in ("e.batch", "e.batch IS NULL AND e.uid"):
            rows = connection.execute(
                f"""
                SELECT e.id, coalesce(e.batch, e.uid) AS action, e.post, p.address,
                       coalesce(p.title, substr(p.text, 1, 120)) AS title, e.code, e.value, e.stance,
                       e.undo_of IS NOT NULL AS undoing, e.undone_by IS NOT NULL AS undone, r.name AS coder, e.created_at
                  FROM coding_events e JOIN posts p ON p.id = e.post JOIN coders r ON r.id = e.coder
                 WHERE {condition} IN ({marks(chunk)})
                """,  # noqa: S608 - only the two conditions and question marks are put in
                chunk,
            )
            found += [dict(row) for row in rows]
    return sorted(found, key=itemgetter("id"))


def events_of_post(connection: Connection, address: str) -> list[dict[str, Any]]:
    """All that was ever coded of a public post, the newest first, with what was taken back."""
    rows = connection.execute(
        """
        SELECT coalesce(e.batch, e.uid) AS action, e.code, e.value, e.stance, e.number, r.name AS coder,
               r.kind AS coder_kind, e.version, e.round, e.reason, e.adjudicated, e.suggestion_shown, e.created_at,
               e.undo_of IS NOT NULL AS undoing, e.undone_by IS NOT NULL AS undone
          FROM coding_events e
          JOIN public_posts p ON p.id = e.post
          JOIN coders r ON r.id = e.coder
         WHERE p.address = ?
         ORDER BY e.created_at DESC, e.id DESC
        """,
        (address,),
    )
    return [dict(row) for row in rows]
