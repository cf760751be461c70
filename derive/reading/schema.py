"""A JSON Schema of network files, for editors: made of the fields that the file is read into, and of their words.

Whatever is read is allowed by it. What takes the whole file to know, such as rows of the same length, it does not say.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import attrs

from derive.checks import MOST_BY_HAND, Synonyms
from derive.computation.layers import REDUCTIONS
from derive.computation.naming import LONGEST_NAME, LONGEST_TITLE, NAME
from derive.computation.plan import OTHER_NAMES as OTHER_UPDATES
from derive.computation.plan import UPDATES
from derive.errors import InputError, folded
from derive.functions.activations import ACTIVATIONS
from derive.functions.activations import OTHER_NAMES as OTHER_ACTIVATIONS
from derive.functions.losses import ERRORS, NO_ERROR
from derive.functions.losses import OTHER_NAMES as OTHER_ERRORS
from derive.functions.optimizers import DECAYING, OPTIMIZERS, Optimizer
from derive.functions.optimizers import OTHER_NAMES as OTHER_OPTIMIZERS
from derive.network.blocks.block import OUTPUTS, USUAL_KEYS
from derive.network.blocks.given import MOST_DIMENSIONS
from derive.network.blocks.table import BLOCKS
from derive.network.blocks.table import OTHER_NAMES as OTHER_BLOCKS
from derive.network.layers import Layer, Sample
from derive.network.network import OTHER_REDUCTIONS, Network
from derive.reading.equations_file import EQUATION_KEYS
from derive.reading.files import WORKSHEET
from derive.reading.graph_file import CHAIN_KEYS, GRAPH_KEYS
from derive.reading.network_file import NETWORK_KEYS, SAMPLE_KEYS, TRAINING_KEYS
from derive.reading.worksheet_file import BLANKS, MOST_HINTS, ROUNDINGS, RULE_KEYS, RULES, SETTINGS

Schema = dict[str, Any]
NONE = Synonyms()

DIALECT = "https://json-schema.org/draft/2020-12/schema"
# The fields that hold one of a few words.
WORDS: Mapping[tuple[str, str], tuple[Iterable[str], Synonyms]] = {
    ("Layer", "activation"): (ACTIVATIONS, OTHER_ACTIVATIONS),
    ("Network", "error"): ((*ERRORS, NO_ERROR), OTHER_ERRORS),
    ("Network", "reduction"): (REDUCTIONS, OTHER_REDUCTIONS),
    ("Network", "updates"): (UPDATES, OTHER_UPDATES),
    ("Optimizer", "name"): (OPTIMIZERS, OTHER_OPTIMIZERS),
    ("WeightDecay", "on"): (DECAYING, NONE),
}
NAMED: Schema = {"type": "string", "pattern": f"^{NAME.pattern}$", "maxLength": LONGEST_NAME}
# The fields that may be written in another way, too, or hold text that is no name.
OTHERWISE: Mapping[tuple[str, str], Schema] = {
    ("Network", "title"): {"type": "string", "maxLength": LONGEST_TITLE},
    ("Network", "differentiate"): {"anyOf": [NAMED, {"const": ""}]},
    ("Network", "iterations"): {"type": "integer", "minimum": 0},
    ("Network", "every"): {"type": "integer", "minimum": 1},
    ("Layer", "bias_names"): {"anyOf": [NAMED, {"type": "array", "items": NAMED}]},
}


def network_schema() -> Schema:
    """Return the schema of a file in TOML or JSON: of a network of layers, of equations, or of blocks.

    >>> found = network_schema()
    >>> [sorted(found["else"][part]["required"]) for part in ("then", "else")]
    [['differentiate', 'equations', 'values'], ['layer', 'sample']]
    """
    with_kind = {"properties": {"layer": {"contains": {"required": ["kind"]}}}, "required": ["layer"]}
    has_equations = {"anyOf": [{"required": [key]} for key in ("equations", "values")]}
    others = {"if": has_equations, "then": _of_equations(), "else": _of_layers()}
    nodes = {"if": {"required": ["node"]}, "then": _of_nodes(), "else": _of_chain()}
    parts = {"if": {"anyOf": [{"required": ["node"]}, with_kind]}, "then": nodes, "else": others}
    return {"$schema": DIALECT, "title": "A network, equations or blocks for derive", **parts}


def _of_layers() -> Schema:
    hints = get_type_hints(Network)
    parts: dict[str, Schema] = {
        "sample": array(_table(Sample), least=1),
        "layer": array(_table(Layer), least=1),
        "training": _training(),
        "optimizer": _optimizer(),
    }
    keys = {key: parts[key] if key in parts else _field(Network, key, hints[key]) for key in NETWORK_KEYS}
    return _file(keys, required=("sample", "layer"))


def _of_equations() -> Schema:
    hints = get_type_hints(Network)
    numbers = {"type": "object", "propertyNames": NAMED, "additionalProperties": PLAIN[Fraction]}
    names = {"anyOf": [NAMED, array(NAMED)]}
    lines = {"type": "string", "pattern": rf"^\s*{NAME.pattern}(\s*,\s*{NAME.pattern})*\s*$"}
    parts: dict[str, Schema] = {
        "values": numbers,
        "equations": {"type": "object", "propertyNames": lines, "additionalProperties": {"type": "string"}},
        "sample": array(numbers),
        "differentiate": NAMED,
        "by": names,
        "trained": names,
        "training": _training(),
        "optimizer": _optimizer(),
    }
    keys = {key: parts[key] if key in parts else _field(Network, key, hints[key]) for key in EQUATION_KEYS}
    return _file(keys, required=("values", "equations", "differentiate"))


def _of_nodes() -> Schema:
    arrays = {"type": "object", "propertyNames": NAMED, "additionalProperties": _nested(NUMBER)}
    parts = dict.fromkeys(("inputs", "targets", "parameters"), arrays)
    parts["node"] = array(_of_block("op"), least=1)
    parts["sample"] = array(arrays)
    return _of_blocks(GRAPH_KEYS, parts, required=("node",))


def _of_chain() -> Schema:
    arrays = {"type": "object", "propertyNames": NAMED, "additionalProperties": _nested(NUMBER)}
    sample = record({key: _nested(NUMBER) for key in SAMPLE_KEYS[:2]}, required=("inputs",))
    parts = {
        "parameters": arrays,
        "layer": array(_of_block("kind"), least=1),
        "sample": array(sample, least=1),
        "error": _or_null(OPTIONS["error"]),
    }
    return _of_blocks(CHAIN_KEYS, parts, required=("layer", "sample"))


def _of_blocks(keys: Iterable[str], parts: Mapping[str, Schema], required: Iterable[str]) -> Schema:
    hints = get_type_hints(Network)
    known = {
        "differentiate": _or_null(NAMED),
        "trained": {"anyOf": [NAMED, array(NAMED), {"type": "null"}]},
        "training": _training(),
        "optimizer": _optimizer(),
        **parts,
    }
    found = {key: known[key] if key in known else _field(Network, key, hints[key]) for key in keys}
    return _file(found, required=required)


def _file(keys: Mapping[str, Schema], required: Iterable[str]) -> Schema:
    """Return the schema of a whole file, which may say something of its worksheet beside."""
    return record({**keys, WORKSHEET: _worksheet()}, required)


def _worksheet() -> Schema:
    number = {"type": "number", "minimum": 0}
    rules = {
        **dict.fromkeys(("distinct", "same_sides"), PLAIN[bool]),
        **dict.fromkeys(("apart", "least", "saturated"), number),
        "most_draws": {"type": "integer", "minimum": 1},
    }
    keys: dict[str, Schema] = {
        "vary": array({"type": "string"}),
        "blanks": one_word(BLANKS),
        "hints": {"type": "integer", "minimum": 0, "maximum": MOST_HINTS},
        "digits": {"type": "integer", "minimum": 1, "maximum": MOST_BY_HAND},
        "rounding": one_word(ROUNDINGS),
        RULES: record({key: rules[key] for key in RULE_KEYS}),
    }
    return record({key: keys[key] for key in (*SETTINGS, RULES)})


def _of_block(kind: str) -> Schema:
    """Return the schema of a node or a layer, which says its kind of block under that key."""
    options = {key: option.kind for block in BLOCKS.values() for key, option in block.options.items()}
    keys: dict[str, Schema] = {kind: one_word(BLOCKS, OTHER_BLOCKS), "name": NAMED}
    if kind == "op":
        keys["inputs"] = {"anyOf": [NAMED, array(NAMED)]}
    usual = "|".join(map(_any_way, USUAL_KEYS))
    found = record({**keys, **{key: _or_null(OPTIONS[each]) for key, each in options.items()}}, required=(kind,))
    return {**found, "patternProperties": {rf"^[\W_]*(?:{usual})[\W_]*$": {}}}


def _or_null(schema: Schema) -> Schema:
    """Return the schema with JSON's null, which counts as left out."""
    return {"anyOf": [schema, {"type": "null"}]}


