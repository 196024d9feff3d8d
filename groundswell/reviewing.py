"""Reviewing: what a person may see and say of posts, one decision at a time. The screens know the web, this does not.

A decision answers all codes that a queue asks for: what is chosen is there, and the rest was looked for and is not. It is
written whole or not at all, as one action that can be taken back whole, and once however often it is sent.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from sqlite3 import Connection  # noqa: TID251 - only its name: queries take one
from statistics import median

from coding.batches import new_batch, read_batch
from coding.codebook import ALL_CODES, Codebook, codebook_content
from coding.codings import STANCES, coding_uid
from coding.final import ABSENT, MISSING, PRESENT, UNSURE
from db.errors import GroundswellError
from db.queries import codings, samples
from db.queries import reviewing as queries
from db.queries.codings import Event
from db.queries.history import undo_codings
from db.queries.leads import save_memo
from db.queries.reviewing import OwnCoding, ShownPost
from db.records import Coding
from db.spans import Kind, spans
from db.store import Store
from groundswell.codebooks import add
from groundswell.study import Study, now, now_after

REVIEW, DRAFT, UNDO = "review", "review-draft", "undo"
"""What an action of the review app may be, as its id says (`coding.batches`)."""
SHORTEST_MS = 300
LONGEST_MS = 600_000
"""Whoever looks longer at a post has left the desk."""
_PACES, _FEWEST_PACES = 200, 5
_PARENTS, _REPLIES = 30, 5
_SHA_SHOWN = 12
_LONGEST_NAME = 80


class Refused(GroundswellError):
    """Raised when a decision cannot be taken as it is; nothing was written."""


class Stale(GroundswellError):
    """Raised when a decision was made on something else than what stands now; nothing was written."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What is said of one code: present or unsure, with a stance and a number where it has them."""

    value: str = PRESENT
    stance: str | None = None
    number: float | None = None


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Where in a post a code is: code points of the stored text, and the words that its coder saw there."""

    code: str
    start: int
    end: int
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a coder says of a post.

    Attributes:
        choices: by code.
        none: whether none of the codes is there.
        missing: whether the post cannot be coded without its image.
    """

    choices: Mapping[str, Choice] = field(default_factory=dict)
    excerpts: tuple[Excerpt, ...] = ()
    none: bool = False
    missing: bool = False
    memo: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """How a queue asks about a post.

    Attributes:
        codes: those that are asked for.
        whole: whether they are the whole codebook, so that one `*` answers for all that are not chosen.
        others: whether other codes may be given besides.
        blind: whether the coder sees nothing of other coders, hits, scores and authors.
        round: the round that the codings belong to.
    """

    codebook: Codebook
    revision: str
    codes: tuple[str, ...]
    whole: bool = False
    others: bool = False
    blind: bool = False
    round: str | None = None

    def allows(self, code: str) -> bool:
        """Whether a code may be given."""
        return code in self.codes or (self.others and code in self.codebook.asked)


@dataclass(frozen=True, slots=True)
class Decision:
    """An answer on its way into the store.

    Attributes:
        action: the id under which it is written once, and taken back whole.
        seen: the version of the post that the coder saw (`version_of`).
        took_ms: how long the post was on the screen.
        suggestion_shown: whether machines' findings were on the screen.
    """

    action: str
    coder: str
    post: int
    seen: str
    answer: Answer
    took_ms: int
    suggestion_shown: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a decision: the action, the post, and the span of its events; `again` if it was written before."""

    action: str
    post: int
    before: int
    last: int
    again: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """A post as a coder gets to see it.

    Attributes:
        above: the posts that it answers, the topmost first.
        below: the first posts that answer it.
        replies: how many there are.
        answer: what the coder said of it, as far as it stands.
        decided: whether the coder has answered for it.
        version: what it is now; a decision has to name it.
        memos: what the coder noted about it.
        images: how many images it shows that are not stored.
    """

    post: ShownPost
    above: tuple[ShownPost, ...]
    below: tuple[ShownPost, ...]
    replies: int
    answer: Answer
    decided: bool
    version: str
    memos: tuple[str, ...]
    images: int


def hidden_from(store: Store, coder: str) -> frozenset[int]:
    """The ids of posts that a coder may see nowhere but in the queue of a blind round.

    They are all posts of the coder's open blind rounds, coded already or not: what is seen of one of them before the
    round is closed could no longer be said to be independent.
    """
    connection = store.connection
    rounds = (one for one in samples.rounds(connection) if one.blind and one.closed_at is None and coder in one.coders)
    drawn = list(dict.fromkeys(one.sample for one in rounds))
    if not drawn:
        return frozenset()
    now_ = (queries.last_run(connection), tuple((one, queries.sample_size(connection, one)) for one in drawn))
    known = _hidden.get((store.path, coder))
    if known is None or known[0] != now_:
        posts = frozenset[int]().union(*(queries.posts_of_sample(connection, one) for one in drawn))
        known = _hidden[store.path, coder] = (now_, posts)
    return known[1]


_hidden: dict[tuple[Path, str], tuple[object, frozenset[int]]] = {}
"""What is hidden from each coder of each study, with what tells whether that still holds: every page asks for it."""


def pace(connection: Connection, coder: str) -> float | None:
    """The median of the seconds that a coder's last decisions took; None while there are fewer than five."""
    who = queries.person(connection, coder)
    found = [] if who is None else queries.paces(connection, who, _PACES)
    return median(found) / 1000 if len(found) >= _FEWEST_PACES else None


