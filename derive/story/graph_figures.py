"""The figures of a computation that no layers describe: its graph, and what of it carries from one quantity.

Where all of a graph is too much for the eye, less of it is drawn. The parameters are left out first, as they stand at
every step; then the blocks are drawn in place of their quantities; and then all that is given is left out.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from functools import cache

from derive.calculus.partials import LocalDerivative
from derive.computation.equations import Computation
from derive.evaluation.evaluation import Evaluation
from derive.figure import Dependence, Graph, Quantity, Scene, graph_layout
from derive.figure.computation import PAPER_LENGTH
from derive.figure.graph import MOST_QUANTITIES, is_tangled
from derive.numbers.number import Number
from derive.story.backflow import gradient, part
from derive.story.block_figures import Say, block_graph
from derive.story.operation import sign

# cm: two fifths of a page's text, a half of it where that shows more, and an eighth.
HIGHEST, HIGHEST_OF_FEWER, HIGHEST_PATH = 9.6, 12.0, 3.0
PARAMETERS, GIVEN = "parameters", "given"  # what a drawing leaves out
MANY_DIGITS = 20  # more than a drawing shows


@dataclass(frozen=True)
class GraphPicture:
    """A graph and its drawing; ``left_out`` is "parameters" or "given" where it is without them."""

    graph: Graph
    scene: Scene
    left_out: str = ""


@dataclass(frozen=True)
class DrawingView:
    """Whether a drawing has local derivatives, operations, quantities at several places, or only shows blocks.

    ``left_out`` is "parameters" or "given" where it is without them; ``has_small`` tells whether a number is so small
    that it has significant digits, ``has_paths`` whether what carries from one quantity can be shown as well.
    """

    has_numbers: bool
    has_signs: bool
    has_repeats: bool
    is_of_blocks: bool
    left_out: str
    has_small: bool
    has_paths: bool


def drawing_view(scene: Scene, left_out: str = "", *, has_small: bool = True, has_paths: bool = True) -> DrawingView:
    """Return what stands in a drawing of a graph."""
    return DrawingView(
        any(arrow.gap for arrow in scene.arrows),
        any(str(label.sign) in ("=", "≈") for label in scene.labels),
        any(box.dashed for box in scene.boxes),
        not any(label.value for label in scene.labels),
        left_out,
        has_small,
        has_paths,
    )


Written = Callable[[Number], str]


def graph(evaluation: Evaluation, written: Written) -> Graph:
    """Return the first sample's values, gradients and local derivatives; ``written`` writes a number."""
    computation = evaluation.computation
    has_gradient = bool(computation.objective)
    return Graph(
        tuple(
            Quantity(
                name,
                written(evaluation.quantity(name)),
                written(gradient(evaluation, name)) if has_gradient else "",
                is_given=name not in computation.by_name,
                sign=sign(computation.by_name[name]) if name in computation.by_name else "",
                is_exact=_is_whole(evaluation.quantity(name), written),
                has_exact_gradient=not has_gradient or _is_whole(gradient(evaluation, name), written),
            )
            for name in _drawn(computation)
        ),
        tuple(
            Dependence(name, equation.name, written(LocalDerivative(equation, name, evaluation.derivation).value))
            for equation in computation.equations
            for name in equation.names
        ),
        computation.objective,
        computation.trained,
        # A drawing is tried in several ways, each with the same parts.
        cache(lambda name, users: written(part(evaluation, name, users)) if has_gradient else ""),
    )


def _is_whole(number: Number, written: Written) -> bool:
    """Return whether a number is written with all its digits, and without a power of ten, whose digits are no part."""
    text = written(number)
    digits = [re.sub(r"[^0-9]", "", each).strip("0") for each in (text, number.decimal(MANY_DIGITS))]
    return "·" not in text and number.is_exact(MANY_DIGITS) and digits[0] == digits[1]


def path_graph(computation: Computation, name: str) -> Graph:
    """Return the names alone, and marked what carries from a quantity to the objective."""
    return Graph(
        tuple(Quantity(each, "", "", is_given=each not in computation.by_name) for each in _drawn(computation)),
        tuple(Dependence(each, equation.name, "") for equation in computation.equations for each in equation.names),
        computation.objective,
        computation.trained - {name},  # whose ways are to be seen: it is drawn once
        marked=frozenset(on_the_paths(computation, name)),
        compact=True,
    )


