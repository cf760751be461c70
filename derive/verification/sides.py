"""A line as a check: what its right side gives, out of the tables, and what the tables hold for its left side."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from functools import partial as bound
from itertools import chain

from flint import fmpq
from sympy import Expr, Symbol

from derive.evaluation.carried import Values
from derive.evaluation.evaluation import Evaluation
from derive.evaluation.local import local_value, path_value
from derive.evaluation.table import Table
from derive.lines.line import Line
from derive.lines.recurrence import between
from derive.notation import to_text
from derive.notation.trees import LateSymbol, PartialSymbol, SampleSymbol
from derive.numbers import arithmetic
from derive.numbers.arithmetic import function, times
from derive.verification.checking import Value

# Of many parameters of a layer, lines and tables can show so many at its start and at its end.
FIRST_SHOWN, LAST_SHOWN = 40, 8


@dataclass(frozen=True, eq=False)
class Scene:
    """The numbers at one precision, by the names that lines have for them; all are read from the tables."""

    evaluation: Evaluation
    table: Table
    before: Table | None = None  # of a turn: that of the turn before it
    number: int = 1  # of the update, counted from 1

    def value(self, name: Symbol, line: Line, sample: int) -> Value:
        """Return what a name stands for in a line, in which a sample, counted from 0, is meant where none is named."""
        if type(name) is Symbol:
            return self._plain(name.name, line, sample)
        if isinstance(name, PartialSymbol):
            return self._partial(name, line, sample)
        if isinstance(name, SampleSymbol):
            return self.table.passes[name.sample - 1][name.of]
        if isinstance(name, LateSymbol):
            return self._for_updates[sample][name.of]
        of, updated = line.parameter or name.of, self.table.updated
        return updated[of] if of in updated else self.table.after[sample][of]

    def in_turn(self, name: Symbol, line: Line, sample: int) -> Value:
        """Return what a name stands for in the same line in the turn of a sample, where updates are online."""
        return self.turns[sample].value(name, line, 0)

    @cached_property
    def turns(self) -> Sequence["Scene"]:
        """The numbers of each sample's turn."""
        turns = self.table.turns
        before = [None, *turns[:-1]]
        return [Scene(self.evaluation, turn, before[k], k + 1) for k, turn in enumerate(turns)]

    def after(self, name: Symbol, line: Line, sample: int) -> Value:
        """Return what a name stands for in the same line with the updated parameters."""
        if isinstance(name, SampleSymbol):
            return self.table.after[name.sample - 1][name.of]
        if name == line.name and name.name == self.evaluation.computation.whole_objective_name:
            return self.evaluation.whole_error_after(self.table)
        return self.table.after[sample][name.name]

    def _partial(self, name: PartialSymbol, line: Line, sample: int) -> Value:
        table, computation, by = self.table, self.evaluation.computation, line.parameter or name.by
        each, whole = (
            (table.update_partials, table.update_gradients) if line.is_late else (table.partials, table.gradients)
        )
        if name.sample:
            return each[name.sample - 1][by]
        if name.of == computation.whole_objective_name and by in whole and not name.through:
            return whole[by]
        if name.of == computation.objective and not name.through:
            return each[sample][by]
        values: Values = table.passes[sample]
        if line.is_late:
            values = self.evaluation.late(values, table.updated, by)
        paths = self.evaluation.derivation.partials[by].paths
        if name.through:
            return path_value(next(path for path in paths if path.through == name.through), each[sample], values)
        if not any(path.local.of == name.of for path in paths):  # from state to state, over what stands between them
            later, earlier = between(self.evaluation.derivation, name.of, by)
            return times(*(local_value(each.equation, each.by, values) for each in (later, earlier)))
        local = next(path.local for path in paths if path.local.of == name.of)
        return local_value(local.equation, by, values)

    def _plain(self, name: str, line: Line, sample: int) -> Value:
        if line.parameter:
            return self._of_step(name, line.parameter)
        if line.is_late and isinstance(line.name, PartialSymbol | LateSymbol):
            by = self.evaluation.derivation[line.name.of].by if isinstance(line.name, LateSymbol) else line.name.by
            return self.evaluation.late(self._for_updates[sample], self.table.updated, by)[name]
        return self._before[sample][name]

    def _of_step(self, name: str, parameter: str) -> Value:
        """Return what the optimizer's step starts from, or what it gives."""
        table, constants = self.table, self._constants
        if name in ("w", parameter):
            return table.passes[0][parameter]
        if name == "g":
            return table.update_gradients[parameter]
        if name == "w+":
            return table.updated[parameter]
        if self.before and f"{name}+" in self.before.steps[parameter]:  # the state that the optimizer goes on with
            return self.before.steps[parameter][f"{name}+"]
        return constants[name] if name in constants else table.steps[parameter][name]

    @cached_property
    def _constants(self) -> Values:
        plan = self.evaluation.plan
        given = {**plan.optimizer.symbols, plan.learning_rate_name: plan.learning_rate}
        constants = {name: fmpq(value.numerator, value.denominator) for name, value in given.items()}
        return {**constants, "t": fmpq(self.number), **dict.fromkeys(plan.optimizer.rule.state, fmpq(0))}

    @cached_property
    def _before(self) -> Sequence[Values]:
        whole = {
            self.evaluation.plan.learning_rate_name: self.table.rate,
            self.evaluation.computation.whole_objective_name: self.table.error,
        }
        return [{**values, **whole} for values in self._scope(self.table.partials)]

    @cached_property
    def _for_updates(self) -> Sequence[Values]:
        return self._scope(self.table.update_partials)

    def _scope(self, partials: Sequence[Values]) -> Sequence[Values]:
        symbols = {name: partial.symbol.name for name, partial in self.evaluation.derivation.partials.items()}
        return [
            {**values, **{symbols[name]: value for name, value in found.items()}}
            for values, found in zip(self.table.passes, partials, strict=True)
        ]


