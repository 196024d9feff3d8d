"""Charts: small SVG pictures that say in words what they show, drawn from report.json alone.

There are five: a dot with its interval (and a hollow diamond for a figure from elsewhere), a bar that parts those for from
those against, a small bar for each community, a line through periods with its band, and the curve of saturation. Shape
tells apart what differs, and no colour; everything is drawn in that of the text around it, so that light, dark and print
all work. Where nothing may be shown a chart is empty text.
"""

from collections.abc import Iterable, Sequence

from reports import svg
from reports.phrases import (
    Entry,
    counted_plainly,
    counted_words,
    is_corrected,
    people_in,
    percent,
    share_words,
)
from reports.svg import SMALL
from reports.tables import is_measured, is_settled, is_stance, published_words, shown_figures
from reports.words import first_upper

WIDTH = 440
NARROW = 300
_LEFT, _RIGHT = 8, 432
_MIDDLE, _HALF = 150, 148
_ROW, _TOP = 44, 6
_SCALES = (0.1, 0.2, 0.4, 0.6, 0.8, 1.0)
_BAR_TOP, _BAR_HEIGHT = 6, 24
_PANEL_WIDTH, _PANEL_HEIGHT, _PANEL_GAP, _PANEL_BAR = 210, 62, 20, 12
_SHORT_NAME, _HALF_NAME, _PAIR_HEIGHT = 28, 29, 68
_PLOT_LEFT, _PLOT_RIGHT, _PLOT_TOP, _PLOT_BOTTOM, _PLOT_HEIGHT = 44, 426, 10, 150, 180
_MOST_LABELS, _MOST_LONG_NAMES = 5, 2
_UNTIL = " to "
_BESIDE = "beside"


def interval_chart(claim: Entry) -> str:
    """A dot with its interval for each share, a hollow diamond for a figure from elsewhere."""
    figures = shown_figures(claim)
    if is_stance(claim) or claim["pairs"] or not any(is_measured(figure) for figure in figures):
        return ""
    elsewhere = {figure["code"]: list(_elsewhere(claim, figure)) for figure in figures}
    top = _scale(figures, [share for shares in elsewhere.values() for share in shares])
    bottom = _TOP + _ROW * len(figures)
    marks = [*_axis(top, bottom)]
    for number, figure in enumerate(figures):
        marks += _row(figure, _TOP + _ROW * number, top, elsewhere[figure["code"]])
    marks += _legend(bottom + 38, has_published=any(elsewhere.values()))
    description = ". ".join(_in_words(figure, elsewhere[figure["code"]]) for figure in figures)
    return svg.svg(claim["id"], f"Shares: {claim['statement']}", f"{description}.", (WIDTH, bottom + 48), marks)


def _elsewhere(claim: Entry, figure: Entry) -> Iterable[float]:
    """Figures from elsewhere for one share: what findings.yaml names, and outside references that stand beside its code."""
    if figure["published"] is not None:
        yield figure["published"]
    beside = (one for one in claim["references"] if (one["relation"], one["code"]) == (_BESIDE, figure["code"]))
    yield from (one["share"]["estimate"] for one in beside)


def _scale(figures: Sequence[Entry], elsewhere: Sequence[float]) -> float:
    """The least round share that nothing shown goes beyond."""
    shown = [figure["share"]["upper"] for figure in figures if is_measured(figure)]
    return _round_share(max([*shown, *elsewhere]))


def _round_share(share: float) -> float:
    return next(scale for scale in _SCALES if scale >= share)


def _axis(top: float, bottom: int) -> Iterable[str]:
    for part, anchor in ((0.0, "start"), (0.5, "middle"), (1.0, "end")):
        yield svg.words(_x(part * top, top), bottom + 12, f"{part * top * 100:.0f} %", anchor=anchor, size=SMALL)


def _track(middle: int) -> str:
    half = (_LEFT + _RIGHT) // 2
    ticks = "".join(f"M{x} {middle - 6}v12" for x in (_LEFT, half, _RIGHT))
    return svg.line(f"M{_LEFT} {middle}H{_RIGHT}{ticks}", faint=True)


