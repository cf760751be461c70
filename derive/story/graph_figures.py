"""The figures of a computation that no layers describe: its graph, and what of it carries from one quantity."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

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
    """Whether a drawing has local derivatives, operations, and quantities at several places: the text says so."""

    has_numbers: bool
    has_signs: bool
    has_repeats: bool


def drawing_view(scene: Scene) -> DrawingView:
    """Return what stands in a drawing of a graph."""
    return DrawingView(
        any(arrow.gap for arrow in scene.arrows),
        any(label.sign == "=" for label in scene.labels),
        any(box.dashed for box in scene.boxes),
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
        lambda name, users: written(part(evaluation, name, users)) if has_gradient else "",
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


def graph_scene(evaluation: Evaluation, written: Written) -> Scene | None:
    """Return the drawing of the graph; None where it would not be readable."""
    if len(_drawn(evaluation.computation)) > MOST_QUANTITIES:
        return None
    return graph_layout(graph(evaluation, written))


def path_scene(computation: Computation, name: str) -> Scene | None:
    """Return the drawing of what carries from a quantity; None where it would not be readable."""
    if len(_drawn(computation)) > MOST_QUANTITIES:
        return None
    return graph_layout(path_graph(computation, name))
