"""A program that stores batch after batch, says so after each commit, and waits to be killed."""

import sys
from dataclasses import replace
from itertools import count
from pathlib import Path

from fakes.observed import REPLY, ROOT, save

from db.store import Store

BATCH = 5


def write_for_ever(path: Path) -> None:
    """Store batches of replies, each numbered in its texts, and print the number of each that is committed."""
    with Store(path, create=True) as store:
        save(store, ROOT)
        for number in count():
            batch = [
                replace(REPLY, native_id=f"t1_{number}x{place}", text=f"batch {number}" + " and more" * 200)
                for place in range(BATCH)
            ]
            save(store, *batch)
            print(number, flush=True)  # noqa: T201 - the one who kills listens


if __name__ == "__main__":
    write_for_ever(Path(sys.argv[1]))
