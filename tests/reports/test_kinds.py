"""Pairs, examples, gaps, comparisons, trends and takeaways, from posts and codings to their entries."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fakes.corpora import Study, crowd, make_study, post

from reports.build import compute_all
from reports.claims import Result
from reports.definition import Claim, Concern, Definition, Pair, Section
from reports.entries import Context, claim_entry
from reports.frequency import OFTEN, RARELY, FrequencyWord
from reports.reading import posts_to_read
from reports.references import Reference, ReferenceFile
from reports.verdicts import DECLARED, Verdict

BAKERY = """\
codes:
  dear: {name: Dear, definition: d, stance: yes, statement: bread is dear}
  old: {name: Old, definition: d, stance: yes, statement: bread is old}
  rye: {name: Rye, definition: d}
  wheat: {name: Wheat, definition: d}
  oats: {name: Oats, definition: d}
  later: {name: Later, definition: d, since: 2026-05-01}
"""
LISTED = Reference("rye-sold", "Rye sold", 30, 120, "all loaves", "d", "2026-01", "s", "bread.csv")
WHEAT = Reference("wheat-sold", "Wheat sold", 60, 100, "sold loaves", "d", "2026-01", "s", "bread.csv")
FILES = (ReferenceFile("bread.csv", "0" * 64, (LISTED, WHEAT)),)


@pytest.fixture
def bakery(tmp_path: Path) -> Iterator[Study]:
    made = make_study(tmp_path, BAKERY)
    yield made
    made.store.close()


def claim(kind: str, **changes: Any) -> Claim:
    return Claim(**{"id": kind, "kind": kind, "label": "loaves", **changes})


def show(study: Study, people: int, threads: int, **codes: int) -> None:
    """So many people, of whom the first so many show each code; a code may be told to begin later by (from, number)."""
    study.see(*crowd(people, threads))
    for name, number in codes.items():
        for at in range(number):
            study.code(f"p{at:03}", name)
    study.nothing_else(*(f"p{at:03}" for at in range(people)))


def sides(study: Study, code: str, support: int, dispute: int, threads: int = 12) -> None:
    """So many people for and against, dealt over threads and two communities."""
    study.see(*crowd(support + dispute, threads))
    for at in range(support + dispute):
        study.code(f"p{at:03}", code, stance="dispute" if at % (support + dispute) >= support else "support")
    study.nothing_else(*(f"p{at:03}" for at in range(support + dispute)))


def computed(study: Study, *claims: Claim) -> tuple[dict[str, Result], dict[str, dict[str, Any]]]:
    """The results of a report with these claims, and their entries."""
    corpus = study.corpus()
    definition = Definition("Bread", (Section("all", "All", claims),), reference_files=FILES)
    results, tests = compute_all(corpus, definition)
    context = Context(tests, DECLARED, definition.references)
    entries = {
        name: claim_entry(result, corpus, posts_to_read(result, corpus), context) for name, result in results.items()
    }
    return results, entries


def entry(study: Study, one: Claim) -> dict[str, Any]:
    return computed(study, one)[1][one.id]


PAIRED = claim(
    "pairs",
    codes=("rye", "wheat"),
    pairs=(Pair("assumed", "wheat all day", "rye", "rye", "wheat"),),
    label="what is baked",
)


def test_a_pair_tells_who_reports_what_was_assumed_and_who_something_else(bakery: Study) -> None:
    show(bakery, 60, 20, rye=40, wheat=2)
    [pair] = entry(bakery, PAIRED)["pairs"]

    assert pair["counts"] == {"both": 2, "only_got": 38, "only_against": 0, "people": 60}
    assert (pair["verdict"], pair["difference"]["ahead"]) == ("measured", "rye")
    assert pair["sentence"] == (
        "Where “wheat all day” was assumed, 40 people report “rye”, of 60 people; 2 people report what was assumed, 2 of "
        "them both: the first is clearly the more common."
    )


def test_an_unread_pair_gives_no_counts(bakery: Study) -> None:
    show(bakery, 30, 10, rye=20)
    unread = claim("pairs", codes=("rye", "later"), pairs=(Pair("expected", "rolls", "rye", "rye", "later"),))
    [pair] = entry(bakery, unread)["pairs"]

    assert (pair["verdict"], pair["counts"], pair["difference"]) == ("unchecked", None, None)
    assert pair["sentence"].endswith("has not been read yet; 20 people mention either.")


def test_a_pair_without_a_code_of_the_assumption_has_no_difference(bakery: Study) -> None:
    show(bakery, 30, 10, rye=20)
    alone = claim("pairs", codes=("rye",), pairs=(Pair("expected", "rolls", "rye", "rye"),))
    [pair] = entry(bakery, alone)["pairs"]

    assert pair["difference"] is None
    assert pair["counts"] == {"both": 0, "only_got": 20, "only_against": 0, "people": 30}


@pytest.mark.parametrize(("wheat", "holds", "got"), [(2, True, "rarely wheat"), (20, False, "wheat")])
def test_rarely_is_said_of_a_pair_only_while_the_upper_limit_is_below_a_quarter(
    bakery: Study, wheat: int, holds: bool, got: str
) -> None:
    show(bakery, 60, 20, rye=40, wheat=wheat)
    word = FrequencyWord("rarely", RARELY)
    rare = claim(
        "pairs", codes=("rye", "wheat"), pairs=(Pair("assumed", "wheat", "rarely wheat", "rye", "wheat", word),)
    )
    [pair] = entry(bakery, rare)["pairs"]

    assert (pair["frequency"]["holds"], pair["got"]) == (holds, got)
    assert f"report “{got}”" in pair["sentence"]


@pytest.mark.parametrize(
    ("support", "holds", "statement"), [(38, True, "bread is often dear"), (22, False, "bread is dear")]
)
def test_often_is_said_only_while_the_lower_limit_is_above_one_half(
    bakery: Study, support: int, holds: bool, statement: str
) -> None:
    sides(bakery, "dear", support, 40 - support)
    often = claim(
        "consensus", code="dear", label="bread is often dear", statement="bread is often dear",
        frequency=FrequencyWord("often", OFTEN),
    )  # fmt: skip
    found = entry(bakery, often)

    assert (found["frequency"]["holds"], found["statement"]) == (holds, statement)
    assert statement in found["sentence"]


def test_examples_of_single_accounts_stand_apart(bakery: Study) -> None:
    show(bakery, 30, 10, rye=12, wheat=3, oats=1)
    several = claim("examples", codes=("oats", "wheat", "rye", "later"), min_authors=2, max_shown=1)
    found = entry(bakery, replace_unread(several))

    assert found["examples"] == {"min_authors": 2, "shown": ["rye"], "more": 1, "single": ["oats"]}
    assert found["sentence"] == (
        "Loaves, seen in the accounts of 2 people or more: Rye (12) and one other; one other was met in fewer and is "
        "not counted as a pattern."
    )


def replace_unread(one: Claim) -> Claim:
    """The claim without the code that nobody has read."""
    return claim(one.kind, codes=one.codes[:3], min_authors=one.min_authors, max_shown=one.max_shown)


def test_a_comparison_says_which_code_is_clearly_ahead(bakery: Study) -> None:
    show(bakery, 60, 20, rye=30, wheat=1)
    found = entry(
        bakery,
        claim(
            "compare",
            codes=("rye", "wheat"),
            ranked=True,
            references=(("rye-sold", "beside"), ("wheat-sold", "beside")),
        ),
    )

    assert found["sentence"] == "Loaves: of 60 people, 30 bring up “Rye”, 1 “Wheat”; “Rye” is clearly ahead."
    assert [one["code"] for one in found["references"]] == ["rye", "wheat"]
    assert found["order"]["pairs"][0]["q"] <= 0.05


def test_a_ranking_tests_every_two_codes_and_adjusts_them_together(bakery: Study) -> None:
    show(bakery, 60, 20, rye=40, wheat=12, oats=11)
    found = entry(bakery, claim("ranking", codes=("oats", "wheat", "rye"), ranked=True))
    by_pair = {(one["first"], one["second"]): one for one in found["order"]["pairs"]}

    assert [figure["code"] for figure in found["figures"]] == ["rye", "wheat", "oats"]
    assert found["order"]["tested"]
    assert len(by_pair) == 3
    assert by_pair["wheat", "rye"]["ahead"] == "rye"
    assert by_pair["wheat", "rye"]["p"] <= by_pair["wheat", "rye"]["q"]
    assert by_pair["oats", "wheat"]["ahead"] is None


def test_codes_that_differ_in_what_cannot_be_coded_are_compared_over_the_posts_of_both(bakery: Study) -> None:
    bakery.see(*crowd(30, 10))
    for at in range(20):
        bakery.code(f"p{at:03}", "rye")
    bakery.code("p029", "wheat", "missing")
    bakery.nothing_else(*(f"p{at:03}" for at in range(30)))
    [pair] = entry(bakery, claim("compare", codes=("rye", "wheat"), ranked=True))["order"]["pairs"]

    assert (pair["people"], pair["only_first"]) == (29, 20)


def test_unread_codes_are_not_ordered(bakery: Study) -> None:
    show(bakery, 30, 10, rye=20)
    found = entry(bakery, claim("ranking", codes=("rye", "later"), ranked=True))

    assert found["order"] == {"unit": "people", "fewest": 10, "tested": False, "pairs": []}


def test_a_gap_counts_sides_where_its_code_has_them_and_stands_beside_its_outside_figure(bakery: Study) -> None:
    sides(bakery, "dear", 36, 4)
    gap = claim(
        "gap", code="dear", label="bread is dear", has_sides=True, dimension="Price", construct_differs=True,
        references=(("rye-sold", "beside"), ("wheat-sold", "also")),
    )  # fmt: skip
    found = entry(bakery, gap)

    assert (found["is_stance"], found["dimension"], found["construct"]) == (True, "Price", "differs")
    assert found["verdict"] == "consensus"
    assert [(one["key"], one["relation"], one["code"]) for one in found["references"]] == [
        ("rye-sold", "beside", "dear"),
        ("wheat-sold", "also", "dear"),
    ]
    assert found["references"][0]["share"] == {"estimate": 0.25, "lower": 0.1811, "upper": 0.3344}
    assert not found["no_reference"]


def test_a_gap_without_an_outside_figure_says_so(bakery: Study) -> None:
    show(bakery, 30, 10, rye=20)

    assert entry(bakery, claim("gap", code="rye"))["no_reference"]
    assert not entry(bakery, claim("shares", code="rye"))["no_reference"]


def test_a_takeaway_carries_the_verdicts_that_it_rests_on(bakery: Study) -> None:
    sides(bakery, "dear", 40, 0)
    dear = claim("consensus", id="dear", code="dear", label="bread is dear", statement="bread is dear")
    rye = claim("shares", id="rye", code="rye")
    firm = claim("takeaway", id="firm", label="prices rise", statement="prices rise", rests_on=("dear",))
    open_ = claim("takeaway", id="open", label="rye wins", statement="rye wins", rests_on=("dear", "rye"))
    _, found = computed(bakery, open_, dear, rye, firm)

    assert (found["firm"]["verdict"], found["firm"]["label"]) == ("consensus", "broad agreement")
    assert found["firm"]["sentence"] == "People broadly agree with the claim behind this: prices rise."
    assert (found["open"]["verdict"], found["open"]["basis"]) == ("not-established", "read")
    assert [one["claim"] for one in found["open"]["rests_on"]] == ["dear", "rye"]
    assert (found["open"]["figures"], found["open"]["evidence"], found["open"]["private"]) == ([], {}, {})


def test_a_saying_takes_the_place_of_the_sentence_for_its_verdict_only(bakery: Study) -> None:
    sides(bakery, "dear", 36, 4)
    say = {"consensus": "There is broad agreement that {statement}: {k} of {n}, {d} against, {t} threads, {c} places"}
    own = claim("consensus", code="dear", label="bread is dear", statement="bread is dear", say=say)
    other = claim("consensus", id="old", code="old", label="bread is old", statement="bread is old", say=say)
    any_ = claim(
        "takeaway",
        label="prices rise",
        statement="prices rise",
        rests_on=("consensus",),
        say={"any": "So {statement}."},
    )
    _, found = computed(bakery, own, other, any_)

    assert found["consensus"]["sentence"] == (
        "There is broad agreement that bread is dear: 36 of 40, 4 against, 12 threads, 2 places."
    )
    assert found["old"]["sentence"].startswith("Nothing was found on whether bread is old")
    assert found["takeaway"]["sentence"] == "So prices rise."


def test_a_headline_that_does_not_stand_adjusting_becomes_inconclusive(bakery: Study) -> None:
    sides(bakery, "dear", 30, 14)
    for at in range(44):
        bakery.code(f"p{at:03}", "old", stance="support" if at % 2 else "dispute")
    heads = [
        claim("consensus", id=name, code=code, label=f"bread is {code}", statement=f"bread is {code}", headline=True)
        for name, code in [("one", "dear"), *((f"h{n}", "old") for n in range(9))]
    ]
    _, alone = computed(bakery, heads[0])
    results, found = computed(bakery, *heads)

    assert alone["one"]["verdict"] == "majority"
    assert alone["one"]["test"]["was"] is None
    assert results["one"].was is Verdict.MAJORITY
    assert (found["one"]["figures"][0]["verdict"], found["one"]["figures"][0]["fragility"]) == ("inconclusive", None)
    assert (found["one"]["verdict"], found["one"]["label"], found["one"]["test"]["was"]) == (
        "inconclusive",
        "open",
        "majority",
    )
    assert found["one"]["test"]["q"] > 0.05 > found["one"]["test"]["p"]
    assert found["one"]["sentence"].startswith("It is open whether most would say that bread is dear")


def test_what_a_person_holds_of_a_claim_stands_beside_the_facts(bakery: Study) -> None:
    sides(bakery, "dear", 30, 10)
    held = claim(
        "consensus", code="dear", label="bread is dear", statement="bread is dear",
        concerns={"coherence": Concern("minor", "two towns")}, confidence=Concern("low", "one month"),
    )  # fmt: skip
    found = entry(bakery, held)
    by_name = {one["component"]: one for one in found["concerns"]}

    assert list(by_name) == ["methods", "coherence", "adequacy", "relevance"]
    assert (by_name["coherence"]["level"], by_name["coherence"]["reason"]) == ("minor", "two towns")
    assert (by_name["methods"]["level"], by_name["methods"]["reason"]) == (None, None)
    assert by_name["methods"]["facts"] == "read by one person; 0 of 40 posts read twice"
    assert by_name["relevance"]["facts"].startswith("40 of 40 posts counted")
    assert found["confidence"] == {"level": "low", "reason": "one month"}


def test_the_facts_of_a_claim_that_is_unread_do_not_pretend(bakery: Study) -> None:
    bakery.see(post("p0", "a"), post("p1", "b"))
    bakery.code("p0", "dear", stance="support")
    bakery.code("p0", "dear", stance="dispute", coder="ben")
    unread = claim("consensus", code="dear", label="bread is dear", statement="bread is dear", scope_code="dear")
    facts = {one["component"]: one["facts"] for one in entry(bakery, unread)["concerns"]}

    assert facts["coherence"] == "nothing to compare yet"
    assert facts["adequacy"] == "nobody is counted yet"
    assert "the author shows dear in the thread" in facts["relevance"]


def test_people_who_differ_are_among_the_facts(bakery: Study) -> None:
    bakery.see(post("p0", "a"))
    bakery.code("p0", "dear", stance="support")
    bakery.code("p0", "dear", stance="dispute", coder="ben")
    found = entry(bakery, claim("consensus", code="dear", label="bread is dear", statement="bread is dear"))

    assert found["concerns"][0]["facts"] == "unchecked by 2 people, who differ on 1 post; 1 of 1 post read twice"


def test_leaving_out_a_community_gives_a_range_and_one_community_gives_none(bakery: Study) -> None:
    bakery.see(*crowd(40, 12))
    for at in range(40):
        # Threads of even number stand in one community, all others in the other.
        bakery.code(f"p{at:03}", "dear", stance="support" if at % 12 % 2 else "dispute")
    bakery.nothing_else(*(f"p{at:03}" for at in range(40)))
    found = entry(bakery, claim("consensus", code="dear", label="bread is dear", statement="bread is dear"))

    assert found["figures"][0]["leave_one_community_out"] == [0.0, 1.0]


def test_one_community_cannot_be_left_out(bakery: Study) -> None:
    bakery.see(*crowd(30, 10, ["r/one"]))
    for at in range(30):
        bakery.code(f"p{at:03}", "dear", stance="support")
    found = entry(bakery, claim("consensus", code="dear", label="bread is dear", statement="bread is dear"))

    assert found["figures"][0]["leave_one_community_out"] is None
    assert "one community, or none can be left out" in found["concerns"][1]["facts"]


def test_presence_is_shown_by_author_and_thread_too_and_its_communities_count_those(bakery: Study) -> None:
    writers = [
        post(f"q{n:02}", f"{n % 20:03}", thread=f"q{n % 10:02}", community="r/one" if n % 10 < 5 else "r/two")
        for n in range(10, 40)
    ]
    bakery.see(*(post(f"q{n:02}", f"x{n}", community="r/one" if n < 5 else "r/two") for n in range(10)), *writers)
    for n in range(10, 40, 2):
        bakery.code(f"q{n:02}", "rye")
    bakery.nothing_else(*(f"q{n:02}" for n in range(40)))
    [figure] = entry(bakery, claim("shares", code="rye"))["figures"]

    assert figure["by_thread"]["pairs"] == sum(community["people"] for community in figure["communities"])
    assert figure["by_thread"]["pairs"] >= figure["counts"]["people"]
    assert (figure["communities_unit"], figure["salience"]) == ("pairs", None)
    assert figure["posts_per_person"] == round(40 / figure["counts"]["people"], 2)


def test_a_claim_about_sides_says_how_many_take_one_at_all(bakery: Study) -> None:
    bakery.see(*crowd(40, 10))
    for at in range(25):
        bakery.code(f"p{at:03}", "dear", stance="support")
    bakery.nothing_else(*(f"p{at:03}" for at in range(40)))
    [figure] = entry(bakery, claim("consensus", code="dear", label="bread is dear", statement="bread is dear"))[
        "figures"
    ]

    assert (figure["salience"]["yes"], figure["salience"]["people"]) == (25, 40)
    assert figure["salience"]["share"]["estimate"] == 0.625
    assert (figure["by_thread"], figure["communities_unit"]) == (None, "people")


def months(study: Study, before: int, after: int, threads: int = 16, people: int = 4) -> None:
    """Threads of four people in two months, of whom so many show rye in each."""
    for month, number in (("01", before), ("02", after)):
        for thread in range(threads):
            study.see(
                *(
                    post(
                        f"m{month}{thread:02}{n}",
                        f"{month}{thread:02}{n}",
                        thread=f"m{month}{thread:02}0",
                        created_at=f"2026-{month}-{thread + 1:02}T00:00:00Z",
                    )
                    for n in range(people)
                )
            )
            for n in range(people):
                name = f"m{month}{thread:02}{n}"
                if n < number:
                    study.code(name, "rye")
                study.nothing_else(name)


def trend(study: Study, **changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = entry(study, claim("shares", code="rye", trend="month", **changes))["figures"][0]["trend"]
    return found


def test_a_trend_compares_the_first_and_the_last_period_with_threads_enough(bakery: Study) -> None:
    months(bakery, 1, 3)
    found = trend(bakery)

    assert [(point["period"], point["yes"], point["people"]) for point in found["points"]] == [
        ("2026-01", 16, 64),
        ("2026-02", 48, 64),
    ]
    assert (found["compared"], found["difference"], found["direction"]) == (["2026-01", "2026-02"], 0.5, "up")
    assert found["q"] == found["p"] < 0.05
    assert found["sentence"].startswith("The share rose from 25 % in 2026-01 to 75 % in 2026-02; ")
    assert (found["unit"], found["reason"]) == ("pairs", None)


def test_increasingly_is_said_only_with_a_rise_that_is_more_than_chance(bakery: Study) -> None:
    months(bakery, 1, 3)
    word = FrequencyWord("increasingly", "increasingly")
    rising = claim("shares", code="rye", trend="month", label="rye, increasingly", frequency=word)
    falling = claim(
        "shares",
        id="falling",
        code="rye",
        trend="month",
        label="rye, decreasingly",
        frequency=FrequencyWord("decreasingly", "decreasingly"),
    )
    _, found = computed(bakery, rising, falling)

    assert found["shares"]["frequency"]["holds"]
    assert not found["falling"]["frequency"]["holds"]
    assert found["falling"]["statement"] == "rye,"


def test_no_change_gives_no_direction(bakery: Study) -> None:
    months(bakery, 2, 2)
    found = trend(bakery)

    assert (found["direction"], found["difference"]) == (None, 0.0)
    assert found["sentence"].startswith("No change can be told between 2026-01 (50 %) and 2026-02 (50 %)")


def test_fewer_than_fifteen_threads_in_a_period_give_no_words(bakery: Study) -> None:
    months(bakery, 1, 3, threads=14)
    found = trend(bakery)

    assert (found["reason"], found["compared"], found["p"], found["sentence"]) == ("few-threads", None, None, None)
    assert len(found["points"]) == 2


def test_one_period_is_no_trend(bakery: Study) -> None:
    show(bakery, 30, 10, rye=20)

    assert trend(bakery)["reason"] == "one-period"


def test_what_is_unread_has_no_trend(bakery: Study) -> None:
    bakery.see(*crowd(30, 10))

    assert entry(bakery, claim("shares", code="rye", trend="month"))["figures"][0]["trend"] is None


def test_a_claim_about_sides_counts_people_over_time(bakery: Study) -> None:
    sides(bakery, "dear", 30, 10)
    found = entry(
        bakery, claim("consensus", code="dear", label="bread is dear", statement="bread is dear", trend="year")
    )

    assert found["figures"][0]["trend"]["unit"] == "people"
    assert found["figures"][0]["trend"]["points"][0]["yes"] == 30


def test_a_thin_trend_says_nothing_of_a_direction(bakery: Study) -> None:
    months(bakery, 0, 1, threads=15, people=1)
    found = entry(bakery, claim("shares", code="rye", trend="month"))["figures"][0]

    assert found["verdict"] == "measured"
    assert found["trend"]["compared"] == ["2026-01", "2026-02"]


def test_evidence_lies_in_threads_those_with_most_first_and_is_not_named_where_threads_are_not(bakery: Study) -> None:
    show(bakery, 30, 3, rye=4)
    corpus = bakery.corpus()
    results, _ = compute_all(corpus, Definition("Bread", (Section("all", "All", (claim("shares", code="rye"),)),)))
    named, hidden = (
        claim_entry(results["shares"], corpus, None, Context(names_threads=names))["sources"] for names in (True, False)
    )

    assert named == {"threads": ["site:p000", "site:p001", "site:p002"], "more": 0}
    assert hidden == {"threads": [], "more": 0}


def test_a_pair_of_which_nothing_was_found_says_so(bakery: Study) -> None:
    show(bakery, 30, 10)
    [pair] = entry(bakery, PAIRED)["pairs"]

    assert (pair["verdict"], pair["label"]) == ("none", "nothing found")


def test_a_word_of_frequency_is_not_said_of_what_is_unread_or_thin(bakery: Study) -> None:
    months(bakery, 1, 3, threads=16, people=4)
    word, rising = FrequencyWord("often", OFTEN), FrequencyWord("increasingly", "increasingly")
    unread = claim("shares", id="unread", code="later", label="later, often", frequency=word)
    thin = claim(
        "shares", id="thin", code="rye", label="rye, increasingly", frequency=rising, trend="month", scope_code="wheat"
    )
    level = claim("shares", id="level", code="rye", label="rye, increasingly", frequency=rising, trend="year")
    bakery.code("m01000", "wheat")
    _, found = computed(bakery, unread, thin, level)

    assert [found[name]["frequency"]["holds"] for name in ("unread", "thin", "level")] == [False, False, False]
    assert found["unread"]["statement"] == "later,"


def test_a_change_of_a_thin_claim_carries_no_word(bakery: Study) -> None:
    months(bakery, 0, 1, threads=9, people=1)
    few = replace(DECLARED, trend_threads=2, people=60)
    word = FrequencyWord("increasingly", "increasingly")
    one = claim("shares", code="rye", label="rye, increasingly", frequency=word, trend="month")
    corpus = bakery.corpus()
    definition = Definition("Bread", (Section("all", "All", (one,)),), thresholds=few)
    results, tests = compute_all(corpus, definition)
    found = claim_entry(results["shares"], corpus, None, Context(tests, few))

    assert (found["verdict"], found["frequency"]["holds"]) == ("thin", False)
    assert tests.trends["shares", "rye"] < 0.05
    assert found["figures"][0]["trend"]["sentence"] is None
    assert found["figures"][0]["trend"]["direction"] is None


def test_values_of_an_attribute_are_ordered_too(study: Study) -> None:
    study.see(*crowd(40, 12))
    for at in range(40):
        study.code(f"p{at:03}", "evidence.firsthand" if at < 34 else "evidence.opinion")
    found = entry(study, claim("shares", attribute="evidence", ranked=True))
    [pair] = found["order"]["pairs"]

    assert (pair["ahead"], pair["only_first"], pair["only_second"], pair["both"]) == ("evidence.firsthand", 34, 6, 0)


def test_posts_without_a_date_belong_to_no_period(bakery: Study) -> None:
    months(bakery, 1, 3)
    bakery.see(post("undated", "nobody", created_at=None))
    bakery.nothing_else("undated")

    assert sum(point["people"] for point in trend(bakery)["points"]) == 128


def test_a_period_of_which_nobody_votes_is_left_out(bakery: Study) -> None:
    sides(bakery, "dear", 30, 10)
    bakery.see(post("silent", "nobody", created_at="2027-01-01T00:00:00Z"))
    bakery.nothing_else("silent")
    found = entry(
        bakery, claim("consensus", code="dear", label="bread is dear", statement="bread is dear", trend="year")
    )

    assert [point["period"] for point in found["figures"][0]["trend"]["points"]] == ["2026"]


def test_what_is_not_read_yet_is_said_in_one_way_only(bakery: Study) -> None:
    bakery.see(*crowd(30, 10))
    bakery.code("p000", "rye")
    own = claim("shares", code="rye", say={"any": "So {statement}."})

    assert entry(bakery, own)["sentence"].startswith("One person in one thread mentions this")
