"""The user's own names for things: what a name may look like, and that each stands for one thing."""

import re
from collections.abc import Collection, Iterable
from typing import Any

from derive.checks import numbered, sequence
from derive.errors import InputError, Message, Text, shown
from derive.notation.names import derivative_of, name_latex, name_text

LONGEST_NAME = 30
LONGEST_TITLE = 200
NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*")
Thing = tuple[str, Text]  # a name, and what it names
NAMES = Message("names")


def own_name(name: Any, place: Text) -> str:
    """Return the name; raises `InputError` for anything that `NAME` does not match or that is longer than 30 letters.

    >>> own_name("w14", "weight_names")
    'w14'
    """
    if not isinstance(name, str) or len(name) > LONGEST_NAME or not NAME.fullmatch(name):
        raise InputError(
            "{place}: found {found}; expected a name of at most {longest} letters (a to z, A to Z), digits and single "
            "underscores that begins with a letter, such as w14 or theta_4.",
            place=place,
            found=shown(name),
            longest=LONGEST_NAME,
        )
    return name


def given_title(title: str) -> str:
    """Return a title, one line of text; raises `InputError` for all else."""
    if not isinstance(title, str):
        raise InputError("title: found {found}; expected a line of text.", found=shown(title))
    if not title.isprintable() or not title.strip() or len(title) > LONGEST_TITLE:
        raise InputError(
            "title: found {found}; expected one line of 1 to {longest} printable characters.",
            found=shown(title),
            longest=LONGEST_TITLE,
        )
    return title.strip()


def own_names(names: Any, place: Text) -> tuple[str, ...]:
    """Return the names as a tuple; raises `InputError` for what is no list of names."""
    found = sequence(names, place, Message("a list of names"))
    return tuple(own_name(name, numbered(place, number)) for number, name in enumerate(found, start=1))


def check_one_each(names: tuple[str, ...], size: int, place: Text, each: Message) -> None:
    """Raise `InputError` unless there are ``size`` names, one for ``each``."""
    if len(names) != size:
        raise InputError(
            "{place}: found {found}; expected {size}, one for each {each}.",
            place=place,
            found=len(names),
            size=size,
            each=each,
        )


def check_apart(names: Iterable[Thing], *others: Iterable[Thing], place: Text = NAMES) -> None:
    """Raise `InputError` where two names are the same or are printed alike, in LaTeX or in Unicode.

    ``names`` are compared with each other and with each group in ``others``; these groups are not compared with each
    other. ``place`` is where they are given.
    """
    known = _told_apart(names, {}, place)
    for kind in others:
        _told_apart(kind, known, place)


Known = dict[str, list[Thing]]
JOINT = re.compile(r"(?<=[A-Za-z])_(?=\d)")  # which print does not show: h_1 is h1


def _told_apart(names: Iterable[Thing], before: Known, place: Text) -> Known:
    """Return every name with its thing, those in ``before`` too; raises `InputError` for a clash."""
    known = dict(before)
    for each in names:
        name = each[0]
        key = _key(name)  # only of names with the same one it is looked at how they print
        if key not in known:
            known[key] = [each]
            continue
        for other in known[key]:
            _check_pair(other, each, place)
        known[key] = [*known[key], each]
    return known


def _check_pair(before: Thing, now: Thing, place: Text) -> None:
    (other, first), (name, thing) = before, now
    if _forms(other).isdisjoint(_forms(name)):
        return
    if other == name and first == thing:
        raise InputError(
            "{place}: found {name} twice, each time for {thing}; expected a different name for each.",
            place=place,
            name=repr(name),
            thing=thing,
        )
    if other == name:
        raise InputError(
            "{place}: found {name} for {first} and for {second}; expected a different name for each.",
            place=place,
            name=repr(name),
            first=first,
            second=thing,
        )
    raise InputError(
        "{place}: found {other} for {first} and {name} for {second}, which are both printed as {printed}; "
        "expected names that look different in print.",
        place=place,
        other=repr(other),
        first=first,
        name=repr(name),
        second=thing,
        printed=name_text(name),
    )


def one_alike(name: str, others: Iterable[str]) -> str:
    """Return the first of the others that is the name, or is printed as it is; "" where none is.

    >>> one_alike("beta_1", ["m", "beta1"]), one_alike("w", ["m"])
    ('beta1', '')
    """
    key, forms = _key(name), _forms(name)
    return next((other for other in others if _key(other) == key and not forms.isdisjoint(_forms(other))), "")


def _key(name: str) -> str:
    """Return what names have in common that are printed alike: of many, hardly two do."""
    return JOINT.sub("", name.replace("_hat", ""))


def _forms(name: str) -> frozenset[str]:
    """Return how a name is printed, in LaTeX, in Unicode and as it is."""
    return frozenset((name, name_latex(name), name_text(name)))


def check_no_derivative(names: Iterable[Thing], quantities: Collection[str]) -> None:
    """Raise `InputError` for a name that means a derivative of one quantity by another, such as dE_total_dw5."""
    for name, thing in names:
        parts = _derivative(name, quantities)
        if parts:
            raise InputError(
                "names: found {name} for {thing}, but that is the name of the derivative of {of} with respect to "
                "{by}; choose another name.",
                name=repr(name),
                thing=thing,
                of=parts[0],
                by=parts[1],
            )


def _derivative(name: str, quantities: Collection[str]) -> tuple[str, str] | None:
    """Return of what by what the name would be the derivative, None where it is none's."""
    if not name.startswith("d"):
        return None
    printed = derivative_of(name)
    if printed:
        return printed
    splits = ((name[1 : mark.start()], name[mark.end() :]) for mark in re.finditer("_d", name))
    return next(((of, by) for of, by in splits if of in quantities and by in quantities), None)
