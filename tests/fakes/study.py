"""Studies as people make and use them: a folder, files full of invented posts, and the program with its exit code."""

from __future__ import annotations

import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from groundswell.cli.main import run
from groundswell.starting import start_study
from groundswell.study import find_study

if TYPE_CHECKING:
    from groundswell.study import Study

KEY = "c0ffee" * 11
OTHER_KEY = "badcab" * 11
ROOT = Path(__file__).parents[2]

CODEBOOK = """\
version: 1
codes:
  dear-bread:
    name: Dear bread
    definition: The post says something about the price of bread.
    stance: yes
    statement: bread is too dear
    rules:
      - dear bread
      - match: daylight robbery
        stance: support
    must_match: [ "Such dear bread!" ]
    must_not_match: [ "Bread is dear to me." ]
  queue:
    name: Queue
    definition: The post mentions a queue.
    rules: [ queue* ]
"""

FINDINGS = """\
version: 1
sections:
  - id: prices
    title: Prices
    claims:
      - id: bread-is-dear
        kind: consensus
        code: dear-bread
      - id: queues
        kind: shares
        statement: queues people mention
        code: queue
"""


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command gave back."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def rows(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


def groundswell(*arguments: str | Path, typed: str = "") -> Ran:
    """Run the program in this process, as a shell would: its own exit code, stdout and stderr apart.

    `typed` is what stands on standard input.
    """
    out, err = _stream(), _stream()
    command = ["groundswell", *map(str, arguments)]
    with (
        patch.object(sys, "argv", command),
        patch.object(sys, "stdin", io.StringIO(typed)),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        code = _exit_code()
    return Ran(code, _written(out), _written(err))


def _stream() -> io.TextIOWrapper[io.BytesIO]:
    """A stream of a poor locale, as a pipe may have it."""
    return io.TextIOWrapper(io.BytesIO(), encoding="ascii", newline="\n")


def _written(stream: io.TextIOWrapper[io.BytesIO]) -> str:
    stream.flush()
    return stream.buffer.getvalue().decode()


def _exit_code() -> int:
    try:
        run()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def make_study(
    folder: Path, *, codebook: str = CODEBOOK, findings: str = FINDINGS, study: str | None = None, key: str = KEY
) -> Study:
    """A new study with a key that tests know; files that are not given are those of a blank one or the bread study's."""
    start_study(folder, "blank", "Bread in our town")
    (folder / "codebook.yaml").write_text(codebook, encoding="utf-8")
    (folder / "findings.yaml").write_text(findings, encoding="utf-8")
    if study is not None:
        (folder / "study.yaml").write_text(study, encoding="utf-8")
    give_key(folder, key)
    return find_study(folder, folder)


def give_key(folder: Path, key: str) -> None:
    """Put another key into a study's .env."""
    (folder / ".env").write_text(f"GROUNDSWELL_KEY={key}\n", encoding="utf-8")


def submission(native_id: str = "aaa1", *, title: str = "Bread", text: str = "Such dear bread.", **more: Any) -> Any:
    """A root post as Reddit sends it."""
    data = {
        "id": native_id, "name": f"t3_{native_id}", "title": title, "selftext": text, "author": "mira_k",
        "subreddit": "invented_bakers", "created_utc": 1_767_600_000, "edited": False, "score": 7, "num_comments": 0,
    }  # fmt: skip
    return {"kind": "t3", "data": data | more}


def comment(native_id: str, text: str, *, thread: str = "aaa1", parent: str | None = None, **more: Any) -> Any:
    """A reply as Reddit sends it; `parent` is a fullname, by default the thread's root."""
    data = {
        "id": native_id, "name": f"t1_{native_id}", "body": text, "author": f"baker_{native_id}",
        "link_id": f"t3_{thread}", "parent_id": parent or f"t3_{thread}", "subreddit": "invented_bakers",
        "created_utc": 1_767_600_100, "edited": False, "score": 1, "replies": "",
    }  # fmt: skip
    return {"kind": "t1", "data": data | more}


def thread(root: Any, *replies: Any) -> Any:
    """A saved thread page: a listing with the root and one with the replies."""
    return [{"kind": "Listing", "data": {"children": list(children)}} for children in ([root], replies)]


def save(path: Path, content: Any) -> Path:
    """Write a value as a JSON file; text is written as it stands."""
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def save_lines(path: Path, *rows: Any) -> Path:
    """Write JSON lines; a text is a line as it stands."""
    lines = (row if isinstance(row, str) else json.dumps(row) for row in rows)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def post_line(native_id: str = "p1", **changes: Any) -> dict[str, Any]:
    """A root post in our own format."""
    line = {
        "address": f"example:{native_id}", "platform": "example", "native_id": native_id,
        "thread": f"example:{native_id}", "parent": None, "author": f"author_{native_id}", "kind": "post",
        "community": "r/bakers (invented)", "created_at": "2026-01-03T10:00:00Z", "edited_at": None, "title": "Bread",
        "text": "Such dear bread.", "url": None, "score": 3, "state": "live", "observed_at": "2026-02-01T00:00:00Z",
    }  # fmt: skip
    return line | changes


def coding_line(post: str = "example:p1", **changes: Any) -> dict[str, Any]:
    """A person's coding in our own format."""
    line = {
        "post": post, "code": "dear-bread", "value": "present", "stance": "support", "coder": "ana",
        "coder_kind": "person", "created_at": "2026-02-02T09:00:00Z",
    }  # fmt: skip
    return line | changes


def bread_thread() -> Any:
    """A thread in which one post names dear bread, one a queue and one nothing."""
    return thread(
        submission(num_comments=2),
        comment("bbb1", "I stood in a queue for it."),
        comment("bbb2", "Nice weather.", parent="t1_bbb1"),
    )


def full_study(folder: Path) -> Study:
    """A study with a collected, coded and reported thread, and one person's codings of all its posts."""
    study = make_study(folder)
    saved = save(folder.parent / "bread_thread.json", bread_thread())
    codings = save_lines(
        folder.parent / "bread_codings.jsonl",
        coding_line("reddit:t3_aaa1"),
        coding_line("reddit:t1_bbb1", code="queue", stance=None),
        *(coding_line(post, code="*", value="absent", stance=None) for post in ALL_BREAD),
    )
    for command in (
        ["collect", "import", saved],
        ["code", "apply"],
        ["import", "codings", codings],
        ["report", "build"],
    ):
        ran = groundswell("-C", folder, *command)
        assert ran.code == 0, ran.err
    return study


ALL_BREAD = ("reddit:t3_aaa1", "reddit:t1_bbb1", "reddit:t1_bbb2")