def show(store: Store, task: Task, coder: str, number: int) -> Shown | None:
    """A post with what stands around it, and nothing that any other coder or a machine said of it.

    Posts of an open blind round are part of what stands around others in that round only.

    Returns:
        None if the post is not there or has lost its text.
    """
    connection = store.connection
    post = queries.post(connection, number)
    if post is None or not is_shown(post):
        return None
    who = queries.person(connection, coder)
    said = [] if who is None else _said_here(queries.own_codings(connection, who, number), task)
    answer = answer_of(said, task)
    hidden = hidden_around(store, task, coder)
    below = [one for one in queries.reply_ids(connection, post.address) if one not in hidden]
    first = queries.posts(connection, below[:_REPLIES])
    return Shown(
        post=replace(post, thread_title=None) if post.root in hidden else post,
        above=tuple(one for one in queries.parents(connection, post.parent, _PARENTS) if one.id not in hidden),
        below=tuple(first[one] for one in below[:_REPLIES]),
        replies=len(below),
        answer=answer,
        decided=any(one.current_text for one in said),
        version=version_of(connection, who, post, task.revision),
        memos=tuple(queries.memos_of(connection, post.address, memo_origin(coder))),
        images=count_images(post),
    )


def hidden_around(store: Store, task: Task, coder: str) -> frozenset[int]:
    """The posts that a coder must not see around others in a queue."""
    return frozenset() if task.round is not None and task.blind else hidden_from(store, coder)


def is_shown(post: ShownPost) -> bool:
    """Whether a post still shows any words."""
    return post.text_sha is not None and bool(post.text or post.title)


def version_of(connection: Connection, who: int | None, post: ShownPost, revision: str) -> str:
    """What a coder sees of a post: its text, what this coder said of it last, and the codebook."""
    last = 0 if who is None else queries.last_said(connection, who, post.id)[0]
    return f"{(post.text_sha or '')[:_SHA_SHOWN]}.{last}.{revision}"


def memo_origin(coder: str) -> str:
    """The origin that a coder's memo bears."""
    return f"coder {coder}"


def _said_here(said: Iterable[OwnCoding], task: Task) -> list[OwnCoding]:
    """What a coder said, of a round only what was said in it."""
    return [one for one in said if task.round is None or one.round == task.round]


def answer_of(said: Sequence[OwnCoding], task: Task) -> Answer:
    """The answer that a coder's standing codings make up."""
    latest: dict[str, OwnCoding] = {}
    excerpts: dict[str, list[Excerpt]] = {}
    for one in said:
        if not one.current_text:
            continue
        before = latest.get(one.code)
        if before is None or before.created_at < one.created_at or one.start is None:
            excerpts[one.code] = []
        latest[one.code] = one
        if one.start is not None and one.end is not None:
            excerpts[one.code].append(Excerpt(one.code, one.start, one.end))
    chosen = {
        code: Choice(one.value, one.stance, one.number)
        for code, one in latest.items()
        if one.value in (PRESENT, UNSURE) and code in task.codebook.codes and task.allows(code)
    }
    left = {code: one.value for code, one in latest.items() if code not in chosen}
    whole = left.get(ALL_CODES)
    asked = [left.get(code, whole) for code in task.codes]
    return Answer(
        choices=chosen,
        excerpts=tuple(excerpt for code in chosen for excerpt in sorted(excerpts[code], key=lambda one: one.start)),
        none=not chosen and bool(asked) and set(asked) == {ABSENT},
        missing=not chosen and bool(asked) and set(asked) == {MISSING},
    )


