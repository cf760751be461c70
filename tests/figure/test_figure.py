"""The drawings: everything that they say is there as text, and nothing lies on anything else."""

import itertools
import math
import re
from dataclasses import dataclass
from xml.etree import ElementTree

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from derive.figure import Diagram, Edge, Node, svg, tikz
from derive.figure.layout import layout, split
from derive.figure.scene import Circle, Label, Scene

HOSTILE = r"<script>alert(1)</script> $x$ 100% \input{/etc/passwd} a&b #1 ~g^ {_}"
SHAPES = [(2, 2, 2), (3, 4, 2), (2, 1), (1, 1, 1), (3, 4, 4, 2), (2, 3, 3, 3, 3, 2), (5, 5, 5), (8, 8, 8), (20, 15, 10)]


def network(sizes, *, compact=False, per_neuron=False, digits=2):
    """A network as the caller draws it; the ways from the first input through the first neurons are marked."""
    last = len(sizes) - 1
    names = [[_name(place, last, row) for row in range(size)] for place, size in enumerate(sizes)]
    columns, edges = [], []
    for place, column in enumerate(names):
        nodes = [_node(name, place, last) for name in column]
        if place < last:
            reached = names[place + 1]
            biases = [f"b_{name}" for name in reached] if per_neuron else [f"b{place + 1}"] * len(reached)
            nodes += [Node(bias, bias, "bias", "0.35") for bias in dict.fromkeys(biases)]
            for row, (target, bias) in enumerate(zip(reached, biases, strict=True)):
                for source in column:
                    on_path = source == column[0] and (row == 0 or place + 1 == last)
                    value = f"{0.05 * len(edges) - 0.1:.{digits}f}"
                    edges.append(Edge(source, target, f"w{len(edges) + 1}", value, on_path))
                edges.append(Edge(bias, target))
        columns.append(tuple(nodes))
    marked = {column[0] for column in names} | set(names[-1])
    return Diagram(tuple(columns), tuple(edges), frozenset(marked), compact)


def _name(place, last, row):
    if place in (0, last):
        return f"{'o' if place else 'i'}{row + 1}"
    return f"h{row + 1}" if last == 2 else f"h{place}_{row + 1}"


def _node(name, place, last):
    kind = "input" if place == 0 else "output" if place == last else "hidden"
    return Node(name, name, kind, "0.05" if place == 0 else "", "0.99" if place == last else "")


def texts(drawing):
    """What each text element reads, with plain spaces."""
    root = ElementTree.fromstring(drawing)
    return ["".join(e.itertext()).replace("\N{NO-BREAK SPACE}", " ") for e in root.iter() if e.tag.endswith("}text")]


@dataclass(frozen=True)
class Box:
    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other):
        return (
            min(self.right, other.right) - max(self.left, other.left) > 0
            and min(self.bottom, other.bottom) - max(self.top, other.top) > 0
        )


def box(label: Label) -> Box:
    """The label's own estimate of its width, put where its anchor says."""
    left = label.x - {"start": 0, "middle": label.width / 2, "end": label.width}[label.anchor]
    return Box(left, label.y - 0.5 * label.size, left + label.width, label.y + 0.5 * label.size)


def covers(label: Box, circle: Circle) -> bool:
    dx = max(label.left - circle.x, circle.x - label.right, 0)
    dy = max(label.top - circle.y, circle.y - label.bottom, 0)
    return max(dx, dy) < circle.radius if circle.is_bias else math.hypot(dx, dy) < circle.radius


def touch(one: Circle, other: Circle) -> bool:
    if one.is_bias:
        return covers(Box(one.x - one.radius, one.y - one.radius, one.x + one.radius, one.y + one.radius), other)
    return touch(other, one) if other.is_bias else math.dist((one.x, one.y), (other.x, other.y)) < 2 * one.radius


def check(scene: Scene) -> None:
    names = [label for label in scene.labels if any((label.x, label.y) == (c.x, c.y) for c in scene.circles)]
    boxes = [(label, box(label)) for label in scene.labels]
    for place, (label, here) in enumerate(boxes):
        assert not any(here.overlaps(other) for _, other in boxes[place + 1 :]), label
        assert label in names or not any(covers(here, circle) for circle in scene.circles), label
        assert here.left >= 0, label
        assert here.right <= scene.width, label
        assert here.top >= 0, label
        assert here.bottom <= scene.height, label
    for circle in scene.circles:
        assert circle.radius <= circle.x <= scene.width - circle.radius
        assert circle.radius <= circle.y <= scene.height - circle.radius
    for one, other in itertools.combinations(scene.circles, 2):
        assert not touch(one, other), (one, other)


@pytest.mark.parametrize("sizes", SHAPES)
@pytest.mark.parametrize("compact", [False, True])
def test_labels_touch_neither_nodes_nor_each_other(sizes, compact):
    check(layout(network(sizes, compact=compact)))


@pytest.mark.parametrize("sizes", [(2, 2, 2), (2, 1), (1, 1, 1), (3, 4, 2), (5, 5, 5)])
@pytest.mark.parametrize("compact", [False, True])
def test_a_bias_for_each_neuron_has_room(sizes, compact):
    check(layout(network(sizes, compact=compact, per_neuron=True)))


@pytest.mark.parametrize("sizes", [(8, 8, 8), (20, 15, 10)])
def test_a_bias_for_each_neuron_has_room_in_tall_columns(sizes):
    check(layout(network(sizes, per_neuron=True)))


@pytest.mark.parametrize("compact", [False, True])
def test_many_columns_stand_apart(compact):
    check(layout(network((2,) * 14, compact=compact)))


