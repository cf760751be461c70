"""The evaluation in vectors and matrices: the same lines, a whole layer at once, with the numbers filled in.

A layer's weights are W with a row a neuron; out₀ is the vector x of the inputs. Then net = W·out + b,
δ = (Wᵀδ) ⊙ f′(net) from the layer behind, and ∂E/∂W = δ·outᵀ.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any

from flint import arb_mat, fmpq_mat

from derive.computation.layers import LayerNames, Neuron
from derive.lines import ids
from derive.lines.filled import (
    FIRST_ENTRIES,
    LAST_ENTRIES,
    MOST_ENTRIES,
    Filled,
    Filler,
    Rows,
    are_rational,
    matrix_latex,
    right_side,
)
from derive.lines.scalar import Display, Formulas
from derive.notation import Latex, grouped_latex, name_latex, partial_latex, vector_latex
from derive.notation.display import RightSide, cut
from derive.numbers.decimals import Rounded
from derive.numbers.number import Number
from derive.numbers.traced import TracedMatrix, present_trace


@dataclass(frozen=True)
class Matrices:
    """The lines of the matrix form; ``formulas`` knows the evaluation, ``layers`` its layers from left to right."""

    formulas: Formulas
    layers: tuple[LayerNames, ...]

    def net(self, layer: LayerNames) -> Latex:
        """Return net = W·out + b: in symbols, in numbers, its value."""
        number = layer.index + 1
        weights, signals = self._weights(layer), self._signals(layer)
        symbols, numbers = f"{self._letter('W', number)} {self._signal(layer)}", f"{weights} {signals}"
        filled = [weights, signals]
        if layer.biases:
            bias = (
                rf"{name_latex(layer.biases[0])} \, \mathbf{{1}}"
                if layer.shared_bias
                else rf"\mathbf{{b}}_{{{number}}}"
            )
            symbols += f" + {bias}"
            filled.append(self._vector(layer, lambda neuron: self._quantity(neuron.biases[0])))
            numbers += f" + {filled[-1]}"
        nets = self._vector(layer, lambda neuron: self._quantity(neuron.net))
        result = self._result(f"net_{number}", nets, filled, lambda w, x, *bias: sum(bias, start=w * x))
        return self._display(
            "net", layer, self._of_layer("net", layer), [("=", symbols), right_side(numbers, *filled), result]
        )

    def out(self, layer: LayerNames) -> Latex:
        """Return out = f(net): in symbols, its value."""
        outs = self._vector(layer, lambda neuron: self._quantity(neuron.out))
        return self._display(
            "out",
            layer,
            self._of_layer("out", layer),
            [
                ("=", rf"{self._letter('f', layer.index + 1)}\left({self._of_layer('net', layer)}\right)"),
                right_side(outs),
            ],
        )

    def delta(self, layer: LayerNames) -> Latex:
        """Return the vector of deltas: in symbols, in numbers, its value."""
        number = layer.index + 1
        left = rf"\boldsymbol{{\delta}}_{{{number}}}"
        evaluation = self.formulas.evaluation
        deltas = self._vector(layer, lambda neuron: evaluation.derivation[neuron.net].value)
        if layer.is_output and evaluation.derivation.short_deltas:
            outs = self._vector(layer, lambda neuron: self._quantity(neuron.out))
            targets = self._vector(layer, lambda neuron: self._quantity(self._target(neuron)))
            symbols = rf"{self._of_layer('out', layer)} - {self._bold('target')}"
            result = self._result(f"δ_{number}", deltas, [outs, targets], lambda out, target: out - target)
            return self._display(
                "delta", layer, left, [("=", symbols), right_side(f"{outs} - {targets}", outs, targets), result]
            )
        if layer.is_output and evaluation.computation.differentiates_output:
            out = name_latex(evaluation.computation.objective)
            by = rf"\frac{{\partial {out}}}{{\partial {self._of_layer('net', layer)}}}"
            return self._display("delta", layer, left, [("=", by), right_side(deltas)])
        flow, flow_numbers, parts = self._flow(layer)
        slopes = self._slopes(layer)
        if layer.is_joint:
            symbols, numbers = rf"{self._letter('J', number)}^{{\top}} {flow}", rf"{slopes}^{{\top}} {flow_numbers}"
        else:
            symbols = rf"{flow} \odot {self._letter('f', number)}'\left({self._of_layer('net', layer)}\right)"
            numbers = rf"{flow_numbers} \odot {slopes}"
        combine = _through_jacobian if layer.is_joint else _entry_by_entry
        result = self._result(
            f"δ_{number}", deltas, [slopes, *parts], lambda slope, *way: combine(slope, _came_back(*way))
        )
        return self._display("delta", layer, left, [("=", symbols), right_side(numbers, *parts, slopes), result])

    def by_weights(self, layer: LayerNames) -> Latex:
        """Return ∂E/∂W = δ·outᵀ: in symbols, in numbers, its value."""
        evaluation = self.formulas.evaluation
        number = layer.index + 1
        deltas = self._vector(layer, lambda neuron: evaluation.derivation[neuron.net].value)
        signals = self._matrix([[self._quantity(name) for name in self._signal_names(layer)]])
        gradients = self._matrix([[evaluation.derivation[weight].value for weight in n.weights] for n in layer.neurons])
        left = (
            rf"\frac{{\partial {name_latex(evaluation.computation.objective)}}}{{\partial {self._letter('W', number)}}}"
        )
        symbols = rf"\boldsymbol{{\delta}}_{{{number}}} \, {self._signal(layer)}^{{\top}}"
        result = self._result(
            f"∂E/∂W of layer {number}", gradients, [deltas, signals], lambda delta, signal: delta * signal
        )
        return self._display(
            "weights", layer, left, [("=", symbols), right_side(f"{deltas} {signals}", deltas, signals), result]
        )

    def by_biases(self, layer: LayerNames) -> Latex:
        """Return the derivative by the biases: the deltas, or their sum for a shared one."""
        evaluation = self.formulas.evaluation
        number = layer.index + 1
        delta = rf"\boldsymbol{{\delta}}_{{{number}}}"
        deltas = self._vector(layer, lambda neuron: evaluation.derivation[neuron.net].value)
        if layer.shared_bias:
            left = partial_latex(evaluation.computation.objective, layer.biases[0])
            ones, total = _ones(layer.size), self._number(evaluation.derivation[layer.biases[0]].value)
            numbers = right_side(f"{ones} {deltas}", ones, deltas)
            result = self._result(f"∂E/∂b of layer {number}", total, [ones, deltas], lambda one, each: one * each)
            return self._display("biases", layer, left, [("=", rf"\mathbf{{1}}^{{\top}} {delta}"), numbers, result])
        by = rf"\frac{{\partial {name_latex(evaluation.computation.objective)}}}{{\partial \mathbf{{b}}_{{{number}}}}}"
        return self._display("biases", layer, by, [("=", delta), right_side(deltas)])

    def updated(self, layer: LayerNames) -> Latex:
        """Return the weights and biases after the update, as far as they are trained.

        For gradient descent in symbols and numbers first, where all weights, or all biases, of the layer are trained.
        """
        rows = [neuron.weights for neuron in layer.neurons]
        updates = [self._update(self._letter("W", layer.index + 1), rows, self._matrix)]
        if layer.biases and layer.shared_bias:
            bias = layer.biases[0]
            updates.append(self._update(name_latex(bias), [[bias]], lambda numbers: self._number(numbers[0][0])))
        elif layer.biases:
            column = [[bias] for bias in layer.biases]
            updates.append(self._update(rf"\mathbf{{b}}_{{{layer.index + 1}}}", column, self._matrix))
        latex = self.formulas.aligned_equations([update for update in updates if update])
        return Display(latex, ids.matrix("updated", layer.index))

    def _update(
        self, symbol: str, names: Sequence[Sequence[str]], filled: Callable[[Sequence[Sequence[Number]]], Filled]
    ) -> tuple[str, list[RightSide]] | None:
        """Return the update of a matrix of parameters, ``filled`` with numbers; None where none of them is trained."""
        evaluation = self.formulas.evaluation
        trained = evaluation.computation.trained
        if trained.isdisjoint(chain.from_iterable(names)):
            return None
        left, new = f"{symbol}^{{+}}", filled([[evaluation.new(name) for name in row] for row in names])
        if not self.formulas.is_plain or not trained.issuperset(chain.from_iterable(names)):
            return left, [right_side(new)]
        error = name_latex(evaluation.computation.whole_objective_name)
        gradient = rf"\frac{{\partial {error}}}{{\partial {symbol}}}"
        if any(self.formulas.is_late(evaluation.derivation[row[0]]) for row in names):
            gradient = rf"{{{gradient}}}^{{\ast}}"
        step = rf"{symbol} - {name_latex(evaluation.plan.learning_rate_name)} \cdot {gradient}"
        old = filled([[self._quantity(name) for name in row] for row in names])
        rate = self._number(self.formulas.rate)
        slopes = filled([[evaluation.gradient_used(name) for name in row] for row in names])
        numbers = right_side(f"{old} - {rate} \\cdot {_factor(slopes)}", old, rate, slopes)
        return left, [("=", step), numbers, self._result(left, new, [old, rate, slopes], _stepped)]

    def _display(self, kind: str, layer: LayerNames, left: str, rights: Sequence[RightSide]) -> Display:
        return Display(self.formulas.aligned(left, rights), ids.matrix(kind, layer.index))

    def _flow(self, layer: LayerNames) -> tuple[str, str, tuple[Filled, ...]]:
        """Return ∂E/∂out of the layer, in symbols and in numbers, and the matrices that it is made of."""
        evaluation = self.formulas.evaluation
        number = layer.index + 1
        if layer.is_output:
            error = name_latex(evaluation.computation.objective)
            symbols = rf"\frac{{\partial {error}}}{{\partial {self._of_layer('out', layer)}}}"
            flow = self._vector(layer, lambda neuron: evaluation.derivation[neuron.out].value)
            return symbols, flow.latex, (flow,)
        behind = self.layers[layer.index + 1]
        deltas = self._vector(behind, lambda neuron: evaluation.derivation[neuron.net].value)
        symbols = rf"\left({self._letter('W', number + 1)}^{{\top}} \boldsymbol{{\delta}}_{{{number + 1}}}\right)"
        weights = self._weights(behind)
        return symbols, rf"\left({weights}^{{\top}} {deltas}\right)", (weights, deltas)

    def _slopes(self, layer: LayerNames) -> Filled:
        """Return the derivatives of the outs by the nets: a vector, or the Jacobian of a joint layer."""
        evaluation = self.formulas.evaluation
        if not layer.is_joint:
            return self._vector(layer, lambda neuron: evaluation.derivation[neuron.net].paths[0].local.value)
        columns = [[path.local.value for path in evaluation.derivation[neuron.net].paths] for neuron in layer.neurons]
        return self._matrix([list(row) for row in zip(*columns, strict=True)])

    def _letter(self, letter: str, number: int) -> str:
        """Return the sign of a layer's matrix or function, bold where a quantity is printed like it, as a weight W1."""
        plain = f"{letter}_{{{number}}}"
        return rf"\mathbf{{{letter}}}_{{{number}}}" if plain in self._printed else plain

    @cached_property
    def _printed(self) -> frozenset[str]:
        return frozenset(name_latex(name) for name in self.formulas.evaluation.computation.kinds if name[0] in "WJf")

    def _bold(self, kind: str) -> Latex:
        return vector_latex(getattr(self.formulas.evaluation.computation.layered.notation, kind))

    def _of_layer(self, kind: str, layer: LayerNames) -> str:
        """Return the sign of a layer's nets or outs."""
        return f"{self._bold(kind)}_{{{layer.index + 1}}}"

    def _target(self, neuron: Neuron) -> str:
        layers = self.formulas.evaluation.computation.layered
        return layers.targets[layers.last.neurons.index(neuron)]

    def _quantity(self, name: str) -> Number:
        return self.formulas.quantity(name)

    def _signal(self, layer: LayerNames) -> str:
        return self._of_layer("out", self.layers[layer.index - 1]) if layer.index else r"\mathbf{x}"

    def _signal_names(self, layer: LayerNames) -> Sequence[str]:
        if not layer.index:
            return self.formulas.evaluation.computation.layered.inputs
        return [neuron.out for neuron in self.layers[layer.index - 1].neurons]

    def _signals(self, layer: LayerNames) -> Filled:
        return self._matrix([[self._quantity(name)] for name in self._signal_names(layer)])

    def _weights(self, layer: LayerNames) -> Filled:
        return self._matrix([[self._quantity(weight) for weight in neuron.weights] for neuron in layer.neurons])

    def _vector(self, layer: LayerNames, value: Callable[[Neuron], Number]) -> Filled:
        return self._matrix([[value(neuron)] for neuron in layer.neurons])

    @cached_property
    def _filler(self) -> Filler:
        return Filler(self.formulas)

    def _matrix(self, rows: Sequence[Sequence[Number]]) -> Filled:
        return self._filler.matrix(rows)

    def _number(self, number: Number) -> Filled:
        return self._filler.number(number)

    def _result(self, left: str, result: Filled, parts: Sequence[Filled], compute: Callable[..., Any]) -> RightSide:
        """Return the right side of a result that ``compute`` makes of flint's matrices."""
        return self._filler.result(left, result, parts, lambda *rows: compute(*_matrices(rows)).tolist())


