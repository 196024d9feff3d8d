"""Builds of the report: what each computed and from what, and the study as it stood when one was made.

What a report says never depends on how often it was built; that is told here and nowhere else.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from sqlite3 import Connection, Row  # noqa: TID251 - this is the one home of SQL
from typing import Any, NamedTuple

_TOLD = "digest_told"
_SHOWN = "(p.text IS NOT NULL OR p.title IS NOT NULL)"


@dataclass(frozen=True, slots=True)
class Build:
    """One build of the report.

    Attributes:
        number: counts the builds of this study.
        built_at: when, by the clock of the computer.
        definition: the text of findings.yaml then; None where there was none.
        content: what was built, as JSON without words of posts; None for a build that kept nothing.
    """

    number: int
    built_at: str
    report_sha256: str
    data_sha256: str
    codebook_revision: str
    definition: str | None
    content: str | None


class Figure(NamedTuple):
    """The share of a claim that gives one, with its limits."""

    share: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Moment:
    """Which part of a study stood at some time.

    Attributes:
        posts: until when posts and texts count, by the time at which they were stored and seen.
        codings: the number of the last coding event that counts.
        since: posts stored or changed after this time count with what was coded later too; None = none do.
        codings_since: the number of the last coding event that counts on those.
    """

    posts: str
    codings: int
    since: str | None = None
    codings_since: int = 0


def keep_content(connection: Connection, content: str, definition: str | None, figures: Mapping[str, Figure]) -> None:
    """Keep with the newest build what it said, what was asked, and the figures of its claims by id."""
    number = connection.execute("SELECT max(id) FROM reports").fetchone()[0]
    connection.execute("UPDATE reports SET content = ?, definition = ? WHERE id = ?", (content, definition, number))
    connection.executemany(
        "UPDATE findings SET share = ?, lower = ?, upper = ? WHERE report = ? AND claim = ?",
        [(*figure, number, claim) for claim, figure in sorted(figures.items())],
    )


def newest_builds(connection: Connection, most: int) -> list[Build]:
    """The last builds, the newest first."""
    rows = connection.execute(f"{_BUILD} ORDER BY id DESC LIMIT ?", (most,))
    return [_build(row) for row in rows]


def find_build(connection: Connection, number: int) -> Build | None:
    """The build of that number."""
    row = connection.execute(f"{_BUILD} WHERE id = ?", (number,)).fetchone()
    return None if row is None else _build(row)


def build_of_file(connection: Connection, sha256: str) -> Build | None:
    """The last build that gave a report.json of these bytes."""
    row = connection.execute(f"{_BUILD} WHERE report_sha256 = ? ORDER BY id DESC LIMIT 1", (sha256,)).fetchone()
    return None if row is None else _build(row)


def first_reached(connection: Connection, until: int) -> dict[str, int]:
    """For each claim of a build, the first build that gave it the verdict that it has there."""
    rows = connection.execute(
        """
        SELECT now.claim, min(f.report) AS first
          FROM findings now JOIN findings f ON f.claim = now.claim AND f.verdict = now.verdict AND f.report <= now.report
         WHERE now.report = ? GROUP BY now.claim
        """,
        (until,),
    )
    return {row["claim"]: row["first"] for row in rows}


def last_told(connection: Connection) -> tuple[int, frozenset[str]] | None:
    """The build that the last digest told of, and the names of what it said was failing; None before the first."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (_TOLD,)).fetchone()
    if row is None:
        return None
    told = json.loads(row["value"])
    return int(told["build"]), frozenset(told["failing"])


def note_told(connection: Connection, number: int, failing: Iterable[str]) -> None:
    """Note that everything up to that build was told, and that these were failing."""
    value = json.dumps({"build": number, "failing": sorted(failing)})
    connection.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (_TOLD, value))


def withdrawn(connection: Connection, after: str, until: str) -> dict[str, str]:
    """Public posts that lost their text in this time and show none again: what became of each, by address."""
    rows = connection.execute(
        f"""
        SELECT p.address, p.state FROM losses l JOIN posts p ON p.id = l.post
         WHERE p.private = 0 AND NOT {_SHOWN} AND p.stored_at <= ? AND l.lost_at > ? AND l.lost_at <= ? ORDER BY p.address
        """,  # noqa: S608 - only a constant is put in
        (after, after, until),
    )
    return {row["address"]: row["state"] for row in rows}


def edited(connection: Connection, after: str, until: str) -> int:
    """How many posts that were stored before this time show a text that was first seen in it."""
    row = connection.execute(
        f"SELECT count(*) FROM posts p JOIN observations o ON o.post = p.id"  # noqa: S608 - our own text is put in
        f" WHERE p.stored_at <= :after AND o.text_at <= :until AND {_CHANGED.format(after=':after')}",
        {"after": after, "until": until},
    ).fetchone()
    return int(row[0])


def recoded(connection: Connection, moment: Moment, until: int) -> int:
    """How many coding events came after a moment, up to that one, on posts that stood then and show the same text now."""
    row = connection.execute(
        f"""
        SELECT count(*) FROM coding_events e JOIN posts p ON p.id = e.post JOIN observations o ON o.post = p.id
         WHERE e.id > :codings AND e.id <= :until AND p.stored_at <= :posts AND {_SHOWN} AND NOT ({_CHANGED.format(after=":posts")})
        """,  # noqa: S608 - our own text is put in
        {"codings": moment.codings, "until": until, "posts": moment.posts},
    ).fetchone()
    return int(row[0])


