"""Shares of posts, from machine codings of all posts and people's codings of an audit sample of posts.

The raw machine count is no estimate. What is estimated is what people would have decided had they read every post: the
sample says in each machine stratum how often they do, and the strata are put together by their sizes. The statement is
about the posts that were collected and about no author: whoever writes more counts more.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from coding.intervals import NORMAL, Stratum, at_most, clopper_pearson, stratified, wilson

FEWEST_POSITIVES = 5
MOST_UNDECIDED = 0.05
_ONLY_A_LIMIT = ": an upper limit only"
_TOO_FEW = f"fewer than {FEWEST_POSITIVES} positives"
_NONE_DECIDED = "nobody has decided any of the drawn posts yet"
LARGEST_PLAN = 10_000_000
RAW_LABEL = "raw machine hits, not an estimate"
"""What a machine count is called wherever it is shown."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A drawn post.

    Attributes:
        stratum: what machines hold of it now.
        probability: with which it was drawn.
        positive: what people decided; None while nobody has, or they differ.
    """

    stratum: str
    probability: float
    positive: bool | None


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its 95 % interval, or an upper limit alone.

    Attributes:
        estimate: None where there are too few positives, or no share at all.
        lower, upper: the limits; without an estimate only the upper one, if any.
        n: decided posts.
        positives: of these, as people decided.
        problem: why there is no estimate.
    """

    estimate: float | None
    lower: float | None
    upper: float | None
    n: int
    positives: int
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class PostShare:
    """Everything that is said of one code's share of posts.

    Attributes:
        posts: posts in the frame now.
        machine: of these, posts in which a machine found the code: raw machine hits, not an estimate.
        drawn, undecided: drawn posts that are still there, and those that await a decision.
        estimate: the share corrected by the audit.
        human: the share in the sample alone, weighted by the probabilities.
        precision: of posts that a machine found, how many people confirm.
        recall: of posts that people would confirm, how many a machine found; its interval is conservative.
    """

    posts: int
    machine: int
    drawn: int
    undecided: int
    estimate: Share
    human: Share
    precision: Share
    recall: Share


def post_share(judged: Sequence[Judged], sizes: Mapping[str, int], hit: str) -> PostShare:
    """Estimate one code's share of posts.

    Args:
        judged: the drawn posts that are still there.
        sizes: posts in the frame by stratum, as machines have it now.
        hit: the stratum in which a machine found the code.
    """
    decided = [post for post in judged if post.positive is not None]
    undecided = len(judged) - len(decided)
    positives = sum(bool(post.positive) for post in decided)
    strata = {
        name: _stratum([post for post in decided if post.stratum == name], size) for name, size in sizes.items() if size
    }
    problem = _problem(len(judged), undecided)
    limited = _limited(strata, positives)
    return PostShare(
        posts=sum(sizes.values()),
        machine=sizes.get(hit, 0),
        drawn=len(judged),
        undecided=undecided,
        estimate=_estimate(list(strata.values()), len(decided), positives, problem, limited),
        human=_human(decided, positives, problem),
        precision=precision([post for post in judged if post.stratum == hit], sizes.get(hit, 0)),
        recall=_recall(strata, hit, len(decided), positives, problem or limited),
    )


def precision(judged: Iterable[Judged], hits: int) -> Share:
    """Of the posts that a machine found, how many people confirm.

    Args:
        judged: the drawn ones among them.
        hits: how many it found in all.
    """
    drawn = list(judged)
    decided = [post for post in drawn if post.positive is not None]
    n, positives = len(decided), sum(bool(post.positive) for post in decided)
    if not decided:
        return Share(None, None, None, 0, 0, "no post that a machine found is decided")
    # What people leave open are the doubtful ones, so that the others alone would flatter the machine.
    problem = _problem(len(drawn), len(drawn) - n)
    if problem is not None:
        return Share(None, None, None, n, positives, problem)
    share, lower, upper = stratified([_stratum(decided, hits)])
    return Share(share, lower, upper, n, positives)


def _problem(drawn: int, undecided: int) -> str | None:
    """Why nothing at all can be said."""
    if undecided == drawn:
        return _NONE_DECIDED
    if undecided > MOST_UNDECIDED * drawn:
        return f"{undecided} of {drawn} drawn posts are undecided; at most 5 % may be"
    return None


