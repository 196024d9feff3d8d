"""Comparing two reports of a study: what changed, and what each change is due to.

With each build its figures are kept, the definition, and how far the log of codings had come. So the study can be seen
as it stood at an old build, with one thing changed at a time, and the report computed at each step. What cannot come back
is said: the texts of posts that were withdrawn since, and what carries no time.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from sqlite3 import Connection  # noqa: TID251 - only its name: queries take one
from typing import Any

from coding.codebook import Codebook, read_content
from db.errors import GroundswellError
from db.queries import builds, codings
from db.queries.builds import Build, Moment
from db.store import Store
from groundswell import VERSION
from groundswell.reporting import compute_report
from groundswell.study import Study
from reports.corpus import Corpus, load_corpus
from reports.definition import Claim, Definition
from reports.diff import (
    DEFINITION,
    METHOD,
    NEW_DATA,
    PLACES,
    RECODED,
    SCHEMA,
    WITHDRAWN,
    State,
    compare_claims,
    kept_content,
)
from reports.pairing import LEVEL, PairedChange, adjusted
from reports.phrases import claims_of
from reports.recounting import compare_figure

NOTHING_KEPT = "nothing was kept of it with which it could be compared"
_LEAST = 2


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two reports that are compared.

    Attributes:
        name: how the user would say it.
        report: what it says.
        build: the build that made it, where it is known.
    """

    name: str
    report: Mapping[str, Any]
    build: Build | None

    @property
    def mark(self) -> int | None:
        """How far the log of codings had come when it was built; None where that is not known."""
        if self.build is None or self.build.content is None:
            return None
        return int(json.loads(self.build.content)["codings"])

    def row(self) -> dict[str, Any]:
        """What there is to know of it."""
        collection = self.report.get("collection", {})
        return {
            "name": self.name,
            "build": None if self.build is None else self.build.number,
            "built_at": None if self.build is None else self.build.built_at,
            "as_of": self.report["report"].get("as_of"),
            "posts": collection.get("posts"),
            "people": collection.get("authors"),
            "threads": collection.get("threads"),
        }


@dataclass(frozen=True, slots=True)
class _Asked:
    """A codebook and a definition, as they were."""

    codebook: Codebook
    definition: str | None


@dataclass(frozen=True, slots=True)
class _Computed:
    """A report computed at some moment, with what it was computed from."""

    report: dict[str, Any]
    corpus: Corpus
    definition: Definition


@dataclass(frozen=True, slots=True)
class _Then(Study):
    """The study with another codebook and another definition."""

    book: Codebook
    findings: Path

    @property
    def findings_path(self) -> Path:
        """Where the definition lies that counted then."""
        return self.findings

    def codebook(self) -> Codebook:
        """The codebook that counted then."""
        return self.book


def compare(study: Study, old: str | None = None, new: str | None = None) -> dict[str, Any]:
    """Compare two reports, each the number of a build or a report.json; without names the two newest builds.

    Raises:
        GroundswellError: there is no such report, too few were built, or they stand in the wrong order.
    """
    with study.store() as store:
        sides = _sides(store, old, new)
    return compare_sides(study, *sides)


def list_builds(study: Study) -> list[dict[str, Any]]:
    """All builds, the newest first, each with whether it says anything else than the one before."""
    with study.store() as store:
        found = builds.newest_builds(store.connection, -1)
    earlier = [*found, None][1:]
    return [
        {
            "build": build.number,
            "built_at": build.built_at,
            "as_of": None if build.content is None else json.loads(build.content)["report"]["as_of"],
            "changed": before is None or before.report_sha256 != build.report_sha256,
        }
        for build, before in zip(found, earlier, strict=True)
    ]


def compare_builds(study: Study, old: Build, new: Build) -> dict[str, Any]:
    """Compare two builds of which the content was kept."""
    return compare_sides(study, _of_build(old), _of_build(new))


def _sides(store: Store, old: str | None, new: str | None) -> tuple[Side, Side]:
    newest = builds.newest_builds(store.connection, _LEAST)
    wanted = [] if new is None else [_side(store, new)]
    if new is None:
        if not newest:
            raise GroundswellError("no report was built yet", hint="groundswell report build")
        wanted.append(_of_build(newest[0]))
    if old is None:
        if len(newest) < _LEAST:
            raise GroundswellError(
                "only one report was built, so there is nothing to compare it with",
                hint="after the next groundswell report build there is; or name a report.json from elsewhere",
            )
        wanted.insert(0, _of_build(newest[1]))
    else:
        wanted.insert(0, _side(store, old))
    before, after = wanted
    if before.build is not None and after.build is not None and before.build.number > after.build.number:
        raise GroundswellError(
            f"{before.name} came after {after.name}", hint=f"groundswell report diff {new or after.build.number} {old}"
        )
    return before, after


