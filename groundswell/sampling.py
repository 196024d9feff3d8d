"""Samples of a study: drawing them, topping them up, what became of their units, and the shares of posts they give."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from sqlite3 import Connection  # noqa: TID251 - only its name: queries take one

from coding.codebook import Codebook
from coding.final import ABSENT, PRESENT, FinalLayer
from coding.rounds import independent
from coding.sampling import (
    AUTHORS_A_STRATUM,
    HIT,
    NONE,
    POSTS_A_STRATUM,
    Candidate,
    Design,
    Drawn,
    Hit,
    Labels,
    author_labels,
    draw,
    post_labels,
    reading_queue,
    seed_of,
    shuffled,
)
from coding.shares import Judged, PostShare, Share, post_share, precision
from db.errors import GroundswellError
from db.queries import codings, reporting, reviewing, samples
from db.queries.reporting import Post
from db.queries.samples import AUTHOR, POST, Sample, Unit
from db.yaml_files import suggest
from groundswell.study import Study, now, record_codebook

AUDIT = "audit"
UNITS_WITHOUT_STRATA = 200
FEWEST_POSTS_EXPECTED = 60
"""With so many expected a stratum holds fewer than forty in about one draw of three hundred."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a draw did.

    Attributes:
        sample: the sample's name.
        frame: units that could have been drawn at some time and are there now.
        new: of these, units that were considered for the first time.
        drawn: of the new ones.
        taught: codes whose model learned from drawn posts of an audit; they are to be trained again.
        invented_left_out: whether invented posts could not be drawn because the study holds real ones.
    """

    sample: str
    purpose: str
    unit: str
    frame: int
    new: int
    drawn: int
    taught: tuple[str, ...]
    invented_left_out: bool


@dataclass(frozen=True, slots=True)
class StratumState:
    """What became of the units of a stratum; those that are lost are non-response.

    Attributes:
        frame: units in the stratum when last drawn from.
        lost: drawn units of which nothing in scope is left.
    """

    code: str
    stratum: str
    frame: int
    drawn: int
    lost: int


@dataclass(frozen=True, slots=True)
class SampleState:
    """A sample as it stands.

    Attributes:
        lost: drawn units of which nothing in scope is left, such as deleted posts.
        waiting: units that came after the last draw; a top-up considers them.
        posts: posts to read for it.
    """

    sample: Sample
    drawn: int
    lost: int
    waiting: int
    posts: int
    rounds: tuple[str, ...]
    strata: tuple[StratumState, ...]


def draw_sample(
    study: Study,
    purpose: str,
    *,
    unit: str | None = None,
    codes: Sequence[str] = (),
    size: int | None = None,
    name: str | None = None,
    top_up: bool = False,
    dry_run: bool = False,
) -> Drawing:
    """Draw a new sample, or draw once more for one that is there, from what is new since.

    Args:
        study: the study.
        purpose: training, reliability, main or audit.
        unit: post or author; without it authors for an audit, else posts.
        codes: by whose machine codings to make strata; without any, for an audit those of the headline claims. An audit
            of posts may do without; then its strata are made afterwards.
        size: units expected in each stratum; without codes, in all.
        name: of the sample; without it, the purpose and a number, or for a top-up the newest of that purpose.
        top_up: whether to draw once more.
        dry_run: store nothing.

    Raises:
        GroundswellError: the name is taken or unknown, a code is unknown, or an audit of authors has none.
    """
    codebook = study.codebook()
    with study.store() as store:
        key = study.key(store)
        revision = None if dry_run else record_codebook(store, codebook)
        with nullcontext(store.connection) if dry_run else store.write() as connection:
            if top_up:
                sample, design = _to_top_up(connection, purpose, name)
                if unit not in (None, sample.unit) or codes or size is not None:
                    raise GroundswellError(
                        f"the sample {sample.id} has its design already", hint="a top-up takes no unit, code or size"
                    )
            else:
                sample, design = _new(connection, study, codebook, key, _Wanted(purpose, unit, codes, size, name))
            drawing, units = _draw(connection, sample, design, codebook)
            if revision is not None:
                samples.save_sample(connection, _with_design(sample, design, revision))
                samples.add_units(connection, sample.id, units)
        return drawing


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What was asked for; None leaves it to us."""

    purpose: str
    unit: str | None
    codes: Sequence[str]
    size: int | None
    name: str | None


def _with_design(sample: Sample, design: Design, revision: str) -> Sample:
    return Sample(
        sample.id,
        sample.purpose,
        sample.unit,
        design.to_json(),
        sample.codebook_revision or revision,
        sample.created_at,
    )


