"""Ballots to count: small ones written out by hand, and large ones from a world whose truth is known."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reports.votes import DISPUTE, SUPPORT, YES, Ballot, Rule, Tally, tally


def post(
    author: str,
    thread: str,
    value: str | None = None,
    *,
    at: int = 0,
    community: str = "r/here",
    platform: str = "example",
    native_id: str | None = None,
) -> Ballot:
    """Give one ballot, `at` minutes after midnight."""
    return Ballot(
        author=author,
        thread=thread,
        community=community,
        created_at=f"2026-01-05T{at // 60:02}:{at % 60:02}:00Z",
        platform=platform,
        native_id=f"{author}-{thread}-{at}" if native_id is None else native_id,
        value=value,
    )


def stance_tally(*threads: tuple[int, int], communities: Sequence[str] | None = None) -> Tally:
    """Count threads given as (supporters, voters); all others dispute, and everybody wrote in one thread only.

    `communities` names the community of each thread; without it all stand in one.
    """
    where = communities or ["r/here"] * len(threads)
    ballots = (
        post(f"{index}-{seat}", f"t{index:03}", SUPPORT if seat < support else DISPUTE, community=community)
        for index, ((support, voters), community) in enumerate(zip(threads, where, strict=True))
        for seat in range(voters)
    )
    return tally(ballots, Rule.STANCE)


def presence_tally(*threads: tuple[int, int]) -> Tally:
    """Count threads given as (authors with the code, authors)."""
    ballots = (
        post(f"{index}-{seat}", f"t{index:03}", YES if seat < coded else None)
        for index, (coded, authors) in enumerate(threads)
        for seat in range(authors)
    )
    return tally(ballots, Rule.PRESENCE)


@dataclass(frozen=True, slots=True)
class World:
    """Threads as a sample of conversations, from which ballots are drawn.

    Attributes:
        community: its name.
        truth: the share of all its authors who would say yes.
        threads: how many threads are collected there.
        median_size: median of the lognormal number of authors in a thread.
        correlation: how alike authors of one thread are, 0 to 1.
        regulars: the share of seats taken by authors seen in several threads.
    """

    community: str
    truth: float
    threads: int
    median_size: float
    correlation: float
    regulars: float = 0.0


SPREAD_OF_SIZES = 1.2
SEATS_OF_A_REGULAR = 4


def draw(worlds: Iterable[World], chance: random.Random, *, yes: str, no: str | None) -> list[Ballot]:
    """Draw one collection; an author says the same everywhere, decided in the thread where they are first seen."""
    ballots: list[Ballot] = []
    for world in worlds:
        sizes = [_size(world, chance) for _ in range(world.threads)]
        pool = max(1, round(sum(sizes) * world.regulars / SEATS_OF_A_REGULAR))
        said: dict[str, str | None] = {}
        for index, size in enumerate(sizes):
            thread = f"{world.community}/{index:03}"
            share_here = _share_in_a_thread(world, chance)
            for seat in range(size):
                is_regular = chance.random() < world.regulars
                author = f"{world.community}/regular-{chance.randrange(pool)}" if is_regular else f"{thread}/{seat}"
                if author not in said:
                    said[author] = yes if chance.random() < share_here else no
                ballots.append(post(author, thread, said[author], at=index, community=world.community))
    return ballots


def _size(world: World, chance: random.Random) -> int:
    return max(1, round(world.median_size * chance.lognormvariate(0.0, SPREAD_OF_SIZES)))


def _share_in_a_thread(world: World, chance: random.Random) -> float:
    scale = (1 - world.correlation) / world.correlation
    return chance.betavariate(world.truth * scale, (1 - world.truth) * scale)