def _row(figure: Entry, y: int, top: float, elsewhere: Iterable[float]) -> Iterable[str]:
    yield svg.words(_LEFT, y + 14, svg.shortened(figure["name"]))
    value = counted_words(figure) if is_measured(figure) else figure["label"]
    yield svg.words(_RIGHT, y + 14, value, anchor="end")
    middle = y + 28
    yield _track(middle)
    if is_measured(figure):
        share = figure["share"]
        if share["has_interval"]:
            low, high = (svg.number(_x(share[name], top)) for name in ("lower", "upper"))
            ends = "".join(f"M{x} {middle - 4}V{middle + 4}" for x in (low, high))
            yield svg.line(f"M{low} {middle}H{high}{ends}", width=2, marked=True)
        yield svg.dot(_x(share["estimate"], top), middle)
    yield from (svg.diamond(_x(share, top), middle) for share in elsewhere)


def _legend(y: int, *, has_published: bool) -> Iterable[str]:
    yield svg.dot(_LEFT + 6, y - 4)
    yield svg.words(_LEFT + 18, y, "share of people, 95 % interval", size=SMALL)
    if has_published:
        yield svg.diamond(_LEFT + 242, y - 4)
        yield svg.words(_LEFT + 256, y, "published elsewhere", size=SMALL)


def _in_words(figure: Entry, elsewhere: Iterable[float]) -> str:
    people = counted_plainly(people_in(figure), "person", "people")
    share = share_words(figure["share"]) if is_measured(figure) else figure["label"]
    published = "".join(f", {published_words(share)}" for share in elsewhere)
    who = f"of about {people}" if is_corrected(figure) else f"{figure['counts']['yes']:,} of {people}"
    return f"{figure['name']}: {who}, {share}{published}"


def sides_chart(claim: Entry) -> str:
    """Those for to the right of a line, those against to its left, those of two minds across it; a half is everybody.

    Empty where the claim is not settled: a bar would show a share that cannot be relied on.
    """
    if not is_settled(claim):
        return ""
    figure = claim["figures"][0]
    support, mixed, dispute, words = _sides(figure)
    marks = [*_bar((_MIDDLE, _BAR_TOP), _HALF, _BAR_HEIGHT, (dispute, mixed, support)), _zero()]
    places = ((_MIDDLE - _HALF, "start"), (_MIDDLE, "middle"), (_MIDDLE + _HALF, "end"))
    y = _BAR_TOP + _BAR_HEIGHT + 22
    marks += [svg.words(x, y, text, anchor=anchor, size=SMALL) for (x, anchor), text in zip(places, words, strict=True)]
    people = counted_plainly(people_in(figure), "person", "people")
    about = "about " if is_corrected(figure) else ""
    description = f"Of {about}{people}: {', '.join(reversed(words))}. For: {share_words(figure['share'])}."
    title = f"Sides on whether {claim['statement']}"
    return svg.svg(claim["id"], title, description, (NARROW, y + 8), marks)


def _sides(figure: Entry) -> tuple[float, float, float, tuple[str, str, str]]:
    """How wide those for, of two minds and against are drawn, and what is written below, those against first.

    Where an audit corrects the shares these are drawn, since it reads more of those whom a machine found.
    """
    if is_corrected(figure):
        support, dispute = figure["share"]["estimate"], figure["dispute_share"]["estimate"]
        mixed = max(0.0, 1 - support - dispute)
        parts = [percent(share) for share in (dispute, mixed, support)]
    else:
        counts = figure["counts"]
        support, mixed, dispute = counts["support"], counts["mixed"], counts["dispute"]
        parts = [f"{number:,}" for number in (dispute, mixed, support)]
    return support, mixed, dispute, (f"{parts[0]} against", f"{parts[1]} of two minds", f"{parts[2]} for")


def _bar(place: tuple[float, float], half: float, height: float, parts: tuple[float, float, float]) -> Iterable[str]:
    """Those against left of the middle, those of two minds across it, those for right of it; `half` is all of them."""
    middle, y = place
    dispute, mixed, support = parts
    one = half / (dispute + mixed + support)
    reach = mixed / 2 * one
    yield from svg.hatched(middle - reach - dispute * one, y, dispute * one, height)
    yield from svg.plain(middle - reach, y, mixed * one, height)
    yield from svg.solid(middle + reach, y, support * one, height)


def _zero() -> str:
    return svg.line(f"M{_MIDDLE} {_BAR_TOP - 5}V{_BAR_TOP + _BAR_HEIGHT + 5}", width=2)


