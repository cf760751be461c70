"""Attention: each query takes a mean of the values, weighted by how well their keys fit to it.

Source: Vaswani et al., Attention Is All You Need (2017): softmax(q·kᵀ/√d)·v, in several heads where asked.
"""

from collections.abc import Sequence

from derive.computation.equations import Term
from derive.computation.groups import Group, Tensor
from derive.computation.shapes import PRODUCT, joint_shape
from derive.errors import InputError
from derive.functions.activations import ACTIVATIONS, JointActivation
from derive.network.blocks.block import Block, Option, Options
from derive.network.blocks.builder import Builder, node_place
from derive.network.blocks.given import Given, indexes, shape_text
from derive.network.blocks.linear import weighted
from derive.network.blocks.shapes import score_shape

PARTS = ("query", "key", "value")
LETTERS = {"query": "q", "key": "k", "value": "v"}


def _attention(build: Builder, name: str, inputs: Sequence[Tensor], options: Options) -> Tensor:
    for tensor in inputs:
        if len(tensor.shape) != 2:
            raise InputError(
                "inputs: found the shape {found}; expected (positions, features).", found=shape_text(tensor.shape)
            )
    first = len(build.equations)
    # One input attends to itself; of two, the second has the keys and the values.
    given = dict(zip(PARTS, (inputs[0], inputs[min(1, len(inputs) - 1)], inputs[-1]), strict=True))
    weights: dict[str, Tensor] = {}
    parts = {part: _projected(build, name, part, given[part], options, weights) for part in PARTS}
    query, key, value = parts.values()
    heads = options["heads"]
    _check(query, key, value, heads)
    seen = _seen(options, query.shape[0], key.shape[0])
    scores = build.part("s", (heads, query.shape[0], key.shape[0]), name)
    shares = build.part("a", scores.shape, name)
    has_output = options["output"] is not None
    joined = (query.shape[0], value.shape[1])
    out = build.part("z", joined, name) if has_output else build.take(name, joined, node_place(name))
    _define(build, (query, key, value), (scores, shares, out), seen, heads)
    output = out
    if has_output:
        weights["output"] = build.weights(options["output"], "W_o", name, (None, value.shape[1]), "output")
        output = build.take(name, (query.shape[0], weights["output"].shape[0]), node_place(name))
        _linear(build, out, weights["output"], None, output)
    inner = {part: tensor for part, tensor in parts.items() if tensor is not given[part]}
    inner |= {"score": _masked(scores, seen), "share": _masked(shares, seen), **({"mixed": out} if has_output else {})}
    names = [equation.name for equation in build.equations[first:]]
    kept = {"heads": heads, "causal": options["causal"], "masked": not all(map(all, seen))}
    return build.end(Group(name, "attention", names, output, tuple(inputs), weights, inner, kept))


def _projected(build: Builder, name: str, part: str, x: Tensor, options: Options, weights: dict[str, Tensor]) -> Tensor:
    """Return the queries, keys or values: what comes in, times a matrix where one is given."""
    bias = None
    if options[part] is None:
        if options[f"{part}_bias"] is not None:
            raise InputError("{key}: no value is given; {op} needs one.", key=part, op=f"{part}_bias")
        return x
    letter = LETTERS[part]
    weights[part] = build.weights(options[part], f"W_{letter}", name, (None, x.shape[1]), part)
    size = weights[part].shape[0]
    if options[f"{part}_bias"] is not None:
        bias = build.weights(options[f"{part}_bias"], f"b_{letter}", name, (size,), f"{part}_bias")
        weights[f"{part}_bias"] = bias
    output = build.part(letter, (x.shape[0], size), name)
    _linear(build, x, weights[part], bias, output)
    return output


def _linear(build: Builder, x: Tensor, weight: Tensor, bias: Tensor | None, output: Tensor) -> None:
    rows = weight.rows()
    for signals, outs in zip(x.rows(), output.rows(), strict=True):
        for place, out in enumerate(outs):
            build.define(out, weighted(rows[place], signals, *([bias.names[place]] if bias else [])))


