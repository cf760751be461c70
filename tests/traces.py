"""A loop of its own, in mpmath, that reads a calculation which was written down."""

from fractions import Fraction

from mpmath import erf, erfc, mp, mpf

FUNCTIONS = {
    **{
        name: getattr(mp, name) for name in ("exp", "log", "log1p", "sin", "cos", "tan", "sinh", "cosh", "tanh", "sqrt")
    },
    "erf": erf,
    "erfc": erfc,
    "abs": abs,
    "sign": mp.sign,
}
TWO_PLACES = {
    "add": lambda one, other: one + other,
    "sub": lambda one, other: one - other,
    "mul": lambda one, other: one * other,
    "div": lambda one, other: one / other,
    "larger": max,
    "raised": lambda one, other: one**other,
    "both": lambda one, other: one and other,
    "either": lambda one, other: one or other,
}
ONE_PLACE = {
    "neg": lambda value: -value,
    "above": lambda value: value > 0,
    "below": lambda value: value < 0,
    "least": lambda value: value >= 0,
    "most": lambda value: value <= 0,
    "not": lambda value: not value,
}


def fraction(text):
    number = Fraction(text)
    return mpf(number.numerator) / number.denominator


def read(trace, given):
    """Return the values of all registers with these given numbers."""
    values = []
    for operation in trace.operations:
        name, taken = operation.name, operation.arguments
        if name == "given":
            found = given(taken)
        elif name == "constant":
            found = fraction(taken[0])
        elif name == "pi":
            found = +mp.pi
        elif name in TWO_PLACES:
            found = TWO_PLACES[name](values[taken[0]], values[taken[1]])
        elif name in ONE_PLACE:
            found = ONE_PLACE[name](values[taken[0]])
        elif name == "power":
            found = values[taken[0]] ** taken[1]
        elif name == "broken":
            found = values[taken[0]] ** fraction(f"{taken[1]}/{taken[2]}")
        elif name == "apply":
            found = FUNCTIONS[taken[1]](values[taken[0]])
        else:
            assert name == "choose"
            found = values[taken[1]] if values[taken[0]] else values[taken[2]]
        values.append(found)
    return values
