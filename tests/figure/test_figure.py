"""The drawings: everything that they say is there as text, and nothing lies on anything else."""

import itertools
import re
import shutil
import subprocess
from xml.etree import ElementTree

import drawn
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import derive
from derive.errors import InternalError
from derive.figure import Diagram, Edge, Node, svg, tikz
from derive.story.figures import path_diagram

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
    return Node(name, name, kind, "0.05" if place == 0 else "", "0.99" if place == last else "", f"y_{name}")


def texts(drawing):
    """What each text element reads, with plain spaces."""
    root = ElementTree.fromstring(drawing)
    return ["".join(e.itertext()).replace("\N{NO-BREAK SPACE}", " ") for e in root.iter() if e.tag.endswith("}text")]


def check(diagram):
    read = drawn.svg(svg(diagram, ""))
    drawn.check_nothing_touches(read)
    return read


@pytest.mark.parametrize("sizes", SHAPES)
@pytest.mark.parametrize("compact", [False, True])
def test_labels_touch_neither_nodes_nor_each_other(sizes, compact):
    check(network(sizes, compact=compact))


@pytest.mark.parametrize("sizes", [(2, 2, 2), (2, 1), (1, 1, 1), (3, 4, 2), (5, 5, 5)])
@pytest.mark.parametrize("compact", [False, True])
def test_a_bias_for_each_neuron_has_room(sizes, compact):
    check(network(sizes, compact=compact, per_neuron=True))


@pytest.mark.parametrize("sizes", [(8, 8, 8), (20, 15, 10)])
def test_a_bias_for_each_neuron_has_room_in_tall_columns(sizes):
    check(network(sizes, per_neuron=True))


@pytest.mark.parametrize("compact", [False, True])
def test_many_columns_stand_apart(compact):
    check(network((2,) * 14, compact=compact))


@settings(max_examples=25, deadline=None)
@example([2, 1, 1, 1], False, False, 2)
@given(st.lists(st.integers(1, 8), min_size=2, max_size=5), st.booleans(), st.booleans(), st.sampled_from([1, 2, 4]))
def test_in_no_network_of_up_to_eight_a_column_anything_touches(sizes, compact, per_neuron, digits):
    check(network(sizes, compact=compact, per_neuron=per_neuron, digits=digits))


LETTERS = ["h", "w", "phi", "theta", "Omega", "epsilon", "output", "internal_speed", "M", "beta_hat", "WWWWWWWWWWWWWW"]


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from(LETTERS), min_size=3, max_size=3, unique=True), st.booleans(), st.booleans())
def test_names_of_ones_own_touch_nothing(stems, compact, per_neuron):
    plain = network((2, 3, 2), compact=compact, per_neuron=per_neuron)
    names = {"i": stems[0], "h": stems[1], "o": stems[2]}

    def named(name):
        if name.startswith("b_"):
            return f"b_{named(name[2:])}"
        return f"{names[name[0]]}_{name[1:]}" if name[0] in names else name

    columns = tuple(
        tuple(Node(named(n.id), named(n.id), n.kind, n.value, n.target, f"target_{named(n.id)}") for n in column)
        for column in plain.columns
    )
    edges = tuple(Edge(named(e.source), named(e.target), e.label, e.value, e.on_path) for e in plain.edges)
    check(Diagram(columns, edges, frozenset(map(named, plain.highlighted)), compact))


@pytest.mark.parametrize("digits", [4, 8, 16])
def test_long_values_touch_nothing_either(digits):
    check(network((2, 2, 2), digits=digits))


def test_long_inputs_and_targets_stay_within_the_drawing():
    value = "-0.1234567890123456"
    columns = ((Node("i1", "i1", "input", value),), (Node("o1", "o1", "output", target=value),))
    check(Diagram(columns, (Edge("i1", "o1", "w1", value),)))


@pytest.mark.parametrize("size", [9, 10, 11, 12])
def test_a_column_drawn_whole_is_evenly_spaced(size):
    read = drawn.svg(svg(network((size, 1)), ""))
    round_ones = [outline.area for outline in read.outlines if outline.radius > 5]
    heights = sorted(area.top for area in round_ones if area.right < read.width / 2)
    gaps = [below - above for above, below in itertools.pairwise(heights)]
    assert len(heights) == size
    assert gaps == pytest.approx([gaps[0]] * (size - 1), abs=0.2)


def test_a_column_cut_short_says_so():
    assert "⋮" in texts(svg(network((20, 15, 2)), ""))
    assert r"\vdots" in tikz(network((20, 15, 2)))


def parts(name):
    """What is written large of a name in these drawings, and below the line."""
    head, *rest = name.split("_")
    stem = head.rstrip("0123456789")
    return stem, ",".join([head[len(stem) :], *rest] if head != stem else rest)


@pytest.mark.parametrize("per_neuron", [False, True])
@pytest.mark.parametrize("sizes", [(2, 2, 2), (2, 1), (1, 1, 1)])
def test_every_name_and_value_is_text_in_both(sizes, per_neuron):
    diagram = network(sizes, per_neuron=per_neuron)
    read, source = texts(svg(diagram, "")), tikz(diagram)
    for node in (node for column in diagram.columns for node in column):
        stem, index = parts(node.label)
        if node.kind == "bias":
            assert node.value in " ".join(read)
            assert any(text.startswith(stem + index) for text in read)
            assert f"${stem}_{{{index}}}" in source
            continue
        assert stem + index in read
        assert f"${stem}_{{{index}}}$" in source
        assert not node.value or (node.value in read and f"${node.value}$" in source)
        if node.target:
            assert f"y{stem}{index} = {node.target}" in read
            assert rf"$y_{{{stem}{index}}} = {node.target}$" in source
    for edge in (edge for edge in diagram.edges if edge.label):
        stem, index = parts(edge.label)
        assert f"{stem}{index} = {edge.value}" in read
        assert f"${stem}_{{{index}}} = {edge.value}$" in source


