# ruff: noqa: INP001, T201 - a script beside the packages, whose result is what it prints
"""How long the leak check takes over a million stored posts.

Invented posts of 50 words on average, a quarter of them with signs beyond ASCII, in a database as studies have it. The
report that is checked is that of the example study, of the size that reports have.

Run it as `python benchmarks/leaks.py [POSTS]`; a million need 600 MB on disk and a minute or two.
"""

import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from db.queries.publishing import stored_texts
from db.store import Store
from groundswell.starting import run_demo
from reports.leaks import RUN, Allowed, Stored, leaks_in_texts, prepare

WORDS, VOCABULARY = 50, 20_000


def main(number: int) -> int:
    """Fill a database, check a report against it, and print how long that took."""
    with tempfile.TemporaryDirectory(prefix="groundswell-leaks-") as name:
        folder = Path(name)
        run_demo(folder / "demo")
        reports = folder / "demo" / "reports"
        files = {path.name: path.read_bytes() for path in sorted(reports.iterdir()) if path.is_file()}
        with Store(folder / "study.db", create=True) as store:
            fill(store, number)
            started = time.perf_counter()
            output = prepare(files, Allowed())
            prepared = time.perf_counter()
            found = leaks_in_texts(output, (Stored(*row) for row in stored_texts(store.connection)), ())
            checked = time.perf_counter()
    print(f"report: {sum(map(len, files.values())):,} bytes, {len(output.runs):,} runs of {RUN} words")
    print(f"made ready in {prepared - started:.2f} s")
    print(f"{number:,} posts compared in {checked - prepared:.1f} s ({len(found)} leaks)")
    return 0


def fill(store: Store, number: int) -> None:
    """Store invented posts, twenty a thread."""
    with store.write() as connection:
        connection.executemany(
            "INSERT INTO threads (id, address, platform, native_id) VALUES (?, ?, 'x', ?)",
            ((thread, f"x:{thread * 20}", str(thread * 20)) for thread in range(number // 20 + 1)),
        )
        connection.executemany(
            "INSERT INTO posts (id, address, platform, native_id, thread, kind, text, state, url)"
            " VALUES (?, ?, 'x', ?, ?, 'post', ?, 'live', ?)",
            (
                (at, f"x:{at}", str(at), at // 20, text, f"https://x.example/{at}")
                for at, text in enumerate(invented(number))
            ),
        )


def invented(number: int) -> Iterator[str]:
    """Texts of words that follow each other by chance, the first words of the list more often."""
    chance = random.Random(20260303)  # noqa: S311 - invented texts, no secret
    words = [f"w{place:x}" for place in range(VOCABULARY)]
    weights = [1 / (place + 3) for place in range(VOCABULARY)]
    pool = chance.choices(words, weights, k=2_000_000)
    for at in range(number):
        start, length = chance.randrange(len(pool) - 4 * WORDS), int(chance.expovariate(1 / WORDS)) + 3
        yield " ".join(pool[start : start + min(length, 4 * WORDS)]) + ("\u2026 it\u2019s so." if at % 4 == 0 else ".")


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
