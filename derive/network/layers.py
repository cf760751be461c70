"""The parts of a network: a layer of neurons, and an example to learn from."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from derive.checks import how_many_numbers, is_number, one_of, sequence, truth
from derive.errors import InputError, Message, counted
from derive.functions.activations import ACTIVATIONS, OTHER_NAMES
from derive.network.naming import own_names
from derive.numbers.exact import Numbers, comma_hint, exact, numbers, quoted_hint


@dataclass(frozen=True)
class Layer:
    """A layer of neurons.

    ``weights`` holds a row a neuron and a number an input; shape (neurons, inputs). ``bias`` is one number that the
    layer shares, a list with one number a neuron, or None. ``activation`` is a name in `derive.ACTIVATIONS`; ``slope``
    belongs to leaky_relu and ``alpha`` to elu. ``neurons``, ``weight_names`` (a row a neuron) and ``bias_names`` are
    names of your own. Raises `InputError` for anything else.

    >>> layer = Layer(weights=[[0.15, 0.20], [0.25, 0.30]], bias=0.35, train_bias=False)
    >>> layer.size, layer.inputs, layer.bias
    (2, 2, Fraction(7, 20))
    """

    weights: tuple[Numbers, ...]
    bias: Fraction | Numbers | None = None
    activation: str = "logistic"
    train_bias: bool = True
    slope: Fraction | None = None
    alpha: Fraction | None = None
    neurons: tuple[str, ...] | None = None
    weight_names: tuple[tuple[str, ...], ...] | None = None
    bias_names: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "weights", _rows(self.weights))
        object.__setattr__(self, "bias", self._checked_bias(self.size))
        object.__setattr__(self, "activation", one_of(self.activation, ACTIVATIONS, "activation", OTHER_NAMES))
        for parameter in ("slope", "alpha"):
            object.__setattr__(self, parameter, self._checked_constant(parameter))
        object.__setattr__(self, "train_bias", truth(self.train_bias, "train_bias"))
        self._check_names()

    def _checked_bias(self, size: int) -> Fraction | Numbers | None:
        if self.bias is None or is_number(self.bias) or _is_meant_as_number(self.bias):
            return None if self.bias is None else exact(self.bias, "bias")
        biases = numbers(self.bias, "bias", Message("one number, or a list with one a neuron"))
        if len(biases) != size:
            raise InputError(
                "bias: found a list of {numbers}; expected one for each of the layer's {neurons}, or a single number "
                "that they share.",
                numbers=how_many_numbers(len(biases)),
                neurons=counted("{number} neuron", "{number} neurons", size),
            )
        return biases

    def _checked_constant(self, parameter: str) -> Fraction | None:
        given = getattr(self, parameter)
        if given is None:
            return None
        if ACTIVATIONS[self.activation].parameter != parameter:
            owner = next(entry.name for entry in ACTIVATIONS.values() if entry.parameter == parameter)
            raise InputError(
                "{parameter}: found one for {activation}; expected it for {owner} alone.",
                parameter=parameter,
                activation=self.activation,
                owner=owner,
            )
        return exact(given, parameter)

    def _check_names(self) -> None:
        if self.neurons is not None:
            object.__setattr__(self, "neurons", own_names(self.neurons, self.size, "neurons", Message("neuron")))
        if self.weight_names is not None:
            rows = sequence(self.weight_names, "weight_names", Message("a list of rows, one a neuron"))
            if len(rows) != self.size:
                raise InputError(
                    "weight_names: found {rows}; expected {size}, one for each neuron.",
                    rows=counted("{number} row", "{number} rows", len(rows)),
                    size=self.size,
                )
            named = (
                own_names(row, self.inputs, _row("weight_names", number), Message("weight"))
                for number, row in enumerate(rows, start=1)
            )
            object.__setattr__(self, "weight_names", tuple(named))
        if self.bias_names is not None:
            names = (self.bias_names,) if isinstance(self.bias_names, str) else self.bias_names
            size = 0 if self.bias is None else len(self.biases)
            object.__setattr__(self, "bias_names", own_names(names, size, "bias_names", Message("bias")))

    @property
    def size(self) -> int:
        """The number of neurons."""
        return len(self.weights)

    @property
    def inputs(self) -> int:
        """The number of signals that come in."""
        return len(self.weights[0])

    @property
    def biases(self) -> Numbers:
        """The biases: none, the one that is shared, or one a neuron."""
        return () if self.bias is None else (self.bias,) if isinstance(self.bias, Fraction) else self.bias

    @property
    def constant(self) -> Fraction | None:
        """The number that the activation depends on, where there is one: a slope or an alpha."""
        entry = ACTIVATIONS[self.activation]
        given = getattr(self, entry.parameter) if entry.parameter else None
        return entry.default if given is None else given


@dataclass(frozen=True)
class Sample:
    """A training example: what goes in and what should come out; ``input_names`` are names of your own.

    >>> Sample(inputs=[0.05, 0.10], targets=[0.01, 0.99]).targets
    (Fraction(1, 100), Fraction(99, 100))
    """

    inputs: Numbers
    targets: Numbers
    input_names: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        for name in ("inputs", "targets"):
            object.__setattr__(self, name, numbers(getattr(self, name), name, Message("a list of numbers")))
        if self.input_names is not None:
            names = own_names(self.input_names, len(self.inputs), "input_names", Message("input"))
            object.__setattr__(self, "input_names", names)


def _is_meant_as_number(value: Any) -> bool:
    """Whether text is a number in quotation marks, or one with a decimal comma: its message says how to write it."""
    return isinstance(value, str) and bool(comma_hint(value) or quoted_hint(value))


def _rows(weights: Any) -> tuple[Numbers, ...]:
    rows = sequence(weights, "weights", Message("a list of rows, one a neuron"))
    found = tuple(
        numbers(row, _row("weights", number), Message("a list of numbers, one an input"))
        for number, row in enumerate(rows, start=1)
    )
    if not found:
        raise InputError("weights: found no rows; expected one a neuron.")
    if not found[0]:
        raise InputError(
            "weights, row 1: found {numbers}; expected at least 1, as every row has a number for each input.",
            numbers=how_many_numbers(0),
        )
    for number, row in enumerate(found, start=1):
        if len(row) != len(found[0]):
            raise InputError(
                "weights, row {row}: found {numbers}; expected {size}, as every row has a number for each input.",
                row=number,
                numbers=how_many_numbers(len(row)),
                size=len(found[0]),
            )
    return found


def _row(place: str, number: int) -> Message:
    return Message("{place}, row {number}", {"place": place, "number": number})
