"""What the user describes: a network with its numbers, checked when it is made.

Numbers are exact: a float counts as the decimal that it prints, so 0.1 is 1/10.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import cached_property
from numbers import Integral, Rational, Real
from typing import TYPE_CHECKING, Any, TypeVar

from derive.errors import InputError, UnsupportedError, nearest, shown
from derive.functions import ACTIVATIONS, ERRORS

if TYPE_CHECKING:
    from derive.derivation import Derivation

UPDATES = ("simultaneous", "sequential")
MOST_DIGITS = 1000
LARGEST_EXPONENT = 400
LONGEST_TITLE = 200
EXPECTED_SIZE = (
    f"expected a number between 1e-{LARGEST_EXPONENT} and 1e{LARGEST_EXPONENT} with at most {MOST_DIGITS:,} digits."
)
Numbers = tuple[Fraction, ...]
T = TypeVar("T")


@dataclass(frozen=True)
class Layer:
    """A layer of neurons.

    ``weights`` holds a row a neuron and a number an input; shape (neurons, inputs). ``bias`` is one number that the
    layer shares, a list with one number a neuron, or None. ``activation`` is a name in `derive.ACTIVATIONS`.
    Raises `InputError` for anything else.

    >>> layer = Layer(weights=[[0.15, 0.20], [0.25, 0.30]], bias=0.35, train_bias=False)
    >>> layer.size, layer.inputs, layer.bias
    (2, 2, Fraction(7, 20))
    """

    weights: tuple[Numbers, ...]
    bias: Fraction | Numbers | None = None
    activation: str = "logistic"
    train_bias: bool = True

    def __post_init__(self) -> None:
        rows = _sequence(self.weights, "weights", "a list of rows, one a neuron")
        numbers = tuple(
            _numbers(row, f"weights, row {number}", "a list of numbers, one an input")
            for number, row in enumerate(rows, start=1)
        )
        if not numbers:
            raise InputError("weights: found no rows; expected one a neuron.")
        for number, row in enumerate(numbers, start=1):
            if len(row) != len(numbers[0]) or not row:
                raise InputError(
                    f"weights, row {number}: found {_count(len(row), 'number')}; expected "
                    f"{len(numbers[0]) or 'at least 1'}, as every row has a number for each input."
                )
        object.__setattr__(self, "weights", numbers)
        object.__setattr__(self, "bias", self._checked_bias(len(numbers)))
        _one_of(self.activation, ACTIVATIONS, "activation")
        if not isinstance(self.train_bias, bool):
            raise InputError(f"train_bias: found {shown(self.train_bias)}; expected true or false.")

    def _checked_bias(self, size: int) -> Fraction | Numbers | None:
        if self.bias is None or _is_number(self.bias):
            return None if self.bias is None else exact(self.bias, "bias")
        biases = _numbers(self.bias, "bias", "one number, or a list with one a neuron")
        if len(biases) != size:
            raise InputError(
                f"bias: found a list of {_count(len(biases), 'number')}; expected one for each of the layer's "
                f"{_count(size, 'neuron')}, or a single number that they share."
            )
        return biases

    @property
    def size(self) -> int:
        """The number of neurons."""
        return len(self.weights)

    @property
    def inputs(self) -> int:
        """The number of signals that come in."""
        return len(self.weights[0])


@dataclass(frozen=True)
class Sample:
    """A training example: what goes in and what should come out.

    >>> Sample(inputs=[0.05, 0.10], targets=[0.01, 0.99]).targets
    (Fraction(1, 100), Fraction(99, 100))
    """

    inputs: Numbers
    targets: Numbers

    def __post_init__(self) -> None:
        for name in ("inputs", "targets"):
            object.__setattr__(self, name, _numbers(getattr(self, name), name, "a list of numbers"))


@dataclass(frozen=True)
class Network:
    """A network with its numbers, an example to learn from and a learning rate.

    ``error`` is a name in `derive.ERRORS`; ``updates`` is "simultaneous", or "sequential" where the hidden layers see
    the updated weights. Raises `InputError` where the parts do not fit together.

    >>> network = Network(
    ...     layers=[Layer(weights=[[0.5, -0.25]], bias=0.1)],
    ...     samples=[Sample(inputs=[1, 2], targets=[1])],
    ... )
    >>> network.weight_names
    ((('w1', 'w2'),),)
    >>> print(network)
    A neural network: 2-1, logistic, half_squared_error
    """

    layers: tuple[Layer, ...]
    samples: tuple[Sample, ...]
    learning_rate: Fraction = Fraction(1, 2)
    error: str = "half_squared_error"
    updates: str = "simultaneous"
    title: str = "A neural network"

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", _all_of(self.layers, Layer, "layers"))
        object.__setattr__(self, "samples", _all_of(self.samples, Sample, "samples"))
        object.__setattr__(self, "learning_rate", exact(self.learning_rate, "learning_rate"))
        if self.learning_rate < 0:
            # As a decimal: a float has no room for all numbers that are accepted.
            found = (Decimal(self.learning_rate.numerator) / self.learning_rate.denominator).normalize()
            raise InputError(f"learning_rate: found {found}; expected 0 or a positive number.")
        _one_of(self.error, ERRORS, "error")
        _one_of(self.updates, UPDATES, "updates")
        object.__setattr__(self, "title", _title(self.title))
        _check_layers(self.layers)
        _check_samples(self.samples, self.layers)

    def __str__(self) -> str:
        sizes = "-".join(map(str, [self.layers[0].inputs, *(layer.size for layer in self.layers)]))
        activations = ", ".join(dict.fromkeys(layer.activation for layer in self.layers))
        return f"{self.title}: {sizes}, {activations}, {self.error}"

    @property
    def size(self) -> int:
        """The number of parameters: weights and biases."""
        return sum(parameters(layer) for layer in self.layers)

    # The names of quantities, all of them made here.

    @property
    def input_names(self) -> tuple[str, ...]:
        """i1, i2, …"""
        return tuple(f"i{number}" for number in range(1, self.layers[0].inputs + 1))

    @cached_property
    def neuron_names(self) -> tuple[tuple[str, ...], ...]:
        """The neurons layer by layer: h1, … (h1_1, … where there are several hidden layers), and o1, … last."""
        hidden = len(self.layers) - 1
        prefixes = ["h" if hidden == 1 else f"h{number}_" for number in range(1, hidden + 1)] + ["o"]
        return tuple(
            tuple(f"{prefix}{number}" for number in range(1, layer.size + 1))
            for prefix, layer in zip(prefixes, self.layers, strict=True)
        )

    @cached_property
    def weight_names(self) -> tuple[tuple[tuple[str, ...], ...], ...]:
        """w1, w2, … neuron by neuron through the layers; by layer, neuron and input."""
        names, used = [], 0
        for layer in self.layers:
            starts = range(used, used + layer.size * layer.inputs, layer.inputs)
            names.append(tuple(tuple(f"w{start + place}" for place in range(1, layer.inputs + 1)) for start in starts))
            used += layer.size * layer.inputs
        return tuple(names)

    @property
    def bias_names(self) -> tuple[str | tuple[str, ...] | None, ...]:
        """For each layer b2 where it shares a bias, b_h1, … where each neuron has one, None where there is none."""
        return tuple(
            None
            if layer.bias is None
            else f"b{number}"
            if isinstance(layer.bias, Fraction)
            else tuple(f"b_{neuron}" for neuron in self.neuron_names[number - 1])
            for number, layer in enumerate(self.layers, start=1)
        )

    @property
    def target_names(self) -> tuple[str, ...]:
        """target_o1, target_o2, …"""
        return tuple(f"target_{neuron}" for neuron in self.neuron_names[-1])

    def derive(self) -> "Derivation":
        """Return the derivation of every partial derivative of this network's error."""
        # Later stages are imported when they are used, so that at import everything points left.
        from derive.derivation import Derivation
        from derive.graph import build

        return Derivation(build(self), self)


