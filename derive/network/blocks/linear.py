"""Weighted sums and functions of them: linear, activation, softmax."""

from collections.abc import Sequence
from fractions import Fraction

from derive.computation.equations import Term
from derive.computation.groups import Group, Tensor
from derive.computation.groups import Option as Plain
from derive.computation.shapes import PRODUCT, SAME, activation_shape, joint_shape
from derive.errors import InputError
from derive.functions.activations import ACTIVATIONS, Activation, JointActivation
from derive.network.blocks.block import Block, Option, Options
from derive.network.blocks.builder import Builder, node_place
from derive.numbers.exact import exact

FUNCTION = {"activation": Option("activation"), "slope": Option("number"), "alpha": Option("number")}


def weighted(weights: Sequence[str], signals: Sequence[str], *biases: str) -> list[Term]:
    """Return the terms w₁·x₁ + w₂·x₂ + … + b."""
    products = [Term(PRODUCT, pair) for pair in zip(weights, signals, strict=True)]
    return [*products, *(Term(SAME, (bias,)) for bias in biases)]


def constant_of(entry: Activation | JointActivation, options: Options) -> Fraction | None:
    """Return the number that the activation depends on; raises `InputError` for one that it does not."""
    for key in ("slope", "alpha"):
        if options.get(key) is not None and entry.parameter != key:
            owner = next(each.name for each in ACTIVATIONS.values() if each.parameter == key)
            raise InputError(
                "{parameter}: only allowed with {owner}, not with {activation}; leave it out.",
                parameter=key,
                owner=owner,
                activation=entry.name,
            )
    given = options.get(entry.parameter) if entry.parameter else None
    return entry.default if given is None else exact(given, entry.parameter or "")


def activate(build: Builder, function: str, options: Options, nets: Sequence[str], outs: Sequence[str]) -> None:
    """Add outs = function(nets), of all of them where the function is one of several."""
    entry = ACTIVATIONS[function]
    constant = constant_of(entry, options)
    if isinstance(entry, JointActivation):
        for place, out in enumerate(outs):
            build.define(out, [Term(joint_shape(entry, len(nets), place), tuple(nets), tuple(outs))])
        return
    shape = activation_shape(entry, constant)
    for net, out in zip(nets, outs, strict=True):
        build.define(out, [Term(shape, (net,))])


def function_options(options: Options) -> dict[str, Plain]:
    """Return the function, and its constant where it has one, as a group keeps them."""
    if options["activation"] is None:
        return {}
    entry = ACTIVATIONS[options["activation"]]
    found: dict[str, Plain] = {"activation": entry.name}
    constant = constant_of(entry, options)
    if entry.parameter and constant is not None:
        found[entry.parameter] = constant
    return found


def _linear(build: Builder, name: str, inputs: Sequence[Tensor], options: Options) -> Tensor:
    (x,) = inputs
    size = x.shape[-1] if x.shape else 1
    weight = build.weights(options["weight"], "W", name, (None, size), "weight")
    weights = {"weight": weight}
    rows = len(weight.names) // size
    if options["bias"] is not None:
        weights["bias"] = build.weights(options["bias"], "b", name, (rows,), "bias")
    output = build.take(name, (*x.shape[:-1], rows), node_place(name))
    nets: list[str] = []
    given = Tensor((len(x.names) // size, size), x.names).rows()
    outs = Tensor((len(given), rows), output.names).rows()
    for signals, row in zip(given, outs, strict=True):
        for place, unit in enumerate(row):
            bias = weights["bias"].names[place : place + 1] if "bias" in weights else ()
            terms = weighted(weight.names[place * size : (place + 1) * size], signals, *bias)
            if options["activation"] is None:
                build.define(unit, terms)
            else:
                nets.append(build.net(unit, terms, name))
        if options["activation"] is not None:
            activate(build, options["activation"], options, nets[-rows:], row)
    inner = {"net": Tensor(output.shape, nets)} if nets else {}
    return build.end(
        Group(name, "linear", (*nets, *output.names), output, (x,), weights, inner, function_options(options))
    )


def _activation(build: Builder, name: str, inputs: Sequence[Tensor], options: Options) -> Tensor:
    (z,) = inputs
    output = build.take(name, z.shape, node_place(name))
    width = z.shape[-1] if z.shape else 1
    for nets, outs in zip(_rows(z, width), _rows(output, width), strict=True):
        activate(build, options["activation"], options, nets, outs)
    return build.end(Group(name, "activation", output.names, output, (z,), options=function_options(options)))


def _rows(tensor: Tensor, width: int) -> list[tuple[str, ...]]:
    return Tensor((len(tensor.names) // width, width), tensor.names).rows()


def _softmax(build: Builder, name: str, inputs: Sequence[Tensor], options: Options) -> Tensor:
    return _activation(build, name, inputs, {"activation": "softmax"})


LINEAR = Block(
    "linear", _linear, "h", {"weight": Option("array", is_required=True), "bias": Option("array"), **FUNCTION}
)
ACTIVATION = Block(
    "activation",
    _activation,
    "y",
    {**FUNCTION, "activation": Option("activation", is_required=True)},
)
SOFTMAX = Block("softmax", _softmax, "p")
