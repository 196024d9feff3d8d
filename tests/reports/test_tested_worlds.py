"""What tests of trends, orders and headlines do in worlds where there is nothing to find (S13 and S14).

The quick forms draw few collections and allow for it; the slow forms hold the limits of the specification. Seeds are fixed,
so a run is the same every time.
"""

import random
from collections.abc import Callable, Iterator
from itertools import combinations

import pytest
from fakes.ballots import World, draw, post

from reports.differences import Side, adjusted, claim_p_value, paired_difference
from reports.estimators import difference_p_value
from reports.verdicts import Verdict, judge_stance
from reports.votes import DISPUTE, SUPPORT, YES, Ballot, Rule, tally

SEED = 20_260_106
QUICK, LONG = 100, 2_000
SHOWS = frozenset({YES})
LEANING = frozenset({Verdict.MAJORITY, Verdict.MINORITY, Verdict.CONSENSUS, Verdict.AGAINST})


def rejections(p_values: Iterator[float | None], runs: int) -> float:
    """Give the share of runs in which a test at 5 % finds something."""
    return sum(p is not None and p < 0.05 for p, _ in zip(p_values, range(runs), strict=False)) / runs


def periods(truth: float, threads: int, regulars: float) -> Iterator[float | None]:
    """Test two periods of a world that does not change, each author once in each period."""
    chance = random.Random(SEED)
    world = World("r/here", truth, threads=2 * threads, median_size=6, correlation=0.1, regulars=regulars)
    while True:
        ballots = draw([world], chance, yes=YES, no=None)
        halves = [
            [one for one in ballots if (one.thread >= f"r/here/{threads:03}") is later] for later in (False, True)
        ]
        before, after = (tally(half, Rule.PRESENCE) for half in halves)
        yield difference_p_value(before, after, SHOWS)


def loud_regulars(vote: Callable[[list[Ballot]], list[list[Ballot]]]) -> Iterator[float | None]:
    """Test two periods of 30 threads in which three seats of ten are those of regulars, who say yes more often."""
    chance = random.Random(SEED)
    while True:
        ballots: list[Ballot] = []
        said: dict[str, str | None] = {}
        for thread in range(60):
            for seat in range(max(1, round(6 * chance.lognormvariate(0, 1.2)))):
                is_regular = chance.random() < 0.3
                author = f"regular-{chance.randrange(60)}" if is_regular else f"{thread}/{seat}"
                said.setdefault(author, YES if chance.random() < (0.7 if is_regular else 0.4) else None)
                ballots.append(post(author, f"t{thread:02}", said[author], at=thread))
        before, after = (tally(half, Rule.PRESENCE) for half in vote(ballots))
        yield difference_p_value(before, after, SHOWS)


def once_per_period(ballots: list[Ballot]) -> list[list[Ballot]]:
    return [[one for one in ballots if (one.thread >= "t30") is later] for later in (False, True)]


def once_per_report(ballots: list[Ballot]) -> list[list[Ballot]]:
    first = {one.author: one.thread for one in reversed(ballots)}
    return once_per_period([one for one in ballots if first[one.author] == one.thread])


def false_leaders(runs: int, codes: int = 10) -> tuple[float, float]:
    """Give the shares of rankings of equally common codes with a leader: as tested, and adjusted together."""
    chance = random.Random(SEED)
    alone = together = 0
    for _ in range(runs):
        threads = [max(1, round(6 * chance.lognormvariate(0, 1.2))) for _ in range(60)]
        counted = []
        for code in range(codes):
            ballots = []
            for thread, size in enumerate(threads):
                here = chance.betavariate(0.15 * 9, 0.85 * 9)
                ballots += [
                    post(f"{thread}/{seat}", f"t{thread:02}", YES if chance.random() < here else None)
                    for seat in range(size)
                ]
            counted.append(Side(f"code {code}", tally(ballots, Rule.PRESENCE)))
        found = [paired_difference(one, other, 10).p for one, other in combinations(counted, 2)]
        p_values = [p for p in found if p is not None]
        alone += any(p < 0.05 for p in p_values)
        together += any(q < 0.05 for q in adjusted(p_values))
    return alone / runs, together / runs


def leaning_headlines(runs: int, headlines: int = 10) -> tuple[float, float]:
    """Give the shares of reports on evenly split opinions with a headline that leans: by its verdict, and adjusted."""
    chance = random.Random(SEED)
    worlds = [World(f"r/{at}", 0.5, 12, 2, 0.1) for at in range(5)]
    alone = together = 0
    for _ in range(runs):
        judged = [
            judge_stance(tally(draw(worlds, chance, yes=SUPPORT, no=DISPUTE), Rule.STANCE), "read", True)
            for _ in range(headlines)
        ]
        q_values = adjusted([claim_p_value(one.share) or 1.0 for one in judged])
        leans = [one.verdict in LEANING for one in judged]
        alone += any(leans)
        together += any(lean and q <= 0.05 for lean, q in zip(leans, q_values, strict=True))
    return alone / runs, together / runs


def test_a_trend_is_hardly_ever_found_where_nothing_changes() -> None:
    assert rejections(periods(0.3, 30, 0.1), QUICK) <= 0.10


def test_equal_codes_hardly_ever_have_a_leader() -> None:
    _, together = false_leaders(20)

    assert together <= 0.10


def test_adjusting_lets_fewer_headlines_lean_on_evenly_split_opinions() -> None:
    alone, together = leaning_headlines(20)

    assert together <= alone <= 0.6
    assert together <= 0.15


@pytest.mark.slow
@pytest.mark.parametrize(("truth", "threads"), [(0.3, 15), (0.3, 30), (0.5, 30), (0.1, 30), (0.3, 60)])
def test_a_trend_at_five_percent_is_found_in_about_so_many_of_unchanging_worlds(truth: float, threads: int) -> None:
    assert 0.02 <= rejections(periods(truth, threads, 0.1), LONG) <= 0.06


@pytest.mark.slow
def test_who_votes_once_in_each_period_invents_no_trend() -> None:
    once_each, once_in_all = (rejections(loud_regulars(vote), LONG) for vote in (once_per_period, once_per_report))

    assert once_each <= 0.055
    assert once_in_all >= once_each + 0.02


@pytest.mark.slow
def test_adjusting_all_pairs_of_a_ranking_keeps_false_leaders_rare() -> None:
    alone, together = false_leaders(400)

    assert alone >= 0.5
    assert together <= 0.05


@pytest.mark.slow
def test_adjusting_all_headlines_keeps_false_leanings_rare() -> None:
    alone, together = leaning_headlines(400)

    assert alone >= 0.15
    assert together <= 0.05
