"""Collecting in tests: a clock that never waits, sources before their stand-ins, files imported into a store."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from fakes.arctic import ArcticShift
from fakes.hacker_news import HackerNews, number_of
from fakes.mangled import Mangled
from fakes.observed import rows
from fakes.reddit import RedditApi
from fakes.server import FakeServer
from fakes.world import World
from fakes.x_api import TOKEN, XApi, native_id

from collector.budget import Budget
from collector.importing import ImportOptions, import_files
from collector.pace import Pace
from collector.people import Pseudonyms
from collector.reading import Reading
from collector.reddit_items import observations
from collector.reddit_session import Credentials, RedditSession
from collector.run import Outcome, Progress, Run, walk_thread
from collector.session import Session
from collector.source import site_source
from collector.sources import x_api
from db.records import Observation, Unreadable
from db.store import Store

PEOPLE = Pseudonyms(b"a key that only tests know")
READING = Reading(PEOPLE)
SEEN = "2026-02-01T00:00:00Z"
THREAD = "1abc"
"""The thread that most tests walk, by its id in the world."""


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


def hacker_news_session(url: str, pace: Pace) -> Session:
    return Session("hacker_news", url, client(), pace, wall_clock)


def reddit_session(url: str, pace: Pace, *, secret: str = "secret", oauth_url: str | None = None) -> RedditSession:  # noqa: S107
    """A session with the credentials that the stand-in accepts, unless told otherwise."""
    credentials = Credentials("id", secret, "test:groundswell:0 (by /u/x)")
    return RedditSession(credentials, pace, wall_clock, oauth_url=oauth_url or url, reddit_url=url, client=client())


def x_session(url: str, pace: Pace) -> x_api.XSession:
    """A session with the archive, since the threads of a world are older than a week, and without its slower pace."""
    options = x_api.Options(archive=True)
    session = x_api.open_session(url, TOKEN, pace, wall_clock, Budget(100.0), options=options, client=client())
    pace.seconds_between = 0.0
    return session


@dataclass(frozen=True, slots=True)
class Profile:
    """What differs between the sites, so that one suite serves them all.

    Attributes:
        platform: the first part of addresses.
        service: makes the stand-in of a world.
        open_session: a session with the stand-in at an address.
        thread_id, comment_id: the native id of a thread or comment by its id in the world.
        item_id: the `id` that the item of a comment bears in an answer.
        page: the path under which the first page of replies is asked for, by the native id of the thread.
        shown: the ids, in the world, of all comments of a thread that a patient reader of the stand-in can find.
        mention: what stands before an account's name where a text names it in the site's own way.
        malformed: changes that spoil a comment's item, each with what is told of it.
        shows: `gone accounts` where a text outlives its author's account, `deleted parents` where a deleted comment
            keeps its place above its replies.
    """

    platform: str
    service: Callable[[World], Any]
    open_session: Callable[[str, Pace], Any]
    thread_id: Callable[[str], str]
    comment_id: Callable[[str], str]
    item_id: Callable[[str], Any]
    page: Callable[[str], str]
    shown: Callable[[Any, str], set[str]]
    mention: str
    malformed: tuple[tuple[dict[str, Any], str], ...]
    shows: frozenset[str] = frozenset({"gone accounts", "deleted parents"})


_REDDIT: dict[str, Any] = {
    "platform": "reddit",
    "thread_id": "t3_{}".format,
    "comment_id": "t1_{}".format,
    "item_id": str,
    "mention": "u/",
    "malformed": (
        ({"created_utc": "yesterday"}, "could not convert string to float: 'yesterday'"),
        ({"created_utc": None}, "created_utc is missing"),
        ({"created_utc": 12.0}, "12.0 is no time between 1990 and 2200 in seconds"),
        ({"body": ["a", "list"]}, "its text is list, not text"),
        ({"score": 10**30}, f"{10**30} is no count or score"),
        ({"parent_id": 7}, "7 is no id"),
    ),
}

SITES: dict[str, Profile] = {
    "arctic_shift": Profile(
        service=ArcticShift,
        open_session=arctic_session,
        page=lambda _: "/api/comments/tree",
        shown=ArcticShift.archived_ids,
        **_REDDIT,
    ),
    "reddit_api": Profile(
        service=RedditApi,
        open_session=reddit_session,
        page=lambda thread: f"/comments/{thread[3:]}",
        shown=lambda api, thread: api.world.visible_ids(thread),
        **_REDDIT,
    ),
    "hacker_news": Profile(
        platform="hn",
        service=HackerNews,
        open_session=hacker_news_session,
        thread_id=lambda world_id: str(number_of(world_id)),
        comment_id=lambda world_id: str(number_of(world_id)),
        item_id=number_of,
        page=lambda thread: f"/api/v1/items/{thread}",
        shown=HackerNews.shown_ids,
        mention="https://news.ycombinator.com/user?id=",
        malformed=(
            ({"created_at_i": "yesterday"}, "could not convert string to float: 'yesterday'"),
            ({"created_at_i": None}, "created_at_i is missing"),
            ({"created_at_i": 12}, "12 is no time between 1990 and 2200 in seconds"),
            ({"text": ["a", "list"]}, "its text is list, not text"),
            ({"author": 7}, "its author is int, not text"),
            ({"points": 10**30}, f"{10**30} is no count or score"),
            ({"parent_id": "above"}, "'above' is no id"),
        ),
    ),
    "x_api": Profile(
        platform="x",
        service=XApi,
        open_session=x_session,
        thread_id=native_id,
        comment_id=native_id,
        item_id=native_id,
        page=lambda _: "/2/tweets/search/all",
        shown=XApi.visible_ids,
        mention="@",
        malformed=(
            ({"created_at": "yesterday"}, "Invalid isoformat string: 'yesterday'"),
            ({"created_at": "1970-01-01T00:00:12.000Z"}, "'1970-01-01T00:00:12.000Z' is no time between 1990 and 2200"),
            ({"text": ["a", "list"], "note_tweet": None}, "its text is list, not text"),
            ({"public_metrics": {"like_count": 10**30}}, f"{10**30} is no count or score"),
            ({"conversation_id": ""}, "conversation_id '' is no id"),
            ({"referenced_tweets": [{"type": "replied_to", "id": 7.5}]}, "id '7.5' is no id"),
        ),
        shows=frozenset(),
    ),
}
"""Each site source before its stand-in, by the source's name."""


