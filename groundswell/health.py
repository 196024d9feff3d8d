"""How a study's collection and coding stand, as the study page shows it: what comes in, what is left, how far to trust it."""

import hashlib
import hmac
import json
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from coding.codebook import Codebook
from coding.final import ABSENT, PRESENT, FinalLayer
from coding.intervals import NORMAL, wilson
from db.errors import GroundswellError
from db.queries import pages, samples
from db.queries.codings import revisions
from db.store import Store
from groundswell.agreeing import AgreementReport, agreement, list_rounds
from groundswell.study import Study
from reports.corpus import EVIDENCE_DIGITS
from reports.defaults import completed

_SHOWN_ROUNDS = 3
_PAIR = 2


@dataclass(frozen=True, slots=True)
class Work:
    """How far a coder is in an open round.

    Attributes:
        posts: those that the coder was given.
        left: those still to be read.
        days: how many were first decided on each day (UTC).
    """

    round: str
    sample: str
    coder: str
    blind: bool
    posts: int
    left: int
    days: dict[str, int]


@dataclass(frozen=True, slots=True)
class Precision:
    """Of the posts in which the rules of a code found something, those that people decided, and how many are so.

    Attributes:
        found: posts with a hit.
        lower, upper: the limits of a 95 % interval (Wilson), as if the decided posts had been drawn at random.
    """

    code: str
    found: int
    read: int
    present: int
    lower: float
    upper: float

    @property
    def share(self) -> float:
        """How many of those that were decided people confirm."""
        return self.present / self.read


def latest_report(study: Study) -> dict[str, Any] | None:
    """The report as it was built last; None before the first.

    Raises:
        GroundswellError: report.json cannot be read.
    """
    path = study.reports / "report.json"
    try:
        return completed(json.loads(path.read_bytes()))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise GroundswellError(f"{path}: this is no report of ours", hint="groundswell report build") from error


def evidence_ids(key: bytes, store: Store) -> dict[str, int]:
    """The post behind each evidence id (see `reports.corpus`)."""
    return {
        f"E-{hmac.new(key, f'evidence:{address}'.encode(), hashlib.sha256).hexdigest()[:EVIDENCE_DIGITS]}": post
        for address, post in pages.addresses(store.connection).items()
    }


def open_work(study: Study) -> list[Work]:
    """How far each coder is in each open round."""
    with study.store() as store:
        days: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
        for round_, coder, day, posts in pages.read_per_day(store.connection):
            days[round_, coder][day] = posts
    return [
        Work(
            one.round.id,
            one.round.sample,
            one.coder,
            one.round.blind,
            one.posts,
            one.left,
            days[one.round.id, one.coder],
        )
        for one in list_rounds(study)
        if one.round.closed_at is None
    ]


def closed_agreements(study: Study) -> list[AgreementReport]:
    """The agreement in the rounds that were closed last; open ones would tell coders what the others say."""
    with study.store() as store:
        closed = [one for one in samples.rounds(store.connection) if one.closed_at and len(one.coders) >= _PAIR]
    newest = sorted(closed, key=lambda one: one.closed_at or "")[-_SHOWN_ROUNDS:]
    return [agreement(study, one.id) for one in reversed(newest)]


def precisions(store: Store, codebook: Codebook, hidden: Collection[int] = ()) -> list[Precision]:
    """How often people confirm what the rules of each code find, where anybody has decided.

    What was drawn for an audit is left out, so that nobody tunes rules by it.

    Args:
        store: the study's database.
        codebook: the codes.
        hidden: posts that are not counted.
    """
    connection = store.connection
    hits: dict[str, set[int]] = defaultdict(set)
    for post, code, kind, _stance in samples.machine_hits(connection):
        if kind == "rules" and post not in hidden:
            hits[code].add(post)
    known = [code for code in codebook.codes if code in hits]
    layer = FinalLayer(samples.training_codings(connection, *known), codebook, revisions(connection))
    return list(_confirmed(known, hits, layer))


def _confirmed(codes: Collection[str], hits: dict[str, set[int]], layer: FinalLayer) -> Iterator[Precision]:
    decided_posts = layer.posts
    for code in codes:
        values = [layer.decision(post, code).value for post in hits[code] & decided_posts]
        decided = [value for value in values if value in (PRESENT, ABSENT)]
        if decided:
            present = decided.count(PRESENT)
            lower, upper = wilson(present / len(decided), len(decided), NORMAL)
            yield Precision(code, len(hits[code]), len(decided), present, lower, upper)
