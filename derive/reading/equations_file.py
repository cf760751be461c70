"""Computations from files of formulas: the values that are given, and an equation for each quantity in order.

A file has ``[values]`` and ``[equations]``, in TOML or JSON. Its other keys mean what they mean in a network file.
"""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, TypeVar

from derive.checks import sequence
from derive.computation.described import Line, described
from derive.computation.equations import Computation
from derive.computation.naming import own_name
from derive.computation.plan import Plan
from derive.errors import InputError, Message, Text, folded, nearest, shown
from derive.numbers.exact import exact
from derive.reading.files import not_a_list, placed
from derive.reading.formulas.parser import parsed_formula
from derive.reading.network_file import TRAINING_KEYS, optimizer_of, usual_key

C = TypeVar("C", bound=Computation)
PLAN_KEYS = ("learning_rate", "updates", "learning_rate_name")
PLAIN_KEYS = ("title", "differentiate", "by", "trained", "reduction")
EQUATION_KEYS = (*PLAIN_KEYS, *PLAN_KEYS, "optimizer", "training", "values", "equations", "sample")
OWN_KEYS = ("values", "equations", "value", "equation", "by", "trained")  # which no file of layers has
NAMES = Message("a list of names")


def has_equations(data: Any) -> bool:
    """Whether what a file says is a computation of formulas; raises `InputError` where it is one of layers, too."""
    if not isinstance(data, dict) or not any(folded(key) in OWN_KEYS for key in data):
        return False
    if "layer" in data:
        raise InputError(
            "found both [[layer]] and {key}; expected either layers or equations.",
            key=next(key for key in data if folded(key) in OWN_KEYS),
        )
    return True


def computation_of(data: Any, kind: Callable[..., C]) -> C:
    """Return the computation that a file says, as one of that kind, which takes a plan.

    Raises `InputError` for whatever is wrong with it, and shows a formula with a caret under the place.
    """
    table = _table(data, EQUATION_KEYS)
    for key in ("values", "equations", "differentiate"):
        if key not in table:
            raise InputError(_MISSING[key])
    names = {key: _names(table[key], key) for key in ("by", "trained") if key in table}
    parts = described(
        lines_of(_by_name(table["equations"], "equations")),
        _samples(_values(table["values"], "values"), table.get("sample", [])),
        table["differentiate"],
        names.get("by"),
        names.get("trained", ()),
    )
    rest = {key: table[key] for key in ("title", "reduction") if key in table}
    return kind(**parts, **rest, plan=_plan(table))


_MISSING = {
    "values": "values: no table of that name; write [values] and a line such as x = 0.5 for each quantity that is "
    "given.",
    "equations": 'equations: no table of that name; write [equations] and lines such as f = "x*y", in order.',
    "differentiate": 'differentiate: no value follows it; write differentiate = "f", the quantity whose partial '
    "derivatives are wanted, above the first table.",
}


def lines_of(equations: Mapping[str, Any]) -> list[Line]:
    """Return what is defined: names, several of them with commas between, by formulas."""
    lines = []
    for key, text in equations.items():
        place = Message("the equation of {name}", {"name": key})
        with placed(place):
            names = tuple(own_name(name.strip(), Message("its name")) for name in key.split(","))
            if not isinstance(text, str):
                raise InputError(
                    "found {found}; expected a formula in quotation marks, such as {example}.{hint}",
                    found=shown(text),
                    example='"x*y + 1"',
                    hint=_above(key),
                )
            formula = parsed_formula(text, several=True)
        lines.append(Line(names, formula.tree, place, formula.fault))
    return lines


def _above(key: str) -> Text:
    """Return a hint where an equation has the name of a key, which stands below [equations] by mistake."""
    return Message(" A key such as {key} stands above the first table.", {"key": key}) if key in EQUATION_KEYS else ""


def _values(found: Any, place: Text) -> dict[str, Fraction]:
    given = {}
    for name, value in _by_name(found, place).items():
        at = Message("{place}, {name}", {"place": place, "name": name})
        given[own_name(name, at)] = exact(value, at)
    return given


def _samples(values: Mapping[str, Fraction], found: Any) -> list[Mapping[str, Fraction]]:
    """Return the samples: the values, and each sample with what differs in it.

    Where a sample gives a name that the values do not have, the values are only what the samples have in common.
    """
    if not isinstance(found, list):
        raise not_a_list("sample", shown(found))
    own = [_values(each, Message("sample {number}", {"number": number})) for number, each in enumerate(found, 1)]
    common = [name for each in own for name in each if name not in values]
    if not common:
        return [values, *({**values, **each} for each in own)]
    for number, each in enumerate(own, start=1):
        for name in common:
            if name not in each:
                raise InputError(
                    "sample {number}: no value for {name}; expected one in each sample, or one among the values.",
                    number=number,
                    name=name,
                )
    return [{**values, **{name: each[name] for name in common}, **each} for each in own]


def _names(found: Any, place: str) -> tuple[str, ...]:
    return tuple(sequence([found] if isinstance(found, str) else found, place, NAMES))


def _plan(table: Mapping[str, Any]) -> Plan:
    rest = {key: table[key] for key in PLAN_KEYS if key in table}
    if "optimizer" in table:
        with placed("optimizer", ", "):
            rest["optimizer"] = optimizer_of(table["optimizer"])
    if "training" in table:
        with placed("training", ", "):
            rest |= _table(table["training"], TRAINING_KEYS)
    return Plan(**rest)


def _by_name(found: Any, place: Text) -> Mapping[str, Any]:
    if not isinstance(found, dict):
        raise InputError("{place}: found {found}; expected a table with names.", place=place, found=shown(found))
    return found


def _table(data: Any, keys: Sequence[str]) -> Mapping[str, Any]:
    if not isinstance(data, dict):
        raise InputError(
            "found {found}; expected it to be a table with the keys {keys}.", found=shown(data), keys=", ".join(keys)
        )
    for key in data:
        if key not in keys:
            raise InputError(
                "found the unknown key {key}; expected one of {keys}.{hint}",
                key=shown(key),
                keys=", ".join(keys),
                hint=nearest(key, keys) or usual_key(key),
            )
    return data
