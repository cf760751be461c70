"""The lines of the article in LaTeX, with their numbers.

Where the printed numbers of a line give another last digit than its printed result, the result carries a mark.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

from sympy import Symbol

from derive.calculus.partials import LocalDerivative, Partial, Path
from derive.evaluation.evaluation import Evaluation
from derive.lines import ids, symbolic
from derive.lines.filling import Filling
from derive.lines.late import LateLines
from derive.lines.line import Line
from derive.notation import Latex, aligned, aligned_equations, result_latex, to_latex
from derive.notation.display import LINE_WIDTH, RightSide, batched
from derive.notation.slots import relation, without_slots
from derive.numbers.decimals import Rounded
from derive.numbers.facts import guard, is_same_text, moves
from derive.numbers.number import Number

UPDATES_TOGETHER = 8
# Numbers put into a formula have no more decimals than that: a fraction or a root cannot be broken into lines.
MOST_INSIDE = 20


class Display(Latex):
    """A line or a few of them in LaTeX that know the id by which they are found."""

    id: str

    def __new__(cls, latex: str, id: str = "") -> "Display":
        """Give the LaTeX its id."""
        display = super().__new__(cls, latex)
        display.id = id
        return display

    def __reduce__(self) -> tuple[Any, ...]:
        return Display, (str(self), self.id)


@dataclass(frozen=True)
class Formulas:
    """The formulas of one evaluation in LaTeX, with values of so many decimals, in lines of so many digits."""

    evaluation: Evaluation
    digits: int
    width: int = LINE_WIDTH

    def aligned(self, left: str, rights: Sequence[RightSide]) -> Latex:
        """Return left = right₁ = right₂ … in lines that fit the page."""
        return aligned(left, rights, width=self.width)

    def aligned_equations(self, equations: Sequence[tuple[str, Sequence[RightSide]]]) -> Latex:
        """Return several equations below each other, in lines that fit the page."""
        return aligned_equations(equations, width=self.width)

    @property
    def digits_inside(self) -> int:
        """The decimals of a number that is put into a formula."""
        return min(self.digits, MOST_INSIDE)

    @cached_property
    def filling(self) -> Filling:
        """What puts the numbers into lines."""
        return Filling(self.evaluation, self.digits, self.digits_inside)

    def _formula(self, line: Line) -> Latex:
        return to_latex(self.filling.in_symbols(line).right[0])

    def _symbols(self, line: Line) -> Display:
        return Display(self.aligned(*latex_of(self.filling.in_symbols(line))), line.id)

    def _filled(self, line: Line) -> Display:
        return Display(self.aligned(*latex_of(self.filling.filled(line))), line.id)

    def _filled_together(self, lines: Sequence[Line], label: str) -> Display:
        return Display(self.aligned_equations([latex_of(self.filling.filled(line)) for line in lines]), label)

    def quantity(self, name: str) -> Number:
        """Return the value of a quantity, or of a partial under its own name."""
        return self.filling.named(name)

    def equal(self, number: Number) -> Latex:
        """Return the value behind its relation: = where its digits are exact, ≈ where they are rounded."""
        return Latex(" ".join(self.value_side(number)))

    def value_side(self, value: Number) -> RightSide:
        """Return the value behind its relation."""
        return _value_side(value.rounded(self.digits))

    def equation(self, name: str) -> Latex:
        """Return a line of the forward pass: formula, numbers, value."""
        return self._filled(symbolic.equation(self.evaluation.computation, name))

    def formula(self, name: str) -> Latex:
        """Return the formula of a quantity, without numbers."""
        return self._formula(symbolic.equation(self.evaluation.computation, name))

    def whole_error(self) -> Latex:
        """Return the error in targets and outputs."""
        return self._symbols(symbolic.whole_error(self.evaluation.computation))

    def chain(self, partial: Partial) -> Latex:
        """Return the chain rule for a partial, no derivative taken yet."""
        return self._symbols(symbolic.chain(partial))

    def local(self, local: LocalDerivative) -> Latex:
        """Return a local derivative: as the rules write it, tidied, with numbers, its value."""
        return self._filled(symbolic.local(local))

    def product(self, partial: Partial) -> Latex:
        """Return a partial as the product of its factors: in symbols, in numbers, its value."""
        return self._filled(symbolic.product(partial))

    def delta(self, partial: Partial) -> Latex:
        """Return the partial by a net under its name delta: factors, formula, numbers, value."""
        return self._filled(symbolic.delta(partial, self.evaluation.derivation))

    def delta_id(self, partial: Partial) -> str:
        """Return the id of the line in which a delta comes out, in short or not."""
        return ids.delta(partial)

    def short_delta(self, partial: Partial) -> Latex:
        """Return how a delta comes to its short form, cancelled line by line, and its value."""
        return self._filled(symbolic.short_delta(partial, self.evaluation.derivation))

    def delta_in_short(self, partial: Partial) -> Latex:
        """Return a delta by its short form alone."""
        return self._filled(symbolic.delta_in_short(partial, self.evaluation.derivation))

    def path(self, path: Path) -> Latex:
        """Return what one path adds to a sum over paths: factors, formula, numbers, value."""
        return self._filled(symbolic.path(path))

    def total(self, partial: Partial) -> Latex:
        """Return the sum of the paths: in symbols, in numbers, its value."""
        return self._filled(symbolic.total(partial))

    def shown_paths(self, partial: Partial) -> list[Path | None]:
        """Return the paths, of many those that their sum shows: what carries its value. None stands for others."""
        total = symbolic.total(partial)
        terms = total.right[0].args if len(partial.paths) > 1 else ()
        places = self.filling.elision(total).places(terms) or [0]
        found: list[Path | None] = [partial.paths[places[0]]]
        for before, place in pairwise(places):
            found += [None] * (place > before + 1) + [partial.paths[place]]
        return found

    def error_part(self, path: Path) -> str:
        """Return the one output's error whose derivative the path is, such as E_o1; "" where there is none."""
        return path.part

    def delta_form(self, partial: Partial) -> Latex:
        """Return a parameter's partial as delta times what came in: in symbols, in numbers, its value."""
        return self._filled(symbolic.delta_form(partial))

    def tabled(self, partial: Partial) -> Latex:
        """Return the same where lines stand in place of a table, under another id."""
        return self._filled(symbolic.tabled(partial))

    def short(self, partial: Partial) -> Latex:
        """Return the formula of a parameter's partial in deltas."""
        return self._formula(symbolic.delta_form(partial))

    def updates(self, names: Sequence[str]) -> list[Latex]:
        """Return the updates of parameters, a line each: numbers and new value; a few to a display, as pages end."""
        evaluation = self.evaluation
        lines = [symbolic.updated(evaluation.computation, evaluation.plan, name) for name in names]
        return [
            self._filled_together(group, ids.updates(evaluation.computation, names, number))
            for number, group in enumerate(batched(lines, UPDATES_TOGETHER), start=1)
        ]

    def forward(self, names: Sequence[str]) -> list[Latex]:
        """Return quantities in numbers alone, for a reader who has seen their formulas; a few to a display."""
        return self._in_numbers([symbolic.equation(self.evaluation.computation, name) for name in names])

    def backward(self, names: Sequence[str]) -> list[Latex]:
        """Return the partials by nets and outs in numbers alone, with what each path adds; a few to a display."""
        derivation = self.evaluation.derivation
        return self._in_numbers([line for name in names for line in symbolic.shortly(derivation[name], derivation)])

    def _in_numbers(self, lines: Sequence[Line]) -> list[Latex]:
        bare = [replace(line, right=(), left=line.left[:1]) for line in lines]
        return [self._filled_together(group, "") for group in batched(bare, UPDATES_TOGETHER)]

    def update_rule(self, name: str = "w") -> Latex:
        """Return how the optimizer changes a weight, in symbols: g stands for the derivative by it."""
        evaluation = self.evaluation
        lines = symbolic.update_rule(evaluation.computation, evaluation.plan, name)
        equations = list(map(latex_of, lines))
        latex = self.aligned(*equations[0]) if self.is_plain else self.aligned_equations(equations)
        return Display(latex, lines[0].id)

    def update_steps(self, name: str) -> list[Latex]:
        """Return the first step of the optimizer for one parameter, a display for each of its equations."""
        evaluation = self.evaluation
        return [self._filled(line) for line in symbolic.update_steps(evaluation.computation, evaluation.plan, name)]

    @property
    def is_plain(self) -> bool:
        """Whether the weights move by gradient descent alone."""
        return self.evaluation.plan.optimizer.is_plain

    def comparison(self, name: str) -> Latex:
        """Return a quantity before and after the update."""
        return self._filled_together(symbolic.comparison(name), ids.comparison(name))

    def reduction(self) -> Latex:
        """Return the error of all samples out of each sample's: in symbols, in numbers, its value."""
        return self._filled(symbolic.reduction(self.evaluation.computation))

    def gradient_reduction(self, name: str) -> Latex:
        """Return the gradient of all samples by one parameter: in symbols, in numbers, its value."""
        return self._filled(symbolic.gradient_reduction(self.evaluation.computation, name))

    @cached_property
    def _late(self) -> LateLines:
        return LateLines(self.evaluation.derivation)

    def late(self, partial: Partial) -> Latex:
        """Return a partial by an out in which the weights to the right are updated already (sequential updates)."""
        return self._filled(self._late.total(partial))

    def late_paths(self, partial: Partial) -> list[Latex]:
        """Return what each path adds to it, of many those that their sum shows; nothing where one path is alone."""
        if len(partial.paths) == 1:
            return []
        total = self._late.total(partial)
        places = self.filling.elision(total).places(total.right[0].args)
        return [self._filled(self._late.path(partial.paths[place])) for place in places]

    def late_delta(self, partial: Partial) -> Latex:
        """Return a delta that is made of such partials."""
        return self._filled(self._late.delta(partial))

    def late_partial(self, partial: Partial) -> Latex:
        """Return a parameter's partial that is made of such a delta, where lines stand in place of a table."""
        return self._filled(self._late.of_parameter(partial))

    def late_short(self, partial: Partial) -> Latex:
        """Return the formula of a parameter's partial in such deltas."""
        return self._formula(self._late.of_parameter(partial))

    def is_late(self, partial: Partial) -> bool:
        """Whether a partial is calculated with parameters that are updated already."""
        return self.evaluation.plan.is_sequential and partial.by in self._late.names

    @property
    def rate(self) -> Number:
        """The learning rate."""
        return self.evaluation.learning_rate


