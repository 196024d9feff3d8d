# ruff: noqa: INP001, T201 - a script beside the packages, whose result is what it prints
"""How long the figures of a report take over a million posts, once posts and decisions are in columns.

Invented posts: 170,000 authors of whom few write much, 44,000 threads of which few are long, 40 communities, 20 codes, half
of them with sides. For every code: one vote an author, the share with its jackknife over threads, interval, verdict and
range without any one community; for presence also by author and thread; then the order of each two codes, and what is
tested together adjusted. The peer counts the votes again from the start for each thread left out; it is timed on a few
threads and multiplied.

Run it as `python benchmarks/report.py [POSTS]`; it needs about 1 GB of memory and a minute for a million.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from itertools import combinations
from typing import NamedTuple

import numpy as np

from reports.differences import Side, adjusted, claim_p_value, paired_difference
from reports.estimators import estimates_without_each_community, share
from reports.verdicts import judge_presence, judge_stance
from reports.votes import DISPUTE, MIXED, NOTHING, OUT, SUPPORT, YES, Ints, Roll, Rule, Tally, count, enrol

CODES, COMMUNITIES, TRIED = 20, 40, 20
AUTHORS, THREADS = 0.17, 0.044
SIDES = (DISPUTE, MIXED, SUPPORT)
FOR, SHOWN = frozenset({SUPPORT}), frozenset({YES})


class Post(NamedTuple):
    """A post as `enrol` takes it."""

    author: str
    thread: str
    community: str
    created_at: str
    platform: str
    native_id: str


def posts(chance: np.random.Generator, number: int) -> Iterator[Post]:
    """Invented posts in the order of time."""
    authors, threads = round(number * AUTHORS), round(number * THREADS)
    busy = (authors * chance.random(number - authors) ** 3).astype(np.int64)
    author = chance.permutation(np.concatenate((np.arange(authors), busy)))
    lengths = chance.lognormal(0, 1.2, threads)
    thread = chance.choice(threads, number, p=lengths / lengths.sum())
    for at, (who, where) in enumerate(zip(author.tolist(), thread.tolist(), strict=True)):
        yield Post(f"a{who:06}", f"t{where:06}", f"c{where % COMMUNITIES:02}", f"{at:09}", "x", f"{at:09}")


def by_pairs(roll: Roll) -> Roll:
    """The same posts with one voice an author and thread."""
    pair = roll.author * len(roll.threads) + roll.thread
    order = np.argsort(pair, kind="stable")
    known, author = np.unique(pair[order], return_inverse=True)
    names = tuple(f"{name:012}" for name in known.tolist())
    columns = (roll.given[order], author.astype(np.int64), roll.thread[order], roll.community[order])
    return Roll(names, roll.threads, roll.communities, *columns)


def found(chance: np.random.Generator, number: int, code: int) -> Ints:
    """What is found of a code in each post: between 1 and 10 in a hundred carry it."""
    column = np.full(number, NOTHING, dtype=np.int64)
    carries = chance.random(number) < 0.01 + 0.005 * code
    column[carries] = chance.choice(3, int(carries.sum()), p=(0.3, 0.1, 0.6)) if code % 2 else 0
    return column


def figures(roll: Roll, pairs: Roll, columns: list[Ints]) -> int:
    """Compute everything; returns how many figures were tested."""
    shown: list[tuple[str, Tally]] = []
    p_values = []
    for code, column in enumerate(columns):
        if code % 2:
            counted = count(roll, column.tolist(), SIDES, Rule.STANCE)
            judged = judge_stance(counted, "read", has_present=True)
            p_values.append(claim_p_value(judged.share) or 1.0)
            estimates_without_each_community(counted, FOR)
        else:
            counted = count(roll, column.tolist(), (YES,), Rule.PRESENCE)
            judge_presence(counted, SHOWN, "read", has_present=True)
            estimates_without_each_community(counted, SHOWN)
            share(count(pairs, column.tolist(), (YES,), Rule.PRESENCE), SHOWN)
            shown.append((f"code {code}", counted))
    orders = [paired_difference(Side(*one), Side(*other), 10).p for one, other in combinations(shown, 2)]
    return len(adjusted(p_values)) + len(adjusted([p for p in orders if p is not None]))


def recount(roll: Roll, column: Ints, threads: range) -> list[int]:
    """The peer: for each thread count the votes again without its posts."""
    thread_of_given = np.empty(len(column), dtype=np.int64)
    thread_of_given[roll.given] = roll.thread
    left = (np.where(thread_of_given == thread, OUT, column) for thread in threads)
    return [count(roll, one.tolist(), (YES,), Rule.PRESENCE).n for one in left]


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Run something; returns seconds on the clock and of the processor."""
    began, busy = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - began, time.process_time() - busy


def main() -> None:
    """Print the figures."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    chance = np.random.default_rng(20_260_105)
    listed = list(posts(chance, number))
    began = time.perf_counter()
    roll = enrol(listed)
    in_columns = time.perf_counter() - began
    pairs = by_pairs(roll)
    columns = [found(chance, number, code) for code in range(CODES)]
    clock, busy = timed(lambda: figures(roll, pairs, columns))
    peer, _ = timed(lambda: recount(roll, columns[0], range(TRIED)))
    whole = peer / TRIED * len(roll.threads)
    one, _ = timed(lambda: share(count(roll, columns[0].tolist(), (YES,), Rule.PRESENCE), SHOWN))
    print(f"{number:,} posts, {len(roll.authors):,} authors, {len(roll.threads):,} threads, {CODES} codes")
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, numpy {np.__version__}")
    print(f"posts in columns, once a scope: {in_columns:.1f} s")
    print(f"all figures after that: {clock:.1f} s on the clock, {busy:.1f} s of the processor")
    print(f"one code by counting again without each thread: about {whole / 3600:.1f} hours ({TRIED} threads timed)")
    print(f"the same by two posts an author: {one:.2f} s, {whole / one:,.0f} times as fast")


if __name__ == "__main__":
    main()
