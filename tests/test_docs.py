"""The pages say what the program does: its commands, its words, its files, and what it answers."""

import functools
import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, get_args

import pytest
from fakes.study import groundswell
from jsonschema import Draft202012Validator

from coding.codebook import CodeFields
from coding.codings import KINDS, STANCES, VALUES
from collector.source import file_sources
from db.errors import Busy, CheckFailed, ConfigurationError, GroundswellError, Partial, RefusedBySite
from db.records import Coding
from db.schema import STATES
from groundswell.cli.export import POST_COLUMNS
from groundswell.study_file import StudyFile
from reports.definition import ClaimFields, Kind
from reports.verdicts import Verdict
from reports.words import LABELS

ROOT = Path(__file__).parent.parent
REFERENCE = ROOT / "docs" / "reference"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
RENEW = ROOT / "docs" / "make_reference.py"
LINK = re.compile(r"(?<!!)\[[^\]]*\]\((?!https?:)([^)\s]+)\)")
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
FOR_WHOM = re.compile(r"\AFor (?:whoever|readers|those)\b")
DEMO_REPORT = ("demo", "reports", "report.json")


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _first_cells(page: str) -> set[str]:
    """The words in backticks that stand in the first column of a page's tables."""
    rows = re.findall(r"^\| (`[^|]*`) \|", _text(REFERENCE / page), flags=re.MULTILINE)
    return {word for row in rows for word in re.findall(r"`([^`]+)`", row)}


def _numbers(page: str) -> set[int]:
    return {int(number) for number in re.findall(r"^\| (\d+) \|", _text(REFERENCE / page), flags=re.MULTILINE)}


def _anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", FENCED.sub("", _text(path)), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _links() -> Iterator[tuple[Path, str]]:
    for page in PAGES:
        yield from ((page, link) for link in LINK.findall(FENCED.sub("", _text(page))))


def _is_broken(page: Path, link: str) -> bool:
    place, _, anchor = link.partition("#")
    target = (page.parent / place).resolve() if place else page
    return not target.is_file() or (anchor != "" and anchor not in _anchors(target))


def _pages_that_show_the_program() -> list[str]:
    marked = [page.relative_to(ROOT).as_posix() for page in PAGES if "\n<!-- run" in _text(page)]
    return ["docs/reference/commands.md", "docs/reference/report-json.md", *marked]


def _tables_and_views(database: Path) -> set[str]:
    """What the program itself made: not SQLite's own tables, nor the one that remembers migrations."""
    query = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT GLOB '[_s]*qlite_*'"
    query += " AND name NOT GLOB 'words_*'"
    with closing(sqlite3.connect(database)) as connection:
        return {row[0] for row in connection.execute(query)}


@functools.cache
def _schema() -> Any:
    return json.loads(_text(ROOT / "reports" / "schema" / "report.schema.json"))


def _misfits(report: Path) -> list[str]:
    found = Draft202012Validator(_schema()).iter_errors(json.loads(_text(report)))
    return [f"{list(error.absolute_path)}: {error.message}" for error in found]


@pytest.mark.skipif(sys.platform == "win32", reason="what a terminal shows is looked at through a POSIX terminal")
@pytest.mark.parametrize("page", _pages_that_show_the_program())
def test_a_page_shows_what_the_program_shows_now(page: str) -> None:
    command = [sys.executable, str(RENEW), "--check", page]
    result = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (result.returncode, result.stderr) == (0, "")


def test_every_link_between_pages_leads_somewhere() -> None:
    assert [f"{page.relative_to(ROOT)}: {link}" for page, link in _links() if _is_broken(page, link)] == []


@pytest.mark.parametrize("page", sorted((ROOT / "docs").rglob("*.md")), ids=lambda page: page.name)
def test_a_page_begins_by_saying_for_whom_it_is(page: Path) -> None:
    paragraphs = _text(page).split("\n\n")

    assert FOR_WHOM.match(paragraphs[1]), paragraphs[1]


