"""The numbers of a line: what is printed in place of its names, and behind them."""

from dataclasses import dataclass, replace

from sympy import Add, Expr, Mul, Symbol

from derive.evaluation.evaluation import Evaluation
from derive.lines.line import Line
from derive.lines.recalculation import calculation, result
from derive.notation import to_text
from derive.notation.trees import ZERO, LateSymbol, NewSymbol, PartialSymbol, SampleSymbol, add, mul
from derive.numbers.number import Number

# A longer sum shows its first and last terms.
MOST_TERMS, FIRST_TERMS, LAST_TERMS = 9, 3, 2
DOTS = Symbol("⋯")


@dataclass(frozen=True)
class Filling:
    """What puts an evaluation's numbers into lines: values of so many decimals, those inside formulas of so many.

    ``cuts`` says that long sums show their first and last terms alone; nobody can calculate these again.
    """

    evaluation: Evaluation
    digits: int
    digits_inside: int
    cuts: bool = True

    def in_symbols(self, line: Line) -> Line:
        """Return the line as it is printed, without numbers."""
        return replace(line, right=tuple(map(shortened, line.right))) if self.cuts else line

    def filled(self, line: Line) -> Line:
        """Return the line with its numbers and its value, marked where the printed numbers give another one.

        Raises `VerificationError`, naming the line, where rounding does not explain that.
        """
        value = self.number(line.name, line)
        if line.filled is None:
            return replace(self.in_symbols(line), value=value.rounded(self.digits))
        formula = shortened(line.filled) if self.cuts else line.filled
        names = sorted(line.filled.free_symbols, key=str)
        numbers = {name.name: self.number(name, line).rounded(self.digits_inside) for name in names}
        printed = tuple(numbers.items())
        is_exact = all(number.exact for number in numbers.values())
        found = replace(self.in_symbols(line), filled=formula, printed=printed, is_exact=is_exact)
        if DOTS in formula.free_symbols:
            return replace(found, value=value.rounded(self.digits))
        line_again = calculation(formula, numbers.__getitem__)
        shown = result(value, line_again, self.digits, self.digits_inside, to_text(line.name))
        return replace(found, value=shown.rounded, is_marked=shown.is_marked)

    def number(self, symbol: Symbol, line: Line) -> Number:
        """Return the number that a name stands for in a line."""
        if line.parameter and type(symbol) is Symbol:
            return self._of_step(symbol.name, line.parameter)
        if isinstance(symbol, PartialSymbol):
            return self._partial(symbol, line.is_late)
        if isinstance(symbol, NewSymbol):
            is_trained = symbol.of in self.evaluation.computation.trained
            return self.evaluation.updated(symbol.of) if is_trained else self.evaluation.after(symbol.of)
        if isinstance(symbol, LateSymbol):
            return self.evaluation.partial_used(self.evaluation.derivation[symbol.of].by)
        if isinstance(symbol, SampleSymbol):
            return self.evaluation.quantity(symbol.of, symbol.sample - 1)
        return self.named(symbol.name)

    def named(self, name: str) -> Number:
        """Return the value of a quantity, of a partial under its own name, or of all samples' error or the rate."""
        computation = self.evaluation.computation
        if name in computation.kinds:
            return self.evaluation.quantity(name)
        if name == computation.whole_objective_name:
            return self.evaluation.error
        if name == self.evaluation.plan.learning_rate_name:
            return self.evaluation.learning_rate
        return self.evaluation.derivation[name].value

    def _of_step(self, name: str, parameter: str) -> Number:
        if name == "g":
            return self.evaluation.gradient_used(parameter)
        return self.evaluation.step(parameter, "eta" if name == self.evaluation.plan.learning_rate_name else name)

    def _partial(self, symbol: PartialSymbol, is_late: bool) -> Number:
        evaluation, computation = self.evaluation, self.evaluation.computation
        # One sample's error is that of all samples, and yet an update goes on with the gradient, by hand a rounded one.
        is_gradient = symbol.by in computation.trained if is_late else symbol.of != computation.objective
        if symbol.of == computation.whole_objective_name and is_gradient:
            return evaluation.gradient_used(symbol.by) if is_late else evaluation.gradient(symbol.by)
        partial = evaluation.derivation[symbol.by]
        if symbol.through:
            path = next(path for path in partial.paths if path.through == symbol.through)
            return evaluation.path_used(path) if is_late else evaluation.path(path)
        if symbol.of == partial.of:
            if is_late:
                return evaluation.partial_used(symbol.by)
            return evaluation.derivative(partial, symbol.sample - 1 if symbol.sample else 0)
        return next(path.local for path in partial.paths if path.local.of == symbol.of).value


def shortened(expression: Expr) -> Expr:
    """Return the tree with the first and last terms of its long sums, and dots between; a long chain alike."""
    if not expression.args:
        return expression
    parts = [shortened(part) for part in expression.args]
    if isinstance(expression, Add) and len(parts) > MOST_TERMS:
        middle = [part for part in parts[FIRST_TERMS:-LAST_TERMS] if part != ZERO]
        # The one term in which a derivative is not 0 is kept.
        kept = [DOTS, middle[0], DOTS] if len(middle) == 1 else [DOTS]
        return add(*parts[:FIRST_TERMS], *kept, *parts[-LAST_TERMS:])
    if len(parts) > MOST_TERMS and isinstance(expression, Mul) and all(isinstance(p, PartialSymbol) for p in parts):
        return mul(*parts[:FIRST_TERMS], DOTS, *parts[-LAST_TERMS:])
    return expression.func(*parts, evaluate=False) if isinstance(expression, Expr) else expression.func(*parts)
