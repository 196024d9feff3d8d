"""What the review app asks of the store: the posts of a sample, a post in its thread, and what its coder said of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from sqlite3 import Connection  # noqa: TID251 - this is the one home of SQL

from db.queries.batches import chunks, marks
from db.queries.codings import PersonCoding
from db.queries.samples import AUTHOR

_BY_POST = "SELECT p.id FROM sample_units u JOIN posts p ON p.address = u.unit WHERE u.sample = ?"
_BY_AUTHOR = """
SELECT p.id FROM sample_units u JOIN authors a ON a.address = u.unit JOIN posts p ON p.author = a.id WHERE u.sample = ?
"""
_BY_NOBODY = """
SELECT p.id FROM posts p JOIN threads t ON t.id = p.thread
  JOIN sample_units u ON u.sample = ? AND u.unit = p.platform || ':[unnamed]/' || t.native_id
 WHERE p.author IS NULL
"""
"""Posts that nobody is named for are drawn as one voice a thread, as `db.queries.samples` has it."""


@dataclass(frozen=True, slots=True)
class ShownPost:
    """A post as it stands on the screen.

    Attributes:
        thread: the id of its thread.
        root: the id of the thread's first post; None if that is not stored.
        thread_title: its title.
        author: the pseudonym's address; None where nobody is named.
        community: its name, or the platform where there is none.
    """

    id: int
    address: str
    thread: int
    root: int | None
    thread_title: str | None
    parent: str | None
    kind: str
    author: str | None
    community: str
    created_at: str | None
    title: str | None
    text: str | None
    text_sha: str | None
    url: str | None
    score: int | None
    state: str
    private: bool


@dataclass(frozen=True, slots=True)
class OwnCoding:
    """A standing coding of one coder on one post.

    Attributes:
        current_text: whether the text is still the one that was coded.
    """

    code: str
    value: str
    stance: str | None
    number: float | None
    start: int | None
    end: int | None
    round: str | None
    batch: str | None
    created_at: str
    current_text: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """What a machine holds of a post.

    Attributes:
        score: of a model, 0 to 1; None for a hit.
        start, end: where a hit stands; None for the whole post.
    """

    code: str
    coder: str
    stance: str | None
    score: float | None
    start: int | None
    end: int | None


_POST = """
SELECT p.id, p.address, p.thread, root.id AS root, root.title AS thread_title, p.parent, p.kind, a.address AS author,
       coalesce(c.name, p.platform) AS community, p.created_at, p.title, p.text, p.text_sha, p.url, p.score, p.state,
       p.private
  FROM posts p
  JOIN threads t ON t.id = p.thread
  LEFT JOIN posts root ON root.address = t.address
  LEFT JOIN communities c ON c.id = t.community
  LEFT JOIN authors a ON a.id = p.author
"""


def sample_size(connection: Connection, sample: str) -> int:
    """How many units a sample has."""
    return int(connection.execute("SELECT count(*) FROM sample_units WHERE sample = ?", (sample,)).fetchone()[0])


def posts_of_sample(connection: Connection, sample: str) -> frozenset[int]:
    """The ids of all posts of a sample's units, whether or not they still have a voice."""
    unit = connection.execute("SELECT unit FROM samples WHERE id = ?", (sample,)).fetchone()[0]
    queries = (_BY_AUTHOR, _BY_NOBODY) if unit == AUTHOR else (_BY_POST,)
    return frozenset(row["id"] for query in queries for row in connection.execute(query, (sample,)))


def post(connection: Connection, number: int) -> ShownPost | None:
    """A post by its id."""
    return next(_posts(connection, "WHERE p.id = ?", (number,)), None)


def post_id(connection: Connection, address: str) -> int | None:
    """The id of a post by its address."""
    row = connection.execute("SELECT id FROM posts WHERE address = ?", (address,)).fetchone()
    return None if row is None else int(row["id"])


def parents(connection: Connection, address: str | None, most: int) -> list[ShownPost]:
    """The post of an address and those above it, the topmost first; of a longer chain the nearest ones."""
    found: list[ShownPost] = []
    while address is not None and len(found) < most:
        above = next(_posts(connection, "WHERE p.address = ? AND p.private = 0", (address,)), None)
        if above is None or above in found:
            break
        found.insert(0, above)
        address = above.parent
    return found


