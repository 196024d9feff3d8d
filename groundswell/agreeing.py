"""Rounds of a study: starting them, sheets for coders and back, agreement, and the decisions where coders differ."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from sqlite3 import Connection  # noqa: TID251 - only its name: queries take one
from typing import Any

import msgspec

from coding.agreement import Facts, methods_paragraph
from coding.assignments import EVERYBODY, assigned
from coding.batches import new_batch
from coding.codebook import ALL_CODES, Codebook, read_content
from coding.codings import CodingError, Imported, parse_coding, store_codings
from coding.rounds import (
    CodeAgreement,
    Coded,
    Disagreement,
    Filled,
    again,
    agreement_by_code,
    beside,
    count_in,
    disagreements,
    is_sheet,
    programs_in,
    read_sheet_line,
    sheet_line,
    still_to_read,
)
from coding.sampling import Design, shuffled
from db.errors import GroundswellError
from db.queries import codings, samples
from db.queries.codebooks import all_revisions
from db.queries.codings import PersonCoding
from db.queries.losing import record_export
from db.queries.programs import refuse_machines
from db.queries.reporting import Post
from db.queries.samples import AUTHOR, Round, Sample
from db.records import Coding
from db.yaml_files import suggest
from groundswell.differing import write_decision
from groundswell.sampling import AUDIT, find_sample, frame_posts, mixed_order, unit_of
from groundswell.study import Study, now, now_after, record_codebook
from reports.corpus import find_clusters

ALWAYS_BLIND = (AUDIT, "reliability")
TEACHING = ("training", "main")
"""Purposes whose posts are read in a mixed order; others in the order of the draw."""
_PAIR = 2


def start_round(
    study: Study,
    sample: str,
    *,
    coders: Sequence[str] = (),
    codes: Sequence[str] = (),
    name: str | None = None,
    blind: bool = False,
    double_share: float = EVERYBODY,
) -> Round:
    """Start the coding of a sample: its coders, its codes, and the codebook as it is now.

    Args:
        study: the study.
        sample: whose posts are coded.
        coders: who codes; without any, the coders of study.yaml.
        codes: what is coded; without any, the sample's codes, else all that are no drafts.
        name: of the round; without it the sample's name and a number.
        blind: whether nobody may see other codings, hits or scores; an audit and a test of reliability always are.
        double_share: the share of the drawn posts or authors that two coders read, 0 to 1; with 1 everybody reads all.

    Raises:
        GroundswellError: there is no such sample, the name is taken, a code is unknown, nobody is to code, or one coder
            alone is to read a part twice.
    """
    if not 0 <= double_share <= EVERYBODY:
        raise GroundswellError(
            f"a share of {double_share:g} cannot be", hint="0.2 gives every fifth post to two coders"
        )
    codebook = study.codebook()
    with study.store() as store:
        study.key(store)
        drawn = find_sample(store.connection, sample)
        coders = tuple(dict.fromkeys(coders or study.file.coders))
        if not coders:
            raise GroundswellError("a round needs coders", hint="--coder NAME, or coders: in study.yaml")
        refuse_machines(store.connection, coders)
        if 0 < double_share < EVERYBODY and len(coders) == 1:
            raise GroundswellError(f"{coders[0]} alone cannot code for two", hint="name a second --coder")
        codes = tuple(dict.fromkeys(codes)) or _codes_of(drawn, codebook)
        for code in codes:
            if code not in codebook.asked:
                raise GroundswellError(f"no code {code!r} can be coded", hint=suggest(code, codebook.asked))
        revision = record_codebook(store, codebook)
        with store.write() as connection:
            taken = {one.id for one in samples.rounds(connection)}
            free = (f"{sample}-round-{number}" for number in range(1, len(taken) + 2))
            round_ = Round(
                id=name or next(one for one in free if one not in taken),
                sample=sample,
                coders=coders,
                codes=codes,
                codebook_revision=revision,
                blind=blind or drawn.purpose in ALWAYS_BLIND,
                started_at=now(),
                double_share=double_share,
            )
            if round_.id in taken:
                raise GroundswellError(f"the round {round_.id} exists already", hint="give another --name")
            samples.add_round(connection, round_)
        return round_


def _codes_of(sample: Sample, codebook: Codebook) -> tuple[str, ...]:
    codes = tuple(code for code in Design.from_json(sample.design).codes if code in codebook.asked)
    if not codes and not codebook.counted:
        raise GroundswellError("the codebook has no code with a definition", hint="groundswell codebook add")
    return codes or codebook.counted


def close_round(study: Study, name: str) -> Round:
    """Close a round: what is coded in it later does not count, and its differences may be looked at.

    Raises:
        GroundswellError: there is no such round, or it is closed.
    """
    with study.store() as store:
        study.key(store)
        with store.write() as connection:
            round_ = find_round(connection, name)
            if round_.closed_at is not None:
                raise GroundswellError(f"the round {name} was closed at {round_.closed_at}")
            samples.close_round(connection, name, now())
        return find_round(store.connection, name)


def find_round(connection: Connection, name: str) -> Round:
    """A round by its name.

    Raises:
        GroundswellError: there is none.
    """
    known = {one.id: one for one in samples.rounds(connection)}
    if name not in known:
        raise GroundswellError(
            f"there is no round {name!r}", hint=suggest(name, known) or "groundswell code round list"
        )
    return known[name]


@dataclass(frozen=True)
class _Opened:
    """A round with all that is known of it.

    Attributes:
        posts: those to read, in the order of the draw.
        given: of these the ids of those that each coder reads.
        said: what each coder said last, by post, coder and code, whether or not it counts; of those who settle
            differences apart, under the coder None.
        codebook: the one that it was frozen with.
    """

    round: Round
    sample: Sample
    posts: tuple[Post, ...]
    given: Mapping[str, frozenset[int]]
    said: Mapping[tuple[int, str | None, str], PersonCoding]
    codebook: Codebook
    coded: Coded

    @cached_property
    def by_address(self) -> dict[str, Post]:
        """The posts by address."""
        return {post.address: post for post in self.posts}

    @cached_property
    def by_id(self) -> dict[int, Post]:
        """The posts by id."""
        return {post.id: post for post in self.posts}

    def shared(self, coders: Sequence[str]) -> list[Post]:
        """The posts that at least two of these coders read; of one coder, all that this one reads."""
        readers = Counter(post for coder in coders for post in self.given[coder])
        return [post for post in self.posts if readers[post.id] >= min(len(coders), _PAIR)]

    def _posts_by_author(self, posts: Sequence[Post]) -> dict[str, list[Post]]:
        """The posts of each author, newest first."""
        found: dict[str, list[Post]] = defaultdict(list)
        for post in sorted(posts, key=lambda one: (one.created_at, one.platform, one.native_id), reverse=True):
            found[post.author].append(post)
        return found

    def left(self, coder: str) -> list[Post]:
        """The posts that a coder has still to read, in the order of the draw."""
        layer, codes = self.coded.layers[coder], self.round.codes
        mine = [post for post in self.posts if post.id in self.given[coder]]
        if self.sample.unit == AUTHOR:
            wanted: set[int] = set()
            for posts in self._posts_by_author(mine).values():
                to_read = still_to_read([post.id for post in posts], layer, codes, self.codebook)
                wanted.update(post for unread in to_read.values() for post in unread)
            return [post for post in mine if post.id in wanted]
        return [post for post in mine if any(layer.decision(post.id, code).value is None for code in codes)]


def _open(connection: Connection, name: str) -> _Opened:
    round_ = find_round(connection, name)
    sample = find_sample(connection, round_.sample)
    posts = posts_in_order(connection, sample)
    given = _given(round_, sample, posts)
    found = tuple(samples.round_codings(connection, [name]))
    revisions = codings.revisions(connection)
    codebook = read_content(revisions[round_.codebook_revision])
    coded = count_in(found, round_, [post.id for post in posts], codebook, revisions, given=given)
    said = {
        (one.coding.post, None if one.coding.adjudicated else one.coding.coder, one.coding.code): one.coding
        for one in found
    }
    return _Opened(round_, sample, posts, given, said, codebook, coded)


def _given(round_: Round, sample: Sample, posts: Sequence[Post]) -> dict[str, frozenset[int]]:
    """The ids of the posts that each coder of a round reads."""
    ids = {post.address: post.id for post in posts}
    units = {post.address: unit_of(post, sample.unit) for post in posts}
    seed = Design.from_json(sample.design).seed
    found = assigned(ids, round_.coders, round_.double_share, seed, units)
    return {coder: frozenset(ids[address] for address in addresses) for coder, addresses in found.items()}


def posts_in_order(connection: Connection, sample: Sample) -> tuple[Post, ...]:
    """The posts of a sample in the order in which they are read.

    Posts of drawn authors come singly: first the newest of each, then the second newest, each turn shuffled.
    """
    places = {unit.unit: unit.place for unit in samples.units(connection, sample.id)}
    posts = [post for post in frame_posts(connection) if unit_of(post, sample.unit) in places]
    if sample.unit != AUTHOR:
        return tuple(sorted(posts, key=lambda post: places[post.address]))
    seed = Design.from_json(sample.design).seed
    posts.sort(key=lambda one: (one.created_at, one.platform, one.native_id), reverse=True)
    turn: Counter[str] = Counter()
    order = {}
    for post in posts:
        turn[post.author] += 1
        order[post.id] = (turn[post.author], shuffled(seed, post.address))
    return tuple(sorted(posts, key=lambda post: order[post.id]))


def left_to_read(connection: Connection, name: str, coder: str) -> tuple[Post, ...]:
    """The posts that a coder has still to read in an open round, in the order of the draw.

    Raises:
        GroundswellError: there is no such round, it is closed, or the coder is not of it.
    """
    opened = _open(connection, name)
    _refuse_closed(opened.round)
    _refuse_stranger(opened.round, coder)
    return tuple(opened.left(coder))


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a coder is in a round.

    Attributes:
        posts: those of the round that this coder reads.
        left: those that are still to be read; of drawn authors only as many as decide the author.
    """

    round: Round
    coder: str
    posts: int
    left: int


