"""The derivation in vectors and matrices: the same lines, a whole layer at once, with the numbers filled in.

A layer's weights are W with a row a neuron; out₀ is the vector x of the inputs. Then net = W·out + b,
δ = (Wᵀδ) ⊙ f′(net) from the layer behind, and ∂E/∂W = δ·outᵀ.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from derive.evaluation import Number
from derive.formulas import Formulas
from derive.notation import Latex, aligned, name_latex, partial_latex
from derive.notation.display import Row
from derive.views import LayerView, Neuron, cut

# A larger matrix shows its first and last rows and columns.
MOST_ENTRIES, FIRST_ENTRIES, LAST_ENTRIES = 6, 3, 1
DECIMALS = 6


@dataclass(frozen=True)
class Filled:
    """A matrix of numbers in LaTeX, and whether all its digits are exact."""

    latex: str
    is_exact: bool

    def __str__(self) -> str:
        return self.latex


@dataclass(frozen=True)
class Matrices:
    """The lines of the matrix form; ``formulas`` knows the derivation, ``layers`` its layers from left to right."""

    formulas: Formulas
    layers: tuple[LayerView, ...]

    def net(self, layer: LayerView) -> Latex:
        """Return net = W·out + b: in symbols, in numbers, its value."""
        number = layer.place + 1
        weights, signals = self._weights(layer), self._signals(layer)
        symbols, numbers = rf"W_{{{number}}} {self._signal(layer)}", f"{weights} {signals}"
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
        return aligned(rf"\mathbf{{net}}_{{{number}}}", [("=", symbols), _row(numbers, *filled), _row(nets)])

    def out(self, layer: LayerView) -> Latex:
        """Return out = f(net): in symbols, its value."""
        number = layer.place + 1
        outs = self._vector(layer, lambda neuron: self._quantity(neuron.out))
        return aligned(
            rf"\mathbf{{out}}_{{{number}}}",
            [("=", rf"f_{{{number}}}\left(\mathbf{{net}}_{{{number}}}\right)"), _row(outs)],
        )

    def delta(self, layer: LayerView) -> Latex:
        """Return the vector of deltas: in symbols, in numbers, its value."""
        number = layer.place + 1
        left = rf"\boldsymbol{{\delta}}_{{{number}}}"
        derivation = self.formulas.derivation
        deltas = self._vector(layer, lambda neuron: derivation[neuron.net].value)
        if layer.is_output and derivation.short_deltas:
            outs = self._vector(layer, lambda neuron: self._quantity(neuron.out))
            targets = self._vector(layer, lambda neuron: self._quantity(f"target_{neuron.name}"))
            symbols = rf"\mathbf{{out}}_{{{number}}} - \mathbf{{target}}"
            return aligned(left, [("=", symbols), _row(f"{outs} - {targets}", outs, targets), _row(deltas)])
        flow, flow_numbers = self._flow(layer)
        slopes = self._slopes(layer)
        if layer.activation.is_joint:
            symbols, numbers = rf"J_{{{number}}}^{{\top}} {flow}", rf"{slopes}^{{\top}} {flow_numbers}"
        else:
            symbols = rf"{flow} \odot f_{{{number}}}'\left(\mathbf{{net}}_{{{number}}}\right)"
            numbers = rf"{flow_numbers} \odot {slopes}"
        return aligned(left, [("=", symbols), _row(numbers, flow_numbers, slopes), _row(deltas)])

    def by_weights(self, layer: LayerView) -> Latex:
        """Return ∂E/∂W = δ·outᵀ: in symbols, in numbers, its value."""
        derivation = self.formulas.derivation
        number = layer.place + 1
        deltas = self._vector(layer, lambda neuron: derivation[neuron.net].value)
        signals = self._matrix([[self._quantity(name) for name in self._signal_names(layer)]])
        gradients = self._matrix([[derivation[weight].value for weight in n.weights] for n in layer.neurons])
        left = rf"\frac{{\partial {name_latex(derivation.graph.output)}}}{{\partial W_{{{number}}}}}"
        symbols = rf"\boldsymbol{{\delta}}_{{{number}}} \, {self._signal(layer)}^{{\top}}"
        return aligned(left, [("=", symbols), _row(f"{deltas} {signals}", deltas, signals), _row(gradients)])

    def by_biases(self, layer: LayerView) -> Latex:
        """Return the derivative by the biases: the deltas, or their sum for a shared one."""
        derivation = self.formulas.derivation
        number = layer.place + 1
        delta = rf"\boldsymbol{{\delta}}_{{{number}}}"
        if layer.shared_bias:
            left = partial_latex(derivation.graph.output, layer.biases[0])
            total = self.formulas.value_row(derivation[layer.biases[0]].value)
            return aligned(left, [("=", rf"\mathbf{{1}}^{{\top}} {delta}"), total])
        by = rf"\frac{{\partial {name_latex(derivation.graph.output)}}}{{\partial \mathbf{{b}}_{{{number}}}}}"
        deltas = self._vector(layer, lambda neuron: derivation[neuron.net].value)
        return aligned(by, [("=", delta), _row(deltas)])

    def updated(self, layer: LayerView) -> Latex:
        """Return the weights after the update; for gradient descent in symbols first."""
        derivation = self.formulas.derivation
        number = layer.place + 1
        updated = derivation.evaluation.updated
        weights = self._matrix([[updated(weight) for weight in neuron.weights] for neuron in layer.neurons])
        rate, error = name_latex(derivation.network.learning_rate_name), name_latex(derivation.network.whole_error_name)
        step = rf"W_{{{number}}} - {rate} \cdot \frac{{\partial {error}}}{{\partial W_{{{number}}}}}"
        rows = [("=", step)] if self.formulas.is_plain else []
        return aligned(rf"W_{{{number}}}^{{+}}", [*rows, _row(weights)])

    def _flow(self, layer: LayerView) -> tuple[str, Filled]:
        """Return ∂E/∂out of the layer, in symbols and in numbers."""
        derivation = self.formulas.derivation
        number = layer.place + 1
        if layer.is_output:
            error = name_latex(derivation.graph.output)
            symbols = rf"\frac{{\partial {error}}}{{\partial \mathbf{{out}}_{{{number}}}}}"
            return symbols, self._vector(layer, lambda neuron: derivation[neuron.out].value)
        behind = self.layers[layer.place + 1]
        deltas = self._vector(behind, lambda neuron: derivation[neuron.net].value)
        symbols = rf"\left(W_{{{number + 1}}}^{{\top}} \boldsymbol{{\delta}}_{{{number + 1}}}\right)"
        weights = self._weights(behind)
        numbers = rf"\left({weights}^{{\top}} {deltas}\right)"
        return symbols, Filled(numbers, weights.is_exact and deltas.is_exact)

    def _slopes(self, layer: LayerView) -> Filled:
        """Return the derivatives of the outs by the nets: a vector, or the Jacobian of a joint layer."""
        derivation = self.formulas.derivation
        if not layer.activation.is_joint:
            return self._vector(layer, lambda neuron: derivation[neuron.net].paths[0].local.value)
        columns = [[path.local.value for path in derivation[neuron.net].paths] for neuron in layer.neurons]
        return self._matrix([list(row) for row in zip(*columns, strict=True)])

    def _quantity(self, name: str) -> Number:
        return self.formulas.quantity(name)

    def _signal(self, layer: LayerView) -> str:
        return rf"\mathbf{{out}}_{{{layer.place}}}" if layer.place else r"\mathbf{x}"

    def _signal_names(self, layer: LayerView) -> Sequence[str]:
        if not layer.place:
            return self.formulas.derivation.network.input_names
        return [neuron.out for neuron in self.layers[layer.place - 1].neurons]

    def _signals(self, layer: LayerView) -> Filled:
        return self._matrix([[self._quantity(name)] for name in self._signal_names(layer)])

    def _weights(self, layer: LayerView) -> Filled:
        return self._matrix([[self._quantity(weight) for weight in neuron.weights] for neuron in layer.neurons])

    def _vector(self, layer: LayerView, value: Callable[[Neuron], Number]) -> Filled:
        return self._matrix([[value(neuron)] for neuron in layer.neurons])

    def _matrix(self, rows: Sequence[Sequence[Number]]) -> Filled:
        """Return a matrix; of a large one the first and last rows and columns."""
        digits = min(self.formulas.digits, DECIMALS)
        columns = cut(range(len(rows[0])), MOST_ENTRIES, FIRST_ENTRIES, LAST_ENTRIES)
        lines, is_exact = [], True
        for row in cut(rows, MOST_ENTRIES, FIRST_ENTRIES, LAST_ENTRIES):
            if row is None:
                lines.append(" & ".join([r"\vdots"] * len(columns)))
                continue
            is_exact = is_exact and all(row[column].is_exact(digits) for column in columns if column is not None)
            lines.append(" & ".join(r"\cdots" if place is None else row[place].latex(digits) for place in columns))
        return Filled(r"\begin{pmatrix} " + r" \\ ".join(lines) + r" \end{pmatrix}", is_exact)


def _row(text: object, *filled: Filled) -> Row:
    """Return a right-hand side behind = where all of its digits are exact; alone, a matrix speaks for itself."""
    parts = filled or ((text,) if isinstance(text, Filled) else ())
    return "=" if all(part.is_exact for part in parts) else r"\approx", str(text)
