"""Blocks that go through time with the same weights at each step: rnn, lstm and gru, as PyTorch computes them.

Sources: Hochreiter and Schmidhuber, Long Short-Term Memory (1997), with the forget gate of Gers et al. (2000); Cho et
al. (2014) for the gru, its reset gate within as in PyTorch.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from derive.computation.equations import Equation, Term
from derive.computation.groups import Group, Tensor
from derive.computation.shapes import PRODUCT, activation_shape
from derive.errors import InputError
from derive.functions.activations import ACTIVATIONS, JointActivation
from derive.network.blocks.block import Block, Option, Options
from derive.network.blocks.builder import Array, Builder, node_place
from derive.network.blocks.given import shape_text
from derive.network.blocks.linear import FUNCTION, activate, function_options, weighted
from derive.network.blocks.shapes import rest_shape

LOGISTIC, TANH = activation_shape(ACTIVATIONS["logistic"]), activation_shape(ACTIVATIONS["tanh"])


@dataclass
class Steps:
    """A block that goes through time, as far as it is built.

    ``signals`` has the inputs of each step; ``parts`` the quantities by what they are, (steps, size).
    """

    build: Builder
    name: str
    signals: list[tuple[str, ...]]
    size: int
    parts: dict[str, Tensor] = field(default_factory=dict)
    weights: dict[str, Tensor] = field(default_factory=dict)

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.signals), self.size

    def part(self, letter: str) -> None:
        """Add the quantities of a gate or a state, one a unit at each step."""
        self.parts[letter] = self.build.part(letter, self.shape, self.name, keep=1)

    def net(self, letter: str, step: int, unit: int, terms: Iterable[Term]) -> str:
        return self.build.net(self.at(letter, step)[unit], terms, self.name)

    def at(self, letter: str, step: int) -> tuple[str, ...]:
        """Return the quantities of a part at a step, counted from 0."""
        return self.parts[letter].names[step * self.size : (step + 1) * self.size]

    def sum_of(self, gate: str, step: int, unit: int, before: Sequence[str]) -> list[Term]:
        """Return the terms W·x + U·h + b of a gate."""
        terms = [*self.from_input(gate, step, unit), *self.from_state(gate, unit, before)]
        return sorted(terms, key=lambda term: term.shape is not PRODUCT)  # the biases last

    def from_input(self, gate: str, step: int, unit: int) -> list[Term]:
        """Return the terms W·x + b."""
        return self._row("ih", gate, unit, self.signals[step])

    def from_state(self, gate: str, unit: int, before: Sequence[str]) -> list[Term]:
        """Return the terms U·h + d."""
        return self._row("hh", gate, unit, before)

    def _row(self, which: str, gate: str, unit: int, signals: Sequence[str]) -> list[Term]:
        weight, bias = self.weights[f"weight_{which}{gate}"], self.weights.get(f"bias_{which}{gate}")
        own = weight.names[unit * len(signals) : (unit + 1) * len(signals)]
        return weighted(own, signals, *([bias.names[unit]] if bias else []))


def _steps(
    build: Builder, name: str, inputs: Sequence[Tensor], options: Options, gates: Mapping[str, Mapping[str, str]]
) -> Steps:
    """Return the block with its weights; ``gates`` has, by gate, the letters of its weights and biases."""
    (x,) = inputs
    if len(x.shape) not in (1, 2):
        raise InputError(
            "inputs: found the shape {found}; expected (steps) or (steps, features).", found=shape_text(x.shape)
        )
    width = x.shape[1] if len(x.shape) == 2 else 1
    signals = Tensor((x.shape[0], width), x.names).rows()
    made = Steps(build, name, signals, 0)
    for key in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
        if options[key] is None:
            continue
        for number, (gate, letters) in enumerate(gates.items()):
            part = _of_gate(build, options[key], key, number, len(gates))
            sizes = {"weight_ih": (made.size or None, width), "weight_hh": (made.size, made.size)}
            wanted = sizes.get(key, (made.size,))
            place = f"{key}, {gate}" if gate else key
            found = build.weights(part, letters[key], name, wanted, place)
            made.size = made.size or found.shape[0]
            made.weights[f"{key}{gate}"] = found
    return made


def _of_gate(build: Builder, given: Any, key: str, number: int, gates: int) -> Any:
    """Return the weights of one gate: PyTorch lays those of all gates below each other, in the gates' order.

    A list with the name of a parameter for each gate is taken, too.
    """
    if gates == 1:
        return given
    if isinstance(given, str | Array | Tensor):
        whole = build.found(given, key)
        rows = whole.shape[0] if whole.shape else 1
        if rows % gates:
            raise _uneven(key, rows, gates)
        size = rows // gates
        each = len(whole.names) // gates
        return Tensor((size, *whole.shape[1:]), whole.names[number * each : (number + 1) * each])
    rows = given.detach().cpu().numpy() if hasattr(given, "detach") else given
    if not hasattr(rows, "__len__") or len(rows) % gates:
        raise _uneven(key, len(rows) if hasattr(rows, "__len__") else 1, gates)
    size = len(rows) // gates
    part = rows[number * size : (number + 1) * size]
    return part[0] if size == 1 and isinstance(part[0], str | Array | Tensor) else part


def _uneven(key: str, found: int, gates: int) -> InputError:
    return InputError(
        "{place}: found {found} rows; expected {gates} times as many as there are units, those of the gates below "
        "each other.",
        place=key,
        found=found,
        gates=gates,
    )


def _finish(made: Steps, op: str, x: Tensor, start: Mapping[str, Tensor], first: int, options: Options) -> Tensor:
    """Add the group and return the outputs: of each step, or of the last."""
    build, outs = made.build, made.parts["h"]
    defined = build.equations[first:]
    # A unit of its own needs no brackets: what comes in as (steps) goes out so.
    each = (len(made.signals),) if made.size == 1 and len(x.shape) == 1 else made.shape
    is_last = options["outputs"] == "last"
    output = Tensor((made.size,), made.at("h", len(made.signals) - 1)) if is_last else Tensor(each, outs.names)
    if is_last and len(each) == 1:
        output = Tensor((), output.names)
    group = Group(
        name=made.name,
        op=op,
        names=tuple(equation.name for equation in defined),
        output=output,
        inputs=(x, *start.values()),
        weights=made.weights,
        inner=dict(made.parts),
        options={"outputs": options["outputs"], **(function_options(options) if "activation" in options else {})},
        steps=_by_step(defined, len(made.signals)),
    )
    return build.end(group)


def _by_step(defined: Sequence[Equation], steps: int) -> tuple[tuple[str, ...], ...]:
    each = len(defined) // steps
    return tuple(tuple(equation.name for equation in defined[k * each : (k + 1) * each]) for k in range(steps))


def _outs(made: Steps) -> None:
    """Add the outputs h_1, h_2, … of the steps, under the block's own name."""
    made.parts["h"] = made.build.take(made.name, made.shape, node_place(made.name), keep=1)


