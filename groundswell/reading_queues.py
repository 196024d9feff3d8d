"""Queues: which posts a coder reads, in which order, and how far that is.

A queue is put together once and then kept up to date with each decision. What others write meanwhile, or a collection
brings, is taken in behind the coder's back: answering for a post never waits for it.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from heapq import nsmallest
from itertools import chain, islice
from sqlite3 import Connection  # noqa: TID251 - only its name: queries take one
from threading import Lock, Thread
from time import monotonic

from coding.assignments import assigned
from coding.codebook import Codebook, codebook_revision, read_content
from coding.final import FinalLayer
from coding.rounds import still_to_read
from coding.sampling import Design, seed_of, shuffled
from db.errors import ConfigurationError, GroundswellError
from db.queries import codings, samples
from db.queries import reviewing as queries
from db.queries.reporting import Post
from db.queries.samples import AUTHOR, Round
from db.store import Store
from db.yaml_files import suggest
from groundswell.agreeing import ALWAYS_BLIND, TEACHING, find_round, posts_in_order
from groundswell.claim_reading import ClaimState, claim_state, find_claim
from groundswell.reviewing import Task, hidden_from
from groundswell.sampling import find_sample, frame_posts, mixed_order, unit_of
from groundswell.study import Study
from reports.definition import Definition

ROUND, SAMPLE, CLAIM, CODE, ALL = "round", "sample", "claim", "code", "all"
KINDS = (ROUND, SAMPLE, CLAIM, CODE, ALL)
EVERYTHING = "everything"
"""The name of the one queue that is of no round, sample, claim or code."""
_AT_ONCE = 2000
"""How many posts the queue of everything puts in order at a time: a few days' work."""
_QUICK_SECONDS = 0.3
_REST = 9
"""After a recount that took a second, none begins for nine: a tenth of the computer is enough for it."""
_MANY_EVENTS = 500
"""With more events than these since it was last looked at, a queue is put together anew."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a queue is of: a round, a sample, a claim, a code, or everything."""

    kind: str
    name: str


@dataclass(slots=True)
class Queue:
    """The posts that one coder reads for one thing.

    Attributes:
        title: what it is called on the page.
        task: how it asks about a post.
        order: ids of its posts in the order of reading, decided ones too.
        left: those of them that wait for this coder.
        groups: for posts of drawn authors all posts of the author, the newest first; a decision may spare the others.
        beyond: how many posts wait that are not in the order yet.
        claim: the claim that it is for, as it stood when last counted.
        shows_state: whether the coder may see that.
        hints: whether machines' findings may be shown: after a commit, or before if the coder wants them.
    """

    place: Place
    coder: str
    title: str
    task: Task
    order: tuple[int, ...]
    left: set[int]
    groups: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    beyond: int = 0
    claim: ClaimState | None = None
    shows_state: bool = False
    hints: bool = False
    places: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.places = {post: place for place, post in enumerate(self.order)}

    @property
    def total(self) -> int:
        """All posts of the queue, read or not."""
        return len(self.order) + self.beyond

    @property
    def done(self) -> int:
        """The posts that do not wait any more."""
        return len(self.order) - len(self.left)

    def holds(self, post: int) -> bool:
        """Whether a post may be coded here: it is in the order, or a claim may hang on it, also once it is settled."""
        return post in self.places or (self.claim is not None and post in self.claim.considered)

    def task_for(self, post: int) -> Task:
        """How the queue asks about one post."""
        also = self.claim.also.get(post) if self.claim is not None else None
        if not also:
            return self.task
        return replace(self.task, codes=tuple(dict.fromkeys((*self.task.codes, *also))))

    def waiting(self, after: int | None = None, most: int = 1) -> list[int]:
        """The next posts that wait, after one or from the beginning; at the end those come again that were skipped."""
        begin = self.places[after] + 1 if after in self.places else 0
        around = chain(range(begin, len(self.order)), range(begin))
        waiting = (self.order[place] for place in around if self.order[place] in self.left)
        return list(islice((post for post in waiting if post != after), most))

    def beside(self, post: int, step: int) -> int | None:
        """The post before or after one, decided or not; None at either end."""
        there = self.places.get(post, -step - 1) + step
        return self.order[there] if 0 <= there < len(self.order) else None