def telling(evaluation: Evaluation, names: Sequence[str]) -> str:
    """Return the first parameter that the update moves, whose steps show most; the first of all where none moves."""
    for name in names:
        found = moves(evaluation.gradient_used(name))
        guard(found)
        if found:
            return name
    return names[0]


def undecayed(evaluation: Evaluation) -> str | None:
    """Return the trained bias that shows that weight decay leaves it alone; None where it is on all, or none is there.

    One of the last layer that has one, and one that moves before one that does not.
    """
    computation, optimizer = evaluation.computation, evaluation.plan.optimizer
    if optimizer.of("bias") == optimizer:
        return None
    rows = [row.parameters for row in reversed(computation.layers.rows)] if computation.layers else []
    # With sequential updates the derivatives of the other layers come later.
    groups = rows[:1] if evaluation.plan.is_sequential and rows else rows or [computation.parameters]
    for group in groups:
        trained = [name for name in group if computation.kinds[name] == "bias" and name in computation.trained]
        if trained:
            return telling(evaluation, trained)
    return None


def latex_of(line: Line) -> tuple[str, list[RightSide]]:
    """Return the left side of a line and its right sides, each behind its relation; none stands twice in a row."""
    numbers = {name: number.text for name, number in line.printed}
    rights: list[RightSide] = [("=", to_latex(tree)) for tree in line.right]
    if line.printed and line.filled is not None:
        rights.append((relation(line.is_exact, list(numbers.values())), to_latex(line.filled, numbers.get)))
    if line.value is not None:
        rights.append(_value_side(line.value, is_marked=line.is_marked))
        if numbers and isinstance(line.filled, Symbol):  # rounded by hand, they may differ, and later be alike
            guard(is_same_text(numbers[line.filled.name], line.value.text))
    texts = [without_slots(latex) for _, latex in rights]
    kept = [right for place, right in enumerate(rights) if place == 0 or texts[place] != texts[place - 1]]
    return " = ".join(map(to_latex, line.defined)), kept


def _value_side(value: Rounded, *, is_marked: bool = False) -> RightSide:
    return relation(value.exact, [value.text]), result_latex(value.text, is_marked=is_marked)
