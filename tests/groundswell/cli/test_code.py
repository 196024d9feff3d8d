import io
from pathlib import Path

import pytest
from fakes.study import CODEBOOK, coding_line, groundswell, make_study, post_line, save_lines

from groundswell.cli.code import app
from groundswell.cli.console import Options
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
    assert second.json == [
        {"code": "dear-bread", "posts": 2, "negated": 0},
        {"code": "queue", "posts": 1, "negated": 0},
    ]
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


def test_negated_posts_have_a_column_of_their_own_where_there_are_any(collected: Study) -> None:
    changed = CODEBOOK.replace("[ queue* ]", "[ NOTNEG/3 queue* ]").replace("- dear bread", "- NOTNEG/3 dear bread")
    collected.codebook_path.write_text(changed.replace("daylight robbery", "queue NOT a"), encoding="utf-8")
    lines = [post_line("p3", text="No queue, but no dear bread either.")]
    groundswell("-C", collected.root, "collect", "import", save_lines(collected.root / "more.jsonl", *lines))

    ran = groundswell("-C", collected.root, "code", "apply")

    assert ran.out == "dear-bread\t3\t1\nqueue\t1\t1\n"


def test_an_example_with_surroundings_that_fails_is_shown_with_them(study: Study) -> None:
    examples = "must_match: [ { text: Me too, parent: So dear! }, { title: Dear bread, op: yes } ]"
    study.codebook_path.write_text(CODEBOOK.replace('must_match: [ "Such dear bread!" ]', examples), encoding="utf-8")

    ran = groundswell("-C", study.root, "code", "test")

    assert ran.out == "dear-bread: must match, matched by no rule: text: Me too, parent: So dear!\n"


def test_an_expression_that_takes_too_long_ends_with_1_and_is_named(collected: Study) -> None:
    slow = CODEBOOK.replace("[ queue* ]", "[ '/(?:e|e)+x/' ]")
    collected.codebook_path.write_text(slow, encoding="utf-8")
    lines = [post_line("p3", text="e" * 40)]
    groundswell("-C", collected.root, "collect", "import", save_lines(collected.root / "more.jsonl", *lines))

    ran = groundswell("-C", collected.root, "code", "apply")

    assert (ran.code, ran.out) == (1, "")
    assert 'code "queue": the expression in "/(?:e|e)+x/" takes too long on example:p3' in ran.err


def test_a_preview_shows_counts_precision_rules_and_marked_words(collected: Study, tmp_path: Path) -> None:
    codings = save_lines(
        tmp_path / "codings.jsonl", coding_line(), coding_line("example:p2", value="absent", stance=None)
    )
    groundswell("-C", collected.root, "import", "codings", codings)

    ran = groundswell("-C", collected.root, "code", "preview", "dear-bread")

    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        "2 of 2 posts, 2 hits; negated in 0 posts\n"
        "precision: 50% (9% to 91%), 1 of 2 posts with a hit that people decided; people found it in 0 posts without a hit\n"
        "\n"
        "2\t2\t0\tdear bread\n"
        "0\t0\t0\tdaylight robbery\n"
        "\n"
        "found, 2 of 2 posts:\n"
        "example:p1  Such «dear bread».\n"
        "example:p2  A queue for «dear bread».\n"
    )


def test_a_preview_tells_where_hits_are_and_what_is_negated_or_near(collected: Study) -> None:
    ran = groundswell(
        *("-C", collected.root, "code", "preview", "queue"),
        *("--rule", "title:bread", "--rule", "NOTNEG/2 a queue", "--rule", "NOTNEG/9 dear", "--rule", "parent:bread"),
    )
    lines = [post_line("p3", text="Not dear.", thread="example:p1", parent="example:p1", title=None)]
    groundswell("-C", collected.root, "collect", "import", save_lines(collected.root / "more.jsonl", *lines))
    more = groundswell(
        *("-C", collected.root, "code", "preview", "--rule", "NOTNEG/2 dear", "--rule", "case:SUCH", "--show", "1")
    )
    above = groundswell("-C", collected.root, "code", "preview", "--rule", "parent:bread", "--rule", "title:bread")

    assert ran.out.startswith("2 of 2 posts, 5 hits (2 in the title, 2 in the text); negated in 0 posts\n")
    assert "precision: none of the posts with a hit has been decided" in ran.out
    assert "\nnegated, 1 of 1 post:\nexample:p3  Not «dear».\n" in more.out
    assert "precision" not in more.out
    assert "example:p3  answers: Not dear.\n" in above.out
    assert "example:p1  title: «Bread»\n" in above.out


def test_on_a_terminal_a_preview_first_says_what_the_index_knows(
    collected: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("groundswell.cli.console.sys.stderr", terminal := io.StringIO())
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("groundswell.previewing.QUICK", 0)

    app(
        ["preview", "queue", "--rule", "/bread/", "--rule", "case:Oven"],
        obj=Options(collected.root),
        standalone_mode=False,
    )

    assert terminal.getvalue() == (
        "queue*: 1 post\n"
        "/bread/: 2 posts could match; of 2 of them 100% do (34% to 100%); counting\n"
        "case:Oven: no post could match\n"
    )


def test_a_preview_can_be_had_as_json(collected: Study) -> None:
    ran = groundswell("-C", collected.root, "code", "preview", "queue", "--json", "--show", "1", "--seed", "3")

    assert ran.json == {
        "posts": 2,
        "found": 1,
        "hits": 1,
        "fields": {"text": 1},
        "negated": 0,
        "nearly": 0,
        "precision": {"present": 0, "read": 0, "limits": None, "missed": 0},
        "rules": [{"match": "queue*", "stance": None, "posts": 1, "alone": 1, "negated": 0}],
        "shown": [
            {
                "post": "example:p2",
                "title": "Bread",
                "text": "A queue for dear bread.",
                "hits": [{"field": "text", "start": 2, "end": 7, "rule": "queue*"}],
            }
        ],
        "shown_negated": [],
        "shown_nearly": [],
    }


def test_a_preview_of_no_code_is_refused_with_1_and_of_a_wrong_pattern_with_its_place(collected: Study) -> None:
    unknown = groundswell("-C", collected.root, "code", "preview", "queues")
    wrong = groundswell("-C", collected.root, "code", "preview", "--rule", "a NEAR b")

    assert (unknown.code, wrong.code) == (1, 1)
    assert unknown.err == 'error: there is no code "queues"\nhint: did you mean "queue"?\n'
    assert 'pattern "a NEAR b", position 6: "NEAR" does not say how far' in wrong.err