@settings(max_examples=40, deadline=None)
@example([2, 1, 1, 1], False, False)
@given(st.lists(st.integers(1, 5), min_size=2, max_size=5), st.booleans(), st.booleans())
def test_no_network_of_up_to_five_a_column_has_touching_labels(sizes, compact, per_neuron):
    check(layout(network(sizes, compact=compact, per_neuron=per_neuron)))


@pytest.mark.parametrize("digits", [4, 8, 16])
def test_long_values_touch_nothing_either(digits):
    check(layout(network((2, 2, 2), digits=digits)))


def test_long_inputs_and_targets_stay_within_the_drawing():
    value = "-0.1234567890123456"
    columns = ((Node("i1", "i1", "input", value),), (Node("o1", "o1", "output", target=value),))
    check(layout(Diagram(columns, (Edge("i1", "o1", "w1", value),))))


@pytest.mark.parametrize("size", [9, 10, 11, 12])
def test_a_column_drawn_whole_is_evenly_spaced(size):
    scene = layout(network((size, 1)))
    heights = sorted(circle.y for circle in scene.circles if not circle.is_bias and circle.x < scene.width / 2)
    gaps = [below - above for above, below in itertools.pairwise(heights)]
    assert len(heights) == size
    assert gaps == pytest.approx([gaps[0]] * (size - 1))


def test_a_column_cut_short_says_so():
    assert "⋮" in texts(svg(network((20, 15, 2)), ""))
    assert r"\vdots" in tikz(network((20, 15, 2)))


@pytest.mark.parametrize("sizes", [(2, 2, 2), (2, 1), (1, 1, 1)])
def test_every_name_and_value_is_text_in_both(sizes):
    diagram = network(sizes)
    read, source = texts(svg(diagram, "")), tikz(diagram)
    for node in (node for column in diagram.columns for node in column):
        stem, index = split(node.label)
        assert stem + index in read
        assert f"${stem}_{{{index}}}$" in source
        assert not node.value or (node.value in read and f"${node.value}$" in source)
        if node.target:
            assert f"target{stem}{index} = {node.target}" in read
            assert rf"$\mathrm{{target}}_{{{stem}{index}}} = {node.target}$" in source
    for edge in (edge for edge in diagram.edges if edge.label):
        stem, index = split(edge.label)
        assert f"{stem}{index} = {edge.value}" in read
        assert f"${stem}_{{{index}}} = {edge.value}$" in source


@pytest.mark.parametrize("sizes", [(3, 4, 2), (3, 4, 4, 2), (2, 3, 3, 3, 3, 2)])
def test_every_weight_has_at_least_its_name(sizes):
    diagram = network(sizes)
    read, source = texts(svg(diagram, "")), tikz(diagram)
    for edge in (edge for edge in diagram.edges if edge.label):
        stem, index = split(edge.label)
        assert any(re.fullmatch(rf"{stem}{index}( = .*)?", text) for text in read)
        assert f"${stem}_{{{index}}}" in source


def test_a_compact_drawing_names_the_path_alone_and_has_no_values():
    diagram = network((2, 2, 2), compact=True)
    read = texts(svg(diagram, ""))
    assert not any(character in text for text in read for character in "=.")
    assert [text for text in read if text.startswith("w")] == [
        "w" + edge.label[1:] for edge in diagram.edges if edge.on_path and edge.label
    ]


def test_indices_are_comma_separated():
    diagram = network((1, 1, 1, 1))
    assert "h1,1" in texts(svg(diagram, ""))
    assert "$h_{1,1}$" in tikz(diagram)


@pytest.mark.parametrize("compact", [False, True])
def test_marked_edges_have_another_colour_and_are_thicker(compact):
    diagram = network((2, 2, 2), compact=compact)
    lines = list(ElementTree.fromstring(svg(diagram, "")).iter("{http://www.w3.org/2000/svg}line"))
    widths = {line.get("stroke"): float(line.get("stroke-width")) for line in lines}
    marked = [line for line in lines if line.get("stroke") != "currentColor"]
    assert len(marked) == sum(edge.on_path for edge in diagram.edges) > 0
    assert widths.pop("currentColor") * 1.5 <= min(widths.values())
    assert tikz(diagram).count(r"\draw[->,line width=0.8pt") == len(marked)


def test_several_can_stand_on_one_page_without_touching_it():
    root = ElementTree.fromstring(svg(network((2, 2, 2)), ""))
    assert not [e for e in root.iter() if e.get("id") or e.tag.endswith("}style") or e.get("style")]


def test_it_says_what_it_shows():
    root = ElementTree.fromstring(svg(network((2, 2, 2)), "A & B <c>"))
    assert root.get("role") == "img"
    assert root.get("viewBox")
    assert root.findtext("{http://www.w3.org/2000/svg}title") == "A & B <c>"


def hostile_diagram():
    nodes = (Node("a", HOSTILE, "input", HOSTILE), Node("b", HOSTILE, "output", target=HOSTILE))
    return Diagram((nodes[:1], nodes[1:]), (Edge("a", "b", HOSTILE, HOSTILE),))


def test_hostile_text_is_text_in_svg():
    drawing = svg(hostile_diagram(), HOSTILE + "\"'>")
    assert "<script" not in drawing
    assert {e.tag.split("}")[1] for e in ElementTree.fromstring(drawing).iter()} <= {
        *("svg", "title", "desc", "rect", "circle", "g", "line", "polygon", "text", "tspan")
    }
    assert any(HOSTILE in text for text in texts(drawing))


def test_hostile_text_does_nothing_in_tikz():
    source = tikz(hostile_diagram())
    assert r"\input" not in source
    assert len(re.findall(r"(?<!\\){", source)) == len(re.findall(r"(?<!\\)}", source))
    assert not re.search(r"(?<!\\)[%&#~]", source)
    assert all(line.count("$") - line.count(r"\$") in (0, 2) for line in source.splitlines())
