"""Bars of counts, each in parts of a few kinds, as SVG: a row for each, and what the kinds are above them."""

from collections.abc import Iterator
from dataclasses import dataclass

from derive.figure.svg import ACCENT, opened, text_svg
from derive.figure.text import width_of, words

ROW, BAR, GAP, MARGIN, LEGEND = 20.0, 13.0, 10.0, 12.0, 24.0  # px
WIDTH = 300.0  # of the longest bar
TEXT = 13.5
LOWERED = 0.33 * TEXT  # from the middle of a line of text to its base
# From light to dark, so that they differ in grey and for the colour-blind; the kind that matters most has the accent.
FILLS = ("#e5e5e5", "#b5b5b5", "#7a7a7a", ACCENT, "#ffffff")


@dataclass(frozen=True)
class Bar:
    """A row: its label, how many there are of each kind, and what stands behind it."""

    label: str
    parts: tuple[int, ...]
    remark: str = ""


def bars_svg(bars: tuple[Bar, ...], kinds: tuple[str, ...], description: str, details: str = "") -> str:
    """Return the bars as an SVG element; ``kinds`` says in words what the parts are, at most five.

    >>> print(bars_svg((Bar("net", (3, 1)),), ("right", "wrong"), "Answers.")[:58])
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 354.8
    """
    left = 2 * MARGIN + max((_width(bar.label) for bar in bars), default=0.0)
    right = MARGIN + max((GAP + _width(bar.remark) for bar in bars if bar.remark), default=0.0)
    most = max((sum(bar.parts) for bar in bars), default=0) or 1
    legend = list(_legend(kinds))
    width = max(left + WIDTH + right, max((end for _, _, end in legend), default=0.0) + MARGIN)
    height = 2 * MARGIN + LEGEND + ROW * len(bars)
    parts = [opened(round(width, 1), height, description, details)]
    for place, (kind, x, _) in enumerate(legend):
        parts.append(_box(x, MARGIN, BAR, FILLS[place]))
        parts.append(text_svg(words(kind), x + BAR + 5, MARGIN + BAR / 2 + LOWERED, TEXT, "start"))
    for place, bar in enumerate(bars):
        parts += _row(bar, MARGIN + LEGEND + ROW * place, left, WIDTH / most)
    return "\n".join([*parts, "</svg>"])


def _legend(kinds: tuple[str, ...]) -> Iterator[tuple[str, float, float]]:
    """Yield each kind, where it begins and where it ends."""
    x = MARGIN
    for kind in kinds:
        end = x + BAR + 5 + _width(kind)
        yield kind, x, end
        x = end + 2 * GAP


def _row(bar: Bar, top: float, left: float, unit: float) -> Iterator[str]:
    base = top + BAR / 2 + LOWERED
    yield text_svg(words(bar.label), left - MARGIN, base, TEXT, "end")
    x = left
    for count, fill in zip(bar.parts, FILLS, strict=False):
        if count:
            yield _box(x, top, count * unit, fill)
        x += count * unit
    if bar.remark:
        yield text_svg(words(bar.remark), x + GAP, base, TEXT, "start")


def _box(x: float, top: float, width: float, fill: str) -> str:
    return (
        f'<rect x="{x:.1f}" y="{top:.1f}" width="{width:.1f}" height="{BAR:g}" fill="{fill}" stroke="#404040" '
        'stroke-width="0.8"/>'
    )


def _width(text: str) -> float:
    return TEXT * width_of(words(text)) if text else 0.0
