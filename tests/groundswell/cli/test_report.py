import json
from pathlib import Path

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
    files = "".join(path.read_text(encoding="utf-8") for path in used.reports.iterdir())

    assert "I stood in a queue" not in files
    assert json.loads((used.reports / "report.json").read_bytes())["schema"] == "groundswell/report/1"


POST = {
    "address": "example:p1", "platform": "example", "native_id": "p1", "thread": "example:p1", "author": "mira_k",
    "created_at": "2026-01-03T10:00:00Z", "text": "Such dear bread.",
}  # fmt: skip
