"""What stands before a blank on a sheet, by the hints that are asked for, and what a key shows in it.

The lines are those of the handout: of each the sides that are told are chosen here, and no formula is made anew. A hint
puts only numbers in that are given: what the student works out stays a name, or the sheet would answer itself.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from sympy import Expr

from derive.calculus.partials import Partial
from derive.evaluation.evaluation import Evaluation
from derive.lines import graph, symbolic
from derive.lines.blanks import BACKWARD, FORWARD, GRADIENT, UPDATE, Blank
from derive.lines.filling import Filling
from derive.lines.line import Line
from derive.notation import Latex, to_latex
from derive.numbers.number import Number

NOTHING, CHAIN, FORMULA, NUMBERS = range(4)  # what hints tell


@dataclass(frozen=True)
class Told:
    """A line to fill in: its left sides, the chain rule where it has one, and its formula."""

    left: tuple[Expr, ...]
    chain: Expr | None = None
    formula: Expr | None = None


@dataclass(frozen=True)
class SheetLines:
    """The lines of a sheet, one for each blank; numbers have so many decimals."""

    evaluation: Evaluation
    digits: int

    def sides(self, blank: Blank, hints: int) -> tuple[Latex, ...]:
        """Return what stands before the blank, each equal to the next and to what is asked for."""
        told = self.told(blank)
        sides = [to_latex(each) for each in told.left]
        if hints >= CHAIN and told.chain is not None and told.chain != told.formula:
            sides.append(to_latex(told.chain))
        if hints >= FORMULA and told.formula is not None:
            sides.append(to_latex(told.formula))
        if hints >= NUMBERS and told.formula is not None:
            sides.append(to_latex(told.formula, self._given(blank.sample)))
        return tuple(dict.fromkeys(sides))

    def name(self, blank: Blank) -> Latex:
        """Return the name of what is asked for."""
        return to_latex(self.told(blank).left[0])

    def formula(self, blank: Blank) -> Latex:
        """Return the formula in symbols, as a key shows it; that of the step where an optimizer has several."""
        told = self.told(blank)
        return to_latex(told.left[-1] if told.formula is None else told.formula)

    def has_formula(self, blank: Blank) -> bool:
        """Whether there is one formula that gives the number, and the sheet does not give it."""
        is_given = blank.part == FORWARD and self.evaluation.computation.layers is None
        return not is_given and self.told(blank).formula is not None

    def answer(self, blank: Blank) -> str:
        """Return the number as a key shows it."""
        return Number(self.evaluation, blank.entry).decimal(self.digits)

    def told(self, blank: Blank) -> Told:
        """Return the line of a blank."""
        found = self._told.get((blank.part, blank.line, blank.quantity))
        if found is None:
            made: dict[str, Callable[[Blank], Told]] = {
                FORWARD: self._forward,
                BACKWARD: self._backward,
                GRADIENT: self._gradient,
                UPDATE: self._update,
            }
            found = self._told[blank.part, blank.line, blank.quantity] = made[blank.part](blank)
        return found

    @cached_property
    def _told(self) -> dict[tuple[str, str, str], Told]:
        return {}

    def _forward(self, blank: Blank) -> Told:
        computation = self.evaluation.computation
        if blank.quantity not in computation.by_name:
            return self._shown(symbolic.reduction(computation))
        return self._shown(symbolic.equation(computation, blank.quantity))

    def _backward(self, blank: Blank) -> Told:
        derivation = self.evaluation.derivation
        partial = derivation.partials[blank.quantity]
        if self.evaluation.computation.layers is None:
            return self._shown(graph.whole(partial))
        if not partial.is_net:
            return self._of_partial(partial)
        long = self._shown(symbolic.delta(partial, derivation))
        if partial.by not in derivation.short_deltas:
            return long
        short = self._shown(symbolic.delta_in_short(partial, derivation))
        return Told(long.left, long.chain, short.formula)

    def _of_partial(self, partial: Partial) -> Told:
        """Return the line of a partial that has no name of its own: the chain rule, and its formula in deltas."""
        chain = self._cut(symbolic.chain(partial))
        form = symbolic.formula(partial) if len(partial.paths) > 1 else symbolic.delta_form(partial)
        return Told(chain.defined, chain.right[0], self._cut(form).right[-1])

    def _gradient(self, blank: Blank) -> Told:
        computation = self.evaluation.computation
        if len(computation.samples) > 1:
            return self._shown(symbolic.gradient_reduction(computation, blank.quantity))
        partial = self.evaluation.derivation.partials[blank.quantity]
        return self._shown(graph.whole(partial)) if computation.layers is None else self._of_partial(partial)

    def _update(self, blank: Blank) -> Told:
        line = symbolic.updated(self.evaluation.computation, self.evaluation.plan, blank.quantity)
        return Told(line.defined, None, line.filled if self.evaluation.plan.optimizer.is_plain else None)

    def _shown(self, line: Line) -> Told:
        """Return a line whose first right side is the chain rule where it has another as well."""
        line = self._cut(line)
        chain = line.right[0] if len(line.right) > 1 else None
        return Told(line.defined, chain, line.right[-1])

    def _cut(self, line: Line) -> Line:
        return self._filling.in_symbols(line)

    @cached_property
    def _filling(self) -> Filling:
        return Filling(self.evaluation, self.digits, self.digits)

    def _given(self, sample: int) -> Callable[[str], str | None]:
        """Return what writes the numbers of that sample that are given, and the learning rate."""
        evaluation, computation = self.evaluation, self.evaluation.computation

        def written(name: str) -> str | None:
            if name == evaluation.plan.learning_rate_name and name not in computation.kinds:
                return evaluation.learning_rate.rounded(self.digits).text
            is_given = name in computation.kinds and name not in computation.by_name
            return evaluation.quantity(name, sample).rounded(self.digits).text if is_given else None

        return written
