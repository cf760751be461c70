"""From MathML to boxes: the style that is handed down the tree, and who lays out which element.

Every kind of element has its function in a file of its own (tokens, rows, scripts, fractions, tables, enclosures),
registered here by the name of the element.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from derive.typeset.boxes import Box
from derive.typeset.errors import MathError, UnknownElement
from derive.typeset.font import math_face
from derive.typeset.mathml import Node


@dataclass(frozen=True, slots=True)
class Style:
    """How a part of a formula is set.

    `display` as in a displayed formula, not in a line of text; `level` 0, 1 for scripts, 2 for scripts of scripts;
    `cramped` under a line or in a subscript, where superscripts rise less.
    """

    display: bool = True
    level: int = 0
    cramped: bool = False
    colour: str | None = None

    @property
    def size(self) -> float:
        constants = math_face().constants
        if self.level == 0:
            return 1.0
        return constants["ScriptPercentScaleDown" if self.level == 1 else "ScriptScriptPercentScaleDown"] / 100

    def script(self, *, cramped: bool = False) -> Style:
        """The style of a superscript, or cramped of a subscript."""
        return replace(self, display=False, level=min(2, self.level + 1), cramped=self.cramped or cramped)

    def constant(self, name: str) -> float:
        """A constant of the MATH table at this size."""
        return math_face().constants[name] * self.size

    @property
    def axis(self) -> float:
        """The height of fraction bars and of the middle of fences above the baseline."""
        return self.constant("AxisHeight")

    @property
    def rule(self) -> float:
        """The thickness of a fraction bar."""
        return self.constant("FractionRuleThickness")


# How many children these elements have, as MathML says.
PARTS = {"mfrac": 2, "mroot": 2, "msub": 2, "msup": 2, "munder": 2, "mover": 2, "msubsup": 3, "munderover": 3}

Setter = Callable[[Node, Style], Box]
_setters: dict[str, Setter] = {}


def sets(*tags: str) -> Callable[[Setter], Setter]:
    """Registers the function that lays out these elements."""

    def register(setter: Setter) -> Setter:
        _setters.update(dict.fromkeys(tags, setter))
        return setter

    return register


def layout(node: Node, style: Style) -> Box:
    """The box of an element.

    Raises UnknownElement for one that nobody lays out, MissingGlyph for a character that no font has, MathError for
    one with too few or too many parts.
    """
    setter = _setters.get(node.tag)
    if setter is None:
        raise UnknownElement(node.tag)
    parts = PARTS.get(node.tag)
    if parts is not None and len(node.children) != parts:
        raise MathError(f"<{node.tag}> has {len(node.children)} parts and needs {parts}")
    return setter(node, coloured(node, style))


def coloured(node: Node, style: Style) -> Style:
    """The style with the colour that an element asks for."""
    if not node.attributes:
        return style
    colour = node.get("mathcolor") or node.css.get("color")
    return replace(style, colour=colour) if colour else style
