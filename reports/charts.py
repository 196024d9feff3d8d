"""Charts: small SVG pictures that say in words what they show, drawn from a claim's entry in report.json alone.

Everything is drawn in the colour of the text around it, so that light and dark both work, and shape tells apart what
differs. Numbers are written by one function, so that the bytes are the same everywhere.
"""

from collections.abc import Iterable, Sequence
from html import escape

from reports.phrases import Entry, counted_plainly, counted_words, is_corrected, people_in, percent, share_words
from reports.tables import is_measured, is_settled, published_words

FONT = "system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"
WIDTH = 440
NARROW = 300
_LEFT, _RIGHT = 8, 432
_MIDDLE, _HALF = 150, 148
_ROW, _TOP = 44, 6
_LONGEST_NAME = 36
_SCALES = (0.1, 0.2, 0.4, 0.6, 0.8, 1.0)
_BAR_TOP, _BAR_HEIGHT = 6, 24
_HATCH_STEP = 8


def interval_chart(claim: Entry) -> str:
    """A dot with its interval for each share, a hollow diamond for a published figure; empty if nothing is measured."""
    figures = claim["figures"]
    if not any(is_measured(figure) for figure in figures):
        return ""
    top = _scale(figures)
    bottom = _TOP + _ROW * len(figures)
    marks = [*_axis(top, bottom)]
    for number, figure in enumerate(figures):
        marks += _row(figure, _TOP + _ROW * number, top)
    has_published = any(figure["published"] is not None for figure in figures)
    marks += _legend(bottom + 38, has_published=has_published)
    description = ". ".join(_in_words(figure) for figure in figures)
    return _svg(claim["id"], f"Shares: {claim['statement']}", f"{description}.", (WIDTH, bottom + 48), marks)


def _scale(figures: Sequence[Entry]) -> float:
    """The least round share that nothing shown goes beyond."""
    shown = [figure["share"]["upper"] for figure in figures if is_measured(figure)]
    shown += [figure["published"] for figure in figures if figure["published"] is not None]
    return next(scale for scale in _SCALES if scale >= max(shown))


def _axis(top: float, bottom: int) -> Iterable[str]:
    for part, anchor in ((0.0, "start"), (0.5, "middle"), (1.0, "end")):
        yield _text(_x(part * top, top), bottom + 12, f"{part * top * 100:.0f} %", anchor=anchor, size=13)


def _track(middle: int) -> str:
    half = (_LEFT + _RIGHT) // 2
    ticks = "".join(f"M{x} {middle - 6}v12" for x in (_LEFT, half, _RIGHT))
    return f'<path d="M{_LEFT} {middle}H{_RIGHT}{ticks}" fill="none" stroke="currentColor" stroke-opacity=".25"/>'


def _row(figure: Entry, y: int, top: float) -> Iterable[str]:
    yield _text(_LEFT, y + 14, _shortened(figure["name"]))
    value = counted_words(figure) if is_measured(figure) else figure["label"]
    yield _text(_RIGHT, y + 14, value, anchor="end")
    middle = y + 28
    yield _track(middle)
    if is_measured(figure):
        share = figure["share"]
        if share["has_interval"]:
            low, high = _x(share["lower"], top), _x(share["upper"], top)
            yield (
                f'<path class="mark" d="M{low} {middle}H{high}M{low} {middle - 4}V{middle + 4}M{high} {middle - 4}'
                f'V{middle + 4}" fill="none" stroke="currentColor" stroke-width="2"/>'
            )
        yield f'<circle class="dot" cx="{_x(share["estimate"], top)}" cy="{middle}" r="5" fill="currentColor"/>'
    if figure["published"] is not None:
        yield _diamond(_x(figure["published"], top), middle)


def _diamond(x: str, middle: int) -> str:
    return (
        f'<path transform="translate({x} {middle})" d="M0 -7L7 0L0 7L-7 0Z" fill="none" stroke="currentColor" '
        'stroke-width="2"/>'
    )


def _legend(y: int, *, has_published: bool) -> Iterable[str]:
    yield f'<circle class="dot" cx="{_LEFT + 6}" cy="{y - 4}" r="5" fill="currentColor"/>'
    yield _text(_LEFT + 18, y, "share of people, 95 % interval", size=13)
    if has_published:
        yield _diamond(f"{_LEFT + 250}", y - 4)
        yield _text(_LEFT + 264, y, "published elsewhere", size=13)


