from pathlib import Path

import pytest
from fakes.study import CODEBOOK, coding_line, groundswell, make_study, post_line, save_lines

from coding.previews import Precision
from coding.rules import RuleError, RuleStopped
from db.errors import GroundswellError
from groundswell.previewing import preview
from groundswell.study import Study

POSTS = (
    post_line("p1", text="Such dear bread, and a queue."),
    post_line("p2", text="Dear bread again."),
    post_line("p3", text="Bread is dear."),
    post_line(
        "p4", text="Dear bread, dear me.", thread="example:p1", parent="example:p1", title=None, author="author_p1"
    ),
)


@pytest.fixture
def collected(study: Study, tmp_path: Path) -> Study:
    groundswell("-C", study.root, "collect", "import", save_lines(tmp_path / "posts.jsonl", *POSTS))
    return study


def _code(study: Study, folder: Path, *lines: object) -> None:
    ran = groundswell("-C", study.root, "import", "codings", save_lines(folder / "codings.jsonl", *lines))
    assert ran.code == 0, ran.err


def _events(study: Study) -> int:
    with study.store() as store:
        return int(store.connection.execute("SELECT count(*) FROM coding_events").fetchone()[0])


def test_the_rules_of_a_code_are_tried_and_nothing_is_written(collected: Study) -> None:
    heard: list[int] = []

    made = preview(collected, "dear-bread", tell=heard.append)

    assert (made.posts, made.found, made.hits, made.nearly) == (4, 3, 3, 1)
    assert [shown.address for shown in made.shown_nearly] == ["example:p3"]
    assert heard == [1, 2, 3, 4]
    assert _events(collected) == 0


def test_what_it_finds_is_what_an_application_codes(collected: Study) -> None:
    found = preview(collected, "dear-bread").shown
    groundswell("-C", collected.root, "code", "apply")

    ran = groundswell("-C", collected.root, "export", "codings", "--nl")

    coded = {(row["post"], row["start"], row["end"]) for row in ran.rows if row["code"] == "dear-bread"}
    assert coded == {(shown.address, hit.start, hit.end) for shown in found for hit in shown.hits}


def test_patterns_may_be_tried_beside_the_rules_or_alone(collected: Study) -> None:
    beside, alone = preview(collected, "queue", ["again"]), preview(collected, None, ["op:dear", "parent:#queue"])

    assert [(one.rule.pattern, one.posts) for one in beside.rules] == [("queue*", 1), ("again", 1)]
    assert [(one.rule.pattern, one.posts) for one in alone.rules] == [("op:dear", 4), ("parent:#queue", 1)]
    assert beside.precision == Precision(0, 0, 0)
    assert alone.precision is None


def test_precision_comes_from_what_people_decided(collected: Study, tmp_path: Path) -> None:
    lines = [
        coding_line("example:p1"),
        coding_line("example:p2", value="absent", stance=None),
        coding_line("example:p3"),
        coding_line("example:p4", value="unsure", stance=None),
    ]
    _code(collected, tmp_path, *lines)

    assert preview(collected, "dear-bread").precision == Precision(present=1, read=2, missed=1)


def test_precision_of_a_value_counts_another_value_as_absent(tmp_path: Path) -> None:
    values = "  place:\n    choose: one\n  place.home:\n    parent: place\n    rules: [ dear ]\n  place.shop:\n    parent: place\n"
    study = make_study(tmp_path / "study", codebook=CODEBOOK + values)
    groundswell("-C", study.root, "collect", "import", save_lines(tmp_path / "posts.jsonl", *POSTS))
    lines = [
        coding_line(f"example:p{number}", code=f"place.{value}", stance=None)
        for number, value in ((1, "home"), (2, "shop"))
    ]
    _code(study, tmp_path, *lines)

    assert preview(study, "place.home").precision == Precision(present=1, read=2, missed=0)


def test_posts_of_an_audit_are_counted_and_neither_shown_nor_compared(collected: Study, tmp_path: Path) -> None:
    _code(collected, tmp_path, coding_line("example:p1"), coding_line("example:p2"))
    with collected.store() as store, store.write() as connection:
        connection.execute("INSERT INTO samples VALUES ('a', 'audit', 'post', '{}', NULL, '2026-02-01T00:00:00Z')")
        connection.execute("INSERT INTO sample_units VALUES ('a', 'example:p2', 1, 1.0, NULL, '2026-02-01T00:00:00Z')")

    made = preview(collected, "dear-bread")

    assert made.found == 3
    assert {shown.address for shown in made.shown} == {"example:p1", "example:p4"}
    assert made.precision == Precision(present=1, read=1, missed=0)


def test_a_code_that_does_not_exist_is_refused(study: Study) -> None:
    with pytest.raises(GroundswellError, match='there is no code "deer-bread"') as refused:
        preview(study, "deer-bread")

    assert refused.value.hint == 'did you mean "dear-bread"?'


def test_without_a_rule_there_is_nothing_to_try(tmp_path: Path) -> None:
    study = make_study(tmp_path / "study", codebook=f"{CODEBOOK}  weather:\n    name: Weather\n")

    with pytest.raises(GroundswellError, match='"weather" has no rules'):
        preview(study, "weather")
    with pytest.raises(GroundswellError, match="no rule to try"):
        preview(study, None)


def test_a_pattern_that_cannot_be_read_is_refused(study: Study) -> None:
    with pytest.raises(RuleError):
        preview(study, "queue", ["(a"])


def test_a_pattern_that_has_to_be_stopped_is_named(study: Study, tmp_path: Path) -> None:
    groundswell("-C", study.root, "collect", "import", save_lines(tmp_path / "posts.jsonl", post_line(text="a" * 40)))

    with pytest.raises(RuleStopped, match=r'code "--rule": .* takes too long on example:p1'):
        preview(study, None, ["/(?:a|a)+b/"])
