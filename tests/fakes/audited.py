"""Audits of authors in worlds whose truth is known: what machines find, whom the draw takes, and what people decide."""

import random
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from fakes.ballots import SEATS_OF_A_REGULAR, SPREAD_OF_SIZES

from reports.corrected import NO_VOTE, Frame, Member, Seen, Sums
from reports.votes import DISPUTE, NO, SUPPORT, YES

HIT, NONE, OTHER, SILENT = "hit", "none", "other", "silent"
SHOWN_AGAIN = 0.5
ZIPF = 2.2


@dataclass(frozen=True, slots=True)
class AuditedWorld:
    """Threads as a sample of conversations, and an audit of the authors in them.

    Attributes:
        truth: the share of all authors who hold the code, or who support among those who take a side.
        correlation: how alike authors of one thread are, 0 to 1.
        drawn: how many authors of each stratum are expected to be drawn.
        in_all: whether as many are drawn in all where a stratum has fewer: the rest comes from the largest stratum.
        threads: how many threads are collected.
        median_size: median of the lognormal number of authors in a thread.
        regulars: the share of seats taken by authors seen in several threads.
    """

    truth: float
    correlation: float
    drawn: Mapping[str, int]
    in_all: bool = False
    threads: int = 60
    median_size: float = 6
    regulars: float = 0.1


@dataclass(frozen=True, slots=True)
class Machine:
    """How well a machine finds a code in single posts."""

    sensitivity: float = 0.8
    false_rate: float = 0.025


@dataclass(frozen=True, slots=True)
class StanceMachine:
    """How well a machine finds the sides that authors take.

    Attributes:
        takers: the share of authors who take a side.
        finds_support, finds_dispute: how many of each it finds.
        confuses: how many of those it puts on the other side.
        invents: how many of those without a side it gives one.
    """

    finds_support: float = 0.7
    finds_dispute: float = 0.7
    takers: float = 0.15
    confuses: float = 0.1
    invents: float = 0.05


class Audited(NamedTuple):
    """One collection with its audit.

    Attributes:
        members: all authors.
        thread_sizes: known voters by thread.
        truth: the share among all authors that were collected.
    """

    members: list[Member]
    thread_sizes: list[int]
    truth: float


@dataclass(slots=True)
class _Author:
    threads: list[str]
    vote: str
    stratum: str = ""


def audited_presence(world: AuditedWorld, chance: random.Random, machine: Machine) -> Audited:
    """Collect once, let a machine look at every post, draw authors of both strata, and let people read all they wrote."""
    authors = _authors(world, chance, lambda share: YES if chance.random() < share else NO)
    for author in authors:
        author.stratum = HIT if _is_found(author, machine, chance) else NONE
    return _audit(authors, world, chance, {YES})


def audited_stance(world: AuditedWorld, chance: random.Random, machine: StanceMachine) -> Audited:
    """Collect once, let a machine put authors on sides, draw of each, and let people read all they wrote."""

    def vote(share: float) -> str:
        if chance.random() >= machine.takers:
            return NO_VOTE
        return SUPPORT if chance.random() < share else DISPUTE

    authors = _authors(world, chance, vote)
    for author in authors:
        author.stratum = _side(author.vote, machine, chance)
    return _audit(authors, world, chance, {SUPPORT})


