from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding.rules import Hit, Post, Rule, RuleError, RuleSet
from db.spans import own_text
from db.tokens import tokens

WORDS = st.sampled_from(
    ["job", "Job", "jobs", "title", "titles", "ml", "engineer", "caf\u00e9", "just", "a", "rebrand"]
)
JOINTS = st.sampled_from([" ", "\n", "-", "\u00a0", " \u2019", ", ", " \U0001f600 ", " `x` ", "\n\n> ", "\n\n"])
TEXTS = st.lists(st.tuples(WORDS, JOINTS), max_size=14).map(
    lambda parts: "".join(word + joint for word, joint in parts)
)
PATTERN_WORDS = st.sampled_from(["job", "job*", "jo?", "*tle", "t*s", "title", "ML", "cafe", "a", "rebrand", "*a*"])
PATTERNS = st.lists(PATTERN_WORDS, min_size=1, max_size=3).map(" ".join)
RULES = st.dictionaries(
    st.sampled_from(["one", "two", "three"]),
    st.lists(st.builds(Rule, PATTERNS, st.sampled_from([None, "support", "dispute"])), max_size=4),
)


def _places(pattern: str, text: str) -> set[tuple[int, int]]:
    """Slide a pattern over a text, one word at a time."""
    wanted = [word.lower() for word in pattern.split()]
    found = tokens(own_text(text))
    windows = (found[first : first + len(wanted)] for first in range(len(found) - len(wanted) + 1))
    return {
        (window[0].start, window[-1].end)
        for window in windows
        if all(fnmatchcase(token.folded, word) for token, word in zip(window, wanted, strict=True))
    }


def _union(places: set[tuple[int, int]]) -> set[tuple[int, int]]:
    covered = {point for start, end in places for point in range(start, end)}
    starts = {start for start, _ in places if start - 1 not in covered}
    return {(start, next(end for end in range(start, max(covered) + 2) if end not in covered)) for start in starts}


def _expected(rules: dict[str, list[Rule]], text: str) -> set[tuple[str, str | None, int, int]]:
    return {
        (code, stance, start, end)
        for code, own_rules in rules.items()
        for stance in (None, "support", "dispute")
        for start, end in _union(
            {place for rule in own_rules if rule.stance == stance for place in _places(rule.pattern, text)}
        )
    }


def _segments(pattern: str, text: str) -> list[str]:
    hits = RuleSet({"code": [Rule(pattern)]}).match(Post(text=text)).hits
    return [text[hit.start : hit.end] for hit in hits]


@given(rules=RULES, text=TEXTS)
def test_hits_are_those_of_sliding_each_pattern_over_the_text(rules: dict[str, list[Rule]], text: str) -> None:
    hits = RuleSet(rules).match(Post(text=text)).hits

    assert {(hit.code, hit.stance, hit.start, hit.end) for hit in hits} == _expected(rules, text)
    assert len(set(hits)) == len(hits)


@given(rules=RULES, text=TEXTS)
def test_the_order_of_the_rules_changes_nothing(rules: dict[str, list[Rule]], text: str) -> None:
    turned = {code: own_rules[::-1] for code, own_rules in reversed(rules.items())}

    assert RuleSet(turned).match(Post(text, text)).hits == RuleSet(rules).match(Post(text, text)).hits


@given(rules=RULES, text=TEXTS)
def test_a_set_that_has_seen_other_texts_finds_the_same(rules: dict[str, list[Rule]], text: str) -> None:
    used = RuleSet(rules)
    used.match(Post(text="Job jobs title titles ml engineer")).hits

    assert used.match(Post(text=text)).hits == RuleSet(rules).match(Post(text=text)).hits


