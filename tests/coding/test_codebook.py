import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding.codebook import (
    CODE_ID,
    Code,
    CodebookFile,
    add_code,
    check_rules,
    code_id_of,
    codebook_content,
    codebook_revision,
    load_codebook,
    read_content,
    readable_name,
)
from coding.rules import Rule
from db.errors import FileError
from db.yaml_files import json_schema, load

CODEBOOK = """\
version: 1
codes:
  bread-price:                 # a view
    name: Price of bread
    definition: Says whether bread costs too much.
    include: any kind of bread
    exclude: cake
    examples: ["Four coins for a loaf!"]
    since: 2026-02-01
    stance: yes
    statement: bread costs too much
    rules:
      - bread*
      - match: dear loaf
        stance: support
    must_match: [The bread is dear]
    must_not_match: [The cake is dear]
  place:
    name: Where
    choose: one
  place.home:
    name: At home
    parent: place
    colour: "1F77B4"
    key: 1
    status: draft
  place.shop:
    parent: place
"""

SAY_IT = "say what it means: `definition: …`, or take `status` out; then it is a draft"
FIELDS = st.sampled_from(
    ["version", "codes", "a", "a.b", "*", *CodebookFile.model_fields, "name", "parent", "stance", "choose"]
)
VALUES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["yes", "one", "a", "a.b"])
)
CONTENT = st.recursive(VALUES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=4))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "codebook.yaml"


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def refused(path: Path, codes: str) -> FileError:
    with pytest.raises(FileError) as raised:
        load_codebook(written(path, f"codes:\n{codes}"))
    return raised.value


def test_a_code_carries_all_that_is_written_about_it(path: Path) -> None:
    assert load_codebook(written(path, CODEBOOK)).codes["bread-price"] == Code(
        id="bread-price",
        name="Price of bread",
        definition="Says whether bread costs too much.",
        include="any kind of bread",
        exclude="cake",
        examples=("Four coins for a loaf!",),
        since="2026-02-01",
        stance=True,
        statement="bread costs too much",
        rules=(Rule("bread*"), Rule("dear loaf", "support")),
        must_match=("The bread is dear",),
        must_not_match=("The cake is dear",),
    )


def test_codes_keep_the_order_of_the_file(path: Path) -> None:
    assert list(load_codebook(written(path, CODEBOOK)).codes) == ["bread-price", "place", "place.home", "place.shop"]


def test_an_attribute_has_the_codes_below_it_as_values(path: Path) -> None:
    codebook = load_codebook(written(path, CODEBOOK))

    assert codebook.attributes == ("place",)
    assert codebook.values_of("place") == ("place.home", "place.shop")
    assert codebook.is_value("place.home")
    assert not codebook.is_value("place")


def test_a_code_without_name_is_called_by_its_id(path: Path) -> None:
    assert load_codebook(written(path, CODEBOOK)).codes["place.shop"].name == "Shop"


def test_a_code_without_definition_is_a_draft(path: Path) -> None:
    codebook = load_codebook(written(path, "codes:\n  a:\n  b:\n    definition: Says b.\n"))

    assert codebook.codes["a"].is_draft
    assert not codebook.codes["b"].is_draft


@pytest.mark.parametrize("text", ["", "# none yet\n", "version: 1\n", "version: 1\ncodes:\n", "codes: {}\n"])
def test_a_codebook_may_hold_no_code(path: Path, text: str) -> None:
    assert load_codebook(written(path, text)).codes == {}


@pytest.mark.parametrize(
    ("word", "stance"), [("yes", True), ("no", False), ("true", True), ("false", False), ('"yes"', True)]
)
def test_stance_takes_yes_and_no_and_true_and_false(path: Path, word: str, stance: bool) -> None:
    assert load_codebook(written(path, f"codes:\n  a:\n    stance: {word}\n")).codes["a"].stance is stance


