"""The lines of the backward pass and of the update over arrays, a few a layer."""

from functools import partial as bound

from sympy import Expr, Symbol

from derive.calculus.local import RESULT, argument_names, shape_derivative
from derive.computation.shapes import activation_shape, error_shape
from derive.functions.activations import ACTIVATIONS, Activation, JointActivation
from derive.functions.losses import SHORT_DELTAS
from derive.notation.tidy import multiply, tidy
from derive.notation.trees import renamed
from derive.render.notebook.array_forward import ArraysForward
from derive.render.notebook.passes import FIRST
from derive.render.notebook.statements import LATE, NEW, NOW

X0, X1 = map(Symbol, argument_names(error_shape("half_squared_error")))
NET, OUT = Symbol("net"), Symbol("out")


class ArraysBackward(ArraysForward):
    """Writes the arrays of the derivatives and of the updated parameters, too."""

    # The backward pass.

    def _version(self, place: int, version: str) -> str:
        return version if place < len(self.views) - 1 else NOW

    def by_out(self, place: int, version: str = NOW) -> str:
        """Return the variable of ∂E/∂out of a layer."""
        target = self._name(f"d{self.computation.objective}_d{self.letters.out}", place, self._version(place, version))
        if target in self.written:
            return target
        if place == len(self.views) - 1 and self.computation.differentiates_output:
            return self.emit(target, f"np.array({[float(out == self.computation.objective) for out in self.nets]})")
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
        if place == len(self.views) - 1 and self.layers.errors:  # in one line, as the handout calculates it
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
                code, mask = self._tree(formula, names), self._mask(kind, place) if symbol == "w+" else ""
                kept = f"np.where({mask} == 1, {code}, {self._name(kind, place)})" if mask else code
                self.emit(self._step_variable(kind, place, symbol), self._rounded(kept))
        return target

    def _step_variable(self, kind: str, place: int, symbol: str) -> str:
        new = NOW if self.in_place else FIRST if self.is_online else NEW
        if symbol == "w+":
            return self._name(kind, place, new)
        end = new if symbol.endswith("+") else NOW
        return self._name(f"{symbol.removesuffix('+')}_{kind}", place, end)

    def _step_symbol(self, kind: str, place: int, symbol: str) -> str:
        late = LATE if self.plan.is_sequential and not self.in_place else NOW
        return self.in_step(
            symbol,
            lambda: self._name(kind, place),
            lambda: self._of_first(kind, place) if self.is_online else self.gradient(kind, place, late),
            kept=lambda state: self._name(f"{state}_{kind}", place),
            found=bound(self._step_variable, kind, place),
        )

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
