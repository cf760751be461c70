"""Rows: operators get their space, fences grow to what they enclose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from derive.typeset import stretch
from derive.typeset.boxes import EMPTY, Box, beside, hidden, padded, space
from derive.typeset.layout import Style, coloured, layout, sets
from derive.typeset.mathml import Node, core_operator, is_space, length
from derive.typeset.operators import THIN, Operator, operator

# TeX's \delimiterfactor and \delimitershortfall: a fence may be a little shorter than what it encloses.
FENCE_FACTOR = 0.901
FENCE_SHORTFALL = 0.5


@dataclass(frozen=True, slots=True)
class Item:
    """One element of a row: its box, the space around it, and the operator that it is, if it is one."""

    node: Node
    box: Box
    before: float = 0.0
    after: float = 0.0
    operator: Operator | None = None

    @property
    def kind(self) -> str:
        return self.operator.kind if self.operator else "operand"


@sets("mrow", "mstyle", "math", "mtd", "merror")
def _row(node: Node, style: Style) -> Box:
    if node.tag == "math":
        style = replace(style, display=node.get("display") == "block" or node.get("displaystyle") == "true")
    return joined(row_items(node.children, inner_style(node, style)))


@sets("mphantom")
def _phantom(node: Node, style: Style) -> Box:
    return hidden(joined(row_items(node.children, style)))


@sets("mpadded")
def _padded(node: Node, style: Style) -> Box:
    box = joined(row_items(node.children, style))
    width, height, depth = (length(node.get(name), -1.0) for name in ("width", "height", "depth"))
    moved = padded(box, length(node.get("lspace")), 0.0) if node.get("lspace") else box
    return replace(
        moved,
        width=box.width if width < 0 else width,
        height=box.height if height < 0 else height,
        depth=box.depth if depth < 0 else depth,
    )


def inner_style(node: Node, style: Style) -> Style:
    """The style within an element that sets displaystyle or scriptlevel."""
    display, level = node.get("displaystyle"), node.get("scriptlevel")
    if display:
        style = replace(style, display=display == "true")
    if level:
        value = style.level + int(level) if level[0] in "+-" else int(level)
        style = replace(style, level=min(2, max(0, value)))
    return style


def joined(items: Sequence[Item]) -> Box:
    """The items in a line, with the space around operators."""
    if len(items) == 1 and not items[0].before and not items[0].after:
        return items[0].box
    boxes: list[Box] = []
    for item in items:
        if item.before:
            boxes.append(space(item.before))
        boxes.append(item.box)
        if item.after:
            boxes.append(space(item.after))
    joined_box = beside(boxes)
    last = items[-1].box if items else EMPTY
    return replace(joined_box, italic=0.0 if items and items[-1].after else last.italic)


def row_items(children: Sequence[Node], style: Style, *, leading_infix: bool = False) -> list[Item]:
    """The children of a row laid out. `leading_infix`: a sign at the start stands between two things."""
    forms = _forms(children, leading_infix)
    growing = [_grows(child, form) for child, form in zip(children, forms, strict=True)]
    boxes: list[Box | None] = [
        None if grows else layout(child, style) for child, grows in zip(children, growing, strict=True)
    ]
    fixed = [box for box in boxes if box is not None]
    target = _fence_target(fixed, style)
    items = [
        _item(child, box if box is not None else _grown(child, target, style), form, style)
        for child, box, form in zip(children, boxes, forms, strict=True)
    ]
    return [
        replace(item, after=THIN) if _is_inner(item, following) and not style.level else item
        for item, following in zip(items, [*items[1:], None], strict=False)
    ]


def _is_inner(item: Item, following: Item | None) -> bool:
    """Whether this is a fenced group with a script before an operand: TeX keeps these apart by a thin space."""
    if following is None or item.operator or following.operator or is_space(following.node):
        return False
    base = item.node.children[0] if item.node.tag in ("msup", "msub", "msubsup") else None
    if base is None or base.tag != "mrow" or not base.children:
        return False
    last = base.children[-1]
    return last.tag == "mo" and last.get("stretchy") != "false" and operator(last.text, "postfix").fence


def _forms(children: Sequence[Node], leading_infix: bool) -> list[str]:
    """prefix, infix or postfix for each child, by its place among those that are not spaces."""
    shown = [index for index, child in enumerate(children) if not is_space(child)]
    forms = ["infix"] * len(children)
    if len(shown) > 1:
        forms[shown[-1]] = "postfix"
        forms[shown[0]] = "infix" if leading_infix else "prefix"
    return forms


def _entry(child: Node, form: str) -> Operator | None:
    core = core_operator(child)
    return operator(core.text, core.get("form") or form) if core else None


def _grows(child: Node, form: str) -> bool:
    core = core_operator(child)
    if core is None or core.get("stretchy") == "false" or core.get("minsize"):
        return False
    return operator(core.text, core.get("form") or form).fence or core.get("stretchy") == "true"


def _fence_target(boxes: list[Box], style: Style) -> float:
    """How tall a fence must be around these boxes, by TeX's rule."""
    axis = style.axis
    reach = max((max(box.height - axis, box.depth + axis) for box in boxes), default=0.0)
    return max(2 * reach * FENCE_FACTOR, 2 * reach - FENCE_SHORTFALL)


def _grown(child: Node, target: float, style: Style) -> Box:
    """A fence as tall as its row. One that carries scripts keeps its own size."""
    if child.tag == "mo" and len(child.text) == 1:
        return stretch.fence(child.text, target, coloured(child, style))
    return layout(child, style)


def _item(child: Node, box: Box, form: str, style: Style) -> Item:
    core, entry = core_operator(child), _entry(child, form)
    if core is None or entry is None:
        return Item(child, box)
    # TeX has no medium and thick spaces within scripts.
    before, after = (0.0 if style.level and side > THIN else side for side in (entry.before, entry.after))
    before = length(core.get("lspace"), before) * style.size
    after = length(core.get("rspace"), after) * style.size
    return Item(child, box, before, after, entry)