def pairs_chart(claim: Entry) -> str:
    """For each pair those who name only what is reported to the right, only what was assumed to the left, both across."""
    read = [pair for pair in claim["pairs"] if pair["counts"] is not None and pair["against"] is not None]
    shown = [pair for pair in read if sum(pair["counts"][name] for name in ("both", "only_got", "only_against"))]
    if not shown:
        return ""
    marks: list[str] = []
    for number, pair in enumerate(shown):
        counts, y, middle = pair["counts"], number * _PAIR_HEIGHT, WIDTH / 2
        marks.append(svg.words(_LEFT, y + 15, svg.shortened(pair["before"], _HALF_NAME), size=SMALL))
        marks.append(svg.words(_RIGHT, y + 15, svg.shortened(pair["got"], _HALF_NAME), anchor="end", size=SMALL))
        marks += _bar((middle, y + 22), middle - _LEFT, _PANEL_BAR, _only(counts))
        marks.append(svg.line(f"M{svg.number(middle)} {y + 19}v18", width=2))
        for x, anchor, name in (
            (_LEFT, "start", "only_against"),
            (middle, "middle", "both"),
            (_RIGHT, "end", "only_got"),
        ):
            words = f"{counts[name]:,} {name.partition('_')[0]}"
            marks.append(svg.words(x, y + 50, words, anchor=anchor, size=SMALL))
    description = "; ".join(
        f"of {pair['counts']['people']:,} people {pair['counts']['only_got']:,} name only {pair['got']}, "
        f"{pair['counts']['only_against']:,} only {pair['before']}, {pair['counts']['both']:,} both"
        for pair in shown
    )
    title = f"Before and after: {claim['statement']}"
    return svg.svg(claim["id"], title, f"{first_upper(description)}.", (WIDTH, len(shown) * _PAIR_HEIGHT), marks)


def _only(counts: Entry) -> tuple[float, float, float]:
    return counts["only_against"], counts["both"], counts["only_got"]


def communities_chart(claim: Entry) -> str:
    """A small bar for each community that may be shown, all on one scale; empty where there are not two of them."""
    figure = claim["figures"][0] if len(claim["figures"]) == 1 else None
    is_known = figure is not None and (is_settled(claim) or is_measured(figure))
    shown = [found for found in figure["communities"] if found["people"]] if figure and is_known else []
    if len(shown) < 2:  # noqa: PLR2004 - one community alone is compared with nothing
        return ""
    for_, against = ("for", "against") if is_stance(claim) else ("yes", "no")
    marks: list[str] = []
    for number, found in enumerate(shown):
        x = number % 2 * (_PANEL_WIDTH + _PANEL_GAP)
        y = number // 2 * _PANEL_HEIGHT
        marks += _panel(found, x, y, f"{found['yes']:,} {for_}, {found['no']:,} {against}")
    rows = (len(shown) + 1) // 2
    description = "; ".join(
        f"{found['name']}: {found['yes']:,} {for_} and {found['no']:,} {against} of {found['people']:,}"
        for found in shown
    )
    title = f"By community: {claim['statement']}"
    return svg.svg(f"{claim['id']}_communities", title, f"{description}.", (WIDTH, rows * _PANEL_HEIGHT), marks)


def _panel(found: Entry, x: int, y: int, words: str) -> Iterable[str]:
    middle = x + _PANEL_WIDTH / 2
    yield svg.words(x, y + 13, svg.shortened(found["name"], _SHORT_NAME), size=SMALL)
    both = (found["no"], found["people"] - found["yes"] - found["no"], found["yes"])
    yield svg.line(f"M{x} {y + 25}H{x + _PANEL_WIDTH}", faint=True)
    yield from _bar((middle, y + 19), _PANEL_WIDTH / 2, _PANEL_BAR, both)
    yield svg.line(f"M{svg.number(middle)} {y + 16}V{y + 34}", width=2)
    yield svg.words(x, y + 48, words, size=SMALL)


def trend_chart(claim: Entry, number: int = 0) -> str:
    """A line through the shares of a figure's periods, with the band of their intervals; gaps where there are none."""
    figure = claim["figures"][number]
    points = figure["trend"]["points"] if figure["trend"] else []
    shown = [point["share"] for point in points]
    if sum(share is not None for share in shown) < 2:  # noqa: PLR2004 - a line joins two points
        return ""
    top = _round_share(max(share["upper"] for share in shown if share))
    places = [_PLOT_LEFT + (place + 0.5) * (_PLOT_RIGHT - _PLOT_LEFT) / len(points) for place in range(len(points))]
    marks = [*_scale_lines(top), *_period_names(points, places)]
    for stretch in _stretches(shown):
        marks += _band([(places[place], shown[place]) for place in stretch], top)
    words = [
        f"{point['period']}: {share_words(point['share'])}" if point["share"] else f"{point['period']}: not shown"
        for point in points
    ]
    title = f"{figure['name']}, by {figure['trend']['period']}"
    return svg.svg(f"{claim['id']}_trend_{number}", title, f"{'; '.join(words)}.", (WIDTH, _PLOT_HEIGHT), marks)


