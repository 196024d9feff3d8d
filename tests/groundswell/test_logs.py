from __future__ import annotations

import io
import json
import os
import sys
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import ConfigurationError
from groundswell.logs import EVENTS, Log, cleansed, open_log

if TYPE_CHECKING:
    from pathlib import Path

NOON = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)
BETWEEN_LINES = "\u2028\u2029\x85\x0b"


def _noon() -> datetime:
    return NOON


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="ascii").splitlines()]


class Failing(io.BytesIO):
    """A file that fails from a given write on, or takes a part of it only."""

    def __init__(self, failure: Exception | None, after: int = 0) -> None:
        super().__init__()
        self._failure, self._left = failure, after

    def write(self, data: Any) -> int:
        self._left -= 1
        if self._left >= 0:
            return super().write(data)
        if self._failure is None:
            return super().write(bytes(data)[:5])
        raise self._failure


def test_each_event_is_one_line_with_time_level_and_its_fields(tmp_path: Path) -> None:
    with open_log(tmp_path / "log", now=_noon) as log:
        log.event("run_started", run=3, command="update", version="0.1.0")
        log.event("page", run=3, source="arctic_shift", target="t3_a", status=200, new=2, changed=0, waited_ms=500)
        log.event("problem", run=3, target="t3_a", problem="gone: HTTP 404")
        log.event("run_ended", run=3, state="done", seconds=1.5, retry_after=None)

    head = {"time": "2026-03-01T12:00:00.250Z"}
    assert _rows(tmp_path / "log") == [
        {**head, "level": "info", "event": "run_started", "run": 3, "command": "update", "version": "0.1.0"},
        {
            **head, "level": "info", "event": "page", "run": 3, "source": "arctic_shift", "target": "t3_a",
            "status": 200, "new": 2, "changed": 0, "waited_ms": 500,
        },
        {**head, "level": "warning", "event": "problem", "run": 3, "target": "t3_a", "problem": "gone: HTTP 404"},
        {
            **head, "level": "info", "event": "run_ended", "run": 3, "state": "done", "seconds": 1.5,
            "retry_after": None,
        },
    ]  # fmt: skip


@pytest.mark.parametrize("state", ["failed", "partial", "refused", "interrupted"])
def test_a_run_that_did_not_end_well_is_a_warning(tmp_path: Path, state: str) -> None:
    with open_log(tmp_path / "log") as log:
        log.event("run_ended", state=state)

    assert _rows(tmp_path / "log")[0]["level"] == "warning"


def test_a_clock_of_another_zone_is_told_in_utc() -> None:
    file = io.BytesIO()

    Log(file, now=lambda: NOON.astimezone(timezone(timedelta(hours=5)))).event("step", step="report")

    assert json.loads(file.getvalue())["time"] == "2026-03-01T12:00:00.250Z"


def test_without_a_clock_given_the_time_is_now() -> None:
    file = io.BytesIO()

    Log(file).event("step", step="report")

    told = datetime.fromisoformat(json.loads(file.getvalue())["time"])
    assert abs(datetime.now(UTC) - told) < timedelta(minutes=1)


def test_a_later_run_adds_to_the_file(tmp_path: Path) -> None:
    for run in (1, 2):
        with open_log(str(tmp_path / "log")) as log:
            log.event("run_started", run=run)

    assert [row["run"] for row in _rows(tmp_path / "log")] == [1, 2]


def test_a_line_is_in_the_file_as_soon_as_it_is_told(tmp_path: Path) -> None:
    with open_log(tmp_path / "log") as log:
        log.event("run_started", run=1)

        assert len(_rows(tmp_path / "log")) == 1


