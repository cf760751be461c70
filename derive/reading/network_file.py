"""Networks from files: TOML or JSON, or a built-in one by its name. Every message says file, place, find and mend."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from attrs import fields

from derive.checks import ByName, one_of, whole
from derive.computation.notation import KINDS
from derive.errors import (
    InputError,
    Message,
    Text,
    UnsupportedError,
    Whole,
    folded,
    nearest,
    shown,
    similar,
    suggestion,
)
from derive.functions.losses import NO_ERROR
from derive.functions.optimizers import OPTIMIZER_KEYS, Optimizer
from derive.network.fitting import NoLayersError
from derive.network.layers import Layer, Sample
from derive.network.network import Network
from derive.reading.files import (
    MAX_BYTES,
    MAX_PARAMETERS,
    READY,
    Parsed,
    found_file,
    not_a_list,
    parsed,
    placed,
    readable,
    ready_names,
)

# The files to start from, by what they hold.
STARTERS = {"layers": "new_network.toml.j2", "equations": "new_equations.toml.j2", "blocks": "new_blocks.toml.j2"}
N = TypeVar("N", bound=Network)
MOST_PARAMETERS = 1_000_000_000  # that may be asked for

PLAIN_KEYS = (
    *("title", "learning_rate", "error", "delta", "reduction", "updates", "error_name", "learning_rate_name"),
    "differentiate",
)
NETWORK_KEYS = (*PLAIN_KEYS, "optimizer", "training", "notation", "sample", "layer")
TRAINING_KEYS = ("iterations", "every")
LAYER_KEYS = tuple(field.name for field in fields(Layer))
SAMPLE_KEYS = tuple(field.name for field in fields(Sample))
OWNERS = (
    (NETWORK_KEYS, Message("to the network, above the first [[sample]] or [[layer]]")),
    (LAYER_KEYS, Message("to a layer, below its [[layer]]")),
    (SAMPLE_KEYS, Message("to a sample, below its [[sample]]")),
    (TRAINING_KEYS, Message("to the training, below [training]")),
    (("net", "out"), Message("to the notation, below [notation]")),
    # Its name is left out: who writes name elsewhere means something else.
    (OPTIMIZER_KEYS[1:], Message("to the optimizer, in the braces after optimizer =")),
)
WRITTEN = {folded(key): key for owned, _ in OWNERS for key in owned}
# What other tools and books call the keys.
USUAL_KEYS = {
    "lr": "learning_rate",
    "rate": "learning_rate",
    "alpha": "learning_rate",  # of a layer it is the constant of the elu
    "eta": "learning_rate",
    "stepsize": "learning_rate",
    "loss": "error",
    "cost": "error",
    "lossfunction": "error",
    "epochs": "iterations",
    "steps": "iterations",
    "layers": "layer",
    "samples": "sample",
    "examples": "sample",
    "data": "sample",
    "features": "inputs",
    "labels": "targets",
    "outputs": "targets",
    "expected": "targets",
    "biases": "bias",
    "trainable": "train",
    "trainweights": "train",
    "trainbiases": "train_bias",
    "rho": "decay",
    "activationfunction": "activation",
}


def load(
    source: str | os.PathLike[str],
    kind: type[N],
    *,
    max_bytes: int = MAX_BYTES,
    max_parameters: int = MAX_PARAMETERS,
) -> N:
    """Return the network of a TOML or JSON file, or the built-in one of that name, as a network of that kind.

    Numbers are read exactly. Raises `InputError` for whatever is wrong with the file, and `UnsupportedError` for a file
    of more than ``max_bytes`` bytes or a network of more than ``max_parameters`` weights and biases.

    >>> print(load("article", Network))
    A step by step example: 2-2-2, logistic, half_squared_error
    """
    most = most_parameters(max_parameters)
    path = network_file(source)
    with placed(readable(path.name)):
        return network_of(parsed(path, max_bytes).of_network, kind, most)


def most_parameters(max_parameters: int) -> int:
    """Return the limit of a number of parameters; raises `InputError` for what is none."""
    return whole(max_parameters, "max_parameters", least=1, most=MOST_PARAMETERS)


def network_of(file: Parsed, kind: type[N], most: int) -> N:
    """Return the network that a file says, of at most so many parameters."""
    with file.with_hint():
        network = _network(file.data, kind)
    if network.size > most:
        raise UnsupportedError(
            "found {found} weights and biases; the limit is {limit}. Raise it with --max-parameters N, or "
            "max_parameters=N in Python.",
            found=Whole(network.size),
            limit=Whole(most),
        )
    return network


def network_file(source: str | os.PathLike[str]) -> Path:
    """Return the file that a network is read from; raises `InputError` where there is none."""
    return found_file(source, READY, Message("a built-in network"))


def is_ready(path: Path) -> bool:
    """Whether the file is a built-in network."""
    return path.parent == READY


def ready_networks() -> Mapping[str, str]:
    """Return the built-in networks: name and a sentence on each.

    >>> "article" in ready_networks()
    True
    """
    return ByName({name: _described(READY / f"{name}.toml") for name in ready_names(READY)})


def _described(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        return file.readline().removeprefix("#").strip()


def example(language: str = "en", kind: str = "layers") -> str:
    """Return a commented file to start from, of layers, equations or blocks, its comments in that language.

    Raises `InputError` for another language or kind.

    >>> print(example("pt-BR").partition("\\n")[0])
    # Uma rede para o derive. Mude os números e execute: derive handout ESTE_ARQUIVO
    """
    # Imported here, as Jinja is of no use to a network that is read.
    from derive.language.language import language as named
    from derive.language.templates import environment

    return environment(named(language)).get_template(STARTERS[one_of(kind, STARTERS, "kind")]).render()


def _network(data: Any, kind: type[N]) -> N:
    if not isinstance(data, dict):
        raise InputError(
            "found {found}; expected the file to be a table with the keys {keys}.",
            found=shown(data),
            keys=", ".join(NETWORK_KEYS),
        )
    table = _table(data, NETWORK_KEYS)
    layers = _tables(table, "layer", _layer)
    samples = _tables(table, "sample", _sample)
    rest = {key: table[key] for key in PLAIN_KEYS if key in table}
    if "error" in table and samples and not any(sample.targets for sample in samples):
        _check_no_error(table["error"])
    if "optimizer" in table:
        with placed("optimizer", ", "):
            rest["optimizer"] = optimizer_of(table["optimizer"])
    if "training" in table:
        with placed("training", ", "):
            rest |= _table(table["training"], TRAINING_KEYS)
    if "notation" in table:
        with placed("notation", ", "):
            _table(table["notation"], KINDS)
        rest["notation"] = table["notation"]
    try:
        return kind(layers=layers, samples=samples, **rest)
    except NoLayersError:
        if "layer" in table:
            raise
        raise InputError(
            "no [[layer]], [equations] or [[node]] found; expected a [[layer]] for each layer of a network, [values] "
            "and [equations] for formulas, or [inputs] and a [[node]] for each block."
        ) from None


def _check_no_error(found: Any) -> None:
    """Raise `InputError` for an error that a file names where no sample has targets; the usual one is not named."""
    if not isinstance(found, str) or folded(found) != NO_ERROR:
        raise InputError(
            "error: found {error}, but no sample has targets; give targets, or the error none.", error=shown(found)
        )


def optimizer_of(found: Any) -> Optimizer:
    """Return the optimizer that a file says: a name, or a table."""
    return Optimizer(found) if isinstance(found, str) else Optimizer(**_table(found, OPTIMIZER_KEYS))


def _layer(table: Mapping[str, Any]) -> Layer:
    _required(table, LAYER_KEYS, ("weights",))
    return Layer(**table)


def _sample(table: Mapping[str, Any]) -> Sample:
    _required(table, SAMPLE_KEYS, ("inputs",))
    return Sample(**table)


def _tables(table: Mapping[str, Any], key: str, make: Callable[[Mapping[str, Any]], Any]) -> tuple[Any, ...]:
    found = table.get(key, [])
    if not isinstance(found, list):
        raise not_a_list(key, shown(found))
    made = []
    for number, entry in enumerate(found, start=1):
        count = {"number": number}
        place = Message("layer {number}", count) if key == "layer" else Message("sample {number}", count)
        with placed(place, ", "):
            made.append(make(entry))
    return tuple(made)


def _table(data: Any, keys: tuple[str, ...]) -> Mapping[str, Any]:
    if not isinstance(data, dict):
        raise InputError(
            "found {found}; expected it to be a table with the keys {keys}.", found=shown(data), keys=", ".join(keys)
        )
    for key in data:
        if key not in keys:
            raise _unknown(key, keys)
    return data


def _unknown(key: str, keys: tuple[str, ...]) -> InputError:
    """Return the error for a key that the table does not have: where it belongs, or which one is meant."""
    meant = _meant(key, keys)
    where = next((where for owned, where in OWNERS if meant in owned), None)
    if meant in keys or where is None:
        return InputError(
            "found the unknown key {key}; expected one of {keys}.{hint}",
            key=shown(key),
            keys=", ".join(keys),
            hint=nearest(meant, [*keys, *WRITTEN.values()]) or usual_key(key),
        )
    hint: Text = nearest(meant, [meant]) if meant != key else ""
    return InputError(
        "found {key}, which belongs {where}: keys below [[sample]], [[layer]] or [training] are part of that "
        "section.{hint}",
        key=shown(key),
        where=where,
        hint=hint,
    )


def usual_key(key: str) -> Text:
    """Return the question whether a key is meant that other tools call so, misspelled: epohcs for iterations."""
    return suggestion(USUAL_KEYS.get(similar(folded(key), USUAL_KEYS), ""))


def _meant(key: str, keys: tuple[str, ...]) -> str:
    """Return the key that is meant, one that the table has before one of another table; else the key itself."""
    usual = USUAL_KEYS.get(folded(key))
    if usual in keys or (usual and folded(key) not in WRITTEN):
        return usual
    return WRITTEN.get(folded(key), key)


def _required(data: Any, keys: tuple[str, ...], required: tuple[str, ...]) -> None:
    table = _table(data, keys)
    for key in required:
        if key not in table:
            raise InputError("{key}: no value follows it; write {key} = [...].", key=key)