def reply_ids(connection: Connection, address: str) -> list[int]:
    """The ids of the posts that answer one, the oldest first."""
    rows = connection.execute(
        "SELECT id FROM posts WHERE parent = ? AND private = 0 ORDER BY created_at, address", (address,)
    )
    return [row["id"] for row in rows]


def thread_outline(connection: Connection, thread: int) -> list[tuple[int, str, str | None]]:
    """The id, address and parent of all public posts of a thread, the oldest first."""
    rows = connection.execute(
        "SELECT id, address, parent FROM public_posts WHERE thread = ? ORDER BY created_at, address", (thread,)
    )
    return [(row["id"], row["address"], row["parent"]) for row in rows]


def posts(connection: Connection, numbers: Sequence[int]) -> dict[int, ShownPost]:
    """Posts by id."""
    found: dict[int, ShownPost] = {}
    for chunk in chunks(numbers):
        found |= {one.id: one for one in _posts(connection, f"WHERE p.id IN ({marks(chunk)})", tuple(chunk))}
    return found


def _posts(connection: Connection, where: str, values: Sequence[object]) -> Iterator[ShownPost]:
    for row in connection.execute(f"{_POST} {where}", values):
        yield ShownPost(*(*tuple(row)[:-1], bool(row["private"])))


def person(connection: Connection, name: str) -> int | None:
    """The id of a person who codes; None for somebody who never did."""
    row = connection.execute("SELECT id FROM coders WHERE name = ? AND kind = 'person'", (name,)).fetchone()
    return None if row is None else int(row["id"])


_OWN = "e.coder = ? AND e.undone_by IS NULL AND e.undo_of IS NULL AND e.adjudicated = 0"


def own_codings(connection: Connection, coder: int, number: int) -> list[OwnCoding]:
    """What a coder said of a post and did not take back, in the order in which it was said."""
    rows = connection.execute(
        f"""
        SELECT e.code, e.value, e.stance, e.number, e.start, e."end", e.round, e.batch, e.created_at,
               e.text_sha IS p.text_sha AS current_text
          FROM coding_events e JOIN posts p ON p.id = e.post
         WHERE {_OWN} AND e.post = ? ORDER BY e.created_at, e.uid
        """,  # noqa: S608 - only a constant is put in
        (coder, number),
    )
    return [OwnCoding(*(*tuple(row)[:-1], bool(row["current_text"]))) for row in rows]


def last_said(connection: Connection, coder: int, number: int) -> tuple[int, str | None]:
    """The id of the last event of a coder on a post, 0 without any, and the latest time that any of them bears."""
    row = connection.execute(
        "SELECT coalesce(max(id), 0), max(created_at) FROM coding_events WHERE coder = ? AND post = ?", (coder, number)
    ).fetchone()
    return int(row[0]), row[1]


def said_by(
    connection: Connection, coder: str, numbers: Sequence[int], round_: str | None = None, *, unaided: bool = False
) -> Iterator[PersonCoding]:
    """What a person last said of each code on some posts: for a final layer.

    `round_` leaves only what was said in a round, `unaided` what was said with no suggestion shown.
    """
    who = person(connection, coder)
    if who is None:
        return
    for chunk in chunks(numbers):
        rows = connection.execute(
            f"""
            SELECT e.post, e.code, e.value, e.stance, e.created_at, e.codebook_revision,
                   e.text_sha IS p.text_sha AS current_text
              FROM coding_events e JOIN posts p ON p.id = e.post
             WHERE {_OWN} AND e.post IN ({marks(chunk)}) AND (? IS NULL OR e.round = ?)
               AND NOT (? AND e.suggestion_shown) ORDER BY e.created_at, e.uid
            """,  # noqa: S608 - only a constant and question marks are put in
            (who, *chunk, round_, round_, unaided),
        )
        latest = {(row["post"], row["code"]): row for row in rows}
        for row in latest.values():
            yield PersonCoding(
                row["post"], row["code"], coder, row["value"], row["stance"], row["created_at"],
                row["codebook_revision"], bool(row["current_text"]),
            )  # fmt: skip


def read_by_people(connection: Connection) -> frozenset[int]:
    """The posts of which any person said anything that stands."""
    rows = connection.execute(
        """
        SELECT DISTINCT e.post FROM coding_events e
         WHERE e.coder IN (SELECT id FROM coders WHERE kind = 'person') AND e.undone_by IS NULL AND e.undo_of IS NULL
        """
    )
    return frozenset(row["post"] for row in rows)


