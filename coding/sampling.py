"""Drawing units for people to read, by chances that are known, and the order in which they are read.

Nothing here is random: a unit has a keyed hash u between 0 and 1 and is drawn if u is below its probability. The hash
is made from the study's key and the sample's name, so that a draw can be repeated by whoever has the key, and nobody
without it can tell beforehand who will be drawn. A unit is considered once in a sample, with the probability that it had
then; a later draw looks at units that were never considered. What was drawn before stays drawn, with its probability.
"""

import base64
import hmac
import json
from collections import Counter, defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

ALL = "*"
"""In the place of a code where units are drawn whatever the machines found in them."""
HIT, NONE = "hit", "none"
SUPPORT, OTHER, MENTIONS, SILENT = "support", "other", "mentions", "silent"
AUTHORS_A_STRATUM = 75
POSTS_A_STRATUM = 100
_REMEMBERED_BYTES = 5
_STEPS = 1 << 53  # as fine as a float between 0 and 1 can be

Labels = Mapping[str, str]
"""A unit's stratum, by code."""


def seed_of(key: bytes, sample: str) -> str:
    """The seed of a sample as hex digits; it says nothing about the study's key."""
    return hmac.digest(key, f"sample:{sample}".encode(), "sha256").hex()


def chance(seed: str, unit: str) -> float:
    """The keyed hash u of a unit: at least 0, below 1, the same whenever it is asked."""
    return (int.from_bytes(_digest(seed, "draw", unit)[:7]) >> 3) / _STEPS


def shuffled(seed: str, unit: str) -> bytes:
    """What to sort units by for an order that tells nothing of their probabilities."""
    return _digest(seed, "order", unit)


def _digest(seed: str, purpose: str, unit: str) -> bytes:
    return hmac.digest(bytes.fromhex(seed), f"{purpose}:{unit}".encode(), "sha256")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A unit that was drawn.

    Attributes:
        place: its place in the order of reading, from 1.
        probability: with which it was drawn.
        strata: the stratum that it was in, by code.
    """

    unit: str
    place: int
    probability: float
    strata: Labels


@dataclass(slots=True)
class Design:
    """How a sample was and will be drawn.

    Attributes:
        seed: what the hashes are made with.
        codes: the codes by whose machine codings units are put into strata; empty = all units alike.
        per_stratum: how many units of a stratum are expected; of strata that count double, twice as many.
        draws: for each draw its time, the units by stratum, the probabilities, and how many were new and drawn.
        considered: short hashes of all units that were ever considered, drawn or not.
    """

    seed: str
    codes: tuple[str, ...]
    per_stratum: int
    draws: list[dict[str, Any]] = field(default_factory=list)
    considered: set[bytes] = field(default_factory=set)

    def knows(self, unit: str) -> bool:
        """Whether a unit was considered in any draw."""
        return self.remembered(unit) in self.considered

    def remembered(self, unit: str) -> bytes:
        """The short hash by which a unit is remembered."""
        return _digest(self.seed, "considered", unit)[:_REMEMBERED_BYTES]

    def to_json(self) -> str:
        """The design as it is stored."""
        considered = base64.b64encode(b"".join(sorted(self.considered))).decode()
        return json.dumps(
            {"seed": self.seed, "codes": self.codes, "per_stratum": self.per_stratum, "draws": self.draws,
             "considered": considered},
            sort_keys=True,
        )  # fmt: skip

    @classmethod
    def from_json(cls, text: str) -> "Design":
        """The design as it was stored."""
        stored = json.loads(text)
        whole = base64.b64decode(stored["considered"])
        considered = {whole[at : at + _REMEMBERED_BYTES] for at in range(0, len(whole), _REMEMBERED_BYTES)}
        return cls(stored["seed"], tuple(stored["codes"]), stored["per_stratum"], stored["draws"], considered)


def draw(design: Design, frame: Mapping[str, Labels], now: str, place: int = 0) -> list[Drawn]:
    """Draw from the units of a frame that were not considered before; the design remembers them.

    Args:
        design: how to draw; it is changed.
        frame: all units there are now, considered or not, with their strata.
        now: the time of the draw.
        place: the last place of the order of reading that is taken.
    """
    sizes: dict[str, Counter[str]] = defaultdict(Counter)
    for labels in frame.values():
        for code, stratum in labels.items():
            sizes[code][stratum] += 1
    chances = {code: probabilities(counts, design.per_stratum) for code, counts in sorted(sizes.items())}
    new = [unit for unit in frame if not design.knows(unit)]
    found = []
    for unit in new:
        probability = max(chances[code][stratum] for code, stratum in frame[unit].items())
        if chance(design.seed, unit) < probability:
            found.append((unit, probability))
    found.sort(key=lambda one: shuffled(design.seed, one[0]))
    design.considered.update(map(design.remembered, new))
    design.draws.append(
        {"at": now, "sizes": {code: dict(sorted(counts.items())) for code, counts in sorted(sizes.items())},
         "probabilities": chances, "new": len(new), "drawn": len(found)}
    )  # fmt: skip
    return [
        Drawn(unit, number, probability, frame[unit])
        for number, (unit, probability) in enumerate(found, start=place + 1)
    ]


def probabilities(sizes: Mapping[str, int], per_stratum: int) -> dict[str, float]:
    """With which probability a unit of each stratum is drawn, so that so many of it are expected.

    Authors who take a stance by a machine's coding are all drawn while they are fewer than twice as many. Those whom a
    machine only holds to mention the code, and those in whom it found nothing, count double: whoever takes a stance
    among them is found in no other way (S8 and S11 of docs/explanation/statistics.md).
    """
    takers = sizes.get(SUPPORT, 0) + sizes.get(OTHER, 0)
    wanted = {
        SUPPORT: takers if takers < 2 * per_stratum else per_stratum,
        OTHER: takers if takers < 2 * per_stratum else per_stratum,
        MENTIONS: 2 * per_stratum,
        SILENT: 2 * per_stratum,
    }
    return {
        stratum: min(1.0, wanted.get(stratum, per_stratum) / size) for stratum, size in sorted(sizes.items()) if size
    }


@dataclass(frozen=True, slots=True)
class Hit:
    """What machines hold of one post: its author, its time, and the stances of what they found, by code.

    Attributes:
        moment: what orders the posts of an author in time.
        found: for each code that was found, the stances that machines gave it, None for none.
    """

    author: str
    moment: tuple[str, ...]
    found: Mapping[str, frozenset[str | None]]


def post_labels(found: Iterable[str], codes: Sequence[str]) -> Labels:
    """The strata of a post in which machines found these codes."""
    here = frozenset(found)
    return {code: HIT if code in here else NONE for code in codes} or {ALL: ALL}


def author_labels(hits: Iterable[Hit], codes: Mapping[str, bool]) -> dict[str, Labels]:
    """The strata of authors, from all their posts.

    For a code with a stance it is that of the author's latest post to which a machine gave one; without any, whether a
    machine found the code at all.

    Args:
        hits: all posts in scope.
        codes: whether each code asks for a stance.
    """
    labels: dict[str, dict[str, str]] = {}
    for hit in sorted(hits, key=lambda hit: hit.moment):
        mine = labels.setdefault(hit.author, {code: SILENT if stance else NONE for code, stance in codes.items()})
        for code in hit.found.keys() & codes.keys():
            if not codes[code]:
                mine[code] = HIT
                continue
            stances = hit.found[code] - {None}
            if stances:
                mine[code] = SUPPORT if stances == {SUPPORT} else OTHER
            elif mine[code] == SILENT:
                mine[code] = MENTIONS
    return {author: mine or {ALL: ALL} for author, mine in labels.items()}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A post that could be read next.

    Attributes:
        key: what puts it into a random order.
        margins: by code how far its probability lies above what the model calls present, -1 to 1, below 0 where it calls
            it absent; a code that no model scored is left out.
        hits: the codes that a rule found in it.
    """

    address: str
    thread: str
    key: bytes
    margins: Mapping[str, float]
    hits: frozenset[str]


