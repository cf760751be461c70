"""The derivation as data for programs: JSON in the format "derive/1"."""

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

import attrs
from sympy import Expr

from derive.calculus.partials import Path
from derive.computation.groups import Group, Tensor
from derive.computation.notation import USUAL
from derive.evaluation.evaluation import Evaluation
from derive.evaluation.hessian import Hessian
from derive.evaluation.turn import turn
from derive.functions.optimizers import Optimizer
from derive.notation import name_latex, to_latex, to_sympy_text
from derive.numbers.decimals import decimal
from derive.numbers.number import Number
from derive.render.partial_data import partial_data
from derive.render.rendered import Rendered
from derive.render.training_data import training_data
from derive.training.certified import whole
from derive.training.run import Training

FORMAT = "derive/1"


def render(handout: Rendered) -> dict[str, bytes]:
    """Return the derivation as one JSON file; values are decimal strings, formulas SymPy text."""
    evaluation, digits = handout.evaluation, handout.options.digits
    computation = evaluation.computation
    has_error, letters = computation.has_error, computation.layers.notation if computation.layers else USUAL
    error = evaluation.whole if has_error else None
    data = {
        "format": FORMAT,
        "title": evaluation.computation.title,
        **handout.options.page.named_lines,
        "digits": digits,
        # An error's name alone is read off the error itself.
        **({"notation": attrs.asdict(letters)} if {*letters.chosen} - {"error"} else {}),
        "rounding": "exact" if evaluation.rounding is None else evaluation.rounding.word,
        "quantities": [*_quantities(evaluation, digits), *_named_partials(evaluation, digits)],
        **({"groups": list(map(_group, computation.groups))} if computation.groups else {}),
        "partials": [partial_data(evaluation.derivation[name], digits) for name in _differentiated_by(evaluation)],
        "samples": list(_samples(evaluation, digits)),
        "gradients": {name: evaluation.gradient(name).decimal(digits) for name in _differentiated_by(evaluation)},
        "optimizer": _optimizer(evaluation, digits) if has_error else None,
        "updates": list(_updates(evaluation, digits)),
        "error": error and {"before": error.value.decimal(digits), "after": error.after.decimal(digits)},
        **({} if has_error else {"differentiate": computation.objective or None}),
        **({"hessian": hessian_data(evaluation, digits)} if handout.options.hessian and computation.objective else {}),
        "training": _training(handout.training, digits),
        "checked": dataclasses.asdict(handout.report),
    }
    text = json.dumps(data, ensure_ascii=False, indent=1) + "\n"
    return {f"{handout.name}.json": text.encode()}


def hessian_data(evaluation: Evaluation, digits: int) -> dict[str, Any]:
    """Return the matrix of second derivatives, and how many of its eigenvalues have each sign."""
    hessian = Hessian(evaluation)
    rows = {name: {by: hessian[name, by].decimal(digits) for by in hessian.names} for name in hessian.names}
    return {"values": rows, "signs": None if hessian.signs is None else dataclasses.asdict(hessian.signs)}


def _differentiated_by(evaluation: Evaluation) -> tuple[str, ...]:
    """Return the parameters, and the inputs where an output is differentiated; nothing for a forward pass alone."""
    computation = evaluation.computation
    inputs = computation.layers.inputs if computation.layers and computation.differentiates_output else ()
    return (*computation.parameters, *inputs) if computation.objective else ()


def _quantities(evaluation: Evaluation, digits: int) -> Iterator[dict[str, Any]]:
    computation = evaluation.computation
    for name, kind in computation.kinds.items():
        equation = computation.by_name.get(name)
        formula = equation.expression if equation else None
        yield _quantity(name, kind, formula, evaluation.quantity(name), digits)


def _samples(evaluation: Evaluation, digits: int) -> Iterator[dict[str, Any]]:
    """Yield the values of each sample: its quantities, and its partials by the parameters."""
    computation = evaluation.computation
    names = [name for name in computation.kinds if name not in evaluation.computation.parameters]
    for number in range(len(computation.samples)):
        partials = {
            name: evaluation.derivative(evaluation.derivation[name], number) for name in _differentiated_by(evaluation)
        }
        yield {
            "sample": number + 1,
            "quantities": {name: evaluation.quantity(name, number).decimal(digits) for name in names},
            "partials": {name: partial.decimal(digits) for name, partial in partials.items()},
        }


