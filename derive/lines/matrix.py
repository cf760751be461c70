"""The evaluation in vectors and matrices: the same lines, a whole layer at once, with the numbers filled in.

A layer's weights are W with a row a neuron; out₀ is the vector x of the inputs. Then net = W·out + b,
δ = (Wᵀδ) ⊙ f′(net) from the layer behind, and ∂E/∂W = δ·outᵀ.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Any

from flint import arb, arb_mat, fmpq, fmpq_mat

from derive.computation.layers import LayerNames, Neuron
from derive.errors import VerificationError
from derive.lines import ids
from derive.lines.scalar import Display, Formulas
from derive.notation import Latex, marked, name_latex, partial_latex, value_latex, vector_latex
from derive.notation.display import RightSide, cut, visible_width
from derive.numbers.arithmetic import Value
from derive.numbers.decimals import (
    SIGNIFICANT,
    START_BITS,
    Rounded,
    Undecided,
    as_printed,
    at_enough_bits,
    enclosure,
    is_same,
)
from derive.numbers.number import Number
from derive.numbers.precision import at_bits
from derive.numbers.rounding import printed_by

# A larger matrix shows its first and last rows and columns.
MOST_ENTRIES, FIRST_ENTRIES, LAST_ENTRIES = 6, 3, 1
DECIMALS = 6
# A matrix that takes more of a line shows fewer columns: nothing in it can be broken.
WIDEST_SHARE = 0.9


@dataclass(frozen=True)
class Filled:
    """A matrix of numbers in LaTeX, whether all its digits are exact, and the numbers that are printed.

    Of a matrix that is cut there are no ``entries``: nobody can calculate with what is not printed. One with a single
    entry may be a number, which ``is_number`` says.
    """

    latex: str
    is_exact: bool
    entries: tuple[tuple[Rounded, ...], ...] = field(default=(), repr=False)
    is_number: bool = False

    def __str__(self) -> str:
        return self.latex

    @property
    def printed(self) -> list[list[Value]]:
        """The printed numbers."""
        return [[as_printed(entry.text) for entry in row] for row in self.entries]

    @property
    def enclosed(self) -> Any:
        """The matrix of all that is rounded to the printed numbers (flint's arb_mat)."""
        return arb_mat([[arb(enclosure(entry)) for entry in row] for row in self.entries])


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
            "net", layer, self._of_layer("net", layer), [("=", symbols), _right_side(numbers, *filled), result]
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
                _right_side(outs),
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
                "delta", layer, left, [("=", symbols), _right_side(f"{outs} - {targets}", outs, targets), result]
            )
        if layer.is_output and evaluation.computation.differentiates_output:
            out = name_latex(evaluation.computation.objective)
            by = rf"\frac{{\partial {out}}}{{\partial {self._of_layer('net', layer)}}}"
            return self._display("delta", layer, left, [("=", by), _right_side(deltas)])
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
        return self._display("delta", layer, left, [("=", symbols), _right_side(numbers, *parts, slopes), result])

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
            "weights", layer, left, [("=", symbols), _right_side(f"{deltas} {signals}", deltas, signals), result]
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
            numbers = _right_side(f"{ones} {deltas}", ones, deltas)
            result = self._result(f"∂E/∂b of layer {number}", total, [ones, deltas], lambda one, each: one * each)
            return self._display("biases", layer, left, [("=", rf"\mathbf{{1}}^{{\top}} {delta}"), numbers, result])
        by = rf"\frac{{\partial {name_latex(evaluation.computation.objective)}}}{{\partial \mathbf{{b}}_{{{number}}}}}"
        return self._display("biases", layer, by, [("=", delta), _right_side(deltas)])

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
            return left, [_right_side(new)]
        error = name_latex(evaluation.computation.whole_objective_name)
        gradient = rf"\frac{{\partial {error}}}{{\partial {symbol}}}"
        if any(self.formulas.is_late(evaluation.derivation[row[0]]) for row in names):
            gradient = rf"{{{gradient}}}^{{\ast}}"
        step = rf"{symbol} - {name_latex(evaluation.plan.learning_rate_name)} \cdot {gradient}"
        old = filled([[self._quantity(name) for name in row] for row in names])
        rate = self._number(self.formulas.rate)
        slopes = filled([[evaluation.gradient_used(name) for name in row] for row in names])
        numbers = _right_side(f"{old} - {rate} \\cdot {_factor(slopes)}", old, rate, slopes)
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

    def _matrix(self, rows: Sequence[Sequence[Number]]) -> Filled:
        """Return a matrix; of a large one the first and last rows and columns, of a wide one fewer columns."""
        found = self._cut(rows, MOST_ENTRIES, FIRST_ENTRIES)
        for first in range(FIRST_ENTRIES - 1, 0, -1):
            if visible_width(found.latex) <= WIDEST_SHARE * self.formulas.width:
                break
            found = self._cut(rows, first + LAST_ENTRIES, first)
        return found

    def _cut(self, rows: Sequence[Sequence[Number]], most: int, first: int) -> Filled:
        """Return a matrix with its first and last columns where they are more than ``most``."""
        columns = cut(range(len(rows[0])), most, first, LAST_ENTRIES)
        shown = cut(rows, MOST_ENTRIES, FIRST_ENTRIES, LAST_ENTRIES)
        kept = [
            [None if row is None else self._rounded(row[column]) for column in columns if column is not None]
            for row in shown
        ]
        lines = [
            [
                r"\vdots"
                if row is None
                else r"\cdots"
                if place is None
                else value_latex(self._rounded(row[place]).text)
                for place in columns
            ]
            for row in shown
        ]
        is_exact = all(entry is None or entry.exact for row in kept for entry in row)
        is_whole = None not in columns and None not in shown
        entries = tuple(tuple(entry for entry in row if entry) for row in kept) if is_whole else ()
        return Filled(_latex(lines), is_exact, entries)

    def _number(self, number: Number) -> Filled:
        """Return a number that stands among matrices."""
        rounded = self._rounded(number)
        return Filled(value_latex(rounded.text), rounded.exact, ((rounded,),), is_number=True)

    def _rounded(self, number: Number) -> Rounded:
        return self._shortly(number.rounded)

    def _shortly(self, rounded: Callable[[int], Rounded]) -> Rounded:
        """Return a number of a matrix: with a power of ten it keeps four digits, about as many as those beside it."""
        found = rounded(self._digits)
        is_small = "e-" in found.text and self.formulas.evaluation.rounding is None
        return rounded(SIGNIFICANT - 1) if is_small else found

    @property
    def _digits(self) -> int:
        return min(self.formulas.digits, DECIMALS)

    def _result(self, left: str, result: Filled, parts: Sequence[Filled], compute: Callable[..., Any]) -> RightSide:
        """Return the right side of a result, each entry marked that the printed numbers give otherwise.

        Raises `VerificationError`, naming the line by its left side, where rounding does not explain that.
        """
        if not result.entries or not all(part.entries for part in parts):
            return _right_side(result)
        try:
            again = _again(parts, compute, self._round)
        except Undecided:  # balls that may cancel
            return _right_side(result)
        if self.formulas.evaluation.rounding is None:
            at_bits(START_BITS, self._verify, left, result, parts, compute)
        entries = [
            [
                latex if is_same(found, entry.text) else marked(latex)
                for entry, found in zip(*row, strict=True)
                for latex in [value_latex(entry.text)]
            ]
            for row in zip(result.entries, again, strict=True)
        ]
        return _right_side(Filled(entries[0][0] if result.is_number else _latex(entries), result.is_exact))

    def _round(self, value: Value) -> Rounded:
        """Return a value as it is printed in a matrix."""
        rounding = self.formulas.evaluation.rounding
        return self._shortly(lambda digits: printed_by(rounding, digits)(value))

    def _verify(self, left: str, result: Filled, parts: Sequence[Filled], compute: Callable[..., Any]) -> None:
        enclosed = compute(*(part.enclosed for part in parts)).tolist()
        for row in zip(result.entries, enclosed, strict=True):
            for entry, value in zip(*row, strict=True):
                if not value.overlaps(arb(enclosure(entry))):
                    raise VerificationError(
                        "{line}: the matrices of this equation do not give {value}. Nothing was written. This is "
                        "a bug in derive; please report it.",
                        line=left,
                        value=entry.text,
                    )