def parameters(layer: Layer) -> int:
    """Return the number of a layer's weights and biases."""
    biases = 0 if layer.bias is None else 1 if isinstance(layer.bias, Fraction) else layer.size
    return layer.size * layer.inputs + biases


def exact(value: Any, place: str) -> Fraction:
    """Return the number as a fraction; a float counts as the decimal that it prints.

    Raises `InputError` naming the place for anything that is no finite number of a sensible size and length.

    >>> exact(0.1, "bias")
    Fraction(1, 10)
    """
    if not _is_number(value):
        kind = "the text " if isinstance(value, str) else ""
        raise InputError(f"{place}: found {kind}{shown(value)}; expected a number.")
    return _of_ratio(value, place) if isinstance(value, Rational | Integral) else _of_decimal(value, place)


def _of_ratio(value: Any, place: str) -> Fraction:
    above, below = int(value.numerator), int(value.denominator)
    if max(abs(above), below) >= 10**MOST_DIGITS:
        raise InputError(f"{place}: found a number of more than {MOST_DIGITS:,} digits; expected a shorter one.")
    number = Fraction(above, below)
    if number and not Fraction(1, 10**LARGEST_EXPONENT) <= abs(number) < 10 ** (LARGEST_EXPONENT + 1):
        raise InputError(f"{place}: found a number of {len(str(max(abs(above), below)))} digits; {EXPECTED_SIZE}")
    return number


