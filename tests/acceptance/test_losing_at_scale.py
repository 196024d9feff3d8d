"""What the end of a run and taking texts out cost in a study of a busy forum; `-s` prints the seconds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest
from acceptance import recount
from fakes.collecting import PEOPLE, wall_clock

from collector.importing import ImportOptions, import_files
from collector.run import Run
from db.queries import losing, posts
from db.store import Store

pytestmark = pytest.mark.acceptance

CORPUS = recount.default_data_dir() / "corpus"
KEY = b"a key that only tests know"
GONE = 4000
MOST_SECONDS = 60.0


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store(tmp_path_factory.mktemp("forum") / "study.db", create=True) as opened:
        run = Run(opened, "collect import", {}, "0", wall_clock, key=KEY)
        import_files(run, [CORPUS], PEOPLE, ImportOptions())
        timed("end of the run that imported them", run.finish)
        yield opened


def timed(what: str, do: Callable[[], Any]) -> float:
    """Print the processor's seconds that something takes."""
    begun = time.process_time()
    do()
    seconds = time.process_time() - begun
    print(f"{what}: {seconds:.1f} s")  # noqa: T201 - the figure is what this is for
    return seconds


def texts(store: Store) -> dict[str, str]:
    return {row["address"]: row["text"] for row in posts.exported_posts(store.connection) if row["text"]}


def test_the_end_of_a_run_that_lost_thousands_of_texts_takes_seconds(store: Store) -> None:
    before = texts(store)
    gone = Random(7).sample(sorted(before), GONE)
    run = Run(store, "collect refresh", {}, "0", wall_clock, key=KEY)
    with store.write() as connection:
        stones = losing.tombstones(connection, gone, "vanished", "2030-01-01T00:00:00Z", author_too=True)
        run.outcome.counts.add(run.save(connection, stones))

    seconds = timed(f"end of a run that lost {GONE} of {len(before)} texts", run.finish)

    after = texts(store)
    blanked = [address for address, text in after.items() if text != before[address]]
    print(f"texts whose quotations were blanked: {len(blanked)}")  # noqa: T201
    assert seconds < MOST_SECONDS
    assert blanked
    assert all(len(after[address]) == len(before[address]) for address in blanked)
    words = losing.lost_words(store.connection, KEY)
    megabyte = "\n".join(list(after.values())[:20_000])[:1_000_000]
    timed("looking for lost words in a file of a megabyte", lambda: words.stretches(megabyte))
    assert after.keys() == before.keys() - set(gone)
