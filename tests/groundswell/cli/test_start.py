import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from fakes.study import CODEBOOK, FINDINGS, ROOT, groundswell
from ruamel.yaml import YAML

from db.yaml_files import load
from groundswell import VERSION
from groundswell.study import Study

EXAMPLE = ROOT / "studies" / "ai-engineer"


def yaml(text: str) -> Any:
    return YAML(typ="safe").load(text)


def schema(name: str) -> Any:
    return groundswell("schema", name).json


def test_the_demo_needs_no_study_and_shows_findings_and_the_way_on(tmp_path: Path) -> None:
    ran = groundswell("demo", tmp_path / "demo")

    assert ran.code == 0
    assert "titles-misaligned\tconsensus\tread\n" in ran.out
    assert f"The report: {tmp_path / 'demo' / 'reports' / 'report.html'}" in ran.out
    assert "groundswell init my-study" in ran.out
    assert ran.err == "457 invented posts collected, 613 rule hits, 2277 codings by two invented coders.\n"


def test_a_new_study_is_named(tmp_path: Path) -> None:
    ran = groundswell("init", tmp_path / "bread", "--title", "Bread in our town")

    assert (ran.code, ran.out, ran.err) == (0, f"{tmp_path / 'bread'}: a new study\n", "")
    assert groundswell("-C", tmp_path / "bread", "status").out.startswith("Bread in our town\n")


def test_a_study_from_the_example_is_in_order(tmp_path: Path) -> None:
    assert groundswell("init", tmp_path / "jobs", "--example", "ai-engineer").code == 0

    assert groundswell("-C", tmp_path / "jobs", "codebook", "check").code == 0
    assert groundswell("-C", tmp_path / "jobs", "code", "test").code == 0


def test_a_study_in_a_synchronised_folder_is_made_with_a_warning(tmp_path: Path) -> None:
    ran = groundswell("init", tmp_path / "OneDrive" / "bread")

    assert ran.code == 0
    assert ran.err.startswith("warning: ")


def test_a_folder_that_is_not_empty_is_left_alone(study: Study) -> None:
    ran = groundswell("init", study.root)

    assert (ran.code, ran.out) == (1, "")
    assert ran.err == f"error: {study.root}: there is a study here already; it was left as it is\n"


def test_the_status_can_be_read_by_people_and_programs(used: Study) -> None:
    page, data = groundswell("-C", used.root, "status"), groundswell("-C", used.root, "status", "--json").json

    assert (page.code, page.err) == (0, "")
    assert "  bread-is-dear  thin" in page.out
    assert data["totals"]["posts"] == 3
    assert data["claims"][0]["id"] == "bread-is-dear"


def test_the_doctor_finds_nothing_wrong(used: Study) -> None:
    table, rows = (groundswell("-C", used.root, "doctor", *form) for form in ((), ("--json",)))

    assert (table.code, rows.code) == (0, 0)
    assert "database\tfine\twhole\n" in table.out
    assert {"check": "database", "state": "fine", "detail": "whole"} in rows.json


def test_the_doctor_ends_with_6_when_something_is_wrong(study: Study) -> None:
    study.codebook_path.write_text("codes: [", encoding="utf-8")
    (study.root / ".env").write_text("", encoding="utf-8")

    ran = groundswell("-C", study.root, "doctor")

    assert ran.code == 6
    assert ran.err == "error: not in order: codebook, findings, key\n"


def test_the_doctor_may_be_called_outside_of_a_study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert groundswell("doctor").code == 0


@pytest.mark.parametrize("name", ["study", "codebook", "findings"])
def test_a_schema_is_a_valid_one(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema(name))


@pytest.mark.parametrize("name", ["study", "codebook", "findings"])
def test_the_files_that_are_shipped_satisfy_their_schemas(name: str) -> None:
    jsonschema.validate(load(EXAMPLE / f"{name}.yaml").data, schema(name))


@pytest.mark.parametrize("name", ["study", "findings", "codebook"])
def test_the_files_of_a_new_study_satisfy_their_schemas(tmp_path: Path, name: str) -> None:
    groundswell("init", tmp_path / "bread")

    jsonschema.validate(yaml((tmp_path / "bread" / f"{name}.yaml").read_text(encoding="utf-8")), schema(name))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("study", "title: Bread\nmachine: perhaps\n"),
        ("study", "titel: Bread\n"),
        ("codebook", CODEBOOK.replace("name: Queue", "nmae: Queue")),
        ("findings", FINDINGS.replace("kind: shares", "kind: opinion")),
    ],
)
def test_a_file_that_is_wrong_does_not_satisfy_its_schema(name: str, text: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(yaml(text), schema(name))


def test_the_version_is_told() -> None:
    assert groundswell("version").out == f"{VERSION}\n"
    assert json.loads(groundswell("version", "--json").out)["groundswell"] == VERSION