def list_rounds(study: Study, name: str | None = None) -> list[Progress]:
    """How far each coder is in each round, or in one."""
    with study.store() as store:
        connection = store.connection
        names = [one.id for one in samples.rounds(connection)] if name is None else [name]
        opened = [_open(connection, one) for one in names]
    return [
        Progress(one.round, coder, len(one.given[coder]), len(one.left(coder)))
        for one in opened
        for coder in one.round.coders
    ]


def sheet(study: Study, name: str, coder: str, *, limit: int | None = None) -> list[dict[str, Any]]:
    """The posts that a coder has still to read in a round, as lines to fill in.

    Raises:
        GroundswellError: there is no such round, it is closed, or the coder is not of it.
    """
    with study.store() as store:
        connection = store.connection
        opened = _open(connection, name)
        _refuse_closed(opened.round)
        _refuse_stranger(opened.round, coder)
        wanted = [post.id for post in islice(_in_reading_order(connection, opened, coder), limit)]
        texts = samples.texts(connection, wanted)
        with store.write():
            record_export(connection, f"code round export {name}", now(), len(wanted))
    return [sheet_line(opened.round, coder, texts[post]) for post in wanted]


def _refuse_closed(round_: Round) -> None:
    if round_.closed_at is not None:
        raise GroundswellError(f"the round {round_.id} was closed at {round_.closed_at}")


