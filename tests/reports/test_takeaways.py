"""What several claims come to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.claims import Result
from reports.definition import Claim
from reports.scopes import Scope
from reports.takeaways import conclude, takeaway_verdict
from reports.verdicts import Verdict

C, M = Verdict.CONSENSUS, Verdict.MAJORITY
OPEN = [Verdict.NONE, Verdict.UNCHECKED, Verdict.THIN, Verdict.NOT_ESTABLISHED]


def takeaway(name: str, *rests_on: str) -> Claim:
    return Claim(id=name, kind="takeaway", label=name, statement=name, rests_on=rests_on)


def result(name: str, verdict: Verdict) -> Result:
    return Result(Claim(id=name, kind="consensus", label=name, code=name), Scope((), ()), (), settled=verdict)


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        ([C, C], C),
        ([C, M], M),
        ([M], M),
        ([C, Verdict.THIN], Verdict.NOT_ESTABLISHED),
        ([C, Verdict.NONE], Verdict.NOT_ESTABLISHED),
        ([C, Verdict.UNCHECKED], Verdict.NOT_ESTABLISHED),
        ([Verdict.CONTESTED, Verdict.NOT_ESTABLISHED], Verdict.NOT_ESTABLISHED),
        ([C, Verdict.DIVIDED], Verdict.DEBATED),
        ([C, Verdict.MEASURED], Verdict.DEBATED),
        ([C, Verdict.AGAINST], Verdict.DEBATED),
        ([M, Verdict.DEBATED], Verdict.DEBATED),
        ([], Verdict.NOT_ESTABLISHED),
    ],
)
def test_a_takeaway_stands_as_firm_as_the_weakest_claim_that_it_rests_on(
    found: list[Verdict], verdict: Verdict
) -> None:
    assert takeaway_verdict(found) is verdict


@given(st.lists(st.sampled_from(list(Verdict)), min_size=1, max_size=5), st.sampled_from(list(Verdict)))
def test_one_more_claim_below_never_makes_a_takeaway_firmer(found: list[Verdict], more: Verdict) -> None:
    order = [Verdict.NOT_ESTABLISHED, Verdict.DEBATED, M, C]

    assert order.index(takeaway_verdict([*found, more])) <= order.index(takeaway_verdict(found))


def test_a_takeaway_may_rest_on_another_in_any_order() -> None:
    claims = [takeaway("third", "second", "one"), takeaway("second", "one", "other")]
    computed = {"one": result("one", C), "other": result("other", M)}

    found = conclude(claims, computed)

    assert (found["second"].verdict, found["third"].verdict) == (M, M)
    assert [below.claim.id for below in found["third"].rests] == ["second", "one"]
    assert found["one"] is computed["one"]


def test_a_takeaway_has_no_figures_of_its_own() -> None:
    found = conclude([takeaway("t", "one")], {"one": result("one", C)})["t"]

    assert (found.figures, found.to_read, found.hits, found.differing) == ((), frozenset(), frozenset(), frozenset())
