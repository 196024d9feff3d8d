"""What a source offers, and how sources are found: by the name of their file."""

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

import collector.sources
from collector.reddit_items import Reading
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
    """What one request brought: posts, items that could not be read, and further work."""

    observations: list[Observation] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)


class SiteSource(Protocol):
    """Walks threads of one site, one request a task."""

    NAME: str

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
