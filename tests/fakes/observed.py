"""Observations of invented posts, and what a database makes of them."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from db.merge import Merged, merge
from db.queries.codings import Event
from db.queries.posts import exported_posts, save_observations
from db.queries.threads import settle_threads
from db.records import Author, Counts, Observation
from db.store import Store

FIRST, SECOND, THIRD = "2026-02-01T00:00:00Z", "2026-02-02T00:00:00Z", "2026-02-03T00:00:00Z"
MIRA = Author("reddit:~00000000a1b2")
OTTO = Author("reddit:~00000000c3d4")
BOT = Author("reddit:~00000000e5f6", is_bot=True)
GONE = Author("reddit:[deleted]/t3_root", is_gone=True)

ROOT = Observation(
    platform="reddit",
    native_id="t3_root",
    thread="t3_root",
    parent=None,
    kind="post",
    author=MIRA,
    community="r/learnml",
    created_at="2026-01-03T10:00:00Z",
    edited_at=None,
    title="Which title fits?",
    text="My job has three names.",
    url="https://www.reddit.com/comments/root/",
    thread_url="https://www.reddit.com/comments/root/",
    score=12,
    state="live",
    observed_at=FIRST,
    declared_count=2,
)
REPLY = replace(
    ROOT, native_id="t1_reply", parent="t3_root", kind="comment", author=OTTO, created_at="2026-01-03T11:00:00Z",
    title=None, text="Mine has four.", url="https://www.reddit.com/comments/root/_/reply/", declared_count=None,
)  # fmt: skip
ANSWER = replace(REPLY, native_id="t1_answer", parent="t1_reply", created_at="2026-01-03T12:00:00Z", text="Five here.")
NOTE = replace(
    ROOT, platform="note", native_id="n1", thread="n1", author=None, community=None, url=None, thread_url=None,
    title=None, text="They told me at lunch.", private=True, declared_count=None,
)  # fmt: skip
DELETED: dict[str, Any] = {"state": "deleted_by_author", "title": None, "text": None, "author": GONE}
"""What a source shows of a post whose author deleted it."""


def gone(post: Observation, at: str | None = SECOND, state: str = "deleted_by_author") -> Observation:
    """The post as it looks after its text was taken away."""
    return replace(post, **DELETED | {"state": state, "observed_at": at})


def folded(observations: Iterable[Observation], post: Observation) -> Merged:
    """All observations of a post, merged one after the other."""
    merged = Merged(post.address, post.platform, post.native_id)
    for seen in observations:
        merge(merged, seen)
    return merged


def save(store: Store, *observations: Observation, settle: bool = True) -> Counts:
    """Store observations as one batch of a run."""
    with store.write() as connection:
        counts = save_observations(connection, observations)
        if settle:
            settle_threads(connection)
    return counts


def rows(store: Store, query: str, *values: Any) -> list[dict[str, Any]]:
    """What a query finds."""
    return [dict(row) for row in store.connection.execute(query, values)]


def exported(store: Store, address: str) -> dict[str, Any]:
    """One post as `export posts` shows it."""
    return next(row for row in exported_posts(store.connection) if row["address"] == address)


def facts(store: Store) -> dict[str, list[dict[str, Any]]]:
    """All that must not depend on the order of arrival: posts, revisions, threads, who is a bot."""
    return {
        "quoting": rows(store, "SELECT address, quoted, cut FROM posts ORDER BY address"),
        "posts": [*exported_posts(store.connection), *exported_posts(store.connection, private=True)],
        "revisions": rows(
            store,
            "SELECT p.address, r.text_sha, r.title, r.text, r.observed_at"
            " FROM revisions r JOIN posts p ON p.id = r.post ORDER BY p.address, r.text_sha",
        ),
        "threads": rows(
            store,
            "SELECT t.address, t.url, c.name, t.crosspost_of, t.declared_count, t.stored_count, t.coverage"
            " FROM threads t LEFT JOIN communities c ON c.id = t.community ORDER BY t.address",
        ),
        "bots": rows(store, "SELECT address FROM authors WHERE is_bot = 1 ORDER BY address"),
    }


def dump(store: Store) -> list[str]:
    """The database as SQL, without the records of runs."""
    lines = store.connection.iterdump()
    return [line for line in lines if not line.startswith(('INSERT INTO "runs"', 'INSERT INTO "requests"'))]


def post_id(store: Store, post: Observation) -> int:
    """The internal id of a stored post."""
    found = store.connection.execute("SELECT id FROM posts WHERE address = ?", (post.address,)).fetchone()
    return int(found["id"])


def coding(uid: str, post: int, coder: int, **said: Any) -> Event:
    """A coding event that says `present` of the whole post unless told otherwise."""
    usual = {
        "code": "confusion", "value": "present", "stance": None, "number": None, "start": None, "end": None,
        "text_sha": None, "version": None, "codebook_revision": None, "round": None,
        "created_at": "2026-03-02T09:00:00Z",
    }  # fmt: skip
    return Event(uid=uid, post=post, coder=coder, **usual | said)