def is_read(connection: Connection, number: int) -> bool:
    """Whether any person said anything of a post that stands."""
    row = connection.execute(
        """
        SELECT 1 FROM coding_events e JOIN coders r ON r.id = e.coder
         WHERE e.post = ? AND r.kind = 'person' AND e.undone_by IS NULL AND e.undo_of IS NULL LIMIT 1
        """,
        (number,),
    ).fetchone()
    return row is not None


def hits_of(connection: Connection, code: str) -> frozenset[int]:
    """The posts in which a machine finds a code, in the text as it stands now."""
    rows = connection.execute(
        """
        SELECT DISTINCT e.post FROM coding_events e JOIN public_posts p ON p.id = e.post
         WHERE e.coder IN (SELECT id FROM coders WHERE kind <> 'person') AND e.code = ? AND e.value = 'present'
           AND e.undone_by IS NULL AND e.undo_of IS NULL AND e.text_sha IS p.text_sha
        """,
        (code,),
    )
    return frozenset(row["post"] for row in rows)


def rule_hits(connection: Connection, numbers: Sequence[int]) -> Iterator[tuple[int, str]]:
    """Post and code of what rules find in some posts, in their texts as they stand now."""
    for chunk in chunks(numbers):
        rows = connection.execute(
            f"""
            SELECT DISTINCT e.post, e.code FROM coding_events e JOIN posts p ON p.id = e.post
             WHERE e.post IN ({marks(chunk)}) AND e.coder IN (SELECT id FROM coders WHERE kind = 'rules')
               AND e.value = 'present' AND e.undone_by IS NULL AND e.undo_of IS NULL AND e.text_sha IS p.text_sha
            """,  # noqa: S608 - only question marks are put in
            tuple(chunk),
        )
        yield from ((row["post"], row["code"]) for row in rows)


def findings_on(connection: Connection, number: int) -> list[Finding]:
    """What machines hold of a post: hits in the text as it stands now, and what the newest model of each code gives."""
    hits = connection.execute(
        """
        SELECT e.code, r.name AS coder, e.stance, NULL AS score, e.start, e."end"
          FROM coding_events e JOIN coders r ON r.id = e.coder JOIN posts p ON p.id = e.post
         WHERE e.post = ? AND r.kind <> 'person' AND e.value = 'present' AND e.undone_by IS NULL AND e.undo_of IS NULL
           AND e.text_sha IS p.text_sha
         ORDER BY e.code, e.start, r.name
        """,
        (number,),
    ).fetchall()
    scores = connection.execute(
        """
        SELECT m.code, 'model' AS coder, NULL AS stance, s.score, NULL AS start, NULL AS "end"
          FROM models m JOIN model_scores s ON s.model = m.id AND s.post = ?
         WHERE NOT EXISTS (SELECT 1 FROM models later WHERE later.code = m.code
                            AND (later.trained_at, later.id) > (m.trained_at, m.id))
         ORDER BY m.code
        """,
        (number,),
    ).fetchall()
    return [Finding(*tuple(row)) for row in (*hits, *scores)]


def written_as(connection: Connection, batch: str) -> tuple[int, int] | None:
    """The post and the coder of what an action wrote; None if it wrote nothing."""
    row = connection.execute("SELECT post, coder FROM coding_events WHERE batch = ? LIMIT 1", (batch,)).fetchone()
    return None if row is None else (int(row["post"]), int(row["coder"]))


def said_in(connection: Connection, batch: str) -> frozenset[tuple[object, ...]]:
    """What an action says: code, value, stance, number, start and end of each of its codings."""
    rows = connection.execute(
        'SELECT code, value, stance, number, start, "end" FROM coding_events WHERE batch = ? AND undo_of IS NULL',
        (batch,),
    )
    return frozenset(tuple(row) for row in rows)


def last_decision(connection: Connection, coder: int) -> tuple[str, int] | None:
    """The action of a coder's last timed decision that stands, and its post."""
    row = connection.execute(
        """
        SELECT batch, post FROM coding_events
         WHERE coder = ? AND took_ms IS NOT NULL AND batch IS NOT NULL AND undone_by IS NULL AND undo_of IS NULL
         ORDER BY id DESC LIMIT 1
        """,
        (coder,),
    ).fetchone()
    return None if row is None else (str(row["batch"]), int(row["post"]))


