"""MathML text → a tree of nodes, tidied so that layout and speech meet fewer cases."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from html.entities import html5
from types import MappingProxyType
from xml.etree import ElementTree

from derive.typeset.errors import MathError

TOKENS = frozenset({"mi", "mn", "mo", "mtext", "ms"})
# The signs that are there for the ear and not for the eye: function application, invisible times, comma, plus.
INVISIBLE = frozenset("\u2061\u2062\u2063\u2064")
NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, eq=False)
class Node:
    """An element of MathML."""

    tag: str
    attributes: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    children: tuple[Node, ...] = ()
    text: str = ""

    def get(self, name: str, otherwise: str = "") -> str:
        return self.attributes.get(name, otherwise)

    @cached_property
    def css(self) -> Mapping[str, str]:
        """The declarations of the style attribute."""
        pairs = (part.split(":", 1) for part in self.get("style").split(";") if ":" in part)
        return {name.strip(): value.strip() for name, value in pairs}


def parse(mathml: str) -> Node:
    """The tree of a formula. Named entities of HTML are understood.

    Raises MathError when the text is not well-formed.
    """
    try:
        root = ElementTree.fromstring(_resolve_entities(mathml))
    except ElementTree.ParseError as error:
        raise MathError(f"this is not well-formed MathML ({error}): {mathml[:80]}") from error
    return _node(root)


def _resolve_entities(mathml: str) -> str:
    def character(match: re.Match[str]) -> str:
        name = match.group(1)
        return match.group(0) if name in ("lt", "gt", "amp", "quot", "apos") else html5.get(name + ";", "")

    return re.sub(r"&(\w+);", character, mathml)


def _node(element: ElementTree.Element) -> Node:
    tag = element.tag.rpartition("}")[2]
    if tag in TOKENS:
        # A variation selector chooses between styles of script letters; the font has one style.
        text = " ".join((element.text or "").split()) if tag != "mtext" else (element.text or "")
        return Node(tag, element.attrib, text=text.replace("\ufe00", "").replace("\ufe01", ""))
    if tag == "semantics":
        return _node(element[0])
    children = tuple(_node(child) for child in element)
    if tag == "mrow":
        # math-core puts an empty space before an upright word, against italic in browsers.
        shown = tuple(child for child in children if not _is_empty_space(child))
        if len(shown) == 1 and not element.attrib:
            return shown[0]
        children = shown
    return Node(tag, element.attrib, children)


def _is_empty_space(node: Node) -> bool:
    return node.tag == "mspace" and not node.attributes


def write(nodes: Sequence[Node]) -> str:
    """The elements as a MathML document."""
    if len(nodes) == 1 and nodes[0].tag == "math":
        nodes = nodes[0].children
    inside = "".join(map(_written, nodes))
    return f'<math xmlns="http://www.w3.org/1998/Math/MathML">{inside}</math>'


def _written(node: Node) -> str:
    attributes = "".join(f' {name}="{escape(value)}"' for name, value in node.attributes.items())
    inside = escape(node.text, quote=False) + "".join(map(_written, node.children))
    return f"<{node.tag}{attributes}>{inside}</{node.tag}>"


def core_operator(node: Node) -> Node | None:
    """The `mo` that gives an element the spacing and stretching of an operator, None if it has none."""
    if node.tag == "mo":
        return node
    if node.tag in ("msub", "msup", "msubsup", "munder", "mover", "munderover") and node.children:
        return core_operator(node.children[0])
    if node.tag in ("mrow", "mstyle", "mpadded", "mphantom"):
        shown = [child for child in node.children if not is_space(child)]
        return core_operator(shown[0]) if len(shown) == 1 else None
    return None


def is_space(node: Node) -> bool:
    """Whether the element takes part in the spacing of operators as if it were not there."""
    return node.tag in ("mspace", "mtext") or (
        node.tag in ("mstyle", "mphantom", "mpadded") and all(map(is_space, node.children))
    )


def length(text: str, otherwise: float = 0.0) -> float:
    """A length of MathML in em."""
    match = re.fullmatch(r"([+-]?(?:\d+\.?\d*|\.\d+))(em|ex|pt|px|cm|mm|in|mu|)", text.strip())
    if not match:
        return otherwise
    # 10 pt is 1 em; ex is Latin Modern's.
    units = {"em": 1, "ex": 0.431, "pt": 0.1, "px": 0.075, "cm": 2.8346, "mm": 0.28346, "in": 7.2}
    return float(match.group(1)) * units.get(match.group(2), 1 / 18 if match.group(2) == "mu" else 0)