def commit(store: Store, task: Task, decision: Decision) -> Written:
    """Write a decision in one transaction, or write nothing.

    Raises:
        Stale: the text, the codebook, or what this coder said of the post is not what was seen.
        Refused: the answer is none, or not one that the queue takes.
    """
    _check_action(decision.action, REVIEW)
    with store.write() as connection:
        post = queries.post(connection, decision.post)
        if post is None or not is_shown(post):
            raise Stale("the text of this post is gone; there is nothing to code")
        who = codings.coder_id(connection, decision.coder, "person")
        _refuse_closed(connection, task)
        done = _written_before(connection, decision.action, who, post.id)
        if done is None and version_of(connection, who, post, task.revision) != decision.seen:
            raise Stale(_what_changed(post, task, decision.seen))
        said = _said_here(queries.own_codings(connection, who, post.id), task)
        # What this very action wrote is left out, so that it says the same when it is sent again.
        lines = list(_lines(task, decision.answer, post, [one for one in said if one.batch != decision.action]))
        if done is not None:
            if queries.said_in(connection, decision.action) != frozenset(lines):
                raise Stale("this was sent before with another answer; that one stands")
            return done
        return _write(connection, task, decision, who, post, lines)


def begin_code(study: Study, store: Store, task: Task, decision: Decision, name: str) -> str:
    """Add a draft code to the codebook and code the post with it at once; returns the code's id.

    Args:
        study: the study, whose codebook.yaml gets the code.
        store: its database.
        task: how the queue asks.
        decision: the answer may hold one excerpt, of whatever code: it is where the new code is.
        name: what people call the code.

    Raises:
        Refused: the queue takes no other codes, or there is no name.
    """
    _check_action(decision.action, DRAFT)
    name = " ".join(name.split())[:_LONGEST_NAME]
    if not task.others:
        raise Refused("this round is coded by the codebook as it was when it began; note the idea as a memo")
    if not name:
        raise Refused("a new code needs a name")
    connection = store.connection
    who = queries.person(connection, decision.coder)
    done = None if who is None else _written_before(connection, decision.action, who, decision.post)
    if done is not None:
        return next(str(line[0]) for line in queries.said_in(connection, decision.action))
    named = (code.id for code in task.codebook.codes.values() if name.casefold() in (code.id, code.name.casefold()))
    code = next(named, None) or add(study, name)
    with store.write() as connection:
        post = queries.post(connection, decision.post)
        if post is None or not is_shown(post):
            raise Stale("the text of this post is gone; there is nothing to code")
        who = codings.coder_id(connection, decision.coder, "person")
        lines: list[_Line] = [
            (code, PRESENT, None, None, *_checked(excerpt, post)) for excerpt in decision.answer.excerpts[:1]
        ]
        lines = lines or [(code, PRESENT, None, None, None, None)]
        _write(connection, task, decision, who, post, lines)
    return code


def take_back(store: Store, coder: str, action: str) -> tuple[int, Written] | None:
    """Take back a coder's last decision that stands; None if there is none.

    Returns:
        How many codings were taken back, and what was written.

    Raises:
        Refused: it belongs to a round that is closed.
    """
    _check_action(action, UNDO)
    with store.write() as connection:
        who = codings.coder_id(connection, coder, "person")
        again = queries.written_as(connection, action)
        if again is not None:
            last = codings.last_event(connection)
            return 0, Written(action, again[0], last, last, again=True)
        found = queries.last_decision(connection, who)
        if found is None:
            return None
        batch, post = found
        closed = {one.id for one in samples.rounds(connection) if one.closed_at is not None}
        if over := closed.intersection(queries.rounds_of(connection, batch)):
            raise Refused(
                f"your last decision belongs to the round {min(over)}, which is closed",
                hint=f"groundswell code undo {batch}",
            )
        before = codings.last_event(connection)
        standing = queries.standing_in(connection, batch)
        undo_codings(connection, standing, action, now())
        return len(standing), Written(action, post, before, codings.last_event(connection))


def keep_memo(store: Store, coder: str, number: int, text: str) -> None:
    """Keep a note on a post, without a decision.

    Raises:
        Refused: it says nothing.
    """
    if not text.strip():
        raise Refused("a memo needs words")
    with store.write() as connection:
        _keep_memo(connection, coder, number, text)


