"""Comparing builds of a study: each change is laid to what caused it, by computing the report step by step."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from fakes.compared import (
    CODEBOOK,
    FINDINGS,
    IN_SHOPS,
    again,
    build,
    change_content,
    kept,
    make_bread,
    recode,
    run,
    sides,
    talk,
    week_passes,
    withdraw,
)
from fakes.study import post_line, save, save_lines

from db.errors import GroundswellError
from groundswell.comparing import compare, list_builds
from reports.diff import DEFINITION, METHOD, NEW_DATA, RECODED, WITHDRAWN

if TYPE_CHECKING:
    from pathlib import Path

    from groundswell.study import Study


@pytest.fixture
def bread(tmp_path: Path) -> Study:
    """Ten threads of four people, of whom three find bread dear; built once, a week ago."""
    study = make_bread(tmp_path / "bread")
    talk(study, "a", 10, 4, 3, queue=1)
    build(study)
    return study


def found(study: Study, *names: str) -> dict[str, Any]:
    return compare(again(study), *names)


def claim(diff: dict[str, Any], name: str = "bread-is-dear") -> dict[str, Any]:
    entry = next(entry for entry in diff["claims"] if entry["id"] == name)
    assert isinstance(entry, dict)
    return entry


def figure(diff: dict[str, Any], name: str = "bread-is-dear") -> dict[str, Any]:
    [only] = claim(diff, name)["figures"]
    assert isinstance(only, dict)
    assert sum(step["change"] for step in only["steps"]) == pytest.approx(only["change"] or 0.0, abs=1e-9)
    return only


def due(diff: dict[str, Any], name: str = "bread-is-dear") -> dict[str, float]:
    return {" and ".join(step["due_to"]): step["change"] for step in figure(diff, name)["steps"]}


def test_what_new_posts_did_is_due_to_new_data(bread: Study) -> None:
    talk(bread, "b", 10, 2, 0)
    build(bread)

    diff = found(bread)

    assert (figure(diff)["old"], figure(diff)["new"], due(diff)) == (0.75, 0.5, {NEW_DATA: -0.25})
    assert diff["causes"] == {
        "new_posts": 20, "new_people": 20, "new_threads": 10, "edited_posts": 0, "withdrawn": {}, "recoded": 0,
        "codebook": False, "definition": False, "method": None,
    }  # fmt: skip
    assert (diff["old"]["build"], diff["new"]["build"], diff["notes"], diff["same"]) == (1, 2, [], False)
    assert claim(diff)["verdict"]["due_to"] == [NEW_DATA]
    assert claim(diff)["new_disputing"] == 20
    against = claim(diff)["evidence"]["against"]
    assert (len(against["new"]), against["gone"], against["is_whole"]) == (20, {}, True)


def test_what_withdrawn_posts_did_is_the_difference_that_they_left(bread: Study) -> None:
    withdraw(bread, "a0", "a1", "a2", "a3", "a4")
    withdraw(bread, "a5", state="removed")
    build(bread)

    diff = found(bread)

    assert due(diff) == {WITHDRAWN: round(24 / 34 - 0.75, 4)}
    assert diff["causes"]["withdrawn"] == {"deleted_by_author": 5, "removed": 1}
    assert set(map(tuple, claim(diff)["evidence"]["for"]["gone"].values())) == {(WITHDRAWN,)}
    assert len(claim(diff)["evidence"]["for"]["gone"]) == 6
    assert "cannot be computed again" in diff["notes"][0]


def test_what_a_coder_sees_otherwise_now_is_due_to_recoding(bread: Study) -> None:
    recode(bread, "dispute", "a0", "a1", "a2", "a3")
    build(bread)

    diff = found(bread)

    assert due(diff) == {RECODED: -0.1}
    assert (diff["causes"]["recoded"], diff["causes"]["new_posts"]) == (4, 0)
    assert claim(diff)["new_disputing"] == 4


def test_three_causes_at_once_are_told_apart(bread: Study) -> None:
    talk(bread, "b", 10, 1, 0)
    recode(bread, "dispute", "a0", "a1")
    withdraw(bread, "a2-1", "a3-1")
    build(bread)

    diff = found(bread)

    assert due(diff) == {
        WITHDRAWN: round(round(28 / 38, 4) - 0.75, 4),
        NEW_DATA: round(round(28 / 48, 4) - round(28 / 38, 4), 4),
        RECODED: round(round(26 / 48, 4) - round(28 / 48, 4), 4),
    }


def test_a_filter_in_findings_is_due_to_the_definition(bread: Study) -> None:
    bread.findings_path.write_text(IN_SHOPS, encoding="utf-8")
    build(bread)

    diff = found(bread)

    assert due(diff) == {DEFINITION: 0.25}
    assert (diff["causes"]["definition"], diff["causes"]["codebook"]) == (True, False)
    assert list(bread.root.glob(".findings-*")) == []


def test_another_codebook_is_told_and_due_to_the_definition(bread: Study) -> None:
    later = CODEBOOK.replace("definition: The post mentions a queue.", "definition: The post mentions people who wait.")
    bread.codebook_path.write_text(later, encoding="utf-8")
    build(bread)

    diff = found(bread)

    assert (diff["causes"]["codebook"], diff["causes"]["definition"], due(diff)) == (True, False, {})


def test_claims_come_and_go_with_the_definition(bread: Study) -> None:
    bread.findings_path.write_text(FINDINGS.replace("id: queues", "id: waiting"), encoding="utf-8")
    build(bread)

    diff = found(bread)

    assert [entry["id"] for entry in diff["new_claims"]] == ["waiting"]
    assert [entry["id"] for entry in diff["removed_claims"]] == ["queues"]


def test_a_study_without_findings_is_compared_by_its_codebook(tmp_path: Path) -> None:
    study = make_bread(tmp_path / "plain")
    study.findings_path.unlink()
    talk(study, "a", 10, 4, 3)
    build(study)
    talk(study, "b", 10, 2, 0)
    build(study)

    assert due(found(study), "dear-bread") == {NEW_DATA: -0.25}


def test_what_is_left_over_of_the_same_data_is_due_to_the_method(bread: Study) -> None:
    talk(bread, "b", 1, 1, 1)
    build(bread)
    change_content(bread, 1, '"estimate": 0.75', '"estimate": 0.7')
    change_content(bread, 1, '"tool": "', '"tool": "0.0-')

    diff = found(bread)

    assert due(diff)[METHOD] == 0.05
    old, new = diff["causes"]["method"]
    assert old == f"0.0-{new}"


def test_withdrawn_posts_and_another_version_cannot_be_told_apart(bread: Study) -> None:
    withdraw(bread, "a0")
    build(bread)
    change_content(bread, 1, '"tool": "', '"tool": "0.0-')

    diff = found(bread)

    assert list(due(diff)) == [f"{WITHDRAWN} and {METHOD}"]
    assert any("cannot be told apart" in note for note in diff["notes"])


@pytest.mark.parametrize(("tool", "causes"), [('"tool": "', [NEW_DATA]), ('"tool": "0.0-', [NEW_DATA, METHOD])])
def test_what_carries_no_time_is_laid_to_later_knowledge(bread: Study, tool: str, causes: list[str]) -> None:
    with bread.store() as store, store.write() as connection:
        connection.execute(
            "UPDATE authors SET is_bot = 1 WHERE id = (SELECT author FROM posts WHERE address = 'example:a0')"
        )
    build(bread)
    change_content(bread, 1, '"tool": "', tool)

    assert list(due(found(bread))) == [" and ".join(causes)]


def test_texts_withdrawn_after_the_newer_build_are_taken_back_at_the_end(bread: Study) -> None:
    talk(bread, "b", 10, 2, 0)
    build(bread)
    withdraw(bread, "a0", "a1", "b0", "b1")
    week_passes(bread)

    diff = found(bread)

    assert figure(diff)["change"] == -0.25
    assert set(due(diff)) <= {NEW_DATA, WITHDRAWN}
    assert due(diff)[NEW_DATA] < -0.2
    assert "build 2" in diff["notes"][-1]


def test_a_post_that_was_taken_out_of_the_study_is_withdrawn_evidence(bread: Study) -> None:
    build(bread)
    with bread.store() as store, store.write() as connection:
        connection.execute("DELETE FROM posts WHERE address = 'example:a0'")
    build(bread)

    gone = claim(found(bread))["evidence"]["for"]["gone"]

    assert list(gone.values()) == [[WITHDRAWN]]


def test_an_edited_text_and_its_reading_are_new_data(bread: Study) -> None:
    edited = post_line("a0", text="No, a loaf is cheap.", observed_at="2099-01-01T00:00:00Z")
    run(bread, "collect", "import", save_lines(bread.root / "edited.jsonl", edited))
    with bread.store() as store, store.write() as connection:
        eight_days_ago = "strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-8 days')"
        connection.execute(f"UPDATE observations SET text_at = {eight_days_ago} WHERE text_at > '2099'")
    read = sides("example:a0", "dispute", at="2026-02-09T09:00:00Z")
    run(bread, "import", "codings", save_lines(bread.root / "read.jsonl", *read))
    build(bread)

    diff = found(bread)

    assert (diff["causes"]["edited_posts"], diff["causes"]["recoded"]) == (1, 0)
    assert due(diff) == {NEW_DATA: -0.025}


def test_while_new_posts_are_unread_there_is_no_share_to_compare(bread: Study) -> None:
    talk(bread, "b", 10, 2, 0, coded=False)
    build(bread)

    diff = found(bread)

    assert (figure(diff)["new"], figure(diff)["change"], figure(diff)["test"]) == (None, None, None)
    assert claim(diff)["verdict"]["new"] == "unchecked"
    assert claim(diff)["verdict"]["due_to"] == [NEW_DATA]


def test_a_change_is_tested_and_presence_by_author_and_thread(bread: Study) -> None:
    talk(bread, "b", 30, 4, 0, queue=4)
    build(bread)

    diff = found(bread)

    stance, presence = figure(diff)["test"], figure(diff, "queues")["test"]
    assert (stance["unit"], stance["changed"], stance["is_more_than_chance"]) == ("people", 120, True)
    assert (presence["unit"], presence["is_more_than_chance"]) == ("author-and-thread pairs", True)
    assert stance["p"] <= stance["q"] <= 0.05
    assert stance["visible_from"] < 0.5625


def test_few_newcomers_are_not_tested(bread: Study) -> None:
    talk(bread, "b", 2, 2, 0)
    build(bread)

    test = figure(found(bread))["test"]

    assert (test["why_not"], test["p"], test["q"], test["visible_from"]) == ("few-changed", None, None, None)
    assert test["is_more_than_chance"] is False


def test_two_builds_of_the_same_are_the_same(bread: Study) -> None:
    build(bread)

    diff = found(bread)

    assert (diff["same"], diff["causes"], diff["notes"]) == (True, None, [])
    assert claim(diff)["verdict"]["changed"] is False


def test_when_a_verdict_was_first_reached_is_told(bread: Study) -> None:
    build(bread)
    talk(bread, "b", 10, 2, 0)
    build(bread)

    diff = found(bread)

    assert claim(diff)["first_reached"] == 3
    assert claim(diff, "queues")["first_reached"] == 1


def test_builds_are_named_by_number_and_by_file(bread: Study) -> None:
    report = (bread.reports / "report.json").read_bytes()
    older = bread.root / "older.json"
    older.write_bytes(report)
    build(bread)
    talk(bread, "b", 10, 2, 0)
    build(bread)

    by_number, by_file, to_file = (
        found(bread, "1"),
        found(bread, str(older)),
        found(bread, "1", str(bread.reports / "report.json")),
    )

    assert due(by_number) == due(by_file) == due(to_file) == {NEW_DATA: -0.25}
    assert (by_file["old"]["name"], by_file["old"]["build"]) == (str(older), 2)
    assert to_file["new"]["build"] == 3
    assert [row["changed"] for row in list_builds(bread)] == [True, False, True]
    assert [row["build"] for row in list_builds(bread)] == [3, 2, 1]


def test_before_the_first_build_the_list_is_empty(study: Study) -> None:
    assert list_builds(study) == []


def test_a_report_from_elsewhere_is_compared_without_steps(bread: Study) -> None:
    report = json.loads((bread.reports / "report.json").read_text(encoding="utf-8"))
    report["sections"][0]["claims"][0]["figures"][0]["share"]["estimate"] = 0.6
    foreign = save(bread.root / "foreign.json", report)

    diff = found(bread, str(foreign))

    assert figure(diff)["steps"] == [{"due_to": [], "change": 0.15}]
    assert diff["causes"] is None
    assert str(foreign) in diff["notes"][0]
    assert diff["old"]["build"] is None


def test_an_old_definition_that_cannot_be_read_any_more_is_not_told_apart(bread: Study) -> None:
    with bread.store() as store, store.write() as connection:
        connection.execute(
            "UPDATE reports SET definition = ? WHERE id = 1", (FINDINGS.replace("kind: shares", "kind: pie"),)
        )
    bread.findings_path.write_text(IN_SHOPS, encoding="utf-8")
    build(bread)

    diff = found(bread)

    assert list(due(diff)) == [f"{DEFINITION} and {METHOD}"]
    assert "cannot be read any more" in diff["notes"][0]


def test_what_was_kept_says_no_word_of_a_post(bread: Study) -> None:
    text = json.dumps(kept(bread, 1))

    assert "has a word on" not in text
    assert '"estimate": 0.75' in text


def test_without_two_builds_there_is_nothing_to_compare(tmp_path: Path) -> None:
    study = make_bread(tmp_path / "new")
    with pytest.raises(GroundswellError, match="no report was built yet"):
        found(study)
    build(study)
    with pytest.raises(GroundswellError, match="only one report was built"):
        found(study)


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (("7",), "there is no build 7"),
        (("2", "1"), "build 2 came after build 1"),
        (("nothing.json",), r"nothing\.json: no such file"),
        (("study.yaml",), "is no report of ours"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    bread: Study, monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...], says: str
) -> None:
    build(bread)
    monkeypatch.chdir(bread.root)

    with pytest.raises(GroundswellError, match=says):
        found(bread, *names)


def test_a_number_is_refused_where_nothing_was_built(tmp_path: Path) -> None:
    study = make_bread(tmp_path / "new")
    with pytest.raises(GroundswellError, match="there is no build 1") as refused:
        compare(study, "1", "1")
    assert "none was made yet" in str(refused.value.hint)


def test_a_build_of_which_nothing_was_kept_is_refused(bread: Study) -> None:
    build(bread)
    with bread.store() as store, store.write() as connection:
        connection.execute("UPDATE reports SET content = NULL WHERE id = 1")

    with pytest.raises(GroundswellError, match="build 1: nothing was kept"):
        found(bread)
    assert list_builds(bread)[1]["as_of"] is None
