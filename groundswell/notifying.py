"""Telling somebody: a program of the user's gets the digest on its standard input, and has a minute for it."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryFile

from groundswell.processes import STOPPED, NotStarted, started, why_it_ends
from groundswell.stopping import Stop

SECONDS = 60.0
"""How long the program may take."""
NOTIFY = "notify command"
"""What stands for it among the sources that a status names."""
_OURS = ("GROUNDSWELL_", "REDDIT_", "X_")
"""How the names of our own settings begin, keys and secrets among them: no other program is given those."""


def notify(command: Sequence[str], text: str, folder: Path, stop: Stop, *, seconds: float = SECONDS) -> str | None:
    """Give a text to a program; return why it was not told, None where it was.

    No shell reads the command. The program starts in `folder`, what it prints is dropped, what it complains of goes where
    our own complaints go, and when its time is over it is ended with what it started.
    """
    with TemporaryFile() as told:
        told.write(text.encode())
        told.seek(0)
        try:
            with started(
                command,
                stdin=told,
                stdout=subprocess.DEVNULL,
                environment=_environment(os.environ),  # noqa: TID251
                folder=folder,
            ) as process:
                ended = why_it_ends(process, seconds, stop)
        except NotStarted as error:
            return f"{command[0]} cannot be started: {error}"
    ended = "it was stopped" if ended == STOPPED else ended
    return None if ended is None else f"{command[0]}: {ended}"


def _environment(outside: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in outside.items() if not name.upper().startswith(_OURS)}
