"""GoEmotions through the command line: labelled comments become posts and a person's codings, and a classifier is trained.

GoEmotions (Demszky et al. 2020, Apache-2.0) is 58,000 Reddit comments that people labelled with 27 emotions and "neutral";
the published BERT reaches a macro-F1 of .46 on them. The study is made as any user would make it: posts and codings as JSON
lines through `collect import` and `import codings`, then `code train`. Only the codings of the training part go in; how the
classifier codes the other part is read from `export codings`.

The other part is then a study of its own, whose shares of comments are asked for: what the classifier said of it is said by a
program (`code run`), an audit of 1,000 comments is drawn and read blind in a round by what people had called them, and
`code sample shares` has the answer.

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

from coding.shares import Judged, post_share

AUDIT = 1000
CODER = "tfidf"
KEY = "ab" * 32
PARTS = ("train", "dev")
PROGRAM = "replayed"
RATERS = "raters"
SEEN = "2020-02-01T00:00:00Z"

# The classifier as a program that codes: it reads the codebook and comments, and says what it was told to say of each.
REPLAY = """
import json, sys
called = json.load(open(sys.argv[1], encoding="utf-8"))
next(sys.stdin)
print(json.dumps({"version": "1"}))
for post in (json.loads(line)["post"] for line in sys.stdin):
    for code in called.get(post, ()):
        print(json.dumps({"post": post, "code": code, "value": "present"}))
"""


@dataclass(frozen=True)
class Comment:
    """A labelled comment: its id, its words, and what people called it."""

    id: str
    text: str
    labels: frozenset[str]

    @property
    def address(self) -> str:
        return f"csv:{self.id}"


@dataclass(frozen=True)
class Audited:
    """A label's share of comments as an audit has it, or its upper limit alone, beside the truth and the raw hits."""

    truth: float
    raw: float
    estimate: float | None
    lower: float | None
    upper: float | None

    @property
    def rare(self) -> bool:
        """Whether the audit found too few for more than a limit."""
        return self.estimate is None

    @property
    def right(self) -> bool:
        """Whether the interval holds the truth, or the upper limit lies above it."""
        return self.upper is not None and (self.lower or 0.0) <= self.truth <= self.upper


@dataclass
class Figures:
    """What came out on the part that was not trained on: for each label the comments that the classifier called it, and
    those that people did, of all comments; the shares by the tool's audit; and seconds by command.
    """

    called: dict[str, set[str]]
    there: dict[str, set[str]]
    held_out: list[str]
    shares: dict[str, Audited] = field(default_factory=dict)
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

    def truth(self, name: str) -> float:
        return len(self.there[name]) / len(self.held_out)

    def audited(self, seed: str) -> list[Audited]:
        """What an audit says of every label's share, drawn here and not by the tool, so that there can be many."""
        drawn = sorted(self.held_out, key=lambda address: hashlib.sha256(f"{seed} {address}".encode()).digest())[:AUDIT]
        chance = AUDIT / len(self.held_out)
        found = []
        for name, called in sorted(self.called.items()):
            judged = [Judged("hit" if one in called else "none", chance, one in self.there[name]) for one in drawn]
            sizes = {"hit": len(called), "none": len(self.held_out) - len(called)}
            share = post_share(judged, sizes, "hit")
            one = share.estimate
            found.append(Audited(self.truth(name), share.machine / share.posts, one.estimate, one.lower, one.upper))
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
    """Make a study at `root`, train, and compare what the classifier says with what people said; audit it in another."""
    seconds: dict[str, float] = {}

    def run(*arguments: str) -> str:
        began = time.monotonic()
        done = groundswell(root, *arguments)
        seconds[" ".join(arguments[:2])] = time.monotonic() - began
        return done

    start(root, folder)
    posts = write(root.parent / "posts.jsonl", (_post(one) for part in PARTS for one in comments(folder, part)))
    codings = write(
        root.parent / "codings.jsonl", (said for one in comments(folder, "train") for said in _codings(one))
    )
    run("collect", "import", str(posts))
    run("import", "codings", str(codings))
    run("code", "train", "--yes")
    exported = run("export", "codings")
    figures = score(folder, exported)
    return replace(figures, shares=audit(folder, root.with_name("audited"), figures), seconds=seconds)


