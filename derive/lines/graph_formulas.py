"""The lines of a computation without layers in LaTeX, with their numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

from derive.calculus.partials import Partial, Path
from derive.lines import graph, symbolic
from derive.lines.line import Line
from derive.lines.recurrence import Crossing
from derive.lines.scalar import UPDATES_TOGETHER, Display, Formulas, latex_of
from derive.notation import Latex, to_latex
from derive.notation.display import RightSide, batched
from derive.numbers.number import Number

PARTIALS_TOGETHER = 4  # their fractions are high, and no page ends within a display


@dataclass(frozen=True)
class GraphFormulas:
    """The lines of one evaluation, some of them together in one display."""

    formulas: Formulas

    @property
    def parameter(self) -> str:
        """What stands for a parameter in the update rule."""
        return symbolic.any_parameter(self.formulas.evaluation.computation)

    def update_rule(self) -> Latex:
        """Return how the optimizer changes a parameter, in symbols."""
        return self.formulas.update_rule(self.parameter)

    def equations(self, names: Sequence[str]) -> list[Latex]:
        """Return equations in symbols, a few to a display."""
        computation = self.formulas.evaluation.computation
        return self._in_symbols([symbolic.equation(computation, name) for name in names])

    def worked(self, names: Sequence[str]) -> list[Latex]:
        """Return equations with their numbers and values, a few to a display."""
        computation = self.formulas.evaluation.computation
        return self._filled([symbolic.equation(computation, name) for name in names])

    def chain(self, partial: Partial) -> Latex:
        """Return the chain rule for a partial: the sum over the uses of its quantity."""
        line = graph.chain(partial)
        return Display(self.formulas.aligned(*self._sides(line, filled=False)), line.id)

    def locals(self, partial: Partial) -> list[Latex]:
        """Return the local derivatives of its paths; of many paths, those that are not alike."""
        return self._filled([graph.local(path.local) for path in graph.telling(partial)])

    def hidden(self, partial: Partial) -> list[Latex]:
        """Return those of the local derivatives that not everybody sees."""
        return self._filled([graph.local(found) for found in graph.hidden(partial)])

    @staticmethod
    def count_hidden(partial: Partial) -> int:
        """Return how many local derivatives `hidden` shows."""
        return len(graph.hidden(partial))

    def contributions(self, partial: Partial) -> list[Latex]:
        """Return what its paths add; of many paths, those that are not alike."""
        return self._filled([graph.contribution(path) for path in graph.telling(partial)] + graph.directly(partial))

    def result(self, partial: Partial) -> Latex:
        """Return the line in which a partial comes out: of its one path, or the sum over all of them."""
        line = graph.single(partial) if len(partial.paths) == 1 else graph.total(partial)
        return Display(self._aligned([self._sides(line)]), line.id)

    def whole(self, partial: Partial) -> Latex:
        """Return a partial in one display: the chain rule, the formulas of its paths, the numbers."""
        line = graph.whole(partial)
        return Display(self._aligned([self._sides(line)]), line.id)

    def shortly(self, names: Sequence[str]) -> list[Latex]:
        """Return partials in numbers alone, a few to a display."""
        partials = self.formulas.evaluation.derivation.partials
        return self._filled([graph.shortly(partials[name]) for name in names])

    def in_names(self, names: Sequence[str]) -> list[Latex]:
        """Return partials without numbers, a few to a display."""
        partials = self.formulas.evaluation.derivation.partials
        return self._in_symbols([graph.in_names(partials[name]) for name in names], PARTIALS_TOGETHER)

    def short(self, partial: Partial) -> Latex:
        """Return the formula of a partial, without numbers."""
        return to_latex(self.formulas.filling.in_symbols(graph.in_names(partial)).right[0])

    def share(self, path: Path) -> Latex:
        """Return the formula of what one path adds, without numbers."""
        return to_latex(graph.formula_of(path))

    def contribution(self, path: Path, value: Number) -> Latex:
        """Return what one path adds, with the value that it has."""
        return Latex(f"{self.share(path)} {self.formulas.equal(value)}")

    def crossing(self, crossing: Crossing) -> Latex:
        """Return by how much a step of a recurrence multiplies."""
        return Display(self._aligned([self._sides(graph.across(crossing))]))

    def _in_symbols(self, lines: Sequence[Line], together: int = UPDATES_TOGETHER) -> list[Latex]:
        return [
            Display(self._aligned([self._sides(line, filled=False) for line in group]))
            for group in batched(lines, together)
        ]

    def _filled(self, lines: Sequence[Line]) -> list[Latex]:
        return [
            Display(self._aligned([self._sides(line) for line in group]), group[0].id if len(group) == 1 else "")
            for group in batched(lines, UPDATES_TOGETHER)
        ]

    def _sides(self, line: Line, *, filled: bool = True) -> tuple[str, list[RightSide]]:
        filling = self.formulas.filling
        return latex_of(filling.filled(line) if filled else filling.in_symbols(line))

    def _aligned(self, equations: Sequence[tuple[str, Sequence[RightSide]]]) -> Latex:
        return self.formulas.aligned_equations(equations)