def _nested(leaf: Schema) -> Schema:
    """Return the schema of an array: one thing, or lists of them, four deep at most."""
    found = leaf
    for _ in range(MOST_DIMENSIONS):
        found = {"anyOf": [leaf, array(found, least=1)]}
    return found


def _training() -> Schema:
    hints = get_type_hints(Network)
    return record({key: _field(Network, key, hints[key]) for key in TRAINING_KEYS})


def _optimizer() -> Schema:
    return {"anyOf": [one_word(*WORDS["Optimizer", "name"]), _table(Optimizer)]}


def record(keys: Mapping[str, Schema], required: Iterable[str] = ()) -> Schema:
    """Return the schema of a table that has these keys and no others."""
    needed = list(required)
    return {
        "type": "object",
        "properties": dict(keys),
        **({"required": needed} if needed else {}),
        "additionalProperties": False,
    }


def array(items: Schema, least: int = 0) -> Schema:
    """Return the schema of a list, of so many things at least."""
    return {"type": "array", "items": items, **({"minItems": least} if least else {})}


def one_word(words: Iterable[str], synonyms: Synonyms = NONE) -> Schema:
    """Return the schema of one of the words: an editor offers these, and every way to write them or a synonym is valid.

    >>> one_word(["adam"])["anyOf"][1]["pattern"]
    '^[\\\\W_]*(?:[aA][\\\\W_]*[dD][\\\\W_]*[aA][\\\\W_]*[mM])[\\\\W_]*$'
    """
    known = list(words)
    ways = "|".join(map(_any_way, dict.fromkeys([*map(folded, known), *synonyms.same])))
    return {"anyOf": [{"enum": known}, {"type": "string", "pattern": rf"^[\W_]*(?:{ways})[\W_]*$"}]}