def audit(folder: Path, root: Path, figures: Figures) -> dict[str, Audited]:
    """Ask a study of the comments that were not trained on for the share of each label."""
    start(root, folder)
    called: dict[str, list[str]] = {}
    for name, posts in sorted(figures.called.items()):
        for post in sorted(posts):
            called.setdefault(post, []).append(name)
    said = root.parent / "called.json"
    said.write_text(json.dumps(called), encoding="utf-8")
    program = root.parent / "replay.py"
    program.write_text(REPLAY, encoding="utf-8")
    held_out = {one.address: one for one in comments(folder, "dev")}
    groundswell(root, "collect", "import", str(write(root.parent / "held-out.jsonl", map(_post, held_out.values()))))
    groundswell(root, "code", "run", "--coder", PROGRAM, "--", sys.executable, str(program), str(said))
    groundswell(root, "code", "sample", "draw", "audit", "--unit", "post", "--size", str(AUDIT), "--name", "audit")
    groundswell(root, "code", "round", "start", "audit", "--coder", RATERS, "--name", "reading")
    sheet = groundswell(root, "code", "round", "export", "reading", "--coder", RATERS)
    read = (_filled(line, held_out[line["post"]]) for line in map(json.loads, sheet.splitlines()))
    groundswell(root, "code", "round", "import", str(write(root.parent / "sheet.jsonl", read)))
    found = json.loads(groundswell(root, "code", "sample", "shares", "audit", "--json"))
    return {
        one["code"]: Audited(
            figures.truth(one["code"]),
            one["raw"]["hits"] / one["raw"]["posts"],
            *(one["share"][key] for key in ("estimate", "lower", "upper")),
        )
        for one in found["codes"]
    }


def start(root: Path, folder: Path) -> None:
    """Make an empty study with the labels as its codebook."""
    subprocess.run(
        [sys.executable, "-m", "groundswell", "init", str(root)], check=True, capture_output=True, env=_env()
    )
    (root / "codebook.yaml").write_text(codebook(labels(folder)), encoding="utf-8")


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


def _filled(line: dict[str, Any], comment: Comment) -> dict[str, Any]:
    """A line of a sheet with what people had called the comment."""
    return line | {"codes": {"*": "absent"} | dict.fromkeys(sorted(comment.labels), "present")}


def _codings(comment: Comment) -> Iterator[dict[str, Any]]:
    said = {"post": comment.address, "coder": RATERS, "coder_kind": "person", "created_at": SEEN}
    yield said | {"code": "*", "value": "absent"}
    for label in sorted(comment.labels):
        yield said | {"code": label, "value": "present"}


def part_right(found: Sequence[Audited]) -> float:
    """The part of audited shares whose interval or limit is right."""
    return sum(one.right for one in found) / len(found)


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
    for name, one in sorted(figures.shares.items()):
        shown = [one.estimate, one.lower, one.upper, one.raw]
        cells = " ".join("     -" if each is None else f"{each:6.4f}" for each in shown)
        sys.stdout.write(f"{name:16} {one.truth:.4f} {cells} {'' if one.right else 'missed'}\n")
    draws = [one for number in range(200) for one in figures.audited(f"draw {number}")]
    rare, common = [one for one in draws if one.rare], [one for one in draws if not one.rare]
    sys.stdout.write(f"right in {part_right(draws):.3f} of 28 labels and 200 draws\n")
    sys.stdout.write(f"in the interval {part_right(common):.3f} of {len(common)} with 5 or more positives\n")
    sys.stdout.write(f"below the upper limit {part_right(rare):.3f} of {len(rare)} others\n")
    for command, seconds in figures.seconds.items():
        sys.stdout.write(f"{command:16} {seconds:6.1f} s\n")
    sys.stdout.write(f"macro-F1 {figures.macro_f1:.4f} (goal .49), {sum(figures.seconds.values()):.0f} s in all\n")


if __name__ == "__main__":
    main()