def test_a_set_that_may_remember_few_words_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coding.scanning._REMEMBERED_WORDS", 2)

    assert _segments("job title", "one job title, two job titles, three job title") == ["job title", "job title"]


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("job title*", "Job titles and job  title, job-title; jobtitle", ["Job titles", "job  title", "job-title"]),
        ("ml engineer", "ML-engineer, ml\u00a0engineer, MLE", ["ML-engineer", "ml\u00a0engineer"]),
        ("ml-engineer", "an ML engineer", ["ML engineer"]),
        ("don't", "I don\u2019t and don't", ["don\u2019t", "don't"]),
        ("cafe", "\U0001f600 Caf\u00e9 cafe\u0301", ["Caf\u00e9", "cafe\u0301"]),
        ("engineer", "engi\u00adneer engineer\u200b engineers", ["engi\u00adneer", "engineer"]),
        ("love this", "love \U0001f600 this", ["love \U0001f600 this"]),
        ("just a rebrand", "\u201cjust a rebrand\u201d", ["just a rebrand"]),
        ("fine?tun*", "finetuning fine-tuning fine_tuned finextuned", ["finextuned"]),
        ("*tuning", "finetuning tuning", ["finetuning", "tuning"]),
        ("c++", "C++ or C", ["C", "C"]),
        ("a b a", "a b a b a", ["a b a b a"]),
        ("a a", "a a a", ["a a a"]),
    ],
)
def test_a_pattern_marks_exact_segments(pattern: str, text: str, expected: list[str]) -> None:
    assert _segments(pattern, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "> job title\n\nmine",
        "`job title`",
        "job `x` title",
        "https://a.example/job-title",
        "[see](/job-title)",
        "job\n\n> theirs\n\ntitle",
        "```\njob title\n```",
    ],
)
def test_only_own_words_match_and_no_phrase_reaches_across_a_gap(text: str) -> None:
    assert _segments("job title", text) == []


def test_no_wildcard_matches_a_gap() -> None:
    assert _segments("job t*", "job `title` title") == []


def test_a_title_is_own_words_all_through() -> None:
    assert RuleSet({"code": [Rule("job")]}).match(Post("> `job`", "> `job`")).hits == [Hit("code", "title", 3, 6, None, "job")]


def test_a_post_without_title_or_text_has_no_hits() -> None:
    assert RuleSet({"code": [Rule("job")]}).match(Post(text=None)).hits == []


def test_hits_stand_in_the_order_of_title_place_and_code() -> None:
    rules = RuleSet({"b": [Rule("job")], "a": [Rule("job")]})

    hits = rules.match(Post("a job", "job, job")).hits

    assert [(hit.field, hit.start, hit.code) for hit in hits] == [
        ("title", 2, "a"),
        ("title", 2, "b"),
        ("text", 0, "a"),
        ("text", 0, "b"),
        ("text", 5, "a"),
        ("text", 5, "b"),
    ]


def test_hits_of_one_code_that_overlap_are_one_with_the_pattern_of_the_longest() -> None:
    rules = RuleSet({"code": [Rule("my job"), Rule("job title is"), Rule("title")]})

    assert rules.match(Post(text="my job title is")).hits == [Hit("code", "text", 0, 15, None, "job title is")]


def test_hits_that_touch_nowhere_stay_apart() -> None:
    assert len(RuleSet({"code": [Rule("my job"), Rule("title")]}).match(Post(text="my job title")).hits) == 2


def test_hits_with_different_stances_both_stay() -> None:
    rules = RuleSet({"code": [Rule("rebrand"), Rule("just a rebrand", "support")]})

    assert rules.match(Post(text="just a rebrand")).hits == [
        Hit("code", "text", 0, 14, "support", "just a rebrand"),
        Hit("code", "text", 7, 14, None, "rebrand"),
    ]


def test_a_pattern_that_cannot_be_read_is_refused_when_the_set_is_made() -> None:
    with pytest.raises(RuleError):
        RuleSet({"code": [Rule("a b)")]})


def test_codes_without_rules_belong_to_the_set() -> None:
    assert RuleSet({"b": [], "a": [Rule("job")]}).codes == ("b", "a")


def test_the_version_is_the_same_in_any_order_of_the_rules() -> None:
    one = RuleSet({"code": [Rule("job"), Rule("title", "support")]})
    other = RuleSet({"code": [Rule("title", "support"), Rule("job")], "other": [Rule("x")]})

    assert one.version("code") == other.version("code") == "b7cbbc700f22"


@pytest.mark.parametrize("rules", [[], [Rule("job", "support")], [Rule("jobs")], [Rule("job"), Rule("title")]])
def test_the_version_changes_with_patterns_and_stances(rules: list[Rule]) -> None:
    assert RuleSet({"code": rules}).version("code") != RuleSet({"code": [Rule("job")]}).version("code")