def _matrices(parts: Sequence[Rows]) -> list[Any]:
    """Return flint's matrices: of rationals where all entries are, else of balls."""
    if present_trace() is not None:
        return list(map(TracedMatrix, parts))
    return list(map(fmpq_mat if all(map(are_rational, parts)) else arb_mat, parts))


def _ones(size: int) -> Filled:
    """Return the row of ones that adds up a vector, cut as the vector is."""
    shown = cut([Rounded("1", exact=True)] * size, MOST_ENTRIES, FIRST_ENTRIES, LAST_ENTRIES)
    latex = matrix_latex([[r"\cdots" if one is None else one.text for one in shown]])
    return Filled(latex, True, () if None in shown else (tuple(one for one in shown if one),))


def _factor(filled: Filled) -> str:
    """Return a factor: a negative number in parentheses."""
    return grouped_latex(filled.texts[0]) if filled.is_number and filled.texts else str(filled)


def _stepped(old: Any, rate: Any, slopes: Any) -> Any:
    """Return what a step of gradient descent makes of a matrix."""
    return old - slopes * rate[0, 0]


def _came_back(first: Any, deltas: Any = None) -> Any:
    """Return ∂E/∂out: as it is, or out of the weights and deltas of the layer behind."""
    return first if deltas is None else first.transpose() * deltas


def _through_jacobian(jacobian: Any, flow: Any) -> Any:
    return jacobian.transpose() * flow


def _entry_by_entry(slopes: Any, flow: Any) -> Any:
    return type(slopes)([[slopes[row, 0] * flow[row, 0]] for row in range(slopes.nrows())])
