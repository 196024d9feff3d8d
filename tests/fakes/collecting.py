"""Collecting in tests: a clock that never waits, sources before their stand-ins, files imported into a store."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from fakes.arctic import ArcticShift
from fakes.server import FakeServer
from fakes.world import World

from collector.importing import ImportOptions, import_files
from collector.pace import Pace
from collector.people import Pseudonyms
from collector.reading import Reading
from collector.reddit_items import observations
from collector.reddit_session import Credentials, RedditSession
from collector.run import Outcome, Progress, Run, walk_thread
from collector.session import Session
from collector.source import site_source
from db.records import Observation, Unreadable
from db.store import Store

PEOPLE = Pseudonyms(b"a key that only tests know")
READING = Reading(PEOPLE)
SEEN = "2026-02-01T00:00:00Z"
THREAD = "t3_1abc"


@dataclass(slots=True)
class Clock:
    """A clock that is moved by waiting for it, and by `tick` seconds a look."""

    seconds: float = 1000.0
    tick: float = 0.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        self.seconds += self.tick
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 3))
        self.seconds += seconds

    def pace(self, seconds_between: float = 0.0) -> Pace:
        return Pace(seconds_between, now=self.now, sleep=self.sleep)


def wall_clock() -> str:
    """The moment at which all tests collect."""
    return SEEN


def client() -> httpx.Client:
    """A client without the certificates of the world, which take longer to load than most tests."""
    return httpx.Client(timeout=5, verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))


def arctic_session(url: str, pace: Pace) -> Session:
    return Session("arctic_shift", url, client(), pace, wall_clock)


def reddit_session(url: str, pace: Pace, *, secret: str = "secret", oauth_url: str | None = None) -> RedditSession:  # noqa: S107
    """A session with the credentials that the stand-in accepts, unless told otherwise."""
    credentials = Credentials("id", secret, "test:groundswell:0 (by /u/x)")
    return RedditSession(credentials, pace, wall_clock, oauth_url=oauth_url or url, reddit_url=url, client=client())


OPEN_SESSION: dict[str, Callable[[str, Pace], Any]] = {"arctic_shift": arctic_session, "reddit_api": reddit_session}


@dataclass(slots=True)
class Site:
    """A site source before a stand-in, and the store into which it walks.

    Attributes:
        page: the path under which the stand-in is asked for the thread's first page of replies.
        readings: how often `walk` reads a clock for `observed_at`.
    """

    name: str
    server: FakeServer
    world: World
    archive: ArcticShift
    store: Store
    clock: Clock = field(default_factory=Clock)
    told: list[Progress] = field(default_factory=list)

    @property
    def page(self) -> str:
        return "/api/comments/tree" if self.name == "arctic_shift" else f"/comments/{THREAD[3:]}"

    def walk(self, thread: str = THREAD, *, store: Store | None = None, stop_after: int | None = None) -> Outcome:
        """Walk a thread in a run and a session of its own; `stop_after` so many commits ask it to end."""
        asked = iter(range(10**6))
        run = Run(
            store or self.store, "collect url", {}, "0", wall_clock, self.told.append,
            lambda: stop_after is not None and next(asked) >= stop_after,
        )  # fmt: skip
        session = OPEN_SESSION[self.name](self.server.url, self.clock.pace())
        try:
            walk_thread(run, site_source(self.name), session, thread, lambda: Reading(PEOPLE, SEEN))
        finally:
            session.close()
        return run.finish()

    def ids_shown(self, thread: str = THREAD) -> set[str]:
        """All comments that a patient reader of the site can find."""
        if self.name == "arctic_shift":
            return self.archive.archived_ids(thread)
        return self.world.visible_ids(thread)

    def asked(self) -> list[tuple[str, str]]:
        """Each request but those for a token: its path and what it asked for."""
        return [
            (request.path, repr(sorted((request.query | request.form).items())))
            for request in self.server.requests
            if "access_token" not in request.path
        ]


def comment_ids(store: Store) -> set[str]:
    """The bare ids of all comments that are stored."""
    return {row["native_id"][3:] for row in store.connection.execute("SELECT * FROM posts WHERE parent IS NOT NULL")}


def read(document: Any, reading: Reading = READING) -> list[Observation]:
    """What a document of Reddit's shapes holds; each item must be readable."""
    found = list(observations(document, reading))
    assert [item for item in found if isinstance(item, Unreadable)] == []
    return [item for item in found if isinstance(item, Observation)]


def read_one(row: dict[str, Any], reading: Reading = READING) -> Observation:
    """The post that a row holds."""
    (found,) = read(row, reading)
    return found


def unreadable(document: Any, reading: Reading = READING) -> list[Unreadable]:
    """What a document holds that cannot be read."""
    return [item for item in observations(document, reading) if isinstance(item, Unreadable)]


def import_into(store: Store, *paths: Path, stop: Callable[[], bool] = lambda: False, **options: Any) -> Outcome:
    """Import files in a run of its own."""
    run = Run(store, "collect import", {}, "0", wall_clock, stop=stop)
    import_files(run, paths, PEOPLE, ImportOptions(**options))
    return run.finish()


def comment_row(native_id: str = "bbb1", **changes: Any) -> dict[str, Any]:
    """A comment as a dump line holds it; a change to `...` takes the field away."""
    row = {
        "id": native_id, "body": "I stood in a queue.", "author": "mira_k", "link_id": "t3_aaa1",
        "parent_id": "t3_aaa1", "subreddit": "invented_bakers", "created_utc": 1_767_600_100, "score": 3,
    }  # fmt: skip
    return {name: value for name, value in (row | changes).items() if value is not ...}


def post_row(native_id: str = "aaa1", **changes: Any) -> dict[str, Any]:
    """A submission as a dump line holds it; a change to `...` takes the field away."""
    row = {
        "id": native_id, "title": "Bread", "selftext": "Such dear bread.", "author": "otto_9", "num_comments": 1,
        "subreddit": "invented_bakers", "created_utc": 1_767_600_000, "score": 7,
    }  # fmt: skip
    return {name: value for name, value in (row | changes).items() if value is not ...}


def stored_bytes(store: Store, path: Path) -> bytes:
    """All bytes of a study's database, its log included."""
    store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return b"".join(part.read_bytes() for part in sorted(path.parent.glob(f"{path.name}*")))
