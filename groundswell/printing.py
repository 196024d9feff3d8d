"""Printing the built report: figures for a paper, and the page as a PDF."""

import os
from calendar import timegm
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import strptime

from groundswell.publishing import check_leaks
from groundswell.reporting import built_report, templates_of
from groundswell.study import Study
from reports.figures import figures
from reports.pdf import printed
from reports.render import render_html

_FOLDER = "paper"
_EPOCH = "SOURCE_DATE_EPOCH"


def print_figures(study: Study, kind: str, to: Path | None = None) -> list[Path]:
    """Draw the figures of the built report; return their files.

    Raises:
        GroundswellError: nothing was built yet, or matplotlib is not installed.
    """
    folder = to or study.reports / _FOLDER
    drawn = figures(built_report(study), kind)
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in drawn.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in drawn]


def print_pdf(study: Study, to: Path | None = None) -> Path:
    """Print the page of the built report; return the file.

    Raises:
        GroundswellError: nothing was built yet, or WeasyPrint is not installed.
        CheckFailed: the page shows what must not be published.
    """
    report = built_report(study)
    page = render_html(report, templates_of(study))
    with study.store() as store:
        check_leaks(study, store, report, {"report.html": page.encode()})
    path = to or study.reports / "report.pdf"
    with _moment(report["report"]["as_of"]):
        content = printed(page)
    path.write_bytes(content)
    return path


@contextmanager
def _moment(as_of: str | None) -> Iterator[None]:
    """Let what is printed bear the moment of the newest post, and not that of printing."""
    before = os.environ.get(_EPOCH)  # noqa: TID251 - the library that writes fonts takes its clock from there
    moment = strptime(as_of, "%Y-%m-%dT%H:%M:%SZ") if as_of else strptime("1980", "%Y")
    os.environ[_EPOCH] = before or str(timegm(moment))  # noqa: TID251
    try:
        yield
    finally:
        if before is None:
            del os.environ[_EPOCH]  # noqa: TID251
