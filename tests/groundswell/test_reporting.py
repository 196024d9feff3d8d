import hashlib
import json
import os
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from fakes.study import ALL_BREAD, FINDINGS, ROOT, coding_line, groundswell, make_study, post_line, save_lines
from jsonschema import Draft202012Validator

from db.errors import CheckFailed, GroundswellError
from groundswell.reporting import (
    Profile,
    build,
    built_report,
    claims_of,
    show_evidence,
    verdict_rows,
    verify,
    way_lines,
)
from groundswell.study import Study, find_study

FORWARDS = "import reports.build, coding.apply, collector.run, groundswell.cli.main"
BACKWARDS = "import groundswell.cli.main, collector.run, coding.apply, reports.build"
BUILD = "groundswell.cli.main.run()"


def hashes(folder: Path) -> dict[str, str]:
    files = (path for path in (folder / "reports").rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def build_elsewhere(folder: Path, imports: str, **environment: str) -> None:
    shutil.rmtree(folder / "reports")
    subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {imports}; {BUILD}", "-C", str(folder),
         "report", "build"],
        check=True,
        capture_output=True,
        env={"PATH": os.defpath, **environment},
    )  # fmt: skip


def step(*claims: str, decisions: int = 30, is_whole: bool = True) -> dict[str, Any]:
    return {"claims": list(claims), "decisions": decisions, "minutes": 10, "is_whole": is_whole}


def report_with_steps(best: dict[str, Any] | None, whole: dict[str, Any] | None) -> dict[str, Any]:
    return {"next_steps": {"best": best, "all": whole, "way": []}}


def test_a_report_is_several_files_that_say_the_same(used: Study) -> None:
    built = build(used)
    paths = {path.name: path for path in built.paths}

    assert set(paths) == {"report.json", "report.md", "report.html", "evidence.csv"}
    assert {path.name for path in used.reports.iterdir()} == set(paths)
    assert json.loads(paths["report.json"].read_bytes()) == json.loads(json.dumps(built.report))
    assert "Claim: bread-is-dear." in paths["report.md"].read_text(encoding="utf-8")
    assert "bread-is-dear" in paths["report.html"].read_text(encoding="utf-8")
    assert "bread-is-dear,for,E-" in paths["evidence.csv"].read_text(encoding="utf-8")


def test_the_same_data_give_the_same_bytes(used: Study) -> None:
    before = hashes(used.root)

    built = build(used)

    assert not built.changed
    assert hashes(used.root) == before


def test_neither_the_process_nor_its_surroundings_leave_a_trace(used: Study) -> None:
    build_elsewhere(used.root, FORWARDS, PYTHONHASHSEED="1", TZ="UTC", LC_ALL="C.UTF-8")
    one = hashes(used.root)
    build_elsewhere(used.root, BACKWARDS, PYTHONHASHSEED="4711", TZ="Pacific/Chatham", LC_ALL="C")

    assert hashes(used.root) == one


def test_a_report_that_holds_is_verified(used: Study) -> None:
    assert verify(used) == ["bread-is-dear", "queues"]


def test_a_change_of_the_data_is_named_by_claim(used: Study, tmp_path: Path) -> None:
    more = save_lines(
        tmp_path / "more.jsonl", coding_line(ALL_BREAD[2], coder="ben", created_at="2026-02-03T09:00:00Z")
    )
    groundswell("-C", used.root, "import", "codings", more)

    with pytest.raises(CheckFailed) as raised:
        verify(used)

    assert raised.value.exit_code == 6
    assert "claims: bread-is-dear" in raised.value.message


@pytest.mark.parametrize("name", ["report.md", "report.html"])
def test_a_report_that_was_edited_is_named_by_file(used: Study, name: str) -> None:
    with (used.reports / name).open("a", encoding="utf-8") as file:
        file.write("And bread is too dear.\n")

    with pytest.raises(CheckFailed, match=f"the report is not what the data give now: {name}$"):
        verify(used)


def test_a_file_of_the_report_that_is_gone_is_named(used: Study) -> None:
    (used.reports / "report.html").unlink()

    with pytest.raises(CheckFailed, match=r"report\.html"):
        verify(used)


def test_a_number_changed_by_hand_is_named_by_claim(used: Study) -> None:
    path = used.reports / "report.json"
    report = json.loads(path.read_bytes())
    report["sections"][0]["claims"][0]["read"]["read"] += 1
    path.write_text(json.dumps(report), encoding="utf-8")

    with pytest.raises(CheckFailed, match=r"report\.json; claims: bread-is-dear"):
        verify(used)


def test_nothing_can_be_verified_before_it_is_built(study: Study) -> None:
    with pytest.raises(GroundswellError, match="no report was built yet"):
        verify(study)


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"sections": 1}', '{"sections": [{"claims": [3]}]}', "null"])
def test_a_file_that_is_no_report_is_no_report_of_ours(used: Study, content: str) -> None:
    (used.reports / "report.json").write_text(content, encoding="utf-8")

    with pytest.raises(GroundswellError, match="this is no report of ours"):
        verify(used)


