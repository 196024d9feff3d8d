"""Any program as a coder: it is sent the codebook and posts, and what it answers is stored beside what people said."""

import hashlib
import json
import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from coding.batches import new_batch
from coding.codebook import codebook_revision
from coding.program import MOST_TOLD, Answers, SentPost, lines_to_send, read_answers, version_of
from db.errors import ConfigurationError, GroundswellError, Partial
from db.lost import Place, Stretch, blank
from db.queries import losing
from db.queries import programs as queries
from db.queries.codings import Event, add_events, coder_id
from db.queries.history import undo_codings
from db.queries.posts import ids_by_address
from db.records import Coding
from db.store import Store
from groundswell.processes import STOPPED, NotStarted, started, why_it_ends
from groundswell.settings import KEY
from groundswell.stopping import Interrupted, Stop
from groundswell.study import STUDY_FILE, Study, now, record_codebook
from reports.words import counted

PROGRAM = "program"
DONE, INTERRUPTED = "done", "interrupted"
SECONDS = 3600.0
"""How long a run may take unless told otherwise."""
MOST_BYTES = 64 * 2**20
"""How much a program may answer in one run."""
_PART, _OVERLAP = 2**20, 2**15
"""How much of an answer is looked through for lost words at once, and how much of it twice."""
PASSED_ON = ("PATH", "HOME", "LANG", "SYSTEMROOT", "USERPROFILE", "PATHEXT", "COMSPEC", "TEMP", "TMP")
"""What a program gets of the environment: where programs and its home are, and the language."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be run.

    Attributes:
        command: the program and its arguments.
        coder: the name under which its codings are stored.
        sample: only the posts of this sample.
        seconds: how long it may take.
        environment: names of variables that it gets beside `PASSED_ON`.
    """

    command: tuple[str, ...]
    coder: str
    sample: str | None = None
    seconds: float = SECONDS
    environment: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """What a program would be sent: how many posts, and the first lines."""

    posts: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run did.

    Attributes:
        id: the run's name; `code undo` takes it back.
        posts: how many were sent.
        codings: how many were read that can be used.
        refused: what was wrong with every other line, at most `MOST_TOLD` times.
        refused_count: how many lines were refused, those too of which it is not kept why.
        new: codings that were written, since they did not stand yet.
        undone: codings of earlier runs that the program does not repeat.
        ended: how it ended, if not as it should.
    """

    id: str
    posts: int
    codings: int
    refused: tuple[str, ...]
    refused_count: int
    new: int
    undone: int
    ended: str | None


@dataclass(frozen=True, slots=True)
class _Output:
    """What a program left: its answers, the hash of what it was sent, how it ended if not well."""

    said: bytes
    sent_sha256: str
    ended: str | None


@dataclass(frozen=True, slots=True)
class _Finished:
    """A run that has ended: what was sent by address, under which codebook, and what came back."""

    sent: Mapping[str, SentPost]
    revision: str
    started: str
    output: _Output
    answers: Answers


_KEY = ("post", "code", "value", "stance", "number", "start", "end", "text_sha", "version")
"""What makes a coding the same as one that stands already."""


def preview(study: Study, order: Order) -> Preview:
    """Tell what would be sent, without starting anything."""
    codebook = study.codebook()
    with study.store() as store:
        _check(study, store, order)
        posts = _posts(store, order.sample)
    lines = lines_to_send(codebook, codebook_revision(codebook), posts)
    return Preview(len(posts), tuple(line.decode().rstrip("\n") for line in islice(lines, 2)))


def run_program(study: Study, order: Order, stop: Stop) -> Ran:
    """Run a program over the public posts and store what it answers; codings that it does not repeat are undone.

    What a program answered before it died is kept, and then only codings of the posts that it came to are undone. It is
    never told what anybody else said of a post.

    Raises:
        ConfigurationError: the study allows no machine coding, or the environment lacks what the program is to get.
        GroundswellError: the coder's name is taken, there is nothing to send, or the program cannot be started.
    """
    codebook, started = study.codebook(), now()
    environment = _environment(order.environment)
    with study.store() as store:
        study.key(store)
        _check(study, store, order)
        posts = _posts(store, order.sample)
        revision = record_codebook(store, codebook)
    if not posts:
        raise GroundswellError("there is no post to send", hint="groundswell collect import or collect url brings some")
    output = _run(order, lines_to_send(codebook, revision, posts), environment, study.root, stop)
    sent = {post.address: post for post in posts}
    answers = read_answers(_lines(output.said), sent, codebook, order.coder, started)
    with study.store() as store:
        return _store(study, store, order, _Finished(sent, revision, started, output, answers))


def how_it_ended(problem: str | None) -> str:
    """What is kept of how a run ended, from why it did not end as it should."""
    return DONE if problem is None else INTERRUPTED if problem == STOPPED else f"failed: {problem}"


def check_ran(ran: Ran, order: Order, stop: Stop) -> None:
    """Turn how a run ended into the exit code that says so.

    Raises:
        Interrupted: a signal ended it.
        Partial: the program died or took too long, or a line of it could not be used.
    """
    if stop.number is not None:
        raise Interrupted(
            stop.number,
            f"{counted(ran.codings, 'coding')} kept of what {order.command[0]} answered until then",
            hint="the same command sends all posts again; what stands is not doubled",
        )
    if ran.ended is not None:
        raise Partial(
            f"{order.command[0]}: {ran.ended}; {counted(ran.codings, 'coding')} kept of what it answered until then",
            hint="mend it and run the same command again; what stands is not doubled",
        )
    if ran.refused_count and not ran.codings:
        raise Partial(f"{order.command[0]}: none of {counted(ran.refused_count, 'line')} could be used")
    if ran.refused_count:
        raise Partial(
            f"{order.command[0]}: {counted(ran.refused_count, 'line')} could not be used; {counted(ran.codings, 'coding')} kept",
            hint="mend it and run the same command again; what stands is not doubled",
        )


def _check(study: Study, store: Store, order: Order) -> None:
    """Refuse what a program may not do.

    Raises:
        ConfigurationError: the study allows no machine coding.
        GroundswellError: the name is that of a person or of another machine.
    """
    if study.file.machine == "none":
        raise ConfigurationError(
            f"{study.root / STUDY_FILE}: machine: none; no program may code this study",
            hint="that is a promise to your readers; machine: all takes it back",
        )
    taken = queries.kinds_of(store.connection, order.coder) - {PROGRAM}
    if order.coder.casefold() in {coder.casefold() for coder in study.file.coders}:
        taken |= {"person"}
    if taken or not order.coder.strip():
        whose = f"is the name of a coder already ({', '.join(sorted(taken))})" if taken else "is empty"
        raise GroundswellError(f"--coder {order.coder!r} {whose}", hint="give the program a name of its own")


def _posts(store: Store, sample: str | None) -> list[SentPost]:
    try:
        rows = list(queries.posts_to_send(store.connection, sample))
    except KeyError as error:
        raise GroundswellError(
            f"{sample}: there is no such sample", hint="groundswell code sample list shows those that there are"
        ) from error
    return [
        SentPost(row["address"], row["thread"], row["parent"], row["kind"], row["title"], row["text"], row["text_sha"])
        for row in rows
    ]


def _environment(names: Iterable[str]) -> dict[str, str]:
    """What a program gets of the environment.

    Raises:
        ConfigurationError: a variable that was asked for is missing, or is the study's key.
    """
    outside = os.environ  # noqa: TID251 - only handed on, and only what was named
    for name in names:
        if name.upper() == KEY:
            raise ConfigurationError(f"--env {name}: the study's key is given to no program")
        if name not in outside:
            raise ConfigurationError(f"--env {name}: there is no such variable", hint=f"export {name}=… first")
    return {name: outside[name] for name in (*PASSED_ON, *names) if name in outside}


def _run(order: Order, lines: Iterable[bytes], environment: Mapping[str, str], folder: Path, stop: Stop) -> _Output:
    """Run a program to its end. Files stand between it and us, so that neither can keep the other waiting."""
    digest = hashlib.sha256()
    with TemporaryFile(dir=folder) as sent, TemporaryFile(dir=folder) as said:
        for line in lines:
            sent.write(line)
            digest.update(line)
        sent.seek(0)
        try:
            with started(order.command, stdin=sent, stdout=said, environment=environment) as process:
                ended = why_it_ends(process, order.seconds, stop, lambda: _too_much(said))
        except NotStarted as error:
            raise GroundswellError(
                f"{order.command[0]}: cannot be started: {error}", hint="nothing was sent"
            ) from error
        said.seek(0)
        # As much memory is taken as is asked for, so no more is asked for than there is.
        most = min(os.fstat(said.fileno()).st_size, MOST_BYTES)
        return _Output(said.read(most), digest.hexdigest(), ended)


def _lines(said: bytes) -> Iterator[bytes]:
    """The lines of an output, one after the other: millions of short ones take many times its room when they stand in a list."""
    for line in BytesIO(said):
        yield from line.splitlines()  # a lone carriage return ends a line too


def _too_much(said: IO[bytes]) -> str | None:
    is_too_much = os.fstat(said.fileno()).st_size > MOST_BYTES
    return f"it answered more than {MOST_BYTES:,} bytes" if is_too_much else None


def _store(study: Study, store: Store, order: Order, run: _Finished) -> Ran:
    """Write what is new, undo what is not repeated, and keep the run on record, all in one transaction."""
    finished = now()
    batch = new_batch("run", finished)
    version = version_of(order.command, run.answers.version)
    with store.write() as connection:
        coder = coder_id(connection, order.coder, PROGRAM)
        ids = {post: row_id for post, (row_id, sha) in ids_by_address(connection, sorted(run.sent)).items() if sha}
        good = [coding for coding in run.answers.codings if coding.post in ids]
        went = [
            f"{coding.post}: its text went while the program ran"
            for coding in run.answers.codings
            if coding.post not in ids
        ]
        refused = tuple((run.answers.refused + went)[:MOST_TOLD])
        refused_count = run.answers.refused_count + len(went)
        scope = {ids[coding.post] for coding in good} if run.output.ended else set(ids.values())
        standing = {
            tuple(row[name] for name in _KEY): int(row["id"])
            for row in queries.standing_codings(connection, coder)
            if row["post"] in scope
        }
        events = {
            key: _event(coding, key, coder, run.revision, batch)
            for coding in good
            if (key := _key(coding, ids, version))
        }
        new = add_events(connection, [event for key, event in events.items() if key not in standing])
        outdated = sorted(row_id for key, row_id in standing.items() if key not in events)
        undo_codings(connection, outdated, batch, finished)
        queries.save_run(
            connection,
            queries.ProgramRun(
                batch, coder, json.dumps(order.command), run.answers.version, order.sample, run.output.sent_sha256,
                _as_kept(study, store, run.output.said, run.sent.keys() - ids.keys()), len(run.sent), len(good), refused_count, run.started, finished,
                how_it_ended(run.output.ended),
            ),
        )  # fmt: skip
    return Ran(batch, len(run.sent), len(good), refused, refused_count, new, len(outdated), run.output.ended)


def _key(coding: Coding, ids: Mapping[str, int], version: str) -> tuple[Any, ...]:
    return (
        ids[coding.post], coding.code, coding.value, coding.stance, coding.number, coding.start, coding.end,
        coding.text_sha, version,
    )  # fmt: skip


def _event(coding: Coding, key: tuple[Any, ...], coder: int, revision: str, batch: str) -> Event:
    """A coding as it is stored. A program saw nothing of what others said, which is what blind means."""
    post, code, value, stance, number, start, end, text_sha, version = key
    uid = hashlib.sha256(json.dumps([batch, *key]).encode()).hexdigest()
    return Event(
        uid=uid, post=post, code=code, value=value, stance=stance, number=number, start=start, end=end,
        text_sha=text_sha, coder=coder, version=version, codebook_revision=revision, round=None,
        created_at=coding.created_at, batch=batch, blind=True,
    )  # fmt: skip


def _as_kept(study: Study, store: Store, said: bytes, gone: Collection[str]) -> str:
    """The raw answers as text, without words of posts that lost their text meanwhile."""
    text = queries.without_excerpts(said.decode(errors="replace").replace("\x00", "\ufffd"), gone)
    lost = losing.lost_words(store.connection, study.key(store))
    stretches = [
        Stretch(one.words, tuple(Place(at + place.start, at + place.end, place.length) for place in one.places))
        for at, part in _parts(text)
        for one in lost.stretches(part)
    ]
    words = {stretch.words for stretch in stretches}
    return blank(text, stretches, losing.still_said(store.connection, words))


def _parts(text: str) -> Iterator[tuple[int, str]]:
    """A text in parts that end with a line where they can, and where each begins: its words in one list would be large.

    Each part begins well before the end of the one before it, so that no lost sentence is cut in all parts.
    """
    begin = 0
    while True:
        end = begin + _PART
        if end >= len(text):
            yield begin, text[begin:]
            return
        end = text.rfind("\n", end - _OVERLAP, end) + 1 or end
        yield begin, text[begin:end]
        begin = text.find("\n", end - 2 * _OVERLAP, end - _OVERLAP) + 1 or end - _OVERLAP
