"""The parts of our charts: lines, marks and words as SVG, in the colour of the text around them.

Numbers are written by one function, so that the bytes are the same everywhere.
"""

from collections.abc import Iterable, Sequence
from html import escape

FONT = "system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"
SMALL, NORMAL = 13, 15
_LONGEST_NAME = 36
_ALONE = "<style>svg{color:#20242a}@media (prefers-color-scheme:dark){svg{color:#e5e3dd}}</style>"
_OPENED = "<title "


def svg(name: str, title: str, description: str, size: tuple[int, int], marks: Iterable[str]) -> str:
    """A picture with a title and a description in words; `name` is its own in a page."""
    width, height = size
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" aria-labelledby="title_{name} desc_{name}" font-family="{FONT}" '
        f'fill="currentColor"><title id="title_{name}">{escape(title)}</title>'
        f'<desc id="desc_{name}">{escape(description)}</desc>{"".join(marks)}</svg>'
    )


def alone(picture: str) -> str:
    """A picture as a file of its own, which no page lends a colour."""
    return f"{picture.replace(_OPENED, f'{_ALONE}{_OPENED}', 1)}\n"


def words(x: float | str, y: int, text: str, *, anchor: str = "start", size: int = NORMAL) -> str:
    """Words at a place."""
    place = x if isinstance(x, str) else number(x)
    return f'<text x="{place}" y="{y}" font-size="{size}" text-anchor="{anchor}">{escape(text)}</text>'


def dot(x: float | str, y: int, radius: int = 5) -> str:
    """What was measured."""
    place = x if isinstance(x, str) else number(x)
    return f'<circle class="dot" cx="{place}" cy="{y}" r="{radius}" fill="currentColor"/>'


def diamond(x: float | str, y: int) -> str:
    """A figure from elsewhere: hollow."""
    place = x if isinstance(x, str) else number(x)
    return (
        f'<path transform="translate({place} {y})" d="M0 -7L7 0L0 7L-7 0Z" fill="none" stroke="currentColor" '
        'stroke-width="2"/>'
    )


def line(path: str, *, width: float = 1, faint: bool = False, marked: bool = False) -> str:
    """A path that is drawn and not filled: faint for scales, marked for what was measured."""
    css = ' class="mark"' if marked else ""
    opacity = ' stroke-opacity=".25"' if faint else ""
    return f'<path{css} d="{path}" fill="none" stroke="currentColor"{opacity} stroke-width="{number(width)}"/>'


def solid(x: float, y: float, width: float, height: float) -> Iterable[str]:
    """Those for: a full bar; nothing where there is no width."""
    if width > 0:
        yield f'<rect class="dot" {_box(x, y, width, height)} fill="currentColor"/>'


def plain(x: float, y: float, width: float, height: float) -> Iterable[str]:
    """Those of two minds: a pale bar."""
    if width > 0:
        yield f'<rect {_box(x, y, width, height)} fill="currentColor" fill-opacity=".2" stroke="currentColor"/>'


def hatched(x: float, y: float, width: float, height: float, step: float = 8) -> Iterable[str]:
    """Those against: an outline with slanting lines, drawn one by one, since a pattern would need a name in the page."""
    if width <= 0:
        return
    yield f'<rect {_box(x, y, width, height)} fill="none" stroke="currentColor" stroke-width="1.5"/>'
    lines = []
    start = x + step / 2
    while start < x + width:
        reach = min(height, x + width - start)
        lines.append(f"M{number(start)} {number(y + height)}l{number(reach)} {number(-reach)}")
        start += step
    yield f'<path d="{"".join(lines)}" fill="none" stroke="currentColor" stroke-opacity=".6"/>'


def path_through(points: Sequence[tuple[float, float]]) -> str:
    """A line from point to point."""
    return "".join(f"{'L' if place else 'M'}{number(x)} {number(y)}" for place, (x, y) in enumerate(points))


def shortened(name: str, longest: int = _LONGEST_NAME) -> str:
    """A name that fits; the whole of it stands in the table beside."""
    return name if len(name) <= longest else f"{name[: longest - 1].rstrip()}…"


def number(value: float) -> str:
    """A length with at most one decimal, never in exponents, never minus zero."""
    tenths = round(value * 10)
    return f"{tenths // 10}" if tenths % 10 == 0 else f"{tenths / 10:.1f}"


def _box(x: float, y: float, width: float, height: float) -> str:
    return f'x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}"'
