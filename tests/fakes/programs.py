"""The program in a process of its own, before a stand-in for a site."""

from __future__ import annotations

import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fakes.server import FakeServer

    from groundswell.study import Study

ROOT = Path(__file__).parents[2]


def start(study: Study, server: FakeServer, *arguments: str, seconds_between: float = 0) -> subprocess.Popen[str]:
    """Start the program with a study."""
    environment = {
        "GROUNDSWELL_ARCTIC_SHIFT_URL": server.url, "GROUNDSWELL_REDDIT_URL": server.url,
        "GROUNDSWELL_SECONDS_BETWEEN_REQUESTS": str(seconds_between), "PYTHONPATH": str(ROOT),
        "HOME": str(study.root.parent),
    }  # fmt: skip
    command = [sys.executable, "-m", "groundswell", "-C", str(study.root), *arguments]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@contextmanager
def program(
    study: Study, server: FakeServer, *arguments: str, seconds_between: float = 0
) -> Iterator[subprocess.Popen[str]]:
    """The program once it has made a request; killed at the end of the block."""
    seen = server.count()
    running = start(study, server, *arguments, seconds_between=seconds_between)
    try:
        while server.count() == seen and running.poll() is None:
            threading.Event().wait(0.005)
        yield running
    finally:
        running.kill()
        running.communicate()
