"""What a graph that is whole comes to: the fields of a computation, and what is refused of it as a whole."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from derive.checks import sequence
from derive.computation.groups import Tensor
from derive.computation.wellformed import PARAMETERS
from derive.errors import InputError, Message, Text, nearest, shown
from derive.network.blocks.builder import Array, Builder, all_names, node_place
from derive.network.blocks.given import Given, given_numbers, shape_text
from derive.network.blocks.renaming import without


def assembled(
    build: Builder,
    objective: str | Array | None,
    trained: Iterable[str | Array] | None,
    samples: Iterable[Mapping[str, Any]] = (),
    place: Text = "objective",
    taken: Collection[str] = (),
) -> dict[str, Any]:
    """Return the fields of a computation that the graph gives.

    ``objective`` is what is differentiated, the name of a quantity or of an array of one, None for what the last block
    gives, and ``place`` how a message calls it; ``trained`` are names of parameters, or of their quantities, None for
    all. Where something is trained, nothing that the user gave no name is called like one that is ``taken``. Raises
    `InputError` for an objective of several quantities, for what nothing goes on with, and for unknown names.
    """
    name = _objective(build, objective, place)
    needed = _needed(build, name)
    _check_used(build, needed, name)
    # What the objective does not depend on, such as the vector of a word that does not occur, is no parameter.
    biases = _biases(build)
    kinds = {
        each: kind if kind != "weight" else "input" if each not in needed else "bias" if each in biases else "weight"
        for each, kind in build.kinds.items()
    }
    changed = _trained(build, trained, kinds)
    if changed:
        kinds[name] = "error"
    elif kinds[name] != "error" or trained is not None:
        # Nothing is minimized: neither what is differentiated nor what it adds up is an error.
        kinds |= {each: "out" for each, kind in kinds.items() if kind == "error"} | {name: "out"}
    order = {each: kinds[each] for each in (*build.values, *(equation.name for equation in build.equations))}
    fields = {
        "equations": tuple(build.equations),
        "samples": _samples(build, samples),
        "kinds": order,
        "objective": name,
        "trained": frozenset(changed),
        "units": dict(build.units),
        "groups": tuple(build.groups),
    }
    return without(fields, build, taken) if changed else fields


def _objective(build: Builder, given: str | Array | None, place: Text) -> str:
    if not build.nodes:
        raise InputError("node: found none; expected at least one.")
    if given is None:
        given = next(reversed(build.nodes))
    name = given.name if isinstance(given, Array) else given
    if isinstance(name, str) and name in build.arrays:
        tensor = build.arrays[name]
        if len(tensor.names) != 1:
            raise InputError(
                "{place}: found {name} of the shape {shape}; expected one quantity, such as {first}, an error or a "
                "sum.",
                place=place,
                name=shown(name),
                shape=shape_text(tensor.shape),
                first=tensor.names[0],
            )
        name = tensor.names[0]
    defined = [equation.name for equation in build.equations]
    if not isinstance(name, str) or name not in defined:
        hint = nearest(name, [*build.nodes, *defined]) if isinstance(name, str) else ""
        raise InputError(
            "{place}: found {found}; expected a quantity that an equation defines.{hint}",
            place=place,
            found=shown(name),
            hint=hint,
        )
    return name


def _biases(build: Builder) -> set[str]:
    """Return the parameters that are added wherever they are used."""
    used: dict[bool, set[str]] = {False: set(), True: set()}
    for group in build.groups:
        for what, tensor in group.weights.items():
            used["bias" in what].update(tensor.names)
        # What is only laid out anew may still be added as a bias.
        for tensor in group.inputs if group.names else ():
            used[False].update(tensor.names)
    return used[True] - used[False]


def _needed(build: Builder, objective: str) -> set[str]:
    needed = {objective}
    for equation in reversed(build.equations):
        if equation.name in needed:
            needed.update(equation.names)
    return needed


def _check_used(build: Builder, needed: set[str], objective: str) -> None:
    for name, tensor in build.nodes.items():
        if needed.isdisjoint(tensor.names):
            raise InputError(
                "{place}: {objective} does not depend on it; use it in another node, or leave it out.",
                place=node_place(name),
                objective=objective,
            )
    for name, tensor in (build.given | build.parameters).items():
        if needed.isdisjoint(tensor.names):
            raise InputError(
                "{place}: {objective} does not depend on it; use it in another node, or leave it out.",
                place=build.owners[name],
                objective=objective,
            )


def _trained(build: Builder, given: Iterable[str | Array] | None, kinds: Mapping[str, str]) -> list[str]:
    known = all_names(build.parameters)
    if given is None:
        return [name for name in known if kinds[name] in PARAMETERS]
    found: list[str] = []
    for each in sequence(given, "trained", Message("a list of names")):
        name = each.name if isinstance(each, Array) else each
        is_name = isinstance(name, str)
        names = build.parameters[name].names if is_name and name in build.parameters else (name,)
        if not is_name or not set(names) <= set(known):
            hint = nearest(name, [*build.parameters, *known]) if is_name else ""
            raise InputError(
                "{place}: found {found}; expected the name of a parameter.{hint}",
                place="trained",
                found=shown(name),
                hint=hint,
            )
        found += [name for name in names if kinds[name] in PARAMETERS]
    return found


def _samples(build: Builder, more: Iterable[Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    found = [dict(build.values)]
    for number, sample in enumerate(more, start=2):
        values = dict(build.values)
        for name, array in sample.items():
            place = Message("sample {number}", {"number": number})
            if name not in build.given:
                raise InputError(
                    "{place}: found {found}; expected the name of an input or a target.{hint}",
                    place=place,
                    found=shown(name),
                    hint=nearest(name, build.given),
                )
            values.update(zip(build.given[name].names, _alike(array, build.given[name], name).flat, strict=True))
        found.append(values)
    return tuple(found)


def _alike(array: Any, tensor: Tensor, name: str) -> Given[Any]:
    found = given_numbers(array, name)
    if found.shape != tensor.shape:
        raise InputError(
            "{place}: found the shape {found}; expected {wanted}.",
            place=name,
            found=shape_text(found.shape),
            wanted=shape_text(tensor.shape),
        )
    return found
