"""All recordings of PRAW's source distribution through our reading of Reddit's JSON and our names for failures.

Run it with the folder into which the distribution was unpacked:
`python tests/acceptance/praw_cassettes.py praw-8.0.3/tests/integration/cassettes`. It ends with 1 if anything was raised
that is no `SiteError`.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from acceptance.cassettes import Exchange, read_cassette  # noqa: E402 - found only with the paths above
from fakes.collecting import PEOPLE, Clock, wall_clock  # noqa: E402

from collector.reading import Reading  # noqa: E402
from collector.reddit_items import observations  # noqa: E402
from collector.reddit_walk import Plan, read_answer  # noqa: E402
from collector.session import Session, SiteError  # noqa: E402
from db.records import Observation  # noqa: E402

BASE = "https://oauth.example"


@dataclass(slots=True)
class Count:
    """What was found in all recordings."""

    cassettes: int = 0
    answers: int = 0
    with_posts: int = 0
    posts: int = 0
    unreadable: Counter[str] = field(default_factory=Counter)
    others: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    stubs: int = 0
    raised: list[str] = field(default_factory=list)


def count_folder(folder: Path) -> Count:
    """Read every recording of a folder."""
    count = Count()
    for path in sorted(folder.rglob("*.json")):
        exchanges = read_cassette(path)
        count.cassettes += bool(exchanges)
        for number, exchange in enumerate(exchanges):
            count.answers += 1
            try:
                _count_exchange(exchange, count)
            except Exception as error:  # noqa: BLE001 - whatever is raised is what is looked for
                count.raised.append(f"{path.name} [{number}] {exchange.method} {exchange.path}: {error!r}")
    return count


def _count_exchange(exchange: Exchange, count: Count) -> None:
    try:
        document = received(exchange)
    except SiteError as error:
        count.failures[f"{exchange.status} {error.name}"] += 1
        return
    holds_posts = any(_posts(document))
    count.with_posts += holds_posts
    for found in observations(document, Reading(PEOPLE)):
        if isinstance(found, Observation):
            count.posts += 1
        elif holds_posts:
            count.unreadable[found.problem] += 1
        else:
            count.others[found.problem] += 1
    plan = Plan()
    plan.take_page(read_answer(document))
    count.stubs += len(plan.waiting) + len(plan.branches)
    assert Plan.from_payload(plan.payload()) == plan


def received(exchange: Exchange) -> Any:
    """The answer as our session takes it, from a transport that gives it without a network."""
    answer = httpx.Response(exchange.status, content=exchange.body, headers=exchange.headers)
    with httpx.Client(transport=httpx.MockTransport(lambda _: answer)) as client:
        session = Session("reddit_api", BASE, client, Clock().pace(), wall_clock)
        return session.exchange("GET", BASE + exchange.path)[0]


def _posts(node: Any) -> list[Any]:
    """All posts and comments in a document, wherever they stand."""
    found, stack = [], [node]
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            if value.get("kind") in {"t1", "t3"} and isinstance(value.get("data"), dict):
                found.append(value)
            stack += value.values()
        elif isinstance(value, list):
            stack += value
    return found


def main() -> int:
    """Print what was found."""
    count = count_folder(Path(sys.argv[1]))
    lines = [
        f"{count.cassettes} recordings, {count.answers} answers, {count.with_posts} of them with posts or comments",
        f"{count.posts} posts read, {count.unreadable.total()} unreadable among them, {count.stubs} ids from stubs",
        *(f"  {number} x {problem}" for problem, number in count.unreadable.most_common()),
        f"{count.others.total()} items of other kinds in the other answers",
        "failures by status and our name: "
        + ", ".join(f"{name} {number}" for name, number in sorted(count.failures.items())),
        f"{len(count.raised)} exceptions",
        *(f"  {line}" for line in count.raised),
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if count.raised else 0


if __name__ == "__main__":
    sys.exit(main())
