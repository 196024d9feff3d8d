"""Screening: how far an audit of authors has come for one code of a claim, and the frame of authors that it gives.

An author is decided when a present code was found or all posts in scope are; for a stance, when the latest post with one
is known (S8 of docs/explanation/statistics.md). A claim may rest on an audit while at most one drawn author in twenty is
undecided. It is *screened* if people also decided every post that a machine found, else *estimated*.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from coding.final import ABSENT, PRESENT, Decision
from coding.sampling import HIT, MENTIONS, NONE, OTHER, SILENT
from coding.shares import MOST_UNDECIDED
from db.queries.reporting import Post
from reports.corpus import Audit, Corpus
from reports.corrected import NO_VOTE, Frame, Member, Seen, count
from reports.votes import DISPUTE, MIXED, NO, SUPPORT, YES

READ, SCREENED, ESTIMATED, UNCHECKED = "read", "screened", "estimated", "unchecked"
UNFLAGGED = frozenset({NONE, SILENT})
CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True)
class Screening:
    """An audit, as far as it concerns one code of a claim.

    Attributes:
        sample: its name.
        basis: screened, estimated or unchecked.
        drawn: drawn authors with a post in scope, those who came since the last draw and are due among them.
        undecided: of these.
        due: of these, authors who have to be drawn yet.
        lost: drawn authors of whom no post is left: non-response.
        machine: authors whom machines flag: the raw machine count.
        to_read: ids of the posts that wait to be decided until the claim is screened, at most.
        frame: all authors, by stratum.
        counted: the authors whose votes the frame counts.
        coders: how many people read posts of those.
        unflagged: of those in whom no machine found anything, how many show it or take a side.
        stands_for: how many authors each of the unflagged stands for.
    """

    sample: str
    basis: str
    drawn: int
    undecided: int
    due: int
    lost: int
    machine: int
    to_read: frozenset[int]
    frame: Frame
    counted: frozenset[str]
    coders: int
    unflagged: int
    stands_for: float | None

    @property
    def authors(self) -> int:
        """All authors with a post in scope."""
        return self.frame.authors


class _Read(NamedTuple):
    """A post in scope with what people and machines hold of it.

    Attributes:
        cluster: the thread that it stands in, or those that repeat each other.
        is_found: whether a machine holds it to show the code.
        sides: which sides machines hold it to take.
    """

    post: Post
    cluster: str
    made: Decision
    is_found: bool
    sides: frozenset[str | None]


def screen(
    code: str, posts: Sequence[Post], decide: Callable[[int, str], Decision], corpus: Corpus, *, stance: bool
) -> Screening | None:
    """Tell how far the audits of a code have come; of several the finished one with most drawn authors.

    Args:
        code: the code that is counted.
        posts: those in scope.
        decide: what people hold of a post and a code.
        corpus: the data of the report.
        stance: whether sides are counted, and not who shows the code.

    Returns:
        None if no audit was drawn for the code.
    """
    audits = [audit for audit in corpus.audits if code in audit.codes]
    if not audits:
        return None
    found = corpus.mentions.get(code, frozenset())
    writers: dict[str, list[_Read]] = defaultdict(list)
    for post in posts:
        sides = corpus.stances.get((post.id, code), _NONE) - {None}
        cluster = corpus.clusters[post.thread]
        writers[post.author].append(_Read(post, cluster, decide(post.id, code), post.id in found, sides))
    for read in writers.values():
        read.sort(key=lambda one: (one.post.created_at, one.post.platform, one.post.native_id))
    screenings = (_Claim(code, stance, corpus, writers).under(audit) for audit in audits)
    return max(screenings, key=lambda one: (one.basis != UNCHECKED, one.drawn, one.sample))


@dataclass(frozen=True, slots=True)
class _Claim:
    """One code of a claim with the posts in scope of each author, oldest first."""

    code: str
    stance: bool
    corpus: Corpus
    writers: dict[str, list[_Read]]

    def under(self, audit: Audit) -> Screening:
        """The claim under one audit."""
        seen = self.all_seen(split=False)
        drawn = audit.probabilities.keys() & seen.keys()
        undecided = {author for author in drawn if seen[author].vote is None}
        silent = {author for author in drawn if seen[author].stratum in UNFLAGGED}
        found = (one for read in self.writers.values() for one in read if one.is_found)
        is_screened = all(one.made.value is not None for one in found) and _are_few(undecided & silent, silent)
        placed, frame = seen, self.frame(audit, seen, split=False)
        if is_screened:
            apart = self.all_seen(split=True)
            if (finer := self.frame(audit, apart, split=True)).is_judged:
                placed, frame = apart, finer
        basis = UNCHECKED
        if drawn and _are_few(undecided, drawn) and frame.is_judged:
            basis = SCREENED if is_screened else ESTIMATED
        counted = frozenset(
            author
            for author, mine in placed.items()
            if mine.vote is not None and (author in drawn or mine.stratum in frame.whole)
        )
        reached = {placed[author].stratum for author in drawn}
        beyond = {author for author, mine in placed.items() if mine.vote is None and mine.stratum not in reached}
        return Screening(
            sample=audit.id,
            basis=basis,
            drawn=len(drawn),
            undecided=len(undecided),
            due=len(audit.due & seen.keys()),
            lost=audit.lost,
            machine=sum(mine.stratum not in UNFLAGGED for mine in seen.values()),
            to_read=self.to_read(undecided | beyond),
            frame=frame,
            counted=counted,
            coders=len(self.coders(counted)),
            unflagged=sum(seen[author].stratum in UNFLAGGED and seen[author].vote in _SHOWN for author in counted),
            stands_for=_stands_for(frame),
        )

    def all_seen(self, *, split: bool) -> dict[str, Seen]:
        return {author: self.seen(read, split=split) for author, read in self.writers.items()}

    def frame(self, audit: Audit, seen: Mapping[str, Seen], *, split: bool) -> Frame:
        return count(
            Member(audit.probabilities.get(author), mine, self.without_each_thread(self.writers[author], split=split))
            for author, mine in seen.items()
        )

    def without_each_thread(self, read: Sequence[_Read], *, split: bool) -> dict[str, Seen | None]:
        clusters = dict.fromkeys(one.cluster for one in read)
        if len(clusters) == 1:
            return dict.fromkeys(clusters)
        return {left: self.seen([one for one in read if one.cluster != left], split=split) for left in clusters}

    def seen(self, read: Sequence[_Read], *, split: bool) -> Seen:
        """An author as machines and people see these posts.

        Args:
            read: the posts.
            split: whether to put authors whom found posts alone decide into a stratum of their own. Where people decided
                all found posts nothing hangs on chance there, whoever was drawn.
        """
        stratum = stratum_of(read, stance=self.stance)
        if split and (_stance_by_hits(read) if self.stance else _shown_by_hits(read)):
            stratum = f"{stratum}, {CONFIRMED}"
        return Seen(stratum, _stance(read) if self.stance else _shown(read))

    def to_read(self, authors: Iterable[str]) -> frozenset[int]:
        """The undecided posts that were found or are disputed, and those that may still decide these authors."""
        everything = (one for read in self.writers.values() for one in read)
        found = (one for one in everything if one.is_found or one.made.disputed)
        theirs = (one for author in authors for one in self.open(author))
        return frozenset(one.post.id for one in (*found, *theirs) if one.made.value is None)

    def open(self, author: str) -> Iterable[_Read]:
        """The posts that may still decide an author: for a stance those after the latest one known."""
        read = self.writers[author]
        if not self.stance:
            return read
        known = max((at for at, one in enumerate(read) if _takes_a_side(one)), default=-1)
        return read[known + 1 :]

    def coders(self, authors: Iterable[str]) -> frozenset[str]:
        """Who read posts of these authors."""
        names = (self.corpus.layer.coders(one.post.id) for author in authors for one in self.writers[author])
        return frozenset[str]().union(*names)


def stratum_of(read: Sequence[_Read], *, stance: bool) -> str:
    """What machines found in an author's posts, oldest first: the same strata that `coding.sampling` draws by."""
    is_found = any(one.is_found for one in read)
    if not stance:
        return HIT if is_found else NONE
    sides = next((one.sides for one in reversed(read) if one.sides), None)
    if sides is not None:
        return SUPPORT if sides == {SUPPORT} else OTHER
    return MENTIONS if is_found else SILENT