def test_a_claim_leads_to_its_posts(used: Study) -> None:
    found = show_evidence(used, "bread-is-dear")

    assert [(post["address"], post["side"], post["text"]) for post in found] == [
        ("reddit:t3_aaa1", "for", "Such dear bread.")
    ]


def test_an_evidence_id_and_an_address_lead_to_the_same_post(used: Study) -> None:
    by_claim = show_evidence(used, "bread-is-dear")[0]

    by_id, by_address = show_evidence(used, by_claim["evidence"]), show_evidence(used, "reddit:t3_aaa1")

    assert by_claim["evidence"].startswith("E-")
    assert by_id == by_address == [by_claim | {"side": None}]


@pytest.mark.parametrize("name", ["E-00000000", "reddit:t3_zzz9", "no-such-claim", "E-", ""])
def test_a_name_that_nothing_bears_is_refused(used: Study, name: str) -> None:
    with pytest.raises(GroundswellError, match="no evidence, post or claim of this study bears that name"):
        show_evidence(used, name)


def test_a_takeaway_leads_to_the_claims_that_it_rests_on(demo_once: Path) -> None:
    study = find_study(demo_once, demo_once)

    with pytest.raises(
        GroundswellError, match=r"t-roles: rests on titles-misaligned \(broad agreement\), combo-complaint"
    ):
        show_evidence(study, "t-roles")

    row = next(row for row in verdict_rows(built_report(study)) if row["claim"] == "t-roles")
    assert row["read"].startswith("rests on titles-misaligned")


def test_every_evidence_id_in_a_report_leads_to_a_post(demo_once: Path) -> None:
    study = find_study(demo_once, demo_once)
    report = json.loads((study.reports / "report.json").read_bytes())
    claim = claims_of(report)[0]
    listed = [post for side in claim["evidence"].values() for post in side["posts"]]

    found = show_evidence(study, claim["id"])

    assert sorted(post["evidence"] for post in found) == sorted(listed)
    assert all(post["text"] or post["title"] for post in found)


def test_a_row_a_claim_says_how_it_stands(used: Study) -> None:
    rows = verdict_rows(build(used).report)

    assert [row["claim"] for row in rows] == ["bread-is-dear", "queues"]
    assert rows[0]["read"] == "read 3 of 3"
    assert rows[0]["verdict"] == "thin"


def test_with_nothing_left_to_read_there_is_no_way() -> None:
    assert way_lines(report_with_steps(None, None)) == []


def test_the_best_step_and_the_whole_way_are_told_once_when_they_are_the_same() -> None:
    lines = way_lines(report_with_steps(step("a"), step("a")))

    assert lines == ["30 decisions, about 10 minutes, would settle one claim: a"]


def test_a_way_through_a_sample_says_what_the_star_means() -> None:
    lines = way_lines(report_with_steps(step("a"), step(*"abcdef", decisions=90, is_whole=False)))

    assert lines[1] == "90 decisions*, about 10 minutes, would screen 6 claims: a, b, c, d, e …"
    assert lines[2].startswith("  * ")


def test_pictures_lie_beside_the_report_and_old_ones_are_taken_away(demo: Path) -> None:
    study = find_study(demo, demo)
    old = study.reports / "figures" / "no-longer-a-claim.svg"
    old.write_text("<svg/>", encoding="utf-8")

    built = build(study)

    assert built.pictures == len(list((study.reports / "figures").iterdir()))
    assert not old.exists()
    assert (study.reports / "figures" / "titles-misaligned.svg").exists()


def test_an_internal_report_shows_posts_and_lies_apart(used: Study) -> None:
    public = hashes(used.root)

    built = build(used, "internal")

    folder = used.reports / "internal"
    assert {path.parent for path in built.paths} == {folder}
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "Internal: not for publication." in page
    assert "Such dear bread." in page
    assert "https://www.reddit.com/comments/aaa1/" in page
    assert "Internal: not for publication." in (folder / "report.md").read_text(encoding="utf-8")
    assert (folder / ".gitignore").read_text(encoding="utf-8") == "*\n"
    shutil.move(folder, used.root / "elsewhere")
    assert hashes(used.root) == public


def test_an_internal_report_is_verified_by_its_own_rules_and_is_no_build_to_compare_with(used: Study) -> None:
    build(used, "internal")
    with used.store() as store:
        assert store.connection.execute("SELECT count(*) FROM reports").fetchone()[0] == 1
        assert store.connection.execute("SELECT kind FROM exports").fetchone()[0] == "internal report"

    assert verify(used, used.reports / "internal" / "report.json") == ["bread-is-dear", "queues"]