def test_nobody_asked_for_a_log_and_nothing_is_written(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with open_log(None) as log:
        log.event("run_started", run=1)

    assert (log.failure, list(tmp_path.iterdir()), capfd.readouterr()) == (None, [], ("", ""))


def test_a_dash_is_standard_error_because_results_have_standard_output(
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    with open_log("-") as log:
        log.event("run_started", run=1)
    sys.stderr.write("still open")
    sys.stderr.flush()

    out, err = capfdbinary.readouterr()
    assert out == b""
    assert json.loads(err.splitlines()[0])["run"] == 1
    assert err.endswith(b"still open")


def test_a_log_that_cannot_be_opened_is_an_error_before_the_run(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="the log cannot be written: no such file") as raised:
        open_log(tmp_path / "nowhere" / "log")

    assert raised.value.hint is not None


@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), BrokenPipeError(32, "Broken pipe"), None])
def test_a_failing_write_is_remembered_and_ends_the_log_not_the_run(failure: Exception | None) -> None:
    file = Failing(failure, after=1)
    log = Log(file)

    for run in range(4):
        log.event("run_started", run=run)

    assert len(file.getvalue().splitlines()) == (1 if failure else 2)
    assert log.failure is not None
    assert (str(failure) if failure else "no space is left for a whole line") == log.failure


def test_a_file_that_somebody_closed_ends_the_log_not_the_run() -> None:
    file = io.BytesIO()
    file.close()
    log = Log(file)

    log.event("run_started", run=1)

    assert log.failure is not None


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only Linux has a device that is always full")  # noqa: PTH110 - a device, at import
def test_a_full_disk_ends_the_log_not_the_run() -> None:
    with open_log("/dev/full") as log:
        log.event("run_started", run=1)

    assert log.failure == "[Errno 28] No space left on device"


def test_a_reader_that_went_away_ends_the_log_not_the_run() -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    with os.fdopen(theirs, "wb", buffering=0) as pipe:
        log = Log(pipe)
        log.event("run_started", run=1)

    assert log.failure is not None


def test_a_closed_log_is_silent(tmp_path: Path) -> None:
    log = open_log(tmp_path / "log")
    log.close()
    log.close()
    log.event("run_started", run=1)

    assert (_rows(tmp_path / "log"), log.failure) == ([], None)


def test_an_event_that_is_not_declared_is_a_mistake_of_ours_and_told_without_a_log_too() -> None:
    with pytest.raises(ValueError, match="'post' is no event"):
        Log().event("post")


def test_a_field_that_is_not_declared_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="'page' has no author, text"):
        Log().event("page", run=1, text="what somebody wrote", author="mira")


def test_no_event_has_a_field_for_what_people_wrote_or_who_they_are() -> None:
    fields = {field for _, known in EVENTS.values() for field in known}

    assert fields & {"text", "title", "author", "name", "url", "key", "token", "time", "level", "event"} == set()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Authorization: Bearer abcdefghijklmnop.q-r_s/t=", "Authorization: … …"),
        ("sent Bearer abcdefghijklmnopqrst away", "sent Bearer … away"),
        ("Basic aWQ6c2VjcmV0c2VjcmV0 refused", "Basic … refused"),
        ("basic research", "basic research"),
        ("GET /.rss?feed=0123abcd&user=mira&limit=5", "GET /.rss?feed=…&user=…&limit=5"),
        ("client_secret=hush access_token=hush x-api-key: hush", "client_secret=… access_token=… x-api-key: …"),
        ("https://mira:hush@example.org/a", "https://example.org/a"),
        ("u/mira_k and /u/mira-k, /user/mira and @mira", "u/… and /u/…, /user/… and @…"),
        ("from:mira bread", "from:… bread"),
        ("r/bakers t3_aaa1", "r/bakers t3_aaa1"),
        ("line 3: 'what somebody wrote' is no time", "line 3: '…' is no time"),
        ('line 3: "it\'s mine" is no time', 'line 3: "…" is no time'),
        ("the site's answer isn't JSON", "the site's answer isn't JSON"),
    ],
)
def test_a_message_is_cleansed_of_credentials_names_and_quotations(text: str, shown: str) -> None:
    assert cleansed(text) == shown


def test_a_long_message_is_cut() -> None:
    assert cleansed("x" * 10_000) == "x" * 500 + "…"


@given(st.text(st.characters(codec=None) | st.sampled_from(BETWEEN_LINES)))
def test_whatever_a_message_holds_it_stays_on_one_line_of_ascii(text: str) -> None:
    file = io.BytesIO()

    Log(file).event("problem", problem=text)

    line = file.getvalue().decode("ascii")
    assert line.splitlines() == [line.removesuffix("\n")]
    assert json.loads(line)["event"] == "problem"
