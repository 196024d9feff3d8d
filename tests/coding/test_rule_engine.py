"""The engine and the plain reading of the rule language find the same, whatever the rules and the texts are."""

from collections.abc import Sequence

import pytest
from fakes.naive_rules import NaiveRules
from hypothesis import given, settings
from hypothesis import strategies as st

from coding.rules import Hit, Post, Rule, RuleSet

TEXT_WORDS = (
    *(
        "job",
        "Job",
        "jobs",
        "title",
        "Titles",
        "ML",
        "ml",
        "engineer",
        "caf\u00e9",
        "cafe\u0301",
        "just",
        "a",
        "rebrand",
    ),
    *(
        "not",
        "never",
        "but",
        "don't",
        "don\u2019t",
        "tuning",
        "tuned",
        "engi\u200bneer",
        "mlengineer",
        "\U0001f525",
        "\U0001f44d\U0001f3fd",
    ),
)
JOINTS = (
    " ",
    " ",
    " ",
    "\n",
    "-",
    "\u00a0",
    ", ",
    ". ",
    "! ",
    " \u2019",
    " \u201c",
    " `job` ",
    "\n\n> ",
    "\n\n",
    "\n- ",
    ": ",
    "",
)
WORDS = st.sampled_from(TEXT_WORDS)
TEXTS = st.lists(st.tuples(WORDS, st.sampled_from(JOINTS)), min_size=3, max_size=16).map(
    lambda parts: "".join(word + joint for word, joint in parts)
)
OTHER_TEXTS = st.just("") | TEXTS
POSTS = st.builds(Post, OTHER_TEXTS, TEXTS, OTHER_TEXTS, OTHER_TEXTS, st.booleans())

PATTERN_WORDS = st.sampled_from(
    [
        *(
            "job",
            "job*",
            "jo?",
            "*tle*",
            "title*",
            "ML",
            "ml~engineer",
            "engineer",
            "cafe",
            "a",
            "rebrand",
            "*a*",
            '"just a"',
        ),
        *("case:ML", "case:Job", "stem:tune", "\U0001f525", "\U0001f44d", "[just]", "(job|ml)", "don't"),
    ]
)
PHRASES = (
    st.lists(PATTERN_WORDS, min_size=1, max_size=3)
    .map(" ".join)
    .filter(lambda phrase: set(phrase.split()) != {"[just]"})
)
TERMS = (
    PHRASES
    | PATTERN_WORDS.filter(lambda word: word != "[just]")
    | PHRASES
    | st.sampled_from(["/j[a-z]+/i", "/[^ ]+ e/", "/ /", "/^.{2}/m"])
)


def _operation(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from(
        ["OR", "AND", "NOT", "UNLESS", "NEAR/0", "NEAR/2", "THEN/1", "THEN/5", "NEAR/sentence", "THEN/sentence"]
    )
    return st.builds("({}) {} ({})".format, inner, operators, inner) | st.builds(
        "NOTNEG/{} ({})".format, st.integers(0, 5), inner
    )


UNSCOPED = st.recursive(TERMS, _operation, max_leaves=4)
SCOPED = st.builds("{}:({})".format, st.sampled_from(["title", "body", "quote", "parent", "op"]), UNSCOPED)
PATTERNS = st.recursive(UNSCOPED | SCOPED, _operation, max_leaves=3)
STANCES = st.sampled_from([None, "support", "dispute"])
RULES = st.dictionaries(
    st.sampled_from(["one", "two", "three"]),
    st.lists(st.builds(Rule, PATTERNS, STANCES), min_size=1, max_size=3),
    min_size=1,
)


def _segments(hits: Sequence[Hit]) -> set[tuple[str, str | None, str, int, int]]:
    return {(hit.code, hit.stance, hit.field, hit.start, hit.end) for hit in hits}


def _check(rules: dict[str, list[Rule]], post: Post) -> None:
    found, naive = RuleSet(rules).match(post), NaiveRules(rules)

    assert _segments(found.hits) == naive.hits(post)
    assert _segments(found.negated) == naive.negated(post)
    assert len(_segments(found.hits)) == len(found.hits)
    assert len(_segments(found.negated)) == len(found.negated)


@given(rules=RULES, post=POSTS)
@settings(max_examples=120)
def test_the_engine_finds_what_the_page_of_rules_says(rules: dict[str, list[Rule]], post: Post) -> None:
    _check(rules, post)


@given(rules=RULES, pattern=PATTERNS, post=POSTS)
def test_a_code_may_lend_its_rules_to_another(rules: dict[str, list[Rule]], pattern: str, post: Post) -> None:
    lent = {"lent": [Rule(pattern, "support")], **rules, "four": [Rule("#lent"), Rule("title:#lent NEAR/2 job")]}

    _check(lent, post)


@given(rules=RULES, pattern=PATTERNS, post=POSTS)
def test_one_more_rule_changes_no_other_code(rules: dict[str, list[Rule]], pattern: str, post: Post) -> None:
    more = {**rules, "one": [*rules.get("one", ()), Rule(pattern)]}

    before, after = RuleSet(rules), RuleSet(more)

    for kind in (0, 1):
        old, new = before.match(post)[kind], after.match(post)[kind]
        assert [hit for hit in new if hit.code != "one"] == [hit for hit in old if hit.code != "one"]
    assert all(before.version(code) == after.version(code) for code in rules if code != "one")


@given(rules=RULES, post=POSTS)
def test_the_order_of_the_rules_changes_nothing(rules: dict[str, list[Rule]], post: Post) -> None:
    turned = {code: own[::-1] for code, own in reversed(rules.items())}

    assert RuleSet(turned).match(post) == RuleSet(rules).match(post)


@given(rules=RULES, post=POSTS, seen=POSTS)
def test_a_set_that_has_seen_other_posts_finds_the_same(rules: dict[str, list[Rule]], post: Post, seen: Post) -> None:
    used = RuleSet(rules)
    used.match(seen)

    assert used.match(post) == RuleSet(rules).match(post)


@given(rules=RULES, text=st.text(max_size=60), words=TEXTS)
def test_any_text_is_matched_and_segments_lie_in_it(rules: dict[str, list[Rule]], text: str, words: str) -> None:
    post = Post(text + words, words + text)

    for hit in RuleSet(rules).match(post).hits:
        whole = post.title if hit.field == "title" else post.text
        assert hit.field == "post" or 0 <= hit.start < hit.end <= len(whole or "")


@given(words=st.lists(st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=6), min_size=1, max_size=3))
def test_a_segment_holds_the_words_of_its_phrase_in_any_script(words: list[str]) -> None:
    phrase = " ".join(words)
    text = f"before, {phrase} after"

    hits = RuleSet({"code": [Rule(f'"{phrase}"')]}).match(Post(text=text)).hits

    assert phrase in [text[hit.start : hit.end] for hit in hits]


@pytest.mark.slow
@given(rules=RULES, post=POSTS)
@settings(max_examples=5_000)
def test_the_engine_finds_what_the_page_of_rules_says_in_many_more_cases(
    rules: dict[str, list[Rule]], post: Post
) -> None:
    _check(rules, post)
