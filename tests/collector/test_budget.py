import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.budget import PRICES_USD, Budget, Cost, Estimate, estimate, reads, usd
from collector.session import SiteError


def refusal(budget: Budget, bill: dict[str, int], what: str = "the next request") -> str:
    with pytest.raises(SiteError) as refused:
        budget.check(bill, what)
    assert refused.value.name == "over-budget"
    assert not refused.value.passes
    return str(refused.value)


def test_prices_are_those_of_the_price_list() -> None:
    assert PRICES_USD == {"posts": 0.005, "users": 0.010, "counts recent": 0.005, "counts all": 0.010}


def test_a_bill_is_the_sum_of_its_parts() -> None:
    assert usd({"posts": 300, "users": 120, "counts recent": 1}) == 2.705
    assert usd({}) == 0.0


def test_authors_are_two_thirds_of_what_posts_cost() -> None:
    assert usd(reads(100, authors=True)) == 1.5
    assert usd(reads(100, authors=False)) == 0.5


def test_a_cost_knows_its_price() -> None:
    assert Cost("2026-03-01", "users", 7).usd == 0.07


@pytest.mark.parametrize(
    ("replies", "options", "expected"),
    [
        (300, {"authors": True}, Estimate(5, 4.52)),
        (300, {"authors": False}, Estimate(5, 1.51)),
        (301, {"authors": False, "archive": True}, Estimate(6, 1.52)),
        (0, {"authors": True}, Estimate(3, 0.02)),
    ],
)
def test_a_conversation_is_estimated_by_its_replies(replies: int, options: dict[str, bool], expected: Estimate) -> None:
    assert estimate(replies, **options) == expected


def test_what_comes_to_the_limit_exactly_is_allowed() -> None:
    budget = Budget(0.3)
    for _ in range(59):
        budget.spend({"posts": 1})

    budget.check({"posts": 1})

    assert refusal(budget, {"posts": 2}) == (
        "over-budget: the next request may cost up to $0.010, and $0.295 of $0.300 are spent"
    )


def test_no_more_requests_are_allowed_than_were_asked_for() -> None:
    budget = Budget(10.0, max_requests=2, requests=2)

    assert refusal(budget, {}) == "over-budget: the 2 requests that are allowed have been made"


def test_a_month_has_a_limit_of_its_own() -> None:
    budget = Budget(10.0, max_usd_a_month=20.0, spent_this_month=19.0)
    budget.spend({"posts": 100})

    budget.check({"posts": 100})

    assert refusal(budget, {"posts": 101}, "a conversation") == (
        "over-budget: a conversation may cost up to $0.505, and $19.500 of $20.000 are spent this month"
    )


@given(
    st.integers(0, 3000),
    st.lists(st.dictionaries(st.sampled_from(sorted(PRICES_USD)), st.integers(0, 500), max_size=3), max_size=20),
)
def test_bills_that_were_allowed_never_come_to_more_than_the_limit(
    thousandths: int, bills: list[dict[str, int]]
) -> None:
    budget = Budget(thousandths / 1000)
    allowed = []
    for bill in bills:
        try:
            budget.check(bill)
        except SiteError:
            continue
        budget.spend(bill)
        allowed.append(bill)

    spent = sum(round(PRICES_USD[what] * 1000) * number for bill in allowed for what, number in bill.items())
    assert spent <= thousandths
    assert budget.spent == pytest.approx(spent / 1000)
