"""The examples of a code, and what rules do with them."""

from coding.codebook import Code, ExampleFields
from coding.examples import Example, tried_examples
from coding.rules import Rule, RuleSet

RULES = RuleSet({"dear": [Rule("dear bread"), Rule("parent:price")]})


def test_an_example_is_told_with_the_pattern_that_found_it() -> None:
    code = Code(id="dear", name="Dear", must_match=("Such dear bread!",), must_not_match=("Dear bread, again.", "Rye."))

    found = tried_examples(code, RULES)

    assert found == (
        Example("dear", "Such dear bread!", should=True, found_by="dear bread"),
        Example("dear", "Dear bread, again.", should=False, found_by="dear bread"),
        Example("dear", "Rye.", should=False, found_by=None),
    )
    assert [example.passes for example in found] == [True, False, True]


def test_an_example_may_be_a_whole_post_and_is_told_by_its_parts() -> None:
    answer = ExampleFields(text="Outrageous.", parent="What a price!")

    (found,) = tried_examples(Code(id="dear", name="Dear", must_match=(answer,)), RULES)

    assert found == Example("dear", "text: Outrageous., parent: What a price!", should=True, found_by="parent:price")
