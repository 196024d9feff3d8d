"""The schedule that was installed for the study, and how its updates went."""

import json
from dataclasses import asdict, dataclass
from sqlite3 import Connection  # noqa: TID251 - this is the one home of SQL

_KEY = "schedule"


@dataclass(frozen=True, slots=True)
class InstalledSchedule:
    """What was asked to start updates.

    Attributes:
        kind: the program that starts them: cron or systemd.
        every: the interval, such as 24h.
        at: the time of day by the local clock, as HH:MM.
        installed_at: since when, as ISO 8601 UTC.
    """

    kind: str
    every: str
    at: str
    installed_at: str


@dataclass(frozen=True, slots=True)
class Update:
    """One run of `groundswell update`: its outcome, when it began, and when it ended (None = it has not, or was killed)."""

    state: str
    started_at: str
    finished_at: str | None


def record_schedule(connection: Connection, schedule: InstalledSchedule) -> None:
    """Remember the schedule that was installed, in the place of an earlier one."""
    connection.execute(
        "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (_KEY, json.dumps(asdict(schedule), sort_keys=True))
    )


def forget_schedule(connection: Connection) -> None:
    """Forget the schedule, if there is one."""
    connection.execute("DELETE FROM meta WHERE key = ?", (_KEY,))


def installed_schedule(connection: Connection) -> InstalledSchedule | None:
    """The schedule that was installed, if any."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (_KEY,)).fetchone()
    return None if row is None else InstalledSchedule(**json.loads(row["value"]))


def last_update(connection: Connection) -> Update | None:
    """The update that was begun last, by the order of the runs and not by their clock."""
    return _newest(connection, "SELECT * FROM runs WHERE command = 'update' ORDER BY id DESC LIMIT 1")


def last_good_update(connection: Connection) -> Update | None:
    """The newest update that came to its end and kept what it found."""
    return _newest(
        connection,
        "SELECT * FROM runs WHERE command = 'update' AND state IN ('done', 'partial') ORDER BY id DESC LIMIT 1",
    )


def _newest(connection: Connection, query: str) -> Update | None:
    row = connection.execute(query).fetchone()
    return None if row is None else Update(row["state"], row["started_at"], row["finished_at"])
