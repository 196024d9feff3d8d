import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from fakes.corpora import EVALS, KEY, TITLES, Study, make_study, post
from fakes.drawing import draw_audit, needed, read
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from db.queries.runs import Request, record_requests, start_run
from reports.build import Heading, build_report, canonical, definition_hash
from reports.corpus import data_hash
from reports.definition import Claim, Definition, Section
from reports.references import Reference, ReferenceFile
from reports.verdicts import DECLARED

SCHEMA = json.loads((files("reports") / "schema" / "report.schema.json").read_text(encoding="utf-8"))
DEFINITION = Definition("Findings", (Section("all", "All", (TITLES, EVALS)),))
OPEN = Heading("Findings", None, sensitive=False, tool="1")
SENSITIVE = Heading("Findings", None, sensitive=True, tool="1")
SEVERAL = [
    post(f"p{n:02}", f"{n % 9:012x}", thread=f"p{n % 4:02}", title=None, community=f"r/{n % 3}",
         created_at=f"2026-01-{n + 1:02}T00:00:00Z", text=f"evals and titles {n}")
    for n in range(20)
]  # fmt: skip


def built(study: Study, heading: Heading = OPEN, key: bytes = KEY) -> bytes:
    return canonical(build_report(study.store, study.corpus(key), DEFINITION, heading))


def filled(folder: Path, order: Sequence[int]) -> Study:
    """A study whose posts, and then their codings, arrive in this order."""
    study = make_study(folder)
    for n in order:
        study.see(SEVERAL[n])
    study.apply()
    for n in order:
        at = f"2026-03-01T00:{n:02}:00Z"
        study.code(f"p{n:02}", "titles", stance="support" if n % 3 else "dispute", created_at=at)
        study.nothing_else(f"p{n:02}", created_at=at)
        study.code(f"p{n:02}", "evals", "present" if n % 4 else "absent", coder="ben", created_at=at)
    return study


@settings(max_examples=12)
@given(order=st.permutations(range(len(SEVERAL))))
def test_the_order_in_which_posts_and_codings_arrive_leaves_no_trace(order: Sequence[int]) -> None:
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        studies = [filled(Path(one), range(len(SEVERAL))), filled(Path(other), order)]
        reports = [built(study) for study in studies]
        for study in studies:
            study.store.close()

    assert reports[0] == reports[1]


def test_two_processes_in_other_surroundings_give_the_same_bytes(tmp_path: Path) -> None:
    filled(tmp_path, range(len(SEVERAL))).store.close()
    program = "import sys, pathlib, reports_build_probe as p; p.show(pathlib.Path(sys.argv[1]))"
    probe = tmp_path / "reports_build_probe.py"
    probe.write_text(
        "from coding.codebook import load_codebook\n"
        "from db.store import Store\n"
        "from reports.build import Heading, build_report, canonical\n"
        "from reports.corpus import load_corpus\n"
        "from reports.definition import default_definition\n"
        "def show(folder):\n"
        "    codebook = load_codebook(folder / 'codebook.yaml')\n"
        "    with Store(folder / 'study.db') as store:\n"
        "        corpus = load_corpus(store, codebook, b'key')\n"
        "        definition = default_definition(codebook, 'F')\n"
        "        report = build_report(store, corpus, definition, Heading('F', None, sensitive=False, tool='1'))\n"
        "        print(canonical(report).decode())\n",
        encoding="utf-8",
    )

    outputs = {
        subprocess.run(
            [sys.executable, "-c", program, str(tmp_path)],
            check=True, capture_output=True, cwd=tmp_path,
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "PYTHONPATH": str(tmp_path)},
        ).stdout
        for seed, zone in (("1", "UTC"), ("99", "Asia/Kathmandu"))
    }  # fmt: skip

    assert len(outputs) == 1


def test_a_coding_changes_the_data_hash_and_its_time_does_not(study: Study) -> None:
    study.see(post("p0", "a"))
    empty = data_hash(study.corpus())
    study.code("p0", "titles", stance="support")
    coded = data_hash(study.corpus())
    study.code("p0", "titles", stance="support", created_at="2026-03-09T00:00:00Z")
    later = data_hash(study.corpus())

    assert empty != coded
    assert coded == later


def test_evidence_is_cited_by_names_that_only_the_key_can_make(study: Study) -> None:
    study.see(post("p0", "a"))
    study.code("p0", "titles", stance="support")

    reports = [json.loads(built(study, key=key)) for key in (KEY, KEY, b"another key")]
    cited = [report["sections"][0]["claims"][0]["evidence"]["for"]["posts"] for report in reports]

    assert cited[0] == cited[1] != cited[2]
    assert cited[0][0].startswith("E-")


