"""The formulas of the article in LaTeX, with their numbers.

Where the printed numbers of a line give another last digit than its printed result, the result carries a mark.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod

from sympy import Add, Expr, Symbol

from derive.calculus.partials import Factor, LocalDerivative, Partial, Path
from derive.evaluation.evaluation import Evaluation
from derive.lines.recalculation import Calculation, calculation, result
from derive.notation import (
    Latex,
    aligned,
    aligned_equations,
    marked,
    name_latex,
    partial_latex,
    partial_text,
    to_latex,
    value_latex,
)
from derive.notation.display import LINE_WIDTH, Row, cut
from derive.notation.trees import ZERO, add, renamed
from derive.numbers.arithmetic import Value
from derive.numbers.decimals import Rounded
from derive.numbers.number import Number

UPDATES_TOGETHER = 8
# Numbers put into a formula have no more decimals than that: a fraction or a root cannot be broken into lines.
MOST_INSIDE = 20
# A longer sum shows its first and last terms.
MOST_TERMS, FIRST_TERMS, LAST_TERMS = 9, 3, 2
DOTS = Symbol("⋯")
PLUS, TIMES = " + ", r" \cdot "


@dataclass(frozen=True)
class Formulas:
    """The formulas of one evaluation in LaTeX, with values of so many decimals, in lines of so many digits."""

    evaluation: Evaluation
    digits: int
    width: int = LINE_WIDTH

    def aligned(self, left: str, rows: Sequence[Row]) -> Latex:
        """Return left = right₁ = right₂ … in lines that fit the page."""
        return aligned(left, rows, width=self.width)

    def aligned_equations(self, equations: Sequence[tuple[str, Sequence[Row]]]) -> Latex:
        """Return several equations below each other, in lines that fit the page."""
        return aligned_equations(equations, width=self.width)

    @property
    def digits_inside(self) -> int:
        """The decimals of a number that is put into a formula."""
        return min(self.digits, MOST_INSIDE)

    def quantity(self, name: str) -> Number:
        """Return the value of a quantity, or of a partial under its own name."""
        known = name in self.evaluation.computation.kinds
        return self.evaluation.quantity(name) if known else self.evaluation.derivation[name].value

    def equal(self, number: Number) -> Latex:
        """Return the value behind its relation: = where its digits are exact, ≈ where they are rounded."""
        return Latex(" ".join(self.value_row(number)))

    def equation(self, name: str) -> Latex:
        """Return a line of the forward pass: formula, numbers, value."""
        expression = self.evaluation.computation.by_name[name].expression
        return self.aligned(name_latex(name), self._worked(expression, self.quantity(name), name))

    def formula(self, name: str) -> Latex:
        """Return the formula of a quantity, without numbers."""
        return to_latex(shortened(self.evaluation.computation.by_name[name].expression))

    def whole_error(self) -> Latex:
        """Return the error in targets and outputs."""
        equation = self.evaluation.computation.opened_objective
        return self.aligned(name_latex(equation.name), [("=", to_latex(shortened(equation.expression)))])

    def chain(self, partial: Partial) -> Latex:
        """Return the chain rule for a partial, no derivative taken yet."""
        return self.aligned(partial.latex, [("=", self._products(partial))])

    def _products(self, partial: Partial) -> str:
        products = [partial.factors] if partial.factors else [path.factors for path in partial.paths]
        return joined(list(map(_symbols, products)), PLUS)

    def local(self, local: LocalDerivative) -> Latex:
        """Return a local derivative: as the rules write it, tidied, with numbers, its value."""
        written = to_latex(shortened(local.written))
        worked = self._worked(local.formula, local.value, partial_text(local.of, local.by))
        return self.aligned(local.latex, worked if written == worked[0][1] else [("=", written), *worked])

    def product(self, partial: Partial) -> Latex:
        """Return a partial as the product of its factors: in symbols, in numbers, its value."""
        numbers = self._combined([factor.value for factor in partial.factors], TIMES, partial.value, _left(partial))
        return self.aligned(partial.latex, [("=", _symbols(partial.factors)), *numbers])

    def delta(self, partial: Partial) -> Latex:
        """Return the partial by a net under its name delta: factors, formula, numbers, value."""
        formula = partial.named_formula if partial.factors else partial.formula
        rows = [("=", self._products(partial)), *self._worked(formula, partial.value, _left(partial))]
        return self.aligned(f"{to_latex(partial.symbol)} = {partial.latex}", rows)

    def short_delta(self, partial: Partial) -> Latex:
        """Return how a delta comes to its short form, cancelled line by line, and its value."""
        lines = self.evaluation.derivation.short_deltas[partial.by]
        rows = [("=", to_latex(shortened(line))) for line in lines[:-1]]
        return self.aligned(to_latex(partial.symbol), [*rows, *self._worked(lines[-1], partial.value, _left(partial))])

    def delta_in_short(self, partial: Partial) -> Latex:
        """Return a delta by its short form alone."""
        short = self.evaluation.derivation.short_deltas[partial.by][-1]
        worked = self._worked(short, partial.value, _left(partial))
        return self.aligned(f"{to_latex(partial.symbol)} = {partial.latex}", worked)

    def path(self, path: Path) -> Latex:
        """Return what one path adds to a sum over paths: factors, formula, numbers, value."""
        part = self.error_part(path)
        left = partial_latex(part, path.local.by) if part else _symbols(path.factors)
        return self.aligned(left, self._worked(path.formula, path.value, path.name))

    def total(self, partial: Partial) -> Latex:
        """Return the sum of the paths: in symbols, in numbers, its value."""
        parts = [self.error_part(path) for path in partial.paths]
        terms = [
            partial_latex(part, partial.by) if part else to_latex(path.formula)
            for part, path in zip(parts, partial.paths, strict=True)
        ]
        numbers = self._combined([path.value for path in partial.paths], PLUS, partial.value, _left(partial))
        return self.aligned(partial.latex, [("=", joined(terms, PLUS)), *numbers])

    def error_part(self, path: Path) -> str:
        """Return the one output's error whose derivative the path is, such as E_o1; "" where there is none."""
        return path.part

    def delta_form(self, partial: Partial) -> Latex:
        """Return a parameter's partial as delta times what came in: in symbols, in numbers, its value."""
        return self.aligned(partial.latex, self._worked(_in_deltas(partial), partial.value, _left(partial)))

    def short(self, partial: Partial) -> Latex:
        """Return the formula of a parameter's partial in deltas."""
        return to_latex(shortened(_in_deltas(partial)))

    def updates(self, names: Sequence[str]) -> list[Latex]:
        """Return the updates of parameters, a line each: numbers and new value; a few to a display, as pages end."""
        equations = [(name_latex(f"{name}+"), self._update(name)) for name in names]
        starts = range(0, len(equations), UPDATES_TOGETHER)
        return [self.aligned_equations(equations[start : start + UPDATES_TOGETHER]) for start in starts]

    def _update(self, name: str) -> list[Row]:
        evaluation = self.evaluation
        before, gradient = self.quantity(name), evaluation.gradient_used(name)
        relation, _ = self._numbers([before, gradient], "")
        _, step = self._numbers([self.rate, gradient], TIMES)
        last = self._result(
            evaluation.updated(name),
            [before, self.rate, gradient],
            lambda weight, rate, slope: weight - rate * slope,
            f"{name}⁺",
        )
        return [(relation, f"{before.latex(self.digits_inside)} - {step}"), last]

    def update_rule(self) -> Latex:
        """Return how the optimizer changes a weight, in symbols: g stands for the derivative by it."""
        whole = self.evaluation.computation.whole_objective_name
        if self.is_plain:
            step = f"{name_latex(self.evaluation.plan.learning_rate_name)} \\cdot {partial_latex(whole, 'w')}"
            return self.aligned(name_latex("w+"), [("=", f"w - {step}")])
        start = ("g", [("=", partial_latex(whole, "w"))])
        steps = [(name_latex(target), [("=", to_latex(formula))]) for target, formula in self._steps]
        return self.aligned_equations([start, *steps])

    def update_steps(self, name: str) -> list[Latex]:
        """Return the first step of the optimizer for one parameter, a display for each of its equations."""
        evaluation = self.evaluation
        partial = self.evaluation.derivation[name]
        gradient = evaluation.gradient_used(name)
        left = partial_latex(self.evaluation.computation.whole_objective_name, partial.by)
        found = [self.aligned("g", [("=", left), self.value_row(gradient)])]
        for target, formula in self._steps:
            symbols = sorted(symbol.name for symbol in formula.free_symbols)
            values = {symbol: self._step_value(name, symbol) for symbol in symbols}
            exact = all(value.is_exact(self.digits_inside) for value in values.values())
            printed = {symbol: value.rounded(self.digits_inside) for symbol, value in values.items()}
            numbers = to_latex(formula, lambda symbol, known=printed: known[symbol].text)  # type: ignore[misc]
            shown = f"{name}+" if target == "w+" else target
            named = renamed(formula, {Symbol("w"): Symbol(name)})
            rows = [("=", to_latex(named)), ("=" if exact else r"\approx", numbers)]
            last = self._marked(calculation(formula, printed.__getitem__), evaluation.step(name, target), shown)
            found.append(self.aligned(name_latex(shown), [*rows, last]))
        return found

    def _step_value(self, name: str, symbol: str) -> Number:
        plan = self.evaluation.plan
        return self.evaluation.step(name, "eta" if symbol == plan.learning_rate_name else symbol)

    @property
    def _steps(self) -> list[tuple[str, Expr]]:
        """The optimizer's equations, the learning rate under its own name."""
        plan = self.evaluation.plan
        rate = {Symbol("eta"): Symbol(plan.learning_rate_name)}
        return [(target, renamed(formula, rate)) for target, formula in plan.optimizer.steps]

    @property
    def is_plain(self) -> bool:
        """Whether the weights move by gradient descent alone."""
        return self.evaluation.plan.optimizer.is_plain

    def comparison(self, name: str) -> Latex:
        """Return a quantity before and after the update."""
        values = (self.quantity(name), self.evaluation.after(name))
        names = (name_latex(name), name_latex(f"{name}+"))
        return self.aligned_equations(
            [(left, [self.value_row(value)]) for left, value in zip(names, values, strict=True)]
        )

    def reduction(self) -> Latex:
        """Return the error of all samples out of each sample's: in symbols, in numbers, its value."""
        evaluation = self.evaluation
        terms = [
            sample_latex(evaluation.computation.objective, number) for number, _ in enumerate(evaluation.whole.samples)
        ]
        name = evaluation.computation.whole_objective_name
        return self.aligned(
            name_latex(name), self._reduced(terms, evaluation.whole.samples, evaluation.whole.value, name)
        )

    def gradient_reduction(self, name: str) -> Latex:
        """Return the gradient of all samples by one parameter: in symbols, in numbers, its value."""
        evaluation, evaluation = self.evaluation, self.evaluation
        samples = range(len(evaluation.computation.samples))
        partial = evaluation.derivation[name]
        by = name_latex(name)
        terms = [rf"\frac{{\partial {sample_latex(partial.of, k)}}}{{\partial {by}}}" for k in samples]
        values = [evaluation.derivative(partial, k) for k in samples]
        whole = evaluation.computation.whole_objective_name
        rows = self._reduced(terms, values, evaluation.gradient(name), partial_text(whole, name))
        return self.aligned(partial_latex(whole, name), rows)

    def _reduced(self, terms: Sequence[str], values: Sequence[Number], total: Number, left: str) -> list[Row]:
        relation, numbers = self._numbers(values, PLUS)
        symbols = joined(terms, PLUS)
        is_mean = self.evaluation.computation.is_mean
        if is_mean:
            share = rf"\frac{{1}}{{{len(terms)}}}"
            symbols, numbers = (rf"{share} \left({text}\right)" for text in (symbols, numbers))
        last = self._result(total, values, lambda *each: sum(each) / len(each) if is_mean else sum(each), left)
        return [("=", symbols), (relation, numbers), last]

    def late(self, partial: Partial) -> Latex:
        """Return a sum over paths in which the weights to the right are updated already (sequential updates)."""
        evaluation = self.evaluation
        values = [evaluation.path_used(path) for path in partial.paths]
        terms = [rf"{name_latex(_delta(path))} \cdot {self._late_weight(path)}" for path in partial.paths]
        numbers = self._combined(values, PLUS, evaluation.partial_used(partial.by), _left(partial))
        return self.aligned(Latex(rf"{{{partial.latex}}}^{{\ast}}"), [("=", joined(terms, PLUS)), *numbers])

    def _late_weight(self, path: Path) -> Latex:
        weight = str(path.local.formula)
        return name_latex(f"{weight}+" if weight in self.evaluation.computation.trained else weight)

    @property
    def rate(self) -> Number:
        """The learning rate."""
        return self.evaluation.learning_rate

    def _worked(self, formula: Expr, value: Number, left: str) -> list[Row]:
        """Return the rows formula, formula with numbers, value; what would stand twice stands once.

        ``left`` names the line, should it not hold.
        """
        names = [symbol.name for symbol in formula.free_symbols]
        formula = shortened(formula)
        rows: list[Row] = [("=", to_latex(formula))]
        last = self.value_row(value)
        if names:
            is_exact = all(self.quantity(name).is_exact(self.digits_inside) for name in names)
            rows.append(("=" if is_exact else r"\approx", to_latex(formula, self._shown)))
            if DOTS not in formula.free_symbols:
                last = self._marked(calculation(formula, self._printed), value, left)
        return rows if rows[-1][1] == last[1] else [*rows, last]

    def _numbers(self, values: Sequence[Number], operator: str) -> Row:
        """Return the values joined, behind = where all their digits are exact."""
        texts = [value.latex(self.digits_inside) for value in values]
        grouped = [
            rf"\left({text}\right)" if place and text.startswith("-") else text for place, text in enumerate(texts)
        ]
        is_exact = all(value.is_exact(self.digits_inside) for value in values)
        return "=" if is_exact else r"\approx", joined(grouped, operator)

    def _combined(self, values: Sequence[Number], operator: str, total: Number, left: str) -> list[Row]:
        """Return the sum or the product of the values, and the row of its result."""
        combine = sum if operator == PLUS else prod
        return [self._numbers(values, operator), self._result(total, values, lambda *each: combine(each), left)]

    def _result(self, number: Number, values: Sequence[Number], compute: Callable[..., Value], left: str) -> Row:
        """Return the row of a result that is calculated from the values before it."""
        if len(values) > MOST_TERMS:  # not all of them are printed, so nobody can calculate it again
            return self.value_row(number)
        printed = [value.rounded(self.digits_inside) for value in values]
        return self._marked(Calculation(compute, printed), number, left)

    def _marked(self, line: Calculation, number: Number, left: str) -> Row:
        """Return the row of a result, marked unless it is what the printed numbers before it give."""
        shown = result(number, line, self.digits, self.digits_inside, left)
        latex = value_latex(shown.rounded.text)
        return "=" if shown.rounded.exact else r"\approx", marked(latex) if shown.is_marked else latex

    def value_row(self, value: Number) -> Row:
        """Return the value behind its relation."""
        return "=" if value.is_exact(self.digits) else r"\approx", value.latex(self.digits)

    def _shown(self, name: str) -> str | None:
        return None if name == DOTS.name else self._printed(name).text

    def _printed(self, name: str) -> Rounded:
        return self.quantity(name).rounded(self.digits_inside)


