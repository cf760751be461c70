"""Subscripts and superscripts, limits, and things above and below: accents, braces, arrows.

The heights follow The TeXbook, appendix G, rules 12, 13a and 18, with the constants of the MATH table.
"""

from __future__ import annotations

from dataclasses import replace

from derive.typeset import stretch
from derive.typeset.boxes import Box, Placed, Rule, overlay
from derive.typeset.layout import Style, coloured, layout, sets
from derive.typeset.mathml import Node, core_operator
from derive.typeset.operators import operator
from derive.typeset.tokens import set_text

COMBINING = {
    "ˆ": "\u0302", "^": "\u0302", "˜": "\u0303", "~": "\u0303", "¯": "\u0304", "˙": "\u0307", "¨": "\u0308",
    "ˇ": "\u030c", "´": "\u0301", "`": "\u0300", "˘": "\u0306", "°": "\u030a", "˚": "\u030a", "⃛": "\u20db",
    "⃗": "\u20d7", "→": "\u20d7",
}  # fmt: skip
LINES = frozenset("¯‾_\u0332\u0305\u0304")


@sets("msub")
def _sub(node: Node, style: Style) -> Box:
    return scripted(node.children[0], node.children[1], None, style)


@sets("msup")
def _sup(node: Node, style: Style) -> Box:
    return scripted(node.children[0], None, node.children[1], style)


@sets("msubsup")
def _subsup(node: Node, style: Style) -> Box:
    base, below, above = node.children
    return scripted(base, below, above, style)


def scripted(base: Node, sub: Node | None, sup: Node | None, style: Style) -> Box:
    return with_scripts(layout(base, style), sub, sup, style)


def with_scripts(nucleus: Box, sub: Node | None, sup: Node | None, style: Style) -> Box:
    """A box with a subscript, a superscript or both."""
    below = layout(sub, style.script(cramped=True)) if sub else None
    above = layout(sup, style.script()) if sup else None
    down, up = _shifts(nucleus, below, above, style)
    after = style.constant("SpaceAfterScript")
    parts, width, height, depth = [Placed(0.0, 0.0, nucleus)], nucleus.width, nucleus.height, nucleus.depth
    if above:
        parts.append(Placed(nucleus.width, up, above))
        width = max(width, nucleus.width + above.width + after)
        height = max(height, up + above.height)
    if below:
        # The subscript moves back under the lean of the letter.
        left = nucleus.width - nucleus.italic
        parts.append(Placed(left, -down, below))
        width = max(width, left + below.width + after)
        depth = max(depth, down + below.depth)
        height = max(height, below.height - down)
    if above:
        depth = max(depth, above.depth - up)
    return overlay(width, height, depth, *parts)


def _shifts(nucleus: Box, below: Box | None, above: Box | None, style: Style) -> tuple[float, float]:
    """How far the subscript goes down and the superscript up."""
    constant = style.constant
    down = 0.0 if nucleus.single else nucleus.depth + constant("SubscriptBaselineDropMin")
    up = 0.0 if nucleus.single else nucleus.height - constant("SuperscriptBaselineDropMax")
    if above:
        name = "SuperscriptShiftUp" + ("Cramped" if style.cramped else "Display" if style.display else "")
        up = max(up, constant(name), above.depth + constant("SuperscriptBottomMin"))
    if below is None:
        return down, up
    if above is None:
        least = constant("SubscriptShiftDownAlone")
        return max(down, least, below.height - constant("SubscriptTopMax")), up
    down = max(down, constant("SubscriptShiftDown"))
    gap = up - above.depth - (below.height - down)
    if gap < constant("SubSuperscriptGapMin"):
        down += constant("SubSuperscriptGapMin") - gap
        lift = constant("SuperscriptBottomMaxWithSubscript") - (up - above.depth)
        if lift > 0:
            up, down = up + lift, down - lift
    return down, up


@sets("munder")
def _under(node: Node, style: Style) -> Box:
    base, below = node.children
    return _stacked(node, base, below, None, style)


@sets("mover")
def _over(node: Node, style: Style) -> Box:
    base, above = node.children
    return _stacked(node, base, None, above, style)


@sets("munderover")
def _underover(node: Node, style: Style) -> Box:
    base, below, above = node.children
    return _stacked(node, base, below, above, style)


def _stacked(node: Node, base: Node, below: Node | None, above: Node | None, style: Style) -> Box:
    core = core_operator(base)
    if core and not style.display and operator(core.text, "infix").limits:
        return scripted(base, below, above, style)
    mark = above if above is not None and below is None else below
    if mark is not None and mark.tag == "mo" and (below is None or above is None):
        marked = _marked(node, base, mark, style, over=above is not None)
        if marked:
            return marked
    return _limits(base, below, above, style)


