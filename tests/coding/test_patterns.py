import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding.conditions import (
    AllOf,
    AnyOf,
    Condition,
    Emoji,
    Expression,
    Near,
    Phrase,
    Reference,
    Scope,
    Spelling,
    Unless,
    Unnegated,
    Within,
    Without,
    Word,
)
from coding.patterns import RuleError, parse_pattern


def words(text: str, spelling: Spelling = Spelling.FOLDED) -> Phrase:
    return Phrase(tuple(Word(word, spelling) for word in text.split()))


def any_of(*phrases: str) -> AnyOf:
    return AnyOf(tuple(map(words, phrases)))


A, B, C, D = map(words, "abcd")


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("Job Title*", "job title*"),
        ('"job title"', "job title"),
        (" \u201cjob title\u201d ", "job title"),
        ("ml-engineer", "ml engineer"),
        ("don't", "don t"),
        ("don\u2019t", "don t"),
        ("c++", "c"),
        ("fine?tun*", "fine?tun*"),
        ("R\u00c9SUM*", "resum*"),
        ("a\u00a0b", "a b"),
        ("and or not near then unless notneg", "and or not near then unless notneg"),
        ("ANDROID NOTE NOT* NEARBY", "android note not* nearby"),
        ("one : two - three", "one two three"),
        ('"a NOT b"', "a not b"),
        ('"(a|b) #c /d title:e {f} \\g"', "a b c d title e f g"),
        ('a "b c" d', "a b c d"),
        ("(a b) c", "a b c"),
        ("((a))", "a"),
        ("ML-AND-AI", None),
    ],
)
def test_a_phrase_is_cut_into_folded_words(pattern: str, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(RuleError, match='"AND" is an operator'):
            parse_pattern(pattern)
    else:
        assert parse_pattern(pattern) == words(expected)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("a|b c", ["a", "b c"]),
        ("(a|b) c", ["a c", "b c"]),
        ("a (b|c d) e", ["a b e", "a c d e"]),
        ("a [b] c", ["a b c", "a c"]),
        ("a [b|c]", ["a b", "a c", "a"]),
        ("(a|b) (c|d)", ["a c", "a d", "b c", "b d"]),
        ("a|b|a", ["a", "b"]),
        ("fine~tun*", ["fine tun*", "finetun*"]),
        ("a~b~c", ["a b c", "ab c", "a bc", "abc"]),
        ("e-mail~s", ["e mail s", "e mails"]),
        ("(a|[b] c)", ["a", "b c", "c"]),
    ],
)
def test_variants_of_a_phrase_are_written_out(pattern: str, expected: list[str]) -> None:
    assert parse_pattern(pattern) == any_of(*expected)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("case:AI", words("AI", Spelling.EXACT)),
        ("case:Caf\u0065\u0301*", words("Caf\u00e9*", Spelling.EXACT)),
        ("case:AI Engineer", Phrase((Word("AI", Spelling.EXACT), Word("engineer")))),
        ('case:"AI Act" x', Phrase((Word("AI", Spelling.EXACT), Word("Act", Spelling.EXACT), Word("x")))),
        ("stem:Tuning", words("tuning", Spelling.STEM)),
        ("stem:(fine tune)", words("fine tune", Spelling.STEM)),
        ("a stem:b", Phrase((Word("a"), Word("b", Spelling.STEM)))),
        ("case:(A NEAR/2 B)", Near(words("A", Spelling.EXACT), words("B", Spelling.EXACT), 2)),
        ("case:a~b", AnyOf((words("a b", Spelling.EXACT), words("ab", Spelling.EXACT)))),
    ],
)
def test_case_and_stem_hold_for_the_word_or_group_after_them(pattern: str, expected: Condition) -> None:
    assert parse_pattern(pattern) == expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("a OR b c", any_of("a", "b c")),
        ("a OR b OR c", any_of("a", "b", "c")),
        ("a AND b AND c", AllOf((A, B, C))),
        ("a AND b OR c", AnyOf((AllOf((A, B)), C))),
        ("a AND (b OR c)", AllOf((A, AnyOf((B, C))))),
        ("a NOT b", Without(A, B)),
        ("a AND NOT b", Without(A, B)),
        ("a NOT b NOT c", Without(Without(A, B), C)),
        ("a AND b NOT c AND d", AllOf((Without(AllOf((A, B)), C), D))),
        ("a UNLESS b", Unless(A, B)),
        ("a UNLESS b UNLESS c", Unless(Unless(A, B), C)),
        ("a AND b UNLESS c", AllOf((A, Unless(B, C)))),
        ("a NEAR/5 b", Near(A, B, 5)),
        ("a THEN/0 b", Near(A, B, 0, ordered=True)),
        ("a NEAR/sentence b", Near(A, B, None)),
        ("a THEN/sentence b", Near(A, B, None, ordered=True)),
        ("a NEAR/1 b THEN/1000 c", Near(Near(A, B, 1), C, 1000, ordered=True)),
        ("a NEAR/1 b UNLESS c NEAR/1 d", Unless(Near(A, B, 1), Near(C, D, 1))),
        ("a|b NEAR/1 c", Near(any_of("a", "b"), C, 1)),
        ("NOTNEG/4 a b", Unnegated(words("a b"), 4)),
        ("NOTNEG/4 a NEAR/1 b", Near(Unnegated(A, 4), B, 1)),
        ("NOTNEG/0(a OR b)", Unnegated(AnyOf((A, B)), 0)),
        ("title:a b|c", Within(Scope.TITLE, any_of("a b", "c"))),
        ("body: a", Within(Scope.BODY, A)),
        ("parent:(a AND b)", Within(Scope.PARENT, AllOf((A, B)))),
        ("quote:a NEAR/1 quote:b", Near(Within(Scope.QUOTE, A), Within(Scope.QUOTE, B), 1)),
        ("op:NOTNEG/2 a", Within(Scope.OP, Unnegated(A, 2))),
        ("title:a AND title:b", AllOf((Within(Scope.TITLE, A), Within(Scope.TITLE, B)))),
        ("#job-titles.ai", Reference("job-titles.ai", 0)),
        ("a NOT #b", Without(A, Reference("b", 6))),
        ("(a AND b)OR(c)", AnyOf((AllOf((A, B)), C))),
    ],
)
def test_operators_bind_in_their_order(pattern: str, expected: Condition) -> None:
    assert parse_pattern(pattern) == expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("/c\\+\\+/", Expression("c\\+\\+")),
        ("/a b/smi", Expression("a b", "ims")),
        ("/a\\/b/ii OR /c/", AnyOf((Expression("a\\/b", "i"), Expression("c")))),
        ("/(/ OR /)/", None),
    ],
)
def test_an_expression_stands_between_two_slashes(pattern: str, expected: Condition | None) -> None:
    if expected is None:
        with pytest.raises(RuleError, match="no expression"):
            parse_pattern(pattern)
    else:
        assert parse_pattern(pattern) == expected


