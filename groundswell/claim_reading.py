"""Reading for one claim: which posts can still change it, in which order, and how it stands meanwhile."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from coding.codebook import Codebook
from coding.final import FinalLayer
from db.errors import GroundswellError
from db.queries import codings
from db.queries import reviewing as queries
from db.queries.reporting import Post
from db.store import Store
from db.yaml_files import suggest
from groundswell.reviewing import pace
from groundswell.sampling import AUDIT, Drawing, draw_sample
from groundswell.study import Study
from reports.claims import Result, compute
from reports.corpus import Corpus, load_corpus
from reports.definition import Claim, Definition
from reports.needs import USUAL_SECONDS_PER_DECISION, need_for_unchecked
from reports.reading import posts_to_read
from reports.screening import UNCHECKED


@dataclass(frozen=True, slots=True)
class ClaimState:
    """A claim as it stands, and what one coder can still do for it.

    Attributes:
        claim: its id.
        label: what it says, or counts.
        codes: those that its posts are read for.
        posts: how many posts are in scope, or may be.
        read: how many of them people have decided.
        considered: the ids of the posts in scope, or that may be, which this coder may see here.
        order: the ids of the posts that this coder can still decide, in the order of reading.
        also: for some of them further codes to decide, on which it hangs whether the post is in scope.
        differing: how many posts people differ on; they wait for an adjudication.
        hidden: how many wait in an open blind round of this coder.
        minutes: how long the order takes at the coder's own pace.
        wants_audit: whether an audit of authors would spare most of the reading.
    """

    claim: str
    label: str
    codes: tuple[str, ...]
    verdict: str
    basis: str
    posts: int
    read: int
    considered: frozenset[int] = frozenset()
    order: tuple[int, ...] = ()
    also: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    differing: int = 0
    hidden: int = 0
    minutes: int = 0
    wants_audit: bool = False

    @property
    def is_settled(self) -> bool:
        """Whether the claim rests on something."""
        return self.basis != UNCHECKED


def find_claim(definition: Definition, name: str) -> Claim:
    """A claim by its id.

    Raises:
        GroundswellError: there is none, or none that posts are read for.
    """
    known = {claim.id: claim for claim in definition.claims}
    if name not in known:
        raise GroundswellError(f"there is no claim {name!r}", hint=suggest(name, known))
    return known[name]


def claim_state(  # noqa: PLR0917 - what it hangs on
    study: Study, store: Store, codebook: Codebook, claim: Claim, coder: str, hidden: frozenset[int]
) -> ClaimState:
    """Compute a claim from all that is stored now.

    Args:
        study: the study.
        store: its database, open.
        codebook: the codebook as it is.
        claim: what is read for.
        coder: who reads.
        hidden: posts that this coder must not see here.

    Raises:
        GroundswellError: the claim counts nothing by itself.
    """
    corpus = load_corpus(store, codebook, study.key(store))
    result = compute(claim, corpus, thresholds=study.definition(codebook).thresholds)
    codes = tuple(dict.fromkeys(figure.code for figure in result.figures))
    if not codes:
        raise GroundswellError(f"no post is read for {claim.id}: it rests on other claims")
    also = _open_filters(result, corpus)
    waiting = posts_to_read(result, corpus)
    wanted = frozenset[int]() if waiting is None else waiting.posts
    # Where people differ, one more reading changes nothing: that takes a decision between them.
    open_ = _undecided_by(store, coder, wanted - hidden - result.differing, codebook, codes, also)
    order = _order((post for post in corpus.posts if post.id in open_), corpus, coder)
    seconds = pace(store.connection, coder) or USUAL_SECONDS_PER_DECISION
    considered = max(figure.considered for figure in result.figures)
    return ClaimState(
        claim=claim.id,
        label=claim.label,
        codes=codes,
        verdict=str(result.verdict),
        basis=result.basis,
        posts=considered,
        read=max(considered - len(result.to_read), 0),
        considered=frozenset(post.id for post in (*result.scope.posts, *result.scope.undecided)) - hidden,
        order=order,
        also=also,
        differing=len(wanted & result.differing),
        hidden=len(wanted & hidden),
        minutes=need_for_unchecked(len(order), seconds).minutes or 0,
        wants_audit=waiting is not None and len(waiting.posts) < len(waiting.unread) and _lacks_audit(result),
    )


def draw_for_claim(study: Study, claim: str) -> Drawing:
    """Draw the audit of authors that spares most of the reading for a claim.

    Raises:
        GroundswellError: there is no such claim.
    """
    codebook = study.codebook()
    found = find_claim(study.definition(codebook), claim)
    codes = (found.code,) if found.code is not None else tuple(found.codes)
    return draw_sample(study, AUDIT, codes=codes)


def _lacks_audit(result: Result) -> bool:
    return any(one.basis == UNCHECKED and one.to_read and one.screening is None for one in result.figures)


def _open_filters(result: Result, corpus: Corpus) -> dict[int, tuple[str, ...]]:
    """For posts that may or may not be in scope the codes that would tell: values of attributes, and that of the scope."""
    found = {}
    scope_code = result.claim.scope_code
    for post in result.scope.undecided:
        unread = [one for one in result.claim.filter if corpus.layer.value_of(post.id, one).value is None]
        values = [value for one in unread for value in corpus.codebook.values_of(one)]
        if scope_code is not None and corpus.layer.decision(post.id, scope_code).value is None:
            values.append(scope_code)
        found[post.id] = tuple(values)
    return found


def _undecided_by(  # noqa: PLR0917 - what it hangs on
    store: Store,
    coder: str,
    posts: frozenset[int],
    codebook: Codebook,
    codes: Sequence[str],
    also: Mapping[int, tuple[str, ...]],
) -> frozenset[int]:
    """The posts of which a coder has not yet answered all that is asked.

    These posts are wanted although some may be decided: what was decided beside a suggestion enters no audit.
    """
    said = queries.said_by(store.connection, coder, sorted(posts), unaided=True)
    layer = FinalLayer(said, codebook, codings.revisions(store.connection))
    return frozenset(
        post
        for post in posts
        if any(layer.decision(post, code).value is None for code in (*codes, *also.get(post, ())))
    )


def _order(posts: Iterable[Post], corpus: Corpus, coder: str) -> tuple[int, ...]:
    """First the newest post of each author, then the second newest: a later stance may spare the earlier posts.

    Within a turn the order is that of keyed hashes, so that it does not tell what machines found.
    """
    newest_first = sorted(posts, key=lambda one: (one.created_at, one.platform, one.native_id), reverse=True)
    turns: Counter[str] = Counter()
    places = {}
    for post in newest_first:
        turns[post.author] += 1
        places[post.id] = (turns[post.author], corpus.keyed(f"reading:{coder}:{post.address}"))
    return tuple(sorted(places, key=lambda post: places[post]))
