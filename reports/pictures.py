"""The pictures of a report: what each is called, and its charts as files beside the Markdown."""

import re
from html import unescape
from typing import NamedTuple

from reports.charts import communities_chart, interval_chart, pairs_chart, saturation_chart, sides_chart, trend_chart
from reports.phrases import Entry, claims_of
from reports.svg import alone

FOLDER = "figures"
_TITLE = re.compile(r"<title [^>]*>([^<]*)</title>")
_DESCRIPTION = re.compile(r"<desc [^>]*>([^<]*)</desc>")


class Picture(NamedTuple):
    """A chart with the file that it is kept in, its title, and what it shows in words."""

    file: str
    title: str
    description: str
    svg: str


def of_claim(claim: Entry) -> list[Picture]:
    """The charts of a claim: who says so, and how it went over time."""
    main = interval_chart(claim) or pairs_chart(claim) or sides_chart(claim)
    trends = [trend_chart(claim, number) for number in range(len(claim["figures"]))]
    found = [(claim["id"], main), *((f"{claim['id']}.trend-{number}", chart) for number, chart in enumerate(trends, 1))]
    return [_picture(name, chart) for name, chart in found if chart]


def by_community(claim: Entry) -> list[Picture]:
    """The chart of a claim community by community, if there is one."""
    chart = communities_chart(claim)
    return [_picture(f"{claim['id']}.communities", chart)] if chart else []


def of_report(report: Entry) -> list[Picture]:
    """The charts that speak of the whole report."""
    chart = saturation_chart(report)
    return [_picture("saturation", chart)] if chart else []


def files(report: Entry) -> dict[str, bytes]:
    """Every picture as a file of its own, by its path beside the report."""
    found = [picture for claim in claims_of(report) for picture in (*of_claim(claim), *by_community(claim))]
    return {f"{FOLDER}/{picture.file}": alone(picture.svg).encode() for picture in (*found, *of_report(report))}


def _picture(name: str, chart: str) -> Picture:
    title, description = (found[1] if (found := one.search(chart)) else "" for one in (_TITLE, _DESCRIPTION))
    return Picture(f"{name}.svg", unescape(title), unescape(description), chart)
