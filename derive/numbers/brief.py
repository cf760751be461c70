"""Short texts of data with exact numbers, for a terminal: decimals instead of fractions, long lists cut."""

from collections.abc import Iterable
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import attrs

ROOM = 160  # characters of one field
LONGEST = 400  # characters of a formula
CUT = "…"


def brief(thing: Any, size: str = "") -> str:
    """Return the call that makes the attrs object; where something was cut, a text in angle brackets with its size."""
    text = ", ".join(settings(thing))
    kind = type(thing).__name__
    return f"<{kind} {size}: {text}>" if CUT in text else f"{kind}({text})"


def settings(thing: Any, without: Iterable[str] = ()) -> list[str]:
    """Return ``name=value`` for each field of the attrs object that differs from its default."""
    known = {field.name: field.default for field in attrs.fields(type(thing)) if field.name not in without}
    values = {name: getattr(thing, name) for name in known}
    return [f"{name}={_text(value, ROOM)}" for name, value in values.items() if value != known[name]]


def number_text(value: Fraction) -> str:
    """Return the number as a decimal of at most 17 digits, or the first 6 of them and an ellipsis.

    >>> [number_text(Fraction(*ratio)) for ratio in ((3, 20), (-2, 1), (1, 3), (2, 3 * 10**20))]
    ['0.15', '-2', '0.333333…', '6.66667…e-21']
    """
    with localcontext(prec=17):
        decimal = (Decimal(value.numerator) / value.denominator).normalize()
    if Fraction(decimal) == value:
        is_short_whole = value.denominator == 1 and len(str(abs(value.numerator))) <= 17
        return str(value) if is_short_whole else str(decimal).lower()
    with localcontext(prec=6):
        digits, power, exponent = str(+decimal).lower().partition("e")
    return digits + CUT + power + exponent


def shortened(text: str, room: int) -> str:
    """Return the text, cut where it is longer than the room."""
    return text if len(text) <= room else text[: room - 1] + CUT


def _text(value: Any, room: int) -> str:
    if isinstance(value, Fraction):
        return number_text(value)
    if not isinstance(value, tuple):
        return shortened(repr(value), room)
    texts: list[str] = []
    for each in value:
        texts.append(_text(each, room // 2))
        if sum(map(len, texts)) + 2 * len(texts) > room:
            return f"[{', '.join([*texts[:-1], CUT])}]"
    return f"[{', '.join(texts)}]"
