"""A study in which every text that somebody else may write is an attempt on whoever reads it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from fakes.study import ALL_BREAD, bread_thread, coding_line, groundswell, make_study, save, save_lines

from groundswell.study import find_study

if TYPE_CHECKING:
    from pathlib import Path

    from groundswell.study import Study

ATTEMPTS = (
    "<script>window.PWNED=1</script>",
    "\"><img src=x onerror='window.PWNED=1'>",
    "'><svg onload=window.PWNED=1>",
    "' onmouseover='window.PWNED=1' autofocus onfocus='window.PWNED=1' x='",
    '<a href="javascript:window.PWNED=1">click</a>',
    "[click](javascript:window.PWNED=1)",
    "[click](data:text/html,<script>window.PWNED=1</script>)",
    "![seen](https://evil.example/seen.png)",
    "<img src=https://evil.example/seen.png>",
    "https://evil.example/\"onmouseover='window.PWNED=1'",
    "</textarea></title></style></script><script>window.PWNED=1</script>",
    '<iframe srcdoc="<script>parent.PWNED=1</script>"></iframe>',
    "<svg><style>@import url(https://evil.example/x.css)</style></svg>",
    '<meta http-equiv="refresh" content="0;url=https://evil.example/">',
    "<base href=//evil.example/>",
    "<form action=https://evil.example/><button autofocus>Save</button></form>",
    '<link rel="stylesheet" href="https://evil.example/x.css">',
    '<div hx-get="https://evil.example/" hx-trigger="load" hx-on:load="window.PWNED=1"></div>',
    "{{ 7 * 191 }}{% include 'base.html' %}${7*191}",
    "<b><i><!-- <![CDATA[ &#60;script&#62;",
    "\u202egnp.exe \u2066isolated \x1b]0;title\x07\x00\x9b31m",
)
LINE = " ".join(ATTEMPTS)
TEXT = "\n\n".join(ATTEMPTS)
IN_A_FILE = re.sub(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", "", LINE)
"""The same without control signs, which the study's files refuse."""
LONG_LINE = "<script>window.PWNED=1</script> " + "flour" * 200_000
LINKS = (
    "javascript:window.PWNED=1",
    'https://evil.example/"><script>window.PWNED=1</script>',
    "data:text/html,x",
    "//evil.example",
)

ADDRESS = 'reddit:"><script>window.PWNED=1</script>/../?a=b&c#%2e'
WITHOUT_NUMBERS = frozenset({"sources", "tags", "program_runs"})

WRITTEN_BY_OTHERS: dict[str, tuple[str, ...]] = {
    "posts": ("title", "text", "url", "quoted"),
    "revisions": ("title", "text"),
    "communities": ("name",),
    "authors": ("address",),
    "threads": ("url",),
    "tags": ("tag",),
    "memos": ("text", "origin"),
    "leads": ("origin", "place", "claim", "link", "problem"),
    "quotes": ("name", "note", "made_by"),
    "sources": ("name", "state", "problem"),
    "frontier": ("problem",),
    "requests": ("source", "url", "error"),
    "runs": ("command", "parameters"),
    "unreadable": ("position", "problem", "item"),
    "coders": ("name",),
    "coding_events": ("reason", "version"),
    "code_changes": ("reason", "made_by"),
    "program_runs": ("command", "version", "ended"),
    "exports": ("kind",),
}
"""The columns that hold what sites, files, other people or other programs gave."""


def _codebook(attempt: str) -> str:
    return f"""\
version: 1
codes:
  dear-bread:
    name: {json.dumps("Dear bread" + attempt)}
    definition: {json.dumps("The post says something about the price of bread." + attempt)}
    include: {json.dumps("Rolls are bread." + attempt)}
    stance: yes
    statement: {json.dumps("bread is too dear" + attempt)}
    rules:
      - dear bread
    must_match: [ "Such dear bread!" ]
  queue:
    name: Queue
    definition: The post mentions a queue.
    rules: [ queue* ]
"""


def _findings(attempt: str) -> str:
    return f"""\
version: 1
sections:
  - id: prices
    title: {json.dumps("Prices" + attempt)}
    claims:
      - id: bread-is-dear
        kind: consensus
        code: dear-bread
      - id: queues
        kind: shares
        statement: {json.dumps("queues people mention" + attempt)}
        code: queue
"""


def _study(attempt: str) -> str:
    return f"""\
version: 1
title: {json.dumps("Bread in our town" + attempt)}
question: {json.dumps("What is it worth?" + attempt)}
coders: [ana, ben]
sources:
  - import: {json.dumps("invented" + attempt)}
"""


