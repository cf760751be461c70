"""The ids of lines and of places: what finds a line again, in references, anchors and notebooks.

They are made here and nowhere else. `derive.story.markdown.anchor_of` makes an anchor of one.
"""

from collections.abc import Sequence

from derive.calculus.partials import LocalDerivative, Partial, Path
from derive.computation.equations import Computation

# Places at which no line stands, but tables of numbers.
START, SAMPLES, GRADIENTS, UPDATED, AFTER, TRAINED = "start", "samples", "gradients", "updated", "after", "trained"
PASS = "pass"
UPDATE, REDUCTION = "update", "reduction"
MATRIX_LINES = ("net", "out", "delta", "weights", "biases", "updated")


def equation(name: str) -> str:
    """Return the id of a line of the forward pass; that of the error of all samples is of this kind, too."""
    return name


def partial(found: Partial) -> str:
    """Return the id of the line in which a partial comes out, as a product or as a sum."""
    return f"d{found.of}_d{found.by}"


def local(found: LocalDerivative) -> str:
    """Return the id of a local derivative; that of the objective itself is a partial's."""
    return f"d{found.of}_d{found.by}"


def path(found: Path) -> str:
    """Return the id of what a path adds: that of the partial where no other path adds anything."""
    whole = found.local.derivation.partials[found.local.by]
    return found.name if len(whole.paths) > 1 else partial(whole)


def chain(found: Partial) -> str:
    """Return the id of the chain rule for a partial."""
    return f"chain_{found.by}"


def delta(found: Partial) -> str:
    """Return the id of the line in which a delta comes out; that of any other partial where it is called no delta."""
    return str(found.symbol.name) if found.unit else partial(found)


def long_delta(found: Partial) -> str:
    """Return the id of a delta by its factors, where a short form gives it as well."""
    return f"long_{found.unit or found.by}"


def delta_form(found: Partial) -> str:
    """Return the id of a parameter's partial in deltas."""
    return f"short_{found.by}"


def tabled(found: Partial) -> str:
    """Return the id of the same line where lines stand in place of a table."""
    return f"table_{found.by}"


def late(found: Partial) -> str:
    """Return the id of a partial that sequential updates go on with."""
    return f"late_{found.by}"


def updates(computation: Computation, names: Sequence[str], number: int) -> str:
    """Return the id of a group of updates, counted from 1: of parameters of one layer, where there are layers."""
    rows = computation.layers.rows if computation.layers else ()
    index = next((row.index for row in rows if names[0] in row.parameters), None)
    return f"updates_{number}" if index is None else f"updates_{index}_{number}"


def step(number: int, *, without_decay: bool = False) -> str:
    """Return the id of an equation of the optimizer's step, counted from 1; ``without_decay``, where others have it."""
    return f"undecayed_step_{number}" if without_decay else f"step_{number}"


def comparison(name: str) -> str:
    """Return the id of a quantity before and after the update."""
    return f"after_{name}"


def activation(name: str, index: int | None = None) -> str:
    """Return the id of an activation's formula: where a layer, by its index, is said to use it, or all layers."""
    return f"activation_{name}{'' if index is None else index}"


def appendix(name: str) -> str:
    """Return the id of an activation's formula in the appendix."""
    return f"appendix_{name}"


def activation_derivative(name: str) -> str:
    """Return the id of how an activation's derivative comes about."""
    return f"slope_{name}"


def matrix(kind: str, index: int) -> str:
    """Return the id of a line of a whole layer; ``kind`` is one of `MATRIX_LINES`, ``index`` the layer's."""
    return f"matrix_{kind}_{index}"


def turn(number: int) -> str:
    """Return the name of the place at which the lines of a sample's turn end, counted from 0, in online updates."""
    return f"turn-{number + 1}"


def place(kind: str, index: int) -> str:
    """Return the name of a layer's table, or of a large layer's numbers: ``kind`` is layer, deltas or partials."""
    return f"{kind}-{index}"


def arrays(block: str, kind: str, number: int) -> str:
    """Return the id of a line of a block's matrices: ``kind`` says what it is, ``number`` which of these, from 1."""
    return f"arrays_{block}_{kind}_{number}"
