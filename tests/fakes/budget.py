"""A number of requests per window, as both services announce it in their headers."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field


@dataclass(slots=True)
class Budget:
    """Counts down; no time passes, `refill` opens the next window."""

    size: int
    reset_seconds: int
    used: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def remaining(self) -> int:
        return max(self.size - self.used, 0)

    def spend(self) -> bool:
        """Take one request; False when none was left."""
        with self._lock:
            self.used += 1
            return self.used <= self.size

    def refill(self) -> None:
        with self._lock:
            self.used = 0
