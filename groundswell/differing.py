"""Where people differ on a post, in rounds and outside of them, and deciding it: the decision holds in place of both.

`groundswell.agreeing` finds them in one round that is closed, for the command line. Here a post is looked at as the
final layer has it, whatever the codings belong to.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from sqlite3 import Connection  # noqa: TID251 - only its name: queries take one
from typing import Any

from coding.batches import new_batch
from coding.codebook import Codebook, read_content
from coding.codings import VALUES, CodingError, parse_coding, store_codings
from coding.final import ABSENT, PRESENT, Decision, FinalLayer
from coding.rounds import REASONS
from db.errors import GroundswellError
from db.queries import codings, samples
from db.queries.programs import refuse_machines
from db.queries.reviewing import post_id
from db.queries.said import Saying, posts_read_by_several, sayings_on_posts
from db.store import Store
from groundswell.study import Study, now, now_after, record_codebook

_DECIDED = (PRESENT, ABSENT)
_SEEN_DIGITS = 16
_TWO = 2


class Outdated(GroundswellError):
    """Raised when somebody said or decided something else since the page was made; nothing was written."""


@dataclass(frozen=True, slots=True)
class Voice:
    """What one person says of a code on a post.

    Attributes:
        segments: start and end, in code points of the text, of what the person marked for it.
    """

    coder: str
    decision: Decision
    at: str
    segments: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Settled:
    """What was decided.

    Attributes:
        reason: why they differed, and the note that belongs to it.
    """

    decision: Decision
    by: str
    at: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Case:
    """A post and code on which people differ.

    Attributes:
        post: its id.
        round: the round in which all of them said it; None if they did in several, or in none.
        settled: what was decided; None while nothing was.
        seen: stands for what was said and decided: whoever decides says what they had seen.
    """

    post: int
    code: str
    round: str | None
    voices: tuple[Voice, ...]
    settled: Settled | None
    seen: str


def find_cases(store: Store, codebook: Codebook, *, hidden: Collection[int] = frozenset()) -> list[Case]:
    """Where people differ, settled or not, in time order of the posts.

    Args:
        store: the study's database.
        codebook: the codes that count.
        hidden: posts of which whoever asks may see nothing.
    """
    posts = [post for post in posts_read_by_several(store.connection) if post not in hidden]
    reading = _Reading(store.connection, codebook, posts)
    return [case for post in posts for case in reading.cases(post)]


def decide(
    study: Study,
    address: str,
    code: str,
    value: str,
    *,
    reason: str,
    by: str,
    seen: str,
    stance: str | None = None,
    note: str | None = None,
    hidden: Collection[int] = frozenset(),
) -> bool:
    """Decide where people differ; the decision holds in place of what they said.

    Args:
        study: the study.
        address: the post's.
        code: on which they differ.
        value: present, absent, unsure or missing.
        reason: ambiguous, guideline gap or slip.
        by: who decides.
        seen: what was said and decided when the page was made (`Case.seen`).
        stance: of a present one.
        note: a sentence on why.
        hidden: posts of which whoever decides may see nothing.

    Returns:
        Whether it was written; what was decided just so by the same person is not written again.

    Raises:
        Outdated: somebody said or decided something else meanwhile.
        GroundswellError: nobody differs there, or the decision is none that the code allows, or a machine would decide.
    """
    codebook = study.codebook()
    with study.store() as store:
        study.key(store)
        post = post_id(store.connection, address)
        cases = () if post is None or post in hidden else _Reading(store.connection, codebook, [post]).cases(post)
        case = next((one for one in cases if one.code == code), None)
        if case is None:
            raise GroundswellError(f"nobody differs on {code} of {address}, or no longer")
        why = f"{reason}: {note}" if note else reason
        last = case.settled
        if last is not None and (last.decision, last.by, last.reason) == (Decision(value, stance), by, why):
            return False
        if case.seen != seen:
            raise Outdated(f"somebody said or decided something else on {code} of {address} meanwhile")
        line = {
            "post": address, "code": code, "value": value, "stance": stance, "coder": by, "round": case.round, "reason": why
        }  # fmt: skip
        write_decision(store, line, *_revision(store, codebook, case), None if last is None else last.at)
        return True


def write_decision(store: Store, line: Mapping[str, Any], codebook: Codebook, revision: str, last: str | None) -> None:
    """Write the coding that decides where people differ, by a codebook, and later than the `last` decision.

    Raises:
        GroundswellError: the decision is none that the code allows, or a machine would decide.
    """
    if line["value"] not in VALUES:
        raise GroundswellError("say what holds", hint=f"one of {', '.join(VALUES)}")
    if line["reason"].partition(":")[0] not in REASONS:
        raise GroundswellError("say why they differ", hint=f"one of {', '.join(REASONS)}")
    refuse_machines(store.connection, [line["coder"]])
    more = {"version": revision, "adjudicated": True, "created_at": now_after(last)}
    try:
        coding = parse_coding({**line, **more}, codebook)
    except CodingError as error:
        raise GroundswellError(str(error)) from error
    store_codings(store, [coding], revision, new_batch("adjudicate", now()))


def _revision(store: Store, codebook: Codebook, case: Case) -> tuple[Codebook, str]:
    """The codebook by which a case is decided: that of its round, else the one that holds now."""
    rounds = {one.id: one.codebook_revision for one in samples.rounds(store.connection)}
    if case.round in rounds:
        revision = rounds[case.round]
        return read_content(codings.revisions(store.connection)[revision]), revision
    return codebook, record_codebook(store, codebook)


class _Reading:
    """What each person says of some posts, and what was decided of them."""

    def __init__(self, connection: Connection, codebook: Codebook, posts: Sequence[int]) -> None:
        self._codebook = codebook
        revisions = codings.revisions(connection)
        by_coder: dict[str, list[Saying]] = defaultdict(list)
        self._said: dict[tuple[int, str], list[Saying]] = defaultdict(list)
        self._decided: dict[int, list[Saying]] = defaultdict(list)
        for one in sayings_on_posts(connection, posts):
            if not one.coding.current_text:
                continue
            if one.coding.adjudicated:
                self._decided[one.coding.post].append(one)
            else:
                by_coder[one.coding.coder].append(one)
                self._said[one.coding.post, one.coding.coder].append(one)
        self._layers = {
            coder: FinalLayer((one.coding for one in said), codebook, revisions)
            for coder, said in sorted(by_coder.items())
        }
        decided = (one.coding for found in self._decided.values() for one in found)
        self._settled = FinalLayer(decided, codebook, revisions)

    def cases(self, post: int) -> Iterator[Case]:
        """The codes on which people decided differently."""
        coders = [coder for coder in self._layers if (post, coder) in self._said]
        for code in self._codebook.asked:
            made = {coder: self._layers[coder].decision(post, code) for coder in coders}
            made = {coder: decision for coder, decision in made.items() if decision.value in _DECIDED}
            if len(set(made.values())) >= _TWO:
                yield self._case(post, code, made)

    def _case(self, post: int, code: str, made: Mapping[str, Decision]) -> Case:
        sources = {coder: _source(self._said[post, coder], code) for coder in made}
        voices = tuple(_voice(sources[coder], code, decision) for coder, decision in made.items())
        rounds = {source.round for source in sources.values()}
        settled = self._settled_on(post, code)
        told = repr((post, code, voices, settled))
        return Case(
            post=post,
            code=code,
            round=rounds.pop() if len(rounds) == 1 else None,
            voices=voices,
            settled=settled,
            seen=hashlib.sha256(told.encode()).hexdigest()[:_SEEN_DIGITS],
        )

    def _settled_on(self, post: int, code: str) -> Settled | None:
        decision = self._settled.decision(post, code)
        if decision.value is None:
            return None
        last = _source(self._decided[post], code)
        return Settled(decision, last.coding.coder, last.coding.created_at, last.reason)


def _source(said: Sequence[Saying], code: str) -> Saying:
    """The coding from which a decision on a code follows: that of the code itself, else the last one of the post."""
    own = [one for one in said if one.coding.code == code]
    return max(own or said, key=lambda one: one.coding.created_at)


def _voice(source: Saying, code: str, decision: Decision) -> Voice:
    is_own = decision.value == PRESENT and source.coding.code == code
    return Voice(source.coding.coder, decision, source.coding.created_at, source.segments if is_own else ())