def _again(parts: Sequence[Filled], compute: Callable[..., Any], round_: Callable[[Any], Rounded]) -> list[list[str]]:
    """Return what the printed numbers give, rounded; with powers of ten too long for rationals, in balls.

    Raises `Undecided` where these leave a digit open.
    """

    def decide(bits: int) -> list[list[str]]:
        printed = [part.printed for part in parts]
        is_rational = all(isinstance(value, fmpq) for part in printed for row in part for value in row)
        found = compute(*map(fmpq_mat if is_rational else arb_mat, printed)).tolist()
        return [[round_(value).text for value in row] for row in found]

    return at_enough_bits(decide)


def _latex(rows: Sequence[Sequence[str]]) -> str:
    return r"\begin{pmatrix} " + r" \\ ".join(" & ".join(row) for row in rows) + r" \end{pmatrix}"


def _ones(size: int) -> Filled:
    """Return the row of ones that adds up a vector, cut as the vector is."""
    shown = cut([Rounded("1", exact=True)] * size, MOST_ENTRIES, FIRST_ENTRIES, LAST_ENTRIES)
    latex = _latex([[r"\cdots" if one is None else one.text for one in shown]])
    return Filled(latex, True, () if None in shown else (tuple(one for one in shown if one),))


def _factor(filled: Filled) -> str:
    """Return a factor: a negative number in parentheses."""
    return rf"\left({filled}\right)" if filled.is_number and filled.latex.startswith("-") else str(filled)


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


def _right_side(text: object, *filled: Filled) -> RightSide:
    """Return a right-hand side behind = where all of its digits are exact; alone, a matrix speaks for itself."""
    parts = filled or ((text,) if isinstance(text, Filled) else ())
    return "=" if all(part.is_exact for part in parts) else r"\approx", str(text)