def test_emoji_are_neighbours_in_a_phrase_and_selectors_make_no_difference() -> None:
    heart = Emoji("\u2764")

    assert parse_pattern("\u2764\ufe0f") == heart
    assert parse_pattern("a b\u2764 c") == Near(Near(words("a b"), heart, 0, ordered=True), C, 0, ordered=True)
    assert parse_pattern("\u2764|a") == AnyOf((heart, A))


@pytest.mark.parametrize(
    ("pattern", "position", "problem"),
    [
        ("a (b", 2, "is not closed"),
        ("a [b", 2, "is not closed"),
        ("(a|b]", 0, "is not closed"),
        ("a) b", 1, "closes nothing"),
        ("a ] b", 2, "closes nothing"),
        ("a {b", 2, "is reserved"),
        ("a }b", 2, "is reserved"),
        ("a\\b", 1, "is reserved"),
        ("ml/ai", 2, "inside a word"),
        ("ml/ai/", 2, "inside a word"),
        ("/a", 0, "stands alone"),
        ("c# x", 1, "names no code"),
        ("c#x", 1, "names no code"),
        ("# x", 0, "names no code"),
        ("wor*:", 4, "after a word is reserved"),
        ("10:30", 2, "after a word is reserved"),
        ("a tilte:b", 2, '"tilte:" has no meaning'),
        ("http://a", 0, '"http:" has no meaning'),
        ("title(s)", 5, "no blank before"),
        ("(a)b", 3, "no blank before"),
        ('a"b"', 1, "no blank before"),
        ('"a b', 0, "has no partner"),
        ('a b"', 3, "has no partner"),
        ('"', 0, "has no partner"),
        ("*", 0, "matches any word"),
        ("a * b", 2, "matches any word"),
        ("a-* b", 2, "matches any word"),
        ("what ?", 5, "matches any word"),
        ("a ?* b", 2, "matches any word"),
        ('"a *"', 3, "matches any word"),
        ("a~*", 2, "matches any word"),
        ("a ~b", 2, "stands between nothing"),
        ("a~ b", 1, "stands between nothing"),
        ("a~~b", 1, "stands between nothing"),
        ("a~-b", 1, "stands between nothing"),
        ("\u2764~a", 1, "stands between nothing"),
        ('""', 0, "no word is left"),
        ("", 0, "no word is left"),
        ("  ", 0, "no word is left"),
        ("+++", 0, "no word is left"),
        ("a AND +++", 6, "no word is left"),
        ("[a]", 0, "is optional"),
        ("[a] [b]", 0, "is optional"),
        ("a AND", 5, "missing here"),
        ("AND a", 0, "missing here"),
        ("NOT a", 0, "missing here"),
        ("a OR NOT b", 5, "missing here"),
        ("a NOT NOT b", 6, "missing here"),
        ("a UNLESS", 8, "missing here"),
        ("(a AND )", 7, "missing here"),
        ("()", 1, "missing here"),
        ("| a", 0, "missing here"),
        ("a |", 3, 'missing after "|"'),
        ("a | | b", 4, 'missing after "|"'),
        ("title:", 6, "missing here"),
        ("case: AND", 6, 'missing after "case:"'),
        ("case:#a", 5, 'missing after "case:"'),
        ("stem:/a/", 5, 'missing after "stem:"'),
        ("stem:title:a", 5, 'missing after "stem:"'),
        ("NOTNEG/4", 8, "missing here"),
        ("NOTNEG a", 6, "does not say how far"),
        ("NOTNEG/sentence a", 6, "does not say how far"),
        ("a NEAR b", 6, "does not say how far"),
        ("a NEAR/ b", 6, "does not say how far"),
        ("a NEAR/x b", 6, "does not say how far"),
        ("a THEN/1001 b", 6, "does not say how far"),
        ("a NEAR/3.5 b", 6, "does not say how far"),
        ("a THEN/5-b", 6, "does not say how far"),
        ("NOTNEG/2,b", 6, "does not say how far"),
        ("a NEAR/\u0661 b", 6, "does not say how far"),
        ("\U0001f600 a AND/ b", 7, "stands alone"),
        ("a,AND b", 2, "is an operator"),
        ("(a AND b) c", 10, "made of words only"),
        ("c (a AND b)", 2, "made of words only"),
        ("#a b", 3, "made of words only"),
        ("b #a", 2, "made of words only"),
        ("a /b/", 2, "made of words only"),
        ("a title:b", 2, "made of words only"),
        ("a NOTNEG/2 b", 2, "made of words only"),
        ("a|(b AND c)", 1, "stands between words"),
        ("(a AND b)|c", 9, "stands between words"),
        ("[a AND b]", 0, "only words can be optional"),
        ("title:(a OR body:b)", 12, '"body:" inside "title:"'),
        ("case:(a stem:b)", 8, '"stem:" inside "case:"'),
        ("a stem:tun*", 7, "no wildcards"),
        ("/a/x", 3, "no flags"),
        ("/a(/", 3, "no expression"),
        ("/a*/", 0, "matches nothing"),
        ("/(?V1)a/", 1, "incompatible"),
        ("x OR /(a{1000}){1000}b/", 8, "too many repeats"),
        (f"/{'a' * 501}/", 0, "longer than 500"),
        ("a" * 2001, 2000, "longer than 2000"),
        ("a \ue000", 2, "no text has this character"),
        ("a \ue001", 2, "no text has this character"),
        ("(" * 31 + "a" + ")" * 31, 30, "too many groups"),
        ("(a|b|c|d|e) (a|b|c|d|e) (a|b|c|d|e) (a|b|c|d|e)", 0, "more than 500 ways"),
        ("a~" * 300 + "a", 0, "more than 500 ways"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_position(pattern: str, position: int, problem: str) -> None:
    with pytest.raises(RuleError) as caught:
        parse_pattern(pattern)

    assert problem in str(caught.value)
    assert caught.value.position == position
    assert f"position {position}" in str(caught.value)
    assert caught.value.hint


def test_an_expression_that_is_nested_too_deeply_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def give_up(_source: str, _flags: str) -> None:
        raise RecursionError

    monkeypatch.setattr("coding.patterns.compile_expression", give_up)

    with pytest.raises(RuleError, match="position 5: too many groups inside each other"):
        parse_pattern("a OR /((nested))/")


def test_an_unknown_scope_is_answered_with_the_one_that_was_meant() -> None:
    with pytest.raises(RuleError) as caught:
        parse_pattern("tilte:a")

    assert caught.value.hint == "write title:; in quotes it is plain words"


SIGNS = ["(", ")", "[", "]", "|", " ", " AND ", " OR ", " NOT ", " UNLESS ", " NEAR/2 ", " THEN/sentence ", "NOTNEG/3 "]
PIECES = st.sampled_from(
    [*SIGNS, "a", "b*", "c?d", '"', "title:", "case:", "stem:", "/", "#", "~", "\\", "\u2764", "+", ":"]
)


@given(pattern=st.lists(PIECES | st.characters(), max_size=25).map("".join))
def test_any_pattern_is_read_or_refused_at_one_of_its_places(pattern: str) -> None:
    try:
        parse_pattern(pattern)
    except RuleError as error:
        refused = error
    else:
        return

    assert 0 <= refused.position <= len(pattern)
    assert refused.hint
