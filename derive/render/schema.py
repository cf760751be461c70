"""A JSON Schema of every file format: what derive reads, and what it writes for programs.

What is made of dataclasses field by field has the schema of their fields.
"""

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, get_args, get_origin, get_type_hints

from derive.checks import ByName
from derive.comparison.every_way import VERDICTS
from derive.comparison.published import PublishedComparison
from derive.comparison.published.schema import published_schema
from derive.comparison.slips import Slip
from derive.errors import Message
from derive.evaluation.hessian import Signs
from derive.numbers.certainty import SURENESS
from derive.reading.schema import DIALECT, Schema, array, network_schema, record
from derive.render import check_data, data, training_data
from derive.verification import Report

TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
TRUTH: Schema = {"type": "boolean"}
# Digits with a decimal point, in full or with a power of ten.
NUMBER: Schema = {"type": "string", "pattern": r"^-?\d+(\.\d+)?(e[+-]?\d+)?$"}
COUNTS: Schema = {"type": "object", "additionalProperties": WHOLE}
READING: dict[str, Schema] = {"value": {"anyOf": [TEXT, {"type": "null"}]}, "sure": {"enum": list(SURENESS)}}


def handout_schema() -> Schema:
    """Return the schema of a handout as JSON."""
    quantity = {"name": TEXT, "kind": TEXT, "formula": _or_null(TEXT), "latex": TEXT, "value": NUMBER}
    optimizer = {
        **dict.fromkeys(("name", "updates", "reduction"), TEXT),
        "constants": _by_name(NUMBER),
        **{name: array(_all({"name": TEXT, "formula": TEXT})) for name in ("steps", "bias_steps")},
    }
    update = {"sample": WHOLE, "name": TEXT, "before": NUMBER, "gradient": NUMBER, "after": NUMBER}
    sample = {"sample": WHOLE, "quantities": _by_name(NUMBER), "partials": _by_name(NUMBER)}
    tensor = _all({"shape": array(WHOLE), "names": array(TEXT)})
    group = {
        "name": TEXT,
        "op": TEXT,
        "names": array(TEXT),
        "output": tensor,
        "inputs": array(tensor),
        "weights": _by_name(tensor),
        "inner": _by_name(tensor),
        "options": _by_name(TEXT),
        "steps": array(array(TEXT)),
    }
    parts = {
        "title": TEXT,
        **dict.fromkeys(("author", "course", "date"), TEXT),
        "digits": WHOLE,
        "notation": _by_name(TEXT),
        "rounding": TEXT,
        "quantities": array(_all(quantity)),
        "groups": array(_all(group)),
        "partials": array(_partial()),
        "samples": array(_all(sample)),
        "gradients": _by_name(NUMBER),
        "optimizer": _or_null(_all(optimizer, without=("bias_steps",))),
        "updates": array(_all({**update, "steps": _by_name(NUMBER)}, without=("sample",))),
        "error": _or_null(_all({"before": NUMBER, "after": NUMBER})),
        "differentiate": _or_null(TEXT),
        "hessian": _all({"values": _by_name(_by_name(NUMBER)), "signs": _or_null(_of(Signs))}),
        "training": _or_null(_all(_training())),
        "checked": _of(Report),
    }
    optional = ("author", "course", "date", "notation", "groups", "differentiate", "hessian")
    return _whole("A handout of derive", data.FORMAT, parts, without=optional)


def check_schema() -> Schema:
    """Return the schema of what ``derive check --json`` prints."""
    row = {
        "name": TEXT,
        "true": NUMBER,
        "given": TEXT,
        "difference": _or_null(TEXT),
        "verdict": TEXT,
        "between": _or_null(array(NUMBER)),
    }
    counts = _all({check_data.word(verdict): WHOLE for verdict in VERDICTS})
    way = {"way": TEXT, "rows": array(_all(row)), "slips": array(_of(Slip)), "counts": counts}
    parts = {
        "title": TEXT,
        "agrees": TRUTH,
        "published": _or_null(_all(_fields(PublishedComparison) | {"counts": COUNTS})),
        "gradients": _or_null(array(_all(way))),
    }
    return _or_mistake("What derive check found", check_data.FORMAT, parts)


def train_schema() -> Schema:
    """Return the schema of what ``derive train --json`` prints."""
    parts = {
        "title": TEXT,
        "digits": WHOLE,
        "wanted": WHOLE,
        **_training(),
        "outputs": array(TEXT),
        "targets": array(array(_or_null(NUMBER))),
        "cause_of_divergence": _or_null(TEXT),
        "interrupted": TRUTH,
    }
    return _or_mistake("A training of derive", training_data.FORMAT, parts)


SCHEMAS: Mapping[str, Callable[[], Schema]] = MappingProxyType(
    ByName(
        {
            "network": network_schema,
            "published": published_schema,
            "handout": handout_schema,
            "check": check_schema,
            "train": train_schema,
        }
    )
)


def _training() -> dict[str, Schema]:
    number = _all(READING)
    return {
        "iterations": WHOLE,
        "rows": array(_all({"iteration": WHOLE, "error": number})),
        "parameters": _by_name(number),
        "outs": array(array(number)),
        "diverged_at": _or_null(WHOLE),
    }


def _partial() -> Schema:
    factor = {"of": TEXT, "by": TEXT, "formula": TEXT, "value": NUMBER}
    factors = array(_all(factor))
    return _all(
        {"name": TEXT, **factor, "latex": TEXT, "factors": factors, "paths": array(factors)}, without=("paths",)
    )


def _whole(title: str, version: str, parts: Mapping[str, Schema], without: Iterable[str] = ()) -> Schema:
    """Return the schema of a file that says which format it has; ``without`` are parts that may be missing."""
    return {"$schema": DIALECT, "title": title, **_all({"format": {"const": version}, **parts}, without)}


def _or_mistake(title: str, version: str, parts: Mapping[str, Schema]) -> Schema:
    """Return the schema of what a command prints: its parts, or the sentence of a mistake."""
    form = {"format": {"const": version}}
    return {"$schema": DIALECT, "title": title, "anyOf": [_all({**form, **parts}), _all({**form, "error": TEXT})]}


def _all(parts: Mapping[str, Schema], without: Iterable[str] = ()) -> Schema:
    return record(parts, required=[name for name in parts if name not in set(without)])


def _by_name(each: Schema) -> Schema:
    return {"type": "object", "additionalProperties": each}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _fields(kind: type) -> dict[str, Schema]:
    hints = get_type_hints(kind)
    return {field.name: _of(hints[field.name]) for field in dataclasses.fields(kind) if field.repr}


def _of(hint: Any) -> Schema:
    """Return the schema of what a type becomes in JSON: a dataclass an object of its fields, a message a text."""
    if hint in (str, Message):
        return TEXT
    if hint in (bool, int):
        return TRUTH if hint is bool else WHOLE
    if get_origin(hint) is tuple:
        return array(_of(get_args(hint)[0]))
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _all(_fields(hint))
    (other,) = (each for each in get_args(hint) if each is not type(None))
    return _or_null(_of(other))
