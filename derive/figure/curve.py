"""The curve of an error over iterations: one layout, written as SVG and as plain TikZ."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

from derive.figure.svg import ACCENT, opened, text_svg
from derive.figure.text import ABOVE, SMALL, Runs, width_of, words
from derive.notation import latex_text

WIDTH, HEIGHT = 342.0, 230.0  # px: a phone's column
LEFT, RIGHT, TOP, BOTTOM = 74.0, 24.0, 14.0, 50.0  # the margins in px; the left one grows with its labels
TEXT = 13.5
LOWERED = 0.33 * TEXT  # from the middle of a line of text to its base
MOST_TICKS, MOST_POINTS = 6, 400
LOG_RATIO, LOG_ITERATIONS = 20, 100
LOG_STEPS = (1, 2, 3, 5, 10, 20, 30, 50, 100, 200)
LARGEST_PLAIN = 4  # the power of ten up to which an iteration is written out
PLAIN_ERRORS = range(-3, 6)  # the powers of ten of the largest error on a linear axis that has no power at its labels
FLAT = 1e-6  # the change, relative to the size, below which errors count as equal


@dataclass(frozen=True)
class Curve:
    """Points (iteration, error) in the order of the iterations, the words at the axes; ``number`` writes numbers."""

    points: tuple[tuple[int, float], ...]
    x_label: str
    y_label: str
    number: Callable[[str], str] = str


@dataclass(frozen=True)
class Tick:
    """A tick of an axis: its position in px, and its label, a number or a power of ten."""

    position: float
    text: str
    exponent: str = ""

    @property
    def width(self) -> float:
        """The label's width in px."""
        return TEXT * width_of(self.runs)

    @property
    def runs(self) -> Runs:
        """What is written."""
        return (*words(self.text), *words(self.exponent, scale=SMALL, rise=ABOVE))


@dataclass(frozen=True)
class Axis:
    """One axis: which values it shows, and whether by their logarithms.

    ``low`` and ``high`` are its ends after ``scale``, ``start`` and ``end`` these ends in px. A linear axis counts in
    ``unit``, a power of ten given by its exponent. ``number`` writes a label in the reader's language.
    """

    low: float
    high: float
    start: float
    end: float
    is_log: bool
    is_iterations: bool = False
    unit: int = 0
    number: Callable[[str], str] = field(default=str, compare=False)

    def scale(self, value: float) -> float:
        """Return the value in units, or its logarithm to base 10; on the axis of iterations that of one more."""
        if not self.is_log:
            return value / 10.0**self.unit
        return math.log10(value + 1) if self.is_iterations else math.log10(value)

    def at(self, value: float) -> float:
        """Return the position of a value in px.

        >>> Axis(0.0, 2.0, 100.0, 500.0, is_log=True).at(10.0)
        300.0
        """
        return self._position(self.scale(value))

    def _position(self, scaled: float) -> float:
        return self.start + (scaled - self.low) / (self.high - self.low) * (self.end - self.start)

    @cached_property
    def ticks(self) -> tuple[Tick, ...]:
        """The marks, a few of them."""
        if not self.is_log:
            return tuple(self._linear_ticks())
        return tuple(self._iteration_powers() if self.is_iterations else self._error_powers())

    def _iteration_powers(self) -> Iterator[Tick]:
        yield Tick(self.start, "0")
        for power in _powers(0, math.floor(self.high)):
            position = self.at(10**power)
            if self.start + 0.75 * TEXT < position <= self.end:
                yield (
                    Tick(position, self.number(f"{10**power:,}"))
                    if power <= LARGEST_PLAIN
                    else Tick(position, "10", str(power))
                )

    def _error_powers(self) -> Iterator[Tick]:
        for power in _powers(round(self.low), round(self.high)):
            yield Tick(self._position(power), "10", _minus(str(power)))

    def _linear_ticks(self) -> Iterator[Tick]:
        step = _nice((self.high - self.low) / (MOST_TICKS - 1))
        if self.is_iterations:
            step = max(1.0, step)
        decimals = max(0, -math.floor(math.log10(step) + 1e-9))
        for number in range(math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9) + 1):
            position = self._position(number * step)
            text = _signed(number * step, decimals, self.number)
            if not self.unit:
                yield Tick(position, text)
            else:
                yield Tick(position, f"{text}·10", _minus(str(self.unit))) if number else Tick(position, "0")


