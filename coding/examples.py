"""The examples of a code, and what rules do with them."""

from dataclasses import dataclass

from coding.codebook import Code, ExampleFields
from coding.rules import Post, RuleSet


@dataclass(frozen=True, slots=True)
class Example:
    """An example of a code, and what rules do with it.

    Attributes:
        should: whether they should find something in it.
        found_by: the pattern that does; None where none does.
    """

    code: str
    text: str
    should: bool
    found_by: str | None

    @property
    def passes(self) -> bool:
        """Whether it is as it should be."""
        return (self.found_by is not None) is self.should


def tried_examples(code: Code, rules: RuleSet) -> tuple[Example, ...]:
    """What rules do with the examples of a code: those that must match first."""
    return tuple(
        Example(code.id, _in_words(example), should, _found_by(rules, code.id, _post(example)))
        for should, examples in ((True, code.must_match), (False, code.must_not_match))
        for example in examples
    )


def _found_by(rules: RuleSet, code: str, post: Post) -> str | None:
    return next((hit.pattern for hit in rules.match(post).hits if hit.code == code), None)


def _post(example: str | ExampleFields) -> Post:
    if isinstance(example, str):
        return Post(text=example)
    return Post(example.title, example.text, parent_text=example.parent, by_opener=example.op)


def _in_words(example: str | ExampleFields) -> str:
    if isinstance(example, str):
        return example
    return ", ".join(f"{name}: {value}" for name, value in example.model_dump(exclude_defaults=True).items())
