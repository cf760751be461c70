"""The parts of a network: a layer of neurons, and an example to learn from."""

from collections.abc import Iterable, Mapping, Set
from fractions import Fraction
from typing import Any, TypeVar

import attrs

from derive.checks import how_many_numbers, is_number, numbered, one_of, sequence, truth
from derive.computation.naming import check_one_each, own_names
from derive.errors import InputError, Message, Text, counted
from derive.functions.activations import ACTIVATIONS, OTHER_NAMES
from derive.numbers.brief import brief
from derive.numbers.exact import GivenNumber, GivenNumbers, Numbers, comma_hint, exact, numbers, quoted_hint
from derive.stored import replaceable

ONE_OR_EACH_BIAS = Message("true or false, or a list with one per bias")
ONE_OR_EACH_WEIGHT = Message("true or false, or rows with one per weight, laid out like weights")
ROW_OF_TRUTHS = Message("a list of true and false, one per input")
T = TypeVar("T")


def _weights(given: Iterable[GivenNumbers]) -> tuple[Numbers, ...]:
    return _rows(given)


def _bias(given: GivenNumber | GivenNumbers | None) -> Fraction | Numbers | None:
    if given is None:
        return None
    if is_number(given) or _is_meant_as_number(given):
        return exact(given, "bias")
    return numbers(given, "bias", Message("one number, or a list with one per neuron"))


def _activation(given: str) -> str:
    return one_of(given, ACTIVATIONS, "activation", OTHER_NAMES)


def _train_bias(given: bool | Iterable[bool]) -> bool | tuple[bool, ...]:
    return truth(given, "train_bias") if _is_truth(given) else _truths(given, "train_bias", ONE_OR_EACH_BIAS)


def _train(given: bool | Iterable[Iterable[bool]]) -> bool | tuple[tuple[bool, ...], ...]:
    if _is_truth(given):
        return truth(given, "train")
    rows = sequence(given, "train", ONE_OR_EACH_WEIGHT)
    return tuple(_truths(row, _row("train", number), ROW_OF_TRUTHS) for number, row in enumerate(rows, start=1))


def _is_truth(given: Any) -> bool:
    """Whether it is one truth value, and no list of them."""
    return isinstance(given, bool) or getattr(given, "shape", None) == ()


def _truths(given: Any, place: Text, expected: Message) -> tuple[bool, ...]:
    found = sequence(given, place, expected)
    return tuple(truth(value, numbered(place, number)) for number, value in enumerate(found, start=1))


def _slope(given: GivenNumber | None) -> Fraction | None:
    return None if given is None else exact(given, "slope")


def _alpha(given: GivenNumber | None) -> Fraction | None:
    return None if given is None else exact(given, "alpha")


def _neurons(given: Iterable[str] | None) -> tuple[str, ...] | None:
    return None if given is None else own_names(given, "neurons")


def _weight_names(given: Iterable[Iterable[str]] | None) -> tuple[tuple[str, ...], ...] | None:
    if given is None:
        return None
    rows = sequence(given, "weight_names", Message("a list of rows, one per neuron"))
    return tuple(own_names(row, _row("weight_names", number)) for number, row in enumerate(rows, start=1))


def _bias_names(given: Iterable[str] | None) -> tuple[str, ...] | None:
    return None if given is None else own_names((given,) if isinstance(given, str) else given, "bias_names")


def _inputs(given: GivenNumbers) -> Numbers:
    return numbers(given, "inputs", Message("a list of numbers"))


def _targets(given: GivenNumbers | None) -> Numbers:
    return () if given is None else numbers(given, "targets", Message("a list of numbers"))


def _input_names(given: Iterable[str] | None) -> tuple[str, ...] | None:
    return None if given is None else own_names(given, "input_names")