Text = str | Callable[[], str]
Both = Callable[[Scene], tuple[Value, Value]]
Read = Callable[[Scene, Symbol, Line, int], Value]


@dataclass(frozen=True)
class Check:
    """left = right: ``both`` gives the value of the right side and the one that is printed for the left.

    ``left`` is a text, or makes one: most lines are never named. ``sample`` counts from 1, 0 where there is only one.
    """

    left: Text
    right: Expr | str
    both: Both
    sample: int = 0

    def __str__(self) -> str:
        left = self.left if isinstance(self.left, str) else self.left()
        sample = f" (sample {self.sample})" if self.sample else ""
        return f"{left}{sample} = {self.right if isinstance(self.right, str) else to_text(self.right)}"


def checks_of(evaluation: Evaluation, lines: Iterable[Line], read: Read = Scene.value) -> Iterator[Check]:
    """Yield for each sample that every right side of the lines is what their names stand for; none twice."""
    for line, tree, names, compute in _compiled(lines):
        for k in samples(evaluation):
            yield Check(
                bound(_left, line, read),
                tree,
                bound(_both, line, names, compute, read, k),
                sample_number(evaluation, k),
            )


def checks_of_all(lines: Iterable[Line], read: Read = Scene.value, right: str = "") -> Iterator[Check]:
    """Yield the same once, for lines of all samples or of an update; messages say ``right``, or what it is."""
    for line, tree, names, compute in _compiled(lines):
        yield Check(bound(_left, line, read), right or tree, bound(_both, line, names, compute, read, 0))


def _compiled(lines: Iterable[Line]) -> Iterator[tuple[Line, Expr, Sequence[Symbol], Callable[..., Value]]]:
    """Yield each line with each of its right sides, compiled once where several lines have the same."""
    seen, known = set(), {}
    for line in lines:
        for tree in line.trees:
            key = (line.name, tree, line.is_late, line.parameter)
            if tree == line.name or key in seen:
                continue
            seen.add(key)
            if tree not in known:
                names = _names(tree)
                known[tree] = names, function(names, tree)
            yield (line, tree, *known[tree])


def _names(tree: Expr) -> tuple[Symbol, ...]:
    """Return every name in a tree once."""
    found: dict[Symbol, None] = {}
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Symbol):
            found[node] = None
        waiting += node.args
    return tuple(found)


def _both(
    line: Line, names: Sequence[Symbol], compute: Callable[..., Value], read: Read, sample: int, scene: Scene
) -> tuple[Value, Value]:
    return compute(*[read(scene, name, line, sample) for name in names]), read(scene, line.name, line, sample)


def _left(line: Line, read: Read) -> str:
    """Return how a message names a line."""
    if read is Scene.after:
        return f"{to_text(line.name)} after the update"
    if not isinstance(line.name, PartialSymbol):
        return f"{line.name.name} of {line.parameter}" if line.parameter else to_text(line.name)
    through = f" over {line.name.through}" if line.name.through else ""
    return f"{to_text(line.name)}{through}{' with the new weights' if line.is_late else ''}"


def samples(evaluation: Evaluation) -> range:
    return range(len(evaluation.computation.samples))


def sample_number(evaluation: Evaluation, sample: int) -> int:
    return sample + 1 if len(evaluation.computation.samples) > 1 else 0


def total(values: Iterable[Value]) -> Value:
    return arithmetic.total(chain([fmpq(0)], values))
