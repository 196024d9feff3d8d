# ruff: noqa: INP001, T201, S311, PLR2004, SIM905 - a script
"""How long the next post and a thread take at 100,000 posts and 500,000 codings: `python benchmarks/review.py`.

Everything is invented. The app answers in this process, without a network between; each figure is the time from a
request to its whole answer. Posts are committed on the way, as a coder would.
"""

import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from random import Random
from statistics import median, quantiles
from time import perf_counter, time

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import httpx
from fakes.review import sit
from fakes.study import make_study

from coding.batches import new_batch
from db.queries import reviewing as queries
from db.queries.search import update_index
from db.store import Store
from groundswell.reading_queues import ALL, CLAIM, CODE, EVERYTHING, Place
from groundswell.study import Study, now
from groundswell.web.coding_view import queue_path

CODES = 30
POSTS_A_THREAD = 50
LONG_THREAD = 2_000
WORDS = "bread queue price flour oven shop town baker morning cheap dear crust loaf line street rye".split()
LIMIT_MS = 50


def codebook() -> str:
    """A codebook of thirty codes, a third of them with a stance."""
    lines = ["version: 1", "codes:"]
    for number in range(CODES):
        lines += [
            f"  code-{number}:",
            f"    name: Code {number}",
            f"    definition: The post says something of {number}.",
        ]
        if number % 3 == 0:
            lines += ["    stance: yes", f"    statement: number {number} is dear"]
    return "\n".join(lines) + "\n"


FINDINGS = """\
version: 1
sections:
  - id: s
    title: Bread
    claims:
      - id: dear
        kind: consensus
        code: code-0
"""


