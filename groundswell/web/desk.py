"""What the pages work on: the study, its codebook as the file has it now, and who sits before the page."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from secrets import token_urlsafe
from threading import Lock

from coding.codebook import Codebook
from db.queries import pages
from db.store import Store
from groundswell.health import evidence_ids
from groundswell.study import Study


@dataclass(frozen=True, slots=True)
class Seat:
    """Who sits before a page, and how they read.

    Attributes:
        coder: the person's name.
        blind: whether they see nothing of other coders, rules, scores and authors before they commit.
        claim: the claim that they read for; None = whatever is theirs to read.
        sample: the sample that they read; None = any.
    """

    coder: str
    blind: bool = False
    claim: str | None = None
    sample: str | None = None


@dataclass(slots=True)
class Desk:
    """One study being reviewed.

    Attributes:
        study: its folder.
        seats: who may sit down, by the secret part of their link.
    """

    study: Study
    seats: dict[str, Seat]
    _lock: Lock = field(default_factory=Lock)
    _codebook: tuple[tuple[int, int], Codebook] | None = None
    _evidence: tuple[tuple[int, int], dict[str, int]] | None = None

    def invite(self, seat: Seat) -> str:
        """The secret part of a new link to a seat; whoever uses it first gets the seat."""
        token = token_urlsafe(32)
        self.seats[token] = seat
        return token

    def codebook(self) -> Codebook:
        """The codebook, read again only when its file has changed: reading it takes longer than answering a page."""
        stat = self.study.codebook_path.stat()
        stamp = (stat.st_mtime_ns, stat.st_size)
        with self._lock:
            if self._codebook is None or self._codebook[0] != stamp:
                self._codebook = (stamp, self.study.codebook())
            return self._codebook[1]

    def code_names(self) -> dict[str, str]:
        """The name of each code by its id."""
        return {code.id: code.name for code in self.codebook().codes.values()}

    def evidence(self, store: Store) -> dict[str, int]:
        """The post behind each evidence id of a report, worked out again only when posts have come or gone."""
        stamp = pages.size(store.connection)
        with self._lock:
            if self._evidence is None or self._evidence[0] != stamp:
                self._evidence = (stamp, evidence_ids(self.study.key(store), store))
            return self._evidence[1]

    @contextmanager
    def store(self) -> Iterator[Store]:
        """The database, open for one answer."""
        with self.study.store() as store:
            yield store
