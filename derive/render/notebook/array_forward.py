"""The variables of arrays, a few a layer: the data, and the lines of the forward pass.

With several samples the inputs are a matrix with a row a sample, and so is all that follows from them.
"""

from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import chain

from derive.functions.activations import ACTIVATIONS, JointActivation
from derive.numbers.decimals import to_float
from derive.render.notebook.passes import Passes
from derive.render.notebook.python import floats
from derive.render.notebook.statements import NOW, constants, start_value


class ArraysForward(Passes):
    """Writes an array for each layer: what there is at the start, and the forward pass."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.x = self.names.made("X" if self.several else "x", "inputs")
        self.letters = self.layers.notation
        self.targets = self.names.made(self.letters.target if "target" in self.letters.chosen else "targets", "targets")
        self.whole = self.computation.whole_objective_name
        self.places = dict(self._where())

    def _name(self, kind: str, place: int, version: str = NOW) -> str:
        return self.names.made(f"{kind}_{place + 1}{version}", "array")

    def _of_neurons(self, kind: str, place: int, version: str = NOW) -> str:
        """Return the variable of a layer's nets or outs, with the letter that the notation has for them."""
        letter = getattr(self.letters, kind)
        what = "array" if letter == kind else f"array of {kind}"
        return self.names.made(f"{letter}_{place + 1}{version}", what)

    def _named(self, error: str, version: str) -> str:
        is_quantity = error in self.computation.kinds and version == NOW
        return self.names(error) if is_quantity else self.names.made(f"{error}{version}", f"{error} as an array")

    def _rounded(self, code: str) -> str:
        return self.functions.round(code)

    @property
    def _by_hand(self) -> bool:
        return self.functions.is_rounded

    @abstractmethod
    def updated(self, kind: str, place: int) -> str:
        """Return the variable of a layer's weights or biases after the update; online, after the pass."""

    # Which arrays there are.

    def parameters(self) -> list[tuple[str, int]]:
        """Return the weights ("W") and biases ("b"), each with its layer."""
        both = ((("W", place), ("b", place)) for place in range(len(self.views)))
        return [pair for pair in chain.from_iterable(both) if pair[0] == "W" or self.views[pair[1]].biases]

    def trained(self) -> list[tuple[str, int]]:
        """Return the weights ("W") and biases ("b") that an update changes, each with its layer."""
        return [(kind, place) for kind, place in self.parameters() if self.is_trained(self._names_in(kind, place))]

    def _names_in(self, kind: str, place: int) -> list[str]:
        """Return the names of a layer's weights ("W"), row by row, or of its biases ("b")."""
        layer = self.views[place]
        return list(layer.biases if kind == "b" else chain.from_iterable(n.weights for n in layer.neurons))

    def _mask(self, kind: str, place: int) -> str:
        """Return the variable that has 1 where a layer's weights or biases are trained; "" where all of them are."""
        is_whole = self.computation.trained.issuperset(self._names_in(kind, place))
        return "" if is_whole else self.names.made(f"trained_{kind}_{place + 1}", "mask")

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
        if name == self.computation.objective and not self.computation.differentiates_output:
            return self.error()
        kind, place, index = self.places[name]
        if kind in ("W", "b"):
            return indexed(self.parameter(kind, place, version), index)
        arrays: dict[str, Callable[[], str]] = {"x": lambda: self.x, "target": lambda: self.targets, "part": self.parts}
        array = arrays[kind]() if kind in arrays else self.net(place) if kind == "net" else self.out(place)
        return self._entry(array, index)

    def _entry(self, array: str, index: tuple[int, ...]) -> str:
        return f"{array}[:, {index[0]}]" if self.several else indexed(array, index)

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
        if self.layers.targets:
            lines += self._vectors(self.targets, [[sample[name] for name in self.layers.targets] for sample in samples])
        lines += [line for kind, place in self.trained() for line in self._mask_lines(kind, place)]
        return [*lines, *(constants(self.evaluation, self.names) if with_constants else [])]

    def _mask_lines(self, kind: str, place: int) -> list[str]:
        """Return the lines of the array that says which of a layer's weights or biases are trained."""
        mask, trained, layer = self._mask(kind, place), self.computation.trained, self.views[place]
        if not mask:
            return []
        rows = [[Fraction(name in trained) for name in neuron.weights] for neuron in layer.neurons]
        biases = [float(name in trained) for name in layer.biases]
        return self._matrix(mask, rows) if kind == "W" else [f"{mask} = np.array({floats(biases)})"]

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
        moves = self.is_trained(self._names_in(kind, place))
        return self.updated(kind, place) if version != NOW and moves else self._name(kind, place)

    def net(self, place: int, version: str = NOW) -> str:
        """Return the variable of a layer's pre-activations."""
        target = self._of_neurons("net", place, version)
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
        target = self._of_neurons("out", place, version)
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
        target = self.names.made(f"{self.layers.notation.error}_parts{version}", "parts of the error")
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
        if self.computation.differentiates_output:
            return self.emit(target, self.entry(self.computation.objective))
        return self.emit(target, self._rounded(f"np.sum({self.parts(version)}{', axis=1' if self.several else ''})"))

    def whole_error(self, version: str = NOW) -> str:
        """Return the variable of the error of all samples."""
        error = self.error(version)
        target = self._named(self.whole, version)
        if not self.several or target in self.written:
            return target
        return self.emit(target, self._rounded(f"np.{self.computation.reduction}({error})"))


def indexed(array: str, index: tuple[int, ...]) -> str:
    """Return the code of an entry of an array; of the array itself where it has no index."""
    return f"{array}[{', '.join(map(str, index))}]" if index else array
