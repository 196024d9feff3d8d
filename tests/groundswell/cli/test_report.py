import json
from pathlib import Path

import pytest
from fakes.study import coding_line, groundswell, save_lines

from groundswell.study import Study


def test_a_report_shows_how_each_claim_stands(used: Study) -> None:
    table, rows = (groundswell("-C", used.root, "report", "build", *form) for form in ((), ("--json",)))

    assert (table.code, table.out.splitlines()[0].split("\t")[:3]) == (0, ["bread-is-dear", "thin", "read"])
    assert [row["claim"] for row in rows.json] == ["bread-is-dear", "queues"]
    assert f"unchanged: {used.reports / 'report.json'}" in table.err


def test_a_report_says_when_it_was_written_anew(used: Study) -> None:
    (used.reports / "report.md").unlink()

    assert f"written: {used.reports / 'report.md'}" in groundswell("-C", used.root, "report", "build").err


def test_an_unread_claim_shows_the_shortest_way(study: Study, tmp_path: Path) -> None:
    groundswell("-C", study.root, "collect", "import", save_lines(tmp_path / "p.jsonl", POST))

    ran = groundswell("-C", study.root, "report", "build")

    assert "would settle" in ran.err


def test_a_report_that_holds_is_verified(used: Study) -> None:
    ran = groundswell("-C", used.root, "report", "verify")

    assert (ran.code, ran.out, ran.err) == (0, "the report is what the data give: 2 claims recomputed\n", "")


def test_a_report_that_no_longer_holds_ends_with_6_and_names_the_claim(used: Study, tmp_path: Path) -> None:
    later = save_lines(
        tmp_path / "later.jsonl",
        coding_line("reddit:t3_aaa1", stance="dispute", created_at="2026-03-01T00:00:00Z"),
    )
    groundswell("-C", used.root, "import", "codings", later)

    ran = groundswell("-C", used.root, "report", "verify")
    groundswell("-C", used.root, "report", "build")

    assert (ran.code, ran.out) == (6, "")
    assert "claims: bread-is-dear\nhint: groundswell report build\n" in ran.err
    assert groundswell("-C", used.root, "report", "verify").code == 0


def test_before_the_first_report_there_is_nothing_to_verify(study: Study) -> None:
    ran = groundswell("-C", study.root, "report", "verify")

    assert (ran.code, ran.out) == (1, "")
    assert "no report was built yet\nhint: groundswell report build\n" in ran.err


def test_texts_of_posts_are_not_in_the_report(used: Study) -> None:
    files = "".join(path.read_text(encoding="utf-8") for path in used.reports.iterdir() if path.is_file())

    assert "I stood in a queue" not in files
    assert json.loads((used.reports / "report.json").read_bytes())["schema"] == "groundswell/report/1"


def test_an_internal_report_says_that_it_is_not_to_be_published(used: Study) -> None:
    ran = groundswell("-C", used.root, "report", "build", "--profile", "internal")

    assert ran.code == 0
    assert f"written: {used.reports / 'internal' / 'report.html'}" in ran.err
    assert "do not publish it" in ran.err


def test_pictures_are_counted(demo: Path) -> None:
    assert " pictures beside them" in groundswell("-C", demo, "report", "build").err


def test_a_leak_ends_with_6_and_names_the_place(used: Study) -> None:
    (used.root / "templates").mkdir()
    (used.root / "templates" / "report.md.j2").write_text("by mira_k", encoding="utf-8")

    ran = groundswell("-C", used.root, "report", "build")

    assert (ran.code, ran.out) == (6, "")
    assert "hint: report.md: a name: mira_k\n" in ran.err
    assert str(used.root / "allowed.txt") in ran.err


def test_places_are_filled_and_checked(used: Study, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- groundswell bread-is-dear share --><!-- /groundswell -->\n", encoding="utf-8")

    stale = groundswell("-C", used.root, "report", "fill", "--check", page)
    filled = groundswell("-C", used.root, "report", "fill", page)
    fresh = groundswell("-C", used.root, "report", "fill", "--check", page)

    assert (stale.code, stale.out) == (6, "")
    assert f"hint: {page}:1: bread-is-dear share\n" in stale.err
    assert (filled.code, filled.out) == (0, f"{page}: one place, 1 changed\n")
    assert (fresh.code, fresh.out) == (0, f"{page}: one place, all up to date\n")
    assert "-->reported, much of it in one thread<!--" in page.read_text(encoding="utf-8")


def test_a_wrong_mark_ends_with_3_and_its_place(used: Study, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("\n<!-- groundswell bread-is-deer --><!-- /groundswell -->\n", encoding="utf-8")

    ran = groundswell("-C", used.root, "report", "fill", page)

    assert ran.code == 3
    assert ran.err == (
        f'error: {page}:2: the report has no claim "bread-is-deer"\nhint: did you mean "bread-is-dear"?\n'
    )


def test_a_page_without_marks_is_told_how_to_make_them(used: Study, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Bread\n", encoding="utf-8")

    assert "no marks (write <!-- groundswell CLAIM -->" in groundswell("-C", used.root, "report", "fill", page).err


def test_figures_and_a_pdf_are_printed(used: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("groundswell.printing.printed", lambda _: b"%PDF-")
    monkeypatch.setattr("groundswell.printing.figures", lambda _, kind: {f"overview.{kind}": b"x"})

    drawn = groundswell("-C", used.root, "report", "figures", "--format", "png", "--to", tmp_path)
    printed = groundswell("-C", used.root, "report", "pdf")

    assert (drawn.out, drawn.err) == (f"{tmp_path / 'overview.png'}\n", "one figure drawn\n")
    assert printed.out == f"{used.reports / 'report.pdf'}\n"
    assert (used.reports / "report.pdf").read_bytes() == b"%PDF-"


def test_an_older_report_can_be_verified(used: Study, tmp_path: Path) -> None:
    old = tmp_path / "old.json"
    old.write_bytes((used.reports / "report.json").read_bytes())

    assert groundswell("-C", used.root, "report", "verify", old).code == 0
    assert groundswell("-C", used.root, "report", "verify", tmp_path / "none.json").code == 1


def test_drafts_have_no_claim_and_are_named(used: Study) -> None:
    with (used.root / "codebook.yaml").open("a", encoding="utf-8") as file:
        file.write("  crust:\n    name: Crust\n")

    assert "no claim for drafts: crust (say in codebook.yaml" in groundswell("-C", used.root, "report", "build").err


POST = {
    "address": "example:p1", "platform": "example", "native_id": "p1", "thread": "example:p1", "author": "mira_k",
    "created_at": "2026-01-03T10:00:00Z", "text": "Such dear bread.",
}  # fmt: skip
