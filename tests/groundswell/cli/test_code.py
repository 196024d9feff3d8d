from pathlib import Path

import pytest
from fakes.study import CODEBOOK, groundswell, make_study, post_line, save_lines

from groundswell.study import Study


@pytest.fixture
def collected(study: Study, tmp_path: Path) -> Study:
    lines = save_lines(tmp_path / "posts.jsonl", post_line(), post_line("p2", text="A queue for dear bread."))
    groundswell("-C", study.root, "collect", "import", lines)
    return study


def test_the_hits_are_counted_by_code(collected: Study) -> None:
    first = groundswell("-C", collected.root, "code", "apply")
    second = groundswell("-C", collected.root, "code", "apply", "--json")

    assert (first.code, first.out) == (0, "dear-bread\t2\nqueue\t1\n")
    assert first.err == "2 posts looked at: 3 codings written, 0 undone\n"
    assert second.json == [{"code": "dear-bread", "posts": 2}, {"code": "queue", "posts": 1}]
    assert second.err == "2 posts looked at: 0 codings written, 0 undone\n"


def test_a_study_that_promises_no_machine_refuses_with_3(tmp_path: Path) -> None:
    study = make_study(tmp_path / "study", study="title: Bread\nmachine: none\n")
    groundswell("-C", study.root, "collect", "import", save_lines(tmp_path / "posts.jsonl", post_line()))

    ran = groundswell("-C", study.root, "code", "apply")

    assert (ran.code, ran.out) == (3, "")
    assert "study.yaml: machine: none; no rule may code this study" in ran.err
    assert groundswell("-C", study.root, "export", "codings").out == ""


def test_examples_that_hold_are_counted(study: Study) -> None:
    ran = groundswell("-C", study.root, "code", "test")

    assert (ran.code, ran.out, ran.err) == (0, "2 examples hold\n", "")


def test_an_example_that_fails_ends_with_6_and_is_shown(study: Study) -> None:
    changed = CODEBOOK.replace("Such dear bread!", "Bread at that price!").replace("Bread is dear", "Such dear bread")
    study.codebook_path.write_text(changed, encoding="utf-8")

    ran = groundswell("-C", study.root, "code", "test")

    assert ran.code == 6
    assert ran.out.splitlines() == [
        "dear-bread: must match, matched by no rule: Bread at that price!",
        "dear-bread: must not match, matched by 'dear bread': Such dear bread to me.",
    ]
    assert ran.err == "error: 2 of 2 examples fail\n"
