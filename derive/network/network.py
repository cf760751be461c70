"""What the user describes: a network with its numbers, checked when it is made.

Numbers are exact: a float counts as the decimal that it prints, so 0.1 is 1/10.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from fractions import Fraction
from functools import cached_property
from itertools import chain
from typing import Any, Self, TypeVar

import attrs

from derive.checks import Alias, Synonyms, numbered, one_of, sequence, unknown
from derive.computation.layers import REDUCTIONS, renamed
from derive.computation.naming import Thing, check_apart, check_no_derivative, given_title, own_name
from derive.computation.notation import USUAL, Notation, check_letters, check_usual, error_letter, given_notation
from derive.computation.plan import (
    PLAIN,
    given_every,
    given_iterations,
    given_learning_rate,
    given_optimizer,
    given_rate_name,
    given_updates,
)
from derive.errors import InputError, Message, shown
from derive.functions.losses import ERRORS, NO_ERROR, OTHER_NAMES
from derive.functions.optimizers import Optimizer
from derive.network.fitting import check_layers, check_objective, check_samples, check_targets
from derive.network.layers import Layer, Sample
from derive.network.notes import not_trained, note
from derive.network.signs import GENERAL, signs
from derive.numbers.brief import settings, shortened
from derive.numbers.exact import GivenNumber, exact, positive
from derive.stored import Stored, replaceable

ERROR = "half_squared_error"
FOR_TRAINING = ("learning_rate", "learning_rate_name", "updates", "optimizer", "every", "reduction")
OTHER_REDUCTIONS = Synonyms(same={"average": "mean", "avg": "mean", "total": "sum"})
SMALL, SMALL_LISTS = 60, 4  # parameters, and layers or samples, of a network that is shown whole
LONGEST_REPR, LONGEST_LINE = 880, 130
WEIGHT, BIAS = Message("a weight"), Message("a bias")
T = TypeVar("T")


def _layers(given: Iterable[Layer]) -> tuple[Layer, ...]:
    return _all_of(given, Layer, "layers")


def _samples(given: Iterable[Sample]) -> tuple[Sample, ...]:
    return _all_of(given, Sample, "samples")


def _error(given: str | None) -> str:
    return NO_ERROR if given is None else one_of(given, (*ERRORS, NO_ERROR), "error", OTHER_NAMES)


def _differentiate(given: str | None) -> str:
    return "" if given is None or given == "" else own_name(given, "differentiate")


def _reduction(given: str) -> str:
    return one_of(given, REDUCTIONS, "reduction", OTHER_REDUCTIONS)


def _delta(given: GivenNumber | None) -> Fraction | None:
    return None if given is None else positive(given, "delta")


def _error_name(given: str) -> str:
    return error_letter(given, "error_name")


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


@replaceable
@attrs.frozen(slots=False)
class Network(Stored):
    """A network with its numbers, examples to learn from and how it learns.

    ``error`` is a name in `derive.ERRORS`, ``delta`` belongs to huber; over several samples the error is their
    ``reduction``, "mean" or "sum". ``updates`` is "simultaneous", "sequential" where the hidden layers see the updated
    weights, or "online" where each sample in its turn updates all weights by itself; an iteration is then one pass over
    all samples. ``iterations`` is how long the handout trains, ``every`` the distance of the rows of its table;
    ``error_name`` and ``learning_rate_name`` are names of your own, ``notation`` has the letters of your course: a
    `Notation`, or a mapping such as {"net": "z", "out": "a"}. Where no sample has targets, ``error`` is "none": there
    is a forward pass alone, or the gradient of the output that ``differentiate`` names, such as "out_o1"; nothing is
    trained then. Raises `InputError` where the parts do not fit together.

    >>> from derive import Layer, Sample
    >>> network = Network(
    ...     layers=[Layer(weights=[[0.5, -0.25]], bias=0.1)],
    ...     samples=[Sample(inputs=[1, 2], targets=[1])],
    ... )
    >>> network.weight_names
    ((('w1', 'w2'),),)
    >>> print(network)
    A neural network: 2-1, logistic, half_squared_error
    """

    layers: tuple[Layer, ...] = attrs.field(converter=_layers)
    samples: tuple[Sample, ...] = attrs.field(converter=_samples)
    learning_rate: Fraction = attrs.field(default=Fraction(1, 2), converter=given_learning_rate)
    error: str = attrs.field(default=ERROR, converter=_error)
    updates: str = attrs.field(default="simultaneous", converter=given_updates)
    title: str = attrs.field(default="A neural network", converter=given_title)
    reduction: str = attrs.field(default="mean", converter=_reduction)
    delta: Fraction | None = attrs.field(default=None, converter=_delta)
    optimizer: Optimizer = attrs.field(default=PLAIN, converter=given_optimizer)
    iterations: int = attrs.field(default=0, converter=given_iterations)
    every: int | None = attrs.field(default=None, converter=given_every)
    error_name: str = attrs.field(default="E", converter=_error_name)
    learning_rate_name: str = attrs.field(default="eta", converter=given_rate_name)
    differentiate: str = attrs.field(default="", converter=_differentiate)
    notation: Notation = attrs.field(default=USUAL, converter=given_notation)

    def __attrs_post_init__(self) -> None:
        if self.error == ERROR and not any(sample.targets for sample in self.samples):  # which nobody chose
            object.__setattr__(self, "error", NO_ERROR)
        if self.delta is not None and (not self.has_error or ERRORS[self.error].parameter != "delta"):
            raise InputError("delta: only allowed with huber, not with {error}; leave it out.", error=self.error)
        check_layers(self.layers)
        self._check_error_name()
        check_samples(self.samples, self.layers)
        outs = {USUAL.of("out", neuron): self.letters.of("out", neuron) for neuron in self.neuron_names[-1]}
        usual = {name: own for own, name in outs.items()}
        # It is kept in derive's own words: another notation finds it again.
        object.__setattr__(self, "differentiate", usual.get(self.differentiate, self.differentiate))
        chosen = outs.get(self.differentiate, self.differentiate)
        check_objective(chosen, self.error, list(outs.values()), self.samples, self.iterations)
        check_targets(self.samples, self.error)
        if self._has_own_names:
            self._check_names()

    def __repr__(self) -> str:
        small = self.size <= SMALL and len(self.layers) <= SMALL_LISTS and len(self.samples) <= SMALL_LISTS
        layers = self.layers if small else (*self.layers[:2], *self.layers[2:][-1:])
        samples = self.samples if small else self.samples[:1]
        parts = ["layers=[", *(f"    {layer!r}," for layer in layers), "],"]
        parts += ["samples=[", *(f"    {sample!r}," for sample in samples), "],"]
        parts += [f"{setting}," for setting in settings(self, without=("layers", "samples"))]
        whole = "\n".join(["Network(", *(f"    {part}" for part in parts), ")"])
        if small and "…" not in whole and len(whole) <= LONGEST_REPR:
            return whole
        rest = ", ".join(settings(self, without=("layers", "samples")))
        found = [*(repr(layer) for layer in layers), repr(samples[0]), *([rest] if rest else [])]
        lines = "\n".join(f"    {shortened(line, LONGEST_LINE)}" for line in found)
        return f"<Network {self._sizes}, {len(self.layers)} layers, {len(self.samples)} samples:\n{lines}>"

    @property
    def _sizes(self) -> str:
        sizes = [str(size) for size in (self.layers[0].inputs, *(layer.size for layer in self.layers))]
        return "-".join(sizes if len(sizes) <= 8 else [*sizes[:4], "…", *sizes[-2:]])

    def __str__(self) -> str:
        sizes = "-".join(map(str, [self.layers[0].inputs, *(layer.size for layer in self.layers)]))
        activations = ", ".join(dict.fromkeys(layer.activation for layer in self.layers))
        end = self.error if self.has_error else self.differentiated or "a forward pass"
        return f"{self.title}: {sizes}, {activations}, {end}"

    @property
    def notes(self) -> tuple[Message, ...]:
        """What is worth knowing of how the network was read: synonyms, such as sigmoid or mse, and what is not used.

        >>> from derive import Layer, Sample
        >>> net = Network([Layer([[0.5]], activation="sigmoid")], [Sample([1], [1])], error="MSE", optimizer="sgd")
        >>> print(*net.notes, sep="\\n")
        sigmoid is read as logistic.
        MSE is read as mean_squared_error.
        sgd is read as gradient_descent.
        """
        activations = [layer.activation for layer in self.layers]
        words = [*activations, self.error, self.reduction, self.updates, self.optimizer.name]
        last = self.layers[-1]
        found = {word.given: note(word, last.size, last.activation) for word in words if isinstance(word, Alias)}
        unused = () if self.has_error else self._only_for_training
        return (*found.values(), *([not_trained(unused)] if unused else []))

    @property
    def _only_for_training(self) -> list[str]:
        """The fields that only a training uses, and that are not what they are usually."""
        usual = {field.name: field.default for field in attrs.fields(Network)}
        found = [name for name in FOR_TRAINING if getattr(self, name) != usual[name]]
        return found + [
            name for name in ("train", "train_bias") if any(getattr(each, name) is not True for each in self.layers)
        ]

    @property
    def has_error(self) -> bool:
        """Whether there is an error; else there are no targets, and nothing is trained."""
        return self.error != NO_ERROR

    @property
    def size(self) -> int:
        """The number of parameters: weights and biases."""
        return sum(layer.size * layer.inputs + len(layer.biases) for layer in self.layers)

    @property
    def error_constant(self) -> Fraction | None:
        """The number that the error of an output depends on: huber's delta, or the number of outputs for a mean."""
        if not self.has_error:
            return None
        entry = ERRORS[self.error]
        if entry.takes_mean:
            return Fraction(self.layers[-1].size)
        return entry.default if self.delta is None else self.delta

    # The names of quantities, all of them made here.

    @cached_property
    def letters(self) -> Notation:
        """The notation; its error is the ``error_name``, where that is given."""
        return self.notation if self.error_name == USUAL.error else attrs.evolve(self.notation, error=self.error_name)

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
        names, before = [], 0
        for layer in self.layers:
            starts = range(before, before + layer.size * layer.inputs, layer.inputs)
            counted = tuple(tuple(f"w{start + column}" for column in range(1, layer.inputs + 1)) for start in starts)
            names.append(layer.weight_names or counted)
            before += layer.size * layer.inputs
        return tuple(names)

    @cached_property
    def bias_names(self) -> tuple[str | tuple[str, ...] | None, ...]:
        """For each layer b2 where it shares a bias, b_h1, … where each neuron has one, None where there is none."""
        return tuple(self._layer_bias_names(number) for number in range(1, len(self.layers) + 1))

    @cached_property
    def trained(self) -> frozenset[str]:
        """The weights and biases that an update changes, by name, none without an error.

        ``replace(trained=…)`` takes such names.

        >>> import derive
        >>> network = derive.load("article").replace(trained=["w1", "w5"])
        >>> sorted(network.trained), network.layers[1].train
        (['w1', 'w5'], ((True, False), (False, False)))
        """
        found: list[str] = []
        for layer, rows, names in zip(self.layers, self.weight_names, self._bias_lists, strict=True):
            weights = zip(chain.from_iterable(rows), chain.from_iterable(layer.trained_weights), strict=True)
            found += [name for name, is_trained in weights if is_trained]
            found += [name for name, is_trained in zip(names, layer.trained_biases, strict=True) if is_trained]
        return frozenset(found if self.has_error else ())

    @property
    def _bias_lists(self) -> list[tuple[str, ...]]:
        """The names of each layer's biases, each once."""
        return [(names,) if isinstance(names, str) else names or () for names in self.bias_names]

    def _with_trained(self, given: Iterable[str], layers: Sequence[Layer]) -> tuple[Layer, ...]:
        """Return the layers with the weights and biases of these names trained, and no others."""
        names = given if isinstance(given, Set) else sequence(given, "trained", Message("a list of names"))
        known = [name for name, field in self._numbers.items() if field == "layers"]
        for name in names:
            if name not in known:
                raise unknown(name, known).inside("trained")
        parts = zip(layers, self.weight_names, self._bias_lists, strict=True)
        return tuple(layer.with_trained(rows, biases, frozenset(names)) for layer, rows, biases in parts)

    def _layer_bias_names(self, number: int) -> str | tuple[str, ...] | None:
        layer = self.layers[number - 1]
        if layer.bias is None:
            return None
        if isinstance(layer.bias, Fraction):
            return layer.bias_names[0] if layer.bias_names else f"b{number}"
        return layer.bias_names or tuple(f"b_{neuron}" for neuron in self.neuron_names[number - 1])

    @property
    def target_names(self) -> tuple[str, ...]:
        """target_o1, target_o2, …; none where there is no error."""
        if not self.has_error:
            return ()
        return tuple(self.letters.of("target", neuron) for neuron in self.neuron_names[-1])

    @property
    def error_names(self) -> tuple[str, ...]:
        """What each output adds to the error: E_o1, E_o2, …; none where there is no error."""
        if not self.has_error:
            return ()
        return tuple(self.letters.of("error", neuron) for neuron in self.neuron_names[-1])

    @property
    def sample_error_name(self) -> str:
        """The error of one sample: E_total."""
        return self.letters.of("error", "total")

    @property
    def whole_error_name(self) -> str:
        """The error of all samples: E_mean or E_sum, and E_total where there is only one sample."""
        return self.letters.of("error", self.reduction) if len(self.samples) > 1 else self.sample_error_name

    @property
    def _usual_names(self) -> Mapping[str, str]:
        """The names of quantities by those in derive's own words, where the notation has others."""
        outputs = self.neuron_names[-1] if self.has_error else ()
        return renamed(self.letters, tuple(chain.from_iterable(self.neuron_names)), outputs)

    @property
    def differentiated(self) -> str:
        """The output that is differentiated, in the notation; "" where there is none."""
        return self.letters.of("out", self.differentiate.removeprefix("out_")) if self.differentiate else ""

    @property
    def _has_own_names(self) -> bool:
        given = (name for layer in self.layers for name in (layer.neurons, layer.weight_names, layer.bias_names))
        inputs = (sample.input_names for sample in self.samples)
        is_own = (self.letters, self.learning_rate_name) != (USUAL, "eta")
        return any((*given, *inputs)) or is_own

    def _check_names(self) -> None:
        """Raise `InputError` for names that are the same, printed alike, or printed like a sign of the formulas."""
        neurons = [(name, Message("a neuron")) for name in chain.from_iterable(self.neuron_names)]
        check_apart(neurons)  # first, as the quantities of two that are printed alike are so, too
        quantities = list(self._quantities())
        self._check_one_place_each()
        check_no_derivative(quantities, {name for name, _ in quantities})
        activations = tuple(dict.fromkeys(layer.activation for layer in self.layers))
        parameters = {name for name, thing in quantities if thing in (WEIGHT, BIAS)}
        # A weight may be named w: in the rule of the update w stands for any weight.
        found = signs(activations, self.error, self.optimizer, self.letters)
        known = [sign for sign in found if sign[0] not in parameters & {"w"}]
        check_letters(self.letters, quantities, neurons, [sign for sign in known if sign[1] != GENERAL])
        check_apart(quantities, neurons, known)
        # In the rule of the update, both stand without an index.
        rate = self.learning_rate_name, Message("the learning rate")
        check_apart([rate], [(self.letters.error, Message("an error"))] if self.has_error else [])
        check_usual(self._usual_names, quantities)

    def _check_one_place_each(self) -> None:
        """Refuse a weight that stands at two places: matrices of layers have a number of its own for each."""
        known: set[str] = set()
        for name in chain.from_iterable(row for rows in self.weight_names for row in rows):
            if name in known:
                raise InputError(
                    "names: found {name} twice, each time for a weight; expected a different name for each. Weights "
                    "are shared in files with [equations] or [[node]], and in Python with derive.Graph.",
                    name=repr(name),
                )
            known.add(name)

    def _check_error_name(self) -> None:
        if USUAL.error not in (self.error_name, self.notation.error) and self.error_name != self.notation.error:
            raise InputError(
                "error_name: found {found}, and {other} in notation, error; give only one of the two.",
                found=repr(self.error_name),
                other=repr(self.notation.error),
            )

    def _quantities(self) -> Iterator[Thing]:
        yield from ((name, Message("an input")) for name in self.input_names)
        total = self.differentiated or self.sample_error_name
        for name in chain.from_iterable(self.neuron_names):
            of_neuron = Message("a quantity of {neuron}", {"neuron": name})
            yield from ((self.letters.of(kind, name), of_neuron) for kind in ("net", "out"))
            yield f"delta_{name}", of_neuron
            yield f"{total}_through_{name}", of_neuron
        yield from ((name, WEIGHT) for rows in self.weight_names for row in rows for name in row)
        for names in self.bias_names:
            yield from ((name, BIAS) for name in ((names,) if isinstance(names, str) else names or ()))
        yield from ((name, Message("a target")) for name in self.target_names)
        for name, neuron in zip(self.error_names, self.neuron_names[-1] if self.has_error else (), strict=True):
            yield name, Message("a quantity of {neuron}", {"neuron": neuron})
        yield from ((self.letters.of("error", end), Message("an error")) for end in ("total", *REDUCTIONS))
        yield self.learning_rate_name, Message("the learning rate")

    def replace(self, numbers: Mapping[str, GivenNumber] | None = None, /, **changes: Any) -> Self:
        """Return the same network with some fields or numbers changed; names, kept biases and the rest stay.

        A keyword is a field (``learning_rate=0.1``), a weight or a bias by its name, or an input or a target where
        there is one sample; ``trained`` names the weights and biases that are trained, all others stay as they are.
        ``numbers`` holds weights, biases, inputs and targets alone, by name, such as the parameters of a training.
        Raises `InputError` for an unknown name, and for what is given twice.

        >>> import derive
        >>> changed = derive.load("article").replace(w5=0.5, b2=1, learning_rate=0.1)
        >>> changed.layers[1].weights[0], changed.layers[1].bias, changed.learning_rate
        ((Fraction(1, 2), Fraction(9, 20)), Fraction(1, 1), Fraction(1, 10))
        """
        fields, known = {*(field.name for field in attrs.fields(Network)), "trained"}, self._numbers
        for name in changes:
            if name in fields and name in known:
                raise InputError(
                    "{name}: this keyword names both a field and a number of this network; give the number in a "
                    "mapping, replace({mapping}).",
                    name=repr(name),
                    mapping=f"{{{name!r}: …}}",
                )
            if numbers is not None and name in numbers:
                raise InputError("{name}: given twice; give it only once.", name=repr(name))
        asked = dict(numbers or {}) | {name: value for name, value in changes.items() if name not in fields}
        usual = self._usual_names
        given = {usual.get(name, name): value for name, value in asked.items()}
        for name in given:
            if name not in known:
                raise unknown(name, [*known, *sorted(fields)] if name in changes else known)
            if known[name] in changes:
                raise InputError(
                    "{name}: given together with {field}, which contains it; give only one of the two.",
                    name=repr(name),
                    field=known[name],
                )
        settings = {name: value for name, value in changes.items() if name in fields}
        exactly = {name: exact(value, name) for name, value in given.items()}
        parts = {known[name] for name in exactly}
        if "layers" in parts:
            settings["layers"] = tuple(
                layer.with_numbers(rows, names, exactly)
                for layer, rows, names in zip(self.layers, self.weight_names, self._bias_lists, strict=True)
            )
        if "samples" in parts:
            sample = self.samples[0]
            inputs = tuple(map(exactly.get, self.input_names, sample.inputs))
            targets = tuple(map(exactly.get, self.target_names, sample.targets))
            settings["samples"] = (attrs.evolve(sample, inputs=inputs, targets=targets),)
        if "trained" in settings:
            if "layers" in changes:
                raise InputError(
                    "{name}: given together with {field}, which contains it; give only one of the two.",
                    name="'trained'",
                    field="layers",
                )
            settings["layers"] = self._with_trained(settings.pop("trained"), settings.get("layers", self.layers))
        return attrs.evolve(self, **settings)

    @property
    def _numbers(self) -> Mapping[str, str]:
        """What `replace` knows by name, and the field that holds it; inputs and targets where there is one sample."""
        parameters = [name for rows in self.weight_names for row in rows for name in row]
        parameters += chain.from_iterable(self._bias_lists)
        signals = (*self.input_names, *self.target_names) if len(self.samples) == 1 else ()
        return dict.fromkeys(parameters, "layers") | dict.fromkeys(signals, "samples")
