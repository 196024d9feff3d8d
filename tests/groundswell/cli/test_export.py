import csv
import io
from pathlib import Path

import pytest
from fakes.study import CODEBOOK, coding_line, groundswell, make_study, post_line, save_lines
from hypothesis import given
from hypothesis import strategies as st

from groundswell.cli.console import _harmless
from groundswell.cli.export import CODING_COLUMNS, POST_COLUMNS
from groundswell.study import Study

PROMISED_OF_POSTS = {
    "address", "platform", "native_id", "thread", "parent", "author", "kind", "created_at", "edited_at", "title", "text",
    "url", "score", "state", "revisions", "observed_at",
}  # fmt: skip
PROMISED_OF_CODINGS = {
    "post", "code", "value", "stance", "number", "start", "end", "coder", "coder_kind", "version", "round", "created_at",
}  # fmt: skip


@pytest.mark.parametrize(
    ("what", "promised", "columns", "count"),
    [("posts", PROMISED_OF_POSTS, POST_COLUMNS, 3), ("codings", PROMISED_OF_CODINGS, CODING_COLUMNS, 7)],
)
def test_every_form_says_the_same(
    used: Study, what: str, promised: set[str], columns: tuple[str, ...], count: int
) -> None:
    plain, lines, document, table = (
        groundswell("-C", used.root, "export", what, *form) for form in ((), ("--nl",), ("--json",), ("--csv",))
    )

    cells = list(csv.DictReader(io.StringIO(table.out)))
    assert [ran.code for ran in (plain, lines, document, table)] == [0, 0, 0, 0]
    assert "".join(ran.err for ran in (plain, lines, document, table)) == ""
    assert plain.rows == lines.rows == document.json
    assert len(lines.rows) == len(cells) == count
    assert promised <= lines.rows[0].keys()
    assert tuple(lines.rows[0]) == tuple(cells[0]) == columns


def test_authors_are_pseudonyms(used: Study) -> None:
    rows = groundswell("-C", used.root, "export", "posts").rows

    assert all(row["author"].startswith("reddit:~") for row in rows)
    assert "mira_k" not in str(rows)


def test_an_export_is_a_way_into_another_study(used: Study, tmp_path: Path) -> None:
    exported = groundswell("-C", used.root, "export", "posts").out
    path = tmp_path / "exported.jsonl"
    path.write_text(exported, encoding="utf-8")
    other = make_study(tmp_path / "other", codebook=CODEBOOK)

    ran = groundswell("-C", other.root, "collect", "import", path)

    assert ran.code == 0
    assert groundswell("-C", other.root, "export", "posts").out == exported


def test_an_empty_study_exports_nothing(study: Study) -> None:
    assert groundswell("-C", study.root, "export", "posts").out == ""
    assert groundswell("-C", study.root, "export", "posts", "--json").json == []
    assert groundswell("-C", study.root, "export", "posts", "--csv").out == ",".join(POST_COLUMNS) + "\n"


def test_texts_that_look_like_formulas_are_neutralised_in_csv_only(study: Study, tmp_path: Path) -> None:
    posts = (
        post_line("p1", text="=1+1", title="@SUM(A1)", score=-5),
        post_line("p2", text="  =cmd|' /C calc'!A0", title="+1"),
        post_line("p3", text="plain = text", title="\t-2"),
    )
    groundswell("-C", study.root, "collect", "import", save_lines(tmp_path / "posts.jsonl", *posts))

    cells = list(csv.DictReader(io.StringIO(groundswell("-C", study.root, "export", "posts", "--csv").out)))

    assert [row["text"] for row in cells] == ["'=1+1", "'  =cmd|' /C calc'!A0", "plain = text"]
    assert [row["title"] for row in cells] == ["'@SUM(A1)", "'+1", "'\t-2"]
    assert cells[0]["score"] == "-5"
    assert groundswell("-C", study.root, "export", "posts").rows[0]["text"] == "=1+1"


@given(text=st.text())
def test_no_cell_begins_like_a_formula_and_no_word_of_it_is_lost(text: str) -> None:
    cell = _harmless(text)

    assert not cell.lstrip().startswith(("=", "+", "-", "@"))
    assert [letter for letter in cell if letter.isalnum()] == [letter for letter in text if letter.isalnum()]


def test_what_a_terminal_would_obey_is_escaped_or_left_out(study: Study, tmp_path: Path) -> None:
    text = "a \x1b[31m \x9b2J \u202e b"
    groundswell("-C", study.root, "collect", "import", save_lines(tmp_path / "posts.jsonl", post_line(text=text)))

    lines, document, table = (groundswell("-C", study.root, "export", "posts", f) for f in ("--nl", "--json", "--csv"))

    assert not set("\x1b\x9b\u202e") & set(lines.out + document.out + table.out)
    assert lines.rows[0]["text"] == document.json[0]["text"] == text
    assert "a [31m 2J  b" in table.out


def test_a_coding_on_a_segment_keeps_its_place(study: Study, tmp_path: Path) -> None:
    groundswell("-C", study.root, "collect", "import", save_lines(tmp_path / "posts.jsonl", post_line()))
    groundswell(
        "-C", study.root, "import", "codings", save_lines(tmp_path / "codings.jsonl", coding_line(start=5, end=15))
    )

    [row] = groundswell("-C", study.root, "export", "codings").rows

    assert (row["start"], row["end"], row["coder"], row["coder_kind"]) == (5, 15, "ana", "person")
