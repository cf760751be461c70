"""A network drawn, and the curve of its error: one layout each, written as SVG and as TikZ.

The drawing knows nothing of derivations: it gets columns of nodes, edges with labels, and what to mark.
"""

from derive.figure.curve import Curve, curve_svg, curve_tikz
from derive.figure.diagram import Diagram, Edge, Node
from derive.figure.svg import svg
from derive.figure.tikz import tikz

__all__ = ["Curve", "Diagram", "Edge", "Node", "curve_svg", "curve_tikz", "svg", "tikz"]
