"""The file of a graph of blocks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from derive.computation.equations import Computation
from derive.computation.groups import Group, Tensor
from derive.computation.plan import Plan
from derive.computation.wellformed import PARAMETERS
from derive.functions.losses import ERRORS
from derive.network.blocks.table import BLOCKS
from derive.render.toml.plans import top_of_plan, training_of
from derive.render.toml.text import Document, Table, Unwritable

STATES = {"rnn": ("h_0",), "gru": ("h_0",), "lstm": ("h_0", "c_0")}  # what a recurrence starts from
GATES = {"rnn": ("",), "gru": ("_r", "_z", "_n"), "lstm": ("_i", "_f", "_g", "_o")}
ROWS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def blocks_document(computation: Computation, plan: Plan) -> Document:
    """Return the file; raises `Unwritable` for a block that takes what has no name."""
    graph = _Graph(computation)
    nodes = [("[[node]]", graph.node(group)) for group in computation.groups]
    trained = [name for name in computation.parameters if name in computation.trained]
    is_last = computation.groups[-1].output.names == (computation.objective,)
    return Document(
        {
            **({"title": computation.title} if computation.title else {}),
            **({} if is_last else {"differentiate": computation.objective}),
            **({} if len(trained) == len(computation.parameters) else {"trained": trained}),
            **({"reduction": computation.reduction} if computation.reduction != "mean" else {}),
            **top_of_plan(plan, is_trained=bool(trained)),
        },
        [*training_of(plan), *graph.tables(), *nodes, *(("[[sample]]", each) for each in graph.samples())],
    )


@dataclass(frozen=True)
class _Graph:
    """Arrays by their names while the nodes are written: those that are given, and what blocks give."""

    computation: Computation
    given: dict[str, Tensor] = field(default_factory=dict)
    made: dict[Tensor, str] = field(default_factory=dict)

    def node(self, group: Group) -> dict[str, Any]:
        """Return the table of a block."""
        inputs, named = self._inputs(group)
        weights = self._rows(group) if group.op in GATES else self._names(group.weights)
        found = {"op": group.op, "name": group.name, "inputs": inputs, **weights, **named, **_options(group)}
        self.made[group.output] = group.name
        return found if inputs else {key: value for key, value in found.items() if key != "inputs"}

    def _inputs(self, group: Group) -> tuple[list[str], dict[str, Any]]:
        """Return the names of what comes in, and what comes in by a key of its own."""
        names = [self._name(tensor) for tensor in group.inputs]
        if group.op == "error":
            return names[:1], {"target": names[1]}
        if group.op in STATES:
            return names[:1], dict(zip(STATES[group.op], names[1:], strict=True))
        if group.options.get("fixed"):
            return names, self._names({key: group.inner[key] for key in ("mean", "variance")})
        return names, {}

    def _names(self, arrays: Mapping[str, Tensor]) -> dict[str, Any]:
        return {key: self._name(tensor) for key, tensor in arrays.items()}

    def _rows(self, group: Group) -> dict[str, Any]:
        """Return the weights of a recurrence: of all gates in one array below each other, or each by its name."""
        found: dict[str, Any] = {}
        for key in ROWS:
            gates = [group.weights[f"{key}{gate}"] for gate in GATES[group.op] if f"{key}{gate}" in group.weights]
            if gates:
                rows = sum(gate.shape[0] for gate in gates)
                whole = Tensor((rows, *gates[0].shape[1:]), tuple(chain.from_iterable(gate.names for gate in gates)))
                found[key] = self._name(whole) if whole.name else [self._name(gate) for gate in gates]
        return found

    def _name(self, tensor: Tensor) -> str:
        """Return the name of an array: of what a block gives, or of one that is given."""
        if tensor in self.made:
            return self.made[tensor]
        name = tensor.name or (tensor.names[0] if len(tensor.names) == 1 else "")
        if any(each not in self.computation.values for each in tensor.names):
            # What a block takes may have lost or got a dimension of 1.
            name = next((name for made, name in self.made.items() if made.names == tensor.names), "")
        elif name:
            self.given.setdefault(name, tensor)
        if not name:
            raise Unwritable(", ".join(tensor.names))
        return name

    def tables(self) -> Iterator[tuple[str, Table]]:
        """Yield the arrays that are given, in the order in which the computation has their numbers."""
        places = {name: place for place, name in enumerate(self.computation.values)}
        order = sorted(self.given, key=lambda name: places[self.given[name].names[0]])
        for heading in ("inputs", "targets", "parameters"):
            found = {name: self._numbers(name, 0) for name in order if self._kind(name) == heading}
            if found:
                yield f"[{heading}]", found

    def samples(self) -> Iterator[Table]:
        """Yield the further samples."""
        for number in range(1, len(self.computation.samples)):
            yield {name: self._numbers(name, number) for name in self.given if self._kind(name) != "parameters"}

    def _kind(self, name: str) -> str:
        kinds = {self.computation.kinds[each] for each in self.given[name].names}
        return "parameters" if kinds & set(PARAMETERS) else "targets" if kinds == {"target"} else "inputs"

    def _numbers(self, name: str, sample: int) -> Any:
        tensor, values = self.given[name], self.computation.samples[sample]
        return _nested([values[each] for each in tensor.names], tensor.shape)


def _nested(values: Sequence[Any], shape: Sequence[int]) -> Any:
    if not shape:
        return values[0]
    step = len(values) // shape[0]
    return [_nested(values[start : start + step], shape[1:]) for start in range(0, len(values), step)]


def _options(group: Group) -> dict[str, Any]:
    """Return the options of a block that are not as usual."""
    found: dict[str, Any] = {**group.options, **_laid_out(group)}
    if "indices" in found:
        found["indices"] = _nested(found["indices"], group.output.shape[:-1])
    if group.op == "error" and ERRORS[str(found["error"])].parameter == "delta":
        constant = found["constant"]
        found |= {"delta": constant} if constant != ERRORS[str(found["error"])].default else {}
    if "window" in found and found["stride"] == found["window"]:
        del found["stride"]
    usual = {key: option.default for key, option in BLOCKS[group.op].options.items()}
    short = {key: _short(value) if key in ("window", "stride", "padding") else value for key, value in found.items()}
    return {key: value for key, value in short.items() if key in usual and value != usual[key]}


def _short(value: Any) -> Any:
    """Return one number for all dimensions where they are alike."""
    return value[0] if isinstance(value, tuple) and len(set(value)) == 1 else value


def _laid_out(group: Group) -> dict[str, Any]:
    """Return the options of a block that only lays out anew what comes in: its output says them."""
    shape, first = group.output.shape, group.inputs[0].shape if group.inputs else ()
    if group.op == "reshape":
        return {"shape": shape}
    if group.op == "concat":
        return {"axis": next((axis for axis, size in enumerate(first) if size != shape[axis]), 0)}
    return {}
