"""What formulas call net inputs, outputs, targets and errors: derive's own words, or the letters of a course."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from derive.checks import unknown
from derive.computation.naming import Thing, check_apart, own_name
from derive.errors import InputError, Message, Text, shown
from derive.notation.names import name_text
from derive.numbers.brief import brief
from derive.stored import replaceable

LONGEST_LETTER = 12
LETTER = re.compile("[A-Za-z]+")
# What a handout writes of any network: derivatives and deltas, any weight, bias, input, function, index.
TAKEN = frozenset(("d", "delta", "Delta", "b", "f", "i", "j", "k", "n", "w", "x", "L", "W"))
# What they write upright of any network, too: no word for a quantity.
TAKEN |= {"exp", "ln", "log", "max", "min", "sum"}


def _letter(given: Any, kind: str) -> str:
    if not isinstance(given, str) or len(given) > LONGEST_LETTER or not LETTER.fullmatch(given):
        raise InputError(
            "notation, {kind}: found {found}; expected a letter (a to z, A to Z), the name of a Greek letter (zeta), "
            "or a word of at most {longest} letters.",
            kind=kind,
            found=shown(given),
            longest=LONGEST_LETTER,
        )
    if given in TAKEN:
        raise InputError(
            "notation, {kind}: found {found}, which the formulas of a handout use for something else; choose another "
            "letter.",
            kind=kind,
            found=shown(given),
        )
    return given


def _net(given: str) -> str:
    return _letter(given, "net")


def _out(given: str) -> str:
    return _letter(given, "out")


def _target(given: str) -> str:
    return _letter(given, "target")


def _error(given: str) -> str:
    return error_letter(given, "notation, error")


def error_letter(given: Any, place: Text) -> str:
    """Return what formulas call the error, which may be any name; raises `InputError` for all else."""
    name = own_name(given, place)
    if "_total_d" in f"{name}_total":
        raise InputError(
            "{place}: found {found}; expected a name without _total_d, which separates the parts of a derivative's "
            "name.",
            place=place,
            found=repr(name),
        )
    return name


@replaceable
@attrs.frozen(slots=False)
class Notation:
    """The letters, or words, with which the names of net inputs, outputs, targets and errors begin.

    A letter is set in italics, a Greek letter is given by its name, and a word stands upright. The error may have any
    name. Raises `InputError` for all else.

    >>> letters = Notation(net="z", out="a", target="y", error="J")
    >>> letters.of("net", "h1"), letters.of("error", "total")
    ('z_h1', 'J_total')
    """

    net: str = attrs.field(default="net", converter=_net)
    out: str = attrs.field(default="out", converter=_out)
    target: str = attrs.field(default="target", converter=_target)
    error: str = attrs.field(default="E", converter=_error)

    def __repr__(self) -> str:
        return brief(self)

    def of(self, kind: str, index: str) -> str:
        """Return the name of a quantity: a net, out or target of a neuron, an error's part, "total", "mean", "sum"."""
        return f"{getattr(self, kind)}_{index}"

    @property
    def chosen(self) -> tuple[str, ...]:
        """The kinds whose letter is not derive's own."""
        return tuple(kind for kind in KINDS if getattr(self, kind) != getattr(USUAL, kind))

    @property
    def texts(self) -> Mapping[str, str]:
        """The letters by kind, as a text prints them."""
        return {kind: name_text(getattr(self, kind)) for kind in KINDS}


KINDS = tuple(field.name for field in attrs.fields(Notation))
USUAL = Notation()


def given_notation(given: Notation | Mapping[str, str]) -> Notation:
    """Return a notation, made of a mapping where it is one; raises `InputError` for all else."""
    if isinstance(given, Notation):
        return given
    if not isinstance(given, Mapping):
        raise InputError(
            "notation: found {found}; expected a Notation, or letters by name: {kinds}.",
            found=shown(given),
            kinds=", ".join(KINDS),
        )
    for kind in given:
        if kind not in KINDS:
            raise unknown(kind, KINDS).inside("notation")
    return Notation(**given)


def check_letters(notation: Notation, *things: Iterable[Thing]) -> None:
    """Raise `InputError` for two kinds with one letter, and for a letter that is a name, or printed like one, already.

    An error's name stands in no formula without an index but in sentences, and may be any.
    """
    chosen = [kind for kind in KINDS if kind in notation.chosen]
    letters = {kind: getattr(notation, kind) for kind in (*chosen, *KINDS)}
    check_apart(((letter, kind) for kind, letter in letters.items()), place="notation")
    named = ((letters[kind], Message("{kind} in notation", {"kind": kind})) for kind in chosen if kind != "error")
    check_apart(named, *things)


def check_usual(usual: Mapping[str, str], things: Iterable[Thing]) -> None:
    """Raise `InputError` for a name that in derive's own words, which are understood too, is another quantity's."""
    for name, thing in things:
        if name in usual:
            raise InputError(
                "names: found {name} for {thing}, but without the notation it is the name of {own}; choose another "
                "name, or another letter.",
                name=repr(name),
                thing=thing,
                own=usual[name],
            )
