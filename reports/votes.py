"""Votes: turns the posts that a claim sees into one vote an author, and recounts them without each thread.

An author has one voice in a claim, however much was written: the vote is read off one *deciding post*, and the author's
thread and community are those of that post. Which post decides depends on the rule (S1 of
docs/explanation/statistics.md). Leaving out a thread can only change the authors whose deciding post stood in it, and
their new vote is that of the best post they wrote elsewhere. Keeping these two posts for each author makes the recount
without each thread linear in the number of posts.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

YES, NO = "yes", "no"
SUPPORT, DISPUTE, MIXED = "support", "dispute", "mixed"


@dataclass(frozen=True, slots=True)
class Ballot:
    """One in-scope post as a claim sees it; a post gives one ballot a claim.

    Attributes:
        author: the voter's key; accounts that are gone are keyed by their thread, so that they are one voice there.
        thread: the cluster; threads that are cross-posts of each other carry the same key.
        community: where the post stands.
        created_at: ISO 8601 in UTC, at the same precision in all ballots, because it is compared as text.
        platform: second key of the order in time.
        native_id: third key of the order in time.
        value: what was coded on the post, in the words of the rule, or None.
    """

    author: str
    thread: str
    community: str
    created_at: str
    platform: str
    native_id: str
    value: str | None


class Rule(Enum):
    """How an author's posts become one vote (S1 of docs/explanation/statistics.md).

    PRESENCE: a ballot's value is "yes" or None; every author votes, "yes" if any post has it, else "no". The deciding
    post is the earliest with the code, else the earliest.
    STANCE: a value is "support", "dispute", "mixed" or None; only authors with a stance vote, by their latest one.
    ATTRIBUTE: a value is that of the attribute or None; only authors with a value vote, by their latest one.
    """

    PRESENCE = "presence"
    STANCE = "stance"
    ATTRIBUTE = "attribute"


@dataclass(frozen=True, slots=True)
class Vote:
    """What one author counts for, and where."""

    author: str
    value: str
    thread: str
    community: str


@dataclass(frozen=True, slots=True)
class Standing:
    """One author's vote and what becomes of it when the deciding thread is left out.

    Attributes:
        thread: the thread of the deciding post.
        vote: the vote, or None in a restricted tally that the author enters only by the fallback.
        fallback: the vote that the posts outside that thread give, or None.
        elsewhere: the other threads in which the author has an in-scope post.
    """

    thread: str
    vote: Vote | None
    fallback: Vote | None
    elsewhere: frozenset[str]


@dataclass(frozen=True, slots=True)
class Tally:
    """The votes of a claim, counted; all mappings are sorted by key.

    Attributes:
        counts: voters by value.
        by_thread: for each thread with a deciding post, voters by value.
        by_community: for each community with a deciding post, voters by value.
        votes: one vote an author, by author.
        without: for each thread that holds a post of a voter, `counts` recounted with all its posts removed (S2).
        standings: what `restrict` needs to count a part of the voters.
    """

    counts: dict[str, int]
    by_thread: dict[str, dict[str, int]]
    by_community: dict[str, dict[str, int]]
    votes: tuple[Vote, ...]
    without: dict[str, dict[str, int]]
    standings: tuple[Standing, ...]

    @property
    def n(self) -> int:
        """The number of voters, N."""
        return len(self.votes)

    @property
    def threads(self) -> int:
        """The number of threads that hold at least one deciding post."""
        return len(self.by_thread)

    @property
    def clusters(self) -> int:
        """G: the number of threads that hold an in-scope post of a voter, deciding or not."""
        return len(self.without)

    @property
    def thread_sizes(self) -> tuple[int, ...]:
        """Voters in each thread with a deciding post, n_g, largest first."""
        return tuple(sorted((sum(counts.values()) for counts in self.by_thread.values()), reverse=True))


def tally(ballots: Iterable[Ballot], rule: Rule) -> Tally:
    """Count one vote an author; the order of the ballots does not matter.

    Args:
        ballots: the in-scope posts of the claim, each once.
        rule: what a vote is and which post decides it.
    """
    cast = tuple(ballots)
    first, second = _deciding_ballots(cast, rule)
    elsewhere = defaultdict[str, set[str]](set)
    for ballot in cast:
        deciding = first.get(ballot.author)
        if deciding is not None and ballot.thread != deciding.thread:
            elsewhere[ballot.author].add(ballot.thread)
    return _count(
        tuple(
            Standing(
                first[author].thread,
                _vote(first[author], rule),
                _vote(second[author], rule) if author in second else None,
                frozenset(elsewhere.get(author, ())),
            )
            for author in sorted(first)
        )
    )


def restrict(whole: Tally, keep: Callable[[Vote], bool]) -> Tally:
    """Count only the voters whose vote `keep` accepts, such as those of one community.

    The recount without a thread applies `keep` again: an author whose vote moves elsewhere leaves, one whose vote moves
    here enters.
    """
    kept = (_keep(standing, keep) for standing in whole.standings)
    return _count(tuple(standing for standing in kept if standing is not None))


def _keep(standing: Standing, keep: Callable[[Vote], bool]) -> Standing | None:
    vote = standing.vote if standing.vote is not None and keep(standing.vote) else None
    fallback = standing.fallback if standing.fallback is not None and keep(standing.fallback) else None
    if vote is None and fallback is None:
        return None
    if vote is standing.vote and fallback is standing.fallback:
        return standing
    return Standing(standing.thread, vote, fallback, standing.elsewhere)


def _deciding_ballots(ballots: Iterable[Ballot], rule: Rule) -> tuple[dict[str, Ballot], dict[str, Ballot]]:
    """Give each voter's deciding ballot, and the one that would decide if the thread of the first were gone."""
    decides_over = _coded_then_earlier if rule is Rule.PRESENCE else _later
    first: dict[str, Ballot] = {}
    second: dict[str, Ballot] = {}
    for ballot in ballots:
        if ballot.value is None and rule is not Rule.PRESENCE:
            continue
        author = ballot.author
        leader = first.get(author)
        if leader is None:
            first[author] = ballot
        elif decides_over(ballot, leader):
            first[author] = ballot
            if ballot.thread != leader.thread:
                second[author] = leader
        elif ballot.thread != leader.thread:
            rival = second.get(author)
            if rival is None or decides_over(ballot, rival):
                second[author] = ballot
    return first, second


