"""How a network becomes a computation: its layers, one after the other, as equations over named quantities."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import chain

from derive.computation.equations import Computation, Equation, Term
from derive.computation.layers import LayerNames, Layers, Neuron
from derive.computation.plan import Plan
from derive.computation.shapes import BIAS, PRODUCT, SAME, activation_shape, error_shape, joint_shape
from derive.functions.activations import ACTIVATIONS, JointActivation
from derive.network.layers import Sample
from derive.network.network import Network


def compiled(network: Network) -> Computation:
    """Return the forward pass of the network, and its error, as equations over named quantities."""
    layers = _layers(network)
    kinds = _leaf_kinds(network, layers)
    equations: list[Equation] = []
    for index, signals in enumerate(layers.signals):
        equations += _pre_activations(layers.rows[index], signals)
        equations += _activations(network, layers.rows[index])
        kinds |= dict.fromkeys(layers.rows[index].nets, "net")
        kinds |= dict.fromkeys(layers.rows[index].outs, "out")
    equations += _error(network, layers)
    if network.has_error:
        kinds |= dict.fromkeys((*layers.errors, network.sample_error_name), "error")
    parameters = {name: value for name, value in parameter_values(network).items() if name in kinds}
    return Computation(
        equations=tuple(equations),
        samples=tuple(parameters | _leaves(network, sample) for sample in network.samples),
        kinds=kinds,
        objective=network.sample_error_name if network.has_error else network.differentiated,
        trained=network.trained,
        reduction=network.reduction,
        whole_objective=network.whole_error_name if network.has_error else network.differentiated,
        title=network.title,
        units={neuron.net: neuron.name for row in layers.rows for neuron in row.neurons},
        layers=layers,
    )


def plan_of(network: Network) -> Plan:
    """Return how the network learns."""
    return Plan(
        learning_rate=network.learning_rate,
        updates=network.updates,
        optimizer=network.optimizer,
        iterations=network.iterations,
        every=network.every,
        learning_rate_name=network.learning_rate_name,
    )


def _layers(network: Network) -> Layers:
    rows = tuple(_row(network, index) for index in range(len(network.layers)))
    outputs = _neurons(network, len(rows) - 1)
    return Layers(
        rows=rows,
        inputs=network.input_names,
        targets=network.target_names,
        errors=network.error_names,
        loss=network.error,
        loss_constant=network.error_constant,
        notation=network.letters,
        output_neurons=outputs if outputs != rows[-1].neurons else (),
    )


def _row(network: Network, index: int) -> LayerNames:
    layer = network.layers[index]
    is_output, is_joint = index == len(network.layers) - 1, isinstance(ACTIVATIONS[layer.activation], JointActivation)
    # Outputs on which the differentiated one does not depend are left out: every derivative by what is theirs is 0.
    is_alone = is_output and not is_joint and bool(network.differentiated)
    neurons = tuple(
        neuron for neuron in _neurons(network, index) if not is_alone or network.differentiated == neuron.out
    )
    return LayerNames(
        index=index,
        function=layer.activation,
        constant=layer.constant,
        is_joint=is_joint,
        neurons=neurons,
        biases=tuple(dict.fromkeys(chain.from_iterable(neuron.biases for neuron in neurons))),
        shared_bias=isinstance(network.bias_names[index], str),
        is_output=is_output,
    )


def _neurons(network: Network, index: int) -> tuple[Neuron, ...]:
    layer, biases, letters = network.layers[index], network.bias_names[index], network.letters
    names = () if biases is None else (biases,) * layer.size if isinstance(biases, str) else biases
    return tuple(
        Neuron(
            name,
            letters.of("net", name),
            letters.of("out", name),
            network.weight_names[index][row],
            names[row : row + 1],
        )
        for row, name in enumerate(network.neuron_names[index])
    )


def _pre_activations(row: LayerNames, signals: tuple[str, ...]) -> Iterator[Equation]:
    for neuron in row.neurons:
        products = (Term(PRODUCT, pair) for pair in zip(neuron.weights, signals, strict=True))
        yield Equation(neuron.net, (*products, *(Term(BIAS, (bias,)) for bias in neuron.biases)))


def _activations(network: Network, row: LayerNames) -> Iterator[Equation]:
    layer, entry = network.layers[row.index], ACTIVATIONS[row.function]
    for position, neuron in enumerate(row.neurons):
        if isinstance(entry, JointActivation):
            term = Term(joint_shape(entry, layer.size, position), row.nets, siblings=row.outs)
        else:
            term = Term(activation_shape(entry, layer.constant), (neuron.net,))
        yield Equation(neuron.out, (term,))


def _error(network: Network, layers: Layers) -> list[Equation]:
    if not network.has_error:
        return []
    shape = error_shape(network.error, network.error_constant)
    parts = [
        Equation(name, (Term(shape, tuple(pair)),))
        for name, *pair in zip(layers.errors, layers.targets, layers.last.outs, strict=True)
    ]
    return [*parts, Equation(network.sample_error_name, tuple(Term(SAME, (part.name,)) for part in parts))]


def _layer_weights(network: Network, position: int) -> list[tuple[str, Fraction]]:
    names = chain.from_iterable(network.weight_names[position])
    values = chain.from_iterable(network.layers[position].weights)
    return list(zip(names, values, strict=True))


def _layer_biases(network: Network, position: int) -> list[tuple[str, Fraction]]:
    names = network.bias_names[position]
    names = (names,) if isinstance(names, str) else names or ()
    return list(zip(names, network.layers[position].biases, strict=True))


def parameter_values(network: Network) -> dict[str, Fraction]:
    """Return the number of every weight and bias by its name."""
    values: dict[str, Fraction] = {}
    for position in range(len(network.layers)):
        values.update(_layer_weights(network, position))
        values.update(_layer_biases(network, position))
    return values


def _leaves(network: Network, sample: Sample) -> dict[str, Fraction]:
    inputs = dict(zip(network.input_names, sample.inputs, strict=True))
    return inputs | dict(zip(network.target_names, sample.targets, strict=True))


def _leaf_kinds(network: Network, layers: Layers) -> dict[str, str]:
    kinds = dict.fromkeys(network.input_names, "input")
    for row in layers.rows:
        kinds |= dict.fromkeys(chain.from_iterable(neuron.weights for neuron in row.neurons), "weight")
        kinds |= dict.fromkeys(row.biases, "bias")
    return kinds | dict.fromkeys(network.target_names, "target")
