"""What a source offers, and how sources are found: by the name of their file."""

import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

import collector.sources
from collector.reading import Reading
from collector.session import Session
from db.queries.runs import Task
from db.records import Observation, Unreadable


class FileSource(Protocol):
    """Reads JSON documents of one kind."""

    NAME: str

    def recognises(self, document: Any) -> bool:
        """Tell whether this document may be of its kind."""
        ...

    def observations(self, document: Any, reading: Reading, position: str = "") -> Iterator[Observation | Unreadable]:
        """Turn a document into observations; what cannot be read is told beside them, never raised."""
        ...


@dataclass(slots=True)
class Page:
    """What one request brought.

    Attributes:
        observations, unreadable: the posts, and the items that could not be read.
        tasks: further work on the same target.
        threads: native ids of threads that a listing showed, to be walked next, in order.
        resolved: native ids of threads by the paths of the share links that hid them.
        missing: native ids that were asked for and did not come; one look is not enough to call them gone.
        gone: the states, by native id, of posts of which the site says that they are gone.
        problems: what is missing although nothing failed, such as a listing that the site ends at a thousand.
    """

    observations: list[Observation] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    threads: list[str] = field(default_factory=list)
    resolved: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    gone: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def take(self, found: Iterable[Observation | Unreadable]) -> None:
        """Add what was read, the good and the bad."""
        for item in found:
            if isinstance(item, Observation):
                self.observations.append(item)
            else:
                self.unreadable.append(item)


@dataclass(frozen=True, slots=True)
class Listing:
    """Threads of a community, or threads that a search finds.

    Attributes:
        kind: `community` or `search`.
        name: the community as the site writes it (`python`, without `r/`), or the words of the search.
        community: where to search; None = everywhere.
        after, before: only threads begun at or after, and before, these moments (ISO 8601 UTC); None = no limit.
    """

    kind: str
    name: str
    community: str | None = None
    after: str | None = None
    before: str | None = None

    @property
    def target(self) -> str:
        """The listing as the target of tasks."""
        where = f" in {self.community}" if self.community else ""
        window = f" {self.after or ''}/{self.before or ''}" if self.after or self.before else ""
        return f"{self.kind}:{self.name}{where}{window}"


class SiteSource(Protocol):
    """Walks threads of one site, one request a task.

    A source may offer two functions more: `listing_tasks(listing: Listing) -> list[Task]`, with which the walk of a
    listing begins, and `recheck_tasks(native_ids: Sequence[str]) -> list[Task]`, which looks again at posts that are
    stored; their tasks go through `fetch` too. A third, `revisit_tasks(thread, known_ids, declared) -> list[Task]`, begins the
    walk of a thread of which posts are stored; `declared` is how many replies it announced when it was last walked.
    """

    NAME: str
    PLATFORM: str

    def first_tasks(self, thread: str) -> list[Task]:
        """The work with which the walk of a thread (its native id) begins."""
        ...

    def fetch(self, task: Task, session: Session, reading: Reading) -> Page:
        """Do one piece of work; raise a `collector.session.SiteError` when the site does not give it."""
        ...


def file_sources() -> dict[str, FileSource]:
    """All sources that read files, by name."""
    return {name: cast("FileSource", module) for name, module in _modules() if hasattr(module, "recognises")}


def site_source(name: str) -> SiteSource:
    """The source that walks a site, by its name."""
    return cast("SiteSource", importlib.import_module(f"collector.sources.{name}"))


def _modules() -> Iterator[tuple[str, Any]]:
    for found in pkgutil.iter_modules(collector.sources.__path__):
        if found.name.endswith(("_files", "_lines")):
            yield found.name, importlib.import_module(f"collector.sources.{found.name}")
