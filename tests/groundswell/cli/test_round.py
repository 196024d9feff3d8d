from pathlib import Path

import pytest
from fakes.bench import bench, filled, mount
from fakes.study import Ran, groundswell, post_line, save_lines

from groundswell.study import Study


@pytest.fixture(autouse=True)
def _mounted(monkeypatch: pytest.MonkeyPatch) -> None:
    mount(monkeypatch)


@pytest.fixture
def town(tmp_path: Path) -> Study:
    study = bench(tmp_path, many=20)
    groundswell("-C", study.root, "code", "sample", "draw", "reliability", "--name", "sample")
    return study


def _round(study: Study, *arguments: str | Path) -> Ran:
    return groundswell("-C", study.root, "code", "round", *arguments)


def test_a_round_is_started_with_who_codes_what(town: Study) -> None:
    ran = _round(town, "start", "sample", "--coder", "ana", "--coder", "ben", "--code", "queue")

    assert (ran.code, ran.out, ran.err) == (0, "sample-round-1: ana, ben code queue, blind\n", "")


def test_a_round_that_is_not_blind_says_so(town: Study) -> None:
    groundswell("-C", town.root, "code", "sample", "draw", "main")

    ran = _round(town, "start", "main-1", "--coder", "ana")
    blind = _round(town, "start", "main-1", "--coder", "ana", "--blind", "--json")

    assert ran.out == "main-1-round-1: ana code dear-bread, queue, not blind\n"
    assert (blind.json["id"], blind.json["coders"], blind.json["blind"]) == ("main-1-round-2", ["ana"], True)


def test_a_sheet_goes_out_and_comes_back(town: Study) -> None:
    _round(town, "start", "sample", "--coder", "ana", "--name", "r")

    out = _round(town, "export", "r", "--coder", "ana", "--limit", "3")
    back = _round(town, "import", filled(town, "r", "ana"))
    again = _round(town, "export", "r", "--coder", "ana")

    assert (out.code, len(out.rows), out.err) == (0, 3, "3 posts for ana\n")
    assert set(out.rows[0]) == {
        "round", "coder", "version", "post", "text_sha", "parent_title", "parent_text", "title", "text", "codes",
    }  # fmt: skip
    assert (back.code, back.out, back.err) == (0, "20 posts read: 32 codings new\n", "")
    assert (again.out, again.err) == ("", "0 posts for ana\n")


def test_a_sheet_with_a_wrong_line_is_partial(town: Study) -> None:
    _round(town, "start", "sample", "--coder", "ana", "--name", "r")
    path = filled(town, "r", "ana")
    path.write_text(path.read_text(encoding="utf-8") + "{}\n", encoding="utf-8")

    ran = _round(town, "import", path)

    assert (ran.code, ran.out) == (4, "21 posts read: 32 codings new\n")
    assert "line 21: a line of a sheet is a JSON object with codes" in ran.err


def test_rounds_are_listed_with_the_progress_of_each_coder(town: Study) -> None:
    _round(town, "start", "sample", "--coder", "ana", "--coder", "ben", "--name", "r")
    _round(town, "import", filled(town, "r", "ana"))
    _round(town, "start", "sample", "--coder", "cid", "--name", "s")

    rows = _round(town, "list", "--json").json

    assert _round(town, "list", "r").out == "r\tsample\tana\t20\t0\topen\nr\tsample\tben\t20\t20\topen\n"
    assert [(row["round"], row["coder"], row["left"], row["blind"]) for row in rows] == [
        ("r", "ana", 0, True), ("r", "ben", 20, True), ("s", "cid", 20, True),
    ]  # fmt: skip


def test_a_closed_round_is_listed_as_closed_and_gives_no_sheet(town: Study) -> None:
    _round(town, "start", "sample", "--coder", "ana", "--name", "r")

    closed = _round(town, "close", "r")

    assert (closed.code, closed.out) == (0, "r is closed\n")
    assert _round(town, "list").out.endswith("\tclosed\n")
    ran = _round(town, "export", "r", "--coder", "ana")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("error: the round r was closed at ")


def test_nothing_that_a_post_says_is_obeyed_by_a_terminal(town: Study, tmp_path: Path) -> None:
    loud = post_line("loud", text="Bread \x1b[31mred\x1b[0m")
    groundswell("-C", town.root, "collect", "import", save_lines(tmp_path / "loud.jsonl", loud))
    groundswell("-C", town.root, "code", "sample", "draw", "reliability", "--name", "all")
    _round(town, "start", "all", "--coder", "ana", "--name", "r")

    ran = _round(town, "export", "r", "--coder", "ana")

    assert "\x1b" not in ran.out
    assert "Bread \x1b[31mred\x1b[0m" in {line["text"] for line in ran.rows}


def test_a_round_in_which_a_fifth_is_read_twice_says_so(town: Study) -> None:
    ran = _round(town, "start", "sample", "--coder", "ana", "--coder", "ben", "--code", "queue", "--double", "0.2")
    too_much = _round(town, "start", "sample", "--coder", "ana", "--coder", "ben", "--double", "2")

    assert ran.out == "sample-round-1: ana, ben code queue, blind; 20 % by two coders, the rest by one each\n"
    assert too_much.code == 2
    assert sum(row["posts"] for row in _round(town, "list", "--json").json) < 40
