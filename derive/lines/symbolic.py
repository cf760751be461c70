"""The lines of one quantity at a time, in symbols: what defines it, how it is differentiated, how it is updated."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial as bound

from sympy import Expr, Integer, Symbol

from derive.calculus.chain import Derivation
from derive.calculus.partials import Factor, LocalDerivative, Partial, Path
from derive.computation.equations import Computation
from derive.computation.plan import Plan
from derive.functions.optimizers import Optimizer
from derive.lines import ids
from derive.lines.line import Line
from derive.notation.trees import (
    ONE,
    NewSymbol,
    PartialSymbol,
    SampleSymbol,
    add,
    fraction,
    mul,
    negative,
    renamed,
)

ANY_PARAMETER = ("w", *("theta", "phi", "psi", "omega", "zeta", "xi"), *(f"theta_{n}" for n in range(1, 1_000)))


def equation(computation: Computation, name: str) -> Line:
    """Return a line of the forward pass."""
    formula = computation.by_name[name].expression
    return _worked(ids.equation(name), Symbol(name), formula)


def whole_error(computation: Computation) -> Line:
    """Return the objective in what it is made of, the sums below it opened; nothing refers to it."""
    opened = computation.opened_objective
    return Line("", Symbol(opened.name), (opened.expression,))


def chain(partial: Partial) -> Line:
    """Return the chain rule for a partial, no derivative taken yet."""
    return Line(ids.chain(partial), _of(partial), (_products(partial),))


def factors_of(found: Path) -> Expr:
    """Return what a path multiplies, each factor a name."""
    return _product(found.factors)


def local(found: LocalDerivative) -> Line:
    """Return a local derivative: as the rules write it, then tidied."""
    return _worked(ids.local(found), _factor(found), found.written, found.formula)


def tidied(found: LocalDerivative) -> Line:
    """Return a local derivative in its tidy form alone."""
    return _worked(ids.local(found), _factor(found), found.formula)


def product(partial: Partial) -> Line:
    """Return a partial as the product of its factors, each a name."""
    factors = _product(partial.factors)
    return Line(ids.partial(partial), _of(partial), (factors,), factors)


def delta(partial: Partial, derivation: Derivation) -> Line:
    """Return the partial by a net under its name delta: factors, then formula; long where it has a short form too."""
    formula = partial.named_formula if partial.factors else partial.formula
    is_long = partial.by in derivation.short_deltas
    label = ids.long_delta(partial) if is_long else ids.delta(partial)
    # A delta that comes straight from what is differentiated has no factors to multiply.
    products = (_products(partial),) if partial.paths[0].upstream or len(partial.paths) > 1 else ()
    return _worked(label, _of(partial), *products, formula, left=(partial.symbol, _of(partial)))


def short_delta(partial: Partial, derivation: Derivation) -> Line:
    """Return how a delta comes to its short form, cancelled line by line."""
    return _worked(ids.delta(partial), _of(partial), *derivation.short_deltas[partial.by], left=(partial.symbol,))


def delta_in_short(partial: Partial, derivation: Derivation) -> Line:
    """Return a delta by its short form alone."""
    short = derivation.short_deltas[partial.by][-1]
    return _worked(ids.delta(partial), _of(partial), short, left=(partial.symbol, _of(partial)))


def path(found: Path) -> Line:
    """Return what one path adds: its factors, as the chain rule has announced them, then its formula.

    The line begins with a derivative where the path is one: that of one output's error, or, alone, the whole partial.
    """
    if not is_derivative(found):
        return path_in_factors(found)
    products = (_product(found.factors),) if found.upstream else ()
    return _worked(ids.path(found), path_symbol(found), *products, found.formula)


def path_in_factors(found: Path) -> Line:
    """Return what one path adds, to the left always the product of its factors."""
    return _worked(ids.path(found), path_symbol(found), found.formula, left=(_product(found.factors),))


def is_derivative(found: Path) -> bool:
    """Whether what a path adds is a derivative by itself."""
    return bool(found.part) or len(found.local.derivation.partials[found.local.by].paths) == 1


def total(partial: Partial) -> Line:
    """Return a partial as the sum of what its paths add, the derivative of an output's error under its name."""
    terms = [path_symbol(each) if each.part else each.formula for each in partial.paths]
    return Line(ids.partial(partial), _of(partial), (_sum(terms),), _sum(list(map(path_symbol, partial.paths))))


def formula(partial: Partial) -> Line:
    """Return a partial by its formula."""
    return _worked(ids.partial(partial), _of(partial), partial.formula)


def formula_in_factors(partial: Partial) -> Line:
    """Return a partial by its formula, with the values of its factors."""
    return replace(product(partial), right=(partial.formula,))


def differentiated(found: LocalDerivative) -> Line:
    """Return the equation that a local derivative is taken of."""
    return Line("", Symbol(found.of), (found.equation.expression,))


def delta_form(partial: Partial) -> Line:
    """Return a parameter's partial as delta times what came in."""
    return _worked(ids.delta_form(partial), _of(partial), in_deltas(partial))


def tabled(partial: Partial) -> Line:
    """Return the same, where lines stand in place of a table."""
    return replace(delta_form(partial), id=ids.tabled(partial))


def in_deltas(partial: Partial) -> Expr:
    """Return the formula of a parameter's partial in deltas."""
    return partial.delta.formula if partial.delta else partial.formula


def updated(computation: Computation, plan: Plan, name: str) -> Line:
    """Return the update of a parameter by gradient descent, in numbers alone."""
    gradient = PartialSymbol(computation.whole_objective_name, name)
    step = mul(Symbol(plan.learning_rate_name), gradient)
    return Line("", NewSymbol(name), (), add(Symbol(name), negative(step)), is_late=True)


