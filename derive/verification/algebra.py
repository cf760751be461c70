"""The algebra of the derivatives, checked once in a process for each shape: at points, and against SymPy's own.

Every shape of a formula is differentiated by SymPy as well, its symbols taken as real numbers. What the rules write,
the tidied form and the short form must have SymPy's value at every point.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import product
from typing import Any

from flint import fmpq
from sympy import Abs, Expr, Heaviside, Piecewise, Rational, Symbol, diff

from derive.calculus.local import RESULT, argument_names, differentiate_equation, shape_derivative, sibling_names
from derive.calculus.short_forms import activation_lines, joint_lines
from derive.computation.equations import Equation, Term
from derive.computation.shapes import Shape, activation_shape, joint_shape
from derive.errors import VerificationError
from derive.evaluation.evaluation import Evaluation
from derive.functions.activations import ACTIVATIONS, Activation, JointActivation
from derive.notation import partial_text, to_text
from derive.notation.extremes import Extreme
from derive.notation.trees import of_expressions, renamed
from derive.numbers.arithmetic import OutsideDomain, function
from derive.numbers.decimals import Undecided
from derive.numbers.precision import at_bits
from derive.verification.checking import Value, agree

BITS = 192
OUTSIDE = (OutsideDomain, ZeroDivisionError, Undecided)
POINTS = (
    tuple(fmpq(n, 29) for n in (11, 5, 17, 8, 23, 2, 14, 20)),
    tuple(fmpq(n, 31) for n in (3, 19, 7, 26, 12, 22, 5, 16)),
    tuple(fmpq(-n, 7) if n % 2 else fmpq(n, 7) for n in (9, 4, 3, 10, 15, 2, 5, 8)),
)
# Where fewer than so many points lie in a formula's domain, others are tried, and then those of the computation itself.
ENOUGH_POINTS, MOST_TRIED = 3, 64
SIZES = (fmpq(1), fmpq(4), fmpq(20), fmpq(200), fmpq(1, 5), fmpq(1, 50))
MOST_PLACES = 4  # the places of a long sum or softmax are alike
Point = Sequence[Value]


def verify_algebra(evaluation: Evaluation) -> tuple[int, int]:
    """Check every shape and every line of the appendix; return how many comparisons and how many local derivatives."""
    shapes: dict[Shape, Equation] = {}
    for equation in (*evaluation.computation.equations, evaluation.computation.opened_objective):
        for term in equation.terms:
            shapes.setdefault(term.shape, equation)
    count = sum(_named(shape, equation, evaluation) for shape, equation in shapes.items())
    entries = (shape for shape in shapes if isinstance(shape.entry, Activation | JointActivation))
    functions = dict.fromkeys((shape.name, shape.constant) for shape in entries)
    count += sum(_verify_activation(*function) for function in functions)
    return count, sum(min(shape.arity, MOST_PLACES) for shape in shapes)


def _named(shape: Shape, equation: Equation, evaluation: Evaluation) -> int:
    """Check a shape; the message names where the computation has it."""
    term = next(term for term in equation.terms if term.shape == shape)
    try:
        # Where no point was found in its domain, the computation's own values lie there.
        return _verify_shape(shape) or at_bits(BITS, _shape_lines, shape, _own_points(term, evaluation))
    except VerificationError as error:
        places = ", ".join(partial_text(equation.name, name) for name in dict.fromkeys(term.names[:MOST_PLACES]))
        raise error.inside(places) from None


@lru_cache(maxsize=1024)
def _verify_shape(shape: Shape) -> int:
    """Check the derivative of a shape by each of its places: as written, tidied, in short; 0 without a point for it."""
    return at_bits(BITS, _lines_at_points, shape)


def _lines_at_points(shape: Shape) -> int:
    points = list(_inside(shape))
    return _shape_lines(shape, points) if points else 0


def _inside(shape: Shape) -> Iterator[Mapping[Symbol, Value]]:
    """Yield points in the domain of a shape, with what it defines there."""
    formula = shape.build(*map(Symbol, argument_names(shape)))
    found = 0
    for point in _points(formula, shape.arity):
        values = _values(shape, point)
        if values is not None:
            found += 1
            yield values
    for point in _other_points(shape.arity) if found < ENOUGH_POINTS else ():
        values = _values(shape, point)
        if values is not None:
            found += 1
            yield values
        if found >= ENOUGH_POINTS:
            return


def _other_points(arity: int) -> Iterator[Point]:
    """Yield points of other sizes and signs, the same ones each time."""
    numbers, state = [n for row in POINTS for n in row], 1
    for _ in range(MOST_TRIED):
        point = []
        for _place in range(arity):
            state = state * 1103515245 + 12345 & 0x7FFFFFFF
            point.append(numbers[(state >> 8) % len(numbers)] * SIZES[(state >> 16) % len(SIZES)])
        yield point


def _own_points(term: Term, evaluation: Evaluation) -> list[Mapping[Symbol, Value]]:
    passes = evaluation.table(BITS).passes
    points = [[values[name] for name in term.names] for values in passes]
    return [found for point in points if (found := _values(term.shape, point)) is not None]


def _shape_lines(shape: Shape, points: Sequence[Mapping[Symbol, Value]]) -> int:
    names = argument_names(shape)
    formula = shape.build(*map(Symbol, names))
    alone = Equation(RESULT.name, (Term(shape, names, sibling_names(shape)),))
    count = 0
    for place, name in enumerate(names[:MOST_PLACES]):
        rule = differentiate_equation(alone, name)
        lines = [rule.written, rule.result, shape_derivative(shape, place)]
        count += _all_hold(partial_text(shape.name, name), lines, sympys(formula, Symbol(name)), points)
    return count


def _points(formula: Expr, arity: int) -> list[Point]:
    """Return the points to look at: with cases, on every side of the numbers that they are told apart by."""
    points: list[Point] = [[numbers[k % len(numbers)] + k // len(numbers) for k in range(arity)] for numbers in POINTS]
    if formula.has(Extreme):  # each place is the largest somewhere
        points += [(*points[0][-k:], *points[0][:-k]) for k in range(1, min(arity, MOST_PLACES + 1))]
    if formula.has(Piecewise) and arity <= 2:
        edges = {abs(number) for number in formula.atoms(Rational) if number} | {Rational(1)}
        edges = {edge for edge in edges if edge.p > 0}
        sides = [fmpq(int(e.p), int(e.q)) * share for e in sorted(edges) for share in SIDES]
        points += [list(point) for point in product(sides, repeat=arity)]
    return points


SIDES = tuple(fmpq(n, 7) for n in (-23, -4, 3, 22))


def _values(shape: Shape, point: Point) -> dict[Symbol, Value] | None:
    """Return the values of the places, of what the shape defines and of its siblings; None outside its domain."""
    places = tuple(map(Symbol, argument_names(shape)))
    values: dict[Symbol, Value] = dict(zip(places, point, strict=True))
    try:
        values[RESULT] = at(shape.build(*places), values)
    except OUTSIDE:
        return None
    for position, name in enumerate(sibling_names(shape)):
        entry = shape.entry
        assert isinstance(entry, JointActivation)
        values[Symbol(name)] = at(joint_shape(entry, shape.arity, position).build(*places), values)
    return values


@of_expressions
def sympys(expression: Expr, by: Symbol) -> Expr:
    """Return SymPy's own derivative, its symbols taken as real numbers."""
    real = {symbol: Symbol(symbol.name, real=True) for symbol in expression.free_symbols}
    back = {value: key for key, value in real.items()}
    found = diff(renamed(expression, real).doit(), real.get(by, by))
    return renamed(found.replace(Heaviside, _step) if found.has(Heaviside) else found, back)