def sites_that_show(what: str) -> list[str]:
    """The names of the sources whose sites show something that others do not."""
    return [name for name, profile in SITES.items() if what in profile.shows]


def malformed_items() -> list[tuple[str, dict[str, Any], str]]:
    """Each way to spoil an item: the source's name, the changes, and what is told."""
    return [(name, *each) for name, profile in SITES.items() for each in profile.malformed]


@dataclass(slots=True)
class Site:
    """A site source before a stand-in, and the store into which it walks. Threads are named by their ids in the world.

    Attributes:
        service: the stand-in, behind `server`.
        told: what the walks told of their progress.
    """

    name: str
    server: FakeServer
    world: World
    service: Any
    store: Store
    clock: Clock = field(default_factory=Clock)
    told: list[Progress] = field(default_factory=list)

    @property
    def profile(self) -> Profile:
        return SITES[self.name]

    @property
    def thread(self) -> str:
        """The native id of the thread that most tests walk."""
        return self.profile.thread_id(THREAD)

    @property
    def page(self) -> str:
        """The path under which the first page of its replies is asked for."""
        return self.profile.page(self.thread)

    def address(self, native_id: str) -> str:
        return f"{self.profile.platform}:{native_id}"

    def walk(self, thread: str = THREAD, *, store: Store | None = None, stop_after: int | None = None) -> Outcome:
        """Walk a thread in a run and a session of its own; `stop_after` so many commits ask it to end."""
        asked = iter(range(10**6))
        run = Run(
            store or self.store, "collect url", {}, "0", wall_clock, self.told.append,
            lambda: stop_after is not None and next(asked) >= stop_after,
        )  # fmt: skip
        session = self.profile.open_session(self.server.url, self.clock.pace())
        native = self.profile.thread_id(thread)
        try:
            walk_thread(run, site_source(self.name), session, native, lambda: Reading(PEOPLE, SEEN))
        finally:
            session.close()
        return run.finish()

    def ids_shown(self, thread: str = THREAD) -> set[str]:
        """The native ids of all comments that a patient reader of the site can find."""
        return {self.profile.comment_id(each) for each in self.profile.shown(self.service, thread)}

    def asked(self) -> list[tuple[str, str]]:
        """Each request but those for a token: its path and what it asked for."""
        return [
            (request.path, repr(sorted((request.query | request.form).items())))
            for request in self.server.requests
            if "access_token" not in request.path
        ]

    def mangle(self, comment: str, changes: dict[str, Any]) -> None:
        """Spoil the item of a comment in all answers from now on."""
        item = self.profile.item_id(comment)
        self.server.services = tuple(Mangled(service, item, changes) for service in self.server.services)


def comment_ids(store: Store) -> set[str]:
    """The native ids of all comments that are stored."""
    return {row["native_id"] for row in rows(store, "SELECT native_id FROM posts WHERE parent IS NOT NULL")}


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