def any_parameter(computation: Computation) -> str:
    """Return what stands for a parameter in the update rule: the only trained one, or a letter that is free."""
    if computation.layers is None and len(computation.trained) == 1:
        return next(iter(computation.trained))
    return next(letter for letter in ANY_PARAMETER if computation.layers or letter not in computation.kinds)


def update_rule(computation: Computation, plan: Plan, name: str = "w") -> Sequence[Line]:
    """Return how the optimizer changes a parameter of that name, an equation each; g is the derivative by it."""
    gradient = PartialSymbol(computation.whole_objective_name, name)
    if plan.optimizer.is_plain:
        step = mul(Symbol(plan.learning_rate_name), gradient)
        return (Line(ids.UPDATE, NewSymbol(name), (add(Symbol(name), negative(step)),)),)
    start = Line(ids.UPDATE, Symbol("g"), (gradient,))
    own = {Symbol("w"): Symbol(name)}
    steps = _steps(plan, plan.optimizer)
    named = ((NewSymbol(name) if target == "w+" else Symbol(target), formula) for target, formula in steps)
    return (start, *(Line("", target, (renamed(formula, own),)) for target, formula in named))


def update_steps(computation: Computation, plan: Plan, name: str) -> Iterator[Line]:
    """Yield the first step of the optimizer for one parameter, each of its equations a line."""
    own = plan.optimizer.of(computation.kinds[name])
    label = bound(ids.step, without_decay=own != plan.optimizer)
    gradient = PartialSymbol(computation.whole_objective_name, name)
    yield Line(label(1), Symbol("g"), (gradient,), is_late=True, parameter=name)
    for number, (target, formula) in enumerate(_steps(plan, own), start=2):
        symbol = NewSymbol(name) if target == "w+" else Symbol(target)
        named = renamed(formula, {Symbol("w"): Symbol(name)})
        yield Line(label(number), symbol, (named,), formula, is_late=True, parameter=name)


def _steps(plan: Plan, optimizer: Optimizer) -> Iterator[tuple[str, Expr]]:
    """Yield the optimizer's equations, the learning rate under its own name."""
    rate = {Symbol("eta"): Symbol(plan.learning_rate_name)}
    return ((target, renamed(formula, rate)) for target, formula in optimizer.steps)


def comparison(name: str) -> Sequence[Line]:
    """Return a quantity before and after the update, its values alone."""
    return Line(ids.comparison(name), Symbol(name)), Line("", NewSymbol(name))


def reduction(computation: Computation) -> Line:
    """Return the error of all samples out of each sample's."""
    whole = computation.whole_objective_name
    terms = [SampleSymbol(computation.objective, number) for number in _numbers(computation)]
    return _reduced(computation, ids.equation(whole), Symbol(whole), terms)


def gradient_reduction(computation: Computation, name: str) -> Line:
    """Return the gradient of all samples by one parameter out of each sample's."""
    whole = PartialSymbol(computation.whole_objective_name, name)
    terms = [PartialSymbol(computation.objective, name, sample=number) for number in _numbers(computation)]
    return _reduced(computation, ids.REDUCTION, whole, terms)


def _numbers(computation: Computation) -> range:
    return range(1, len(computation.samples) + 1)


def _reduced(computation: Computation, label: str, name: Symbol, terms: Sequence[Symbol]) -> Line:
    formula = _sum(terms)
    if computation.is_mean:
        formula = mul(fraction(ONE, Integer(len(terms))), formula)
    return Line(label, name, (formula,), formula)


def shortly(partial: Partial, derivation: Derivation) -> Iterator[Line]:
    """Yield the lines that a partial by a net or an out takes where its formula is known: what each path adds, then it.

    A delta is one line, in its short form where it has one.
    """
    if partial.is_net:
        yield _worked("", partial.symbol, derivation.delta_formula(partial))
    elif len(partial.paths) > 1:
        for each in partial.paths:
            yield _worked("", path_symbol(each), each.formula, left=() if each.part else (each.formula,))
        yield total(partial)
    else:
        yield _worked("", _of(partial), partial.paths[0].formula)


def path_symbol(found: Path) -> PartialSymbol:
    """Return the name of what a path adds; what comes by an only path is the derivative of the objective itself."""
    derivation = found.local.derivation
    is_alone = len(derivation.partials[found.local.by].paths) == 1
    part = "" if is_alone else found.part
    return PartialSymbol(part or derivation.computation.objective, found.local.by, found.through)


def _worked(label: str, name: Symbol, *right: Expr, left: tuple[Expr, ...] = ()) -> Line:
    """Return a line whose last right side is the one with numbers, where there are names in it."""
    return Line(label, name, right, None if right[-1].is_number else right[-1], left)


def _of(partial: Partial) -> PartialSymbol:
    return PartialSymbol(partial.of, partial.by)


def _factor(factor: Factor) -> PartialSymbol:
    """Return the name of a factor; a local derivative of the objective itself is what comes straight from it."""
    if isinstance(factor, LocalDerivative) and factor.of == factor.derivation.computation.objective:
        return PartialSymbol(factor.of, factor.by, factor.of)
    return PartialSymbol(factor.of, factor.by)


def _products(partial: Partial) -> Expr:
    products = [partial.factors] if partial.factors else [each.factors for each in partial.paths]
    return _sum(list(map(_product, products)))


def _product(factors: Sequence[Factor]) -> Expr:
    names = list(map(_factor, factors))
    return mul(*names) if len(names) > 1 else names[0]


def _sum(terms: Sequence[Expr]) -> Expr:
    return add(*terms) if len(terms) > 1 else terms[0]
