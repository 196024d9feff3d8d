"""Families: tests that are adjusted together, and what a verdict becomes when its test does not stand that (S14)."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from reports.claims import Result
from reports.differences import adjusted, claim_p_value
from reports.verdicts import Thresholds, Verdict

HEADLINES, TRENDS, ORDERS = "headlines", "trends", "orders"
_TESTED = frozenset({Verdict.MAJORITY, Verdict.MINORITY, Verdict.CONSENSUS, Verdict.AGAINST})
NameT = TypeVar("NameT", bound=Hashable)
_WITHOUT_SHARE = frozenset({Verdict.NONE, Verdict.UNCHECKED, Verdict.THIN})


@dataclass(frozen=True, slots=True)
class Adjusted:
    """The q-values of a report.

    Attributes:
        headlines: p and q of each headline claim about stance that has a share, by claim.
        trends: q of the trend of each figure, by claim and code.
        orders: q of each pair of a claim's codes, by claim and codes.
    """

    headlines: dict[str, tuple[float, float]]
    trends: dict[tuple[str, str], float]
    orders: dict[tuple[str, str, str], float]

    @property
    def numbers(self) -> dict[str, int]:
        """How many tests each family has."""
        return {HEADLINES: len(self.headlines), TRENDS: len(self.trends), ORDERS: len(self.orders)}


def adjust(results: Sequence[Result]) -> Adjusted:
    """Adjust headline claims together, all trends together, and the pairs of each claim together."""
    headlines = {
        result.claim.id: p
        for result in results
        if result.claim.headline and result.claim.is_stance and result.verdict not in _WITHOUT_SHARE
        if (p := claim_p_value(result.figures[0].judgement.share)) is not None
    }
    trends = {
        (result.claim.id, figure.code): figure.trend.change.p
        for result in results
        for figure in result.figures
        if figure.trend is not None and figure.trend.change is not None
    }
    orders: dict[tuple[str, str, str], float] = {}
    for result in results:
        pairs = {(result.claim.id, one.first, one.second): one.p for one in result.order if one.p is not None}
        orders |= _q_values(pairs)
    q_values = _q_values(headlines)
    return Adjusted({name: (p, q_values[name]) for name, p in headlines.items()}, _q_values(trends), orders)


def _q_values(p_values: Mapping[NameT, float]) -> dict[NameT, float]:
    return dict(zip(p_values, adjusted(list(p_values.values())), strict=True))


def withdraw(result: Result, tests: Adjusted, thresholds: Thresholds) -> Result:
    """A headline verdict that leans to one side becomes inconclusive where its q-value is too large."""
    _, q = tests.headlines.get(result.claim.id, (0.0, 0.0))
    if result.verdict not in _TESTED or q <= thresholds.q:
        return result
    (figure,) = result.figures
    judged = replace(figure.judgement, verdict=Verdict.INCONCLUSIVE, fragility=None)
    return replace(result, figures=(replace(figure, judgement=judged),), was=result.verdict)
