"""One collector a study at a time: a lock of the operating system, which ends with the process that holds it."""

from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from db.errors import Busy
from db.queries.runs import running
from groundswell.study import Study

LOCK_FILE = ".collecting.lock"


@contextmanager
def collecting(study: Study) -> Iterator[None]:
    """Hold the study for collecting while the block runs; a block inside another one is fine.

    Raises:
        Busy: another process collects.
    """
    lock = FileLock(study.root / LOCK_FILE, timeout=0, mode=0o600, is_singleton=True)
    try:
        with lock:
            yield
    except Timeout:
        with study.store() as store:
            at_work = running(store.connection)
        who = "" if at_work is None else f": {at_work[0]}, since {at_work[1]}"
        raise Busy(
            f"another command is collecting into this study{who}", hint="wait for it to end; the lock ends with it"
        ) from None
