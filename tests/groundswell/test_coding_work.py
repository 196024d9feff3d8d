from pathlib import Path

import pytest
from fakes.study import CODEBOOK, coding_line, groundswell, make_study, post_line, save_lines

from coding.codings import Imported
from db.errors import ConfigurationError, GroundswellError, Partial
from groundswell.coding_work import apply, bring_in_codings, check_imported, try_examples
from groundswell.study import Study, find_study

POSTS = (
    post_line("p1", text="Such dear bread, and a queue."),
    post_line("p2", text="Daylight robbery!"),
    post_line("p3", text="Nothing of the kind."),
)


@pytest.fixture
def collected(study: Study, tmp_path: Path) -> Study:
    groundswell("-C", study.root, "collect", "import", save_lines(tmp_path / "posts.jsonl", *POSTS))
    return study


def test_rules_are_applied_to_all_posts_and_a_second_time_write_nothing(collected: Study) -> None:
    heard: list[int] = []

    first = apply(collected, heard.append)
    second = apply(collected)

    assert first.posts_by_code == {"dear-bread": 2, "queue": 1}
    assert (first.posts, first.new, first.undone) == (3, 3, 0)
    assert (second.posts_by_code, second.new, second.undone) == (first.posts_by_code, 0, 0)
    assert heard == [1, 2, 3]


def test_a_rule_that_is_gone_takes_its_codings_along(collected: Study) -> None:
    apply(collected)
    collected.codebook_path.write_text(CODEBOOK.replace("queue*", "a line of people"), encoding="utf-8")

    done = apply(collected)

    assert done.undone == 1
    assert "queue" not in done.posts_by_code


def test_a_study_that_promises_no_machine_is_coded_by_none(tmp_path: Path) -> None:
    study = make_study(tmp_path / "study", study="title: Bread\nmachine: none\n")

    with pytest.raises(ConfigurationError, match=r"study\.yaml: machine: none; no rule may code this study"):
        apply(study)


def test_no_rule_is_applied_without_the_key(collected: Study) -> None:
    (collected.root / ".env").unlink()

    with pytest.raises(ConfigurationError, match="GROUNDSWELL_KEY is missing"):
        apply(find_study(collected.root, collected.root))


def test_examples_that_hold_are_only_counted(study: Study) -> None:
    assert try_examples(study) == (2, [])


def test_an_example_that_fails_is_shown_with_what_matched_it(tmp_path: Path) -> None:
    wrong = 'must_match: [ "Bread is dear to me." ]\n    must_not_match: [ "Such dear bread!" ]'
    right = 'must_match: [ "Such dear bread!" ]\n    must_not_match: [ "Bread is dear to me." ]'
    study = make_study(tmp_path / "study", codebook=CODEBOOK.replace(right, wrong))

    tried, failed = try_examples(study)

    assert tried == 2
    assert [(one.code, one.text, one.should, one.found_by) for one in failed] == [
        ("dear-bread", "Bread is dear to me.", True, None),
        ("dear-bread", "Such dear bread!", False, "dear bread"),
    ]


def test_codings_come_in_once(collected: Study, tmp_path: Path) -> None:
    path = save_lines(tmp_path / "codings.jsonl", coding_line(), coding_line("example:p2"))

    first, second = bring_in_codings(collected, path), bring_in_codings(collected, path)

    assert (first.read, first.new, first.problems) == (2, 2, [])
    assert (second.read, second.new, second.problems) == (2, 0, [])


def test_an_import_without_a_problem_is_done() -> None:
    check_imported(Imported(read=2, new=0))


def test_an_import_with_a_problem_is_partial() -> None:
    with pytest.raises(Partial, match="1 of 2 lines could not be stored"):
        check_imported(Imported(read=2, new=1, problems=["line 1: no"]))


def test_an_import_with_nothing_but_problems_failed() -> None:
    with pytest.raises(GroundswellError, match="2 of 2 lines could not be stored") as raised:
        check_imported(Imported(read=2, new=0, problems=["line 1: no", "line 2: no"]))

    assert raised.value.exit_code == 1
