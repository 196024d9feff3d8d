from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from fakes.observed import NOTE, ROOT, save
from fakes.study import CODEBOOK, coding_line, groundswell, make_study, post_line, save_lines
from hypothesis import given, settings
from hypothesis import strategies as st

from coding.previews import Candidates, Precision, Previewer
from coding.rules import Rule, RuleError, RuleStopped
from db.errors import GroundswellError
from db.queries.previews import rule_texts
from db.queries.search import update_index
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
    assert heard == [1, 2, 3, 4]  # all of them hold both words, as near misses do
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


def test_posts_that_no_rule_could_find_are_not_looked_at(collected: Study) -> None:
    heard: list[int] = []

    made = preview(collected, "queue", tell=heard.append)

    assert (made.posts, made.found) == (4, 1)
    assert heard == [1]


def test_posts_that_people_decided_are_looked_at_though_no_rule_could_find_them(
    collected: Study, tmp_path: Path
) -> None:
    _code(collected, tmp_path, coding_line("example:p3", code="queue", stance=None))

    assert preview(collected, "queue").precision == Precision(present=0, read=0, missed=1)


def test_posts_that_the_index_does_not_hold_are_looked_at(collected: Study) -> None:
    with collected.store() as store, store.write() as connection:
        connection.execute("DELETE FROM words WHERE rowid IN (SELECT id FROM posts WHERE native_id = 'p1')")
        connection.execute("DELETE FROM indexed WHERE post IN (SELECT id FROM posts WHERE native_id = 'p1')")

    assert preview(collected, "queue").found == 1


def test_what_the_index_says_is_told_first_and_of_rules_that_it_cannot_count_some_posts_are_looked_at(
    collected: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[Sequence[Candidates] | int] = []
    monkeypatch.setattr("groundswell.previewing.QUICK", 0)

    preview(
        collected,
        None,
        ["dear bread", "bread THEN/2 dear", "/qu+eue/", "case:Oven"],
        tell=heard.append,
        tell_candidates=heard.append,
    )

    assert heard[0] == [
        Candidates("dear bread", 3, exact=True),
        Candidates("bread THEN/2 dear", 4, exact=False, looked_at=4, matching=2),
        Candidates("/qu+eue/", 4, exact=False, looked_at=4, matching=1),
        Candidates("case:Oven", 0, exact=False),
    ]
    assert [one.limits is None for one in heard[0]] == [True, False, False, True]  # type: ignore[union-attr]  # it is the list
    assert heard[1:] == [1, 2, 3, 4]


def test_where_few_posts_have_to_be_looked_at_nothing_is_told_first(collected: Study) -> None:
    preview(collected, "dear-bread", tell_candidates=lambda _: pytest.fail("there are four posts"))


WORDS = ("tune", "tuned", "tuning", "dying", "die", "retune", "Straße", "café", "RAG", "rag", "no", "never", "x")
PATTERNS = (
    "tune", "tun*", "*tun*", "t?ne", "stem:tune", "stem:die", "case:RAG", "case:R*", "stra*", "tune stem:rag", "*une x",
    "stem:tune NEAR/2 rag", "NOTNEG/2 tun*", "rag UNLESS rag x", "quote: tune", "title: *ag", "tune AND rag AND x",
    "tune THEN/1 x", "(tune OR *xyz*) AND NOT no", "/t[u]ne/", "parent: tune", "op: rag",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from((*WORDS, ".", "\n\n", "> ", "`tune`", "👩‍👩‍👧")), max_size=8).map(" ".join)


@settings(max_examples=40, deadline=None)
@given(
    posts=st.lists(st.tuples(st.none() | TEXTS, TEXTS), min_size=1, max_size=8),
    patterns=st.lists(st.sampled_from(PATTERNS), min_size=1, max_size=3, unique=True),
)
def test_a_preview_by_the_index_is_that_of_all_posts(posts: list[tuple[str | None, str]], patterns: list[str]) -> None:
    with TemporaryDirectory() as folder:
        study = make_study(Path(folder) / "study")
        seen = [
            replace(ROOT, native_id=f"t3_{n}", thread=f"t3_{n}", title=title, text=text)
            for n, (title, text) in enumerate(posts)
        ]
        with study.store() as store:
            save(store, *seen, replace(NOTE, parent="t3_0", thread="t3_0"))
            with store.write() as connection:
                update_index(connection)
            previewer = _previewer(study, patterns)
            everything = list(rule_texts(store.connection, surroundings=True))
            for text in everything:
                previewer.look_at(text)
        by_index = preview(study, None, patterns)

    assert by_index == previewer.result(len(everything))


def _previewer(study: Study, patterns: list[str]) -> Previewer:
    codebook = study.codebook()
    others = {code.id: code.rules for code in codebook.codes.values() if code.rules}
    return Previewer([Rule(one) for one in patterns], others, codebook.negation, name="all")
