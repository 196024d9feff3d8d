"""The rule engine on real posts: the same segments as one expression a pattern, in a small part of the time."""

import sys
from pathlib import Path
from typing import Any

import pytest
from acceptance import recount

pytestmark = pytest.mark.acceptance

CORPUS = recount.default_data_dir() / "corpus"
ROOT = Path(__file__).parents[2]
TIMES_FASTER = 35
SECONDS_TO_LOAD = 0.3


@pytest.fixture(scope="module")
def bench() -> Any:
    sys.path.insert(0, str(ROOT / "benchmarks"))
    try:
        import rules  # noqa: PLC0415 - lies beside the packages
    finally:
        sys.path.pop(0)
    return rules


def test_the_engine_finds_in_real_posts_what_one_expression_a_pattern_finds_and_is_faster(bench: Any) -> None:
    texts = bench.posts(CORPUS)
    rules = bench.make_rules(texts)

    made = bench.compare(rules, texts, 10)

    assert made.segments > 1000
    assert (made.missing, made.extra) == (0, 0)
    assert made.plain_seconds / made.seconds >= TIMES_FASTER


def test_a_codebook_of_600_patterns_is_loaded_at_once(bench: Any) -> None:
    rules = bench.make_rules(bench.posts(None, 2000))

    assert sum(map(len, rules.values())) == 600
    assert bench.seconds_to_load(rules) < SECONDS_TO_LOAD
