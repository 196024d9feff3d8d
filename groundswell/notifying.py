"""Telling somebody: a program of the user's gets the digest on its standard input, and has a minute for it."""

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryFile

from groundswell.stopping import Stop

SECONDS = 60.0
"""How long the program may take."""
NOTIFY = "notify command"
"""What stands for it among the sources that a status names."""
_OURS = ("GROUNDSWELL_", "REDDIT_", "X_")
"""How the names of our own settings begin, keys and secrets among them: no other program is given those."""
_LOOK_SECONDS = 0.05


def notify(command: Sequence[str], text: str, folder: Path, stop: Stop, *, seconds: float = SECONDS) -> str | None:
    """Give a text to a program; return why it was not told, None where it was.

    No shell reads the command. The program starts in `folder`, what it prints is dropped, what it complains of goes where
    our own complaints go, and when its time is over it is ended.
    """
    with TemporaryFile() as told:
        told.write(text.encode())
        told.seek(0)
        try:
            process = subprocess.Popen(  # noqa: S603 - what the user wrote into study.yaml
                command,
                stdin=told,
                stdout=subprocess.DEVNULL,
                cwd=folder,
                env=_environment(os.environ),  # noqa: TID251
            )
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else None
            return f"{command[0]} cannot be started: {(reason or str(error)).lower()}"
        try:
            ended = _wait(process, seconds, stop)
        finally:
            process.kill()
            process.wait()
    return None if ended is None else f"{command[0]}: {ended}"


def _environment(outside: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in outside.items() if not name.upper().startswith(_OURS)}


def _wait(process: subprocess.Popen[bytes], seconds: float, stop: Stop) -> str | None:
    """Wait for a program; return why it has to end, or ended otherwise than well."""
    until = time.monotonic() + seconds
    while True:
        try:
            status = process.wait(_LOOK_SECONDS)
        except subprocess.TimeoutExpired:
            if stop():
                return "it was stopped"
            if time.monotonic() > until:
                return f"it took longer than {seconds:g} seconds"
        else:
            return None if status == 0 else f"it ended with exit code {status}"
