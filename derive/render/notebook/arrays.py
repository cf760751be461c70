"""The code of a large network, and of the matrix form: a few lines a layer.

A single number that the handout shows is an entry of an array that `array_forward` or `array_backward` writes.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial as bound

from sympy import Expr

from derive.calculus.partials import Partial
from derive.computation.layers import LayerNames
from derive.evaluation.turn import SHOWN
from derive.lines import ids
from derive.render.notebook.array_backward import ArraysBackward
from derive.render.notebook.array_forward import indexed
from derive.render.notebook.python import indented, tuple_lines
from derive.render.notebook.statements import LATE, NEW, NOW, Shown, showing


class Arrays(ArraysBackward):
    """Writes an array for each layer, and the numbers of the handout as their entries."""

    # Single numbers of the handout, as entries of the arrays.

    def formula(self, tree: Expr, version: str = NOW) -> str:
        """Return the code of a formula over single quantities."""
        return self.functions.python(lambda name: self._symbol(name, version), self.nets)(tree)

    def _line(self, tree: Expr) -> str:
        return self._rounded(self.formula(tree))

    def _symbol(self, name: str, version: str) -> str:
        if name in self.computation.kinds:
            return self.entry(name, version)
        return self.partial(self.evaluation.derivation[name], version)

    def partial(self, partial: Partial, version: str = NOW) -> str:
        """Return the code of a single partial; of a parameter's with several samples, of all its values."""
        kind, place, index = self.places[partial.by]
        if kind == "net":
            return self._entry(self.delta(place, version), index)
        if kind == "out":
            return self._entry(self.by_out(place, version), index)
        if not self.several and kind in ("W", "b"):
            return indexed(self.gradient(kind, place, version), index)
        return self._rounded(" + ".join(self.formula(path.formula, version) for path in partial.paths))

    # Where the handout shows something: its label, and what is calculated there.

    def labels(self) -> Iterator[tuple[str, Callable[[], Shown]]]:
        """Yield each label of the handout with what calculates it and returns what is to be shown."""
        for name in self.computation.by_name:
            yield ids.equation(name), showing(self.entry, name)
        if self.several:
            yield ids.equation(self.whole), lambda: [self.whole_error()]
            yield ids.REDUCTION, lambda: [indexed(self.gradient("W", 0), (0, 0))]
        for partial in self.evaluation.derivation.partials.values():
            if partial.by in self.places:
                yield from self._partial_labels(partial)
        for layer in self.views:
            moving = [name for name in layer.parameters if name in self.computation.trained]
            if moving:
                yield ids.updates(self.computation, moving, 1), bound(self._all_updated, layer)
        yield from self.matrix_labels()

    def places_shown(self) -> Iterator[tuple[str, Callable[[], Shown]]]:
        """Yield each place of the handout at which tables stand, with what calculates their numbers."""
        if self.several:
            yield ids.SAMPLES, self.answers
            yield ids.GRADIENTS, lambda: [self.gradient(kind, place) for kind, place in self.parameters()]
        for layer in self.views:
            yield from self._layer_places(layer)
        yield ids.UPDATED, lambda: [self.moved(kind, place) for kind, place in self.trained()]
        if self.is_online:
            for number in range(2, min(SHOWN, self.samples) + 1):
                yield ids.turn(number - 1), bound(self.turn_shown, number)
            yield ids.PASS, self.pass_shown
        yield ids.AFTER, lambda: [self.whole_error(), self.whole_error(NEW)]

    def answers(self) -> Shown:
        """Return the variable of what the forward pass ends in: the error, or the outs where there is none."""
        return [self.error() if self.computation.objective else self.out(len(self.views) - 1)]

    def _partial_labels(self, partial: Partial) -> Iterator[tuple[str, Callable[[], Shown]]]:
        by = partial.by
        kind, place, index = self.places[by]
        yield ids.partial(partial), lambda: [self.partial(partial)]
        for path in partial.paths:
            if path.local.of != self.computation.objective:
                yield ids.local(path.local), showing(self._line, path.local.formula)
            if len(partial.paths) > 1:
                yield ids.path(path), showing(self._line, path.formula)
        if kind in ("W", "b"):
            yield ids.delta_form(partial), lambda: [self.partial(partial)]
            yield ids.tabled(partial), lambda: [self.partial(partial)]
        if kind == "net":
            yield ids.delta(partial), lambda: [self.partial(partial)]
            yield ids.long_delta(partial), lambda: [self._entry(self.delta(place, long=True), index)]
        if kind == "out":
            yield ids.late(partial), lambda: [self.partial(partial, LATE)]

    def _layer_places(self, layer: LayerNames) -> Iterator[tuple[str, Callable[[], Shown]]]:
        place = layer.index
        kinds = ["W", "b"] if layer.biases else ["W"]
        yield ids.place("layer", place), lambda: [self.net(place), self.out(place)]
        yield ids.place("deltas", place), lambda: [self.delta(place)]
        if not self.several:
            yield ids.place("partials", place), lambda: [self.gradient(kind, place) for kind in kinds]

    def _all_updated(self, layer: LayerNames) -> Shown:
        return [self.moved(kind, place) for kind, place in self.trained() if place == layer.index]

    def matrix_labels(self) -> Iterator[tuple[str, Callable[[], Shown]]]:
        """Yield the id of each line of a whole layer with what calculates it."""
        for layer in self.views:
            place = layer.index
            yield ids.matrix("net", place), showing(self.net, place)
            yield ids.matrix("out", place), showing(self.out, place)
            yield ids.matrix("delta", place), showing(self.delta, place)
            yield ids.matrix("weights", place), showing(self._first, "W", place)
            yield ids.matrix("biases", place), showing(self._first, "b", place)
            if self.is_trained(self._names_in("W", place)):
                yield ids.matrix("updated", place), showing(self.moved, "W", place)

    # Training, and the turns of online updates.

    def moving(self) -> list[str]:
        """Return the variables that an update changes: the trained arrays, then the optimizer's state."""
        trained, kinds = self.trained(), self.plan.optimizer.rule.state
        states = [self._name(f"{state}_{kind}", place) for kind, place in trained for state in kinds]
        return [*(self._name(kind, place) for kind, place in trained), *states]

    def given(self) -> list[str]:
        """Return the variables of the inputs and targets."""
        return [self.x, self.targets]

    def first_turn(self) -> list[str]:
        """Write the update of sample 1; return the variables after it."""
        trained, kinds = self.trained(), self.plan.optimizer.rule.state
        moved = [self.moved(*each) for each in trained]
        return [*moved, *(self._step_variable(*each, f"{state}+") for each in trained for state in kinds)]

    def new(self) -> list[str]:
        """Return the variables of the trained arrays after the pass."""
        return [self._name(kind, place, NEW) for kind, place in self.trained()]

    def training(self) -> tuple[list[str], list[str]]:
        """Return the lines of the training, and the variables at its end: trained arrays, then the error."""
        exact = self.evaluation.in_full
        functions = replace(self.functions, evaluation=exact)
        result = Arrays(exact, self.names, functions, in_place=True)
        trained = self.trained()
        variables = [self._name(kind, place) for kind, place in trained]
        states = self.moving()[len(variables) :]
        error = result.whole_error()
        ends = [
            *(self._name(kind, place, "_end") for kind, place in trained),
            self.names.made(f"{self.whole}_end", "error in the end"),
        ]
        lines = [
            *tuple_lines(variables, before="def train", after=":"),
            *indented(self.iterations(Arrays(exact, self.names, functions, in_place=True), variables, states)),
            *indented(result.taken()),
            *indented(tuple_lines([*variables, error], before="return ")),
            "",
            "",
            f"{', '.join(ends)} = train({', '.join(variables)})",
        ]
        return lines, ends

    def one_step(self) -> list[str]:
        """Return the lines of one step of training."""
        last = len(self.views) - 1
        self.out(last)
        for place in reversed(range(last + 1)):
            moving = [kind for kind, layer in self.trained() if layer == place]
            for kind in moving:
                self.gradient(kind, place)
            if self.plan.is_sequential:
                self._move([(kind, place) for kind in moving])
        if not self.plan.is_sequential:
            self._move(self.trained())
        return self.taken()

    def _move(self, arrays: list[tuple[str, int]]) -> None:
        for kind, place in arrays:
            self.updated(kind, place)
