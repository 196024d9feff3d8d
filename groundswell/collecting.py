"""Collecting into a study: files, links and private notes."""

import uuid
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from coding.codings import CodingError, parse_coding, store_codings
from collector.importing import ImportOptions, import_files
from collector.links import LinkError, Target, parse_link
from collector.pace import Pace
from collector.people import Pseudonyms
from collector.reading import Reading
from collector.run import Outcome, Run, Tell, silent, walk_thread
from collector.source import site_source
from collector.text import canonical
from collector.times import from_text
from db.errors import ConfigurationError, GroundswellError, Partial, RefusedBySite
from db.queries.posts import save_observations
from db.queries.threads import settle_threads
from db.records import Author, Observation
from db.store import Store
from groundswell import VERSION
from groundswell.stopping import Stop
from groundswell.study import Study, now, record_codebook

NOTE_PLATFORM = "note"


def import_into(
    study: Study, paths: Sequence[Path], options: ImportOptions, *, tell: Tell = silent, stop: Stop
) -> Outcome:
    """Import files and folders as one run."""
    for path in paths:
        if not path.exists():
            raise GroundswellError(f"{path}: there is no such file or folder")
    with study.store() as store:
        people = study.pseudonyms(store)
        named = {"format": options.format, "observed_at": options.observed_at, "paths": [path.name for path in paths]}
        run = Run(store, "collect import", named, VERSION, now, tell, stop)
        import_files(run, paths, people, options)
        return run.finish()


def collect_links(
    study: Study,
    links: Sequence[str],
    *,
    source: str = "auto",
    tell: Tell = silent,
    stop: Stop,
    pace: Callable[[float], Pace] = Pace,
) -> Outcome:
    """Collect the threads that links name, whole; an interrupted walk is gone on with."""
    targets = [_target(link) for link in links]
    name = _source_name(study, source)
    with study.store() as store:
        people = study.pseudonyms(store)
        # Addresses, not the links as they were typed: those may bear whatever a browser or a person put into them.
        named = {"threads": [f"{target.platform}:{target.thread}" for target in targets], "source": name}
        run = Run(store, "collect url", named, VERSION, now, tell, stop)
        with closing(_session(study, name, pace(study.settings.seconds_between_requests))) as session:
            for target in dict.fromkeys(targets):
                walk_thread(run, site_source(name), session, target.thread, lambda: _reading(name, people))
                if run.outcome.refused is not None or run.asked_to_stop():
                    break
        return run.finish()


def check_outcome(outcome: Outcome, stop: Stop) -> None:
    """Turn what a run met into the exit code that says so.

    Raises:
        Interrupted: a signal ended it.
        ConfigurationError: the site knows no such credentials.
        RefusedBySite: the site refused for now.
        Partial: something was stored and something failed.
        GroundswellError: nothing was stored.
    """
    stop.raise_if_asked()
    count = len(outcome.problems)
    problems = "1 problem" if count == 1 else f"{count} problems"
    if outcome.refused is not None and outcome.refused.startswith("bad-credentials"):
        raise ConfigurationError(
            outcome.refused, hint="REDDIT_CLIENT_ID and REDDIT_CLIENT_SECRET, in the study's .env or the environment"
        )
    if outcome.refused is not None:
        when = "" if outcome.retry_after is None else f" in {outcome.retry_after:.0f} seconds"
        raise RefusedBySite(
            f"the site refused: {outcome.refused}", hint=f"run the same command again{when or ' later'}"
        )
    if outcome.state == "partial":
        raise Partial(f"{problems}; everything else was stored", hint="nothing is counted twice when it is run again")
    if outcome.state == "failed":
        raise GroundswellError(f"{problems}; nothing was stored", hint="the lines above say what stood in the way")


def _target(link: str) -> Target:
    try:
        return parse_link(link)
    except LinkError as error:
        raise GroundswellError(f"{link}: {error}") from error


def _source_name(study: Study, source: str) -> str:
    if source == "auto":
        return "reddit_api" if study.settings.has_reddit_key else "arctic_shift"
    if source == "reddit_api" and not study.settings.has_reddit_key:
        raise ConfigurationError(
            "Reddit's own API needs REDDIT_CLIENT_ID and REDDIT_CLIENT_SECRET",
            hint="put them into the study's .env, or leave --source away: the archive needs no key",
        )
    return source


