"""study.yaml: what a study asks, whom it protects and where its posts come from."""

import shlex
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from collector.due import parse_cadence
from db.yaml_files import FileModel, Problem, Text, load, refuse, validate


def _words(written: Any) -> Any:
    """A command in one text as the words that it is made of: quotes hold words together, a backslash is nothing special."""
    if not isinstance(written, str):
        return written
    split = shlex.shlex(written, posix=True, punctuation_chars=False)
    split.whitespace_split, split.commenters, split.escape = True, "", ""
    try:
        return tuple(split)
    except ValueError:
        raise ValueError(f"a quotation in {written!r} does not end") from None


Command = Annotated[
    tuple[Text, ...],
    BeforeValidator(_words),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
"""A program and its arguments, as a list of words or as one text; no shell reads it."""


class SourceEntry(FileModel):
    """One place to collect from: exactly one of `url`, `links`, `import`, `subreddit` and `search` is given.

    Attributes:
        url: a link to a thread, a page or a community.
        links: a file with links, or a folder of such files, relative to the study.
        path: a file or folder with posts, relative to the study; written `import:`.
        subreddit: a community on Reddit, without `r/`.
        search: the words of a search.
        name: what `collect run NAME` calls it; None = by what it is.
        on: where to search: `reddit`, `hn` or `x`.
        within: the community to search in; written `in:`.
        since: only threads begun on this day or later, as YYYY-MM-DD.
        threads: how many threads a visit walks at most.
        by: the source that reads it; None = the best one there is a key for.
        max_usd: what one visit may cost where X's API is asked.
        cadence: how often it is due, such as 24h or 7d; None = when asked.
    """

    url: Text | None = None
    links: Text | None = None
    path: Text | None = Field(default=None, alias="import")
    subreddit: Text | None = None
    search: Text | None = None
    name: Text | None = None
    on: Literal["reddit", "hn", "x"] = "reddit"
    within: Text | None = Field(default=None, alias="in")
    since: date | None = None
    threads: Annotated[int, Field(ge=1)] | None = None
    by: Literal["arctic_shift", "reddit_api", "reddit_rss", "hacker_news", "x_api", "x_public", "web_page"] | None = (
        None
    )
    max_usd: Annotated[float, Field(gt=0)] | None = None
    cadence: Text | None = None

    @property
    def title(self) -> str:
        """What it is called."""
        what = {
            "url": self.url, "links": self.links, "import": self.path, "search": self.search,
            "subreddit": self.subreddit and f"r/{self.subreddit.removeprefix('r/')}",
        }  # fmt: skip
        return self.name or next(
            f"{kind} {value}" if kind == "search" else value for kind, value in what.items() if value
        )


class StudyFile(FileModel):
    """study.yaml as a whole.

    Attributes:
        sensitivity: `high` for studies in which being found would harm people.
        retention_days: after how many days without a look that confirms it a text is purged; None = kept.
        coders: the people who code.
        machine: `none` keeps all machine coding away from the posts.
        max_usd_a_month: what X's API may cost in a calendar month (UTC), whatever single commands allow.
        notify: the program that `update` gives its digest to, when there is something in it; None = nobody is told.
    """

    version: Literal[1] = 1
    title: Text
    question: Text | None = None
    sensitivity: Literal["low", "high"] = "low"
    retention_days: Annotated[int, Field(ge=1)] | None = None
    coders: tuple[Text, ...] = ()
    machine: Literal["all", "none"] = "all"
    sources: tuple[SourceEntry, ...] = ()
    max_usd_a_month: Annotated[float, Field(gt=0)] | None = None
    notify: Command | None = None


def load_study_file(path: Path | str) -> StudyFile:
    """Read study.yaml, or raise one FileError for all that is wrong in it."""
    document = load(path)
    study = validate(document, StudyFile)
    refuse(document, [*_source_problems(study), *_coder_problems(study), *_notify_problems(study)])
    return study


def _source_problems(study: StudyFile) -> Iterator[Problem]:
    for number, source in enumerate(study.sources):
        keys = ("sources", number)
        if sum(value is not None for value in _given(source)) != 1:
            yield Problem(
                keys,
                "one of `url`, `links`, `import`, `subreddit` and `search` is needed",
                "write `- url: https://…` or `- import: file`",
            )
        elif source.url and not source.url.startswith(("https://", "http://")):
            yield Problem(
                (*keys, "url"), f'"{source.url}" is no web link', "begin with https://; a file goes under `import:`"
            )
        elif source.title in [other.title for other in study.sources[:number] if any(_given(other))]:
            yield Problem(keys, f'"{source.title}" is here twice', "give one of them another `name:`")
        if source.cadence is not None and (problem := _cadence_problem(source.cadence)):
            yield Problem((*keys, "cadence"), problem)


def _given(source: SourceEntry) -> tuple[str | None, ...]:
    return source.url, source.links, source.path, source.subreddit, source.search


def _cadence_problem(cadence: str) -> str | None:
    try:
        parse_cadence(cadence)
    except ValueError as error:
        return str(error)
    return None


def _coder_problems(study: StudyFile) -> list[Problem]:
    return [
        Problem(("coders", number), f'"{coder}" is here twice', "take one out")
        for number, coder in enumerate(study.coders)
        if coder in study.coders[:number]
    ]


def _notify_problems(study: StudyFile) -> Iterator[Problem]:
    if study.notify is not None and not study.notify:
        yield Problem(("notify",), "names no program", "write `notify: [program, argument]`, or take it out")
