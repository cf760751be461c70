"""A computation described by formulas: equations made of trees, and what each quantity is.

A line `name = tree` is an equation whose terms are the summands of the tree. A line that is as a whole an activation of
more than a name becomes two: the net, and what the activation makes of it, so that the partial by the net is a delta.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from derive.checks import MOST_SHOWN
from derive.computation.calls import JOINT
from derive.computation.equations import Equation, Term
from derive.computation.formula import Applied, Name, Tree, names_in, terms_of
from derive.computation.naming import LONGEST_NAME
from derive.computation.shapes import SAME, joint_shape
from derive.errors import InputError, Message, Text, nearest, shown
from derive.functions.activations import ACTIVATIONS
from derive.notation.names import name_text

NETS = ("net", "pre")  # what a net is called that the user gives no name: net_h_1 of h_1


def plain_fault(name: str, message: Message) -> InputError:
    """Return an error of a formula that has no text in which a place could be shown."""
    return InputError("{message}", message=message)


@dataclass(frozen=True)
class Line:
    """What a user defines: one quantity by a tree, or several by a function that makes as many.

    ``place`` is where it stands, and ``fault`` makes an error of what is wrong with a name in it.
    """

    names: tuple[str, ...]
    tree: Tree
    place: Text
    fault: Callable[[str, Message], InputError] = plain_fault


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
    defined twice or only later, or that nothing uses, and for what the objective does not depend on.
    """
    given = samples[0] if samples else {}
    _check_lines(lines, given)
    _check_objective(lines, objective)
    reached = _reached(lines, objective)
    asked = [name for name in given if name in reached] if by is None and not trained else by or ()
    for place, names in (("by", by or ()), ("trained", trained)):
        for name in names:
            _check_parameter(name, place, given, reached, objective)
    _check_used(lines, given)
    parameters = {*asked, *trained}
    found = _equations(lines, given)
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


# What is refused.


def _check_lines(lines: Sequence[Line], given: Collection[str]) -> None:
    defined = [name for line in lines for name in line.names]
    known = set(given)
    before: dict[str, Text] = {}
    for line in lines:
        for name in line.names:
            if name in given:
                raise InputError("{name}: found both a value and an equation; keep one of them.", name=name)
            if name in before:
                raise InputError(
                    "{place}: found another equation for {name} (the first one is {first}); keep one of them.",
                    place=line.place,
                    name=name,
                    first=before[name],
                )
        for name in names_in(line.tree):
            if name not in known:
                raise line.fault(name, _unknown(name, line, defined, known)).inside(line.place)
        if not names_in(line.tree):
            raise InputError(
                "{place}: found a formula without any name; expected the number among the values.", place=line.place
            )
        known.update(line.names)
        before.update(dict.fromkeys(line.names, line.place))


def _unknown(name: str, line: Line, defined: Collection[str], known: Collection[str]) -> Message:
    if name in line.names:
        return Message("{name} is defined by itself; expected names that are defined before.", {"name": name})
    if name in defined:
        return Message("{name} is only defined by a later equation; put that one first.", {"name": name})
    return Message(
        "found the unknown name {found}; expected a value or an equation for it.{hint}",
        {"found": name, "hint": nearest(name, [*known, *defined])},
    )


def _check_objective(lines: Sequence[Line], objective: Any) -> None:
    defined = [name for line in lines for name in line.names]
    if objective not in defined:
        raise InputError(
            "differentiate: found {found}; expected a quantity that an equation defines: {names}.{hint}",
            found=shown(objective),
            names=_listed(defined),
            hint=nearest(objective, defined),
        )


def _check_parameter(name: Any, place: str, given: Collection[str], reached: Collection[str], objective: str) -> None:
    if name not in given:
        raise InputError(
            "{place}: found {found}; expected names that are given a value: {names}.{hint}",
            place=place,
            found=shown(name),
            names=_listed(given),
            hint=nearest(name, given),
        )
    if name not in reached:
        raise InputError(
            "{place}: found {name}, on which {objective} does not depend; expected names on which it does: {names}.",
            place=place,
            name=name,
            objective=objective,
            names=_listed([each for each in given if each in reached]),
        )


def _check_used(lines: Sequence[Line], given: Collection[str]) -> None:
    used = {name for line in lines for name in names_in(line.tree)}
    for name in given:
        if name not in used:
            raise InputError("values: found {name}, which no equation uses; leave it out.", name=name)


def _reached(lines: Sequence[Line], objective: str) -> frozenset[str]:
    """Return all that the objective depends on."""
    found = {objective}
    for line in reversed(lines):
        if not found.isdisjoint(line.names):
            found.update(names_in(line.tree))
    return frozenset(found)


def _listed(names: Collection[str]) -> str:
    first = list(names)[:MOST_SHOWN]
    return ", ".join([*first, *(["…"] if len(first) < len(names) else [])])
