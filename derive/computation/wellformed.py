"""What is refused of a computation: names that nothing defines, or that are defined twice, and a wrong order."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from fractions import Fraction

from derive.computation.cycles import ARROW, cycle
from derive.computation.naming import Thing, check_apart, check_no_derivative, one_alike, own_name
from derive.errors import InputError, Message, counted, nearest, shown

# What each kind is called where two names are one.
THINGS = {
    "input": Message("a given value"),
    "target": Message("a target"),
    "weight": Message("a parameter"),
    "bias": Message("a parameter"),
    "net": Message("a net input"),
    "out": Message("a computed value"),
    "error": Message("a computed value"),
}
KINDS = tuple(THINGS)
GIVEN, DEFINED = KINDS[:4], KINDS[4:]
PARAMETERS = ("weight", "bias")


def check_terms(equations: Iterable[tuple[str, Sequence[tuple[str, int, Sequence[str]]]]]) -> None:
    """Refuse an equation without terms, and a term with more or fewer names than its shape has places.

    ``equations`` has what each defines and its terms, each by its shape's name, number of places, and names.
    """
    for name, terms in equations:
        if not terms:
            raise InputError("the equation of {name}: found no terms; expected at least one.", name=shown(name))
        for shape, arity, names in terms:
            if len(names) != arity:
                raise InputError(
                    "the equation of {name}: found {found} for {shape}; expected {size}.",
                    name=shown(name),
                    found=counted("{number} name", "{number} names", len(names)),
                    shape=shape,
                    size=arity,
                )


def check_names(kinds: Mapping[str, str], units: Mapping[str, str], objective: str, whole_objective: str) -> None:
    """Refuse names that are none, that are printed alike, or that a derivative has; also those of the units' deltas."""
    for name in kinds:
        own_name(name, Message("the name of a quantity"))
    if whole_objective:
        own_name(whole_objective, "whole_objective")
    for net, unit in units.items():
        if kinds.get(net) != "net":
            nets = (name for name, kind in kinds.items() if kind == "net")
            raise InputError(
                "units: found {found}; expected a net input.{hint}", found=shown(net), hint=nearest(net, nets)
            )
        own_name(unit, Message("units, {name}", {"name": net}))
    things = _things(kinds)
    deltas = [
        (name, Message("a quantity of {neuron}", {"neuron": unit}))
        for unit in units.values()
        for name in (f"delta_{unit}", f"{objective}_through_{unit}")
    ]
    check_no_derivative([*things, *deltas], kinds)
    check_apart([*things, *deltas])


def check_rate_name(kinds: Mapping[str, str], name: str) -> None:
    """Refuse a name of the learning rate that is a quantity's, or is printed as one's."""
    check_apart([*_things(kinds), (name, Message("the learning rate"))])


def check_step_names(kinds: Mapping[str, str], optimizer: str, names: Iterable[str]) -> None:
    """Refuse a quantity that is called, or printed, like what an optimizer's step is written in: the velocity v."""
    own = tuple(names)
    written = Message(
        "the update rule of {optimizer} (its names: {names})", {"optimizer": optimizer, "names": ", ".join(own)}
    )
    for name, thing in _things(kinds):
        other = one_alike(name, own)
        if other == name:
            raise InputError(
                "names: found {name} for {first} and for {second}; choose another name in place of {name}.",
                name=repr(name),
                first=thing,
                second=written,
            )
        if other:
            raise InputError(
                "names: found {name} for {first}, which is printed like {other}, a name of {second}; choose another "
                "name in place of {name}.",
                name=repr(name),
                first=thing,
                other=other,
                second=written,
            )


def _things(kinds: Mapping[str, str]) -> list[Thing]:
    return [(name, THINGS[kind] if kind in KINDS else Message("a quantity")) for name, kind in kinds.items()]


