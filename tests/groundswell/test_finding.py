from pathlib import Path

import pytest
from fakes.study import comment, groundswell, save, submission, thread

from coding.patterns import RuleError
from groundswell.finding import find
from groundswell.study import Study

LONG = "word " * 60


@pytest.fixture
def read(study: Study, tmp_path: Path) -> Study:
    """The study of bread with four posts."""
    posts = thread(
        submission(title="Dear bread", text="Such dear bread."),
        comment("bbb1", f"{LONG}I stood in a queue for dear bread. {LONG}"),
        comment("bbb2", "> dear bread\n\nNot dear to me.", parent="t1_bbb1"),
        comment("bbb3", "Wow, so dear!"),
    )
    groundswell("-C", study.root, "collect", "import", save(tmp_path / "thread.json", posts))
    return study


def addresses(study: Study, query: str) -> set[str]:
    return {found.address for found in find(study, query).found}


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("dear bread", {"reddit:t3_aaa1", "reddit:t1_bbb1"}),
        ("quote: dear bread", {"reddit:t1_bbb2"}),
        ("queu* AND dear", {"reddit:t1_bbb1"}),
        ("/wo+w/i", {"reddit:t1_bbb3"}),
        ("parent: queue", {"reddit:t1_bbb2"}),
        ("#queue", {"reddit:t1_bbb1"}),
    ],
)
def test_a_search_finds_what_a_rule_would(read: Study, query: str, wanted: set[str]) -> None:
    assert addresses(read, query) == wanted


def test_a_count_that_the_index_knows_is_exact_and_any_other_is_an_upper_bound(read: Study) -> None:
    known, guessed = find(read, "dear bread"), find(read, "dear THEN/1 bread")

    assert (known.total, known.is_exact) == (2, True)
    assert guessed.total >= len(guessed.found)
    assert not guessed.is_exact


def test_the_words_around_a_match_are_shown_and_where_it_stands(read: Study) -> None:
    (found,) = find(read, "queue").found

    assert found.excerpt.startswith("…word")
    assert "stood in a [queue] for dear" in found.excerpt
    assert found.excerpt.endswith("word…")
    assert len(found.places) == 1


def test_a_query_that_is_no_pattern_is_refused_with_its_place(read: Study) -> None:
    with pytest.raises(RuleError, match="position"):
        find(read, "dear AND")


def test_the_newest_posts_come_first_and_no_more_than_asked_for(read: Study) -> None:
    ran = groundswell("-C", read.root, "find", "dear", "--limit", "1", "--nl")

    assert ran.code == 0
    assert len(ran.rows) == 1
    assert ran.err == "4 posts; 1 shown\n"
