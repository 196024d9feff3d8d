"""Codebooks of other programs come into a study, and the study's goes out."""

import csv
import io
from pathlib import Path

import pytest
from fakes.study import CODEBOOK, coding_line, groundswell, make_study, post_line, save_lines

from coding.codebook import Codebook
from coding.codebook_exchange import Note
from coding.negation import Negation
from db.errors import FileError, GroundswellError, Partial
from db.yaml_files import MAX_BYTES
from groundswell.codebook_files import (
    ExportForm,
    ImportedCodes,
    ImportForm,
    check_imported_codes,
    export_codebook,
    import_codes,
    lost_in,
)
from groundswell.codebooks import history
from groundswell.study import Study

QUANTEDA = "mood:\n  good: [happy, glad*]\n  bad: ['un*y']\n"


def written(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


@pytest.mark.parametrize("form", [ExportForm.YAML, ExportForm.CSV, ExportForm.QDC])
def test_a_codebook_that_went_out_comes_into_another_study_whole(
    study: Study, tmp_path: Path, form: ExportForm
) -> None:
    other = make_study(tmp_path / "other", codebook="codes:\n", findings="version: 1\n")
    path = tmp_path / f"book.{form}"
    path.write_bytes(export_codebook(study, study.codebook(), form))

    done = import_codes(other, path)

    assert other.codebook() == study.codebook()
    assert (list(done.added), done.notes) == (["dear-bread", "queue"], ())
    assert sorted(row["codes"] for row in history(other)) == [0, 2]


def test_rules_that_went_out_as_a_table_come_in(study: Study, tmp_path: Path) -> None:
    other = make_study(tmp_path / "other", codebook="codes:\n", findings="version: 1\n")
    path = tmp_path / "rules.csv"
    path.write_bytes(export_codebook(study, study.codebook(), ExportForm.PATTERNS))

    import_codes(other, path)

    assert [code.rules for code in other.codebook().codes.values()] == [
        code.rules for code in study.codebook().codes.values()
    ]


def test_a_second_import_changes_nothing(study: Study, tmp_path: Path) -> None:
    path = written(tmp_path, "mood.yml", QUANTEDA)
    import_codes(study, path)
    before = study.codebook_path.read_text(encoding="utf-8")

    done = import_codes(study, path)

    assert (done.added, done.same, done.conflicts) == ({}, 3, 0)
    assert study.codebook_path.read_text(encoding="utf-8") == before
    check_imported_codes(done)


def test_codes_are_added_below_those_that_are_there(study: Study, tmp_path: Path) -> None:
    import_codes(study, written(tmp_path, "mood.yml", QUANTEDA))

    assert study.codebook_path.read_text(encoding="utf-8") == CODEBOOK + (
        "  mood:\n    name: mood\n    rules:\n      - '#mood.good'\n      - '#mood.bad'\n"
        "  mood.good:\n    name: good\n    parent: mood\n    rules:\n      - happy\n      - glad*\n"
        "  mood.bad:\n    name: bad\n    parent: mood\n    rules:\n      - un*y\n"
    )


def test_a_text_of_several_lines_is_written_as_such(study: Study, tmp_path: Path) -> None:
    import_codes(study, written(tmp_path, "tags.csv", 'tag,description\nRain,"It rains.\n\nOr it did."\n'))

    assert "    definition: |-\n      It rains.\n\n      Or it did.\n" in study.codebook_path.read_text(
        encoding="utf-8"
    )


def test_an_import_that_is_only_tried_changes_nothing(study: Study, tmp_path: Path) -> None:
    done = import_codes(study, written(tmp_path, "mood.yml", QUANTEDA), dry_run=True)

    assert list(done.added) == ["mood", "mood.good", "mood.bad"]
    assert study.codebook_path.read_text(encoding="utf-8") == CODEBOOK
    assert history(study) == []


def test_codes_that_do_not_go_together_are_refused_before_anything_is_written(study: Study, tmp_path: Path) -> None:
    study.codebook_path.write_text(
        CODEBOOK + "  place: {choose: one}\n  place.home: {parent: place}\n", encoding="utf-8"
    )
    before = study.codebook_path.read_text(encoding="utf-8")
    path = written(tmp_path, "other.yaml", "codes:\n  place: {}\n  place.shop: {parent: place, stance: yes}\n")

    with pytest.raises(FileError, match=r"place\.shop\.stance: a value of an attribute takes no stance"):
        import_codes(study, path)

    assert study.codebook_path.read_text(encoding="utf-8") == before


def test_a_codebook_does_not_grow_beyond_what_can_be_read(study: Study, tmp_path: Path) -> None:
    path = written(tmp_path, "big.csv", f"tag,description\nBig,{'x' * 100_000}\n" + f"More,{'y' * 120_000}\n" * 9)

    with pytest.raises(FileError, match="would be larger than 1 MB"):
        import_codes(study, written(tmp_path, "all.csv", "tag,description\n" + "".join(
            f"Code {number},{'y' * 120_000}\n" for number in range(MAX_BYTES // 120_000 + 1)
        )))  # fmt: skip
    assert list(import_codes(study, path, dry_run=True).added) == ["big", "more"]


@pytest.mark.parametrize(
    ("name", "content", "codes"),
    [
        ("a.DIC", "%\n1\tmood\n%\nhappy\t1\n", ["mood"]),
        ("a.csv", "tag\nmood\n", ["mood"]),
        ("a.txt", "Code;Pattern\nmood;happy\n", ["mood"]),
        ("a.tsv", "tag\tdescription\n", []),
        ("a.yml", "mood: happy\n", ["mood"]),
        ("a.yaml", "codes:\n  mood: {}\n", ["mood"]),
        ("a.yaml", "codes: [mood]\n", ["codes"]),
        ("a.xml", '<CodeBook><Codes><Code name="mood"/></Codes></CodeBook>', ["mood"]),
    ],
)
def test_a_file_is_known_by_its_ending_and_how_it_begins(
    study: Study, tmp_path: Path, name: str, content: str, codes: list[str]
) -> None:
    assert list(import_codes(study, written(tmp_path, name, content), dry_run=True).added) == codes


def test_a_file_of_another_ending_needs_its_form(study: Study, tmp_path: Path) -> None:
    path = written(tmp_path, "mood", QUANTEDA)

    with pytest.raises(FileError, match="cannot be told apart by its ending") as raised:
        import_codes(study, path)
    assert raised.value.hint == "say --format yaml, csv, qdc, quanteda, liwc, patterns"
    assert list(import_codes(study, path, ImportForm.QUANTEDA).added) == ["mood", "mood.good", "mood.bad"]


def test_posts_are_counted_in_the_table_for_taguette(study: Study, tmp_path: Path) -> None:
    groundswell("-C", study.root, "collect", "import", save_lines(tmp_path / "p.jsonl", post_line()))
    groundswell("-C", study.root, "import", "codings", save_lines(tmp_path / "c.jsonl", coding_line()))

    content = export_codebook(study, study.codebook(), ExportForm.CSV).decode()

    assert [row["number of highlights"] for row in csv.DictReader(io.StringIO(content))] == ["1", "0"]


def test_what_a_form_has_no_place_for_is_told(study: Study) -> None:
    plain, other = study.codebook(), Codebook({}, Negation(cues=("kein",)))

    assert [lost_in(plain, form) for form in (ExportForm.YAML, ExportForm.CSV, ExportForm.QDC)] == [None] * 3
    assert lost_in(other, ExportForm.YAML) is None
    assert (
        lost_in(other, ExportForm.QDC) == lost_in(other, ExportForm.CSV) == "the words of negation are not in the file"
    )
    assert lost_in(plain, ExportForm.PATTERNS) == "only rules are in the file, without what the codes mean"


def test_conflicts_beside_what_was_added_are_partial() -> None:
    with pytest.raises(Partial, match="1 of 3 codes are in the codebook otherwise"):
        check_imported_codes(ImportedCodes({"a": {}}, (Note("b", "exists", "x"), Note("c", "same", "y"))))


def test_nothing_but_conflicts_is_a_failure() -> None:
    with pytest.raises(GroundswellError, match="1 of 1 codes are in the codebook otherwise") as raised:
        check_imported_codes(ImportedCodes({}, (Note("b", "exists", "x"), Note("b", "changed", "y"))))

    assert raised.value.exit_code == 1
