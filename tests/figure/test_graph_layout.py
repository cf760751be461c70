"""Graphs of any shape: nothing on anything, at most a page, and the same each time."""

import itertools
import re

import drawn
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.figure import Dependence, Graph, Quantity, graph_layout, scene_svg, scene_tikz
from derive.figure.layered import Places, crossings, heights, ordered

SIGNS = ["+", "×", "Σ", "tanh", "𝜎", "max", "softplus", ""]
NUMBERS = ["0", "1", "−0.5", "0.4621", "−12.3456", "1.524·10⁻⁹", "1,234,567.1234"]
# Of a page that stands and of one that lies on its side, in px of which 11.5 are six points: less is not read.
ACROSS, DOWN, LYING = 16 / 0.01844, 22 / 0.01844, 14.5 / 0.01844


def graph(links, size, *, given=0, sign=lambda n: "", number=lambda n: "0.5", shared=(), **others):
    """A graph of quantities q_0, q_1, …, of which the first are given, with links by their numbers."""
    quantities = tuple(
        Quantity(f"q_{n}", number(n), number(n + 1), is_given=n < given, sign="" if n < given else sign(n))
        for n in range(size)
    )
    dependences = tuple(Dependence(f"q_{a}", f"q_{b}", number(a + b)) for a, b in links)
    names = frozenset(f"q_{n}" for n in shared)
    return Graph(quantities, dependences, f"q_{size - 1}", names, lambda name, users: number(len(users)), **others)