@replaceable
@attrs.frozen(slots=False)
class Layer:
    """A layer of neurons.

    ``weights`` holds a row a neuron and a number an input; shape (neurons, inputs). ``bias`` is one number that the
    layer shares, a list with one number a neuron, or None. ``activation`` is a name in `derive.ACTIVATIONS`; ``slope``
    belongs to leaky_relu and ``alpha`` to elu. ``train`` False keeps the weights as they are, ``train_bias`` False the
    biases; in the shape of the weights or the biases each says so for one of them. ``neurons``, ``weight_names`` (a row
    a neuron) and ``bias_names`` are names of your own. Raises `InputError` for anything else, and where the shapes do
    not fit.

    >>> layer = Layer(weights=[[0.15, 0.20], [0.25, 0.30]], bias=0.35, train_bias=False)
    >>> layer.size, layer.inputs, layer.bias
    (2, 2, Fraction(7, 20))
    """

    weights: tuple[Numbers, ...] = attrs.field(converter=_weights)
    bias: Fraction | Numbers | None = attrs.field(default=None, converter=_bias)
    activation: str = attrs.field(default="logistic", converter=_activation)
    train_bias: bool | tuple[bool, ...] = attrs.field(default=True, converter=_train_bias)
    slope: Fraction | None = attrs.field(default=None, converter=_slope)
    alpha: Fraction | None = attrs.field(default=None, converter=_alpha)
    neurons: tuple[str, ...] | None = attrs.field(default=None, converter=_neurons)
    weight_names: tuple[tuple[str, ...], ...] | None = attrs.field(default=None, converter=_weight_names)
    bias_names: tuple[str, ...] | None = attrs.field(default=None, converter=_bias_names)
    train: bool | tuple[tuple[bool, ...], ...] = attrs.field(default=True, converter=_train)

    def __attrs_post_init__(self) -> None:
        if isinstance(self.bias, tuple) and len(self.bias) != self.size:
            raise InputError(
                "bias: found a list of {numbers}; expected one for each of the layer's {neurons}, or a single number "
                "that they share.",
                numbers=how_many_numbers(len(self.bias)),
                neurons=counted("{number} neuron", "{number} neurons", self.size),
            )
        for parameter in ("slope", "alpha"):
            self._check_constant(parameter)
        self._check_trained()
        self._check_names()

    def _check_constant(self, parameter: str) -> None:
        if getattr(self, parameter) is not None and ACTIVATIONS[self.activation].parameter != parameter:
            owner = next(entry.name for entry in ACTIVATIONS.values() if entry.parameter == parameter)
            raise InputError(
                "{parameter}: only allowed with {owner}, not with {activation}; leave it out.",
                parameter=parameter,
                activation=self.activation,
                owner=owner,
            )

    def _check_trained(self) -> None:
        """Raise `InputError` for truth values that are not in the shape of the weights or of the biases."""
        if isinstance(self.train, tuple):
            found, wanted = [len(row) for row in self.train], [self.inputs] * self.size
            if found != wanted:
                raise InputError(
                    "train: found rows of {found}; expected {rows} of {size}, laid out like weights.",
                    found=", ".join(map(str, found)) or 0,
                    rows=counted("{number} row", "{number} rows", self.size),
                    size=self.inputs,
                )
        if isinstance(self.train_bias, tuple) and len(self.train_bias) != (len(self.biases) or None):
            raise InputError(
                "train_bias: found a list of {found}; expected true or false, or a list of {size}, one for each bias.",
                found=len(self.train_bias),
                size=len(self.biases),
            )

    def _check_names(self) -> None:
        if self.neurons is not None:
            check_one_each(self.neurons, self.size, "neurons", Message("neuron"))
        if self.weight_names is not None:
            if len(self.weight_names) != self.size:
                raise InputError(
                    "weight_names: found {rows}; expected {size}, one for each neuron.",
                    rows=counted("{number} row", "{number} rows", len(self.weight_names)),
                    size=self.size,
                )
            for number, row in enumerate(self.weight_names, start=1):
                check_one_each(row, self.inputs, _row("weight_names", number), Message("weight"))
        if self.bias_names is not None:
            check_one_each(self.bias_names, len(self.biases), "bias_names", Message("bias"))

    def __repr__(self) -> str:
        return brief(self, f"{self.inputs}-{self.size}")

    def with_numbers(
        self, weight_names: tuple[tuple[str, ...], ...], bias_names: tuple[str, ...], given: Mapping[str, Fraction]
    ) -> "Layer":
        """Return the layer with the numbers of ``given`` by name; the names of its weights and biases are handed in."""
        rows = zip(weight_names, self.weights, strict=True)
        weights = tuple(tuple(map(given.get, names, row)) for names, row in rows)
        biases = tuple(map(given.get, bias_names, self.biases))
        bias = None if self.bias is None else biases[0] if isinstance(self.bias, Fraction) else biases
        return attrs.evolve(self, weights=weights, bias=bias)

    @property
    def trained_weights(self) -> tuple[tuple[bool, ...], ...]:
        """Whether each weight is trained, in the shape of the weights."""
        return self.train if isinstance(self.train, tuple) else ((self.train,) * self.inputs,) * self.size

    @property
    def trained_biases(self) -> tuple[bool, ...]:
        """Whether each bias is trained, in the shape of ``biases``."""
        return self.train_bias if isinstance(self.train_bias, tuple) else (self.train_bias,) * len(self.biases)

    def with_trained(
        self, weight_names: tuple[tuple[str, ...], ...], bias_names: tuple[str, ...], trained: Set[str]
    ) -> "Layer":
        """Return the layer with the weights and biases of these names trained and no other; its names are handed in."""
        weights = tuple(tuple(name in trained for name in row) for row in weight_names)
        biases = tuple(name in trained for name in bias_names)
        return attrs.evolve(
            self,
            train=_alike({each for row in weights for each in row}, weights),
            train_bias=_alike(set(biases), biases) if biases else self.train_bias,
        )

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


@replaceable
@attrs.frozen(slots=False)
class Sample:
    """A training example: what goes in and what should come out; ``input_names`` are names of your own.

    Without targets there is no error: see ``differentiate`` of `derive.Network`.

    >>> Sample(inputs=[0.05, 0.10], targets=[0.01, 0.99]).targets
    (Fraction(1, 100), Fraction(99, 100))
    """

    inputs: Numbers = attrs.field(converter=_inputs)
    targets: Numbers = attrs.field(default=(), converter=_targets)
    input_names: tuple[str, ...] | None = attrs.field(default=None, converter=_input_names)

    def __attrs_post_init__(self) -> None:
        if self.input_names is not None:
            check_one_each(self.input_names, len(self.inputs), "input_names", Message("input"))

    def __repr__(self) -> str:
        return brief(self, f"{len(self.inputs)}-{len(self.targets)}")


def _alike(found: Set[bool], each: T) -> bool | T:
    """Return the one truth value where all are it; else each."""
    return next(iter(found)) if len(found) == 1 else each


def _is_meant_as_number(value: Any) -> bool:
    """Whether text is a number in quotation marks, or one with a decimal comma: its message says how to write it."""
    return isinstance(value, str) and bool(comma_hint(value) or quoted_hint(value))


def _rows(weights: Any) -> tuple[Numbers, ...]:
    rows = sequence(weights, "weights", Message("a list of rows, one per neuron"))
    found = tuple(
        numbers(row, _row("weights", number), Message("a list of numbers, one per input"))
        for number, row in enumerate(rows, start=1)
    )
    if not found:
        raise InputError("weights: found no rows; expected one per neuron.")
    if not found[0]:
        raise InputError(
            "weights, row 1: found no numbers; expected at least 1, as every row has a number for each input."
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