def _to_top_up(connection: Connection, purpose: str, name: str | None) -> tuple[Sample, Design]:
    fitting = [one for one in samples.samples(connection) if one.purpose == purpose and name in (None, one.id)]
    if not fitting:
        raise GroundswellError(
            f"there is no {purpose} sample{f' {name!r}' if name else ''} to top up",
            hint=f"groundswell code sample draw {purpose}",
        )
    return fitting[-1], Design.from_json(fitting[-1].design)


def _new(
    connection: Connection, study: Study, codebook: Codebook, key: bytes, wanted: _Wanted
) -> tuple[Sample, Design]:
    purpose, size, codes = wanted.purpose, wanted.size, wanted.codes
    taken = {one.id for one in samples.samples(connection)}
    free = (f"{purpose}-{number}" for number in range(1, len(taken) + 2))
    name = wanted.name or next(one for one in free if one not in taken)
    if name in taken:
        raise GroundswellError(f"the sample {name} exists already", hint="give another --name, or --top-up")
    unit = wanted.unit or (AUTHOR if purpose == AUDIT else POST)
    if not codes and purpose == AUDIT:
        codes = headline_codes(study, codebook)
        if not codes and unit == AUTHOR:
            raise GroundswellError(
                "an audit of authors needs the codes that it audits",
                hint="name them with --code, or mark claims with headline: yes",
            )
    for code in codes:
        if code not in codebook.codes:
            raise GroundswellError(f"the codebook has no code {code!r}", hint=suggest(code, codebook.codes))
    if (purpose, unit) == (AUDIT, POST) and size is not None and size < FEWEST_POSTS_EXPECTED:
        raise GroundswellError(
            f"{size} posts a stratum are too few for an audit", hint=f"--size {FEWEST_POSTS_EXPECTED} or more"
        )
    usual = UNITS_WITHOUT_STRATA if not codes else AUTHORS_A_STRATUM if unit == AUTHOR else POSTS_A_STRATUM
    design = Design(seed_of(key, name), tuple(dict.fromkeys(codes)), size or usual)
    return Sample(name, purpose, unit, "", None, now()), design


def headline_codes(study: Study, codebook: Codebook) -> tuple[str, ...]:
    """The codes of the headline claims of findings.yaml."""
    claims = (claim for section in study.definition(codebook).sections for claim in section.claims if claim.headline)
    return tuple(dict.fromkeys(code for claim in claims for code in ((claim.code,) if claim.code else claim.codes)))


def _draw(connection: Connection, sample: Sample, design: Design, codebook: Codebook) -> tuple[Drawing, list[Unit]]:
    posts = frame_posts(connection)
    if sample.purpose != AUDIT:
        in_audit = samples.audit_posts(connection)
        posts = [post for post in posts if post.id not in in_audit]
    frame = labels(connection, posts, sample.unit, design.codes, codebook)
    place = max((unit.place for unit in samples.units(connection, sample.id)), default=0)
    at = now()
    drawn = draw(design, frame, at, place)
    taught: list[str] = []
    if sample.purpose == AUDIT:
        units = {one.unit for one in drawn}
        taught = samples.trained_on(connection, [post.id for post in posts if unit_of(post, sample.unit) in units])
    last = design.draws[-1]
    left_out = reporting.holds_real_posts(connection) and reporting.holds_invented_posts(connection)
    drawing = Drawing(
        sample.id, sample.purpose, sample.unit, len(frame), last["new"], last["drawn"], tuple(taught), left_out
    )
    return drawing, [_unit(one, at) for one in drawn]


def _unit(drawn: Drawn, at: str) -> Unit:
    return Unit(drawn.unit, drawn.place, drawn.probability, json.dumps(dict(drawn.strata), sort_keys=True), at)


def unit_of(post: Post, unit: str) -> str:
    """The address under which a post is drawn: its own, or its author's."""
    return post.address if unit == POST else post.author


def frame_posts(connection: Connection) -> list[Post]:
    """The posts that reports count, which are those that samples are drawn from."""
    invented = not reporting.holds_real_posts(connection)
    return list(reporting.posts_with_a_voice(connection, private=False, invented=invented))


