"""Every line of a derivation checked before it is written.

Each line says left = right, so both sides are evaluated in ball arithmetic, and the balls must overlap: the algebra of
the derivatives at several points and against SymPy's own derivative, the lines with the network's numbers at these. Each
partial is held against a central difference of the error, D(h) = (E(w + h) − E(w − h))/2h, with a certified bound: by
Taylor's theorem ∂E/∂w lies in D(h) − h²·E‴/6, where E‴/6 is enclosed over [w − h, w + h] by a power series of balls.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import floor, log10
from typing import Any

from flint import arb, arb_series, ctx, fmpq
from sympy import Abs, Expr, Symbol, diff

from derive.activations import ACTIVATIONS, Activation
from derive.arithmetic import OutsideDomain, Value, function
from derive.decimals import START_BITS, Undecided
from derive.derivation import Derivation
from derive.errors import DeriveError, Message, Text, UnsupportedError
from derive.evaluation import Table
from derive.graph import Equation, Shape, Term, activation_shape, joint_shape
from derive.notation import partial_text, to_text
from derive.slopes import (
    TARGET,
    activation_lines,
    differentiate_equation,
    joint_lines,
    place_names,
    renamed,
    sibling_names,
    slope,
)

POINTS = (
    tuple(fmpq(n, 29) for n in (11, 5, 17, 8, 23, 2, 14, 20)),
    tuple(fmpq(n, 31) for n in (3, 19, 7, 26, 12, 22, 5, 16)),
    tuple(fmpq(-n, 7) if n % 2 else fmpq(n, 7) for n in (9, 4, 3, 10, 15, 2, 5, 8)),
)
MOST_PARTIALS = 400  # more parameters than that are sampled evenly: each takes two forward passes
MOST_COMPOSED = 10  # parameters: with more, SymPy takes longer to differentiate the composed error than all else
MOST_BITS = 4096
STEP_BITS = 40


class VerificationError(DeriveError):
    """A line of the derivation does not hold: a fault of derive's own, found before anything was written."""


@dataclass(frozen=True)
class Report:
    """What was checked: how many lines, local derivatives, composed partials, and gradients by central differences.

    ``decimals`` is to how many decimals these at least are fixed. ``skipped`` counts the parameters at which the error
    has no derivative, so that there is nothing to compare with.
    """

    lines: int
    locals: int
    composed: int
    partials: int
    decimals: int
    skipped: int


def verify(derivation: Derivation) -> Report:
    """Check every line; raises `VerificationError` naming the first line that does not hold.

    >>> import derive
    >>> report = verify(derive.load("article").derive())
    >>> report.partials, report.decimals > 15
    (10, True)
    """
    shapes = dict.fromkeys(term.shape for equation in _equations(derivation) for term in equation.terms)
    algebra = sum(_verify_shape(shape) for shape in shapes)
    algebra += sum(_verify_activation(*key) for key in dict.fromkeys(_activations(derivation)))
    bits = START_BITS
    while True:
        try:
            table = derivation.evaluation.table(bits)
            with ctx.workprec(bits):
                lines = sum(1 for _ in _verified_lines(derivation, table))
            break
        except Undecided:
            bits *= 2
            if bits > MOST_BITS:
                raise
    locals_ = sum(shape.arity for shape in shapes)
    return Report(algebra + lines, locals_, _verify_composed(derivation), *_verify_partials(derivation))


def _equations(derivation: Derivation) -> list[Equation]:
    return [*derivation.graph.equations, derivation.graph.whole_error]


def _activations(derivation: Derivation) -> Iterator[tuple[str, Any]]:
    yield from ((layer.activation, layer.constant) for layer in derivation.network.layers)


@lru_cache(maxsize=1024)
def _verify_shape(shape: Shape) -> int:
    """Check the derivative of a shape by each of its places: as written, tidied, in short, and SymPy's."""
    names = place_names(shape)
    places, siblings = tuple(map(Symbol, names)), tuple(map(Symbol, sibling_names(shape)))
    count = 0
    for place, name in enumerate(names[:4]):  # the places of a long sum or softmax are alike
        rule = differentiate_equation(_alone(shape), name)
        left = partial_text(shape.name, name)
        expected = _sympys(shape.build(*places), places[place])
        count += _all_overlap(left, [rule.written, rule.result, slope(shape, place)], expected, shape, siblings)
    return count