def _refuse_stranger(round_: Round, coder: str) -> None:
    if coder not in round_.coders:
        raise GroundswellError(
            f"{coder} does not code in the round {round_.id}", hint=f"its coders are {', '.join(round_.coders)}"
        )


def _in_reading_order(connection: Connection, opened: _Opened, coder: str) -> Iterator[Post]:
    left = opened.left(coder)
    if opened.sample.purpose not in TEACHING:
        return iter(left)
    seed = Design.from_json(opened.sample.design).seed
    return iter(mixed_order(connection, left, opened.round.codes, seed))


def holds_sheet(path: Path) -> bool:
    """Whether a file begins like a sheet, and not like a file of codings.

    Raises:
        GroundswellError: the file cannot be read.
    """
    first = next((line for line in _lines(path) if line.strip()), b"")
    try:
        return is_sheet(msgspec.json.decode(first))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False


def _lines(path: Path) -> list[bytes]:
    try:
        return path.read_bytes().splitlines()
    except OSError as error:
        raise GroundswellError(f"{path}: {(error.strerror or str(error)).lower()}") from error


def bring_in_sheet(study: Study, path: Path) -> Imported:
    """Import a sheet that a coder filled in; what was said already is not doubled.

    A coding is marked blind if the round is: a sheet shows nothing of others.

    Raises:
        GroundswellError: the file cannot be read.
    """
    done, lines = Imported(), _lines(path)
    with study.store() as store:
        study.key(store)
        opened: dict[str, _Opened] = {}
        good: dict[str, list[Coding]] = defaultdict(list)
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            done.read += 1
            try:
                filled = read_sheet_line(msgspec.json.decode(line))
                if filled.round not in opened:
                    opened[filled.round] = _open(store.connection, filled.round)
                good[filled.round] += _codings(filled, opened[filled.round])
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                done.problems.append(f"{path}: line {number}: no whole JSON value: {error}")
            except (CodingError, GroundswellError) as error:
                done.problems.append(f"{path}: line {number}: {error}")
        for name, found in good.items():
            round_ = opened[name].round
            new, _ = store_codings(store, found, round_.codebook_revision, new_batch("sheet", now()))
            done.new += new
    return done


