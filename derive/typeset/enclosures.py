"""Boxes and strokes around a formula."""

from __future__ import annotations

from derive.typeset.boxes import Box, Placed, Rule, overlay
from derive.typeset.errors import MathError
from derive.typeset.layout import Style, sets
from derive.typeset.mathml import Node
from derive.typeset.rows import joined, row_items

# LaTeX's \fboxsep and \fboxrule, 3 pt and 0.4 pt.
PADDING, LINE = 0.3, 0.04

_SIDES = {
    "box": "left right top bottom",
    "roundedbox": "left right top bottom",
    "left": "left",
    "right": "right",
    "top": "top",
    "bottom": "bottom",
    "actuarial": "right top",
    "horizontalstrike": "middle",
    "verticalstrike": "centre",
    "updiagonalstrike": "up",
    "downdiagonalstrike": "down",
}

STRIKES = {"middle", "centre", "up", "down"}


@sets("menclose")
def _enclosed(node: Node, style: Style) -> Box:
    children = [child for child in node.children if not child.get("class").startswith("menclose-")]
    inner = joined(row_items(children, style))
    names = node.get("notation", "box").split()
    unknown = [name for name in names if name not in _SIDES]
    if unknown:
        raise MathError(f'<menclose notation="{unknown[0]}"> cannot be typeset: derive.typeset does not know it')
    sides = {side for name in names for side in _SIDES[name].split()}
    around = PADDING + LINE if sides - STRIKES else 0.0
    width = inner.width + 2 * around
    height, depth = inner.height + around, inner.depth + around
    tall, wide = Rule(LINE, height + depth, style.colour), Rule(width, LINE, style.colour)
    rules = {
        "left": Placed(0.0, -depth, tall),
        "right": Placed(width - LINE, -depth, tall),
        "top": Placed(0.0, height - LINE, wide),
        "bottom": Placed(0.0, -depth, wide),
        "middle": Placed(0.0, style.axis, wide),
        "centre": Placed(width / 2, -depth, tall),
        "up": Placed(0.0, -depth, Rule(width, LINE, style.colour, height + depth)),
        "down": Placed(0.0, height, Rule(width, LINE, style.colour, -height - depth)),
    }
    drawn = [rules[side] for side in sorted(sides)]
    return overlay(width, height, depth, Placed(around, 0.0, inner), *drawn)