def _limited(strata: Mapping[str, Stratum], positives: int) -> str | None:
    """Why there can be an upper limit only."""
    unread = sorted(name for name, stratum in strata.items() if not stratum.judged)
    if unread:
        return f"no decided post in the stratum {unread[0]!r}"
    return _TOO_FEW if positives < FEWEST_POSITIVES else None


def _stratum(decided: Sequence[Judged], size: int) -> Stratum:
    """A stratum of this size from its decided posts, if there are any."""
    weights = [(1 / post.probability, bool(post.positive)) for post in decided]
    if not weights:
        return Stratum(size, 0, 0.0)
    whole = math.fsum(weight for weight, _ in weights)
    effective = whole**2 / math.fsum(weight**2 for weight, _ in weights)
    positive = math.fsum(weight for weight, positive in weights if positive)
    return Stratum(max(size, effective), effective, min(1.0, positive / whole))


def _estimate(strata: Sequence[Stratum], n: int, positives: int, problem: str | None, limited: str | None) -> Share:
    """The share of all strata, or its upper limit alone."""
    if problem is not None:
        return Share(None, None, None, n, positives, problem)
    if limited is not None:
        return Share(None, None, at_most(strata), n, positives, limited + _ONLY_A_LIMIT)
    share, lower, upper = stratified(strata)
    return Share(share, lower, upper, n, positives)


def _human(decided: Sequence[Judged], positives: int, problem: str | None) -> Share:
    """The sample's own share by Wilson, as if machines had said nothing."""
    if problem is not None:
        return Share(None, None, None, len(decided), positives, problem)
    found = _stratum(decided, len(decided))
    lower, upper = wilson(found.share, found.judged, NORMAL)
    if positives < FEWEST_POSITIVES:
        _, upper = clopper_pearson(found.share * found.judged, found.judged)
        return Share(None, None, upper, len(decided), positives, _TOO_FEW + _ONLY_A_LIMIT)
    return Share(found.share, lower, upper, len(decided), positives)


def _recall(strata: Mapping[str, Stratum], hit: str, n: int, positives: int, problem: str | None) -> Share:
    """Hits that people confirm, divided by all posts that they would confirm.

    The lower limit takes the hits' lower limit and the other strata's upper ones, the upper limit the reverse.
    """
    found = strata.get(hit)
    if problem is not None or found is None:
        return Share(None, None, None, n, positives, problem or "no machine found any post")
    rest = [stratum for name, stratum in strata.items() if name != hit]
    inside, least, most = (found.size * value for value in stratified([found]))
    beyond = (0.0, 0.0, 0.0)
    if rest:
        size = sum(stratum.size for stratum in rest)
        missed, fewest, greatest = stratified(rest)
        beyond = (size * missed, size * fewest, size * greatest)
    return Share(_part(inside, beyond[0]), _part(least, beyond[2]), _part(most, beyond[1]), n, positives)


def _part(inside: float, beyond: float) -> float:
    whole = inside + beyond
    return inside / whole if whole else 0.0


def codings_needed(share: float, width: float) -> int:
    """The fewest posts to code for a Wilson interval of at most this width, where the share is about `share`.

    Args:
        share: the share that is expected, 0 to 1.
        width: from the lower to the upper limit, above 0 and below 1.

    Raises:
        ValueError: if a number lies outside, or more than ten million posts would be needed.
    """
    if not 0 <= share <= 1 or not 0 < width < 1:
        raise ValueError("the share must be between 0 and 1, and the width above 0 and below 1")
    return _fewest(lambda n: _width(share, n) <= width)


def _width(share: float, n: int) -> float:
    lower, upper = wilson(share, n, NORMAL)
    return upper - lower


def _fewest(enough: Callable[[int], bool]) -> int:
    """The smallest whole number that is enough; whatever is larger must be enough too."""
    most = 1
    while not enough(most):
        most *= 2
        if most > LARGEST_PLAN:
            raise ValueError("more than ten million posts would be needed")
    least = most // 2
    while most - least > 1:
        middle = (least + most) // 2
        least, most = (least, middle) if enough(middle) else (middle, most)
    return most