@pytest.mark.parametrize(
    ("codes", "message", "hint"),
    [
        (
            "  Bread Price:\n    name: A",
            "2: codes.Bread Price: an id is made of a-z, 0-9, - and .",
            "write `bread-price:` and put the wording in `name:`",
        ),
        ("  面包: {}", "2: codes.面包: an id is made of a-z, 0-9, - and .", "begin with a letter or digit"),
        ('  "*":\n    name: All', '2: codes.*: "*" stands for all codes of a post', "give the code an id of its own"),
        (
            "  bread:\n  cake:\n    parent: braed",
            '4: codes.cake.parent: there is no code "braed"',
            'did you mean "bread"?',
        ),
        (
            "  bread:\n    parent: bread",
            "3: codes.bread.parent: the code is above itself",
            "let one of the circle have no parent",
        ),
        (
            "  place:\n    choose: one",
            "3: codes.place.choose: an attribute without values",
            "add codes with `parent: place`",
        ),
        ("  place:\n    choose: many", "3: codes.place.choose: must be 'one', but is \"many\"", None),
        (
            "  place:\n    choose: one\n    stance: yes\n  home:\n    parent: place",
            "4: codes.place.stance: an attribute takes no stance",
            "take out `stance` or `choose`",
        ),
        (
            "  place:\n    choose: one\n  home:\n    parent: place\n    stance: yes",
            "6: codes.home.stance: a value of an attribute takes no stance",
            "take it out, or make a code apart",
        ),
        ("  bread:\n    stance: perhaps", '3: codes.bread.stance: must be yes or no, but is "perhaps"', None),
        (
            "  bread:\n    statement: bread is dear",
            "3: codes.bread.statement: a statement without `stance: yes`",
            "add `stance: yes`, or take it out",
        ),
        (
            "  bread:\n    stance: yes\n    statement: That bread is dear",
            '4: codes.bread.statement: begins with "that"',
            "leave it out: bread is dear",
        ),
        (
            "  bread:\n    stance: yes\n    statement: bread is dear.",
            "4: codes.bread.statement: ends with a full stop",
            "leave it out: bread is dear",
        ),
        (
            "  bread:\n    stance: yes\n    statement: bread is mostly dear",
            '4: codes.bread.statement: says "mostly"',
            "state the view itself; how many hold it comes from the counts",
        ),
        (
            "  bread:\n    name: Bread\n  loaf:\n    name: bread",
            '5: codes.loaf.name: "bread" is the name of bread too',
            "give one of them another name",
        ),
        ("  bread:\n    since: spring", "3: codes.bread.since: must be a date such as 2026-02-01", None),
        (
            "  bread:\n    must_match: [Bread!]",
            "3: codes.bread.must_match: there are no rules that could match",
            "add `rules:`, or take it out",
        ),
        (
            "  bread:\n    rules:\n      - loaf\n      - match: dear\n        stance: support",
            "5: codes.bread.rules[1]: a rule with a stance, for a code without",
            "add `stance: yes` to the code",
        ),
        (
            "  bread:\n    rules:\n      - matches: dear",
            "4: codes.bread.rules[0].match: is missing (and 1 more problem)",
            'add `match: …`\nalso line 4: codes.bread.rules[0].matches: unknown field (did you mean "match"?)',
        ),
        (
            "  bread:\n    stance: yes\n    rules:\n      - match: dear\n        stance: for",
            "6: codes.bread.rules[0].stance: must be 'support', 'dispute' or 'mixed', but is \"for\"",
            None,
        ),
        (
            "  bread:\n    rules:\n      - 2026",
            "4: codes.bread.rules[0]: must be text, but is the number 2026",
            "put it in quotes",
        ),
        ("  bread:\n    rules:\n      - ''", "4: codes.bread.rules[0]: must not be empty", None),
        (
            "  bread:\n    colour: 123456",
            '3: codes.bread.colour: must be six hex digits in quotes, such as "1f77b4"',
            None,
        ),
        (
            "  bread:\n    colour: red",
            '3: codes.bread.colour: must be six hex digits in quotes, such as "1f77b4"',
            None,
        ),
        ("  bread:\n    key: ab", "3: codes.bread.key: must be one letter, or a digit from 1 to 9", None),
        ("  bread:\n    key: '?'", "3: codes.bread.key: must be one letter, or a digit from 1 to 9", None),
        ("  bread:\n    key: [a]", "3: codes.bread.key: must be one letter, or a digit from 1 to 9", None),
        (
            "  bread:\n    key: J",
            '3: codes.bread.key: "j" is reserved',
            "the screen needs 0, c, e, f, g, j, k, m, n, q, s, t, u for itself",
        ),
        (
            "  bread:\n    key: b\n  cake:\n    key: B",
            '5: codes.cake.key: "b" is the key of bread too',
            "give one of them another key",
        ),
        (
            "  bread:\n    status: active",
            "3: codes.bread.status: active without a definition",
            SAY_IT,
        ),
        (
            "  bread:\n    status: active\n    parent: cake",
            "3: codes.bread.status: active without a definition (and 1 more problem)",
            f'{SAY_IT}\nalso line 4: codes.bread.parent: there is no code "cake" (there is: bread)',
        ),
        (
            "  bread:\n    status: old",
            "3: codes.bread.status: must be 'draft', 'active' or 'retired', but is \"old\"",
            None,
        ),
        ("  bread:\n    definiton: Says it.", "3: codes.bread.definiton: unknown field", 'did you mean "definition"?'),
    ],
)
def test_what_is_wrong_is_named_with_line_field_and_remedy(
    path: Path, codes: str, message: str, hint: str | None
) -> None:
    error = refused(path, codes)

    assert (str(error), error.hint) == (f"{path}:{message}", hint)


