import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from fakes.corpora import EVALS, KEY, TITLES, Study, make_study, post

from reports.build import Heading, build_report, canonical
from reports.corpus import data_hash
from reports.definition import Definition, Section

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


def filled(folder: Path, seed: int) -> Study:
    study = make_study(folder)
    order = SEVERAL[:]
    random.Random(seed).shuffle(order)
    for seen in order:
        study.see(seen)
    study.apply()
    for n in range(20):
        study.code(f"p{n:02}", "titles", stance="support" if n % 3 else "dispute")
        study.nothing_else(f"p{n:02}")
    return study


def test_the_order_in_which_posts_arrive_leaves_no_trace(tmp_path: Path) -> None:
    reports = set()
    for seed in range(4):
        (tmp_path / str(seed)).mkdir()
        study = filled(tmp_path / str(seed), seed)
        reports.add(built(study))
        study.store.close()

    assert len(reports) == 1


def test_two_processes_in_other_surroundings_give_the_same_bytes(tmp_path: Path) -> None:
    filled(tmp_path, 1).store.close()
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
