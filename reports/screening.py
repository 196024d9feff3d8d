"""Screening: how far an audit of authors has come for one code of a claim, and the frame of authors that it gives.

An author is decided when a present code was found or all posts in scope are; for a stance, when the latest post with one
is known (S8 of docs/explanation/statistics.md). A claim may rest on an audit while at most one drawn author in twenty is
undecided. It is *screened* if people also decided every post that a machine found, else *estimated*.

What a machine's suggestion stood beside when it was coded never enters a correction. With a second coder the posts that
decide most are read twice before it is used: what somebody found where machines found nothing, and as many others (S10).
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
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
class SecondReading:
    """The posts without hits of drawn authors that two people have to read blind before a correction is used.

    Attributes:
        positives: ids of those in which somebody found the code, or a side.
        others: ids of as many in which nobody did, by the study's keyed hash; fewer if there are not as many.
        missing: ids of those of both kinds that await a second reading, or a decision where people differ.
    """

    positives: frozenset[int]
    others: frozenset[int]
    missing: frozenset[int]


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
        second: what has to be read twice; None with one coder.
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
    second: SecondReading | None

    @property
    def authors(self) -> int:
        """All authors with a post in scope."""
        return self.frame.authors


def second_reading_words(positives: int, others: int, missing: int) -> str:
    """Tell how far the second reading of an audit has come, in one line for people.

    Args:
        positives: posts without hits in which somebody found the code or a side.
        others: posts drawn from those in which nobody did.
        missing: of both, those that await a second reading or a decision.
    """
    what = f"{positives:,} found where machines found nothing, and {others:,} drawn from the others"
    if missing:
        return f"{missing:,} of {positives + others:,} posts to be read a second time, blind, or to be settled: {what}"
    return f"read twice, blind, and settled where people differed: {what}"


class _Read(NamedTuple):
    """A post in scope with what people and machines hold of it.

    Attributes:
        cluster: the thread that it stands in, or those that repeat each other.
        made: what people hold of it, as far as that may enter the correction.
        is_open: whether it awaits a person's decision.
        is_found: whether a machine holds it to show the code.
        sides: which sides machines hold it to take.
    """

    post: Post
    cluster: str
    made: Decision
    is_open: bool
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
    ordered = sorted(posts, key=lambda one: (one.created_at, one.platform, one.native_id))
    screenings = []
    for audit in audits:
        writers = _writers(code, ordered, decide, corpus, audit)
        screenings.append(_Claim(code, stance, corpus, audit, writers).screening())
    return max(screenings, key=lambda one: (one.basis != UNCHECKED, one.drawn, one.sample))


def _writers(
    code: str, posts: Iterable[Post], decide: Callable[[int, str], Decision], corpus: Corpus, audit: Audit
) -> dict[str, list[_Read]]:
    """The posts by author. Whether one awaits a decision hangs for drawn authors on what may enter the correction."""
    found = corpus.mentions.get(code, frozenset())
    writers: dict[str, list[_Read]] = defaultdict(list)
    for post in posts:
        made = audit.readings.layer.decision(post.id, code)
        held = made if post.author in audit.probabilities else decide(post.id, code)
        sides = corpus.stances.get((post.id, code), _NONE) - {None}
        cluster = corpus.clusters[post.thread]
        writers[post.author].append(_Read(post, cluster, made, held.value is None, post.id in found, sides))
    return writers


@dataclass(frozen=True, slots=True)
class _Claim:
    """One code of a claim under one audit, with the posts in scope of each author, oldest first."""

    code: str
    stance: bool
    corpus: Corpus
    audit: Audit
    writers: dict[str, list[_Read]]

    def screening(self) -> Screening:
        """How far the audit has come."""
        audit, seen = self.audit, self.all_seen(split=False)
        drawn = audit.probabilities.keys() & seen.keys()
        undecided = {author for author in drawn if seen[author].vote is None}
        silent = {author for author in drawn if seen[author].stratum in UNFLAGGED}
        found = [one for read in self.writers.values() for one in read if one.is_found]
        is_screened = not any(one.is_open for one in found) and _are_few(undecided & silent, silent)
        placed, frame = seen, self.frame(seen, split=False)
        if is_screened and all(one.made.value is not None for one in found):
            apart = self.all_seen(split=True)
            if (finer := self.frame(apart, split=True)).is_judged:
                placed, frame = apart, finer
        second = self.second_reading(drawn, silent)
        is_confirmed = second is None or not second.missing
        basis = UNCHECKED
        if drawn and _are_few(undecided, drawn) and frame.is_judged and is_confirmed:
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
            to_read=self.to_read(undecided | beyond).union(frozenset() if second is None else second.missing),
            frame=frame,
            counted=counted,
            coders=len(self.coders(counted)),
            unflagged=sum(seen[author].stratum in UNFLAGGED and seen[author].vote in _SHOWN for author in counted),
            stands_for=_stands_for(frame),
            second=second,
        )

    def all_seen(self, *, split: bool) -> dict[str, Seen]:
        return {author: self.seen(read, split=split) for author, read in self.writers.items()}

    def frame(self, seen: Mapping[str, Seen], *, split: bool) -> Frame:
        return count(
            Member(
                self.audit.probabilities.get(author), mine, self.without_each_thread(self.writers[author], split=split)
            )
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
        return frozenset(one.post.id for one in found if one.is_open) | frozenset(
            one.post.id for one in theirs if one.made.value is None
        )

    def open(self, author: str) -> Iterable[_Read]:
        """The posts that may still decide an author: for a stance those after the latest one known."""
        read = self.writers[author]
        if not self.stance:
            return read
        known = max((at for at, one in enumerate(read) if _takes_a_side(one)), default=-1)
        return read[known + 1 :]

    def coders(self, authors: Iterable[str]) -> frozenset[str]:
        """Whose decisions on posts of these authors enter the correction."""
        posts = [one.post.id for author in authors for one in self.writers[author]]
        alone = self.audit.readings.alone.items()
        return frozenset(
            coder for coder, layer in alone if any(layer.decision(post, self.code).value is not None for post in posts)
        )

    def second_reading(self, drawn: Collection[str], silent: Iterable[str]) -> SecondReading | None:
        """What two people have to read; None while there is one coder, in the audit and in its rounds.

        Args:
            drawn: the drawn authors.
            silent: those of them in whom no machine found anything.
        """
        in_pairs = any(len(one.coders) > 1 and self.code in one.codes for one in self.audit.rounds)
        if not in_pairs and len(self.coders(drawn)) < _TWO:
            return None
        readings = self.audit.readings
        read = [one for author in silent for one in self.writers[author]]
        said = {
            one.post.id: [layer.decision(one.post.id, self.code) for layer in readings.alone.values()] for one in read
        }
        positive = {post for post, answers in said.items() if any(map(self.counts, answers))}
        others = [
            one.post
            for one in read
            if one.post.id not in positive and any(answer.value in (PRESENT, ABSENT) for answer in said[one.post.id])
        ]
        others.sort(key=lambda post: self.corpus.keyed(f"second reading:{post.address}"))
        chosen = frozenset(post.id for post in others[: len(positive)])
        missing = frozenset(
            one.post.id for one in read if one.post.id in positive | chosen and not self.is_confirmed(one)
        )
        return SecondReading(frozenset(positive), chosen, missing)

    def counts(self, said: Decision) -> bool:
        """Whether a decision on a post is one that the share counts: that it shows the code, or takes a side."""
        return said.value == PRESENT and (not self.stance or said.stance is not None)

    def is_confirmed(self, one: _Read) -> bool:
        """Whether two people read a post blind and agree, or what they differ on was settled."""
        readings = self.audit.readings
        if readings.settled.decision(one.post.id, self.code).value is not None:
            return True
        blind = [layer.decision(one.post.id, self.code) for layer in readings.blind.values()]
        return not one.made.disputed and sum(answer.is_read for answer in blind) >= _TWO


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
_TWO = 2
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