def test_a_sensitive_study_names_no_thread(study: Study) -> None:
    study.see(post("secret1", "a", title="A telling title", thread_url="https://example.org/secret1"))

    report = built(study, SENSITIVE).decode()

    assert "secret1" not in report
    assert "A telling title" not in report


def test_no_text_and_no_pseudonym_is_in_a_report(study: Study) -> None:
    study.see(*SEVERAL)
    study.apply()

    report = built(study).decode()

    assert "evals and titles" not in report
    assert "~0000" not in report


@pytest.mark.parametrize(("notes", "shown"), [(2, "fewer than 3"), (3, 3)])
def test_private_accounts_are_counted_apart_and_small_numbers_are_hidden(
    study: Study, notes: int, shown: object
) -> None:
    study.see(post("p0", "a"), *(post(f"n{n}", platform="note", private=True) for n in range(notes)))
    for n in range(notes):
        study.code(f"note:n{n}", "titles", stance="dispute")
    study.nothing_else("p0")

    claim = json.loads(built(study))["sections"][0]["claims"][0]

    assert claim["private"] == {"dispute": shown}
    assert claim["figures"][0]["counts"]["people"] == 0


def test_communities_with_fewer_than_three_voters_are_hidden(study: Study) -> None:
    study.see(*(post(f"p{n}", f"a{n}", community="r/big" if n < 3 else "r/small") for n in range(5)))
    for n in range(5):
        study.code(f"p{n}", "titles", stance="support")

    communities = json.loads(built(study))["sections"][0]["claims"][0]["figures"][0]["communities"]

    assert [(c["name"], c["people"]) for c in communities] == [("r/big", 3), ("r/small", None)]


def test_invented_posts_beside_real_ones_are_left_out_with_a_warning(study: Study) -> None:
    study.see(post("p0", "a"), post("e0", "b", platform="example"))

    report = json.loads(built(study))

    assert report["collection"]["posts"] == 1
    assert [warning["code"] for warning in report["warnings"]] == ["invented-left-out"]


def test_a_thin_claim_says_how_many_people_and_threads_it_needs(study: Study) -> None:
    study.see(*(post(f"p{n}", f"a{n}") for n in range(3)))
    for n in range(3):
        study.code(f"p{n}", "titles", stance="support")

    claim = json.loads(built(study))["sections"][0]["claims"][0]

    assert claim["verdict"] == "thin"
    assert claim["need"] == {"people": 17, "threads": 5, "decisions": None, "minutes": None}


def report_of(study: Study, heading: Heading = OPEN, definition: Definition = DEFINITION) -> dict[str, Any]:
    return build_report(study.store, study.corpus(), definition, heading)


def asked(study: Study, *requests: tuple[str, str, str | None]) -> None:
    """Record what was read or asked: method, name or link, and the hash of a file."""
    with study.store.write() as connection:
        run = start_run(connection, "collect", {}, "1", "2026-02-01T00:00:00Z")
        record_requests(
            connection,
            run,
            [Request("any", method, url, "2026-02-01T00:00:00Z", sha256=sha) for method, url, sha in requests],
        )


def test_files_and_queries_are_listed_once_each(study: Study) -> None:
    read, search = ("READ", "bread.jsonl", "ab" * 32), ("GET", "https://example.org/search?q=bread", None)

    asked(study, read, search, read, search, ("POST", "https://example.org/api/v1/access_token", None))

    inputs = report_of(study)["inputs"]
    assert inputs["files"] == [{"sha256": "ab" * 32, "name": "bread.jsonl"}]
    assert inputs["queries"] == ["https://example.org/search?q=bread"]


def test_a_sensitive_study_names_neither_files_nor_queries(study: Study) -> None:
    asked(study, ("READ", "telling.jsonl", "ab" * 32), ("GET", "https://example.org/search?q=telling", None))

    report = report_of(study, SENSITIVE)

    assert "telling" not in canonical(report).decode()
    assert report["inputs"]["files"] == [{"sha256": "ab" * 32, "name": "(not named)"}]
    assert len(report["inputs"]["queries"]) == 1


def test_how_often_it_was_built_or_collected_leaves_no_trace(study: Study) -> None:
    study.see(post("p0", "a"))
    asked(study, ("READ", "bread.jsonl", "ab" * 32))
    first = built(study)

    asked(study, ("READ", "bread.jsonl", "ab" * 32))

    assert built(study) == first


def test_a_report_is_as_of_the_newest_observation_or_post(study: Study) -> None:
    undated = {"observed_at": None, "created_at": "2026-02-07T00:00:00Z"}
    study.see(post("p0", "a"), post("p1", "b", **undated))

    assert report_of(study)["report"]["as_of"] == "2026-02-07T00:00:00Z"


