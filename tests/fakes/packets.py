"""A coder elsewhere at work in a packet, as the review app would write it down, and the commands of sharing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from fakes.bench import truth

from coding.codings import store_codings
from db.queries.codings import exported_codings
from db.queries.history import undo_codings
from db.records import Coding
from groundswell.cli import main, share
from groundswell.sharing import give_back, open_packet, packet_of
from groundswell.study import Study, find_study

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    import pytest

MORNING = "2026-03-02T09:00:00Z"


def mount_share(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hang the commands of sharing into the program, where they are not yet."""
    groups = list(main.app.registered_groups)
    monkeypatch.setattr(main.app, "registered_groups", groups)
    if "share" not in {group.name for group in groups}:
        main.app.add_typer(share.app, name="share")


def opened(zipped: Path) -> Study:
    """The packet in a folder of its own, far from the study that made it."""
    folder, _ = open_packet(zipped, zipped.parent / f"home-{zipped.stem}")
    return find_study(folder, folder)


def code_packet(
    home: Study,
    posts: Collection[str] | None = None,
    *,
    answer: Callable[[str], dict[str, str]] = truth,
    at: str = MORNING,
    **changes: Any,
) -> int:
    """Code posts of a packet, or all of them, by what their words say; return how many codings that makes."""
    packet = packet_of(home)
    assert packet is not None
    codings = [
        Coding(**{
            "post": post, "code": code, "value": word if word in {"present", "absent"} else "present",
            "stance": word if word == "support" else None, "number": None, "start": None, "end": None,
            "coder": packet.coder, "coder_kind": "person", "version": packet.codebook_revision, "round": packet.round,
            "created_at": at, "blind": True, **changes,
        })
        for post, text in texts(home).items()
        if post in (packet.posts if posts is None else posts)
        for code, word in answer(text).items()
        if code in (*packet.codes, "*")
    ]  # fmt: skip
    with home.store() as store:
        new, refused = store_codings(store, codings, packet.codebook_revision)
    assert not refused
    return new


def texts(study: Study) -> dict[str, str]:
    """The text of every post that shows one, by address."""
    with study.store() as store:
        rows = store.connection.execute("SELECT address, text FROM posts WHERE text IS NOT NULL ORDER BY id").fetchall()
    return {row["address"]: row["text"] for row in rows}


def returned(home: Study, name: str = "back.jsonl") -> Path:
    """What the coder sends back."""
    return give_back(home, home.root.parent / name).path


def edited(path: Path, change: Callable[[dict[str, Any]], None], kind: str = "coding", only: int | None = None) -> Path:
    """The file that was sent back with its lines of a kind changed, or the only-th of them."""
    lines, seen = [], 0
    for line in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
        if kind in line:
            if only in (None, seen):
                change(line[kind])
            seen += 1
        lines.append(json.dumps(line))
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def codings_of(study: Study, coder: str) -> list[dict[str, Any]]:
    """The standing codings of a person."""
    with study.store() as store:
        return [
            row for row in exported_codings(store.connection) if (row["coder"], row["coder_kind"]) == (coder, "person")
        ]


def take_back(study: Study, post: str) -> None:
    """Undo all that was said of a post."""
    with study.store() as store, store.write() as connection:
        rows = connection.execute(
            "SELECT e.id FROM coding_events e JOIN posts p ON p.id = e.post WHERE p.address = ? AND undo_of IS NULL",
            (post,),
        )
        undo_codings(connection, [row["id"] for row in rows], f"undo-{post}", MORNING)
