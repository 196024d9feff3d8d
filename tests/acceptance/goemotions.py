"""GoEmotions through the command line: labelled comments become posts and a person's codings, and a classifier is trained.

GoEmotions (Demszky et al. 2020, Apache-2.0) is 58,000 Reddit comments that people labelled with 27 emotions and "neutral";
the published BERT reaches a macro-F1 of .46 on them. The study is made as any user would make it: posts and codings as JSON
lines through `collect import` and `import codings`, then `code train`. Only the codings of the training part go in; how the
classifier codes the other part is read from `export codings`.

Run it as `python tests/acceptance/goemotions.py FOLDER-OF-LABELLED-DATA` for the figures.
"""

import gzip
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CODER = "tfidf"
KEY = "ab" * 32
PARTS = ("train", "dev")
SEEN = "2020-02-01T00:00:00Z"


@dataclass(frozen=True)
class Comment:
    """A labelled comment: its id, its words, and what people called it."""

    id: str
    text: str
    labels: frozenset[str]

    @property
    def address(self) -> str:
        return f"csv:{self.id}"


@dataclass
class Figures:
    """What came out: F1 by label on the part that was not trained on, and seconds by command."""

    f1: dict[str, float]
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def macro_f1(self) -> float:
        return sum(self.f1.values()) / len(self.f1)


def labels(folder: Path) -> list[str]:
    return (folder / "goemotions_labels.txt").read_text(encoding="utf-8").split()


def comments(folder: Path, part: str) -> Iterator[Comment]:
    names = labels(folder)
    with gzip.open(folder / f"goemotions_{part}.tsv.gz", "rt", encoding="utf-8", newline="\n") as lines:
        for line in lines:
            text, numbers, name = line.rstrip("\n").split("\t")
            yield Comment(name, text, frozenset(names[int(number)] for number in numbers.split(",")))


def measure(folder: Path, root: Path) -> Figures:
    """Make the study at `root`, train, and compare what the classifier says with what people said."""
    seconds: dict[str, float] = {}

    def run(*arguments: str) -> str:
        began = time.monotonic()
        done = groundswell(root, *arguments)
        seconds[" ".join(arguments[:2])] = time.monotonic() - began
        return done

    subprocess.run(
        [sys.executable, "-m", "groundswell", "init", str(root)], check=True, capture_output=True, env=_env()
    )
    (root / "codebook.yaml").write_text(codebook(labels(folder)), encoding="utf-8")
    posts = write(root.parent / "posts.jsonl", (_post(one) for part in PARTS for one in comments(folder, part)))
    codings = write(
        root.parent / "codings.jsonl", (said for one in comments(folder, "train") for said in _codings(one))
    )
    run("collect", "import", str(posts))
    run("import", "codings", str(codings))
    run("code", "train", "--yes")
    exported = run("export", "codings")
    return Figures(score(folder, exported), seconds)


def groundswell(root: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "groundswell", "-C", str(root), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False, env=_env())
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout


def _env() -> dict[str, str]:
    return {**os.environ, "GROUNDSWELL_KEY": KEY}


def codebook(names: list[str]) -> str:
    entries = (
        f"  {name}:\n    name: {name.title()}\n    definition: The comment expresses {name}.\n" for name in names
    )
    return "version: 1\ncodes:\n" + "".join(entries)


def write(path: Path, lines: Iterator[dict[str, Any]]) -> Path:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)
    return path


def _post(comment: Comment) -> dict[str, Any]:
    """Neither threads nor authors were published, so that each comment stands by itself."""
    return {
        "address": comment.address, "platform": "csv", "native_id": comment.id, "thread": comment.address, "parent": None,
        "author": None, "kind": "comment", "created_at": "2020-01-01T00:00:00Z", "title": None, "text": comment.text,
        "observed_at": SEEN,
    }  # fmt: skip


def _codings(comment: Comment) -> Iterator[dict[str, Any]]:
    said = {"post": comment.address, "coder": "raters", "coder_kind": "person", "created_at": SEEN}
    yield said | {"code": "*", "value": "absent"}
    for label in sorted(comment.labels):
        yield said | {"code": label, "value": "present"}


def score(folder: Path, exported: str) -> dict[str, float]:
    """F1 by label on the part that was not trained on."""
    held_out = {one.address: one.labels for one in comments(folder, "dev")}
    called: dict[str, set[str]] = {name: set() for name in labels(folder)}
    for line in exported.splitlines():
        coding = json.loads(line)
        if coding["coder"] == CODER and coding["post"] in held_out:
            called[coding["code"]].add(coding["post"])
    there = {name: {address for address, said in held_out.items() if name in said} for name in called}
    return {
        name: 2 * len(called[name] & there[name]) / ((len(called[name]) + len(there[name])) or 1)
        for name in sorted(called)
    }


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as made:
        figures = measure(Path(sys.argv[1]), Path(made) / "study")
    for name, f1 in figures.f1.items():
        sys.stdout.write(f"{name:16} {f1:.3f}\n")
    for command, seconds in figures.seconds.items():
        sys.stdout.write(f"{command:16} {seconds:6.1f} s\n")
    sys.stdout.write(f"macro-F1 {figures.macro_f1:.4f} (goal .49), {sum(figures.seconds.values()):.0f} s in all\n")


if __name__ == "__main__":
    main()