RANDOM, UNCERTAIN, DISAGREEMENT, HIGH = "random", "uncertain", "disagreement", "high"
MIX = ((RANDOM, 8), (UNCERTAIN, 6), (DISAGREEMENT, 4), (HIGH, 2))
"""How many posts of each kind are among twenty."""
MOST_OF_A_THREAD = 2


def reading_queue(candidates: Sequence[Candidate], codes: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Order posts for reading where codings are to teach; yields address and kind of each, every post once.

    Among twenty posts eight are random, six such as a model is least certain of, four on which rule and model differ,
    and two with high scores, the codes taking turns; at most two are of one thread as long as others are left. A kind of
    which there is none leaves its places to the random ones. Until there is a model a rule's hit is a high score.
    """
    streams = {kind: _Stream(kind, candidates, codes) for kind, _ in MIX}
    threads = {one.address: one.thread for one in candidates}
    taken: set[str] = set()
    while len(taken) < len(candidates):
        here: Counter[str] = Counter()
        for kind in _kinds():
            full = frozenset(thread for thread, many in here.items() if many >= MOST_OF_A_THREAD)
            for stream, crowded in ((kind, full), (RANDOM, full), (RANDOM, frozenset[str]())):
                address = streams[stream].next(taken, crowded)
                if address is not None:
                    taken.add(address)
                    here[threads[address]] += 1
                    yield address, stream
                    break


def _kinds() -> Iterator[str]:
    """The kinds of twenty posts, the rarer ones spread over them."""
    spread = sorted(((number + 0.5) / many, kind) for kind, many in MIX for number in range(many))
    return (kind for _, kind in spread)


class _Stream:
    """The posts of one kind, best first, the codes taking turns."""

    def __init__(self, kind: str, candidates: Sequence[Candidate], codes: Sequence[str]) -> None:
        turns = (ALL,) if kind == RANDOM else codes
        self._ranked = deque(deque(_ranked(kind, candidates, code)) for code in turns)

    def next(self, taken: Collection[str], crowded: Collection[str]) -> str | None:
        """The best post that is not taken and not of a crowded thread."""
        for _ in range(len(self._ranked)):
            here = self._ranked[0]
            self._ranked.rotate(-1)
            while here and here[0].address in taken:
                here.popleft()
            for one in here:
                if one.address not in taken and one.thread not in crowded:
                    return one.address
        return None


def _ranked(kind: str, candidates: Sequence[Candidate], code: str) -> list[Candidate]:
    ranks = [(rank, one.key, one) for one in candidates if (rank := _rank(kind, one, code)) is not None]
    return [one for _, _, one in sorted(ranks, key=lambda found: found[:2])]


def _rank(kind: str, one: Candidate, code: str) -> float | None:
    """Where a post stands in a kind, the smallest first; None if it is not of that kind."""
    if kind == RANDOM:
        return 0.0
    margin, hit = one.margins.get(code), code in one.hits
    if margin is None:
        return 0.0 if kind == HIGH and hit else None
    if kind == UNCERTAIN:
        return abs(margin)
    if kind == HIGH:
        return -margin if margin >= 0 else None
    return -abs(margin) if (margin >= 0) != hit else None