def _drawn(computation: Computation) -> list[str]:
    """Return what is drawn: all but what is given and used nowhere."""
    return [name for name in computation.kinds if name in computation.by_name or name in computation.uses]


def on_the_paths(computation: Computation, name: str) -> Iterator[str]:
    """Yield the quantity and what depends on it and leads to the objective."""
    needed, changed = computation.needed(computation.objective), {name}
    yield name
    for equation in computation.equations:
        if equation.name in needed and changed.intersection(equation.names):
            changed.add(equation.name)
            yield equation.name


def main_picture(evaluation: Evaluation, written: Written, say: Say) -> GraphPicture | None:
    """Return the graph drawn, or as much of it as is readable, or its blocks; None where nothing is."""
    return next(filter(None, _main_pictures(evaluation, written, say)), None)


def _main_pictures(evaluation: Evaluation, written: Written, say: Say) -> Iterator[GraphPicture | None]:
    """Yield what there may be drawn, the best first."""
    computation = evaluation.computation
    blocks = block_graph(computation, say)
    if len(computation.by_name) > MOST_QUANTITIES:  # asked first, as the numbers of many quantities take long
        yield _drawing(blocks)
        return
    every = graph(evaluation, written)
    others = computation.kinds.keys() - set(computation.parameters)
    fewer = {PARAMETERS: _only(every, others), GIVEN: _only(every, computation.by_name)}
    yield _low(every)
    yield _low(fewer[PARAMETERS], PARAMETERS, HIGHEST_OF_FEWER)
    if is_tangled(every):
        yield _drawing(blocks)
    yield _low(fewer[GIVEN], GIVEN, HIGHEST_OF_FEWER)
    yield _drawing(blocks)
    yield _drawing(every)
    for left_out, some in fewer.items():
        yield _drawing(some, left_out)


def _only(every: Graph, names: Collection[str]) -> Graph | None:
    """Return the part of a graph that has only these quantities; None where it has no others, or no arrow is left."""
    quantities = tuple(quantity for quantity in every.quantities if quantity.id in names)
    dependences = tuple(each for each in every.dependences if each.source in names and each.target in names)
    if len(quantities) == len(every.quantities) or not dependences:
        return None
    return replace(every, quantities=quantities, dependences=dependences)


def _low(some: Graph | None, left_out: str = "", highest: float = HIGHEST) -> GraphPicture | None:
    """Return a drawing that leaves room for text on a page and is easily followed; None where it would not be."""
    return None if some is None or is_tangled(some) else _drawing(some, left_out, highest)


def _drawing(some: Graph | None, left_out: str = "", highest: float = PAPER_LENGTH) -> GraphPicture | None:
    """Return a drawing that a page has room for; None where it would not be readable."""
    scene = graph_layout(some, highest) if some is not None else None
    return None if some is None or scene is None else GraphPicture(some, scene, left_out)


def has_paths(computation: Computation) -> bool:
    """Whether an article shows what carries from one quantity: of many, it would only show their blocks."""
    return len(_drawn(computation)) <= MOST_QUANTITIES


def path_picture(computation: Computation, name: str, say: Say) -> GraphPicture | None:
    """Return what carries from a quantity, or from its block where not all would be readable; None without blocks.

    Beside what carries stands what else is calculated, where there is room for it.
    """
    return next(filter(None, _path_pictures(computation, name, say)), None)


def _path_pictures(computation: Computation, name: str, say: Say) -> Iterator[GraphPicture | None]:
    marked = set(on_the_paths(computation, name))
    if len(marked) <= MOST_QUANTITIES:
        every = path_graph(computation, name)
        beside, alone = _only(every, marked | computation.by_name.keys()), _only(every, marked)
        for some in (beside, alone):
            yield _drawing(some or every, highest=HIGHEST_PATH)
        yield _drawing(alone or every)
    yield _drawing(block_graph(computation, say, marked))