def test_a_circle_of_parents_is_named_at_each_of_its_codes(path: Path) -> None:
    error = refused(path, "  a:\n    parent: b\n  b:\n    parent: a\n  c:\n    parent: a\n")

    assert "codes.a.parent: the code is above itself (and 1 more problem)" in str(error)


def test_values_of_different_attributes_may_share_a_name(path: Path) -> None:
    values = "  a.other:\n    parent: a\n  b.other:\n    parent: b\n"

    codebook = load_codebook(written(path, f"codes:\n  a:\n    choose: one\n  b:\n    choose: one\n{values}"))

    assert codebook.codes["a.other"].name == codebook.codes["b.other"].name == "Other"


def test_a_statement_may_end_with_dots_of_omission(path: Path) -> None:
    codebook = load_codebook(written(path, "codes:\n  a:\n    stance: yes\n    statement: bread is dear ...\n"))

    assert codebook.codes["a"].statement == "bread is dear ..."


def test_the_revision_stands_for_the_content_and_not_for_order_or_comments(path: Path) -> None:
    first = codebook_revision(load_codebook(written(path, "codes:\n  a:\n    name: A\n  b:\n")))
    second = codebook_revision(load_codebook(written(path, "# note\ncodes:\n  b:\n  a: {name: A} # note\n")))
    other = codebook_revision(load_codebook(written(path, "codes:\n  a:\n    name: A!\n  b:\n")))

    assert first == second != other
    assert len(first) == 12


def test_the_revision_of_a_codebook_does_not_change_between_versions_of_the_program(path: Path) -> None:
    assert codebook_revision(load_codebook(written(path, CODEBOOK))) == "5042be03cd6b"


STATES = """\
codes:
  settled: {definition: Says it.}
  unsettled: {definition: Says it., status: draft}
  new: {}
  gone: {definition: Says it., status: retired}
  place: {choose: one}
  place.home: {parent: place}
  place.shop: {parent: place, status: draft}
  mood: {choose: one, status: retired}
  mood.good: {parent: mood}
  below-gone: {parent: gone, definition: Says it.}
"""


def test_coders_are_asked_for_drafts_and_reports_are_not_about_them(path: Path) -> None:
    codebook = load_codebook(written(path, STATES))

    assert codebook.asked == ("settled", "unsettled", "new", "place.home", "place.shop", "below-gone")
    assert codebook.counted == ("settled", "place.home", "below-gone")


def test_a_status_that_is_not_written_follows_from_the_definition_and_the_attribute(path: Path) -> None:
    codebook = load_codebook(written(path, STATES))

    assert {code: codebook.status(code) for code in codebook.codes} == {
        "settled": "active", "unsettled": "draft", "new": "draft", "gone": "retired", "place": "active",
        "place.home": "active", "place.shop": "draft", "mood": "retired", "mood.good": "retired", "below-gone": "active",
    }  # fmt: skip


def test_a_value_may_be_called_active_without_a_definition(path: Path) -> None:
    codes = "codes:\n  place: {choose: one, status: active}\n  place.home: {parent: place, status: active}\n"

    assert load_codebook(written(path, codes)).counted == ("place.home",)


def test_the_key_of_a_retired_code_is_free(path: Path) -> None:
    codes = "codes:\n  bread: {key: b, status: retired}\n  cake: {key: b}\n"

    assert load_codebook(written(path, codes)).codes["cake"].key == "b"


def test_a_colour_may_begin_as_in_style_sheets(path: Path) -> None:
    assert load_codebook(written(path, "codes:\n  bread: {colour: '#1F77B4'}\n")).codes["bread"].colour == "1f77b4"


def test_what_is_kept_of_a_codebook_reads_back_as_the_same_codebook(path: Path) -> None:
    codebook = load_codebook(written(path, CODEBOOK))

    assert read_content(codebook_content(codebook)) == codebook


