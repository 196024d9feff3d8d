import time

import pytest

from coding.negation import Negation
from coding.rules import Hit, Post, Rule, RuleError, RuleSet, RuleStopped, rule_problems


def _segments(pattern: str, text: str) -> list[str]:
    hits = RuleSet({"code": [Rule(pattern)]}).match(Post(text=text)).hits
    return [text[hit.start : hit.end] for hit in hits]


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
    assert RuleSet({"code": [Rule("job")]}).match(Post("> `job`", "> `job`")).hits == [
        Hit("code", "title", 3, 6, None, "job")
    ]


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


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        (
            "(ai|ml) engineer*",
            "AI engineer, ML engineers, AI and ML engineers",
            ["AI engineer", "ML engineers", "ML engineers"],
        ),
        ("just [a] rebrand", "just a rebrand, just rebrand, just another rebrand", ["just a rebrand", "just rebrand"]),
        ("ml~engineer", "ml-engineer MLEngineer ML research engineer", ["ml-engineer", "MLEngineer"]),
        ('"NOT AI"', "not AI", ["not AI"]),
        ("case:RAG", "RAG rag Rag RAGs", ["RAG"]),
        ("case:RAG*", "RAG rag Rag RAGs", ["RAG", "RAGs"]),
        ("case:Caf\u00e9", "Caf\u00e9 Cafe\u0301 Cafe caf\u00e9", ["Caf\u00e9", "Cafe\u0301"]),
        ("case:AI engineer", "AI Engineer, ai engineer", ["AI Engineer"]),
        ("stem:tune", "tune tuned Tuning tunes tuner attune", ["tune", "tuned", "Tuning", "tunes"]),
        ("stem:tunes stem:model", "tuned models", ["tuned models"]),
        ("\u2764", "\u2764\ufe0f \u2764", ["\u2764\ufe0f", "\u2764"]),
        ("\U0001f44d", "\U0001f44d\U0001f3fd \U0001f44d", ["\U0001f44d\U0001f3fd", "\U0001f44d"]),
        ("\U0001f44d\U0001f3fd", "\U0001f44d\U0001f3fd \U0001f44d", ["\U0001f44d\U0001f3fd"]),
        ("\U0001f469", "\U0001f469\u200d\U0001f467", []),
        ("great \U0001f525", "great \U0001f600\U0001f525, great work \U0001f525", ["great \U0001f600\U0001f525"]),
        ("a OR b", "b c a", ["b", "a"]),
        ("a AND b", "b c a", ["b", "a"]),
        ("a AND b", "a c", []),
        ("a NOT b", "a c a", ["a", "a"]),
        ("a NOT b", "a b", []),
        ("evals UNLESS performance evals", "evals, performance evals", ["evals"]),
        ("a b UNLESS b c", "a b c a b", ["a b"]),
        ("a UNLESS /-a/", "a -a", ["a"]),
        ("b|d UNLESS (a b|b c)", "a b c d b", ["d", "b"]),
        ("a NEAR/1 b", "a b, b x a, a x x b", ["a b, b x a"]),
        ("a NEAR/1 b", "a x b y y a y y b", ["a x b"]),
        ("a NEAR/0 b", "b a", ["b a"]),
        ("a NEAR/5 a", "a", []),
        ("a NEAR/5 a", "a x a", ["a x a"]),
        ("a b NEAR/5 b c", "a b c", []),
        ("a THEN/1 b", "b x a x b", ["a x b"]),
        ("a THEN/0 b THEN/0 c", "a b c b", ["a b c"]),
        ("a NEAR/5 b", "a. `x` b", ["a. `x` b"]),
        ("a NEAR/0 b", "a. `x` b", []),
        ("a NEAR/1 b", "a. `x` b", ["a. `x` b"]),
        ("a NEAR/sentence b", "a x. b x a! b", ["b x a"]),
        ("a THEN/sentence b", "b x a. a x b", ["a x b"]),
        ("a NEAR/sentence (b. c)", "a b. c", []),
        ("NOTNEG/2 a", "not a, not x a, not x x a, a", ["a", "a"]),
        ("NOTNEG/3 a", "not, a; never but a: don\u2019t a", ["a", "a"]),
        ("NOTNEG/0 a", "not a", ["a"]),
        ("(NOTNEG/2 a) OR b", "not a, b", ["b"]),
        ("/c\\+\\+/i", "C++ c++", ["C++", "c++"]),
        ("/b.b/ OR a", "bab", ["bab"]),
        ("/[ab]{2}/ NEAR/1 x", "ab, x y ba", ["ab, x y ba"]),
        ("title:a", "a", []),
        ("body:a", "a", ["a"]),
        ("quote:a", "a\n\n> a b\n> a\n\na", ["a", "a"]),
        ("quote:(a b)", "> a\n> b", ["a\n> b"]),
        ("quote:a OR a", "> a\n\na", ["a", "a"]),
        ("quote:a", "a > b", []),
        ("op:a", "a", []),
    ],
)
def test_every_form_of_the_language_marks_exact_segments(pattern: str, text: str, expected: list[str]) -> None:
    assert _segments(pattern, text) == expected


