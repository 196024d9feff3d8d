"""A study of bread over several weeks: people who say yes or no in many threads, and builds a week apart."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from fakes.study import coding_line, groundswell, make_study, post_line, save_lines

from groundswell.study import find_study

if TYPE_CHECKING:
    from pathlib import Path

    from groundswell.study import Study

CODEBOOK = """\
version: 1
codes:
  dear-bread:
    name: Dear bread
    definition: The post says something about the price of bread.
    stance: yes
    statement: bread is too dear
    rules: [ dear bread ]
  queue:
    name: Queue
    definition: The post mentions a queue.
  where:
    name: Where
    choose: one
  where.shop:
    name: Shop
    parent: where
  where.market:
    name: Market
    parent: where
"""
FINDINGS = """\
version: 1
sections:
  - id: prices
    title: Prices
    claims:
      - {id: bread-is-dear, kind: consensus, code: dear-bread, headline: yes}
      - {id: queues, kind: shares, statement: queues people mention, code: queue}
"""
IN_SHOPS = FINDINGS.replace("headline: yes", "headline: yes, filter: {where: shop}")


def make_bread(folder: Path, **files: str) -> Study:
    """The study without any posts."""
    return make_study(folder, **{"codebook": CODEBOOK, "findings": FINDINGS, **files})


def again(study: Study) -> Study:
    """The study as it is read from its folder now."""
    return find_study(study.root, study.root)


def run(study: Study, *arguments: Any) -> None:
    """Run a command that must succeed."""
    ran = groundswell("-C", study.root, *arguments)
    assert ran.code == 0, ran.err


def talk(
    study: Study, name: str, threads: int, of: int, yes: int, *, queue: int = 0, coded: bool = True, **changes: Any
) -> None:
    """Let threads come of so many people each, of whom so many say that bread is dear; the others deny it."""
    posts, codings = [], []
    for thread in range(threads):
        for number in range(of):
            native = f"{name}{thread}" if number == 0 else f"{name}{thread}-{number}"
            posts.append(
                post_line(
                    native,
                    thread=f"example:{name}{thread}",
                    parent=f"example:{name}{thread}" if number else None,
                    author=f"author_{native}",
                    community=f"r/{'bakers' if thread % 2 else 'cooks'} (invented)",
                    title=None if number else "Bread",
                    url=f"https://bread.example/{native}",
                    text=f"Number {native} has a word on the price of a loaf.",
                    **changes,
                )
            )
            codings += sides(f"example:{native}", "support" if number < yes else "dispute", queue=number < queue)
    run(study, "collect", "import", save_lines(study.root / "talk.jsonl", *posts))
    if coded:
        run(study, "import", "codings", save_lines(study.root / "codings.jsonl", *codings))


def sides(post: str, stance: str, *, queue: bool = False, at: str = "2026-02-02T09:00:00Z") -> list[dict[str, Any]]:
    """What a person says of all codes of a post."""
    where = "where.shop" if stance == "support" else "where.market"
    return [
        coding_line(post, stance=stance, created_at=at),
        coding_line(post, code=where, stance=None, created_at=at),
        coding_line(post, code="queue", value="present" if queue else "absent", stance=None, created_at=at),
    ]


def recode(study: Study, stance: str, *posts: str) -> None:
    """Let the coder see these posts otherwise."""
    lines = [coding_line(f"example:{post}", stance=stance, created_at="2026-02-09T09:00:00Z") for post in posts]
    run(study, "import", "codings", save_lines(study.root / "recoded.jsonl", *lines))


def withdraw(study: Study, *posts: str, state: str = "deleted_by_author") -> None:
    """Let a source say that these posts are gone."""
    lines = [
        post_line(
            post, thread=f"example:{post.partition('-')[0]}", title=None, text=None, state=state,
            observed_at="2026-02-20T00:00:00Z",
        )
        for post in posts
    ]  # fmt: skip
    run(study, "collect", "import", save_lines(study.root / "gone.jsonl", *lines))


def build(study: Study) -> None:
    """Build the report, and let a week pass."""
    run(study, "report", "build")
    week_passes(study)


def week_passes(study: Study) -> None:
    """Let everything that was done have been done a week earlier."""
    with study.store() as store, store.write() as connection:
        for table, column in (
            ("posts", "stored_at"), ("reports", "built_at"), ("losses", "lost_at"), ("samples", "created_at"),
            ("sample_units", "drawn_at"), ("sources", "last_at"),
        ):  # fmt: skip
            connection.execute(f"UPDATE {table} SET {column} = strftime('%Y-%m-%dT%H:%M:%SZ', {column}, '-7 days')")


def change_content(study: Study, number: int, old: str, new: str) -> None:
    """Change what was kept of a build."""
    with study.store() as store, store.write() as connection:
        connection.execute("UPDATE reports SET content = replace(content, ?, ?) WHERE id = ?", (old, new, number))


def kept(study: Study, number: int) -> dict[str, Any]:
    """What was kept of a build."""
    with study.store() as store:
        row = store.connection.execute("SELECT content FROM reports WHERE id = ?", (number,)).fetchone()
    found = json.loads(row["content"])
    assert isinstance(found, dict)
    return found
