"""GoEmotions through the command line: labelled comments become posts and a person's codings, and a classifier is trained.

GoEmotions (Demszky et al. 2020, Apache-2.0) is 58,000 Reddit comments that people labelled with 27 emotions and "neutral";
the published BERT reaches a macro-F1 of .46 on them. The study is made as any user would make it: posts and codings as JSON
lines through `collect import` and `import codings`, then `code train`. Only the codings of the training part go in; how the
classifier codes the other part is read from `export codings`.

Run it as `python tests/acceptance/goemotions.py FOLDER-OF-LABELLED-DATA` for the figures.
"""

import gzip
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from coding.shares import Judged, PostShare, post_share

AUDIT = 1000
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
    """What came out on the part that was not trained on: for each label the comments that the classifier called it, and
    those that people did, of all comments; and seconds by command.
    """

    called: dict[str, set[str]]
    there: dict[str, set[str]]
    held_out: list[str]
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def f1(self) -> dict[str, float]:
        return {
            name: 2
            * len(self.called[name] & self.there[name])
            / ((len(self.called[name]) + len(self.there[name])) or 1)
            for name in sorted(self.called)
        }

    @property
    def macro_f1(self) -> float:
        return sum(self.f1.values()) / len(self.f1)

    def audited(self, seed: str, size: int = AUDIT) -> dict[str, tuple[PostShare, float]]:
        """By label what an audit of so many comments says of its share, and the share as people labelled all of them."""
        drawn = sorted(self.held_out, key=lambda address: hashlib.sha256(f"{seed} {address}".encode()).digest())[:size]
        chance = size / len(self.held_out)
        found = {}
        for name, called in sorted(self.called.items()):
            judged = [Judged("hit" if one in called else "none", chance, one in self.there[name]) for one in drawn]
            sizes = {"hit": len(called), "none": len(self.held_out) - len(called)}
            found[name] = (post_share(judged, sizes, "hit"), len(self.there[name]) / len(self.held_out))
        return found


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
    return replace(score(folder, exported), seconds=seconds)


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


def is_right(share: PostShare, truth: float) -> bool:
    """Whether an interval holds the truth, or an upper limit lies above it."""
    low, high = share.estimate.lower, share.estimate.upper
    return high is not None and truth <= high and (low is None or low <= truth)


def part_right(found: Sequence[tuple[PostShare, float]]) -> float:
    """The part of audited shares whose interval or limit is right."""
    return sum(is_right(*each) for each in found) / len(found)


def score(folder: Path, exported: str) -> Figures:
    """What the classifier and people called the comments that were not trained on."""
    held_out = {one.address: one.labels for one in comments(folder, "dev")}
    called: dict[str, set[str]] = {name: set() for name in labels(folder)}
    for line in exported.splitlines():
        coding = json.loads(line)
        if coding["coder"] == CODER and coding["post"] in held_out:
            called[coding["code"]].add(coding["post"])
    there = {name: {address for address, said in held_out.items() if name in said} for name in called}
    return Figures(called, there, sorted(held_out))


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as made:
        figures = measure(Path(sys.argv[1]), Path(made) / "study")
    for name, f1 in figures.f1.items():
        sys.stdout.write(f"{name:16} {f1:.3f}\n")
    sys.stdout.write("share of comments, audit of 1,000: truth, estimate, interval, raw machine hits\n")
    for name, (share, truth) in figures.audited("first").items():
        one = share.estimate
        shown = [one.estimate, one.lower, one.upper, share.machine / share.posts]
        cells = " ".join("     -" if each is None else f"{each:6.4f}" for each in shown)
        sys.stdout.write(f"{name:16} {truth:.4f} {cells} {'' if is_right(share, truth) else 'missed'}\n")
    seeds = [f"draw {number}" for number in range(200)]
    draws = [each for seed in seeds for each in figures.audited(seed).values()]
    rare = [each for each in draws if each[0].estimate.lower is None]
    common = [each for each in draws if each[0].estimate.lower is not None]
    sys.stdout.write(f"right in {part_right(draws):.3f} of 28 labels and 200 draws\n")
    sys.stdout.write(f"in the interval {part_right(common):.3f} of {len(common)} with 5 or more positives\n")
    sys.stdout.write(f"below the upper limit {part_right(rare):.3f} of {len(rare)} with fewer; an upper 97.5 % limit\n")
    for command, seconds in figures.seconds.items():
        sys.stdout.write(f"{command:16} {seconds:6.1f} s\n")
    sys.stdout.write(f"macro-F1 {figures.macro_f1:.4f} (goal .49), {sum(figures.seconds.values()):.0f} s in all\n")


if __name__ == "__main__":
    main()
