"""`report diff` as people type it."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from fakes.compared import build, make_bread, talk
from fakes.study import ROOT, groundswell

if TYPE_CHECKING:
    from pathlib import Path

    from groundswell.study import Study


@pytest.fixture
def bread(tmp_path: Path) -> Study:
    """Two builds, between which twenty people came."""
    study = make_bread(tmp_path / "bread")
    talk(study, "a", 10, 4, 3)
    build(study)
    talk(study, "b", 10, 2, 0)
    build(study)
    return study


def test_what_changed_is_shown_verdicts_first(bread: Study) -> None:
    ran = groundswell("-C", bread.root, "report", "diff")

    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[0].startswith("from build 1, built on ")
    assert lines[2] == "between them: 20 new people, 10 new threads, 20 new posts"
    assert lines[4:6] == [
        "Verdicts", "  bread-is-dear: most say so -> open (new posts); reached first in this build, of 2",
    ]  # fmt: skip
    assert "  bread-is-dear: 75 % -> 50 %, -25 points (new posts -25); more than chance" in ran.out


def test_a_paragraph_is_shown_alone(bread: Study) -> None:
    ran = groundswell("-C", bread.root, "report", "diff", "1", "2", "--paragraph")

    assert ran.out.startswith("Since ")
    assert ran.out.endswith(
        ": “bread is too dear” moved from most say so to open (new posts); 20 new people, 10 new threads, 20 new posts.\n"
    )
    assert ran.out.count("\n") == 1


def test_the_whole_is_shown_as_json(bread: Study) -> None:
    found = groundswell("-C", bread.root, "report", "diff", "1", "--json").json

    assert (found["schema"], found["old"]["build"], found["new"]["build"]) == ("groundswell/diff/1", 1, 2)
    assert found["claims"][0]["figures"][0]["steps"] == [{"due_to": ["new_data"], "change": -0.25}]


def test_builds_are_listed_newest_first(bread: Study) -> None:
    ran, rows = (groundswell("-C", bread.root, "report", "diff", "--list", *form) for form in ((), ("--json",)))

    assert [line.split("\t")[0] for line in ran.out.splitlines()] == ["2", "1"]
    assert [row["changed"] for row in rows.json] == [True, True]


def test_what_cannot_be_compared_is_one_line_and_a_hint(bread: Study) -> None:
    ran = groundswell("-C", bread.root, "report", "diff", "9")

    assert (ran.code, ran.out) == (1, "")
    assert ran.err.splitlines() == [
        "error: there is no build 9", "hint: the newest is 2; or name a report.json",
    ]  # fmt: skip


def test_a_report_never_says_how_often_it_was_built(bread: Study) -> None:
    before = (bread.reports / "report.json").read_bytes()
    build(bread)

    assert (bread.reports / "report.json").read_bytes() == before
    for name in ("report.json", "report.md", "report.html"):
        assert "first_reached" not in (bread.reports / name).read_text(encoding="utf-8")


def test_the_same_bytes_come_out_whatever_the_seed_of_hashes_and_the_time_zone(bread: Study) -> None:
    def shown(seed: str, zone: str) -> bytes:
        command = [sys.executable, "-m", "groundswell", "-C", str(bread.root), "report", "diff", "--json"]
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "PYTHONPATH": str(ROOT)}
        return subprocess.run(command, env=environment, capture_output=True, check=True).stdout

    first = shown("1", "UTC")

    assert first.startswith(b"{")
    assert shown("2", "Asia/Tokyo") == first
