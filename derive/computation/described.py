"""A computation described by formulas: equations made of trees, and what each quantity is.

A line `name = tree` is an equation whose terms are the summands of the tree. A line that is as a whole an activation of
more than a name becomes two: the net, and what the activation makes of it, so that the partial by the net is a delta.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from derive.computation.calls import JOINT
from derive.computation.checked_lines import (
    Line,
    check_lines,
    check_look,
    check_objective,
    check_parameter,
    check_same,
    check_some,
    check_used,
    reached_from,
    varied_in,
)
from derive.computation.equations import Equation, Term
from derive.computation.formula import Applied, Name, Tree, terms_of
from derive.computation.naming import LONGEST_NAME
from derive.computation.shapes import SAME, joint_shape
from derive.errors import InputError
from derive.functions.activations import ACTIVATIONS
from derive.notation.names import name_text

NETS = ("net", "pre")  # what a net is called that the user gives no name: net_h_1 of h_1


@dataclass
class Description:
    """Equations in order, and the kinds and units of what they define."""

    equations: list[Equation] = field(default_factory=list)
    kinds: dict[str, str] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, terms: Iterable[Term], kind: str = "out", unit: str = "") -> None:
        """Add an equation; ``unit`` is what a net belongs to."""
        self.equations.append(Equation(name, tuple(terms)))
        self.kinds[name] = kind
        if unit:
            self.units[name] = unit


def described(
    lines: Sequence[Line],
    samples: Sequence[Mapping[str, Fraction]],
    objective: str,
    by: Sequence[str] | None = None,
    trained: Sequence[str] = (),
) -> Mapping[str, Any]:
    """Return what `Computation` is made of, by the names of its fields.

    ``by`` are the names that the objective is differentiated by, besides those that are ``trained``: all given ones
    where it is None and nothing is trained. Raises `InputError` for a name that nothing gives or defines, that is
    defined twice or only later, or that nothing uses, for an equation or a name to differentiate by on which the
    objective does not depend, and where nothing is left to differentiate by.
    """
    given = samples[0] if samples else {}
    check_lines(lines, given)
    check_objective(lines, objective)
    reached = reached_from(lines, objective)
    varied = varied_in(samples)
    for place, names in (("by", by or ()), ("trained", trained)):
        for name in names:
            check_parameter(name, place, given, reached, objective)
            check_same(name, place, varied)
    check_used(lines, given, reached, objective)
    everything = [name for name in given if name in reached and name not in varied]
    parameters = {*(everything if by is None and not trained else by or ()), *trained}
    check_some(parameters, everything, is_asked=by is not None)
    found = _equations(lines, given)
    check_look(found.equations, given)
    if trained:
        _call_errors(found, objective)
    return {
        "equations": found.equations,
        "samples": samples,
        "kinds": {name: "weight" if name in parameters else "input" for name in given} | found.kinds,
        "objective": objective,
        "trained": tuple(trained),
        "units": found.units,
    }


# The equations of lines.


def _equations(lines: Sequence[Line], given: Collection[str]) -> Description:
    found = Description()
    taken = {name_text(name) for name in (*given, *(name for line in lines for name in line.names))}
    for line in lines:
        if isinstance(line.tree, Applied) and line.tree.function in JOINT:
            _add_joint(found, line, line.tree, taken)
        else:
            _add_line(found, line.names[0], line.tree, taken)
    return found


def _add_line(found: Description, name: str, tree: Tree, taken: Collection[str]) -> None:
    is_activation = isinstance(tree, Applied) and tree.function in ACTIVATIONS and not isinstance(tree.parts[0], Name)
    net = _net_of(name, taken) if is_activation else ""
    if net and isinstance(tree, Applied):
        found.add(net, terms_of(tree.parts[0]), "net", name)
        tree = Applied(tree.function, (Name(net),), tree.constant)
    found.add(name, terms_of(tree))


def _add_joint(found: Description, line: Line, tree: Applied, taken: Collection[str]) -> None:
    if len(tree.parts) != len(line.names):
        raise InputError(
            "{place}: found {found} for the quantities of {function}; expected {size}, one for each of its arguments.",
            place=line.place,
            found=len(line.names),
            function=tree.function,
            size=len(tree.parts),
        )
    nets = []
    for name, part in zip(line.names, tree.parts, strict=True):
        net = part.name if isinstance(part, Name) else _net_of(name, taken)
        if not net:
            raise InputError(
                "{place}: found more than a name in {function}; expected a name, with a line of its own.",
                place=line.place,
                function=tree.function,
            )
        if not isinstance(part, Name):
            found.add(net, terms_of(part), "net", name)
        nets.append(net)
    for index, name in enumerate(line.names):
        shape = joint_shape(JOINT[tree.function], len(nets), index)
        found.add(name, [Term(shape, tuple(nets), line.names)])


def _net_of(name: str, taken: Collection[str]) -> str:
    """Return a name for the net of a quantity, "" where each that there is would be another's, or is too long."""
    names = (f"{word}_{name}" for word in NETS)
    return next((net for net in names if name_text(net) not in taken and len(net) <= LONGEST_NAME), "")


def _call_errors(found: Description, objective: str) -> None:
    """Make the objective an error, and what it adds up as it is."""
    found.kinds[objective] = "error"
    (equation,) = (each for each in found.equations if each.name == objective)
    for term in equation.terms if len(equation.terms) > 1 else ():
        if term.shape is SAME and found.kinds.get(term.names[0]) == "out":
            found.kinds[term.names[0]] = "error"
