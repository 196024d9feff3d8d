# ruff: noqa: INP001 - a script beside the packages
"""How many requests a Reddit thread of 1,500 comments takes: our walk against PRAW, before the same stand-in.

Run it as `python benchmarks/reddit_requests.py`. Everything stays on this machine. Sign-ins are counted too. Two ways in
which Reddit may answer to the ids of stubs are measured: ten levels below each id, and, as Reddit's published code does it,
ten levels from the top of the thread and the shallowest ids only. For the deep tree under the second, the fewest requests
that any walk can do with are told too: a page for each branch that goes beyond the tenth level, another beyond the nineteenth.
"""

import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen

import praw
import requests

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from fakes.collecting import Clock, reddit_session  # noqa: E402 - found only with the paths above
from fakes.reddit import PAGE_DEPTH, RedditApi  # noqa: E402
from fakes.server import FakeServer  # noqa: E402
from fakes.tasks import work  # noqa: E402
from fakes.world import Shape, Thread, World  # noqa: E402
from praw.models import Comment  # noqa: E402

from collector.sources import reddit_api  # noqa: E402
from db.queries.runs import Task  # noqa: E402
from db.store import Store  # noqa: E402

COMMENTS = 1500
ID = "1abc"
THREAD = f"t3_{ID}"
ENOUGH = 10**6
SHAPES: tuple[Shape, ...] = ("deep", "wide")
KILL_AFTER = (3, 6, 9, 12)


@dataclass(frozen=True)
class Figure:
    """What one way to read a thread took and found."""

    way: str
    requests: int
    found: int


def main() -> None:
    """Measure and print."""
    tell(f"A thread of {COMMENTS:,} comments; requests with sign-in, comments found of those that Reddit shows.\n")
    tell(f"{'tree':6} {'answers to ids':20} {'way':37} {'requests':>9} {'found':>7} {'of':>6}")
    for shape in SHAPES:
        for published in (False, True):
            rule = "as published" if published else "ten levels below"
            for figure, shown in measured(shape, published=published):
                tell(f"{shape:6} {rule:20} {figure.way:37} {figure.requests:9,} {figure.found:7,} {shown:6,}")
    tell("")
    for shape in SHAPES:
        kills, asked, repeated = killed(shape)
        tell(
            f"{shape}: killed {kills} times; {asked} requests without sign-ins, {repeated} of them made again "
            f"({'at most' if repeated <= kills else 'MORE THAN'} the one in flight at each kill)"
        )


def measured(shape: Shape, *, published: bool) -> Iterator[tuple[Figure, int]]:
    """Each way to read the thread, with how many comments there are to be found."""
    world = World()
    thread = world.make_thread(ID, COMMENTS, shape=shape)
    shown = len(world.visible_ids(ID))
    reddit = RedditApi(world, budget=ENOUGH, published_morechildren=published)
    with FakeServer(reddit) as server:
        first = ours(server, reddit_api.first_tasks(THREAD))
        yield Figure("ours, first visit", len(server.requests), len(first)), shown
        server.requests.clear()
        known = ours(server, reddit_api.revisit_tasks(THREAD, [f"t1_{each}" for each in sorted(first)]))
        yield Figure("ours, comments known", len(server.requests), len(known)), shown
        for limit in (None, 32):
            server.requests.clear()
            found = by_praw(server, limit)
            yield Figure(f"PRAW {praw.__version__}, replace_more(limit={limit})", len(server.requests), found), shown
    if published and shape == "deep":
        yield Figure("the fewest that any walk can do with", fewest(world, thread), shown), shown


def ours(server: FakeServer, tasks: list[Task]) -> set[str]:
    """Do the tasks in a session of their own and return the comments that came."""
    session = reddit_session(server.url, Clock().pace())
    try:
        return work(reddit_api, session, tasks).comments
    finally:
        session.close()


def by_praw(server: FakeServer, limit: int | None) -> int:
    """How many comments PRAW finds."""
    with requests.Session() as session:
        reddit = praw.Reddit(
            client_id="id",
            client_secret="secret",  # noqa: S106 - opens nothing
            user_agent="test:groundswell:0 (by /u/x)",
            oauth_url=server.url,
            reddit_url=server.url,
            check_for_updates=False,
            requestor_kwargs={"session": session},
        )
        submission = reddit.submission(ID)
        submission.comments.replace_more(limit=limit)
        return sum(isinstance(item, Comment) for item in submission.comments.list())


def fewest(world: World, thread: Thread) -> int:
    """A sign-in, a page, and the pages that show what lies below the tenth level of the thread."""
    children = world.visible_children(ID)

    def height(name: str) -> int:
        return max((1 + height(child.fullname) for child in children.get(name, [])), default=0)

    heights = [1 + height(top.fullname) for top in children[thread.root.fullname]]
    # A page that begins at a comment on level 10 or above shows levels down to 19 at most.
    return 2 + sum(-(-(each - PAGE_DEPTH) // (PAGE_DEPTH - 1)) for each in heights if each > PAGE_DEPTH)


def killed(shape: Shape) -> tuple[int, int, int]:
    """Kill a walk again and again; return the kills, all requests, and how many were made for the second time."""
    world = World()
    world.make_thread(ID, COMMENTS, shape=shape)
    kills = 0
    with FakeServer(RedditApi(world, budget=ENOUGH)) as server, tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "study.db"
        Store(database, create=True).close()
        for number in KILL_AFTER:
            with walking(database, server) as running:
                while count(server) < number and running.poll() is None:
                    threading.Event().wait(0.001)
                if running.poll() is None:
                    running.kill()
                    kills += 1
        with walking(database, server) as running:
            running.wait()
        asked = Counter(
            (request.path, *sorted((request.query | request.form).items()))
            for request in server.requests
            if "access_token" not in request.path
        )
    return kills, asked.total(), asked.total() - len(asked)


def count(server: FakeServer) -> int:
    """The requests so far, without sign-ins."""
    return sum("access_token" not in request.path for request in server.requests)


@contextmanager
def walking(database: Path, server: FakeServer) -> Iterator[Popen[bytes]]:
    """A program that walks the thread into a database."""
    command = [sys.executable, "-m", "fakes.thread_walker", str(database), "reddit_api", server.url, THREAD]
    around = {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}
    with Popen(command, cwd=ROOT / "tests", env=around) as running:  # noqa: S603 - a program of ours
        yield running


def tell(line: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