def _side(store: Store, name: str) -> Side:
    """The report of a build's number, or in a file."""
    if name.isdecimal() and not Path(name).exists():
        build = builds.find_build(store.connection, int(name))
        if build is None:
            last = next(iter(builds.newest_builds(store.connection, 1)), None)
            known = "none was made yet" if last is None else f"the newest is {last.number}"
            raise GroundswellError(f"there is no build {name}", hint=f"{known}; or name a report.json")
        return _of_build(build)
    path = Path(name)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise GroundswellError(f"{path}: {(error.strerror or str(error)).lower()}") from error
    try:
        report = json.loads(content)
        kept_content(report)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise GroundswellError(
            f"{path}: this is no report of ours: {error}", hint="name a report.json, or the number of a build"
        ) from error
    return Side(str(path), report, builds.build_of_file(store.connection, hashlib.sha256(content).hexdigest()))


def _of_build(build: Build) -> Side:
    """A build with the report that was kept of it.

    Raises:
        GroundswellError: nothing was kept.
    """
    if build.content is None:
        raise GroundswellError(f"build {build.number}: {NOTHING_KEPT}", hint="name its report.json instead")
    return Side(f"build {build.number}", json.loads(build.content), build)


def compare_sides(study: Study, old: Side, new: Side) -> dict[str, Any]:
    """Compare two reports; by steps where both are builds of this study."""
    way = _way(study, old, new)
    if way is None or way.is_same:
        states = [State((), new.report)]
        found = compare_claims(old.report, states)
        facts, notes = None, [] if way else [_not_by_steps(old, new)]
    else:
        steps = way.walk()
        found = compare_claims(old.report, steps.states, steps.withdrawn)
        _add_tests(found["claims"], steps.tests)
        _add_voices(found["claims"], steps)
        facts, notes = steps.facts, steps.notes
    with study.store() as store:
        _add_looks(found["claims"], store, new.build)
    return {
        "schema": SCHEMA,
        "old": old.row(),
        "new": new.row(),
        "same": bool(way and way.is_same),
        "causes": facts,
        **found,
        "notes": notes,
    }


def _not_by_steps(old: Side, new: Side) -> str:
    names = " and ".join(side.name for side in (old, new) if side.mark is None)
    return (
        f"{names}: no build of this study with what is needed to recompute it, so that nothing can be said of what the "
        "changes are due to"
    )


@dataclass(frozen=True, slots=True)
class _Steps:
    """What a walk from the old report to the new one found.

    Attributes:
        states: the reports on the way.
        withdrawn: evidence ids of posts whose text is gone.
        facts: how much changed of each kind.
        notes: what could not be recomputed, and why.
        tests: the tested change of each figure, by claim and code.
        voices: of each claim, who newly disputes it.
    """

    states: list[State]
    withdrawn: frozenset[str]
    facts: dict[str, Any]
    notes: list[str]
    tests: dict[tuple[str, str], PairedChange]
    authors: Mapping[str, str]


def _way(study: Study, old: Side, new: Side) -> "_Way | None":
    """The way between two reports, where both are builds of which enough was kept."""
    if old.build is None or new.build is None or old.mark is None or new.mark is None:
        return None
    return _Way(study, (old, new), (old.build, new.build), (old.mark, new.mark))