@st.composite
def graphs(draw, most=40, fan=3):
    """Any acyclic graph: some quantities are given, each other one needs up to three before it, near ones mostly."""
    size = draw(st.integers(2, most))
    starts = draw(st.integers(1, max(1, size // 3)))
    links = []
    for n in range(starts, size):
        near = range(max(0, n - 8), n) if draw(st.booleans()) else range(n)
        links += [(source, n) for source in draw(st.sets(st.sampled_from(near), min_size=1, max_size=fan))]
    used = {source for source, _ in links}
    shared = [n for n in range(starts) if n in used and draw(st.booleans())]
    signs = draw(st.lists(st.sampled_from(SIGNS), min_size=4, max_size=4))
    numbers = draw(st.lists(st.sampled_from(NUMBERS), min_size=3, max_size=3))
    is_compact = draw(st.booleans())
    marked = frozenset(f"q_{n}" for n in range(size) if draw(st.booleans())) if is_compact else frozenset()
    kinds = {"sign": lambda n: signs[n % 4], "number": lambda n: numbers[n % 3]}
    return graph(links, size, given=starts, shared=shared, compact=is_compact, marked=marked, **kinds)


def check(scene):
    read = drawn.svg(scene_svg(scene, ""))
    drawn.check_nothing_touches(read)
    stands = read.width <= ACROSS + 1 and read.height <= DOWN + 1
    assert stands or (read.width <= DOWN + 1 and read.height <= LYING + 1)
    assert scene.unit * 11.5 / 2.54 * 72.27 > 5.99
    return read


def names(words):
    """The quantities of a drawing's names, which are written without their underscore."""
    return [text for text in words if re.fullmatch(r"q\d+", text)]


@settings(max_examples=25, deadline=None)
@given(graphs())
def test_in_no_graph_of_up_to_forty_quantities_anything_touches(made):
    scene = graph_layout(made)
    assert scene is not None
    read = check(scene)
    # Every quantity is there, and every dependence has one arrow.
    assert {f"q_{name[1:]}" for name in names(read.texts)} == {quantity.id for quantity in made.quantities}
    assert len(read.heads) == len(made.dependences)
    assert scene_svg(scene, "") == scene_svg(graph_layout.__wrapped__(made), "")


@settings(max_examples=15, deadline=None)
@given(graphs(most=16))
def test_tikz_has_the_same_places_and_texts(made):
    scene = graph_layout(made)
    read = drawn.svg(scene_svg(scene, ""))
    lines, rectangles, nodes = drawn.tikz(scene_tikz(scene))
    assert len(lines) == len(read.lines)
    assert len(nodes) == len(read.words)
    areas = [outline.area for outline in read.outlines]
    assert [(area.left, area.top, area.right, area.bottom) for area in areas] == [
        pytest.approx(rectangle, abs=0.11) for rectangle in rectangles
    ]


@pytest.mark.parametrize("size", [2, 9, 20, 40])
def test_a_chain_goes_on_below_where_the_page_ends(size):
    links = list(itertools.pairwise(range(size)))
    scene = graph_layout(graph(links, size, given=1, sign=lambda n: "tanh", number=lambda n: "0.4621"))
    read = check(scene)
    dashed = [box for box in scene.boxes if box.dashed]
    rows = {round(box.y) for box in scene.boxes}
    assert len(dashed) == len(rows) - 1  # what the row above ends with begins the next one
    assert len(rows) == 1 if size <= 9 else len(rows) > 1
    assert read.texts.count("tanh") == size - 1
    assert all(arrow.y1 == arrow.y2 for arrow in scene.arrows)


def test_a_shared_weight_stands_at_each_step_with_its_part_and_once_with_the_sum():
    # q_0 is the weight, q_1 to q_3 the inputs, q_4 to q_6 the states of three steps.
    links = [(0, 4), (1, 4), (0, 5), (2, 5), (4, 5), (0, 6), (3, 6), (5, 6)]
    made = graph(links, 7, given=4, shared=[0], number=lambda n: "0.5")
    parts = {("q_4",): "0.11", ("q_5",): "0.22", ("q_6",): "0.33"}
    made = Graph(made.quantities, made.dependences, "q_6", made.shared, lambda name, users: parts[users])
    scene = graph_layout(made)
    read = check(scene)
    at = sorted((box.x, box.y) for box in scene.boxes if box.dashed)
    assert len(at) == 3
    columns = [x for x, _ in at]
    assert columns == sorted(set(columns))  # time runs from left to right
    for text, (x, y) in zip(["0.11", "0.22", "0.33"], at, strict=True):
        (words,) = (words for words in read.words if words.text == text)
        assert abs((words.area.left + words.area.right) / 2 - x) < 2
        assert 12 < words.area.top - y < 20
    assert read.texts.count("∂q6/∂q0 = 0.5") == 1
    assert r"$\partial q_{6}/\partial q_{0} = \mathit{0.5}$" in scene_tikz(scene)


def test_what_two_steps_that_stand_side_by_side_share_is_drawn_once():
    scene = graph_layout(graph([(0, 1), (0, 2), (1, 3), (2, 3)], 4, given=1, shared=[0]))
    assert not any(box.dashed for box in scene.boxes)
    assert len(scene.boxes) == 4


def test_an_input_that_skips_a_step_is_drawn_once():
    scene = graph_layout(graph([(0, 1), (1, 2), (2, 3), (0, 3)], 4, given=1))
    assert len(scene.boxes) == 4
    check(scene)


def test_a_drawing_without_room_for_the_numbers_on_its_arrows_leaves_them_out():
    few, many = ([(a, b) for a in range(size) for b in range(size, 2 * size)] for size in (3, 5))
    with_them, without = graph_layout(graph(few, 6, given=3)), graph_layout(graph(many, 10, given=5))
    assert all(arrow.gap for arrow in with_them.arrows if arrow.has_head)
    assert not any(arrow.gap for arrow in without.arrows)
    check(without)


def test_more_than_forty_quantities_and_none_have_no_drawing():
    def chain(size):
        return graph_layout(graph(list(itertools.pairwise(range(size))), size, given=1))

    assert chain(40) is not None
    assert chain(41) is None
    assert graph_layout(graph([], 0)) is None


def test_what_is_lit_up_has_the_accent_and_no_number_stands_there():
    links = [(0, 2), (1, 2), (2, 3)]
    made = graph(links, 4, given=2, compact=True, marked=frozenset({"q_0", "q_2", "q_3"}))
    read = check(graph_layout(made))
    assert sorted(words.text for words in read.words if words.colour == "#c2410c") == ["q0", "q2", "q3"]
    assert sorted(read.texts) == ["q0", "q1", "q2", "q3"]


@settings(max_examples=12, deadline=None)
@given(graphs(most=24), st.sampled_from([4.0, 9.6, 12.0]))
def test_a_low_drawing_is_no_higher_than_asked_and_nothing_touches(made, highest):
    scene = graph_layout(made, highest)
    if scene is not None:
        assert scene.height * scene.unit <= highest + 0.001
        assert not scene.width * scene.unit > 16.001
        check(scene)


# The places of nodes.


def every_order(places):
    """The fewest crossings that any order of the nodes has, counted link by link."""
    best = None
    for orders in itertools.product(*(itertools.permutations(column) for column in places.columns)):
        row = {node: at for column in orders for at, node in enumerate(column)}
        column_of = {node: number for number, column in enumerate(orders) for node in column}
        count = sum(
            (row[a] - row[c]) * (row[b] - row[d]) < 0
            for (a, b), (c, d) in itertools.combinations(places.links, 2)
            if column_of[a] == column_of[c]
        )
        best = count if best is None else min(best, count)
    return best


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_the_order_has_few_crossings(data):
    """At most two more than the best of all orders, in small graphs, where all can be tried."""
    sizes = data.draw(st.lists(st.integers(1, 4), min_size=2, max_size=3))
    starts = list(itertools.accumulate([0, *sizes]))
    columns = tuple(tuple(range(a, b)) for a, b in itertools.pairwise(starts))
    pairs = [(a, b) for one, other in itertools.pairwise(columns) for a in one for b in other]
    links = tuple(sorted(data.draw(st.sets(st.sampled_from(pairs), max_size=10))))
    places = Places(columns, links, (9.0,) * starts[-1], (9.0,) * starts[-1])
    found = ordered(places)
    assert [sorted(column) for column in found] == [list(column) for column in columns]
    assert crossings(found, links) <= every_order(places) + 2


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_nodes_of_a_column_stay_apart(data):
    sizes = data.draw(st.lists(st.integers(1, 5), min_size=1, max_size=4))
    starts = list(itertools.accumulate([0, *sizes]))
    columns = tuple(tuple(range(a, b)) for a, b in itertools.pairwise(starts))
    pairs = [(a, b) for one, other in itertools.pairwise(columns) for a in one for b in other]
    links = tuple(sorted(data.draw(st.sets(st.sampled_from(pairs))))) if pairs else ()
    rooms = st.lists(st.floats(1, 40), min_size=starts[-1], max_size=starts[-1]).map(tuple)
    places = Places(columns, links, data.draw(rooms), data.draw(rooms))
    found = heights(places, columns, 3.0)
    assert min(found.values()) == 0
    for column in columns:
        for upper, lower in itertools.pairwise(column):
            assert found[lower] - places.above[lower] - found[upper] - places.below[upper] > 3.0 - 1e-6
