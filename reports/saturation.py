"""Saturation: how many codes further threads would bring, from what people coded alone (S15).

Rule hits are left out: at a few false hits in ten thousand posts every code of a codebook would have been "seen".
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

LAST_RUN = 4
"""The new-information rate compares the last so many threads with the first so many."""
MOST_POINTS = 60


@dataclass(frozen=True, slots=True)
class Saturation:
    """What the threads that people coded brought.

    Attributes:
        threads: those in which a person coded, G.
        codes: the different codes found in them.
        curve: expected different codes in m threads, for m from 1 to G, at most `MOST_POINTS` of them.
        new_rate: codes that the last four threads bring over codes that the first four bring; None with fewer than four.
        chao2: how many codes were never seen, by Chao's second estimator; None for a closed codebook.
    """

    threads: int
    codes: int
    curve: tuple[tuple[int, float], ...]
    new_rate: float | None
    chao2: float | None


def saturation(by_thread: Mapping[str, Collection[str]], *, is_open: bool) -> Saturation | None:
    """Tell how far codes are exhausted; None without threads.

    Args:
        by_thread: for each thread in which a person coded, the codes found present there.
        is_open: whether codes may still be added: a closed codebook has no unseen codes to estimate.
    """
    threads = len(by_thread)
    if not threads:
        return None
    incidence: dict[str, int] = {}
    for codes in by_thread.values():
        for code in codes:
            incidence[code] = incidence.get(code, 0) + 1
    found = sorted(incidence.values())
    first = expected_codes(found, threads, LAST_RUN) if threads >= LAST_RUN else 0.0
    new_rate = None
    if first:
        new_rate = (len(found) - expected_codes(found, threads, threads - LAST_RUN)) / first
    return Saturation(
        threads=threads,
        codes=len(found),
        curve=tuple((m, expected_codes(found, threads, m)) for m in _points(threads)),
        new_rate=new_rate,
        chao2=_chao2(found, threads) if is_open else None,
    )


def expected_codes(incidence: Sequence[int], threads: int, drawn: int) -> float:
    """The number of different codes to expect in `drawn` of the threads, over all ways to draw them.

    Args:
        incidence: for each code, in how many threads it is.
        threads: all of them.
        drawn: how many are drawn, 0 to all.
    """
    return math.fsum(1 - _missed(number, threads, drawn) for number in incidence)


def _missed(holding: int, threads: int, drawn: int) -> float:
    """The chance that none of the drawn threads is among those that hold a code: C(G - g, m) / C(G, m)."""
    fewer, more = sorted((holding, drawn))
    chance = 1.0
    for at in range(fewer):
        if threads - more - at <= 0:
            return 0.0
        chance *= (threads - more - at) / (threads - at)
    return chance


def _points(threads: int) -> list[int]:
    """At most so many numbers of threads from 1 to all, evenly spread."""
    if threads <= MOST_POINTS:
        return list(range(1, threads + 1))
    last = MOST_POINTS - 1
    return sorted({1 + (threads - 1) * at // last for at in range(MOST_POINTS)})


def _chao2(incidence: Sequence[int], threads: int) -> float:
    once, twice = incidence.count(1), incidence.count(2)
    return (threads - 1) / threads * once * (once - 1) / (2 * (twice + 1))