def _alone(shape: Shape) -> Equation:
    return Equation(TARGET.name, (Term(shape, place_names(shape), sibling_names(shape)),))


def _sympys(expression: Expr, by: Symbol) -> Expr:
    """Return SymPy's own derivative, its symbols taken as real numbers."""
    real = {symbol: Symbol(symbol.name, real=True) for symbol in expression.free_symbols}
    back = {value: key for key, value in real.items()}
    return renamed(diff(renamed(expression, real).doit(), real.get(by, by)), back)


def _all_overlap(left: str, lines: Sequence[Expr], expected: Expr, shape: Shape, siblings: tuple[Symbol, ...]) -> int:
    places = tuple(map(Symbol, place_names(shape)))
    count = 0
    for numbers in POINTS:
        values: dict[Symbol, Value] = {place: numbers[k % len(numbers)] for k, place in enumerate(places)}
        try:
            values[TARGET] = _at(shape.build(*places), values)
            values |= {sibling: _sibling(shape, values, k) for k, sibling in enumerate(siblings)}
            reference = _at(expected, values)
        except OutsideDomain:
            continue
        for line in lines:
            _check(left, line, _at(line, values), reference)
            count += 1
    return count


def _sibling(shape: Shape, values: Mapping[Symbol, Value], position: int) -> Value:
    """Return the out of another neuron of a joint layer at the same nets."""
    entry = ACTIVATIONS[shape.name]
    assert not isinstance(entry, Activation)
    places = tuple(map(Symbol, place_names(shape)))
    return _at(joint_shape(entry, shape.arity, position).build(*places), values)


@lru_cache(maxsize=256)
def _verify_activation(name: str, constant: Any) -> int:
    """Check every line of the appendix."""
    entry = ACTIVATIONS[name]
    if not isinstance(entry, Activation):
        return sum(_verify_joint(name, place, by) for place in (0, 1) for by in (0, 1))
    net, out = Symbol("net"), Symbol("out")
    formula = activation_shape(entry, constant).build(net)
    expected = _sympys(formula, net)
    lines = activation_lines(entry, constant)
    place = Message("d out/d net of {activation}", {"activation": name})
    for numbers in POINTS:
        values = {net: numbers[0]}
        values[out] = _at(formula, values)
        for line in lines:
            _check(place, line, _at(line, values), _at(expected, values))
    return len(lines) * len(POINTS)


def _verify_joint(name: str, place: int, by: int) -> int:
    entry = ACTIVATIONS[name]
    assert not isinstance(entry, Activation)
    nets, outs = (tuple(Symbol(f"{kind}_{number}") for number in (1, 2)) for kind in ("net", "out"))
    expected = _sympys(entry.formula(nets, place), nets[by])
    lines = joint_lines(entry, place, by)
    partial = f"∂out_{place + 1}/∂net_{by + 1}"
    left = Message("{partial} of {activation}", {"partial": partial, "activation": name})
    for numbers in POINTS:
        values = dict(zip(nets, numbers, strict=False))
        values |= {outs[k]: _at(entry.formula(nets, k), values) for k in (0, 1)}
        for line in lines:
            _check(left, line, _at(line, values), _at(expected, values))
    return len(lines) * len(POINTS)


def _at(expression: Expr, values: Mapping[Symbol, Value]) -> Value:
    symbols = sorted(expression.free_symbols, key=str)
    return function(symbols, expression)(*(values[symbol] for symbol in symbols))


def _check(left: Text, line: Expr, found: Value, expected: Value) -> None:
    if not arb(found).overlaps(arb(expected)):
        raise VerificationError(
            "{left} = {right}: this line does not hold; the right side is {found}, the left side {expected}. Nothing "
            "was written. This is a fault of derive; please report it.",
            left=left,
            right=to_text(line),
            found=arb(found).str(12),
            expected=arb(expected).str(12),
        )