def fill(study: Study, posts: int, codings: int, dice: Random) -> None:
    """Write posts, hits of rules and codings of people straight into the store."""
    with study.store() as store:
        study.key(store)
    with Store(study.database) as store, store.write() as connection:
        connection.executemany(
            "INSERT INTO authors (id, address, platform, is_bot, is_gone) VALUES (?, ?, 'example', 0, 0)",
            ((number, f"example:~{number}") for number in range(1, posts // 5 + 2)),
        )
        connection.executemany(
            "INSERT INTO threads (id, address, platform, native_id) VALUES (?, ?, 'example', ?)",
            ((number, f"example:t{number}", f"t{number}") for number in dict.fromkeys(map(thread_of, range(posts)))),
        )
        connection.executemany(
            "INSERT INTO posts (id, address, platform, native_id, thread, parent, kind, author, created_at, title, text,"
            " text_sha, score, state) VALUES (?, ?, 'example', ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, 'live')",
            post_rows(posts, dice),
        )
        connection.execute("INSERT INTO coders (id, name, kind) VALUES (1, 'rules', 'rules'), (2, 'ben', 'person')")
        connection.executemany(
            "INSERT INTO coding_events (uid, post, code, value, stance, text_sha, coder, created_at) VALUES (?,?,?,?,?,?,?,?)",
            coding_rows(posts, codings, dice),
        )
    with Store(study.database) as store, store.write() as connection:
        update_index(connection)
    with Store(study.database) as store:
        store.connection.execute("ANALYZE")


def thread_of(post: int) -> int:
    """The thread of a post: the first one is long, the others are alike."""
    return 1 if post < LONG_THREAD else 2 + (post - LONG_THREAD) // POSTS_A_THREAD


def post_rows(posts: int, dice: Random) -> Iterator[tuple[object, ...]]:
    """Posts in threads, each answering an earlier one of its thread."""
    first: dict[int, int] = {}
    for number in range(posts):
        thread = thread_of(number)
        begin = first.setdefault(thread, number)
        parent = None if number == begin else f"example:p{dice.randrange(begin, number)}"
        native = f"t{thread}" if number == begin else f"p{number}"
        if parent == f"example:p{begin}":
            parent = f"example:t{thread}"
        text = " ".join(dice.choices(WORDS, k=dice.randrange(10, 120))) + "."
        yield (
            number + 1, f"example:{native}", native, thread, parent, "comment", dice.randrange(1, posts // 5 + 1),
            f"2026-01-{1 + number * 27 // posts:02}T{number % 24:02}:{number % 60:02}:00Z", "Bread" if number == begin else None,
            text, f"{number:032x}",
        )  # fmt: skip


def coding_rows(posts: int, codings: int, dice: Random) -> Iterator[tuple[object, ...]]:
    """Three hits in four; the rest what one person said of a tenth of the posts."""
    for number in range(codings):
        is_hit = number % 4 != 3
        post = dice.randrange(posts) if is_hit else dice.randrange(posts // 10)
        value = "present" if is_hit or dice.random() < 0.2 else "absent"
        code = f"code-{dice.randrange(CODES)}"
        yield f"u{number}", post + 1, code, value, None, f"{post:032x}", 1 if is_hit else 2, "2026-02-01T00:00:00Z"


def read_on(client: httpx.Client, path: str, times: int) -> tuple[list[float], list[float], list[str]]:
    """Fetch the next post, commit it, and so on; the times of both, and the addresses."""
    gets, commits, seen = [], [], []
    after = ""
    for _ in range(times):
        began = perf_counter()
        page = client.get(path + after, headers={"HX-Request": "true"})
        gets.append(perf_counter() - began)
        fields = {name: _field(page.text, name) for name in ("post", "seen")}
        sent = {
            **fields, "do": "commit", "none": "1", "action": new_batch("review", now()), "shown_ms": "900",
            "served": str(int(time() * 1000) - 1000),
        }  # fmt: skip
        began = perf_counter()
        answer = client.post(path, data=sent, headers={"Accept": "application/json"})
        commits.append(perf_counter() - began)
        if answer.status_code != httpx.codes.OK:
            raise SystemExit(answer.text)
        seen.append(fields["post"])
        after = f"?after={fields['post']}"
    return gets, commits, seen


def _field(html: str, name: str) -> str:
    return html.partition(f'name="{name}" value="')[2].partition('"')[0]


def told(what: str, seconds: list[float]) -> bool:
    """Print median, p95 and maximum in milliseconds; whether the p95 is within the limit."""
    p95 = quantiles(seconds, n=20)[-1] * 1000
    print(f"{what:44} median {median(seconds) * 1000:6.1f} ms   p95 {p95:6.1f} ms   max {max(seconds) * 1000:7.1f} ms")
    return p95 < LIMIT_MS


def main() -> int:
    """Measure, print, and say whether all is within the limit."""
    asked = ArgumentParser(description=__doc__)
    asked.add_argument("--posts", type=int, default=100_000)
    asked.add_argument("--codings", type=int, default=500_000)
    asked.add_argument("--times", type=int, default=200)
    wanted = asked.parse_args()
    dice = Random(7)
    with tempfile.TemporaryDirectory() as folder:
        study = make_study(Path(folder) / "study", codebook=codebook(), findings=FINDINGS)
        fill(study, wanted.posts, wanted.codings, dice)
        print(f"{wanted.posts:,} posts, {wanted.codings:,} codings")
        good = []
        with study.store():
            client = sit(study)
            for name, place in (
                ("everything", Place(ALL, EVERYTHING)),
                ("a code", Place(CODE, "code-1")),
                ("a claim", Place(CLAIM, "dear")),
            ):
                path = queue_path(place)
                began = perf_counter()
                client.get(path)
                print(f"{'first page of ' + name:44} {(perf_counter() - began) * 1000:8.0f} ms, the queue put together")
                gets, commits, seen = read_on(client, path, wanted.times)
                good += [told(f"next post of {name}", gets), told(f"commit in {name}", commits)]
                asks = [f"/coding/thread?kind={place.kind}&name={place.name}&post={one}" for one in seen]
                good.append(told(f"thread of a post of {name}", [timed(client, one) for one in asks]))
            with study.store() as store:
                found = queries.hits_of(store.connection, "code-1")
            inside = [number - 1 for number in found if 1 < number <= LONG_THREAD][: wanted.times]
            asks = [f"/coding/thread?kind=code&name=code-1&post=example:p{number}" for number in inside]
            good.append(told(f"a part of a thread of {LONG_THREAD:,} posts", [timed(client, one) for one in asks]))
            asks = [f"/thread/example:t1?under=example:p{number}" for number in inside]
            good.append(told("a branch of it on its own page", [timed(client, one) for one in asks]))
    return 0 if all(good) else 1


def timed(client: httpx.Client, path: str) -> float:
    """How long a page takes."""
    began = perf_counter()
    if client.get(path).status_code != httpx.codes.OK:
        raise SystemExit(path)
    return perf_counter() - began


if __name__ == "__main__":
    raise SystemExit(main())
