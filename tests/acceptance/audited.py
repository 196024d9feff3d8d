"""The recordings with two headline codes audited by a person: raw machine shares beside corrected ones, verdicts and needs.

Authors were drawn for each code as for any audit (S8 of docs/explanation/statistics.md), and one person read their posts
until a present one was found. What was decided lies in audit_decisions.tsv: the code, a hash of the post's address, and the
value; no text, no name.

Run it as `python tests/acceptance/audited.py FOLDER-OF-RECORDINGS` for the figures.
"""

import csv
import hashlib
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

AUDITS = {"audit-semantic-cache": "practice.eff.semantic-cache", "audit-llm-judge": "practice.eval.llm-judge"}
"""Their names are part of the draw: another name draws others."""
DECISIONS = Path(__file__).with_name("audit_decisions.tsv")
KEY = "ab" * 32
THREADS = ("arctic_shift", "reddit_threads", "reddit_recollect")
CLAIMS = """
  - id: audited
    title: Practices that were audited
    claims:
      - {id: caching, kind: shares, code: practice.eff.semantic-cache, headline: true}
      - {id: judges, kind: shares, code: practice.eval.llm-judge, headline: true}
"""


@dataclass(frozen=True)
class Decision:
    """What the reader decided of a post, named by a hash of its address."""

    code: str
    post: str
    value: str


def decisions() -> list[Decision]:
    """All that was decided."""
    with DECISIONS.open(encoding="utf-8", newline="") as file:
        return [Decision(**row) for row in csv.DictReader(file, delimiter="\t")]


def name_of(address: str) -> str:
    """The hash that stands for a post."""
    return hashlib.sha256(address.encode()).hexdigest()[:16]


def report_on(data: Path, root: Path) -> dict[str, Any]:
    """Make a study of the recordings at `root`, code it, bring the decisions in, and build its report."""
    _run(root.parent, "init", str(root), "--example", "ai-engineer")
    (root / ".env").write_text(f"GROUNDSWELL_KEY={KEY}\n", encoding="utf-8")
    with closing(sqlite3.connect(root / "study.db", isolation_level=None)) as database:
        database.execute("DELETE FROM meta WHERE key = 'key_fingerprint'")
    folders = (data / "acceptance" / name for name in THREADS)
    files = [*(path for folder in folders for path in sorted(folder.rglob("*.json"))), *(data / "corpus").glob("*.zst")]
    _run(root, "collect", "import", *map(str, sorted(files)))
    _run(root, "code", "apply")
    for name, code in AUDITS.items():
        _run(root, "code", "sample", "draw", "audit", "--code", code, "--name", name)
    lines = root / "decisions.jsonl"
    lines.write_text("".join(_codings(root)), encoding="utf-8")
    _run(root, "import", "codings", str(lines))
    findings = root / "findings.yaml"
    findings.write_text(findings.read_text(encoding="utf-8").rstrip() + "\n" + CLAIMS, encoding="utf-8")
    _run(root, "report", "build")
    report: dict[str, Any] = json.loads((root / "reports" / "report.json").read_text(encoding="utf-8"))
    return report


def _run(folder: Path, *arguments: str) -> None:
    command = [
        sys.executable,
        "-m",
        "groundswell",
        *([] if arguments[0] == "init" else ["-C", str(folder)]),
        *arguments,
    ]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "GROUNDSWELL_KEY": KEY})


def _codings(root: Path) -> Iterator[str]:
    with closing(sqlite3.connect(root / "study.db")) as database:
        addresses = {name_of(address): address for (address,) in database.execute("SELECT address FROM posts")}
    for one in decisions():
        coding = {
            "post": addresses[one.post], "code": one.code, "value": one.value, "coder": "developer", "blind": True,
            "created_at": "2026-11-26T10:00:00Z",
        }  # fmt: skip
        yield json.dumps(coding) + "\n"


def claims(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The claims of a report by id."""
    return {claim["id"]: claim for section in report["sections"] for claim in section["claims"]}


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %"


def main(data: Path) -> None:
    """Print what the report says of every claim, and of the audited ones the raw share beside the corrected."""
    with tempfile.TemporaryDirectory() as folder:
        found = claims(report_on(data, Path(folder) / "study"))
    for name, claim in found.items():
        print(name, claim["verdict"], claim["basis"], json.dumps(claim["need"]), sep="\t")  # noqa: T201
    for name in ("caching", "judges"):
        figure = found[name]["figures"][0]
        audit, share = figure["audit"], figure["share"]
        print(  # noqa: T201
            f"{name}: raw {audit['machine_count']} of {audit['authors']:,} ({_percent(audit['machine_count'] / audit['authors'])}),"
            f" corrected {_percent(share['estimate'])}, in what was collected {_percent(audit['collected']['lower'])} to"
            f" {_percent(audit['collected']['upper'])}, among authors of such threads {_percent(share['lower'])} to"
            f" {_percent(share['upper'])}; {audit['drawn']} drawn, {audit['undecided']} undecided,"
            f" {audit['unflagged']} found among the unflagged, each of whom stands for {audit['stands_for']}"
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
