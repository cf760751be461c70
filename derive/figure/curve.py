"""The curve of an error over iterations: one layout, written as SVG and as plain TikZ."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from xml.sax.saxutils import escape, quoteattr

from derive.figure.svg import ACCENT

WIDTH, HEIGHT = 460.0, 260.0
LEFT, RIGHT, TOP, BOTTOM = 74.0, 18.0, 14.0, 46.0
TEXT = 12.0
MOST_TICKS, MOST_POINTS = 6, 400
LOG_RATIO, LOG_ITERATIONS = 20, 100
LARGEST_PLAIN = 4  # the power of ten up to which an iteration is written out


@dataclass(frozen=True)
class Curve:
    """Points (iteration, error) in the order of the iterations, and the words at the axes."""

    points: tuple[tuple[int, float], ...]
    x_label: str
    y_label: str


@dataclass(frozen=True)
class Tick:
    """A mark at an axis: its place in px, and its label, a number or a power of ten."""

    place: float
    text: str
    exponent: str = ""


@dataclass(frozen=True)
class Axis:
    """One axis: which values it shows, and whether by their logarithms.

    ``low`` and ``high`` are its ends after ``scale``, ``start`` and ``end`` these ends in px.
    """

    low: float
    high: float
    start: float
    end: float
    is_log: bool
    is_iterations: bool = False

    def scale(self, value: float) -> float:
        """Return the value, or its logarithm to base 10; on the axis of iterations that of one more."""
        if not self.is_log:
            return value
        return math.log10(value + 1) if self.is_iterations else math.log10(value)

    def at(self, value: float) -> float:
        """Return the place of a value in px."""
        span = self.high - self.low
        share = (self.scale(value) - self.low) / span if span else 0.5
        return self.start + share * (self.end - self.start)

    @cached_property
    def ticks(self) -> tuple[Tick, ...]:
        """The marks, a few of them."""
        return tuple(self._log_ticks() if self.is_log else self._linear_ticks())

    def _log_ticks(self) -> Iterator[Tick]:
        powers = range(math.ceil(self.low - 1e-9), math.floor(self.high + 1e-9) + 1)
        step = -(-len(powers) // MOST_TICKS) or 1
        if self.is_iterations:
            yield Tick(self.start, "0")
        for power in powers[::step]:
            if self.is_iterations and power == 0:
                continue
            plain = self.is_iterations and power <= LARGEST_PLAIN
            place = self.at(10.0**power)
            yield Tick(place, f"{10**power:,}") if plain else Tick(place, "10", str(power).replace("-", "−"))

    def _linear_ticks(self) -> Iterator[Tick]:
        span = (self.high - self.low) or abs(self.high) or 1.0
        step = _nice(span / (MOST_TICKS - 1))
        if self.is_iterations:
            step = max(1.0, step)
        decimals = max(0, -math.floor(math.log10(step)))
        first = math.ceil(self.low / step - 1e-9)
        for number in range(first, first + MOST_TICKS + 2):
            value = number * step
            if value > self.high + 1e-9 * span:
                break
            text = f"{value:,.{decimals}f}" if decimals <= 6 and abs(value) < 1e7 else f"{value:.1e}"
            yield Tick(self.at(value), text.replace("-", "−"))


def _nice(step: float) -> float:
    """Return the next larger of 1, 2, 5, 10, … times a power of ten."""
    size = 10.0 ** math.floor(math.log10(step))
    return next((factor * size for factor in (1, 2, 5) if factor * size >= step * (1 - 1e-9)), 10 * size)


@dataclass(frozen=True)
class Plot:
    """A curve with everything in its place, in px from the upper left corner."""

    x: Axis
    y: Axis
    line: tuple[tuple[float, float], ...]


def plot(curve: Curve) -> Plot:
    """Return where everything goes; points that are no numbers are left out."""
    points = [(step, error) for step, error in curve.points if math.isfinite(error)] or [(0, 0.0)]
    errors = [error for _, error in points]
    last = max(step for step, _ in points)
    y_log = min(errors) > 0 and max(errors) / min(errors) > LOG_RATIO
    x = Axis(
        0.0,
        math.log10(last + 1) if last >= LOG_ITERATIONS else float(max(last, 1)),
        LEFT,
        WIDTH - RIGHT,
        last >= LOG_ITERATIONS,
        is_iterations=True,
    )
    y = Axis(*_limits(errors, y_log), HEIGHT - BOTTOM, TOP, y_log)
    return Plot(x, y, tuple(_thinned([(x.at(step), y.at(error)) for step, error in points])))


def _limits(errors: list[float], is_log: bool) -> tuple[float, float]:
    low, high = (math.log10(min(errors)), math.log10(max(errors))) if is_log else (min(errors), max(errors))
    if is_log:
        return math.floor(low), math.ceil(high)
    # A linear axis begins at 0, where that does not squeeze the curve.
    low = 0.0 if 0 <= low < 0.9 * high else low
    margin = 0.05 * (high - low) or 0.05 * abs(high) or 1.0
    return (low if low == 0 else low - margin), high + margin


def _thinned(line: list[tuple[float, float]]) -> list[tuple[float, float]]:
    if len(line) <= MOST_POINTS:
        return line
    return [line[round(place * (len(line) - 1) / (MOST_POINTS - 1))] for place in range(MOST_POINTS)]


def curve_svg(curve: Curve, description: str) -> str:
    """Return the curve as an SVG element, well-formed and readable on light and dark pages.

    >>> print(curve_svg(Curve(((0, 1.0), (1, 0.5)), "iterations", "error"), "The error.")[:60])
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 460 260
    """
    drawn = plot(curve)
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in drawn.line)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" width="{WIDTH:g}" '
        f'height="{HEIGHT:g}" role="img" aria-label={quoteattr(description)} '
        'font-family="Derive Roman, Latin Modern Roman, Georgia, serif">',
        f"<title>{escape(description)}</title>",
        f'<rect class="halo" width="{WIDTH:g}" height="{HEIGHT:g}" fill="#ffffff"/>',
        f'<path d="M{LEFT:g},{TOP:g} V{bottom:g} H{right:g}" fill="none" stroke="currentColor" stroke-width="0.8"/>',
        *(_svg_mark(f"M{tick.place:.1f},{bottom:g} v4") for tick in drawn.x.ticks),
        *(_svg_mark(f"M{LEFT:g},{tick.place:.1f} h-4") for tick in drawn.y.ticks),
        *(_svg_text(tick.place, bottom + 18, tick, "middle") for tick in drawn.x.ticks),
        *(_svg_text(LEFT - 8, tick.place + 0.33 * TEXT, tick, "end") for tick in drawn.y.ticks),
        f'<polyline points="{line}" fill="none" stroke="{ACCENT}" stroke-width="1.6" stroke-linejoin="round"/>',
        _svg_word((LEFT + right) / 2, HEIGHT - 8, curve.x_label),
        _svg_word(16, (TOP + bottom) / 2, curve.y_label, turned=True),
        "</svg>",
    ]
    return "\n".join(parts)


def _svg_mark(path: str) -> str:
    return f'<path d="{path}" stroke="currentColor" stroke-width="0.8"/>'


def _svg_text(x: float, y: float, tick: Tick, anchor: str) -> str:
    raised = f'<tspan dy="-4.5" font-size="{0.72 * TEXT:.1f}">{tick.exponent}</tspan>' if tick.exponent else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{TEXT:g}" text-anchor="{anchor}" fill="currentColor">'
        f"{tick.text}{raised}</text>"
    )


def _svg_word(x: float, y: float, word: str, *, turned: bool = False) -> str:
    turn = f' transform="rotate(-90 {x:.1f} {y:.1f})"' if turned else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{TEXT:g}" text-anchor="middle" fill="currentColor"{turn}>'
        f"{escape(word)}</text>"
    )


def curve_tikz(curve: Curve, words: Callable[[str], str]) -> str:
    """Return the curve as a TikZ picture of plain paths; ``words`` escapes a text for LaTeX."""
    drawn = plot(curve)
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    accent = "draw={rgb,255:red,194;green,65;blue,12}"
    line = " -- ".join(f"({_at(x, y)})" for x, y in drawn.line)
    lines = [
        r"\begin{tikzpicture}[x=0.022cm,y=-0.022cm,font=\footnotesize]",
        rf"\draw[line width=0.3pt] ({_at(LEFT, TOP)}) -- ({_at(LEFT, bottom)}) -- ({_at(right, bottom)});",
        *(_tikz_tick(tick, tick.place, bottom, (0, 4), "below") for tick in drawn.x.ticks),
        *(_tikz_tick(tick, LEFT, tick.place, (-4, 0), "left") for tick in drawn.y.ticks),
        rf"\draw[line width=0.7pt,{accent},line join=round] {line};",
        rf"\node at ({_at((LEFT + right) / 2, HEIGHT - 8)}) {{{words(curve.x_label)}}};",
        rf"\node[rotate=90] at ({_at(12, (TOP + bottom) / 2)}) {{{words(curve.y_label)}}};",
        r"\end{tikzpicture}",
    ]
    return "\n".join(lines)


def _at(x: float, y: float) -> str:
    return f"{x:.1f},{y:.1f}"


def _tikz_tick(tick: Tick, x: float, y: float, mark: tuple[float, float], side: str) -> str:
    power = rf"^{{{tick.exponent.replace('−', '-')}}}" if tick.exponent else ""
    text = tick.text.replace("−", "-").replace(",", "{,}")
    ends = f"({_at(x, y)}) -- ({_at(x + mark[0], y + mark[1])})"
    return rf"\draw[line width=0.3pt] {ends} node[{side},inner sep=2pt] {{${text}{power}$}};"