def audited_population(size: int, truth: float, drawn: int, chance: random.Random, machine: Machine) -> Frame:
    """Give the frame of a population with an exact share of holders, half of the drawn authors from each stratum."""
    holders = round(truth * size)
    found = sum(chance.random() < machine.sensitivity for _ in range(holders))
    hits = found + sum(chance.random() < machine.false_rate for _ in range(size - holders))
    strata = {
        HIT: _drawn_from(hits, found, drawn // 2, chance),
        NONE: _drawn_from(size - hits, holders - found, drawn // 2, chance),
    }
    return Frame(strata, {}, frozenset())


def _drawn_from(size: int, holders: int, drawn: int, chance: random.Random) -> Sums:
    judged = min(size, drawn)
    positive = sum(number < holders for number in chance.sample(range(size), judged))
    weight = size / judged
    heads = {YES: positive, NO: judged - positive}
    return Sums(size, judged, judged * weight**2, {vote: n * weight for vote, n in heads.items()}, heads)


def _authors(world: AuditedWorld, chance: random.Random, vote: Callable[[float], str]) -> list[_Author]:
    """Everybody once; an author says the same everywhere, decided in the thread where they are first seen."""
    sizes = [
        max(1, round(world.median_size * chance.lognormvariate(0.0, SPREAD_OF_SIZES))) for _ in range(world.threads)
    ]
    pool = max(1, round(sum(sizes) * world.regulars / SEATS_OF_A_REGULAR))
    scale = (1 - world.correlation) / world.correlation
    authors: list[_Author] = []
    regulars: dict[int, _Author] = {}
    for number, size in enumerate(sizes):
        thread, share = f"t{number:03}", chance.betavariate(world.truth * scale, (1 - world.truth) * scale)
        for _ in range(size):
            who = chance.randrange(pool) if chance.random() < world.regulars else None
            if who is not None and who in regulars:
                if thread not in regulars[who].threads:
                    regulars[who].threads.append(thread)
                continue
            author = _Author([thread], vote(share))
            authors.append(author)
            if who is not None:
                regulars[who] = author
    return authors


def _is_found(author: _Author, machine: Machine, chance: random.Random) -> bool:
    """Whether a machine finds any of the author's posts; a holder shows the code in one of them, and in others by half."""
    for number in range(_posts_of_an_author(chance)):
        shown = author.vote == YES and (number == 0 or chance.random() < SHOWN_AGAIN)
        if chance.random() < (machine.sensitivity if shown else machine.false_rate):
            return True
    return False


def _posts_of_an_author(chance: random.Random) -> int:
    """A number of posts by Zipf's law, by rejection as Devroye gives it."""
    beyond = 2 ** (ZIPF - 1)
    while True:
        number = int((1 - chance.random()) ** (-1 / (ZIPF - 1)))
        ratio = (1 + 1 / number) ** (ZIPF - 1)
        if chance.random() * number * (ratio - 1) / (beyond - 1) <= ratio / beyond:
            return number


def _side(vote: str, machine: StanceMachine, chance: random.Random) -> str:
    if vote == NO_VOTE:
        if chance.random() >= machine.invents:
            return SILENT
        return SUPPORT if chance.random() < SHOWN_AGAIN else OTHER
    if chance.random() >= (machine.finds_support if vote == SUPPORT else machine.finds_dispute):
        return SILENT
    is_confused = chance.random() < machine.confuses
    return SUPPORT if (vote == SUPPORT) != is_confused else OTHER


def _audit(authors: list[_Author], world: AuditedWorld, chance: random.Random, yes: Collection[str]) -> Audited:
    sizes = Counter(author.stratum for author in authors)
    wanted = Counter(world.drawn)
    if world.in_all:
        wanted[sizes.most_common(1)[0][0]] += sum(
            max(0, many - sizes[stratum]) for stratum, many in world.drawn.items()
        )
    members: list[Member] = []
    known = Counter[str]()
    for author in authors:
        probability = min(1.0, wanted[author.stratum] / sizes[author.stratum])
        is_drawn = chance.random() < probability
        seen = Seen(author.stratum, author.vote if is_drawn else None)
        others = seen if len(author.threads) > 1 else None
        members.append(Member(probability if is_drawn else None, seen, dict.fromkeys(author.threads, others)))
        # In a claim of presence every author votes somewhere; a side is known only of those who were read.
        if author.vote in (YES, NO) or (is_drawn and author.vote != NO_VOTE):
            known[author.threads[0]] += 1
    voters = [author.vote for author in authors if author.vote != NO_VOTE]
    return Audited(members, list(known.values()), sum(vote in yes for vote in voters) / len(voters))