def _session(study: Study, name: str, pace: Pace) -> Any:
    settings = study.settings
    if name == "reddit_api":
        from collector.reddit_session import Credentials, RedditSession

        credentials = Credentials(
            settings.reddit_client_id or "", settings.reddit_client_secret or "", settings.reddit_user_agent
        )
        return RedditSession(
            credentials, pace, now, oauth_url=settings.reddit_oauth_url, reddit_url=settings.reddit_url
        )
    from collector.session import open_session

    return open_session(name, settings.arctic_shift_url, pace, now)


def _reading(name: str, people: Pseudonyms) -> Reading:
    """A live site shows what holds now; an archive's rows bear the time at which they were seen."""
    return Reading(people, observed_at=now() if name == "reddit_api" else None)


@dataclass(frozen=True, slots=True)
class Note:
    """A private account, as it was told.

    Attributes:
        month: when it was told, as YYYY-MM.
        role: what its teller does, in a few words; it becomes the note's title.
        codes: (code, stance or None), coded at once by `coder`.
    """

    text: str
    month: str | None = None
    role: str | None = None
    codes: tuple[tuple[str, str | None], ...] = ()
    coder: str | None = None


def add_note(study: Study, note: Note) -> str:
    """Store a private account and its codings; it is counted apart, never quoted and never exported.

    Returns:
        The note's address.

    Raises:
        GroundswellError: it is empty, or a code or stance is wrong; nothing is stored then.
    """
    text = canonical(note.text, escaped=False)
    if text is None:
        raise GroundswellError("the note is empty; nothing was stored")
    if note.codes and not note.coder:
        raise GroundswellError("codes need a coder", hint="--coder NAME says whose reading it is")
    native_id = uuid.uuid4().hex
    told = _first_of(note.month) if note.month else now()
    with study.store() as store:
        study.key(store)
        codebook = study.codebook()
        try:
            codings = [
                parse_coding(
                    {
                        "post": f"{NOTE_PLATFORM}:{native_id}", "code": code, "value": "present", "stance": stance,
                        "coder": note.coder, "created_at": now(),
                    },
                    codebook,
                )
                for code, stance in note.codes
            ]  # fmt: skip
        except CodingError as error:
            raise GroundswellError(f"the note was not stored: {error}") from error
        _store_note(store, native_id, told, text, note.role)
        if codings:
            store_codings(store, codings, record_codebook(store, codebook))
    return f"{NOTE_PLATFORM}:{native_id}"


def _first_of(month: str) -> str:
    try:
        return from_text(f"{month}-01T00:00:00Z")
    except ValueError as error:
        raise GroundswellError(f"--month: {month!r} is no month such as 2026-01") from error


def parse_codes(written: Sequence[str]) -> tuple[tuple[str, str | None], ...]:
    """Codes as they are given on the command line: `code` or `code=stance`."""
    return tuple((code, stance or None) for code, _, stance in (text.partition("=") for text in written))


def read_note(file: Path | None, standard_input: TextIO) -> str:
    """The text of a note from a file, or from standard input."""
    try:
        return standard_input.read() if file is None else file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise GroundswellError(f"{file or 'standard input'}: byte {error.start}: not UTF-8") from error
    except OSError as error:
        raise GroundswellError(f"{file}: {(error.strerror or str(error)).lower()}") from error


def moment(text: str | None) -> str | None:
    """A moment as the user wrote it, in our form.

    Raises:
        GroundswellError: it is none, or bears no time zone.
    """
    try:
        return None if text is None else from_text(text)
    except ValueError as error:
        raise GroundswellError(f"--observed-at: {error}") from error


def _store_note(store: Store, native_id: str, told: str, text: str, role: str | None) -> None:
    seen = Observation(
        platform=NOTE_PLATFORM, native_id=native_id, thread=native_id, parent=None, kind="note",
        author=Author(f"{NOTE_PLATFORM}:[deleted]/{native_id}", is_gone=True), community=None, created_at=told,
        edited_at=None, title=role, text=text, url=None, thread_url=None, score=None, state="live", observed_at=now(),
        private=True,
    )  # fmt: skip
    with store.write() as connection:
        save_observations(connection, [seen])
        settle_threads(connection)
