"""The code of a small network: each quantity a variable, each line as the handout writes it.

With several samples a quantity is an array with one entry a sample, so that the same line calculates all of them. What
a line needs and nothing has calculated yet is put before it: where the handout cuts a table, the code does not.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from functools import partial as bound

from derive.calculus.partials import LocalDerivative, Partial, Path
from derive.computation.equations import Equation
from derive.computation.layers import LayerNames
from derive.evaluation.turn import SHOWN
from derive.functions.optimizers import Steps
from derive.lines import ids, symbolic
from derive.lines.line import Line
from derive.lines.scalar import UPDATES_TOGETHER, telling, undecayed
from derive.notation.display import batched, cut
from derive.notation.tidy import tidy
from derive.notation.trees import PartialSymbol
from derive.numbers.decimals import to_float
from derive.render.notebook.passes import FIRST, Passes
from derive.render.notebook.python import floats, indented, number, tuple_lines
from derive.render.notebook.statements import LATE, NEW, NOW, Shown, constants, showing, start_value


class Scalars(Passes):
    """Writes a variable for each quantity."""

    # The numbers to start from.

    def start(self) -> list[str]:
        """Return the lines with the data."""
        lines = self._given(list(self.layers.inputs))
        for layer in self.views:
            for neuron in layer.neurons:
                lines += self._given(list(neuron.weights))
            lines += self._given(list(layer.biases))
        lines += self._given(list(self.layers.targets))
        return [*lines, *constants(self.evaluation, self.names)]

    def _given(self, names: list[str]) -> list[str]:
        if not names:
            return []
        values = [self._value(name) for name in names]
        variables = [self.names(name) for name in names]
        line = f"{', '.join(variables)} = {', '.join(values)}"
        is_short = len(line) <= 100 and "np.array" not in line
        return [line] if is_short else [f"{left} = {right}" for left, right in zip(variables, values, strict=True)]

    def _value(self, name: str) -> str:
        values = [start_value(self.evaluation, sample[name]) for sample in self.computation.samples]
        if self.several and self.computation.kinds[name] in ("input", "target"):
            return f"np.array({floats(map(to_float, values))})"
        code = number(values[0])[0]
        return f"np.float64({code})" if self.beyond else code

    # The forward pass.

    def quantity(self, name: str, version: str = NOW) -> str:
        """Return the variable of a quantity, calculated by now."""
        kind = self.computation.kinds[name]
        if kind in ("weight", "bias"):
            is_new = version != NOW and name in self.computation.trained
            return self.updated(name) if is_new else self.names(name)
        if kind in ("input", "target"):
            return self.names(name)
        target = self._variable(name, version)
        if target not in self.written:
            self._calculate(self.computation.by_name[name], version)
        return target

    def _variable(self, name: str, version: str) -> str:
        return self.names.made(f"{name}{NEW}", f"{name} anew") if version == NEW else self.names(name)

    def _calculate(self, equation: Equation, version: str) -> None:
        kind, name = self.computation.kinds[equation.name], equation.name
        given = [self.quantity(each, version) for each in equation.names]
        if kind == "out":
            self._activate(equation, given, version)
        elif kind == "error" and name != self.computation.objective:
            self._error_part(equation, given, version)
        else:
            line = symbolic.equation(self.computation, name)
            self.emit(self._variable(name, version), self._rounded(self._code(line, version)))

    def _error_part(self, equation: Equation, given: list[str], version: str) -> None:
        names = self.layers.errors
        if not self.functions.takes_nets:
            self.emit(
                self._variable(equation.name, version),
                self._rounded(f"{self.functions.error}({', '.join(given)})"),
            )
            return
        nets = [self.quantity(neuron.net, version) for neuron in self.views[-1].neurons]
        targets = [self.quantity(target) for target in self.layers.targets]
        if not self.functions.joins_nets:
            place = names.index(equation.name)
            code = f"{self.functions.error}({targets[place]}, {nets[place]})"
            self.emit(self._variable(equation.name, version), code)
            return
        both = f"np.array([{', '.join(targets)}]), np.array([{', '.join(nets)}])"
        self._emit_together([self._variable(name, version) for name in names], f"{self.functions.error}({both})")

    def _emit_together(self, targets: list[str], code: str) -> None:
        self.written.update(targets)
        left = ", ".join(targets) if len(targets) > 1 else f"({targets[0]},)"
        self.lines += [f"{left} = {code}"]

    def _activate(self, equation: Equation, nets: list[str], version: str) -> None:
        place = next(layer.index for layer in self.views if equation.name in (n.out for n in layer.neurons))
        function = self.functions.activation(place)
        siblings = equation.terms[0].siblings
        if not siblings:
            code = self._rounded(f"{function}({nets[0]})") if function else nets[0]
            self.emit(self._variable(equation.name, version), code)
            return
        outs = [self._variable(out, version) for out in siblings]
        self._emit_together(outs, self._rounded(f"{function}(np.array([{', '.join(nets)}]))"))

    def whole_error(self, version: str = NOW) -> str:
        """Return the variable of the error of all samples."""
        error = self.quantity(self.computation.objective, version)
        if not self.several:
            return error
        name = self.computation.whole_objective_name
        new = NEW if version == NEW else ""
        target = self.names.made(f"{name}{new}", "whole error")
        return target if target in self.written else self.emit(target, self._of_all(error, self.computation.objective))

    def _of_all(self, code: str, name: str, by: str = "") -> str:
        """Return the code of the mean or the sum over the samples: of a quantity, or of the partial by one."""
        return self._rounded(f"np.{self.computation.reduction}({code})")

    def _rounded(self, code: str) -> str:
        return self.functions.round(code)

    def _code(self, line: Line, version: str = NOW) -> str:
        """Return the last right side of a line as code, what stands in it calculated by now."""
        tree = tidy(line.trees[-1])
        symbols = {symbol.name: symbol for symbol in tree.free_symbols if isinstance(symbol, PartialSymbol)}

        def variable(name: str) -> str:
            return self._factor(symbols[name]) if name in symbols else self._symbol(name, version)

        return self.functions.python(variable, self.nets)(tree)

    def _symbol(self, name: str, version: str) -> str:
        if name in self.computation.kinds:
            return self.quantity(name, version if version == NEW or self._is_parameter(name) else NOW)
        return self.partial(self._partials[name], version)

    def _factor(self, symbol: PartialSymbol) -> str:
        """Return the variable of what a line names as a derivative."""
        partial = self.evaluation.derivation[symbol.by]
        if symbol.of == self.computation.objective and symbol.through in ("", symbol.of):
            return self.partial(partial)
        if symbol.through:
            return self.part(next(path for path in partial.paths if path.through == symbol.through))
        return self.local(next(path.local for path in partial.paths if path.local.of == symbol.of))

    def _is_parameter(self, name: str) -> bool:
        return self.computation.kinds[name] in ("weight", "bias")

    @cached_property
    def _partials(self) -> dict[str, Partial]:
        return {partial.symbol.name: partial for partial in self.evaluation.derivation.partials.values()}

    # The backward pass.

    def partial(self, partial: Partial, version: str = NOW, *, again: bool = False) -> str:
        """Return the variable of a partial, calculated by now; ``again`` calculates it anew."""
        is_late = version == LATE and partial.by not in self._last
        name = partial.symbol.name
        target = self.names.made(f"{name}{LATE}" if is_late else name, f"partial {partial.by}")
        if again or target not in self.written:
            self.emit(target, self._rounded(self._partial_code(partial, LATE if is_late else NOW)))
        return target

    @cached_property
    def _last(self) -> frozenset[str]:
        """What the last layer consists of: with sequential updates, its partials are those of the original weights."""
        last = self.views[-1]
        ends = [name for neuron in last.neurons for name in (neuron.net, neuron.out)]
        return frozenset([*ends, *last.parameters, *self.layers.targets])

    def _partial_code(self, partial: Partial, version: str) -> str:
        derivation = self.evaluation.derivation
        if partial.by in derivation.short_deltas:
            return self._code(symbolic.delta_in_short(partial, derivation), version)
        if partial.is_net and len(partial.paths) == 1:
            return self._code(symbolic.delta(partial, derivation), version)
        return self._sum_of_paths(partial, version)

    def _sum_of_paths(self, partial: Partial, version: str) -> str:
        if len(partial.paths) == 1:
            return self._code(symbolic.path(partial.paths[0]), version)
        parts = [self._path_variable(path) for path in partial.paths]
        if version == NOW and all(part in self.written for part in parts):
            return self._code(symbolic.total(partial))
        if not self.functions.is_rounded:
            return self._code(symbolic.formula(partial), version)
        return " + ".join(self._path_code(path, version) for path in partial.paths)

    def _path_variable(self, path: Path) -> str:
        return self.names.made(path.name, f"path {path.through} {path.local.by}")

    def _path_code(self, path: Path, version: str) -> str:
        return self._rounded(self._code(symbolic.path(path), version))

    def local(self, local: LocalDerivative) -> str:
        """Return the variable of a local derivative."""
        if local.of == self.computation.objective:
            return self.partial(self.evaluation.derivation[local.by])
        target = self.names.made(f"d{local.of}_d{local.by}", f"local {local.of} {local.by}")
        if target in self.written:
            return target
        return self.emit(target, self._rounded(self._code(symbolic.tidied(local))))

    def part(self, path: Path) -> str:
        """Return the variable of what one path adds."""
        target = self._path_variable(path)
        return target if target in self.written else self.emit(target, self._path_code(path, NOW))

    def product(self, partial: Partial) -> str:
        """Return the variable of a partial, calculated as the product of its factors."""
        target = self.names.made(partial.symbol.name, f"partial {partial.by}")
        if len(partial.factors) < 2:
            return self.partial(partial)
        return self.emit(target, self._rounded(self._code(symbolic.product(partial))))

    def long_delta(self, partial: Partial) -> str:
        """Return the variable of a delta, calculated without its short form."""
        target = self.names.made(partial.symbol.name, f"partial {partial.by}")
        if len(partial.paths) > 1:
            return self.emit(target, self._rounded(self._sum_of_paths(partial, NOW)))
        return self.emit(target, self._rounded(self._code(symbolic.delta(partial, self.evaluation.derivation))))

    def gradient(self, name: str, version: str = NOW) -> str:
        """Return the variable of the gradient over all samples."""
        partial = self.partial(self.evaluation.derivation[name], version)
        if not self.several:
            return partial
        late = LATE if version == LATE and name not in self._last else NOW
        target = self.names.made(f"d{self.computation.whole_objective_name}_d{name}{late}", f"gradient {name}")
        return target if target in self.written else self.emit(target, self._of_all(partial, "", by=name))

    # The update.

    def gradient_used(self, name: str) -> str:
        """Return the code of the gradient with which a parameter is updated, where updates are online by sample 1."""
        if self.is_online:
            return self._of_first(self.partial(self.evaluation.derivation[name]), name)
        is_late = self.plan.is_sequential and not self.in_place
        return self.gradient(name, LATE if is_late else NOW)

    def _of_first(self, code: str, by: str) -> str:
        """Return the code of the first sample's partial by a parameter."""
        return f"{code}[0]"

    def updated(self, name: str) -> str:
        """Return the variable of a parameter after the update, where updates are online after the whole pass."""
        if not self.is_online:
            return self.moved(name)
        return self.pass_shown()[self._moving.index(name)]

    def moved(self, name: str) -> str:
        """Return the variable of a parameter after the update, where updates are online after that of sample 1."""
        target = self._step_variable(name, "w+")
        if target not in self.written:
            for symbol, _ in self._steps(name):
                self.step(name, symbol)
        return target

    def step(self, name: str, symbol: str) -> str:
        """Return the variable of one quantity of the optimizer's step."""
        target = self._step_variable(name, symbol)
        if target in self.written:
            return target
        formula = dict(self._steps(name))[symbol]
        code = self.functions.python(lambda each: self._step_symbol(name, each))(formula)
        return self.emit(target, self._rounded(code))

    def _steps(self, name: str) -> Steps:
        return self.plan.optimizer.of(self.computation.kinds[name]).steps

    def _step_variable(self, name: str, symbol: str) -> str:
        new = "" if self.in_place else FIRST if self.is_online else NEW
        if symbol == "w+":
            return self.names.made(f"{name}{new}", f"{name} anew") if new else self.names(name)
        if symbol.endswith("+"):
            return self.names.made(f"{symbol[:-1]}_{name}{new}", f"{symbol[:-1]}{new} {name}")
        return self.names.made(f"{symbol}_{name}", f"{symbol} {name}")

    def _step_symbol(self, name: str, symbol: str) -> str:
        return self.in_step(
            symbol,
            lambda: self.names(name),
            lambda: self.gradient_used(name),
            kept=lambda state: self.names.made(f"{state}_{name}", f"{state} {name}"),
            found=bound(self._step_variable if self.in_place else self.step, name),
        )

    # Where the handout shows something: its label, and what is calculated there.

    def labels(self) -> Iterator[tuple[str, Callable[[], Shown]]]:
        """Yield each label of the handout with what calculates it and returns what is to be shown."""
        for name in self.computation.by_name:
            yield ids.equation(name), showing(self.quantity, name)
        if self.several:
            yield ids.equation(self.computation.whole_objective_name), lambda: [self.whole_error()]
            yield ids.REDUCTION, lambda: [self.gradient(self.computation.parameters[0])]
        for partial in self.evaluation.derivation.partials.values():
            yield from self._partial_labels(partial)
        for layer in self.views:
            yield from self._update_labels(layer)
        yield from self._step_labels()

    def places_shown(self) -> Iterator[tuple[str, Callable[[], Shown]]]:
        """Yield each place of the handout at which tables stand, with what calculates their numbers."""
        if self.several:
            yield ids.SAMPLES, self.answers
            yield ids.GRADIENTS, lambda: list(map(self.gradient, self.computation.parameters))
        for layer in self.views:
            yield ids.place("partials", layer.index), bound(self._all_partials, layer.parameters)
        yield ids.UPDATED, lambda: [self.moved(name) for name in self._moving]
        if self.is_online:
            for number in range(2, min(SHOWN, self.samples) + 1):
                yield ids.turn(number - 1), bound(self.turn_shown, number)
            yield ids.PASS, self.pass_shown
        yield ids.AFTER, lambda: [self.whole_error(), self.whole_error(NEW)]

    def answers(self) -> Shown:
        """Return the variables of what the forward pass ends in: the error, or the outs where there is none."""
        objective = self.computation.objective
        return [self.quantity(name) for name in ([objective] if objective else self.views[-1].outs)]

    def _all_partials(self, names: Sequence[str]) -> Shown:
        return [self.partial(self.evaluation.derivation[name]) for name in names]

    def _partial_labels(self, partial: Partial) -> Iterator[tuple[str, Callable[[], Shown]]]:
        by = partial.by
        is_parameter = self._is_parameter(by)
        yield (
            ids.partial(partial),
            lambda: [self.product(partial) if is_parameter else self.partial(partial)],
        )
        for path in partial.paths:
            if path.local.of != self.computation.objective:
                yield ids.local(path.local), showing(self.local, path.local)
            if len(partial.paths) > 1:
                yield ids.path(path), showing(self.part, path)
        if is_parameter:
            yield ids.delta_form(partial), lambda: [self.partial(partial, again=True)]
            yield ids.tabled(partial), lambda: [self.partial(partial)]
        if partial.is_net:
            is_short = by in self.evaluation.derivation.short_deltas
            yield ids.delta(partial), lambda: [self.partial(partial, again=is_short)]
            yield ids.long_delta(partial), lambda: [self.long_delta(partial)]
        if self.computation.kinds[by] in ("net", "out"):
            yield ids.late(partial), lambda: [self.partial(partial, LATE)]

    def _update_labels(self, layer: LayerNames) -> Iterator[tuple[str, Callable[[], Shown]]]:
        shown = [name for name in cut([n for n in layer.parameters if self._moves(n)], 40, 8, 4) if name]
        for place, group in enumerate(batched(shown, UPDATES_TOGETHER), start=1):
            label = ids.updates(self.computation, group, place)
            yield label, bound(self._all_updated, group)

    def _all_updated(self, names: Sequence[str]) -> Shown:
        return list(map(self.moved, names))

    @property
    def _first_moving(self) -> Sequence[str]:
        """The parameters of which one shows the optimizer's step: those of the last layer that has any that move."""
        moving = ([name for name in layer.parameters if self._moves(name)] for layer in reversed(self.views))
        return next(filter(None, moving), [])

    def _step_labels(self) -> Iterator[tuple[str, Callable[[], Shown]]]:
        if not self._first_moving:
            return
        shown = telling(self.evaluation, self._first_moving)
        yield ids.step(1), lambda: [self.gradient_used(shown)]
        for place, (symbol, _) in enumerate(self._steps(shown), start=2):
            yield ids.step(place), showing(self.step, shown, symbol)
        bare = undecayed(self.evaluation)
        if bare is None:
            return
        yield ids.step(1, without_decay=True), lambda: [self.gradient_used(bare)]
        for place, (symbol, _) in enumerate(self._steps(bare), start=2):
            yield ids.step(place, without_decay=True), showing(self.step, bare, symbol)

    @property
    def _moving(self) -> list[str]:
        return [name for name in self.computation.parameters if self._moves(name)]

    def moving(self) -> list[str]:
        """Return the variables that an update changes: the trained parameters, then the optimizer's state."""
        kinds = self.plan.optimizer.rule.state
        states = [self.names.made(f"{kind}_{name}", f"{kind} {name}") for name in self._moving for kind in kinds]
        return [*map(self.names, self._moving), *states]

    def given(self) -> list[str]:
        """Return the variables of the inputs and targets."""
        return list(map(self.names, (*self.layers.inputs, *self.layers.targets)))

    def first_turn(self) -> list[str]:
        """Write the update of sample 1; return the variables after it."""
        kinds = self.plan.optimizer.rule.state
        moved = [self.moved(name) for name in self._moving]
        return [*moved, *(self._step_variable(name, f"{kind}+") for name in self._moving for kind in kinds)]

    def new(self) -> list[str]:
        """Return the variables of the trained parameters after the pass."""
        return [self.names.made(f"{name}{NEW}", f"{name} anew") for name in self._moving]

    def _moves(self, name: str) -> bool:
        return name in self.computation.trained

    # Training.

    def training(self) -> tuple[list[str], list[str]]:
        """Return the lines of the training, and the variables at its end: trained parameters, then the error."""
        exact = self.evaluation.in_full
        functions = replace(self.functions, evaluation=exact)
        trained = self._moving
        variables = [self.names(name) for name in trained]
        states = self.moving()[len(variables) :]
        result = type(self)(exact, self.names, functions, in_place=True)
        error = result.whole_error()
        lines = [
            *tuple_lines(variables, before="def train", after=":"),
            *indented(self.iterations(type(self)(exact, self.names, functions, in_place=True), variables, states)),
            *indented(result.taken()),
            *indented(tuple_lines([*variables, error], before="return ")),
        ]
        ends = [
            self.names.made(f"{name}_end", f"{name} in the end")
            for name in (*trained, self.computation.whole_objective_name)
        ]
        *left, last = tuple_lines(ends)
        call = tuple_lines(variables, before="ended = train")
        return [*lines, "", "", *call, *left, f"{last} = ended"], ends

    def one_step(self) -> list[str]:
        """Return the lines of one step of training."""
        for name in self.computation.by_name:
            if self.computation.kinds[name] != "error":
                self.quantity(name)
        sequential = self.plan.is_sequential
        for layer in reversed(self.views):
            trained = [name for name in layer.parameters if self._moves(name)]
            for name in trained:
                self.gradient(name)
            if sequential:
                self._move(trained)
        if not sequential:
            self._move([name for name in self.computation.parameters if self._moves(name)])
        return self.taken()

    def _move(self, names: Sequence[str]) -> None:
        for name in names:
            self.written.discard(self.names(name))
            self.updated(name)
