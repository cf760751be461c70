"""Computations from files of blocks: a graph of nodes, or layers of any kind one after the other.

A graph has ``[inputs]``, ``[parameters]`` and a ``[[node]]`` for each block, whose ``inputs`` are names; a chain has
``[[sample]]`` and ``[[layer]]`` as a network file has, each layer with its ``kind``. The other keys mean what they mean
in a network file.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from derive.checks import one_of, sequence
from derive.computation.equations import Computation
from derive.computation.layers import REDUCTIONS
from derive.computation.naming import own_name
from derive.errors import InputError, Message, shown
from derive.network.blocks.assemble import assembled
from derive.network.blocks.block import add, usual_word
from derive.network.blocks.builder import Builder
from derive.network.blocks.table import BLOCKS, OTHER_NAMES
from derive.network.network import OTHER_REDUCTIONS
from derive.reading.equations_file import PLAN_KEYS, plan_of_table, table_of
from derive.reading.files import not_a_list, placed
from derive.reading.formulas.lines import names_of
from derive.reading.network_file import SAMPLE_KEYS

C = TypeVar("C", bound=Computation)
SHARED_KEYS = ("title", "differentiate", "trained", "reduction", *PLAN_KEYS, "optimizer", "training", "sample")
GRAPH_KEYS = (*SHARED_KEYS, "inputs", "targets", "parameters", "node")
CHAIN_KEYS = (*SHARED_KEYS, "parameters", "error", "delta", "layer")
TABLES = ("inputs", "targets", "parameters")
NAMES = Message("a list of names")
A_TABLE = Message("a table with arrays of numbers by name")


def has_blocks(data: Any) -> bool:
    """Whether what a file says is a graph of nodes, or a chain of layers of which one says its kind.

    Raises `InputError` where it has equations, too, or both nodes and layers.
    """
    if not isinstance(data, dict):
        return False
    layers = data.get("layer")
    has_kinds = isinstance(layers, list) and any(isinstance(layer, dict) and "kind" in layer for layer in layers)
    is_graph = _is_graph(data)
    if not is_graph and not has_kinds:
        return False
    own = "[[node]]" if is_graph else "[[layer]]"
    others = {"equations": "[equations]", "values": "[values]", **({"layer": "[[layer]]"} if is_graph else {})}
    for key, other in others.items():
        if key in data:
            raise InputError("found both {own} and {other}; expected one of them.", own=own, other=other)
    return True


def _is_graph(data: Mapping[str, Any]) -> bool:
    return "node" in data or isinstance(data.get("inputs"), dict)


def graph_of(data: Mapping[str, Any], kind: Callable[..., C]) -> C:
    """Return the computation that a file says, as one of that kind, which takes a plan.

    Raises `InputError`, with the node, for whatever is wrong with it.
    """
    is_graph = _is_graph(data)
    table = table_of(data, GRAPH_KEYS if is_graph else CHAIN_KEYS)
    build = Builder()
    for name, array in _by_name(table, "parameters"):
        build.add_parameter(name, array)
    samples = _of_nodes(build, table) if is_graph else _of_layers(build, table)
    trained = None if table.get("trained") is None else names_of(table["trained"], "trained")
    plan = plan_of_table(table)
    taken = plan.optimizer.step_names
    fields = assembled(build, table.get("differentiate"), trained, samples, "differentiate", taken)
    rest = {"title": table["title"]} if "title" in table else {}
    if "reduction" in table:
        rest["reduction"] = one_of(table["reduction"], REDUCTIONS, "reduction", OTHER_REDUCTIONS)
    return kind(**fields, **rest, plan=plan)


def _by_name(table: Mapping[str, Any], key: str) -> Iterator[tuple[str, Any]]:
    found = table.get(key, {})
    if not isinstance(found, dict):
        raise InputError(
            "{place}: found {found}; expected {expected}.", place=key, found=shown(found), expected=A_TABLE
        )
    yield from found.items()


def _tables(table: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    found = table.get(key, [])
    if not isinstance(found, list):
        raise not_a_list(key, shown(found))
    for number, each in enumerate(found, start=1):
        if not isinstance(each, dict):
            raise InputError(
                "{place}: found {found}; expected {expected}.",
                place=Message("{key} {number}", {"key": key, "number": number}),
                found=shown(each),
                expected=A_TABLE,
            )
    return found


# A graph of nodes.


def _of_nodes(build: Builder, table: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    for key, kind in (("inputs", "input"), ("targets", "target")):
        for name, array in _by_name(table, key):
            build.add_given(name, array, kind)
    nodes: dict[str, Mapping[str, Any]] = {}
    numbers: dict[str, int] = {}
    for number, node in enumerate(_tables(table, "node"), start=1):
        name = _name(node, "op", Message("node {name}", {"name": number}))
        # Before the nodes are put into order: a name that is an input's and a node's would look like a cycle.
        if name in nodes or name in build.arrays:
            raise InputError(
                "{place}: found the name {name}, which {other} has already; choose another name.",
                place=Message("node {name}", {"name": number}),
                name=shown(name),
                other=Message("node {name}", {"name": numbers[name]}) if name in nodes else build.owners[name],
            )
        nodes[name], numbers[name] = node, number
    for name in _in_order(nodes):
        inputs = nodes[name].get("inputs", [])
        with placed(Message("node {name}", {"name": name}), ", "):
            given = sequence([inputs] if isinstance(inputs, str) else inputs, "inputs", NAMES)
        _add(build, nodes[name], "op", name, given)
    return _tables(table, "sample")


def _name(node: Mapping[str, Any], key: str, place: Message) -> str:
    """Return the name of a node, the usual one of its kind where it has none."""
    with placed(place, ", "):
        if key not in node:
            raise InputError("{key}: no value follows it; write {key} = {example}.", key=key, example='"linear"')
        block = BLOCKS[one_of(node[key], BLOCKS, key, OTHER_NAMES)]
        return own_name(node.get("name", block.letter), "name")


def _add(build: Builder, node: Mapping[str, Any], key: str, name: str, inputs: Sequence[Any]) -> None:
    block = BLOCKS[one_of(node[key], BLOCKS, key, OTHER_NAMES)]
    options = {each: value for each, value in node.items() if each not in (key, "name", "inputs")}
    add(build, block, name, inputs, options)
    if "name" not in node:
        build.chosen[name] = usual_word(block.op)


def _in_order(nodes: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the nodes so that each stands behind those that it needs; else they stay as they are written.

    Raises `InputError` for a cycle.
    """
    found: dict[str, None] = {}
    for start in nodes:
        waiting = [(start, _needs(nodes, start))]
        while waiting:
            name, needs = waiting[-1]
            needed = next((each for each in needs if each not in found), None)
            if needed is None:
                found[name] = None
                waiting.pop()
                continue
            path = [each for each, _ in waiting]
            if needed in path:
                raise InputError(
                    "{place}: found a cycle, {path}; expected nodes of which none needs what it gives itself.",
                    place=Message("node {name}", {"name": needed}),
                    path=" → ".join([*path[path.index(needed) :], needed]),
                )
            waiting.append((needed, _needs(nodes, needed)))
    return list(found)


