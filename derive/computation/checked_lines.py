"""Lines of formulas as a user defines them, and what is refused of them: names, order, and what depends on what."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sympy import Expr, Symbol, preorder_traversal

from derive.checks import MOST_SHOWN
from derive.computation.cycles import ARROW, cycle
from derive.computation.equations import Equation
from derive.computation.formula import Tree, names_in
from derive.computation.naming import check_apart
from derive.computation.shapes import Shape
from derive.errors import InputError, Message, Text, nearest, shown
from derive.notation.elementary import entries


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


def check_lines(lines: Sequence[Line], given: Collection[str]) -> None:
    """Refuse a name that is defined twice, is given a value too, or is defined nowhere or only later."""
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
                raise line.fault(name, _unknown(name, line, lines, known)).inside(line.place)
        if not names_in(line.tree):
            raise InputError(
                "{place}: found a formula without any name; expected the number among the values.", place=line.place
            )
        known.update(line.names)
        before.update(dict.fromkeys(line.names, line.place))


def _unknown(name: str, line: Line, lines: Sequence[Line], known: Collection[str]) -> Message:
    if name in line.names:
        return Message("{name} is defined by itself; expected names that are defined before.", {"name": name})
    defined = [each for other in lines for each in other.names]
    if name in defined:
        needs = {each: names_in(other.tree) for other in lines for each in other.names}
        if path := cycle(line.names[0], name, needs, line.names):
            return Message(
                "found equations that need each other, {path}; expected an order in which each one needs only what is "
                "known before it.",
                {"path": ARROW.join(path)},
            )
        return Message("{name} is only defined by a later equation; put that one first.", {"name": name})
    return Message(
        "found the unknown name {found}; expected a value or an equation for it.{hint}",
        {"found": name, "hint": nearest(name, [*known, *defined])},
    )


def check_objective(lines: Sequence[Line], objective: Any) -> None:
    """Refuse what is differentiated where no equation defines it."""
    defined = [name for line in lines for name in line.names]
    if not defined:
        raise InputError("equations: found none; expected at least one.")
    if objective not in defined:
        raise InputError(
            "differentiate: found {found}; expected a quantity that an equation defines: {names}.{hint}",
            found=shown(objective),
            names=_listed(defined),
            hint=nearest(objective, defined),
        )


def check_parameter(name: Any, place: str, given: Collection[str], reached: Collection[str], objective: str) -> None:
    """Refuse what is differentiated by where it has no value, or the objective does not depend on it."""
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


def check_same(name: str, place: str, varied: Mapping[str, int]) -> None:
    """Refuse a name whose value is another one in some sample, of which ``varied`` has the first."""
    if name in varied:
        raise InputError(
            "{place}: found {name}, of which sample {number} has another value than the first one; expected names that "
            "have the same value in all samples.",
            place=place,
            name=name,
            number=varied[name],
        )


def check_some(names: Collection[str], possible: Collection[str], *, is_asked: bool) -> None:
    """Refuse that there is nothing to differentiate by: an empty list, or values that all differ among the samples."""
    if not names and not possible:
        raise InputError(
            "by: every value differs among the samples; expected at least one that is the same in all, to "
            "differentiate by it."
        )
    if not names and is_asked:
        raise InputError("by: found an empty list; expected at least one of {names}.", names=_listed(possible))


def check_used(lines: Sequence[Line], given: Collection[str], reached: Collection[str], objective: str) -> None:
    """Refuse a value that no equation uses, and an equation on which the objective does not depend."""
    used = {name for line in lines for name in names_in(line.tree)}
    for name in given:
        if name not in used:
            raise InputError("values: found {name}, which no equation uses; leave it out.", name=name)
    for line in lines:
        if not any(name in reached for name in line.names):
            raise InputError(
                "{place}: {objective} does not depend on it; use it in another equation, or leave it out.",
                place=line.place,
                objective=objective,
            )


def check_look(equations: Sequence[Equation], given: Collection[str]) -> None:
    """Refuse names that are printed alike, or like a sign of the formulas that they stand in."""
    values = [(name, Message("a value")) for name in given]
    defined = [(equation.name, Message("a quantity")) for equation in equations]
    shapes = {term.shape for equation in equations for term in equation.terms}
    nodes = {part.func for shape in shapes for part in preorder_traversal(_written(shape))}
    signs = [entry.sign for entry in entries() if entry.sign and entry.kind in nodes]
    check_apart([*values, *defined], signs)


def _written(shape: Shape) -> Expr:
    return shape.build(*(Symbol(f"x{place}") for place in range(shape.arity)))


def varied_in(samples: Sequence[Mapping[str, Fraction]]) -> Mapping[str, int]:
    """Return the names whose value is not the same in all samples, each with a sample that has another one."""
    found: dict[str, int] = {}
    for number, sample in enumerate(samples[1:], start=2):
        for name, value in sample.items():
            if value != samples[0].get(name):
                found.setdefault(name, number)
    return found


def reached_from(lines: Sequence[Line], objective: str) -> frozenset[str]:
    """Return all that the objective depends on, itself too."""
    found = {objective}
    for line in reversed(lines):
        if not found.isdisjoint(line.names):
            found.update(names_in(line.tree))
    return frozenset(found)


def _listed(names: Collection[str]) -> str:
    first = list(names)[:MOST_SHOWN]
    return ", ".join([*first, *(["…"] if len(first) < len(names) else [])])
