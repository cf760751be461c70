"""Recurrences step by step, each vector a column: net_t = W x_t + U h_{t−1} + b and, backwards, dW = Σ_t δ_t x_tᵀ.

What comes back to a state is the part from outside the block and, from the step after it, Uᵀδ_{t+1}; through a cell of
an lstm it is what its gates let through.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from derive.computation.shapes import Shape, activation_shape
from derive.functions.activations import ACTIVATIONS, Activation
from derive.lines.arrays.blocks.block import FUNCTION, Block, summed
from derive.lines.arrays.trees import (
    Applied,
    Gradients,
    Grid,
    Minus,
    Sum,
    Tree,
    Values,
    column,
    entrywise,
    ones,
    product,
    transposed,
)

SIGMA, TANH = r"\sigma", r"\tanh"
# The function of each gate: shares are logistic, what is new is a tanh.
GATES = {"i": SIGMA, "f": SIGMA, "g": TANH, "o": SIGMA, "r": SIGMA, "z": SIGMA, "n": TANH}
FUNCTIONS = {SIGMA: "logistic", TANH: "tanh"}


@dataclass(frozen=True)
class _Steps:
    """A block that goes through time: its parts as columns, step by step."""

    block: Block

    @cached_property
    def signals(self) -> list[Grid]:
        """The input of each step."""
        x = self.block.group.inputs[0]
        width = len(x.names) // x.shape[0]
        return [column(x.names[step * width : (step + 1) * width]) for step in range(x.shape[0])]

    @property
    def count(self) -> int:
        return len(self.signals)

    def at(self, part: str, step: int) -> Grid:
        """Return a part at a step; before the first, the state that the block starts from."""
        if step < 0:
            return self._start(part)
        tensor = self.block.group.inner[part]
        size = len(tensor.names) // self.count
        return column(tensor.names[step * size : (step + 1) * size])

    def _start(self, part: str) -> Grid:
        starts = self.block.group.inputs[1:]
        return column(starts[1 if part == "c" else 0].names)

    def net(self, gate: str, step: int) -> Grid:
        """Return the nets of a gate at a step."""
        return tuple((f"net_{name}",) for (name,) in self.at(gate or "h", step))

    def weight(self, which: str, gate: str) -> Grid | None:
        """Return the weights of the input ("ih") or of the state ("hh") of a gate."""
        tensor = self.block.group.weights.get(f"weight_{which}{gate}")
        return None if tensor is None else tuple(tensor.rows())

    def biases(self, gate: str) -> list[Grid]:
        weights = self.block.group.weights
        return [column(weights[key].names) for key in (f"bias_ih{gate}", f"bias_hh{gate}") if key in weights]

    def backwards(self) -> Iterator[int]:
        """Yield the steps from the last to the first."""
        return iter(reversed(range(self.count)))


def rnn(block: Block) -> None:
    """Add the lines of a plain recurrence."""
    steps = _Steps(block)
    entry = ACTIVATIONS[str(block.group.options["activation"])]
    assert isinstance(entry, Activation)
    constant = block.group.options.get(entry.parameter, entry.default) if entry.parameter else None
    shape = activation_shape(entry, constant)
    for step in range(steps.count):
        net, h = steps.net("", step), steps.at("h", step)
        block.says_forward("net", block.values(net), _affine(steps, "", step, "h"))
        block.says_forward("out", block.values(h), Applied(FUNCTION, shape, block.values(net)), in_numbers=False)
    for step in steps.backwards():
        if not block.reaches(steps.net("", step)):
            continue
        h = steps.at("h", step)
        _state(steps, h, _through_nets(steps, [("", "")], step + 1))
        block.says_backward(
            "nets",
            block.gradient(steps.net("", step)),
            entrywise(block.gradient(h), block.slopes(h, steps.net("", step))),
        )
    _of_weights(steps, "", "")
    _of_inputs(steps, [("", "")])


def lstm(block: Block) -> None:
    """Add the lines of a long short-term memory."""
    steps = _Steps(block)
    for step in range(steps.count):
        for gate in "ifgo":
            _gate(steps, gate, step)
        i, f, g, o, c, old, squashed, h = _cell(steps, step)
        block.says_forward("cell", c, Sum((entrywise(f, old), entrywise(i, g))))
        block.says_forward("squashed", squashed, Applied(TANH, _shape(TANH), c), in_numbers=False)
        block.says_forward("out", h, entrywise(o, squashed))
    gates = [(gate, gate) for gate in "ifgo"]
    for step in steps.backwards():
        if not block.reaches(steps.at("h", step)) and not block.reaches(steps.at("c", step)):
            continue
        _state(steps, steps.at("h", step), _through_nets(steps, gates, step + 1))
        _back_cell(steps, step)
    for gate in "ifgo":
        _of_weights(steps, gate, f"_{gate}")
    _of_inputs(steps, [(gate, f"_{gate}") for gate in "ifgo"])


def _cell(steps: _Steps, step: int) -> tuple[Values, ...]:
    values = steps.block.values
    gates = (values(steps.at(gate, step)) for gate in "ifgo")
    c, old, h = values(steps.at("c", step)), values(steps.at("c", step - 1)), values(steps.at("h", step))
    return (*gates, c, old, values(steps.at("tanh_c", step), rf"{TANH}\left({c.sign}\right)"), h)


def _back_cell(steps: _Steps, step: int) -> None:
    """Add what comes back through h = o ⊙ tanh(c) and c = f ⊙ c₋ + i ⊙ g at a step."""
    block = steps.block
    i, _, g, o, c, old, squashed, h = _cell(steps, step)
    d = {part: block.gradient(steps.at(part, step)) for part in ("i", "f", "g", "o", "c")}
    parts: list[Tree] = []
    if block.reaches(h.names):
        dh = block.gradient(h.names)
        block.says_backward("gate_o", d["o"], entrywise(dh, squashed))
        slope = block.slopes(squashed.names, c.names, TANH, c.sign)
        parts.append(entrywise(dh, entrywise(o, slope)))
    if step + 1 < steps.count and block.reaches(steps.at("c", step + 1)):
        later = block.gradient(steps.at("c", step + 1))
        parts.append(entrywise(later, block.values(steps.at("f", step + 1))))
    block.says_backward("cell", d["c"], summed(parts))
    for gate, other in (("i", g), ("f", old), ("g", i)):
        block.says_backward(f"gate_{gate}", d[gate], entrywise(d["c"], other))
    for gate in "ifgo":
        _back_gate(steps, gate, step)


def gru(block: Block) -> None:
    """Add the lines of a gated recurrent unit, its reset gate within as in PyTorch."""
    steps = _Steps(block)
    values = block.values
    for step in range(steps.count):
        _gate(steps, "r", step)
        _gate(steps, "z", step)
        u = values(steps.at("u", step))
        block.says_forward("inside", u, _weighted(steps, "hh", "_n", steps.at("h", step - 1)))
        net = values(steps.net("n", step))
        inside = entrywise(values(steps.at("r", step)), u)
        block.says_forward("net_n", net, Sum((_weighted(steps, "ih", "_n", steps.signals[step]), inside)))
        n = values(steps.at("n", step))
        block.says_forward("gate_n", n, Applied(TANH, _shape(TANH), net), in_numbers=False)
        z, old = values(steps.at("z", step)), values(steps.at("h", step - 1))
        mixed = Sum((entrywise(Minus(ones(len(z.names), 1), z), n), entrywise(z, old)))
        block.says_forward("out", values(steps.at("h", step)), mixed)
    for step in steps.backwards():
        if block.reaches(steps.at("h", step)):
            _back_unit(steps, step)
    for gate in "rz":
        _of_weights(steps, gate, f"_{gate}")
    _of_new(steps)
    _of_inputs(steps, [(gate, f"_{gate}") for gate in "rzn"])


def _back_unit(steps: _Steps, step: int) -> None:
    block, values = steps.block, steps.block.values
    came = _through_nets(steps, [("r", "r"), ("z", "z")], step + 1)
    if step + 1 < steps.count and block.reaches(steps.at("h", step + 1)):
        later = step + 1
        weight = steps.weight("hh", "_n")
        assert weight is not None
        came.append(product(transposed(values(weight)), block.gradient(steps.at("u", later))))
        came.append(entrywise(block.gradient(steps.at("h", later)), values(steps.at("z", later))))
    h, z, n = steps.at("h", step), values(steps.at("z", step)), values(steps.at("n", step))
    _state(steps, h, came)
    d, r, u = block.gradient(h), values(steps.at("r", step)), values(steps.at("u", step))
    net = block.gradient(steps.net("n", step))
    old = values(steps.at("h", step - 1))
    block.says_backward("gate_z", block.gradient(z.names), entrywise(d, Minus(old, n)))
    block.says_backward("gate_n", block.gradient(n.names), entrywise(d, Minus(ones(len(h), 1), z)))
    _back_gate(steps, "n", step)
    block.says_backward("gate_r", block.gradient(r.names), entrywise(net, u))
    block.says_backward("inside", block.gradient(u.names), entrywise(net, r))
    _back_gate(steps, "r", step)
    _back_gate(steps, "z", step)


def _of_new(steps: _Steps) -> None:
    """Add the gradients of the weights of what is new in a gru: those of the state come through its reset gate."""
    block = steps.block
    reached = [step for step in range(steps.count) if block.reaches(steps.net("n", step))]
    nets = [block.gradient(steps.net("n", step)) for step in reached]
    inside = [block.gradient(steps.at("u", step)) for step in reached]
    states = [steps.at("h", step - 1) for step in reached]
    for which, deltas, signals in (("ih", nets, [steps.signals[step] for step in reached]), ("hh", inside, states)):
        weight = steps.weight(which, "_n")
        if weight is not None and block.is_wanted(weight):
            block.says_backward("weights", block.part(weight), _outer(block, deltas, signals))
        bias = block.group.weights.get(f"bias_{which}_n")
        if bias is not None:
            block.says_backward("biases", block.part(column(bias.names)), summed(deltas))


def _shape(sign: str) -> Shape:
    entry = ACTIVATIONS[FUNCTIONS[sign]]
    assert isinstance(entry, Activation)
    return activation_shape(entry)


def _gate(steps: _Steps, gate: str, step: int) -> None:
    """Add gate = σ(W x_t + U h_{t−1} + b)."""
    block, sign = steps.block, GATES[gate]
    net = block.values(steps.net(gate, step))
    block.says_forward(f"net_{gate}", net, _affine(steps, f"_{gate}", step, "h"))
    applied = Applied(sign, _shape(sign), net)
    block.says_forward(f"gate_{gate}", block.values(steps.at(gate, step)), applied, in_numbers=False)


def _back_gate(steps: _Steps, gate: str, step: int) -> None:
    block = steps.block
    out, net = steps.at(gate, step), steps.net(gate, step)
    slope = block.slopes(out, net, GATES[gate])
    block.says_backward(f"net_{gate}", block.gradient(net), entrywise(block.gradient(out), slope))


def _affine(steps: _Steps, gate: str, step: int, state: str) -> Tree:
    weighted = [
        _product(steps, "ih", gate, steps.signals[step]),
        _product(steps, "hh", gate, steps.at(state, step - 1)),
    ]
    return summed([*weighted, *(steps.block.values(bias) for bias in steps.biases(gate))])


def _weighted(steps: _Steps, which: str, gate: str, signal: Grid) -> Tree:
    """Return W·signal + b of one of the two sums of a gate."""
    bias = steps.block.group.weights.get(f"bias_{which}{gate}")
    more = () if bias is None else (steps.block.values(column(bias.names)),)
    return summed((_product(steps, which, gate, signal), *more))


def _product(steps: _Steps, which: str, gate: str, signal: Grid) -> Tree:
    weight = steps.weight(which, gate)
    assert weight is not None
    return product(steps.block.values(weight), steps.block.values(signal))


def _through_nets(steps: _Steps, gates: Sequence[tuple[str, str]], step: int) -> list[Tree]:
    """Return what comes back to a state from the nets of the step after it, Uᵀδ of each gate."""
    found: list[Tree] = []
    for gate, part in gates if step < steps.count else ():
        net, weight = steps.net(part, step), steps.weight("hh", f"_{gate}" if gate else "")
        if weight is not None and steps.block.reaches(net):
            found.append(product(transposed(steps.block.values(weight)), steps.block.gradient(net)))
    return found


def _state(steps: _Steps, h: Grid, came: Sequence[Tree]) -> None:
    """Add what comes back to a state: from outside the block, and from the step after it."""
    outside = steps.block.outside(h)
    if came:
        parts = ([outside] if outside else []) + list(came)
        steps.block.says_backward("state", steps.block.gradient(h), summed(parts))


def _of_weights(steps: _Steps, gate: str, key: str) -> None:
    """Add the gradients of a gate's weights: the sum of the outer products of its deltas and what came in."""
    block = steps.block
    reached = [step for step in range(steps.count) if block.reaches(steps.net(gate, step))]
    deltas = [block.gradient(steps.net(gate, step)) for step in reached]
    signals = {"ih": [steps.signals[step] for step in reached], "hh": [steps.at("h", step - 1) for step in reached]}
    for which, each in signals.items():
        weight = steps.weight(which, key)
        if weight is not None and deltas and block.is_wanted(weight):
            block.says_backward("weights", block.part(weight), _outer(block, deltas, each))
    for bias in steps.biases(key):
        if deltas and block.is_wanted(bias):
            block.says_backward("biases", block.part(bias), summed(deltas))


def _of_inputs(steps: _Steps, gates: Sequence[tuple[str, str]]) -> None:
    """Add what goes on to the inputs of each step: Wᵀδ of each gate."""
    block = steps.block
    for step in steps.backwards():
        signal = steps.signals[step]
        found: list[Tree] = []
        for gate, key in gates:
            net, weight = steps.net(gate, step), steps.weight("ih", key)
            if weight is not None and block.reaches(net):
                found.append(product(transposed(block.values(weight)), block.gradient(net)))
        if found and block.is_wanted(signal):
            block.says_backward("inputs", block.part(signal), summed(found))


def _outer(block: Block, deltas: Sequence[Gradients], signals: Sequence[Grid]) -> Tree:
    pairs = zip(deltas, signals, strict=True)
    return summed(product(delta, transposed(block.values(signal))) for delta, signal in pairs)