def _coded_then_earlier(a: Ballot, b: Ballot) -> bool:
    """Tell whether a post with the code meets one without, or else which came first."""
    if (a.value is None) != (b.value is None):
        return b.value is None
    return (a.created_at, a.platform, a.native_id) < (b.created_at, b.platform, b.native_id)


def _later(a: Ballot, b: Ballot) -> bool:
    return (a.created_at, a.platform, a.native_id) > (b.created_at, b.platform, b.native_id)


def _vote(ballot: Ballot, rule: Rule) -> Vote:
    value = ballot.value
    if rule is Rule.PRESENCE or value is None:
        value = NO if value is None else YES
    return Vote(ballot.author, value, ballot.thread, ballot.community)


def _count(standings: tuple[Standing, ...]) -> Tally:
    votes = tuple(standing.vote for standing in standings if standing.vote is not None)
    counts = Counter(vote.value for vote in votes)
    by_thread = defaultdict[str, Counter[str]](Counter)
    by_community = defaultdict[str, Counter[str]](Counter)
    for vote in votes:
        by_thread[vote.thread][vote.value] += 1
        by_community[vote.community][vote.value] += 1
    return Tally(
        counts=_plain(counts),
        by_thread={thread: _plain(by_thread[thread]) for thread in sorted(by_thread)},
        by_community={community: _plain(by_community[community]) for community in sorted(by_community)},
        votes=votes,
        without=_without_each_thread(standings, counts, by_thread),
        standings=standings,
    )


def _without_each_thread(
    standings: tuple[Standing, ...], counts: Counter[str], by_thread: Mapping[str, Counter[str]]
) -> dict[str, dict[str, int]]:
    fallen_back = defaultdict[str, Counter[str]](Counter)
    clusters: set[str] = set()
    for standing in standings:
        if standing.vote is not None:
            clusters.add(standing.thread)
            clusters |= standing.elsewhere
        if standing.fallback is not None:
            fallen_back[standing.thread][standing.fallback.value] += 1
    clusters.update(fallen_back)
    nobody = Counter[str]()
    return {
        thread: _plain(counts - by_thread.get(thread, nobody) + fallen_back.get(thread, nobody))
        for thread in sorted(clusters)
    }


def _plain(counts: Counter[str]) -> dict[str, int]:
    return {value: counts[value] for value in sorted(counts)}
