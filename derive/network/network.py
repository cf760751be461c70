"""What the user describes: a network with its numbers, checked when it is made.

Numbers are exact: a float counts as the decimal that it prints, so 0.1 is 1/10.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import chain
from typing import Any, TypeVar

from derive.computation.plan import UPDATES
from derive.errors import InputError, Message, Text, shown
from derive.functions.losses import ERRORS, OTHER_NAMES
from derive.functions.optimizers import Optimizer
from derive.network.layers import Layer, Sample
from derive.network.naming import Thing, check_apart, check_no_derivative, own_name
from derive.network.signs import signs
from derive.numbers.exact import Numbers, Synonyms, exact, how_many_numbers, numbered, one_of, sequence, whole
from derive.stored import Stored

REDUCTIONS = ("mean", "sum")
OTHER_REDUCTIONS = Synonyms(same={"average": "mean", "avg": "mean", "total": "sum"})
LONGEST_TITLE = 200
MOST_ITERATIONS = 10_000_000
PLAIN = Optimizer()
WEIGHT, BIAS = Message("a weight"), Message("a bias")
T = TypeVar("T")


@dataclass(frozen=True)
class Network(Stored):
    """A network with its numbers, examples to learn from and how it learns.

    ``error`` is a name in `derive.ERRORS`, ``delta`` belongs to huber; over several samples the error is their
    ``reduction``, "mean" or "sum". ``updates`` is "simultaneous", or "sequential" where the hidden layers see the
    updated weights. ``iterations`` is how long the handout trains, ``every`` the distance of the rows of its table;
    ``error_name`` and ``learning_rate_name`` are names of your own. Raises `InputError` where the parts do not fit
    together.

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
    reduction: str = "mean"
    delta: Fraction | None = None
    optimizer: Optimizer = PLAIN
    iterations: int = 0
    every: int | None = None
    error_name: str = "E"
    learning_rate_name: str = "eta"

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", _all_of(self.layers, Layer, "layers"))
        object.__setattr__(self, "samples", _all_of(self.samples, Sample, "samples"))
        object.__setattr__(self, "learning_rate", exact(self.learning_rate, "learning_rate"))
        if self.learning_rate < 0:
            raise InputError(
                "{place}: found {found}; expected 0 or a positive number.",
                place="learning_rate",
                found=_decimal(self.learning_rate),
            )
        object.__setattr__(self, "error", one_of(self.error, ERRORS, "error", OTHER_NAMES))
        object.__setattr__(self, "updates", one_of(self.updates, UPDATES, "updates"))
        object.__setattr__(self, "reduction", one_of(self.reduction, REDUCTIONS, "reduction", OTHER_REDUCTIONS))
        object.__setattr__(self, "delta", _delta(self.delta, self.error))
        if isinstance(self.optimizer, str):
            object.__setattr__(self, "optimizer", Optimizer(self.optimizer))
        if not isinstance(self.optimizer, Optimizer):
            raise InputError(
                "optimizer: found {found}; expected an Optimizer or its name.", found=shown(self.optimizer)
            )
        object.__setattr__(self, "iterations", check_iterations(self.iterations, "iterations", least=0))
        if self.every is not None:
            object.__setattr__(self, "every", check_iterations(self.every, "every", least=1))
        object.__setattr__(self, "title", _title(self.title))
        own_name(self.error_name, "error_name")
        if "_total_d" in self.sample_error_name:
            raise InputError(
                "error_name: found {found}; expected a name without _total_d in it, which parts the name of a "
                "derivative.",
                found=repr(self.error_name),
            )
        own_name(self.learning_rate_name, "learning_rate_name")
        _check_layers(self.layers)
        _check_samples(self.samples, self.layers)
        _check_targets(self.samples, self.error)
        if self._has_own_names:
            self._check_names()

    def __str__(self) -> str:
        sizes = "-".join(map(str, [self.layers[0].inputs, *(layer.size for layer in self.layers)]))
        activations = ", ".join(dict.fromkeys(layer.activation for layer in self.layers))
        return f"{self.title}: {sizes}, {activations}, {self.error}"

    @property
    def size(self) -> int:
        """The number of parameters: weights and biases."""
        return sum(layer.size * layer.inputs + len(layer.biases) for layer in self.layers)

    @property
    def error_constant(self) -> Fraction | None:
        """The number that the error of an output depends on: huber's delta, or the number of outputs for a mean."""
        entry = ERRORS[self.error]
        if entry.takes_mean:
            return Fraction(self.layers[-1].size)
        return entry.default if self.delta is None else self.delta

    # The names of quantities, all of them made here.

    @property
    def input_names(self) -> tuple[str, ...]:
        """i1, i2, … or names of the user's own."""
        own = next((sample.input_names for sample in self.samples if sample.input_names), None)
        return own or tuple(f"i{number}" for number in range(1, self.layers[0].inputs + 1))

    @cached_property
    def neuron_names(self) -> tuple[tuple[str, ...], ...]:
        """The neurons layer by layer: h1, … (h1_1, … where there are several hidden layers), and o1, … last."""
        hidden = len(self.layers) - 1
        prefixes = ["h" if hidden == 1 else f"h{number}_" for number in range(1, hidden + 1)] + ["o"]
        return tuple(
            layer.neurons or tuple(f"{prefix}{number}" for number in range(1, layer.size + 1))
            for prefix, layer in zip(prefixes, self.layers, strict=True)
        )

    @cached_property
    def weight_names(self) -> tuple[tuple[tuple[str, ...], ...], ...]:
        """w1, w2, … neuron by neuron through the layers; by layer, neuron and input."""
        names, used = [], 0
        for layer in self.layers:
            starts = range(used, used + layer.size * layer.inputs, layer.inputs)
            counted = tuple(tuple(f"w{start + place}" for place in range(1, layer.inputs + 1)) for start in starts)
            names.append(layer.weight_names or counted)
            used += layer.size * layer.inputs
        return tuple(names)

    @cached_property
    def bias_names(self) -> tuple[str | tuple[str, ...] | None, ...]:
        """For each layer b2 where it shares a bias, b_h1, … where each neuron has one, None where there is none."""
        return tuple(self._layer_bias_names(number) for number in range(1, len(self.layers) + 1))

    def _layer_bias_names(self, number: int) -> str | tuple[str, ...] | None:
        layer = self.layers[number - 1]
        if layer.bias is None:
            return None
        if isinstance(layer.bias, Fraction):
            return layer.bias_names[0] if layer.bias_names else f"b{number}"
        return layer.bias_names or tuple(f"b_{neuron}" for neuron in self.neuron_names[number - 1])

    @property
    def target_names(self) -> tuple[str, ...]:
        """target_o1, target_o2, …"""
        return tuple(f"target_{neuron}" for neuron in self.neuron_names[-1])

    @property
    def error_names(self) -> tuple[str, ...]:
        """What each output adds to the error: E_o1, E_o2, …"""
        return tuple(f"{self.error_name}_{neuron}" for neuron in self.neuron_names[-1])

    @property
    def sample_error_name(self) -> str:
        """The error of one sample: E_total."""
        return f"{self.error_name}_total"

    @property
    def whole_error_name(self) -> str:
        """The error of all samples: E_mean or E_sum, and E_total where there is only one sample."""
        return f"{self.error_name}_{self.reduction}" if len(self.samples) > 1 else self.sample_error_name

    @property
    def _has_own_names(self) -> bool:
        given = (name for layer in self.layers for name in (layer.neurons, layer.weight_names, layer.bias_names))
        inputs = (sample.input_names for sample in self.samples)
        return any((*given, *inputs)) or (self.error_name, self.learning_rate_name) != ("E", "eta")

    def _check_names(self) -> None:
        """Refuse names that are one, are printed alike, or like a sign of the formulas."""
        neurons = [(name, Message("a neuron")) for name in chain.from_iterable(self.neuron_names)]
        quantities = list(self._quantities())
        check_no_derivative(quantities, {name for name, _ in quantities})
        used = tuple(dict.fromkeys(layer.activation for layer in self.layers))
        parameters = {name for name, thing in quantities if thing in (WEIGHT, BIAS)}
        # A weight of the user's own may be called w, as the rule of the update calls any.
        known = [sign for sign in signs(used, self.error, self.optimizer) if sign[0] not in parameters & {"w"}]
        check_apart(quantities, neurons, known)

    def _quantities(self) -> Iterator[Thing]:
        yield from ((name, Message("an input")) for name in self.input_names)
        total = self.sample_error_name
        for name in chain.from_iterable(self.neuron_names):
            of_neuron = Message("a quantity of {neuron}", {"neuron": name})
            yield from ((f"{kind}_{name}", of_neuron) for kind in ("net", "out", "delta"))
            yield f"{total}_through_{name}", of_neuron
        yield from ((name, WEIGHT) for rows in self.weight_names for row in rows for name in row)
        for names in self.bias_names:
            yield from ((name, BIAS) for name in ((names,) if isinstance(names, str) else names or ()))
        yield from ((name, Message("a target")) for name in self.target_names)
        for name, neuron in zip(self.error_names, self.neuron_names[-1], strict=True):
            yield name, Message("a quantity of {neuron}", {"neuron": neuron})
        yield from ((f"{self.error_name}_{end}", Message("an error")) for end in ("total", *REDUCTIONS))
        yield self.learning_rate_name, Message("the learning rate")