_NONE = frozenset[str | None]()
_SHOWN = frozenset({YES, SUPPORT, DISPUTE, MIXED})


def _are_few(undecided: set[str], drawn: set[str]) -> bool:
    return len(undecided) <= MOST_UNDECIDED * len(drawn)


def _stands_for(frame: Frame) -> float | None:
    """M/m of the unflagged."""
    silent = next((sums for name, sums in frame.strata.items() if name in UNFLAGGED), None)
    return silent.authors / silent.judged if silent is not None and silent.judged else None


def _shown(read: Iterable[_Read]) -> str | None:
    """Whether an author shows a code; None while that is open."""
    values = {one.made.value for one in read}
    if PRESENT in values:
        return YES
    if None in values:
        return None
    return NO if ABSENT in values else NO_VOTE


def _stance(read: Sequence[_Read]) -> str | None:
    """The side that an author takes in the latest post with one; None while that is open."""
    for one in reversed(read):
        if one.made.value is None:
            return None
        if _takes_a_side(one):
            return one.made.stance
    return NO_VOTE


def _takes_a_side(one: _Read) -> bool:
    return one.made.value == PRESENT and one.made.stance is not None


def _shown_by_hits(read: Iterable[_Read]) -> bool:
    """Whether the posts that a machine found are enough to know that an author shows a code."""
    return any(one.is_found and one.made.value == PRESENT for one in read)


def _stance_by_hits(read: Sequence[_Read]) -> bool:
    """Whether the posts that a machine found are enough to know the side that an author takes."""
    for one in reversed(read):
        if not one.is_found:
            return False
        if _takes_a_side(one):
            return True
    return False