class Queues:
    """The queues of all who sit before the app; may be asked from several threads.

    Args:
        study: the study that is read.
        codebook: gives the codebook as it is now, the same object as long as it does not change.
    """

    def __init__(self, study: Study, codebook: Callable[[], Codebook]) -> None:
        self._study = study
        self._codebook = codebook
        self._lock = Lock()
        self._kept: dict[tuple[str, bool, Place], _Kept] = {}
        self._revision: tuple[Codebook, str] | None = None
        self._definition: tuple[tuple[int, int] | None, Codebook, Definition] | None = None

    def queue(self, store: Store, coder: str, place: Place, *, blind: bool = False) -> Queue:
        """The queue of a coder as it stands, put together if it is not there yet.

        Raises:
            GroundswellError: there is no such round, sample, claim or code, or it is none of this coder's.
        """
        with self._lock:
            kept = self._kept.setdefault((coder, blind, place), _Kept(coder, place, blind))
        with kept.lock:
            queue = kept.queue
            if queue is None or kept.codebook is not self._codebook():
                return self._put_together(store, kept)
            if not self._catch_up(store, kept, queue) or (kept.is_moved and not queue.left):
                return self._put_together(store, kept)
            if kept.is_moved:
                if kept.seconds < _QUICK_SECONDS:
                    return self._put_together(store, kept)
                self._count_behind(kept)
            return queue

    def forget(self, place: Place) -> None:
        """Let a queue be put together anew when it is next asked for, whoever reads it."""
        with self._lock:
            for coder, blind, one in [key for key in self._kept if key[2] == place]:
                del self._kept[coder, blind, one]

    def revision(self, codebook: Codebook) -> str:
        """The revision of the codebook, counted once for each."""
        known = self._revision
        if known is None or known[0] is not codebook:
            known = self._revision = (codebook, codebook_revision(codebook))
        return known[1]

    def definition(self, codebook: Codebook) -> Definition:
        """The claims, read again only when their file or the codebook has changed."""
        path = self._study.findings_path
        stamp = (path.stat().st_mtime_ns, path.stat().st_size) if path.exists() else None
        known = self._definition
        if known is None or known[0] != stamp or known[1] is not codebook:
            known = self._definition = (stamp, codebook, self._study.definition(codebook))
        return known[2]

    def _catch_up(self, store: Store, kept: "_Kept", queue: Queue) -> bool:
        """Take in what was said since; False if that is too much, or if the posts may have changed."""
        connection = store.connection
        last = codings.last_event(connection)
        if _outline(connection) != kept.outline:
            return False
        if last == kept.last:
            return True
        touched = queries.touched_since(connection, kept.last, _MANY_EVENTS)
        if len(touched) == _MANY_EVENTS:
            return False
        for post in touched:
            if post in queue.places:
                _refresh(connection, queue, post)
        kept.is_moved = kept.is_moved or queue.place.kind == CLAIM
        kept.last = last
        return True

    def _count_behind(self, kept: "_Kept") -> None:
        """Count again in a thread, unless one is at it or the last one has only just ended."""
        if not kept.is_counting and monotonic() >= kept.ended + _REST * kept.seconds:
            kept.is_counting = True
            Thread(target=self._count_again, args=(kept,), daemon=True).start()

    def _count_again(self, kept: "_Kept") -> None:
        try:
            with self._study.store() as store:
                made = self._make(store, kept)
            with kept.lock:
                kept.take(made)
        except (GroundswellError, OSError):
            kept.ended = monotonic()  # tried again later; with nothing left to read its reason is told
        finally:
            kept.is_counting = False

    def _put_together(self, store: Store, kept: "_Kept") -> Queue:
        made = self._make(store, kept)
        kept.take(made)
        return made.queue

    def _make(self, store: Store, kept: "_Kept") -> "_Made":
        began = monotonic()
        last, outline = codings.last_event(store.connection), _outline(store.connection)
        codebook = self._codebook()
        maker = _Maker(self, self._study, store, codebook, kept.coder, kept.blind)
        return _Made(_in_old_order(maker.make(kept.place), kept.queue), last, outline, codebook, monotonic() - began)


@dataclass(frozen=True, slots=True)
class _Made:
    """A queue that was put together, from what, and how long that took."""

    queue: Queue
    last: int
    outline: object
    codebook: Codebook
    seconds: float


class _Kept:
    """A queue with what tells whether it is still as it was put together."""

    def __init__(self, coder: str, place: Place, blind: bool) -> None:
        self.coder, self.place, self.blind = coder, place, blind
        self.lock = Lock()
        self.queue: Queue | None = None
        self.codebook: Codebook | None = None
        self.last = 0
        self.outline: object = None
        self.seconds = self.ended = 0.0
        self.is_moved = self.is_counting = False

    def take(self, made: _Made) -> None:
        self.queue, self.codebook = made.queue, made.codebook
        self.last, self.outline, self.seconds = made.last, made.outline, made.seconds
        self.ended, self.is_moved = monotonic(), False


