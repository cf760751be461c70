"""A network, its computation, and the curve of its error drawn: one layout each, written as SVG and as TikZ.

The drawing knows nothing of derivations: it gets columns of nodes, edges with labels, and what to mark.
"""

from derive.figure.computation import Computation, Dependence, Quantity, computation_layout, is_wide
from derive.figure.curve import Curve, curve_svg, curve_tikz
from derive.figure.diagram import Diagram, Edge, Node
from derive.figure.graph import graph_layout
from derive.figure.scene import Scene
from derive.figure.svg import scene_svg, svg
from derive.figure.tikz import scene_tikz, tikz
from derive.figure.uses import Graph

__all__ = [
    "Computation",
    "Curve",
    "Dependence",
    "Diagram",
    "Edge",
    "Graph",
    "Node",
    "Quantity",
    "Scene",
    "computation_layout",
    "curve_svg",
    "curve_tikz",
    "graph_layout",
    "is_wide",
    "scene_svg",
    "scene_tikz",
    "svg",
    "tikz",
]