def _start(made: Steps, options: Options, key: str, letter: str) -> Tensor:
    return made.build.state(options[key], f"{letter}_0", made.name, made.size, key)


def _rnn(build: Builder, name: str, inputs: Sequence[Tensor], options: Options) -> Tensor:
    letters = {"weight_ih": "W_x", "weight_hh": "W_h", "bias_ih": "b", "bias_hh": "d"}
    made = _steps(build, name, inputs, options, {"": letters})
    start = _start(made, options, "h_0", name)
    _outs(made)
    made.parts["net"] = Tensor(made.shape, tuple(f"net_{each}" for each in made.parts["h"].names))
    before, first, function = start.names, len(build.equations), options["activation"]
    if isinstance(ACTIVATIONS[function], JointActivation):
        raise InputError(
            "activation: {function} is a function of several net inputs; expected one of a single one.",
            function=function,
        )
    for step in range(len(made.signals)):
        nets = [made.net("h", step, unit, made.sum_of("", step, unit, before)) for unit in range(made.size)]
        before = made.at("h", step)
        activate(build, function, options, nets, before)
    return _finish(made, "rnn", inputs[0], {"h_0": start}, first, options)


def _gate_letters(gates: str) -> dict[str, dict[str, str]]:
    # W_xi would be read as the Greek letter: W is of the input, U of the state, as in many books.
    return {
        f"_{gate}": {
            "weight_ih": f"W_{gate}",
            "weight_hh": f"U_{gate}",
            "bias_ih": f"b_{gate}",
            "bias_hh": f"d_{gate}",
        }
        for gate in gates
    }


