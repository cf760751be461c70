"""The numbers of a line: what is printed in place of its names, and behind them."""

from dataclasses import dataclass, replace
from functools import cached_property

from sympy import Expr, Symbol

from derive.evaluation.evaluation import Evaluation
from derive.lines.elision import DOTS, Elision, true_classes
from derive.lines.line import Line
from derive.lines.recalculation import calculation, result
from derive.lines.recurrence import between
from derive.notation import to_text
from derive.notation.trees import LateSymbol, NewSymbol, PartialSymbol, SampleSymbol
from derive.numbers.number import Number
from derive.numbers.slots import AGAIN, MARKED, present_slots


@dataclass(frozen=True)
class Filling:
    """What puts an evaluation's numbers into lines: values of so many decimals, those inside formulas of so many.

    ``cuts`` says that long sums show some of their terms alone, see `Elision`; nobody can calculate these again.
    """

    evaluation: Evaluation
    digits: int
    digits_inside: int
    cuts: bool = True

    def in_symbols(self, line: Line) -> Line:
        """Return the line as it is printed, without numbers."""
        return self._cut(line) if self.cuts else line

    def _cut(self, line: Line) -> Line:
        """Return the line with its long sums cut, the same terms shown in each of its right sides."""
        elision = self.elision(line)
        filled = None if line.filled is None else elision.shortened(line.filled)
        return replace(line, right=tuple(map(elision.shortened, line.right)), filled=filled)

    def elision(self, line: Line) -> Elision:
        """Return what cuts the long sums of a line."""
        sizes = self._sizes.setdefault((line.parameter, line.is_late), {})
        return Elision(lambda symbol: float(self.number(symbol, line)), self._classes, sizes)

    @cached_property
    def _sizes(self) -> dict[tuple[str, bool], dict[Expr, float]]:
        """How much each term of long sums adds, by what `number` makes of the names in them."""
        return {}

    @cached_property
    def _classes(self) -> frozenset[str]:
        return true_classes(self.evaluation)

    def filled(self, line: Line) -> Line:
        """Return the line with its numbers and its value, marked where the printed numbers give another one.

        Raises `VerificationError`, naming the line, where rounding does not explain that.
        """
        value = self.number(line.name, line)
        shown = self.in_symbols(line)
        if line.filled is None or shown.filled is None:
            return replace(shown, value=value.rounded(self.digits))
        names = sorted(line.filled.free_symbols, key=str)
        numbers = {name.name: self.number(name, line).rounded(self.digits_inside) for name in names}
        printed = tuple(numbers.items())
        is_exact = all(number.exact for number in numbers.values())
        found = replace(shown, printed=printed, is_exact=is_exact)
        if DOTS in shown.filled.free_symbols:
            return replace(found, value=value.rounded(self.digits))
        again = calculation(line.filled, numbers.__getitem__)
        printed_value = result(value, again, self.digits, self.digits_inside, to_text(line.name))
        rounded, slots = printed_value.rounded, present_slots()
        if slots is not None:
            how = AGAIN if value.by_hand else MARKED
            rounded = slots.result(value.rounded(self.digits), rounded, again, self.digits_inside, how)
        return replace(found, value=rounded, is_marked=printed_value.is_marked)

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
        local = next((path.local for path in partial.paths if path.local.of == symbol.of), None)
        return local.value if local else evaluation.across(between(evaluation.derivation, symbol.of, symbol.by))