POST = Post(
    "the title", "the text\n\n> the quote", "the parent's title", "the parent `code`\n\n> quoted", by_opener=True
)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("the", [("title", 0, 3), ("text", 0, 3)]),
        ("title:the", [("title", 0, 3)]),
        ("body:the", [("text", 0, 3)]),
        ("quote:the", [("text", 12, 15)]),
        ("op:the", [("title", 0, 3), ("text", 0, 3)]),
        ("parent:title", [("post", 0, 0)]),
        ("parent:parent", [("post", 0, 0)]),
        ("parent:code", []),
        ("parent:quoted", []),
        ("parent:(title AND parent)", [("post", 0, 0)]),
        ("parent:(title NEAR/9 parent)", [("post", 0, 0)]),
        ("parent:(s title NEAR/9 code)", []),
        ("text AND parent:parent", [("text", 4, 8)]),
        ("text AND parent:nothing", []),
        ("text NOT parent:parent", []),
        ("title NEAR/9 text", []),
        ("title AND text", [("title", 4, 9), ("text", 4, 8)]),
        ("title:the UNLESS body:the", [("title", 0, 3)]),
        ("title:text UNLESS the", []),
        ("text NEAR/9 quote:quote", []),
    ],
)
def test_a_scope_looks_at_its_part_of_a_post(pattern: str, expected: list[tuple[str, int, int]]) -> None:
    hits = RuleSet({"code": [Rule(pattern)]}).match(POST).hits

    assert [(hit.field, hit.start, hit.end) for hit in hits] == expected


def test_what_only_the_opener_of_a_thread_says_is_nobody_elses() -> None:
    assert RuleSet({"code": [Rule("op:the")]}).match(POST._replace(by_opener=False)).hits == []


def test_two_rules_that_find_something_above_hit_the_post_once() -> None:
    hits = RuleSet({"code": [Rule("parent:title"), Rule("parent:parent")]}).match(POST).hits

    assert hits == [Hit("code", "post", 0, 0, None, "parent:parent")]


def test_a_code_lends_its_places_and_not_its_stances() -> None:
    rules = {
        "pay": [Rule("pay", "support"), Rule("wage*")],
        "work": [Rule("#pay AND work")],
        "all": [Rule("title:#work")],
    }

    matches = RuleSet(rules).match(Post("work for wages", "work for pay"))

    assert [(hit.code, hit.field, hit.stance, hit.start) for hit in matches.hits] == [
        ("all", "title", None, 0),
        ("work", "title", None, 0),
        ("all", "title", None, 9),
        ("pay", "title", None, 9),
        ("work", "title", None, 9),
        ("work", "text", None, 0),
        ("pay", "text", "support", 9),
        ("work", "text", None, 9),
    ]


def test_what_is_negated_stands_apart_unless_it_is_found_all_the_same() -> None:
    rules = {
        "one": [Rule("NOTNEG/2 a rebrand", "support")],
        "two": [Rule("NOTNEG/2 a rebrand"), Rule("rebrand")],
        "three": [Rule("a rebrand NOT (NOTNEG/2 work)")],
    }

    matches = RuleSet(rules).match(Post(text="not a rebrand, no work"))

    assert [(hit.code, hit.start, hit.stance) for hit in matches.negated] == [("one", 4, "support")]
    assert [(hit.code, hit.start) for hit in matches.hits] == [("three", 4), ("two", 6)]


def test_a_rule_about_above_may_be_negated_too() -> None:
    matches = RuleSet({"code": [Rule("parent:NOTNEG/2 pay")]}).match(Post(text="x", parent_text="no pay"))

    assert matches.hits == []
    assert matches.negated == [Hit("code", "post", 0, 0, None, "parent:NOTNEG/2 pay")]


def test_other_words_may_negate() -> None:
    rules = RuleSet({"code": [Rule("NOTNEG/4 a")]}, Negation(cues=("hardly any", "kein*"), breaks=("y",)))

    found = rules.match(Post(text="hardly any a; keine a; hardly a; keine y a; not a"))

    assert (len(found.hits), len(found.negated)) == (3, 2)


