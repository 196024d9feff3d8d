"""What holds for every file of a report, whichever module makes it."""

import copy
import json
import pkgutil
import re
from pathlib import PurePosixPath

import pytest
from fakes.report_kinds import full_report
from fakes.report_sample import report

import reports.exports
from reports.exports import Export, export_all, exports

EVERY = exports().items()
NAMES = list(exports())


@pytest.mark.parametrize(("name", "export"), EVERY, ids=NAMES)
def test_the_same_report_gives_the_same_bytes(name: str, export: Export) -> None:
    found = full_report()

    assert export(found, None) == export(copy.deepcopy(found), None), name
    assert found == full_report()


@pytest.mark.parametrize(("name", "export"), EVERY, ids=NAMES)
def test_files_lie_beside_the_report_and_are_text_with_a_last_line(name: str, export: Export) -> None:
    for path, content in export(full_report(), None).items():
        assert not PurePosixPath(path).is_absolute(), name
        assert ".." not in PurePosixPath(path).parts
        assert content.decode().endswith("\n")
        assert "\r" not in content.decode()


def test_every_module_is_found_by_its_name() -> None:
    assert sorted(module.name for module in pkgutil.iter_modules(reports.exports.__path__)) == NAMES


def test_no_two_exports_write_one_file() -> None:
    paths = [path for export in exports().values() for path in export(full_report(), None)]

    assert len(paths) == len(set(paths))
    assert set(export_all(full_report())) == set(paths)
    assert {"report.json", "report.md", "report.html", "evidence.csv"} <= set(paths)


def test_every_picture_that_the_markdown_shows_is_there() -> None:
    files = export_all(full_report())
    shown = re.findall(r"!\[[^]]*\]\(([^)]*)\)", files["report.md"].decode())

    assert shown
    assert set(shown) == {path for path in files if path.startswith("figures/")}


def test_a_report_without_claims_gives_every_file() -> None:
    files = export_all(report(sections=[]))

    assert json.loads(files["report.json"])["sections"] == []
    assert files["evidence.csv"] == b"claim,side,evidence,community,month\n"