class _Way:
    """The way from one build to another."""

    def __init__(
        self, study: Study, sides: tuple[Side, Side], made: tuple[Build, Build], marks: tuple[int, int]
    ) -> None:
        self.study, self.marks = study, marks
        self.old, self.new = sides
        self.first, self.last = made

    @property
    def is_same(self) -> bool:
        """Whether both say the same bytes, so that there is no way to go."""
        return self.first.report_sha256 == self.last.report_sha256

    def walk(self) -> _Steps:
        """Compute the report at each step."""
        before, after, notes = self._asked()
        with _definition_files(self.study.root, before, after) as files:
            then, now = (
                _Then(self.study.root, self.study.file, self.study.settings, asked.codebook, path)
                for asked, path in zip((before, after), files, strict=True)
            )
            (c_old, c_new), t_old, t_new = self.marks, self.first.built_at, self.last.built_at
            start = _compute(then, Moment(t_old, c_old))
            grown = _report(then, Moment(t_new, c_old, t_old, c_new))
            end = _compute(now, Moment(t_new, c_new))
            coded = end.report if before == after else _report(then, Moment(t_new, c_new))
        with self.study.store() as store:
            gone = builds.withdrawn(store.connection, t_old, t_new)
            gone_since = builds.withdrawn(store.connection, t_new, "9")
            facts = self._facts(store.connection, gone, (start, end), before != after)
            withdrawn = self._gone_evidence(store, start.corpus, {**gone, **gone_since})
        first = self._left_over(self.old, self.first, start, bool(gone or gone_since))
        if notes:
            first = (*first, DEFINITION)
        last = self._left_over(self.new, self.last, end, bool(gone_since))
        states = [
            State(first, start.report),
            State((NEW_DATA,), grown),
            State((RECODED,), coded),
            State((DEFINITION,), end.report),
            State(last, self.new.report),
        ]
        notes += _what_is_gone(self.new.name, len(gone), len(gone_since))
        notes += [
            _left_over_words(side.name, causes)
            for side, causes in ((self.old, first), (self.new, last))
            if len(causes) > 1
        ]
        return _Steps(states, withdrawn, facts, notes, _tests(start, end), _authors(start.corpus, end.corpus))

    def _asked(self) -> tuple[_Asked, _Asked, list[str]]:
        """The codebook and the definition of both; where the old ones cannot be read any more, the new ones twice."""
        with self.study.store() as store:
            contents = codings.revisions(store.connection)
        after = _Asked(read_content(contents[self.last.codebook_revision]), self.last.definition)
        before = _Asked(read_content(contents[self.first.codebook_revision]), self.first.definition)
        try:
            with _definition_files(self.study.root, before) as (path,):
                _Then(self.study.root, self.study.file, self.study.settings, before.codebook, path).definition(
                    before.codebook
                )
        except GroundswellError as error:
            said = error.message.rpartition(": ")[2]
            note = (
                f"the definition of {self.old.name} cannot be read any more ({said}); what it changed is not told apart"
            )
            return after, after, [note]
        return before, after, []

    def _facts(
        self, connection: Connection, gone: Mapping[str, str], pair: tuple[_Computed, _Computed], is_other: bool
    ) -> dict[str, Any]:
        """How much changed of each kind."""
        start, end = (computed.corpus for computed in pair)
        old_posts = {post.address for post in start.posts}
        moment = Moment(self.first.built_at, self.marks[0])
        return {
            "new_posts": sum(post.address not in old_posts for post in end.posts),
            "new_people": len({post.author for post in end.posts} - {post.author for post in start.posts}),
            "new_threads": len({post.thread for post in end.posts} - {post.thread for post in start.posts}),
            "edited_posts": builds.edited(connection, self.first.built_at, self.last.built_at),
            "withdrawn": dict(sorted(Counter(gone.values()).items())),
            "recoded": builds.recoded(connection, moment, self.marks[1]),
            "codebook": self.first.codebook_revision != self.last.codebook_revision,
            "definition": is_other and self.first.definition != self.last.definition,
            "method": None if _method(self.old) == _method(self.new) else [_method(self.old), _method(self.new)],
        }

    def _gone_evidence(self, store: Store, corpus: Corpus, gone: Mapping[str, str]) -> frozenset[str]:
        """Evidence of the old report whose text was withdrawn, or whose post was taken out of the study."""
        known = {corpus.evidence_id(address): address for address, _ in builds.states_of_posts(store.connection)}
        told = (
            post
            for claim in claims_of(self.old.report)
            for side in claim["evidence"].values()
            for post in side["posts"]
        )
        return frozenset(post for post in told if post not in known or known[post] in gone)

    def _left_over(self, side: Side, build: Build, computed: _Computed, is_gone: bool) -> tuple[str, ...]:
        """What can set a report apart from what is computed now of the same posts, codings and definition."""
        if computed.report["inputs"]["data_sha256"] == build.data_sha256:
            return (METHOD,)
        is_other = _method(side) != VERSION
        if is_gone:
            return (WITHDRAWN, METHOD) if is_other else (WITHDRAWN,)
        return (NEW_DATA, METHOD) if is_other else (NEW_DATA,)


def _method(side: Side) -> str:
    """By which version of the program a report was computed."""
    return str(side.report["report"].get("tool"))


def _what_is_gone(name: str, gone: int, since: int) -> list[str]:
    notes = []
    if gone:
        notes.append(
            "the texts of withdrawn posts are gone, so the old report cannot be computed again; what they did is the "
            "difference between it and what is computed from the posts that are left, with whatever carries no time, such "
            "as an edit in a file that was recorded before that report and imported after it"
        )
    if since:
        notes.append(
            f"texts were also withdrawn after {name}; the steps between are computed without them, and what that does is "
            "taken back at the end"
        )
    return notes