def test_an_older_file_is_compared_by_claim(used: Study, tmp_path: Path) -> None:
    old = shutil.copy(used.reports / "report.json", tmp_path / "old.json")
    assert verify(used, old) == ["bread-is-dear", "queues"]
    report = json.loads(old.read_bytes())
    report["sections"][0]["claims"][1]["verdict"] = "measured"
    old.write_text(json.dumps(report), encoding="utf-8")

    with pytest.raises(CheckFailed, match=r"report\.json; claims: queues"):
        verify(used, old)


def test_a_study_without_machines_says_so_and_is_held_to_it(used: Study) -> None:
    (used.root / "study.yaml").write_text("version: 1\ntitle: Bread\nmachine: none\n", encoding="utf-8")

    with pytest.raises(CheckFailed, match=r"study\.yaml promises machine: none, but machines coded here: rules"):
        verify(find_study(used.root, used.root))


def test_pseudonyms_in_titles_are_not_published(used: Study) -> None:
    with used.store() as store, store.write() as connection:
        connection.execute("UPDATE posts SET title = 'What u/~0123456789ab bakes' WHERE title IS NOT NULL")

    report = build(used).report

    assert [thread["title"] for thread in report["collection"]["thread_list"]] == ["What (name) bakes"]


def test_requests_for_single_posts_are_named_by_a_keyed_hash(used: Study) -> None:
    with used.store() as store, store.write() as connection:
        connection.execute(
            "INSERT INTO requests (run, source, method, url, requested_at) VALUES (1, 'x', 'GET',"
            " 'https://www.reddit.com/comments/aaa1/_/bbb1/', '2026-01-01T00:00:00Z')"
        )

    [query] = build(used).report["inputs"]["queries"]

    assert len(query) == 16
    assert "bbb1" not in (used.reports / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("profile", ["public", "internal"])
def test_a_built_report_has_the_declared_form(demo: Path, profile: Profile) -> None:
    schema = json.loads((files("reports") / "schema" / "report.schema.json").read_text(encoding="utf-8"))

    report = json.loads(json.dumps(build(find_study(demo, demo), profile).report))

    Draft202012Validator(schema).validate(report)
    assert {"evidence", "leads", "quotes"} <= report.keys()
    assert {"output", "profile"} <= report["report"].keys()
    assert {"program_runs", "program_runs_after_audit"} <= report["coding"].keys()


def test_leads_are_counted_where_there_are_any(used: Study) -> None:
    assert build(used).report["leads"] is None
    with used.store() as store, store.write() as connection:
        connection.execute(
            "INSERT INTO leads (uid, origin, place, claim, link, thread, created_at)"
            " VALUES ('l1', 'a.md', '3', 'bread is dear', 'https://redd.it/aaa1', 'reddit:t3_aaa1', '2026-01-01T00:00:00Z')"
        )

    leads = build(used).report["leads"]

    assert (leads["listed"], leads["collected"], leads["not_judged"]) == (1, 1, 1)
    assert "Of 1 lead, 0 came without an address and the source of 1 was collected." in (
        used.reports / "report.md"
    ).read_text("utf-8")


def test_the_order_in_which_data_come_leaves_no_trace(tmp_path: Path) -> None:
    posts = [
        save_lines(
            tmp_path / f"{name}.jsonl", post_line(name, author=f"author_{name}", text=f"Such dear bread, {name}.")
        )
        for name in ("p1", "p2", "p3")
    ]
    codings = [
        save_lines(tmp_path / f"{post}-{coder}.jsonl", coding_line(f"example:{post}", coder=coder, stance=stance))
        for post, coder, stance in (("p1", "ana", "support"), ("p2", "ana", "dispute"), ("p2", "ben", "dispute"))
    ]
    found = []
    for name, step in (("one", 1), ("other", -1)):
        study = make_study(tmp_path / name)
        for path in posts[::step]:
            assert groundswell("-C", study.root, "collect", "import", path).code == 0
        groundswell("-C", study.root, "code", "apply")
        for path in codings[::step]:
            assert groundswell("-C", study.root, "import", "codings", path).code == 0
        build(study)
        build(study, "internal")
        found.append(hashes(study.root))

    assert found[0] == found[1]
    assert {"reports/report.json", "reports/internal/report.json"} <= found[0].keys()


@pytest.mark.parametrize("sections", ["", FINDINGS.partition("version: 1")[2]], ids=["one claim a code", "claims"])
def test_how_a_report_is_written_is_chosen_in_findings_yaml(used: Study, sections: str) -> None:
    chosen = "version: 1\noutput: {citations: none, voice: we, emphasis: yes}\n"
    before = build(used).report["inputs"]["definition_sha256"]
    (used.root / "findings.yaml").write_text(chosen + sections, encoding="utf-8")

    report = build(used).report

    assert report["report"]["output"] == {"citations": "none", "voice": "we", "emphasis": True}
    assert "We collected 3 posts" in (used.reports / "report.md").read_text(encoding="utf-8")
    if sections:
        assert report["inputs"]["definition_sha256"] == before