def _check(query: Tensor, key: Tensor, value: Tensor, heads: int) -> None:
    if query.shape[1] != key.shape[1]:
        raise InputError(
            "{place}: found keys of the shape {found} with queries of {wanted}; expected as many features.",
            place="key",
            found=shape_text(key.shape),
            wanted=shape_text(query.shape),
        )
    if key.shape[0] != value.shape[0]:
        raise InputError(
            "{place}: found values of the shape {found} with keys of {wanted}; expected as many positions.",
            place="value",
            found=shape_text(value.shape),
            wanted=shape_text(key.shape),
        )
    if query.shape[1] % heads or value.shape[1] % heads:
        raise InputError(
            "{place}: found {found} for {size} features; expected a number that divides them.",
            place="heads",
            found=heads,
            size=query.shape[1],
        )


def _seen(options: Options, queries: int, keys: int) -> list[list[bool]]:
    """Return, by query, whether it sees each key."""
    mask: Given[bool] | None = options["mask"]
    if mask is not None and mask.shape != (queries, keys):
        raise InputError(
            "{place}: found the shape {found}; expected {wanted}.",
            place="mask",
            found=shape_text(mask.shape),
            wanted=shape_text((queries, keys)),
        )
    seen = [
        [
            (mask is None or mask.flat[query * keys + key]) and not (options["causal"] and key > query)
            for key in range(keys)
        ]
        for query in range(queries)
    ]
    for number, row in enumerate(seen, start=1):
        if not any(row):
            raise InputError(
                "{place}: found no key that position {number} may see; expected at least one.",
                place="mask",
                number=number,
            )
    return seen


def _define(
    build: Builder,
    given: tuple[Tensor, Tensor, Tensor],
    made: tuple[Tensor, Tensor, Tensor],
    seen: list[list[bool]],
    heads: int,
) -> None:
    (query, key, value), (scores, shares, out) = given, made
    softmax = ACTIVATIONS["softmax"]
    assert isinstance(softmax, JointActivation)
    wide, deep = query.shape[1] // heads, value.shape[1] // heads
    shape, queries, all_keys = score_shape(wide), query.rows(), key.rows()
    for head, at in indexes((heads, query.shape[0])):
        keys = [number for number, is_seen in enumerate(seen[at]) if is_seen]
        of_query = queries[at][head * wide : (head + 1) * wide]
        row = tuple(scores.at(head, at, number) for number in keys)
        for number, score in zip(keys, row, strict=True):
            of_key = all_keys[number][head * wide : (head + 1) * wide]
            build.define(score, [Term(shape if wide > 1 else PRODUCT, (*of_query, *of_key))])
        mine = tuple(shares.at(head, at, number) for number in keys)
        for place, share in enumerate(mine):
            build.define(share, [Term(joint_shape(softmax, len(keys), place), row, mine)])
        for feature in range(head * deep, (head + 1) * deep):
            pairs = zip(mine, keys, strict=True)
            terms = [Term(PRODUCT, (share, value.at(number, feature))) for share, number in pairs]
            build.define(out.at(at, feature), terms)


def _masked(tensor: Tensor, seen: list[list[bool]]) -> Tensor:
    """Return the scores or shares with "" for each that a mask leaves out."""
    names = (
        name if seen[query][key] else ""
        for (_, query, key), name in zip(indexes(tensor.shape), tensor.names, strict=True)
    )
    return Tensor(tensor.shape, tuple(names))


ATTENTION = Block(
    "attention",
    _attention,
    "y",
    {
        **{part: Option("array") for part in PARTS},
        "output": Option("array"),
        **{f"{part}_bias": Option("array") for part in PARTS},
        "heads": Option("count", 1),
        "causal": Option("truth", False),
        "mask": Option("truths"),
    },
    1,
    3,
)
