"""A network drawn: one layout, written as SVG and as TikZ.

The drawing knows nothing of derivations: it gets columns of nodes, edges with labels, and what to mark.
"""

from derive.figure.diagram import Diagram, Edge, Node
from derive.figure.svg import svg
from derive.figure.tikz import tikz

__all__ = ["Diagram", "Edge", "Node", "svg", "tikz"]
