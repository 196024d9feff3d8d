"""JSON log lines of a run, one object a line, for whoever watches runs by machine; written only when asked for.

Each line has `time`, `level` and `event`. What else an event may tell is declared here, and all of it is numbers, the
project's own words and the ids that sites give: no text of a post, no name, no credential. A message is cleansed of what
might be one.
"""

import json
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from db.errors import ConfigurationError

STANDARD_ERROR = "-"
_LONGEST_TEXT = 500

EVENTS: dict[str, tuple[str, frozenset[str]]] = {
    "run_started": ("info", frozenset({"run", "command", "version"})),
    "page": (
        "info",
        frozenset(
            {"run", "source", "target", "kind", "status", "seen", "new", "changed", "unreadable", "left", "waited_ms"}
        ),
    ),
    "problem": ("warning", frozenset({"run", "source", "target", "problem"})),
    "step": ("info", frozenset({"run", "step", "seconds"})),
    "run_ended": ("info", frozenset({"run", "state", "seen", "new", "changed", "problems", "seconds", "retry_after"})),
}
"""What may happen, how much it matters, and which fields tell about it."""

Value = str | int | float | bool | None

_ENDED_ILL = frozenset({"failed", "partial", "refused", "interrupted"})
# A problem quotes what it stumbled over, which may be anything that somebody wrote.
_QUOTED = re.compile(r"(?<!\w)(['\"]).*?\1(?!\w)", re.DOTALL)
_BEARER = re.compile(r"(?i)\b(bearer|basic) [\w.~+/=-]{12,}")
_PARAMETER = re.compile(r"(?i)([\w-]*(?:token|secret|password|authorization|key|feed|user)\s?[=:]\s?)[^\s&]+")
_CREDENTIALS_IN_URL = re.compile(r"(?<=://)[^\s/@]+@")
_NAME = re.compile(r"(?i)((?<![\w/])/?u(?:ser)?/|(?<!\w)@|\b(?:from|to|author):)[\w-]+")


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


class Log:
    """A log that is written to, or one that nobody asked for.

    Writing never raises: what cannot be written is lost, and the run goes on. Use as a context manager, or close it.

    Attributes:
        failure: why a line could not be written, the first time that it happened.
    """

    def __init__(
        self, file: BinaryIO | None = None, *, now: Callable[[], datetime] = utc_now, close: bool = False
    ) -> None:
        self.failure: str | None = None
        self._file, self._now, self._close = file, now, close

    def event(self, name: str, **fields: Value) -> None:
        """Write one line.

        Raises:
            ValueError: the event, or one of its fields, is not declared in `EVENTS`.
        """
        if name not in EVENTS:
            raise ValueError(f"{name!r} is no event that is logged")
        level, known = EVENTS[name]
        if not fields.keys() <= known:
            raise ValueError(f"{name!r} has no {', '.join(sorted(fields.keys() - known))}")
        if fields.get("state") in _ENDED_ILL:
            level = "warning"
        if self._file is None or self.failure is not None:
            return
        moment = self._now().astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        told = {field: cleansed(value) if isinstance(value, str) else value for field, value in fields.items()}
        self._write(json.dumps({"time": moment, "level": level, "event": name, **told}))

    def close(self) -> None:
        """Close the file, if it is the log's own; a second call does nothing."""
        file, self._file = self._file, None
        if file is not None and self._close:
            file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _write(self, line: str) -> None:
        """Write a line whole, or note why not and write no more: half a line may be what is left behind."""
        data = f"{line}\n".encode()
        try:
            written = self._file.write(data) if self._file is not None else 0
        except (OSError, ValueError) as error:
            self.failure = str(error)
        else:
            if written != len(data):
                self.failure = "no space is left for a whole line"


def open_log(path: Path | str | None, *, now: Callable[[], datetime] = utc_now) -> Log:
    """The log that was asked for: a file to be added to, `-` for standard error, None for none.

    Raises:
        ConfigurationError: the file cannot be written to.
    """
    if path is None:
        return Log(now=now)
    if str(path) == STANDARD_ERROR:
        return Log(sys.stderr.buffer, now=now)
    try:
        # Unbuffered: a line is one write, so that a killed run leaves whole lines and two runs do not mix theirs.
        file = Path(path).open("ab", buffering=0)  # noqa: SIM115 - the log closes it
    except OSError as error:
        raise ConfigurationError(
            f"{path}: the log cannot be written: {(error.strerror or str(error)).lower()}",
            hint="--log-json takes a file in a folder that exists, or - for standard error",
        ) from error
    return Log(file, now=now, close=True)


def cleansed(text: str) -> str:
    """A text without credentials, account names and quotations, cut after a few hundred characters."""
    text = _QUOTED.sub(r"\1…\1", text)
    text = _PARAMETER.sub(r"\1…", _BEARER.sub(r"\1 …", text))
    text = _NAME.sub(r"\1…", _CREDENTIALS_IN_URL.sub("", text))
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}…"
