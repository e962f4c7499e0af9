"""Line plots as SVG, written by hand: a few lines on linear or logarithmic axes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

_WIDTH, _HEIGHT = 720, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 190, 34, 30
_COLOURS = ("#1b6ca8", "#d1495b", "#66a182", "#8d6a9f", "#c98a1b", "#3b3b3b", "#4fb0c6", "#a05a2c")
_DASHES = ("", "6 3", "2 3")


@dataclass(frozen=True)
class Line:
    """A named line through points (x, y)."""

    name: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Panel:
    """Lines that share two axes, under a heading; what grows by powers is drawn by its log10."""

    heading: str
    lines: Sequence[Line]
    is_logarithmic: bool = False


def draw(panels: Sequence[Panel]) -> str:
    """All panels one below the other, as one SVG document."""
    shown = [panel for panel in panels if any(line.points for line in panel.lines)]
    heights = [max(_HEIGHT, _TOP + 14 * (len(panel.lines) + 2)) for panel in shown]
    height = max(sum(heights), _HEIGHT)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}"'
        ' font-family="sans-serif" font-size="11">',
        f'<rect width="{_WIDTH}" height="{height}" fill="white"/>',
    ]
    for number, panel in enumerate(shown):
        at, high = sum(heights[:number]), heights[number]
        parts.append(f'<g transform="translate(0 {at})">{_panel(panel, high)}</g>')
    return "\n".join([*parts, "</svg>\n"])


def _panel(panel: Panel, tall: int) -> str:
    points = [point for line in panel.lines for point in line.points]
    low, high = min(x for x, _ in points), max(x for x, _ in points)
    heights = [y for _, y in points]
    ticks = _powers(heights) if panel.is_logarithmic else _ticks(max(heights))
    scale = math.log10 if panel.is_logarithmic else float
    bottom, top = scale(ticks[0]), scale(ticks[-1])
    width, height = _WIDTH - _LEFT - _RIGHT, tall - _TOP - _BOTTOM

    def place(x: float, y: float) -> tuple[float, float]:
        across = (x - low) / (high - low) if high > low else 0.5
        up = (scale(y) - bottom) / (top - bottom)
        return round(_LEFT + across * width, 1), round(_TOP + height * (1 - up), 1)

    parts = [f'<text x="{_LEFT}" y="20" font-size="13">{escape(panel.heading)}</text>']
    for tick in ticks:
        _, y = place(low, tick)
        parts.append(f'<line x1="{_LEFT}" x2="{_LEFT + width}" y1="{y}" y2="{y}" stroke="#ddd"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{y + 4}" text-anchor="end">{tick:g}</text>')
    for x in sorted({low, (low + high) / 2, high}):
        across, _ = place(x, ticks[0])
        parts.append(
            f'<text x="{across}" y="{_TOP + height + 16}" text-anchor="middle">{x:.3g}</text>'
        )
    for at, line in enumerate(panel.lines):
        colour = _COLOURS[at % len(_COLOURS)]
        path = " ".join(f"{x},{y}" for x, y in (place(*point) for point in line.points))
        dash = _DASHES[at // len(_COLOURS) % len(_DASHES)]
        parts.append(
            f'<polyline fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"'
            f' points="{path}"/>'
        )
        y = _TOP + 14 * (at + 1)
        parts.append(
            f'<text x="{_LEFT + width + 10}" y="{y}" fill="{colour}">{escape(line.name)}</text>'
        )
    return "".join(parts)


def _powers(values: Sequence[float]) -> list[float]:
    """Powers of ten from below the lowest value to above the highest one; 0 is drawn as 0.001."""
    low = math.floor(math.log10(max(min(values), 1e-3)))
    high = math.ceil(math.log10(max(max(values), 1e-3)))
    return [10.0**power for power in range(low, max(high, low + 1) + 1)]


def _ticks(top: float) -> list[float]:
    """Round values from 0 to above the highest one, five or so."""
    if top <= 0:
        return [0.0, 1.0]
    step = 10 ** math.floor(math.log10(top / 4))
    step = next(step * by for by in (1, 2, 5, 10) if step * by * 5 >= top)
    return [step * at for at in range(math.ceil(top / step) + 1)]
