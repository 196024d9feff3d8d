"""Programs that the user names: started without a shell, waited for, and ended together with what they started."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from db.errors import GroundswellError
from groundswell.stopping import Stop

STOPPED = "stopped"
"""How a program ended that had to end because groundswell was asked to."""
_LOOK_SECONDS = 0.1


class NotStarted(GroundswellError):
    """A program cannot be started; the message says why, without its name."""


@contextmanager
def started(
    command: Sequence[str],
    *,
    stdin: IO[bytes] | int,
    stdout: IO[bytes] | int,
    environment: Mapping[str, str],
    folder: Path | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a program; when the block ends, however it does, the program has ended too.

    Args:
        command: the program and its arguments; no shell reads them.
        stdin: what it reads.
        stdout: where its answer goes; its complaints go where ours go.
        environment: all that it gets of the environment.
        folder: where it runs; None = where we do.

    Raises:
        NotStarted: there is no such program, or it may not be run.
    """
    try:
        process = subprocess.Popen(  # noqa: S603 - what the user wrote
            command, stdin=stdin, stdout=stdout, cwd=folder, env=environment, start_new_session=True
        )
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise NotStarted((reason or str(error)).lower()) from error
    try:
        yield process
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a program that still runs, and what it started: a model behind a shell script would go on for hours else."""
    if process.poll() is None and hasattr(os, "killpg"):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()


def why_it_ends(
    process: subprocess.Popen[bytes], seconds: float, stop: Stop, check: Callable[[], str | None] = lambda: None
) -> str | None:
    """Wait for a program; return why it has to end, or ended otherwise than well.

    Args:
        process: the program.
        seconds: how long it may take.
        stop: whether it has to end because we were asked to; then the answer is `STOPPED`.
        check: asked now and then for another reason why it has to end.
    """
    until = time.monotonic() + seconds
    while True:
        try:
            status = process.wait(_LOOK_SECONDS)
        except subprocess.TimeoutExpired:
            if stop():
                return STOPPED
            if time.monotonic() > until:
                return f"it took longer than {seconds:g} seconds"
            if reason := check():
                return reason
        else:
            return None if status == 0 else f"it ended with exit code {status}"