def test_an_empty_study_gives_a_report_of_nothing(study: Study) -> None:
    report = report_of(study)

    assert report["report"]["as_of"] is None
    assert (report["collection"]["posts"], report["collection"]["period"]) == (0, None)
    assert report["collection"]["effective_threads"] == 0.0
    assert report["next_steps"] == {"best": None, "all": None, "way": []}
    assert {claim["verdict"] for claim in report["sections"][0]["claims"]} == {"none"}


def test_the_collection_is_told_by_community_and_thread(study: Study) -> None:
    study.see(
        post("p0", "a", title="Bread", thread_url="https://example.org/p0", declared_count=4),
        post("c1", "b", thread="p0"),
        post("p2", "a", community="r/two", created_at="2026-01-09T00:00:00Z"),
    )

    collection = report_of(study)["collection"]

    assert (collection["posts"], collection["authors"], collection["threads"]) == (3, 2, 2)
    assert collection["period"] == ["2026-01-01T00:00:00Z", "2026-01-09T00:00:00Z"]
    assert collection["effective_threads"] == 1.8
    assert collection["communities"] == [
        {"name": "r/one", "posts": 2, "threads": 1, "authors": 2},
        {"name": "r/two", "posts": 1, "threads": 1, "authors": 1},
    ]
    assert collection["incomplete_threads"] == 2
    assert collection["thread_list"][0] == {
        "id": "site:p0", "title": "Bread", "url": "https://example.org/p0", "community": "r/one", "posts": 2,
        "announced": 4, "coverage": 0.25,
    }  # fmt: skip


def test_a_thread_that_is_whole_or_invented_is_not_incomplete(study: Study) -> None:
    study.see(post("p0", "a", declared_count=0))
    whole = report_of(study)["collection"]["incomplete_threads"]
    study.see(post("p1", "b"))

    assert (whole, report_of(study)["collection"]["incomplete_threads"]) == (0, 1)


def test_an_invented_study_says_that_it_is_one_and_lacks_no_replies(study: Study) -> None:
    study.see(post("e0", "a", platform="example"))

    report = report_of(study)

    assert [warning["code"] for warning in report["warnings"]] == ["invented"]
    assert report["collection"]["incomplete_threads"] == 0


def test_posts_without_a_voice_are_counted_by_reason(study: Study) -> None:
    study.see(post("p0", "a"), post("p1", "b", state="removed", text=None), post("p2", "c", text=None))

    assert report_of(study)["collection"]["excluded"] == {
        "bots": 0, "deleted_or_removed": 1, "without_words": 1, "repeated_by_another_account": 0,
    }  # fmt: skip


def test_a_claim_on_a_draft_is_named_in_a_warning(study: Study) -> None:
    drafts = Claim(id="first", kind="shares", label="first", code="evidence.firsthand")

    warnings = report_of(study, definition=Definition(None, (Section("all", "All", (drafts, EVALS)),)))["warnings"]

    assert [(warning["code"], warning["claims"]) for warning in warnings] == [("draft-codes", ["first"])]


def test_coders_and_their_reading_are_counted(study: Study) -> None:
    study.see(post("p0", "a", text="evals"), post("p1", "b"))
    study.apply()
    study.nothing_else("p0", "p1")
    study.nothing_else("p0", coder="ben")

    assert report_of(study)["coding"] == {
        "people": 2, "machines": ["rules"], "posts_read": 2, "posts_read_twice": 1, "codes": 6,
    }  # fmt: skip


def test_the_way_leads_from_unread_to_read(study: Study) -> None:
    study.see(*(post(f"p{n}", f"a{n}") for n in range(5)))
    study.code("p0", "titles", "absent")

    steps = report_of(study)["next_steps"]

    assert [(step["claims"], step["decisions"]) for step in steps["way"]] == [
        (["titles"], 4),
        (["titles", "evals"], 5),
    ]
    assert steps["all"] == steps["best"] == steps["way"][-1]
    assert steps["all"] == {"claims": ["titles", "evals"], "decisions": 5, "minutes": 2, "is_whole": True}


def test_a_read_study_has_no_way_to_go(study: Study) -> None:
    study.see(post("p0", "a"))
    study.nothing_else("p0")

    assert report_of(study)["next_steps"]["way"] == []


def test_the_title_is_that_of_the_findings_or_else_of_the_study(study: Study) -> None:
    heading = Heading("Of the study", "Why?", sensitive=False, tool="1")

    titles = [report_of(study, heading, replace(DEFINITION, title=title))["report"]["title"] for title in ("Own", None)]

    assert titles == ["Own", "Of the study"]


def test_another_claim_changes_the_hash_of_the_definition() -> None:
    fewer = Definition("Findings", (Section("all", "All", (TITLES,)),))

    assert definition_hash(DEFINITION) == definition_hash(replace(DEFINITION))
    assert definition_hash(DEFINITION) != definition_hash(fewer)