def _needs(nodes: Mapping[str, Mapping[str, Any]], name: str) -> list[str]:
    """Return the nodes that a node names, in its inputs or in place of numbers."""
    values = [
        value for key, value in nodes[name].items() if key not in ("op", "name", "activation", "error", "outputs")
    ]
    lists = [value if isinstance(value, list) else [value] for value in values]
    return [each for found in lists for each in found if isinstance(each, str) and each in nodes]


# A chain of layers.


def _of_layers(build: Builder, table: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    samples = _tables(table, "sample")
    if not samples:
        raise InputError("sample: found none; expected a [[sample]] with inputs.")
    for number, sample in enumerate(samples, start=1):
        with placed(Message("sample {number}", {"number": number}), ", "):
            table_of(sample, SAMPLE_KEYS[:2])
            if "inputs" not in sample:
                raise InputError("{key}: no value follows it; write {key} = [...].", key="inputs")
            if ("targets" in sample) != ("targets" in samples[0]):
                raise InputError("targets: found them in one sample and not in another; expected them in all or none.")
    build.add_given("x", samples[0]["inputs"], "input")
    last = "x"
    for number, layer in enumerate(_tables(table, "layer"), start=1):
        name = _name(layer, "kind", Message("layer {number}", {"number": number}))
        with placed(Message("layer {number}", {"number": number})):
            if "inputs" in layer:
                raise InputError(
                    "inputs: a layer takes what the one before it gives; write [[node]] in place of [[layer]] to name "
                    "others."
                )
            _add(build, layer, "kind", name, [last])
        last = name
    if "targets" in samples[0]:
        options = {key: table[key] for key in ("error", "delta") if key in table}
        add(build, BLOCKS["error"], None, [last], {**options, "target": samples[0]["targets"]})
    return [
        {"x": sample["inputs"], **({"t": sample["targets"]} if "targets" in sample else {})} for sample in samples[1:]
    ]
