"""A study in which coders are at work: enough invented posts to draw from, and the commands of the coder's bench."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from fakes.study import CODEBOOK, groundswell, make_study, post_line, save_lines

from groundswell.cli import agreement, code, round, sample  # noqa: A004 - the module is named after its command

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import pytest

    from groundswell.study import Study

FINDINGS = """\
version: 1
sections:
  - id: prices
    title: Prices
    claims:
      - id: bread-is-dear
        kind: consensus
        code: dear-bread
        headline: yes
      - id: queues
        kind: shares
        statement: queues people mention
        code: queue
        headline: yes
"""
WORDS = ("Such dear bread.", "That is daylight robbery.", "A queue, again.", "Nice weather.", "Rain at noon.")


def mount(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hang the commands of this bench under `code`, where they are not yet."""
    groups, commands = list(code.app.registered_groups), list(code.app.registered_commands)
    monkeypatch.setattr(code.app, "registered_groups", groups)
    monkeypatch.setattr(code.app, "registered_commands", commands)
    if "sample" not in {group.name for group in groups}:
        code.app.add_typer(sample.app, name="sample")
        code.app.add_typer(round.app, name="round")
        code.app.command()(agreement.agreement)
        code.app.command()(agreement.adjudicate)


def posts(start: int, stop: int, authors: int = 10**9) -> Iterator[dict[str, Any]]:
    """Posts of five kinds of words in threads of ten, by so many authors in turn, a minute after each other."""
    for number in range(start, stop):
        root = number - number % 10
        yield post_line(
            f"p{number:04}",
            thread=f"example:p{root:04}",
            parent=None if number == root else f"example:p{root:04}",
            author=f"author_{number % authors}",
            title="Bread" if number == root else None,
            text=f"{WORDS[number % len(WORDS)]} Post {number}.",
            created_at=f"2026-01-03T{number // 60 % 24:02}:{number % 60:02}:00Z",
        )


def bench(folder: Path, many: int = 100, authors: int = 10**9, codebook: str = CODEBOOK) -> Study:
    """A study with so many posts, its rules applied."""
    study = make_study(folder / "study", codebook=codebook, findings=FINDINGS)
    add_posts(study, 0, many, authors)
    return study


def add_posts(study: Study, start: int, stop: int, authors: int = 10**9) -> None:
    """Collect further posts and apply the rules to them."""
    lines = save_lines(study.root.parent / f"posts-{start}.jsonl", *posts(start, stop, authors))
    for command in (["collect", "import", lines], ["code", "apply"]):
        ran = groundswell("-C", study.root, *command)
        assert ran.code == 0, ran.err


def delete_post(study: Study, address: str) -> None:
    """See a post as deleted by its author, later than it was seen before."""
    native_id = address.partition(":")[2]
    (line,) = posts(int(native_id[1:]), int(native_id[1:]) + 1)
    gone = {"text": None, "title": None, "state": "deleted_by_author", "observed_at": "2026-03-01T00:00:00Z"}
    lines = save_lines(study.root.parent / "deleted.jsonl", line | gone)
    ran = groundswell("-C", study.root, "collect", "import", lines)
    assert ran.code == 0, ran.err


def filled(study: Study, name: str, coder: str, answers: Mapping[str, Mapping[str, str]] | None = None) -> Path:
    """A sheet of a coder, filled in: what `answers` says of a post's address, else what the post's words say."""
    ran = groundswell("-C", study.root, "code", "round", "export", name, "--coder", coder)
    assert ran.code == 0, ran.err
    lines = [json.loads(line) for line in ran.out.splitlines()]
    for line in lines:
        said = (answers or {}).get(line["post"], truth(line["text"]))
        line["codes"] |= {code: word for code, word in said.items() if code in line["codes"]}
    return save_lines(study.root.parent / f"{name}-{coder}.jsonl", *lines)


def truth(text: str) -> dict[str, str]:
    """What a careful coder finds in the words of a post."""
    if "dear bread" in text or "robbery" in text:
        return {"dear-bread": "support", "*": "absent"}
    return {"queue": "present", "*": "absent"} if "queue" in text else {"*": "absent"}