def rounds_of(connection: Connection, batch: str) -> list[str]:
    """The rounds that the codings of an action belong to."""
    rows = connection.execute(
        "SELECT DISTINCT round FROM coding_events WHERE batch = ? AND round IS NOT NULL ORDER BY round", (batch,)
    )
    return [row["round"] for row in rows]


def standing_in(connection: Connection, batch: str) -> list[int]:
    """The ids of the codings of an action that were not taken back."""
    rows = connection.execute(
        "SELECT id FROM coding_events WHERE batch = ? AND undone_by IS NULL AND undo_of IS NULL ORDER BY id", (batch,)
    )
    return [row["id"] for row in rows]


def paces(connection: Connection, coder: int, most: int) -> list[int]:
    """How many milliseconds each of a coder's last decisions took, the last one first."""
    rows = connection.execute(
        """
        SELECT batch, took_ms FROM coding_events
         WHERE coder = ? AND took_ms IS NOT NULL AND batch NOT LIKE 'review-draft-%' AND undo_of IS NULL ORDER BY id DESC
        """,
        (coder,),
    )
    found: dict[str, int] = {}
    for row in rows:
        found.setdefault(row["batch"], row["took_ms"])
        if len(found) == most:
            break
    return list(found.values())


def last_run(connection: Connection) -> tuple[int, str | None]:
    """The last run, and when the last one that is over ended: what tells whether posts may have changed."""
    row = connection.execute("SELECT coalesce(max(id), 0), max(finished_at) FROM runs").fetchone()
    return int(row[0]), row[1]


def has_revision(connection: Connection, revision: str) -> bool:
    """Whether a revision of the codebook is kept."""
    row = connection.execute("SELECT 1 FROM codebook_revisions WHERE revision = ?", (revision,)).fetchone()
    return row is not None


def revisions_named(connection: Connection, names: Sequence[str]) -> dict[str, str]:
    """The content of some revisions of the codebook."""
    found: dict[str, str] = {}
    for chunk in chunks(names):
        query = f"SELECT revision, content FROM codebook_revisions WHERE revision IN ({marks(chunk)})"  # noqa: S608
        found |= {row["revision"]: row["content"] for row in connection.execute(query, tuple(chunk))}
    return found


def memos_of(connection: Connection, about: str, origin: str) -> list[str]:
    """What one person noted about an address, the oldest first."""
    rows = connection.execute("SELECT text FROM memos WHERE about = ? AND origin = ? ORDER BY id", (about, origin))
    return [row["text"] for row in rows]


def modelled_codes(connection: Connection) -> list[str]:
    """The codes that a model was trained for."""
    return [row["code"] for row in connection.execute("SELECT DISTINCT code FROM models ORDER BY code")]


def coded_by(connection: Connection, coder: str) -> list[int]:
    """The posts of which a person said anything that stands, in the order in which they were first coded."""
    who = person(connection, coder)
    rows = connection.execute(
        f"SELECT e.post FROM coding_events e WHERE {_OWN} GROUP BY e.post ORDER BY min(e.id)",  # noqa: S608 - a constant
        (who,),
    )
    return [row["post"] for row in rows]


def touched_since(connection: Connection, event: int, most: int) -> list[int]:
    """The posts of at most so many events that came after one, each once."""
    rows = connection.execute("SELECT post FROM coding_events WHERE id > ? ORDER BY id LIMIT ?", (event, most))
    return list(dict.fromkeys(row["post"] for row in rows))


def earlier_text(connection: Connection, number: int, sha: str) -> tuple[str | None, str | None] | None:
    """Title and text of an earlier version of a post, by the beginning of its hash; None if it is not kept."""
    row = connection.execute(
        "SELECT title, text FROM revisions WHERE post = ? AND substr(text_sha, 1, ?) = ?", (number, len(sha), sha)
    ).fetchone()
    return None if row is None else (row["title"], row["text"])


def last_findings(connection: Connection) -> dict[str, tuple[str, str]]:
    """Verdict and basis of each claim in the last report that was built."""
    rows = connection.execute(
        "SELECT claim, verdict, basis FROM findings WHERE report = (SELECT max(id) FROM reports) ORDER BY claim"
    )
    return {row["claim"]: (row["verdict"], row["basis"]) for row in rows}
