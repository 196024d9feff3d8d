"""Votes: turns the posts that a claim sees into one vote an author, and recounts them without each thread.

An author has one voice in a claim, however much was written: the vote is read off one *deciding post*, and the author's
thread and community are those of that post. Which post decides depends on the rule (S1 of
docs/explanation/statistics.md). Leaving out a thread can only change the authors whose deciding post stood in it, and
their new vote is that of the best post they wrote elsewhere. Keeping these two posts for each author makes the recount
without each thread linear in the number of posts.

Posts are kept as columns of whole numbers, enrolled once for all claims of the same scope, so that a million of them can
be counted for many codes. Only counting is done on columns: every figure is made of whole numbers.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

YES, NO = "yes", "no"
SUPPORT, DISPUTE, MIXED = "support", "dispute", "mixed"


class Placed(Protocol):
    """A post as far as it tells who wrote it, where and when."""

    @property
    def author(self) -> str:
        """The voter's key; accounts that are gone are keyed by their thread, so that they are one voice there."""
        ...

    @property
    def thread(self) -> str:
        """The cluster; threads that are cross-posts of each other carry the same key."""
        ...

    @property
    def community(self) -> str:
        """Where the post stands."""
        ...

    @property
    def created_at(self) -> str:
        """ISO 8601 in UTC, at the same precision in all posts, because it is compared as text."""
        ...

    @property
    def platform(self) -> str:
        """Second key of the order in time."""
        ...

    @property
    def native_id(self) -> str:
        """Third key of the order in time."""
        ...