def test_the_canonical_form_is_sorted_and_keeps_other_scripts_and_refuses_what_is_no_number() -> None:
    assert canonical({"b": "漢", "a": 1}) == '{\n "a": 1,\n "b": "漢"\n}\n'.encode()
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical({"a": float("nan")})


def _audit(study: Study) -> None:
    study.see(*SEVERAL)
    study.apply()
    draw_audit(study, "titles", "evals", per_stratum=3)


def test_an_audited_report_keeps_to_its_schema(study: Study) -> None:
    _audit(study)
    unfinished = json.loads(built(study))
    for claim in (TITLES, EVALS):
        read(study, claim, needed(study, claim), [f"site:p{n:02}" for n in range(0, 20, 3)])
    finished = json.loads(built(study))

    for found in (unfinished, finished):
        Draft202012Validator(SCHEMA).validate(found)
    claims = [claim for section in finished["sections"] for claim in section["claims"]]
    assert {claim["basis"] for claim in claims} <= {"read", "screened"}


def test_an_audit_changes_the_data_that_a_report_was_computed_from(study: Study) -> None:
    study.see(*SEVERAL)
    study.apply()
    before = data_hash(study.corpus())
    drawn = draw_audit(study, "titles", per_stratum=3)
    after = data_hash(study.corpus())
    study.code("p00", "titles", stance="dispute", coder="other rules", coder_kind="rules")

    assert drawn
    assert len({before, after, data_hash(study.corpus())}) == 3


def test_an_audited_report_is_the_same_bytes_again(study: Study) -> None:
    _audit(study)

    assert built(study) == built(study)


REFERENCES = (
    Reference("rye", "Rye", 30, 120, "all loaves", "d", "2026-01", "s", "bread.csv"),
    Reference("buns", "Buns", 6, 60, "sold loaves", "d", "2026-01", "s", "bread.csv"),
)
GAPS = (
    Claim("one", "gap", "evals", code="evals", references=(("rye", "beside"),)),
    Claim(
        "other",
        "gap",
        "titles",
        code="titles",
        references=(("buns", "beside"),),
        construct_differs=True,
        dimension="Buns",
    ),
)


def test_outside_figures_stand_in_the_report_with_their_file_and_its_hash(study: Study) -> None:
    study.see(*SEVERAL)
    definition = Definition(
        "Findings",
        (Section("gap", "The gap", GAPS),),
        reference_files=(ReferenceFile("bread.csv", "0" * 64, REFERENCES),),
    )
    report = build_report(study.store, study.corpus(), definition, OPEN)

    assert report["inputs"]["references"] == [{"file": "bread.csv", "sha256": "0" * 64}]
    assert [(one["key"], one["file"], one["share"]["estimate"]) for one in report["references"]] == [
        ("buns", "bread.csv", 0.1),
        ("rye", "bread.csv", 0.25),
    ]
    assert [(warning["code"], warning["claims"]) for warning in report["warnings"]] == [
        ("bases-differ", ["one", "other"]),
        ("construct-differs", ["other"]),
    ]
    Draft202012Validator(SCHEMA).validate(report)


def test_figures_of_one_base_are_not_warned_about(study: Study) -> None:
    definition = Definition(
        "Findings",
        (Section("gap", "The gap", GAPS[:1]),),
        reference_files=(ReferenceFile("bread.csv", "0" * 64, REFERENCES),),
    )

    assert build_report(study.store, study.corpus(), definition, OPEN)["warnings"] == []


def test_the_limits_of_the_rule_and_how_much_was_tested_are_part_of_the_report(study: Study) -> None:
    study.see(*SEVERAL)
    limits = replace(DECLARED, people=3)
    definition = Definition("Findings", (Section("all", "All", (TITLES,)),), limits, ("people",))
    report = build_report(study.store, study.corpus(), definition, OPEN)

    assert (report["thresholds"]["people"], report["declared_thresholds"]) == (3, ["people"])
    assert report["tests"] == {"headlines": 0, "trends": 0, "orders": 0}
    assert definition_hash(definition) != definition_hash(replace(definition, thresholds=DECLARED))


def test_codes_that_people_found_show_how_far_they_are_exhausted(study: Study) -> None:
    study.see(*SEVERAL)
    study.apply()
    before = build_report(study.store, study.corpus(), DEFINITION, OPEN)["saturation"]
    study.code("p00", "titles", stance="support")
    study.code("p01", "evals")
    study.nothing_else("p02")
    found = build_report(study.store, study.corpus(), DEFINITION, OPEN)["saturation"]

    assert before is None
    assert (found["threads"], found["codes"], found["curve"][-1]) == (3, 2, [3, 2.0])
    assert (found["is_open"], found["chao2"], found["new_rate"]) == (False, None, None)
