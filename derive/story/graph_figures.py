"""The figures of a computation that no layers describe: its graph, and what of it carries from one quantity."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import takewhile

from derive.calculus.partials import LocalDerivative
from derive.computation.equations import Computation
from derive.evaluation.evaluation import Evaluation
from derive.figure import Dependence, Graph, Quantity, Scene, graph_layout
from derive.figure.graph import MOST_QUANTITIES
from derive.numbers.number import Number
from derive.story.backflow import gradient, part
from derive.story.operation import sign


@dataclass(frozen=True)
class DrawingView:
    """Whether a drawing has local derivatives, operations, quantities at several places, or only shows blocks."""

    has_numbers: bool
    has_signs: bool
    has_repeats: bool
    is_of_blocks: bool


def drawing_view(scene: Scene) -> DrawingView:
    """Return what stands in a drawing of a graph."""
    return DrawingView(
        any(arrow.gap for arrow in scene.arrows),
        any(label.sign == "=" for label in scene.labels),
        any(box.dashed for box in scene.boxes),
        not any(label.value for label in scene.labels),
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


def path_graph(computation: Computation, name: str) -> Graph:
    """Return the names alone, and marked what carries from a quantity to the objective."""
    return Graph(
        tuple(Quantity(each, "", "", is_given=each not in computation.by_name) for each in _drawn(computation)),
        tuple(Dependence(each, equation.name, "") for equation in computation.equations for each in equation.names),
        computation.objective,
        computation.trained,
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


def main_graph(evaluation: Evaluation, written: Written) -> Graph | None:
    """Return the graph of all quantities, of their blocks where that would not be readable; None without any."""
    if len(_drawn(evaluation.computation)) <= MOST_QUANTITIES:
        every = graph(evaluation, written)
        if graph_layout(every) is not None:
            return every
    blocks = block_graph(evaluation.computation)
    return blocks if blocks is not None and graph_layout(blocks) is not None else None


def graph_scene(evaluation: Evaluation, written: Written) -> Scene | None:
    """Return the drawing of that; None where there is none."""
    found = main_graph(evaluation, written)
    return None if found is None else graph_layout(found)


def path_picture(computation: Computation, name: str) -> Graph | None:
    """Return what carries from a quantity, or from its block where not all would be readable; None without blocks."""
    if len(_drawn(computation)) <= MOST_QUANTITIES:
        every = path_graph(computation, name)
        if graph_layout(every) is not None:
            return every
    blocks = block_graph(computation, name)
    return blocks if blocks is not None and graph_layout(blocks) is not None else None


def block_graph(computation: Computation, start: str = "") -> Graph | None:
    """Return the blocks that the equations come from, with what each does and its shape; None where there are none.

    Those are marked that carry from the quantity ``start``.
    """
    if not computation.groups:
        return None
    home = {name: group.name for group in computation.groups for name in group.names}
    given = dict[str, Quantity]()
    blocks = list[Quantity]()
    dependences = dict[Dependence, None]()
    for group in computation.groups:
        defined = [computation.by_name[name] for name in group.names if name in computation.by_name]
        needed = dict.fromkeys(name for equation in defined for name in equation.names if home.get(name) != group.name)
        for name in needed:
            source = home.get(name) or name
            if name not in computation.by_name:
                tensor = next((t for t in (*group.weights.values(), *group.inputs) if name in t.names), None)
                source = _stem(tensor.names) if tensor else name
                home[name] = source
                given[source] = Quantity(source, "", _shape(tensor.shape if tensor else ()), is_given=True)
            dependences[Dependence(source, group.name, "")] = None
        blocks.append(Quantity(group.name, group.op.replace("_", " "), _shape(group.output.shape)))
    return Graph(
        (*given.values(), *blocks),
        tuple(dependences),
        shared=frozenset(given),
        marked=frozenset(home[name] for name in on_the_paths(computation, start) if name in home)
        if start
        else frozenset(),
        is_of_blocks=True,
    )


def _shape(sizes: Sequence[int]) -> str:
    return " × ".join(map(str, sizes))


def _stem(names: Sequence[str]) -> str:
    """Return what the names of an array begin with.

    >>> _stem(("W_1_1", "W_1_2")), _stem(("x_1",)), _stem(("a", "b"))
    ('W', 'x_1', 'a')
    """
    if len(names) == 1:
        return names[0]
    alike = takewhile(lambda letters: len(set(letters)) == 1, zip(*names, strict=False))
    return "".join(letters[0] for letters in alike).rstrip("_0123456789") or names[0]