def test_a_rule_that_cannot_be_parsed_is_named_with_line_and_position(path: Path) -> None:
    document = load(written(path, CODEBOOK.replace("bread*", "(bread")))

    with pytest.raises(FileError, match=r"rules\[0\].*position 0"):
        check_rules(document, load_codebook(path))


def test_rules_that_can_be_parsed_are_let_through(path: Path) -> None:
    check_rules(load(written(path, CODEBOOK)), load_codebook(path))


@pytest.mark.parametrize(
    ("name", "code_id"),
    [
        ("Title confusion", "title-confusion"),
        ("place.home", "place.home"),
        ("  Prix élevé !", "prix-eleve"),
        ("A/B & C", "a-b-c"),
        ("面包", ""),
        ("...", ""),
    ],
)
def test_an_id_is_made_from_a_name(name: str, code_id: str) -> None:
    assert code_id_of(name) == code_id


@given(st.text())
def test_an_id_made_from_any_name_is_valid_or_empty(name: str) -> None:
    assert code_id_of(name) == "" or CODE_ID.fullmatch(code_id_of(name))


@pytest.mark.parametrize(
    ("code_id", "name"), [("title-confusion", "Title confusion"), ("a.b-c", "B c"), ("a-.-", "A-.-")]
)
def test_an_id_without_a_name_is_read_as_words(code_id: str, name: str) -> None:
    assert readable_name(code_id) == name


def test_a_code_is_added_and_all_other_lines_stay(path: Path) -> None:
    added = add_code(written(path, CODEBOOK), "Stale bread", terms=["stale*", "hard as a stone"])

    assert added == "stale-bread"
    assert path.read_text(encoding="utf-8") == CODEBOOK + (
        "  stale-bread:\n    name: Stale bread\n    rules:\n      - stale*\n      - hard as a stone\n"
    )


def test_a_code_added_by_its_id_gets_a_name_that_reads_well(path: Path) -> None:
    add_code(written(path, ""), "stale-bread", definition="Says that bread is old.")

    code = load_codebook(path).codes["stale-bread"]
    assert (code.name, code.definition) == ("Stale bread", "Says that bread is old.")


def test_a_code_is_added_with_id_and_name(path: Path) -> None:
    add_code(written(path, "# none yet\n"), "bread", name="面包")

    assert path.read_text(encoding="utf-8") == "# none yet\ncodes:\n  bread:\n    name: 面包\n"


@pytest.mark.parametrize(
    "term", ["*bread", "yes", "2026", "loaf: dear", "- loaf", "[loaf]", "# loaf", "it's", 'a "loaf"']
)
def test_a_term_is_written_so_that_it_reads_back_as_text(path: Path, term: str) -> None:
    add_code(written(path, ""), "bread", terms=[term])

    assert load_codebook(path).codes["bread"].rules == (Rule(term),)


def test_a_code_that_exists_is_not_added_again(path: Path) -> None:
    with pytest.raises(FileError) as raised:
        add_code(written(path, CODEBOOK), "Bread price")

    assert str(raised.value) == f'{path}:3: codes.bread-price: the code "bread-price" exists already'
    assert raised.value.hint == "change it there, or give another id"


def test_a_name_that_gives_no_id_needs_one(path: Path) -> None:
    with pytest.raises(FileError, match='no id can be made from "面包"') as raised:
        add_code(written(path, ""), "面包")

    assert raised.value.hint is not None
    assert "groundswell codebook rename" in raised.value.hint


@pytest.mark.parametrize("terms", [[""], ["loaf", "  "]])
def test_a_code_that_would_break_the_codebook_is_not_written(path: Path, terms: list[str]) -> None:
    with pytest.raises(FileError, match="must not be empty"):
        add_code(written(path, CODEBOOK), "loaf", terms=terms)

    assert path.read_text(encoding="utf-8") == CODEBOOK


def test_the_schema_for_editors_takes_yes_and_no() -> None:
    schema = json.dumps(json_schema(CodebookFile))

    assert '"enum": ["yes", "no", true, false]' in schema


@given(content=CONTENT)
def test_any_content_is_a_codebook_or_refused_with_a_file_error(
    tmp_path_factory: pytest.TempPathFactory, content: object
) -> None:
    path = written(tmp_path_factory.mktemp("study") / "codebook.yaml", json.dumps(content))

    with suppress(FileError):
        assert len(codebook_revision(load_codebook(path))) == 12
