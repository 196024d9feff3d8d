import csv
import io

import pytest
from fakes.report_sample import Row, report, stance_claim

from reports.exports.evidence import export, harmless


def rows(found: Row) -> list[list[str]]:
    return list(csv.reader(io.StringIO(export(found, None)["evidence.csv"].decode())))[1:]


def test_each_listed_post_is_a_row_without_a_word_of_it() -> None:
    found = rows(report(stance_claim()))

    assert found[0] == ["titles-misaligned", "against", "E-a1", "", ""]
    assert ["titles-misaligned", "for", "E-f1", "r/made-up", "2025-11"] in found
    assert len(found) == 11


def test_where_communities_are_not_named_their_cells_are_empty() -> None:
    hidden = {"E-f1": {"community": None, "month": None}}

    assert ["titles-misaligned", "for", "E-f1", "", ""] in rows(report(stance_claim(), evidence=hidden))


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@sum", "\tx", "\uff1dx"])
def test_a_cell_that_a_spreadsheet_would_compute_is_made_text(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


def test_other_cells_stay_as_they_are() -> None:
    assert harmless("r/made-up") == "r/made-up"
    assert harmless("") == ""