def _symbols(factors: Sequence[Factor]) -> Latex:
    return Latex(TIMES.join(factor.latex for factor in factors))


def _left(partial: Partial) -> str:
    return partial_text(partial.of, partial.by)


def _in_deltas(partial: Partial) -> Expr:
    return partial.delta.formula if partial.delta else partial.formula


def _delta(path: Path) -> str:
    return path.upstream.symbol.name if path.upstream else ""


def sample_latex(name: str, number: int) -> Latex:
    r"""Return the name of a quantity of one sample, counted from 0.

    >>> print(sample_latex("E_total", 0))
    E_{\mathrm{total}}^{(1)}
    """
    return Latex(rf"{name_latex(name)}^{{({number + 1})}}")


def joined(texts: Sequence[str], operator: str) -> str:
    """Return the terms joined; of many, the first and last ones with dots between."""
    kept = cut(texts, MOST_TERMS, FIRST_TERMS, LAST_TERMS)
    return operator.join(r"\cdots" if text is None else text for text in kept)


def shortened(expression: Expr) -> Expr:
    """Return the tree with the first and last terms of its long sums, and dots between."""
    if not expression.args:
        return expression
    parts = [shortened(part) for part in expression.args]
    if isinstance(expression, Add) and len(parts) > MOST_TERMS:
        middle = [part for part in parts[FIRST_TERMS:-LAST_TERMS] if part != ZERO]
        # The one term in which a derivative is not 0 is kept.
        kept = [DOTS, middle[0], DOTS] if len(middle) == 1 else [DOTS]
        return add(*parts[:FIRST_TERMS], *kept, *parts[-LAST_TERMS:])
    return expression.func(*parts, evaluate=False) if isinstance(expression, Expr) else expression.func(*parts)