def _codings(filled: Filled, opened: _Opened) -> list[Coding]:
    """The codings that a line of a sheet adds to what its coder said before.

    Raises:
        CodingError: the line does not fit the round.
        GroundswellError: the round is closed, or the coder is not of it.
    """
    round_ = opened.round
    _refuse_closed(round_)
    _refuse_stranger(round_, filled.coder)
    post = opened.by_address.get(filled.post)
    if post is None:
        raise CodingError(f"the post {filled.post!r} is not in the round {round_.id}, or no longer")
    if post.id not in opened.given[filled.coder]:
        raise CodingError(f"the post {filled.post!r} was given to other coders of the round {round_.id}")
    if post.text_sha != filled.text_sha:
        raise CodingError(f"the text of {filled.post} has changed since; export it again")
    if filled.version != round_.codebook_revision:
        raise CodingError(f"the round {round_.id} is coded by revision {round_.codebook_revision} of the codebook")
    found = []
    for code, (value, stance) in filled.codes.items():
        if code not in round_.codes and code != ALL_CODES:
            raise CodingError(f"the code {code!r} is not in the round {round_.id}")
        before = opened.said.get((post.id, filled.coder, code))
        if before is not None and (before.value, before.stance, before.current_text) == (value, stance, True):
            continue
        line = {
            "post": filled.post, "code": code, "value": value, "stance": stance, "coder": filled.coder,
            "version": round_.codebook_revision, "round": round_.id, "text_sha": filled.text_sha, "blind": round_.blind,
            "created_at": now_after(before.created_at if before else None),
        }  # fmt: skip
        found.append(parse_coding(line, opened.codebook))
    return found


