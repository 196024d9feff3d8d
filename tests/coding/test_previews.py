import pytest

from coding.negation import Negation
from coding.previews import Precision, Preview, Previewer, Shown, excerpt
from coding.rules import Hit, Rule, RuleError, RuleStopped
from db.queries.previews import RuleText


def text(number: int, words: str | None, title: str | None = None, parent: str | None = None) -> RuleText:
    return RuleText(number, f"site:p{number}", title, words, "hash", None, parent, by_opener=False)


def tried(patterns: list[str], texts: list[RuleText], **more: object) -> Preview:
    others = {"pay": [Rule("pay")], "unused": [Rule("/(?:a|a)+b/")]}
    previewer = Previewer(list(map(Rule, patterns)), others, Negation(), name="code", **more)  # type: ignore[arg-type]
    for each in texts:
        previewer.look_at(each)
    return previewer.result(len(texts))


def test_posts_and_hits_are_counted_all_together_and_by_rule() -> None:
    texts = [
        text(1, "evals, evals", title="evals"),
        text(2, "evals and benchmarks"),
        text(3, "no evals"),
        text(4, "benchmarks", parent="pay"),
        text(5, "nothing"),
    ]

    made = tried(["NOTNEG/2 evals", "benchmark*", "parent:pay"], texts)

    assert (made.posts, made.found, made.hits, made.negated, made.nearly) == (5, 3, 7, 1, 0)
    assert made.fields == {"title": 1, "text": 3, "post": 1}
    assert [(one.rule.pattern, one.posts, one.alone, one.negated) for one in made.rules] == [
        ("NOTNEG/2 evals", 2, 1, 1),
        ("benchmark*", 2, 0, 0),
        ("parent:pay", 1, 0, 0),
    ]
    assert made.precision is None


def test_found_negated_and_nearly_found_posts_are_shown_with_their_hits() -> None:
    texts = [text(1, "my evals"), text(2, "no evals"), text(3, "an eval"), text(4, "x")]

    made = tried(["NOTNEG/2 evals"], texts)

    assert made.shown == [Shown("site:p1", None, "my evals", (_hit("NOTNEG/2 evals", 3, 8),))]
    assert [(shown.address, shown.hits[0].start) for shown in made.shown_negated] == [("site:p2", 3)]
    assert [(shown.address, shown.hits[0].start) for shown in made.shown_nearly] == [("site:p3", 3)]
    assert made.nearly == 1


def _hit(pattern: str, start: int, end: int) -> Hit:
    return Hit("all rules together", "text", start, end, None, pattern)


def test_the_same_seed_shows_the_same_posts_in_whatever_order_they_come() -> None:
    texts = [text(number, "evals") for number in range(50)]

    first, turned, other = (
        [shown.address for shown in tried(["evals"], each, size=5, seed=seed).shown]
        for each, seed in ((texts, 1), (texts[::-1], 1), (texts, 2))
    )

    assert len(first) == 5
    assert first == turned != other


def test_no_post_need_be_shown() -> None:
    made = tried(["evals"], [text(1, "evals")], size=0)

    assert (made.found, made.shown) == (1, [])


def test_hidden_posts_are_counted_and_not_shown() -> None:
    made = tried(["evals"], [text(1, "evals"), text(2, "evals"), text(3, "eval")], hidden={1, 3})

    assert (made.found, made.nearly) == (2, 1)
    assert [shown.address for shown in made.shown] == ["site:p2"]
    assert made.shown_nearly == []


def test_precision_is_of_posts_that_people_decided() -> None:
    texts = [text(number, "evals") for number in range(10)] + [text(20, "x"), text(21, "x")]
    read = {0: True, 1: True, 2: True, 3: False, 20: True, 21: False, 99: True}

    precision = tried(["evals"], texts, read=read).precision

    assert precision == Precision(present=3, read=4, missed=1)
    assert precision.limits == pytest.approx((0.3006, 0.9544), abs=1e-4)


def test_precision_has_no_interval_while_nothing_was_decided() -> None:
    precision = tried(["evals"], [text(1, "evals")], read={}).precision

    assert precision == Precision(0, 0, 0)
    assert precision.limits is None


def test_a_rule_may_name_a_code_of_the_codebook() -> None:
    made = tried(["#pay AND work"], [text(1, "pay for work"), text(2, "pay"), text(3, "a" * 40)])

    assert (made.found, made.hits) == (1, 2)


def test_a_rule_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(RuleError):
        tried(["(a"], [])


def test_a_rule_that_has_to_be_stopped_is_named_with_its_post() -> None:
    with pytest.raises(
        RuleStopped, match=r'code "code": the expression in "/\(\?:a\|a\)\+b/" takes too long on site:p1'
    ):
        tried(["/(?:a|a)+b/"], [text(1, "a" * 40)])


@pytest.mark.parametrize(
    ("words", "segments", "expected"),
    [
        ("one two three", [(4, 7)], "one «two» three"),
        ("one two\nthree two", [(4, 7), (14, 17)], "one «two» three «two»"),
        ("a" * 100 + " two " + "b" * 100, [(101, 104)], "…" + "a" * 9 + " «two» " + "b" * 9 + "…"),
        ("two " + "b" * 100 + " two", [(105, 108), (0, 3)], "«two» " + "b" * 9 + "…"),
        ("c" * 50, [(0, 50)], "«" + "c" * 10 + " … " + "c" * 10 + "»"),
        ("no segment at all, cut", [], "no segment…"),
        ("", [], ""),
    ],
)
def test_an_excerpt_shows_the_words_around_the_first_segment(
    words: str, segments: list[tuple[int, int]], expected: str
) -> None:
    assert excerpt(words, segments, around=10) == expected