def check_iterations(number: Any, place: Text, *, least: int) -> int:
    """Return a sensible number of training steps; raises `InputError` for what is none."""
    return whole(number, place, least=least, most=MOST_ITERATIONS)


def _delta(delta: Any, error: str) -> Fraction | None:
    if delta is None:
        return None
    if ERRORS[error].parameter != "delta":
        raise InputError("delta: found one for {error}; expected it for huber alone.", error=error)
    value = exact(delta, "delta")
    if value <= 0:
        raise InputError("{place}: found {found}; expected a positive number.", place="delta", found=delta)
    return value


def _all_of(values: Any, kind: type[T], place: str) -> tuple[T, ...]:
    found = sequence(values, place, Message("a list of {kind}", {"kind": kind.__name__}))
    for number, value in enumerate(found, start=1):
        if not isinstance(value, kind):
            raise InputError(
                "{place}: found {found}; expected a {kind}.",
                place=numbered(place, number),
                found=shown(value),
                kind=kind.__name__,
            )
    return found


def _title(title: Any) -> str:
    if not isinstance(title, str):
        raise InputError("title: found {found}; expected a line of text.", found=shown(title))
    if not title.isprintable() or not title.strip() or len(title) > LONGEST_TITLE:
        raise InputError(
            "title: found {found}; expected one line of 1 to {longest} printable characters.",
            found=shown(title),
            longest=LONGEST_TITLE,
        )
    return title.strip()


