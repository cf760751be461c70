"""A JSON Schema of network files, for editors: made of the fields that the file is read into, and of their words.

Whatever is read is allowed by it. What takes the whole file to know, such as rows of the same length, it does not say.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import attrs

from derive.checks import Synonyms
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
from derive.network.layers import Layer, Sample
from derive.network.network import OTHER_REDUCTIONS, Network
from derive.reading.equations_file import EQUATION_KEYS
from derive.reading.network_file import NETWORK_KEYS, TRAINING_KEYS

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
    """Return the schema of a file in TOML or JSON: of a network of layers, or of equations.

    >>> sorted(network_schema()["else"]["required"]), sorted(network_schema()["then"]["required"])
    (['layer', 'sample'], ['differentiate', 'equations', 'values'])
    """
    has_equations = {"anyOf": [{"required": [key]} for key in ("equations", "values")]}
    parts = {"if": has_equations, "then": _of_equations(), "else": _of_layers()}
    return {"$schema": DIALECT, "title": "A network or equations for derive", **parts}


def _of_layers() -> Schema:
    hints = get_type_hints(Network)
    parts: dict[str, Schema] = {
        "sample": array(_table(Sample), least=1),
        "layer": array(_table(Layer), least=1),
        "training": _training(),
        "optimizer": _optimizer(),
    }
    keys = {key: parts[key] if key in parts else _field(Network, key, hints[key]) for key in NETWORK_KEYS}
    return record(keys, required=("sample", "layer"))


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
    return record(keys, required=("values", "equations", "differentiate"))


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
