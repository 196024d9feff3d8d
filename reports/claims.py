"""Claims: from posts in scope and people's decisions to figures, basis, verdict and evidence."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from coding.final import MISSING, PRESENT, UNSURE, Decision
from db.queries.reporting import Post
from reports.corpus import Corpus
from reports.definition import Claim
from reports.screening import ESTIMATED, READ, SCREENED, UNCHECKED, Screening, screen
from reports.verdicts import (
    Judgement,
    Verdict,
    judge_corrected_presence,
    judge_corrected_stance,
    judge_presence,
    judge_stance,
)
from reports.votes import YES, Ballot, Rule, Tally, tally

STRENGTH = (UNCHECKED, ESTIMATED, SCREENED, READ)
"""What a figure may rest on, the weakest first."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The posts of a claim, before its code is looked at.

    Attributes:
        posts: posts in scope.
        undecided: posts of which nobody can tell yet whether they are in scope, since the filter's attribute is unread.
    """

    posts: tuple[Post, ...]
    undecided: tuple[Post, ...]


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
        screening: how far an audit for the code has come, where the figure is not read and may rest on one.
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
    screening: Screening | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """A computed claim: one figure for a consensus, one for each value or code otherwise."""

    claim: Claim
    scope: Scope
    figures: tuple[Figures, ...]

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
        """The weakest basis of its figures."""
        return min((figure.basis for figure in self.figures), key=STRENGTH.index)

    @property
    def verdict(self) -> Verdict:
        """The verdict of a consensus; of several figures the least certain one, none only where all have none."""
        found = [figure.judgement.verdict for figure in self.figures]
        if len(found) == 1:
            return found[0]
        some = [verdict for verdict in found if verdict is not Verdict.NONE]
        order = (Verdict.UNCHECKED, Verdict.THIN, Verdict.MEASURED)
        return next((verdict for verdict in order if verdict in some), Verdict.NONE)


def compute(claim: Claim, corpus: Corpus) -> Result:
    """Compute one claim."""
    scope = scope_of(claim, corpus.posts, corpus)
    figures: tuple[Figures, ...]
    if claim.kind == "consensus":
        figures = (_stance(claim.code or "", scope, corpus),)
    elif claim.attribute is not None:
        figures = _attribute(claim.attribute, scope, corpus)
    else:
        codes = (claim.code,) if claim.code is not None else claim.codes
        figures = tuple(_presence(code, scope, corpus) for code in codes)
    if claim.kind == "ranking":
        figures = _ranked(figures)
    return Result(claim, scope, figures)


def _ranked(figures: tuple[Figures, ...]) -> tuple[Figures, ...]:
    """Order by share, of equal ones by code; while anything is unread there are no shares to order by."""
    are_known = all(figure.basis != UNCHECKED for figure in figures)
    shares = {figure.code: (figure.judgement.share.estimate or 0.0) if are_known else 0.0 for figure in figures}
    return tuple(sorted(figures, key=lambda figure: (-shares[figure.code], figure.code)))


def scope_of(claim: Claim, posts: tuple[Post, ...], corpus: Corpus) -> Scope:
    """Tell which of these posts a claim's filter lets in, and of which that is still open."""
    if not claim.filter:
        return Scope(posts, ())
    inside, undecided = [], []
    for post in posts:
        fits: bool | None = True
        for attribute, wanted in claim.filter.items():
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
    return Scope(tuple(inside), tuple(undecided))


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


def _sort(scope: Scope, decide: Callable[[int], Decision]) -> _Sorted:
    found = [(post, decide(post.id)) for post in scope.posts]
    unread = [post.id for post, made in found if made.value is None]
    return _Sorted(
        decided=tuple(found),
        undecided=scope.undecided,
        to_read=frozenset((*unread, *(post.id for post in scope.undecided))),
        considered=len(found) + len(scope.undecided),
        missing=sum(made.value == MISSING for _, made in found),
    )


def _stance(code: str, scope: Scope, corpus: Corpus) -> Figures:
    sorted_ = _sort(scope, lambda post: corpus.layer.decision(post, code))
    ballots = (_ballot(post, corpus, made.stance) for post, made in sorted_.decided if made.value != MISSING)
    mentioning = _mentioning(sorted_, corpus, code)
    screening = _screening(code, scope, sorted_, corpus, stance=True)
    if screening is None or screening.basis == UNCHECKED:
        counted = tally(ballots, Rule.STANCE)
        judgement = judge_stance(counted, sorted_.basis, bool(mentioning))
    else:
        counted = tally((ballot for ballot in ballots if ballot.author in screening.counted), Rule.STANCE)
        judgement = judge_corrected_stance(counted, screening.frame, screening.basis, bool(mentioning))
    by_stance = {
        stance: tuple(post for post, made in sorted_.decided if made.value == PRESENT and made.stance == stance)
        for stance in ("support", "dispute", "mixed")
    }
    figures = _figures(code, sorted_, corpus, counted, judgement, mentioning=mentioning, by_stance=by_stance)
    return _under_audit(figures, screening)