def labels(
    connection: Connection, posts: Iterable[Post], unit: str, codes: Sequence[str], codebook: Codebook
) -> dict[str, Labels]:
    """The strata of all units, from what machines hold of the posts now.

    Raises:
        GroundswellError: the codebook no longer has a code of the sample.
    """
    gone = next((code for code in codes if code not in codebook.codes), None)
    if gone is not None:
        raise GroundswellError(f"the codebook no longer has the code {gone!r}", hint="draw a new sample")
    found: dict[int, dict[str, set[str | None]]] = defaultdict(lambda: defaultdict(set))
    for post, code, _kind, stance in samples.machine_hits(connection):
        found[post][code].add(stance)
    if unit == POST:
        return {post.address: post_labels(found.get(post.id, ()), codes) for post in posts}
    hits = (
        Hit(
            post.author,
            (post.created_at, post.platform, post.native_id),
            {code: frozenset(stances) for code, stances in found.get(post.id, {}).items()},
        )
        for post in posts
    )
    return author_labels(hits, {code: codebook.codes[code].stance for code in codes})


def list_samples(study: Study) -> list[SampleState]:
    """All samples as they stand."""
    with study.store() as store:
        return [_state(store.connection, one) for one in samples.samples(store.connection)]


def sample_state(study: Study, name: str) -> SampleState:
    """One sample as it stands.

    Raises:
        GroundswellError: there is none of that name.
    """
    with study.store() as store:
        return _state(store.connection, find_sample(store.connection, name))


def find_sample(connection: Connection, name: str) -> Sample:
    """A sample by its name.

    Raises:
        GroundswellError: there is none.
    """
    found = samples.sample(connection, name)
    if found is None:
        known = [one.id for one in samples.samples(connection)]
        raise GroundswellError(
            f"there is no sample {name!r}", hint=suggest(name, known) or "groundswell code sample list"
        )
    return found


def _state(connection: Connection, sample: Sample) -> SampleState:
    posts = frame_posts(connection)
    there = Counter(unit_of(post, sample.unit) for post in posts)
    design = Design.from_json(sample.design)
    drawn, lost = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    units = samples.units(connection, sample.id)
    for unit in units:
        for place in json.loads(unit.stratum or "{}").items():
            drawn[place] += 1
            lost[place] += unit.unit not in there
    sizes = {
        (code, stratum): size for code, found in design.draws[-1]["sizes"].items() for stratum, size in found.items()
    }
    return SampleState(
        sample=sample,
        drawn=len(units),
        lost=sum(unit.unit not in there for unit in units),
        waiting=sum(not design.knows(unit) for unit in there),
        posts=sum(there[unit.unit] for unit in units),
        rounds=tuple(one.id for one in samples.rounds(connection, sample.id)),
        strata=tuple(
            StratumState(*place, sizes.get(place, 0), drawn[place], lost[place]) for place in sorted({*sizes, *drawn})
        ),
    )


@dataclass(frozen=True, slots=True)
class MachineShare:
    """What people confirm of what one kind of machine coder found."""

    kind: str
    hits: int
    precision: Share


@dataclass(frozen=True, slots=True)
class CodeShare:
    """One code's share of posts.

    Attributes:
        by_machine: for rules, models and programs apart.
        by_coder: the estimate under each coder alone, where more than one coded.
    """

    code: str
    found: PostShare
    by_machine: tuple[MachineShare, ...]
    by_coder: Mapping[str, Share]


@dataclass(frozen=True, slots=True)
class Shares:
    """The shares of posts that a sample gives.

    Attributes:
        waiting: posts that came after the last draw; no figure is about them.
        lost: drawn posts that are gone.
        left_out: codings of the audit's rounds that do not count, by reason.
        taught: of the codes, those whose model learned from drawn posts: it looks more precise than it is.
    """

    sample: str
    waiting: int
    lost: int
    left_out: Mapping[str, int]
    taught: tuple[str, ...]
    codes: tuple[CodeShare, ...]


def post_shares(study: Study, name: str) -> Shares:
    """Estimate shares of posts from an audit of posts.

    Raises:
        GroundswellError: there is no such sample, or it is no audit of posts.
    """
    codebook = study.codebook()
    with study.store() as store:
        connection = store.connection
        sample = find_sample(connection, name)
        if (sample.purpose, sample.unit) != (AUDIT, POST):
            raise GroundswellError(
                f"{name} is no audit of posts", hint="groundswell code sample draw audit --unit post"
            )
        design = Design.from_json(sample.design)
        posts = frame_posts(connection)
        considered = [post for post in posts if design.knows(post.address)]
        units = samples.units(connection, name)
        by_coder, settled, left_out = _judgements(connection, sample, posts)
        revisions = codings.revisions(connection)
        drawn = {unit.unit for unit in units}
        taught = samples.trained_on(connection, [post.id for post in considered if post.address in drawn])
        machines: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
        for post, code, kind, _stance in samples.machine_hits(connection):
            machines[code][kind].add(post)
    ids = {post.address: post.id for post in considered}
    audit = _Audit(
        drawn=tuple((ids[unit.unit], unit.probability) for unit in units if unit.unit in ids),
        frame=frozenset(ids.values()),
        layer=FinalLayer([*(one for found in by_coder.values() for one in found), *settled], codebook, revisions),
        alone={coder: FinalLayer(found, codebook, revisions) for coder, found in sorted(by_coder.items()) if found},
    )
    codes = [code for code in design.codes if code in codebook.codes] or codebook.counted
    return Shares(
        sample=name,
        waiting=len(posts) - len(considered),
        lost=len(units) - len(audit.drawn),
        left_out=left_out,
        taught=tuple(code for code in taught if code in codes),
        codes=tuple(_code_share(code, audit, machines.get(code, {})) for code in codes),
    )