def _group(group: Group) -> dict[str, Any]:
    """Return a block by the names of its quantities, each array with its shape."""
    return {
        "name": group.name,
        "op": group.op,
        "names": list(group.names),
        "output": _tensor(group.output),
        "inputs": list(map(_tensor, group.inputs)),
        "weights": {what: _tensor(tensor) for what, tensor in group.weights.items()},
        "inner": {what: _tensor(tensor) for what, tensor in group.inner.items()},
        "options": {name: str(option) for name, option in group.options.items()},
        "steps": [list(names) for names in group.steps],
    }


def _tensor(tensor: Tensor) -> dict[str, Any]:
    return {"shape": list(tensor.shape), "names": list(tensor.names)}


def _optimizer(evaluation: Evaluation, digits: int) -> dict[str, Any]:
    """Return how the weights move: the equations of one step, and the constants in them."""
    plan, optimizer = evaluation.plan, evaluation.plan.optimizer
    constants = {"eta": plan.learning_rate, **optimizer.symbols}
    return {
        "name": optimizer.name,
        "updates": plan.updates,
        "reduction": evaluation.computation.reduction,
        "constants": {name: decimal(value, digits) for name, value in constants.items()},
        "steps": _steps(optimizer),
        **({} if optimizer.of("bias") == optimizer else {"bias_steps": _steps(optimizer.of("bias"))}),
    }


def _steps(optimizer: Optimizer) -> list[dict[str, str]]:
    return [{"name": target, "formula": to_sympy_text(formula)} for target, formula in optimizer.steps]


def _training(training: Training | None, digits: int) -> dict[str, Any] | None:
    """Return what training came to, each number with what its digits rest on; None where the network asks for none."""
    found = whole(training, digits)
    return None if training is None or found is None else training_data(training, found)


def _named_partials(evaluation: Evaluation, digits: int) -> Iterator[dict[str, Any]]:
    """Yield the partials that formulas use by name: the deltas, and the sums over paths with each path's part."""
    kinds, is_layered = evaluation.computation.kinds, evaluation.computation.layers is not None
    for name, partial in evaluation.derivation.partials.items():
        if partial.unit:
            yield _quantity(partial.symbol.name, "delta", partial.formula, partial.value, digits)
        elif kinds[name] == "out" or (not is_layered and name in evaluation.computation.by_name):
            yield _quantity(partial.symbol.name, "partial", partial.formula, partial.value, digits)
            if len(partial.paths) > 1:
                yield from (_path_quantity(path, digits) for path in partial.paths)


def _path_quantity(path: Path, digits: int) -> dict[str, Any]:
    return _quantity(path.name, "path", path.formula, path.value, digits)


def _quantity(name: str, kind: str, formula: Expr | None, value: Number, digits: int) -> dict[str, Any]:
    return {
        "name": name,
        "kind": kind,
        "formula": None if formula is None else to_sympy_text(formula),
        "latex": name_latex(name) if formula is None else f"{name_latex(name)} = {to_latex(formula)}",
        "value": value.decimal(digits),
    }


def _updates(evaluation: Evaluation, digits: int) -> Iterator[dict[str, Any]]:
    """Yield the update of each parameter; where updates are online, that of each sample, in order."""
    if not evaluation.plan.is_online:
        yield from _one_update(evaluation, digits)
        return
    for number in range(len(evaluation.computation.samples)):
        yield from ({"sample": number + 1, **each} for each in _one_update(turn(evaluation, number), digits))


def _one_update(evaluation: Evaluation, digits: int) -> Iterator[dict[str, Any]]:
    for name in evaluation.computation.parameters:
        if name in evaluation.computation.trained:
            yield {
                "name": name,
                "before": evaluation.quantity(name).decimal(digits),
                "gradient": evaluation.gradient_used(name).decimal(digits),
                "after": evaluation.updated(name).decimal(digits),
                "steps": {
                    target: evaluation.step(name, target).decimal(digits)
                    for target, _ in evaluation.plan.optimizer.of(evaluation.computation.kinds[name]).steps[:-1]
                },
            }
