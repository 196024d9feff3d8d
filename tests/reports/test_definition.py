import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding.codebook import Code, Codebook
from db.errors import FileError
from reports.definition import Claim, ClaimFields, Definition, Section, default_definition, load_definition

CODES = (
    Code("bread-price", "Price of bread", "Says it.", stance=True, statement="bread costs too much"),
    Code("cake-price", "Price of cake", "Says it.", stance=True),
    Code("smell", "Smell", "Says it."),
    Code("taste", "Taste", "Says it."),
    Code("crust", "Crust"),
    Code("place", "Where", choose_one=True),
    Code("place.home", "At home", parent="place"),
    Code("place.shop", "In a shop", parent="place"),
    Code("place.shop.home", "Home of the baker", parent="place"),
)
CODEBOOK = Codebook({code.id: code for code in CODES})

FINDINGS = """\
version: 1
title: Bread
sections:
  - id: prices
    title: What it costs
    claims:
      - id: bread-dear
        kind: consensus
        code: bread-price
        filter: {place: shop}
        headline: yes
      - id: cake-dear
        kind: consensus
        code: cake-price
        statement: cake costs too much
  - id: senses
    title: What it is like
    claims:
      - {id: where, kind: shares, attribute: place, statement: where people eat, published: {shop: 0.5}}
      - {id: smell, kind: shares, code: smell, published: {smell: 1}}
      - {id: both, kind: shares, codes: [smell, taste]}
      - {id: first, kind: ranking, codes: [smell, taste]}
"""

