"""A study in which people coded enough for a classifier to learn from."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from fakes.study import coding_line, groundswell, make_study, post_line, save_lines

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
  queue:
    name: Queue
    definition: The post mentions a queue.
  place:
    name: Place
    choose: one
  place.town:
    name: In town
    parent: place
  place.home:
    name: At home
    parent: place
"""
TALK = ("we", "went", "and", "looked", "at", "some", "shops", "near", "the", "river", "before", "rain", "came", "down")
CODED, UNCODED = 60, 6


def text_of(number: int) -> str:
    """The words of a post: odd ones are about dear bread, every third is at home and the others in town."""
    said = "dear bread" if number % 2 else "nice weather"
    where = "at home in the kitchen" if number % 3 == 0 else "in town on the market"
    return " ".join([*random.Random(number).sample(TALK, 5), said, where])


def taught_post(number: int, **changes: Any) -> dict[str, Any]:
    """A post of its own thread and author."""
    name = f"p{number:02}"
    values = {
        "platform": "csv",
        "address": f"csv:{name}",
        "thread": f"csv:{name}",
        "title": None,
        "text": text_of(number),
    }
    return post_line(name, **values | changes)


def decisions(number: int, coder: str = "ana", **changes: Any) -> list[dict[str, Any]]:
    """What a person says of a post: all codes were looked for, and these found."""
    found = {"dear-bread": number % 2 == 1, "place.home": number % 3 == 0, "place.town": number % 3 != 0}
    said = [coding_line(f"csv:p{number:02}", code="*", value="absent", stance=None, coder=coder, **changes)]
    return said + [
        coding_line(f"csv:p{number:02}", code=code, stance=None, coder=coder, **changes)
        for code, is_there in found.items()
        if is_there
    ]


def add(
    study: Study, *, posts: list[dict[str, Any]] | None = None, codings: list[dict[str, Any]] | None = None
) -> None:
    """Import posts and codings."""
    for kind, lines in (("collect import", posts), ("import codings", codings)):
        if lines:
            ran = groundswell("-C", study.root, *kind.split(), save_lines(study.root.parent / "lines.jsonl", *lines))
            assert ran.code == 0, ran.err


def taught_study(folder: Path, order: list[int] | None = None, study: str | None = None) -> Study:
    """A study of which one person coded all posts but the last few; the order is that of their arrival."""
    made = make_study(folder, codebook=CODEBOOK, findings="", study=study)
    numbers = order or list(range(CODED + UNCODED))
    add(
        made,
        posts=[taught_post(number) for number in numbers],
        codings=[line for number in numbers if number < CODED for line in decisions(number)],
    )
    return made
