import json
from pathlib import Path

import pytest
from fakes.study import Ran, coding_line, groundswell, post_line, save_lines

from groundswell.study import Study


@pytest.fixture
def collected(study: Study, tmp_path: Path) -> Study:
    deleted = post_line("p3", state="deleted_by_author", text=None, title=None)
    lines = save_lines(tmp_path / "posts.jsonl", post_line(), post_line("p2"), deleted)
    assert groundswell("-C", study.root, "collect", "import", lines).code == 0
    return study


def test_codings_are_imported_once(collected: Study, tmp_path: Path) -> None:
    path = save_lines(tmp_path / "codings.jsonl", coding_line(), coding_line("example:p2", stance=None))

    first, second = (groundswell("-C", collected.root, "import", "codings", path) for _ in range(2))

    assert (first.code, first.out, first.err) == (0, "2 codings read: 2 new\n", "")
    assert (second.code, second.out) == (0, "2 codings read: 0 new\n")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{", "no whole JSON value: "),
        ("[" * 100_000, "no whole JSON value: "),
        ("3", "a coding is a JSON object"),
        (json.dumps(coding_line(code="rain", stance=None)), "the codebook has no code 'rain'"),
        (json.dumps(coding_line("example:p9")), "post 'example:p9' is not in this study"),
        (json.dumps(coding_line("example:p3")), "the text of example:p3 is gone; there is nothing to code"),
        (json.dumps(coding_line(value="perhaps")), "value 'perhaps' is none of present, absent, unsure, missing"),
        (json.dumps(coding_line(stance="sideways")), "stance 'sideways' is none of support, dispute, mixed"),
        (json.dumps(coding_line(value="absent")), "a stance goes with present only"),
        (json.dumps(coding_line(code="*", stance=None)), 'code "*" takes only absent'),
        (json.dumps(coding_line(coder=None)), "coder is missing or no text"),
        (json.dumps(coding_line(created_at="yesterday")), "created_at 'yesterday' is no moment with a time zone"),
        (json.dumps(coding_line(created_at="2026-02-02T09:00:00")), "created_at '2026-02-02T09:00:00' is no moment"),
        (json.dumps(coding_line(start=3)), "start and end go together"),
        (json.dumps(coding_line(start=5, end=3)), "start must be at least 0 and less than end"),
        (json.dumps(coding_line(start="a", end="b")), "start 'a' is not a whole number"),
        (json.dumps(coding_line(number="x")), "number 'x' is not a number"),
        (json.dumps(coding_line(version=["x"])), "version ['x'] is not text"),
        (json.dumps(coding_line(mood="bad")), "unknown field 'mood'"),
    ],
)
def test_a_bad_line_is_named_and_all_others_are_kept(collected: Study, tmp_path: Path, line: str, problem: str) -> None:
    path = save_lines(tmp_path / "codings.jsonl", coding_line(), line, coding_line("example:p2"))
    alone = save_lines(tmp_path / "alone.jsonl", "", line)

    first, second, third = (groundswell("-C", collected.root, "import", "codings", p) for p in (path, path, alone))

    assert (first.code, first.out) == (4, "3 codings read: 2 new\n")
    assert first.err.splitlines()[0].startswith(f"{path}: line 2: {problem}")
    assert first.err.splitlines()[1] == "error: 1 of 3 lines could not be stored"
    assert (second.code, second.out) == (4, "3 codings read: 0 new\n")
    assert (third.code, third.out) == (1, "one coding read: 0 new\n")
    assert len(groundswell("-C", collected.root, "export", "codings").rows) == 2


def test_moments_in_other_zones_are_brought_into_our_form(collected: Study, tmp_path: Path) -> None:
    path = save_lines(tmp_path / "codings.jsonl", coding_line(created_at="2026-02-02T11:00:00+02:00"))

    groundswell("-C", collected.root, "import", "codings", path)

    [row] = groundswell("-C", collected.root, "export", "codings").rows
    assert row["created_at"] == "2026-02-02T09:00:00Z"


@pytest.mark.parametrize(("name", "problem"), [("nowhere.jsonl", "no such file or directory"), (".", "is a directory")])
def test_a_file_that_cannot_be_read_is_named(collected: Study, tmp_path: Path, name: str, problem: str) -> None:
    ran = groundswell("-C", collected.root, "import", "codings", tmp_path / name)

    assert (ran.code, ran.out) == (1, "")
    assert ran.err == f"error: {tmp_path / name}: {problem}\n"


def test_nothing_enters_a_closed_round_whatever_time_it_names(collected: Study, tmp_path: Path) -> None:
    def run(*arguments: object) -> None:
        assert groundswell("-C", collected.root, *arguments).code == 0

    def importing(line: dict[str, object]) -> Ran:
        return groundswell("-C", collected.root, "import", "codings", save_lines(tmp_path / "said.jsonl", line))

    run("code", "sample", "draw", "reliability", "--name", "s")
    run("code", "round", "start", "s", "--coder", "ana", "--coder", "ben", "--name", "r")
    before = coding_line(coder="ana", round="r", blind=True)
    known = importing(before)
    run("code", "round", "close", "r")

    again, late = importing(before), importing(before | {"post": "example:p2"})
    without_round = importing(before | {"post": "example:p2", "round": None})

    assert (known.code, again.code, again.out) == (0, 0, "one coding read: 0 new\n")
    assert late.code != 0
    assert "line 1: the round r was closed at " in late.err
    assert "; leave `round` out to keep the coding beside it" in late.err
    assert (without_round.code, without_round.out) == (0, "one coding read: 1 new\n")


def test_a_round_that_the_study_does_not_have_is_told(collected: Study, tmp_path: Path) -> None:
    path = save_lines(tmp_path / "said.jsonl", coding_line(round="pilto"))

    ran = groundswell("-C", collected.root, "import", "codings", path)

    assert (ran.code, ran.out) == (0, "one coding read: 1 new\n")
    assert ran.err == "one coding of a round 'pilto', which is not in this study: no agreement counts them\n"
