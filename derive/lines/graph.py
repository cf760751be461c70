"""The lines of a computation without layers: its equations, and the partial by each quantity as a sum over its uses.

Each use of a quantity is one path: the partial by what is computed from it, known by then, times one local derivative.
"""

from collections.abc import Hashable, Iterator
from dataclasses import replace
from functools import reduce

from sympy import Expr, Piecewise, Symbol

from derive.calculus.chain import Derivation
from derive.calculus.partials import LocalDerivative, Partial, Path
from derive.computation.equations import Equation
from derive.computation.shapes import PRODUCT, SAME
from derive.lines import ids, symbolic
from derive.lines.line import Line
from derive.lines.recurrence import Crossing
from derive.notation.tidy import multiply
from derive.notation.trees import PartialSymbol, add, mul

# A longer sum shows a local derivative by its tidy form alone: as the rules write it, each other term adds a 0.
MOST_WRITTEN = 3
EXTREMES = {"max": "greatest", "min": "least"}
MOST_PATHS = 4  # of more, those are shown that are not alike


def of_partial(partial: Partial, derivation: Derivation) -> Iterator[Line]:
    """Yield every line that a handout can have of a partial."""
    if len(partial.paths) == 1:
        yield local(partial.paths[0].local)
        yield single(partial)
    else:
        yield chain(partial)
        for path in telling(partial):
            yield local(path.local)
            yield contribution(path)
        yield from directly(partial)
        yield total(partial)
        yield whole(partial)
    if partial.by in derivation.short_deltas:
        yield symbolic.short_delta(partial, derivation)
    yield shortly(partial)
    yield in_names(partial)


def indirect(partial: Partial) -> list[Path]:
    """Return the paths through a quantity in between: all but that of the objective's own equation."""
    return [path for path in partial.paths if path.upstream]


def telling(partial: Partial) -> list[Path]:
    """Return the paths whose lines are shown: the one, all of a few, of many the first of each kind."""
    paths = indirect(partial) if len(partial.paths) > 1 else list(partial.paths)
    if len(paths) <= MOST_PATHS:
        return paths
    first = {path_kind(path): path for path in reversed(paths)}
    return list(first.values())[::-1][:MOST_PATHS]


def chain(partial: Partial) -> Line:
    """Return the chain rule for a partial: for each use what is known already, times the local derivative.

    What the equation of the objective itself adds has no name of its own, as ∂E/∂w is the sum. Its formula stands in
    its place, as the rules write it and tidied.
    """
    written = [_factors(path, as_written=True) for path in partial.paths]
    tidied = [_factors(path, as_written=False) for path in partial.paths]
    sums = [add(*terms) if len(terms) > 1 else terms[0] for terms in (written, tidied)]
    return Line(ids.chain(partial), _of(partial), tuple(dict.fromkeys(sums)))


def _factors(path: Path, *, as_written: bool) -> Expr:
    if path.upstream is None:
        shows_rules = as_written and not _is_tidied(path.local)
        return path.local.written if shows_rules else path.local.formula
    return symbolic.factors_of(path)


def local(found: LocalDerivative) -> Line:
    """Return a local derivative, as the rules write it where that says more than its tidy form."""
    return symbolic.tidied(found) if _is_tidied(found) else symbolic.local(found)


def is_plain(found: LocalDerivative) -> bool:
    """Whether everybody sees the derivative, as of sums and products: a number, or factors that the equation has.

    What a function gives is no factor of its equation, so the derivatives of softmax are not plain, though most of them
    are products.
    """
    formula = found.formula
    factors = formula.args if formula.is_Mul else (formula,)
    others = {Symbol(name) for name in found.equation.names if name != found.by}
    return all(factor.is_number or factor in others for factor in factors)


def hidden(partial: Partial) -> list[LocalDerivative]:
    """Return those of the local derivatives shown that not everybody sees."""
    return [path.local for path in telling(partial) if not is_plain(path.local)]


def _is_tidied(found: LocalDerivative) -> bool:
    """Whether a local derivative is shown in its tidy form alone: it is plain, or too long for the rules."""
    return is_plain(found) or found.formula.is_Symbol or len(found.equation.terms) > MOST_WRITTEN


def single(partial: Partial) -> Line:
    """Return a partial that one path gives: its factors, their formulas, the numbers."""
    (path,) = partial.paths
    formula = formula_of(path)
    factors = (symbolic.factors_of(path),) if path.upstream else ()
    right = tuple(dict.fromkeys((*factors, formula)))
    return _named(Line(ids.partial(partial), _of(partial), right, None if formula.is_number else formula), partial)