def _presence(code: str, scope: Scope, corpus: Corpus) -> Figures:
    sorted_ = _sort(scope, lambda post: corpus.layer.decision(post, code))
    screening = _screening(code, scope, sorted_, corpus, stance=False)
    is_corrected = screening is not None and screening.basis != UNCHECKED
    # Where an audit speaks for authors whom nobody read, a machine's hit says which post would decide.
    found = corpus.mentions.get(code, frozenset()) if is_corrected else frozenset()
    ballots = (
        _ballot(post, corpus, YES if made.value == PRESENT or (made.value is None and post.id in found) else None)
        for post, made in sorted_.decided
        if made.value not in (UNSURE, MISSING)
    )
    mentioning = _mentioning(sorted_, corpus, code)
    counted = tally(ballots, Rule.PRESENCE)
    if screening is not None and is_corrected:
        judgement = judge_corrected_presence(counted, screening.frame, screening.basis, bool(mentioning))
    else:
        judgement = judge_presence(counted, frozenset({YES}), sorted_.basis, bool(mentioning))
    return _under_audit(_figures(code, sorted_, corpus, counted, judgement, mentioning=mentioning), screening)


def _screening(code: str, scope: Scope, sorted_: _Sorted, corpus: Corpus, *, stance: bool) -> Screening | None:
    """How far an audit has come; none where all is read, or where it is open which posts are in scope."""
    if sorted_.basis == READ or scope.undecided:
        return None
    return screen(code, scope.posts, corpus.layer.decision, corpus, stance=stance)


def _under_audit(figures: Figures, screening: Screening | None) -> Figures:
    return figures if screening is None else replace(figures, basis=screening.basis, screening=screening)


def _attribute(attribute: str, scope: Scope, corpus: Corpus) -> tuple[Figures, ...]:
    sorted_ = _sort(scope, lambda post: corpus.layer.value_of(post, attribute))
    ballots = (_ballot(post, corpus, made.stance) for post, made in sorted_.decided if made.value != MISSING)
    counted = tally(ballots, Rule.ATTRIBUTE)
    figures = []
    for value in corpus.codebook.values_of(attribute):
        decided = tuple((post, corpus.layer.decision(post.id, value)) for post, _ in sorted_.decided)
        by_code = replace(sorted_, decided=decided)
        mentioning = _mentioning(by_code, corpus, value)
        judgement = judge_presence(counted, frozenset({value}), sorted_.basis, bool(mentioning) or counted.n > 0)
        figures.append(_figures(value, by_code, corpus, counted, judgement, mentioning=mentioning))
    return tuple(figures)


def _mentioning(sorted_: _Sorted, corpus: Corpus, code: str) -> tuple[Post, ...]:
    """Posts that carry the code by people's decision, by one of them where they differ, or by a machine's hit alone.

    Those that may turn out to be in scope are among them: as long as that is open, nobody can say that nothing was found.
    """
    found = corpus.mentions.get(code, frozenset())
    undecided = ((post, corpus.layer.decision(post.id, code)) for post in sorted_.undecided)
    return tuple(
        post
        for post, made in (*sorted_.decided, *undecided)
        if made.value == PRESENT or made.disputed or (post.id in found and made.value in (None, UNSURE))
    )


def _figures(
    code: str,
    sorted_: _Sorted,
    corpus: Corpus,
    counted: Tally,
    judgement: Judgement,
    *,
    mentioning: tuple[Post, ...],
    by_stance: dict[str, tuple[Post, ...]] | None = None,
) -> Figures:
    found = corpus.mentions.get(code, frozenset())
    return Figures(
        code=code,
        basis=sorted_.basis,
        judgement=judgement,
        to_read=sorted_.to_read,
        considered=sorted_.considered,
        hits=frozenset(post.id for post, _ in sorted_.decided if post.id in found)
        | frozenset(post.id for post in sorted_.undecided if post.id in found),
        mentioning=mentioning,
        by_stance=by_stance or {},
        differing=frozenset(post.id for post, made in sorted_.decided if made.disputed),
        missing=sorted_.missing,
        thread_sizes=counted.thread_sizes,
    )


def _ballot(post: Post, corpus: Corpus, value: str | None) -> Ballot:
    return Ballot(
        post.author, corpus.clusters[post.thread], post.community, post.created_at, post.platform, post.native_id, value
    )


def distinct_authors(posts: Iterable[Post]) -> int:
    """How many voters wrote these posts."""
    return len({post.author for post in posts})


def distinct_threads(posts: Iterable[Post]) -> int:
    """How many threads these posts stand in."""
    return len({post.thread for post in posts})