def check(
    equations: Sequence[tuple[str, Iterable[str]]],
    given: Sequence[Mapping[str, Fraction]],
    kinds: Mapping[str, str],
    objective: str,
    trained: Collection[str],
) -> None:
    """Check the names of a computation; ``equations`` has what each defines and what stands on its right-hand side.

    ``given`` is what each sample gives, values by name. Raises `InputError` with the name that is wrong.
    """
    if not given:
        raise InputError("samples: found none; expected at least one, with the value of every quantity that is given.")
    defined = [name for name, _ in equations]
    _check_samples(given, frozenset(defined), kinds)
    _check_equations(equations, given[0])
    _check_kinds(given[0], defined, kinds)
    if objective and objective not in defined:
        raise InputError(
            "objective: found {found}; expected a quantity that an equation defines.{hint}",
            found=shown(objective),
            hint=nearest(objective, defined),
        )
    if objective:
        _check_use(equations, kinds, objective)
    for name in trained:
        if not objective:
            raise InputError("trained: found {found} without an objective; expected none.", found=shown(name))
        if kinds.get(name) not in PARAMETERS:
            raise InputError(
                "trained: found {found}; expected a weight or a bias.{hint}",
                found=shown(name),
                hint=nearest(name, kinds),
            )


def _check_samples(given: Sequence[Mapping[str, Fraction]], defined: Collection[str], kinds: Mapping[str, str]) -> None:
    first, *others = given
    for number, names in enumerate(others, start=2):
        if names.keys() != first.keys():
            other = min(names.keys() ^ first.keys(), key=str)
            raise InputError(
                "sample {sample}: {name} is given in one sample and not in another; expected the same names in all.",
                sample=number,
                name=other,
            )
    for name in first:
        if name in defined:
            raise InputError("{name}: found both a value and an equation; keep one of them.", name=name)
    parameters = [name for name in first if kinds.get(name) in PARAMETERS] if others else []
    for number, values in enumerate(others, start=2):
        for name in parameters:
            # A network hands the same number to every sample.
            if values[name] is not first[name] and values[name] != first[name]:
                raise InputError(
                    "sample {sample}: {name} has a different value than in the first sample; expected the same "
                    "in all, as it is a {kind}.",
                    sample=number,
                    name=name,
                    kind=kinds[name],
                )


def _check_equations(equations: Sequence[tuple[str, Iterable[str]]], given: Collection[str]) -> None:
    known = set(given)
    later = {name for name, _ in equations}
    for name, names in equations:
        if name in known:
            raise InputError("{name}: found two equations; expected one that defines it.", name=name)
        for used in () if known.issuperset(names) else names:
            if used in known:
                continue
            if used in later:
                if path := cycle(name, used, dict(equations)):
                    raise InputError(
                        "the equation of {name}: found equations that need each other, {path}; expected an order in "
                        "which each one needs only what is known before it.",
                        name=name,
                        path=ARROW.join(path),
                    )
                raise InputError(
                    "the equation of {name} needs {used}, which is only defined by a later equation; put that "
                    "one first.",
                    name=name,
                    used=used,
                )
            raise InputError(
                "the equation of {name} needs {used}; expected a quantity that a sample gives or an equation "
                "defines.{hint}",
                name=name,
                used=shown(used),
                hint=nearest(used, [*known, *later]),
            )
        known.add(name)


def _check_kinds(given: Iterable[str], defined: Iterable[str], kinds: Mapping[str, str]) -> None:
    given, defined = list(given), list(defined)
    for name in (*given, *defined):
        kind = kinds.get(name)
        if not isinstance(kind, str) or kind not in KINDS:
            raise InputError(
                "kinds: found {found} for {name}; expected one of {kinds}.",
                found=shown(kind),
                name=name,
                kinds=", ".join(KINDS),
            )
    for name in given:
        if kinds[name] not in GIVEN:
            raise InputError(
                "kinds: found {found} for {name}, which is given a value; expected one of {kinds}.",
                found=shown(kinds[name]),
                name=name,
                kinds=", ".join(GIVEN),
            )
    for name in defined:
        if kinds[name] not in DEFINED:
            raise InputError(
                "kinds: found {found} for {name}, which an equation defines; expected one of {kinds}.",
                found=shown(kinds[name]),
                name=name,
                kinds=", ".join(DEFINED),
            )
    for name in kinds.keys() - {*given, *defined}:
        raise InputError("kinds: {name} is not a quantity of this computation.", name=name)


def _check_use(equations: Sequence[tuple[str, Iterable[str]]], kinds: Mapping[str, str], objective: str) -> None:
    used = {objective}
    for name, names in reversed(equations):
        if name in used:
            used.update(names)
    for name, kind in kinds.items():
        if kind in PARAMETERS and name not in used:
            raise InputError(
                "{name}: found a {kind} on which {objective} does not depend; expected one that it depends on, or the "
                "kind input.",
                name=name,
                kind=kind,
                objective=objective,
            )
