# ruff: noqa: INP001 - a script
"""How long it takes to count an edited code anew over a million posts, by the full-text index.

Invented posts of 40 words each, drawn from a Zipf vocabulary of 40,000 words, go into an index as a study has it. Each code
is ten patterns (words, phrases, open ends, NEAR); its question is asked as `find` and `code preview` ask it.

Run it as `python benchmarks/recount.py [POSTS]`; it needs about 1 GB of disk and some minutes for a million.
"""

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import accumulate, islice
from pathlib import Path

from coding.conditions import AnyOf
from coding.index_query import IndexQuery, index_query
from coding.patterns import parse_pattern
from db.queries.search import count
from db.store import Store

WORDS, LONG, CODES, PATTERNS = 40_000, 40, 60, 10


def vocabulary(chance: random.Random) -> list[str]:
    """Invented words, the commonest first."""
    letters = "etaoinshrdlcumwfgypbvkjxqz"
    return ["".join(chance.choices(letters, k=chance.randint(2, 10))) + str(n % 7 or "") for n in range(WORDS)]


def posts(chance: random.Random, words: list[str], number: int) -> Iterator[str]:
    """Texts in which the word of rank r is as common as 1 / r."""
    weights = list(accumulate(1 / (rank + 2) for rank in range(WORDS)))
    for _ in range(number):
        yield " ".join(chance.choices(words, cum_weights=weights, k=LONG))


def code(chance: random.Random, words: list[str]) -> IndexQuery:
    """Ten patterns over words of middling frequency, as rules are made of."""
    some = [words[chance.randint(150, 8000)] for _ in range(2 * PATTERNS)]
    forms = ["{a}", "{a} {b}", "{a}*", "{a} NEAR/5 {b}"]
    patterns = [
        parse_pattern(forms[n % 4].format(a=a, b=b)) for n, (a, b) in enumerate(zip(some[::2], some[1::2], strict=True))
    ]
    question = index_query(AnyOf(tuple(patterns)))
    if question is None or not question.exact:
        raise AssertionError("the index knows these exactly")
    return question


def main() -> None:
    """Print the figures."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    chance = random.Random("recount")  # noqa: S311 - invented posts
    words = vocabulary(chance)
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "study.db", create=True) as store:
        began = time.monotonic()
        texts = enumerate(posts(chance, words, number), 1)
        while some := list(islice(texts, 50_000)):
            with store.write() as connection:
                connection.executemany("INSERT INTO words (rowid, own) VALUES (?, ?)", some)
        sys.stdout.write(f"{number:,} posts indexed in {time.monotonic() - began:.0f} s\n")
        questions = [code(chance, words) for _ in range(CODES)]
        taken, found = [], 0
        for question in [*questions, *questions]:
            began = time.perf_counter()
            found += count(store.connection, question.text)
            taken.append(1000 * (time.perf_counter() - began))
    for name, some_taken in (("first time", taken[:CODES]), ("again", taken[CODES:])):
        spread = statistics.quantiles(some_taken, n=20)
        sys.stdout.write(
            f"{name}: {CODES} codes of {PATTERNS} patterns, median {spread[9]:.0f} ms, p95 {spread[18]:.0f} ms\n"
        )
    sys.stdout.write(f"{found // (2 * CODES):,} posts a code on average\n")


if __name__ == "__main__":
    main()
