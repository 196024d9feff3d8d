"""Every wait of the project: between requests, after a failure, and until a site lets us in again."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

FIRST_RETRY_SECONDS = 2.0
LONGEST_CLOSED_SECONDS = 86_400.0
"""Longer than this no site is left alone whatever it asked, or another process noted: that one's clock may have been wrong."""


class WaitCutError(Exception):
    """Raised in place of a request whose wait was cut short, since the command was asked to end."""


@dataclass(frozen=True, slots=True)
class PaceState:
    """What the next process must know about a site, in seconds of the wall clock since 1970."""

    last_at: float
    between_seconds: float
    closed_until: float


@dataclass(slots=True)
class Pace:
    """Keeps a distance between the requests to one site.

    Attributes:
        seconds_between: the least time from one request to the next.
        now: a monotonic clock in seconds.
        sleep: waits so many seconds, or until the command is asked to end.
        stopped: tells whether the command was asked to end.
        waited: seconds waited since this was last set to 0.
    """

    seconds_between: float = 0.5
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], object] = time.sleep  # noqa: TID251 - the one place that waits
    stopped: Callable[[], bool] = lambda: False
    waited: float = 0.0
    _last: float | None = field(default=None)
    _asked_between: float = field(default=0.0)
    _closed_until: float | None = field(default=None)

    def spread(self, allowed: float, seconds: float) -> None:
        """Spread the requests that a site still allows over the seconds until it allows more; what is no number is not heard."""
        if math.isfinite(allowed) and math.isfinite(seconds):
            self._asked_between = seconds / max(allowed, 1.0)

    def close(self, seconds: float) -> None:
        """Send nothing for so many seconds, since the site asked for that; for a day at most."""
        self._closed_until = self.now() + min(seconds, LONGEST_CLOSED_SECONDS)

    def due_in(self) -> float:
        """The seconds until the next request may be sent; 0 or less for now."""
        between = max(self.seconds_between, self._asked_between)
        due = [self._last + between] if self._last is not None else []
        due += [self._closed_until] if self._closed_until is not None else []
        return max(due) - self.now() if due else 0.0

    def state(self, wall: float) -> PaceState | None:
        """What to keep for the next process; None before the first request. `wall` is the time since 1970."""
        if self._last is None:
            return None
        shift = wall - self.now()
        closed = 0.0 if self._closed_until is None else self._closed_until + shift
        return PaceState(self._last + shift, self._asked_between, closed)

    def resume(self, state: PaceState, wall: float) -> None:
        """Go on where another process was; a moment in the future is taken for now, a clock may have been put back."""
        shift = wall - self.now()
        self._last = min(state.last_at, wall) - shift
        self._asked_between = min(state.between_seconds, LONGEST_CLOSED_SECONDS)
        if state.closed_until > wall:
            self._closed_until = min(state.closed_until, wall + LONGEST_CLOSED_SECONDS) - shift

    def before_request(self) -> None:
        """Wait until the next request may be sent.

        Raises:
            WaitCutError: the command was asked to end meanwhile.
        """
        seconds = self.due_in()
        self.wait(seconds)
        if seconds > 0 and self.stopped():
            raise WaitCutError
        self._last = self.now()

    def before_retry(self, attempt: int, asked_seconds: float | None) -> None:
        """Wait after the given failed attempt (1, 2, …): as long as the site asked, else longer each time."""
        self.wait(asked_seconds if asked_seconds is not None else FIRST_RETRY_SECONDS * 2 ** (attempt - 1))

    def wait(self, seconds: float) -> None:
        """Wait so many seconds; nothing for less than none."""
        if seconds > 0:
            self.sleep(seconds)
            self.waited += seconds