@dataclass(frozen=True, slots=True)
class BesideProgram:
    """How far a program agrees with one coder of a round.

    Attributes:
        codes: the figures of each code, stance and attribute of which both said something, and one of them found any.
        left_out: codings of the program that do not count, by reason.
    """

    program: str
    person: str
    codes: tuple[CodeAgreement, ...]
    left_out: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class AgreementReport:
    """The agreement of coders in a round.

    Attributes:
        coders: whose agreement; of one coder in two rounds, the names of the rounds.
        posts: those of which at least two of them said something that counts.
        codes: the figures of each code, stance and attribute.
        left_out: codings of the round that do not count, by reason.
        facts: what a methods paragraph says.
        programs: the agreement of each program that coded posts of the round with each of the coders.
    """

    round: Round
    coders: tuple[str, ...]
    posts: int
    codes: tuple[CodeAgreement, ...]
    left_out: Mapping[str, int]
    facts: Facts
    programs: tuple[BesideProgram, ...] = ()

    @property
    def methods(self) -> str:
        """The paragraph for a paper."""
        return methods_paragraph(self.facts)


def agreement(study: Study, name: str, *, coders: Sequence[str] = (), earlier: str | None = None) -> AgreementReport:
    """Compute the agreement of a round.

    Args:
        study: the study.
        name: the round.
        coders: some of its coders; without any, all.
        earlier: another round in which the same posts were coded; then one coder is compared with what the same person
            said there.

    Raises:
        GroundswellError: there is no such round, a coder is not of it, or one coder is to agree with nobody.
    """
    with study.store() as store:
        connection = store.connection
        opened = _open(connection, name)
        before = None if earlier is None else _open(connection, earlier)
        said = () if before is not None else tuple(samples.program_codings(connection))
        revisions = all_revisions(connection)
    for coder in coders:
        _refuse_stranger(opened.round, coder)
    compared = tuple(coders) or opened.round.coders
    posts = opened.shared(compared)
    coded, codes, person = opened.coded, opened.round.codes, None
    if before is not None:
        if len(compared) != 1:
            raise GroundswellError("two rounds are compared for one coder", hint="--coder NAME")
        _refuse_stranger(before.round, compared[0])
        person = compared[0]
        coded = again(before.coded, coded, (before.round.id, name), person)
        codes = tuple(code for code in codes if code in before.round.codes)
        compared = (before.round.id, name)
        posts = [post for post in posts if post.id in before.given[person]]
    programs = programs_in(said, opened.round, opened.by_id, opened.codebook, revisions)
    if len(compared) == 1 and not programs:
        raise GroundswellError(
            f"{compared[0]} alone agrees with nobody",
            hint="name a second --coder, or an --earlier round of the same posts",
        )
    clusters = find_clusters(opened.posts)
    threads = {post.id: clusters[post.thread] for post in posts}
    found = agreement_by_code(coded, compared, codes, threads, opened.codebook)
    besides = tuple(_besides(opened, compared, programs, clusters))
    read = [post for post in threads if _readers(coded, compared, codes, post) >= _PAIR]
    return AgreementReport(
        round=opened.round,
        coders=compared,
        posts=len(read),
        codes=tuple(found),
        left_out=coded.left_out,
        facts=Facts(
            coders=compared,
            posts=len(read),
            threads=len({threads[post] for post in read}),
            drawn=_drawn_in_words(opened),
            blind=opened.round.blind,
            codebook_revision=opened.round.codebook_revision,
            codes={_title(one, opened.codebook): one.agreement for one in found},
            adjudicated=_reasons(opened) if before is None else {},
            twice=person,
            programs={
                (one.program, one.person): {_title(code, opened.codebook): code.agreement for code in one.codes}
                for one in besides
                if one.codes
            },
        ),
        programs=besides,
    )


def _besides(
    opened: _Opened, people: Sequence[str], programs: Mapping[str, Coded], clusters: Mapping[str, str]
) -> Iterator[BesideProgram]:
    """Compare each program with each of these people, on the posts that the person was given."""
    for program, coded in programs.items():
        for person in people:
            threads = {post.id: clusters[post.thread] for post in opened.posts if post.id in opened.given[person]}
            both = beside(opened.coded, person, coded)
            found = agreement_by_code(both, (person, program), opened.round.codes, threads, opened.codebook)
            codes = tuple(one for one in found if any(one.agreement.positives.values()))
            yield BesideProgram(program, person, codes, coded.left_out)


