"""The functions of one argument, each one entry in a table that rules, printers, arithmetic and code writers read.

An entry says how the function is derived, how it is written, and how it is calculated: in balls, in floats and in
NumPy's arrays. The table stands in this folder since the printers read it and no folder further left knows formulas;
what it says of numbers are functions of python-flint's types and of floats alone, so that it needs nothing of
``numbers/``. To add a function, add its entry.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from flint import arb_series, fmpq, fmpz
from sympy import Abs, Expr, Function, Integer, cos, cosh, erf, exp, log, pi, sign, sin, sinh, sqrt, tan, tanh

from derive.errors import Message
from derive.notation.trees import ONE, TWO, e_to, fraction, minus, negative, root, square, take_expressions

# What floats and balls lose no digits with where a formula's own sum would: ln(1 + x) and 1 − erf x. They stand in no
# formula that is shown, and SymPy has no node of its own for them that it would leave as it is.
log1p, erfc = map(Function, ("log1p", "erfc"))

Value = Any  # fmpq, arb or arb_series: flint gives its types no common name


@dataclass(frozen=True)
class Look:
    """What is written before and behind an argument, on one line of text and in LaTeX.

    ``is_power`` says that the argument is an exponent: what is raised to a power stands in parentheses then.
    ``is_named`` says that it is a name with its argument in parentheses, whose square is cos² x and not cos x².
    """

    text: tuple[str, str]
    latex: tuple[str, str]
    is_power: bool = False
    is_named: bool = False


@dataclass(frozen=True)
class Domain:
    """The numbers from ``least`` on, that one included or not."""

    least: int
    is_closed: bool = False


def nowhere(value: Value) -> None:
    """Give no rational: the function's values are known as balls alone."""
    return


@dataclass(frozen=True, eq=False)
class Elementary:
    """A function f of one argument.

    ``kind`` is SymPy's function, which is the class of its node in a tree, but for √: SymPy has a power there.
    ``code`` is its name in generated code, ``numpy`` NumPy's, "" where NumPy has none. ``floats(x)`` is f of a float;
    outside the range of floats and of f it raises what `math` does.

    ``ball(x)`` is f of a ball or of a power series in it: python-flint's ``arb`` and ``arb_series``, at its present
    precision; None where x leaves it open. ``exact(x)`` is f of a rational or a ball where f is rational, None
    elsewhere. ``domain`` holds the numbers that f takes, all of them where it is None. ``rises`` says that f rises
    everywhere, so that its values at two ends bound those between.

    ``rule`` names the rule of its derivative and ``derivative(x)`` gives that as factors, none of them simplified;
    without them f stands in no formula that is differentiated. ``sign`` is a name that would be printed like what f
    brings into the formulas, and what that is; a user's name is kept apart from it.
    """

    kind: Callable[..., Expr]
    code: str
    look: Look
    floats: Callable[[float], float]
    ball: Callable[[Value], Value]
    exact: Callable[[Value], fmpq | None] = nowhere
    domain: Domain | None = None
    rises: bool = False
    numpy: str = ""
    rule: str = ""
    derivative: Callable[[Expr], tuple[Expr, ...]] | None = None
    sign: tuple[str, Message] | None = None

    def __post_init__(self) -> None:
        take_expressions(self, "derivative")


def named(text: str, latex: str = "") -> Look:
    r"""Return the look of a function that has a name and its argument in parentheses.

    >>> named("ln", r"\ln").latex, named("erf").latex
    (('\\ln\\left(', '\\right)'), ('\\operatorname{erf}\\left(', '\\right)'))
    """
    return Look((f"{text}(", ")"), ((latex or rf"\operatorname{{{text}}}") + r"\left(", r"\right)"), is_named=True)


def only_at(argument: int, gives: int) -> Callable[[Value], fmpq | None]:
    """Return what tells f(``argument``) = ``gives``, the one rational at which f is rational.

    >>> exact = only_at(0, 1)
    >>> exact(fmpq(0)), exact(fmpq(1, 2))
    (1, None)
    """
    value = fmpq(gives)
    return lambda x: value if x == argument else None


