from pathlib import Path

import pytest
from fakes.study import groundswell, post_line, save_lines

from groundswell.study import Study


def test_a_claim_leads_to_the_texts_behind_it(used: Study) -> None:
    ran = groundswell("-C", used.root, "evidence", "show", "bread-is-dear")

    first, *text = ran.out.splitlines()
    assert (ran.code, ran.err) == (0, "")
    assert first.startswith("E-")
    assert " (for)  reddit:t3_aaa1  r/invented_bakers  2026-01-05T08:00:00Z  live" in first
    assert text == ["  Bread", "  Such dear bread.", "  https://www.reddit.com/comments/aaa1/", ""]


def test_an_evidence_id_and_an_address_lead_to_one_post(used: Study) -> None:
    [by_claim] = groundswell("-C", used.root, "evidence", "show", "bread-is-dear", "--json").json

    by_id = groundswell("-C", used.root, "evidence", "show", by_claim["evidence"], "--json").json
    by_address = groundswell("-C", used.root, "evidence", "show", "reddit:t3_aaa1", "--json").json

    assert by_id == by_address == [by_claim | {"side": None}]


@pytest.mark.parametrize("name", ["E-0000000000", "example:none", "bread"])
def test_an_unknown_name_ends_with_1(used: Study, name: str) -> None:
    ran = groundswell("-C", used.root, "evidence", "show", name)

    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith(f"error: {name}: no evidence, post or claim of this study bears that name\nhint: ")


def test_what_a_terminal_would_obey_is_left_out(study: Study, tmp_path: Path) -> None:
    text = "red \x1b[31mbread\x1b[0m \x9b2J and \u202eback\r\nsecond line \x07"
    lines = save_lines(tmp_path / "posts.jsonl", post_line(text=text, title="[bold]\x1b]0;title\x07"))
    groundswell("-C", study.root, "collect", "import", lines)

    shown = groundswell("-C", study.root, "evidence", "show", "example:p1").out
    data = groundswell("-C", study.root, "evidence", "show", "example:p1", "--json")

    assert "  red [31mbread[0m 2J and back\n  second line \n" in shown
    assert "  [bold]]0;title\n" in shown
    assert not set("\x1b\x9b\x07\r\u202e") & set(shown + data.out)
    assert data.json[0]["text"] == "red \x1b[31mbread\x1b[0m \x9b2J and \u202eback\nsecond line \x07"