def _gates(made: Steps, step: int, before: Sequence[str], gates: Mapping[str, Any]) -> None:
    for gate, shape in gates.items():
        nets = [made.net(gate, step, unit, made.sum_of(f"_{gate}", step, unit, before)) for unit in range(made.size)]
        for net, out in zip(nets, made.at(gate, step), strict=True):
            made.build.define(out, [Term(shape, (net,))])


def _lstm(build: Builder, name: str, inputs: Sequence[Tensor], options: Options) -> Tensor:
    made = _steps(build, name, inputs, options, _gate_letters("ifgo"))
    gates = {"i": LOGISTIC, "f": LOGISTIC, "g": TANH, "o": LOGISTIC}
    for gate in gates:
        made.part(gate)
    cell = build.free("c", name)
    start = {"h_0": _start(made, options, "h_0", name), "c_0": _start(made, options, "c_0", cell)}
    made.part("c")
    made.parts["tanh_c"] = build.take(f"tanh_{cell}", made.shape, node_place(name), keep=1)
    _outs(made)
    before, state, first = start["h_0"].names, start["c_0"].names, len(build.equations)
    for step in range(len(made.signals)):
        _gates(made, step, before, gates)
        for c, f, old, i, g in zip(
            made.at("c", step), made.at("f", step), state, made.at("i", step), made.at("g", step), strict=True
        ):
            build.define(c, [Term(PRODUCT, (f, old)), Term(PRODUCT, (i, g))])
        state, before = made.at("c", step), made.at("h", step)
        for squashed, c in zip(made.at("tanh_c", step), state, strict=True):
            build.define(squashed, [Term(TANH, (c,))])
        for h, o, squashed in zip(before, made.at("o", step), made.at("tanh_c", step), strict=True):
            build.define(h, [Term(PRODUCT, (o, squashed))])
    return _finish(made, "lstm", inputs[0], start, first, options)


def _gru(build: Builder, name: str, inputs: Sequence[Tensor], options: Options) -> Tensor:
    made = _steps(build, name, inputs, options, _gate_letters("rzn"))
    for part in ("r", "z", "u", "n"):
        made.part(part)
    start = _start(made, options, "h_0", name)
    _outs(made)
    before, first = start.names, len(build.equations)
    for step in range(len(made.signals)):
        _gates(made, step, before, {"r": LOGISTIC, "z": LOGISTIC})
        inside, new, out = made.at("u", step), made.at("n", step), made.at("h", step)
        for unit, u in enumerate(inside):
            build.define(u, made.from_state("_n", unit, before))
        for unit, (n, r, u) in enumerate(zip(new, made.at("r", step), inside, strict=True)):
            net = made.net("n", step, unit, [*made.from_input("_n", step, unit), Term(PRODUCT, (r, u))])
            build.define(n, [Term(TANH, (net,))])
        for h, z, n, old in zip(out, made.at("z", step), new, before, strict=True):
            build.define(h, [Term(rest_shape(), (z, n)), Term(PRODUCT, (z, old))])
        before = out
    return _finish(made, "gru", inputs[0], {"h_0": start}, first, options)


_OPTIONS = {
    "weight_ih": Option("array", is_required=True),
    "weight_hh": Option("array", is_required=True),
    "bias_ih": Option("array"),
    "bias_hh": Option("array"),
    "h_0": Option("array"),
    "outputs": Option("outputs", "each"),
}
RNN = Block("rnn", _rnn, "h", {**_OPTIONS, **FUNCTION, "activation": Option("activation", "tanh")})
LSTM = Block("lstm", _lstm, "h", {**_OPTIONS, "c_0": Option("array")})
GRU = Block("gru", _gru, "h", _OPTIONS)
