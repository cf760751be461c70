"""Fractions and roots, after The TeXbook, appendix G, rules 11 and 15."""

from __future__ import annotations

from dataclasses import replace

from derive.typeset import stretch
from derive.typeset.boxes import Box, Placed, Rule, overlay
from derive.typeset.layout import Style, layout, sets
from derive.typeset.mathml import Node, length
from derive.typeset.rows import inner_style, joined, row_items

# TeX's \nulldelimiterspace, 1.2 pt: the room on each side of a fraction.
SIDE = 0.12


@sets("mfrac")
def _fraction(node: Node, style: Style) -> Box:
    above, below = fraction_styles(node, style)
    return fraction(node, layout(node.children[0], above), layout(node.children[1], below), style)


def fraction_styles(node: Node, style: Style) -> tuple[Style, Style]:
    """The styles of a fraction's numerator and denominator."""
    style = inner_style(node, style)
    inner = replace(style, display=False) if style.display else style.script()
    return inner, replace(inner, cramped=True)


def fraction(node: Node, top: Box, bottom: Box, style: Style) -> Box:
    """The fraction of two boxes; the element says how thick the bar is."""
    style = inner_style(node, style)
    rule = style.rule
    thickness = node.get("linethickness")
    if thickness:
        rule = length(thickness, 0.0) if thickness[-1].isalpha() else float(thickness) * rule
    up, down = _stack_shifts(top, bottom, style) if not rule else _shifts(top, bottom, rule, style)
    width = max(top.width, bottom.width)
    parts = [
        Placed(SIDE + (width - top.width) / 2, up, top),
        Placed(SIDE + (width - bottom.width) / 2, -down, bottom),
    ]
    if rule:
        parts.insert(1, Placed(SIDE, style.axis - rule / 2, Rule(width, rule, style.colour)))
    return overlay(width + 2 * SIDE, up + top.height, down + bottom.depth, *parts)


def _shifts(top: Box, bottom: Box, rule: float, style: Style) -> tuple[float, float]:
    """The numerator's baseline above and the denominator's below the baseline, clear of the bar."""
    kind = "DisplayStyle" if style.display else ""
    up = style.constant(f"FractionNumerator{kind}ShiftUp")
    down = style.constant(f"FractionDenominator{kind}ShiftDown")
    above = style.constant(f"FractionNum{kind}GapMin" if kind else "FractionNumeratorGapMin")
    below = style.constant(f"FractionDenom{kind}GapMin" if kind else "FractionDenominatorGapMin")
    up = max(up, style.axis + rule / 2 + above + top.depth)
    return up, max(down, bottom.height + below + rule / 2 - style.axis)


def _stack_shifts(top: Box, bottom: Box, style: Style) -> tuple[float, float]:
    """The same without a bar, as in a binomial."""
    kind = "DisplayStyle" if style.display else ""
    up = style.constant(f"StackTop{kind}ShiftUp")
    down = style.constant(f"StackBottom{kind}ShiftDown")
    missing = style.constant(f"Stack{kind}GapMin") - (up - top.depth + down - bottom.height)
    half = max(0.0, missing / 2)
    return up + half, down + half


@sets("msqrt")
def _square_root(node: Node, style: Style) -> Box:
    return root(joined(row_items(node.children, replace(style, cramped=True))), style)


@sets("mroot")
def _root(node: Node, style: Style) -> Box:
    radicand = layout(node.children[0], replace(style, cramped=True))
    degree = layout(node.children[1], replace(style, display=False, level=2))
    box = root(radicand, style)
    before, after = style.constant("RadicalKernBeforeDegree"), style.constant("RadicalKernAfterDegree")
    raised = style.constant("RadicalDegreeBottomRaisePercent") / style.size / 100
    y = raised * box.extent - box.depth + degree.depth
    left = max(0.0, before + degree.width + after)
    x = left - after - degree.width
    height = max(box.height, y + degree.height)
    return overlay(left + box.width, height, box.depth, Placed(x, y, degree), Placed(left, 0.0, box))


def root(radicand: Box, style: Style) -> Box:
    """A root sign, tall enough, joined to a bar over the radicand."""
    thick = style.constant("RadicalRuleThickness")
    gap = style.constant("RadicalDisplayStyleVerticalGap" if style.display else "RadicalVerticalGap")
    sign = stretch.vertical("√", radicand.extent + gap + thick, style)
    # A sign taller than needed leaves its excess half above and half below.
    gap = max(gap, (gap + sign.extent - thick - radicand.extent) / 2)
    top = radicand.height + gap + thick
    bar = Rule(radicand.width, thick, style.colour)
    return overlay(
        sign.width + radicand.width,
        top + style.constant("RadicalExtraAscender"),
        max(radicand.depth, sign.extent - top),
        Placed(0.0, top - sign.height, sign),
        Placed(sign.width, top - thick, bar),
        Placed(sign.width, 0.0, radicand),
    )
