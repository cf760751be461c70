"""Computations from files of formulas: the values that are given, and an equation for each quantity in order.

A file has ``[values]`` and ``[equations]``, in TOML or JSON. Its other keys mean what they mean in a network file.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from derive.checks import one_of
from derive.computation.described import described
from derive.computation.equations import Computation
from derive.computation.layers import REDUCTIONS
from derive.computation.plan import Plan
from derive.errors import InputError, Message, folded, nearest, shown
from derive.network.network import OTHER_REDUCTIONS
from derive.reading.files import not_a_list, placed
from derive.reading.formulas.lines import lines_of, names_of, samples_of
from derive.reading.network_file import TRAINING_KEYS, optimizer_of, usual_key

C = TypeVar("C", bound=Computation)
PLAN_KEYS = ("learning_rate", "updates", "learning_rate_name")
PLAIN_KEYS = ("title", "differentiate", "by", "trained", "reduction")
EQUATION_KEYS = (*PLAIN_KEYS, *PLAN_KEYS, "optimizer", "training", "values", "equations", "sample")
OWN_KEYS = ("equations", "values", "equation", "value", "by", "trained")  # which no file of layers has


def has_equations(data: Any) -> bool:
    """Whether what a file says is a computation of formulas; raises `InputError` where it is one of layers, too."""
    own = [key for key in OWN_KEYS if key in map(folded, data)] if isinstance(data, dict) else []
    if own and "layer" in data:
        raise InputError("found both [[layer]] and {key}; expected either layers or equations.", key=own[0])
    return bool(own)


def computation_of(data: Any, kind: Callable[..., C]) -> C:
    """Return the computation that a file says, as one of that kind, which takes a plan.

    Raises `InputError` for whatever is wrong with it, and shows a formula with a caret under the place.
    """
    table = table_of(data, EQUATION_KEYS)
    for key in ("values", "equations", "differentiate"):
        if key not in table:
            raise InputError("{message}", message=_MISSING[key])
    names = {key: names_of(table[key], key) for key in ("by", "trained") if key in table}
    equations, samples = table["equations"], table.get("sample", [])
    if not isinstance(equations, dict):
        raise InputError("equations: found {found}; expected a table of formulas by name.", found=shown(equations))
    if not isinstance(samples, list):
        raise not_a_list("sample", shown(samples))
    parts = described(
        lines_of(equations, EQUATION_KEYS),
        samples_of(table["values"], samples),
        table["differentiate"],
        names.get("by"),
        names.get("trained", ()),
    )
    rest = {"title": table["title"]} if "title" in table else {}
    if "reduction" in table:
        rest["reduction"] = one_of(table["reduction"], REDUCTIONS, "reduction", OTHER_REDUCTIONS)
    return kind(**parts, **rest, plan=plan_of_table(table))


_EQUATION, _OBJECTIVE = 'f = "x*y"', 'differentiate = "f"'
_MISSING = {
    "values": Message(
        "values: no table of that name; write [values] and a line such as x = 0.5 for each quantity that is given."
    ),
    "equations": Message(
        "equations: no table of that name; write [equations] and lines such as {example}, in order.",
        {"example": _EQUATION},
    ),
    "differentiate": Message(
        "differentiate: no value follows it; write {example} above the first table, with the quantity whose partial "
        "derivatives are wanted.",
        {"example": _OBJECTIVE},
    ),
}


def plan_of_table(table: Mapping[str, Any]) -> Plan:
    """Return the plan that a file says, in the keys of a network file."""
    rest = {key: table[key] for key in PLAN_KEYS if key in table}
    if "optimizer" in table:
        with placed("optimizer", ", "):
            rest["optimizer"] = optimizer_of(table["optimizer"])
    if "training" in table:
        with placed("training", ", "):
            rest |= table_of(table["training"], TRAINING_KEYS)
    return Plan(**rest)


def table_of(data: Any, keys: Sequence[str]) -> Mapping[str, Any]:
    """Return a table; raises `InputError` for what is none, and for a key that is none of these."""
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