def _of_decimal(value: Any, place: str) -> Fraction:
    try:
        decimal = value if isinstance(value, Decimal) else Decimal(_printed(value))
    except InvalidOperation:
        raise InputError(f"{place}: found {shown(value)}; expected a number.") from None
    if not decimal.is_finite():
        found = "nan" if decimal.is_nan() else "inf" if decimal > 0 else "-inf"
        raise InputError(f"{place}: found {found}; expected a finite number.")
    # Looked at before the fraction is made: that of 1e999999999 would fill the memory.
    if (decimal and abs(decimal.adjusted()) > LARGEST_EXPONENT) or len(decimal.as_tuple().digits) > MOST_DIGITS:
        raise InputError(f"{place}: found {shown(str(decimal))}; {EXPECTED_SIZE}")
    return Fraction(decimal)


def _printed(value: Any) -> str:
    """Return the decimal that a number prints: NumPy's float64 is a float, its float32 and SymPy's Float are not."""
    return repr(float(value)) if isinstance(value, float) else str(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, Real | Decimal) and not isinstance(value, bool)


def _sequence(values: Any, place: str, expected: str) -> tuple[Any, ...]:
    try:
        if not isinstance(values, str | bytes | dict | set):
            return tuple(values)
    except TypeError:  # asked, not looked at: an array without dimensions calls itself iterable
        pass
    raise InputError(f"{place}: found {shown(values)}; expected {expected}.")


def _numbers(values: Any, place: str, expected: str) -> Numbers:
    found = _sequence(values, place, expected)
    return tuple(exact(value, f"{place}, number {number}") for number, value in enumerate(found, start=1))


def _all_of(values: Any, kind: type[T], place: str) -> tuple[T, ...]:
    found = _sequence(values, place, f"a list of {kind.__name__}")
    for number, value in enumerate(found, start=1):
        if not isinstance(value, kind):
            raise InputError(f"{place}, number {number}: found {shown(value)}; expected a {kind.__name__}.")
    return found


def _one_of(word: Any, valid: Iterable[str], place: str) -> None:
    words = list(valid)
    if not isinstance(word, str) or word not in words:
        hint = nearest(word, words) if isinstance(word, str) else ""
        raise InputError(f"{place}: found {shown(word)}; expected one of {', '.join(words)}.{hint}")


def _title(title: Any) -> str:
    if not isinstance(title, str):
        raise InputError(f"title: found {shown(title)}; expected a line of text.")
    if not title.isprintable() or not title.strip() or len(title) > LONGEST_TITLE:
        raise InputError(
            f"title: found {shown(title)}; expected one line of 1 to {LONGEST_TITLE} printable characters."
        )
    return title.strip()


def _check_layers(layers: tuple[Layer, ...]) -> None:
    if not layers:
        raise InputError("layers: found none; expected at least one [[layer]], the last one being the outputs.")
    for number in range(1, len(layers)):
        before, layer = layers[number - 1], layers[number]
        if layer.inputs != before.size:
            raise InputError(
                f"layer {number + 1}, weights: found rows of {_count(layer.inputs, 'number')}; expected "
                f"{before.size}, one for each neuron of layer {number}."
            )


def _check_samples(samples: tuple[Sample, ...], layers: tuple[Layer, ...]) -> None:
    if not samples:
        raise InputError("samples: found none; expected one [[sample]] with inputs and targets.")
    if len(samples) > 1:
        raise UnsupportedError(f"samples: found {len(samples)}; this version takes one, several come later.")
    wanted = {
        "inputs": (layers[0].inputs, "input of layer 1"),
        "targets": (layers[-1].size, "neuron of the last layer"),
    }
    for name, (size, reason) in wanted.items():
        found = len(getattr(samples[0], name))
        if found != size:
            raise InputError(
                f"sample 1, {name}: found {_count(found, 'number')}; expected {size}, one for each {reason}."
            )


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
