"""The file of a computation of formulas."""

from collections.abc import Iterator
from typing import Any

from derive.computation.calls import JOINT
from derive.computation.equations import Computation, Equation
from derive.computation.formula import Applied, Name, Tree
from derive.computation.plan import Plan
from derive.computation.wellformed import PARAMETERS
from derive.render.toml.formulas import formula_text, tree_of
from derive.render.toml.plans import top_of_plan, training_of
from derive.render.toml.text import Document, Table


def equations_document(computation: Computation, plan: Plan) -> Document:
    """Return the file; raises `Unwritable` for a term that no formula makes."""
    trained = [name for name in computation.parameters if name in computation.trained]
    others = [name for name in computation.parameters if name not in computation.trained]
    return Document(
        {
            **({"title": computation.title} if computation.title else {}),
            "differentiate": computation.objective,
            **({"trained": trained} if trained else {}),
            **({"by": others} if others else {}),
            **({"reduction": computation.reduction} if computation.reduction != "mean" else {}),
            **top_of_plan(plan, is_trained=bool(trained)),
        },
        [
            *training_of(plan),
            *_values(computation),
            ("[equations]", {", ".join(names): formula_text(tree) for names, tree in _lines(computation)}),
        ],
    )


def _values(computation: Computation) -> list[tuple[str, Table]]:
    """Return the given numbers: where there are several samples, each has all that is no parameter."""
    samples = computation.samples
    if len(samples) == 1:
        return [("[values]", samples[0])]
    is_shared = {name: computation.kinds[name] in PARAMETERS for name in samples[0]}
    shared = {name: value for name, value in samples[0].items() if is_shared[name]}
    own = [{name: value for name, value in sample.items() if not is_shared[name]} for sample in samples]
    return [("[values]", shared), *(("[[sample]]", sample) for sample in own)]


def _lines(computation: Computation) -> Iterator[tuple[tuple[str, ...], Tree]]:
    """Yield the formulas with what they define: a net input is part of the line of what is made of it."""
    nets: dict[str, Tree] = {}
    known: set[str] = set()
    for equation in computation.equations:
        if computation.kinds[equation.name] == "net" and equation.name in computation.units:
            nets[equation.name] = tree_of(equation.terms)
        elif equation.name not in known:
            yield _line(equation, nets)
            known.update(equation.terms[0].siblings)


def _line(equation: Equation, nets: dict[str, Tree]) -> tuple[tuple[str, ...], Tree]:
    tree: Any = tree_of(equation.terms)
    if isinstance(tree, Applied):
        parts = tuple(nets.get(part.name, part) if isinstance(part, Name) else part for part in tree.parts)
        tree = Applied(tree.function, parts, tree.constant)
    is_joint = isinstance(tree, Applied) and tree.function in JOINT
    return equation.terms[0].siblings if is_joint else (equation.name,), tree
