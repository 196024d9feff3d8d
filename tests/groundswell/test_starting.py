import json
import os
import stat
import subprocess
import sys
from collections import Counter
from importlib.resources import files
from pathlib import Path

import pytest
from fakes.study import groundswell
from jsonschema import Draft202012Validator

from db.errors import GroundswellError
from db.queries.study import fingerprint, totals
from groundswell.reporting import claims_of, compute_report
from groundswell.starting import EXAMPLES, run_demo, start_study
from groundswell.study import find_study


def test_a_blank_study_is_complete_and_in_order(tmp_path: Path) -> None:
    study = start_study(tmp_path / "bread", "blank")

    assert study.file.title == "bread"
    assert {path.name for path in study.root.iterdir()} == {
        ".env", ".gitignore", "codebook.yaml", "findings.yaml", "study.db", "study.yaml",
    }  # fmt: skip
    assert study.codebook().codes == {}
    assert groundswell("-C", study.root, "doctor").code == 0


@pytest.mark.parametrize(
    "title", ["Bread: dear?", 'The "best" bread', "back\\slash", "{braces}", "# no comment", "- x"]
)
def test_any_title_may_be_given(tmp_path: Path, title: str) -> None:
    assert start_study(tmp_path / "bread", "blank", title).file.title == title


def test_the_findings_file_of_a_new_study_can_be_read_at_a_glance(tmp_path: Path) -> None:
    study = start_study(tmp_path / "bread", "blank")

    assert len(study.findings_path.read_text(encoding="utf-8").splitlines()) <= 15


def test_what_its_comments_propose_is_a_definition_that_works(tmp_path: Path) -> None:
    study = start_study(tmp_path / "bread", "blank")
    study.codebook_path.write_text("codes:\n  title-confusion:\n    definition: x\n    stance: yes\n", encoding="utf-8")
    proposed = study.findings_path.read_text(encoding="utf-8").replace("\n# ", "\n").partition("#\n")[2]
    study.findings_path.write_text(proposed.replace("\n#\n", "\n"), encoding="utf-8")

    definition = study.definition(study.codebook())

    assert [claim.id for section in definition.sections for claim in section.claims] == ["titles-misaligned"]


def test_only_its_owner_reads_the_key(tmp_path: Path) -> None:
    study = start_study(tmp_path / "bread", "blank")

    assert stat.S_IMODE((study.root / ".env").stat().st_mode) == 0o600


def test_the_key_was_never_open_to_others(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        study = start_study(tmp_path / "bread", "blank")
    finally:
        os.umask(before)

    assert stat.S_IMODE((study.root / ".env").stat().st_mode) == 0o600


def test_secrets_and_texts_stay_out_of_repositories(tmp_path: Path) -> None:
    study = start_study(tmp_path / "bread", "blank")

    assert {".env", "study.db*", "backups/"} <= set((study.root / ".gitignore").read_text(encoding="utf-8").split("\n"))


def test_two_studies_have_different_keys(tmp_path: Path) -> None:
    one, other = start_study(tmp_path / "one", "blank"), start_study(tmp_path / "other", "blank")

    with one.store() as store, other.store() as other_store:
        assert fingerprint(store.connection) != fingerprint(other_store.connection)
    assert one.settings.key != other.settings.key


def test_a_study_may_start_from_the_example_without_its_invented_posts(tmp_path: Path) -> None:
    study = start_study(tmp_path / "jobs", "ai-engineer")

    with study.store() as store:
        assert totals(store.connection)["posts"] == 0
    assert len(study.codebook().codes) > 50
    assert study.definition(study.codebook()).sections
    assert not {"posts.jsonl", "codings.jsonl", "README.md"} & {path.name for path in study.root.iterdir()}
    assert (study.root / "reference" / "job_postings.csv").is_file()


def test_a_study_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    study = start_study(tmp_path / "bread", "blank")
    before = (study.root / ".env").read_bytes()

    with pytest.raises(GroundswellError, match="there is a study here already; it was left as it is"):
        start_study(study.root, "blank")

    assert (study.root / ".env").read_bytes() == before


def test_a_study_needs_a_folder_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear baker", encoding="utf-8")

    with pytest.raises(GroundswellError, match="not empty; a study starts in a folder of its own"):
        start_study(tmp_path, "blank")
    with pytest.raises(GroundswellError, match="not empty"):
        start_study(tmp_path / "letter.txt", "blank")


def test_an_unknown_example_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GroundswellError, match="there is no example 'cakes'") as raised:
        start_study(tmp_path / "bread", "cakes")

    assert all(name in str(raised.value.hint) for name in EXAMPLES)
    assert not (tmp_path / "bread").exists()


def test_the_demo_shows_every_verdict_that_a_reader_should_know(demo_once: Path) -> None:
    study = find_study(demo_once, demo_once)
    with study.store() as store:
        verdicts = Counter(claim["verdict"] for claim in claims_of(compute_report(study, store)))

    assert {"consensus", "divided", "majority", "contested", "thin", "unchecked", "measured"} <= verdicts.keys()


def test_the_demo_shows_every_kind_of_claim_in_the_form_of_the_schema(demo_once: Path) -> None:
    report = json.loads((demo_once / "reports" / "report.json").read_bytes())
    schema = json.loads((files("reports") / "schema" / "report.schema.json").read_text(encoding="utf-8"))

    Draft202012Validator(schema).validate(report)
    assert {claim["kind"] for claim in claims_of(report)} == {
        "consensus", "shares", "ranking", "pairs", "examples", "gap", "compare", "takeaway",
    }  # fmt: skip


def test_the_demo_is_the_same_bytes_in_any_surroundings(demo: Path) -> None:
    before = (demo / "reports" / "report.json").read_bytes()
    for seed, zone in (("1", "UTC"), ("77", "Asia/Tokyo")):
        (demo / "reports" / "report.json").unlink()
        run = [sys.executable, "-m", "groundswell", "-C", str(demo), "report", "build"]
        subprocess.run(run, check=True, capture_output=True, env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone})

        assert (demo / "reports" / "report.json").read_bytes() == before


def test_the_demo_says_that_all_is_invented(demo_once: Path) -> None:
    study = find_study(demo_once, demo_once)
    with study.store() as store:
        warnings = compute_report(study, store)["warnings"]

    assert "invented" in {warning["code"] for warning in warnings}


def test_a_second_demo_in_the_same_folder_doubles_nothing(demo: Path) -> None:
    report = (demo / "reports" / "report.json").read_bytes()

    again = run_demo(demo)

    assert (again.posts, again.hits, again.codings, again.built.changed) == (0, 0, 0, False)
    assert (demo / "reports" / "report.json").read_bytes() == report
    assert groundswell("-C", demo, "report", "verify").code == 0


def test_the_demo_touches_no_study_of_somebody(tmp_path: Path) -> None:
    start_study(tmp_path / "bread", "blank")

    with pytest.raises(GroundswellError, match="there is a study here already"):
        run_demo(tmp_path / "bread")