def _powers(low: int, high: int) -> range:
    """Return evenly spaced powers of ten from low to high, at most so many as an axis has marks.

    >>> list(_powers(-3, 1)), list(_powers(-13, 1))
    ([-3, -2, -1, 0, 1], [-12, -9, -6, -3, 0])
    """
    step = next(step for step in LOG_STEPS if high - low < step * MOST_TICKS)
    return range(-(-low // step) * step, high + 1, step)


def _nice(step: float) -> float:
    """Return the next larger of 1, 2, 5, 10, … times a power of ten.

    >>> _nice(0.13), _nice(3.0), _nice(70.0)
    (0.2, 5.0, 100.0)
    """
    size = 10.0 ** math.floor(math.log10(step))
    return next((factor * size for factor in (1, 2, 5) if factor * size >= step * (1 - 1e-9)), 10 * size)


def _signed(value: float, decimals: int, number: Callable[[str], str]) -> str:
    text = number(f"{abs(value):,.{decimals}f}")
    return f"−{text}" if value < 0 else text


def _minus(number: str) -> str:
    return number.replace("-", "−")


@dataclass(frozen=True)
class Mark:
    """A tick as it is drawn: a line from ``x``, ``y`` by ``dx``, ``dy``; its label stands on the base ``text_y``."""

    tick: Tick
    x: float
    y: float
    dx: float
    dy: float
    text_x: float
    text_y: float
    anchor: str


@dataclass(frozen=True)
class Word:
    """What an axis shows, centred at a point on its base; turned, it reads upwards."""

    text: str
    x: float
    y: float
    turned: bool = False


@dataclass(frozen=True)
class Plot:
    """A curve as it is drawn; all positions are in px from the upper left corner."""

    x: Axis
    y: Axis
    line: tuple[tuple[float, float], ...]
    words: tuple[Word, Word]

    @property
    def corners(self) -> tuple[tuple[float, float], ...]:
        """The line of both axes."""
        return (self.x.start, self.y.end), (self.x.start, self.y.start), (self.x.end, self.y.start)

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The ticks of both axes."""
        left, bottom = self.x.start, self.y.start
        return (
            *(Mark(t, t.position, bottom, 0, 4, t.position, bottom + 18, "middle") for t in self.x.ticks),
            *(Mark(t, left, t.position, -4, 0, left - 8, t.position + LOWERED, "end") for t in self.y.ticks),
        )


def plot(curve: Curve) -> Plot:
    """Return where everything goes; points that are not finite are left out."""
    points = tuple((step, error) for step, error in curve.points if math.isfinite(error))
    y = _error_axis([error for _, error in points] or [0.0])
    left = max(LEFT, 38 + max(tick.width for tick in y.ticks))
    x = _iteration_axis(max((step for step, _ in points), default=0), left)
    x, y = replace(x, number=curve.number), replace(y, number=curve.number)
    words = (
        Word(curve.x_label, (x.start + x.end) / 2, HEIGHT - 12 + LOWERED),
        Word(curve.y_label, 12 + LOWERED, (y.start + y.end) / 2, turned=True),
    )
    return Plot(x, y, _thinned(tuple((x.at(step), y.at(error)) for step, error in points)), words)


def _iteration_axis(last: int, left: float) -> Axis:
    is_log = last >= LOG_ITERATIONS
    high = math.log10(last + 1) if is_log else float(max(last, 1))
    return Axis(0.0, high, left, WIDTH - RIGHT, is_log, is_iterations=True)


def _error_axis(errors: list[float]) -> Axis:
    low, high = min(errors), max(errors)
    start, end = HEIGHT - BOTTOM, TOP
    if low > 0 and high / low > LOG_RATIO:
        return Axis(math.floor(math.log10(low)), math.ceil(math.log10(high)), start, end, is_log=True)
    unit = _unit(max(abs(low), abs(high)))
    return Axis(*_limits(low / 10.0**unit, high / 10.0**unit), start, end, is_log=False, unit=unit)


def _unit(size: float) -> int:
    exponent = math.floor(math.log10(size)) if size else 0
    return 0 if exponent in PLAIN_ERRORS else max(exponent, -300)


def _limits(low: float, high: float) -> tuple[float, float]:
    """Return the ends of a linear axis; it begins at 0, where that does not squeeze the curve."""
    size = max(abs(low), abs(high))
    low = 0.0 if 0 <= low < 0.9 * high else low
    margin = 0.05 * (high - low if high - low > FLAT * size else size) or 1.0
    return (low if low == 0 else low - margin), high + margin


def _thinned(line: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    """Return the first point, the last one, and between them the first in each of many steps of equal width."""
    if len(line) <= MOST_POINTS:
        return line
    start = line[0][0]
    width = (line[-1][0] - start) / (MOST_POINTS - 2) or 1.0
    steps: dict[int, tuple[float, float]] = {}
    for x, y in line[1:-1]:
        steps.setdefault(min(int((x - start) / width), MOST_POINTS - 3), (x, y))
    return line[0], *steps.values(), line[-1]


def curve_svg(curve: Curve, description: str, details: str = "", *, is_start: bool = False) -> str:
    """Return the curve as an SVG element, well-formed and readable on light and dark pages.

    One that ``is_start`` is said to be that of the numbers of the start.

    >>> print(curve_svg(Curve(((0, 1.0), (1, 0.5)), "iterations", "error"), "The error.")[:60])
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 342 230
    """
    drawn = plot(curve)
    parts = [
        opened(WIDTH, HEIGHT, description, details, is_start=is_start),
        f'<polyline points="{_svg_points(drawn.corners)}" fill="none" stroke="currentColor" stroke-width="0.8"/>',
        *map(_svg_mark, drawn.marks),
        *_svg_curve(drawn.line),
        *map(_svg_word, drawn.words),
        "</svg>",
    ]
    return "\n".join(parts)


def _svg_points(line: tuple[tuple[float, float], ...]) -> str:
    return " ".join(_at(x, y) for x, y in line)


def _svg_curve(line: tuple[tuple[float, float], ...]) -> Iterator[str]:
    if len(line) == 1:
        ((x, y),) = line
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{ACCENT}"/>'
    elif line:
        yield (
            f'<polyline points="{_svg_points(line)}" fill="none" stroke="{ACCENT}" stroke-width="1.6" '
            'stroke-linejoin="round"/>'
        )


def _svg_mark(mark: Mark) -> str:
    return (
        f'<path d="M{_at(mark.x, mark.y)} l{mark.dx:g},{mark.dy:g}" stroke="currentColor" stroke-width="0.8"/>'
        f"{text_svg(mark.tick.runs, mark.text_x, mark.text_y, TEXT, mark.anchor)}"
    )


def _svg_word(word: Word) -> str:
    return text_svg(words(word.text), word.x, word.y, TEXT, "middle", turned=word.turned)


def curve_tikz(curve: Curve) -> str:
    """Return the curve as a TikZ picture of plain paths, 8.4 cm wide."""
    drawn = plot(curve)
    return "\n".join(
        [
            r"\begin{tikzpicture}[x=0.0245cm,y=-0.0245cm,font=\footnotesize]",
            rf"\draw[line width=0.3pt] {_tikz_points(drawn.corners)};",
            *map(_tikz_mark, drawn.marks),
            *_tikz_curve(drawn.line),
            *(_tikz_word(word) for word in drawn.words),
            r"\end{tikzpicture}",
        ]
    )


def _at(x: float, y: float) -> str:
    return f"{x:.1f},{y:.1f}"


def _tikz_points(line: tuple[tuple[float, float], ...]) -> str:
    return " -- ".join(f"({_at(x, y)})" for x, y in line)


def _tikz_curve(line: tuple[tuple[float, float], ...]) -> Iterator[str]:
    accent = "{rgb,255:red,194;green,65;blue,12}"
    if len(line) == 1:
        yield rf"\fill[fill={accent}] {_tikz_points(line)} circle [radius=0.055cm];"
    elif line:
        yield rf"\draw[line width=0.7pt,draw={accent},line join=round] {_tikz_points(line)};"


def _tikz_mark(mark: Mark) -> str:
    tick = mark.tick
    power = rf"^{{{tick.exponent}}}" if tick.exponent else ""
    text = f"{tick.text}{power}".replace("−", "-").replace(",", "{,}").replace("·", r" \cdot ")
    text = text.replace("\u202f", r"\,")
    ends = _tikz_points(((mark.x, mark.y), (mark.x + mark.dx, mark.y + mark.dy)))
    side = "base" if mark.anchor == "middle" else "base east"
    node = rf"\node[anchor={side},inner sep=0pt] at ({_at(mark.text_x, mark.text_y)})"
    return rf"\draw[line width=0.3pt] {ends}; {node} {{${text}$}};"


def _tikz_word(word: Word) -> str:
    turned = "rotate=90," if word.turned else ""
    return rf"\node[{turned}anchor=base,inner sep=0pt] at ({_at(word.x, word.y)}) {{{latex_text.escape(word.text)}}};"