def _left_over_words(name: str, causes: Sequence[str]) -> str:
    return (
        f"for {name} it cannot be told apart what is due to {' and what to '.join(_CAUSE_WORDS[one] for one in causes)}"
    )


_CAUSE_WORDS = {
    NEW_DATA: "later knowledge of older posts, such as texts that repeat each other",
    WITHDRAWN: "withdrawn posts",
    RECODED: "recoding",
    DEFINITION: "the definition",
    METHOD: "another version of the program",
}


@contextmanager
def _definition_files(root: Path, *asked: _Asked) -> Iterator[list[Path]]:
    """Files with the definitions, where files that they name are found; there is no file where there was none."""
    with ExitStack() as opened:
        paths = []
        for one in asked:
            path = _unused(root)
            paths.append(path)
            opened.callback(path.unlink, missing_ok=True)
            if one.definition is not None:
                path.write_bytes(one.definition.encode())
        yield paths


def _unused(root: Path) -> Path:
    """The path of a file that is not there."""
    return root / f".findings-{token_hex(8)}.yaml"


def _report(study: _Then, moment: Moment) -> dict[str, Any]:
    """Compute the report of a study as it stood."""
    with study.store() as store:
        builds.rewind(store.connection, moment)
        return compute_report(study, store)


def _compute(study: _Then, moment: Moment) -> _Computed:
    """Compute the report of a study as it stood, and keep what it was computed from."""
    with study.store() as store:
        builds.rewind(store.connection, moment)
        corpus = load_corpus(store, study.book, study.key(store))
        return _Computed(compute_report(study, store), corpus, study.definition(study.book))


def _claims(definition: Definition) -> dict[str, Claim]:
    return {claim.id: claim for section in definition.sections for claim in section.claims}


def _tests(old: _Computed, new: _Computed) -> dict[tuple[str, str], PairedChange]:
    """The tested change of every figure that both reports give."""
    before, after = _claims(old.definition), _claims(new.definition)
    figures = {claim["id"]: {figure["code"]: figure for figure in claim["figures"]} for claim in claims_of(old.report)}
    found = {}
    for claim in claims_of(new.report):
        name = claim["id"]
        for figure in claim["figures"]:
            earlier = figures.get(name, {}).get(figure["code"])
            if earlier is not None:
                test = compare_figure((before[name], after[name]), (earlier, figure), (old.corpus, new.corpus))
                if test is not None:
                    found[name, figure["code"]] = test
    return found


def _authors(*corpora: Corpus) -> dict[str, str]:
    """Who wrote what stands as evidence."""
    return {corpus.evidence_id(post.address): post.author for corpus in corpora for post in corpus.posts}


def _add_tests(claims: Sequence[dict[str, Any]], tests: Mapping[tuple[str, str], PairedChange]) -> None:
    """Say of every figure whether its change is more than chance, by Benjamini and Hochberg over all that were tested."""
    tested = [key for key, test in tests.items() if test.p is not None]
    q_values = dict(zip(tested, adjusted([tests[key].p or 0.0 for key in tested]), strict=True))
    for claim in claims:
        for figure in claim["figures"]:
            key = claim["id"], figure["code"]
            figure["test"] = None
            if key in tests:
                figure["test"] = _test_entry(tests[key], q_values.get(key), len(tested))


def _test_entry(test: PairedChange, q: float | None, family: int) -> dict[str, Any]:
    size = test.visible_size(family)
    return {
        "change": round(test.change, PLACES),
        "unit": test.unit,
        "changed": test.changed,
        "p": None if test.p is None else round(test.p, PLACES),
        "q": None if q is None else round(q, PLACES),
        "visible_from": None if size is None else round(size, PLACES),
        "is_more_than_chance": q is not None and q <= LEVEL,
        "why_not": test.why_not,
    }


def _add_voices(claims: Sequence[dict[str, Any]], steps: _Steps) -> None:
    """Count who newly disputes a claim: authors of new evidence against it who did not stand there before."""
    before = {claim["id"]: claim["evidence"] for claim in claims_of(steps.states[0].report)}
    for claim in claims:
        against = claim["evidence"].get("against", {"new": {}})["new"]
        known = {steps.authors.get(post) for post in before.get(claim["id"], {}).get("against", {"posts": ()})["posts"]}
        claim["new_disputing"] = len({steps.authors[post] for post in against if post in steps.authors} - known)


def _add_looks(claims: Sequence[dict[str, Any]], store: Store, build: Build | None) -> None:
    """Say when the verdict of each claim was first reached, and after how many looks."""
    reached = {} if build is None else builds.first_reached(store.connection, build.number)
    for claim in claims:
        claim["first_reached"] = reached.get(claim["id"])