def _marked(node: Node, base: Node, mark: Node, style: Style, *, over: bool) -> Box | None:
    """A base with an accent, a line, a brace or an arrow; None when the mark is none of these."""
    accented = node.get("accent" if over else "accentunder") == "true"
    inner = layout(base, replace(style, cramped=True))
    sign = mark.text
    stretchy = mark.get("stretchy", "true" if operator(sign, "postfix").wide else "false") == "true"
    if accented and sign in LINES and stretchy:
        return _lined(inner, style, over=over)
    if stretchy and operator(sign, "postfix").wide and sign not in COMBINING:
        return _braced(inner, sign, coloured(mark, style), over=over)
    if stretchy and accented and sign == "→" and inner.width > 0.6 * style.size:
        return _braced(inner, sign, coloured(mark, style), over=over, gap=0.08)
    if accented and over:
        return _accented(inner, COMBINING.get(sign, sign), coloured(mark, style), stretchy)
    return None


def _lined(base: Box, style: Style, *, over: bool) -> Box:
    name = "Overbar" if over else "Underbar"
    gap, thick = style.constant(name + "VerticalGap"), style.constant(name + "RuleThickness")
    extra = style.constant("OverbarExtraAscender" if over else "UnderbarExtraDescender")
    y = base.height + gap if over else -base.depth - gap - thick
    rule = Placed(0.0, y, Rule(base.width, thick, style.colour))
    reach = gap + thick + extra
    height, depth = base.height + (reach if over else 0.0), base.depth + (0.0 if over else reach)
    return overlay(base.width, height, depth, Placed(0.0, 0.0, base), rule)


# LaTeX leaves 3 pt between a brace and what it embraces.
BRACE_GAP = 0.3


def _braced(base: Box, sign: str, style: Style, *, over: bool, gap: float = BRACE_GAP) -> Box | None:
    brace = stretch.horizontal(sign, base.width, style)
    if brace is None:
        return None
    width = max(base.width, brace.width)
    distance = gap * style.size
    # The ink of the brace stands at a fixed distance, wherever its own baseline is.
    y = base.height + distance + brace.depth if over else -base.depth - distance - brace.height
    parts = (Placed((width - base.width) / 2, 0.0, base), Placed((width - brace.width) / 2, y, brace))
    height = max(base.height, y + brace.height)
    return overlay(width, height, max(base.depth, brace.depth - y), *parts)


def _accented(base: Box, sign: str, style: Style, stretchy: bool) -> Box:
    wide = stretch.horizontal(sign, base.width, style, at_most=True) if stretchy else None
    mark = wide or set_text(sign, style)
    # Where the accent's own middle is, its attachment; combining accents reach to the left of their origin.
    attachment = mark.accent if mark.accent is not None else mark.width / 2
    middle = base.accent if base.accent is not None else base.width / 2
    lift = base.height - min(base.height, style.constant("AccentBaseHeight"))
    top = lift + mark.height
    placed = (Placed(0.0, 0.0, base), Placed(middle - attachment, lift, mark))
    box = overlay(base.width, max(base.height, top), base.depth, *placed)
    return replace(box, italic=base.italic, single=base.single)


def _limits(base: Node, below: Node | None, above: Node | None, style: Style) -> Box:
    nucleus = layout(base, style)
    over = layout(above, style.script()) if above else None
    under = layout(below, style.script(cramped=True)) if below else None
    core = core_operator(base)
    if core is base and operator(base.text, "infix").wide:
        target = max(box.width for box in (over, under) if box)
        nucleus = stretch.horizontal(base.text, target, style) or nucleus
    lean = nucleus.italic / 2
    width = max(nucleus.width, *(box.width + 2 * lean for box in (over, under) if box))
    parts = [Placed((width - nucleus.width) / 2, 0.0, nucleus)]
    height, depth, padding = nucleus.height, nucleus.depth, style.constant("LimitPadding")
    if over:
        gap = max(style.constant("UpperLimitGapMin"), style.constant("UpperLimitBaselineRiseMin") - over.depth)
        y = nucleus.height + gap + over.depth
        parts.append(Placed((width - over.width) / 2 + lean, y, over))
        height = y + over.height + padding
    if under:
        gap = max(style.constant("LowerLimitGapMin"), style.constant("LowerLimitBaselineDropMin") - under.height)
        y = nucleus.depth + gap + under.height
        parts.append(Placed((width - under.width) / 2 - lean, -y, under))
        depth = y + under.depth + padding
    return overlay(width, height, depth, *parts)
