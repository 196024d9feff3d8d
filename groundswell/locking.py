"""One collector a study at a time: a lock of the operating system, which ends with the process that holds it."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from db.errors import Busy
from db.queries.runs import running
from groundswell.study import Study, now

LOCK_FILE = ".collecting.lock"
HOLDER_FILE = ".collecting.by"
"""Says which command holds the lock; it means nothing while nobody does, as after a kill."""


@contextmanager
def collecting(study: Study, command: str | None = None) -> Iterator[None]:
    """Hold the study for collecting while the block runs; a block inside another one is fine.

    `command` is what others are told; None = whatever runs.

    Raises:
        Busy: another process collects.
    """
    lock = FileLock(study.root / LOCK_FILE, timeout=0, mode=0o600, is_singleton=True)
    holder = study.root / HOLDER_FILE
    try:
        lock.acquire()
    except Timeout:
        who = _holder(study, holder)
        raise Busy(
            f"another command is collecting into this study{who}", hint="wait for it to end; the lock ends with it"
        ) from None
    is_outermost = lock.lock_counter == 1
    try:
        if is_outermost:
            holder.unlink(missing_ok=True)
            if command is not None:
                holder.write_text(f"{command}, since {now()}", encoding="utf-8")
        yield
    finally:
        if is_outermost:
            holder.unlink(missing_ok=True)
        lock.release()


def _holder(study: Study, told: Path) -> str:
    """Who holds the lock, as far as that can be told."""
    with suppress(FileNotFoundError):
        return f": {told.read_text(encoding='utf-8')}"
    with study.store() as store:
        at_work = running(store.connection)
    return "" if at_work is None else f": {at_work[0]}, since {at_work[1]}"
