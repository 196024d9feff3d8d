"""Tests that are adjusted together."""

from dataclasses import replace

import pytest
from fakes.corpora import EVALS, TITLES, Study, crowd

from reports.claims import Result, compute
from reports.families import Adjusted, adjust, withdraw
from reports.verdicts import DECLARED, Verdict

HEADLINE = replace(TITLES, headline=True)


def with_verdict(study: Study, verdict: Verdict) -> Result:
    """The claim as if its figures had come to this."""
    result = compute(HEADLINE, study.corpus())
    figure = result.figures[0]
    return replace(result, figures=(replace(figure, judgement=replace(figure.judgement, verdict=verdict)),))


def test_only_headline_claims_about_sides_with_a_share_are_a_family(study: Study) -> None:
    study.see(*crowd(40, 12))
    for at in range(40):
        study.code(f"p{at:03}", "titles", stance="support" if at % 4 else "dispute")
        study.nothing_else(f"p{at:03}")
    corpus = study.corpus()
    claims = (
        HEADLINE,
        TITLES,
        replace(EVALS, headline=True),
        replace(HEADLINE, id="thin", filter={"evidence": "evidence.opinion"}),
    )

    tests = adjust([compute(claim, corpus) for claim in claims])

    assert list(tests.headlines) == ["titles"]
    assert tests.numbers == {"headlines": 1, "trends": 0, "orders": 0}


@pytest.mark.parametrize(
    ("verdict", "q", "becomes"),
    [
        (Verdict.MAJORITY, 0.06, Verdict.INCONCLUSIVE),
        (Verdict.MAJORITY, 0.05, Verdict.MAJORITY),
        (Verdict.CONSENSUS, 0.06, Verdict.INCONCLUSIVE),
        (Verdict.MINORITY, 0.06, Verdict.INCONCLUSIVE),
        (Verdict.AGAINST, 0.06, Verdict.INCONCLUSIVE),
        (Verdict.DIVIDED, 0.9, Verdict.DIVIDED),
        (Verdict.CONTESTED, 0.9, Verdict.CONTESTED),
    ],
)
def test_a_verdict_that_leans_to_one_side_needs_a_small_q_value(
    study: Study, verdict: Verdict, q: float, becomes: Verdict
) -> None:
    result = with_verdict(study, verdict)

    assert withdraw(result, Adjusted({"titles": (0.01, q)}, {}, {}), DECLARED).verdict is becomes


def test_a_claim_outside_the_family_keeps_its_verdict(study: Study) -> None:
    result = with_verdict(study, Verdict.MAJORITY)

    assert withdraw(result, Adjusted({}, {}, {}), DECLARED) is result
