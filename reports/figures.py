"""Figures for a paper, drawn by matplotlib (extra `figures`): the same report gives the same bytes.

Letters stay letters in SVG and PDF, and shape tells apart what differs: a dot is a measured share, a hollow diamond a
figure from elsewhere. Everything is black on white.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, Any, NamedTuple

from db.errors import ConfigurationError
from reports.phrases import Entry, claims_of, counted_words
from reports.tables import is_measured, is_settled, is_stance, shown_figures
from reports.words import first_upper

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH_INCHES = 6.3
_ROW_INCHES, _MARGIN_INCHES = 0.4, 0.7
_DOTS = 300
_LONGEST, _LINE = 66, 34
_SETTINGS: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "svg.fonttype": "none",
    "svg.hashsalt": "groundswell",
    "pdf.fonttype": 42,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
# Neither the moment nor the machine is told.
_METADATA: dict[str, dict[str, Any]] = {
    "png": {"Software": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    "svg": {"Date": None, "Creator": None},
}


class _Row(NamedTuple):
    name: str
    share: Entry
    elsewhere: tuple[float, ...] = ()


def figures(report: Mapping[str, Any], kind: str) -> dict[str, bytes]:
    """Every figure of a report, by its file's name: one of all claims about stance, one a claim, one a trend.

    Raises:
        ConfigurationError: matplotlib is not installed.
    """
    _matplotlib()
    overview = [_Row(first_upper(claim["statement"]), claim["figures"][0]["share"]) for claim in _settled(report)]
    found = {"overview": _intervals(overview, "share of those who took a side who say so", kind)} if overview else {}
    for claim in claims_of(report):
        if rows := list(_rows(claim)):
            found[claim["id"]] = _intervals(rows, "share of people", kind)
        for number, figure in enumerate(claim["figures"], start=1):
            if figure["trend"] and (points := [p for p in figure["trend"]["points"] if p["share"]]):
                found[f"{claim['id']}.trend-{number}"] = _periods(points, figure["name"], kind)
    return {f"{name}.{kind}": content for name, content in sorted(found.items())}


def _matplotlib() -> None:
    try:
        import matplotlib  # noqa: F401, ICN001, PLC0415 - an extra, and slow to load
    except ImportError as error:
        raise ConfigurationError(
            'figures for papers need the extra "figures"', hint='uv tool install "groundswell[figures]"'
        ) from error


def _settled(report: Mapping[str, Any]) -> list[Entry]:
    return [claim for claim in claims_of(report) if claim["figures"] and is_settled(claim)]


def _rows(claim: Entry) -> Iterator[_Row]:
    if is_stance(claim):
        if is_settled(claim):
            figure = claim["figures"][0]
            yield _Row("For", figure["share"], tuple(_outside(claim, figure)))
            yield _Row("Against", figure["dispute_share"])
        return
    for figure in shown_figures(claim):
        if is_measured(figure):
            yield _Row(f"{figure['name']} ({counted_words(figure)})", figure["share"], tuple(_outside(claim, figure)))


def _outside(claim: Entry, figure: Entry) -> Iterator[float]:
    """Figures from elsewhere that stand beside a figure."""
    if figure["published"] is not None:
        yield figure["published"]
    beside = (one for one in claim["references"] if (one["relation"], one["code"]) == ("beside", figure["code"]))
    yield from (one["share"]["estimate"] for one in beside)


def _intervals(rows: Sequence[_Row], label: str, kind: str) -> bytes:
    def draw(axes: "Axes") -> None:
        for number, row in enumerate(rows):
            if row.share["has_interval"]:
                axes.plot([row.share["lower"] * 100, row.share["upper"] * 100], [number, number], color="black", lw=1.2)
            axes.plot([row.share["estimate"] * 100], [number], "o", color="black", ms=5)
            for share in row.elsewhere:
                axes.plot([share * 100], [number], "D", mfc="white", mec="black", ms=6)
        axes.set_yticks(range(len(rows)), [_folded(row.name) for row in rows])
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_xlim(0, 100)
        axes.set_xlabel(f"{label}, % (95 % interval)", loc="right")

    return _drawn(draw, _MARGIN_INCHES + _ROW_INCHES * len(rows), kind)


def _periods(points: Sequence[Entry], name: str, kind: str) -> bytes:
    def draw(axes: "Axes") -> None:
        places = list(range(len(points)))
        lower, middle, upper = ([p["share"][one] * 100 for p in points] for one in ("lower", "estimate", "upper"))
        axes.fill_between(places, lower, upper, color="0.85", lw=0)
        axes.plot(places, middle, "o-", color="black", ms=4, lw=1.2)
        axes.set_xticks(places, [p["period"] for p in points])
        axes.set_ylim(0, 100)
        axes.set_ylabel("% (95 % interval)")
        axes.set_title(_cut(name), loc="left", fontsize=9)

    return _drawn(draw, 2.6, kind)


def _drawn(draw: Any, height: float, kind: str) -> bytes:
    from matplotlib import rc_context  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    with rc_context(_SETTINGS):
        picture: Figure = Figure(figsize=(WIDTH_INCHES, height), layout="constrained")
        draw(picture.subplots())
        content = io.BytesIO()
        picture.savefig(content, format=kind, dpi=_DOTS, metadata=_METADATA[kind])
    return content.getvalue()


def _folded(name: str) -> str:
    """A name in lines that leave the picture its room."""
    return "\n".join(wrap(_cut(name), _LINE))


def _cut(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1].rstrip()}…"