def test_the_readme_leads_to_every_page() -> None:
    linked = {(ROOT / link.partition("#")[0]).resolve() for link in LINK.findall(_text(ROOT / "README.md"))}

    assert set((ROOT / "docs").rglob("*.md")) - linked == set()


def test_the_readme_explains_every_verdict_in_the_words_of_the_report() -> None:
    rows = re.findall(r"^\| `([\w-]+)` \| ([^|]+) \|", _text(ROOT / "README.md"), flags=re.MULTILINE)

    assert dict(rows) == {verdict.value: label for verdict, label in LABELS.items()}


def test_the_page_on_statistics_names_every_verdict() -> None:
    page = _text(ROOT / "docs" / "explanation" / "statistics.md")

    assert [verdict.value for verdict in Verdict if not re.search(rf"\b{verdict.value}\b", page)] == []


def test_the_page_of_exit_codes_holds_those_of_the_errors() -> None:
    errors = (GroundswellError, ConfigurationError, Partial, Busy, CheckFailed, RefusedBySite)

    assert _numbers("exit-codes.md") == {error.exit_code for error in errors} | {0, 2, 130, 143}


def test_the_page_of_study_files_names_every_field_and_setting() -> None:
    written = (StudyFile, CodeFields, ClaimFields)
    fields = {field.alias or name for form in written for name, field in form.model_fields.items()}
    settings = re.findall(r"^([A-Z_]+)=$", _text(ROOT / ".env.example"), flags=re.MULTILINE)

    assert (fields | {*settings, *get_args(Kind)}) - _first_cells("study-files.md") == set()


def test_the_page_of_codings_names_every_field_and_word() -> None:
    words = {*Coding.__dataclass_fields__, *VALUES}
    page = _text(REFERENCE / "codings.md")

    assert words - _first_cells("codings.md") == set()
    assert [word for word in (*STANCES, *KINDS) if f"`{word}`" not in page] == []


def test_the_page_of_posts_names_every_field_and_state() -> None:
    assert {*POST_COLUMNS, *STATES} - _first_cells("posts.md") == set()


def test_the_page_of_the_database_names_every_table_and_view(tmp_path: Path) -> None:
    groundswell("init", tmp_path / "study")

    shown = _first_cells("database.md")
    assert _tables_and_views(tmp_path / "study" / "study.db") - shown == set()


def test_the_glossary_names_every_source() -> None:
    glossary = _text(REFERENCE / "glossary.md")

    assert [name for name in (*file_sources(), "arctic_shift", "reddit_api") if f"`{name}`" not in glossary] == []


def test_the_report_of_the_demo_is_of_the_form_that_is_documented(tmp_path: Path) -> None:
    groundswell("demo", tmp_path / "demo")

    assert _misfits(tmp_path.joinpath(*DEMO_REPORT)) == []


def test_the_report_of_a_sensitive_study_is_of_the_form_that_is_documented(tmp_path: Path) -> None:
    groundswell("demo", tmp_path / "demo")
    study = tmp_path / "demo" / "study.yaml"
    study.write_text(_text(study).replace("sensitivity: low", "sensitivity: high"), encoding="utf-8")

    groundswell("-C", tmp_path / "demo", "report", "build")

    assert _misfits(tmp_path.joinpath(*DEMO_REPORT)) == []


def test_the_report_of_an_empty_study_with_a_draft_is_of_the_form_that_is_documented(tmp_path: Path) -> None:
    groundswell("init", tmp_path / "study")
    groundswell("-C", tmp_path / "study", "codebook", "add", "Caching")

    groundswell("-C", tmp_path / "study", "report", "build")

    assert _misfits(tmp_path / "study" / "reports" / "report.json") == []


def test_the_form_of_the_report_names_every_verdict() -> None:
    assert set(_schema()["$defs"]["verdict"]["enum"]) == {verdict.value for verdict in Verdict}