def _verified_lines(derivation: Derivation, table: Table) -> Iterator[None]:
    """Check the lines that show the first sample's numbers: each formula gives the value beside it."""
    graph = derivation.graph
    known: dict[Symbol, Value] = {Symbol(name): value for name, value in table.passes[0].items()}
    for name, partial in derivation.partials.items():
        known[partial.symbol] = table.partials[0][name]
    for equation in graph.equations:
        _check(equation.target, equation.expression, _at(equation.expression, known), known[Symbol(equation.target)])
        yield
    yield from _verified_partials(derivation, table, known)
    for net, lines in derivation.short_deltas.items():
        for line in lines:
            _check(partial_text(graph.output, net), line, _at(line, known), table.partials[0][net])
            yield
    rate = Symbol("eta")
    for name in table.updated if not derivation.network.optimizer.symbols else ():
        step = Symbol(name) - rate * Symbol("g")
        found = _at(step, {Symbol(name): known[Symbol(name)], rate: table.rate, Symbol("g"): table.used[name]})
        if not derivation.network.optimizer.rule.state:
            _check(f"{name}⁺", step, found, table.updated[name])
            yield


def _verified_partials(derivation: Derivation, table: Table, known: Mapping[Symbol, Value]) -> Iterator[None]:
    for partial in _sampled(list(derivation.partials.values())):
        left, value = partial_text(partial.of, partial.by), table.partials[0][partial.by]
        lines = [partial.formula, partial.named_formula if partial.factors else partial.formula]
        if partial.delta:
            lines.append(partial.delta.formula)
        for line in dict.fromkeys(lines):
            _check(left, line, _at(line, known), value)
            yield
        for path in partial.paths:
            local = path.local
            if len(local.equation.terms) <= 20:
                left = partial_text(local.of, local.by)
                _check(left, local.written, _at(local.written, known), _at(local.formula, known))
                yield


def _verify_composed(derivation: Derivation) -> int:
    """Check the partials of a small network against SymPy's derivative of its error, composed in the weights alone."""
    if len(derivation.parameters) > MOST_COMPOSED:
        return 0
    try:
        error = derivation.error.composed
    except UnsupportedError:
        return 0
    with ctx.workprec(2 * START_BITS):
        table = derivation.evaluation.table(2 * START_BITS)
        known = {Symbol(name): table.passes[0][name] for name in derivation.graph.values}
        for name in derivation.parameters:
            # Only an absolute value asks SymPy whether its symbols are real.
            by = Symbol(name)
            expected = _sympys(error, by) if error.has(Abs) else diff(error, by)
            left = partial_text(derivation.graph.output, name)
            _check(left, derivation[name].formula, table.partials[0][name], _at(expected, known))
    return len(derivation.parameters)


def _sampled(items: list[Any]) -> list[Any]:
    """Return the items, or evenly chosen ones where they are too many."""
    step = max(1, -(-len(items) // MOST_PARTIALS))
    return items[::step]


def _verify_partials(derivation: Derivation) -> tuple[int, int, int]:
    """Hold each gradient against a certified central difference: how many, to how many decimals, how many not."""
    decimals, done, skipped = 99, 0, 0
    for name in _sampled(list(derivation.parameters)):
        bits = 2 * START_BITS
        while True:
            try:
                with ctx.workprec(bits):
                    exact = derivation.evaluation.table(bits).gradients[name]
                    enclosed = _central_difference(derivation, name)
                break
            except Undecided:
                # Beside a corner more bits help, on it nothing does.
                bits *= 4
                if bits > MOST_BITS:
                    enclosed = None
                    break
        if enclosed is None:
            skipped += 1
            continue
        if not enclosed.overlaps(arb(exact)):
            raise VerificationError(
                "{partial}: the derivation gives {found}, a central difference of the error {expected}. Nothing was "
                "written. This is a fault of derive; please report it.",
                partial=partial_text(derivation.network.whole_error_name, name),
                found=arb(exact).str(12),
                expected=enclosed.str(12),
            )
        done += 1
        decimals = min(decimals, _decimals(enclosed))
    return done, decimals if done else 0, skipped


def _central_difference(derivation: Derivation, name: str) -> arb:
    """Return a ball that certainly holds the derivative of the error by the parameter."""
    error_at: Callable[[str, Value], Value] = derivation.evaluation.error_at
    step = fmpq(1, 2**STEP_BITS)
    difference = (error_at(name, step) - error_at(name, -step)) / (2 * step)
    series = error_at(name, arb_series([arb(0, arb(step)), 1], 4))
    bend = series[3] if isinstance(series, arb_series) else arb(0)
    return arb(difference) - step * step * bend


def _decimals(ball: arb) -> int:
    """Return how many decimals the ball is sure of."""
    radius = float(ball.rad())
    return max(0, floor(-log10(radius))) if radius > 0 else 99
