"""What was coded when and by whom, and taking it back: one action at a time, nothing deleted."""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from coding.batches import new_batch, read_batch
from db.errors import GroundswellError
from db.queries import history as queries
from db.queries.history import Action
from db.queries.programs import RunEnd, run_ends
from db.store import Store
from groundswell.backups import back_up_before
from groundswell.study import Study, now
from reports.words import counted

STANDS, PARTLY, UNDONE, NOTHING = "stands", "partly undone", "undone", "wrote nothing"
UNDO = "undo"
_SHOWN = 12
"""How much of a hash is shown as the id of a single coding."""
_HASH = re.compile(r"[0-9a-f]{64}")
_NAMED = 3
"""How many actions a message names before it breaks off."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the history.

    Attributes:
        id: what `code undo` takes; the beginning of it will do.
        at: when it was done (ISO 8601 UTC).
        what: the action, such as import, apply, run or undo; `coding` for one that bears no name.
        coders: whose codings it wrote or took back.
        codings: how many it wrote.
        undoings: how many it took back.
        posts: on how many posts.
        state: stands, partly undone, undone, or wrote nothing, as runs of programs may.
        ended: how the run of a program ended; None for anything else, and where that was not kept.
    """

    id: str
    at: str
    what: str
    coders: tuple[str, ...]
    codings: int
    undoings: int
    posts: int
    state: str
    ended: str | None = None

    def row(self) -> dict[str, Any]:
        """The entry as a row of a table."""
        return {
            "id": self.id[:_SHOWN] if _HASH.fullmatch(self.id) else self.id, "at": self.at, "what": self.what, "coders": ", ".join(self.coders), "codings": self.codings,
            "undone_codings": self.undoings, "posts": self.posts, "state": self.state,
            "ended": self.ended,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undoing did, or would do.

    Attributes:
        entry: the action that was taken back.
        id: the name under which the undoing itself can be undone; None if nothing was done.
        undone: codings that stand no longer.
        brought_back: codings that the action had undone, and that stand again.
    """

    entry: Entry
    id: str | None
    undone: int
    brought_back: int


def history(study: Study, *, coder: str | None = None, since: str | None = None) -> Iterator[Entry]:
    """Every action that wrote or took back codings, and every run of a program, the last one first.

    Args:
        study: the study.
        coder: only those that concern this coder's codings.
        since: only those of this day or later, as YYYY-MM-DD (UTC).
    """
    with study.store() as store:
        for entry in _entries(store):
            if (coder is None or coder in entry.coders) and (since is None or entry.at >= since):
                yield entry


def events(study: Study, name: str) -> Iterator[dict[str, Any]]:
    """The codings that an action wrote or took back, in the order in which they were written.

    Raises:
        GroundswellError: no action, or more than one, bears that name.
    """
    with study.store() as store:
        yield from queries.events_of(store.connection, _named(store, name).id)


def undo(study: Study, name: str | None = None, *, coder: str | None = None, dry_run: bool = False) -> Undone:
    """Take back an action as a whole; people's work is backed up first. An undoing can be undone like anything else.

    Args:
        study: the study.
        name: the action's id or its beginning; None takes the last one that stands and is no undoing itself.
        coder: with no name: the last one that concerns this coder's codings.
        dry_run: change nothing.

    Raises:
        GroundswellError: there is nothing to take back, or it is not clear what is meant.
    """
    with study.store() as store:
        entry = _last(store, coder) if name is None else _named(store, name)
        if entry.state == NOTHING:
            raise GroundswellError(f"{entry.id} wrote nothing that could be undone", hint="groundswell code log")
        if entry.state == UNDONE:
            raise GroundswellError(f"{entry.id} is undone already", hint="groundswell code log tells what was done")
        if dry_run:
            standing = [event for event in queries.events_of(store.connection, entry.id) if not event["undone"]]
            undoings = sum(event["undoes"] for event in standing)
            return Undone(entry, None, len(standing) - undoings, undoings)
        back_up_before(study, UNDO)
        moment = now()
        batch = new_batch(UNDO, moment)
        with store.write() as connection:
            undone, brought_back = queries.take_back_action(connection, entry.id, batch, moment)
    return Undone(entry, batch, undone, brought_back)


def undone_line(done: Undone) -> str:
    """What an undoing did, or would do, for people."""
    would = done.id is None
    parts = []
    if done.undone or not done.brought_back:
        parts.append(f"{counted(done.undone, 'coding')} {'would be ' if would else ''}undone")
    if done.brought_back:
        stand = "would stand" if would else "stands" if done.brought_back == 1 else "stand"
        parts.append(f"{counted(done.brought_back, 'coding')} {stand} again")
    entry = done.entry
    return f"{entry.what} of {entry.at} ({', '.join(entry.coders)}): {', '.join(parts)}"


def _entries(store: Store) -> Iterator[Entry]:
    """All actions, and among them by their time the runs of programs that wrote nothing."""
    ends = {one.id: one for one in run_ends(store.connection)}
    entries = [_entry(action, ends.pop(action.id, None)) for action in queries.actions(store.connection)]
    silent = deque(Entry(one.id, one.at, "run", (one.coder,), 0, 0, 0, NOTHING, one.ended) for one in ends.values())
    for entry in entries:
        while silent and silent[0].at >= entry.at:
            yield silent.popleft()
        yield entry
    yield from silent


def _entry(action: Action, run: RunEnd | None) -> Entry:
    batch = read_batch(action.id)
    events_ = action.codings + action.undoings
    return Entry(
        id=action.id,
        at=action.at if batch is None else batch.at,
        what="coding" if batch is None else batch.action,
        coders=tuple(name for name, _ in action.coders),
        codings=action.codings,
        undoings=action.undoings,
        posts=action.posts,
        state=STANDS if action.standing == events_ else PARTLY if action.standing else UNDONE,
        ended=None if run is None else run.ended,
    )


def _named(store: Store, name: str) -> Entry:
    """The one action whose id is, or begins with, a name."""
    found = [entry for entry in _entries(store) if entry.id.startswith(name)]
    found = [entry for entry in found if entry.id == name] or found
    if not found:
        raise GroundswellError(f"{name}: no action of this study has that id", hint="groundswell code log shows them")
    if len(found) > 1:
        shown = ", ".join(entry.id for entry in found[:_NAMED])
        more = " …" if len(found) > _NAMED else ""
        raise GroundswellError(
            f"{name}: {len(found)} actions have ids that begin so: {shown}{more}", hint="give more of it"
        )
    return found[0]


def _last(store: Store, coder: str | None) -> Entry:
    """The last action that stands, wholly or partly, and is no undoing itself."""
    for entry in _entries(store):
        if entry.state not in (UNDONE, NOTHING) and entry.what != UNDO and (coder is None or coder in entry.coders):
            return entry
    whose = "" if coder is None else f" of {coder}"
    raise GroundswellError(f"there is no coding{whose} that could be undone", hint="groundswell code log")