def elementary(expression: Expr) -> Elementary | None:
    """Return the entry of the function that is outermost in the expression, or None; a root counts as a power."""
    return ELEMENTARY.get(type(expression))


def entries() -> Iterator[Elementary]:
    """Yield every entry of the table, √ among them."""
    yield from ELEMENTARY.values()


def _log1p_ball(x: Value) -> Value:
    return (1 + x).log() if isinstance(x, arb_series) else x.log1p()


# flint's power series have no hyperbolic functions.


def _sinh_ball(x: Value) -> Value:
    return (x.exp() - (-x).exp()) / 2 if isinstance(x, arb_series) else x.sinh()


def _cosh_ball(x: Value) -> Value:
    return (x.exp() + (-x).exp()) / 2 if isinstance(x, arb_series) else x.cosh()


def _tanh_ball(x: Value) -> Value:
    return 1 - 2 / ((2 * x).exp() + 1) if isinstance(x, arb_series) else x.tanh()


def _size(x: Value) -> Value:
    """Return |x|; the power series has none where x may be 0, the corner."""
    if not isinstance(x, arb_series):
        return abs(x)
    return x if x[0] > 0 else -x if x[0] < 0 else None


def _rational_size(x: Value) -> fmpq | None:
    return abs(x) if isinstance(x, fmpq) else None


def _signum(x: Value) -> fmpq | None:
    constant = x[0] if isinstance(x, arb_series) else x
    return fmpq(1) if constant > 0 else fmpq(-1) if constant < 0 else fmpq(0) if constant == 0 else None


def _root_ball(x: Value) -> Value:
    """Return √x; what lies below 0 by the width of the ball alone counts as 0."""
    if isinstance(x, arb_series) or x > 0 or not x.is_finite():
        return x.sqrt()
    half = x.upper().sqrt().upper() / 2
    return type(x)(half.mid(), half)


def _rational_root(x: Value) -> fmpq | None:
    if not isinstance(x, fmpq):
        return None
    top, bottom = fmpz(x.p).isqrt(), fmpz(x.q).isqrt()
    return fmpq(top, bottom) if top * top == x.p and bottom * bottom == x.q else None


def _tangent_ball(x: Value) -> Value:
    """Return tan x; the power series has none where x may be a pole."""
    found = x.tan()
    return None if isinstance(x, arb_series) and not found[0].is_finite() else found


def _sign_of_float(x: float) -> float:
    return (x > 0) - (x < 0)


