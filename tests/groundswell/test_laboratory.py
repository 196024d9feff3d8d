"""Trying one rule: the same posts as a search finds, whatever is left out."""

from pathlib import Path

import pytest
from fakes.bench import bench
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coding.rules import Post, Rule, RuleSet
from groundswell.finding import find
from groundswell.laboratory import examples_of, try_rule
from groundswell.study import Study

PATTERNS = st.sampled_from(
    ["bread", "dear bread", "bread*", "queue OR weather", "post NEAR/3 bread", "title:bread", "/br.ad/", "NOTNEG/2 bread",
     "(dear|nice) AND post", "post NOT bread", "r?in", "case:Rain"]
)  # fmt: skip


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return bench(tmp_path_factory.mktemp("lab"), 60)


@given(PATTERNS, st.sets(st.integers(0, 59)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_finds_what_a_search_finds_but_for_hidden_posts(study: Study, pattern: str, numbers: set[int]) -> None:
    with study.store() as store:
        ids = {row["address"]: row["id"] for row in store.connection.execute("SELECT id, address FROM posts")}
        hidden = {ids[f"example:p{number:04}"] for number in numbers}
        trial = try_rule(store, study.codebook(), pattern, "queue", hidden=hidden, size=60)
    found = {one.address for one in find(study, pattern, 60).found}
    wanted = {address for address in found if ids[address] not in hidden}

    assert trial.found == len(wanted)
    assert {one.address for one in trial.preview.shown} == wanted
    assert (trial.posts, trial.left_out) == (60 - len(hidden), len(hidden))


def test_the_same_seed_shows_the_same_posts(study: Study) -> None:
    with study.store() as store:
        shown = [
            [one.address for one in try_rule(store, study.codebook(), "post", size=5, seed=seed).preview.shown]
            for seed in (1, 1, 2)
        ]

    assert shown[0] == shown[1] != shown[2]


def test_a_code_without_rules_of_its_own_has_no_examples_that_could_be_tried(tmp_path: Path) -> None:
    study = bench(
        tmp_path, 1, codebook="version: 1\ncodes:\n  queue: {definition: A queue.}\n  dear-bread: {definition: x}\n"
    )

    assert examples_of(study.codebook(), "queue") == ()


def test_examples_go_by_all_rules_of_a_code(study: Study) -> None:
    codebook = study.codebook()
    found = examples_of(codebook, "dear-bread")

    rules = RuleSet({"dear-bread": [Rule("dear bread")]})
    assert [(one.text, one.passes) for one in found] == [("Such dear bread!", True), ("Bread is dear to me.", True)]
    assert rules.match(Post(text=found[0].text)).hits[0].pattern == found[0].found_by
