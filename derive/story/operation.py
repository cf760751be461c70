"""The operation that makes a quantity, as a sign or a word that stands in a node of the graph."""

from sympy import Abs, Expr, Pow, Symbol, log
from sympy.core.function import Function

from derive.computation.equations import Equation
from derive.functions.activations import Activation, JointActivation
from derive.notation.extremes import Largest, Smallest

PLUS, MINUS, TIMES, WEIGHTED = "+", "−", "×", "Σ"
RELU = "ReLU"
WRITTEN = {"logistic": "𝜎", "relu": RELU, "leaky_relu": "leaky ReLU", "identity": "id", "elu": "ELU", "gelu": "GELU"}
WRITTEN |= {"silu": "SiLU"}
LONGEST = 9  # letters: what is longer makes its column too wide, and the name says more


def sign(equation: Equation) -> str:
    """Return the operation of an equation; "" where it is more than one short word says.

    >>> import derive
    >>> equations = derive.load("article").derive().computation.by_name
    >>> sign(equations["net_h1"]), sign(equations["out_h1"]), sign(equations["E_total"]), sign(equations["E_o1"])
    ('Σ', '𝜎', '+', '')
    """
    if len(equation.terms) == 1:
        entry = equation.terms[0].shape.entry
        if isinstance(entry, Activation | JointActivation):
            word = WRITTEN.get(entry.name, entry.name.replace("_", " "))
            return word if len(word) <= LONGEST else ""
        if entry is not None:
            return ""
        return _of_one(equation.terms[0].expression)
    kinds = {_summand(term.expression) for term in equation.terms}
    if kinds <= {PLUS}:
        return PLUS
    if kinds == {PLUS, MINUS} and len(equation.terms) == 2:
        return MINUS
    return WEIGHTED if kinds <= {PLUS, TIMES} else ""


def _summand(term: Expr) -> str:
    """Return what a summand is: a quantity, what is taken away, a product, or "" for more than these."""
    if isinstance(term, Symbol):
        return PLUS
    if not term.is_Mul:
        return ""
    factors = [factor for factor in term.args if factor != 1]
    if len(factors) == 1 and isinstance(factors[0], Symbol):
        return PLUS  # a bias times 1
    if len(factors) == 2 and factors[0] == -1 and isinstance(factors[1], Symbol):
        return MINUS
    return TIMES if all(isinstance(factor, Symbol) for factor in factors) else ""


def _of_one(term: Expr) -> str:
    """Return the operation of one term."""
    arguments = term.args
    plain = all(isinstance(argument, Symbol) for argument in arguments)
    if isinstance(term, Symbol):
        return "="
    if term.is_Mul:
        return {PLUS: "=", MINUS: MINUS, TIMES: TIMES}.get(_summand(term), "")
    if isinstance(term, Pow):
        return _power(term)
    if not plain:
        return ""
    if isinstance(term, Largest | Smallest):
        return "max" if isinstance(term, Largest) else "min"
    if isinstance(term, Abs):
        return "|x|"
    if isinstance(term, log):
        return "ln"
    word = type(term).__name__
    return word if isinstance(term, Function) and len(word) <= LONGEST else ""


def _power(term: Pow) -> str:
    base, exponent = term.args
    if isinstance(base, Symbol):
        return {"2": "x²", "-1": "1/x", "1/2": "√"}.get(str(exponent), "")
    return "exp" if isinstance(exponent, Symbol) and str(base) in ("E", "e") else ""
