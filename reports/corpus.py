"""What all claims of a report are computed from: posts with a voice, people's decisions, and machine mentions."""

import hashlib
import hmac
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from sqlite3 import Connection  # noqa: TID251 - only its name: queries take one
from typing import Any

from coding.codebook import Codebook
from coding.final import FinalLayer
from coding.sampling import Design, Hit, author_labels, chance, probabilities, seed_of
from db.queries import codings, reporting, samples
from db.queries.reporting import Post
from db.store import Store

EVIDENCE_DIGITS = 10


Stances = Mapping[tuple[int, str], frozenset[str | None]]
"""The stances that machines gave a post for a code that they found in it, None for none."""


@dataclass(frozen=True, slots=True)
class Readings:
    """What people said that may enter a correction: nothing that a machine's suggestion stood beside.

    Where a round codes an audit, of its posts only what was said blind is among it.

    Attributes:
        layer: what people hold together.
        alone: what each of them holds.
        blind: the same of what was said blind.
        settled: what was adjudicated.
    """

    layer: FinalLayer
    alone: Mapping[str, FinalLayer]
    blind: Mapping[str, FinalLayer]
    settled: FinalLayer


@dataclass(frozen=True, slots=True)
class Audit:
    """An audit of authors as it stands.

    Attributes:
        id: the sample's name.
        codes: those by whose machine codings it was drawn.
        probabilities: with which each drawn author was drawn. Authors who came since the last draw are among them if
            the same rule would draw them now.
        due: those, who have to be drawn yet.
        lost: how many drawn authors have no post with a voice any more.
        readings: what people said that may enter its correction.
        rounds: in which it is coded.
    """

    id: str
    codes: frozenset[str]
    probabilities: Mapping[str, float]
    due: frozenset[str]
    lost: int
    readings: Readings
    rounds: tuple[samples.Round, ...]


@dataclass(frozen=True, slots=True)
class Corpus:
    """The data of a report.

    Attributes:
        posts: public posts with a voice, by time and address.
        notes: private notes; they enter their own counts only.
        layer: what people decided.
        mentions: for each code, the posts that a machine holds to mention it.
        clusters: the cluster of each thread; threads that repeat each other share one.
        invented_left_out: whether invented posts were left out because the study holds real ones.
        audits: the audits of authors, in the order in which they were first drawn.
        stances: what side machines hold posts to take.
        sample_names: the names that are taken, so that the next audit's is known.
    """

    posts: tuple[Post, ...]
    notes: tuple[Post, ...]
    layer: FinalLayer
    codebook: Codebook
    mentions: Mapping[str, frozenset[int]]
    clusters: Mapping[str, str]
    invented_left_out: bool
    audits: tuple[Audit, ...]
    stances: Stances
    key: bytes = field(repr=False)
    sample_names: frozenset[str] = frozenset()
    _chances: dict[str, dict[str, float]] = field(default_factory=dict, repr=False, compare=False)

    def evidence_id(self, address: str) -> str:
        """The name under which a post is cited: nobody without the study's key can tell which it is."""
        return "E-" + self.keyed(f"evidence:{address}")[:EVIDENCE_DIGITS]

    def keyed(self, text: str) -> str:
        """A keyed hash as hex digits, the same for one study whenever it is asked."""
        return hmac.new(self.key, text.encode(), hashlib.sha256).hexdigest()

    def chances(self, sample: str) -> Mapping[str, float]:
        """The keyed hash by which a sample of that name would draw each author or not, worked out once."""
        if sample not in self._chances:
            seed = seed_of(self.key, sample)
            self._chances[sample] = {author: chance(seed, author) for author in {post.author for post in self.posts}}
        return self._chances[sample]