def _keep_memo(connection: Connection, coder: str, number: int, text: str) -> None:
    post = queries.post(connection, number)
    if post is not None and text.strip():
        save_memo(connection, post.address, text.strip(), memo_origin(coder), now())


def _check_action(action: str, wanted: str) -> None:
    found = read_batch(action)
    if found is None or found.action != wanted:
        raise Refused("the page sent no id for this; reload it")


def new_action(what: str) -> str:
    """An id for an action of the review app, which a page sends back with it."""
    return new_batch(what, now())


def _written_before(connection: Connection, action: str, who: int, post: int) -> Written | None:
    """What an action did that was sent before.

    Raises:
        Stale: its id was used for another post, or by another coder.
    """
    found = queries.written_as(connection, action)
    if found is None:
        return None
    if found != (post, who):
        raise Stale("this action's id was used for something else; reload the page")
    last = codings.last_event(connection)
    return Written(action, post, last, last, again=True)


def _refuse_closed(connection: Connection, task: Task) -> None:
    if task.round is not None:
        open_ = {one.id for one in samples.rounds(connection) if one.closed_at is None}
        if task.round not in open_:
            raise Refused(f"the round {task.round} is closed; nothing more is coded in it")


def _what_changed(post: ShownPost, task: Task, seen: str) -> str:
    text, _, rest = seen.partition(".")
    revision = rest.partition(".")[2]
    if text != (post.text_sha or "")[:_SHA_SHOWN]:
        return "the text of this post has changed since you saw it"
    if revision != task.revision:
        return "the codebook has changed since you saw this post"
    return "you have coded this post elsewhere since you saw it here"


_Line = tuple[str, str, str | None, float | None, int | None, int | None]


def _write(  # noqa: PLR0917 - what makes a decision
    connection: Connection, task: Task, decision: Decision, who: int, post: ShownPost, lines: Sequence[_Line]
) -> Written:
    if not queries.has_revision(connection, task.revision):
        codings.save_revision(connection, task.revision, codebook_content(task.codebook), now())
    at = now_after(queries.last_said(connection, who, post.id)[1])
    before = codings.last_event(connection)
    codings.add_events(connection, (_event(task, decision, who, post, line, at) for line in lines))
    _keep_memo(connection, decision.coder, post.id, decision.answer.memo)
    return Written(decision.action, post.id, before, codings.last_event(connection))


def _event(  # noqa: PLR0917 - what makes an event
    task: Task, decision: Decision, who: int, post: ShownPost, line: _Line, at: str
) -> Event:
    code, value, stance, number, start, end = line
    coding = Coding(
        post=post.address, code=code, value=value, stance=stance, number=number, start=start, end=end,
        coder=decision.coder, coder_kind="person", version=task.revision, round=task.round, created_at=at,
    )  # fmt: skip
    return Event(
        uid=coding_uid(coding), post=post.id, code=code, value=value, stance=stance, number=number, start=start, end=end,
        text_sha=post.text_sha, coder=who, version=None, codebook_revision=task.revision, round=task.round,
        created_at=at, batch=decision.action, blind=task.blind, suggestion_shown=decision.suggestion_shown,
        took_ms=min(decision.took_ms, LONGEST_MS),
    )  # fmt: skip


def _lines(task: Task, answer: Answer, post: ShownPost, said: Sequence[OwnCoding]) -> Iterator[_Line]:
    """What an answer says of each code that was asked for, and of each of which the coder said something before.

    Raises:
        Refused: the answer is none, or contradicts itself or the codebook.
    """
    _refuse_wrong(task, answer)
    if answer.none or answer.missing:
        yield from _for_all(task, ABSENT if answer.none else MISSING, said, frozenset())
        return
    stands = {one.code: one for one in said if one.current_text}
    places = _places(answer, post)
    for code, choice in answer.choices.items():
        old = stands.get(code)
        if places.get(code):
            yield from ((code, choice.value, choice.stance, choice.number, *place) for place in places[code])
        elif code in task.codes or old is None or not _is_same(old, choice):
            yield code, choice.value, choice.stance, choice.number, None, None
    yield from _for_all(task, ABSENT, said, frozenset(answer.choices))


def _is_same(old: OwnCoding, choice: Choice) -> bool:
    return (old.value, old.stance, old.number, old.start) == (choice.value, choice.stance, choice.number, None)


