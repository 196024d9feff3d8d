"""Small real studies for tests of claims: posts and codings go in by the ways that a study uses."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from coding.apply import apply_rules
from coding.codebook import Codebook, codebook_revision, load_codebook
from coding.codings import parse_coding, store_codings
from coding.final import codebook_content
from coding.rules import RuleSet
from collector.duplicates import find_duplicates
from db.queries import posts, threads
from db.queries.codings import save_revision
from db.records import Author, Observation
from db.store import Store
from reports.claims import Result, compute
from reports.corpus import Corpus, load_corpus
from reports.definition import Claim

KEY = b"a key that only tests know......"
CODEBOOK = """\
codes:
  titles:
    name: Titles
    definition: Says whether titles mislead.
    stance: yes
    statement: titles mislead
    rules:
      - title*
      - match: titles lie
        stance: support
  evals:
    name: Evals
    definition: Names evaluation.
    rules: [eval*]
  late:
    name: Late
    definition: Came later.
    since: 2026-05-01
  evidence:
    name: Evidence
    choose: one
  evidence.firsthand:
    name: Firsthand
    parent: evidence
  evidence.opinion:
    name: Opinion
    parent: evidence
"""
TITLES = Claim(id="titles", kind="consensus", label="titles mislead", code="titles", statement="titles mislead")
EVALS = Claim(id="evals", kind="shares", label="evals", code="evals")


def post(name: str, author: str | None = None, **changes: object) -> Observation:
    """A live post of its own thread unless told otherwise."""
    thread = str(changes.pop("thread", name))
    writer = Author(f"site:[deleted]/{thread}", is_gone=True) if author is None else Author(f"site:~{author}")
    values: dict[str, object] = {
        "platform": "site", "native_id": name, "thread": thread, "parent": None if thread == name else thread,
        "kind": "post", "author": writer, "community": "r/one", "created_at": "2026-01-01T00:00:00Z", "edited_at": None,
        "title": None, "text": f"words of {name}", "url": None, "thread_url": None, "score": 1, "state": "live",
        "observed_at": "2026-02-01T00:00:00Z",
    }  # fmt: skip
    return Observation(**{**values, **changes})  # type: ignore[arg-type]  # the test gives the right types


def crowd(people: int, threads: int, communities: Sequence[str] = ("r/one", "r/two")) -> list[Observation]:
    """One post each by so many people, dealt over the threads, and the threads over the communities."""
    return [
        post(
            f"p{number:03}",
            f"{number:03}",
            thread=f"p{number % threads:03}",
            community=communities[number % threads % len(communities)],
        )
        for number in range(people)
    ]


@dataclass
class Study:
    """A store with a codebook."""

    store: Store
    codebook: Codebook
    moment: int = field(default=0)

    def see(self, *observations: Observation) -> None:
        """Store observations, and bring what follows from them up to date, as a run does."""
        with self.store.write() as connection:
            posts.save_observations(connection, observations)
            threads.settle_threads(connection)
            posts.replace_duplicates(connection, find_duplicates(posts.texts_for_duplicates(connection)))

    def code(self, name: str, code: str, value: str = "present", stance: str | None = None, **changes: object) -> None:
        """Store one coding; each comes a minute after the one before."""
        self.moment += 1
        line = {
            "post": name if ":" in name else f"site:{name}", "code": code, "value": value, "stance": stance,
            "coder": "ana", "created_at": f"2026-03-01T{self.moment // 60:02}:{self.moment % 60:02}:00Z", **changes,
        }  # fmt: skip
        revision = codebook_revision(self.codebook)
        with self.store.write() as connection:
            save_revision(connection, revision, codebook_content(self.codebook), "2026-01-01T00:00:00Z")
        _, refused = store_codings(self.store, [parse_coding(line, self.codebook)], revision)
        assert not refused

    def nothing_else(self, *names: str, **changes: Any) -> None:
        """Say of posts that they were read and nothing more was found."""
        for name in names:
            self.code(name, "*", "absent", **changes)

    def apply(self) -> int:
        """Apply the rules and return how many codings were written."""
        rules = {code.id: code.rules for code in self.codebook.codes.values() if code.rules}
        return apply_rules(self.store, RuleSet(rules), "2026-04-01T00:00:00Z").new

    def corpus(self, key: bytes = KEY) -> Corpus:
        """The data as a report sees them."""
        return load_corpus(self.store, self.codebook, key)

    def compute(self, claim: Claim) -> Result:
        """Compute a claim."""
        return compute(claim, self.corpus())


def make_study(folder: Path, codebook: str = CODEBOOK) -> Study:
    """An empty study; the caller closes its store."""
    path = folder / "codebook.yaml"
    path.write_text(codebook, encoding="utf-8")
    return Study(Store(folder / "study.db", create=True), load_codebook(path))


def exported(result: Result) -> str:
    """A result in a form that can be compared."""
    return json.dumps([(f.code, f.basis, f.judgement.verdict, sorted(f.to_read)) for f in result.figures])
