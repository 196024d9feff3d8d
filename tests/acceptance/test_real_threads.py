"""The whole loop on the recordings kept beside the project, checked against an independent recount of the raw files."""

import hashlib
import json
import os
import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from acceptance import recount

pytestmark = pytest.mark.acceptance

DATA = recount.default_data_dir()
KEY = "ab" * 32
ORDERS = ("sorted", "reversed", "shuffled")
TABLES_OF_RUNS = {"runs", "requests", "sqlite_sequence"}


@dataclass(frozen=True)
class Imported:
    """A fresh study with all recordings in it, imported in one order."""

    root: Path
    export: Path


def groundswell(root: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "groundswell", "-C", str(root), *arguments]
    settings = {**os.environ, "GROUNDSWELL_KEY": KEY, **environment}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=settings)


def recordings() -> list[Path]:
    folders = [DATA / "acceptance" / name for name in ("arctic_shift", "reddit_threads", "reddit_recollect")]
    files = sorted(path for folder in folders for path in folder.rglob("*.json"))
    return [*files, *sorted((DATA / "corpus").glob("*.zst"))]


def in_order(order: str) -> list[Path]:
    files = recordings()
    if order == "reversed":
        return files[::-1]
    if order == "shuffled":
        random.Random(4).shuffle(files)
    return files


@pytest.fixture(scope="session")
def studies(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Imported]:
    made = {}
    for order in ORDERS:
        root = tmp_path_factory.mktemp(order) / "study"
        subprocess.run(
            [sys.executable, "-m", "groundswell", "init", str(root), "--example", "ai-engineer"],
            check=True, capture_output=True, env={**os.environ},
        )  # fmt: skip
        use_key(root)
        done = groundswell(root, "collect", "import", *map(str, in_order(order)))
        assert done.returncode == 0, done.stderr
        export = root / "posts.jsonl"
        export.write_text(groundswell(root, "export", "posts", "--nl").stdout, encoding="utf-8")
        made[order] = Imported(root, export)
    return made


def use_key(root: Path) -> None:
    """Let all three studies share one key, as one study has."""
    (root / ".env").write_text(f"GROUNDSWELL_KEY={KEY}\n", encoding="utf-8")
    with closing(sqlite3.connect(root / "study.db", isolation_level=None)) as database:
        database.execute("DELETE FROM meta WHERE key = 'key_fingerprint'")


def everything_but_runs(root: Path) -> dict[str, str]:
    """A hash of each table's rows."""
    with closing(sqlite3.connect(root / "study.db")) as database:
        tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            table: hashlib.sha256(
                repr(sorted(map(repr, database.execute(f"SELECT * FROM {table}")))).encode()
            ).hexdigest()
            for table in tables
            if table not in TABLES_OF_RUNS
        }


def test_three_orders_of_import_give_the_same_rows(studies: dict[str, Imported]) -> None:
    exports = {study.export.read_bytes() for study in studies.values()}

    assert len(exports) == 1


def test_every_row_is_what_an_independent_recount_expects(studies: dict[str, Imported]) -> None:
    disagreements = recount.compare(studies["sorted"].export, DATA)

    assert disagreements == []


def test_a_second_import_changes_no_row_outside_runs_and_requests(studies: dict[str, Imported]) -> None:
    root = studies["shuffled"].root
    before = everything_but_runs(root)

    done = groundswell(root, "collect", "import", *map(str, in_order("sorted")))

    assert "0 new, 0 changed" in done.stdout
    assert everything_but_runs(root) == before


def test_a_text_that_a_later_observation_shows_as_deleted_is_in_no_file_of_the_study(
    studies: dict[str, Imported],
) -> None:
    lost = recount.needles(DATA)
    stored = b"".join(path.read_bytes() for path in studies["sorted"].root.rglob("study.db*"))

    found = [post for post, lines in lost.items() for line in lines if line.encode() in stored]

    assert len(lost) >= 10
    assert found == []


def test_in_one_thread_a_deletion_arrives_without_text_and_two_posts_are_one_voter(
    studies: dict[str, Imported],
) -> None:
    lines = studies["sorted"].export.read_text(encoding="utf-8").split("\n")
    rows = {row["native_id"]: row for row in map(json.loads, filter(None, lines))}

    deleted, kept, first, second = (rows[f"t1_{name}"] for name in ("nu6a12l", "nu6abiu", "nolvk4a", "nolvlg6"))

    assert (deleted["state"], deleted["text"]) == ("deleted_by_author", None)
    assert kept["state"] == "live"
    assert kept["text"] is not None
    assert first["author"] == second["author"]
    assert first["native_id"] != second["native_id"]


def test_rule_hits_on_real_threads_are_no_verdict_and_the_report_is_the_same_bytes(
    studies: dict[str, Imported],
) -> None:
    reports = set()
    surroundings = ({"PYTHONHASHSEED": "1", "TZ": "UTC"}, {"PYTHONHASHSEED": "77", "TZ": "Asia/Tokyo"})
    for order, around in zip(("sorted", "reversed"), surroundings, strict=True):
        root = studies[order].root
        assert groundswell(root, "code", "apply", **around).returncode == 0
        assert groundswell(root, "report", "build", **around).returncode == 0
        assert groundswell(root, "report", "verify").returncode == 0
        reports.add(
            tuple((root / "reports" / name).read_bytes() for name in ("report.json", "report.md", "report.html"))
        )

    report = json.loads((studies["sorted"].root / "reports" / "report.json").read_bytes())
    claims = [claim for section in report["sections"] for claim in section["claims"]]

    assert len(reports) == 1
    counting = [claim for claim in claims if claim["kind"] != "takeaway"]
    assert {claim["verdict"] for claim in counting} <= {"unchecked", "none"}
    assert {claim["verdict"] for claim in claims if claim["kind"] == "takeaway"} == {"not-established"}
    assert {figure["share"] for claim in claims for figure in claim["figures"]} == {None}
    assert all(claim["need"]["decisions"] for claim in claims if claim["verdict"] == "unchecked")