def test_an_expression_that_takes_too_long_is_stopped_and_named() -> None:
    rules = RuleSet({"fast": [Rule("/a/")], "slow": [Rule("x OR /(?:a|a)+b/")]})

    with pytest.raises(RuleStopped) as stopped:
        rules.match(Post(text="a" * 40))

    assert (stopped.value.code, stopped.value.pattern) == ("slow", "x OR /(?:a|a)+b/")
    assert str(stopped.value) == 'code "slow": the expression in "x OR /(?:a|a)+b/" takes too long'


def test_rules_tell_whether_they_look_around() -> None:
    assert not RuleSet({"code": [Rule("title:a"), Rule("quote:a")]}).looks_around
    assert RuleSet({"code": [Rule("a AND parent:a")]}).looks_around
    assert RuleSet({"code": [Rule("op:a")]}).looks_around


def test_all_problems_of_rules_are_found() -> None:
    rules = {
        "a": [Rule("x"), Rule("(y"), Rule("x OR #b")],
        "b": [Rule("#c")],
        "c": [Rule("x AND #a NOT #d"), Rule("#c")],
        "d": [],
    }

    found = [
        (code, number, error.position, str(error).split(": ", 1)[1]) for code, number, error in rule_problems(rules)
    ]

    assert found == [
        ("a", 1, 0, '"(" is not closed'),
        ("a", 2, 5, '"#b" leads back to "a"'),
        ("b", 0, 0, '"#c" leads back to "b"'),
        ("c", 0, 6, '"#a" leads back to "c"'),
        ("c", 0, 13, 'no code "d" has rules'),
        ("c", 1, 0, '"#c" leads back to "c"'),
    ]


def test_an_unknown_code_is_answered_with_the_one_that_was_meant() -> None:
    with pytest.raises(RuleError) as caught:
        RuleSet({"pay-level": [Rule("a")], "b": [Rule("#pay-levels")]})

    assert caught.value.hint == "write #pay-level"


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ({"a": ["#b"], "b": ["x"]}, {"a": ["#b"], "b": ["y"]}, False),
        ({"a": ["#b"], "b": ["#c"], "c": ["x"]}, {"a": ["#b"], "b": ["#c"], "c": ["y"]}, False),
        ({"a": ["x"], "b": ["x"]}, {"a": ["x"], "b": ["y"]}, True),
        ({"a": ["#b"], "b": ["x"]}, {"b": ["x"], "a": ["#b"], "c": ["y"]}, True),
    ],
)
def test_the_version_changes_with_the_codes_that_are_named(
    before: dict[str, list[str]], after: dict[str, list[str]], *, same: bool
) -> None:
    one, other = (RuleSet({code: list(map(Rule, own)) for code, own in rules.items()}) for rules in (before, after))

    assert (one.version("a") == other.version("a")) is same


@pytest.mark.parametrize(("pattern", "same"), [("a", True), ("NOTNEG/2 a", False), ("#lent", False)])
def test_the_version_changes_with_the_words_of_negation_where_they_are_used(pattern: str, *, same: bool) -> None:
    rules = {"code": [Rule(pattern)], "lent": [Rule("x OR NOTNEG/2 a")]}

    one, other = RuleSet(rules), RuleSet(rules, Negation(cues=("no",)))

    assert (one.version("code") == other.version("code")) is same


@pytest.mark.parametrize(
    "pattern",
    [
        "a NEAR/1000 b",
        "a THEN/sentence b",
        "a UNLESS no a",
        "NOTNEG/9 a",
        "a AND b NOT c",
        "/a b/ NEAR/3 a",
        "a NEAR/9 a",
    ],
)
def test_a_long_text_takes_no_more_than_its_length(pattern: str) -> None:
    rules = RuleSet({"code": [Rule(pattern), Rule(f"title:({pattern})")]})
    text = "a b no a, b \u2764 " * 10_000

    started = time.process_time()
    matches = rules.match(Post(text, text))

    assert matches.hits
    assert time.process_time() - started < 10


def test_a_negated_hit_above_is_none_where_another_rule_finds_something_above() -> None:
    rules = RuleSet({"code": [Rule("parent:NOTNEG/2 pay"), Rule("parent:work")]})

    matches = rules.match(Post(text="x", parent_text="no pay, work"))

    assert ([hit.field for hit in matches.hits], matches.negated) == (["post"], [])