def _step(argument: Expr, *_: Expr) -> Expr:
    """Return the step that SymPy's derivative of a maximum has, by cases."""
    return Piecewise((1, argument > 0), (0, True))


@lru_cache(maxsize=256)
def _verify_activation(name: str, constant: Any) -> int:
    """Check every line of the appendix."""
    entry = ACTIVATIONS[name]
    if isinstance(entry, Activation):
        return at_bits(BITS, _verify_own, entry, constant)
    return sum(at_bits(BITS, _verify_joint, entry, place, by) for place in (0, 1) for by in (0, 1))


def _verify_own(entry: Activation, constant: Any) -> int:
    net, out = Symbol("net"), Symbol("out")
    formula = activation_shape(entry, constant).build(net)
    points = [{net: point[0], out: at(formula, {net: point[0]})} for point in _points(formula, 1)]
    return _all_hold(f"d out/d net of {entry.name}", activation_lines(entry, constant), sympys(formula, net), points)


def _verify_joint(entry: JointActivation, place: int, by: int) -> int:
    nets, outs = (tuple(Symbol(f"{kind}_{number}") for number in (1, 2)) for kind in ("net", "out"))
    points = []
    for numbers in POINTS:
        values: dict[Symbol, Value] = dict(zip(nets, numbers, strict=False))
        points.append(values | {outs[k]: at(entry.formula(nets, k), values) for k in (0, 1)})
    expected = sympys(entry.formula(nets, place), nets[by])
    left = f"∂out_{place + 1}/∂net_{by + 1} of {entry.name}"
    return _all_hold(left, joint_lines(entry, place, by), expected, points)


def _all_hold(left: str, lines: Iterable[Expr], expected: Expr, points: Sequence[Mapping[Symbol, Value]]) -> int:
    """Compare each line with SymPy's derivative at each point; return how many comparisons there were."""
    count = 0
    for line in dict.fromkeys(lines):
        for found, reference in _sides(line, expected, points):
            agree(found, reference, lambda line=line: f"{left} = {to_text(line)}", lost=BITS // 2)  # type: ignore[misc]
            count += 1
    if not count:
        raise VerificationError(
            "{line}: no point was found at which this equation could be checked. This is a "
            "bug in derive; please report it.",
            line=left,
        )
    return count


def _sides(line: Expr, expected: Expr, points: Sequence[Mapping[Symbol, Value]]) -> Iterator[tuple[Value, Value]]:
    symbols = sorted(points[0], key=str) if points else []
    right, left = function(symbols, line), function(symbols, expected)
    for point in points:
        values = [point[symbol] for symbol in symbols]
        try:
            sides = right(*values), left(*values)
        except OUTSIDE:  # a formula's derivative may have a smaller domain
            continue
        yield sides


def at(expression: Expr, values: Mapping[Symbol, Value]) -> Value:
    """Return the value of a formula."""
    symbols = sorted(expression.free_symbols, key=str)
    return function(symbols, expression)(*(values[symbol] for symbol in symbols))


@of_expressions
def composed_derivative(error: Expr, by: Symbol) -> Expr:
    """Return SymPy's derivative of a composed error: only sizes and what is largest ask whether symbols are real."""
    return sympys(error, by) if error.has(Abs, Extreme) else diff(error, by)