def _readers(coded: Coded, coders: Sequence[str], codes: Sequence[str], post: int) -> int:
    """How many coders said anything of a post that counts, of whatever code."""
    return sum(any(coded.layers[coder].decision(post, code).value is not None for code in codes) for coder in coders)


def _drawn_in_words(opened: _Opened) -> str:
    sample, share = opened.sample, opened.round.double_share
    codes = Design.from_json(sample.design).codes
    by = f", in strata by machine codings of {', '.join(codes)}" if codes else ""
    article = "an" if sample.purpose == AUDIT else "a"
    words = f"{article} {sample.purpose} sample of {sample.unit}s, drawn by keyed hash with recorded probabilities{by}"
    if share == EVERYBODY:
        return words
    twice = f"{len(opened.shared(opened.round.coders)):,} of its {len(opened.posts):,} posts"
    return f"{words}; {twice}, a planned {share * 100:g} % of the {sample.unit}s, went to two coders each by keyed hash"


def _title(one: CodeAgreement, codebook: Codebook) -> str:
    name = codebook.codes[one.code].name
    return name if one.kind == "code" else f"{name} ({one.kind})"


def _reasons(opened: _Opened) -> dict[str, int]:
    settled = disagreements(opened.coded, opened.round.codes, [post.id for post in opened.posts])
    found = Counter(one.reason.partition(":")[0] for one in settled if one.settled is not None and one.reason)
    return dict(sorted(found.items()))


@dataclass(frozen=True, slots=True)
class Difference:
    """A post and code on which coders of a round decided differently, with the post's address."""

    address: str
    found: Disagreement


def differences(study: Study, name: str) -> list[Difference]:
    """Where the coders of a round decided differently.

    Raises:
        GroundswellError: there is no such round, or it is not closed: coders who see their differences code no longer
            independently.
    """
    with study.store() as store:
        opened = _open(store.connection, name)
    return list(_differences(opened))


def _differences(opened: _Opened) -> Iterator[Difference]:
    if opened.round.closed_at is None:
        raise GroundswellError(
            f"the round {opened.round.id} is open; coders who see their differences are no longer independent",
            hint=f"groundswell code round close {opened.round.id}",
        )
    addresses = {post.id: post.address for post in opened.posts}
    for found in disagreements(opened.coded, opened.round.codes, addresses):
        yield Difference(addresses[found.post], found)


def adjudicate(
    study: Study,
    name: str,
    post: str,
    code: str,
    value: str,
    *,
    reason: str,
    by: str,
    stance: str | None = None,
    note: str | None = None,
) -> None:
    """Decide where coders of a round differ; the decision holds in place of what they said.

    Args:
        study: the study.
        name: the round, which is closed.
        post: its address.
        code: on which they differ.
        value: present, absent, unsure or missing.
        reason: ambiguous, guideline gap or slip.
        by: who decides.
        stance: of a present one.
        note: a sentence on why.

    Raises:
        GroundswellError: the round is not closed, coders do not differ there, the decision is none that the code
            allows, or a machine would decide.
    """
    with study.store() as store:
        study.key(store)
        opened = _open(store.connection, name)
        if not any((one.address, one.found.code) == (post, code) for one in _differences(opened)):
            raise GroundswellError(
                f"the coders of {name} do not differ on {code} of {post}",
                hint=f"groundswell code agreement {name} --differences",
            )
        last = opened.said.get((opened.by_address[post].id, None, code))
        line = {
            "post": post, "code": code, "value": value, "stance": stance, "coder": by, "round": name,
            "reason": f"{reason}: {note}" if note else reason,
        }  # fmt: skip
        write_decision(store, line, opened.codebook, opened.round.codebook_revision, last.created_at if last else None)
