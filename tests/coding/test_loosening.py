import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding.conditions import AnyOf
from coding.loosening import loosened
from coding.patterns import parse_pattern
from coding.rules import Post, Rule, RuleSet


def _segments(pattern: str, text: str) -> list[str]:
    """What a pattern nearly finds."""
    rules = RuleSet({"code": [Rule(pattern)]}, read=lambda each: loosened(parse_pattern(each)) or AnyOf(()))
    hits = rules.match(Post("a salary", text, parent_text="pay", by_opener=False)).hits
    return [text[hit.start : hit.end] for hit in hits if hit.field == "text"]


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("evals", "eval evaluation evals coeval", ["eval", "evaluation", "evals"]),
        ("title*", "subtitled x", ["subtitled"]),
        ("ti*", "antics", []),
        ("pay", "payment", []),
        ("case:RAG", "rag", ["rag"]),
        ("case:Caf\u00e9", "cafe", ["cafe"]),
        ("stem:tuned", "tunable tune", ["tune"]),
        ("job title", "title of the job", ["title of the job"]),
        ("just a rebrand", "a rebrand 1 2 3 4 5 just a thing 1 2 3 4 5 rebrand", ["a rebrand"]),
        ("a NEAR/1 b", "a 1 2 3 4 5 6 b", ["a 1 2 3 4 5 6 b"]),
        ("a NEAR/1 b", "a 1 2 3 4 5 6 7 b", []),
        ("a THEN/1 b", "b a", ["b a"]),
        ("a NEAR/sentence b", "a. x b", ["a. x b"]),
        ("title* NEAR/1 means", "title, meaning", ["title, meaning"]),
        ("means NEAR/1 title*", "title, meaning", ["title, meaning"]),
        ("a AND means", "a, b", []),
        ("a AND means", "a, meaning", ["a", "meaning"]),
        ("a AND b AND c", "a, b", ["a", "b"]),
        ("a NOT b", "a b", ["a"]),
        ("means NOT b", "meaning", ["meaning"]),
        ("a UNLESS a b", "a b", ["a"]),
        ("title:words", "words", ["words"]),
        ("title:words", "wording", []),
        ("body:words", "wording", ["wording"]),
        ("op:me", "me", ["me"]),
        ("NOTNEG/2 means", "meaning, no meaning", ["meaning"]),
        ("means OR words", "meaning wording", ["meaning", "wording"]),
        ("/AI/", "ai", ["ai"]),
        ("/AI/i", "ai", []),
        ("\U0001f525", "\U0001f525", []),
    ],
)
def test_what_comes_near_has_one_thing_less_strict(pattern: str, text: str, expected: list[str]) -> None:
    assert _segments(pattern, text) == expected


def test_what_no_form_comes_near_has_no_near_misses() -> None:
    assert loosened(parse_pattern("\U0001f525")) is None


@given(words=st.lists(st.sampled_from(["evals", "job*", "case:AI", "stem:tune", "a", "title"]), min_size=2, max_size=4))
def test_a_phrase_is_always_near_itself(words: list[str]) -> None:
    pattern = " ".join(words)
    text = "evals jobs AI tuned a title, " + " ".join(words).replace("*", "s").replace("case:", "").replace("stem:", "")
    exact = RuleSet({"code": [Rule(pattern)]}).match(Post(text=text)).hits

    assert exact
    assert _segments(pattern, text)
