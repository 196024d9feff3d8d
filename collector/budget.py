"""What X charges for, what a conversation will cost, and a limit that no request passes.

Everything that an answer holds is counted fully. X bills the same post or account once a UTC day, so the bill may be lower
than what is counted here, never higher.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Final

from collector.session import SiteError

PRICES_USD: Final[Mapping[str, float]] = {"posts": 0.005, "users": 0.010, "counts recent": 0.005, "counts all": 0.010}
"""The price of one post or account read and of one request for counts, by where it searches."""
PAGE_POSTS: Final = 100
"""How many posts a page of a search may hold; the archive would give five times as many, in steps too large for a limit."""

Bill = Mapping[str, int]
"""How many there are of each thing that has a price."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What was read on a UTC day (YYYY-MM-DD) and has a price."""

    day: str
    what: str
    resources: int

    @property
    def usd(self) -> float:
        """Its price in US dollars."""
        return usd({self.what: self.resources})


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a walk is expected to take."""

    requests: int
    usd: float


def usd(bill: Bill) -> float:
    """What a bill comes to, in US dollars."""
    return round(sum(PRICES_USD[what] * resources for what, resources in bill.items()), 6)


def reads(posts: int, *, authors: bool) -> dict[str, int]:
    """The bill of an answer with so many posts, at worst each by an account of its own."""
    return {"posts": posts, "users": posts} if authors else {"posts": posts}


def estimate(replies: int, *, authors: bool, archive: bool = False) -> Estimate:
    """What a conversation with so many replies takes at most: its opening post, the counts, and the pages of replies."""
    pages = max(1, ceil(replies / PAGE_POSTS))
    counted = {"counts all" if archive else "counts recent": 1}
    return Estimate(2 + pages, usd(reads(1 + replies, authors=authors) | counted))


@dataclass(slots=True)
class Budget:
    """How much may be spent, asked before each request and told after it.

    Attributes:
        max_usd: the most that this run may spend.
        max_requests: the most requests that it may make; None = any number.
        max_usd_a_month: the most that all runs of a UTC month may spend; None = any amount.
        spent_this_month: what earlier runs of this month spent.
        spent, requests: what this run spent and made so far.
    """

    max_usd: float
    max_requests: int | None = None
    max_usd_a_month: float | None = None
    spent_this_month: float = 0.0
    spent: float = 0.0
    requests: int = 0

    def check(self, bill: Bill, what: str = "the next request") -> None:
        """Refuse what might pass a limit if it came to this bill.

        Raises:
            SiteError: `over-budget`.
        """
        if self.max_requests is not None and self.requests >= self.max_requests:
            raise SiteError("over-budget", f"the {self.max_requests} requests that are allowed have been made")
        most = usd(bill)
        limits = [("", self.spent, self.max_usd)]
        if self.max_usd_a_month is not None:
            limits.append((" this month", self.spent_this_month + self.spent, self.max_usd_a_month))
        for when, spent, limit in limits:
            if round(spent + most, 6) > limit:
                raise SiteError(
                    "over-budget",
                    f"{what} may cost up to ${most:.3f}, and ${spent:.3f} of ${limit:.3f} are spent{when}",
                )

    def spend(self, bill: Bill) -> None:
        """Count what an answer came to."""
        self.spent = round(self.spent + usd(bill), 6)
