"""Other names for what has a name that nobody gave it, where an optimizer's step is written in that one as well."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import attrs

from derive.computation.equations import Equation, Term
from derive.computation.groups import Group, Tensor
from derive.computation.naming import LONGEST_NAME, one_alike
from derive.network.blocks.builder import Builder, named_tensor


def without(fields: Mapping[str, Any], build: Builder, taken: Collection[str]) -> dict[str, Any]:
    """Return the fields of a computation in which nothing is called like a name that is taken.

    Only what has the usual letter of its block, or of a part of it, is called otherwise: the mean m of a block y
    becomes m_y. A name of the user's stays as it is.
    """
    found = dict(_renamed(build, taken))
    for net, unit in fields["units"].items():
        if unit in found:
            found[net] = f"net_{found[unit]}"
    if not found:
        return dict(fields)
    return _with_names(fields, _Names(found))


def _renamed(build: Builder, taken: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield the quantities of what is called otherwise, with their new names, and the blocks' own ones."""
    owned = set(build.owners)
    for name, word in build.chosen.items():
        tensor = build.arrays.get(name) or build.parts.get(name)
        # What is only laid out anew has the names that it had.
        is_own = tensor is not None and all(each == name or each.startswith(f"{name}_") for each in tensor.names)
        if tensor is None or not is_own or not any(one_alike(each, taken) for each in tensor.names):
            continue
        new = _free(name, word, tensor, owned)
        if new:
            yield from zip(tensor.names, new.names, strict=True)
            yield name, f"{name}_{word}"


def _free(name: str, word: str, tensor: Tensor, owned: set[str]) -> Tensor | None:
    """Return the quantities under the name with the word below it; None where these names are taken or too long."""
    steps = sum(size > 1 for size in tensor.shape)
    kept = tensor.names[0].count("_") - name.count("_")  # the indexes that are written
    new = named_tensor(f"{name}_{word}", tensor.shape, keep=1 if kept > steps else 0)
    is_long = max(map(len, new.names)) > LONGEST_NAME - len("net_")
    return None if is_long or not owned.isdisjoint((f"{name}_{word}", *new.names)) else new


class _Names(dict[str, str]):
    """New names by the old ones; a name that stays is its own."""

    def __missing__(self, name: str) -> str:
        return name


def _with_names(fields: Mapping[str, Any], names: _Names) -> dict[str, Any]:
    return {
        "equations": tuple(_equation(each, names) for each in fields["equations"]),
        "samples": tuple({names[name]: value for name, value in sample.items()} for sample in fields["samples"]),
        "kinds": {names[name]: kind for name, kind in fields["kinds"].items()},
        "objective": names[fields["objective"]],
        "trained": frozenset(names[name] for name in fields["trained"]),
        "units": {names[net]: names[unit] for net, unit in fields["units"].items()},
        "groups": tuple(_group(each, names) for each in fields["groups"]),
    }


def _equation(equation: Equation, names: _Names) -> Equation:
    terms = [Term(each.shape, _each(each.names, names), _each(each.siblings, names)) for each in equation.terms]
    return Equation(names[equation.name], tuple(terms))


def _each(found: tuple[str, ...], names: _Names) -> tuple[str, ...]:
    return tuple(names[name] for name in found)


def _group(group: Group, names: _Names) -> Group:
    return attrs.evolve(
        group,
        name=names[group.name],
        names=_each(group.names, names),
        output=_tensor(group.output, names),
        inputs=tuple(_tensor(each, names) for each in group.inputs),
        weights={what: _tensor(each, names) for what, each in group.weights.items()},
        inner={what: _tensor(each, names) for what, each in group.inner.items()},
        steps=tuple(_each(step, names) for step in group.steps),
    )


def _tensor(tensor: Tensor, names: _Names) -> Tensor:
    return Tensor(tensor.shape, _each(tensor.names, names))
