from datetime import UTC, datetime
from pathlib import Path

import pytest
from fakes.study import groundswell, post_line, save_lines

from groundswell.study import Study


@pytest.fixture
def town(study: Study, tmp_path: Path) -> Study:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    lines = save_lines(tmp_path / "p.jsonl", post_line(text="Bread is dear, says the miller.", observed_at=now))
    assert groundswell("-C", study.root, "collect", "import", lines).code == 0
    return study


def test_a_quotation_is_recorded_listed_and_dropped(town: Study) -> None:
    added = groundswell(
        "-C", town.root, "quote", "add", "example:p1", "--reason", "agreed", "--by", "ana", "--words", "says the miller",
        "--name", "Mira", "--note", "by mail",
    )  # fmt: skip
    quote, words = added.out.split("  ")
    listed = groundswell("-C", town.root, "quote", "list", "--json").json
    table = groundswell("-C", town.root, "quote", "list")
    dropped = groundswell("-C", town.root, "quote", "drop", quote)

    assert (added.code, words) == (0, "says the miller\n")
    assert "a report built now shows it" in added.err
    assert [(row["id"], row["name"], row["note"], row["shown"]) for row in listed] == [(quote, "Mira", "by mail", True)]
    assert table.out.split("\t")[:3] == [quote, "example:p1", "says the miller"]
    assert (dropped.code, dropped.out) == (0, f"dropped: {quote}\n")
    assert groundswell("-C", town.root, "quote", "list", "--nl").out == ""


def test_a_quotation_that_would_not_be_shown_yet_says_why(study: Study, tmp_path: Path) -> None:
    groundswell("-C", study.root, "collect", "import", save_lines(tmp_path / "p.jsonl", post_line()))

    ran = groundswell("-C", study.root, "quote", "add", "example:p1", "--reason", "addressed", "--by", "ana")

    assert "not shown yet: the post was last seen alive at 2026-02-01T00:00:00Z, more than 48 hours ago" in ran.err


def test_a_reason_that_is_none_is_a_wrong_command_line(town: Study) -> None:
    assert groundswell("-C", town.root, "quote", "add", "example:p1", "--reason", "liked", "--by", "ana").code == 2


def test_an_unknown_quotation_ends_with_1(town: Study) -> None:
    ran = groundswell("-C", town.root, "quote", "drop", "q-0")

    assert (ran.code, ran.err) == (1, "error: q-0: there is no such quotation\nhint: groundswell quote list\n")