def _in_old_order(queue: Queue, old: Queue | None) -> Queue:
    """A claim's queue that was counted again, its posts where they were: whoever reads on comes to the same ones."""
    if old is None or queue.place.kind != CLAIM:
        return queue
    kept = (post for post in old.order if queue.holds(post))
    return replace(queue, order=tuple(dict.fromkeys((*kept, *queue.order))), places={})


def _outline(connection: Connection) -> object:
    """What tells whether posts may have come or gone, and whether a round began or was closed."""
    rounds = tuple((one.id, one.closed_at) for one in samples.rounds(connection))
    return queries.last_run(connection), rounds


def _refresh(connection: Connection, queue: Queue, post: int) -> None:
    """Tell anew whether a post waits, and with it the others of its author where an author was drawn."""
    if queue.place.kind == ALL:
        waits = set() if queries.is_read(connection, post) else {post}
        group: tuple[int, ...] = (post,)
    else:
        group = queue.groups.get(post, (post,))
        task = queue.task_for(post)
        layer = _own_layer(connection, queue.coder, task, group)
        waits = _still_open(layer, task, group, by_author=bool(queue.groups))
    queue.left.difference_update(group)
    queue.left.update(waits)


def _own_layer(connection: Connection, coder: str, task: Task, posts: Sequence[int]) -> FinalLayer:
    """What one coder holds of some posts."""
    said = list(queries.said_by(connection, coder, posts, task.round))
    named = {one.codebook_revision for one in said if one.codebook_revision is not None}
    return FinalLayer(said, task.codebook, queries.revisions_named(connection, sorted(named)))


def _still_open(layer: FinalLayer, task: Task, posts: Sequence[int], *, by_author: bool) -> set[int]:
    """Which of these posts wait; those of one drawn author only as far as they may still decide the author."""
    if by_author:
        left = still_to_read(posts, layer, task.codes, task.codebook)
        return {post for unread in left.values() for post in unread}
    return {post for post in posts if any(layer.decision(post, code).value is None for code in task.codes)}


