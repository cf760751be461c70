"""The code of a large network, and of the matrix form: a few lines a layer.

With several samples the inputs are a matrix with a row a sample, and so is all that follows from them. A single number
that the handout shows is an entry of such an array.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial as bound
from itertools import chain

from sympy import Expr, Symbol

from derive.calculus.local import RESULT, argument_names, shape_derivative
from derive.calculus.partials import Partial
from derive.computation.layers import LayerNames
from derive.computation.shapes import activation_shape, error_shape
from derive.evaluation.turn import SHOWN
from derive.functions.activations import ACTIVATIONS, Activation, JointActivation
from derive.functions.losses import SHORT_DELTAS
from derive.lines import ids
from derive.notation.tidy import multiply, tidy
from derive.notation.trees import renamed
from derive.numbers.decimals import to_float
from derive.render.notebook.passes import FIRST, Passes
from derive.render.notebook.python import floats, indented, tuple_lines
from derive.render.notebook.statements import LATE, NEW, NOW, Shown, constants, showing, start_value

X0, X1 = map(Symbol, argument_names(error_shape("half_squared_error")))
NET, OUT = Symbol("net"), Symbol("out")


class Arrays(Passes):
    """Writes an array for each layer."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.x = self.names.made("X" if self.several else "x", "inputs")
        self.targets = self.names.made("targets", "targets")
        self.whole = self.computation.whole_objective_name
        self.places = dict(self._where())

    def _name(self, kind: str, place: int, version: str = NOW) -> str:
        return self.names.made(f"{kind}_{place + 1}{version}", "array")

    def _named(self, error: str, version: str) -> str:
        is_quantity = error in self.computation.kinds and version == NOW
        return self.names(error) if is_quantity else self.names.made(f"{error}{version}", f"{error} as an array")

    def _rounded(self, code: str) -> str:
        return self.functions.round(code)

    @property
    def _by_hand(self) -> bool:
        return self.functions.is_rounded

    # The numbers to start from.

    def start(self, *, with_constants: bool = True) -> list[str]:
        """Return the lines with the data."""
        samples, values = self.computation.samples, self.computation.values
        lines = self._vectors(self.x, [[sample[name] for name in self.layers.inputs] for sample in samples])
        for row in self.views:
            lines += self._matrix(self._name("W", row.index), row.weights(values))
            if row.biases:
                code = floats(self._values([values[bias] for bias in row.biases]))
                code = code[1:-1] if row.shared_bias else f"np.array({code})"
                lines.append(f"{self._name('b', row.index)} = {code}")
        lines += self._vectors(self.targets, [[sample[name] for name in self.layers.targets] for sample in samples])
        return [*lines, *(constants(self.evaluation, self.names) if with_constants else [])]

    def _values(self, values: Sequence[Fraction]) -> list[float]:
        return [to_float(start_value(self.evaluation, value)) for value in values]

    def _vectors(self, name: str, rows: Sequence[Sequence[Fraction]]) -> list[str]:
        return self._matrix(name, rows) if self.several else [f"{name} = np.array({floats(self._values(rows[0]))})"]

    def _matrix(self, name: str, rows: Sequence[Sequence[Fraction]]) -> list[str]:
        found = [floats(self._values(row)) for row in rows]
        return [f"{name} = np.array(", "    [", *(f"        {row}," for row in found), "    ]", ")"]

    # The forward pass.

    def parameter(self, kind: str, place: int, version: str = NOW) -> str:
        """Return the variable of a layer's weights ("W") or biases ("b")."""
        moves = kind == "W" or self.is_trained(self.views[place].biases)
        return self.updated(kind, place) if version != NOW and moves else self._name(kind, place)

    def net(self, place: int, version: str = NOW) -> str:
        """Return the variable of a layer's pre-activations."""
        target = self._name("net", place, version)
        if target in self.written:
            return target
        signal, weights = self.out(place - 1, version), self.parameter("W", place, version)
        code = f"{signal} @ {weights}.T" if self.several else f"{weights} @ {signal}"
        if self.views[place].biases:
            code += f" + {self.parameter('b', place, version)}"
        return self.emit(target, self._rounded(code))

    def out(self, place: int, version: str = NOW) -> str:
        """Return the variable of a layer's outs; of the inputs before the first."""
        if place < 0:
            return self.x
        target = self._name("out", place, version)
        if target in self.written:
            return target
        net, function = self.net(place, version), self.functions.activation(place)
        if not function:
            return self.emit(target, net)
        turned = self.several and self._is_joint(place)
        return self.emit(target, self._rounded(f"{function}({net}.T).T" if turned else f"{function}({net})"))

    def _is_joint(self, place: int) -> bool:
        return isinstance(ACTIVATIONS[self.views[place].function], JointActivation)

    def parts(self, version: str = NOW) -> str:
        """Return the variable of what each output adds to the error."""
        target = self.names.made(f"{self.layers.error_name}_parts{version}", "parts of the error")
        if target in self.written:
            return target
        last = len(self.views) - 1
        signal = self.net(last, version) if self.functions.takes_nets else self.out(last, version)
        if self.several and self.functions.joins_nets:
            return self.emit(target, f"{self.functions.error}({self.targets}.T, {signal}.T).T")
        return self.emit(target, self._rounded(f"{self.functions.error}({self.targets}, {signal})"))

    def error(self, version: str = NOW) -> str:
        """Return the variable of each sample's error."""
        target = self._named(self.computation.objective, version)
        if target in self.written:
            return target
        return self.emit(target, self._rounded(f"np.sum({self.parts(version)}{', axis=1' if self.several else ''})"))

    def whole_error(self, version: str = NOW) -> str:
        """Return the variable of the error of all samples."""
        error = self.error(version)
        target = self._named(self.whole, version)
        if not self.several or target in self.written:
            return target
        return self.emit(target, self._rounded(f"np.{self.computation.reduction}({error})"))

    # The backward pass.

    def _version(self, place: int, version: str) -> str:
        return version if place < len(self.views) - 1 else NOW

    def by_out(self, place: int, version: str = NOW) -> str:
        """Return the variable of ∂E/∂out of a layer."""
        target = self._name(f"d{self.computation.objective}_dout", place, self._version(place, version))
        if target in self.written:
            return target
        if place == len(self.views) - 1:
            names = {X0: self.targets, X1: self.out(place), NET: self.net(place)}
            return self.emit(target, self._rounded(self._tree(self._error_slope, names, of_output=True)))
        delta, weights = self.delta(place + 1, version), self.parameter("W", place + 1, version)
        if not self._by_hand:
            return self.emit(target, f"{delta} @ {weights}" if self.several else f"{weights}.T @ {delta}")
        entries = f"{delta}[:, :, None] * {weights}" if self.several else f"{delta}[:, None] * {weights}"
        return self.emit(target, self._rounded(f"np.sum(rounded({entries}), axis={int(self.several)})"))

    @property
    def _error_slope(self) -> Expr:
        return shape_derivative(error_shape(self.layers.loss, self.layers.loss_constant), 1)

    def _tree(self, tree: Expr, names: dict[Expr, str], *, of_output: bool = False) -> str:
        """Return the code of a tree; ``of_output`` says that X1 or OUT is the out of an output and NET its net."""
        nets = {X1.name: NET.name, OUT.name: NET.name} if of_output else {}
        return self.functions.python({symbol.name: name for symbol, name in names.items()}.__getitem__, nets)(tree)

    def delta(self, place: int, version: str = NOW, *, long: bool = False) -> str:
        """Return the variable of a layer's deltas; ``long`` calculates them without their short form."""
        target = self._name("delta", place, self._version(place, version))
        short = self._short(place)
        again = f"{target} short"
        if not long and short is not None and again not in self.written:
            self.written.add(again)
            code = self._tree(short, {X0: self.targets, X1: self.out(place)})
            return self.emit(target, self._rounded(code))
        if target in self.written:
            return target
        if self._is_joint(place):
            return self._joint_delta(target, place, version)
        return self.emit(target, self._rounded(self._delta_code(place, version)))

    def _short(self, place: int) -> Expr | None:
        if place < len(self.views) - 1:
            return None
        found = SHORT_DELTAS.get((self.views[place].function, self.layers.loss))
        return found.lines((X0,), (X1,), 0)[-1] if found else None

    def _delta_code(self, place: int, version: str) -> str:
        layer, flow = self.views[place], Symbol("flow")
        entry = ACTIVATIONS[layer.function]
        assert isinstance(entry, Activation)
        steep = shape_derivative(activation_shape(entry, layer.constant), 0)
        steep = renamed(steep, {X0: NET, RESULT: OUT})
        names = {NET: self.net(place), OUT: self.out(place)}
        if place == len(self.views) - 1:  # in one line, as the handout calculates it
            target = Symbol("target")
            tree = multiply(renamed(self._error_slope, {X0: target, X1: OUT}), steep)
            return self._tree(tree, {**names, target: self.targets}, of_output=True)
        return self._tree(multiply(flow, steep), {**names, flow: self.by_out(place, version)})

    def _joint_delta(self, target: str, place: int, version: str) -> str:
        layer = self.views[place]
        entry = ACTIVATIONS[layer.function]
        assert isinstance(entry, JointActivation)
        flow, out = self.by_out(place, version), self.out(place)
        of, by = (
            (f"{out}[:, :, None]", f"{out}[:, None, :]") if self.several else (f"{out}[:, None]", f"{out}[None, :]")
        )
        # entry.derivative(outs, place, by): beside the diagonal and on it.
        beside, on = (self._tree(tidy(entry.derivative((X0, X1), 0, other)), {X0: of, X1: by}) for other in (1, 0))
        jacobian = self.emit(self._name("J", place), f"np.where(np.eye({layer.size}) == 1, {on}, {beside})")
        entries = self._rounded(f"{flow}[:, :, None] * {jacobian}" if self.several else f"{flow}[:, None] * {jacobian}")
        return self.emit(target, self._rounded(f"np.sum({entries}, axis={int(self.several)})"))

    def gradient(self, kind: str, place: int, version: str = NOW) -> str:
        """Return the variable of the gradient by a layer's weights or biases, over all samples."""
        target = self._name(f"d{self.whole}_d{kind}", place, self._version(place, version))
        if target in self.written:
            return target
        delta, signal = self.delta(place, version), self.out(place - 1)
        code = self._by_weights(delta, signal) if kind == "W" else self._by_biases(delta, place)
        return self.emit(target, code)

    def _by_weights(self, delta: str, signal: str) -> str:
        if not self.several:
            return self._rounded(f"np.outer({delta}, {signal})")
        if self._by_hand:
            entries = f"rounded({delta}[:, :, None] * {signal}[:, None, :])"
            return self._rounded(f"np.{self.computation.reduction}({entries}, axis=0)")
        return f"{delta}.T @ {signal}" + (f" / {self.samples}" if self.computation.is_mean else "")

    def _by_biases(self, delta: str, place: int) -> str:
        shared = self.views[place].shared_bias
        if not self.several:
            return self._rounded(f"np.sum({delta})") if shared else delta
        each = self._rounded(f"np.sum({delta}, axis=1)") if shared else delta
        return self._rounded(f"np.{self.computation.reduction}({each}{'' if shared else ', axis=0'})")

    # The update.

    def updated(self, kind: str, place: int) -> str:
        """Return the variable of a layer's weights or biases after the update; online, after the pass."""
        if not self.is_online:
            return self.moved(kind, place)
        return self.pass_shown()[self.trained().index((kind, place))]

    def moved(self, kind: str, place: int) -> str:
        """Return the variable of a layer's weights or biases after the update; online, after sample 1."""
        target = self._step_variable(kind, place, "w+")
        if target not in self.written:
            for symbol, formula in self.plan.optimizer.of("bias" if kind == "b" else "weight").steps:
                # A name may emit lines, so their order is not left to a set.
                symbols = sorted(formula.free_symbols, key=str)
                names = {each: self._step_symbol(kind, place, each.name) for each in symbols}
                self.emit(self._step_variable(kind, place, symbol), self._rounded(self._tree(formula, names)))
        return target

    def _step_variable(self, kind: str, place: int, symbol: str) -> str:
        new = NOW if self.in_place else FIRST if self.is_online else NEW
        if symbol == "w+":
            return self._name(kind, place, new)
        end = new if symbol.endswith("+") else NOW
        return self._name(f"{symbol.removesuffix('+')}_{kind}", place, end)

    def _step_symbol(self, kind: str, place: int, symbol: str) -> str:
        optimizer, plan = self.plan.optimizer, self.plan
        late = LATE if plan.is_sequential and not self.in_place else NOW
        known: dict[str, Callable[[], str]] = {
            "w": lambda: self._name(kind, place),
            "g": lambda: self._of_first(kind, place) if self.is_online else self.gradient(kind, place, late),
            "eta": lambda: self.names(plan.learning_rate_name),
            "t": lambda: "step" if self.in_place else "1",
        }
        if symbol in known:
            return known[symbol]()
        if symbol in optimizer.symbols:
            return self.names.made(symbol, "constant")
        if symbol in optimizer.rule.state:
            target = self._name(f"{symbol}_{kind}", place)
            return target if self.in_place or target in self.written else self.emit(target, "0.0")
        return self._step_variable(kind, place, symbol)

    # Single numbers of the handout, as entries of the arrays.

    def _where(self) -> Iterator[tuple[str, tuple[str, int, tuple[int, ...]]]]:
        """Yield each quantity with the array, the layer and the entry that it is."""
        last = len(self.views) - 1
        yield from ((name, ("x", 0, (place,))) for place, name in enumerate(self.layers.inputs))
        yield from ((name, ("target", last, (place,))) for place, name in enumerate(self.layers.targets))
        yield from ((name, ("part", last, (place,))) for place, name in enumerate(self.layers.errors))
        for layer in self.views:
            for row, neuron in enumerate(layer.neurons):
                yield neuron.net, ("net", layer.index, (row,))
                yield neuron.out, ("out", layer.index, (row,))
                yield from ((w, ("W", layer.index, (row, column))) for column, w in enumerate(neuron.weights))
            for row, bias in enumerate(layer.biases):
                yield bias, ("b", layer.index, () if layer.shared_bias else (row,))

    def entry(self, name: str, version: str = NOW) -> str:
        """Return the code of a single quantity; with several samples, of all its values."""
        if name == self.computation.objective:
            return self.error()
        kind, place, index = self.places[name]
        if kind in ("W", "b"):
            return _indexed(self.parameter(kind, place, version), index)
        arrays: dict[str, Callable[[], str]] = {"x": lambda: self.x, "target": lambda: self.targets, "part": self.parts}
        array = arrays[kind]() if kind in arrays else self.net(place) if kind == "net" else self.out(place)
        return self._entry(array, index)

    def _entry(self, array: str, index: tuple[int, ...]) -> str:
        return f"{array}[:, {index[0]}]" if self.several else _indexed(array, index)

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
            return _indexed(self.gradient(kind, place, version), index)
        return self._rounded(" + ".join(self.formula(path.formula, version) for path in partial.paths))

    # Where the handout shows something: its label, and what is calculated there.

    def labels(self) -> Iterator[tuple[str, Callable[[], Shown]]]:
        """Yield each label of the handout with what calculates it and returns what is to be shown."""
        for name in self.computation.by_name:
            yield ids.equation(name), showing(self.entry, name)
        if self.several:
            yield ids.equation(self.whole), lambda: [self.whole_error()]
            yield ids.REDUCTION, lambda: [_indexed(self.gradient("W", 0), (0, 0))]
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
            yield ids.SAMPLES, lambda: [self.error()]
            yield ids.GRADIENTS, lambda: [self.gradient(kind, place) for kind, place in self._parameters()]
        for layer in self.views:
            yield from self._layer_places(layer)
        yield ids.UPDATED, lambda: [self.moved(kind, place) for kind, place in self.trained()]
        if self.is_online:
            for number in range(2, min(SHOWN, self.samples) + 1):
                yield ids.turn(number - 1), bound(self.turn_shown, number)
            yield ids.PASS, self.pass_shown
        yield ids.AFTER, lambda: [self.whole_error(), self.whole_error(NEW)]

    def _parameters(self) -> list[tuple[str, int]]:
        both = ((("W", place), ("b", place)) for place in range(len(self.views)))
        return [pair for pair in chain.from_iterable(both) if pair[0] == "W" or self.views[pair[1]].biases]

    def trained(self) -> list[tuple[str, int]]:
        """Return the weights ("W") and biases ("b") that an update changes, each with its layer."""
        return [
            (kind, place)
            for kind, place in self._parameters()
            if kind == "W" or self.is_trained(self.views[place].biases)
        ]

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
            yield ids.matrix("updated", place), showing(self.moved, "W", place)

    def _first(self, kind: str, place: int) -> str:
        """Return the code of the derivatives of the error by weights or biases, of the first sample's error."""
        if not self.several:
            return self.gradient(kind, place)
        delta, signal = self.delta(place), self.out(place - 1)
        if kind == "W":
            return self._rounded(f"np.outer({delta}[0], {signal}[0])")
        return self._rounded(f"np.sum({delta}[0])") if self.views[place].shared_bias else f"{delta}[0]"

    def _of_first(self, kind: str, place: int) -> str:
        """Return the variable of the derivatives of the first sample's error."""
        target = self._name(f"d{self.computation.objective}_d{kind}", place)
        return target if target in self.written else self.emit(target, self._first(kind, place))

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


def _indexed(array: str, index: tuple[int, ...]) -> str:
    return f"{array}[{', '.join(map(str, index))}]" if index else array