def _scale_lines(top: float) -> Iterable[str]:
    for part in (0.0, 0.5, 1.0):
        y = round(_y(part))
        yield svg.line(f"M{_PLOT_LEFT} {y}H{_PLOT_RIGHT}", faint=True)
        yield svg.words(_PLOT_LEFT - 6, y + 4, f"{part * top * 100:.0f} %", anchor="end", size=SMALL)


def _period_names(points: Sequence[Entry], places: Sequence[float]) -> Iterable[str]:
    every = -(-len(points) // _MOST_LABELS)
    for number, (point, x) in enumerate(zip(points, places, strict=True)):
        if number % every == 0:
            name = point["period"].partition(_UNTIL)[0] if len(points) > _MOST_LONG_NAMES else point["period"]
            yield svg.words(x, _PLOT_BOTTOM + 20, name, anchor="middle", size=SMALL)


def _stretches(shown: Sequence[Entry | None]) -> Iterable[list[int]]:
    """The numbers of points that follow each other without a gap."""
    stretch: list[int] = []
    for number, share in enumerate([*shown, None]):
        if share is not None:
            stretch.append(number)
        elif stretch:
            yield stretch
            stretch = []


def _band(points: Sequence[tuple[float, Entry]], top: float) -> Iterable[str]:
    upper = [(x, _y(share["upper"] / top)) for x, share in points]
    lower = [(x, _y(share["lower"] / top)) for x, share in reversed(points)]
    middle = [(x, _y(share["estimate"] / top)) for x, share in points]
    yield f'<path d="{svg.path_through([*upper, *lower])}Z" fill="currentColor" fill-opacity=".15"/>'
    if len(points) == 1:
        yield svg.line(svg.path_through([upper[0], lower[0]]), width=2, marked=True)
    else:
        yield svg.line(svg.path_through(middle), width=2, marked=True)
    yield from (svg.dot(x, round(y), 4) for x, y in middle)


def saturation_chart(report: Entry) -> str:
    """How many codes so many threads would have shown: a curve that flattens where little new is found."""
    found = report["saturation"]
    curve = found["curve"] if found else []
    if len(curve) < 2:  # noqa: PLR2004 - a line joins two points
        return ""
    most_threads, most_codes = curve[-1][0], max(codes for _, codes in curve)
    points = [
        (_PLOT_LEFT + (_PLOT_RIGHT - _PLOT_LEFT) * threads / most_threads, _y(codes / most_codes))
        for threads, codes in curve
    ]
    marks = [
        svg.line(f"M{_PLOT_LEFT} {_PLOT_TOP}V{_PLOT_BOTTOM}H{_PLOT_RIGHT}", faint=True),
        svg.line(svg.path_through(points), width=2, marked=True),
        svg.words(_PLOT_LEFT - 6, _PLOT_TOP + 4, f"{most_codes:.0f}", anchor="end", size=SMALL),
        svg.words(_PLOT_LEFT - 6, _PLOT_BOTTOM, "0", anchor="end", size=SMALL),
        svg.words(_PLOT_LEFT, _PLOT_BOTTOM + 20, "codes found, by threads read", size=SMALL),
        svg.words(
            _PLOT_RIGHT, _PLOT_BOTTOM + 20, f"{counted_plainly(most_threads, 'thread')}", anchor="end", size=SMALL
        ),
    ]
    half = curve[len(curve) // 2]
    description = f"{half[1]:.1f} codes are expected in {half[0]:,} threads, {curve[-1][1]:.1f} in {counted_plainly(most_threads, 'thread')}."
    return svg.svg("_saturation", "Codes found by threads read", description, (WIDTH, _PLOT_HEIGHT), marks)


def _y(part: float) -> float:
    return _PLOT_BOTTOM - (_PLOT_BOTTOM - _PLOT_TOP) * part


def _x(share: float, top: float) -> float:
    return _LEFT + (_RIGHT - _LEFT) * share / top
