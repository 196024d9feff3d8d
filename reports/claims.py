"""Claims: from posts in scope and people's decisions to figures, basis, verdict and evidence."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from coding.final import MISSING, PRESENT, UNREAD, UNSURE, Decision
from db.queries.reporting import Post
from reports.corpus import Corpus
from reports.definition import Claim
from reports.differences import Difference, Side, paired_difference
from reports.estimators import CommunityShare, Share, community_shares, estimates_without_each_community, share
from reports.scopes import Scope, Scopes, scope_of
from reports.screening import ESTIMATED, READ, SCREENED, UNCHECKED, Screening, screen
from reports.trends import PAIRS, PEOPLE, Column, Trend, trend_of
from reports.verdicts import (
    DECLARED,
    Judgement,
    Thresholds,
    Verdict,
    judge_corrected_presence,
    judge_corrected_stance,
    judge_presence,
    judge_stance,
)
from reports.votes import DISPUTE, MIXED, NO, NOTHING, OUT, SUPPORT, YES, Rule, Tally, count

__all__ = [
    "ESTIMATED", "READ", "SCREENED", "STRENGTH", "UNCHECKED", "Figures", "Result", "Salience", "Scope", "compute",
    "distinct_authors", "distinct_threads", "scope_of",
]  # fmt: skip

STRENGTH = (UNCHECKED, ESTIMATED, SCREENED, READ)
"""What a figure may rest on, the weakest first."""
_STANCES = (DISPUTE, MIXED, SUPPORT)


@dataclass(frozen=True, slots=True)
class Salience:
    """How many of all authors in scope take any side."""

    share: Share
    posts: int


@dataclass(frozen=True, slots=True)
class Figures:
    """One figure of a claim, that of a code or of an attribute's value, with what it rests on.

    Attributes:
        code: the code or value.
        basis: read, screened, estimated or unchecked.
        to_read: ids of posts that a person has still to decide for the figure to be read.
        considered: how many posts are in scope or may be.
        hits: ids of posts in scope that a machine found.
        mentioning: posts that carry the code by anybody's coding, people overruling machines.
        by_stance: for a stance claim, the posts of each stance.
        differing: ids of posts that people read and differ on; they count as unread.
        missing: posts that nobody can code.
        thread_sizes: voters in each thread with a deciding post.
        counted: the votes.
        found: for each post in scope what was found of the code, as `reports.votes.count` takes it.
        screening: how far an audit for the code has come, where the figure is not read and may rest on one.
        salience: for a stance claim, how many take a side at all.
        by_thread: for presence, the share of author-and-thread pairs, which may be compared between volumes (S12).
        pair_communities: the same pairs by community.
        leave_one_community_out: smallest and largest estimate without the posts of one community.
        trend: the figure by period, where the claim asks for it and everything is read.
    """

    code: str
    basis: str
    judgement: Judgement
    to_read: frozenset[int]
    considered: int
    hits: frozenset[int]
    mentioning: tuple[Post, ...]
    by_stance: dict[str, tuple[Post, ...]]
    differing: frozenset[int]
    missing: int
    thread_sizes: tuple[int, ...]
    counted: Tally
    found: tuple[int, ...]
    screening: Screening | None = None
    salience: Salience | None = None
    by_thread: Share | None = None
    pair_communities: tuple[CommunityShare, ...] = ()
    leave_one_community_out: tuple[float, float] | None = None
    trend: Trend | None = None

    @property
    def posts_per_person(self) -> float | None:
        """How many posts in scope those who are counted wrote on average."""
        return self.counted.posts / self.counted.n if self.counted.n else None


@dataclass(frozen=True, slots=True)
class Result:
    """A computed claim: one figure for a consensus, one for each value or code otherwise, none for a takeaway.

    Attributes:
        order: what is known of the order of each two codes, where the claim asks for it.
        rests: the results that a takeaway rests on.
        settled: the verdict of a takeaway, which has no figures of its own.
        was: the verdict that adjusting for the other headline claims took back.
    """

    claim: Claim
    scope: Scope
    figures: tuple[Figures, ...]
    order: tuple[Difference, ...] = ()
    rests: "tuple[Result, ...]" = ()
    settled: Verdict | None = None
    was: Verdict | None = None

    @property
    def to_read(self) -> frozenset[int]:
        """Posts to decide for the claim as a whole."""
        return frozenset().union(*(figure.to_read for figure in self.figures))

    @property
    def hits(self) -> frozenset[int]:
        """Posts that a machine found for any part of the claim."""
        return frozenset().union(*(figure.hits for figure in self.figures))

    @property
    def differing(self) -> frozenset[int]:
        """Posts that people differ on in any part of the claim."""
        return frozenset().union(*(figure.differing for figure in self.figures))

    @property
    def basis(self) -> str:
        """The weakest basis of its figures, or of what it rests on."""
        bases = [*(figure.basis for figure in self.figures), *(result.basis for result in self.rests)]
        return min(bases, key=STRENGTH.index)

    @property
    def verdict(self) -> Verdict:
        """The verdict of a consensus; of several figures the least certain one, none only where all have none."""
        if self.settled is not None:
            return self.settled
        return least_certain([figure.judgement.verdict for figure in self.figures])


def least_certain(found: Sequence[Verdict]) -> Verdict:
    """The verdict of several figures: that of the least certain one, none only where all have none."""
    if len(found) == 1:
        return found[0]
    some = [verdict for verdict in found if verdict is not Verdict.NONE]
    order = (Verdict.UNCHECKED, Verdict.THIN, Verdict.MEASURED)
    return next((verdict for verdict in order if verdict in some), Verdict.NONE)


def compute(claim: Claim, corpus: Corpus, scopes: Scopes | None = None, thresholds: Thresholds = DECLARED) -> Result:
    """Compute one claim that counts posts.

    Args:
        claim: any but a takeaway.
        corpus: the data of the report.
        scopes: those made so far, so that claims of the same filter share them.
        thresholds: the limits declared for the report.
    """
    scopes = scopes or Scopes(corpus)
    scope = scopes.of(claim)
    counting = _Counting(claim, scope, corpus, thresholds, scopes)
    figures: tuple[Figures, ...]
    if claim.is_stance:
        figures = (counting.stance(claim.code or ""),)
    elif claim.attribute is not None:
        figures = counting.attribute(claim.attribute)
    else:
        codes = (claim.code,) if claim.code is not None else claim.codes
        figures = tuple(counting.presence(code) for code in codes)
    order = _order(claim, figures, scope, thresholds) if claim.counts_pairs else ()
    if claim.kind in ("ranking", "examples") or (claim.ranked and claim.kind == "shares"):
        figures = _ranked(figures)
    return Result(claim, scope, figures, order)


def _ranked(figures: tuple[Figures, ...]) -> tuple[Figures, ...]:
    """Order by share, of equal ones by code; while anything is unread there are no shares to order by."""
    are_known = all(figure.basis != UNCHECKED for figure in figures)
    shares = {figure.code: (figure.judgement.share.estimate or 0.0) if are_known else 0.0 for figure in figures}
    return tuple(sorted(figures, key=lambda figure: (-shares[figure.code], figure.code)))


def _order(claim: Claim, figures: Sequence[Figures], scope: Scope, thresholds: Thresholds) -> tuple[Difference, ...]:
    """Test each two codes that are read, or those of each pair; the values of an attribute have no authors in common."""
    by_code = {figure.code: figure for figure in figures if figure.basis == READ}
    pairs: Iterable[tuple[str, str]] = combinations(by_code, 2)
    if claim.pairs:
        named = ((pair.code, pair.against) for pair in claim.pairs)
        pairs = [(code, against) for code, against in named if against in by_code and code in by_code]
    return tuple(_difference(by_code[one], by_code[other], scope, thresholds) for one, other in dict.fromkeys(pairs))


def _difference(one: Figures, other: Figures, scope: Scope, thresholds: Thresholds) -> Difference:
    """Compare two figures over the posts that have a part in both."""
    fewest = thresholds.order_people
    if one.counted.rule is Rule.ATTRIBUTE:
        return paired_difference(
            Side(one.code, one.counted, one.code), Side(other.code, other.counted, other.code), fewest
        )
    if OUT not in one.found and OUT not in other.found:
        return paired_difference(Side(one.code, one.counted), Side(other.code, other.counted), fewest)
    either = [OUT in both for both in zip(one.found, other.found, strict=True)]
    first, second = (Side(figure.code, _without(figure, either, scope)) for figure in (one, other))
    return paired_difference(first, second, fewest)


def _without(figure: Figures, left_out: Sequence[bool], scope: Scope) -> Tally:
    found = [OUT if out else value for value, out in zip(figure.found, left_out, strict=True)]
    return count(scope.roll, found, (YES,), Rule.PRESENCE)


@dataclass(frozen=True, slots=True)
class _Sorted:
    """Posts in scope with the decision on each, and what follows for the basis."""

    decided: tuple[tuple[Post, Decision], ...]
    undecided: tuple[Post, ...]
    to_read: frozenset[int]
    considered: int
    missing: int

    @property
    def basis(self) -> str:
        return UNCHECKED if self.to_read or not self.considered else READ


@dataclass(frozen=True, slots=True)
class _Counting:
    """The figures of one claim over its scope."""

    claim: Claim
    scope: Scope
    corpus: Corpus
    thresholds: Thresholds
    scopes: Scopes

    def sort(self, decide: Callable[[int], Decision]) -> _Sorted:
        read = self.scopes.read
        found = [(post, decide(post.id) if post.id in read else UNREAD) for post in self.scope.posts]
        unread = [post.id for post, made in found if made.value is None]
        return _Sorted(
            decided=tuple(found),
            undecided=self.scope.undecided,
            to_read=frozenset((*unread, *(post.id for post in self.scope.undecided))),
            considered=len(found) + len(self.scope.undecided),
            missing=sum(made.value == MISSING for _, made in found),
        )

    def stance(self, code: str) -> Figures:
        sorted_ = self.sort(lambda post: self.corpus.layer.decision(post, code))
        sides = {side: at for at, side in enumerate(_STANCES)}
        found = [OUT if made.value == MISSING else sides.get(made.stance or "", NOTHING) for _, made in sorted_.decided]
        mentioning = self.mentioning(sorted_, code)
        screening = self.screening(code, sorted_, stance=True)
        has_present = bool(mentioning)
        if screening is None or screening.basis == UNCHECKED:
            counted = count(self.scope.roll, found, _STANCES, Rule.STANCE)
            judgement = judge_stance(counted, sorted_.basis, has_present, self.thresholds)
        else:
            authors = (post.author for post, _ in sorted_.decided)
            known = [at if author in screening.counted else OUT for at, author in zip(found, authors, strict=True)]
            counted = count(self.scope.roll, known, _STANCES, Rule.STANCE)
            judgement = judge_corrected_stance(counted, screening.frame, screening.basis, has_present, self.thresholds)
        by_stance = {
            stance: tuple(post for post, made in sorted_.decided if made.value == PRESENT and made.stance == stance)
            for stance in (SUPPORT, DISPUTE, MIXED)
        }
        figures = self.figures(code, sorted_, counted, judgement, found=found, mentioning=mentioning)
        figures = replace(figures, by_stance=by_stance, salience=self.salience(found, sorted_))
        return self.with_more(_under_audit(figures, screening), _STANCES, frozenset({SUPPORT}))

    def salience(self, found: Sequence[int], sorted_: _Sorted) -> Salience | None:
        """Who takes a side at all; not told before everything is read."""
        if sorted_.basis == UNCHECKED:
            return None
        takers = count(self.scope.roll, found, _STANCES, Rule.PRESENCE)
        return Salience(share(takers, frozenset({YES})), takers.posts)

    def presence(self, code: str) -> Figures:
        sorted_ = self.sort(lambda post: self.corpus.layer.decision(post, code))
        screening = self.screening(code, sorted_, stance=False)
        is_corrected = screening is not None and screening.basis != UNCHECKED
        # Where an audit speaks for authors whom nobody read, a machine's hit says which post would decide.
        hits = self.corpus.mentions.get(code, frozenset()) if is_corrected else frozenset()
        found = [_shown(made, post.id in hits) for post, made in sorted_.decided]
        mentioning = self.mentioning(sorted_, code)
        counted = count(self.scope.roll, found, (YES,), Rule.PRESENCE)
        yes, has_present = frozenset({YES}), bool(mentioning)
        if screening is not None and is_corrected:
            judgement = judge_corrected_presence(
                counted, screening.frame, screening.basis, has_present, self.thresholds
            )
        else:
            judgement = judge_presence(counted, yes, sorted_.basis, has_present, self.thresholds)
        figures = _under_audit(
            self.figures(code, sorted_, counted, judgement, found=found, mentioning=mentioning), screening
        )
        if figures.basis == READ:
            pairs = count(self.scope.pairs, found, (YES,), Rule.PRESENCE)
            by_community = community_shares(pairs, yes, frozenset({NO}))
            figures = replace(figures, by_thread=share(pairs, yes), pair_communities=by_community)
        return self.with_more(figures, (YES,), yes)

    def screening(self, code: str, sorted_: _Sorted, *, stance: bool) -> Screening | None:
        """How far an audit has come; none where all is read, or where it is open which posts are in scope."""
        if sorted_.basis == READ or self.scope.undecided:
            return None
        return screen(code, self.scope.posts, self.corpus.layer.decision, self.corpus, stance=stance)

    def attribute(self, attribute: str) -> tuple[Figures, ...]:
        sorted_ = self.sort(lambda post: self.corpus.layer.value_of(post, attribute))
        values = self.corpus.codebook.values_of(attribute)
        number = {value: at for at, value in enumerate(values)}
        found = [
            OUT if made.value == MISSING else number.get(made.stance or "", NOTHING) for _, made in sorted_.decided
        ]
        counted = count(self.scope.roll, found, values, Rule.ATTRIBUTE)
        figures = []
        for value in values:
            decided = tuple((post, self.corpus.layer.decision(post.id, value)) for post, _ in sorted_.decided)
            by_code = replace(sorted_, decided=decided)
            mentioning = self.mentioning(by_code, value)
            yes, has_present = frozenset({value}), bool(mentioning) or counted.n > 0
            judgement = judge_presence(counted, yes, sorted_.basis, has_present, self.thresholds)
            figure = self.figures(value, by_code, counted, judgement, found=found, mentioning=mentioning)
            figures.append(self.with_more(figure, values, yes))
        return tuple(figures)

    def mentioning(self, sorted_: _Sorted, code: str) -> tuple[Post, ...]:
        """Posts that carry the code by people's decision, by one of them where they differ, or by a machine's hit alone.

        Those that may turn out to be in scope are among them: while that is open, nobody can say that nothing was found.
        """
        found = self.corpus.mentions.get(code, frozenset())
        told = self.scopes.read | found
        decide = self.corpus.layer.decision
        undecided = ((post, decide(post.id, code)) for post in sorted_.undecided if post.id in told)
        decided = ((post, made) for post, made in sorted_.decided if post.id in told)
        return tuple(
            post
            for post, made in (*decided, *undecided)
            if made.value == PRESENT or made.disputed or (post.id in found and made.value in (None, UNSURE))
        )

    def figures(
        self,
        code: str,
        sorted_: _Sorted,
        counted: Tally,
        judgement: Judgement,
        *,
        found: Sequence[int],
        mentioning: tuple[Post, ...],
    ) -> Figures:
        hits = self.corpus.mentions.get(code, frozenset())
        return Figures(
            code=code,
            basis=sorted_.basis,
            judgement=judgement,
            to_read=sorted_.to_read,
            considered=sorted_.considered,
            hits=hits & self.scope.ids,
            mentioning=mentioning,
            by_stance={},
            differing=frozenset(post.id for post, made in sorted_.decided if made.disputed),
            missing=sorted_.missing,
            thread_sizes=counted.thread_sizes,
            counted=counted,
            found=tuple(found),
        )

    def with_more(self, figures: Figures, values: Sequence[str], yes: frozenset[str]) -> Figures:
        """Add what follows from votes that are all counted: the share without each community, and by period."""
        if figures.basis != READ or not figures.counted.n:
            return figures
        left = estimates_without_each_community(figures.counted, yes) if len(figures.counted.communities) > 1 else []
        trend = None
        if self.claim.trend is not None:
            is_presence = figures.counted.rule is Rule.PRESENCE
            column = Column(
                roll=self.scope.pairs if is_presence else self.scope.roll,
                threads=self.scope.threads,
                found=figures.found,
                values=values,
                rule=figures.counted.rule,
                yes=yes,
                unit=PAIRS if is_presence else PEOPLE,
            )
            periods = self.scopes.periods(self.claim.trend)
            trend = trend_of(column, periods, self.claim.trend, self.thresholds.trend_threads)
        return replace(figures, leave_one_community_out=(min(left), max(left)) if left else None, trend=trend)


def _shown(made: Decision, is_hit: bool) -> int:
    """What a post shows of a code: yes, nothing, or that it has no part."""
    if made.value in (UNSURE, MISSING):
        return OUT
    return 0 if made.value == PRESENT or (made.value is None and is_hit) else NOTHING


def _under_audit(figures: Figures, screening: Screening | None) -> Figures:
    return figures if screening is None else replace(figures, basis=screening.basis, screening=screening)


def distinct_authors(posts: Iterable[Post]) -> int:
    """How many voters wrote these posts."""
    return len({post.author for post in posts})


def distinct_threads(posts: Iterable[Post]) -> int:
    """How many threads these posts stand in."""
    return len({post.thread for post in posts})