VALUES = (
    st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.sampled_from(["consensus", "shares", "ranking"])
)
WORDS = VALUES | st.sampled_from([*CODEBOOK.codes, "shop", "home"])
CLAIM = st.dictionaries(
    st.sampled_from([*ClaimFields.model_fields, "x"]), WORDS | st.lists(WORDS, max_size=3), max_size=6
)
CONTENT = st.fixed_dictionaries(
    {"sections": st.lists(st.fixed_dictionaries({"id": WORDS, "title": WORDS, "claims": st.lists(CLAIM)}))}
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "findings.yaml"


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def claims(path: Path) -> dict[str, Claim]:
    definition = load_definition(written(path, FINDINGS), CODEBOOK)
    return {claim.id: claim for section in definition.sections for claim in section.claims}


def refused(path: Path, claim: str) -> FileError:
    text = f"sections:\n  - id: s\n    title: S\n    claims:\n      - id: c\n{claim}"
    with pytest.raises(FileError) as raised:
        load_definition(written(path, text), CODEBOOK)
    return raised.value


def test_sections_keep_the_order_of_the_file(path: Path) -> None:
    definition = load_definition(written(path, FINDINGS), CODEBOOK)

    assert definition.title == "Bread"
    assert [(section.id, section.title) for section in definition.sections] == [
        ("prices", "What it costs"),
        ("senses", "What it is like"),
    ]


def test_a_consensus_claim_takes_its_statement_from_the_codebook(path: Path) -> None:
    assert claims(path)["bread-dear"] == Claim(
        id="bread-dear",
        kind="consensus",
        label="bread costs too much",
        code="bread-price",
        statement="bread costs too much",
        filter={"place": "place.shop"},
        headline=True,
    )


def test_a_consensus_claim_may_give_its_own_statement(path: Path) -> None:
    claim = claims(path)["cake-dear"]

    assert claim.statement == claim.label == "cake costs too much"
    assert not claim.headline


def test_shares_over_an_attribute_carry_published_figures_by_full_id(path: Path) -> None:
    claim = claims(path)["where"]

    assert (claim.attribute, claim.label, claim.published) == ("place", "where people eat", {"place.shop": 0.5})


def test_a_claim_without_statement_is_labelled_by_what_it_counts(path: Path) -> None:
    found = claims(path)

    assert found["smell"].label == "the share of authors who mention Smell"
    assert found["both"].label == "Smell, Taste"
    assert found["first"].label == "Smell, Taste"
    assert found["first"].statement is None


@pytest.mark.parametrize("text", ["", "# later\n", "version: 1\ntitle: Bread\n", "sections:\n", "sections: []\n"])
def test_a_findings_file_may_hold_no_sections(path: Path, text: str) -> None:
    assert load_definition(written(path, text), CODEBOOK).sections == ()


def test_a_section_may_hold_no_claims(path: Path) -> None:
    definition = load_definition(written(path, "sections:\n  - id: s\n    title: S\n    claims:\n"), CODEBOOK)

    assert definition == Definition(None, (Section("s", "S"),))


def test_a_filter_takes_the_full_id_where_the_last_part_is_not_enough(path: Path) -> None:
    text = FINDINGS.replace("{place: shop}", "{place: place.home}")

    definition = load_definition(written(path, text), CODEBOOK)

    assert definition.sections[0].claims[0].filter == {"place": "place.home"}


def test_a_last_part_that_two_values_share_is_not_enough(path: Path) -> None:
    with pytest.raises(FileError, match='"place" has no value "home"'):
        load_definition(written(path, FINDINGS.replace("{place: shop}", "{place: home}")), CODEBOOK)


@pytest.mark.parametrize(
    ("claim", "message", "hint"),
    [
        (
            "        kind: consensus\n        code: bread-prize",
            '7: sections[0].claims[0].code: there is no code "bread-prize"',
            'did you mean "bread-price"?',
        ),
        (
            "        kind: consensus\n        code: smell\n        statement: it smells",
            '7: sections[0].claims[0].code: "smell" is coded without stance, so nobody agrees or disagrees',
            "give the code `stance: yes` in codebook.yaml, or use `kind: shares`",
        ),
        (
            "        kind: consensus\n        code: cake-price",
            "5: sections[0].claims[0].statement: is missing here and in the codebook",
            "add `statement: …` here or to the code: what people agree with",
        ),
        (
            "        kind: shares\n        code: crust",
            '7: sections[0].claims[0].code: the code "crust" is a draft',
            "say in codebook.yaml what it means: `definition: …`",
        ),
        (
            "        kind: consensus",
            "6: sections[0].claims[0].kind: a claim of kind consensus needs `code: …`",
            None,
        ),
        (
            "        kind: consensus\n        code: bread-price\n        codes: [smell]",
            "8: sections[0].claims[0].codes: has no place in a claim of kind consensus",
            "use `code: …`",
        ),
        (
            "        kind: consensus\n        code: bread-price\n        statement: That bread is dear",
            '8: sections[0].claims[0].statement: begins with "that"',
            "leave it out: bread is dear",
        ),
        (
            "        kind: consensus\n        code: bread-price\n        statement: bread is dear.",
            "8: sections[0].claims[0].statement: ends with a full stop",
            "leave it out: bread is dear",
        ),
        (
            "        kind: consensus\n        code: bread-price\n        statement: bread is Often dear",
            '8: sections[0].claims[0].statement: says "Often" without a rule for it',
            "add `often: yes`, which needs a lower limit above one half, or state the view itself; how many hold it comes from the counts",
        ),
        (
            "        kind: consensus\n        code: bread-price\n        statement: ''",
            "8: sections[0].claims[0].statement: must not be empty",
            None,
        ),
        (
            "        kind: shares",
            "6: sections[0].claims[0].kind: a claim of kind shares needs exactly one of attribute, code, codes",
            None,
        ),
        (
            "        kind: shares\n        code: smell\n        attribute: place",
            "6: sections[0].claims[0].kind: a claim of kind shares needs exactly one of attribute, code, codes",
            None,
        ),
        (
            "        kind: shares\n        code: place",
            '7: sections[0].claims[0].code: "place" is an attribute',
            "use `kind: shares` and `attribute: place`",
        ),
        (
            "        kind: shares\n        attribute: palce",
            '7: sections[0].claims[0].attribute: there is no attribute "palce"',
            'did you mean "place"?',
        ),
        (
            "        kind: shares\n        attribute: smell",
            '7: sections[0].claims[0].attribute: "smell" is no attribute',
            "give it `choose: one` and values in codebook.yaml",
        ),
        (
            "        kind: ranking\n        codes: [smell]",
            "7: sections[0].claims[0].codes: a ranking needs at least 2 codes",
            "for one code use `kind: shares`",
        ),
        (
            "        kind: ranking\n        codes:\n          - smell\n          - smell",
            '9: sections[0].claims[0].codes[1]: "smell" is here twice',
            "take one out",
        ),
        (
            "        kind: shares\n        code: smell\n        filter:\n          plaice: shop",
            '9: sections[0].claims[0].filter.plaice: there is no attribute "plaice"',
            'did you mean "place"?',
        ),
        (
            "        kind: shares\n        code: smell\n        filter:\n          place: ship",
            '9: sections[0].claims[0].filter.place: "place" has no value "ship"',
            "there is: place.home, place.shop, place.shop.home",
        ),
        (
            "        kind: shares\n        attribute: place\n        published:\n          shop: 0.5\n          place.shop: 0.5",
            '10: sections[0].claims[0].published.place.shop: "place.shop" is here twice',
            "keep one of the two",
        ),
        (
            "        kind: shares\n        code: smell\n        published:\n          taste: 0.5",
            "9: sections[0].claims[0].published.taste: the claim gives no figure for it",
            "there is: smell",
        ),
        (
            "        kind: shares\n        code: smell\n        published:\n          smell: 50",
            "9: sections[0].claims[0].published.smell: should be less than or equal to 1, but is the number 50",
            None,
        ),
        (
            "        kind: trend\n        code: smell",
            "6: sections[0].claims[0].kind: must be 'consensus', 'shares', 'ranking', 'pairs', 'examples', 'gap', 'compare' or 'takeaway', but is \"trend\"",
            None,
        ),
        (
            "        kind: shares\n        code: smell\n      - id: c\n        kind: shares\n        code: taste",
            '8: sections[0].claims[1].id: another claim is called "c"',
            "give each an id of its own",
        ),
        (
            "        kind: shares\n        code: smell\n      - id: My claim\n        kind: shares\n        code: taste",
            "8: sections[0].claims[1].id: an id is made of a-z, 0-9, - and .",
            "write `my-claim`",
        ),
        (
            "        kind: shares\n        code: smell\n  - id: s\n    title: T",
            '8: sections[1].id: another section is called "s"',
            "give each an id of its own",
        ),
    ],
)
def test_what_is_wrong_is_named_with_line_field_and_remedy(
    path: Path, claim: str, message: str, hint: str | None
) -> None:
    error = refused(path, claim)

    assert (str(error), error.hint) == (f"{path}:{message}", hint)


@pytest.mark.parametrize(
    "word", ["often", "rarely", "usually", "most", "mostly", "increasingly", "always", "never", "sometimes"]
)
def test_a_statement_that_says_how_many_is_refused(path: Path, word: str) -> None:
    error = refused(
        path, f"        kind: consensus\n        code: bread-price\n        statement: bread is {word} dear"
    )

    assert f'says "{word}"' in str(error)


def test_a_word_within_a_word_says_nothing_about_how_many(path: Path) -> None:
    text = FINDINGS.replace("cake costs too much", "almost any cake costs too much")

    definition = load_definition(written(path, text), CODEBOOK)

    assert definition.sections[0].claims[1].statement == "almost any cake costs too much"


def test_the_default_has_one_claim_for_each_code_in_use_but_for_values_and_drafts() -> None:
    definition = default_definition(CODEBOOK, "Bread")

    assert definition.title == "Bread"
    assert [(claim.id, claim.kind, claim.label) for claim in definition.sections[0].claims] == [
        ("bread-price", "consensus", "bread costs too much"),
        ("cake-price", "shares", "the share of authors who mention Price of cake"),
        ("smell", "shares", "the share of authors who mention Smell"),
        ("taste", "shares", "the share of authors who mention Taste"),
        ("place", "shares", "Where"),
    ]


def test_the_default_of_an_empty_codebook_has_no_sections() -> None:
    assert default_definition(Codebook({}), "Bread") == Definition("Bread", ())


@given(content=CONTENT)
def test_any_content_is_a_definition_or_refused_with_a_file_error(
    tmp_path_factory: pytest.TempPathFactory, content: object
) -> None:
    path = written(tmp_path_factory.mktemp("study") / "findings.yaml", json.dumps(content))

    with suppress(FileError):
        assert load_definition(path, CODEBOOK).title is None
