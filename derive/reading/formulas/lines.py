"""What a user defines: names with commas between, by formulas as text or as SymPy's expressions; and their samples."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from sympy import Expr

from derive.checks import numbered, sequence
from derive.computation.checked_lines import Line
from derive.computation.naming import own_name
from derive.computation.sympy_trees import tree_of
from derive.errors import InputError, Message, Text, shown
from derive.numbers.exact import exact
from derive.reading.files import placed
from derive.reading.formulas.parser import parsed_formula

A_NAME, NAMES = Message("a name"), Message("a list of names")
EXAMPLE = '"x*y + 1"'


def lines_of(equations: Mapping[Any, Any], keys: Sequence[str] = ()) -> list[Line]:
    """Return what is defined, in order; ``keys`` are those of a file, which stand among the equations by mistake.

    Raises `InputError` for whatever is no formula, with a caret under the place in a text.
    """
    return [_line(_name(key), formula, keys) for key, formula in equations.items()]


def _line(key: str, given: Any, keys: Sequence[str]) -> Line:
    place = Message("the equation of {name}", {"name": key or shown(key)})
    with placed(place):
        names = tuple(own_name(name.strip(), Message("its name")) for name in key.split(","))
        if isinstance(given, Expr):
            return Line(names, tree_of(given), place)
        if not isinstance(given, str):
            hint = Message(" The key {key} stands above the first table.", {"key": key}) if key in keys else ""
            raise InputError(
                "found {found}; expected a formula in quotation marks, such as {example}.{hint}",
                found=shown(given),
                example=EXAMPLE,
                hint=hint,
            )
        formula = parsed_formula(given, several=True)
    return Line(names, formula.tree, place, formula.fault)


def _name(given: Any, place: Text = A_NAME) -> str:
    """Return a name, that of a symbol too."""
    return own_name(getattr(given, "name", given), place) if not isinstance(given, str) else given


def names_of(given: Any, place: str) -> tuple[str, ...]:
    """Return names, of symbols too; one alone needs no list."""
    alone = isinstance(given, str | Expr)
    if alone:
        return (_name(given, place),)
    return tuple(_name(name, numbered(place, number)) for number, name in enumerate(sequence(given, place, NAMES), 1))


def values_of(given: Any, place: Text) -> dict[str, Fraction]:
    """Return numbers by name, exact; raises `InputError` for all else."""
    if not isinstance(given, Mapping):
        raise InputError("{place}: found {found}; expected a number for each name.", place=place, found=shown(given))
    found = {}
    for key, value in given.items():
        name = _name(key)
        at = Message("{place}, {name}", {"place": place, "name": name})
        found[own_name(name, at)] = exact(value, at)
    return found


def samples_of(values: Any, samples: Sequence[Any]) -> list[Mapping[str, Fraction]]:
    """Return the samples: the values, and each further sample with what differs in it.

    Where samples give a name that the values do not have, the values are only what the samples have in common.

    >>> [{name: str(value) for name, value in sample.items()} for sample in samples_of({"w": 2}, [{"x": 1}, {"x": 3}])]
    [{'w': '2', 'x': '1'}, {'w': '2', 'x': '3'}]
    """
    shared = values_of(values, "values")
    own = [values_of(each, Message("sample {number}", {"number": number})) for number, each in enumerate(samples, 1)]
    others = dict.fromkeys(name for each in own for name in each if name not in shared)
    if not others:
        return [shared, *({**shared, **each} for each in own)]
    for number, each in enumerate(own, start=1):
        for name in others:
            if name not in each:
                raise InputError(
                    "sample {number}: no value for {name}; expected one in each sample, or one among the values.",
                    number=number,
                    name=name,
                )
    return [{**shared, **{name: each[name] for name in others}, **each} for each in own]