EXP = Elementary(
    kind=exp,
    code="exp",
    numpy="exp",
    look=Look(("e^(", ")"), ("e^{", "}"), is_power=True),
    floats=math.exp,
    ball=lambda x: x.exp(),
    exact=only_at(0, 1),
    rises=True,
    rule="exponential",
    derivative=lambda x: (e_to(x),),
    sign=("e", Message("the number e of the formulas")),
)
LN = Elementary(
    kind=log,
    code="log",
    numpy="log",
    look=named("ln", r"\ln"),
    floats=math.log,
    ball=lambda x: x.log(),
    exact=only_at(1, 0),
    domain=Domain(0),
    rises=True,
    rule="logarithm",
    derivative=lambda x: (fraction(ONE, x),),
    sign=("ln", Message("the logarithm of the formulas")),
)
LOG1P = Elementary(
    kind=log1p,
    code="log1p",
    numpy="log1p",
    look=named("log1p"),
    floats=math.log1p,
    ball=_log1p_ball,
    exact=only_at(0, 0),
    domain=Domain(-1),
    rises=True,
)
ERF = Elementary(
    kind=erf,
    code="erf",
    look=named("erf"),
    floats=math.erf,
    ball=lambda x: x.erf(),
    exact=only_at(0, 0),
    rises=True,
    rule="gauss error",
    derivative=lambda x: (fraction(TWO, root(pi)), e_to(negative(square(x)))),
    sign=("erf", Message("the error function of the formulas")),
)
ERFC = Elementary(
    kind=erfc,
    code="erfc",
    look=named("erfc"),
    floats=math.erfc,
    ball=lambda x: x.erfc(),
    exact=only_at(0, 1),
)
SIN = Elementary(
    kind=sin,
    code="sin",
    numpy="sin",
    look=named("sin", r"\sin"),
    floats=math.sin,
    ball=lambda x: x.sin(),
    exact=only_at(0, 0),
    rule="sine",
    derivative=lambda x: (cos(x, evaluate=False),),
    sign=("sin", Message("the sine of the formulas")),
)
COS = Elementary(
    kind=cos,
    code="cos",
    numpy="cos",
    look=named("cos", r"\cos"),
    floats=math.cos,
    ball=lambda x: x.cos(),
    exact=only_at(0, 1),
    rule="cosine",
    derivative=lambda x: (Integer(-1), sin(x, evaluate=False)),
    sign=("cos", Message("the cosine of the formulas")),
)
# No rational number is a pole of the tangent; a ball that may hold one has no bound, and asks for more bits.
TAN = Elementary(
    kind=tan,
    code="tan",
    numpy="tan",
    look=named("tan", r"\tan"),
    floats=math.tan,
    ball=_tangent_ball,
    exact=only_at(0, 0),
    rule="tangent",
    derivative=lambda x: (fraction(ONE, square(cos(x, evaluate=False))),),
    sign=("tan", Message("the tangent of the formulas")),
)
SINH = Elementary(
    kind=sinh,
    code="sinh",
    numpy="sinh",
    look=named("sinh", r"\sinh"),
    floats=math.sinh,
    ball=_sinh_ball,
    exact=only_at(0, 0),
    rises=True,
    rule="hyperbolic sine",
    derivative=lambda x: (cosh(x, evaluate=False),),
    sign=("sinh", Message("the hyperbolic sine of the formulas")),
)
COSH = Elementary(
    kind=cosh,
    code="cosh",
    numpy="cosh",
    look=named("cosh", r"\cosh"),
    floats=math.cosh,
    ball=_cosh_ball,
    exact=only_at(0, 1),
    rule="hyperbolic cosine",
    derivative=lambda x: (sinh(x, evaluate=False),),
    sign=("cosh", Message("the hyperbolic cosine of the formulas")),
)
TANH = Elementary(
    kind=tanh,
    code="tanh",
    numpy="tanh",
    look=named("tanh", r"\tanh"),
    floats=math.tanh,
    ball=_tanh_ball,
    exact=only_at(0, 0),
    rises=True,
    rule="hyperbolic tangent",
    derivative=lambda x: (minus(ONE, square(tanh(x, evaluate=False))),),
    sign=("tanh", Message("the hyperbolic tangent of the formulas")),
)
ABS = Elementary(
    kind=Abs,
    code="abs",
    numpy="abs",
    look=Look(("|", "|"), (r"\left|", r"\right|")),
    floats=abs,
    ball=_size,
    exact=_rational_size,
    rule="absolute value",
    # SymPy would give sgn of a sum another form. At 0 it is 0, between the two sides.
    derivative=lambda x: (sign(x, evaluate=False),),
    sign=("sgn", Message("the sign function of the formulas")),
)
SGN = Elementary(
    kind=sign,
    code="sign",
    numpy="sign",
    look=named("sgn"),
    floats=_sign_of_float,
    ball=_signum,
    exact=lambda x: _signum(x) if isinstance(x, fmpq) else None,
)
ROOT = Elementary(
    kind=sqrt,
    code="sqrt",
    numpy="sqrt",
    look=Look(("√(", ")"), (r"\sqrt{", "}")),
    floats=math.sqrt,
    ball=_root_ball,
    exact=_rational_root,
    domain=Domain(0, is_closed=True),
    rises=True,
)

ELEMENTARY: Mapping[Callable[..., Expr], Elementary] = MappingProxyType(
    {entry.kind: entry for entry in (EXP, LN, LOG1P, ERF, ERFC, SIN, COS, TAN, SINH, COSH, TANH, ABS, SGN, ROOT)}
)