def states_of_posts(connection: Connection) -> Iterator[tuple[str, str]]:
    """The address and state of every post."""
    for row in connection.execute("SELECT address, state FROM posts ORDER BY address"):
        yield row["address"], row["state"]


def threads_stored_after(connection: Connection, after: str, until: str) -> list[dict[str, Any]]:
    """The threads of which nothing was stored before: address, link, community and number of public posts."""
    rows = connection.execute(
        """
        SELECT t.address, coalesce(t.url, (SELECT r.url FROM public_posts r WHERE r.address = t.address)) AS url,
               coalesce(c.name, t.platform) AS community, count(*) AS posts
          FROM threads t JOIN public_posts p ON p.thread = t.id LEFT JOIN communities c ON c.id = t.community
         WHERE p.stored_at <= ? GROUP BY t.id HAVING min(p.stored_at) > ? ORDER BY t.address
        """,
        (until, after),
    )
    return [dict(row) for row in rows]


def mentions_in_threads(connection: Connection, after: str) -> dict[str, dict[str, int]]:
    """How many posts mention each code, in each thread of which nothing was stored before this time.

    A post mentions a code where anybody found it, unless a person says that it is not there.
    """
    rows = connection.execute(
        """
        SELECT t.address, c.code, count(DISTINCT c.post) AS posts
          FROM threads t JOIN public_posts p ON p.thread = t.id JOIN codings_current c ON c.post = p.address
         WHERE t.id NOT IN (SELECT thread FROM public_posts WHERE stored_at <= ?) AND c.value = 'present' AND c.text_unchanged
           AND NOT EXISTS (SELECT 1 FROM codings_current no WHERE no.post = c.post AND no.code = c.code
                              AND no.value = 'absent' AND no.coder_kind = 'person' AND no.text_unchanged)
         GROUP BY t.address, c.code ORDER BY t.address, c.code
        """,
        (after,),
    )
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row["address"], {})[row["code"]] = row["posts"]
    return found


def rewind(connection: Connection, moment: Moment) -> None:
    """Let this connection see, and no longer change, the study as it stood; posts without a text now stay without one.

    Views of this connection alone stand before the tables of the same names, so that every query reads what was there.
    What carries no time stays as it is now: who is a bot, which texts repeat each other, where a thread belongs.
    """
    connection.execute("CREATE TEMP TABLE as_of (posts TEXT, codings INTEGER, since TEXT, codings_since INTEGER)")
    connection.execute(
        "INSERT INTO as_of VALUES (?, ?, ?, ?)", (moment.posts, moment.codings, moment.since, moment.codings_since)
    )
    connection.execute(
        f"""
        CREATE TEMP TABLE fresh AS
        SELECT p.id FROM main.posts p JOIN main.observations o ON o.post = p.id, as_of
         WHERE p.stored_at > as_of.since OR {_CHANGED.format(after="as_of.since")}
        """  # noqa: S608 - our own text is put in
    )
    connection.execute("CREATE UNIQUE INDEX temp.fresh_id ON fresh (id)")
    for table, changed, condition in _REWOUND:
        columns = [row["name"] for row in connection.execute("SELECT name FROM main.pragma_table_info(?)", (table,))]
        listed = ", ".join(f'{changed[name]} AS "{name}"' if name in changed else f't."{name}"' for name in columns)
        connection.execute(f"CREATE TEMP VIEW {table} AS SELECT {listed} FROM main.{table} t, as_of WHERE {condition}")  # noqa: S608
    views = connection.execute("SELECT sql FROM main.sqlite_schema WHERE type = 'view'").fetchall()
    for view in views:
        connection.execute(str(view["sql"]).replace("CREATE VIEW", "CREATE TEMP VIEW", 1))
    connection.execute("PRAGMA query_only = ON")


_BUILD = (
    "SELECT id AS number, built_at, report_sha256, data_sha256, codebook_revision, definition, content FROM reports"
)

_CHANGED = (
    "o.text_at > {after} AND EXISTS (SELECT 1 FROM main.revisions r"
    " WHERE r.post = o.post AND (r.observed_at IS NULL OR r.observed_at <= {after}))"
)
"""Whether the text of a post came later, in the place of one that was seen before."""

_EVENT_COUNTS = "({id} <= as_of.codings OR ({id} <= as_of.codings_since AND t.post IN (SELECT id FROM temp.fresh)))"
_TEXT_THEN = """
CASE WHEN (SELECT o.text_at FROM main.observations o WHERE o.post = t.id) > as_of.posts THEN coalesce(
     (SELECT r.text_sha FROM main.revisions r WHERE r.post = t.id AND (r.observed_at IS NULL OR r.observed_at <= as_of.posts)
       ORDER BY r.observed_at DESC, r.text_sha LIMIT 1), t.text_sha)
     ELSE t.text_sha END
"""
_REWOUND: tuple[tuple[str, dict[str, str], str], ...] = (
    ("posts", {"text_sha": _TEXT_THEN}, "t.stored_at <= as_of.posts"),
    (
        "coding_events",
        {"undone_by": f"CASE WHEN {_EVENT_COUNTS.format(id='t.undone_by')} THEN t.undone_by END"},
        _EVENT_COUNTS.format(id="t.id"),
    ),
    ("samples", {}, "t.created_at <= as_of.posts"),
    ("sample_units", {}, "t.drawn_at <= as_of.posts"),
)
"""For each table that changes with time: how columns were then, and which rows there were."""


def _build(row: Row) -> Build:
    return Build(**dict(row))
