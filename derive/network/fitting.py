"""What is refused of a network whose parts do not fit together: layers, samples, targets, the error or its absence."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from derive.checks import MOST_SHOWN, how_many_numbers
from derive.errors import InputError, Message, nearest, shown
from derive.functions.losses import ERRORS, NO_ERROR
from derive.network.layers import Layer, Sample
from derive.numbers.exact import Numbers


class NoLayersError(InputError):
    """A network has no layers."""


def check_layers(layers: tuple[Layer, ...]) -> None:
    """Raise `InputError` for layers that do not fit one behind the other."""
    if not layers:
        raise NoLayersError("layers: no [[layer]] found; at least one is required (the last is the output layer).")
    for number in range(1, len(layers)):
        before, layer = layers[number - 1], layers[number]
        if layer.inputs != before.size:
            raise InputError(
                "layer {layer}, weights: found rows of {numbers}; expected {size}, one for each neuron of layer "
                "{before}.",
                layer=number + 1,
                numbers=how_many_numbers(layer.inputs),
                size=before.size,
                before=number,
            )


def check_samples(samples: tuple[Sample, ...], layers: tuple[Layer, ...]) -> None:
    """Raise `InputError` for samples that do not fit the network; targets are wanted of all or of none."""
    if not samples:
        raise InputError("samples: no [[sample]] found; at least one is required, with inputs and targets.")
    targets = layers[-1].size if any(sample.targets for sample in samples) else 0
    wanted = {
        "inputs": (layers[0].inputs, Message("input of layer 1")),
        "targets": (targets, Message("neuron of the last layer")),
    }
    names = next((sample.input_names for sample in samples if sample.input_names), None)
    for number, sample in enumerate(samples, start=1):
        for name, (size, each) in wanted.items():
            found = len(getattr(sample, name))
            if found != size:
                raise InputError(
                    "sample {sample}, {place}: found {numbers}; expected {size}, one for each {each}.",
                    sample=number,
                    place=name,
                    numbers=how_many_numbers(found),
                    size=size,
                    each=each,
                )
        if sample.input_names and sample.input_names != names:
            raise InputError(
                "sample {sample}, input_names: different from those of an earlier sample; give them only once.",
                sample=number,
            )


# The kinds of targets that a loss may ask for: a check of them, and what a message says that it expects.
TARGETS: Mapping[str, tuple[Callable[[Numbers], bool], Message]] = {
    "share": (lambda targets: all(0 <= target <= 1 for target in targets), Message("targets from 0 to 1")),
    "shares": (
        lambda targets: min(targets) >= 0 and sum(targets) == 1,
        Message("targets of 0 or more that add up to 1, such as [0, 1, 0]"),
    ),
    "sign": (lambda targets: all(abs(target) == 1 for target in targets), Message("targets of -1 or 1")),
}


def check_targets(samples: tuple[Sample, ...], error: str) -> None:
    """Raise `InputError` for targets for which the loss is not defined."""
    if error == NO_ERROR or ERRORS[error].targets not in TARGETS:
        return
    holds, expected = TARGETS[ERRORS[error].targets]
    for number, sample in enumerate(samples, start=1):
        if not holds(sample.targets):
            found = ", ".join(str(_decimal(target)) for target in sample.targets[:8])
            raise InputError(
                "sample {sample}, targets: found {found}; expected {expected}, as {error} takes.",
                sample=number,
                found=found,
                expected=expected,
                error=error,
            )


def _decimal(value: Fraction) -> Decimal:
    """Return the number as a message shows it; floats do not reach as far as the numbers that are accepted."""
    return (Decimal(value.numerator) / value.denominator).normalize()


def check_objective(
    differentiate: str, error: str, outs: Sequence[str], samples: Sequence[Sample], iterations: int
) -> None:
    """Raise `InputError` for targets or an error beside what takes their place, and for one without the other."""
    has_targets, has_error = any(sample.targets for sample in samples), error != NO_ERROR
    if differentiate and differentiate not in outs:
        raise InputError(
            "differentiate: found {found}; expected an output of the network: {names}.{hint}",
            found=shown(differentiate),
            names=", ".join(outs if len(outs) <= MOST_SHOWN else [*outs[:MOST_SHOWN], "…"]),
            hint=nearest(differentiate, outs),
        )
    if differentiate and has_targets:
        raise InputError(
            "differentiate: found {found} together with targets; give only one of the two, as targets define an "
            "error, and the error is what is differentiated.",
            found=shown(differentiate),
        )
    if differentiate and len(samples) > 1:
        raise InputError(
            "differentiate: found {found} samples; expected one, as {name} has its own derivatives in each. Make "
            "one network per sample, and add or average the gradients.",
            found=len(samples),
            name=differentiate,
        )
    if has_targets and not has_error:
        raise InputError("error: found none together with targets; give an error, or samples without targets.")
    if has_error and not has_targets:
        raise InputError(
            "error: found {error}, but no sample has targets; give targets, or the error none.",
            error=error,
        )
    if iterations and not has_error:
        raise InputError(
            "iterations: found {found}, but there is no error to train for; use 0, or give samples with targets.",
            found=iterations,
        )
