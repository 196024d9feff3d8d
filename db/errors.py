"""Errors that a person reads: one line that says what failed and where, and a hint that says what to do.

GroundswellError            1  failed, nothing kept of this step
├── ConfigurationError      3  configuration, credentials or key missing or wrong
│   └── FileError              a file that people write is wrong at a place that can be named
├── Partial                 4  something was stored and something failed; run again to finish
├── Busy                    5  another process holds the lock
├── CheckFailed             6  a check said no
└── RefusedBySite           7  the site refuses for now
"""

from pathlib import Path


class GroundswellError(Exception):
    """The base of all errors that are shown without a traceback.

    Args:
        message: what failed, on which thing.
        hint: what the user can do about it.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ConfigurationError(GroundswellError):
    """Raised when settings, credentials, the key or a study file stand in the way."""

    exit_code = 3


class FileError(ConfigurationError):
    """Raised when a file that people write is wrong; names file, line and field."""

    def __init__(
        self,
        path: Path | str,
        problem: str,
        *,
        line: int | None = None,
        field: str | None = None,
        hint: str | None = None,
    ) -> None:
        self.path, self.line, self.field = path, line, field
        place = f"{path}:{line}" if line is not None else f"{path}"
        super().__init__(f"{place}: {field}: {problem}" if field else f"{place}: {problem}", hint=hint)


class Partial(GroundswellError):
    """Raised after a run that stored something and failed at something."""

    exit_code = 4


class Busy(GroundswellError):
    """Raised when another process holds the lock on the study."""

    exit_code = 5


class CheckFailed(GroundswellError):
    """Raised when a check that was asked for says no."""

    exit_code = 6


class RefusedBySite(GroundswellError):
    """Raised when a site refuses for now; the hint tells when to try again."""

    exit_code = 7
