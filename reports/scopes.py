"""Scopes: the posts that a claim counts, put in columns once for all claims that count the same ones."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from coding.final import PRESENT
from db.queries.reporting import Post
from reports.corpus import Corpus
from reports.definition import Claim
from reports.periods import period_of
from reports.votes import Roll, enrol


@dataclass(frozen=True)
class Scope:
    """The posts of a claim, before its code is looked at.

    Attributes:
        posts: posts in scope.
        undecided: posts of which nobody can tell yet whether they are in scope, since what that hangs on is unread.
        clusters: the cluster of each thread.
    """

    posts: tuple[Post, ...]
    undecided: tuple[Post, ...]
    clusters: Mapping[str, str] = field(default_factory=dict, repr=False)

    @cached_property
    def roll(self) -> Roll:
        """The posts in columns, for one voice an author."""
        return enrol(_Placed.of(post, self.clusters) for post in self.posts)

    @cached_property
    def ids(self) -> frozenset[int]:
        """The ids of posts that are in scope or may be."""
        return frozenset(post.id for post in (*self.posts, *self.undecided))

    @cached_property
    def threads(self) -> tuple[str, ...]:
        """The cluster of each post."""
        return tuple(self.clusters.get(post.thread, post.thread) for post in self.posts)

    @cached_property
    def pairs(self) -> Roll:
        """The same for one voice an author and thread (S12): what grows with the amount of text collected does not."""
        placed = (_Placed.of(post, self.clusters) for post in self.posts)
        return enrol(one._replace(author=f"{one.author} in {one.thread}") for one in placed)


class _Placed(NamedTuple):
    """A post as `reports.votes.Placed` wants it: cross-posted threads are one."""

    author: str
    thread: str
    community: str
    created_at: str
    platform: str
    native_id: str

    @classmethod
    def of(cls, post: Post, clusters: Mapping[str, str]) -> "_Placed":
        thread = clusters.get(post.thread, post.thread)
        return cls(post.author, thread, post.community, post.created_at, post.platform, post.native_id)


class Scopes:
    """The scopes of a report: those of equal filters are made once.

    Args:
        corpus: the data of the report.
    """

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._made: dict[tuple[object, ...], Scope] = {}

    def of(self, claim: Claim) -> Scope:
        """The scope of a claim."""
        key = (tuple(sorted(claim.filter.items())), claim.scope_code)
        if key not in self._made:
            self._made[key] = scope_of(claim, self._corpus.posts, self._corpus)
        return self._made[key]

    @cached_property
    def read(self) -> frozenset[int]:
        """The posts of which a person said anything."""
        return self._corpus.layer.posts

    @cached_property
    def first_seen(self) -> dict[str, str]:
        """When the first post of each cluster was written, whatever its scope; what has no date has no place."""
        found: dict[str, str] = {}
        for post in self._corpus.posts:
            if post.created_at:
                cluster = self._corpus.clusters[post.thread]
                found[cluster] = min(found.get(cluster, post.created_at), post.created_at)
        return found

    def periods(self, period: str) -> dict[str, tuple[str, str]]:
        """The period of each cluster, with its first day: a thread belongs to the period of its first post (S13)."""
        return {cluster: period_of(moment, period) for cluster, moment in self.first_seen.items()}


def scope_of(claim: Claim, posts: tuple[Post, ...], corpus: Corpus) -> Scope:
    """Tell which of these posts a claim's filter lets in, and of which that is still open."""
    inside, undecided = posts, tuple[Post, ...]()
    if claim.filter:
        inside, undecided = _filtered(claim.filter, posts, corpus)
    if claim.scope_code is not None:
        shows = _shown(claim.scope_code, posts, corpus)
        open_ = tuple(post for post in inside if shows(post) is None)
        undecided = tuple(sorted((*open_, *(post for post in undecided if shows(post) is not False)), key=_in_time))
        inside = tuple(post for post in inside if shows(post))
    return Scope(inside, undecided, corpus.clusters)


def _filtered(
    filters: Mapping[str, str], posts: Iterable[Post], corpus: Corpus
) -> tuple[tuple[Post, ...], tuple[Post, ...]]:
    inside, undecided = [], []
    for post in posts:
        fits: bool | None = True
        for attribute, wanted in filters.items():
            made = corpus.layer.value_of(post.id, attribute)
            if made.value is None:
                fits = None
            elif made.stance != wanted:
                fits = False
                break
        if fits:
            inside.append(post)
        elif fits is None:
            undecided.append(post)
    return tuple(inside), tuple(undecided)


def _shown(code: str, posts: Iterable[Post], corpus: Corpus) -> Callable[[Post], bool | None]:
    """Tell of a post whether its author shows a code in its thread; None while that is open.

    Author and thread, and not the author alone: so leaving out a thread leaves out what it lets in, and nothing else.
    """
    found: dict[tuple[str, str], bool | None] = {}

    def pair(post: Post) -> tuple[str, str]:
        return post.author, corpus.clusters.get(post.thread, post.thread)

    for post in posts:
        value = corpus.layer.decision(post.id, code).value
        if value == PRESENT:
            found[pair(post)] = True
        elif value is None:
            found.setdefault(pair(post), None)
    return lambda post: found.get(pair(post), False)


def _in_time(post: Post) -> tuple[str, str]:
    return post.created_at, post.address
