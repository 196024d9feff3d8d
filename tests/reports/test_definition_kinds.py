"""Findings files with every kind of claim: what is loaded, and what is refused with line and remedy."""

from pathlib import Path

import pytest

from coding.codebook import Code, Codebook
from db.errors import FileError
from reports.definition import Claim, Definition, load_definition
from reports.frequency import FrequencyWord
from reports.verdicts import DECLARED

CODES = (
    Code("dear", "Dear", "d", stance=True, statement="bread costs too much"),
    Code("old", "Old", "d", stance=True),
    Code("rye", "Rye", "d"),
    Code("wheat", "Wheat", "d"),
    Code("kind.bun", "Bun", "d"),
    Code("kind.roll", "Roll", "d"),
    Code("kind.gone", "Gone", "d", status="retired"),
    Code("place", "Where", choose_one=True),
    Code("hour", "When", choose_one=True, status="retired"),
    Code("hour.early", "Early", parent="hour"),
    Code("place.home", "At home", parent="place"),
    Code("place.shop", "In a shop", parent="place"),
)
CODEBOOK = Codebook({code.id: code for code in CODES})
CSV = """\
key,label,numerator,denominator,base,definition,as_of,source
rye-sold,Rye,30,120,all loaves,d,2026-01,s
wheat-sold,Wheat,60,120,all loaves,d,2026-01,s
buns-sold,Buns,6,60,sold loaves,d,2026-01,s
"""
FINDINGS = """\
references: reference/bread.csv
thresholds: {people: 12, threads: 8, often_lower: 0.6}
sections:
  - id: prices
    title: Prices
    bases: differ
    claims:
      - id: dear-often
        kind: consensus
        code: dear
        statement: bread is often dear
        often: true
        headline: true
        say: {majority: "Most hold that {statement}: {k} of {n}."}
        concerns: {coherence: {level: minor, reason: two towns}}
        confidence: {level: very low, reason: one month}
      - {id: gap, kind: gap, dimension: Price, code: dear, reference: rye-sold, also: [wheat-sold, buns-sold], construct: differs}
      - {id: gap-rye, kind: gap, code: rye, against: wheat, reference: none, trend: {period: 90d}}
  - id: baking
    title: Baking
    link: https://bread.example/baking
    claims:
      - id: day
        kind: pairs
        filter: {place: shop}
        pairs:
          - {assumed: kneading all day, got: rarely that, code: rye, against: wheat, rarely: true}
          - {expected: rolls, got: buns, code: kind.bun}
      - {id: seen, kind: examples, code_prefix: kind., match: [rye], of: {place: home}, max: 2, statement: what is baked}
      - {id: which, kind: compare, a: rye, b: wheat, denominator: {has: dear}}
      - {id: where, kind: shares, attribute: place, rank: true}
      - {id: so, kind: takeaway, statement: bread matters, rests_on: [dear-often, which], say: "So {statement}."}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "reference").mkdir()
    (tmp_path / "reference" / "bread.csv").write_text(CSV, encoding="utf-8")
    file = tmp_path / "findings.yaml"
    file.write_text(FINDINGS, encoding="utf-8")
    return file


def loaded(path: Path) -> dict[str, Claim]:
    return {claim.id: claim for claim in load_definition(path, CODEBOOK).claims}


def refused(path: Path, *claims: str, section: str = "", head: str = "references: reference/bread.csv\n") -> FileError:
    listed = "".join(f"      - {claim}\n" for claim in claims)
    path.write_text(f"{head}sections:\n  - id: s\n    title: T\n{section}    claims:\n{listed}", encoding="utf-8")
    with pytest.raises(FileError) as raised:
        load_definition(path, CODEBOOK)
    return raised.value


def test_pairs_name_what_is_assumed_or_expected_and_what_is_reported(path: Path) -> None:
    day = loaded(path)["day"]

    assert day.codes == ("rye", "wheat", "kind.bun")
    assert [(pair.belief, pair.before, pair.got, pair.code, pair.against) for pair in day.pairs] == [
        ("assumed", "kneading all day", "rarely that", "rye", "wheat"),
        ("expected", "rolls", "buns", "kind.bun", None),
    ]
    assert day.pairs[0].frequency == FrequencyWord("rarely", "rarely")
    assert (day.filter, day.label, day.counts_pairs) == ({"place": "place.shop"}, "Rye, Wheat, Bun", True)


def test_examples_are_the_codes_named_and_those_that_begin_so_without_retired_ones(path: Path) -> None:
    seen = loaded(path)["seen"]

    assert (seen.codes, seen.min_authors, seen.max_shown) == (("rye", "kind.bun", "kind.roll"), 2, 2)
    assert (seen.filter, seen.label) == ({"place": "place.home"}, "what is baked")


def test_a_gap_has_sides_if_its_code_does_and_no_code_against(path: Path) -> None:
    claims = loaded(path)

    assert (claims["gap"].is_stance, claims["gap"].statement) == (True, "bread costs too much")
    assert claims["gap"].references == (("rye-sold", "beside"), ("wheat-sold", "also"), ("buns-sold", "also"))
    assert (claims["gap"].construct_differs, claims["gap"].dimension) == (True, "Price")
    assert (claims["gap-rye"].is_stance, claims["gap-rye"].codes, claims["gap-rye"].references) == (
        False,
        ("rye", "wheat"),
        (),
    )
    assert (claims["gap-rye"].trend, claims["gap-rye"].ranked) == ("90d", True)


def test_a_comparison_orders_two_codes_in_the_scope_of_a_third(path: Path) -> None:
    which = loaded(path)["which"]

    assert (which.codes, which.ranked, which.scope_code, which.label) == (("rye", "wheat"), True, "dear", "Rye, Wheat")


def test_shares_may_be_ranked(path: Path) -> None:
    assert loaded(path)["where"].ranked


def test_what_a_person_says_of_a_claim_is_kept(path: Path) -> None:
    claim = loaded(path)["dear-often"]

    assert claim.frequency == FrequencyWord("often", "often")
    assert claim.say == {"majority": "Most hold that {statement}: {k} of {n}."}
    assert (claim.concerns["coherence"].level, claim.concerns["coherence"].reason) == ("minor", "two towns")
    assert claim.confidence is not None
    assert claim.confidence.level == "very low"


def test_a_takeaway_rests_on_claims_and_may_have_one_saying_for_all_verdicts(path: Path) -> None:
    so = loaded(path)["so"]

    assert (so.rests_on, so.statement, so.say) == (("dear-often", "which"), "bread matters", {"any": "So {statement}."})


def test_limits_outside_figures_and_links_are_part_of_the_definition(path: Path) -> None:
    found = load_definition(path, CODEBOOK)

    assert (found.thresholds.people, found.thresholds.often_lower, found.thresholds.q) == (12, 0.6, DECLARED.q)
    assert found.declared == ("often_lower", "people")
    assert list(found.references) == ["rye-sold", "wheat-sold", "buns-sold"]
    assert [section.link for section in found.sections] == [None, "https://bread.example/baking"]
    assert [section.bases_differ for section in found.sections] == [True, False]
    assert Definition("t").claims == ()


STANCE = "{id: c, kind: consensus, code: dear"
TAKEAWAY = "{id: t, kind: takeaway, statement: bread matters"
RYE = "{id: r, kind: shares, code: rye}"


@pytest.mark.parametrize(
    ("claim", "message", "hint"),
    [
        ("{id: c, kind: shares, code: kind.gone}", 'code: the code "kind.gone" is retired', "take it out"),
        ("{id: c, kind: shares, attribute: hour}", 'attribute: the attribute "hour" is retired', "take the claim out"),
        ("{id: c, kind: pairs}", "kind: a claim of kind pairs needs `pairs: …`", None),
        (
            "{id: c, kind: pairs, pairs: [{got: buns, code: rye}]}",
            "pairs[0]: a pair needs exactly one of assumed",
            None,
        ),
        (
            "{id: c, kind: pairs, pairs: [{assumed: a, got: b, code: rye, against: rye}]}",
            "pairs[0].against: is the same as code",
            "name the code of the assumption",
        ),
        (
            "{id: c, kind: pairs, pairs: [{assumed: a, got: b, code: ry}]}",
            'pairs[0].code: there is no code "ry"',
            'did you mean "rye"?',
        ),
        (
            "{id: c, kind: pairs, pairs: [{assumed: a, got: rarely b, code: rye, against: wheat}]}",
            'pairs[0].got: says "rarely" without a rule for it',
            "add `rarely: yes`",
        ),
        (
            "{id: c, kind: pairs, pairs: [{assumed: a, got: rarely b, code: rye, rarely: true}]}",
            'pairs[0].got: "rarely" needs the code of what is rare',
            "write `against: …`",
        ),
        ("{id: c, kind: examples}", "kind: a claim of kind examples needs one of match, code_prefix", None),
        ("{id: c, kind: examples, code_prefix: cake.}", 'code_prefix: no code begins with "cake."', "there is: dear"),
        ("{id: c, kind: examples, match: [rye, rye]}", 'match[1]: "rye" is here twice', "take one out"),
        (
            "{id: c, kind: examples, match: [rye], of: {place: cellar}}",
            'of.place: "place" has no value "cellar"',
            "there is: place.home, place.shop",
        ),
        (
            "{id: c, kind: examples, match: [rye], of: {place: home}, filter: {place: shop}}",
            "of.place: is in `filter` too",
            "keep one of the two",
        ),
        ("{id: c, kind: compare, a: rye}", "kind: a claim of kind compare needs two codes", None),
        ("{id: c, kind: compare, a: rye, b: rye}", "kind: a claim of kind compare needs two codes", None),
        ("{id: c, kind: gap, code: rye}", "kind: a claim of kind gap needs `reference: …`", "write `reference: none`"),
        ("{id: c, kind: gap, reference: none}", "kind: a claim of kind gap needs `code: …`", None),
        (
            "{id: c, kind: gap, code: rye, against: rye, reference: none}",
            "against: is the same as code",
            "name the code of the opposite",
        ),
        (
            "{id: c, kind: gap, code: rye, reference: ry-sold}",
            'reference: there is no outside figure "ry-sold"',
            'did you mean "rye-sold"?',
        ),
        (
            "{id: c, kind: gap, code: rye, reference: none, also: rye-sold}",
            "reference: says that there is no outside figure, and names one",
            "keep one of the two",
        ),
        ("{id: c, kind: shares, code: rye, also: rye-sold}", "also: stands beside nothing", "write `reference: …`"),
        (
            "{id: c, kind: gap, code: old, reference: none}",
            "statement: is missing here and in the codebook",
            "add `statement",
        ),
        (
            "{id: c, kind: shares, code: rye, denominator: {has: cake}}",
            'denominator.has: there is no code "cake"',
            "there is: dear",
        ),
        (
            "{id: c, kind: shares, code: rye, trend: {period: weekly}}",
            'trend.period: "weekly" is no period',
            "write quarter, month, year",
        ),
        ("{id: c, kind: shares, code: rye, rests_on: [c]}", "rests_on: has no place in a claim of kind shares", None),
        (
            "{id: c, kind: shares, code: rye, construct: differs, a: rye}",
            "a: has no place in a claim of kind shares",
            None,
        ),
        (f"{TAKEAWAY}}}", "kind: a claim of kind takeaway needs `rests_on: …`", None),
        ("{id: t, kind: takeaway, rests_on: [r]}", "kind: a takeaway needs `statement: …`", "what its claims come to"),
        (f"{TAKEAWAY}, rests_on: [x]}}", 'rests_on[0]: there is no claim "x"', "there is: r, t"),
        (f"{TAKEAWAY}, rests_on: [r, r]}}", 'rests_on[1]: "r" is here twice', "take one out"),
        (f"{TAKEAWAY}, rests_on: [t]}}", "rests_on: the takeaway rests on itself", "that count posts"),
        (
            f"{TAKEAWAY}, rests_on: [r], filter: {{place: home}}}}",
            "filter: has no place in a claim of kind takeaway",
            None,
        ),
        (
            f"{TAKEAWAY}, rests_on: [r], trend: {{period: year}}}}",
            "trend: has no place in a claim of kind takeaway",
            None,
        ),
        (
            "{id: t, kind: takeaway, statement: bread is usually good, rests_on: [r]}",
            'statement: says "usually" without a rule for it',
            "state the view itself",
        ),
        (
            f"{STANCE}, statement: bread is often dear}}",
            'statement: says "often" without a rule for it',
            "add `often: yes`",
        ),
        (
            f"{STANCE}, statement: bread is increasingly dear}}",
            'statement: says "increasingly" without a rule for it',
            "add `trend: {period: quarter}`",
        ),
        (
            f"{STANCE}, statement: bread is decreasingly dear}}",
            'statement: says "decreasingly" without a rule for it',
            "add `trend: {period: quarter}`",
        ),
        (f"{STANCE}, statement: bread is never dear}}", 'says "never" without a rule for it', "state the view itself"),
        (
            f"{STANCE}, statement: bread is mostly often dear, often: true}}",
            'statement: says "mostly" and "often"',
            "keep one word of frequency",
        ),
        (f"{STANCE}, rarely: true}}", "rarely: has no place in a claim of kind consensus", None),
        (f"{STANCE}, statement: whether bread is dear}}", 'begins with "whether"', "to stand after “say that”"),
        (f"{STANCE}, statement: 'bread is dear?'}}", 'ends with "?"', "leave it out: bread is dear"),
        (f"{STANCE}, statement: dear}}", "statement: is one word", "and a verb"),
        (f"{STANCE}, statement: that bread is dear}}", 'begins with "that"', "leave it out: bread is dear"),
        (
            f"{STANCE}, say: {{majority: 'Two of {{statement}}'}}}}",
            'say.majority: holds a number, "Two"',
            "from the data",
        ),
        (
            f"{STANCE}, say: {{measured: '{{statement}}'}}}}",
            "say.measured: is no verdict of such a claim",
            "they are none",
        ),
        (
            f"{TAKEAWAY}, rests_on: [r], say: {{thin: '{{statement}}'}}}}",
            "say.thin: is no verdict of such a claim",
            "debated",
        ),
        ("{id: c, kind: shares, code: rye, say: 'On {statement}: most.'}", "say: says", "{majority: …}"),
        (
            f"{STANCE}, concerns: {{coherence: {{level: bad, reason: x}}}}}}",
            "concerns.coherence.level: must be 'none'",
            None,
        ),
        (
            f"{STANCE}, concerns: {{coherence: {{level: minor}}}}}}",
            "concerns.coherence.reason: is missing",
            "add `reason",
        ),
        (f"{STANCE}, confidence: {{level: high}}}}", "confidence.reason: is missing", "add `reason: …`"),
        ("{id: c, kind: shares, codes: [rye, wheat], often: true}", "often: speaks of one share", "name one `code: …`"),
    ],
)
def test_what_is_wrong_in_a_claim_is_named_with_its_line_and_remedy(
    path: Path, claim: str, message: str, hint: str | None
) -> None:
    error = refused(path, claim, *([] if claim == RYE else [RYE]))

    assert str(error).startswith(f"{path}:6: sections[0].claims[0].")
    assert message in str(error)
    assert (error.hint is None) if hint is None else (hint in str(error.hint))


def test_a_field_that_says_no_has_a_place_anywhere(path: Path) -> None:
    path.write_text(
        f"sections:\n  - id: s\n    title: T\n    claims:\n      - {RYE.replace('}', ', headline: false}')}\n"
        "      - {id: c, kind: consensus, code: dear, rank: false}\n",
        encoding="utf-8",
    )

    assert not loaded(path)["c"].ranked


def test_takeaways_that_rest_on_each_other_are_refused(path: Path) -> None:
    error = refused(
        path,
        "{id: one, kind: takeaway, statement: bread matters, rests_on: [other]}",
        "{id: other, kind: takeaway, statement: bread counts, rests_on: [one]}",
    )

    assert "the takeaway rests on itself" in str(error)


GAPS = (
    "{id: g1, kind: gap, code: rye, reference: rye-sold}",
    "{id: g2, kind: gap, code: wheat, reference: wheat-sold}",
    "{id: g3, kind: gap, code: kind.bun, reference: buns-sold}",
)


def test_outside_figures_of_different_bases_in_one_section_are_refused(path: Path) -> None:
    error = refused(path, *GAPS)

    assert str(error).startswith(f"{path}:8: sections[0].claims[2].reference: ")
    assert '"buns-sold" is a share of sold loaves, the other figures of the section are of all loaves' in str(error)
    assert "`bases: differ` in the section or `construct: differs` in the claim" in str(error.hint)


@pytest.mark.parametrize("acknowledged", ["section", "claim"])
def test_different_bases_that_somebody_acknowledged_are_loaded(path: Path, acknowledged: str) -> None:
    claims = GAPS if acknowledged == "section" else (*GAPS[:2], GAPS[2].replace("}", ", construct: differs}"))
    section = "    bases: differ\n" if acknowledged == "section" else ""
    listed = "".join(f"      - {claim}\n" for claim in claims)
    path.write_text(
        f"references: reference/bread.csv\nsections:\n  - id: s\n    title: T\n{section}    claims:\n{listed}",
        encoding="utf-8",
    )

    assert len(load_definition(path, CODEBOOK).claims) == 3


def test_an_outside_figure_needs_its_file(path: Path) -> None:
    error = refused(path, GAPS[0], head="\n")

    assert "name the file: `references: reference/FILE.csv`" in str(error.hint)


def test_two_files_may_not_name_the_same_figure(path: Path) -> None:
    (path.parent / "reference" / "more.csv").write_text(CSV, encoding="utf-8")
    error = refused(path, GAPS[0], head="references: [reference/bread.csv, reference/more.csv]\n")

    assert '"rye-sold" is in reference/bread.csv and in reference/more.csv' in str(error)


def test_a_limit_that_is_no_share_is_refused(path: Path) -> None:
    error = refused(path, RYE, head="thresholds: {consensus_share: 75}\n")

    assert "thresholds.consensus_share: should be less than or equal to 1, but is the number 75" in str(error)


@pytest.mark.parametrize(
    "limit", ["consensus_share: 0.4", "consensus_lower: 0.3", "often_lower: 0.1", "rarely_upper: 0.9"]
)
def test_a_limit_may_not_turn_what_a_word_means_into_its_opposite(path: Path, limit: str) -> None:
    error = refused(path, RYE, head=f"thresholds: {{{limit}}}\n")

    assert f"thresholds.{limit.partition(':')[0]}: should be" in str(error)


@pytest.mark.parametrize("limit", ["thread_share: 0", "contested_width: 0", "effective_threads: 1e9", "people: -1"])
def test_a_limit_that_nothing_can_meet_is_refused(path: Path, limit: str) -> None:
    error = refused(path, RYE, head=f"thresholds: {{{limit}}}\n")

    assert f"thresholds.{limit.partition(':')[0]}: should be" in str(error)