@dataclass(frozen=True, slots=True)
class _Audit:
    """What all shares of an audit are computed from.

    Attributes:
        drawn: the drawn posts that are there, with their probabilities.
        frame: all posts that could have been drawn.
        layer, alone: what people decided, together and each coder alone.
    """

    drawn: tuple[tuple[int, float], ...]
    frame: frozenset[int]
    layer: FinalLayer
    alone: Mapping[str, FinalLayer]

    def judged(self, code: str, hits: frozenset[int], layer: FinalLayer) -> list[tuple[int, Judged]]:
        """The drawn posts with what was decided of them."""
        return [
            (post, Judged(HIT if post in hits else NONE, probability, _positive(layer, post, code)))
            for post, probability in self.drawn
        ]


def _judgements(
    connection: Connection, sample: Sample, posts: Sequence[Post]
) -> tuple[dict[str, list[codings.PersonCoding]], list[codings.PersonCoding], dict[str, int]]:
    """What counts of the audit's rounds, by coder, what settled their differences, and what does not count, by reason."""
    by_coder: dict[str, list[codings.PersonCoding]] = defaultdict(list)
    settled: list[codings.PersonCoding] = []
    left_out: Counter[str] = Counter()
    ids = frozenset(post.id for post in posts)
    for round_ in samples.rounds(connection, sample.id):
        counted, decided, others = independent(samples.round_codings(connection, [round_.id]), round_, ids)
        for coder, found in counted.items():
            by_coder[coder] += [one.coding for one in found]
        settled += [one.coding for one in decided]
        left_out.update(others)
    return by_coder, settled, dict(sorted(left_out.items()))


def _code_share(code: str, audit: _Audit, machines: Mapping[str, set[int]]) -> CodeShare:
    hits = audit.frame & frozenset().union(*machines.values())
    sizes = {HIT: len(hits), NONE: len(audit.frame) - len(hits)}
    judged = audit.judged(code, hits, audit.layer)
    by_machine = []
    for kind, posts in sorted(machines.items()):
        found = posts & audit.frame
        by_machine.append(
            MachineShare(kind, len(found), precision([one for post, one in judged if post in found], len(found)))
        )
    by_coder = {
        coder: post_share([one for _, one in audit.judged(code, hits, layer)], sizes, HIT).estimate
        for coder, layer in audit.alone.items()
    }
    return CodeShare(
        code=code,
        found=post_share([one for _, one in judged], sizes, HIT),
        by_machine=tuple(by_machine),
        by_coder=by_coder if len(by_coder) > 1 else {},
    )


def _positive(layer: FinalLayer, post: int, code: str) -> bool | None:
    value = layer.decision(post, code).value
    return {PRESENT: True, ABSENT: False}.get(value) if value is not None else None


def mixed_order(connection: Connection, posts: Sequence[Post], codes: Sequence[str], seed: str) -> list[Post]:
    """Posts in the order of the reading queue, which mixes those that teach a classifier most with others."""
    modelled = set(reviewing.modelled_codes(connection))
    margins = {code: samples.newest_margins(connection, code) for code in codes if code in modelled}
    hits: dict[int, set[str]] = defaultdict(set)
    for number, code in reviewing.rule_hits(connection, [post.id for post in posts]):
        hits[number].add(code)
    candidates = [
        Candidate(
            address=post.address,
            thread=post.thread,
            key=shuffled(seed, post.address),
            margins={code: found[post.id] for code, found in margins.items() if post.id in found},
            hits=frozenset(hits.get(post.id, ())),
        )
        for post in posts
    ]
    by_address = {post.address: post for post in posts}
    return [by_address[address] for address, _kind in reading_queue(candidates, tuple(codes))]
