"""Ctrl-C and SIGTERM: the work in flight is committed, then the command ends with the signal's exit code."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from db.errors import GroundswellError


class Interrupted(GroundswellError):
    """Raised when a signal ended the command."""

    def __init__(
        self, number: int, kept: str = "what was fetched is stored", hint: str = "the same command goes on from here"
    ) -> None:
        super().__init__(f"stopped; {kept}", hint=hint)
        self.exit_code = 128 + number


class Stop:
    """Remembers that a signal asked for the end; asked a second time, it ends at once."""

    def __init__(self) -> None:
        self.number: int | None = None
        self._asked = threading.Event()

    def wait(self, seconds: float) -> None:
        """Wait so many seconds, or until the end is asked for."""
        self._asked.wait(seconds)

    def __call__(self) -> bool:
        """Whether the end was asked for."""
        return self.number is not None

    def ask(self, number: int, _frame: FrameType | None) -> None:
        """Handle a signal."""
        if self.number is not None:
            raise Interrupted(number)
        self.number = number
        self._asked.set()

    def raise_if_asked(self) -> None:
        """Raise `Interrupted` if the end was asked for."""
        if self.number is not None:
            raise Interrupted(self.number)


@contextmanager
def stoppable() -> Iterator[Stop]:
    """Handle SIGINT and SIGTERM while the block runs; restore what was there before."""
    stop = Stop()
    signals = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, stop.ask) for number in signals]
    try:
        yield stop
    finally:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)
