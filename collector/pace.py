"""Every wait of the project: between requests, after a failure, and until a site lets us in again."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

FIRST_RETRY_SECONDS = 2.0


@dataclass(slots=True)
class Pace:
    """Keeps a distance between the requests to one site.

    Attributes:
        seconds_between: the least time from one request to the next.
        now: a monotonic clock in seconds.
        sleep: waits so many seconds.
        waited: seconds waited since this was last set to 0.
    """

    seconds_between: float = 0.5
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep  # noqa: TID251 - the one place that waits
    waited: float = 0.0
    _last: float | None = field(default=None)
    _asked_between: float = field(default=0.0)

    def spread(self, allowed: float, seconds: float) -> None:
        """Spread the requests that a site still allows over the seconds until it allows more."""
        self._asked_between = seconds / max(allowed, 1.0)

    def due_in(self) -> float:
        """The seconds until the next request may be sent; 0 or less for now."""
        if self._last is None:
            return 0.0
        return self._last + max(self.seconds_between, self._asked_between) - self.now()

    def before_request(self) -> None:
        """Wait until the next request may be sent."""
        self.wait(self.due_in())
        self._last = self.now()

    def before_retry(self, attempt: int, asked_seconds: float | None) -> None:
        """Wait after the given failed attempt (1, 2, …): as long as the site asked, else longer each time."""
        self.wait(asked_seconds if asked_seconds is not None else FIRST_RETRY_SECONDS * 2 ** (attempt - 1))

    def wait(self, seconds: float) -> None:
        """Wait so many seconds; nothing for less than none."""
        if seconds > 0:
            self.sleep(seconds)
            self.waited += seconds