@pytest.mark.parametrize("sizes", [(3, 4, 2), (2, 3, 3, 2), (2, 3, 1), (3, 3)])
def test_every_weight_has_at_least_its_name(sizes):
    diagram = network(sizes, per_neuron=True)
    read, source = texts(svg(diagram, "")), tikz(diagram)
    for edge in (edge for edge in diagram.edges if edge.label):
        stem, index = parts(edge.label)
        assert any(re.fullmatch(rf"{stem}{index}( = .*)?", text) for text in read)
        assert f"${stem}_{{{index}}}" in source


def test_between_two_columns_all_weights_are_named_or_none():
    for sizes in SHAPES:
        diagram = network(sizes)
        read = {text.partition(" ")[0] for text in texts(svg(diagram, ""))}
        columns = {node.id: number for number, column in enumerate(diagram.columns) for node in column}
        for number in range(len(sizes) - 1):
            names = {edge.label for edge in diagram.edges if edge.label and columns[edge.source] == number}
            assert names & read in (set(), names) or max(sizes) > 12  # of a longer column not all is drawn


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
    heads = re.findall(r'<polygon [^>]*fill="#c2410c"', svg(diagram, ""))
    assert len(heads) == sum(edge.on_path for edge in diagram.edges) > 0
    assert widths.pop("currentColor") * 1.5 <= min(widths.values())
    assert tikz(diagram).count(r"\draw[->,line width=0.8pt") == len(heads)


def test_several_can_stand_on_one_page_without_touching_it():
    root = ElementTree.fromstring(svg(network((2, 2, 2)), ""))
    assert not [e for e in root.iter() if e.get("id") or e.tag.endswith("}style") or e.get("style")]


def test_it_says_what_it_shows():
    root = ElementTree.fromstring(svg(network((2, 2, 2)), "A & B <c>"))
    assert root.get("role") == "img"
    assert root.get("viewBox")
    assert root.findtext("{http://www.w3.org/2000/svg}title") == "A & B <c>"


def hostile_diagram():
    nodes = (Node("a", "a", "input", HOSTILE), Node("b", "b", "output", target=HOSTILE))
    return Diagram((nodes[:1], nodes[1:]), (Edge("a", "b", "w", HOSTILE),))


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


@pytest.mark.parametrize("draw", [lambda diagram: svg(diagram, ""), tikz])
def test_what_is_no_name_is_refused(draw):
    with pytest.raises(InternalError, match="no name"):
        draw(Diagram(((Node(HOSTILE, HOSTILE, "input"),),), ()))


@pytest.mark.parametrize("per_neuron", [False, True])
@pytest.mark.parametrize("sizes", [(2, 2, 2), (3, 4, 4, 2), (8, 8, 8)])
def test_tikz_has_the_same_lines_boxes_and_places_as_the_svg(sizes, per_neuron):
    diagram = network(sizes, per_neuron=per_neuron)
    read, (lines, rectangles, nodes) = drawn.svg(svg(diagram, "")), drawn.tikz(tikz(diagram))
    assert [line[0] for line in lines] == [line[0] for line in read.lines]
    for line, rest in itertools.groupby(zip(lines, read.lines, strict=True), lambda pair: pair[0]):
        for _, seen in rest:  # the SVG's line ends where its head begins
            assert not drawn.math.dist(line[1], seen[1]) > 8
    assert [drawn.Area(*found) for found in rectangles] == pytest.approx([o.area for o in read.outlines], abs=0.11)
    assert len(nodes) == len(read.words)
    for (x, _, points, _), words in zip(nodes, read.words, strict=True):
        assert words.area.left - 9 < x < words.area.right + 9
        assert points * 0.82 > 5.95  # what stands below the line, in points on a page 14.5 cm wide


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed here; CI has it")
def test_the_tikz_of_names_of_ones_own_compiles_and_keeps_its_sizes(tmp_path):
    names = ("theta_1", "internal_velocity_of_wind", "phi2_x", "beta_hat", "Upsilon_3")
    nodes = tuple(Node(name, name, "input", "-1,5·10⁻⁷") for name in names)
    edges = tuple(Edge(name, "o1", f"w_{name}", "0.5") for name in names)
    source = tikz(Diagram((nodes, (Node("o1", "o1", "output", target="0.1"),)), edges))
    (tmp_path / "a.tex").write_text(
        r"\documentclass{standalone}\usepackage[T1]{fontenc}\usepackage{lmodern,tikz}\usetikzlibrary{arrows.meta}"
        rf"\begin{{document}}{source}\end{{document}}"
    )
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "a.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]


@pytest.mark.parametrize(
    ("name", "parameter", "marked"),
    [
        ("article", "w5", {"o1"}),
        ("article", "w1", {"h1", "o1", "o2"}),
        ("softmax_classifier", "w5", {"o1", "o2", "o3"}),  # the softmax function couples the layer
    ],
)
def test_the_paths_lead_through_every_neuron_that_changes(name, parameter, marked):
    diagram = path_diagram(derive.load(name).derive().evaluation, parameter, lambda name: "")
    assert diagram.highlighted == marked
    assert next(edge.label for edge in diagram.edges if edge.on_path and edge.label) == parameter