def load_corpus(store: Store, codebook: Codebook, key: bytes) -> Corpus:
    """Read the corpus of a study; invented posts count only while there are no others."""
    connection = store.connection
    real = reporting.holds_real_posts(connection)
    posts = tuple(reporting.posts_with_a_voice(connection, private=False, invented=not real))
    mentions: dict[str, set[int]] = defaultdict(set)
    for post, code in codings.machine_mentions(connection):
        mentions[code].add(post)
    known = samples.samples(connection)
    drawn = [one for one in known if (one.purpose, one.unit) == ("audit", samples.AUTHOR)]
    stances = _stances(connection)
    audits = (_audit(connection, one, posts, codebook, stances) for one in drawn)
    return Corpus(
        posts=posts,
        notes=tuple(reporting.posts_with_a_voice(connection, private=True, invented=not real)),
        layer=FinalLayer(codings.people_codings(connection), codebook, codings.revisions(connection)),
        codebook=codebook,
        mentions={code: frozenset(found) for code, found in mentions.items()},
        clusters=find_clusters(posts),
        invented_left_out=real and reporting.holds_invented_posts(connection),
        audits=tuple(audits),
        stances=stances,
        key=key,
        sample_names=frozenset(one.id for one in known),
    )


def _stances(connection: Connection) -> Stances:
    found: dict[tuple[int, str], set[str | None]] = defaultdict(set)
    for post, code, _, stance in samples.machine_hits(connection):
        found[post, code].add(stance)
    return {place: frozenset(stances) for place, stances in found.items()}


def _audit(
    connection: Connection,
    sample: samples.Sample,
    posts: Sequence[Post],
    codebook: Codebook,
    stances: Stances,
) -> Audit:
    """An audit with its drawn authors, and those who came since and are to be drawn by the same rule."""
    design = Design.from_json(sample.design)
    codes = {code: codebook.codes[code].stance for code in design.codes if code in codebook.codes}
    labels = author_labels((machine_view(post, codes, stances) for post in posts), codes)
    sizes = {code: Counter(mine[code] for mine in labels.values()) for code in codes}
    chances = {code: probabilities(counts, design.per_stratum) for code, counts in sizes.items()}
    drawn = {unit.unit: unit.probability for unit in samples.units(connection, sample.id)}
    due = {}
    for author, mine in labels.items():
        probability = max((chances[code][mine[code]] for code in codes), default=0.0)
        if author not in drawn and not design.knows(author) and chance(design.seed, author) < probability:
            due[author] = probability
    rounds = tuple(samples.rounds(connection, sample.id))
    theirs = frozenset(post.id for post in posts if post.author in drawn) if rounds else frozenset[int]()
    return Audit(
        id=sample.id,
        codes=frozenset(codes),
        probabilities=drawn | due,
        due=frozenset(due),
        lost=sum(author not in labels for author in drawn),
        readings=_readings(connection, theirs, codebook),
        rounds=rounds,
    )


def _readings(connection: Connection, blind_in: frozenset[int], codebook: Codebook) -> Readings:
    revisions = codings.revisions(connection)
    said = tuple(samples.unaided_codings(connection, blind_in))
    return Readings(
        layer=FinalLayer(said, codebook, revisions),
        alone=_alone(said, codebook, revisions),
        blind=_alone(samples.unaided_codings(connection), codebook, revisions),
        settled=FinalLayer((one for one in said if one.adjudicated), codebook, revisions),
    )


def _alone(
    said: Iterable[codings.PersonCoding], codebook: Codebook, revisions: Mapping[str, str]
) -> dict[str, FinalLayer]:
    """What each person said, without what was adjudicated."""
    by_coder: dict[str, list[codings.PersonCoding]] = defaultdict(list)
    for one in said:
        if not one.adjudicated:
            by_coder[one.coder].append(one)
    return {coder: FinalLayer(mine, codebook, revisions) for coder, mine in sorted(by_coder.items())}


def machine_view(post: Post, codes: Iterable[str], stances: Stances) -> Hit:
    """A post as machines see it, for the stratum of its author."""
    found = {code: stances[post.id, code] for code in codes if (post.id, code) in stances}
    return Hit(post.author, (post.created_at, post.platform, post.native_id), found)