def _any_way(word: str) -> str:
    """Return a pattern for the word in letters of either case, with any signs between them."""
    return r"[\W_]*".join(f"[{sign}{sign.upper()}]" if sign.isalpha() else sign for sign in word)


def _table(kind: type) -> Schema:
    """Return the schema of the table that is read into the fields of a class."""
    hints = get_type_hints(kind)
    fields = attrs.fields(kind)
    return record(
        {field.name: _field(kind, field.name, hints[field.name]) for field in fields},
        required=[field.name for field in fields if field.default is attrs.NOTHING],
    )


def _field(kind: type, name: str, hint: Any) -> Schema:
    """Return the schema of a field, with the value that it has where it is left out."""
    field, key = getattr(attrs.fields(kind), name), (kind.__name__, name)
    schema = one_word(*WORDS[key]) if key in WORDS else OTHERWISE.get(key) or _of(hint)
    if _takes_none(field):
        schema = {"anyOf": [*(schema.get("anyOf") or [schema]), {"type": "null"}]}
    usual = float(field.default) if isinstance(field.default, Fraction) else field.default
    return {**schema, "default": usual} if isinstance(usual, str | bool | int | float) else schema


def _takes_none(field: Any) -> bool:
    """Whether null, which JSON has, counts as a field that is left out."""
    if field.converter is None:
        return False
    try:
        field.converter(None)
    except InputError:
        return False
    return True


def _of(hint: Any) -> Schema:
    """Return the schema of what a type holds; text is a name."""
    if hint in PLAIN:
        return PLAIN[hint]
    if get_origin(hint) is tuple:
        return array(_of(get_args(hint)[0]))
    if get_origin(hint) in (Union, UnionType):
        kinds = [_of(each) for each in get_args(hint) if each is not NoneType]
        return kinds[0] if len(kinds) == 1 else {"anyOf": kinds}
    return _table(hint)


PLAIN: Mapping[Any, Schema] = {
    Fraction: {"type": "number"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    str: NAMED,
}

NUMBER = PLAIN[Fraction]
WHOLE = PLAIN[int]
# What the options of blocks hold, by their kind.
OPTIONS: Mapping[str, Schema] = {
    "array": _nested({"anyOf": [NUMBER, NAMED]}),
    "count": WHOLE,
    "counts": {"anyOf": [WHOLE, array(WHOLE)]},
    "padding": {"anyOf": [WHOLE, array(WHOLE)]},
    "sizes": array(WHOLE),
    "axis": WHOLE,
    "number": NUMBER,
    "numbers": array(NUMBER),
    "truth": PLAIN[bool],
    "truths": _nested(PLAIN[bool]),
    "indices": _nested(WHOLE),
    "activation": one_word(ACTIVATIONS, OTHER_ACTIVATIONS),
    "error": one_word(ERRORS, OTHER_ERRORS),
    "outputs": one_word(OUTPUTS),
}