def _places(answer: Answer, post: ShownPost) -> dict[str, list[tuple[int, int]]]:
    """The excerpts of each code, each once."""
    places: dict[str, list[tuple[int, int]]] = {}
    for excerpt in answer.excerpts:
        if excerpt.code not in answer.choices:
            raise Refused(f"an excerpt of {excerpt.code}, which is not chosen")
        place = _checked(excerpt, post)
        if place not in places.setdefault(excerpt.code, []):
            places[excerpt.code].append(place)
    return places


def _for_all(task: Task, value: str, said: Iterable[OwnCoding], chosen: frozenset[str]) -> Iterator[_Line]:
    """The same value for all codes that were asked for and not chosen, and in place of what was said of others."""
    latest = {one.code: one.value for one in said if one.current_text}
    before = [code for code, earlier in latest.items() if earlier != value and code in task.codebook.codes]
    # Whoever chooses a value of an attribute leaves out the others by that alone, unless one was chosen before.
    settled = {task.codebook.codes[code].parent for code in chosen if task.codebook.is_value(code)}
    asked = [
        code
        for code in task.codes
        if not task.codebook.is_value(code) or task.codebook.codes[code].parent not in settled
    ]
    if task.whole:
        yield ALL_CODES, value, None, None, None, None
    for code in dict.fromkeys((*(() if task.whole else asked), *before)):
        if code not in chosen and (task.whole or task.allows(code)):
            yield code, value, None, None, None, None


def _refuse_wrong(task: Task, answer: Answer) -> None:
    if answer.none and answer.missing:
        raise Refused("none of these, or not to be coded without the image: only one of the two")
    if answer.choices and (answer.none or answer.missing):
        raise Refused("codes are chosen, and that there are none: take one of the two back")
    if not answer.choices and not answer.none and not answer.missing:
        raise Refused("nothing is chosen yet; if none of these applies, say so", hint="0, then commit")
    for code, choice in answer.choices.items():
        _refuse_wrong_choice(task, code, choice)
    attributes: dict[str, str] = {}
    for code, choice in answer.choices.items():
        if task.codebook.is_value(code) and choice.value == PRESENT:
            parent = task.codebook.codes[code].parent or ""
            other = attributes.setdefault(parent, code)
            if other != code:
                names = " and ".join(task.codebook.codes[one].name for one in (other, code))
                raise Refused(f"{task.codebook.codes[parent].name} takes one value, not {names}")


def _refuse_wrong_choice(task: Task, code: str, choice: Choice) -> None:
    if not task.allows(code):
        raise Refused(f"the code {code} is not asked for here")
    found = task.codebook.codes[code]
    if choice.value not in (PRESENT, UNSURE):
        raise Refused(f"{code}: {choice.value!r} is neither present nor unsure")
    if choice.stance is not None and (choice.stance not in STANCES or not found.stance or choice.value != PRESENT):
        raise Refused(f"{found.name} takes no such stance here")
    if choice.number is not None and not math.isfinite(choice.number):
        raise Refused(f"{found.name}: that is no number")


def _checked(excerpt: Excerpt, post: ShownPost) -> tuple[int, int]:
    text = post.text or ""
    if not 0 <= excerpt.start < excerpt.end <= len(text):
        raise Refused("the excerpt does not lie within the text of the post")
    if excerpt.words is not None and text[excerpt.start : excerpt.end] != excerpt.words:
        raise Refused("the excerpt is not what the text says there; select it again")
    return excerpt.start, excerpt.end


_IMAGE_LINK = re.compile(
    r"https?://(?:i\.redd\.it|preview\.redd\.it|i\.imgur\.com|pbs\.twimg\.com)/[^\s)\]]+"
    r"|https?://(?:www\.)?reddit\.com/gallery/\w+|(?:https?://)?pic\.(?:twitter|x)\.com/\w+"
    r"|https?://[^\s)\]?#]+\.(?:png|jpe?g|gif|webp)\b",
    re.IGNORECASE,
)


def count_images(post: ShownPost) -> int:
    """How many images a post shows, by its links: none of them is stored."""
    text = post.text or ""
    texts = (text[span.start : span.end] for span in spans(text) if span.kind is not Kind.CODE)
    links = (found[0] for text in (post.url or "", *texts) for found in _IMAGE_LINK.finditer(text))
    return len(dict.fromkeys(links))