def find_clusters(posts: Iterable[Post]) -> dict[str, str]:
    """Name the cluster of each thread: itself, or the smallest address among threads that are cross-posts of one another."""
    parent: dict[str, str] = {}

    def root(thread: str) -> str:
        parent.setdefault(thread, thread)
        while parent[thread] != thread:
            thread = parent[thread]
        return thread

    threads = dict.fromkeys((post.thread, post.crosspost_of) for post in posts)
    for thread, original in threads:
        left = root(thread)
        if original is not None:
            first, second = sorted((left, root(f"{thread.partition(':')[0]}:{original}")))
            parent[second] = first
    return {thread: root(thread) for thread, _ in threads}


def data_hash(corpus: Corpus) -> str:
    """SHA-256 over the rows that votes are computed from, without the times of coding."""
    digest = hashlib.sha256()
    codes = sorted(corpus.codebook.codes)
    read, found, sides = corpus.layer.posts, _mentions_by_post(corpus), _stances_by_post(corpus)
    for post in (*corpus.posts, *corpus.notes):
        row: list[Any] = [
            post.address, post.text_sha, post.author, corpus.clusters.get(post.thread, post.thread), post.community,
            post.created_at, decisions(corpus, post, codes) if post.id in read else [], found.get(post.id, []),
        ]  # fmt: skip
        if corpus.audits:
            row.append(sides.get(post.id, []))
        _add_row(digest, row)
    for audit in corpus.audits:
        _add_row(digest, [audit.id, sorted(audit.codes), sorted(audit.probabilities.items()), audit.lost])
        _add_row(digest, [[len(one.coders), one.codes] for one in audit.rounds])
        read = audit.readings.layer.posts
        for post in corpus.posts:
            if post.id in read:
                _add_row(digest, [post.address, _said_in_audit(audit, post, codes)])
    return digest.hexdigest()


def _mentions_by_post(corpus: Corpus) -> dict[int, list[str]]:
    """The codes that a machine holds each post to mention, sorted."""
    found: dict[int, list[str]] = defaultdict(list)
    for code in sorted(corpus.codebook.codes):
        for post in corpus.mentions.get(code, ()):
            found[post].append(code)
    return found


def _stances_by_post(corpus: Corpus) -> dict[int, list[list[Any]]]:
    """What side machines hold each post to take, by code, sorted."""
    found: dict[int, list[list[Any]]] = defaultdict(list)
    for (post, code), stances in sorted(corpus.stances.items(), key=lambda named: named[0]):
        if code in corpus.codebook.codes:
            found[post].append([code, sorted(stance or "" for stance in stances)])
    return found


def _said_in_audit(audit: Audit, post: Post, codes: Iterable[str]) -> list[list[Any]]:
    """What enters the correction of a post, by code: what holds, what was settled, all answers, and the blind ones."""
    readings = audit.readings
    kinds = ([readings.layer], [readings.settled], readings.alone.values(), readings.blind.values())
    return [[code, *(_answers(layers, post, code) for layers in kinds)] for code in codes if code in audit.codes]


def _answers(layers: Iterable[FinalLayer], post: Post, code: str) -> list[list[str]]:
    made = (layer.decision(post.id, code) for layer in layers if post.id in layer.posts)
    return sorted([one.value or "", one.stance or "", "differ" if one.disputed else ""] for one in made)


def _add_row(digest: "hashlib._Hash", row: list[Any]) -> None:
    digest.update(json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode())
    digest.update(b"\n")


def decisions(corpus: Corpus, post: Post, codes: Sequence[str]) -> list[list[str | None]]:
    """What people decided about a post: [code, value, stance] for each code that anybody looked for."""
    found = ((code, corpus.layer.decision(post.id, code)) for code in codes)
    return [[code, made.value, made.stance] for code, made in found if made.value is not None or made.disputed]