@dataclass(frozen=True, slots=True)
class _Maker:
    """Puts queues together for one coder."""

    queues: Queues
    study: Study
    store: Store
    codebook: Codebook
    coder: str
    blind: bool

    def make(self, place: Place) -> Queue:
        """The queue of a place.

        Raises:
            GroundswellError: there is no such place, or it is none of this coder's.
        """
        makers: dict[str, Callable[[Place], Queue]] = {
            ROUND: self.of_round, SAMPLE: self.of_sample, CLAIM: self.of_claim, CODE: self.of_code, ALL: self.of_all,
        }  # fmt: skip
        if place.kind not in makers:
            raise GroundswellError(f"there is no queue of a {place.kind}", hint=suggest(place.kind, KINDS))
        return makers[place.kind](place)

    @property
    def connection(self) -> Connection:
        """The database."""
        return self.store.connection

    def of_round(self, place: Place) -> Queue:
        """What a coder has to read in a round."""
        round_ = find_round(self.connection, place.name)
        if round_.closed_at is not None:
            raise GroundswellError(f"the round {round_.id} was closed at {round_.closed_at}")
        if self.coder not in round_.coders:
            coders = ", ".join(round_.coders)
            raise GroundswellError(f"{self.coder} does not code in the round {round_.id}", hint=f"its coders: {coders}")
        sample = find_sample(self.connection, round_.sample)
        posts = posts_in_order(self.connection, sample)
        given = self._given(round_, sample.unit, Design.from_json(sample.design).seed, posts)
        codebook = read_content(codings.revisions(self.connection)[round_.codebook_revision])
        task = Task(
            codebook, round_.codebook_revision, round_.codes, whole=set(codebook.asked) <= set(round_.codes),
            blind=round_.blind or self.blind, round=round_.id,
        )  # fmt: skip
        if sample.purpose in TEACHING:
            given = mixed_order(self.connection, given, round_.codes, Design.from_json(sample.design).seed)
        return self._queue(place, f"Round {round_.id}", task, given, by_author=sample.unit == AUTHOR)

    def _given(self, round_: Round, unit: str, seed: str, posts: Sequence[Post]) -> list[Post]:
        units = {post.address: unit_of(post, unit) for post in posts}
        mine = set(assigned(units, round_.coders, round_.double_share, seed, units)[self.coder])
        return [post for post in posts if post.address in mine]

    def of_sample(self, place: Place) -> Queue:
        """All posts of a sample, for whoever reads it outside a round."""
        sample = find_sample(self.connection, place.name)
        design = Design.from_json(sample.design)
        task = self._task(tuple(code for code in design.codes if code in self.codebook.asked))
        task = replace(task, blind=self.blind or sample.purpose in ALWAYS_BLIND)
        hidden = hidden_from(self.store, self.coder)
        posts = [post for post in posts_in_order(self.connection, sample) if post.id not in hidden]
        return self._queue(place, f"Sample {sample.id}", task, posts, by_author=sample.unit == AUTHOR)

    def of_code(self, place: Place) -> Queue:
        """What rules, models and programs find of a code, the newest first."""
        if place.name not in self.codebook.asked:
            raise GroundswellError(
                f"no code {place.name!r} can be coded", hint=suggest(place.name, self.codebook.asked)
            )
        wanted = queries.hits_of(self.connection, place.name) - hidden_from(self.store, self.coder)
        posts = [post for post in frame_posts(self.connection) if post.id in wanted]
        posts.sort(key=lambda one: (one.created_at, one.platform, one.native_id), reverse=True)
        task = replace(self._task((place.name,)), others=True)
        return self._queue(place, f"Found for {self.codebook.codes[place.name].name}", task, posts)

    def of_claim(self, place: Place) -> Queue:
        """The posts whose reading can change a claim.

        What the coder sees of each is blind: neither its author, nor what machines or others said of it.
        """
        claim = find_claim(self.queues.definition(self.codebook), place.name)
        hidden = hidden_from(self.store, self.coder)
        state = claim_state(self.study, self.store, self.codebook, claim, self.coder, hidden)
        task = replace(self._task(state.codes), others=True, blind=True)
        read = [post for post in queries.coded_by(self.connection, self.coder) if post in state.considered]
        apart = hidden.union(state.order)
        done = tuple(post for post in read if post not in apart)
        return Queue(
            place, self.coder, state.label, task, (*done, *state.order), set(state.order),
            claim=state, shows_state=not self.blind,
        )  # fmt: skip

    def of_all(self, place: Place) -> Queue:
        """Everything that nobody has read and no audit has drawn, mixed so that it teaches (`coding.sampling`)."""
        if place.name != EVERYTHING:
            raise GroundswellError(f"there is no queue {place.name!r}", hint=f"{ALL}/{EVERYTHING}")
        hidden = hidden_from(self.store, self.coder)
        kept_apart = hidden | samples.audit_posts(self.connection) | queries.read_by_people(self.connection)
        posts = frame_posts(self.connection)
        mine = set(queries.coded_by(self.connection, self.coder)) - hidden
        free = [post for post in posts if post.id not in kept_apart]
        seed = seed_of(self.study.key(self.store), f"reading:{self.coder}")
        first = nsmallest(_AT_ONCE, free, key=lambda post: shuffled(seed, post.address))
        task = self._task(())
        order = mixed_order(self.connection, first, task.codes, seed)
        read = [post.id for post in posts if post.id in mine]
        return Queue(
            place, self.coder, "Everything nobody has read", task, (*read, *(post.id for post in order)),
            {post.id for post in order}, beyond=len(free) - len(first), hints=not self.blind,
        )  # fmt: skip

    def _task(self, codes: tuple[str, ...]) -> Task:
        """How codes of the codebook as it is are asked for; without any, all."""
        asked = self.codebook.asked
        whole = not codes or set(codes) >= set(asked)
        if whole and not asked:
            raise ConfigurationError("the codebook has no code", hint="groundswell codebook add")
        return Task(
            self.codebook,
            self.queues.revision(self.codebook),
            codes or asked,
            whole=whole,
            others=whole,
            blind=self.blind,
        )

    def _queue(self, place: Place, title: str, task: Task, posts: Sequence[Post], *, by_author: bool = False) -> Queue:
        order = tuple(post.id for post in posts)
        layer = _own_layer(self.connection, self.coder, task, order)
        groups = _groups(posts) if by_author else {}
        sets = set(groups.values()) if by_author else {order}
        left = {post for some in sets for post in _still_open(layer, task, some, by_author=by_author)}
        return Queue(place, self.coder, title, task, order, left, groups, hints=not task.blind)


def _groups(posts: Sequence[Post]) -> dict[int, tuple[int, ...]]:
    """For each post all posts of its author, the newest first."""
    found: dict[str, list[Post]] = defaultdict(list)
    for post in sorted(posts, key=lambda one: (one.created_at, one.platform, one.native_id), reverse=True):
        found[post.author].append(post)
    groups = {author: tuple(post.id for post in mine) for author, mine in found.items()}
    return {post.id: groups[post.author] for post in posts}
