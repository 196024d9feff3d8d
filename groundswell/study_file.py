"""study.yaml: what a study asks, whom it protects and where its posts come from."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from db.yaml_files import FileModel, Problem, Text, load, refuse, validate


class SourceEntry(FileModel):
    """One place to collect from: a web link, or a file or folder to import.

    Attributes:
        url: a link to a thread, a community or a search.
        path: a file or folder, relative to the study; written `import:`.
        cadence: how often it is due, such as 24h or 7d; None = when asked.
    """

    url: Text | None = None
    path: Text | None = Field(default=None, alias="import")
    cadence: Text | None = None


class StudyFile(FileModel):
    """study.yaml as a whole.

    Attributes:
        sensitivity: `high` for studies in which being found would harm people.
        retention_days: after how many days texts are purged; None = kept.
        coders: the people who code.
        machine: `none` keeps all machine coding away from the posts.
    """

    version: Literal[1] = 1
    title: Text
    question: Text | None = None
    sensitivity: Literal["low", "high"] = "low"
    retention_days: Annotated[int, Field(ge=1)] | None = None
    coders: tuple[Text, ...] = ()
    machine: Literal["all", "none"] = "all"
    sources: tuple[SourceEntry, ...] = ()


def load_study_file(path: Path | str) -> StudyFile:
    """Read study.yaml, or raise one FileError for all that is wrong in it."""
    document = load(path)
    study = validate(document, StudyFile)
    refuse(document, [*_source_problems(study), *_coder_problems(study)])
    return study


def _source_problems(study: StudyFile) -> Iterator[Problem]:
    for number, source in enumerate(study.sources):
        keys = ("sources", number)
        if (source.url is None) == (source.path is None):
            yield Problem(keys, "one of `url` and `import` is needed", "write `- url: https://…` or `- import: file`")
        elif source.url and not source.url.startswith(("https://", "http://")):
            yield Problem(
                (*keys, "url"), f'"{source.url}" is no web link', "begin with https://; a file goes under `import:`"
            )


def _coder_problems(study: StudyFile) -> list[Problem]:
    return [
        Problem(("coders", number), f'"{coder}" is here twice', "take one out")
        for number, coder in enumerate(study.coders)
        if coder in study.coders[:number]
    ]