def _check_layers(layers: tuple[Layer, ...]) -> None:
    if not layers:
        raise InputError("layers: found none; expected at least one [[layer]], the last one being the outputs.")
    for number in range(1, len(layers)):
        before, layer = layers[number - 1], layers[number]
        if layer.inputs != before.size:
            raise InputError(
                "layer {layer}, weights: found rows of {numbers}; expected {size}, one for each neuron of layer "
                "{before}.",
                layer=number + 1,
                numbers=how_many_numbers(layer.inputs),
                size=before.size,
                before=number,
            )


def _check_samples(samples: tuple[Sample, ...], layers: tuple[Layer, ...]) -> None:
    if not samples:
        raise InputError("samples: found none; expected one [[sample]] with inputs and targets.")
    wanted = {
        "inputs": (layers[0].inputs, Message("input of layer 1")),
        "targets": (layers[-1].size, Message("neuron of the last layer")),
    }
    names = next((sample.input_names for sample in samples if sample.input_names), None)
    for number, sample in enumerate(samples, start=1):
        for name, (size, each) in wanted.items():
            found = len(getattr(sample, name))
            if found != size:
                raise InputError(
                    "sample {sample}, {place}: found {numbers}; expected {size}, one for each {each}.",
                    sample=number,
                    place=name,
                    numbers=how_many_numbers(found),
                    size=size,
                    each=each,
                )
        if sample.input_names and sample.input_names != names:
            raise InputError(
                "sample {sample}, input_names: found others than before; expected them once.", sample=number
            )


# What an error function says of its targets, where it does not take any: whether they are so, and how that is said.
TARGETS: Mapping[str, tuple[Callable[[Numbers], bool], Message]] = {
    "share": (lambda targets: all(0 <= target <= 1 for target in targets), Message("targets from 0 to 1")),
    "shares": (
        lambda targets: min(targets) >= 0 and sum(targets) == 1,
        Message("targets of 0 or more that add up to 1, such as [0, 1, 0]"),
    ),
    "sign": (lambda targets: all(abs(target) == 1 for target in targets), Message("targets of -1 or 1")),
}


def _check_targets(samples: tuple[Sample, ...], error: str) -> None:
    """Refuse targets for which the error is not defined."""
    if ERRORS[error].targets not in TARGETS:
        return
    holds, expected = TARGETS[ERRORS[error].targets]
    for number, sample in enumerate(samples, start=1):
        if not holds(sample.targets):
            found = ", ".join(str(_decimal(target)) for target in sample.targets[:8])
            raise InputError(
                "sample {sample}, targets: found {found}; expected {expected}, as {error} takes.",
                sample=number,
                found=found,
                expected=expected,
                error=error,
            )


def _decimal(value: Fraction) -> Decimal:
    """Return the number as a message shows it: a float has no room for all numbers that are accepted."""
    return (Decimal(value.numerator) / value.denominator).normalize()
