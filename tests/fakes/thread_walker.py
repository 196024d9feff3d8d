"""A program that walks a thread of a stand-in into a database, to be killed while it does."""

import sys
from pathlib import Path

from fakes.collecting import PEOPLE, SEEN, SITES, wall_clock

from collector.pace import Pace
from collector.reading import Reading
from collector.run import Run, walk_thread
from collector.source import site_source
from collector.sources import arctic_shift
from db.store import Store


def walk(path: Path, source: str, url: str, thread: str) -> None:
    """Go on with the thread until it is whole."""
    arctic_shift.TREE_LIMIT = 40
    with Store(path) as store:
        run = Run(store, "collect url", {}, "0", wall_clock)
        session = SITES[source].open_session(url, Pace(0.0))
        walk_thread(run, site_source(source), session, thread, lambda: Reading(PEOPLE, SEEN))
        session.close()
        run.finish()


if __name__ == "__main__":
    walk(Path(sys.argv[1]), *sys.argv[2:])
