"""What the index counts is what the engine finds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from fakes.observed import NOTE, ROOT, gone, rows, save
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coding.index_query import MOST_WORDS, IndexQuery, Vocabulary, index_query
from coding.patterns import RuleError, parse_pattern
from coding.rules import Post, Rule, RuleSet
from db.queries.search import count, forget_segments, leave_index, matching, update_index, vocabulary
from db.store import Store
from db.tokens import FILLER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WORDS = ("cache", "cached", "job", "title", "Straße", "café", "日本", "नमस्ते", "не", "n't", "rag", "RAG", "naïve", "x")
TEXTS = st.lists(
    st.sampled_from((*WORDS, ".", "\n\n", "> ", "`job title`", "https://job.example", ",", "👩‍👩‍👧", "\u200b")),
    max_size=14,
).map(" ".join)
PATTERNS = (
    "cache", "cach*", "job title", "job titl*", "strass*", "stra*", "straße", "cafe", "日本", "не", "NEAR", "rag", "RAG",
    "job NEAR/2 title", "cache NEAR/1 rag", "cach* NEAR/2 cached", "job AND title", "job OR rag", "job AND NOT title", "title: job",
    "quote: job", "body: cache", "job THEN/2 title", "x UNLESS x job", "naive OR (job AND rag)",
)  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "study.db", create=True) as opened:
        yield opened


def readable(patterns: tuple[str, ...]) -> list[str]:
    found = []
    for pattern in patterns:
        try:
            RuleSet({"code": [Rule(pattern)]})
        except RuleError:
            continue
        found.append(pattern)
    return found


READABLE = readable(PATTERNS)


def scanned(pattern: str, posts: list[tuple[str | None, str | None]]) -> set[int]:
    rules = RuleSet({"code": [Rule(pattern)]})
    return {number for number, (title, text) in enumerate(posts) if rules.match(Post(title, text)).hits}


def indexed(
    store: Store, pattern: str, posts: list[tuple[str | None, str | None]], *, looked_up: bool = False
) -> tuple[set[int], bool]:
    seen = [
        replace(ROOT, native_id=f"t3_{number}", thread=f"t3_{number}", title=title, text=text)
        for number, (title, text) in enumerate(posts)
    ]
    with store.write() as connection:
        connection.execute("DELETE FROM words")
        connection.execute("DELETE FROM indexed")
        connection.execute("DELETE FROM posts")
    save(store, *seen)
    with store.write() as connection:
        update_index(connection)
    words = Vocabulary(lambda: vocabulary(store.connection)) if looked_up else None
    question = index_query(parse_pattern(pattern), None, words)
    assert question is not None
    names = {row["id"]: int(row["native_id"][3:]) for row in rows(store, "SELECT id, native_id FROM posts")}
    return {names[post] for post in matching(store.connection, question.text)}, question.exact


def test_most_patterns_of_this_page_can_be_read() -> None:
    assert len(READABLE) > 15


@pytest.mark.parametrize("pattern", READABLE)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(posts=st.lists(st.tuples(st.none() | TEXTS, TEXTS), min_size=1, max_size=6))
def test_an_exact_question_finds_the_posts_of_the_engine_and_any_other_at_least_these(
    store: Store, pattern: str, posts: list[tuple[str | None, str | None]]
) -> None:
    found, exact = indexed(store, pattern, posts)

    wanted = scanned(pattern, posts)
    assert found == wanted if exact else found >= wanted


@pytest.mark.parametrize(
    "pattern",
    ["*ach*", "c?che", "stem:caching", "*ache NEAR/2 rag", "stem:job title", "*ra?e", "title: *t*", "case:RA?"],
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(posts=st.lists(st.tuples(st.none() | TEXTS, TEXTS), min_size=1, max_size=6))
def test_words_with_wildcards_and_stems_are_found_by_the_words_of_the_index_that_fit(
    store: Store, pattern: str, posts: list[tuple[str | None, str | None]]
) -> None:
    found, exact = indexed(store, pattern, posts, looked_up=True)

    wanted = scanned(pattern, posts)
    assert found == wanted if exact else found >= wanted


@pytest.mark.parametrize(
    ("pattern", "exact"),
    [("*ach*", True), ("stem:caching", True), ("c?che", True), ("stem:job title", False), ("case:c?che", False)],
)
def test_one_word_is_counted_exactly_by_the_words_that_fit_it(pattern: str, *, exact: bool) -> None:
    question = index_query(parse_pattern(pattern), None, Vocabulary(lambda: ["cache", "cached", "job"]))

    assert question is not None
    assert question.exact == exact


def test_a_word_that_nothing_fits_has_no_post(store: Store) -> None:
    found, exact = indexed(store, "*zz*", [("cache", "title")], looked_up=True)

    assert (found, exact) == (set(), True)


@pytest.mark.parametrize("word", ["x" * 40_000 + "tail", "abcdef" + "\u0e01" * 5_000 + "tail"])
def test_a_word_too_long_for_the_index_is_found_by_its_end(store: Store, word: str) -> None:
    found, exact = indexed(
        store, f"{word[0]}*tail", [(None, f"{word} end"), (None, f"{word[0]}tail"), (None, "tail")], looked_up=True
    )

    assert found == {0, 1}
    assert not exact


def test_too_many_words_that_fit_leave_candidates_or_nothing() -> None:
    words = Vocabulary(lambda: [f"cache{number}" for number in range(MOST_WORDS + 1)])

    assert index_query(parse_pattern("*ache*"), None, words) is None
    assert index_query(parse_pattern("c?che*"), None, words) == IndexQuery('{title own} : ("c"*)', exact=False)


def test_a_rule_that_names_a_code_asks_what_that_asks_and_of_an_unknown_one_nothing_is_known() -> None:
    named = {"jobs": [parse_pattern("job")], "none": []}

    assert index_query(parse_pattern("#jobs"), named) == IndexQuery('({title own} : ("job"))', exact=True)
    assert index_query(parse_pattern("#none"), named) == IndexQuery('"nothing" NOT "nothing"', exact=True)
    assert index_query(parse_pattern("#other"), named) is None


@pytest.mark.parametrize(
    "pattern", ["cache", "cach*", "job title", "job NEAR/2 title", "job AND NOT title", "job OR rag"]
)
def test_words_phrases_open_ends_near_and_or_not_are_exact(pattern: str) -> None:
    question = index_query(parse_pattern(pattern))

    assert question is not None
    assert question.exact


@pytest.mark.parametrize("pattern", ["/jo+b/", "parent: job"])
def test_of_some_conditions_the_index_knows_nothing(pattern: str) -> None:
    assert index_query(parse_pattern(pattern)) is None


@pytest.mark.parametrize(
    "pattern",
    [
        "cache" + " NOT job" * 240,
        "cache" + " NEAR/1 rag" * 170,
        "cache AND (job OR (" * 15 + "x NEAR/3 rag" + "))" * 15,
        "#deep AND (cache OR (" * 14 + "#deep" + "))" * 14,
    ],
)
def test_a_pattern_of_any_depth_is_a_question_that_sqlite_reads_or_none(store: Store, pattern: str) -> None:
    named = {"deep": [parse_pattern("(" * 13 + "a AND b" + " OR c) AND d" * 13)]}
    question = index_query(parse_pattern(pattern), named)

    assert question is None or count(store.connection, question.text) == 0


def test_groups_inside_each_other_are_asked_for_as_far_as_sqlite_reads_them() -> None:
    assert index_query(parse_pattern("cache AND (job OR (" * 10 + "rag" + "))" * 10)) is not None
    assert index_query(parse_pattern("cache AND (job OR (" * 14 + "rag" + "))" * 14)) is None


def test_the_index_follows_the_posts(store: Store) -> None:
    save(store, ROOT, NOTE)
    with store.write() as connection:
        first = update_index(connection)
        second = update_index(connection)
    save(store, gone(ROOT))
    with store.write() as connection:
        third = update_index(connection)
        forget_segments(connection)

    assert (first, second, third) == (1, 0, 1)
    assert count(store.connection, '"names"') == 0
    assert b"names" not in b"".join(row["block"] for row in rows(store, "SELECT block FROM words_data"))


def test_a_post_that_left_the_index_comes_back_as_it_is_now(store: Store) -> None:
    save(store, ROOT)
    with store.write() as connection:
        update_index(connection)
        connection.execute("UPDATE posts SET text = '██ ███ has three names.'")
        leave_index(connection, [row["id"] for row in rows(store, "SELECT id FROM posts")])
        update_index(connection)

    assert count(store.connection, '"job"') == 0
    assert count(store.connection, '"names"') == 1


def test_a_gap_is_no_word_that_anybody_can_ask_for() -> None:
    assert FILLER not in "".join(WORDS)
