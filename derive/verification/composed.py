"""The partials of a small network held against SymPy's derivative of its error, composed in the weights alone."""

from collections.abc import Iterator, Mapping
from math import prod

from flint import fmpq
from sympy import Expr, Piecewise, Symbol

from derive.errors import Message, UnsupportedError, VerificationError
from derive.evaluation.evaluation import Evaluation
from derive.evaluation.table import Table
from derive.notation import partial_text
from derive.notation.extremes import Extreme
from derive.numbers.arithmetic import OutsideDomain, function
from derive.numbers.decimals import START_BITS, Undecided
from derive.numbers.precision import at_bits
from derive.verification.algebra import composed_derivative
from derive.verification.checking import Value, agree

MOST_COMPOSED = 10  # parameters: with more, SymPy takes longer to differentiate the composed error than all else
# Nodes of the composed objective where there are no layers: what is used at each of several steps makes it grow with
# every step, and SymPy takes about 0.2 seconds for each 1,000 nodes and parameter.
MOST_NODES = 2000
MOST_CASES = 16  # ways through functions that are defined by cases: of more, SymPy takes seconds to compare conditions
BITS = 2 * START_BITS
LOST_BITS = BITS // 2


def verify_composed(evaluation: Evaluation, corners: frozenset[tuple[int, str]]) -> int:
    """Return how many partials agree; ``corners`` holds the samples and parameters at which no derivative exists.

    There SymPy may take another side than the one that is declared, which says nothing.
    """
    computation = evaluation.computation
    if (
        not computation.objective
        or len(computation.parameters) > MOST_COMPOSED
        or (computation.layers is None and evaluation.derivation.composition.size(computation.objective) > MOST_NODES)
        or _cases(evaluation) > MOST_CASES
    ):
        return 0
    try:
        error = evaluation.whole.composed
        table = evaluation.table(BITS)
    except (UnsupportedError, Undecided):
        return 0
    return at_bits(BITS, _agreeing, evaluation, error, table, corners)


def _agreeing(evaluation: Evaluation, error: Expr, table: Table, corners: frozenset[tuple[int, str]]) -> int:
    done = 0
    for name in evaluation.computation.parameters:
        values = _values(evaluation, composed_derivative(error, Symbol(name)))
        for sample, found in enumerate(values):
            if found is not None:
                done += _holds(evaluation, name, sample, table.partials[sample][name], found, corners)
    return done


def _cases(evaluation: Evaluation) -> int:
    """Return how many ways lead through the functions by cases, which multiply where they are composed."""
    formulas = (term.expression for equation in evaluation.computation.equations for term in equation.terms)
    return prod(len(found.args) for formula in formulas for found in formula.atoms(Piecewise, Extreme))


def _values(evaluation: Evaluation, expression: Expr) -> Iterator[Value | None]:
    symbols = sorted(expression.free_symbols, key=str)
    compute = function(symbols, expression)
    for start in evaluation.computation.samples:
        known: Mapping[str, Value] = {name: fmpq(v.numerator, v.denominator) for name, v in start.items()}
        try:
            yield compute(*(known[symbol.name] for symbol in symbols))
        except (Undecided, OutsideDomain, ZeroDivisionError):
            yield None


def _holds(
    evaluation: Evaluation, name: str, sample: int, found: Value, expected: Value, corners: frozenset[tuple[int, str]]
) -> bool:
    left = partial_text(evaluation.computation.objective, name)
    where = f" in sample {sample + 1}" if len(evaluation.computation.samples) > 1 else ""
    try:
        agree(
            found,
            expected,
            lambda: f"{left}{where} = {evaluation.derivation[name].formula}",
            lost=LOST_BITS,
            against=Message("SymPy's derivative of the composed error"),
        )
    except Undecided:
        return False
    except VerificationError:
        if (sample, name) in corners:
            return False
        raise
    return True
