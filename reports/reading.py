"""What is to be read: for each claim the posts whose decision it waits for, and the shortest way through them.

A claim is settled by reading every post of it. Cheaper is a screened reading (S19): every post that a machine found,
every post that people differ on, and all posts of authors drawn from those in whom no machine found anything. Where no
machine found anything, all posts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reports.claims import UNCHECKED, Result
from reports.corpus import Corpus
from reports.needs import need_for_unchecked

SILENT_FOR_STANCE = 150
SILENT_FOR_PRESENCE = 75


@dataclass(frozen=True, slots=True)
class ToRead:
    """The posts that an unchecked claim waits for.

    Attributes:
        claim: its id.
        posts: ids, at most what a screened reading takes.
        is_everything: whether that is every unread post of the claim, so that it is then read and not only screened.
    """

    claim: str
    posts: frozenset[int]
    is_everything: bool


@dataclass(frozen=True, slots=True)
class Step:
    """A stretch of reading, counted from the start.

    Attributes:
        claims: the claims that the posts read by then are enough for, in the order of the way.
        decisions: posts read by then.
        minutes: the time that takes.
    """

    claims: tuple[str, ...]
    decisions: int
    minutes: int


def posts_to_read(result: Result, corpus: Corpus) -> ToRead | None:
    """The posts that a claim waits for, or None if it waits for none."""
    if result.basis != UNCHECKED:
        return None
    unread, hits = result.to_read, result.hits
    if not hits:
        return ToRead(result.claim.id, unread, is_everything=True)
    found_in = {post.author for post in result.scope.posts if post.id in hits}
    silent = {post.author for post in (*result.scope.posts, *result.scope.undecided)} - found_in
    wanted = SILENT_FOR_STANCE if result.claim.kind == "consensus" else SILENT_FOR_PRESENCE
    drawn = set(sorted(silent, key=lambda author: corpus.keyed(f"audit:{author}"))[:wanted])
    posts = frozenset(
        post.id
        for post in (*result.scope.posts, *result.scope.undecided)
        if post.id in unread and (post.id in hits or post.id in result.differing or post.author in drawn)
    )
    return ToRead(result.claim.id, posts, is_everything=posts == unread)


def shortest_way(waiting: Iterable[ToRead]) -> list[Step]:
    """Order the claims so that each takes the fewest posts beyond those already read; ties by id."""
    left = {one.claim: one.posts for one in waiting}
    read: set[int] = set()
    done: list[str] = []
    steps: list[Step] = []
    while left:
        cheapest = min(left, key=lambda claim: (len(left[claim] - read), claim))
        read |= left.pop(cheapest)
        done.append(cheapest)
        minutes = need_for_unchecked(len(read)).minutes or 0
        if steps and steps[-1].decisions == len(read):
            steps.pop()
        steps.append(Step(tuple(done), len(read), minutes))
    return steps


def best_step(steps: Sequence[Step]) -> Step | None:
    """The step that brings most claims for a post read; of equals the one that brings more claims."""
    return max(steps, key=lambda step: (len(step.claims) / max(step.decisions, 1), len(step.claims)), default=None)