def _in_words(figure: Entry) -> str:
    people = counted_plainly(people_in(figure), "person", "people")
    share = share_words(figure["share"]) if is_measured(figure) else figure["label"]
    published = f", {published_words(figure['published'])}" if figure["published"] is not None else ""
    who = f"of about {people}" if is_corrected(figure) else f"{figure['counts']['yes']:,} of {people}"
    return f"{figure['name']}: {who}, {share}{published}"


def sides_chart(claim: Entry) -> str:
    """Those for to the right of a line, those against to its left, those of two minds across it; a half is everybody.

    Empty where the claim is not settled: a bar would show a share that cannot be relied on.
    """
    figure = claim["figures"][0]
    if not is_settled(claim):
        return ""
    support, mixed, dispute, words = _sides(figure)
    one = _HALF / (support + mixed + dispute)
    half = mixed / 2 * one
    marks = [
        *_hatched(_MIDDLE - half - dispute * one, _MIDDLE - half),
        *_plain(_MIDDLE - half, _MIDDLE + half),
        *_solid(_MIDDLE + half, _MIDDLE + half + support * one),
        _zero(),
    ]
    places = ((_MIDDLE - _HALF, "start"), (_MIDDLE, "middle"), (_MIDDLE + _HALF, "end"))
    y = _BAR_TOP + _BAR_HEIGHT + 22
    marks += [_text(x, y, text, anchor=anchor, size=13) for (x, anchor), text in zip(places, words, strict=True)]
    people = counted_plainly(people_in(figure), "person", "people")
    about = "about " if is_corrected(figure) else ""
    description = f"Of {about}{people}: {', '.join(reversed(words))}. For: {share_words(figure['share'])}."
    title = f"Sides on whether {claim['statement']}"
    return _svg(claim["id"], title, description, (NARROW, y + 8), marks)


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


def _solid(start: float, end: float) -> Iterable[str]:
    if end > start:
        yield f'<rect class="dot" {_box(start, end)} fill="currentColor"/>'


def _plain(start: float, end: float) -> Iterable[str]:
    if end > start:
        yield f'<rect {_box(start, end)} fill="currentColor" fill-opacity=".2" stroke="currentColor"/>'


def _hatched(start: float, end: float) -> Iterable[str]:
    """An outline with slanting lines, drawn one by one: a pattern would need a name of its own in the page."""
    if end <= start:
        return
    yield f'<rect {_box(start, end)} fill="none" stroke="currentColor" stroke-width="1.5"/>'
    bottom = _BAR_TOP + _BAR_HEIGHT
    lines = []
    x = start + _HATCH_STEP / 2
    while x < end:
        reach = min(_BAR_HEIGHT, end - x)
        lines.append(f"M{_number(x)} {bottom}l{_number(reach)} {_number(-reach)}")
        x += _HATCH_STEP
    yield f'<path d="{"".join(lines)}" fill="none" stroke="currentColor" stroke-opacity=".6"/>'


def _zero() -> str:
    return f'<path d="M{_MIDDLE} {_BAR_TOP - 5}V{_BAR_TOP + _BAR_HEIGHT + 5}" stroke="currentColor" stroke-width="2"/>'


def _box(start: float, end: float) -> str:
    return f'x="{_number(start)}" y="{_BAR_TOP}" width="{_number(end - start)}" height="{_BAR_HEIGHT}"'


def _svg(name: str, title: str, description: str, size: tuple[int, int], marks: Iterable[str]) -> str:
    width, height = size
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" aria-labelledby="title_{name} desc_{name}" font-family="{FONT}" '
        f'fill="currentColor"><title id="title_{name}">{escape(title)}</title>'
        f'<desc id="desc_{name}">{escape(description)}</desc>{"".join(marks)}</svg>'
    )


def _text(x: str | int, y: int, words: str, *, anchor: str = "start", size: int = 15) -> str:
    return f'<text x="{x}" y="{y}" font-size="{size}" text-anchor="{anchor}">{escape(words)}</text>'


def _shortened(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1].rstrip()}…"


def _x(share: float, top: float) -> str:
    return _number(_LEFT + (_RIGHT - _LEFT) * share / top)


def _number(value: float) -> str:
    """A length with at most one decimal, never in exponents, never minus zero."""
    tenths = round(value * 10)
    return f"{tenths // 10}" if tenths % 10 == 0 else f"{tenths / 10:.1f}"
