"""How often the intervals of corrected shares hold the truth, in worlds whose truth is known.

The slow forms draw 2,000 collections a cell and hold the figures to within 2 points of those of the field notes that the
estimators were chosen by (docs/explanation/statistics.md, S9). Seeds are fixed, so a run is the same every time.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from fakes.audited import (
    HIT,
    NONE,
    OTHER,
    SILENT,
    Audited,
    AuditedWorld,
    Machine,
    StanceMachine,
    audited_population,
    audited_presence,
    audited_stance,
)

from reports.corrected import correct, count
from reports.votes import SUPPORT, YES

QUICK, LONG = 60, 2_000
SEED = 20_260_105
THREE_STRATA = {SILENT: 150, SUPPORT: 75, OTHER: 75}
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Coverage:
    """In how many of a hundred collections an interval held the truth, and the mean error of the estimate in points."""

    conversations: float
    collected: float
    bias: float


def _coverage(draw: Callable[[random.Random], Audited], truth: float, yes: str, runs: int) -> Coverage:
    chance = random.Random(SEED)
    held = held_here = 0
    errors = []
    for _ in range(runs):
        members, sizes, realised = draw(chance)
        found = correct(count(members), frozenset({yes}), sizes)
        held += found.lower <= truth <= found.upper
        held_here += found.collected[0] - ROUNDING <= realised <= found.collected[1] + ROUNDING
        errors.append((found.estimate or 0.0) - realised)
    return Coverage(100 * held / runs, 100 * held_here / runs, 100 * sum(errors) / runs)


def presence(
    truth: float, correlation: float, drawn: int, runs: int, *, in_all: bool = True, threads: int = 60
) -> Coverage:
    """Measure an audit of presence that reads so many authors.

    Half of them are drawn from each stratum. Where machines find fewer than that, as they do of a rare code, all found are
    read and the rest is drawn from the others, unless `in_all` is false.
    """
    here = AuditedWorld(truth, correlation, {HIT: drawn // 2, NONE: drawn // 2}, in_all=in_all, threads=threads)
    return _coverage(lambda chance: audited_presence(here, chance, Machine()), truth, YES, runs)


def stance(truth: float, finds: tuple[float, float], runs: int) -> Coverage:
    """Measure an audit of stance by three strata; a machine finds this much of support and of dispute."""
    here, machine = AuditedWorld(truth, 0.1, THREE_STRATA), StanceMachine(*finds)
    return _coverage(lambda chance: audited_stance(here, chance, machine), truth, SUPPORT, runs)


def population(truth: float, drawn: int, runs: int) -> float:
    """Measure the interval for what was collected, of 4,000 authors with exactly this share of holders."""
    chance = random.Random(SEED)
    held = 0
    for _ in range(runs):
        frame = audited_population(4_000, truth, drawn, chance, Machine())
        lower, upper = correct(frame, frozenset({YES}), [1] * 60).collected
        held += lower - ROUNDING <= truth <= upper + ROUNDING
    return 100 * held / runs


def test_nine_of_ten_intervals_of_a_corrected_share_hold_the_truth() -> None:
    found = presence(0.1, 0.1, 300, QUICK)

    assert found.conversations >= 90
    assert found.collected >= 90
    assert abs(found.bias) < 1


def test_a_corrected_share_of_support_counts_those_whom_the_machine_missed() -> None:
    found = stance(0.5, (0.8, 0.4), QUICK)

    assert found.conversations >= 90
    assert found.collected >= 88
    assert abs(found.bias) < 2


@pytest.mark.slow
@pytest.mark.parametrize(
    ("truth", "correlation", "drawn", "least", "most"),
    [
        (0.3, 0.1, 150, 94.8, 94.8),
        (0.3, 0.3, 150, 93.7, 93.7),
        # Between the two forms of the floor: which of them holds hangs on whether the estimate is below .10.
        (0.1, 0.1, 300, 93.5, 96.1),
        (0.1, 0.3, 300, 92.5, 92.8),
        (0.05, 0.05, 300, 98.3, 98.3),
        (0.05, 0.2, 300, 94.2, 94.2),
        (0.02, 0.05, 300, 98.3, 98.3),
        (0.01, 0.05, 300, 98.8, 98.8),
        (0.5, 0.1, 200, 94.8, 94.8),
    ],
)
def test_intervals_for_conversations_cover_as_in_the_field_notes(
    truth: float, correlation: float, drawn: int, least: float, most: float
) -> None:
    found = presence(truth, correlation, drawn, LONG)

    assert least - 2 <= found.conversations <= most + 2
    assert found.collected >= 92
    assert abs(found.bias) < 0.3


@pytest.mark.slow
def test_a_few_threads_are_covered_as_in_the_field_notes() -> None:
    assert presence(0.3, 0.1, 150, LONG, threads=15).conversations == pytest.approx(96.4, abs=2)


@pytest.mark.slow
def test_where_nobody_is_drawn_for_those_that_machines_did_not_find_a_rare_code_is_covered_no_less() -> None:
    """About 70 of 150 are there to be drawn, so that 220 are read and not 300: the chance of the draw weighs more.

    With 300 read the field notes have 94.2 and these worlds 94.3; with 220 it is 96.3 (10,000 collections).
    """
    assert 94.2 - 2 <= presence(0.05, 0.2, 300, LONG, in_all=False).conversations <= 97.5


@pytest.mark.slow
@pytest.mark.parametrize(
    ("truth", "drawn", "noted"),
    [(0.003, 150, 94.5), (0.01, 300, 96.3), (0.02, 150, 96.5), (0.05, 300, 96.7), (0.12, 300, 95), (0.3, 300, 94)],
)
def test_intervals_for_what_was_collected_cover_as_in_the_field_notes(truth: float, drawn: int, noted: float) -> None:
    assert population(truth, drawn, LONG) == pytest.approx(noted, abs=2)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("truth", "finds", "least", "most"),
    [
        (0.85, (0.7, 0.7), 93, 96),
        (0.5, (0.7, 0.7), 96, 96),
        (0.5, (0.8, 0.4), 96, 96),
        (0.6, (0.8, 0.4), 96, 96),
        (0.85, (0.8, 0.5), 94, 94),
    ],
)
def test_corrected_shares_of_support_cover_as_in_the_field_notes(
    truth: float, finds: tuple[float, float], least: float, most: float
) -> None:
    found = stance(truth, finds, LONG)

    assert least - 2 <= found.conversations <= most + 2
    assert found.collected >= 92
    assert abs(found.bias) < 0.5
