"""Work done as the run loop does it, without a database: each piece once, its payload through JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from fakes.collecting import PEOPLE, SEEN

from collector.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collector.source import Page
    from db.queries.runs import Task
    from db.records import Observation


@dataclass(slots=True)
class Worked:
    """All pages that came, and how large the largest payload was."""

    pages: list[Page] = field(default_factory=list)
    longest_payload: int = 0

    @property
    def observations(self) -> list[Observation]:
        return [seen for page in self.pages for seen in page.observations]

    @property
    def comments(self) -> set[str]:
        """The bare ids of all comments that came."""
        return {seen.native_id[3:] for seen in self.observations if seen.parent is not None}

    def all_of(self, name: str) -> list[Any]:
        """What all pages hold under a name, in order."""
        return [item for page in self.pages for item in getattr(page, name)]


def work(source: Any, session: Any, tasks: Iterable[Task]) -> Worked:
    """Do tasks and all that follow from them, the oldest first; none may come twice."""
    worked, waiting, done = Worked(), list(tasks), set()
    while waiting:
        task = waiting.pop(0)
        payload = json.dumps(task.payload, sort_keys=True)
        assert (task.target, task.kind, payload) not in done
        done.add((task.target, task.kind, payload))
        worked.longest_payload = max(worked.longest_payload, len(payload))
        page = source.fetch(replace(task, payload=json.loads(payload)), session, Reading(PEOPLE, SEEN))
        worked.pages.append(page)
        waiting += page.tasks
    return worked