BENIGN_CODEBOOK, HOSTILE_CODEBOOK = _codebook(""), _codebook(f" {IN_A_FILE}")
BENIGN_FINDINGS, HOSTILE_FINDINGS = _findings(""), _findings(f" {IN_A_FILE}")
BENIGN_STUDY, HOSTILE_STUDY = _study(""), _study(f" {IN_A_FILE}")
_ROWS = (
    "INSERT INTO memos (about, text, origin, created_at) VALUES ('reddit:t3_aaa1', 'm', 'o', '2026-01-01T00:00:00Z')",
    (
        "INSERT INTO leads (uid, origin, place, claim, link, thread, problem, created_at) VALUES"
        " ('lead1', 'o', '1', 'c', 'l', 'reddit:t3_aaa1', NULL, '2026-01-01T00:00:00Z'),"
        " ('lead2', 'o', '2', 'c', 'l', 'reddit:t3_zzz', 'p', '2026-01-01T00:00:00Z')"
    ),
    "INSERT INTO sources (name, last_at, state, problem) VALUES ('s', '2026-01-01T00:00:00Z', 'failed', 'p')",
    (
        "INSERT INTO frontier (source, target, kind, payload, state, problem)"
        " VALUES ('reddit_api', 'aaa1', 'k', 'p', 'gave_up', 'p')"
    ),
    (
        'INSERT INTO quotes (uid, post, start, "end", text_sha, name, reason, note, made_by, made_at)'
        " SELECT 'quote1', id, 0, 5, text_sha, 'n', 'agreed', 'n', 'ana', '2026-01-01T00:00:00Z' FROM posts LIMIT 1"
    ),
    "INSERT INTO unreadable (sha256, position, problem, item, seen_at) VALUES ('a', 'p', 'p', 'i', '2026-01-01T00:00:00Z')",
    "UPDATE threads SET declared_count = 9, coverage = 0.2",
)


def furnished_study(
    folder: Path, *, codebook: str = BENIGN_CODEBOOK, findings: str = BENIGN_FINDINGS, study: str = BENIGN_STUDY
) -> Study:
    """A study with something on every screen: codings of three people, a closed round in which they differ, an open one,
    leads, a quote, memos, sources that failed, and a report.
    """
    made = make_study(folder, codebook=codebook, findings=findings, study=study)
    thread = save(folder.parent / "thread.json", bread_thread())
    lines = [
        *(
            coding_line(post, code="*", value="absent", stance=None, coder=coder, round="first")
            for post in ALL_BREAD
            for coder in ("ana", "ben")
        ),
        coding_line(ALL_BREAD[0], round="first"),
        coding_line(ALL_BREAD[0], coder="ben", stance="dispute", round="first"),
        coding_line(ALL_BREAD[1], coder="zoe", code="queue", stance=None),
    ]
    run(folder, "collect", "import", thread)
    run(folder, "code", "apply")
    run(folder, "code", "sample", "draw", "reliability", "--name", "twice")
    run(folder, "code", "round", "start", "twice", "--name", "first", "--coder", "ana", "--coder", "ben")
    run(folder, "import", "codings", save_lines(folder.parent / "codings.jsonl", *lines))
    run(folder, "code", "round", "close", "first")
    run(folder, "code", "round", "start", "twice", "--name", "second", "--coder", "ben", "--coder", "zoe")
    with made.store() as store, store.write() as connection:
        for row in _ROWS:
            connection.execute(row)
    run(folder, "report", "build")
    return find_study(folder, folder)


def hostile_study(folder: Path) -> Study:
    """The same with an attempt in whatever others may have written."""
    study = furnished_study(folder, codebook=HOSTILE_CODEBOOK, findings=HOSTILE_FINDINGS, study=HOSTILE_STUDY)
    _poison(study)
    run(folder, "report", "build")
    return study


def run(folder: Path, *command: str | Path) -> None:
    ran = groundswell("-C", folder, *command)
    assert ran.code == 0, ran.err


def _poison(study: Study) -> None:
    """Put an attempt into every text that others wrote; what must be unique stays so by its row's number."""
    with study.store() as store, store.write() as connection:
        for table, columns in WRITTEN_BY_OTHERS.items():
            for column in columns:
                number = "" if table in WITHOUT_NUMBERS else " || ' ' || rowid"
                value = TEXT if column == "text" else LINE
                connection.execute(
                    f"UPDATE {table} SET {column} = substr({column}, 1, 20) || ' ' || ?{number}", (value,)
                )
        connection.execute("UPDATE coders SET name = substr(name, 1, 3) WHERE name LIKE 'ana%' OR name LIKE 'ben%'")
        for post, link in zip(ALL_BREAD, LINKS, strict=False):
            connection.execute("UPDATE posts SET url = ? WHERE address = ?", (link, post))
        connection.execute("UPDATE threads SET url = ?", (LINKS[1],))
        connection.execute("UPDATE leads SET link = ?", (LINKS[0],))
        connection.execute("UPDATE posts SET title = ? WHERE parent IS NULL", (f"{LINE} {LINE}",))
        connection.execute("UPDATE posts SET text = ? WHERE address = ?", (LONG_LINE, ALL_BREAD[1]))
        connection.execute("UPDATE posts SET address = ? WHERE address = ?", (ADDRESS, ALL_BREAD[2]))