@dataclass(frozen=True, slots=True)
class Ballot:
    """One in-scope post as a claim sees it; a post gives one ballot a claim.

    Attributes:
        author, thread, community, created_at, platform, native_id: as `Placed` has them.
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


@dataclass(frozen=True, slots=True, eq=False)
class Roll:
    """Posts as columns, in the order of author and then of time.

    Attributes:
        authors, threads, communities: their names, sorted; columns hold places in these.
        given: for each row, the place of its post among those given.
        author, thread, community: columns.
    """

    authors: tuple[str, ...]
    threads: tuple[str, ...]
    communities: tuple[str, ...]
    given: Ints
    author: Ints
    thread: Ints
    community: Ints


def enrol(posts: Iterable[Placed]) -> Roll:
    """Put posts in columns; the order in which they are given does not matter."""
    listed = list(posts)
    order = sorted(range(len(listed)), key=lambda at: _place(listed[at]))
    authors, author = _numbered([listed[at].author for at in order])
    threads, thread = _numbered([listed[at].thread for at in order])
    communities, community = _numbered([listed[at].community for at in order])
    return Roll(authors, threads, communities, np.array(order, dtype=np.int64), author, thread, community)


def _place(post: Placed) -> tuple[str, str, str, str]:
    return post.author, post.created_at, post.platform, post.native_id


def _numbered(names: Sequence[str]) -> tuple[tuple[str, ...], Ints]:
    known = sorted(set(names))
    number = {name: at for at, name in enumerate(known)}
    return tuple(known), np.array([number[name] for name in names], dtype=np.int64)


class _Decided:
    """The post that decides each author's vote, and the one that would if the thread of the first were gone.

    Authors are numbered by their place among those who vote, and rows are in the order of author and time.

    Args:
        rows: the ballots of those who vote: author, thread, community, value.
        rule: how they become votes.
    """

    def __init__(self, rows: tuple[Ints, Ints, Ints, Ints], rule: Rule) -> None:
        self.rule = rule
        author, self.row_thread, self.row_community, self.row_value = rows
        starts = _starts(author)
        self.group = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(author)))
        _, first = self.among(np.arange(len(author)))
        self.author = author[first]
        self.thread, self.community = self.row_thread[first], self.row_community[first]
        self.value = self.row_value[first]
        others = np.flatnonzero(self.row_thread != self.thread[self.group])
        self.falling, second = self.among(others)
        self.fallback_value, self.fallback_community = self.row_value[second], self.row_community[second]

    def among(self, rows: Ints) -> tuple[Ints, Ints]:
        """Which authors vote by these rows, and the row that decides each."""
        if self.rule is not Rule.PRESENCE:
            rows = rows[self.row_value[rows] >= 0]
            last = rows[_ends(self.group[rows])]
            return self.group[last], last
        first = rows[_starts(self.group[rows])]
        coded = rows[self.row_value[rows] > 0]
        earliest = coded[_starts(self.group[coded])]
        deciding = np.full(int(self.group[-1]) + 1 if len(self.group) else 0, -1)
        deciding[self.group[first]] = first
        deciding[self.group[earliest]] = earliest
        return self.group[first], deciding[self.group[first]]


class Tally:
    """The votes of a claim, counted.

    Args:
        roll: names the numbers of the columns.
        values: the names of the values, sorted.
        decided: what decides each vote.
        only: communities whose votes alone are counted, as numbers; None for all.
    """

    def __init__(
        self, roll: Roll, values: Sequence[str], decided: _Decided, only: frozenset[int] | None = None
    ) -> None:
        self._roll, self._decided, self._only = roll, decided, only
        self.values = tuple(values)
        """The names of the values, sorted: the columns of the matrices."""
        self._thread, self._community, self._value = decided.thread, decided.community, decided.value
        self._votes_here: Bools = np.full(len(decided.thread), True)
        falls_here: Bools = np.full(len(decided.falling), True)
        if only is not None:
            kept = np.zeros(len(roll.communities), dtype=np.bool_)
            kept[sorted(only)] = True
            self._votes_here, falls_here = kept[decided.community], kept[decided.fallback_community]
        self._left = decided.thread[decided.falling[falls_here]]
        self._fallback = decided.fallback_value[falls_here]

    @property
    def rule(self) -> Rule:
        """How the ballots became votes."""
        return self._decided.rule

    @cached_property
    def totals(self) -> Ints:
        """Voters by value."""
        return np.bincount(self._value[self._votes_here], minlength=len(self.values))

    @cached_property
    def thread_matrix(self) -> Ints:
        """Voters by thread of their deciding post and by value; threads without any are left out."""
        return self._matrix(self._thread, self._roll.threads)[self._deciding_threads]

    @cached_property
    def _deciding_threads(self) -> Ints:
        return _present(len(self._roll.threads), self._thread[self._votes_here])

    @cached_property
    def _clusters(self) -> Ints:
        """The threads that hold a post of a voter, or the deciding post of one who enters without it."""
        of_voters = self._decided.row_thread[self._votes_here[self._decided.group]]
        return _present(len(self._roll.threads), of_voters, self._left)

    @cached_property
    def left_out_matrix(self) -> Ints:
        """For each thread that holds a post of a voter, voters by value with all its posts removed (S2)."""
        fallen = self._table(self._left, self._fallback, len(self._roll.threads))
        found: Ints = (self.totals - self._matrix(self._thread, self._roll.threads) + fallen)[self._clusters]
        return found

    @cached_property
    def community_matrix(self) -> Ints:
        """Voters by community of their deciding post and by value; communities without any are left out."""
        return self._matrix(self._community, self._roll.communities)[self._deciding_communities]

    @cached_property
    def _deciding_communities(self) -> Ints:
        return _present(len(self._roll.communities), self._community[self._votes_here])

    @cached_property
    def left_out_by_community(self) -> Ints:
        """For each community with a deciding post, voters by value with all its posts removed."""
        decided = self._decided
        others = np.flatnonzero(decided.row_community != decided.community[decided.group])
        authors, second = decided.among(others)
        names = self._roll.communities
        fallen = self._table(decided.community[authors], decided.row_value[second], len(names))
        found: Ints = (self.totals - self._matrix(self._community, names) + fallen)[self._deciding_communities]
        return found

    def _matrix(self, unit: Ints, names: Sequence[str]) -> Ints:
        return self._table(unit[self._votes_here], self._value[self._votes_here], len(names))

    def _table(self, unit: Ints, value: Ints, rows: int) -> Ints:
        """Count values by unit."""
        size = len(self.values)
        return np.bincount(unit * size + value, minlength=rows * size).reshape(rows, size)

    def columns(self, wanted: Iterable[str]) -> list[int]:
        """The columns of the matrices that hold these values."""
        chosen = set(wanted)
        return [at for at, value in enumerate(self.values) if value in chosen]

    @cached_property
    def n(self) -> int:
        """The number of voters, N."""
        return int(self._votes_here.sum())

    @property
    def threads(self) -> int:
        """The number of threads that hold at least one deciding post."""
        return len(self._deciding_threads)

    @property
    def clusters(self) -> int:
        """G: the number of threads that hold an in-scope post of a voter, deciding or not."""
        return len(self._clusters)

    @cached_property
    def thread_sizes(self) -> tuple[int, ...]:
        """Voters in each thread with a deciding post, n_g, largest first."""
        return tuple(sorted(self.thread_matrix.sum(axis=1).tolist(), reverse=True))

    @cached_property
    def sum_of_squares(self) -> int:
        """The sum of the squares of the voters in each thread with a deciding post."""
        sizes = self.thread_matrix.sum(axis=1)
        return int((sizes * sizes).sum())

    @property
    def posts(self) -> int:
        """How many posts the voters wrote in scope."""
        return int(self._votes_here[self._decided.group].sum())

    @property
    def counts(self) -> dict[str, int]:
        """Voters by value, sorted by value; values that nobody has are left out."""
        return _plain(self.values, self.totals)

    @property
    def by_thread(self) -> dict[str, dict[str, int]]:
        """For each thread with a deciding post, voters by value."""
        return self._named(self._roll.threads, self._deciding_threads, self.thread_matrix)

    @property
    def by_community(self) -> dict[str, dict[str, int]]:
        """For each community with a deciding post, voters by value."""
        return self._named(self._roll.communities, self._deciding_communities, self.community_matrix)

    @property
    def without(self) -> dict[str, dict[str, int]]:
        """For each thread that holds a post of a voter, `counts` recounted with all its posts removed (S2)."""
        return self._named(self._roll.threads, self._clusters, self.left_out_matrix)

    @property
    def communities(self) -> tuple[str, ...]:
        """The communities with a deciding post, sorted: the rows of their matrices."""
        return tuple(self._roll.communities[at] for at in self._deciding_communities.tolist())

    @property
    def votes(self) -> tuple[Vote, ...]:
        """One vote an author, by author."""
        roll, here = self._roll, self._votes_here
        columns = (self._decided.author[here], self._value[here], self._thread[here], self._community[here])
        return tuple(
            Vote(roll.authors[author], self.values[value], roll.threads[thread], roll.communities[community])
            for author, value, thread, community in zip(*(column.tolist() for column in columns), strict=True)
        )

    def holds(self, value: str) -> Bools:
        """Whether each voter has this value, in the order of their keys."""
        wanted = np.zeros(len(self.values), dtype=np.bool_)
        wanted[self.columns((value,))] = True
        found: Bools = wanted[self._value[self._votes_here]]
        return found

    def within(self, *communities: str) -> "Tally":
        """Count only the votes that stand in these communities.

        The recount without a thread asks again: an author whose vote moves elsewhere leaves, one whose vote moves here
        enters.
        """
        return self._restricted({at for at, name in enumerate(self._roll.communities) if name in communities})

    def outside(self, *communities: str) -> "Tally":
        """Count only the votes that stand elsewhere than in these communities."""
        return self._restricted({at for at, name in enumerate(self._roll.communities) if name not in communities})

    def _restricted(self, communities: set[int]) -> "Tally":
        only = communities if self._only is None else communities & self._only
        return Tally(self._roll, self.values, self._decided, frozenset(only))

    def _named(self, names: Sequence[str], rows: Ints, matrix: Ints) -> dict[str, dict[str, int]]:
        return {names[row]: _plain(self.values, counts) for row, counts in zip(rows.tolist(), matrix, strict=True)}


OUT, NOTHING = -2, -1
"""Numbers of posts that have no part in a claim, and of those that show nothing."""
_PRESENCE = (NO, YES)


def count(roll: Roll, found: Sequence[int], values: Sequence[str], rule: Rule) -> Tally:
    """Count one vote an author.

    Args:
        roll: the posts in scope.
        found: for each post, in the order in which they were given: the place of its value among `values`, `NOTHING`, or
            `OUT` if it has no part. For presence any value means yes.
        values: what may be found.
        rule: what a vote is and which post decides it.
    """
    names = _PRESENCE if rule is Rule.PRESENCE else tuple(sorted(values))
    column = np.array(found, dtype=np.int64)[roll.given] if len(roll.given) else np.zeros(0, dtype=np.int64)
    if rule is Rule.PRESENCE:
        rows = np.flatnonzero(column != OUT)
        column = (column >= 0).astype(np.int64)
    else:
        column = _renumbered(column, values, names)
        votes = np.zeros(len(roll.authors), dtype=np.bool_)
        votes[roll.author[column >= 0]] = True
        rows = np.flatnonzero((column != OUT) & votes[roll.author])
    decided = _Decided((roll.author[rows], roll.thread[rows], roll.community[rows], column[rows]), rule)
    return Tally(roll, names, decided)


def _renumbered(column: Ints, values: Sequence[str], names: Sequence[str]) -> Ints:
    places = np.array([*(names.index(value) for value in values), OUT, NOTHING], dtype=np.int64)
    renumbered: Ints = places[column]
    return renumbered


def tally(ballots: Iterable[Ballot], rule: Rule) -> Tally:
    """Count one vote an author; the order of the ballots does not matter.

    Args:
        ballots: the in-scope posts of the claim, each once.
        rule: what a vote is and which post decides it.
    """
    cast = tuple(ballots)
    values = tuple(sorted({ballot.value for ballot in cast if ballot.value is not None}))
    number = {value: at for at, value in enumerate(values)}
    found = [NOTHING if ballot.value is None else number[ballot.value] for ballot in cast]
    return count(enrol(cast), found, values, rule)


def _starts(column: Ints) -> Ints:
    """Where a column of numbers in order begins with another number."""
    if not len(column):
        return column
    return np.flatnonzero(np.concatenate((np.array([True]), column[1:] != column[:-1])))


def _ends(column: Ints) -> Ints:
    """Where a column of numbers in order ends with a number."""
    if not len(column):
        return column
    return np.flatnonzero(np.concatenate((column[1:] != column[:-1], np.array([True]))))


def _present(size: int, *columns: Ints) -> Ints:
    """Which of the numbers below `size` are in any of these columns, in order."""
    found = np.zeros(size, dtype=np.bool_)
    for column in columns:
        found[column] = True
    return np.flatnonzero(found)


def _plain(values: Sequence[str], counts: Ints) -> dict[str, int]:
    return {value: number for value, number in zip(values, counts.tolist(), strict=True) if number}