def whole(partial: Partial) -> Line:
    """Return a partial in one line: the chain rule, the formulas of all paths, the numbers."""
    factors = [symbolic.factors_of(path) if path.upstream else path.local.formula for path in partial.paths]
    formulas = list(map(formula_of, partial.paths))
    chained, formula = (add(*terms) if len(terms) > 1 else terms[0] for terms in (factors, formulas))
    line = Line(ids.partial(partial), _of(partial), tuple(dict.fromkeys((chained, formula))), formula)
    return _named(line, partial)


def contribution(path: Path) -> Line:
    """Return what one of several paths adds: its factors, then its formula."""
    line = symbolic.path_in_factors(path)
    formula = formula_of(path)
    return replace(
        line, right=() if formula in line.left else (formula,), filled=None if formula.is_number else formula
    )


def directly(partial: Partial) -> list[Line]:
    """Return what the equation of the objective itself adds, beside other paths, where it takes a calculation."""
    paths = [path for path in partial.paths if path.upstream is None and len(partial.paths) > 1]
    worked = [path for path in paths if not path.local.formula.is_number and not path.local.formula.is_Symbol]
    return [Line("", symbolic.path_symbol(path), (), path.local.formula, (path.local.formula,)) for path in worked]


def total(partial: Partial) -> Line:
    """Return a partial as the sum of what its paths add."""
    terms = map(formula_of, partial.paths)
    numbers = map(symbolic.path_symbol, partial.paths)
    return _named(Line(ids.partial(partial), _of(partial), (add(*terms),), add(*numbers)), partial)


def shortly(partial: Partial) -> Line:
    """Return a partial by its formula alone, for a reader who knows how it comes about."""
    line = in_names(partial)
    formula = line.right[0]
    return replace(line, filled=None if formula.is_number else formula)


def in_names(partial: Partial) -> Line:
    """Return a partial by its formula, without numbers."""
    terms = list(map(formula_of, partial.paths))
    name = (partial.symbol,) if partial.unit else ()
    return Line("", _of(partial), (add(*terms) if len(terms) > 1 else terms[0],), None, name)


def formula_of(path: Path) -> Expr:
    """Return the formula of what a path adds, a derivative by cases under its name."""
    return symbolic.factors_of(path) if _has_cases(path) else path.formula


def _has_cases(path: Path) -> bool:
    return path.upstream is not None and bool(path.local.formula.has(Piecewise))


def across(crossing: Crossing) -> Line:
    """Return by how much one step of a recurrence multiplies: through what stands between two of its states."""
    if len(crossing.locals) == 1:
        return local(crossing.locals[0])
    factors = [PartialSymbol(each.of, each.by) for each in crossing.locals]
    formula = reduce(multiply, (each.formula for each in crossing.locals))
    filled = None if formula.is_number else formula
    return Line("", PartialSymbol(crossing.of, crossing.by), (formula,), filled, (mul(*factors),))


def _named(line: Line, partial: Partial) -> Line:
    """Return the line with the name of a delta before it, where the partial has one."""
    if not partial.unit:
        return line
    left = (partial.symbol, *line.defined)
    return replace(line, id=ids.delta(partial), left=left)


def _of(partial: Partial) -> PartialSymbol:
    return PartialSymbol(partial.of, partial.by)


# Which quantities are alike.


def partial_kind(partial: Partial) -> Hashable:
    """Return what two partials share where one is worked out as the other is."""
    return bool(partial.unit), tuple(map(path_kind, partial.paths))


def path_kind(path: Path) -> Hashable:
    """Return what two paths share where the one is worked out as the other is."""
    by = path.local.by
    terms = path.local.equation.terms_with[by]
    places = tuple((term.shape, tuple(name == by for name in term.names)) for term in terms)
    return path.upstream is None, bool(path.upstream and path.upstream.unit), places


def gate(equation: Equation) -> str:
    """Return what an equation does with the derivative that comes back: "sum", "product", "greatest", "least" or "".

    >>> from derive.computation.terms import product, same
    >>> gate(Equation("q", [same("x"), same("y")])), gate(Equation("f", [product("q", "z")]))
    ('sum', 'product')
    """
    shapes = {term.shape for term in equation.terms}
    if len(equation.terms) > 1 and shapes == {SAME}:
        return "sum"
    if len(equation.terms) == 1 and equation.terms[0].shape.name in EXTREMES:
        return EXTREMES[equation.terms[0].shape.name]
    if shapes == {PRODUCT} and len(equation.terms) == 1 and len(equation.names) == 2:
        return "product"
    return ""
