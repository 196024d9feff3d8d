"""What a codebook says of its rules: words of negation, codes that name each other, examples with surroundings."""

from pathlib import Path

import pytest

from coding.codebook import (
    ExampleFields,
    check_rules,
    codebook_content,
    codebook_revision,
    load_codebook,
    looked_for,
    read_content,
    rule_set,
)
from coding.negation import BREAKS, CUES, Negation
from coding.rules import Hit, Post
from db.errors import FileError
from db.yaml_files import load

CODEBOOK = """\
codes:
  pay:
    name: Pay
    rules: [ pay, wage* ]
    must_match:
      - The pay is low
      - text: Me too
        parent: The pay is low
        op: yes
      - title: Wages
  work:
    name: Work
    rules:
      - "#pay AND work"
  mood:
    name: Mood
"""
OWN_WORDS = "negation:\n  cues: [ hardly ]\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "codebook.yaml"


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def problem(path: Path, text: str) -> str:
    with pytest.raises(FileError) as caught:
        check_rules(load(written(path, text)), load_codebook(path))
    return str(caught.value)


def test_only_codes_with_rules_can_match(path: Path) -> None:
    rules = rule_set(load_codebook(written(path, CODEBOOK)))

    assert rules.codes == ("pay", "work")
    assert rules.match(Post(text="pay")).hits == [Hit("pay", "text", 0, 3, None, "pay")]


def test_an_example_may_be_a_post_with_what_stands_around_it(path: Path) -> None:
    examples = load_codebook(written(path, CODEBOOK)).codes["pay"].must_match

    assert examples == (
        "The pay is low",
        ExampleFields(text="Me too", parent="The pay is low", op=True),
        ExampleFields(title="Wages"),
    )


def test_an_example_without_words_is_refused(path: Path) -> None:
    with pytest.raises(FileError, match=r"codebook\.yaml:10: codes\.pay\.must_match\[2\]: a post without words"):
        load_codebook(written(path, CODEBOOK.replace("title: Wages", "op: yes")))


def test_the_words_of_negation_are_those_of_the_program_unless_others_are_given(path: Path) -> None:
    assert load_codebook(written(path, CODEBOOK)).negation == Negation(CUES, BREAKS)
    assert load_codebook(written(path, OWN_WORDS + CODEBOOK)).negation == Negation(("hardly",), BREAKS)


def test_the_words_of_a_codebook_are_those_that_its_rules_mind(path: Path) -> None:
    text = OWN_WORDS + CODEBOOK.replace("[ pay, wage* ]", "[ NOTNEG/3 pay ]")

    found = rule_set(load_codebook(written(path, text))).match(Post(text="no pay, hardly pay"))

    assert (len(found.hits), len(found.negated)) == (1, 1)


def test_other_words_of_negation_make_another_revision(path: Path) -> None:
    usual = load_codebook(written(path, CODEBOOK))
    other = load_codebook(written(path, OWN_WORDS + CODEBOOK))
    said_again = load_codebook(written(path, f"negation:\n  breaks: [ {', '.join(BREAKS)} ]\n" + CODEBOOK))

    assert codebook_revision(usual) == codebook_revision(said_again) != codebook_revision(other)


def test_what_is_kept_with_a_revision_gives_the_codebook_back(path: Path) -> None:
    codebook = load_codebook(written(path, OWN_WORDS + CODEBOOK))

    assert read_content(codebook_content(codebook)) == codebook
    assert looked_for(codebook_content(codebook)) == {"pay", "work", "mood"}


def test_a_rule_that_names_a_code_without_rules_is_refused_at_its_line(path: Path) -> None:
    found = problem(path, CODEBOOK.replace("#pay", "#mood"))

    assert "codebook.yaml:14: codes.work.rules[0]" in found
    assert 'position 0: no code "mood" has rules' in found


def test_codes_that_name_each_other_are_refused(path: Path) -> None:
    assert '"#work" leads back to "pay"' in problem(path, CODEBOOK.replace("wage*", '"#work"'))


def test_all_rules_that_are_wrong_are_told_at_once(path: Path) -> None:
    found = problem(path, CODEBOOK.replace("wage*", "'(wage'").replace("AND work", "AND"))

    assert 'pattern "(wage", position 0: "(" is not closed' in found
    assert "and 1 more problem" in found


def test_a_word_of_negation_is_words_only(path: Path) -> None:
    found = problem(path, "negation:\n  cues: [ no, a NEAR/2 b ]\n  breaks: [ '(' ]\n" + CODEBOOK)

    assert 'negation.cues[1]: pattern "a NEAR/2 b", position 0: more than words' in found
    assert "and 1 more problem" in found
