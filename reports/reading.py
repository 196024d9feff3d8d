"""What is to be read: for each claim the posts whose decision it waits for, and the shortest way through them.

A claim is settled by reading every post of it. Cheaper is a screened reading (S19): every post that a machine found,
every post that people differ on, and all posts of the authors of an audit. Until that is drawn, the authors whom it would
draw stand for it: they are known beforehand, since nothing in a draw is random. Where no machine found anything, all posts; so too where
no audit helps: for attributes, and where it is open which posts are in scope.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count

from coding.sampling import AUTHORS_A_STRATUM, NONE, SILENT, author_labels, probabilities
from reports.claims import Figures, Result
from reports.corpus import Corpus, machine_view
from reports.needs import need_for_unchecked
from reports.screening import UNCHECKED


@dataclass(frozen=True, slots=True)
class ToRead:
    """The posts that an unchecked claim waits for.

    Attributes:
        claim: its id.
        posts: ids, at most what a screened reading takes.
        unread: ids of every unread post of the claim; once all are decided it is read and not only screened.
    """

    claim: str
    posts: frozenset[int]
    unread: frozenset[int]


@dataclass(frozen=True, slots=True)
class Step:
    """A stretch of reading, counted from the start.

    Attributes:
        claims: the claims that the posts read by then are enough for, in the order of the way.
        decisions: posts read by then.
        minutes: the time that takes.
        is_whole: whether every post of these claims is read then, and not only those of a screened reading.
    """

    claims: tuple[str, ...]
    decisions: int
    minutes: int
    is_whole: bool


def posts_to_read(result: Result, corpus: Corpus) -> ToRead | None:
    """The posts that a claim waits for, or None if it waits for none."""
    waiting = [figure for figure in result.figures if figure.basis == UNCHECKED and figure.to_read]
    if not waiting:
        return None
    unread = frozenset[int]().union(*(figure.to_read for figure in waiting))
    if result.claim.attribute is not None or result.scope.undecided:
        return ToRead(result.claim.id, unread, unread)
    audited = [figure.screening.to_read for figure in waiting if figure.screening is not None]
    others = [figure for figure in waiting if figure.screening is None]
    posts = frozenset[int]().union(*audited, _for_an_audit_to_come(others, result, corpus))
    return ToRead(result.claim.id, posts, unread)


def _for_an_audit_to_come(figures: Sequence[Figures], result: Result, corpus: Corpus) -> frozenset[int]:
    """What these figures take once an audit is drawn: found posts, and all of the authors whom it draws."""
    unread = frozenset[int]().union(*(figure.to_read for figure in figures))
    hits = frozenset[int]().union(*(figure.hits for figure in figures))
    if not hits:
        return unread
    found = hits.union(*(figure.differing for figure in figures))
    drawn = _would_be_drawn([figure.code for figure in figures], corpus)
    posts = (post for post in result.scope.posts if post.id in unread)
    return frozenset(post.id for post in posts if post.id in found or post.author in drawn)


def _would_be_drawn(codes: Sequence[str], corpus: Corpus) -> frozenset[str]:
    """The authors whom the next audit of these codes draws."""
    asks = {code: corpus.codebook.codes[code].stance for code in codes}
    flagged = frozenset[int]().union(*(corpus.mentions.get(code, frozenset()) for code in codes))
    hits = (machine_view(post, codes, corpus.stances) for post in corpus.posts if post.id in flagged)
    labels = author_labels(hits, asks)
    unflagged = {code: SILENT if asks[code] else NONE for code in codes}
    name = next(name for number in count(1) if (name := f"audit-{number}") not in corpus.sample_names)
    chances = corpus.chances(name)
    likely = {}
    for code in codes:
        sizes = Counter(mine[code] for mine in labels.values())
        sizes[unflagged[code]] += len(chances) - len(labels)
        likely[code] = probabilities(sizes, AUTHORS_A_STRATUM)
    return frozenset(
        author
        for author, found in chances.items()
        if found < max(likely[code][labels.get(author, unflagged)[code]] for code in codes)
    )


def shortest_way(waiting: Iterable[ToRead]) -> list[Step]:
    """Order the claims so that each takes the fewest posts beyond those already read; ties by id."""
    left = {one.claim: one for one in waiting}
    unread: set[int] = set()
    read: set[int] = set()
    done: list[str] = []
    steps: list[Step] = []
    while left:
        cheapest = min(left, key=lambda claim: (len(left[claim].posts - read), claim))
        chosen = left.pop(cheapest)
        read |= chosen.posts
        unread |= chosen.unread
        done.append(cheapest)
        minutes = need_for_unchecked(len(read)).minutes or 0
        if steps and steps[-1].decisions == len(read):
            steps.pop()
        steps.append(Step(tuple(done), len(read), minutes, is_whole=unread <= read))
    return steps


def best_step(steps: Sequence[Step]) -> Step | None:
    """The step that brings most claims for a post read; of equals the one that brings more claims."""
    return max(steps, key=lambda step: (len(step.claims) / max(step.decisions, 1), len(step.claims)), default=None)
